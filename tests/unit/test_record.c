/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * report/record.c and report/arena.c: what a record says of a session, and what it must not say.
 */
#include "event_script.h"

static size_t checks;

#define CHECK(condition) (checks++, assert_true(condition))

static const char *const auth_names[] = {
	[RECORD_AUTH_UNKNOWN] = "unknown",
	[RECORD_AUTH_ACCEPTED] = "accepted",
	[RECORD_AUTH_REJECTED] = "rejected",
	[RECORD_AUTH_NOT_ATTEMPTED] = "not-attempted",
	[RECORD_AUTH_NOT_OFFERED] = "not-offered",
	[RECORD_AUTH_UNUSED] = "unused",
};

static const char *const result_names[] = {
	[RECORD_RESULT_UNKNOWN] = "unknown",
	[RECORD_RESULT_DELIVERED] = "delivered",
	[RECORD_RESULT_REFUSED] = "refused",
	[RECORD_RESULT_NO_MAIL] = "no-mail",
	[RECORD_RESULT_NOT_ESTABLISHED] = "not-established",
	[RECORD_RESULT_ENCRYPTED] = "encrypted",
};

/* One character an entry. */
static const char timeline_letters[] = {
	[RECORD_CONNECT] = 'C',
	[RECORD_GREETING] = 'g',
	[RECORD_COMMAND] = 'c',
	[RECORD_REPLY] = 'r',
	[RECORD_AUTH] = 'a',
	[RECORD_TLS] = 't',
	[RECORD_BODY] = 'b',
	[RECORD_GAP] = 'G',
	[RECORD_ANOMALY] = '!',
	[RECORD_FAILED] = 'F',
	[RECORD_CLOSE] = 'X',
};

#define OFFER "greet 220; ehlo 250 SIZE 100|AUTH PLAIN LOGIN; "
#define NO_OFFER "greet 220; ehlo 250 SIZE 100|PIPELINING; "
#define BYE "quit 221; close fin"
#define SENT(authenticated)                                                                                                 \
	"mail " authenticated " 250 a@example.org; rcpt 250 b@example.net; data 354; body 250; end accepted; "

