/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/fields/fields.h"

#include <arpa/inet.h>
#include <stdarg.h>
#include <string.h>

#include "decode/ascii.h"
#include "report/fields/address_list.h"
#include "report/findings.h"

const struct fields_row *const fields_groups[] = {
	fields_document,
	fields_connection,
	fields_tls,
	fields_mail,
	fields_auth,
	fields_finding,
	fields_diagnosis,
	fields_statistics,
	fields_ocsf,
	NULL,
};

const char *const fields_kind_names[FIELDS_KINDS] = {
	[FIELDS_SESSION] = "session",
	[FIELDS_TRANSACTION] = "transaction",
	[FIELDS_AUTH] = "auth",
	[FIELDS_FINDING] = "finding",
	[FIELDS_DIAGNOSIS] = "diagnosis",
	[FIELDS_STATISTICS] = "statistics",
};

const char *const fields_format_names[FIELDS_FORMATS] = {
	[FIELDS_ECS] = "ecs",
	[FIELDS_OCSF] = "ocsf",
	[FIELDS_OCSF_1_3] = "ocsf-1.3",
	[FIELDS_ZEEK] = "zeek",
	[FIELDS_EVE] = "eve",
	[FIELDS_CEF] = "cef",
	[FIELDS_LEEF] = "leef",
	[FIELDS_SPLUNK] = "splunk",
};

const char *const fields_type_names[FIELDS_TYPES] = {
	[FIELDS_TEXT] = "text",
	[FIELDS_NUMBER] = "number",
	[FIELDS_BOOL] = "bool",
	[FIELDS_TIME] = "time",
	[FIELDS_DURATION] = "duration",
	[FIELDS_SCORE] = "number",
	[FIELDS_IP] = "ip",
	[FIELDS_SEVERITY] = "severity",
	[FIELDS_TEXTS] = "list",
	[FIELDS_NUMBERS] = "list",
	[FIELDS_OBJECTS] = "list",
};

const char *fields_names_in(const struct fields_row *row, enum fields_format format) {
	const char *names = row->names[format];
	if (format == FIELDS_OCSF_1_3 && names == NULL)
		names = row->names[FIELDS_OCSF];
	return names != NULL && *names != '\0' ? names : NULL;
}

/* ---- The list ---- */

static void print_kinds(FILE *out, unsigned kinds) {
	const char *between = "";
	for (size_t i = 0; i < FIELDS_KINDS; i++)
		if ((kinds & FIELDS_OF(i)) != 0) {
			fprintf(out, "%s%s", between, fields_kind_names[i]);
			between = ",";
		}
}

/* The name without what only the writers are to know. */
static void print_names(FILE *out, const char *names) {
	for (const char *at = names; *at != '\0'; at++)
		if (*at != '$' && (at[0] != '[' || at[1] != ']') && (at[0] != ']' || at == names || at[-1] != '['))
			fputc(*at, out);
}

static void print_of_format(FILE *out, const struct fields_row *row, enum fields_format format) {
	const char *names = fields_names_in(row, format);
	if (names == NULL)
		return;
	print_names(out, names);
	fprintf(out, "\t%s\t", fields_type_names[row->type]);
	print_kinds(out, row->kinds);
	fprintf(out, "\t%s\t%s", row->name != NULL ? row->name : "-", row->meaning);
	if (row->text != NULL)
		fprintf(out, ": %s", row->text);
	fputc('\n', out);
}

static void print_of_all(FILE *out, const struct fields_row *row) {
	if (row->name == NULL)
		return;
	fprintf(out, "%s\t%s\t", row->name, fields_type_names[row->type]);
	print_kinds(out, row->kinds);
	for (enum fields_format format = 0; format < FIELDS_FORMATS; format++) {
		const char *names = format != FIELDS_OCSF_1_3 ? fields_names_in(row, format) : NULL;
		if (format == FIELDS_OCSF_1_3)
			continue;
		fputc('\t', out);
		print_names(out, names != NULL ? names : "-");
	}
	fprintf(out, "\t%s\n", row->meaning);
}

