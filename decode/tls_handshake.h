/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One handshake message of TLS that is there as a whole and in clear (RFC 8446, 4; RFC 5246, 7.4; RFC 5246, E.2 for the hello of
 * SSL 2). Pure functions: they keep nothing, and all slices point into the message.
 *
 * A message is taken whole or not at all: lengths that do not fit, or bytes left over, and nothing is told of it.
 */
#ifndef SMTPSCOPE_DECODE_TLS_HANDSHAKE_H
#define SMTPSCOPE_DECODE_TLS_HANDSHAKE_H

#include "decode/event.h"

/* https://www.iana.org/assignments/tls-parameters, those that are looked at */
enum tls_handshake_type {
	TLS_HANDSHAKE_CLIENT_HELLO = 1,
	TLS_HANDSHAKE_SERVER_HELLO = 2,
	TLS_HANDSHAKE_CERTIFICATE = 11,
	TLS_HANDSHAKE_FINISHED = 20,
};

enum {
	TLS_HANDSHAKE_HEADER_LEN = 4, /* type, and length in three bytes */
	TLS_HANDSHAKE_RANDOM_LEN = 32,
};

/* https://www.iana.org/assignments/tls-extensiontype-values */
enum tls_handshake_extension {
	TLS_HANDSHAKE_SERVER_NAME = 0,
	TLS_HANDSHAKE_SUPPORTED_GROUPS = 10,
	TLS_HANDSHAKE_POINT_FORMATS = 11,
	TLS_HANDSHAKE_SIGNATURE_ALGORITHMS = 13,
	TLS_HANDSHAKE_ALPN = 16,
	TLS_HANDSHAKE_ENCRYPT_THEN_MAC = 22,
	TLS_HANDSHAKE_EXTENDED_MASTER_SECRET = 23,
	TLS_HANDSHAKE_PRE_SHARED_KEY = 41,
	TLS_HANDSHAKE_EARLY_DATA = 42,
	TLS_HANDSHAKE_SUPPORTED_VERSIONS = 43,
};

struct tls_client_hello {
	uint16_t legacy_version;   /* client_version; TLS 1.3 says 1.2 here and more in supported_versions */
	struct slice random;       /* 32 bytes; of SSL 2 the challenge of 16 to 32, which stands at the end of the random */
	struct slice session_id;   /* 0 to 32 */
	struct slice ciphers;      /* two bytes each; of SSL 2: three bytes each */
	struct slice compression;  /* methods, a byte each */
	struct slice extensions;   /* as one block; empty when there are none */
	bool ssl2;                 /* in the form of SSL 2: no compression, no extensions */
};

struct tls_server_hello {
	uint16_t legacy_version;
	uint16_t version;          /* that was negotiated: supported_versions if it is there, else legacy_version */
	struct slice random;       /* 32 bytes */
	struct slice session_id;
	uint16_t cipher;
	uint8_t compression;
	struct slice extensions;
	bool retry;                /* a HelloRetryRequest (RFC 8446, 4.1.3): another ClientHello and ServerHello follow */
	bool pre_shared_key;       /* TLS 1.3: the client's key was taken, so the session is resumed */
};

/* `body` is the message without its header. Each returns whether it is one. */
bool tls_handshake_parse_client_hello(struct slice body, struct tls_client_hello *ret_hello);
bool tls_handshake_parse_server_hello(struct slice body, struct tls_server_hello *ret_hello);

/* The hello of SSL 2, `message` being the record without its two bytes of length. */
bool tls_handshake_parse_ssl2_hello(struct slice message, struct tls_client_hello *ret_hello);

/* Takes the next extension off the front of a block. Returns false at its end. A block of a hello that was parsed is well-formed;
 * any other ends at the first length that does not fit. */
bool tls_handshake_next_extension(struct slice *block, uint16_t *ret_type, struct slice *ret_value);

/* Finds the first extension of a type. Returns whether there is one. */
bool tls_handshake_find_extension(struct slice block, uint16_t type, struct slice *ret_value);

/* The values of a list that is preceded by its length in two bytes (or one), and has nothing behind it: supported_groups,
 * signature_algorithms, ALPN; ec_point_formats and the client's supported_versions (one byte). Empty when it is malformed. */
struct slice tls_handshake_list16(struct slice value);
struct slice tls_handshake_list8(struct slice value);

/* The host name of a client's server_name extension (RFC 6066, 3); empty when it has none. */
struct slice tls_handshake_host_name(struct slice value);

/* Takes the next protocol name off an ALPN list (RFC 7301, 3.1). Returns false at its end. */
bool tls_handshake_next_protocol(struct slice *list, struct slice *ret_name);

/* The list of a Certificate message up to TLS 1.2 (RFC 5246, 7.4.2), without its length. Returns whether it is well-formed; it may
 * be empty. tls_handshake_next_certificate() takes the next certificate, as DER, off the list. */
bool tls_handshake_parse_certificates(struct slice body, struct slice *ret_list, size_t *ret_count);
bool tls_handshake_next_certificate(struct slice *list, struct slice *ret_der);

/* The same of TLS 1.3 (RFC 8446, 4.4.2), where each certificate has extensions, which are left out. It is never in clear: for who
 * has decrypted it. */
bool tls_handshake_parse_certificates13(struct slice body, struct slice *ret_list, size_t *ret_count);
bool tls_handshake_next_certificate13(struct slice *list, struct slice *ret_der);

/* Values that are reserved so that peers get used to unknown ones (RFC 8701): 0x0a0a, 0x1a1a, ... 0xfafa. */
static inline bool tls_handshake_is_grease(uint16_t value) {
	return (value & 0x0f0f) == 0x0a0a && value >> 8 == (value & 0xff);
}

#endif