/* name, script, auth, result, offered, timeline */
static const struct row {
	const char *name, *script, *auth, *result, *offered, *timeline;
} rows[] = {
	{"authenticated mail", OFFER "auth PLAIN accepted 235; " SENT("yes") BYE, "accepted", "delivered", "PLAIN LOGIN",
		"CgcrcarcrcrcrbrcrX"},
	{"accepted after a rejection", OFFER "auth PLAIN rejected 535; auth LOGIN accepted 235; " BYE, "accepted", "no-mail",
		"PLAIN LOGIN", "CgcrcarcarcrX"},
	{"accepted although another is unknown", OFFER "auth PLAIN accepted 235; auth PLAIN no-end 0; " BYE, "accepted",
		"no-mail", "PLAIN LOGIN", NULL},
	{"rejected", OFFER "auth PLAIN rejected 535; " BYE, "rejected", "refused", "PLAIN LOGIN", "CgcrcarcrX"},
	{"rejected, then cancelled", OFFER "auth PLAIN rejected 535; auth LOGIN cancelled 501; " BYE, "rejected", "refused",
		"PLAIN LOGIN", NULL},
	{"rejected, then mail without", OFFER "auth PLAIN rejected 535; " SENT("no") BYE, "rejected", "delivered",
		"PLAIN LOGIN", NULL},
	{"rejected, then who knows", OFFER "auth PLAIN rejected 535; auth PLAIN no-end 0; " BYE, "unknown", "refused",
		"PLAIN LOGIN", NULL},
	{"rejected, then hidden", OFFER "auth PLAIN rejected 535; starttls 220; tls; close fin", "unknown", "encrypted",
		"PLAIN LOGIN", "CgcrcarcrtttX"},
	{"rejected, then a gap may hide an acceptance", OFFER "auth PLAIN rejected 535; gap client 40; " SENT("unknown") BYE,
		"unknown", "delivered", "PLAIN LOGIN", NULL},
	{"rejected, then a gap may hide another attempt", OFFER "auth PLAIN rejected 535; gap server 40; " BYE, "unknown",
		"unknown", "PLAIN LOGIN", NULL},
	{"a gap, then rejected", OFFER "gap server 40; auth PLAIN rejected 535; " BYE, "rejected", "unknown", "PLAIN LOGIN", NULL},
	{"outcome unknown", OFFER "auth PLAIN unknown 0; " BYE, "unknown", "no-mail", "PLAIN LOGIN", NULL},
	{"all cancelled", OFFER "auth PLAIN cancelled 501; " BYE, "unknown", "no-mail", "PLAIN LOGIN", NULL},
	{"all cancelled, then mail without", OFFER "auth PLAIN cancelled 501; " SENT("no") BYE, "not-attempted", "delivered",
		"PLAIN LOGIN", NULL},
	{"an exchange joined in the middle", "midstream; orphan-auth accepted; " BYE, "accepted", "unknown", "", "crX"},
	{"rejected without an offer", NO_OFFER "auth PLAIN rejected 503; " BYE, "rejected", "refused", "", NULL},

	{"mail without auth", OFFER SENT("no") BYE, "not-attempted", "delivered", "PLAIN LOGIN", "CgcrcrcrcrbrcrX"},
	{"mail without auth, refused", OFFER "mail no 530; end rejected; " BYE, "not-attempted", "refused", "PLAIN LOGIN",
		"CgcrcrcrX"},
	{"mail without auth as far as one knows", OFFER SENT("unknown") BYE, "unknown", "delivered", "PLAIN LOGIN", NULL},
	{"one mail without, one unknown", OFFER SENT("no") SENT("unknown") BYE, "unknown", "delivered", "PLAIN LOGIN", NULL},
	{"authenticated where it was not seen", "midstream; " SENT("yes") BYE, "accepted", "delivered", "", NULL},

	{"not offered", NO_OFFER SENT("no") BYE, "not-offered", "delivered", "", NULL},
	{"not offered, no mail", NO_OFFER BYE, "not-offered", "no-mail", "", NULL},
	{"no extensions at all", "greet 220; ehlo 250; " BYE, "not-offered", "no-mail", "", NULL},
	{"only HELO", "greet 220; helo 250; " SENT("no") BYE, "not-offered", "delivered", "", NULL},
	{"EHLO refused, then HELO", "greet 220; ehlo 502; helo 250; " SENT("no") BYE, "not-offered", "delivered", "", NULL},
	{"EHLO not answered, then HELO", "greet 220; ehlo 0; helo 250; " SENT("no") BYE, "unknown", "delivered", "", NULL},
	{"only HELO, and a gap", "greet 220; gap client 20; helo 250; " SENT("no") BYE, "unknown", "delivered", "", NULL},
	{"only HELO, joined in the middle", "midstream; helo 250; " BYE, "unknown", "unknown", "", NULL},
	{"list with a hole", "greet 220; ehlo-cut 250 SIZE 100; " BYE, "unknown", "no-mail", "", NULL},
	{"list with a hole and AUTH", "greet 220; ehlo-cut 250 AUTH PLAIN; " BYE, "unused", "no-mail", "PLAIN", NULL},
	{"not offered in clear, TLS afterwards", NO_OFFER "starttls 220; tls; close fin", "unknown", "encrypted", "", NULL},
	{"no AUTH word", "greet 220; ehlo 250 AUTHX PLAIN|XAUTH LOGIN|AUTH|AUTH ; " BYE, "not-offered", "no-mail", "", NULL},
	{"no greeting, no HELO", "greet 220; " BYE, "unknown", "no-mail", "", "CgcrX"},

	{"unused", OFFER BYE, "unused", "no-mail", "PLAIN LOGIN", "CgcrcrX"},
	{"unused, closed without QUIT", OFFER "close fin", "unused", "no-mail", "PLAIN LOGIN", NULL},
	{"unused until the capture ended", OFFER "close capture-ended", "unknown", "unknown", "PLAIN LOGIN", NULL},
	{"unused until it was evicted", OFFER "close evicted", "unknown", "unknown", "PLAIN LOGIN", NULL},
	{"unused, QUIT, and then the capture ended", OFFER "quit 221; close capture-ended", "unused", "no-mail",
		"PLAIN LOGIN", NULL},
	{"unused as far as the gap lets one see", OFFER "gap client 100; " BYE, "unknown", "unknown", "PLAIN LOGIN",
		"CgcrGcrX"},
	{"unused as far as one side tells", OFFER "quit 221; close fin one-sided", "unknown", "unknown", "PLAIN LOGIN",
		NULL},
	{"unused from the middle on", "midstream; ehlo 250 AUTH PLAIN; " BYE, "unknown", "unknown", "PLAIN", "crcrX"},
	{"a reply to nobody knows what", OFFER "reply 250; " BYE, "unknown", "unknown", "PLAIN LOGIN", NULL},

	{"offered in both ways, and twice", "greet 220; ehlo 250 AUTH=LOGIN|auth plain Login CRAM-MD5|AUTH =NTLM; " BYE,
		"unused", "no-mail", "LOGIN PLAIN CRAM-MD5 NTLM", NULL},
	{"the last list counts", OFFER "ehlo 250 AUTH CRAM-MD5; " BYE, "unused", "no-mail", "CRAM-MD5", NULL},
	{"the list under TLS counts", NO_OFFER "starttls 220; tls decrypted; tls-ehlo 250 AUTH PLAIN; " SENT("no") BYE,
		"not-attempted", "delivered", "PLAIN", NULL},

	{"STARTTLS", OFFER "starttls 220; tls; close fin", "unknown", "encrypted", "PLAIN LOGIN", "CgcrcrtttX"},
	{"implicit TLS", "tls implicit; close fin", "unknown", "encrypted", "", "CtttX"},
	{"mail in clear, then TLS", OFFER SENT("no") "starttls 220; tls; close fin", "not-attempted", "delivered",
		"PLAIN LOGIN", NULL},
	{"STARTTLS refused", OFFER "starttls 454; " BYE, "unused", "refused", "PLAIN LOGIN", NULL},
	{"STARTTLS refused, mail all the same", OFFER "starttls 454; " SENT("no") BYE, "not-attempted", "delivered",
		"PLAIN LOGIN", NULL},

	{"greeting refused", "greet 554 no; " BYE, "unknown", "refused", "", NULL},
	{"greeting refused, one side only", "greet 554 no; close fin one-sided", "unknown", "refused", "", NULL},
	{"hello refused", "greet 220; ehlo 550; " BYE, "unknown", "refused", "", NULL},
	{"hello refused, then accepted", "greet 220; ehlo 502; helo 250; " BYE, "not-offered", "no-mail", "", NULL},
	{"busy", NO_OFFER "busy; close fin", "not-offered", "refused", "", "CgcrrX"},
	{"recipient refused, mail given up", NO_OFFER "mail no 250; rcpt 550; end aborted; " BYE, "not-offered", "refused",
		"", NULL},
	{"recipient refused, end not seen", NO_OFFER "mail no 250; rcpt 550; close capture-ended", "not-offered", "refused",
		"", NULL},
	{"one recipient refused, mail given up", NO_OFFER "mail no 250; rcpt 250; rcpt 550; end aborted; " BYE,
		"not-offered", "unknown", "", NULL},
	{"one recipient refused, mail accepted",
		NO_OFFER "mail no 250; rcpt 250; rcpt 550; data 354; body 250; end accepted; " BYE, "not-offered",
		"delivered", "", NULL},
	{"DATA refused", NO_OFFER "mail no 250; rcpt 250; data 554; end rejected; " BYE, "not-offered", "refused", "", NULL},
	{"body refused", NO_OFFER "mail no 250; rcpt 250; data 354; body 554; end rejected; " BYE, "not-offered", "refused",
		"", NULL},
	{"body refused, another mail accepted",
		NO_OFFER "mail no 250; rcpt 250; data 354; body 554; end rejected; " SENT("no") BYE, "not-offered",
		"delivered", "", NULL},
	{"body refused, another mail unknown",
		NO_OFFER "mail no 250; rcpt 250; data 354; body 554; end rejected; mail no 250; "
			 "rcpt 250; data 354; end unknown; close capture-ended",
		"not-offered", "unknown", "", NULL},
	{"refused, but the start was not seen", "midstream; mail unknown 530; end rejected; " BYE, "unknown", "unknown", "",
		NULL},
	{"refused, but server bytes are missing", NO_OFFER "gap server 30; mail no 530; end rejected; " BYE, "not-offered",
		"unknown", "", NULL},
	{"refused, and only client bytes are missing", NO_OFFER "gap client 30; mail no 530; end rejected; " BYE,
		"not-offered", "refused", "", NULL},
	{"mail given up by the client", NO_OFFER "mail no 250; end aborted; " BYE, "not-offered", "unknown", "", NULL},
	{"MAIL in a gap", NO_OFFER "gap client 30; lost-mail; rcpt 250; data 354; body 250; end accepted; " BYE,
		"not-offered", "delivered", "", "CgcrGcrcrbrcrX"},
	{"LMTP, one recipient refused after the body",
		"greet 220; lhlo 250 SIZE; mail no 250; rcpt 250; rcpt 250; data 354; "
		"body 250 1; body 550 2; end accepted; " BYE,
		"not-offered", "delivered", "", NULL},

	{"refused connection", "close refused", "unknown", "not-established", "", "F"},
	{"unanswered connection", "close unanswered", "unknown", "not-established", "", "F"},
	{"unreachable", "close unreachable", "unknown", "not-established", "", "F"},
	{"a gap of both sides may hide AUTH that was not offered", NO_OFFER "gap client 30; gap server 30; " BYE, "unknown", "unknown", "",
		NULL},
	{"a gap of each side, and commands between", NO_OFFER "gap client 30; noop 250; gap server 30; " SENT("unknown") BYE, "unknown",
		"delivered", "", NULL},
	{"refused, after a mail of which MAIL was not seen", NO_OFFER "gap client 30; body 250; mail unknown 421; end rejected; " BYE, "unknown",
		"delivered", "", NULL},
	{"closed at once", "close reset-by-client", "unknown", "no-mail", "", "CX"},
	{"anomaly and lost reply", "anomaly 1 0; noop 0; lost; " BYE, "unknown", "no-mail", "", "C!crcrX"},
};

