/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "capture/flow.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "capture/duplicate.h"
#include "capture/ended.h"
#include "capture/list.h"
#include "capture/mailbox.h"
#include "capture/reassembly.h"

#define SECOND INT64_C(1000000000)

enum {
	QUEUED_SEGMENTS_MAX = 16384, /* of a connection; also what keeps libnids's queue arithmetic in range, see reassembly.c */
	LOSS_SEGMENTS = 16,          /* see is_proven() */
	DEAD_MAX = 2048,             /* ended connections remembered whole; their memory is what the next ones get, and more of it
	                                would not stay in the processor's cache. Of those before them ended.h keeps the least. */
	HELD_SEGMENTS_MAX = 1024,    /* of a connection; they are searched */
	SEARCH_STEPS_MAX = 1 << 18,  /* in lists of queued segments, as long as any are: a bound on what disorder may cost */
	QUEUED_SEGMENT_COST = 256,   /* of all queued bytes together: what a segment takes besides its bytes, here and in libnids */
	FAILURES_PER_SECOND = 500,   /* connections that did not come about, of which each is told */
	FAILURES_AT_ONCE = 20000,
	TAIL_MAX = 128,              /* a command or a reply; a longer segment that comes again is compared at its end */
	TICK_FLOWS_MAX = 1024,       /* whose queues are looked at in one tick */
	RELEASE_STEPS_MAX = 16,      /* attached flows that are looked at for one in which nothing waits */
	FLOOD_SHARE = 16,            /* see evict_one() */
	MALLOC_COST = 16,            /* of each allocation */
	CACHE_LINE = 64,
	HANDLE_LEN = 128,            /* how much of what a handle points to is asked for, see prefetch() */
	ACK_AHEAD_MAX = 64 << 20,    /* an acknowledgement further ahead of what was seen is not believed */
};

#define LOSS_SOON_NS (SECOND / 20)
#define LOSS_NS (1 * SECOND)
#define ONE_SIDED_LOSS_NS (10 * SECOND)

/* States of a connection, each with a list in order of the last segment and a time without one after which it is over. */
enum flow_state {
	FLOW_EMBRYONIC, /* SYN seen, no answer or no third step */
	FLOW_OPEN,
	FLOW_CLOSING,   /* reset, refused, or closed by both sides: waits for stragglers */
	FLOW_DEAD,      /* reported; only remembered */
	FLOW_STATE_COUNT
};

#define DEAD_TIMEOUT_NS (120 * SECOND)

/* How often the lists are looked at for connections whose time is over. */
#define EXPIRE_NS (SECOND / 1000)

/* A frame whose time is further from the one before it than this is not believed alone. */
#define CLOCK_STEP_NS (60 * SECOND)

struct flow_key {
	uint8_t address[2][16]; /* the lower end first */
	uint16_t port[2];
	uint32_t tunnel_id;
	uint16_t vlan[STREAM_VLAN_MAX];
	uint8_t ip_version;
	uint8_t vlan_count;
};

/* A range of a stream that is ahead of what was handed on: bytes that wait in libnids, or bytes that a snap length cut off. */
struct range {
	struct list_node node;
	uint64_t offset;
	uint64_t end;
	size_t queued_len; /* as it was counted */
	bool cut;
	uint64_t peer_offset;
	struct stream_moment at;
};

/* A segment that acknowledges bytes which are not there, or is further ahead than the queue in libnids may reach. The payload
 * follows. */
struct held_segment {
	struct list_node node;
	enum stream_side side;
	uint64_t offset, peer_offset;
	size_t captured_len, len;
	struct stream_moment at;
};

/* One direction of a connection: what its sender sent. Offsets count the bytes of its stream, 0 the first. */
struct direction {
	bool seen;       /* any segment of this sender was captured */
	bool based;      /* next is meaningful */
	bool syn_seen;
	bool fin_seen, fin_acked;
	uint32_t isn;
	uint32_t next;   /* sequence number of the byte at offset */
	uint64_t offset; /* behind the last byte handed on */
	uint64_t acked;  /* the highest offset that the other side has acknowledged */
	uint64_t fin_offset;
	uint64_t filled_to;   /* bytes before this that libnids delivers are filler */
	struct list ahead;    /* of struct range, by offset */
	size_t waiting;       /* ranges of them whose bytes wait in libnids */
	uint64_t hole_segment; /* the connection's segment count and time when the hole at offset was first acknowledged; 0: no hole */
	int64_t hole_ns;
	uint64_t hole_acked; /* what was acknowledged then */
	uint8_t *tail;       /* TAIL_MAX: the last bytes handed on, for what comes again; NULL: none yet */
	size_t tail_len;     /* they end at offset */
	struct stream_counters counters;
};

struct flow {
	/* What a look-up reads comes first, and fits a cache line. */
	struct flow *next_in_bucket;
	uint64_t hash;
	struct flow_key key;
	struct list_node by_state;
	struct list_node by_age;
	struct list_node by_use; /* in the list of flows attached to libnids */
	struct list_node by_queue; /* in the list of flows with queued segments, the oldest queue first */
	bool lower_is_client;
	bool roles_guessed, midstream, answered, refused, ignored, opened, in_use_list, watched;
	enum flow_state state;
	enum stream_hint hint;
	int reset_by; /* enum stream_side, -1 none */
	uint64_t reset_offset; /* where in its side's stream it stands; 0: not known */
	const char *icmp;
	const char *source;
	uint64_t stream, serial;
	uint64_t segments;
	uint64_t syn_retries;
	int64_t touched_ns;       /* by the table's clock: the last segment */
	int64_t listed_ns;        /* and when it was put at the end of its state's list: see touch() */
	int64_t syn_touched_ns;   /* and the last SYN of the client */
	int64_t syn_ns;           /* which says of itself that it is from then */
	int64_t handshake_ns;
	int64_t syn_ack_ns;       /* the server's answer to it; 0: there was none, or several */
	int64_t server_rtt_ns, client_rtt_ns; /* as in stream_open */
	struct stream_moment first, last;
	struct direction side[2];
	struct list held; /* of struct held_segment */
	size_t held_count;
	size_t queued_bytes, queued_segments; /* in ahead and held */
	size_t search_steps;
	struct reassembly_stream reassembly;
	void *handle; /* the sink's */
};

struct flow_table {
	struct flow_options options;
	struct stream_sink sink;
	struct flow_watcher watcher;
	struct reassembly *reassembly;
	struct mailboxes *mailboxes;
	struct duplicates *duplicates;
	struct ended *ended;
	const char *source;
	struct flow **buckets;
	size_t bucket_count, flow_count;
	uint64_t seed[2];
	struct list states[FLOW_STATE_COUNT];
	int64_t timeout_ns[FLOW_STATE_COUNT];
	size_t state_count[FLOW_STATE_COUNT];
	struct list ages;
	struct list attached;
	struct list queuing;
	size_t attached_count;
	uint32_t next_number;
	uint64_t next_stream, last_serial;
	int64_t now_ns;  /* see advance_clock() */
	int64_t expired_ns;
	int64_t high_ns; /* of the segments' times, the one that the clock stands for */
	bool clock_started, clock_behind;
	int64_t failures_at_ns; /* see may_tell_failure() */
	int64_t failures_left;
	size_t queued_bytes;
	struct flow_stats stats;
	/* The segment that is being handed to libnids. */
	struct {
		struct flow *flow;
		enum stream_side side;
		uint64_t offset, end, peer_offset;
		struct stream_moment at;
		bool releasing; /* a gap is being filled: what comes behind it has moments of its own */
	} feeding;
};

/* ---- Keys ---- */

static int compare_ends(const struct stream_endpoint *a, const struct stream_endpoint *b) {
	int order = memcmp(a->address, b->address, sizeof(a->address));
	return order != 0 ? order : (int)a->port - (int)b->port;
}

/* Returns whether the segment's source is the lower end. */
static bool make_key(const struct segment *segment, const struct duplicate_network *network, struct flow_key *key) {
	bool source_is_lower = compare_ends(&segment->source, &segment->destination) <= 0;
	const struct stream_endpoint *lower = source_is_lower ? &segment->source : &segment->destination;
	const struct stream_endpoint *upper = source_is_lower ? &segment->destination : &segment->source;
	memset(key, 0, sizeof(*key));
	memcpy(key->address[0], lower->address, sizeof(lower->address));
	memcpy(key->address[1], upper->address, sizeof(upper->address));
	key->port[0] = lower->port;
	key->port[1] = upper->port;
	key->ip_version = lower->ip_version;
	key->tunnel_id = network->tunnel_id;
	key->vlan_count = (uint8_t)network->vlan_count;
	memcpy(key->vlan, network->vlan, sizeof(key->vlan));
	return source_is_lower;
}

static uint64_t hash_key(const struct ends_hash *ends, uint64_t network_bits) {
	return ends_hash_mix(ends->both, network_bits);
}

static struct flow **bucket_of(const struct flow_table *table, uint64_t hash) {
	return &table->buckets[hash & (table->bucket_count - 1)];
}

static struct flow *find_flow(const struct flow_table *table, const struct flow_key *key, uint64_t hash) {
	struct flow *flow = *bucket_of(table, hash);
	while (flow != NULL && (flow->hash != hash || memcmp(&flow->key, key, sizeof(*key)) != 0))
		flow = flow->next_in_bucket;
	return flow;
}

static void grow_buckets(struct flow_table *table) {
	size_t count = 2 * table->bucket_count;
	struct flow **buckets = calloc(count, sizeof(struct flow *));
	if (buckets == NULL)
		return; /* longer chains, nothing worse */
	for (size_t i = 0; i < table->bucket_count; i++) {
		for (struct flow *flow = table->buckets[i], *next; flow != NULL; flow = next) {
			next = flow->next_in_bucket;
			struct flow **bucket = &buckets[flow->hash & (count - 1)];
			flow->next_in_bucket = *bucket;
			*bucket = flow;
		}
	}
	free(table->buckets);
	table->buckets = buckets;
	table->bucket_count = count;
}

