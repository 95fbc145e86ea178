/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * decode/session.c: what the two sides say, and the events that it is.
 *
 * A script is a list of steps, each of which is one chunk. Offsets, acknowledgements and times follow from their order; what a
 * step does not say about its acknowledgement is that its sender had received all of the other side before it. The expected
 * events are one line each, in this notation:
 *
 *   S! 220 |text|                          the greeting; each line of text between bars, [line] ... with enhanced code 5.7.1
 *   C> 1 EHLO |argument|                   command number 1; (?) stands for a name that was withheld, -withheld for an argument
 *   C> 2 MAIL m1 <a@example.org> SIZE=1 auth=no
 *   S> 250 (1 EHLO) |text|                 a reply to command 1; (auth 1), (body 4), (-) nothing, (?) unknown
 *   S= SIZE 1000|AUTH PLAIN                capabilities
 *   auth 1 PLAIN challenge                 a step of AUTH; user=|name| when it is known
 *   auth 1 PLAIN accepted                  the outcome
 *   tls client-hello
 *   body 4 m1 DATA 12 bytes 2 lines
 *   mail 1 accepted
 *   gap C 10
 *   odd C bare-newline 0                   an anomaly
 *   close ESMTP fin
 *
 * Every script is run whole, byte by byte, and with each chunk cut in two at every offset: the events must be the same.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "decode/session.h"

enum {
	STEPS_MAX = 48,
	TEXT_MAX = 65536,
	CUT_EACH_MAX = 1500, /* longer chunks are cut at every offset near their ends, and at some between */
};

enum step_kind {
	STEP_END, /* of the script */
	STEP_SAY,
	STEP_GAP,
	STEP_UNSEEN, /* sent, but neither captured nor known to be a gap: the side is not captured at all */
};

struct step {
	enum step_kind kind;
	enum stream_side side;
	const char *data;
	size_t len;
	size_t missed; /* how many steps of the other side, the last ones, the sender had not received */
};

#define C(text)                                                                                                             \
	{ STEP_SAY, STREAM_CLIENT, text, sizeof(text) - 1, 0 }
#define S(text)                                                                                                             \
	{ STEP_SAY, STREAM_SERVER, text, sizeof(text) - 1, 0 }
#define C_MISSED(missed, text)                                                                                              \
	{ STEP_SAY, STREAM_CLIENT, text, sizeof(text) - 1, missed }
#define S_MISSED(missed, text)                                                                                              \
	{ STEP_SAY, STREAM_SERVER, text, sizeof(text) - 1, missed }
#define GAP_C(len)                                                                                                          \
	{ STEP_GAP, STREAM_CLIENT, NULL, len, 0 }
#define GAP_S(len)                                                                                                          \
	{ STEP_GAP, STREAM_SERVER, NULL, len, 0 }
#define UNSEEN_C(text)                                                                                                      \
	{ STEP_UNSEEN, STREAM_CLIENT, NULL, sizeof(text) - 1, 0 }
#define UNSEEN_S(text)                                                                                                      \
	{ STEP_UNSEEN, STREAM_SERVER, NULL, sizeof(text) - 1, 0 }

struct script {
	const char *name;
	struct step steps[STEPS_MAX];
	const char *expected; /* NULL: no session at all */
	enum stream_hint hint;
	bool midstream;
	enum stream_close_how how; /* FIN when it is not said */
	const char *secrets;       /* blank-separated: none may be in any event */
};

/* ---- Events to text ---- */

struct output {
	char text[TEXT_MAX];
	size_t len;
	unsigned opens, closes;
	bool with_moments;
	bool after_close;
};

static void put(struct output *output, const char *format, ...) {
	va_list arguments;
	va_start(arguments, format);
	int len = vsnprintf(output->text + output->len, sizeof(output->text) - output->len, format, arguments);
	va_end(arguments);
	assert_true(len >= 0 && (size_t)len < sizeof(output->text) - output->len);
	output->len += (size_t)len;
}

/* Long texts are shortened, but read to their last byte. */
static void put_slice(struct output *output, struct slice slice) {
	size_t shown = slice.len > 200 ? 8 : slice.len;
	unsigned sum = 0;
	for (size_t i = 0; i < slice.len; i++) {
		unsigned char c = (unsigned char)slice.data[i];
		sum = sum * 31 + c;
		if (i < shown && c >= ' ' && c < 0x7f)
			put(output, "%c", c);
		else if (i < shown)
			put(output, "\\%02x", c);
	}
	if (shown < slice.len)
		put(output, "...%zu", slice.len);
	if (sum == 0xffffffff)
		put(output, " ");
}

