/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * report/escape.c: any bytes to valid, harmless UTF-8.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "report/escape.h"

static size_t checks;

#define CHECK(condition) (checks++, assert_true(condition))

#define BAD "\xef\xbf\xbd"

struct row {
	const char *name, *input;
	size_t input_len;
	const char *output; /* NULL: the same */
};

#define ROW(name, input, output)                                                                                            \
	{ name, input, sizeof(input) - 1, output }

static const struct row valid_rows[] = {
	ROW("nothing", "", NULL),
	ROW("ascii", "MAIL FROM:<a@example.org>", NULL),
	ROW("controls", "\x01\t\r\n\x1f\x7f", NULL),
	ROW("two bytes, first and last", "\xc2\x80 \xdf\xbf", NULL),
	ROW("three bytes, first and last", "\xe0\xa0\x80 \xef\xbf\xbf", NULL),
	ROW("before and after the surrogates", "\xed\x9f\xbf \xee\x80\x80", NULL),
	ROW("four bytes, first and last", "\xf0\x90\x80\x80 \xf4\x8f\xbf\xbf", NULL),
	ROW("words",
		"Gr\xc3\xbc\xc3\x9f"
		"e \xe6\x97\xa5\xe6\x9c\xac \xf0\x9f\x93\xa7",
		NULL),
	ROW("U+FFFD itself", BAD, NULL),
};

/* Expected outputs as the Unicode standard has them in 3.9, tables 3-8 to 3-11. */
static const struct row invalid_rows[] = {
	ROW("a lone continuation", "\x80", BAD),
	ROW("many", "\x80\xbf\x80", BAD BAD BAD),
	ROW("never in UTF-8", "a\xfe\xff z", "a" BAD BAD " z"),
	ROW("overlong slash in two", "\xc0\xaf", BAD BAD),
	ROW("overlong slash in three", "\xe0\x80\xaf", BAD BAD BAD),
	ROW("overlong slash in four", "\xf0\x80\x80\xaf", BAD BAD BAD BAD),
	ROW("table 3-8", "\xc0\xaf\xe0\x80\xbf\xf0\x81\x82\x41", BAD BAD BAD BAD BAD BAD BAD BAD "A"),
	ROW("table 3-9, surrogates", "\xed\xa0\x80\xed\xbf\xbf\xed\xaf\x41", BAD BAD BAD BAD BAD BAD BAD BAD "A"),
	ROW("table 3-10, beyond the last", "\xf4\x91\x92\x93\xff\x41\x80\xbf\x42", BAD BAD BAD BAD BAD "A" BAD BAD "B"),
	ROW("table 3-11, cut short", "\xe1\x80\xe2\xf0\x91\x92\xf1\xbf\x41", BAD BAD BAD BAD "A"),
	ROW("cut after one of two", "x\xc3", "x" BAD),
	ROW("cut after two of three", "x\xe6\x97", "x" BAD),
	ROW("cut after three of four", "x\xf0\x9f\x93", "x" BAD),
	ROW("Latin-1",
		"Gr\xfc\xdf"
		"e",
		"Gr" BAD BAD "e"),
	ROW("a quote must not be swallowed", "\xc3\"", BAD "\""),
	ROW("a newline must not be swallowed", "\xf0\x9f\n", BAD "\n"),
};

static void check_row(const struct row *row, bool expected_invalid) {
	/* In blocks of exactly the size, so that a byte too far is seen by the address sanitizer. */
	char *input = malloc(row->input_len);
	char *output = malloc(row->input_len * ESCAPE_UTF8_GROWTH);
	memcpy(input, row->input, row->input_len);
	const char *expected = row->output != NULL ? row->output : row->input;
	bool invalid = !expected_invalid;
	size_t len = escape_utf8(input, row->input_len, output, &invalid);
	if (len != strlen(expected) || memcmp(output, expected, len) != 0)
		print_error("%s\n", row->name);
	CHECK(len == strlen(expected) && memcmp(output, expected, len) == 0);
	CHECK(invalid == expected_invalid);
	/* What came out stays as it is. */
	char *again = malloc(len * ESCAPE_UTF8_GROWTH);
	CHECK(escape_utf8(output, len, again, &invalid) == len && memcmp(output, again, len) == 0 && !invalid);
	free(again);
	free(output);
	free(input);
}

static void test_utf8(void **state) {
	(void)state;
	for (size_t i = 0; i < sizeof(valid_rows) / sizeof(valid_rows[0]); i++)
		check_row(&valid_rows[i], false);
	for (size_t i = 0; i < sizeof(invalid_rows) / sizeof(invalid_rows[0]); i++)
		check_row(&invalid_rows[i], true);
}

static void test_nul(void **state) {
	(void)state;
	char output[9];
	bool invalid = true;
	CHECK(escape_utf8("a\0b", 3, output, &invalid) == 3);
	CHECK(memcmp(output, "a\0b", 3) == 0 && !invalid);
}

/* Every byte, alone and at every place among others, against the plain definition. */
static void test_plain(void **state) {
	(void)state;
	for (unsigned int byte = 0; byte < 256; byte++) {
		bool plain = byte >= 0x20 && byte < 0x7f && byte != '"' && byte != '\\';
		bool right = true;
		for (size_t len = 1; len <= 24; len++)
			for (size_t at = 0; at < len; at++)
				for (unsigned int filler = ' '; filler < 0x7f; filler += '~' - ' ') {
					char *text = malloc(len);
					memset(text, (int)filler, len);
					text[at] = (char)byte;
					right = right && escape_is_plain(text, len) == plain;
					free(text);
				}
		CHECK(right);
	}
	CHECK(escape_is_plain(NULL, 0));
}

static void test_hidden(void **state) {
	(void)state;
	static const struct {
		const char *text;
		uint32_t code;
		size_t len;
	} characters[] = {
		{"a", ESCAPE_VISIBLE, 1},
		{"~", ESCAPE_VISIBLE, 1},
		{"\x1b", 0x1b, 1},
		{"\x7f", 0x7f, 1},
		{"\xc2\x9b", 0x9b, 2}, /* starts a terminal sequence */
		{"\xc2\xa0", ESCAPE_VISIBLE, 2},
		{"\xc3\xbc", ESCAPE_VISIBLE, 2},
		{"\xe2\x80\x8b", 0x200b, 3},
		{"\xe2\x80\x90", ESCAPE_VISIBLE, 3},
		{"\xe2\x80\xa8", 0x2028, 3},
		{"\xe2\x80\xae", 0x202e, 3},
		{"\xe2\x81\xa6", 0x2066, 3},
		{"\xef\xbb\xbf", 0xfeff, 3},
		{"\xe6\x97\xa5", ESCAPE_VISIBLE, 3},
		{"\xf0\x9f\x93\xa7", ESCAPE_VISIBLE, 4},
		{"\xf3\xa0\x80\xa1", 0xe0021, 4},
	};
	for (size_t i = 0; i < sizeof(characters) / sizeof(characters[0]); i++) {
		size_t len = 0;
		CHECK(escape_hidden(characters[i].text, strlen(characters[i].text), &len) == characters[i].code);
		CHECK(len == characters[i].len);
	}
}

/* Checks that do not run prove nothing. */
static void test_all_ran(void **state) {
	(void)state;
	assert_int_equal(checks, 366);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_utf8),
		cmocka_unit_test(test_nul),
		cmocka_unit_test(test_plain),
		cmocka_unit_test(test_hidden),
		cmocka_unit_test(test_all_ran),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
