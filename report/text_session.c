/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/text_session.h"

#include <inttypes.h>
#include <string.h>

#include "report/findings.h"
#include "report/meaning.h"
#include "report/text_advice.h"
#include "report/text_message.h"
#include "report/text_timeline.h"
#include "report/text_tls.h"

enum {
	LABEL_COLUMN = 1,
	FACT_GAP = 2, /* between the widest label and the facts */
	FACT_ROWS_MAX = 6,
	NAMED_MAX = 3, /* mails and login attempts that the header names one by one */
};

/* ---- the header block ---- */

static void add_path(struct terminal_text *text, struct slice path) {
	terminal_text_add(text, "<");
	terminal_text_wire(text, path, 64);
	terminal_text_add(text, ">");
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

bool text_session_expects_login(const struct record *record) {
	return record->offered_count > 0 && (record->open.server.port != 25 || record->attempt_count > 0);
}

/* Facts begin in one column behind the widest label. */
static size_t fact_column(const struct text_page *page) {
	static const enum words_id labels[] = {WORDS_TEXT_LABEL_WHEN, WORDS_TEXT_LABEL_CAPTURE, WORDS_TEXT_LABEL_CLIENT,
		WORDS_TEXT_LABEL_SERVER, WORDS_TEXT_LABEL_TLS, WORDS_TEXT_LABEL_LOGIN, WORDS_TEXT_LABEL_MAIL,
		WORDS_TEXT_LABEL_TIME, WORDS_TEXT_LABEL_ENDED};
	size_t widest = 0;

	for (size_t i = 0; i < sizeof(labels) / sizeof(labels[0]); i++) {
		size_t columns = text_page_columns(page, text_page_words(page, labels[i]));

		widest = columns > widest ? columns : widest;
	}
	return LABEL_COLUMN + widest + FACT_GAP;
}

static void put_fact_below(struct text_page *page, enum text_style style, const struct terminal_text *text) {
	size_t column = fact_column(page);

	text_page_pad_to(page, column);
	text_page_flow(page, style, text, column, FACT_ROWS_MAX);
	text_page_newline(page);
}

static void put_fact(struct text_page *page, enum words_id label, enum text_style style, const struct terminal_text *text) {
	if (text->len == 0)
		return;
	text_page_pad_to(page, LABEL_COLUMN);
	text_page_put_words(page, TEXT_STYLE_DIM, text_page_words(page, label));
	put_fact_below(page, style, text);
}

/* ── 192.0.2.10:49712 → 192.0.2.1:587 ───────────────────────── tcp.stream eq 3 ── */
static void put_title(struct text_page *page, const struct record *record) {
	struct terminal_text text, filter;

	text_page_text(page, &text);
	terminal_text_endpoint(&text, &record->open.client, true);
	terminal_text_format(&text, " %s ", page->symbols->arrow);
	terminal_text_endpoint(&text, &record->open.server, true);
	text_page_text(page, &filter);
	terminal_text_format(&filter, "tcp.stream eq %" PRIu64, record->open.stream);
	text_page_paint(page, TEXT_STYLE_DIM);
	text_page_rule(page, 2);
	text_page_unpaint(page, TEXT_STYLE_DIM);
	text_page_pad_to(page, 3);
	text_page_flow(page, TEXT_STYLE_TITLE, &text, 3, 3);
	if (page->column + filter.columns + 6 > page->width) /* two long IPv6 addresses */
		text_page_newline(page);
	else
		text_page_pad_to(page, page->column + 1);
	text_page_paint(page, TEXT_STYLE_DIM);
	text_page_rule(page, page->width - filter.columns - 4);
	text_page_pad_to(page, page->column + 1);
	text_page_put_text(page, TEXT_STYLE_PLAIN, &filter);
	text_page_pad_to(page, page->column + 1);
	text_page_rule(page, page->width);
	text_page_unpaint(page, TEXT_STYLE_DIM);
	text_page_newline(page);
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

static enum words_id attempt_result(const struct record_attempt *attempt) {
	static const enum words_id results[] = {
		[EVENT_AUTH_UNKNOWN] = WORDS_TEXT_RESULT_UNKNOWN,
		[EVENT_AUTH_ACCEPTED] = WORDS_TEXT_RESULT_ACCEPTED,
		[EVENT_AUTH_REJECTED] = WORDS_TEXT_RESULT_REJECTED,
		[EVENT_AUTH_CANCELLED] = WORDS_TEXT_RESULT_CANCELLED,
	};

	if (attempt->result == EVENT_AUTH_REJECTED && attempt->reply.seen && attempt->reply.code < 500)
		return WORDS_TEXT_RESULT_NOT_NOW;
	return results[attempt->result];
}

/* Of Kerberos, where no user is to be seen. */
static void add_service(const struct text_page *page, struct terminal_text *text, const struct event_auth_names *names) {
	struct terminal_text service;

	if (names->service.len == 0)
		return;
	text_page_text(page, &service);
	terminal_text_wire(&service, names->service, 60);
	terminal_text_add(&service, "@");
	terminal_text_wire(&service, names->realm, 40);
	TEXT_ADD(page, text, WORDS_TEXT_ATTEMPT_SERVICE, words_text("service", service.data));
}

static void add_attempt(struct text_page *page, struct terminal_text *text, const struct record_attempt *attempt) {
	struct terminal_text mechanism, user;
	const char *result = text_page_words(page, attempt_result(attempt));

	text_page_text(page, &mechanism);
	text_page_text(page, &user);
	if (attempt->mechanism.len > 0)
		terminal_text_wire(&mechanism, attempt->mechanism, 20);
	else
		terminal_text_add(&mechanism, "AUTH");
	if (attempt->has_username) {
		text_page_add_user(page, &user, attempt->username);
		TEXT_ADD(page, text, WORDS_TEXT_ATTEMPT_AS, words_text("mechanism", mechanism.data),
			words_text("user", user.data), words_text("result", result));
	} else {
		TEXT_ADD(page, text, WORDS_TEXT_ATTEMPT, words_text("mechanism", mechanism.data),
			words_text("result", result));
	}
	if (is_refusal(&attempt->reply)) {
		terminal_text_add(text, " (");
		add_code(text, &attempt->reply);
		terminal_text_add(text, ")");
	}
	add_service(page, text, &attempt->names);
	if (attempt->encrypted)
		terminal_text_add(text, text_page_words(page, WORDS_TEXT_ATTEMPT_ENCRYPTED));
}

/* Where the connection really comes from, says a gateway. */
static void add_origin(const struct text_page *page, struct terminal_text *text, const struct record *record) {
	struct terminal_text origin;

	text_page_text(page, &origin);
	if (record->proxied) {
		terminal_text_endpoint(&origin, &record->proxy.client, true);
		terminal_text_add(text, text->len > 0 ? ", " : "");
		TEXT_ADD(page, text, WORDS_TEXT_CLIENT_PROXIED, words_text("origin", origin.data));
	}
	if (!record->origin_seen)
		return;
	text_page_text(page, &origin);
	if (record->origin.has_address)
		terminal_text_endpoint(&origin, &record->origin.client, record->origin.client.port != 0);
	if (record->origin.name.len > 0) {
		terminal_text_add(&origin, origin.len > 0 ? " " : "");
		terminal_text_wire(&origin, record->origin.name, 60);
	}
	terminal_text_add(&origin, record->origin.verb == VERB_XCLIENT ? " (XCLIENT)" : " (XFORWARD)");
	terminal_text_add(text, text->len > 0 ? ", " : "");
	TEXT_ADD(page, text, WORDS_TEXT_CLIENT_FORWARDED, words_text("origin", origin.data));
}

/* Why there is no login attempt. */
static enum words_id no_login_words(const struct record *record) {
	switch (record->auth) {
	case RECORD_AUTH_NOT_ATTEMPTED:
		return WORDS_TEXT_LOGIN_NOT_ATTEMPTED;
	case RECORD_AUTH_UNUSED:
		return WORDS_TEXT_LOGIN_UNUSED;
	case RECORD_AUTH_NOT_OFFERED:
		return WORDS_TEXT_LOGIN_NOT_OFFERED;
	default:
		if (record->protocol == EVENT_PROTOCOL_UNKNOWN && record->mail_count == 0 && !record->tls_seen &&
			!record->open.midstream && record->gap_count == 0)
			return WORDS_COUNT; /* it never came to that */
		return record_is_encrypted(record) ? WORDS_TEXT_LOGIN_UNKNOWN_ENCRYPTED : WORDS_TEXT_LOGIN_UNKNOWN;
	}
}

static void put_no_login(struct text_page *page, const struct record *record) {
	enum words_id words = no_login_words(record);
	struct terminal_text text, list;

	if (words == WORDS_COUNT)
		return;
	text_page_text(page, &text);
	text_page_text(page, &list);
	if (record->auth == RECORD_AUTH_ACCEPTED && record->origin_seen && record->origin.has_login) {
		text_page_add_user(page, &list, record->origin.login);
		TEXT_ADD(page, &text, WORDS_TEXT_LOGIN_AT_GATEWAY, words_text("user", list.data));
		put_fact(page, WORDS_TEXT_LABEL_LOGIN, TEXT_STYLE_GOOD, &text);
		return;
	}
	terminal_text_add(&text, text_page_words(page, words));
	for (size_t i = 0; i < record->offered_count; i++) {
		terminal_text_add(&list, i == 0 ? "" : " ");
		terminal_text_wire(&list, record->offered[i], 20);
	}
	if (record->offered_count > 0)
		TEXT_ADD(page, &text, WORDS_TEXT_LOGIN_OFFERED, words_text("list", list.data));
	put_fact(page, WORDS_TEXT_LABEL_LOGIN, TEXT_STYLE_PLAIN, &text);
}

static void put_login(struct text_page *page, const struct record *record) {
	struct terminal_text text;
	uint64_t count = 0;

	if (record->attempt_count == 0) {
		put_no_login(page, record);
		return;
	}
	text_page_text(page, &text);
	for (const struct record_attempt *attempt = record->attempts; attempt != NULL && count < NAMED_MAX;
		attempt = attempt->next, count++) {
		terminal_text_add(&text, count > 0 ? "; " : "");
		add_attempt(page, &text, attempt);
	}
	if (record->attempt_count > count)
		TEXT_ADD(page, &text, WORDS_TEXT_MORE, words_count("count", record->attempt_count - count));
	put_fact(page, WORDS_TEXT_LABEL_LOGIN,
		record->auth == RECORD_AUTH_ACCEPTED   ? TEXT_STYLE_GOOD
		: record->auth == RECORD_AUTH_REJECTED ? TEXT_STYLE_BAD
						       : TEXT_STYLE_PLAIN,
		&text);
}

static void add_recipients(const struct text_page *page, struct terminal_text *text, const struct record_mail *mail) {
	struct terminal_text recipient;

	if (mail->recipients == NULL)
		return;
	text_page_text(page, &recipient);
	add_path(&recipient, mail->recipients->to);
	TEXT_ADD(page, text, WORDS_TEXT_MAIL_TO, words_text("recipient", recipient.data));
	if (mail->recipient_count > 1)
		TEXT_ADD(page, text, WORDS_TEXT_MAIL_RECIPIENTS_MORE, words_count("count", mail->recipient_count - 1));
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

static void put_mail(struct text_page *page, const struct record *record, const struct record_mail *mail) {
	static const struct {
		enum words_id words;
		enum text_style style;
	} results[] = {
		[EVENT_MAIL_UNKNOWN] = {WORDS_TEXT_MAIL_UNKNOWN, TEXT_STYLE_LOST},
		[EVENT_MAIL_ACCEPTED] = {WORDS_TEXT_MAIL_ACCEPTED, TEXT_STYLE_GOOD},
		[EVENT_MAIL_REJECTED] = {WORDS_TEXT_MAIL_REFUSED, TEXT_STYLE_BAD},
		[EVENT_MAIL_ABORTED] = {WORDS_TEXT_MAIL_ABORTED, TEXT_STYLE_WARN},
	};
	const struct record_reply *refusal = mail->result == EVENT_MAIL_ACCEPTED ? NULL : mail_refusal(mail);
	struct terminal_text text;

	text_page_text(page, &text);
	terminal_text_add(&text, text_page_words(page, results[mail->result].words));
	if (mail->authenticated == EVENT_AUTHENTICATED_NO && text_session_expects_login(record))
		terminal_text_add(&text, text_page_words(page, WORDS_TEXT_MAIL_WITHOUT_LOGIN));
	if (refusal != NULL) {
		terminal_text_add(&text, " (");
		add_code(&text, refusal);
		terminal_text_add(&text, ")");
	}
	if (mail->reversed)
		terminal_text_add(&text, text_page_words(page, WORDS_TEXT_MAIL_REVERSED));
	terminal_text_add(&text, ": ");
	if (mail->seen)
		add_path(&text, mail->from);
	else
		terminal_text_add(&text, text_page_words(page, WORDS_TEXT_MAIL_SENDER_UNKNOWN));
	add_recipients(page, &text, mail);
	if (mail->has_body)
		TEXT_ADD(page, &text, WORDS_TEXT_MAIL_SIZE, words_count("bytes", mail->body.bytes));
	put_fact(page, WORDS_TEXT_LABEL_MAIL, results[mail->result].style, &text);
	text_message_put(page, mail, fact_column(page));
}

static void put_mails(struct text_page *page, const struct record *record) {
	uint64_t shown = 0, other, more[EVENT_MAIL_ABORTED + 1] = {0};
	struct terminal_text text;

	for (const struct record_mail *mail = record->mails; mail != NULL; mail = mail->next) {
		if (shown < NAMED_MAX || (shown == NAMED_MAX && mail->next == NULL && record->mail_count == NAMED_MAX + 1)) {
			put_mail(page, record, mail);
			shown++;
		} else {
			more[mail->result]++;
		}
	}
	if (record->mail_count <= shown)
		return;
	text_page_text(page, &text);
	TEXT_ADD(page, &text, WORDS_TEXT_MAILS_MORE, words_count("count", record->mail_count - shown),
		words_count("accepted", more[EVENT_MAIL_ACCEPTED]), words_count("refused", more[EVENT_MAIL_REJECTED]));
	other = record->mail_count - shown - more[EVENT_MAIL_ACCEPTED] - more[EVENT_MAIL_REJECTED];
	if (other > 0)
		TEXT_ADD(page, &text, WORDS_TEXT_MAILS_MORE_OTHER, words_count("count", other));
	put_fact_below(page, TEXT_STYLE_PLAIN, &text);
}

static void put_tls(struct text_page *page, const struct record *record) {
	struct terminal_text text;

	for (size_t row = 0; row < TEXT_TLS_ROWS; row++) {
		text_page_text(page, &text);
		text_tls_add_row(page, &text, record, row);
		if (row == 0)
			put_fact(page, WORDS_TEXT_LABEL_TLS, TEXT_STYLE_PLAIN, &text);
		else if (text.len > 0)
			put_fact_below(page, TEXT_STYLE_PLAIN, &text);
	}
}

static const char *piece_duration(const struct text_page *page, struct terminal_text *piece, int64_t ns) {
	text_page_text(page, piece);
	text_page_add_duration(page, piece, ns);
	return piece->data;
}

/* 1.2 MB, in the units of networks */
static const char *piece_rate(const struct text_page *page, struct terminal_text *piece, double bytes) {
	static const char *const units[] = {"B", "kB", "MB", "GB"};
	size_t unit = 0;

	for (; bytes >= 1000 && unit + 1 < sizeof(units) / sizeof(units[0]); unit++)
		bytes /= 1000;
	text_page_text(page, piece);
	terminal_text_format(piece, bytes < 10 && unit > 0 ? "%.1f %s" : "%.0f %s", bytes, units[unit]);
	return piece->data;
}

/* Where the time went: the network, the server, the client. */
static void put_time(struct text_page *page, const struct record *record) {
	const struct timing *timing = &record->timing;
	struct terminal_text text, one, other;

	text_page_text(page, &text);
	if (timing->server.count > 0)
		TEXT_ADD(page, &text, WORDS_TEXT_TIME_SERVER,
			words_text("total", piece_duration(page, &one, timing->server.total_ns)),
			words_text("max", piece_duration(page, &other, timing->server.max_ns)));
	if (timing->think.count > 0) {
		terminal_text_add(&text, text.len > 0 ? page->symbols->dot : "");
		TEXT_ADD(page, &text, WORDS_TEXT_TIME_CLIENT,
			words_text("total", piece_duration(page, &one, timing->think.total_ns)));
	}
	if (timing->body_ns > 0) {
		double rate = (double)timing->body_bytes * 1e9 / (double)timing->body_ns;

		terminal_text_add(&text, text.len > 0 ? page->symbols->dot : "");
		TEXT_ADD(page, &text, WORDS_TEXT_TIME_BODY, words_text("rate", piece_rate(page, &one, rate)));
	}
	if (text.len > 0 && timing->to_server_ns >= 0) {
		terminal_text_add(&text, page->symbols->dot);
		TEXT_ADD(page, &text, WORDS_TEXT_TIME_TO_SERVER,
			words_text("time", piece_duration(page, &one, timing->to_server_ns)));
	}
	if (text.len > 0 && timing->to_client_ns >= 0) {
		terminal_text_add(&text, page->symbols->dot);
		TEXT_ADD(page, &text, WORDS_TEXT_TIME_TO_CLIENT,
			words_text("time", piece_duration(page, &one, timing->to_client_ns)));
	}
	put_fact(page, WORDS_TEXT_LABEL_TIME, TEXT_STYLE_PLAIN, &text);
}

static void put_header(struct text_page *page, const struct record *record) {
	int64_t duration = record->close.last.time_ns - record->open.first.time_ns;
	const char *protocol = protocol_name(record->protocol);
	const char *dot = page->symbols->dot;
	struct terminal_text text, source;
	char first[24], last[24];

	put_title(page, record);
	text_page_text(page, &text);
	text_page_add_time(page, &text, record->open.first.time_ns, true);
	terminal_text_add(&text, dot);
	text_page_add_duration(page, &text, duration);
	if (protocol != NULL)
		terminal_text_format(&text, "%s%s", dot, protocol);
	for (size_t i = 0; i < record->open.vlan_count; i++)
		terminal_text_format(&text, "%sVLAN %u", i == 0 ? dot : ".", record->open.vlan[i]);
	put_fact(page, WORDS_TEXT_LABEL_WHEN, TEXT_STYLE_PLAIN, &text);

	text_page_text(page, &text);
	text_page_text(page, &source);
	if (record->open.source != NULL)
		terminal_text_wire(&source, (struct slice){record->open.source, strlen(record->open.source)}, 200);
	snprintf(first, sizeof(first), "%" PRIu64, record->open.first.frame);
	snprintf(last, sizeof(last), "%" PRIu64, record->close.last.frame);
	TEXT_ADD(page, &text, WORDS_TEXT_CAPTURE, words_text("source", source.data), words_text("first", first),
		words_text("last", last));
	put_fact(page, WORDS_TEXT_LABEL_CAPTURE, TEXT_STYLE_PLAIN, &text);

	text_page_text(page, &text);
	terminal_text_wire(&text, record->client_name, 200);
	if (record->open.roles_guessed)
		terminal_text_add(&text,
			text_page_words(page, text.len > 0 ? WORDS_TEXT_CLIENT_GUESSED : WORDS_TEXT_CLIENT_GUESSED_ALONE));
	add_origin(page, &text, record);
	put_fact(page, WORDS_TEXT_LABEL_CLIENT, TEXT_STYLE_PLAIN, &text);

	text_page_text(page, &text);
	terminal_text_wire(&text, record->banner.len > 0 ? record->banner : record->server_name, 300);
	put_fact(page, WORDS_TEXT_LABEL_SERVER, TEXT_STYLE_PLAIN, &text);

	if (record->tls_seen || record->tls_refused)
		put_tls(page, record);
	put_login(page, record);
	put_mails(page, record);
	put_time(page, record);

	text_page_text(page, &text);
	terminal_text_add(&text, meaning_close(record->close.how, page->words));
	put_fact(page, WORDS_TEXT_LABEL_ENDED, TEXT_STYLE_PLAIN, &text);
}

/* ---- findings ---- */

/* Says once in a run what may be behind a finding and what to do: in the tenth session with it nobody reads that again. */
static bool is_advised(struct text_session_memory *memory, const char *id) {
	for (size_t i = 0; i < memory->advised_count; i++)
		if (strcmp(memory->advised[i], id) == 0)
			return true;
	if (memory->advised_count < TEXT_SESSION_ADVISED_MAX)
		memory->advised[memory->advised_count++] = id;
	return false;
}

static void put_frames(struct text_page *page, const struct finding *finding) {
	struct terminal_text text, frames;

	text_page_text(page, &text);
	text_page_text(page, &frames);
	for (size_t i = 0; i < finding->frame_count; i++)
		terminal_text_format(&frames, "%s%" PRIu64, i > 0 ? ", " : "", finding->frames[i]);
	if (finding->frame_count == 0)
		terminal_text_add(&text, finding->id);
	else
		TEXT_ADD(page, &text, finding->frame_count > 1 ? WORDS_TEXT_FINDING_FRAMES : WORDS_TEXT_FINDING_FRAME,
			words_text("id", finding->id), words_text("frames", frames.data));
	for (size_t i = 0; finding->attack != NULL && finding->attack[i] != NULL; i++)
		terminal_text_format(&text, "%s%s", i > 0 ? ", " : "; ATT&CK ", finding->attack[i]);
	text_advice_put_paragraph(page, TEXT_STYLE_DIM, &text, 3);
}

/* Several findings of a session often end in the same message at the client: once is enough. */
static bool is_read_before(const struct record *record, const struct finding *finding) {
	const struct finding *earlier = record->findings;

	for (; finding->read_count > 0 && earlier != finding; earlier = earlier->next)
		if (earlier->read_count > 0 && earlier->reads[0].text == finding->reads[0].text &&
			earlier->severity >= FINDING_MEDIUM)
			return true;
	return false;
}

static void put_finding(struct text_page *page, const struct record *record, const struct finding *finding,
	struct text_session_memory *memory) {
	struct terminal_text text;

	text_advice_put_title(page, finding->severity, finding->title);
	text_page_text(page, &text);
	findings_add_explanation(&text, record, finding, page->users == WRITER_USERS_KEEP ? NULL : text_page_alias, page);
	text_advice_put_paragraph(page, TEXT_STYLE_PLAIN, &text, SIZE_MAX);
	if (finding->severity >= FINDING_MEDIUM && !is_advised(memory, finding->id)) {
		text_advice_put_list(page, WORDS_TEXT_LABEL_LIKELY, finding->causes, finding->cause_count);
		text_advice_put_list(page, WORDS_TEXT_LABEL_CHECK, finding->checks, finding->check_count);
		if (!is_read_before(record, finding))
			text_advice_put_reads(page, finding->reads, finding->read_count);
	}
	put_frames(page, finding);
}

void text_session_put(struct text_page *page, const struct record *record, struct text_session_memory *memory) {
	put_header(page, record);
	text_timeline_put(page, record);
	for (const struct finding *finding = record->findings; finding != NULL; finding = finding->next) {
		text_page_newline(page);
		put_finding(page, record, finding, memory);
	}
}
