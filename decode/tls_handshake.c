/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "decode/tls_handshake.h"

#include <string.h>

#include "decode/tls_cursor.h"

enum {
	SESSION_ID_MAX = 32,
	SSL2_CIPHER_LEN = 3,
	HOST_NAME = 0, /* NameType of server_name */
};

/* Extension: type(2), value<0..2^16-1> */
bool tls_handshake_next_extension(struct slice *block, uint16_t *ret_type, struct slice *ret_value) {
	struct tls_cursor cursor = {.left = *block};
	uint16_t type = (uint16_t)tls_cursor_number(&cursor, 2);
	struct slice value = tls_cursor_vector(&cursor, 2);
	if (cursor.failed)
		return false;
	*block = cursor.left;
	*ret_type = type;
	*ret_value = value;
	return true;
}

static bool is_extension_block(struct slice block) {
	uint16_t type;
	struct slice value;
	while (block.len > 0)
		if (!tls_handshake_next_extension(&block, &type, &value))
			return false;
	return true;
}

bool tls_handshake_find_extension(struct slice block, uint16_t type, struct slice *ret_value) {
	uint16_t found;
	struct slice value;
	while (tls_handshake_next_extension(&block, &found, &value)) {
		if (found != type)
			continue;
		*ret_value = value;
		return true;
	}
	return false;
}

/* extensions<0..2^16-1>, which may be missing altogether (RFC 5246, 7.4.1.2) */
static bool take_extensions(struct tls_cursor *cursor, struct slice *ret_block) {
	*ret_block = cursor->left.len > 0 ? tls_cursor_vector(cursor, 2) : (struct slice){NULL, 0};
	return tls_cursor_is_done(cursor) && is_extension_block(*ret_block);
}

/* ClientHello: version(2), random(32), session_id<0..32>, cipher_suites<2..2^16-2>, compression_methods<1..2^8-1>, extensions */
bool tls_handshake_parse_client_hello(struct slice body, struct tls_client_hello *ret_hello) {
	struct tls_cursor cursor = {.left = body};
	struct tls_client_hello hello = {.legacy_version = (uint16_t)tls_cursor_number(&cursor, 2)};
	hello.random = tls_cursor_take(&cursor, TLS_HANDSHAKE_RANDOM_LEN);
	hello.session_id = tls_cursor_vector(&cursor, 1);
	hello.ciphers = tls_cursor_vector(&cursor, 2);
	hello.compression = tls_cursor_vector(&cursor, 1);
	if (!take_extensions(&cursor, &hello.extensions))
		return false;
	if (hello.legacy_version >> 8 != 3 || hello.session_id.len > SESSION_ID_MAX || hello.ciphers.len % 2 != 0 ||
		hello.compression.len == 0)
		return false;
	*ret_hello = hello;
	return true;
}

/* RFC 5246, E.2: msg_type(1), version(2), lengths of cipher_specs, session_id and challenge (2 each), then these three */
bool tls_handshake_parse_ssl2_hello(struct slice message, struct tls_client_hello *ret_hello) {
	struct tls_cursor cursor = {.left = message};
	struct tls_client_hello hello = {.ssl2 = true};
	uint32_t type = tls_cursor_number(&cursor, 1);
	hello.legacy_version = (uint16_t)tls_cursor_number(&cursor, 2);
	uint32_t ciphers_len = tls_cursor_number(&cursor, 2), session_len = tls_cursor_number(&cursor, 2),
		 challenge_len = tls_cursor_number(&cursor, 2);
	hello.ciphers = tls_cursor_take(&cursor, ciphers_len);
	hello.session_id = tls_cursor_take(&cursor, session_len);
	hello.random = tls_cursor_take(&cursor, challenge_len);
	if (!tls_cursor_is_done(&cursor) || type != TLS_HANDSHAKE_CLIENT_HELLO || ciphers_len % SSL2_CIPHER_LEN != 0 ||
		session_len > SESSION_ID_MAX || challenge_len > TLS_HANDSHAKE_RANDOM_LEN)
		return false;
	*ret_hello = hello;
	return true;
}

/* The random of a HelloRetryRequest: SHA-256 of "HelloRetryRequest" (RFC 8446, 4.1.3). */
static const char retry_random[TLS_HANDSHAKE_RANDOM_LEN + 1] =
	"\xcf\x21\xad\x74\xe5\x9a\x61\x11\xbe\x1d\x8c\x02\x1e\x65\xb8\x91"
	"\xc2\xa2\x11\x16\x7a\xbb\x8c\x5e\x07\x9e\x09\xe2\xc8\xa8\x33\x9c";

