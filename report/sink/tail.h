/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The end of a file that somebody stopped writing in the middle: kill -9, power loss.
 */
#ifndef SMTPSCOPE_REPORT_SINK_TAIL_H
#define SMTPSCOPE_REPORT_SINK_TAIL_H

#include <stdbool.h>
#include <stdint.h>

enum {
	/* A torn line or frame longer than that is taken for something that is not ours. */
	TAIL_MAX = 64 << 20,
};

/* Cuts a regular file, open for reading and writing, back to the end of its last line, or to that of its last whole zstd
 * frame. A file with an end that cannot be a document of ours is not cut: -EBADMSG, and it must not be written to. Returns 0
 * or a negative errno; ret_size: the size it has now; ret_cut: how many bytes were cut off. */
int tail_repair(int fd, bool compressed, uint64_t *ret_size, uint64_t *ret_cut);

#endif
