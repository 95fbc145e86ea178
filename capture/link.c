/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Link layers and VLAN tags. A link type is a row of link_types[], something an Ethernet type stands for a row of
 * ethertypes[]. Numbers are from the registries "IEEE 802 Numbers" and "PPP DLL Protocol Numbers" of IANA and from tcpdump.org's
 * list of link-layer header types, which describes the headers too.
 */
#include "capture/link.h"

#include "capture/cursor.h"
#include "capture/ip.h"
#include "capture/tunnel.h"

struct ethertype {
	uint16_t value;
	enum link_result (*parse)(struct cursor *cursor, struct segment *segment);
};

struct link_type {
	int value;
	enum link_result (*parse)(struct cursor *cursor, struct segment *segment);
};

enum {
	ETHERTYPE_IPV4 = 0x0800,
	ETHERTYPE_IPV6 = 0x86dd,
	ETHERTYPE_MIN = 0x0600, /* below it is an 802.3 length */
};

/* ---- Ethernet types ---- */

/* For headers that are `len` bytes with an Ethernet type at `ethertype_offset`. */
static enum link_result parse_fixed(
	struct cursor *cursor, struct segment *segment, size_t len, size_t ethertype_offset) {
	if (!cursor_has(cursor, len))
		return LINK_TRUNCATED_LINK_HEADER;
	uint16_t ethertype = cursor_get_u16(cursor->at + ethertype_offset);
	cursor_skip(cursor, len);
	return link_parse_ethertype(ethertype, cursor, segment);
}

/* IEEE 802.1Q section 9: the tag control information, then the Ethernet type of what is tagged. A tag with identifier 0
 * carries a priority and no VLAN. It is left out: one direction of a connection may have it and the other no tag at all. */
static enum link_result parse_vlan(struct cursor *cursor, struct segment *segment) {
	if (!cursor_has(cursor, 4))
		return LINK_TRUNCATED_LINK_HEADER;
	uint16_t id = cursor_get_u16(cursor->at) & 0x0fff;
	if (id != 0 && segment->vlan_count < STREAM_VLAN_MAX)
		segment->vlan[segment->vlan_count++] = id;
	return parse_fixed(cursor, segment, 4, 2);
}

/* IEEE 802.1BR E-TAG: ports of an extended bridge, which differ by direction. */
static enum link_result parse_etag(struct cursor *cursor, struct segment *segment) {
	return parse_fixed(cursor, segment, 8, 6);
}

/* VN-Tag, the same before it had a standard, and shorter. */
static enum link_result parse_vntag(struct cursor *cursor, struct segment *segment) {
	return parse_fixed(cursor, segment, 6, 4);
}

/* IEEE 802.1AE section 9: TCI and AN, short length, packet number of 4 bytes, perhaps a secure channel identifier of 8. The
 * payload is readable where it is only authenticated; the check value at its end is taken for padding. */
static enum link_result parse_macsec(struct cursor *cursor, struct segment *segment) {
	enum { CHANGED = 0x04, ENCRYPTED = 0x08, HAS_CHANNEL = 0x20 };
	if (!cursor_has(cursor, 6))
		return LINK_TRUNCATED_LINK_HEADER;
	uint8_t control = cursor->at[0];
	if (control & (CHANGED | ENCRYPTED))
		return LINK_ENCRYPTED;
	size_t len = control & HAS_CHANNEL ? 14 : 6;
	return parse_fixed(cursor, segment, len + 2, len);
}

static enum link_result parse_not_ip(struct cursor *cursor, struct segment *segment) {
	(void)cursor;
	(void)segment;
	return LINK_NOT_IP;
}

