/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Between a writer, which writes to a stdio stream, and where documents go: a file or pipe that is written as fast as it can be
 * (captures that were recorded: the run waits for it), or a sink that is never waited for (live), or several of both.
 *
 * Each writer has an output of its own; several may share a file or a sink.
 */
#ifndef SMTPSCOPE_CLI_OUTLET_H
#define SMTPSCOPE_CLI_OUTLET_H

#include <stdbool.h>
#include <stdio.h>

struct outlet;
struct sink; /* report/sink/sink.h */

/* One of several; either file or sink, which stays the caller's. */
struct outlet_target {
	FILE *file;
	struct sink *sink;
	bool lines; /* each line is a document of its own */
};

/* To a stream, which stays the caller's. NULL when there is no memory. */
struct outlet *outlet_to_file(FILE *file);

/* To a sink, which stays the caller's. screen: the stream of the terminal that the sink writes to, or NULL. NULL when there is
 * no memory. */
struct outlet *outlet_to_sink(struct sink *sink, FILE *screen);

/* To several, which are copied. One that fails is left out from then on. NULL when there is no memory. */
struct outlet *outlet_to_all(const struct outlet_target *targets, size_t count, FILE *screen);

/* Where the writer is to write. */
FILE *outlet_stream(const struct outlet *outlet);

/* What the writer is to ask whether it is a terminal. */
FILE *outlet_screen(const struct outlet *outlet);

/* A document is complete. Each returns 0 or a negative errno, of several when all of them have failed; a sink's troubles are its
 * own. */
int outlet_commit(struct outlet *outlet);

/* Nothing more is to be written for now. */
int outlet_flush(struct outlet *outlet);

/* The negative errno of the first of several that failed, or 0. */
int outlet_error(const struct outlet *outlet);

/* Accepts NULL. */
void outlet_destroy(struct outlet *outlet);

#endif
