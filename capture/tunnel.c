/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Tunnels. One over UDP is a row of udp_tunnels[], what GRE carries and Ethernet types do not name a row of gre_payloads[].
 *
 * Which identifiers tell networks apart? Only one that both directions of a connection share may, or the connection would fall
 * into two halves. VXLAN, NVGRE and Geneve name a virtual network (RFC 7348, RFC 7637, RFC 8926), 802.1ah a service: the same in
 * both directions. GTP's tunnel endpoint, L2TP's and PPTP's session and an MPLS label are chosen by the receiver of each direction.
 * A GRE key may be set for each direction alone. ERSPAN's session is a mirror port's, and each direction may come through a mirror
 * port of its own. These do not count: two customers who use the same two addresses and the same two ports at the same time are
 * rarer than a connection in which each direction has its identifier.
 */
#include "capture/tunnel.h"

#include "capture/ip.h"

/* Notes a tunnel for those who read of it. */
static void note_tunnel(struct segment *segment, enum segment_tunnel_kind kind, uint32_t id) {
	if (segment->tunnel_count < SEGMENT_TUNNEL_MAX)
		segment->tunnel[segment->tunnel_count++] = (struct segment_tunnel){kind, id};
}

/* And one that is a network of its own. Inside of another one it is a part of that. */
static void note_network(struct segment *segment, enum segment_tunnel_kind kind, uint32_t id) {
	note_tunnel(segment, kind, id);
	segment->tunnel_id = segment->tunnel_id * 31 + ((uint32_t)kind << 24 ^ id) + 1;
}

/* ---- Beside Ethernet ---- */

/* What a label stack carries is not written anywhere (RFC 4928): the first half of a byte tells IP from the control word of a
 * pseudowire (RFC 4385) and from an associated channel; but a pseudowire without control word begins with a MAC address, which may
 * begin with any of them. An Ethernet frame that holds IP, with lengths that agree, is the surest to be seen and comes first. */
static enum link_result parse_below_labels(struct cursor *cursor, struct segment *segment) {
	if (!cursor_has(cursor, 1))
		return LINK_TRUNCATED_LINK_HEADER;
	unsigned half = cursor->at[0] >> 4;
	enum link_look without_word = link_look_at_ethernet(cursor, 0);
	enum link_look with_word = half == 0 ? link_look_at_ethernet(cursor, 4) : LINK_LOOK_NO;
	if (without_word == LINK_LOOK_YES)
		return link_parse_inner_ethernet(cursor, segment);
	if (with_word == LINK_LOOK_YES) {
		cursor_skip(cursor, 4);
		return link_parse_inner_ethernet(cursor, segment);
	}
	if (half == 4 || half == 6) /* or it says so, at least */
		return ip_parse_any(cursor, segment);
	if (without_word == LINK_LOOK_CUT || with_word == LINK_LOOK_CUT)
		return LINK_TRUNCATED_LINK_HEADER;
	return half == 1 ? LINK_NOT_IP : LINK_UNKNOWN_PAYLOAD;
}

/* RFC 3032: a label of 20 bits, three for the class, one at the bottom of the stack, time to live. */
enum link_result tunnel_parse_mpls(struct cursor *cursor, struct segment *segment) {
	enum { BOTTOM = 0x100 };
	for (;;) {
		if (!cursor_enter(cursor))
			return LINK_TOO_DEEP;
		if (!cursor_has(cursor, 4))
			return LINK_TRUNCATED_LINK_HEADER;
		uint32_t entry = cursor_get_u32(cursor->at);
		cursor_skip(cursor, 4);
		note_tunnel(segment, SEGMENT_TUNNEL_MPLS, entry >> 12);
		if (entry & BOTTOM)
			return parse_below_labels(cursor, segment);
	}
}

/* RFC 2516: version and type (1 and 1), code (0: session data), session, length; then PPP without address and control. */
enum link_result tunnel_parse_pppoe(struct cursor *cursor, struct segment *segment) {
	if (!cursor_has(cursor, 6))
		return LINK_TRUNCATED_LINK_HEADER;
	const uint8_t *header = cursor->at;
	if (header[0] != 0x11)
		return LINK_BAD_LINK_HEADER;
	if (header[1] != 0)
		return LINK_NOT_IP; /* discovery, where no Ethernet type has said so */
	size_t len = cursor_get_u16(header + 4);
	cursor_skip(cursor, 6);
	if (len < cursor->wire_left)
		cursor_limit(cursor, len);
	note_tunnel(segment, SEGMENT_TUNNEL_PPPOE, cursor_get_u16(header + 2));
	return link_parse_ppp(cursor, segment);
}

