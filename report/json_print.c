/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Numbers, times and strings as JSON.
 *
 * Nearly all strings are plain printable ASCII and are copied as they are. The others go through one json-c string object
 * that is used again and again.
 */
#include "report/json_print.h"

#include <stdlib.h>
#include <time.h>

#include "report/escape.h"

#define SECOND_NS INT64_C(1000000000)

enum {
	STRING_MAX = 1 << 24,       /* json-c counts in int, and no text in a record comes near this */
	SCRATCH_KEPT_MAX = 1 << 20, /* more is not kept for the next document */
};

bool json_print_init(struct json_print *json, const struct writer_options *options) {
	*json = (struct json_print){.users = options->users, .string = json_object_new_string("")};
	if (json->users == WRITER_USERS_HASH)
		json->user_hash = identity_user_create(options->user_key);
	return json->string != NULL && (json->users != WRITER_USERS_HASH || json->user_hash != NULL);
}

void json_print_finish(struct json_print *json) {
	json_object_put(json->string);
	identity_user_destroy(json->user_hash);
	free(json->scratch);
}

static bool needs_nanoseconds(const struct record *record) {
	if (record->open.first.time_ns % 1000 != 0 || record->close.last.time_ns % 1000 != 0 ||
		record->close.mailbox.last_ns % 1000 != 0)
		return true;
	for (size_t i = 0; i < record->timeline_count; i++)
		if (record->timeline[i].at.time_ns % 1000 != 0)
			return true;
	return false;
}

void json_print_start(struct json_print *json, const struct record *record) {
	json->record = record;
	json->nanoseconds = needs_nanoseconds(record);
	json->invalid = false;
	json->failed = false;
	if (json->scratch_size > SCRATCH_KEPT_MAX) {
		free(json->scratch);
		json->scratch = NULL;
		json->scratch_size = 0;
	}
}

bool json_grow(struct json_print *json, size_t len) {
	/* The way printbuf has to make room: write something, and take it back. */
	if (len > INT32_MAX / 4 || printbuf_memset(json->buffer, -1, 0, (int)len) != 0) {
		json->failed = true;
		return false;
	}
	json->buffer->bpos -= (int)len;
	return true;
}

void json_put_text(struct json_print *json, const char *text) {
	json_put(json, text, strlen(text));
}

/* Two digits at a time: most of what is divided is divided by 100. */
static const char digit_pairs[] = "00010203040506070809101112131415161718192021222324252627282930313233343536373839404142434445464748"
				  "49505152535455565758596061626364656667686970717273747576777879808182838485868788899091929394959697"
				  "9899";

char *json_digits(char *at, uint64_t value) {
	char digits[JSON_NUMBER_MAX];
	size_t first = sizeof(digits);
	while (value >= 100) {
		first -= 2;
		memcpy(digits + first, digit_pairs + value % 100 * 2, 2);
		value /= 100;
	}
	if (value >= 10) {
		first -= 2;
		memcpy(digits + first, digit_pairs + value * 2, 2);
	} else {
		digits[--first] = (char)('0' + value);
	}
	memcpy(at, digits + first, sizeof(digits) - first);
	return at + (sizeof(digits) - first);
}

/* Writes value with leading zeros. */
static char *fixed_digits(char *at, uint32_t value, size_t width) {
	size_t i = width;
	for (; i >= 2; i -= 2) {
		memcpy(at + i - 2, digit_pairs + value % 100 * 2, 2);
		value /= 100;
	}
	if (i > 0)
		*at = (char)('0' + value % 10);
	return at + width;
}

char *json_milliseconds(char *at, int64_t ns) {
	uint64_t us = (ns < 0 ? 0 - (uint64_t)ns : (uint64_t)ns) / 1000;
	if (ns < 0 && us > 0)
		*at++ = '-';
	at = json_digits(at, us / 1000);
	*at++ = '.';
	return fixed_digits(at, (uint32_t)(us % 1000), 3);
}

