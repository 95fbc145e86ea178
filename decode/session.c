/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Pairs commands with replies and keeps the transaction; the only file that sees both sides.
 *
 * The order of events rests on what capture promises: a chunk comes after all bytes of the other side that its sender had
 * received (stream_chunk.peer_offset), bytes that were not captured being gaps. So in a session without loss the oldest pending
 * command is the one that a reply answers. After a loss this is no longer certain; see match_pending().
 */
#include "decode/session.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "decode/ascii.h"
#include "decode/auth.h"
#include "decode/body.h"
#include "decode/command.h"
#include "decode/detect.h"
#include "decode/ehlo.h"
#include "decode/foreign.h"
#include "decode/hold.h"
#include "decode/line.h"
#include "decode/message.h"
#include "decode/offset_map.h"
#include "decode/origin.h"
#include "decode/path.h"
#include "decode/pending.h"
#include "decode/proxy.h"
#include "decode/reply.h"
#include "decode/tls.h"
#include "decode/transaction.h"

enum { CODE_LEN = 4 }; /* of a reply line: code and separator */
enum { REPLY_LINE_MAX = 512 }; /* RFC 5321, 4.5.3.1.5, the line end included */
enum { SERVICE_PORTS_END = 1024 }; /* below are those of services (RFC 6335, 6) */
enum { DOMAINS_MAX = 256 }; /* of recipients; a higher limit of them is not watched */
enum { RUBBISH_MAX = 64 }; /* lines without sense, with none of sense among them, that end the attempt to read a stream as SMTP */

/* Named after what is expected from the client next. */
enum client_state {
	CLIENT_COMMAND,
	CLIENT_HELD,     /* it depends on a reply that has not come: DATA, AUTH, STARTTLS or XEXCH50 is pending */
	CLIENT_AUTH,     /* a response to a 334 */
	CLIENT_BODY,     /* the message after DATA */
	CLIENT_CHUNK,    /* the bytes of a BDAT chunk */
	CLIENT_BINARY,   /* the bytes after XEXCH50 */
	CLIENT_RESYNC,   /* anything: joined in the middle or after a gap; a turn that begins with a command ends it */
	CLIENT_TLS,
};

enum server_state { SERVER_REPLY, SERVER_TLS };

struct side_state {
	struct line_reader lines;
	uint64_t offset;     /* behind the last byte (or gap) processed */
	uint64_t bytes_seen;
	uint64_t peer_seen;  /* the highest peer_offset of its chunks */
	uint64_t base;       /* where the session begins, behind a preface */
	uint64_t mark;       /* behind the last byte that was understood: what begins here is an unended line, or held */
	struct stream_moment last; /* of its last chunk */
	uint8_t undecided[2]; /* its first bytes, when more are needed to tell whether they are TLS */
	size_t undecided_len;
	uint64_t gap_peer_offset; /* what it had received at its last gap */
	bool at_gap_end;     /* the next byte is the first after a gap or a mid-stream start */
	bool judge_line;     /* the next line may have lost its start: it counts only if it reads like a whole one */
	bool head_lost;      /* server: the next reply may have lost its first lines */
	bool skip_turn;      /* CLIENT_RESYNC: the turn did not begin with a command */
	unsigned rubbish;    /* lines without sense so far; frozen once a sensible one came */
	bool sensible;
	bool foreign_told;   /* that it speaks another protocol */
};

/* What AUTH needs; allocated with the first AUTH of a session. */
struct auth_state {
	struct auth_exchange exchange;
	struct auth_secrets secrets;
	/* The texts of the lines of the reply that is being read, relative to session.reply_start: to hide all of them when one repeats
	 * a secret, but not the codes. */
	struct reply_text {
		uint64_t start, len;
	} reply_texts[REPLY_LINES_MAX];
	size_t reply_text_count;
	bool reply_repeats;  /* one of its lines repeats a secret; of lines over the limit nobody else would know */
};

/* While what is encrypted may be read: two streams of each side. What `session.side` says is of the encrypted one until there is
 * text, and then of the text, whose offsets begin at 0. */
struct layer {
	struct decryption *decryption;
	bool text_begun;
	bool in_text;              /* what is emitted now is of the text */
	bool encrypted;            /* the first record of data was there: */
	enum stream_side encrypted_from;
	struct stream_moment encrypted_at;
	enum event_tls_reason give_up; /* what comes after this cannot be told; NONE: nothing like that */
	struct layer_side {
		uint64_t offset;       /* of the encrypted stream, behind the last byte or gap */
		uint64_t text_end;
		uint64_t lost;         /* encrypted bytes that were missing before any text */
		uint64_t lost_end;
		struct offset_map map;
	} side[2];
};

struct session {
	struct event_sink sink;
	struct stream_open open;
	const struct decryptor *decryptor; /* NULL: encrypted is encrypted */
	struct layer *layer;
	bool decryption_tried;
	enum event_tls_reason decryption_ended;
	bool detecting;      /* not yet known to be SMTP */
	bool ignoring;       /* nothing more to be seen */
	bool swapped;        /* capture's client is the server */
	bool reversed;       /* TURN or ATRN: it is only now, and who began as the server is the client */
	bool text_swapped;   /* that was said in what was decrypted: only its sides have changed, not those of what is around it */
	bool reversing;      /* as soon as the chunk that says so is done with */
	bool greeted;        /* the greeting was seen or is known to be past */
	bool greeting_told;
	bool uncertain;      /* bytes were lost: the oldest pending command need not be the one that is answered */
	bool replies_lost;   /* of the server, since its last reply: there may have been others between */
	bool pipelining_seen;
	bool pipelining_lacks; /* in the last list of the server, all of which was seen */
	bool unended_greeting;
	bool start_guessed;  /* the first reply seen read like a greeting; the answer to XCLIENT, which may have brought a login, does too */
	bool start_unseen;   /* commands may have come before the first one seen */
	bool commands_lost;  /* a gap may have held commands */
	bool auth_unsettled; /* an AUTH whose outcome is unknown */
	bool authenticated;
	bool after_auth;     /* no known command since the last AUTH step: a stray line may be a response out of step */
	bool early_talker_told, held_too_much_told;
	bool proxy_expected; /* the client's first bytes are still to come, or may be the beginning of a PROXY header */
	struct proxy_reader proxy;
	enum event_protocol protocol;
	enum client_state client;
	enum server_state server;
	struct side_state side[2];
	struct reply_reader reply;
	bool reply_incomplete;    /* the reply being read has lost lines */
	bool reply_headless;      /* its first lines were lost */
	bool reply_behind_loss;   /* replies_lost as its first line came */
	unsigned reply_pauses;    /* between its first byte and its last so far */
	uint64_t reply_start;     /* offset of its first line */
	uint64_t reply_end;       /* of the end of the text of its last line so far */
	struct stream_moment reply_at; /* of that line */
	uint64_t reply_peer_offset;    /* what the server had received when it sent it */
	bool ready_seen;            /* a 220 that is no greeting, */
	uint64_t ready_peer_offset; /* and what the server had received when it sent it */
	uint64_t lost_commands_end; /* client offset behind the last gap that may have held commands */
	unsigned unknown_replies;   /* since the last MAIL; each is of a command that was lost */
	struct pending_queue pending;
	uint64_t untracked;         /* commands behind those, for which there was no room */
	struct hold_queue held;
	struct auth_state *auth;
	struct transactions mails;
	struct body body;
	struct message message;    /* of the body */
	size_t false_ends_told;    /* of the body */
	uint32_t body_command;
	uint32_t body_mail;
	uint64_t body_peer_offset; /* what the client had received when the body began */
	uint64_t chunk_left;       /* CLIENT_CHUNK, CLIENT_BINARY */
	uint64_t binary_size;      /* that the last XEXCH50 announced; UINT64_MAX: not known */
	bool chunk_last;
	bool bdat_open;            /* a message of BDAT chunks was begun and has not ended */
	bool body_answer_lost;     /* the server spoke before its end, and was not heard: it may have taken something else for the end */
	bool body_unsure;          /* it may be something else: its DATA, or the answer to it, was not seen */
	bool body_early;           /* the body was begun although its DATA is still pending */
	bool body_answered;        /* the server replied before the end of the body */
	bool body_start_lost;      /* chunks may have been lost before the first one seen */
	uint32_t last_command;
	uint64_t answered_offset; /* in the server's stream, behind the last answer to a command */
	uint64_t last_spoken_peer_offset; /* what the client had received when it last sent a command, response or message */
	bool tls_offered;          /* the 220 to STARTTLS was seen, or what may be it */
	bool tls_implicit;
	struct tls_connection tls;
	bool injection_told[2];    /* of that side: text where TLS should begin */
	uint64_t starttls_end;     /* client offset behind the STARTTLS that was answered with 220; 0: none */
	uint64_t starttls_reply_end; /* server offset behind that 220 */
	struct extension_offer offer; /* of the last list of the server, as far as the client can know it */
	bool listed;               /* there was such a list */
	const char *began_anew;    /* by this command, and the client has not said EHLO since; NULL: no such */
	uint64_t *domains;         /* DOMAINS_MAX hashes, of the recipients of a session with a limit of them */
	size_t domain_count;
	struct origin *origin;     /* XCLIENT, XFORWARD; allocated with the first of them */
	bool login_told;           /* by an XCLIENT that is not answered yet */
	bool binary_offered;       /* XEXCH50 was: a 354 need not be for a message */
	bool prdr;                 /* the last MAIL asked for a reply for each recipient */
	uint32_t *lmtp_recipients; /* LMTP, PRDR: the accepted ones of the current mail, in order */
	size_t lmtp_count, lmtp_capacity;
};

/* Where in the stream the bytes being read are. */
struct place {
	struct stream_moment at;
	uint64_t offset;      /* of the byte behind those consumed */
	uint64_t line;        /* of the first byte of the line that was consumed last */
	uint64_t peer_offset;
	bool new_turn;        /* the sender has heard from the other side since its chunk before */
};

/* What is encrypted in the packets needs no hiding. */
static bool is_in_text(const struct session *session) {
	return session->layer != NULL && session->layer->in_text;
}

/* Behind TURN or ATRN in clear; what is said in what was decrypted changes nothing around it. */
static bool is_outside_reversed(const struct session *session) {
	return session->reversed != session->text_swapped;
}

/* Sides are told as the connection has them. */
static void emit(struct session *session, struct event *event) {
	event->reversed = is_in_text(session) ? session->reversed : is_outside_reversed(session);
	if (event->reversed) {
		event->from = stream_other_side(event->from);
		if (event->kind == EVENT_GAP)
			event->gap.side = stream_other_side(event->gap.side);
	}
	session->sink.event(session->sink.context, event);
}

static void emit_anomaly(struct session *session, enum stream_side from, enum event_anomaly_id id, uint64_t amount,
	struct stream_moment at) {
	emit(session, &(struct event){.kind = EVENT_ANOMALY, .from = from, .at = at, .anomaly = {.id = id, .amount = amount}});
}

/* One side speaks another protocol: told once, and again when it becomes known which. */
static void emit_foreign(struct session *session, enum stream_side side, enum event_foreign speaks, struct stream_moment at) {
	session->side[side].foreign_told = true;
	emit(session, &(struct event){
		.kind = EVENT_ANOMALY, .from = side, .at = at, .anomaly = {.id = EVENT_ANOMALY_NOT_SMTP, .speaks = speaks}});
}

/* A line, or what there is of one, that is none of SMTP. Only the beginning of a stream tells what it is. */
static void judge_foreign(struct session *session, enum stream_side side, struct slice text, struct stream_moment at) {
	struct side_state *state = &session->side[side];
	enum event_foreign speaks;
	if (state->sensible || state->foreign_told || state->rubbish > 1 || session->start_unseen || session->commands_lost)
		return;
	speaks = foreign_recognise(side, text);
	if (speaks != EVENT_FOREIGN_UNKNOWN)
		emit_foreign(session, side, speaks, at);
}

/* As emit_anomaly(), about something that has a name. */
static void emit_named_anomaly(struct session *session, enum event_anomaly_id id, const char *name, uint64_t amount,
	struct stream_moment at) {
	emit(session,
		&(struct event){.kind = EVENT_ANOMALY, .from = STREAM_CLIENT, .at = at, .anomaly = {.id = id, .amount = amount, .name = name}});
}

static void emit_secret(struct session *session, enum stream_side side, uint64_t offset, uint64_t len) {
	if (len == 0 || is_in_text(session))
		return;
	emit(session, &(struct event){.kind = EVENT_SECRET,
		.from = side,
		.at = session->side[side].last,
		.secret = {.side = session->swapped ? stream_other_side(side) : side, .offset = offset, .len = len}});
}

/* What a line holds from one of its bytes on, the part that was too long included. */
static void emit_secret_line(struct session *session, enum stream_side side, const struct line *line, size_t from,
	const struct place *place) {
	emit_secret(session, side, place->line + from, line->text.len - from + line->lost);
}

static bool is_line_open(const struct line_reader *lines) {
	return lines->len > 0 || lines->lost > 0;
}

/* The unended line of a side will not be read. */
static void hide_open_line(struct session *session, enum stream_side side, uint64_t end) {
	struct side_state *state = &session->side[side];
	uint64_t start = state->mark;
	if (!is_line_open(&state->lines))
		return;
	if (side == STREAM_SERVER && state->lines.len >= CODE_LEN &&
		reply_is_line((struct slice){state->lines.partial, state->lines.len}))
		start += CODE_LEN;
	if (end > start)
		emit_secret(session, side, start, end - start);
}

static struct pending *oldest(struct session *session) {
	return pending_at(&session->pending, 0);
}

static bool is_blind(const struct session *session) {
	return session->uncertain || session->start_unseen || session->commands_lost;
}

/* Of a reply that ends without a line end: the place of the server's last bytes. */
static struct place last_server_place(const struct session *session) {
	const struct side_state *server = &session->side[STREAM_SERVER];
	return (struct place){.at = server->last, .offset = server->offset, .line = server->mark, .peer_offset = server->peer_seen};
}

/* Of a reply of which the end was lost: the place of its last line. A gap may have come since. */
static struct place last_reply_place(const struct session *session) {
	struct place place = last_server_place(session);
	place.at = session->reply_at;
	place.peer_offset = session->reply_peer_offset;
	return place;
}

/* ---- Mail transactions ---- */

static void emit_body(struct session *session, enum verb verb, bool ended, struct stream_moment at);

static void end_mail(struct session *session, struct transaction *mail, enum event_mail_result result, struct stream_moment at) {
	if (session->bdat_open && session->body_mail == mail->number && session->client != CLIENT_CHUNK)
		emit_body(session, VERB_BDAT, false, at);
	emit(session, &(struct event){
		.kind = EVENT_MAIL_END, .from = STREAM_SERVER, .at = at, .mail_end = {.mail = mail->number, .result = result}});
	transaction_end(&session->mails, mail);
}

static void end_mail_without_body(struct session *session, uint32_t number, bool certain, struct stream_moment at) {
	struct transaction *mail = transaction_find(&session->mails, number);
	if (mail != NULL)
		end_mail(session, mail, transaction_result(mail, certain), at);
}

static void end_all_mails(struct session *session, bool certain, struct stream_moment at) {
	for (size_t i = 0; i < TRANSACTION_OPEN_MAX; i++)
		end_mail_without_body(session, session->mails.open[i].number, certain, at);
}

static bool is_lmtp(const struct session *session) {
	return session->protocol == EVENT_PROTOCOL_LMTP ||
		(session->protocol == EVENT_PROTOCOL_UNKNOWN && session->open.hint == STREAM_HINT_LMTP);
}

static void remember_lmtp_recipient(struct session *session, uint32_t recipient) {
	if (session->lmtp_count == session->lmtp_capacity) {
		size_t capacity = session->lmtp_capacity != 0 ? 2 * session->lmtp_capacity : 16;
		uint32_t *grown = capacity <= 65536 ? realloc(session->lmtp_recipients, capacity * sizeof(*grown)) : NULL;
		if (grown == NULL)
			return;
		session->lmtp_recipients = grown;
		session->lmtp_capacity = capacity;
	}
	session->lmtp_recipients[session->lmtp_count++] = recipient;
}

/* ---- AUTH ---- */

static struct auth_exchange *exchange_of(struct session *session) {
	return session->auth != NULL && session->auth->exchange.active ? &session->auth->exchange : NULL;
}

static void emit_auth(struct session *session, enum stream_side from, enum event_auth_step step, struct stream_moment at) {
	struct auth_exchange *exchange = &session->auth->exchange;
	exchange->last = at;
	emit(session, &(struct event){.kind = EVENT_AUTH,
		.from = from,
		.at = at,
		.auth = {.step = step,
			.command = exchange->command,
			.mechanism = auth_mechanism(exchange),
			.username = auth_username(exchange),
			.has_username = exchange->has_username}});
}

static void end_auth(struct session *session, enum event_auth_result result, struct stream_moment at) {
	struct auth_exchange *exchange = exchange_of(session);
	if (exchange == NULL)
		return;
	exchange->active = false;
	if (result == EVENT_AUTH_ACCEPTED)
		session->authenticated = true;
	if (result == EVENT_AUTH_UNKNOWN)
		session->auth_unsettled = true;
	emit(session, &(struct event){.kind = EVENT_AUTH_END,
		.from = STREAM_SERVER,
		.at = at,
		.auth = {.result = result,
			.command = exchange->command,
			.mechanism = auth_mechanism(exchange),
			.username = auth_username(exchange),
			.has_username = exchange->has_username,
			.names = exchange->has_names ? &exchange->names : NULL,
			.encrypted = session->server == SERVER_TLS || is_in_text(session)}});
}

/* Only 235 accepts (RFC 4954, 6). Another positive code answers something else, or means who knows what. */
static enum event_auth_result auth_result(uint16_t code) {
	return code == 235 ? EVENT_AUTH_ACCEPTED : code >= 400 ? EVENT_AUTH_REJECTED : EVENT_AUTH_UNKNOWN;
}

static bool begin_auth(struct session *session, uint32_t command, struct slice argument, struct stream_moment at) {
	if (session->auth == NULL)
		session->auth = calloc(1, sizeof(*session->auth));
	if (session->auth == NULL) {
		session->ignoring = true; /* without memory to remember secrets nothing more may be shown */
		return false;
	}
	end_auth(session, EVENT_AUTH_UNKNOWN, at);
	bool initial = auth_begin(&session->auth->exchange, argument, &session->auth->secrets);
	session->auth->exchange.command = command;
	return initial;
}

/* ---- Extensions ---- */

static bool is_hello_verb(enum verb verb) {
	return verb == VERB_EHLO || verb == VERB_LHLO || verb == VERB_HELO;
}

