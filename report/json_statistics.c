/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The statistics document as a tree of json-c objects. There is one a run, or one a minute: plainness counts and speed does not.
 */
#include "report/json_statistics.h"

#include "report/escape.h"
#include "report/findings.h"
#include "report/names.h"
#include "report/tallies.h"

enum { NAME_LEN_MAX = 256 };

/* Adds members to an object; remembers the first failure. */
struct builder {
	struct json_object *object;
	bool failed;
};

static struct builder begin(void) {
	struct json_object *object = json_object_new_object();
	return (struct builder){.object = object, .failed = object == NULL};
}

/* Takes value over. NULL is no memory. */
static void add(struct builder *builder, const char *key, struct json_object *value) {
	if (!builder->failed && value != NULL && json_object_object_add(builder->object, key, value) == 0)
		return;
	json_object_put(value);
	builder->failed = true;
}

static void add_built(struct builder *builder, const char *key, struct builder *value) {
	if (value->failed) {
		json_object_put(value->object);
		builder->failed = true;
		return;
	}
	add(builder, key, value->object);
}

static void add_number(struct builder *builder, const char *key, uint64_t number) {
	add(builder, key, json_object_new_uint64(number));
}

static void add_if_any(struct builder *builder, const char *key, uint64_t number) {
	if (number > 0)
		add_number(builder, key, number);
}

/* A name from outside, which json-c would pass on as it is. */
static void add_name(struct builder *builder, const char *key, const char *name) {
	char text[ESCAPE_UTF8_GROWTH * NAME_LEN_MAX];
	bool invalid;
	size_t len = escape_utf8(name, strnlen(name, NAME_LEN_MAX), text, &invalid);
	add(builder, key, json_object_new_string_len(text, (int)len));
}

static void add_time(struct builder *builder, struct json_print *json, const char *key, int64_t time_ns) {
	char text[JSON_TIME_MAX];
	char *end = json_rfc3339(json, text, time_ns);
	add(builder, key, json_object_new_string_len(text, (int)(end - text)));
}

/* Counts by name; what there was none of is not named. */
static void add_named(
	struct builder *builder, const char *key, const uint64_t *counts, const char *const *names, size_t count) {
	struct builder group = begin();
	for (size_t i = 0; i < count; i++)
		if (names[i] != NULL)
			add_if_any(&group, names[i], counts[i]);
	add_built(builder, key, &group);
}

#define ADD_NAMED(builder, key, counts, names) \
	add_named(builder, key, counts, names, sizeof(counts) / sizeof((counts)[0]))

static void add_findings(struct builder *builder, const struct tallies *tallies) {
	struct builder findings = begin(), severities = begin();
	/* In the order of the rules, so that equal runs give equal documents. */
	for (size_t i = 0; findings_id(i) != NULL; i++)
		for (size_t j = 0; j < tallies->finding_count; j++) {
			uint64_t count = 0;
			if (strcmp(tallies->findings[j].id, findings_id(i)) != 0)
				continue;
			for (size_t severity = 0; severity < TALLIES_SEVERITY_COUNT; severity++)
				count += tallies->findings[j].counts[severity];
			add_if_any(&findings, findings_id(i), count);
		}
	for (size_t i = TALLIES_SEVERITY_COUNT; i-- > 0;)
		add_if_any(&severities, findings_severity_name((enum finding_severity)i),
			tallies_of_severity(tallies, (enum finding_severity)i));
	add_built(builder, "findings", &findings);
	add_built(builder, "severities", &severities);
}

static void add_diagnoses(struct builder *builder, const struct tallies *tallies) {
	struct builder published = begin(), open = begin();
	for (size_t i = 0; i < tallies->diagnosis_count; i++) {
		add_if_any(&published, tallies->diagnoses[i].id, tallies->diagnoses[i].published);
		add_if_any(&open, tallies->diagnoses[i].id, tallies->diagnoses[i].open);
	}
	struct builder diagnoses = begin();
	add_built(&diagnoses, "published", &published);
	add_built(&diagnoses, "open", &open);
	add_built(builder, "diagnoses", &diagnoses);
}

static void add_tallies(struct builder *builder, const struct tallies *tallies) {
	ADD_NAMED(builder, "results", tallies->results, names_result);
	ADD_NAMED(builder, "closes", tallies->closes, names_close);
	ADD_NAMED(builder, "mails", tallies->mails, names_mail);
	ADD_NAMED(builder, "logins", tallies->logins, names_attempt);
	add_findings(builder, tallies);
}

