/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Mails: the envelope, and what the message says of itself. The two are never mixed: the envelope says who was asked for what, the header
 * what somebody wrote.
 */
#include <string.h>

#include "decode/ascii.h"
#include "report/fields/address_list.h"
#include "report/fields/columns.h"
#include "report/names.h"

enum { ZEEK_LIST_MAX = 1000, CEF_TEXT_MAX = 1023 };

static bool has_sender(const struct fields_subject *subject, const struct record_mail *mail) {
	return mail != NULL && mail->seen && fields_of_envelope(subject, mail->from).len > 0;
}

GETTER(get_mail_from) {
	const struct record_mail *mail = fields_mail_of(subject);
	return has_sender(subject, mail) && fields_text(value, mail->from);
}

GETTER(get_null_sender) {
	const struct record_mail *mail = fields_mail_of(subject);
	value->number = 1;
	return mail != NULL && mail->seen && mail->from.len == 0;
}

/* Zeek tells of the null sender with an empty text. */
GETTER(get_zeek_from) {
	const struct record_mail *mail = subject->mail;
	if (mail == NULL || !mail->seen || (mail->from.len > 0 && !has_sender(subject, mail)))
		return false;
	value->text = mail->from;
	return true;
}

static struct slice in_brackets(const struct fields_subject *subject, struct slice address) {
	return fields_join(subject, fields_join(subject, (struct slice){"<", 1}, "", address), "", (struct slice){">", 1});
}

GETTER(get_path_from) {
	const struct record_mail *mail = subject->mail;
	if (!mail->seen || (mail->from.len > 0 && !has_sender(subject, mail)))
		return false;
	return fields_text(value, in_brackets(subject, mail->from));
}

static bool get_recipients_up_to(const struct fields_subject *subject, size_t max, bool brackets, struct fields_value *value) {
	const struct record_mail *mail = fields_mail_of(subject);
	struct fields_list list = {.subject = subject};
	for (const struct record_recipient *to = mail != NULL ? mail->recipients : NULL; to != NULL && list.count < max; to = to->next) {
		struct slice address = fields_of_envelope(subject, to->to);
		if (address.len > 0)
			fields_list_add(&list, brackets ? in_brackets(subject, address) : address);
	}
	return fields_of_list(value, &list);
}

GETTER(get_rcpt_to) {
	return get_recipients_up_to(subject, SIZE_MAX, false, value);
}

GETTER(get_zeek_rcpt_to) {
	return subject->mail != NULL && get_recipients_up_to(subject, ZEEK_LIST_MAX, false, value);
}

GETTER(get_paths_to) {
	return get_recipients_up_to(subject, SIZE_MAX, true, value);
}

/* With commas between them, as many as there is room for: never a part of one. */
GETTER(get_rcpt_joined) {
	const struct record_mail *mail = fields_mail_of(subject);
	size_t max = subject->cut >= FIELDS_CUT_RECIPIENTS ? FIELDS_LIST_CUT : SIZE_MAX, count = 0, len = 0;
	char *text = arena_alloc_uninitialised(subject->arena, CEF_TEXT_MAX);
	for (const struct record_recipient *to = mail != NULL ? mail->recipients : NULL; to != NULL && count < max; to = to->next, count++) {
		struct slice address = fields_of_envelope(subject, to->to);
		if (address.len == 0)
			continue;
		if (len + address.len + 1 > CEF_TEXT_MAX)
			break;
		if (len > 0)
			text[len++] = ',';
		memcpy(text + len, address.data, address.len);
		len += address.len;
	}
	return fields_text(value, (struct slice){text, len});
}

static const struct record_mail *get_mail(const struct fields_subject *subject) {
	return fields_mail_of(subject);
}

GETTER(get_rcpt_count) {
	const struct record_mail *mail = get_mail(subject);
	return mail != NULL && fields_number(value, (int64_t)mail->recipient_count);
}

GETTER(get_rcpt_accepted) {
	const struct record_mail *mail = get_mail(subject);
	return mail != NULL && fields_number(value, (int64_t)mail->recipients_accepted);
}

GETTER(get_rcpt_rejected) {
	const struct record_mail *mail = get_mail(subject);
	return mail != NULL && fields_number(value, (int64_t)mail->recipients_refused);
}

GETTER(get_rcpt_refused) {
	const struct record_mail *mail = get_mail(subject);
	struct fields_list list = {.subject = subject};
	for (const struct record_recipient *to = mail != NULL ? mail->recipients : NULL; to != NULL; to = to->next)
		if (to->reply.seen && to->reply.code >= 400)
			fields_list_add(&list, fields_of_envelope(subject, to->to));
	return fields_of_list(value, &list);
}

GETTER(get_params) {
	const struct record_mail *mail = get_mail(subject);
	struct fields_list list = {.subject = subject};
	for (size_t i = 0; mail != NULL && i < mail->parameter_count; i++) {
		const struct event_parameter *parameter = &mail->parameters[i];
		fields_list_add(&list, parameter->has_value ? fields_join(subject, parameter->keyword, "=", parameter->value)
			: parameter->keyword);
	}
	return fields_of_list(value, &list);
}

