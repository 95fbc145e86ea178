/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * report/message_text.c: encoded words and parameters. Many rows are the examples of RFC 2047, 8, and of RFC 2231, 3 and 4.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/message_text.h"

struct row {
	const char *value;
	size_t len;
	const char *expected;
	size_t expected_len;
};

#define ROW(value, expected)                                                                                                \
	{ value, sizeof(value) - 1, expected, sizeof(expected) - 1 }

static const struct row decoded_rows[] = {
	ROW("", ""),
	ROW(" plain text\r\n", "plain text"),
	ROW(" folded\r\n and again\r\n\tby tab\r\n", "folded and again\tby tab"),
	ROW("folded\n by LF\n", "folded by LF"),
	ROW(" =?US-ASCII?Q?Keith_Moore?= <moore@example.org>", "Keith Moore <moore@example.org>"),
	ROW("=?ISO-8859-1?Q?Keld_J=F8rn_Simonsen?= <keld@example.org>", "Keld J\xc3\xb8rn Simonsen <keld@example.org>"),
	ROW("=?ISO-8859-1?Q?Andr=E9?= Pirard <pirard@example.org>", "Andr\xc3\xa9 Pirard <pirard@example.org>"),
	ROW("=?ISO-8859-1?B?SWYgeW91IGNhbiByZWFkIHRoaXMgeW8=?=\r\n =?ISO-8859-2?B?dSB1bmRlcnN0YW5kIHRoZSBleGFtcGxlLg==?=",
		"If you can read this you understand the example."),
	ROW("=?ISO-8859-8?b?7eXs+SDv4SDp7Oj08A==?=", "\xd7\x9d\xd7\x95\xd7\x9c\xd7\xa9 \xd7\x9f\xd7\x91 \xd7\x99\xd7\x9c\xd7\x98\xd7\xa4\xd7\xa0"),
	ROW("=?ISO-8859-1?Q?a?= b", "a b"),
	ROW("=?ISO-8859-1?Q?a?= =?ISO-8859-1?Q?b?=", "ab"),
	ROW("=?ISO-8859-1?Q?a?=  =?ISO-8859-1?Q?b?=", "ab"),
	ROW("=?ISO-8859-1?Q?a_b?=", "a b"),
	ROW("=?ISO-8859-1?Q?a?= =?ISO-8859-2?Q?_b?=", "a b"),
	ROW("=?utf-8?B?w7zDqQ==?= x", "\xc3\xbc\xc3\xa9 x"),
	ROW("=?utf-8?Q?=C3?= =?utf-8?Q?=BC?=", "\xc3\xbc"), /* a character in two words, against the rules */
	ROW("=?utf-8?B?R3LDvMOfZSA=?= =?utf-8?B?YXVzIEvDtmxu?= and more", "Gr\xc3\xbc\xc3\x9f" "e aus K\xc3\xb6ln and more"),
	ROW("=?utf-8?B?YQ==?= =?utf-8?Q?b?=\r\n =?utf-8?B?Yw==?=", "abc"),
	ROW("\"=?utf-8?Q?quoted?=\" <a@example.org>", "\"quoted\" <a@example.org>"), /* against the rules, but common */
	ROW("=?utf-8?Q?\?=", ""),
	ROW("=?utf-8?Q?=\?=", "="),
	ROW("=?utf-8*de?Q?gr=C3=BCn?=", "gr\xc3\xbcn"),     /* RFC 2231, 5 */
	ROW("=?koi8-r?B?8NLJ18XU?=", "\xd0\x9f\xd1\x80\xd0\xb8\xd0\xb2\xd0\xb5\xd1\x82"),
	ROW("=?Shift_JIS?B?k/qWe4zq?=", "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e"),
	ROW("=?ISO-2022-JP?B?GyRCRnxLXDhsGyhC?=", "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e"),
	ROW("=?gb2312?B?1tDOxA==?=", "\xe4\xb8\xad\xe6\x96\x87"),
	ROW("=?windows-1252?Q?=80?=", "\xe2\x82\xac"),
	ROW("gr\xc3\xbcn as it is (RFC 6532)", "gr\xc3\xbcn as it is (RFC 6532)"),
	ROW("gr\xc3\xbcn =?utf-8?Q?und_rot?=", "gr\xc3\xbcn und rot"),
};

