/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * TLS, as far as its handshake was in the clear.
 */
#include <string.h>
#include <time.h>

#include "decode/ascii.h"
#include "report/fields/columns.h"
#include "report/tls_facts.h"
#include "report/tls_names.h"

/* Known only when it was seen to be complete, or not to be there, or to fail. */
GETTER(get_established) {
	const struct record *record = subject->record;
	const struct record_tls *tls = record->tls;
	if (tls != NULL && tls->end.handshake == EVENT_TLS_HANDSHAKE_UNKNOWN && !record_is_encrypted(record))
		return false;
	value->number = tls != NULL && record_may_be_encrypted(record) &&
		(tls->end.handshake == EVENT_TLS_HANDSHAKE_COMPLETE || record_is_encrypted(record));
	return tls != NULL || (!record->tls_seen && !record->open.midstream && record->gap_count == 0);
}

static bool offers_starttls(const struct record *record) {
	for (size_t i = 0; i < record->clear.line_count; i++)
		if (slice_is(record->clear.lines[i], "STARTTLS"))
			return true;
	return false;
}

GETTER(get_offered) {
	const struct record *record = subject->record;
	value->number = record->clear.seen && offers_starttls(record);
	return record->clear.seen && (value->number != 0 || !record->clear.incomplete);
}

static const struct record_timeline_entry *find_starttls(const struct record *record, enum record_timeline_kind kind) {
	for (size_t i = 0; i < record->timeline_count; i++) {
		const struct record_timeline_entry *entry = &record->timeline[i];
		if (entry->kind == kind && (kind == RECORD_COMMAND ? entry->command.verb == VERB_STARTTLS
			: entry->reply.answers == EVENT_ANSWERS_COMMAND && entry->reply.verb == VERB_STARTTLS))
			return entry;
	}
	return NULL;
}

/* That it was not can only be told when nothing of the client is missing. */
GETTER(get_requested) {
	const struct record *record = subject->record;
	value->number = find_starttls(record, RECORD_COMMAND) != NULL;
	return value->number != 0 || (!record->open.midstream && record->gap_count == 0 && !record->one_sided && record->established);
}

GETTER(get_starttls_reply) {
	const struct record_timeline_entry *entry = find_starttls(subject->record, RECORD_REPLY);
	return entry != NULL && entry->reply.code > 0 && fields_number(value, entry->reply.code);
}

static const struct event_tls_hello *server_hello(const struct fields_subject *subject) {
	return subject->record->tls != NULL ? subject->record->tls->server : NULL;
}

/* "1.2" of "TLS 1.2". */
static bool get_version_word(const struct fields_subject *subject, bool number, struct fields_value *value) {
	const struct event_tls_hello *hello = server_hello(subject);
	char spare[TLS_NAMES_SPARE];
	if (hello == NULL)
		return false;
	const char *name = tls_names_version(hello->version, spare), *blank = strchr(name, ' ');
	if (blank == NULL)
		return false;
	if (number)
		return fields_text(value, fields_format(subject, "%s", blank + 1));
	return fields_constant(value, strncmp(name, "SSL", 3) == 0 ? "ssl" : "tls");
}

GETTER(get_version) {
	return get_version_word(subject, true, value);
}

GETTER(get_version_protocol) {
	return get_version_word(subject, false, value);
}

GETTER(get_cipher) {
	const struct event_tls_hello *hello = server_hello(subject);
	char spare[TLS_NAMES_SPARE];
	return hello != NULL && fields_text(value, fields_format(subject, "%s", tls_names_cipher(hello->cipher, spare)));
}

GETTER(get_resumed) {
	const struct event_tls_hello *hello = server_hello(subject);
	value->number = hello != NULL && hello->resumed == EVENT_TLS_RESUMED_YES;
	return hello != NULL && hello->resumed != EVENT_TLS_RESUMED_UNKNOWN;
}

GETTER(get_server_name) {
	const struct record_tls *tls = subject->record->tls;
	return tls != NULL && tls->client != NULL && tls->client->has_server_name && fields_text(value, tls->client->server_name);
}

