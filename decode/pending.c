/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "decode/pending.h"

#include <assert.h>
#include <stdlib.h>

static bool grow(struct pending_queue *queue) {
	size_t capacity = queue->capacity != 0 ? 2 * queue->capacity : 4;
	if (capacity > PENDING_MAX)
		return false;
	struct pending *items = malloc(capacity * sizeof(*items));
	if (items == NULL)
		return false;
	for (size_t i = 0; i < queue->count; i++)
		items[i] = *pending_at(queue, i);
	free(queue->items);
	queue->items = items;
	queue->first = 0;
	queue->capacity = capacity;
	return true;
}

struct pending *pending_push(struct pending_queue *queue) {
	if (queue->count == queue->capacity && !grow(queue))
		return NULL;
	struct pending *item = &queue->items[(queue->first + queue->count) % queue->capacity];
	queue->count++;
	*item = (struct pending){0};
	return item;
}

struct pending *pending_at(const struct pending_queue *queue, size_t i) {
	return i < queue->count ? &queue->items[(queue->first + i) % queue->capacity] : NULL;
}

void pending_drop(struct pending_queue *queue, size_t n) {
	assert(n <= queue->count);
	if (n == 0)
		return;
	queue->first = (queue->first + n) % queue->capacity;
	queue->count -= n;
}

void pending_finish(struct pending_queue *queue) {
	free(queue->items);
	*queue = (struct pending_queue){0};
}
