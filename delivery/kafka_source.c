/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "delivery/kafka_source.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "delivery/kafka_settings.h"

#define SECOND_NS INT64_C(1000000000)
#define SAY_NS (60 * SECOND_NS) /* the same trouble is told of so often */

enum {
	METADATA_MAX = 64,
	ASK_MS = 2000,       /* for what was committed; then it is asked again */
	TROUBLE_MAX = 300,
};

static const char metadata_prefix[] = "smtpscope from=";

struct kafka_source {
	struct delivery *delivery;
	struct kafka_source_events events;
	rd_kafka_conf_t *conf;             /* until it is started */
	rd_kafka_t *kafka;
	int total;                         /* partitions of the topic; -1: not known */
	rd_kafka_topic_partition_list_t *owned; /* ours */
	rd_kafka_topic_partition_list_t *marked; /* for the next commit */
	rd_kafka_message_t *message;       /* the latest; the caller has its data */
	bool paused, stopping, fatal;
	volatile sig_atomic_t hurried;
	struct kafka_source_stats stats;
	bool down_told;
	char trouble[TROUBLE_MAX];         /* what was said last */
	int64_t trouble_ns;
};

static int64_t monotonic_ns(void) {
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * SECOND_NS + now.tv_nsec;
}

/* ---- What is said ---- */

static void say(struct kafka_source *source, const char *what, const char *reason) {
	char text[TROUBLE_MAX + 256];
	snprintf(text, sizeof(text), "%s: %s%s%s", source->delivery->destination->name, what, reason[0] != '\0' ? ": " : "", reason);
	source->events.say(source->events.context, text);
}

/* Once, and again when it lasts. */
static void say_trouble(struct kafka_source *source, const char *what, const char *reason) {
	char trouble[TROUBLE_MAX];
	snprintf(trouble, sizeof(trouble), "%s %s", what, reason);
	int64_t now_ns = monotonic_ns();
	if (strcmp(trouble, source->trouble) == 0 && now_ns - source->trouble_ns < SAY_NS)
		return;
	memcpy(source->trouble, trouble, sizeof(trouble));
	source->trouble_ns = now_ns;
	say(source, what, reason);
}

static void note_down(struct kafka_source *source, const char *reason) {
	source->stats.up = false;
	if (source->down_told)
		return;
	source->down_told = true;
	say(source, "no broker can be reached, waiting", reason);
}

static void note_up(struct kafka_source *source) {
	if (source->down_told)
		say(source, "there is a broker again", "");
	source->down_told = false;
	source->stats.up = true;
	source->trouble[0] = '\0';
}

static void on_error(rd_kafka_t *kafka, int code, const char *reason, void *context) {
	struct kafka_source *source = context;
	source->stats.errors++;
	if (code == RD_KAFKA_RESP_ERR__FATAL) {
		source->fatal = true;
		say(source, "cannot go on", reason);
	} else if (code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) {
		note_down(source, "");
	} else if (code == RD_KAFKA_RESP_ERR__TRANSPORT || code == RD_KAFKA_RESP_ERR__RESOLVE) {
		/* Of one broker; whether others are there is told by itself. */
		source->stats.up = source->stats.up && !source->down_told;
	} else {
		say_trouble(source, rd_kafka_err2str((rd_kafka_resp_err_t)code), reason);
	}
}

/* ---- Partitions come and go ---- */

int64_t kafka_source_parse_metadata(const char *metadata, size_t len, int64_t committed_offset) {
	char text[METADATA_MAX];
	const size_t prefix = sizeof(metadata_prefix) - 1;
	if (metadata == NULL || len >= sizeof(text) || len <= prefix || memcmp(metadata, metadata_prefix, prefix) != 0)
		return -1;
	memcpy(text, metadata, len);
	text[len] = '\0';
	char *end;
	errno = 0;
	if (text[prefix] < '0' || text[prefix] > '9')
		return -1;
	long long first = strtoll(text + prefix, &end, 10);
	return *end == '\0' && errno == 0 && first <= committed_offset ? (int64_t)first : -1;
}