static void link_to_bucket(struct flow_table *table, struct flow *flow, const struct flow_key *key, uint64_t hash) {
	struct flow **bucket = bucket_of(table, hash);
	flow->key = *key;
	flow->hash = hash;
	flow->next_in_bucket = *bucket;
	*bucket = flow;
	table->flow_count++;
}

static void unlink_from_bucket(struct flow_table *table, struct flow *flow) {
	struct flow **at = bucket_of(table, flow->hash);
	while (*at != flow)
		at = &(*at)->next_in_bucket;
	*at = flow->next_in_bucket;
	table->flow_count--;
}

static void set_state(struct flow_table *table, struct flow *flow, enum flow_state state) {
	table->state_count[flow->state]--;
	table->state_count[state]++;
	flow->state = state;
	list_remove(&flow->by_state);
	list_append(&table->states[state], &flow->by_state);
	flow->listed_ns = table->now_ns;
}

/* Keeps the lists in order, roughly: to move a flow for each segment would touch its neighbours' memory for nothing. expire() looks
 * twice. */
static void touch(struct flow_table *table, struct flow *flow) {
	flow->touched_ns = table->now_ns;
	if (table->now_ns - flow->listed_ns >= table->timeout_ns[flow->state] / 8)
		set_state(table, flow, flow->state);
}

/* ---- The way to the sink ---- */

static void fill_endpoint(const struct flow *flow, bool lower, struct stream_endpoint *end) {
	end->ip_version = flow->key.ip_version;
	memcpy(end->address, flow->key.address[!lower], sizeof(end->address));
	end->port = flow->key.port[!lower];
}

static void unwatch(struct flow_table *table, struct flow *flow) {
	if (flow->watched)
		table->watcher.forget(table->watcher.context, flow->serial);
	flow->watched = false;
}

static void open_stream(struct flow_table *table, struct flow *flow) {
	if (flow->opened)
		return;
	flow->opened = true;
	struct stream_open open = {
		.connection = flow,
		.source = flow->source,
		.stream = flow->stream,
		.serial = flow->serial,
		.client_isn = flow->side[STREAM_CLIENT].syn_seen ? flow->side[STREAM_CLIENT].isn : 0,
		.server_isn = flow->side[STREAM_SERVER].syn_seen ? flow->side[STREAM_SERVER].isn : 0,
		.first = flow->first,
		.handshake_ns = flow->handshake_ns,
		.server_rtt_ns = flow->server_rtt_ns,
		.client_rtt_ns = flow->client_rtt_ns,
		.midstream = flow->midstream,
		.roles_guessed = flow->roles_guessed,
		.hint = flow->hint,
		.vlan_count = flow->key.vlan_count,
	};
	fill_endpoint(flow, flow->lower_is_client, &open.client);
	fill_endpoint(flow, !flow->lower_is_client, &open.server);
	memcpy(open.vlan, flow->key.vlan, sizeof(open.vlan));
	flow->handle = table->sink.open(table->sink.context, &open);
	if (flow->handle == NULL) {
		flow->ignored = true;
		unwatch(table, flow);
	}
}

static void hand_on(struct flow_table *table, struct flow *flow, const struct stream_chunk *chunk) {
	open_stream(table, flow);
	if (flow->handle != NULL && !flow->ignored && table->sink.chunk(flow->handle, chunk) == STREAM_IGNORE)
		flow->ignored = true; /* its queues are let go when libnids has returned */
}

static void advance(struct direction *direction, uint64_t len) {
	direction->tail_len = 0; /* keep_tail() follows where there are bytes */
	direction->offset += len;
	direction->next += (uint32_t)len;
	direction->hole_segment = 0;
}

static struct range *first_range(const struct direction *direction) {
	return list_is_empty(&direction->ahead) ? NULL : list_first(&direction->ahead, struct range, node);
}

static void count_queued(struct flow_table *table, struct flow *flow, size_t len) {
	if (flow->queued_segments++ == 0)
		list_append(&table->queuing, &flow->by_queue);
	flow->queued_bytes += len;
	table->queued_bytes += len + QUEUED_SEGMENT_COST;
}

static void count_unqueued(struct flow_table *table, struct flow *flow, size_t len) {
	if (--flow->queued_segments == 0) {
		list_remove(&flow->by_queue);
		flow->search_steps = 0;
	}
	flow->queued_bytes -= len;
	table->queued_bytes -= len + QUEUED_SEGMENT_COST;
}

static void remove_range(struct flow_table *table, struct flow *flow, struct direction *direction, struct range *range) {
	list_remove(&range->node);
	direction->waiting -= !range->cut;
	count_unqueued(table, flow, range->queued_len);
	free(range);
}

/* Ranges may overlap: one that was cut off reaches over others that were not. */
static void forget_passed(struct flow_table *table, struct flow *flow, struct direction *direction) {
	struct list_node *node = direction->ahead.head.next;
	while (node != &direction->ahead.head) {
		struct range *range = list_entry(node, struct range, node);
		node = node->next;
		if (range->offset >= direction->offset)
			break;
		if (range->end <= direction->offset)
			remove_range(table, flow, direction, range);
		else
			range->offset = direction->offset;
	}
}

/* The range whose bytes are the next. */
static const struct range *find_range_here(struct direction *direction) {
	for (struct list_node *node = direction->ahead.head.next; node != &direction->ahead.head; node = node->next) {
		const struct range *range = list_entry(node, struct range, node);
		if (range->offset > direction->offset)
			break;
		if (!range->cut)
			return range;
	}
	return NULL;
}

/* Remembers the end of what was handed on. */
static void keep_tail(struct direction *direction, size_t tail_len, const uint8_t *data, size_t len) {
	if (direction->tail == NULL && (direction->tail = malloc(TAIL_MAX)) == NULL)
		return;
	if (len >= TAIL_MAX) {
		memcpy(direction->tail, data + len - TAIL_MAX, TAIL_MAX);
		direction->tail_len = TAIL_MAX;
		return;
	}
	size_t kept = tail_len < TAIL_MAX - len ? tail_len : TAIL_MAX - len;
	memmove(direction->tail, direction->tail + tail_len - kept, kept);
	memcpy(direction->tail + kept, data, len);
	direction->tail_len = kept + len;
}

/* A segment that was handed on before: are its bytes the same? If not, the two sides of the capture may have read different things;
 * what was there first counts. One byte alone is a keep-alive (RFC 9293, 3.8.4), whose byte is anything. */
static void compare_repeat(struct direction *direction, uint64_t offset, const uint8_t *data, size_t len, uint64_t frame) {
	uint64_t kept_from = direction->offset - direction->tail_len;
	uint64_t from = offset > kept_from ? offset : kept_from;
	uint64_t to = offset + len < direction->offset ? offset + len : direction->offset;
	if (len <= 1 || from >= to || memcmp(direction->tail + (from - kept_from), data + (from - offset), (size_t)(to - from)) == 0)
		return;
	if (direction->counters.conflicts++ == 0)
		direction->counters.conflict_frame = frame;
}

/* The next bytes of one side are there: from libnids, or because nothing was missing before them. */
static void on_bytes(void *context, enum stream_side side, const uint8_t *data, size_t len) {
	struct flow_table *table = context;
	struct flow *flow = table->feeding.flow;
	struct direction *direction = &flow->side[side];
	if (direction->offset < direction->filled_to) { /* filler; the gap was told before */
		advance(direction, direction->filled_to - direction->offset);
		return;
	}
	struct stream_chunk chunk = {
		.side = side,
		.data = data,
		.len = len,
		.offset = direction->offset,
		.peer_offset = table->feeding.peer_offset,
		.at = table->feeding.at,
	};
	bool is_current = !table->feeding.releasing && direction->offset >= table->feeding.offset &&
		direction->offset < table->feeding.end;
	if (!is_current) {
		forget_passed(table, flow, direction);
		const struct range *range = find_range_here(direction);
		if (range != NULL) {
			chunk.peer_offset = range->peer_offset;
			if (table->feeding.releasing)
				chunk.at = range->at;
		}
	}
	direction->counters.bytes += len;
	hand_on(table, flow, &chunk);
	size_t tail_len = direction->tail_len;
	advance(direction, len);
	keep_tail(direction, tail_len, data, len);
}

/* Of a stream that nobody reads only the bytes are counted, lost ones included: up to the highest seen. */
static void count_to(struct direction *direction, uint64_t end) {
	if (end <= direction->offset)
		return;
	direction->counters.bytes += end - direction->offset;
	advance(direction, end - direction->offset);
}

/* Lets go of what waits: the flow is ignored, or over. */
static void drop_queues(struct flow_table *table, struct flow *flow) {
	for (int side = 0; side < 2; side++) {
		struct direction *direction = &flow->side[side];
		for (struct range *range; (range = first_range(direction)) != NULL;) {
			count_to(direction, range->end);
			remove_range(table, flow, direction, range);
		}
	}
	while (!list_is_empty(&flow->held)) {
		struct held_segment *held = list_first(&flow->held, struct held_segment, node);
		count_to(&flow->side[held->side], held->offset + held->len);
		list_remove(&held->node);
		flow->held_count--;
		count_unqueued(table, flow, held->captured_len);
		free(held);
	}
}

static void detach(struct flow_table *table, struct flow *flow) {
	reassembly_detach(table->reassembly, &flow->reassembly);
	if (flow->in_use_list) {
		list_remove(&flow->by_use);
		flow->in_use_list = false;
		table->attached_count--;
	}
}

static void settle(struct flow_table *table, struct flow *flow, bool force);

static bool nothing_waits(const struct flow *flow) {
	return flow->side[0].waiting == 0 && flow->side[1].waiting == 0;
}

