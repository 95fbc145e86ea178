/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a session document says: one function a member.
 */
#include "report/json_session.h"

#include "report/address.h"
#include "report/auth_reason.h"
#include "report/findings.h"
#include "report/json_message.h"
#include "report/json_options.h"
#include "report/json_timeline.h"
#include "report/json_tls.h"
#include "report/names.h"
#include "report/software.h"

static void put_reply(struct json_print *json, const struct record_reply *reply) {
	if (!reply->seen) {
		JSON_PUT(json, "null");
		return;
	}
	bool outer = json_open_object(json);
	json_put_reply(json, reply->code, reply->enhanced, reply->lines, reply->line_count);
	json_put_place(json, reply->at);
	json_close_object(json, outer);
}

static void put_id(struct json_print *json, const char *id) {
	if (id[0] != '\0')
		json_put_cstring(json, id);
	else
		JSON_PUT(json, "null");
}

static void print_id(struct json_print *json) {
	put_id(json, json->record->id);
}

static void print_community_id(struct json_print *json) {
	put_id(json, json->record->community_id);
}

static void print_start(struct json_print *json) {
	json_put_time(json, json->record->open.first.time_ns);
}

static void print_end(struct json_print *json) {
	json_put_time(json, json->record->close.last.time_ns);
}

static void print_duration(struct json_print *json) {
	json_put_since_start(json, json->record->close.last);
}

static void print_capture(struct json_print *json) {
	const struct stream_open *stream = &json->record->open;
	bool outer = json_open_object(json);
	JSON_FIRST_MEMBER(json, "source");
	json_put_cstring(json, stream->source != NULL ? stream->source : "");
	JSON_MEMBER(json, "stream");
	json_put_number(json, stream->stream);
	JSON_MEMBER(json, "first_frame");
	json_put_number(json, stream->first.frame);
	JSON_MEMBER(json, "last_frame");
	json_put_number(json, json->record->close.last.frame);
	json_close_object(json, outer);
}

void json_put_address(struct json_print *json, const struct stream_endpoint *endpoint) {
	char *at = json_reserve(json, ADDRESS_TEXT_SIZE + 2);
	if (at == NULL)
		return;
	*at++ = '"';
	at = address_print(endpoint, at);
	*at++ = '"';
	json_commit(json, at);
}

static void put_endpoint(struct json_print *json, const struct stream_endpoint *endpoint, struct slice name) {
	const struct stream_open *stream = &json->record->open;
	JSON_FIRST_MEMBER(json, "ip");
	json_put_address(json, endpoint);
	JSON_MEMBER(json, "port");
	json_put_number(json, endpoint->port);
	if (name.len > 0) {
		JSON_MEMBER(json, "name");
		json_put_string(json, name);
	}
	if (stream->vlan_count > 0) {
		JSON_MEMBER(json, "vlan");
		for (size_t i = 0; i < stream->vlan_count && i < STREAM_VLAN_MAX; i++) {
			json_put(json, i == 0 ? "[" : ",", 1);
			json_put_number(json, stream->vlan[i]);
		}
		JSON_PUT(json, "]");
	}
}

/* That receiving works, when it does: the client's mailbox connections of the last minutes. */
static void put_mailbox(struct json_print *json, const struct stream_mailbox *mailbox) {
	if (mailbox->pop3 == 0 && mailbox->imap == 0)
		return;
	JSON_MEMBER(json, "mailbox");
	JSON_PUT(json, "{\"pop3\":");
	json_put_number(json, mailbox->pop3);
	JSON_MEMBER(json, "imap");
	json_put_number(json, mailbox->imap);
	JSON_MEMBER(json, "last");
	json_put_time(json, mailbox->last_ns);
	JSON_PUT(json, "}");
}

static void put_named(struct json_print *json, const char *key, struct slice text) {
	if (text.len == 0)
		return;
	JSON_PUT(json, ",\"");
	json_put_text(json, key);
	JSON_PUT(json, "\":");
	json_put_string(json, text);
}

static void put_proxy(struct json_print *json) {
	const struct record *record = json->record;
	JSON_PUT(json, "{\"ip\":");
	json_put_address(json, &record->proxy.client);
	JSON_MEMBER(json, "port");
	json_put_number(json, record->proxy.client.port);
	JSON_MEMBER(json, "via");
	json_put_text(json, record->proxy.version == 1 ? "\"proxy-v1\"" : "\"proxy-v2\"");
	json_put_place(json, record->proxy_at);
	JSON_PUT(json, "}");
}

