/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The message after DATA: finds its end, counts, stores nothing (RFC 5321, 4.5.2 and 4.1.1.4).
 */
#ifndef SMTPSCOPE_DECODE_BODY_H
#define SMTPSCOPE_DECODE_BODY_H

#include "decode/event.h"

/* Where the scan is; named after what was read last. */
enum body_position {
	BODY_LINE_START, /* after CRLF, and at the start of the body */
	BODY_IN_LINE,
	BODY_CR,         /* a CR inside a line */
	BODY_DOT,        /* a dot at the start of a line */
	BODY_DOT_CR,
	BODY_ENDED,      /* CRLF "." CRLF */
};

struct body {
	enum body_position position;
	uint64_t bytes;     /* of the message: stuffed dots and the final dot line not counted */
	uint64_t lines;
	uint64_t gap_bytes;
	struct stream_moment first; /* of its first byte */
	bool started;
	/* What a text in ASCII does not have (RFC 2045, 2.7): */
	uint64_t line_start; /* bytes before the line that is being read */
	bool has_8bit, has_nul, has_long_line;
	bool has_bare_break; /* CR or LF alone */
	bool after_cr;       /* the last byte noted was CR */
};

void body_begin(struct body *body);

/* Reads up to the end of the body. Returns how many bytes were taken; less than len, or body->position == BODY_ENDED, when the end
 * was found. */
size_t body_scan(struct body *body, const char *data, size_t len);

/* As body_scan(), but only as far as the bytes taken are either all of the message or none: *ret_message is what they are of it, and
 * may be other than empty although nothing was taken. Borrows from data, or is constant. */
size_t body_take(struct body *body, const char *data, size_t len, struct slice *ret_message);

/* Reads bytes that are all of the message, whatever they are: those of BDAT. */
void body_pass(struct body *body, const char *data, size_t len);

/* Notes what kinds of bytes there are, as they were sent. */
void body_note(struct body *body, const char *data, size_t len);

/* What its bytes are, if all of them were seen. */
enum event_content body_content(const struct body *body);

/* len bytes are missing here. */
void body_gap(struct body *body, uint64_t len);

#endif
