/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "capture/fragment.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "capture/list.h"

#define SECOND INT64_C(1000000000)

/* RFC 8200 section 4.5 says 60 seconds, Linux and the BSDs wait 30. */
#define TIMEOUT_NS (30 * SECOND)

/* What comes so soon after a packet was complete is another copy of its pieces, and no new packet of the same number. */
#define AFTERWARDS_NS (SECOND / 10)

enum {
	UNIT = 8, /* offsets count these */
	PACKET_MAX = 65536,
	UNITS_MAX = PACKET_MAX / UNIT,
	BUCKETS = 1024,
	CAPACITY_MIN = 2048,
};

struct fragment_key {
	uint8_t source[16], destination[16];
	uint32_t id;
	uint32_t tunnel_id;
	uint16_t vlan[STREAM_VLAN_MAX];
	uint8_t ip_version;
	uint8_t protocol; /* of IPv4 only */
	uint8_t vlan_count;
};

enum packet_state {
	PACKET_GROWING,
	PACKET_COMPLETE, /* only remembered, for copies of its pieces */
	PACKET_REFUSED,  /* not wanted, or given up: its pieces are dropped until the time is over */
};

/* A packet of which there is a piece. */
struct packet {
	struct list_node by_age; /* in order of their first pieces */
	struct packet *next_in_bucket;
	size_t bucket;
	struct fragment_key key;
	enum packet_state state;
	uint8_t protocol;
	bool overlapping;
	int64_t first_ns, complete_ns;
	uint64_t pieces;
	uint8_t *data;
	size_t capacity;
	size_t seen_end;   /* behind the last byte seen */
	size_t total;      /* SIZE_MAX: the last piece has not come */
	size_t cut_at;     /* the first byte that a snap length cut off; SIZE_MAX: none */
	size_t unit_count; /* bits set in seen */
	uint8_t seen[UNITS_MAX / 8];
};

struct fragments {
	size_t bytes_max, bytes;
	uint64_t seed;
	struct list ages;
	struct packet *buckets[BUCKETS];
	uint8_t *whole; /* the payload handed out last */
	struct fragments_stats stats;
};

static size_t find_bucket(const struct fragments *fragments, const struct fragment_key *key) {
	uint64_t words[(sizeof(*key) + 7) / 8] = {0}, hash = fragments->seed;
	memcpy(words, key, sizeof(*key));
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		hash = (hash ^ words[i]) * UINT64_C(0x9e3779b97f4a7c15);
		hash ^= hash >> 29;
	}
	return hash >> 20 & (BUCKETS - 1);
}

static void make_key(const struct segment *segment, struct fragment_key *key) {
	memset(key, 0, sizeof(*key)); /* padding too: keys are compared and hashed as bytes */
	memcpy(key->source, segment->source.address, sizeof(key->source));
	memcpy(key->destination, segment->destination.address, sizeof(key->destination));
	key->id = segment->fragment.id;
	key->tunnel_id = segment->tunnel_id;
	key->ip_version = segment->source.ip_version;
	/* IPv6's later pieces may name another protocol than the first (RFC 8200 section 4.5). */
	key->protocol = key->ip_version == 4 ? segment->fragment.protocol : 0;
	key->vlan_count = (uint8_t)segment->vlan_count;
	for (size_t i = 0; i < segment->vlan_count; i++)
		key->vlan[i] = segment->vlan[i];
}

static void release_data(struct fragments *fragments, struct packet *packet) {
	free(packet->data);
	fragments->bytes -= packet->capacity;
	packet->data = NULL;
	packet->capacity = 0;
}

static void remove_packet(struct fragments *fragments, struct packet *packet) {
	if (packet->state == PACKET_GROWING) {
		fragments->stats.incomplete_packets++;
		fragments->stats.incomplete_pieces += packet->pieces;
	}
	struct packet **at = &fragments->buckets[packet->bucket];
	while (*at != packet)
		at = &(*at)->next_in_bucket;
	*at = packet->next_in_bucket;
	list_remove(&packet->by_age);
	release_data(fragments, packet);
	fragments->bytes -= sizeof(*packet);
	free(packet);
}

static void expire(struct fragments *fragments, int64_t now_ns) {
	while (!list_is_empty(&fragments->ages)) {
		struct packet *oldest = list_first(&fragments->ages, struct packet, by_age);
		int64_t age;
		if (__builtin_sub_overflow(now_ns, oldest->first_ns, &age) || age < TIMEOUT_NS)
			return;
		remove_packet(fragments, oldest);
	}
}

