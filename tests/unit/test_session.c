/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * decode/session.c: what the two sides say, and the events that it is.
 *
 * A script is a list of steps, each of which is one chunk. Offsets, acknowledgements and times follow from their order; what
 * a step does not say about its acknowledgement is that its sender had received all of the other side before it. The
 * expected events are one line each, in this notation:
 *
 *   S! 220 |text|                          the greeting; each line of text between bars, [line] ... with enhanced code 5.7.1
 *   C> 1 EHLO |argument|                   command number 1; (?) stands for a name that was withheld, -withheld for an
 * argument C> 2 MAIL m1 <a@example.org> SIZE=1 auth=no S> 250 (1 EHLO) |text|                 a reply to command 1; (auth
 * 1), (body 4), (-) nothing, (?) unknown S= SIZE 1000|AUTH PLAIN                capabilities auth 1 PLAIN challenge a step
 * of AUTH; user=|name| when it is known auth 1 PLAIN accepted                  the outcome tls client-hello body 4 m1 DATA
 * 12 bytes 2 lines mail 1 accepted gap C 10 odd C bare-newline 0                   an anomaly close ESMTP fin
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
	size_t times;  /* 0 is 1 */
};

#define C(text)                                                                                                             \
	{ STEP_SAY, STREAM_CLIENT, text, sizeof(text) - 1, 0 }
#define S(text)                                                                                                             \
	{ STEP_SAY, STREAM_SERVER, text, sizeof(text) - 1, 0 }
#define C_TIMES(times, text)                                                                                                \
	{ STEP_SAY, STREAM_CLIENT, text, sizeof(text) - 1, 0, times }
#define S_TIMES(times, text)                                                                                                \
	{ STEP_SAY, STREAM_SERVER, text, sizeof(text) - 1, 0, times }
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
	enum { PORT_SMTP, PORT_SMTPS, PORT_LMTP, PORT_OTHER } port;
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

static const char *const verb_names[VERB_COUNT] = {"OTHER", "HELO", "EHLO", "LHLO", "AUTH", "STARTTLS", "MAIL", "RCPT",
	"DATA", "BDAT", "RSET", "NOOP", "VRFY", "EXPN", "HELP", "QUIT", "BURL", "ETRN", "ATRN", "TURN", "XCLIENT", "XFORWARD", "XEXCH50"};

static void put_name(struct output *output, enum verb verb, struct slice name) {
	if (verb == VERB_OTHER) {
		if (name.len == 0)
			put(output, "(?)");
		put_slice(output, name);
	} else {
		bool usual = name.len == strlen(verb_names[verb]) && memcmp(name.data, verb_names[verb], name.len) == 0;
		assert_true(usual || verb == VERB_AUTH || verb == VERB_STARTTLS);
		put_slice(output, name);
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
			put(output, command->parameters[i].wrong ? "!" : "");
		}
	} else if (command->argument.len > 0) {
		put(output, " |");
		put_slice(output, command->argument);
		put(output, "|");
	}
	if (command->verb == VERB_MAIL)
		put(output, " auth=%s",
			command->authenticated == EVENT_AUTHENTICATED_YES  ? "yes"
			: command->authenticated == EVENT_AUTHENTICATED_NO ? "no"
									   : "?");
	else
		assert_int_equal(command->authenticated, EVENT_AUTHENTICATED_UNKNOWN);
	if (command->argument_withheld)
		put(output, " -withheld");
	if (command->pipelined)
		put(output, " pipelined");
}

static void put_named(struct output *output, const char *name, struct slice value) {
	if (value.len == 0)
		return;
	put(output, " %s=|", name);
	put_slice(output, value);
	put(output, "|");
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
	if (auth->names != NULL) {
		put_named(output, "authzid", auth->names->authzid);
		put_named(output, "realm", auth->names->realm);
		put_named(output, "service", auth->names->service);
		put_named(output, "domain", auth->names->domain);
		put_named(output, "workstation", auth->names->workstation);
		put_named(output, "target", auth->names->target);
		put_named(output, "binding", auth->names->channel_binding);
		put_named(output, "error", auth->names->error);
		put_named(output, "scope", auth->names->error_scope);
	}
	if (auth->encrypted)
		put(output, " encrypted");
}

static void put_origin(struct output *output, const struct event_origin *origin) {
	put(output, "origin %" PRIu32 " %s", origin->command, verb_names[origin->verb]);
	if (origin->has_address)
		put(output, " v%u ...%u:%u", origin->client.ip_version,
			origin->client.address[origin->client.ip_version == 4 ? 3 : 15], origin->client.port);
	put_named(output, "name", origin->name);
	put_named(output, "helo", origin->helo);
	put_named(output, "protocol", origin->protocol);
	put_named(output, "login", origin->login);
	assert_int_equal(origin->has_login, origin->login.len > 0);
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
	"held-too-much", "body-unterminated", "bare-return", "long-line", "false-end", "command-before-tls", "reply-before-tls",
	"not-offered", "parameter-wrong", "limit-exceeded", "hello-not-repeated", "roles-reversed", "reversed-unread"};
static const char *const foreign_names[EVENT_FOREIGN_COUNT] = {"-", "http", "ssh", "socks", "pop3", "imap", "sip", "rdp", "binary"};
static const char *const line_end_names[] = {"crlf", "lf", "cr"};
static const char *const protocol_names[] = {"-", "SMTP", "ESMTP", "LMTP", "SMTPS"};
static const char *const close_names[STREAM_CLOSE_COUNT] = {"fin", "reset-by-client", "reset-by-server", "idle",
	"capture-ended", "refused", "unanswered", "unreachable", "evicted", "open"};
static const char *const result_names[] = {"unknown", "accepted", "rejected", "aborted"};
static const char *const auth_result_names[] = {"unknown", "accepted", "rejected", "cancelled"};
static const char *const step_names[] = {"challenge", "response", "cancel"};
static const char *const tls_names[] = {"client-hello", "server-hello", "encrypted", "certificate", "alert"};

static void put_tls(struct output *output, const struct event_tls *tls) {
	if (tls->step == EVENT_TLS_ALERT)
		put(output, " %u %u", tls->alert_level, tls->alert_description);
	if (tls->step == EVENT_TLS_CERTIFICATE)
		put(output, " %zu ", tls->certificate_count);
	put_slice(output, tls->certificate);
	if (tls->hello == NULL)
		return;
	put(output, " %04x %04x %zu %zu%s ", tls->hello->version, tls->hello->cipher, tls->hello->ciphers.len, tls->hello->extensions.len,
		tls->hello->retry ? " retry" : "");
	put_slice(output, tls->hello->server_name);
}

/* Records and bytes of each side, ? where boundaries were lost. */
static void put_tls_end(struct output *output, const struct event_tls_end *end) {
	static const char *const names[] = {"unknown", "complete", "failed"};
	if (end->handshake == EVENT_TLS_HANDSHAKE_UNKNOWN)
		return;
	put(output, " tls %s", names[end->handshake]);
	for (int side = 0; side < 2; side++)
		if (end->data[side].known)
			put(output, " %" PRIu64 "/%" PRIu64, end->data[side].records, end->data[side].bytes);
		else
			put(output, " ?");
}

static void on_event(void *context, const struct event *event) {
	struct output *output = context;
	assert_false(output->after_close);
	assert_int_equal(output->opens, event->kind != EVENT_OPEN);
	if (event->kind == EVENT_SECRET)
		return; /* cut otherwise where the chunks are cut otherwise: see test_secrets.c */
	const char from = event->from == STREAM_CLIENT ? 'C' : 'S';
	size_t before = output->len;
	if (output->with_moments)
		put(output, "%" PRIu64 " ", event->at.frame);
	if (event->reversed && event->kind != EVENT_CLOSE)
		put(output, "~");
	switch (event->kind) {
	case EVENT_OPEN:
		output->opens++;
		if (event->open->client.port == 25)
			put(output, "swapped");
		else
			output->len = before;
		break;
	case EVENT_PROXY:
		put(output, "proxy %u %u:%u", event->proxy.version, event->proxy.client.address[3], event->proxy.client.port);
		break;
	case EVENT_GREETING:
		assert_int_equal(event->reply.answers, EVENT_ANSWERS_GREETING);
		put(output, "S! %u", event->reply.code);
		put_lines(output, &event->reply);
		break;
	case EVENT_COMMAND:
		assert_int_equal(event->from, event->reversed ? STREAM_SERVER : STREAM_CLIENT);
		put_command(output, &event->command);
		break;
	case EVENT_REPLY:
		assert_int_equal(event->from, event->reversed ? STREAM_CLIENT : STREAM_SERVER);
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
	case EVENT_ORIGIN:
		put_origin(output, &event->origin);
		break;
	case EVENT_TLS:
		put(output, "tls %s%s", tls_names[event->tls.step], event->tls.implicit ? " implicit" : "");
		put_tls(output, &event->tls);
		break;
	case EVENT_MESSAGE: /* nobody asked for it; see test_message.c */
		fail();
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
		put(output, "odd %c %s", from, anomaly_names[event->anomaly.id]);
		if (event->anomaly.name != NULL)
			put(output, " %s", event->anomaly.name);
		put(output, " %" PRIu64, event->anomaly.amount);
		if (event->anomaly.id == EVENT_ANOMALY_NOT_SMTP)
			put(output, " %s", foreign_names[event->anomaly.speaks]);
		if (event->anomaly.id == EVENT_ANOMALY_FALSE_END)
			put(output, " %s%s.%s%s %s", line_end_names[event->anomaly.false_end.before],
				event->anomaly.false_end.nul_before ? "0" : "", event->anomaly.false_end.nul_after ? "0" : "",
				line_end_names[event->anomaly.false_end.after], verb_names[event->anomaly.false_end.followed_by]);
		break;
	case EVENT_SECRET:
		break;
	case EVENT_CLOSE:
		output->after_close = true;
		put(output, "close %s %s%s", protocol_names[event->close.protocol], close_names[event->close.stream->how],
			event->close.one_sided ? " one-sided" : "");
		put_tls_end(output, &event->close.tls);
		break;
	}
	if (output->len > before)
		put(output, "\n");
}

/* ---- Running scripts ---- */

static size_t checks, failures;

#define START_NS INT64_C(1795588880000000000)
#define STEP_NS INT64_C(1000000)

struct player {
	struct session *session;
	uint64_t end[2];                     /* of all steps of a side so far */
	uint64_t step_end[2][STEPS_MAX + 1]; /* and of each */
	size_t step_count[2];
	uint64_t frame;
};

/* A step with its full length. */
static struct step expand(const struct step *step) {
	struct step expanded = *step;
	if (step->times > 0)
		expanded.len *= step->times;
	return expanded;
}

