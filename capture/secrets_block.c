/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "capture/secrets_block.h"

#include <string.h>

enum {
	BLOCK_SECTION_HEADER = 0x0a0d0d0a, /* the same in either byte order */
	BLOCK_SECRETS = 0x0000000a,
	BYTE_ORDER_MAGIC = 0x1a2b3c4d,
	SECRETS_TLS_KEY_LOG = 0x544c534b,
	USUAL_HEAD_LEN = 8, /* of blocks that are skipped */
	BLOCK_LEN_MIN = 12,
};

static uint32_t read_number(const struct secrets_block_reader *reader, const uint8_t *data) {
	return reader->big_endian ? (uint32_t)data[0] << 24 | (uint32_t)data[1] << 16 | (uint32_t)data[2] << 8 | data[3]
				  : (uint32_t)data[3] << 24 | (uint32_t)data[2] << 16 | (uint32_t)data[1] << 8 | data[0];
}

/* How much of the block's beginning must be there to tell what to do with it. */
static size_t head_needed(const struct secrets_block_reader *reader) {
	if (reader->head_len < USUAL_HEAD_LEN)
		return USUAL_HEAD_LEN;
	uint32_t type = read_number(reader, reader->head);
	return type == BLOCK_SECTION_HEADER || type == BLOCK_SECRETS ? SECRETS_BLOCK_HEAD_LEN : USUAL_HEAD_LEN;
}

static void read_byte_order(struct secrets_block_reader *reader) {
	reader->big_endian = true;
	if (read_number(reader, reader->head + 8) == BYTE_ORDER_MAGIC)
		return;
	reader->big_endian = false;
	reader->ended = read_number(reader, reader->head + 8) != BYTE_ORDER_MAGIC;
}

static void begin_block(struct secrets_block_reader *reader) {
	uint32_t type = read_number(reader, reader->head);
	if (type == BLOCK_SECTION_HEADER)
		read_byte_order(reader);
	else if (!reader->begun)
		reader->ended = true;
	reader->begun = true;
	uint32_t len = read_number(reader, reader->head + 4);
	/* As libpcap: a length that is no multiple of four is rounded up. */
	uint64_t whole = ((uint64_t)len + 3) & ~UINT64_C(3);
	if (len < BLOCK_LEN_MIN || whole < reader->head_len)
		reader->ended = true;
	if (reader->ended)
		return;
	reader->skip = whole - reader->head_len;
	reader->secret_left = 0;
	if (type == BLOCK_SECRETS && read_number(reader, reader->head + 8) == SECRETS_TLS_KEY_LOG) {
		uint64_t secret_len = read_number(reader, reader->head + 12);
		reader->secret_left = secret_len < reader->skip ? secret_len : reader->skip;
		reader->skip -= reader->secret_left;
	}
	reader->head_len = 0;
}

static size_t take_secret(struct secrets_block_reader *reader, const uint8_t *data, size_t len, const struct secrets_block_sink *sink) {
	size_t part = len < reader->secret_left ? len : (size_t)reader->secret_left;
	sink->text(sink->context, data, part);
	reader->secret_left -= part;
	if (reader->secret_left == 0)
		sink->text(sink->context, NULL, 0);
	return part;
}

void secrets_block_feed(struct secrets_block_reader *reader, const uint8_t *data, size_t len, const struct secrets_block_sink *sink) {
	while (len > 0 && !reader->ended) {
		size_t part;
		if (reader->secret_left > 0) {
			part = take_secret(reader, data, len, sink);
		} else if (reader->skip > 0) {
			part = len < reader->skip ? len : (size_t)reader->skip;
			reader->skip -= part;
		} else {
			size_t needed = head_needed(reader) - reader->head_len;
			part = len < needed ? len : needed;
			memcpy(reader->head + reader->head_len, data, part);
			reader->head_len += part;
			if (reader->head_len == head_needed(reader))
				begin_block(reader);
		}
		data += part;
		len -= part;
	}
}
