/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * For tests of frame parsing: frames written as hex digits, and what was found in them written as one line of text.
 */
#ifndef SMTPSCOPE_TESTS_UNIT_FRAME_HEX_H
#define SMTPSCOPE_TESTS_UNIT_FRAME_HEX_H

#include "capture/link.h"
#include "capture/tunnel.h"

#include <arpa/inet.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

/* The two hosts are 192.0.2.1:40000 and 198.51.100.2:25, or 2001:db8::1 and 2001:db8::2. */
#define ETHERNET "020000000002 020000000001 "
#define IP4_ADDRESSES "c0000201 c6336402 "
#define IP6_ADDRESSES "20010db8000000000000000000000001 20010db8000000000000000000000002 "
#define IP4_FIELDS(total_len, fragment, protocol) "45 00 " total_len " 0001 " fragment " 40 " protocol " 0000 " IP4_ADDRESSES
#define IP4(total_len) IP4_FIELDS(total_len, "4000", "06")
#define IP6(payload_len, next) "60000000 " payload_len " " next " 40 " IP6_ADDRESSES
#define TCP_FIELDS(offset_flags) "9c40 0019 01020304 05060708 " offset_flags " 1000 0000 0000 "
#define TCP TCP_FIELDS("5018")
#define HELLO "48454c4c4f " /* 5 bytes */
#define IP4_HELLO IP4("002d") TCP HELLO
#define IP6_HELLO IP6("0019", "06") TCP HELLO
#define HELLO_V4 "192.0.2.1:40000 > 198.51.100.2:25 seq 01020304 ack 05060708 flags 18 window 4096 payload HELLO/5"
#define HELLO_V6 "2001:db8::1:40000 > 2001:db8::2:25 seq 01020304 ack 05060708 flags 18 window 4096 payload HELLO/5"

struct frame_row {
	const char *name;
	int link_type;
	const char *hex;
	const char *expected; /* as frame_describe() puts it */
	size_t cut;           /* bytes there were on the wire and are not in the capture */
};

/* An exact-size block of its own, so that one byte too far is caught. */
static inline uint8_t *frame_from_hex(const char *hex, size_t *ret_len) {
	size_t len = 0;
	for (const char *c = hex; *c; c++)
		len += *c != ' ';
	assert_int_equal(len % 2, 0);
	len /= 2;
	uint8_t *frame = malloc(len);
	assert_true(frame || len == 0);
	size_t digit = 0;
	for (const char *c = hex; *c; c++) {
		if (*c == ' ')
			continue;
		unsigned value = *c <= '9' ? (unsigned)(*c - '0') : (unsigned)(*c - 'a' + 10);
		assert_true(value < 16);
		frame[digit / 2] = (uint8_t)(digit % 2 ? frame[digit / 2] | value : value << 4);
		digit++;
	}
	*ret_len = len;
	return frame;
}

static inline void frame_describe_endpoint(const struct stream_endpoint *endpoint, char *text, size_t text_max) {
	static const uint8_t zero[12];
	char address[INET6_ADDRSTRLEN];
	assert_true(endpoint->ip_version == 4 || endpoint->ip_version == 6);
	assert_non_null(
		inet_ntop(endpoint->ip_version == 4 ? AF_INET : AF_INET6, endpoint->address, address, sizeof(address)));
	if (endpoint->ip_version == 4)
		assert_memory_equal(endpoint->address + 4, zero, sizeof(zero));
	snprintf(text, text_max, "%s:%u", address, endpoint->port);
}

