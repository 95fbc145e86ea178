/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * decode/proxy.c: headers of the PROXY protocol, whole and in pieces.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "decode/proxy.h"

#define SIGNATURE "\r\n\r\n\0\r\nQUIT\n"
#define V4 "\xc0\x00\x02\x07\xc0\x00\x02\x0a\x13\x88\x00\x19" /* 192.0.2.7 -> 192.0.2.10, 5000 -> 25 */
#define V6 "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x07" "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x0a" "\x13\x88\x00\x19"
#define ROW(name, input, expected) {name, input, sizeof(input) - 1, expected}

static size_t checks;

#define CHECK(condition) (checks++, assert_true(condition))

static const struct row {
	const char *name, *input;
	size_t len;
	const char *expected; /* what it says, and how many bytes are left; NULL: it is none, or not whole */
} rows[] = {
	ROW("version 1, IPv4", "PROXY TCP4 192.0.2.7 192.0.2.10 5000 25\r\nEHLO x\r\n", "v1 192.0.2.7:5000 192.0.2.10:25 +8"),
	ROW("version 1, IPv6", "PROXY TCP6 2001:db8::7 2001:DB8:0:0:0:0:0:a 5000 25\r\n", "v1 2001:db8::7:5000 2001:db8::a:25 +0"),
	ROW("version 1, IPv4 in IPv6", "PROXY TCP6 ::ffff:192.0.2.7 :: 1 65535\r\n", "v1 ::ffff:192.0.2.7:1 :::65535 +0"),
	ROW("version 1, unknown", "PROXY UNKNOWN\r\n", "v1 +0"),
	ROW("version 1, unknown with a rest", "PROXY UNKNOWN ffff::1 ffff::2 1 2\r\nx", "v1 +1"),
	ROW("version 2, IPv4", SIGNATURE "\x21\x11\x00\x0c" V4 "EHLO", "v2 192.0.2.7:5000 192.0.2.10:25 +4"),
	ROW("version 2, IPv6", SIGNATURE "\x21\x21\x00\x24" V6, "v2 2001:db8::7:5000 2001:db8::a:25 +0"),
	ROW("version 2, with more behind the addresses", SIGNATURE "\x21\x11\x00\x10" V4 "\x04\x00\x01zX", "v2 192.0.2.7:5000 192.0.2.10:25 +1"),
	ROW("version 2, local", SIGNATURE "\x20\x00\x00\x00" "E", "v2 +1"),
	ROW("version 2, UNIX sockets", SIGNATURE "\x21\x31\x00\x02" "abE", "v2 +1"),

	ROW("a command", "EHLO client.example.com\r\n", NULL),
	ROW("nearly version 1", "PROXI TCP4 192.0.2.7 192.0.2.10 5000 25\r\n", NULL),
	ROW("no such family", "PROXY TCP5 192.0.2.7 192.0.2.10 5000 25\r\n", NULL),
	ROW("a number too large", "PROXY TCP4 192.0.2.256 192.0.2.10 5000 25\r\n", NULL),
	ROW("a leading zero", "PROXY TCP4 192.0.02.7 192.0.2.10 5000 25\r\n", NULL),
	ROW("three numbers", "PROXY TCP4 192.0.2 192.0.2.10 5000 25\r\n", NULL),
	ROW("a port too large", "PROXY TCP4 192.0.2.7 192.0.2.10 65536 25\r\n", NULL),
	ROW("a port missing", "PROXY TCP4 192.0.2.7 192.0.2.10 5000\r\n", NULL),
	ROW("a word too many", "PROXY TCP4 192.0.2.7 192.0.2.10 5000 25 x\r\n", NULL),
	ROW("IPv6 of seven groups", "PROXY TCP6 1:2:3:4:5:6:7 :: 1 2\r\n", NULL),
	ROW("IPv6 of nine groups", "PROXY TCP6 1:2:3:4:5:6:7:8:9 :: 1 2\r\n", NULL),
	ROW("IPv6 with two gaps", "PROXY TCP6 1::2::3 :: 1 2\r\n", NULL),
	ROW("IPv6 that ends early", "PROXY TCP6 1:2: :: 1 2\r\n", NULL),
	ROW("only LF", "PROXY UNKNOWN\nEHLO", NULL),
	ROW("not whole", "PROXY TCP4 192.0.2.7 192.0.2.10 5000 25\r", NULL),
	ROW("too long",
		"PROXY UNKNOWN 0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789\r\n",
		NULL),
	ROW("version 3", SIGNATURE "\x31\x11\x00\x0c" V4, NULL),
	ROW("no such command", SIGNATURE "\x22\x11\x00\x0c" V4, NULL),
	ROW("too short for its addresses", SIGNATURE "\x21\x11\x00\x0b" V4, NULL),
	ROW("version 2, not whole", SIGNATURE "\x21\x11\x00\x0c\xc0", NULL),
};

