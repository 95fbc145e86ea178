/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Findings about the connection itself, the server's greeting, and what the capture lacks.
 */
#include "report/findings/rules.h"

#include <string.h>

/* A greeting may take long, for a lookup or on purpose; RFC 5321, 4.5.3.2.1 lets the client wait 5 minutes. People do not.
 */
#define GREETING_WAIT_NS INT64_C(10000000000)

static void add_server(struct rules_draft *draft, const struct record *record) {
	terminal_text_endpoint(&draft->explanation, &record->open.server, true);
}

static void add_ends(struct rules_draft *draft, const struct record *record) {
	rules_add_frame(draft, record->open.first.frame);
	rules_add_frame(draft, record->close.last.frame);
}

static void add_tries(struct rules_draft *draft, const struct record *record) {
	uint64_t tries = record->close.syn_retries + 1;
	double seconds = (double)(record->close.last.time_ns - record->open.first.time_ns) / 1e9;

	if (tries < 2)
		return;
	terminal_text_format(&draft->explanation, " (%u tries in %.1f seconds)", (unsigned)tries, seconds);
}

bool rules_connection_refused(const struct record *record, struct rules_draft *draft) {
	if (record->close.how != STREAM_CLOSE_REFUSED)
		return false;
	draft->severity = FINDING_MEDIUM;
	add_server(draft, record);
	terminal_text_add(&draft->explanation, " refused the connection with a TCP reset");
	add_tries(draft, record);
	terminal_text_format(&draft->explanation,
		". No program listens on port %u there, or a firewall answers in its place.", record->open.server.port);
	add_ends(draft, record);
	return true;
}

bool rules_connection_unanswered(const struct record *record, struct rules_draft *draft) {
	const char *icmp = record->close.icmp;

	if (record->close.how == STREAM_CLOSE_UNANSWERED) {
		/* Of a one-sided capture nobody can say what the server answered; data or a handshake would have been
		 * another how. */
		draft->severity = record->one_sided ? FINDING_INFO : FINDING_MEDIUM;
		add_server(draft, record);
		terminal_text_add(&draft->explanation, " did not answer the connection attempt");
		add_tries(draft, record);
		terminal_text_format(&draft->explanation,
			". The host is down, or a firewall drops connections to port %u%s.", record->open.server.port,
			record->open.server.port == 25 ? " (many providers block port 25; submission uses 587 or 465)" : "");
	} else if (record->close.how == STREAM_CLOSE_UNREACHABLE) {
		const char *words = meaning_icmp(icmp);

		draft->severity = FINDING_MEDIUM;
		draft->title = "Server unreachable";
		add_server(draft, record);
		terminal_text_add(&draft->explanation, " cannot be reached: the network answered");
		terminal_text_add(&draft->explanation, " with an ICMP error");
		if (icmp != NULL) {
			terminal_text_add(&draft->explanation, " \"");
			terminal_text_wire(&draft->explanation, (struct slice){icmp, strlen(icmp)}, RULES_VALUE_MAX);
			terminal_text_add(&draft->explanation, "\"");
		}
		if (words != NULL)
			terminal_text_format(&draft->explanation, " (%s)", words);
		add_tries(draft, record);
		terminal_text_add(&draft->explanation, ".");
	} else {
		return false;
	}
	add_ends(draft, record);
	return true;
}

bool rules_no_greeting(const struct record *record, struct rules_draft *draft) {
	int64_t waited_ns = record->close.last.time_ns - record->open.first.time_ns;

	/* Who connects and leaves at once (a monitor, a port scan) did not wait for it. Ahead of TLS no greeting is due. */
	if (!record->established || record->greeting.seen || waited_ns < GREETING_WAIT_NS ||
		record->open.hint == STREAM_HINT_SMTPS || record->tls_seen)
		return false;
	if (record->open.midstream || record->one_sided || record->gap_count > 0 ||
		record->close.side[STREAM_SERVER].bytes > 0)
		return false;
	draft->severity = FINDING_MEDIUM;
	add_server(draft, record);
	terminal_text_format(&draft->explanation,
		" took the connection and then said nothing for %.0f seconds. The mail program behind it hangs, or "
		"something "
		"in between (a firewall, a proxy, a virus scanner) accepts connections in its place.",
		(double)waited_ns / 1e9);
	add_ends(draft, record);
	return true;
}

