/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A metric is a HELP line, a TYPE line and its samples, all together and once:
 *
 *   # HELP name text               \ and newline escaped
 *   # TYPE name counter|gauge
 *   name{label="value",...} number  in values \, " and newline are escaped
 *
 * A scrape in which one sample is there twice is refused as a whole, so names from outside must not repeat.
 */
#include "report/metrics.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "report/escape.h"
#include "report/findings.h"
#include "report/names.h"
#include "report/tallies.h"

enum { LABEL_LEN_MAX = 256 };

#define COUNT_OF(list) (sizeof(list) / sizeof((list)[0]))

enum type { COUNTER, GAUGE };

static void put_head(FILE *out, const char *name, enum type type, const char *help) {
	fprintf(out, "# HELP smtpscope_%s %s\n# TYPE smtpscope_%s %s\n", name, help, name, type == COUNTER ? "counter" : "gauge");
}

static void put_label_value(FILE *out, const char *value) {
	char text[ESCAPE_UTF8_GROWTH * LABEL_LEN_MAX];
	bool invalid;
	size_t len = escape_utf8(value, strnlen(value, LABEL_LEN_MAX), text, &invalid);
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '\\' || text[i] == '"')
			putc('\\', out);
		if (text[i] == '\n')
			fputs("\\n", out);
		else
			putc(text[i], out);
	}
}

/* A sample with up to two labels; NULL: none. */
static void put_sample(FILE *out, const char *name, const char *label, const char *value, const char *label2,
	const char *value2, uint64_t number) {
	fprintf(out, "smtpscope_%s", name);
	if (label != NULL) {
		fprintf(out, "{%s=\"", label);
		put_label_value(out, value);
		if (label2 != NULL) {
			fprintf(out, "\",%s=\"", label2);
			put_label_value(out, value2);
		}
		fputs("\"}", out);
	}
	fprintf(out, " %" PRIu64 "\n", number);
}

struct scalar {
	const char *name;
	enum type type;
	const char *help;
	uint64_t value;
};

static void put_scalars(FILE *out, const struct scalar *scalars, size_t count) {
	for (size_t i = 0; i < count; i++) {
		put_head(out, scalars[i].name, scalars[i].type, scalars[i].help);
		put_sample(out, scalars[i].name, NULL, NULL, NULL, NULL, scalars[i].value);
	}
}

#define PUT_SCALARS(out, scalars) put_scalars(out, scalars, COUNT_OF(scalars))

/* Seconds with the digits that a double would lose. */
static void put_seconds(FILE *out, const char *name, const char *help, int64_t ns) {
	put_head(out, name, GAUGE, help);
	fprintf(out, "smtpscope_%s %" PRId64 ".%03" PRId64 "\n", name, ns / 1000000000, ns % 1000000000 / 1000000);
}

static void put_process(FILE *out, const struct writer_live *live) {
	put_head(out, "build_info", GAUGE, "The program's version; always 1.");
	put_sample(out, "build_info", "version", live->version != NULL ? live->version : "", NULL, NULL, 1);
	put_seconds(out, "start_time_seconds", "When the program started, in seconds since 1970.", live->start_ns);
	put_seconds(out, "snapshot_time_seconds", "When these numbers were taken, in seconds since 1970.", live->time_ns);
	put_seconds(out, "uptime_seconds", "How long the program has run.", live->uptime_ns);
	if (live->memory_bytes > 0) {
		const struct scalar memory[] = {{"resident_memory_bytes", GAUGE, "Memory of the process.", live->memory_bytes}};
		PUT_SCALARS(out, memory);
	}
}

/* ---- interfaces ---- */

static bool is_repeated(const struct writer_live *live, size_t index) {
	for (size_t i = 0; i < index; i++)
		if (strcmp(live->interfaces[i].name, live->interfaces[index].name) == 0)
			return true;
	return false;
}

