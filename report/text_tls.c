/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/text_tls.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "report/tls_facts.h"
#include "report/tls_names.h"

enum {
	NAME_COLUMNS_MAX = 60,
	CLOSE_NOTIFY = 0,
};

/* Whether what is encrypted was read, if anybody tried. */
static void add_decrypted(const struct text_page *page, struct terminal_text *text, const struct record *record) {
	static const enum words_id reasons[EVENT_TLS_REASON_COUNT] = {
		[EVENT_TLS_REASON_NO_KEY] = WORDS_TEXT_TLS_NO_KEY,
		[EVENT_TLS_REASON_WRONG_KEY] = WORDS_TEXT_TLS_WRONG_KEY,
		[EVENT_TLS_REASON_UNSUPPORTED] = WORDS_TEXT_TLS_UNSUPPORTED,
		[EVENT_TLS_REASON_GAP] = WORDS_TEXT_TLS_GAP,
		[EVENT_TLS_REASON_DAMAGED] = WORDS_TEXT_TLS_DAMAGED,
		[EVENT_TLS_REASON_EARLY_DATA] = WORDS_TEXT_TLS_EARLY_DATA,
	};
	char frame[24];
	if (record->tls_decrypted && !record->tls_unread) {
		terminal_text_add(text, text_page_words(page, WORDS_TEXT_TLS_DECRYPTED));
		return;
	}
	if (!record->tls_unread || record->tls_reason == EVENT_TLS_REASON_NONE)
		return;
	snprintf(frame, sizeof(frame), "%" PRIu64, record->tls_unread_at.frame);
	TEXT_ADD(page, text, record->tls_decrypted ? WORDS_TEXT_TLS_DECRYPTED_UNTIL : WORDS_TEXT_TLS_NOT_DECRYPTED,
		words_text("frame", frame), words_text("reason", text_page_words(page, reasons[record->tls_reason])));
}

static void add_how(const struct text_page *page, struct terminal_text *text, const struct record *record) {
	char frame[24];
	snprintf(frame, sizeof(frame), "%" PRIu64, record->tls_at.frame);
	enum words_id id = WORDS_TEXT_TLS_REFUSED;
	if (record->tls != NULL && record->tls->end.handshake == EVENT_TLS_HANDSHAKE_FAILED)
		id = WORDS_TEXT_TLS_FAILED;
	else if (record->tls_encrypted)
		id = record->tls_implicit    ? WORDS_TEXT_TLS_IMPLICIT
			: record->tls_anonymous ? WORDS_TEXT_TLS_ANONYMOUS
						: WORDS_TEXT_TLS_STARTTLS;
	else if (record->tls_seen)
		id = WORDS_TEXT_TLS_BEGUN;
	TEXT_ADD(page, text, id, words_text("frame", frame));
	add_decrypted(page, text, record);
}

static void add_agreed(const struct text_page *page, struct terminal_text *text, const struct record_tls *tls) {
	char spare[TLS_NAMES_SPARE];
	const char *dot = page->symbols->dot;
	if (tls->server != NULL) {
		terminal_text_add(text, tls_names_version(tls->server->version, spare));
		terminal_text_add(text, dot);
		terminal_text_add(text, tls_names_cipher(tls->server->cipher, spare));
	}
	if (tls->client != NULL && tls->client->server_name.len > 0) {
		terminal_text_add(text, text->len > 0 ? dot : "");
		terminal_text_wire(text, tls->client->server_name, NAME_COLUMNS_MAX);
	}
}

static void add_certificate(const struct text_page *page, struct terminal_text *text, const struct tls_facts_certificate *facts) {
	struct terminal_text subject;
	char until[40] = "?";
	time_t time = (time_t)facts->not_after_s;
	struct tm tm;
	text_page_text(page, &subject);
	terminal_text_wire(&subject, facts->subject, NAME_COLUMNS_MAX);
	if (facts->has_validity && gmtime_r(&time, &tm) != NULL)
		snprintf(until, sizeof(until), "%04d-%02d-%02d", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday);
	TEXT_ADD(page, text, WORDS_TEXT_TLS_CERTIFICATE, words_text("subject", subject.data), words_text("until", until));
}

void text_tls_add_row(const struct text_page *page, struct terminal_text *text, const struct record *record, size_t row) {
	const struct record_tls *tls = record->tls;
	if (row == 0) {
		add_how(page, text, record);
		return;
	}
	if (tls == NULL)
		return;
	if (row == 1)
		add_agreed(page, text, tls);
	else if (row == 2 && tls->facts != NULL && tls->facts->certificate[STREAM_SERVER] != NULL)
		add_certificate(page, text, tls->facts->certificate[STREAM_SERVER]);
	else if (row == 3 && tls->facts != NULL && tls->facts->ja4[0] != '\0')
		terminal_text_format(text, "JA4 %s", tls->facts->ja4);
}

void text_tls_add_step(const struct text_page *page, struct terminal_text *text, const struct event_tls *step) {
	char spare[TLS_NAMES_SPARE];
	switch (step->step) {
	case EVENT_TLS_CLIENT_HELLO:
		terminal_text_add(text, "TLS ClientHello");
		return;
	case EVENT_TLS_SERVER_HELLO:
		terminal_text_add(text, step->hello != NULL && step->hello->retry ? "TLS HelloRetryRequest" : "TLS ServerHello");
		return;
	case EVENT_TLS_CERTIFICATE:
		terminal_text_add(text, "TLS Certificate");
		return;
	case EVENT_TLS_ALERT:
		terminal_text_format(text, "TLS Alert %s", tls_names_alert(step->alert_description, spare));
		return;
	case EVENT_TLS_ENCRYPTED:
		terminal_text_add(text, text_page_words(page, WORDS_TEXT_ENCRYPTED));
		return;
	case EVENT_TLS_DECRYPTED:
		terminal_text_add(text, text_page_words(page, WORDS_TEXT_DECRYPTED));
		return;
	}
}

static enum words_id alert_meaning(const struct event_tls *step) {
	if (step->alert_description == CLOSE_NOTIFY)
		return WORDS_TEXT_TLS_ENDS;
	return step->alert_level == EVENT_TLS_ALERT_FATAL ? WORDS_TEXT_TLS_GIVES_UP : WORDS_TEXT_TLS_WARNS;
}

void text_tls_add_meaning(const struct text_page *page, struct terminal_text *text, const struct event_tls *step) {
	static const enum words_id meanings[] = {
		[EVENT_TLS_CLIENT_HELLO] = WORDS_TEXT_TLS_BEGINS,
		[EVENT_TLS_SERVER_HELLO] = WORDS_TEXT_TLS_AGREES,
		[EVENT_TLS_ENCRYPTED] = WORDS_TEXT_TLS_UNREADABLE,
		[EVENT_TLS_CERTIFICATE] = WORDS_TEXT_TLS_SHOWS_CERTIFICATE,
		[EVENT_TLS_DECRYPTED] = WORDS_TEXT_TLS_READABLE,
	};
	char spare[TLS_NAMES_SPARE];
	bool retry = step->hello != NULL && step->hello->retry;
	enum words_id id = step->step == EVENT_TLS_ALERT ? alert_meaning(step) : retry ? WORDS_TEXT_TLS_RETRIES : meanings[step->step];
	terminal_text_add(text, text_page_words(page, id));
	if (step->hello != NULL && !retry)
		terminal_text_format(text, " (%s)", tls_names_version(step->hello->version, spare));
}
