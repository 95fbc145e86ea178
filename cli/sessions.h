/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The run without packets: session documents -> facts -> conclusions.
 */
#ifndef SMTPSCOPE_CLI_SESSIONS_H
#define SMTPSCOPE_CLI_SESSIONS_H

#include <signal.h>

#include "cli/channels.h"
#include "cli/inputs.h"
#include "cli/options.h"

/* Reads the documents of all inputs, the files of --sessions, and writes what they say together to the channels. Ends early, as at the end of the
 * last file, when *stop becomes other than 0.
 *
 * directory_fd: for what outgrows memory, as in sorter_create().
 *
 * Returns 0; 1 when something could not be read, after lines on stderr that say what; or the negative errno of the write
 * that failed. */
int sessions_run(const struct options *options, struct inputs *inputs, const struct channel *channels, size_t channel_count,
	const volatile sig_atomic_t *stop, int directory_fd);

#endif