/* Asks what was committed, as long as it takes. False: it is not known, and no answer is waited for any more. */
static bool ask_committed(struct kafka_source *source, rd_kafka_topic_partition_list_t *list) {
	while (!source->hurried && !source->stopping && !rd_kafka_assignment_lost(source->kafka)) {
		rd_kafka_resp_err_t error = rd_kafka_committed(source->kafka, list, ASK_MS);
		for (int i = 0; i < list->cnt && error == RD_KAFKA_RESP_ERR_NO_ERROR; i++)
			error = list->elems[i].err;
		if (error == RD_KAFKA_RESP_ERR_NO_ERROR)
			return true;
		say_trouble(source, "the group's offsets cannot be read, waiting", rd_kafka_err2str(error));
	}
	return false;
}

static void count_partitions(struct kafka_source *source) {
	const struct rd_kafka_metadata *metadata;
	if (rd_kafka_metadata(source->kafka, 0, NULL, &metadata, ASK_MS) != RD_KAFKA_RESP_ERR_NO_ERROR)
		return;
	for (int i = 0; i < metadata->topic_cnt; i++)
		if (strcmp(metadata->topics[i].topic, source->delivery->destination->topic) == 0)
			source->total = metadata->topics[i].partition_cnt;
	rd_kafka_metadata_destroy(metadata);
}

static void forget_error(rd_kafka_error_t *error) {
	if (error != NULL)
		rd_kafka_error_destroy(error);
}

static bool is_cooperative(struct kafka_source *source) {
	return strcmp(rd_kafka_rebalance_protocol(source->kafka), "COOPERATIVE") == 0;
}

/* Without an answer about offsets the group's own are right for reading, if not for knowing what was. */
static void assign(struct kafka_source *source, rd_kafka_topic_partition_list_t *list) {
	struct kafka_source_events *events = &source->events;
	bool known = list->cnt == 0 || ask_committed(source, list);
	if (list->cnt > 0)
		count_partitions(source);
	for (int i = 0; i < list->cnt; i++) {
		rd_kafka_topic_partition_t *one = &list->elems[i];
		int64_t committed = known && one->offset >= 0 ? one->offset : -1;
		int64_t first = committed >= 0 ? kafka_source_parse_metadata(one->metadata, one->metadata_size, committed) : -1;
		if (first < 0)
			first = committed;
		one->offset = first >= 0 ? first : RD_KAFKA_OFFSET_STORED;
		rd_kafka_topic_partition_list_add(source->owned, one->topic, one->partition);
		events->assigned(events->context, one->partition, committed, first);
	}
	if (is_cooperative(source))
		forget_error(rd_kafka_incremental_assign(source->kafka, list));
	else
		rd_kafka_assign(source->kafka, list);
	if (source->paused && list->cnt > 0)
		rd_kafka_pause_partitions(source->kafka, list);
	events->assignment(events->context);
	note_up(source);
}

static void unassign(struct kafka_source *source, rd_kafka_topic_partition_list_t *list) {
	struct kafka_source_events *events = &source->events;
	if (!rd_kafka_assignment_lost(source->kafka))
		events->revoking(events->context);
	for (int i = 0; i < list->cnt; i++) {
		rd_kafka_topic_partition_list_del(source->owned, list->elems[i].topic, list->elems[i].partition);
		rd_kafka_topic_partition_list_del(source->marked, list->elems[i].topic, list->elems[i].partition);
		events->revoked(events->context, list->elems[i].partition);
	}
	if (is_cooperative(source))
		forget_error(rd_kafka_incremental_unassign(source->kafka, list));
	else
		rd_kafka_assign(source->kafka, NULL);
}

static void on_rebalance(rd_kafka_t *kafka, rd_kafka_resp_err_t what, rd_kafka_topic_partition_list_t *list, void *context) {
	struct kafka_source *source = context;
	source->stats.rebalances++;
	if (what == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS)
		assign(source, list);
	else
		unassign(source, list);
}