static void put_interface_states(FILE *out, const struct writer_live *live) {
	static const char *const names[] = {
		[WRITER_INTERFACE_UP] = "up", [WRITER_INTERFACE_DOWN] = "down", [WRITER_INTERFACE_GONE] = "gone"};
	put_head(out, "interface_state", GAUGE, "1 for the state that the interface is in, 0 for the others.");
	for (size_t i = 0; i < live->interface_count; i++)
		for (size_t state = 0; state < COUNT_OF(names) && !is_repeated(live, i); state++)
			put_sample(out, "interface_state", "interface", live->interfaces[i].name, "state", names[state],
				live->interfaces[i].state == state);
}

static void put_drops(FILE *out, const struct writer_live *live) {
	put_head(out, "capture_dropped_packets_total", COUNTER,
		"Packets that never reached the program: by the kernel for lack of buffer, or by the interface.");
	for (size_t i = 0; i < live->interface_count; i++) {
		const struct writer_interface *interface = &live->interfaces[i];
		if (is_repeated(live, i))
			continue;
		put_sample(out, "capture_dropped_packets_total", "interface", interface->name, "by", "kernel",
			interface->dropped_by_kernel);
		put_sample(out, "capture_dropped_packets_total", "interface", interface->name, "by", "interface",
			interface->dropped_by_interface);
	}
}

static uint64_t interface_frames(const struct writer_interface *interface) {
	return interface->frames;
}

static uint64_t interface_bytes(const struct writer_interface *interface) {
	return interface->bytes;
}

static uint64_t interface_outages(const struct writer_interface *interface) {
	return interface->outages;
}

static void put_interfaces(FILE *out, const struct writer_live *live) {
	static const struct {
		const char *name, *help;
		uint64_t (*value)(const struct writer_interface *interface);
	} rows[] = {
		{"interface_frames_total", "Frames read from the interface.", interface_frames},
		{"interface_bytes_total", "Captured bytes of the interface's frames.", interface_bytes},
		{"interface_outages_total", "How often the interface went down or disappeared.", interface_outages},
	};
	if (live->interface_count == 0)
		return;
	for (size_t row = 0; row < COUNT_OF(rows); row++) {
		put_head(out, rows[row].name, COUNTER, rows[row].help);
		for (size_t i = 0; i < live->interface_count; i++)
			if (!is_repeated(live, i))
				put_sample(out, rows[row].name, "interface", live->interfaces[i].name, NULL, NULL,
					rows[row].value(&live->interfaces[i]));
	}
	put_drops(out, live);
	put_interface_states(out, live);
}

/* ---- counts by name ---- */

/* All of them, also those that are 0: a rate needs the 0 before the first. */
static void put_named(FILE *out, const char *name, enum type type, const char *help, const char *label, const uint64_t *counts,
	const char *const *values, size_t count) {
	put_head(out, name, type, help);
	for (size_t i = 0; i < count; i++)
		if (values[i] != NULL)
			put_sample(out, name, label, values[i], NULL, NULL, counts[i]);
}

#define PUT_NAMED(out, name, type, help, label, counts, values) \
	put_named(out, name, type, help, label, counts, values, COUNT_OF(counts))

static void put_reasons(FILE *out, const struct writer_statistics *statistics) {
	if (statistics->reason_count == 0)
		return;
	put_head(out, "not_understood_total", COUNTER, "Frames without a TCP segment that could be read, by reason.");
	for (size_t i = 0; i < statistics->reason_count; i++)
		put_sample(out, "not_understood_total", "reason", statistics->reasons[i].reason, NULL, NULL,
			statistics->reasons[i].count);
}

static void put_findings(FILE *out, const struct tallies *tallies) {
	put_head(out, "findings_total", COUNTER, "Findings about sessions that have ended.");
	for (size_t i = 0; i < tallies->finding_count; i++)
		for (size_t severity = 0; severity < TALLIES_SEVERITY_COUNT; severity++)
			if (tallies->findings[i].counts[severity] > 0)
				put_sample(out, "findings_total", "id", tallies->findings[i].id, "severity",
					findings_severity_name((enum finding_severity)severity),
					tallies->findings[i].counts[severity]);
}

