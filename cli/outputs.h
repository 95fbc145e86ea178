/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * All that a run writes to: each -w, and the formats in which they want documents. Those with the same format share an outlet, so that a
 * document is rendered once.
 *
 * Live, each has a sink: nobody waits for it. Of files, a file or a pipe is written as fast as it can be, and others have sinks that
 * are waited for.
 */
#ifndef SMTPSCOPE_CLI_OUTPUTS_H
#define SMTPSCOPE_CLI_OUTPUTS_H

#include "cli/channels.h"
#include "cli/sandbox.h"
#include "report/writer.h"

struct outputs;

struct outputs_options {
	const struct options *options; /* must outlive the outputs */
	bool live;
	bool waits; /* live, but nothing is given up when a queue is full: who writes waits */
	const struct sandbox_user *user; /* live: who files belong to */
	int stdout_fd;                   /* live: -1: what goes to standard output is not wanted */
	void (*say)(void *context, const char *text);
	void *context;
};

/* Opens all that must be opened before the sandbox. Returns 0, or a negative errno after a line on stderr. */
int outputs_open(const struct outputs_options *wanted, struct outputs **ret_outputs);

/* The formats and their outlets; they live as long as the outputs. */
const struct channel *outputs_channels(const struct outputs *outputs, size_t *ret_count);

/* What the sandbox must leave: adds to paths, which have room for OUTPUTS_PATHS_MAX more, and says what is connected to. */
enum { OUTPUTS_PATHS_MAX = 4 * OPTIONS_OUTPUTS_MAX + 8 };
void outputs_allow(const struct outputs *outputs, struct sandbox_options *sandbox, struct sandbox_path *paths);

/* How much was handed over until a moment. */
struct outputs_mark {
	uint64_t submitted[OPTIONS_OUTPUTS_MAX];
};

void outputs_get_mark(const struct outputs *outputs, struct outputs_mark *ret_mark);

/* Whether all destinations have what was handed over before the mark, or it is kept with the dead letters. Returns 1; 0: not yet; or
 * -EIO: some of it they have not and will not have. */
int outputs_have(const struct outputs *outputs, const struct outputs_mark *mark);

/* Starts the threads. Returns 0 or a negative errno. */
int outputs_start(struct outputs *outputs);

/* Files are opened anew. From now on nothing is waited for longer than so. Both may be called in a signal handler. */
void outputs_reopen(struct outputs *outputs);
void outputs_hurry(struct outputs *outputs, int64_t deadline_ns);

/* How things stand: all together, and one by one into ret_sinks, which has room for OPTIONS_OUTPUTS_MAX. */
void outputs_get_stats(const struct outputs *outputs, struct writer_output *ret_output, struct writer_sink *ret_sinks);

/* What waits is written, until deadline_ns have passed (< 0: for as long as it takes, or until outputs_hurry()). Returns 0, or a negative errno when something was lost or
 * could not be written, after lines on stderr. Once. */
int outputs_finish(struct outputs *outputs, int64_t deadline_ns);

/* Accepts NULL. */
void outputs_destroy(struct outputs *outputs);

#endif
