/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What is committed of a partition is where all is done: every diagnosis that comes of what was read up to there has arrived. The commit
 * also says from where on the next owner reads, so that it knows what we know: --diagnosis-memory back. Conclusions depend on the records
 * only (partition.h), so what it tells again of that time are the same documents, with the same ids.
 *
 * Why not the offset before the oldest open diagnosis alone: a verdict needs what was before, too, such as the face that a server had,
 * or that STARTTLS was offered. And what had to be kept beside the log, a store of states, would be one thing more to lose.
 */
#include "cli/consume.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/channels.h"
#include "cli/conclusion.h"
#include "cli/lines.h"
#include "cli/live.h"
#include "cli/metrics_output.h"
#include "cli/notify.h"
#include "cli/outputs.h"
#include "cli/partition.h"
#include "cli/prepare.h"
#include "delivery/kafka_source.h"
#include "report/document.h"
#include "report/sink/destination.h"
#include "report/sorter.h"
#include "report/tallies.h"

enum { EXIT_INCOMPLETE = 1 };

#define MILLISECOND_NS INT64_C(1000000)
#define SECOND_NS INT64_C(1000000000)
#define TICK_NS (100 * MILLISECOND_NS)
#define COMMIT_NS (5 * SECOND_NS)
#define COMMIT_IDLE_NS SECOND_NS   /* when there is nothing more to be read now */
#define HAND_OVER_NS (5 * SECOND_NS) /* when partitions go: for what waits to arrive */
#define FLUSH_NS (10 * SECOND_NS)    /* when the program is to end: likewise */
#define METRICS_NS (5 * SECOND_NS)

enum {
	RECORDS_AT_ONCE = 256,       /* between looks at the clock */
	FACTS_MEMORY = 64 << 20,     /* until=end: of all partitions together, in the end */
	BUFFER_KEPT = 1 << 20,
	POLL_MS = 100,
};

struct consume {
	const struct options *options;
	const struct destination *topic;
	struct delivery delivery;
	bool delivers; /* delivery is there */
	struct kafka_source *source;
	struct outputs *outputs;
	struct channels *channels;
	struct metrics_output metrics;
	struct notify notify;
	int memory_fd, directory_fd;
	struct document_reader *reader;
	struct facts facts;
	char *buffer; /* a record, which the reader changes */
	size_t buffer_size;
	struct partition **partitions;
	size_t partition_count, partition_size;
	struct conclusion *all; /* until=end: of all partitions */
	bool assigned;          /* it was said once which partitions are ours */
	/* Counted. */
	uint64_t counts[DOCUMENT_RESULT_COUNT], records, bytes, duplicates, read_again;
	struct first_of {
		int32_t partition;
		int64_t offset;
	} first[DOCUMENT_RESULT_COUNT]; /* of each result */
	struct tallies tallies; /* diagnoses only */
	/* What was handed over, and waits to arrive. */
	bool marked, commits_never;
	struct outputs_mark mark;
	struct commit {
		int32_t partition;
		int64_t offset, first_offset;
	} *commits;
	size_t commit_count, commit_size;
	/* Times by the monotonic clock. */
	int64_t now_ns, commit_at_ns, stats_at_ns, metrics_at_ns, watchdog_at_ns, start_ns, start_wall_ns;
	int error; /* our own failure: the run ends */
};

/* For the signal handlers. */
static struct consume *running;
static volatile sig_atomic_t stop_asked, reopen_asked, statistics_asked;

static void on_stop(int number) {
	(void)number;
	stop_asked = 1;
	kafka_source_hurry(running->source);
	outputs_hurry(running->outputs, FLUSH_NS);
}

static void on_reopen(int number) {
	(void)number;
	reopen_asked = 1;
	outputs_reopen(running->outputs);
}

static void on_statistics(int number) {
	(void)number;
	statistics_asked = 1;
}

