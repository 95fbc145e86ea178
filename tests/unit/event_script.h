/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Sessions for the tests of report/, written as text: "greet 220; ehlo 250 AUTH PLAIN|SIZE; mail no 530; end rejected; close
 * fin". A step is what the decoder would report for a command and its reply together; reply code 0 is a reply that was not
 * seen.
 */
#ifndef SMTPSCOPE_TESTS_EVENT_SCRIPT_H
#define SMTPSCOPE_TESTS_EVENT_SCRIPT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/record.h"

enum {
	SCRIPT_WORDS_MAX = 4,
	SCRIPT_LINES_MAX = 512,
};

#define SCRIPT_START_NS INT64_C(1795588880123456000) /* 2026-11-25T06:41:20.123456Z */
#define SCRIPT_STEP_NS INT64_C(1000000)

struct script {
	struct record *record;
	struct stream_open open;
	struct stream_close close;
	int64_t time_ns;
	uint64_t frame;
	bool opened;
	uint32_t command, mail, recipient;
	enum event_protocol protocol;
	char *words[SCRIPT_WORDS_MAX]; /* of the step */
	const char *rest;              /* of the step, from its third word on */
};

static inline struct slice script_slice(const char *text) {
	return (struct slice){text, text != NULL ? strlen(text) : 0};
}

static inline void script_event(struct script *script, struct event event) {
	script->time_ns += SCRIPT_STEP_NS;
	event.at = (struct stream_moment){script->time_ns, ++script->frame};
	/* The event and all it points to live for the callback only: a copy in a block of its own, which is gone afterwards,
	 * lets the address sanitizer see a record that keeps a pointer into it. */
	struct event *copy = malloc(sizeof(*copy));
	assert_non_null(copy);
	*copy = event;
	record_event(script->record, copy);
	free(copy);
}

static inline void script_open(struct script *script) {
	if (script->opened)
		return;
	script->opened = true;
	script->open.first = (struct stream_moment){script->time_ns, script->frame + 1};
	script->time_ns -= SCRIPT_STEP_NS;
	script_event(script, (struct event){.kind = EVENT_OPEN, .open = &script->open});
}

static inline const char *script_word(struct script *script, size_t index) {
	return script->words[index] != NULL ? script->words[index] : "";
}

static inline uint16_t script_code(struct script *script, size_t index) {
	return (uint16_t)strtoul(script_word(script, index), NULL, 10);
}

static inline int script_choice(const char *word, const char *const *names) {
	for (int i = 0; names[i] != NULL; i++)
		if (strcmp(word, names[i]) == 0)
			return i;
	fail_msg("no such word in a script: %s", word);
	return -1;
}

/* The caller names the fields in which the command differs from an empty one. */
static inline void script_command(struct script *script, struct event_command command) {
	command.id = ++script->command;
	command.path_valid = true;
	command.name.len = command.name.data != NULL ? strlen(command.name.data) : 0;
	script->close.side[STREAM_CLIENT].bytes += 10;
	/* In heap blocks of their own, for the reason given above. */
	char *argument = strndup(command.argument.data != NULL ? command.argument.data : "", command.argument.len);
	char *path = strndup(command.path.data != NULL ? command.path.data : "", command.path.len);
	command.argument.data = argument;
	command.path.data = path;
	script_event(script, (struct event){.kind = EVENT_COMMAND, .from = STREAM_CLIENT, .command = command});
	free(argument);
	free(path);
}

static inline void script_reply(struct script *script, struct event_reply reply, const char *text) {
	if (reply.code == 0)
		return;
	char *line = strdup(text);
	struct slice *lines = malloc(sizeof(*lines));
	assert_non_null(lines);
	*lines = script_slice(line);
	reply.lines = lines;
	reply.line_count = 1;
	if (reply.latency_ns == 0)
		reply.latency_ns = SCRIPT_STEP_NS;
	reply.command = script->command;
	script->close.side[STREAM_SERVER].bytes += 10;
	script_event(script, (struct event){.kind = reply.answers == EVENT_ANSWERS_GREETING ? EVENT_GREETING : EVENT_REPLY,
				     .from = STREAM_SERVER,
				     .reply = reply});
	free(line);
	free(lines);
}

static inline void script_answer(struct script *script, enum verb verb, const char *name, uint16_t code) {
	bool in_mail = verb == VERB_MAIL || verb == VERB_RCPT || verb == VERB_DATA || verb == VERB_BDAT;
	script_reply(script,
		(struct event_reply){.code = code,
			.answers = EVENT_ANSWERS_COMMAND,
			.verb = verb,
			.verb_name = script_slice(name),
			.mail = in_mail ? script->mail : 0,
			.recipient = verb == VERB_RCPT ? script->recipient : 0},
		"text");
}

