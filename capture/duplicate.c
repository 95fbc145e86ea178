/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Three tables of sets of four entries, each entry known by a 64-bit hash that is seeded at random: what was seen last, segments
 * that wait for an answer, and networks that stand for others. In the first two the oldest entry of a set gives way: a copy comes
 * after a few packets. The third grows, because a connection may be long.
 */
#include "capture/duplicate.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define MILLISECOND INT64_C(1000000)

#define COPY_WITH_ID_NS (100 * MILLISECOND)
#define COPY_WITH_TIMESTAMP_NS (5 * MILLISECOND)
#define COPY_NS (1 * MILLISECOND)
#define ANSWER_NS (60000 * MILLISECOND)
#define ALIAS_NS (2 * 3600 * 1000 * MILLISECOND) /* longer than an idle connection is remembered */

enum {
	WAYS = 4,
	SEEN_SETS = 2048,
	ASKED_SETS = 1024,
	ALIAS_SETS_MIN = 1024,
	ALIAS_SETS_MAX = 1 << 18, /* 32 MiB */
};

struct entry {
	uint64_t hash; /* 0: empty */
	int64_t time_ns;
	struct duplicate_network network;
	uint32_t captured_len; /* of what was seen */
};

struct set {
	struct entry way[WAYS];
};

struct duplicates {
	uint64_t seed[2];
	struct set seen[SEEN_SETS];
	struct set asked[ASKED_SETS];
	struct set *aliases; /* NULL: none yet */
	size_t alias_sets;
};

static uint64_t mix(uint64_t a, uint64_t b) {
	uint64_t product = (a ^ b) * UINT64_C(0x9e3779b97f4a7c15);
	product = (product ^ product >> 32) * UINT64_C(0xd6e8feb86659fd93);
	return product ^ product >> 29;
}

static uint64_t hash_end(const struct duplicates *duplicates, const struct stream_endpoint *end) {
	uint64_t words[2];
	memcpy(words, end->address, sizeof(words));
	uint64_t hash = mix(duplicates->seed[0] ^ words[0], (uint64_t)end->ip_version << 16 | end->port);
	/* IPv4 addresses end with zeros. */
	return words[1] == 0 ? hash : mix(hash, words[1]);
}

static uint64_t hash_network(const struct duplicate_network *network) {
	return (uint64_t)network->tunnel_id << 32 | (uint32_t)network->vlan[0] << 16 | network->vlan[1];
}

static bool same_network(const struct duplicate_network *a, const struct duplicate_network *b) {
	return a->vlan_count == b->vlan_count && hash_network(a) == hash_network(b);
}

/* The time between, or INT64_MAX when there is no telling. */
static int64_t distance(int64_t a, int64_t b) {
	int64_t difference;
	if (__builtin_sub_overflow(a, b, &difference) || difference == INT64_MIN)
		return INT64_MAX;
	return difference < 0 ? -difference : difference;
}

static struct entry *find(struct set *sets, size_t count, uint64_t hash) {
	struct set *set = &sets[hash >> 32 & (count - 1)];
	for (size_t i = 0; i < WAYS; i++)
		if (set->way[i].hash == hash)
			return &set->way[i];
	return NULL;
}

/* The entry of the hash, or an empty one, or the oldest. */
static struct entry *claim(struct set *sets, size_t count, uint64_t hash) {
	struct set *set = &sets[hash >> 32 & (count - 1)];
	struct entry *oldest = &set->way[0];
	for (size_t i = 0; i < WAYS; i++) {
		struct entry *entry = &set->way[i];
		if (entry->hash == hash || entry->hash == 0)
			return entry;
		if (entry->time_ns < oldest->time_ns)
			oldest = entry;
	}
	return oldest;
}

/* ---- Networks that stand for others ---- */

static bool grow_aliases(struct duplicates *duplicates) {
	size_t count = duplicates->aliases ? 2 * duplicates->alias_sets : ALIAS_SETS_MIN;
	if (count > ALIAS_SETS_MAX)
		return false;
	struct set *sets = calloc(count, sizeof(*sets));
	if (sets == NULL)
		return false;
	for (size_t i = 0; i < duplicates->alias_sets; i++)
		for (size_t j = 0; j < WAYS; j++)
			if (duplicates->aliases[i].way[j].hash != 0)
				*claim(sets, count, duplicates->aliases[i].way[j].hash) = duplicates->aliases[i].way[j];
	free(duplicates->aliases);
	duplicates->aliases = sets;
	duplicates->alias_sets = count;
	return true;
}

static void add_alias(struct duplicates *duplicates, uint64_t hash, int64_t time_ns, const struct duplicate_network *network) {
	if (duplicates->aliases == NULL && !grow_aliases(duplicates))
		return;
	struct entry *entry = claim(duplicates->aliases, duplicates->alias_sets, hash);
	while (entry->hash != 0 && entry->hash != hash && distance(entry->time_ns, time_ns) < ALIAS_NS && grow_aliases(duplicates))
		entry = claim(duplicates->aliases, duplicates->alias_sets, hash);
	*entry = (struct entry){.hash = hash, .time_ns = time_ns, .network = *network};
}

static void resolve(struct duplicates *duplicates, uint64_t hash, int64_t time_ns, struct duplicate_network *network) {
	if (duplicates->aliases == NULL)
		return;
	struct entry *entry = find(duplicates->aliases, duplicates->alias_sets, hash);
	if (entry == NULL)
		return;
	entry->time_ns = time_ns;
	*network = entry->network;
}

/* ---- Copies ---- */

static bool is_identified(const struct segment *segment) {
	return segment->checksum != 0 || segment->ip_id != 0;
}

