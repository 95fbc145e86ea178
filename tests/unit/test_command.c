/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * decode/command.c: lines to commands, what may answer them, BDAT.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "decode/command.h"

struct row {
	const char *input;
	enum verb verb;
	const char *name, *argument;
	bool plausible;
};

static const struct row valid_rows[] = {
	{"HELO c", VERB_HELO, "HELO", "c", true},
	{"EHLO [192.0.2.1]", VERB_EHLO, "EHLO", "[192.0.2.1]", true},
	{"lhlo c", VERB_LHLO, "LHLO", "c", true},
	{"Auth Plain dGlt", VERB_AUTH, "AUTH", "Plain dGlt", true},
	{"STARTTLS", VERB_STARTTLS, "STARTTLS", "", true},
	{"StartTLS  ", VERB_STARTTLS, "STARTTLS", "", true},
	{"MAIL FROM:<a@b> SIZE=1", VERB_MAIL, "MAIL", "FROM:<a@b> SIZE=1", true},
	{"mail from: <>", VERB_MAIL, "MAIL", "from: <>", true},
	{"MAIL FROM :<a@b>", VERB_MAIL, "MAIL", "FROM :<a@b>", true},
	{"RCPT TO:<a@b>", VERB_RCPT, "RCPT", "TO:<a@b>", true},
	{"DATA", VERB_DATA, "DATA", "", true},
	{"BDAT 100 LAST", VERB_BDAT, "BDAT", "100 LAST", true},
	{"RSET", VERB_RSET, "RSET", "", true},
	{"NOOP", VERB_NOOP, "NOOP", "", true},
	{"NOOP \t x  y \t", VERB_NOOP, "NOOP", "x  y", true},
	{"\tNOOP", VERB_NOOP, "NOOP", "", true},
	{"VRFY a", VERB_VRFY, "VRFY", "a", true},
	{"EXPN a", VERB_EXPN, "EXPN", "a", true},
	{"HELP", VERB_HELP, "HELP", "", true},
	{"HELP\tMAIL", VERB_HELP, "HELP", "MAIL", true},
	{"QUIT", VERB_QUIT, "QUIT", "", true},
	{"x-exps NTLM dGlt", VERB_AUTH, "X-EXPS", "NTLM dGlt", true},
	{"X-ANONYMOUSTLS", VERB_STARTTLS, "X-ANONYMOUSTLS", "", true},
	{"XEXCH50 1024 2", VERB_XEXCH50, "XEXCH50", "1024 2", true},
	{"BURL imap://h/x LAST", VERB_BURL, "BURL", "imap://h/x LAST", true},
	{"ETRN @example.org", VERB_ETRN, "ETRN", "@example.org", true},
	{"ATRN", VERB_ATRN, "ATRN", "", true},
	{"TURN", VERB_TURN, "TURN", "", true},
	{"XCLIENT NAME=a", VERB_XCLIENT, "XCLIENT", "NAME=a", true},
	{"xforward ADDR=192.0.2.1", VERB_XFORWARD, "XFORWARD", "ADDR=192.0.2.1", true},
};

static const struct row invalid_rows[] = {
	{"", VERB_OTHER, "", "", false},
	{"   ", VERB_OTHER, "", "", false},
	{"EHLO", VERB_EHLO, "EHLO", "", false},
	{"AUTH", VERB_AUTH, "AUTH", "", false},
	{"DATA now", VERB_DATA, "DATA", "now", false},
	{"QUIT please", VERB_QUIT, "QUIT", "please", false},
	{"Mail is what it is about", VERB_MAIL, "MAIL", "is what it is about", false},
	{"MAIL <a@b>", VERB_MAIL, "MAIL", "<a@b>", false},
	{"RCPT FROM:<a@b>", VERB_RCPT, "RCPT", "FROM:<a@b>", false},
	{"BDAT", VERB_BDAT, "BDAT", "", false},
	{"BDAT LAST", VERB_BDAT, "BDAT", "LAST", false},
	{"MAILFROM:<a@b>", VERB_OTHER, "", "", false},
	{"FOO bar", VERB_OTHER, "FOO", "bar", false},
	{"x-two_3", VERB_OTHER, "X-TWO_3", "", false},
	{"QUITE", VERB_OTHER, "QUITE", "", false},
	{"QUI", VERB_OTHER, "QUI", "", false},
	{"SIXTEEN-LETTERS_", VERB_OTHER, "SIXTEEN-LETTERS_", "", false},
	{"SEVENTEEN-LETTERS", VERB_OTHER, "", "", false},
	{"3COM x", VERB_OTHER, "", "x", false},
	{"-x", VERB_OTHER, "", "", false},
	{".", VERB_OTHER, "", "", false},
	{"*", VERB_OTHER, "", "", false},
	{"dGFuc3RhYWY=", VERB_OTHER, "", "", false},
	{"QUIT\x80", VERB_OTHER, "", "", false},
	{"XEXCH50", VERB_XEXCH50, "XEXCH50", "", false},
	{"XSHADOW abc", VERB_OTHER, "XSHADOW", "abc", false}, /* known by its name, but not what to do */
	{"X-EXPSX NTLM", VERB_OTHER, "X-EXPSX", "NTLM", false},
	{"Subject: QUIT", VERB_OTHER, "", "QUIT", false},
};

