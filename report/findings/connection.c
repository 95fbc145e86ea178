/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Findings about the connection itself, the server's greeting, and what the capture lacks.
 */
#include "report/findings/rules.h"

#include <stdio.h>
#include <string.h>

/* A greeting may take long, for a lookup or on purpose; RFC 5321, 4.5.3.2.1 lets the client wait 5 minutes. People do not.
 */
#define GREETING_WAIT_NS INT64_C(10000000000)

static void add_ends(struct rules_draft *draft, const struct record *record) {
	rules_add_frame(draft, record->open.first.frame);
	rules_add_frame(draft, record->close.last.frame);
}

/* Fills the piece with how often the client tried, if more than once. */
static const char *piece_tries(struct terminal_text *piece, const struct rules_draft *draft, const struct record *record) {
	uint64_t tries = record->close.syn_retries + 1;
	char seconds[32];

	if (tries < 2)
		return "";
	snprintf(seconds, sizeof(seconds), "%.1f", (double)(record->close.last.time_ns - record->open.first.time_ns) / 1e9);
	return RULES_PIECE(piece, draft, WORDS_FINDING_TRIES, words_count("tries", tries), words_text("seconds", seconds));
}

static const char *piece_port(struct terminal_text *piece, const struct record *record) {
	terminal_text_init(piece, false);
	terminal_text_format(piece, "%u", record->open.server.port);
	return piece->data;
}

bool rules_connection_refused(const struct record *record, struct rules_draft *draft) {
	struct terminal_text server, tries, port;

	if (record->close.how != STREAM_CLOSE_REFUSED)
		return false;
	draft->severity = FINDING_MEDIUM;
	RULES_SAY(draft, WORDS_FINDING_CONNECTION_REFUSED_EXPLANATION,
		words_text("server", rules_piece_endpoint(&server, &record->open.server, true)),
		words_text("tries", piece_tries(&tries, draft, record)), words_text("port", piece_port(&port, record)));
	rules_fails(draft, CLIENT_TEXT_REFUSED, 0);
	add_ends(draft, record);
	return true;
}

/*  "admin-prohibited" (a router or firewall forbids it) */
static const char *piece_icmp(struct terminal_text *piece, const struct rules_draft *draft, const char *icmp) {
	const char *meaning = meaning_icmp(icmp, draft->words);

	terminal_text_init(piece, false);
	if (icmp != NULL) {
		terminal_text_add(piece, " \"");
		terminal_text_wire(piece, (struct slice){icmp, strlen(icmp)}, RULES_VALUE_MAX);
		terminal_text_add(piece, "\"");
	}
	if (meaning != NULL) {
		terminal_text_add(piece, " (");
		terminal_text_add(piece, meaning);
		terminal_text_add(piece, ")");
	}
	return piece->data;
}

bool rules_connection_unanswered(const struct record *record, struct rules_draft *draft) {
	struct terminal_text server, tries, port, icmp;

	if (record->close.how != STREAM_CLOSE_UNANSWERED && record->close.how != STREAM_CLOSE_UNREACHABLE)
		return false;
	/* Who has no answer asks again after a second. Of a single SYN the answer may be what the capture lacks. */
	if (record->close.how == STREAM_CLOSE_UNANSWERED && record->close.syn_retries == 0)
		return false;
	rules_piece_endpoint(&server, &record->open.server, true);
	if (record->close.how == STREAM_CLOSE_UNANSWERED) {
		/* Of a one-sided capture nobody can say what the server answered; data or a handshake would have been
		 * another how. */
		draft->severity = record->one_sided ? FINDING_INFO : FINDING_MEDIUM;
		RULES_SAY(draft,
			record->open.server.port == 25 ? WORDS_FINDING_CONNECTION_UNANSWERED_EXPLANATION_25
						       : WORDS_FINDING_CONNECTION_UNANSWERED_EXPLANATION,
			words_text("server", server.data), words_text("tries", piece_tries(&tries, draft, record)),
			words_text("port", piece_port(&port, record)));
		if (!record->one_sided)
			rules_fails(draft, CLIENT_TEXT_UNANSWERED, 0);
	} else {
		draft->severity = FINDING_MEDIUM;
		draft->title = WORDS_FINDING_CONNECTION_UNANSWERED_TITLE_ICMP;
		RULES_SAY(draft, WORDS_FINDING_CONNECTION_UNANSWERED_EXPLANATION_ICMP, words_text("server", server.data),
			words_text("icmp", piece_icmp(&icmp, draft, record->close.icmp)),
			words_text("tries", piece_tries(&tries, draft, record)));
		rules_fails(draft, CLIENT_TEXT_REFUSED, 0);
	}
	add_ends(draft, record);
	return true;
}