/* libnids knows a limited number of streams: the one that was used longest ago gives way. It is attached again when it goes on. */
static void attach(struct flow_table *table, struct flow *flow) {
	const uint64_t offsets[2] = {flow->side[0].offset, flow->side[1].offset};
	if (flow->reassembly.attached && nothing_waits(flow) &&
		(offsets[0] - flow->reassembly.start[0] > REASSEMBLY_SPAN_MAX ||
			offsets[1] - flow->reassembly.start[1] > REASSEMBLY_SPAN_MAX))
		detach(table, flow);
	if (flow->reassembly.attached) {
		if (table->attached_count > REASSEMBLY_STREAMS_MAX / 2) { /* before that the order does not matter */
			list_remove(&flow->by_use);
			list_append(&table->attached, &flow->by_use);
		}
		return;
	}
	if (table->attached_count >= REASSEMBLY_STREAMS_MAX - 1) {
		struct flow *oldest = list_first(&table->attached, struct flow, by_use);
		if (!nothing_waits(oldest))
			settle(table, oldest, true);
		detach(table, oldest);
	}
	/* Number 0 would make an all-zero address, which libnids refuses. */
	table->next_number = table->next_number == UINT32_MAX ? 1 : table->next_number + 1;
	if (reassembly_attach(table->reassembly, &flow->reassembly, table->next_number, offsets) < 0) {
		flow->ignored = true;
		return;
	}
	list_append(&table->attached, &flow->by_use);
	flow->in_use_list = true;
	table->attached_count++;
}

static void feed_reassembly(struct flow_table *table, struct flow *flow, enum stream_side side, uint64_t offset,
	const uint8_t *data, size_t len, uint64_t peer_offset, struct stream_moment at, bool releasing) {
	/* Most connections have no segment out of order: these are attached with the first that is. */
	bool in_order = data != NULL && !flow->reassembly.attached && offset == flow->side[side].offset && nothing_waits(flow);
	if (!in_order)
		attach(table, flow);
	if (!in_order && !flow->reassembly.attached)
		return;
	table->feeding.flow = flow;
	table->feeding.side = side;
	table->feeding.offset = offset;
	table->feeding.end = offset + len;
	table->feeding.peer_offset = peer_offset;
	table->feeding.at = at;
	table->feeding.releasing = releasing;
	if (in_order)
		on_bytes(table, side, data, len);
	else if (data != NULL)
		reassembly_feed(table->reassembly, &flow->reassembly, table, side, offset, data, len, at.time_ns);
	else
		reassembly_skip(table->reassembly, &flow->reassembly, table, side, offset, len, at.time_ns);
	table->feeding.flow = NULL;
	forget_passed(table, flow, &flow->side[side]);
}

/* ---- Loss ---- */

static enum mailbox_kind mailbox_kind_of(const struct flow *flow) {
	return mailbox_kind_of_port(flow->key.port[flow->lower_is_client]);
}

static bool is_mailbox(const struct flow *flow) {
	return flow->hint == STREAM_HINT_NONE && mailbox_kind_of(flow) != MAILBOX_NONE;
}

/* The bytes from the direction's offset to end are not in the capture. */
static void declare_gap(struct flow_table *table, struct flow *flow, enum stream_side side, uint64_t end, struct stream_moment at,
	uint64_t peer_offset) {
	struct direction *direction = &flow->side[side];
	uint64_t len = end - direction->offset;
	struct stream_chunk gap = {
		.side = side, .data = NULL, .len = (size_t)len, .offset = direction->offset, .peer_offset = peer_offset, .at = at};
	direction->counters.gap_bytes += len;
	direction->counters.gaps++;
	if (!is_mailbox(flow)) { /* the kernel's filter leaves their bytes out, and nobody misses them */
		table->stats.gaps++;
		table->stats.gap_bytes += len;
	}
	hand_on(table, flow, &gap);
	if (nothing_waits(flow))
		detach(table, flow); /* nothing waits behind the hole: libnids need not see it */
	if (!flow->reassembly.attached)
		advance(direction, len);
	direction->filled_to = end;
	if (direction->offset < end)
		feed_reassembly(table, flow, side, direction->offset, NULL, (size_t)len, peer_offset, at, true);
	assert(direction->offset >= end);
	forget_passed(table, flow, direction);
}

/* Of the acknowledged offset the bytes: the FIN counts as one more. */
static uint64_t acked_bytes(const struct direction *direction) {
	return direction->fin_seen && direction->acked > direction->fin_offset ? direction->fin_offset : direction->acked;
}

/* A byte less than nothing: the sequence number of a FIN that was not captured looks like one missing byte at the end. */
static bool is_lost_fin(const struct direction *direction, uint64_t end) {
	return end == direction->offset + 1 && direction->acked == end && list_is_empty(&direction->ahead) && !direction->fin_seen;
}

/* A hole that was acknowledged is a loss of the capture when no segment has filled it soon after: captures that reorder do so by
 * a few packets or milliseconds. One that was not acknowledged, because that side was not captured, needs longer: the sender may
 * still send it again. */
static bool is_proven(const struct flow_table *table, const struct flow *flow, const struct direction *direction, bool acked) {
	int64_t elapsed = table->now_ns - direction->hole_ns;
	if (!acked)
		return elapsed >= ONE_SIDED_LOSS_NS;
	return elapsed >= LOSS_NS ||
		(elapsed >= LOSS_SOON_NS && flow->segments - direction->hole_segment >= LOSS_SEGMENTS);
}

/* The held segment, if any, with the bytes at the direction's offset: then nothing is missing here, the hole is in the other
 * side. */
static struct held_segment *find_held_here(struct flow *flow, enum stream_side side) {
	uint64_t offset = flow->side[side].offset;
	for (struct list_node *node = flow->held.head.next; node != &flow->held.head; node = node->next) {
		struct held_segment *held = list_entry(node, struct held_segment, node);
		if (held->side == side && held->offset <= offset && held->offset + held->len > offset)
			return held;
	}
	return NULL;
}

static bool is_any_held(struct flow *flow, enum stream_side side) {
	for (struct list_node *node = flow->held.head.next; node != &flow->held.head; node = node->next)
		if (list_entry(node, struct held_segment, node)->side == side)
			return true;
	return false;
}

/* Where the hole at the direction's offset ends: at the next bytes that are there, or at the first acknowledgement in it, so that
 * what the other side said in answer to a part of it comes between the parts. */
static uint64_t end_of_hole(struct flow *flow, enum stream_side side, uint64_t end) {
	const struct direction *direction = &flow->side[side];
	for (struct list_node *node = flow->held.head.next; node != &flow->held.head; node = node->next) {
		const struct held_segment *held = list_entry(node, struct held_segment, node);
		uint64_t at = held->side == side ? held->offset : held->peer_offset;
		if (at > direction->offset && at < end)
			end = at;
	}
	return end;
}

/* Where the bytes that a snap length cut off end: a later segment, with other bounds, may have brought some of them. */
static uint64_t end_of_cut(struct direction *direction, struct range *cut) {
	for (struct list_node *node = cut->node.next; node != &direction->ahead.head; node = node->next) {
		struct range *range = list_entry(node, struct range, node);
		if (range->offset >= cut->end)
			break;
		if (!range->cut)
			return range->offset;
	}
	return cut->end;
}

enum loss {
	LOSS_NONE,     /* no hole, or one that may yet be filled */
	LOSS_SUSPECTED,
	LOSS_PROVEN,
};

/* Is the hole at the direction's offset a loss? If so, up to where. */
static enum loss find_loss(struct flow_table *table, struct flow *flow, enum stream_side side, bool force, uint64_t *ret_end,
	struct stream_moment *ret_at, uint64_t *ret_peer_offset) {
	struct direction *direction = &flow->side[side];
	struct range *range = first_range(direction);
	const struct held_segment *held =
		list_is_empty(&flow->held) ? NULL : list_first(&flow->held, struct held_segment, node);
	*ret_at = range != NULL ? range->at : held != NULL ? held->at : flow->last;
	*ret_peer_offset = range != NULL ? range->peer_offset : flow->side[stream_other_side(side)].offset;
	if (range != NULL && range->offset <= direction->offset) {
		assert(range->cut); /* anything else would have been delivered */
		*ret_end = end_of_cut(direction, range);
		return LOSS_PROVEN;
	}
	bool acked = acked_bytes(direction) > direction->offset;
	if ((!acked && range == NULL && !is_any_held(flow, side)) || find_held_here(flow, side) != NULL)
		return LOSS_NONE;
	if (!force) {
		if (!acked && flow->side[stream_other_side(side)].seen)
			return LOSS_NONE;
		if (direction->hole_segment == 0) {
			direction->hole_segment = flow->segments;
			direction->hole_ns = table->now_ns;
			direction->hole_acked = acked_bytes(direction);
		}
	}
	uint64_t end = range != NULL ? range->offset : acked ? acked_bytes(direction) : UINT64_MAX;
	*ret_end = end_of_hole(flow, side, end);
	if (*ret_end == UINT64_MAX)
		return LOSS_NONE;
	return force || is_proven(table, flow, direction, acked) ? LOSS_PROVEN : LOSS_SUSPECTED;
}

static void hand_over(struct flow_table *table, struct flow *flow, enum stream_side side, uint64_t offset, const uint8_t *data,
	size_t captured_len, size_t len, uint64_t peer_offset, struct stream_moment at);

/* The bytes before it would not fit into the queue: libnids does not get it. */
static bool is_far(const struct flow_table *table, const struct direction *direction, uint64_t offset) {
	return offset > direction->offset && offset - direction->offset > table->options.queued_bytes_max;
}

