/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * TLS as far as it can be read without a key: records (RFC 8446, 5.1), and of what they hold the handshake and alerts that are in
 * clear.
 *
 * A reader is one side's. It takes any bytes in any pieces, and holds no more than one handshake message. A connection is both
 * sides', and tells what is to be said of the items that its readers find.
 */
#ifndef SMTPSCOPE_DECODE_TLS_H
#define SMTPSCOPE_DECODE_TLS_H

#include "decode/event.h"

enum { TLS_MESSAGE_MAX = 65536 }; /* a longer handshake message is passed over */

enum tls_item_kind {
	TLS_ITEM_HANDSHAKE, /* one message */
	TLS_ITEM_CHANGE_CIPHER_SPEC,
	TLS_ITEM_ALERT,
	TLS_ITEM_APPLICATION_DATA, /* the beginning of a record */
};

struct tls_item {
	enum tls_item_kind kind;
	/* HANDSHAKE: */
	uint8_t type;
	struct slice body;          /* without the header; lives until the next call */
	bool ssl2;                  /* a hello in the form of SSL 2; body is the record without its length */
	struct stream_moment begun; /* its first byte */
	/* ALERT: */
	uint8_t level, description;
	/* APPLICATION_DATA: */
	size_t len;                 /* of the record */
};

/* One side's records. */
struct tls_reader { /* zero-filled at start; freed by tls_finish() */
	uint8_t header[5];         /* of the current record */
	uint8_t header_len;        /* 5 until the first byte of the body */
	uint8_t message_header[4]; /* of the current handshake message */
	uint8_t alert_left, alert_level;
	bool begun;      /* something was read */
	bool past_first; /* the first record's header was */
	bool lost;       /* no more record boundaries: a gap, or not TLS at all */
	bool ssl2;       /* the current record is a hello in the form of SSL 2 */
	bool sealed;     /* what handshake records hold is encrypted from here on */
	bool finished;   /* a sealed handshake record was there: Finished (RFC 5246, 7.4.9) */
	size_t body_left;     /* of the current record */
	size_t message_len;   /* collected of the current message, its header included */
	size_t message_need;  /* of it, as far as is known */
	size_t message_skip;  /* bytes to come of a message that is passed over */
	char *message;        /* without its header */
	size_t message_capacity;
	struct stream_moment message_begun;
	uint64_t data_records, data_bytes; /* of application data */
};

static inline bool tls_is_untouched(const struct tls_reader *reader) {
	return !reader->begun && !reader->lost;
}

/* Is the next byte the first of a record? */
static inline bool tls_is_between_records(const struct tls_reader *reader) {
	return reader->header_len == 0 && reader->body_left == 0 && !reader->lost;
}

/* Can bytes that start like this be TLS? Needs one byte; looks at up to three. */
bool tls_is_start(const uint8_t *data, size_t len);

/* The same for a hello in the form of SSL 2, which no text begins like. */
bool tls_is_ssl2_start(const uint8_t *data, size_t len);

/* Takes bytes from the front of input up to the next item. Returns 1 with the item; 0 when all bytes were taken. `side` says what
 * is looked for: hellos of SSL 2 are clients'. */
int tls_next(struct tls_reader *reader, enum stream_side side, struct slice *input, struct stream_moment at, struct tls_item *ret_item);

/* Bytes are missing: boundaries are lost for good. */
void tls_lose(struct tls_reader *reader);

/* Lets go of the message that is being collected. */
void tls_finish(struct tls_reader *reader);

/* What both sides said so far. */
struct tls_connection { /* zero-filled at start */
	struct tls_reader side[2];
	uint8_t told[2];      /* hellos that were told of; 2 also when the first was broken */
	bool client_known, server_known, retried;
	bool early_data;      /* the client offers to send data before it has heard from the server */
	bool client_done;     /* TLS 1.3: the client sent what must be its Finished, or more */
	bool complete, failed;
	bool encrypted_told;
	uint16_t version;     /* negotiated; 0 unknown */
	uint8_t session_id_len;
	char session_id[32];  /* that the client proposed */
};

/* What an event points to, beside the item: as long as that. */
struct tls_scratch {
	struct event_tls_hello hello;
	char extensions[2 * EVENT_TLS_EXTENSIONS_MAX];
};

/* Fills event (all but implicit) with what the item says, if it says something new. Returns whether it does. */
bool tls_tell(struct tls_connection *connection, enum stream_side side, const struct tls_item *item, struct tls_scratch *scratch,
	struct event_tls *ret_event);

/* A hello of the side has begun and will not be known as a whole, because a gap follows, or the other side goes on, or the
 * connection ends: fills event for it. Returns whether there is one. */
bool tls_tell_broken(struct tls_connection *connection, enum stream_side side, struct event_tls *ret_event);

/* What it came to. both_captured: no side is missing; ended: the connection was seen to end. */
struct event_tls_end tls_end(const struct tls_connection *connection, bool both_captured, bool ended);

#endif
