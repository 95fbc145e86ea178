/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Fragments of IP packets, put together.
 *
 * libnids has a defragmenter of its own; it is not used: it knows no IPv6, sees only the canonical packets that reassembly.h makes
 * of what was found here already, and neither tunnels nor VLANs are part of what it takes for the same packet.
 *
 * Pieces that overlap: of IPv4 the byte that was seen first stays, and the packet is flagged; receivers differ in which one they
 * take. Of IPv6 the whole packet is given up, as every receiver does (RFC 5722). A piece that comes again as it was is no
 * overlap.
 */
#ifndef SMTPSCOPE_CAPTURE_FRAGMENT_H
#define SMTPSCOPE_CAPTURE_FRAGMENT_H

#include "capture/segment.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { FRAGMENTS_BYTES_MAX = 4 << 20 }; /* a good size for fragments_create() */

struct fragments;

struct fragments_stats {
	uint64_t packets;            /* put together */
	uint64_t duplicate_pieces;   /* the same piece again */
	uint64_t overlapping_packets;
	uint64_t bad_pieces;         /* that no packet can have: beyond its end, of impossible length */
	uint64_t incomplete_packets; /* given up: some piece did not come for 30 seconds, or there was no memory to wait longer */
	uint64_t incomplete_pieces;  /* pieces of these that did come */
};

/* A packet's payload: what follows IPv4's header, or IPv6's fragment header. */
struct fragments_packet {
	const uint8_t *data; /* lives until a call completes another packet, and no longer than the fragments */
	size_t captured_len;
	size_t len;          /* more than captured when a piece was cut by a snap length */
	uint8_t protocol;
	bool overlapping;
};

/* Keeps at most bytes_max bytes, its own records included; the packet begun longest ago gives way. Returns NULL when there is no
 * memory. */
struct fragments *fragments_create(size_t bytes_max);

/* Takes the piece that segment->fragment describes, copying it; time_ns is the time of its frame. Returns true when it was the
 * last one missing, and *ret_packet. The piece may lie in the packet that the call before has completed. */
bool fragments_add(
	struct fragments *fragments, const struct segment *segment, int64_t time_ns, struct fragments_packet *ret_packet);

/* Forgets all pieces and counts what was incomplete: the capture has ended. */
void fragments_reset(struct fragments *fragments);

void fragments_get_stats(const struct fragments *fragments, struct fragments_stats *ret_stats);

/* Bytes held now, as counted against bytes_max. */
size_t fragments_memory(const struct fragments *fragments);

/* Accepts NULL. */
void fragments_destroy(struct fragments *fragments);

#endif
