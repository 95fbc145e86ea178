/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A file of documents that a receiver has refused for good, a line each: {"time","sink","reason","document"}. The document is a
 * string, whatever its format is.
 */
#ifndef SMTPSCOPE_REPORT_SINK_DEAD_LETTERS_H
#define SMTPSCOPE_REPORT_SINK_DEAD_LETTERS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct dead_letters;

/* Opens the file to append to; made with mode 0640, and for owner and group if owner is not -1. It takes no more when it has
 * bytes_max. Returns 0 or a negative errno. */
int dead_letters_open(
	const char *path, uint64_t bytes_max, uid_t owner, gid_t group, struct dead_letters **ret_letters);

/* Adds one; from any thread. Returns 0, or a negative errno when it could not be written: -EFBIG: the file is full. */
int dead_letters_add(struct dead_letters *letters, int64_t wall_ns, const char *sink, const char *reason, const char *document,
	size_t len);

/* Accepts NULL. */
void dead_letters_close(struct dead_letters *letters);

#endif