/* BDAT LAST, BURL LAST: its reply is about the message. */
static bool ends_message(const struct pending *pending) {
	return pending->kind == PENDING_COMMAND && (pending->verb == VERB_BDAT || pending->verb == VERB_BURL) && pending->last;
}

/* What the server offers now was not seen, or is not known to the client yet. */
static void forget_offer(struct session *session) {
	session->offer = (struct extension_offer){.told = session->offer.told};
}

static void take_offer(struct session *session, const struct event_capabilities *list, bool certain) {
	uint64_t told = session->offer.told;
	extension_read_list(list->lines, list->line_count, list->incomplete || !certain, &session->offer);
	session->offer.told = told;
	session->listed = true;
	session->pipelining_lacks = session->offer.known && (session->offer.offered & UINT64_C(1) << EXTENSION_PIPELINING) == 0;
	session->binary_offered |= (session->offer.offered & UINT64_C(1) << EXTENSION_XEXCH50) != 0;
}

/* Tells once a session of each extension that is used without having been offered. */
static void use_extension(struct session *session, enum extension extension, struct stream_moment at) {
	struct extension_offer *offer = &session->offer;
	uint64_t bit = UINT64_C(1) << extension;
	if (extension == EXTENSION_NONE || !offer->known || ((offer->offered | offer->told) & bit) != 0)
		return;
	offer->told |= bit;
	emit_named_anomaly(session, EVENT_ANOMALY_EXTENSION_NOT_OFFERED, extension_keyword(extension), 0, at);
}

/* ---- After a loss ---- */

/* The pending commands up to the n oldest will not be matched any more: their replies were lost. */
static void drop_pending(struct session *session, size_t n, struct stream_moment at) {
	for (size_t i = 0; i < n; i++) {
		const struct pending *pending = pending_at(&session->pending, i);
		const struct auth_exchange *exchange = exchange_of(session);
		if (pending->verb == VERB_AUTH && exchange != NULL && exchange->command == pending->id)
			end_auth(session, EVENT_AUTH_UNKNOWN, at);
		if (pending->kind == PENDING_GREETING)
			session->greeted = true;
		if (pending->kind == PENDING_COMMAND && is_hello_verb(pending->verb))
			forget_offer(session);
		struct transaction *mail = transaction_find(&session->mails, pending->mail);
		if (mail != NULL)
			mail->replies_lost = true;
		/* RSET is always accepted (RFC 5321, 4.1.1.5), EHLO nearly always. */
		if (pending->kind == PENDING_COMMAND && pending->verb == VERB_RSET)
			end_mail_without_body(session, pending->reset_mail, true, at);
		bool body = pending->kind == PENDING_BODY || ends_message(pending);
		if (mail != NULL && body)
			end_mail(session, mail, EVENT_MAIL_UNKNOWN, at);
	}
	if (n == session->pending.count)
		session->untracked = 0;
	pending_drop(&session->pending, n);
}

static void become_uncertain(struct session *session) {
	session->uncertain = true;
}

/* In an open transaction one command that was lost is a recipient. Of more, which is what it may have been when answers were lost with
 * it, one may have begun another; and so may one alone behind a MAIL that may have been refused. */
static void lose_transaction(struct session *session) {
	const struct transaction *current = transaction_find(&session->mails, session->mails.current);
	if (session->pipelining_seen || session->replies_lost || current == NULL || !current->taken)
		session->mails.current = 0;
}

/* Commands may be missing here: which transaction is open is known only while no more than one of them can have been lost. */
static void lose_commands(struct session *session, uint64_t end, uint64_t peer_offset) {
	become_uncertain(session);
	if (peer_offset > session->last_spoken_peer_offset)
		session->last_spoken_peer_offset = peer_offset;
	session->commands_lost = true;
	forget_offer(session); /* one of them may have been EHLO */
	session->began_anew = NULL;
	session->lost_commands_end = end;
	for (size_t i = 0; i < TRANSACTION_OPEN_MAX; i++)
		session->mails.open[i].blind = true;
	lose_transaction(session);
}

/* A code that no other reply has tells what it answers, whatever was lost. */
static bool is_telling_code(const struct pending *pending, uint16_t code) {
	switch (code) {
	case 354:
		return pending->kind == PENDING_COMMAND && pending->verb == VERB_DATA;
	case 334:
	case 235:
	case 535:
		return pending->kind == PENDING_AUTH || (pending->kind == PENDING_COMMAND && pending->verb == VERB_AUTH);
	case 221:
		return pending->kind == PENDING_COMMAND && pending->verb == VERB_QUIT;
	default:
		return false;
	}
}

static bool can_answer(const struct pending *pending, uint16_t code) {
	switch (pending->kind) {
	case PENDING_GREETING:
		return code == 220 || code >= 400;
	case PENDING_AUTH:
		return code == 334 || command_accepts_code(VERB_AUTH, code);
	case PENDING_BODY:
		return code < 300 || code >= 400;
	case PENDING_COMMAND:
		return command_accepts_code(pending->verb, code);
	}
	return false;
}

/* Did the server receive bytes of the client that may have been commands or responses, behind the pending one, and were lost? */
static bool is_lost_behind(const struct session *session, const struct pending *pending, uint64_t received) {
	for (const struct held_chunk *held = session->held.first; held != NULL; held = held->next)
		if (held->chunk.data == NULL && held->chunk.offset + held->chunk.len <= received)
			return true;
	return pending->end_offset < session->lost_commands_end && session->lost_commands_end <= received;
}

/* Finds what a reply answers and drops what is older. Without loss that is the oldest. After a loss: a reply can only answer what
 * the server had received (received: its TCP acknowledgement), and a client that does not pipeline sends a command only when all
 * before it were answered, so it is the last of these; with pipelining only a telling code decides. NULL: unknown, or nothing is
 * pending. */
static struct pending *match_pending(struct session *session, uint16_t code, uint64_t received, struct stream_moment at) {
	if (!session->uncertain) {
		struct pending *item = oldest(session);
		return item != NULL && item->end_offset <= received ? item : NULL; /* else the server spoke before it had read it */
	}
	size_t count = 0;
	bool lockstep = !session->pipelining_seen;
	for (struct pending *item; (item = pending_at(&session->pending, count)) != NULL && item->end_offset <= received; count++) {
		lockstep = lockstep && !item->pipelined;
		if (is_telling_code(item, code)) {
			/* Of which of two, though, when the answer to this one and another such command were lost? */
			if (code != 221 && session->replies_lost && is_lost_behind(session, item, received)) {
				drop_pending(session, count + 1, at);
				if (session->client == CLIENT_HELD && session->pending.count == 0) {
					session->client = CLIENT_RESYNC;
					session->side[STREAM_CLIENT].at_gap_end = true;
				}
				return NULL;
			}
			drop_pending(session, count, at);
			if (oldest(session)->end_offset > session->lost_commands_end && session->pending.count == 1)
				session->uncertain = false;
			return oldest(session);
		}
	}
	if (count == 0 || !lockstep || !can_answer(pending_at(&session->pending, count - 1), code))
		return NULL;
	/* A command that was lost behind it may be what the reply answers. */
	if (pending_at(&session->pending, count - 1)->end_offset < session->lost_commands_end ||
		is_lost_behind(session, pending_at(&session->pending, count - 1), received))
		return NULL;
	drop_pending(session, count - 1, at);
	return oldest(session);
}

/* ---- Server ---- */

static void enter_client_state(struct session *session, enum client_state state) {
	session->client = state;
}

/* Chunks without a LAST are all that there is of their message. */
static void abandon_chunks(struct session *session, struct stream_moment at) {
	if (session->bdat_open)
		emit_body(session, VERB_BDAT, false, at);
}

static void begin_body(struct session *session, uint32_t command, uint32_t mail, uint64_t peer_offset, struct stream_moment at) {
	abandon_chunks(session, at);
	body_begin(&session->body);
	message_begin(&session->message, &session->sink);
	session->false_ends_told = 0;
	session->body_command = command;
	session->body_mail = mail;
	session->body_peer_offset = peer_offset;
	session->body_answered = session->body_early = session->body_unsure = session->bdat_open = session->body_start_lost = false;
	session->body_answer_lost = false;
	enter_client_state(session, CLIENT_BODY);
}

/* What is not known to be a message from its start on is not told. */
static bool is_message_wanted(const struct session *session) {
	return session->message.wanted && !session->body_unsure && !session->body_start_lost && session->body_mail != 0;
}

static void tell_message(struct session *session, struct slice data, struct stream_moment at) {
	while (data.len > 0 && session->message.wanted) {
		struct event event = {.kind = EVENT_MESSAGE,
			.from = STREAM_CLIENT,
			.at = at,
			.message = {.mail = session->body_mail, .offset = session->message.told}};
		size_t len = message_next(&session->message, data, &event.message.header_end);
		event.message.data = (struct slice){data.data, len};
		if (len > 0)
			emit(session, &event);
		data = slice_skip(data, len);
	}
}

/* Bytes of the body are missing. */
static void lose_message(struct session *session, uint64_t len, struct stream_moment at) {
	if (is_message_wanted(session))
		emit(session, &(struct event){.kind = EVENT_MESSAGE,
			.from = STREAM_CLIENT,
			.at = at,
			.message = {.mail = session->body_mail, .offset = session->message.told, .data = {NULL, (size_t)len}}});
	session->message.wanted = false;
}

/* Reads bytes of a body after DATA. Returns how many were taken, as body_scan(). */
static size_t take_body(struct session *session, struct slice input, struct stream_moment at) {
	size_t taken = 0;
	while (taken < input.len && is_message_wanted(session) && session->body.position != BODY_ENDED) {
		struct slice part;
		taken += body_take(&session->body, input.data + taken, input.len - taken, &part);
		tell_message(session, part, at);
	}
	if (taken < input.len && session->body.position != BODY_ENDED)
		taken += body_scan(&session->body, input.data + taken, input.len - taken);
	return taken;
}

/* A 354 asked for it, nobody knows in answer to what, and a message has no NULs: it may be the data of XEXCH50. */
static bool is_no_message(const struct session *session) {
	return session->body_unsure && session->body.nul > 0;
}

static void emit_body(struct session *session, enum verb verb, bool ended, struct stream_moment at) {
	const struct body *body = &session->body;
	bool complete = ended && body->gap_bytes == 0 && !session->body_start_lost;
	session->bdat_open = false;
	if (is_no_message(session))
		return;
	emit(session, &(struct event){.kind = EVENT_BODY,
		.from = STREAM_CLIENT,
		.at = at,
		.body = {.command = session->body_command,
			.mail = session->body_mail,
			.verb = verb,
			.bytes = body->bytes,
			.lines = body->lines,
			.gap_bytes = body->gap_bytes,
			.complete = complete,
			.content = complete ? body_content(body) : EVENT_CONTENT_UNKNOWN,
			.start_ns = body->started ? body->first.time_ns : at.time_ns,
			.bare_cr = body->bare_cr,
			.bare_lf = body->bare_lf,
			.nul = body->nul,
			.longest_line = body->longest_line}});
}

static void on_greeting(struct session *session) {
	session->greeted = true;
	session->start_unseen = false;
}

static void on_mail_reply(struct session *session, const struct pending *pending, uint16_t code, struct stream_moment at) {
	struct transaction *mail = transaction_find(&session->mails, pending->mail);
	if (code < 400)
		session->lmtp_count = 0;
	if (mail != NULL)
		mail->taken |= code < 400;
	if (mail == NULL || code < 400)
		return;
	bool current = session->mails.current == mail->number;
	end_mail(session, mail, EVENT_MAIL_REJECTED, at);
	/* A MAIL inside a transaction is refused and leaves that transaction open; what was pipelined behind it belongs there. */
	struct transaction *open = NULL;
	for (uint32_t number = pending->mail - 1; number > 0 && pending->mail - number < TRANSACTION_OPEN_MAX && open == NULL; number--)
		open = transaction_find(&session->mails, number);
	if (open == NULL || open->body_sent)
		return;
	/* Whether that one was accepted is known only from 503: "nested MAIL". */
	if (open->replies_lost && code != 503)
		return;
	if (current)
		session->mails.current = open->number;
	struct pending *behind;
	for (size_t i = 1; (behind = pending_at(&session->pending, i)) != NULL; i++)
		if (behind->mail == pending->mail)
			behind->mail = open->number;
}

static void on_recipient_reply(struct session *session, const struct pending *pending, uint16_t code) {
	struct transaction *mail = transaction_find(&session->mails, pending->mail);
	if (mail == NULL)
		return;
	if (code >= 400) {
		mail->refused++;
		return;
	}
	mail->accepted++;
	mail->taken = true;
	mail->replies_lost = false; /* so those before were not refusals of all */
	if (is_lmtp(session) || session->prdr)
		remember_lmtp_recipient(session, pending->recipient);
}

/* Is it known how many replies a message gets in LMTP, and for whom each is? */
static bool knows_recipients(const struct session *session, const struct transaction *mail) {
	return !session->uncertain && mail != NULL && !mail->blind && mail->accepted + mail->refused == mail->recipients;
}

/* The reply to a message. In LMTP (RFC 2033, 4.2) there is one for each accepted recipient; with PRDR (draft-hall-prdr) 353 may say
 * so, and one for the message is the last. Returns true when it was the last. */
static bool on_body_reply(struct session *session, struct pending *pending, uint16_t code, struct stream_moment at) {
	struct transaction *mail = transaction_find(&session->mails, pending->mail);
	bool lmtp = is_lmtp(session);
	if (lmtp && !knows_recipients(session, mail)) {
		if (mail != NULL)
			end_mail(session, mail, EVENT_MAIL_UNKNOWN, at);
		become_uncertain(session); /* there may be more of them */
		return true;
	}
	if (session->prdr && !lmtp && !session->uncertain && !pending->prdr && code / 100 == 3) {
		pending->prdr = true;
		return false;
	}
	if (pending->prdr) {
		if (pending->replies_taken++ < session->lmtp_count && code != 421)
			return false;
		if (mail != NULL)
			end_mail(session, mail, code < 400 ? EVENT_MAIL_ACCEPTED : EVENT_MAIL_REJECTED, at);
		return true;
	}
	pending->replies_taken++;
	if (mail != NULL && code < 400)
		mail->lmtp_accepted = true;
	if (lmtp && pending->replies_taken < session->lmtp_count && code != 421)
		return false;
	if (mail != NULL)
		end_mail(session, mail, mail->lmtp_accepted ? EVENT_MAIL_ACCEPTED : EVENT_MAIL_REJECTED, at);
	return true;
}

static struct pending *push_pending(struct session *session, enum pending_kind kind, const struct place *place);

/* The data of XEXCH50 has ended: the server answers it like a command. */
static void end_binary(struct session *session, const struct place *place) {
	static const char name[] = "XEXCH50";
	enter_client_state(session, CLIENT_COMMAND);
	struct pending *pending = push_pending(session, PENDING_COMMAND, place);
	if (pending == NULL)
		return;
	pending->verb = VERB_XEXCH50;
	memcpy(pending->name, name, sizeof(name) - 1);
	pending->name_len = sizeof(name) - 1;
	pending->id = session->last_command;
}

static void begin_binary(struct session *session, struct stream_moment at) {
	if (session->binary_size == UINT64_MAX) { /* so its end is not known either */
		enter_client_state(session, CLIENT_RESYNC);
		session->side[STREAM_CLIENT].at_gap_end = true;
		become_uncertain(session);
		return;
	}
	session->chunk_left = session->binary_size;
	enter_client_state(session, CLIENT_BINARY);
	if (session->chunk_left == 0)
		end_binary(session, &(struct place){.at = at, .offset = session->side[STREAM_CLIENT].mark});
}

static const char began_by_xclient[] = "XCLIENT";

/* Only what the server took counts: from a client that it does not trust these commands are refused. */
static void on_origin_reply(struct session *session, const struct pending *pending, uint16_t code, struct stream_moment at) {
	struct origin *origin = session->origin;
	session->login_told = false;
	if (origin == NULL || code >= 300) {
		if (origin != NULL)
			*origin = (struct origin){.text_len = 0};
		return;
	}
	origin->told.verb = pending->verb;
	origin->told.command = pending->id;
	emit(session, &(struct event){.kind = EVENT_ORIGIN, .from = STREAM_CLIENT, .at = at, .origin = origin->told});
	if (pending->verb != VERB_XCLIENT)
		return;
	/* The session begins anew. A login of the client at the gateway counts as one here. */
	end_all_mails(session, true, at);
	forget_offer(session);
	session->began_anew = began_by_xclient;
	session->authenticated |= origin->told.has_login;
}

/* Is it certain that both sides are through with what was before? */
static bool can_reverse(const struct session *session) {
	const struct side_state *client = &session->side[STREAM_CLIENT];
	return !is_blind(session) && !session->reply_incomplete && session->pending.count == 1 && session->untracked == 0 &&
		session->held.first == NULL && !is_line_open(&client->lines) &&
		(is_in_text(session) || tls_is_untouched(&session->tls.side[STREAM_CLIENT]));
}

