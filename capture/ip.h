/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * IPv4 and IPv6 packets to TCP segments and ICMP errors.
 */
#ifndef SMTPSCOPE_CAPTURE_IP_H
#define SMTPSCOPE_CAPTURE_IP_H

#include "capture/cursor.h"
#include "capture/link.h"
#include "capture/segment.h"

/* Each parses the packet at the cursor down to its TCP segment or ICMP error, through tunnels, and sets all fields of *segment but
 * `at` and what came before IP (VLANs, tunnels, `overlapping_fragments`); on LINK_IP_FRAGMENT, its addresses and `fragment`; on
 * any other result it may have set some. RFC 791, RFC 8200, RFC 9293, RFC 792,
 * RFC 4443. */
enum link_result ip_parse_v4(struct cursor *cursor, struct segment *segment);
enum link_result ip_parse_v6(struct cursor *cursor, struct segment *segment);

/* For links that carry bare IP: the version in the first byte decides. */
enum link_result ip_parse_any(struct cursor *cursor, struct segment *segment);

/* What an IP header carries, `protocol` being its number: for the payload of a packet that was put together from fragments. The
 * addresses of the packet are in the segment. */
enum link_result ip_parse_payload(uint8_t protocol, struct cursor *cursor, struct segment *segment);

#endif