static void join(char *text, size_t size, const struct slice *words, size_t count) {
	size_t len = 0;
	text[0] = '\0';
	for (size_t i = 0; i < count; i++)
		len += (size_t)snprintf(
			text + len, size - len, "%s%.*s", i > 0 ? " " : "", (int)words[i].len, words[i].data);
}

static void check_row(const struct row *row, struct record *record) {
	char offered[256], timeline[256];
	join(offered, sizeof(offered), record->offered, record->offered_count);
	for (size_t i = 0; i < record->timeline_count; i++)
		timeline[i] = timeline_letters[record->timeline[i].kind];
	timeline[record->timeline_count] = '\0';
	const char *expected_timeline = row->timeline != NULL ? row->timeline : timeline;
	const struct {
		const char *what, *got, *expected;
	} facts[] = {
		{"auth", auth_names[record->auth], row->auth},
		{"result", result_names[record->result], row->result},
		{"offered", offered, row->offered},
		{"timeline", timeline, expected_timeline},
	};
	for (size_t i = 0; i < sizeof(facts) / sizeof(facts[0]); i++)
		if (strcmp(facts[i].got, facts[i].expected) != 0)
			print_error(
				"%s: %s is %s, expected %s\n", row->name, facts[i].what, facts[i].got, facts[i].expected);
	for (size_t i = 0; i < sizeof(facts) / sizeof(facts[0]); i++)
		CHECK(strcmp(facts[i].got, facts[i].expected) == 0);
	CHECK(record->timeline_count > 0);
	CHECK(strlen(record->id) == 20);
	CHECK(strlen(record->community_id) == 30);
}

