/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/sink/memory_queue.h"

enum {
	SPARES_MAX = 4,
	SMALLEST_BATCH = 4096,
	BYTES_PER_DOCUMENT = 64, /* a batch of shorter documents is full before its bytes are */
};

static size_t footprint(const struct batch *batch) {
	return batch_footprint(batch->capacity, batch->count_max);
}

void memory_queue_init(struct memory_queue *queue, size_t bytes_max) {
	*queue = (struct memory_queue){.bytes_max = bytes_max, .batch_bytes = BATCH_BYTES};
	/* A small queue has small batches: with a few big ones it would be full when most of it is empty. */
	while (queue->batch_bytes > SMALLEST_BATCH && queue->batch_bytes > bytes_max / 8)
		queue->batch_bytes /= 2;
	queue->batch_documents = queue->batch_bytes / BYTES_PER_DOCUMENT;
	size_t least = batch_footprint(queue->batch_bytes, queue->batch_documents);
	if (queue->bytes_max < least)
		queue->bytes_max = least;
}

static void destroy_list(struct batch *batch) {
	while (batch != NULL) {
		struct batch *next = batch->next;
		batch_destroy(batch);
		batch = next;
	}
}

void memory_queue_finish(struct memory_queue *queue) {
	destroy_list(queue->first);
	destroy_list(queue->spare);
	*queue = (struct memory_queue){0};
}

static struct batch *new_batch(struct memory_queue *queue, size_t len) {
	bool ordinary = len <= queue->batch_bytes;
	size_t capacity = ordinary ? queue->batch_bytes : len, documents = ordinary ? queue->batch_documents : 1;
	size_t needs = batch_footprint(capacity, documents);
	if (needs > queue->bytes_max - queue->used)
		return NULL;

	struct batch *batch = NULL;
	if (ordinary && queue->spare != NULL) {
		batch = queue->spare;
		queue->spare = batch->next;
		queue->spare_count--;
		batch_clear(batch);
	} else {
		batch = batch_create(capacity, documents);
	}
	if (batch != NULL)
		queue->used += needs;
	return batch;
}

bool memory_queue_add(struct memory_queue *queue, const char *data, size_t len, int64_t now_ns, bool *ret_filled) {
	bool filled = false;
	if (len > UINT32_MAX)
		return false;
	if (queue->last == NULL || !batch_add(queue->last, data, len)) {
		struct batch *batch = new_batch(queue, len);
		if (batch == NULL)
			return false;
		batch->since_ns = now_ns;
		filled = queue->last != NULL;
		if (queue->last != NULL)
			queue->last->next = batch;
		else
			queue->first = batch;
		queue->last = batch;
		batch_add(batch, data, len);
	}
	queue->documents++;
	queue->bytes += len;
	*ret_filled = filled;
	return true;
}

bool memory_queue_has_full(const struct memory_queue *queue) {
	const struct batch *first = queue->first;
	return first != NULL && (first->next != NULL || first->count == first->count_max || first->len == first->capacity);
}

struct batch *memory_queue_take(struct memory_queue *queue) {
	struct batch *batch = queue->first;
	if (batch == NULL)
		return NULL;
	queue->first = batch->next;
	if (queue->first == NULL)
		queue->last = NULL;
	batch->next = NULL;
	queue->documents -= batch->count - batch->done_count;
	queue->bytes -= batch->len - batch_boundary(batch);
	return batch;
}

void memory_queue_put_back(struct memory_queue *queue, struct batch *batch) {
	batch_rewind(batch);
	batch->next = queue->first;
	queue->first = batch;
	if (queue->last == NULL)
		queue->last = batch;
	queue->documents += batch->count - batch->done_count;
	queue->bytes += batch->len - batch_boundary(batch);
}

void memory_queue_release(struct memory_queue *queue, struct batch *batch) {
	queue->used -= footprint(batch);
	if (batch->capacity == queue->batch_bytes && batch->count_max == queue->batch_documents &&
		queue->spare_count < SPARES_MAX) {
		batch->next = queue->spare;
		queue->spare = batch;
		queue->spare_count++;
	} else {
		batch_destroy(batch);
	}
}
