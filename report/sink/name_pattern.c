/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Not strftime(): what is written must be what is read, in every locale, and the reading half does not exist there in a form
 * that is strict (strptime() skips white space, takes fewer digits, and goes on after the name's end).
 */
#include "report/sink/name_pattern.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum field {
	FIELD_YEAR,
	FIELD_MONTH,
	FIELD_DAY,
	FIELD_HOUR,
	FIELD_MINUTE,
	FIELD_SECOND,
	FIELD_YEAR_DAY,
	FIELD_SHORT_YEAR,
	FIELD_COUNT
};

static const struct conversion {
	char letter;
	unsigned digits;
	enum field field;
	int least, most;
} conversions[] = {
	{'Y', 4, FIELD_YEAR, 0, 9999},
	{'m', 2, FIELD_MONTH, 1, 12},
	{'d', 2, FIELD_DAY, 1, 31},
	{'H', 2, FIELD_HOUR, 0, 23},
	{'M', 2, FIELD_MINUTE, 0, 59},
	{'S', 2, FIELD_SECOND, 0, 59}, /* of a count of seconds since 1970 there is no leap second */
	{'j', 3, FIELD_YEAR_DAY, 1, 366},
	{'y', 2, FIELD_SHORT_YEAR, 0, 99},
};

static const struct shorthand {
	char letter;
	const char *stands_for;
} shorthands[] = {
	{'F', "%Y-%m-%d"},
	{'T', "%H:%M:%S"},
	{'R', "%H:%M"},
};

static const struct conversion *find_conversion(char letter) {
	for (size_t i = 0; i < sizeof(conversions) / sizeof(*conversions); i++)
		if (conversions[i].letter == letter)
			return &conversions[i];
	return NULL;
}

static const char *find_shorthand(char letter) {
	for (size_t i = 0; i < sizeof(shorthands) / sizeof(*shorthands); i++)
		if (shorthands[i].letter == letter)
			return shorthands[i].stands_for;
	return NULL;
}

bool name_pattern_is(const char *pattern) {
	return strchr(pattern, '%') != NULL;
}

int name_pattern_check(const char *pattern, char *ret_conversion) {
	size_t len = 0;
	/* Names with a dot at the front are those of files that are not complete. */
	if (pattern[0] == '.' || pattern[0] == '\0' || strchr(pattern, '/') != NULL) {
		*ret_conversion = pattern[0] == '.' ? '.' : '/';
		return -EINVAL;
	}
	for (const char *at = pattern; *at != '\0'; at++) {
		if (*at != '%') {
			len++;
			continue;
		}
		at++;
		const struct conversion *conversion = find_conversion(*at);
		if (conversion != NULL)
			len += conversion->digits;
		else if (find_shorthand(*at) != NULL)
			len += strlen("2026-01-01");
		else if (*at == 's')
			len += 20;
		else if (*at == '%')
			len++;
		else {
			*ret_conversion = *at;
			return -EINVAL;
		}
	}
	/* Room for "-999999", ".part" and the dot. */
	return len + 16 > NAME_PATTERN_MAX ? -ENAMETOOLONG : 0;
}

/* Where the extension begins in a pattern or a name. A conversion has no dot, so that both are cut at the same place. */
static size_t extension(const char *text) {
	size_t len = strlen(text), end = len;
	if (end > 4 && strcmp(text + end - 4, ".zst") == 0)
		end -= 4;
	for (size_t i = end; i-- > 1;)
		if (text[i] == '.')
			return i;
	return end;
}

/* ---- Writing ---- */

struct writing {
	char *at, *end;
};

__attribute__((format(printf, 2, 3))) static void put(struct writing *writing, const char *format, ...) {
	__builtin_va_list arguments;
	__builtin_va_start(arguments, format);
	int n = vsnprintf(writing->at, (size_t)(writing->end - writing->at), format, arguments);
	__builtin_va_end(arguments);
	if (n > 0)
		writing->at += n < writing->end - writing->at ? n : writing->end - writing->at - 1;
}

static int field_of(const struct tm *tm, enum field field) {
	switch (field) {
	case FIELD_YEAR:
		return tm->tm_year + 1900;
	case FIELD_MONTH:
		return tm->tm_mon + 1;
	case FIELD_DAY:
		return tm->tm_mday;
	case FIELD_HOUR:
		return tm->tm_hour;
	case FIELD_MINUTE:
		return tm->tm_min;
	case FIELD_SECOND:
		return tm->tm_sec;
	case FIELD_YEAR_DAY:
		return tm->tm_yday + 1;
	case FIELD_SHORT_YEAR:
		return (tm->tm_year + 1900) % 100;
	default:
		return 0;
	}
}

static void put_part(struct writing *writing, const char *pattern, size_t len, int64_t time_s, const struct tm *tm) {
	for (size_t i = 0; i < len; i++) {
		if (pattern[i] != '%') {
			put(writing, "%c", pattern[i]);
			continue;
		}
		char letter = pattern[++i];
		const struct conversion *conversion = find_conversion(letter);
		const char *stands_for = find_shorthand(letter);
		if (conversion != NULL)
			put(writing, "%0*d", (int)conversion->digits, field_of(tm, conversion->field));
		else if (stands_for != NULL)
			put_part(writing, stands_for, strlen(stands_for), time_s, tm);
		else if (letter == 's')
			put(writing, "%" PRId64, time_s);
		else
			put(writing, "%%");
	}
}