/* IEEE 802.1Q section 9.7, I-TAG: priorities and flags, service identifier of 24 bits, then the customer's frame. */
enum link_result tunnel_parse_pbb(struct cursor *cursor, struct segment *segment) {
	if (!cursor_has(cursor, 4))
		return LINK_TRUNCATED_LINK_HEADER;
	note_network(segment, SEGMENT_TUNNEL_PBB, cursor_get_u32(cursor->at) & 0xffffff);
	cursor_skip(cursor, 4);
	return link_parse_inner_ethernet(cursor, segment);
}

/* The protocol numbers that VXLAN-GPE and the network service header (RFC 8300 section 2.2) share. */
static enum link_result parse_next_protocol(uint8_t protocol, struct cursor *cursor, struct segment *segment) {
	switch (protocol) {
	case 1:
		return ip_parse_v4(cursor, segment);
	case 2:
		return ip_parse_v6(cursor, segment);
	case 3:
		return link_parse_inner_ethernet(cursor, segment);
	case 4:
		return tunnel_parse_nsh(cursor, segment);
	case 5:
		return tunnel_parse_mpls(cursor, segment);
	default:
		return LINK_UNKNOWN_PAYLOAD;
	}
}

/* RFC 8300: version, time to live and length in words, kind of metadata, next protocol; service path; metadata. */
enum link_result tunnel_parse_nsh(struct cursor *cursor, struct segment *segment) {
	if (!cursor_enter(cursor))
		return LINK_TOO_DEEP;
	if (!cursor_has(cursor, 8))
		return LINK_TRUNCATED_LINK_HEADER;
	const uint8_t *header = cursor->at;
	size_t len = (size_t)(header[1] & 0x3f) * 4;
	if (header[0] >> 6 != 0 || len < 8)
		return LINK_BAD_LINK_HEADER;
	if (!cursor_has(cursor, len))
		return LINK_TRUNCATED_LINK_HEADER;
	cursor_skip(cursor, len);
	note_tunnel(segment, SEGMENT_TUNNEL_NSH, cursor_get_u32(header + 4) >> 8);
	return parse_next_protocol(header[3], cursor, segment);
}

/* ---- Over IP ---- */

/* RFC 2003, RFC 2473, RFC 4213. Which version is inside says the packet itself. */
enum link_result tunnel_parse_ip(struct cursor *cursor, struct segment *segment) {
	note_tunnel(segment, SEGMENT_TUNNEL_IP, 0);
	return ip_parse_any(cursor, segment);
}

/* RFC 3378: version 3 in the first half byte, the rest reserved. */
enum link_result tunnel_parse_etherip(struct cursor *cursor, struct segment *segment) {
	if (!cursor_has(cursor, 2))
		return LINK_TRUNCATED_LINK_HEADER;
	if (cursor->at[0] >> 4 != 3)
		return LINK_BAD_LINK_HEADER;
	cursor_skip(cursor, 2);
	note_tunnel(segment, SEGMENT_TUNNEL_ETHERIP, 0);
	return link_parse_inner_ethernet(cursor, segment);
}

/* RFC 3931: behind the session a cookie of 0, 4 or 8 bytes, then 0 or 4 bytes of a sublayer. Only the control connection has said
 * how many, and what is carried. An Ethernet frame with IP in it and lengths that agree is sure enough; other contents are
 * left. */
static enum link_result parse_l2tpv3_session(struct cursor *cursor, struct segment *segment, uint32_t session) {
	bool cut = false;
	for (size_t at = 0; at <= 12; at += 4) {
		enum link_look look = link_look_at_ethernet(cursor, at);
		cut = cut || look == LINK_LOOK_CUT;
		if (look != LINK_LOOK_YES)
			continue;
		cursor_skip(cursor, at);
		note_tunnel(segment, SEGMENT_TUNNEL_L2TP, session);
		return link_parse_inner_ethernet(cursor, segment);
	}
	return cut ? LINK_TRUNCATED_LINK_HEADER : LINK_UNKNOWN_PAYLOAD;
}