/* Looked through from the top: the frequent ones come first. What carries no IP stands here to be told from what is not known. */
static const struct ethertype ethertypes[] = {
	{ETHERTYPE_IPV4, ip_parse_v4},
	{ETHERTYPE_IPV6, ip_parse_v6},
	{0x8100, parse_vlan},                /* 802.1Q */
	{0x88a8, parse_vlan},                /* 802.1ad, the outer tag of QinQ */
	{0x9100, parse_vlan},                /* QinQ before it had a standard */
	{0x9200, parse_vlan},                /* and another */
	{0x8847, tunnel_parse_mpls},         /* MPLS, RFC 5332 */
	{0x8848, tunnel_parse_mpls},         /* with labels assigned upstream */
	{0x8864, tunnel_parse_pppoe},        /* PPPoE session */
	{0x6558, link_parse_inner_ethernet}, /* transparent Ethernet bridging */
	{0x880b, link_parse_ppp},
	{0x88e7, tunnel_parse_pbb}, /* 802.1ah */
	{0x894f, tunnel_parse_nsh},
	{0x893f, parse_etag},
	{0x8926, parse_vntag},
	{0x88e5, parse_macsec},
	{0x0806, parse_not_ip}, /* ARP */
	{0x8035, parse_not_ip}, /* RARP */
	{0x88cc, parse_not_ip}, /* LLDP */
	{0x8863, parse_not_ip}, /* PPPoE discovery */
	{0x888e, parse_not_ip}, /* 802.1X */
	{0x8809, parse_not_ip}, /* slow protocols: LACP */
	{0x8808, parse_not_ip}, /* flow control */
	{0x88f7, parse_not_ip}, /* PTP */
	{0x8902, parse_not_ip}, /* connectivity fault management */
	{0x8137, parse_not_ip}, /* IPX */
	{0x809b, parse_not_ip}, /* AppleTalk */
	{0x9000, parse_not_ip}, /* loopback test */
	{0x88f5, parse_not_ip}, /* MVRP */
	{0x00fe, parse_not_ip}, /* ISO protocols in GRE: IS-IS */
};

enum link_result link_parse_ethertype(uint16_t ethertype, struct cursor *cursor, struct segment *segment) {
	if (!cursor_enter(cursor))
		return LINK_TOO_DEEP;
	for (size_t i = 0; i < sizeof(ethertypes) / sizeof(ethertypes[0]); i++)
		if (ethertypes[i].value == ethertype)
			return ethertypes[i].parse(cursor, segment);
	return LINK_UNKNOWN_ETHERTYPE;
}

/* ---- Ethernet and 802.2 ---- */

/* The organisation, then its number of what follows. */
static enum link_result parse_snap(struct cursor *cursor, struct segment *segment) {
	if (!cursor_has(cursor, 5))
		return LINK_TRUNCATED_LINK_HEADER;
	uint32_t organisation = cursor_get_u32(cursor->at) >> 8;
	uint16_t number = cursor_get_u16(cursor->at + 3);
	cursor_skip(cursor, 5);
	switch (organisation) {
	case 0x000000: /* RFC 1042: Ethernet types */
	case 0x0000f8: /* 802.1H: the same for a bridge that must keep the form */
		return link_parse_ethertype(number, cursor, segment);
	case 0x0080c2: /* RFC 2427: bridged; 7 is Ethernet without, 1 with the checksum of the frame */
		return number == 1 || number == 7 ? link_parse_inner_ethernet(cursor, segment) : LINK_NOT_IP;
	default:
		return LINK_NOT_IP;
	}
}

/* IEEE 802.2: destination and source service access point, control. */
static enum link_result parse_llc(struct cursor *cursor, struct segment *segment) {
	if (!cursor_has(cursor, 3))
		return LINK_TRUNCATED_LINK_HEADER;
	uint8_t destination = cursor->at[0], source = cursor->at[1], control = cursor->at[2];
	cursor_skip(cursor, 3);
	if (control != 0x03 || destination != source)
		return LINK_NOT_IP;
	switch (destination) {
	case 0xaa:
		return parse_snap(cursor, segment);
	case 0x06: /* IP; hardly anyone has ever sent it */
		return ip_parse_v4(cursor, segment);
	default: /* spanning tree, NetBIOS, ... */
		return LINK_NOT_IP;
	}
}

