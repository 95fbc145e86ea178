/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Between a writer, which writes to a stdio stream, and where documents go: a file or pipe that is written as fast as it can be
 * (captures that were recorded: the run waits for it), or a sink that is never waited for (live).
 *
 * Each writer has an output of its own; several may share a file or a sink.
 */
#ifndef SMTPSCOPE_CLI_OUTLET_H
#define SMTPSCOPE_CLI_OUTLET_H

#include <stdbool.h>
#include <stdio.h>

struct outlet;
struct sink; /* report/sink/sink.h */

/* To a stream, which stays the caller's. NULL when there is no memory. */
struct outlet *outlet_to_file(FILE *file);

/* To a sink, which stays the caller's. screen: the stream of the terminal that the sink writes to, or NULL. NULL when there is
 * no memory. */
struct outlet *outlet_to_sink(struct sink *sink, FILE *screen);

/* Where the writer is to write. */
FILE *outlet_stream(const struct outlet *outlet);

/* What the writer is to ask whether it is a terminal. */
FILE *outlet_screen(const struct outlet *outlet);

/* A document is complete. Each returns 0 or a negative errno; a sink's troubles are its own. */
int outlet_commit(struct outlet *outlet);

/* Nothing more is to be written for now. */
int outlet_flush(struct outlet *outlet);

/* Accepts NULL. */
void outlet_destroy(struct outlet *outlet);

#endif
