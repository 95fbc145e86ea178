/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Every session of every capture in pcaps/: the facts from its packets are those from its document.
 */
#include "facts_check.h"

#include <fcntl.h>
#include <dirent.h>

#include "capture/file.h"
#include "capture/flow.h"
#include "capture/link.h"
#include "decode/session.h"

struct stream {
	struct session *session;
	struct record record;
};

static struct document_reader *reader;
static const char *capture;
static size_t captures, sessions, differences;

static void on_event(void *context, const struct event *event) {
	record_event(&((struct stream *)context)->record, event);
}

static void *on_open(void *context, const struct stream_open *open) {
	(void)context;
	struct stream *stream = calloc(1, sizeof(*stream));
	assert_non_null(stream);
	record_init(&stream->record);
	stream->session = session_create(open, (struct event_sink){.context = stream, .event = on_event});
	assert_non_null(stream->session);
	return stream;
}

static enum stream_interest on_chunk(void *handle, const struct stream_chunk *chunk) {
	return session_feed(((struct stream *)handle)->session, chunk);
}

static void on_close(void *handle, const struct stream_close *close) {
	struct stream *stream = handle;
	if (session_finish(stream->session, close)) {
		sessions++;
		if (!same_facts(&stream->record, reader)) {
			print_error("%s: stream %llu\n", capture, (unsigned long long)stream->record.open.stream);
			differences++;
		}
	}
	session_destroy(stream->session);
	record_finish(&stream->record);
	free(stream);
}

static void on_frame(void *context, const struct source_frame *frame) {
	struct segment segment;
	if (link_parse(frame->link_type, frame->data, frame->captured_len, frame->wire_len, &segment) != LINK_SEGMENT)
		return;
	segment.at = frame->at;
	flow_table_segment(context, &segment);
}

static void read_capture(struct flow_table *flows, const char *name) {
	static struct source_error error;
	struct source *source;
	if (file_open(open(name, O_RDONLY | O_CLOEXEC), name, NULL, &source, &error) < 0)
		return;
	capture = name;
	captures++;
	flow_table_begin_source(flows, name);
	source_run(source, on_frame, flows, &error);
	flow_table_end_source(flows);
	source_close(source);
}

static void test_captures(void **state) {
	(void)state;
	static struct flow_options options;
	flow_options_init(&options);
	const struct stream_sink sink = {.open = on_open, .chunk = on_chunk, .close = on_close};
	struct flow_table *flows = flow_table_create(&options, &sink);
	reader = document_reader_create();
	assert_true(flows != NULL && reader != NULL);
	struct dirent **entries;
	int count = scandir("pcaps", &entries, NULL, alphasort);
	assert_true(count > 0);
	for (int i = 0; i < count; i++) {
		char name[300];
		snprintf(name, sizeof(name), "pcaps/%s", entries[i]->d_name);
		if (strstr(name, ".pcap") != NULL)
			read_capture(flows, name);
		free(entries[i]);
	}
	free(entries);
	document_reader_destroy(reader);
	flow_table_destroy(flows);
	print_message("# %zu captures, %zu sessions\n", captures, sessions);
	assert_true(captures > 50 && sessions > captures);
	assert_int_equal(differences, 0);
}

int main(void) {
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_captures)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
