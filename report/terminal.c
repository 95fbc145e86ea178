/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Text that is safe to show to a person.
 */
#include "report/terminal.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "report/address.h"

enum {
	COMBINING_MAX = 2, /* marks on one character; more would pile up over the lines above */
	ELLIPSIS_LEN = 3,  /* bytes, of "..." as of U+2026 */
};

struct range {
	uint32_t first, last;
};

/* Characters that are not shown as themselves although they are valid: they have no shape, or change how others are shown.
 */
static const struct range hidden[] = {
	{0x0000, 0x001f},
	{0x007f, 0x009f},
	{0x00ad, 0x00ad},
	{0x034f, 0x034f},
	{0x061c, 0x061c},
	{0x115f, 0x1160},
	{0x17b4, 0x17b5},
	{0x180b, 0x180f},
	{0x200b, 0x200f},
	{0x2028, 0x202e},
	{0x2060, 0x206f},
	{0x3164, 0x3164},
	{0xe000, 0xf8ff},
	{0xfdd0, 0xfdef},
	{0xfe00, 0xfe0f},
	{0xfeff, 0xfeff},
	{0xffa0, 0xffa0},
	{0xfff0, 0xfffb},
	{0xfffe, 0xffff},
	{0x1bca0, 0x1bca3},
	{0x1d173, 0x1d17a},
	{0xe0000, 0x10ffff},
};

static const struct range combining[] = {
	{0x0300, 0x036f},
	{0x0483, 0x0489},
	{0x0591, 0x05bd},
	{0x0610, 0x061a},
	{0x064b, 0x065f},
	{0x06d6, 0x06dc},
	{0x093a, 0x093a},
	{0x0e31, 0x0e31},
	{0x0e34, 0x0e3a},
	{0x0e47, 0x0e4e},
	{0x1ab0, 0x1aff},
	{0x1dc0, 0x1dff},
	{0x20d0, 0x20ff},
	{0x302a, 0x302d},
	{0x3099, 0x309a},
	{0xfe20, 0xfe2f},
};

/* Whole blocks where single characters are wide: a column too many counted only makes a line shorter, one too few breaks it.
 */
static const struct range wide[] = {
	{0x1100, 0x115f},
	{0x231a, 0x231b},
	{0x2329, 0x232a},
	{0x23e9, 0x23f3},
	{0x25fd, 0x25fe},
	{0x2600, 0x27bf},
	{0x2b00, 0x2bff},
	{0x2e80, 0x3098},
	{0x309b, 0xa4cf},
	{0xa960, 0xa97f},
	{0xac00, 0xd7a3},
	{0xf900, 0xfaff},
	{0xfe10, 0xfe19},
	{0xfe30, 0xfe6f},
	{0xff01, 0xff60},
	{0xffe0, 0xffe6},
	{0x16fe0, 0x18d7f},
	{0x1aff0, 0x1b2ff},
	{0x1f000, 0x1faff},
	{0x20000, 0x3fffd},
};

static bool in_ranges(const struct range *ranges, size_t count, uint32_t code_point) {
	size_t low = 0, high = count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (code_point > ranges[middle].last)
			low = middle + 1;
		else if (code_point < ranges[middle].first)
			high = middle;
		else
			return true;
	}
	return false;
}

#define IN_RANGES(ranges, code_point) in_ranges(ranges, sizeof(ranges) / sizeof((ranges)[0]), code_point)

/* RFC 3629, 4: the shortest form only, no surrogates, nothing above U+10FFFF. Returns the length, 0 when it is not UTF-8. */
static size_t decode_utf8(const unsigned char *data, size_t len, uint32_t *ret_code_point) {
	static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
	uint32_t code_point;
	size_t need;

	if (data[0] < 0x80) {
		*ret_code_point = data[0];
		return 1;
	}
	if ((data[0] & 0xe0) == 0xc0) {
		need = 2;
		code_point = data[0] & 0x1f;
	} else if ((data[0] & 0xf0) == 0xe0) {
		need = 3;
		code_point = data[0] & 0x0f;
	} else if ((data[0] & 0xf8) == 0xf0) {
		need = 4;
		code_point = data[0] & 0x07;
	} else {
		return 0;
	}
	if (need > len)
		return 0;
	for (size_t i = 1; i < need; i++) {
		if ((data[i] & 0xc0) != 0x80)
			return 0;
		code_point = code_point << 6 | (data[i] & 0x3f);
	}
	if (code_point < smallest[need] || code_point > 0x10ffff || (code_point >= 0xd800 && code_point <= 0xdfff))
		return 0;
	*ret_code_point = code_point;
	return need;
}

static size_t show_as_number(uint32_t code_point, char ret_shown[TERMINAL_SHOWN_MAX]) {
	const char *format = code_point < 0x80 ? "\\x%02" PRIx32 : code_point < 0x10000 ? "\\u%04" PRIx32 : "\\U%08" PRIx32;

	return (size_t)snprintf(ret_shown, TERMINAL_SHOWN_MAX, format, code_point);
}