/* "2026-11-25T06:41:20." One for every session, for which strftime() would take longer than for all its numbers. */
static void print_second(char *at, const struct tm *tm) {
	at = fixed_digits(at, (uint32_t)tm->tm_year + 1900, 4);
	*at++ = '-';
	at = fixed_digits(at, (uint32_t)tm->tm_mon + 1, 2);
	*at++ = '-';
	at = fixed_digits(at, (uint32_t)tm->tm_mday, 2);
	*at++ = 'T';
	at = fixed_digits(at, (uint32_t)tm->tm_hour, 2);
	*at++ = ':';
	at = fixed_digits(at, (uint32_t)tm->tm_min, 2);
	*at++ = ':';
	at = fixed_digits(at, (uint32_t)tm->tm_sec, 2);
	*at++ = '.';
	*at = '\0';
}

/* RFC 3339. Nearly all times of a document, and of the next, are of the same second. */
char *json_rfc3339(struct json_print *json, char *at, int64_t time_ns) {
	int64_t second = time_ns / SECOND_NS;
	int64_t rest = time_ns % SECOND_NS;
	if (rest < 0) {
		rest += SECOND_NS;
		second--;
	}
	if (second != json->second || json->second_text[0] == '\0') {
		time_t clock = (time_t)second;
		struct tm tm;
		gmtime_r(&clock, &tm); /* 64 bits of nanoseconds stay within four-digit years */
		print_second(json->second_text, &tm);
		json->second = second;
	}
	memcpy(at, json->second_text, JSON_SECOND_TEXT_LEN);
	at += JSON_SECOND_TEXT_LEN;
	at = json->nanoseconds ? fixed_digits(at, (uint32_t)rest, 9) : fixed_digits(at, (uint32_t)(rest / 1000), 6);
	*at++ = 'Z';
	return at;
}

void json_put_number(struct json_print *json, uint64_t value) {
	char *at = json_reserve(json, JSON_NUMBER_MAX);
	if (at != NULL)
		json_commit(json, json_digits(at, value));
}

void json_put_milliseconds(struct json_print *json, int64_t ns) {
	char *at = json_reserve(json, JSON_NUMBER_MAX);
	if (at != NULL)
		json_commit(json, json_milliseconds(at, ns));
}

void json_put_since_start(struct json_print *json, struct stream_moment at) {
	json_put_milliseconds(json, at.time_ns - json->record->open.first.time_ns);
}

void json_put_place(struct json_print *json, struct stream_moment at) {
	JSON_MEMBER(json, "frame");
	json_put_number(json, at.frame);
	JSON_MEMBER(json, "ms");
	json_put_since_start(json, at);
}

void json_put_reply(struct json_print *json, uint16_t code, struct slice enhanced, const struct slice *lines, size_t line_count) {
	JSON_FIRST_MEMBER(json, "code");
	json_put_number(json, code);
	if (enhanced.len > 0) {
		JSON_MEMBER(json, "enhanced");
		json_put_string(json, enhanced);
	}
	JSON_MEMBER(json, "text");
	json_put_strings(json, lines, line_count);
}

void json_put_time(struct json_print *json, int64_t time_ns) {
	char *at = json_reserve(json, JSON_TIME_MAX);
	if (at == NULL)
		return;
	*at++ = '"';
	at = json_rfc3339(json, at, time_ns);
	*at++ = '"';
	json_commit(json, at);
}

void json_put_bool(struct json_print *json, bool value) {
	if (value)
		JSON_PUT(json, "true");
	else
		JSON_PUT(json, "false");
}

/* json-c leaves alone what steers a terminal that the document is shown on. Such characters are only in strings. */
void json_put_visible(struct json_print *json, const char *text, size_t len) {
	static const char hex[] = "0123456789abcdef";
	size_t plain = 0;
	for (size_t i = 0; i < len;) {
		size_t piece;
		uint32_t code = escape_hidden(text + i, len - i, &piece);
		if (code != ESCAPE_VISIBLE) {
			json_put(json, text + plain, i - plain);
			uint32_t units[2] = {code, 0};
			if (code > 0xffff) {
				units[0] = 0xd800 + ((code - 0x10000) >> 10);
				units[1] = 0xdc00 + ((code - 0x10000) & 0x3ff);
			}
			for (size_t k = 0; k < 2 && (k == 0 || units[k] != 0); k++) {
				const char escape[6] = {'\\', 'u', hex[units[k] >> 12], hex[units[k] >> 8 & 15],
					hex[units[k] >> 4 & 15], hex[units[k] & 15]};
				json_put(json, escape, sizeof(escape));
			}
			plain = i + piece;
		}
		i += piece;
	}
	json_put(json, text + plain, len - plain);
}

