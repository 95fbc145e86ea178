/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "decode/hold.h"

#include <stdlib.h>
#include <string.h>

bool hold_push(struct hold_queue *queue, const struct stream_chunk *chunk) {
	size_t size = sizeof(struct held_chunk) + (chunk->data != NULL ? chunk->len : 0);
	if (queue->bytes > HOLD_BYTES_MAX || size > HOLD_BYTES_MAX - queue->bytes)
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
	queue->data_bytes += size - sizeof(struct held_chunk);
	return true;
}

struct held_chunk *hold_pop(struct hold_queue *queue) {
	struct held_chunk *held = queue->first;
	if (held == NULL)
		return NULL;
	queue->first = held->next;
	if (queue->first == NULL)
		queue->last = NULL;
	size_t data_len = held->chunk.data != NULL ? held->chunk.len : 0;
	queue->bytes -= sizeof(*held) + data_len;
	queue->data_bytes -= data_len;
	return held;
}

void hold_join(struct hold_queue *queue, struct hold_queue *behind) {
	if (behind->first == NULL)
		return;
	if (queue->last != NULL)
		queue->last->next = behind->first;
	else
		queue->first = behind->first;
	queue->last = behind->last;
	queue->bytes += behind->bytes;
	queue->data_bytes += behind->data_bytes;
	*behind = (struct hold_queue){0};
}

void hold_finish(struct hold_queue *queue) {
	for (struct held_chunk *held; (held = hold_pop(queue)) != NULL;)
		free(held);
}
