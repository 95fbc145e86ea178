/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Statistics: where the run stands. The numbers that tell of loss, so that who reads documents only sees it, too.
 */
#include "decode/ascii.h"
#include "report/fields/columns.h"
#include "report/tallies.h"

#define NUMBER(name, expression)                                                                                            \
	GETTER(name) {                                                                                                      \
		const struct writer_statistics *statistics = subject->statistics;                                           \
		value->number = (int64_t)(expression);                                                                      \
		return value->number >= 0;                                                                                  \
	}

#define NUMBER_IF(name, condition, expression)                                                                              \
	GETTER(name) {                                                                                                      \
		const struct writer_statistics *statistics = subject->statistics;                                           \
		if (!(condition))                                                                                           \
			return false;                                                                                       \
		value->number = (int64_t)(expression);                                                                      \
		return value->number >= 0;                                                                                  \
	}

static uint64_t kernel_drops(const struct writer_live *live) {
	uint64_t sum = 0;
	for (size_t i = 0; i < live->interface_count; i++)
		sum += live->interfaces[i].dropped_by_kernel;
	return sum;
}

static uint64_t interface_drops(const struct writer_live *live) {
	uint64_t sum = 0;
	for (size_t i = 0; i < live->interface_count; i++)
		sum += live->interfaces[i].dropped_by_interface;
	return sum;
}

NUMBER_IF(get_frames, !statistics->from_documents, statistics->frames)
NUMBER_IF(get_bytes, !statistics->from_documents, statistics->bytes)
NUMBER_IF(get_segments, !statistics->from_documents, statistics->segments)
NUMBER_IF(get_not_understood, !statistics->from_documents, statistics->not_understood)
NUMBER_IF(get_connections, !statistics->from_documents, statistics->connections)
NUMBER(get_sessions, statistics->sessions)
NUMBER_IF(get_gaps, !statistics->from_documents, statistics->gaps)
NUMBER_IF(get_gap_bytes, !statistics->from_documents, statistics->gap_bytes)
NUMBER_IF(get_evictions, !statistics->from_documents, statistics->evictions)
NUMBER_IF(get_not_told, statistics->failures_not_told > 0, statistics->failures_not_told)
NUMBER_IF(get_documents, statistics->from_documents, statistics->documents)
NUMBER_IF(get_final, statistics->has_live, statistics->live.final)
NUMBER_IF(get_uptime, statistics->has_live, statistics->live.uptime_ns)
NUMBER_IF(get_interval, statistics->has_live, statistics->live.interval_ns)
NUMBER_IF(get_kernel_drops, statistics->has_live, kernel_drops(&statistics->live))
NUMBER_IF(get_interface_drops, statistics->has_live, interface_drops(&statistics->live))
NUMBER_IF(get_sessions_open, statistics->has_live, statistics->live.sessions_open)
NUMBER_IF(get_flows_open, statistics->has_live, statistics->live.flows_open)
NUMBER_IF(get_memory, statistics->has_live && statistics->live.memory_bytes > 0, statistics->live.memory_bytes)
NUMBER_IF(get_queue_documents, statistics->has_output, statistics->output.queue_documents)
NUMBER_IF(get_queue_bytes, statistics->has_output, statistics->output.queue_bytes)
NUMBER_IF(get_spool_documents, statistics->has_output, statistics->output.spool_documents)
NUMBER_IF(get_spool_bytes, statistics->has_output, statistics->output.spool_bytes)
NUMBER_IF(get_written, statistics->has_output, statistics->output.documents_written)
NUMBER_IF(get_lost, statistics->has_output, statistics->output.documents_lost)
NUMBER_IF(get_errors, statistics->has_output, statistics->output.write_errors)
NUMBER_IF(get_delivered, statistics->tallies != NULL, statistics->tallies->results[RECORD_RESULT_DELIVERED])
NUMBER_IF(get_refused, statistics->tallies != NULL, statistics->tallies->results[RECORD_RESULT_REFUSED])
NUMBER_IF(get_accepted, statistics->tallies != NULL, statistics->tallies->mails[EVENT_MAIL_ACCEPTED])
NUMBER_IF(get_rejected, statistics->tallies != NULL, statistics->tallies->mails[EVENT_MAIL_REJECTED])
NUMBER_IF(get_logins, statistics->tallies != NULL, statistics->tallies->logins[EVENT_AUTH_ACCEPTED])
NUMBER_IF(get_logins_rejected, statistics->tallies != NULL, statistics->tallies->logins[EVENT_AUTH_REJECTED])

