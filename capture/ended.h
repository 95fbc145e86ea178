/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Connections that ended a while ago, in 32 bytes each: so that a packet that comes late is not taken for the middle of a new one.
 * The latest are remembered whole, by the flow table; these are those before them.
 */
#ifndef SMTPSCOPE_CAPTURE_ENDED_H
#define SMTPSCOPE_CAPTURE_ENDED_H

#include "capture/segment.h"

enum { ENDED_MAX = 65536 }; /* 2 MiB */

/* The end of one direction. */
struct ended_side {
	bool known;
	uint32_t next; /* sequence number behind its last byte */
};

struct ended;

/* Returns NULL when there is no memory. */
struct ended *ended_create(void);

/* Remembers a connection by the hash of its key. time_ns is any clock that does not go back; side[0] is the one whose segments
 * ended_is_straggler() will be told of as 0. Where there is no place, the older one is forgotten. */
void ended_add(struct ended *ended, uint64_t hash, int64_t time_ns, const struct ended_side side[2]);

/* Is the segment, of that side, nothing but a late one of a connection that was added no longer than two minutes before? True for
 * what has no bytes, and for bytes that the connection had; never for a SYN. */
bool ended_is_straggler(const struct ended *ended, uint64_t hash, int64_t time_ns, int side, const struct segment *segment);

/* What comes next is of another capture. */
void ended_forget(struct ended *ended);

/* Accepts NULL. */
void ended_destroy(struct ended *ended);

#endif