/* In a block of exactly its size, which is gone when the call returns. */
static void feed(struct player *player, const struct step *step, size_t from, size_t len, uint64_t peer_offset) {
	uint8_t *data = NULL;
	if (step->kind == STEP_SAY) {
		size_t once = step->times > 0 ? step->len / step->times : step->len;
		data = malloc(len);
		assert_non_null(data);
		for (size_t i = 0; i < len; i++)
			data[i] = (uint8_t)step->data[(from + i) % once];
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
	static const enum stream_hint hints[] = {
		[PORT_SMTP] = STREAM_HINT_SMTP,
		[PORT_SMTPS] = STREAM_HINT_SMTPS,
		[PORT_LMTP] = STREAM_HINT_LMTP,
		[PORT_OTHER] = STREAM_HINT_NONE,
	};
	struct stream_open open = {
		.client = {4, {192, 0, 2, 10}, 40000},
		.server = {4, {192, 0, 2, 1}, 25},
		.source = "test.pcap",
		.first = {START_NS, 1},
		.handshake_ns = script->midstream ? -1 : 400000,
		.midstream = script->midstream,
		.hint = hints[script->port],
	};
	struct player player = {.frame = 1};
	output->len = 0;
	output->text[0] = '\0';
	output->opens = output->closes = 0;
	output->after_close = false;
	player.session = session_create(&open, (struct event_sink){.context = output, .event = on_event});
	assert_non_null(player.session);
	for (size_t i = 0; script->steps[i].kind != STEP_END; i++) {
		struct step step = expand(&script->steps[i]);
		play_step(&player, &step, i == cut_step ? cut : 0, by_bytes);
	}
	struct stream_close close = {.how = script->how, .last = {START_NS + STEP_NS * 1000, 1000}, .handshake_ns = -1};
	bool reported = session_finish(player.session, &close);
	session_destroy(player.session);
	assert_int_equal(reported, output->after_close);
	assert_int_equal(reported, output->opens);
	if (!reported)
		put(output, "no session\n");
}

static bool check_text(const struct script *script, const char *how, const char *got, const char *expected) {
	if (strcmp(got, expected) != 0) {
		size_t same = 0, line = 0;
		for (; got[same] != '\0' && got[same] == expected[same]; same++)
			line += got[same] == '\n';
		print_error("%s, %s: line %zu\n--- got\n%s--- expected\n%s\n", script->name, how, line + 1, got, expected);
		failures++;
		return false;
	}
	checks++;
	return true;
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
	if (!check_text(script, "byte by byte", output.text, whole))
		return;
	for (size_t i = 0; script->steps[i].kind != STEP_END; i++) {
		struct step step = expand(&script->steps[i]);
		if (step.kind != STEP_SAY)
			continue;
		for (size_t cut = 1; cut < step.len; cut++) {
			if (step.len > CUT_EACH_MAX && cut > 300 && step.len - cut > 300 && cut % 509 != 0)
				continue;
			play(script, i, cut, false, &output);
			snprintf(how, sizeof(how), "step %zu cut at %zu", i + 1, cut);
			if (!check_text(script, how, output.text, whole))
				return; /* one says enough */
		}
	}
}

static void check_script(const struct script *script) {
	static struct output output;
	play(script, 0, 0, false, &output);
	check_text(script, "whole", output.text, script->expected != NULL ? script->expected : "no session\n");
	if (script->secrets != NULL)
		check_secrets(script, &output);
	char *whole = strdup(output.text);
	assert_non_null(whole);
	check_cuts(script, whole);
	free(whole);
}

/* ---- The scripts ---- */

#define HELLO S("220 mx ESMTP\r\n"), C("EHLO c\r\n"), S("250-mx\r\n250-SIZE 9\r\n250-CHUNKING\r\n250 STARTTLS\r\n")
#define HELLO_SEEN                                                                                                          \
	"S! 220 |mx ESMTP|\n"                                                                                               \
	"C> 1 EHLO |c|\n"                                                                                                   \
	"S> 250 (1 EHLO) |mx|SIZE 9|CHUNKING|STARTTLS|\n"                                                                   \
	"S= SIZE 9|CHUNKING|STARTTLS\n"

#define ENVELOPE C("MAIL FROM:<a@b>\r\n"), S("250 ok\r\n"), C("RCPT TO:<b@c>\r\n"), S("250 ok\r\n")
#define ENVELOPE_SEEN                                                                                                       \
	"C> 2 MAIL m1 <a@b> auth=no\n"                                                                                      \
	"S> 250 (2 MAIL m1) |ok|\n"                                                                                         \
	"C> 3 RCPT m1 r1 <b@c>\n"                                                                                           \
	"S> 250 (3 RCPT m1 r1) |ok|\n"

#define TO_BODY HELLO, ENVELOPE, C("DATA\r\n"), S("354 go\r\n")
#define TO_BODY_SEEN HELLO_SEEN ENVELOPE_SEEN "C> 4 DATA m1\nS> 354 (4 DATA m1) |go|\n"

#define PLAIN_BASE64 "AHRpbQB0YW5zdGFhZnRhbnN0YWFm" /* NUL tim NUL tanstaaftanstaaf, RFC 2595 */
#define PASSWORD_BASE64 "dGFuc3RhYWZ0YW5zdGFhZg=="
#define CRAM_BASE64 "dGltIGI5MTNhNjAyYzdlZGE3YTQ5NWI0ZTZlNzMzNGQzODkw" /* tim and a digest, RFC 2195 */
#define SECRETS "tanstaaf AHRpbQ dGFuc3 dGltIG b913a6 AHRPBQ DGFUC3 YWZ0YW5z"
#define LOGIN_USER S("334 VXNlcm5hbWU6\r\n")
#define LOGIN_PASSWORD S("334 UGFzc3dvcmQ6\r\n")

static const struct script greeting_scripts[] = {
	{"one line", {S("220 mx ESMTP\r\n"), C("QUIT\r\n"), S("221 2.0.0 bye\r\n")},
		"S! 220 |mx ESMTP|\nC> 1 QUIT\nS> 221 (1 QUIT) 2.0.0 |bye|\nclose - fin\n"},
	{"behind a proxy", {C("PROXY TCP4 192.0.2.7 192.0.2.10 5000 25\r\n"), S("220 mx ESMTP\r\n"), C("QUIT\r\n"), S("221 2.0.0 bye\r\n")},
		"proxy 1 7:5000\nS! 220 |mx ESMTP|\nC> 1 QUIT\nS> 221 (1 QUIT) 2.0.0 |bye|\nclose - fin\n"},
	{"behind what is no proxy", {S("220 mx ESMTP\r\n"), C("PROXY QUIT\r\n"), S("500 what\r\n")},
		"S! 220 |mx ESMTP|\nC> 1 PROXY -withheld\nS> 500 (1 PROXY) |what|\nclose - fin\n"},
	{"several lines", {S("220-mx ESMTP\r\n220-no spam\r\n220 \r\n"), C("QUIT\r\n"), S("221 bye\r\n")},
		"S! 220 |mx ESMTP|no spam||\nC> 1 QUIT\nS> 221 (1 QUIT) |bye|\nclose - fin\n"},
	{"several lines, in pieces",
		{S("220-mx ESMTP\r\n220-no "), S("spam\r"), S("\n220 .\r\n"), C("QUIT\r\n"), S("221 bye\r\n")},
		"S! 220 |mx ESMTP|no spam|.|\nC> 1 QUIT\nS> 221 (1 QUIT) |bye|\nclose - fin\n"},
	{"without a line end", {S("220 mx ESMTP"), C("EHLO c\r\n"), S("\r\n250 mx\r\n")},
		"S! 220 |mx ESMTP|\nC> 1 EHLO |c|\nS> 250 (1 EHLO) |mx|\nS= \nclose ESMTP fin\n"},
	{"without a line end, for ever", {S("220 mx ESMTP"), C("HELO c\r\n"), S("250 mx\r\n")},
		"S! 220 |mx ESMTP|\nC> 1 HELO |c|\nS> 250 (1 HELO) |mx|\nclose SMTP fin\n"},
	{"nothing but an unended greeting", {S("220 mx ESMTP")}, "S! 220 |mx ESMTP| incomplete\nclose - fin\n"},
	{"nothing but a part of a greeting", {S("220-mx ESMTP\r\n")},
		"S! 220 |mx ESMTP| incomplete\nclose - reset-by-server\n", .how = STREAM_CLOSE_RESET_BY_SERVER},
	{"554 with an enhanced code", {S("554 5.7.1 go away\r\n"), C("QUIT\r\n"), S("221 bye\r\n")},
		"S! 554 5.7.1 |go away|\nC> 1 QUIT\nS> 221 (1 QUIT) |bye|\nclose - fin\n"},
	{"421", {S("421 busy\r\n")}, "S! 421 |busy|\nclose - fin\n"},
	{"a code alone", {S("220\r\n"), C("QUIT\r\n"), S("221\r\n")}, "S! 220\nC> 1 QUIT\nS> 221 (1 QUIT)\nclose - fin\n"},
	{"something else first", {S("hello\r\n220 mx\r\n")}, "odd S not-a-reply 5\nS! 220 |mx|\nclose - fin\n"},
	{"none, and no bytes at all", {{STEP_END}}, "close - unanswered\n", .how = STREAM_CLOSE_UNANSWERED},
	{"none, and the client leaves", {C("QUIT\r\n")}, "odd C early-talker 0\nC> 1 QUIT\nclose - idle\n",
		.how = STREAM_CLOSE_IDLE_TIMEOUT},
	{"the client comes first", {C("EHLO c\r\n"), S("220 mx\r\n250 mx\r\n")},
		"odd C early-talker 0\nC> 1 EHLO |c|\nS! 220 |mx|\nS> 250 (1 EHLO) |mx|\nS= \nclose ESMTP fin\n"},
	{"the client comes between two lines", {S("220-wait\r\n"), C("EHLO c\r\n"), S("220 mx\r\n"), S("250 mx\r\n")},
		"odd C early-talker 0\nC> 1 EHLO |c|\nS! 220 |wait|mx|\nS> 250 (1 EHLO) |mx|\nS= \nclose ESMTP fin\n"},
	{"the client pipelines before it", {C("EHLO c\r\nNOOP\r\n"), S("220 mx\r\n250 mx\r\n250 ok\r\n")},
		"odd C early-talker 0\nC> 1 EHLO |c|\nC> 2 NOOP pipelined\nS! 220 |mx|\nS> 250 (1 EHLO) |mx|\nS= \n"
		"S> 250 (2 NOOP) |ok|\nclose ESMTP fin\n"},
	{"EHLO refused, HELO accepted",
		{S("220 mx\r\n"), C("EHLO c\r\n"), S("502 5.5.1 no\r\n"), C("HELO c\r\n"), S("250 mx\r\n")},
		"S! 220 |mx|\nC> 1 EHLO |c|\nS> 502 (1 EHLO) 5.5.1 |no|\nC> 2 HELO |c|\nS> 250 (2 HELO) |mx|\nclose SMTP "
		"fin\n"},
	{"EHLO without an argument", {S("220 mx\r\n"), C("EHLO\r\n"), S("501 who?\r\n")},
		"S! 220 |mx|\nC> 1 EHLO\nS> 501 (1 EHLO) |who?|\nclose - fin\n"},
	{"commands in any case", {S("220 mx\r\n"), C("eHlO c\r\n"), S("250 mx\r\n"), C("quit \r\n"), S("221 bye\r\n")},
		"S! 220 |mx|\nC> 1 EHLO |c|\nS> 250 (1 EHLO) |mx|\nS= \nC> 2 QUIT\nS> 221 (2 QUIT) |bye|\nclose ESMTP "
		"fin\n"},
	{"an extension that looks like an enhanced code", {S("220 mx\r\n"), C("EHLO c\r\n"), S("250-mx\r\n250 2.0.0 X\r\n")},
		"S! 220 |mx|\nC> 1 EHLO |c|\nS> 250 (1 EHLO) |mx|2.0.0 X|\nS= 2.0.0 X\nclose ESMTP fin\n"},
};

static const struct script auth_scripts[] = {
	{"PLAIN with initial response",
		{HELLO, C("AUTH PLAIN " PLAIN_BASE64 "\r\n"), S("235 2.7.0 ok\r\n"), C("MAIL FROM:<a@b>\r\n"),
			S("250 ok\r\n")},
		HELLO_SEEN "C> 2 AUTH |PLAIN| -withheld\nauth 2 PLAIN response user=|tim|\nS> 235 (2 AUTH) 2.7.0 |ok|\n"
			   "auth 2 PLAIN accepted user=|tim|\nC> 3 MAIL m1 <a@b> auth=yes\nS> 250 (3 MAIL m1) |ok|\n"
			   "mail 1 aborted\nclose ESMTP fin\n",
		.secrets = SECRETS},
	{"PLAIN without, rejected",
		{HELLO, C("AUTH PLAIN\r\n"), S("334 \r\n"), C(PLAIN_BASE64 "\r\n"), S("535 5.7.8 no\r\n"),
			C("MAIL FROM:<a@b>\r\n"), S("530 5.7.0 log in\r\n"), C("QUIT\r\n"), S("221 bye\r\n")},
		HELLO_SEEN "C> 2 AUTH |PLAIN|\nS> 334 (2 AUTH) -withheld\nauth 2 PLAIN challenge\n"
			   "auth 2 PLAIN response user=|tim|\nS> 535 (auth 2) 5.7.8 |no|\nauth 2 PLAIN rejected user=|tim|\n"
			   "C> 3 MAIL m1 <a@b> auth=no\nS> 530 (3 MAIL m1) 5.7.0 |log in|\nmail 1 rejected\n"
			   "C> 4 QUIT\nS> 221 (4 QUIT) |bye|\nclose ESMTP fin\n",
		.secrets = SECRETS},
	{"LOGIN",
		{HELLO, C("auth login\r\n"), LOGIN_USER, C("dGlt\r\n"), LOGIN_PASSWORD, C(PASSWORD_BASE64 "\r\n"),
			S("235 ok\r\n")},
		HELLO_SEEN
		"C> 2 AUTH |LOGIN|\nS> 334 (2 AUTH) |VXNlcm5hbWU6|\nauth 2 LOGIN challenge\n"
		"auth 2 LOGIN response user=|tim|\nS> 334 (auth 2) |UGFzc3dvcmQ6|\nauth 2 LOGIN challenge user=|tim|\n"
		"auth 2 LOGIN response user=|tim|\nS> 235 (auth 2) |ok|\nauth 2 LOGIN accepted user=|tim|\n"
		"close ESMTP fin\n",
		.secrets = SECRETS},
	{"LOGIN with initial response, prompts in words",
		{HELLO, C("AUTH LOGIN dGlt\r\n"), S("334 Password:\r\n"), C(PASSWORD_BASE64 "\r\n"),
			S("454 4.7.0 later\r\n")},
		HELLO_SEEN
		"C> 2 AUTH |LOGIN| -withheld\nauth 2 LOGIN response user=|tim|\nS> 334 (2 AUTH) -withheld\n"
		"auth 2 LOGIN challenge user=|tim|\nauth 2 LOGIN response user=|tim|\nS> 454 (auth 2) 4.7.0 |later|\n"
		"auth 2 LOGIN rejected user=|tim|\nclose ESMTP fin\n",
		.secrets = SECRETS},
	{"LOGIN that asks for the password first",
		{HELLO, C("AUTH LOGIN\r\n"), LOGIN_PASSWORD, C(PASSWORD_BASE64 "\r\n"), S("535 no\r\n")},
		HELLO_SEEN
		"C> 2 AUTH |LOGIN|\nS> 334 (2 AUTH) |UGFzc3dvcmQ6|\nauth 2 LOGIN challenge\nauth 2 LOGIN response\n"
		"S> 535 (auth 2) |no|\nauth 2 LOGIN rejected\nclose ESMTP fin\n",
		.secrets = SECRETS},
	{"CRAM-MD5",
		{HELLO, C("AUTH CRAM-MD5\r\n"), S("334 PDE4OTYuNjk3MTcwOTUyQHBvc3RvZmZpY2UucmVzdG9uLm1jaS5uZXQ+\r\n"),
			C(CRAM_BASE64 "\r\n"), S("535 5.7.8 no\r\n")},
		HELLO_SEEN
		"C> 2 AUTH |CRAM-MD5|\nS> 334 (2 AUTH) -withheld\nauth 2 CRAM-MD5 challenge\n"
		"auth 2 CRAM-MD5 response user=|tim|\nS> 535 (auth 2) 5.7.8 |no|\nauth 2 CRAM-MD5 rejected user=|tim|\n"
		"close ESMTP fin\n",
		.secrets = SECRETS " PDE4OT"},
	{"cancelled",
		{HELLO, C("AUTH LOGIN\r\n"), LOGIN_USER, C("dGlt\r\n"), LOGIN_PASSWORD, C("*\r\n"),
			S("501 5.0.0 cancelled\r\n"), C("MAIL FROM:<a@b>\r\n"), S("250 ok\r\n")},
		HELLO_SEEN
		"C> 2 AUTH |LOGIN|\nS> 334 (2 AUTH) |VXNlcm5hbWU6|\nauth 2 LOGIN challenge\n"
		"auth 2 LOGIN response user=|tim|\nS> 334 (auth 2) |UGFzc3dvcmQ6|\nauth 2 LOGIN challenge user=|tim|\n"
		"auth 2 LOGIN cancel user=|tim|\nS> 501 (auth 2) 5.0.0 |cancelled|\nauth 2 LOGIN cancelled user=|tim|\n"
		"C> 3 MAIL m1 <a@b> auth=no\nS> 250 (3 MAIL m1) |ok|\nmail 1 aborted\nclose ESMTP fin\n"},
	{"XOAUTH2, accepted", {HELLO, C("AUTH XOAUTH2 dXNlcj10aW0BYXV0aA==\r\n"), S("235 ok\r\n")},
		HELLO_SEEN "C> 2 AUTH |XOAUTH2| -withheld\nauth 2 XOAUTH2 response user=|tim|\nS> 235 (2 AUTH) |ok|\n"
			   "auth 2 XOAUTH2 accepted user=|tim|\nclose ESMTP fin\n",
		.secrets = "dXNlcj"},
	{"XOAUTH2, an error, and an empty response to it",
		{HELLO, C("AUTH XOAUTH2 dXNlcj10aW0BYXV0aA==\r\n"), S("334 eyJzdGF0dXMiOiI0MDAifQ==\r\n"), C("\r\n"),
			S("535 5.7.8 no\r\n")},
		HELLO_SEEN "C> 2 AUTH |XOAUTH2| -withheld\nauth 2 XOAUTH2 response user=|tim|\nS> 334 (2 AUTH) -withheld\n"
			   "auth 2 XOAUTH2 challenge user=|tim|\nauth 2 XOAUTH2 response user=|tim|\nS> 535 (auth 2) 5.7.8 |no|\n"
			   "auth 2 XOAUTH2 rejected user=|tim| error=|400|\nclose ESMTP fin\n",
		.secrets = "dXNlcj eyJzd"},
	{"mechanism that is not offered", {HELLO, C("AUTH GSSAPI\r\n"), S("504 5.5.4 no\r\n")},
		HELLO_SEEN "C> 2 AUTH |GSSAPI|\nS> 504 (2 AUTH) 5.5.4 |no|\nauth 2 GSSAPI rejected\nclose ESMTP fin\n"},
	{"no mechanism", {HELLO, C("AUTH\r\n"), S("501 which?\r\n")},
		HELLO_SEEN "C> 2 AUTH\nS> 501 (2 AUTH) |which?|\nauth 2 rejected\nclose ESMTP fin\n"},
	{"the response in the place of the mechanism",
		{HELLO, C("AUTH " PLAIN_BASE64 "\r\n"), S("504 no " PLAIN_BASE64 "\r\n")},
		HELLO_SEEN "C> 2 AUTH -withheld\nS> 504 (2 AUTH) -withheld\nauth 2 rejected\nclose ESMTP fin\n",
		.secrets = SECRETS},
	{"mechanism in mixed case", {HELLO, C("AUTH Login\r\n"), S("504 no\r\n")},
		HELLO_SEEN "C> 2 AUTH |LOGIN|\nS> 504 (2 AUTH) |no|\nauth 2 LOGIN rejected\nclose ESMTP fin\n"},
	{"response that is no base64", {HELLO, C("AUTH PLAIN tim:tanstaaf\r\n"), S("501 5.5.2 tim:tanstaaf?\r\n")},
		HELLO_SEEN "C> 2 AUTH |PLAIN| -withheld\nauth 2 PLAIN response\nS> 501 (2 AUTH) 5.5.2 -withheld\n"
			   "auth 2 PLAIN rejected\nclose ESMTP fin\n",
		.secrets = SECRETS},
	{"the response comes back in the reply",
		{HELLO, C("AUTH PLAIN\r\n"), S("334\r\n"), C(PLAIN_BASE64 "\r\n"),
			S("535-5.7.8 cannot do\r\n535 5.7.8 <" PLAIN_BASE64 ">\r\n")},
		HELLO_SEEN
		"C> 2 AUTH |PLAIN|\nS> 334 (2 AUTH) -withheld\nauth 2 PLAIN challenge\n"
		"auth 2 PLAIN response user=|tim|\nS> 535 (auth 2) 5.7.8 -withheld\nauth 2 PLAIN rejected user=|tim|\n"
		"close ESMTP fin\n",
		.secrets = SECRETS},
	{"a part of it comes back in the reply", /* Sendmail shortens what it quotes */
		{HELLO, C("AUTH PLAIN " PLAIN_BASE64 PLAIN_BASE64 "\r\n"), S("501 5.5.2 <" PLAIN_BASE64 "...>\r\n")},
		HELLO_SEEN "C> 2 AUTH |PLAIN| -withheld\nauth 2 PLAIN response user=|tim|\nS> 501 (2 AUTH) 5.5.2 -withheld\n"
			   "auth 2 PLAIN rejected user=|tim|\nclose ESMTP fin\n",
		.secrets = SECRETS},
	{"the password comes back in the reply",
		{HELLO, C("AUTH PLAIN " PLAIN_BASE64 "\r\n"), S("535 not tanstaaftanstaaf\r\n"), C("NOOP\r\n"),
			S("250 still not tanstaaftanstaaf\r\n")},
		HELLO_SEEN "C> 2 AUTH |PLAIN| -withheld\nauth 2 PLAIN response user=|tim|\nS> 535 (2 AUTH) -withheld\n"
			   "auth 2 PLAIN rejected user=|tim|\nC> 3 NOOP\nS> 250 (3 NOOP) -withheld\nclose ESMTP fin\n",
		.secrets = SECRETS},
	{"the password of LOGIN comes back in the reply",
		{HELLO, C("AUTH LOGIN dGlt\r\n"), LOGIN_PASSWORD, C(PASSWORD_BASE64 "\r\n"),
			S("535 not tanstaaftanstaaf\r\n")},
		HELLO_SEEN "C> 2 AUTH |LOGIN| -withheld\nauth 2 LOGIN response user=|tim|\nS> 334 (2 AUTH) |UGFzc3dvcmQ6|\n"
			   "auth 2 LOGIN challenge user=|tim|\nauth 2 LOGIN response user=|tim|\nS> 535 (auth 2) -withheld\n"
			   "auth 2 LOGIN rejected user=|tim|\nclose ESMTP fin\n",
		.secrets = SECRETS},
	{"rejected at the user, the password follows out of step",
		{HELLO, C("AUTH LOGIN\r\n"), LOGIN_USER, C("dGlt\r\n"), S("535 no\r\n"), C(PASSWORD_BASE64 "\r\n"),
			S("500 5.5.1 what is " PASSWORD_BASE64 "\r\n"), C("QUIT\r\n"), S("221 bye\r\n")},
		HELLO_SEEN "C> 2 AUTH |LOGIN|\nS> 334 (2 AUTH) |VXNlcm5hbWU6|\nauth 2 LOGIN challenge\n"
			   "auth 2 LOGIN response user=|tim|\nS> 535 (auth 2) |no|\nauth 2 LOGIN rejected user=|tim|\n"
			   "odd C not-a-command 24\nC> 3 (?) -withheld\nS> 500 (3 (?)) 5.5.1 -withheld\n"
			   "C> 4 QUIT\nS> 221 (4 QUIT) |bye|\nclose ESMTP fin\n",
		.secrets = SECRETS},
	{"refused mechanism, responses that look like words follow",
		{HELLO, C("AUTH LOGIN\r\n"), S("504 no\r\n"), C("dGlt\r\n"), S("500 what?\r\n"), C("dGFuc3Rh\r\n"),
			S("500 what is DGFUC3RH dGFuc3Rh?\r\n")},
		HELLO_SEEN "C> 2 AUTH |LOGIN|\nS> 504 (2 AUTH) |no|\nauth 2 LOGIN rejected\nC> 3 (?) -withheld\n"
			   "S> 500 (3 (?)) |what?|\nC> 4 (?) -withheld\nS> 500 (4 (?)) -withheld\nclose ESMTP fin\n",
		.secrets = "dGFuc3 dGlt DGLT DGFUC3"},
	{"two mechanisms",
		{HELLO, C("AUTH PLAIN " PLAIN_BASE64 "\r\n"), S("535 no\r\n"), C("AUTH CRAM-MD5\r\n"), S("334 PDE4OTYu\r\n"),
			C(CRAM_BASE64 "\r\n"), S("235 ok\r\n")},
		HELLO_SEEN "C> 2 AUTH |PLAIN| -withheld\nauth 2 PLAIN response user=|tim|\nS> 535 (2 AUTH) |no|\n"
			   "auth 2 PLAIN rejected user=|tim|\nC> 3 AUTH |CRAM-MD5|\nS> 334 (3 AUTH) -withheld\n"
			   "auth 3 CRAM-MD5 challenge\nauth 3 CRAM-MD5 response user=|tim|\nS> 235 (auth 3) |ok|\n"
			   "auth 3 CRAM-MD5 accepted user=|tim|\nclose ESMTP fin\n",
		.secrets = SECRETS},
	{"a second AUTH is refused, the first stays",
		{HELLO, C("AUTH PLAIN " PLAIN_BASE64 "\r\n"), S("235 ok\r\n"), C("AUTH LOGIN\r\n"), S("503 twice\r\n"),
			C("MAIL FROM:<a@b>\r\n"), S("250 ok\r\n")},
		HELLO_SEEN
		"C> 2 AUTH |PLAIN| -withheld\nauth 2 PLAIN response user=|tim|\nS> 235 (2 AUTH) |ok|\n"
		"auth 2 PLAIN accepted user=|tim|\nC> 3 AUTH |LOGIN|\nS> 503 (3 AUTH) |twice|\nauth 3 LOGIN rejected\n"
		"C> 4 MAIL m1 <a@b> auth=yes\nS> 250 (4 MAIL m1) |ok|\nmail 1 aborted\nclose ESMTP fin\n",
		.secrets = SECRETS},
	{"the server tires of waiting for a response", {HELLO, C("AUTH LOGIN\r\n"), LOGIN_USER, S("421 4.4.2 timeout\r\n")},
		HELLO_SEEN
		"C> 2 AUTH |LOGIN|\nS> 334 (2 AUTH) |VXNlcm5hbWU6|\nauth 2 LOGIN challenge\nS> 421 (-) 4.4.2 |timeout|\n"
		"auth 2 LOGIN unknown\nclose ESMTP fin\n"},
	{"the connection ends before the outcome", {HELLO, C("AUTH PLAIN " PLAIN_BASE64 "\r\n")},
		HELLO_SEEN "C> 2 AUTH |PLAIN| -withheld\nauth 2 PLAIN response user=|tim|\nauth 2 PLAIN unknown user=|tim|\n"
			   "close ESMTP reset-by-server\n",
		.how = STREAM_CLOSE_RESET_BY_SERVER, .secrets = SECRETS},
	{"pipelined before the outcome",
		{HELLO, C("AUTH PLAIN " PLAIN_BASE64 "\r\nMAIL FROM:<a@b>\r\n"), S("235 ok\r\n250 ok\r\n"), C("QUIT\r\n"),
			S("221 bye\r\n")},
		HELLO_SEEN
		"C> 2 AUTH |PLAIN| -withheld\nauth 2 PLAIN response user=|tim|\nS> 235 (2 AUTH) |ok|\n"
		"auth 2 PLAIN accepted user=|tim|\nC> 3 MAIL m1 <a@b> auth=yes pipelined\nS> 250 (3 MAIL m1) |ok|\n"
		"C> 4 QUIT\nS> 221 (4 QUIT) |bye|\nmail 1 aborted\nclose ESMTP fin\n",
		.secrets = SECRETS},
	{"a user and password in a command that nobody knows",
		{HELLO, C("XLOGIN tim tanstaaf\r\n"), S("500 no\r\n"), C("LONGER-THAN-ANY-COMMAND\r\n"), S("500 no\r\n")},
		HELLO_SEEN "C> 2 XLOGIN -withheld\nS> 500 (2 XLOGIN) |no|\nodd C not-a-command 23\nC> 3 (?) -withheld\n"
			   "S> 500 (3 (?)) |no|\nclose ESMTP fin\n",
		.secrets = SECRETS " LONGER"},
	{"a challenge out of the blue",
		{HELLO, C("AUTH PLAIN " PLAIN_BASE64 "\r\n"), S("235 ok\r\n"), C("NOOP\r\n"), S("334 abcd\r\n")},
		HELLO_SEEN "C> 2 AUTH |PLAIN| -withheld\nauth 2 PLAIN response user=|tim|\nS> 235 (2 AUTH) |ok|\n"
			   "auth 2 PLAIN accepted user=|tim|\nC> 3 NOOP\nS> 334 (3 NOOP) -withheld\nclose ESMTP fin\n",
		.secrets = SECRETS},
};

#define CLIENT_HELLO "\x16\x03\x01\x00\x05\x01\x00\x00\x01\x00"
#define SERVER_HELLO "\x16\x03\x03\x00\x05\x02\x00\x00\x01\x00"
#define CHANGE_CIPHER "\x14\x03\x03\x00\x01\x01"
#define ENCRYPTED "\x17\x03\x03\x00\x03xyz"

#define TLS_RANDOM "0123456789abcdef0123456789ABCDEF"
#define WHOLE_HELLO "\x16\x03\x01\x00\x2f\x01\x00\x00\x2b\x03\x03" TLS_RANDOM "\x00\x00\x04\x00\x2f\xc0\x2f\x01\x00"
#define WHOLE_SERVER "\x16\x03\x03\x00\x2a\x02\x00\x00\x26\x03\x03" TLS_RANDOM "\x00\xc0\x2f\x00"
#define WHOLE_SEEN "tls client-hello implicit 0303 0000 4 0 \ntls server-hello implicit 0303 c02f 0 0 \n"
#define CERTIFICATE "\x16\x03\x03\x00\x10\x0b\x00\x00\x0c\x00\x00\x09\x00\x00\x02\x30\x00\x00\x00\x01\x31"
#define FINISHED "\x16\x03\x03\x00\x29" TLS_RANDOM "encrypted"

static const struct script tls_scripts[] = {
	{"STARTTLS",
		{HELLO, C("STARTTLS\r\n"), S("220 2.0.0 go\r\n"), C(CLIENT_HELLO), S(SERVER_HELLO CHANGE_CIPHER ENCRYPTED),
			C(CHANGE_CIPHER ENCRYPTED), S(ENCRYPTED)},
		HELLO_SEEN
		"C> 2 STARTTLS\nS> 220 (2 STARTTLS) 2.0.0 |go|\ntls client-hello\ntls server-hello\ntls encrypted\n"
		"close ESMTP fin\n"},
	{"the client begins TLS at once", {HELLO, C("STARTTLS\r\n" CLIENT_HELLO), S("220 go\r\n"), S(SERVER_HELLO)},
		HELLO_SEEN "C> 2 STARTTLS\nS> 220 (2 STARTTLS) |go|\ntls client-hello\ntls server-hello\nclose ESMTP fin\n"},
	{"STARTTLS refused", {HELLO, C("STARTTLS\r\n"), S("454 4.7.0 no\r\n"), C("NOOP\r\n"), S("250 ok\r\n")},
		HELLO_SEEN
		"C> 2 STARTTLS\nS> 454 (2 STARTTLS) 4.7.0 |no|\nC> 3 NOOP\nS> 250 (3 NOOP) |ok|\nclose ESMTP fin\n"},
	{"STARTTLS answered by a code that is none",
		{HELLO, C("STARTTLS\r\n"), S("354 go\r\n"), C("NOOP\r\n"), S("250 ok\r\n")},
		HELLO_SEEN "C> 2 STARTTLS\nS> 354 (2 STARTTLS) |go|\nC> 3 NOOP\nS> 250 (3 NOOP) |ok|\nclose ESMTP fin\n"},
	{"plain text after the 220", {HELLO, C("STARTTLS\r\n"), S("220 go\r\n"), C("NOOP\r\n"), S("250 ok\r\n")},
		HELLO_SEEN "C> 2 STARTTLS\nS> 220 (2 STARTTLS) |go|\nC> 3 NOOP\nS> 250 (3 NOOP) |ok|\nclose ESMTP fin\n"},
	{"commands smuggled in before TLS",
		{HELLO, C("STARTTLS\r\nNOOP\r\n"), S("220 go\r\n"), C(CLIENT_HELLO), S(SERVER_HELLO), C(ENCRYPTED)},
		HELLO_SEEN
		"C> 2 STARTTLS\nS> 220 (2 STARTTLS) |go|\nodd C command-before-tls 0\nC> 3 NOOP pipelined\ntls client-hello\n"
		"tls server-hello\ntls encrypted\nclose ESMTP fin\n"},
	{"the hello behind STARTTLS, before the answer",
		{HELLO, C("STARTTLS\r\n"), C(CLIENT_HELLO), S("220 go\r\n"), S(SERVER_HELLO), C(ENCRYPTED)},
		HELLO_SEEN
		"C> 2 STARTTLS\nS> 220 (2 STARTTLS) |go|\ntls client-hello\ntls server-hello\ntls encrypted\nclose ESMTP fin\n"},
	{"commands in the clear in answer to the 220",
		{HELLO, C("STARTTLS\r\n"), S("220 go\r\n"), C("NOOP\r\n"), S("250 ok\r\n")},
		HELLO_SEEN "C> 2 STARTTLS\nS> 220 (2 STARTTLS) |go|\nC> 3 NOOP\nS> 250 (3 NOOP) |ok|\nclose ESMTP fin\n"},
	{"commands behind a STARTTLS that is refused",
		{HELLO, C("STARTTLS\r\nNOOP\r\n"), S("454 no\r\n250 ok\r\n")},
		HELLO_SEEN "C> 2 STARTTLS\nS> 454 (2 STARTTLS) |no|\nC> 3 NOOP pipelined\nS> 250 (3 NOOP) |ok|\nclose ESMTP fin\n"},
	{"replies smuggled in before TLS",
		{HELLO, C("STARTTLS\r\n"), S("220 go\r\n250-x\r\n250 AUTH PLAIN\r\n"), C(CLIENT_HELLO), S(SERVER_HELLO), C(ENCRYPTED)},
		HELLO_SEEN
		"C> 2 STARTTLS\nS> 220 (2 STARTTLS) |go|\nodd S reply-before-tls 0\nodd S unsolicited-reply 0\n"
		"S> 250 (-) |x|AUTH PLAIN|\ntls client-hello\ntls server-hello\ntls encrypted\nclose ESMTP fin\n"},
	{"the server takes the hello for a command",
		{HELLO, C("STARTTLS\r\n"), S("220 go\r\n"), C(CLIENT_HELLO), S("500 what?\r\n")},
		HELLO_SEEN "C> 2 STARTTLS\nS> 220 (2 STARTTLS) |go|\ntls client-hello\nodd S unsolicited-reply 0\n"
			   "S> 500 (-) |what?|\nclose ESMTP fin\n"},
	{"a gap behind the 220, then text",
		{HELLO, C("STARTTLS\r\n"), S("220 go\r\n"), GAP_S(10), S("250 ok\r\n"), C(CLIENT_HELLO)},
		HELLO_SEEN "C> 2 STARTTLS\nS> 220 (2 STARTTLS) |go|\ngap S 10\ntls client-hello\nclose ESMTP fin\n"},
	{"hello in several records and pieces",
		{HELLO, C("STARTTLS\r\n"), S("220 go\r\n"), C("\x16\x03\x01\x00\x01\x01"), C("\x16\x03\x01"),
			C("\x00\x02\x00\x00"), S(SERVER_HELLO), S(ENCRYPTED)},
		HELLO_SEEN "C> 2 STARTTLS\nS> 220 (2 STARTTLS) |go|\ntls client-hello\ntls server-hello\ntls encrypted\n"
			   "close ESMTP fin\n"},
	{"gap in the hello",
		{HELLO, C("STARTTLS\r\n"), S("220 go\r\n"), C("\x16\x03\x01\x00\x50\x01\x00\x00\x4c"), GAP_C(70),
			S(SERVER_HELLO), S(ENCRYPTED)},
		HELLO_SEEN
		"C> 2 STARTTLS\nS> 220 (2 STARTTLS) |go|\ntls client-hello\ngap C 70\ntls server-hello\ntls encrypted\n"
		"close ESMTP fin\n"},
	{"mail before STARTTLS is over", {HELLO, ENVELOPE, C("STARTTLS\r\n"), S("220 go\r\n"), C(CLIENT_HELLO)},
		HELLO_SEEN ENVELOPE_SEEN "C> 4 STARTTLS\nS> 220 (4 STARTTLS) |go|\nmail 1 aborted\ntls client-hello\n"
					 "close ESMTP fin\n"},
	{"the 220 to STARTTLS is lost", {HELLO, C("STARTTLS\r\n"), GAP_S(8), C(CLIENT_HELLO), S(SERVER_HELLO), C(ENCRYPTED)},
		HELLO_SEEN "C> 2 STARTTLS\ngap S 8\ntls client-hello\ntls server-hello\ntls encrypted\nclose ESMTP fin\n"},
	{"TLS from the start", {C(CLIENT_HELLO), S(SERVER_HELLO CHANGE_CIPHER ENCRYPTED)},
		"tls client-hello implicit\ntls server-hello implicit\ntls encrypted implicit\nclose SMTPS fin\n",
		.port = PORT_SMTPS},
	{"TLS from the start on the plain port", {C(CLIENT_HELLO), S(SERVER_HELLO ENCRYPTED)},
		"tls client-hello implicit\ntls server-hello implicit\ntls encrypted implicit\nclose SMTPS fin\n"},
	{"plain on the TLS port", {HELLO, C("QUIT\r\n"), S("221 bye\r\n")},
		HELLO_SEEN "C> 2 QUIT\nS> 221 (2 QUIT) |bye|\nclose ESMTP fin\n", .port = PORT_SMTPS},
	{"TLS to a plain server", {C(CLIENT_HELLO), S("220 mx ESMTP\r\n")},
		"tls client-hello implicit\nS! 220 |mx ESMTP|\nclose SMTPS fin\n"},
	{"joined under TLS", {C(ENCRYPTED), S(ENCRYPTED)}, "tls encrypted\nclose - fin\n", .midstream = true},
	{"joined under TLS, the server first", {S(ENCRYPTED), C(ENCRYPTED)}, "tls encrypted\nclose - fin\n",
		.midstream = true},
	{"joined under TLS on the TLS port", {C(ENCRYPTED)}, "tls encrypted implicit\nclose SMTPS fin\n", .port = PORT_SMTPS,
		.midstream = true},
	{"joined at the hello", {C(CLIENT_HELLO), S(SERVER_HELLO)}, "tls client-hello\ntls server-hello\nclose - fin\n",
		.midstream = true},
	{"control bytes that are no TLS", {S("220 mx\r\n"), C("\x16NOOP\r\n"), S("500 what?\r\n")},
		"S! 220 |mx|\nodd C not-a-command 5\nC> 1 (?) -withheld\nS> 500 (1 (?)) |what?|\nclose - fin\n"},
	{"control bytes that are no TLS, joined", {S("\x17\x03 \r\n250 ok\r\n"), C("\x14 \r\n"), S("500 what?\r\n")},
		"S> 250 (?) |ok|\nS> 500 (?) |what?|\nclose - fin\n", .midstream = true},
	{"TLS to a server that has greeted",
		{S("220 mx ESMTP\r\n"), C(CLIENT_HELLO), S("500 what?\r\n"), C("\x15\x03\x01\x00\x02\x02\x16")},
		"S! 220 |mx ESMTP|\ntls client-hello\nodd S unsolicited-reply 0\nS> 500 (-) |what?|\ntls alert 2 22\n"
		"close - fin tls failed 0/0 0/0\n"},
	{"TLS 1.2",
		{C(WHOLE_HELLO), S(WHOLE_SERVER CERTIFICATE), C(CHANGE_CIPHER FINISHED), S(CHANGE_CIPHER FINISHED), S(ENCRYPTED), C(ENCRYPTED ENCRYPTED)},
		WHOLE_SEEN "tls certificate implicit 2 0\\00\ntls encrypted implicit\nclose SMTPS fin tls complete 2/6 1/3\n"},
	{"TLS 1.2, the client refuses the certificate",
		{C(WHOLE_HELLO), S(WHOLE_SERVER CERTIFICATE), C("\x15\x03\x03\x00\x02\x02\x30")},
		WHOLE_SEEN "tls certificate implicit 2 0\\00\ntls alert implicit 2 48\nclose SMTPS fin tls failed 0/0 0/0\n"},
	{"a gap in the certificates",
		{C(WHOLE_HELLO), S(WHOLE_SERVER "\x16\x03\x03\x00\x10\x0b\x00\x00\x0c\x00\x00\x09\x00"), GAP_S(7), S("\x31"),
			C(CHANGE_CIPHER FINISHED), S(CHANGE_CIPHER FINISHED), S(ENCRYPTED), C(ENCRYPTED)},
		WHOLE_SEEN "gap S 7\ntls encrypted implicit\nclose SMTPS fin\n"},
	{"gaps in what is encrypted",
		{C(WHOLE_HELLO), S(WHOLE_SERVER), C(CHANGE_CIPHER FINISHED), S(CHANGE_CIPHER FINISHED), C(ENCRYPTED), GAP_S(100), S(ENCRYPTED),
			C(ENCRYPTED), UNSEEN_C(ENCRYPTED), S(ENCRYPTED)},
		WHOLE_SEEN "tls encrypted implicit\nclose SMTPS fin tls complete ? ?\n"},
	{"a hello in the form of SSL 2 after STARTTLS",
		{HELLO, C("STARTTLS\r\n"), S("220 go\r\n"), C("\x80\x1c\x01\x03\x01\x00\x03\x00\x00\x00\x10\x00\x00\x2f" "0123456789abcdef"), S(WHOLE_SERVER)},
		HELLO_SEEN "C> 2 STARTTLS\nS> 220 (2 STARTTLS) |go|\ntls client-hello 0301 0000 0 0 \ntls server-hello 0303 c02f 0 0 \n"
			   "close ESMTP fin tls failed 0/0 0/0\n"},
	{"a hello in the form of SSL 2 at once", {C("\x80\x1c\x01\x03\x01\x00\x03\x00\x00\x00\x10\x00\x00\x2f" "0123456789abcdef"), S(WHOLE_SERVER)},
		"tls client-hello implicit 0301 0000 0 0 \ntls server-hello implicit 0303 c02f 0 0 \nclose SMTPS fin tls failed 0/0 0/0\n"},
	{"half a hello is answered in plain text", {C("\x16\x03\x01\x00\x2f\x01"), S("220 mx ESMTP\r\n")},
		"tls client-hello implicit\nS! 220 |mx ESMTP|\nclose SMTPS fin\n"},
	{"half a hello is all", {C("\x16\x03\x01\x00\x2f\x01\x00\x00\x2b\x03")}, "tls client-hello implicit\nclose SMTPS fin\n"},
	{"a hello without an answer", {C(WHOLE_HELLO)},
		"tls client-hello implicit 0303 0000 4 0 \nclose SMTPS fin tls failed 0/0 0/0\n"},
	{"the same, but nobody saw the end", {C(WHOLE_HELLO)}, "tls client-hello implicit 0303 0000 4 0 \nclose SMTPS capture-ended\n",
		.how = STREAM_CLOSE_CAPTURE_ENDED},
};

static const struct script mail_scripts[] = {
	{"a mail",
		{TO_BODY, C("Subject: x\r\n\r\n..dot\r\n.\r\n"), S("250 2.0.0 queued\r\n"), C("QUIT\r\n"), S("221 bye\r\n")},
		TO_BODY_SEEN "body 4 m1 DATA 20 bytes 3 lines\nS> 250 (body 4 m1) 2.0.0 |queued|\nmail 1 accepted\n"
			     "C> 5 QUIT\nS> 221 (5 QUIT) |bye|\nclose ESMTP fin\n"},
	{"body in pieces", {TO_BODY, C("a\r"), C("\n."), C(".\r\n"), C("."), C("\r"), C("\n"), S("250 ok\r\n")},
		TO_BODY_SEEN "body 4 m1 DATA 6 bytes 2 lines\nS> 250 (body 4 m1) |ok|\nmail 1 accepted\nclose ESMTP fin\n"},
	{"empty body", {TO_BODY, C(".\r\n"), S("250 ok\r\n")},
		TO_BODY_SEEN "body 4 m1 DATA 0 bytes 0 lines\nS> 250 (body 4 m1) |ok|\nmail 1 accepted\nclose ESMTP fin\n"},
	{"body refused", {TO_BODY, C("x\r\n.\r\n"), S("554 5.7.1 spam\r\n")},
		TO_BODY_SEEN
		"body 4 m1 DATA 3 bytes 1 lines\nS> 554 (body 4 m1) 5.7.1 |spam|\nmail 1 rejected\nclose ESMTP fin\n"},
	{"commands in the body", {TO_BODY, C("QUIT\r\nRSET\r\n.\r\nNOOP\r\n"), S("250 ok\r\n250 ok\r\n")},
		TO_BODY_SEEN
		"body 4 m1 DATA 12 bytes 2 lines\nC> 5 NOOP pipelined\nS> 250 (body 4 m1) |ok|\nmail 1 accepted\n"
		"S> 250 (5 NOOP) |ok|\nclose ESMTP fin\n"},
	{"a dot between bare newlines is no end", {TO_BODY, C("x\n.\nMAIL FROM:<e@f>\r\n.\r\n"), S("250 ok\r\n")},
		TO_BODY_SEEN "odd C false-end 2 lf.lf MAIL\nbody 4 m1 DATA 21 bytes 3 lines\nS> 250 (body 4 m1) |ok|\nmail 1 accepted\n"
			     "close ESMTP fin\n"},
	{"a dot between bare newlines in a letter", {TO_BODY, C("x\n.\nMAIL is late\r\n.\r\n"), S("250 ok\r\n")},
		TO_BODY_SEEN "body 4 m1 DATA 18 bytes 3 lines\nS> 250 (body 4 m1) |ok|\nmail 1 accepted\nclose ESMTP fin\n"},
	{"a NUL before the dot, and a server that falls for it",
		{TO_BODY, C("x\r\n\0.\r\nMAIL FROM:<e@f>\r\n.\r\n"), S("250 ok\r\n250 ok\r\n500 what?\r\n")},
		TO_BODY_SEEN "odd C false-end 4 crlf0.crlf MAIL\nbody 4 m1 DATA 24 bytes 3 lines\nS> 250 (body 4 m1) |ok|\nmail 1 accepted\n"
			     "odd S unsolicited-reply 0\nS> 250 (-) |ok|\nodd S unsolicited-reply 0\nS> 500 (-) |what?|\nclose ESMTP fin\n"},
	{"the server takes it for an end", {TO_BODY, C("x\n.\n"), S("250 ok\r\n"), C("QUIT\r\n"), S("221 bye\r\n")},
		TO_BODY_SEEN
		"odd S body-unterminated 0\nbody 4 m1 DATA 4 bytes 2 lines incomplete\nS> 250 (body 4 m1) |ok|\n"
		"mail 1 accepted\nC> 5 QUIT\nS> 221 (5 QUIT) |bye|\nclose ESMTP fin\n"},
	{"refused while the body is sent",
		{TO_BODY, C("x\r\n"), S("552 too big\r\n"), C_MISSED(1, "y\r\n.\r\n"), C("QUIT\r\n"), S("221 bye\r\n")},
		TO_BODY_SEEN "S> 552 (body 4 m1) |too big|\nmail 1 rejected\nbody 4 m1 DATA 6 bytes 2 lines\n"
			     "C> 5 QUIT\nS> 221 (5 QUIT) |bye|\nclose ESMTP fin\n"},
	{"421 while the body is sent", {TO_BODY, C("x\r\n"), S("421 bye\r\n")},
		TO_BODY_SEEN
		"S> 421 (-) |bye|\nbody 4 m1 DATA 3 bytes 1 lines incomplete\nmail 1 aborted\nclose ESMTP fin\n"},
	{"the connection ends in the body", {TO_BODY, C("x\r\ny")},
		TO_BODY_SEEN "body 4 m1 DATA 4 bytes 1 lines incomplete\nmail 1 aborted\nclose ESMTP reset-by-client\n",
		.how = STREAM_CLOSE_RESET_BY_CLIENT},
	{"the capture ends in the body", {TO_BODY, C("x\r\ny")},
		TO_BODY_SEEN "body 4 m1 DATA 4 bytes 1 lines incomplete\nmail 1 unknown\nclose ESMTP capture-ended\n",
		.how = STREAM_CLOSE_CAPTURE_ENDED},
	{"the connection ends before the reply to the body", {TO_BODY, C("x\r\n.\r\n")},
		TO_BODY_SEEN "body 4 m1 DATA 3 bytes 1 lines\nmail 1 unknown\nclose ESMTP fin\n"},
	{"DATA refused, commands follow",
		{HELLO, ENVELOPE, C("DATA\r\n"), S("451 4.3.0 later\r\n"), C("RSET\r\n"), S("250 ok\r\n"), C("QUIT\r\n"),
			S("221 bye\r\n")},
		HELLO_SEEN ENVELOPE_SEEN "C> 4 DATA m1\nS> 451 (4 DATA m1) 4.3.0 |later|\nC> 5 RSET\nS> 250 (5 RSET) |ok|\n"
					 "mail 1 rejected\nC> 6 QUIT\nS> 221 (6 QUIT) |bye|\nclose ESMTP fin\n"},
	{"DATA refused, the message follows all the same",
		{HELLO, ENVELOPE, C("DATA\r\n"), S("554 no\r\n"), C("Subject: x\r\n.\r\n"), S("500 what?\r\n500 what?\r\n"),
			C("QUIT\r\n"), S("221 bye\r\n")},
		HELLO_SEEN ENVELOPE_SEEN
		"C> 4 DATA m1\nS> 554 (4 DATA m1) |no|\nodd C not-a-command 10\nC> 5 (?) -withheld\n"
		"odd C not-a-command 1\nC> 6 (?) -withheld pipelined\nS> 500 (5 (?)) |what?|\n"
		"S> 500 (6 (?)) |what?|\nC> 7 QUIT\nS> 221 (7 QUIT) |bye|\nmail 1 rejected\n"
		"close ESMTP fin\n"},
	{"DATA with nothing to do", {HELLO, C("DATA\r\n"), S("503 5.5.1 MAIL first\r\n"), C("QUIT\r\n"), S("221 bye\r\n")},
		HELLO_SEEN
		"C> 2 DATA\nS> 503 (2 DATA) 5.5.1 |MAIL first|\nC> 3 QUIT\nS> 221 (3 QUIT) |bye|\nclose ESMTP fin\n"},
	{"parameters and paths",
		{HELLO, C("MAIL FROM:<@r1,@r2:\"a b\"@c> SIZE=100 BODY=8BITMIME SMTPUTF8\r\n"), S("250 ok\r\n"),
			C("RCPT TO: <d@e> NOTIFY=NEVER\r\n"), S("250 ok\r\n"), C("rcpt to:f@g\r\n"), S("250 ok\r\n"),
			C("RCPT <h@i>\r\n"), S("501 no\r\n"), C("RSET\r\n"), S("250 ok\r\n")},
		HELLO_SEEN "C> 2 MAIL m1 <\"a b\"@c> SIZE=100 BODY=8BITMIME SMTPUTF8 auth=no\n"
			   "odd C not-offered 8BITMIME 0\nodd C not-offered SMTPUTF8 0\nS> 250 (2 MAIL m1) |ok|\n"
			   "C> 3 RCPT m1 r1 <d@e> NOTIFY=NEVER\nodd C not-offered DSN 0\nS> 250 (3 RCPT m1 r1) |ok|\n"
			   "C> 4 RCPT m1 r2 !<f@g>\nS> 250 (4 RCPT m1 r2) |ok|\n"
			   "C> 5 RCPT m1 r3 !<h@i>\nS> 501 (5 RCPT m1 r3) |no|\nC> 6 RSET\nS> 250 (6 RSET) |ok|\n"
			   "mail 1 aborted\nclose ESMTP fin\n"},
	{"null sender", {HELLO, C("MAIL FROM:<>\r\n"), S("250 ok\r\n"), C("RCPT TO:<Postmaster>\r\n"), S("251 ok\r\n")},
		HELLO_SEEN "C> 2 MAIL m1 <> auth=no\nS> 250 (2 MAIL m1) |ok|\nC> 3 RCPT m1 r1 <Postmaster>\n"
			   "S> 251 (3 RCPT m1 r1) |ok|\nmail 1 aborted\nclose ESMTP fin\n"},
	{"all recipients refused",
		{HELLO, C("MAIL FROM:<a@b>\r\n"), S("250 ok\r\n"), C("RCPT TO:<b@c>\r\n"), S("550 5.1.1 no\r\n"),
			C("QUIT\r\n"), S("221 bye\r\n")},
		HELLO_SEEN
		"C> 2 MAIL m1 <a@b> auth=no\nS> 250 (2 MAIL m1) |ok|\nC> 3 RCPT m1 r1 <b@c>\n"
		"S> 550 (3 RCPT m1 r1) 5.1.1 |no|\nC> 4 QUIT\nS> 221 (4 QUIT) |bye|\nmail 1 rejected\nclose ESMTP fin\n"},
	{"RSET in the middle, then another",
		{HELLO, ENVELOPE, C("RSET\r\n"), S("250 ok\r\n"), C("MAIL FROM:<x@y>\r\n"), S("250 ok\r\n"), C("EHLO d\r\n"),
			S("250 mx\r\n"), C("RCPT TO:<b@c>\r\n"), S("503 no\r\n")},
		HELLO_SEEN ENVELOPE_SEEN
		"C> 4 RSET\nS> 250 (4 RSET) |ok|\nmail 1 aborted\nC> 5 MAIL m2 <x@y> auth=no\n"
		"S> 250 (5 MAIL m2) |ok|\nC> 6 EHLO |d|\nS> 250 (6 EHLO) |mx|\nS= \nmail 2 aborted\n"
		"C> 7 RCPT <b@c>\nS> 503 (7 RCPT) |no|\nclose ESMTP fin\n"},
	{"two mails",
		{TO_BODY, C("x\r\n.\r\n"), S("250 ok\r\n"), C("MAIL FROM:<d@e>\r\n"), S("250 ok\r\n"),
			C("RCPT TO:<f@g>\r\n"), S("250 ok\r\n"), C("DATA\r\n"), S("354 go\r\n"), C("yy\r\n.\r\n"),
			S("451 later\r\n")},
		TO_BODY_SEEN
		"body 4 m1 DATA 3 bytes 1 lines\nS> 250 (body 4 m1) |ok|\nmail 1 accepted\n"
		"C> 5 MAIL m2 <d@e> auth=no\nS> 250 (5 MAIL m2) |ok|\nC> 6 RCPT m2 r1 <f@g>\nS> 250 (6 RCPT m2 r1) |ok|\n"
		"C> 7 DATA m2\nS> 354 (7 DATA m2) |go|\nbody 7 m2 DATA 4 bytes 1 lines\nS> 451 (body 7 m2) |later|\n"
		"mail 2 rejected\nclose ESMTP fin\n"},
	{"nested MAIL",
		{HELLO, ENVELOPE, C("MAIL FROM:<x@y>\r\n"), S("503 nested\r\n"), C("MAIL FROM:<x@z>\r\n"),
			S("503 nested\r\n"), C("DATA\r\n"), S("354 go\r\n"), C("x\r\n.\r\n"), S("250 ok\r\n")},
		HELLO_SEEN ENVELOPE_SEEN "C> 4 MAIL m2 <x@y> auth=no\nS> 503 (4 MAIL m2) |nested|\nmail 2 rejected\n"
					 "C> 5 MAIL m3 <x@z> auth=no\nS> 503 (5 MAIL m3) |nested|\nmail 3 rejected\n"
					 "C> 6 DATA m1\nS> 354 (6 DATA m1) |go|\nbody 6 m1 DATA 3 bytes 1 lines\n"
					 "S> 250 (body 6 m1) |ok|\nmail 1 accepted\nclose ESMTP fin\n"},
	{"nested MAIL in one flight",
		{HELLO, C("MAIL FROM:<a@b>\r\nRCPT TO:<b@c>\r\nMAIL FROM:<x@y>\r\nDATA\r\n"),
			S("250 ok\r\n250 ok\r\n503 nested\r\n354 go\r\n"), C("x\r\n.\r\n"), S("250 ok\r\n")},
		HELLO_SEEN
		"C> 2 MAIL m1 <a@b> auth=no\nC> 3 RCPT m1 r1 <b@c> pipelined\nC> 4 MAIL m2 <x@y> auth=no pipelined\n"
		"C> 5 DATA m2 pipelined\nS> 250 (2 MAIL m1) |ok|\nS> 250 (3 RCPT m1 r1) |ok|\nS> 503 (4 MAIL m2) |nested|\n"
		"mail 2 rejected\nS> 354 (5 DATA m1) |go|\nbody 5 m1 DATA 3 bytes 1 lines\nS> 250 (body 5 m1) |ok|\n"
		"mail 1 accepted\nclose ESMTP fin\n"},
	{"BDAT",
		{HELLO, ENVELOPE, C("BDAT 5\r\nab\r\nc"), S("250 5 bytes\r\n"), C("bdat 4 last\r\n.\r\n\n"),
			S("250 2.0.0 ok\r\n")},
		HELLO_SEEN ENVELOPE_SEEN "C> 4 BDAT m1 |5|\nS> 250 (4 BDAT m1) |5 bytes|\nC> 5 BDAT m1 |4 last|\n"
					 "body 5 m1 BDAT 9 bytes 3 lines\nS> 250 (5 BDAT m1) 2.0.0 |ok|\nmail 1 accepted\n"
					 "close ESMTP fin\n"},
	{"BDAT chunks in one flight, a last one that is empty",
		{HELLO, ENVELOPE, C("BDAT 3\r\nabcBDAT 2\r\n\r\nBDAT 0 LAST\r\nQUIT\r\n"),
			S("250 ok\r\n250 ok\r\n250 ok\r\n221 bye\r\n")},
		HELLO_SEEN ENVELOPE_SEEN
		"C> 4 BDAT m1 |3|\nC> 5 BDAT m1 |2| pipelined\nC> 6 BDAT m1 |0 LAST| pipelined\n"
		"body 6 m1 BDAT 5 bytes 1 lines\nC> 7 QUIT pipelined\nS> 250 (4 BDAT m1) |ok|\n"
		"S> 250 (5 BDAT m1) |ok|\nS> 250 (6 BDAT m1) |ok|\nmail 1 accepted\nS> 221 (7 QUIT) |bye|\n"
		"close ESMTP fin\n"},
	{"BDAT 0 LAST alone", {HELLO, ENVELOPE, C("BDAT 0 LAST\r\n"), S("554 5.6.0 empty\r\n")},
		HELLO_SEEN ENVELOPE_SEEN
		"C> 4 BDAT m1 |0 LAST|\nbody 4 m1 BDAT 0 bytes 0 lines\nS> 554 (4 BDAT m1) 5.6.0 |empty|\n"
		"mail 1 rejected\nclose ESMTP fin\n"},
	{"BDAT refused, its bytes come all the same",
		{HELLO, C("BDAT 6\r\nNOOP\r\n"), S("503 no\r\n"), C("NOOP\r\n"), S("250 ok\r\n")},
		HELLO_SEEN "C> 2 BDAT |6|\nS> 503 (2 BDAT) |no|\nC> 3 NOOP\nS> 250 (3 NOOP) |ok|\nclose ESMTP fin\n"},
	{"BDAT refused before the bytes have come",
		{HELLO, ENVELOPE, C("BDAT 6 LAST\r\nab"), S("552 no\r\n"), C("cdef"), C("NOOP\r\n"), S("250 ok\r\n")},
		HELLO_SEEN ENVELOPE_SEEN
		"C> 4 BDAT m1 |6 LAST|\nS> 552 (4 BDAT m1) |no|\nmail 1 rejected\n"
		"body 4 m1 BDAT 6 bytes 0 lines\nC> 5 NOOP\nS> 250 (5 NOOP) |ok|\nclose ESMTP fin\n"},
	{"BDAT sizes that are none",
		{HELLO, ENVELOPE, C("BDAT\r\n"), S("501 no\r\n"), C("BDAT -1\r\n"), S("501 no\r\n"),
			C("BDAT 18446744073709551616\r\n"), S("501 no\r\n"), C("BDAT 3 FIRST\r\n"), S("501 no\r\n"),
			C("BDAT 3 LAST x\r\n"), S("501 no\r\n")},
		HELLO_SEEN ENVELOPE_SEEN
		"C> 4 BDAT m1\nS> 501 (4 BDAT m1) |no|\nC> 5 BDAT m1 |-1|\nS> 501 (5 BDAT m1) |no|\n"
		"C> 6 BDAT m1 |18446744073709551616|\nS> 501 (6 BDAT m1) |no|\n"
		"C> 7 BDAT m1 |3 FIRST|\nS> 501 (7 BDAT m1) |no|\n"
		"C> 8 BDAT m1 |3 LAST x|\nS> 501 (8 BDAT m1) |no|\nmail 1 rejected\nclose ESMTP fin\n"},
	{"the connection ends in a BDAT chunk of any size", {HELLO, ENVELOPE, C("BDAT 18446744073709551615 LAST\r\nab")},
		HELLO_SEEN ENVELOPE_SEEN
		"C> 4 BDAT m1 |18446744073709551615 LAST|\nbody 4 m1 BDAT 2 bytes 0 lines incomplete\n"
		"mail 1 aborted\nclose ESMTP fin\n"},
	{"the connection ends between BDAT chunks", {HELLO, ENVELOPE, C("BDAT 2\r\nab"), S("250 ok\r\n")},
		HELLO_SEEN ENVELOPE_SEEN
		"C> 4 BDAT m1 |2|\nS> 250 (4 BDAT m1) |ok|\nbody 4 m1 BDAT 2 bytes 0 lines incomplete\n"
		"mail 1 aborted\nclose ESMTP fin\n"},
	{"RSET between BDAT chunks, then another mail",
		{HELLO, ENVELOPE, C("BDAT 2\r\nab"), S("250 ok\r\n"), C("RSET\r\n"), S("250 ok\r\n"),
			C("MAIL FROM:<d@e>\r\n"), S("250 ok\r\n"), C("BDAT 1 LAST\r\nx"), S("250 ok\r\n")},
		HELLO_SEEN ENVELOPE_SEEN
		"C> 4 BDAT m1 |2|\nS> 250 (4 BDAT m1) |ok|\nC> 5 RSET\nS> 250 (5 RSET) |ok|\n"
		"body 4 m1 BDAT 2 bytes 0 lines incomplete\nmail 1 aborted\nC> 6 MAIL m2 <d@e> auth=no\n"
		"S> 250 (6 MAIL m2) |ok|\nC> 7 BDAT m2 |1 LAST|\nbody 7 m2 BDAT 1 bytes 0 lines\n"
		"S> 250 (7 BDAT m2) |ok|\nmail 2 accepted\nclose ESMTP fin\n"},
};

#define FLIGHT C("MAIL FROM:<a@b>\r\nRCPT TO:<b@c>\r\nRCPT TO:<d@e>\r\nDATA\r\n")

static const struct script pipelining_scripts[] = {
	{"envelope in one flight",
		{HELLO, FLIGHT, S("250 ok\r\n250 ok\r\n550 5.1.1 who?\r\n354 go\r\n"), C("x\r\n.\r\nQUIT\r\n"),
			S("250 ok\r\n221 bye\r\n")},
		HELLO_SEEN
		"C> 2 MAIL m1 <a@b> auth=no\nC> 3 RCPT m1 r1 <b@c> pipelined\nC> 4 RCPT m1 r2 <d@e> pipelined\n"
		"C> 5 DATA m1 pipelined\nS> 250 (2 MAIL m1) |ok|\nS> 250 (3 RCPT m1 r1) |ok|\n"
		"S> 550 (4 RCPT m1 r2) 5.1.1 |who?|\nS> 354 (5 DATA m1) |go|\nbody 5 m1 DATA 3 bytes 1 lines\n"
		"C> 6 QUIT pipelined\nS> 250 (body 5 m1) |ok|\nmail 1 accepted\nS> 221 (6 QUIT) |bye|\nclose ESMTP fin\n"},
	{"all refused",
		{HELLO, FLIGHT, S("530 no\r\n"), S("503 no\r\n503 "), S("no\r\n503 no\r\n"), C("QUIT\r\n"),
			S("221 bye\r\n")},
		HELLO_SEEN
		"C> 2 MAIL m1 <a@b> auth=no\nC> 3 RCPT m1 r1 <b@c> pipelined\nC> 4 RCPT m1 r2 <d@e> pipelined\n"
		"C> 5 DATA m1 pipelined\nS> 530 (2 MAIL m1) |no|\nmail 1 rejected\nS> 503 (3 RCPT m1 r1) |no|\n"
		"S> 503 (4 RCPT m1 r2) |no|\nS> 503 (5 DATA m1) |no|\nC> 6 QUIT\nS> 221 (6 QUIT) |bye|\nclose ESMTP fin\n"},
	{"everything in one flight", /* as spammers do it */
		{S("220 mx\r\n"), C("HELO c\r\nMAIL FROM:<a@b>\r\nRCPT TO:<b@c>\r\nDATA\r\nx\r\n.\r\nQUIT\r\n"),
			S("250 mx\r\n250 ok\r\n250 ok\r\n354 go\r\n250 ok\r\n221 bye\r\n")},
		"S! 220 |mx|\nC> 1 HELO |c|\nC> 2 MAIL m1 <a@b> auth=no pipelined\nC> 3 RCPT m1 r1 <b@c> pipelined\n"
		"C> 4 DATA m1 pipelined\nS> 250 (1 HELO) |mx|\nS> 250 (2 MAIL m1) |ok|\nS> 250 (3 RCPT m1 r1) |ok|\n"
		"S> 354 (4 DATA m1) |go|\nbody 4 m1 DATA 3 bytes 1 lines\nC> 5 QUIT pipelined\nS> 250 (body 4 m1) |ok|\n"
		"mail 1 accepted\nS> 221 (5 QUIT) |bye|\nclose SMTP fin\n"},
	{"two mails in one flight, in pieces",
		{HELLO, C("MAIL FROM:<a@b>\r\nRCPT TO:<b@c>\r\nDATA\r\nx"),
			C("\r\n.\r\nMAIL FROM:<d@e>\r\nRCPT TO:<f@g>\r\nDATA\r\nyy"), C("\r\n.\r\nQU"), C("IT\r\n"),
			S("250 1\r\n250 2\r\n354 3\r\n"), S("250 4\r\n250 5\r\n250 6\r\n354 7\r\n"),
			S("250 8\r\n221 9\r\n")},
		HELLO_SEEN
		"C> 2 MAIL m1 <a@b> auth=no\nC> 3 RCPT m1 r1 <b@c> pipelined\nC> 4 DATA m1 pipelined\n"
		"S> 250 (2 MAIL m1) |1|\nS> 250 (3 RCPT m1 r1) |2|\nS> 354 (4 DATA m1) |3|\nbody 4 m1 DATA 3 bytes 1 lines\n"
		"C> 5 MAIL m2 <d@e> auth=no pipelined\nC> 6 RCPT m2 r1 <f@g> pipelined\nC> 7 DATA m2 pipelined\n"
		"S> 250 (body 4 m1) |4|\nmail 1 accepted\nS> 250 (5 MAIL m2) |5|\nS> 250 (6 RCPT m2 r1) |6|\n"
		"S> 354 (7 DATA m2) |7|\nbody 7 m2 DATA 4 bytes 1 lines\nC> 8 QUIT pipelined\nS> 250 (body 7 m2) |8|\n"
		"mail 2 accepted\nS> 221 (8 QUIT) |9|\nclose ESMTP fin\n"},
	{"DATA with a message behind it, refused",
		{HELLO, ENVELOPE, C("DATA\r\nx y\r\n.\r\n"), S("554 no\r\n500 no\r\n500 no\r\n")},
		HELLO_SEEN ENVELOPE_SEEN "C> 4 DATA m1\nS> 554 (4 DATA m1) |no|\nC> 5 X -withheld pipelined\n"
					 "odd C not-a-command 1\nC> 6 (?) -withheld pipelined\nS> 500 (5 X) |no|\n"
					 "S> 500 (6 (?)) |no|\nmail 1 rejected\nclose ESMTP fin\n"},
	{"a command that crossed the reply before", /* captured near the server */
		{HELLO, C("MAIL FROM:<a@b>\r\n"), S("250 ok\r\n"), C_MISSED(1, "RCPT TO:<b@c>\r\n"), S("250 ok\r\n"),
			C("NOOP\r\n"), S("250 ok\r\n")},
		HELLO_SEEN "C> 2 MAIL m1 <a@b> auth=no\nS> 250 (2 MAIL m1) |ok|\nC> 3 RCPT m1 r1 <b@c> pipelined\n"
			   "S> 250 (3 RCPT m1 r1) |ok|\nC> 4 NOOP\nS> 250 (4 NOOP) |ok|\nmail 1 aborted\nclose ESMTP fin\n"},
	{"a reply that crossed the command", /* so it cannot be the answer */
		{HELLO, C("NOOP\r\n"), S_MISSED(1, "421 timeout\r\n"), S("250 ok\r\n"), C("QUIT\r\n"), S("221 bye\r\n")},
		HELLO_SEEN "C> 2 NOOP\nS> 421 (-) |timeout|\nS> 250 (2 NOOP) |ok|\nC> 3 QUIT\nS> 221 (3 QUIT) |bye|\n"
			   "close ESMTP fin\n"},
	{"RSET, then RCPT in one flight", {HELLO, ENVELOPE, C("RSET\r\nRCPT TO:<d@e>\r\n"), S("250 ok\r\n503 no\r\n")},
		HELLO_SEEN ENVELOPE_SEEN "C> 4 RSET\nC> 5 RCPT <d@e> pipelined\nS> 250 (4 RSET) |ok|\nmail 1 aborted\n"
					 "S> 503 (5 RCPT) |no|\nclose ESMTP fin\n"},
	{"RSET, then a mail in one flight",
		{HELLO, ENVELOPE, C("RSET\r\nMAIL FROM:<d@e>\r\nRCPT TO:<f@g>\r\n"), S("250 ok\r\n250 ok\r\n250 ok\r\n")},
		HELLO_SEEN ENVELOPE_SEEN "C> 4 RSET\nC> 5 MAIL m2 <d@e> auth=no pipelined\nC> 6 RCPT m2 r1 <f@g> pipelined\n"
					 "S> 250 (4 RSET) |ok|\nmail 1 aborted\nS> 250 (5 MAIL m2) |ok|\n"
					 "S> 250 (6 RCPT m2 r1) |ok|\nmail 2 aborted\nclose ESMTP fin\n"},
};

#define LMTP_HELLO S("220 mx LMTP\r\n"), C("LHLO c\r\n"), S("250-mx\r\n250 PIPELINING\r\n")
#define LMTP_HELLO_SEEN "S! 220 |mx LMTP|\nC> 1 LHLO |c|\nS> 250 (1 LHLO) |mx|PIPELINING|\nS= PIPELINING\n"

static const struct script lmtp_scripts[] = {
	{"a reply for each recipient",
		{LMTP_HELLO, C("MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nRCPT TO:<e@f>\r\nRCPT TO:<g@h>\r\nDATA\r\n"),
			S("250 ok\r\n250 ok\r\n550 no\r\n250 ok\r\n354 go\r\n"), C("x\r\n.\r\n"), S("452 4.2.2 full\r\n"),
			S("250 ok\r\n"), C("QUIT\r\n"), S("221 bye\r\n")},
		LMTP_HELLO_SEEN
		"C> 2 MAIL m1 <a@b> auth=no\nC> 3 RCPT m1 r1 <c@d> pipelined\nC> 4 RCPT m1 r2 <e@f> pipelined\n"
		"C> 5 RCPT m1 r3 <g@h> pipelined\nC> 6 DATA m1 pipelined\nS> 250 (2 MAIL m1) |ok|\n"
		"S> 250 (3 RCPT m1 r1) |ok|\nS> 550 (4 RCPT m1 r2) |no|\nS> 250 (5 RCPT m1 r3) |ok|\n"
		"S> 354 (6 DATA m1) |go|\nbody 6 m1 DATA 3 bytes 1 lines\nS> 452 (body 6 m1 r1) 4.2.2 |full|\n"
		"S> 250 (body 6 m1 r3) |ok|\nmail 1 accepted\nC> 7 QUIT\nS> 221 (7 QUIT) |bye|\nclose LMTP fin\n",
		.port = PORT_LMTP},
	{"with BDAT",
		{LMTP_HELLO, C("MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nRCPT TO:<e@f>\r\nBDAT 1 LAST\r\nxQUIT\r\n"),
			S("250 ok\r\n250 ok\r\n250 ok\r\n550 no\r\n550 no\r\n221 bye\r\n")},
		LMTP_HELLO_SEEN
		"C> 2 MAIL m1 <a@b> auth=no\nC> 3 RCPT m1 r1 <c@d> pipelined\nC> 4 RCPT m1 r2 <e@f> pipelined\n"
		"C> 5 BDAT m1 |1 LAST| pipelined\nodd C not-offered CHUNKING 0\nbody 5 m1 BDAT 1 bytes 0 lines\nC> 6 QUIT pipelined\n"
		"S> 250 (2 MAIL m1) |ok|\nS> 250 (3 RCPT m1 r1) |ok|\nS> 250 (4 RCPT m1 r2) |ok|\n"
		"S> 550 (5 BDAT m1 r1) |no|\nS> 550 (5 BDAT m1 r2) |no|\nmail 1 rejected\nS> 221 (6 QUIT) |bye|\n"
		"close LMTP fin\n",
		.port = PORT_LMTP},
	{"nested MAIL",
		{LMTP_HELLO, C("MAIL FROM:<a@b>\r\n"), S("250 ok\r\n"), C("RCPT TO:<c@d>\r\n"), S("250 ok\r\n"),
			C("RCPT TO:<e@f>\r\n"), S("250 ok\r\n"), C("MAIL FROM:<x@y>\r\n"), S("503 no\r\n"), C("DATA\r\n"),
			S("354 go\r\n"), C("x\r\n.\r\n"), S("250 ok\r\n250 ok\r\n")},
		LMTP_HELLO_SEEN "C> 2 MAIL m1 <a@b> auth=no\nS> 250 (2 MAIL m1) |ok|\nC> 3 RCPT m1 r1 <c@d>\n"
				"S> 250 (3 RCPT m1 r1) |ok|\nC> 4 RCPT m1 r2 <e@f>\nS> 250 (4 RCPT m1 r2) |ok|\n"
				"C> 5 MAIL m2 <x@y> auth=no\nS> 503 (5 MAIL m2) |no|\nmail 2 rejected\nC> 6 DATA m1\n"
				"S> 354 (6 DATA m1) |go|\nbody 6 m1 DATA 3 bytes 1 lines\nS> 250 (body 6 m1 r1) |ok|\n"
				"S> 250 (body 6 m1 r2) |ok|\nmail 1 accepted\nclose LMTP fin\n",
		.port = PORT_LMTP},
	{"joined before the mail", /* the port tells what the LHLO would have told */
		{C("MAIL FROM:<a@b>\r\n"), S("250 ok\r\n"), C("RCPT TO:<c@d>\r\n"), S("250 ok\r\n"), C("RCPT TO:<e@f>\r\n"),
			S("250 ok\r\n"), C("DATA\r\n"), S("354 go\r\n"), C("x\r\n.\r\n"), S("250 ok\r\n550 no\r\n"),
			C("QUIT\r\n"), S("221 bye\r\n")},
		"C> 1 MAIL m1 <a@b> auth=?\nS> 250 (1 MAIL m1) |ok|\nC> 2 RCPT m1 r1 <c@d>\nS> 250 (2 RCPT m1 r1) |ok|\n"
		"C> 3 RCPT m1 r2 <e@f>\nS> 250 (3 RCPT m1 r2) |ok|\nC> 4 DATA m1\nS> 354 (4 DATA m1) |go|\n"
		"body 4 m1 DATA 3 bytes 1 lines\nS> 250 (body 4 m1 r1) |ok|\nS> 550 (body 4 m1 r2) |no|\nmail 1 accepted\n"
		"C> 5 QUIT\nS> 221 (5 QUIT) |bye|\nclose - fin\n",
		.port = PORT_LMTP, .midstream = true},
	{"the server closes after the first of two replies",
		{LMTP_HELLO, C("MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nRCPT TO:<e@f>\r\nDATA\r\n"),
			S("250 ok\r\n250 ok\r\n250 ok\r\n354 go\r\n"), C("x\r\n.\r\n"), S("250 ok\r\n")},
		LMTP_HELLO_SEEN
		"C> 2 MAIL m1 <a@b> auth=no\nC> 3 RCPT m1 r1 <c@d> pipelined\nC> 4 RCPT m1 r2 <e@f> pipelined\n"
		"C> 5 DATA m1 pipelined\nS> 250 (2 MAIL m1) |ok|\nS> 250 (3 RCPT m1 r1) |ok|\n"
		"S> 250 (4 RCPT m1 r2) |ok|\nS> 354 (5 DATA m1) |go|\nbody 5 m1 DATA 3 bytes 1 lines\n"
		"S> 250 (body 5 m1 r1) |ok|\nmail 1 accepted\nclose LMTP fin\n",
		.port = PORT_LMTP},
};

#define BARS_16 "||||||||||||||||"
#define BARS_128 BARS_16 BARS_16 BARS_16 BARS_16 BARS_16 BARS_16 BARS_16 BARS_16

static const struct script reply_scripts[] = {
	{"codes of no list",
		{HELLO, C("NOOP\r\nNOOP\r\nNOOP\r\nNOOP\r\nNOOP\r\nNOOP\r\nNOOP\r\nNOOP\r\n"),
			S("432 a\r\n472 b\r\n523 c\r\n538 d\r\n556 e\r\n299 f\r\n599 g\r\n200 h\r\n"), C("QUIT\r\n"),
			S("221 bye\r\n")},
		HELLO_SEEN
		"C> 2 NOOP\nC> 3 NOOP pipelined\nC> 4 NOOP pipelined\nC> 5 NOOP pipelined\nC> 6 NOOP pipelined\n"
		"C> 7 NOOP pipelined\nC> 8 NOOP pipelined\nC> 9 NOOP pipelined\nS> 432 (2 NOOP) |a|\nS> 472 (3 NOOP) |b|\n"
		"S> 523 (4 NOOP) |c|\nS> 538 (5 NOOP) |d|\nS> 556 (6 NOOP) |e|\nS> 299 (7 NOOP) |f|\n"
		"S> 599 (8 NOOP) |g|\nS> 200 (9 NOOP) |h|\nC> 10 QUIT\nS> 221 (10 QUIT) |bye|\nclose ESMTP fin\n"},
	{"lines that are no reply shift nothing",
		{HELLO, C("NOOP\r\n"), S("199 x\r\n\r\n600 y\r\n25 z\r\n2500\r\n250ok\r\nhello\r\n250 ok\r\n")},
		HELLO_SEEN
		"C> 2 NOOP\nodd S not-a-reply 5\nodd S not-a-reply 0\nodd S not-a-reply 5\nodd S not-a-reply 4\n"
		"odd S not-a-reply 4\nodd S not-a-reply 5\nodd S not-a-reply 5\nS> 250 (2 NOOP) |ok|\nclose ESMTP fin\n"},
	{"surplus replies shift nothing",
		{HELLO, C("NOOP\r\n"), S("250 ok\r\n250 twice\r\n"), C("HELP\r\n"), S("214 no\r\n"), S("250 more\r\n"),
			C("QUIT\r\n"), S("221 bye\r\n")},
		HELLO_SEEN
		"C> 2 NOOP\nS> 250 (2 NOOP) |ok|\nodd S unsolicited-reply 0\nS> 250 (-) |twice|\nC> 3 HELP\n"
		"S> 214 (3 HELP) |no|\nodd S unsolicited-reply 0\nS> 250 (-) |more|\nC> 4 QUIT\nS> 221 (4 QUIT) |bye|\n"
		"close ESMTP fin\n"},
	{"421 out of the blue", {HELLO, S("421 4.4.2 timeout\r\n")},
		HELLO_SEEN "S> 421 (-) 4.4.2 |timeout|\nclose ESMTP fin\n"},
	{"421 in place of an answer", {HELLO, C("NOOP\r\nNOOP\r\n"), S("421 4.7.0 too much\r\n")},
		HELLO_SEEN "C> 2 NOOP\nC> 3 NOOP pipelined\nS> 421 (2 NOOP) 4.7.0 |too much|\nclose ESMTP fin\n"},
	{"codes that differ", {HELLO, C("NOOP\r\n"), S("250-a\r\n251-b\r\n450 c\r\n"), C("QUIT\r\n"), S("221 bye\r\n")},
		HELLO_SEEN "C> 2 NOOP\nodd S codes-differ 0\nS> 450 (2 NOOP) |a|b|c|\nC> 3 QUIT\nS> 221 (3 QUIT) |bye|\n"
			   "close ESMTP fin\n"},
	{"a line without a code inside a reply", {HELLO, C("HELP\r\n"), S("214-a\r\nb\r\n214 c\r\n")},
		HELLO_SEEN "C> 2 HELP\nodd S not-a-reply 1\nS> 214 (2 HELP) |a|b|c|\nclose ESMTP fin\n"},
	{"enhanced codes of several lines",
		{HELLO, C("NOOP\r\nNOOP\r\n"), S("250-2.1.0 a\r\n250 2.1.0 b\r\n550-5.7.1 a\r\n550 5.7.2 b\r\n")},
		HELLO_SEEN
		"C> 2 NOOP\nC> 3 NOOP pipelined\nS> 250 (2 NOOP) 2.1.0 |a|b|\nS> 550 (3 NOOP) 5.7.2 |5.7.1 a|5.7.2 b|\n"
		"close ESMTP fin\n"},
	{"an unended reply at the end", {HELLO, C("QUIT\r\n"), S("221-so\r\n221 long")},
		HELLO_SEEN "C> 2 QUIT\nS> 221 (2 QUIT) |so|long| incomplete\nclose ESMTP fin\n"},
	{"a reply that breaks off", {HELLO, C("QUIT\r\n"), S("221-so\r\n")},
		HELLO_SEEN "C> 2 QUIT\nS> 221 (2 QUIT) |so| incomplete\nclose ESMTP fin\n"},
	{"a reply that breaks off in its code", {HELLO, C("QUIT\r\n"), S("22")}, HELLO_SEEN "C> 2 QUIT\nclose ESMTP fin\n"},
	{"more lines than are kept",
		{HELLO, C("HELP\r\n"), S_TIMES(130, "214-\r\n"), S("214 end\r\n"), C("QUIT\r\n"), S("221 bye\r\n")},
		HELLO_SEEN "C> 2 HELP\nS> 214 (2 HELP) |" BARS_128
			   " +3 lines\nC> 3 QUIT\nS> 221 (3 QUIT) |bye|\nclose ESMTP fin\n"},
};

static const struct script line_scripts[] = {
	{"unknown commands",
		{HELLO, C("FOO bar\r\n"), S("500 no\r\n"), C("x-two_3\r\n"), S("502 no\r\n"), C("\r\n"), S("500 no\r\n")},
		HELLO_SEEN
		"C> 2 FOO -withheld\nS> 500 (2 FOO) |no|\nC> 3 X-TWO_3\nS> 502 (3 X-TWO_3) |no|\nodd C not-a-command 0\n"
		"C> 4 (?) -withheld\nS> 500 (4 (?)) |no|\nclose ESMTP fin\n"},
	{"the other commands",
		{HELLO, C("VRFY tim\r\n"), S("252 try\r\n"), C("EXPN list\r\n"), S("250-a@b\r\n250 c@d\r\n"),
			C("HELP MAIL\r\n"), S("214 no\r\n"), C("NOOP x y\r\n"), S("250 ok\r\n")},
		HELLO_SEEN
		"C> 2 VRFY |tim|\nS> 252 (2 VRFY) |try|\nC> 3 EXPN |list|\nS> 250 (3 EXPN) |a@b|c@d|\nC> 4 HELP |MAIL|\n"
		"S> 214 (4 HELP) |no|\nC> 5 NOOP |x y|\nS> 250 (5 NOOP) |ok|\nclose ESMTP fin\n"},
	{"bare newlines", {HELLO, C("NOOP\n"), S("250 ok\n"), C("HELP\r\n"), S("214-a\n214 b\r\n")},
		HELLO_SEEN "odd C bare-newline 0\nC> 2 NOOP\nodd S bare-newline 0\nS> 250 (2 NOOP) |ok|\nC> 3 HELP\n"
			   "odd S bare-newline 0\nS> 214 (3 HELP) |a|b|\nclose ESMTP fin\n"},
	{"bare carriage returns", {HELLO, C("NOOP a\rb\r\r\n"), S("250 o\rk\r\n")},
		HELLO_SEEN "odd C bare-return 2\nC> 2 NOOP |a\\0db\\0d|\nodd S bare-return 1\nS> 250 (2 NOOP) |o\\0dk|\nclose ESMTP fin\n"},
	{"NUL", {HELLO, C("NOOP a\0b\r\n"), S("250 \0\r\n")},
		HELLO_SEEN "odd C nul 0\nC> 2 NOOP |a\\00b|\nodd S nul 0\nS> 250 (2 NOOP) |\\00|\nclose ESMTP fin\n"},
	{"bytes over 127", {HELLO, C("NOOP \xff\r\n"), S("250 \xfe\r\n"), C("MAIL FROM:<\xc3\xbc@b>\r\n"), S("553 no\r\n")},
		HELLO_SEEN
		"C> 2 NOOP |\\ff|\nS> 250 (2 NOOP) |\\fe|\nC> 3 MAIL m1 <\\c3\\bc@b> auth=no\nodd C not-offered SMTPUTF8 0\nS> 553 (3 MAIL m1) |no|\n"
		"mail 1 rejected\nclose ESMTP fin\n"},
	{"a line of the longest kind", {HELLO, C("NOOP "), C_TIMES(12283, "a"), C("\r\n"), S("250 ok\r\n")},
		HELLO_SEEN "odd C long-line 12290\nC> 2 NOOP |aaaaaaaa...12283|\nS> 250 (2 NOOP) |ok|\nclose ESMTP fin\n"},
	{"a line as long as it may be", {HELLO, C("NOOP "), C_TIMES(505, "a"), C("\r\n"), S("250 "), S_TIMES(506, "b"), S("\r\n")},
		HELLO_SEEN "C> 2 NOOP |aaaaaaaa...505|\nS> 250 (2 NOOP) |bbbbbbbb...506|\nclose ESMTP fin\n"},
	{"a line longer than it may be", {HELLO, C("NOOP "), C_TIMES(506, "a"), C("\r\n"), S("250 "), S_TIMES(507, "b"), S("\r\n")},
		HELLO_SEEN "odd C long-line 513\nC> 2 NOOP |aaaaaaaa...506|\nodd S long-line 513\nS> 250 (2 NOOP) |bbbbbbbb...507|\n"
			   "close ESMTP fin\n"},
	{"a line too long by one", {HELLO, C("NOOP "), C_TIMES(12284, "a"), C("\r\n"), S("250 ok\r\n")},
		HELLO_SEEN "odd C line-too-long 1\nC> 2 NOOP |aaaaaaaa...12283|\nS> 250 (2 NOOP) |ok|\nclose ESMTP fin\n"},
	{"lines far too long",
		{HELLO, C_TIMES(20000, "a"), C("\r\n"), S("250 "), S_TIMES(20000, "b"), S("\r\n"), C("QUIT\r\n"),
			S("221 bye\r\n")},
		HELLO_SEEN
		"odd C line-too-long 7712\nodd C not-a-command 12288\nC> 2 (?) -withheld\nodd S line-too-long 7716\n"
		"S> 250 (2 (?)) |bbbbbbbb...12284|\nC> 3 QUIT\nS> 221 (3 QUIT) |bye|\nclose ESMTP fin\n"},
	{"an unended command at the end", {HELLO, C("QUI")}, HELLO_SEEN "close ESMTP fin\n"},
};

#define QUIT C("QUIT\r\n"), S("221 bye\r\n")

static const struct script gap_scripts[] = {
	{"of a cancellation, which is answered as a refusal is", {HELLO, C("AUTH LOGIN\r\n"), LOGIN_USER, GAP_C(3), S("501 no\r\n"), QUIT},
		HELLO_SEEN "C> 2 AUTH |LOGIN|\nS> 334 (2 AUTH) |VXNlcm5hbWU6|\nauth 2 LOGIN challenge\ngap C 3\nS> 501 (auth 2) |no|\n"
				   "auth 2 LOGIN unknown\nC> 3 QUIT\nS> 221 (3 QUIT) |bye|\nclose ESMTP fin\n"},
	{"of a response, its answer and a command",
		{HELLO, C("AUTH LOGIN\r\n"), LOGIN_USER, GAP_C(10), GAP_S(8), GAP_C(17), S("530 no\r\n"), QUIT},
		HELLO_SEEN "C> 2 AUTH |LOGIN|\nS> 334 (2 AUTH) |VXNlcm5hbWU6|\nauth 2 LOGIN challenge\ngap C 10\ngap S 8\n"
		"gap C 17\nauth 2 LOGIN unknown\nS> 530 (?) |no|\nC> 3 QUIT\nS> 221 (3 QUIT) |bye|\nclose ESMTP fin\n"},
	{"of the answer to AUTH and another AUTH",
		{HELLO, C("AUTH PLAIN " PLAIN_BASE64 "\r\n"), GAP_S(8), GAP_C(30), S("235 ok\r\n"), QUIT},
		HELLO_SEEN "C> 2 AUTH |PLAIN| -withheld\nauth 2 PLAIN response user=|tim|\ngap S 8\n"
		"auth 2 PLAIN unknown user=|tim|\nS> 235 (?) |ok|\ngap C 30\nC> 3 QUIT\nS> 221 (3 QUIT) |bye|\n"
		"close ESMTP fin\n", .secrets = SECRETS},
	{"of a message, its answer and QUIT",
		{HELLO, ENVELOPE, C("DATA\r\n"), S("354 go\r\n"), C("x\r\n"), GAP_C(3), GAP_S(8), GAP_C(6), S("221 bye\r\n")},
		HELLO_SEEN ENVELOPE_SEEN "C> 4 DATA m1\nS> 354 (4 DATA m1) |go|\ngap C 3\ngap S 8\ngap C 6\n"
		"body 4 m1 DATA 3 bytes 1 lines gap 9 incomplete\nmail 1 unknown\nS> 221 (?) |bye|\nclose ESMTP fin\n"},
	{"of the 354, a message and its answer",
		{HELLO, ENVELOPE, C("DATA\r\n"), GAP_S(8), GAP_C(30), S("250 ok\r\n"), C("QUIT\r\n"), S("221 bye\r\n")},
		HELLO_SEEN ENVELOPE_SEEN "C> 4 DATA m1\ngap S 8\nS> 250 (?) |ok|\ngap C 30\n"
		"C> 5 QUIT\nS> 221 (5 QUIT) |bye|\nmail 1 unknown\nclose ESMTP fin\n"},
	{"of DATA and the 354, and the message has commands",
		{HELLO, ENVELOPE, GAP_C(6), GAP_S(8), C("x\r\nMAIL FROM:<f@g>\r\nRCPT TO:<h@i>\r\n.\r\n"), S("250 ok\r\n"), QUIT},
		HELLO_SEEN ENVELOPE_SEEN "gap C 6\ngap S 8\nS> 250 (?) |ok|\nC> 4 QUIT\nS> 221 (4 QUIT) |bye|\nmail 1 unknown\nclose ESMTP fin\n"},
	{"of the answer to what the server took for the end of a message",
		{HELLO, ENVELOPE, C("DATA\r\n"), S("354 go\r\n"), C("x\n.\n"), GAP_S(8), S("250 ok\r\n"), QUIT},
		HELLO_SEEN ENVELOPE_SEEN "C> 4 DATA m1\nS> 354 (4 DATA m1) |go|\ngap S 8\nS> 250 (?) |ok|\nS> 221 (?) |bye|\n"
		"body 4 m1 DATA 10 bytes 3 lines incomplete\nmail 1 unknown\nclose ESMTP fin\n"},
	{"of STARTTLS, and of nothing that the list behind its 220 answers",
		{HELLO, GAP_C(10), S("220 go\r\n250-mx\r\n250-AUTH PLAIN\r\n250 DSN\r\n"), C(CLIENT_HELLO), S(SERVER_HELLO)},
		HELLO_SEEN "gap C 10\nS> 220 (?) |go|\nS> 250 (?) |mx|AUTH PLAIN|DSN|\ntls client-hello\ntls server-hello\nclose ESMTP fin\n"},
	{"of the answers to AUTH and to what was sent behind it",
		{HELLO, C("AUTH PLAIN " PLAIN_BASE64 "\r\nMAIL FROM:<a@b>\r\nRCPT TO:<b@c>\r\n"), GAP_S(24), C("DATA\r\n"), S("354 go\r\n"),
			C("x\r\n.\r\n"), S("250 ok\r\n")},
		"S! 220 |mx ESMTP|\n"
		"C> 1 EHLO |c|\n"
		"S> 250 (1 EHLO) |mx|SIZE 9|CHUNKING|STARTTLS|\n"
		"S= SIZE 9|CHUNKING|STARTTLS\n"
		"C> 2 AUTH |PLAIN| -withheld\n"
		"auth 2 PLAIN response user=|tim|\n"
		"gap S 24\n"
		"auth 2 PLAIN unknown user=|tim|\n"
		"C> 3 MAIL m1 <a@b> auth=?\n"
		"C> 4 RCPT m1 r1 <b@c> pipelined\n"
		"C> 5 DATA m1\n"
		"S> 354 (5 DATA m1) |go|\n"
		"body 5 m1 DATA 3 bytes 1 lines\n"
		"S> 250 (body 5 m1) |ok|\n"
		"mail 1 accepted\n"
		"close ESMTP fin\n", .secrets = SECRETS},
	{"of the answer to a MAIL before another, and of a third one",
		{HELLO, C("MAIL FROM:<a@b>\r\n"), GAP_S(8), C("MAIL FROM:<c@d>\r\n"), S("501 no\r\n"), GAP_C(17), S("250 ok\r\n"),
			C("RCPT TO:<b@c>\r\n"), S("250 ok\r\n")},
		"S! 220 |mx ESMTP|\n"
		"C> 1 EHLO |c|\n"
		"S> 250 (1 EHLO) |mx|SIZE 9|CHUNKING|STARTTLS|\n"
		"S= SIZE 9|CHUNKING|STARTTLS\n"
		"C> 2 MAIL m1 <a@b> auth=no\n"
		"gap S 8\n"
		"C> 3 MAIL m2 <c@d> auth=no\n"
		"S> 501 (3 MAIL m2) |no|\n"
		"mail 2 rejected\n"
		"gap C 17\n"
		"S> 250 (?) |ok|\n"
		"C> 4 RCPT <b@c>\n"
		"S> 250 (4 RCPT) |ok|\n"
		"mail 1 unknown\n"
		"close ESMTP fin\n"},
	{"of the answer to a MAIL, and of another one",
		{HELLO, C("MAIL FROM:<a@b>\r\n"), GAP_S(8), GAP_C(17), S("250 ok\r\n"), C("RCPT TO:<b@c>\r\n"), S("250 ok\r\n"),
			C("DATA\r\n"), S("354 go\r\n"), C("x\r\n.\r\n"), S("250 ok\r\n")},
		HELLO_SEEN "C> 2 MAIL m1 <a@b> auth=no\ngap S 8\ngap C 17\nS> 250 (?) |ok|\nC> 3 RCPT <b@c>\nS> 250 (3 RCPT) |ok|\n"
		"C> 4 DATA\nS> 354 (4 DATA) |go|\nbody 4 DATA 3 bytes 1 lines\nS> 250 (body 4) |ok|\nmail 1 unknown\nclose ESMTP fin\n"},
	{"of RSET and another MAIL with their answers",
		{HELLO, ENVELOPE, GAP_C(23), GAP_S(16), C("RCPT TO:<d@e>\r\n"), S("250 ok\r\n")},
		HELLO_SEEN ENVELOPE_SEEN "gap C 23\ngap S 16\nC> 4 RCPT <d@e>\nS> 250 (4 RCPT) |ok|\nmail 1 unknown\nclose ESMTP fin\n"},
	{"of the end of an AUTH and another one",
		{HELLO, C("AUTH LOGIN\r\n"), LOGIN_USER, GAP_C(50), GAP_S(30), S("235 ok\r\n"), QUIT},
		HELLO_SEEN "C> 2 AUTH |LOGIN|\nS> 334 (2 AUTH) |VXNlcm5hbWU6|\nauth 2 LOGIN challenge\ngap C 50\ngap S 30\n"
		"auth 2 LOGIN unknown\nS> 235 (?) |ok|\nC> 3 QUIT\nS> 221 (3 QUIT) |bye|\nclose ESMTP fin\n"},
	{"of answers, and of a command that was sent with the next ones",
		{S("220 mx ESMTP\r\n"), C("EHLO c\r\n"), S("250-mx\r\n250 PIPELINING\r\n"), C("NOOP\r\n"), GAP_C(17), GAP_S(8), C("RCPT TO:<b@c>\r\nDATA\r\n"), S("250 sender\r\n"), S("250 recipient\r\n354 go\r\n"),
			C("x\r\n.\r\n"), S("250 ok\r\n")},
		"S! 220 |mx ESMTP|\nC> 1 EHLO |c|\nS> 250 (1 EHLO) |mx|PIPELINING|\nS= PIPELINING\nC> 2 NOOP\ngap C 17\ngap S 8\nC> 3 RCPT <b@c> pipelined\nC> 4 DATA pipelined\nS> 250 (?) |sender|\n"
		"S> 250 (?) |recipient|\nS> 354 (4 DATA) |go|\nbody 4 DATA 3 bytes 1 lines\nS> 250 (body 4) |ok|\nclose ESMTP fin\n"},
	{"of a message and another MAIL with their answers",
		{HELLO, ENVELOPE, C("DATA\r\n"), GAP_S(16), S("250 ok\r\n"), GAP_C(40), C("RCPT TO:<d@e>\r\n"), S("250 ok\r\n")},
		HELLO_SEEN ENVELOPE_SEEN "C> 4 DATA m1\ngap S 16\nS> 250 (?) |ok|\ngap C 40\nC> 5 RCPT <d@e>\nS> 250 (?) |ok|\nmail 1 unknown\n"
		"close ESMTP fin\n"},
	{"of one recipient", {HELLO, ENVELOPE, GAP_C(15), S("250 ok\r\n"), C("RCPT TO:<d@e>\r\n"), S("250 ok\r\n")},
		HELLO_SEEN ENVELOPE_SEEN "gap C 15\nS> 250 (?) |ok|\nC> 4 RCPT m1 r2 <d@e>\nS> 250 (4 RCPT m1 r2) |ok|\nmail 1 unknown\n"
		"close ESMTP fin\n"},
	{"of STARTTLS and all of the handshake", {HELLO, GAP_C(600), GAP_S(1300), C(ENCRYPTED), S(ENCRYPTED "\0\n"), C(ENCRYPTED)},
		HELLO_SEEN "gap C 600\ngap S 1300\ntls encrypted\nclose ESMTP fin\n"},
	{"of the answers to what was sent together, and of what came then",
		{HELLO, ENVELOPE, C("DATA\r\n"), GAP_S(30), GAP_C(12)},
		HELLO_SEEN ENVELOPE_SEEN "C> 4 DATA m1\ngap S 30\ngap C 12\nmail 1 unknown\nclose ESMTP fin\n"},
	{"of the answer to a MAIL in which another is refused",
		{HELLO, C("MAIL FROM:<a@b>\r\n"), GAP_S(8), C("MAIL FROM:<c@d>\r\n"), S("503 nested\r\n"), C("RCPT TO:<b@c>\r\n"), S("250 ok\r\n")},
		"S! 220 |mx ESMTP|\n"
		"C> 1 EHLO |c|\n"
		"S> 250 (1 EHLO) |mx|SIZE 9|CHUNKING|STARTTLS|\n"
		"S= SIZE 9|CHUNKING|STARTTLS\n"
		"C> 2 MAIL m1 <a@b> auth=no\n"
		"gap S 8\n"
		"C> 3 MAIL m2 <c@d> auth=no\n"
		"S> 503 (3 MAIL m2) |nested|\n"
		"mail 2 rejected\n"
		"C> 4 RCPT m1 r1 <b@c>\n"
		"S> 250 (4 RCPT m1 r1) |ok|\n"
		"mail 1 aborted\n"
		"close ESMTP fin\n"},
	{"of XEXCH50, so that its data read like a message",
		{HELLO, ENVELOPE, GAP_C(11), S("354 send\r\n"), C("a\0b\n.\r\n.\r\n"), S("250 ok\r\n"), QUIT},
		"S! 220 |mx ESMTP|\n"
		"C> 1 EHLO |c|\n"
		"S> 250 (1 EHLO) |mx|SIZE 9|CHUNKING|STARTTLS|\n"
		"S= SIZE 9|CHUNKING|STARTTLS\n"
		"C> 2 MAIL m1 <a@b> auth=no\n"
		"S> 250 (2 MAIL m1) |ok|\n"
		"C> 3 RCPT m1 r1 <b@c>\n"
		"S> 250 (3 RCPT m1 r1) |ok|\n"
		"gap C 11\n"
		"S> 354 (?) |send|\n"
		"S> 250 (?) |ok|\n"
		"C> 4 QUIT\n"
		"S> 221 (4 QUIT) |bye|\n"
		"mail 1 unknown\n"
		"close ESMTP fin\n"},
	{"of a command that is answered with 220, and of EHLO behind it",
		{HELLO, GAP_C(10), S("220 go\r\n"), GAP_C(8), S("250-mx\r\n250-AUTH PLAIN\r\n250 DSN\r\n"), QUIT},
		HELLO_SEEN "gap C 10\nS> 220 (?) |go|\ngap C 8\nS> 250 (?) |mx|AUTH PLAIN|DSN|\nS= AUTH PLAIN|DSN\nC> 2 QUIT\n"
		"S> 221 (2 QUIT) |bye|\nclose ESMTP fin\n"},
	{"of the first chunk",
		{HELLO, ENVELOPE, GAP_C(11), S("250 ok\r\n"), C("BDAT 3 LAST\r\nabc"), S("250 ok\r\n"), QUIT},
		HELLO_SEEN ENVELOPE_SEEN "gap C 11\nS> 250 (?) |ok|\nC> 4 BDAT m1 |3 LAST|\nbody 4 m1 BDAT 3 bytes 0 lines incomplete\n"
		"S> 250 (4 BDAT m1) |ok|\nmail 1 accepted\nC> 5 QUIT\nS> 221 (5 QUIT) |bye|\nclose ESMTP fin\n"},
	{"of a chunk between others",
		{HELLO, ENVELOPE, C("BDAT 3\r\nabc"), S("250 ok\r\n"), GAP_C(11), S("250 ok\r\n"), C("BDAT 3 LAST\r\nabc"), S("250 ok\r\n"), QUIT},
		HELLO_SEEN ENVELOPE_SEEN "C> 4 BDAT m1 |3|\nS> 250 (4 BDAT m1) |ok|\ngap C 11\nS> 250 (?) |ok|\nC> 5 BDAT m1 |3 LAST|\n"
		"body 5 m1 BDAT 6 bytes 0 lines gap 11 incomplete\nS> 250 (5 BDAT m1) |ok|\nmail 1 accepted\n"
		"C> 6 QUIT\nS> 221 (6 QUIT) |bye|\nclose ESMTP fin\n"},
	{"of the first lines of the greeting", {GAP_S(12), S("220 mx.example.org\r\n"), QUIT},
		"gap S 12\nS! 220 |mx.example.org| incomplete\nC> 1 QUIT\nS> 221 (1 QUIT) |bye|\nclose - fin\n"},
	{"of all but the last line of the reply to EHLO", {S("220 mx\r\n"), C("EHLO c\r\n"), GAP_S(30), S("250 DSN\r\n"), QUIT},
		"S! 220 |mx|\nC> 1 EHLO |c|\ngap S 30\nS> 250 (1 EHLO) |DSN| incomplete\nS= DSN incomplete\nC> 2 QUIT\n"
		"S> 221 (2 QUIT) |bye|\nclose ESMTP fin\n"},
	{"in a reply and of the start of another",
		{S("220 mx\r\n"), C("EHLO c\r\n"), S("250-mx\r\n250-SIZE 9\r\n"), GAP_S(8), GAP_C(6), S("221 bye\r\n")},
		"S! 220 |mx|\nC> 1 EHLO |c|\ngap S 8\ngap C 6\nS> 250 (?) |mx|SIZE 9| incomplete\n"
		"S= SIZE 9 incomplete\nS> 221 (?) |bye|\nclose - fin\n"},
	{"in a command",
		{HELLO, C("MAIL FR"), GAP_C(8), C(">\r\n"), S("250 ok\r\n"), C("RCPT TO:<b@c>\r\n"), S("250 ok\r\n"),
			C("DATA\r\n"), S("354 go\r\n"), C("x\r\n.\r\n"), S("250 ok\r\n"), QUIT},
		HELLO_SEEN
		"gap C 8\nS> 250 (?) |ok|\nC> 2 RCPT <b@c>\nS> 250 (2 RCPT) |ok|\nC> 3 DATA\nS> 354 (3 DATA) |go|\n"
		"body 3 DATA 3 bytes 1 lines\nS> 250 (body 3) |ok|\nC> 4 QUIT\nS> 221 (4 QUIT) |bye|\nclose ESMTP fin\n"},
	{"of a whole command", {HELLO, GAP_C(17), S("250 ok\r\n"), C("RCPT TO:<b@c>\r\n"), S("250 ok\r\n"), QUIT},
		HELLO_SEEN
		"gap C 17\nS> 250 (?) |ok|\nC> 2 RCPT <b@c>\nS> 250 (2 RCPT) |ok|\nC> 3 QUIT\nS> 221 (3 QUIT) |bye|\n"
		"close ESMTP fin\n"},
	{"that ends in the middle of a command that then looks like another",
		{HELLO, GAP_C(5), C("QUIT\r\n"), S("250 ok\r\n"), C("NOOP\r\n"), S("250 ok\r\n")}, /* VRFY QUIT */
		HELLO_SEEN "gap C 5\nC> 2 QUIT\nS> 250 (?) |ok|\nC> 3 NOOP\nS> 250 (3 NOOP) |ok|\nclose ESMTP fin\n"},
	{"of RCPT and DATA, the replies are there",
		{HELLO, C("MAIL FROM:<a@b>\r\n"), S("250 ok\r\n"), GAP_C(15), S("250 ok\r\n"), GAP_C(6), S("354 go\r\n"),
			C("x\r\n.\r\n"), S("250 ok\r\n"), QUIT},
		HELLO_SEEN
		"C> 2 MAIL m1 <a@b> auth=no\nS> 250 (2 MAIL m1) |ok|\ngap C 15\nS> 250 (?) |ok|\ngap C 6\nS> 354 (?) |go|\n"
		"body 0 m1 DATA 3 bytes 1 lines\nS> 250 (body 0 m1) |ok|\nmail 1 accepted\nC> 3 QUIT\n"
		"S> 221 (3 QUIT) |bye|\nclose ESMTP fin\n"},
	{"of the end of a mail and the start of the next", /* RSET, MAIL: the RCPT is not of the first mail */
		{HELLO, ENVELOPE, GAP_C(6), S("250 ok\r\n"), GAP_C(17), S("250 ok\r\n"), C("RCPT TO:<f@g>\r\n"),
			S("250 ok\r\n"), QUIT},
		HELLO_SEEN ENVELOPE_SEEN
		"gap C 6\nS> 250 (?) |ok|\ngap C 17\nS> 250 (?) |ok|\nC> 4 RCPT <f@g>\n"
		"S> 250 (4 RCPT) |ok|\nC> 5 QUIT\nS> 221 (5 QUIT) |bye|\nmail 1 unknown\nclose ESMTP fin\n"},
	{"of what may have been a whole message", /* DATA, the message and the replies */
		{HELLO, ENVELOPE, GAP_C(6), GAP_S(8), GAP_C(30), GAP_S(8), QUIT},
		HELLO_SEEN ENVELOPE_SEEN
		"gap C 6\ngap S 8\ngap C 30\ngap S 8\nC> 4 QUIT\nS> 221 (4 QUIT) |bye|\nmail 1 unknown\n"
		"close ESMTP fin\n"},
	{"of DATA and all before, the message follows",
		{S("220 mx\r\n"), GAP_C(50), GAP_S(50), C("Subject: x\r\n\r\nMAIL is fun\r\n.\r\n"), S("250 ok\r\n"), QUIT},
		"S! 220 |mx|\ngap C 50\ngap S 50\nS> 250 (?) |ok|\nC> 1 QUIT\nS> 221 (1 QUIT) |bye|\nclose - fin\n"},
	{"in a flight, the rest of it is read",
		{HELLO, C("MAIL FR"), GAP_C(8), C(">\r\nRCPT TO:<b@c>\r\nDATA\r\n"), S("250 1\r\n250 2\r\n354 3\r\n"),
			C("x\r\n.\r\n"), S("250 4\r\n")},
		HELLO_SEEN
		"gap C 8\nC> 2 RCPT <b@c>\nC> 3 DATA pipelined\nS> 250 (?) |1|\nS> 250 (?) |2|\nS> 354 (3 DATA) |3|\n"
		"body 3 DATA 3 bytes 1 lines\nS> 250 (body 3) |4|\nclose ESMTP fin\n"},
	{"in a reply",
		{HELLO, C("MAIL FROM:<a@b>\r\n"), S("250 2.1."), GAP_S(3), S("k\r\n"), C("RCPT TO:<b@c>\r\n"),
			S("250 ok\r\n"), QUIT},
		HELLO_SEEN
		"C> 2 MAIL m1 <a@b> auth=no\ngap S 3\nS> 250 (2 MAIL m1) incomplete\nC> 3 RCPT m1 r1 <b@c>\n"
		"S> 250 (3 RCPT m1 r1) |ok|\nC> 4 QUIT\nS> 221 (4 QUIT) |bye|\nmail 1 aborted\nclose ESMTP fin\n"},
	{"of a whole reply", {HELLO, C("MAIL FROM:<a@b>\r\n"), GAP_S(8), C("RCPT TO:<b@c>\r\n"), S("250 ok\r\n"), QUIT},
		HELLO_SEEN
		"C> 2 MAIL m1 <a@b> auth=no\ngap S 8\nC> 3 RCPT m1 r1 <b@c>\nS> 250 (3 RCPT m1 r1) |ok|\nC> 4 QUIT\n"
		"S> 221 (4 QUIT) |bye|\nmail 1 aborted\nclose ESMTP fin\n"},
	{"of the reply to MAIL, which may have been a refusal", {HELLO, C("MAIL FROM:<a@b>\r\n"), GAP_S(8), QUIT},
		HELLO_SEEN
		"C> 2 MAIL m1 <a@b> auth=no\ngap S 8\nC> 3 QUIT\nS> 221 (3 QUIT) |bye|\nmail 1 unknown\nclose ESMTP fin\n"},
	{"of the start of a reply", {HELLO, C("NOOP\r\n"), GAP_S(5), S("k\r\n"), C("NOOP\r\n"), S("250 ok\r\n")},
		HELLO_SEEN "C> 2 NOOP\ngap S 5\nC> 3 NOOP\nS> 250 (3 NOOP) |ok|\nclose ESMTP fin\n"},
	{"in the reply to EHLO",
		{S("220 mx\r\n"), C("EHLO c\r\n"), S("250-mx\r\n250-SIZE 9\r\n250-AU"), GAP_S(9), S("IN\r\n250 HELP\r\n"),
			QUIT},
		"S! 220 |mx|\nC> 1 EHLO |c|\ngap S 9\nS> 250 (1 EHLO) |mx|SIZE 9|HELP| incomplete\nS= SIZE 9|HELP "
		"incomplete\n"
		"C> 2 QUIT\nS> 221 (2 QUIT) |bye|\nclose ESMTP fin\n"},
	{"at the start of the reply to EHLO",
		{S("220 mx\r\n"), C("EHLO c\r\n"), GAP_S(12), S("250-AUTH PLAIN\r\n250 HELP\r\n"), QUIT},
		"S! 220 |mx|\nC> 1 EHLO |c|\ngap S 12\nS> 250 (1 EHLO) |AUTH PLAIN|HELP| incomplete\n"
		"S= AUTH PLAIN|HELP incomplete\nC> 2 QUIT\nS> 221 (2 QUIT) |bye|\nclose ESMTP fin\n"},
	{"at the end of the reply to EHLO",
		{S("220 mx\r\n"), C("EHLO c\r\n"), S("250-mx\r\n250-SIZE 9\r\n250 HE"), GAP_S(4), C("MAIL FROM:<a@b>\r\n"),
			S("250 ok\r\n")},
		"S! 220 |mx|\nC> 1 EHLO |c|\ngap S 4\nS> 250 (1 EHLO) |mx|SIZE 9| incomplete\nS= SIZE 9 incomplete\n"
		"C> 2 MAIL m1 <a@b> auth=no\nS> 250 (2 MAIL m1) |ok|\nmail 1 aborted\nclose ESMTP fin\n"},
	{"of the last lines of the reply to EHLO",
		{S("220 mx\r\n"), C("EHLO c\r\n"), S("250-mx\r\n250-SIZE 9\r\n"), GAP_S(8), C("MAIL FROM:<a@b>\r\n"),
			S("250 ok\r\n")},
		"S! 220 |mx|\nC> 1 EHLO |c|\ngap S 8\nS> 250 (1 EHLO) |mx|SIZE 9| incomplete\nS= SIZE 9 incomplete\n"
		"C> 2 MAIL m1 <a@b> auth=no\nS> 250 (2 MAIL m1) |ok|\nmail 1 aborted\nclose ESMTP fin\n"},
	{"of the greeting", {GAP_S(14), C("EHLO c\r\n"), S("250-mx.example.org\r\n250 SIZE 9\r\n"), QUIT},
		"gap S 14\nC> 1 EHLO |c|\nS> 250 (1 EHLO) |mx.example.org|SIZE 9|\nS= SIZE 9\nC> 2 QUIT\nS> 221 (2 QUIT) "
		"|bye|\n"
		"close ESMTP fin\n"},
	{"of EHLO",
		{S("220 mx\r\n"), GAP_C(8), S("250-mx\r\n250-SIZE 9\r\n250 HELP\r\n"), C("MAIL FROM:<a@b>\r\n"),
			S("250 ok\r\n")},
		"S! 220 |mx|\ngap C 8\nS> 250 (?) |mx|SIZE 9|HELP|\nS= SIZE 9|HELP\nC> 1 MAIL m1 <a@b> auth=?\n"
		"S> 250 (1 MAIL m1) |ok|\nmail 1 aborted\nclose - fin\n"},
	{"in a pipelined flight, two of five commands",
		{HELLO, C("MAIL FROM:<a@b>\r\nRCPT TO:<b@c>\r\n"), GAP_C(30), C("RCPT TO:<h@i>\r\nDATA\r\n"),
			S("250 1\r\n250 2\r\n250 3\r\n250 4\r\n250 5\r\n354 6\r\n"), C("x\r\n.\r\n"), S("250 7\r\n"), QUIT},
		HELLO_SEEN
		"C> 2 MAIL m1 <a@b> auth=no\nC> 3 RCPT m1 r1 <b@c> pipelined\ngap C 30\nC> 4 RCPT <h@i> pipelined\n"
		"C> 5 DATA pipelined\nS> 250 (?) |1|\nS> 250 (?) |2|\nS> 250 (?) |3|\nS> 250 (?) |4|\nS> 250 (?) |5|\n"
		"S> 354 (5 DATA) |6|\nbody 5 DATA 3 bytes 1 lines\nS> 250 (body 5) |7|\nC> 6 QUIT\nS> 221 (6 QUIT) |bye|\n"
		"mail 1 unknown\nclose ESMTP fin\n"},
	{"of replies to a pipelined flight",
		{HELLO, C("MAIL FROM:<a@b>\r\nRCPT TO:<b@c>\r\nDATA\r\n"), S("250 1\r\n"), GAP_S(7), S("354 3\r\n"),
			C("x\r\n.\r\n"), S("250 4\r\n"), QUIT},
		HELLO_SEEN
		"C> 2 MAIL m1 <a@b> auth=no\nC> 3 RCPT m1 r1 <b@c> pipelined\nC> 4 DATA m1 pipelined\nS> 250 (2 MAIL m1) "
		"|1|\n"
		"gap S 7\nS> 354 (4 DATA m1) |3|\nbody 4 m1 DATA 3 bytes 1 lines\nS> 250 (body 4 m1) |4|\nmail 1 accepted\n"
		"C> 5 QUIT\nS> 221 (5 QUIT) |bye|\nclose ESMTP fin\n"},
	{"of the 354", {HELLO, ENVELOPE, C("DATA\r\n"), GAP_S(8), C("x\r\n.\r\n"), S("250 ok\r\n"), QUIT},
		HELLO_SEEN ENVELOPE_SEEN "C> 4 DATA m1\ngap S 8\nbody 4 m1 DATA 3 bytes 1 lines\nS> 250 (body 4 m1) |ok|\n"
					 "mail 1 accepted\nC> 5 QUIT\nS> 221 (5 QUIT) |bye|\nclose ESMTP fin\n"},
	{"of a refusal of DATA", {HELLO, ENVELOPE, C("DATA\r\n"), GAP_S(8), C("RSET\r\n"), S("250 ok\r\n"), QUIT},
		HELLO_SEEN ENVELOPE_SEEN
		"C> 4 DATA m1\ngap S 8\nC> 5 RSET\nS> 250 (5 RSET) |ok|\nmail 1 unknown\nC> 6 QUIT\n"
		"S> 221 (6 QUIT) |bye|\nclose ESMTP fin\n"},
	{"in the body", {TO_BODY, C("abc\r\n"), GAP_C(100), C("def\r\n.\r\n"), S("250 ok\r\n"), QUIT},
		TO_BODY_SEEN
		"gap C 100\nbody 4 m1 DATA 10 bytes 2 lines gap 100 incomplete\nS> 250 (body 4 m1) |ok|\nmail 1 accepted\n"
		"C> 5 QUIT\nS> 221 (5 QUIT) |bye|\nclose ESMTP fin\n"},
	{"before a dot in the body", /* which may be in the middle of a line */
		{TO_BODY, C("abc\r\n"), GAP_C(100), C(".\r\ndef\r\n.\r\n"), S("250 ok\r\n"), QUIT},
		TO_BODY_SEEN
		"gap C 100\nbody 4 m1 DATA 13 bytes 3 lines gap 100 incomplete\nS> 250 (body 4 m1) |ok|\nmail 1 accepted\n"
		"C> 5 QUIT\nS> 221 (5 QUIT) |bye|\nclose ESMTP fin\n"},
	{"at the end of the body", {TO_BODY, C("abc\r\n"), GAP_C(100), S("250 ok\r\n"), QUIT},
		TO_BODY_SEEN
		"gap C 100\nbody 4 m1 DATA 5 bytes 1 lines gap 100 incomplete\nS> 250 (body 4 m1) |ok|\nmail 1 accepted\n"
		"C> 5 QUIT\nS> 221 (5 QUIT) |bye|\nclose ESMTP fin\n"},
	{"at the end of the body, and its reply", {TO_BODY, C("abc\r\n"), GAP_C(100), GAP_S(8), QUIT},
		TO_BODY_SEEN "gap C 100\ngap S 8\nbody 4 m1 DATA 5 bytes 1 lines gap 100 incomplete\nmail 1 unknown\n"
			     "C> 5 QUIT\nS> 221 (5 QUIT) |bye|\nclose ESMTP fin\n"},
	{"of the rest of the body, at the end of the connection", {TO_BODY, C("abc\r\n"), GAP_C(100)},
		TO_BODY_SEEN
		"gap C 100\nbody 4 m1 DATA 5 bytes 1 lines gap 100 incomplete\nmail 1 unknown\nclose ESMTP fin\n"},
	{"of the whole body", {TO_BODY, GAP_C(100), S("250 ok\r\n"), QUIT},
		TO_BODY_SEEN
		"gap C 100\nbody 4 m1 DATA 0 bytes 0 lines gap 100 incomplete\nS> 250 (body 4 m1) |ok|\nmail 1 accepted\n"
		"C> 5 QUIT\nS> 221 (5 QUIT) |bye|\nclose ESMTP fin\n"},
	{"in a body that the client sends too early",
		{HELLO, ENVELOPE, C("DATA\r\nabc\r\n"), GAP_C(10), C("def\r\n.\r\n"), S("354 go\r\n250 ok\r\n"), QUIT},
		HELLO_SEEN ENVELOPE_SEEN "C> 4 DATA m1\nS> 354 (4 DATA m1) |go|\ngap C 10\n"
					 "body 4 m1 DATA 10 bytes 2 lines gap 10 incomplete\nS> 250 (body 4 m1) |ok|\n"
					 "mail 1 accepted\nC> 5 QUIT\nS> 221 (5 QUIT) |bye|\nclose ESMTP fin\n"},
	{"of the reply to the body", {TO_BODY, C("abc\r\n.\r\n"), GAP_S(8), QUIT},
		TO_BODY_SEEN "body 4 m1 DATA 5 bytes 1 lines\ngap S 8\nmail 1 unknown\nC> 5 QUIT\nS> 221 (5 QUIT) |bye|\n"
			     "close ESMTP fin\n"},
	{"in a BDAT chunk", {HELLO, ENVELOPE, C("BDAT 10 LAST\r\nabc"), GAP_C(4), C("hij"), S("250 ok\r\n"), QUIT},
		HELLO_SEEN ENVELOPE_SEEN
		"C> 4 BDAT m1 |10 LAST|\ngap C 4\nbody 4 m1 BDAT 6 bytes 0 lines gap 4 incomplete\n"
		"S> 250 (4 BDAT m1) |ok|\nmail 1 accepted\nC> 5 QUIT\nS> 221 (5 QUIT) |bye|\nclose ESMTP fin\n"},
	{"up to the end of a BDAT chunk", {HELLO, ENVELOPE, C("BDAT 10 LAST\r\nabc"), GAP_C(7), S("250 ok\r\n"), QUIT},
		HELLO_SEEN ENVELOPE_SEEN
		"C> 4 BDAT m1 |10 LAST|\ngap C 7\nbody 4 m1 BDAT 3 bytes 0 lines gap 7 incomplete\n"
		"S> 250 (4 BDAT m1) |ok|\nmail 1 accepted\nC> 5 QUIT\nS> 221 (5 QUIT) |bye|\nclose ESMTP fin\n"},
	{"beyond the end of a BDAT chunk",
		{HELLO, ENVELOPE, C("BDAT 10\r\nabc"), GAP_C(20), S("250 ok\r\n"), C("BDAT 3 LAST\r\nxyz"), S("250 ok\r\n"),
			QUIT},
		HELLO_SEEN ENVELOPE_SEEN
		"C> 4 BDAT m1 |10|\ngap C 20\nS> 250 (?) |ok|\nC> 5 BDAT m1 |3 LAST|\n"
		"body 5 m1 BDAT 6 bytes 0 lines gap 7 incomplete\nS> 250 (5 BDAT m1) |ok|\nmail 1 accepted\n"
		"C> 6 QUIT\nS> 221 (6 QUIT) |bye|\nclose ESMTP fin\n"},
	{"of everything from the first mail to the end", {HELLO, GAP_C(300), GAP_S(100)},
		HELLO_SEEN "gap C 300\ngap S 100\nclose ESMTP fin\n"},
};

static const struct script auth_gap_scripts[] = {
	{"of the password",
		{HELLO, C("AUTH LOGIN\r\n"), LOGIN_USER, C("dGlt\r\n"), LOGIN_PASSWORD, GAP_C(26), S("235 ok\r\n"),
			C("MAIL FROM:<a@b>\r\n"), S("250 ok\r\n")},
		HELLO_SEEN
		"C> 2 AUTH |LOGIN|\nS> 334 (2 AUTH) |VXNlcm5hbWU6|\nauth 2 LOGIN challenge\n"
		"auth 2 LOGIN response user=|tim|\nS> 334 (auth 2) |UGFzc3dvcmQ6|\nauth 2 LOGIN challenge user=|tim|\n"
		"gap C 26\nS> 235 (auth 2) |ok|\nauth 2 LOGIN accepted user=|tim|\nC> 3 MAIL m1 <a@b> auth=yes\n"
		"S> 250 (3 MAIL m1) |ok|\nmail 1 aborted\nclose ESMTP fin\n"},
	{"in the password",
		{HELLO, C("AUTH LOGIN\r\n"), LOGIN_USER, C("dGlt\r\n"), LOGIN_PASSWORD, C("dGFuc3Rh"), GAP_C(8),
			C("YWZ0YW5zdGFhZg==\r\n"), S("535 not YWZ0YW5zdGFhZg==\r\n"), QUIT},
		HELLO_SEEN
		"C> 2 AUTH |LOGIN|\nS> 334 (2 AUTH) |VXNlcm5hbWU6|\nauth 2 LOGIN challenge\n"
		"auth 2 LOGIN response user=|tim|\nS> 334 (auth 2) |UGFzc3dvcmQ6|\nauth 2 LOGIN challenge user=|tim|\n"
		"gap C 8\nS> 535 (auth 2) -withheld\nauth 2 LOGIN rejected user=|tim|\nC> 3 QUIT\nS> 221 (3 QUIT) |bye|\n"
		"close ESMTP fin\n",
		.secrets = SECRETS},
	{"of the user, so that the password may come as the first response",
		{HELLO, C("AUTH LOGIN\r\n"), LOGIN_USER, GAP_C(6), LOGIN_PASSWORD, C(PASSWORD_BASE64 "\r\n"),
			S("535 not tanstaaftanstaaf\r\n"), QUIT},
		HELLO_SEEN
		"C> 2 AUTH |LOGIN|\nS> 334 (2 AUTH) |VXNlcm5hbWU6|\nauth 2 LOGIN challenge\ngap C 6\n"
		"S> 334 (auth 2) |UGFzc3dvcmQ6|\nauth 2 LOGIN challenge\nauth 2 LOGIN response\nS> 535 (auth 2) -withheld\n"
		"auth 2 LOGIN rejected\nC> 3 QUIT\nS> 221 (3 QUIT) |bye|\nclose ESMTP fin\n",
		.secrets = SECRETS},
	{"in AUTH itself",
		{HELLO, C("AUTH PLAIN AHRp"), GAP_C(9), C("YWZ0YW5zdGFhZg==\r\n"), S("235 ok\r\n"), C("MAIL FROM:<a@b>\r\n"),
			S("250 ok\r\n")},
		HELLO_SEEN "gap C 9\nS> 235 (?) |ok|\nC> 2 MAIL m1 <a@b> auth=yes\nS> 250 (2 MAIL m1) |ok|\nmail 1 aborted\n"
			   "close ESMTP fin\n",
		.secrets = SECRETS},
	{"in AUTH itself, refused",
		{HELLO, C("AUTH PLAIN AHRp"), GAP_C(9), C("YWZ0YW5zdGFhZg==\r\n"), S("535 not YWZ0YW5zdGFhZg==\r\n"),
			C("MAIL FROM:<a@b>\r\n"), S("250 ok\r\n")},
		HELLO_SEEN
		"gap C 9\nS> 535 (?) -withheld\nC> 2 MAIL m1 <a@b> auth=?\nS> 250 (2 MAIL m1) |ok|\nmail 1 aborted\n"
		"close ESMTP fin\n",
		.secrets = SECRETS},
	{"of AUTH LOGIN, the rest is there",
		{HELLO, GAP_C(12), LOGIN_USER, C("dGlt\r\n"), LOGIN_PASSWORD, C(PASSWORD_BASE64 "\r\n"), S("235 ok\r\n")},
		HELLO_SEEN "gap C 12\nS> 334 (?) -withheld\nauth 0 challenge\nauth 0 response\nS> 334 (auth 0) -withheld\n"
			   "auth 0 challenge\nauth 0 response\nS> 235 (auth 0) |ok|\nauth 0 accepted\nclose ESMTP fin\n",
		.secrets = SECRETS},
	{"of the first challenge",
		{HELLO, C("AUTH LOGIN\r\n"), GAP_S(18), C("dGlt\r\n"), LOGIN_PASSWORD, C(PASSWORD_BASE64 "\r\n"),
			S("235 ok\r\n")},
		HELLO_SEEN "C> 2 AUTH |LOGIN|\ngap S 18\nauth 2 LOGIN response\nS> 334 (auth 2) |UGFzc3dvcmQ6|\nauth 2 "
			   "LOGIN challenge\n"
			   "auth 2 LOGIN response\nS> 235 (auth 2) |ok|\nauth 2 LOGIN accepted\nclose ESMTP fin\n",
		.secrets = SECRETS},
	{"of the second challenge",
		{HELLO, C("AUTH LOGIN\r\n"), LOGIN_USER, C("dGlt\r\n"), GAP_S(18), C(PASSWORD_BASE64 "\r\n"),
			S("535 5.7.8 no\r\n")},
		HELLO_SEEN
		"C> 2 AUTH |LOGIN|\nS> 334 (2 AUTH) |VXNlcm5hbWU6|\nauth 2 LOGIN challenge\n"
		"auth 2 LOGIN response user=|tim|\ngap S 18\nauth 2 LOGIN response user=|tim|\nS> 535 (auth 2) 5.7.8 |no|\n"
		"auth 2 LOGIN rejected user=|tim|\nclose ESMTP fin\n",
		.secrets = SECRETS},
	{"of the outcome",
		{HELLO, C("AUTH PLAIN " PLAIN_BASE64 "\r\n"), GAP_S(8), C("MAIL FROM:<a@b>\r\n"), S("250 ok\r\n"), QUIT},
		HELLO_SEEN
		"C> 2 AUTH |PLAIN| -withheld\nauth 2 PLAIN response user=|tim|\ngap S 8\nauth 2 PLAIN unknown user=|tim|\n"
		"C> 3 MAIL m1 <a@b> auth=?\nS> 250 (3 MAIL m1) |ok|\nC> 4 QUIT\nS> 221 (4 QUIT) |bye|\nmail 1 aborted\n"
		"close ESMTP fin\n",
		.secrets = SECRETS},
	{"in the text of the outcome",
		{HELLO, C("AUTH PLAIN " PLAIN_BASE64 "\r\n"), S("535 5.7.8 AHR"), GAP_S(8), S("YWFm\r\n"),
			C("MAIL FROM:<a@b>\r\n"), S("250 ok\r\n"), QUIT},
		HELLO_SEEN
		"C> 2 AUTH |PLAIN| -withheld\nauth 2 PLAIN response user=|tim|\ngap S 8\nS> 535 (2 AUTH) incomplete\n"
		"auth 2 PLAIN rejected user=|tim|\nC> 3 MAIL m1 <a@b> auth=no\nS> 250 (3 MAIL m1) |ok|\nC> 4 QUIT\n"
		"S> 221 (4 QUIT) |bye|\nmail 1 aborted\nclose ESMTP fin\n",
		.secrets = SECRETS " AHR"},
	{"of the response and the outcome",
		{HELLO, C("AUTH PLAIN\r\n"), S("334 \r\n"), GAP_C(34), GAP_S(8), C("MAIL FROM:<a@b>\r\n"), S("250 ok\r\n"),
			QUIT},
		HELLO_SEEN "C> 2 AUTH |PLAIN|\nS> 334 (2 AUTH) -withheld\nauth 2 PLAIN challenge\ngap C 34\ngap S 8\n"
			   "auth 2 PLAIN unknown\nC> 3 MAIL m1 <a@b> auth=?\nS> 250 (3 MAIL m1) |ok|\nC> 4 QUIT\n"
			   "S> 221 (4 QUIT) |bye|\nmail 1 aborted\nclose ESMTP fin\n"},
	{"of a whole exchange", {HELLO, GAP_C(60), GAP_S(60), C("MAIL FROM:<a@b>\r\n"), S("250 ok\r\n")},
		HELLO_SEEN
		"gap C 60\ngap S 60\nC> 2 MAIL m1 <a@b> auth=?\nS> 250 (2 MAIL m1) |ok|\nmail 1 aborted\nclose ESMTP fin\n"},
};

static const struct script joined_scripts[] = {
	{"before MAIL",
		{C("MAIL FROM:<a@b>\r\n"), S("250 ok\r\n"), C("RCPT TO:<b@c>\r\n"), S("250 ok\r\n"), C("DATA\r\n"),
			S("354 go\r\n"), C("x\r\n.\r\n"), S("250 ok\r\n"), QUIT},
		"C> 1 MAIL m1 <a@b> auth=?\nS> 250 (1 MAIL m1) |ok|\nC> 2 RCPT m1 r1 <b@c>\nS> 250 (2 RCPT m1 r1) |ok|\nC> "
		"3 DATA m1\n"
		"S> 354 (3 DATA m1) |go|\nbody 3 m1 DATA 3 bytes 1 lines\nS> 250 (body 3 m1) |ok|\nmail 1 accepted\nC> 4 "
		"QUIT\n"
		"S> 221 (4 QUIT) |bye|\nclose - fin\n",
		.midstream = true},
	{"between a command and its reply", {S("250 ok\r\n"), C("RCPT TO:<b@c>\r\n"), S("250 ok\r\n"), QUIT},
		"S> 250 (?) |ok|\nC> 1 RCPT <b@c>\nS> 250 (1 RCPT) |ok|\nC> 2 QUIT\nS> 221 (2 QUIT) |bye|\nclose - fin\n",
		.midstream = true},
	{"in a command", {C("<b@c>\r\n"), S("250 ok\r\n"), QUIT},
		"S> 250 (?) |ok|\nC> 1 QUIT\nS> 221 (1 QUIT) |bye|\nclose - fin\n", .midstream = true},
	{"in a reply", {S("0 ok\r\n"), QUIT}, "C> 1 QUIT\nS> 221 (1 QUIT) |bye|\nclose - fin\n", .midstream = true},
	{"in a reply, which ends with the next line", {S("-SIZE 9\r\n250 HELP\r\n"), QUIT},
		"S> 250 (?) |HELP|\nC> 1 QUIT\nS> 221 (1 QUIT) |bye|\nclose - fin\n", .midstream = true},
	{"before the reply to EHLO",
		{S("250-mx.example.org\r\n250-PIPELINING\r\n250 SIZE 9\r\n"), C("MAIL FROM:<a@b>\r\n"), S("250 ok\r\n")},
		"S> 250 (?) |mx.example.org|PIPELINING|SIZE 9|\nS= PIPELINING|SIZE 9\nC> 1 MAIL m1 <a@b> auth=?\n"
		"S> 250 (1 MAIL m1) |ok|\nmail 1 aborted\nclose - fin\n",
		.midstream = true},
	{"in the body",
		{C("some text\r\n"), C("RSET\r\nQUIT\r\n.\r\n"), S("250 queued\r\n"), C("MAIL FROM:<a@b>\r\n"),
			S("250 ok\r\n")},
		"S> 250 (?) |queued|\nC> 1 MAIL m1 <a@b> auth=?\nS> 250 (1 MAIL m1) |ok|\nmail 1 aborted\nclose - fin\n",
		.midstream = true},
	{"before the greeting, but without the handshake", {HELLO, C("MAIL FROM:<a@b>\r\n"), S("250 ok\r\n")},
		"S! 220 |mx ESMTP| incomplete\nC> 1 EHLO |c|\nS> 250 (1 EHLO) |mx|SIZE 9|CHUNKING|STARTTLS|\nS= SIZE 9|CHUNKING|STARTTLS\nC> 2 MAIL m1 <a@b> auth=?\nS> 250 (2 MAIL m1) |ok|\nmail 1 aborted\nclose ESMTP fin\n",
		.midstream = true},
	{"before a refusal, which need not be a greeting", {S("501 5.7.0 no\r\n"), QUIT},
		"S> 501 (?) 5.7.0 |no|\nC> 1 QUIT\nS> 221 (1 QUIT) |bye|\nclose - fin\n", .midstream = true},
	{"before the 220 to STARTTLS", {S("220 2.0.0 SMTP server ready\r\n"), C(CLIENT_HELLO)},
		"S> 220 (?) 2.0.0 |SMTP server ready|\ntls client-hello\nclose - fin\n", .midstream = true},
	{"in the reply to EHLO, in a line", {S("E 9\r\n250-DSN\r\n250 AUTH PLAIN\r\n"), QUIT},
		"S> 250 (?) |DSN|AUTH PLAIN| incomplete\nS= DSN|AUTH PLAIN incomplete\nC> 1 QUIT\nS> 221 (1 QUIT) |bye|\nclose - "
		"fin\n",
		.midstream = true},
	{"between user and password, the challenge first",
		{LOGIN_PASSWORD, C(PASSWORD_BASE64 "\r\n"), S("235 ok\r\n"), C("MAIL FROM:<a@b>\r\n"), S("250 ok\r\n")},
		"S> 334 (?) -withheld\nauth 0 challenge\nauth 0 response\nS> 235 (auth 0) |ok|\nauth 0 accepted\n"
		"C> 1 MAIL m1 <a@b> auth=yes\nS> 250 (1 MAIL m1) |ok|\nmail 1 aborted\nclose - fin\n",
		.midstream = true, .secrets = SECRETS},
	{"at the password", {C(PASSWORD_BASE64 "\r\n"), S("535 not " PASSWORD_BASE64 "\r\n"), QUIT},
		"S> 535 (?) -withheld\nC> 1 QUIT\nS> 221 (1 QUIT) |bye|\nclose - fin\n", .midstream = true,
		.secrets = SECRETS},
	{"in the password", {C("YWZ0YW5zdGFhZg==\r\n"), S("235 ok\r\n"), C("MAIL FROM:<a@b>\r\n"), S("250 ok\r\n")},
		"S> 235 (?) |ok|\nC> 1 MAIL m1 <a@b> auth=yes\nS> 250 (1 MAIL m1) |ok|\nmail 1 aborted\nclose - fin\n",
		.midstream = true, .secrets = SECRETS},
	{"after the password", {S("235 ok\r\n"), C("MAIL FROM:<a@b>\r\n"), S("250 ok\r\n")},
		"S> 235 (?) |ok|\nC> 1 MAIL m1 <a@b> auth=yes\nS> 250 (1 MAIL m1) |ok|\nmail 1 aborted\nclose - fin\n",
		.midstream = true},
	{"an unknown word in the middle may be anything",
		{S("250 ok\r\n"), C("NOOP\r\n"), S("250 ok\r\n"), C("dGFuc3Rh\r\n"), S("500 no\r\n")},
		"S> 250 (?) |ok|\nC> 1 NOOP\nS> 250 (1 NOOP) |ok|\nC> 2 (?) -withheld\nS> 500 (2 (?)) |no|\nclose - fin\n",
		.midstream = true, .secrets = "dGFuc3 DGFUC3"},
	{"before the 354", {S("354 go\r\n"), C("x\r\n.\r\n"), S("250 ok\r\n"), QUIT},
		"S> 354 (?) |go|\nbody 0 DATA 3 bytes 1 lines\nS> 250 (body 0) |ok|\nC> 1 QUIT\nS> 221 (1 QUIT) "
		"|bye|\nclose - fin\n",
		.midstream = true},
	{"and nothing comes", {{STEP_END}}, "close - idle\n", .midstream = true, .how = STREAM_CLOSE_IDLE_TIMEOUT},
};

#define UNSEEN_HELLO UNSEEN_S("220 mx\r\n"), C("EHLO c\r\n"), UNSEEN_S("250 mx\r\n")
#define UNSEEN_OK UNSEEN_S("250 ok\r\n")

static const struct script one_sided_scripts[] = {
	{"client only, a mail",
		{UNSEEN_HELLO, C("MAIL FROM:<a@b>\r\n"), UNSEEN_OK, C("RCPT TO:<b@c>\r\n"), UNSEEN_OK, C("DATA\r\n"),
			UNSEEN_S("354 go\r\n"), C("Subject: x\r\n"), C("y\r\n.\r\n"), UNSEEN_OK, C("QUIT\r\n")},
		"C> 1 EHLO |c|\nC> 2 MAIL m1 <a@b> auth=no\nC> 3 RCPT m1 r1 <b@c>\nC> 4 DATA m1\nbody 4 m1 DATA 15 bytes 2 "
		"lines\n"
		"mail 1 unknown\nC> 5 QUIT\nclose - fin one-sided\n"},
	{"client only, DATA refused",
		{UNSEEN_HELLO, C("MAIL FROM:<a@b>\r\n"), UNSEEN_OK, C("DATA\r\n"), UNSEEN_S("503 no\r\n"), C("RSET\r\n"),
			UNSEEN_OK, C("QUIT\r\n")},
		"C> 1 EHLO |c|\nC> 2 MAIL m1 <a@b> auth=no\nC> 3 DATA m1\nC> 4 RSET\nmail 1 unknown\nC> 5 QUIT\nclose - fin "
		"one-sided\n"},
	{"client only, pipelining",
		{UNSEEN_HELLO, C("MAIL FROM:<a@b>\r\nRCPT TO:<b@c>\r\nDATA\r\n"), UNSEEN_S("250 a\r\n250 b\r\n354 c\r\n"),
			C("x\r\n.\r\nQUIT\r\n"), UNSEEN_S("250 ok\r\n221 bye\r\n")},
		"C> 1 EHLO |c|\nC> 2 MAIL m1 <a@b> auth=no\nC> 3 RCPT m1 r1 <b@c> pipelined\nC> 4 DATA m1 pipelined\n"
		"body 4 m1 DATA 3 bytes 1 lines\nC> 5 QUIT pipelined\nmail 1 unknown\nclose - fin one-sided\n"},
	{"client only, AUTH LOGIN",
		{UNSEEN_HELLO, C("AUTH LOGIN\r\n"), UNSEEN_S("334 VXNlcm5hbWU6\r\n"), C("dGlt\r\n"),
			UNSEEN_S("334 UGFzc3dvcmQ6\r\n"), C(PASSWORD_BASE64 "\r\n"), UNSEEN_S("235 ok\r\n"),
			C("MAIL FROM:<a@b>\r\n"), UNSEEN_OK, C("QUIT\r\n")},
		"C> 1 EHLO |c|\nC> 2 AUTH |LOGIN|\nauth 2 LOGIN response\nauth 2 LOGIN response\nauth 2 LOGIN unknown\n"
		"C> 3 MAIL m1 <a@b> auth=?\nC> 4 QUIT\nmail 1 unknown\nclose - fin one-sided\n",
		.secrets = SECRETS},
	{"client only, AUTH PLAIN",
		{UNSEEN_HELLO, C("AUTH PLAIN " PLAIN_BASE64 "\r\n"), UNSEEN_S("235 ok\r\n"), C("QUIT\r\n")},
		"C> 1 EHLO |c|\nC> 2 AUTH |PLAIN| -withheld\nauth 2 PLAIN response user=|tim|\nauth 2 PLAIN unknown "
		"user=|tim|\n"
		"C> 3 QUIT\nclose - fin one-sided\n",
		.secrets = SECRETS},
	{"client only, STARTTLS", {UNSEEN_HELLO, C("STARTTLS\r\n"), UNSEEN_S("220 go\r\n"), C(CLIENT_HELLO), C(ENCRYPTED)},
		"C> 1 EHLO |c|\nC> 2 STARTTLS\ntls client-hello\ntls encrypted\nclose - fin one-sided\n"},
	{"server only",
		{S("220 mx\r\n"), UNSEEN_C("EHLO c\r\n"), S("250-mx\r\n250-AUTH LOGIN\r\n250 SIZE 9\r\n"),
			UNSEEN_C("AUTH LOGIN\r\n"), LOGIN_USER, UNSEEN_C("dGlt\r\n"), LOGIN_PASSWORD,
			UNSEEN_C(PASSWORD_BASE64 "\r\n"), S("235 ok\r\n"), UNSEEN_C("MAIL FROM:<a@b>\r\n"), S("250 ok\r\n"),
			UNSEEN_C("RCPT TO:<b@c>\r\n"), S("550 5.1.1 no\r\n"), UNSEEN_C("RCPT TO:<d@e>\r\n"), S("250 ok\r\n"),
			UNSEEN_C("DATA\r\n"), S("354 go\r\n"), UNSEEN_C("Subject: x\r\n.\r\n"), S("250 queued\r\n"),
			UNSEEN_C("QUIT\r\n"), S("221 bye\r\n")},
		"S! 220 |mx|\nS> 250 (?) |mx|AUTH LOGIN|SIZE 9|\nS= AUTH LOGIN|SIZE 9\nS> 334 (?) -withheld\nauth 0 "
		"challenge\n"
		"S> 334 (auth 0) -withheld\nauth 0 challenge\nS> 235 (auth 0) |ok|\nauth 0 accepted\nS> 250 (?) |ok|\n"
		"S> 550 (?) 5.1.1 |no|\nS> 250 (?) |ok|\nS> 354 (?) |go|\nbody 0 DATA 0 bytes 0 lines gap 15 incomplete\n"
		"S> 250 (body 0) |queued|\nS> 221 (?) |bye|\nclose - fin one-sided\n",
		.secrets = SECRETS},
	{"server only, STARTTLS",
		{S("220 mx\r\n"), UNSEEN_C("EHLO c\r\n"), S("250-mx\r\n250 STARTTLS\r\n"), UNSEEN_C("STARTTLS\r\n"),
			S("220 go\r\n"), UNSEEN_C(CLIENT_HELLO), S(SERVER_HELLO ENCRYPTED)},
		"S! 220 |mx|\nS> 250 (?) |mx|STARTTLS|\nS= STARTTLS\nS> 220 (?) |go|\ntls server-hello\ntls encrypted\n"
		"close - fin one-sided\n"},
	{"server only, TLS from the start", {UNSEEN_C(CLIENT_HELLO), S(SERVER_HELLO ENCRYPTED)},
		"tls server-hello implicit\ntls encrypted implicit\nclose SMTPS fin one-sided\n", .port = PORT_SMTPS},
};

#define SOCKS_CLIENT "\x05\x01\x00\x01\xc0\x00\x02\x01\x00\x19"
#define SOCKS_SERVER "\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00"

#define RUBBISH_4 "odd S not-a-reply 1\nodd S not-a-reply 1\nodd S not-a-reply 1\nodd S not-a-reply 1\n"
#define RUBBISH_16 RUBBISH_4 RUBBISH_4 RUBBISH_4 RUBBISH_4

static const struct script detection_scripts[] = {
	{"SMTP by its greeting", {HELLO, QUIT}, HELLO_SEEN "C> 2 QUIT\nS> 221 (2 QUIT) |bye|\nclose ESMTP fin\n",
		.port = PORT_OTHER},
	{"SMTP by EHLO", {S("220 mx ready\r\n"), C("EHLO c\r\n"), S("250 mx\r\n"), QUIT},
		"S! 220 |mx ready|\nC> 1 EHLO |c|\nS> 250 (1 EHLO) |mx|\nS= \nC> 2 QUIT\nS> 221 (2 QUIT) |bye|\nclose ESMTP "
		"fin\n",
		.port = PORT_OTHER},
	{"SMTP by the second line of its greeting", {S("220-Welcome\r\n220 mx ESMTP\r\n"), QUIT},
		"S! 220 |Welcome|mx ESMTP|\nC> 1 QUIT\nS> 221 (1 QUIT) |bye|\nclose - fin\n", .port = PORT_OTHER},
	{"SMTP by a greeting that refuses", {S("554 no SMTP service here\r\n")},
		"S! 554 |no SMTP service here|\nclose - fin\n", .port = PORT_OTHER},
	{"SMTP by an unended greeting", {S("220 mx ESMTP"), C("HELO c\r\n"), S("250 mx\r\n")},
		"S! 220 |mx ESMTP|\nC> 1 HELO |c|\nS> 250 (1 HELO) |mx|\nclose SMTP fin\n", .port = PORT_OTHER},
	{"LMTP", {LMTP_HELLO, QUIT}, LMTP_HELLO_SEEN "C> 2 QUIT\nS> 221 (2 QUIT) |bye|\nclose LMTP fin\n",
		.port = PORT_OTHER},
	{"joined at RCPT", {C("RCPT TO:<b@c>\r\n"), S("250 ok\r\n"), QUIT},
		"C> 1 RCPT <b@c>\nS> 250 (1 RCPT) |ok|\nC> 2 QUIT\nS> 221 (2 QUIT) |bye|\nclose - fin\n", .port = PORT_OTHER,
		.midstream = true},
	{"joined in the body, then a mail", {C("text\r\n.\r\n"), S("250 ok\r\n"), C("MAIL FROM:<a@b>\r\n"), S("250 ok\r\n")},
		"odd C preface 17\nC> 1 MAIL m1 <a@b> auth=?\nS> 250 (1 MAIL m1) |ok|\nmail 1 aborted\nclose - fin\n",
		.port = PORT_OTHER, .midstream = true},
	{"roles swapped", {C("220 mx ESMTP\r\n"), S("EHLO c\r\n"), C("250 mx\r\n"), S("QUIT\r\n"), C("221 bye\r\n")},
		"swapped\nS! 220 |mx ESMTP|\nC> 1 EHLO |c|\nS> 250 (1 EHLO) |mx|\nS= \nC> 2 QUIT\nS> 221 (2 QUIT) |bye|\n"
		"close ESMTP reset-by-client\n",
		.port = PORT_OTHER, .how = STREAM_CLOSE_RESET_BY_SERVER},
	{"joined behind ATRN", {C("220 mx ESMTP\r\n"), S("EHLO c\r\n"), C("250 mx\r\n"), S("MAIL FROM:<a@b>\r\n"), C("250 ok\r\n")},
		"~odd S roles-reversed 0\n~S! 220 |mx ESMTP|\n~C> 1 EHLO |c|\n~S> 250 (1 EHLO) |mx|\n~S= \n~C> 2 MAIL m1 <a@b> auth=?\n"
		"~S> 250 (2 MAIL m1) |ok|\n~mail 1 aborted\nclose - fin\n",
		.port = PORT_OTHER, .midstream = true},
	{"behind SOCKS5", {C("\x05\x01\x00"), S("\x05\x00"), C(SOCKS_CLIENT), S(SOCKS_SERVER), S("220 mx ESMTP\r\n"), QUIT},
		"odd S preface 25\nS! 220 |mx ESMTP|\nC> 1 QUIT\nS> 221 (1 QUIT) |bye|\nclose - fin\n", .port = PORT_OTHER},
	{"behind SOCKS5, in one segment",
		{C("\x05\x01\x00"), S("\x05\x00"), C(SOCKS_CLIENT), S(SOCKS_SERVER "220 mx ESMTP\r\n"), QUIT},
		"odd S preface 25\nS! 220 |mx ESMTP|\nC> 1 QUIT\nS> 221 (1 QUIT) |bye|\nclose - fin\n", .port = PORT_OTHER},
	{"behind SOCKS5, the client says nothing",
		{C("\x05\x01\x00"), S("\x05\x00"), C(SOCKS_CLIENT), S(SOCKS_SERVER "220 mx ESMTP\r\n")},
		"odd S preface 25\nS! 220 |mx ESMTP|\nclose - fin\n", .port = PORT_OTHER},
	{"behind HTTP CONNECT",
		{C("CONNECT mx:25 HTTP/1.1\r\nHost: mx:25\r\n\r\n"), S("HTTP/1.1 200 OK\r\n\r\n"), S("220 mx ESMTP\r\n"),
			QUIT},
		"odd S preface 58\nS! 220 |mx ESMTP|\nC> 1 QUIT\nS> 221 (1 QUIT) |bye|\nclose - fin\n", .port = PORT_OTHER},
	{"behind HTTP CONNECT with a long request",
		{C("CONNECT mx:25 HTTP/1.1\r\nX: "), C_TIMES(600, "x"), C("\r\n\r\n"), S("HTTP/1.1 200 OK\r\n\r\n"),
			S("220 mx ESMTP\r\n"), QUIT},
		"odd S preface 650\nS! 220 |mx ESMTP|\nC> 1 QUIT\nS> 221 (1 QUIT) |bye|\nclose - fin\n", .port = PORT_OTHER},
	{"behind a preface with a gap",
		{C("\x05\x01\x00"), GAP_S(2), C(SOCKS_CLIENT), S(SOCKS_SERVER "220 mx ESMTP\r\n"), QUIT},
		"odd S preface 25\nS! 220 |mx ESMTP|\nC> 1 QUIT\nS> 221 (1 QUIT) |bye|\nclose - fin\n", .port = PORT_OTHER},
	{"FTP", {S("220 FTP ready\r\n"), C("USER a\r\n"), S("331 password?\r\n"), C("PASS b\r\n"), S("230 ok\r\n"), QUIT},
		NULL, .port = PORT_OTHER},
	{"FTP that helps", {S("220 FTP ready\r\n"), C("HELP\r\n"), S("214 no\r\n"), C("NOOP\r\n"), S("200 ok\r\n"), QUIT},
		NULL, .port = PORT_OTHER},
	{"HTTP", {C("GET / HTTP/1.1\r\nHost: smtp.example.org\r\n\r\n"), S("HTTP/1.1 200 OK\r\n\r\nSMTP\r\n")}, NULL,
		.port = PORT_OTHER},
	{"POP3", {S("+OK POP3\r\n"), C("USER a\r\n"), S("+OK\r\n"), C("PASS b\r\n"), S("+OK\r\n"), C("QUIT\r\n")}, NULL,
		.port = PORT_OTHER},
	{"IMAP", {S("* OK IMAP4\r\n"), C("a1 LOGIN a b\r\n"), S("a1 OK\r\n")}, NULL, .port = PORT_OTHER},
	{"NNTP", {S("200 news\r\n"), C("HELP\r\n"), S("100 help\r\n.\r\n"), C("QUIT\r\n"), S("205 bye\r\n")}, NULL,
		.port = PORT_OTHER},
	{"TLS", {C(CLIENT_HELLO), S(SERVER_HELLO ENCRYPTED)}, NULL, .port = PORT_OTHER},
	{"nothing", {{STEP_END}}, NULL, .port = PORT_OTHER},
	{"more than is looked at", {C_TIMES(20000, "x"), S("220 mx ESMTP\r\n"), C("EHLO c\r\n")}, NULL, .port = PORT_OTHER},
	{"HTTP on the SMTP port", {C("GET / HTTP/1.1\r\n\r\n"), S("220 mx ESMTP\r\n500 what?\r\n"), S("500 what?\r\n")},
		"odd C not-smtp 0 http\nodd C early-talker 0\nC> 1 GET -withheld\nodd C not-a-command 0\nC> 2 (?) -withheld pipelined\nS! 220 |mx "
		"ESMTP|\n"
		"S> 500 (1 GET) |what?|\nS> 500 (2 (?)) |what?|\nclose - fin\n"},
	{"rubbish on the SMTP port", {S_TIMES(64, "*\r\n"), S("220 mx\r\n")},
		RUBBISH_16 RUBBISH_16 RUBBISH_16 RUBBISH_16 "odd S not-smtp 0 -\nclose - fin\n"},
	{"SSH on the SMTP port", {C("SSH-2.0-x\r\n"), S("220 mx ESMTP\r\n500 what?\r\n")},
		"odd C not-a-command 9\nodd C not-smtp 0 ssh\nodd C early-talker 0\nC> 1 (?) -withheld\nS! 220 |mx ESMTP|\n"
		"S> 500 (1 (?)) |what?|\nclose - fin\n"},
	{"SOCKS5 on the SMTP port", {S("220 mx ESMTP\r\n"), C("\5\2\0\2")}, "S! 220 |mx ESMTP|\nodd C not-smtp 0 socks\nclose - fin\n"},
	{"RDP on the SMTP port", {S("220 mx ESMTP\r\n"), C("\3\0\0\x13\xe\xe0\0\0\0\0\0\1\0\x8\0\3\0\0\0")},
		"S! 220 |mx ESMTP|\nodd C not-smtp 0 rdp\nclose - fin\n"},
	{"SIP on the SMTP port", {S("220 mx ESMTP\r\n"), C("OPTIONS sip:nm SIP/2.0\r\n"), S("500 what?\r\n")},
		"S! 220 |mx ESMTP|\nodd C not-smtp 0 sip\nC> 1 OPTIONS -withheld\nS> 500 (1 OPTIONS) |what?|\nclose - fin\n"},
	{"IMAP on the SMTP port", {S("* OK ready\r\n"), C("QUIT\r\n")},
		"odd S not-a-reply 10\nodd S not-smtp 0 imap\nodd C early-talker 0\nC> 1 QUIT\nclose - fin\n"},
	{"POP3 on the SMTP port", {S("+OK ready\r\n")}, "odd S not-a-reply 9\nodd S not-smtp 0 pop3\nclose - fin\n"},
	{"random bytes on the SMTP port", {S("220 mx ESMTP\r\n"), C("\xf7\1\x80""\n\xee\r\n"), S("500 what?\r\n500 what?\r\n")},
		"S! 220 |mx ESMTP|\nodd C bare-newline 0\nodd C not-a-command 3\nodd C not-smtp 0 binary\nC> 1 (?) -withheld\n"
		"odd C not-a-command 1\nC> 2 (?) -withheld pipelined\nS> 500 (1 (?)) |what?|\nS> 500 (2 (?)) |what?|\nclose - fin\n"},
	{"a word that is none, and a request further on", {S("220 mx ESMTP\r\n"), C("EHLO c\r\n"), S("250 mx\r\n"), C("GET / HTTP/1.1\r\n"), S("500 what?\r\n")},
		"S! 220 |mx ESMTP|\nC> 1 EHLO |c|\nS> 250 (1 EHLO) |mx|\nS= \nC> 2 GET -withheld\nS> 500 (2 GET) |what?|\nclose ESMTP fin\n"},
};

/* With the frame of each event in front. The first step is frame 2, each step a frame and a millisecond. */
static const struct script moment_scripts[] = {
	{"a mail",
		{S("220 m"), S("x\r\n"), C("EHLO"), C(" c\r\n"), S("250-mx\r\n"), S("250 SIZE\r\n"),
			C("MAIL FROM:<a@b>\r\nDATA\r\n"), S("250 ok\r\n354 go\r\n"), C("x\r\n"), C(".\r\nNOOP\r\n"),
			S("250 ok\r\n"), S("250 ok\r\n")},
		"3 S! 220 |mx|\n5 C> 1 EHLO |c|\n7 S> 250 (1 EHLO) |mx|SIZE| latency 2000000\n7 S= SIZE\n"
		"8 C> 2 MAIL m1 <a@b> auth=no\n8 C> 3 DATA m1 pipelined\n9 S> 250 (2 MAIL m1) |ok| latency 1000000\n"
		"9 S> 354 (3 DATA m1) |go| latency 1000000\n11 body 3 m1 DATA 3 bytes 1 lines\n11 C> 4 NOOP pipelined\n"
		"12 S> 250 (body 3 m1) |ok| latency 1000000\n12 mail 1 accepted\n13 S> 250 (4 NOOP) |ok| latency 2000000\n"
		"1000 close ESMTP fin\n"},
	{"a greeting without a line end was there before its answer", {S("220 mx"), C("EHLO c\r\n"), S("\r\n250 mx\r\n")},
		"2 S! 220 |mx|\n3 C> 1 EHLO |c|\n4 S> 250 (1 EHLO) |mx| latency 1000000\n4 S= \n1000 close ESMTP fin\n"},
	{"BDAT is answered when its chunk is there",
		{S("220 mx\r\n"), C("BDAT 3 LAST\r\n"), C("a"), C("bc"), S("503 no\r\n")},
		"2 S! 220 |mx|\n3 C> 1 BDAT |3 LAST|\n5 body 1 BDAT 3 bytes 0 lines\n6 S> 503 (1 BDAT) |no| latency "
		"1000000\n"
		"1000 close - fin\n"},
	{"responses of AUTH",
		{S("220 mx\r\n"), C("AUTH LOGIN\r\n"), LOGIN_USER, C("dGlt\r\n"), LOGIN_PASSWORD, C("*\r\n"),
			S("501 no\r\n")},
		"2 S! 220 |mx|\n3 C> 1 AUTH |LOGIN|\n4 S> 334 (1 AUTH) |VXNlcm5hbWU6| latency 1000000\n4 auth 1 LOGIN "
		"challenge\n"
		"5 auth 1 LOGIN response user=|tim|\n6 S> 334 (auth 1) |UGFzc3dvcmQ6| latency 1000000\n"
		"6 auth 1 LOGIN challenge user=|tim|\n7 auth 1 LOGIN cancel user=|tim|\n8 S> 501 (auth 1) |no| latency "
		"1000000\n"
		"8 auth 1 LOGIN cancelled user=|tim|\n1000 close - fin\n"},
	{"what was held keeps its time", {S("220 mx\r\n"), C("DATA\r\nNOOP\r\n"), C("NOOP\r\n"), S("503 no\r\n")},
		"2 S! 220 |mx|\n3 C> 1 DATA\n5 S> 503 (1 DATA) |no| latency 2000000\n3 C> 2 NOOP pipelined\n4 C> 3 NOOP "
		"pipelined\n"
		"1000 close - fin\n"},
	{"a reply that breaks off has the time of its last byte",
		{S("220 mx\r\n"), C("EHLO c\r\n"), S("250-mx\r\n"), GAP_S(20), C("QUIT\r\n"), S("221-by"), S("e\r\n")},
		"2 S! 220 |mx|\n3 C> 1 EHLO |c|\n5 gap S 20\n4 S> 250 (1 EHLO) |mx| incomplete latency 1000000\n4 S=  "
		"incomplete\n"
		"6 C> 2 QUIT\n8 S> 221 (2 QUIT) |bye| incomplete latency 2000000\n1000 close ESMTP fin\n"},
	{"what a gap hides has no latency", {S("220 mx\r\n"), GAP_C(6), S("250 ok\r\n")},
		"2 S! 220 |mx|\n3 gap C 6\n4 S> 250 (?) |ok| latency -1\n1000 close - fin one-sided\n"},
};

static void test_moments(void **state) {
	static struct output output;
	checks = failures = 0;
	output.with_moments = true;
	for (size_t i = 0; i < sizeof(moment_scripts) / sizeof(moment_scripts[0]); i++) {
		play(&moment_scripts[i], 0, 0, false, &output);
		check_text(&moment_scripts[i], "whole", output.text, moment_scripts[i].expected);
	}
	assert_int_equal(failures, 0);
	assert_int_equal(checks, 7);
}

/* ---- Limits: what is over one is told, and what comes after it is right again ---- */

#define OFFER(list) S("220 mx ESMTP\r\n"), C("EHLO c\r\n"), S("250-mx\r\n250-" list "\r\n250 HELP\r\n")
#define OFFER_SEEN(list) "S! 220 |mx ESMTP|\nC> 1 EHLO |c|\nS> 250 (1 EHLO) |mx|" list "|HELP|\nS= " list "|HELP\n"
#define NTLM_1 "TlRMTVNTUAABAAAAB7IAAAAAAAAAAAAAAAAAAAAAAAA="
#define NTLM_2 "TlRMTVNTUAACAAAADgAOADAAAAABAAAAAAECAwQFBgcAAAAAAAAAAAAAAAAAAAAARQBYAEEATQBQAEwARQA="
#define NTLM_3                                                                                                              \
	"TlRMTVNTUAADAAAAGAAYAEAAAAAYABgAWAAAAA4ADgBwAAAABgAGAH4AAAAIAAgAhAAAAAAAAACMAAAAAQAAAAECAwQFBgcICQoLDA0ODxAREhMU"      \
	"FRYXGGVmZ2hpamtsbW5vcHFyc3R1dnd4eXp7fEUAWABBAE0AUABMAEUAdABpAG0AUABDAC0ANwA="

static const struct script extension_scripts[] = {
	{"what was not offered is told once",
		{OFFER("DSN"), C("MAIL FROM:<a@b> SIZE=5 RET=HDRS BODY=BINARYMIME\r\n"), S("250 ok\r\n"),
			C("RCPT TO:<c@d> NOTIFY=NEVER RRVS=2026-01-01T00:00:00Z\r\n"), S("555 no\r\n"),
			C("RCPT TO:<c@d> RRVS=2026-01-01T00:00:00Z\r\n"), S("555 no\r\n")},
		OFFER_SEEN("DSN")
		"C> 2 MAIL m1 <a@b> SIZE=5 RET=HDRS BODY=BINARYMIME auth=no\nodd C not-offered SIZE 0\nodd C not-offered BINARYMIME 0\n"
		"S> 250 (2 MAIL m1) |ok|\nC> 3 RCPT m1 r1 <c@d> NOTIFY=NEVER RRVS=2026-01-01T00:00:00Z\nodd C not-offered RRVS 0\n"
		"S> 555 (3 RCPT m1 r1) |no|\nC> 4 RCPT m1 r2 <c@d> RRVS=2026-01-01T00:00:00Z\nS> 555 (4 RCPT m1 r2) |no|\n"
		"mail 1 rejected\nclose ESMTP fin\n"},
	{"HELO offers nothing", {S("220 mx\r\n"), C("HELO c\r\n"), S("250 mx\r\n"), C("MAIL FROM:<a@b> SIZE=5\r\n"), S("250 ok\r\n")},
		"S! 220 |mx|\nC> 1 HELO |c|\nS> 250 (1 HELO) |mx|\nC> 2 MAIL m1 <a@b> SIZE=5 auth=no\nodd C not-offered SIZE 0\n"
		"S> 250 (2 MAIL m1) |ok|\nmail 1 aborted\nclose SMTP fin\n"},
	{"a list of which a line is missing says nothing about others",
		{S("220 mx\r\n"), C("EHLO c\r\n"), S("250-mx\r\n250-DSN\r\n"), GAP_S(10), S("250 HELP\r\n"), C("MAIL FROM:<a@b> SIZE=5\r\n"),
			S("250 ok\r\n")},
		"S! 220 |mx|\nC> 1 EHLO |c|\ngap S 10\nS> 250 (1 EHLO) |mx|DSN|HELP| incomplete\nS= DSN|HELP incomplete\n"
		"C> 2 MAIL m1 <a@b> SIZE=5 auth=no\nS> 250 (2 MAIL m1) |ok|\nmail 1 aborted\nclose ESMTP fin\n"},
	{"nor does one that was written over", {OFFER("XXXXXXXA"), C("STARTTLS\r\n"), S("454 no\r\n")},
		OFFER_SEEN("XXXXXXXA") "C> 2 STARTTLS\nS> 454 (2 STARTTLS) |no|\nclose ESMTP fin\n"},
	{"nor one that may have been followed by another", {OFFER("DSN"), GAP_C(10), C("MAIL FROM:<a@b> SIZE=5\r\n"), S("250 ok\r\n")},
		OFFER_SEEN("DSN") "gap C 10\nC> 2 MAIL m1 <a@b> SIZE=5 auth=?\nS> 250 (?) |ok|\nmail 1 unknown\nclose ESMTP fin\n"},
	{"the last list counts",
		{OFFER("DSN"), C("EHLO c\r\n"), S("250-mx\r\n250 SIZE\r\n"), C("MAIL FROM:<a@b> SIZE=5\r\n"), S("250 ok\r\n"),
			C("RCPT TO:<c@d> NOTIFY=NEVER\r\n"), S("250 ok\r\n")},
		OFFER_SEEN("DSN")
		"C> 2 EHLO |c|\nS> 250 (2 EHLO) |mx|SIZE|\nS= SIZE\nC> 3 MAIL m1 <a@b> SIZE=5 auth=no\nS> 250 (3 MAIL m1) |ok|\n"
		"C> 4 RCPT m1 r1 <c@d> NOTIFY=NEVER\nodd C not-offered DSN 0\nS> 250 (4 RCPT m1 r1) |ok|\nmail 1 aborted\nclose ESMTP fin\n"},
	{"a list that lacks AUTH once the client has logged in",
		{OFFER("AUTH PLAIN"), C("AUTH PLAIN " PLAIN_BASE64 "\r\n"), S("235 ok\r\n"), C("EHLO c\r\n"), S("250 mx\r\n"),
			C("MAIL FROM:<a@b> AUTH=<>\r\n"), S("250 ok\r\n")},
		OFFER_SEEN("AUTH PLAIN")
		"C> 2 AUTH |PLAIN| -withheld\nauth 2 PLAIN response user=|tim|\nS> 235 (2 AUTH) |ok|\nauth 2 PLAIN accepted user=|tim|\n"
		"C> 3 EHLO |c|\nS> 250 (3 EHLO) |mx|\nS= \nC> 4 MAIL m1 <a@b> AUTH=<> auth=yes\nS> 250 (4 MAIL m1) |ok|\nmail 1 aborted\n"
		"close ESMTP fin\n",
		.secrets = SECRETS},
	{"wrong values, and one that comes twice",
		{S("220 mx ESMTP\r\n"), C("EHLO c\r\n"), S("250-mx\r\n250-SIZE\r\n250-DSN\r\n250 HELP\r\n"), C("MAIL FROM:<a@b> SIZE=big SIZE=2 RET=HDRS RET=FULL OTHER=1 OTHER=2\r\n"), S("501 no\r\n")},
		"S! 220 |mx ESMTP|\nC> 1 EHLO |c|\nS> 250 (1 EHLO) |mx|SIZE|DSN|HELP|\nS= SIZE|DSN|HELP\n"
		"C> 2 MAIL m1 <a@b> SIZE=big! SIZE=2! RET=HDRS RET=FULL! OTHER=1 OTHER=2 auth=no\nodd C parameter-wrong SIZE 0\n"
		"odd C parameter-wrong SIZE 0\nodd C parameter-wrong RET 0\n"
		"S> 501 (2 MAIL m1) |no|\nmail 1 rejected\nclose ESMTP fin\n"},
	{"more than the limits allow",
		{OFFER("LIMITS RCPTMAX=1 MAILMAX=1"), C("MAIL FROM:<a@b>\r\n"), S("250 ok\r\n"), C("RCPT TO:<c@d>\r\n"), S("250 ok\r\n"),
			C("RCPT TO:<c@d>\r\n"), S("452 no\r\n"), C("RCPT TO:<c@d>\r\n"), S("452 no\r\n"), C("RSET\r\n"), S("250 ok\r\n"),
			C("MAIL FROM:<a@b>\r\n"), S("421 no\r\n")},
		OFFER_SEEN("LIMITS RCPTMAX=1 MAILMAX=1")
		"C> 2 MAIL m1 <a@b> auth=no\nS> 250 (2 MAIL m1) |ok|\nC> 3 RCPT m1 r1 <c@d>\nS> 250 (3 RCPT m1 r1) |ok|\n"
		"C> 4 RCPT m1 r2 <c@d>\nodd C limit-exceeded RCPTMAX 1\nS> 452 (4 RCPT m1 r2) |no|\nC> 5 RCPT m1 r3 <c@d>\n"
		"S> 452 (5 RCPT m1 r3) |no|\nC> 6 RSET\nS> 250 (6 RSET) |ok|\nmail 1 aborted\nC> 7 MAIL m2 <a@b> auth=no\n"
		"odd C limit-exceeded MAILMAX 1\nS> 421 (7 MAIL m2) |no|\nmail 2 rejected\nclose ESMTP fin\n"},
	{"XCLIENT with a login, and the session begins anew",
		{OFFER("XCLIENT NAME ADDR"),
			C("XCLIENT NAME=a+2Bb.example.net ADDR=203.0.113.7 PORT=[UNAVAILABLE] HELO=pc LOGIN=tim PROTO=ESMTP\r\n"), S("220 mx ESMTP\r\n"),
			C("EHLO c\r\n"), S("250 mx\r\n"), C("MAIL FROM:<a@b>\r\n"), S("250 ok\r\n")},
		OFFER_SEEN("XCLIENT NAME ADDR")
		"C> 2 XCLIENT |NAME=a+2Bb.example.net ADDR=203.0.113.7 PORT=[UNAVAILABLE] HELO=pc| -withheld\n"
		"S> 220 (2 XCLIENT) |mx ESMTP|\norigin 2 XCLIENT v4 ...7:0 name=|a+b.example.net| helo=|pc| protocol=|ESMTP| login=|tim|\n"
		"C> 3 EHLO |c|\nS> 250 (3 EHLO) |mx|\nS= \nC> 4 MAIL m1 <a@b> auth=yes\nS> 250 (4 MAIL m1) |ok|\nmail 1 aborted\nclose ESMTP fin\n"},
	{"XCLIENT refused tells nothing",
		{OFFER("XCLIENT NAME ADDR"), C("XCLIENT ADDR=203.0.113.7 LOGIN=tim\r\n"), S("550 5.7.0 not you\r\n"), C("MAIL FROM:<a@b>\r\n"),
			S("250 ok\r\n")},
		OFFER_SEEN("XCLIENT NAME ADDR")
		"C> 2 XCLIENT |ADDR=203.0.113.7| -withheld\nS> 550 (2 XCLIENT) 5.7.0 |not you|\nC> 3 MAIL m1 <a@b> auth=no\n"
		"S> 250 (3 MAIL m1) |ok|\nmail 1 aborted\nclose ESMTP fin\n"},
	{"XFORWARD in two pieces, not offered",
		{OFFER("DSN"), C("XFORWARD ADDR=IPV6:2001:db8::9 PORT=4711\r\n"), S("250 ok\r\n"), C("XFORWARD NAME=[TEMPUNAVAIL] HELO=x=y\r\n"),
			S("250 ok\r\n")},
		OFFER_SEEN("DSN")
		"C> 2 XFORWARD |ADDR=IPV6:2001:db8::9 PORT=4711|\nodd C not-offered XFORWARD 0\nS> 250 (2 XFORWARD) |ok|\n"
		"origin 2 XFORWARD v6 ...9:4711\nC> 3 XFORWARD |NAME=[TEMPUNAVAIL] HELO=x=y|\nS> 250 (3 XFORWARD) |ok|\n"
		"origin 3 XFORWARD v6 ...9:4711\nclose ESMTP fin\n"},
	{"BURL in the place of DATA",
		{OFFER("BURL imap"), ENVELOPE, C("BURL imap://tim@h/d;uid=7;urlauth=submit+tim:internal:91354a4737 LAST\r\n"), S("250 sent\r\n"), QUIT},
		OFFER_SEEN("BURL imap") ENVELOPE_SEEN
		"C> 4 BURL m1 |imap://tim@h/d;uid=7| -withheld\nbody 4 m1 BURL 0 bytes 0 lines incomplete\nS> 250 (4 BURL m1) |sent|\n"
		"mail 1 accepted\nC> 5 QUIT\nS> 221 (5 QUIT) |bye|\nclose ESMTP fin\n",
		.secrets = "91354a internal"},
	{"BURL, then BDAT", {HELLO, ENVELOPE, C("BURL imap://h/d\r\n"), S("250 ok\r\n"), C("BDAT 3 LAST\r\nx\r\n"), S("554 no\r\n"), QUIT},
		HELLO_SEEN ENVELOPE_SEEN
		"C> 4 BURL m1 |imap://h/d|\nodd C not-offered BURL 0\nS> 250 (4 BURL m1) |ok|\nC> 5 BDAT m1 |3 LAST|\n"
		"body 5 m1 BDAT 3 bytes 1 lines incomplete\nS> 554 (5 BDAT m1) |no|\nmail 1 rejected\nC> 6 QUIT\nS> 221 (6 QUIT) |bye|\nclose ESMTP fin\n"},
	{"BURL refused", {HELLO, ENVELOPE, C("BURL imap://h/d LAST\r\n"), S("554 5.6.6 cannot\r\n"), QUIT},
		HELLO_SEEN ENVELOPE_SEEN
		"C> 4 BURL m1 |imap://h/d LAST|\nodd C not-offered BURL 0\nbody 4 m1 BURL 0 bytes 0 lines incomplete\n"
		"S> 554 (4 BURL m1) 5.6.6 |cannot|\nmail 1 rejected\nC> 5 QUIT\nS> 221 (5 QUIT) |bye|\nclose ESMTP fin\n"},
	{"XEXCH50 and its binary data",
		{OFFER("XEXCH50"), ENVELOPE, C("XEXCH50 12 2\r\n"), S("354 send\r\n"), C("\r\nQUIT\r\n\0\xff.\r"), S("250 done\r\n"), C("DATA\r\n"), S("354 go\r\n"),
			C("x\r\n.\r\n"), S("250 ok\r\n"), QUIT},
		OFFER_SEEN("XEXCH50") ENVELOPE_SEEN
		"C> 4 XEXCH50 |12 2|\nS> 354 (4 XEXCH50) |send|\nS> 250 (4 XEXCH50) |done|\nC> 5 DATA m1\nS> 354 (5 DATA m1) |go|\n"
		"body 5 m1 DATA 3 bytes 1 lines\nS> 250 (body 5 m1) |ok|\nmail 1 accepted\nC> 6 QUIT\nS> 221 (6 QUIT) |bye|\nclose ESMTP fin\n"},
	{"XEXCH50 refused", {HELLO, ENVELOPE, C("XEXCH50 12 2\r\n"), S("504 need to authenticate\r\n"), C("RSET\r\n"), S("250 ok\r\n")},
		HELLO_SEEN ENVELOPE_SEEN
		"C> 4 XEXCH50 |12 2|\nodd C not-offered XEXCH50 0\nS> 504 (4 XEXCH50) |need to authenticate|\nC> 5 RSET\nS> 250 (5 RSET) |ok|\n"
		"mail 1 aborted\nclose ESMTP fin\n"},
	{"XEXCH50 without a size, and with none",
		{HELLO, C("XEXCH50 0 2\r\n"), S("354 send\r\n"), S("250 done\r\n"), C("XEXCH50 x\r\n"), S("354 send\r\n"), C("\1\2\3QUIT\r\nNOOP\r\n"),
			S("250 done\r\n"), QUIT},
		HELLO_SEEN
		"C> 2 XEXCH50 |0 2|\nodd C not-offered XEXCH50 0\nS> 354 (2 XEXCH50) |send|\nS> 250 (2 XEXCH50) |done|\nC> 3 XEXCH50 |x|\n"
		"S> 354 (3 XEXCH50) |send|\nS> 250 (?) |done|\nC> 4 QUIT\nS> 221 (4 QUIT) |bye|\nclose ESMTP fin\n"},
	{"XEXCH50 with a gap in the data",
		{OFFER("XEXCH50"), C("XEXCH50 12 2\r\n"), S("354 send\r\n"), C("\r\nQUIT"), GAP_C(6), S("250 done\r\n"), QUIT},
		OFFER_SEEN("XEXCH50")
		"C> 2 XEXCH50 |12 2|\nS> 354 (2 XEXCH50) |send|\ngap C 6\nS> 250 (2 XEXCH50) |done|\nC> 3 QUIT\nS> 221 (3 QUIT) |bye|\nclose ESMTP fin\n"},
	{"XEXCH50 whose 354 was lost",
		{OFFER("XEXCH50"), C("XEXCH50 12 2\r\n"), GAP_S(10), C("\x01\x02IT\r\n\0\xff...."), S("250 done\r\n"), QUIT},
		OFFER_SEEN("XEXCH50")
		"C> 2 XEXCH50 |12 2|\ngap S 10\nS> 250 (2 XEXCH50) |done|\nC> 3 QUIT\nS> 221 (3 QUIT) |bye|\nclose ESMTP fin\n"},
	{"X-EXPS with NTLM",
		{OFFER("X-EXPS NTLM GSSAPI"), C("X-EXPS NTLM\r\n"), S("334 ntlm supported\r\n"), C(NTLM_1 "\r\n"), S("334 " NTLM_2 "\r\n"), C(NTLM_3 "\r\n"),
			S("235 2.7.0 ok\r\n"), C("MAIL FROM:<a@b>\r\n"), S("250 ok\r\n")},
		OFFER_SEEN("X-EXPS NTLM GSSAPI")
		"C> 2 X-EXPS |NTLM|\nS> 334 (2 X-EXPS) -withheld\nauth 2 NTLM challenge\nauth 2 NTLM response\nS> 334 (auth 2) -withheld\n"
		"auth 2 NTLM challenge\nauth 2 NTLM response user=|tim|\nS> 235 (auth 2) 2.7.0 |ok|\n"
		"auth 2 NTLM accepted user=|tim| domain=|EXAMPLE| workstation=|PC-7| target=|EXAMPLE|\nC> 3 MAIL m1 <a@b> auth=yes\n"
		"S> 250 (3 MAIL m1) |ok|\nmail 1 aborted\nclose ESMTP fin\n",
		.secrets = "TlRMTV RXh4 QwQFBg"},
	{"X-ANONYMOUSTLS", {OFFER("X-ANONYMOUSTLS"), C("X-ANONYMOUSTLS\r\n"), S("220 2.0.0 ready\r\n"), C(CLIENT_HELLO), S(SERVER_HELLO), C(ENCRYPTED)},
		OFFER_SEEN("X-ANONYMOUSTLS")
		"C> 2 X-ANONYMOUSTLS\nS> 220 (2 X-ANONYMOUSTLS) 2.0.0 |ready|\ntls client-hello\ntls server-hello\ntls encrypted\nclose ESMTP fin\n"},
	{"a command of Exchange that is known by name",
		{HELLO, C("AUTH PLAIN " PLAIN_BASE64 "\r\n"), S("235 ok\r\n"), C("XSHADOWREQUEST tanstaaf\r\n"), S("250 ok\r\n")},
		HELLO_SEEN
		"C> 2 AUTH |PLAIN| -withheld\nauth 2 PLAIN response user=|tim|\nS> 235 (2 AUTH) |ok|\nauth 2 PLAIN accepted user=|tim|\n"
		"C> 3 XSHADOWREQUEST -withheld\nodd C not-offered XSHADOWREQUEST 0\nS> 250 (3 XSHADOWREQUEST) |ok|\nclose ESMTP fin\n",
		.secrets = SECRETS},
	{"ETRN", {OFFER("ETRN"), C("ETRN @example.org\r\n"), S("253 5 messages\r\n"), C("etrn x y\r\n"), S("501 no\r\n")},
		OFFER_SEEN("ETRN") "C> 2 ETRN |@example.org|\nS> 253 (2 ETRN) |5 messages|\nC> 3 ETRN |x y|\nS> 501 (3 ETRN) |no|\nclose ESMTP fin\n"},
	{"TURN refused, ATRN accepted: the sides change their roles",
		{OFFER("ATRN"), C("TURN\r\n"), S("502 no\r\n"), C("ATRN example.org\r\n"), S("250 now\r\n"), C("220 c\r\n"), S("EHLO mx\r\n"), C("250 c\r\n")},
		OFFER_SEEN("ATRN") "C> 2 TURN\nS> 502 (2 TURN) |no|\nC> 3 ATRN |example.org|\nS> 250 (3 ATRN) |now|\nodd S roles-reversed 0\n"
		"~S! 220 |c|\n~C> 4 EHLO |mx|\n~S> 250 (4 EHLO) |c|\n~S= \nclose ESMTP fin\n"},
	{"mail behind TURN, and a loss in it",
		{OFFER("DSN"), C("TURN\r\n"), S("250 ok\r\n"), C("220 c\r\n"), S("HELO mx\r\n"), C("250 c\r\n"), S("MAIL FROM:<a@b>\r\n"), C("250 ok\r\n"),
			GAP_S(15), C("250 ok\r\n"), S("DATA\r\n"), C("354 go\r\n"), S("x\r\n.\r\n"), C("250 taken\r\n"), S("QUIT\r\n"), C("221 bye\r\n")},
		OFFER_SEEN("DSN") "C> 2 TURN\nS> 250 (2 TURN) |ok|\nodd S roles-reversed 0\n"
		"~S! 220 |c|\n~C> 3 HELO |mx|\n~S> 250 (3 HELO) |c|\n~C> 4 MAIL m1 <a@b> auth=?\n~S> 250 (4 MAIL m1) |ok|\n~gap S 15\n"
		"~S> 250 (?) |ok|\n~C> 5 DATA m1\n~S> 354 (5 DATA m1) |go|\n~body 5 m1 DATA 3 bytes 1 lines\n~S> 250 (body 5 m1) |taken|\n"
		"~mail 1 accepted\n~C> 6 QUIT\n~S> 221 (6 QUIT) |bye|\nclose ESMTP fin\n"},
	{"a server that does not wait for the greeting",
		{OFFER("ATRN"), C("ATRN\r\n"), S("250 now\r\nEHLO mx\r\n"), C("220 c\r\n"), C("250 c\r\n")},
		OFFER_SEEN("ATRN") "C> 2 ATRN\nS> 250 (2 ATRN) |now|\nodd S roles-reversed 0\n"
		"~odd S early-talker 0\n~C> 3 EHLO |mx|\n~S! 220 |c|\n~S> 250 (3 EHLO) |c|\n~S= \nclose ESMTP fin\n"},
	{"a command behind TURN: whose turn it is, is not certain",
		{OFFER("DSN"), C("TURN\r\nNOOP\r\n"), S("250 ok\r\n250 ok\r\n"), C("220 c\r\n"), S("HELO mx\r\n")},
		OFFER_SEEN("DSN") "C> 2 TURN\nC> 3 NOOP pipelined\nS> 250 (2 TURN) |ok|\nodd S roles-reversed 0\nodd S reversed-unread 0\nclose ESMTP fin\n"},
	{"roles that are reversed and back again",
		{OFFER("DSN"), C("TURN\r\n"), S("250 ok\r\n"), C("220 c\r\n"), S("TURN\r\n"), C("250 ok\r\n"), S("220 mx\r\n"), C("QUIT\r\n"), S("221 bye\r\n")},
		OFFER_SEEN("DSN") "C> 2 TURN\nS> 250 (2 TURN) |ok|\nodd S roles-reversed 0\n~S! 220 |c|\n~C> 3 TURN\n~S> 250 (3 TURN) |ok|\n"
		"~odd C roles-reversed 0\nS! 220 |mx|\nC> 4 QUIT\nS> 221 (4 QUIT) |bye|\nclose ESMTP fin\n"},
	{"AUTH inside of a mail", {HELLO, ENVELOPE, C("AUTH PLAIN " PLAIN_BASE64 "\r\n"), S("503 5.5.1 not now\r\n"), C("DATA\r\n"), S("354 go\r\n")},
		HELLO_SEEN ENVELOPE_SEEN
		"C> 4 AUTH m1 |PLAIN| -withheld\nauth 4 PLAIN response user=|tim|\nS> 503 (4 AUTH) 5.5.1 |not now|\nauth 4 PLAIN rejected user=|tim|\n"
		"C> 5 DATA m1\nS> 354 (5 DATA m1) |go|\nbody 5 m1 DATA 0 bytes 0 lines incomplete\nmail 1 aborted\nclose ESMTP fin\n",
		.secrets = SECRETS},
	{"AUTH LOGIN all in one flight",
		{HELLO, C("AUTH LOGIN\r\ndGlt\r\n" PASSWORD_BASE64 "\r\nMAIL FROM:<a@b>\r\n"), S("334 VXNlcm5hbWU6\r\n334 UGFzc3dvcmQ6\r\n235 ok\r\n250 ok\r\n")},
		HELLO_SEEN
		"C> 2 AUTH |LOGIN|\nS> 334 (2 AUTH) |VXNlcm5hbWU6|\nauth 2 LOGIN challenge\nauth 2 LOGIN response user=|tim|\n"
		"S> 334 (auth 2) |UGFzc3dvcmQ6|\nauth 2 LOGIN challenge user=|tim|\nauth 2 LOGIN response user=|tim|\nS> 235 (auth 2) |ok|\n"
		"auth 2 LOGIN accepted user=|tim|\nC> 3 MAIL m1 <a@b> auth=yes pipelined\nS> 250 (3 MAIL m1) |ok|\nmail 1 aborted\nclose ESMTP fin\n",
		.secrets = SECRETS},
	{"AUTH and DATA answered by other codes of 3yz",
		{HELLO, C("AUTH PLAIN\r\n"), S("350 go on\r\n"), C(PLAIN_BASE64 "\r\n"), S("235 ok\r\n"), C("MAIL FROM:<a@b>\r\n"), S("250 ok\r\n"),
			C("RCPT TO:<b@c>\r\n"), S("250 ok\r\n"), C("DATA\r\n"), S("355 go\r\n"), C("QUIT\r\n.\r\n"), S("250 ok\r\n")},
		HELLO_SEEN
		"C> 2 AUTH |PLAIN|\nS> 350 (2 AUTH) -withheld\nauth 2 PLAIN challenge\nauth 2 PLAIN response user=|tim|\nS> 235 (auth 2) |ok|\n"
		"auth 2 PLAIN accepted user=|tim|\nC> 3 MAIL m1 <a@b> auth=yes\nS> 250 (3 MAIL m1) |ok|\nC> 4 RCPT m1 r1 <b@c>\n"
		"S> 250 (4 RCPT m1 r1) |ok|\nC> 5 DATA m1\nS> 355 (5 DATA m1) |go|\nbody 5 m1 DATA 6 bytes 1 lines\nS> 250 (body 5 m1) |ok|\n"
		"mail 1 accepted\nclose ESMTP fin\n",
		.secrets = SECRETS},
	{"PRDR, in one flight",
		{OFFER("PRDR"), C("MAIL FROM:<a@b> PRDR\r\n"), S("250 ok\r\n"), C("RCPT TO:<c@d>\r\n"), S("250 ok\r\n"), C("RCPT TO:<e@f>\r\n"),
			S("550 no\r\n"), C("RCPT TO:<g@h>\r\nDATA\r\n"), S("250 ok\r\n354 go\r\n"), C(".\r\nQUIT\r\n"),
			S("353 wait\r\n250 one\r\n550 other\r\n250 all\r\n221 bye\r\n")},
		OFFER_SEEN("PRDR")
		"C> 2 MAIL m1 <a@b> PRDR auth=no\nS> 250 (2 MAIL m1) |ok|\nC> 3 RCPT m1 r1 <c@d>\nS> 250 (3 RCPT m1 r1) |ok|\nC> 4 RCPT m1 r2 <e@f>\n"
		"S> 550 (4 RCPT m1 r2) |no|\nC> 5 RCPT m1 r3 <g@h>\nC> 6 DATA m1 pipelined\nS> 250 (5 RCPT m1 r3) |ok|\nS> 354 (6 DATA m1) |go|\n"
		"body 6 m1 DATA 0 bytes 0 lines\nC> 7 QUIT pipelined\nS> 353 (body 6 m1) |wait|\nS> 250 (body 6 m1 r1) |one|\n"
		"S> 550 (body 6 m1 r3) |other|\nS> 250 (body 6 m1) |all|\nmail 1 accepted\nS> 221 (7 QUIT) |bye|\nclose ESMTP fin\n"},
	{"PRDR asked for, one reply only",
		{OFFER("PRDR"), C("MAIL FROM:<a@b> PRDR\r\n"), S("250 ok\r\n"), C("RCPT TO:<c@d>\r\n"), S("250 ok\r\n"), C("DATA\r\n"), S("354 go\r\n"),
			C(".\r\n"), S("554 no\r\n"), QUIT},
		OFFER_SEEN("PRDR")
		"C> 2 MAIL m1 <a@b> PRDR auth=no\nS> 250 (2 MAIL m1) |ok|\nC> 3 RCPT m1 r1 <c@d>\nS> 250 (3 RCPT m1 r1) |ok|\nC> 4 DATA m1\n"
		"S> 354 (4 DATA m1) |go|\nbody 4 m1 DATA 0 bytes 0 lines\nS> 554 (body 4 m1) |no|\nmail 1 rejected\nC> 5 QUIT\nS> 221 (5 QUIT) |bye|\n"
		"close ESMTP fin\n"},
	{"codes that few know",
		{S("299 mx\r\n"), C("EHLO c\r\n"), S("472 no\r\n"), C("HELO c\r\n"), S("259 mx\r\n"), C("AUTH LOGIN\r\n"), S("432 4.7.12 transition\r\n"),
			C("AUTH PLAIN " PLAIN_BASE64 "\r\n"), S("538 5.7.11 tls\r\n"), C("MAIL FROM:<a@b>\r\n"), S("523 5.7.10 tls\r\n"), C("MAIL FROM:<>\r\n"),
			S("298 ok\r\n"), C("RCPT TO:<b@c>\r\n"), S("556 5.1.10 null mx\r\n"), C("RCPT TO:<d@e>\r\n"), S("297 ok\r\n"), C("NOOP\r\n"),
			S("599 what\r\n"), C("DATA\r\n"), S("354 go\r\n"), C(".\r\n"), S("587 no\r\n"), C("QUIT\r\n"), S("200 bye\r\n")},
		"S! 299 |mx|\nC> 1 EHLO |c|\nS> 472 (1 EHLO) |no|\nC> 2 HELO |c|\nS> 259 (2 HELO) |mx|\nC> 3 AUTH |LOGIN|\n"
		"S> 432 (3 AUTH) 4.7.12 |transition|\nauth 3 LOGIN rejected\nC> 4 AUTH |PLAIN| -withheld\nauth 4 PLAIN response user=|tim|\n"
		"S> 538 (4 AUTH) 5.7.11 |tls|\nauth 4 PLAIN rejected user=|tim|\nC> 5 MAIL m1 <a@b> auth=no\nS> 523 (5 MAIL m1) 5.7.10 |tls|\n"
		"mail 1 rejected\nC> 6 MAIL m2 <> auth=no\nS> 298 (6 MAIL m2) |ok|\nC> 7 RCPT m2 r1 <b@c>\nS> 556 (7 RCPT m2 r1) 5.1.10 |null mx|\n"
		"C> 8 RCPT m2 r2 <d@e>\nS> 297 (8 RCPT m2 r2) |ok|\nC> 9 NOOP\nS> 599 (9 NOOP) |what|\nC> 10 DATA m2\nS> 354 (10 DATA m2) |go|\n"
		"body 10 m2 DATA 0 bytes 0 lines\nS> 587 (body 10 m2) |no|\nmail 2 rejected\nC> 11 QUIT\nS> 200 (11 QUIT) |bye|\nclose SMTP fin\n",
		.secrets = SECRETS},
	{"LHLO refused, EHLO refused, HELO",
		{S("220 mx\r\n"), C("LHLO c\r\n"), S("500 no\r\n"), C("EHLO c\r\n"), S("500 no\r\n"), C("HELO c\r\n"), S("250 mx\r\n")},
		"S! 220 |mx|\nC> 1 LHLO |c|\nS> 500 (1 LHLO) |no|\nC> 2 EHLO |c|\nS> 500 (2 EHLO) |no|\nC> 3 HELO |c|\nS> 250 (3 HELO) |mx|\n"
		"close SMTP fin\n"},
};

/* Every code of 200 to 599, known or not, answers the command before it and nothing else. */
static void test_all_codes(void **state) {
	size_t seen = 0;
	for (unsigned code = 200; code < 600; code++) {
		static struct output output;
		char reply[32], expected[256];
		if (code == 421)
			continue; /* what it answers is asked elsewhere */
		snprintf(reply, sizeof(reply), "%u x\r\n", code);
		struct script script = {"all codes", {S("220 mx\r\n"), C("NOOP\r\n"), {STEP_SAY, STREAM_SERVER, reply, strlen(reply), 0, 0},
				C("QUIT\r\n"), S("221 bye\r\n")}, NULL};
		play(&script, 0, 0, false, &output);
		snprintf(expected, sizeof(expected), "S! 220 |mx|\nC> 1 NOOP\nS> %u (1 NOOP) %s\nC> 2 QUIT\nS> 221 (2 QUIT) |bye|\nclose - fin\n",
			code, code == 334 ? "-withheld" : "|x|");
		if (strcmp(output.text, expected) != 0)
			fail_msg("%s", output.text);
		seen++;
	}
	assert_int_equal(seen, 399);
}

struct totals {
	size_t commands, replies, answered, unanswered, anomalies[EVENT_ANOMALY_COUNT], mails, mail_ends, unknown_mails,
		bodies;
	uint64_t body_bytes, last_command, last_answered;
};

static void on_counted(void *context, const struct event *event) {
	struct totals *totals = context;
	switch (event->kind) {
	case EVENT_COMMAND:
		totals->last_command = event->command.id;
		totals->commands++;
		totals->mails += event->command.verb == VERB_MAIL;
		break;
	case EVENT_REPLY:
		totals->replies++;
		totals->answered += event->reply.answers == EVENT_ANSWERS_COMMAND;
		totals->unanswered += event->reply.answers == EVENT_ANSWERS_UNKNOWN;
		totals->last_answered = event->reply.command;
		break;
	case EVENT_ANOMALY:
		totals->anomalies[event->anomaly.id]++;
		break;
	case EVENT_MAIL_END:
		totals->mail_ends++;
		totals->unknown_mails += event->mail_end.result == EVENT_MAIL_UNKNOWN;
		break;
	case EVENT_BODY:
		totals->bodies++;
		totals->body_bytes += event->body.bytes;
		break;
	default:
		break;
	}
}

static struct totals count(const struct step *steps) {
	struct totals totals = {0};
	struct stream_open open = {.server = {4, {192, 0, 2, 1}, 25}, .hint = STREAM_HINT_SMTP, .handshake_ns = 1};
	struct player player = {
		.session = session_create(&open, (struct event_sink){.context = &totals, .event = on_counted})};
	assert_non_null(player.session);
	for (; steps->kind != STEP_END; steps++) {
		struct step step = expand(steps);
		play_step(&player, &step, 0, false);
	}
	assert_true(session_finish(player.session, &(struct stream_close){.how = STREAM_CLOSE_FIN}));
	session_destroy(player.session);
	return totals;
}

static void test_limits(void **state) {
	/* As many commands as are kept, all answered. */
	struct totals totals = count(
		(const struct step[]){HELLO, C_TIMES(1024, "NOOP\r\n"), S_TIMES(1024, "250 ok\r\n"), QUIT, {STEP_END}});
	assert_true(totals.commands == 1026 && totals.answered == 1026);
	assert_int_equal(totals.anomalies[EVENT_ANOMALY_TOO_MANY_COMMANDS], 0);
	/* More than are kept: what is not known is not claimed. */
	totals = count(
		(const struct step[]){HELLO, C_TIMES(1030, "NOOP\r\n"), S_TIMES(1030, "250 ok\r\n"), QUIT, {STEP_END}});
	assert_true(totals.commands == 1032 && totals.replies == 1032);
	assert_int_equal(totals.anomalies[EVENT_ANOMALY_TOO_MANY_COMMANDS], 6);
	assert_true(totals.answered == 1026 && totals.unanswered == 6);
	assert_int_equal(totals.last_answered, totals.last_command);
	/* More mails at once than are kept. */
	totals = count(
		(const struct step[]){HELLO, C_TIMES(20, "MAIL FROM:<a@b>\r\n"), S_TIMES(20, "250 ok\r\n"), {STEP_END}});
	assert_true(totals.mails == 20 && totals.mail_ends == 20 && totals.unknown_mails == 12);
	/* A client that sends its message without waiting for the 354, more of it than is held back. */
	totals = count((const struct step[]){HELLO, ENVELOPE, C("DATA\r\n"), C_TIMES(1000, "a line of the message\r\n"),
		C_TIMES(1000, "a line of the message\r\n"), C_TIMES(1000, "a line of the message\r\n"),
		C_TIMES(1000, "a line of the message\r\n"), S("354 go\r\n"), C(".\r\n"), S("250 ok\r\n"), QUIT, {STEP_END}});
	assert_int_equal(totals.anomalies[EVENT_ANOMALY_HELD_TOO_MUCH], 1);
	assert_int_equal(totals.anomalies[EVENT_ANOMALY_UNSOLICITED_REPLY], 0);
	assert_int_equal(totals.anomalies[EVENT_ANOMALY_BODY_UNTERMINATED], 0);
	assert_true(totals.bodies == 1 && totals.body_bytes == 4000 * 23);
	assert_true(totals.commands == 5 && totals.answered == 5 && totals.mail_ends == 1 && totals.unknown_mails == 0);
	/* The same, and all of it before the first reply. */
	totals = count((const struct step[]){S("220 mx\r\n"), C("EHLO c\r\nMAIL FROM:<a@b>\r\nRCPT TO:<b@c>\r\nDATA\r\n"),
		C_TIMES(4000, "a line of the message\r\n"), C(".\r\nQUIT\r\n"),
		S("250 mx\r\n250 ok\r\n250 ok\r\n354 go\r\n250 ok\r\n221 bye\r\n"), {STEP_END}});
	assert_int_equal(totals.anomalies[EVENT_ANOMALY_HELD_TOO_MUCH], 1);
	assert_int_equal(totals.anomalies[EVENT_ANOMALY_UNSOLICITED_REPLY], 0);
	assert_true(totals.bodies == 1 && totals.body_bytes == 4000 * 23);
	assert_true(totals.commands == 5 && totals.answered == 5 && totals.mail_ends == 1 && totals.unknown_mails == 0);
}

/* Runs them all even when one fails, so that one run tells everything. */
static void check_scripts(const struct script *scripts, size_t count, size_t expected_checks) {
	checks = failures = 0;
	for (size_t i = 0; i < count; i++)
		check_script(&scripts[i]);
	assert_int_equal(failures, 0);
	assert_int_equal(checks, expected_checks);
}

#define SCRIPTS_TEST(name, expected_checks)                                                                                 \
	static void test_##name(void **state) {                                                                             \
		check_scripts(name##_scripts, sizeof(name##_scripts) / sizeof(name##_scripts[0]), expected_checks);         \
	}

SCRIPTS_TEST(greeting, 637)
SCRIPTS_TEST(auth, 4051)
SCRIPTS_TEST(tls, 3287)
SCRIPTS_TEST(mail, 5139)
SCRIPTS_TEST(pipelining, 1385)
SCRIPTS_TEST(lmtp, 763)
SCRIPTS_TEST(reply, 2066)
SCRIPTS_TEST(line, 5644)
SCRIPTS_TEST(gap, 7315)
SCRIPTS_TEST(auth_gap, 1792)
SCRIPTS_TEST(joined, 869)
SCRIPTS_TEST(one_sided, 556)
SCRIPTS_TEST(extension, 5411)
SCRIPTS_TEST(detection, 2888)

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_greeting),
		cmocka_unit_test(test_auth),
		cmocka_unit_test(test_tls),
		cmocka_unit_test(test_mail),
		cmocka_unit_test(test_pipelining),
		cmocka_unit_test(test_lmtp),
		cmocka_unit_test(test_reply),
		cmocka_unit_test(test_line),
		cmocka_unit_test(test_gap),
		cmocka_unit_test(test_auth_gap),
		cmocka_unit_test(test_joined),
		cmocka_unit_test(test_one_sided),
		cmocka_unit_test(test_detection),
		cmocka_unit_test(test_extension),
		cmocka_unit_test(test_all_codes),
		cmocka_unit_test(test_moments),
		cmocka_unit_test(test_limits),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