static const struct tls_facts *facts_of(const struct fields_subject *subject) {
	static const struct tls_facts none;
	const struct record_tls *tls = subject->record->tls;
	return tls != NULL && tls->facts != NULL ? tls->facts : &none;
}

GETTER(get_ja3) {
	return fields_constant(value, facts_of(subject)->ja3);
}

GETTER(get_ja3s) {
	return fields_constant(value, facts_of(subject)->ja3s);
}

GETTER(get_ja4) {
	return fields_constant(value, facts_of(subject)->ja4);
}

static const struct tls_facts_certificate *certificate_of(const struct fields_subject *subject) {
	return facts_of(subject)->certificate[STREAM_SERVER];
}

GETTER(get_subject_name) {
	const struct tls_facts_certificate *certificate = certificate_of(subject);
	return certificate != NULL && fields_text(value, certificate->subject);
}

GETTER(get_issuer) {
	const struct tls_facts_certificate *certificate = certificate_of(subject);
	return certificate != NULL && fields_text(value, certificate->issuer);
}

/* Years that nanoseconds do not reach are left out. */
static bool get_validity(const struct fields_subject *subject, bool end, struct fields_value *value) {
	const struct tls_facts_certificate *certificate = certificate_of(subject);
	if (certificate == NULL || !certificate->has_validity)
		return false;
	int64_t second = end ? certificate->not_after_s : certificate->not_before_s;
	value->number = second * INT64_C(1000000000);
	return second >= 0 && second < INT64_C(9000000000);
}

GETTER(get_not_before) {
	return get_validity(subject, false, value);
}

GETTER(get_not_after) {
	return get_validity(subject, true, value);
}

GETTER(get_sha256) {
	const struct tls_facts_certificate *certificate = certificate_of(subject);
	return certificate != NULL && fields_constant(value, certificate->sha256);
}

/* In capitals, as ECS wants it. */
GETTER(get_sha256_upper) {
	if (!get_sha256(subject, value))
		return false;
	char *text = arena_alloc_uninitialised(subject->arena, value->text.len);
	for (size_t i = 0; i < value->text.len; i++)
		text[i] = ascii_upper(value->text.data[i]);
	value->text.data = text;
	return true;
}

GETTER(get_zeek_tls) {
	value->number = subject->record->tls_seen;
	return true;
}