bool fields_list(FILE *out, const char *format) {
	enum fields_format found = 0;
	while (format != NULL && found < FIELDS_FORMATS && strcmp(fields_format_names[found], format) != 0)
		found++;
	if (format != NULL && strcmp(format, "zeek-tsv") == 0)
		found = FIELDS_ZEEK;
	if (found == FIELDS_FORMATS)
		return false;
	fputs(format != NULL ? "field\ttype\tdocuments\tname\tmeaning\n"
			     : "name\ttype\tdocuments\tecs\tocsf\tzeek\teve\tcef\tleef\tsplunk\tmeaning\n", out);
	for (const struct fields_row *const *group = fields_groups; *group != NULL; group++)
		for (const struct fields_row *row = *group; row->kinds != 0; row++) {
			if (format != NULL)
				print_of_format(out, row, found);
			else
				print_of_all(out, row);
		}
	return true;
}

/* ---- Values ---- */

void fields_list_add(struct fields_list *list, struct slice text) {
	if (text.len == 0)
		return;
	if (list->count == list->capacity) {
		size_t capacity = list->capacity > 0 ? 4 * list->capacity : 16;
		struct slice *grown = arena_alloc_uninitialised(list->subject->arena, capacity * sizeof(*grown));
		if (list->count > 0)
			memcpy(grown, list->items, list->count * sizeof(*grown));
		list->items = grown;
		list->capacity = capacity;
	}
	list->items[list->count++] = text;
}

void fields_list_add_new(struct fields_list *list, struct slice text) {
	for (size_t i = 0; i < list->count; i++)
		if (list->items[i].len == text.len && memcmp(list->items[i].data, text.data, text.len) == 0)
			return;
	fields_list_add(list, text);
}

struct slice fields_format(const struct fields_subject *subject, const char *format, ...) {
	char text[256];
	va_list arguments;
	va_start(arguments, format);
	int len = vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	size_t kept = len < 0 ? 0 : (size_t)len < sizeof(text) ? (size_t)len : sizeof(text) - 1;
	return (struct slice){arena_copy(subject->arena, text, kept), kept};
}

struct slice fields_join(const struct fields_subject *subject, struct slice one, const char *between, struct slice other) {
	size_t between_len = strlen(between), len = one.len + between_len + other.len;
	if (len == 0)
		return (struct slice){NULL, 0};
	char *text = arena_alloc_uninitialised(subject->arena, len), *at = text;
	if (one.len > 0)
		memcpy(at, one.data, one.len);
	at += one.len;
	memcpy(at, between, between_len);
	at += between_len;
	if (other.len > 0)
		memcpy(at, other.data, other.len);
	return (struct slice){text, len};
}

struct slice fields_user(const struct fields_subject *subject, struct slice name) {
	struct json_print *json = subject->json;
	if (json->users == WRITER_USERS_KEEP)
		return name;
	if (json->users == WRITER_USERS_OMIT)
		return (struct slice){NULL, 0};
	char hash[IDENTITY_USER_SIZE];
	identity_user_hash(json->user_hash, name, hash);
	return (struct slice){arena_copy(subject->arena, hash, strlen(hash)), strlen(hash)};
}

struct slice fields_address(const struct fields_subject *subject, const struct stream_endpoint *endpoint) {
	char text[INET6_ADDRSTRLEN];
	inet_ntop(endpoint->ip_version == 6 ? AF_INET6 : AF_INET, endpoint->address, text, sizeof(text));
	return (struct slice){arena_copy(subject->arena, text, strlen(text)), strlen(text)};
}

bool fields_is_host_name(struct slice name) {
	size_t label = 0, dots = 0;
	bool letter = false;
	if (name.len == 0 || name.len > 253)
		return false;
	for (size_t i = 0; i < name.len; i++) {
		char c = name.data[i];
		if (c == '.') {
			if (label == 0 || name.data[i - 1] == '-')
				return false;
			label = 0;
			dots++;
			letter = false; /* of the last label */
		} else if (ascii_is_alpha(c) || ascii_is_digit(c) || (c == '-' && label > 0)) {
			letter = letter || ascii_is_alpha(c);
			if (++label > 63)
				return false;
		} else {
			return false;
		}
	}
	return dots > 0 && label > 0 && letter && name.data[name.len - 1] != '-';
}

/* ---- Replies ---- */

static struct fields_reply of_record(const struct record_reply *reply) {
	return (struct fields_reply){.seen = reply->seen, .code = reply->code, .enhanced = reply->enhanced, .lines = reply->lines,
		.line_count = reply->line_count, .at = reply->at};
}