bool rules_banner_refused(const struct record *record, struct rules_draft *draft) {
	const struct record_reply *greeting = &record->greeting;

	/* 421 is server-busy. */
	if (!rules_is_refusal(greeting) || greeting->code == 421)
		return false;
	draft->severity = greeting->code < 500 ? FINDING_LOW : FINDING_MEDIUM;
	add_server(draft, record);
	terminal_text_add(&draft->explanation, " answered the connection with ");
	rules_add_reply(&draft->explanation, greeting);
	terminal_text_add(
		&draft->explanation, greeting->code < 500 ? ": it takes no mail from " : ": it wants no mail from ");
	terminal_text_endpoint(&draft->explanation, &record->open.client, false);
	terminal_text_add(&draft->explanation, greeting->code < 500 ? " at the moment." : ".");
	rules_add_frame(draft, greeting->at.frame);
	return true;
}

bool rules_server_busy(const struct record *record, struct rules_draft *draft) {
	const struct event_reply *first = NULL;
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
	add_server(draft, record);
	terminal_text_format(&draft->explanation, " answered %s", at_greeting ? "the connection with " : "");
	rules_add_reply(&draft->explanation, &(struct record_reply){.seen = true,
						     .code = first->code,
						     .enhanced = first->enhanced,
						     .lines = first->lines,
						     .line_count = first->line_count});
	terminal_text_add(&draft->explanation, " and closes the session: it is busy, shutting down or limits this client. "
					       "Trying again later is expected to work.");
	return true;
}

bool rules_early_talker(const struct record *record, struct rules_draft *draft) {
	bool found = false;

	for (size_t i = 0; i < record->timeline_count; i++) {
		const struct record_timeline_entry *entry = &record->timeline[i];

		if (entry->kind != RECORD_ANOMALY || entry->anomaly.id != EVENT_ANOMALY_EARLY_TALKER)
			continue;
		rules_add_frame(draft, entry->at.frame);
		found = true;
	}
	/* A greeting that was lost, or sent before the capture began, was not waited for in vain. */
	if (!found || record->open.midstream || record->one_sided || record->gap_count > 0)
		return false;
	draft->severity = FINDING_LOW;
	terminal_text_endpoint(&draft->explanation, &record->open.client, false);
	terminal_text_add(&draft->explanation,
		" sent commands before the server's greeting. Mail programs wait for it; spam "
		"software often does not, and some servers refuse such clients.");
	return true;
}

/* Cisco's PIX and ASA firewalls overwrite keywords they do not know: 250-XXXXXXXA. */
static bool is_masked(struct slice line) {
	size_t x_count = 0;

	while (x_count < line.len && line.data[x_count] == 'X')
		x_count++;
	if (x_count < 4)
		return false;
	return x_count == line.len || line.data[x_count] == ' ' ||
	       (x_count + 1 == line.len && line.data[x_count] >= 'A' && line.data[x_count] <= 'Z');
}

