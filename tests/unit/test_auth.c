/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * decode/auth.c: user names out of AUTH exchanges, and nothing else.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "decode/auth.h"

static struct slice block_of(const char *text, size_t len, char **ret_block) {
	*ret_block = malloc(len);
	if (len > 0)
		memcpy(*ret_block, text, len);
	return (struct slice){*ret_block, len};
}

static const struct base64_row {
	const char *text;
	long len; /* -1: no base64 */
	const char *bytes;
} base64_valid_rows[] =
	{
		{"", 0, ""},
		{"Zg==", 1, "f"},
		{"Zm8=", 2, "fo"},
		{"Zm9v", 3, "foo"},
		{"Zm9vYg==", 4, "foob"},
		{"Zm9vYmE=", 5, "fooba"},
		{"Zm9vYmFy", 6, "foobar"},
		{"Zg", 1, "f"},
		{"Zm8", 2, "fo"},
		{"Zm9vYg=", 4, "foob"},
		{"AAAA", 3, "\0\0\0"},
		{"////", 3, "\xff\xff\xff"},
		{"++++", 3, "\xfb\xef\xbe"},
},
  base64_invalid_rows[] = {
	  {"Z", -1, ""},
	  {"Zm9vY", -1, ""},
	  {"Zg===", -1, ""},
	  {"====", -1, ""},
	  {"Zm=v", -1, ""},
	  {"Zm 9v", -1, ""},
	  {"Zm9v\r", -1, ""},
	  {"Zm-_", -1, ""},
	  {"Zm9\xff", -1, ""},
	  {"Username:", -1, ""},
	  {"*", -1, ""},
};

static size_t check_base64(const struct base64_row *rows, size_t count) {
	for (size_t i = 0; i < count; i++) {
		char *text, *bytes = malloc(6);
		struct slice slice = block_of(rows[i].text, strlen(rows[i].text), &text);
		long len = auth_decode_base64(slice, bytes, 6);
		if (len != rows[i].len)
			print_error("%s\n", rows[i].text);
		assert_int_equal(len, rows[i].len);
		if (len > 0)
			assert_memory_equal(bytes, rows[i].bytes, (size_t)len);
		free(text);
		free(bytes);
	}
	return count;
}

static void test_base64(void **state) {
	char bytes[6];
	assert_int_equal(check_base64(base64_valid_rows, sizeof(base64_valid_rows) / sizeof(base64_valid_rows[0])), 13);
	assert_int_equal(
		check_base64(base64_invalid_rows, sizeof(base64_invalid_rows) / sizeof(base64_invalid_rows[0])), 11);
	/* Room for all, and for one less. */
	assert_int_equal(auth_decode_base64((struct slice){"Zm9vYmFy", 8}, bytes, 6), 6);
	assert_int_equal(auth_decode_base64((struct slice){"Zm9vYmFy", 8}, bytes, 5), -1);
}

#define PLAIN "AHRpbQB0YW5zdGFhZnRhbnN0YWFm"            /* NUL tim NUL tanstaaftanstaaf */
#define PLAIN_AS "YWRtaW4AdGltAHRhbnN0YWFmdGFuc3RhYWY=" /* admin NUL tim NUL tanstaaftanstaaf */
#define PASSWORD "dGFuc3RhYWZ0YW5zdGFhZg=="
#define DIGEST "b913a602c7eda7a495b4e6e7334d3890"
#define CRAM "dGltIGI5MTNhNjAyYzdlZGE3YTQ5NWI0ZTZlNzMzNGQzODkw" /* tim and DIGEST */
#define ASK_USER "VXNlcm5hbWU6"
#define ASK_PASSWORD "UGFzc3dvcmQ6"

enum { STEPS_MAX = 6 };

struct row {
	const char *name;
	const char *steps[STEPS_MAX];     /* the argument of AUTH; then a challenge behind ">" or a response */
	const char *mechanism, *username; /* NULL: none */
	const char *shown;                /* 'y' or 'n' for each challenge: may it be shown? */
	const char *secrets[3];           /* these must be known as secrets in the end */
	bool cancelled;
};