static void put_escaped(struct json_print *json, const char *data, size_t len) {
	if (len > STRING_MAX)
		len = STRING_MAX;
	size_t needed = len * ESCAPE_UTF8_GROWTH;
	if (needed > json->scratch_size) {
		char *scratch = realloc(json->scratch, needed);
		if (scratch == NULL) {
			json->failed = true;
			return;
		}
		json->scratch = scratch;
		json->scratch_size = needed;
	}
	bool invalid;
	size_t utf8_len = escape_utf8(data, len, json->scratch, &invalid);
	json->invalid |= invalid;
	const char *text = NULL;
	size_t text_len = 0;
	if (json_object_set_string_len(json->string, json->scratch, (int)utf8_len) == 1)
		text = json_object_to_json_string_length(json->string, JSON_C_TO_STRING_NOSLASHESCAPE, &text_len);
	if (text == NULL)
		json->failed = true;
	else
		json_put_visible(json, text, text_len);
}

void json_put_string(struct json_print *json, struct slice text) {
	if (!escape_is_plain(text.data, text.len)) {
		put_escaped(json, text.data, text.len);
		return;
	}
	char *at = json_reserve(json, text.len + 2);
	if (at == NULL)
		return;
	*at++ = '"';
	if (text.len > 0)
		memcpy(at, text.data, text.len);
	at[text.len] = '"';
	json->buffer->bpos += (int)text.len + 2;
}

void json_put_string_or_null(struct json_print *json, struct slice text) {
	if (text.len > 0)
		json_put_string(json, text);
	else
		JSON_PUT(json, "null");
}

void json_put_cstring(struct json_print *json, const char *text) {
	json_put_string(json, (struct slice){text, strlen(text)});
}

void json_put_strings(struct json_print *json, const struct slice *texts, size_t count) {
	JSON_PUT(json, "[");
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			JSON_PUT(json, ",");
		json_put_string(json, texts[i]);
	}
	JSON_PUT(json, "]");
}

bool json_open_object(struct json_print *json) {
	bool outer = json->invalid;
	json->invalid = false;
	JSON_PUT(json, "{");
	return outer;
}

void json_close_object(struct json_print *json, bool outer) {
	if (json->invalid)
		JSON_PUT(json, ",\"invalid_utf8\":true");
	JSON_PUT(json, "}");
	json->invalid = outer;
}

void json_put_count_if_any(struct json_print *json, const char *key, uint64_t count) {
	if (count == 0)
		return;
	JSON_PUT(json, ",\"");
	json_put_text(json, key);
	JSON_PUT(json, "\":");
	json_put_number(json, count);
}

void json_put_user(struct json_print *json, struct slice name) {
	json_put_user_as(json, "username", name);
}

void json_put_user_as(struct json_print *json, const char *key, struct slice name) {
	if (json->users == WRITER_USERS_OMIT)
		return;
	JSON_PUT(json, ",\"");
	json_put_text(json, key);
	JSON_PUT(json, "\":");
	if (json->users == WRITER_USERS_HASH) {
		char hash[IDENTITY_USER_SIZE];
		identity_user_hash(json->user_hash, name, hash);
		json_put_cstring(json, hash);
	} else {
		json_put_string(json, name);
	}
}

void json_put_content(struct json_print *json, enum event_content content) {
	static const char *const names[] = {
		[EVENT_CONTENT_7BIT] = "7bit",
		[EVENT_CONTENT_8BIT] = "8bit",
		[EVENT_CONTENT_BINARY] = "binary",
	};
	if (content == EVENT_CONTENT_UNKNOWN)
		return;
	JSON_MEMBER(json, "content");
	json_put_cstring(json, names[content]);
}

const char *json_body_command_name(enum verb verb) {
	return verb == VERB_BDAT ? "BDAT" : verb == VERB_BURL ? "BURL" : "DATA";
}
