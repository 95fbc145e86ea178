/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The record protection of TLS 1.2 (RFC 5246, 6.2.3; RFC 5288, 7366, 7905) and 1.3 (RFC 8446, 5.2): opens records of one direction.
 * libcrypto does the cryptography; this file and tls_cipher.c are all that knows of it.
 */
#ifndef SMTPSCOPE_DECODE_TLS_CIPHER_H
#define SMTPSCOPE_DECODE_TLS_CIPHER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "decode/keylog.h"

enum {
	TLS_RECORD_HEADER_LEN = 5,
	TLS_RECORD_MAX = 16384 + 2048, /* of TLS 1.2; less in 1.3 */
};

enum tls_version { TLS_VERSION_1_2 = 0x0303, TLS_VERSION_1_3 = 0x0304 };

/* A cipher suite, as far as records concern it. */
struct tls_suite;

/* NULL: unknown, or not supported. */
const struct tls_suite *tls_suite_find(uint16_t id, enum tls_version version);

/* What is prepared once: all algorithms, looked up before the sandbox closes, and memory for a record. */
struct tls_crypto;

/* NULL: no memory, or libcrypto lacks an algorithm. */
struct tls_crypto *tls_crypto_create(void);

/* Accepts NULL. */
void tls_crypto_destroy(struct tls_crypto *crypto);

/* SHA-256 of a session ticket, by which the master secret of its session is remembered. */
bool tls_crypto_hash_ticket(const struct tls_crypto *crypto, const uint8_t *ticket, size_t len, uint8_t ret_hash[KEYLOG_ID_LEN]);

/* One direction's keys. */
struct tls_cipher;

struct tls_cipher_randoms {
	uint8_t client[32], server[32];
};

/* TLS 1.2: from the master secret. NULL: no memory, or the secret has not the right length. */
struct tls_cipher *tls_cipher_create(struct tls_crypto *crypto, const struct tls_suite *suite, const struct keylog_secret *master,
	const struct tls_cipher_randoms *randoms, bool of_server, bool encrypt_then_mac);

/* TLS 1.3: from a traffic secret. */
struct tls_cipher *tls_cipher_create_1_3(
	struct tls_crypto *crypto, const struct tls_suite *suite, const struct keylog_secret *secret);

/* TLS 1.3: goes on with the secret after this one (RFC 8446, 7.2). Returns false when that failed. */
bool tls_cipher_update(struct tls_cipher *cipher);

struct tls_opened {
	const uint8_t *data; /* borrowed until the next record is opened with the same struct tls_crypto */
	size_t len;
	uint8_t type;        /* the content type; in TLS 1.3 the true one */
};

/* Opens the record with this sequence number. Returns whether it proved genuine; only then there is anything in *ret_opened. */
bool tls_cipher_open(struct tls_cipher *cipher, uint64_t sequence, const uint8_t header[TLS_RECORD_HEADER_LEN], const uint8_t *body,
	size_t len, struct tls_opened *ret_opened);

size_t tls_cipher_memory(const struct tls_cipher *cipher);

/* Wipes and frees; accepts NULL. */
void tls_cipher_destroy(struct tls_cipher *cipher);

#endif