static void put_endpoint(char *text, size_t size, const struct stream_endpoint *endpoint) {
	char address[INET6_ADDRSTRLEN];
	inet_ntop(endpoint->ip_version == 4 ? AF_INET : AF_INET6, endpoint->address, address, sizeof(address));
	snprintf(text + strlen(text), size - strlen(text), " %s:%u", address, endpoint->port);
}

/* Feeds the input cut at one or at all places, and says what came of it. */
static void read_in_pieces(const struct row *row, size_t first, size_t step, char *text, size_t size) {
	struct proxy_reader reader = {0};
	struct event_proxy proxy;
	size_t at = 0, used = 0;
	snprintf(text, size, "none");
	for (size_t len = first; at < row->len; at += len, len = step) {
		if (len > row->len - at)
			len = row->len - at;
		if (len == 0)
			continue;
		/* In memory of its own, so that a byte too far is noticed. */
		uint8_t *piece = malloc(len);
		memcpy(piece, row->input + at, len);
		enum proxy_result result = proxy_feed(&reader, piece, len, &used, &proxy);
		free(piece);
		if (result == PROXY_NO) {
			CHECK(reader.len == at && memcmp(reader.kept, row->input, at) == 0);
			return;
		}
		if (result != PROXY_YES)
			continue;
		snprintf(text, size, "v%u", proxy.version);
		if (proxy.has_addresses) {
			put_endpoint(text, size, &proxy.client);
			put_endpoint(text, size, &proxy.server);
		}
		CHECK(used <= len);
		snprintf(text + strlen(text), size - strlen(text), " +%zu", row->len - at - used);
		return;
	}
}

static void test_rows(void **state) {
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *expected = rows[i].expected != NULL ? rows[i].expected : "none";
		char text[200];
		for (size_t cut = 0; cut <= rows[i].len + 1; cut++) {
			/* The last time byte by byte. */
			read_in_pieces(&rows[i], cut, cut <= rows[i].len ? rows[i].len : 1, text, sizeof(text));
			if (strcmp(text, expected) != 0)
				print_error("%s, cut at %zu: %s\n", rows[i].name, cut, text);
			CHECK(strcmp(text, expected) == 0);
		}
	}
}

/* What comes behind the addresses may be longer than what is kept. */
static void test_long(void **state) {
	(void)state;
	static char input[16 + 1000 + 2] = SIGNATURE "\x21\x11\x03\xe8" V4;
	memset(input + 28, 'x', sizeof(input) - 28);
	const struct row row = {"long", input, sizeof(input), NULL};
	char text[200];
	for (size_t cut = 1; cut < row.len; cut++) {
		read_in_pieces(&row, cut, row.len, text, sizeof(text));
		CHECK(strcmp(text, "v2 192.0.2.7:5000 192.0.2.10:25 +2") == 0);
	}
}

static int finish(void **state) {
	(void)state;
	print_message("# %zu checks\n", checks);
	return checks > 3000 ? 0 : -1;
}

int main(void) {
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_rows), cmocka_unit_test(test_long)};
	return cmocka_run_group_tests(tests, NULL, finish);
}
