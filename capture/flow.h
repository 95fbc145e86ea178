/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The flow table: owns the life of each TCP connection, from its first segment to its end.
 *
 * It keeps what a connection is known by, its handshake, counters and end, puts the segments of both sides into the order in which
 * the peers acted, decides when a hole is a loss of the capture, and hands the bytes to a stream sink: through libnids from the first
 * segment on that comes out of order.
 *
 * Order: a segment is handed on only when everything that it acknowledges was handed on. A segment that acknowledges bytes which
 * are not there is held back: either they come within a few segments (the capture reordered them) or they are declared lost.
 */
#ifndef SMTPSCOPE_CAPTURE_FLOW_H
#define SMTPSCOPE_CAPTURE_FLOW_H

#include "capture/duplicate.h"
#include "capture/ends_hash.h"
#include "capture/segment.h"

enum { FLOW_PORTS = 65536 };

/* What a connection is waiting for; each has a time after which it is over. */
enum flow_timeout {
	FLOW_TIMEOUT_EMBRYONIC, /* an answer to the SYN */
	FLOW_TIMEOUT_OPEN,      /* the next segment */
	FLOW_TIMEOUT_CLOSING,   /* stragglers, after both sides have closed or one has reset */
	FLOW_TIMEOUT_COUNT
};

struct flow_options {
	uint8_t hints[FLOW_PORTS];      /* enum stream_hint by server port */
	bool ports_only;                /* streams on other ports are not opened at all */
	size_t flows_max;               /* connections kept at once; the least interesting give way */
	size_t queued_bytes_max;        /* out-of-order bytes kept of a connection */
	size_t total_queued_bytes_max;  /* and of all together */
	int64_t timeout_ns[FLOW_TIMEOUT_COUNT];
};

struct flow_stats {
	uint64_t connections; /* also Wireshark's next tcp.stream */
	uint64_t gaps, gap_bytes;
	uint64_t evicted;
	uint64_t untold; /* connections that never came about, too many in a short time to tell of each */
	uint64_t ignored_segments; /* impossible sequence numbers */
	uint64_t duplicate_packets; /* copies of a segment that was captured already, see duplicate.h */
	/* Now: */
	size_t open;         /* connections that are not over, whatever their state */
	size_t embryonic, closing; /* of them */
	size_t queued_bytes; /* out-of-order bytes kept, and what keeping them costs */
	size_t memory;       /* of the whole table, these bytes included */
};

/* Whoever keeps packets is told of each segment before the table looks at it, so also before what it causes: the opening and the end
 * of its stream. ICMP errors come when they are about a SYN, stragglers of a connection that is over do not come. serial is that of
 * the stream_open; first: the connection is new. Return false to hear no more of the connection. */
struct flow_watcher {
	void *context;
	bool (*segment)(void *context, uint64_t serial, bool first, enum stream_side side, const struct segment *segment);
	/* The connection has ended, or is of no interest, without a stream whose close() would say so. */
	void (*forget)(void *context, uint64_t serial);
};

struct flow_table;

/* The defaults: ports 25, 587 and 2525 SMTP, 465 SMTPS, 24 LMTP. */
void flow_options_init(struct flow_options *ret_options);

/* Returns NULL when there is no memory. options is copied. One table a process, see reassembly.h. */
struct flow_table *flow_table_create(const struct flow_options *options, const struct stream_sink *sink);

/* Starts a new source: its name (which must live as long as the table) and Wireshark's numbering from 0. Connections of the source
 * before are ended. */
void flow_table_begin_source(struct flow_table *table, const char *name);

/* Before the first segment. Without a watcher watching costs nothing. */
void flow_table_watch(struct flow_table *table, const struct flow_watcher *watcher);

void flow_table_segment(struct flow_table *table, const struct segment *segment);

/* The same in steps, with other segments between them, so that memory is there when it is needed; see ahead.h. Each step asks for what
 * the next one reads. The segment is borrowed until flow_table_expected_segment(), before which the steps may be left out. */
struct flow_expected {
	const struct segment *segment;
	struct ends_hash ends;
	struct duplicate_network network;
	uint64_t network_bits, hash, content_hash;
};
void flow_table_expect(struct flow_table *table, const struct segment *segment, struct flow_expected *ret_expected);
void flow_table_expect_flow(struct flow_table *table, const struct flow_expected *expected);
void flow_table_expect_stream(struct flow_table *table, const struct flow_expected *expected);
void flow_table_expected_segment(struct flow_table *table, const struct flow_expected *expected);

/* The name that connections beginning from now on have, where segments of several interfaces take turns. It must live as long
 * as the table. */
void flow_table_set_source(struct flow_table *table, const char *name);

/* Time has passed without a segment: connections may time out, and holes may be known to be losses. time_ns is what the time
 * of a segment would be now. */
void flow_table_tick(struct flow_table *table, int64_t time_ns);

/* What is known by now of a connection that the sink has opened and that is not closed: `connection` as in struct stream_open.
 * `how` says STREAM_CLOSE_NONE. */
void flow_table_peek(const struct flow_table *table, const void *connection, struct stream_close *ret_close);

/* When the oldest of the connections began that are over, but of which the sink has not heard yet, since they may be tried again
 * or stragglers may come; 0: there is none. Where they are very many, of those that were over first. */
int64_t flow_table_oldest_failed(const struct flow_table *table);

/* The capture has ended: ends all connections, in the order of their first frames. */
void flow_table_end_source(struct flow_table *table);

/* Gives back memory that is missed the least: buffers that can be made again, else a connection, which is given up: one that is over,
 * else one that never came about, else the one that is idle for the longest time. Returns false when there is none. Not from within the sink. */
bool flow_table_evict(struct flow_table *table);

void flow_table_get_stats(const struct flow_table *table, struct flow_stats *ret_stats);

/* Accepts NULL. */
void flow_table_destroy(struct flow_table *table);

#endif
