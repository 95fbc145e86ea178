/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * capture/packet_store.c: frames in, chains of a connection out, and never more than the bound.
 */
#include "capture/packet_store.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { FRAME_MAX = 70000, HEADERS = 54 };

static uint8_t frame_bytes[FRAME_MAX];

/* Each frame is told by its number, which also fills its bytes. */
static bool add(struct packet_store *store, uint64_t serial, bool first, uint32_t number, size_t len) {
	for (size_t i = 0; i < len; i++)
		frame_bytes[i] = (uint8_t)(number * 31 + i);
	struct source_frame frame = {
		.link_type = 1, .data = frame_bytes, .captured_len = len, .wire_len = len + 1, .at = {.time_ns = number, .frame = number}};
	struct segment segment = {
		.seq = number,
		.payload = frame_bytes + (len < HEADERS ? len : HEADERS),
		.payload_captured_len = len < HEADERS ? 0 : len - HEADERS,
		.payload_len = len < HEADERS ? 0 : len - HEADERS,
	};
	return packet_store_add(store, serial, first, STREAM_SERVER, &frame, &segment);
}

/* The numbers of a chain's frames, after a look at all of their bytes. */
static void expect_chain(const struct packet_chain *chain, const char *expected) {
	static uint8_t frame[FRAME_MAX];
	char got[4096] = "";
	size_t len = 0;
	uint64_t count = 0, bytes = 0;
	struct packet_cursor cursor = {0};
	struct packet packet;
	assert_non_null(chain);
	while (packet_chain_next(chain, &cursor, &packet, frame)) {
		uint32_t number = (uint32_t)packet.time_ns;
		assert_int_equal(packet.wire_len, packet.captured_len + 1);
		assert_int_equal(packet.side, STREAM_SERVER);
		assert_int_equal(packet.payload_seq, number);
		assert_false(packet.payload_elsewhere);
		assert_int_equal(packet.payload_at + packet.payload_captured_len, packet.captured_len);
		assert_true(packet.captured_len <= packet_chain_longest(chain));
		for (size_t i = 0; i < packet.captured_len; i++)
			assert_int_equal(frame[i], (uint8_t)(number * 31 + i));
		len += (size_t)snprintf(got + len, sizeof(got) - len, "%s%u", len > 0 ? " " : "", number);
		count++;
		bytes += packet.captured_len;
	}
	if (expected != NULL)
		assert_string_equal(got, expected);
	assert_int_equal(count, packet_chain_count(chain));
	assert_int_equal(bytes, packet_chain_bytes(chain));
}

static struct packet_store *make_store(size_t bytes_max, size_t head, size_t tail) {
	struct packet_store_options options = {.bytes_max = bytes_max, .flow_head_max = head, .flow_tail_max = tail};
	struct packet_store *store = packet_store_create(&options);
	assert_non_null(store);
	return store;
}

static struct packet_store_stats stats_of(const struct packet_store *store) {
	struct packet_store_stats stats;
	packet_store_get_stats(store, &stats);
	return stats;
}

/* Nothing may be left but the buckets. */
static void end_store(struct packet_store *store, size_t used_empty) {
	assert_int_equal(stats_of(store).bytes_used, used_empty);
	assert_int_equal(stats_of(store).flows, 0);
	packet_store_destroy(store);
}

static void test_chains(void **state) {
	(void)state;
	static const size_t lens[] = {0, 1, 54, 60, 66, 252, 253, 300, 1514, 65550};
	struct packet_store *store = make_store(1 << 20, 1 << 20, 1 << 20);
	size_t used = stats_of(store).bytes_used;
	assert_false(add(store, 7, false, 1, 60)); /* its start was not seen */
	for (uint32_t i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
		assert_true(add(store, 7, i == 0, 10 + i, lens[i]));
		assert_true(add(store, 7 + 16 * 1024, i == 0, 100 + i, lens[i])); /* in the same bucket */
	}
	assert_null(packet_store_take(store, 8));
	struct packet_chain *chain = packet_store_take(store, 7);
	expect_chain(chain, "10 11 12 13 14 15 16 17 18 19");
	assert_int_equal(packet_chain_dropped(chain), 0);
	assert_false(add(store, 7, false, 20, 60)); /* taken */
	size_t before = stats_of(store).bytes_used;
	packet_chain_free(chain);
	assert_true(stats_of(store).bytes_used < before);
	packet_store_drop(store, 7 + 16 * 1024);
	assert_false(add(store, 7 + 16 * 1024, false, 21, 60));
	packet_store_drop(store, 7);
	assert_null(packet_store_take(store, 7));
	packet_chain_free(NULL);
	end_store(store, used);
	packet_store_destroy(NULL);
}