static inline void frame_describe(enum link_result result, const struct segment *segment, char *text, size_t text_max) {
	if (result != LINK_SEGMENT) {
		snprintf(text, text_max, "%s", link_result_name(result));
		return;
	}
	char source[64], destination[64], vlan[200] = "";
	frame_describe_endpoint(&segment->source, source, sizeof(source));
	frame_describe_endpoint(&segment->destination, destination, sizeof(destination));
	if (segment->vlan_count == 1)
		snprintf(vlan, sizeof(vlan), "vlan %u ", segment->vlan[0]);
	else if (segment->vlan_count == 2)
		snprintf(vlan, sizeof(vlan), "vlan %u.%u ", segment->vlan[0], segment->vlan[1]);
	/* Tunnels from the outermost, then what tells their network from others. */
	for (size_t i = 0; i < segment->tunnel_count; i++)
		snprintf(vlan + strlen(vlan), sizeof(vlan) - strlen(vlan), "%s %u ", tunnel_name(segment->tunnel[i].kind),
			segment->tunnel[i].id);
	if (segment->tunnel_id != 0)
		snprintf(vlan + strlen(vlan), sizeof(vlan) - strlen(vlan), "own ");
	if (segment->kind == SEGMENT_ICMP_ERROR) {
		assert_null(segment->payload);
		assert_true(segment->ack == 0 && segment->flags == 0 && segment->window == 0);
		assert_true(segment->payload_captured_len == 0 && segment->payload_len == 0);
		snprintf(text, text_max, "%s%s > %s seq %08x icmp %s", vlan, source, destination, segment->seq,
			segment->icmp);
		return;
	}
	assert_null(segment->icmp);
	assert_non_null(segment->payload);
	snprintf(text, text_max, "%s%s > %s seq %08x ack %08x flags %02x window %u payload %.*s/%zu", vlan, source,
		destination, segment->seq, segment->ack, segment->flags, segment->window, (int)segment->payload_captured_len,
		(const char *)segment->payload, segment->payload_len);
}

static inline void frame_check_row(const struct frame_row *row) {
	size_t len;
	uint8_t *frame = frame_from_hex(row->hex, &len);
	struct segment segment;
	memset(&segment, 0xee, sizeof(segment));
	enum link_result result = link_parse(row->link_type, frame, len, len + row->cut, &segment);
	char found[500], seen[600], expected[600];
	frame_describe(result, &segment, found, sizeof(found));
	snprintf(seen, sizeof(seen), "%s: %s", row->name, found);
	snprintf(expected, sizeof(expected), "%s: %s", row->name, row->expected);
	assert_string_equal(seen, expected);
	free(frame);
}

/* Cuts the frame of a row that holds a segment at every length, as a snap length does, and returns how many lengths were
 * tried. A cut may take away a segment or bytes of its payload, but must neither change what the segment says nor make the
 * frame look wrong. */
static inline size_t frame_check_cuts(const struct frame_row *row) {
	size_t len;
	uint8_t *frame = frame_from_hex(row->hex, &len);
	struct segment whole;
	assert_int_equal(link_parse(row->link_type, frame, len, len + row->cut, &whole), LINK_SEGMENT);
	for (size_t cut_len = 0; cut_len < len; cut_len++) {
		uint8_t *cut = malloc(cut_len);
		assert_true(cut || cut_len == 0);
		if (cut_len > 0)
			memcpy(cut, frame, cut_len);
		struct segment segment;
		enum link_result result = link_parse(row->link_type, cut, cut_len, len + row->cut, &segment);
		if (result == LINK_SEGMENT) {
			assert_int_equal(segment.kind, whole.kind);
			assert_memory_equal(&segment.source.address, &whole.source.address, sizeof(whole.source.address));
			assert_int_equal(segment.source.port, whole.source.port);
			assert_int_equal(segment.destination.port, whole.destination.port);
			assert_int_equal(segment.seq, whole.seq);
			assert_int_equal(segment.payload_len, whole.payload_len);
			assert_true(segment.payload_captured_len <= whole.payload_captured_len);
			if (segment.kind == SEGMENT_TCP) {
				assert_true(segment.payload >= cut);
				assert_true(segment.payload + segment.payload_captured_len <= cut + cut_len);
			}
		} else {
			bool cut_off = result == LINK_TRUNCATED_LINK_HEADER || result == LINK_TRUNCATED_IP_HEADER ||
				result == LINK_TRUNCATED_TCP_HEADER || result == LINK_BAD_ICMP;
			if (!cut_off)
				print_error("%s, cut to %zu: %s\n", row->name, cut_len, link_result_name(result));
			assert_true(cut_off);
		}
		free(cut);
	}
	free(frame);
	return len;
}

#endif
