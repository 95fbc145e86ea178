/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Mail transactions (RFC 5321, 3.3): what came of each MAIL FROM.
 */
#ifndef SMTPSCOPE_DECODE_TRANSACTION_H
#define SMTPSCOPE_DECODE_TRANSACTION_H

#include "decode/event.h"

enum { TRANSACTION_OPEN_MAX = 8 }; /* in flight at once, which takes a client that pipelines whole mails */

struct transaction {
	uint32_t number; /* from 1; 0: this slot is free */
	uint32_t recipients, accepted, refused;
	bool data_refused;
	bool taken;          /* the server took its MAIL, a recipient of it or its DATA: until it ends no other one begins */
	bool body_sent;      /* its end too, so that only a reply is missing */
	bool lmtp_accepted;  /* LMTP: one recipient's body reply was positive */
	bool blind;          /* a gap may hide commands of it */
	bool replies_lost;   /* some, and no later one says what they were */
};

struct transactions { /* zero-filled at start */
	struct transaction open[TRANSACTION_OPEN_MAX];
	uint32_t last;    /* number given last */
	uint32_t current; /* the one that RCPT, DATA and BDAT belong to now; 0: none */
};

/* Starts the next one. When all slots are taken *ret_forced is set to the one that had to give way, else it is untouched. */
struct transaction *transaction_begin(struct transactions *all, struct transaction *ret_forced);

/* The open one of that number, or NULL. */
struct transaction *transaction_find(struct transactions *all, uint32_t number);

/* What became of one that ends without a reply to its body. certain: the client's end of it was seen. */
enum event_mail_result transaction_result(const struct transaction *transaction, bool certain);

/* Frees the slot. */
void transaction_end(struct transactions *all, struct transaction *transaction);

#endif
