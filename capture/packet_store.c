/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "capture/packet_store.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* Cells are known by number, NONE being none. What a packet takes is a list of cells: a struct stored_packet, then its bytes. A
 * connection takes one cell more. */
enum {
	CELL_LEN = 256,
	CELLS_MIN = 64,
	EMPTY_SHARE = 8, /* one in so many cells may be of a connection of which nothing is left but the count of what was dropped */
};

#define NONE UINT32_MAX

struct cell {
	uint32_t next; /* of the packet; or of the free cells */
	uint8_t data[CELL_LEN - sizeof(uint32_t)];
};

/* At the start of a packet's first cell. */
struct stored_packet {
	uint32_t chain_next;       /* in its connection */
	uint32_t older, newer;     /* among all */
	uint32_t flow;
	struct packet packet;
};

struct stored_flow {
	uint64_t serial;
	uint32_t bucket_next;
	uint32_t first, last;
	uint32_t head_last;  /* the last packet of the start; NONE: nothing of it is left */
	uint32_t tail_first; /* the first one behind the start */
	uint32_t empty_older, empty_newer; /* in the list of those without packets */
	bool empty_listed;
	bool head_full;
	size_t head_bytes, tail_bytes;
	size_t longest;
	uint64_t packets, bytes, dropped;
};

_Static_assert(sizeof(struct stored_packet) < sizeof(((struct cell *)0)->data), "a packet's description fits a cell");
_Static_assert(sizeof(struct stored_flow) <= sizeof(((struct cell *)0)->data), "a connection fits a cell");

struct packet_store {
	struct packet_store_options options;
	struct cell *cells;
	uint32_t cell_count;
	uint32_t untouched;  /* cells from here on were never used */
	uint32_t free_first;
	uint32_t *buckets;   /* of connections, by serial */
	uint32_t bucket_count;
	uint32_t oldest, newest;
	uint32_t empty_oldest, empty_newest, empty_count;
	struct packet_store_stats stats;
	atomic_size_t used; /* cells */
	pthread_mutex_t lock; /* of what follows: cells that other threads gave back */
	uint32_t returned;
	atomic_bool any_returned;
	atomic_uint chains; /* taken and not freed */
};

struct packet_chain {
	struct packet_store *store;
	uint32_t first;
	uint64_t count, dropped, bytes;
	size_t longest;
};

/* Cells are not aligned for what is in them. */
static void load(const struct packet_store *store, uint32_t cell, void *ret_value, size_t len) {
	memcpy(ret_value, store->cells[cell].data, len);
}

static void save(struct packet_store *store, uint32_t cell, const void *value, size_t len) {
	memcpy(store->cells[cell].data, value, len);
}

static struct stored_packet load_packet(const struct packet_store *store, uint32_t cell) {
	struct stored_packet packet;
	load(store, cell, &packet, sizeof(packet));
	return packet;
}

static struct stored_flow load_flow(const struct packet_store *store, uint32_t cell) {
	struct stored_flow flow;
	load(store, cell, &flow, sizeof(flow));
	return flow;
}

static void set_link(struct packet_store *store, uint32_t cell, size_t field, uint32_t value) {
	memcpy(store->cells[cell].data + field, &value, sizeof(value));
}

void packet_store_options_init(struct packet_store_options *ret_options) {
	*ret_options = (struct packet_store_options){
		.bytes_max = (size_t)64 << 20,
		.flow_head_max = (size_t)3 << 20,
		.flow_tail_max = (size_t)1 << 20,
	};
}