void name_pattern_renumber(const char *name, unsigned old_suffix, unsigned suffix, char ret_name[NAME_PATTERN_MAX]) {
	size_t stem = extension(name), base = stem;
	if (old_suffix > 0)
		while (base > 0 && name[--base] != '-')
			;
	if (suffix > 0)
		snprintf(ret_name, NAME_PATTERN_MAX, "%.*s-%u%s", (int)base, name, suffix, name + stem);
	else
		snprintf(ret_name, NAME_PATTERN_MAX, "%.*s%s", (int)base, name, name + stem);
}

void name_pattern_format(const char *pattern, int64_t time_s, unsigned suffix, char ret_name[NAME_PATTERN_MAX]) {
	struct tm tm = {0};
	time_t when = (time_t)(time_s > 0 ? time_s : 0);
	char name[NAME_PATTERN_MAX] = "";
	struct writing writing = {.at = name, .end = name + sizeof(name)};

	gmtime_r(&when, &tm);
	put_part(&writing, pattern, strlen(pattern), (int64_t)when, &tm);
	name_pattern_renumber(name, 0, suffix, ret_name);
}

/* ---- Reading ---- */

struct reading {
	const char *at, *end;
	int fields[FIELD_COUNT]; /* -1: not seen */
	int64_t time_s;          /* -1: not seen */
};

static bool is_digit(char c) {
	return c >= '0' && c <= '9';
}

/* Two conversions of the same field must agree. */
static bool note(int *field, int value) {
	if (*field >= 0 && *field != value)
		return false;
	*field = value;
	return true;
}

static bool get_digits(struct reading *reading, const struct conversion *conversion) {
	int value = 0;
	if ((size_t)(reading->end - reading->at) < conversion->digits)
		return false;
	for (unsigned i = 0; i < conversion->digits; i++) {
		if (!is_digit(*reading->at))
			return false;
		value = value * 10 + (*reading->at++ - '0');
	}
	return value >= conversion->least && value <= conversion->most && note(&reading->fields[conversion->field], value);
}

static bool get_seconds(struct reading *reading) {
	int64_t value = 0;
	const char *start = reading->at;
	while (reading->at < reading->end && is_digit(*reading->at) && reading->at - start < 18)
		value = value * 10 + (*reading->at++ - '0');
	if (reading->at == start || (*start == '0' && reading->at - start > 1))
		return false;
	if (reading->time_s >= 0 && reading->time_s != value)
		return false;
	reading->time_s = value;
	return true;
}

static bool get_part(struct reading *reading, const char *pattern, size_t len) {
	for (size_t i = 0; i < len; i++) {
		const struct conversion *conversion;
		const char *stands_for;
		if (pattern[i] == '%' && pattern[i + 1] != '%') {
			char letter = pattern[++i];
			if ((conversion = find_conversion(letter)) != NULL) {
				if (!get_digits(reading, conversion))
					return false;
			} else if ((stands_for = find_shorthand(letter)) != NULL) {
				if (!get_part(reading, stands_for, strlen(stands_for)))
					return false;
			} else if (!get_seconds(reading)) {
				return false;
			}
			continue;
		}
		i += pattern[i] == '%';
		if (reading->at == reading->end || *reading->at++ != pattern[i])
			return false;
	}
	return true;
}

/* "-1" to "-999999", without leading zeros, and all of it. */
static bool get_suffix(struct reading *reading, unsigned *ret_suffix) {
	unsigned value = 0;
	*ret_suffix = 0;
	if (reading->at == reading->end)
		return true;
	if (*reading->at++ != '-' || reading->at == reading->end || *reading->at == '0')
		return false;
	for (; reading->at < reading->end; reading->at++) {
		if (!is_digit(*reading->at))
			return false;
		value = value * 10 + (unsigned)(*reading->at - '0');
		if (value >= NAME_PATTERN_SUFFIX)
			return false;
	}
	*ret_suffix = value;
	return true;
}

/* Whether there is such a day. */
static bool is_date(const int *fields) {
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	int year = fields[FIELD_YEAR], month = fields[FIELD_MONTH], day = fields[FIELD_DAY];
	bool leap = year < 0 || (year % 4 == 0 && (year % 100 != 0 || year % 400 == 0));
	if (fields[FIELD_YEAR_DAY] == 366 && !leap)
		return false;
	return month < 0 || day < 0 || day <= days[month - 1] + (month == 2 && leap);
}

bool name_pattern_match(const char *pattern, const char *name, unsigned *ret_suffix) {
	size_t pattern_stem = extension(pattern), name_stem = extension(name);
	struct reading reading = {.at = name, .end = name + name_stem, .time_s = -1};
	unsigned suffix;

	for (size_t i = 0; i < FIELD_COUNT; i++)
		reading.fields[i] = -1;
	if (!get_part(&reading, pattern, pattern_stem) || !get_suffix(&reading, &suffix))
		return false;
	reading.end = name + strlen(name);
	if (!get_part(&reading, pattern + pattern_stem, strlen(pattern + pattern_stem)) || reading.at != reading.end)
		return false;
	if (!is_date(reading.fields))
		return false;
	*ret_suffix = suffix;
	return true;
}
