/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * report/privacy.c: which words of a command, a parameter and a reply go, and which stay. tests/privacy.py looks at whole outputs.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "report/privacy.h"

#define TEXT(text) {text, sizeof(text) - 1}

enum what { USERS, ENVELOPE, BOTH };

struct row {
	enum what what;
	enum verb verb;
	struct slice path, argument;
	const char *expected;
};

#define OMITTED "(omitted)"

static const struct row commands[] = {
	{ENVELOPE, VERB_MAIL, TEXT("a@example.org"), TEXT("FROM:<a@example.org>"), "FROM:<" OMITTED ">"},
	{ENVELOPE, VERB_MAIL, TEXT("a@example.org"), TEXT("FROM:<a@example.org> SIZE=10 BODY=8BITMIME"), "FROM:<" OMITTED "> SIZE=10 BODY=8BITMIME"},
	{ENVELOPE, VERB_MAIL, TEXT(""), TEXT("FROM:<> RET=HDRS"), "FROM:<> RET=HDRS"},
	{ENVELOPE, VERB_MAIL, TEXT("a"), TEXT("FROM:<a>"), "FROM:<" OMITTED ">"},
	{ENVELOPE, VERB_MAIL, TEXT("a@example.org"), TEXT("FROM:a@example.org"), "FROM:" OMITTED},
	{ENVELOPE, VERB_MAIL, TEXT("bob"), TEXT("FROM:bob SIZE=1"), "FROM:" OMITTED " SIZE=1"},
	{ENVELOPE, VERB_MAIL, TEXT("\"a b\"@example.org"), TEXT("FROM:<\"a b\"@example.org>"), "FROM:<" OMITTED ">"},
	{ENVELOPE, VERB_MAIL, TEXT("a@example.org"), TEXT("FROM:<a@example.org> AUTH=a@example.org ENVID=QQ1"),
		"FROM:<" OMITTED "> AUTH=" OMITTED " ENVID=" OMITTED},
	{ENVELOPE, VERB_MAIL, TEXT("a@example.org"), TEXT("FROM:<a@example.org> AUTH=<>"), "FROM:<" OMITTED "> AUTH=<>"},
	{ENVELOPE, VERB_RCPT, TEXT("b@example.org"), TEXT("TO:<b@example.org> ORCPT=rfc822;c+2Bd@example.org NOTIFY=NEVER"),
		"TO:<" OMITTED "> ORCPT=rfc822;" OMITTED " NOTIFY=NEVER"},
	{ENVELOPE, VERB_RCPT, TEXT("b@example.org"), TEXT("TO:<@relay.example.net:b@example.org>"), "TO:<" OMITTED ">"},
	{ENVELOPE, VERB_RCPT, TEXT("b@[192.0.2.1]"), TEXT("TO:<b@[192.0.2.1]>"), "TO:<" OMITTED ">"},
	{ENVELOPE, VERB_RCPT, TEXT("gr\xc3\xbcn@example.org"), TEXT("TO:<gr\xc3\xbcn@example.org>"), "TO:<" OMITTED ">"},
	{ENVELOPE, VERB_RCPT, TEXT("b"), TEXT("TO:<b never closed"), "TO:<" OMITTED},
	{ENVELOPE, VERB_VRFY, TEXT(""), TEXT("Bob Smith"), OMITTED},
	{ENVELOPE, VERB_EXPN, TEXT(""), TEXT("staff"), OMITTED},
	{ENVELOPE, VERB_EHLO, TEXT(""), TEXT("client.example.com"), "client.example.com"},
	{ENVELOPE, VERB_AUTH, TEXT(""), TEXT("LOGIN"), "LOGIN"},
	{ENVELOPE, VERB_BDAT, TEXT(""), TEXT("700 LAST"), "700 LAST"},
	{USERS, VERB_MAIL, TEXT("a@example.org"), TEXT("FROM:<a@example.org> AUTH=a@example.org"), "FROM:<a@example.org> AUTH=" OMITTED},
	{USERS, VERB_MAIL, TEXT("a@example.org"), TEXT("FROM:<a@example.org> auth=<>  SIZE=1"), "FROM:<a@example.org> auth=<>  SIZE=1"},
	{USERS, VERB_RCPT, TEXT("b@example.org"), TEXT("TO:<b@example.org> ORCPT=rfc822;b@example.org"),
		"TO:<b@example.org> ORCPT=rfc822;b@example.org"},
	{USERS, VERB_VRFY, TEXT(""), TEXT("bob"), "bob"},
	{BOTH, VERB_MAIL, TEXT("a@example.org"), TEXT("FROM:<a@example.org> AUTH=alice"), "FROM:<" OMITTED "> AUTH=" OMITTED},
};