static void add_interfaces(struct builder *builder, const struct writer_live *live) {
	static const char *const states[] = {
		[WRITER_INTERFACE_UP] = "up", [WRITER_INTERFACE_DOWN] = "down", [WRITER_INTERFACE_GONE] = "gone"};
	struct json_object *array = json_object_new_array();
	for (size_t i = 0; array != NULL && i < live->interface_count; i++) {
		const struct writer_interface *interface = &live->interfaces[i];
		struct builder row = begin();
		add_name(&row, "name", interface->name);
		add(&row, "state", json_object_new_string(states[interface->state]));
		add_number(&row, "frames", interface->frames);
		add_number(&row, "bytes", interface->bytes);
		add_number(&row, "dropped_by_kernel", interface->dropped_by_kernel);
		add_number(&row, "dropped_by_interface", interface->dropped_by_interface);
		add_number(&row, "outages", interface->outages);
		if (row.failed || json_object_array_add(array, row.object) != 0) {
			json_object_put(row.object);
			json_object_put(array);
			array = NULL;
		}
	}
	add(builder, "interfaces", array);
}

static void add_memory(struct builder *builder, const struct writer_live *live) {
	struct builder memory = begin(), pools = begin();
	add_if_any(&memory, "rss_bytes", live->memory_bytes);
	for (size_t i = 0; i < live->pool_count; i++) {
		struct builder pool = begin();
		add_number(&pool, "bytes", live->pools[i].bytes);
		add_number(&pool, "bytes_max", live->pools[i].bytes_max);
		add_built(&pools, live->pools[i].name, &pool);
	}
	add_built(&memory, "pools", &pools);
	add_built(builder, "memory", &memory);
}

/* What identifies the snapshot comes before the counters. */
static void add_snapshot(struct builder *builder, struct json_print *json, const struct writer_live *live) {
	add(builder, "final", json_object_new_boolean(live->final));
	add(builder, "version", json_object_new_string(live->version != NULL ? live->version : ""));
	add_time(builder, json, "time", live->time_ns);
	add_time(builder, json, "start", live->start_ns);
	add_number(builder, "uptime_ms", (uint64_t)live->uptime_ns / 1000000);
	add_number(builder, "interval_ms", (uint64_t)live->interval_ns / 1000000);
}

static void add_live(struct builder *builder, const struct writer_live *live) {
	add_interfaces(builder, live);
	struct builder flows = begin();
	add_number(&flows, "embryonic", live->flows_embryonic);
	add_number(&flows, "open", live->flows_open);
	add_number(&flows, "closing", live->flows_closing);
	add_built(builder, "flows", &flows);
	add_number(builder, "sessions_open", live->sessions_open);
	add_number(builder, "ignored_segments", live->ignored_segments);
}

static void add_output(struct builder *builder, const struct writer_output *output) {
	struct builder group = begin();
	add_number(&group, "queue_documents", output->queue_documents);
	add_number(&group, "queue_bytes", output->queue_bytes);
	add_number(&group, "spool_documents", output->spool_documents);
	add_number(&group, "spool_bytes", output->spool_bytes);
	add_number(&group, "documents_written", output->documents_written);
	add_number(&group, "bytes_written", output->bytes_written);
	add_number(&group, "documents_lost", output->documents_lost);
	add_number(&group, "write_errors", output->write_errors);
	add_built(builder, "output", &group);
}

static void add_decryption(struct builder *builder, const struct writer_decryption *decryption) {
	struct builder group = begin();
	add_number(&group, "connections", decryption->connections);
	add_number(&group, "decrypted", decryption->decrypted);
	add_number(&group, "secrets_read", decryption->secrets_read);
	add_number(&group, "lines_not_understood", decryption->lines_not_understood);
	add_number(&group, "secrets", decryption->secrets);
	add_number(&group, "secrets_evicted", decryption->secrets_evicted);
	add_built(builder, "decryption", &group);
}

