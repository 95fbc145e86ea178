/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * IP addresses and port numbers in words, as proxies and gateways tell them.
 */
#ifndef SMTPSCOPE_DECODE_ADDRESS_H
#define SMTPSCOPE_DECODE_ADDRESS_H

#include "decode/event.h"

/* A decimal number of at most `digits` digits, without a leading zero, and at most max. */
bool address_read_number(struct slice text, size_t digits, unsigned max, unsigned *ret_number);

bool address_read_ipv4(struct slice text, uint8_t ret_address[4]);

bool address_read_ipv6(struct slice text, uint8_t ret_address[16]);

#endif
