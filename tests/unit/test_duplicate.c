/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * capture/duplicate.c: which segments are copies, and which networks are one.
 */
#include "capture/duplicate.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define US INT64_C(1000)

/* The segment that all others are made from. */
static bool look(struct duplicates *duplicates, const struct segment *segment, struct duplicate_network *ret_network) {
	static const uint64_t seed[2] = {1, 2};
	struct ends_hash ends = ends_hash_of(seed, segment);
	bool joined;
	return duplicates_check(duplicates, segment, &ends, duplicates_begin(duplicates, segment, &ends), ret_network, &joined);
}

static struct segment make_segment(void) {
	return (struct segment){
		.kind = SEGMENT_TCP,
		.source = {4, {192, 0, 2, 1}, 40000},
		.destination = {4, {198, 51, 100, 2}, 25},
		.seq = 1000,
		.ack = 2000,
		.flags = SEGMENT_ACK | SEGMENT_PSH,
		.window = 500,
		.payload_captured_len = 100,
		.payload_len = 100,
		.ip_id = 7,
		.checksum = 0x1234,
		.timestamp = 99,
	};
}

static const struct row {
	const char *name;
	int64_t after_us;
	char field; /* which one differs in the second segment; see change() */
	char both;  /* and which one in both */
	bool is_copy;
} rows[] = {
	{"at once", 0, 0, 0, true},
	{"after 90 ms", 90000, 0, 0, true},
	{"before the first", -1000, 0, 0, true},
	{"after 110 ms", 110000, 0, 0, false},
	{"other identification", 10, 'i', 0, false},
	{"other sequence number", 10, 's', 0, false},
	{"other acknowledgement", 10, 'a', 0, false},
	{"other flags", 10, 'f', 0, false},
	{"other window", 10, 'w', 0, false},
	{"other length", 10, 'l', 0, false},
	{"other checksum", 10, 'c', 0, false},
	{"other time stamp", 10, 't', 0, false},
	{"other port", 10, 'p', 0, false},
	{"more of it captured", 10, '+', 0, false},
	{"less of it captured", 10, '-', 0, true},
	{"no identification, after 4 ms", 4000, 0, 'n', true},
	{"no identification, after 6 ms", 6000, 0, 'n', false},
	{"neither, at once", 0, 0, 'N', true},
	{"neither, after 900 us", 900, 0, 'N', true},
	{"neither, after 1100 us", 1100, 0, 'N', false},
	{"a SYN, after 90 ms", 90000, 0, 'S', true},
	{"a SYN, after a second", 1000000, 0, 'S', false},
	{"nothing to know it by", 0, 0, '0', false},
};

static void change(struct segment *segment, char field) {
	switch (field) {
	case 'i':
		segment->ip_id++;
		break;
	case 's':
		segment->seq++;
		break;
	case 'a':
		segment->ack++;
		break;
	case 'f':
		segment->flags = SEGMENT_ACK;
		break;
	case 'w':
		segment->window++;
		break;
	case 'l':
		segment->payload_len++;
		break;
	case 'c':
		segment->checksum++;
		break;
	case 't':
		segment->timestamp++;
		break;
	case 'p':
		segment->source.port++;
		break;
	case '+':
		segment->payload_captured_len++;
		break;
	case '-':
		segment->payload_captured_len--;
		break;
	case 'n':
		segment->ip_id = 0;
		break;
	case 'N':
		segment->ip_id = 0;
		segment->timestamp = 0;
		break;
	case 'S':
		segment->ip_id = 0;
		segment->flags = SEGMENT_SYN;
		break;
	case '0':
		segment->ip_id = segment->checksum = 0;
		break;
	default:
		break;
	}
}

static void test_rows(void **state) {
	(void)state;
	size_t count = 0;
	for (; count < sizeof(rows) / sizeof(rows[0]); count++) {
		const struct row *row = &rows[count];
		struct duplicates *duplicates = duplicates_create();
		assert_non_null(duplicates);
		struct duplicate_network network;
		struct segment first = make_segment(), second;
		change(&first, row->both);
		second = first;
		change(&second, row->field);
		first.at.time_ns = 1000000000;
		second.at.time_ns = first.at.time_ns + row->after_us * US;
		assert_false(look(duplicates, &first, &network));
		bool is_copy = look(duplicates, &second, &network);
		if (is_copy != row->is_copy)
			print_error("%s\n", row->name);
		assert_int_equal(is_copy, row->is_copy);
		duplicates_destroy(duplicates);
	}
	assert_int_equal(count, 23);
}

static void test_forget(void **state) {
	(void)state;
	struct duplicates *duplicates = duplicates_create();
	struct duplicate_network network;
	struct segment segment = make_segment();
	assert_non_null(duplicates);
	segment.at.time_ns = 1000000000;
	assert_false(look(duplicates, &segment, &network));
	assert_true(look(duplicates, &segment, &network));
	duplicates_forget(duplicates);
	assert_false(look(duplicates, &segment, &network)); /* the same capture, read a second time */
	duplicates_destroy(duplicates);
}

static bool check(struct duplicates *duplicates, struct segment *segment, unsigned vlan, unsigned *ret_vlan) {
	struct duplicate_network network;
	segment->vlan_count = vlan > 0;
	segment->vlan[0] = (uint16_t)vlan;
	bool is_copy = look(duplicates, segment, &network);
	*ret_vlan = network.vlan_count > 0 ? network.vlan[0] : 0;
	return is_copy;
}

static void swap_ends(struct segment *segment) {
	struct stream_endpoint source = segment->source;
	segment->source = segment->destination;
	segment->destination = source;
}

