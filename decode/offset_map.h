/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Which offset of a side's text belongs to which offset of its encrypted stream: what a side acknowledges are encrypted bytes, and
 * it has read the text of the records that are whole in them.
 */
#ifndef SMTPSCOPE_DECODE_OFFSET_MAP_H
#define SMTPSCOPE_DECODE_OFFSET_MAP_H

#include <stddef.h>
#include <stdint.h>

enum { OFFSET_MAP_PAIRS_MAX = 32 };

struct offset_map { /* zero-filled at start */
	struct offset_pair {
		uint64_t encrypted, text;
	} pairs[OFFSET_MAP_PAIRS_MAX]; /* in their order; behind what was asked for last */
	size_t count;
	uint64_t text; /* of all that is before them */
};

/* A record ends here. Offsets do not go down. Of more than OFFSET_MAP_PAIRS_MAX records that nobody has acknowledged, some ends are
 * forgotten, as if these records ended with the next. */
void offset_map_add(struct offset_map *map, uint64_t encrypted, uint64_t text);

/* How much text there is in so many encrypted bytes. Pairs below are forgotten, so what is asked for next should not be less. */
uint64_t offset_map_get(struct offset_map *map, uint64_t encrypted);

#endif