static void put_lines(struct output *output, const struct event_reply *reply) {
	if (reply->enhanced.len > 0) {
		put(output, " ");
		put_slice(output, reply->enhanced);
	}
	if (reply->text_withheld) {
		assert_int_equal(reply->line_count, 0);
		put(output, " -withheld");
	}
	for (size_t i = 0; i < reply->line_count; i++) {
		put(output, i == 0 ? " |" : "|");
		put_slice(output, reply->lines[i]);
	}
	if (reply->line_count > 0)
		put(output, "|");
	if (reply->lines_over_limit > 0)
		put(output, " +%zu lines", reply->lines_over_limit);
	if (reply->incomplete)
		put(output, " incomplete");
}

static const char *const verb_names[VERB_COUNT] = {"OTHER", "HELO", "EHLO", "LHLO", "AUTH", "STARTTLS", "MAIL", "RCPT", "DATA",
	"BDAT", "RSET", "NOOP", "VRFY", "EXPN", "HELP", "QUIT"};

static void put_name(struct output *output, enum verb verb, struct slice name) {
	if (verb == VERB_OTHER) {
		if (name.len == 0)
			put(output, "(?)");
		put_slice(output, name);
	} else {
		assert_int_equal(name.len, strlen(verb_names[verb]));
		assert_memory_equal(name.data, verb_names[verb], name.len);
		put(output, "%s", verb_names[verb]);
	}
}

static void put_mail(struct output *output, uint32_t mail, uint32_t recipient) {
	if (mail > 0)
		put(output, " m%" PRIu32, mail);
	if (recipient > 0)
		put(output, " r%" PRIu32, recipient);
}

static void put_reply(struct output *output, const struct event_reply *reply) {
	put(output, "S> %u (", reply->code);
	switch (reply->answers) {
	case EVENT_ANSWERS_UNKNOWN:
		put(output, "?");
		break;
	case EVENT_ANSWERS_NOTHING:
		put(output, "-");
		break;
	case EVENT_ANSWERS_GREETING:
		fail_msg("a greeting has an event of its own");
		break;
	case EVENT_ANSWERS_COMMAND:
		put(output, "%" PRIu32 " ", reply->command);
		put_name(output, reply->verb, reply->verb_name);
		break;
	case EVENT_ANSWERS_AUTH:
		put(output, "auth %" PRIu32, reply->command);
		break;
	case EVENT_ANSWERS_BODY:
		put(output, "body %" PRIu32, reply->command);
		break;
	}
	put_mail(output, reply->mail, reply->recipient);
	put(output, ")");
	put_lines(output, reply);
}

static void put_command(struct output *output, const struct event_command *command) {
	put(output, "C> %" PRIu32 " ", command->id);
	put_name(output, command->verb, command->name);
	put_mail(output, command->mail, command->recipient);
	if (command->verb == VERB_MAIL || command->verb == VERB_RCPT) {
		put(output, command->path_valid ? " <" : " !<");
		put_slice(output, command->path);
		put(output, ">");
		for (size_t i = 0; i < command->parameter_count; i++) {
			put(output, " ");
			put_slice(output, command->parameters[i].keyword);
			put(output, command->parameters[i].has_value ? "=" : "");
			put_slice(output, command->parameters[i].value);
		}
	} else if (command->argument.len > 0) {
		put(output, " |");
		put_slice(output, command->argument);
		put(output, "|");
	}
	if (command->verb == VERB_MAIL)
		put(output, " auth=%s",
			command->authenticated == EVENT_AUTHENTICATED_YES ? "yes"
			: command->authenticated == EVENT_AUTHENTICATED_NO ? "no"
									   : "?");
	else
		assert_int_equal(command->authenticated, EVENT_AUTHENTICATED_UNKNOWN);
	if (command->argument_withheld)
		put(output, " -withheld");
	if (command->pipelined)
		put(output, " pipelined");
}

static void put_auth(struct output *output, const struct event_auth *auth, const char *what) {
	put(output, "auth %" PRIu32 " ", auth->command);
	put_slice(output, auth->mechanism);
	put(output, "%s%s", auth->mechanism.len > 0 ? " " : "", what);
	if (auth->has_username) {
		put(output, " user=|");
		put_slice(output, auth->username);
		put(output, "|");
	}
	if (auth->encrypted)
		put(output, " encrypted");
}

static void put_body(struct output *output, const struct event_body *body) {
	put(output, "body %" PRIu32, body->command);
	put_mail(output, body->mail, 0);
	put(output, " %s %" PRIu64 " bytes %" PRIu64 " lines", verb_names[body->verb], body->bytes, body->lines);
	if (body->gap_bytes > 0)
		put(output, " gap %" PRIu64, body->gap_bytes);
	if (!body->complete)
		put(output, " incomplete");
	assert_false(body->complete && body->gap_bytes > 0);
}