/* Returns true when the command is settled and leaves the queue. */
static bool on_command_reply(struct session *session, struct pending *pending, const struct reply *reply, uint64_t offset,
	struct stream_moment at) {
	uint16_t code = reply->code;
	struct transaction *mail;
	switch (pending->verb) {
	case VERB_MAIL:
		on_mail_reply(session, pending, code, at);
		return true;
	case VERB_RCPT:
		on_recipient_reply(session, pending, code);
		return true;
	case VERB_DATA:
		mail = transaction_find(&session->mails, pending->mail);
		if (mail != NULL)
			mail->taken |= code / 100 == 3;
		/* Only 354 is right, but clients go ahead after any 3yz. */
		if (code / 100 == 3 && session->body_early && session->body_command == pending->id) {
			session->body_mail = pending->mail;
			session->body_early = false;
			return true;
		}
		if (code / 100 == 3) {
			begin_body(session, pending->id, pending->mail, offset, at);
			return true;
		}
		if (mail != NULL)
			mail->data_refused = true;
		enter_client_state(session, CLIENT_COMMAND);
		return true;
	case VERB_BDAT:
	case VERB_BURL:
		if (pending->last)
			return on_body_reply(session, pending, code, at);
		mail = transaction_find(&session->mails, pending->mail);
		if (mail != NULL && code >= 400)
			mail->data_refused = true;
		return true;
	case VERB_HELO:
	case VERB_EHLO:
	case VERB_LHLO:
		if (code < 400) {
			if (!session->reversed)
				session->protocol = pending->verb == VERB_LHLO ? EVENT_PROTOCOL_LMTP
					: session->tls_implicit      ? EVENT_PROTOCOL_SMTPS
					: pending->verb == VERB_HELO ? EVENT_PROTOCOL_SMTP
												 : EVENT_PROTOCOL_ESMTP;
			end_mail_without_body(session, pending->reset_mail, true, at); /* RFC 5321, 4.1.4: it resets like RSET */
			if (pending->verb == VERB_HELO && !session->listed && !is_blind(session))
				session->offer.known = true; /* HELO offers nothing */
		}
		return true;
	case VERB_RSET:
		if (code < 400)
			end_mail_without_body(session, pending->reset_mail, true, at);
		else if (session->mails.current == 0 && transaction_find(&session->mails, pending->reset_mail) != NULL)
			session->mails.current = pending->reset_mail;
		return true;
	case VERB_AUTH:
		if (code / 100 == 3) { /* as with DATA; and what a client sends next may be a secret */
			enter_client_state(session, CLIENT_AUTH);
			return true;
		}
		enter_client_state(session, CLIENT_COMMAND);
		end_auth(session, auth_result(code), at);
		return true;
	case VERB_STARTTLS:
		if (code < 300 && is_in_text(session)) {
			session->layer->give_up = EVENT_TLS_REASON_UNSUPPORTED; /* TLS within TLS */
			enter_client_state(session, CLIENT_COMMAND);
		} else if (code < 300) {
			/* What comes next is TLS, or plain text in its place; the first byte tells. */
			end_all_mails(session, true, at);
			end_auth(session, EVENT_AUTH_UNKNOWN, at);
			forget_offer(session);
			session->tls_offered = true;
			session->began_anew = pending->name[0] == 'X' ? "X-ANONYMOUSTLS" : "STARTTLS";
			session->starttls_end = pending->end_offset;
			session->starttls_reply_end = offset;
			enter_client_state(session, CLIENT_TLS);
			session->server = SERVER_TLS;
		} else {
			enter_client_state(session, CLIENT_COMMAND);
		}
		return true;
	case VERB_XEXCH50:
		if (code / 100 == 3)
			begin_binary(session, at);
		else if (session->client == CLIENT_HELD)
			enter_client_state(session, CLIENT_COMMAND);
		return true;
	case VERB_XCLIENT:
	case VERB_XFORWARD:
		on_origin_reply(session, pending, code, at);
		return true;
	case VERB_TURN:
	case VERB_ATRN:
		if (code < 300) {
			end_all_mails(session, true, at);
			emit_anomaly(session, STREAM_SERVER, EVENT_ANOMALY_ROLES_REVERSED, 0, at);
			session->reversing = can_reverse(session);
			session->ignoring = !session->reversing;
			if (session->ignoring)
				emit_anomaly(session, STREAM_SERVER, EVENT_ANOMALY_REVERSED_UNREAD, 0, at);
		}
		return true;
	default:
		return true;
	}
}

/* response_seen: that of the client which is answered. */
static void on_auth_reply(struct session *session, uint16_t code, bool response_seen, struct stream_moment at) {
	struct auth_exchange *exchange = exchange_of(session);
	if (code / 100 == 3 && exchange != NULL) {
		enter_client_state(session, CLIENT_AUTH);
		return;
	}
	if (session->client == CLIENT_HELD || session->client == CLIENT_AUTH)
		enter_client_state(session, CLIENT_COMMAND);
	if (exchange == NULL)
		return;
	enum event_auth_result result = exchange->cancelled && code >= 400 ? EVENT_AUTH_CANCELLED : auth_result(code);
	if (!response_seen && code == 501) /* the answer to a cancellation too (RFC 4954, 4) */
		result = EVENT_AUTH_UNKNOWN;
	end_auth(session, result, at);
}

/* What goes on between the sides is not known any more: the exchange or the message of which replies were lost may be over. */
static void lose_track(struct session *session, struct stream_moment at) {
	if (exchange_of(session) != NULL && session->pending.count == 0) {
		end_auth(session, EVENT_AUTH_UNKNOWN, at);
		if (session->client == CLIENT_AUTH)
			enter_client_state(session, CLIENT_RESYNC);
	} else if (session->client == CLIENT_BODY && session->body.gap_bytes > 0) {
		emit_body(session, VERB_DATA, false, at);
		end_mail_without_body(session, session->body_mail, false, at);
		enter_client_state(session, CLIENT_RESYNC);
	} else {
		return;
	}
	session->side[STREAM_CLIENT].at_gap_end = true;
}

/* A reply that answers nothing known: what can still be learnt from its code alone. */
static void on_unmatched_reply(struct session *session, const struct reply *reply, uint64_t offset, struct stream_moment at) {
	if (session->untracked > 0 && session->pending.count == 0)
		session->untracked--;
	else if (!session->uncertain)
		return;
	/* One lost command inside a transaction is a RCPT; of two, the second may have begun another mail, though not when it was DATA. */
	if (reply->code != 354)
		session->unknown_replies++;
	if (session->unknown_replies >= 2 && session->commands_lost)
		session->mails.current = 0;
	if (reply->code == 354 && session->binary_offered) {
		enter_client_state(session, CLIENT_RESYNC);
		session->side[STREAM_CLIENT].at_gap_end = true;
	} else if (reply->code == 354 && (session->client == CLIENT_RESYNC || session->client == CLIENT_COMMAND)) {
		begin_body(session, 0, session->mails.current, offset, at);
		session->body_unsure = true;
	} else if (reply->code == 334) {
		if (begin_auth(session, 0, (struct slice){NULL, 0}, at) || session->auth != NULL) {
			session->auth->exchange.blind = true;
			enter_client_state(session, CLIENT_AUTH);
		}
	} else if (reply->code == 235) {
		session->authenticated = true;
	} else if (reply->code == 220) {
		session->tls_offered = true;
	}
}

/* The enhanced status code of the last line that has one; the lines lose theirs when all have the same. */
static void split_enhanced(struct slice *lines, size_t count, struct slice *ret_enhanced) {
	struct slice enhanced = {NULL, 0};
	bool same = true;
	for (size_t i = 0; i < count; i++) {
		struct slice text = lines[i], own;
		if (!reply_split_enhanced(&text, &own))
			continue;
		same = same && (enhanced.len == 0 || (enhanced.len == own.len && memcmp(enhanced.data, own.data, own.len) == 0));
		enhanced = own;
	}
	struct slice unused;
	for (size_t i = 0; same && i < count; i++)
		reply_split_enhanced(&lines[i], &unused);
	*ret_enhanced = enhanced;
}

/* 334 is right, but clients go on after any 3yz. */
static bool is_challenge(const struct event_reply *told) {
	bool auth = told->answers == EVENT_ANSWERS_AUTH || (told->answers == EVENT_ANSWERS_COMMAND && told->verb == VERB_AUTH);
	return told->code == 334 || (told->code / 100 == 3 && auth);
}

/* Splits the enhanced status codes off and withholds what must not be shown. */
static void fill_reply_event(struct session *session, const struct reply *reply, struct event_reply *event, struct slice *lines) {
	/* RFC 2034, 4: none in the greeting and the reply to EHLO; but servers have them in refusals. */
	bool hello = event->answers == EVENT_ANSWERS_GREETING ||
		(event->answers == EVENT_ANSWERS_COMMAND && (event->verb == VERB_EHLO || event->verb == VERB_LHLO));
	bool withheld = false;
	if (is_challenge(event))
		withheld = session->auth == NULL || reply->line_count != 1 ||
			!auth_challenge(&session->auth->exchange, reply->lines[0], &session->auth->secrets);
	for (size_t i = 0; i < reply->line_count; i++) {
		lines[i] = reply->lines[i];
		if (session->auth != NULL && auth_is_repeated(&session->auth->secrets, lines[i]))
			withheld = true;
	}
	if (!hello || reply->code >= 400)
		split_enhanced(lines, reply->line_count, &event->enhanced);
	event->text_withheld = withheld;
	event->lines = lines;
	event->line_count = withheld || (reply->line_count == 1 && lines[0].len == 0) ? 0 : reply->line_count;
	event->lines_over_limit = reply->lines_over_limit;
}

/* Notes where the text of a reply's line is. An enhanced status code is told in any case. */
static void note_reply_text(struct session *session, const struct line *line, const struct place *place) {
	struct auth_state *auth = session->auth;
	bool first = !session->reply.open;
	if (first)
		session->reply_start = place->line;
	session->reply_end = place->line + line->text.len + line->lost;
	if (auth == NULL)
		return;
	uint64_t at = place->line - session->reply_start, end = at + line->text.len + line->lost;
	size_t skip = 0;
	if (reply_is_line(line->text)) {
		struct slice text = slice_skip(line->text, CODE_LEN), enhanced;
		skip = line->text.len < CODE_LEN ? line->text.len : CODE_LEN;
		if (reply_split_enhanced(&text, &enhanced))
			skip += enhanced.len;
	}
	auth->reply_repeats = (auth->reply_repeats && !first) || auth_is_repeated(&auth->secrets, line->text);
	emit_secret(session, STREAM_SERVER, place->line + line->text.len, line->lost);
	if (first)
		auth->reply_text_count = 0;
	else if (auth->reply_text_count == 0) /* lines that came before there was anything to hide from */
		auth->reply_texts[auth->reply_text_count++] = (struct reply_text){CODE_LEN, at - CODE_LEN};
	if (auth->reply_text_count == REPLY_LINES_MAX) {
		struct reply_text *last = &auth->reply_texts[REPLY_LINES_MAX - 1];
		last->len = end - last->start;
		return;
	}
	auth->reply_texts[auth->reply_text_count++] = (struct reply_text){at + skip, end - at - skip};
}

static void hide_reply(struct session *session) {
	const struct auth_state *auth = session->auth;
	for (size_t i = 0; auth != NULL && i < auth->reply_text_count; i++)
		emit_secret(session, STREAM_SERVER, session->reply_start + auth->reply_texts[i].start, auth->reply_texts[i].len);
	uint64_t start = session->reply_start + CODE_LEN;
	if ((auth == NULL || auth->reply_text_count == 0) && session->reply_end > start)
		emit_secret(session, STREAM_SERVER, start, session->reply_end - start);
}

/* certain: it answers a command that was seen. */
static void emit_capabilities(struct session *session, const struct reply *reply, bool incomplete, bool headless, bool certain,
	struct stream_moment at) {
	struct event event = {.kind = EVENT_CAPABILITIES, .from = STREAM_SERVER, .at = at};
	ehlo_extensions(reply, headless, &event.capabilities.lines, &event.capabilities.line_count);
	event.capabilities.incomplete = incomplete || reply->lines_over_limit > 0;
	event.capabilities.tls = is_in_text(session);
	event.capabilities.certain = certain;
	/* What was cut off may be the beginning of another reply. */
	while (incomplete && event.capabilities.line_count > 0) {
		struct slice last = event.capabilities.lines[event.capabilities.line_count - 1], enhanced;
		if (!reply_split_enhanced(&last, &enhanced))
			break;
		event.capabilities.line_count--;
	}
	take_offer(session, &event.capabilities, certain);
	event.capabilities.size_max = session->offer.size_max;
	event.capabilities.mails_max = session->offer.mails_max;
	event.capabilities.recipients_max = session->offer.recipients_max;
	event.capabilities.domains_max = session->offer.domains_max;
	emit(session, &event);
}

/* Of a 220 of which nothing before is known. The answer to STARTTLS names no host and no protocol, or has an enhanced code. */
static bool reads_like_greeting(const struct reply *reply) {
	struct slice text = reply->line_count > 0 ? reply->lines[0] : (struct slice){NULL, 0}, enhanced;
	if (reply->code != 220 || reply_split_enhanced(&text, &enhanced))
		return false;
	slice_next_word(&text);
	struct slice protocol = slice_next_word(&text);
	return ehlo_has_domain(reply) || slice_is(protocol, "ESMTP") || slice_is(protocol, "SMTP") || slice_is(protocol, "LMTP");
}

/* Can the reply be of the AUTH exchange? When replies were lost before it, the exchange may be over, and only a code that nothing
 * else has tells. */
static bool may_answer_auth(const struct session *session, uint16_t code) {
	if (!session->uncertain)
		return code != 421;
	/* There may have been another exchange. */
	if (session->replies_lost && session->commands_lost && session->lost_commands_end == session->side[STREAM_CLIENT].offset)
		return false;
	if (session->replies_lost)
		return is_telling_code(&(struct pending){.kind = PENDING_AUTH}, code);
	return code != 421 && can_answer(&(struct pending){.kind = PENDING_AUTH}, code);
}

/* What is pending while no queue entry says so. */
static enum event_answers answers_without_pending(struct session *session, const struct reply *reply) {
	if (!session->greeted && session->pending.count == 0 && session->side[STREAM_CLIENT].bytes_seen == 0 && reads_like_greeting(reply))
		return EVENT_ANSWERS_GREETING; /* joined before the greeting, although the handshake was not captured */
	if (exchange_of(session) != NULL && session->pending.count == 0 && may_answer_auth(session, reply->code))
		return EVENT_ANSWERS_AUTH; /* the response was lost, or the server does not wait for it */
	if (session->client == CLIENT_BODY && reply->code != 421 && !session->replies_lost && !session->body_answer_lost &&
		can_answer(&(struct pending){.kind = PENDING_BODY}, reply->code))
		return EVENT_ANSWERS_BODY;
	return session->uncertain || session->start_unseen || session->untracked > 0 ? EVENT_ANSWERS_UNKNOWN : EVENT_ANSWERS_NOTHING;
}

/* The server answered a body of which no end was seen: it was lost, or the server takes something else for an end. */
static void end_unfinished_body(struct session *session, struct event_reply *event, struct stream_moment at) {
	event->command = session->body_command;
	event->mail = session->body_mail;
	if (session->body.gap_bytes == 0 && event->code >= 400) {
		session->body_answered = true; /* refused while it was being sent: its end is still to come */
		return;
	}
	if (session->body.gap_bytes == 0)
		emit_anomaly(session, STREAM_SERVER, EVENT_ANOMALY_BODY_UNTERMINATED, 0, at);
	emit_body(session, VERB_DATA, false, at);
	enter_client_state(session, session->body.gap_bytes > 0 ? CLIENT_RESYNC : CLIENT_COMMAND);
	session->side[STREAM_CLIENT].at_gap_end = true;
}

/* It was taken for lost, because the client spoke first and the beginning of the connection was not captured. */
static bool is_late_greeting(struct session *session, const struct reply *reply) {
	const struct pending *item = oldest(session);
	return !session->greeting_told && reply->code == 220 && item != NULL && item->kind == PENDING_COMMAND &&
		!command_accepts_code(item->verb, reply->code);
}

static bool is_hello(const struct event_reply *told) {
	return told->answers == EVENT_ANSWERS_COMMAND && (told->verb == VERB_EHLO || told->verb == VERB_LHLO);
}

static void on_reply(struct session *session, const struct reply *reply, const struct place *place) {
	struct slice lines[REPLY_LINES_MAX];
	struct event event = {.kind = EVENT_REPLY, .from = STREAM_SERVER, .at = place->at};
	struct event_reply *told = &event.reply;
	bool incomplete = session->reply_incomplete, headless = session->reply_headless, behind_loss = session->reply_behind_loss;
	bool ends_unsure = false;
	session->replies_lost = behind_loss;
	if (headless && ehlo_has_domain(reply) && (ehlo_is_likely(reply) || reply->line_count == 1))
		headless = false; /* the loss ended before it */
	incomplete |= headless;
	session->reply_incomplete = session->reply_headless = false;
	session->side[STREAM_SERVER].sensible = true;
	if (reply->codes_differ)
		emit_anomaly(session, STREAM_SERVER, EVENT_ANOMALY_REPLY_CODES_DIFFER, 0, place->at);

	told->code = reply->code;
	told->incomplete = incomplete;
	told->latency_ns = -1;
	told->pauses = session->reply_pauses;
	bool late_greeting = is_late_greeting(session, reply);
	struct pending *pending = late_greeting ? NULL : match_pending(session, reply->code, place->peer_offset, place->at);
	if (late_greeting) {
		told->answers = EVENT_ANSWERS_GREETING;
	} else if (pending != NULL) {
		told->answers = pending->kind == PENDING_GREETING ? EVENT_ANSWERS_GREETING
			: pending->kind == PENDING_AUTH		  ? EVENT_ANSWERS_AUTH
			: pending->kind == PENDING_BODY		  ? EVENT_ANSWERS_BODY
													  : EVENT_ANSWERS_COMMAND;
		told->verb = pending->verb;
		told->verb_name = (struct slice){pending->name, pending->name_len};
		told->command = pending->id;
		told->mail = pending->mail;
		told->recipient = pending->recipient;
		if (pending->kind != PENDING_GREETING && place->at.time_ns >= pending->at.time_ns)
			told->latency_ns = place->at.time_ns - pending->at.time_ns;
		if ((is_lmtp(session) || pending->prdr) && !session->uncertain && pending->replies_taken < session->lmtp_count &&
			(pending->kind == PENDING_BODY || ends_message(pending)))
			told->recipient = session->lmtp_recipients[pending->replies_taken];
		if (is_lmtp(session) && (pending->kind == PENDING_BODY || ends_message(pending)) &&
			!knows_recipients(session, transaction_find(&session->mails, pending->mail)))
			told->answers = EVENT_ANSWERS_UNKNOWN;
	} else {
		told->answers = answers_without_pending(session, reply);
		session->start_guessed |= told->answers == EVENT_ANSWERS_GREETING;
		behind_loss |= told->answers == EVENT_ANSWERS_GREETING;
		if (told->answers == EVENT_ANSWERS_AUTH) {
			const struct auth_exchange *exchange = exchange_of(session);
			told->command = exchange->command;
		} else if (told->answers == EVENT_ANSWERS_BODY) {
			end_unfinished_body(session, told, place->at);
			if (is_lmtp(session) && !session->body_answered) { /* which of several replies it is, and so what it says of the mail */
				told->answers = EVENT_ANSWERS_UNKNOWN;
				ends_unsure = true;
				become_uncertain(session);
			}
		} else if (told->answers == EVENT_ANSWERS_NOTHING && reply->code != 421) {
			emit_anomaly(session, STREAM_SERVER, EVENT_ANOMALY_UNSOLICITED_REPLY, 0, place->at);
		}
	}
	session->replies_lost = false;
	/* The last line of several reads like one alone. */
	if (behind_loss && told->answers == EVENT_ANSWERS_GREETING)
		told->incomplete = true;
	if (behind_loss && is_hello(told) && reply->line_count == 1 && !ehlo_has_domain(reply))
		told->incomplete = incomplete = headless = true;
	if (told->answers == EVENT_ANSWERS_UNKNOWN) {
		lose_track(session, place->at);
		on_unmatched_reply(session, reply, place->offset, place->at);
	}
	if (told->answers == EVENT_ANSWERS_GREETING) {
		event.kind = EVENT_GREETING;
		session->greeting_told = true;
		on_greeting(session);
		if (session->commands_lost) /* of a client that did not wait for it */
			become_uncertain(session);
	}
	fill_reply_event(session, reply, told, lines);
	if (told->text_withheld || (session->auth != NULL && session->auth->reply_repeats))
		hide_reply(session);
	emit(session, &event);

	bool positive_hello = is_hello(told) && reply->code < 400;
	/* A 220 that is no greeting agrees to TLS, or may do so; what follows it before the client spoke again answers no EHLO. */
	bool likely_hello = told->answers == EVENT_ANSWERS_UNKNOWN && ehlo_is_likely(reply) &&
		!(session->ready_seen && session->ready_peer_offset == place->peer_offset);
	if (told->answers != EVENT_ANSWERS_GREETING && reply->code == 220) {
		session->ready_seen = true;
		session->ready_peer_offset = place->peer_offset;
	}
	if (positive_hello || likely_hello)
		emit_capabilities(session, reply, incomplete, headless, positive_hello, place->at);
	if (is_challenge(told) && exchange_of(session) != NULL)
		emit_auth(session, STREAM_SERVER, EVENT_AUTH_CHALLENGE, place->at);

	if (pending == NULL) {
		if (told->answers == EVENT_ANSWERS_AUTH)
			on_auth_reply(session, reply->code, false, place->at);
		else if (told->answers == EVENT_ANSWERS_BODY) {
			struct transaction *mail = transaction_find(&session->mails, told->mail);
			if (mail != NULL)
				end_mail(session, mail, reply->code < 400 ? EVENT_MAIL_ACCEPTED : EVENT_MAIL_REJECTED, place->at);
		} else if (ends_unsure) {
			end_mail_without_body(session, told->mail, false, place->at);
		}
		return;
	}
	bool settled = true;
	if (pending->kind == PENDING_AUTH)
		on_auth_reply(session, reply->code, true, place->at);
	else if (pending->kind == PENDING_BODY)
		settled = on_body_reply(session, pending, reply->code, place->at);
	else if (pending->kind == PENDING_COMMAND)
		settled = on_command_reply(session, pending, reply, place->offset, place->at);
	if (settled && pending->kind != PENDING_GREETING)
		session->answered_offset = place->offset;
	if (settled)
		pending_drop(&session->pending, 1);
}

