/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/sink/batch.h"

#include <assert.h>
#include <string.h>
#include <sys/mman.h>

size_t batch_footprint(size_t capacity, size_t count_max) {
	return sizeof(struct batch) + count_max * sizeof(uint32_t) + capacity;
}

struct batch *batch_create(size_t capacity, size_t count_max) {
	assert(capacity > 0 && capacity <= UINT32_MAX && count_max > 0);
	/* Not of the heap: what a reader that was away made wait is given back to the system when it has gone. */
	struct batch *batch =
		mmap(NULL, batch_footprint(capacity, count_max), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (batch == MAP_FAILED)
		return NULL;
	*batch = (struct batch){.capacity = capacity, .count_max = count_max};
	batch->ends = (uint32_t *)(batch + 1);
	batch->data = (char *)(batch->ends + count_max);
	return batch;
}

void batch_destroy(struct batch *batch) {
	if (batch != NULL)
		munmap(batch, batch_footprint(batch->capacity, batch->count_max));
}

void batch_clear(struct batch *batch) {
	batch->next = NULL;
	batch->len = batch->count = batch->done = batch->done_count = 0;
}

bool batch_add(struct batch *batch, const char *data, size_t len) {
	if (batch->count == batch->count_max || len > batch->capacity - batch->len)
		return false;
	memcpy(batch->data + batch->len, data, len);
	batch->len += len;
	batch->ends[batch->count++] = (uint32_t)batch->len;
	return true;
}

size_t batch_start(const struct batch *batch, size_t index) {
	return index > 0 ? batch->ends[index - 1] : 0;
}

size_t batch_boundary(const struct batch *batch) {
	return batch_start(batch, batch->done_count);
}

void batch_advance(struct batch *batch, size_t bytes) {
	assert(bytes <= batch->len - batch->done);
	batch->done += bytes;
	while (batch->done_count < batch->count && batch->ends[batch->done_count] <= batch->done)
		batch->done_count++;
}

void batch_rewind(struct batch *batch) {
	batch->done = batch_boundary(batch);
}
