/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Timeline entries: what all have in common, and what each kind has of its own.
 */
#include "report/json_timeline.h"

#include "report/json_tls.h"
#include "report/names.h"

static void put_connect(struct json_print *json, const struct record_timeline_entry *entry) {
	JSON_PUT(json, "connect\"");
	if (entry->handshake_ns >= 0) {
		JSON_MEMBER(json, "handshake_ms");
		json_put_milliseconds(json, entry->handshake_ns);
	}
}

static void put_answers(struct json_print *json, const struct event_reply *reply) {
	switch (reply->answers) {
	case EVENT_ANSWERS_GREETING:
		JSON_PUT(json, "\"greeting\"");
		return;
	case EVENT_ANSWERS_BODY:
		JSON_PUT(json, "\"body\"");
		return;
	case EVENT_ANSWERS_AUTH:
		JSON_PUT(json, "\"auth\"");
		return;
	case EVENT_ANSWERS_COMMAND:
		json_put_string_or_null(json, reply->verb_name);
		return;
	case EVENT_ANSWERS_UNKNOWN:
	case EVENT_ANSWERS_NOTHING:
		break;
	}
	JSON_PUT(json, "null");
}

static void put_reply_text(struct json_print *json, const struct event_reply *reply) {
	JSON_PUT(json, ",");
	json_put_reply(json, reply->code, reply->enhanced, reply->lines, reply->line_count);
}

static void put_reply_rest(struct json_print *json, const struct event_reply *reply) {
	if (reply->latency_ns >= 0) {
		int64_t to_server_ns = timing_to_server(&json->record->open);
		JSON_MEMBER(json, "latency_ms");
		json_put_milliseconds(json, reply->latency_ns);
		if (to_server_ns >= 0) {
			JSON_MEMBER(json, "server_ms");
			json_put_milliseconds(json, timing_of_server(to_server_ns, reply->latency_ns));
		}
	}
	if (reply->text_withheld)
		JSON_PUT(json, ",\"text_withheld\":true");
	if (reply->incomplete)
		JSON_PUT(json, ",\"incomplete\":true");
	json_put_count_if_any(json, "lines_over_limit", reply->lines_over_limit);
}

static void put_greeting_entry(struct json_print *json, const struct record_timeline_entry *entry) {
	JSON_PUT(json, "greeting\"");
	put_reply_text(json, &entry->reply);
	put_reply_rest(json, &entry->reply);
}

static void put_reply_entry(struct json_print *json, const struct record_timeline_entry *entry) {
	JSON_PUT(json, "reply\"");
	put_reply_text(json, &entry->reply);
	JSON_MEMBER(json, "answers");
	put_answers(json, &entry->reply);
	put_reply_rest(json, &entry->reply);
}

static void put_command_entry(struct json_print *json, const struct record_timeline_entry *entry) {
	const struct event_command *command = &entry->command;
	JSON_PUT(json, "command\",\"verb\":");
	json_put_string_or_null(json, command->name);
	if (command->argument.len > 0) {
		JSON_MEMBER(json, "argument");
		json_put_string(json, command->argument);
	}
	if (command->name.len == 0)
		JSON_PUT(json, ",\"withheld\":true");
	else if (command->argument_withheld)
		JSON_PUT(json, ",\"argument_withheld\":true");
	if (command->pipelined)
		JSON_PUT(json, ",\"pipelined\":true");
}

static void put_auth_entry(struct json_print *json, const struct record_timeline_entry *entry) {
	static const char *const steps[] = {
		[EVENT_AUTH_CHALLENGE] = "challenge",
		[EVENT_AUTH_RESPONSE] = "response",
		[EVENT_AUTH_CANCEL] = "cancel",
	};
	JSON_PUT(json, "auth\",\"step\":");
	json_put_cstring(json, steps[entry->auth.step]);
	JSON_MEMBER(json, "mechanism");
	json_put_string_or_null(json, entry->auth.mechanism);
	if (entry->auth.has_username)
		json_put_user(json, entry->auth.username);
}

static void put_tls_entry(struct json_print *json, const struct record_timeline_entry *entry) {
	static const char *const steps[] = {
		[EVENT_TLS_CLIENT_HELLO] = "client-hello",
		[EVENT_TLS_SERVER_HELLO] = "server-hello",
		[EVENT_TLS_ENCRYPTED] = "encrypted",
		[EVENT_TLS_DECRYPTED] = "decrypted",
		[EVENT_TLS_CERTIFICATE] = "certificate",
		[EVENT_TLS_ALERT] = "alert",
	};
	JSON_PUT(json, "tls\",\"step\":");
	json_put_cstring(json, steps[entry->tls.step]);
	json_put_tls_step(json, &entry->tls);
}

static void put_body_entry(struct json_print *json, const struct record_timeline_entry *entry) {
	const struct event_body *body = &entry->body;
	JSON_PUT(json, "body\",\"command\":");
	json_put_cstring(json, json_body_command_name(body->verb));
	JSON_MEMBER(json, "bytes");
	json_put_number(json, body->bytes);
	JSON_MEMBER(json, "lines");
	json_put_number(json, body->lines);
	JSON_MEMBER(json, "duration_ms");
	json_put_milliseconds(json, entry->at.time_ns - body->start_ns);
	json_put_content(json, body->content);
	json_put_count_if_any(json, "gap_bytes", body->gap_bytes);
	if (!body->complete)
		JSON_PUT(json, ",\"complete\":false");
}