/* A second signal to stop ends the program at once. */
static void install_signals(void) {
	struct sigaction stop = {.sa_handler = on_stop, .sa_flags = SA_RESETHAND}, reopen = {.sa_handler = on_reopen},
			 statistics = {.sa_handler = on_statistics}, ignore = {.sa_handler = SIG_IGN};
	sigaction(SIGINT, &stop, NULL);
	sigaction(SIGTERM, &stop, NULL);
	sigaction(SIGHUP, &reopen, NULL);
	sigaction(SIGUSR1, &statistics, NULL);
	sigaction(SIGPIPE, &ignore, NULL);
}

static int64_t clock_ns(clockid_t clock) {
	struct timespec now;
	clock_gettime(clock, &now);
	return (int64_t)now.tv_sec * SECOND_NS + now.tv_nsec;
}

static void complain(const char *text) {
	fprintf(stderr, "smtpscope: %s\n", text);
}

static void say(void *context, const char *text) {
	const struct consume *consume = context;
	if (!consume->options->quiet)
		complain(text);
}

static void fail(struct consume *consume, int error) {
	if (consume->error == 0 && error < 0)
		consume->error = error;
}

static bool have_all(const struct consume *consume, bool (*what)(const struct partition *partition)) {
	for (size_t i = 0; i < consume->partition_count; i++)
		if (!what(consume->partitions[i]))
			return false;
	return consume->assigned;
}

/* ---- Commits ---- */

/* Notes how far we are, and what has to arrive before that may be said. */
static void mark(struct consume *consume) {
	consume->commit_count = 0;
	for (size_t i = 0; i < consume->partition_count; i++) {
		struct commit commit = {.partition = partition_number(consume->partitions[i])};
		if (partition_position(consume->partitions[i], &commit.offset, &commit.first_offset))
			consume->commits[consume->commit_count++] = commit;
	}
	consume->marked = consume->commit_count > 0;
	if (!consume->marked)
		return;
	fail(consume, channels_flush(consume->channels));
	outputs_get_mark(consume->outputs, &consume->mark);
}

static void commit_marked(struct consume *consume, bool waits) {
	for (size_t i = 0; i < consume->commit_count; i++)
		kafka_source_mark(
			consume->source, consume->commits[i].partition, consume->commits[i].offset, consume->commits[i].first_offset);
	kafka_source_commit(consume->source, waits);
	consume->marked = false;
}

/* Returns whether what was marked has arrived. */
static bool has_arrived(struct consume *consume) {
	int result = consume->error < 0 ? -EIO : outputs_have(consume->outputs, &consume->mark);
	if (result < 0 && !consume->commits_never) {
		consume->commits_never = true;
		complain("diagnoses were lost or refused by a destination: nothing is committed any more, and all will be read again by the "
			 "next run (--dead-letters FILE keeps what is refused)");
	}
	return result > 0;
}

static void see_to_commits(struct consume *consume) {
	if (consume->commits_never || consume->topic->until_end)
		return;
	if (!consume->marked && consume->now_ns >= consume->commit_at_ns)
		mark(consume);
	if (!consume->marked || !has_arrived(consume))
		return;
	commit_marked(consume, false);
	consume->commit_at_ns = consume->now_ns + (have_all(consume, partition_is_at_end) ? COMMIT_IDLE_NS : COMMIT_NS);
}

/* All that was done, if it arrives in time. */
static void commit_now(struct consume *consume, int64_t wait_ns) {
	int64_t until_ns = clock_ns(CLOCK_MONOTONIC) + wait_ns;
	mark(consume);
	while (consume->marked && !consume->commits_never) {
		if (has_arrived(consume)) {
			commit_marked(consume, true);
		} else if (clock_ns(CLOCK_MONOTONIC) >= until_ns) {
			say(consume, "what was read last is not committed: not all diagnoses have arrived yet");
			consume->marked = false;
		} else {
			nanosleep(&(struct timespec){.tv_nsec = 10 * MILLISECOND_NS}, NULL);
		}
	}
}

/* ---- Partitions ---- */

