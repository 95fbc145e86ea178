/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Three tables of sets of four entries, each entry known by a 64-bit hash that is seeded at random: what was seen last, segments
 * that wait for an answer, and networks that stand for others. In the first two the oldest entry of a set gives way: a copy comes
 * after a few packets. The third grows, because a connection may be long.
 */
#include "capture/duplicate.h"

#include <stdlib.h>
#include <string.h>

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
	ALIAS_SETS_MAX = 1 << 17, /* 16 MiB */
};

/* What a look-up reads is a cache line, what it finds the one beside it. */
struct set {
	_Alignas(64) uint64_t hash[WAYS]; /* 0: empty */
	int64_t time_ns[WAYS];
	struct found {
		struct duplicate_network network;
		uint32_t captured_len; /* of what was seen */
	} found[WAYS];
};

struct duplicates {
	struct set seen[SEEN_SETS];
	struct set asked[ASKED_SETS];
	struct set *aliases; /* NULL: none yet */
	size_t alias_sets;
};

static bool same_network(const struct duplicate_network *a, const struct duplicate_network *b) {
	return a->vlan_count == b->vlan_count && duplicate_network_bits(a) == duplicate_network_bits(b);
}

/* The time between, or INT64_MAX when there is no telling. */
static int64_t distance(int64_t a, int64_t b) {
	int64_t difference;
	if (__builtin_sub_overflow(a, b, &difference) || difference == INT64_MIN)
		return INT64_MAX;
	return difference < 0 ? -difference : difference;
}

static struct set *set_of(struct set *sets, size_t count, uint64_t hash) {
	return &sets[hash >> 32 & (count - 1)];
}

/* WAYS: there is none. */
static size_t find(const struct set *set, uint64_t hash) {
	size_t way = 0;
	while (way < WAYS && set->hash[way] != hash)
		way++;
	return way;
}

/* The entry of the hash, or an empty one, or the oldest. */
static size_t claim(const struct set *set, uint64_t hash) {
	size_t oldest = 0;
	for (size_t way = 0; way < WAYS; way++) {
		if (set->hash[way] == hash || set->hash[way] == 0)
			return way;
		if (set->time_ns[way] < set->time_ns[oldest])
			oldest = way;
	}
	return oldest;
}

static void fill(struct set *set, size_t way, uint64_t hash, int64_t time_ns, const struct duplicate_network *network, size_t captured_len) {
	set->hash[way] = hash;
	set->time_ns[way] = time_ns;
	set->found[way] = (struct found){.network = *network, .captured_len = (uint32_t)captured_len};
}

static struct set *create_sets(size_t count) {
	struct set *sets = aligned_alloc(_Alignof(struct set), count * sizeof(*sets));
	if (sets != NULL)
		memset(sets, 0, count * sizeof(*sets));
	return sets;
}

/* ---- Networks that stand for others ---- */

static bool grow_aliases(struct duplicates *duplicates) {
	size_t count = duplicates->aliases ? 2 * duplicates->alias_sets : ALIAS_SETS_MIN;
	if (count > ALIAS_SETS_MAX)
		return false;
	struct set *sets = create_sets(count);
	if (sets == NULL)
		return false;
	for (size_t i = 0; i < duplicates->alias_sets; i++) {
		const struct set *old = &duplicates->aliases[i];
		for (size_t j = 0; j < WAYS; j++) {
			if (old->hash[j] == 0)
				continue;
			struct set *set = set_of(sets, count, old->hash[j]);
			fill(set, claim(set, old->hash[j]), old->hash[j], old->time_ns[j], &old->found[j].network, 0);
		}
	}
	free(duplicates->aliases);
	duplicates->aliases = sets;
	duplicates->alias_sets = count;
	return true;
}

static void add_alias(struct duplicates *duplicates, uint64_t hash, int64_t time_ns, const struct duplicate_network *network) {
	struct set *set;
	size_t way;
	if (duplicates->aliases == NULL && !grow_aliases(duplicates))
		return;
	do {
		set = set_of(duplicates->aliases, duplicates->alias_sets, hash);
		way = claim(set, hash);
	} while (set->hash[way] != 0 && set->hash[way] != hash && distance(set->time_ns[way], time_ns) < ALIAS_NS && grow_aliases(duplicates));
	fill(set, way, hash, time_ns, network, 0);
}