static void put_gap_entry(struct json_print *json, const struct record_timeline_entry *entry) {
	if (entry->gap.side == STREAM_CLIENT)
		JSON_PUT(json, "gap\",\"side\":\"client\",\"bytes\":");
	else
		JSON_PUT(json, "gap\",\"side\":\"server\",\"bytes\":");
	json_put_number(json, entry->gap.bytes);
}

static void put_anomaly_entry(struct json_print *json, const struct record_timeline_entry *entry) {
	const struct event_anomaly *anomaly = &entry->anomaly;
	JSON_PUT(json, "anomaly\",\"id\":");
	json_put_cstring(json, names_anomaly[anomaly->id]);
	if (anomaly->id == EVENT_ANOMALY_FALSE_END) {
		JSON_MEMBER(json, "sequence");
		json_put_cstring(json, names_false_end(&anomaly->false_end));
		JSON_MEMBER(json, "offset");
		json_put_number(json, anomaly->amount);
		JSON_MEMBER(json, "followed_by");
		json_put_cstring(json, names_verb[anomaly->false_end.followed_by]);
		return;
	}
	if (anomaly->name != NULL) {
		JSON_MEMBER(json, "name");
		json_put_cstring(json, anomaly->name);
	}
	json_put_count_if_any(json, "amount", anomaly->amount);
	if (anomaly->id == EVENT_ANOMALY_NOT_SMTP && anomaly->speaks != EVENT_FOREIGN_UNKNOWN) {
		JSON_MEMBER(json, "speaks");
		json_put_cstring(json, names_foreign[anomaly->speaks]);
	}
}

static void put_failed_entry(struct json_print *json, const struct record_timeline_entry *entry) {
	const struct stream_close *close = &json->record->close;
	(void)entry;
	json_put_text(json, names_close[close->how]);
	JSON_PUT(json, "\"");
	if (close->icmp != NULL) {
		JSON_MEMBER(json, "icmp");
		json_put_cstring(json, close->icmp);
	}
}

static void put_close_entry(struct json_print *json, const struct record_timeline_entry *entry) {
	(void)entry;
	JSON_PUT(json, "close\",\"how\":");
	json_put_cstring(json, names_close[json->record->close.how]);
}

void json_put_entry_members(struct json_print *json, const struct record_timeline_entry *entry) {
	static const struct from {
		char text[32];
		size_t len;
	} froms[] = {
#define FROM(name) {",\"from\":\"" name "\",\"event\":\"", sizeof(",\"from\":\"" name "\",\"event\":\"") - 1}
		[RECORD_FROM_CLIENT] = FROM("client"),
		[RECORD_FROM_SERVER] = FROM("server"),
		[RECORD_FROM_NETWORK] = FROM("network"),
#undef FROM
	};
	/* Each starts with the name of the event and the quote that ends it. */
	static void (*const own_fields[])(struct json_print *, const struct record_timeline_entry *) = {
		[RECORD_CONNECT] = put_connect,
		[RECORD_GREETING] = put_greeting_entry,
		[RECORD_COMMAND] = put_command_entry,
		[RECORD_REPLY] = put_reply_entry,
		[RECORD_AUTH] = put_auth_entry,
		[RECORD_TLS] = put_tls_entry,
		[RECORD_BODY] = put_body_entry,
		[RECORD_GAP] = put_gap_entry,
		[RECORD_ANOMALY] = put_anomaly_entry,
		[RECORD_FAILED] = put_failed_entry,
		[RECORD_CLOSE] = put_close_entry,
	};
	char *at = json_reserve(json, 2 * JSON_NUMBER_MAX + JSON_TIME_MAX + 64);
	if (at == NULL)
		return;
	at = mempcpy(at, "\"ms\":", 5);
	at = json_milliseconds(at, entry->at.time_ns - json->record->open.first.time_ns);
	at = mempcpy(at, ",\"time\":\"", 9);
	at = json_rfc3339(json, at, entry->at.time_ns);
	at = mempcpy(at, "\",\"frame\":", 10);
	at = json_digits(at, entry->at.frame);
	memcpy(at, froms[entry->from].text, sizeof(froms[entry->from].text));
	json_commit(json, at + froms[entry->from].len);
	own_fields[entry->kind](json, entry);
}

static void put_entry(struct json_print *json, const struct record_timeline_entry *entry) {
	bool outer = json_open_object(json);
	json_put_entry_members(json, entry);
	json_close_object(json, outer);
}

/* A reply of which a gap swallowed even the code is no reply that was seen. The gap itself has an entry. */
static bool is_lost_reply(const struct record_timeline_entry *entry) {
	return (entry->kind == RECORD_REPLY || entry->kind == RECORD_GREETING) && entry->reply.code == 0;
}

void json_put_timeline(struct json_print *json) {
	const struct record *record = json->record;
	size_t printed = 0;
	JSON_PUT(json, "[");
	for (size_t i = 0; i < record->timeline_count; i++) {
		if (is_lost_reply(&record->timeline[i]))
			continue;
		if (printed++ > 0)
			JSON_PUT(json, ",");
		put_entry(json, &record->timeline[i]);
	}
	JSON_PUT(json, "]");
}
