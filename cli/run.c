/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/run.h"

#include <errno.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "capture/ahead.h"
#include "capture/file.h"
#include "capture/frame.h"
#include "capture/packet_store.h"
#include "cli/drop_history.h"
#include "cli/keylog_file.h"
#include "cli/large_pages.h"
#include "decode/session.h"
#include "decode/tls_decrypt.h"
#include "report/privacy.h"

enum {
	CONNECTIONS_SHARE = 2, /* of --max-memory one part in so many is for connections and the sessions on them, */
	QUEUED_SHARE = 4,      /* and of that for bytes out of order */
	MESSAGES_SHARE = 4,    /* of --max-memory, for messages: they count as a part of their sessions, too */
	HEADERS_SHARE = 16,    /* and so much more for their headers alone */
	HEADER_MAX = 64 << 10, /* bytes of a message's header */
	MEMORY_CHECK_FRAMES = 32,
	SECRETS_SHARE = 32, /* one part in so many is for secrets of TLS connections */
};

#define SECRETS_BYTES_MAX ((size_t)64 << 20) /* but no more than this */

#define TELL_TIME_NS INT64_C(500000000) /* how often the reporter is told the time */

/* One stream that capture has opened. The record comes with the first event: most streams of a mixed capture never have one. */
struct stream {
	struct run *run;
	struct stream *prev, *next; /* in the order of their beginnings */
	const void *connection;     /* as the flow table knows it */
	uint64_t serial;
	int64_t start_ns;
	int64_t shown_ns;           /* by the run's clock: its beginning, or when it was last written as it was by then */
	struct session *session;
	struct record *record;
	bool connect_told;
	bool linked; /* false once it is known not to be SMTP */
	size_t memory; /* as it is counted in run.stream_memory */
};

struct run {
	const struct options *options;
	struct frame_parser *frames;
	struct ahead *ahead;
	struct flow_options flow_options;
	struct flow_table *flows;
	struct packet_store *packets;     /* NULL: they are not kept */
	const struct source_frame *frame; /* that is being looked at, for them */
	struct keylog *keylog; /* NULL, as the next two: there is nothing to read encrypted sessions with, and none will come */
	struct keylog_file *keylog_file;
	struct tls_decryptor *decryptor;
	struct record_messages messages;
	struct reporter *reporter;
	struct privacy *entry_privacy;
	struct channels *entries; /* this thread's; NULL: no format wants single steps */
	struct stream *first_stream, *last_stream;
	_Atomic(struct source *) source; /* being read */
	atomic_bool stopped;
	bool any_read;
	struct source_stats totals; /* of the sources read to their end */
	struct writer_reason reasons[LINK_RESULT_COUNT + 3]; /* for run_get_statistics() */
	uint64_t sessions;
	size_t open_sessions;
	size_t stream_memory; /* of all that is open */
	uint64_t frames_until_check; /* of the memory */
	struct large_pages large_pages;

	/* Live: */
	int64_t now_ns;        /* a clock that nobody sets */
	int64_t packet_ns;     /* the time of the latest packet */
	bool frames_came;      /* since the last tick */
	const char *interface; /* of the latest frame */
	int64_t told_time_ns;  /* by now_ns: the reporter's latest tick */
	struct drop_history drops;
};

/* ---- Single steps, told when they happen ---- */

static void tell(struct stream *stream, const struct record_timeline_entry *entry) {
	struct run *run = stream->run;
	struct record_timeline_entry told = *entry;
	privacy_hide_entry(run->entry_privacy, stream->record, &told);
	reporter_fail(run->reporter, channels_entry(run->entries, stream->record, &told));
}

/* That there is a connection is known with the first thing that happens on it. */
static void tell_connect(struct stream *stream) {
	const struct stream_open *open = &stream->record->open;
	if (stream->connect_told || open->midstream)
		return;
	stream->connect_told = true;
	tell(stream, &(struct record_timeline_entry){.kind = RECORD_CONNECT,
			     .from = RECORD_FROM_CLIENT,
			     .at = open->first,
			     .handshake_ns = open->handshake_ns});
}

