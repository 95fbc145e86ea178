/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a rule is given, what it returns, and helpers that rules share.
 *
 * A rule reports at most one finding a session and gathers all its cases in it. It gives a verdict only when nothing unseen
 * (a gap, a start that was not captured, encryption) could hide the contrary; otherwise it finds nothing.
 */
#ifndef SMTPSCOPE_REPORT_FINDINGS_RULES_H
#define SMTPSCOPE_REPORT_FINDINGS_RULES_H

#include "report/auth_reason.h"
#include "report/client_text.h"
#include "report/meaning.h"
#include "report/record.h"
#include "report/words.h"

enum {
	RULES_NAMED_MAX = 3,  /* users, mechanisms, addresses, ... of one kind named in an explanation; others are counted */
	RULES_VALUE_MAX = 60, /* columns of one value from the wire */
	RULES_TEXT_MAX = 100, /* columns of a reply's text */
	RULES_FIELDS_MAX = 8, /* own fields of a finding */
	RULES_FIELD_TEXTS_MAX = 24, /* of all of them together */
};

/* A finding in the making. A rule fills explanation, severity and frames; the rest is preset. */
struct rules_draft {
	const struct words *words;
	enum finding_severity severity;
	enum words_id title;       /* preset from words_tables.c, as are causes and checks */
	enum words_id cause, check; /* preset WORDS_COUNT; else the only ones */
	const char *const *attack; /* preset NULL; a constant */
	enum client_text_stage client_stage; /* where it fails for the mail client; preset CLIENT_TEXT_STAGE_COUNT: it does not */
	uint16_t client_code;
	struct terminal_text explanation;
	uint64_t frames[RECORD_FINDING_FRAMES_MAX];
	size_t frame_count;
	int accepted; /* preset -1 */
	struct finding_field fields[RULES_FIELDS_MAX];
	size_t field_count;
	const char *field_texts[RULES_FIELD_TEXTS_MAX];
	size_t field_text_count;
};

/* Returns whether there is something to report. The draft of a rule that returns false is thrown away. */
typedef bool rules_function(const struct record *record, struct rules_draft *draft);

/* The rules, by topic: */
rules_function rules_connection_refused, rules_connection_unanswered, rules_no_greeting, rules_banner_refused,
	rules_server_busy, rules_early_talker, rules_capability_masked, rules_conflicting_retransmission,
	rules_capture_loss; /* connection.c */
rules_function rules_auth_rejected, rules_auth_temporary_failure, rules_auth_needs_tls, rules_auth_mechanism_not_offered,
	rules_auth_password_transition_needed, rules_auth_mechanism_too_weak, rules_auth_syntax,
	rules_auth_not_offered_on_submission, rules_auth_cleartext, rules_starttls_refused,
	rules_starttls_not_used; /* auth.c */
rules_function rules_tls_handshake_failed, rules_tls_certificate_expired, rules_tls_certificate_not_yet_valid,
	rules_tls_certificate_name_mismatch, rules_tls_certificate_self_signed, rules_tls_version_weak, rules_starttls_in_clear; /* tls.c */
rules_function rules_mail_without_auth, rules_auth_required, rules_mail_refused, rules_recipient_refused,
	rules_greylisted; /* mail.c */
rules_function rules_smuggling, rules_bare_newline, rules_nul_byte, rules_starttls_injection, rules_response_injection,
	rules_pipelining_violation, rules_commands_after_quit, rules_line_too_long, rules_header_injection,
	rules_not_smtp; /* attacks.c */
rules_function rules_slow_reply, rules_tarpit; /* timing.c */
rules_function rules_extension_not_offered, rules_parameter_wrong, rules_limit_exceeded, rules_size_over_limit,
	rules_size_understated, rules_hello_not_repeated; /* extension.c */

/* Adds a frame to the evidence: once, in ascending order. Over the limit the highest are left out. 0 is no frame. */
void rules_add_frame(struct rules_draft *draft, uint64_t frame);

/* Values that only this finding has. names and texts are constants; what there is no place for is left out. */
void rules_field(struct rules_draft *draft, const char *name, enum finding_field_kind kind, int64_t number);
void rules_field_texts(struct rules_draft *draft, const char *name, const char *const *texts, size_t count);

/* Was all of the session captured, the handshake too, and every byte of it once? */
static inline bool rules_is_whole(const struct record *record) {
	return !record->open.midstream && record->open.handshake_ns >= 0 && !record->one_sided && record->gap_count == 0 && !record->unknown_reply &&
	       record->close.side[STREAM_CLIENT].gap_bytes == 0 && record->close.side[STREAM_SERVER].gap_bytes == 0 &&
	       record->close.side[STREAM_CLIENT].conflicts == 0 && record->close.side[STREAM_SERVER].conflicts == 0 &&
	       record->timeline_truncated == 0;
}

