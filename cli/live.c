/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The order is that of the sandbox: everything is opened first, then privileges go, then threads start, then packets are read.
 */
#include "cli/live.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "capture/live.h"
#include "cli/metrics_output.h"
#include "cli/notify.h"
#include "cli/outputs.h"
#include "cli/prepare.h"
#include "cli/run.h"
#include "cli/top_thread.h"

enum { EXIT_INCOMPLETE = 1 };

#define SECOND INT64_C(1000000000)
#define METRICS_INTERVAL_NS (5 * SECOND)
#define TOP_INTERVAL_NS (1 * SECOND)
#define FLUSH_NS (10 * SECOND) /* at the end: for what waits to be written */

struct live {
	const struct options *options;
	struct notify notify;
	struct source *source;
	struct outputs *outputs;
	int evidence_fd;
	struct evidence *evidence;
	struct metrics_output metrics;
	struct top_thread *top;
	int memory_fd; /* /proc/self/statm */
	int null_fd;   /* --top: for documents that nobody wants */
	struct run *run;
	int64_t start_wall_ns, start_ns, now_ns; /* the latter two by the monotonic clock */
	int64_t stats_at_ns, snapshot_at_ns, watchdog_at_ns; /* when they were last seen to */
};

/* For the signal handlers. */
static struct live *running;
static volatile sig_atomic_t stop_asked, reopen_asked, statistics_asked;

static void on_stop(int number) {
	(void)number;
	stop_asked = 1;
	run_stop(running->run);
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
	return (int64_t)now.tv_sec * SECOND + now.tv_nsec;
}

/* ---- What is said to a person ---- */

static void complain(const char *text) {
	fprintf(stderr, "smtpscope: %s\n", text);
}

static void say(void *context, const char *text) {
	struct live *live = context;
	if (live->top != NULL)
		top_thread_say(live->top, text);
	else if (!live->options->quiet)
		complain(text);
}

/* ---- Statistics ---- */

/* With room for what the statistics point to. */
struct snapshot {
	struct reporter_snapshot base; /* first: the reporter frees it */
	struct writer_reason reasons[64];
	struct writer_interface interfaces[LIVE_INTERFACES_MAX];
	struct writer_pool pools[4];
	struct writer_sink sinks[OPTIONS_OUTPUTS_MAX];
};

uint64_t live_resident_bytes(int statm_fd) {
	char text[128];
	ssize_t len = statm_fd >= 0 ? pread(statm_fd, text, sizeof(text) - 1, 0) : -1;
	unsigned long long pages = 0;
	if (len <= 0)
		return 0;
	text[len] = '\0';
	return sscanf(text, "%*u %llu", &pages) == 1 ? pages * (uint64_t)sysconf(_SC_PAGESIZE) : 0;
}

static void fill_interfaces(struct live *live, struct writer_statistics *statistics, struct writer_interface *interfaces) {
	static const enum writer_interface_state states[LIVE_STATE_COUNT] = {
		[LIVE_UP] = WRITER_INTERFACE_UP, [LIVE_DOWN] = WRITER_INTERFACE_DOWN, [LIVE_GONE] = WRITER_INTERFACE_GONE};
	statistics->live.interfaces = interfaces;
	statistics->live.interface_count = live_count_interfaces(live->source);
	statistics->frames = statistics->bytes = 0;
	for (size_t i = 0; i < statistics->live.interface_count; i++) {
		struct live_interface_stats stats;
		live_get_interface(live->source, i, &stats);
		interfaces[i] = (struct writer_interface){
			.name = stats.name,
			.state = states[stats.state],
			.frames = stats.frames,
			.bytes = stats.bytes,
			.dropped_by_kernel = stats.dropped_by_kernel,
			.dropped_by_interface = stats.dropped_by_interface,
			.outages = stats.outages,
		};
		statistics->frames += stats.frames;
		statistics->bytes += stats.bytes;
	}
}

static void fill_output(struct live *live, struct writer_statistics *statistics, struct writer_sink *sinks) {
	statistics->has_output = true;
	outputs_get_stats(live->outputs, &statistics->output, sinks);
}

