/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Memory that is taken piece by piece and given back all at once: one arena a session record.
 */
#ifndef SMTPSCOPE_REPORT_ARENA_H
#define SMTPSCOPE_REPORT_ARENA_H

#include <stddef.h>

struct arena_block;

struct arena { /* zero-filled at start */
	struct arena_block *first, *current;
	size_t used;  /* of the current block */
	size_t taken; /* bytes asked for since the start or the last reset */
	size_t held;  /* bytes of all blocks */
};

/* Returns size bytes, zero-filled, aligned for any object. Never NULL: out of memory ends the program with a message. */
void *arena_alloc(struct arena *arena, size_t size);

/* As arena_alloc(), but the bytes are not zero-filled: for arrays of which every item is written before it is read. */
void *arena_alloc_uninitialised(struct arena *arena, size_t size);

/* Returns a copy of the bytes (not NUL-terminated, not aligned); NULL when len is 0. */
char *arena_copy(struct arena *arena, const char *data, size_t len);

/* Forgets all that was taken and keeps a block for what comes next. */
void arena_reset(struct arena *arena);

/* Gives all memory back. Accepts a zero-filled arena. */
void arena_finish(struct arena *arena);

#endif