static void put_diagnoses(FILE *out, const struct tallies *tallies) {
	put_head(out, "diagnoses_published_total", COUNTER, "Diagnosis documents: begun, changed, ended.");
	for (size_t i = 0; i < tallies->diagnosis_count; i++)
		put_sample(out, "diagnoses_published_total", "id", tallies->diagnoses[i].id, NULL, NULL,
			tallies->diagnoses[i].published);
	put_head(out, "diagnoses_open", GAUGE, "Diagnoses that hold now.");
	for (size_t i = 0; i < tallies->diagnosis_count; i++)
		put_sample(out, "diagnoses_open", "id", tallies->diagnoses[i].id, NULL, NULL, tallies->diagnoses[i].open);
}

static void put_tallies(FILE *out, const struct tallies *tallies) {
	PUT_NAMED(out, "sessions_total", COUNTER, "Sessions that have ended, by result.", "result", tallies->results, names_result);
	PUT_NAMED(out, "session_closes_total", COUNTER, "Sessions that have ended, by how the connection ended.", "close",
		tallies->closes, names_close);
	PUT_NAMED(out, "mails_total", COUNTER, "Mails, by what became of them.", "result", tallies->mails, names_mail);
	PUT_NAMED(out, "logins_total", COUNTER, "Attempts to log in, by what became of them.", "result", tallies->logins,
		names_attempt);
	put_findings(out, tallies);
}

/* ---- the rest of what is live ---- */

static void put_flows(FILE *out, const struct writer_live *live) {
	static const char *const states[] = {"embryonic", "open", "closing"};
	const uint64_t counts[] = {live->flows_embryonic, live->flows_open, live->flows_closing};
	PUT_NAMED(out, "flows", GAUGE, "TCP connections in the table, by state.", "state", counts, states);
}

static void put_pools(FILE *out, const struct writer_live *live) {
	if (live->pool_count == 0)
		return;
	put_head(out, "pool_bytes", GAUGE, "Memory whose amount the network decides.");
	for (size_t i = 0; i < live->pool_count; i++)
		put_sample(out, "pool_bytes", "pool", live->pools[i].name, NULL, NULL, live->pools[i].bytes);
	put_head(out, "pool_limit_bytes", GAUGE, "The most that it may be.");
	for (size_t i = 0; i < live->pool_count; i++)
		put_sample(out, "pool_limit_bytes", "pool", live->pools[i].name, NULL, NULL, live->pools[i].bytes_max);
}

static void put_live(FILE *out, const struct writer_live *live) {
	const struct scalar scalars[] = {
		{"sessions_open", GAUGE, "Sessions that have not ended.", live->sessions_open},
		{"ignored_segments_total", COUNTER, "TCP segments with impossible sequence numbers.", live->ignored_segments},
	};
	put_interfaces(out, live);
	put_flows(out, live);
	PUT_SCALARS(out, scalars);
}

static void put_output(FILE *out, const struct writer_output *output) {
	const struct scalar scalars[] = {
		{"output_queue_documents", GAUGE, "Documents in memory that are not written yet.", output->queue_documents},
		{"output_queue_bytes", GAUGE, "Bytes in memory that are not written yet.", output->queue_bytes},
		{"output_spool_documents", GAUGE, "Documents on disk that are not delivered yet.", output->spool_documents},
		{"output_spool_bytes", GAUGE, "Bytes on disk that are not delivered yet.", output->spool_bytes},
		{"documents_written_total", COUNTER, "Documents that were written.", output->documents_written},
		{"written_bytes_total", COUNTER, "Bytes that were written.", output->bytes_written},
		{"documents_lost_total", COUNTER, "Documents that were given up.", output->documents_lost},
		{"write_errors_total", COUNTER, "Attempts to write that failed.", output->write_errors},
	};
	PUT_SCALARS(out, scalars);
}

