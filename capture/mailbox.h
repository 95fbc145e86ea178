/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Mailbox connections (POP3 and IMAP), counted by client: whether receiving works while sending fails. Nothing is decoded.
 */
#ifndef SMTPSCOPE_CAPTURE_MAILBOX_H
#define SMTPSCOPE_CAPTURE_MAILBOX_H

#include "decode/stream.h"

enum mailbox_kind { MAILBOX_NONE, MAILBOX_POP3, MAILBOX_IMAP };

/* By server port: 110 and 995, 143 and 993. */
enum mailbox_kind mailbox_kind_of_port(uint16_t port);

struct mailboxes;

/* NULL when there is no memory. */
struct mailboxes *mailboxes_create(void);
void mailboxes_destroy(struct mailboxes *mailboxes); /* accepts NULL */

/* A connection of the client that carried data both ways has ended. */
void mailboxes_note(struct mailboxes *mailboxes, const uint8_t client[16], enum mailbox_kind kind, int64_t end_ns);

/* Those of the client that ended in the ten minutes before a time; at most 16 of a kind. */
void mailboxes_count(
	const struct mailboxes *mailboxes, const uint8_t client[16], int64_t before_ns, struct stream_mailbox *ret_counts);

#endif
