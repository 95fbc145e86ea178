/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Sorts the facts of any number of sessions by the time of their start, in bounded memory.
 *
 * Sessions that start at the same time are put in an order of their ids (not of the alphabet), and those of the same id in
 * an order of what else they have: the result does not depend on the order in which they were added.
 */
#ifndef SMTPSCOPE_REPORT_SORTER_H
#define SMTPSCOPE_REPORT_SORTER_H

#include "report/facts.h"

enum { SORTER_MEMORY = 64 << 20 }; /* when 0 is asked for */

struct sorter;

/* The directory for what does not fit into memory: $TMPDIR or /tmp. Returns its descriptor, which the caller closes, or a negative
 * errno. */
int sorter_open_directory(void);

/* What does not fit into memory_limit bytes (0: SORTER_MEMORY) goes to files without a name in the directory of directory_fd,
 * which stays the caller's. Without one (a negative errno) sorter_add() fails with that errno when memory is full. NULL when
 * there is no memory. */
struct sorter *sorter_create(size_t memory_limit, int directory_fd);

/* Adds a copy. Returns 0 or a negative errno (-ENOMEM, -ENOSPC, ...), after which the sorter is of no more use. */
int sorter_add(struct sorter *sorter, const struct facts *facts);

/* Calls back for each of them, in order; facts live for the call. Returns 0 or a negative errno. Call once. */
int sorter_run(struct sorter *sorter, void (*next)(void *context, const struct facts *facts), void *context);

/* How many files there are at the moment; 0: all is in memory. */
size_t sorter_file_count(const struct sorter *sorter);

/* Accepts NULL. */
void sorter_destroy(struct sorter *sorter);

#endif
