/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * decode/tls.c: TLS records in clear.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "decode/tls.h"

struct row {
	const char *name, *input;
	size_t input_len;
	const char *expected; /* H with the type of a handshake record's first message, C change, A alert, D data */
	bool lost;
};

#define ROW(name, input, expected, lost)                                                                                    \
	{ name, input, sizeof(input) - 1, expected, lost }
#define CLIENT_HELLO "\x16\x03\x01\x00\x05\x01\x00\x00\x01\x00"
#define SERVER_HELLO "\x16\x03\x03\x00\x05\x02\x00\x00\x01\x00"
#define CHANGE "\x14\x03\x03\x00\x01\x01"
#define ALERT "\x15\x03\x03\x00\x02\x02\x28"
#define DATA "\x17\x03\x03\x00\x03xyz"

static const struct row valid_rows[] = {
	ROW("nothing", "", "", false),
	ROW("ClientHello", CLIENT_HELLO, "H1", false),
	ROW("all kinds", SERVER_HELLO CHANGE ALERT DATA, "H2CAD", false),
	ROW("records of one byte", "\x16\x03\x03\x00\x01\x01\x16\x03\x03\x00\x01\x02", "H1H2", false),
	ROW("an empty record between", CLIENT_HELLO "\x17\x03\x03\x00\x00" DATA, "H1D", false),
	ROW("unended header", "\x16\x03\x03\x00\x05", "", false),
	ROW("unended record",
		"\x16\x03\x03\xff\xff\x01"
		"abc",
		"H1", false),
	ROW("what is in a record is not looked at", "\x17\x03\x03\x00\x06" CHANGE CHANGE, "DC", false),
	ROW("SSL 3", "\x16\x03\x00\x00\x01\x01", "H1", false),
};

static const struct row invalid_rows[] = {
	ROW("text", "EHLO c\r\n", "", true),
	ROW("text behind a record", CLIENT_HELLO "EHLO c\r\n" CLIENT_HELLO, "H1", true),
	ROW("another version", "\x16\x02\x00\x00\x05\x01", "", true),
	ROW("another type", "\x18\x03\x03\x00\x05\x01" DATA, "", true),
	ROW("SSL 2", "\x80\x2e\x01\x03\x01\x00\x15", "", true),
};

static size_t checks;

static void check_row(const struct row *row, size_t cut, size_t step) {
	struct tls_reader reader = {0};
	char text[64] = "";
	for (size_t at = 0, len; at < row->input_len; at += len) {
		len = at == 0 && cut > 0 ? cut : step;
		if (len > row->input_len - at)
			len = row->input_len - at;
		char *block = malloc(len);
		memcpy(block, row->input + at, len);
		struct slice input = {block, len};
		enum tls_record record;
		uint8_t type;
		while (tls_next(&reader, &input, &record, &type) == 1) {
			static const char letters[] = {'-', 'H', 'C', 'A', 'D'};
			sprintf(text + strlen(text), record == TLS_RECORD_HANDSHAKE ? "%c%u" : "%c", letters[record], type);
			assert_true(record == TLS_RECORD_HANDSHAKE || type == 0);
		}
		assert_int_equal(input.len, 0);
		free(block);
	}
	if (strcmp(text, row->expected) != 0 || reader.lost != row->lost)
		print_error("%s, cut at %zu\n", row->name, cut);
	assert_string_equal(text, row->expected);
	assert_int_equal(reader.lost, row->lost);
	assert_int_equal(tls_is_untouched(&reader), row->input_len == 0);
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
	assert_int_equal(checks, 123);
}

static void test_invalid(void **state) {
	check_rows(invalid_rows, sizeof(invalid_rows) / sizeof(invalid_rows[0]));
	assert_int_equal(checks, 68);
}

static const struct start_row {
	const char *bytes;
	size_t len;
	bool start;
} start_rows[] = {
	{"", 0, false},
	{"\x16", 1, true},
	{"\x16\x03", 2, true},
	{"\x16\x03\x01", 3, true},
	{"\x16\x03\x04", 3, true},
	{"\x16\x03\x05", 3, false},
	{"\x16\x02", 2, false},
	{"\x16NOOP", 5, false},
	{"\x17\x03\x03", 3, false},
	{"\x14", 1, false},
	{"E", 1, false},
};

static void test_start(void **state) {
	size_t count = 0;
	for (; count < sizeof(start_rows) / sizeof(start_rows[0]); count++) {
		uint8_t *block = malloc(start_rows[count].len);
		if (start_rows[count].len > 0)
			memcpy(block, start_rows[count].bytes, start_rows[count].len);
		assert_int_equal(tls_is_start(block, start_rows[count].len), start_rows[count].start);
		free(block);
	}
	assert_int_equal(count, 11);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_valid),
		cmocka_unit_test(test_invalid),
		cmocka_unit_test(test_start),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
