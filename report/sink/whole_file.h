/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Appends documents to a regular file so that it never ends in the middle of one for longer than a write takes.
 */
#ifndef SMTPSCOPE_REPORT_SINK_WHOLE_FILE_H
#define SMTPSCOPE_REPORT_SINK_WHOLE_FILE_H

#include <sys/types.h>

#include "report/sink/batch.h"

/* The system calls that may fail, for tests that let them. */
struct whole_file_calls {
	ssize_t (*write)(int fd, const void *data, size_t len);
	int (*truncate)(int fd, off_t size);
};

extern const struct whole_file_calls whole_file_system;

struct whole_file {
	int fd; /* -1: none */
	const struct whole_file_calls *calls;
	uint64_t size; /* up to the end of the last whole document */
	bool torn;     /* there is more behind it, to be cut off before anything else is written */
	bool shared;   /* standard output: the descriptor's offset moves, and is put back after a cut */
};

/* How many of the batch's documents from done_count on fit into a file that may have size_max bytes in all (0: any number),
 * as bytes after done. */
size_t whole_file_fits(const struct whole_file *file, const struct batch *batch, uint64_t size_max);

/* Appends the next len bytes of the batch, which end with a document. Returns 0 when all of them are written. A negative
 * errno: those before batch->done are, and the file was cut back to there. When others write to the same file, nothing is
 * cut and batch->done can be within a document: the next call goes on there. */
int whole_file_append(struct whole_file *file, struct batch *batch, size_t len);

#endif