/* Where the connection really comes from, says a gateway. */
static void put_origin(struct json_print *json) {
	const struct record *record = json->record;
	const struct event_origin *origin = &record->origin;
	if (!record->proxied && !record->origin_seen)
		return;
	JSON_MEMBER(json, "origin");
	if (record_origin_is_proxy(record)) {
		put_proxy(json);
		return;
	}
	bool outer = json_open_object(json);
	JSON_FIRST_MEMBER(json, "via");
	json_put_text(json, origin->verb == VERB_XCLIENT ? "\"xclient\"" : "\"xforward\"");
	if (origin->has_address) {
		JSON_MEMBER(json, "ip");
		json_put_address(json, &origin->client);
		json_put_count_if_any(json, "port", origin->client.port);
	}
	put_named(json, "name", origin->name);
	put_named(json, "helo", origin->helo);
	put_named(json, "protocol", origin->protocol);
	if (origin->has_login)
		json_put_user(json, origin->login);
	json_put_place(json, record->origin_at);
	json_close_object(json, outer);
}

static void print_client(struct json_print *json) {
	bool outer = json_open_object(json);
	put_endpoint(json, &json->record->open.client, json->record->client_name);
	put_origin(json);
	put_mailbox(json, &json->record->close.mailbox);
	json_close_object(json, outer);
}

static void print_server(struct json_print *json) {
	const struct record *record = json->record;
	bool outer = json_open_object(json);
	put_endpoint(json, &record->open.server, record->server_name);
	if (record->greeting.seen) {
		if (!record->banner_unknown) {
			JSON_MEMBER(json, "banner");
			json_put_string(json, record->banner);
		}
		JSON_MEMBER(json, "greeting");
		JSON_PUT(json, "{\"code\":");
		json_put_number(json, record->greeting.code);
		json_put_place(json, record->greeting.at);
		JSON_PUT(json, "}");
	}
	const char *software = software_of_banner(record->banner);
	if (software != NULL) {
		JSON_MEMBER(json, "software");
		json_put_cstring(json, software);
	}
	json_close_object(json, outer);
}

static void print_protocol(struct json_print *json) {
	json_put_cstring(json, names_protocol[json->record->protocol]);
}

static void put_counters(struct json_print *json, const struct stream_counters *counters) {
	JSON_FIRST_MEMBER(json, "bytes");
	json_put_number(json, counters->bytes);
	JSON_MEMBER(json, "packets");
	json_put_number(json, counters->packets);
	JSON_MEMBER(json, "retransmits");
	json_put_number(json, counters->retransmits);
	JSON_MEMBER(json, "gap_bytes");
	json_put_number(json, counters->gap_bytes);
	json_put_count_if_any(json, "conflicts", counters->conflicts);
}

static void print_tcp(struct json_print *json) {
	const struct stream_close *close = &json->record->close;
	bool outer = json_open_object(json);
	if (close->handshake_ns >= 0) {
		JSON_FIRST_MEMBER(json, "handshake_ms");
		json_put_milliseconds(json, close->handshake_ns);
		JSON_PUT(json, ",");
	}
	JSON_FIRST_MEMBER(json, "syn_retries");
	json_put_number(json, close->syn_retries);
	JSON_MEMBER(json, "close");
	json_put_cstring(json, names_close[close->how]);
	if (close->icmp != NULL) {
		JSON_MEMBER(json, "icmp");
		json_put_cstring(json, close->icmp);
	}
	JSON_PUT(json, ",\"client\":{");
	put_counters(json, &close->side[STREAM_CLIENT]);
	JSON_PUT(json, "},\"server\":{");
	put_counters(json, &close->side[STREAM_SERVER]);
	JSON_PUT(json, "}");
	json_close_object(json, outer);
}

static void put_capability_lines(struct json_print *json, const struct record_capabilities *list) {
	if (list->seen)
		json_put_strings(json, list->lines, list->line_count);
	else
		JSON_PUT(json, "null");
}

