/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/run.h"

#include <errno.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "capture/file.h"
#include "capture/link.h"
#include "cli/conclusion.h"
#include "cli/reporter.h"
#include "decode/session.h"

/* Of facts for the diagnosis. What is more is sorted in files: memory must not grow with the capture. */
enum { FACTS_MEMORY = 8 << 20 };

/* One stream that capture has opened. The record comes with the first event: most streams of a mixed capture never have one. */
struct stream {
	struct run *run;
	struct session *session;
	struct record *record;
};

struct run {
	const struct options *options;
	struct flow_table *flows;
	struct conclusion *conclusion;
	struct reporter *reporter;
	_Atomic(struct source *) source; /* being read */
	atomic_bool stopped;
	bool any_read;
	struct source_stats totals; /* of the sources read to their end */
	uint64_t results[LINK_RESULT_COUNT];
	uint64_t sessions;
};

static void on_event(void *context, const struct event *event) {
	struct stream *stream = context;
	if (stream->record == NULL)
		stream->record = reporter_take_record(stream->run->reporter);
	if (stream->record != NULL)
		record_event(stream->record, event);
}

static void *on_open(void *context, const struct stream_open *open) {
	struct stream *stream = calloc(1, sizeof(*stream));
	if (stream == NULL)
		return NULL;
	stream->run = context;
	stream->session = session_create(open, (struct event_sink){.context = stream, .event = on_event});
	if (stream->session == NULL) {
		free(stream);
		return NULL;
	}
	return stream;
}

static enum stream_interest on_chunk(void *handle, const struct stream_chunk *chunk) {
	struct stream *stream = handle;
	return session_feed(stream->session, chunk);
}

static void on_close(void *handle, const struct stream_close *close) {
	struct stream *stream = handle;
	struct run *run = stream->run;
	if (session_finish(stream->session, close) && stream->record != NULL) {
		run->sessions++;
		reporter_submit(run->reporter, stream->record);
		if (reporter_error(run->reporter) < 0)
			run_stop(run); /* nobody would read the rest */
	} else {
		reporter_discard(run->reporter, stream->record);
	}
	session_destroy(stream->session);
	free(stream);
}

static void on_frame(void *context, const struct source_frame *frame) {
	struct run *run = context;
	struct segment segment;
	enum link_result result =
		link_parse(frame->link_type, frame->data, frame->captured_len, frame->wire_len, &segment);
	run->results[result]++;
	if (result != LINK_SEGMENT)
		return;
	segment.at = frame->at;
	flow_table_segment(run->flows, &segment);
}

struct run *run_create(const struct options *options, FILE *out) {
	struct run *run = calloc(1, sizeof(*run));
	if (run == NULL)
		return NULL;
	run->options = options;
	struct stream_sink sink = {.context = run, .open = on_open, .chunk = on_chunk, .close = on_close};
	run->conclusion = conclusion_create(options, FACTS_MEMORY);
	if (run->conclusion != NULL)
		run->reporter = reporter_create(options, out, run->conclusion);
	run->flows = flow_table_create(&options->flow, &sink);
	if (run->reporter == NULL || run->flows == NULL) {
		run_destroy(run);
		return NULL;
	}
	return run;
}

int run_file(struct run *run, const char *name) {
	struct source_error error;
	struct source *source;
	if (atomic_load(&run->stopped))
		return 0;
	int result = file_open(name, run->options->filter, &source, &error);
	if (result < 0) {
		fprintf(stderr, "smtpscope: %s\n", error.text);
		return result;
	}
	run->any_read = true;
	flow_table_begin_source(run->flows, name);
	atomic_store(&run->source, source);
	if (!atomic_load(&run->stopped)) /* a signal may have come before there was a source to stop */
		result = source_run(source, on_frame, run, &error);
	atomic_store(&run->source, NULL);
	flow_table_end_source(run->flows);
	struct source_stats stats;
	source_get_stats(source, &stats);
	run->totals.frames += stats.frames;
	run->totals.bytes += stats.bytes;
	source_close(source);
	if (result < 0)
		fprintf(stderr, "smtpscope: %s\n", error.text);
	return result;
}

int run_end(struct run *run) {
	struct writer_reason reasons[LINK_RESULT_COUNT];
	struct flow_stats flows;
	flow_table_get_stats(run->flows, &flows);
	struct writer_statistics statistics = {
		.frames = run->totals.frames,
		.bytes = run->totals.bytes,
		.segments = run->results[LINK_SEGMENT],
		.reasons = reasons,
		.connections = flows.connections,
		.sessions = run->sessions,
		.gaps = flows.gaps,
		.gap_bytes = flows.gap_bytes,
		.evictions = flows.evicted,
	};
	for (enum link_result result = LINK_SEGMENT + 1; result < LINK_RESULT_COUNT; result++) {
		if (run->results[result] == 0)
			continue;
		statistics.not_understood += run->results[result];
		reasons[statistics.reason_count++] = (struct writer_reason){link_result_name(result), run->results[result]};
	}
	int error = reporter_finish(run->reporter, run->any_read ? &statistics : NULL);
	if (run->options->verbose) {
		fprintf(stderr,
			"smtpscope: %" PRIu64 " frames, %" PRIu64 " TCP segments, %" PRIu64 " connections, %" PRIu64 " SMTP sessions, %" PRIu64
			" bytes missing\n",
			statistics.frames, statistics.segments, statistics.connections, statistics.sessions, statistics.gap_bytes);
		for (size_t i = 0; i < statistics.reason_count; i++)
			fprintf(stderr, "smtpscope: %" PRIu64 " frames without a segment: %s\n", reasons[i].count, reasons[i].reason);
	}
	if (error < 0 || conclusion_error(run->conclusion) == 0)
		return error;
	fprintf(stderr, "smtpscope: no diagnosis could be made: %s\n", strerror(-conclusion_error(run->conclusion)));
	return 1;
}

void run_stop(struct run *run) {
	atomic_store(&run->stopped, true);
	struct source *source = atomic_load(&run->source);
	if (source != NULL)
		source_stop(source);
}

void run_destroy(struct run *run) {
	if (run == NULL)
		return;
	flow_table_destroy(run->flows);
	reporter_destroy(run->reporter);
	conclusion_destroy(run->conclusion);
	free(run);
}