/* How long a line is, and what is in it that belongs to line ends. */
static void note_line_form(struct session *session, enum stream_side side, const struct line *line, size_t length_max,
	const struct place *place) {
	uint64_t returns = 0, length = line->text.len + (line->bare_newline ? 1 : 2);
	const char *at = line->text.data, *end = line->text.data + line->text.len;
	for (; line->text.len > 0 && (at = memchr(at, '\r', (size_t)(end - at))) != NULL; at++)
		returns++;
	if (returns > 0)
		emit_anomaly(session, side, EVENT_ANOMALY_BARE_RETURN, returns, place->at);
	if (length > length_max && line->lost == 0) /* of what is cut LINE_TOO_LONG tells */
		emit_anomaly(session, side, EVENT_ANOMALY_LONG_LINE, length, place->at);
}

static void on_server_line(struct session *session, const struct line *line, const struct place *place) {
	struct side_state *server = &session->side[STREAM_SERVER];
	if (line->has_nul)
		emit_anomaly(session, STREAM_SERVER, EVENT_ANOMALY_NUL, 0, place->at);
	if (line->lost > 0)
		emit_anomaly(session, STREAM_SERVER, EVENT_ANOMALY_LINE_TOO_LONG, line->lost, place->at);
	if (line->bare_newline)
		emit_anomaly(session, STREAM_SERVER, EVENT_ANOMALY_BARE_NEWLINE, 0, place->at);
	note_line_form(session, STREAM_SERVER, line, REPLY_LINE_MAX, place);
	struct reply reply;
	bool inside = session->reply.open;
	if (inside || reply_is_line(line->text)) {
		note_reply_text(session, line, place);
		if (!inside)
			session->reply_behind_loss = session->replies_lost;
		session->reply_at = place->at;
		session->reply_peer_offset = place->peer_offset;
	}
	int result = reply_feed(&session->reply, line->text, &reply);
	if (result > 0) {
		on_reply(session, &reply, place);
	} else if (result < 0) {
		if (!inside && (session->auth != NULL || is_blind(session)))
			emit_secret_line(session, STREAM_SERVER, line, 0, place); /* not shown, and it may repeat a secret */
		emit_anomaly(session, STREAM_SERVER, EVENT_ANOMALY_NOT_A_REPLY, line->text.len, place->at);
		if (server->sensible)
			return;
		server->rubbish++;
		judge_foreign(session, STREAM_SERVER, line->text, place->at);
		if (server->rubbish == RUBBISH_MAX) {
			emit_foreign(session, STREAM_SERVER, EVENT_FOREIGN_UNKNOWN, place->at);
			session->ignoring = true;
		}
	}
}

static void resume_held(struct session *session);

static void enter_tls(struct session *session, struct stream_moment at) {
	end_auth(session, EVENT_AUTH_UNKNOWN, at);
	forget_offer(session);
	session->client = CLIENT_TLS;
	session->server = SERVER_TLS;
	for (enum stream_side side = STREAM_CLIENT; side <= STREAM_SERVER; side++)
		hide_open_line(session, side, session->side[side].offset);
	line_finish(&session->side[STREAM_CLIENT].lines);
	line_finish(&session->side[STREAM_SERVER].lines);
}

static void hide_held(struct session *session) {
	for (const struct held_chunk *held = session->held.first; held != NULL; held = held->next)
		emit_secret(session, STREAM_CLIENT, held->chunk.offset, held->chunk.len);
	hold_finish(&session->held);
}

static void emit_tls(struct session *session, enum stream_side side, struct event_tls tls, struct stream_moment at) {
	tls.implicit = session->tls_implicit;
	emit(session, &(struct event){.kind = EVENT_TLS, .from = side, .at = at, .tls = tls});
}

/* A hello of the side that has begun is all that there will be of it. */
static void end_broken_hello(struct session *session, enum stream_side side) {
	struct event_tls tls;
	if (tls_tell_broken(&session->tls, side, &tls))
		emit_tls(session, side, tls, session->side[side].last);
}

static void lose_tls(struct session *session, enum stream_side side) {
	end_broken_hello(session, side);
	tls_lose(&session->tls.side[side]);
}

/* No text will come of it any more. */
static void become_encrypted(struct session *session, struct stream_moment at) {
	if (session->client != CLIENT_TLS || session->server != SERVER_TLS)
		enter_tls(session, at);
	hide_held(session);
}

static void on_tls_item(struct session *session, enum stream_side side, const struct tls_item *item, struct stream_moment at) {
	struct tls_scratch scratch;
	struct event_tls tls;
	bool encrypted = session->tls.encrypted_told;
	if (!tls_tell(&session->tls, side, item, &scratch, &tls))
		return;
	if (side == STREAM_SERVER)
		end_broken_hello(session, STREAM_CLIENT); /* the server did not wait for the rest of it */
	if (tls.step == EVENT_TLS_ENCRYPTED && session->layer != NULL) { /* told if it turns out that it cannot be read */
		if (!session->layer->encrypted) {
			session->layer->encrypted = true;
			session->layer->encrypted_from = side;
			session->layer->encrypted_at = at;
		}
		session->tls.encrypted_told = false;
		return;
	}
	tls.reason = tls.step == EVENT_TLS_ENCRYPTED ? session->decryption_ended : EVENT_TLS_REASON_NONE;
	emit_tls(session, side, tls, at);
	if (session->tls.encrypted_told && !encrypted)
		become_encrypted(session, at);
}

static void begin_layer(struct session *session, const struct stream_chunk *chunk);
static void decrypt(struct session *session, const struct stream_chunk *chunk);
static void feed_layer(struct session *session, enum stream_side side, const struct stream_chunk *chunk);

static void feed_tls(struct session *session, enum stream_side side, struct slice input, uint64_t offset, const struct place *place) {
	struct tls_reader *reader = &session->tls.side[side];
	struct tls_item item;
	size_t len = input.len;
	struct stream_chunk chunk = {.side = side,
		.data = (const uint8_t *)input.data,
		.len = len,
		.offset = offset,
		.peer_offset = place->peer_offset,
		.at = place->at};
	if (session->layer == NULL || !session->layer->text_begun)
		session->side[side].mark = offset + len;
	if (side == STREAM_CLIENT && tls_is_untouched(reader))
		begin_layer(session, &chunk);
	while (tls_next(reader, side, &input, place->at, &item) > 0)
		on_tls_item(session, side, &item, place->at);
	if (session->layer != NULL) {
		session->layer->side[side].offset = offset + len;
		decrypt(session, &chunk);
		return;
	}
	/* No TLS after all, or not known to be: it may be AUTH in clear, for which nobody looks. */
	if (reader->lost && !session->tls.encrypted_told)
		emit_secret(session, side, offset, len);
}

/* Everything is encrypted: records are counted, and what is lost of them is not worth a word. */
static void follow_encrypted(struct session *session, enum stream_side side, const struct stream_chunk *chunk) {
	struct side_state *own = &session->side[side], *peer = &session->side[stream_other_side(side)];
	struct place place = {.at = chunk->at, .offset = chunk->offset, .peer_offset = chunk->peer_offset};
	if (chunk->peer_offset > peer->offset) {
		tls_lose(&session->tls.side[stream_other_side(side)]);
		peer->offset = peer->mark = chunk->peer_offset;
	}
	if (chunk->data != NULL) {
		own->bytes_seen += chunk->len;
		feed_tls(session, side, (struct slice){(const char *)chunk->data, chunk->len}, chunk->offset, &place);
	} else {
		tls_lose(&session->tls.side[side]);
	}
	own->offset = own->mark = chunk->offset + chunk->len;
	own->last = chunk->at;
}

enum tls_guess { TLS_GUESS_NO, TLS_GUESS_YES, TLS_GUESS_MORE };

/* Bytes that begin like TLS where SMTP is expected: encrypted from the start, joined after STARTTLS, or after commands that were
 * smuggled in behind STARTTLS. */
static enum tls_guess guess_tls(const struct session *session, enum stream_side side, struct slice input, bool new_turn) {
	const struct side_state *state = &session->side[side];
	bool line_start = !line_is_partial(&state->lines) && (side == STREAM_SERVER || session->client == CLIENT_COMMAND);
	bool turn_start = new_turn || state->undecided_len > 0;
	bool possible = state->bytes_seen == 0 || state->at_gap_end || (session->tls_offered && line_start && turn_start);
	if (side == STREAM_CLIENT && session->client == CLIENT_HELD)
		possible = false; /* comes up again when the bytes are no longer held */
	bool any_record = is_blind(session); /* in the middle of a connection any record may come first, of either side */
	bool already = is_in_text(session) ||
		(side == STREAM_CLIENT ? session->client == CLIENT_TLS : session->server == SERVER_TLS);
	if (!possible || already || (side == STREAM_SERVER && !any_record))
		return TLS_GUESS_NO;
	uint8_t start[3];
	size_t len = 0;
	for (; len < sizeof(start) && len < state->undecided_len + input.len; len++)
		start[len] = len < state->undecided_len ? state->undecided[len] : (uint8_t)input.data[len - state->undecided_len];
	bool record = any_record && len > 0 && start[0] >= 20 && start[0] <= 23 && (len < 2 || start[1] == 3) &&
		(len < 3 || start[2] <= 4);
	bool hello = side == STREAM_CLIENT && (tls_is_start(start, len) || (!any_record && tls_is_ssl2_start(start, len)));
	if (!record && !hello)
		return TLS_GUESS_NO;
	return len < sizeof(start) ? TLS_GUESS_MORE : TLS_GUESS_YES;
}

static void begin_unannounced_tls(struct session *session, enum stream_side side, const struct place *place) {
	const struct side_state *client = &session->side[STREAM_CLIENT], *server = &session->side[STREAM_SERVER];
	bool from_start = !session->start_unseen && client->bytes_seen + server->bytes_seen == 0 &&
		place->offset == session->side[side].base + session->side[side].undecided_len;
	session->tls_implicit = from_start || session->open.hint == STREAM_HINT_SMTPS;
	if (session->tls_implicit && session->open.hint != STREAM_HINT_LMTP) /* there the client's first command tells */
		session->protocol = EVENT_PROTOCOL_SMTPS;
	if (!from_start) /* a plain server may still greet */
		drop_pending(session, session->pending.count, place->at);
	session->side[STREAM_CLIENT].sensible = false; /* what was text is over, whatever record comes first */
	enter_tls(session, place->at);
}

static void settle_held(struct session *session, struct stream_moment at);
static void read_server(struct session *session, struct slice input, struct place place);
static void read_client(struct session *session, struct slice input, struct place place);

/* Decides first whether the bytes are TLS; a few may have to wait for more until that is certain. */
static void feed_side(struct session *session, enum stream_side side, struct slice input, const struct place *place) {
	struct side_state *state = &session->side[side];
	void (*read)(struct session *, struct slice, struct place) = side == STREAM_CLIENT ? read_client : read_server;
	enum tls_guess guess = guess_tls(session, side, input, place->new_turn);
	if (guess == TLS_GUESS_MORE) {
		memcpy(state->undecided + state->undecided_len, input.data, input.len);
		state->undecided_len += input.len;
		return;
	}
	if (guess == TLS_GUESS_YES) {
		settle_held(session, place->at); /* that came before */
		if (session->server != SERVER_TLS || session->client != CLIENT_TLS)
			begin_unannounced_tls(session, side, place);
		hide_held(session);
	}
	char waiting[sizeof(state->undecided)];
	size_t len = state->undecided_len;
	memcpy(waiting, state->undecided, len);
	state->undecided_len = 0;
	if (len > 0) {
		struct place before = *place;
		before.offset -= len;
		read(session, (struct slice){waiting, len}, before);
	}
	read(session, input, *place);
}

/* After a gap the first line counts if it reads like a line of a reply; a multi-line reply may have lost its first lines. */
static bool judge_server_line(struct session *session, const struct line *line) {
	struct side_state *server = &session->side[STREAM_SERVER];
	if (!server->judge_line)
		return true;
	server->judge_line = false;
	return reply_is_line(line->text);
}

/* The end of the reply that is being read was lost, and maybe others behind it. */
static void end_lost_reply(struct session *session) {
	struct reply reply;
	struct place place = last_reply_place(session);
	session->reply_incomplete = true;
	if (reply_flush(&session->reply, &reply))
		on_reply(session, &reply, &place);
	session->replies_lost = true;
}

static void judge_reply_head(struct session *session, const struct line *line) {
	struct side_state *server = &session->side[STREAM_SERVER];
	if (!server->head_lost || !reply_is_line(line->text))
		return;
	server->head_lost = false;
	const char *digits = line->text.data;
	int code = (digits[0] - '0') * 100 + (digits[1] - '0') * 10 + (digits[2] - '0');
	if (session->reply.open && code != session->reply.code)
		end_lost_reply(session);
	if (!session->reply.open && line->text.len > 3 && line->text.data[3] == '-')
		session->reply_headless = true;
}

/* Who reads the connection may put replies behind the 220, for the client to take them for those that come encrypted. A server that
 * goes on in the clear because it does not know TLS after all has received something to answer. */
static void judge_reply_before_tls(struct session *session, uint64_t offset, const struct place *place) {
	if (session->starttls_end == 0 || place->peer_offset > session->starttls_end || session->injection_told[STREAM_SERVER] ||
		session->side[STREAM_SERVER].at_gap_end || offset < session->starttls_reply_end)
		return;
	session->injection_told[STREAM_SERVER] = true;
	emit_anomaly(session, STREAM_SERVER, EVENT_ANOMALY_REPLY_BEFORE_TLS, 0, place->at);
}

static void read_server(struct session *session, struct slice input, struct place place) {
	struct side_state *server = &session->side[STREAM_SERVER];
	const char *start = input.data;
	uint64_t offset = place.offset;
	if (session->unended_greeting) {
		while (input.len > 0 && (input.data[0] == '\r' || input.data[0] == '\n'))
			input = slice_skip(input, 1);
		session->unended_greeting = input.len == 0;
	}
	server->bytes_seen += input.len;
	if ((session->reply.open || is_line_open(&server->lines)) && place.at.time_ns - server->last.time_ns >= EVENT_REPLY_PAUSE_NS)
		session->reply_pauses++;
	while (input.len > 0 && !session->ignoring && !session->reversing) {
		uint64_t here = offset + (uint64_t)(input.data - start);
		if (!is_line_open(&server->lines)) {
			server->mark = here;
			if (!session->reply.open)
				session->reply_pauses = 0;
		}
		bool record = input.data[0] >= 20 && input.data[0] <= 23;
		if (session->server == SERVER_REPLY && session->client == CLIENT_TLS && record && !line_is_partial(&server->lines))
			session->server = SERVER_TLS;
		if (session->server == SERVER_TLS) {
			/* Plain text where TLS should be: the server answers what the client sent instead of a ClientHello, or does not
			 * know what a ClientHello is. */
			if (tls_is_untouched(&session->tls.side[STREAM_SERVER]) && (session->client != CLIENT_TLS || !record)) {
				end_broken_hello(session, STREAM_CLIENT);
				session->server = SERVER_REPLY;
				judge_reply_before_tls(session, here, &place);
				continue;
			}
			feed_tls(session, STREAM_SERVER, input, here, &place);
			return;
		}
		if (server->at_gap_end)
			server->judge_line = server->head_lost = true;
		server->at_gap_end = false;
		struct line line;
		if (line_next(&server->lines, &input, &line) == 0)
			return;
		place.offset = offset + (uint64_t)(input.data - start);
		place.line = server->mark;
		server->mark = place.offset;
		judge_reply_head(session, &line);
		if (judge_server_line(session, &line))
			on_server_line(session, &line, &place);
		else
			emit_secret_line(session, STREAM_SERVER, &line, 0, &place);
		if (session->client != CLIENT_HELD)
			resume_held(session);
	}
}

/* Code and separator. */
static void shorten_to_code(struct line *line) {
	if (line->text.len > 4)
		line->text.len = 4;
}