static const struct row invalid_rows[] = {
	/* Left as it is: nobody knows what it means. */
	ROW("=?x-nobody?Q?Gr=FC=DFe?=", "=?x-nobody?Q?Gr=FC=DFe?="),
	ROW("=?utf-8?Q?known?= =?x-nobody?Q?=FC?= =?utf-8?Q?too?=", "known =?x-nobody?Q?=FC?= too"),
	ROW("=?utf-8?X?abc?=", "=?utf-8?X?abc?="),
	ROW("=?utf-8?B?YWJj", "=?utf-8?B?YWJj"),
	ROW("=?utf-8?B", "=?utf-8?B"),
	ROW("=?", "=?"),
	ROW("=??Q?a?=", "=??Q?a?="),
	ROW("Gr\xfc\xdf" "e", "Gr\xfc\xdf" "e"),
	ROW("a\0b", "a\0b"),
	/* Bytes that are not of the charset do not vanish. */
	ROW("=?utf-8?Q?bad=C3?=", "bad\xef\xbf\xbd"),
	ROW("=?us-ascii?Q?bad=FCbad?=", "bad\xef\xbf\xbd" "bad"),
	ROW("Gr\xfc =?utf-8?Q?a?=", "Gr\xfc a"),
	ROW("a\0b =?utf-8?Q?c=00d?=", "a\0b c\0d"),
};

static size_t checks;

static void check_rows(const struct row *rows, size_t count) {
	struct message_text *text = message_text_create();
	struct arena arena = {0};
	assert_non_null(text);
	for (size_t i = 0; i < count; i++) {
		char *value = malloc(rows[i].len + (rows[i].len == 0)); /* exact, so that one byte too far is found */
		bool cut = false;
		memcpy(value, rows[i].value, rows[i].len);
		struct slice decoded = message_text_decode(text, &arena, (struct slice){value, rows[i].len}, &cut);
		if (decoded.len != rows[i].expected_len || (decoded.len > 0 && memcmp(decoded.data, rows[i].expected, decoded.len) != 0))
			fail_msg("%s: \"%.*s\", expected \"%s\"", rows[i].value, (int)decoded.len, decoded.data, rows[i].expected);
		assert_false(cut);
		free(value);
		checks++;
	}
	arena_finish(&arena);
	message_text_destroy(text);
}

static void test_decode(void **state) {
	(void)state;
	checks = 0;
	check_rows(decoded_rows, sizeof(decoded_rows) / sizeof(decoded_rows[0]));
	check_rows(invalid_rows, sizeof(invalid_rows) / sizeof(invalid_rows[0]));
	assert_int_equal(checks, sizeof(decoded_rows) / sizeof(decoded_rows[0]) + sizeof(invalid_rows) / sizeof(invalid_rows[0]));
}

static void test_cut(void **state) {
	(void)state;
	struct message_text *text = message_text_create();
	struct arena arena = {0};
	static char value[3 * MESSAGE_TEXT_MAX];
	bool cut = false;
	/* A character of three bytes lies across the limit. */
	memset(value, 'x', sizeof(value));
	memcpy(value + MESSAGE_TEXT_MAX - 1, "\xe2\x82\xac", 3);
	struct slice decoded = message_text_decode(text, &arena, (struct slice){value, sizeof(value)}, &cut);
	assert_int_equal(decoded.len, MESSAGE_TEXT_MAX - 1);
	assert_true(cut);
	/* And in an encoded word. */
	size_t len = 0;
	cut = false;
	while (len < 2 * MESSAGE_TEXT_MAX)
		len += (size_t)sprintf(value + len, "=?iso-8859-1?Q?x=FC=FC=FC?= ");
	decoded = message_text_decode(text, &arena, (struct slice){value, len}, &cut);
	assert_true(decoded.len <= MESSAGE_TEXT_MAX && !cut);
	value[len++] = '=';
	memset(value, 'y', MESSAGE_TEXT_MAX - 1);
	decoded = message_text_decode(text, &arena, (struct slice){value, len}, &cut);
	assert_true(decoded.len == MESSAGE_TEXT_MAX - 1 || decoded.len == MESSAGE_TEXT_MAX);
	assert_true(cut);
	arena_finish(&arena);
	message_text_destroy(text);
}

struct parameter_row {
	const char *value, *name;
	const char *expected; /* NULL: there is none */
};