size_t terminal_character(
	const char *data, size_t len, bool ascii, char ret_shown[TERMINAL_SHOWN_MAX], size_t *ret_columns) {
	const unsigned char *bytes = (const unsigned char *)data;
	uint32_t code_point;
	size_t used;

	if (bytes[0] >= 0x20 && bytes[0] < 0x7f) {
		ret_shown[0] = data[0];
		ret_shown[1] = 0;
		*ret_columns = 1;
		return 1;
	}
	used = decode_utf8(bytes, len, &code_point);
	if (used == 0) {
		*ret_columns = (size_t)snprintf(ret_shown, TERMINAL_SHOWN_MAX, "\\x%02x", bytes[0]);
		return 1;
	}
	if (ascii && code_point == 0x2026) { /* our own ellipsis, in an explanation that was written as UTF-8 */
		memcpy(ret_shown, "...", 4);
		*ret_columns = 3;
		return used;
	}
	if (ascii || IN_RANGES(hidden, code_point)) {
		*ret_columns = show_as_number(code_point, ret_shown);
		return used;
	}
	memcpy(ret_shown, data, used);
	ret_shown[used] = 0;
	*ret_columns = IN_RANGES(combining, code_point) ? 0 : IN_RANGES(wide, code_point) ? 2 : 1;
	return used;
}

void terminal_text_init(struct terminal_text *text, bool ascii) {
	text->data[0] = 0;
	text->len = 0;
	text->columns = 0;
	text->ascii = ascii;
	text->full = false;
}

/* Bytes that fit, the ellipsis of a cut text not included. */
static size_t room(const struct terminal_text *text) {
	return text->full ? 0 : sizeof(text->data) - 1 - ELLIPSIS_LEN - text->len;
}

static void append(struct terminal_text *text, const char *words, size_t len, size_t columns) {
	if (text->full)
		return;
	if (len > room(text)) {
		text->full = true;
		words = text->ascii ? "..." : "…";
		len = ELLIPSIS_LEN;
		columns = text->ascii ? 3 : 1;
	}
	if (len > 0)
		memcpy(text->data + text->len, words, len);
	text->len += len;
	text->data[text->len] = 0;
	text->columns += columns;
}

/* How many bytes from the start are printable ASCII, which is nearly all text: shown as it is, a column each. */
static size_t plain_len(const char *data, size_t len) {
	size_t plain = 0;

	while (plain < len && data[plain] >= 0x20 && data[plain] < 0x7f)
		plain++;
	return plain;
}

void terminal_text_add(struct terminal_text *text, const char *words) {
	size_t left = strlen(words);

	if (plain_len(words, left) == left && left <= room(text)) {
		append(text, words, left, left);
		return;
	}

	/* One character at a time, so that a full text is cut between two of them. */
	while (left > 0) {
		char shown[TERMINAL_SHOWN_MAX];
		size_t columns, used = terminal_character(words, left, text->ascii, shown, &columns);

		append(text, shown, strlen(shown), columns);
		words += used;
		left -= used;
	}
}

void terminal_text_format(struct terminal_text *text, const char *format, ...) {
	char words[512];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(words, sizeof(words), format, arguments);
	va_end(arguments);
	terminal_text_add(text, words);
}

void terminal_text_wire(struct terminal_text *text, struct slice value, size_t columns_max) {
	const size_t ellipsis_columns = text->ascii ? 3 : 1;
	size_t plain = plain_len(value.data, value.len);
	size_t columns_used = 0, marks = COMBINING_MAX; /* a mark at the start would change our own words before it */
	size_t cut_len = text->len, cut_columns = text->columns; /* where the ellipsis goes if the value is too long */

	if (plain == value.len && plain <= columns_max && plain <= room(text)) {
		append(text, value.data, plain, plain);
		return;
	}
	for (size_t at = 0; at < value.len && !text->full;) {
		char shown[TERMINAL_SHOWN_MAX];
		size_t columns, used = terminal_character(value.data + at, value.len - at, text->ascii, shown, &columns);

		if (columns == 0 && marks++ >= COMBINING_MAX) {
			uint32_t code_point = 0;

			decode_utf8((const unsigned char *)value.data + at, value.len - at, &code_point);
			columns = show_as_number(code_point, shown);
		}
		if (columns > 0)
			marks = 0;
		if (columns_used + columns > columns_max) {
			text->len = cut_len;
			text->columns = cut_columns;
			terminal_text_add(text, "…");
			return;
		}
		append(text, shown, strlen(shown), columns);
		columns_used += columns;
		at += used;
		if (!text->full && columns_used + ellipsis_columns <= columns_max) {
			cut_len = text->len;
			cut_columns = text->columns;
		}
	}
}

void terminal_text_count(struct terminal_text *text, uint64_t count) {
	char digits[24], grouped[32];
	size_t len = (size_t)snprintf(digits, sizeof(digits), "%" PRIu64, count), out = 0;

	for (size_t i = 0; i < len; i++) {
		if (i > 0 && (len - i) % 3 == 0)
			grouped[out++] = ',';
		grouped[out++] = digits[i];
	}
	append(text, grouped, out, out);
}

void terminal_text_number(struct terminal_text *text, uint64_t number, const char *one, const char *many) {
	terminal_text_count(text, number);
	terminal_text_add(text, " ");
	terminal_text_add(text, number == 1 ? one : many);
}

void terminal_text_endpoint(struct terminal_text *text, const struct stream_endpoint *endpoint, bool with_port) {
	char address[ADDRESS_TEXT_SIZE];

	address_print(endpoint, address);
	if (!with_port)
		terminal_text_add(text, address);
	else
		terminal_text_format(text, endpoint->ip_version == 6 ? "[%s]:%u" : "%s:%u", address, endpoint->port);
}