static void fill_pools(struct live *live, struct writer_statistics *statistics, struct writer_pool *pools) {
	size_t count = 0;
	run_get_pools(live->run, pools, &count);
	pools[count++] = (struct writer_pool){"output", statistics->output.queue_bytes,
		live->options->queue_bytes * statistics->output.sink_count};
	statistics->live.pools = pools;
	statistics->live.pool_count = count;
}

static void fill_evidence(struct live *live, struct writer_statistics *statistics) {
	if (live->evidence == NULL)
		return;
	struct evidence_stats stats;
	evidence_get_stats(live->evidence, &stats);
	statistics->has_evidence = true;
	statistics->evidence = (struct writer_evidence){
		.files_written = stats.sessions,
		.files_removed = stats.files_removed,
		.packets_dropped = stats.left_out + run_packets_dropped(live->run),
		.disk_bytes = stats.disk_bytes,
	};
}

/* What the run itself does not know. */
static void fill(struct live *live, struct writer_statistics *statistics, struct snapshot *room, bool final) {
	statistics->has_live = true;
	statistics->live.final = final;
	statistics->live.version = SMTPSCOPE_VERSION;
	statistics->live.start_ns = live->start_wall_ns;
	statistics->live.time_ns = clock_ns(CLOCK_REALTIME);
	statistics->live.uptime_ns = live->now_ns - live->start_ns;
	statistics->live.interval_ns = live->now_ns - live->stats_at_ns;
	statistics->live.memory_bytes = live_resident_bytes(live->memory_fd);
	fill_interfaces(live, statistics, room->interfaces);
	fill_output(live, statistics, room->sinks);
	fill_pools(live, statistics, room->pools);
	fill_evidence(live, statistics);
}

/* In the reporter's thread. */
static void publish_metrics(void *context, const struct writer_statistics *statistics) {
	struct live *live = context;
	metrics_output_publish(&live->metrics, statistics);
}

static void take_snapshot(struct live *live, bool is_due) {
	struct snapshot *room = calloc(1, sizeof(*room));
	if (room == NULL)
		return; /* there will be another */
	struct writer_statistics *statistics = &room->base.statistics;
	run_get_statistics(live->run, statistics);
	memcpy(room->reasons, statistics->reasons, statistics->reason_count * sizeof(room->reasons[0]));
	statistics->reasons = room->reasons;
	fill(live, statistics, room, false);
	room->base.is_due = is_due;
	if (metrics_output_is_wanted(&live->metrics))
		room->base.use = publish_metrics;
	room->base.context = live;
	reporter_statistics(run_reporter(live->run), &room->base);
}

static void see_to_statistics(struct live *live) {
	int64_t interval_ns = live->options->stats_interval_ns;
	bool is_due = statistics_asked || (interval_ns > 0 && live->now_ns - live->stats_at_ns >= interval_ns);
	bool metrics = metrics_output_is_wanted(&live->metrics);
	int64_t snapshot_ns = live->top != NULL ? TOP_INTERVAL_NS : metrics ? METRICS_INTERVAL_NS : INT64_MAX;
	if (!is_due && live->now_ns - live->snapshot_at_ns < snapshot_ns)
		return;
	statistics_asked = 0;
	take_snapshot(live, is_due);
	live->snapshot_at_ns = live->now_ns;
	if (is_due)
		live->stats_at_ns = live->now_ns;
}

/* ---- The run ---- */

static uint64_t dropped_by_kernel(struct live *live) {
	uint64_t total = 0;
	for (size_t i = 0; i < live_count_interfaces(live->source); i++) {
		struct live_interface_stats stats;
		live_get_interface(live->source, i, &stats);
		total += stats.dropped_by_kernel;
	}
	return total;
}