/* A reply whose line breaks off is a reply all the same: its code is there. */
static void end_broken_line(struct session *session) {
	struct side_state *server = &session->side[STREAM_SERVER];
	struct place place = last_server_place(session);
	struct line line;
	struct reply reply;
	bool judged = server->judge_line;
	if (!line_flush(&server->lines, &line) || judged || line.text.len < 4 || !reply_is_line(line.text))
		return;
	session->reply_incomplete = true;
	shorten_to_code(&line);
	if (!session->reply.open)
		on_server_line(session, &line, &place);
	else if (line.text.data[3] != '-' && reply_flush(&session->reply, &reply))
		on_reply(session, &reply, &place);
}

static void on_server_gap(struct session *session, uint64_t len, const struct place *place) {
	struct side_state *server = &session->side[STREAM_SERVER];
	hide_open_line(session, STREAM_SERVER, place->offset);
	emit_secret(session, STREAM_SERVER, place->offset - server->undecided_len, server->undecided_len + len);
	if (session->server == SERVER_REPLY)
		end_broken_line(session);
	else
		lose_tls(session, STREAM_SERVER);
	line_reset(&server->lines);
	server->undecided_len = 0;
	server->at_gap_end = true;
	if (session->reply.open)
		session->reply_incomplete = true;
	if (session->server == SERVER_REPLY) {
		become_uncertain(session);
		session->replies_lost = true;
		/* What was lost of the client just before may have been said when this had been heard. */
		if (session->commands_lost && session->lost_commands_end == session->side[STREAM_CLIENT].offset) {
			lose_transaction(session);
			if (!session->pipelining_lacks)
				session->last_spoken_peer_offset = place->offset + len;
		}
		struct transaction *mail = session->client == CLIENT_BODY ? transaction_find(&session->mails, session->body_mail) : NULL;
		session->body_answer_lost = session->client == CLIENT_BODY;
		if (mail != NULL)
			mail->replies_lost = true;
	}
	server->mark = place->offset + len;
}

/* ---- Client ---- */

static void after_hold_state(struct session *session, enum verb verb) {
	if (verb == VERB_DATA || verb == VERB_AUTH || verb == VERB_STARTTLS || verb == VERB_XEXCH50)
		enter_client_state(session, CLIENT_HELD);
}

/* Replies that were lost: a client that does not pipeline has had an answer to all before, when it speaks again having heard from
 * the server. */
static void settle_lost_replies(struct session *session, const struct place *place) {
	struct side_state *server = &session->side[STREAM_SERVER];
	const struct pending *waiting = oldest(session);
	bool spoken = session->last_command > 0 || session->pending.count > (waiting != NULL && waiting->kind == PENDING_GREETING);
	if (!session->uncertain || session->pipelining_seen || (spoken && place->peer_offset <= session->last_spoken_peer_offset))
		return;
	/* Before the first command seen there may be others that it did not wait for. */
	if (!spoken && session->start_unseen)
		return;
	struct reply reply;
	if (session->reply.open) {
		struct place reply_place = last_reply_place(session);
		session->reply_incomplete = true;
		if (reply_flush(&session->reply, &reply))
			on_reply(session, &reply, &reply_place);
	}
	drop_pending(session, session->pending.count, place->at);
	session->uncertain = session->replies_lost = false;
	if (place->peer_offset >= server->offset) { /* so what the server sends next begins a reply */
		hide_open_line(session, STREAM_SERVER, server->offset);
		server->mark = server->offset;
		line_reset(&server->lines);
		server->at_gap_end = server->judge_line = server->head_lost = false;
	}
}

static struct pending *push_pending(struct session *session, enum pending_kind kind, const struct place *place) {
	struct pending *pending = session->untracked == 0 ? pending_push(&session->pending) : NULL;
	if (pending == NULL) {
		emit_anomaly(session, STREAM_CLIENT, EVENT_ANOMALY_TOO_MANY_COMMANDS, 0, place->at);
		session->untracked++;
		return NULL;
	}
	pending->kind = kind;
	pending->at = place->at;
	pending->end_offset = place->offset;
	return pending;
}

static int authenticated_now(const struct session *session) {
	if (session->authenticated)
		return EVENT_AUTHENTICATED_YES;
	/* Behind ATRN it is the other side that has logged in. */
	if (session->start_unseen || session->start_guessed || session->commands_lost || session->auth_unsettled || session->login_told ||
		session->reversed)
		return EVENT_AUTHENTICATED_UNKNOWN;
	return EVENT_AUTHENTICATED_NO;
}

static void on_mail_command(struct session *session, struct event_command *told, struct stream_moment at) {
	struct transaction forced = {0};
	struct transaction *mail = transaction_begin(&session->mails, &forced);
	if (forced.number != 0)
		emit(session, &(struct event){.kind = EVENT_MAIL_END,
			.from = STREAM_SERVER,
			.at = at,
			.mail_end = {.mail = forced.number, .result = EVENT_MAIL_UNKNOWN}});
	session->unknown_replies = 0;
	told->mail = mail->number;
	told->authenticated = authenticated_now(session);
}

static void on_recipient_command(struct session *session, struct event_command *told) {
	struct transaction *mail = transaction_find(&session->mails, session->mails.current);
	told->mail = session->mails.current;
	if (mail != NULL)
		told->recipient = ++mail->recipients;
}

/* A message in parts begins, unless this part belongs to the one before. */
static void begin_chunked_body(struct session *session, const struct event_command *told) {
	session->body_command = told->id;
	if (session->bdat_open && session->body_mail == told->mail)
		return;
	body_begin(&session->body);
	message_begin(&session->message, &session->sink);
	session->body_mail = told->mail;
	session->bdat_open = true;
	session->body_unsure = false;
	const struct transaction *mail = transaction_find(&session->mails, told->mail);
	session->body_start_lost = mail != NULL ? mail->blind : is_blind(session);
	if (session->body_start_lost)
		session->body.position = BODY_UNKNOWN;
}

/* BURL: a part of the message that the server fetches itself. */
static void on_burl(struct session *session, const struct event_command *told, bool last, struct stream_moment at) {
	begin_chunked_body(session, told);
	session->body_start_lost = true; /* it does not come over this connection */
	if (!last)
		return;
	struct transaction *mail = transaction_find(&session->mails, session->body_mail);
	emit_body(session, VERB_BURL, true, at);
	session->body.position = BODY_ENDED;
	if (mail != NULL)
		mail->body_sent = true;
	session->mails.current = 0;
}

static void begin_chunk(struct session *session, const struct event_command *told, const struct place *place) {
	uint64_t size;
	bool last;
	if (!command_parse_bdat(told->argument, &size, &last))
		return;
	begin_chunked_body(session, told);
	session->chunk_left = size;
	session->chunk_last = last;
	enter_client_state(session, CLIENT_CHUNK);
}

static void end_chunk(struct session *session, const struct place *place) {
	struct pending *pending = pending_at(&session->pending, session->pending.count - 1);
	if (session->pending.count > 0 && pending->verb == VERB_BDAT) {
		pending->at = place->at; /* the reply can only come after the chunk */
		pending->end_offset = place->offset;
	}
	enter_client_state(session, CLIENT_COMMAND);
	if (!session->chunk_last)
		return;
	struct transaction *mail = transaction_find(&session->mails, session->body_mail);
	emit_body(session, VERB_BDAT, true, place->at);
	session->body.position = BODY_ENDED;
	if (mail != NULL)
		mail->body_sent = true;
	session->mails.current = 0;
}

/* A line that is no known command may be a SASL response out of step: after a loss, or when the server ended the exchange and the
 * client did not notice. Its text must not be shown. */
static bool may_be_secret(const struct session *session, const struct command *command) {
	return command->verb == VERB_OTHER && !command->known && (session->after_auth || is_blind(session));
}

static void withhold(struct session *session, struct slice secret) {
	if (session->auth == NULL)
		session->auth = calloc(1, sizeof(*session->auth));
	if (session->auth == NULL)
		session->ignoring = true;
	else
		auth_remember(&session->auth->secrets, slice_trim(secret));
}

/* The password or the token of a URL goes; what says that there was one stays, and so does LAST: who reads the packets again must see
 * the same command. */
static void hide_in_burl(struct session *session, const struct line *line, struct slice argument, const struct place *place) {
	struct slice shown, rest = argument, url = slice_next_word(&rest);
	bool last;
	command_parse_burl(argument, &shown, &last);
	if (shown.len < url.len) {
		uint64_t start = place->line + (uint64_t)(url.data - line->text.data);
		bool is_password = url.data[shown.len] == ':';
		size_t from = shown.len + (is_password ? strlen(":") : strlen(";URLAUTH=")), to = from;
		while (to < url.len && !(is_password && url.data[to] == '@'))
			to++;
		emit_secret(session, STREAM_CLIENT, start + from, to - from);
		if (to < url.len)
			emit_secret(session, STREAM_CLIENT, start + to + 1, url.len - to - 1);
		if (!last)
			emit_secret(session, STREAM_CLIENT, start + url.len, argument.len - url.len);
	}
	emit_secret(session, STREAM_CLIENT, place->line + line->text.len, line->lost);
}

/* Hides what the event of the command will not tell. */
static void hide_argument(struct session *session, const struct line *line, const struct command *command, const struct place *place) {
	struct slice hidden = command->argument;
	if (command->verb == VERB_OTHER && command->name_len == 0) {
		emit_secret_line(session, STREAM_CLIENT, line, 0, place);
		return;
	}
	if (command->verb == VERB_AUTH) {
		slice_next_word(&hidden);
		hidden = slice_trim(hidden);
		if (!auth_names_mechanism(command->argument))
			hidden = command->argument;
		else if (hidden.len == 1 && hidden.data[0] == '=') /* an empty response */
			return;
	} else if (command->verb == VERB_BURL) {
		hide_in_burl(session, line, command->argument, place);
		return;
	} else if (command->verb != VERB_OTHER) {
		return;
	}
	size_t version_len = line->lost == 0 && !session->side[STREAM_CLIENT].sensible ? foreign_version_len(line->text) : 0;
	if (version_len > 0 && version_len < hidden.len)
		emit_secret(session, STREAM_CLIENT, place->line + (uint64_t)(hidden.data - line->text.data), hidden.len - version_len);
	else if (hidden.len > 0)
		emit_secret_line(session, STREAM_CLIENT, line, (size_t)(hidden.data - line->text.data), place);
	else if (line->lost > 0)
		emit_secret_line(session, STREAM_CLIENT, line, line->text.len, place);
}

/* What the parameters of one command need, by their place. */
struct parameters {
	struct extension_text text;
	enum extension extensions[PATH_PARAMETERS_MAX];
};

static void read_parameters(struct path *path, enum verb verb, struct parameters *ret_parameters) {
	uint64_t seen = 0;
	ret_parameters->text.len = 0;
	for (size_t i = 0; i < path->parameter_count; i++) {
		struct event_parameter *parameter = &path->parameters[i];
		ret_parameters->extensions[i] = extension_read_parameter(parameter, verb, &ret_parameters->text);
		/* RFC 5321, 4.1.1.11: each at most once. Of those that are only known by name there are several kinds. */
		uint64_t bit = UINT64_C(1) << parameter->id;
		bool named = parameter->id != EVENT_PARAMETER_OTHER && parameter->id != EVENT_PARAMETER_KNOWN;
		if (named && (seen & bit) != 0)
			parameter->wrong = true;
		seen |= bit;
	}
}

static bool asks_prdr(const struct path *path) {
	for (size_t i = 0; i < path->parameter_count; i++)
		if (path->parameters[i].id == EVENT_PARAMETER_PRDR)
			return true;
	return false;
}

static void check_limit(struct session *session, uint32_t count, uint32_t max, const char *name, struct stream_moment at) {
	if (session->offer.known && max > 0 && count == max + 1) /* once */
		emit_named_anomaly(session, EVENT_ANOMALY_LIMIT_EXCEEDED, name, max, at);
}

static uint64_t hash_domain(struct slice domain) {
	uint64_t hash = UINT64_C(0xcbf29ce484222325); /* FNV-1a */
	for (size_t i = 0; i < domain.len; i++)
		hash = (hash ^ (uint8_t)ascii_upper(domain.data[i])) * UINT64_C(0x100000001b3);
	return hash;
}

/* RFC 9422, 4.3: different domains of recipients in a session. */
static void check_domains(struct session *session, struct slice path, struct stream_moment at) {
	size_t start = path.len;
	while (start > 0 && path.data[start - 1] != '@')
		start--;
	if (!session->offer.known || session->offer.domains_max == 0 || session->offer.domains_max >= DOMAINS_MAX || start == 0)
		return;
	if (session->domains == NULL)
		session->domains = calloc(DOMAINS_MAX, sizeof(*session->domains));
	if (session->domains == NULL)
		return;
	uint64_t hash = hash_domain(slice_skip(path, start));
	for (size_t i = 0; i < session->domain_count; i++)
		if (session->domains[i] == hash)
			return;
	if (session->domain_count == DOMAINS_MAX)
		return;
	session->domains[session->domain_count++] = hash;
	check_limit(session, (uint32_t)session->domain_count, session->offer.domains_max, "RCPTDOMAINMAX", at);
}

/* After STARTTLS (RFC 3207, 4.2) and XCLIENT nothing counts that was said before; the client's EHLO neither. */
static void check_hello(struct session *session, enum verb verb, struct stream_moment at) {
	bool needs_hello = verb == VERB_AUTH || verb == VERB_MAIL || verb == VERB_RCPT || verb == VERB_DATA || verb == VERB_BDAT ||
		verb == VERB_BURL || verb == VERB_ETRN || verb == VERB_ATRN;
	if (session->began_anew == NULL || (!needs_hello && !is_hello_verb(verb)))
		return;
	/* What comes in the clear behind the 220 to STARTTLS is another matter. */
	if (needs_hello && (is_in_text(session) || session->began_anew == began_by_xclient))
		emit_named_anomaly(session, EVENT_ANOMALY_HELLO_NOT_REPEATED, session->began_anew, 0, at);
	session->began_anew = NULL;
}

/* UTF-8 that is not only ASCII. Other bytes are no extension's. */
static bool has_utf8(struct slice text) {
	bool found = false;
	for (size_t i = 0; i < text.len; i++) {
		uint8_t lead = (uint8_t)text.data[i];
		size_t more = lead < 0x80 ? 0 : lead < 0xc2 ? SIZE_MAX : lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : lead < 0xf5 ? 3 : SIZE_MAX;
		if (more > text.len - i - 1)
			return false;
		found |= more > 0;
		for (; more > 0; more--)
			if (((uint8_t)text.data[++i] & 0xc0) != 0x80)
				return false;
	}
	return found;
}

/* What the command uses, against what the server offered. */
static void check_extensions(struct session *session, const struct command *command, const struct event_command *told,
	const struct parameters *parameters, struct stream_moment at) {
	/* Whether a mechanism was offered is asked of each AUTH. */
	if (command->verb != VERB_AUTH || command->extension != EXTENSION_AUTH)
		use_extension(session, command->extension, at);
	for (size_t i = 0; i < told->parameter_count; i++) {
		enum extension extension = parameters->extensions[i];
		const struct event_parameter *parameter = &told->parameters[i];
		const char *name = extension_parameter_name(parameter->id);
		if (parameter->wrong)
			emit_named_anomaly(session, EVENT_ANOMALY_PARAMETER_WRONG, name != NULL ? name : parameter->extension, 0, at);
		/* Some servers take AUTH off the list for who is logged in. */
		if (extension != EXTENSION_AUTH || authenticated_now(session) == EVENT_AUTHENTICATED_NO)
			use_extension(session, extension, at);
	}
	if (has_utf8(told->path)) /* RFC 6531, 3.1 */
		use_extension(session, EXTENSION_SMTPUTF8, at);
	if (command->verb == VERB_MAIL) {
		check_limit(session, session->mails.last, session->offer.mails_max, "MAILMAX", at);
	} else if (command->verb == VERB_RCPT) {
		check_limit(session, told->recipient, session->offer.recipients_max, "RCPTMAX", at);
		check_domains(session, told->path, at);
	}
}

