/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The report for people.
 *
 * Columns of a timeline line:  !  time  frame  arrow  words on the wire          meaning
 * A meaning that does not fit beside the words goes below them. Every line keeps to the width, whatever the wire says.
 */
#include "report/text.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <langinfo.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "report/findings.h"
#include "report/identity.h"
#include "report/meaning.h"
#include "report/terminal.h"

enum {
	WIDTH_USUAL = 80,
	WIDTH_MIN = 60,
	WIDTH_MAX = 200,
	LABEL_COLUMN = 1,
	FACT_COLUMN = 10, /* where the facts of the header block begin */
	FINDING_COLUMN = 11,
	TIME_WIDTH = 8,
	FRAME_WIDTH_MIN = 5, /* as wide as its heading */
	MEANING_GAP = 2,     /* blanks between words and meaning */
	LINE_ROWS_MAX = 4,   /* rows of one command or extension; longer ones are cut */
	REPLY_ROWS_MAX = 10, /* rows of one reply */
	FACT_ROWS_MAX = 6,
	NAMED_MAX = 3, /* mails and login attempts that the header names one by one */
};

enum style {
	STYLE_PLAIN,
	STYLE_TITLE,
	STYLE_DIM,
	STYLE_CLIENT,
	STYLE_SERVER,
	STYLE_GOOD,
	STYLE_WARN,
	STYLE_BAD,
	STYLE_LOST,
	STYLE_COUNT
};

static const char *const style_codes[STYLE_COUNT] = {
	[STYLE_PLAIN] = NULL,
	[STYLE_TITLE] = "\033[1m",
	[STYLE_DIM] = "\033[2m",
	[STYLE_CLIENT] = "\033[36m",
	[STYLE_SERVER] = "\033[34m",
	[STYLE_GOOD] = "\033[32m",
	[STYLE_WARN] = "\033[33m",
	[STYLE_BAD] = "\033[1;31m",
	[STYLE_LOST] = "\033[35m",
};

/* The few characters that are prettier in UTF-8. */
struct symbols {
	const char *rule, *to_server, *to_client, *network, *arrow, *dot, *below;
};

static const struct symbols symbols_utf8 = {"─", "→", "←", "·", "→", " · ", "└ "};
static const struct symbols symbols_ascii = {"-", "->", "<-", "--", "->", " | ", "= "};

struct totals {
	uint64_t sessions, not_established, encrypted;
	uint64_t mails_accepted, mails_refused, mails_aborted, mails_unknown;
	uint64_t logins_accepted, logins_rejected, logins_other;
	uint64_t findings[FINDING_CRITICAL + 1];
};

struct writer {
	FILE *out;
	bool colour, ascii;
	size_t width;
	enum writer_users users;
	struct identity_user *identity; /* only for WRITER_USERS_HASH */
	char alias[IDENTITY_USER_SIZE];
	const struct symbols *symbols;
	size_t column; /* of the cursor, from 0 */
	size_t blanks; /* before the cursor that are not written yet: at the end of a line they never are */
	struct totals totals;
};

/* Where the timeline stands; what later lines need to know of earlier ones. */
struct timeline {
	const struct record *record;
	double unit_ns; /* of the time column */
	int frame_width;
	size_t words_column;
	uint32_t auth_command; /* id of the AUTH command that steps belong to */
	struct slice mechanism;
	unsigned auth_responses;  /* seen so far, the initial one included */
	unsigned auth_challenges; /* 334 replies seen so far */
	bool auth_cancelled;
	uint32_t last_chunk; /* id of the BDAT command that ends a message */
};

/* ---- characters, rows and columns ---- */

static void put(struct writer *writer, const char *words, size_t len, size_t columns) {
	static const char blanks[] = "                                                                ";

	while (len > 0 && writer->blanks > 0) {
		size_t count = writer->blanks < sizeof(blanks) - 1 ? writer->blanks : sizeof(blanks) - 1;

		fwrite_unlocked(blanks, 1, count, writer->out);
		writer->blanks -= count;
	}
	fwrite_unlocked(words, 1, len, writer->out);
	writer->column += columns;
}

static void put_ascii(struct writer *writer, const char *words) {
	put(writer, words, strlen(words), strlen(words));
}

static void put_symbol(struct writer *writer, const char *symbol) {
	put(writer, symbol, strlen(symbol), writer->ascii ? strlen(symbol) : 1);
}

static void paint(struct writer *writer, enum style style) {
	if (writer->colour && style != STYLE_PLAIN)
		fputs_unlocked(style_codes[style], writer->out);
}

static void unpaint(struct writer *writer, enum style style) {
	if (writer->colour && style != STYLE_PLAIN)
		fputs_unlocked("\033[0m", writer->out);
}

static void newline(struct writer *writer) {
	putc_unlocked('\n', writer->out);
	writer->column = writer->blanks = 0;
}

static void pad_to(struct writer *writer, size_t column) {
	if (writer->column < column) {
		writer->blanks += column - writer->column;
		writer->column = column;
	}
}

/* Columns and bytes of the next word, blanks before it not included. */
static size_t measure_word(const struct writer *writer, const char *words, size_t *ret_columns) {
	char shown[TERMINAL_SHOWN_MAX];
	size_t len = 0, columns;

	while (words[len] > ' ' && words[len] < 0x7f)
		len++;
	for (*ret_columns = len; words[len] != 0 && words[len] != ' '; *ret_columns += columns)
		len += terminal_character(words + len, strnlen(words + len, 4), writer->ascii, shown, &columns);
	return len;
}

/* Returns where to break instead of at used so that an escape such as \x1b stays whole; used when it is none or all there
 * is. */
static size_t keep_escape_whole(const char *words, size_t used) {
	static const struct {
		char letter;
		size_t len;
	} escapes[] = {{'x', 4}, {'u', 6}, {'U', 10}};

	for (size_t i = 0; i < sizeof(escapes) / sizeof(escapes[0]); i++)
		for (size_t back = 1; back < escapes[i].len && back < used; back++)
			if (words[used - back] == '\\' && words[used - back + 1] == escapes[i].letter)
				return used - back;
	return used;
}

/* Writes as many whole characters of a longer word as fit into columns_max. Returns their bytes. */
static size_t put_part(struct writer *writer, const char *words, size_t len, size_t columns_max) {
	char shown[TERMINAL_SHOWN_MAX];
	size_t used = 0, columns = 0, columns_used = 0, kept;

	while (used < len) {
		size_t step = terminal_character(words + used, len - used, writer->ascii, shown, &columns);

		if (columns_used + columns > columns_max && used > 0)
			break;
		columns_used += columns;
		used += step;
	}
	kept = keep_escape_whole(words, used);
	put(writer, words, kept, columns_used - (used - kept)); /* an escape is ASCII: one column a byte */
	return kept;
}

/* Writes a text from the cursor on, broken between words into rows that start at indent; words that are longer than a row
 * are broken anywhere. What needs more than rows_max rows is cut and ends with an ellipsis. Returns how many rows it took.
 */
