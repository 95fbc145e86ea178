/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * IP packets. What an IP protocol number stands for is a row of protocols[], an extension header a row of extensions[].
 */
#include "capture/ip.h"

#include "capture/tunnel.h"

#include <string.h>

enum {
	PROTOCOL_ICMP = 1,
	PROTOCOL_TCP = 6,
	PROTOCOL_UDP = 17,
	PROTOCOL_FRAGMENT = 44,
	PROTOCOL_ESP = 50,
	PROTOCOL_ICMPV6 = 58,
};

struct protocol {
	uint8_t number;
	enum link_result (*parse)(struct cursor *cursor, struct segment *segment);
};

/* An extension header says its length in its second byte: (length + bias) * unit bytes. */
struct extension {
	uint8_t number;
	uint8_t unit;
	uint8_t bias;
};

static const struct extension extensions[] = {
	{0, 8, 1},                 /* hop-by-hop options */
	{43, 8, 1},                /* routing */
	{PROTOCOL_FRAGMENT, 0, 8}, /* always 8 bytes; see skip_extensions() */
	{51, 4, 2},                /* authentication header, RFC 4302: nothing in it is encrypted */
	{60, 8, 1},                /* destination options */
	{135, 8, 1},               /* mobility */
	{139, 8, 1},               /* host identity protocol */
	{140, 8, 1},               /* shim6 */
};

/* The texts are those of the registries "ICMP Type Numbers" and "ICMPv6 Parameters", short. The same thing has the same text
 * in both versions. Errors that ask for something else (redirect, source quench, parameter problem) do not say that a host
 * cannot be reached. */
struct icmp_error {
	uint8_t ip_version;
	uint8_t type;
	uint8_t code;
	const char *text;
};

static const struct icmp_error icmp_errors[] = {
	{4, 3, 0, "net-unreachable"},
	{4, 3, 1, "host-unreachable"},
	{4, 3, 2, "protocol-unreachable"},
	{4, 3, 3, "port-unreachable"},
	{4, 3, 4, "fragmentation-needed"},
	{4, 3, 5, "source-route-failed"},
	{4, 3, 6, "net-unknown"},
	{4, 3, 7, "host-unknown"},
	{4, 3, 8, "host-isolated"},
	{4, 3, 9, "net-prohibited"},
	{4, 3, 10, "host-prohibited"},
	{4, 3, 11, "net-unreachable-for-tos"},
	{4, 3, 12, "host-unreachable-for-tos"},
	{4, 3, 13, "admin-prohibited"},
	{4, 3, 14, "host-precedence-violation"},
	{4, 3, 15, "precedence-cutoff"},
	{4, 11, 0, "ttl-exceeded"},
	{4, 11, 1, "reassembly-timeout"},
	{6, 1, 0, "no-route"},
	{6, 1, 1, "admin-prohibited"},
	{6, 1, 2, "beyond-scope"},
	{6, 1, 3, "address-unreachable"},
	{6, 1, 4, "port-unreachable"},
	{6, 1, 5, "policy-failed"},
	{6, 1, 6, "reject-route"},
	{6, 1, 7, "source-routing-error"},
	{6, 1, 8, "headers-too-long"},
	{6, 2, 0, "packet-too-big"},
	{6, 3, 0, "ttl-exceeded"},
	{6, 3, 1, "reassembly-timeout"},
};

/* What an error of a known type but with a code of no row is called. */
static const struct icmp_error icmp_error_types[] = {
	{4, 3, 0, "unreachable"},
	{4, 11, 0, "time-exceeded"},
	{6, 1, 0, "unreachable"},
	{6, 2, 0, "packet-too-big"}, /* RFC 4443 section 3.2: the code is to be ignored */
	{6, 3, 0, "time-exceeded"},
};

static void set_address_v4(struct stream_endpoint *endpoint, const uint8_t *address) {
	endpoint->ip_version = 4;
	memcpy(endpoint->address, address, 4);
	memset(endpoint->address + 4, 0, sizeof(endpoint->address) - 4);
}

static void set_address_v6(struct stream_endpoint *endpoint, const uint8_t *address) {
	endpoint->ip_version = 6;
	memcpy(endpoint->address, address, sizeof(endpoint->address));
}

/* RFC 9293 section 3.1. Options are passed over: the flow table needs none of them, and without them a capture with a snap
 * length that ends among them still shows who said how much. */