const struct fields_row fields_tls[] = {
	{.name = "tls", .type = FIELDS_BOOL, .kinds = S | A, .get = get_established,
		.meaning = "TLS came about; absent where that was not seen", NAMES(ECS = "tls.established", LEEF = "tls", SPLUNK = "event.tls")},
	{.name = "tls", .type = FIELDS_BOOL, .kinds = S | T, .get = get_zeek_tls, .meaning = "TLS was begun", NAMES(ZEEK = "tls")},
	{.name = "tls.version", .type = FIELDS_TEXT, .kinds = S, .get = get_version, .meaning = "The version that the server chose",
		NAMES(ECS = "tls.version", OCSF = "tls.version", SPLUNK = "event.tls_version", LEEF = "tlsVersion")},
	{.name = "tls.version", .type = FIELDS_TEXT, .kinds = S, .get = get_version_protocol, .meaning = "tls or ssl",
		NAMES(ECS = "tls.version_protocol")},
	{.name = "tls.cipher", .type = FIELDS_TEXT, .kinds = S, .get = get_cipher, .meaning = "The cipher suite that the server chose",
		NAMES(ECS = "tls.cipher", SPLUNK = "event.tls_cipher", LEEF = "tlsCipher", OCSF = "unmapped.smtp.tls_cipher")},
	{.name = "tls.resumed", .type = FIELDS_BOOL, .kinds = S, .get = get_resumed, .meaning = "It goes on with an earlier TLS session",
		NAMES(ECS = "tls.resumed")},
	{.name = "tls.sni", .type = FIELDS_TEXT, .kinds = S, .get = get_server_name, .cut = FIELDS_CUT_TEXTS,
		.meaning = "The host that the client asked for",
		NAMES(ECS = "tls.client.server_name", SPLUNK = "event.tls_server_name", LEEF = "tlsServerName", OCSF = "unmapped.smtp.tls_server_name")},
	{.name = "tls.ja3", .type = FIELDS_TEXT, .kinds = S, .get = get_ja3, .meaning = "JA3 of the client",
		NAMES(ECS = "tls.client.ja3", SPLUNK = "event.ja3", LEEF = "ja3", OCSF = "unmapped.smtp.ja3")},
	{.name = "tls.ja3s", .type = FIELDS_TEXT, .kinds = S, .get = get_ja3s, .meaning = "JA3S of the server",
		NAMES(ECS = "tls.server.ja3s", SPLUNK = "event.ja3s", LEEF = "ja3s", OCSF = "unmapped.smtp.ja3s")},
	{.name = "tls.ja4", .type = FIELDS_TEXT, .kinds = S, .get = get_ja4, .meaning = "JA4 of the client",
		NAMES(ECS = "smtp.tls.ja4", SPLUNK = "event.ja4", LEEF = "ja4", OCSF = "unmapped.smtp.ja4")},
	{.name = "tls.certificate.subject", .type = FIELDS_TEXT, .kinds = S, .get = get_subject_name, .cut = FIELDS_CUT_TEXTS,
		.meaning = "Subject of the server's certificate (up to TLS 1.2)",
		NAMES(ECS = "tls.server.subject", SPLUNK = "event.ssl_subject", OCSF = "unmapped.smtp.tls_subject")},
	{.name = "tls.certificate.issuer", .type = FIELDS_TEXT, .kinds = S, .get = get_issuer, .cut = FIELDS_CUT_TEXTS,
		.meaning = "Its issuer", NAMES(ECS = "tls.server.issuer", SPLUNK = "event.ssl_issuer", OCSF = "unmapped.smtp.tls_issuer")},
	{.name = "tls.certificate.not_before", .type = FIELDS_TIME, .kinds = S, .get = get_not_before, .meaning = "From when it is valid",
		NAMES(ECS = "tls.server.not_before")},
	{.name = "tls.certificate.not_after", .type = FIELDS_TIME, .kinds = S, .get = get_not_after, .meaning = "Until when it is valid",
		NAMES(ECS = "tls.server.not_after")},
	{.name = "tls.certificate.sha256", .type = FIELDS_TEXT, .kinds = S, .get = get_sha256_upper, .meaning = "SHA-256 of the certificate",
		NAMES(ECS = "tls.server.hash.sha256")},
	{.name = "tls.certificate.sha256", .type = FIELDS_TEXT, .kinds = S, .get = get_sha256, .meaning = "SHA-256 of the certificate",
		NAMES(SPLUNK = "event.ssl_hash", LEEF = "tlsCertificateSha256", OCSF = "unmapped.smtp.tls_certificate_sha256")},
	{.name = "starttls.offered", .type = FIELDS_BOOL, .kinds = S | F, .get = get_offered, .meaning = "The server offered STARTTLS",
		NAMES(ECS = "smtp.starttls.offered", SPLUNK = "event.starttls_offered", OCSF = "unmapped.smtp.starttls_offered")},
	{.name = "starttls.requested", .type = FIELDS_BOOL, .kinds = S | F, .get = get_requested, .meaning = "The client sent STARTTLS",
		NAMES(ECS = "smtp.starttls.requested", SPLUNK = "event.starttls_requested")},
	{.name = "starttls.reply", .type = FIELDS_NUMBER, .kinds = S, .get = get_starttls_reply, .meaning = "Code of the answer to STARTTLS",
		NAMES(ECS = "smtp.starttls.reply", SPLUNK = "event.starttls_reply")},
	{.name = "tls", .type = FIELDS_BOOL, .kinds = S | F, .get = get_established, .meaning = "TLS came about",
		NAMES(ECS = "smtp.starttls.established", OCSF = "unmapped.smtp.tls")},
	{.kinds = 0},
};
