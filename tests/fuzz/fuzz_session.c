/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Fuzzes the decoder: the input is a session, which is played whole, with every chunk cut in two, and byte by byte. The
 * events must be the same but for their times, and must be consistent in themselves.
 *
 * Two bytes of options: '0' plus the hint (0 to 3), 4 when joined in the middle, 8 when the handshake was not seen ('p' for
 * '0': the steps many times over); '0' plus enum stream_close_how. Then steps, so that a corpus file can be read and written
 * by hand:
 *
 *   C line \n     the client's chunk                       S line \n    the server's
 *   c line \n     the same, but the sender has not received the last chunk of the other side
 *   s line \n
 *   M n lines     the client's chunk of '0' + n lines      m n lines    the server's
 *   R n bytes     the client's chunk of n bytes            r n bytes    the server's
 *   G n           n bytes of the client are missing        g n          n bytes of the server
 *   U n           n bytes that nobody saw                  u n
 *   else          C or S, by the lowest bit
 */
#include "decode/session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	STEPS_MAX = 256,
	TIMES = 40,            /* with the option, the steps are played so often in a row */
	BY_BYTES_MAX = 400,    /* longer sessions are not played byte by byte */
	HEAP_MAX = 1536 << 10, /* what a session may hold at once */
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Of the sanitizers; absent in a build without. */
int __sanitizer_install_malloc_and_free_hooks(
	void (*on_malloc)(const volatile void *, size_t), void (*on_free)(const volatile void *)) __attribute__((weak));
size_t __sanitizer_get_allocated_size(const volatile void *) __attribute__((weak));

static size_t heap_len;

static void on_malloc(const volatile void *block, size_t len) {
	(void)block;
	heap_len += len;
}

static void on_free(const volatile void *block) {
	heap_len -= block != NULL ? __sanitizer_get_allocated_size(block) : 0;
}

static void check(bool condition, const char *what) {
	if (!condition) {
		fprintf(stderr, "%s\n", what);
		abort();
	}
}

/* ---- The session in the input ---- */

struct step {
	enum stream_side side;
	enum { STEP_DATA, STEP_GAP, STEP_UNSEEN } kind;
	const uint8_t *data;
	size_t len;
	bool missed_last;
};

struct script {
	enum stream_hint hint;
	bool midstream, many_times;
	int64_t handshake_ns;
	enum stream_close_how how;
	struct step steps[STEPS_MAX];
	size_t step_count, len;
};

static size_t line_len(const uint8_t *data, size_t size) {
	const uint8_t *newline = size > 0 ? memchr(data, '\n', size) : NULL;
	return newline != NULL ? (size_t)(newline - data) + 1 : size;
}

static void read_script(const uint8_t *data, size_t size, struct script *script) {
	*script = (struct script){
		.hint = (enum stream_hint)(data[0] & 3),
		.midstream = (data[0] & 4) != 0,
		.handshake_ns = (data[0] & 8) != 0 ? -1 : 1000,
		.many_times = (data[0] & 64) != 0,
		.how = (enum stream_close_how)(data[1] % 16 % STREAM_CLOSE_COUNT),
	};
	size_t at = 2;
	while (at < size && script->step_count < STEPS_MAX) {
		struct step *step = &script->steps[script->step_count++];
		uint8_t letter = data[at++];
		size_t number = at < size ? data[at] : 0, left = size - at;
		*step = (struct step){
			.side = letter >= 'a' && letter <= 'z' ? STREAM_SERVER : STREAM_CLIENT, .data = data + at};
		switch (letter) {
		case 'G':
		case 'g':
		case 'U':
		case 'u':
			step->kind = letter == 'G' || letter == 'g' ? STEP_GAP : STEP_UNSEEN;
			step->len = number;
			at += left > 0;
			break;
		case 'R':
		case 'r':
			step->data += left > 0;
			at += left > 0;
			step->len = number < size - at ? number : size - at;
			at += step->len;
			break;
		case 'M':
		case 'm':
			step->data += left > 0;
			at += left > 0;
			for (size_t i = 0; i < number % 16; i++)
				step->len += line_len(data + at + step->len, size - at - step->len);
			at += step->len;
			break;
		default:
			step->side = letter == 'C' || letter == 'c'   ? STREAM_CLIENT
				     : letter == 'S' || letter == 's' ? STREAM_SERVER
				     : (letter & 1) != 0              ? STREAM_CLIENT
								      : STREAM_SERVER;
			step->missed_last = letter == 'c' || letter == 's';
			step->len = line_len(data + at, left);
			at += step->len;
			break;
		}
		script->len += step->len;
	}
}