GETTER(get_authenticated) {
	const struct record_mail *mail = get_mail(subject);
	if (mail == NULL || mail->authenticated == EVENT_AUTHENTICATED_UNKNOWN)
		return false;
	value->number = mail->authenticated == EVENT_AUTHENTICATED_YES;
	return true;
}

GETTER(get_result) {
	return fields_constant(value, names_mail[subject->mail->result]);
}

GETTER(get_size) {
	const struct record_mail *mail = get_mail(subject);
	return mail != NULL && mail->has_body && fields_number(value, (int64_t)mail->body.bytes);
}

GETTER(get_complete) {
	const struct record_mail *mail = get_mail(subject);
	value->number = mail != NULL && mail->body.complete;
	return mail != NULL && mail->has_body;
}

GETTER(get_mail_count) {
	return fields_number(value, (int64_t)subject->record->mail_count);
}

static bool count_mails(const struct fields_subject *subject, enum event_mail_result result, struct fields_value *value) {
	value->number = 0;
	for (const struct record_mail *mail = subject->record->mails; mail != NULL; mail = mail->next)
		value->number += mail->result == result;
	return true;
}

GETTER(get_accepted) {
	return count_mails(subject, EVENT_MAIL_ACCEPTED, value);
}

GETTER(get_rejected) {
	return count_mails(subject, EVENT_MAIL_REJECTED, value);
}

GETTER(get_message_bytes) {
	value->number = 0;
	for (const struct record_mail *mail = subject->record->mails; mail != NULL; mail = mail->next)
		value->number += mail->has_body ? (int64_t)mail->body.bytes : 0;
	return value->number > 0;
}

/* The number that many servers tell when they accept: "queued as 4XyZ". */
GETTER(get_queue_id) {
	static const char words[] = "queued as ";
	const struct record_mail *mail = get_mail(subject);
	struct fields_reply reply;
	if (mail == NULL || mail->result != EVENT_MAIL_ACCEPTED || !mail->body_reply.seen || mail->body_reply.line_count == 0)
		return false;
	reply.lines = mail->body_reply.lines;
	const char *at = memmem(reply.lines[0].data, reply.lines[0].len, words, sizeof(words) - 1);
	if (at == NULL)
		return false;
	struct slice rest = slice_skip(reply.lines[0], (size_t)(at - reply.lines[0].data) + sizeof(words) - 1);
	size_t len = 0;
	while (len < rest.len && (ascii_is_alpha(rest.data[len]) || ascii_is_digit(rest.data[len]) || rest.data[len] == '-'))
		len++;
	return fields_text(value, (struct slice){rest.data, len});
}

/* ---- Headers ---- */

GETTER(get_header_from) {
	return fields_header_addresses(subject, MESSAGE_FROM, value);
}

GETTER(get_header_to) {
	return fields_header_addresses(subject, MESSAGE_TO, value);
}

GETTER(get_header_cc) {
	return fields_header_addresses(subject, MESSAGE_CC, value);
}

GETTER(get_header_reply_to) {
	return fields_header_addresses(subject, MESSAGE_REPLY_TO, value);
}

GETTER(get_from_mailbox) {
	return fields_header_text(subject, MESSAGE_FROM, value);
}

GETTER(get_reply_to_mailbox) {
	return fields_header_text(subject, MESSAGE_REPLY_TO, value);
}

static bool get_mailboxes(const struct fields_subject *subject, enum message_field field, struct fields_value *value) {
	struct fields_list list = {.subject = subject};
	struct slice address, mailbox;
	if (!fields_header_text(subject, field, value))
		return false;
	for (struct slice rest = value->text; list.count < ZEEK_LIST_MAX && address_list_next(&rest, &address, &mailbox);)
		fields_list_add(&list, mailbox);
	return fields_of_list(value, &list);
}

GETTER(get_to_mailboxes) {
	return get_mailboxes(subject, MESSAGE_TO, value);
}

GETTER(get_cc_mailboxes) {
	return get_mailboxes(subject, MESSAGE_CC, value);
}

GETTER(get_subject) {
	return fields_header_text(subject, MESSAGE_SUBJECT, value);
}

GETTER(get_message_id) {
	if (!fields_header_text(subject, MESSAGE_MESSAGE_ID, value))
		return false;
	struct slice id = slice_trim(value->text);
	if (id.len >= 2 && id.data[0] == '<' && id.data[id.len - 1] == '>')
		id = (struct slice){id.data + 1, id.len - 2};
	return fields_text(value, id);
}

GETTER(get_message_id_as_sent) {
	return fields_header_text(subject, MESSAGE_MESSAGE_ID, value);
}

GETTER(get_in_reply_to) {
	return fields_header_text(subject, MESSAGE_IN_REPLY_TO, value);
}