static const char *const anomaly_names[EVENT_ANOMALY_COUNT] = {"line-too-long", "bare-newline", "nul", "not-a-reply",
	"not-a-command", "codes-differ", "unsolicited-reply", "too-many-commands", "early-talker", "not-smtp", "preface",
	"held-too-much", "body-unterminated"};
static const char *const protocol_names[] = {"-", "SMTP", "ESMTP", "LMTP", "SMTPS"};
static const char *const close_names[STREAM_CLOSE_COUNT] = {"fin", "reset-by-client", "reset-by-server", "idle", "capture-ended",
	"refused", "unanswered", "unreachable", "evicted"};
static const char *const result_names[] = {"unknown", "accepted", "rejected", "aborted"};
static const char *const auth_result_names[] = {"unknown", "accepted", "rejected", "cancelled"};
static const char *const step_names[] = {"challenge", "response", "cancel"};
static const char *const tls_names[] = {"client-hello", "server-hello", "encrypted"};

static void on_event(void *context, const struct event *event) {
	struct output *output = context;
	assert_false(output->after_close);
	assert_int_equal(output->opens, event->kind != EVENT_OPEN);
	const char from = event->from == STREAM_CLIENT ? 'C' : 'S';
	size_t before = output->len;
	if (output->with_moments)
		put(output, "%" PRIu64 " ", event->at.frame);
	switch (event->kind) {
	case EVENT_OPEN:
		output->opens++;
		if (event->open->client.port == 25)
			put(output, "swapped");
		else
			output->len = before;
		break;
	case EVENT_GREETING:
		assert_int_equal(event->reply.answers, EVENT_ANSWERS_GREETING);
		put(output, "S! %u", event->reply.code);
		put_lines(output, &event->reply);
		break;
	case EVENT_COMMAND:
		assert_int_equal(event->from, STREAM_CLIENT);
		put_command(output, &event->command);
		break;
	case EVENT_REPLY:
		assert_int_equal(event->from, STREAM_SERVER);
		put_reply(output, &event->reply);
		if (output->with_moments)
			put(output, " latency %" PRId64, event->reply.latency_ns);
		break;
	case EVENT_CAPABILITIES:
		put(output, "S= ");
		for (size_t i = 0; i < event->capabilities.line_count; i++) {
			put(output, i == 0 ? "" : "|");
			put_slice(output, event->capabilities.lines[i]);
		}
		put(output, event->capabilities.incomplete ? " incomplete" : "");
		assert_false(event->capabilities.tls);
		break;
	case EVENT_AUTH:
		put_auth(output, &event->auth, step_names[event->auth.step]);
		break;
	case EVENT_AUTH_END:
		put_auth(output, &event->auth, auth_result_names[event->auth.result]);
		break;
	case EVENT_TLS:
		put(output, "tls %s%s", tls_names[event->tls.step], event->tls.implicit ? " implicit" : "");
		break;
	case EVENT_BODY:
		put_body(output, &event->body);
		break;
	case EVENT_MAIL_END:
		put(output, "mail %" PRIu32 " %s", event->mail_end.mail, result_names[event->mail_end.result]);
		break;
	case EVENT_GAP:
		assert_int_equal(event->gap.side, event->from);
		put(output, "gap %c %" PRIu64, from, event->gap.bytes);
		break;
	case EVENT_ANOMALY:
		put(output, "odd %c %s %" PRIu64, from, anomaly_names[event->anomaly.id], event->anomaly.amount);
		break;
	case EVENT_CLOSE:
		output->after_close = true;
		put(output, "close %s %s%s", protocol_names[event->close.protocol], close_names[event->close.stream->how],
			event->close.one_sided ? " one-sided" : "");
		break;
	}
	if (output->len > before)
		put(output, "\n");
}

/* ---- Running scripts ---- */

static size_t checks;

#define START_NS INT64_C(1795588880000000000)
#define STEP_NS INT64_C(1000000)

struct player {
	struct session *session;
	uint64_t end[2];                   /* of all steps of a side so far */
	uint64_t step_end[2][STEPS_MAX + 1]; /* and of each */
	size_t step_count[2];
	uint64_t frame;
};

