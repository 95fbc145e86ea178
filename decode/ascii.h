/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * ASCII without a locale, and slices of it.
 */
#ifndef SMTPSCOPE_DECODE_ASCII_H
#define SMTPSCOPE_DECODE_ASCII_H

#include <string.h>

#include "decode/event.h"

static inline char ascii_upper(char c) {
	return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

static inline bool ascii_is_digit(char c) {
	return c >= '0' && c <= '9';
}

static inline bool ascii_is_alpha(char c) {
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static inline bool ascii_is_space(char c) {
	return c == ' ' || c == '\t';
}

static inline struct slice slice_of(const char *text) {
	return (struct slice){text, strlen(text)};
}

/* Is the slice the upper-case word, in any case? */
static inline bool slice_is(struct slice slice, const char *upper) {
	for (size_t i = 0; i < slice.len; i++)
		if (upper[i] == '\0' || ascii_upper(slice.data[i]) != upper[i])
			return false;
	return upper[slice.len] == '\0';
}

/* Does the slice begin with the upper-case word, in any case? */
static inline bool slice_begins(struct slice slice, const char *upper) {
	for (size_t i = 0; upper[i] != '\0'; i++)
		if (i == slice.len || ascii_upper(slice.data[i]) != upper[i])
			return false;
	return true;
}

/* The slice without its first n bytes. */
static inline struct slice slice_skip(struct slice slice, size_t n) {
	return n < slice.len ? (struct slice){slice.data + n, slice.len - n} : (struct slice){NULL, 0};
}

static inline struct slice slice_trim(struct slice slice) {
	while (slice.len > 0 && ascii_is_space(slice.data[0])) {
		slice.data++;
		slice.len--;
	}
	while (slice.len > 0 && ascii_is_space(slice.data[slice.len - 1]))
		slice.len--;
	return slice;
}

/* Takes the next blank-separated word off the slice; an empty word at its end. */
static inline struct slice slice_next_word(struct slice *rest) {
	*rest = slice_trim(*rest);
	size_t len = 0;
	while (len < rest->len && !ascii_is_space(rest->data[len]))
		len++;
	struct slice word = {rest->data, len};
	*rest = slice_skip(*rest, len);
	return word;
}

#endif