enum link_result tunnel_parse_l2tpv3(struct cursor *cursor, struct segment *segment) {
	if (!cursor_has(cursor, 4))
		return LINK_TRUNCATED_LINK_HEADER;
	uint32_t session = cursor_get_u32(cursor->at);
	cursor_skip(cursor, 4);
	return session == 0 ? LINK_NOT_IP : parse_l2tpv3_session(cursor, segment, session); /* 0: control */
}

/* ---- GRE ---- */

/* RFC 2784, RFC 2890 and, for routing, RFC 1701. */
enum {
	GRE_CHECKSUM = 0x8000,
	GRE_ROUTING = 0x4000,
	GRE_KEY = 0x2000,
	GRE_SEQUENCE = 0x1000,
	GRE_ACKNOWLEDGEMENT = 0x0080, /* version 1 only */
	GRE_VERSION = 0x0007,
};

struct gre {
	uint16_t flags;
	uint16_t protocol;
	uint32_t key; /* 0 without one */
};

/* draft-foschiano-erspan: type I has neither sequence number nor header of its own; type II, after a sequence number, one of 8
 * bytes. Its VLAN is the mirror's view of one port and left out. */
static enum link_result parse_erspan(const struct gre *gre, struct cursor *cursor, struct segment *segment) {
	uint32_t session = 0;
	if (gre->flags & GRE_SEQUENCE) {
		if (!cursor_has(cursor, 8))
			return LINK_TRUNCATED_LINK_HEADER;
		if (cursor->at[0] >> 4 != 1)
			return LINK_BAD_LINK_HEADER;
		session = cursor_get_u16(cursor->at + 2) & 0x03ff;
		cursor_skip(cursor, 8);
	}
	note_tunnel(segment, SEGMENT_TUNNEL_ERSPAN, session);
	return link_parse_inner_ethernet(cursor, segment);
}

/* Type III: 12 bytes, and 8 more of the platform when the last bit is set. The frame's type is 0 for Ethernet, 2 for IP. */
static enum link_result parse_erspan3(const struct gre *gre, struct cursor *cursor, struct segment *segment) {
	(void)gre;
	if (!cursor_has(cursor, 12))
		return LINK_TRUNCATED_LINK_HEADER;
	const uint8_t *header = cursor->at;
	if (header[0] >> 4 != 2)
		return LINK_BAD_LINK_HEADER;
	size_t len = header[11] & 1 ? 20 : 12;
	if (!cursor_has(cursor, len))
		return LINK_TRUNCATED_LINK_HEADER;
	cursor_skip(cursor, len);
	note_tunnel(segment, SEGMENT_TUNNEL_ERSPAN, cursor_get_u16(header + 2) & 0x03ff);
	switch (header[10] >> 2 & 0x1f) {
	case 0:
		return link_parse_inner_ethernet(cursor, segment);
	case 2:
		return ip_parse_any(cursor, segment);
	default:
		return LINK_UNKNOWN_PAYLOAD;
	}
}

/* With a key and nothing else it is NVGRE (RFC 7637), whose key is a virtual subnet of 24 bits and 8 that differ by connection. */
static enum link_result parse_bridged(const struct gre *gre, struct cursor *cursor, struct segment *segment) {
	if ((gre->flags & ~GRE_VERSION) == GRE_KEY)
		note_network(segment, SEGMENT_TUNNEL_NVGRE, gre->key >> 8);
	else
		note_tunnel(segment, SEGMENT_TUNNEL_GRE, gre->key);
	return link_parse_inner_ethernet(cursor, segment);
}

static const struct gre_payload {
	uint16_t protocol;
	enum link_result (*parse)(const struct gre *gre, struct cursor *cursor, struct segment *segment);
} gre_payloads[] = {
	{0x6558, parse_bridged},
	{0x88be, parse_erspan},
	{0x22eb, parse_erspan3},
};

/* RFC 1701: route entries (address family, offset, length, route) until one of length 0. LINK_SEGMENT when they are passed. */
static enum link_result skip_routes(struct cursor *cursor) {
	for (;;) {
		if (!cursor_has(cursor, 4))
			return LINK_TRUNCATED_LINK_HEADER;
		size_t len = cursor->at[3];
		bool last = cursor_get_u16(cursor->at) == 0 && len == 0;
		if (!cursor_has(cursor, 4 + len))
			return LINK_TRUNCATED_LINK_HEADER;
		cursor_skip(cursor, 4 + len);
		if (last)
			return LINK_SEGMENT;
	}
}