/* Every row in a new record, and again in one that has seen all the rows before. */
static void test_verdicts(void **state) {
	(void)state;
	struct record used;
	record_init(&used);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct record record;
		record_init(&record);
		struct script script = script_start(&record);
		script_run(&script, rows[i].script);
		check_row(&rows[i], &record);

		record_reset(&used);
		script = script_start(&used);
		script_run(&script, rows[i].script);
		check_row(&rows[i], &used);
		CHECK(strcmp(used.id, record.id) == 0);
		CHECK(used.timeline_count == record.timeline_count);
		record_finish(&record);
	}
	record_finish(&used);
}

static bool is(struct slice text, const char *expected) {
	return text.len == strlen(expected) && (text.len == 0 || memcmp(text.data, expected, text.len) == 0);
}

static void test_details(void **state) {
	(void)state;
	struct record record;
	record_init(&record);
	struct script script = script_start(&record);
	script_run(&script,
		OFFER "auth PLAIN accepted 235; mail yes 250 a@example.org; rcpt 250 b@example.net; rcpt 550 c@example.net; "
		      "data 354; body 250; end accepted; mail yes 250; lost-mail; rcpt 250 d@example.net; " BYE);
	CHECK(record.established);
	CHECK(record.protocol == EVENT_PROTOCOL_ESMTP);
	CHECK(is(record.client_name, "client.example.net"));
	CHECK(is(record.server_name, "mail.example.org"));
	CHECK(is(record.banner, "mail.example.org ESMTP Postfix"));
	CHECK(record.greeting.seen && record.greeting.code == 220);
	CHECK(record.clear.seen && !record.clear.incomplete && record.clear.line_count == 2);
	CHECK(!record.tls_capabilities.seen && !record.tls_seen);

	CHECK(record.attempt_count == 1 && record.attempts_kept == 1);
	CHECK(is(record.attempts->mechanism, "PLAIN"));
	CHECK(record.attempts->has_username && is(record.attempts->username, "alice"));
	CHECK(record.attempts->result == EVENT_AUTH_ACCEPTED);
	CHECK(record.attempts->reply.seen && record.attempts->reply.code == 235);

	CHECK(record.mail_count == 3 && record.mails_kept == 3);
	const struct record_mail *mail = record.mails;
	CHECK(mail->seen && is(mail->from, "a@example.org"));
	CHECK(mail->authenticated == EVENT_AUTHENTICATED_YES);
	CHECK(mail->parameter_count == 3 && is(mail->parameters[0].keyword, "SIZE") &&
		is(mail->parameters[0].value, "1234"));
	CHECK(mail->parameters[1].keyword.len == 8 && !mail->parameters[1].has_value);
	CHECK(mail->reply.code == 250 && mail->data_reply.code == 354 && mail->body_reply.code == 250);
	CHECK(mail->has_body && mail->body.bytes == 1234 && mail->result == EVENT_MAIL_ACCEPTED);
	CHECK(mail->recipient_count == 2 && mail->recipients_accepted == 1 && mail->recipients_refused == 1);
	CHECK(is(mail->recipients->to, "b@example.net") && mail->recipients->reply.code == 250);
	CHECK(is(mail->recipients->next->to, "c@example.net") && mail->recipients->next->reply.code == 550);
	mail = mail->next;
	CHECK(mail->seen && mail->from.len == 0);
	mail = mail->next;
	CHECK(!mail->seen && mail->recipient_count == 1 && mail->next == NULL);

	const struct record_timeline_entry *first = &record.timeline[0], *last = &record.timeline[record.timeline_count - 1];
	CHECK(first->kind == RECORD_CONNECT && first->from == RECORD_FROM_CLIENT && first->handshake_ns == 1200000);
	CHECK(first->at.frame == 1 && first->at.time_ns == SCRIPT_START_NS);
	CHECK(last->kind == RECORD_CLOSE && last->from == RECORD_FROM_NETWORK);
	CHECK(is(record.timeline[2].command.name, "EHLO") && is(record.timeline[2].command.argument, "client.example.net"));
	CHECK(record.timeline[3].reply.line_count == 1 && is(record.timeline[3].reply.verb_name, "EHLO"));

	/* A pipelined group: the replies come after all commands. */
	record_reset(&record);
	script = script_start(&record);
	script_run(&script, "mail no 0; rcpt 0; rcpt 0; rcpt 0");
	static const uint16_t codes[] = {250, 550, 250};
	for (uint32_t i = 0; i < 3; i++)
		script_event(&script, (struct event){.kind = EVENT_REPLY,
					      .from = STREAM_SERVER,
					      .reply = {.code = codes[i],
						      .answers = EVENT_ANSWERS_COMMAND,
						      .verb = VERB_RCPT,
						      .mail = 1,
						      .recipient = i + 1}});
	script_run(&script, "close fin");
	CHECK(record.mails->recipients->reply.code == 250);
	CHECK(record.mails->recipients->next->reply.code == 550);
	CHECK(record.mails->recipients->next->next->reply.code == 250);
	CHECK(record.mails->recipients_accepted == 2 && record.mails->recipients_refused == 1);

	/* A challenge is no answer to the attempt. */
	record_reset(&record);
	script = script_start(&record);
	script_run(&script, "auth LOGIN no-end 334; close fin");
	CHECK(!record.attempts->reply.seen && record.attempts->result == EVENT_AUTH_UNKNOWN);

	record_reset(&record);
	script = script_start(&record);
	script_run(&script, "close unreachable");
	CHECK(!record.established && record.close.icmp != NULL && strcmp(record.close.icmp, "admin-prohibited") == 0);
	CHECK(record.timeline[0].from == RECORD_FROM_NETWORK);

	record_reset(&record);
	script = script_start(&record);
	script_run(&script,
		"greet 220; lhlo 250 SIZE; mail no 250; rcpt 250; rcpt 250; data 354; body 250 1; body 550 2; end accepted; "
		"close fin");
	CHECK(record.mails->recipients->body_reply.code == 250);
	CHECK(record.mails->recipients->next->body_reply.code == 550);
	record_finish(&record);
}