static size_t flow(
	struct writer *writer, enum style style, const struct terminal_text *text, size_t indent, size_t rows_max) {
	const char *ellipsis = writer->ascii ? "..." : "…";
	const size_t ellipsis_columns = writer->ascii ? 3 : 1;
	const char *at = text->data;
	size_t rows = 1, pending = 0; /* blanks that are written only if a word follows in the same row */
	bool row_empty = true;

	paint(writer, style);
	while (*at != 0) {
		size_t columns, len, right = writer->width, left;

		while (*at == ' ') {
			pending++;
			at++;
		}
		if (*at == 0)
			break;
		len = measure_word(writer, at, &columns);
		/* The last row keeps room for the ellipsis, unless this word is the last one and fits. */
		if (rows >= rows_max && (at[len] != 0 || writer->column + pending + columns > right))
			right -= ellipsis_columns;
		if (writer->column + pending + columns <= right) {
			pad_to(writer, writer->column + pending);
			put(writer, at, len, columns);
			at += len;
			pending = 0;
			row_empty = false;
			continue;
		}
		left = writer->column + pending < right ? right - writer->column - pending : 0;
		if (columns > writer->width - indent && left >= (writer->width - indent) / 2) {
			pad_to(writer, writer->column + pending); /* a very long word begins here: it is broken anyway */
			at += put_part(writer, at, len, left);
		} else if (row_empty && left > 0) {
			at += put_part(writer, at, len, left);
		}
		pending = 0;
		if (rows >= rows_max) {
			put(writer, ellipsis, strlen(ellipsis), ellipsis_columns);
			break;
		}
		unpaint(writer, style);
		newline(writer);
		pad_to(writer, indent);
		paint(writer, style);
		row_empty = true;
		rows++;
	}
	unpaint(writer, style);
	return rows;
}

static void put_words(struct writer *writer, enum style style, const struct terminal_text *text) {
	paint(writer, style);
	put(writer, text->data, text->len, text->columns);
	unpaint(writer, style);
}

/* Writes what our side says about the words before the cursor: beside them when there is room, else below. Words of the wire
 * begin at words_column. */
static void put_meaning(
	struct writer *writer, enum style style, const struct terminal_text *meaning, size_t words_column, bool beside) {
	size_t wanted = words_column + (writer->width - words_column) / 2;
	size_t start = writer->column + MEANING_GAP;

	if (meaning->len == 0)
		return;
	if (beside && start + meaning->columns <= writer->width) {
		/* In its own column if it fits there, further left if it does not. */
		if (start < wanted)
			start = wanted + meaning->columns <= writer->width ? wanted : writer->width - meaning->columns;
		pad_to(writer, start);
		put_words(writer, style, meaning);
		return;
	}
	newline(writer);
	pad_to(writer, words_column + 2);
	paint(writer, style);
	put(writer, writer->symbols->below, strlen(writer->symbols->below), 2);
	unpaint(writer, style);
	flow(writer, style, meaning, words_column + 4, 3);
}

/* ---- values ---- */

static const char *alias_user(void *context, struct slice username) {
	struct writer *writer = context;

	if (writer->users == WRITER_USERS_HASH && writer->identity != NULL) {
		identity_user_hash(writer->identity, username, writer->alias);
		return writer->alias;
	}
	return "(omitted)";
}

static void add_user(struct writer *writer, struct terminal_text *text, struct slice username) {
	if (writer->users != WRITER_USERS_KEEP) {
		terminal_text_add(text, alias_user(writer, username));
		return;
	}
	terminal_text_add(text, "\"");
	terminal_text_wire(text, username, 40);
	terminal_text_add(text, "\"");
}

static void add_path(struct terminal_text *text, struct slice path) {
	terminal_text_add(text, "<");
	terminal_text_wire(text, path, 64);
	terminal_text_add(text, ">");
}

static void add_duration(struct terminal_text *text, int64_t ns) {
	double seconds = (double)(ns < 0 ? 0 : ns) / 1e9;

	if (seconds < 0.1)
		terminal_text_format(text, seconds < 0.001 ? "%.2f ms" : "%.1f ms", seconds * 1e3);
	else if (seconds < 120)
		terminal_text_format(text, seconds < 10 ? "%.2f s" : "%.1f s", seconds);
	else if (seconds < 7200)
		terminal_text_format(text, "%d min %d s", (int)(seconds / 60), (int)seconds % 60);
	else
		terminal_text_format(text, "%d h %d min", (int)(seconds / 3600), (int)(seconds / 60) % 60);
}

static void add_time(struct terminal_text *text, int64_t time_ns) {
	int64_t second = time_ns / 1000000000, rest = time_ns % 1000000000;
	time_t when;
	struct tm tm;
	char date[40];

	if (rest < 0) {
		rest += 1000000000;
		second--;
	}
	when = (time_t)second;
	if (gmtime_r(&when, &tm) == NULL || strftime(date, sizeof(date), "%Y-%m-%d %H:%M:%S", &tm) == 0) {
		terminal_text_add(text, "unknown time");
		return;
	}
	terminal_text_format(text, "%s.%06d UTC", date, (int)(rest / 1000));
}

static void add_code(struct terminal_text *text, const struct record_reply *reply) {
	terminal_text_format(text, "%u", reply->code);
	if (reply->enhanced.len > 0) {
		terminal_text_add(text, " ");
		terminal_text_wire(text, reply->enhanced, 12);
	}
}

static bool is_refusal(const struct record_reply *reply) {
	return reply->seen && reply->code >= 400;
}

/* Does the absence of a login mean anything here? Not between mail servers: they deliver to port 25 without one. */
static bool is_login_expected(const struct record *record) {
	return record->offered_count > 0 && (record->open.server.port != 25 || record->attempt_count > 0);
}

/* ---- the header block ---- */

static void put_fact(struct writer *writer, const char *label, enum style style, const struct terminal_text *text) {
	if (text->len == 0)
		return;
	pad_to(writer, LABEL_COLUMN);
	paint(writer, STYLE_DIM);
	put_ascii(writer, label);
	unpaint(writer, STYLE_DIM);
	pad_to(writer, FACT_COLUMN);
	flow(writer, style, text, FACT_COLUMN, FACT_ROWS_MAX);
	newline(writer);
}

static void put_rule(struct writer *writer, const char *symbol, size_t until) {
	while (writer->column < until)
		put(writer, symbol, strlen(symbol), 1);
}