/* RFC 2637: the key is a length and a call; only with a sequence number there is a payload, PPP. */
static enum link_result parse_pptp(const struct gre *gre, struct cursor *cursor, struct segment *segment) {
	if (gre->protocol != 0x880b || !(gre->flags & GRE_KEY))
		return LINK_BAD_LINK_HEADER;
	if (!(gre->flags & GRE_SEQUENCE))
		return LINK_NOT_IP;
	note_tunnel(segment, SEGMENT_TUNNEL_PPTP, gre->key & 0xffff);
	return link_parse_ppp(cursor, segment);
}

enum link_result tunnel_parse_gre(struct cursor *cursor, struct segment *segment) {
	if (!cursor_enter(cursor))
		return LINK_TOO_DEEP;
	if (!cursor_has(cursor, 4))
		return LINK_TRUNCATED_LINK_HEADER;
	struct gre gre = {.flags = cursor_get_u16(cursor->at), .protocol = cursor_get_u16(cursor->at + 2)};
	unsigned version = gre.flags & GRE_VERSION;
	if (version > 1)
		return LINK_BAD_LINK_HEADER;
	size_t key_at = version == 0 && gre.flags & (GRE_CHECKSUM | GRE_ROUTING) ? 8 : 4;
	size_t len = key_at + (gre.flags & GRE_KEY ? 4 : 0) + (gre.flags & GRE_SEQUENCE ? 4 : 0);
	if (version == 1 && gre.flags & GRE_ACKNOWLEDGEMENT)
		len += 4;
	if (!cursor_has(cursor, len))
		return LINK_TRUNCATED_LINK_HEADER;
	if (gre.flags & GRE_KEY)
		gre.key = cursor_get_u32(cursor->at + key_at);
	cursor_skip(cursor, len);
	if (version == 1)
		return parse_pptp(&gre, cursor, segment);
	if (gre.flags & GRE_ROUTING) {
		enum link_result result = skip_routes(cursor);
		if (result != LINK_SEGMENT)
			return result;
	}
	for (size_t i = 0; i < sizeof(gre_payloads) / sizeof(gre_payloads[0]); i++)
		if (gre_payloads[i].protocol == gre.protocol)
			return gre_payloads[i].parse(&gre, cursor, segment);
	note_tunnel(segment, SEGMENT_TUNNEL_GRE, gre.key);
	return gre.protocol == 0 ? LINK_NOT_IP : link_parse_ethertype(gre.protocol, cursor, segment); /* 0: keepalive */
}

/* ---- Over UDP ----
 *
 * A port is no proof. Each parser looks at the fields that must have a certain value, and says LINK_NOT_TCP, as for any datagram,
 * when one has not. The cursor is behind the UDP header and ends with the datagram. */

/* RFC 7348: flags of which one must be set (and the one of the group policy extension may), three bytes reserved or a group, the
 * network identifier, a byte reserved. */
static enum link_result parse_vxlan(struct cursor *cursor, struct segment *segment) {
	enum { HAS_ID = 0x08, HAS_GROUP = 0x80 };
	if (cursor->wire_left < 8 + 14 || (cursor_has(cursor, 1) && (cursor->at[0] & ~HAS_GROUP) != HAS_ID))
		return LINK_NOT_TCP;
	if (!cursor_has(cursor, 8))
		return LINK_TRUNCATED_LINK_HEADER;
	if (cursor->at[7] != 0)
		return LINK_NOT_TCP;
	note_network(segment, SEGMENT_TUNNEL_VXLAN, cursor_get_u32(cursor->at + 4) >> 8);
	cursor_skip(cursor, 8);
	return link_parse_inner_ethernet(cursor, segment);
}