static struct slice block_of(const char *text, char **ret_block) {
	size_t len = strlen(text);
	*ret_block = malloc(len);
	if (len > 0)
		memcpy(*ret_block, text, len);
	return (struct slice){*ret_block, len};
}

static size_t check_rows(const struct row *rows, size_t count) {
	size_t checks = 0;
	for (size_t i = 0; i < count; i++) {
		char *block;
		struct command command;
		command_parse(block_of(rows[i].input, &block), &command);
		if (command.verb != rows[i].verb || command_is_plausible(&command) != rows[i].plausible)
			print_error("%s\n", rows[i].input);
		assert_int_equal(command.verb, rows[i].verb);
		assert_int_equal(command.name_len, strlen(rows[i].name));
		assert_memory_equal(command.name, rows[i].name, command.name_len);
		assert_int_equal(command.argument.len, strlen(rows[i].argument));
		if (command.argument.len > 0)
			assert_memory_equal(command.argument.data, rows[i].argument, command.argument.len);
		assert_int_equal(command_is_plausible(&command), rows[i].plausible);
		free(block);
		checks++;
	}
	return checks;
}

static void test_valid(void **state) {
	assert_int_equal(check_rows(valid_rows, sizeof(valid_rows) / sizeof(valid_rows[0])), 30);
}

static void test_invalid(void **state) {
	assert_int_equal(check_rows(invalid_rows, sizeof(invalid_rows) / sizeof(invalid_rows[0])), 28);
}

/* What only one command is answered with answers no other; what says nothing answers all. */
static const struct code_row {
	uint16_t code;
	const char *verbs; /* those that it can answer; "*" all, "-X" all but X */
} code_rows[] = {
	{235, "AUTH OTHER"},
	{334, "AUTH"},
	{354, "DATA XEXCH50"},
	{251, "RCPT VRFY ETRN OTHER"},
	{253, "ETRN OTHER"},
	{252, "VRFY EXPN OTHER"},
	{214, "HELP OTHER"},
	{211, "HELP OTHER"},
	{221, "QUIT OTHER"},
	{220, "STARTTLS XCLIENT OTHER"},
	{250, "-AUTH STARTTLS DATA QUIT"},
	{299, "-AUTH STARTTLS DATA QUIT"},
	{421, "*"},
	{432, "*"},
	{454, "*"},
	{500, "*"},
	{530, "*"},
	{550, "*"},
	{599, "*"},
	{535, "AUTH OTHER"},
	{534, "AUTH OTHER"},
	{538, "AUTH OTHER"},
};

static void test_codes(void **state) {
	static const char *const names[VERB_COUNT] = {"OTHER", "HELO", "EHLO", "LHLO", "AUTH", "STARTTLS", "MAIL", "RCPT",
		"DATA", "BDAT", "RSET", "NOOP", "VRFY", "EXPN", "HELP", "QUIT", "BURL", "ETRN", "ATRN", "TURN", "XCLIENT", "XFORWARD",
		"XEXCH50"};
	size_t checks = 0;
	for (size_t i = 0; i < sizeof(code_rows) / sizeof(code_rows[0]); i++)
		for (enum verb verb = 0; verb < VERB_COUNT; verb++) {
			const char *verbs = code_rows[i].verbs;
			bool expected = verbs[0] == '*' || (strstr(verbs, names[verb]) != NULL) != (verbs[0] == '-');
			if (command_accepts_code(verb, code_rows[i].code) != expected)
				fail_msg("%s %u", names[verb], code_rows[i].code);
			checks++;
		}
	assert_int_equal(checks, 22 * VERB_COUNT);
}

