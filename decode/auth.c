/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "decode/auth.h"

#include <string.h>

#include "decode/ascii.h"

enum { DECODED_MAX = 1024 };

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

static void keep_username(struct auth_exchange *exchange, struct slice username) {
	if (username.len == 0 || username.len > AUTH_USERNAME_MAX)
		return;
	memcpy(exchange->username, username.data, username.len);
	exchange->username_len = username.len;
	exchange->has_username = true;
}

/* RFC 4616:  message = [authzid] UTF8NUL authcid UTF8NUL passwd */
static void read_plain(struct auth_exchange *exchange, struct slice response, struct auth_secrets *secrets) {
	const char *first = memchr(response.data, '\0', response.len);
	if (first == NULL)
		return;
	struct slice rest = slice_skip(response, (size_t)(first - response.data) + 1);
	const char *second = rest.len > 0 ? memchr(rest.data, '\0', rest.len) : NULL;
	if (second == NULL)
		return;
	keep_username(exchange, (struct slice){rest.data, (size_t)(second - rest.data)});
	auth_remember(secrets, slice_skip(rest, (size_t)(second - rest.data) + 1));
}

/* The LOGIN mechanism (draft-murchison-sasl-login): the user name, then the password, whatever the prompts say; but a server that
 * asks for the password first gets the password first. */
static void read_login(struct auth_exchange *exchange, struct slice response, struct auth_secrets *secrets) {
	if (exchange->responses == 1 && !exchange->password_prompted)
		keep_username(exchange, response);
	else
		auth_remember(secrets, response);
}

/* RFC 2195: the user name, a blank, and the digest as 32 lower-case hexadecimal digits */
static void read_cram_md5(struct auth_exchange *exchange, struct slice response, struct auth_secrets *secrets) {
	enum { DIGEST_LEN = 32 };
	if (response.len < DIGEST_LEN + 2 || response.data[response.len - DIGEST_LEN - 1] != ' ')
		return;
	struct slice digest = slice_skip(response, response.len - DIGEST_LEN);
	for (size_t i = 0; i < DIGEST_LEN; i++) {
		char c = ascii_upper(digest.data[i]);
		if (!ascii_is_digit(c) && (c < 'A' || c > 'F'))
			return;
	}
	keep_username(exchange, (struct slice){response.data, response.len - DIGEST_LEN - 1});
	auth_remember(secrets, digest);
}

/* Of a response that is not understood all may be secret, and what follows the last NUL, as in PLAIN, most of all. */
static void read_unknown(struct auth_exchange *exchange, struct slice response, struct auth_secrets *secrets) {
	(void)exchange;
	size_t at = response.len;
	while (at > 0 && response.data[at - 1] != '\0')
		at--;
	auth_remember(secrets, slice_skip(response, at));
}

/* A mechanism without a row is followed all the same: its steps and its outcome are seen, its user name is not. */
static const struct mechanism {
	const char *name;
	void (*read_response)(struct auth_exchange *exchange, struct slice response, struct auth_secrets *secrets);
	bool shows_prompts; /* its challenges are prompts, not part of a proof */
} mechanisms[] = {
	{"PLAIN", read_plain, false},
	{"LOGIN", read_login, true},
	{"CRAM-MD5", read_cram_md5, false},
};

static const struct mechanism *find_mechanism(const struct auth_exchange *exchange) {
	for (size_t i = 0; i < sizeof(mechanisms) / sizeof(mechanisms[0]); i++)
		if (slice_is(auth_mechanism(exchange), mechanisms[i].name))
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
		(mechanism != NULL ? mechanism->read_response : read_unknown)(exchange, (struct slice){decoded, (size_t)len}, secrets);
	memset(decoded, 0, sizeof(decoded));
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
		if (slice_is(name, mechanisms[i].name))
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

bool auth_challenge(struct auth_exchange *exchange, struct slice text) {
	const struct mechanism *mechanism = find_mechanism(exchange);
	if (mechanism == NULL || !mechanism->shows_prompts)
		return false;
	char decoded[DECODED_MAX];
	long len = auth_decode_base64(slice_trim(text), decoded, sizeof(decoded));
	struct slice prompt = {decoded, len > 0 ? (size_t)len : 0};
	exchange->password_prompted = false;
	for (size_t i = 0; i < prompt.len; i++) {
		if (decoded[i] != '\0' && (decoded[i] < ' ' || decoded[i] > '~'))
			return false;
		if (slice_begins(slice_skip(prompt, i), "PASS"))
			exchange->password_prompted = true;
	}
	return len >= 0 && prompt.len <= 32;
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