static struct fields_reply of_mail(const struct record_mail *mail) {
	if (mail->body_reply.seen)
		return of_record(&mail->body_reply);
	if (mail->data_reply.seen && mail->data_reply.code >= 400)
		return of_record(&mail->data_reply);
	for (const struct record_recipient *to = mail->recipients; to != NULL; to = to->next)
		if (to->body_reply.seen) /* LMTP */
			return of_record(&to->body_reply);
	if (mail->recipients_accepted == 0)
		for (const struct record_recipient *to = mail->recipients; to != NULL; to = to->next)
			if (to->reply.seen)
				return of_record(&to->reply);
	return of_record(&mail->reply);
}

static bool is_evidence(const struct finding *finding, uint64_t frame) {
	for (size_t i = 0; i < finding->frame_count; i++)
		if (finding->frames[i] == frame)
			return true;
	return false;
}

static struct fields_reply of_timeline(const struct record *record, const struct finding *finding) {
	for (size_t i = record->timeline_count; i-- > 0;) {
		const struct record_timeline_entry *entry = &record->timeline[i];
		if ((entry->kind != RECORD_REPLY && entry->kind != RECORD_GREETING) || entry->reply.code == 0)
			continue;
		if (finding == NULL || is_evidence(finding, entry->at.frame))
			return (struct fields_reply){.seen = true, .code = entry->reply.code, .enhanced = entry->reply.enhanced,
				.lines = entry->reply.lines, .line_count = entry->reply.line_count, .at = entry->at};
	}
	return (struct fields_reply){.seen = false};
}

void fields_reply(const struct fields_subject *subject, struct fields_reply *ret_reply) {
	if (subject->mail != NULL)
		*ret_reply = of_mail(subject->mail);
	else if (subject->attempt != NULL)
		*ret_reply = of_record(&subject->attempt->reply);
	else
		*ret_reply = of_timeline(subject->record, subject->finding);
}

struct slice fields_reply_text(const struct fields_subject *subject, const struct fields_reply *reply) {
	struct slice text = {NULL, 0};
	for (size_t i = 0; i < reply->line_count; i++)
		text = i == 0 ? reply->lines[0] : fields_join(subject, text, " ", reply->lines[i]);
	return text;
}

struct slice fields_reply_line(const struct fields_subject *subject, const struct fields_reply *reply) {
	struct slice code = fields_format(subject, "%u%s%.*s", reply->code, reply->enhanced.len > 0 ? " " : "", (int)reply->enhanced.len,
		reply->enhanced.len > 0 ? reply->enhanced.data : "");
	struct slice text = fields_reply_text(subject, reply);
	return text.len > 0 ? fields_join(subject, code, " ", text) : code;
}

/* ---- Results ---- */

static enum fields_outcome outcome_of_session(const struct record *record) {
	switch (record->result) {
	case RECORD_RESULT_DELIVERED:
		return FIELDS_OUTCOME_SUCCESS;
	case RECORD_RESULT_REFUSED:
	case RECORD_RESULT_NOT_ESTABLISHED:
		return FIELDS_OUTCOME_FAILURE;
	case RECORD_RESULT_NO_MAIL:
		return record->folding.quit_seen ? FIELDS_OUTCOME_SUCCESS : FIELDS_OUTCOME_UNKNOWN;
	case RECORD_RESULT_ENCRYPTED:
	case RECORD_RESULT_UNKNOWN:
		break;
	}
	return FIELDS_OUTCOME_UNKNOWN;
}

enum fields_outcome fields_outcome(const struct fields_subject *subject) {
	static const enum fields_outcome mails[] = {
		[EVENT_MAIL_UNKNOWN] = FIELDS_OUTCOME_UNKNOWN,
		[EVENT_MAIL_ACCEPTED] = FIELDS_OUTCOME_SUCCESS,
		[EVENT_MAIL_REJECTED] = FIELDS_OUTCOME_FAILURE,
		[EVENT_MAIL_ABORTED] = FIELDS_OUTCOME_FAILURE,
	};
	static const enum fields_outcome attempts[] = {
		[EVENT_AUTH_UNKNOWN] = FIELDS_OUTCOME_UNKNOWN,
		[EVENT_AUTH_ACCEPTED] = FIELDS_OUTCOME_SUCCESS,
		[EVENT_AUTH_REJECTED] = FIELDS_OUTCOME_FAILURE,
		[EVENT_AUTH_CANCELLED] = FIELDS_OUTCOME_FAILURE,
	};
	switch (subject->kind) {
	case FIELDS_SESSION:
		return outcome_of_session(subject->record);
	case FIELDS_TRANSACTION:
		return mails[subject->mail->result];
	case FIELDS_AUTH:
		return attempts[subject->attempt->result];
	case FIELDS_FINDING:
		if (subject->finding->accepted >= 0)
			return subject->finding->accepted != 0 ? FIELDS_OUTCOME_SUCCESS : FIELDS_OUTCOME_FAILURE;
		break;
	case FIELDS_DIAGNOSIS:
	case FIELDS_STATISTICS:
	case FIELDS_KINDS:
		break;
	}
	return FIELDS_OUTCOME_NONE;
}