static inline void rules_raise(struct rules_draft *draft, enum finding_severity severity) {
	if (draft->severity < severity)
		draft->severity = severity;
}

static inline void rules_fails(struct rules_draft *draft, enum client_text_stage stage, uint16_t code) {
	draft->client_stage = stage;
	draft->client_code = code;
}

/* Appends a text of the catalogue to the explanation: RULES_SAY(draft, WORDS_..., words_text("user", user)). Without values it
 * is rules_say(). */
#define RULES_SAY(draft, id, ...) WORDS_ADD(&(draft)->explanation, (draft)->words, id, __VA_ARGS__)

static inline void rules_say(struct rules_draft *draft, enum words_id id) {
	terminal_text_add(&draft->explanation, words_get(draft->words, id));
}

/* Values and parts of sentences, to be put into a text of the catalogue: each of these fills a piece anew and returns its text. */
const char *rules_piece_reply(struct terminal_text *piece, const struct record_reply *reply);
const char *rules_piece_endpoint(struct terminal_text *piece, const struct stream_endpoint *endpoint, bool with_port);
const char *rules_piece_address(struct terminal_text *piece, struct slice address);
const char *rules_piece_user(struct terminal_text *piece, struct slice username);
const char *rules_piece_wire(struct terminal_text *piece, struct slice value, size_t columns_max);

/* A text of the catalogue with its values, as a piece: RULES_PIECE(&piece, draft, WORDS_..., words_text("user", user)) */
#define RULES_PIECE(piece, draft, id, ...) \
	(terminal_text_init(piece, false), WORDS_ADD(piece, (draft)->words, id, __VA_ARGS__), (const char *)(piece)->data)

/* A text of the catalogue without values. */
static inline const char *rules_words(const struct rules_draft *draft, enum words_id id) {
	return words_get(draft->words, id);
}

/* The words between item number index (from 0) of count and the one before it: "", ", " or " and ". */
const char *rules_separator(const struct words *words, size_t index, size_t count);

/* Appends 535 5.7.8 "text". */
void rules_add_reply(struct terminal_text *text, const struct record_reply *reply);

/* Appends "sato", in quotes: the form by which findings_add_explanation() finds user names again. */
void rules_add_user(struct terminal_text *text, struct slice username);

/* Appends <address>. */
void rules_add_address(struct terminal_text *text, struct slice address);

static inline bool rules_is_refusal(const struct record_reply *reply) {
	return reply->seen && reply->code >= 400 && reply->code < 600;
}

static inline enum meaning_reason rules_reason(const struct record_reply *reply) {
	return meaning_reply_reason(reply->code, reply->enhanced, reply->lines, reply->line_count);
}

/* Is the capability list known in whole? */
static inline bool rules_list_complete(const struct record_capabilities *capabilities) {
	return capabilities->seen && !capabilities->incomplete && capabilities->line_count < RECORD_CAPABILITIES_MAX;
}

/* Returns the line of a capability list that starts with this keyword, NULL when there is none. "AUTH" also finds the old
 * form "AUTH=LOGIN". */
const struct slice *rules_find_capability(const struct record_capabilities *capabilities, const char *keyword);

/* What a client may do before it has heard from the server, for it knows the server from earlier: Exim's PIPECONNECT. */
static inline bool rules_offers_early_pipelining(const struct record *record) {
	const struct record_capabilities *lists[] = {&record->clear, &record->tls_capabilities};
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		if (rules_find_capability(lists[i], "PIPECONNECT") != NULL || rules_find_capability(lists[i], "X_PIPE_CONNECT") != NULL)
			return true;
	return false;
}

/* Returns whether the list offers the AUTH mechanism. */
bool rules_offers_mechanism(const struct record_capabilities *capabilities, struct slice mechanism);

/* Fills the piece with the mechanisms that the list offers, as they stand in it. Returns whether there are any. */
bool rules_piece_mechanisms(
	struct terminal_text *piece, const struct rules_draft *draft, const struct record_capabilities *capabilities);

/* Returns the list that is in force at a frame: the one sent under TLS once TLS has begun. */
const struct record_capabilities *rules_capabilities_at(const struct record *record, uint64_t frame);

/* Was the login attempt refused because of what was sent, not for want of TLS, for a temporary failure and the like? */
bool rules_is_rejected_login(const struct record_attempt *attempt);

/* Is the server's port one to which people's mail programs send (587, 465, 2525)? */
bool rules_is_submission(const struct record *record);

#endif