/* draft-ietf-nvo3-vxlan-gpe: with the bit for it, the fourth byte says what is inside. */
static enum link_result parse_vxlan_gpe(struct cursor *cursor, struct segment *segment) {
	enum { RESERVED = 0xf0, HAS_ID = 0x08, HAS_PROTOCOL = 0x04, IS_CONTROL = 0x01 };
	if (cursor->wire_left < 8 || (cursor_has(cursor, 1) && (cursor->at[0] & (RESERVED | HAS_ID)) != HAS_ID))
		return LINK_NOT_TCP;
	if (!cursor_has(cursor, 8))
		return LINK_TRUNCATED_LINK_HEADER;
	const uint8_t *header = cursor->at;
	if (header[1] != 0 || header[2] != 0 || header[7] != 0)
		return LINK_NOT_TCP;
	if (header[0] & IS_CONTROL)
		return LINK_NOT_IP;
	note_network(segment, SEGMENT_TUNNEL_VXLAN, cursor_get_u32(header + 4) >> 8);
	cursor_skip(cursor, 8);
	return parse_next_protocol(header[0] & HAS_PROTOCOL ? header[3] : 3, cursor, segment);
}

/* RFC 8926: version 0 and the length of the options in words, two bits and six that are reserved, Ethernet type of what is inside,
 * network identifier, a byte reserved. */
static enum link_result parse_geneve(struct cursor *cursor, struct segment *segment) {
	enum { IS_CONTROL = 0x80, RESERVED = 0x3f };
	if (cursor->wire_left < 8 || (cursor_has(cursor, 1) && cursor->at[0] >> 6 != 0))
		return LINK_NOT_TCP;
	if (!cursor_has(cursor, 8))
		return LINK_TRUNCATED_LINK_HEADER;
	const uint8_t *header = cursor->at;
	size_t len = 8 + (size_t)(header[0] & 0x3f) * 4;
	if (header[1] & RESERVED || header[7] != 0 || len > cursor->wire_left)
		return LINK_NOT_TCP;
	if (!cursor_has(cursor, len))
		return LINK_TRUNCATED_LINK_HEADER;
	if (header[1] & IS_CONTROL)
		return LINK_NOT_IP;
	note_network(segment, SEGMENT_TUNNEL_GENEVE, cursor_get_u32(header + 4) >> 8);
	cursor_skip(cursor, len);
	return link_parse_ethertype(cursor_get_u16(header + 2), cursor, segment);
}

/* 3GPP TS 29.281 section 5.1: version 1 and the bit that tells it from its sibling for charging, type 255 for user data, the
 * length of what follows the first eight bytes, tunnel endpoint. With any of three flags four bytes more, the last of which is the
 * kind of the first extension header; one of them says its length in words first and the kind of the next one last. */
static enum link_result parse_gtp(struct cursor *cursor, struct segment *segment) {
	enum { HAS_MORE = 0x07, HAS_EXTENSION = 0x04, USER_DATA = 255 };
	if (cursor->wire_left < 8 || (cursor_has(cursor, 1) && cursor->at[0] >> 4 != 3))
		return LINK_NOT_TCP;
	if (!cursor_has(cursor, 8))
		return LINK_TRUNCATED_LINK_HEADER;
	const uint8_t *header = cursor->at;
	size_t len = cursor_get_u16(header + 2);
	if (header[0] & 0x08 || len + 8 > cursor->wire_left)
		return LINK_NOT_TCP;
	if (header[1] != USER_DATA)
		return LINK_NOT_IP;
	cursor_skip(cursor, 8);
	cursor_limit(cursor, len);
	if (header[0] & HAS_MORE) {
		if (!cursor_has(cursor, 4))
			return LINK_TRUNCATED_LINK_HEADER;
		uint8_t next = header[0] & HAS_EXTENSION ? cursor->at[3] : 0;
		cursor_skip(cursor, 4);
		while (next != 0) {
			if (!cursor_has(cursor, 1))
				return LINK_TRUNCATED_LINK_HEADER;
			size_t extension_len = (size_t)cursor->at[0] * 4;
			if (extension_len == 0 || extension_len > cursor->wire_left)
				return LINK_BAD_LINK_HEADER;
			if (!cursor_has(cursor, extension_len))
				return LINK_TRUNCATED_LINK_HEADER;
			next = cursor->at[extension_len - 1];
			cursor_skip(cursor, extension_len);
		}
	}
	note_tunnel(segment, SEGMENT_TUNNEL_GTP, cursor_get_u32(header + 4));
	enum link_result result = ip_parse_any(cursor, segment);
	return result == LINK_NOT_IP ? LINK_UNKNOWN_PAYLOAD : result; /* Ethernet sessions of 5G do not say so */
}

/* RFC 4380 section 5.1.1: perhaps authentication (of lengths that it tells), perhaps eight bytes of origin, then an IPv6 packet
 * that fills the datagram. */
