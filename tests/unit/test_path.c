/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * decode/path.c: the arguments of MAIL and RCPT.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "decode/path.h"

enum { TEXT_MAX = 512 };

struct row {
	const char *argument;
	const char *expected; /* the mailbox, then each parameter behind a semicolon */
};

static const struct row valid_rows[] = {
	{"FROM:<a@b>", "a@b"},
	{"from:<a@b>", "a@b"},
	{"FROM:<>", ""},
	{"FROM:<> BODY=8BITMIME", "; BODY=8BITMIME"},
	{"FROM:<a@b> SIZE=100", "a@b; SIZE=100"},
	{"FROM:<a@b> \t SIZE=100 \t BODY=7BIT  ", "a@b; SIZE=100; BODY=7BIT"},
	{"FROM:<a@b> SMTPUTF8", "a@b; SMTPUTF8"},
	{"FROM:<a@b> SIZE=", "a@b; SIZE="},
	{"FROM:<a@b> AUTH=<>", "a@b; AUTH=<>"},
	{"FROM:<a@b> X=a=b", "a@b; X=a=b"},
	{"FROM: <a@b>", "a@b"},
	{"FROM:\t<a@b>", "a@b"},
	{"FROM:<a@[192.0.2.1]>", "a@[192.0.2.1]"},
	{"FROM:<a@[IPv6:2001:db8::1]>", "a@[IPv6:2001:db8::1]"},
	{"FROM:<@r:a@b>", "a@b"},
	{"FROM:<@r1,@r2:a@b>", "a@b"},
	{"FROM:<@r:a@[IPv6:::1]>", "a@[IPv6:::1]"},
	{"FROM:<\"a b\"@c>", "\"a b\"@c"},
	{"FROM:<\"a>b\"@c> SIZE=1", "\"a>b\"@c; SIZE=1"},
	{"FROM:<\"a\\\">\"@c>", "\"a\\\">\"@c"},
	{"FROM:<\"@r:a\"@c>", "\"@r:a\"@c"},
	{"FROM:<\xc3\xbc@b>", "\xc3\xbc@b"},
};

static const struct row invalid_rows[] = {
	{"", ""},
	{"   ", ""},
	{"FROM", "FROM"},
	{"FROM:", ""},
	{"FROM: ", ""},
	{"FROM:a@b", "a@b"},
	{"FROM: a@b SIZE=1", "a@b; SIZE=1"},
	{"FROM:<a@b", "a@b"},
	{"FROM:<a@b SIZE=1", "a@b; SIZE=1"},
	{"FROM:<", ""},
	{"FROM:a@b>", "a@b>"},
	{"FROM :<a@b>", "a@b"},
	{"TO:<a@b>", "a@b"},
	{"<a@b>", "a@b"},
	{"FROM<a@b>", "FROM<a@b>"},
	{"FROM:<\"a@b>", "\"a@b>"},
	{"FROM:<\"a\\", "\"a\\"},
	{"FROM:<\"a\\\"", "\"a\\\""},
	{"FROM:<a@b>SIZE=1", "a@b; SIZE=1"},
	{"FROM:<a@b>>", "a@b; >"},
	{"FROM:<@r:>", ""},
};

static void check_row(const struct row *row, bool valid) {
	size_t len = strlen(row->argument);
	char *block = malloc(len), text[TEXT_MAX];
	if (len > 0)
		memcpy(block, row->argument, len);
	struct path path;
	path_parse((struct slice){block, len}, "FROM:", &path);
	int at = snprintf(text, sizeof(text), "%.*s", (int)path.mailbox.len, path.mailbox.len > 0 ? path.mailbox.data : "");
	for (size_t i = 0; i < path.parameter_count; i++) {
		const struct event_parameter *parameter = &path.parameters[i];
		at += snprintf(text + at, sizeof(text) - (size_t)at, "; %.*s%s%.*s", (int)parameter->keyword.len,
			parameter->keyword.data, parameter->has_value ? "=" : "", (int)parameter->value.len,
			parameter->value.len > 0 ? parameter->value.data : "");
	}
	if (path.valid != valid)
		fail_msg("%s", row->argument);
	assert_string_equal(text, row->expected);
	assert_int_equal(path.parameters_over_limit, 0);
	free(block);
}

static void test_valid(void **state) {
	size_t count = 0;
	for (; count < sizeof(valid_rows) / sizeof(valid_rows[0]); count++)
		check_row(&valid_rows[count], true);
	assert_int_equal(count, 22);
}

static void test_invalid(void **state) {
	size_t count = 0;
	for (; count < sizeof(invalid_rows) / sizeof(invalid_rows[0]); count++)
		check_row(&invalid_rows[count], false);
	assert_int_equal(count, 21);
}

/* RCPT has no null path; all other rows hold for it too. */
static void test_recipient(void **state) {
	struct path path;
	path_parse((struct slice){"TO:<a@b> NOTIFY=NEVER", 21}, "TO:", &path);
	assert_true(path.valid && path.mailbox.len == 3 && path.parameter_count == 1);
	path_parse((struct slice){"TO:<Postmaster>", 15}, "TO:", &path);
	assert_true(path.valid && path.mailbox.len == 10);
	path_parse((struct slice){"FROM:<a@b>", 10}, "TO:", &path);
	assert_true(!path.valid && path.mailbox.len == 3);
	path_parse((struct slice){"TO:<>", 5}, "TO:", &path);
	assert_true(!path.valid && path.mailbox.len == 0);
}

static void test_limit(void **state) {
	char argument[256] = "FROM:<a@b>";
	for (int i = 0; i < PATH_PARAMETERS_MAX + 3; i++)
		sprintf(argument + strlen(argument), " P%d=%d", i, i);
	struct path path;
	path_parse((struct slice){argument, strlen(argument)}, "FROM:", &path);
	assert_true(path.valid);
	assert_int_equal(path.parameter_count, PATH_PARAMETERS_MAX);
	assert_int_equal(path.parameters_over_limit, 3);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_valid),
		cmocka_unit_test(test_invalid),
		cmocka_unit_test(test_recipient),
		cmocka_unit_test(test_limit),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
