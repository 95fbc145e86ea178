/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Addresses and dates in headers of messages (RFC 5322, 3.3 and 3.4), read generously: what people write, not what they should.
 */
#ifndef SMTPSCOPE_REPORT_FIELDS_ADDRESS_LIST_H
#define SMTPSCOPE_REPORT_FIELDS_ADDRESS_LIST_H

#include "decode/event.h"

/* Takes the next mailbox off a list: ret_address is what stands between < and >, or the mailbox itself. ret_mailbox, which may be NULL,
 * is all of it. Both borrow from the list. Returns false at its end. Only what has an @ is an address: other items are passed over. */
bool address_list_next(struct slice *rest, struct slice *ret_address, struct slice *ret_mailbox);

/* "Tue, 1 Sep 2026 08:15:39 +0000" in nanoseconds since 1970. Returns false when it is no such date. */
bool address_list_date(struct slice text, int64_t *ret_time_ns);

#endif
