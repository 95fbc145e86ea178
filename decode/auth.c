/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "decode/auth.h"

#include <string.h>

#include "decode/ascii.h"
#include "decode/sasl.h"

enum { DECODED_MAX = 9216 }; /* of a line of 12288 bytes (RFC 4954, 4) */

static int base64_value(char c) {
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

long auth_decode_base64(struct slice text, char *ret_bytes, size_t max) {
	size_t len = text.len, out = 0;
	while (len > 0 && text.data[len - 1] == '=' && text.len - len < 2)
		len--;
	if (len % 4 == 1)
		return -1;
	uint32_t bits = 0;
	unsigned have = 0;
	for (size_t i = 0; i < len; i++) {
		int value = base64_value(text.data[i]);
		if (value < 0)
			return -1;
		bits = bits << 6 | (uint32_t)value;
		have += 6;
		if (have >= 8) {
			have -= 8;
			if (out == max)
				return -1;
			ret_bytes[out++] = (char)(bits >> have & 0xff);
		}
	}
	return (long)out;
}

void auth_remember(struct auth_secrets *secrets, struct slice secret) {
	if (secret.len < 4)
		return;
	size_t len = secret.len < AUTH_SECRET_MAX ? secret.len : AUTH_SECRET_MAX;
	memcpy(secrets->text[secrets->next], secret.data, len);
	secrets->len[secrets->next] = len;
	secrets->next = (secrets->next + 1) % AUTH_SECRETS;
}

static bool contains(struct slice text, const char *part, size_t len) {
	for (size_t at = 0; at + len <= text.len; at++) {
		const char *first = memchr(text.data + at, part[0], text.len - len - at + 1);
		if (first == NULL)
			return false;
		at = (size_t)(first - text.data);
		if (memcmp(first, part, len) == 0)
			return true;
	}
	return false;
}

/* Servers shorten what they quote (Sendmail to 203 bytes), so the start of a secret counts for all of it. */
bool auth_is_repeated(const struct auth_secrets *secrets, struct slice text) {
	enum { TELLING_LEN = 16 };
	for (size_t i = 0; i < AUTH_SECRETS; i++) {
		size_t len = secrets->len[i] < TELLING_LEN ? secrets->len[i] : TELLING_LEN;
		if (len > 0 && contains(text, secrets->text[i], len))
			return true;
	}
	return false;
}

/* A mechanism without a row is followed all the same: its steps and its outcome are seen, its user name is not. A name that ends in "-"
 * stands for all that begin with it. */
static const struct mechanism {
	const char *name;
	sasl_reader *read_response, *read_challenge; /* NULL: of no interest */
	bool shows_prompts; /* its challenges are prompts, not part of a proof */
} mechanisms[] = {
	{"PLAIN", sasl_read_plain, NULL, false},                                       /* RFC 4616 */
	{"LOGIN", sasl_read_login, NULL, true},                                        /* draft-murchison-sasl-login */
	{"CRAM-MD5", sasl_read_cram_md5, NULL, false},                                 /* RFC 2195 */
	{"DIGEST-MD5", sasl_read_digest_md5, sasl_read_digest_md5_challenge, false},   /* RFC 2831 */
	{"SCRAM-", sasl_read_scram, sasl_read_scram_challenge, false},                 /* RFC 5802, RFC 7677 */
	{"NTLM", sasl_read_ntlm, sasl_read_ntlm_challenge, false},                     /* [MS-NLMP], [MS-SMTPNTLM] */
	{"GSSAPI", sasl_read_gssapi, sasl_read_ntlm_challenge, false},                 /* RFC 4752; Exchange's may be NTLM inside */
	{"GSS-SPNEGO", sasl_read_gssapi, sasl_read_ntlm_challenge, false},
	{"EXTERNAL", sasl_read_external, NULL, false},                                 /* RFC 4422, A */
	{"ANONYMOUS", sasl_read_external, NULL, false},                                /* RFC 4505 */
	{"XOAUTH2", sasl_read_xoauth2, sasl_read_oauth_challenge, false},
	{"OAUTHBEARER", sasl_read_oauthbearer, sasl_read_oauth_challenge, false},      /* RFC 7628 */
};

static bool is_called(struct slice name, const char *row_name) {
	bool family = row_name[strlen(row_name) - 1] == '-';
	return family ? slice_begins(name, row_name) : slice_is(name, row_name);
}

static const struct mechanism *find_mechanism(const struct auth_exchange *exchange) {
	for (size_t i = 0; i < sizeof(mechanisms) / sizeof(mechanisms[0]); i++)
		if (is_called(auth_mechanism(exchange), mechanisms[i].name))
			return &mechanisms[i];
	return NULL;
}

static void read_response(struct auth_exchange *exchange, struct slice encoded, struct auth_secrets *secrets) {
	exchange->responses++;
	auth_remember(secrets, encoded);
	const struct mechanism *mechanism = exchange->blind ? NULL : find_mechanism(exchange);
	char decoded[DECODED_MAX];
	long len = auth_decode_base64(encoded, decoded, sizeof(decoded));
	if (len > 0)
		(mechanism != NULL ? mechanism->read_response : sasl_read_unknown)(
			exchange, (struct slice){decoded, (size_t)len}, secrets);
	if (len > 0)
		memset(decoded, 0, (size_t)len);
}

/* RFC 4422, 3.1:  mech-char = UPPER-ALPHA / DIGIT / HYPHEN / UNDERSCORE ; clients that write lower case throughout are known too.
 * Anything else may be a response in the wrong place. */
static bool is_mechanism_name(struct slice name) {
	bool upper = false, lower = false;
	for (size_t i = 0; i < name.len; i++) {
		char c = name.data[i];
		if (!ascii_is_alpha(c) && !ascii_is_digit(c) && c != '-' && c != '_')
			return false;
		upper |= c >= 'A' && c <= 'Z';
		lower |= c >= 'a' && c <= 'z';
	}
	if (name.len == 0 || name.len > AUTH_MECHANISM_MAX)
		return false;
	for (size_t i = 0; i < sizeof(mechanisms) / sizeof(mechanisms[0]); i++)
		if (is_called(name, mechanisms[i].name))
			return true;
	return !(upper && lower);
}

bool auth_names_mechanism(struct slice argument) {
	return is_mechanism_name(slice_next_word(&argument));
}

bool auth_begin(struct auth_exchange *exchange, struct slice argument, struct auth_secrets *secrets) {
	*exchange = (struct auth_exchange){.active = true};
	struct slice rest = argument;
	struct slice name = slice_next_word(&rest);
	struct slice initial = slice_trim(rest);
	if (!is_mechanism_name(name)) {
		auth_remember(secrets, name);
		name.len = 0;
	}
	for (size_t i = 0; i < name.len; i++)
		exchange->mechanism[i] = ascii_upper(name.data[i]);
	exchange->mechanism_len = name.len;
	if (initial.len == 0)
		return false;
	if (initial.len == 1 && initial.data[0] == '=') /* an empty initial response */
		exchange->responses++;
	else
		read_response(exchange, initial, secrets);
	return true;
}

/* A prompt that may be shown is short and has nothing but text. */
static bool is_prompt(struct slice prompt) {
	enum { PROMPT_MAX = 32 };
	for (size_t i = 0; i < prompt.len; i++)
		if (prompt.data[i] != '\0' && (prompt.data[i] < ' ' || prompt.data[i] > '~'))
			return false;
	return prompt.len <= PROMPT_MAX;
}

bool auth_challenge(struct auth_exchange *exchange, struct slice text, struct auth_secrets *secrets) {
	const struct mechanism *mechanism = find_mechanism(exchange);
	if (mechanism == NULL || (!mechanism->shows_prompts && mechanism->read_challenge == NULL))
		return false;
	char decoded[DECODED_MAX];
	long len = auth_decode_base64(slice_trim(text), decoded, sizeof(decoded));
	struct slice challenge = {decoded, len > 0 ? (size_t)len : 0};
	if (mechanism->read_challenge != NULL && challenge.len > 0 && !exchange->blind)
		mechanism->read_challenge(exchange, challenge, secrets);
	if (!mechanism->shows_prompts)
		return false;
	/* Some servers ask in words without base64. */
	exchange->password_prompted = sasl_asks_password(len > 0 ? challenge : text);
	return len >= 0 && is_prompt(challenge);
}

void auth_response(struct auth_exchange *exchange, struct slice line, struct auth_secrets *secrets) {
	if (line.len == 1 && line.data[0] == '*')
		exchange->cancelled = true;
	else
		read_response(exchange, slice_trim(line), secrets);
}

struct slice auth_mechanism(const struct auth_exchange *exchange) {
	return (struct slice){exchange->mechanism, exchange->mechanism_len};
}

struct slice auth_username(const struct auth_exchange *exchange) {
	return (struct slice){exchange->username, exchange->username_len};
}