static void on_tick(void *context, int64_t monotonic_ns, int64_t wall_ns) {
	struct live *live = context;
	live->now_ns = monotonic_ns;
	run_note_drops(live->run, wall_ns, dropped_by_kernel(live));
	run_tick(live->run, monotonic_ns, wall_ns);
	see_to_statistics(live);
	if (live->top != NULL && top_thread_wants_end(live->top))
		run_stop(live->run);
	if (reopen_asked) {
		reopen_asked = 0;
		notify_reloading(&live->notify);
		notify_ready(&live->notify);
	}
	if (live->notify.watchdog_interval_us > 0 &&
		monotonic_ns - live->watchdog_at_ns >= (int64_t)live->notify.watchdog_interval_us * 1000 / 2) {
		live->watchdog_at_ns = monotonic_ns;
		notify_watchdog(&live->notify);
	}
}

/* At the end, when all sessions are written. */
static void fill_final(void *context, struct writer_statistics *statistics) {
	struct live *live = context;
	static struct snapshot room; /* what the statistics point to, once more than the call */
	live->now_ns = clock_ns(CLOCK_MONOTONIC);
	fill(live, statistics, &room, true);
}

/* ---- Before the sandbox ---- */

static int open_source(struct live *live) {
	const struct options *options = live->options;
	struct source_error error;
	const struct live_options wanted = {
		.interfaces = options->interfaces,
		.interface_count = options->interface_count,
		.snap_len = (size_t)options->snaplen,
		.buffer_kib = (size_t)options->buffer_kib,
		.promiscuous = options->promiscuous,
		.immediate = options->immediate,
		.filter = options->filter,
		.kernel_filter = {.hints = options->flow.hints, .all_tcp = options->all_tcp},
		.frames_max = options->frames_max,
	};
	int result = live_open(&wanted, &live->source, &error);
	if (result < 0)
		complain(error.text);
	else
		live_watch(live->source, &(struct live_watcher){.context = live, .tick = on_tick, .say = say});
	return result;
}

static int open_outputs(struct live *live, const struct sandbox_user *user) {
	const struct outputs_options wanted = {
		.options = live->options,
		.live = true,
		.user = user,
		.stdout_fd = STDOUT_FILENO,
		.say = say,
		.context = live,
	};
	struct outputs_options unwanted = wanted;
	if (!live->options->top || !options_writes_to_standard_output(live->options))
		return outputs_open(&wanted, &live->outputs);
	/* The screen is somebody else's. */
	live->null_fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
	unwanted.stdout_fd = live->null_fd;
	return outputs_open(&unwanted, &live->outputs);
}

static int open_all(struct live *live, const struct sandbox_user *user) {
	int result = notify_open(&live->notify);
	if (result < 0)
		return prepare_fail("the socket of the service manager", result);
	live->memory_fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
	if ((result = open_source(live)) < 0 || (result = open_outputs(live, user)) < 0 ||
		(result = prepare_evidence(live->options, &live->evidence_fd, &live->evidence)) < 0)
		return result;
	result = metrics_output_open(&live->metrics, live->options);
	if (result == 0 && live->options->top) {
		result = top_thread_create(live->options->words, &live->top);
		if (result < 0)
			prepare_fail("--top needs a terminal, which TERM describes", result);
	}
	return result;
}

static int enter_sandbox(struct live *live) {
	struct sandbox_path paths[OUTPUTS_PATHS_MAX];
	int silent_fds[LIVE_INTERFACES_MAX];
	struct sandbox_options wanted = {
		.paths = paths,
		.silent_fds = silent_fds,
		.silent_count = live_get_descriptors(live->source, silent_fds),
		.live = true,
		.listens = live->metrics.http != NULL,
	};
	outputs_allow(live->outputs, &wanted, paths);
	if (live->evidence_fd >= 0)
		paths[wanted.path_count++] = (struct sandbox_path){live->evidence_fd, SANDBOX_ACCESS_WRITE};
	if (live->metrics.directory_fd >= 0)
		paths[wanted.path_count++] = (struct sandbox_path){live->metrics.directory_fd, SANDBOX_ACCESS_WRITE};
	return prepare_sandbox(live->options, &wanted);
}

/* ---- All ---- */