static void on_command(struct session *session, const struct line *line, struct command *command, const struct place *place) {
	struct path path;
	struct event event = {.kind = EVENT_COMMAND, .from = STREAM_CLIENT, .at = place->at};
	struct event_command *told = &event.command;
	settle_lost_replies(session, place);
	if (may_be_secret(session, command)) {
		withhold(session, line->text);
		command->name_len = 0;
	}
	hide_argument(session, line, command, place);
	if (command->verb != VERB_OTHER) {
		session->after_auth = command->verb == VERB_AUTH;
		session->side[STREAM_CLIENT].sensible = true;
	}
	told->extension = extension_keyword(command->extension);
	told->id = ++session->last_command;
	told->verb = command->verb;
	told->name = (struct slice){command->name, command->name_len};
	told->argument = command->verb != VERB_OTHER ? command->argument : (struct slice){NULL, 0};
	told->argument_withheld = command->verb == VERB_OTHER && (command->argument.len > 0 || command->name_len == 0);
	/* Without a loss whatever is pending was not answered when this was sent, for else the answer would have come first. An answer
	 * that came first may have crossed this. */
	const struct pending *waiting = oldest(session);
	bool before_greeting = waiting != NULL && waiting->kind == PENDING_GREETING;
	told->pipelined = (session->pending.count + session->untracked > before_greeting &&
							  (!session->uncertain || place->peer_offset <= session->last_spoken_peer_offset)) ||
		place->peer_offset < session->answered_offset;
	/* A lost command may stand before this in the same flight. */
	bool behind_loss = session->uncertain && session->commands_lost && place->peer_offset <= session->last_spoken_peer_offset;
	session->last_spoken_peer_offset = place->peer_offset;
	session->pipelining_seen |= told->pipelined;
	/* Only who saw the server's SYN knows that the client had received nothing when it spoke. */
	if (before_greeting && !session->early_talker_told && !session->uncertain && session->open.handshake_ns >= 0) {
		session->early_talker_told = true;
		emit_anomaly(session, STREAM_CLIENT, EVENT_ANOMALY_EARLY_TALKER, 0, place->at);
	}

	uint32_t reset_mail = 0, mail_of_auth = session->mails.current;
	bool last_burl = false;
	struct parameters parameters;
	switch (command->verb) {
	case VERB_MAIL:
		path_parse(command->argument, "FROM:", &path);
		on_mail_command(session, told, place->at);
		break;
	case VERB_RCPT:
		path_parse(command->argument, "TO:", &path);
		on_recipient_command(session, told);
		break;
	case VERB_DATA:
	case VERB_BDAT:
		told->mail = session->mails.current;
		break;
	case VERB_AUTH:
		begin_auth(session, told->id, command->argument, place->at);
		if (session->auth == NULL)
			return;
		told->argument = auth_mechanism(&session->auth->exchange);
		told->argument_withheld = command->argument.len > told->argument.len;
		break;
	case VERB_BURL:
		told->mail = session->mails.current;
		command_parse_burl(command->argument, &told->argument, &last_burl);
		told->argument_withheld = told->argument.len < command->argument.len;
		break;
	case VERB_XCLIENT:
	case VERB_XFORWARD:
		if (session->origin == NULL)
			session->origin = calloc(1, sizeof(*session->origin));
		if (session->origin != NULL) {
			origin_read(session->origin, command->argument);
			session->login_told |= command->verb == VERB_XCLIENT && session->origin->told.has_login;
		}
		told->argument = origin_shown(command->argument);
		told->argument_withheld = told->argument.len < command->argument.len;
		break;
	case VERB_XEXCH50:
		if (!command_parse_xexch50(command->argument, &session->binary_size))
			session->binary_size = UINT64_MAX;
		break;
	case VERB_HELO:
	case VERB_EHLO:
	case VERB_LHLO:
		reset_mail = session->mails.current;
		break;
	case VERB_RSET:
		reset_mail = session->mails.current;
		session->mails.current = 0; /* what is pipelined behind it is not of this mail any more */
		break;
	default:
		break;
	}
	if (command->verb == VERB_MAIL || command->verb == VERB_RCPT) {
		told->path = path.mailbox;
		told->path_valid = path.valid;
		told->parameters = path.parameters;
		told->parameter_count = path.parameter_count;
		read_parameters(&path, command->verb, &parameters);
		if (command->verb == VERB_MAIL)
			session->prdr = asks_prdr(&path);
	}
	struct transaction *mail = transaction_find(&session->mails, told->mail);
	if (command->verb == VERB_AUTH)
		told->mail = mail_of_auth;
	emit(session, &event);
	check_hello(session, command->verb, place->at);
	check_extensions(session, command, told, &parameters, place->at);
	if (command->verb == VERB_AUTH && session->auth->exchange.responses > 0)
		emit_auth(session, STREAM_CLIENT, EVENT_AUTH_RESPONSE, place->at);

	struct pending *pending = push_pending(session, PENDING_COMMAND, place);
	if (pending == NULL && mail != NULL)
		mail->replies_lost = true;
	if (pending != NULL) {
		pending->verb = command->verb;
		memcpy(pending->name, command->name, sizeof(pending->name));
		pending->name_len = command->name_len;
		pending->id = told->id;
		pending->mail = command->verb != VERB_AUTH ? told->mail : 0;
		pending->reset_mail = reset_mail;
		pending->recipient = told->recipient;
		pending->pipelined = told->pipelined || behind_loss;
	}
	if (command->verb == VERB_BDAT) {
		begin_chunk(session, told, place);
		if (pending != NULL)
			pending->last = session->client == CLIENT_CHUNK && session->chunk_last;
		if (session->client == CLIENT_CHUNK && session->chunk_left == 0)
			end_chunk(session, place);
	} else if (command->verb == VERB_BURL) {
		if (pending != NULL)
			pending->last = last_burl;
		on_burl(session, told, last_burl, place->at);
	} else if (pending != NULL) {
		after_hold_state(session, command->verb);
	}
}

static void note_line(struct session *session, const struct line *line, size_t length_max, const struct place *place) {
	if (line->has_nul)
		emit_anomaly(session, STREAM_CLIENT, EVENT_ANOMALY_NUL, 0, place->at);
	if (line->lost > 0)
		emit_anomaly(session, STREAM_CLIENT, EVENT_ANOMALY_LINE_TOO_LONG, line->lost, place->at);
	if (line->bare_newline)
		emit_anomaly(session, STREAM_CLIENT, EVENT_ANOMALY_BARE_NEWLINE, 0, place->at);
	note_line_form(session, STREAM_CLIENT, line, length_max, place);
}

static void on_command_line(struct session *session, const struct line *line, const struct place *place) {
	struct side_state *client = &session->side[STREAM_CLIENT];
	struct command command;
	command_parse(line->text, &command);
	note_line(session, line, command_line_max(command.verb), place);
	if (command.name_len == 0)
		emit_anomaly(session, STREAM_CLIENT, EVENT_ANOMALY_NOT_A_COMMAND, line->text.len, place->at);
	if (command.verb == VERB_OTHER && !client->sensible) {
		client->rubbish += command.name_len == 0;
		judge_foreign(session, STREAM_CLIENT, line->text, place->at);
		if (command.name_len == 0 && client->rubbish == RUBBISH_MAX) {
			emit_foreign(session, STREAM_CLIENT, EVENT_FOREIGN_UNKNOWN, place->at);
			session->ignoring = true;
			return;
		}
	}
	on_command(session, line, &command, place);
}

static void on_auth_line(struct session *session, const struct line *line, const struct place *place) {
	struct auth_exchange *exchange = exchange_of(session);
	note_line(session, line, LINE_LENGTH_MAX, place);
	session->last_spoken_peer_offset = place->peer_offset;
	enter_client_state(session, CLIENT_COMMAND);
	auth_response(exchange, line->text, &session->auth->secrets);
	if (!exchange->cancelled)
		emit_secret_line(session, STREAM_CLIENT, line, 0, place);
	session->after_auth = true;
	emit_auth(session, STREAM_CLIENT, exchange->cancelled ? EVENT_AUTH_CANCEL : EVENT_AUTH_RESPONSE, place->at);
	struct pending *pending = push_pending(session, PENDING_AUTH, place);
	if (pending == NULL)
		return;
	pending->verb = VERB_AUTH;
	pending->id = exchange->command;
	enter_client_state(session, CLIENT_HELD);
}

/* Does the line read as a command? For bytes that may as well be the middle of something. */
static bool is_command_line(struct slice line) {
	struct command command;
	command_parse(line, &command);
	return command_is_plausible(&command);
}

/* After a loss the exchange may be over without our having seen it; a command says so. */
static bool leaves_auth(struct session *session, const struct line *line, const struct place *place) {
	const struct auth_exchange *exchange = exchange_of(session);
	if (exchange != NULL && (!exchange->blind || !is_command_line(line->text)))
		return false;
	end_auth(session, EVENT_AUTH_UNKNOWN, place->at);
	enter_client_state(session, CLIENT_COMMAND);
	return true;
}

static void end_body(struct session *session, const struct place *place) {
	struct transaction *mail = transaction_find(&session->mails, session->body_mail);
	session->last_spoken_peer_offset = place->peer_offset;
	emit_body(session, VERB_DATA, true, place->at);
	enter_client_state(session, CLIENT_COMMAND);
	if (mail != NULL)
		mail->body_sent = true;
	if (session->mails.current == session->body_mail)
		session->mails.current = 0;
	if (session->body_answered)
		return;
	if (is_no_message(session)) {
		become_uncertain(session);
		session->untracked++;
		return;
	}
	struct pending *pending = push_pending(session, PENDING_BODY, place);
	if (pending == NULL)
		return;
	pending->verb = VERB_DATA;
	pending->id = session->body_command;
	pending->mail = session->body_mail;
}

/* The first line of what is held and of input behind it, up to max bytes of it: the first that is there. Returns false when its end has
 * not come. */
static bool first_held_line(const struct session *session, struct slice input, char *ret_text, size_t max, struct slice *ret_line) {
	size_t len = 0;
	bool ended = false;
	const struct held_chunk *held = session->held.first;
	for (bool more = true; more && !ended && len < max;) {
		bool gap = held != NULL && held->chunk.data == NULL;
		if (gap && len > 0) { /* no more of the line will come */
			ended = true;
			break;
		}
		struct slice part = gap ? (struct slice){NULL, 0}
			: held != NULL  ? (struct slice){(const char *)held->chunk.data, held->chunk.len}
							: input;
		const char *newline = part.len > 0 ? memchr(part.data, '\n', part.len) : NULL;
		size_t take = newline != NULL ? (size_t)(newline - part.data) : part.len;
		ended = newline != NULL && take <= max - len;
		if (take > max - len)
			take = max - len;
		if (take > 0)
			memcpy(ret_text + len, part.data, take);
		len += take;
		more = held != NULL;
		held = held != NULL ? held->next : NULL;
	}
	if (len > 0 && ended && ret_text[len - 1] == '\r')
		len--;
	*ret_line = (struct slice){ret_text, len};
	return ended || len == max;
}

/* The reply that the client's bytes depend on was lost: the bytes themselves must tell, the first ones held or else input. Returns
 * false when more of them are needed, unless forced. */
static bool guess_held_state(struct session *session, struct slice input, const struct place *place, bool force) {
	enum { TELLING_MAX = 256 };
	char text[TELLING_MAX];
	struct slice line;
	bool whole = first_held_line(session, input, text, sizeof(text), &line);
	bool tls = line.len > 0 && tls_is_start((const uint8_t *)line.data, 1); /* no command begins like that */
	if (!whole && !tls && !force)
		return false;
	struct pending *pending = pending_at(&session->pending, session->pending.count - 1);
	assert(pending != NULL);
	session->replies_lost = false; /* what was lost is behind these bytes, which are an answer to it */
	enum verb verb = pending->kind == PENDING_AUTH ? VERB_AUTH : pending->verb;
	uint32_t id = pending->id, mail = pending->mail;
	bool command = whole && is_command_line(line);
	/* Of the first of these bytes; those that come now may be an answer to what came after them. */
	uint64_t peer_offset = session->held.first != NULL ? session->held.first->chunk.peer_offset : place->peer_offset;
	if (line.len == 0 && !whole && session->held.first != NULL) { /* nothing but a gap, in which there may be anything */
		become_uncertain(session);
		drop_pending(session, session->pending.count, place->at);
		enter_client_state(session, CLIENT_RESYNC);
		return true;
	}
	if (verb == VERB_XEXCH50 && !command) {
		pending_drop(&session->pending, session->pending.count);
		begin_binary(session, place->at);
		return true;
	}
	if (verb == VERB_AUTH && !command) {
		/* A response goes on with the exchange, whose pending reply was a 334 that nobody saw. */
		pending_drop(&session->pending, session->pending.count);
		session->auth->exchange.blind = true;
		enter_client_state(session, CLIENT_AUTH);
		return true;
	}
	if (verb == VERB_DATA && !command && !session->uncertain) { /* nothing was lost: the answer is still to come */
		begin_body(session, id, mail, peer_offset, place->at);
		session->body_early = true;
		return true;
	}
	become_uncertain(session);
	drop_pending(session, session->pending.count, place->at);
	/* What was sent behind the command without waiting for its answer may have been answered in the loss, too. */
	if (session->held.first != NULL && peer_offset <= session->last_spoken_peer_offset)
		session->pipelining_seen = true;
	session->uncertain = session->pipelining_seen;
	enter_client_state(session, CLIENT_COMMAND);
	/* The message may be in the gap, and with it the end of the transaction. */
	if (verb == VERB_DATA && session->held.first != NULL && session->held.first->chunk.data == NULL)
		session->mails.current = 0;
	if (verb == VERB_STARTTLS && tls && is_in_text(session)) {
		session->layer->give_up = EVENT_TLS_REASON_UNSUPPORTED;
	} else if (verb == VERB_DATA && !command) {
		begin_body(session, id, mail, peer_offset, place->at);
		session->body_unsure = true;
	} else if (verb == VERB_STARTTLS && tls)
		enter_tls(session, place->at);
	return true;
}

/* Can the reply still come? Not when the client has received bytes since, all of which were seen or lost, and none is it. */
static bool held_reply_is_lost(const struct session *session, const struct place *place) {
	return session->uncertain && place->peer_offset > session->last_spoken_peer_offset &&
		place->peer_offset <= session->side[STREAM_SERVER].offset && !line_is_partial(&session->side[STREAM_SERVER].lines);
}

static void hold(struct session *session, struct slice input, const struct place *place) {
	struct stream_chunk chunk = {
		.side = STREAM_CLIENT,
		.data = (const uint8_t *)input.data,
		.len = input.len,
		.offset = place->offset,
		.peer_offset = place->peer_offset,
		.at = place->at,
	};
	if (hold_push(&session->held, &chunk))
		return;
	if (!session->held_too_much_told) {
		session->held_too_much_told = true;
		emit_anomaly(session, STREAM_CLIENT, EVENT_ANOMALY_HELD_TOO_MUCH, session->held.data_bytes, place->at);
	}
	guess_held_state(session, input, place, true);
}

/* In the middle of an unknown something only the start of a turn can be trusted to be a command. */
static void resynchronise(struct session *session, struct slice *input, struct place *place, const char *start, uint64_t offset) {
	struct side_state *client = &session->side[STREAM_CLIENT];
	struct line line;
	uint64_t here = offset + (uint64_t)(input->data - start);
	if (place->new_turn || client->at_gap_end) {
		hide_open_line(session, STREAM_CLIENT, here);
		client->mark = here;
		line_reset(&client->lines);
		client->skip_turn = false;
		client->at_gap_end = false;
		place->new_turn = false;
	}
	if (client->skip_turn) {
		emit_secret(session, STREAM_CLIENT, here, input->len);
		*input = (struct slice){NULL, 0};
		return;
	}
	if (line_next(&client->lines, input, &line) == 0)
		return;
	place->offset = offset + (uint64_t)(input->data - start);
	place->line = client->mark;
	client->mark = place->offset;
	if (!is_command_line(line.text)) {
		withhold(session, line.text); /* a server may quote it */
		emit_secret_line(session, STREAM_CLIENT, &line, 0, place);
		client->skip_turn = true;
		return;
	}
	enter_client_state(session, CLIENT_COMMAND);
	on_command_line(session, &line, place);
}

/* After a gap lines count from the first on that reads like a command. What comes before may be the rest of a line, a message or
 * a secret, and is dropped. */
static bool judge_client_line(struct session *session, const struct line *line) {
	struct side_state *client = &session->side[STREAM_CLIENT];
	bool counts = !client->judge_line || is_command_line(line->text);
	client->judge_line = !counts && session->client == CLIENT_COMMAND;
	return counts;
}

/* What is taken for a message although it may be none, or its end, and all that came after it, may have been lost. The line that ends a message is
 * left, for whoever reads the packets again. */
static void hide_lines(struct session *session, struct slice text, uint64_t offset) {
	while (text.len > 0) {
		const char *newline = memchr(text.data, '\n', text.len);
		size_t len = newline != NULL ? (size_t)(newline - text.data) : text.len;
		size_t shown = len > 0 && text.data[len - 1] == '\r' ? 1 : 0;
		if (!(len - shown == 1 && text.data[0] == '.'))
			emit_secret(session, STREAM_CLIENT, offset, len - shown);
		len += newline != NULL;
		offset += len;
		text = slice_skip(text, len);
	}
}

/* What was found in the message since the last time. */
static void tell_false_ends(struct session *session, const struct place *place) {
	const struct body *body = &session->body;
	/* What the client sent after it had heard from the server is a command if the server took the line for the end, and the answer was
	 * lost. */
	if (session->uncertain && place->peer_offset > session->body_peer_offset)
		session->false_ends_told = body->false_end_count;
	for (; session->false_ends_told < body->false_end_count && session->false_ends_told < BODY_FALSE_ENDS_MAX;
		session->false_ends_told++) {
		const struct body_false_end *found = &body->false_ends[session->false_ends_told];
		emit(session, &(struct event){.kind = EVENT_ANOMALY,
			.from = STREAM_CLIENT,
			.at = place->at,
			.anomaly = {.id = EVENT_ANOMALY_FALSE_END, .amount = found->offset, .false_end = found->what}});
	}
}

/* Whoever can put text into the connection before TLS may hope that the server reads it after (CVE-2011-0411). A client that does
 * not begin TLS once it has the answer does something else. */
static void judge_command_before_tls(struct session *session, const struct place *place) {
	if (session->starttls_end == 0 || place->offset < session->starttls_end ||
		place->peer_offset >= session->starttls_reply_end || session->injection_told[STREAM_CLIENT] ||
		session->side[STREAM_CLIENT].at_gap_end)
		return;
	session->injection_told[STREAM_CLIENT] = true;
	emit_anomaly(session, STREAM_CLIENT, EVENT_ANOMALY_COMMAND_BEFORE_TLS, 0, place->at);
}

