/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "decode/sasl.h"

#include <string.h>

#include "decode/ascii.h"
#include "decode/kerberos.h"

enum { SOH = 1 }; /* separates the fields of OAuth's messages (RFC 7628, 3.1) */

static void keep_username(struct auth_exchange *exchange, struct slice username) {
	if (username.len == 0 || username.len > AUTH_USERNAME_MAX)
		return;
	memcpy(exchange->username, username.data, username.len);
	exchange->username_len = username.len;
	exchange->has_username = true;
}

/* Names beside the user's share one room; one for which there is none is left out. */
static void keep_name(struct auth_exchange *exchange, struct slice name, struct slice *ret_name) {
	if (name.len == 0 || name.len > AUTH_USERNAME_MAX || name.len > AUTH_NAMES_MAX - exchange->names_len)
		return;
	char *copy = exchange->names_text + exchange->names_len;
	memcpy(copy, name.data, name.len);
	exchange->names_len += name.len;
	exchange->has_names = true;
	*ret_name = (struct slice){copy, name.len};
}

static struct slice part(struct slice text, size_t from, size_t end) {
	return (struct slice){text.data + from, end - from};
}

/* Up to the next separator, which is taken off too. */
static struct slice take_field(struct slice *rest, char separator) {
	const char *end = rest->len > 0 ? memchr(rest->data, separator, rest->len) : NULL;
	struct slice field = {rest->data, end != NULL ? (size_t)(end - rest->data) : rest->len};
	*rest = slice_skip(*rest, field.len + 1);
	return field;
}

/* RFC 4616:  message = [authzid] UTF8NUL authcid UTF8NUL passwd */
void sasl_read_plain(struct auth_exchange *exchange, struct slice response, struct auth_secrets *secrets) {
	const char *first = memchr(response.data, '\0', response.len);
	if (first == NULL)
		return;
	struct slice rest = slice_skip(response, (size_t)(first - response.data) + 1);
	const char *second = rest.len > 0 ? memchr(rest.data, '\0', rest.len) : NULL;
	if (second == NULL)
		return;
	keep_name(exchange, part(response, 0, (size_t)(first - response.data)), &exchange->names.authzid);
	keep_username(exchange, part(rest, 0, (size_t)(second - rest.data)));
	auth_remember(secrets, slice_skip(rest, (size_t)(second - rest.data) + 1));
}

/* The LOGIN mechanism (draft-murchison-sasl-login): the user name, then the password, whatever the prompts say; but a server that
 * asks for the password first gets the password first. */
void sasl_read_login(struct auth_exchange *exchange, struct slice response, struct auth_secrets *secrets) {
	if (exchange->responses == 1 && !exchange->password_prompted)
		keep_username(exchange, response);
	else
		auth_remember(secrets, response);
}

bool sasl_asks_password(struct slice prompt) {
	/* English, German, Dutch, Portuguese, Spanish, Italian, Turkish; Russian, Japanese, Chinese in UTF-8. */
	static const char *const words[] = {"PASS", "PWD", "SECRET", "KENNWORT", "WACHTWOORD", "SENHA", "CONTRASE", "PAROL",
		"\xd0\xbf\xd0\xb0\xd1\x80\xd0\xbe\xd0\xbb", "\xd0\x9f\xd0\xb0\xd1\x80\xd0\xbe\xd0\xbb",
		"\xe3\x83\x91\xe3\x82\xb9\xe3\x83\xaf", "\xe5\xaf\x86\xe7\xa0\x81"};
	for (size_t at = 0; at < prompt.len; at++)
		for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
			if (slice_begins(slice_skip(prompt, at), words[i]))
				return true;
	return false;
}

/* RFC 2195: the user name, a blank, and the digest as 32 lower-case hexadecimal digits */
void sasl_read_cram_md5(struct auth_exchange *exchange, struct slice response, struct auth_secrets *secrets) {
	enum { DIGEST_LEN = 32 };
	if (response.len < DIGEST_LEN + 2 || response.data[response.len - DIGEST_LEN - 1] != ' ')
		return;
	struct slice digest = slice_skip(response, response.len - DIGEST_LEN);
	for (size_t i = 0; i < DIGEST_LEN; i++) {
		char c = ascii_upper(digest.data[i]);
		if (!ascii_is_digit(c) && (c < 'A' || c > 'F'))
			return;
	}
	keep_username(exchange, part(response, 0, response.len - DIGEST_LEN - 1));
	auth_remember(secrets, digest);
}

/* RFC 2831, 7.1:  1#( name "=" ( token / quoted-string ) ) . Takes the next pair; a backslash in a quoted string stays, for no name
 * that anybody uses has one. Returns false at the end. */