static inline void script_greet(struct script *script) {
	const char *text = script->rest[0] != '\0' ? script->rest : "mail.example.org ESMTP Postfix";
	script_reply(script, (struct event_reply){.code = script_code(script, 1), .answers = EVENT_ANSWERS_GREETING}, text);
}

/* WORD CODE CAPABILITY|CAPABILITY|... */
static inline void script_hello(struct script *script) {
	static const char *const names[] = {"helo", "ehlo", "lhlo", "ehlo-cut", "tls-ehlo", NULL};
	static const enum verb verbs[] = {VERB_HELO, VERB_EHLO, VERB_LHLO, VERB_EHLO, VERB_EHLO};
	static const char *const upper[] = {"HELO", "EHLO", "LHLO", "EHLO", "EHLO"};
	int which = script_choice(script->words[0], names);
	uint16_t code = script_code(script, 1);
	script_command(script, (struct event_command){.verb = verbs[which],
				       .name = script_slice(upper[which]),
				       .argument = script_slice("client.example.net")});
	script_answer(script, verbs[which], upper[which], code);
	if (which == 0 || code < 200 || code >= 300)
		return;
	struct slice lines[SCRIPT_LINES_MAX];
	size_t count = 0;
	char *all = strdup(script->rest), *left = all, *line;
	while ((line = strsep(&left, "|")) != NULL && count < SCRIPT_LINES_MAX)
		if (*line != '\0')
			lines[count++] = script_slice(line);
	script_event(script,
		(struct event){.kind = EVENT_CAPABILITIES,
			.from = STREAM_SERVER,
			.capabilities = {.lines = lines, .line_count = count, .tls = which == 4, .incomplete = which == 3, .certain = true}});
	free(all);
}

static const char *const script_auth_results[] = {"unknown", "accepted", "rejected", "cancelled", "no-end", NULL};

/* auth MECHANISM RESULT CODE */
static inline void script_auth(struct script *script) {
	int result = script_choice(script_word(script, 2), script_auth_results);
	script_command(script,
		(struct event_command){
			.verb = VERB_AUTH, .name = script_slice("AUTH"), .argument = script_slice(script_word(script, 1))});
	char *user = strdup("alice");
	struct event_auth auth = {.step = result == EVENT_AUTH_CANCELLED ? EVENT_AUTH_CANCEL : EVENT_AUTH_RESPONSE,
		.command = script->command,
		.mechanism = script_slice(script_word(script, 1)),
		.username = script_slice(user),
		.has_username = true};
	script_event(script, (struct event){.kind = EVENT_AUTH, .from = STREAM_CLIENT, .auth = auth});
	script_reply(script,
		(struct event_reply){.code = script_code(script, 3),
			.answers = EVENT_ANSWERS_AUTH,
			.verb = VERB_AUTH,
			.verb_name = script_slice("AUTH")},
		"text");
	if (result <= EVENT_AUTH_CANCELLED) {
		auth.result = (enum event_auth_result)result;
		script_event(script, (struct event){.kind = EVENT_AUTH_END, .auth = auth});
	}
	free(user);
}

/* An exchange whose AUTH command was not seen: orphan-auth RESULT */
static inline void script_orphan_auth(struct script *script) {
	struct event_auth auth = {
		.result = (enum event_auth_result)script_choice(script_word(script, 1), script_auth_results),
		.command = ++script->command};
	script_event(script, (struct event){.kind = EVENT_AUTH_END, .auth = auth});
}

/* mail yes|no|unknown CODE [PATH] */
static inline void script_mail(struct script *script) {
	static const char *const names[] = {"unknown", "no", "yes", NULL};
	int authenticated = script_choice(script_word(script, 1), names);
	const struct event_parameter parameters[] = {
		{{"SIZE", 4}, {"1234", 4}, true}, {{"SMTPUTF8", 8}, {NULL, 0}, false}, {{"size", 4}, {"99", 2}, true}};
	struct event_command command = {.verb = VERB_MAIL,
		.name = script_slice("MAIL"),
		.mail = ++script->mail,
		.argument = script_slice("FROM:<...>"),
		.path = script_slice(script_word(script, 3)),
		.parameters = parameters,
		.parameter_count = 3};
	switch (authenticated) {
	case 0:
		command.authenticated = EVENT_AUTHENTICATED_UNKNOWN;
		break;
	case 1:
		command.authenticated = EVENT_AUTHENTICATED_NO;
		break;
	default:
		command.authenticated = EVENT_AUTHENTICATED_YES;
	}
	script->recipient = 0;
	script_command(script, command);
	script_answer(script, VERB_MAIL, "MAIL", script_code(script, 2));
}

