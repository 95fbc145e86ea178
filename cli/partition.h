/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One partition of a topic of session documents: its own conclusions, so that they are the same whoever else's partitions are read
 * beside it.
 *
 * Time is that of the sessions, not of a clock, and goes on in steps that depend on nothing but the records. So whoever reads the same
 * records again tells the same diagnoses again, in the same documents. Only at the end of the partition, where nothing more is to be
 * read, it goes on with the clock, some way behind.
 */
#ifndef SMTPSCOPE_CLI_PARTITION_H
#define SMTPSCOPE_CLI_PARTITION_H

#include <stdbool.h>
#include <stdint.h>

#include "cli/options.h"
#include "report/diagnosis.h"
#include "report/facts.h"
#include "report/sorter.h"
#include "report/tallies.h"

struct partition;

struct partition_options {
	const struct options *options; /* must outlive it */
	/* Tells a diagnosis; within partition_add(), partition_pass() and partition_finish(). Returns 0 or a negative errno. */
	int (*publish)(void *context, const struct diagnosis *diagnosis, enum tallies_change change);
	void *context;
	bool apart;       /* there are other partitions */
	int directory_fd; /* until the end: for what outgrows memory, as in sorter_create() */
};

/* committed_offset, first_offset: as in kafka_source_events. NULL when there is no memory. */
struct partition *partition_create(const struct partition_options *options, int32_t number, int64_t committed_offset, int64_t first_offset);

int32_t partition_number(const struct partition *partition);

/* A record was read, whatever it is. Returns whether it is one of those that were read before. */
bool partition_note_record(struct partition *partition, int64_t offset);

/* The session of the record that was noted last; facts may be changed. wall_ns: now, which no session ends after. Returns 1: it was there
 * a short while ago; 0; or a negative errno. */
int partition_add(struct partition *partition, struct facts *facts, int64_t wall_ns);

/* There is nothing more behind the record before this one, as of a time by any clock that never goes back. */
void partition_reach_end(struct partition *partition, int64_t offset, int64_t monotonic_ns);

/* Whether that is so, and whether it ever was. */
bool partition_is_at_end(const struct partition *partition);
bool partition_has_ended(const struct partition *partition);

/* Time goes on, at the end of the partition. Returns 0 or a negative errno. */
int partition_pass(struct partition *partition, int64_t monotonic_ns);

/* Nobody waits for more: tells what is not told yet. Returns 0 or a negative errno. */
int partition_finish(struct partition *partition);

/* Until the end: what there is, if any of it came after what was committed; NULL: nothing. It stays the partition's. */
struct sorter *partition_sessions(struct partition *partition);

/* The offset of the record to come, and the one of that which the next owner has to begin with. Returns false when there is nothing to
 * commit. */
bool partition_position(const struct partition *partition, int64_t *ret_offset, int64_t *ret_first_offset);

/* The offset of the record to come; -1: none has come. */
int64_t partition_next(const struct partition *partition);

/* It is committed up to there. */
void partition_note_commit(struct partition *partition, int64_t offset);

/* Records that were read and are not committed. */
uint64_t partition_not_committed(const struct partition *partition);

/* Takes the diagnoses that hold out of the tallies that counted them. */
void partition_forget_open(const struct partition *partition, struct tallies *tallies);

/* Accepts NULL. */
void partition_destroy(struct partition *partition);

#endif