/* Makes room for len bytes more; kept is not given up for them. */
static bool make_room(struct fragments *fragments, const struct packet *kept, size_t len) {
	while (fragments->bytes + len > fragments->bytes_max && !list_is_empty(&fragments->ages)) {
		struct packet *oldest = list_first(&fragments->ages, struct packet, by_age);
		if (oldest == kept) {
			if (oldest->by_age.next == &fragments->ages.head)
				break;
			oldest = list_entry(oldest->by_age.next, struct packet, by_age);
		}
		remove_packet(fragments, oldest);
	}
	return fragments->bytes + len <= fragments->bytes_max;
}

static struct packet *create_packet(struct fragments *fragments, const struct fragment_key *key, size_t bucket, int64_t time_ns) {
	if (!make_room(fragments, NULL, sizeof(struct packet)))
		return NULL;
	struct packet *packet = calloc(1, sizeof(*packet));
	if (packet == NULL)
		return NULL;
	fragments->bytes += sizeof(*packet);
	packet->key = *key;
	packet->bucket = bucket;
	packet->first_ns = time_ns;
	packet->total = packet->cut_at = SIZE_MAX;
	packet->next_in_bucket = fragments->buckets[bucket];
	fragments->buckets[bucket] = packet;
	list_append(&fragments->ages, &packet->by_age);
	return packet;
}

static struct packet *find_packet(struct fragments *fragments, const struct segment *segment, int64_t time_ns) {
	struct fragment_key key;
	make_key(segment, &key);
	size_t bucket = find_bucket(fragments, &key);
	struct packet *packet = fragments->buckets[bucket];
	while (packet != NULL && memcmp(&packet->key, &key, sizeof(key)) != 0)
		packet = packet->next_in_bucket;
	if (packet != NULL && packet->state == PACKET_COMPLETE) {
		int64_t since;
		if (__builtin_sub_overflow(time_ns, packet->complete_ns, &since) || since > AFTERWARDS_NS || since < -AFTERWARDS_NS) {
			remove_packet(fragments, packet);
			packet = NULL;
		}
	}
	return packet != NULL ? packet : create_packet(fragments, &key, bucket, time_ns);
}

static bool grow(struct fragments *fragments, struct packet *packet, size_t end) {
	if (end <= packet->capacity)
		return true;
	size_t capacity = packet->capacity > 0 ? packet->capacity : CAPACITY_MIN;
	while (capacity < end)
		capacity *= 2;
	if (!make_room(fragments, packet, capacity - packet->capacity))
		return false;
	uint8_t *data = realloc(packet->data, capacity);
	if (data == NULL)
		return false;
	/* What a snap length cut off is never handed out, but it is compared. */
	memset(data + packet->capacity, 0, capacity - packet->capacity);
	fragments->bytes += capacity - packet->capacity;
	packet->data = data;
	packet->capacity = capacity;
	return true;
}

static bool is_seen(const struct packet *packet, size_t unit) {
	return packet->seen[unit / 8] >> unit % 8 & 1;
}

static void note_overlap(struct fragments *fragments, struct packet *packet) {
	fragments->stats.overlapping_packets += !packet->overlapping;
	packet->overlapping = true;
	if (packet->key.ip_version == 6) {
		fragments->stats.incomplete_packets++;
		fragments->stats.incomplete_pieces += packet->pieces;
		packet->state = PACKET_REFUSED;
		release_data(fragments, packet);
	}
}

/* Copies the units of the piece that were not seen before. */
static void fill(struct packet *packet, const struct segment_fragment *piece) {
	for (size_t at = 0; at < piece->len; at += UNIT) {
		size_t unit = (piece->offset + at) / UNIT;
		if (is_seen(packet, unit))
			continue;
		packet->seen[unit / 8] |= (uint8_t)(1 << unit % 8);
		packet->unit_count++;
		size_t len = piece->len - at < UNIT ? piece->len - at : UNIT;
		size_t captured = piece->captured_len > at ? piece->captured_len - at : 0;
		if (captured < len && piece->offset + at + captured < packet->cut_at)
			packet->cut_at = piece->offset + at + captured;
		if (captured > 0)
			memcpy(packet->data + piece->offset + at, piece->data + at, captured < len ? captured : len);
	}
}