GETTER(get_user_agent) {
	return fields_header_text(subject, MESSAGE_USER_AGENT, value);
}

GETTER(get_date) {
	return fields_header_text(subject, MESSAGE_DATE, value) && address_list_date(value->text, &value->number);
}

/* As it was sent, if what reads Zeek's logs understands it. */
GETTER(get_date_as_sent) {
	int64_t time_ns;
	if (!fields_header_text(subject, MESSAGE_DATE, value) || !address_list_date(value->text, &time_ns))
		return false;
	struct slice date = value->text;
	size_t colons = 0;
	for (size_t i = 0; i < date.len; i++)
		colons += date.data[i] == ':';
	return colons == 2 && ascii_is_alpha(date.data[0]) && date.len > 5 &&
		(date.data[date.len - 5] == '+' || date.data[date.len - 5] == '-');
}

/* ---- Attachments ---- */

static bool is_attachment(const struct message_part *part) {
	return part->has_name || slice_is(part->disposition, "ATTACHMENT");
}

static const void *next_attachment(const void *item) {
	const struct message_part *part = ((const struct message_part *)item)->next;
	while (part != NULL && !is_attachment(part))
		part = part->next;
	return part;
}

static const void *next_file(const void *item) {
	const struct message_part *part = next_attachment(item);
	while (part != NULL && (!part->has_name || part->name.len == 0))
		part = next_attachment(part);
	return part;
}

static const struct message_part *first_attachment(const struct fields_subject *subject) {
	const struct record_mail *mail = get_mail(subject);
	const struct record_message *message = mail != NULL ? mail->message : NULL;
	if (message == NULL || !message->read || !message->has_parts)
		return NULL;
	const struct message_part *part = message->parts.first;
	while (part != NULL && !is_attachment(part))
		part = part->next;
	return part;
}

static struct slice extension_of(struct slice name) {
	for (size_t i = name.len; i-- > 1;) {
		if (name.data[i] == '.')
			return name.len - i - 1 <= 16 ? slice_skip(name, i + 1) : (struct slice){NULL, 0};
		if (!ascii_is_alpha(name.data[i]) && !ascii_is_digit(name.data[i]))
			break;
	}
	return (struct slice){NULL, 0};
}

static void put_hash(struct json_print *json, const struct message_part *part) {
	char text[2 * MESSAGE_PARTS_SHA256_LEN];
	static const char digits[] = "0123456789abcdef";
	for (size_t i = 0; i < MESSAGE_PARTS_SHA256_LEN; i++) {
		text[2 * i] = digits[part->sha256[i] >> 4];
		text[2 * i + 1] = digits[part->sha256[i] & 15];
	}
	json_put_string(json, (struct slice){text, sizeof(text)});
}

static void put_member(struct json_print *json, const char *key, struct slice text) {
	if (text.len == 0)
		return;
	JSON_PUT(json, ",\"");
	json_put_text(json, key);
	JSON_PUT(json, "\":");
	json_put_string(json, text);
}

static void put_size(struct json_print *json, const struct message_part *part) {
	JSON_PUT(json, "\"size\":");
	json_put_number(json, part->size);
}

static void print_ecs_attachment(struct json_print *json, const void *item, size_t number) {
	const struct message_part *part = item;
	JSON_PUT(json, "{\"file\":{");
	put_size(json, part);
	put_member(json, "name", part->name);
	put_member(json, "extension", extension_of(part->name));
	put_member(json, "mime_type", part->type);
	if (part->hashed) {
		JSON_PUT(json, ",\"hash\":{\"sha256\":");
		put_hash(json, part);
		JSON_PUT(json, "}");
	}
	JSON_PUT(json, "}}");
}

static void print_ocsf_file(struct json_print *json, const void *item, size_t number) {
	const struct message_part *part = item;
	JSON_PUT(json, "{");
	put_size(json, part);
	JSON_PUT(json, ",\"type_id\":1,\"type\":\"Regular File\"");
	put_member(json, "name", part->name);
	put_member(json, "mime_type", part->type);
	if (part->hashed) {
		JSON_PUT(json, ",\"hashes\":[{\"algorithm_id\":3,\"algorithm\":\"SHA-256\",\"value\":");
		put_hash(json, part);
		JSON_PUT(json, "}]");
	}
	JSON_PUT(json, "}");
}

static bool get_objects(const struct fields_subject *subject, const struct message_part *first,
	void (*print)(struct json_print *, const void *, size_t), const void *(*next)(const void *), struct fields_value *value) {
	value->objects = (struct fields_object){.print = print, .first = first, .next = next,
		.max = subject->cut >= FIELDS_CUT_ATTACHMENTS ? FIELDS_ATTACHMENTS_CUT : 0};
	return first != NULL;
}

GETTER(get_attachments) {
	return get_objects(subject, first_attachment(subject), print_ecs_attachment, next_attachment, value);
}