bool rules_no_greeting(const struct record *record, struct rules_draft *draft) {
	int64_t waited_ns = record->close.last.time_ns - record->open.first.time_ns;
	struct terminal_text server, seconds;

	/* Who connects and leaves at once (a monitor, a port scan) did not wait for it. Ahead of TLS no greeting is due. */
	if (!record->established || record->greeting.seen || waited_ns < GREETING_WAIT_NS ||
		record->open.hint == STREAM_HINT_SMTPS || record->tls_seen)
		return false;
	if (record->open.midstream || record->one_sided || record->gap_count > 0 ||
		record->close.side[STREAM_SERVER].bytes > 0)
		return false;
	draft->severity = FINDING_MEDIUM;
	terminal_text_init(&seconds, false);
	terminal_text_format(&seconds, "%.0f", (double)waited_ns / 1e9);
	RULES_SAY(draft, WORDS_FINDING_NO_GREETING_EXPLANATION,
		words_text("server", rules_piece_endpoint(&server, &record->open.server, true)),
		words_text("seconds", seconds.data));
	rules_fails(draft, CLIENT_TEXT_SILENT, 0);
	add_ends(draft, record);
	return true;
}

bool rules_banner_refused(const struct record *record, struct rules_draft *draft) {
	const struct record_reply *greeting = &record->greeting;
	struct terminal_text server, reply, client;

	/* 421 is server-busy. */
	if (!rules_is_refusal(greeting) || greeting->code == 421)
		return false;
	draft->severity = greeting->code < 500 ? FINDING_LOW : FINDING_MEDIUM;
	RULES_SAY(draft,
		greeting->code < 500 ? WORDS_FINDING_BANNER_REFUSED_EXPLANATION_LATER
				     : WORDS_FINDING_BANNER_REFUSED_EXPLANATION,
		words_text("server", rules_piece_endpoint(&server, &record->open.server, true)),
		words_text("reply", rules_piece_reply(&reply, greeting)),
		words_text("client", rules_piece_endpoint(&client, &record->open.client, false)));
	rules_fails(draft, CLIENT_TEXT_GREETING, greeting->code);
	rules_add_frame(draft, greeting->at.frame);
	return true;
}

bool rules_server_busy(const struct record *record, struct rules_draft *draft) {
	const struct event_reply *first = NULL;
	struct terminal_text server, reply_text;
	bool at_greeting = false;

	for (size_t i = 0; i < record->timeline_count; i++) {
		const struct record_timeline_entry *entry = &record->timeline[i];
		const struct event_reply *reply = &entry->reply;

		if ((entry->kind != RECORD_GREETING && entry->kind != RECORD_REPLY) || reply->code != 421)
			continue;
		/* RFC 5321, 4.5.3.2: many servers also say 421 to a client that went silent. They are not busy. */
		if (meaning_reply_reason(reply->code, reply->enhanced, reply->lines, reply->line_count) ==
				MEANING_REASON_TIMEOUT ||
			(reply->enhanced.len == 5 && memcmp(reply->enhanced.data, "4.4.2", 5) == 0))
			continue;
		if (first == NULL) {
			first = reply;
			at_greeting = entry->kind == RECORD_GREETING;
		}
		rules_add_frame(draft, entry->at.frame);
	}
	if (first == NULL)
		return false;
	draft->severity = at_greeting ? FINDING_MEDIUM : FINDING_LOW;
	rules_piece_reply(&reply_text, &(struct record_reply){.seen = true,
					       .code = first->code,
					       .enhanced = first->enhanced,
					       .lines = first->lines,
					       .line_count = first->line_count});
	RULES_SAY(draft,
		at_greeting ? WORDS_FINDING_SERVER_BUSY_EXPLANATION_GREETING : WORDS_FINDING_SERVER_BUSY_EXPLANATION,
		words_text("server", rules_piece_endpoint(&server, &record->open.server, true)),
		words_text("reply", reply_text.data));
	rules_fails(draft, at_greeting ? CLIENT_TEXT_GREETING : CLIENT_TEXT_BUSY, 421);
	return true;
}

