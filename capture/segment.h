/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What is left of a frame once its headers are read and checked: one TCP segment, or an ICMP error that speaks of one; or
 * the piece of an IP packet that may become one. link.h fills it, fragment.h takes the pieces, the flow table reads the rest.
 */
#ifndef SMTPSCOPE_CAPTURE_SEGMENT_H
#define SMTPSCOPE_CAPTURE_SEGMENT_H

#include "decode/stream.h"

#include <stdbool.h>
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

/* What the packet came through, besides VLANs. tunnel.h has the names. */
enum segment_tunnel_kind {
	SEGMENT_TUNNEL_NONE,
	SEGMENT_TUNNEL_MPLS,
	SEGMENT_TUNNEL_PPPOE,
	SEGMENT_TUNNEL_PBB, /* 802.1ah */
	SEGMENT_TUNNEL_IP,  /* IP in IP, whichever versions */
	SEGMENT_TUNNEL_GRE,
	SEGMENT_TUNNEL_NVGRE,
	SEGMENT_TUNNEL_PPTP,
	SEGMENT_TUNNEL_ERSPAN,
	SEGMENT_TUNNEL_ETHERIP,
	SEGMENT_TUNNEL_L2TP,
	SEGMENT_TUNNEL_VXLAN,
	SEGMENT_TUNNEL_GENEVE,
	SEGMENT_TUNNEL_TEREDO,
	SEGMENT_TUNNEL_GTP,
	SEGMENT_TUNNEL_NSH,
	SEGMENT_TUNNEL_COUNT
};

enum { SEGMENT_TUNNEL_MAX = 4 };

struct segment_tunnel {
	enum segment_tunnel_kind kind;
	uint32_t id; /* label, session, key, network identifier: whatever the kind has, 0 when it has none */
};

/* A piece of an IP packet. Its addresses are in the segment. */
struct segment_fragment {
	const uint8_t *data; /* borrowed from the frame; NULL: there is none */
	size_t captured_len; /* bytes there are at data */
	size_t len;          /* bytes there were; more than captured when a snap length cut them off */
	size_t offset;       /* of the first byte in the packet's payload */
	uint32_t id;
	uint8_t protocol; /* IP protocol number of what is in pieces; of IPv6 only that of the first piece counts */
	bool more;        /* not the last piece */
	bool unwanted;    /* a first piece that shows that there is no segment in the packet */
	unsigned depth;   /* of the cursor, for the nesting limit */
};

struct segment {
	enum segment_kind kind;

	/* Of the TCP segment. For an ICMP error, of the TCP segment it quotes: `source` is the side whose segment did not
	 * get through, so that one lookup serves both kinds. Address bytes an IPv4 address does not use are zero. */
	struct stream_endpoint source, destination;
	uint16_t vlan[STREAM_VLAN_MAX]; /* VLAN identifiers, outermost first; priority tags (identifier 0) are not counted */
	size_t vlan_count;
	struct segment_tunnel tunnel[SEGMENT_TUNNEL_MAX]; /* outermost first; more are not told */
	size_t tunnel_count;
	/* Tells networks apart in which the same addresses mean different hosts: of those tunnels' identifiers that are the
	 * same in both directions (see tunnel.c). 0: no such tunnel. */
	uint32_t tunnel_id;
	uint32_t seq;

	/* SEGMENT_TCP only: zero or NULL otherwise */
	uint32_t ack; /* as in the header, so meaningless without SEGMENT_ACK */
	uint8_t flags;
	uint16_t window;             /* as in the header, not scaled */
	const uint8_t *payload;      /* borrowed from the frame; never NULL */
	size_t payload_captured_len; /* bytes there are at payload */
	size_t payload_len; /* bytes the sender sent, by the IP header; more than captured when a snap length cut them off */
	uint16_t ip_id;     /* IPv4's identification; 0 for IPv6, and for senders that do without */
	uint16_t checksum;  /* TCP's, as in the header */
	uint32_t timestamp; /* TCP's time stamp where it is the first option; else 0 */
	bool overlapping_fragments; /* it came in IP fragments that disagree about some byte: the first one seen is here */

	/* SEGMENT_ICMP_ERROR only: NULL otherwise */
	const char *icmp; /* what the error says, e.g. "admin-prohibited"; a constant */

	/* With LINK_IP_FRAGMENT only. */
	struct segment_fragment fragment;

	/* Of the frame; the one field the caller of link_parse() sets. */
	struct stream_moment at;
};

#endif
