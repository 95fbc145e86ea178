/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One side's bytes to lines (RFC 5321, 2.3.8).
 *
 * A line ends with LF; CR before it belongs to the line end. LF without CR is accepted and flagged, CR alone is an ordinary byte.
 */
#ifndef SMTPSCOPE_DECODE_LINE_H
#define SMTPSCOPE_DECODE_LINE_H

#include "decode/event.h"

/* AUTH responses may be this long (RFC 4954, 4); all other lines are far shorter (RFC 5321, 4.5.3.1). */
enum { LINE_LENGTH_MAX = 12288 };

struct line {
	struct slice text; /* without the line end; borrowed until the next call */
	bool bare_newline; /* ended by LF without CR */
	bool has_nul;
	size_t lost;       /* bytes beyond LINE_LENGTH_MAX, not in text */
};

struct line_reader { /* zero-filled at start */
	char *partial;   /* the start of a line whose end has not come yet */
	size_t len, capacity;
	size_t lost;
	bool carriage_return; /* the last byte, kept or lost, was a CR */
};

/* Takes bytes from the front of input, up to a line end. Returns 1 and a line, or 0 when all bytes were taken and more are needed. */
int line_next(struct line_reader *reader, struct slice *input, struct line *ret_line);

/* Gives out what there is of an unended line. Returns 1 and the line, or 0 when there is none. */
int line_flush(struct line_reader *reader, struct line *ret_line);

static inline bool line_is_partial(const struct line_reader *reader) {
	return reader->len > 0;
}

/* Forgets the unended line. */
void line_reset(struct line_reader *reader);

/* Wipes and frees; the reader can be used again. */
void line_finish(struct line_reader *reader);

#endif
