/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Packets inside of packets: MPLS, PPPoE, GRE and its children, tunnels over IP and over UDP.
 */
#ifndef SMTPSCOPE_CAPTURE_TUNNEL_H
#define SMTPSCOPE_CAPTURE_TUNNEL_H

#include "capture/cursor.h"
#include "capture/link.h"
#include "capture/segment.h"

/* Each parses the tunnel's header at the cursor, notes the tunnel in the segment and goes on with what is inside. Contracts as in
 * ip.h. */
enum link_result tunnel_parse_mpls(struct cursor *cursor, struct segment *segment);
enum link_result tunnel_parse_pppoe(struct cursor *cursor, struct segment *segment);
enum link_result tunnel_parse_pbb(struct cursor *cursor, struct segment *segment);
enum link_result tunnel_parse_nsh(struct cursor *cursor, struct segment *segment);
enum link_result tunnel_parse_gre(struct cursor *cursor, struct segment *segment);
enum link_result tunnel_parse_etherip(struct cursor *cursor, struct segment *segment);
enum link_result tunnel_parse_l2tpv3(struct cursor *cursor, struct segment *segment);
enum link_result tunnel_parse_ip(struct cursor *cursor, struct segment *segment);

/* The UDP header at the cursor, and the tunnel that its ports stand for if the bytes behind it agree; LINK_NOT_TCP for any
 * other. */
enum link_result tunnel_parse_udp(struct cursor *cursor, struct segment *segment);

/* Whether a packet whose first piece has these bytes may hold a tunnel; only ports are looked at. */
bool tunnel_may_be_udp(const uint8_t *header, size_t len);

/* A constant word, e.g. "vxlan"; NULL for SEGMENT_TUNNEL_NONE. */
const char *tunnel_name(enum segment_tunnel_kind kind);

#endif
