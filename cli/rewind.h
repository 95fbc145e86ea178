/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * From which record of a log on one has to read again to know what happened since some time: a coarse index of time by offset, of
 * bounded size. Records are about in the order of time; how far one is late does not matter.
 */
#ifndef SMTPSCOPE_CLI_REWIND_H
#define SMTPSCOPE_CLI_REWIND_H

#include <stddef.h>
#include <stdint.h>

enum { REWIND_PARTS = 512, REWIND_ENTRIES = REWIND_PARTS + 8 };

struct rewind_entry {
	int64_t first_offset; /* of the records that it stands for, up to the next entry */
	int64_t began_ns, latest_ns; /* the time when it began, and the latest of its records and of all before */
};

/* Of one partition. */
struct rewind {
	int64_t window_ns;
	struct rewind_entry entries[REWIND_ENTRIES]; /* a ring, the oldest first */
	size_t first, count;
};

/* window_ns: how far back will be asked for. */
void rewind_init(struct rewind *rewind, int64_t window_ns);

/* A record, in the order of offsets. */
void rewind_note(struct rewind *rewind, int64_t offset, int64_t time_ns);

/* The offset from which on all records are whose time is within the window before the latest time, and a part of it (one of
 * REWIND_PARTS) more at most; -1: there was no record yet. */
int64_t rewind_find(const struct rewind *rewind);

#endif