static int publish(void *context, const struct diagnosis *diagnosis, enum tallies_change change) {
	struct consume *consume = context;
	tallies_add_diagnosis(&consume->tallies, diagnosis->id, change);
	return channels_diagnosis(consume->channels, diagnosis);
}

static struct partition *find(struct consume *consume, int32_t number) {
	for (size_t i = 0; i < consume->partition_count; i++)
		if (partition_number(consume->partitions[i]) == number)
			return consume->partitions[i];
	return NULL;
}

static bool make_place(struct consume *consume) {
	if (consume->partition_count < consume->partition_size)
		return true;
	size_t size = 2 * consume->partition_size + 16;
	struct partition **partitions = reallocarray(consume->partitions, size, sizeof(*partitions));
	if (partitions != NULL)
		consume->partitions = partitions;
	struct commit *commits = reallocarray(consume->commits, size, sizeof(*commits));
	if (commits != NULL)
		consume->commits = commits;
	if (partitions == NULL || commits == NULL)
		return false;
	consume->partition_size = size;
	return true;
}

static void on_assigned(void *context, int32_t number, int64_t committed_offset, int64_t first_offset) {
	struct consume *consume = context;
	const struct partition_options wanted = {
		.options = consume->options, .publish = publish, .context = consume,
		.apart = kafka_source_count_partitions(consume->source) != 1, .directory_fd = consume->directory_fd};
	struct partition *partition = make_place(consume) ? partition_create(&wanted, number, committed_offset, first_offset) : NULL;
	if (partition == NULL)
		fail(consume, -ENOMEM);
	else
		consume->partitions[consume->partition_count++] = partition;
}

static void on_assignment(void *context) {
	((struct consume *)context)->assigned = true;
}

static void on_revoking(void *context) {
	struct consume *consume = context;
	if (!consume->topic->until_end && !stop_asked && consume->error == 0)
		commit_now(consume, HAND_OVER_NS);
}

static void on_revoked(void *context, int32_t number) {
	struct consume *consume = context;
	for (size_t i = 0; i < consume->partition_count; i++) {
		if (partition_number(consume->partitions[i]) != number)
			continue;
		partition_forget_open(consume->partitions[i], &consume->tallies);
		partition_destroy(consume->partitions[i]);
		consume->partitions[i] = consume->partitions[--consume->partition_count];
		break;
	}
	for (size_t i = 0; i < consume->commit_count; i++)
		if (consume->commits[i].partition == number)
			consume->commits[i--] = consume->commits[--consume->commit_count];
}

static void on_committed(void *context, int32_t number, int64_t offset) {
	struct partition *partition = find(context, number);
	if (partition != NULL)
		partition_note_commit(partition, offset);
}

/* ---- Records ---- */

/* The reader changes what it reads. */
static char *copy(struct consume *consume, const char *data, size_t len) {
	if (consume->buffer_size < len || (consume->buffer_size > BUFFER_KEPT && len <= BUFFER_KEPT)) {
		size_t size = len <= BUFFER_KEPT ? BUFFER_KEPT : len;
		free(consume->buffer);
		consume->buffer = malloc(size);
		consume->buffer_size = consume->buffer != NULL ? size : 0;
	}
	if (consume->buffer != NULL)
		memcpy(consume->buffer, data, len);
	return consume->buffer;
}

static enum document_result read_document(struct consume *consume, const struct kafka_source_record *record) {
	if (record->data == NULL || record->len == 0)
		return DOCUMENT_OTHER; /* a tombstone */
	char *text = record->len <= LINES_LENGTH_MAX ? copy(consume, record->data, record->len) : NULL;
	return text != NULL ? document_read(consume->reader, text, record->len, &consume->facts) : DOCUMENT_TOO_LARGE;
}

