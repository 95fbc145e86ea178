/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * decode/reply.c: lines to replies, and enhanced status codes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "decode/line.h"
#include "decode/reply.h"

enum { TEXT_MAX = 4096 };

struct row {
	const char *name, *input;
	const char *expected; /* a line each: "250 |first|second|", "no" for a line that is no reply, "open ..." what was
				 unended */
};

static const struct row valid_rows[] = {
	{"one line", "250 ok\r\n", "250 |ok|\n"},
	{"two replies", "250 a\r\n354 b\r\n", "250 |a|\n354 |b|\n"},
	{"a code alone", "250\r\n", "250 ||\n"},
	{"code and blank", "250 \r\n", "250 ||\n"},
	{"tab for a blank", "250\tok\r\n", "250 |ok|\n"},
	{"two blanks", "250  ok\r\n", "250 | ok|\n"},
	{"several lines", "250-a\r\n250-\r\n250 c\r\n", "250 |a||c|\n"},
	{"several lines, a code alone at the end", "250-a\r\n250\r\n", "250 |a||\n"},
	{"a text like a code", "250-250 x\r\n250 250-y\r\n", "250 |250 x|250-y|\n"},
	{"first and last code", "200 a\r\n599 b\r\n", "200 |a|\n599 |b|\n"},
	{"codes of no list", "299 a\r\n432 b\r\n472 c\r\n523 d\r\n538 e\r\n556 f\r\n",
		"299 |a|\n432 |b|\n472 |c|\n523 |d|\n538 |e|\n556 |f|\n"},
	{"unended reply", "250-a\r\n250-b\r\n", "open 250 |a|b|\n"},
};

static const struct row invalid_rows[] = {
	{"an empty line", "\r\n250 ok\r\n", "no\n250 |ok|\n"},
	{"words", "hello\r\n", "no\n"},
	{"two digits", "25\r\n25 ok\r\n", "no\nno\n"},
	{"four digits", "2500 ok\r\n", "no\n"},
	{"no separator", "250ok\r\n250.ok\r\n", "no\nno\n"},
	{"codes out of range", "199 a\r\n100 a\r\n600 a\r\n000 a\r\n", "no\nno\nno\nno\n"},
	{"a blank first", " 250 ok\r\n", "no\n"},
	{"letters for digits", "2x0 ok\r\n25x ok\r\n", "no\nno\n"},
	{"codes that differ", "250-a\r\n550 b\r\n", "550 |a|b| differ\n"},
	{"codes that differ and come back", "250-a\r\n251-b\r\n250 c\r\n", "250 |a|b|c| differ\n"},
	{"the next reply is not tainted", "250-a\r\n550 b\r\n250 c\r\n", "550 |a|b| differ\n250 |c|\n"},
	{"a line without a code inside", "250-a\r\nb\r\n250 c\r\n", "no\n250 |a|b|c|\n"},
	{"an empty line inside", "250-a\r\n\r\n250 c\r\n", "no\n250 |a||c|\n"},
};

static size_t checks;

struct output {
	char text[TEXT_MAX];
	size_t len;
};

static void put(struct output *output, const char *format, ...) {
	va_list arguments;
	va_start(arguments, format);
	output->len += (size_t)vsnprintf(output->text + output->len, sizeof(output->text) - output->len, format, arguments);
	va_end(arguments);
	assert_true(output->len < sizeof(output->text));
}

static void put_reply(struct output *output, const char *before, const struct reply *reply) {
	put(output, "%s%u |", before, reply->code);
	for (size_t i = 0; i < reply->line_count; i++)
		put(output, "%.*s|", (int)reply->lines[i].len, reply->lines[i].len > 0 ? reply->lines[i].data : "");
	assert_int_equal(reply->lines_over_limit, 0);
	put(output, reply->codes_differ ? " differ\n" : "\n");
}

static void feed(
	struct line_reader *lines, struct reply_reader *replies, const char *data, size_t len, struct output *output) {
	char *block = malloc(len);
	memcpy(block, data, len);
	struct slice input = {block, len};
	struct line line;
	struct reply reply;
	while (len > 0 && line_next(lines, &input, &line) == 1) {
		int result = reply_feed(replies, line.text, &reply);
		assert_int_equal(result >= 0, reply_is_line(line.text));
		if (result > 0)
			put_reply(output, "", &reply);
		else if (result < 0)
			put(output, "no\n");
	}
	free(block);
}

static void check_row(const struct row *row, size_t cut, size_t step) {
	struct line_reader lines = {0};
	struct reply_reader replies = {0};
	struct output output = {.len = 0};
	struct reply reply;
	size_t all = strlen(row->input);
	for (size_t at = 0, len; at < all; at += len) {
		len = at == 0 && cut > 0 ? cut : step;
		if (len > all - at)
			len = all - at;
		feed(&lines, &replies, row->input + at, len, &output);
	}
	if (reply_flush(&replies, &reply) == 1)
		put_reply(&output, "open ", &reply);
	assert_int_equal(reply_flush(&replies, &reply), 0);
	reply_finish(&replies);
	line_finish(&lines);
	if (strcmp(output.text, row->expected) != 0)
		print_error("%s, cut at %zu\n", row->name, cut);
	assert_string_equal(output.text, row->expected);
	checks++;
}