static void add_sinks(struct builder *builder, const struct writer_output *output) {
	struct json_object *sinks = json_object_new_array();
	for (size_t i = 0; sinks != NULL && i < output->sink_count; i++) {
		const struct writer_sink *sink = &output->sinks[i];
		struct builder one = begin();
		add_name(&one, "name", sink->name);
		add_name(&one, "format", sink->format);
		add(&one, "up", json_object_new_boolean(sink->up));
		add_number(&one, "queue_documents", sink->queue_documents);
		add_number(&one, "queue_bytes", sink->queue_bytes);
		add_number(&one, "spool_documents", sink->spool_documents);
		add_number(&one, "spool_bytes", sink->spool_bytes);
		add_number(&one, "documents_written", sink->documents_written);
		add_number(&one, "bytes_written", sink->bytes_written);
		add_number(&one, "documents_rejected", sink->documents_rejected);
		add_number(&one, "documents_lost", sink->documents_lost);
		add_number(&one, "write_errors", sink->write_errors);
		if (one.failed || json_object_array_add(sinks, one.object) < 0) {
			json_object_put(one.object);
			builder->failed = true;
		}
	}
	add(builder, "sinks", sinks);
}

static void add_topic(struct builder *builder, const struct writer_topic *topic) {
	struct builder group = begin();
	uint64_t lag = 0;
	for (size_t i = 0; i < topic->partition_count; i++)
		lag += topic->partitions[i].lag > 0 ? (uint64_t)topic->partitions[i].lag : 0;
	add_name(&group, "name", topic->name);
	add_name(&group, "group", topic->group);
	add(&group, "up", json_object_new_boolean(topic->up));
	add_number(&group, "partitions", topic->partition_count);
	add_number(&group, "records", topic->records);
	add_number(&group, "bytes", topic->bytes);
	add_number(&group, "skipped", topic->skipped);
	add_number(&group, "duplicates", topic->duplicates);
	add_number(&group, "read_again", topic->read_again);
	add_number(&group, "lag", lag);
	add_number(&group, "not_committed", topic->not_committed);
	add_number(&group, "rebalances", topic->rebalances);
	add_number(&group, "commits", topic->commits);
	add_number(&group, "commit_errors", topic->commit_errors);
	add_number(&group, "errors", topic->errors);
	add_built(builder, "topic", &group);
}

static void add_evidence(struct builder *builder, const struct writer_evidence *evidence) {
	struct builder group = begin();
	add_number(&group, "files_written", evidence->files_written);
	add_number(&group, "files_removed", evidence->files_removed);
	add_number(&group, "packets_dropped", evidence->packets_dropped);
	add_number(&group, "disk_bytes", evidence->disk_bytes);
	add_built(builder, "evidence", &group);
}

static void add_reasons(struct builder *builder, const struct writer_statistics *statistics) {
	struct builder reasons = begin();
	for (size_t i = 0; i < statistics->reason_count; i++)
		add_number(&reasons, statistics->reasons[i].reason, statistics->reasons[i].count);
	add_built(builder, "reasons", &reasons);
}

bool json_statistics_add(
	struct json_print *json, struct json_object *document, const struct writer_statistics *statistics) {
	struct builder builder = {.object = document};
	if (statistics->has_live)
		add_snapshot(&builder, json, &statistics->live);
	add_number(&builder, "frames", statistics->frames);
	add_number(&builder, "bytes", statistics->bytes);
	add_number(&builder, "segments", statistics->segments);
	add_number(&builder, "not_understood", statistics->not_understood);
	add_number(&builder, "connections", statistics->connections);
	add_number(&builder, "sessions", statistics->sessions);
	add_number(&builder, "gaps", statistics->gaps);
	add_number(&builder, "gap_bytes", statistics->gap_bytes);
	add_number(&builder, "evictions", statistics->evictions);
	add_if_any(&builder, "failures_not_told", statistics->failures_not_told);
	if (statistics->from_documents)
		add_number(&builder, "documents", statistics->documents);
	add_reasons(&builder, statistics);
	if (statistics->has_live && !statistics->has_topic)
		add_live(&builder, &statistics->live);
	if (statistics->has_live)
		add_memory(&builder, &statistics->live);
	if (statistics->has_decryption)
		add_decryption(&builder, &statistics->decryption);
	if (statistics->has_output)
		add_output(&builder, &statistics->output);
	if (statistics->has_output && statistics->output.sink_count > 0)
		add_sinks(&builder, &statistics->output);
	if (statistics->has_topic)
		add_topic(&builder, &statistics->topic);
	if (statistics->has_evidence)
		add_evidence(&builder, &statistics->evidence);
	if (statistics->tallies != NULL)
		add_tallies(&builder, statistics->tallies);
	/* Over files there is no now: each diagnosis is a document of its own, once. */
	if (statistics->tallies != NULL && statistics->has_live)
		add_diagnoses(&builder, statistics->tallies);
	if (statistics->diagnosed != NULL)
		add_diagnoses(&builder, statistics->diagnosed);
	return !builder.failed;
}
