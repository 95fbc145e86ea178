/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The lines of a message, and the fields of a header (RFC 5322, 2.1 and 2.2).
 *
 * field = name ":" value CRLF, where the value goes on in lines that begin with white space
 */
#ifndef SMTPSCOPE_REPORT_MESSAGE_FIELD_H
#define SMTPSCOPE_REPORT_MESSAGE_FIELD_H

#include "decode/event.h"

struct message_field_line {
	struct slice name;  /* as sent, without white space behind it */
	struct slice value; /* folded, with the line end */
};

enum message_field_result {
	MESSAGE_FIELD_FOUND,
	MESSAGE_FIELD_END,  /* the header is over; *at is behind the empty line */
	MESSAGE_FIELD_NONE, /* the header is over; *at is at a line that is no field */
	MESSAGE_FIELD_MORE, /* data ends before the header does; what is left of it is at best a part of a field */
};

/* Reads the field at data[*at..] and moves *at behind it. whole: data is all there is, so its end ends a field and the header. */
enum message_field_result message_field_next(struct slice data, bool whole, size_t *at, struct message_field_line *ret_field);

/* Where the line that begins at data[at] ends, its line end included. */
size_t message_field_line_end(struct slice data, size_t at);

#endif
