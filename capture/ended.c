/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "capture/ended.h"

#include <stdlib.h>
#include <string.h>

enum {
	WAYS = 4, /* with two, a set was full a second too early once in some millions of connections */
	SETS = ENDED_MAX / WAYS,
};

#define REMEMBERED_NS (120 * INT64_C(1000000000))

struct entry {
	uint64_t hash; /* 0: empty; of a hash of 0 nothing is remembered */
	int64_t time_ns;
	struct ended_side side[2];
};

struct ended {
	bool any;
	struct entry entries[SETS][WAYS];
};

static size_t set_of(uint64_t hash) {
	return hash >> 20 & (SETS - 1);
}

struct ended *ended_create(void) {
	return calloc(1, sizeof(struct ended));
}

void ended_add(struct ended *ended, uint64_t hash, int64_t time_ns, const struct ended_side side[2]) {
	struct entry *set = ended->entries[set_of(hash)], *entry = &set[0];
	for (size_t i = 0; i < WAYS && entry->hash != hash; i++)
		if (set[i].hash == hash || set[i].time_ns < entry->time_ns)
			entry = &set[i];
	*entry = (struct entry){.hash = hash, .time_ns = time_ns, .side = {side[0], side[1]}};
	ended->any = true;
}

bool ended_is_straggler(const struct ended *ended, uint64_t hash, int64_t time_ns, int side, const struct segment *segment) {
	const struct entry *set = ended->entries[set_of(hash)], *entry = set;
	while (entry < set + WAYS && entry->hash != hash)
		entry++;
	if (entry == set + WAYS || hash == 0 || time_ns - entry->time_ns >= REMEMBERED_NS || segment->flags & SEGMENT_SYN)
		return false;
	if (segment->payload_len == 0 || segment->flags & SEGMENT_RST)
		return true;
	uint32_t end = segment->seq + (uint32_t)segment->payload_len;
	return entry->side[side].known && (int32_t)(end - entry->side[side].next) <= 0;
}

void ended_forget(struct ended *ended) {
	if (ended->any)
		memset(ended, 0, sizeof(*ended));
}

void ended_destroy(struct ended *ended) {
	free(ended);
}
