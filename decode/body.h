/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The message after DATA: finds its end, counts, stores nothing (RFC 5321, 4.5.2 and 4.1.1.4).
 *
 * Only CR LF "." CR LF ends a message (RFC 5321, 4.1.1.4). Servers that take other sequences for an end let a second mail be hidden
 * in the first ("SMTP smuggling", Longin 2023): such sequences are found here, with what the line behind them begins with.
 */
#ifndef SMTPSCOPE_DECODE_BODY_H
#define SMTPSCOPE_DECODE_BODY_H

#include "decode/event.h"

enum {
	BODY_FALSE_ENDS_MAX = 8, /* of one body, those with a command behind them; more are counted */
	BODY_NEXT_MAX = 16,      /* so much of the line behind one is looked at */
};

/* Where the scan is; named after what was read last. */
enum body_position {
	BODY_LINE_START,   /* CR LF, or nothing: the start of the body */
	BODY_IN_LINE,
	BODY_CR,
	BODY_LF,           /* without a CR before it */
	BODY_LINE_END_NUL, /* one of the line ends above, then NULs */
	BODY_DOT,          /* a dot at the start of a line, however the line before it ended; NULs may be behind it */
	BODY_DOT_CR,
	BODY_UNKNOWN,      /* a gap */
	BODY_ENDED,        /* CRLF "." CRLF */
};

struct body_false_end {
	uint64_t offset;   /* of the dot in the body as it was sent, its first byte being 0 */
	struct event_false_end what;
};

struct body {
	enum body_position position;
	uint64_t bytes;     /* of the message: stuffed dots and the final dot line not counted */
	uint64_t lines;
	uint64_t gap_bytes;
	struct stream_moment first; /* of its first byte */
	bool started;

	/* Of what was captured. Next to a gap nothing is counted that the gap may explain. */
	uint64_t offset;       /* bytes read, and lost: as it was sent */
	uint64_t bare_cr;      /* CRs without an LF behind them */
	uint64_t bare_lf;      /* LFs without a CR before them */
	uint64_t nul;
	uint64_t longest_line; /* bytes, line end included, a stuffed dot not; also of a line that has not ended */
	uint64_t line_len;     /* of the line that is being read */
	bool has_8bit;
	struct body_false_end false_ends[BODY_FALSE_ENDS_MAX];
	size_t false_end_count; /* also of those over the limit */

	/* What is known of the line of one dot that is being read, and of the line behind one. */
	struct event_false_end dot;
	uint64_t dot_offset;
	struct body_false_end candidate;
	bool collecting;       /* the start of the line behind candidate */
	char next[BODY_NEXT_MAX];
	size_t next_len, next_skipped;
};

void body_begin(struct body *body);

/* Reads up to the end of the body. Returns how many bytes were taken; less than len, or body->position == BODY_ENDED, when the end
 * was found. */
size_t body_scan(struct body *body, const char *data, size_t len);

/* As body_scan(), but only as far as the bytes taken are either all of the message or none: *ret_message is what they are of it, and
 * may be other than empty although nothing was taken. Borrows from data, or is constant. len is not 0. */
size_t body_take(struct body *body, const char *data, size_t len, struct slice *ret_message);

/* Reads bytes that are all of the message, whatever they are: those of BDAT. */
void body_pass(struct body *body, const char *data, size_t len);

/* What its bytes are (RFC 2045, 2.7), if all of them were seen. */
enum event_content body_content(const struct body *body);

/* len bytes are missing here. */
void body_gap(struct body *body, uint64_t len);

#endif