static void take_record(struct consume *consume, const struct kafka_source_record *record) {
	struct partition *partition = find(consume, record->partition);
	if (partition == NULL)
		return; /* it is not ours any more */
	consume->records++;
	consume->bytes += record->len;
	consume->read_again += partition_note_record(partition, record->offset);
	enum document_result result = read_document(consume, record);
	if (consume->counts[result]++ == 0)
		consume->first[result] = (struct first_of){record->partition, record->offset};
	if (result != DOCUMENT_SESSION)
		return;
	int added = partition_add(partition, &consume->facts, clock_ns(CLOCK_REALTIME));
	consume->duplicates += added > 0;
	fail(consume, added);
}

static void take_end(struct consume *consume, const struct kafka_source_record *record) {
	struct partition *partition = find(consume, record->partition);
	if (partition != NULL)
		partition_reach_end(partition, record->offset, consume->now_ns);
}

/* ---- Statistics ---- */

struct statistics_room {
	struct writer_reason reasons[DOCUMENT_RESULT_COUNT];
	struct writer_pool pools[1];
	struct writer_sink sinks[OPTIONS_OUTPUTS_MAX];
};

static void fill_topic(struct consume *consume, struct writer_statistics *statistics, struct writer_partition *partitions) {
	struct kafka_source_stats stats;
	kafka_source_get_stats(consume->source, &stats);
	statistics->has_topic = true;
	statistics->topic = (struct writer_topic){
		.name = consume->topic->name,
		.group = consume->topic->group,
		.up = stats.up,
		.records = consume->records,
		.bytes = consume->bytes,
		.skipped = consume->records - consume->counts[DOCUMENT_SESSION],
		.duplicates = consume->duplicates,
		.read_again = consume->read_again,
		.rebalances = stats.rebalances,
		.commits = stats.commits,
		.commit_errors = stats.commit_errors,
		.errors = stats.errors,
		.partitions = partitions,
		.partition_count = partitions != NULL ? consume->partition_count : 0,
	};
	for (size_t i = 0; i < consume->partition_count; i++) {
		const struct partition *partition = consume->partitions[i];
		statistics->topic.not_committed += partition_not_committed(partition);
		if (partitions != NULL)
			partitions[i] = (struct writer_partition){partition_number(partition),
				kafka_source_count_behind(consume->source, partition_number(partition), partition_next(partition))};
	}
}

/* Fills them in; they point into room and partitions. */
static void fill_statistics(struct consume *consume, bool final, struct statistics_room *room, struct writer_partition *partitions,
	struct writer_statistics *statistics) {
	*statistics = (struct writer_statistics){
		.from_documents = true,
		.documents = consume->records,
		.sessions = consume->counts[DOCUMENT_SESSION],
		.reasons = room->reasons,
		.diagnosed = &consume->tallies,
		.has_live = true,
		.live = {
			.final = final,
			.version = SMTPSCOPE_VERSION,
			.start_ns = consume->start_wall_ns,
			.time_ns = clock_ns(CLOCK_REALTIME),
			.uptime_ns = consume->now_ns - consume->start_ns,
			.interval_ns = consume->now_ns - consume->stats_at_ns,
			.memory_bytes = live_resident_bytes(consume->memory_fd),
			.pools = room->pools,
			.pool_count = 1,
		},
		.has_output = true,
	};
	for (enum document_result result = 0; result < DOCUMENT_RESULT_COUNT; result++)
		if (result != DOCUMENT_SESSION && consume->counts[result] > 0)
			room->reasons[statistics->reason_count++] =
				(struct writer_reason){document_result_name(result), consume->counts[result]};
	outputs_get_stats(consume->outputs, &statistics->output, room->sinks);
	room->pools[0] = (struct writer_pool){
		"output", statistics->output.queue_bytes, consume->options->queue_bytes * statistics->output.sink_count};
	fill_topic(consume, statistics, partitions);
}

