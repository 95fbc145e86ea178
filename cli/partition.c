/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/partition.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/conclusion.h"
#include "cli/recent.h"
#include "cli/rewind.h"
#include "report/sink/destination.h"

#define SECOND_NS INT64_C(1000000000)
#define MINUTE_NS (60 * SECOND_NS)
#define HOUR_NS (60 * MINUTE_NS)
#define DAY_NS (24 * HOUR_NS)

#define STEP_NS (30 * SECOND_NS) /* between conclusions; so long sessions wait for others anyway */
#define LATE_NS (30 * SECOND_NS) /* so long what has happened may be on its way here */
/* What is remembered for less than it takes to tell could be forgotten before it was told. */
#define WINDOW_MIN_NS (600 * SECOND_NS)

enum { SORTER_LIMIT = 16 << 20 };

struct partition {
	int32_t number;
	struct partition_options wanted;
	struct conclusion *conclusion; /* on and on, */
	struct sorter *sorter;         /* or until the end */
	struct recent *recent;
	struct rewind rewind;
	int64_t committed, resumed;    /* offsets: committed by now, and when it became ours; -1: none */
	int64_t next;                  /* of the record to come; -1: not known */
	int64_t latest_ns;             /* the time of the sessions */
	int64_t now_ns;                /* what the conclusions know of it */
	int64_t at_end_since_ns;       /* 0: there is more */
	bool any_new, ended;
	struct tallies tallies;        /* its diagnoses */
};

static int publish(void *context, const struct diagnosis *diagnosis) {
	static const enum tallies_change changes[] = {
		[DIAGNOSIS_STATE_NEW] = TALLIES_BEGUN,
		[DIAGNOSIS_STATE_UPDATED] = TALLIES_CHANGED,
		[DIAGNOSIS_STATE_CLOSED] = TALLIES_ENDED,
	};
	struct partition *partition = context;
	tallies_add_diagnosis(&partition->tallies, diagnosis->id, changes[diagnosis->state]);
	return partition->wanted.publish(partition->wanted.context, diagnosis, changes[diagnosis->state]);
}

/* What depends on the machine's speed would not come again. */
static int64_t log_clock(void *context) {
	return ((const struct partition *)context)->now_ns;
}

struct partition *partition_create(
	const struct partition_options *wanted, int32_t number, int64_t committed_offset, int64_t first_offset) {
	const struct options *options = wanted->options;
	struct partition *partition = calloc(1, sizeof(*partition));
	if (partition == NULL)
		return NULL;
	partition->number = number;
	partition->wanted = *wanted;
	partition->committed = partition->resumed = committed_offset;
	partition->next = first_offset;
	rewind_init(&partition->rewind, options->diagnosis_memory_ns > WINDOW_MIN_NS ? options->diagnosis_memory_ns : WINDOW_MIN_NS);
	if (options->session_topic->until_end)
		partition->sorter = sorter_create(SORTER_LIMIT, wanted->directory_fd);
	else
		partition->conclusion = conclusion_create_replayed(options, wanted->apart, log_clock, publish, partition);
	partition->recent = recent_create();
	if (partition->recent != NULL && (partition->sorter != NULL || partition->conclusion != NULL))
		return partition;
	partition_destroy(partition);
	return NULL;
}

int32_t partition_number(const struct partition *partition) {
	return partition->number;
}

bool partition_note_record(struct partition *partition, int64_t offset) {
	partition->next = offset + 1;
	partition->at_end_since_ns = 0;
	partition->any_new |= offset >= partition->resumed;
	return offset < partition->resumed;
}

/* ---- Time ---- */

/* When conclusions are to be drawn next. Where nothing happens there is less and less to be concluded. */
static int64_t next_step(const struct partition *partition) {
	static const struct {
		int64_t silent_ns, step_ns;
	} rows[] = {{DAY_NS, DAY_NS}, {HOUR_NS, HOUR_NS}, {20 * MINUTE_NS, 5 * MINUTE_NS}, {2 * MINUTE_NS, MINUTE_NS}, {INT64_MIN, STEP_NS}};
	size_t row = 0;
	while (partition->now_ns - partition->latest_ns < rows[row].silent_ns)
		row++;
	return (partition->now_ns / rows[row].step_ns + 1) * rows[row].step_ns;
}

