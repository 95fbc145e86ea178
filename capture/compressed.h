/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Compressed files as stdio streams: gzip (RFC 1952) and zstd (RFC 8878), decompressed while they are read.
 */
#ifndef SMTPSCOPE_CAPTURE_COMPRESSED_H
#define SMTPSCOPE_CAPTURE_COMPRESSED_H

#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum compressed_format {
	COMPRESSED_NONE,
	COMPRESSED_GZIP,
	COMPRESSED_ZSTD,
};

/* How many bytes from the start of a file compressed_detect() looks at. */
enum { COMPRESSED_MAGIC_LEN = 4 };

/* What a file is that starts with these bytes; its name does not matter. */
enum compressed_format compressed_detect(const uint8_t *start, size_t start_len);

struct compressed;

/* Makes a stream that reads what is compressed in fd, of which the first start_len bytes (at most COMPRESSED_MAGIC_LEN) have
 * been read already and are at `start`. COMPRESSED_NONE hands the bytes through. Files put behind each other are one file,
 * as for the tools of either format. Reads that a signal interrupts are repeated unless *stop is not 0.
 *
 * Data that is cut off or damaged ends the stream early, after all that could be decompressed; compressed_fault() then says
 * so.
 *
 * Returns 0, and the stream owns fd and *ret_compressed: fclose() ends both. A negative errno: fd still belongs to the
 * caller. */
int compressed_open(int fd, enum compressed_format format, const uint8_t *start, size_t start_len,
	const volatile sig_atomic_t *stop, FILE **ret_file, struct compressed **ret_compressed);

/* Calls back with all that the stream gives out, from then on. */
void compressed_watch(
	struct compressed *compressed, void (*watch)(void *context, const uint8_t *data, size_t len), void *context);

/* What was wrong with the compressed data read so far, in a few words (a constant); NULL when nothing was. */
const char *compressed_fault(const struct compressed *compressed);

#endif