/* Does the piece agree with where the packet ends? */
static bool agrees_with_end(const struct packet *packet, const struct segment_fragment *piece) {
	size_t end = piece->offset + piece->len;
	if (piece->more)
		return packet->total == SIZE_MAX || end <= packet->total;
	return packet->total == SIZE_MAX ? packet->seen_end <= end : packet->total == end;
}

static void add_piece(struct fragments *fragments, struct packet *packet, const struct segment_fragment *piece) {
	size_t end = piece->offset + piece->len, units = 0, seen = 0;
	if (!agrees_with_end(packet, piece)) {
		fragments->stats.bad_pieces++;
		note_overlap(fragments, packet);
		return;
	}
	for (size_t unit = piece->offset / UNIT; unit * UNIT < end; unit++, units++)
		seen += is_seen(packet, unit);
	if (seen == units) {
		bool same = packet->cut_at != SIZE_MAX || piece->captured_len < piece->len ||
			memcmp(packet->data + piece->offset, piece->data, piece->len) == 0;
		if (same)
			fragments->stats.duplicate_pieces++;
		else
			note_overlap(fragments, packet);
		if (!same && packet->state == PACKET_REFUSED)
			return;
	} else if (seen > 0) {
		note_overlap(fragments, packet);
		if (packet->state == PACKET_REFUSED)
			return;
	}
	if (seen < units) {
		if (!grow(fragments, packet, end)) {
			fragments->stats.bad_pieces++;
			return;
		}
		packet->pieces++;
		fill(packet, piece);
	}
	if (piece->offset == 0 && seen == 0)
		packet->protocol = piece->protocol;
	if (!piece->more)
		packet->total = end;
	if (end > packet->seen_end)
		packet->seen_end = end;
}

static bool can_be(const struct segment_fragment *piece) {
	return piece->len > 0 && piece->offset + piece->len < PACKET_MAX && (!piece->more || piece->len % UNIT == 0);
}

bool fragments_add(
	struct fragments *fragments, const struct segment *segment, int64_t time_ns, struct fragments_packet *ret_packet) {
	const struct segment_fragment *piece = &segment->fragment;
	assert(piece->data != NULL);
	expire(fragments, time_ns);
	if (!can_be(piece)) {
		fragments->stats.bad_pieces++;
		return false;
	}
	struct packet *packet = find_packet(fragments, segment, time_ns);
	if (packet == NULL)
		return false;
	if (packet->state == PACKET_COMPLETE)
		fragments->stats.duplicate_pieces++;
	if (packet->state != PACKET_GROWING)
		return false;
	if (piece->unwanted) {
		packet->state = PACKET_REFUSED;
		release_data(fragments, packet);
		return false;
	}
	add_piece(fragments, packet, piece);
	if (packet->state != PACKET_GROWING || packet->total == SIZE_MAX ||
		packet->unit_count < (packet->total + UNIT - 1) / UNIT)
		return false;
	*ret_packet = (struct fragments_packet){
		.data = packet->data,
		.captured_len = packet->cut_at < packet->total ? packet->cut_at : packet->total,
		.len = packet->total,
		.protocol = packet->protocol,
		.overlapping = packet->overlapping,
	};
	free(fragments->whole);
	fragments->whole = packet->data;
	fragments->bytes -= packet->capacity;
	packet->data = NULL;
	packet->capacity = 0;
	packet->state = PACKET_COMPLETE;
	packet->complete_ns = time_ns;
	fragments->stats.packets++;
	return true;
}

struct fragments *fragments_create(size_t bytes_max) {
	struct fragments *fragments = calloc(1, sizeof(*fragments));
	if (fragments == NULL)
		return NULL;
	fragments->bytes_max = bytes_max;
	list_init(&fragments->ages);
	if (getrandom(&fragments->seed, sizeof(fragments->seed), 0) < 0)
		fragments->seed = (uint64_t)(uintptr_t)fragments; /* no entropy: hashing works, only predictably */
	return fragments;
}

void fragments_reset(struct fragments *fragments) {
	while (!list_is_empty(&fragments->ages))
		remove_packet(fragments, list_first(&fragments->ages, struct packet, by_age));
}

void fragments_get_stats(const struct fragments *fragments, struct fragments_stats *ret_stats) {
	*ret_stats = fragments->stats;
}

size_t fragments_memory(const struct fragments *fragments) {
	return fragments->bytes;
}

void fragments_destroy(struct fragments *fragments) {
	if (fragments == NULL)
		return;
	fragments_reset(fragments);
	free(fragments->whole);
	free(fragments);
}