static inline void script_lost_mail(struct script *script) {
	script->mail++;
	script->recipient = 0;
}

/* rcpt CODE [PATH] */
static inline void script_rcpt(struct script *script) {
	script_command(script, (struct event_command){.verb = VERB_RCPT,
				       .name = script_slice("RCPT"),
				       .mail = script->mail,
				       .recipient = ++script->recipient,
				       .argument = script_slice("TO:<...>"),
				       .path = script_slice(script_word(script, 2))});
	script_answer(script, VERB_RCPT, "RCPT", script_code(script, 1));
}

/* data|bdat|quit|starttls|noop CODE */
static inline void script_simple(struct script *script) {
	static const char *const names[] = {"data", "bdat", "quit", "starttls", "noop", NULL};
	static const char *const upper[] = {"DATA", "BDAT", "QUIT", "STARTTLS", "NOOP"};
	static const enum verb verbs[] = {VERB_DATA, VERB_BDAT, VERB_QUIT, VERB_STARTTLS, VERB_NOOP};
	int which = script_choice(script->words[0], names);
	script_command(script,
		(struct event_command){
			.verb = verbs[which], .name = script_slice(upper[which]), .mail = which < 2 ? script->mail : 0});
	script_answer(script, verbs[which], upper[which], script_code(script, 1));
}

/* body CODE [RECIPIENT]: its end, and the reply to it (for that recipient, in LMTP) */
static inline void script_body(struct script *script) {
	uint32_t recipient = (uint32_t)strtoul(script_word(script, 2), NULL, 10);
	if (recipient <= 1)
		script_event(script, (struct event){.kind = EVENT_BODY,
					     .from = STREAM_CLIENT,
					     .body = {.command = script->command,
						     .mail = script->mail,
						     .verb = VERB_DATA,
						     .bytes = 1234,
						     .lines = 40,
						     .complete = true,
						     .start_ns = script->time_ns}});
	script_reply(script,
		(struct event_reply){.code = script_code(script, 1),
			.answers = EVENT_ANSWERS_BODY,
			.mail = script->mail,
			.recipient = recipient},
		"text");
}

/* end RESULT */
static inline void script_end(struct script *script) {
	static const char *const names[] = {"unknown", "accepted", "rejected", "aborted", NULL};
	script_event(script,
		(struct event){.kind = EVENT_MAIL_END,
			.mail_end = {script->mail, (enum event_mail_result)script_choice(script_word(script, 1), names)}});
}

static inline void script_tls(struct script *script) {
	bool implicit = strcmp(script_word(script, 1), "implicit") == 0, decrypted = strcmp(script_word(script, 1), "decrypted") == 0;
	if (implicit)
		script->protocol = EVENT_PROTOCOL_SMTPS;
	script->close.side[STREAM_CLIENT].bytes += 100;
	for (int step = EVENT_TLS_CLIENT_HELLO; step <= EVENT_TLS_ENCRYPTED; step++)
		script_event(script, (struct event){.kind = EVENT_TLS,
					     .from = step == EVENT_TLS_SERVER_HELLO ? STREAM_SERVER : STREAM_CLIENT,
					     .tls = {step == EVENT_TLS_ENCRYPTED && decrypted ? EVENT_TLS_DECRYPTED
										 : (enum event_tls_step)step,
						     implicit}});
}

/* gap client|server BYTES */
static inline void script_gap(struct script *script) {
	static const char *const names[] = {"client", "server", NULL};
	enum stream_side side = (enum stream_side)script_choice(script_word(script, 1), names);
	uint64_t bytes = strtoul(script_word(script, 2), NULL, 10);
	script->close.side[side].gap_bytes += bytes;
	script->close.side[side].gaps++;
	script_event(script, (struct event){.kind = EVENT_GAP, .from = side, .gap = {side, bytes}});
}

/* anomaly NUMBER AMOUNT */
static inline void script_anomaly(struct script *script) {
	script_event(script, (struct event){.kind = EVENT_ANOMALY,
				     .from = STREAM_CLIENT,
				     .anomaly = {(enum event_anomaly_id)script_code(script, 1),
					     strtoul(script_word(script, 2), NULL, 10)}});
}