/* ---- The events ---- */

struct trace {
	char *text; /* all that the events say, but for the times */
	size_t len, capacity;
	bool opened, closed;
	uint32_t commands, mails, mails_ended, auths, auths_ended;
	uint8_t mail_ended[65536]; /* by number */
	uint64_t message_len, message_sum; /* of the message that is being told; cut otherwise where the chunks are */
	uint32_t message_mail;
	bool message_over; /* after a gap */
};

enum { MESSAGE_TOLD_MAX = 4096 };

static void put(struct trace *trace, const void *data, size_t len) {
	if (trace->len + len > trace->capacity) {
		trace->capacity = 2 * (trace->len + len);
		trace->text = realloc(trace->text, trace->capacity);
		check(trace->text != NULL, "no memory for the trace");
	}
	if (len > 0)
		memcpy(trace->text + trace->len, data, len);
	trace->len += len;
}

static void put_number(struct trace *trace, const char *name, uint64_t number) {
	char text[64];
	put(trace, text, (size_t)snprintf(text, sizeof(text), " %s=%llu", name, (unsigned long long)number));
}

static void put_slice(struct trace *trace, const char *name, struct slice slice) {
	put_number(trace, name, slice.len);
	put(trace, ":", 1);
	put(trace, slice.data, slice.len);
}

static void on_reply(struct trace *trace, const struct event_reply *reply) {
	check(reply->code >= 200 && reply->code <= 599, "a code that is none");
	check(!reply->text_withheld || reply->line_count == 0, "withheld text is there");
	check(reply->command <= trace->commands && reply->mail <= trace->mails, "an answer to what was not said");
	check(reply->answers != EVENT_ANSWERS_COMMAND || reply->command != 0, "an answer to a command without a number");
	put_number(trace, "code", reply->code);
	put_number(trace, "answers", reply->answers);
	put_number(trace, "verb", reply->verb);
	put_number(trace, "command", reply->command);
	put_number(trace, "mail", reply->mail);
	put_number(trace, "recipient", reply->recipient);
	put_number(trace, "withheld", reply->text_withheld);
	put_number(trace, "incomplete", reply->incomplete);
	put_number(trace, "more", reply->lines_over_limit);
	put_slice(trace, "name", reply->verb_name);
	put_slice(trace, "enhanced", reply->enhanced);
	for (size_t i = 0; i < reply->line_count; i++)
		put_slice(trace, "line", reply->lines[i]);
}

static void on_command(struct trace *trace, const struct event_command *command) {
	check(command->id == trace->commands + 1, "a command out of order");
	trace->commands++;
	if (command->verb == VERB_MAIL) {
		check(command->mail == trace->mails + 1, "a mail out of order");
		trace->mails++;
	}
	check(command->mail <= trace->mails, "a mail that was not begun");
	trace->auths += command->verb == VERB_AUTH;
	put_number(trace, "command", command->id);
	put_number(trace, "verb", command->verb);
	put_slice(trace, "name", command->name);
	put_slice(trace, "argument", command->argument);
	put_number(trace, "withheld", command->argument_withheld);
	put_number(trace, "pipelined", command->pipelined);
	put_number(trace, "mail", command->mail);
	put_number(trace, "recipient", command->recipient);
	put_slice(trace, "path", command->path);
	put_number(trace, "valid", command->path_valid);
	for (size_t i = 0; i < command->parameter_count; i++) {
		put_slice(trace, "keyword", command->parameters[i].keyword);
		put_slice(trace, "value", command->parameters[i].value);
		put_number(trace, "wrong", command->parameters[i].wrong);
		put_number(trace, "flags", command->parameters[i].flags);
		put_number(trace, "number", (uint64_t)command->parameters[i].number);
		put_slice(trace, "type", command->parameters[i].type);
		put_slice(trace, "text", command->parameters[i].text);
	}
	put_number(trace, "authenticated", command->authenticated);
}

