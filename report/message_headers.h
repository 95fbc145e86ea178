/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a message says of itself in its header (RFC 5322).
 */
#ifndef SMTPSCOPE_REPORT_MESSAGE_HEADERS_H
#define SMTPSCOPE_REPORT_MESSAGE_HEADERS_H

#include "report/message_reader.h"

/* The fields that are told. */
enum message_field {
	MESSAGE_FROM,
	MESSAGE_TO,
	MESSAGE_CC,
	MESSAGE_REPLY_TO,
	MESSAGE_SUBJECT,
	MESSAGE_MESSAGE_ID,
	MESSAGE_DATE,
	MESSAGE_IN_REPLY_TO,
	MESSAGE_USER_AGENT, /* or X-Mailer */
	MESSAGE_FIELDS
};

struct message_headers {
	struct slice fields[MESSAGE_FIELDS]; /* decoded; of a field that comes again the first */
	bool has[MESSAGE_FIELDS];
	bool repeated[MESSAGE_FIELDS];
	uint64_t received; /* fields of that name */
	bool dkim, arc;    /* there is a DKIM-Signature, there are fields of ARC (RFC 8617) */
	bool incomplete;   /* the end of the header was not seen: other fields may follow */
	bool malformed;    /* it ends with a line that is neither a field nor empty, where the body is taken to begin */
	bool cut;          /* a value was too long */
};

/* Reads the header at the start of data. whole: nothing of the header is missing behind data. What is found is in the arena. */
void message_headers_read(
	struct message_reader *reader, struct arena *arena, struct slice data, bool whole, struct message_headers *ret_headers);

#endif