static void tell_event(struct stream *stream, const struct event *event) {
	struct record_timeline_entry entry;
	if (event->kind == EVENT_CLOSE) {
		const struct record *record = stream->record;
		if (record->established)
			tell_connect(stream);
		tell(stream, &record->timeline[record->timeline_count - 1]);
	} else if (record_entry_of_event(event, &entry)) {
		tell_connect(stream);
		tell(stream, &entry);
	}
}

/* ---- Streams ---- */

static void on_event(void *context, const struct event *event) {
	struct stream *stream = context;
	if (stream->record == NULL) {
		stream->record = reporter_take_record(stream->run->reporter);
		stream->run->open_sessions += stream->record != NULL;
		if (stream->record != NULL)
			stream->record->messages = &stream->run->messages;
	}
	if (stream->record == NULL)
		return;
	record_event(stream->record, event);
	if (stream->run->entries != NULL)
		tell_event(stream, event);
}

static void link_stream(struct run *run, struct stream *stream) {
	stream->prev = run->last_stream;
	*(stream->prev != NULL ? &stream->prev->next : &run->first_stream) = stream;
	run->last_stream = stream;
	stream->linked = true;
}

static void unlink_stream(struct run *run, struct stream *stream) {
	if (!stream->linked)
		return;
	stream->linked = false;
	*(stream->prev != NULL ? &stream->prev->next : &run->first_stream) = stream->next;
	*(stream->next != NULL ? &stream->next->prev : &run->last_stream) = stream->prev;
}

static void *on_open(void *context, const struct stream_open *open) {
	struct stream *stream = calloc(1, sizeof(*stream));
	if (stream == NULL)
		return NULL;
	stream->run = context;
	stream->connection = open->connection;
	stream->serial = open->serial;
	stream->start_ns = open->first.time_ns;
	stream->shown_ns = stream->run->now_ns;
	const struct event_sink sink = {
		.context = stream,
		.event = on_event,
		.header_max = stream->run->options->headers ? HEADER_MAX : 0,
		.message_max = stream->run->options->attachments ? stream->run->options->message_max : 0,
	};
	stream->session = session_create(open, sink);
	if (stream->session == NULL) {
		free(stream);
		return NULL;
	}
	if (stream->run->decryptor != NULL)
		session_set_decryptor(stream->session, tls_decryptor_border(stream->run->decryptor));
	link_stream(stream->run, stream);
	return stream;
}

static void count_memory(struct stream *stream) {
	size_t memory = sizeof(*stream) + session_memory(stream->session) +
		(stream->record != NULL ? record_memory(stream->record) : 0);
	stream->run->stream_memory += memory - stream->memory;
	stream->memory = memory;
}

static enum stream_interest on_chunk(void *handle, const struct stream_chunk *chunk) {
	struct stream *stream = handle;
	__builtin_prefetch(stream->record, 1); /* the session may have something to say */
	enum stream_interest interest = session_feed(stream->session, chunk);
	count_memory(stream);
	if (interest == STREAM_IGNORE && stream->record == NULL) { /* it is not SMTP */
		unlink_stream(stream->run, stream);
		if (stream->run->packets != NULL)
			packet_store_drop(stream->run->packets, stream->serial);
	}
	return interest;
}

/* What the kernel dropped may be the end of a session, too, if none was seen. */
static void note_drops(struct run *run, struct record *record) {
	enum stream_close_how how = record->close.how;
	bool ended = how != STREAM_CLOSE_NONE && how != STREAM_CLOSE_IDLE_TIMEOUT && how != STREAM_CLOSE_CAPTURE_ENDED;
	record->dropped_by_kernel = drop_history_count(&run->drops, record->open.first.time_ns,
		ended ? record->close.last.time_ns : INT64_MAX);
}

static void on_close(void *handle, const struct stream_close *close) {
	struct stream *stream = handle;
	struct run *run = stream->run;
	bool is_session = session_finish(stream->session, close) && stream->record != NULL;
	run->open_sessions -= stream->record != NULL;
	if (is_session) {
		run->sessions++;
		note_drops(run, stream->record);
		reporter_submit(run->reporter, stream->record,
			run->packets != NULL ? packet_store_take(run->packets, stream->serial) : NULL);
		if (reporter_error(run->reporter) < 0)
			run_stop(run); /* nobody would read the rest */
	} else {
		reporter_discard(run->reporter, stream->record);
		if (run->packets != NULL)
			packet_store_drop(run->packets, stream->serial);
	}
	unlink_stream(run, stream);
	run->stream_memory -= stream->memory;
	session_destroy(stream->session);
	free(stream);
}

