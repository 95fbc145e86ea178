/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * TCP segments of one flow into ordered bytes, by libnids.
 *
 * libnids never sees a captured packet. It is handed canonical ones: private IPv4 addresses, no options, sequence numbers that
 * are stream offsets, and a handshake that is made up when a stream is attached. So IPv6, missing handshakes, reused ports and
 * wrapped sequence numbers need nothing from it; what it does is order bytes and cut overlaps.
 *
 * libnids keeps global state: one struct reassembly a process.
 */
#ifndef SMTPSCOPE_CAPTURE_REASSEMBLY_H
#define SMTPSCOPE_CAPTURE_REASSEMBLY_H

#include "decode/stream.h"

/* What libnids can hold at once. Its pool is allocated whole. */
enum { REASSEMBLY_STREAMS_MAX = 16384 };

/* What an attached stream takes within libnids, about: itself, and a buffer for each side, of 4 KiB while segments are smaller than 2 KiB
 * and of 8 KiB where one was not. */
enum { REASSEMBLY_STREAM_COST = 4096 + 8192 + 512 };

/* Distance that a stream may advance before it must be detached and attached again: libnids counts in 31 bits, and its receive
 * window ends 1 GiB after the start, or after what was skipped last, because it is never told of acknowledgements. */
#define REASSEMBLY_SPAN_MAX (UINT64_C(256) << 20)

struct reassembly;

struct reassembly_stream {  /* zero-filled: not attached */
	bool attached;
	uint32_t number;    /* unique among the attached: libnids knows the stream by it */
	uint64_t start[2];  /* stream offsets at which it was attached, by side */
	void *known;        /* libnids's own */
};

/* The next bytes of one side, in order. The call comes from within reassembly_feed(), must not call it again, and the bytes live
 * for the call. context is the one given to reassembly_feed(). */
typedef void reassembly_deliver(void *context, enum stream_side side, const uint8_t *data, size_t len);

/* Returns NULL when there is no memory or libnids cannot be initialised. */
struct reassembly *reassembly_create(reassembly_deliver *deliver);
void reassembly_destroy(struct reassembly *reassembly);

/* Tells libnids of the stream; offset[side] is where the bytes of each side go on. Returns 0, or -ENOMEM when libnids would not. */
int reassembly_attach(struct reassembly *reassembly, struct reassembly_stream *stream, uint32_t number, const uint64_t offset[2]);

/* Hands over one segment's bytes; what has become contiguous by it is delivered before the call returns. The bytes must lie
 * less than three times REASSEMBLY_SPAN_MAX behind the stream's start, or behind what was skipped last. */
void reassembly_feed(struct reassembly *reassembly, const struct reassembly_stream *stream, void *context, enum stream_side side,
	uint64_t offset, const uint8_t *data, size_t len, int64_t time_ns);

/* len bytes that will not come, offset being the next expected: one byte stands for all of them and is delivered, then what waited
 * behind them. Costs the same whatever len is, for a single forged segment may make the hole. */
void reassembly_skip(struct reassembly *reassembly, const struct reassembly_stream *stream, void *context, enum stream_side side,
	uint64_t offset, uint64_t len, int64_t time_ns);

/* Asks for the memory that reassembly_feed() will need; does nothing when the stream is not attached. */
void reassembly_prefetch(const struct reassembly_stream *stream);

/* Forgets the stream and what is queued in it. Not from within reassembly_deliver. Accepts one that is not attached. */
void reassembly_detach(struct reassembly *reassembly, struct reassembly_stream *stream);

#endif
