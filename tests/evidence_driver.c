/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Keeps the packets of every session of a capture, for tests/evidence.py.
 *
 *     evidence_driver [-s] [-m MEMORY] [-d DISK] FILE DIRECTORY
 *
 * -s keeps secrets; MEMORY and DISK are bounds in bytes. Writes the session documents and, last, a line of counters.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "capture/evidence.h"
#include "capture/file.h"
#include "capture/flow.h"
#include "capture/link.h"
#include "capture/packet_store.h"
#include "decode/session.h"
#include "report/findings.h"
#include "report/words.h"
#include "report/writer.h"

struct driver {
	struct flow_table *flows;
	struct packet_store *store;
	struct evidence *evidence;
	const struct writer_format *format;
	struct writer *writer;
	const struct source_frame *frame; /* being read */
	uint64_t mirrored; /* packets whose memory use was looked at */
	size_t used_max;
};

struct stream {
	struct driver *driver;
	uint64_t serial;
	struct session *session;
	struct record record;
	bool begun;
};

static void on_event(void *context, const struct event *event) {
	struct stream *stream = context;
	stream->begun = true;
	record_event(&stream->record, event);
}

static void *on_open(void *context, const struct stream_open *open) {
	struct stream *stream = calloc(1, sizeof(*stream));
	if (stream == NULL)
		return NULL;
	stream->driver = context;
	stream->serial = open->serial;
	record_init(&stream->record);
	stream->session = session_create(open, (struct event_sink){.context = stream, .event = on_event});
	return stream;
}

static enum stream_interest on_chunk(void *handle, const struct stream_chunk *chunk) {
	struct stream *stream = handle;
	enum stream_interest interest = session_feed(stream->session, chunk);
	if (interest == STREAM_IGNORE && !stream->begun) /* not SMTP */
		packet_store_drop(stream->driver->store, stream->serial);
	return interest;
}

static void write_session(struct driver *driver, struct record *record, const struct packet_chain *chain) {
	struct evidence_file file;
	findings_run(record, words_find("en"));
	if (chain != NULL) {
		struct evidence_session session = {
			.id = record->id,
			.secrets = record->secrets,
			.secret_count = record->secret_count,
			.secret_from = {record->secret_from[0], record->secret_from[1]},
			.close = &record->close,
		};
		if (evidence_write(driver->evidence, chain, &session, &file) > 0)
			record->evidence = (struct record_evidence){
				.file = file.name, .packets = file.packets, .dropped_packets = file.dropped_packets};
	}
	driver->format->session(driver->writer, record);
}

static void on_close(void *handle, const struct stream_close *close) {
	struct stream *stream = handle;
	struct driver *driver = stream->driver;
	struct packet_chain *chain = NULL;
	if (session_finish(stream->session, close) && stream->begun) {
		chain = packet_store_take(driver->store, stream->serial);
		write_session(driver, &stream->record, chain);
	} else {
		packet_store_drop(driver->store, stream->serial);
	}
	packet_chain_free(chain);
	session_destroy(stream->session);
	record_finish(&stream->record);
	free(stream);
}

static bool on_segment(
	void *context, uint64_t serial, bool first, enum stream_side side, const struct segment *segment) {
	struct driver *driver = context;
	struct packet_store_stats stats;
	bool wanted = packet_store_add(driver->store, serial, first, side, driver->frame, segment);
	packet_store_get_stats(driver->store, &stats);
	driver->mirrored++;
	if (stats.bytes_used > driver->used_max)
		driver->used_max = stats.bytes_used;
	return wanted;
}

static void on_forget(void *context, uint64_t serial) {
	struct driver *driver = context;
	packet_store_drop(driver->store, serial);
}

static void on_frame(void *context, const struct source_frame *frame) {
	struct driver *driver = context;
	struct segment segment;
	if (link_parse(frame->link_type, frame->data, frame->captured_len, frame->wire_len, &segment) != LINK_SEGMENT)
		return;
	segment.at = frame->at;
	driver->frame = frame;
	flow_table_segment(driver->flows, &segment);
}

static int run(struct driver *driver, const char *name) {
	struct source *source;
	struct source_error error;
	int result = file_open(open(name, O_RDONLY | O_CLOEXEC), name, NULL, &source, &error);
	if (result == 0) {
		flow_table_begin_source(driver->flows, name);
		result = source_run(source, on_frame, driver, &error);
		flow_table_end_source(driver->flows);
		source_close(source);
	}
	if (result < 0)
		fprintf(stderr, "evidence_driver: %s\n", error.text);
	struct packet_store_stats store;
	struct evidence_stats evidence;
	packet_store_get_stats(driver->store, &store);
	evidence_get_stats(driver->evidence, &evidence);
	printf("{\"type\":\"counters\",\"segments\":%" PRIu64 ",\"kept\":%" PRIu64 ",\"dropped\":%" PRIu64
	       ",\"used\":%zu,\"used_max\":%zu,\"flows\":%zu,\"sessions\":%" PRIu64 ",\"packets\":%" PRIu64 ",\"left_out\":%" PRIu64
	       ",\"removed\":%" PRIu64 ",\"errors\":%" PRIu64 ",\"disk_bytes\":%" PRIu64 "}\n",
		driver->mirrored, store.packets, store.dropped, store.bytes_used, driver->used_max, store.flows, evidence.sessions,
		evidence.packets, evidence.left_out, evidence.files_removed, evidence.errors, evidence.disk_bytes);
	return result < 0 ? 1 : 0;
}

int main(int argc, char **argv) {
	struct packet_store_options store;
	struct evidence_options evidence = {.size_max = (uint64_t)1 << 30};
	packet_store_options_init(&store);
	for (int option; (option = getopt(argc, argv, "sm:d:")) >= 0;) {
		if (option == 's')
			evidence.keep_secrets = true;
		else if (option == 'm')
			store.bytes_max = strtoull(optarg, NULL, 10);
		else if (option == 'd')
			evidence.size_max = strtoull(optarg, NULL, 10);
		else
			return 2;
	}
	if (argc - optind != 2)
		return 2;
	struct driver driver = {.format = writer_find("json")};
	struct flow_options flows;
	flow_options_init(&flows);
	struct stream_sink sink = {.context = &driver, .open = on_open, .chunk = on_chunk, .close = on_close};
	driver.flows = flow_table_create(&flows, &sink);
	driver.store = packet_store_create(&store);
	driver.writer = driver.format->create(&(struct writer_options){0}, stdout);
	evidence.directory = open(argv[optind + 1], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int error = evidence.directory >= 0 ? evidence_create(&evidence, &driver.evidence) : -errno;
	if (driver.flows == NULL || driver.store == NULL || driver.writer == NULL || error < 0) {
		fprintf(stderr, "evidence_driver: %s\n", strerror(-error));
		return 1;
	}
	flow_table_watch(driver.flows, &(struct flow_watcher){.context = &driver, .segment = on_segment, .forget = on_forget});
	int status = run(&driver, argv[optind]);
	flow_table_destroy(driver.flows);
	driver.format->destroy(driver.writer);
	evidence_destroy(driver.evidence);
	packet_store_destroy(driver.store);
	close(evidence.directory);
	return status;
}
