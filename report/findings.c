/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The table of findings, and what rules share.
 */
#include "report/findings.h"

#include <string.h>
#include <strings.h>

#include "report/findings/rules.h"

/* One row a finding. The order is that of findings of equal severity: causes before their consequences. */
static const struct {
	const char *id;
	const char *title;
	rules_function *function;
} rules[] = {
	{"connection-refused", "Connection refused", rules_connection_refused},
	{"connection-unanswered", "No answer from the server", rules_connection_unanswered},
	{"no-greeting", "Server says nothing", rules_no_greeting},
	{"banner-refused", "Server turned the client away at once", rules_banner_refused},
	{"server-busy", "Server closed the session: not available", rules_server_busy},
	{"auth-rejected", "Login rejected", rules_auth_rejected},
	{"auth-temporary-failure", "Server could not check the login", rules_auth_temporary_failure},
	{"auth-needs-tls", "Login needs encryption first", rules_auth_needs_tls},
	{"auth-mechanism-not-offered", "Login method the server does not offer", rules_auth_mechanism_not_offered},
	{"auth-not-offered-on-submission", "Submission server offers no login", rules_auth_not_offered_on_submission},
	{"mail-without-auth", "Mail sent without login", rules_mail_without_auth},
	{"auth-required", "Server wants a login before mail", rules_auth_required},
	{"mail-refused", "Mail refused", rules_mail_refused},
	{"recipient-refused", "Recipient refused", rules_recipient_refused},
	{"greylisted", "Greylisted: try again later", rules_greylisted},
	{"auth-cleartext", "Password sent in the clear", rules_auth_cleartext},
	{"starttls-refused", "Server refused encryption", rules_starttls_refused},
	{"starttls-not-used", "Encryption offered but not used", rules_starttls_not_used},
	{"capability-masked", "Server's extensions masked on the way", rules_capability_masked},
	{"early-talker", "Client did not wait for the greeting", rules_early_talker},
	{"capture-loss", "Capture is not complete", rules_capture_loss},
};

enum { RULE_COUNT = sizeof(rules) / sizeof(rules[0]) };

const char *findings_id(size_t index) {
	return index < RULE_COUNT ? rules[index].id : NULL;
}

const char *findings_severity_name(enum finding_severity severity) {
	static const char *const names[] = {
		[FINDING_INFO] = "info",
		[FINDING_LOW] = "low",
		[FINDING_MEDIUM] = "medium",
		[FINDING_HIGH] = "high",
		[FINDING_CRITICAL] = "critical",
	};

	return names[severity];
}

void findings_run(struct record *record) {
	struct finding *lists[FINDING_CRITICAL + 1] = {NULL}, **tails[FINDING_CRITICAL + 1];
	struct finding **tail = &record->findings;

	for (size_t i = 0; i <= FINDING_CRITICAL; i++)
		tails[i] = &lists[i];
	for (size_t i = 0; i < RULE_COUNT; i++) {
		struct rules_draft draft = {.title = rules[i].title, .accepted = -1};
		struct finding *finding;

		if (!rules[i].function(record, &draft))
			continue;
		finding = arena_alloc(&record->arena, sizeof(*finding));
		finding->id = rules[i].id;
		finding->severity = draft.severity;
		finding->title = draft.title;
		finding->explanation.data = arena_copy(&record->arena, draft.explanation.data, draft.explanation.len);
		finding->explanation.len = draft.explanation.len;
		memcpy(finding->frames, draft.frames, sizeof(draft.frames));
		finding->frame_count = draft.frame_count;
		finding->attack = draft.attack;
		finding->accepted = draft.accepted;
		*tails[draft.severity] = finding;
		tails[draft.severity] = &finding->next;
	}
	*tail = NULL;
	for (size_t i = FINDING_CRITICAL + 1; i-- > 0;) {
		*tail = lists[i];
		if (lists[i] != NULL)
			tail = tails[i];
	}
}

/* Replaces what stands for a user name; text and quoted are both ours, so the quotes tell where a name ends. */
static void replace(struct terminal_text *text, const char *quoted, size_t quoted_len, const char *alias) {
	struct terminal_text old = *text;
	const char *at = old.data, *end = old.data + old.len, *hit;

	if (memmem(at, old.len, quoted, quoted_len) == NULL)
		return;
	terminal_text_init(text, old.ascii);
	while ((hit = memmem(at, (size_t)(end - at), quoted, quoted_len)) != NULL) {
		terminal_text_wire(text, (struct slice){at, (size_t)(hit - at)}, TERMINAL_TEXT_MAX);
		terminal_text_add(text, alias);
		at = hit + quoted_len;
	}
	terminal_text_wire(text, (struct slice){at, (size_t)(end - at)}, TERMINAL_TEXT_MAX);
}

void findings_add_explanation(struct terminal_text *text, const struct record *record, const struct finding *finding,
	const char *(*alias)(void *context, struct slice username), void *context) {
	struct terminal_text explanation, quoted;

	terminal_text_init(&explanation, false);
	terminal_text_wire(&explanation, finding->explanation, TERMINAL_TEXT_MAX);
	for (const struct record_attempt *attempt = record->attempts; alias != NULL && attempt != NULL;
		attempt = attempt->next) {
		if (!attempt->has_username)
			continue;
		terminal_text_init(&quoted, false);
		rules_add_user(&quoted, attempt->username);
		replace(&explanation, quoted.data, quoted.len, alias(context, attempt->username));
	}
	terminal_text_wire(text, (struct slice){explanation.data, explanation.len}, TERMINAL_TEXT_MAX);
}