/* ── 192.0.2.10:49712 → 192.0.2.1:587 ───────────────────────── tcp.stream eq 3 ── */
static void put_title(struct writer *writer, const struct record *record) {
	const char *rule = writer->symbols->rule;
	struct terminal_text text, filter;

	terminal_text_init(&text, writer->ascii);
	terminal_text_endpoint(&text, &record->open.client, true);
	terminal_text_format(&text, " %s ", writer->symbols->arrow);
	terminal_text_endpoint(&text, &record->open.server, true);
	terminal_text_init(&filter, writer->ascii);
	terminal_text_format(&filter, "tcp.stream eq %" PRIu64, record->open.stream);
	paint(writer, STYLE_DIM);
	put_rule(writer, rule, 2);
	unpaint(writer, STYLE_DIM);
	pad_to(writer, 3);
	flow(writer, STYLE_TITLE, &text, 3, 3);
	if (writer->column + filter.columns + 6 > writer->width) /* two long IPv6 addresses */
		newline(writer);
	else
		pad_to(writer, writer->column + 1);
	paint(writer, STYLE_DIM);
	put_rule(writer, rule, writer->width - filter.columns - 4);
	pad_to(writer, writer->column + 1);
	put_words(writer, STYLE_PLAIN, &filter);
	pad_to(writer, writer->column + 1);
	put_rule(writer, rule, writer->width);
	unpaint(writer, STYLE_DIM);
	newline(writer);
}

static const char *protocol_name(enum event_protocol protocol) {
	switch (protocol) {
	case EVENT_PROTOCOL_SMTP:
		return "SMTP";
	case EVENT_PROTOCOL_ESMTP:
		return "ESMTP";
	case EVENT_PROTOCOL_LMTP:
		return "LMTP";
	case EVENT_PROTOCOL_SMTPS:
		return "SMTPS";
	case EVENT_PROTOCOL_UNKNOWN:
		break;
	}
	return NULL;
}

static void add_attempt(struct writer *writer, struct terminal_text *text, const struct record_attempt *attempt) {
	static const char *const results[] = {
		[EVENT_AUTH_UNKNOWN] = "outcome unknown",
		[EVENT_AUTH_ACCEPTED] = "accepted",
		[EVENT_AUTH_REJECTED] = "rejected",
		[EVENT_AUTH_CANCELLED] = "cancelled",
	};

	if (attempt->mechanism.len > 0)
		terminal_text_wire(text, attempt->mechanism, 20);
	else
		terminal_text_add(text, "AUTH");
	if (attempt->has_username) {
		terminal_text_add(text, " as ");
		add_user(writer, text, attempt->username);
	}
	if (attempt->result == EVENT_AUTH_REJECTED && attempt->reply.seen && attempt->reply.code < 500)
		terminal_text_add(text, " not possible now");
	else
		terminal_text_format(text, " %s", results[attempt->result]);
	if (is_refusal(&attempt->reply)) {
		terminal_text_add(text, " (");
		add_code(text, &attempt->reply);
		terminal_text_add(text, ")");
	}
	if (attempt->encrypted)
		terminal_text_add(text, ", encrypted");
}

static void put_login(struct writer *writer, const struct record *record) {
	struct terminal_text text;
	enum style style = STYLE_PLAIN;
	uint64_t count = 0;

	terminal_text_init(&text, writer->ascii);
	if (record->attempt_count > 0) {
		for (const struct record_attempt *attempt = record->attempts; attempt != NULL && count < NAMED_MAX;
			attempt = attempt->next, count++) {
			if (count > 0)
				terminal_text_add(&text, "; ");
			add_attempt(writer, &text, attempt);
		}
		if (record->attempt_count > count)
			terminal_text_format(&text, "; and %zu more", record->attempt_count - (size_t)count);
		style = record->auth == RECORD_AUTH_ACCEPTED   ? STYLE_GOOD
			: record->auth == RECORD_AUTH_REJECTED ? STYLE_BAD
							       : STYLE_PLAIN;
	} else {
		switch (record->auth) {
		case RECORD_AUTH_NOT_ATTEMPTED:
			terminal_text_add(&text, "none; mail was sent without one");
			break;
		case RECORD_AUTH_UNUSED:
			terminal_text_add(&text, "none tried");
			break;
		case RECORD_AUTH_NOT_OFFERED:
			terminal_text_add(&text, "not offered by the server");
			break;
		default:
			if (record->protocol == EVENT_PROTOCOL_UNKNOWN && record->mail_count == 0 && !record->tls_seen &&
				!record->open.midstream && record->gap_count == 0)
				return; /* it never came to that */
			terminal_text_add(&text, record->tls_seen ? "unknown: encrypted" : "unknown");
			break;
		}
		for (size_t i = 0; i < record->offered_count; i++) {
			terminal_text_add(&text, i == 0 ? " (offered: " : " ");
			terminal_text_wire(&text, record->offered[i], 20);
		}
		terminal_text_add(&text, record->offered_count > 0 ? ")" : "");
	}
	put_fact(writer, "login", style, &text);
}

static void add_recipients(struct terminal_text *text, const struct record_mail *mail) {
	const struct record_recipient *first = mail->recipients;

	if (first == NULL)
		return;
	terminal_text_add(text, " to ");
	add_path(text, first->to);
	if (mail->recipient_count > 1)
		terminal_text_format(text, " and %zu more", mail->recipient_count - 1);
}

static const struct record_reply *mail_refusal(const struct record_mail *mail) {
	if (is_refusal(&mail->reply))
		return &mail->reply;
	for (const struct record_recipient *recipient = mail->recipients; recipient != NULL; recipient = recipient->next)
		if (is_refusal(&recipient->reply))
			return &recipient->reply;
	if (is_refusal(&mail->data_reply))
		return &mail->data_reply;
	return is_refusal(&mail->body_reply) ? &mail->body_reply : NULL;
}

static void put_mail(struct writer *writer, const struct record *record, const struct record_mail *mail) {
	static const struct {
		const char *words;
		enum style style;
	} results[] = {
		[EVENT_MAIL_UNKNOWN] = {"outcome unknown", STYLE_LOST},
		[EVENT_MAIL_ACCEPTED] = {"accepted", STYLE_GOOD},
		[EVENT_MAIL_REJECTED] = {"refused", STYLE_BAD},
		[EVENT_MAIL_ABORTED] = {"given up by the client", STYLE_WARN},
	};
	const struct record_reply *refusal = mail->result == EVENT_MAIL_ACCEPTED ? NULL : mail_refusal(mail);
	struct terminal_text text;

	terminal_text_init(&text, writer->ascii);
	terminal_text_add(&text, results[mail->result].words);
	if (mail->authenticated == EVENT_AUTHENTICATED_NO && is_login_expected(record))
		terminal_text_add(&text, " without login");
	if (refusal != NULL) {
		terminal_text_add(&text, " (");
		add_code(&text, refusal);
		terminal_text_add(&text, ")");
	}
	terminal_text_add(&text, ": ");
	if (mail->seen)
		add_path(&text, mail->from);
	else
		terminal_text_add(&text, "sender not captured");
	add_recipients(&text, mail);
	if (mail->has_body) {
		terminal_text_add(&text, ", ");
		terminal_text_number(&text, mail->body.bytes, "byte", "bytes");
	}
	put_fact(writer, "mail", results[mail->result].style, &text);
}

