/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "decode/tls.h"

/* ContentType: change_cipher_spec(20), alert(21), handshake(22), application_data(23) */
static enum tls_record record_kind(uint8_t content_type) {
	switch (content_type) {
	case 20:
		return TLS_RECORD_CHANGE_CIPHER_SPEC;
	case 21:
		return TLS_RECORD_ALERT;
	case 22:
		return TLS_RECORD_HANDSHAKE;
	case 23:
		return TLS_RECORD_APPLICATION_DATA;
	default:
		return TLS_RECORD_NONE;
	}
}

bool tls_is_start(const uint8_t *data, size_t len) {
	return len > 0 && data[0] == 22 && (len < 2 || data[1] == 3) && (len < 3 || data[2] <= 4);
}

int tls_next(struct tls_reader *reader, struct slice *input, enum tls_record *ret_record, uint8_t *ret_handshake_type) {
	reader->begun |= input->len > 0;
	while (input->len > 0 && !reader->lost) {
		if (reader->body_left > 0) {
			size_t skip = reader->body_left < input->len ? reader->body_left : input->len;
			reader->body_left -= skip;
			input->data += skip;
			input->len -= skip;
			continue;
		}
		reader->header[reader->header_len++] = (uint8_t)input->data[0];
		input->data++;
		input->len--;
		if (reader->header_len == 3 && (record_kind(reader->header[0]) == TLS_RECORD_NONE || reader->header[1] != 3))
			reader->lost = true;
		size_t body_len = (size_t)reader->header[3] << 8 | reader->header[4];
		if (reader->header_len == 5 && body_len == 0)
			reader->header_len = 0;
		if (reader->header_len < sizeof(reader->header))
			continue;
		reader->header_len = 0;
		reader->body_left = body_len - 1;
		*ret_record = record_kind(reader->header[0]);
		*ret_handshake_type = *ret_record == TLS_RECORD_HANDSHAKE ? reader->header[5] : 0;
		return 1;
	}
	input->data += input->len;
	input->len = 0;
	return 0;
}