static void resolve(struct duplicates *duplicates, uint64_t hash, int64_t time_ns, struct duplicate_network *network) {
	if (duplicates->aliases == NULL)
		return;
	struct set *set = set_of(duplicates->aliases, duplicates->alias_sets, hash);
	size_t way = find(set, hash);
	if (way == WAYS)
		return;
	set->time_ns[way] = time_ns;
	*network = set->found[way].network;
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

uint64_t duplicates_begin(struct duplicates *duplicates, const struct segment *segment, const struct ends_hash *ends) {
	uint64_t hash = ends_hash_mix(ends->source, ends->destination); /* in this order: each direction for itself */
	hash = ends_hash_mix(hash, (uint64_t)segment->seq << 32 | segment->ack);
	hash = ends_hash_mix(hash, (uint64_t)segment->timestamp << 32 | (uint32_t)segment->ip_id << 16 | segment->checksum);
	hash = ends_hash_mix(hash, (uint64_t)segment->payload_len << 24 | (uint32_t)segment->flags << 16 | segment->window);
	hash |= 1; /* 0 is an empty entry */
	__builtin_prefetch(set_of(duplicates->seen, SEEN_SETS, hash), 1);
	return hash;
}

/* Notes the segment, or says in which network it was seen already. */
static const struct duplicate_network *find_copy(
	struct duplicates *duplicates, uint64_t hash, const struct segment *segment, const struct duplicate_network *network) {
	struct set *set = set_of(duplicates->seen, SEEN_SETS, hash);
	size_t way = claim(set, hash);
	if (set->hash[way] == hash && distance(set->time_ns[way], segment->at.time_ns) <= window_ns(segment) &&
		segment->payload_captured_len <= set->found[way].captured_len)
		return &set->found[way].network;
	fill(set, way, hash, segment->at.time_ns, network, segment->payload_captured_len);
	return NULL;
}

static void note_asked(struct duplicates *duplicates, uint64_t hash, const struct segment *segment, const struct duplicate_network *network) {
	struct set *set = set_of(duplicates->asked, ASKED_SETS, hash);
	fill(set, claim(set, hash), hash, segment->at.time_ns, network, 0);
}

static const struct duplicate_network *find_asked(struct duplicates *duplicates, uint64_t hash, const struct segment *segment) {
	const struct set *set = set_of(duplicates->asked, ASKED_SETS, hash);
	size_t way = find(set, hash);
	return way < WAYS && distance(set->time_ns[way], segment->at.time_ns) <= ANSWER_NS ? &set->found[way].network : NULL;
}

static uint64_t hash_syn(uint64_t ends, uint32_t seq) {
	return ends_hash_mix(ends, seq) | 1;
}

/* The network of the segment that this one answers. A SYN is known by its sequence number, which a SYN-ACK, a refusal and an ICMP
 * error name; any other by where each side's stream is behind it, of which the answer says both. In no network at all, the one that
 * most captures have, only SYNs are noted: there a connection of which one direction is elsewhere, and the start is missing, is not
 * worth what it costs for all others. */
static const struct duplicate_network *match_answer(
	struct duplicates *duplicates, uint64_t ends, const struct segment *segment, const struct duplicate_network *network) {
	bool syn = segment->flags & SEGMENT_SYN, ack = segment->flags & SEGMENT_ACK, reset = segment->flags & SEGMENT_RST;
	if (segment->kind == SEGMENT_ICMP_ERROR)
		return find_asked(duplicates, hash_syn(ends, segment->seq), segment);
	if (ack && (syn || reset)) {
		const struct duplicate_network *asked = find_asked(duplicates, hash_syn(ends, segment->ack - 1), segment);
		if (asked != NULL || syn)
			return asked;
	}
	if (syn) {
		note_asked(duplicates, hash_syn(ends, segment->seq), segment, network);
	} else if (ack && (network->vlan_count > 0 || network->tunnel_id != 0)) {
		const struct duplicate_network *asked =
			find_asked(duplicates, ends_hash_mix(~ends, (uint64_t)segment->ack << 32 | segment->seq) | 1, segment);
		if (asked != NULL)
			return asked;
		uint32_t end = segment->seq + (uint32_t)segment->payload_len + (segment->flags & SEGMENT_FIN ? 1 : 0);
		note_asked(duplicates, ends_hash_mix(~ends, (uint64_t)end << 32 | segment->ack) | 1, segment, network);
	}
	return NULL;
}

bool duplicates_check(struct duplicates *duplicates, const struct segment *segment, const struct ends_hash *ends, uint64_t hash,
	struct duplicate_network *ret_network, bool *ret_joined) {
	struct duplicate_network network = duplicate_network_of(segment);
	*ret_joined = false;
	uint64_t alias = ends_hash_mix(ends->both, duplicate_network_bits(&network) ^ (uint64_t)network.vlan_count << 63) | 1;
	int64_t time_ns = segment->at.time_ns;
	resolve(duplicates, alias, time_ns, &network);
	bool is_copy = false;
	if (segment->kind == SEGMENT_ICMP_ERROR || is_identified(segment)) {
		const struct duplicate_network *other =
			segment->kind == SEGMENT_TCP ? find_copy(duplicates, hash, segment, &network) : NULL;
		is_copy = other != NULL;
		if (!is_copy)
			other = match_answer(duplicates, ends->both, segment, &network);
		if (other != NULL && !same_network(other, &network)) {
			network = *other;
			*ret_joined = true;
			add_alias(duplicates, alias, time_ns, &network);
		}
	}
	*ret_network = network;
	return is_copy;
}

struct duplicates *duplicates_create(void) {
	struct duplicates *duplicates = aligned_alloc(_Alignof(struct duplicates), sizeof(*duplicates));
	if (duplicates != NULL)
		memset(duplicates, 0, sizeof(*duplicates));
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
