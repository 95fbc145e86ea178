/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The wiring: frames -> link -> flow table -> sessions -> records -> findings -> writer.
 */
#ifndef SMTPSCOPE_CLI_RUN_H
#define SMTPSCOPE_CLI_RUN_H

#include "cli/options.h"
#include "cli/output.h"

struct run;

/* Prepares a run that writes to the outputs, which stay the caller's: complete documents to the one, single steps, if the format
 * wants them, to the other. directory_fd: for what outgrows memory, as in sorter_create(). NULL when there is no memory. */
struct run *run_create(const struct options *options, struct output *output, struct output *entry_output, int directory_fd);

/* Reads one capture to its end or as far as it can be read, from a descriptor that it takes over, or complains of the negative errno
 * in its place. name is what documents call it, and must outlive the run; shown_name is what messages call it. Returns 0, or a
 * negative errno after a line on stderr. */
int run_file(struct run *run, int fd, const char *name, const char *shown_name);

/* Writes what is left, after the last capture. Returns 0; 1 when no diagnosis could be made, after a line on stderr; or the
 * negative errno of the first write that failed. */
int run_end(struct run *run);

/* Makes run_file() return soon. May be called from a signal handler. */
void run_stop(struct run *run);

/* Accepts NULL. */
void run_destroy(struct run *run);

#endif
