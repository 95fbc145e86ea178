/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/json_message.h"

static const char *const field_keys[MESSAGE_FIELDS] = {
	[MESSAGE_FROM] = "from",
	[MESSAGE_TO] = "to",
	[MESSAGE_CC] = "cc",
	[MESSAGE_REPLY_TO] = "reply_to",
	[MESSAGE_SUBJECT] = "subject",
	[MESSAGE_MESSAGE_ID] = "message_id",
	[MESSAGE_DATE] = "date",
	[MESSAGE_IN_REPLY_TO] = "in_reply_to",
	[MESSAGE_USER_AGENT] = "user_agent",
};

static void put_separator(struct json_print *json, bool *any) {
	if (*any)
		JSON_PUT(json, ",");
	*any = true;
}

static void put_key(struct json_print *json, const char *key, bool *any) {
	put_separator(json, any);
	JSON_PUT(json, "\"");
	json_put_text(json, key);
	JSON_PUT(json, "\":");
}

/* Of what was not seen, there is none only where all was seen. */
static void put_flag(struct json_print *json, const char *key, bool value, bool certain, bool *any) {
	if (!value && !certain)
		return;
	put_key(json, key, any);
	json_put_bool(json, value);
}

static void put_mark(struct json_print *json, const char *key, bool value, bool *any) {
	put_flag(json, key, value, false, any);
}

static void put_repeated(struct json_print *json, const struct message_headers *headers, bool *any) {
	bool repeated = false;
	for (size_t i = 0; i < MESSAGE_FIELDS; i++) {
		if (!headers->repeated[i])
			continue;
		if (!repeated)
			put_key(json, "repeated", any);
		json_put(json, repeated ? "," : "[", 1);
		json_put_cstring(json, field_keys[i]);
		repeated = true;
	}
	if (repeated)
		JSON_PUT(json, "]");
}

static void put_headers(struct json_print *json, const struct message_headers *headers) {
	bool any = false, outer = json_open_object(json);
	for (size_t i = 0; i < MESSAGE_FIELDS; i++) {
		if (!headers->has[i])
			continue;
		put_key(json, field_keys[i], &any);
		json_put_string(json, headers->fields[i]);
	}
	if (!headers->incomplete) {
		put_key(json, "received", &any);
		json_put_number(json, headers->received);
	}
	put_flag(json, "dkim", headers->dkim, !headers->incomplete, &any);
	put_flag(json, "arc", headers->arc, !headers->incomplete, &any);
	put_repeated(json, headers, &any);
	put_mark(json, "incomplete", headers->incomplete, &any);
	put_mark(json, "malformed", headers->malformed, &any);
	put_mark(json, "truncated", headers->cut, &any);
	json_close_object(json, outer);
}

static void put_hex(struct json_print *json, const uint8_t *data, size_t len) {
	static const char digits[] = "0123456789abcdef";
	char *at = json_reserve(json, 2 * len + 2);
	if (at == NULL)
		return;
	*at++ = '"';
	for (size_t i = 0; i < len; i++) {
		*at++ = digits[data[i] >> 4];
		*at++ = digits[data[i] & 15];
	}
	*at++ = '"';
	json_commit(json, at);
}

static void put_part(struct json_print *json, const struct message_part *part) {
	bool outer = json_open_object(json);
	JSON_FIRST_MEMBER(json, "part");
	json_put_cstring(json, part->path);
	if (part->has_name) {
		JSON_MEMBER(json, "name");
		json_put_string(json, part->name);
	}
	JSON_MEMBER(json, "type");
	json_put_string_or_null(json, part->type);
	if (part->disposition.len > 0) {
		JSON_MEMBER(json, "disposition");
		json_put_string(json, part->disposition);
	}
	if (part->encoding.len > 0) {
		JSON_MEMBER(json, "encoding");
		json_put_string(json, part->encoding);
	}
	JSON_MEMBER(json, "size");
	json_put_number(json, part->size);
	if (part->has_md5) {
		JSON_MEMBER(json, "md5");
		put_hex(json, part->md5, sizeof(part->md5));
	}
	if (part->hashed) {
		JSON_MEMBER(json, "sha256");
		put_hex(json, part->sha256, sizeof(part->sha256));
	}
	if (part->malformed)
		JSON_PUT(json, ",\"malformed\":true");
	if (!part->complete)
		JSON_PUT(json, ",\"truncated\":true");
	json_close_object(json, outer);
}

static void put_parts(struct json_print *json, const struct message_parts *parts) {
	JSON_PUT(json, "[");
	for (const struct message_part *part = parts->first; part != NULL; part = part->next) {
		if (part != parts->first)
			JSON_PUT(json, ",");
		put_part(json, part);
	}
	JSON_PUT(json, "]");
}

void json_put_message(struct json_print *json, const struct record_mail *mail) {
	const struct record_message *message = mail->message;
	if (message == NULL || !message->read)
		return;
	if (message->has_headers) {
		JSON_MEMBER(json, "headers");
		put_headers(json, &message->headers);
	}
	if (!message->has_parts)
		return;
	JSON_MEMBER(json, "attachments");
	put_parts(json, &message->parts);
	json_put_count_if_any(json, "truncated_attachments", message->parts.count - message->parts.kept);
	if (!message->whole)
		JSON_PUT(json, ",\"truncated\":true");
}
