/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Logins. Never a secret: there is none in a record.
 */
#include <string.h>

#include "decode/ascii.h"
#include "report/auth_reason.h"
#include "report/fields/columns.h"
#include "report/names.h"

/* Of a session the login that was accepted. */
static const struct record_attempt *attempt_of(const struct fields_subject *subject) {
	if (subject->attempt != NULL)
		return subject->attempt;
	for (const struct record_attempt *attempt = subject->record->attempts; attempt != NULL; attempt = attempt->next)
		if (attempt->result == EVENT_AUTH_ACCEPTED)
			return attempt;
	return NULL;
}

GETTER(get_identity) {
	const struct record_attempt *attempt = attempt_of(subject);
	return attempt != NULL && attempt->has_username && fields_text(value, fields_user(subject, attempt->username));
}

/* As an address; not of what stands for a name that is hidden. */
static bool get_email(const struct fields_subject *subject, size_t *ret_sign, struct fields_value *value) {
	if (subject->json->users != WRITER_USERS_KEEP || !get_identity(subject, value))
		return false;
	const char *sign = memrchr(value->text.data, '@', value->text.len);
	*ret_sign = sign != NULL ? (size_t)(sign - value->text.data) : 0;
	return *ret_sign > 0 && *ret_sign + 1 < value->text.len;
}

GETTER(get_user_email) {
	size_t sign;
	return get_email(subject, &sign, value) && fields_is_host_name(slice_skip(value->text, sign + 1));
}

GETTER(get_user_domain) {
	const struct record_attempt *attempt = attempt_of(subject);
	size_t sign;
	if (attempt != NULL && attempt->names.domain.len > 0)
		return fields_text(value, attempt->names.domain);
	return get_email(subject, &sign, value) && fields_text(value, slice_skip(value->text, sign + 1));
}

/* OCSF asks for a user. */
GETTER(get_ocsf_user) {
	return get_identity(subject, value) || fields_constant(value, "(unknown)");
}

GETTER(get_ocsf_email) {
	if (!get_user_email(subject, value))
		return false;
	for (size_t i = 0; i < value->text.len && value->text.data[i] != '@'; i++)
		if (!ascii_is_alpha(value->text.data[i]) && !ascii_is_digit(value->text.data[i]) && strchr("._-+", value->text.data[i]) == NULL)
			return false;
	return true;
}

GETTER(get_mechanism) {
	const struct record_attempt *attempt = attempt_of(subject);
	return attempt != NULL && fields_text(value, attempt->mechanism);
}

GETTER(get_number) {
	return fields_count_if_any(value, subject->number);
}

GETTER(get_encrypted) {
	value->number = subject->attempt->encrypted;
	return true;
}

/* Was the secret itself sent where everybody can read it? */
GETTER(get_cleartext) {
	struct slice mechanism = subject->attempt->mechanism;
	value->number = !subject->attempt->encrypted && (slice_is(mechanism, "PLAIN") || slice_is(mechanism, "LOGIN"));
	return true;
}

GETTER(get_result) {
	return fields_constant(value, names_attempt[subject->attempt->result]);
}

GETTER(get_why) {
	return fields_constant(value, auth_reason_name(auth_reason_of(subject->attempt)));
}

GETTER(get_offered) {
	return fields_texts(value, subject->record->offered, subject->record->offered_count);
}

/* Unknown, where commands may have been hidden. */
GETTER(get_used) {
	const struct record *record = subject->record;
	value->number = record->attempt_count > 0;
	return value->number != 0 || record->auth != RECORD_AUTH_UNKNOWN;
}

GETTER(get_auth) {
	return fields_constant(value, names_auth[subject->record->auth]);
}

/* OCSF's numbers for what it knows of; all else is other, and named. */
static int protocol_id(struct slice mechanism) {
	static const struct {
		const char *mechanism;
		int id;
	} ids[] = {{"NTLM", 1}, {"GSSAPI", 2}, {"DIGEST-MD5", 3}, {"XOAUTH2", 6}, {"OAUTHBEARER", 6}};
	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++)
		if (slice_is(mechanism, ids[i].mechanism))
			return ids[i].id;
	return mechanism.len > 0 ? 99 : 0;
}

GETTER(get_protocol_id) {
	return fields_number(value, protocol_id(subject->attempt->mechanism));
}

GETTER(get_protocol) {
	static const char *const captions[] = {[0] = "Unknown", [1] = "NTLM", [2] = "Kerberos", [3] = "Digest", [6] = "OAUTH 2.0"};
	int id = protocol_id(subject->attempt->mechanism);
	return id == 99 ? fields_text(value, subject->attempt->mechanism) : fields_constant(value, captions[id]);
}

GETTER(get_logon_type_id) {
	get_cleartext(subject, value);
	value->number = value->number != 0 ? 8 : 3;
	return true;
}

GETTER(get_logon_type) {
	get_cleartext(subject, value);
	return fields_constant(value, value->number != 0 ? "Network Cleartext" : "Network");
}

