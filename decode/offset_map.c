/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "decode/offset_map.h"

#include <string.h>

void offset_map_add(struct offset_map *map, uint64_t encrypted, uint64_t text) {
	if (map->count == OFFSET_MAP_PAIRS_MAX) {
		/* The last of all is kept: it is what an acknowledgement of everything asks for. */
		for (size_t i = 1; i < OFFSET_MAP_PAIRS_MAX; i += 2)
			map->pairs[i / 2] = map->pairs[i];
		map->count = OFFSET_MAP_PAIRS_MAX / 2;
	}
	map->pairs[map->count++] = (struct offset_pair){encrypted, text};
}

uint64_t offset_map_get(struct offset_map *map, uint64_t encrypted) {
	size_t passed = 0;
	while (passed < map->count && map->pairs[passed].encrypted <= encrypted)
		passed++;
	if (passed == 0)
		return map->text;
	map->text = map->pairs[passed - 1].text;
	map->count -= passed;
	memmove(map->pairs, map->pairs + passed, map->count * sizeof(map->pairs[0]));
	return map->text;
}