/* A copy in another VLAN: from then on that is where the connection is, in both directions. */
static void test_networks(void **state) {
	(void)state;
	struct duplicates *duplicates = duplicates_create();
	struct segment segment = make_segment();
	unsigned vlan;
	assert_false(check(duplicates, &segment, 10, &vlan));
	assert_int_equal(vlan, 10);
	assert_true(check(duplicates, &segment, 0, &vlan));
	assert_int_equal(vlan, 10);
	assert_true(check(duplicates, &segment, 20, &vlan));
	assert_int_equal(vlan, 10);
	swap_ends(&segment);
	segment.seq++;
	assert_false(check(duplicates, &segment, 20, &vlan));
	assert_int_equal(vlan, 10);
	assert_true(check(duplicates, &segment, 10, &vlan));
	assert_int_equal(vlan, 10);
	/* Another connection is not concerned. */
	segment.source.port++;
	assert_false(check(duplicates, &segment, 20, &vlan));
	assert_int_equal(vlan, 20);
	duplicates_destroy(duplicates);
}

/* Each direction in a VLAN of its own. */
static void test_answer(void **state) {
	(void)state;
	struct duplicates *duplicates = duplicates_create();
	struct segment syn = make_segment(), answer;
	unsigned vlan;
	syn.flags = SEGMENT_SYN;
	assert_false(check(duplicates, &syn, 10, &vlan));
	answer = make_segment();
	swap_ends(&answer);
	answer.flags = SEGMENT_SYN | SEGMENT_ACK;
	answer.seq = 5000;
	answer.ack = 1002; /* of another SYN */
	assert_false(check(duplicates, &answer, 20, &vlan));
	assert_int_equal(vlan, 20);
	answer.ack = 1001;
	assert_false(check(duplicates, &answer, 20, &vlan));
	assert_int_equal(vlan, 10);
	answer.flags = SEGMENT_ACK;
	assert_false(check(duplicates, &answer, 20, &vlan));
	assert_int_equal(vlan, 10);
	duplicates_destroy(duplicates);
}

/* A SYN that is refused, or that a router has no way for, out of another VLAN. */
static void test_refusal(void **state) {
	(void)state;
	static const struct {
		const char *name;
		enum segment_kind kind;
		uint8_t flags;
		uint32_t seq, ack;
		unsigned vlan; /* that it counts as being in */
	} refusals[] = {
		{"refused", SEGMENT_TCP, SEGMENT_RST | SEGMENT_ACK, 0, 1001, 10},
		{"a reset for another SYN", SEGMENT_TCP, SEGMENT_RST | SEGMENT_ACK, 0, 1002, 20},
		{"a reset that acknowledges nothing", SEGMENT_TCP, SEGMENT_RST, 0, 1001, 20},
		{"an acknowledgement alone", SEGMENT_TCP, SEGMENT_ACK, 0, 1001, 20},
		{"no way for it", SEGMENT_ICMP_ERROR, 0, 1000, 0, 10},
		{"no way for another", SEGMENT_ICMP_ERROR, 0, 1001, 0, 20},
	};
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		struct duplicates *duplicates = duplicates_create();
		struct segment syn = make_segment(), answer = make_segment();
		unsigned vlan;
		syn.flags = SEGMENT_SYN;
		assert_false(check(duplicates, &syn, 10, &vlan));
		answer.kind = refusals[i].kind;
		answer.flags = refusals[i].flags;
		answer.seq = refusals[i].seq;
		answer.ack = refusals[i].ack;
		if (answer.kind == SEGMENT_TCP)
			swap_ends(&answer); /* an error names the ends as the segment had them */
		assert_false(check(duplicates, &answer, 20, &vlan));
		if (vlan != refusals[i].vlan)
			fail_msg("%s: VLAN %u", refusals[i].name, vlan);
		duplicates_destroy(duplicates);
	}
}

/* The same without a SYN: the answer says where both streams are. */
static void test_answer_midstream(void **state) {
	(void)state;
	struct duplicates *duplicates = duplicates_create();
	struct segment segment = make_segment(), answer = make_segment();
	unsigned vlan;
	assert_false(check(duplicates, &segment, 10, &vlan));
	swap_ends(&answer);
	answer.seq = 2000;
	answer.ack = 1099; /* not all of it */
	assert_false(check(duplicates, &answer, 20, &vlan));
	assert_int_equal(vlan, 20);
	answer.ack = 1100;
	assert_false(check(duplicates, &answer, 20, &vlan));
	assert_int_equal(vlan, 10);
	duplicates_destroy(duplicates);
}

/* As many connections as the table of networks must grow for. */
static void test_many_networks(void **state) {
	(void)state;
	enum { CONNECTIONS = 20000 };
	struct duplicates *duplicates = duplicates_create();
	unsigned vlan, kept = 0;
	for (unsigned i = 0; i < CONNECTIONS; i++) {
		struct segment segment = make_segment();
		segment.source.port = (uint16_t)i;
		assert_false(check(duplicates, &segment, 10, &vlan));
		assert_true(check(duplicates, &segment, 20, &vlan));
	}
	for (unsigned i = 0; i < CONNECTIONS; i++) {
		struct segment segment = make_segment();
		segment.source.port = (uint16_t)i;
		segment.seq += 7;
		check(duplicates, &segment, 20, &vlan);
		kept += vlan == 10;
	}
	assert_int_equal(kept, CONNECTIONS);
	duplicates_destroy(duplicates);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_forget),
		cmocka_unit_test(test_networks),
		cmocka_unit_test(test_answer),
		cmocka_unit_test(test_refusal),
		cmocka_unit_test(test_answer_midstream),
		cmocka_unit_test(test_many_networks),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