/* reply CODE: nobody knows to what; lost: a reply that a gap swallowed; busy: the server says 421 by itself */
static inline void script_stray(struct script *script) {
	static const char *const names[] = {"reply", "lost", "busy", NULL};
	struct event_reply reply = {.latency_ns = -1};
	int which = script_choice(script->words[0], names);
	if (which == 1) {
		reply.answers = EVENT_ANSWERS_COMMAND;
		reply.verb = VERB_NOOP;
		script_event(script, (struct event){.kind = EVENT_REPLY, .from = STREAM_SERVER, .reply = reply});
		return;
	}
	reply.answers = which == 0 ? EVENT_ANSWERS_UNKNOWN : EVENT_ANSWERS_NOTHING;
	reply.code = which == 0 ? script_code(script, 1) : 421;
	script_reply(script, reply, "text");
}

/* close HOW [one-sided] */
static inline void script_close(struct script *script) {
	static const char *const names[] = {"fin", "reset-by-client", "reset-by-server", "idle-timeout", "capture-ended",
		"refused", "unanswered", "unreachable", "evicted", NULL};
	script->close.how = (enum stream_close_how)script_choice(script_word(script, 1), names);
	bool failed = script->close.how >= STREAM_CLOSE_REFUSED && script->close.how <= STREAM_CLOSE_UNREACHABLE;
	script->close.handshake_ns = failed || script->open.midstream ? -1 : 1200000;
	char *icmp = script->close.how == STREAM_CLOSE_UNREACHABLE ? strdup("admin-prohibited") : NULL;
	script->close.icmp = icmp;
	script->close.last = (struct stream_moment){script->time_ns + SCRIPT_STEP_NS, script->frame + 1};
	script_event(script, (struct event){.kind = EVENT_CLOSE,
				     .close = {.stream = &script->close,
					     .protocol = script->protocol,
					     .one_sided = strcmp(script_word(script, 2), "one-sided") == 0}});
	free(icmp);
}

static inline void script_midstream(struct script *script) {
	script->open.midstream = true;
}

static inline void script_step(struct script *script) {
	static const struct {
		const char *name;
		void (*run)(struct script *script);
	} steps[] = {
		{"greet", script_greet},
		{"helo", script_hello},
		{"ehlo", script_hello},
		{"lhlo", script_hello},
		{"ehlo-cut", script_hello},
		{"tls-ehlo", script_hello},
		{"auth", script_auth},
		{"orphan-auth", script_orphan_auth},
		{"mail", script_mail},
		{"lost-mail", script_lost_mail},
		{"rcpt", script_rcpt},
		{"data", script_simple},
		{"bdat", script_simple},
		{"quit", script_simple},
		{"starttls", script_simple},
		{"noop", script_simple},
		{"body", script_body},
		{"end", script_end},
		{"tls", script_tls},
		{"gap", script_gap},
		{"anomaly", script_anomaly},
		{"reply", script_stray},
		{"lost", script_stray},
		{"busy", script_stray},
		{"close", script_close},
	};
	if (strcmp(script->words[0], "midstream") == 0) {
		script_midstream(script);
		return;
	}
	script_open(script);
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		if (strcmp(script->words[0], steps[i].name) == 0) {
			steps[i].run(script);
			return;
		}
	fail_msg("no such step in a script: %s", script->words[0]);
}

/* A session of 192.0.2.17 with 198.51.100.25:587, not yet begun. */
static inline struct script script_start(struct record *record) {
	return (struct script){
		.record = record,
		.open = {.client = {4, {192, 0, 2, 17}, 51234},
			.server = {4, {198, 51, 100, 25}, 587},
			.source = "test.pcap",
			.stream = 7,
			.client_isn = 1000,
			.server_isn = 2000,
			.handshake_ns = -1},
		.time_ns = SCRIPT_START_NS,
		.protocol = EVENT_PROTOCOL_ESMTP,
	};
}

static inline void script_words(struct script *script, char *step) {
	memset(script->words, 0, sizeof(script->words));
	for (size_t i = 0; i < SCRIPT_WORDS_MAX && step != NULL; i++)
		script->words[i] = strsep(&step, " ");
}

/* Runs the steps; the record must be new or reset. */
static inline void script_run(struct script *script, const char *text) {
	char *all = strdup(text), *left = all, *step;
	assert_non_null(all);
	while ((step = strsep(&left, ";")) != NULL) {
		step += strspn(step, " ");
		if (*step == '\0')
			continue;
		char *words = strdup(step);
		assert_non_null(words);
		const char *rest = strchr(step, ' ');
		rest = rest != NULL ? strchr(rest + 1, ' ') : NULL;
		script->rest = rest != NULL ? rest + 1 : "";
		script_words(script, words);
		script_step(script);
		free(words);
	}
	free(all);
}

#endif
