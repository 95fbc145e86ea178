/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A run of whole documents, one behind the other in one piece of memory: what is queued, spooled and written at a time.
 */
#ifndef SMTPSCOPE_REPORT_SINK_BATCH_H
#define SMTPSCOPE_REPORT_SINK_BATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	BATCH_BYTES = 256 * 1024,
	BATCH_DOCUMENTS = 4096,
};

struct batch {
	struct batch *next; /* for lists; the batch itself does not look at it */
	int64_t since_ns;   /* when its first document came, by the clock of who fills it */
	char *data;
	size_t len, capacity;
	uint32_t *ends; /* of each document in data */
	size_t count, count_max;
	/* How far an output has got: bytes handed over, and documents that are complete by that. */
	size_t done, done_count;
};

/* An empty batch of that many bytes and documents, neither of them 0. NULL: no memory. */
struct batch *batch_create(size_t capacity, size_t count_max);

/* Accepts NULL. */
void batch_destroy(struct batch *batch);

/* What a batch of that size takes of the memory, in bytes. */
size_t batch_footprint(size_t capacity, size_t count_max);

/* Forgets its documents. */
void batch_clear(struct batch *batch);

/* Adds a copy of one document (len > 0). False: it has no place for it. */
bool batch_add(struct batch *batch, const char *data, size_t len);

/* Where the last complete document ends: the place that is left standing when something goes wrong. */
size_t batch_boundary(const struct batch *batch);

/* Where document number index begins. */
size_t batch_start(const struct batch *batch, size_t index);

/* Takes note that more bytes were handed over. */
void batch_advance(struct batch *batch, size_t bytes);

/* The document that is incomplete begins again. */
void batch_rewind(struct batch *batch);

#endif
