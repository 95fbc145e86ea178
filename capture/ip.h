/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * IPv4 and IPv6 packets to TCP segments and ICMP errors.
 */
#ifndef SMTPSCOPE_CAPTURE_IP_H
#define SMTPSCOPE_CAPTURE_IP_H

#include "capture/cursor.h"
#include "capture/link.h"
#include "capture/segment.h"

/* Each parses the packet at the cursor down to its TCP segment or ICMP error and sets all fields of *segment but `vlan`,
 * `vlan_count` and `at`; on any result but LINK_SEGMENT it may have set some of them. RFC 791, RFC 8200, RFC 9293, RFC 792,
 * RFC 4443. */
enum link_result ip_parse_v4(struct cursor *cursor, struct segment *segment);
enum link_result ip_parse_v6(struct cursor *cursor, struct segment *segment);

/* For links that carry bare IP: the version in the first byte decides. */
enum link_result ip_parse_any(struct cursor *cursor, struct segment *segment);

#endif
