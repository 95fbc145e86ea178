/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The header of the PROXY protocol, which load balancers put before everything else that the client sends: where the connection
 * really comes from. Versions 1 and 2, https://www.haproxy.org/download/2.9/doc/proxy-protocol.txt
 */
#ifndef SMTPSCOPE_DECODE_PROXY_H
#define SMTPSCOPE_DECODE_PROXY_H

#include "decode/event.h"

enum {
	PROXY_V1_MAX = 107, /* bytes of a header of version 1, CRLF included (section 2.1) */
	PROXY_V2_FIXED = 16,
	PROXY_KEPT = 128,   /* enough for the addresses of either version */
};

struct proxy_reader { /* zero-filled at start */
	uint8_t kept[PROXY_KEPT]; /* the first bytes */
	size_t len;               /* of all bytes so far, kept or not */
};

enum proxy_result {
	PROXY_MORE, /* all bytes were taken; it may become a header */
	PROXY_YES,  /* the header is complete */
	PROXY_NO,   /* it is none; what was taken before is in reader->kept, reader->len bytes */
};

/* Feeds the first bytes that the client sends, however they are cut. PROXY_YES: *ret_used of these bytes belong to the header, and
 * *ret_proxy says what it tells. PROXY_NO: none of these bytes were taken. */
enum proxy_result proxy_feed(
	struct proxy_reader *reader, const uint8_t *data, size_t len, size_t *ret_used, struct event_proxy *ret_proxy);

#endif