static void release(struct flow_table *table, struct flow *flow, struct held_segment *held) {
	const struct direction *peer = &flow->side[stream_other_side(held->side)];
	uint64_t there = peer->seen ? peer->offset : UINT64_MAX;
	list_remove(&held->node);
	flow->held_count--;
	count_unqueued(table, flow, held->captured_len);
	hand_over(table, flow, held->side, held->offset, (const uint8_t *)(held + 1), held->captured_len, held->len,
		held->peer_offset < there ? held->peer_offset : there, held->at);
	free(held);
}

/* Hands on the first held segment of which all that it acknowledges is there now. */
static bool release_held(struct flow_table *table, struct flow *flow) {
	for (struct list_node *node = flow->held.head.next; node != &flow->held.head; node = node->next) {
		struct held_segment *held = list_entry(node, struct held_segment, node);
		const struct direction *peer = &flow->side[stream_other_side(held->side)];
		/* An acknowledgement of the FIN is one more than there are bytes. */
		if (peer->seen && held->peer_offset > peer->offset && !(peer->fin_seen && peer->offset >= peer->fin_offset))
			continue;
		if (is_far(table, &flow->side[held->side], held->offset))
			continue;
		release(table, flow, held);
		return true;
	}
	return false;
}

/* Two held segments, each with the bytes that the other acknowledges: the later one was sent again, with a newer acknowledgement
 * than the first time, and the first time is what the capture lacks. */
static bool release_cycle(struct flow_table *table, struct flow *flow) {
	struct held_segment *client = find_held_here(flow, STREAM_CLIENT), *server = find_held_here(flow, STREAM_SERVER);
	if (client == NULL || server == NULL)
		return false;
	release(table, flow, client->at.frame > server->at.frame ? client : server);
	return true;
}

/* Does something wait for the hole that ends at end? 2: and for nothing else; 1: for a hole of its own side, too. */
static int count_waiting(struct flow *flow, enum stream_side side, uint64_t end) {
	const struct direction *direction = &flow->side[side], *peer = &flow->side[stream_other_side(side)];
	if (is_lost_fin(direction, end) ||
		(!list_is_empty(&direction->ahead) && list_first(&direction->ahead, struct range, node)->offset <= end))
		return 2;
	int waiting = 0;
	for (struct list_node *node = flow->held.head.next; node != &flow->held.head && waiting < 2; node = node->next) {
		const struct held_segment *held = list_entry(node, struct held_segment, node);
		if (held->side == side && held->offset <= end && (!peer->seen || held->peer_offset <= peer->offset))
			waiting = 2;
		else if (held->side != side && held->peer_offset > direction->offset && held->peer_offset <= end)
			waiting = held->offset <= peer->offset ? 2 : 1;
	}
	return waiting;
}

/* A hole for which nothing waits is left open: the acknowledgement may be forged, or the other side's hole comes first. In what was
 * said in turns there is always one for which something waits. When there are two, the client's comes first: what it sent is what
 * the server answered. */
static bool settle_holes(struct flow_table *table, struct flow *flow, bool force) {
	uint64_t end[2], peer_offset[2];
	struct stream_moment at[2];
	enum loss loss[2];
	int waiting[2];
	for (int i = 0; i < 2; i++) {
		loss[i] = find_loss(table, flow, (enum stream_side)i, force, &end[i], &at[i], &peer_offset[i]);
		waiting[i] = loss[i] == LOSS_NONE ? -1 : count_waiting(flow, (enum stream_side)i, end[i]);
	}
	bool server_first = loss[STREAM_CLIENT] == LOSS_NONE || (waiting[STREAM_CLIENT] < 2 && waiting[STREAM_SERVER] == 2);
	enum stream_side side = server_first ? STREAM_SERVER : STREAM_CLIENT;
	if (loss[side] != LOSS_PROVEN || (waiting[STREAM_CLIENT] < 1 && waiting[STREAM_SERVER] < 1 && !force))
		return false;
	struct direction *direction = &flow->side[side];
	if (is_lost_fin(direction, end[side])) {
		direction->fin_seen = true;
		direction->fin_acked = true;
		direction->fin_offset = direction->offset;
		return true;
	}
	/* Bytes that were acknowledged after the hole was noticed may still be reordered ones. */
	if (!force && direction->hole_segment > 0 && direction->hole_acked > direction->offset && direction->hole_acked < end[side])
		end[side] = direction->hole_acked;
	declare_gap(table, flow, side, end[side], at[side], peer_offset[side]);
	return true;
}

/* Does all that can be done now. force: holes that are not proven are declared lost too. */
static void settle(struct flow_table *table, struct flow *flow, bool force) {
	for (;;) {
		if (flow->ignored) {
			drop_queues(table, flow);
			detach(table, flow);
			return;
		}
		flow->search_steps += flow->held_count;
		if (!list_is_empty(&flow->held) && (release_held(table, flow) || release_cycle(table, flow)))
			continue;
		bool hole = flow->queued_segments > 0 || acked_bytes(&flow->side[0]) > flow->side[0].offset ||
			acked_bytes(&flow->side[1]) > flow->side[1].offset;
		if (hole && settle_holes(table, flow, force))
			continue;
		if (!force || list_is_empty(&flow->held))
			break;
		/* Acknowledgements that contradict each other: no reason to lose the bytes. */
		release(table, flow, list_first(&flow->held, struct held_segment, node));
	}
	assert(!force || flow->queued_segments == 0);
}

/* Makes room for one more segment. When all connections together have too much, the oldest queues give way: those whose holes are
 * the least likely to be filled, and not the connection that happens to be next. */
static void make_room(struct flow_table *table, struct flow *flow, size_t len) {
	if (flow->queued_segments >= QUEUED_SEGMENTS_MAX || flow->held_count >= HELD_SEGMENTS_MAX ||
		flow->search_steps >= SEARCH_STEPS_MAX || flow->queued_bytes + len > table->options.queued_bytes_max)
		settle(table, flow, true);
	while (table->queued_bytes + len > table->options.total_queued_bytes_max && !list_is_empty(&table->queuing))
		settle(table, list_first(&table->queuing, struct flow, by_queue), true);
}

/* While something waits in libnids the stream cannot be attached anew, and must not get to the end of what libnids can count. */
static bool is_at_end_of_span(const struct flow *flow) {
	return flow->reassembly.attached &&
		(flow->side[0].offset - flow->reassembly.start[0] > 2 * REASSEMBLY_SPAN_MAX ||
			flow->side[1].offset - flow->reassembly.start[1] > 2 * REASSEMBLY_SPAN_MAX);
}

/* Notes a range ahead of what was handed on. Returns false when nothing of it is new, or there is no memory. */
static bool note_range(struct flow_table *table, struct flow *flow, enum stream_side side, const struct range *wanted) {
	struct direction *direction = &flow->side[side];
	struct list_node *after = direction->ahead.head.prev;
	for (; after != &direction->ahead.head; after = after->prev, flow->search_steps++) {
		const struct range *range = list_entry(after, struct range, node);
		if (range->offset <= wanted->offset && range->end >= wanted->end && range->cut == wanted->cut)
			return false;
		if (range->offset <= wanted->offset)
			break;
	}
	struct range *range = malloc(sizeof(*range));
	if (range == NULL)
		return false;
	*range = *wanted;
	list_insert_after(after, &range->node);
	direction->waiting += !range->cut;
	range->queued_len = range->cut ? 0 : (size_t)(range->end - range->offset);
	count_queued(table, flow, range->queued_len);
	return true;
}

/* One segment's bytes, all of whose acknowledgements were handed on. */
static void hand_over(struct flow_table *table, struct flow *flow, enum stream_side side, uint64_t offset, const uint8_t *data,
	size_t captured_len, size_t len, uint64_t peer_offset, struct stream_moment at) {
	struct direction *direction = &flow->side[side];
	uint64_t end = offset + len;
	if (end <= direction->offset)
		return;
	if (offset < direction->offset) {
		size_t old = (size_t)(direction->offset - offset);
		data += old < captured_len ? old : captured_len;
		captured_len -= old < captured_len ? old : captured_len;
		offset = direction->offset;
	}
	uint64_t captured_end = offset + captured_len;
	struct range range = {.offset = captured_end, .end = end, .cut = true, .peer_offset = peer_offset, .at = at};
	if (captured_end < end)
		note_range(table, flow, side, &range);
	if (captured_len == 0)
		return;
	if (offset > direction->offset) {
		range = (struct range){.offset = offset, .end = captured_end, .peer_offset = peer_offset, .at = at};
		if (!note_range(table, flow, side, &range))
			return;
	}
	feed_reassembly(table, flow, side, offset, data, captured_len, peer_offset, at, false);
}

static bool hold_segment(struct flow_table *table, struct flow *flow, enum stream_side side, uint64_t offset, uint64_t peer_offset,
	const struct segment *segment) {
	struct held_segment *held = malloc(sizeof(*held) + segment->payload_captured_len);
	if (held == NULL)
		return false;
	*held = (struct held_segment){
		.side = side,
		.offset = offset,
		.peer_offset = peer_offset,
		.captured_len = segment->payload_captured_len,
		.len = segment->payload_len,
		.at = segment->at,
	};
	memcpy(held + 1, segment->payload, segment->payload_captured_len);
	list_append(&flow->held, &held->node);
	flow->held_count++;
	count_queued(table, flow, held->captured_len);
	return true;
}

/* ---- Segments ---- */

/* -1 when the times cannot both be right. */
static int64_t elapsed_ns(int64_t from, int64_t to) {
	int64_t elapsed;
	return __builtin_sub_overflow(to, from, &elapsed) || elapsed < 0 ? -1 : elapsed;
}

/* The stream offset of a sequence number; false when it cannot belong to the stream. */
static bool offset_of(const struct direction *direction, uint32_t seq, uint64_t *ret_offset, uint64_t *ret_before) {
	int32_t distance = (int32_t)(seq - direction->next);
	*ret_before = 0;
	if (distance < 0 && (uint64_t)-(int64_t)distance > direction->offset) {
		*ret_before = (uint64_t)-(int64_t)distance - direction->offset; /* bytes before the first one known */
		*ret_offset = 0;
		return true;
	}
	*ret_offset = direction->offset + (uint64_t)(int64_t)distance;
	return distance < (1 << 30);
}

