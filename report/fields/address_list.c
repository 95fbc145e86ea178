/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/fields/address_list.h"

#include <time.h>

#include "decode/ascii.h"

/* Where the item ends that begins at the start of the text: at a comma or a semicolon (of a group) that is neither quoted nor in a comment
 * nor in < >. */
static size_t item_len(struct slice text) {
	bool quoted = false, bracket = false;
	unsigned comment = 0;
	size_t i = 0;
	for (; i < text.len; i++) {
		char c = text.data[i];
		if (c == '\\' && (quoted || comment > 0)) {
			i++;
		} else if (quoted) {
			quoted = c != '"';
		} else if (comment > 0) {
			comment += c == '(' ? 1 : 0;
			comment -= c == ')' ? 1 : 0;
		} else if (c == '"') {
			quoted = true;
		} else if (c == '(') {
			comment = 1;
		} else if (c == '<' || c == '>') {
			bracket = c == '<';
		} else if ((c == ',' && !bracket) || c == ';') {
			break;
		}
	}
	return i < text.len ? i : text.len;
}

static bool find(struct slice text, char c, size_t from, size_t *ret_at) {
	const char *at = from < text.len ? memchr(text.data + from, c, text.len - from) : NULL;
	if (at == NULL)
		return false;
	*ret_at = (size_t)(at - text.data);
	return true;
}

/* The < that begins the address: the last one that is not quoted. */
static bool find_bracket(struct slice item, size_t *ret_at) {
	bool quoted = false, found = false;
	for (size_t i = 0; i < item.len; i++) {
		if (item.data[i] == '\\' && quoted)
			i++;
		else if (item.data[i] == '"')
			quoted = !quoted;
		else if (item.data[i] == '<' && !quoted) {
			*ret_at = i;
			found = true;
		}
	}
	return found;
}

static struct slice address_of(struct slice item) {
	size_t open, close, comment, colon, sign;
	if (find_bracket(item, &open)) {
		if (!find(item, '>', open, &close))
			close = item.len;
		return slice_trim((struct slice){item.data + open + 1, close - open - 1});
	}
	if (find(item, '(', 0, &comment) && item.data[0] != '"') /* alice@example.org (Alice) */
		item = slice_trim((struct slice){item.data, comment});
	if (find(item, ':', 0, &colon) && find(item, '@', 0, &sign) && colon < sign && item.data[0] != '"') /* the first of a group */
		item = slice_trim(slice_skip(item, colon + 1));
	return item;
}

static bool is_plain(struct slice text) {
	for (size_t i = 0; i < text.len; i++)
		if (ascii_is_space(text.data[i]) || text.data[i] == '<' || text.data[i] == '>' || text.data[i] == '"')
			return false;
	return text.len > 0;
}

static bool is_address(struct slice text) {
	const char *sign = text.len > 0 ? memrchr(text.data, '@', text.len) : NULL;
	if (sign == NULL)
		return false;
	struct slice name = {text.data, (size_t)(sign - text.data)};
	bool quoted = name.len > 1 && name.data[0] == '"' && name.data[name.len - 1] == '"';
	return (quoted || is_plain(name)) && is_plain(slice_skip(text, name.len + 1));
}

bool address_list_next(struct slice *rest, struct slice *ret_address, struct slice *ret_mailbox) {
	while (rest->len > 0) {
		size_t len = item_len(*rest);
		struct slice item = slice_trim((struct slice){rest->data, len});
		*rest = slice_skip(*rest, len + 1);
		struct slice address = item.len > 0 ? address_of(item) : item;
		if (!is_address(address))
			continue;
		*ret_address = address;
		if (ret_mailbox != NULL)
			*ret_mailbox = item;
		return true;
	}
	return false;
}

static bool take_number(struct slice *rest, size_t digits_min, size_t digits_max, int *ret_number) {
	size_t len = 0;
	int number = 0;
	while (len < rest->len && len < digits_max && ascii_is_digit(rest->data[len]))
		number = 10 * number + (rest->data[len++] - '0');
	if (len < digits_min)
		return false;
	*rest = slice_skip(*rest, len);
	*ret_number = number;
	return true;
}

static bool take_char(struct slice *rest, char c) {
	if (rest->len == 0 || rest->data[0] != c)
		return false;
	*rest = slice_skip(*rest, 1);
	return true;
}

static int month_of(struct slice word) {
	static const char names[] = "JANFEBMARAPRMAYJUNJULAUGSEPOCTNOVDEC";
	for (int i = 0; i < 12 && word.len == 3; i++) {
		const char name[] = {names[3 * i], names[3 * i + 1], names[3 * i + 2], '\0'};
		if (slice_is(word, name))
			return i;
	}
	return -1;
}

static bool take_zone(struct slice rest, int *ret_minutes) {
	struct slice word = slice_next_word(&rest);
	int zone;
	if (slice_is(word, "GMT") || slice_is(word, "UT") || slice_is(word, "UTC") || slice_is(word, "Z")) {
		*ret_minutes = 0;
		return true;
	}
	bool west = word.len > 0 && word.data[0] == '-';
	if (!west && (word.len == 0 || word.data[0] != '+'))
		return false;
	word = slice_skip(word, 1);
	if (!take_number(&word, 4, 4, &zone) || word.len > 0 || zone % 100 >= 60)
		return false;
	*ret_minutes = (zone / 100 * 60 + zone % 100) * (west ? -1 : 1);
	return true;
}

bool address_list_date(struct slice text, int64_t *ret_time_ns) {
	struct slice rest = slice_trim(text);
	struct tm tm = {0};
	int zone = 0;
	if (rest.len > 0 && ascii_is_alpha(rest.data[0])) { /* the day of the week */
		size_t comma;
		if (!find(rest, ',', 0, &comma))
			return false;
		rest = slice_skip(rest, comma + 1);
	}
	rest = slice_trim(rest);
	if (!take_number(&rest, 1, 2, &tm.tm_mday))
		return false;
	tm.tm_mon = month_of(slice_next_word(&rest));
	rest = slice_trim(rest);
	if (tm.tm_mon < 0 || !take_number(&rest, 4, 4, &tm.tm_year))
		return false;
	tm.tm_year -= 1900;
	rest = slice_trim(rest);
	if (!take_number(&rest, 1, 2, &tm.tm_hour) || !take_char(&rest, ':') || !take_number(&rest, 2, 2, &tm.tm_min) ||
		(take_char(&rest, ':') && !take_number(&rest, 2, 2, &tm.tm_sec)) || !take_zone(rest, &zone))
		return false;
	if (tm.tm_mday < 1 || tm.tm_mday > 31 || tm.tm_hour > 23 || tm.tm_min > 59 || tm.tm_sec > 60 || tm.tm_year < 0 || tm.tm_year > 300)
		return false;
	*ret_time_ns = ((int64_t)timegm(&tm) - zone * 60) * INT64_C(1000000000);
	return true;
}