static void put_capabilities_frame(struct json_print *json, const char *key, const struct record_capabilities *list) {
	if (list->seen)
		json_put_count_if_any(json, key, list->at.frame);
}

static void print_capabilities(struct json_print *json) {
	const struct record *record = json->record;
	bool outer = json_open_object(json);
	JSON_FIRST_MEMBER(json, "clear");
	put_capability_lines(json, &record->clear);
	if (record->tls_capabilities.seen) {
		JSON_MEMBER(json, "tls");
		put_capability_lines(json, &record->tls_capabilities);
	}
	if (record->login_capabilities.seen) {
		JSON_MEMBER(json, "after_login");
		put_capability_lines(json, &record->login_capabilities);
	}
	put_capabilities_frame(json, "clear_frame", &record->clear);
	put_capabilities_frame(json, "tls_frame", &record->tls_capabilities);
	put_capabilities_frame(json, "after_login_frame", &record->login_capabilities);
	if (record->clear.incomplete || record->tls_capabilities.incomplete)
		JSON_PUT(json, ",\"incomplete\":true");
	json_close_object(json, outer);
}

static void put_keywords(struct json_print *json, const char *const *keywords, size_t count) {
	JSON_PUT(json, "[");
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			JSON_PUT(json, ",");
		json_put_cstring(json, keywords[i]);
	}
	JSON_PUT(json, "]");
}

/* What of the server's offer was used, and what it limits. */
static void print_extensions(struct json_print *json) {
	const struct record *record = json->record;
	const struct record_capabilities *list = record->tls_capabilities.seen ? &record->tls_capabilities : &record->clear;
	JSON_PUT(json, "{\"used\":");
	put_keywords(json, record->extensions_used, record->extensions_used_count);
	if (record->extensions_not_offered_count > 0) {
		JSON_MEMBER(json, "not_offered");
		put_keywords(json, record->extensions_not_offered, record->extensions_not_offered_count);
	}
	json_put_count_if_any(json, "size_max", list->size_max);
	json_put_count_if_any(json, "mails_max", list->mails_max);
	json_put_count_if_any(json, "recipients_max", list->recipients_max);
	json_put_count_if_any(json, "domains_max", list->domains_max);
	JSON_PUT(json, "}");
}

static void put_attempt_names(struct json_print *json, const struct event_auth_names *names) {
	if (names->authzid.len > 0)
		json_put_user_as(json, "authzid", names->authzid);
	put_named(json, "realm", names->realm);
	put_named(json, "service", names->service);
	put_named(json, "domain", names->domain);
	put_named(json, "workstation", names->workstation);
	put_named(json, "target", names->target);
	put_named(json, "channel_binding", names->channel_binding);
	put_named(json, "error", names->error);
	put_named(json, "error_scope", names->error_scope);
}

static void put_attempt(struct json_print *json, const struct record_attempt *attempt) {
	static const char *const offered[] = {
		[RECORD_OFFERED_UNKNOWN] = "null",
		[RECORD_OFFERED_NO] = "false",
		[RECORD_OFFERED_YES] = "true",
	};
	bool outer = json_open_object(json);
	JSON_FIRST_MEMBER(json, "mechanism");
	json_put_string_or_null(json, attempt->mechanism);
	if (attempt->has_username)
		json_put_user(json, attempt->username);
	JSON_MEMBER(json, "result");
	json_put_cstring(json, names_attempt[attempt->result]);
	JSON_MEMBER(json, "reply");
	put_reply(json, &attempt->reply);
	json_put_place(json, attempt->at);
	JSON_MEMBER(json, "encrypted");
	json_put_bool(json, attempt->encrypted);
	JSON_MEMBER(json, "offered");
	json_put_text(json, offered[attempt->offered]);
	if (auth_reason_name(auth_reason_of(attempt)) != NULL) {
		JSON_MEMBER(json, "reason");
		json_put_cstring(json, auth_reason_name(auth_reason_of(attempt)));
	}
	if (attempt->reply.seen) {
		JSON_MEMBER(json, "duration_ms");
		json_put_milliseconds(json, attempt->reply.at.time_ns - attempt->at.time_ns);
	}
	if (attempt->during_mail)
		JSON_PUT(json, ",\"during_mail\":true");
	if (attempt->verb.len > 0 && !(attempt->verb.len == 4 && memcmp(attempt->verb.data, "AUTH", 4) == 0))
		put_named(json, "verb", attempt->verb);
	put_attempt_names(json, &attempt->names);
	json_close_object(json, outer);
}