/* Of a side that was not captured (yet) the stream begins with the first acknowledgement of it, or a lower one that came late. */
static void base_on_ack(struct flow *flow, enum stream_side side, uint32_t ack) {
	struct direction *direction = &flow->side[side], *peer = &flow->side[stream_other_side(side)];
	uint32_t before = peer->based ? peer->next - ack : 0; /* so many bytes earlier than thought */
	for (struct list_node *node = direction->ahead.head.next; node != &direction->ahead.head; node = node->next)
		list_entry(node, struct range, node)->peer_offset += before;
	peer->acked += before;
	peer->based = true;
	peer->next = ack;
	peer->isn = ack - 1;
}

/* Notes what a segment acknowledges. Returns the offset in the other side's stream up to which its sender has received. */
static uint64_t note_ack(struct flow_table *table, struct flow *flow, enum stream_side side, const struct segment *segment) {
	struct direction *peer = &flow->side[stream_other_side(side)];
	if (!(segment->flags & SEGMENT_ACK))
		return 0;
	if (!peer->based || (!peer->seen && peer->offset == 0 && peer->next - segment->ack - 1 < ACK_AHEAD_MAX))
		base_on_ack(flow, side, segment->ack);
	uint64_t offset, before;
	if (!offset_of(peer, segment->ack, &offset, &before) || offset > peer->offset + ACK_AHEAD_MAX) {
		table->stats.ignored_segments++;
		return peer->offset;
	}
	if (peer->fin_seen && offset > peer->fin_offset) {
		peer->fin_acked = true;
		offset = peer->fin_offset;
	}
	if (offset > peer->acked)
		peer->acked = offset;
	return offset;
}

/* The stream begins with the first byte seen: when one before it comes, all that was counted from it is counted anew. An offset of
 * 0 in what was acknowledged stays: it may as well mean that nothing was. */
static void begin_at(struct flow *flow, enum stream_side side, uint32_t seq) {
	struct direction *direction = &flow->side[side], *peer = &flow->side[stream_other_side(side)];
	uint32_t len = direction->based ? direction->next - seq : 0;
	direction->based = true;
	direction->next = seq;
	direction->isn = seq - 1;
	direction->fin_offset += len;
	if (direction->acked > 0)
		direction->acked += len;
	for (struct list_node *node = peer->ahead.head.next; node != &peer->ahead.head; node = node->next) {
		struct range *range = list_entry(node, struct range, node);
		range->peer_offset += range->peer_offset > 0 ? len : 0;
	}
	for (struct list_node *node = flow->held.head.next; node != &flow->held.head; node = node->next) {
		struct held_segment *held = list_entry(node, struct held_segment, node);
		if (held->side == side)
			held->offset += len;
		else
			held->peer_offset += held->peer_offset > 0 ? len : 0;
	}
}

static void on_payload(struct flow_table *table, struct flow *flow, enum stream_side side, const struct segment *segment,
	uint32_t seq, uint64_t peer_offset) {
	struct direction *direction = &flow->side[side], *peer = &flow->side[stream_other_side(side)];
	uint64_t offset, before;
	if (!direction->based || (direction->offset == 0 && !direction->syn_seen && list_is_empty(&direction->ahead) &&
								 direction->next - seq - 1 < ACK_AHEAD_MAX))
		begin_at(flow, side, seq);
	if (!offset_of(direction, seq, &offset, &before)) {
		table->stats.ignored_segments++;
		return;
	}
	struct segment trimmed = *segment;
	if (before > 0) {
		if (before >= trimmed.payload_len) {
			direction->counters.retransmits++;
			return;
		}
		size_t captured = before < trimmed.payload_captured_len ? (size_t)before : trimmed.payload_captured_len;
		trimmed.payload += captured;
		trimmed.payload_captured_len -= captured;
		trimmed.payload_len -= (size_t)before;
	}
	uint64_t end = offset + trimmed.payload_len;
	if (offset < direction->offset && direction->tail_len > 0)
		compare_repeat(direction, offset, trimmed.payload, trimmed.payload_captured_len, segment->at.frame);
	if (end <= direction->offset) {
		direction->counters.retransmits++;
		return;
	}
	if (direction->fin_seen && end > direction->fin_offset) /* it goes on: the FIN was forged, or see is_lost_fin() */
		direction->fin_seen = direction->fin_acked = false;
	if (flow->ignored) {
		count_to(direction, end);
		return;
	}
	if (offset > direction->offset) {
		const struct range *last = list_is_empty(&direction->ahead) ? NULL : list_last(&direction->ahead, struct range, node);
		if (last != NULL && end <= last->end && offset >= last->offset)
			direction->counters.retransmits++;
	}
	if (is_at_end_of_span(flow))
		settle(table, flow, true);
	if (offset > direction->offset || (peer->seen && peer_offset > peer->offset))
		make_room(table, flow, trimmed.payload_captured_len);
	if (flow->ignored)
		return;
	if ((peer->seen && peer_offset > peer->offset) || is_far(table, direction, offset)) {
		if (!hold_segment(table, flow, side, offset, peer_offset, &trimmed))
			table->stats.ignored_segments++;
		return;
	}
	hand_over(table, flow, side, offset, trimmed.payload, trimmed.payload_captured_len, trimmed.payload_len, peer_offset,
		trimmed.at);
}

static void on_fin(struct flow *flow, enum stream_side side, const struct segment *segment, uint32_t seq) {
	struct direction *direction = &flow->side[side];
	uint64_t offset, before;
	if (!direction->based) {
		direction->based = true;
		direction->next = seq;
	}
	if (!offset_of(direction, seq + (uint32_t)segment->payload_len, &offset, &before))
		return;
	if (direction->fin_seen) {
		if (segment->payload_len == 0)
			direction->counters.retransmits++;
		return;
	}
	if (before > 0 || offset < direction->offset)
		return;
	direction->fin_seen = true;
	direction->fin_offset = offset;
	if (direction->acked > offset)
		direction->fin_acked = true;
}

/* The client tries again, after a refusal, an ICMP error, or the reset with which it answered what an older connection had left
 * at the server: what was said before this SYN is void. */
static void retry(struct flow_table *table, struct flow *flow) {
	struct direction *client = &flow->side[STREAM_CLIENT], *server = &flow->side[STREAM_SERVER];
	flow->syn_retries++;
	if (flow->state != FLOW_CLOSING || client->offset > 0 || server->offset > 0 || flow->queued_segments > 0)
		return;
	flow->reset_by = -1;
	flow->refused = flow->answered = false;
	client->acked = server->acked = 0;
	client->hole_segment = server->hole_segment = 0;
	client->fin_seen = server->fin_seen = client->fin_acked = server->fin_acked = false;
	server->based = server->syn_seen = false;
	set_state(table, flow, FLOW_EMBRYONIC);
}

/* How long each part of the handshake took. Of a SYN or SYN-ACK that was sent again nobody knows which of them was answered, as with
 * Karn's algorithm (RFC 6298, 3); and an ACK that comes with something else may have been waiting for it. */
static void time_handshake(struct flow *flow, enum stream_side side, const struct segment *segment) {
	const struct direction *client = &flow->side[STREAM_CLIENT], *server = &flow->side[STREAM_SERVER];
	if (flow->syn_retries > 0 || !client->syn_seen || flow->handshake_ns >= 0)
		return;
	int64_t elapsed;
	bool syn = segment->flags & SEGMENT_SYN, ack = segment->flags & SEGMENT_ACK;
	if (side == STREAM_SERVER && syn && ack && server->counters.packets == 1 && segment->ack == client->isn + 1) {
		flow->syn_ack_ns = segment->at.time_ns;
		elapsed = elapsed_ns(flow->syn_ns, segment->at.time_ns);
		flow->server_rtt_ns = elapsed > 0 ? elapsed : 0;
	} else if (side == STREAM_SERVER) {
		flow->syn_ack_ns = 0;
	} else if (!syn && ack && flow->syn_ack_ns != 0 && segment->payload_len == 0 && segment->ack == server->isn + 1) {
		elapsed = elapsed_ns(flow->syn_ack_ns, segment->at.time_ns);
		flow->client_rtt_ns = elapsed > 0 ? elapsed : 0;
	}
}

static void on_syn(struct flow_table *table, struct flow *flow, enum stream_side side, const struct segment *segment) {
	struct direction *direction = &flow->side[side];
	if (side == STREAM_CLIENT) {
		flow->syn_ns = segment->at.time_ns;
		flow->syn_touched_ns = table->now_ns;
	}
	if (direction->syn_seen) {
		direction->counters.retransmits++;
		if (side == STREAM_CLIENT)
			retry(table, flow);
		return;
	}
	direction->syn_seen = true;
	direction->isn = segment->seq;
	if (direction->offset == 0 && list_is_empty(&direction->ahead)) {
		direction->based = true;
		direction->next = segment->seq + 1;
	}
	if (side == STREAM_SERVER)
		flow->answered = true;
}

static void on_reset(struct flow_table *table, struct flow *flow, enum stream_side side, const struct segment *segment) {
	struct direction *direction = &flow->side[side];
	/* One that is far off the stream is a forgery or a straggler; one for a stream of which nothing is known must be believed. */
	uint64_t offset = 0, before;
	if (direction->based && direction->seen && direction->counters.packets > 1 &&
		(!offset_of(direction, segment->seq, &offset, &before) || before > 65536 || offset > direction->offset + ACK_AHEAD_MAX)) {
		table->stats.ignored_segments++;
		return;
	}
	if (flow->reset_by >= 0)
		return;
	if (side == STREAM_SERVER && flow->side[STREAM_CLIENT].syn_seen && !flow->answered)
		flow->refused = true;
	flow->reset_by = side;
	flow->reset_offset = offset;
	set_state(table, flow, FLOW_CLOSING);
}