static enum link_result parse_teredo(struct cursor *cursor, struct segment *segment) {
	size_t at = 0;
	if (cursor->wire_left < 40)
		return LINK_NOT_TCP;
	if (!cursor_has(cursor, 4))
		return LINK_TRUNCATED_LINK_HEADER;
	if (cursor_get_u16(cursor->at) == 1)
		at = 4 + (size_t)cursor->at[2] + cursor->at[3] + 9;
	if (cursor->wire_left < at + 40)
		return LINK_NOT_TCP;
	if (!cursor_has(cursor, at + 2))
		return LINK_TRUNCATED_LINK_HEADER;
	if (cursor_get_u16(cursor->at + at) == 0)
		at += 8;
	if (cursor->wire_left < at + 40 || (cursor_has(cursor, at + 1) && cursor->at[at] >> 4 != 6))
		return LINK_NOT_TCP;
	if (!cursor_has(cursor, at + 40))
		return LINK_TRUNCATED_IP_HEADER;
	if (40 + (size_t)cursor_get_u16(cursor->at + at + 4) != cursor->wire_left - at)
		return LINK_NOT_TCP;
	cursor_skip(cursor, at);
	note_tunnel(segment, SEGMENT_TUNNEL_TEREDO, 0);
	return ip_parse_v6(cursor, segment);
}

/* RFC 2661: flags with the version, perhaps length, tunnel, session, perhaps sequence numbers, perhaps an offset; then PPP.
 * RFC 3931 section 4.1.2 put version 3 on the same port: 32 bits with the version, then as over IP. */
static enum link_result parse_l2tp(struct cursor *cursor, struct segment *segment) {
	enum { CONTROL = 0x8000, LENGTH = 0x4000, SEQUENCE = 0x0800, OFFSET = 0x0200, RESERVED = 0x34f0, VERSION = 0x000f };
	if (cursor->wire_left < 8)
		return LINK_NOT_TCP;
	if (!cursor_has(cursor, 8))
		return LINK_TRUNCATED_LINK_HEADER;
	uint16_t flags = cursor_get_u16(cursor->at);
	unsigned version = flags & VERSION;
	if (flags & RESERVED || (version != 2 && version != 3))
		return LINK_NOT_TCP;
	if (flags & CONTROL)
		return LINK_NOT_IP;
	if (version == 3) {
		uint32_t session = cursor_get_u32(cursor->at + 4);
		cursor_skip(cursor, 8);
		return parse_l2tpv3_session(cursor, segment, session);
	}
	if (flags & LENGTH && cursor_get_u16(cursor->at + 2) != cursor->wire_left)
		return LINK_NOT_TCP;
	size_t session_at = flags & LENGTH ? 6 : 4;
	size_t len = session_at + 2 + (flags & SEQUENCE ? 4 : 0);
	size_t offset_at = len;
	len += flags & OFFSET ? 2 : 0;
	if (!cursor_has(cursor, len))
		return LINK_TRUNCATED_LINK_HEADER;
	if (flags & OFFSET)
		len += cursor_get_u16(cursor->at + offset_at);
	if (!cursor_has(cursor, len))
		return len > cursor->wire_left ? LINK_BAD_LINK_HEADER : LINK_TRUNCATED_LINK_HEADER;
	note_tunnel(segment, SEGMENT_TUNNEL_L2TP, cursor_get_u16(cursor->at + session_at));
	cursor_skip(cursor, len);
	return link_parse_ppp(cursor, segment);
}

/* RFC 8086 */
static enum link_result parse_gre_in_udp(struct cursor *cursor, struct segment *segment) {
	if (cursor->wire_left < 4 || (cursor_has(cursor, 2) && (cursor_get_u16(cursor->at) & 0x4fff) != 0))
		return LINK_NOT_TCP;
	return tunnel_parse_gre(cursor, segment);
}

/* RFC 7510. A label stack has nothing that must be so, but what it carries may be looked at. */
static enum link_result parse_mpls_in_udp(struct cursor *cursor, struct segment *segment) {
	enum { BOTTOM = 0x100, LABELS_MAX = 8 };
	for (size_t at = 0; at < 4 * LABELS_MAX && cursor->wire_left >= at + 4; at += 4) {
		if (!cursor_has(cursor, at + 4))
			return LINK_TRUNCATED_LINK_HEADER;
		if (cursor_get_u32(cursor->at + at) & BOTTOM)
			return link_look_at_ip(cursor, at + 4) != LINK_LOOK_NO ? tunnel_parse_mpls(cursor, segment) : LINK_NOT_TCP;
	}
	return LINK_NOT_TCP;
}