static void put_mails(struct writer *writer, const struct record *record) {
	uint64_t shown = 0, other, more[EVENT_MAIL_ABORTED + 1] = {0};
	struct terminal_text text;

	for (const struct record_mail *mail = record->mails; mail != NULL; mail = mail->next) {
		if (shown < NAMED_MAX || (shown == NAMED_MAX && mail->next == NULL && record->mail_count == NAMED_MAX + 1)) {
			put_mail(writer, record, mail);
			shown++;
		} else {
			more[mail->result]++;
		}
	}
	if (record->mail_count <= shown)
		return;
	terminal_text_init(&text, writer->ascii);
	terminal_text_add(&text, "and ");
	terminal_text_count(&text, record->mail_count - shown);
	terminal_text_add(&text, " more: ");
	terminal_text_count(&text, more[EVENT_MAIL_ACCEPTED]);
	terminal_text_add(&text, " accepted, ");
	terminal_text_count(&text, more[EVENT_MAIL_REJECTED]);
	terminal_text_add(&text, " refused");
	other = record->mail_count - shown - more[EVENT_MAIL_ACCEPTED] - more[EVENT_MAIL_REJECTED];
	if (other > 0) {
		terminal_text_add(&text, ", ");
		terminal_text_count(&text, other);
		terminal_text_add(&text, " other");
	}
	put_fact(writer, "", STYLE_PLAIN, &text);
}

static void put_header(struct writer *writer, const struct record *record) {
	int64_t duration = record->close.last.time_ns - record->open.first.time_ns;
	const char *protocol = protocol_name(record->protocol);
	const char *dot = writer->symbols->dot;
	struct terminal_text text;

	put_title(writer, record);
	terminal_text_init(&text, writer->ascii);
	add_time(&text, record->open.first.time_ns);
	terminal_text_add(&text, dot);
	add_duration(&text, duration);
	if (protocol != NULL)
		terminal_text_format(&text, "%s%s", dot, protocol);
	for (size_t i = 0; i < record->open.vlan_count; i++)
		terminal_text_format(&text, "%sVLAN %u", i == 0 ? dot : ".", record->open.vlan[i]);
	put_fact(writer, "when", STYLE_PLAIN, &text);

	terminal_text_init(&text, writer->ascii);
	if (record->open.source != NULL)
		terminal_text_wire(&text, (struct slice){record->open.source, strlen(record->open.source)}, 200);
	terminal_text_format(&text, ", frames %" PRIu64 "-%" PRIu64, record->open.first.frame, record->close.last.frame);
	put_fact(writer, "capture", STYLE_PLAIN, &text);

	terminal_text_init(&text, writer->ascii);
	terminal_text_wire(&text, record->client_name, 200);
	if (record->open.roles_guessed)
		terminal_text_add(
			&text, text.len > 0 ? " (which side is the client was guessed)" : "guessed, may be the server");
	put_fact(writer, "client", STYLE_PLAIN, &text);

	terminal_text_init(&text, writer->ascii);
	terminal_text_wire(&text, record->banner.len > 0 ? record->banner : record->server_name, 300);
	put_fact(writer, "server", STYLE_PLAIN, &text);

	if (record->tls_seen || record->tls_refused) {
		terminal_text_init(&text, writer->ascii);
		if (record->tls_seen)
			terminal_text_format(&text, "encrypted from frame %" PRIu64 " on (%s)", record->tls_at.frame,
				record->tls_implicit ? "TLS from the start" : "STARTTLS");
		else
			terminal_text_add(&text, "refused by the server");
		put_fact(writer, "TLS", STYLE_PLAIN, &text);
	}
	put_login(writer, record);
	put_mails(writer, record);

	terminal_text_init(&text, writer->ascii);
	terminal_text_add(&text, meaning_close(record->close.how));
	put_fact(writer, "ended", STYLE_PLAIN, &text);
}

/* ---- the timeline ---- */

/* The columns before the words: a mark on what went wrong, relative time, frame, direction. */
static void put_prefix(
	struct writer *writer, const struct timeline *timeline, const struct record_timeline_entry *entry, char mark) {
	const struct symbols *symbols = writer->symbols;
	double time = (double)(entry->at.time_ns - timeline->record->open.first.time_ns) / timeline->unit_ns;
	enum style style = entry->from == RECORD_FROM_CLIENT ? STYLE_CLIENT : STYLE_SERVER;
	struct terminal_text text;

	terminal_text_init(&text, writer->ascii);
	terminal_text_format(&text, "%c", mark);
	put_words(writer, mark == '!' ? STYLE_BAD : mark == '?' ? STYLE_LOST : STYLE_PLAIN, &text);
	terminal_text_init(&text, writer->ascii);
	terminal_text_format(&text, "%*.3f %*" PRIu64 "  ", TIME_WIDTH, time, timeline->frame_width, entry->at.frame);
	put_words(writer, STYLE_DIM, &text);
	if (entry->from == RECORD_FROM_NETWORK)
		style = STYLE_DIM;
	paint(writer, style);
	put_symbol(writer, entry->from == RECORD_FROM_CLIENT   ? symbols->to_server
			   : entry->from == RECORD_FROM_SERVER ? symbols->to_client
							       : symbols->network);
	unpaint(writer, style);
	pad_to(writer, timeline->words_column);
}

/* Writes one step: words in their style, and the meaning beside or below. */
static void put_step(struct writer *writer, const struct timeline *timeline, enum style style,
	const struct terminal_text *words, enum style meaning_style, const struct terminal_text *meaning) {
	size_t rows = flow(writer, style, words, timeline->words_column + 2, LINE_ROWS_MAX);

	put_meaning(writer, meaning_style, meaning, timeline->words_column, rows == 1);
	newline(writer);
}

static bool mechanism_is(const struct timeline *timeline, const char *name) {
	return timeline->mechanism.len == strlen(name) && memcmp(timeline->mechanism.data, name, strlen(name)) == 0;
}

/* The words for what a client's response in an AUTH exchange is; the response itself never leaves the decoder. */
static void add_response(
	struct writer *writer, struct terminal_text *text, const struct timeline *timeline, const struct event_auth *auth) {
	bool login = mechanism_is(timeline, "LOGIN");
	const char *secret = login || mechanism_is(timeline, "PLAIN") ? "password" : "response";

	if (login && timeline->auth_responses > 1) {
		terminal_text_add(text, secret);
	} else if (!auth->has_username) {
		terminal_text_add(text, login ? "user name" : secret);
	} else {
		terminal_text_add(text, "user ");
		add_user(writer, text, auth->username);
		if (!login)
			terminal_text_format(text, " and %s", secret);
	}
}

/* Returns the response that came with the AUTH command itself, if the next entry is that. */
static const struct event_auth *initial_response(const struct record *record, size_t index) {
	const struct record_timeline_entry *entry = &record->timeline[index], *next = entry + 1;

	if (index + 1 >= record->timeline_count || next->kind != RECORD_AUTH || next->auth.step != EVENT_AUTH_RESPONSE ||
		next->at.frame != entry->at.frame || next->auth.command != entry->command.id ||
		!entry->command.argument_withheld)
		return NULL;
	return &next->auth;
}