/* ---- Beginning and end ---- */

static enum stream_close_how how_closed(const struct flow_table *table, const struct flow *flow, enum stream_close_how otherwise) {
	const struct direction *client = &flow->side[STREAM_CLIENT], *server = &flow->side[STREAM_SERVER];
	if (flow->refused)
		return STREAM_CLOSE_REFUSED;
	if (flow->state == FLOW_EMBRYONIC || flow->icmp != NULL) {
		bool silent = client->syn_seen && !flow->answered; /* the SYN may have carried data */
		if (silent && flow->icmp != NULL)
			return STREAM_CLOSE_UNREACHABLE;
		/* An only SYN right before the end of the capture had no time to be answered. */
		if (silent && (flow->syn_retries > 0 || table->now_ns - flow->syn_touched_ns >= SECOND))
			return STREAM_CLOSE_UNANSWERED;
	}
	if (client->fin_seen && server->fin_seen)
		return STREAM_CLOSE_FIN;
	if (flow->reset_by >= 0)
		return flow->reset_by == STREAM_CLIENT ? STREAM_CLOSE_RESET_BY_CLIENT : STREAM_CLOSE_RESET_BY_SERVER;
	if (client->fin_seen || server->fin_seen)
		return STREAM_CLOSE_FIN;
	return otherwise;
}

static const uint8_t *client_address(const struct flow *flow) {
	return flow->key.address[!flow->lower_is_client];
}

/* A live capture has only the beginning and the end of a mailbox connection: then the sequence number of the FIN tells whether
 * there was data, or what the other side acknowledges with its own. */
static bool carried_data(const struct direction *direction) {
	if (direction->counters.bytes > 0)
		return true;
	if (!direction->syn_seen)
		return false;
	return (direction->fin_seen && direction->fin_offset > 0) || acked_bytes(direction) > 0;
}

/* A POP3 or IMAP connection that carried data both ways shows that its client can receive. */
static void note_mailbox(struct flow_table *table, const struct flow *flow) {
	enum mailbox_kind kind = mailbox_kind_of(flow);
	if (kind != MAILBOX_NONE && carried_data(&flow->side[0]) && carried_data(&flow->side[1]))
		mailboxes_note(table->mailboxes, client_address(flow), kind, flow->last.time_ns);
}

/* Connections that never came about are results, too: so a blocked port shows. But a flood of SYNs is one result and not a
 * million: beyond what failing clients produce they are only counted. */
static bool may_tell_failure(struct flow_table *table) {
	int64_t more = (table->now_ns - table->failures_at_ns) / (SECOND / FAILURES_PER_SECOND);
	if (more > 0) {
		table->failures_at_ns += more * (SECOND / FAILURES_PER_SECOND);
		table->failures_left += more;
		if (table->failures_left > FAILURES_AT_ONCE) {
			table->failures_left = FAILURES_AT_ONCE;
			table->failures_at_ns = table->now_ns;
		}
	}
	if (table->failures_left > 0) {
		table->failures_left--;
		return true;
	}
	table->stats.untold++;
	return false;
}

/* Reports the end of the connection; the flow stays as a memory of it. */
static void end_flow(struct flow_table *table, struct flow *flow, enum stream_close_how otherwise) {
	if (flow->state == FLOW_DEAD)
		return;
	settle(table, flow, true);
	note_mailbox(table, flow);
	bool failed = flow->refused || (flow->side[STREAM_CLIENT].syn_seen && !flow->answered);
	if (flow->hint != STREAM_HINT_NONE && !flow->opened && (!failed || may_tell_failure(table)))
		open_stream(table, flow);
	if (flow->handle != NULL) {
		struct stream_close close;
		flow_table_peek(table, flow, &close);
		close.how = how_closed(table, flow, otherwise);
		close.icmp = close.how == STREAM_CLOSE_UNREACHABLE ? flow->icmp : NULL;
		table->sink.close(flow->handle, &close);
		flow->handle = NULL;
	} else {
		unwatch(table, flow);
	}
	flow->ignored = true;
	drop_queues(table, flow);
	detach(table, flow);
	for (int side = 0; side < 2; side++) {
		free(flow->side[side].tail);
		flow->side[side].tail = NULL;
		flow->side[side].tail_len = 0;
	}
	set_state(table, flow, FLOW_DEAD);
}

static void destroy_flow(struct flow_table *table, struct flow *flow) {
	assert(flow->state == FLOW_DEAD);
	if (flow->answered || flow->midstream) { /* of the others nothing can come late that would look like the middle of one */
		struct ended_side side[2];
		for (int i = 0; i < 2; i++) {
			const struct direction *direction = &flow->side[(i == 0) == flow->lower_is_client ? STREAM_CLIENT : STREAM_SERVER];
			side[i] = (struct ended_side){.known = direction->based, .next = direction->next};
		}
		ended_add(table->ended, flow->hash, table->now_ns, side);
	}
	table->state_count[FLOW_DEAD]--;
	unlink_from_bucket(table, flow);
	list_remove(&flow->by_state);
	list_remove(&flow->by_age);
	free(flow);
}

/* The clock by which connections time out and losses are proven counts from 0 and never goes back, whatever times the frames
 * claim: it moves when a time is later than all before. One wrong time far ahead must not time out everything, nor stop the clock
 * until the rest of the capture has caught up. */
static void advance_clock(struct flow_table *table, int64_t time_ns) {
	uint64_t ahead = time_ns > table->high_ns ? (uint64_t)time_ns - (uint64_t)table->high_ns : 0;
	bool behind = time_ns < table->high_ns && (uint64_t)table->high_ns - (uint64_t)time_ns > CLOCK_STEP_NS;
	if (!table->clock_started || ahead > 0 || (behind && table->clock_behind)) {
		if (table->clock_started)
			table->now_ns += ahead < CLOCK_STEP_NS ? (int64_t)ahead : CLOCK_STEP_NS;
		table->high_ns = time_ns;
		table->clock_started = true;
		behind = false;
	}
	table->clock_behind = behind;
}

static void expire(struct flow_table *table) {
	bool too_many_dead = table->state_count[FLOW_DEAD] > DEAD_MAX;
	/* Not for every segment: what is first in the lists was used longest ago, and is in no cache. */
	if (!too_many_dead && table->now_ns - table->expired_ns < EXPIRE_NS)
		return;
	table->expired_ns = table->now_ns;
	for (enum flow_state state = 0; state < FLOW_STATE_COUNT; state++) {
		struct list *list = &table->states[state];
		while (!list_is_empty(list)) {
			struct flow *flow = list_first(list, struct flow, by_state);
			if (table->now_ns - flow->listed_ns < table->timeout_ns[state] && !(state == FLOW_DEAD && table->state_count[FLOW_DEAD] > DEAD_MAX))
				break;
			/* It was touched within an eighth of the time after it was listed: those behind it wait no longer than that. */
			if (table->now_ns - flow->touched_ns < table->timeout_ns[state] && state != FLOW_DEAD)
				break;
			if (state == FLOW_DEAD)
				destroy_flow(table, flow);
			else
				end_flow(table, flow, STREAM_CLOSE_IDLE_TIMEOUT);
		}
	}
}

/* Makes room: what is over first, then what never was, then the longest idle. Where few have not come about so far they are the
 * newest, and no flood. */
static bool evict_one(struct flow_table *table) {
	static const enum flow_state order[] = {FLOW_DEAD, FLOW_EMBRYONIC, FLOW_CLOSING, FLOW_OPEN, FLOW_EMBRYONIC};
	bool few_embryonic = table->state_count[FLOW_EMBRYONIC] < table->state_count[FLOW_OPEN] / FLOOD_SHARE;
	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		if (list_is_empty(&table->states[order[i]]) || (order[i] == FLOW_EMBRYONIC && few_embryonic && i == 1))
			continue;
		struct flow *flow = list_first(&table->states[order[i]], struct flow, by_state);
		if (flow->state != FLOW_DEAD) {
			table->stats.evicted++;
			end_flow(table, flow, STREAM_CLOSE_EVICTED);
		}
		destroy_flow(table, flow);
		return true;
	}
	return false;
}

/* Who is the client: the sender of a SYN, the receiver of a SYN-ACK, else who talks to a known server port, else who has the
 * higher port. */
static bool source_is_client(const struct flow_table *table, const struct segment *segment, bool *ret_guessed) {
	*ret_guessed = false;
	if (segment->flags & SEGMENT_SYN)
		return !(segment->flags & SEGMENT_ACK);
	bool to_server = table->options.hints[segment->destination.port] != STREAM_HINT_NONE;
	bool from_server = table->options.hints[segment->source.port] != STREAM_HINT_NONE;
	if (to_server != from_server)
		return to_server;
	*ret_guessed = true;
	return segment->source.port >= segment->destination.port;
}

static struct flow *create_flow(struct flow_table *table, const struct segment *segment, const struct flow_key *key, uint64_t hash,
	bool source_is_lower) {
	if (table->flow_count >= table->options.flows_max)
		evict_one(table);
	struct flow *flow = calloc(1, sizeof(*flow));
	if (flow == NULL)
		return NULL;
	bool from_client = source_is_client(table, segment, &flow->roles_guessed);
	flow->lower_is_client = from_client == source_is_lower;
	flow->hint = table->options.hints[(from_client ? &segment->destination : &segment->source)->port];
	flow->midstream = !(segment->flags & SEGMENT_SYN);
	flow->ignored = table->options.ports_only && flow->hint == STREAM_HINT_NONE;
	flow->reset_by = -1;
	flow->handshake_ns = -1;
	flow->source = table->source;
	flow->watched = table->watcher.segment != NULL && !flow->ignored;
	flow->stream = table->next_stream++;
	flow->serial = ++table->last_serial;
	flow->first = flow->last = segment->at;
	flow->touched_ns = table->now_ns;
	list_init(&flow->held);
	list_init(&flow->side[0].ahead);
	list_init(&flow->side[1].ahead);
	if (table->flow_count >= table->bucket_count / 2)
		grow_buckets(table);
	link_to_bucket(table, flow, key, hash);
	table->stats.connections++;
	flow->state = segment->flags & SEGMENT_SYN ? FLOW_EMBRYONIC : FLOW_OPEN;
	table->state_count[flow->state]++;
	list_append(&table->states[flow->state], &flow->by_state);
	list_append(&table->ages, &flow->by_age);
	return flow;
}