/* Of a connection the start and the end are kept. */
static void test_flow_bound(void **state) {
	(void)state;
	struct packet_store *store = make_store(1 << 20, 300, 200);
	size_t used = stats_of(store).bytes_used;
	for (uint32_t i = 1; i <= 20; i++)
		assert_true(add(store, 1, i == 1, i, 100));
	assert_true(add(store, 1, false, 21, 201)); /* larger than all that is kept */
	assert_true(add(store, 1, false, 22, 50));
	struct packet_chain *chain = packet_store_take(store, 1);
	expect_chain(chain, "1 2 3 22");
	assert_int_equal(packet_chain_dropped(chain), 18);
	packet_chain_free(chain);
	for (uint32_t i = 1; i <= 9; i++)
		assert_true(add(store, 2, i == 1, i, 100));
	chain = packet_store_take(store, 2);
	expect_chain(chain, "1 2 3 8 9");
	assert_int_equal(packet_chain_dropped(chain), 4);
	packet_chain_free(chain);
	end_store(store, used);
}

/* The oldest packet of all gives way, whosever it is. */
static void test_oldest_first(void **state) {
	(void)state;
	enum { FLOWS = 10, ROUNDS = 40 };
	struct packet_store *store = make_store(100 * 257, 1 << 20, 1 << 20);
	size_t used = stats_of(store).bytes_used, dropped = 0;
	uint32_t number = 0;
	for (uint32_t round = 0; round < ROUNDS; round++) {
		for (uint32_t flow = 1; flow <= FLOWS; flow++)
			assert_true(add(store, flow, round == 0, ++number, 60));
		assert_true(stats_of(store).bytes_used <= 100 * 257);
	}
	assert_true(add(store, 99, true, ++number, 10 * 256)); /* needs many at once */
	for (uint32_t flow = 1; flow <= FLOWS; flow++) {
		struct packet_chain *chain = packet_store_take(store, flow);
		char expected[256] = "";
		uint64_t count = packet_chain_count(chain);
		assert_in_range(count, 7, 8); /* 90 cells for packets, less 11 of the large one and its connection */
		size_t len = 0;
		for (uint64_t i = ROUNDS - count; i < ROUNDS; i++)
			len += (size_t)snprintf(expected + len, sizeof(expected) - len, "%s%u", len > 0 ? " " : "", (uint32_t)i * FLOWS + flow);
		expect_chain(chain, expected);
		assert_int_equal(packet_chain_dropped(chain), ROUNDS - count);
		dropped += packet_chain_dropped(chain);
		packet_chain_free(chain);
	}
	assert_int_equal(stats_of(store).dropped, dropped);
	struct packet_chain *chain = packet_store_take(store, 99);
	expect_chain(chain, "401");
	packet_chain_free(chain);
	end_store(store, used);
}

/* More connections than cells: those of which nothing is left are forgotten; the latest are there. */
static void test_flood(void **state) {
	(void)state;
	enum { CELLS = 256, CONNECTIONS = 100000 };
	struct packet_store *store = make_store(CELLS * 257, 1 << 20, 1 << 20);
	size_t used = stats_of(store).bytes_used;
	for (uint32_t i = 1; i <= CONNECTIONS; i++) {
		assert_true(add(store, i, true, i, 60));
		assert_true(stats_of(store).bytes_used <= CELLS * 257);
		assert_true(stats_of(store).flows < CELLS);
	}
	assert_false(add(store, 1, false, 1, 60));
	size_t found = 0;
	for (uint32_t i = 1; i <= CONNECTIONS; i++) {
		struct packet_chain *chain = packet_store_take(store, i);
		if (chain == NULL)
			continue;
		assert_true(i > CONNECTIONS - CELLS);
		found += packet_chain_count(chain);
		packet_chain_free(chain);
	}
	assert_in_range(found, CELLS / 4, CELLS / 2);
	end_store(store, used);
}