/* RFC 3030, 2: BDAT size [ SP LAST ] */
static bool is_last_chunk(struct slice argument) {
	return argument.len > 5 && strncasecmp(argument.data + argument.len - 5, " LAST", 5) == 0;
}

/* Returns how many entries it took. */
static size_t put_command(struct writer *writer, struct timeline *timeline, size_t index) {
	const struct record_timeline_entry *entry = &timeline->record->timeline[index];
	const struct event_command *command = &entry->command;
	const struct event_auth *initial = NULL;
	struct terminal_text words, meaning;
	enum style style = STYLE_DIM;

	terminal_text_init(&words, writer->ascii);
	terminal_text_init(&meaning, writer->ascii);
	if (command->name.len == 0)
		terminal_text_add(&words, "(line not shown: it may hold a secret)");
	terminal_text_wire(&words, command->name, 40);
	if (command->argument.len > 0) {
		terminal_text_add(&words, " ");
		terminal_text_wire(&words, command->argument, 1000);
	}
	if (command->argument_withheld && command->name.len > 0)
		terminal_text_add(&words, " ****");

	if (command->name.len > 0)
		terminal_text_add(&meaning, meaning_command(command->verb, command->name));
	if (command->verb == VERB_AUTH) {
		timeline->auth_command = command->id;
		timeline->mechanism = command->argument;
		timeline->auth_responses = command->argument_withheld;
		timeline->auth_challenges = 0;
		timeline->auth_cancelled = false;
		initial = initial_response(timeline->record, index);
		if (initial != NULL && initial->has_username) {
			terminal_text_add(&meaning, " as ");
			add_user(writer, &meaning, initial->username);
		} else if (command->argument.len > 0) {
			terminal_text_add(&meaning, " with ");
			terminal_text_wire(&meaning, command->argument, 20);
		}
	} else if (command->verb == VERB_BDAT) {
		if (is_last_chunk(command->argument))
			timeline->last_chunk = command->id;
	} else if (command->verb == VERB_MAIL) {
		if (command->authenticated == EVENT_AUTHENTICATED_YES)
			terminal_text_add(&meaning, ", logged in");
		else if (command->authenticated == EVENT_AUTHENTICATED_NO && timeline->record->offered_count > 0)
			terminal_text_add(&meaning, ", not logged in");
		if (command->authenticated == EVENT_AUTHENTICATED_NO && is_login_expected(timeline->record))
			style = STYLE_WARN;
	} else if (command->verb == VERB_RCPT && command->recipient > 1) {
		terminal_text_init(&meaning, writer->ascii);
		terminal_text_format(&meaning, "recipient %u", (unsigned)command->recipient);
	}
	put_prefix(writer, timeline, entry, ' ');
	put_step(writer, timeline, STYLE_PLAIN, &words, style, &meaning);
	return initial != NULL ? 2 : 1;
}

static enum style reply_style(uint16_t code) {
	return code >= 500 ? STYLE_BAD : code >= 400 ? STYLE_WARN : STYLE_PLAIN;
}

static bool is_capability_list(const struct record *record, const struct event_reply *reply) {
	if (reply->code / 100 != 2 || reply->line_count < 2)
		return false;
	if (reply->answers == EVENT_ANSWERS_COMMAND)
		return reply->verb == VERB_EHLO || reply->verb == VERB_LHLO;
	/* The decoder may have known it for one although the command was not captured. */
	return reply->answers == EVENT_ANSWERS_UNKNOWN && record->clear.line_count > 0 &&
	       record->clear.lines[0].len == reply->lines[1].len && record->clear.lines[0].len > 0 &&
	       memcmp(record->clear.lines[0].data, reply->lines[1].data, reply->lines[1].len) == 0;
}

/* The extensions of an EHLO reply in one paragraph. A name is never torn from its parameters if a row can hold both. */
static void put_capabilities(struct writer *writer, const struct event_reply *reply, size_t indent) {
	const char *dot = writer->symbols->dot;
	const size_t dot_columns = 3;

	newline(writer);
	pad_to(writer, indent);
	for (size_t i = 1; i < reply->line_count; i++) {
		struct terminal_text text;

		terminal_text_init(&text, writer->ascii);
		terminal_text_wire(&text, reply->lines[i], 300);
		if (i > 1 && writer->column + dot_columns + text.columns > writer->width) {
			newline(writer);
			pad_to(writer, indent);
		} else if (i > 1) {
			pad_to(writer, writer->column + 1);
			paint(writer, STYLE_DIM);
			put(writer, dot + 1, strlen(dot) - 2, 1);
			unpaint(writer, STYLE_DIM);
			pad_to(writer, writer->column + 1);
		}
		flow(writer, STYLE_PLAIN, &text, indent + 2, LINE_ROWS_MAX);
	}
}

/* A line that brings its own status code, because the lines of the reply differ in it. */
static bool starts_with_status(struct slice line) {
	return line.len > 4 && line.data[0] >= '2' && line.data[0] <= '5' && line.data[1] == '.' && line.data[2] >= '0' &&
	       line.data[2] <= '9';
}

static void add_reply_meaning(struct terminal_text *meaning, struct timeline *timeline, const struct event_reply *reply) {
	if (reply->code == 334) {
		bool login = mechanism_is(timeline, "LOGIN");

		if (login && timeline->auth_challenges + timeline->auth_responses < 3)
			terminal_text_format(
				meaning, "asks for the %s", timeline->auth_responses > 0 ? "password" : "user name");
		else
			terminal_text_add(meaning,
				mechanism_is(timeline, "PLAIN") ? "asks for user and password" : "sends a challenge");
		timeline->auth_challenges++;
	} else if (reply->answers == EVENT_ANSWERS_AUTH && timeline->auth_cancelled && reply->code >= 500) {
		terminal_text_add(meaning, "login cancelled"); /* RFC 4954, 4: 501 is what the client asked for */
	} else if (is_capability_list(timeline->record, reply)) {
		terminal_text_add(meaning, "offers ");
		terminal_text_number(meaning, reply->line_count - 1 + reply->lines_over_limit, "extension", "extensions");
	} else {
		struct event_reply told = *reply;

		if (reply->answers == EVENT_ANSWERS_COMMAND && reply->verb == VERB_BDAT &&
			reply->command == timeline->last_chunk)
			told.answers = EVENT_ANSWERS_BODY;
		meaning_add_reply(meaning, &told);
		if (reply->recipient > 1 && reply->code < 400)
			terminal_text_format(meaning, " (%u)", (unsigned)reply->recipient);
	}
	if (reply->answers == EVENT_ANSWERS_NOTHING && reply->code != 421)
		terminal_text_add(meaning, ", unasked");
	else if (reply->answers == EVENT_ANSWERS_UNKNOWN && reply->code / 100 != 3 && reply->code != 0)
		terminal_text_add(meaning, " (command not captured)");
	if (reply->latency_ns >= 1000000000) {
		terminal_text_add(meaning, ", after ");
		add_duration(meaning, reply->latency_ns);
	}
}