static void test_greeting_names(void **state) {
	(void)state;
	static const struct {
		const char *greeting, *name;
	} greetings[] = {
		{"mail.example.org ESMTP Postfix", "mail.example.org"},
		{"mail.example.org", "mail.example.org"},
		{"localhost ESMTP", "localhost"},
		{"localhost esmtp ready", "localhost"},
		{"localhost ESMTPD", ""},
		{"[192.0.2.1] ready", "[192.0.2.1]"},
		{"ESMTP ready", ""},
		{"Welcome to mail.example.org", ""},
		{"<mail.example.org> ESMTP", ""},
		{"mail.example.org, ESMTP", ""},
		{". ready", ""},
		{"ready", ""},
	};
	for (size_t i = 0; i < sizeof(greetings) / sizeof(greetings[0]); i++) {
		struct record record;
		char text[128];
		record_init(&record);
		struct script script = script_start(&record);
		snprintf(text, sizeof(text), "greet 220 %s; close fin", greetings[i].greeting);
		script_run(&script, text);
		if (!is(record.server_name, greetings[i].name))
			print_error("%s: got %.*s\n", greetings[i].greeting, (int)record.server_name.len,
				record.server_name.data);
		CHECK(is(record.server_name, greetings[i].name));
		record_finish(&record);
	}
}

