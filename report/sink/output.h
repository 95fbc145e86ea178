/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Where batches go: standard output or a pipe, a file, or files of a pattern. An output tries, and says what came of it; who
 * drives it tries again. For one thread, but for the counters.
 */
#ifndef SMTPSCOPE_REPORT_SINK_OUTPUT_H
#define SMTPSCOPE_REPORT_SINK_OUTPUT_H

#include <stdatomic.h>
#include <sys/types.h>

#include "report/sink/batch.h"
#include "report/sink/whole_file.h"

/* What happens beside the documents. */
struct output_events {
	_Atomic uint64_t files_completed, files_removed, tails_cut, tail_bytes_cut;
	_Atomic uint64_t rejected; /* documents that their receiver refused for good */
	/* Keeps such a document and the reason; NULL: they are only counted. */
	void (*reject)(void *context, const char *reason, const char *document, size_t len);
	void *reject_context;
	void (*say)(void *context, const char *text); /* one line for a person */
	void *say_context;
};

__attribute__((format(printf, 2, 3))) void output_say(struct output_events *events, const char *format, ...);

struct output_settings {
	uint64_t rotate_ns, rotate_bytes;         /* 0: not so */
	uint64_t keep_files, keep_ns, keep_bytes; /* 0: no limit */
	bool compressed;                          /* batches are zstd frames; says how a torn end is found */
	bool owned;                               /* files that are made belong to owner and group */
	uid_t owner;
	gid_t group;
	const struct whole_file_calls *calls; /* NULL: the system's */
};

struct output {
	const struct output_kind *kind;
	struct output_events *events;
};

struct output_kind {
	/* Hands over what is left of the batch. Returns 1: all of it; 0: no more at the moment, ask poll for poll_fd();
	 * negative errno: it failed, and what was done is in the batch. */
	int (*write)(struct output *output, struct batch *batch, int64_t wall_ns);
	/* Called about every second: what is due without documents. */
	void (*tick)(struct output *output, int64_t wall_ns);
	/* Opens the file by its name anew, or completes the file and begins another. Returns 0 or a negative errno. */
	int (*reopen)(struct output *output, int64_t wall_ns);
	/* Completes what is open. */
	int (*finish)(struct output *output, int64_t wall_ns);
	/* The descriptor to wait for, or -1. */
	int (*poll_fd)(const struct output *output);
	/* For what poll_fd() is waited, and no longer than so; both may be NULL: to write, for ever. */
	short (*poll_events)(const struct output *output);
	int64_t (*poll_ns)(const struct output *output);
	/* What was wrong when write() failed last, for a person; NULL: what its errno says. May be NULL. */
	const char *(*describe)(const struct output *output);
	/* How long the receiver wants to be left alone after that; 0: it did not say. May be NULL. */
	int64_t (*pause_ns)(const struct output *output);
	/* The directory that the sandbox must leave open; its descriptor is -1 when there is none. */
	const struct held_directory *(*directory)(const struct output *output);
	void (*destroy)(struct output *output);
};

/* Each opens what must be opened early. Returns 0 or a negative errno; the output is destroyed by its kind's destroy(). */

/* Takes a descriptor that is not closed by us. A regular file is written as a file, anything else as a pipe. */
int output_pipe_open(
	int fd, struct output_events *events, const struct output_settings *settings, struct output **ret_output);

/* A FIFO or device of that path. */
int output_pipe_open_path(const char *path, struct output_events *events, struct output **ret_output);

int output_file_open(
	const char *path, struct output_events *events, const struct output_settings *settings, struct output **ret_output);

/* A regular file that is open already. */
int output_file_adopt(
	int fd, struct output_events *events, const struct output_settings *settings, struct output **ret_output);

/* The pattern has passed name_pattern_check(). Completes what an earlier run left. */
int output_rotated_open(const char *directory, const char *pattern, int64_t wall_ns, struct output_events *events,
	const struct output_settings *settings, struct output **ret_output);

#endif
