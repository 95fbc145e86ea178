/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Records out of a Kafka topic, as a member of a consumer group. Who reads decides what is committed, and when: nothing is on its own.
 *
 * A commit says two things of a partition: up to where all is done (what the group's lag is counted from), and from where on whoever
 * owns the partition next must read again to know what we know. The second one stands in the metadata of the commit.
 *
 * One thread calls all of this; librdkafka has threads of its own from kafka_source_start() on.
 */
#ifndef SMTPSCOPE_DELIVERY_KAFKA_SOURCE_H
#define SMTPSCOPE_DELIVERY_KAFKA_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "delivery/delivery.h"

enum { KAFKA_SOURCE_ERROR_MAX = 256 };

struct kafka_source;

/* What happens beside the records, within kafka_source_next() and kafka_source_stop(). */
struct kafka_source_events {
	/* A partition is ours. Reading begins at first_offset; what is before committed_offset was done already. Both are -1 when nothing was
	 * ever committed. */
	void (*assigned)(void *context, int32_t partition, int64_t committed_offset, int64_t first_offset);
	/* After all of them, perhaps none. */
	void (*assignment)(void *context);
	/* Some are about to be somebody else's: the last chance to commit. */
	void (*revoking)(void *context);
	/* It is not ours any more. */
	void (*revoked)(void *context, int32_t partition);
	/* The broker has the commit. */
	void (*committed)(void *context, int32_t partition, int64_t offset);
	void (*say)(void *context, const char *text); /* one line for a person */
	void *context;
};

struct kafka_source_record {
	int32_t partition;
	int64_t offset;
	const char *data; /* until the next call; NULL: it has no value */
	size_t len;
};

enum kafka_source_result {
	KAFKA_SOURCE_NOTHING, /* came in time */
	KAFKA_SOURCE_RECORD,
	KAFKA_SOURCE_END, /* of a partition, for now: offset is that of the record to come */
};

struct kafka_source_stats {
	uint64_t rebalances;    /* changes of what is ours */
	uint64_t errors;        /* that librdkafka told of */
	uint64_t commits, commit_errors; /* of one or more partitions */
	bool up;                /* the last that was heard of the brokers is good */
};

/* Prepares, before the sandbox is entered: delivery is initialized, has a destination with a group, and outlives the source. Returns 0, or a
 * negative errno after writing what is wrong into error. */
int kafka_source_create(struct delivery *delivery, const struct kafka_source_events *events, struct kafka_source **ret_source,
	char error[KAFKA_SOURCE_ERROR_MAX]);

/* Starts threads and joins the group. Returns 0 or a negative errno after writing what is wrong into error. */
int kafka_source_start(struct kafka_source *source, char error[KAFKA_SOURCE_ERROR_MAX]);

/* The next record, or what else comes first. Has to be called at least once in five minutes, or the group goes on without us. Returns
 * an enum kafka_source_result, or a negative errno when nothing will come any more, which was said. */
int kafka_source_next(struct kafka_source *source, int timeout_ms, struct kafka_source_record *ret_record);

/* No more records until it is taken back; all else goes on. */
void kafka_source_pause(struct kafka_source *source, bool pause);

/* Adds to the next kafka_source_commit(): up to `offset` all is done, and the next owner reads from first_offset on. */
void kafka_source_mark(struct kafka_source *source, int32_t partition, int64_t offset, int64_t first_offset);

/* Commits what was marked. waits: until the broker has answered. */
void kafka_source_commit(struct kafka_source *source, bool waits);

/* How many records of a partition there are behind an offset, as far as is known; -1: it is not. */
int64_t kafka_source_count_behind(struct kafka_source *source, int32_t partition, int64_t offset);

/* How many partitions the topic had when some of them became ours; -1: it is not known. */
int kafka_source_count_partitions(const struct kafka_source *source);

void kafka_source_get_stats(const struct kafka_source *source, struct kafka_source_stats *ret_stats);

/* Makes whatever waits for an answer return soon. May be called in a signal handler. */
void kafka_source_hurry(struct kafka_source *source);

/* Leaves the group, which calls back for each partition. */
void kafka_source_stop(struct kafka_source *source);

/* Accepts NULL. */
void kafka_source_destroy(struct kafka_source *source);

/* Reads "from=N" out of the metadata of a commit: -1 when there is none, or none that can be. */
int64_t kafka_source_parse_metadata(const char *metadata, size_t len, int64_t committed_offset);

#endif
