/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Frames to TCP segments: takes a frame as it was captured, steps through link layer, VLAN tags and IP, and hands out a
 * validated TCP segment, or the reason why there is none in it. Pure: no allocation, no state, nothing copied but addresses.
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
	LINK_TRUNCATED_LINK_HEADER, /* captured bytes end inside the link layer's headers */
	LINK_TOO_DEEP,              /* more headers inside each other than anyone sends */
	LINK_NOT_IP,
	LINK_TRUNCATED_IP_HEADER,
	LINK_BAD_IP_HEADER,
	LINK_IP_FRAGMENT, /* of a packet that may have held a segment */
	LINK_NOT_TCP,     /* IP, but neither TCP nor an ICMP error about TCP */
	LINK_TRUNCATED_TCP_HEADER,
	LINK_BAD_TCP_HEADER,
	LINK_BAD_ICMP, /* an ICMP error that quotes too little to tell what it is about */
	LINK_RESULT_COUNT
};

/* Parses one frame. link_type is libpcap's pcap_datalink(); wire_len is the frame's length before any snap length, and taken
 * for captured_len where a corrupt capture says less. *ret_segment is whole only with LINK_SEGMENT and unspecified otherwise
 * (filling it in place saves a copy for each packet); its payload lives as long as the frame. All fields are set but `at`.
 */
enum link_result link_parse(
	int link_type, const uint8_t *frame, size_t captured_len, size_t wire_len, struct segment *ret_segment);

/* Whether link_parse() knows frames of this type at all. */
bool link_type_is_known(int link_type);

/* A few constant words for statistics, e.g. "truncated IP header". */
const char *link_result_name(enum link_result result);

/* For the parsers of headers that name what follows by an Ethernet type (VLAN tags; later GRE, MPLS, PPPoE, ...): goes on
 * with the header at the cursor. Counts against the nesting limit. */
enum link_result link_parse_ethertype(uint16_t ethertype, struct cursor *cursor, struct segment *segment);

#endif