static void read_client(struct session *session, struct slice input, struct place place) {
	struct side_state *client = &session->side[STREAM_CLIENT];
	const char *start = input.data;
	uint64_t offset = place.offset;
	uint64_t end = offset + input.len;
	client->bytes_seen += input.len;
	/* The server's greeting without a line end: it is over when the client answers it. */
	struct pending *waiting = oldest(session);
	if (waiting != NULL && waiting->kind == PENDING_GREETING && place.peer_offset >= session->side[STREAM_SERVER].offset &&
		line_is_partial(&session->side[STREAM_SERVER].lines)) {
		struct line line;
		struct place greeting = last_server_place(session);
		if (line_flush(&session->side[STREAM_SERVER].lines, &line)) {
			session->unended_greeting = true;
			session->side[STREAM_SERVER].mark = greeting.offset;
			on_server_line(session, &line, &greeting);
		}
	}
	while (input.len > 0 && !session->ignoring) {
		struct line line;
		place.offset = offset + (uint64_t)(input.data - start);
		if (session->client != CLIENT_HELD && !is_line_open(&client->lines))
			client->mark = place.offset;
		switch (session->client) {
		case CLIENT_HELD:
			if (held_reply_is_lost(session, &place) && guess_held_state(session, input, &place, false)) {
				resume_held(session);
				break;
			}
			hold(session, input, &place);
			if (session->client == CLIENT_HELD)
				return;
			resume_held(session);
			break;
		case CLIENT_COMMAND:
		case CLIENT_AUTH:
			if (client->at_gap_end) {
				client->judge_line = true;
				client->at_gap_end = false;
			}
			if (session->client == CLIENT_AUTH && place.peer_offset > client->gap_peer_offset && !line_is_partial(&client->lines))
				client->judge_line = false; /* it answers a challenge that came after the gap */
			if (line_next(&client->lines, &input, &line) == 0)
				break;
			place.offset = offset + (uint64_t)(input.data - start);
			place.line = client->mark;
			client->mark = place.offset;
			if (!judge_client_line(session, &line)) {
				withhold(session, line.text);
				emit_secret_line(session, STREAM_CLIENT, &line, 0, &place);
				/* With the 354 lost too this may be a message, and a line of it that reads like a command is none. */
				if (session->client == CLIENT_COMMAND && session->commands_lost && session->replies_lost) {
					enter_client_state(session, CLIENT_RESYNC);
					client->skip_turn = true;
					client->judge_line = place.new_turn = false;
				}
			} else if (session->client == CLIENT_AUTH && !leaves_auth(session, &line, &place))
				on_auth_line(session, &line, &place);
			else
				on_command_line(session, &line, &place);
			break;
		case CLIENT_BODY: {
			/* The client has heard from the server since the body began: the body and its end are behind us. */
			if (session->body.gap_bytes > 0 && place.peer_offset > session->body_peer_offset) {
				emit_body(session, VERB_DATA, false, place.at);
				end_mail_without_body(session, session->body_mail, false, place.at);
				enter_client_state(session, CLIENT_COMMAND);
				break;
			}
			if (!session->body.started) {
				session->body.started = true;
				session->body.first = place.at;
			}
			client->at_gap_end = false;
			size_t taken = take_body(session, input, place.at);
			tell_false_ends(session, &place);
			if (session->body.gap_bytes > 0 || session->body_unsure)
				hide_lines(session, (struct slice){input.data, taken}, place.offset);
			input.data += taken;
			input.len -= taken;
			place.offset += taken;
			if (session->body.position == BODY_ENDED)
				end_body(session, &place);
			break;
		}
		case CLIENT_CHUNK: {
			size_t taken = session->chunk_left < input.len ? (size_t)session->chunk_left : input.len;
			if (!session->body.started) {
				session->body.started = true;
				session->body.first = place.at;
			}
			client->at_gap_end = false;
			body_pass(&session->body, input.data, taken);
			if (is_message_wanted(session))
				tell_message(session, (struct slice){input.data, taken}, place.at);
			session->chunk_left -= taken;
			input.data += taken;
			input.len -= taken;
			place.offset += taken;
			if (session->chunk_left == 0)
				end_chunk(session, &place);
			break;
		}
		case CLIENT_BINARY: {
			size_t taken = session->chunk_left < input.len ? (size_t)session->chunk_left : input.len;
			emit_secret(session, STREAM_CLIENT, place.offset, taken); /* nobody has read it */
			client->at_gap_end = false;
			session->chunk_left -= taken;
			input.data += taken;
			input.len -= taken;
			place.offset += taken;
			if (session->chunk_left == 0)
				end_binary(session, &place);
			break;
		}
		case CLIENT_RESYNC:
			resynchronise(session, &input, &place, start, offset);
			break;
		case CLIENT_TLS:
			if (tls_is_between_records(&session->tls.side[STREAM_CLIENT]) && !session->tls_implicit && client->sensible &&
				!tls_is_start((const uint8_t *)input.data, 1) && !tls_is_ssl2_start((const uint8_t *)input.data, 1)) {
				/* Plain text after the 220 to STARTTLS. */
				judge_command_before_tls(session, &place);
				enter_client_state(session, CLIENT_COMMAND);
				break;
			}
			client->sensible = false; /* from here on only TLS */
			feed_tls(session, STREAM_CLIENT, input, place.offset, &place);
			return;
		}
	}
	if (input.len == 0 && session->client != CLIENT_HELD && !is_line_open(&client->lines))
		client->mark = end;
}

static void on_client_gap(struct session *session, uint64_t len, const struct place *place) {
	struct side_state *client = &session->side[STREAM_CLIENT];
	struct auth_exchange *exchange = exchange_of(session);
	struct transaction *mail = transaction_find(&session->mails, session->body_mail);
	uint64_t end = place->offset + len;
	/* What comes after all, too late, is read by nobody. */
	hide_open_line(session, STREAM_CLIENT, place->offset);
	emit_secret(session, STREAM_CLIENT, place->offset - client->undecided_len, client->undecided_len + len);
	if (session->client != CLIENT_HELD)
		client->mark = end;
	line_reset(&client->lines);
	if (session->client == CLIENT_TLS)
		lose_tls(session, STREAM_CLIENT);
	client->undecided_len = 0;
	client->at_gap_end = true;
	client->gap_peer_offset = place->peer_offset;
	if (exchange != NULL)
		exchange->blind = true;
	forget_offer(session); /* an EHLO may be in there */
	switch (session->client) {
	case CLIENT_BODY:
		lose_message(session, len, place->at);
		body_gap(&session->body, len);
		if (mail != NULL)
			mail->blind = true; /* its end may be in there */
		return;
	case CLIENT_CHUNK: {
		uint64_t part = len < session->chunk_left ? len : session->chunk_left;
		struct place chunk_end = *place;
		lose_message(session, part, place->at);
		body_gap(&session->body, part);
		session->chunk_left -= part;
		if (session->chunk_left > 0)
			return;
		chunk_end.offset += part;
		end_chunk(session, &chunk_end);
		if (len > part)
			lose_commands(session, end, place->peer_offset);
		return;
	}
	case CLIENT_BINARY: {
		uint64_t taken = len < session->chunk_left ? len : session->chunk_left;
		struct place data_end = *place;
		session->chunk_left -= taken;
		if (session->chunk_left > 0)
			return;
		data_end.offset += taken;
		end_binary(session, &data_end);
		if (len > taken)
			lose_commands(session, end, place->peer_offset);
		return;
	}
	case CLIENT_TLS:
		return;
	case CLIENT_HELD:
	case CLIENT_AUTH:
	case CLIENT_COMMAND:
	case CLIENT_RESYNC:
		if (session->bdat_open) { /* a chunk may be in there */
			lose_message(session, len, place->at);
			body_gap(&session->body, len);
		}
		lose_commands(session, end, place->peer_offset);
		return;
	}
}

/* The client's chunk, now or when what it waited for is there. */
static void take_client_chunk(struct session *session, const struct stream_chunk *chunk, bool new_turn) {
	if (session->layer != NULL && !session->layer->in_text) { /* what was held has begun TLS, and goes on with it */
		feed_layer(session, STREAM_CLIENT, chunk);
		return;
	}
	struct place place = {.at = chunk->at, .offset = chunk->offset, .peer_offset = chunk->peer_offset, .new_turn = new_turn};
	if (chunk->data == NULL && session->client == CLIENT_HELD && hold_push(&session->held, chunk))
		return;
	if (chunk->data != NULL) {
		feed_side(session, STREAM_CLIENT, (struct slice){(const char *)chunk->data, chunk->len}, &place);
		return;
	}
	end_broken_hello(session, STREAM_CLIENT);
	emit(session, &(struct event){.kind = EVENT_GAP,
		.from = STREAM_CLIENT,
		.at = chunk->at,
		.gap = {.side = STREAM_CLIENT, .bytes = chunk->len}});
	on_client_gap(session, chunk->len, &place);
}

/* Goes on with what was held, now that the reply is there. */
static void resume_held(struct session *session) {
	/* What has to be held again stands before what is still held. */
	struct hold_queue held = session->held;
	session->held = (struct hold_queue){0};
	while (session->client != CLIENT_HELD && held.first != NULL) {
		struct held_chunk *item = hold_pop(&held);
		if (item->chunk.data != NULL)
			session->side[STREAM_CLIENT].bytes_seen -= item->chunk.len; /* counted when it was held */
		take_client_chunk(session, &item->chunk, false);
		free(item);
	}
	hold_join(&session->held, &held);
}

/* ---- Session ---- */

static void begin(struct session *session, bool expects_greeting) {
	emit(session, &(struct event){.kind = EVENT_OPEN, .at = session->open.first, .open = &session->open});
	if (expects_greeting) {
		struct pending *greeting = pending_push(&session->pending);
		if (greeting != NULL)
			greeting->kind = PENDING_GREETING;
		/* Without the server's SYN its first bytes captured need not be its first ones. */
		session->uncertain = session->open.handshake_ns < 0;
		return;
	}
	session->start_unseen = true;
	session->uncertain = true;
	session->client = CLIENT_RESYNC;
	session->side[STREAM_CLIENT].at_gap_end = true;
	session->side[STREAM_SERVER].at_gap_end = true;
}

struct session *session_create(const struct stream_open *open, struct event_sink sink) {
	struct session *session = calloc(1, sizeof(*session));
	if (session == NULL)
		return NULL;
	session->sink = sink;
	session->open = *open;
	session->detecting = open->hint == STREAM_HINT_NONE;
	session->proxy_expected = !session->detecting && !open->midstream;
	if (!session->detecting)
		begin(session, !open->midstream);
	return session;
}

static void skip_client(struct session *session, uint64_t offset, size_t len) {
	struct side_state *client = &session->side[STREAM_CLIENT];
	client->offset = client->base = client->mark = offset + len;
}

static void emit_proxy(struct session *session, const struct event_proxy *proxy, struct stream_moment at) {
	emit(session, &(struct event){.kind = EVENT_PROXY, .from = STREAM_CLIENT, .at = at, .proxy = *proxy});
}

static void feed_chunk(struct session *session, const struct stream_chunk *chunk);
static void take_chunk(struct session *session, enum stream_side side, const struct stream_chunk *chunk);

/* The client's first bytes may be a header of the PROXY protocol. Returns false when nothing of the chunk is left. */
static bool take_proxy_header(struct session *session, struct stream_chunk *chunk) {
	struct event_proxy proxy;
	size_t used, before = session->proxy.len;
	if (chunk->data == NULL) {
		session->proxy_expected = false; /* what it was is not known; what was taken of it is no command */
		return true;
	}
	switch (proxy_feed(&session->proxy, chunk->data, chunk->len, &used, &proxy)) {
	case PROXY_MORE:
		skip_client(session, chunk->offset, chunk->len);
		session->side[STREAM_CLIENT].last = chunk->at;
		return false;
	case PROXY_YES:
		session->proxy_expected = false;
		emit_proxy(session, &proxy, chunk->at);
		skip_client(session, chunk->offset, used);
		chunk->data += used;
		chunk->len -= used;
		chunk->offset += used;
		return chunk->len > 0;
	case PROXY_NO:
		break;
	}
	session->proxy_expected = false;
	if (before > 0) {
		struct stream_chunk first = {.side = chunk->side,
			.data = session->proxy.kept,
			.len = before < PROXY_KEPT ? before : PROXY_KEPT,
			.peer_offset = chunk->peer_offset,
			.at = session->side[STREAM_CLIENT].last};
		skip_client(session, 0, 0);
		feed_chunk(session, &first);
	}
	return true;
}

/* RFC 2645, 5.3 and RFC 821, 3.8: after the 250 the client is the server, as if the connection had just been opened, and greets. What of
 * the chunk is behind the 250 was said by the client that the server is now. */
static void reverse(struct session *session, const struct stream_chunk *chunk) {
	struct side_state *server = &session->side[STREAM_SERVER], client = session->side[STREAM_CLIENT];
	uint64_t used = server->mark - chunk->offset;
	struct stream_chunk rest = *chunk;
	server->offset = server->mark;
	server->last = chunk->at;
	session->side[STREAM_CLIENT] = *server;
	session->side[STREAM_SERVER] = client;
	session->reversing = false;
	session->reversed = !session->reversed;
	if (is_in_text(session))
		session->text_swapped = !session->text_swapped;
	else
		session->swapped = !session->swapped;
	forget_offer(session);
	session->greeted = session->greeting_told = session->early_talker_told = session->listed = session->pipelining_seen = false;
	session->authenticated = session->auth_unsettled = session->after_auth = session->login_told = session->binary_offered = false;
	session->tls_offered = session->prdr = session->unended_greeting = false;
	session->injection_told[STREAM_CLIENT] = session->injection_told[STREAM_SERVER] = false;
	session->starttls_end = session->starttls_reply_end = 0;
	session->answered_offset = session->last_spoken_peer_offset = session->body_peer_offset = 0;
	session->began_anew = NULL;
	session->lmtp_count = session->domain_count = 0;
	struct pending *greeting = pending_push(&session->pending);
	if (greeting != NULL)
		greeting->kind = PENDING_GREETING;
	rest.data += used;
	rest.len -= used;
	rest.offset += used;
	if (rest.len > 0 && is_in_text(session))
		take_chunk(session, STREAM_CLIENT, &rest);
	else if (rest.len > 0)
		feed_chunk(session, &rest);
}

static void feed(struct session *session, const struct stream_chunk *chunk) {
	enum stream_side side = session->swapped ? stream_other_side(chunk->side) : chunk->side;
	struct stream_chunk rest = *chunk;
	if (side == STREAM_CLIENT && session->proxy_expected && !take_proxy_header(session, &rest))
		return;
	feed_chunk(session, &rest);
}

/* The next chunk of a side; of its text if that was encrypted. */
static void take_chunk(struct session *session, enum stream_side side, const struct stream_chunk *chunk) {
	struct side_state *own = &session->side[side], *peer = &session->side[stream_other_side(side)];
	struct place place = {.at = chunk->at, .offset = chunk->offset, .peer_offset = chunk->peer_offset};
	place.new_turn = chunk->peer_offset > own->peer_seen || own->offset == 0;
	if (chunk->peer_offset > own->peer_seen)
		own->peer_seen = chunk->peer_offset;
	/* What this side had received is not there: the other side was not captured at all. */
	if (chunk->peer_offset > peer->offset) {
		struct place lost = {.at = chunk->at, .offset = peer->offset, .peer_offset = own->offset};
		uint64_t lost_len = chunk->peer_offset - peer->offset;
		peer->offset = chunk->peer_offset;
		become_uncertain(session);
		if (side == STREAM_SERVER)
			on_client_gap(session, lost_len, &lost);
		else
			on_server_gap(session, lost_len, &lost);
	}
	/* A reply of which the end was lost is over when a client that does not pipeline goes on. */
	if (side == STREAM_CLIENT && chunk->data != NULL && place.new_turn && session->reply.open && session->reply_incomplete && session->uncertain &&
		!session->pipelining_seen && chunk->peer_offset >= peer->offset && !is_line_open(&peer->lines))
		end_lost_reply(session);
	if (side == STREAM_CLIENT) {
		take_client_chunk(session, chunk, place.new_turn);
	} else if (chunk->data != NULL) {
		feed_side(session, STREAM_SERVER, (struct slice){(const char *)chunk->data, chunk->len}, &place);
		if (session->reversing) {
			reverse(session, chunk);
			return;
		}
	} else {
		end_broken_hello(session, STREAM_SERVER);
		emit(session, &(struct event){.kind = EVENT_GAP,
			.from = STREAM_SERVER,
			.at = chunk->at,
			.gap = {.side = STREAM_SERVER, .bytes = chunk->len}});
		on_server_gap(session, chunk->len, &place);
		if (session->reversing) { /* a 250 of which the end is missing: something else may be, too */
			session->reversing = false;
			session->ignoring = true;
			emit_anomaly(session, STREAM_SERVER, EVENT_ANOMALY_REVERSED_UNREAD, 0, chunk->at);
		}
	}
	own->offset = chunk->offset + chunk->len;
	own->last = chunk->at;
	if (session->client != CLIENT_HELD)
		resume_held(session);
}

static void take_outer_chunk(struct session *session, enum stream_side side, const struct stream_chunk *chunk) {
	if (session->layer != NULL)
		feed_layer(session, side, chunk);
	else if (session->tls.encrypted_told)
		follow_encrypted(session, side, chunk);
	else
		take_chunk(session, side, chunk);
	if (session->layer != NULL) /* it may have begun with this chunk */
		session->layer->side[side].offset = chunk->offset + chunk->len;
}

static void feed_chunk(struct session *session, const struct stream_chunk *chunk) {
	take_outer_chunk(session, session->swapped ? stream_other_side(chunk->side) : chunk->side, chunk);
}

/* ---- What is encrypted, and can be read ---- */

static void on_piece(void *context, const struct decryptor_piece *piece);
static void on_decrypted_tls(void *context, enum stream_side side, const struct event_tls *told, struct stream_moment at);

/* The client begins TLS with this chunk. */
static void begin_layer(struct session *session, const struct stream_chunk *chunk) {
	const struct decryptor *decryptor = session->decryptor;
	if (decryptor == NULL || session->decryption_tried || chunk->len == 0 || !tls_is_start(chunk->data, 1) ||
		!decryptor->is_of_use(decryptor->context))
		return;
	session->decryption_tried = true;
	session->layer = calloc(1, sizeof(*session->layer));
	if (session->layer == NULL)
		return;
	struct decryptor_sink sink = {.context = session, .piece = on_piece, .tls = on_decrypted_tls};
	session->layer->decryption = decryptor->begin(decryptor->context, sink);
	if (session->layer->decryption == NULL) {
		free(session->layer);
		session->layer = NULL;
		return;
	}
	for (int side = 0; side < 2; side++)
		session->layer->side[side].offset = session->side[side].offset;
}

/* The bytes behind the handshake are those of a fresh session (RFC 3207, 4.2): what either side had said before is forgotten, and what
 * is not known of it does not matter any more. */
static void begin_text(struct session *session, enum stream_side from, struct stream_moment at) {
	struct reply unread;
	emit_tls(session, from, (struct event_tls){.step = EVENT_TLS_DECRYPTED}, at);
	enter_tls(session, at);
	hide_held(session);
	session->layer->text_begun = true;
	for (enum stream_side side = STREAM_CLIENT; side <= STREAM_SERVER; side++) {
		struct stream_moment last = session->side[side].last;
		session->side[side] = (struct side_state){.last = last};
	}
	session->client = CLIENT_COMMAND;
	session->server = SERVER_REPLY;
	session->uncertain = session->replies_lost = session->pipelining_seen = session->unended_greeting = false;
	session->start_unseen = session->commands_lost = session->auth_unsettled = session->authenticated = false;
	session->after_auth = session->tls_offered = session->bdat_open = false;
	session->reply_incomplete = session->reply_headless = session->reply_behind_loss = false;
	session->lost_commands_end = session->answered_offset = session->last_spoken_peer_offset = 0;
	session->starttls_end = session->starttls_reply_end = 0;
	session->unknown_replies = 0;
	session->listed = false;
	forget_offer(session);
	reply_flush(&session->reply, &unread);
	if (session->tls_implicit) {
		drop_pending(session, session->pending.count, at);
		struct pending *greeting = pending_push(&session->pending);
		if (greeting != NULL)
			greeting->kind = PENDING_GREETING;
	}
	/* Commands that were sent in clear behind STARTTLS: a server that takes them answers here. */
	for (size_t i = 0; i < session->pending.count; i++)
		pending_at(&session->pending, i)->end_offset = 0;
}

/* Something is missing before the first text, which may have been text. */
static void lose_first_text(struct session *session, enum stream_side side, struct stream_moment at) {
	struct layer_side *own = &session->layer->side[side];
	struct place place = {.at = at};
	if (own->lost == 0)
		return;
	(side == STREAM_CLIENT ? on_client_gap : on_server_gap)(session, own->lost, &place);
	own->text_end = session->side[side].offset = own->lost;
	offset_map_add(&own->map, own->lost_end, own->text_end);
}

