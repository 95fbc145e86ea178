/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A position in a frame while its headers are read. It knows how much of the frame was captured from here on, and how much
 * there was on the wire, so that a cut by a snap length and a lie in a header stay two different things.
 */
#ifndef SMTPSCOPE_CAPTURE_CURSOR_H
#define SMTPSCOPE_CAPTURE_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cursor {
	const uint8_t *at;
	size_t left;      /* captured bytes at `at`; never more than wire_left */
	size_t wire_left; /* bytes there were on the wire */
	unsigned depth;   /* headers entered so far, against the nesting limit */
};

/* Headers inside each other, before it is a trick and no longer a network. */
enum { CURSOR_DEPTH_MAX = 16 };

static inline bool cursor_has(const struct cursor *cursor, size_t len) {
	return len <= cursor->left;
}

/* The caller has checked with cursor_has(). */
static inline void cursor_skip(struct cursor *cursor, size_t len) {
	cursor->at += len;
	cursor->left -= len;
	cursor->wire_left -= len;
}

/* What follows is `len` bytes long, says a header: bytes beyond it are padding or a checksum, missing ones were cut off. */
static inline void cursor_limit(struct cursor *cursor, size_t len) {
	cursor->wire_left = len;
	if (cursor->left > len)
		cursor->left = len;
}

/* Counts one header more; false when that is too many. */
static inline bool cursor_enter(struct cursor *cursor) {
	return ++cursor->depth <= CURSOR_DEPTH_MAX;
}

static inline uint16_t cursor_get_u16(const uint8_t *at) {
	return (uint16_t)(at[0] << 8 | at[1]);
}

static inline uint32_t cursor_get_u32(const uint8_t *at) {
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

#endif
