/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The arguments of MAIL and RCPT (RFC 5321, 4.1.1.2 and 4.1.1.3).
 */
#ifndef SMTPSCOPE_DECODE_PATH_H
#define SMTPSCOPE_DECODE_PATH_H

#include "decode/event.h"

enum { PATH_PARAMETERS_MAX = 16 };

struct path {
	struct slice mailbox; /* without < > and source route; empty for <> */
	bool valid;           /* false: not of the grammar, mailbox is the best guess */
	struct event_parameter parameters[PATH_PARAMETERS_MAX];
	size_t parameter_count;
	size_t parameters_over_limit;
};

/* Parses what follows MAIL or RCPT; keyword is "FROM:" or "TO:". All slices borrow from argument. Never fails. */
void path_parse(struct slice argument, const char *keyword, struct path *ret_path);

#endif
