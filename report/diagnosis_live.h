/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Diagnoses while they happen: told when they are new, again when they change, and once more when they are over.
 *
 * Sessions become known when they end and belong where they began. So they wait here until no session that is still open began
 * before them, but half a minute at most; the diagnoser is robust against what comes later than that. From time to time
 * conclusions are drawn and compared with what was told.
 *
 * All memory is bounded, for weeks: what was not seen for long is forgotten, and of a flood of diagnoses the worst are told.
 * One thread calls all of this.
 */
#ifndef SMTPSCOPE_REPORT_DIAGNOSIS_LIVE_H
#define SMTPSCOPE_REPORT_DIAGNOSIS_LIVE_H

#include "report/diagnosis.h"

struct diagnosis_live_options {
	struct diagnoser_options diagnoser; /* copied; "watching" is set in any case */
	int64_t memory_ns;      /* what was not seen for so long is forgotten; 0: seven days */
	size_t waiting_max;     /* bytes of sessions that wait for earlier ones; 0: 8 MiB */
	size_t tracked_max;     /* diagnoses that are followed at a time; 0: 4096 */
	/* The time by which work is measured, in nanoseconds from any point on; never goes back. */
	int64_t (*clock)(void *context);
	/* A diagnosis with its state; lives for the call. Returns 0 or a negative errno, which the caller of the functions below
	 * gets; the diagnosis counts as told. */
	int (*publish)(void *context, const struct diagnosis *diagnosis);
	void *context;
};

struct diagnosis_live_stats {
	uint64_t published_new, published_updated, published_closed;
	uint64_t withheld;      /* diagnoses in the latest report for which there was no place among the tracked */
	uint64_t left_out;      /* and those that the report has no place for */
	uint64_t late;          /* sessions that came after others that began later than they */
	uint64_t crowded;       /* sessions that could not wait, for lack of room */
	uint64_t concluded;     /* how often conclusions were drawn */
	int64_t concluding_ns;  /* how long it took the last time */
	size_t open;            /* diagnoses that are not over */
	size_t tracked_size, waiting, waiting_size; /* bytes kept of diagnoses told; sessions that wait, and their bytes */
	struct diagnoser_stats diagnoser;
};

struct diagnosis_live;

/* Returns NULL when there is no memory. What options points to must outlive it. */
struct diagnosis_live *diagnosis_live_create(const struct diagnosis_live_options *options);

/* A session that ended. Nothing of facts is kept by reference. Returns 0 or -ENOMEM, and the session is lost. */
int diagnosis_live_add(struct diagnosis_live *live, const struct facts *facts);

/* Time goes on. now_ns: the time of the packets; it does not go back, whatever is said. oldest_open_start_ns: the start of the
 * oldest session that did not end yet; 0: there is none. Call after some additions, and every second or so without any. Publishes
 * what is to be told; returns 0 or the first error of publish. Draws conclusions at most every second, and so rarely that it
 * takes a twentieth of the time. */
int diagnosis_live_advance(struct diagnosis_live *live, int64_t now_ns, int64_t oldest_open_start_ns);

/* Nothing more will come: nobody waits any more, and what has changed is told. Nothing is closed that did not end. */
int diagnosis_live_finish(struct diagnosis_live *live);

/* All of it, as at the end of a capture; lives until the next call of any of these functions. */
const struct diagnosis_report *diagnosis_live_report(struct diagnosis_live *live);

void diagnosis_live_get_stats(struct diagnosis_live *live, struct diagnosis_live_stats *ret_stats);

/* Accepts NULL. */
void diagnosis_live_destroy(struct diagnosis_live *live);

#endif
