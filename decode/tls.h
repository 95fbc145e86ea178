/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * TLS records (RFC 8446, 5.1), as far as they are read in clear.
 */
#ifndef SMTPSCOPE_DECODE_TLS_H
#define SMTPSCOPE_DECODE_TLS_H

#include "decode/event.h"

enum tls_record {
	TLS_RECORD_NONE,
	TLS_RECORD_HANDSHAKE,
	TLS_RECORD_CHANGE_CIPHER_SPEC,
	TLS_RECORD_ALERT,
	TLS_RECORD_APPLICATION_DATA,
};

/* One side's records. */
struct tls_reader { /* zero-filled at start */
	uint8_t header[6]; /* record header and the handshake type behind it */
	size_t header_len;
	size_t body_left;  /* of the current record */
	bool begun;        /* something was read */
	bool lost;         /* no more record boundaries: a gap, or not TLS at all */
};

static inline bool tls_is_untouched(const struct tls_reader *reader) {
	return !reader->begun && !reader->lost;
}

/* Can bytes that start like this be TLS? Needs one byte; looks at up to three. */
bool tls_is_start(const uint8_t *data, size_t len);

/* Takes bytes from the front of input up to the first six bytes of a record. Returns 1 with the kind of the record and, for a
 * handshake record, the type of its first message (1 ClientHello, 2 ServerHello); 0 when all bytes were taken. */
int tls_next(struct tls_reader *reader, struct slice *input, enum tls_record *ret_record, uint8_t *ret_handshake_type);

#endif