static int create_run(struct live *live) {
	size_t channel_count;
	const struct channel *channels = outputs_channels(live->outputs, &channel_count);
	const struct reporter_options wanted = {
		.options = live->options,
		.channels = channels,
		.channel_count = channel_count,
		.live = true,
		.directory_fd = -EBADF,
		.evidence = live->evidence,
		.top = live->top != NULL ? top_thread_model(live->top) : NULL,
	};
	return run_create(&wanted, NULL, &live->run);
}

static int watch(struct live *live) {
	struct source_error error;
	int result = outputs_start(live->outputs);
	if (result == 0)
		result = metrics_output_start(&live->metrics);
	if (result == 0 && live->top != NULL)
		result = top_thread_start(live->top);
	if (result == 0)
		result = run_start(live->run);
	if (result < 0)
		return prepare_fail("a thread", result);
	live->start_wall_ns = clock_ns(CLOCK_REALTIME);
	live->start_ns = live->now_ns = live->stats_at_ns = clock_ns(CLOCK_MONOTONIC);
	live->snapshot_at_ns = live->start_ns - METRICS_INTERVAL_NS; /* the first one is of use soon */
	running = live;
	install_signals();
	notify_ready(&live->notify);
	result = run_live(live->run, live->source, &error);
	notify_stopping(&live->notify);
	if (result < 0 && live->top != NULL)
		top_thread_say(live->top, error.text);
	else if (result < 0)
		complain(error.text);
	int end = run_end(live->run, fill_final, live);
	return result < 0 ? result : end;
}

static void close_all(struct live *live) {
	top_thread_destroy(live->top); /* first: what follows is said on an ordinary terminal */
	live->top = NULL;
	metrics_output_close(&live->metrics);
	running = NULL;
	run_destroy(live->run);
	evidence_destroy(live->evidence);
	source_close(live->source);
	notify_close(&live->notify);
	const int fds[] = {live->evidence_fd, live->memory_fd, live->null_fd};
	for (size_t i = 0; i < sizeof(fds) / sizeof(fds[0]); i++)
		if (fds[i] >= 0)
			close(fds[i]);
}

int live_main(const struct options *options) {
	struct live live = {.options = options, .evidence_fd = -1, .metrics = {.directory_fd = -1}, .memory_fd = -1, .null_fd = -1, .notify = {.fd = -1}};
	struct sandbox_user user = {0};
	struct sandbox_error error;
	if (options->sandbox && sandbox_find_user(options->user, &user, &error) < 0) {
		complain(error.text);
		return EXIT_INCOMPLETE;
	}
	int result = open_all(&live, &user);
	if (result == 0)
		result = create_run(&live);
	if (result == 0)
		result = enter_sandbox(&live);
	if (result == 0 && live.evidence_fd >= 0)
		result = prepare_check_writable(live.evidence_fd, options->evidence_directory);
	if (result == 0 && live.metrics.directory_fd >= 0)
		result = prepare_check_writable(live.metrics.directory_fd, options->metrics_file);
	if (result == 0)
		result = watch(&live);
	if (live.outputs != NULL) {
		int finished = outputs_finish(live.outputs, FLUSH_NS);
		if (result == 0)
			result = finished;
	}
	close_all(&live);
	outputs_destroy(live.outputs);
	return result == 0 ? EXIT_SUCCESS : EXIT_INCOMPLETE;
}

/* ---- -D ---- */

static void print_interface(void *context, const struct live_description *interface) {
	(void)context;
	printf("%-15s %s", interface->name,
		!interface->up ? "down" : interface->running ? "up" : "up, no link");
	for (size_t i = 0; i < interface->address_count; i++)
		printf(" %s", interface->addresses[i]);
	if (interface->description != NULL)
		printf(" (%s)", interface->description);
	putchar('\n');
}

int live_list(void) {
	struct source_error error;
	if (live_list_interfaces(print_interface, NULL, &error) == 0)
		return EXIT_SUCCESS;
	complain(error.text);
	return EXIT_INCOMPLETE;
}