/* Two addresses; type, or length and 802.2. */
static enum link_result parse_ethernet(struct cursor *cursor, struct segment *segment) {
	if (!cursor_has(cursor, 14))
		return LINK_TRUNCATED_LINK_HEADER;
	uint16_t ethertype = cursor_get_u16(cursor->at + 12);
	cursor_skip(cursor, 14);
	if (ethertype >= ETHERTYPE_MIN)
		return link_parse_ethertype(ethertype, cursor, segment);
	/* The length is not needed, IP has its own, and it cannot be right for what an offload has joined. */
	return parse_llc(cursor, segment);
}

enum link_result link_parse_inner_ethernet(struct cursor *cursor, struct segment *segment) {
	if (!cursor_enter(cursor))
		return LINK_TOO_DEEP;
	segment->vlan_count = 0;
	return parse_ethernet(cursor, segment);
}

enum link_look link_look_at_ip(const struct cursor *cursor, size_t at) {
	/* A tunnel that pads to the shortest Ethernet frame pads less than this. */
	enum { PADDING_MAX = 64 };
	if (cursor->wire_left < at + 20)
		return LINK_LOOK_NO;
	if (cursor->left < at + 6)
		return LINK_LOOK_CUT;
	const uint8_t *header = cursor->at + at;
	size_t rest = cursor->wire_left - at, len;
	if (header[0] >> 4 == 4) {
		len = cursor_get_u16(header + 2);
		if ((header[0] & 0x0f) < 5 || len < (size_t)(header[0] & 0x0f) * 4)
			return LINK_LOOK_NO;
	} else if (header[0] >> 4 == 6) {
		len = 40 + (size_t)cursor_get_u16(header + 4);
	} else {
		return LINK_LOOK_NO;
	}
	return len <= rest && rest - len <= PADDING_MAX ? LINK_LOOK_YES : LINK_LOOK_NO;
}

enum link_look link_look_at_ethernet(const struct cursor *cursor, size_t at) {
	for (size_t type_at = at + 12; type_at <= at + 12 + 4 * 4; type_at += 4) {
		if (cursor->wire_left < type_at + 2)
			return LINK_LOOK_NO;
		if (cursor->left < type_at + 2)
			return LINK_LOOK_CUT;
		switch (cursor_get_u16(cursor->at + type_at)) {
		case ETHERTYPE_IPV4:
		case ETHERTYPE_IPV6:
			return link_look_at_ip(cursor, type_at + 2);
		case 0x8100:
		case 0x88a8:
			continue;
		default:
			return LINK_LOOK_NO;
		}
	}
	return LINK_LOOK_NO;
}

/* ---- Linux, BSD ---- */

/* Linux "any" device: packet type, ARPHRD_ type, address length, address, protocol (LINKTYPE_LINUX_SLL). The protocol of
 * hardware that has no Ethernet types (netlink, radiotap) is 0 or a family number, which match no row. */
static enum link_result parse_cooked(struct cursor *cursor, struct segment *segment, size_t len, size_t protocol_offset) {
	enum { PROTOCOL_LLC = 4 };
	if (!cursor_has(cursor, len))
		return LINK_TRUNCATED_LINK_HEADER;
	uint16_t protocol = cursor_get_u16(cursor->at + protocol_offset);
	cursor_skip(cursor, len);
	if (protocol == PROTOCOL_LLC)
		return parse_llc(cursor, segment);
	return protocol < ETHERTYPE_MIN ? LINK_NOT_IP : link_parse_ethertype(protocol, cursor, segment);
}

static enum link_result parse_linux_cooked(struct cursor *cursor, struct segment *segment) {
	return parse_cooked(cursor, segment, 16, 14);
}

