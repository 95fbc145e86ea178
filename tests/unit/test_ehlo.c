/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * decode/ehlo.c: the extensions in the reply to EHLO.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "decode/ehlo.h"

enum { LINES_MAX = 4, TEXT_MAX = 256 };

struct row {
	const char *name;
	uint16_t code;
	const char *lines[LINES_MAX];
	bool first_lines_lost;
	const char *extensions; /* those that are expected, each with a semicolon behind */
	bool likely;            /* reads like a reply to EHLO */
	bool has_domain;
};

static const struct row valid_rows[] = {
	{"domain only", 250, {"mx.example.org"}, false, "", false, true},
	{"domain and greeting", 250, {"mx.example.org Hello c [192.0.2.1]", "PIPELINING"}, false, "PIPELINING;", true, true},
	{"parameters", 250, {"mx", "SIZE 1000", "AUTH PLAIN LOGIN"}, false, "SIZE 1000;AUTH PLAIN LOGIN;", true, false},
	{"lower case", 250, {"mx", "starttls"}, false, "starttls;", true, false},
	{"old form of AUTH", 250, {"mx", "AUTH=LOGIN PLAIN", "8BITMIME"}, false, "AUTH=LOGIN PLAIN;8BITMIME;", true, false},
	{"unknown extensions", 250, {"mx", "XCLIENT NAME", "XFOO"}, false, "XCLIENT NAME;XFOO;", false, false},
	{"address for a domain", 250, {"[192.0.2.1]", "HELP", "DSN"}, false, "HELP;DSN;", true, true},
	{"first lines lost", 250, {"SIZE 1000", "HELP"}, true, "SIZE 1000;HELP;", false, false},
	{"first lines lost, one left", 250, {"SIZE 1000"}, true, "SIZE 1000;", false, false},
};

static const struct row invalid_rows[] = {
	{"no lines", 250, {NULL}, false, "", false, false},
	{"empty lines", 250, {"", "", ""}, false, ";;", false, false},
	{"blanks", 250, {"mx", "  SIZE  1 "}, false, "  SIZE  1 ;", true, false},
	{"another code", 214, {"Commands:", "AUTH MAIL RCPT"}, false, "AUTH MAIL RCPT;", false, false},
	{"the keyword as the start of a word", 250, {"a", "SIZES"}, false, "SIZES;", false, false},
	{"the keyword in the first line", 250, {"SIZE 1", "x"}, false, "x;", false, false},
	{"an enhanced code", 250, {"2.1.0 ok"}, false, "", false, true},
};

static void check_row(const struct row *row) {
	struct slice lines[LINES_MAX];
	char *blocks[LINES_MAX], text[TEXT_MAX] = "";
	struct reply reply = {.code = row->code, .lines = lines};
	for (; reply.line_count < LINES_MAX && row->lines[reply.line_count] != NULL; reply.line_count++) {
		size_t len = strlen(row->lines[reply.line_count]);
		char *block = blocks[reply.line_count] = malloc(len);
		if (len > 0)
			memcpy(block, row->lines[reply.line_count], len);
		lines[reply.line_count] = (struct slice){block, len};
	}
	const struct slice *extensions;
	size_t count;
	ehlo_extensions(&reply, row->first_lines_lost, &extensions, &count);
	for (size_t i = 0; i < count; i++) {
		strncat(text, extensions[i].data, extensions[i].len);
		strcat(text, ";");
	}
	if (strcmp(text, row->extensions) != 0 || ehlo_is_likely(&reply) != row->likely ||
		ehlo_has_domain(&reply) != row->has_domain)
		print_error("%s\n", row->name);
	assert_string_equal(text, row->extensions);
	assert_int_equal(ehlo_is_likely(&reply), row->likely);
	assert_int_equal(ehlo_has_domain(&reply), row->has_domain);
	for (size_t i = 0; i < reply.line_count; i++)
		free(blocks[i]);
}

static void test_valid(void **state) {
	size_t count = 0;
	for (; count < sizeof(valid_rows) / sizeof(valid_rows[0]); count++)
		check_row(&valid_rows[count]);
	assert_int_equal(count, 9);
}

static void test_invalid(void **state) {
	size_t count = 0;
	for (; count < sizeof(invalid_rows) / sizeof(invalid_rows[0]); count++)
		check_row(&invalid_rows[count]);
	assert_int_equal(count, 7);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_valid),
		cmocka_unit_test(test_invalid),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