static bool next_directive(struct slice *rest, struct slice *ret_name, struct slice *ret_value) {
	while (rest->len > 0 && (rest->data[0] == ',' || rest->data[0] == ' ' || rest->data[0] == '\t'))
		*rest = slice_skip(*rest, 1);
	const char *equals = rest->len > 0 ? memchr(rest->data, '=', rest->len) : NULL;
	if (equals == NULL)
		return false;
	*ret_name = slice_trim(part(*rest, 0, (size_t)(equals - rest->data)));
	*rest = slice_skip(*rest, (size_t)(equals - rest->data) + 1);
	size_t len = 0;
	if (rest->len > 0 && rest->data[0] == '"') {
		*rest = slice_skip(*rest, 1);
		while (len < rest->len && rest->data[len] != '"')
			len += rest->data[len] == '\\' && len + 1 < rest->len ? 2 : 1;
		*ret_value = part(*rest, 0, len);
		*rest = slice_skip(*rest, len + 1);
		return true;
	}
	while (len < rest->len && rest->data[len] != ',')
		len++;
	*ret_value = slice_trim(part(*rest, 0, len));
	*rest = slice_skip(*rest, len);
	return true;
}

void sasl_read_digest_md5(struct auth_exchange *exchange, struct slice response, struct auth_secrets *secrets) {
	struct slice name, value;
	auth_remember(secrets, response);
	while (next_directive(&response, &name, &value)) {
		if (slice_is(name, "USERNAME"))
			keep_username(exchange, value);
		else if (slice_is(name, "REALM"))
			keep_name(exchange, value, &exchange->names.realm);
		else if (slice_is(name, "AUTHZID"))
			keep_name(exchange, value, &exchange->names.authzid);
		else if (slice_is(name, "RESPONSE"))
			auth_remember(secrets, value);
	}
}

void sasl_read_digest_md5_challenge(struct auth_exchange *exchange, struct slice challenge, struct auth_secrets *secrets) {
	struct slice name, value;
	(void)secrets;
	while (exchange->names.realm.len == 0 && next_directive(&challenge, &name, &value))
		if (slice_is(name, "REALM"))
			keep_name(exchange, value, &exchange->names.realm);
}

/* RFC 5802, 5.1:  saslname: "=2C" stands for "," and "=3D" for "=" */
static struct slice decode_saslname(struct slice name, char *text, size_t max) {
	size_t len = 0;
	for (size_t i = 0; i < name.len && len < max; i++) {
		struct slice rest = slice_skip(name, i);
		bool comma = slice_begins(rest, "=2C"), equals = slice_begins(rest, "=3D");
		text[len++] = comma ? ',' : equals ? '=' : name.data[i];
		i += comma || equals ? 2 : 0;
	}
	return (struct slice){text, len};
}

/* gs2-header = ( "p=" cb-name / "n" / "y" ) "," [ "a=" saslname ] "," . Takes it off the message (RFC 5801, 4). */
static bool take_gs2_header(struct auth_exchange *exchange, struct slice *message) {
	char text[AUTH_USERNAME_MAX];
	struct slice flag = take_field(message, ',');
	bool binding = slice_begins(flag, "P=");
	if (!binding && !slice_is(flag, "N") && !slice_is(flag, "Y"))
		return false;
	if (binding)
		keep_name(exchange, slice_skip(flag, 2), &exchange->names.channel_binding);
	struct slice authzid = take_field(message, ',');
	if (slice_begins(authzid, "A="))
		keep_name(exchange, decode_saslname(slice_skip(authzid, 2), text, sizeof(text)), &exchange->names.authzid);
	return true;
}

/* RFC 5802, 7:  client-first-message = gs2-header [reserved-mext ","] "n=" saslname "," nonce ["," extensions]
 *               client-final-message = channel-binding "," nonce ["," extensions] ",p=" base64 */
void sasl_read_scram(struct auth_exchange *exchange, struct slice response, struct auth_secrets *secrets) {
	char text[AUTH_USERNAME_MAX];
	bool first = exchange->responses == 1 && take_gs2_header(exchange, &response);
	auth_remember(secrets, response);
	while (response.len > 0) {
		struct slice field = take_field(&response, ',');
		if (first && slice_begins(field, "N="))
			keep_username(exchange, decode_saslname(slice_skip(field, 2), text, sizeof(text)));
		else if (!first && slice_begins(field, "P="))
			auth_remember(secrets, slice_skip(field, 2));
	}
}

/* server-final-message = (server-error / verifier) ["," extensions] ; server-error = "e=" value */
void sasl_read_scram_challenge(struct auth_exchange *exchange, struct slice challenge, struct auth_secrets *secrets) {
	(void)secrets;
	if (slice_begins(challenge, "E="))
		keep_name(exchange, slice_skip(take_field(&challenge, ','), 2), &exchange->names.error);
}

