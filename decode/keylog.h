/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The secrets of TLS connections, by what names them in the handshake.
 *
 * They come as text in the format that SSLKEYLOGFILE has made common (RFC 9850): one secret a line, a
 * label, the client's random in hexadecimal, the secret in hexadecimal. Lines of other kinds are passed over.
 */
#ifndef SMTPSCOPE_DECODE_KEYLOG_H
#define SMTPSCOPE_DECODE_KEYLOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { KEYLOG_ID_LEN = 32, KEYLOG_SECRET_MAX = 48 };

enum keylog_label {
	KEYLOG_MASTER, /* CLIENT_RANDOM: the master secret, up to TLS 1.2 */
	KEYLOG_CLIENT_EARLY,
	KEYLOG_CLIENT_HANDSHAKE,
	KEYLOG_SERVER_HANDSHAKE,
	KEYLOG_CLIENT_TRAFFIC,
	KEYLOG_SERVER_TRAFFIC,
	/* Of sessions that may be resumed, up to TLS 1.2: */
	KEYLOG_SESSION_ID, /* the master secret by session id, padded with zeros */
	KEYLOG_TICKET,     /* by a hash of the ticket */
	KEYLOG_LABEL_COUNT
};

struct keylog_secret {
	uint8_t data[KEYLOG_SECRET_MAX];
	size_t len;
};

struct keylog_stats {
	uint64_t read;    /* lines with a secret that may be of use */
	uint64_t not_understood; /* other lines, but for empty ones, comments, and secrets that are known to be of no use here */
	uint64_t secrets; /* held now */
	uint64_t evicted; /* the oldest, for lack of room */
};

struct keylog;

/* Room for bytes_max bytes of secrets, taken as they come. NULL: no memory. */
struct keylog *keylog_create(size_t bytes_max);

/* Takes the next bytes of a key log. It may be cut anywhere. */
void keylog_feed(struct keylog *keylog, const void *text, size_t len);

/* The log ends here: what is there of its last line is a line. What is fed next is another one. */
void keylog_end(struct keylog *keylog);

void keylog_put(struct keylog *keylog, enum keylog_label label, const uint8_t id[KEYLOG_ID_LEN], const uint8_t *secret, size_t len);

/* Returns whether there is one. */
bool keylog_find(const struct keylog *keylog, enum keylog_label label, const uint8_t id[KEYLOG_ID_LEN],
	struct keylog_secret *ret_secret);

void keylog_get_stats(const struct keylog *keylog, struct keylog_stats *ret_stats);

/* Wipes and frees; accepts NULL. */
void keylog_destroy(struct keylog *keylog);

#endif