void rules_add_frame(struct rules_draft *draft, uint64_t frame) {
	size_t at = draft->frame_count;

	while (at > 0 && draft->frames[at - 1] > frame)
		at--;
	if (frame == 0 || at == RECORD_FINDING_FRAMES_MAX || (at > 0 && draft->frames[at - 1] == frame))
		return;
	if (draft->frame_count == RECORD_FINDING_FRAMES_MAX)
		draft->frame_count--;
	memmove(draft->frames + at + 1, draft->frames + at, (draft->frame_count - at) * sizeof(draft->frames[0]));
	draft->frames[at] = frame;
	draft->frame_count++;
}

const char *rules_separator(size_t index, size_t count) {
	return index == 0 ? "" : index + 1 == count ? " and " : ", ";
}

void rules_add_reply(struct terminal_text *text, const struct record_reply *reply) {
	struct slice line = {NULL, 0};

	terminal_text_format(text, "%u", reply->code);
	if (reply->enhanced.len > 0) {
		terminal_text_add(text, " ");
		terminal_text_wire(text, reply->enhanced, RULES_VALUE_MAX);
	}
	for (size_t i = 0; i < reply->line_count && line.len == 0; i++)
		line = reply->lines[i];
	if (line.len > 0) {
		terminal_text_add(text, " \"");
		terminal_text_wire(text, line, RULES_TEXT_MAX);
		terminal_text_add(text, reply->line_count > 1 && line.len < RULES_TEXT_MAX ? " …\"" : "\"");
	}
}

void rules_add_user(struct terminal_text *text, struct slice username) {
	terminal_text_add(text, "\"");
	terminal_text_wire(text, username, RULES_VALUE_MAX);
	terminal_text_add(text, "\"");
}

void rules_add_address(struct terminal_text *text, struct slice address) {
	terminal_text_add(text, "<");
	terminal_text_wire(text, address, RULES_VALUE_MAX);
	terminal_text_add(text, ">");
}

const struct slice *rules_find_capability(const struct record_capabilities *capabilities, const char *keyword) {
	size_t len = strlen(keyword);

	for (size_t i = 0; capabilities->seen && i < capabilities->line_count; i++) {
		const struct slice *line = &capabilities->lines[i];

		if (line->len < len || strncasecmp(line->data, keyword, len) != 0)
			continue;
		if (line->len == len || line->data[len] == ' ' || line->data[len] == '=')
			return line;
	}
	return NULL;
}

/* Walks through the mechanisms of all AUTH lines; there may be two, the old form beside the new one. Returns false at the
 * end. */
static bool next_mechanism(
	const struct record_capabilities *capabilities, size_t *line, size_t *at, struct slice *ret_mechanism) {
	for (; capabilities->seen && *line < capabilities->line_count; ++*line, *at = 0) {
		const struct slice *text = &capabilities->lines[*line];
		size_t start;

		if (*at == 0) {
			if (text->len < 5 || strncasecmp(text->data, "AUTH", 4) != 0 ||
				(text->data[4] != ' ' && text->data[4] != '='))
				continue;
			*at = 5;
		}
		while (*at < text->len && text->data[*at] == ' ')
			++*at;
		start = *at;
		while (*at < text->len && text->data[*at] != ' ')
			++*at;
		if (*at > start) {
			*ret_mechanism = (struct slice){text->data + start, *at - start};
			return true;
		}
	}
	return false;
}

bool rules_offers_mechanism(const struct record_capabilities *capabilities, struct slice mechanism) {
	struct slice offered;

	for (size_t line = 0, at = 0; next_mechanism(capabilities, &line, &at, &offered);)
		if (offered.len == mechanism.len && strncasecmp(offered.data, mechanism.data, offered.len) == 0)
			return true;
	return false;
}

bool rules_add_mechanisms(struct terminal_text *text, const struct record_capabilities *capabilities) {
	enum { SHOWN_MAX = 12 };
	struct slice offered, shown[SHOWN_MAX];
	size_t count = 0, over = 0;

	for (size_t line = 0, at = 0; next_mechanism(capabilities, &line, &at, &offered);) {
		bool known = false;

		for (size_t i = 0; i < count && !known; i++)
			known = shown[i].len == offered.len && strncasecmp(shown[i].data, offered.data, offered.len) == 0;
		if (known)
			continue;
		if (count < SHOWN_MAX)
			shown[count++] = offered;
		else
			over++;
	}
	for (size_t i = 0; i < count; i++) {
		terminal_text_add(text, rules_separator(i, count + (over > 0)));
		terminal_text_wire(text, shown[i], 20);
	}
	if (over > 0)
		terminal_text_format(text, " and %zu more", over);
	return count > 0;
}

const struct record_capabilities *rules_capabilities_at(const struct record *record, uint64_t frame) {
	return record->tls_seen && frame > record->tls_at.frame ? &record->tls_capabilities : &record->clear;
}

bool rules_is_rejected_login(const struct record_attempt *attempt) {
	if (attempt->result != EVENT_AUTH_REJECTED || !attempt->reply.seen)
		return false;
	/* 500, 502, 503, 504: the command was not understood, came at the wrong time, or named an unknown mechanism.
	 * 530, 538: TLS first. 4xx: the server could not check. 501 stays: it is how some servers answer a bad PLAIN
	 * response. */
	switch (attempt->reply.code) {
	case 500:
	case 502:
	case 503:
	case 504:
	case 530:
	case 538:
		return false;
	default:
		return attempt->reply.code >= 500 && attempt->reply.code < 600;
	}
}

bool rules_is_submission(const struct record *record) {
	uint16_t port = record->open.server.port;

	return port == 587 || port == 465 || port == 2525;
}
