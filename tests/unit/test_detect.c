/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * decode/detect.c and hold.c: is it SMTP, and where does it begin?
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "decode/detect.h"

enum { TURNS_MAX = 24 };

struct row {
	const char *name;
	const char *turns[TURNS_MAX]; /* "C:..." or "S:..."; "C-" and "S-" are gaps of ten bytes */
	enum detect_verdict verdict;
	size_t skip_bytes; /* of both sides, gaps included, before the session */
	bool roles_swapped, starts_with_greeting;
};

static const struct row valid_rows[] = {
	{"a greeting", {"S:220 mx ESMTP\r\n"}, DETECT_YES, 0, false, true},
	{"a greeting of LMTP", {"S:220 mx lmtp ready\r\n"}, DETECT_YES, 0, false, true},
	{"a greeting of several lines", {"S:220-hello\r\n220-there\r\n220 ESMTP\r\n"}, DETECT_YES, 0, false, true},
	{"a greeting that refuses", {"S:554 no SMTP here\r\n"}, DETECT_YES, 0, false, true},
	{"a greeting that is busy", {"S:421 SMTP is busy\r\n"}, DETECT_YES, 0, false, true},
	{"an unended greeting, then the client", {"S:220 ESMTP", "C:x"}, DETECT_YES, 0, false, true},
	{"EHLO behind a greeting without a name", {"S:220 hello\r\n", "C:EHLO c\r\n"}, DETECT_YES, 0, false, true},
	{"EHLO alone", {"C:EHLO c\r\n"}, DETECT_YES, 0, false, false},
	{"HELO in lower case", {"C:helo c\n"}, DETECT_YES, 0, false, false},
	{"LHLO", {"C:LHLO c\r\n"}, DETECT_YES, 0, false, false},
	{"EHLO, whatever comes behind it", {"C:EHLO c\r\n220 ESMTP\r\n"}, DETECT_YES, 0, false, false},
	{"MAIL", {"C:MAIL FROM:<>\r\n"}, DETECT_YES, 0, false, false},
	{"RCPT", {"S:250 ok\r\n", "C:RCPT TO:<a@b>\r\n"}, DETECT_YES, 8, false, false},
	{"the greeting of the client", {"C:220 mx ESMTP\r\n"}, DETECT_YES, 0, true, true},
	{"the EHLO of the server", {"S:EHLO c\r\n"}, DETECT_YES, 0, true, false},
	{"behind SOCKS",
		{"C:\5\1", "S:\5", "C:\5\1\1",
			"S:\5\1\1"
			"220 ESMTP\r\n"},
		DETECT_YES, 9, false, true},
	{"behind a proxy's line", {"C:PROXY TCP4 192.0.2.1 192.0.2.2 1 25\r\n", "S:220 ESMTP\r\n"}, DETECT_YES, 37, false,
		true},
	{"behind HTTP CONNECT, in the same turn",
		{"C:CONNECT mx:25 HTTP/1.0\r\n\r\n", "S:HTTP/1.0 200 ok\r\n\r\n220 ESMTP\r\n"}, DETECT_YES, 45, false, true},
	{"behind a gap", {"S-", "C:EHLO c\r\n"}, DETECT_YES, 10, false, false},
	{"a greeting, a gap, EHLO", {"S:220 hello\r\n", "C-", "C:EHLO c\r\n"}, DETECT_YES, 21, false, false},
};

static const struct row invalid_rows[] = {
	{"nothing", {NULL}, DETECT_MORE, 0, false, false},
	{"an unended greeting", {"S:220 ESMTP"}, DETECT_MORE, 0, false, false},
	{"an unended command", {"C:EHLO c"}, DETECT_MORE, 0, false, false},
	{"a greeting without a name", {"S:220 hello\r\n"}, DETECT_MORE, 0, false, false},
	{"FTP", {"S:220 FTP\r\n", "C:USER a\r\n", "S:331 x\r\n", "C:QUIT\r\n"}, DETECT_MORE, 0, false, false},
	{"POP3", {"S:+OK\r\n", "C:USER a\r\n", "S:+OK\r\n"}, DETECT_MORE, 0, false, false},
	{"HTTP that speaks of SMTP", {"C:GET /smtp HTTP/1.1\r\n\r\n", "S:HTTP/1.1 200 SMTP\r\n\r\nSMTP 220 SMTP\r\n"},
		DETECT_MORE, 0, false, false},
	{"a code that is part of a number", {"S:1220 SMTP\r\n2200 SMTP\r\n220SMTP\r\n"}, DETECT_MORE, 0, false, false},
	{"words that are no command", {"C:EHLO\r\n", "S:x\r\n", "C:MAIL is fun\r\n"}, DETECT_MORE, 0, false, false},
	{"a greeting whose lines do not belong together", {"S:220-a\r\n250 SMTP\r\n"}, DETECT_MORE, 0, false, false},
	{"more turns than are looked at",
		{"C:a", "S:b", "C:a", "S:b", "C:a", "S:b", "C:a", "S:b", "C:a", "S:b", "C:a", "S:b", "C:a", "S:b", "C:a",
			"S:b", "C:EHLO c\r\n"},
		DETECT_NO, 0, false, false},
};

static size_t checks;