GETTER(get_files) {
	const struct message_part *first = first_attachment(subject);
	if (first != NULL && first->name.len == 0)
		first = next_file(first);
	return get_objects(subject, first, print_ocsf_file, next_file, value);
}

static struct slice hash_of(const struct fields_subject *subject, const struct message_part *part) {
	if (!part->hashed)
		return (struct slice){NULL, 0};
	char text[2 * MESSAGE_PARTS_SHA256_LEN + 1];
	for (size_t i = 0; i < MESSAGE_PARTS_SHA256_LEN; i++) {
		text[2 * i] = "0123456789abcdef"[part->sha256[i] >> 4];
		text[2 * i + 1] = "0123456789abcdef"[part->sha256[i] & 15];
	}
	return (struct slice){arena_copy(subject->arena, text, sizeof(text) - 1), sizeof(text) - 1};
}

static size_t attachments_max(const struct fields_subject *subject) {
	return subject->cut >= FIELDS_CUT_ATTACHMENTS ? FIELDS_ATTACHMENTS_CUT : SIZE_MAX;
}

GETTER(get_hashes) {
	struct fields_list list = {.subject = subject};
	size_t max = attachments_max(subject);
	for (const struct message_part *part = first_attachment(subject); part != NULL && list.count < max; part = next_attachment(part))
		fields_list_add_new(&list, hash_of(subject, part));
	return fields_of_list(value, &list);
}

GETTER(get_file_names) {
	struct fields_list list = {.subject = subject};
	size_t max = attachments_max(subject);
	for (const struct message_part *part = first_attachment(subject); part != NULL && list.count < max; part = next_attachment(part))
		fields_list_add(&list, part->name);
	return fields_of_list(value, &list);
}

GETTER(get_file_name) {
	const struct message_part *part = first_attachment(subject);
	return part != NULL && fields_text(value, part->name);
}

GETTER(get_file_size) {
	const struct message_part *part = first_attachment(subject);
	return part != NULL && fields_number(value, (int64_t)part->size);
}

GETTER(get_file_hash) {
	const struct message_part *part = first_attachment(subject);
	return part != NULL && fields_text(value, hash_of(subject, part));
}

GETTER(get_domain_of_sender) {
	const struct record_mail *mail = fields_mail_of(subject);
	const char *sign = has_sender(subject, mail) ? memrchr(mail->from.data, '@', mail->from.len) : NULL;
	return sign != NULL && fields_text(value, slice_skip(mail->from, (size_t)(sign - mail->from.data) + 1));
}

/* ---- OCSF: an address is only what its pattern takes ---- */

static bool is_ocsf_email(struct slice address) {
	size_t at = 0, label = 0;
	while (at < address.len && (ascii_is_alpha(address.data[at]) || ascii_is_digit(address.data[at]) ||
		(address.data[at] > ' ' && address.data[at] < 0x7f && strchr(".!#$%&'*+/=?^_`{|}~-", address.data[at]) != NULL)))
		at++;
	if (at == 0 || at >= address.len || address.data[at] != '@')
		return false;
	for (at++; at < address.len; at++) {
		char c = address.data[at];
		if (c == '.' && label > 0)
			label = 0;
		else if (ascii_is_alpha(c) || ascii_is_digit(c) || c == '-')
			label++;
		else
			return false;
	}
	return label > 0;
}

GETTER(get_ocsf_from) {
	return get_mail_from(subject, value) && is_ocsf_email(value->text);
}

GETTER(get_ocsf_from_other) {
	return get_mail_from(subject, value) && !is_ocsf_email(value->text);
}

static bool keep_addresses(const struct fields_subject *subject, bool emails, struct fields_value *value) {
	struct fields_list list = {.subject = subject};
	for (size_t i = 0; i < value->texts.count; i++)
		if (is_ocsf_email(value->texts.items[i]) == emails)
			fields_list_add(&list, value->texts.items[i]);
	return fields_of_list(value, &list);
}

GETTER(get_ocsf_to) {
	return get_rcpt_to(subject, value) && keep_addresses(subject, true, value);
}

GETTER(get_ocsf_to_other) {
	return get_rcpt_to(subject, value) && keep_addresses(subject, false, value);
}

/* What the header says; the envelope where no header was seen. */
GETTER(get_ocsf_header_from) {
	if (fields_header_addresses(subject, MESSAGE_FROM, value) && keep_addresses(subject, true, value)) {
		value->text = value->texts.items[0];
		return true;
	}
	return fields_headers(subject) == NULL && get_ocsf_from(subject, value);
}

GETTER(get_ocsf_header_to) {
	struct fields_value from;
	if (fields_header_addresses(subject, MESSAGE_TO, value) && keep_addresses(subject, true, value))
		return true;
	if (fields_headers(subject) == NULL && get_ocsf_to(subject, value))
		return true;
	/* The class asks for one of the two. */
	value->texts.count = 0;
	return !get_ocsf_header_from(subject, &from);
}