static int64_t window_ns(const struct segment *segment) {
	if (segment->ip_id != 0 || segment->flags & SEGMENT_SYN)
		return COPY_WITH_ID_NS;
	return segment->timestamp != 0 ? COPY_WITH_TIMESTAMP_NS : COPY_NS;
}

static uint64_t hash_segment(const struct segment *segment, uint64_t source, uint64_t destination) {
	uint64_t hash = mix(source, destination); /* in this order: each direction for itself */
	hash = mix(hash, (uint64_t)segment->seq << 32 | segment->ack);
	hash = mix(hash, (uint64_t)segment->timestamp << 32 | (uint32_t)segment->ip_id << 16 | segment->checksum);
	hash = mix(hash, (uint64_t)segment->payload_len << 24 | (uint32_t)segment->flags << 16 | segment->window);
	return hash | 1; /* 0 is an empty entry */
}

/* Notes the segment, or says in which network it was seen already. */
static const struct duplicate_network *find_copy(
	struct duplicates *duplicates, uint64_t hash, const struct segment *segment, const struct duplicate_network *network) {
	struct entry *entry = claim(duplicates->seen, SEEN_SETS, hash);
	if (entry->hash == hash && distance(entry->time_ns, segment->at.time_ns) <= window_ns(segment) &&
		segment->payload_captured_len <= entry->captured_len)
		return &entry->network;
	*entry = (struct entry){.hash = hash,
		.time_ns = segment->at.time_ns,
		.network = *network,
		.captured_len = (uint32_t)segment->payload_captured_len};
	return NULL;
}

static void note_asked(struct duplicates *duplicates, uint64_t hash, const struct segment *segment, const struct duplicate_network *network) {
	*claim(duplicates->asked, ASKED_SETS, hash) =
		(struct entry){.hash = hash, .time_ns = segment->at.time_ns, .network = *network};
}

static const struct duplicate_network *find_asked(struct duplicates *duplicates, uint64_t hash, const struct segment *segment) {
	const struct entry *entry = find(duplicates->asked, ASKED_SETS, hash);
	return entry != NULL && distance(entry->time_ns, segment->at.time_ns) <= ANSWER_NS ? &entry->network : NULL;
}

/* The network of the segment that this one answers. A SYN is known by its sequence number; any other by where each side's stream
 * is behind it, of which the answer says both. In no network at all, the one that most captures have, only SYNs are noted: there a
 * connection of which one direction is elsewhere, and the start is missing, is not worth what it costs for all others. */
static const struct duplicate_network *match_answer(
	struct duplicates *duplicates, uint64_t ends, const struct segment *segment, const struct duplicate_network *network) {
	bool syn = segment->flags & SEGMENT_SYN, ack = segment->flags & SEGMENT_ACK;
	if (syn) {
		uint64_t hash = mix(ends, ack ? segment->ack - 1 : segment->seq) | 1;
		if (ack)
			return find_asked(duplicates, hash, segment);
		note_asked(duplicates, hash, segment, network);
	} else if (ack && (network->vlan_count > 0 || network->tunnel_id != 0)) {
		const struct duplicate_network *asked =
			find_asked(duplicates, mix(~ends, (uint64_t)segment->ack << 32 | segment->seq) | 1, segment);
		if (asked != NULL)
			return asked;
		uint32_t end = segment->seq + (uint32_t)segment->payload_len + (segment->flags & SEGMENT_FIN ? 1 : 0);
		note_asked(duplicates, mix(~ends, (uint64_t)end << 32 | segment->ack) | 1, segment, network);
	}
	return NULL;
}

bool duplicates_check(struct duplicates *duplicates, const struct segment *segment, struct duplicate_network *ret_network) {
	struct duplicate_network network = {.tunnel_id = segment->tunnel_id, .vlan_count = (uint16_t)segment->vlan_count};
	for (size_t i = 0; i < segment->vlan_count; i++)
		network.vlan[i] = segment->vlan[i];
	uint64_t source = hash_end(duplicates, &segment->source), destination = hash_end(duplicates, &segment->destination);
	uint64_t ends = mix(source + destination, duplicates->seed[1]); /* the same for both directions */
	uint64_t alias = mix(ends, hash_network(&network) ^ (uint64_t)network.vlan_count << 63) | 1;
	int64_t time_ns = segment->at.time_ns;
	resolve(duplicates, alias, time_ns, &network);
	bool is_copy = false;
	if (segment->kind == SEGMENT_TCP && is_identified(segment)) {
		const struct duplicate_network *other =
			find_copy(duplicates, hash_segment(segment, source, destination), segment, &network);
		is_copy = other != NULL;
		if (!is_copy)
			other = match_answer(duplicates, ends, segment, &network);
		if (other != NULL && !same_network(other, &network)) {
			network = *other;
			add_alias(duplicates, alias, time_ns, &network);
		}
	}
	*ret_network = network;
	return is_copy;
}

struct duplicates *duplicates_create(void) {
	struct duplicates *duplicates = calloc(1, sizeof(*duplicates));
	if (duplicates == NULL)
		return NULL;
	if (getrandom(duplicates->seed, sizeof(duplicates->seed), 0) < 0)
		duplicates->seed[0] = (uint64_t)(uintptr_t)duplicates; /* no entropy: hashing works, only predictably */
	return duplicates;
}

void duplicates_forget(struct duplicates *duplicates) {
	memset(duplicates->seen, 0, sizeof(duplicates->seen));
	memset(duplicates->asked, 0, sizeof(duplicates->asked));
	free(duplicates->aliases);
	duplicates->aliases = NULL;
	duplicates->alias_sets = 0;
}

void duplicates_destroy(struct duplicates *duplicates) {
	if (duplicates == NULL)
		return;
	free(duplicates->aliases);
	free(duplicates);
}
