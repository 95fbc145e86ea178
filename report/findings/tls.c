/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Findings about TLS: what the handshake showed in clear.
 */
#include "report/findings/rules.h"
#include "report/tls_facts.h"
#include "report/tls_names.h"

#include <stdio.h>
#include <time.h>

enum {
	TLS12 = 0x0303, /* RFC 8996 deprecates all before */
	DATE_SIZE = 40,
	NS = 1000000000,
};

/* Mail servers among each other mostly do not look at certificates; people's mail programs do, and warn. */
static enum finding_severity certificate_severity(const struct record *record, enum finding_severity submission,
	enum finding_severity otherwise) {
	return rules_is_submission(record) ? submission : otherwise;
}

static const struct tls_facts_certificate *server_certificate(const struct record *record) {
	return record->tls != NULL && record->tls->facts != NULL ? record->tls->facts->certificate[STREAM_SERVER] : NULL;
}

static void write_date(char text[DATE_SIZE], int64_t second) {
	time_t time = (time_t)second;
	struct tm tm;
	text[0] = '\0';
	if (gmtime_r(&time, &tm) != NULL)
		snprintf(text, DATE_SIZE, "%04d-%02d-%02d", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday);
}

bool rules_tls_handshake_failed(const struct record *record, struct rules_draft *draft) {
	const struct record_tls *tls = record->tls;
	const struct record_tls_alert *alert = NULL;
	char spare[TLS_NAMES_SPARE];

	if (tls == NULL || tls->end.handshake != EVENT_TLS_HANDSHAKE_FAILED)
		return false;
	for (size_t i = 0; i < tls->alert_count && i < RECORD_TLS_ALERTS_MAX && alert == NULL; i++)
		if (tls->alerts[i].level == EVENT_TLS_ALERT_FATAL)
			alert = &tls->alerts[i];
	draft->severity = FINDING_MEDIUM;
	rules_add_frame(draft, record->tls_at.frame);
	if (alert == NULL) {
		rules_add_frame(draft, record->close.last.frame);
		rules_say(draft, WORDS_FINDING_TLS_HANDSHAKE_FAILED_EXPLANATION_CLOSED);
		return true;
	}
	rules_add_frame(draft, alert->at.frame);
	RULES_SAY(draft,
		alert->from == STREAM_CLIENT ? WORDS_FINDING_TLS_HANDSHAKE_FAILED_EXPLANATION_CLIENT
					     : WORDS_FINDING_TLS_HANDSHAKE_FAILED_EXPLANATION_SERVER,
		words_text("alert", tls_names_alert(alert->description, spare)));
	return true;
}

bool rules_tls_certificate_expired(const struct record *record, struct rules_draft *draft) {
	const struct tls_facts_certificate *facts = server_certificate(record);
	struct terminal_text subject;
	char until[DATE_SIZE];

	if (facts == NULL || !facts->has_validity || record->tls->certificate[STREAM_SERVER].at.time_ns / NS <= facts->not_after_s)
		return false;
	draft->severity = certificate_severity(record, FINDING_MEDIUM, FINDING_LOW);
	rules_add_frame(draft, record->tls->certificate[STREAM_SERVER].at.frame);
	write_date(until, facts->not_after_s);
	RULES_SAY(draft, WORDS_FINDING_TLS_CERTIFICATE_EXPIRED_EXPLANATION,
		words_text("subject", rules_piece_wire(&subject, facts->subject, RULES_VALUE_MAX)), words_text("until", until));
	return true;
}

bool rules_tls_certificate_not_yet_valid(const struct record *record, struct rules_draft *draft) {
	const struct tls_facts_certificate *facts = server_certificate(record);
	struct terminal_text subject;
	char from[DATE_SIZE];

	if (facts == NULL || !facts->has_validity || record->tls->certificate[STREAM_SERVER].at.time_ns / NS >= facts->not_before_s)
		return false;
	draft->severity = certificate_severity(record, FINDING_MEDIUM, FINDING_LOW);
	rules_add_frame(draft, record->tls->certificate[STREAM_SERVER].at.frame);
	write_date(from, facts->not_before_s);
	RULES_SAY(draft, WORDS_FINDING_TLS_CERTIFICATE_NOT_YET_VALID_EXPLANATION,
		words_text("subject", rules_piece_wire(&subject, facts->subject, RULES_VALUE_MAX)), words_text("from", from));
	return true;
}

bool rules_tls_certificate_self_signed(const struct record *record, struct rules_draft *draft) {
	const struct tls_facts_certificate *facts = server_certificate(record);
	struct terminal_text subject;

	if (facts == NULL || facts->self_signed != TLS_FACTS_YES)
		return false;
	draft->severity = certificate_severity(record, FINDING_LOW, FINDING_INFO);
	rules_add_frame(draft, record->tls->certificate[STREAM_SERVER].at.frame);
	RULES_SAY(draft, WORDS_FINDING_TLS_CERTIFICATE_SELF_SIGNED_EXPLANATION,
		words_text("subject", rules_piece_wire(&subject, facts->subject, RULES_VALUE_MAX)));
	return true;
}