/* Errors that ask the sender for smaller packets, or are about a fragment, do not say that there is no way. */
static bool is_about_size(const char *icmp) {
	static const char *const names[] = {"fragmentation-needed", "packet-too-big", "reassembly-timeout"};
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(icmp, names[i]) == 0)
			return true;
	return false;
}

static void on_icmp(struct flow_table *table, struct flow *flow, const struct segment *segment) {
	/* An established connection survives ICMP errors (RFC 1122, 4.2.3.9). */
	if (flow->state != FLOW_EMBRYONIC || is_about_size(segment->icmp))
		return;
	flow->icmp = segment->icmp;
	flow->last = segment->at;
	flow->touched_ns = table->now_ns;
	set_state(table, flow, FLOW_CLOSING);
}

static void watch(struct flow_table *table, struct flow *flow, enum stream_side side, const struct segment *segment) {
	if (flow->watched)
		flow->watched = table->watcher.segment(table->watcher.context, flow->serial, flow->segments == 0, side, segment);
}

/* Of a side that is not captured nothing more is to be expected. */
static bool has_nothing_more(const struct direction *direction) {
	return direction->fin_seen || !direction->seen;
}

/* What is missing although both sides have acknowledged all of it nobody sends again: what stragglers do not bring is lost. */
static void see_to_end(struct flow_table *table, struct flow *flow) {
	const struct direction *client = &flow->side[STREAM_CLIENT], *server = &flow->side[STREAM_SERVER];
	bool both_closed = client->fin_seen && server->fin_seen && client->offset >= client->fin_offset &&
		server->offset >= server->fin_offset;
	bool both_acked = client->fin_seen && client->fin_acked && server->fin_seen && server->fin_acked;
	bool one_sided = (!client->seen || !server->seen) && has_nothing_more(client) && has_nothing_more(server);
	/* The default kernel filter lets nothing else of a mailbox connection through, and who receives often sends soon after. */
	bool only_ends = client->fin_seen && server->fin_seen && client->counters.bytes == 0 && server->counters.bytes == 0 &&
		mailbox_kind_of(flow) != MAILBOX_NONE;
	if ((both_closed && both_acked) || only_ends)
		end_flow(table, flow, STREAM_CLOSE_FIN);
	else if ((both_closed || both_acked || one_sided) && flow->state == FLOW_OPEN)
		set_state(table, flow, FLOW_CLOSING);
}

static void on_tcp(struct flow_table *table, struct flow *flow, enum stream_side side, const struct segment *segment) {
	struct direction *direction = &flow->side[side];
	bool syn = segment->flags & SEGMENT_SYN;
	uint32_t seq = segment->seq + (syn ? 1 : 0);
	watch(table, flow, side, segment);
	flow->segments++;
	flow->last = segment->at;
	flow->touched_ns = table->now_ns;
	direction->counters.packets++;
	if (syn)
		on_syn(table, flow, side, segment);
	if (flow->state == FLOW_EMBRYONIC)
		time_handshake(flow, side, segment);
	uint64_t peer_offset = note_ack(table, flow, side, segment);
	direction->seen = true;
	if (flow->state == FLOW_EMBRYONIC && !syn && !(segment->flags & SEGMENT_RST)) {
		if (side == STREAM_CLIENT && direction->syn_seen && flow->side[STREAM_SERVER].syn_seen)
			flow->handshake_ns = elapsed_ns(flow->syn_ns, segment->at.time_ns);
		flow->answered = true;
		set_state(table, flow, FLOW_OPEN);
	}
	/* A RST may carry text that says why (RFC 9293, 3.5.3): not part of the stream. */
	if (segment->flags & SEGMENT_RST) {
		on_reset(table, flow, side, segment);
	} else {
		if (segment->flags & SEGMENT_FIN)
			on_fin(flow, side, segment, seq);
		if (segment->payload_len > 0)
			on_payload(table, flow, side, segment, seq, peer_offset);
	}
	if (flow->state == FLOW_DEAD)
		return;
	settle(table, flow, false);
	touch(table, flow);
	see_to_end(table, flow);
}

/* Does the segment show that the end of the connection was none: bytes that are new, or an answer to a SYN after all? A forged
 * reset, or one that the other side did not accept, must not hide what is said after it. Nor must the end of a connection hide the
 * next one between the same ports, when its SYN was not captured. */
static bool goes_on(const struct flow *flow, enum stream_side side, const struct segment *segment) {
	const struct direction *direction = &flow->side[side];
	if (segment->flags & SEGMENT_RST)
		return false;
	if (segment->flags & SEGMENT_SYN)
		return segment->flags & SEGMENT_ACK && side == STREAM_SERVER && (!flow->answered || direction->isn != segment->seq);
	if (segment->payload_len == 0)
		return false;
	uint64_t offset, before;
	if (!direction->based || !offset_of(direction, segment->seq, &offset, &before))
		return true;
	return before > 0 ? before > ACK_AHEAD_MAX : offset + segment->payload_len > direction->offset;
}

/* Another session of a connection that was reported as over. To Wireshark it is the same stream. */
static struct flow *resume_flow(struct flow_table *table, struct flow *flow, const struct segment *segment,
	const struct flow_key *key, bool source_is_lower) {
	const struct flow old = *flow;
	destroy_flow(table, flow);
	flow = create_flow(table, segment, key, old.hash, source_is_lower);
	if (flow == NULL)
		return NULL;
	flow->lower_is_client = old.lower_is_client;
	flow->roles_guessed = old.roles_guessed;
	flow->hint = old.hint;
	flow->ignored = table->options.ports_only && flow->hint == STREAM_HINT_NONE;
	flow->watched = table->watcher.segment != NULL && !flow->ignored;
	flow->stream = old.stream;
	table->next_stream--;
	table->stats.connections--;
	return flow;
}

/* What was seen of a connection in one network before it showed that it is in another. Without bytes it is no connection of its own. */
static void join(struct flow_table *table, struct flow *flow, const struct flow_key *key, uint64_t hash) {
	if (find_flow(table, key, hash) == NULL) {
		unlink_from_bucket(table, flow);
		link_to_bucket(table, flow, key, hash);
	} else if (!flow->opened && flow->queued_segments == 0 && !flow->side[0].syn_seen && !flow->side[1].syn_seen) {
		flow->hint = STREAM_HINT_NONE; /* nobody is told of it */
		end_flow(table, flow, STREAM_CLOSE_CAPTURE_ENDED);
		destroy_flow(table, flow);
		table->stats.connections--;
	}
}

/* Asks for memory that is needed soon: with thousands of connections little of it is in the processor's cache. */
static void prefetch(const void *memory, size_t len) {
	for (size_t i = 0; i < len; i += CACHE_LINE)
		__builtin_prefetch((const char *)memory + i, 1);
}

void flow_table_expect(struct flow_table *table, const struct segment *segment, struct flow_expected *ret_expected) {
	ret_expected->segment = segment;
	ret_expected->ends = ends_hash_of(table->seed, segment);
	ret_expected->network = duplicate_network_of(segment);
	ret_expected->network_bits = duplicate_network_bits(&ret_expected->network);
	ret_expected->hash = hash_key(&ret_expected->ends, ret_expected->network_bits);
	__builtin_prefetch(bucket_of(table, ret_expected->hash));
	ret_expected->content_hash = duplicates_begin(table->duplicates, segment, &ret_expected->ends);
}

/* Only the first of its bucket: the others are few. */
void flow_table_expect_flow(struct flow_table *table, const struct flow_expected *expected) {
	prefetch(*bucket_of(table, expected->hash), sizeof(struct flow));
}

void flow_table_expect_stream(struct flow_table *table, const struct flow_expected *expected) {
	const struct flow *flow = *bucket_of(table, expected->hash);
	if (flow == NULL || flow->hash != expected->hash || expected->segment->payload_len == 0)
		return;
	prefetch(flow->handle, HANDLE_LEN);
	reassembly_prefetch(&flow->reassembly);
}

void flow_table_segment(struct flow_table *table, const struct segment *segment) {
	struct flow_expected expected;
	flow_table_expect(table, segment, &expected);
	flow_table_expected_segment(table, &expected);
}