/* Writes what there is of a session that goes on. */
static void show_so_far(struct stream *stream) {
	struct stream_close counted, close;
	struct event_close so_far;
	struct record *copy = reporter_take_record(stream->run->reporter);
	if (copy == NULL)
		return;
	flow_table_peek(stream->run->flows, stream->connection, &counted);
	session_peek(stream->session, &counted, &close, &so_far);
	record_copy_so_far(copy, stream->record, &so_far);
	note_drops(stream->run, copy);
	reporter_submit(stream->run->reporter, copy, NULL);
}

static size_t connections_max(const struct run *run) {
	return run->options->max_memory / CONNECTIONS_SHARE;
}

/* Not each connection has its limit, but all together: those that are missed the least are given up. */
static void keep_within_memory(struct run *run) {
	struct flow_stats flows;
	if (run->frames_until_check-- > 0)
		return;
	run->frames_until_check = MEMORY_CHECK_FRAMES;
	large_pages_follow(&run->large_pages);
	do {
		flow_table_get_stats(run->flows, &flows);
	} while (flows.memory + run->stream_memory > connections_max(run) && flow_table_evict(run->flows));
}

/* Keeps the packet for as long as its connection may be a session that is worth it. */
static bool on_segment(void *context, uint64_t serial, bool first, enum stream_side side, const struct segment *segment) {
	struct run *run = context;
	return packet_store_add(run->packets, serial, first, side, run->frame, segment);
}

static void on_forget(void *context, uint64_t serial) {
	struct run *run = context;
	packet_store_drop(run->packets, serial);
}

static void on_expected(void *context, const struct source_frame *frame, const struct flow_expected *expected) {
	struct run *run = context;
	if (frame->source != run->interface) {
		run->interface = frame->source;
		flow_table_set_source(run->flows, frame->source);
	}
	run->frame = frame;
	flow_table_expected_segment(run->flows, expected);
	keep_within_memory(run);
}

static void on_frame(void *context, const struct source_frame *frame) {
	struct run *run = context;
	ahead_add(run->ahead, frame);
}

static void on_live_frame(void *context, const struct source_frame *frame) {
	struct run *run = context;
	run->packet_ns = frame->at.time_ns;
	run->frames_came = true;
	ahead_add(run->ahead, frame);
}

/* ---- Beginning and end ---- */

static bool create_messages(struct run *run) {
	const struct options *options = run->options;
	run->messages.bytes_max = options->max_memory / MESSAGES_SHARE;
	run->messages.header_bytes_max = run->messages.bytes_max + options->max_memory / HEADERS_SHARE;
	run->messages.headers = options->headers;
	run->messages.parts = options->attachments;
	if (!options->headers && !options->attachments)
		return true;
	run->messages.reader = message_reader_create();
	run->messages.early_reader = message_reader_create();
	return run->messages.reader != NULL && run->messages.early_reader != NULL;
}

/* Of this thread: steps are told while the reporter writes what is complete. */
static int create_entries(struct run *run, const struct reporter_options *wanted, struct outlet *outlet) {
	const struct channel one = {.format = run->options->format, .entry_outlet = outlet};
	int error = channels_create(run->options, wanted->channels != NULL ? wanted->channels : &one,
		wanted->channels != NULL ? wanted->channel_count : 1, true, &run->entries);
	if (error < 0 || run->entries == NULL)
		return error;
	const struct privacy_options privacy = options_for_privacy(run->options);
	run->entry_privacy = privacy_create(&privacy);
	return run->entry_privacy != NULL ? 0 : -ENOMEM;
}

static int create_packet_store(struct run *run) {
	struct packet_store_options options;
	packet_store_options_init(&options);
	options.bytes_max = run->options->evidence_memory;
	run->packets = packet_store_create(&options);
	if (run->packets == NULL)
		return -ENOMEM;
	flow_table_watch(run->flows, &(struct flow_watcher){.context = run, .segment = on_segment, .forget = on_forget});
	return 0;
}

