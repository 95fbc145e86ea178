/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * decode/line.c: bytes to lines, however they come in.
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

enum { TEXT_MAX = 4096 };

struct row {
	const char *name, *input;
	size_t input_len;
	const char *expected; /* the lines, each between bars, with the flags behind; what is left unended in brackets */
};

#define ROW(name, input, expected)                                                                                          \
	{ name, input, sizeof(input) - 1, expected }

static const struct row valid_rows[] = {
	ROW("nothing", "", ""),
	ROW("one", "NOOP\r\n", "|NOOP|"),
	ROW("two", "EHLO c\r\nQUIT\r\n", "|EHLO c||QUIT|"),
	ROW("empty", "\r\n\r\n", "||||"),
	ROW("unended", "a\r\nb", "|a|[b]"),
	ROW("unended behind its CR", "a\r", "[a]"),
	ROW("blanks stay", " a \t\r\n", "| a \t|"),
	ROW("any byte", "\xff\x80\x01\r\n", "|\xff\x80\x01|"),
};

static const struct row invalid_rows[] = {
	ROW("bare newline", "a\nb\r\n", "|a|bare|b|"),
	ROW("only bare newlines", "\n\n", "||bare||bare"),
	ROW("bare carriage return", "a\rb\r\n", "|a\rb|"),
	ROW("two carriage returns", "a\r\r\n", "|a\r|"),
	ROW("newline and carriage return", "a\n\rb\n", "|a|bare|\rb|bare"),
	ROW("NUL", "a\0b\r\nc\r\n", "|a.b|nul|c|"),
	ROW("NUL alone", "\0\n", "|.|nulbare"),
	ROW("NUL unended", "\0", "[.]nul"),
};

static size_t checks;

struct output {
	char text[TEXT_MAX];
	size_t len;
};

static void put_line(struct output *output, const struct line *line, char open, char close) {
	output->text[output->len++] = open;
	for (size_t i = 0; i < line->text.len; i++)
		output->text[output->len++] = line->text.data[i] != '\0' ? line->text.data[i] : '.';
	output->text[output->len++] = close;
	output->len += (size_t)sprintf(
		output->text + output->len, "%s%s", line->has_nul ? "nul" : "", line->bare_newline ? "bare" : "");
	assert_int_equal(line->lost, 0);
}

/* Feeds a part in a block of its own, which is gone afterwards. */
static void feed(struct line_reader *reader, const char *data, size_t len, struct output *output) {
	char *block = malloc(len);
	memcpy(block, data, len);
	struct slice input = {block, len};
	struct line line;
	while (len > 0 && line_next(reader, &input, &line) == 1)
		put_line(output, &line, '|', '|');
	assert_int_equal(input.len, 0);
	free(block);
}

static void check_row(const struct row *row, size_t cut, size_t step) {
	struct line_reader reader = {0};
	struct output output = {.len = 0};
	struct line line;
	for (size_t at = 0, len; at < row->input_len; at += len) {
		len = at == 0 && cut > 0 ? cut : step;
		if (len > row->input_len - at)
			len = row->input_len - at;
		feed(&reader, row->input + at, len, &output);
	}
	if (line_flush(&reader, &line) == 1) {
		put_line(&output, &line, '[', ']');
		assert_false(line.bare_newline);
	}
	assert_int_equal(line_flush(&reader, &line), 0);
	assert_false(line_is_partial(&reader));
	line_finish(&reader);
	output.text[output.len] = '\0';
	if (strcmp(output.text, row->expected) != 0)
		print_error("%s, cut at %zu\n", row->name, cut);
	assert_string_equal(output.text, row->expected);
	checks++;
}

static void check_rows(const struct row *rows, size_t count) {
	for (size_t i = 0; i < count; i++) {
		check_row(&rows[i], 0, SIZE_MAX);
		check_row(&rows[i], 0, 1);
		for (size_t cut = 1; cut < rows[i].input_len; cut++)
			check_row(&rows[i], cut, SIZE_MAX);
	}
}

static void test_valid(void **state) {
	checks = 0;
	check_rows(valid_rows, sizeof(valid_rows) / sizeof(valid_rows[0]));
	assert_int_equal(checks, 50);
}

static void test_invalid(void **state) {
	checks = 0;
	check_rows(invalid_rows, sizeof(invalid_rows) / sizeof(invalid_rows[0]));
	assert_int_equal(checks, 40);
}

/* Lines about the limit: what is kept and what is counted as lost, the line end not included. */
static void check_long(size_t len, const char *end, size_t cut) {
	size_t end_len = strlen(end), all = len + end_len;
	char *data = malloc(all);
	memset(data, 'x', len);
	memcpy(data + len, end, end_len);
	struct line_reader reader = {0};
	struct line line;
	for (size_t at = 0, part; at < all; at += part) {
		part = all - at < cut ? all - at : cut;
		char *block = malloc(part);
		memcpy(block, data + at, part);
		struct slice input = {block, part};
		int result = line_next(&reader, &input, &line);
		assert_int_equal(result, at + part == all);
		if (result == 1) {
			size_t kept = len < LINE_LENGTH_MAX ? len : LINE_LENGTH_MAX;
			assert_int_equal(line.text.len, kept);
			assert_int_equal(line.lost, len - kept);
			assert_memory_equal(line.text.data, data, kept);
			assert_int_equal(line.bare_newline, end_len == 1);
		}
		free(block);
	}
	/* The next is not spoilt. */
	struct slice next = {"y\r\n", 3};
	assert_int_equal(line_next(&reader, &next, &line), 1);
	assert_true(line.text.len == 1 && line.text.data[0] == 'y' && line.lost == 0 && !line.bare_newline);
	line_finish(&reader);
	free(data);
	checks++;
}

static void test_long(void **state) {
	static const size_t cuts[] = {
		SIZE_MAX, 1, 4095, LINE_LENGTH_MAX - 1, LINE_LENGTH_MAX, LINE_LENGTH_MAX + 1, LINE_LENGTH_MAX + 2};
	checks = 0;
	for (size_t len = LINE_LENGTH_MAX - 3; len <= LINE_LENGTH_MAX + 3; len++)
		for (size_t i = 0; i < sizeof(cuts) / sizeof(cuts[0]); i++) {
			check_long(len, "\r\n", cuts[i]);
			check_long(len, "\n", cuts[i]);
		}
	check_long(10 * LINE_LENGTH_MAX, "\r\n", 1000);
	assert_int_equal(checks, 2 * 7 * 7 + 1);
}

static void test_reset(void **state) {
	struct line_reader reader = {0};
	struct line line;
	struct slice input = {"start of a l", 12};
	assert_int_equal(line_next(&reader, &input, &line), 0);
	assert_true(line_is_partial(&reader));
	line_reset(&reader);
	assert_false(line_is_partial(&reader));
	input = (struct slice){"NOOP\r\n", 6};
	assert_int_equal(line_next(&reader, &input, &line), 1);
	assert_int_equal(line.text.len, 4);
	line_finish(&reader);
	line_finish(&reader);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_valid),
		cmocka_unit_test(test_invalid),
		cmocka_unit_test(test_long),
		cmocka_unit_test(test_reset),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
