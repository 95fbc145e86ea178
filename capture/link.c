/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Link layers and VLAN tags. A link type is a row of link_types[], something an Ethernet type stands for a row of
 * ethertypes[].
 */
#include "capture/link.h"

#include "capture/cursor.h"
#include "capture/ip.h"

struct ethertype {
	uint16_t value;
	enum link_result (*parse)(struct cursor *cursor, struct segment *segment);
};

struct link_type {
	int value;
	enum link_result (*parse)(struct cursor *cursor, struct segment *segment);
};

/* IEEE 802.1Q section 9: the tag control information, then the Ethernet type of what is tagged. A tag with identifier 0
 * carries a priority and no VLAN. It is left out: one direction of a connection may have it and the other no tag at all. */
static enum link_result parse_vlan(struct cursor *cursor, struct segment *segment) {
	if (!cursor_has(cursor, 4))
		return LINK_TRUNCATED_LINK_HEADER;
	uint16_t id = cursor_get_u16(cursor->at) & 0x0fff;
	uint16_t ethertype = cursor_get_u16(cursor->at + 2);
	cursor_skip(cursor, 4);
	if (id != 0 && segment->vlan_count < STREAM_VLAN_MAX)
		segment->vlan[segment->vlan_count++] = id;
	return link_parse_ethertype(ethertype, cursor, segment);
}

/* Looked through from the top: the frequent ones come first. */
static const struct ethertype ethertypes[] = {
	{0x0800, ip_parse_v4}, /* IPv4 */
	{0x86dd, ip_parse_v6}, /* IPv6 */
	{0x8100, parse_vlan},  /* 802.1Q */
	{0x88a8, parse_vlan},  /* 802.1ad, the outer tag of QinQ */
	{0x9100, parse_vlan},  /* QinQ before it had a standard */
};

enum link_result link_parse_ethertype(uint16_t ethertype, struct cursor *cursor, struct segment *segment) {
	if (!cursor_enter(cursor))
		return LINK_TOO_DEEP;
	for (size_t i = 0; i < sizeof(ethertypes) / sizeof(ethertypes[0]); i++)
		if (ethertypes[i].value == ethertype)
			return ethertypes[i].parse(cursor, segment);
	return LINK_NOT_IP;
}

/* For link layers that are `header_len` bytes with an Ethernet type at `ethertype_offset`. */
static enum link_result parse_fixed(
	struct cursor *cursor, struct segment *segment, size_t header_len, size_t ethertype_offset) {
	if (!cursor_has(cursor, header_len))
		return LINK_TRUNCATED_LINK_HEADER;
	uint16_t ethertype = cursor_get_u16(cursor->at + ethertype_offset);
	cursor_skip(cursor, header_len);
	return link_parse_ethertype(ethertype, cursor, segment);
}

/* Two addresses, type. A value below 0x600 is an 802.3 length and matches no row. */
static enum link_result parse_ethernet(struct cursor *cursor, struct segment *segment) {
	return parse_fixed(cursor, segment, 14, 12);
}

/* Linux "any" device: packet type, ARPHRD_ type, address length, address, protocol (LINKTYPE_LINUX_SLL). The protocol of
 * hardware that has no Ethernet types (netlink, radiotap) is 0 or a family number, which match no row. */
static enum link_result parse_linux_cooked(struct cursor *cursor, struct segment *segment) {
	return parse_fixed(cursor, segment, 16, 14);
}

/* Its second version: protocol, reserved, interface index, ARPHRD_ type, packet type, address length, address. */
static enum link_result parse_linux_cooked_v2(struct cursor *cursor, struct segment *segment) {
	return parse_fixed(cursor, segment, 20, 0);
}

static enum link_result parse_address_family(uint32_t family, struct cursor *cursor, struct segment *segment) {
	switch (family) {
	case 2: /* AF_INET everywhere */
		return ip_parse_v4(cursor, segment);
	case 10: /* AF_INET6 of Linux, */
	case 24: /* of NetBSD and OpenBSD, */
	case 28: /* of FreeBSD, */
	case 30: /* of macOS */
		return ip_parse_v6(cursor, segment);
	default:
		return LINK_NOT_IP;
	}
}

