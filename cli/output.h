/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Between a writer, which writes to a stdio stream, and where documents go: a file or pipe that is written as fast as it can be
 * (captures that were recorded: the run waits for it), or a sink that is never waited for (live).
 *
 * Each writer has an output of its own; several may share a file or a sink.
 */
#ifndef SMTPSCOPE_CLI_OUTPUT_H
#define SMTPSCOPE_CLI_OUTPUT_H

#include <stdbool.h>
#include <stdio.h>

struct output;

/* To a stream, which stays the caller's. NULL when there is no memory. */
struct output *output_to_file(FILE *file);

/* Where the writer is to write. */
FILE *output_stream(const struct output *output);

/* What the writer is to ask whether it is a terminal. */
FILE *output_screen(const struct output *output);

/* A document is complete. Each returns 0 or a negative errno; a sink's troubles are its own. */
int output_commit(struct output *output);

/* Nothing more is to be written for now. */
int output_flush(struct output *output);

/* Accepts NULL. */
void output_destroy(struct output *output);

#endif
