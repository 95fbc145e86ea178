/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How a session reads what is encrypted: a small border, so that the decoder itself needs no cryptography. tls_decrypt.h has what
 * stands behind it.
 */
#ifndef SMTPSCOPE_DECODE_DECRYPTOR_H
#define SMTPSCOPE_DECODE_DECRYPTOR_H

#include "decode/event.h"

/* Of one connection. */
struct decryption;

enum decryptor_state {
	DECRYPTOR_READING, /* goes on */
	DECRYPTOR_WAITING, /* for a key that may still come; what is fed meanwhile is kept, within a limit */
	DECRYPTOR_BLIND,   /* nothing more will be read */
};

/* What was encrypted in one record, or a hole. */
struct decryptor_piece {
	enum stream_side side;
	const uint8_t *data;       /* NULL: bytes are missing, how many characters they were is not known; borrowed for the call */
	size_t len;                /* of data; else of encrypted bytes */
	bool captured;             /* no data: these bytes are there, but belong to a record of which others are missing */
	uint64_t end_offset;       /* in the encrypted stream, behind the record */
	uint64_t peer_offset;      /* what the sender of its last bytes had received, in the other side's encrypted stream */
	struct stream_moment at;   /* of its last byte */
};

struct decryptor_sink {
	void *context;
	void (*piece)(void *context, const struct decryptor_piece *piece);
	/* What was encrypted of the handshake and means something to others, and alerts: CERTIFICATE or ALERT. Borrowed for the call. */
	void (*tls)(void *context, enum stream_side side, const struct event_tls *tls, struct stream_moment at);
};

/* What a run has for it; the functions get `context` first. */
struct decryptor {
	void *context;
	/* Is there any key, or may one come? Otherwise it is not worth the while. */
	bool (*is_of_use)(void *context);
	/* For a connection whose next byte of the client is the first of TLS. NULL: no memory. */
	struct decryption *(*begin)(void *context, struct decryptor_sink sink);
	/* Takes the next bytes of a side, or a gap. Pieces come in the order in which their records were complete. */
	enum decryptor_state (*feed)(struct decryption *decryption, const struct stream_chunk *chunk);
	/* The connection has ended: reads what it can of what was kept. */
	enum decryptor_state (*finish)(struct decryption *decryption);
	/* Why it is blind. */
	enum event_tls_reason (*reason)(const struct decryption *decryption);
	size_t (*memory)(const struct decryption *decryption);
	void (*end)(struct decryption *decryption); /* frees; accepts NULL */
};

#endif
