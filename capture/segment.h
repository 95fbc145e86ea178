/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What is left of a frame once its headers are read and checked: one TCP segment, or an ICMP error that speaks of one.
 * link.h fills it, the flow table reads it.
 */
#ifndef SMTPSCOPE_CAPTURE_SEGMENT_H
#define SMTPSCOPE_CAPTURE_SEGMENT_H

#include "decode/stream.h"

#include <stddef.h>
#include <stdint.h>

enum segment_kind {
	SEGMENT_TCP,
	SEGMENT_ICMP_ERROR,
};

/* Bits of segment.flags, as in the TCP header (RFC 9293 section 3.1). */
enum {
	SEGMENT_FIN = 0x01,
	SEGMENT_SYN = 0x02,
	SEGMENT_RST = 0x04,
	SEGMENT_PSH = 0x08,
	SEGMENT_ACK = 0x10,
	SEGMENT_URG = 0x20,
	SEGMENT_ECE = 0x40,
	SEGMENT_CWR = 0x80,
};

struct segment {
	enum segment_kind kind;

	/* Of the TCP segment. For an ICMP error, of the TCP segment it quotes: `source` is the side whose segment did not
	 * get through, so that one lookup serves both kinds. Address bytes an IPv4 address does not use are zero. */
	struct stream_endpoint source, destination;
	uint16_t vlan[STREAM_VLAN_MAX]; /* VLAN identifiers, outermost first; priority tags (identifier 0) are not counted */
	size_t vlan_count;
	uint32_t seq;

	/* SEGMENT_TCP only: zero or NULL otherwise */
	uint32_t ack; /* as in the header, so meaningless without SEGMENT_ACK */
	uint8_t flags;
	uint16_t window;             /* as in the header, not scaled */
	const uint8_t *payload;      /* borrowed from the frame; never NULL */
	size_t payload_captured_len; /* bytes there are at payload */
	size_t payload_len; /* bytes the sender sent, by the IP header; more than captured when a snap length cut them off */

	/* SEGMENT_ICMP_ERROR only: NULL otherwise */
	const char *icmp; /* what the error says, e.g. "admin-prohibited"; a constant */

	/* Of the frame; the one field the caller of link_parse() sets. */
	struct stream_moment at;
};

#endif