static const struct bdat_row {
	const char *argument;
	bool valid;
	uint64_t size;
	bool last;
} bdat_rows[] = {
	{"0", true, 0, false},
	{"0 LAST", true, 0, true},
	{"100 last", true, 100, true},
	{"  7  \t Last ", true, 7, true},
	{"007", true, 7, false},
	{"18446744073709551615", true, UINT64_MAX, false},
	{"18446744073709551616", false, 0, false},
	{"18446744073709551620", false, 0, false},
	{"99999999999999999999999", false, 0, false},
	{"", false, 0, false},
	{"LAST", false, 0, false},
	{"-1", false, 0, false},
	{"+1", false, 0, false},
	{"1x", false, 0, false},
	{"0x10", false, 0, false},
	{"10 FIRST", false, 0, false},
	{"10 LAST x", false, 0, false},
	{"10 LASTX", false, 0, false},
	{"10 LAS", false, 0, false},
};

static void test_bdat(void **state) {
	size_t count = 0;
	for (; count < sizeof(bdat_rows) / sizeof(bdat_rows[0]); count++) {
		const struct bdat_row *row = &bdat_rows[count];
		char *block;
		uint64_t size = 12345;
		bool last = true;
		if (command_parse_bdat(block_of(row->argument, &block), &size, &last) != row->valid)
			fail_msg("%s", row->argument);
		assert_true(size == (row->valid ? row->size : 12345));
		assert_int_equal(last, row->valid ? row->last : true);
		free(block);
	}
	assert_int_equal(count, 19);
}

static const struct burl_row {
	const char *argument, *shown;
	bool last;
} burl_rows[] = {
	{"imap://h.example.com/drafts;uid=7 LAST", "imap://h.example.com/drafts;uid=7 LAST", true},
	{"imap://h.example.com/drafts;uid=7", "imap://h.example.com/drafts;uid=7", false},
	{"imap://alice@h/drafts;uid=7;urlauth=submit+alice:internal:91354a4737 last", "imap://alice@h/drafts;uid=7", true},
	{"imap://alice@h/drafts;UrlAuth=anonymous:internal:91354a4737", "imap://alice@h/drafts", false},
	{"http://alice:secret@h/x LAST", "http://alice", true},
	{"http://h:8080/x LAST", "http://h:8080/x LAST", true},
	{"http://h/x LAST now", "http://h/x LAST now", false},
	{"", "", false},
};

static void test_burl(void **state) {
	size_t count = 0;
	for (; count < sizeof(burl_rows) / sizeof(burl_rows[0]); count++) {
		const struct burl_row *row = &burl_rows[count];
		char *block;
		struct slice shown;
		bool last;
		command_parse_burl(block_of(row->argument, &block), &shown, &last);
		if (shown.len != strlen(row->shown) || last != row->last)
			fail_msg("%s: %.*s", row->argument, (int)shown.len, shown.data);
		assert_memory_equal(shown.data, row->shown, shown.len);
		free(block);
	}
	assert_int_equal(count, 8);
}

static void test_xexch50(void **state) {
	uint64_t size = 7;
	assert_true(command_parse_xexch50((struct slice){"1024 2", 6}, &size));
	assert_int_equal(size, 1024);
	assert_true(command_parse_xexch50((struct slice){"0", 1}, &size));
	assert_int_equal(size, 0);
	assert_false(command_parse_xexch50((struct slice){"", 0}, &size));
	assert_false(command_parse_xexch50((struct slice){"2 2x", 0}, &size));
	assert_false(command_parse_xexch50((struct slice){"x", 1}, &size));
	assert_false(command_parse_xexch50((struct slice){"1073741825", 10}, &size));
	assert_int_equal(size, 0);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_valid),
		cmocka_unit_test(test_invalid),
		cmocka_unit_test(test_codes),
		cmocka_unit_test(test_bdat),
		cmocka_unit_test(test_burl),
		cmocka_unit_test(test_xexch50),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