/* RFC 3948: a security association, or, where that would be, zeros before the protocol that makes one. */
static enum link_result parse_esp_in_udp(struct cursor *cursor, struct segment *segment) {
	(void)segment;
	return cursor_has(cursor, 4) && cursor_get_u32(cursor->at) != 0 ? LINK_ESP : LINK_NOT_TCP;
}

/* either_port: answers come from the port; otherwise both directions go to it, and the source port only spreads load. */
static const struct udp_tunnel {
	uint16_t port;
	bool either_port;
	enum link_result (*parse)(struct cursor *cursor, struct segment *segment);
} udp_tunnels[] = {
	{4789, false, parse_vxlan},
	{8472, false, parse_vxlan}, /* Linux before there was a port */
	{4790, false, parse_vxlan_gpe},
	{6081, false, parse_geneve},
	{2152, true, parse_gtp},
	{3544, true, parse_teredo},
	{1701, true, parse_l2tp},
	{4754, false, parse_gre_in_udp},
	{6635, false, parse_mpls_in_udp},
	{4500, true, parse_esp_in_udp},
};

static const struct udp_tunnel *find_udp_tunnel(uint16_t source_port, uint16_t destination_port) {
	for (size_t i = 0; i < sizeof(udp_tunnels) / sizeof(udp_tunnels[0]); i++)
		if (udp_tunnels[i].port == destination_port || (udp_tunnels[i].either_port && udp_tunnels[i].port == source_port))
			return &udp_tunnels[i];
	return NULL;
}

bool tunnel_may_be_udp(const uint8_t *header, size_t len) {
	return len < 4 || find_udp_tunnel(cursor_get_u16(header), cursor_get_u16(header + 2)) != NULL;
}

enum link_result tunnel_parse_udp(struct cursor *cursor, struct segment *segment) {
	enum { HEADER_LEN = 8 };
	const uint8_t *header = cursor->at;
	if (!tunnel_may_be_udp(header, cursor->left) || cursor->wire_left < HEADER_LEN)
		return LINK_NOT_TCP;
	if (!cursor_has(cursor, HEADER_LEN))
		return LINK_TRUNCATED_LINK_HEADER;
	const struct udp_tunnel *tunnel = find_udp_tunnel(cursor_get_u16(header), cursor_get_u16(header + 2));
	if (!cursor_enter(cursor))
		return LINK_TOO_DEEP;
	size_t len = cursor_get_u16(header + 4);
	cursor_skip(cursor, HEADER_LEN);
	/* 0: too long for the field, still to be segmented. */
	if (len >= HEADER_LEN && len - HEADER_LEN < cursor->wire_left)
		cursor_limit(cursor, len - HEADER_LEN);
	return tunnel->parse(cursor, segment);
}

const char *tunnel_name(enum segment_tunnel_kind kind) {
	static const char *const names[SEGMENT_TUNNEL_COUNT] = {
		[SEGMENT_TUNNEL_MPLS] = "mpls",
		[SEGMENT_TUNNEL_PPPOE] = "pppoe",
		[SEGMENT_TUNNEL_PBB] = "pbb",
		[SEGMENT_TUNNEL_IP] = "ip",
		[SEGMENT_TUNNEL_GRE] = "gre",
		[SEGMENT_TUNNEL_NVGRE] = "nvgre",
		[SEGMENT_TUNNEL_PPTP] = "pptp",
		[SEGMENT_TUNNEL_ERSPAN] = "erspan",
		[SEGMENT_TUNNEL_ETHERIP] = "etherip",
		[SEGMENT_TUNNEL_L2TP] = "l2tp",
		[SEGMENT_TUNNEL_VXLAN] = "vxlan",
		[SEGMENT_TUNNEL_GENEVE] = "geneve",
		[SEGMENT_TUNNEL_TEREDO] = "teredo",
		[SEGMENT_TUNNEL_GTP] = "gtp",
		[SEGMENT_TUNNEL_NSH] = "nsh",
	};
	return names[kind];
}