static const struct row valid_rows[] = {
	{"PLAIN with initial response", {"PLAIN " PLAIN}, "PLAIN", "tim", "", {PLAIN, "tanstaaftanstaaf"}, false},
	{"PLAIN without", {"PLAIN", ">", PLAIN}, "PLAIN", "tim", "n", {PLAIN, "tanstaaftanstaaf"}, false},
	{"PLAIN for another", {"PLAIN " PLAIN_AS}, "PLAIN", "tim", "", {PLAIN_AS, "tanstaaftanstaaf"}, false},
	{"lower case", {"plain " PLAIN}, "PLAIN", "tim", "", {PLAIN}, false},
	{"mixed case", {"Plain " PLAIN}, "PLAIN", "tim", "", {PLAIN}, false},
	{"LOGIN", {"LOGIN", ">" ASK_USER, "dGlt", ">" ASK_PASSWORD, PASSWORD}, "LOGIN", "tim", "yy",
		{PASSWORD, "tanstaaftanstaaf"}, false},
	{"LOGIN with initial response", {"LOGIN dGlt", ">" ASK_PASSWORD, PASSWORD}, "LOGIN", "tim", "y",
		{PASSWORD, "tanstaaftanstaaf"}, false},
	{"LOGIN, NUL behind the prompt", {"LOGIN", ">VXNlciBOYW1lAA==", "dGlt", ">UGFzc3dvcmQA", PASSWORD}, "LOGIN", "tim",
		"yy", {PASSWORD}, false},
	{"LOGIN, password first", {"LOGIN", ">" ASK_PASSWORD, PASSWORD}, "LOGIN", NULL, "y", {PASSWORD, "tanstaaftanstaaf"},
		false},
	{"CRAM-MD5", {"CRAM-MD5", ">PDE4OTYu", CRAM}, "CRAM-MD5", "tim", "n", {CRAM, DIGEST}, false},
	{"CRAM-MD5, a user with blanks",
		{"CRAM-MD5", ">PDE4OTYu", "dGltIHRpbSBiOTEzYTYwMmM3ZWRhN2E0OTViNGU2ZTczMzRkMzg5MA=="}, "CRAM-MD5", "tim tim",
		"n", {DIGEST}, false},
	{"another mechanism", {"XOAUTH2 dXNlcj10aW0BYXV0aD1CZWFyZXIgdG9rZW4BAQ=="}, "XOAUTH2", NULL, "",
		{"dXNlcj10aW0BYXV0aD1CZWFyZXIgdG9rZW4BAQ==", "user=tim\1auth=Bearer token\1\1"}, false},
	{"another mechanism, in steps", {"GSSAPI", ">", "YIIBxAYJ", ">YGgGCSqG", ""}, "GSSAPI", NULL, "nn", {"YIIBxAYJ"},
		false},
	{"cancelled", {"LOGIN", ">" ASK_USER, "*"}, "LOGIN", NULL, "y", {NULL}, true},
	{"empty initial response", {"EXTERNAL ="}, "EXTERNAL", NULL, "", {NULL}, false},
	{"blanks about", {"PLAIN   " PLAIN "  "}, "PLAIN", "tim", "", {PLAIN}, false},
};

static const struct row invalid_rows[] = {
	{"no mechanism", {""}, NULL, NULL, "", {NULL}, false},
	{"the response for a mechanism", {PLAIN}, NULL, NULL, "", {PLAIN}, false},
	{"the password for a mechanism", {PASSWORD}, NULL, NULL, "", {PASSWORD}, false},
	{"a name too long", {"ABCDEFGHIJKLMNOPQRSTU"}, NULL, NULL, "", {"ABCDEFGHIJKLMNOPQRSTU"}, false},
	{"PLAIN without NUL", {"PLAIN dGltdGFuc3RhYWY="}, "PLAIN", NULL, "", {"dGltdGFuc3RhYWY="}, false},
	{"PLAIN with one NUL", {"PLAIN dGltAHRhbnN0YWFm"}, "PLAIN", NULL, "", {"dGltAHRhbnN0YWFm"}, false},
	{"PLAIN without a user", {"PLAIN AAB0YW5zdGFhZg=="}, "PLAIN", NULL, "", {"tanstaaf"}, false},
	{"PLAIN that is no base64", {"PLAIN tim:tanstaaf"}, "PLAIN", NULL, "", {"tim:tanstaaf"}, false},
	{"LOGIN, an empty user", {"LOGIN", ">" ASK_USER, "", ">" ASK_PASSWORD, PASSWORD}, "LOGIN", NULL, "yy", {PASSWORD},
		false},
	{"LOGIN, a user that is no base64", {"LOGIN", ">" ASK_USER, "tim!", ">" ASK_PASSWORD, PASSWORD}, "LOGIN", NULL, "yy",
		{"tim!", PASSWORD}, false},
	{"LOGIN, prompts in words", {"LOGIN", ">Username:", "dGlt", ">Password:", PASSWORD}, "LOGIN", "tim", "nn",
		{PASSWORD}, false},
	{"LOGIN, a prompt with control bytes", {"LOGIN", ">G1szMW0="}, "LOGIN", NULL, "n", {NULL}, false},
	{"LOGIN, a prompt that is a story", {"LOGIN", ">QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFB"}, "LOGIN", NULL,
		"n", {NULL}, false},
	{"CRAM-MD5, a digest too short", {"CRAM-MD5", ">PDE4OTYu", "dGltIGI5MTM="}, "CRAM-MD5", NULL, "n", {"dGltIGI5MTM="},
		false},
	{"CRAM-MD5, no digits", {"CRAM-MD5", ">PDE4OTYu", "dGltIHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHg="}, "CRAM-MD5",
		NULL, "n", {"dGltIHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHg="}, false},
};