static const struct parameter_row parameter_rows[] = {
	{"attachment; filename=a.txt", "filename", "a.txt"},
	{"attachment; FileName=\"a b.txt\"; size=3", "filename", "a b.txt"},
	{"attachment; filename=\"a\\\"b;c.txt\"", "filename", "a\"b;c.txt"},
	{"attachment; filename=a.txt ; x=y", "filename", "a.txt"},
	{"attachment;filename = \"a.txt\"", "filename", "a.txt"},
	{"attachment; size=3;\r\n\tfilename=\"a\r\n b.txt\"", "filename", "a b.txt"},
	{"message/external-body; access-type=URL;\r\n URL*0=\"ftp://\";\r\n URL*1=\"cs.example.org/pub/moose.tar\"", "url",
		"ftp://cs.example.org/pub/moose.tar"},
	{"application/x-stuff;\r\n title*=us-ascii'en-us'This%20is%20%2A%2A%2Afun%2A%2A%2A", "title", "This is ***fun***"},
	{"application/x-stuff;\r\n title*0*=us-ascii'en'This%20is%20even%20more%20;\r\n title*1*=%2A%2A%2Afun%2A%2A%2A%20;\r\n title*2=\"isn't it!\"",
		"title", "This is even more ***fun*** isn't it!"},
	{"attachment; filename*=utf-8''%e2%82%ac%20rates.txt", "filename", "\xe2\x82\xac rates.txt"},
	{"attachment; filename*=''plain.txt", "filename", "plain.txt"},
	{"attachment; filename*=iso-8859-1'de'Gr%FC%DFe.txt; filename=Gruesse.txt", "filename", "Gr\xc3\xbc\xc3\x9f" "e.txt"},
	{"attachment; filename*0*=utf-8''%E6%97; filename*1*=%A5.txt", "filename", "\xe6\x97\xa5.txt"},
	{"attachment; filename=\"=?utf-8?B?w7w=?=.txt\"", "filename", "\xc3\xbc.txt"},
	{"attachment; filename*=utf-8''a%2", "filename", "a%2"},
	{"attachment; filename=", "filename", ""},
	{"attachment; filename=a.txt; filename=b.txt", "filename", "a.txt"},
	/* none */
	{"attachment", "filename", NULL},
	{"", "filename", NULL},
	{"filename=a.txt", "filename", NULL}, /* that is the disposition */
	{"attachment; filenames=a.txt", "filename", NULL},
	{"attachment; xfilename=a.txt", "filename", NULL},
	{"attachment; filename*=x-nobody''%FC.txt", "filename", NULL},
	{"attachment; filename*=utf-8''%FC.txt", "filename", NULL},
	{"attachment; filename*=us-ascii''%FC.txt", "filename", NULL},
	{"attachment; filename*=nothing", "filename", NULL},
	{"attachment; filename*1=b.txt", "filename", NULL}, /* its start is missing */
	/* or the plain one, for those who know nothing else */
	{"attachment; filename*=x-nobody''%FC.txt; filename=u.txt", "filename", "u.txt"},
	{"attachment; filename=u.txt; filename*1=b.txt", "filename", "u.txt"},
	{"attachment; filename*00=a; filename=u.txt", "filename", "u.txt"},
	{"attachment; filename*0=a; filename*2=c", "filename", "a"},
	{"attachment; filename=\"never closed", "filename", "never closed"},
	{"attachment; filename=\"\\", "filename", "\\"},
};

static void test_parameters(void **state) {
	(void)state;
	struct message_text *text = message_text_create();
	struct arena arena = {0};
	checks = 0;
	for (size_t i = 0; i < sizeof(parameter_rows) / sizeof(parameter_rows[0]); i++) {
		const struct parameter_row *row = &parameter_rows[i];
		size_t len = strlen(row->value);
		char *value = malloc(len + (len == 0));
		struct slice found = {NULL, 0};
		memcpy(value, row->value, len);
		bool any = message_text_parameter(text, &arena, (struct slice){value, len}, row->name, &found);
		if (any != (row->expected != NULL))
			fail_msg("%s: %s", row->value, any ? "found" : "not found");
		if (any && (found.len != strlen(row->expected) || (found.len > 0 && memcmp(found.data, row->expected, found.len) != 0)))
			fail_msg("%s: \"%.*s\", expected \"%s\"", row->value, (int)found.len, found.data, row->expected);
		free(value);
		checks++;
	}
	assert_int_equal(checks, sizeof(parameter_rows) / sizeof(parameter_rows[0]));
	arena_finish(&arena);
	message_text_destroy(text);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_decode),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_parameters),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
