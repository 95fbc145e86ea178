/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The wiring: frames -> link -> flow table -> sessions -> records -> findings -> writer.
 */
#ifndef SMTPSCOPE_CLI_RUN_H
#define SMTPSCOPE_CLI_RUN_H

#include "cli/options.h"

struct run;

/* Prepares a run that writes to out. NULL when there is no memory. */
struct run *run_create(const struct options *options, FILE *out);

/* Reads one capture to its end or as far as it can be read. Returns 0, or a negative errno after a line on stderr. */
int run_file(struct run *run, const char *name);

/* Writes what is left, after the last capture. Returns 0; 1 when no diagnosis could be made, after a line on stderr; or the
 * negative errno of the first write that failed. */
int run_end(struct run *run);

/* Makes run_file() return soon. May be called from a signal handler. */
void run_stop(struct run *run);

/* Accepts NULL. */
void run_destroy(struct run *run);

#endif
