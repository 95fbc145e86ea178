/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "decode/transaction.h"

struct transaction *transaction_begin(struct transactions *all, struct transaction *ret_forced) {
	all->last++;
	all->current = all->last;
	struct transaction *slot = &all->open[all->last % TRANSACTION_OPEN_MAX];
	if (slot->number != 0)
		*ret_forced = *slot;
	*slot = (struct transaction){.number = all->last};
	return slot;
}

struct transaction *transaction_find(struct transactions *all, uint32_t number) {
	struct transaction *slot = &all->open[number % TRANSACTION_OPEN_MAX];
	return number != 0 && slot->number == number ? slot : NULL;
}

enum event_mail_result transaction_result(const struct transaction *transaction, bool certain) {
	if (transaction->lmtp_accepted)
		return EVENT_MAIL_ACCEPTED;
	if (transaction->blind || transaction->replies_lost || transaction->body_sent || !certain)
		return EVENT_MAIL_UNKNOWN;
	if (transaction->data_refused || (transaction->recipients > 0 && transaction->refused == transaction->recipients))
		return EVENT_MAIL_REJECTED;
	return EVENT_MAIL_ABORTED;
}

void transaction_end(struct transactions *all, struct transaction *transaction) {
	if (all->current == transaction->number)
		all->current = 0;
	transaction->number = 0;
}