/* The names of the certificate; the subject's when it has none. */
static const char *piece_names(struct terminal_text *piece, const struct rules_draft *draft, const struct tls_facts_certificate *facts) {
	size_t named = facts->name_count < RULES_NAMED_MAX ? facts->name_count : RULES_NAMED_MAX;

	terminal_text_init(piece, false);
	for (size_t i = 0; i < named; i++) {
		terminal_text_add(piece, i == 0 ? "" : named < facts->name_count ? ", " : rules_separator(draft->words, i, named));
		terminal_text_wire(piece, facts->names[i], RULES_VALUE_MAX);
	}
	if (named < facts->name_count || facts->names_over_limit > 0)
		terminal_text_add(piece, ", ...");
	if (named == 0)
		terminal_text_wire(piece, facts->subject, RULES_VALUE_MAX);
	return piece->data;
}

bool rules_tls_certificate_name_mismatch(const struct record *record, struct rules_draft *draft) {
	const struct tls_facts_certificate *facts = server_certificate(record);
	struct terminal_text host, names;

	if (facts == NULL || record->tls->facts->is_for_server_name != TLS_FACTS_NO)
		return false;
	draft->severity = certificate_severity(record, FINDING_MEDIUM, FINDING_LOW);
	rules_add_frame(draft, record->tls_at.frame);
	rules_add_frame(draft, record->tls->certificate[STREAM_SERVER].at.frame);
	RULES_SAY(draft, WORDS_FINDING_TLS_CERTIFICATE_NAME_MISMATCH_EXPLANATION,
		words_text("host", rules_piece_wire(&host, record->tls->client->server_name, RULES_VALUE_MAX)),
		words_text("names", piece_names(&names, draft, facts)));
	return true;
}

bool rules_tls_version_weak(const struct record *record, struct rules_draft *draft) {
	const struct event_tls_hello *server = record->tls != NULL ? record->tls->server : NULL;
	char spare[TLS_NAMES_SPARE], spare_offered[TLS_NAMES_SPARE];

	if (server == NULL || server->version >= TLS12 || record->tls->end.handshake == EVENT_TLS_HANDSHAKE_FAILED)
		return false;
	draft->severity = FINDING_LOW;
	rules_add_frame(draft, record->tls_at.frame);
	RULES_SAY(draft, WORDS_FINDING_TLS_VERSION_WEAK_EXPLANATION, words_text("version", tls_names_version(server->version, spare)));
	if (record->tls->client != NULL)
		RULES_SAY(draft,
			record->tls->client->version > server->version ? WORDS_FINDING_TLS_VERSION_WEAK_SERVER
								       : WORDS_FINDING_TLS_VERSION_WEAK_CLIENT,
			words_text("version", tls_names_version(record->tls->client->version, spare_offered)));
	return true;
}

/* The 220 to STARTTLS, and behind it a command of the client, or an answer of the server to its ClientHello, in clear. A command that
 * was sent together with STARTTLS is another matter: it was sent before the answer was known. The timeline has the order in which the peers
 * acted; numbers of frames may be in another, where the two directions were not captured at one place. */
bool rules_starttls_in_clear(const struct record *record, struct rules_draft *draft) {
	uint64_t agreed = 0, client = 0, server = 0;
	bool hello = false;

	if (record->tls_encrypted || (record->tls != NULL && record->tls->server != NULL))
		return false;
	for (size_t i = 0; i < record->timeline_count && client + server == 0; i++) {
		const struct record_timeline_entry *entry = &record->timeline[i];

		if (entry->kind == RECORD_REPLY && agreed == 0 && entry->reply.answers == EVENT_ANSWERS_COMMAND &&
			entry->reply.verb == VERB_STARTTLS && entry->reply.code < 300)
			agreed = entry->at.frame;
		else if (entry->kind == RECORD_TLS)
			hello |= entry->tls.step == EVENT_TLS_CLIENT_HELLO;
		else if (entry->kind == RECORD_COMMAND && agreed > 0 && !hello && !entry->command.pipelined)
			client = entry->at.frame;
		else if (entry->kind == RECORD_REPLY && agreed > 0 && hello && entry->at.frame != agreed)
			server = entry->at.frame;
	}
	if (client + server == 0)
		return false;
	draft->severity = FINDING_MEDIUM;
	rules_add_frame(draft, agreed);
	rules_add_frame(draft, client + server);
	rules_say(draft, client > 0 ? WORDS_FINDING_STARTTLS_IN_CLEAR_EXPLANATION_CLIENT : WORDS_FINDING_STARTTLS_IN_CLEAR_EXPLANATION_SERVER);
	return true;
}
