/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The queue of what the server owes a reply to, oldest first.
 */
#ifndef SMTPSCOPE_DECODE_PENDING_H
#define SMTPSCOPE_DECODE_PENDING_H

#include "decode/command.h"

enum { PENDING_MAX = 1024 };

enum pending_kind {
	PENDING_GREETING,
	PENDING_COMMAND,
	PENDING_AUTH, /* a response inside an AUTH exchange */
	PENDING_BODY, /* the end of a message */
};

struct pending {
	enum pending_kind kind;
	enum verb verb;
	char name[COMMAND_NAME_MAX];
	size_t name_len;
	uint32_t id;
	uint32_t mail, recipient;
	uint32_t reset_mail;  /* RSET, EHLO: the transaction that it ends */
	bool pipelined;       /* sent before the reply to the one before it was received */
	bool last;            /* BDAT LAST */
	size_t replies_taken; /* PENDING_BODY in LMTP: one reply a recipient */
	bool prdr;            /* so it is here: 353 said that one for each comes, and then the last */
	struct stream_moment at;
	uint64_t end_offset;  /* in the client's stream, of the byte behind it */
};

struct pending_queue { /* zero-filled at start */
	struct pending *items; /* a ring */
	size_t first, count, capacity;
};

/* Appends an item, which is valid until the next call here. NULL when the queue is full. */
struct pending *pending_push(struct pending_queue *queue);

/* The item at place i, 0 the oldest; NULL beyond the end. */
struct pending *pending_at(const struct pending_queue *queue, size_t i);

/* Removes the n oldest. */
void pending_drop(struct pending_queue *queue, size_t n);

void pending_finish(struct pending_queue *queue);

#endif
