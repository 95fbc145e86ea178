/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The packets of connections that are still open, in bounded memory.
 *
 * Packets are kept by the serial number of their connection (stream_open.serial). All memory is taken at the start, in small cells,
 * and only touched when it is needed. When there is no cell left the oldest packet of all gives way; and of one connection only the
 * start and the end are kept. What gave way is counted with its connection.
 *
 * The store belongs to one thread. A chain that was taken out of it may be read and freed by any thread; its memory counts against
 * the bound until then.
 */
#ifndef SMTPSCOPE_CAPTURE_PACKET_STORE_H
#define SMTPSCOPE_CAPTURE_PACKET_STORE_H

#include "capture/segment.h"
#include "capture/source.h"

struct packet_store_options {
	size_t bytes_max;      /* of all, what keeps track of them included */
	size_t flow_head_max;  /* bytes of a connection's first packets that are kept, */
	size_t flow_tail_max;  /* and of its last ones */
};

struct packet_store_stats {
	uint64_t packets, bytes; /* kept so far, whatever became of them */
	uint64_t dropped;        /* given up to make room, or never kept for lack of it; what packet_store_drop() forgot not included */
	size_t bytes_used;       /* now, of bytes_max */
	size_t flows;            /* connections known now */
};

/* A packet as it was kept. */
struct packet {
	int64_t time_ns;
	int link_type;
	size_t captured_len, wire_len;
	enum stream_side side;
	enum segment_kind kind;
	uint8_t flags;             /* TCP's */
	bool payload_elsewhere;    /* the payload is not a part of this frame, as of a packet put together from fragments */
	size_t payload_at;         /* place of the payload in the frame, */
	size_t payload_captured_len, payload_len;
	uint32_t payload_seq;      /* and its sequence number */
	struct stream_endpoint source, destination; /* of the segment */
};

struct packet_store;
struct packet_chain;

/* 64 MiB; 3 MiB and 1 MiB of a connection. */
void packet_store_options_init(struct packet_store_options *ret_options);

/* NULL when there is no memory. bytes_max is raised to what a store needs at least. */
struct packet_store *packet_store_create(const struct packet_store_options *options);

/* Keeps a copy of the frame. first: of a connection that is new; others must be known. Returns false when the connection is not
 * known, because it was dropped or taken, or because nothing of it is left: no more of its packets are of use. The frame is one of
 * which link_parse() made the segment. */
bool packet_store_add(struct packet_store *store, uint64_t serial, bool first, enum stream_side side,
	const struct source_frame *frame, const struct segment *segment);

/* The connection is of no interest. */
void packet_store_drop(struct packet_store *store, uint64_t serial);

/* Takes the connection's packets out of the store. NULL when it is not known, or there is no memory. The caller frees it. */
struct packet_chain *packet_store_take(struct packet_store *store, uint64_t serial);

void packet_store_get_stats(const struct packet_store *store, struct packet_store_stats *ret_stats);

/* All chains must have been freed. Accepts NULL. */
void packet_store_destroy(struct packet_store *store);

/* Packets there are, and packets of the connection that gave way. */
uint64_t packet_chain_count(const struct packet_chain *chain);
uint64_t packet_chain_dropped(const struct packet_chain *chain);

/* Captured bytes of all. */
uint64_t packet_chain_bytes(const struct packet_chain *chain);

/* Of the longest packet. */
size_t packet_chain_longest(const struct packet_chain *chain);

struct packet_cursor { /* zero-filled at start */
	uint32_t next;
	bool begun;
};

/* The next packet, in the order of their capture; its bytes are copied to frame, which has room for packet_chain_longest(). Returns
 * false at the end. */
bool packet_chain_next(
	const struct packet_chain *chain, struct packet_cursor *cursor, struct packet *ret_packet, uint8_t *frame);

/* Accepts NULL. In any thread, as long as the store lives. */
void packet_chain_free(struct packet_chain *chain);

#endif