static void print_auth(struct json_print *json) {
	const struct record *record = json->record;
	bool outer = json_open_object(json);
	JSON_FIRST_MEMBER(json, "offered");
	json_put_strings(json, record->offered, record->offered_count);
	JSON_MEMBER(json, "result");
	json_put_cstring(json, names_auth[record->auth]);
	JSON_MEMBER(json, "attempts");
	JSON_PUT(json, "[");
	for (const struct record_attempt *attempt = record->attempts; attempt != NULL; attempt = attempt->next) {
		if (attempt != record->attempts)
			JSON_PUT(json, ",");
		put_attempt(json, attempt);
	}
	JSON_PUT(json, "]");
	json_close_object(json, outer);
}

/* Keywords are case-insensitive, and bytes that are no ASCII may all come out as the same character. */
static int fold(char c) {
	unsigned char byte = (unsigned char)c;
	if (byte >= 0x80)
		return 0x80;
	return byte >= 'a' && byte <= 'z' ? byte - 'a' + 'A' : byte;
}

static bool same_keyword(struct slice one, struct slice other) {
	if (one.len != other.len)
		return false;
	for (size_t i = 0; i < one.len; i++)
		if (fold(one.data[i]) != fold(other.data[i]))
			return false;
	return true;
}

/* No key twice in an object: of a parameter that is given again the first counts. The command in the timeline has them all.
 */
static void put_parameters(struct json_print *json, const struct event_parameter *parameters, size_t count) {
	size_t printed = 0;
	JSON_PUT(json, "{");
	for (size_t i = 0; i < count; i++) {
		size_t before = 0;
		while (before < i && !same_keyword(parameters[before].keyword, parameters[i].keyword))
			before++;
		if (before < i)
			continue;
		if (printed++ > 0)
			JSON_PUT(json, ",");
		json_put_string(json, parameters[i].keyword);
		JSON_PUT(json, ":");
		if (parameters[i].has_value)
			json_put_string(json, parameters[i].value);
		else
			JSON_PUT(json, "true");
	}
	JSON_PUT(json, "}");
}

/* Of the envelope. */
static void put_address(struct json_print *json, struct slice address) {
	if (json->record->envelope_omitted && address.len > 0)
		JSON_PUT(json, "null");
	else
		json_put_string(json, address);
}

static void put_recipient(struct json_print *json, const struct record_recipient *recipient) {
	const struct record_reply *reply = &recipient->reply;
	bool outer = json_open_object(json);
	JSON_FIRST_MEMBER(json, "to");
	put_address(json, recipient->to);
	JSON_MEMBER(json, "frame");
	json_put_number(json, recipient->at.frame);
	JSON_MEMBER(json, "params");
	put_parameters(json, recipient->parameters, recipient->parameter_count);
	json_put_options(json, recipient->parameters, recipient->parameter_count);
	JSON_MEMBER(json, "reply");
	put_reply(json, reply);
	JSON_MEMBER(json, "accepted");
	if (!reply->seen || (reply->code >= 300 && reply->code < 400))
		JSON_PUT(json, "null");
	else
		json_put_bool(json, reply->code < 300);
	if (recipient->body_reply.seen) {
		JSON_MEMBER(json, "body_reply");
		put_reply(json, &recipient->body_reply);
	}
	json_close_object(json, outer);
}

static void put_body(struct json_print *json, const struct record_mail *mail) {
	JSON_PUT(json, "{\"command\":");
	json_put_cstring(json, json_body_command_name(mail->body.verb));
	JSON_MEMBER(json, "bytes");
	json_put_number(json, mail->body.bytes);
	JSON_MEMBER(json, "lines");
	json_put_number(json, mail->body.lines);
	json_put_content(json, mail->body.content);
	json_put_count_if_any(json, "gap_bytes", mail->body.gap_bytes);
	json_put_count_if_any(json, "longest_line", mail->body.longest_line);
	json_put_count_if_any(json, "bare_cr", mail->body.bare_cr);
	json_put_count_if_any(json, "bare_lf", mail->body.bare_lf);
	json_put_count_if_any(json, "nul", mail->body.nul);
	JSON_MEMBER(json, "complete");
	json_put_bool(json, mail->body.complete);
	JSON_MEMBER(json, "reply");
	put_reply(json, &mail->body_reply);
	JSON_PUT(json, "}");
}