static void on_auth(struct trace *trace, const struct event *event) {
	const struct event_auth *auth = &event->auth;
	check(auth->command <= trace->commands, "a step of an AUTH that was not said");
	if (event->kind == EVENT_AUTH_END && auth->command > 0)
		trace->auths_ended++;
	check(trace->auths_ended <= trace->auths, "an AUTH that ends twice");
	put_number(trace, "step", auth->step);
	put_number(trace, "result", auth->result);
	put_number(trace, "command", auth->command);
	put_slice(trace, "mechanism", auth->mechanism);
	put_slice(trace, "user", auth->username);
	put_number(trace, "encrypted", auth->encrypted);
	if (auth->names != NULL) {
		put_slice(trace, "authzid", auth->names->authzid);
		put_slice(trace, "realm", auth->names->realm);
		put_slice(trace, "service", auth->names->service);
		put_slice(trace, "domain", auth->names->domain);
		put_slice(trace, "workstation", auth->names->workstation);
		put_slice(trace, "target", auth->names->target);
		put_slice(trace, "binding", auth->names->channel_binding);
		put_slice(trace, "error", auth->names->error);
		put_slice(trace, "scope", auth->names->error_scope);
	}
}

static void on_message(struct trace *trace, const struct event_message *message) {
	check(message->mail > 0 && message->mail <= trace->mails, "a message of no mail");
	check(message->data.len > 0, "a message event that says nothing");
	if (message->offset == 0) {
		trace->message_len = trace->message_sum = 0;
		trace->message_mail = message->mail;
		trace->message_over = false;
	}
	check(message->mail == trace->message_mail && message->offset == trace->message_len, "a piece of a message out of place");
	check(!trace->message_over, "a message that goes on behind a gap");
	trace->message_over = message->data.data == NULL;
	for (size_t i = 0; i < message->data.len && !trace->message_over; i++)
		trace->message_sum = trace->message_sum * 31 + (uint8_t)message->data.data[i] + 1;
	trace->message_sum += message->header_end;
	if (!trace->message_over)
		trace->message_len += message->data.len;
	check(trace->message_len <= MESSAGE_TOLD_MAX, "more of a message than was asked for");
}

static void on_tls(struct trace *trace, const struct event_tls *tls) {
	const struct event_tls_hello *hello = tls->hello;
	put_number(trace, "level", tls->alert_level);
	put_number(trace, "alert", tls->alert_description);
	put_number(trace, "certificates", tls->certificate_count);
	put_slice(trace, "certificate", tls->certificate);
	check(hello == NULL || tls->step == EVENT_TLS_CLIENT_HELLO || tls->step == EVENT_TLS_SERVER_HELLO, "a hello in another step");
	if (hello == NULL)
		return;
	check(hello->extensions.len <= 2 * EVENT_TLS_EXTENSIONS_MAX, "more extensions than the limit");
	const struct slice pairs[] = {hello->ciphers, hello->extensions, hello->groups, hello->signature_algorithms, hello->versions};
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		check(pairs[i].len % 2 == 0, "half a pair");
		put_slice(trace, "pairs", pairs[i]);
	}
	put_number(trace, "version", hello->version);
	put_number(trace, "cipher", hello->cipher);
	put_number(trace, "retry", hello->retry);
	put_number(trace, "resumed", hello->resumed);
	put_slice(trace, "formats", hello->point_formats);
	put_slice(trace, "host", hello->server_name);
	put_slice(trace, "protocols", hello->protocols);
}

