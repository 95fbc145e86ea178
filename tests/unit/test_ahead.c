/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * capture/ahead.c: what waits comes out as it went in, and in this order.
 */
#include "capture/ahead.h"

#include <stdarg.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <pcap/dlt.h>

enum {
	HEADERS_LEN = 40,
	FRAME_SIZE = 9000,
	FRAMES_MAX = 32,
};

/* What is expected: the payload of segment n is `len` bytes, each of which is n + 1. */
struct script {
	const char *name;
	size_t payloads[FRAMES_MAX]; /* of segments, 0 for none; the list ends with END */
};
enum {
	END = 100000,
	IN_PIECES = 50000, /* added to the length: it comes in two IP fragments */
	NO_SEGMENT = 60000,
};

struct player {
	struct frame_parser *parser;
	struct flow_table *flows;
	struct ahead *ahead;
	const struct script *script;
	size_t came, next; /* segments that came; the next of the script */
};

static size_t next_segment(const struct script *script, size_t from) {
	while (script->payloads[from] == NO_SEGMENT)
		from++;
	return from;
}

static void on_expected(void *context, const struct source_frame *frame, const struct flow_expected *expected) {
	struct player *player = context;
	size_t at = next_segment(player->script, player->next);
	size_t len = player->script->payloads[at] % IN_PIECES;
	assert_string_equal(frame->source, "scripted");
	assert_int_equal(frame->at.frame, at + 1);
	assert_int_equal(expected->segment->seq, at);
	assert_int_equal(expected->segment->payload_captured_len, len);
	for (size_t i = 0; i < len; i++)
		assert_int_equal(expected->segment->payload[i], at + 1);
	flow_table_expected_segment(player->flows, expected);
	player->next = at + 1;
	player->came++;
}

static void *no_stream(void *context, const struct stream_open *open) {
	(void)context;
	(void)open;
	return NULL;
}

static void put_ip(uint8_t *ip, size_t len, size_t number, size_t fragment, bool more) {
	static const uint8_t ends[8] = {192, 0, 2, 1, 192, 0, 2, 2};
	memset(ip, 0, 20);
	ip[0] = 0x45;
	ip[2] = (uint8_t)((len + 20) >> 8);
	ip[3] = (uint8_t)(len + 20);
	ip[5] = (uint8_t)number;
	ip[6] = (uint8_t)((more ? 0x20 : 0) | fragment / 8 >> 8);
	ip[7] = (uint8_t)(fragment / 8);
	ip[8] = 64;
	ip[9] = 6;
	memcpy(ip + 12, ends, sizeof(ends));
}

static void add(struct player *player, const uint8_t *packet, size_t len, size_t number) {
	/* Of its own: the source takes the bytes back, and a read of them later is one of freed memory. */
	uint8_t *data = malloc(len);
	assert_non_null(data);
	memcpy(data, packet, len);
	ahead_add(player->ahead, &(struct source_frame){.link_type = DLT_RAW,
						.data = data,
						.captured_len = len,
						.wire_len = len,
						.at = {.time_ns = (int64_t)number * 1000000, .frame = number + 1},
						.source = "scripted"});
	memset(data, 0, len);
	free(data);
}

static void play(struct player *player, size_t number, size_t payload) {
	uint8_t packet[FRAME_SIZE], piece[FRAME_SIZE];
	bool in_pieces = payload >= IN_PIECES && payload != NO_SEGMENT;
	size_t len = payload == NO_SEGMENT ? 0 : payload % IN_PIECES;
	assert_true(len + HEADERS_LEN <= sizeof(packet));
	put_ip(packet, 20 + len, number, 0, false);
	memset(packet + 20, 0, 20);
	packet[20] = 0x9c; /* port 40000 */
	packet[21] = 0x40;
	packet[23] = 25;
	packet[27] = (uint8_t)number; /* seq */
	packet[32] = 0x50;
	packet[33] = 0x10; /* ACK */
	memset(packet + HEADERS_LEN, (int)number + 1, len);
	if (payload == NO_SEGMENT)
		packet[9] = 17;
	if (!in_pieces) {
		add(player, packet, HEADERS_LEN + len, number);
		return;
	}
	size_t first = (20 + len) / 2 & ~(size_t)7;
	put_ip(piece, first, number, 0, true);
	memcpy(piece + 20, packet + 20, first);
	add(player, piece, 20 + first, number);
	put_ip(piece, 20 + len - first, number, first, false);
	memcpy(piece + 20, packet + 20 + first, 20 + len - first);
	add(player, piece, 20 + 20 + len - first, number);
}

static void test_in_order(void **state) {
	static const struct script scripts[] = {
		{"nothing", {END}},
		{"one", {10, END}},
		{"small ones", {0, 10, 1, 0, 0, 700, 10, 1460, 3, 0, 9, END}},
		{"what has no segment", {NO_SEGMENT, 10, NO_SEGMENT, NO_SEGMENT, 5, 6, NO_SEGMENT, END}},
		{"one that is too large to wait", {1, 2, 8000, 3, 4, 5, 6, 8000, 8000, 7, END}},
		{"the largest that waits, and one more", {1, 2008, 2, 2009, 3, END}},
		{"in fragments, which live elsewhere", {1, 2, 400 + IN_PIECES, 3, 401 + IN_PIECES, 402 + IN_PIECES, 4, END}},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++) {
		print_message("# %s\n", scripts[i].name);
		struct flow_options options;
		flow_options_init(&options);
		struct player player = {.script = &scripts[i], .parser = frame_parser_create()};
		player.flows = flow_table_create(&options, &(struct stream_sink){.open = no_stream});
		assert_non_null(player.parser);
		assert_non_null(player.flows);
		flow_table_begin_source(player.flows, "scripted");
		player.ahead = ahead_create(player.parser, player.flows, on_expected, &player);
		assert_non_null(player.ahead);
		size_t count = 0, segments = 0;
		for (; scripts[i].payloads[count] != END; count++) {
			play(&player, count, scripts[i].payloads[count]);
			segments += scripts[i].payloads[count] != NO_SEGMENT;
			assert_true(player.came <= segments && player.came + 4 >= segments); /* few wait */
		}
		ahead_flush(player.ahead);
		assert_int_equal(player.came, segments);
		ahead_flush(player.ahead);
		assert_int_equal(player.came, segments);
		ahead_destroy(player.ahead);
		flow_table_destroy(player.flows);
		frame_parser_destroy(player.parser);
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_in_order)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