static void put_mail(struct json_print *json, const struct record_mail *mail) {
	static const char *const authenticated[] = {
		[EVENT_AUTHENTICATED_UNKNOWN] = "null",
		[EVENT_AUTHENTICATED_NO] = "false",
		[EVENT_AUTHENTICATED_YES] = "true",
	};
	bool outer = json_open_object(json);
	JSON_FIRST_MEMBER(json, "from");
	if (mail->seen)
		put_address(json, mail->from);
	else
		JSON_PUT(json, "null");
	json_put_place(json, mail->at);
	JSON_MEMBER(json, "params");
	put_parameters(json, mail->parameters, mail->parameter_count);
	json_put_options(json, mail->parameters, mail->parameter_count);
	JSON_MEMBER(json, "authenticated");
	json_put_text(json, authenticated[mail->authenticated]);
	JSON_MEMBER(json, "reply");
	put_reply(json, &mail->reply);
	JSON_MEMBER(json, "recipients");
	JSON_PUT(json, "[");
	for (const struct record_recipient *recipient = mail->recipients; recipient != NULL; recipient = recipient->next) {
		if (recipient != mail->recipients)
			JSON_PUT(json, ",");
		put_recipient(json, recipient);
	}
	JSON_PUT(json, "]");
	if (mail->data_reply.seen && mail->data_reply.code / 100 != 3) {
		JSON_MEMBER(json, "data_reply");
		put_reply(json, &mail->data_reply);
	}
	if (mail->has_body) {
		JSON_MEMBER(json, "body");
		put_body(json, mail);
	} else if (mail->body_reply.seen) {
		JSON_MEMBER(json, "body_reply");
		put_reply(json, &mail->body_reply);
	}
	json_put_message(json, mail);
	if (mail->reversed)
		JSON_PUT(json, ",\"reversed\":true");
	JSON_MEMBER(json, "result");
	json_put_cstring(json, names_mail[mail->result]);
	json_close_object(json, outer);
}

static void print_mails(struct json_print *json) {
	JSON_PUT(json, "[");
	for (const struct record_mail *mail = json->record->mails; mail != NULL; mail = mail->next) {
		if (mail != json->record->mails)
			JSON_PUT(json, ",");
		put_mail(json, mail);
	}
	JSON_PUT(json, "]");
}

static void put_sum(struct json_print *json, const struct timing_sum *sum) {
	JSON_FIRST_MEMBER(json, "max");
	json_put_milliseconds(json, sum->max_ns);
	JSON_MEMBER(json, "total");
	json_put_milliseconds(json, sum->total_ns);
}

static void put_server_times(struct json_print *json, const struct timing *timing) {
	if (timing->server.count == 0) {
		JSON_PUT(json, "null");
		return;
	}
	JSON_PUT(json, "{");
	put_sum(json, &timing->server);
	for (enum timing_phase phase = 0; phase < TIMING_PHASE_COUNT; phase++) {
		const struct timing_sum *sum = &timing->phases[phase];
		if (sum->count == 0)
			continue;
		JSON_PUT(json, ",\"");
		json_put_text(json, timing_phase_name(phase));
		JSON_PUT(json, "\":{");
		put_sum(json, sum);
		JSON_MEMBER(json, "replies");
		json_put_number(json, sum->count);
		JSON_PUT(json, "}");
	}
	JSON_PUT(json, "}");
}

static void put_milliseconds_or_null(struct json_print *json, int64_t ns) {
	if (ns >= 0)
		json_put_milliseconds(json, ns);
	else
		JSON_PUT(json, "null");
}