/* BSD loopback: an address family in the byte order of the machine that captured, which need not be the file's: the byte
 * order in which the number is small is the right one. */
static enum link_result parse_null(struct cursor *cursor, struct segment *segment) {
	if (!cursor_has(cursor, 4))
		return LINK_TRUNCATED_LINK_HEADER;
	uint32_t family = cursor_get_u32(cursor->at);
	if (family > 0xffff)
		family = family >> 24 | (family >> 8 & 0xff00) | (family << 8 & 0xff0000) | family << 24;
	cursor_skip(cursor, 4);
	return parse_address_family(family, cursor, segment);
}

/* OpenBSD loopback: the same in network byte order. */
static enum link_result parse_loop(struct cursor *cursor, struct segment *segment) {
	if (!cursor_has(cursor, 4))
		return LINK_TRUNCATED_LINK_HEADER;
	uint32_t family = cursor_get_u32(cursor->at);
	cursor_skip(cursor, 4);
	return parse_address_family(family, cursor, segment);
}

/* Values of pcap_datalink(). They are written as numbers so that parsing needs no libpcap. */
static const struct link_type link_types[] = {
	{1, parse_ethernet},          /* LINKTYPE_ETHERNET */
	{113, parse_linux_cooked},    /* LINKTYPE_LINUX_SLL */
	{276, parse_linux_cooked_v2}, /* LINKTYPE_LINUX_SLL2 */
	{0, parse_null},              /* LINKTYPE_NULL */
	{108, parse_loop},            /* LINKTYPE_LOOP */
	{12, ip_parse_any},           /* DLT_RAW is 12 on most systems, */
	{14, ip_parse_any},           /* 14 on OpenBSD, */
	{101, ip_parse_any},          /* and 101 in files */
	{228, ip_parse_v4},           /* LINKTYPE_IPV4 */
	{229, ip_parse_v6},           /* LINKTYPE_IPV6 */
};

static const struct link_type *find_link_type(int value) {
	for (size_t i = 0; i < sizeof(link_types) / sizeof(link_types[0]); i++)
		if (link_types[i].value == value)
			return &link_types[i];
	return NULL;
}

bool link_type_is_known(int link_type) {
	return find_link_type(link_type) != NULL;
}

enum link_result link_parse(
	int link_type, const uint8_t *frame, size_t captured_len, size_t wire_len, struct segment *ret_segment) {
	const struct link_type *type = find_link_type(link_type);
	if (!type)
		return LINK_UNKNOWN_LINK_TYPE;
	struct cursor cursor = {
		.at = frame,
		.left = captured_len,
		.wire_left = wire_len > captured_len ? wire_len : captured_len,
	};
	ret_segment->vlan_count = 0;
	return type->parse(&cursor, ret_segment);
}

const char *link_result_name(enum link_result result) {
	static const char *const names[LINK_RESULT_COUNT] = {
		[LINK_SEGMENT] = "segment",
		[LINK_UNKNOWN_LINK_TYPE] = "unknown link type",
		[LINK_TRUNCATED_LINK_HEADER] = "truncated link header",
		[LINK_TOO_DEEP] = "too many nested headers",
		[LINK_NOT_IP] = "not IP",
		[LINK_TRUNCATED_IP_HEADER] = "truncated IP header",
		[LINK_BAD_IP_HEADER] = "bad IP header",
		[LINK_IP_FRAGMENT] = "IP fragment",
		[LINK_NOT_TCP] = "not TCP",
		[LINK_TRUNCATED_TCP_HEADER] = "truncated TCP header",
		[LINK_BAD_TCP_HEADER] = "bad TCP header",
		[LINK_BAD_ICMP] = "bad ICMP error",
	};
	return names[result];
}