static enum link_result parse_tcp(struct cursor *cursor, struct segment *segment) {
	enum { MIN_LEN = 20 };
	if (cursor->wire_left < MIN_LEN)
		return LINK_BAD_TCP_HEADER;
	if (!cursor_has(cursor, MIN_LEN))
		return LINK_TRUNCATED_TCP_HEADER;
	const uint8_t *header = cursor->at;
	size_t header_len = (size_t)(header[12] >> 4) * 4;
	if (header_len < MIN_LEN || header_len > cursor->wire_left)
		return LINK_BAD_TCP_HEADER;

	segment->kind = SEGMENT_TCP;
	segment->source.port = cursor_get_u16(header);
	segment->destination.port = cursor_get_u16(header + 2);
	segment->seq = cursor_get_u32(header + 4);
	segment->ack = cursor_get_u32(header + 8);
	segment->flags = header[13];
	segment->window = cursor_get_u16(header + 14);
	segment->checksum = cursor_get_u16(header + 16);
	segment->icmp = NULL;
	size_t captured_header_len = header_len < cursor->left ? header_len : cursor->left;
	/* RFC 7323 appendix A: this is how everyone sends it once the connection is open. */
	segment->timestamp = captured_header_len >= MIN_LEN + 12 && cursor_get_u32(header + 20) == 0x0101080a
		? cursor_get_u32(header + 24) : 0;
	segment->payload = header + captured_header_len;
	segment->payload_captured_len = cursor->left - captured_header_len;
	segment->payload_len = cursor->wire_left - header_len;
	return LINK_SEGMENT;
}

static const char *find_icmp_text(uint8_t ip_version, uint8_t type, uint8_t code) {
	for (size_t i = 0; i < sizeof(icmp_errors) / sizeof(icmp_errors[0]); i++) {
		const struct icmp_error *error = &icmp_errors[i];
		if (error->ip_version == ip_version && error->type == type && error->code == code)
			return error->text;
	}
	for (size_t i = 0; i < sizeof(icmp_error_types) / sizeof(icmp_error_types[0]); i++)
		if (icmp_error_types[i].ip_version == ip_version && icmp_error_types[i].type == type)
			return icmp_error_types[i].text;
	return NULL;
}

static const struct extension *find_extension(uint8_t number) {
	for (size_t i = 0; i < sizeof(extensions) / sizeof(extensions[0]); i++)
		if (extensions[i].number == number)
			return &extensions[i];
	return NULL;
}

/* The piece of a packet at the cursor. */
static void describe_fragment(
	struct segment_fragment *fragment, const struct cursor *cursor, uint8_t protocol, size_t offset, bool more) {
	fragment->data = cursor->at;
	fragment->captured_len = cursor->left;
	fragment->len = cursor->wire_left;
	fragment->offset = offset;
	fragment->protocol = protocol;
	fragment->more = more;
	fragment->depth = cursor->depth;
}

/* Passes over the extension headers at the cursor (RFC 8200 section 4) and changes *protocol to what follows them.
 * LINK_SEGMENT: done; otherwise why it cannot be. A fragment header is passed over only where it does not split the packet
 * (RFC 6946: an "atomic fragment"); otherwise *fragment describes it. */
static enum link_result skip_extensions(uint8_t *protocol, struct cursor *cursor, struct segment_fragment *fragment) {
	const struct extension *extension;
	while ((extension = find_extension(*protocol))) {
		if (!cursor_enter(cursor))
			return LINK_TOO_DEEP;
		if (!cursor_has(cursor, 8))
			return cursor->wire_left < 8 ? LINK_BAD_IP_HEADER : LINK_TRUNCATED_IP_HEADER;
		const uint8_t *header = cursor->at;
		size_t len = 8;
		if (*protocol != PROTOCOL_FRAGMENT)
			len = ((size_t)header[1] + extension->bias) * extension->unit;
		*protocol = header[0];
		if (extension->number == PROTOCOL_FRAGMENT && (cursor_get_u16(header + 2) & 0xfff9) != 0) {
			cursor_skip(cursor, 8);
			describe_fragment(fragment, cursor, *protocol, cursor_get_u16(header + 2) & 0xfff8, header[3] & 1);
			fragment->id = cursor_get_u32(header + 4);
			return LINK_IP_FRAGMENT;
		}
		if (len > cursor->wire_left)
			return LINK_BAD_IP_HEADER;
		if (!cursor_has(cursor, len))
			return LINK_TRUNCATED_IP_HEADER;
		cursor_skip(cursor, len);
	}
	return LINK_SEGMENT;
}

/* The packet that an ICMP error quotes: its start, as the host that complains had received it. RFC 792 promises the IP
 * header and 8 bytes more, which for TCP are ports and sequence number. Its length fields are not compared with anything:
 * what is quoted is cut, and there are systems that put them in the wrong byte order. */