static void refresh_keylog(void *context) {
	struct run *run = context;
	if (run->keylog_file != NULL)
		keylog_file_read(run->keylog_file);
}

/* Of files any may have secrets in it. */
static int create_decryptor(struct run *run, bool live) {
	const struct options *options = run->options;
	if (live && options->keylog_file == NULL)
		return 0;
	size_t bytes_max = options->max_memory / SECRETS_SHARE;
	run->keylog = keylog_create(bytes_max < SECRETS_BYTES_MAX ? bytes_max : SECRETS_BYTES_MAX);
	if (run->keylog == NULL)
		return -ENOMEM;
	if (options->keylog_file != NULL) {
		int error = keylog_file_open(options->keylog_file, live, run->keylog, &run->keylog_file);
		if (error < 0)
			return error;
		keylog_file_read(run->keylog_file);
	}
	struct keylog_stats stats;
	keylog_get_stats(run->keylog, &stats);
	if (options->keylog_file != NULL && !live && stats.secrets == 0 && !options->quiet)
		fprintf(stderr, "smtpscope: %s: there is no secret of a TLS connection in it\n", options->keylog_file);
	if (stats.not_understood > 0 && !options->quiet)
		fprintf(stderr, "smtpscope: %s: %" PRIu64 " lines were not understood\n", options->keylog_file, stats.not_understood);
	if (stats.evicted > 0 && !options->quiet)
		fprintf(stderr,
			"smtpscope: %s: it has more secrets than there is room for (see --max-memory): the first %" PRIu64
			" were forgotten\n",
			options->keylog_file, stats.evicted);
	const struct tls_decryptor_options wanted = {
		.keylog = run->keylog, .grows = live, .refresh = refresh_keylog, .refresh_context = run};
	run->decryptor = tls_decryptor_create(&wanted);
	return run->decryptor != NULL ? 0 : -ENOMEM;
}

static void set_flow_options(struct run *run) {
	size_t queued_max = run->options->max_memory / QUEUED_SHARE;
	run->flow_options = run->options->flow;
	if (run->flow_options.total_queued_bytes_max > queued_max)
		run->flow_options.total_queued_bytes_max = queued_max;
}

static int fail(const char *what, int error) {
	fprintf(stderr, "smtpscope: %s: %s\n", what, strerror(-error));
	return error;
}

int run_create(const struct reporter_options *wanted, struct outlet *entry_outlet, struct run **ret_run) {
	struct run *run = calloc(1, sizeof(*run));
	if (run == NULL)
		return fail("cannot start", -ENOMEM);
	run->options = wanted->options;
	int error = create_decryptor(run, wanted->live);
	if (error < 0) {
		fail(wanted->options->keylog_file != NULL ? wanted->options->keylog_file : "cannot start", error);
		run_destroy(run);
		return error;
	}
	struct stream_sink sink = {.context = run, .open = on_open, .chunk = on_chunk, .close = on_close};
	run->reporter = reporter_create(wanted);
	run->frames = frame_parser_create();
	set_flow_options(run);
	run->flows = flow_table_create(&run->flow_options, &sink);
	if (run->frames != NULL && run->flows != NULL)
		run->ahead = ahead_create(run->frames, run->flows, on_expected, run);
	if (run->reporter == NULL || run->ahead == NULL || !create_messages(run) ||
		create_entries(run, wanted, entry_outlet) < 0 || (wanted->evidence != NULL && create_packet_store(run) < 0)) {
		run_destroy(run);
		return fail("cannot start", -ENOMEM);
	}
	*ret_run = run;
	return 0;
}

int run_start(struct run *run) {
	return reporter_start(run->reporter);
}

static void on_secrets_block(void *context, const void *text, size_t len) {
	struct run *run = context;
	if (len > 0)
		keylog_feed(run->keylog, text, len);
	else
		keylog_end(run->keylog);
}