/* What is over a limit is counted, and what it says of the verdict is not lost. */
static void test_limits(void **state) {
	(void)state;
	enum { MAILS = RECORD_MAILS_MAX + 10, RECIPIENTS = RECORD_RECIPIENTS_MAX + 5, ATTEMPTS = RECORD_ATTEMPTS_MAX + 3 };
	struct record record;
	record_init(&record);
	struct script script = script_start(&record);
	script_run(&script, "greet 220");
	for (size_t i = 0; i < MAILS; i++)
		script_run(&script, i + 1 < MAILS ? "mail no 530; end rejected"
						  : "mail no 250; rcpt 250; data 354; body 250; end accepted");
	script_run(&script, BYE);
	CHECK(record.mail_count == MAILS && record.mails_kept == RECORD_MAILS_MAX);
	CHECK(record.result == RECORD_RESULT_DELIVERED);

	record_reset(&record);
	script = script_start(&record);
	script_run(&script, "greet 220");
	for (size_t i = 0; i < MAILS; i++)
		script_run(&script, "mail no 530; end rejected");
	script_run(&script, BYE);
	CHECK(record.result == RECORD_RESULT_REFUSED);

	record_reset(&record);
	script = script_start(&record);
	script_run(&script, "mail no 250");
	for (size_t i = 0; i < RECIPIENTS; i++)
		script_run(&script, "rcpt 250 b@example.net");
	script_run(&script, BYE);
	CHECK(record.recipient_count == RECIPIENTS && record.recipients_kept == RECORD_RECIPIENTS_MAX);
	CHECK(record.mails->recipient_count == RECIPIENTS && record.mails->recipients_kept == RECORD_RECIPIENTS_MAX);
	CHECK(record.timeline_count == RECORD_TIMELINE_MAX);
	CHECK(record.timeline[record.timeline_count - 1].kind == RECORD_CLOSE);
	/* connect, MAIL, RCPTs and QUIT with their replies, close */
	CHECK(record.timeline_count + record.timeline_truncated == 1 + 2 + 2 * RECIPIENTS + 2 + 1);

	record_reset(&record);
	script = script_start(&record);
	script_run(&script, OFFER);
	for (size_t i = 0; i < ATTEMPTS; i++)
		script_run(&script, i + 1 < ATTEMPTS ? "auth PLAIN rejected 535" : "auth PLAIN accepted 235");
	script_run(&script, BYE);
	CHECK(record.attempt_count == ATTEMPTS && record.attempts_kept == RECORD_ATTEMPTS_MAX);
	CHECK(record.auth == RECORD_AUTH_ACCEPTED);

	/* AUTH behind the limit of the list: nobody may say that it was not offered. */
	char list[8192] = "greet 220; ehlo 250 ";
	for (size_t i = 0; i < RECORD_CAPABILITIES_MAX; i++)
		strcat(list, "XEXTENSION|");
	strcat(list, "AUTH PLAIN; " BYE);
	record_reset(&record);
	script = script_start(&record);
	script_run(&script, list);
	CHECK(record.clear.line_count == RECORD_CAPABILITIES_MAX && record.clear.incomplete);
	CHECK(record.capabilities_truncated == 1);
	CHECK(record.auth == RECORD_AUTH_UNKNOWN);
	record_finish(&record);
}

