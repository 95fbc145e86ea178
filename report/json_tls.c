/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/json_tls.h"

#include <stdio.h>
#include <time.h>

#include "report/names.h"
#include "report/tls_facts.h"
#include "report/tls_names.h"

static void put_version(struct json_print *json, uint16_t version) {
	char spare[TLS_NAMES_SPARE];
	json_put_cstring(json, tls_names_version(version, spare));
}

static void put_cipher(struct json_print *json, uint16_t cipher) {
	char spare[TLS_NAMES_SPARE];
	json_put_cstring(json, tls_names_cipher(cipher, spare));
}

static void put_or_null(struct json_print *json, const char *text) {
	if (text[0] != '\0')
		json_put_cstring(json, text);
	else
		JSON_PUT(json, "null");
}

/* Names, each behind its length. */
static void put_protocols(struct json_print *json, struct slice protocols) {
	JSON_PUT(json, "[");
	for (size_t at = 0; at < protocols.len;) {
		size_t len = (uint8_t)protocols.data[at++];
		if (len > protocols.len - at)
			break;
		if (at > 1)
			JSON_PUT(json, ",");
		json_put_string(json, (struct slice){protocols.data + at, len});
		at += len;
	}
	JSON_PUT(json, "]");
}

/* Years beyond those that nanoseconds reach are usual here: a certificate that never ends says 9999. */
static void put_second(struct json_print *json, int64_t second) {
	char text[sizeof("-2147483648-12-31T23:59:59Z") + 16];
	time_t time = (time_t)second;
	struct tm tm;
	if (gmtime_r(&time, &tm) == NULL) {
		JSON_PUT(json, "null");
		return;
	}
	snprintf(text, sizeof(text), "%04d-%02d-%02dT%02d:%02d:%02dZ", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour,
		tm.tm_min, tm.tm_sec);
	json_put_cstring(json, text);
}

static void put_answer(struct json_print *json, enum tls_facts_answer answer) {
	if (answer == TLS_FACTS_UNKNOWN)
		JSON_PUT(json, "null");
	else
		json_put_bool(json, answer == TLS_FACTS_YES);
}

static void put_certificate(struct json_print *json, const struct tls_facts_certificate *facts, const struct record_tls_certificate *seen) {
	bool outer = json_open_object(json);
	JSON_FIRST_MEMBER(json, "subject");
	json_put_string(json, facts->subject);
	JSON_MEMBER(json, "issuer");
	json_put_string(json, facts->issuer);
	JSON_MEMBER(json, "names");
	json_put_strings(json, facts->names, facts->name_count);
	json_put_count_if_any(json, "names_over_limit", facts->names_over_limit);
	if (facts->has_validity) {
		JSON_MEMBER(json, "not_before");
		put_second(json, facts->not_before_s);
		JSON_MEMBER(json, "not_after");
		put_second(json, facts->not_after_s);
	}
	JSON_MEMBER(json, "serial");
	json_put_string_or_null(json, facts->serial);
	JSON_MEMBER(json, "sha256");
	put_or_null(json, facts->sha256);
	JSON_MEMBER(json, "self_signed");
	put_answer(json, facts->self_signed);
	JSON_MEMBER(json, "chain");
	json_put_number(json, seen->count);
	JSON_MEMBER(json, "frame");
	json_put_number(json, seen->at.frame);
	json_close_object(json, outer);
}

static void put_alert_itself(struct json_print *json, uint8_t level, uint8_t description) {
	char spare[TLS_NAMES_SPARE];
	JSON_MEMBER(json, "level");
	json_put_number(json, level);
	JSON_MEMBER(json, "description");
	json_put_cstring(json, tls_names_alert(description, spare));
	JSON_MEMBER(json, "code");
	json_put_number(json, description);
}

static void put_alert(struct json_print *json, const struct record_tls_alert *alert) {
	if (alert->from == STREAM_CLIENT)
		JSON_PUT(json, "{\"from\":\"client\"");
	else
		JSON_PUT(json, "{\"from\":\"server\"");
	put_alert_itself(json, alert->level, alert->description);
	json_put_place(json, alert->at);
	JSON_PUT(json, "}");
}

static void put_alerts(struct json_print *json, const struct record_tls *tls) {
	if (tls->alert_count == 0)
		return;
	JSON_MEMBER(json, "alerts");
	JSON_PUT(json, "[");
	for (size_t i = 0; i < tls->alert_count && i < RECORD_TLS_ALERTS_MAX; i++) {
		if (i > 0)
			JSON_PUT(json, ",");
		put_alert(json, &tls->alerts[i]);
	}
	JSON_PUT(json, "]");
}

