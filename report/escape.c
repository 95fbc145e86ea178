/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Any bytes to valid, harmless UTF-8.
 */
#include "report/escape.h"

#include <assert.h>
#include <string.h>

/* Sixteen bytes at a time, as signed ones: those from 0x80 on are below the space, too. */
typedef int8_t bytes16 __attribute__((vector_size(16)));

static bytes16 not_plain(const char *data) {
	bytes16 bytes;
	memcpy(&bytes, data, sizeof(bytes));
	return (bytes < ' ') | (bytes == '"') | (bytes == '\\') | (bytes == 0x7f);
}

static bool is_any(bytes16 marks) {
	uint64_t halves[2];
	memcpy(halves, &marks, sizeof(halves));
	return (halves[0] | halves[1]) != 0;
}

bool escape_is_plain(const char *data, size_t len) {
	bytes16 marks = {0};
	if (len < sizeof(marks)) {
		char padded[sizeof(marks)];
		memset(padded, ' ', sizeof(padded));
		if (len > 0)
			memcpy(padded, data, len);
		return !is_any(not_plain(padded));
	}
	size_t last = len - sizeof(marks); /* the last sixteen, some of which may have been looked at */
	for (size_t i = 0; i < last; i += sizeof(marks))
		marks |= not_plain(data + i);
	return !is_any(marks | not_plain(data + last));
}

/* Well-formed sequences by their first byte (Unicode 3.9, table 3-7): only the second byte has bounds of its own, which keep
 * out overlong forms, surrogates and what lies beyond U+10FFFF; later ones are 80..BF. */
static const struct sequence {
	uint8_t first_low, first_high;
	uint8_t second_low, second_high;
	uint8_t len;
	uint8_t mask; /* of the first byte's share of the code point */
} sequences[] = {
	{0x00, 0x7f, 0x00, 0x00, 1, 0x7f},
	{0xc2, 0xdf, 0x80, 0xbf, 2, 0x1f},
	{0xe0, 0xe0, 0xa0, 0xbf, 3, 0x0f},
	{0xe1, 0xec, 0x80, 0xbf, 3, 0x0f},
	{0xed, 0xed, 0x80, 0x9f, 3, 0x0f},
	{0xee, 0xef, 0x80, 0xbf, 3, 0x0f},
	{0xf0, 0xf0, 0x90, 0xbf, 4, 0x07},
	{0xf1, 0xf3, 0x80, 0xbf, 4, 0x07},
	{0xf4, 0xf4, 0x80, 0x8f, 4, 0x07},
};

static const struct sequence *find_sequence(uint8_t first) {
	for (size_t i = 0; i < sizeof(sequences) / sizeof(sequences[0]); i++)
		if (first >= sequences[i].first_low && first <= sequences[i].first_high)
			return &sequences[i];
	return NULL;
}

/* Returns how many bytes at text belong together; *ret_valid: do they make a character? */
static size_t scan_character(const uint8_t *text, size_t len, bool *ret_valid) {
	const struct sequence *sequence = find_sequence(text[0]);
	*ret_valid = false;
	if (sequence == NULL)
		return 1;
	for (size_t i = 1; i < sequence->len; i++) {
		uint8_t low = i == 1 ? sequence->second_low : 0x80;
		uint8_t high = i == 1 ? sequence->second_high : 0xbf;
		if (i >= len || text[i] < low || text[i] > high)
			return i;
	}
	*ret_valid = true;
	return sequence->len;
}

size_t escape_utf8(const char *data, size_t len, char *ret_text, bool *ret_invalid) {
	static const char replacement[ESCAPE_UTF8_GROWTH] = {'\xef', '\xbf', '\xbd'};
	size_t text_len = 0;
	*ret_invalid = false;
	for (size_t i = 0; i < len;) {
		bool valid;
		size_t piece = scan_character((const uint8_t *)data + i, len - i, &valid);
		if (valid) {
			memcpy(ret_text + text_len, data + i, piece);
			text_len += piece;
		} else {
			memcpy(ret_text + text_len, replacement, sizeof(replacement));
			text_len += sizeof(replacement);
			*ret_invalid = true;
		}
		i += piece;
	}
	return text_len;
}

static const struct range {
	uint32_t first, last;
} hidden[] = {
	{0x0000, 0x001f},   /* C0 */
	{0x007f, 0x009f},   /* DEL and C1: 0x9b alone starts a terminal sequence */
	{0x00ad, 0x00ad},   /* soft hyphen */
	{0x061c, 0x061c},   /* Arabic letter mark */
	{0x200b, 0x200f},   /* zero width space to right-to-left mark */
	{0x2028, 0x202e},   /* line and paragraph separator, directional embeddings and overrides */
	{0x2060, 0x206f},   /* word joiner, isolates, deprecated format characters */
	{0xfeff, 0xfeff},   /* zero width no-break space, the byte order mark */
	{0xfff9, 0xfffb},   /* interlinear annotation */
	{0xe0000, 0xe007f}, /* tags */
};

uint32_t escape_hidden(const char *text, size_t len, size_t *ret_len) {
	const uint8_t *bytes = (const uint8_t *)text;
	const struct sequence *sequence = find_sequence(bytes[0]);
	assert(sequence != NULL && sequence->len <= len);
	uint32_t code = bytes[0] & sequence->mask;
	for (size_t i = 1; i < sequence->len; i++)
		code = code << 6 | (bytes[i] & 0x3f);
	*ret_len = sequence->len;
	for (size_t i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++)
		if (code >= hidden[i].first && code <= hidden[i].last)
			return code;
	return ESCAPE_VISIBLE;
}