GETTER(get_findings) {
	const struct tallies *tallies = subject->statistics->tallies;
	value->number = 0;
	for (int severity = 0; tallies != NULL && severity < TALLIES_SEVERITY_COUNT; severity++)
		value->number += (int64_t)tallies_of_severity(tallies, (enum finding_severity)severity);
	return tallies != NULL;
}

/* So that the first line of a file is like no other: some collectors know files by it. */
GETTER(get_interfaces) {
	const struct writer_statistics *statistics = subject->statistics;
	struct fields_list list = {.subject = subject};
	for (size_t i = 0; statistics->has_live && i < statistics->live.interface_count; i++)
		fields_list_add(&list, slice_of(statistics->live.interfaces[i].name));
	return fields_of_list(value, &list);
}

#define ROW(native, getter, column, words)                                                                                  \
	{.name = native, .type = FIELDS_NUMBER, .kinds = X, .get = getter, .meaning = words,                                \
		NAMES(ECS = "smtp.stats." column, SPLUNK = "event." column)}

const struct fields_row fields_statistics[] = {
	{.name = "final", .type = FIELDS_BOOL, .kinds = X, .get = get_final, .meaning = "The last of the run",
		NAMES(ECS = "smtp.stats.final", SPLUNK = "event.final")},
	{.name = "interfaces", .type = FIELDS_TEXTS, .kinds = X, .get = get_interfaces, .meaning = "Interfaces that are captured on",
		NAMES(ECS = "smtp.stats.interfaces", SPLUNK = "event.interfaces")},
	{.name = "uptime_ms", .type = FIELDS_DURATION, .kinds = X, .get = get_uptime, .meaning = "Since the start of the program",
		NAMES(ECS = "smtp.stats.uptime", SPLUNK = "event.uptime")},
	{.name = "interval_ms", .type = FIELDS_DURATION, .kinds = X, .get = get_interval, .meaning = "Since the statistics before",
		NAMES(ECS = "smtp.stats.interval", SPLUNK = "event.interval")},
	ROW("frames", get_frames, "frames", "Frames that were read"),
	ROW("bytes", get_bytes, "bytes", "Bytes of them"),
	ROW("segments", get_segments, "segments", "TCP segments among them"),
	ROW("not_understood", get_not_understood, "not_understood", "Frames without a TCP segment that could be read"),
	ROW("connections", get_connections, "connections", "TCP connections"),
	ROW("sessions", get_sessions, "sessions", "SMTP sessions"),
	ROW("documents", get_documents, "documents", "Documents that were read (--sessions)"),
	ROW("gaps", get_gaps, "gaps", "Holes in connections"),
	ROW("gap_bytes", get_gap_bytes, "gap_bytes", "Bytes that the capture lacks"),
	ROW("evictions", get_evictions, "evictions", "Connections given up for lack of memory"),
	ROW("failures_not_told", get_not_told, "failures_not_told", "Connections that never came about, too many to tell of each"),
	ROW("interfaces.dropped_by_kernel", get_kernel_drops, "dropped_by_kernel", "Packets that the kernel dropped"),
	ROW("interfaces.dropped_by_interface", get_interface_drops, "dropped_by_interface", "Packets that interfaces dropped"),
	ROW("sessions_open", get_sessions_open, "sessions_open", "Sessions that are not complete"),
	ROW("flows.open", get_flows_open, "connections_open", "Connections that are open"),
	ROW("memory.rss_bytes", get_memory, "memory_bytes", "Memory of the program"),
	ROW("output.queue_documents", get_queue_documents, "queue_documents", "Documents that wait in memory"),
	ROW("output.queue_bytes", get_queue_bytes, "queue_bytes", "Bytes of them"),
	ROW("output.spool_documents", get_spool_documents, "spool_documents", "Documents that wait on disk"),
	ROW("output.spool_bytes", get_spool_bytes, "spool_bytes", "Bytes of them"),
	ROW("output.documents_written", get_written, "documents_written", "Documents that were written"),
	ROW("output.documents_lost", get_lost, "documents_lost", "Documents that were lost"),
	ROW("output.write_errors", get_errors, "write_errors", "Writes that failed"),
	ROW("results.delivered", get_delivered, "sessions_delivered", "Sessions that delivered a mail"),
	ROW("results.refused", get_refused, "sessions_refused", "Sessions in which the server refused"),
	ROW("mails.accepted", get_accepted, "messages_accepted", "Mails that were accepted"),
	ROW("mails.rejected", get_rejected, "messages_rejected", "Mails that were rejected"),
	ROW("logins.accepted", get_logins, "logins_accepted", "Logins that were accepted"),
	ROW("logins.rejected", get_logins_rejected, "logins_rejected", "Logins that were rejected"),
	ROW("findings", get_findings, "findings", "Findings"),
	{.kinds = 0},
};