static void check_rows(const struct row *rows, size_t count) {
	for (size_t i = 0; i < count; i++) {
		check_row(&rows[i], 0, SIZE_MAX);
		check_row(&rows[i], 0, 1);
		for (size_t cut = 1; cut < strlen(rows[i].input); cut++)
			check_row(&rows[i], cut, SIZE_MAX);
	}
}

static void test_valid(void **state) {
	checks = 0;
	check_rows(valid_rows, sizeof(valid_rows) / sizeof(valid_rows[0]));
	assert_int_equal(checks, 186);
}

static void test_invalid(void **state) {
	checks = 0;
	check_rows(invalid_rows, sizeof(invalid_rows) / sizeof(invalid_rows[0]));
	assert_int_equal(checks, 207);
}

/* A reply of count lines before the last, each of len bytes. */
static void check_limits(size_t count, size_t len, size_t expected_kept) {
	struct reply_reader replies = {0};
	struct reply reply;
	for (int round = 0; round < 2; round++) { /* the second time in memory that is there already */
		for (size_t i = 0; i <= count; i++) {
			char *line = malloc(len + 4);
			memset(line, 'a' + (int)(i % 26), len + 4);
			memcpy(line, i < count ? "250-" : "250 ", 4);
			assert_int_equal(reply_feed(&replies, (struct slice){line, len + 4}, &reply), i == count);
			if (i < count)
				free(line);
			else if (i == count) {
				assert_int_equal(reply.line_count, expected_kept);
				assert_int_equal(reply.line_count + reply.lines_over_limit, count + 1);
				for (size_t k = 0; k < reply.line_count; k++) {
					assert_int_equal(reply.lines[k].len, len);
					for (size_t byte = 0; byte < len; byte++)
						assert_int_equal(reply.lines[k].data[byte], 'a' + (int)(k % 26));
				}
				free(line);
			}
		}
	}
	reply_finish(&replies);
	checks++;
}

static void test_limits(void **state) {
	checks = 0;
	check_limits(0, 0, 1);
	check_limits(0, 12000, 1);
	check_limits(REPLY_LINES_USUAL - 1, 20, REPLY_LINES_USUAL);
	check_limits(REPLY_LINES_USUAL, 20, REPLY_LINES_USUAL + 1);
	check_limits(REPLY_LINES_MAX - 1, 20, REPLY_LINES_MAX);
	check_limits(REPLY_LINES_MAX, 20, REPLY_LINES_MAX);
	check_limits(3 * REPLY_LINES_MAX, 0, REPLY_LINES_MAX);
	check_limits(3, REPLY_TEXT_MAX / 2 - 1, 2);
	check_limits(3, REPLY_TEXT_MAX, 0);
	assert_int_equal(checks, 9);
}

static const struct enhanced_row {
	const char *input, *enhanced; /* NULL: none */
	const char *text;             /* what is left */
} enhanced_rows[] = {
	{"2.1.0 ok", "2.1.0", "ok"},
	{"5.7.1", "5.7.1", ""},
	{"4.100.999  later ", "4.100.999", "later"},
	{"5.7.26\tno", "5.7.26", "no"},
	{"2.0.0\r", NULL, NULL},
	{"", NULL, NULL},
	{"2", NULL, NULL},
	{"2.1", NULL, NULL},
	{"2.1.", NULL, NULL},
	{"2..1 x", NULL, NULL},
	{"2.1.x", NULL, NULL},
	{"3.1.0 x", NULL, NULL},
	{"1.1.0 x", NULL, NULL},
	{"2.1000.0 x", NULL, NULL},
	{"2.1.1000 x", NULL, NULL},
	{"2.1.0x", NULL, NULL},
	{"2.1.0.1 x", NULL, NULL},
	{"22.1.0 x", NULL, NULL},
	{" 2.1.0 x", NULL, NULL},
	{"192.0.2.1 x", NULL, NULL},
};

static void test_enhanced(void **state) {
	size_t count = 0;
	for (; count < sizeof(enhanced_rows) / sizeof(enhanced_rows[0]); count++) {
		const struct enhanced_row *row = &enhanced_rows[count];
		size_t len = strlen(row->input);
		char *block = malloc(len);
		if (len > 0)
			memcpy(block, row->input, len);
		struct slice text = {block, len}, enhanced = {"untouched", 9};
		assert_int_equal(reply_split_enhanced(&text, &enhanced), row->enhanced != NULL);
		const char *expected = row->enhanced != NULL ? row->enhanced : "untouched";
		const char *left = row->enhanced != NULL ? row->text : row->input;
		assert_int_equal(enhanced.len, strlen(expected));
		assert_memory_equal(enhanced.data, expected, enhanced.len);
		assert_int_equal(text.len, strlen(left));
		if (text.len > 0)
			assert_memory_equal(text.data, left, text.len);
		free(block);
	}
	assert_int_equal(count, 20);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_valid),
		cmocka_unit_test(test_invalid),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_enhanced),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