static enum link_result parse_quoted(struct cursor *cursor, struct segment *segment) {
	uint8_t protocol;
	const uint8_t *header = cursor->at;
	if (segment->source.ip_version == 4) {
		if (!cursor_has(cursor, 20) || header[0] >> 4 != 4)
			return LINK_BAD_ICMP;
		size_t header_len = (size_t)(header[0] & 0x0f) * 4;
		if (header_len < 20 || !cursor_has(cursor, header_len))
			return LINK_BAD_ICMP;
		protocol = header[9];
		/* Of a later fragment, what follows is not a TCP header. */
		if ((cursor_get_u16(header + 6) & 0x1fff) != 0)
			return LINK_BAD_ICMP;
		set_address_v4(&segment->source, header + 12);
		set_address_v4(&segment->destination, header + 16);
		cursor_skip(cursor, header_len);
	} else {
		if (!cursor_has(cursor, 40) || header[0] >> 4 != 6)
			return LINK_BAD_ICMP;
		protocol = header[6];
		set_address_v6(&segment->source, header + 8);
		set_address_v6(&segment->destination, header + 24);
		cursor_skip(cursor, 40);
	}
	struct segment_fragment unused;
	switch (skip_extensions(&protocol, cursor, &unused)) {
	case LINK_SEGMENT:
		break;
	case LINK_TOO_DEEP:
		return LINK_TOO_DEEP;
	default:
		return LINK_BAD_ICMP;
	}
	if (protocol != PROTOCOL_TCP)
		return LINK_NOT_TCP;
	if (!cursor_has(cursor, 8))
		return LINK_BAD_ICMP;
	segment->source.port = cursor_get_u16(cursor->at);
	segment->destination.port = cursor_get_u16(cursor->at + 2);
	segment->seq = cursor_get_u32(cursor->at + 4);
	return LINK_SEGMENT;
}

static enum link_result parse_icmp(struct cursor *cursor, struct segment *segment) {
	/* Type, code, checksum, four bytes that depend on the type. */
	if (!cursor_has(cursor, 8))
		return LINK_BAD_ICMP;
	const char *text = find_icmp_text(segment->source.ip_version, cursor->at[0], cursor->at[1]);
	if (!text)
		return LINK_NOT_TCP;
	cursor_skip(cursor, 8);
	segment->kind = SEGMENT_ICMP_ERROR;
	segment->icmp = text;
	segment->ack = 0;
	segment->flags = 0;
	segment->window = 0;
	segment->ip_id = 0;
	segment->checksum = 0;
	segment->timestamp = 0;
	segment->payload = NULL;
	segment->payload_captured_len = 0;
	segment->payload_len = 0;
	return parse_quoted(cursor, segment);
}

static enum link_result parse_icmp_v4(struct cursor *cursor, struct segment *segment) {
	return segment->source.ip_version == 4 ? parse_icmp(cursor, segment) : LINK_NOT_TCP;
}

static enum link_result parse_icmp_v6(struct cursor *cursor, struct segment *segment) {
	return segment->source.ip_version == 6 ? parse_icmp(cursor, segment) : LINK_NOT_TCP;
}

static enum link_result parse_esp(struct cursor *cursor, struct segment *segment) {
	(void)cursor;
	(void)segment;
	return LINK_ESP;
}

static const struct protocol protocols[] = {
	{PROTOCOL_TCP, parse_tcp},
	{PROTOCOL_UDP, tunnel_parse_udp},
	{PROTOCOL_ICMP, parse_icmp_v4},
	{PROTOCOL_ICMPV6, parse_icmp_v6},
	{4, tunnel_parse_ip},
	{41, tunnel_parse_ip}, /* IPv6 */
	{47, tunnel_parse_gre},
	{PROTOCOL_ESP, parse_esp},
	{97, tunnel_parse_etherip},
	{115, tunnel_parse_l2tpv3},
	{137, tunnel_parse_mpls},          /* RFC 4023 */
	{143, link_parse_inner_ethernet}, /* RFC 8986 */
};

static const struct protocol *find_protocol(uint8_t number) {
	for (size_t i = 0; i < sizeof(protocols) / sizeof(protocols[0]); i++)
		if (protocols[i].number == number)
			return &protocols[i];
	return NULL;
}

