/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Findings about logging in (RFC 4954) and about encryption (RFC 3207).
 */
#include "report/findings/rules.h"

#include <string.h>
#include <strings.h>

enum { GUESSING_MIN = 5 }; /* rejected logins in one session from which they look like password guessing */

static bool slice_equals(struct slice a, struct slice b) {
	return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

static bool slice_is(struct slice slice, const char *text) {
	return slice.len == strlen(text) && strncasecmp(slice.data, text, slice.len) == 0;
}

/* Some of the attempts of a session. */
typedef bool attempt_filter(const struct record_attempt *attempt);

static bool is_temporary_failure(const struct record_attempt *attempt) {
	return auth_reason_of(attempt) == AUTH_REASON_TEMPORARY;
}

static bool is_lack_of_tls(const struct record_attempt *attempt) {
	return auth_reason_of(attempt) == AUTH_REASON_NEEDS_TLS && !attempt->encrypted;
}

static bool is_transition(const struct record_attempt *attempt) {
	return auth_reason_of(attempt) == AUTH_REASON_TRANSITION;
}

static bool is_too_weak(const struct record_attempt *attempt) {
	return auth_reason_of(attempt) == AUTH_REASON_TOO_WEAK;
}

/* The command was not understood or came at a wrong time. A mechanism that was not offered is a finding of its own. */
static bool is_misunderstanding(const struct record_attempt *attempt) {
	switch (auth_reason_of(attempt)) {
	case AUTH_REASON_SYNTAX:
	case AUTH_REASON_NOT_AVAILABLE:
	case AUTH_REASON_OUT_OF_ORDER:
	case AUTH_REASON_MECHANISM:
		return attempt->offered != RECORD_OFFERED_NO;
	default:
		return false;
	}
}

/* Counts the attempts that pass, and makes their frames evidence. ret_first may be NULL. */
static uint64_t count_attempts(const struct record *record, struct rules_draft *draft, attempt_filter *filter,
	const struct record_attempt **ret_first) {
	uint64_t count = 0;

	for (const struct record_attempt *attempt = record->attempts; attempt != NULL; attempt = attempt->next) {
		if (!filter(attempt))
			continue;
		if (count++ == 0 && ret_first != NULL)
			*ret_first = attempt;
		rules_add_frame(draft, attempt->at.frame);
		if (attempt->reply.seen)
			rules_add_frame(draft, attempt->reply.at.frame);
	}
	return count;
}

/* Fills the piece with the different mechanisms of the attempts that pass: " (CRAM-MD5, LOGIN and PLAIN)"; empty when none
 * can be read. */
static const char *piece_mechanisms(
	struct terminal_text *piece, const struct rules_draft *draft, const struct record *record, attempt_filter *filter) {
	enum { SHOWN_MAX = 6 };
	struct slice shown[SHOWN_MAX];
	size_t count = 0;

	for (const struct record_attempt *attempt = record->attempts; attempt != NULL; attempt = attempt->next) {
		bool known = attempt->mechanism.len == 0 || !filter(attempt);

		for (size_t i = 0; i < count && !known; i++)
			known = slice_equals(shown[i], attempt->mechanism);
		if (!known && count < SHOWN_MAX)
			shown[count++] = attempt->mechanism;
	}
	terminal_text_init(piece, false);
	for (size_t i = 0; i < count; i++) {
		terminal_text_add(piece, i == 0 ? " (" : rules_separator(draft->words, i, count));
		terminal_text_wire(piece, shown[i], 20);
	}
	terminal_text_add(piece, count > 0 ? ")" : "");
	return piece->data;
}

/* Fills the piece with the different users of the attempts that pass: users "sato", "suzuki" and others. */
static const char *piece_users(
	struct terminal_text *piece, const struct rules_draft *draft, const struct record *record, attempt_filter *filter) {
	struct slice shown[RULES_NAMED_MAX];
	struct terminal_text list;
	size_t count = 0, over = 0;

	for (const struct record_attempt *attempt = record->attempts; attempt != NULL; attempt = attempt->next) {
		bool known = !attempt->has_username || !filter(attempt);

		for (size_t i = 0; i < count && !known; i++)
			known = slice_equals(shown[i], attempt->username);
		if (known)
			continue;
		if (count < RULES_NAMED_MAX)
			shown[count++] = attempt->username;
		else
			over++;
	}
	if (count == 0)
		return rules_words(draft, WORDS_FINDING_USER_UNKNOWN);
	terminal_text_init(&list, false);
	for (size_t i = 0; i < count; i++) {
		terminal_text_add(&list, rules_separator(draft->words, i, count + (over > 0)));
		rules_add_user(&list, shown[i]);
	}
	return RULES_PIECE(piece, draft,
		over > 0     ? WORDS_FINDING_USERS_MORE
		: count == 1 ? WORDS_FINDING_USER
			     : WORDS_FINDING_USERS,
		words_text("users", list.data));
}

/* The list that applied to the attempt, for telling what was offered instead. */
static const struct record_capabilities *list_of_attempt(const struct record *record, const struct record_attempt *attempt) {
	return attempt->encrypted ? &record->tls_capabilities : &record->clear;
}

bool rules_auth_rejected(const struct record *record, struct rules_draft *draft) {
	static const char *const guessing[] = {"T1110", NULL};
	struct terminal_text mechanisms, users, reply, error;
	const struct record_attempt *first = NULL;
	uint64_t count = count_attempts(record, draft, rules_is_rejected_login, &first);
	bool accepted = false, same_code = true, checked = false, tokens = true, bindings = true;

	if (count == 0)
		return false;
	for (const struct record_attempt *attempt = record->attempts; attempt != NULL; attempt = attempt->next) {
		accepted |= attempt->result == EVENT_AUTH_ACCEPTED;
		if (!rules_is_rejected_login(attempt))
			continue;
		same_code &= attempt->reply.code == first->reply.code;
		/* Some servers say 535 to a mechanism that they do not have: the password was not even looked at. */
		checked |= attempt->offered != RECORD_OFFERED_NO;
		tokens &= slice_is(attempt->mechanism, "XOAUTH2") || slice_is(attempt->mechanism, "OAUTHBEARER");
		bindings &= slice_is(attempt->names.error, "channel-bindings-dont-match"); /* RFC 5802, 7 */
	}
	draft->severity = accepted ? FINDING_LOW : FINDING_HIGH;
	draft->attack = count >= GUESSING_MIN ? guessing : NULL;
	RULES_SAY(draft,
		count == 1  ? WORDS_FINDING_AUTH_REJECTED_ONE
		: same_code ? WORDS_FINDING_AUTH_REJECTED_EACH
			    : WORDS_FINDING_AUTH_REJECTED_FIRST,
		words_count("count", count),
		words_text("mechanisms", piece_mechanisms(&mechanisms, draft, record, rules_is_rejected_login)),
		words_text("users", piece_users(&users, draft, record, rules_is_rejected_login)),
		words_text("reply", rules_piece_reply(&reply, &first->reply)));
	enum words_id why = accepted    ? WORDS_FINDING_AUTH_REJECTED_ACCEPTED
		: !checked              ? WORDS_FINDING_AUTH_REJECTED_NOT_OFFERED
		: count >= GUESSING_MIN ? WORDS_FINDING_AUTH_REJECTED_GUESSING
		: bindings              ? WORDS_FINDING_AUTH_REJECTED_BINDING
		: tokens                ? WORDS_FINDING_AUTH_REJECTED_TOKEN
					: WORDS_FINDING_AUTH_REJECTED_WRONG;
	rules_say(draft, why);
	if (why == WORDS_FINDING_AUTH_REJECTED_BINDING) {
		draft->cause = WORDS_FINDING_AUTH_REJECTED_BINDING_CAUSE;
		draft->check = WORDS_FINDING_AUTH_REJECTED_BINDING_CHECK;
	} else if (why == WORDS_FINDING_AUTH_REJECTED_TOKEN) {
		draft->cause = WORDS_FINDING_AUTH_REJECTED_TOKEN_CAUSE;
		draft->check = WORDS_FINDING_AUTH_REJECTED_TOKEN_CHECK;
	}
	if (first->names.error.len > 0)
		RULES_SAY(draft, WORDS_FINDING_AUTH_REJECTED_ERROR,
			words_text("error", rules_piece_wire(&error, first->names.error, RULES_VALUE_MAX)));
	if (!accepted)
		rules_fails(draft, CLIENT_TEXT_AUTH, first->reply.code);
	return true;
}

bool rules_auth_temporary_failure(const struct record *record, struct rules_draft *draft) {
	const struct record_attempt *first = NULL;
	uint64_t count = count_attempts(record, draft, is_temporary_failure, &first);
	struct terminal_text mechanisms, reply;

	if (count == 0)
		return false;
	draft->severity = FINDING_MEDIUM;
	RULES_SAY(draft, WORDS_FINDING_AUTH_TEMPORARY_FAILURE_EXPLANATION, words_count("count", count),
		words_text("mechanisms", piece_mechanisms(&mechanisms, draft, record, is_temporary_failure)),
		words_text("reply", rules_piece_reply(&reply, &first->reply)));
	rules_fails(draft, CLIENT_TEXT_AUTH, first->reply.code);
	return true;
}

bool rules_auth_needs_tls(const struct record *record, struct rules_draft *draft) {
	const struct record_attempt *first = NULL;
	struct terminal_text command, reply;

	if (count_attempts(record, draft, is_lack_of_tls, &first) == 0)
		return false;
	draft->severity = FINDING_MEDIUM;
	terminal_text_init(&command, false);
	terminal_text_add(&command, first->mechanism.len > 0 ? "AUTH " : "AUTH");
	terminal_text_wire(&command, first->mechanism, 20);
	RULES_SAY(draft, WORDS_FINDING_AUTH_NEEDS_TLS_EXPLANATION, words_text("command", command.data),
		words_text("reply", rules_piece_reply(&reply, &first->reply)));
	rules_fails(draft, CLIENT_TEXT_AUTH, first->reply.code);
	return true;
}

bool rules_auth_password_transition_needed(const struct record *record, struct rules_draft *draft) {
	const struct record_attempt *first = NULL;
	struct terminal_text mechanisms, users, reply;

	if (count_attempts(record, draft, is_transition, &first) == 0)
		return false;
	draft->severity = FINDING_MEDIUM;
	RULES_SAY(draft, WORDS_FINDING_AUTH_PASSWORD_TRANSITION_NEEDED_EXPLANATION,
		words_text("mechanisms", piece_mechanisms(&mechanisms, draft, record, is_transition)),
		words_text("users", piece_users(&users, draft, record, is_transition)),
		words_text("reply", rules_piece_reply(&reply, &first->reply)));
	rules_fails(draft, CLIENT_TEXT_AUTH, first->reply.code);
	return true;
}

bool rules_auth_mechanism_too_weak(const struct record *record, struct rules_draft *draft) {
	const struct record_attempt *first = NULL;
	struct terminal_text mechanisms, users, reply;

	if (count_attempts(record, draft, is_too_weak, &first) == 0)
		return false;
	draft->severity = FINDING_MEDIUM;
	RULES_SAY(draft, WORDS_FINDING_AUTH_MECHANISM_TOO_WEAK_EXPLANATION,
		words_text("mechanisms", piece_mechanisms(&mechanisms, draft, record, is_too_weak)),
		words_text("users", piece_users(&users, draft, record, is_too_weak)),
		words_text("reply", rules_piece_reply(&reply, &first->reply)));
	rules_fails(draft, CLIENT_TEXT_AUTH, first->reply.code);
	return true;
}

static enum words_id misunderstanding_words(const struct record_attempt *attempt, bool accepted_before) {
	switch (auth_reason_of(attempt)) {
	case AUTH_REASON_NOT_AVAILABLE:
		return WORDS_FINDING_AUTH_SYNTAX_WHY_NOT_AVAILABLE;
	case AUTH_REASON_MECHANISM:
		return WORDS_FINDING_AUTH_SYNTAX_WHY_MECHANISM;
	case AUTH_REASON_OUT_OF_ORDER:
		return accepted_before        ? WORDS_FINDING_AUTH_SYNTAX_WHY_AGAIN
		       : attempt->during_mail ? WORDS_FINDING_AUTH_SYNTAX_WHY_DURING_MAIL
					      : WORDS_FINDING_AUTH_SYNTAX_WHY_NOT_NOW;
	default:
		return WORDS_FINDING_AUTH_SYNTAX_WHY_MALFORMED;
	}
}

bool rules_auth_syntax(const struct record *record, struct rules_draft *draft) {
	const struct record_attempt *first = NULL;
	struct terminal_text mechanisms, reply;
	uint64_t count = count_attempts(record, draft, is_misunderstanding, &first);
	bool accepted_before = false, accepted = false;

	/* The list that was lost may not have had the mechanism. */
	if (count == 0 || (first->offered == RECORD_OFFERED_UNKNOWN &&
				  (record->gap_count > 0 || record->open.midstream || record->one_sided)))
		return false;
	for (const struct record_attempt *attempt = record->attempts; attempt != NULL; attempt = attempt->next) {
		accepted |= attempt->result == EVENT_AUTH_ACCEPTED;
		if (attempt == first)
			accepted_before = accepted;
	}
	draft->severity = accepted ? FINDING_LOW : FINDING_MEDIUM;
	RULES_SAY(draft, WORDS_FINDING_AUTH_SYNTAX_EXPLANATION, words_count("count", count),
		words_text("mechanisms", piece_mechanisms(&mechanisms, draft, record, is_misunderstanding)),
		words_text("reply", rules_piece_reply(&reply, &first->reply)),
		words_text("why", rules_words(draft, misunderstanding_words(first, accepted_before))));
	if (!accepted)
		rules_fails(draft, CLIENT_TEXT_AUTH, first->reply.code);
	return true;
}

bool rules_auth_mechanism_not_offered(const struct record *record, struct rules_draft *draft) {
	struct terminal_text mechanism, others, offered_list, reply;
	const struct record_attempt *first = NULL;
	const struct record_capabilities *list = NULL;
	bool accepted = false;
	uint64_t count = 0;

	for (const struct record_attempt *attempt = record->attempts; attempt != NULL; attempt = attempt->next) {
		if (attempt->offered != RECORD_OFFERED_NO)
			continue;
		if (count++ == 0) {
			first = attempt;
			list = list_of_attempt(record, attempt);
		}
		accepted |= attempt->result == EVENT_AUTH_ACCEPTED;
		rules_add_frame(draft, attempt->at.frame);
	}
	if (count == 0)
		return false;
	draft->severity = accepted ? FINDING_LOW : FINDING_MEDIUM;
	RULES_SAY(draft,
		rules_piece_mechanisms(&offered_list, draft, list)
			? WORDS_FINDING_AUTH_MECHANISM_NOT_OFFERED_EXPLANATION
			: WORDS_FINDING_AUTH_MECHANISM_NOT_OFFERED_EXPLANATION_NONE,
		words_text("mechanism", rules_piece_wire(&mechanism, first->mechanism, 20)),
		words_text("others", count == 1
					     ? ""
					     : RULES_PIECE(&others, draft, WORDS_FINDING_AUTH_MECHANISM_NOT_OFFERED_OTHERS,
						       words_count("count", count - 1))),
		words_text("offered", offered_list.data));
	if (first->result == EVENT_AUTH_ACCEPTED)
		rules_say(draft, WORDS_FINDING_AUTH_MECHANISM_NOT_OFFERED_END_ACCEPTED);
	else if (first->reply.seen)
		RULES_SAY(draft, WORDS_FINDING_AUTH_MECHANISM_NOT_OFFERED_END_ANSWERED,
			words_text("reply", rules_piece_reply(&reply, &first->reply)));
	else
		rules_say(draft, WORDS_FINDING_AUTH_MECHANISM_NOT_OFFERED_END);
	if (!accepted && rules_is_refusal(&first->reply))
		rules_fails(draft, CLIENT_TEXT_AUTH, first->reply.code);
	return true;
}

bool rules_auth_not_offered_on_submission(const struct record *record, struct rules_draft *draft) {
	struct terminal_text server;
	const struct record_capabilities *list = record->tls_seen ? &record->tls_capabilities : &record->clear;

	/* After a login that was not captured the list may be a shorter one. */
	if (record->open.midstream || record->one_sided)
		return false;
	/* Only 587 is assigned to submission alone; before TLS, STARTTLS means that a login may be offered after it. */
	if (record->open.server.port != 587 || !rules_list_complete(list) || rules_find_capability(list, "AUTH") != NULL)
		return false;
	if (!record->tls_seen && rules_find_capability(list, "STARTTLS") != NULL)
		return false;
	for (const struct record_attempt *attempt = record->attempts; attempt != NULL; attempt = attempt->next)
		if (attempt->result == EVENT_AUTH_ACCEPTED) /* some servers stop offering AUTH after it */
			return false;
	draft->severity = FINDING_MEDIUM;
	for (size_t i = 0; i < record->timeline_count; i++) {
		const struct record_timeline_entry *entry = &record->timeline[i];

		if (entry->kind == RECORD_REPLY && entry->reply.answers == EVENT_ANSWERS_COMMAND &&
			entry->reply.verb == VERB_EHLO)
			rules_add_frame(draft, entry->at.frame);
	}
	RULES_SAY(draft,
		record->tls_seen ? WORDS_FINDING_AUTH_NOT_OFFERED_ON_SUBMISSION_EXPLANATION_TLS
				 : WORDS_FINDING_AUTH_NOT_OFFERED_ON_SUBMISSION_EXPLANATION,
		words_text("server", rules_piece_endpoint(&server, &record->open.server, true)));
	rules_fails(draft, CLIENT_TEXT_NO_LOGIN, 0);
	return true;
}

/* How many client responses an AUTH command got until all of the secret was sent. 0: the mechanism reveals no password. */
static unsigned responses_until_secret(struct slice mechanism) {
	if (slice_is(mechanism, "LOGIN"))
		return 2;
	if (slice_is(mechanism, "PLAIN") || slice_is(mechanism, "XOAUTH2") || slice_is(mechanism, "OAUTHBEARER"))
		return 1;
	return 0;
}

/* Was the secret itself on the wire? A LOGIN that the server refused before it asked for the password was not. */
static bool secret_was_sent(const struct record *record, const struct record_attempt *attempt) {
	unsigned need = responses_until_secret(attempt->mechanism), responses = 0;
	uint64_t initial_frame = 0;

	if (need == 0 || attempt->encrypted)
		return false;
	if (attempt->result == EVENT_AUTH_ACCEPTED || (attempt->reply.seen && attempt->reply.code == 535))
		return true;
	for (size_t i = 0; i < record->timeline_count; i++) {
		const struct record_timeline_entry *entry = &record->timeline[i];

		if (entry->kind == RECORD_COMMAND && entry->command.id == attempt->command &&
			entry->command.argument_withheld) {
			initial_frame = entry->at.frame;
			responses++;
		}
		/* An initial response may also be a step of its own; it counts once. */
		if (entry->kind == RECORD_AUTH && entry->auth.command == attempt->command &&
			entry->auth.step == EVENT_AUTH_RESPONSE && entry->at.frame != initial_frame)
			responses++;
	}
	return responses >= need;
}

bool rules_auth_cleartext(const struct record *record, struct rules_draft *draft) {
	static const char *const sniffing[] = {"T1040", NULL};
	struct terminal_text user, user_piece, mechanism, logins;
	const struct record_attempt *first = NULL;
	bool token, starttls;
	uint64_t count = 0;

	for (const struct record_attempt *attempt = record->attempts; attempt != NULL; attempt = attempt->next) {
		if (!secret_was_sent(record, attempt))
			continue;
		if (count++ == 0)
			first = attempt;
		rules_add_frame(draft, attempt->at.frame);
	}
	if (count == 0)
		return false;
	draft->severity = FINDING_HIGH;
	draft->attack = sniffing;
	token = !slice_is(first->mechanism, "PLAIN") && !slice_is(first->mechanism, "LOGIN");
	starttls = rules_find_capability(&record->clear, "STARTTLS") != NULL && !record->tls_seen;
	if (token)
		draft->title = WORDS_FINDING_AUTH_CLEARTEXT_TITLE_TOKEN;
	RULES_SAY(draft, token ? WORDS_FINDING_AUTH_CLEARTEXT_EXPLANATION_TOKEN : WORDS_FINDING_AUTH_CLEARTEXT_EXPLANATION,
		words_text("user", !first->has_username
					   ? ""
					   : RULES_PIECE(&user_piece, draft, WORDS_FINDING_AUTH_CLEARTEXT_USER,
						     words_text("user", rules_piece_user(&user, first->username)))),
		words_text("mechanism", rules_piece_wire(&mechanism, first->mechanism, 20)),
		words_text("logins", count == 1 ? ""
						: RULES_PIECE(&logins, draft, WORDS_FINDING_AUTH_CLEARTEXT_LOGINS,
							  words_count("count", count))),
		words_text("starttls", starttls ? rules_words(draft, WORDS_FINDING_AUTH_CLEARTEXT_STARTTLS) : ""));
	return true;
}

/* What the code says, RFC 3207 and RFC 5321. */
static const char *starttls_refusal_words(const struct rules_draft *draft, uint16_t code) {
	switch (code) {
	case 501:
		return rules_words(draft, WORDS_FINDING_STARTTLS_REFUSED_CODE_SYNTAX);
	case 500:
	case 502:
	case 504:
		return rules_words(draft, WORDS_FINDING_STARTTLS_REFUSED_CODE_UNKNOWN);
	case 503:
		return rules_words(draft, WORDS_FINDING_STARTTLS_REFUSED_CODE_SEQUENCE);
	case 421: /* the server closes, whatever was asked */
		return "";
	default:
		return rules_words(
			draft, code < 500 ? WORDS_FINDING_STARTTLS_REFUSED_CODE_NOT_NOW : WORDS_FINDING_STARTTLS_REFUSED_CODE_POLICY);
	}
}

bool rules_starttls_refused(const struct record *record, struct rules_draft *draft) {
	struct terminal_text reply;
	const struct event_reply *refusal = NULL;
	bool clear = false;

	for (size_t i = 0; i < record->timeline_count; i++) {
		const struct record_timeline_entry *entry = &record->timeline[i];

		if (entry->kind == RECORD_COMMAND && entry->command.verb == VERB_MAIL && refusal != NULL)
			clear = !record->tls_seen;
		if (entry->kind != RECORD_REPLY || entry->reply.answers != EVENT_ANSWERS_COMMAND ||
			entry->reply.verb != VERB_STARTTLS || entry->reply.code < 400)
			continue;
		refusal = &entry->reply;
		rules_add_frame(draft, entry->at.frame);
	}
	if (refusal == NULL)
		return false;
	draft->severity = FINDING_MEDIUM;
	rules_piece_reply(&reply, &(struct record_reply){.seen = true,
					  .code = refusal->code,
					  .enhanced = refusal->enhanced,
					  .lines = refusal->lines,
					  .line_count = refusal->line_count});
	RULES_SAY(draft, WORDS_FINDING_STARTTLS_REFUSED_EXPLANATION, words_text("reply", reply.data),
		words_text("why", starttls_refusal_words(draft, refusal->code)),
		words_text("clear", clear ? rules_words(draft, WORDS_FINDING_STARTTLS_REFUSED_CLEAR) : ""));
	if (!clear)
		rules_fails(draft, CLIENT_TEXT_STARTTLS, refusal->code);
	return true;
}

bool rules_starttls_not_used(const struct record *record, struct rules_draft *draft) {
	struct terminal_text what;
	uint64_t mails = 0, logins = 0;

	if (rules_find_capability(&record->clear, "STARTTLS") == NULL)
		return false;
	uint64_t gap_frame = UINT64_MAX;
	for (size_t i = 0; i < record->timeline_count; i++) {
		const struct record_timeline_entry *entry = &record->timeline[i];
		enum verb verb = entry->kind == RECORD_COMMAND ? entry->command.verb : VERB_OTHER;

		if (verb == VERB_STARTTLS) /* a refused one is starttls-refused */
			return false;
		if (entry->kind == RECORD_GAP && entry->gap.side == STREAM_CLIENT && gap_frame == UINT64_MAX)
			gap_frame = entry->at.frame;
	}
	if (record->tls_seen || record->tls_refused)
		return false;
	if (record->open.midstream || record->one_sided ||
		(record->timeline_truncated > 0 && record->close.side[STREAM_CLIENT].gap_bytes > 0))
		return false;
	/* The client may have tried where nothing was captured. */
	for (const struct record_mail *mail = record->mails; mail != NULL && mail->at.frame < gap_frame; mail = mail->next, mails++)
		rules_add_frame(draft, mail->at.frame);
	for (const struct record_attempt *attempt = record->attempts; attempt != NULL && attempt->at.frame < gap_frame;
		attempt = attempt->next, logins++)
		rules_add_frame(draft, attempt->at.frame);
	if (mails + logins == 0)
		return false;
	draft->severity = FINDING_LOW;
	RULES_PIECE(&what, draft,
		mails == 0    ? WORDS_FINDING_STARTTLS_NOT_USED_WHAT_LOGINS
		: logins == 0 ? WORDS_FINDING_STARTTLS_NOT_USED_WHAT_MAILS
			      : WORDS_FINDING_STARTTLS_NOT_USED_WHAT_BOTH,
		words_count("logins", logins), words_count("mails", mails));
	RULES_SAY(draft, WORDS_FINDING_STARTTLS_NOT_USED_EXPLANATION, words_text("what", what.data));
	return true;
}