/* What waits in another thread counts until it is freed: nothing else gives it back. */
static void *free_chain(void *chain) {
	packet_chain_free(chain);
	return NULL;
}

static void test_taken_counts(void **state) {
	(void)state;
	struct packet_store *store = make_store(100 * 257, 1 << 20, 1 << 20);
	size_t used = stats_of(store).bytes_used;
	for (uint32_t i = 1; i <= 200; i++)
		assert_true(add(store, 1, i == 1, i, 60));
	struct packet_chain *chain = packet_store_take(store, 1);
	add(store, 2, true, 1000, 60); /* there is the one cell that the connection took */
	for (uint32_t i = 0; i < 5; i++)
		add(store, 3, i == 0, i, 60);
	expect_chain(chain, NULL);
	assert_int_equal(packet_chain_count(chain), 99);
	pthread_t thread;
	assert_int_equal(pthread_create(&thread, NULL, free_chain, chain), 0);
	for (uint32_t i = 0; i < 5000; i++) /* while the other thread gives back */
		add(store, 4 + i, true, i, 60 + i % 1000);
	pthread_join(thread, NULL);
	for (uint32_t i = 1; i <= 40; i++)
		assert_true(add(store, 9999, i == 1, i, 60));
	chain = packet_store_take(store, 9999);
	assert_int_equal(packet_chain_count(chain), 40);
	expect_chain(chain, NULL);
	packet_chain_free(chain);
	for (uint32_t i = 0; i < 5004; i++)
		packet_store_drop(store, i);
	end_store(store, used);
}

/* Anything at random against a plain model of what a connection may have. */
static void test_random(void **state) {
	(void)state;
	enum { SERIALS = 40, STEPS = 200000, CELLS = 200 };
	struct packet_store *store = make_store(CELLS * 257, 2000, 1000);
	size_t used = stats_of(store).bytes_used;
	uint64_t seen[SERIALS + 1] = {0};
	uint32_t random = 1;
	for (uint32_t step = 1; step <= STEPS; step++) {
		random = random * 1664525 + 1013904223;
		uint32_t serial = 1 + (random >> 8) % SERIALS, what = (random >> 20) % 64;
		if (what == 0) {
			packet_store_drop(store, serial);
			seen[serial] = 0;
		} else if (what == 1) {
			struct packet_chain *chain = packet_store_take(store, serial);
			if (chain != NULL) {
				expect_chain(chain, NULL);
				assert_int_equal(packet_chain_count(chain) + packet_chain_dropped(chain), seen[serial]);
				assert_true(packet_chain_bytes(chain) <= 3000);
			}
			packet_chain_free(chain);
			seen[serial] = 0;
		} else if (add(store, serial, seen[serial] == 0, step, (random >> 10) % 1200)) {
			seen[serial]++;
		} else {
			seen[serial] = 0;
		}
		assert_true(stats_of(store).bytes_used <= CELLS * 257);
	}
	for (uint32_t serial = 1; serial <= SERIALS; serial++)
		packet_store_drop(store, serial);
	end_store(store, used);
}

static void test_elsewhere(void **state) {
	(void)state;
	static uint8_t other[100];
	struct packet_store *store = make_store(1 << 20, 1 << 20, 1 << 20);
	struct source_frame frame = {.link_type = 1, .data = frame_bytes, .captured_len = 80, .wire_len = 80};
	struct segment segment = {.payload = other, .payload_captured_len = 10, .payload_len = 10};
	assert_true(packet_store_add(store, 1, true, STREAM_CLIENT, &frame, &segment));
	segment.payload = frame_bytes + 75; /* ends behind the frame */
	assert_true(packet_store_add(store, 1, false, STREAM_CLIENT, &frame, &segment));
	struct packet_chain *chain = packet_store_take(store, 1);
	struct packet_cursor cursor = {0};
	struct packet packet;
	for (int i = 0; i < 2; i++) {
		assert_true(packet_chain_next(chain, &cursor, &packet, frame_bytes));
		assert_true(packet.payload_elsewhere);
	}
	assert_false(packet_chain_next(chain, &cursor, &packet, frame_bytes));
	packet_chain_free(chain);
	packet_store_destroy(store);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_chains),
		cmocka_unit_test(test_flow_bound),
		cmocka_unit_test(test_oldest_first),
		cmocka_unit_test(test_flood),
		cmocka_unit_test(test_taken_counts),
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_elsewhere),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