static void take_text(struct session *session, const struct decryptor_piece *piece) {
	struct layer *layer = session->layer;
	struct layer_side *own = &layer->side[piece->side], *peer = &layer->side[stream_other_side(piece->side)];
	enum stream_side side = session->text_swapped ? stream_other_side(piece->side) : piece->side;
	struct stream_chunk chunk = {
		.side = side,
		.data = piece->data,
		.len = piece->len,
		.offset = own->text_end,
		.peer_offset = offset_map_get(&peer->map, piece->peer_offset),
		.at = piece->at,
	};
	/* How much of the BDAT chunk is in the hole is not known, nor where the next command begins. */
	if (piece->data == NULL && side == STREAM_CLIENT && session->client == CLIENT_CHUNK) {
		layer->give_up = EVENT_TLS_REASON_GAP;
		return;
	}
	own->text_end += piece->len;
	offset_map_add(&own->map, piece->end_offset, own->text_end);
	if (piece->captured) { /* it is not missing from the capture, but nobody can read it: no gap to tell of */
		struct place place = {.at = piece->at, .offset = chunk.offset, .peer_offset = chunk.peer_offset};
		(side == STREAM_CLIENT ? on_client_gap : on_server_gap)(session, piece->len, &place);
		session->side[side].offset = own->text_end;
		return;
	}
	take_chunk(session, side, &chunk);
}

static void on_piece(void *context, const struct decryptor_piece *piece) {
	struct session *session = context;
	struct layer *layer = session->layer;
	if (session->ignoring || layer->give_up != EVENT_TLS_REASON_NONE)
		return;
	if (!layer->text_begun && piece->data == NULL) {
		layer->side[piece->side].lost += piece->len;
		layer->side[piece->side].lost_end = piece->end_offset;
		return;
	}
	bool begins = !layer->text_begun;
	if (begins)
		begin_text(session, piece->side, piece->at);
	layer->in_text = true;
	if (begins) {
		lose_first_text(session, STREAM_CLIENT, piece->at);
		lose_first_text(session, STREAM_SERVER, piece->at);
	}
	take_text(session, piece);
	layer->in_text = false;
}

/* Encrypted, and told as if it had been in clear. */
static void on_decrypted_tls(void *context, enum stream_side side, const struct event_tls *told, struct stream_moment at) {
	struct session *session = context;
	struct event_tls tls = *told;
	struct tls_scratch scratch;
	if (session->ignoring || session->layer->give_up != EVENT_TLS_REASON_NONE)
		return;
	if (tls.step == EVENT_TLS_ALERT) {
		struct tls_item item = {.kind = TLS_ITEM_ALERT, .level = tls.alert_level, .description = tls.alert_description};
		tls_tell(&session->tls, side, &item, &scratch, &tls);
	}
	emit_tls(session, side, tls, at);
}

/* What is half read will not be read to its end. */
static void break_off_text(struct session *session, struct stream_moment at) {
	struct layer *layer = session->layer;
	layer->in_text = true;
	if (session->client == CLIENT_BODY || session->client == CLIENT_CHUNK)
		emit_body(session, session->client == CLIENT_BODY ? VERB_DATA : VERB_BDAT, false, at);
	enter_tls(session, at);
	hide_held(session);
	layer->in_text = false;
	become_uncertain(session); /* replies that are still to come will not be seen */
	for (int side = 0; side < 2; side++) {
		struct side_state *own = &session->side[side];
		*own = (struct side_state){.offset = layer->side[side].offset,
			.mark = layer->side[side].offset,
			.bytes_seen = layer->side[side].offset,
			.last = own->last};
	}
}

/* It cannot be read any more, or could not be at all. */
static void end_layer(struct session *session, enum stream_side from, struct stream_moment at) {
	struct layer *layer = session->layer;
	session->decryption_ended =
		layer->give_up != EVENT_TLS_REASON_NONE ? layer->give_up : session->decryptor->reason(layer->decryption);
	session->decryptor->end(layer->decryption);
	layer->decryption = NULL;
	bool text_begun = layer->text_begun, encrypted = layer->encrypted || text_begun;
	if (text_begun) {
		break_off_text(session, at);
	} else if (encrypted) {
		from = layer->encrypted_from;
		at = layer->encrypted_at;
	}
	free(layer);
	session->layer = NULL;
	if (!encrypted)
		return;
	session->tls.encrypted_told = true;
	emit_tls(session, from, (struct event_tls){.step = EVENT_TLS_ENCRYPTED, .reason = session->decryption_ended}, at);
	if (!text_begun)
		become_encrypted(session, at);
}

static void decrypt(struct session *session, const struct stream_chunk *chunk) {
	enum decryptor_state state = session->decryptor->feed(session->layer->decryption, chunk);
	if (state == DECRYPTOR_BLIND || session->layer->give_up != EVENT_TLS_REASON_NONE)
		end_layer(session, chunk->side, chunk->at);
}

/* told: the hole is one in what was captured, and not a side that was not captured at all. */
static void lose_encrypted(struct session *session, enum stream_side side, const struct stream_chunk *gap, bool told) {
	struct place place = {.at = gap->at, .offset = gap->offset, .peer_offset = gap->peer_offset};
	session->layer->side[side].offset = gap->offset + gap->len;
	if (session->layer->text_begun) {
		tls_lose(&session->tls.side[side]);
	} else {
		end_broken_hello(session, side);
		if (told)
			emit(session, &(struct event){
				.kind = EVENT_GAP, .from = side, .at = gap->at, .gap = {.side = side, .bytes = gap->len}});
		(side == STREAM_CLIENT ? on_client_gap : on_server_gap)(session, gap->len, &place);
	}
	decrypt(session, gap);
}

/* The other side has sent what was not captured. */
static void lose_encrypted_of_peer(struct session *session, enum stream_side side, const struct stream_chunk *chunk) {
	enum stream_side other = stream_other_side(side);
	uint64_t end = session->layer->side[other].offset;
	if (chunk->peer_offset <= end)
		return;
	lose_encrypted(session, other,
		&(struct stream_chunk){.side = other,
			.len = chunk->peer_offset - end,
			.offset = end,
			.peer_offset = session->layer->side[side].offset,
			.at = chunk->at},
		false);
	if (session->layer == NULL || !session->layer->text_begun)
		session->side[other].offset = session->side[other].mark = chunk->peer_offset;
}

/* The next chunk of an encrypted stream. */
static void feed_layer(struct session *session, enum stream_side side, const struct stream_chunk *chunk) {
	struct side_state *own = &session->side[side];
	struct place place = {.at = chunk->at, .offset = chunk->offset, .peer_offset = chunk->peer_offset};
	struct stream_chunk copy = *chunk;
	copy.side = side;
	lose_encrypted_of_peer(session, side, chunk);
	if (session->layer == NULL) {
		take_outer_chunk(session, side, chunk);
		return;
	}
	if (chunk->data == NULL) {
		lose_encrypted(session, side, &copy, true);
	} else {
		feed_tls(session, side, (struct slice){(const char *)chunk->data, chunk->len}, chunk->offset, &place);
	}
	if (session->layer != NULL && session->layer->text_begun)
		return; /* what is noted of a side is noted of its text: a part of a record is none yet */
	own->last = chunk->at;
	own->offset = own->mark = chunk->offset + chunk->len;
	own->bytes_seen += chunk->data != NULL ? chunk->len : 0;
	if (chunk->peer_offset > own->peer_seen)
		own->peer_seen = chunk->peer_offset;
}

/* The connection has ended. */
static void finish_layer(struct session *session, struct stream_moment at) {
	struct layer *layer = session->layer;
	if (layer == NULL)
		return;
	enum decryptor_state state = session->decryptor->finish(layer->decryption);
	if (state == DECRYPTOR_BLIND || layer->give_up != EVENT_TLS_REASON_NONE)
		end_layer(session, STREAM_SERVER, at);
	else
		layer->in_text = layer->text_begun;
}

void session_set_decryptor(struct session *session, const struct decryptor *decryptor) {
	session->decryptor = decryptor;
}

static void begin_detected(struct session *session, const struct detect_result *found) {
	session->detecting = false;
	session->swapped = found->roles_swapped;
	/* Joined in the middle, which of the two began is a guess, but a good one when only one of the ports is a service's: what is said
	 * the other way round is said behind TURN or ATRN then. */
	session->reversed = session->swapped && session->open.midstream && session->open.server.port < SERVICE_PORTS_END &&
		session->open.client.port >= SERVICE_PORTS_END;
	if (session->swapped && !session->reversed) {
		struct stream_endpoint client = session->open.client;
		uint32_t client_isn = session->open.client_isn;
		session->open.client = session->open.server;
		session->open.server = client;
		session->open.client_isn = session->open.server_isn;
		session->open.server_isn = client_isn;
		int64_t client_rtt_ns = session->open.client_rtt_ns;
		session->open.client_rtt_ns = session->open.server_rtt_ns;
		session->open.server_rtt_ns = client_rtt_ns;
	}
	struct hold_queue held = session->held;
	session->held = (struct hold_queue){0};
	begin(session, found->starts_with_greeting);
	if (session->reversed)
		emit_anomaly(session, STREAM_CLIENT, EVENT_ANOMALY_ROLES_REVERSED, 0, session->open.first);
	uint64_t skipped = 0;
	bool told = false;
	for (size_t i = 0; held.first != NULL; i++) {
		struct held_chunk *item = hold_pop(&held);
		struct stream_chunk chunk = item->chunk;
		enum stream_side side = session->swapped ? stream_other_side(chunk.side) : chunk.side;
		size_t skip = i < found->skip_chunks ? chunk.len : i == found->skip_chunks ? found->skip_bytes : 0;
		skipped += skip;
		struct event_proxy proxy;
		size_t used;
		if (skip > 0 && side == STREAM_CLIENT && chunk.data != NULL &&
			proxy_feed(&session->proxy, chunk.data, skip, &used, &proxy) == PROXY_YES && used == skip) {
			emit_proxy(session, &proxy, chunk.at);
			skipped -= session->proxy.len;
		}
		emit_secret(session, side, chunk.offset, skip); /* nobody has read it */
		session->side[side].offset += skip;
		session->side[side].base += skip;
		session->side[side].mark += skip;
		if (i >= found->skip_chunks) {
			if (skipped > 0 && !told)
				emit_anomaly(session, side, EVENT_ANOMALY_PREFACE, skipped, chunk.at);
			told = true;
			if (chunk.data != NULL)
				chunk.data += skip;
			chunk.len -= skip;
			chunk.offset += skip;
			feed(session, &chunk);
		}
		free(item);
	}
}

static void detect(struct session *session, const struct stream_chunk *chunk) {
	struct detect_result found;
	bool kept = hold_push(&session->held, chunk);
	enum detect_verdict verdict = kept ? detect_smtp(&session->held, &found) : DETECT_NO;
	if (verdict == DETECT_YES) {
		begin_detected(session, &found);
	} else if (verdict == DETECT_NO) {
		hold_finish(&session->held);
		session->ignoring = true;
	}
}

enum stream_interest session_feed(struct session *session, const struct stream_chunk *chunk) {
	if (!session->ignoring) {
		if (session->detecting)
			detect(session, chunk);
		else
			feed(session, chunk);
	}
	return session->ignoring ? STREAM_IGNORE : STREAM_CONTINUE;
}

/* The client's bytes that still wait for a reply which will not come: only their kind matters now. */
static void settle_held(struct session *session, struct stream_moment at) {
	if (session->client != CLIENT_HELD || session->held.first == NULL || session->pending.count == 0)
		return;
	const struct stream_chunk *chunk = &session->held.first->chunk;
	struct place place = {.at = at, .offset = chunk->offset, .peer_offset = chunk->peer_offset};
	become_uncertain(session);
	guess_held_state(session, (struct slice){NULL, 0}, &place, true);
	resume_held(session);
}

/* What was not understood by now will not be, nor what the capture may hold behind it. What is encrypted needs no hiding. */
static void hide_rest(struct session *session) {
	struct side_state *server = &session->side[STREAM_SERVER];
	uint64_t shown = server->mark;
	if (session->tls.encrypted_told || is_in_text(session))
		return;
	struct slice open_line = {server->lines.partial, server->lines.len};
	if (open_line.len >= CODE_LEN && reply_is_line(open_line) && !server->judge_line && !session->ignoring)
		shown = session->auth == NULL ? server->offset : server->mark + CODE_LEN; /* see session_finish() */
	emit_secret(session, STREAM_SERVER, shown, STREAM_TO_END);
	emit_secret(session, STREAM_CLIENT, session->side[STREAM_CLIENT].mark, STREAM_TO_END);
}

/* Only who saw the connection end can say that no more would have come. */
static bool is_ended(const struct stream_close *close) {
	bool reset = close->how == STREAM_CLOSE_RESET_BY_CLIENT || close->how == STREAM_CLOSE_RESET_BY_SERVER;
	return close->how == STREAM_CLOSE_FIN || (reset && !close->reset_ahead);
}

void session_peek(const struct session *session, const struct stream_close *close, struct stream_close *ret_close,
	struct event_close *ret_event) {
	struct stream_close *told = ret_close;
	*told = *close;
	if (session->swapped != is_outside_reversed(session)) {
		told->side[STREAM_CLIENT] = close->side[STREAM_SERVER];
		told->side[STREAM_SERVER] = close->side[STREAM_CLIENT];
		if (close->how == STREAM_CLOSE_RESET_BY_CLIENT)
			told->how = STREAM_CLOSE_RESET_BY_SERVER;
		else if (close->how == STREAM_CLOSE_RESET_BY_SERVER)
			told->how = STREAM_CLOSE_RESET_BY_CLIENT;
	}
	const struct side_state *client = &session->side[STREAM_CLIENT], *server = &session->side[STREAM_SERVER];
	/* A side that was heard by the other, or spoken to, without a packet of it in the capture. */
	bool text = session->layer != NULL && session->layer->text_begun; /* so both were seen */
	bool one_sided = !text && ((client->bytes_seen == 0 && client->offset > client->base) ||
		(server->bytes_seen == 0 && server->offset > server->base));
	for (int side = 0; side < 2; side++)
		one_sided |= told->side[side].packets > 0 && told->side[side].bytes > 0 && told->side[!side].packets == 0;
	*ret_event = (struct event_close){.stream = told, .protocol = session->protocol, .one_sided = one_sided};
	if (session->tls.side[STREAM_CLIENT].begun || session->tls.side[STREAM_SERVER].begun)
		ret_event->tls = tls_end(&session->tls, !one_sided, is_ended(close));
}

/* A line that never ended, the first of a side, may be another protocol's first message. */
static void judge_rest(struct session *session) {
	for (enum stream_side side = STREAM_CLIENT; side <= STREAM_SERVER; side++) {
		const struct side_state *state = &session->side[side];
		bool text_expected = side == STREAM_CLIENT ? session->client == CLIENT_COMMAND : session->server == SERVER_REPLY;
		if (text_expected && !session->ignoring && !state->judge_line && is_line_open(&state->lines) && state->rubbish == 0)
			judge_foreign(session, side, (struct slice){state->lines.partial, state->lines.len}, state->last);
	}
}

bool session_finish(struct session *session, const struct stream_close *close) {
	if (session->detecting)
		return false;
	struct stream_moment at = close->last;
	finish_layer(session, at);
	settle_held(session, at);
	end_broken_hello(session, STREAM_CLIENT);
	end_broken_hello(session, STREAM_SERVER);
	judge_rest(session);
	hide_rest(session);
	struct reply reply;
	struct place place = last_server_place(session);
	struct line line;
	if (session->server == SERVER_REPLY && !session->ignoring && !session->side[STREAM_SERVER].judge_line) {
		if (line_flush(&session->side[STREAM_SERVER].lines, &line) && reply_is_line(line.text)) {
			session->reply_incomplete = true;
			if (session->auth != NULL)
				shorten_to_code(&line); /* the start of a secret is not recognised as one */
			on_server_line(session, &line, &place);
		}
		if (reply_flush(&session->reply, &reply)) {
			session->reply_incomplete = true;
			place = last_reply_place(session);
			on_reply(session, &reply, &place);
		}
	}
	if (session->client == CLIENT_BODY || session->client == CLIENT_CHUNK)
		emit_body(session, session->client == CLIENT_BODY ? VERB_DATA : VERB_BDAT, false, at);
	end_auth(session, EVENT_AUTH_UNKNOWN, at);
	struct stream_close told;
	struct event_close event;
	session_peek(session, close, &told, &event);
	if (session->uncertain || event.one_sided)
		drop_pending(session, session->pending.count, at); /* their replies may be what was not captured */
	end_all_mails(session, is_ended(close) && !session->ignoring && !session->tls.encrypted_told, at);
	emit(session, &(struct event){.kind = EVENT_CLOSE, .at = at, .close = event});
	return true;
}

size_t session_memory(const struct session *session) {
	return sizeof(*session) + session->side[STREAM_CLIENT].lines.capacity + session->side[STREAM_SERVER].lines.capacity +
		session->reply.text_capacity + (session->reply.more_lines != NULL ? REPLY_LINES_MAX * sizeof(struct slice) : 0) +
		session->pending.capacity * sizeof(struct pending) + session->held.bytes +
		(session->layer != NULL ? sizeof(*session->layer) + session->decryptor->memory(session->layer->decryption) : 0) +
		session->tls.side[STREAM_CLIENT].message_capacity + session->tls.side[STREAM_SERVER].message_capacity +
		(session->auth != NULL ? sizeof(*session->auth) : 0) + (session->origin != NULL ? sizeof(*session->origin) : 0) +
		(session->domains != NULL ? DOMAINS_MAX * sizeof(*session->domains) : 0) + session->lmtp_capacity * sizeof(*session->lmtp_recipients);
}

void session_destroy(struct session *session) {
	if (session == NULL)
		return;
	line_finish(&session->side[STREAM_CLIENT].lines);
	line_finish(&session->side[STREAM_SERVER].lines);
	tls_finish(&session->tls.side[STREAM_CLIENT]);
	tls_finish(&session->tls.side[STREAM_SERVER]);
	if (session->layer != NULL)
		session->decryptor->end(session->layer->decryption);
	free(session->layer);
	reply_finish(&session->reply);
	pending_finish(&session->pending);
	hold_finish(&session->held);
	if (session->auth != NULL)
		memset(session->auth, 0, sizeof(*session->auth));
	free(session->auth);
	free(session->origin);
	free(session->domains);
	free(session->lmtp_recipients);
	free(session);
}