/* ServerHello: version(2), random(32), session_id<0..32>, cipher_suite(2), compression_method(1), extensions */
bool tls_handshake_parse_server_hello(struct slice body, struct tls_server_hello *ret_hello) {
	struct tls_cursor cursor = {.left = body};
	struct tls_server_hello hello = {.legacy_version = (uint16_t)tls_cursor_number(&cursor, 2)};
	hello.random = tls_cursor_take(&cursor, TLS_HANDSHAKE_RANDOM_LEN);
	hello.session_id = tls_cursor_vector(&cursor, 1);
	hello.cipher = (uint16_t)tls_cursor_number(&cursor, 2);
	hello.compression = (uint8_t)tls_cursor_number(&cursor, 1);
	if (!take_extensions(&cursor, &hello.extensions) || hello.legacy_version >> 8 != 3 || hello.session_id.len > SESSION_ID_MAX)
		return false;
	struct slice value;
	hello.version = hello.legacy_version;
	if (tls_handshake_find_extension(hello.extensions, TLS_HANDSHAKE_SUPPORTED_VERSIONS, &value)) {
		if (value.len != 2)
			return false;
		hello.version = (uint16_t)((uint8_t)value.data[0] << 8 | (uint8_t)value.data[1]);
	}
	hello.retry = memcmp(hello.random.data, retry_random, TLS_HANDSHAKE_RANDOM_LEN) == 0;
	hello.pre_shared_key = tls_handshake_find_extension(hello.extensions, TLS_HANDSHAKE_PRE_SHARED_KEY, &value);
	*ret_hello = hello;
	return true;
}

static struct slice list(struct slice value, size_t len_len) {
	struct tls_cursor cursor = {.left = value};
	struct slice items = tls_cursor_vector(&cursor, len_len);
	return tls_cursor_is_done(&cursor) ? items : (struct slice){NULL, 0};
}

struct slice tls_handshake_list16(struct slice value) {
	return list(value, 2);
}

struct slice tls_handshake_list8(struct slice value) {
	return list(value, 1);
}

/* ServerNameList: NameType(1), HostName<1..2^16-1>, ... */
struct slice tls_handshake_host_name(struct slice value) {
	struct tls_cursor cursor = {.left = tls_handshake_list16(value)};
	while (cursor.left.len > 0 && !cursor.failed) {
		uint32_t type = tls_cursor_number(&cursor, 1);
		struct slice name = tls_cursor_vector(&cursor, 2);
		if (type == HOST_NAME && !cursor.failed)
			return name;
	}
	return (struct slice){NULL, 0};
}

static bool next_vector(struct slice *items, size_t len_len, struct slice *ret_item) {
	struct tls_cursor cursor = {.left = *items};
	struct slice item = tls_cursor_vector(&cursor, len_len);
	if (items->len == 0 || cursor.failed)
		return false;
	*items = cursor.left;
	*ret_item = item;
	return true;
}

bool tls_handshake_next_protocol(struct slice *items, struct slice *ret_name) {
	return next_vector(items, 1, ret_name);
}

/* certificate_list<0..2^24-1> of ASN.1Cert<1..2^24-1> */
bool tls_handshake_next_certificate(struct slice *items, struct slice *ret_der) {
	return next_vector(items, 3, ret_der);
}

/* CertificateEntry: cert_data<1..2^24-1>, extensions<0..2^16-1> */
bool tls_handshake_next_certificate13(struct slice *items, struct slice *ret_der) {
	struct slice rest = *items, der, extensions;
	if (!next_vector(&rest, 3, &der) || !next_vector(&rest, 2, &extensions))
		return false;
	*items = rest;
	*ret_der = der;
	return true;
}

static bool is_certificate_list(struct tls_cursor *cursor, bool (*next)(struct slice *, struct slice *), struct slice *ret_list,
	size_t *ret_count) {
	struct slice items = tls_cursor_vector(cursor, 3), rest = items, der;
	size_t count = 0;
	if (!tls_cursor_is_done(cursor))
		return false;
	for (; rest.len > 0; count++)
		if (!next(&rest, &der) || der.len == 0)
			return false;
	*ret_list = items;
	*ret_count = count;
	return true;
}

bool tls_handshake_parse_certificates(struct slice body, struct slice *ret_list, size_t *ret_count) {
	struct tls_cursor cursor = {.left = body};
	return is_certificate_list(&cursor, tls_handshake_next_certificate, ret_list, ret_count);
}

/* certificate_request_context<0..2^8-1>, certificate_list */
bool tls_handshake_parse_certificates13(struct slice body, struct slice *ret_list, size_t *ret_count) {
	struct tls_cursor cursor = {.left = body};
	tls_cursor_vector(&cursor, 1);
	return is_certificate_list(&cursor, tls_handshake_next_certificate13, ret_list, ret_count);
}
