/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * decode/body.c: where a message ends, and how long it is.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "decode/body.h"

struct row {
	const char *input;
	size_t input_len;
	size_t taken; /* up to the end of the body */
	bool ended;
	uint64_t bytes, lines;
};

#define ENDED(input, behind, bytes, lines)                                                                                  \
	{ input behind, sizeof(input behind) - 1, sizeof(input) - 1, true, bytes, lines }
#define OPEN(input, bytes, lines)                                                                                           \
	{ input, sizeof(input) - 1, sizeof(input) - 1, false, bytes, lines }

static const struct row valid_rows[] = {
	ENDED(".\r\n", "", 0, 0),
	ENDED("\r\n.\r\n", "", 2, 1),
	ENDED("a\r\n.\r\n", "", 3, 1),
	ENDED("a\r\n.\r\n", "QUIT\r\n", 3, 1),
	ENDED("a\r\n.\r\n", ".\r\n", 3, 1),
	ENDED("..\r\n.\r\n", "", 3, 1), /* a stuffed dot */
	ENDED("...a\r\n..\r\n.\r\n", "", 8, 2),
	ENDED(".a\r\n.\r\n", "", 3, 1), /* a dot that ought to have been stuffed */
	ENDED("a.\r\nb\r\n.\r\n", "", 7, 2),
	ENDED("a\r\n\r\n\r\n.\r\n", "", 7, 3),
	OPEN("", 0, 0),
	OPEN("a", 1, 0),
	OPEN("a\r\n", 3, 1),
	OPEN("a\r\n.", 3, 1),
	OPEN("a\r\n.\r", 3, 1),
};

static const struct row invalid_rows[] = {
	OPEN("a\n.\n", 4, 2), /* no end, whatever some servers make of it */
	OPEN("a\n.\r\n", 5, 2),
	OPEN("a\r\n.\n", 4, 2),
	OPEN("a\r.\r", 4, 0),
	OPEN("\n.\r\n", 4, 2),
	OPEN(".\n", 1, 1),
	OPEN(".\n.\r\n", 4, 2),
	ENDED("a\n.\n\r\n.\r\n", "", 6, 3),
	ENDED(".\r\r\n.\r\n", "", 3, 1),
	ENDED(".\ra\r\n.\r\n", "", 4, 1),
	ENDED("\r\r\n.\r\n", "", 3, 1),
	ENDED("a\r\n.\r\r\n.\r\n", "", 6, 2),
	ENDED("a\0b\xff\r\n.\r\n", "", 6, 1),
	ENDED("\n\r\n.\r\n", "", 3, 2),
};

static size_t checks;

static void check_row(const struct row *row, size_t cut, size_t step) {
	struct body body;
	size_t taken = 0;
	body_begin(&body);
	for (size_t at = 0, len; at < row->input_len; at += len) {
		len = at == 0 && cut > 0 ? cut : step;
		if (len > row->input_len - at)
			len = row->input_len - at;
		char *block = malloc(len);
		memcpy(block, row->input + at, len);
		if (body.position != BODY_ENDED)
			taken += body_scan(&body, block, len);
		else
			assert_int_equal(body_scan(&body, block, len), 0);
		free(block);
	}
	if (taken != row->taken || body.bytes != row->bytes || body.lines != row->lines)
		print_error("row %.*s, cut at %zu: %zu taken, %zu bytes, %zu lines\n", (int)row->input_len, row->input, cut,
			taken, (size_t)body.bytes, (size_t)body.lines);
	assert_int_equal(taken, row->taken);
	assert_int_equal(body.position == BODY_ENDED, row->ended);
	assert_int_equal(body.bytes, row->bytes);
	assert_int_equal(body.lines, row->lines);
	assert_int_equal(body.gap_bytes, 0);
	checks++;
}

static void check_rows(const struct row *rows, size_t count) {
	checks = 0;
	for (size_t i = 0; i < count; i++) {
		check_row(&rows[i], 0, SIZE_MAX);
		check_row(&rows[i], 0, 1);
		for (size_t cut = 1; cut < rows[i].input_len; cut++)
			check_row(&rows[i], cut, SIZE_MAX);
	}
}

static void test_valid(void **state) {
	check_rows(valid_rows, sizeof(valid_rows) / sizeof(valid_rows[0]));
	assert_int_equal(checks, 111);
}

static void test_invalid(void **state) {
	check_rows(invalid_rows, sizeof(invalid_rows) / sizeof(invalid_rows[0]));
	assert_int_equal(checks, 98);
}

/* A gap at each place of a message: the end behind it is found, a dot right behind it is not taken for one. */
static void test_gap(void **state) {
	static const char before[] = "ab\r\n.\r", behind[] = ".\r\nc\r\n.\r\n";
	size_t count = 0;
	for (size_t len = 0; len < sizeof(before); len++, count++) {
		struct body body;
		body_begin(&body);
		assert_int_equal(body_scan(&body, before, len), len);
		uint64_t bytes = body.bytes;
		body_gap(&body, 1000);
		assert_int_equal(body_scan(&body, behind, sizeof(behind) - 1), sizeof(behind) - 1);
		assert_int_equal(body.position, BODY_ENDED);
		assert_int_equal(body.bytes, bytes + 6);
		assert_int_equal(body.gap_bytes, 1000);
	}
	assert_int_equal(count, 7);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_valid),
		cmocka_unit_test(test_invalid),
		cmocka_unit_test(test_gap),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
