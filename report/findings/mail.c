/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Findings about mails and their recipients.
 */
#include "report/findings/rules.h"

#include <string.h>

/* Returns the last login that was rejected before the frame, NULL when there is none. */
static const struct record_attempt *rejected_before(const struct record *record, uint64_t frame) {
	const struct record_attempt *last = NULL;

	for (const struct record_attempt *attempt = record->attempts; attempt != NULL; attempt = attempt->next)
		if (attempt->at.frame < frame && rules_is_rejected_login(attempt))
			last = attempt;
	return last;
}

static void add_sender(struct terminal_text *text, const struct record_mail *mail) {
	if (!mail->seen)
		terminal_text_add(text, "a sender that was not captured");
	else if (mail->from.len == 0)
		terminal_text_add(text, "the null sender <>");
	else
		rules_add_address(text, mail->from);
}

static bool was_sent_without_auth(const struct record *record, const struct record_mail *mail) {
	const struct record_capabilities *list = rules_capabilities_at(record, mail->at.frame);
	struct slice const *auth = rules_find_capability(list, "AUTH");

	/* "AUTH" with no mechanism behind it offers nothing. */
	return mail->authenticated == EVENT_AUTHENTICATED_NO && auth != NULL && auth->len > 5;
}

static void add_recipient_refusals(struct rules_draft *draft, const struct record_mail *mail) {
	for (const struct record_recipient *recipient = mail->recipients; recipient != NULL; recipient = recipient->next)
		if (rules_is_refusal(&recipient->reply))
			rules_add_frame(draft, recipient->reply.at.frame);
}

bool rules_mail_without_auth(const struct record *record, struct rules_draft *draft) {
	struct terminal_text *text = &draft->explanation;
	const struct record_mail *told = NULL; /* the one in the explanation: an accepted one if there is any */
	const struct record_attempt *rejected = NULL;
	uint64_t count = 0, accepted = 0, refused = 0;
	bool submission = rules_is_submission(record), port_25 = record->open.server.port == 25;

	if (record->open.midstream) /* a login may have been before the capture began */
		return false;
	for (const struct record_mail *mail = record->mails; mail != NULL; mail = mail->next) {
		if (!was_sent_without_auth(record, mail))
			continue;
		count++;
		accepted += mail->result == EVENT_MAIL_ACCEPTED;
		refused += mail->result == EVENT_MAIL_REJECTED;
		if (told == NULL || (told->result != EVENT_MAIL_ACCEPTED && mail->result == EVENT_MAIL_ACCEPTED))
			told = mail;
		rules_add_frame(draft, mail->at.frame);
		if (mail->body_reply.seen)
			rules_add_frame(draft, mail->body_reply.at.frame);
		else if (rules_is_refusal(&mail->reply))
			rules_add_frame(draft, mail->reply.at.frame);
		else
			add_recipient_refusals(draft, mail);
	}
	if (count == 0)
		return false;
	rejected = rejected_before(record, told->at.frame);
	if (rejected != NULL)
		rules_add_frame(draft, rejected->reply.at.frame);
	draft->accepted = accepted > 0 ? 1 : refused == count ? 0 : -1;
	if (accepted > 0)
		draft->severity = rejected != NULL || submission ? FINDING_HIGH : port_25 ? FINDING_INFO : FINDING_MEDIUM;
	else
		draft->severity = port_25 && rejected == NULL ? FINDING_INFO : FINDING_LOW;
	if (accepted > 0 && rejected != NULL)
		draft->title = "Mail accepted without login after a rejected login";
	else if (accepted > 0)
		draft->title = "Mail accepted without login";

	if (rejected != NULL) {
		terminal_text_add(text, "After its login");
		if (rejected->has_username) {
			terminal_text_add(text, " as ");
			rules_add_user(text, rejected->username);
		}
		terminal_text_format(text, " was rejected (%u), the client sent mail from ", rejected->reply.code);
	} else {
		terminal_text_add(text, "The client sent mail from ");
	}
	add_sender(text, told);
	terminal_text_add(text, " without logging in");
	if (rejected == NULL) {
		terminal_text_add(text, ", although the server offers ");
		rules_add_mechanisms(text, rules_capabilities_at(record, told->at.frame));
	}
	terminal_text_add(text, accepted > 0           ? ", and the server accepted it"
				: draft->accepted == 0 ? ", and the server refused it"
						       : "; what became of it is not known");
	if (count > 1) {
		terminal_text_add(text, " (");
		terminal_text_number(text, count, "such mail", "such mails");
		terminal_text_add(text, ", ");
		terminal_text_count(text, accepted);
		terminal_text_add(text, " accepted)");
	}
	terminal_text_add(text, ".");
	if (port_25 && rejected == NULL)
		terminal_text_add(text, " On port 25 this is usual: mail servers deliver to each other without a login.");
	else if (accepted > 0)
		terminal_text_add(text, " The server takes mail from this client's address without asking who sends it.");
	return true;
}