/* A peer that sends long lines for ever does not fill the memory. */
static void test_bytes(void **state) {
	(void)state;
	enum { LINE = 64 * 1024, ROUNDS = 1000 };
	struct record record;
	record_init(&record);
	struct script script = script_start(&record);
	char *text = malloc(LINE);
	assert_non_null(text);
	memset(text, 'x', LINE);
	const struct slice line = {text, LINE};
	script_run(&script, "greet 220; mail no 250");
	for (size_t i = 0; i < ROUNDS; i++) {
		script_event(&script, (struct event){.kind = EVENT_COMMAND,
					      .from = STREAM_CLIENT,
					      .command = {.id = 10,
						      .verb = VERB_RCPT,
						      .name = {"RCPT", 4},
						      .argument = line,
						      .path = line,
						      .mail = 1,
						      .recipient = (uint32_t)i + 1}});
		script_event(&script, (struct event){.kind = EVENT_REPLY,
					      .from = STREAM_SERVER,
					      .reply = {.code = 250,
						      .lines = &line,
						      .line_count = 1,
						      .answers = EVENT_ANSWERS_COMMAND,
						      .verb = VERB_RCPT,
						      .mail = 1,
						      .recipient = (uint32_t)i + 1}});
		script_event(&script, (struct event){.kind = EVENT_CAPABILITIES,
					      .from = STREAM_SERVER,
					      .capabilities = {.lines = &line, .line_count = 1, .tls = i % 2 == 0}});
		script_event(&script, (struct event){.kind = EVENT_AUTH,
					      .from = STREAM_CLIENT,
					      .auth = {.command = 5,
						      .mechanism = {text, LINE - i},
						      .username = {text, LINE - i},
						      .has_username = true}});
	}
	script_run(&script, "close fin");
	CHECK(record.arena.taken < RECORD_BYTES_MAX + 1024 * 1024);
	CHECK(record.timeline_count + record.timeline_truncated == 1 + 1 + 2 + 3 * ROUNDS + 1);
	CHECK(record.timeline_truncated > 0);
	CHECK(record.timeline[record.timeline_count - 1].kind == RECORD_CLOSE);
	free(text);
	record_finish(&record);
}

static void test_arena(void **state) {
	(void)state;
	struct arena arena = {0};
	CHECK(arena_copy(&arena, "x", 0) == NULL);
	for (size_t round = 0; round < 3; round++) {
		for (size_t size = 1; size < 300000; size = size * 2 + 1) {
			char *text = arena_copy(&arena, "abc", 3);
			unsigned char *memory = arena_alloc(&arena, size);
			CHECK((uintptr_t)memory % _Alignof(max_align_t) == 0);
			bool zero = true;
			for (size_t i = 0; i < size; i++)
				zero = zero && memory[i] == 0;
			CHECK(zero);
			memset(memory, 0xff, size);
			CHECK(memcmp(text, "abc", 3) == 0);
		}
		arena_reset(&arena);
		CHECK(arena.taken == 0);
	}
	arena_finish(&arena);
	CHECK(arena.first == NULL);
	arena_reset(&arena);
	arena_finish(&arena);
}

/* Checks that do not run prove nothing. */
static void test_all_ran(void **state) {
	(void)state;
	assert_int_equal(checks, 1483);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_verdicts),
		cmocka_unit_test(test_details),
		cmocka_unit_test(test_greeting_names),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_arena),
		cmocka_unit_test(test_all_ran),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