static void see_to_statistics(struct consume *consume) {
	int64_t interval_ns = consume->options->stats_interval_ns;
	bool is_due = statistics_asked || (interval_ns > 0 && consume->now_ns - consume->stats_at_ns >= interval_ns);
	bool metrics = metrics_output_is_wanted(&consume->metrics) && consume->now_ns - consume->metrics_at_ns >= METRICS_NS;
	if (!is_due && !metrics)
		return;
	struct statistics_room room;
	struct writer_statistics statistics;
	struct writer_partition *partitions = calloc(consume->partition_count + 1, sizeof(*partitions));
	statistics_asked = 0;
	fill_statistics(consume, false, &room, partitions, &statistics);
	if (is_due)
		fail(consume, channels_statistics(consume->channels, &statistics));
	if (metrics_output_is_wanted(&consume->metrics))
		metrics_output_publish(&consume->metrics, &statistics);
	consume->metrics_at_ns = consume->now_ns;
	if (is_due)
		consume->stats_at_ns = consume->now_ns;
	free(partitions);
}

/* ---- The run ---- */

/* When what is told does not get away, nothing more is read; the group must not wait for that. */
static void see_to_queues(struct consume *consume) {
	struct writer_output output;
	struct writer_sink sinks[OPTIONS_OUTPUTS_MAX];
	outputs_get_stats(consume->outputs, &output, sinks);
	bool any_full = false, any_half = false;
	for (size_t i = 0; i < output.sink_count; i++) {
		any_full |= sinks[i].queue_bytes > consume->options->queue_bytes / 2;
		any_half |= sinks[i].queue_bytes > consume->options->queue_bytes / 4;
	}
	if (any_full || !any_half)
		kafka_source_pause(consume->source, any_full);
}

static void tick(struct consume *consume) {
	for (size_t i = 0; i < consume->partition_count; i++)
		fail(consume, partition_pass(consume->partitions[i], consume->now_ns));
	see_to_queues(consume);
	see_to_commits(consume);
	see_to_statistics(consume);
	fail(consume, channels_flush(consume->channels));
	if (reopen_asked) {
		reopen_asked = 0;
		notify_reloading(&consume->notify);
		notify_ready(&consume->notify);
	}
	if (consume->notify.watchdog_interval_us > 0 &&
		consume->now_ns - consume->watchdog_at_ns >= (int64_t)consume->notify.watchdog_interval_us * 1000 / 2) {
		consume->watchdog_at_ns = consume->now_ns;
		notify_watchdog(&consume->notify);
	}
}

static void read_some(struct consume *consume) {
	for (size_t i = 0; i < RECORDS_AT_ONCE && !stop_asked && consume->error == 0; i++) {
		struct kafka_source_record record;
		int result = kafka_source_next(consume->source, i == 0 ? POLL_MS : 0, &record);
		if (result < 0)
			fail(consume, result);
		else if (result == KAFKA_SOURCE_RECORD)
			take_record(consume, &record);
		else if (result == KAFKA_SOURCE_END)
			take_end(consume, &record);
		else
			break;
	}
}

static void add_session(void *context, const struct facts *facts) {
	struct consume *consume = context;
	consume->facts = *facts;
	conclusion_add(consume->all, &consume->facts);
}

/* until=end: as if the partitions were files. */
static void conclude_all(struct consume *consume) {
	consume->all = conclusion_create(consume->options, FACTS_MEMORY, consume->directory_fd);
	if (consume->all == NULL) {
		fail(consume, -ENOMEM);
		return;
	}
	if ((int)consume->partition_count != kafka_source_count_partitions(consume->source))
		conclusion_set_apart(consume->all);
	for (size_t i = 0; i < consume->partition_count && consume->error == 0; i++) {
		struct sorter *sessions = partition_sessions(consume->partitions[i]);
		if (sessions != NULL)
			fail(consume, sorter_run(sessions, add_session, consume));
	}
	if (consume->error == 0)
		fail(consume, conclusion_write(consume->all, consume->channels));
	fail(consume, conclusion_error(consume->all));
}