/* The group has changed meanwhile: who has the partition now commits. */
static bool is_of_rebalance(rd_kafka_resp_err_t error) {
	return error == RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION || error == RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS ||
		error == RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID;
}

static void on_commit(rd_kafka_t *kafka, rd_kafka_resp_err_t error, rd_kafka_topic_partition_list_t *list, void *context) {
	struct kafka_source *source = context;
	struct kafka_source_events *events = &source->events;
	if (error == RD_KAFKA_RESP_ERR__NO_OFFSET)
		return;
	for (int i = 0; list != NULL && i < list->cnt; i++) {
		if (error == RD_KAFKA_RESP_ERR_NO_ERROR)
			error = list->elems[i].err;
		if (list->elems[i].err == RD_KAFKA_RESP_ERR_NO_ERROR && error == RD_KAFKA_RESP_ERR_NO_ERROR)
			events->committed(events->context, list->elems[i].partition, list->elems[i].offset);
	}
	source->stats.commits += error == RD_KAFKA_RESP_ERR_NO_ERROR;
	source->stats.commit_errors += error != RD_KAFKA_RESP_ERR_NO_ERROR;
	if (is_of_rebalance(error))
		return;
	if (error != RD_KAFKA_RESP_ERR_NO_ERROR)
		say_trouble(source, "offsets cannot be committed", rd_kafka_err2str(error));
	else
		note_up(source);
}

/* ---- Its life ---- */

int kafka_source_create(struct delivery *delivery, const struct kafka_source_events *events, struct kafka_source **ret_source,
	char error[KAFKA_SOURCE_ERROR_MAX]) {
	_Static_assert((int)KAFKA_SOURCE_ERROR_MAX >= (int)KAFKA_SETTINGS_ERROR_MAX, "the text fits");
	struct kafka_source *source = calloc(1, sizeof(*source));
	snprintf(error, KAFKA_SOURCE_ERROR_MAX, "not enough memory");
	if (source == NULL)
		return -ENOMEM;
	source->delivery = delivery;
	source->total = -1;
	source->events = *events;
	int result = kafka_settings_create(delivery, true, &source->conf, error);
	if (result < 0) {
		free(source);
		return result;
	}
	rd_kafka_conf_set_opaque(source->conf, source);
	rd_kafka_conf_set_error_cb(source->conf, on_error);
	rd_kafka_conf_set_rebalance_cb(source->conf, on_rebalance);
	rd_kafka_conf_set_offset_commit_cb(source->conf, on_commit);
	source->owned = rd_kafka_topic_partition_list_new(16);
	source->marked = rd_kafka_topic_partition_list_new(16);
	*ret_source = source;
	return 0;
}

int kafka_source_start(struct kafka_source *source, char error[KAFKA_SOURCE_ERROR_MAX]) {
	source->kafka = rd_kafka_new(RD_KAFKA_CONSUMER, source->conf, error, KAFKA_SOURCE_ERROR_MAX);
	if (source->kafka == NULL)
		return -EIO;
	source->conf = NULL; /* it has it */
	rd_kafka_poll_set_consumer(source->kafka);
	rd_kafka_topic_partition_list_t *topics = rd_kafka_topic_partition_list_new(1);
	rd_kafka_topic_partition_list_add(topics, source->delivery->destination->topic, RD_KAFKA_PARTITION_UA);
	rd_kafka_resp_err_t result = rd_kafka_subscribe(source->kafka, topics);
	rd_kafka_topic_partition_list_destroy(topics);
	if (result == RD_KAFKA_RESP_ERR_NO_ERROR)
		return 0;
	snprintf(error, KAFKA_SOURCE_ERROR_MAX, "%s", rd_kafka_err2str(result));
	return -EIO;
}

static void drop_message(struct kafka_source *source) {
	if (source->message != NULL)
		rd_kafka_message_destroy(source->message);
	source->message = NULL;
}