const struct fields_row fields_auth[] = {
	{.name = "auth.username", .type = FIELDS_TEXT, .kinds = A, .get = get_identity, .cut = FIELDS_CUT_ADDRESSES, .core = true,
		.meaning = "The user as AUTH named him (see --users)",
		NAMES(ECS = "user.name smtp.auth.identity source.user.name client.user.name", CEF = "suser", LEEF = "usrName", SPLUNK = "event.user")},
	{.name = "auth.username", .type = FIELDS_TEXT, .kinds = S, .get = get_identity, .cut = FIELDS_CUT_ADDRESSES,
		.meaning = "The user whose login was accepted", NAMES(ECS = "source.user.name client.user.name smtp.auth.identity",
			LEEF = "usrName", SPLUNK = "event.user", OCSF = "unmapped.smtp.user")},
	{.name = "auth.username", .type = FIELDS_TEXT, .kinds = A, .get = get_ocsf_user, .cut = FIELDS_CUT_ADDRESSES, .core = true,
		.meaning = "The user as AUTH named him; (unknown) where that was not seen, or is not to be shown", NAMES(OCSF = "user.name")},
	{.name = "auth.username", .type = FIELDS_TEXT, .kinds = A, .get = get_user_email, .cut = FIELDS_CUT_ADDRESSES,
		.meaning = "The user, if that is an address", NAMES(ECS = "user.email")},
	{.name = "auth.username", .type = FIELDS_TEXT, .kinds = A, .get = get_ocsf_email, .cut = FIELDS_CUT_ADDRESSES,
		.meaning = "The user, if that is an address", NAMES(OCSF = "user.email_addr")},
	{.name = "auth.domain", .type = FIELDS_TEXT, .kinds = A, .get = get_user_domain, .cut = FIELDS_CUT_ADDRESSES,
		.meaning = "Domain of the user", NAMES(ECS = "user.domain", OCSF = "user.domain", LEEF = "domain", SPLUNK = "event.user_domain")},
	{.name = "auth.mechanism", .type = FIELDS_TEXT, .kinds = S | A, .get = get_mechanism, .cut = FIELDS_CUT_TEXTS,
		.meaning = "The SASL mechanism; of a session, of the login that was accepted",
		NAMES(ECS = "smtp.auth.mechanism", CEF = "cs1:authMechanism", LEEF = "authMechanism", SPLUNK = "event.authentication_method")},
	{.name = "auth.number", .type = FIELDS_NUMBER, .kinds = A, .get = get_number, .meaning = "Which login of the session, from 1",
		NAMES(ECS = "smtp.auth.attempt", OCSF = "unmapped.smtp.attempt", LEEF = "attempt", SPLUNK = "event.attempt")},
	{.name = "auth.encrypted", .type = FIELDS_BOOL, .kinds = A, .get = get_encrypted, .meaning = "It was exchanged under TLS",
		NAMES(ECS = "smtp.auth.encrypted", OCSF = "unmapped.smtp.encrypted", LEEF = "encrypted", SPLUNK = "event.encrypted")},
	{.name = "auth.cleartext", .type = FIELDS_BOOL, .kinds = A, .get = get_cleartext, .meaning = "The password itself was sent without TLS",
		NAMES(OCSF = "is_cleartext")},
	{.name = "auth.result", .type = FIELDS_TEXT, .kinds = A, .get = get_result, .meaning = "accepted, rejected, cancelled or unknown",
		NAMES(ECS = "smtp.auth.result", LEEF = "result", SPLUNK = "event.result", OCSF = "unmapped.smtp.result")},
	{.name = "auth.reason", .type = FIELDS_TEXT, .kinds = A, .get = get_why, .meaning = "Why it failed: credentials-rejected, needs-tls ...",
		NAMES(ECS = "smtp.auth.reason", LEEF = "authReason", SPLUNK = "event.auth_reason", OCSF = "unmapped.smtp.auth_reason")},
	{.name = "auth.offered", .type = FIELDS_TEXTS, .kinds = S | F, .get = get_offered, .cut = FIELDS_CUT_EXTENSIONS,
		.meaning = "Mechanisms that the server offered last",
		NAMES(ECS = "smtp.auth.offered", SPLUNK = "event.auth_offered", OCSF = "unmapped.smtp.auth_offered")},
	{.name = "auth.used", .type = FIELDS_BOOL, .kinds = S | F, .get = get_used, .meaning = "The client tried to log in",
		NAMES(ECS = "smtp.auth.used", SPLUNK = "event.auth_used")},
	{.name = "auth", .type = FIELDS_TEXT, .kinds = S, .get = get_auth,
		.meaning = "accepted, rejected, not-attempted, not-offered, unused or unknown",
		NAMES(ECS = "smtp.auth.result", LEEF = "authResult", SPLUNK = "event.auth_result", OCSF = "unmapped.smtp.auth_result")},
	{.type = FIELDS_NUMBER, .kinds = A, .get = get_protocol_id, .core = true, .meaning = "The kind of mechanism", NAMES(OCSF = "auth_protocol_id")},
	{.type = FIELDS_TEXT, .kinds = A, .get = get_protocol, .core = true, .meaning = "The kind of mechanism; others by their name",
		NAMES(OCSF = "auth_protocol")},
	{.type = FIELDS_NUMBER, .kinds = A, .get = get_logon_type_id, .core = true, .meaning = "8 when the password itself was sent without TLS, else 3",
		NAMES(OCSF = "logon_type_id")},
	{.type = FIELDS_TEXT, .kinds = A, .get = get_logon_type, .core = true, .meaning = "The same in words", NAMES(OCSF = "logon_type")},
	{.kinds = 0},
};