GETTER(get_ocsf_header_cc) {
	return get_header_cc(subject, value) && keep_addresses(subject, true, value);
}

GETTER(get_ocsf_header_reply_to) {
	return get_header_reply_to(subject, value) && keep_addresses(subject, true, value);
}

GETTER(get_ocsf_first_reply_to) {
	if (!get_ocsf_header_reply_to(subject, value))
		return false;
	value->text = value->texts.items[0];
	return true;
}

const struct fields_row fields_mail[] = {
	{.name = "mail.from", .type = FIELDS_TEXT, .kinds = S | T | F, .get = get_mail_from, .cut = FIELDS_CUT_ADDRESSES, .core = true,
		.meaning = "Sender of the envelope (MAIL FROM); of a session, if it had one mail",
		NAMES(ECS = "smtp.mail_from", CEF = "suser", LEEF = "mailFrom", SPLUNK = "event.src_user event.return_addr")},
	{.name = "mail.from", .type = FIELDS_TEXT, .kinds = T, .get = get_zeek_from, .cut = FIELDS_CUT_ADDRESSES, .core = true,
		.meaning = "Sender of the envelope (MAIL FROM)", NAMES(ZEEK = "mailfrom")},
	{.name = "mail.from", .type = FIELDS_TEXT, .kinds = T, .get = get_path_from, .cut = FIELDS_CUT_ADDRESSES, .core = true,
		.meaning = "Sender of the envelope, in angle brackets", NAMES(EVE = "smtp.mail_from")},
	{.name = "mail.from", .type = FIELDS_TEXT, .kinds = T, .get = get_ocsf_from, .cut = FIELDS_CUT_ADDRESSES, .core = true,
		.meaning = "Sender of the envelope, if OCSF takes it for an address", NAMES(OCSF = "from", OCSF_1_3 = "email.smtp_from")},
	{.name = "mail.from", .type = FIELDS_TEXT, .kinds = T, .get = get_ocsf_from_other, .cut = FIELDS_CUT_ADDRESSES, .core = true,
		.meaning = "Sender of the envelope, if OCSF does not take it for an address", NAMES(OCSF = "unmapped.smtp.mail_from")},
	{.name = "mail.from.domain", .type = FIELDS_TEXT, .kinds = S | T | F, .get = get_domain_of_sender, .cut = FIELDS_CUT_ADDRESSES,
		.meaning = "Domain of the sender", NAMES(SPLUNK = "event.src_user_domain")},
	{.name = "mail.null_sender", .type = FIELDS_BOOL, .kinds = S | T | F, .get = get_null_sender,
		.meaning = "The sender is <>, as of bounces", NAMES(ECS = "smtp.null_sender", OCSF = "unmapped.smtp.null_sender",
			SPLUNK = "event.null_sender")},
	{.name = "mail.recipients", .type = FIELDS_TEXTS, .kinds = S | T | F, .get = get_rcpt_to, .cut = FIELDS_CUT_RECIPIENTS,
		.meaning = "Recipients of the envelope (RCPT TO), accepted or not",
		NAMES(ECS = "smtp.rcpt_to", SPLUNK = "event.recipient")},
	{.name = "mail.recipients", .type = FIELDS_TEXTS, .kinds = S | T, .get = get_zeek_rcpt_to, .cut = FIELDS_CUT_RECIPIENTS,
		.meaning = "Recipients of the envelope", NAMES(ZEEK = "rcptto")},
	{.name = "mail.recipients", .type = FIELDS_TEXTS, .kinds = T, .get = get_paths_to, .cut = FIELDS_CUT_RECIPIENTS,
		.meaning = "Recipients of the envelope, in angle brackets", NAMES(EVE = "smtp.rcpt_to")},
	{.name = "mail.recipients", .type = FIELDS_TEXTS, .kinds = T, .get = get_ocsf_to, .cut = FIELDS_CUT_RECIPIENTS,
		.meaning = "Recipients of the envelope that OCSF takes for addresses", NAMES(OCSF = "to", OCSF_1_3 = "email.smtp_to")},
	{.name = "mail.recipients", .type = FIELDS_TEXTS, .kinds = T, .get = get_ocsf_to_other, .cut = FIELDS_CUT_RECIPIENTS,
		.meaning = "Recipients that OCSF does not take for addresses", NAMES(OCSF = "unmapped.smtp.rcpt_to")},
	{.name = "mail.recipients", .type = FIELDS_TEXT, .kinds = S | T | F, .get = get_rcpt_joined,
		.meaning = "Recipients of the envelope with commas between them, as many as fit", NAMES(CEF = "duser", LEEF = "rcptTo")},
	{.name = "mail.recipient_count", .type = FIELDS_NUMBER, .kinds = S | T | F, .get = get_rcpt_count, .core = true,
		.meaning = "How many recipients there were", NAMES(ECS = "smtp.rcpt_count", CEF = "cn3:recipientCount", LEEF = "rcptCount",
			SPLUNK = "event.recipient_count", OCSF = NULL)},
	{.name = "mail.recipient_count", .type = FIELDS_NUMBER, .kinds = T, .get = get_rcpt_count, .core = true,
		.meaning = "How many recipients there were", NAMES(OCSF = "unmapped.smtp.rcpt_count")},
	{.name = "mail.recipients_accepted", .type = FIELDS_NUMBER, .kinds = S | T, .get = get_rcpt_accepted,
		.meaning = "How many of them were accepted", NAMES(ECS = "smtp.rcpt_accepted", LEEF = "rcptAccepted", SPLUNK = "event.recipients_accepted")},
	{.name = "mail.recipients_refused", .type = FIELDS_NUMBER, .kinds = S | T, .get = get_rcpt_rejected,
		.meaning = "How many of them were refused", NAMES(ECS = "smtp.rcpt_rejected", LEEF = "rcptRejected", SPLUNK = "event.recipients_rejected")},
	{.name = "mail.refused", .type = FIELDS_TEXTS, .kinds = T, .get = get_rcpt_refused, .cut = FIELDS_CUT_RECIPIENTS,
		.meaning = "Recipients that were refused",
		NAMES(ECS = "smtp.rcpt_to_rejected", OCSF = "unmapped.smtp.rcpt_rejected", SPLUNK = "event.recipient_rejected")},
	{.name = "mail.params", .type = FIELDS_TEXTS, .kinds = T, .get = get_params, .meaning = "Parameters of MAIL",
		NAMES(ECS = "smtp.mail_params", SPLUNK = "event.mail_params", OCSF = "unmapped.smtp.mail_params")},
	{.name = "mail.authenticated", .type = FIELDS_BOOL, .kinds = T, .get = get_authenticated, .meaning = "The client had logged in before",
		NAMES(ECS = "smtp.authenticated", SPLUNK = "event.authenticated", OCSF = "unmapped.smtp.authenticated")},
	{.name = "mail.result", .type = FIELDS_TEXT, .kinds = T, .get = get_result, .meaning = "accepted, rejected, aborted or unknown",
		NAMES(ECS = "smtp.result", SPLUNK = "event.result", OCSF = "unmapped.smtp.result", LEEF = "result")},
	{.name = "mail.body.bytes", .type = FIELDS_NUMBER, .kinds = T, .get = get_size, .meaning = "Bytes of the message",
		NAMES(ECS = "smtp.message_bytes", OCSF = "email.size", SPLUNK = "event.size", LEEF = "messageBytes")},
	{.name = "mail.body.complete", .type = FIELDS_BOOL, .kinds = T, .get = get_complete, .meaning = "The message was seen whole",
		NAMES(ECS = "smtp.message_complete", SPLUNK = "event.message_complete", OCSF = "unmapped.smtp.message_complete")},
	{.name = "mails.count", .type = FIELDS_NUMBER, .kinds = S, .get = get_mail_count, .meaning = "How many mails were begun",
		NAMES(ECS = "smtp.transaction_count", OCSF = "unmapped.smtp.transaction_count", SPLUNK = "event.transaction_count", LEEF = "transactionCount")},
	{.name = "mails.accepted", .type = FIELDS_NUMBER, .kinds = S, .get = get_accepted, .meaning = "How many of them were accepted",
		NAMES(ECS = "smtp.messages_accepted", OCSF = "unmapped.smtp.messages_accepted", SPLUNK = "event.messages_accepted",
			LEEF = "messagesAccepted")},
	{.name = "mails.rejected", .type = FIELDS_NUMBER, .kinds = S, .get = get_rejected, .meaning = "How many of them were rejected",
		NAMES(ECS = "smtp.messages_rejected", OCSF = "unmapped.smtp.messages_rejected", SPLUNK = "event.messages_rejected",
			LEEF = "messagesRejected")},
	{.name = "mails.bytes", .type = FIELDS_NUMBER, .kinds = S, .get = get_message_bytes, .meaning = "Bytes of all messages",
		NAMES(ECS = "smtp.message_bytes", SPLUNK = "event.message_bytes", OCSF = "unmapped.smtp.message_bytes")},
	{.name = "mail.queue_id", .type = FIELDS_TEXT, .kinds = S | T, .get = get_queue_id,
		.meaning = "What the server calls the message: queued as ...", NAMES(ECS = "email.local_id", SPLUNK = "event.queue_id", LEEF = "queueId")},
	{.name = "mail.queue_id", .type = FIELDS_TEXT, .kinds = T, .get = get_queue_id, .meaning = "What the server calls the message",
		NAMES(OCSF = "message_trace_uid", OCSF_1_3 = "")},

	{.name = "headers.from", .type = FIELDS_TEXTS, .kinds = S | T, .get = get_header_from, .cut = FIELDS_CUT_ADDRESSES,
		.meaning = "Addresses of the header From; of a session, if it had one mail", NAMES(ECS = "email.from.address", SPLUNK = "event.orig_src")},
	{.name = "headers.from", .type = FIELDS_TEXT, .kinds = T, .get = get_ocsf_header_from, .cut = FIELDS_CUT_ADDRESSES,
		.meaning = "Address of the header From; the envelope's where no header was seen", NAMES(OCSF = "email.from")},
	{.name = "headers.from", .type = FIELDS_TEXT, .kinds = S | T, .get = get_from_mailbox, .cut = FIELDS_CUT_SUBJECT,
		.meaning = "The header From as it stands there", NAMES(ZEEK = "from")},
	{.name = "headers.from", .type = FIELDS_TEXT, .kinds = T, .get = get_from_mailbox, .cut = FIELDS_CUT_SUBJECT,
		.meaning = "The header From as it stands there", NAMES(EVE = "email.from", OCSF = "email.from_mailbox", OCSF_1_3 = "")},
	{.name = "headers.to", .type = FIELDS_TEXTS, .kinds = S | T, .get = get_header_to, .cut = FIELDS_CUT_ADDRESSES,
		.meaning = "Addresses of the header To", NAMES(ECS = "email.to.address", SPLUNK = "event.orig_recipient")},
	{.name = "headers.to", .type = FIELDS_TEXTS, .kinds = T, .get = get_ocsf_header_to, .cut = FIELDS_CUT_ADDRESSES,
		.meaning = "Addresses of the header To; the envelope's where no header was seen", NAMES(OCSF = "email.to")},
	{.name = "headers.to", .type = FIELDS_TEXTS, .kinds = S | T, .get = get_to_mailboxes, .cut = FIELDS_CUT_ADDRESSES,
		.meaning = "Mailboxes of the header To as they stand there", NAMES(ZEEK = "to")},
	{.name = "headers.to", .type = FIELDS_TEXTS, .kinds = T, .get = get_to_mailboxes, .cut = FIELDS_CUT_ADDRESSES,
		.meaning = "Mailboxes of the header To as they stand there", NAMES(EVE = "email.to", OCSF = "email.to_mailboxes", OCSF_1_3 = "")},
	{.name = "headers.cc", .type = FIELDS_TEXTS, .kinds = S | T, .get = get_header_cc, .cut = FIELDS_CUT_ADDRESSES,
		.meaning = "Addresses of the header Cc", NAMES(ECS = "email.cc.address")},
	{.name = "headers.cc", .type = FIELDS_TEXTS, .kinds = T, .get = get_ocsf_header_cc, .cut = FIELDS_CUT_ADDRESSES,
		.meaning = "Addresses of the header Cc", NAMES(OCSF = "email.cc")},
	{.name = "headers.cc", .type = FIELDS_TEXTS, .kinds = S | T, .get = get_cc_mailboxes, .cut = FIELDS_CUT_ADDRESSES,
		.meaning = "Mailboxes of the header Cc as they stand there", NAMES(ZEEK = "cc")},
	{.name = "headers.cc", .type = FIELDS_TEXTS, .kinds = T, .get = get_cc_mailboxes, .cut = FIELDS_CUT_ADDRESSES,
		.meaning = "Mailboxes of the header Cc as they stand there", NAMES(EVE = "email.cc")},
	{.name = "headers.reply_to", .type = FIELDS_TEXTS, .kinds = S | T, .get = get_header_reply_to, .cut = FIELDS_CUT_ADDRESSES,
		.meaning = "Addresses of the header Reply-To", NAMES(ECS = "email.reply_to.address")},
	{.name = "headers.reply_to", .type = FIELDS_TEXTS, .kinds = T, .get = get_ocsf_header_reply_to, .cut = FIELDS_CUT_ADDRESSES,
		.meaning = "Addresses of the header Reply-To", NAMES(OCSF = "email.reply_to_list", OCSF_1_3 = "")},
	{.name = "headers.reply_to", .type = FIELDS_TEXT, .kinds = T, .get = get_ocsf_first_reply_to, .cut = FIELDS_CUT_ADDRESSES,
		.meaning = "First address of the header Reply-To", NAMES(OCSF_1_3 = "email.reply_to")},
	{.name = "headers.reply_to", .type = FIELDS_TEXT, .kinds = S | T, .get = get_reply_to_mailbox, .cut = FIELDS_CUT_SUBJECT,
		.meaning = "The header Reply-To as it stands there", NAMES(ZEEK = "reply_to")},
	{.name = "headers.subject", .type = FIELDS_TEXT, .kinds = S | T, .get = get_subject, .cut = FIELDS_CUT_SUBJECT,
		.meaning = "The header Subject, decoded", NAMES(ECS = "email.subject", ZEEK = "subject", CEF = "msg", LEEF = "subject",
			SPLUNK = "event.subject")},
	{.name = "headers.subject", .type = FIELDS_TEXT, .kinds = T, .get = get_subject, .cut = FIELDS_CUT_SUBJECT,
		.meaning = "The header Subject, decoded", NAMES(EVE = "email.subject", OCSF = "email.subject")},
	{.name = "headers.message_id", .type = FIELDS_TEXT, .kinds = S | T, .get = get_message_id, .cut = FIELDS_CUT_SUBJECT,
		.meaning = "The header Message-ID without its angle brackets",
		NAMES(ECS = "email.message_id", CEF = "cs5:messageId", LEEF = "messageId", SPLUNK = "event.message_id")},
	{.name = "headers.message_id", .type = FIELDS_TEXT, .kinds = T, .get = get_message_id, .cut = FIELDS_CUT_SUBJECT,
		.meaning = "The header Message-ID without its angle brackets", NAMES(OCSF = "email.message_uid")},
	{.name = "headers.message_id", .type = FIELDS_TEXT, .kinds = S | T, .get = get_message_id_as_sent, .cut = FIELDS_CUT_SUBJECT,
		.meaning = "The header Message-ID", NAMES(ZEEK = "msg_id")},
	{.name = "headers.message_id", .type = FIELDS_TEXT, .kinds = T, .get = get_message_id_as_sent, .cut = FIELDS_CUT_SUBJECT,
		.meaning = "The header Message-ID", NAMES(EVE = "email.message_id")},
	{.name = "headers.in_reply_to", .type = FIELDS_TEXT, .kinds = S | T, .get = get_in_reply_to, .cut = FIELDS_CUT_SUBJECT,
		.meaning = "The header In-Reply-To", NAMES(ZEEK = "in_reply_to", ECS = "smtp.in_reply_to", SPLUNK = "event.in_reply_to")},
	{.name = "headers.in_reply_to", .type = FIELDS_TEXT, .kinds = T, .get = get_in_reply_to, .cut = FIELDS_CUT_SUBJECT,
		.meaning = "The header In-Reply-To", NAMES(EVE = "email.in_reply_to")},
	{.name = "headers.user_agent", .type = FIELDS_TEXT, .kinds = S | T, .get = get_user_agent, .cut = FIELDS_CUT_SUBJECT,
		.meaning = "The header User-Agent or X-Mailer",
		NAMES(ECS = "email.x_mailer", ZEEK = "user_agent", SPLUNK = "event.user_agent", LEEF = "userAgent")},
	{.name = "headers.user_agent", .type = FIELDS_TEXT, .kinds = T, .get = get_user_agent, .cut = FIELDS_CUT_SUBJECT,
		.meaning = "The header User-Agent or X-Mailer", NAMES(EVE = "email.x_mailer", OCSF = "unmapped.smtp.user_agent")},
	{.name = "headers.date", .type = FIELDS_TIME, .kinds = S | T, .get = get_date, .meaning = "The header Date, if it is a date",
		NAMES(ECS = "email.origination_timestamp")},
	{.name = "headers.date", .type = FIELDS_TEXT, .kinds = S | T, .get = get_date_as_sent, .meaning = "The header Date",
		NAMES(ZEEK = "date")},
	{.type = FIELDS_TEXT, .kinds = T, .text = "PARSE_DONE", .meaning = "What Suricata says of a message that it has read",
		NAMES(EVE = "email.status")},
	{.name = "attachments", .type = FIELDS_OBJECTS, .kinds = S | T, .get = get_attachments,
		.meaning = "Attachments with name, extension, media type, size and SHA-256 (--attachments)", NAMES(ECS = "email.attachments")},
	{.name = "attachments", .type = FIELDS_OBJECTS, .kinds = T, .get = get_files,
		.meaning = "Attachments that have a name (--attachments)", NAMES(OCSF = "email.files", OCSF_1_3 = "")},
	{.name = "attachments.name", .type = FIELDS_TEXTS, .kinds = T, .get = get_file_names, .meaning = "Names of the attachments",
		NAMES(EVE = "email.attachment", SPLUNK = "event.file_name")},
	{.name = "attachments.name", .type = FIELDS_TEXT, .kinds = T, .get = get_file_name, .cut = FIELDS_CUT_TEXTS,
		.meaning = "Name of the first attachment", NAMES(CEF = "fname", LEEF = "fileName")},
	{.name = "attachments.size", .type = FIELDS_NUMBER, .kinds = T, .get = get_file_size, .meaning = "Size of the first attachment",
		NAMES(CEF = "fsize", LEEF = "fileSize")},
	{.name = "attachments.sha256", .type = FIELDS_TEXT, .kinds = T, .get = get_file_hash, .meaning = "SHA-256 of the first attachment",
		NAMES(CEF = "fileHash", LEEF = "fileHash")},
	{.name = "attachments.sha256", .type = FIELDS_TEXTS, .kinds = S | T, .get = get_hashes, .meaning = "SHA-256 of the attachments",
		NAMES(ECS = "related.hash", SPLUNK = "event.file_hash")},
	{.kinds = 0},
};