/* The user is alice; the mail is from bob@example.org to carol.x@example.com. */
static const struct row replies[] = {
	{ENVELOPE, VERB_RCPT, TEXT(""), TEXT("<carol.x@example.com>: Recipient address rejected"), "<" OMITTED ">: Recipient address rejected"},
	{ENVELOPE, VERB_RCPT, TEXT(""), TEXT("CAROL.X@EXAMPLE.COM... no such user"), OMITTED "... no such user"},
	{ENVELOPE, VERB_RCPT, TEXT(""), TEXT("no mailbox carol.x here"), "no mailbox " OMITTED " here"},
	{ENVELOPE, VERB_RCPT, TEXT(""), TEXT("no mailbox carol.xy, caroll.x or xcarol.x"), "no mailbox carol.xy, caroll.x or xcarol.x"},
	{ENVELOPE, VERB_RCPT, TEXT(""), TEXT("ask other@example.net, or \"the other\"@example.net."), "ask " OMITTED ", or " OMITTED "."},
	{ENVELOPE, VERB_RCPT, TEXT(""), TEXT("bob, you may not"), OMITTED ", you may not"},
	{ENVELOPE, VERB_RCPT, TEXT(""), TEXT("at 5 @ home @"), "at 5 @ home @"},
	{ENVELOPE, VERB_RCPT, TEXT(""), TEXT("alice is known"), "alice is known"},
	{ENVELOPE, VERB_RCPT, TEXT(""), TEXT("hash:0123456789abcdef stays"), "hash:0123456789abcdef stays"},
	{ENVELOPE, VERB_VRFY, TEXT(""), TEXT("Carol X <carol.x@example.com>"), OMITTED},
	{USERS, VERB_RCPT, TEXT(""), TEXT("alice, not carol.x@example.com"), OMITTED ", not carol.x@example.com"},
	{USERS, VERB_RCPT, TEXT(""), TEXT("Alice! malice"), OMITTED "! malice"},
	{BOTH, VERB_RCPT, TEXT(""), TEXT("alice, not carol.x@example.com"), OMITTED ", not " OMITTED},
	{BOTH, VERB_RCPT, TEXT(""), TEXT(""), ""},
};

static struct privacy *create(enum what what, enum writer_users users, struct slice key) {
	const struct privacy_options options = {
		.users = what != ENVELOPE ? users : WRITER_USERS_KEEP, .user_key = key, .no_envelope = what != USERS};
	struct privacy *privacy = privacy_create(&options);
	assert_non_null(privacy);
	return privacy;
}

/* In a block of exactly its size, so that one byte too far is found. */
static struct slice exact(struct slice text) {
	char *copy = malloc(text.len + (text.len == 0));
	memcpy(copy, text.data, text.len);
	return (struct slice){copy, text.len};
}

static void check(const struct row *row, struct slice got) {
	if (got.len != strlen(row->expected) || memcmp(got.data, row->expected, got.len) != 0)
		fail_msg("%s: \"%.*s\", expected \"%s\"", row->argument.data, (int)got.len, got.data, row->expected);
}

static void test_commands(void **state) {
	(void)state;
	struct record record;
	record_init(&record);
	for (const struct row *row = commands; row < commands + sizeof(commands) / sizeof(commands[0]); row++) {
		struct privacy *privacy = create(row->what, WRITER_USERS_OMIT, (struct slice){NULL, 0});
		struct slice argument = exact(row->argument), path = exact(row->path);
		struct record_timeline_entry entry = {.kind = RECORD_COMMAND, .command = {.verb = row->verb, .argument = argument, .path = path}};
		privacy_hide_entry(privacy, &record, &entry);
		check(row, entry.command.argument);
		free((char *)(uintptr_t)argument.data);
		free((char *)(uintptr_t)path.data);
		privacy_destroy(privacy);
	}
	record_finish(&record);
}

static void test_replies(void **state) {
	(void)state;
	struct record record;
	struct record_recipient recipient = {.number = 1, .to = TEXT("carol.x@example.com")};
	struct record_mail mail = {.number = 1, .seen = true, .from = TEXT("bob@example.org"), .recipients = &recipient};
	struct record_attempt attempt = {.username = TEXT("alice"), .has_username = true};
	record_init(&record);
	record.mails = &mail;
	record.attempts = &attempt;
	for (const struct row *row = replies; row < replies + sizeof(replies) / sizeof(replies[0]); row++) {
		struct privacy *privacy = create(row->what, WRITER_USERS_OMIT, (struct slice){NULL, 0});
		struct slice line = exact(row->argument);
		struct record_timeline_entry entry = {.kind = RECORD_REPLY,
			.reply = {.answers = EVENT_ANSWERS_COMMAND, .verb = row->verb, .mail = 1, .recipient = 1, .lines = &line, .line_count = 1}};
		privacy_hide_entry(privacy, &record, &entry);
		assert_int_equal(entry.reply.line_count, 1);
		check(row, entry.reply.lines[0]);
		free((char *)(uintptr_t)line.data);
		privacy_destroy(privacy);
	}
	record_finish(&record);
}

/* In each place the same name has the same hash, and hiding again changes nothing. */
static void test_hash(void **state) {
	(void)state;
	struct privacy *privacy = create(BOTH, WRITER_USERS_HASH, (struct slice)TEXT("a key of sixteen bytes"));
	struct record record;
	record_init(&record);
	struct record_timeline_entry entry = {.kind = RECORD_COMMAND,
		.command = {.verb = VERB_MAIL, .argument = TEXT("FROM:<a+b@example.org> AUTH=a+2Bb@example.org"), .path = TEXT("a+b@example.org")}};
	privacy_hide_entry(privacy, &record, &entry);
	char once[128];
	struct slice argument = entry.command.argument;
	assert_true(argument.len < sizeof(once) && argument.len == strlen("FROM:<> AUTH=") + 42);
	memcpy(once, argument.data, argument.len);
	assert_memory_equal(once + 6, once + argument.len - 21, 21);
	entry.command.argument = (struct slice){once, argument.len};
	privacy_hide_entry(privacy, &record, &entry);
	assert_int_equal(entry.command.argument.len, argument.len);
	assert_memory_equal(entry.command.argument.data, once, argument.len);
	record_finish(&record);
	privacy_destroy(privacy);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_commands),
		cmocka_unit_test(test_replies),
		cmocka_unit_test(test_hash),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
