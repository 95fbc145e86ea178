/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Decryption Secrets Blocks in pcapng files, which libpcap skips: looks for them among the bytes that it reads.
 *
 *   block:  type (4), length of all of it (4), body, length again (4)          byte order as the section says
 *   section header 0x0a0d0d0a: byte-order magic 0x1a2b3c4d, ...
 *   secrets        0x0000000a: type of the secrets (4), their length (4), secrets, padding, options
 *   (draft-ietf-opsawg-pcapng, 4.1 and 4.7)
 */
#ifndef SMTPSCOPE_CAPTURE_SECRETS_BLOCK_H
#define SMTPSCOPE_CAPTURE_SECRETS_BLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where the text of key logs goes ("TLSK" blocks), in pieces; with len 0 a block ends. */
struct secrets_block_sink {
	void *context;
	void (*text)(void *context, const void *text, size_t len);
};

enum { SECRETS_BLOCK_HEAD_LEN = 16 };

struct secrets_block_reader { /* zero-filled at start */
	uint8_t head[SECRETS_BLOCK_HEAD_LEN]; /* of the current block */
	size_t head_len;
	uint64_t secret_left; /* bytes of secrets that are to come */
	uint64_t skip;        /* bytes of the block behind them */
	bool big_endian;
	bool begun;           /* the first section header was read */
	bool ended;           /* it is not pcapng, or damaged: nothing more is looked for */
};

/* Takes the next bytes of the file. */
void secrets_block_feed(struct secrets_block_reader *reader, const uint8_t *data, size_t len, const struct secrets_block_sink *sink);

#endif
