/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a TLS handshake in clear tells beyond its fields: fingerprints of the hellos, and what stands in a certificate.
 *
 * JA3 and JA3S: https://github.com/salesforce/ja3; JA4: https://github.com/FoxIO-LLC/ja4, technical_details/JA4.md.
 */
#ifndef SMTPSCOPE_REPORT_TLS_FACTS_H
#define SMTPSCOPE_REPORT_TLS_FACTS_H

#include "decode/event.h"
#include "report/arena.h"

enum {
	TLS_FACTS_JA3_SIZE = 33, /* with a NUL at the end, as the others */
	TLS_FACTS_JA4_SIZE = 37,
	TLS_FACTS_SHA256_SIZE = 65,
	TLS_FACTS_NAMES_MAX = 64, /* of a certificate; others are counted */
};

enum tls_facts_answer { TLS_FACTS_UNKNOWN, TLS_FACTS_NO, TLS_FACTS_YES };

/* All in the arena it was made in. Texts are UTF-8 as far as the certificate's are; whoever prints them escapes them. */
struct tls_facts_certificate {
	struct slice subject, issuer; /* RFC 4514: CN=mail.example.com,O=Example */
	struct slice common_name;     /* the last one of the subject; empty: none */
	const struct slice *names;    /* DNS names and IP addresses of subjectAltName */
	size_t name_count, names_over_limit;
	struct slice serial;          /* hexadecimal; empty: unknown */
	bool has_validity;
	int64_t not_before_s, not_after_s; /* since 1970 */
	char sha256[TLS_FACTS_SHA256_SIZE]; /* of the DER */
	enum tls_facts_answer self_signed;
};

/* Each fills a fingerprint of a hello. Returns false when there is none: of a hello of SSL 2, one with more extensions than are kept,
 * or without memory. */
bool tls_facts_ja3(const struct event_tls_hello *hello, char ret_ja3[TLS_FACTS_JA3_SIZE]);
bool tls_facts_ja3s(const struct event_tls_hello *hello, char ret_ja3s[TLS_FACTS_JA3_SIZE]);
bool tls_facts_ja4(const struct event_tls_hello *hello, char ret_ja4[TLS_FACTS_JA4_SIZE]);

enum { TLS_FACTS_VERDICTS_MAX = 64 };

/* The certificates that are issued by whom they are for, and whether their own key verifies them, which takes as long as all else about a
 * session: the last ones, zero-filled at start. Of one thread. */
struct tls_facts_verdicts {
	size_t count, next;
	struct tls_facts_verdict {
		char sha256[TLS_FACTS_SHA256_SIZE];
		enum tls_facts_answer self_signed;
	} known[TLS_FACTS_VERDICTS_MAX];
};

/* Reads a certificate. verdicts: NULL when each one is to be verified. Returns NULL when it is none. */
const struct tls_facts_certificate *tls_facts_read_certificate(struct arena *arena, struct slice der, struct tls_facts_verdicts *verdicts);

/* Is the certificate for this host (RFC 9525)? */
enum tls_facts_answer tls_facts_is_for_host(struct slice der, struct slice host);

/* Those of a handshake: record.h has where they are kept. */
struct tls_facts {
	char ja3[TLS_FACTS_JA3_SIZE], ja3s[TLS_FACTS_JA3_SIZE], ja4[TLS_FACTS_JA4_SIZE]; /* empty: unknown */
	const struct tls_facts_certificate *certificate[2]; /* by side; NULL: none was seen, or it is none */
	enum tls_facts_answer is_for_server_name;           /* the server's certificate, and the name that the client asked for */
};

struct record;

/* Makes the facts of a record's handshake, if it has one; with record.verdicts, if there are some. */
void tls_facts_add(struct record *record);

#endif