int run_file(struct run *run, int fd, const char *name, const char *shown_name) {
	struct source_error error;
	struct source *source;
	if (fd < 0) {
		fprintf(stderr, "smtpscope: %s: cannot be opened: %s\n", shown_name, strerror(-fd));
		return fd;
	}
	if (atomic_load(&run->stopped)) {
		close(fd);
		return 0;
	}
	const struct secrets_block_sink secrets = {.context = run, .text = on_secrets_block};
	int result = file_open_with_secrets(fd, shown_name, run->options->filter, &secrets, &source, &error);
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
	ahead_flush(run->ahead);
	frame_parser_end_source(run->frames);
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

int run_live(struct run *run, struct source *source, struct source_error *ret_error) {
	run->any_read = true;
	atomic_store(&run->source, source);
	int result = atomic_load(&run->stopped) ? 0 : source_run(source, on_live_frame, run, ret_error);
	atomic_store(&run->source, NULL);
	ahead_flush(run->ahead);
	frame_parser_end_source(run->frames);
	flow_table_end_source(run->flows);
	return result;
}

/* Sessions that have gone on for long, since their beginning or since they were last written. */
static void show_long_ones(struct run *run) {
	for (struct stream *stream = run->first_stream; stream != NULL; stream = stream->next) {
		if (stream->record == NULL || run->now_ns - stream->shown_ns < run->options->partial_ns)
			continue;
		stream->shown_ns = run->now_ns;
		show_so_far(stream);
	}
}

void run_note_drops(struct run *run, int64_t wall_ns, uint64_t total) {
	drop_history_note(&run->drops, wall_ns, total);
}

/* When the oldest session began of which the reporter has not heard. 0: there is none. */
static int64_t oldest_open_ns(const struct run *run) {
	int64_t failed_ns = flow_table_oldest_failed(run->flows);
	int64_t open_ns = run->first_stream != NULL ? run->first_stream->start_ns : 0;
	return open_ns == 0 || (failed_ns != 0 && failed_ns < open_ns) ? failed_ns : open_ns;
}

void run_tick(struct run *run, int64_t monotonic_ns, int64_t wall_ns) {
	run->now_ns = monotonic_ns;
	/* While packets come, they say what time it is: there may be more of them in the kernel's ring, and nothing in them is
	 * late or lost. */
	if (!run->frames_came)
		run->packet_ns = wall_ns;
	run->frames_came = false;
	refresh_keylog(run);
	ahead_flush(run->ahead);
	flow_table_tick(run->flows, run->packet_ns);
	run->frames_until_check = 0; /* what waited for a loss to be certain may have become much more in the sessions */
	keep_within_memory(run);
	if (monotonic_ns - run->told_time_ns < TELL_TIME_NS)
		return;
	run->told_time_ns = monotonic_ns;
	if (run->options->partial_ns > 0)
		show_long_ones(run);
	reporter_tick(run->reporter, run->packet_ns, oldest_open_ns(run));
}

static void fill_decryption(const struct run *run, struct writer_statistics *statistics) {
	struct tls_decryptor_stats tls;
	struct keylog_stats keylog;
	if (run->decryptor == NULL)
		return;
	tls_decryptor_get_stats(run->decryptor, &tls);
	keylog_get_stats(run->keylog, &keylog);
	statistics->has_decryption = run->options->keylog_file != NULL || keylog.secrets > 0;
	statistics->decryption = (struct writer_decryption){
		.connections = tls.connections,
		.decrypted = tls.read,
		.secrets_read = keylog.read,
		.lines_not_understood = keylog.not_understood,
		.secrets = keylog.secrets,
		.secrets_evicted = keylog.evicted,
	};
}

void run_get_statistics(struct run *run, struct writer_statistics *ret_statistics) {
	struct flow_stats flows;
	struct frame_stats frames;
	flow_table_get_stats(run->flows, &flows);
	frame_parser_get_stats(run->frames, &frames);
	*ret_statistics = (struct writer_statistics){
		.frames = run->totals.frames,
		.bytes = run->totals.bytes,
		.segments = frames.results[LINK_SEGMENT],
		.reasons = run->reasons,
		.connections = flows.connections,
		.sessions = run->sessions,
		.gaps = flows.gaps,
		.gap_bytes = flows.gap_bytes,
		.evictions = flows.evicted,
		.failures_not_told = flows.untold,
		.live = {
			.flows_embryonic = flows.embryonic,
			.flows_open = flows.open - flows.embryonic - flows.closing,
			.flows_closing = flows.closing,
			.sessions_open = run->open_sessions,
			.ignored_segments = flows.ignored_segments,
		},
	};
	fill_decryption(run, ret_statistics);
	for (enum link_result result = LINK_SEGMENT + 1; result < LINK_RESULT_COUNT; result++) {
		if (frames.results[result] == 0)
			continue;
		/* The pieces of packets that were put together were understood. */
		if (result != LINK_IP_FRAGMENT)
			ret_statistics->not_understood += frames.results[result];
		run->reasons[ret_statistics->reason_count++] =
			(struct writer_reason){link_result_name(result), frames.results[result]};
	}
	/* Of these there was a segment, or there is no telling. */
	const struct writer_reason others[] = {
		{"captured twice", flows.duplicate_packets},
		{"overlapping IP fragments", frames.fragments.overlapping_packets},
		{"impossible IP fragment", frames.fragments.bad_pieces},
	};
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (others[i].count > 0)
			run->reasons[ret_statistics->reason_count++] = others[i];
}

void run_get_pools(struct run *run, struct writer_pool *pools, size_t *count) {
	struct flow_stats flows;
	flow_table_get_stats(run->flows, &flows);
	pools[(*count)++] = (struct writer_pool){"connections", flows.memory + run->stream_memory, connections_max(run)};
	pools[(*count)++] = (struct writer_pool){"tcp", flows.queued_bytes, run->flow_options.total_queued_bytes_max};
	if (run->packets == NULL)
		return;
	struct packet_store_stats packets;
	packet_store_get_stats(run->packets, &packets);
	pools[(*count)++] = (struct writer_pool){"evidence", packets.bytes_used, run->options->evidence_memory};
}

uint64_t run_packets_dropped(const struct run *run) {
	struct packet_store_stats packets = {0};
	if (run->packets != NULL)
		packet_store_get_stats(run->packets, &packets);
	return packets.dropped;
}

struct reporter *run_reporter(struct run *run) {
	return run->reporter;
}

static void print_summary(const struct writer_statistics *statistics) {
	fprintf(stderr,
		"smtpscope: %" PRIu64 " frames, %" PRIu64 " TCP segments, %" PRIu64 " connections, %" PRIu64 " SMTP sessions, %" PRIu64
		" bytes missing\n",
		statistics->frames, statistics->segments, statistics->connections, statistics->sessions, statistics->gap_bytes);
	if (statistics->failures_not_told > 0)
		fprintf(stderr, "smtpscope: %" PRIu64 " connections that never came about, too many to tell of each\n",
			statistics->failures_not_told);
	if (statistics->has_decryption)
		fprintf(stderr, "smtpscope: %" PRIu64 " of %" PRIu64 " connections with TLS decrypted\n",
			statistics->decryption.decrypted, statistics->decryption.connections);
	for (size_t i = 0; i < statistics->reason_count; i++)
		fprintf(stderr, "smtpscope: %" PRIu64 " frames: %s\n", statistics->reasons[i].count,
			statistics->reasons[i].reason);
}

int run_end(struct run *run, void (*extra)(void *context, struct writer_statistics *statistics), void *context) {
	struct writer_statistics statistics;
	run_get_statistics(run, &statistics);
	int error = reporter_finish(run->reporter, run->any_read ? &statistics : NULL, extra, context);
	if (run->options->verbose)
		print_summary(&statistics);
	if (error < 0 || reporter_conclusion_error(run->reporter) == 0)
		return error;
	fprintf(stderr, "smtpscope: no diagnosis could be made: %s\n", strerror(-reporter_conclusion_error(run->reporter)));
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
	ahead_destroy(run->ahead);
	flow_table_destroy(run->flows);
	channels_destroy(run->entries);
	privacy_destroy(run->entry_privacy);
	reporter_destroy(run->reporter);
	frame_parser_destroy(run->frames);
	message_reader_destroy(run->messages.reader);
	message_reader_destroy(run->messages.early_reader);
	tls_decryptor_destroy(run->decryptor);
	keylog_file_close(run->keylog_file);
	keylog_destroy(run->keylog);
	packet_store_destroy(run->packets); /* all chains of it were freed with what waited for the reporter */
	free(run);
}