static void put_data(struct json_print *json, const struct event_tls_data *data) {
	if (!data->known) {
		JSON_PUT(json, "null");
		return;
	}
	JSON_PUT(json, "{\"records\":");
	json_put_number(json, data->records);
	JSON_PUT(json, ",\"bytes\":");
	json_put_number(json, data->bytes);
	JSON_PUT(json, "}");
}

static void put_handshake(struct json_print *json, const struct record_tls *tls) {
	switch (tls->end.handshake) {
	case EVENT_TLS_HANDSHAKE_COMPLETE:
		JSON_PUT(json, ",\"handshake\":\"complete\"");
		return;
	case EVENT_TLS_HANDSHAKE_FAILED:
		JSON_PUT(json, ",\"handshake\":\"failed\"");
		return;
	case EVENT_TLS_HANDSHAKE_UNKNOWN:
		break;
	}
	JSON_PUT(json, ",\"handshake\":null");
}

/* A certificate is sent only when a session is begun anew; without one it may have been lost. */
static void put_resumed(struct json_print *json, const struct record_tls *tls) {
	int resumed = tls->server != NULL ? (int)tls->server->resumed : EVENT_TLS_RESUMED_UNKNOWN;
	if (resumed == EVENT_TLS_RESUMED_UNKNOWN && tls->certificate[STREAM_SERVER].seen)
		resumed = EVENT_TLS_RESUMED_NO;
	if (resumed == EVENT_TLS_RESUMED_UNKNOWN)
		return;
	JSON_MEMBER(json, "resumed");
	json_put_bool(json, resumed == EVENT_TLS_RESUMED_YES);
}

static void put_hellos(struct json_print *json, const struct record_tls *tls) {
	static const struct tls_facts no_facts;
	const struct tls_facts *facts = tls->facts != NULL ? tls->facts : &no_facts;
	const struct event_tls_hello *client = tls->client, *server = tls->server;
	JSON_MEMBER(json, "version");
	if (server != NULL)
		put_version(json, server->version);
	else
		JSON_PUT(json, "null");
	if (client != NULL) {
		JSON_MEMBER(json, "version_offered");
		put_version(json, client->version);
	}
	JSON_MEMBER(json, "cipher");
	if (server != NULL)
		put_cipher(json, server->cipher);
	else
		JSON_PUT(json, "null");
	JSON_MEMBER(json, "sni");
	json_put_string_or_null(json, client != NULL ? client->server_name : (struct slice){NULL, 0});
	JSON_MEMBER(json, "alpn");
	if (server != NULL && server->protocols.len > 1)
		json_put_string(json, (struct slice){server->protocols.data + 1, server->protocols.len - 1});
	else
		JSON_PUT(json, "null");
	if (client != NULL && client->protocols.len > 0) {
		JSON_MEMBER(json, "alpn_offered");
		put_protocols(json, client->protocols);
	}
	JSON_MEMBER(json, "ja3");
	put_or_null(json, facts->ja3);
	JSON_MEMBER(json, "ja3s");
	put_or_null(json, facts->ja3s);
	JSON_MEMBER(json, "ja4");
	put_or_null(json, facts->ja4);
	if (tls->retried)
		JSON_PUT(json, ",\"retried\":true");
}

static void put_certificates(struct json_print *json, const struct record_tls *tls) {
	const struct tls_facts *facts = tls->facts;
	if (facts == NULL)
		return;
	if (facts->certificate[STREAM_SERVER] != NULL) {
		JSON_MEMBER(json, "certificate");
		put_certificate(json, facts->certificate[STREAM_SERVER], &tls->certificate[STREAM_SERVER]);
		if (facts->is_for_server_name != TLS_FACTS_UNKNOWN) {
			JSON_MEMBER(json, "certificate_matches_sni");
			put_answer(json, facts->is_for_server_name);
		}
	}
	if (facts->certificate[STREAM_CLIENT] != NULL) {
		JSON_MEMBER(json, "client_certificate");
		put_certificate(json, facts->certificate[STREAM_CLIENT], &tls->certificate[STREAM_CLIENT]);
	}
}

