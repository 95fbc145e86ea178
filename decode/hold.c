/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "decode/hold.h"

#include <stdlib.h>
#include <string.h>

bool hold_push(struct hold_queue *queue, const struct stream_chunk *chunk) {
	size_t size = sizeof(struct held_chunk) + (chunk->data != NULL ? chunk->len : 0);
	if (size > HOLD_BYTES_MAX - queue->bytes)
		return false;
	struct held_chunk *held = malloc(size);
	if (held == NULL)
		return false;
	*held = (struct held_chunk){.chunk = *chunk};
	if (chunk->data != NULL) {
		memcpy(held + 1, chunk->data, chunk->len);
		held->chunk.data = (const uint8_t *)(held + 1);
	}
	if (queue->last != NULL)
		queue->last->next = held;
	else
		queue->first = held;
	queue->last = held;
	queue->bytes += size;
	return true;
}

struct held_chunk *hold_pop(struct hold_queue *queue) {
	struct held_chunk *held = queue->first;
	if (held == NULL)
		return NULL;
	queue->first = held->next;
	if (queue->first == NULL)
		queue->last = NULL;
	queue->bytes -= sizeof(*held) + (held->chunk.data != NULL ? held->chunk.len : 0);
	return held;
}

void hold_finish(struct hold_queue *queue) {
	for (struct held_chunk *held; (held = hold_pop(queue)) != NULL;)
		free(held);
}
