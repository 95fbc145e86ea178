/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The same packet captured twice: a mirror of both switch ports, a tagged and an untagged copy, before and after a router or a
 * tunnel. And networks (VLANs, virtual networks) that one connection is seen in, though its addresses are the same.
 *
 * The rule. A copy has all of a segment but hop limit, VLANs, tunnels and link addresses: addresses, ports, sequence numbers, flags,
 * window, length, checksum, time stamp, and IPv4's identification; no more of it was captured than of the first; and it comes
 *   within 100 ms where it has an identification, or is a SYN,
 *   within   5 ms where it has a TCP time stamp,
 *   within   1 ms otherwise.
 * A segment that is sent again, as seen by the same rule:
 *   - gets another identification. Senders that leave it at 0 do not count as having one; for those that leave it at another
 *     constant the 100 ms are half of the shortest retransmission timeout in use (200 ms in Linux; RFC 6298 asks for a second,
 *     which is what the first timeout of a SYN is everywhere).
 *   - carries a new time stamp, whose clock ticks at 1 to 10 ms in systems of today, and comes no sooner than the timeout or, as
 *     fast retransmission, than three acknowledgements that came a round trip later. Tail loss probes wait two round trips and at
 *     least two ticks.
 *   - without either, cannot come within a millisecond but where the round trip is shorter than that, and a segment was lost, and
 *     three more arrived.
 * Should one be taken for a copy after all, it is a count that is wrong by one and not a byte that is missing, since a copy is never
 * longer than the first, which was handed on.
 */
#ifndef SMTPSCOPE_CAPTURE_DUPLICATE_H
#define SMTPSCOPE_CAPTURE_DUPLICATE_H

#include "capture/ends_hash.h"
#include "capture/segment.h"

#include <stdbool.h>
#include <stdint.h>

/* Where a segment was seen, besides its addresses. */
struct duplicate_network {
	uint32_t tunnel_id;
	uint16_t vlan[STREAM_VLAN_MAX];
	uint32_t vlan_count;
};

static inline struct duplicate_network duplicate_network_of(const struct segment *segment) {
	struct duplicate_network network = {.tunnel_id = segment->tunnel_id, .vlan_count = (uint32_t)segment->vlan_count};
	for (size_t i = 0; i < segment->vlan_count; i++)
		network.vlan[i] = segment->vlan[i];
	return network;
}

/* The same for equal networks only: an identifier is never 0. */
static inline uint64_t duplicate_network_bits(const struct duplicate_network *network) {
	return (uint64_t)network->tunnel_id << 32 | (uint32_t)network->vlan[0] << 16 | network->vlan[1];
}

struct duplicates;

/* Returns NULL when there is no memory. */
struct duplicates *duplicates_create(void);

/* A hash of all that is the same in a copy of the segment. What duplicates_check() will look at is on its way from memory then. */
uint64_t duplicates_begin(struct duplicates *duplicates, const struct segment *segment, const struct ends_hash *ends);

/* Whether the segment is a copy of one seen before; segment->at must be set, ends be its hash and `hash` what duplicates_begin()
 * said. *ret_network becomes the network that its connection counts as being in: its own, or the one that a copy of one of the
 * connection's segments was seen in first. So too when a segment is answered, with the sequence numbers that only an answer has, out
 * of another network than it was sent into: then each direction has its own VLAN, or its own virtual network. *ret_joined: it is this segment that has
 * shown so; those of its own network before it were taken for another connection. */
bool duplicates_check(struct duplicates *duplicates, const struct segment *segment, const struct ends_hash *ends, uint64_t hash,
	struct duplicate_network *ret_network, bool *ret_joined);

/* Forgets all it has seen: what comes next is of another capture, which may hold the same packets. */
void duplicates_forget(struct duplicates *duplicates);

/* Accepts NULL. */
void duplicates_destroy(struct duplicates *duplicates);

#endif