/* A line for each kind of record that could not be used. Returns whether there was any. */
static bool report_skipped(const struct consume *consume) {
	bool any = false;
	for (enum document_result result = 0; result < DOCUMENT_RESULT_COUNT; result++) {
		uint64_t count = consume->counts[result];
		if (result == DOCUMENT_SESSION || result == DOCUMENT_OTHER || count == 0)
			continue;
		fprintf(stderr, "smtpscope: %s: skipped %" PRIu64 " %s: %s (first: partition %" PRId32 ", offset %" PRId64 ")\n",
			consume->topic->name, count, count == 1 ? "record" : "records", document_result_name(result),
			consume->first[result].partition, consume->first[result].offset);
		any = true;
	}
	return any;
}

static void finish(struct consume *consume) {
	if (consume->topic->until_end && !stop_asked && consume->error == 0)
		conclude_all(consume);
	for (size_t i = 0; i < consume->partition_count && !consume->topic->until_end; i++)
		fail(consume, partition_finish(consume->partitions[i]));
	struct statistics_room room;
	struct writer_statistics statistics;
	consume->now_ns = clock_ns(CLOCK_MONOTONIC);
	/* Diagnoses first: what waits behind them need not have arrived. */
	bool done = consume->error == 0 && (!consume->topic->until_end || !stop_asked);
	if (done)
		commit_now(consume, stop_asked ? FLUSH_NS : INT64_MAX / 4);
	struct writer_partition *partitions = calloc(consume->partition_count + 1, sizeof(*partitions));
	fill_statistics(consume, true, &room, partitions, &statistics);
	fail(consume, channels_end(consume->channels, &statistics));
	metrics_output_publish(&consume->metrics, &statistics);
	free(partitions);
}

static int run(struct consume *consume) {
	char error[KAFKA_SOURCE_ERROR_MAX];
	int result = outputs_start(consume->outputs);
	if (result == 0)
		result = metrics_output_start(&consume->metrics);
	if (result < 0)
		return prepare_fail("a thread", result);
	consume->start_wall_ns = clock_ns(CLOCK_REALTIME);
	consume->start_ns = consume->now_ns = consume->stats_at_ns = clock_ns(CLOCK_MONOTONIC);
	running = consume;
	/* librdkafka's threads do not get our signals, whose handlers they would run. */
	sigset_t all, before;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	result = kafka_source_start(consume->source, error);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (result < 0) {
		fprintf(stderr, "smtpscope: %s: %s\n", consume->topic->name, error);
		return result;
	}
	install_signals();
	notify_ready(&consume->notify);
	int64_t ticked_ns = 0;
	while (!stop_asked && consume->error == 0 && !(consume->topic->until_end && have_all(consume, partition_has_ended))) {
		read_some(consume);
		consume->now_ns = clock_ns(CLOCK_MONOTONIC);
		if (consume->now_ns - ticked_ns < TICK_NS)
			continue;
		ticked_ns = consume->now_ns;
		tick(consume);
	}
	notify_stopping(&consume->notify);
	finish(consume);
	kafka_source_stop(consume->source);
	return consume->error;
}

/* ---- Before the sandbox ---- */

static int open_source(struct consume *consume) {
	char error[KAFKA_SOURCE_ERROR_MAX];
	_Static_assert((int)KAFKA_SOURCE_ERROR_MAX >= (int)CREDENTIALS_ERROR_MAX, "the text fits");
	const struct kafka_source_events events = {
		.assigned = on_assigned,
		.assignment = on_assignment,
		.revoking = on_revoking,
		.revoked = on_revoked,
		.committed = on_committed,
		.say = say,
		.context = consume,
	};
	int result = delivery_init(&consume->delivery, consume->topic, error);
	consume->delivers = result == 0;
	if (result == 0) {
		consume->delivery.kafka = consume->options->kafka;
		consume->delivery.kafka_count = consume->options->kafka_count;
		result = kafka_source_create(&consume->delivery, &events, &consume->source, error);
	}
	if (result < 0)
		fprintf(stderr, "smtpscope: %s: %s\n", consume->topic->name, error);
	return result;
}

