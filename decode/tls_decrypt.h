/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reads TLS 1.2 and 1.3 connections of which a key log has the secrets: handshake, resumption, HelloRetryRequest, renegotiation and
 * KeyUpdate included. A library of its own, as it needs libcrypto; sessions reach it through decryptor.h.
 *
 * Nothing is taken for text that the record protection does not prove genuine. After a hole, records are tried with the sequence
 * numbers that they may have; what proves genuine goes on.
 */
#ifndef SMTPSCOPE_DECODE_TLS_DECRYPT_H
#define SMTPSCOPE_DECODE_TLS_DECRYPT_H

#include "decode/decryptor.h"
#include "decode/keylog.h"

struct tls_decryptor;

struct tls_decryptor_stats {
	uint64_t connections; /* that began with a ClientHello */
	uint64_t read;        /* of these, those of which a record was read */
};

struct tls_decryptor_options {
	struct keylog *keylog; /* stays the caller's */
	/* The key log is written to while connections go on: what is missing may still come. */
	bool grows;
	/* Asks for what has been written since; may be NULL. Called when a connection has ended without its key. */
	void (*refresh)(void *context);
	void *refresh_context;
};

/* Prepares libcrypto, too: call before the sandbox closes. NULL: no memory, or libcrypto lacks what it takes. */
struct tls_decryptor *tls_decryptor_create(const struct tls_decryptor_options *options);

/* What sessions are given; lives as long as the decryptor. */
const struct decryptor *tls_decryptor_border(const struct tls_decryptor *decryptor);

void tls_decryptor_get_stats(const struct tls_decryptor *decryptor, struct tls_decryptor_stats *ret_stats);

/* After all connections. Accepts NULL. */
void tls_decryptor_destroy(struct tls_decryptor *decryptor);

#endif