/* ---- NTLM ([MS-NLMP], 2.2.1) ---- */

enum { NTLM_UNICODE = 1 };

static uint32_t little_endian(struct slice bytes, size_t at, size_t len) {
	uint32_t value = 0;
	for (size_t i = len; i-- > 0;)
		value = value << 8 | (uint8_t)bytes.data[at + i];
	return value;
}

/* Finds the message, which may be wrapped into SPNEGO; at least min bytes of it must be there. */
static bool find_ntlm(struct slice token, uint32_t type, size_t min, struct slice *ret_message) {
	static const char signature[8] = "NTLMSSP";
	for (size_t at = 0; token.len >= min && at <= token.len - min; at++) {
		if (token.data[at] != 'N' || memcmp(token.data + at, signature, sizeof(signature)) != 0)
			continue;
		*ret_message = slice_skip(token, at);
		return little_endian(*ret_message, 8, 4) == type;
	}
	return false;
}

static size_t put_utf8(char *text, uint32_t c) {
	if (c < 0x80) {
		text[0] = (char)c;
		return 1;
	}
	size_t len = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	static const unsigned char leads[] = {0, 0, 0xc0, 0xe0, 0xf0};
	for (size_t i = len; i-- > 1; c >>= 6)
		text[i] = (char)(0x80 | (c & 0x3f));
	text[0] = (char)(leads[len] | c);
	return len;
}

/* UTF-16LE to UTF-8; half a pair becomes U+FFFD. */
static struct slice decode_utf16(struct slice bytes, char *text, size_t max) {
	size_t len = 0;
	for (size_t i = 0; i + 1 < bytes.len && len + 4 <= max; i += 2) {
		uint32_t c = little_endian(bytes, i, 2);
		uint32_t low = i + 3 < bytes.len ? little_endian(bytes, i + 2, 2) : 0;
		if (c >= 0xd800 && c < 0xdc00 && low >= 0xdc00 && low < 0xe000) {
			c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
			i += 2;
		} else if (c >= 0xd800 && c < 0xe000) {
			c = 0xfffd;
		}
		len += put_utf8(text + len, c);
	}
	return (struct slice){text, len};
}

/* A field is its length, its room and its place: 2, 2 and 4 bytes. */
static struct slice ntlm_field(struct slice message, size_t at, bool unicode, char *text, size_t max) {
	size_t len = little_endian(message, at, 2), offset = little_endian(message, at + 4, 4);
	if (offset > message.len || len > message.len - offset)
		return (struct slice){NULL, 0};
	struct slice bytes = part(message, offset, offset + len);
	return unicode ? decode_utf16(bytes, text, max) : bytes;
}

/* AUTHENTICATE_MESSAGE: signature 8, type 4, LM and NT responses, domain, user and workstation with 8 each, session key 8, flags 4 */
void sasl_read_ntlm(struct auth_exchange *exchange, struct slice token, struct auth_secrets *secrets) {
	enum { DOMAIN = 28, USER = 36, WORKSTATION = 44, SESSION_KEY = 52, FLAGS = 60 };
	char text[AUTH_USERNAME_MAX];
	struct slice message;
	if (!find_ntlm(token, 3, SESSION_KEY, &message)) {
		sasl_read_unknown(exchange, token, secrets);
		return;
	}
	/* Old clients leave out the session key and the flags: what is told begins where those would be. */
	size_t payload = message.len;
	for (size_t at = 12; at <= WORKSTATION; at += 8)
		if (little_endian(message, at, 2) > 0 && little_endian(message, at + 4, 4) < payload)
			payload = little_endian(message, at + 4, 4);
	bool unicode = payload >= FLAGS + 4 && (little_endian(message, FLAGS, 4) & NTLM_UNICODE) != 0;
	keep_username(exchange, ntlm_field(message, USER, unicode, text, sizeof(text)));
	keep_name(exchange, ntlm_field(message, DOMAIN, unicode, text, sizeof(text)), &exchange->names.domain);
	keep_name(exchange, ntlm_field(message, WORKSTATION, unicode, text, sizeof(text)), &exchange->names.workstation);
	for (size_t at = 12; at <= 20; at += 8)
		auth_remember(secrets, ntlm_field(message, at, false, NULL, 0));
}

/* A ticket of Kerberos, or NTLM. Who logs in stands in the ticket, encrypted. */
void sasl_read_gssapi(struct auth_exchange *exchange, struct slice token, struct auth_secrets *secrets) {
	char text[KERBEROS_SERVICE_MAX];
	struct slice realm, service;
	if (!kerberos_read_token(token, text, &realm, &service)) {
		sasl_read_ntlm(exchange, token, secrets);
		return;
	}
	sasl_read_unknown(exchange, token, secrets);
	keep_name(exchange, realm, &exchange->names.realm);
	keep_name(exchange, service, &exchange->names.service);
}

