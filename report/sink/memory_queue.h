/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Documents that wait in memory, in batches, oldest first. Bounded by what the batches take, those included that were taken
 * out and not given back. It does not lock: its owner does.
 */
#ifndef SMTPSCOPE_REPORT_SINK_MEMORY_QUEUE_H
#define SMTPSCOPE_REPORT_SINK_MEMORY_QUEUE_H

#include "report/sink/batch.h"

struct memory_queue {
	struct batch *first, *last;
	struct batch *spare; /* kept, so that steady traffic does not ask the system for memory again and again */
	size_t spare_count;
	size_t bytes_max, used;
	size_t batch_bytes, batch_documents; /* of an ordinary batch */
	uint64_t documents, bytes;           /* that wait, not counting batches taken out */
};

/* bytes_max: what all of it may take; at least one small batch is always allowed. */
void memory_queue_init(struct memory_queue *queue, size_t bytes_max);

/* Frees all that it has; what was taken out and not given back is its taker's. Accepts zeroed. */
void memory_queue_finish(struct memory_queue *queue);

/* Adds a copy of one document, len > 0. False: there is no room. ret_filled: whether there is now a full batch that was not
 * full before. */
bool memory_queue_add(struct memory_queue *queue, const char *data, size_t len, int64_t now_ns, bool *ret_filled);

/* Whether the oldest batch is full, or as good as that. */
bool memory_queue_has_full(const struct memory_queue *queue);

/* Takes the oldest batch out. NULL: there is none. */
struct batch *memory_queue_take(struct memory_queue *queue);

/* Puts a batch that was taken back to the front; its documents from done_count on wait again. */
void memory_queue_put_back(struct memory_queue *queue, struct batch *batch);

/* Gives the memory of a taken batch back. */
void memory_queue_release(struct memory_queue *queue, struct batch *batch);

#endif
