/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * IP addresses as text. Each session has some; IPv4's go without the detour through printf() that inet_ntop() takes.
 */
#ifndef SMTPSCOPE_REPORT_ADDRESS_H
#define SMTPSCOPE_REPORT_ADDRESS_H

#include "decode/stream.h"

enum { ADDRESS_TEXT_SIZE = 48 }; /* of the longest, with its NUL */

/* "192.0.2.1", "2001:db8::1". Returns where it ends, which is where the NUL is. */
char *address_print(const struct stream_endpoint *address, char ret_text[ADDRESS_TEXT_SIZE]);

#endif