bool rules_early_talker(const struct record *record, struct rules_draft *draft) {
	struct terminal_text client;
	bool found = false;

	/* Exim lets clients that it knows go ahead. */
	if (rules_offers_early_pipelining(record))
		return false;
	for (size_t i = 0; i < record->timeline_count; i++) {
		const struct record_timeline_entry *entry = &record->timeline[i];

		if (entry->kind != RECORD_ANOMALY || entry->anomaly.id != EVENT_ANOMALY_EARLY_TALKER)
			continue;
		rules_add_frame(draft, entry->at.frame);
		found = true;
	}
	/* A greeting that was lost, or sent before the capture began, was not waited for in vain. A list of extensions that is still to
	 * come may allow it. */
	bool listed = record->clear.seen || record->tls_capabilities.seen;
	bool unheard = record->folding.ehlo_count > record->folding.ehlo_refused && !listed && record->greeting.code < 400;
	if (!found || record->open.midstream || record->one_sided || record->gap_count > 0 || unheard)
		return false;
	draft->severity = FINDING_LOW;
	RULES_SAY(draft, WORDS_FINDING_EARLY_TALKER_EXPLANATION,
		words_text("client", rules_piece_endpoint(&client, &record->open.client, false)));
	return true;
}

/* Cisco's PIX and ASA firewalls overwrite keywords they do not know: 250-XXXXXXXA. Others write asterisks. */
static bool is_masked(struct slice line) {
	size_t x_count = 0;

	while (x_count < line.len && line.data[x_count] == '*')
		x_count++;
	if (x_count >= 4)
		return x_count == line.len || line.data[x_count] == ' ';

	while (x_count < line.len && line.data[x_count] == 'X')
		x_count++;
	if (x_count < 4)
		return false;
	return x_count == line.len || line.data[x_count] == ' ' ||
	       (x_count + 1 == line.len && line.data[x_count] >= 'A' && line.data[x_count] <= 'Z');
}

/* The same firewalls leave of the greeting only what looks like 2, 0 and blanks: 220 ****************2******0*0*00 */
static bool is_masked_banner(struct slice banner) {
	size_t asterisks = 0;

	for (size_t i = 0; i < banner.len; i++) {
		if (banner.data[i] == '*')
			asterisks++;
		else if (banner.data[i] != '2' && banner.data[i] != '0' && banner.data[i] != ' ')
			return false;
	}
	return asterisks >= 8;
}

bool rules_capability_masked(const struct record *record, struct rules_draft *draft) {
	bool banner = record->greeting.seen && is_masked_banner(record->banner);
	const struct slice *masked = NULL;
	struct terminal_text line;
	size_t count = 0;

	for (size_t i = 0; record->clear.seen && i < record->clear.line_count; i++) {
		if (!is_masked(record->clear.lines[i]))
			continue;
		if (masked == NULL)
			masked = &record->clear.lines[i];
		count++;
	}
	if (masked == NULL && !banner)
		return false;
	if (banner)
		rules_add_frame(draft, record->greeting.at.frame);
	rules_field(draft, "lines", FINDING_FIELD_NUMBER, (int64_t)count);
	rules_field(draft, "banner", FINDING_FIELD_BOOL, banner);
	if (masked == NULL) {
		draft->severity = FINDING_LOW;
		draft->title = WORDS_FINDING_CAPABILITY_MASKED_TITLE_BANNER;
		rules_say(draft, WORDS_FINDING_CAPABILITY_MASKED_EXPLANATION_BANNER);
		return true;
	}
	for (size_t i = 0; i < record->timeline_count; i++) {
		const struct record_timeline_entry *entry = &record->timeline[i];

		if (entry->kind == RECORD_REPLY && entry->reply.answers == EVENT_ANSWERS_COMMAND &&
			entry->reply.verb == VERB_EHLO)
			rules_add_frame(draft, entry->at.frame);
	}
	draft->severity = FINDING_MEDIUM;
	RULES_SAY(draft, WORDS_FINDING_CAPABILITY_MASKED_EXPLANATION, words_count("count", count),
		words_text("line", rules_piece_wire(&line, *masked, RULES_VALUE_MAX)));
	return true;
}

/* Appends a sentence after those that are there. */
static void begin_sentence(struct rules_draft *draft) {
	if (draft->explanation.len > 0)
		rules_say(draft, WORDS_SENTENCES_JOIN);
}

static void add_unknown(struct terminal_text *list, const struct rules_draft *draft, bool unknown, const char *what) {
	if (!unknown)
		return;
	terminal_text_add(list, list->len > 0 ? rules_words(draft, WORDS_FINDING_CAPTURE_LOSS_OR) : "");
	terminal_text_add(list, what);
}