void flow_table_expected_segment(struct flow_table *table, const struct flow_expected *expected) {
	const struct segment *segment = expected->segment;
	struct flow_key key;
	struct duplicate_network network = expected->network;
	uint64_t hash = expected->hash;
	advance_clock(table, segment->at.time_ns);
	expire(table);
	bool source_is_lower = make_key(segment, &network, &key);
	bool joined;
	if (duplicates_check(table->duplicates, segment, &expected->ends, expected->content_hash, &network, &joined)) {
		table->stats.duplicate_packets++;
		return;
	}
	if (duplicate_network_bits(&network) != expected->network_bits) {
		struct flow *strayed = joined ? find_flow(table, &key, hash) : NULL;
		make_key(segment, &network, &key);
		hash = hash_key(&expected->ends, duplicate_network_bits(&network));
		if (strayed != NULL && strayed->state != FLOW_DEAD)
			join(table, strayed, &key, hash);
	}
	struct flow *flow = find_flow(table, &key, hash);
	if (segment->kind == SEGMENT_ICMP_ERROR) {
		/* What it quotes is a SYN: with anything else, bytes of the stream might come along. */
		bool data = flow != NULL && (flow->side[0].offset > 0 || flow->side[1].offset > 0 || flow->queued_segments > 0);
		if (flow != NULL && flow->state == FLOW_EMBRYONIC && !data)
			watch(table, flow, source_is_lower == flow->lower_is_client ? STREAM_CLIENT : STREAM_SERVER, segment);
		if (flow != NULL)
			on_icmp(table, flow, segment);
		return;
	}
	bool first_syn = (segment->flags & (SEGMENT_SYN | SEGMENT_ACK)) == SEGMENT_SYN;
	if (flow != NULL && first_syn) {
		enum stream_side side = source_is_lower == flow->lower_is_client ? STREAM_CLIENT : STREAM_SERVER;
		const struct direction *direction = &flow->side[side];
		/* Another initial sequence number: the port is used again. Wireshark counts a new tcp.stream then, too. */
		if ((direction->based && direction->isn != segment->seq) || (flow->state == FLOW_DEAD && side == STREAM_SERVER)) {
			end_flow(table, flow, STREAM_CLOSE_CAPTURE_ENDED);
			destroy_flow(table, flow);
			flow = NULL;
		}
	}
	if (flow == NULL) {
		if (!first_syn && ended_is_straggler(table->ended, hash, table->now_ns, !source_is_lower, segment))
			return;
		flow = create_flow(table, segment, &key, hash, source_is_lower);
	} else if (flow->state == FLOW_DEAD) {
		if (!goes_on(flow, source_is_lower == flow->lower_is_client ? STREAM_CLIENT : STREAM_SERVER, segment))
			return;
		flow = resume_flow(table, flow, segment, &key, source_is_lower);
	}
	if (flow == NULL) {
		table->stats.ignored_segments++;
		return;
	}
	on_tcp(table, flow, source_is_lower == flow->lower_is_client ? STREAM_CLIENT : STREAM_SERVER, segment);
}

void flow_options_init(struct flow_options *ret_options) {
	*ret_options = (struct flow_options){
		.flows_max = 1000000,
		.queued_bytes_max = 4 << 20,
		.total_queued_bytes_max = 64 << 20,
		.timeout_ns = {
			[FLOW_TIMEOUT_EMBRYONIC] = 130 * SECOND, /* the last SYN of Linux's six retries, and its answer */
			[FLOW_TIMEOUT_OPEN] = 3600 * SECOND,
			[FLOW_TIMEOUT_CLOSING] = 3 * SECOND / 2, /* a SYN is sent again after one; two are the most that a reader waits */
		},
	};
	ret_options->hints[25] = STREAM_HINT_SMTP;
	ret_options->hints[587] = STREAM_HINT_SMTP;
	ret_options->hints[2525] = STREAM_HINT_SMTP;
	ret_options->hints[465] = STREAM_HINT_SMTPS;
	ret_options->hints[24] = STREAM_HINT_LMTP;
}

struct flow_table *flow_table_create(const struct flow_options *options, const struct stream_sink *sink) {
	struct flow_table *table = calloc(1, sizeof(*table));
	if (table == NULL)
		return NULL;
	table->options = *options;
	table->sink = *sink;
	table->source = "";
	table->failures_left = FAILURES_AT_ONCE;
	table->timeout_ns[FLOW_EMBRYONIC] = options->timeout_ns[FLOW_TIMEOUT_EMBRYONIC];
	table->timeout_ns[FLOW_OPEN] = options->timeout_ns[FLOW_TIMEOUT_OPEN];
	table->timeout_ns[FLOW_CLOSING] = options->timeout_ns[FLOW_TIMEOUT_CLOSING];
	table->timeout_ns[FLOW_DEAD] = DEAD_TIMEOUT_NS;
	table->bucket_count = 1024;
	table->buckets = calloc(table->bucket_count, sizeof(struct flow *));
	table->reassembly = reassembly_create(on_bytes);
	table->mailboxes = mailboxes_create();
	table->duplicates = duplicates_create();
	table->ended = ended_create();
	for (enum flow_state state = 0; state < FLOW_STATE_COUNT; state++)
		list_init(&table->states[state]);
	list_init(&table->ages);
	list_init(&table->attached);
	list_init(&table->queuing);
	if (getrandom(table->seed, sizeof(table->seed), 0) < 0)
		table->seed[0] = (uint64_t)(uintptr_t)table; /* no entropy: hashing works, only predictably */
	if (table->buckets == NULL || table->reassembly == NULL || table->mailboxes == NULL ||
		table->duplicates == NULL || table->ended == NULL) {
		flow_table_destroy(table);
		return NULL;
	}
	return table;
}

void flow_table_watch(struct flow_table *table, const struct flow_watcher *watcher) {
	table->watcher = *watcher;
}

void flow_table_begin_source(struct flow_table *table, const char *name) {
	flow_table_end_source(table);
	duplicates_forget(table->duplicates);
	ended_forget(table->ended);
	table->source = name;
	table->next_stream = 0;
	table->now_ns = table->expired_ns = 0;
	table->clock_started = false;
	table->failures_at_ns = 0;
	table->failures_left = FAILURES_AT_ONCE;
}

/* Holes that nothing fills any more: nobody else would look at them while their connections are silent. */
static void settle_queued(struct flow_table *table) {
	struct flow *flows[TICK_FLOWS_MAX];
	size_t count = 0;
	for (struct list_node *node = table->queuing.head.next; node != &table->queuing.head && count < TICK_FLOWS_MAX; node = node->next)
		flows[count++] = list_entry(node, struct flow, by_queue);
	/* What is settled may detach another flow and so empty its queue, but frees none. */
	for (size_t i = 0; i < count; i++) {
		if (flows[i]->queued_segments == 0)
			continue;
		settle(table, flows[i], false);
		if (flows[i]->queued_segments == 0)
			continue;
		list_remove(&flows[i]->by_queue); /* the others have their turn the next time */
		list_append(&table->queuing, &flows[i]->by_queue);
	}
}

void flow_table_tick(struct flow_table *table, int64_t time_ns) {
	if (!table->clock_started)
		return;
	advance_clock(table, time_ns);
	settle_queued(table);
	expire(table);
}

int64_t flow_table_oldest_failed(const struct flow_table *table) {
	const struct list *closing = &table->states[FLOW_CLOSING];
	int64_t oldest_ns = 0;
	size_t left = TICK_FLOWS_MAX;
	for (struct list_node *node = closing->head.next; node != &closing->head && left-- > 0; node = node->next) {
		const struct flow *flow = list_entry(node, struct flow, by_state);
		if (flow->hint != STREAM_HINT_NONE && !flow->opened && (oldest_ns == 0 || flow->first.time_ns < oldest_ns))
			oldest_ns = flow->first.time_ns;
	}
	return oldest_ns;
}

void flow_table_set_source(struct flow_table *table, const char *name) {
	table->source = name;
}

void flow_table_peek(const struct flow_table *table, const void *connection, struct stream_close *ret_close) {
	const struct flow *flow = connection;
	*ret_close = (struct stream_close){
		.how = STREAM_CLOSE_NONE,
		.last = flow->last,
		.handshake_ns = flow->handshake_ns,
		.syn_retries = flow->syn_retries,
		.side = {flow->side[0].counters, flow->side[1].counters},
	};
	for (int side = 0; side < 2; side++) {
		ret_close->has_first_seq[side] = flow->side[side].based;
		ret_close->first_seq[side] = flow->side[side].next - (uint32_t)flow->side[side].offset;
	}
	/* One more may be a FIN that was not captured. */
	ret_close->reset_ahead = flow->reset_by >= 0 && flow->reset_offset > flow->side[flow->reset_by].offset + 1;
	mailboxes_count(table->mailboxes, client_address(flow), flow->last.time_ns, &ret_close->mailbox);
}

void flow_table_end_source(struct flow_table *table) {
	while (!list_is_empty(&table->ages)) {
		struct flow *flow = list_first(&table->ages, struct flow, by_age);
		end_flow(table, flow, STREAM_CLOSE_CAPTURE_ENDED);
		destroy_flow(table, flow);
	}
}

/* Nothing is lost with a stream of libnids in which nothing waits: it is attached again when it goes on. */
static bool release_buffers(struct flow_table *table) {
	size_t left = RELEASE_STEPS_MAX;
	for (struct list_node *node = table->attached.head.next; node != &table->attached.head && left > 0; node = node->next, left--) {
		struct flow *flow = list_entry(node, struct flow, by_use);
		if (nothing_waits(flow)) {
			detach(table, flow);
			return true;
		}
	}
	return false;
}

bool flow_table_evict(struct flow_table *table) {
	return release_buffers(table) || evict_one(table);
}

void flow_table_get_stats(const struct flow_table *table, struct flow_stats *ret_stats) {
	*ret_stats = table->stats;
	ret_stats->embryonic = table->state_count[FLOW_EMBRYONIC];
	ret_stats->closing = table->state_count[FLOW_CLOSING];
	ret_stats->queued_bytes = table->queued_bytes;
	ret_stats->memory = table->flow_count * (sizeof(struct flow) + MALLOC_COST) + table->bucket_count * sizeof(struct flow *) +
		table->queued_bytes + table->attached_count * REASSEMBLY_STREAM_COST;
	ret_stats->open = table->flow_count - table->state_count[FLOW_DEAD];
}

void flow_table_destroy(struct flow_table *table) {
	if (table == NULL)
		return;
	flow_table_end_source(table);
	reassembly_destroy(table->reassembly);
	mailboxes_destroy(table->mailboxes);
	duplicates_destroy(table->duplicates);
	ended_destroy(table->ended);
	free(table->buckets);
	free(table);
}
