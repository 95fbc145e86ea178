/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Removes the oldest files of a pattern when there are too many, too old ones, or too much of them. No other file is ever
 * touched. Old is what was changed long ago; of the same moment, what has the lower number in its name.
 */
#ifndef SMTPSCOPE_REPORT_SINK_KEEP_H
#define SMTPSCOPE_REPORT_SINK_KEEP_H

#include <stdint.h>

struct keep_limits {
	uint64_t files, age_ns, bytes; /* 0: no limit */
};

/* Applies the limits to the regular files in the directory whose names match. used_bytes: what counts beside them (the file
 * that is being written). Returns how many were removed, or a negative errno when something could not be; it goes on with
 * the others then. */
int64_t keep_apply(
	int directory_fd, const char *pattern, const struct keep_limits *limits, uint64_t used_bytes, int64_t wall_ns);

#endif