void json_put_tls(struct json_print *json) {
	const struct record *record = json->record;
	const struct record_tls *tls = record->tls;
	if (!record->tls_seen || tls == NULL) {
		JSON_PUT(json, "null");
		return;
	}
	bool outer = json_open_object(json);
	if (record->tls_implicit)
		JSON_PUT(json, "\"via\":\"implicit\",\"frame\":");
	else
		json_put_text(json, record->tls_anonymous ? "\"via\":\"x-anonymoustls\",\"frame\":" : "\"via\":\"starttls\",\"frame\":");
	json_put_number(json, record->tls_at.frame);
	put_hellos(json, tls);
	put_resumed(json, tls);
	put_handshake(json, tls);
	put_certificates(json, tls);
	put_alerts(json, tls);
	if (record->tls_encrypted) {
		JSON_PUT(json, ",\"data\":{\"client\":");
		put_data(json, &tls->end.data[STREAM_CLIENT]);
		JSON_PUT(json, ",\"server\":");
		put_data(json, &tls->end.data[STREAM_SERVER]);
		JSON_PUT(json, "}");
	}
	JSON_MEMBER(json, "decrypted");
	json_put_bool(json, record->tls_decrypted);
	if (record->tls_unread && record->tls_reason != EVENT_TLS_REASON_NONE) {
		JSON_PUT(json, ",\"unread\":{\"frame\":");
		json_put_number(json, record->tls_unread_at.frame);
		JSON_MEMBER(json, "reason");
		json_put_cstring(json, names_tls_reason[record->tls_reason]);
		JSON_PUT(json, "}");
	}
	json_close_object(json, outer);
}

/* ---- Steps ---- */

static void put_client_hello(struct json_print *json, const struct event_tls_hello *hello) {
	char ja3[TLS_FACTS_JA3_SIZE], ja4[TLS_FACTS_JA4_SIZE];
	JSON_MEMBER(json, "version");
	put_version(json, hello->version);
	if (hello->server_name.len > 0) {
		JSON_MEMBER(json, "sni");
		json_put_string(json, hello->server_name);
	}
	if (hello->protocols.len > 0) {
		JSON_MEMBER(json, "alpn");
		put_protocols(json, hello->protocols);
	}
	if (tls_facts_ja3(hello, ja3)) {
		JSON_MEMBER(json, "ja3");
		json_put_cstring(json, ja3);
	}
	if (tls_facts_ja4(hello, ja4)) {
		JSON_MEMBER(json, "ja4");
		json_put_cstring(json, ja4);
	}
}

static void put_server_hello(struct json_print *json, const struct event_tls_hello *hello) {
	char ja3s[TLS_FACTS_JA3_SIZE];
	JSON_MEMBER(json, "version");
	put_version(json, hello->version);
	JSON_MEMBER(json, "cipher");
	put_cipher(json, hello->cipher);
	if (hello->retry) {
		JSON_PUT(json, ",\"retry\":true");
		return;
	}
	if (tls_facts_ja3s(hello, ja3s)) {
		JSON_MEMBER(json, "ja3s");
		json_put_cstring(json, ja3s);
	}
}

static void put_certificate_step(struct json_print *json, const struct event_tls *step) {
	struct arena arena = {0};
	JSON_MEMBER(json, "chain");
	json_put_number(json, step->certificate_count);
	const struct tls_facts_certificate *facts = step->certificate.len > 0 ? tls_facts_read_certificate(&arena, step->certificate, NULL) : NULL;
	if (facts != NULL) {
		JSON_MEMBER(json, "subject");
		json_put_string(json, facts->subject);
		JSON_MEMBER(json, "sha256");
		put_or_null(json, facts->sha256);
	}
	arena_finish(&arena);
}

void json_put_tls_step(struct json_print *json, const struct event_tls *step) {
	switch (step->step) {
	case EVENT_TLS_CLIENT_HELLO:
		if (step->hello != NULL)
			put_client_hello(json, step->hello);
		return;
	case EVENT_TLS_SERVER_HELLO:
		if (step->hello != NULL)
			put_server_hello(json, step->hello);
		return;
	case EVENT_TLS_CERTIFICATE:
		put_certificate_step(json, step);
		return;
	case EVENT_TLS_ALERT:
		put_alert_itself(json, step->alert_level, step->alert_description);
		return;
	case EVENT_TLS_ENCRYPTED:
		if (step->reason != EVENT_TLS_REASON_NONE) {
			JSON_MEMBER(json, "reason");
			json_put_cstring(json, names_tls_reason[step->reason]);
		}
		return;
	case EVENT_TLS_DECRYPTED:
		return;
	}
}