static bool is_in(const struct diagnosis_network *network, const struct stream_endpoint *endpoint) {
	if (network->ip_version != endpoint->ip_version)
		return false;
	unsigned bytes = network->prefix / 8, bits = network->prefix % 8;
	if (memcmp(network->address, endpoint->address, bytes) != 0)
		return false;
	return bits == 0 || (network->address[bytes] ^ endpoint->address[bytes]) >> (8 - bits) == 0;
}

static bool is_local(const struct writer_options *options, const struct stream_endpoint *endpoint) {
	for (size_t i = 0; i < options->local_network_count; i++)
		if (is_in(&options->local_networks[i], endpoint))
			return true;
	return false;
}

enum fields_direction fields_direction(const struct fields_subject *subject) {
	const struct writer_options *options = subject->options;
	if (options->local_network_count == 0 || subject->record == NULL)
		return FIELDS_DIRECTION_UNKNOWN;
	bool from = is_local(options, &subject->record->open.client), to = is_local(options, &subject->record->open.server);
	if (from)
		return to ? FIELDS_DIRECTION_INTERNAL : FIELDS_DIRECTION_OUTBOUND;
	return to ? FIELDS_DIRECTION_INBOUND : FIELDS_DIRECTION_EXTERNAL;
}

/* ---- Mails ---- */

const struct record_mail *fields_mail_of(const struct fields_subject *subject) {
	if (subject->mail != NULL)
		return subject->mail;
	const struct record *record = subject->record;
	return record != NULL && record->mail_count == 1 ? record->mails : NULL;
}

const struct message_headers *fields_headers(const struct fields_subject *subject) {
	const struct record_mail *mail = fields_mail_of(subject);
	const struct record_message *message = mail != NULL ? mail->message : NULL;
	return message != NULL && message->read && message->has_headers ? &message->headers : NULL;
}

bool fields_header_text(const struct fields_subject *subject, enum message_field field, struct fields_value *value) {
	const struct message_headers *headers = fields_headers(subject);
	return headers != NULL && headers->has[field] && fields_text(value, headers->fields[field]);
}

bool fields_header_addresses(const struct fields_subject *subject, enum message_field field, struct fields_value *value) {
	struct fields_list list = {.subject = subject};
	struct slice address;
	if (!fields_header_text(subject, field, value))
		return false;
	for (struct slice rest = value->text; address_list_next(&rest, &address, NULL);)
		fields_list_add(&list, address);
	return fields_of_list(value, &list);
}

/* ---- Findings and diagnoses ---- */

enum finding_severity fields_severity(const struct fields_subject *subject) {
	if (subject->finding != NULL)
		return subject->finding->severity;
	return subject->diagnosis != NULL ? subject->diagnosis->severity : FINDING_INFO;
}

const char *const *fields_attack(const struct fields_subject *subject) {
	if (subject->finding != NULL)
		return subject->finding->attack;
	return subject->diagnosis != NULL ? subject->diagnosis->attack : NULL;
}

static const char *user_alias(void *context, struct slice name) {
	const struct fields_subject *subject = context;
	struct slice user = fields_user(subject, name);
	if (user.len == 0)
		return "(omitted)";
	char *text = arena_alloc(subject->arena, user.len + 1);
	memcpy(text, user.data, user.len);
	return text;
}

struct slice fields_explanation(const struct fields_subject *subject) {
	struct terminal_text text;
	if (subject->diagnosis != NULL)
		return slice_of(subject->diagnosis->explanation);
	if (subject->finding == NULL)
		return (struct slice){NULL, 0};
	if (subject->json->users == WRITER_USERS_KEEP)
		return subject->finding->explanation;
	struct fields_subject context = *subject;
	terminal_text_init(&text, false);
	findings_add_explanation(&text, subject->record, subject->finding, user_alias, &context);
	return (struct slice){arena_copy(subject->arena, text.data, text.len), text.len};
}