static void print_timing(struct json_print *json) {
	const struct timing *timing = &json->record->timing;
	JSON_PUT(json, "{\"network_ms\":");
	if (timing->to_server_ns >= 0 || timing->to_client_ns >= 0) {
		JSON_PUT(json, "{\"to_server\":");
		put_milliseconds_or_null(json, timing->to_server_ns);
		JSON_MEMBER(json, "to_client");
		put_milliseconds_or_null(json, timing->to_client_ns);
		JSON_PUT(json, "}");
	} else {
		JSON_PUT(json, "null");
	}
	JSON_MEMBER(json, "server_ms");
	put_server_times(json, timing);
	JSON_MEMBER(json, "think_ms");
	if (timing->think.count > 0) {
		JSON_PUT(json, "{");
		put_sum(json, &timing->think);
		JSON_PUT(json, "}");
	} else {
		JSON_PUT(json, "null");
	}
	JSON_MEMBER(json, "throughput");
	if (timing->body_ns > 0) {
		JSON_PUT(json, "{\"bytes\":");
		json_put_number(json, timing->body_bytes);
		JSON_MEMBER(json, "ms");
		json_put_milliseconds(json, timing->body_ns);
		JSON_MEMBER(json, "bytes_per_s");
		json_put_number(json, (uint64_t)((double)timing->body_bytes * 1e9 / (double)timing->body_ns));
		JSON_PUT(json, "}");
	} else {
		JSON_PUT(json, "null");
	}
	JSON_PUT(json, "}");
}

static void print_result(struct json_print *json) {
	json_put_cstring(json, names_result[json->record->result]);
}

static void print_blind(struct json_print *json) {
	const struct record *record = json->record;
	JSON_PUT(json, "{\"midstream\":");
	json_put_bool(json, record->open.midstream);
	JSON_MEMBER(json, "one_sided");
	json_put_bool(json, record->one_sided);
	JSON_MEMBER(json, "gaps");
	json_put_number(json, record->gap_count);
	if (record_may_be_encrypted(record)) {
		JSON_MEMBER(json, "encrypted_from_frame");
		json_put_number(json, record_hidden_from_frame(record));
	}
	if (record->open.roles_guessed)
		JSON_PUT(json, ",\"roles_guessed\":true");
	json_put_count_if_any(json, "dropped_by_kernel", record->dropped_by_kernel);
	json_put_count_if_any(json, "truncated_timeline", record->timeline_truncated);
	json_put_count_if_any(json, "truncated_mails", record->mail_count - record->mails_kept);
	json_put_count_if_any(json, "truncated_recipients", record->recipient_count - record->recipients_kept);
	json_put_count_if_any(json, "truncated_attempts", record->attempt_count - record->attempts_kept);
	json_put_count_if_any(json, "truncated_capabilities", record->capabilities_truncated);
	JSON_PUT(json, "}");
}

/* Explanations name users. What stands for a user name that is not to be shown is the same as in "username". */
static const char *user_alias(void *context, struct slice name) {
	struct json_print *json = context;
	if (json->users != WRITER_USERS_HASH)
		return "(omitted)";
	identity_user_hash(json->user_hash, name, json->user_alias);
	return json->user_alias;
}

static void put_explanation(struct json_print *json, const struct finding *finding) {
	struct terminal_text text;
	if (json->users == WRITER_USERS_KEEP) {
		json_put_string(json, finding->explanation);
		return;
	}
	terminal_text_init(&text, false);
	findings_add_explanation(&text, json->record, finding, user_alias, json);
	json_put_string(json, (struct slice){text.data, text.len});
}

/* A list of our own words, left out when it is empty. */
static void put_texts(struct json_print *json, const char *key, const char *const *texts, size_t count) {
	if (count == 0)
		return;
	JSON_PUT(json, ",\"");
	json_put_text(json, key);
	JSON_PUT(json, "\":[");
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			JSON_PUT(json, ",");
		json_put_cstring(json, texts[i]);
	}
	JSON_PUT(json, "]");
}

static void put_reads(struct json_print *json, const struct finding *finding) {
	if (finding->read_count == 0)
		return;
	JSON_MEMBER(json, "client_reads");
	JSON_PUT(json, "[");
	for (size_t i = 0; i < finding->read_count; i++) {
		const struct diagnosis_client_text *read = &finding->reads[i];
		if (i > 0)
			JSON_PUT(json, ",");
		bool outer = json_open_object(json);
		JSON_FIRST_MEMBER(json, "client");
		json_put_cstring(json, read->client);
		if (read->code != NULL) {
			JSON_MEMBER(json, "code");
			json_put_cstring(json, read->code);
		}
		JSON_MEMBER(json, "text");
		json_put_cstring(json, read->text);
		JSON_MEMBER(json, "confidence");
		json_put_cstring(json, read->confidence);
		json_close_object(json, outer);
	}
	JSON_PUT(json, "]");
}

