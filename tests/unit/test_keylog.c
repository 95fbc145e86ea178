/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * decode/keylog.c: lines of key logs, cut anywhere, and what happens when there are too many; decode/offset_map.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "decode/keylog.h"
#include "decode/offset_map.h"

#define ID "000102030405060708090a0b0c0d0e0f101112131415161718191A1B1C1D1E1F"
#define SECRET48 "ff0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f"
#define SECRET32 "ff0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define SECRET32B "ee0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

static size_t checks;

#define CHECK(condition) (checks++, assert_true(condition))

static const uint8_t id[KEYLOG_ID_LEN] = {
	0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31};

static const struct row {
	const char *text;
	enum keylog_label label;
	size_t len;    /* of the secret; 0: there is none */
	uint8_t first; /* byte of it */
} rows[] = {
	{"CLIENT_RANDOM " ID " " SECRET48 "\n", KEYLOG_MASTER, 48, 0xff},
	{"CLIENT_RANDOM " ID " " SECRET48, KEYLOG_MASTER, 48, 0xff}, /* the line end may be missing at the end */
	{"# a comment\r\n\r\nCLIENT_RANDOM " ID " " SECRET48 "\r\n", KEYLOG_MASTER, 48, 0xff},
	{"CLIENT_EARLY_TRAFFIC_SECRET " ID " " SECRET32 "\n", KEYLOG_CLIENT_EARLY, 32, 0xff},
	{"CLIENT_HANDSHAKE_TRAFFIC_SECRET " ID " " SECRET32 "\n", KEYLOG_CLIENT_HANDSHAKE, 32, 0xff},
	{"SERVER_HANDSHAKE_TRAFFIC_SECRET " ID " " SECRET32 "\n", KEYLOG_SERVER_HANDSHAKE, 32, 0xff},
	{"CLIENT_TRAFFIC_SECRET_0 " ID " " SECRET32 "\n", KEYLOG_CLIENT_TRAFFIC, 32, 0xff},
	{"SERVER_TRAFFIC_SECRET_0 " ID " " SECRET48 "\n", KEYLOG_SERVER_TRAFFIC, 48, 0xff},
	{"EXPORTER_SECRET " ID " " SECRET32 "\nSERVER_TRAFFIC_SECRET_0  " ID "  " SECRET32 " \n", KEYLOG_SERVER_TRAFFIC, 32, 0xff},
	{"SERVER_TRAFFIC_SECRET_0 " ID " " SECRET32 "\nSERVER_TRAFFIC_SECRET_0 " ID " " SECRET32B "\n", KEYLOG_SERVER_TRAFFIC, 32, 0xee},
	{"RSA Session-ID:" ID " Master-Key:" SECRET48 "\n", KEYLOG_SESSION_ID, 48, 0xff},
	/* Nothing of these. */
	{"", KEYLOG_MASTER, 0, 0},
	{"CLIENT_RANDOM\n", KEYLOG_MASTER, 0, 0},
	{"CLIENT_RANDOM " ID "\n", KEYLOG_MASTER, 0, 0},
	{"CLIENT_RANDOM " ID "00 " SECRET48 "\n", KEYLOG_MASTER, 0, 0},
	{"CLIENT_RANDOM " ID " " SECRET48 "0\n", KEYLOG_MASTER, 0, 0},
	{"CLIENT_RANDOM " ID " " SECRET48 SECRET48 "\n", KEYLOG_MASTER, 0, 0},
	{"CLIENT_RANDOM " ID " g" SECRET48 "1\n", KEYLOG_MASTER, 0, 0},
	{"CLIENT_RANDOM_ " ID " " SECRET48 "\n", KEYLOG_MASTER, 0, 0},
	{"RSA Session-ID:" ID "00 Master-Key:" SECRET48 "\n", KEYLOG_SESSION_ID, 0, 0},
	{"RSA Session-ID: Master-Key:" SECRET48 "\n", KEYLOG_SESSION_ID, 0, 0},
	{"CLIENT_TRAFFIC_SECRET_0 " ID " " SECRET32 "\n", KEYLOG_SERVER_TRAFFIC, 0, 0},
};

static void check(const struct row *row, size_t cut, bool bytewise) {
	struct keylog *keylog = keylog_create(1 << 20);
	struct keylog_secret secret = {.len = 0};
	size_t len = strlen(row->text);
	for (size_t i = 0; bytewise && i < len; i++)
		keylog_feed(keylog, row->text + i, 1);
	if (!bytewise) {
		keylog_feed(keylog, row->text, cut);
		keylog_feed(keylog, row->text + cut, len - cut);
	}
	keylog_end(keylog);
	CHECK(keylog_find(keylog, row->label, id, &secret) == (row->len > 0));
	CHECK(secret.len == row->len && (row->len == 0 || secret.data[0] == row->first));
	CHECK(row->len < 2 || secret.data[row->len - 1] == row->len - 1);
	keylog_destroy(keylog);
}

static void test_lines(void **state) {
	(void)state;
	size_t count = sizeof(rows) / sizeof(rows[0]);
	for (size_t i = 0; i < count; i++) {
		check(&rows[i], 0, true);
		for (size_t cut = 0; cut <= strlen(rows[i].text); cut++)
			check(&rows[i], cut, false);
	}
	CHECK(count > 20);
}