struct packet_store *packet_store_create(const struct packet_store_options *options) {
	struct packet_store *store = calloc(1, sizeof(*store));
	if (store == NULL)
		return NULL;
	store->options = *options;
	size_t cells = options->bytes_max / (CELL_LEN + 1); /* the buckets take at most a byte a cell */
	cells = cells < CELLS_MIN ? CELLS_MIN : cells >= NONE ? NONE - 1 : cells;
	store->cell_count = (uint32_t)cells;
	store->bucket_count = 16;
	while (store->bucket_count <= store->cell_count / 8)
		store->bucket_count *= 2;
	store->free_first = store->returned = store->oldest = store->newest = store->empty_oldest = store->empty_newest = NONE;
	store->buckets = malloc(store->bucket_count * sizeof(*store->buckets));
	/* Not from the heap: pages that were never touched take no memory, whatever the allocator. */
	void *cell_memory = mmap(NULL, cells * CELL_LEN, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (store->buckets == NULL || cell_memory == MAP_FAILED) {
		if (cell_memory != MAP_FAILED)
			munmap(cell_memory, cells * CELL_LEN);
		free(store->buckets);
		free(store);
		return NULL;
	}
	store->cells = cell_memory;
	memset(store->buckets, 0xff, store->bucket_count * sizeof(*store->buckets));
	pthread_mutex_init(&store->lock, NULL);
	return store;
}

void packet_store_destroy(struct packet_store *store) {
	if (store == NULL)
		return;
	assert(atomic_load(&store->chains) == 0);
	pthread_mutex_destroy(&store->lock);
	munmap(store->cells, (size_t)store->cell_count * CELL_LEN);
	free(store->buckets);
	free(store);
}

/* ---- Cells ---- */

static uint32_t take_free(struct packet_store *store) {
	if (store->free_first == NONE && atomic_load_explicit(&store->any_returned, memory_order_relaxed)) {
		pthread_mutex_lock(&store->lock);
		store->free_first = store->returned;
		store->returned = NONE;
		atomic_store_explicit(&store->any_returned, false, memory_order_relaxed);
		pthread_mutex_unlock(&store->lock);
	}
	uint32_t cell = store->free_first;
	if (cell != NONE)
		store->free_first = store->cells[cell].next;
	else if (store->untouched < store->cell_count)
		cell = store->untouched++;
	else
		return NONE;
	store->cells[cell].next = NONE;
	atomic_fetch_add_explicit(&store->used, 1, memory_order_relaxed);
	return cell;
}

static void give_back(struct packet_store *store, uint32_t cell) {
	size_t count = 0;
	while (cell != NONE) {
		uint32_t next = store->cells[cell].next;
		store->cells[cell].next = store->free_first;
		store->free_first = cell;
		cell = next;
		count++;
	}
	atomic_fetch_sub_explicit(&store->used, count, memory_order_relaxed);
}

/* ---- Connections ---- */

static uint32_t *bucket_of(const struct packet_store *store, uint64_t serial) {
	return &store->buckets[serial & (store->bucket_count - 1)]; /* serials are counted up: nothing spreads better */
}

static uint32_t find_flow(const struct packet_store *store, uint64_t serial, struct stored_flow *ret_flow) {
	for (uint32_t cell = *bucket_of(store, serial); cell != NONE; cell = ret_flow->bucket_next) {
		*ret_flow = load_flow(store, cell);
		if (ret_flow->serial == serial)
			return cell;
	}
	return NONE;
}

static void save_flow(struct packet_store *store, uint32_t cell, const struct stored_flow *flow) {
	save(store, cell, flow, sizeof(*flow));
}

static void unlist_empty(struct packet_store *store, struct stored_flow *flow) {
	if (!flow->empty_listed)
		return;
	if (flow->empty_older != NONE)
		set_link(store, flow->empty_older, offsetof(struct stored_flow, empty_newer), flow->empty_newer);
	else
		store->empty_oldest = flow->empty_newer;
	if (flow->empty_newer != NONE)
		set_link(store, flow->empty_newer, offsetof(struct stored_flow, empty_older), flow->empty_older);
	else
		store->empty_newest = flow->empty_older;
	flow->empty_listed = false;
	store->empty_count--;
}

static void list_empty(struct packet_store *store, uint32_t cell, struct stored_flow *flow) {
	flow->empty_older = store->empty_newest;
	flow->empty_newer = NONE;
	if (store->empty_newest != NONE)
		set_link(store, store->empty_newest, offsetof(struct stored_flow, empty_newer), cell);
	else
		store->empty_oldest = cell;
	store->empty_newest = cell;
	flow->empty_listed = true;
	store->empty_count++;
}

/* Of a connection whose packets are gone from the store. */
static void forget_flow(struct packet_store *store, uint32_t cell, struct stored_flow *flow) {
	uint32_t *bucket = bucket_of(store, flow->serial);
	unlist_empty(store, flow);
	if (*bucket == cell) {
		*bucket = flow->bucket_next;
	} else {
		uint32_t at = *bucket;
		struct stored_flow before = load_flow(store, at);
		for (; before.bucket_next != cell; before = load_flow(store, at))
			at = before.bucket_next;
		set_link(store, at, offsetof(struct stored_flow, bucket_next), flow->bucket_next);
	}
	store->stats.flows--;
	give_back(store, cell);
}

/* ---- Packets ---- */

static void unlink_by_age(struct packet_store *store, const struct stored_packet *packet) {
	if (packet->older != NONE)
		set_link(store, packet->older, offsetof(struct stored_packet, newer), packet->newer);
	else
		store->oldest = packet->newer;
	if (packet->newer != NONE)
		set_link(store, packet->newer, offsetof(struct stored_packet, older), packet->older);
	else
		store->newest = packet->older;
}

/* Drops a connection's first packet, or the first one behind its start; flow is saved by the caller. */
static void drop_packet(struct packet_store *store, struct stored_flow *flow, uint32_t cell) {
	struct stored_packet packet = load_packet(store, cell);
	size_t len = packet.packet.captured_len;
	bool of_tail = cell == flow->tail_first;
	unlink_by_age(store, &packet);
	if (cell == flow->first)
		flow->first = packet.chain_next;
	else
		set_link(store, flow->head_last, offsetof(struct stored_packet, chain_next), packet.chain_next);
	if (cell == flow->last)
		flow->last = of_tail ? flow->head_last : NONE;
	if (of_tail) {
		flow->tail_first = packet.chain_next;
		flow->tail_bytes -= len;
	} else {
		if (cell == flow->head_last)
			flow->head_last = NONE;
		flow->head_bytes -= len;
	}
	flow->packets--;
	flow->bytes -= len;
	flow->dropped++;
	store->stats.dropped++;
	give_back(store, cell);
}

/* Makes room by the oldest packet of all. Returns false when there is none. keep is a connection that must stay known. */
static bool evict_packet(struct packet_store *store, uint32_t keep) {
	if (store->oldest == NONE)
		return false;
	uint32_t cell = load_packet(store, store->oldest).flow;
	struct stored_flow flow = load_flow(store, cell);
	assert(flow.first == store->oldest || flow.tail_first == store->oldest);
	drop_packet(store, &flow, store->oldest);
	if (flow.packets == 0)
		list_empty(store, cell, &flow);
	save_flow(store, cell, &flow);
	if (store->empty_count > store->cell_count / EMPTY_SHARE && store->empty_oldest != keep) {
		uint32_t oldest = store->empty_oldest;
		flow = load_flow(store, oldest);
		forget_flow(store, oldest, &flow);
	}
	return true;
}

static bool evict_empty(struct packet_store *store, uint32_t keep) {
	uint32_t cell = store->empty_oldest;
	if (cell == keep && cell != NONE)
		cell = load_flow(store, cell).empty_newer;
	if (cell == NONE)
		return false;
	struct stored_flow flow = load_flow(store, cell);
	forget_flow(store, cell, &flow);
	return true;
}

static uint32_t take_cell(struct packet_store *store, uint32_t keep) {
	uint32_t cell = take_free(store);
	while (cell == NONE && (evict_packet(store, keep) || evict_empty(store, keep)))
		cell = take_free(store);
	return cell;
}

/* Copies the description and the bytes into new cells. NONE when there is no room: all of the store waits in taken chains. */
static uint32_t store_packet(struct packet_store *store, const struct stored_packet *packet, const uint8_t *data, uint32_t keep) {
	uint32_t first = take_cell(store, keep), last = first;
	if (first == NONE)
		return NONE;
	save(store, first, packet, sizeof(*packet));
	size_t left = packet->packet.captured_len, room = sizeof(store->cells[first].data) - sizeof(*packet);
	uint8_t *to = store->cells[first].data + sizeof(*packet);
	for (;;) {
		size_t part = left < room ? left : room;
		memcpy(to, data, part);
		data += part;
		left -= part;
		if (left == 0)
			return first;
		uint32_t cell = take_cell(store, keep);
		if (cell == NONE) {
			give_back(store, first);
			return NONE;
		}
		store->cells[last].next = cell;
		last = cell;
		room = sizeof(store->cells[cell].data);
		to = store->cells[cell].data;
	}
}

static void describe(struct packet *packet, enum stream_side side, const struct source_frame *frame, const struct segment *segment) {
	*packet = (struct packet){
		.time_ns = frame->at.time_ns,
		.link_type = frame->link_type,
		.captured_len = frame->captured_len,
		.wire_len = frame->wire_len > frame->captured_len ? frame->wire_len : frame->captured_len,
		.side = side,
		.kind = segment->kind,
		.flags = segment->flags,
		.source = segment->source,
		.destination = segment->destination,
	};
	if (segment->kind != SEGMENT_TCP)
		return;
	uintptr_t start = (uintptr_t)frame->data, payload = (uintptr_t)segment->payload;
	packet->payload_elsewhere = payload < start || payload - start > frame->captured_len ||
		segment->payload_captured_len > frame->captured_len - (payload - start);
	packet->payload_at = packet->payload_elsewhere ? 0 : (size_t)(payload - start);
	packet->payload_captured_len = segment->payload_captured_len;
	packet->payload_len = segment->payload_len;
	packet->payload_seq = segment->seq + (segment->flags & SEGMENT_SYN ? 1 : 0);
}

static uint32_t add_flow(struct packet_store *store, uint64_t serial, struct stored_flow *ret_flow) {
	uint32_t cell = take_cell(store, NONE);
	if (cell == NONE)
		return NONE;
	uint32_t *bucket = bucket_of(store, serial);
	*ret_flow = (struct stored_flow){
		.serial = serial,
		.bucket_next = *bucket,
		.first = NONE,
		.last = NONE,
		.head_last = NONE,
		.tail_first = NONE,
		.empty_older = NONE,
		.empty_newer = NONE,
	};
	*bucket = cell;
	store->stats.flows++;
	list_empty(store, cell, ret_flow);
	save_flow(store, cell, ret_flow);
	return cell;
}

/* The connection's own bound: its start, and a tail that moves on. */
static void make_room(struct packet_store *store, struct stored_flow *flow, size_t len) {
	if (!flow->head_full && flow->head_bytes + len > store->options.flow_head_max)
		flow->head_full = true;
	while (flow->head_full && flow->tail_first != NONE && flow->tail_bytes + len > store->options.flow_tail_max)
		drop_packet(store, flow, flow->tail_first);
}

static void append(struct packet_store *store, struct stored_flow *flow, uint32_t cell, size_t len) {
	if (store->newest != NONE)
		set_link(store, store->newest, offsetof(struct stored_packet, newer), cell);
	else
		store->oldest = cell;
	store->newest = cell;
	if (flow->last != NONE)
		set_link(store, flow->last, offsetof(struct stored_packet, chain_next), cell);
	else
		flow->first = cell;
	flow->last = cell;
	if (flow->head_full) {
		if (flow->tail_first == NONE)
			flow->tail_first = cell;
		flow->tail_bytes += len;
	} else {
		flow->head_last = cell;
		flow->head_bytes += len;
	}
	flow->packets++;
	flow->bytes += len;
	if (len > flow->longest)
		flow->longest = len;
}

bool packet_store_add(struct packet_store *store, uint64_t serial, bool first, enum stream_side side,
	const struct source_frame *frame, const struct segment *segment) {
	struct stored_flow flow;
	uint32_t cell = find_flow(store, serial, &flow);
	if (cell == NONE && first)
		cell = add_flow(store, serial, &flow);
	if (cell == NONE) {
		store->stats.dropped += first;
		return false;
	}
	size_t len = frame->captured_len;
	make_room(store, &flow, len);
	save_flow(store, cell, &flow);
	struct stored_packet packet = {.chain_next = NONE, .newer = NONE, .flow = cell};
	describe(&packet.packet, side, frame, segment);
	uint32_t at = NONE;
	if (len <= store->options.flow_tail_max)
		at = store_packet(store, &packet, frame->data, cell);
	flow = load_flow(store, cell); /* its own packets may have given way */
	if (at == NONE) {
		flow.dropped++;
		store->stats.dropped++;
		if (flow.packets == 0 && !flow.empty_listed)
			list_empty(store, cell, &flow);
	} else {
		set_link(store, at, offsetof(struct stored_packet, older), store->newest);
		unlist_empty(store, &flow);
		append(store, &flow, at, len);
		store->stats.packets++;
		store->stats.bytes += len;
	}
	save_flow(store, cell, &flow);
	return true;
}

void packet_store_drop(struct packet_store *store, uint64_t serial) {
	struct stored_flow flow;
	uint32_t cell = find_flow(store, serial, &flow);
	if (cell == NONE)
		return;
	for (uint32_t at = flow.first, next; at != NONE; at = next) {
		struct stored_packet packet = load_packet(store, at);
		next = packet.chain_next;
		unlink_by_age(store, &packet);
		give_back(store, at);
	}
	forget_flow(store, cell, &flow);
}

struct packet_chain *packet_store_take(struct packet_store *store, uint64_t serial) {
	struct stored_flow flow;
	uint32_t cell = find_flow(store, serial, &flow);
	struct packet_chain *chain = cell != NONE ? malloc(sizeof(*chain)) : NULL;
	if (chain == NULL) {
		packet_store_drop(store, serial);
		return NULL;
	}
	*chain = (struct packet_chain){
		.store = store,
		.first = flow.first,
		.count = flow.packets,
		.dropped = flow.dropped,
		.bytes = flow.bytes,
		.longest = flow.longest,
	};
	for (uint32_t at = flow.first; at != NONE;) {
		struct stored_packet packet = load_packet(store, at);
		unlink_by_age(store, &packet);
		at = packet.chain_next;
	}
	forget_flow(store, cell, &flow);
	atomic_fetch_add(&store->chains, 1);
	return chain;
}

void packet_store_get_stats(const struct packet_store *store, struct packet_store_stats *ret_stats) {
	*ret_stats = store->stats;
	ret_stats->bytes_used = atomic_load_explicit(&store->used, memory_order_relaxed) * CELL_LEN +
		store->bucket_count * sizeof(*store->buckets);
}

/* ---- Chains ---- */

uint64_t packet_chain_count(const struct packet_chain *chain) {
	return chain->count;
}

uint64_t packet_chain_dropped(const struct packet_chain *chain) {
	return chain->dropped;
}

uint64_t packet_chain_bytes(const struct packet_chain *chain) {
	return chain->bytes;
}

size_t packet_chain_longest(const struct packet_chain *chain) {
	return chain->longest;
}

bool packet_chain_next(
	const struct packet_chain *chain, struct packet_cursor *cursor, struct packet *ret_packet, uint8_t *frame) {
	const struct packet_store *store = chain->store;
	uint32_t cell = cursor->begun ? cursor->next : chain->first;
	cursor->begun = true;
	cursor->next = NONE;
	if (cell == NONE)
		return false;
	struct stored_packet packet = load_packet(store, cell);
	cursor->next = packet.chain_next;
	*ret_packet = packet.packet;
	size_t left = packet.packet.captured_len, room = sizeof(store->cells[cell].data) - sizeof(packet);
	const uint8_t *from = store->cells[cell].data + sizeof(packet);
	for (;;) {
		size_t part = left < room ? left : room;
		memcpy(frame, from, part);
		frame += part;
		left -= part;
		if (left == 0)
			return true;
		cell = store->cells[cell].next;
		room = sizeof(store->cells[cell].data);
		from = store->cells[cell].data;
	}
}

void packet_chain_free(struct packet_chain *chain) {
	if (chain == NULL)
		return;
	struct packet_store *store = chain->store;
	uint32_t last = NONE, first = chain->first;
	size_t count = 0;
	/* One list of all cells, given back in one go. */
	for (uint32_t at = first; at != NONE;) {
		uint32_t next = load_packet(store, at).chain_next;
		for (last = at, count++; store->cells[last].next != NONE; last = store->cells[last].next)
			count++;
		store->cells[last].next = next;
		at = next;
	}
	if (last != NONE) {
		pthread_mutex_lock(&store->lock);
		store->cells[last].next = store->returned;
		store->returned = first;
		atomic_store_explicit(&store->any_returned, true, memory_order_relaxed);
		pthread_mutex_unlock(&store->lock);
		atomic_fetch_sub_explicit(&store->used, count, memory_order_relaxed);
	}
	free(chain);
	atomic_fetch_sub(&store->chains, 1);
}
