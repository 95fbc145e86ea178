/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * For tests that want the records of the sessions in capture files: from frames to records, without reports.
 */
#ifndef SMTPSCOPE_TESTS_CAPTURE_RECORDS_H
#define SMTPSCOPE_TESTS_CAPTURE_RECORDS_H

#include <fcntl.h>
#include <stdlib.h>

#include "capture/file.h"
#include "capture/flow.h"
#include "capture/link.h"
#include "decode/session.h"
#include "report/record.h"

/* Who is given each record, which is theirs for the call. */
struct capture_records {
	void (*take)(void *context, struct record *record);
	void *context;
};

struct capture_records_stream {
	const struct capture_records *records;
	struct session *session;
	struct record record;
};

static inline void capture_records_on_event(void *context, const struct event *event) {
	record_event(&((struct capture_records_stream *)context)->record, event);
}

static inline void *capture_records_on_open(void *context, const struct stream_open *open) {
	struct capture_records_stream *stream = calloc(1, sizeof(*stream));
	if (stream == NULL)
		abort();
	stream->records = context;
	record_init(&stream->record);
	stream->session = session_create(open, (struct event_sink){.context = stream, .event = capture_records_on_event});
	if (stream->session == NULL)
		abort();
	return stream;
}

static inline enum stream_interest capture_records_on_chunk(void *handle, const struct stream_chunk *chunk) {
	return session_feed(((struct capture_records_stream *)handle)->session, chunk);
}

static inline void capture_records_on_close(void *handle, const struct stream_close *close) {
	struct capture_records_stream *stream = handle;
	if (session_finish(stream->session, close))
		stream->records->take(stream->records->context, &stream->record);
	session_destroy(stream->session);
	record_finish(&stream->record);
	free(stream);
}

static inline void capture_records_on_frame(void *context, const struct source_frame *frame) {
	struct segment segment;
	if (link_parse(frame->link_type, frame->data, frame->captured_len, frame->wire_len, &segment) != LINK_SEGMENT)
		return;
	segment.at = frame->at;
	flow_table_segment(context, &segment);
}

/* The table that capture_records_read() wants, to be destroyed after the last file; records must live as long. */
static inline struct flow_table *capture_records_table(struct capture_records *records) {
	struct flow_options options;
	flow_options_init(&options);
	const struct stream_sink sink = {.context = records,
		.open = capture_records_on_open,
		.chunk = capture_records_on_chunk,
		.close = capture_records_on_close};
	return flow_table_create(&options, &sink);
}

/* Reads one file. Returns false, and the reason, when it cannot be opened. */
static inline bool capture_records_read(struct flow_table *flows, const char *name, struct source_error *ret_error) {
	struct source *source;
	if (file_open(open(name, O_RDONLY | O_CLOEXEC), name, NULL, &source, ret_error) < 0)
		return false;
	flow_table_begin_source(flows, name);
	source_run(source, capture_records_on_frame, flows, ret_error);
	flow_table_end_source(flows);
	source_close(source);
	return true;
}

#endif