/* Says what the loss leaves open. Returns whether there is anything. */
static bool say_unknowns(struct rules_draft *draft, const struct record *record) {
	struct terminal_text list, piece;
	uint64_t mails = 0;

	for (const struct record_mail *mail = record->mails; mail != NULL; mail = mail->next)
		mails += mail->result == EVENT_MAIL_UNKNOWN;
	terminal_text_init(&list, false);
	add_unknown(&list, draft, record->auth == RECORD_AUTH_UNKNOWN,
		rules_words(draft, WORDS_FINDING_CAPTURE_LOSS_UNKNOWN_LOGIN));
	add_unknown(&list, draft, record->attempt_count == 0 && record->mail_count == 0,
		rules_words(draft, WORDS_FINDING_CAPTURE_LOSS_UNKNOWN_SENT));
	add_unknown(&list, draft, mails > 0,
		RULES_PIECE(&piece, draft, WORDS_FINDING_CAPTURE_LOSS_UNKNOWN_MAILS, words_count("mails", mails)));
	add_unknown(&list, draft, record->unknown_reply, rules_words(draft, WORDS_FINDING_CAPTURE_LOSS_UNKNOWN_REPLIES));
	if (list.len == 0)
		return false;
	begin_sentence(draft);
	RULES_SAY(draft, WORDS_FINDING_CAPTURE_LOSS_UNKNOWN, words_text("list", list.data));
	return true;
}

/* Retransmissions with other bytes: an attack on whoever watches, or a broken device on the way (Ptacek and Newsham 1998). */
bool rules_conflicting_retransmission(const struct record *record, struct rules_draft *draft) {
	const struct stream_counters *sides = record->close.side;
	uint64_t count = sides[STREAM_CLIENT].conflicts + sides[STREAM_SERVER].conflicts;

	if (count == 0)
		return false;
	for (int side = 0; side < 2; side++)
		if (sides[side].conflict_frame != 0)
			rules_add_frame(draft, sides[side].conflict_frame);
	draft->severity = FINDING_MEDIUM;
	RULES_SAY(draft, WORDS_FINDING_CONFLICTING_RETRANSMISSION_EXPLANATION, words_count("segments", count));
	return true;
}

bool rules_capture_loss(const struct record *record, struct rules_draft *draft) {
	uint64_t bytes = record->close.side[STREAM_CLIENT].gap_bytes + record->close.side[STREAM_SERVER].gap_bytes;
	bool gaps = record->gap_count > 0 || bytes > 0;
	bool evicted = record->close.how == STREAM_CLOSE_EVICTED;

	if (!gaps && !record->open.midstream && !record->one_sided && !evicted)
		return false;
	if (gaps)
		RULES_SAY(draft,
			record->gap_count > 0 ? WORDS_FINDING_CAPTURE_LOSS_BYTES_IN_PLACES
					      : WORDS_FINDING_CAPTURE_LOSS_BYTES,
			words_count("bytes", bytes), words_count("places", record->gap_count));
	if (gaps && record->dropped_by_kernel > 0) {
		begin_sentence(draft);
		RULES_SAY(draft, WORDS_FINDING_CAPTURE_LOSS_DROPPED, words_count("packets", record->dropped_by_kernel));
	}
	if (record->open.midstream) {
		begin_sentence(draft);
		rules_say(draft, WORDS_FINDING_CAPTURE_LOSS_START);
		rules_add_frame(draft, record->open.first.frame);
	}
	if (record->one_sided) {
		begin_sentence(draft);
		rules_say(draft, WORDS_FINDING_CAPTURE_LOSS_ONE_DIRECTION);
	}
	if (evicted) {
		begin_sentence(draft);
		rules_say(draft, WORDS_FINDING_CAPTURE_LOSS_EVICTED);
	}
	for (size_t i = 0; i < record->timeline_count; i++)
		if (record->timeline[i].kind == RECORD_GAP)
			rules_add_frame(draft, record->timeline[i].at.frame);
	/* Loss in a message body or in a QUIT costs no verdict. */
	draft->severity = say_unknowns(draft, record) ? FINDING_LOW : FINDING_INFO;
	if (draft->severity == FINDING_INFO) {
		begin_sentence(draft);
		rules_say(draft, WORDS_FINDING_CAPTURE_LOSS_HARMLESS);
	}
	return true;
}