static int open_all(struct consume *consume, const struct sandbox_user *user) {
	const struct options *options = consume->options;
	const struct outputs_options wanted = {
		.options = options, .live = true, .waits = true, .user = user, .stdout_fd = STDOUT_FILENO, .say = say, .context = consume};
	int result = notify_open(&consume->notify);
	if (result < 0)
		return prepare_fail("the socket of the service manager", result);
	consume->memory_fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
	consume->directory_fd = options->session_topic->until_end ? sorter_open_directory() : -EBADF;
	consume->reader = document_reader_create();
	if (consume->reader == NULL)
		return prepare_fail("cannot start", -ENOMEM);
	if ((result = open_source(consume)) < 0 || (result = outputs_open(&wanted, &consume->outputs)) < 0 ||
		(result = metrics_output_open(&consume->metrics, options)) < 0)
		return result;
	size_t channel_count;
	const struct channel *channels = outputs_channels(consume->outputs, &channel_count);
	result = channels_create(options, channels, channel_count, false, &consume->channels);
	return result < 0 ? prepare_fail("cannot start", result) : 0;
}

static int enter_sandbox(struct consume *consume) {
	struct sandbox_path paths[OUTPUTS_PATHS_MAX];
	struct sandbox_options wanted = {.paths = paths, .listens = consume->metrics.http != NULL};
	outputs_allow(consume->outputs, &wanted, paths);
	wanted.connects = true;
	const int fds[] = {consume->directory_fd, consume->metrics.directory_fd};
	for (size_t i = 0; i < sizeof(fds) / sizeof(fds[0]); i++)
		if (fds[i] >= 0)
			paths[wanted.path_count++] = (struct sandbox_path){fds[i], SANDBOX_ACCESS_WRITE};
	int result = prepare_sandbox(consume->options, &wanted);
	if (result == 0 && consume->metrics.directory_fd >= 0)
		result = prepare_check_writable(consume->metrics.directory_fd, consume->options->metrics_file);
	return result;
}

/* ---- All ---- */

static void close_all(struct consume *consume) {
	kafka_source_destroy(consume->source);
	running = NULL;
	metrics_output_close(&consume->metrics);
	while (consume->partition_count > 0)
		partition_destroy(consume->partitions[--consume->partition_count]);
	free(consume->partitions);
	free(consume->commits);
	free(consume->buffer);
	conclusion_destroy(consume->all);
	document_reader_destroy(consume->reader);
	channels_destroy(consume->channels);
	outputs_destroy(consume->outputs);
	if (consume->delivers)
		delivery_finish(&consume->delivery);
	notify_close(&consume->notify);
	const int fds[] = {consume->memory_fd, consume->directory_fd};
	for (size_t i = 0; i < sizeof(fds) / sizeof(fds[0]); i++)
		if (fds[i] >= 0)
			close(fds[i]);
}

int consume_main(const struct options *options) {
	struct consume consume = {.options = options, .topic = options->session_topic, .memory_fd = -1, .directory_fd = -1,
		.metrics = {.directory_fd = -1}, .notify = {.fd = -1}};
	struct sandbox_user user = {0};
	struct sandbox_error error;
	if (options->sandbox && sandbox_find_user(options->user, &user, &error) < 0) {
		complain(error.text);
		return EXIT_INCOMPLETE;
	}
	int result = open_all(&consume, &user);
	if (result == 0)
		result = enter_sandbox(&consume);
	if (result == 0) {
		result = run(&consume);
		if (consume.error < 0 && consume.error != -EPIPE)
			prepare_fail(consume.topic->name, consume.error);
	}
	if (consume.outputs != NULL) {
		int finished = outputs_finish(consume.outputs, stop_asked || result < 0 ? FLUSH_NS : -1);
		result = result == 0 ? finished : result;
	}
	bool skipped = report_skipped(&consume), complete = result == 0 && !consume.commits_never;
	close_all(&consume);
	/* Of what there is, as with files, some could not be read; of what comes and comes, that happens. */
	return complete && !(skipped && options->session_topic->until_end) ? EXIT_SUCCESS : EXIT_INCOMPLETE;
}