static void check_row(const struct row *row) {
	struct auth_exchange exchange = {0};
	struct auth_secrets secrets = {0};
	char *block;
	size_t challenges = 0;
	const char *argument = row->steps[0];
	auth_begin(&exchange, block_of(argument, strlen(argument), &block), &secrets);
	free(block);
	assert_true(exchange.active);
	for (size_t i = 1; i < STEPS_MAX && row->steps[i] != NULL; i++) {
		const char *step = row->steps[i];
		if (step[0] == '>') {
			bool shown = auth_challenge(&exchange, block_of(step + 1, strlen(step + 1), &block));
			if (row->shown[challenges] != (shown ? 'y' : 'n'))
				fail_msg("%s: challenge %zu", row->name, challenges + 1);
			challenges++;
		} else {
			auth_response(&exchange, block_of(step, strlen(step), &block), &secrets);
		}
		free(block);
	}
	assert_int_equal(challenges, strlen(row->shown));
	struct slice mechanism = auth_mechanism(&exchange), username = auth_username(&exchange);
	const char *expected = row->mechanism != NULL ? row->mechanism : "";
	if (mechanism.len != strlen(expected) || exchange.has_username != (row->username != NULL))
		fail_msg("%s: mechanism or user", row->name);
	assert_memory_equal(mechanism.data, expected, mechanism.len);
	if (row->username != NULL) {
		assert_int_equal(username.len, strlen(row->username));
		assert_memory_equal(username.data, row->username, username.len);
	}
	assert_int_equal(exchange.cancelled, row->cancelled);
	for (size_t i = 0; i < 3 && row->secrets[i] != NULL; i++) {
		char text[256] = "what is <";
		strcat(text, row->secrets[i]);
		strcat(text, ">?");
		bool repeated = auth_is_repeated(&secrets, block_of(text, strlen(text), &block));
		free(block);
		if (!repeated)
			fail_msg("%s: not known as a secret: %s", row->name, row->secrets[i]);
	}
}

static void test_valid(void **state) {
	size_t count = 0;
	for (; count < sizeof(valid_rows) / sizeof(valid_rows[0]); count++)
		check_row(&valid_rows[count]);
	assert_int_equal(count, 16);
}

static void test_invalid(void **state) {
	size_t count = 0;
	for (; count < sizeof(invalid_rows) / sizeof(invalid_rows[0]); count++)
		check_row(&invalid_rows[count]);
	assert_int_equal(count, 15);
}

/* When steps are missing, what comes first may be the password. */
static void test_blind(void **state) {
	struct auth_exchange exchange = {0};
	struct auth_secrets secrets = {0};
	auth_begin(&exchange, (struct slice){"LOGIN", 5}, &secrets);
	exchange.blind = true;
	auth_response(&exchange, (struct slice){PASSWORD, strlen(PASSWORD)}, &secrets);
	assert_false(exchange.has_username);
	assert_true(auth_is_repeated(&secrets, (struct slice){"tanstaaftanstaaf", 16}));
	auth_begin(&exchange, (struct slice){NULL, 0}, &secrets);
	exchange.blind = true;
	auth_response(&exchange, (struct slice){PLAIN_AS, strlen(PLAIN_AS)}, &secrets);
	assert_false(exchange.has_username);
	assert_true(auth_is_repeated(&secrets, (struct slice){"no tanstaaftanstaaf", 19}));
}

static void test_secrets(void **state) {
	struct auth_secrets secrets = {0};
	assert_false(auth_is_repeated(&secrets, (struct slice){"anything", 8}));
	assert_false(auth_is_repeated(&secrets, (struct slice){NULL, 0}));
	auth_remember(&secrets, (struct slice){"abc", 3}); /* too short to mean anything */
	assert_false(auth_is_repeated(&secrets, (struct slice){"abc", 3}));
	auth_remember(&secrets, (struct slice){"abcd", 4});
	assert_true(auth_is_repeated(&secrets, (struct slice){"abcd", 4}));
	assert_true(auth_is_repeated(&secrets, (struct slice){"aabcdd", 6}));
	assert_true(auth_is_repeated(&secrets, (struct slice){"ababcabcd", 9}));
	assert_false(auth_is_repeated(&secrets, (struct slice){"abc", 3}));
	assert_false(auth_is_repeated(&secrets, (struct slice){"abcxd", 5}));
	/* A long one is known by its start. */
	char token[3 * AUTH_SECRET_MAX], quote[64] = "no: ";
	for (size_t i = 0; i < sizeof(token); i++)
		token[i] = (char)('!' + i % 90);
	auth_remember(&secrets, (struct slice){token, sizeof(token)});
	memcpy(quote + 4, token, 20);
	assert_true(auth_is_repeated(&secrets, (struct slice){quote, 24}));
	assert_true(auth_is_repeated(&secrets, (struct slice){token, sizeof(token)}));
	/* Only the latest are kept. */
	for (int i = 0; i < AUTH_SECRETS; i++)
		auth_remember(&secrets, (struct slice){"zzzz", 4});
	assert_false(auth_is_repeated(&secrets, (struct slice){"abcd", 4}));
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_base64),
		cmocka_unit_test(test_valid),
		cmocka_unit_test(test_invalid),
		cmocka_unit_test(test_blind),
		cmocka_unit_test(test_secrets),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
