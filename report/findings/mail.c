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

static const char *piece_sender(
	struct terminal_text *piece, const struct rules_draft *draft, const struct record_mail *mail) {
	if (!mail->seen)
		return rules_words(draft, WORDS_FINDING_SENDER_UNKNOWN);
	if (mail->from.len == 0)
		return rules_words(draft, WORDS_FINDING_SENDER_NULL);
	return rules_piece_address(piece, mail->from);
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

struct mail_counts {
	uint64_t all, accepted;
};

static void explain_mail_without_auth(const struct record *record, struct rules_draft *draft, const struct record_mail *told,
	const struct record_attempt *rejected, struct mail_counts counts) {
	struct terminal_text sender, offered, user, user_piece, code, mails;
	enum words_id outcome = counts.accepted > 0    ? WORDS_FINDING_MAIL_WITHOUT_AUTH_OUTCOME_ACCEPTED
				: draft->accepted == 0 ? WORDS_FINDING_MAIL_WITHOUT_AUTH_OUTCOME_REFUSED
						       : WORDS_FINDING_MAIL_WITHOUT_AUTH_OUTCOME_UNKNOWN;
	const char *outcome_words = rules_words(draft, outcome), *mails_words = "", *user_words = "";

	if (counts.all > 1)
		mails_words = RULES_PIECE(&mails, draft, WORDS_FINDING_MAIL_WITHOUT_AUTH_MAILS,
			words_count("count", counts.all), words_count("accepted", counts.accepted));
	if (rejected == NULL) {
		rules_piece_mechanisms(&offered, draft, rules_capabilities_at(record, told->at.frame));
		RULES_SAY(draft, WORDS_FINDING_MAIL_WITHOUT_AUTH_EXPLANATION,
			words_text("sender", piece_sender(&sender, draft, told)), words_text("offered", offered.data),
			words_text("outcome", outcome_words), words_text("mails", mails_words));
		return;
	}
	if (rejected->has_username)
		user_words = RULES_PIECE(&user_piece, draft, WORDS_FINDING_MAIL_WITHOUT_AUTH_USER,
			words_text("user", rules_piece_user(&user, rejected->username)));
	terminal_text_init(&code, false);
	terminal_text_format(&code, "%u", rejected->reply.code);
	RULES_SAY(draft, WORDS_FINDING_MAIL_WITHOUT_AUTH_EXPLANATION_AFTER_REJECTED, words_text("user", user_words),
		words_text("code", code.data), words_text("sender", piece_sender(&sender, draft, told)),
		words_text("outcome", outcome_words), words_text("mails", mails_words));
}

bool rules_mail_without_auth(const struct record *record, struct rules_draft *draft) {
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
	if (accepted > 0)
		draft->title = rejected != NULL ? WORDS_FINDING_MAIL_WITHOUT_AUTH_TITLE_AFTER_REJECTED
						: WORDS_FINDING_MAIL_WITHOUT_AUTH_TITLE_ACCEPTED;
	explain_mail_without_auth(record, draft, told, rejected, (struct mail_counts){count, accepted});
	if (port_25 && rejected == NULL)
		rules_say(draft, WORDS_FINDING_MAIL_WITHOUT_AUTH_PORT_25);
	else if (accepted > 0)
		rules_say(draft, WORDS_FINDING_MAIL_WITHOUT_AUTH_BY_ADDRESS);
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

/* A refusal that a finding tells of, with the mail and the command that it answers. */
struct refusal {
	const struct record_reply *reply; /* NULL: none */
	const struct record_mail *mail;
	enum client_text_stage stage;
};

static const char *command_words(const struct rules_draft *draft, enum client_text_stage stage) {
	switch (stage) {
	case CLIENT_TEXT_MAIL:
		return "MAIL FROM";
	case CLIENT_TEXT_RCPT:
		return "RCPT TO";
	case CLIENT_TEXT_DATA:
		return "DATA";
	default:
		return rules_words(draft, WORDS_FINDING_THE_MESSAGE);
	}
}

/* Notes the first reply that asks for a login, and the evidence. */
static bool note_login_wanted(struct rules_draft *draft, const struct record_mail *mail, const struct record_reply *reply,
	enum client_text_stage stage, struct refusal *first) {
	if (!asks_for_login(reply))
		return false;
	if (first->reply == NULL)
		*first = (struct refusal){reply, mail, stage};
	rules_add_frame(draft, mail->at.frame);
	rules_add_frame(draft, reply->at.frame);
	return true;
}

bool rules_auth_required(const struct record *record, struct rules_draft *draft) {
	struct terminal_text sender, reply, mails;
	struct refusal first = {NULL, NULL, CLIENT_TEXT_MAIL};
	uint64_t count = 0;

	for (const struct record_mail *mail = record->mails; mail != NULL; mail = mail->next) {
		bool wanted = false;

		if (mail->authenticated != EVENT_AUTHENTICATED_NO)
			continue;
		wanted |= note_login_wanted(draft, mail, &mail->reply, CLIENT_TEXT_MAIL, &first);
		for (const struct record_recipient *recipient = mail->recipients; recipient != NULL;
			recipient = recipient->next)
			wanted |= note_login_wanted(draft, mail, &recipient->reply, CLIENT_TEXT_RCPT, &first);
		wanted |= note_login_wanted(draft, mail, &mail->data_reply, CLIENT_TEXT_DATA, &first);
		wanted |= note_login_wanted(draft, mail, &mail->body_reply, CLIENT_TEXT_BODY, &first);
		count += wanted;
	}
	if (first.reply == NULL)
		return false;
	draft->severity = FINDING_MEDIUM;
	RULES_SAY(draft, WORDS_FINDING_AUTH_REQUIRED_EXPLANATION,
		words_text("sender", piece_sender(&sender, draft, first.mail)),
		words_text("command", command_words(draft, first.stage)),
		words_text("reply", rules_piece_reply(&reply, first.reply)),
		words_text("mails", count == 1 ? ""
					       : RULES_PIECE(&mails, draft, WORDS_FINDING_AUTH_REQUIRED_MAILS,
							 words_count("count", count))));
	rules_say(draft, rejected_before(record, first.mail->at.frame) != NULL ? WORDS_FINDING_AUTH_REQUIRED_REJECTED
									       : WORDS_FINDING_AUTH_REQUIRED_SETTINGS);
	rules_fails(draft, first.stage, first.reply->code);
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
/* LMTP answers the body once for each recipient: recipient-refused. */
static bool is_answered_for_each(const struct record *record, const struct record_mail *mail) {
	if (record->protocol != EVENT_PROTOCOL_UNKNOWN)
		return record->protocol == EVENT_PROTOCOL_LMTP;
	for (const struct record_recipient *recipient = mail->recipients; recipient != NULL; recipient = recipient->next)
		if (recipient->body_reply.code != 0)
			return true;
	return false;
}

static const struct record_reply *refusal_of(
	const struct record *record, const struct record_mail *mail, enum client_text_stage *ret_stage) {
	if (rules_is_refusal(&mail->reply)) {
		*ret_stage = CLIENT_TEXT_MAIL;
		return &mail->reply;
	}
	if (rules_is_refusal(&mail->data_reply) && !all_recipients_refused(mail)) {
		*ret_stage = CLIENT_TEXT_DATA;
		return &mail->data_reply;
	}
	if (rules_is_refusal(&mail->body_reply) && !is_answered_for_each(record, mail) &&
		!all_recipients_refused(mail)) {
		*ret_stage = CLIENT_TEXT_BODY;
		return &mail->body_reply;
	}
	return NULL;
}

/* Fills the piece with a few words on why, in brackets; empty when nothing tells. */
static const char *piece_reason(
	struct terminal_text *piece, const struct rules_draft *draft, const struct record_reply *refusal) {
	const char *reason = meaning_reason_words(rules_reason(refusal), draft->words);

	if (reason == NULL)
		reason = meaning_enhanced_words(refusal->enhanced, draft->words);
	if (reason == NULL)
		return "";
	terminal_text_init(piece, false);
	terminal_text_add(piece, " (");
	terminal_text_add(piece, reason);
	terminal_text_add(piece, ")");
	return piece->data;
}

bool rules_mail_refused(const struct record *record, struct rules_draft *draft) {
	struct terminal_text sender, reply, reason;
	struct refusal first = {NULL, NULL, CLIENT_TEXT_MAIL};
	uint64_t count = 0;

	for (const struct record_mail *mail = record->mails; mail != NULL; mail = mail->next) {
		enum client_text_stage stage;
		const struct record_reply *refusal = refusal_of(record, mail, &stage);

		if (refusal == NULL)
			continue;
		rules_raise(draft, refusal->code < 500 ? FINDING_LOW : FINDING_MEDIUM);
		/* The one to tell of is a lasting refusal, if there is any. */
		if (first.reply == NULL || (first.reply->code < 500 && refusal->code >= 500))
			first = (struct refusal){refusal, mail, stage};
		rules_add_frame(draft, refusal->at.frame);
		count++;
	}
	if (first.reply == NULL)
		return false;
	RULES_SAY(draft, count > 1 ? WORDS_FINDING_MAIL_REFUSED_EXPLANATION_MANY : WORDS_FINDING_MAIL_REFUSED_EXPLANATION,
		words_count("count", count), words_text("sender", piece_sender(&sender, draft, first.mail)),
		words_text("command", command_words(draft, first.stage)),
		words_text("reply", rules_piece_reply(&reply, first.reply)),
		words_text("reason", piece_reason(&reason, draft, first.reply)));
	if (first.reply->code < 500)
		rules_say(draft, WORDS_FINDING_LATER);
	rules_fails(draft, first.stage, first.reply->code);
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

static const char *piece_recipients(struct terminal_text *piece, const struct rules_draft *draft,
	const struct record_recipient *const *named, size_t shown, uint64_t count) {
	terminal_text_init(piece, false);
	for (size_t i = 0; i < shown; i++) {
		const struct record_reply *refusal = recipient_refusal(named[i]);
		struct terminal_text recipient, reply, reason;

		terminal_text_add(piece, i == 0 ? "" : "; ");
		WORDS_ADD(piece, draft->words, WORDS_FINDING_RECIPIENT_REFUSED_ONE,
			words_text("recipient", rules_piece_address(&recipient, named[i]->to)),
			words_text("reply", rules_piece_reply(&reply, refusal)),
			words_text("reason", piece_reason(&reason, draft, refusal)));
	}
	if (count > shown)
		WORDS_ADD(piece, draft->words, WORDS_FINDING_RECIPIENT_REFUSED_MORE, words_count("count", count - shown));
	return piece->data;
}

bool rules_recipient_refused(const struct record *record, struct rules_draft *draft) {
	const struct record_recipient *named[RULES_NAMED_MAX];
	struct terminal_text list;
	bool lasting;
	uint64_t count = gather_recipients(record, draft, false, named, &lasting);
	size_t shown = count < RULES_NAMED_MAX ? (size_t)count : RULES_NAMED_MAX;
	const struct record_reply *first;

	if (count == 0)
		return false;
	first = recipient_refusal(named[0]);
	draft->severity = lasting ? FINDING_MEDIUM : FINDING_LOW;
	if (count > 1)
		draft->title = WORDS_FINDING_RECIPIENT_REFUSED_TITLE_MANY;
	RULES_SAY(draft,
		count > 1 ? WORDS_FINDING_RECIPIENT_REFUSED_EXPLANATION_MANY : WORDS_FINDING_RECIPIENT_REFUSED_EXPLANATION,
		words_count("count", count), words_text("list", piece_recipients(&list, draft, named, shown, count)));
	if (!lasting)
		rules_say(draft, WORDS_FINDING_LATER);
	rules_fails(draft, rules_reason(first) == MEANING_REASON_RELAY ? CLIENT_TEXT_RELAY : CLIENT_TEXT_RCPT, first->code);
	return true;
}

bool rules_greylisted(const struct record *record, struct rules_draft *draft) {
	const struct record_recipient *named[RULES_NAMED_MAX];
	struct terminal_text recipient, others;
	bool lasting;
	uint64_t count = gather_recipients(record, draft, true, named, &lasting);

	if (count == 0)
		return false;
	draft->severity = FINDING_INFO;
	RULES_SAY(draft, WORDS_FINDING_GREYLISTED_EXPLANATION,
		words_text("recipient", rules_piece_address(&recipient, named[0]->to)),
		words_text("others", count == 1 ? ""
						: RULES_PIECE(&others, draft, WORDS_FINDING_GREYLISTED_OTHERS,
							  words_count("count", count - 1))));
	return true;
}