static void on_event(void *context, const struct event *event) {
	struct trace *trace = context;
	check(!trace->closed, "an event after the last");
	check(trace->opened == (event->kind != EVENT_OPEN), "the first event is not the opening");
	if (event->kind == EVENT_SECRET) { /* cut otherwise where the chunks are cut otherwise */
		check(event->secret.len == STREAM_TO_END || event->secret.len <= UINT64_MAX - event->secret.offset, "a secret beyond all streams");
		return;
	}
	if (event->kind == EVENT_MESSAGE) {
		on_message(trace, &event->message);
		return;
	}
	put(trace, "\n", 1);
	put_number(trace, "kind", event->kind);
	put_number(trace, "from", event->from);
	switch (event->kind) {
	case EVENT_OPEN:
		trace->opened = true;
		put_number(trace, "port", event->open->server.port);
		break;
	case EVENT_PROXY:
		put_number(trace, "version", event->proxy.version);
		put(trace, (const char *)event->proxy.client.address, sizeof(event->proxy.client.address));
		break;
	case EVENT_GREETING:
	case EVENT_REPLY:
		on_reply(trace, &event->reply);
		break;
	case EVENT_COMMAND:
		on_command(trace, &event->command);
		break;
	case EVENT_CAPABILITIES:
		put_number(trace, "incomplete", event->capabilities.incomplete);
		for (size_t i = 0; i < event->capabilities.line_count; i++)
			put_slice(trace, "line", event->capabilities.lines[i]);
		break;
	case EVENT_AUTH:
	case EVENT_AUTH_END:
		on_auth(trace, event);
		break;
	case EVENT_ORIGIN:
		put_number(trace, "origin", event->origin.command);
		put(trace, (const char *)event->origin.client.address, sizeof(event->origin.client.address));
		put_slice(trace, "name", event->origin.name);
		put_slice(trace, "helo", event->origin.helo);
		put_slice(trace, "protocol", event->origin.protocol);
		put_slice(trace, "login", event->origin.login);
		break;
	case EVENT_TLS:
		put_number(trace, "step", event->tls.step);
		put_number(trace, "implicit", event->tls.implicit);
		on_tls(trace, &event->tls);
		break;
	case EVENT_BODY:
		check(!event->body.complete || event->body.gap_bytes == 0, "a body that is complete and is not");
		check(event->body.command <= trace->commands && event->body.mail <= trace->mails, "a body of nothing");
		put_number(trace, "command", event->body.command);
		put_number(trace, "mail", event->body.mail);
		put_number(trace, "verb", event->body.verb);
		put_number(trace, "bytes", event->body.bytes);
		put_number(trace, "lines", event->body.lines);
		put_number(trace, "gap", event->body.gap_bytes);
		put_number(trace, "complete", event->body.complete);
		put_number(trace, "content", event->body.content);
		if (trace->message_mail > 0 && trace->message_mail == event->body.mail) {
			uint64_t expected = event->body.bytes < MESSAGE_TOLD_MAX ? event->body.bytes : MESSAGE_TOLD_MAX;
			check(!event->body.complete || trace->message_len == expected, "a whole message of which a part is missing");
			put_number(trace, "told", trace->message_len);
			put_number(trace, "sum", trace->message_sum);
			put_number(trace, "over", trace->message_over);
		}
		trace->message_mail = 0;
		break;
	case EVENT_MESSAGE:
		break;
	case EVENT_MAIL_END: {
		uint8_t *ended = &trace->mail_ended[event->mail_end.mail % sizeof(trace->mail_ended)];
		check(event->mail_end.mail > 0 && event->mail_end.mail <= trace->mails && !*ended, "a mail that ends twice");
		*ended = 1;
		trace->mails_ended++;
		put_number(trace, "mail", event->mail_end.mail);
		put_number(trace, "result", event->mail_end.result);
		break;
	}
	case EVENT_GAP:
		put_number(trace, "gap", event->gap.bytes);
		break;
	case EVENT_ANOMALY:
		check(event->anomaly.id < EVENT_ANOMALY_COUNT, "an anomaly of no name");
		put_number(trace, "anomaly", event->anomaly.id);
		put_number(trace, "amount", event->anomaly.amount);
		break;
	case EVENT_SECRET:
		break;
	case EVENT_CLOSE:
		trace->closed = true;
		put_number(trace, "protocol", event->close.protocol);
		put_number(trace, "how", event->close.stream->how);
		put_number(trace, "one-sided", event->close.one_sided);
		put_number(trace, "handshake", event->close.tls.handshake);
		for (int side = 0; side < 2; side++) {
			const struct event_tls_data *sent = &event->close.tls.data[side];
			put_number(trace, "known", sent->known);
			put_number(trace, "records", sent->records);
			put_number(trace, "bytes", sent->bytes);
		}
		break;
	}
}

/* ---- Playing ---- */

struct player {
	struct session *session;
	uint64_t end[2], before_last[2];
	uint64_t frame;
};

