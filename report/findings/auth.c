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
	/* 421 is server-busy; 432 asks the user for a new password (RFC 4954, 4.7.12). */
	return attempt->result != EVENT_AUTH_ACCEPTED && attempt->reply.seen && attempt->reply.code >= 400 &&
	       attempt->reply.code < 500 && attempt->reply.code != 421 && attempt->reply.code != 432;
}

static bool is_lack_of_tls(const struct record_attempt *attempt) {
	if (attempt->result == EVENT_AUTH_ACCEPTED || !rules_is_refusal(&attempt->reply) || attempt->encrypted)
		return false;
	return attempt->reply.code == 538 || attempt->reply.code == 530 ||
	       rules_reason(&attempt->reply) == MEANING_REASON_ENCRYPTION;
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

/* Appends the different mechanisms of the attempts that pass: " (CRAM-MD5, LOGIN and PLAIN)"; nothing when none can be read.
 */
static void add_mechanisms(struct terminal_text *text, const struct record *record, attempt_filter *filter) {
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
	for (size_t i = 0; i < count; i++) {
		terminal_text_add(text, i == 0 ? " (" : rules_separator(i, count));
		terminal_text_wire(text, shown[i], 20);
	}
	terminal_text_add(text, count > 0 ? ")" : "");
}

/* Appends the different users of the attempts that pass: "sato", "suzuki" and 3 more. Returns whether there are any. */
static bool add_users(struct terminal_text *text, const struct record *record, attempt_filter *filter) {
	struct slice shown[RULES_NAMED_MAX];
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
	if (count > 0)
		terminal_text_add(text, count == 1 ? "user " : "users ");
	for (size_t i = 0; i < count; i++) {
		terminal_text_add(text, rules_separator(i, count + (over > 0)));
		rules_add_user(text, shown[i]);
	}
	if (over > 0)
		terminal_text_add(text, " and others");
	return count > 0;
}

/* The list that applied to the attempt, if it is known whole; else NULL. */
static const struct record_capabilities *list_of_attempt(const struct record *record, const struct record_attempt *attempt) {
	const struct record_capabilities *list = attempt->encrypted ? &record->tls_capabilities : &record->clear;

	return rules_list_complete(list) ? list : NULL;
}

bool rules_auth_rejected(const struct record *record, struct rules_draft *draft) {
	static const char *const guessing[] = {"T1110", NULL};
	struct terminal_text *text = &draft->explanation;
	const struct record_attempt *first = NULL;
	uint64_t count = count_attempts(record, draft, rules_is_rejected_login, &first);
	bool accepted = false, same_code = true, checked = false;

	if (count == 0)
		return false;
	for (const struct record_attempt *attempt = record->attempts; attempt != NULL; attempt = attempt->next) {
		accepted |= attempt->result == EVENT_AUTH_ACCEPTED;
		if (!rules_is_rejected_login(attempt))
			continue;
		same_code &= attempt->reply.code == first->reply.code;
		/* Some servers say 535 to a mechanism that they do not have: the password was not even looked at. */
		checked |= list_of_attempt(record, attempt) == NULL ||
			   rules_offers_mechanism(list_of_attempt(record, attempt), attempt->mechanism);
	}
	draft->severity = accepted ? FINDING_LOW : FINDING_HIGH;
	draft->attack = count >= GUESSING_MIN ? guessing : NULL;
	terminal_text_add(text, "The server rejected ");
	terminal_text_number(text, count, "login", "logins");
	add_mechanisms(text, record, rules_is_rejected_login);
	terminal_text_add(text, " of ");
	if (!add_users(text, record, rules_is_rejected_login))
		terminal_text_add(text, "a user whose name was not seen");
	terminal_text_add(text, count == 1 ? " with " : same_code ? ", each time with " : ", the first with ");
	rules_add_reply(text, &first->reply);
	if (accepted)
		terminal_text_add(text, ". In the same session another login was accepted.");
	else if (!checked)
		terminal_text_add(text, ". None was accepted: the server does not offer this way to log in.");
	else if (count >= GUESSING_MIN)
		terminal_text_add(text, ". None was accepted; so many in one session look like password guessing.");
	else
		terminal_text_add(text,
			". None was accepted: the user name or password is wrong, or this server does not know the user.");
	return true;
}

bool rules_auth_temporary_failure(const struct record *record, struct rules_draft *draft) {
	struct terminal_text *text = &draft->explanation;
	const struct record_attempt *first = NULL;
	uint64_t count = count_attempts(record, draft, is_temporary_failure, &first);

	if (count == 0)
		return false;
	draft->severity = FINDING_MEDIUM;
	terminal_text_add(text, "The server could not check ");
	terminal_text_number(text, count, "login", "logins");
	add_mechanisms(text, record, is_temporary_failure);
	terminal_text_add(text, " and answered ");
	rules_add_reply(text, &first->reply);
	terminal_text_add(
		text, ". This says nothing about the password: what the server asks about users fails at the moment.");
	return true;
}

bool rules_auth_needs_tls(const struct record *record, struct rules_draft *draft) {
	struct terminal_text *text = &draft->explanation;
	const struct record_attempt *first = NULL;

	if (count_attempts(record, draft, is_lack_of_tls, &first) == 0)
		return false;
	draft->severity = FINDING_MEDIUM;
	terminal_text_add(text, "The server answered AUTH ");
	terminal_text_wire(text, first->mechanism, 20);
	terminal_text_add(text, first->mechanism.len > 0 ? " with " : "with ");
	rules_add_reply(text, &first->reply);
	terminal_text_add(
		text, ": it takes logins only over an encrypted connection. The mail program must be set to use TLS.");
	return true;
}

bool rules_auth_mechanism_not_offered(const struct record *record, struct rules_draft *draft) {
	struct terminal_text *text = &draft->explanation;
	const struct record_attempt *first = NULL;
	const struct record_capabilities *list = NULL;
	bool accepted = false;
	uint64_t count = 0;

	for (const struct record_attempt *attempt = record->attempts; attempt != NULL; attempt = attempt->next) {
		const struct record_capabilities *offered = list_of_attempt(record, attempt);

		if (offered == NULL || attempt->mechanism.len == 0 || rules_offers_mechanism(offered, attempt->mechanism))
			continue;
		if (count++ == 0) {
			first = attempt;
			list = offered;
		}
		accepted |= attempt->result == EVENT_AUTH_ACCEPTED;
		rules_add_frame(draft, attempt->at.frame);
	}
	if (count == 0)
		return false;
	draft->severity = accepted ? FINDING_LOW : FINDING_MEDIUM;
	terminal_text_add(text, "The client tried to log in with ");
	terminal_text_wire(text, first->mechanism, 20);
	if (count > 1) {
		terminal_text_add(text, " and in ");
		terminal_text_number(text, count - 1, "other attempt", "other attempts");
	}
	terminal_text_add(text, ", but the server offers ");
	if (!rules_add_mechanisms(text, list))
		terminal_text_add(text, "no login at all here");
	if (first->reply.seen && first->result != EVENT_AUTH_ACCEPTED) {
		terminal_text_add(text, "; it answered ");
		rules_add_reply(text, &first->reply);
	} else if (first->result == EVENT_AUTH_ACCEPTED) {
		terminal_text_add(text, "; it was accepted all the same");
	}
	terminal_text_add(text, ".");
	return true;
}

bool rules_auth_not_offered_on_submission(const struct record *record, struct rules_draft *draft) {
	struct terminal_text *text = &draft->explanation;
	const struct record_capabilities *list = record->tls_seen ? &record->tls_capabilities : &record->clear;

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
	terminal_text_endpoint(text, &record->open.server, true);
	terminal_text_add(text, " is a submission port, but its list of extensions offers no login");
	terminal_text_add(
		text, record->tls_seen ? ", even after encryption." : " and no encryption after which there could be one.");
	terminal_text_add(text, " A mail program that is set to log in cannot send here.");
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
	struct terminal_text *text = &draft->explanation;
	const struct record_attempt *first = NULL;
	const char *secret = "password";
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
	if (!slice_is(first->mechanism, "PLAIN") && !slice_is(first->mechanism, "LOGIN")) {
		draft->title = "Access token sent in the clear";
		secret = "access token";
	}
	terminal_text_format(text, "The client sent the %s", secret);
	if (first->has_username) {
		terminal_text_add(text, " of user ");
		rules_add_user(text, first->username);
	}
	terminal_text_add(text, " with AUTH ");
	terminal_text_wire(text, first->mechanism, 20);
	terminal_text_add(text, " over an unencrypted connection");
	if (count > 1) {
		terminal_text_add(text, " (");
		terminal_text_number(text, count, "login", "logins");
		terminal_text_add(text, " in all)");
	}
	terminal_text_add(text, ". Whoever can see the packets can read it");
	if (rules_find_capability(&record->clear, "STARTTLS") != NULL && !record->tls_seen)
		terminal_text_add(text, "; the server offers encryption (STARTTLS)");
	terminal_text_add(text, ".");
	return true;
}

bool rules_starttls_refused(const struct record *record, struct rules_draft *draft) {
	struct terminal_text *text = &draft->explanation;
	const struct event_reply *refusal = NULL;
	uint64_t frame = 0;

	for (size_t i = 0; i < record->timeline_count; i++) {
		const struct record_timeline_entry *entry = &record->timeline[i];

		if (entry->kind != RECORD_REPLY || entry->reply.answers != EVENT_ANSWERS_COMMAND ||
			entry->reply.verb != VERB_STARTTLS || entry->reply.code < 400)
			continue;
		refusal = &entry->reply;
		frame = entry->at.frame;
		rules_add_frame(draft, frame);
	}
	if (refusal == NULL)
		return false;
	draft->severity = FINDING_MEDIUM;
	terminal_text_add(text, "The client asked for encryption (STARTTLS) and the server answered ");
	rules_add_reply(text, &(struct record_reply){.seen = true,
				      .code = refusal->code,
				      .enhanced = refusal->enhanced,
				      .lines = refusal->lines,
				      .line_count = refusal->line_count});
	for (const struct record_mail *mail = record->mails; mail != NULL; mail = mail->next) {
		if (mail->at.frame <= frame || record->tls_seen)
			continue;
		terminal_text_add(text, ". The client went on and sent mail in the clear");
		break;
	}
	terminal_text_add(text, ".");
	return true;
}

bool rules_starttls_not_used(const struct record *record, struct rules_draft *draft) {
	struct terminal_text *text = &draft->explanation;
	uint64_t mails = 0, logins = 0;

	if (rules_find_capability(&record->clear, "STARTTLS") == NULL)
		return false;
	for (size_t i = 0; i < record->timeline_count; i++) /* a refused one is starttls-refused */
		if (record->timeline[i].kind == RECORD_COMMAND && record->timeline[i].command.verb == VERB_STARTTLS)
			return false;
	if (record->tls_seen || record->tls_refused)
		return false;
	/* The client may have tried where nothing was captured. */
	if (record->open.midstream || record->one_sided || record->unknown_reply ||
		record->close.side[STREAM_CLIENT].gap_bytes > 0)
		return false;
	for (const struct record_mail *mail = record->mails; mail != NULL; mail = mail->next, mails++)
		rules_add_frame(draft, mail->at.frame);
	for (const struct record_attempt *attempt = record->attempts; attempt != NULL; attempt = attempt->next, logins++)
		rules_add_frame(draft, attempt->at.frame);
	if (mails + logins == 0)
		return false;
	draft->severity = FINDING_LOW;
	terminal_text_add(text, "The server offers encryption (STARTTLS); the client did not use it and sent ");
	if (logins > 0)
		terminal_text_number(text, logins, "login", "logins");
	if (mails > 0) {
		terminal_text_add(text, logins > 0 ? " and " : "");
		terminal_text_number(text, mails, "mail", "mails");
	}
	terminal_text_add(text, " in the clear.");
	return true;
}