bool rules_capability_masked(const struct record *record, struct rules_draft *draft) {
	const struct slice *masked = NULL;
	size_t count = 0;

	for (size_t i = 0; record->clear.seen && i < record->clear.line_count; i++) {
		if (!is_masked(record->clear.lines[i]))
			continue;
		if (masked == NULL)
			masked = &record->clear.lines[i];
		count++;
	}
	if (masked == NULL)
		return false;
	for (size_t i = 0; i < record->timeline_count; i++) {
		const struct record_timeline_entry *entry = &record->timeline[i];

		if (entry->kind == RECORD_REPLY && entry->reply.answers == EVENT_ANSWERS_COMMAND &&
			entry->reply.verb == VERB_EHLO)
			rules_add_frame(draft, entry->at.frame);
	}
	draft->severity = FINDING_MEDIUM;
	terminal_text_number(&draft->explanation, count, "extension", "extensions");
	terminal_text_add(&draft->explanation, " in the server's list read \"");
	terminal_text_wire(&draft->explanation, *masked, RULES_VALUE_MAX);
	terminal_text_add(&draft->explanation,
		"\": a firewall that inspects SMTP (such as Cisco's \"fixup\" or \"inspect esmtp\") "
		"overwrites what it does not allow. Login or encryption may be missing because of it.");
	return true;
}

/* Appends what the loss leaves open. Returns whether there is anything. */
static bool add_unknowns(struct terminal_text *text, const struct record *record) {
	bool login = record->auth == RECORD_AUTH_UNKNOWN;
	bool nothing = record->attempt_count == 0 && record->mail_count == 0;
	const char *separator = " "; /* before the next thing that cannot be said */
	uint64_t mails = 0;

	for (const struct record_mail *mail = record->mails; mail != NULL; mail = mail->next)
		mails += mail->result == EVENT_MAIL_UNKNOWN;
	if (!login && !nothing && mails == 0 && !record->unknown_reply)
		return false;
	terminal_text_add(text, " It cannot be said");
	if (login) {
		terminal_text_format(text, "%swhether the client logged in", separator);
		separator = ", or ";
	}
	if (nothing) {
		terminal_text_format(text, "%swhether it sent mail", separator);
		separator = ", or ";
	}
	if (mails > 0) {
		terminal_text_format(text, "%swhat became of ", separator);
		terminal_text_number(text, mails, "mail", "mails");
		separator = ", or ";
	}
	if (record->unknown_reply)
		terminal_text_format(text, "%swhat some replies answered", separator);
	terminal_text_add(text, ".");
	return true;
}

bool rules_capture_loss(const struct record *record, struct rules_draft *draft) {
	struct terminal_text *text = &draft->explanation;
	uint64_t bytes = record->close.side[STREAM_CLIENT].gap_bytes + record->close.side[STREAM_SERVER].gap_bytes;
	bool gaps = record->gap_count > 0 || bytes > 0;
	bool evicted = record->close.how == STREAM_CLOSE_EVICTED;
	const char *sentence = "";

	if (!gaps && !record->open.midstream && !record->one_sided && !evicted)
		return false;
	if (gaps) {
		terminal_text_add(text, "The capture lacks ");
		terminal_text_number(text, bytes, "byte", "bytes");
		if (record->gap_count > 0) {
			terminal_text_add(text, " in ");
			terminal_text_number(text, record->gap_count, "place", "places");
		}
		terminal_text_add(text, " of this session.");
		sentence = " ";
	}
	if (record->open.midstream) {
		terminal_text_format(text, "%sIts start was not captured.", sentence);
		sentence = " ";
		rules_add_frame(draft, record->open.first.frame);
	}
	if (record->one_sided) {
		terminal_text_format(text, "%sOnly one direction was captured.", sentence);
		sentence = " ";
	}
	if (evicted)
		terminal_text_format(text, "%sIts end was not followed for lack of memory.", sentence);
	for (size_t i = 0; i < record->timeline_count; i++)
		if (record->timeline[i].kind == RECORD_GAP)
			rules_add_frame(draft, record->timeline[i].at.frame);
	/* Loss in a message body or in a QUIT costs no verdict. */
	draft->severity = add_unknowns(text, record) ? FINDING_LOW : FINDING_INFO;
	if (draft->severity == FINDING_INFO)
		terminal_text_add(text, " What is said about login and mail does not depend on it.");
	return true;
}