static void feed(struct player *player, const struct step *step, size_t from, size_t len, uint64_t peer_offset) {
	uint8_t *data = NULL;
	if (step->kind == STEP_DATA) {
		data = malloc(len); /* of exactly the size, and gone after the call */
		check(data != NULL, "no memory");
		memcpy(data, step->data + from, len);
	}
	player->frame++;
	session_feed(player->session, &(struct stream_chunk){.side = step->side,
					      .data = data,
					      .len = len,
					      .offset = player->end[step->side] + from,
					      .peer_offset = peer_offset,
					      .at = {(int64_t)player->frame * 1000, player->frame}});
	free(data);
}

enum how_cut { WHOLE, IN_TWO, BY_BYTES };

static void play_step(struct player *player, const struct step *step, enum how_cut how_cut) {
	enum stream_side other = stream_other_side(step->side);
	uint64_t peer_offset = step->missed_last ? player->before_last[other] : player->end[other];
	size_t cut = step->kind != STEP_DATA || how_cut == WHOLE ? step->len
		     : how_cut == BY_BYTES                       ? 1
					   : 1 + (player->end[step->side] * 7 + step->len * 13) % step->len;
	for (size_t from = 0; from < step->len && step->kind != STEP_UNSEEN;) {
		size_t len = step->len - from < cut ? step->len - from : cut;
		if (how_cut == IN_TWO && from > 0)
			len = step->len - from;
		feed(player, step, from, len, peer_offset);
		from += len;
	}
	player->before_last[step->side] = player->end[step->side];
	player->end[step->side] += step->len;
}

static void play(const struct script *script, enum how_cut how_cut, struct trace *trace) {
	struct stream_open open = {
		.client = {4, {192, 0, 2, 10}, 49712},
		.server = {4, {192, 0, 2, 1}, 25},
		.source = "fuzz",
		.first = {1, 1},
		.handshake_ns = script->handshake_ns,
		.midstream = script->midstream,
		.hint = script->hint,
	};
	struct player player = {.frame = 1};
	heap_len = 0;
	player.session = session_create(&open,
		(struct event_sink){.context = trace, .event = on_event, .header_max = 100, .message_max = MESSAGE_TOLD_MAX});
	check(player.session != NULL, "no memory for a session");
	for (int times = script->many_times ? TIMES : 1; times > 0; times--)
		for (size_t i = 0; i < script->step_count; i++)
			if (script->steps[i].len > 0) {
				play_step(&player, &script->steps[i], how_cut);
				check(heap_len < HEAP_MAX + trace->capacity, "a session that holds too much");
			}
	struct stream_close close = {
		.how = script->how, .last = {(int64_t)player.frame * 1000, player.frame}, .handshake_ns = -1};
	bool reported = session_finish(player.session, &close);
	session_destroy(player.session);
	check(reported == trace->opened && reported == trace->closed, "a session that is half reported");
	check(trace->mails == trace->mails_ended, "a mail without an end");
	check(trace->auths == trace->auths_ended, "an AUTH without an end");
}

static void play_again(const struct script *script, enum how_cut how_cut, const struct trace *whole) {
	struct trace *trace = calloc(1, sizeof(*trace));
	check(trace != NULL, "no memory for a trace");
	play(script, how_cut, trace);
	if (trace->len != whole->len || (whole->len > 0 && memcmp(trace->text, whole->text, whole->len) != 0)) {
		fprintf(stderr, "--- whole%.*s\n--- %s%.*s\n", (int)whole->len, whole->text,
			how_cut == IN_TWO ? "in two" : "byte by byte", (int)trace->len, trace->text);
		check(false, "other chunks, other events");
	}
	free(trace->text);
	free(trace);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
	static bool hooked;
	if (!hooked && __sanitizer_install_malloc_and_free_hooks != NULL)
		__sanitizer_install_malloc_and_free_hooks(on_malloc, on_free);
	hooked = true;
	if (size < 2)
		return 0;
	struct script *script = malloc(sizeof(*script));
	struct trace *whole = calloc(1, sizeof(*whole));
	check(script != NULL && whole != NULL, "no memory");
	read_script(data, size, script);
	play(script, WHOLE, whole);
	/* Many times over is for the limits, and whether those of chunks are reached depends on how many there are. */
	if (!script->many_times)
		play_again(script, IN_TWO, whole);
	if (!script->many_times && script->len <= BY_BYTES_MAX)
		play_again(script, BY_BYTES, whole);
	free(whole->text);
	free(whole);
	free(script);
	return 0;
}
