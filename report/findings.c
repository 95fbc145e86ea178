/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The table of findings, and what rules share.
 */
#include "report/findings.h"

#include <string.h>
#include <strings.h>

#include "report/findings/rules.h"
#include "report/tls_facts.h"
#include "report/words_tables.h"

/* One row a finding. The order is that of findings of equal severity: causes before their consequences. */
static const struct {
	const char *id;
	rules_function *function;
} rules[] = {
	{"connection-refused", rules_connection_refused},
	{"connection-unanswered", rules_connection_unanswered},
	{"no-greeting", rules_no_greeting},
	{"banner-refused", rules_banner_refused},
	{"server-busy", rules_server_busy},
	{"auth-rejected", rules_auth_rejected},
	{"auth-temporary-failure", rules_auth_temporary_failure},
	{"auth-needs-tls", rules_auth_needs_tls},
	{"auth-password-transition-needed", rules_auth_password_transition_needed},
	{"auth-mechanism-too-weak", rules_auth_mechanism_too_weak},
	{"auth-syntax", rules_auth_syntax},
	{"auth-mechanism-not-offered", rules_auth_mechanism_not_offered},
	{"auth-not-offered-on-submission", rules_auth_not_offered_on_submission},
	{"mail-without-auth", rules_mail_without_auth},
	{"auth-required", rules_auth_required},
	{"mail-refused", rules_mail_refused},
	{"size-over-limit", rules_size_over_limit},
	{"size-understated", rules_size_understated},
	{"recipient-refused", rules_recipient_refused},
	{"greylisted", rules_greylisted},
	{"smuggling", rules_smuggling},
	{"starttls-injection", rules_starttls_injection},
	{"response-injection", rules_response_injection},
	{"header-injection", rules_header_injection},
	{"not-smtp", rules_not_smtp},
	{"auth-cleartext", rules_auth_cleartext},
	{"starttls-refused", rules_starttls_refused},
	{"starttls-in-clear", rules_starttls_in_clear},
	{"tls-handshake-failed", rules_tls_handshake_failed},
	{"tls-certificate-expired", rules_tls_certificate_expired},
	{"tls-certificate-not-yet-valid", rules_tls_certificate_not_yet_valid},
	{"tls-certificate-name-mismatch", rules_tls_certificate_name_mismatch},
	{"tls-certificate-self-signed", rules_tls_certificate_self_signed},
	{"tls-version-weak", rules_tls_version_weak},
	{"starttls-not-used", rules_starttls_not_used},
	{"capability-masked", rules_capability_masked},
	{"extension-not-offered", rules_extension_not_offered},
	{"parameter-wrong", rules_parameter_wrong},
	{"limit-exceeded", rules_limit_exceeded},
	{"hello-not-repeated", rules_hello_not_repeated},
	{"early-talker", rules_early_talker},
	{"pipelining-violation", rules_pipelining_violation},
	{"commands-after-quit", rules_commands_after_quit},
	{"bare-newline", rules_bare_newline},
	{"nul-byte", rules_nul_byte},
	{"line-too-long", rules_line_too_long},
	{"slow-reply", rules_slow_reply},
	{"tarpit", rules_tarpit},
	{"conflicting-retransmission", rules_conflicting_retransmission},
	{"capture-loss", rules_capture_loss},
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

const char *findings_severity_words(enum finding_severity severity, const struct words *words) {
	static const enum words_id ids[] = {
		[FINDING_INFO] = WORDS_SEVERITY_INFO,
		[FINDING_LOW] = WORDS_SEVERITY_LOW,
		[FINDING_MEDIUM] = WORDS_SEVERITY_MEDIUM,
		[FINDING_HIGH] = WORDS_SEVERITY_HIGH,
		[FINDING_CRITICAL] = WORDS_SEVERITY_CRITICAL,
	};

	return words_get(words, ids[severity]);
}

/* The values that the causes and checks of any finding may have. */
enum { ADVICE_VALUES = 4 };

struct advice_values {
	struct terminal_text server, address, client, port;
	struct words_value values[ADVICE_VALUES];
};

static void fill_advice_values(struct advice_values *advice, const struct record *record) {
	terminal_text_init(&advice->server, false);
	terminal_text_init(&advice->address, false);
	terminal_text_init(&advice->client, false);
	terminal_text_init(&advice->port, false);
	terminal_text_endpoint(&advice->server, &record->open.server, true);
	terminal_text_endpoint(&advice->address, &record->open.server, false);
	terminal_text_endpoint(&advice->client, &record->open.client, false);
	terminal_text_format(&advice->port, "%u", record->open.server.port);
	advice->values[0] = words_text("server", advice->server.data);
	advice->values[1] = words_text("address", advice->address.data);
	advice->values[2] = words_text("client", advice->client.data);
	advice->values[3] = words_text("port", advice->port.data);
}

/* Most texts have no places, and need no memory. */
static const char *const *make_advice(struct record *record, const struct words *words, const enum words_id *ids,
	size_t count, const struct advice_values *advice) {
	const char **texts = arena_alloc(&record->arena, count * sizeof(*texts));

	for (size_t i = 0; i < count; i++) {
		struct terminal_text text;

		texts[i] = words_get(words, ids[i]);
		if (strchr(texts[i], '{') == NULL)
			continue;
		terminal_text_init(&text, false);
		words_add(&text, words, ids[i], advice->values, ADVICE_VALUES);
		texts[i] = arena_copy(&record->arena, text.data, text.len + 1);
	}
	return texts;
}

static void advise(
	struct finding *finding, struct record *record, const struct words *words, const struct rules_draft *draft) {
	const struct words_advice *row = words_advice_of_finding(finding->id);
	struct diagnosis_client_text reads[CLIENT_TEXT_MAX], *copy;
	struct advice_values advice;

	if (finding->severity > FINDING_INFO) {
		fill_advice_values(&advice, record);
		bool own_cause = draft->cause != WORDS_COUNT, own_check = draft->check != WORDS_COUNT;
		finding->cause_count = own_cause ? 1 : row->cause_count;
		finding->causes = make_advice(record, words, own_cause ? &draft->cause : row->causes, finding->cause_count, &advice);
		finding->check_count = own_check ? 1 : row->check_count;
		finding->checks = make_advice(record, words, own_check ? &draft->check : row->checks, finding->check_count, &advice);
	}
	/* LMTP is between servers. */
	if (draft->client_stage == CLIENT_TEXT_STAGE_COUNT || record->protocol == EVENT_PROTOCOL_LMTP)
		return;
	finding->read_count = client_text_find(draft->client_stage, draft->client_code, words, reads);
	copy = arena_alloc(&record->arena, finding->read_count * sizeof(reads[0]));
	memcpy(copy, reads, finding->read_count * sizeof(reads[0]));
	finding->reads = copy;
}

/* Member by member: most rules find nothing, and filling the whole of it with zeros would be most of their work. */
static void draft_init(struct rules_draft *draft, const struct words *words) {
	draft->words = words;
	draft->severity = FINDING_INFO;
	draft->title = draft->cause = draft->check = WORDS_COUNT;
	draft->attack = NULL;
	draft->client_stage = CLIENT_TEXT_STAGE_COUNT;
	draft->client_code = 0;
	terminal_text_init(&draft->explanation, false);
	draft->frame_count = 0;
	draft->accepted = -1;
	draft->field_count = draft->field_text_count = 0;
}

static void keep_fields(struct finding *finding, struct record *record, const struct rules_draft *draft) {
	const char **texts;
	struct finding_field *fields;

	if (draft->field_count == 0)
		return;
	texts = arena_alloc(&record->arena, draft->field_text_count * sizeof(*texts) + 1);
	memcpy(texts, draft->field_texts, draft->field_text_count * sizeof(*texts));
	fields = arena_alloc(&record->arena, draft->field_count * sizeof(*fields));
	memcpy(fields, draft->fields, draft->field_count * sizeof(*fields));
	for (size_t i = 0; i < draft->field_count; i++)
		if (fields[i].kind == FINDING_FIELD_TEXTS)
			fields[i].texts = texts + (fields[i].texts - draft->field_texts);
	finding->fields = fields;
	finding->field_count = draft->field_count;
}

/* What came behind TURN or ATRN: the rules think of the connection's client as the one that sends. */
struct reversed {
	size_t timeline_count;
	struct record_mail **mails_end, *mails;
};

static void set_reversed_aside(struct record *record, struct reversed *ret_reversed) {
	struct record_mail **end = &record->mails;
	while (*end != NULL && !(*end)->reversed)
		end = &(*end)->next;
	*ret_reversed = (struct reversed){.timeline_count = record->timeline_count, .mails_end = end, .mails = *end};
	*end = NULL;
	if (record->timeline_reversed < record->timeline_count)
		record->timeline_count = record->timeline_reversed;
}

static void bring_reversed_back(struct record *record, const struct reversed *reversed) {
	record->timeline_count = reversed->timeline_count;
	*reversed->mails_end = reversed->mails;
}

void findings_run(struct record *record, const struct words *words) {
	struct reversed reversed;
	struct finding *lists[FINDING_CRITICAL + 1] = {NULL}, **tails[FINDING_CRITICAL + 1];
	struct finding **tail = &record->findings;

	tls_facts_add(record);
	for (size_t i = 0; i <= FINDING_CRITICAL; i++)
		tails[i] = &lists[i];
	set_reversed_aside(record, &reversed);
	for (size_t i = 0; i < RULE_COUNT; i++) {
		struct rules_draft draft;
		struct finding *finding;

		draft_init(&draft, words);
		if (!rules[i].function(record, &draft))
			continue;
		finding = arena_alloc(&record->arena, sizeof(*finding));
		finding->id = rules[i].id;
		finding->severity = draft.severity;
		finding->title = words_get(
			words, draft.title != WORDS_COUNT ? draft.title : words_advice_of_finding(rules[i].id)->title);
		finding->explanation.data = arena_copy(&record->arena, draft.explanation.data, draft.explanation.len);
		finding->explanation.len = draft.explanation.len;
		memcpy(finding->frames, draft.frames, draft.frame_count * sizeof(draft.frames[0]));
		finding->frame_count = draft.frame_count;
		finding->attack = draft.attack;
		finding->accepted = draft.accepted;
		keep_fields(finding, record, &draft);
		advise(finding, record, words, &draft);
		*tails[draft.severity] = finding;
		tails[draft.severity] = &finding->next;
	}
	bring_reversed_back(record, &reversed);
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

void rules_field(struct rules_draft *draft, const char *name, enum finding_field_kind kind, int64_t number) {
	if (draft->field_count < RULES_FIELDS_MAX)
		draft->fields[draft->field_count++] = (struct finding_field){.name = name, .kind = kind, .number = number};
}

void rules_field_texts(struct rules_draft *draft, const char *name, const char *const *texts, size_t count) {
	if (count > RULES_FIELD_TEXTS_MAX - draft->field_text_count)
		count = RULES_FIELD_TEXTS_MAX - draft->field_text_count;
	if (draft->field_count == RULES_FIELDS_MAX || count == 0)
		return;
	draft->fields[draft->field_count++] = (struct finding_field){.name = name,
		.kind = FINDING_FIELD_TEXTS,
		.texts = draft->field_texts + draft->field_text_count,
		.text_count = count};
	memcpy(draft->field_texts + draft->field_text_count, texts, count * sizeof(*texts));
	draft->field_text_count += count;
}

const char *rules_piece_reply(struct terminal_text *piece, const struct record_reply *reply) {
	terminal_text_init(piece, false);
	rules_add_reply(piece, reply);
	return piece->data;
}

const char *rules_piece_endpoint(struct terminal_text *piece, const struct stream_endpoint *endpoint, bool with_port) {
	terminal_text_init(piece, false);
	terminal_text_endpoint(piece, endpoint, with_port);
	return piece->data;
}

const char *rules_piece_address(struct terminal_text *piece, struct slice address) {
	terminal_text_init(piece, false);
	rules_add_address(piece, address);
	return piece->data;
}

const char *rules_piece_user(struct terminal_text *piece, struct slice username) {
	terminal_text_init(piece, false);
	rules_add_user(piece, username);
	return piece->data;
}

const char *rules_piece_wire(struct terminal_text *piece, struct slice value, size_t columns_max) {
	terminal_text_init(piece, false);
	terminal_text_wire(piece, value, columns_max);
	return piece->data;
}

const char *rules_separator(const struct words *words, size_t index, size_t count) {
	return index == 0 ? "" : words_get(words, index + 1 == count ? WORDS_LIST_LAST : WORDS_LIST_COMMA);
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

bool rules_piece_mechanisms(
	struct terminal_text *piece, const struct rules_draft *draft, const struct record_capabilities *capabilities) {
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
	terminal_text_init(piece, false);
	for (size_t i = 0; i < count; i++) {
		terminal_text_add(piece, rules_separator(draft->words, i, count + (over > 0)));
		terminal_text_wire(piece, shown[i], 20);
	}
	if (over > 0)
		WORDS_ADD(piece, draft->words, WORDS_LIST_MORE, words_count("count", over));
	return count > 0;
}

const struct record_capabilities *rules_capabilities_at(const struct record *record, uint64_t frame) {
	return record->tls_seen && frame > record->tls_at.frame ? &record->tls_capabilities : &record->clear;
}

bool rules_is_rejected_login(const struct record_attempt *attempt) {
	enum auth_reason reason = auth_reason_of(attempt);

	return attempt->result == EVENT_AUTH_REJECTED && (reason == AUTH_REASON_CREDENTIALS || reason == AUTH_REASON_DISABLED);
}

bool rules_is_submission(const struct record *record) {
	uint16_t port = record->open.server.port;

	return port == 587 || port == 465 || port == 2525;
}