/* How lines are counted. */
static void test_counts(void **state) {
	static const struct {
		const char *text;
		uint64_t read, not_understood;
	} counts[] = {
		{"\n\r\n  \n# CLIENT_RANDOM\n", 0, 0},
		{"EXPORTER_SECRET " ID " " SECRET32 "\nECH_CONFIG " ID " 00\nEARLY_EXPORTER_SECRET " ID " " SECRET32 "\n", 0, 0},
		{"CLIENT_RANDOM " ID " " SECRET48 "\nCLIENT_RANDOM " ID " " SECRET48 "\n", 2, 0},
		{"CLIENT_TRAFFIC_SECRET_0 " ID " " SECRET32 "\r\nSERVER_TRAFFIC_SECRET_0 " ID " " SECRET32, 2, 0},
		{"RSA Session-ID:" ID " Master-Key:" SECRET48 "\n", 1, 0},
		{"RSA 0011223344556677 " SECRET48 "\nCLIENT_TRAFFIC_SECRET_N " ID " " SECRET32 "\n", 0, 0},
		{"RSA 0011223344556677 " SECRET32 "\nRSA 00 " SECRET48 "\n", 0, 2},
		{"CLIENT_RANDOM " ID "\nCLIENT_RANDOM " ID " " SECRET48 "0\nclient_random " ID " " SECRET48 "\n", 0, 3},
		{"\x7f" "ELF\n\1\2\n", 0, 2},
	};
	(void)state;
	size_t count = sizeof(counts) / sizeof(counts[0]);
	for (size_t i = 0; i < count; i++)
		for (size_t cut = 0; cut <= strlen(counts[i].text); cut++) {
			struct keylog *keylog = keylog_create(1 << 20);
			struct keylog_stats stats;
			keylog_feed(keylog, counts[i].text, cut);
			keylog_feed(keylog, counts[i].text + cut, strlen(counts[i].text) - cut);
			keylog_end(keylog);
			keylog_get_stats(keylog, &stats);
			if (stats.read != counts[i].read || stats.not_understood != counts[i].not_understood)
				fail_msg("row %zu, cut at %zu: %d read, %d not understood", i, cut, (int)stats.read, (int)stats.not_understood);
			checks++;
			keylog_destroy(keylog);
		}
	CHECK(count == 9);
}

/* A line without end is given up, and the next one is read. */
static void test_long_line(void **state) {
	(void)state;
	struct keylog *keylog = keylog_create(1 << 20);
	struct keylog_secret secret;
	for (size_t i = 0; i < 100000; i++)
		keylog_feed(keylog, "CLIENT_RANDOM ", 14);
	keylog_feed(keylog, "\n" "CLIENT_RANDOM " ID " " SECRET48 "\n", strlen("\n" "CLIENT_RANDOM " ID " " SECRET48 "\n"));
	CHECK(keylog_find(keylog, KEYLOG_MASTER, id, &secret));
	struct keylog_stats stats;
	keylog_get_stats(keylog, &stats);
	CHECK(stats.read == 1 && stats.not_understood == 1);
	/* A long comment is one all the same. */
	keylog_feed(keylog, "#", 1);
	for (size_t i = 0; i < 100000; i++)
		keylog_feed(keylog, "CLIENT_RANDOM ", 14);
	keylog_end(keylog);
	keylog_get_stats(keylog, &stats);
	CHECK(stats.read == 1 && stats.not_understood == 1);
	keylog_destroy(keylog);
}

static void number_id(uint8_t bytes[KEYLOG_ID_LEN], uint32_t number) {
	memset(bytes, 0, KEYLOG_ID_LEN);
	memcpy(bytes, &number, sizeof(number));
}

/* The oldest ones go. */
static void test_eviction(void **state) {
	(void)state;
	enum { COUNT = 5000 };
	struct keylog *keylog = keylog_create(100000);
	struct keylog_stats stats;
	struct keylog_secret secret;
	uint8_t name[KEYLOG_ID_LEN];
	for (uint32_t i = 0; i < COUNT; i++) {
		number_id(name, i);
		keylog_put(keylog, KEYLOG_MASTER, name, name, 32);
		CHECK(keylog_find(keylog, KEYLOG_MASTER, name, &secret) && memcmp(secret.data, name, 32) == 0);
	}
	keylog_get_stats(keylog, &stats);
	CHECK(stats.secrets > 500 && stats.secrets * 88 <= 100000 && stats.secrets + stats.evicted == COUNT);
	for (uint32_t i = 0; i < COUNT; i++) {
		number_id(name, i);
		CHECK(keylog_find(keylog, KEYLOG_MASTER, name, &secret) == (i >= stats.evicted));
		CHECK(!keylog_find(keylog, KEYLOG_TICKET, name, &secret));
	}
	keylog_destroy(keylog);
	keylog_destroy(NULL);
}

static void test_offsets(void **state) {
	(void)state;
	struct offset_map map = {.count = 0};
	CHECK(offset_map_get(&map, 1000) == 0);
	offset_map_add(&map, 100, 10);
	offset_map_add(&map, 200, 20);
	offset_map_add(&map, 300, 30);
	CHECK(offset_map_get(&map, 99) == 0);
	CHECK(offset_map_get(&map, 100) == 10 && offset_map_get(&map, 199) == 10);
	CHECK(offset_map_get(&map, 300) == 30 && offset_map_get(&map, 5000) == 30);
	for (uint64_t i = 4; i < 10000; i++)
		offset_map_add(&map, 100 * i, 10 * i);
	uint64_t half = offset_map_get(&map, 500000);
	CHECK(half <= 50000 && half >= 30);
	CHECK(offset_map_get(&map, 999900) == 99990); /* what is acknowledged as a whole is known exactly */
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_counts),
		cmocka_unit_test(test_long_line),
		cmocka_unit_test(test_eviction),
		cmocka_unit_test(test_offsets),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	return failed != 0 || checks == 0;
}