/* A fragment is worth keeping only when it may be a piece of a segment; DNS over UDP is fragmented all day. */
static enum link_result judge_fragment(struct segment_fragment *fragment) {
	/* Of IPv6, a later piece need not have the first one's protocol (RFC 8200 section 4.5), but then it does not matter. */
	if (fragment->protocol == PROTOCOL_ESP)
		return LINK_ESP;
	if (!find_protocol(fragment->protocol) && !find_extension(fragment->protocol))
		return LINK_NOT_TCP;
	fragment->unwanted = fragment->offset == 0 && fragment->protocol == PROTOCOL_UDP &&
		!tunnel_may_be_udp(fragment->data, fragment->captured_len);
	return LINK_IP_FRAGMENT;
}

/* The extension headers share one number space with the protocols, and at least one of them (AH) is used with IPv4 as well. */
enum link_result ip_parse_payload(uint8_t protocol, struct cursor *cursor, struct segment *segment) {
	if (protocol == PROTOCOL_TCP)
		return parse_tcp(cursor, segment);
	enum link_result result = skip_extensions(&protocol, cursor, &segment->fragment);
	if (result == LINK_IP_FRAGMENT)
		return judge_fragment(&segment->fragment);
	if (result != LINK_SEGMENT)
		return result;
	const struct protocol *found = find_protocol(protocol);
	return found ? found->parse(cursor, segment) : LINK_NOT_TCP;
}

enum link_result ip_parse_v4(struct cursor *cursor, struct segment *segment) {
	enum { MIN_LEN = 20 };
	if (!cursor_enter(cursor))
		return LINK_TOO_DEEP;
	if (!cursor_has(cursor, MIN_LEN))
		return LINK_TRUNCATED_IP_HEADER;
	const uint8_t *header = cursor->at;
	size_t header_len = (size_t)(header[0] & 0x0f) * 4;
	size_t total_len = cursor_get_u16(header + 2);
	/* A network card that cuts large packets into segments itself (TSO) is handed them with a length of 0 when they are
	 * larger than the field can say. */
	if (total_len == 0)
		total_len = cursor->wire_left;
	if (header[0] >> 4 != 4 || header_len < MIN_LEN || header_len > total_len)
		return LINK_BAD_IP_HEADER;
	/* More than there was on the wire is let pass like a cut by a snap length: there are tools that shorten frames and
	 * set both lengths of the record to what they left. */
	cursor_limit(cursor, total_len);
	if (!cursor_has(cursor, header_len))
		return LINK_TRUNCATED_IP_HEADER;
	cursor_skip(cursor, header_len);

	set_address_v4(&segment->source, header + 12);
	set_address_v4(&segment->destination, header + 16);
	segment->ip_id = cursor_get_u16(header + 4);
	/* More fragments, or an offset. */
	uint16_t fragment = cursor_get_u16(header + 6);
	if ((fragment & 0x3fff) != 0) {
		describe_fragment(&segment->fragment, cursor, header[9], (size_t)(fragment & 0x1fff) * 8, fragment & 0x2000);
		segment->fragment.id = segment->ip_id;
		return judge_fragment(&segment->fragment);
	}
	return ip_parse_payload(header[9], cursor, segment);
}

enum link_result ip_parse_v6(struct cursor *cursor, struct segment *segment) {
	enum { HEADER_LEN = 40 };
	if (!cursor_enter(cursor))
		return LINK_TOO_DEEP;
	if (!cursor_has(cursor, HEADER_LEN))
		return LINK_TRUNCATED_IP_HEADER;
	const uint8_t *header = cursor->at;
	if (header[0] >> 4 != 6)
		return LINK_BAD_IP_HEADER;
	size_t payload_len = cursor_get_u16(header + 4);
	cursor_skip(cursor, HEADER_LEN);
	/* 0 is a jumbogram (RFC 2675) or, as for IPv4, a packet still to be segmented: what the frame holds is the length.
	 * The padding of the shortest Ethernet frame cannot be mistaken for a TCP header here, it has 6 bytes. */
	if (payload_len != 0)
		cursor_limit(cursor, payload_len);
	set_address_v6(&segment->source, header + 8);
	set_address_v6(&segment->destination, header + 24);
	segment->ip_id = 0;
	return ip_parse_payload(header[6], cursor, segment);
}

enum link_result ip_parse_any(struct cursor *cursor, struct segment *segment) {
	if (!cursor_has(cursor, 1))
		return LINK_TRUNCATED_IP_HEADER;
	switch (cursor->at[0] >> 4) {
	case 4:
		return ip_parse_v4(cursor, segment);
	case 6:
		return ip_parse_v6(cursor, segment);
	default:
		return LINK_NOT_IP;
	}
}