static void put_sinks(FILE *out, const struct writer_output *output) {
	if (output->sink_count == 0)
		return;
	const struct writer_sink *sinks = output->sinks;
	put_head(out, "records_written_total", COUNTER, "Documents that a destination has.");
	for (size_t i = 0; i < output->sink_count; i++)
		put_sample(out, "records_written_total", "sink", sinks[i].name, "format", sinks[i].format, sinks[i].documents_written);
	put_head(out, "records_dropped_total", COUNTER, "Documents that a destination has not and will not have.");
	for (size_t i = 0; i < output->sink_count; i++) {
		put_sample(out, "records_dropped_total", "sink", sinks[i].name, "reason", "queue_full", sinks[i].documents_lost);
		put_sample(out, "records_dropped_total", "sink", sinks[i].name, "reason", "rejected", sinks[i].documents_rejected);
	}
	put_head(out, "sink_retries_total", COUNTER, "Attempts to write to a destination that failed.");
	for (size_t i = 0; i < output->sink_count; i++)
		put_sample(out, "sink_retries_total", "sink", sinks[i].name, NULL, NULL, sinks[i].write_errors);
	put_head(out, "sink_up", GAUGE, "1 when the last attempt to write did not fail, otherwise 0.");
	for (size_t i = 0; i < output->sink_count; i++)
		put_sample(out, "sink_up", "sink", sinks[i].name, NULL, NULL, sinks[i].up);
	put_head(out, "sink_queue_documents", GAUGE, "Documents that wait in memory for a destination.");
	for (size_t i = 0; i < output->sink_count; i++)
		put_sample(out, "sink_queue_documents", "sink", sinks[i].name, NULL, NULL, sinks[i].queue_documents);
	put_head(out, "spool_documents", GAUGE, "Documents that wait on disk for a destination.");
	for (size_t i = 0; i < output->sink_count; i++)
		put_sample(out, "spool_documents", "sink", sinks[i].name, NULL, NULL, sinks[i].spool_documents);
	put_head(out, "spool_bytes", GAUGE, "Bytes that wait on disk for a destination.");
	for (size_t i = 0; i < output->sink_count; i++)
		put_sample(out, "spool_bytes", "sink", sinks[i].name, NULL, NULL, sinks[i].spool_bytes);
}

static void put_topic(FILE *out, const struct writer_topic *topic) {
	const struct scalar scalars[] = {
		{"topic_up", GAUGE, "1 when the last that was heard of the brokers is good, otherwise 0.", topic->up},
		{"topic_records_total", COUNTER, "Records that were read.", topic->records},
		{"topic_bytes_total", COUNTER, "Bytes of records that were read.", topic->bytes},
		{"topic_skipped_records_total", COUNTER, "Records that were no session document of use.", topic->skipped},
		{"topic_duplicates_total", COUNTER, "Sessions that were there a short while before.", topic->duplicates},
		{"topic_read_again_total", COUNTER, "Records read to know what another consumer, or an earlier run, had known.",
			topic->read_again},
		{"topic_partitions", GAUGE, "Partitions that are ours.", topic->partition_count},
		{"topic_not_committed_records", GAUGE, "Records that were read and whose offset is not committed yet.", topic->not_committed},
		{"topic_rebalances_total", COUNTER, "How often partitions came or went.", topic->rebalances},
		{"topic_commits_total", COUNTER, "Commits that the brokers have.", topic->commits},
		{"topic_commit_errors_total", COUNTER, "Commits that failed.", topic->commit_errors},
		{"topic_errors_total", COUNTER, "Errors that the brokers or the network caused.", topic->errors},
	};
	PUT_SCALARS(out, scalars);
	put_head(out, "topic_lag_records", GAUGE, "Records of a partition that were not read yet.");
	for (size_t i = 0; i < topic->partition_count; i++) {
		char number[16];
		snprintf(number, sizeof(number), "%" PRId32, topic->partitions[i].partition);
		if (topic->partitions[i].lag >= 0)
			put_sample(out, "topic_lag_records", "partition", number, NULL, NULL, (uint64_t)topic->partitions[i].lag);
	}
}

static void put_evidence(FILE *out, const struct writer_evidence *evidence) {
	const struct scalar scalars[] = {
		{"evidence_files_written_total", COUNTER, "Files of evidence that were written.", evidence->files_written},
		{"evidence_files_removed_total", COUNTER, "Files of evidence removed for lack of room.", evidence->files_removed},
		{"evidence_dropped_packets_total", COUNTER, "Packets not kept as evidence for lack of room.",
			evidence->packets_dropped},
		{"evidence_disk_bytes", GAUGE, "Bytes of evidence on disk.", evidence->disk_bytes},
	};
	PUT_SCALARS(out, scalars);
}

