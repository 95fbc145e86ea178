/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * report/identity.c: session ids, Community IDs and hashed user names.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "report/identity.h"

static size_t checks;

#define CHECK(condition) (checks++, assert_true(condition))

static struct stream_endpoint endpoint(const char *address, uint16_t port) {
	struct stream_endpoint result = {.ip_version = strchr(address, ':') != NULL ? 6 : 4, .port = port};
	assert_int_equal(inet_pton(result.ip_version == 6 ? AF_INET6 : AF_INET, address, result.address), 1);
	return result;
}

/* The first four are published: by the specification, and in samples of Zeek's output. */
static void test_community(void **state) {
	(void)state;
	static const struct {
		const char *one;
		uint16_t one_port;
		const char *other;
		uint16_t other_port;
		uint16_t seed;
		const char *id;
	} rows[] = {
		{"1.2.3.4", 1122, "5.6.7.8", 3344, 0, "1:wCb3OG7yAFWelaUydu0D+125CLM="},
		{"1.2.3.4", 1122, "5.6.7.8", 3344, 1, "1:HhA1B+6CoLbiKPEs5nhNYN4XWfk="},
		{"128.232.110.120", 34855, "66.35.250.204", 80, 0, "1:LQU9qZlK+B5F3KDmev6m5PMibrg="},
		{"2001:470:e5bf:dead:4957:2174:e82c:4887", 63943, "2607:f8b0:400c:c03::1a", 25, 0,
			"1:/qFaeAR+gFe1KYjMzVDsMv+wgU4="},
		{"192.168.1.10", 33782, "192.168.1.9", 25, 0, "1:38H0puTqOoHT/5r2bKFUVSXifQw="},
		{"127.0.0.1", 50000, "127.0.0.1", 25, 0, "1:xlBLSgnoE/LVBcG8vz5zAaNihGg="},
		{"2001:db8::10", 49152, "2001:db8::25", 25, 0, "1:T5cbaiCKkgAujiArouiWlxSYOm8="},
		{"::ffff:1.2.3.4", 1122, "::ffff:5.6.7.8", 3344, 0, "1:wCb3OG7yAFWelaUydu0D+125CLM="},
	};
	struct identity *identity = identity_create();
	assert_non_null(identity);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct stream_endpoint one = endpoint(rows[i].one, rows[i].one_port);
		struct stream_endpoint other = endpoint(rows[i].other, rows[i].other_port);
		char id[IDENTITY_COMMUNITY_SIZE];
		identity_community(identity, &one, &other, rows[i].seed, id);
		CHECK(strcmp(id, rows[i].id) == 0);
		identity_community(identity, &other, &one, rows[i].seed, id);
		CHECK(strcmp(id, rows[i].id) == 0);
	}
	identity_destroy(identity);
	identity_destroy(NULL);
}

static void test_session(void **state) {
	(void)state;
	struct stream_open open = {
		.client = endpoint("192.0.2.1", 40000),
		.server = endpoint("198.51.100.2", 25),
		.source = "one.pcap",
		.stream = 3,
		.client_isn = 1,
		.server_isn = 2,
		.first = {1000, 17},
	};
	enum { VARIANTS = 10 };
	struct stream_open variants[VARIANTS];
	for (size_t i = 0; i < VARIANTS; i++)
		variants[i] = open;
	/* The same packets in another file: */
	variants[0].source = "two.pcap";
	variants[0].stream = 99;
	variants[0].first.frame = 1;
	variants[0].handshake_ns = 5;
	/* Others: */
	variants[1].client.port++;
	variants[2].server.port++;
	variants[3].client.address[3]++;
	variants[4].server.address[0]++;
	variants[5].client_isn++;
	variants[6].server_isn++;
	variants[7].first.time_ns++;
	variants[8].vlan_count = 1;
	variants[9].vlan_count = 1;
	variants[9].vlan[0] = 7;

	struct identity *identity = identity_create();
	assert_non_null(identity);
	char id[IDENTITY_SESSION_SIZE], ids[VARIANTS][IDENTITY_SESSION_SIZE];
	identity_session(identity, &open, id);
	CHECK(strlen(id) == IDENTITY_SESSION_SIZE - 1 && strspn(id, "0123456789abcdef") == strlen(id));
	for (size_t i = 0; i < VARIANTS; i++)
		identity_session(identity, &variants[i], ids[i]);
	CHECK(strcmp(id, ids[0]) == 0);
	for (size_t i = 0; i < VARIANTS; i++)
		for (size_t k = i + 1; k < VARIANTS; k++)
			CHECK(strcmp(ids[i], ids[k]) != 0);
	/* Documents of other runs refer to it, so it must not change from one version to the next. */
	CHECK(strcmp(id, "4bb4bd473d58c4d5a23b") == 0);
	identity_destroy(identity);
}

static void test_user(void **state) {
	(void)state;
	struct identity_user *one = identity_user_create((struct slice){NULL, 0}), *other = identity_user_create((struct slice){NULL, 0});
	assert_non_null(one);
	assert_non_null(other);
	const struct slice alice = {"alice", 5}, bob = {"bob", 3}, nobody = {NULL, 0};
	char first[IDENTITY_USER_SIZE], again[IDENTITY_USER_SIZE];
	identity_user_hash(one, alice, first);
	CHECK(strlen(first) == 21 && strncmp(first, "hash:", 5) == 0);
	CHECK(strspn(first + 5, "0123456789abcdef") == 16);
	identity_user_hash(one, bob, again);
	CHECK(strcmp(first, again) != 0);
	identity_user_hash(one, nobody, again);
	CHECK(strlen(again) == 21 && strcmp(first, again) != 0);
	identity_user_hash(one, alice, again);
	CHECK(strcmp(first, again) == 0);
	/* Another run has another key. */
	identity_user_hash(other, alice, again);
	CHECK(strcmp(first, again) != 0);
	identity_user_destroy(one);
	identity_user_destroy(other);
	identity_user_destroy(NULL);
}

/* Checks that do not run prove nothing. */
static void test_all_ran(void **state) {
	(void)state;
	assert_int_equal(checks, 70);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_community),
		cmocka_unit_test(test_session),
		cmocka_unit_test(test_user),
		cmocka_unit_test(test_all_ran),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
