/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Findings about SMTP extensions: what was used without having been offered, wrong parameters, limits.
 */
#include "report/findings/rules.h"

#include <string.h>

/* Fills the piece with the names of the anomalies of one kind, each once, and makes their frames evidence. Returns how many
 * anomalies there are. */
static uint64_t gather_names(const struct record *record, struct rules_draft *draft, enum event_anomaly_id id,
	struct terminal_text *piece, uint64_t *ret_last_frame) {
	enum { SHOWN_MAX = 8 };
	const char *shown[SHOWN_MAX];
	size_t shown_count = 0;
	uint64_t count = 0;

	for (size_t i = 0; i < record->timeline_count; i++) {
		const struct record_timeline_entry *entry = &record->timeline[i];
		bool known = false;

		if (entry->kind != RECORD_ANOMALY || entry->anomaly.id != id || entry->anomaly.name == NULL)
			continue;
		count++;
		*ret_last_frame = entry->at.frame;
		rules_add_frame(draft, entry->at.frame);
		for (size_t k = 0; k < shown_count && !known; k++)
			known = strcmp(shown[k], entry->anomaly.name) == 0;
		if (!known && shown_count < SHOWN_MAX)
			shown[shown_count++] = entry->anomaly.name;
	}
	terminal_text_init(piece, false);
	for (size_t i = 0; i < shown_count; i++) {
		terminal_text_add(piece, rules_separator(draft->words, i, shown_count));
		terminal_text_add(piece, shown[i]);
	}
	return count;
}

/* The answer to the command of the frame, if it is a refusal; it comes behind it in the timeline. */
static const struct record_timeline_entry *refusal_of_command(const struct record *record, uint64_t frame) {
	uint32_t command = 0;

	for (size_t i = 0; i < record->timeline_count; i++) {
		const struct record_timeline_entry *entry = &record->timeline[i];

		/* With several commands in one frame any of them may be the one that is refused for it. */
		if (entry->kind == RECORD_COMMAND && entry->at.frame == frame && command == 0)
			command = entry->command.id;
		if (entry->kind == RECORD_REPLY && command != 0 && entry->reply.answers == EVENT_ANSWERS_COMMAND &&
			entry->reply.command == command)
			return entry->reply.code >= 400 ? entry : NULL;
	}
	return NULL;
}

/* Appends the server's refusal, and lets it count. */
static void add_refusal(const struct record *record, struct rules_draft *draft, uint64_t frame) {
	const struct record_timeline_entry *entry = refusal_of_command(record, frame);
	struct terminal_text reply;

	if (entry == NULL)
		return;
	rules_add_frame(draft, entry->at.frame);
	RULES_SAY(draft, WORDS_FINDING_EXTENSION_REFUSED,
		words_text("reply", rules_piece_reply(&reply, &(struct record_reply){.seen = true,
						      .code = entry->reply.code,
						      .enhanced = entry->reply.enhanced,
						      .lines = entry->reply.lines,
						      .line_count = entry->reply.line_count})));
}

/* What is told of the anomalies of one kind: their names, and what the server said to the last. */
static bool say_names(const struct record *record, struct rules_draft *draft, enum event_anomaly_id id, enum words_id explanation) {
	struct terminal_text names;
	uint64_t frame = 0;

	if (gather_names(record, draft, id, &names, &frame) == 0)
		return false;
	draft->severity = FINDING_LOW;
	RULES_SAY(draft, explanation, words_text("names", names.data));
	add_refusal(record, draft, frame);
	return true;
}

bool rules_extension_not_offered(const struct record *record, struct rules_draft *draft) {
	return say_names(record, draft, EVENT_ANOMALY_EXTENSION_NOT_OFFERED, WORDS_FINDING_EXTENSION_NOT_OFFERED_EXPLANATION);
}

bool rules_parameter_wrong(const struct record *record, struct rules_draft *draft) {
	return say_names(record, draft, EVENT_ANOMALY_PARAMETER_WRONG, WORDS_FINDING_PARAMETER_WRONG_EXPLANATION);
}

bool rules_limit_exceeded(const struct record *record, struct rules_draft *draft) {
	return say_names(record, draft, EVENT_ANOMALY_LIMIT_EXCEEDED, WORDS_FINDING_LIMIT_EXCEEDED_EXPLANATION);
}

bool rules_hello_not_repeated(const struct record *record, struct rules_draft *draft) {
	return say_names(record, draft, EVENT_ANOMALY_HELLO_NOT_REPEATED, WORDS_FINDING_HELLO_NOT_REPEATED_EXPLANATION);
}

/* ---- SIZE (RFC 1870) ---- */

/* The size that the client announced; 0: none. */
static uint64_t declared_size(const struct record_mail *mail) {
	for (size_t i = 0; i < mail->parameter_count; i++)
		if (mail->parameters[i].id == EVENT_PARAMETER_SIZE && !mail->parameters[i].wrong)
			return (uint64_t)mail->parameters[i].number;
	return 0;
}

bool rules_size_over_limit(const struct record *record, struct rules_draft *draft) {
	const struct record_mail *told = NULL;
	struct terminal_text reply;
	uint64_t size = 0;

	for (const struct record_mail *mail = record->mails; mail != NULL; mail = mail->next) {
		uint64_t declared = declared_size(mail), sent = mail->has_body ? mail->body.bytes : 0;
		uint64_t larger = declared > sent ? declared : sent;

		if (mail->size_max == 0 || larger <= mail->size_max)
			continue;
		rules_add_frame(draft, mail->size_frame);
		rules_add_frame(draft, mail->at.frame);
		if (told == NULL) {
			told = mail;
			size = larger;
		}
	}
	if (told == NULL)
		return false;
	draft->severity = told->result == EVENT_MAIL_ACCEPTED ? FINDING_LOW : FINDING_MEDIUM;
	RULES_SAY(draft, WORDS_FINDING_SIZE_OVER_LIMIT_EXPLANATION, words_count("size", size), words_count("limit", told->size_max));
	if (rules_is_refusal(&told->reply) || rules_is_refusal(&told->body_reply)) {
		const struct record_reply *refusal = rules_is_refusal(&told->reply) ? &told->reply : &told->body_reply;

		rules_add_frame(draft, refusal->at.frame);
		RULES_SAY(draft, WORDS_FINDING_EXTENSION_REFUSED, words_text("reply", rules_piece_reply(&reply, refusal)));
	}
	return true;
}

bool rules_size_understated(const struct record *record, struct rules_draft *draft) {
	const struct record_mail *told = NULL;

	for (const struct record_mail *mail = record->mails; mail != NULL; mail = mail->next) {
		uint64_t declared = declared_size(mail);

		/* The size is an estimate (RFC 1870, 5); line ends that were counted as one byte explain a part of it. */
		if (declared == 0 || !mail->has_body || mail->body.bytes <= declared + declared / 10 + mail->body.lines + 1024)
			continue;
		rules_add_frame(draft, mail->at.frame);
		if (told == NULL)
			told = mail;
	}
	if (told == NULL)
		return false;
	draft->severity = FINDING_LOW;
	RULES_SAY(draft, WORDS_FINDING_SIZE_UNDERSTATED_EXPLANATION, words_count("declared", declared_size(told)),
		words_count("size", told->body.bytes));
	return true;
}