int kafka_source_next(struct kafka_source *source, int timeout_ms, struct kafka_source_record *ret_record) {
	drop_message(source);
	source->message = rd_kafka_consumer_poll(source->kafka, timeout_ms);
	if (source->fatal)
		return -EIO;
	const rd_kafka_message_t *message = source->message;
	if (message == NULL)
		return KAFKA_SOURCE_NOTHING;
	*ret_record = (struct kafka_source_record){message->partition, message->offset, message->payload, message->len};
	if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR || message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
		note_up(source);
		return message->err == RD_KAFKA_RESP_ERR_NO_ERROR ? KAFKA_SOURCE_RECORD : KAFKA_SOURCE_END;
	}
	source->stats.errors++;
	say_trouble(source, rd_kafka_err2str(message->err), rd_kafka_message_errstr(message) != NULL ? rd_kafka_message_errstr(message) : "");
	return KAFKA_SOURCE_NOTHING;
}

void kafka_source_pause(struct kafka_source *source, bool pause) {
	if (source->paused == pause)
		return;
	source->paused = pause;
	if (pause)
		rd_kafka_pause_partitions(source->kafka, source->owned);
	else
		rd_kafka_resume_partitions(source->kafka, source->owned);
}

void kafka_source_mark(struct kafka_source *source, int32_t partition, int64_t offset, int64_t first_offset) {
	const char *topic = source->delivery->destination->topic;
	char metadata[METADATA_MAX];
	rd_kafka_topic_partition_t *one = rd_kafka_topic_partition_list_find(source->marked, topic, partition);
	if (one == NULL)
		one = rd_kafka_topic_partition_list_add(source->marked, topic, partition);
	one->offset = offset;
	free(one->metadata);
	int len = snprintf(metadata, sizeof(metadata), "%s%" PRId64, metadata_prefix, first_offset);
	one->metadata = strdup(metadata);
	one->metadata_size = one->metadata != NULL ? (size_t)len : 0;
}

void kafka_source_commit(struct kafka_source *source, bool waits) {
	if (source->marked->cnt == 0)
		return;
	rd_kafka_resp_err_t error = rd_kafka_commit(source->kafka, source->marked, !waits);
	if (waits)
		on_commit(source->kafka, error, source->marked, source);
	else if (error != RD_KAFKA_RESP_ERR_NO_ERROR)
		on_commit(source->kafka, error, NULL, source);
	rd_kafka_topic_partition_list_destroy(source->marked);
	source->marked = rd_kafka_topic_partition_list_new(16);
}

int64_t kafka_source_count_behind(struct kafka_source *source, int32_t partition, int64_t offset) {
	int64_t low, high;
	if (source->kafka == NULL || rd_kafka_get_watermark_offsets(source->kafka, source->delivery->destination->topic, partition, &low, &high) !=
			RD_KAFKA_RESP_ERR_NO_ERROR || high < 0)
		return -1;
	if (offset < low)
		offset = low;
	return high > offset ? high - offset : 0;
}

int kafka_source_count_partitions(const struct kafka_source *source) {
	return source->total;
}

void kafka_source_get_stats(const struct kafka_source *source, struct kafka_source_stats *ret_stats) {
	*ret_stats = source->stats;
}

void kafka_source_hurry(struct kafka_source *source) {
	source->hurried = 1;
}

void kafka_source_stop(struct kafka_source *source) {
	if (source->kafka == NULL || source->stopping)
		return;
	source->stopping = true;
	drop_message(source);
	rd_kafka_consumer_close(source->kafka);
}

void kafka_source_destroy(struct kafka_source *source) {
	if (source == NULL)
		return;
	kafka_source_stop(source);
	if (source->kafka != NULL)
		rd_kafka_destroy(source->kafka);
	if (source->conf != NULL)
		rd_kafka_conf_destroy(source->conf);
	rd_kafka_topic_partition_list_destroy(source->owned);
	rd_kafka_topic_partition_list_destroy(source->marked);
	free(source);
}