/* Appends "(3 more lines)" for what was not kept. */
static void add_more_lines(struct terminal_text *words, uint64_t over) {
	if (over == 0)
		return;
	terminal_text_add(words, words->len > 0 && words->data[words->len - 1] != ' ' ? " (" : "(");
	terminal_text_number(words, over, "more line)", "more lines)");
}

/* Writes the text of a reply after its code, which is in words. Lines keep their rows if each fits into one; otherwise all
 * flow together as one paragraph. Returns whether all of it is in the row of the code. */
static bool put_reply_lines(
	struct writer *writer, const struct event_reply *reply, size_t indent, struct terminal_text *words) {
	enum style style = reply_style(reply->code);
	size_t shown = reply->line_count < REPLY_ROWS_MAX ? reply->line_count : REPLY_ROWS_MAX;
	size_t rows = 0;
	bool rows_kept = true;

	if (reply->text_withheld)
		terminal_text_add(words, "****");
	for (size_t i = 0; i < reply->line_count && rows_kept; i++)
		rows_kept = reply->lines[i].len <= writer->width - indent - (i == 0 ? words->columns : 0);
	if (!rows_kept || reply->line_count == 0) {
		for (size_t i = 0; i < reply->line_count && !words->full; i++) {
			terminal_text_add(words, i > 0 ? " " : "");
			terminal_text_wire(words, reply->lines[i], TERMINAL_TEXT_MAX);
		}
		add_more_lines(words, reply->lines_over_limit);
		return flow(writer, style, words, indent, REPLY_ROWS_MAX) == 1;
	}
	for (size_t i = 0; i < shown; i++) {
		if (i > 0) {
			newline(writer);
			pad_to(writer, indent);
			terminal_text_init(words, writer->ascii);
		}
		terminal_text_wire(words, reply->lines[i], TERMINAL_TEXT_MAX);
		if (i + 1 == shown)
			add_more_lines(words, reply->line_count - shown + reply->lines_over_limit);
		rows += flow(writer, style, words, indent, 2);
	}
	return rows == 1;
}

/* Returns how many entries it took. */
static size_t put_reply(struct writer *writer, struct timeline *timeline, size_t index) {
	const struct record_timeline_entry *entry = &timeline->record->timeline[index], *next = entry + 1;
	const struct event_reply *reply = &entry->reply;
	struct terminal_text words, meaning;
	size_t indent = timeline->words_column + 4, taken = 1;
	bool one_row;

	terminal_text_init(&words, writer->ascii);
	terminal_text_init(&meaning, writer->ascii);
	add_reply_meaning(&meaning, timeline, reply);
	put_prefix(writer, timeline, entry,
		reply->code >= 400 || reply->answers == EVENT_ANSWERS_NOTHING ? '!'
		: reply->code == 0                                            ? '?'
									      : ' ');
	if (reply->code == 0) {
		terminal_text_add(&words, "(reply)");
	} else {
		terminal_text_format(&words, "%u ", reply->code);
		if (reply->enhanced.len > 0 && !(reply->line_count > 0 && starts_with_status(reply->lines[0]))) {
			terminal_text_wire(&words, reply->enhanced, 12);
			terminal_text_add(&words, " ");
		}
		if (reply->incomplete)
			terminal_text_add(&words, "(start lost) ");
	}
	if (is_capability_list(timeline->record, reply)) {
		terminal_text_wire(&words, reply->lines[0], 200);
		one_row = flow(writer, STYLE_PLAIN, &words, indent, LINE_ROWS_MAX) == 1;
	} else {
		one_row = put_reply_lines(writer, reply, indent, &words);
	}
	put_meaning(writer, reply->code >= 400 ? reply_style(reply->code) : STYLE_DIM, &meaning, timeline->words_column,
		one_row);
	if (is_capability_list(timeline->record, reply))
		put_capabilities(writer, reply, indent);
	newline(writer);
	/* The challenge in the reply may also be a step of its own. */
	if (reply->code == 334 && index + 1 < timeline->record->timeline_count && next->kind == RECORD_AUTH &&
		next->auth.step == EVENT_AUTH_CHALLENGE)
		taken++;
	return taken;
}

static void put_auth(struct writer *writer, struct timeline *timeline, const struct record_timeline_entry *entry) {
	const struct event_auth *auth = &entry->auth;
	struct terminal_text words, meaning;

	terminal_text_init(&words, writer->ascii);
	terminal_text_init(&meaning, writer->ascii);
	if (timeline->auth_command != auth->command) { /* its command fell into a gap */
		timeline->auth_command = auth->command;
		timeline->mechanism = auth->mechanism;
		timeline->auth_responses = timeline->auth_challenges = 0;
	}
	switch (auth->step) {
	case EVENT_AUTH_CHALLENGE:
		terminal_text_add(&words, "334 ****");
		terminal_text_add(&meaning, "sends a challenge");
		timeline->auth_challenges++;
		break;
	case EVENT_AUTH_RESPONSE:
		timeline->auth_responses++;
		terminal_text_add(&words, "****");
		add_response(writer, &meaning, timeline, auth);
		break;
	case EVENT_AUTH_CANCEL:
		terminal_text_add(&words, "*");
		terminal_text_add(&meaning, "gives this login up");
		timeline->auth_cancelled = true;
		break;
	}
	put_prefix(writer, timeline, entry, ' ');
	put_step(writer, timeline, STYLE_PLAIN, &words, STYLE_DIM, &meaning);
}

static void put_body(struct writer *writer, struct timeline *timeline, const struct record_timeline_entry *entry) {
	const struct event_body *body = &entry->body;
	int64_t duration = entry->at.time_ns - body->start_ns;
	struct terminal_text words, meaning;

	terminal_text_init(&words, writer->ascii);
	terminal_text_init(&meaning, writer->ascii);
	terminal_text_add(&words, "(message: ");
	terminal_text_number(&words, body->bytes, "byte", "bytes");
	terminal_text_add(&words, ", ");
	terminal_text_number(&words, body->lines, "line", "lines");
	terminal_text_add(&words, ")");
	if (body->gap_bytes > 0) {
		terminal_text_number(&meaning, body->gap_bytes, "byte", "bytes");
		terminal_text_add(&meaning, " not captured");
	} else {
		terminal_text_add(&meaning, body->complete ? "sends the message"
					    : timeline->record->gap_count > 0 || timeline->record->one_sided
						    ? "not captured whole"
						    : "message cut short");
	}
	if (body->start_ns > 0 && duration >= 1000000000) {
		terminal_text_add(&meaning, ", in ");
		add_duration(&meaning, duration);
	}
	put_prefix(writer, timeline, entry, body->gap_bytes > 0 || !body->complete ? '?' : ' ');
	put_step(writer, timeline, STYLE_PLAIN, &words, STYLE_DIM, &meaning);
}

