/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The server's lines to replies (RFC 5321, 4.2), and enhanced status codes (RFC 3463, RFC 2034).
 */
#ifndef SMTPSCOPE_DECODE_REPLY_H
#define SMTPSCOPE_DECODE_REPLY_H

#include "decode/event.h"

enum {
	REPLY_LINES_MAX = 128,
	REPLY_LINES_USUAL = 12,
	REPLY_TEXT_MAX = 16384, /* bytes of all lines together */
};

struct reply {
	uint16_t code;            /* of the last line */
	const struct slice *lines; /* text after code and separator; borrowed until the next call */
	size_t line_count;
	size_t lines_over_limit;
	bool codes_differ;
};

struct reply_reader { /* zero-filled at start */
	bool open;      /* inside a multi-line reply */
	uint16_t code;
	bool codes_differ;
	size_t line_count, lines_over_limit;
	struct slice lines[REPLY_LINES_USUAL];
	struct slice *more_lines; /* all lines, once they are more than that; allocated for REPLY_LINES_MAX */
	char *text;               /* copies of the lines of a multi-line reply */
	size_t text_len, text_capacity;
};

/* Reads one line. Returns 1 and the whole reply with its last line, 0 when more lines follow, -1 when the line is no reply line;
 * inside a multi-line reply such a line is kept as text and -1 is returned all the same. */
int reply_feed(struct reply_reader *reader, struct slice line, struct reply *ret_reply);

/* Ends a multi-line reply whose last line was lost. Returns 1 and the reply, or 0 when none is open. */
int reply_flush(struct reply_reader *reader, struct reply *ret_reply);

/* Is this the start of a reply line: a code of 200-599, then blank, hyphen or nothing? */
bool reply_is_line(struct slice line);

/* Splits an enhanced status code off the front of a reply's text. Returns false and leaves text alone when it has none.
 *   status-code = class "." subject "." detail   ; class 2, 4 or 5; subject and detail 1*3DIGIT */
bool reply_split_enhanced(struct slice *text, struct slice *ret_enhanced);

void reply_finish(struct reply_reader *reader);

#endif
