/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reads the presentation language of TLS (RFC 8446, 3) off the front of a slice. A read that goes beyond the end gives nothing and
 * is remembered: who reads checks once, at the end.
 */
#ifndef SMTPSCOPE_DECODE_TLS_CURSOR_H
#define SMTPSCOPE_DECODE_TLS_CURSOR_H

#include "decode/event.h"

struct tls_cursor {
	struct slice left;
	bool failed;
};

static inline struct slice tls_cursor_take(struct tls_cursor *cursor, size_t len) {
	if (cursor->failed || len > cursor->left.len) {
		cursor->failed = true;
		return (struct slice){NULL, 0};
	}
	struct slice taken = {cursor->left.data, len};
	if (len > 0)
		cursor->left = (struct slice){cursor->left.data + len, cursor->left.len - len};
	return taken;
}

/* A number of `len` bytes, at most four; 0 beyond the end. */
static inline uint32_t tls_cursor_number(struct tls_cursor *cursor, size_t len) {
	struct slice bytes = tls_cursor_take(cursor, len);
	uint32_t number = 0;
	for (size_t i = 0; i < bytes.len; i++)
		number = number << 8 | (uint8_t)bytes.data[i];
	return number;
}

/* A vector: its length in `len_len` bytes, then as many bytes. */
static inline struct slice tls_cursor_vector(struct tls_cursor *cursor, size_t len_len) {
	return tls_cursor_take(cursor, tls_cursor_number(cursor, len_len));
}

/* Was everything read, and nothing beyond? */
static inline bool tls_cursor_is_done(const struct tls_cursor *cursor) {
	return !cursor->failed && cursor->left.len == 0;
}

#endif
