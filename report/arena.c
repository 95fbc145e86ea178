/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * An arena is a list of blocks, of which only the last is filled further.
 */
#include "report/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	BLOCK_FIRST = 4 * 1024,     /* a client that has only connected needs no more */
	BLOCK_MAX = 256 * 1024,     /* blocks double up to here; a larger request gets a block of its own size */
	BLOCK_KEPT_MAX = 16 * 1024, /* a larger one is not kept over a reset */
};

struct arena_block {
	struct arena_block *next;
	size_t size;
	max_align_t data[];
};

static struct arena_block *block_create(size_t size) {
	struct arena_block *block = NULL;
	if (size <= SIZE_MAX - sizeof(*block))
		block = malloc(sizeof(*block) + size);
	if (block == NULL) {
		/* A record that silently lacks a part would be a wrong statement, and there is nobody to hand an error to in
		 * the middle of an event. */
		fprintf(stderr, "out of memory: cannot allocate %zu bytes for a session record\n", size);
		abort();
	}
	block->next = NULL;
	block->size = size;
	return block;
}

static void blocks_free(struct arena_block *block) {
	while (block != NULL) {
		struct arena_block *next = block->next;
		free(block);
		block = next;
	}
}

static void add_block(struct arena *arena, size_t size) {
	size_t usual = BLOCK_FIRST;
	if (arena->current != NULL)
		usual = arena->current->size < BLOCK_MAX / 2 ? arena->current->size * 2 : BLOCK_MAX;
	struct arena_block *block = block_create(size > usual ? size : usual);
	if (arena->current == NULL)
		arena->first = block;
	else
		arena->current->next = block;
	arena->current = block;
	arena->used = 0;
	arena->held += block->size;
}

/* alignment is a power of two, at most that of max_align_t */
static void *take(struct arena *arena, size_t size, size_t alignment) {
	size_t start = (arena->used + alignment - 1) & ~(alignment - 1);
	if (arena->current == NULL || start > arena->current->size || size > arena->current->size - start) {
		add_block(arena, size);
		start = 0;
	}
	arena->used = start + size;
	arena->taken += size;
	return (char *)arena->current->data + start;
}

void *arena_alloc_uninitialised(struct arena *arena, size_t size) {
	return take(arena, size, alignof(max_align_t));
}

void *arena_alloc(struct arena *arena, size_t size) {
	void *memory = arena_alloc_uninitialised(arena, size);
	memset(memory, 0, size);
	return memory;
}

char *arena_copy(struct arena *arena, const char *data, size_t len) {
	if (len == 0)
		return NULL;
	char *copy = take(arena, len, 1);
	memcpy(copy, data, len);
	return copy;
}

/* The block that is kept is the largest that an ordinary session needs, so that the next one finds all its memory warm. */
void arena_reset(struct arena *arena) {
	struct arena_block *kept = NULL;
	for (struct arena_block *block = arena->first, *next; block != NULL; block = next) {
		next = block->next;
		if (block->size > BLOCK_KEPT_MAX || (kept != NULL && kept->size >= block->size)) {
			free(block);
			continue;
		}
		free(kept);
		kept = block;
	}
	if (kept != NULL)
		kept->next = NULL;
	*arena = (struct arena){.first = kept, .current = kept, .held = kept != NULL ? kept->size : 0};
}

void arena_finish(struct arena *arena) {
	blocks_free(arena->first);
	*arena = (struct arena){0};
}
