/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The live run: opens what it needs, gives up its privileges, and watches the interfaces until it is told to stop.
 */
#ifndef SMTPSCOPE_CLI_LIVE_H
#define SMTPSCOPE_CLI_LIVE_H

#include <stdint.h>

#include "cli/options.h"

/* Returns the exit status of the program, after lines on stderr if it is not 0. */
int live_main(const struct options *options);

/* Memory of the process, by the descriptor of /proc/self/statm; 0: not known. */
uint64_t live_resident_bytes(int statm_fd);

/* Lists the interfaces on standard output. Returns the exit status. */
int live_list(void);

#endif