static void put_decryption(FILE *out, const struct writer_decryption *decryption) {
	const struct scalar scalars[] = {
		{"tls_connections_total", COUNTER, "Connections with TLS, while there were secrets for any.", decryption->connections},
		{"tls_decrypted_connections_total", COUNTER, "Of these, those that a secret fitted.", decryption->decrypted},
		{"tls_secrets_read_total", COUNTER, "Lines of key logs with a secret.", decryption->secrets_read},
		{"tls_keylog_lines_not_understood_total", COUNTER, "Lines of key logs that were not understood.",
			decryption->lines_not_understood},
		{"tls_secrets", GAUGE, "Secrets of TLS connections in memory.", decryption->secrets},
		{"tls_secrets_evicted_total", COUNTER, "Secrets forgotten for lack of room, the oldest first.",
			decryption->secrets_evicted},
	};
	PUT_SCALARS(out, scalars);
}

int metrics_render(const struct writer_statistics *statistics, char **ret_text, size_t *ret_len) {
	const struct scalar scalars[] = {
		{"captured_frames_total", COUNTER, "Frames read.", statistics->frames},
		{"captured_bytes_total", COUNTER, "Captured bytes of these frames.", statistics->bytes},
		{"segments_total", COUNTER, "Frames with a TCP segment.", statistics->segments},
		{"connections_total", COUNTER, "TCP connections.", statistics->connections},
		{"evictions_total", COUNTER, "Connections given up for lack of room.", statistics->evictions},
		{"failures_not_told_total", COUNTER, "Connections that never came about, too many to tell of each.",
			statistics->failures_not_told},
		{"gaps_total", COUNTER, "Places where the capture lacks bytes.", statistics->gaps},
		{"gap_bytes_total", COUNTER, "Bytes that the capture lacks.", statistics->gap_bytes},
	};
	const struct scalar sessions[] = {{"sessions_total", COUNTER, "Sessions that have ended.", statistics->sessions}};
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	if (out == NULL)
		return -ENOMEM;
	PUT_SCALARS(out, scalars);
	put_reasons(out, statistics);
	if (statistics->tallies != NULL)
		put_tallies(out, statistics->tallies);
	else
		PUT_SCALARS(out, sessions);
	if (statistics->has_live)
		put_process(out, &statistics->live);
	if (statistics->has_live && !statistics->has_topic)
		put_live(out, &statistics->live);
	if (statistics->has_live)
		put_pools(out, &statistics->live);
	if (statistics->tallies != NULL && statistics->has_live)
		put_diagnoses(out, statistics->tallies);
	if (statistics->diagnosed != NULL)
		put_diagnoses(out, statistics->diagnosed);
	if (statistics->has_output)
		put_output(out, &statistics->output);
	if (statistics->has_output)
		put_sinks(out, &statistics->output);
	if (statistics->has_decryption)
		put_decryption(out, &statistics->decryption);
	if (statistics->has_topic)
		put_topic(out, &statistics->topic);
	if (statistics->has_evidence)
		put_evidence(out, &statistics->evidence);
	bool failed = ferror(out) != 0;
	if (fclose(out) != 0 || failed) {
		free(text);
		return -ENOMEM;
	}
	*ret_text = text;
	*ret_len = len;
	return 0;
}

/* ---- the file ---- */

static int write_all(int fd, const char *text, size_t len) {
	while (len > 0) {
		ssize_t written = write(fd, text, len);
		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			return -errno;
		text += written;
		len -= (size_t)written;
	}
	return 0;
}

int metrics_file_write(int directory_fd, const char *name, const char *text, size_t len) {
	char temporary[300];
	int name_len = snprintf(temporary, sizeof(temporary), ".%s.tmp", name);
	if (name_len < 0 || (size_t)name_len >= sizeof(temporary))
		return -ENAMETOOLONG;
	int fd = openat(directory_fd, temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (fd < 0)
		return -errno;
	int result = write_all(fd, text, len);
	if (close(fd) < 0 && result == 0)
		result = -errno;
	if (result == 0 && renameat(directory_fd, temporary, directory_fd, name) < 0)
		result = -errno;
	if (result < 0)
		unlinkat(directory_fd, temporary, 0);
	return result;
}