/* CHALLENGE_MESSAGE: signature 8, type 4, target name 8, flags 4 */
void sasl_read_ntlm_challenge(struct auth_exchange *exchange, struct slice token, struct auth_secrets *secrets) {
	enum { TARGET = 12, FLAGS = 20 };
	char text[AUTH_USERNAME_MAX];
	struct slice message;
	(void)secrets;
	if (!find_ntlm(token, 2, FLAGS + 4, &message))
		return;
	bool unicode = (little_endian(message, FLAGS, 4) & NTLM_UNICODE) != 0;
	keep_name(exchange, ntlm_field(message, TARGET, unicode, text, sizeof(text)), &exchange->names.target);
}

/* EXTERNAL (RFC 4422, A): the authorization identity. ANONYMOUS (RFC 4505): a trace, often an address. */
void sasl_read_external(struct auth_exchange *exchange, struct slice response, struct auth_secrets *secrets) {
	(void)secrets;
	keep_username(exchange, response);
}

/* ---- OAuth ---- */

/* key "=" value, each ended by SOH. The value of "auth" is a scheme, a blank and the token. */
static void read_oauth_fields(struct auth_exchange *exchange, struct slice fields, struct auth_secrets *secrets) {
	while (fields.len > 0) {
		struct slice field = take_field(&fields, SOH);
		if (slice_begins(field, "USER=")) {
			keep_username(exchange, slice_skip(field, 5));
		} else if (slice_begins(field, "AUTH=")) {
			struct slice token = slice_skip(field, 5);
			auth_remember(secrets, field);
			slice_next_word(&token);
			auth_remember(secrets, slice_trim(token));
		}
	}
}

/* Google's and Microsoft's:  "user=" name SOH "auth=Bearer " token SOH SOH */
void sasl_read_xoauth2(struct auth_exchange *exchange, struct slice response, struct auth_secrets *secrets) {
	if (exchange->responses != 1)
		return; /* the empty answer to an error */
	auth_remember(secrets, response);
	read_oauth_fields(exchange, response, secrets);
}

/* RFC 7628, 3.1:  client-resp = gs2-header SOH *( key "=" value SOH ) SOH ; or SOH alone, in answer to an error */
void sasl_read_oauthbearer(struct auth_exchange *exchange, struct slice response, struct auth_secrets *secrets) {
	if (response.len == 1 && response.data[0] == SOH)
		return;
	auth_remember(secrets, response);
	struct slice header = take_field(&response, SOH);
	if (take_gs2_header(exchange, &header))
		keep_username(exchange, exchange->names.authzid); /* who logs in: there is no other name */
	exchange->names.authzid = (struct slice){NULL, 0};
	read_oauth_fields(exchange, response, secrets);
}

/* The string that a JSON object has for a key, as it stands in the text; empty when there is none. The object is flat and small. */
static struct slice json_string(struct slice json, const char *key) {
	for (size_t i = 0; i + 1 < json.len; i++) {
		struct slice rest = slice_skip(json, i + 1);
		size_t key_len = strlen(key);
		if (json.data[i] != '"' || rest.len <= key_len || memcmp(rest.data, key, key_len) != 0 || rest.data[key_len] != '"')
			continue;
		rest = slice_trim(slice_skip(rest, key_len + 1));
		if (rest.len == 0 || rest.data[0] != ':')
			continue;
		rest = slice_trim(slice_skip(rest, 1));
		if (rest.len == 0 || rest.data[0] != '"')
			return (struct slice){NULL, 0};
		rest = slice_skip(rest, 1);
		size_t len = 0;
		while (len < rest.len && rest.data[len] != '"')
			len += rest.data[len] == '\\' ? 2 : 1;
		return len < rest.len ? part(rest, 0, len) : (struct slice){NULL, 0};
	}
	return (struct slice){NULL, 0};
}

/* RFC 7628, 3.2.2:  {"status":"invalid_token","scope":"..."} */
void sasl_read_oauth_challenge(struct auth_exchange *exchange, struct slice challenge, struct auth_secrets *secrets) {
	(void)secrets;
	keep_name(exchange, json_string(challenge, "status"), &exchange->names.error);
	keep_name(exchange, json_string(challenge, "scope"), &exchange->names.error_scope);
}

/* All of it may be secret, and what follows the last NUL, as in PLAIN, most of all. */
void sasl_read_unknown(struct auth_exchange *exchange, struct slice response, struct auth_secrets *secrets) {
	(void)exchange;
	size_t at = response.len;
	while (at > 0 && response.data[at - 1] != '\0')
		at--;
	auth_remember(secrets, slice_skip(response, at));
}
