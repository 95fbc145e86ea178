/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Capture files as a packet source: pcap and pcapng, of any time precision and byte order, plain or compressed with gzip or
 * zstd.
 */
#ifndef SMTPSCOPE_CAPTURE_FILE_H
#define SMTPSCOPE_CAPTURE_FILE_H

#include "capture/secrets_block.h"
#include "capture/source.h"

/* Reads the capture from the descriptor `fd`, which it takes over whatever comes of it. `name` is what messages call it. `filter` is
 * a pcap-filter(7) expression, or NULL for everything; it hides frames but does not renumber them: frame numbers count all frames
 * of the file, as Wireshark's do.
 *
 * Returns 0 and a source that the caller closes, or a negative errno and a text: it is no capture, of a link type that
 * link_parse() does not know, or the filter is wrong. Both strings are only borrowed for the call. */
int file_open(int fd, const char *name, const char *filter, struct source **ret_source, struct source_error *ret_error);

/* The same, and hands what Decryption Secrets Blocks hold to a sink, before the first frame that comes behind them. */
int file_open_with_secrets(int fd, const char *name, const char *filter, const struct secrets_block_sink *secrets,
	struct source **ret_source, struct source_error *ret_error);

#endif
