/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Frames to TCP segments: takes a frame as it was captured, steps through link layer, VLAN tags, tunnels and IP, and hands out
 * a validated TCP segment, or the reason why there is none in it. Pure: no allocation, no state, nothing copied but addresses.
 *
 * Checksums are not looked at: what a machine captures of its own traffic has checksums its network card was still to fill
 * in.
 */
#ifndef SMTPSCOPE_CAPTURE_LINK_H
#define SMTPSCOPE_CAPTURE_LINK_H

#include "capture/segment.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cursor;

/* LINK_SEGMENT, or why there is no segment; link_result_name() puts it in words. */
enum link_result {
	LINK_SEGMENT = 0, /* segment.kind says of which kind */
	LINK_UNKNOWN_LINK_TYPE,
	LINK_TRUNCATED_LINK_HEADER, /* captured bytes end inside the link layer's or a tunnel's headers */
	LINK_BAD_LINK_HEADER,
	LINK_ENCRYPTED, /* below IP: protected 802.11, MACsec, encrypted PPP */
	LINK_TOO_DEEP,              /* more headers inside each other than anyone sends */
	LINK_NOT_IP, /* something known that carries no IP: ARP, spanning tree, 802.11 beacons, PPP's own control, ... */
	LINK_UNKNOWN_ETHERTYPE,
	LINK_UNKNOWN_PAYLOAD, /* a tunnel with something in it that is not known */
	LINK_TRUNCATED_IP_HEADER,
	LINK_BAD_IP_HEADER,
	LINK_IP_FRAGMENT, /* of a packet that may hold a segment: segment.fragment describes it */
	LINK_INCOMPLETE_PACKET, /* never from link_parse(): fragments of which the rest did not come, see frame.h */
	LINK_ESP,               /* encrypted by IPsec */
	LINK_NOT_TCP,           /* IP, but neither TCP nor an ICMP error about TCP nor a tunnel */
	LINK_TRUNCATED_TCP_HEADER,
	LINK_BAD_TCP_HEADER,
	LINK_BAD_ICMP, /* an ICMP error that quotes too little to tell what it is about */
	LINK_RESULT_COUNT
};

/* Parses one frame. link_type is libpcap's pcap_datalink(); wire_len is the frame's length before any snap length, and taken
 * for captured_len where a corrupt capture says less. *ret_segment is whole only with LINK_SEGMENT; with LINK_IP_FRAGMENT its
 * addresses, VLANs, tunnels and `fragment` are set; otherwise it is unspecified (filling it in place saves a copy for each
 * packet). What it points to lives as long as the frame. All fields are set but `at`.
 */
enum link_result link_parse(
	int link_type, const uint8_t *frame, size_t captured_len, size_t wire_len, struct segment *ret_segment);

/* Whether link_parse() knows frames of this type at all. */
bool link_type_is_known(int link_type);

/* A few constant words for statistics, e.g. "truncated IP header". */
const char *link_result_name(enum link_result result);

/* For the parsers of headers that have others inside; each goes on with the header at the cursor. */

/* What an Ethernet type stands for. Counts against the nesting limit. */
enum link_result link_parse_ethertype(uint16_t ethertype, struct cursor *cursor, struct segment *segment);

/* An Ethernet frame inside of a tunnel. Its VLANs count anew: those outside belong to the transport network, which may be
 * another one in each direction. */
enum link_result link_parse_inner_ethernet(struct cursor *cursor, struct segment *segment);

/* PPP (RFC 1661), with or without address and control field, protocol field of one byte or two. */
enum link_result link_parse_ppp(struct cursor *cursor, struct segment *segment);

/* How sure it is that IP, or an Ethernet frame with IP in it, starts `at` bytes behind the cursor: for formats that do not say
 * what they carry. It looks at version and lengths, which must agree with the bytes there are. */
enum link_look {
	LINK_LOOK_NO,
	LINK_LOOK_CUT, /* the bytes that would tell were not captured */
	LINK_LOOK_YES,
};

enum link_look link_look_at_ip(const struct cursor *cursor, size_t at);
enum link_look link_look_at_ethernet(const struct cursor *cursor, size_t at);

#endif