static int pass_time(struct partition *partition, int64_t until_ns) {
	int error = 0;
	for (int64_t step_ns; error == 0 && (step_ns = next_step(partition)) <= until_ns;) {
		partition->now_ns = step_ns;
		error = conclusion_advance(partition->conclusion, step_ns, 1);
	}
	return error;
}

/* A clock that is wrong does not make it later than it is. */
static int64_t time_of(const struct facts *facts, int64_t wall_ns) {
	int64_t time_ns = facts->end_ns < wall_ns ? facts->end_ns : wall_ns;
	return time_ns > 0 ? time_ns : 1;
}

int partition_add(struct partition *partition, struct facts *facts, int64_t wall_ns) {
	int64_t time_ns = time_of(facts, wall_ns);
	int error = 0;
	rewind_note(&partition->rewind, partition->next - 1, time_ns);
	if (partition->sorter != NULL)
		return sorter_add(partition->sorter, facts);
	if (recent_add(partition->recent, facts->id.data, facts->id.len))
		return 1;
	if (partition->latest_ns == 0)
		partition->now_ns = time_ns;
	else
		error = pass_time(partition, time_ns);
	if (time_ns > partition->latest_ns)
		partition->latest_ns = time_ns;
	conclusion_add(partition->conclusion, facts);
	return error;
}

void partition_reach_end(struct partition *partition, int64_t offset, int64_t monotonic_ns) {
	if (partition->next < offset)
		partition->next = offset; /* it may be empty, or end with what is no record */
	if (partition->at_end_since_ns == 0)
		partition->at_end_since_ns = monotonic_ns;
	partition->ended = true;
}

bool partition_is_at_end(const struct partition *partition) {
	return partition->at_end_since_ns != 0;
}

bool partition_has_ended(const struct partition *partition) {
	return partition->ended;
}

int partition_pass(struct partition *partition, int64_t monotonic_ns) {
	if (partition->at_end_since_ns == 0 || partition->latest_ns == 0 || partition->conclusion == NULL)
		return 0;
	return pass_time(partition, partition->latest_ns + monotonic_ns - partition->at_end_since_ns - LATE_NS);
}

int partition_finish(struct partition *partition) {
	return partition->conclusion != NULL && partition->latest_ns != 0 ? conclusion_write(partition->conclusion, NULL) : 0;
}

struct sorter *partition_sessions(struct partition *partition) {
	return partition->any_new ? partition->sorter : NULL;
}

/* ---- Offsets ---- */

bool partition_position(const struct partition *partition, int64_t *ret_offset, int64_t *ret_first_offset) {
	if (partition->next < 0 || partition->next <= partition->committed)
		return false;
	int64_t first = rewind_find(&partition->rewind);
	*ret_offset = partition->next;
	*ret_first_offset = first >= 0 ? first : partition->next;
	return true;
}

int64_t partition_next(const struct partition *partition) {
	return partition->next;
}

void partition_note_commit(struct partition *partition, int64_t offset) {
	if (offset > partition->committed)
		partition->committed = offset;
}

uint64_t partition_not_committed(const struct partition *partition) {
	int64_t since = partition->committed >= 0 ? partition->committed : 0;
	return partition->next > since ? (uint64_t)(partition->next - since) : 0;
}

void partition_forget_open(const struct partition *partition, struct tallies *tallies) {
	for (size_t i = 0; i < partition->tallies.diagnosis_count; i++)
		for (size_t k = 0; k < tallies->diagnosis_count; k++)
			if (strcmp(tallies->diagnoses[k].id, partition->tallies.diagnoses[i].id) == 0)
				tallies->diagnoses[k].open -= partition->tallies.diagnoses[i].open;
}

void partition_destroy(struct partition *partition) {
	if (partition == NULL)
		return;
	conclusion_destroy(partition->conclusion);
	sorter_destroy(partition->sorter);
	recent_destroy(partition->recent);
	free(partition);
}