/* In a block of exactly its size, which is gone when the call returns. */
static void feed(struct player *player, const struct step *step, size_t from, size_t len, uint64_t peer_offset) {
	uint8_t *data = NULL;
	if (step->kind == STEP_SAY) {
		data = malloc(len);
		assert_non_null(data);
		memcpy(data, step->data + from, len);
	}
	struct stream_chunk chunk = {
		.side = step->side,
		.data = data,
		.len = len,
		.offset = player->end[step->side] + from,
		.peer_offset = peer_offset,
		.at = {START_NS + STEP_NS * (int64_t)player->frame, player->frame},
	};
	session_feed(player->session, &chunk);
	free(data);
}

static void play_step(struct player *player, const struct step *step, size_t cut, bool by_bytes) {
	enum stream_side side = step->side, other = stream_other_side(side);
	size_t received = player->step_count[other] - step->missed;
	assert_true(step->missed <= player->step_count[other]);
	uint64_t peer_offset = player->step_end[other][received];
	player->frame++;
	if (step->kind == STEP_SAY && by_bytes) {
		for (size_t i = 0; i < step->len; i++)
			feed(player, step, i, 1, peer_offset);
	} else if (step->kind == STEP_SAY && cut > 0) {
		feed(player, step, 0, cut, peer_offset);
		feed(player, step, cut, step->len - cut, peer_offset);
	} else if (step->kind != STEP_UNSEEN) {
		feed(player, step, 0, step->len, peer_offset);
	}
	player->end[side] += step->len;
	player->step_end[side][++player->step_count[side]] = player->end[side];
}

/* Plays a script with one step cut in two; cut 0: none is. */
static void play(const struct script *script, size_t cut_step, size_t cut, bool by_bytes, struct output *output) {
	struct stream_open open = {
		.client = {4, {192, 0, 2, 10}, 40000},
		.server = {4, {192, 0, 2, 1}, 25},
		.source = "test.pcap",
		.first = {START_NS, 1},
		.handshake_ns = -1,
		.midstream = script->midstream,
		.hint = script->hint,
	};
	struct player player = {.frame = 1};
	output->len = 0;
	output->text[0] = '\0';
	output->opens = output->closes = 0;
	output->after_close = false;
	player.session = session_create(&open, (struct event_sink){.context = output, .event = on_event});
	assert_non_null(player.session);
	for (size_t i = 0; script->steps[i].kind != STEP_END; i++)
		play_step(&player, &script->steps[i], i == cut_step ? cut : 0, by_bytes);
	struct stream_close close = {.how = script->how, .last = {START_NS + STEP_NS * 1000, 1000}, .handshake_ns = -1};
	bool reported = session_finish(player.session, &close);
	session_destroy(player.session);
	assert_int_equal(reported, output->after_close);
	assert_int_equal(reported, output->opens);
	if (!reported)
		put(output, "no session\n");
}

static void check_text(const struct script *script, const char *how, const char *got, const char *expected) {
	if (strcmp(got, expected) != 0) {
		size_t same = 0, line = 0;
		for (; got[same] != '\0' && got[same] == expected[same]; same++)
			line += got[same] == '\n';
		print_error("%s, %s: line %zu\n--- got\n%s--- expected\n%s", script->name, how, line + 1, got, expected);
		fail();
	}
	checks++;
}

static void check_secrets(const struct script *script, const struct output *output) {
	char secrets[512];
	assert_true(strlen(script->secrets) < sizeof(secrets));
	strcpy(secrets, script->secrets);
	for (char *secret = strtok(secrets, " "); secret != NULL; secret = strtok(NULL, " ")) {
		if (strstr(output->text, secret) != NULL)
			fail_msg("%s: the events contain %s:\n%s", script->name, secret, output->text);
		checks++;
	}
}

static void check_cuts(const struct script *script, const char *whole) {
	static struct output output;
	char how[64];
	play(script, 0, 0, true, &output);
	check_text(script, "byte by byte", output.text, whole);
	for (size_t i = 0; script->steps[i].kind != STEP_END; i++) {
		const struct step *step = &script->steps[i];
		if (step->kind != STEP_SAY)
			continue;
		for (size_t cut = 1; cut < step->len; cut++) {
			if (step->len > CUT_EACH_MAX && cut > 300 && step->len - cut > 300 && cut % 509 != 0)
				continue;
			play(script, i, cut, false, &output);
			snprintf(how, sizeof(how), "step %zu cut at %zu", i + 1, cut);
			check_text(script, how, output.text, whole);
		}
	}
}

static void check_script(const struct script *script) {
	static struct output output;
	play(script, 0, 0, false, &output);
	check_text(script, "whole", output.text, script->expected != NULL ? script->expected : "no session\n");
	if (script->secrets != NULL)
		check_secrets(script, &output);
	check_cuts(script, output.text);
}

