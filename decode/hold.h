/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Chunks held back until they can be judged: the client's bytes after DATA, AUTH and STARTTLS before the server has answered, and
 * both sides' bytes before it is known whether the stream is SMTP.
 */
#ifndef SMTPSCOPE_DECODE_HOLD_H
#define SMTPSCOPE_DECODE_HOLD_H

#include "decode/stream.h"

enum { HOLD_BYTES_MAX = 65536 };

struct held_chunk {
	struct held_chunk *next;
	struct stream_chunk chunk; /* data points behind this struct, or is NULL for a gap */
};

struct hold_queue { /* zero-filled at start */
	struct held_chunk *first, *last;
	size_t bytes;      /* held, the structs included */
	size_t data_bytes; /* held, gaps not included */
};

/* Appends a copy. Returns false, and holds nothing more, when the limit is reached or there is no memory. */
bool hold_push(struct hold_queue *queue, const struct stream_chunk *chunk);

/* Removes the oldest; the caller frees it with free(). NULL when there is none. */
struct held_chunk *hold_pop(struct hold_queue *queue);

/* Moves all of the second queue to the end of the first, whatever the limit. */
void hold_join(struct hold_queue *queue, struct hold_queue *behind);

void hold_finish(struct hold_queue *queue);

#endif
