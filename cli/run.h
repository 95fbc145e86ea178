/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The wiring: frames -> link -> flow table -> sessions -> records -> reporter.
 */
#ifndef SMTPSCOPE_CLI_RUN_H
#define SMTPSCOPE_CLI_RUN_H

#include "cli/options.h"
#include "cli/reporter.h"

struct run;

/* Prepares a run. With channels in `wanted` their outlets are written to, and entry_outlet is of no use. Complete documents go to the output of `wanted`, single steps, if the format wants them, to entry_outlet; both
 * stay the caller's. Returns 0, or a negative errno after a line on stderr. */
int run_create(const struct reporter_options *wanted, struct outlet *entry_outlet, struct run **ret_run);

/* Starts its thread: from here on the process has more than one. Returns 0 or a negative errno. */
int run_start(struct run *run);

/* Reads one capture to its end or as far as it can be read, from a descriptor that it takes over, or complains of the negative errno
 * in its place. name is what documents call it, and must outlive the run; shown_name is what messages call it. Returns 0, or a
 * negative errno after a line on stderr. */
int run_file(struct run *run, int fd, const char *name, const char *shown_name);

/* Reads from interfaces until run_stop(). The source stays the caller's. Returns 0, or a negative errno and *ret_error. */
int run_live(struct run *run, struct source *source, struct source_error *ret_error);

/* For the tick of the source that run_live() reads, within it. */
void run_tick(struct run *run, int64_t monotonic_ns, int64_t wall_ns);

/* Before run_tick(): how many packets the kernel has dropped since the beginning, as of a time since 1970. Sessions with packets
 * from about then say so. */
void run_note_drops(struct run *run, int64_t wall_ns, uint64_t total);

/* What was seen so far; the arrays that it points to live as long as the run, and until the next call. The reporter fills in the
 * rest. */
void run_get_statistics(struct run *run, struct writer_statistics *ret_statistics);

/* The pools of memory whose amount the network decides, appended to an array with room for them. */
void run_get_pools(struct run *run, struct writer_pool *pools, size_t *count);

/* Packets that could not be kept, for evidence. */
uint64_t run_packets_dropped(const struct run *run);

/* For reporter_statistics(), within run_live(). */
struct reporter *run_reporter(struct run *run);

/* Writes what is left, after the last capture. extra: fills in what the run knows nothing of; may be NULL. Returns 0; 1 when no
 * diagnosis could be made, after a line on stderr; or the negative errno of the first write that failed. */
int run_end(struct run *run, void (*extra)(void *context, struct writer_statistics *statistics), void *context);

/* Makes run_file() and run_live() return soon. May be called from a signal handler. */
void run_stop(struct run *run);

/* Accepts NULL. */
void run_destroy(struct run *run);

#endif
