/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Which bytes of a message are to be told: its header, or all of it up to a limit. The header ends with the first empty line
 * (RFC 5322, 2.1).
 */
#ifndef SMTPSCOPE_DECODE_MESSAGE_H
#define SMTPSCOPE_DECODE_MESSAGE_H

#include "decode/event.h"

struct message {
	uint64_t header_max, message_max; /* of the sink */
	uint64_t told; /* bytes so far */
	bool wanted;   /* there is more to tell */
	bool header_ended;
	bool in_line;  /* the line that is being read is not empty */
};

/* A message begins. */
void message_begin(struct message *message, const struct event_sink *sink);

/* Of what comes next in the message: returns how many bytes at its start are to be told, in an event of their own. 0: none any more,
 * and message->wanted is false. */
size_t message_next(struct message *message, struct slice data, bool *ret_header_end);

#endif