/* Does the reply say that a login is wanted? RFC 4954, 6: 530. Others use 550, 553 or 554 (Postfix: "not logged in") or 503
 * (qmail: "AUTH first") and say it in words. 5.7.1 alone says nothing: spam filters and relay rules use it too. */
static bool asks_for_login(const struct record_reply *reply) {
	enum meaning_reason reason;

	if (!rules_is_refusal(reply) || reply->code < 500)
		return false;
	reason = rules_reason(reply);
	if (reply->code == 530)
		return reason == MEANING_REASON_LOGIN || reason == MEANING_REASON_UNKNOWN || reason == MEANING_REASON_RELAY;
	return reason == MEANING_REASON_LOGIN &&
	       (reply->code == 503 || reply->code == 550 || reply->code == 553 || reply->code == 554);
}

/* Notes the first reply that asks for a login, and the evidence. */
static bool note_login_wanted(struct rules_draft *draft, const struct record_mail *mail, const struct record_reply *reply,
	const char *command, const struct record_reply **first, const struct record_mail **first_mail,
	const char **first_command) {
	if (!asks_for_login(reply))
		return false;
	if (*first == NULL) {
		*first = reply;
		*first_mail = mail;
		*first_command = command;
	}
	rules_add_frame(draft, mail->at.frame);
	rules_add_frame(draft, reply->at.frame);
	return true;
}

bool rules_auth_required(const struct record *record, struct rules_draft *draft) {
	struct terminal_text *text = &draft->explanation;
	const struct record_reply *first = NULL;
	const struct record_mail *first_mail = NULL;
	const struct record_attempt *rejected;
	const char *command = "";
	uint64_t count = 0;

	for (const struct record_mail *mail = record->mails; mail != NULL; mail = mail->next) {
		bool wanted = false;

		if (mail->authenticated != EVENT_AUTHENTICATED_NO)
			continue;
		wanted |= note_login_wanted(draft, mail, &mail->reply, "MAIL FROM", &first, &first_mail, &command);
		for (const struct record_recipient *recipient = mail->recipients; recipient != NULL;
			recipient = recipient->next)
			wanted |=
				note_login_wanted(draft, mail, &recipient->reply, "RCPT TO", &first, &first_mail, &command);
		wanted |= note_login_wanted(draft, mail, &mail->data_reply, "DATA", &first, &first_mail, &command);
		wanted |= note_login_wanted(draft, mail, &mail->body_reply, "the message", &first, &first_mail, &command);
		count += wanted;
	}
	if (first == NULL)
		return false;
	draft->severity = FINDING_MEDIUM;
	rejected = rejected_before(record, first_mail->at.frame);
	terminal_text_add(text, "The client sent mail from ");
	add_sender(text, first_mail);
	terminal_text_format(text, " without logging in, and the server answered %s with ", command);
	rules_add_reply(text, first);
	if (count > 1) {
		terminal_text_add(text, " (");
		terminal_text_number(text, count, "mail", "mails");
		terminal_text_add(text, ")");
	}
	if (rejected != NULL)
		terminal_text_add(text, ". Its login had been rejected before.");
	else
		terminal_text_add(text, ". The mail program must be set to log in to the outgoing server.");
	return true;
}

/* When every recipient was refused, the refusal of DATA only repeats that (Postfix: "554 no valid recipients"). */
static bool all_recipients_refused(const struct record_mail *mail) {
	for (const struct record_recipient *recipient = mail->recipients; recipient != NULL; recipient = recipient->next)
		if (!rules_is_refusal(&recipient->reply))
			return false;
	return mail->recipients != NULL;
}

/* Returns the reply that refused the mail as a whole, NULL when none did. */
static const struct record_reply *refusal_of(
	const struct record *record, const struct record_mail *mail, const char **ret_command) {
	if (rules_is_refusal(&mail->reply)) {
		*ret_command = "MAIL FROM";
		return &mail->reply;
	}
	if (rules_is_refusal(&mail->data_reply) && !all_recipients_refused(mail)) {
		*ret_command = "DATA";
		return &mail->data_reply;
	}
	/* LMTP answers the body once for each recipient: recipient-refused. */
	if (rules_is_refusal(&mail->body_reply) && record->protocol != EVENT_PROTOCOL_LMTP &&
		!all_recipients_refused(mail)) {
		*ret_command = "the message itself";
		return &mail->body_reply;
	}
	return NULL;
}