/* Its second version: protocol, reserved, interface index, ARPHRD_ type, packet type, address length, address. */
static enum link_result parse_linux_cooked_v2(struct cursor *cursor, struct segment *segment) {
	return parse_cooked(cursor, segment, 20, 0);
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

/* An address family in the byte order of the machine that captured, which need not be the file's: the byte order in which the
 * number is small is the right one. The header has `len` bytes. */
static enum link_result parse_host_family(struct cursor *cursor, struct segment *segment, size_t len) {
	if (!cursor_has(cursor, len))
		return LINK_TRUNCATED_LINK_HEADER;
	uint32_t family = cursor_get_u32(cursor->at);
	if (family > 0xffff)
		family = family >> 24 | (family >> 8 & 0xff00) | (family << 8 & 0xff0000) | family << 24;
	cursor_skip(cursor, len);
	return parse_address_family(family, cursor, segment);
}

/* BSD loopback */
static enum link_result parse_null(struct cursor *cursor, struct segment *segment) {
	return parse_host_family(cursor, segment, 4);
}

/* OpenBSD's view of what IPsec decrypted: then SPI and flags. */
static enum link_result parse_enc(struct cursor *cursor, struct segment *segment) {
	return parse_host_family(cursor, segment, 12);
}

/* OpenBSD loopback: the same as BSD's in network byte order. */
static enum link_result parse_loop(struct cursor *cursor, struct segment *segment) {
	if (!cursor_has(cursor, 4))
		return LINK_TRUNCATED_LINK_HEADER;
	uint32_t family = cursor_get_u32(cursor->at);
	cursor_skip(cursor, 4);
	return parse_address_family(family, cursor, segment);
}

/* ---- PPP, HDLC, Frame Relay ---- */

/* RFC 1990, long sequence numbers: a packet that was not split has both bits, begin and end. */
static enum link_result parse_ppp_multilink(struct cursor *cursor, struct segment *segment) {
	if (!cursor_has(cursor, 4))
		return LINK_TRUNCATED_LINK_HEADER;
	bool whole = (cursor->at[0] & 0xc0) == 0xc0;
	cursor_skip(cursor, 4);
	return whole ? link_parse_ppp(cursor, segment) : LINK_UNKNOWN_PAYLOAD;
}

static const struct ethertype ppp_protocols[] = {
	{0x0021, ip_parse_v4},
	{0x0057, ip_parse_v6},
	{0x0281, tunnel_parse_mpls},
	{0x0283, tunnel_parse_mpls}, /* multicast */
	{0x003d, parse_ppp_multilink},
};

enum link_result link_parse_ppp(struct cursor *cursor, struct segment *segment) {
	if (!cursor_enter(cursor))
		return LINK_TOO_DEEP;
	if (!cursor_has(cursor, 2))
		return LINK_TRUNCATED_LINK_HEADER;
	/* RFC 1662: all stations, unnumbered information */
	if (cursor->at[0] == 0xff && cursor->at[1] == 0x03)
		cursor_skip(cursor, 2);
	/* RFC 1661 section 2: the first byte is even, and left out when it is 0. */
	if (!cursor_has(cursor, 2))
		return LINK_TRUNCATED_LINK_HEADER;
	bool is_short = cursor->at[0] & 1;
	uint16_t protocol = is_short ? cursor->at[0] : cursor_get_u16(cursor->at);
	cursor_skip(cursor, is_short ? 1 : 2);
	for (size_t i = 0; i < sizeof(ppp_protocols) / sizeof(ppp_protocols[0]); i++)
		if (ppp_protocols[i].value == protocol)
			return ppp_protocols[i].parse(cursor, segment);
	/* RFC 1962, RFC 1968: compressed (MPPE, which encrypts, says that it compresses) or encrypted */
	if (protocol == 0x00fd || protocol == 0x00fb || protocol == 0x0053 || protocol == 0x0055)
		return LINK_ENCRYPTED;
	/* From 0x4000 on it is control of the link and of its protocols. */
	return protocol >= 0x4000 ? LINK_NOT_IP : LINK_UNKNOWN_PAYLOAD;
}

/* A byte for the direction, then PPP. */
static enum link_result parse_ppp_with_direction(struct cursor *cursor, struct segment *segment) {
	if (!cursor_has(cursor, 1))
		return LINK_TRUNCATED_LINK_HEADER;
	cursor_skip(cursor, 1);
	return link_parse_ppp(cursor, segment);
}

/* Cisco HDLC: address (unicast or broadcast), control, Ethernet type. Serial lines captured as PPP may speak it: the address
 * says so. */
static enum link_result parse_cisco_hdlc(struct cursor *cursor, struct segment *segment) {
	if (!cursor_has(cursor, 4))
		return LINK_TRUNCATED_LINK_HEADER;
	/* SLARP keeps the line alive, CDP tells of neighbours. */
	uint16_t type = cursor_get_u16(cursor->at + 2);
	return type == 0x8035 || type == 0x2000 ? LINK_NOT_IP : parse_fixed(cursor, segment, 4, 2);
}

static enum link_result parse_ppp_serial(struct cursor *cursor, struct segment *segment) {
	bool cisco = cursor_has(cursor, 2) && (cursor->at[0] == 0x0f || cursor->at[0] == 0x8f) && cursor->at[1] == 0;
	return cisco ? parse_cisco_hdlc(cursor, segment) : link_parse_ppp(cursor, segment);
}

/* RFC 2427: an address of two to four bytes (the last one is odd), control, perhaps a byte of padding, a number of the network
 * layer protocol. */
static enum link_result parse_frame_relay(struct cursor *cursor, struct segment *segment) {
	size_t at = 0;
	while (at < 4 && cursor_has(cursor, at + 1) && !(cursor->at[at] & 1))
		at++;
	if (!cursor_has(cursor, at + 3))
		return LINK_TRUNCATED_LINK_HEADER;
	if (at < 1 || at > 3)
		return LINK_BAD_LINK_HEADER;
	if (cursor->at[at + 1] != 0x03) { /* Cisco's own form has an Ethernet type here */
		cursor_skip(cursor, at + 1);
		return parse_fixed(cursor, segment, 2, 0);
	}
	size_t number_at = cursor->at[at + 2] == 0 ? at + 3 : at + 2;
	if (!cursor_has(cursor, number_at + 1))
		return LINK_TRUNCATED_LINK_HEADER;
	uint8_t number = cursor->at[number_at];
	cursor_skip(cursor, number_at + 1);
	switch (number) {
	case 0xcc:
		return ip_parse_v4(cursor, segment);
	case 0x8e:
		return ip_parse_v6(cursor, segment);
	case 0x80:
		return parse_snap(cursor, segment);
	case 0xcf:
		return link_parse_ppp(cursor, segment);
	default:
		return LINK_NOT_IP;
	}
}

/* ---- 802.11 ---- */

static uint16_t get_u16_le(const uint8_t *at) {
	return (uint16_t)(at[1] << 8 | at[0]);
}

static uint32_t get_u32_le(const uint8_t *at) {
	return (uint32_t)at[3] << 24 | (uint32_t)at[2] << 16 | (uint32_t)at[1] << 8 | at[0];
}

/* IEEE 802.11 section 9.2: frame control, duration, three addresses, sequence; the fourth address between two access points, a QoS
 * field, the HT field. padded: the header was padded to four bytes. */
static enum link_result parse_80211_frame(struct cursor *cursor, struct segment *segment, bool padded) {
	enum { TYPE_DATA = 2, SUBTYPE_NO_DATA = 0x40, SUBTYPE_QOS = 0x80 };
	enum { TO_DS = 0x01, FROM_DS = 0x02, MORE_FRAGMENTS = 0x04, PROTECTED = 0x40, ORDER = 0x80, AGGREGATE = 0x80 };
	if (!cursor_has(cursor, 2))
		return LINK_TRUNCATED_LINK_HEADER;
	uint8_t kind = cursor->at[0], flags = cursor->at[1];
	if (kind & 0x03)
		return LINK_BAD_LINK_HEADER;
	if ((kind >> 2 & 0x03) != TYPE_DATA || kind & SUBTYPE_NO_DATA)
		return LINK_NOT_IP;
	if (flags & PROTECTED)
		return LINK_ENCRYPTED;
	size_t len = 24;
	if ((flags & (TO_DS | FROM_DS)) == (TO_DS | FROM_DS))
		len += 6;
	size_t qos_at = len;
	if (kind & SUBTYPE_QOS)
		len += flags & ORDER ? 6 : 2;
	if (padded)
		len = (len + 3) & ~(size_t)3;
	if (!cursor_has(cursor, len))
		return LINK_TRUNCATED_LINK_HEADER;
	bool is_fragment = flags & MORE_FRAGMENTS || cursor->at[22] & 0x0f;
	bool is_aggregate = kind & SUBTYPE_QOS && cursor->at[qos_at] & AGGREGATE;
	cursor_skip(cursor, len);
	if (is_fragment)
		return LINK_UNKNOWN_PAYLOAD;
	if (!is_aggregate)
		return parse_llc(cursor, segment);
	/* An A-MSDU: Ethernet-like frames one after the other. One is understood; nobody captures several in the clear. */
	if (!cursor_has(cursor, 14))
		return LINK_TRUNCATED_LINK_HEADER;
	size_t inner_len = cursor_get_u16(cursor->at + 12);
	cursor_skip(cursor, 14);
	if (inner_len + 14 < cursor->wire_left)
		return LINK_UNKNOWN_PAYLOAD;
	return parse_llc(cursor, segment);
}

static enum link_result parse_80211(struct cursor *cursor, struct segment *segment) {
	return parse_80211_frame(cursor, segment, false);
}

/* The byte of flags in a radiotap header, 0 when there is none: behind the words of present bits (each tells of another one) and
 * the time, which stands at a multiple of eight. */
static uint8_t find_radiotap_flags(const uint8_t *header, size_t len) {
	enum { HAS_TIME = 1 << 0, HAS_FLAGS = 1 << 1 };
	uint32_t present = get_u32_le(header + 4);
	size_t at = 8;
	for (uint32_t word = present; word & UINT32_C(0x80000000) && at + 4 <= len; at += 4)
		word = get_u32_le(header + at);
	if (present & HAS_TIME)
		at = ((at + 7) & ~(size_t)7) + 8;
	return present & HAS_FLAGS && at < len ? header[at] : 0;
}

/* radiotap.org: version, padding, length, present bits, all little endian */
static enum link_result parse_radiotap(struct cursor *cursor, struct segment *segment) {
	enum { PADDED = 0x20, BAD_CHECKSUM = 0x40 };
	if (!cursor_has(cursor, 8))
		return LINK_TRUNCATED_LINK_HEADER;
	size_t len = get_u16_le(cursor->at + 2);
	if (cursor->at[0] != 0 || len < 8 || len > cursor->wire_left)
		return LINK_BAD_LINK_HEADER;
	if (!cursor_has(cursor, len))
		return LINK_TRUNCATED_LINK_HEADER;
	uint8_t flags = find_radiotap_flags(cursor->at, len);
	cursor_skip(cursor, len);
	if (flags & BAD_CHECKSUM) /* damaged on the air: its receiver has dropped it */
		return LINK_BAD_LINK_HEADER;
	return parse_80211_frame(cursor, segment, flags & PADDED);
}

/* A header that says its length, then 802.11. */
static enum link_result parse_before_80211(struct cursor *cursor, struct segment *segment, size_t len) {
	if (len > cursor->wire_left)
		return LINK_BAD_LINK_HEADER;
	if (!cursor_has(cursor, len))
		return LINK_TRUNCATED_LINK_HEADER;
	cursor_skip(cursor, len);
	return parse_80211_frame(cursor, segment, false);
}

/* AVS: version, length */
static enum link_result parse_avs(struct cursor *cursor, struct segment *segment) {
	if (!cursor_has(cursor, 8))
		return LINK_TRUNCATED_LINK_HEADER;
	return parse_before_80211(cursor, segment, cursor_get_u32(cursor->at + 4));
}

/* Prism: 144 bytes in the order of the machine that captured; some drivers put an AVS header in its place. */
static enum link_result parse_prism(struct cursor *cursor, struct segment *segment) {
	if (!cursor_has(cursor, 8))
		return LINK_TRUNCATED_LINK_HEADER;
	if ((cursor_get_u32(cursor->at) & 0xfffff000) == 0x80211000)
		return parse_avs(cursor, segment);
	return parse_before_80211(cursor, segment, 144);
}

/* ---- Others ---- */

/* Juniper: three magic bytes, flags; perhaps extensions behind their length. Without the link layer the frame says in other
 * ways what it is; those are left. */
static enum link_result parse_juniper_ethernet(struct cursor *cursor, struct segment *segment) {
	enum { NO_LINK_LAYER = 0x02, EXTENSIONS = 0x80 };
	if (!cursor_has(cursor, 6))
		return LINK_TRUNCATED_LINK_HEADER;
	if (cursor_get_u32(cursor->at) >> 8 != 0x4d4743)
		return LINK_BAD_LINK_HEADER;
	uint8_t flags = cursor->at[3];
	size_t len = flags & EXTENSIONS ? 6 + (size_t)cursor_get_u16(cursor->at + 4) : 4;
	if (len > cursor->wire_left)
		return LINK_BAD_LINK_HEADER;
	if (!cursor_has(cursor, len))
		return LINK_TRUNCATED_LINK_HEADER;
	cursor_skip(cursor, len);
	return flags & NO_LINK_LAYER ? LINK_UNKNOWN_PAYLOAD : parse_ethernet(cursor, segment);
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
	{9, parse_ppp_serial},        /* LINKTYPE_PPP */
	{50, parse_ppp_serial},       /* LINKTYPE_PPP_HDLC */
	{51, tunnel_parse_pppoe},     /* LINKTYPE_PPP_ETHER */
	{204, parse_ppp_with_direction}, /* LINKTYPE_PPP_WITH_DIR */
	{104, parse_cisco_hdlc},      /* LINKTYPE_C_HDLC */
	{107, parse_frame_relay},     /* LINKTYPE_FRELAY */
	{105, parse_80211},           /* LINKTYPE_IEEE802_11 */
	{119, parse_prism},           /* LINKTYPE_IEEE802_11_PRISM */
	{127, parse_radiotap},        /* LINKTYPE_IEEE802_11_RADIOTAP */
	{163, parse_avs},             /* LINKTYPE_IEEE802_11_AVS */
	{109, parse_enc},             /* LINKTYPE_ENC */
	{178, parse_juniper_ethernet}, /* LINKTYPE_JUNIPER_ETHER */
	{219, tunnel_parse_mpls},     /* LINKTYPE_MPLS */
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
	ret_segment->tunnel_count = 0;
	ret_segment->tunnel_id = 0;
	ret_segment->overlapping_fragments = false;
	ret_segment->fragment.data = NULL;
	return type->parse(&cursor, ret_segment);
}

const char *link_result_name(enum link_result result) {
	static const char *const names[LINK_RESULT_COUNT] = {
		[LINK_SEGMENT] = "segment",
		[LINK_UNKNOWN_LINK_TYPE] = "unknown link type",
		[LINK_TRUNCATED_LINK_HEADER] = "truncated link header",
		[LINK_BAD_LINK_HEADER] = "bad link header",
		[LINK_ENCRYPTED] = "encrypted link layer",
		[LINK_TOO_DEEP] = "too many nested headers",
		[LINK_NOT_IP] = "not IP",
		[LINK_UNKNOWN_ETHERTYPE] = "unknown Ethernet type",
		[LINK_UNKNOWN_PAYLOAD] = "unknown tunnel payload",
		[LINK_TRUNCATED_IP_HEADER] = "truncated IP header",
		[LINK_BAD_IP_HEADER] = "bad IP header",
		[LINK_IP_FRAGMENT] = "IP fragment",
		[LINK_INCOMPLETE_PACKET] = "IP fragment of an incomplete packet",
		[LINK_ESP] = "encrypted by IPsec",
		[LINK_NOT_TCP] = "not TCP",
		[LINK_TRUNCATED_TCP_HEADER] = "truncated TCP header",
		[LINK_BAD_TCP_HEADER] = "bad TCP header",
		[LINK_BAD_ICMP] = "bad ICMP error",
	};
	return names[result];
}