static void put_other(struct writer *writer, struct timeline *timeline, const struct record_timeline_entry *entry) {
	static const char *const tls_words[] = {
		[EVENT_TLS_CLIENT_HELLO] = "TLS ClientHello",
		[EVENT_TLS_SERVER_HELLO] = "TLS ServerHello",
		[EVENT_TLS_ENCRYPTED] = "(encrypted)",
	};
	static const char *const tls_meanings[] = {
		[EVENT_TLS_CLIENT_HELLO] = "begins encryption",
		[EVENT_TLS_SERVER_HELLO] = "agrees to encryption",
		[EVENT_TLS_ENCRYPTED] = "unreadable from here on",
	};
	const struct record *record = timeline->record;
	struct terminal_text words, meaning;
	enum style style = STYLE_PLAIN;
	char mark = ' ';

	terminal_text_init(&words, writer->ascii);
	terminal_text_init(&meaning, writer->ascii);
	switch (entry->kind) {
	case RECORD_CONNECT:
		terminal_text_add(&words, "connected");
		if (entry->handshake_ns >= 0) {
			terminal_text_add(&words, " in ");
			add_duration(&words, entry->handshake_ns);
		}
		style = STYLE_DIM;
		break;
	case RECORD_TLS:
		terminal_text_add(&words, tls_words[entry->tls.step]);
		terminal_text_add(&meaning, tls_meanings[entry->tls.step]);
		break;
	case RECORD_GAP:
		terminal_text_add(&words, "(");
		terminal_text_number(&words, entry->gap.bytes, "byte", "bytes");
		terminal_text_format(&words, " of the %s missing from the capture)",
			entry->gap.side == STREAM_CLIENT ? "client" : "server");
		style = STYLE_LOST;
		mark = '?';
		break;
	case RECORD_ANOMALY:
		terminal_text_format(&words, "(%s", meaning_anomaly(entry->anomaly.id));
		if (entry->anomaly.amount > 0) {
			terminal_text_add(&words, ": ");
			terminal_text_count(&words, entry->anomaly.amount);
		}
		terminal_text_add(&words, ")");
		style = STYLE_WARN;
		mark = '!';
		break;
	case RECORD_FAILED:
		terminal_text_add(&words, meaning_close(record->close.how));
		if (record->close.icmp != NULL) {
			terminal_text_add(&words, ": ICMP ");
			terminal_text_wire(&words, (struct slice){record->close.icmp, strlen(record->close.icmp)}, 60);
		}
		if (record->close.syn_retries > 0) {
			terminal_text_add(&meaning, "after ");
			terminal_text_number(&meaning, record->close.syn_retries + 1, "try", "tries");
		}
		style = STYLE_BAD;
		mark = '!';
		break;
	default:
		terminal_text_add(&words, meaning_close(record->close.how));
		style = STYLE_DIM;
		break;
	}
	put_prefix(writer, timeline, entry, mark);
	put_step(writer, timeline, style, &words, STYLE_DIM, &meaning);
}

static void put_timeline(struct writer *writer, const struct record *record) {
	/* Within a second milliseconds tell more. */
	bool short_session = record->close.last.time_ns - record->open.first.time_ns < 1000000000;
	struct timeline timeline = {.record = record, .unit_ns = short_session ? 1e6 : 1e9, .frame_width = FRAME_WIDTH_MIN};
	struct terminal_text text;

	for (uint64_t frame = record->close.last.frame; frame >= 100000; frame /= 10)
		timeline.frame_width++;
	timeline.words_column = 1 + TIME_WIDTH + 1 + (size_t)timeline.frame_width + 2 + (writer->ascii ? 2 : 1) + 1;
	newline(writer);
	terminal_text_init(&text, writer->ascii);
	terminal_text_format(&text, " %*s %*s", TIME_WIDTH, short_session ? "ms" : "seconds", timeline.frame_width, "frame");
	put_words(writer, STYLE_DIM, &text);
	newline(writer);
	for (size_t i = 0; i < record->timeline_count;) {
		const struct record_timeline_entry *entry = &record->timeline[i];

		switch (entry->kind) {
		case RECORD_COMMAND:
			i += put_command(writer, &timeline, i);
			break;
		case RECORD_GREETING:
		case RECORD_REPLY:
			i += put_reply(writer, &timeline, i);
			break;
		case RECORD_AUTH:
			put_auth(writer, &timeline, entry);
			i++;
			break;
		case RECORD_ANOMALY:
			/* The reply itself says that it is one to nothing. */
			if (entry->anomaly.id != EVENT_ANOMALY_UNSOLICITED_REPLY || i + 1 == record->timeline_count ||
				entry[1].kind != RECORD_REPLY || entry[1].reply.answers != EVENT_ANSWERS_NOTHING)
				put_other(writer, &timeline, entry);
			i++;
			break;
		case RECORD_BODY:
			put_body(writer, &timeline, entry);
			i++;
			break;
		default:
			put_other(writer, &timeline, entry);
			i++;
			break;
		}
	}
	if (record->timeline_truncated > 0) {
		pad_to(writer, timeline.words_column);
		terminal_text_init(&text, writer->ascii);
		terminal_text_add(&text, "(");
		terminal_text_number(&text, record->timeline_truncated, "more step)", "more steps)");
		put_words(writer, STYLE_LOST, &text);
		newline(writer);
	}
}

/* ---- findings ---- */

static enum style severity_style(enum finding_severity severity) {
	switch (severity) {
	case FINDING_CRITICAL:
	case FINDING_HIGH:
		return STYLE_BAD;
	case FINDING_MEDIUM:
		return STYLE_WARN;
	case FINDING_LOW:
		return STYLE_CLIENT;
	default:
		return STYLE_DIM;
	}
}

static void put_finding(struct writer *writer, const struct record *record, const struct finding *finding) {
	const char *severity = findings_severity_name(finding->severity);
	enum style style = severity_style(finding->severity);
	struct terminal_text text;

	pad_to(writer, LABEL_COLUMN);
	terminal_text_init(&text, writer->ascii);
	for (size_t i = 0; severity[i] != 0; i++)
		terminal_text_format(
			&text, "%c", finding->severity >= FINDING_MEDIUM ? severity[i] - 'a' + 'A' : severity[i]);
	put_words(writer, style, &text);
	pad_to(writer, FINDING_COLUMN);
	terminal_text_init(&text, writer->ascii);
	terminal_text_add(&text, finding->title);
	flow(writer, STYLE_TITLE, &text, FINDING_COLUMN, 2);
	newline(writer);

	pad_to(writer, FINDING_COLUMN);
	terminal_text_init(&text, writer->ascii);
	findings_add_explanation(&text, record, finding, writer->users == WRITER_USERS_KEEP ? NULL : alias_user, writer);
	flow(writer, STYLE_PLAIN, &text, FINDING_COLUMN, SIZE_MAX);
	newline(writer);

	pad_to(writer, FINDING_COLUMN);
	terminal_text_init(&text, writer->ascii);
	terminal_text_add(&text, finding->id);
	for (size_t i = 0; i < finding->frame_count; i++)
		terminal_text_format(&text, "%s%" PRIu64,
			i > 0                      ? ", "
			: finding->frame_count > 1 ? ": frames "
						   : ": frame ",
			finding->frames[i]);
	for (size_t i = 0; finding->attack != NULL && finding->attack[i] != NULL; i++)
		terminal_text_format(&text, "%s%s", i > 0 ? ", " : "; ATT&CK ", finding->attack[i]);
	flow(writer, STYLE_DIM, &text, FINDING_COLUMN, 3);
	newline(writer);
}