bool rules_mail_refused(const struct record *record, struct rules_draft *draft) {
	struct terminal_text *text = &draft->explanation;
	const struct record_reply *first = NULL;
	const struct record_mail *first_mail = NULL;
	const char *command = "", *first_command = "", *words;
	uint64_t count = 0;

	for (const struct record_mail *mail = record->mails; mail != NULL; mail = mail->next) {
		const struct record_reply *refusal = refusal_of(record, mail, &command);

		if (refusal == NULL)
			continue;
		rules_raise(draft, refusal->code < 500 ? FINDING_LOW : FINDING_MEDIUM);
		/* The one to tell of is a lasting refusal, if there is any. */
		if (first == NULL || (first->code < 500 && refusal->code >= 500)) {
			first = refusal;
			first_mail = mail;
			first_command = command;
		}
		rules_add_frame(draft, refusal->at.frame);
		count++;
	}
	if (first == NULL)
		return false;
	terminal_text_add(text, "The server refused ");
	if (count > 1) {
		terminal_text_number(text, count, "mail", "mails");
		terminal_text_add(text, ", one of them ");
	} else {
		terminal_text_add(text, "the mail ");
	}
	terminal_text_add(text, "from ");
	add_sender(text, first_mail);
	terminal_text_format(text, ": it answered %s with ", first_command);
	rules_add_reply(text, first);
	words = meaning_reason_words(rules_reason(first));
	if (words == NULL)
		words = meaning_enhanced_words(first->enhanced);
	if (words != NULL)
		terminal_text_format(text, " (%s)", words);
	terminal_text_add(text, ".");
	if (first->code < 500)
		terminal_text_add(text, " This is for now; the client is expected to try again.");
	return true;
}

/* Returns the refusal of this recipient: of RCPT, or in LMTP of the body. */
static const struct record_reply *recipient_refusal(const struct record_recipient *recipient) {
	if (rules_is_refusal(&recipient->reply))
		return &recipient->reply;
	return rules_is_refusal(&recipient->body_reply) ? &recipient->body_reply : NULL;
}

static bool is_greylisted(const struct record_reply *refusal) {
	return refusal->code < 500 && rules_reason(refusal) == MEANING_REASON_GREYLISTED;
}

/* The two rules about recipients share the walk; greylisting is a kind of refusal that goes away by itself. */
static uint64_t gather_recipients(const struct record *record, struct rules_draft *draft, bool greylisted,
	const struct record_recipient *ret_named[RULES_NAMED_MAX], bool *ret_lasting) {
	uint64_t count = 0;

	*ret_lasting = false;
	for (const struct record_mail *mail = record->mails; mail != NULL; mail = mail->next) {
		for (const struct record_recipient *recipient = mail->recipients; recipient != NULL;
			recipient = recipient->next) {
			const struct record_reply *refusal = recipient_refusal(recipient);

			if (refusal == NULL || (greylisted && !is_greylisted(refusal)))
				continue;
			if (count < RULES_NAMED_MAX)
				ret_named[count] = recipient;
			*ret_lasting |= refusal->code >= 500;
			rules_add_frame(draft, refusal->at.frame);
			count++;
		}
	}
	return count;
}

bool rules_recipient_refused(const struct record *record, struct rules_draft *draft) {
	struct terminal_text *text = &draft->explanation;
	const struct record_recipient *named[RULES_NAMED_MAX];
	bool lasting;
	uint64_t count = gather_recipients(record, draft, false, named, &lasting);
	size_t shown = count < RULES_NAMED_MAX ? (size_t)count : RULES_NAMED_MAX;

	if (count == 0)
		return false;
	draft->severity = lasting ? FINDING_MEDIUM : FINDING_LOW;
	draft->title = count == 1 ? draft->title : "Recipients refused";
	terminal_text_add(text, "The server refused ");
	if (count > 1) {
		terminal_text_number(text, count, "recipient", "recipients");
		terminal_text_add(text, ": ");
	}
	for (size_t i = 0; i < shown; i++) {
		const struct record_reply *refusal = recipient_refusal(named[i]);
		const char *words = meaning_reason_words(rules_reason(refusal));

		if (words == NULL)
			words = meaning_enhanced_words(refusal->enhanced);
		terminal_text_add(text, i == 0 ? "" : "; ");
		rules_add_address(text, named[i]->to);
		terminal_text_add(text, " with ");
		rules_add_reply(text, refusal);
		if (words != NULL)
			terminal_text_format(text, " (%s)", words);
	}
	if (count > shown) {
		terminal_text_add(text, "; and ");
		terminal_text_count(text, count - shown);
		terminal_text_add(text, " more");
	}
	terminal_text_add(text, ".");
	if (!lasting)
		terminal_text_add(text, " This is for now; the client is expected to try again.");
	return true;
}

bool rules_greylisted(const struct record *record, struct rules_draft *draft) {
	struct terminal_text *text = &draft->explanation;
	const struct record_recipient *named[RULES_NAMED_MAX];
	bool lasting;
	uint64_t count = gather_recipients(record, draft, true, named, &lasting);

	if (count == 0)
		return false;
	draft->severity = FINDING_INFO;
	terminal_text_add(text, "The server greylists ");
	rules_add_address(text, named[0]->to);
	if (count > 1) {
		terminal_text_add(text, " and ");
		terminal_text_number(text, count - 1, "other recipient", "other recipients");
	}
	terminal_text_add(text,
		": it turns unknown senders away at first and takes the mail when they try again some minutes later. "
		"Mail servers do that by themselves; programs that send directly may not.");
	return true;
}
