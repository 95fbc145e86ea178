/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * When the kernel dropped packets for lack of room: which sessions may have lost some of theirs.
 *
 * The kernel only counts, so the count is looked at every now and then, and a packet was dropped between two looks. Packets that
 * waited in the kernel's ring are read later than the count is; so sessions are compared by the times of their packets, and not
 * by when they were read.
 */
#ifndef SMTPSCOPE_CLI_DROP_HISTORY_H
#define SMTPSCOPE_CLI_DROP_HISTORY_H

#include <stddef.h>
#include <stdint.h>

enum { DROP_HISTORY_MAX = 512 };

/* Zero-filled at the start: nothing is known to be dropped, and nothing was looked at. */
struct drop_history {
	/* In the order of time: between from_ns and to_ns the count rose to total. */
	struct drop_period {
		int64_t from_ns, to_ns;
		uint64_t total;
	} periods[DROP_HISTORY_MAX];
	size_t count;
	uint64_t total_before; /* the first of them */
	int64_t looked_ns; /* the latest look */
	uint64_t total;    /* as of then */
};

/* Of a look at the count, `total` since the capture began, at a time since 1970. A clock that was set back begins a new history. */
void drop_history_note(struct drop_history *history, int64_t time_ns, uint64_t total);

/* How many packets may have been dropped between two times, as far as is known by now. Never less than there were; what
 * happened before is known the less exactly the longer ago it was. */
uint64_t drop_history_count(const struct drop_history *history, int64_t from_ns, int64_t to_ns);

#endif