static void push(struct hold_queue *queue, enum stream_side side, const char *data, size_t len) {
	char *block = data != NULL ? malloc(len) : NULL;
	if (block != NULL)
		memcpy(block, data, len);
	assert_true(hold_push(queue, &(struct stream_chunk){.side = side, .data = (uint8_t *)block, .len = len}));
	free(block);
}

/* Pushes and judges as a session does: after every chunk, until there is a verdict. */
static void check_row(const struct row *row, size_t cut_turn, size_t cut, bool by_bytes) {
	struct hold_queue queue = {0};
	struct detect_result result = {0};
	enum detect_verdict verdict = DETECT_MORE;
	for (size_t i = 0; verdict == DETECT_MORE && i < TURNS_MAX && row->turns[i] != NULL; i++) {
		const char *turn = row->turns[i];
		enum stream_side side = turn[0] == 'C' ? STREAM_CLIENT : STREAM_SERVER;
		size_t len = turn[1] == ':' ? strlen(turn + 2) : 10;
		for (size_t at = 0, part; at < len && verdict == DETECT_MORE; at += part) {
			part = turn[1] != ':' ? len : by_bytes ? 1 : i == cut_turn && at == 0 && cut > 0 ? cut : len - at;
			push(&queue, side, turn[1] == ':' ? turn + 2 + at : NULL, part);
			verdict = detect_smtp(&queue, &result);
		}
	}
	size_t skipped = result.skip_bytes;
	const struct held_chunk *held = queue.first;
	for (size_t i = 0; i < result.skip_chunks && held != NULL; i++, held = held->next)
		skipped += held->chunk.len;
	if (verdict != row->verdict || (verdict == DETECT_YES && skipped != row->skip_bytes))
		print_error("%s, turn %zu cut at %zu: %d, %zu\n", row->name, cut_turn, cut, (int)verdict, skipped);
	assert_int_equal(verdict, row->verdict);
	if (verdict == DETECT_YES) {
		assert_int_equal(skipped, row->skip_bytes);
		assert_int_equal(result.roles_swapped, row->roles_swapped);
		assert_int_equal(result.starts_with_greeting, row->starts_with_greeting);
		assert_true(held != NULL && (held->chunk.data == NULL || result.skip_bytes < held->chunk.len));
	}
	hold_finish(&queue);
	checks++;
}

static void check_rows(const struct row *rows, size_t count) {
	checks = 0;
	for (size_t i = 0; i < count; i++) {
		check_row(&rows[i], 0, 0, false);
		check_row(&rows[i], 0, 0, true);
		for (size_t turn = 0; turn < TURNS_MAX && rows[i].turns[turn] != NULL; turn++)
			for (size_t cut = 1; rows[i].turns[turn][1] == ':' && cut < strlen(rows[i].turns[turn] + 2); cut++)
				check_row(&rows[i], turn, cut, false);
	}
}

static void test_valid(void **state) {
	check_rows(valid_rows, sizeof(valid_rows) / sizeof(valid_rows[0]));
	assert_int_equal(checks, 394);
}

static void test_invalid(void **state) {
	check_rows(invalid_rows, sizeof(invalid_rows) / sizeof(invalid_rows[0]));
	assert_int_equal(checks, 214);
}

/* A turn without an end is given up, but not before much was seen. */
static void test_limit(void **state) {
	struct hold_queue queue = {0};
	struct detect_result result;
	size_t len = 0;
	char block[1000];
	memset(block, 'x', sizeof(block));
	do {
		push(&queue, STREAM_CLIENT, block, sizeof(block));
		len += sizeof(block);
	} while (len < 100000 && detect_smtp(&queue, &result) == DETECT_MORE);
	assert_true(len > 8192 && len < HOLD_BYTES_MAX);
	hold_finish(&queue);
}

static void test_hold(void **state) {
	struct hold_queue queue = {0}, other = {0};
	push(&queue, STREAM_CLIENT, "ab", 2);
	push(&queue, STREAM_SERVER, NULL, 1000000); /* a gap takes no room */
	push(&other, STREAM_CLIENT, "c", 1);
	assert_int_equal(queue.data_bytes, 2);
	hold_join(&queue, &other);
	assert_true(other.first == NULL && other.bytes == 0);
	hold_join(&other, &queue);
	hold_join(&queue, &other);
	assert_int_equal(queue.data_bytes, 3);
	char expected[] = "a-c";
	for (size_t i = 0; i < 3; i++) {
		struct held_chunk *held = hold_pop(&queue);
		assert_non_null(held);
		assert_int_equal(held->chunk.data != NULL ? held->chunk.data[0] : '-', expected[i]);
		free(held);
	}
	assert_null(hold_pop(&queue));
	assert_true(queue.bytes == 0 && queue.data_bytes == 0);
	/* The limit holds, and what is there stays. */
	size_t count = 0;
	while (hold_push(&queue, &(struct stream_chunk){.data = (const uint8_t *)"xyz", .len = 3}))
		count++;
	assert_true(queue.bytes <= HOLD_BYTES_MAX && count > 100 && queue.data_bytes == 3 * count);
	hold_finish(&queue);
	assert_true(queue.first == NULL && queue.last == NULL && queue.bytes == 0);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_valid),
		cmocka_unit_test(test_invalid),
		cmocka_unit_test(test_limit),
		cmocka_unit_test(test_hold),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
