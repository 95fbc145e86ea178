/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Two sets of hashes: the younger one is filled, and when it is full takes the place of the older one.
 */
#include "cli/recent.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

enum { SLOTS = 2 * RECENT_KEPT }; /* a power of two; never more than half of them are taken */

struct set {
	uint64_t slots[SLOTS]; /* 0: free */
	size_t count;
};

struct recent {
	uint64_t seed;
	struct set sets[2];
	unsigned young;
};

struct recent *recent_create(void) {
	struct recent *recent = calloc(1, sizeof(*recent));
	/* Ids are from outside: nobody shall choose ones that meet. */
	if (recent != NULL && getrandom(&recent->seed, sizeof(recent->seed), 0) < 0)
		recent->seed = UINT64_C(0x9e3779b97f4a7c15);
	return recent;
}

static uint64_t mix(uint64_t value) {
	value ^= value >> 32;
	value *= UINT64_C(0xd6e8feb86659fd93);
	value ^= value >> 32;
	value *= UINT64_C(0xd6e8feb86659fd93);
	return value ^ value >> 32;
}

static uint64_t hash(const struct recent *recent, const char *name, size_t len) {
	uint64_t value = mix(recent->seed ^ len);
	for (size_t at = 0; at < len; at += sizeof(uint64_t)) {
		uint64_t piece = 0;
		memcpy(&piece, name + at, len - at < sizeof(piece) ? len - at : sizeof(piece));
		value = mix(value ^ piece) + recent->seed;
	}
	return value != 0 ? value : 1;
}

/* Where it is, or where it would be. */
static uint64_t *find(struct set *set, uint64_t value) {
	size_t at = value % SLOTS;
	while (set->slots[at] != 0 && set->slots[at] != value)
		at = (at + 1) % SLOTS;
	return &set->slots[at];
}

bool recent_add(struct recent *recent, const char *name, size_t len) {
	uint64_t value = hash(recent, name, len);
	struct set *young = &recent->sets[recent->young], *old = &recent->sets[!recent->young];
	uint64_t *slot = find(young, value);
	if (*slot == value)
		return true;
	bool was_there = *find(old, value) == value;
	*slot = value;
	if (++young->count < RECENT_KEPT)
		return was_there;
	memset(old, 0, sizeof(*old));
	recent->young = !recent->young;
	return was_there;
}

void recent_destroy(struct recent *recent) {
	free(recent);
}