static void put_field(struct json_print *json, const struct finding_field *field) {
	JSON_PUT(json, ",\"");
	json_put_text(json, field->name);
	JSON_PUT(json, "\":");
	switch (field->kind) {
	case FINDING_FIELD_NUMBER:
		json_put_number(json, (uint64_t)field->number);
		break;
	case FINDING_FIELD_MS:
		json_put_milliseconds(json, field->number);
		break;
	case FINDING_FIELD_BOOL:
		json_put_bool(json, field->number != 0);
		break;
	case FINDING_FIELD_TEXTS:
		JSON_PUT(json, "[");
		for (size_t i = 0; i < field->text_count; i++) {
			if (i > 0)
				JSON_PUT(json, ",");
			json_put_cstring(json, field->texts[i]);
		}
		JSON_PUT(json, "]");
		break;
	}
}

void json_put_finding(struct json_print *json, const struct finding *finding) {
	bool outer = json_open_object(json);
	JSON_FIRST_MEMBER(json, "id");
	json_put_cstring(json, finding->id);
	JSON_MEMBER(json, "severity");
	json_put_cstring(json, findings_severity_name(finding->severity));
	JSON_MEMBER(json, "title");
	json_put_cstring(json, finding->title);
	JSON_MEMBER(json, "explanation");
	put_explanation(json, finding);
	JSON_MEMBER(json, "frames");
	JSON_PUT(json, "[");
	for (size_t i = 0; i < finding->frame_count; i++) {
		if (i > 0)
			JSON_PUT(json, ",");
		json_put_number(json, finding->frames[i]);
	}
	JSON_PUT(json, "]");
	if (finding->attack != NULL) {
		JSON_MEMBER(json, "attack");
		JSON_PUT(json, "[");
		for (size_t i = 0; finding->attack[i] != NULL; i++) {
			if (i > 0)
				JSON_PUT(json, ",");
			json_put_cstring(json, finding->attack[i]);
		}
		JSON_PUT(json, "]");
	}
	put_texts(json, "causes", finding->causes, finding->cause_count);
	put_texts(json, "checks", finding->checks, finding->check_count);
	put_reads(json, finding);
	if (finding->accepted >= 0) {
		JSON_MEMBER(json, "accepted");
		json_put_bool(json, finding->accepted != 0);
	}
	for (size_t i = 0; i < finding->field_count; i++)
		put_field(json, &finding->fields[i]);
	json_close_object(json, outer);
}

/* A member that most documents do not have. */
static void put_evidence(struct json_print *json) {
	const struct record_evidence *evidence = &json->record->evidence;
	if (evidence->file == NULL)
		return;
	JSON_MEMBER(json, "evidence");
	bool outer = json_open_object(json);
	JSON_FIRST_MEMBER(json, "file");
	json_put_cstring(json, evidence->file);
	JSON_MEMBER(json, "packets");
	json_put_number(json, evidence->packets);
	JSON_MEMBER(json, "dropped_packets");
	json_put_number(json, evidence->dropped_packets);
	json_close_object(json, outer);
}

static void print_findings(struct json_print *json) {
	JSON_PUT(json, "[");
	for (const struct finding *finding = json->record->findings; finding != NULL; finding = finding->next) {
		if (finding != json->record->findings)
			JSON_PUT(json, ",");
		json_put_finding(json, finding);
	}
	JSON_PUT(json, "]");
	put_evidence(json);
}

const struct json_session_member json_session_members[JSON_SESSION_MEMBERS] = {
	{"id", print_id},
	{"community_id", print_community_id},
	{"start", print_start},
	{"end", print_end},
	{"duration_ms", print_duration},
	{"capture", print_capture},
	{"client", print_client},
	{"server", print_server},
	{"protocol", print_protocol},
	{"tcp", print_tcp},
	{"capabilities", print_capabilities},
	{"extensions", print_extensions},
	{"tls", json_put_tls},
	{"auth", print_auth},
	{"mails", print_mails},
	{"timing", print_timing},
	{"result", print_result},
	{"blind", print_blind},
	{"findings", print_findings},
	{"timeline", json_put_timeline},
};