static void put_findings(struct writer *writer, const struct record *record) {
	for (const struct finding *finding = record->findings; finding != NULL; finding = finding->next) {
		newline(writer);
		put_finding(writer, record, finding);
	}
}

/* ---- the end of the run ---- */

static void count_record(struct totals *totals, const struct record *record) {
	totals->sessions++;
	totals->not_established += record->result == RECORD_RESULT_NOT_ESTABLISHED;
	totals->encrypted += record->result == RECORD_RESULT_ENCRYPTED;
	for (const struct record_mail *mail = record->mails; mail != NULL; mail = mail->next) {
		totals->mails_accepted += mail->result == EVENT_MAIL_ACCEPTED;
		totals->mails_refused += mail->result == EVENT_MAIL_REJECTED;
		totals->mails_aborted += mail->result == EVENT_MAIL_ABORTED;
		totals->mails_unknown += mail->result == EVENT_MAIL_UNKNOWN;
	}
	for (const struct record_attempt *attempt = record->attempts; attempt != NULL; attempt = attempt->next) {
		if (attempt->result == EVENT_AUTH_ACCEPTED)
			totals->logins_accepted++;
		else if (attempt->result == EVENT_AUTH_REJECTED)
			totals->logins_rejected++;
		else
			totals->logins_other++;
	}
	for (const struct finding *finding = record->findings; finding != NULL; finding = finding->next)
		totals->findings[finding->severity]++;
}

/* Appends ", 3 refused" for a count that is not 0. */
static void add_if_any(struct terminal_text *text, uint64_t count, const char *words, bool *first) {
	if (count == 0)
		return;
	terminal_text_add(text, *first ? "" : ", ");
	terminal_text_count(text, count);
	terminal_text_format(text, " %s", words);
	*first = false;
}

static void add_totals(struct terminal_text *text, const struct totals *totals) {
	bool first = true;

	terminal_text_number(text, totals->sessions, "session", "sessions");
	if (totals->not_established + totals->encrypted > 0) {
		terminal_text_add(text, " (");
		add_if_any(text, totals->not_established, "never connected", &first);
		add_if_any(text, totals->encrypted, "encrypted", &first);
		terminal_text_add(text, ")");
	}
	terminal_text_add(text, ". Mail: ");
	first = true;
	add_if_any(text, totals->mails_accepted, "accepted", &first);
	add_if_any(text, totals->mails_refused, "refused", &first);
	add_if_any(text, totals->mails_aborted, "given up", &first);
	add_if_any(text, totals->mails_unknown, "unknown", &first);
	terminal_text_add(text, first ? "none seen. Logins: " : ". Logins: ");
	first = true;
	add_if_any(text, totals->logins_accepted, "accepted", &first);
	add_if_any(text, totals->logins_rejected, "rejected", &first);
	add_if_any(text, totals->logins_other, "other", &first);
	terminal_text_add(text, first ? "none seen. Findings: " : ". Findings: ");
	first = true;
	for (size_t i = FINDING_CRITICAL + 1; i-- > 0;)
		add_if_any(text, totals->findings[i], findings_severity_name((enum finding_severity)i), &first);
	terminal_text_add(text, first ? "none." : ".");
}

static void add_statistics(struct terminal_text *text, const struct writer_statistics *statistics) {
	if (statistics->gap_bytes > 0) {
		terminal_text_add(text, " The capture lacks ");
		terminal_text_number(text, statistics->gap_bytes, "byte", "bytes");
		terminal_text_add(text, " in ");
		terminal_text_number(text, statistics->gaps, "place", "places");
		terminal_text_add(text, ".");
	}
	if (statistics->evictions > 0) {
		terminal_text_add(text, " ");
		terminal_text_number(text, statistics->evictions, "connection was", "connections were");
		terminal_text_add(text, " given up for lack of memory.");
	}
}

static int result_of(struct writer *writer) {
	if (!ferror_unlocked(writer->out))
		return 0;
	return errno > 0 ? -errno : -EIO;
}

/* ---- the format ---- */

static void text_destroy(struct writer *writer) {
	if (writer == NULL)
		return;
	identity_user_destroy(writer->identity);
	free(writer);
}

static struct writer *text_create(const struct writer_options *options, FILE *out) {
	struct writer *writer = calloc(1, sizeof(*writer));

	if (writer == NULL)
		return NULL;
	writer->out = out;
	writer->colour = options->colour;
	writer->users = options->users;
	writer->ascii = strcmp(nl_langinfo(CODESET), "UTF-8") != 0;
	writer->symbols = writer->ascii ? &symbols_ascii : &symbols_utf8;
	writer->width = options->width <= 0          ? WIDTH_USUAL
			: options->width < WIDTH_MIN ? WIDTH_MIN
			: options->width > WIDTH_MAX ? WIDTH_MAX
						     : (size_t)options->width;
	if (writer->users == WRITER_USERS_HASH) {
		writer->identity = identity_user_create();
		if (writer->identity == NULL) {
			free(writer);
			return NULL;
		}
	}
	return writer;
}

static int text_session(struct writer *writer, const struct record *record) {
	errno = 0;
	if (writer->totals.sessions > 0)
		newline(writer);
	count_record(&writer->totals, record);
	put_header(writer, record);
	put_timeline(writer, record);
	put_findings(writer, record);
	return result_of(writer);
}

static int text_end(struct writer *writer, const struct writer_statistics *statistics) {
	struct terminal_text text;

	errno = 0;
	terminal_text_init(&text, writer->ascii);
	if (writer->totals.sessions > 0) {
		newline(writer);
		paint(writer, STYLE_DIM);
		put_rule(writer, writer->symbols->rule, writer->width);
		unpaint(writer, STYLE_DIM);
		newline(writer);
		add_totals(&text, &writer->totals);
	} else {
		terminal_text_add(&text, "No SMTP session was found");
		if (statistics != NULL) {
			terminal_text_add(&text, " in ");
			terminal_text_number(&text, statistics->frames, "frame", "frames");
			terminal_text_add(&text, " with ");
			terminal_text_number(&text, statistics->connections, "TCP connection", "TCP connections");
		}
		terminal_text_add(&text, ".");
	}
	if (statistics != NULL)
		add_statistics(&text, statistics);
	flow(writer, STYLE_PLAIN, &text, 0, SIZE_MAX);
	newline(writer);
	fflush_unlocked(writer->out);
	return result_of(writer);
}

const struct writer_format text_format = {
	.name = "text",
	.summary = "for people: a timeline of each session and its findings",
	.create = text_create,
	.session = text_session,
	.end = text_end,
	.destroy = text_destroy,
};
