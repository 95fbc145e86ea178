/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The thread has one batch at a time in hand. It is either from memory, then nothing is in the spool; or from the spool,
 * then it stays there until it is written. So what is in the spool is always older than what is in memory, and everything
 * keeps its order: a batch from memory that cannot be written goes to the spool first of all, and is from the spool from
 * then on.
 */
#include "report/sink/sink.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "report/sink/dead_letters.h"
#include "report/sink/held_directory.h"
#include "report/sink/memory_queue.h"
#include "report/sink/name_pattern.h"
#include "report/sink/output.h"
#include "report/sink/spool.h"
#include "report/sink/zstd_frame.h"

#define MILLISECOND_NS INT64_C(1000000)
#define SECOND_NS INT64_C(1000000000)

#define GATHER_NS (50 * MILLISECOND_NS) /* so long a document waits for others */
#define GATHER_COMPRESSED_NS (5 * SECOND_NS)
#define RETRY_FIRST_NS (100 * MILLISECOND_NS)
#define RETRY_LAST_NS (5 * SECOND_NS)
#define RETRY_LAST_REMOTE_NS (30 * SECOND_NS)
#define SPOOL_AFTER_NS SECOND_NS /* of not getting on */
#define TICK_NS SECOND_NS
#define SAY_NS (60 * SECOND_NS)
#define GRACE_NS SECOND_NS /* beyond the deadline, for what is left to go to the spool */

/* What the thread waits for. */
enum wake { WAKE_NEVER, WAKE_FULL, WAKE_ANY };

struct sink {
	/* Constant after sink_open(). */
	struct output *output;
	struct output_events events;
	bool compressed;
	bool remote; /* see open_output of sink_options */
	bool waits;
	struct dead_letters *dead_letters;
	unsigned times_faster;
	int64_t began_ns;
	int64_t (*wall_ns)(void *context);
	void *wall_context;
	char *name; /* for a person */
	int wake_fd;

	/* By anyone, under the lock. */
	pthread_mutex_t lock;
	pthread_cond_t ended_changed, room_changed;
	struct memory_queue queue;
	enum wake wake;
	bool closed; /* no more documents are taken */
	bool ended;  /* the thread is, or there is none */
	uint64_t submitted, lost, lost_bytes;
	_Atomic uint64_t refusals;
	uint64_t held, held_bytes; /* documents of the batch in hand that are nowhere else, which had left the queue */

	_Atomic bool reopen_wanted, finish_wanted, hurried;
	_Atomic int64_t deadline_ns; /* by the sink's clock; written before finish_wanted and hurried */
	_Atomic uint64_t written, written_bytes, write_errors, spool_errors, spool_documents, spool_bytes;
	_Atomic int last_error;
	_Atomic bool failing;
	uint64_t recovered;
	_Atomic uint64_t rejected;

	/* The thread's own. */
	pthread_t thread;
	bool started, abandoned;
	struct spool *spool;
	struct zstd_frame *compressor;
	struct batch *batch; /* in hand */
	struct batch *frame; /* the same, compressed */
	bool from_spool;
	int64_t stuck_since_ns; /* 0: all goes well */
	bool blocked;           /* the reader is slow */
	int64_t retry_ns, backoff_ns;
	unsigned random;
	int64_t spool_retry_ns;
	int64_t ticked_ns;
	int64_t failing_said_ns; /* 0: not said */
	int failing_said;        /* the error that was */
	bool failing_open;       /* it was said, and not yet that it works again */
	int64_t lost_said_ns;
	uint64_t lost_said;
	bool lost_ever_said;
};

static int64_t system_ns(void) {
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * SECOND_NS + now.tv_nsec;
}

/* All times of the thread are by this clock. */
static int64_t monotonic_ns(const struct sink *sink) {
	int64_t now_ns = system_ns();
	return sink->times_faster > 1 ? sink->began_ns + (now_ns - sink->began_ns) * sink->times_faster : now_ns;
}

static int64_t system_wall_ns(void *context) {
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec * SECOND_NS + now.tv_nsec;
}

static int64_t wall_ns(const struct sink *sink) {
	return sink->wall_ns(sink->wall_context);
}

static void wake(struct sink *sink) {
	const uint64_t one = 1;
	/* Only when the counter is about to overflow can it fail, and then the thread is awake. */
	ssize_t n = write(sink->wake_fd, &one, sizeof(one));
	(void)n;
}

/* ---- Handing over ---- */

/* Under the lock. */
static void count_lost(struct sink *sink, uint64_t documents, uint64_t bytes) {
	sink->lost += documents;
	sink->lost_bytes += bytes;
}

/* Under the lock. Gives up what has waited for longest, other than what is in hand. False: there is nothing. */
static bool give_up_oldest(struct sink *sink) {
	struct batch *batch = memory_queue_take(&sink->queue);
	if (batch == NULL)
		return false;
	count_lost(sink, batch->count - batch->done_count, batch->len - batch_boundary(batch));
	memory_queue_release(&sink->queue, batch);
	return true;
}

/* Under the lock. Waits for the thread to make room. False: it is not worth it. */
static bool wait_for_room(struct sink *sink) {
	int64_t until_ns = atomic_load(&sink->deadline_ns);
	if (sink->queue.used == 0 || sink->ended || sink->closed || (atomic_load(&sink->hurried) && monotonic_ns(sink) >= until_ns))
		return false;
	struct timespec until;
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += 100 * MILLISECOND_NS; /* sink_hurry() may come in between, and cannot signal */
	until.tv_sec += until.tv_nsec / SECOND_NS;
	until.tv_nsec %= SECOND_NS;
	bool wakes = sink->wake != WAKE_NEVER;
	sink->wake = WAKE_NEVER;
	if (wakes)
		wake(sink);
	pthread_cond_timedwait(&sink->room_changed, &sink->lock, &until);
	return true;
}

/* Under the lock. */
static bool add(struct sink *sink, const char *data, size_t len, int64_t now_ns, bool *filled) {
	if (sink->closed || len > SINK_DOCUMENT_MAX)
		return false;
	while (!memory_queue_add(&sink->queue, data, len, now_ns, filled)) {
		if (sink->waits ? wait_for_room(sink) : sink->remote && give_up_oldest(sink))
			continue;
		return false;
	}
	return true;
}

bool sink_write(struct sink *sink, const char *data, size_t len) {
	bool filled = false, kept, wakes;
	if (len == 0)
		return true;
	int64_t now_ns = monotonic_ns(sink);
	pthread_mutex_lock(&sink->lock);
	sink->submitted++;
	kept = add(sink, data, len, now_ns, &filled);
	if (!kept)
		count_lost(sink, 1, len);
	/* A wake-up costs more than all the rest: only when the thread wants one. */
	wakes = sink->wake == WAKE_ANY || (sink->wake == WAKE_FULL && filled);
	if (wakes)
		sink->wake = WAKE_NEVER;
	pthread_mutex_unlock(&sink->lock);
	if (wakes)
		wake(sink);
	return kept;
}

void sink_reopen(struct sink *sink) {
	int saved = errno; /* of who the signal interrupted */
	atomic_store(&sink->reopen_wanted, true);
	wake(sink);
	errno = saved;
}

void sink_hurry(struct sink *sink, int64_t deadline_ns) {
	int saved = errno;
	atomic_store(&sink->deadline_ns, monotonic_ns(sink) + deadline_ns);
	atomic_store(&sink->hurried, true);
	wake(sink);
	errno = saved;
}

/* ---- The batch in hand ---- */

static void note_spool(struct sink *sink) {
	atomic_store(&sink->spool_documents, sink->spool != NULL ? spool_documents(sink->spool) : 0);
	atomic_store(&sink->spool_bytes, sink->spool != NULL ? spool_bytes(sink->spool) : 0);
}

static void note_held(struct sink *sink) {
	const struct batch *batch = sink->batch;
	bool only_here = batch != NULL && !sink->from_spool;
	sink->held = only_here ? batch->count - batch->done_count : 0;
	sink->held_bytes = only_here ? batch->len - batch_boundary(batch) : 0;
}

static void put_down(struct sink *sink, bool of_queue) {
	struct batch *batch = sink->batch;
	batch_destroy(sink->frame);
	sink->frame = NULL;
	sink->batch = NULL;
	pthread_mutex_lock(&sink->lock);
	if (of_queue)
		memory_queue_release(&sink->queue, batch);
	note_held(sink);
	pthread_cond_broadcast(&sink->room_changed);
	pthread_mutex_unlock(&sink->lock);
	if (!of_queue)
		batch_destroy(batch);
}

/* Batches of the spool are not of the queue; but one from the queue can have gone to the spool. */
static bool is_of_queue(const struct sink *sink) {
	return sink->batch->next == sink->batch;
}

/* Takes what comes next. Returns false when there is nothing; ret_wait_ns: how long the oldest document still waits for
 * others, or -1 when there is none. */
static bool take(struct sink *sink, int64_t now_ns, bool at_once, int64_t *ret_wait_ns) {
	*ret_wait_ns = -1;
	if (sink->spool != NULL && spool_documents(sink->spool) > 0) {
		uint64_t lost;
		sink->batch = spool_read(sink->spool, &lost);
		note_spool(sink);
		if (lost > 0) {
			pthread_mutex_lock(&sink->lock);
			count_lost(sink, lost, 0);
			pthread_mutex_unlock(&sink->lock);
		}
		if (sink->batch != NULL) {
			sink->from_spool = true;
			return true;
		}
		if (spool_documents(sink->spool) > 0) {
			*ret_wait_ns = RETRY_FIRST_NS; /* no memory: what is younger must wait too */
			return false;
		}
	}
	int64_t gather_ns = sink->compressed ? GATHER_COMPRESSED_NS : GATHER_NS;
	pthread_mutex_lock(&sink->lock);
	const struct batch *first = sink->queue.first;
	if (first != NULL) {
		int64_t age_ns = now_ns - first->since_ns;
		if (at_once || age_ns >= gather_ns || memory_queue_has_full(&sink->queue)) {
			sink->batch = memory_queue_take(&sink->queue);
			sink->batch->next = sink->batch; /* see is_of_queue() */
			sink->from_spool = false;
			note_held(sink);
		} else {
			*ret_wait_ns = gather_ns - age_ns;
		}
	}
	pthread_mutex_unlock(&sink->lock);
	return sink->batch != NULL;
}

/* Documents of the batch up to its done_count are written. */
static void note_written(struct sink *sink, size_t before) {
	struct batch *batch = sink->batch;
	size_t count = batch->done_count - before;
	if (count == 0)
		return;
	if (sink->from_spool) {
		spool_acknowledge(sink->spool, batch, before, count);
		note_spool(sink);
	}
	uint64_t rejected = atomic_load(&sink->events.rejected) - atomic_load(&sink->rejected);
	pthread_mutex_lock(&sink->lock);
	note_held(sink);
	atomic_fetch_add(&sink->rejected, rejected);
	atomic_fetch_add(&sink->written, count - rejected);
	atomic_fetch_add(&sink->written_bytes, batch_boundary(batch) - batch_start(batch, before));
	pthread_mutex_unlock(&sink->lock);
}

/* Hands the batch to the output, compressed when that is wanted. As output's write(). */
static int write_batch(struct sink *sink) {
	const struct output_kind *kind = sink->output->kind;
	size_t before = sink->batch->done_count;
	int result;

	if (!sink->compressed) {
		result = kind->write(sink->output, sink->batch, wall_ns(sink));
		note_written(sink, before);
		return result;
	}
	if (sink->frame == NULL) {
		result = zstd_frame_make(sink->compressor, sink->batch, &sink->frame);
		if (result < 0)
			return result;
	}
	result = kind->write(sink->output, sink->frame, wall_ns(sink));
	if (sink->frame->done_count == sink->frame->count) {
		batch_advance(sink->batch, sink->batch->len - sink->batch->done);
		note_written(sink, before);
	}
	return result;
}

/* ---- The spool ---- */

/* Puts what can be of a batch into the spool. The batch's documents before ret_count more are then there. */
static int spool_some(struct sink *sink, const struct batch *batch, size_t first, int64_t now_ns, size_t *ret_count) {
	int error = spool_append(sink->spool, batch, first, ret_count);
	while (error == -ENOSPC && sink->remote && spool_is_full(sink->spool)) {
		uint64_t bytes, lost = spool_give_up(sink->spool, &bytes);
		size_t more = 0;
		if (lost == 0)
			break;
		pthread_mutex_lock(&sink->lock);
		count_lost(sink, lost, bytes);
		pthread_mutex_unlock(&sink->lock);
		error = spool_append(sink->spool, batch, first + *ret_count, &more);
		*ret_count += more;
	}
	note_spool(sink);
	if (error < 0) {
		sink->spool_retry_ns = now_ns + SECOND_NS;
		atomic_fetch_add(&sink->spool_errors, 1);
	}
	return error;
}

/* The batch in hand goes to the spool and stays in hand. All of it, or the spool is left empty: half of it there would be in
 * front of the other half. */
static int spool_hand(struct sink *sink, int64_t now_ns) {
	struct batch *batch = sink->batch;
	size_t first = batch->done_count, count;
	if (batch == NULL || sink->from_spool)
		return 0;
	int error = spool_some(sink, batch, first, now_ns, &count);
	if (error < 0) {
		spool_acknowledge(sink->spool, batch, first, count);
		note_spool(sink);
		return error;
	}
	sink->from_spool = true;
	pthread_mutex_lock(&sink->lock);
	note_held(sink);
	pthread_mutex_unlock(&sink->lock);
	return 0;
}

/* Moves what waits in memory to the spool: all of it, or full batches as long as memory is more than half full. */
static void spool_backlog(struct sink *sink, int64_t now_ns, bool all) {
	if (sink->spool == NULL || now_ns < sink->spool_retry_ns)
		return;
	for (;;) {
		size_t count;
		pthread_mutex_lock(&sink->lock);
		bool wanted = sink->queue.first != NULL && (all || sink->queue.used > sink->queue.bytes_max / 2);
		bool hand = sink->batch != NULL && !sink->from_spool && (all || wanted);
		struct batch *batch = NULL;
		pthread_mutex_unlock(&sink->lock);
		if (hand && spool_hand(sink, now_ns) < 0)
			return;
		if (!wanted)
			return;

		pthread_mutex_lock(&sink->lock);
		batch = memory_queue_take(&sink->queue);
		pthread_mutex_unlock(&sink->lock);
		int error = spool_some(sink, batch, batch->done_count, now_ns, &count);
		pthread_mutex_lock(&sink->lock);
		if (error < 0) {
			batch->done_count += count;
			memory_queue_put_back(&sink->queue, batch);
		} else {
			memory_queue_release(&sink->queue, batch);
		}
		pthread_cond_broadcast(&sink->room_changed);
		pthread_mutex_unlock(&sink->lock);
		if (error < 0)
			return;
	}
}

/* A remote sink with a spool: what has waited a little goes there first of all, and from there to the receiver. Returns how long
 * what waits in memory still may; -1: nothing does. */
static int64_t write_through(struct sink *sink, int64_t now_ns, bool finishing) {
	if (!sink->remote || sink->spool == NULL)
		return -1;
	pthread_mutex_lock(&sink->lock);
	const struct batch *first = sink->queue.first;
	int64_t left_ns = first != NULL ? GATHER_NS - (now_ns - first->since_ns) : -1;
	bool due = first != NULL && (finishing || left_ns <= 0 || memory_queue_has_full(&sink->queue));
	pthread_mutex_unlock(&sink->lock);
	if (!due)
		return left_ns;
	spool_backlog(sink, now_ns, true);
	return -1;
}

/* ---- What is said ---- */

static uint64_t waiting(struct sink *sink) {
	pthread_mutex_lock(&sink->lock);
	uint64_t documents = sink->queue.documents + sink->held;
	pthread_mutex_unlock(&sink->lock);
	return documents + atomic_load(&sink->spool_documents);
}

static const char *reason(const struct sink *sink, int error) {
	const struct output_kind *kind = sink->output->kind;
	const char *text = kind->describe != NULL ? kind->describe(sink->output) : NULL;
	if (text != NULL)
		return text;
	switch (error) {
	case -EPIPE:
		return "its reader is gone";
	case -ENXIO:
		return "nobody reads it";
	default:
		return strerror(-error);
	}
}

/* A destination that works and fails in turns says so once a minute, and not each time. */
static void say_failing(struct sink *sink, int error, int64_t now_ns) {
	bool again = sink->failing_said_ns > 0 && now_ns - sink->failing_said_ns < SAY_NS;
	if (sink->failing_open ? error == sink->failing_said : again)
		return;
	output_say(&sink->events, "cannot write to %s: %s; %" PRIu64 " documents wait", sink->name, reason(sink, error),
		waiting(sink));
	sink->failing_said_ns = now_ns;
	sink->failing_said = error;
	sink->failing_open = true;
}

static void say_works(struct sink *sink) {
	if (!sink->failing_open)
		return;
	sink->failing_open = false;
	output_say(&sink->events, "writing to %s works again; %" PRIu64 " documents wait", sink->name, waiting(sink));
}

/* The first loss at once, others once a minute. */
static void say_lost(struct sink *sink, int64_t now_ns, bool at_once) {
	pthread_mutex_lock(&sink->lock);
	uint64_t lost = sink->lost;
	pthread_mutex_unlock(&sink->lock);
	if (lost == sink->lost_said || (!at_once && sink->lost_ever_said && now_ns - sink->lost_said_ns < SAY_NS))
		return;
	int error = atomic_load(&sink->last_error);
	output_say(&sink->events, "%" PRIu64 " documents for %s were lost, %" PRIu64 " since the start%s%s",
		lost - sink->lost_said, sink->name, lost, error < 0 ? "; the last failure: " : "",
		error < 0 ? reason(sink, error) : "");
	sink->lost_said = lost;
	sink->lost_said_ns = now_ns;
	sink->lost_ever_said = true;
}

/* ---- The thread ---- */

static void note_success(struct sink *sink) {
	sink->backoff_ns = 0;
	sink->retry_ns = 0;
	sink->stuck_since_ns = 0;
	sink->blocked = false;
	if (atomic_exchange(&sink->failing, false))
		say_works(sink);
}

static int64_t least(int64_t one, int64_t other) {
	return one < other ? one : other;
}

/* Half of the time for certain and the rest by chance, or what the receiver asked for. */
static int64_t jitter(struct sink *sink) {
	const struct output_kind *kind = sink->output->kind;
	int64_t asked_ns = kind->pause_ns != NULL ? kind->pause_ns(sink->output) : 0;
	sink->random = sink->random * 1103515245 + 12345;
	int64_t wait_ns = sink->backoff_ns / 2 + sink->backoff_ns / 2 * (sink->random >> 16 & 0xff) / 255;
	return asked_ns > wait_ns ? asked_ns : wait_ns;
}

static void note_failure(struct sink *sink, int error, int64_t now_ns) {
	atomic_fetch_add(&sink->write_errors, 1);
	atomic_store(&sink->last_error, error);
	atomic_store(&sink->failing, true);
	sink->blocked = false;
	if (sink->stuck_since_ns == 0)
		sink->stuck_since_ns = now_ns;
	int64_t last_ns = sink->remote ? RETRY_LAST_REMOTE_NS : RETRY_LAST_NS;
	sink->backoff_ns = sink->backoff_ns > 0 ? 2 * sink->backoff_ns : RETRY_FIRST_NS;
	if (sink->backoff_ns > last_ns)
		sink->backoff_ns = last_ns;
	if (atomic_load(&sink->finish_wanted) && !sink->remote)
		sink->backoff_ns = RETRY_FIRST_NS;
	sink->retry_ns = now_ns + (sink->remote ? jitter(sink) : sink->backoff_ns);
	/* At the end there is one more try at least. */
	if (atomic_load(&sink->finish_wanted) && sink->remote)
		sink->retry_ns = least(sink->retry_ns, now_ns + (atomic_load(&sink->deadline_ns) - now_ns) / 2 + RETRY_FIRST_NS);
	say_failing(sink, error, now_ns);
}

/* Tries to write the batch in hand. True: it is written. */
static bool step(struct sink *sink, int64_t now_ns) {
	size_t before = sink->batch->done;
	int result = write_batch(sink);
	if (result < 0) {
		note_failure(sink, result, now_ns);
		return false;
	}
	if (result > 0) {
		put_down(sink, is_of_queue(sink));
		note_success(sink);
		return true;
	}
	/* A slow reader is not a failure, but what waits for it goes to the spool all the same. */
	const struct batch *wire = sink->frame != NULL ? sink->frame : sink->batch;
	if (sink->stuck_since_ns == 0 || wire->done != before)
		sink->stuck_since_ns = now_ns;
	sink->blocked = true;
	return false;
}

static void reopen(struct sink *sink) {
	int error = sink->output->kind->reopen(sink->output, wall_ns(sink));
	if (error < 0)
		output_say(&sink->events, "%s cannot be opened again: %s", sink->name, reason(sink, error));
	sink->retry_ns = 0;
	sink->backoff_ns = 0;
}

/* Waits until there is something to do, or for that long. */
static void wait_for_work(struct sink *sink, int64_t wait_ns, enum wake wanted) {
	struct pollfd fds[2] = {{.fd = sink->wake_fd, .events = POLLIN}, {.fd = -1, .events = POLLOUT}};
	uint64_t count;
	pthread_mutex_lock(&sink->lock);
	/* What has come between looking and now would wake nobody. */
	bool come = (wanted == WAKE_ANY && sink->queue.first != NULL) ||
		    (wanted == WAKE_FULL && sink->batch == NULL && memory_queue_has_full(&sink->queue));
	sink->wake = come ? WAKE_NEVER : wanted;
	pthread_mutex_unlock(&sink->lock);
	if (come)
		return;

	const struct output_kind *kind = sink->output->kind;
	if (sink->blocked) {
		fds[1].fd = kind->poll_fd(sink->output);
		if (kind->poll_events != NULL)
			fds[1].events = kind->poll_events(sink->output);
		if (kind->poll_ns != NULL)
			wait_ns = least(wait_ns, kind->poll_ns(sink->output));
	}
	if (sink->times_faster > 1)
		wait_ns /= sink->times_faster;
	const struct timespec timeout = {.tv_sec = wait_ns / SECOND_NS, .tv_nsec = wait_ns % SECOND_NS};
	ppoll(fds, 2, &timeout, NULL);
	if (fds[0].revents != 0) {
		ssize_t n = read(sink->wake_fd, &count, sizeof(count));
		(void)n;
	}
}

/* Nothing is left that this run could deliver. */
static bool is_done(struct sink *sink, int64_t now_ns) {
	if (now_ns >= atomic_load(&sink->deadline_ns))
		return true;
	/* The reader of standard output does not come back. */
	if (!sink->remote && atomic_load(&sink->failing) && atomic_load(&sink->last_error) == -EPIPE)
		return true;
	return sink->batch == NULL && waiting(sink) == 0;
}

/* At the end, what there is room for of the batch in hand is better than nothing. True: all of it is in the spool. */
static bool spool_hand_rest(struct sink *sink, int64_t now_ns) {
	struct batch *batch = sink->batch;
	size_t count;
	if (batch == NULL || sink->from_spool)
		return true;
	int error = spool_some(sink, batch, batch->done_count, now_ns, &count);
	batch_rewind(batch);
	batch_advance(batch, batch_start(batch, batch->done_count + count) - batch->done);
	pthread_mutex_lock(&sink->lock);
	note_held(sink);
	pthread_mutex_unlock(&sink->lock);
	return error == 0;
}

/* What is in memory and could not be written goes to the spool, or is lost. */
static void give_up_rest(struct sink *sink) {
	int64_t now_ns = monotonic_ns(sink);
	sink->spool_retry_ns = 0;
	if (sink->spool != NULL) {
		if (spool_hand_rest(sink, now_ns))
			spool_backlog(sink, now_ns, true);
		spool_sync(sink->spool);
	}

	pthread_mutex_lock(&sink->lock);
	count_lost(sink, sink->queue.documents + sink->held, sink->queue.bytes + sink->held_bytes);
	sink->held = sink->held_bytes = 0;
	memory_queue_finish(&sink->queue);
	pthread_mutex_unlock(&sink->lock);
	batch_destroy(sink->frame);
	batch_destroy(sink->batch);
	sink->frame = sink->batch = NULL;
	sink->output->kind->finish(sink->output, wall_ns(sink));
	say_lost(sink, now_ns, true);
}

static void tick(struct sink *sink, int64_t now_ns) {
	if (now_ns - sink->ticked_ns < TICK_NS)
		return;
	sink->ticked_ns = now_ns;
	sink->output->kind->tick(sink->output, wall_ns(sink));
	if (sink->spool != NULL)
		spool_check(sink->spool);
	say_lost(sink, now_ns, false);
}

static void deliver(struct sink *sink) {
	for (;;) {
		int64_t now_ns = monotonic_ns(sink), wait_ns = TICK_NS, gather_ns = -1;
		bool finishing = atomic_load(&sink->finish_wanted);
		if (atomic_exchange(&sink->reopen_wanted, false))
			reopen(sink);
		tick(sink, now_ns);
		if (finishing && is_done(sink, now_ns))
			return;
		int64_t fresh_ns = write_through(sink, now_ns, finishing);

		if (sink->batch != NULL || take(sink, now_ns, finishing, &gather_ns)) {
			if (now_ns >= sink->retry_ns && step(sink, now_ns)) {
				spool_backlog(sink, now_ns, false); /* it works, but not as fast as documents come */
				continue;
			}
			spool_backlog(
				sink, now_ns, sink->stuck_since_ns > 0 && now_ns - sink->stuck_since_ns >= SPOOL_AFTER_NS);
			if (!sink->blocked && sink->retry_ns > now_ns)
				wait_ns = least(wait_ns, sink->retry_ns - now_ns);
			/* Once stuck for long everything goes to the spool as it comes, a little gathered. */
			if (sink->spool != NULL)
				wait_ns = least(wait_ns, TICK_NS / 4);
		} else if (gather_ns >= 0) {
			wait_ns = least(wait_ns, gather_ns);
		}
		if (finishing)
			wait_ns = least(wait_ns, RETRY_FIRST_NS);
		if (fresh_ns >= 0)
			wait_ns = least(wait_ns, fresh_ns);
		enum wake wanted = WAKE_FULL;
		if (sink->batch == NULL && gather_ns < 0)
			wanted = WAKE_ANY;
		else if (sink->remote && sink->spool != NULL && fresh_ns < 0)
			wanted = WAKE_ANY; /* for the spool */
		else if (sink->batch != NULL && sink->spool == NULL)
			wanted = WAKE_NEVER; /* there is nothing that could be done with more of them */
		wait_for_work(sink, wait_ns, wanted);
	}
}

static void *run(void *argument) {
	struct sink *sink = argument;
	deliver(sink);
	give_up_rest(sink);
	pthread_mutex_lock(&sink->lock);
	sink->ended = true;
	pthread_cond_broadcast(&sink->ended_changed);
	pthread_mutex_unlock(&sink->lock);
	return NULL;
}

/* ---- Beginning and end ---- */

__attribute__((format(printf, 3, 4))) static int fail(struct sink_error *ret_error, int error, const char *format, ...) {
	va_list arguments;
	va_start(arguments, format);
	ret_error->error = error;
	vsnprintf(ret_error->text, sizeof(ret_error->text), format, arguments);
	va_end(arguments);
	return error;
}

static int open_pattern(struct sink *sink, const struct sink_options *options, const struct output_settings *settings,
	struct sink_error *ret_error) {
	char folder[4096], pattern[NAME_PATTERN_MAX], letter = 0;
	const char *slash = strrchr(options->destination, '/');
	const char *last = slash != NULL ? slash + 1 : options->destination;
	size_t len = strlen(last), folder_len = slash != NULL ? (size_t)(slash - options->destination) : 0;
	bool add = options->compress_zstd && (len < 4 || strcmp(last + len - 4, ".zst") != 0);

	if (len + 5 > sizeof(pattern) || folder_len + 2 > sizeof(folder))
		return fail(ret_error, -ENAMETOOLONG, "%s: the name is too long", options->destination);
	snprintf(pattern, sizeof(pattern), "%s%s", last, add ? ".zst" : "");
	if (slash == NULL)
		strcpy(folder, ".");
	else
		snprintf(folder, sizeof(folder), "%.*s", folder_len > 0 ? (int)folder_len : 1, options->destination);

	int error = name_pattern_check(pattern, &letter);
	if (error == -EINVAL)
		return fail(ret_error, error,
			letter == '.' ? "%s: the name of a file must not begin with a dot"
				      : "%s: of a time, %%Y %%y %%m %%d %%j %%H %%M %%S %%s %%F %%T %%R can be in a name",
			options->destination);
	if (error < 0)
		return fail(ret_error, error, "%s: the name is too long", options->destination);
	error = output_rotated_open(folder, pattern, wall_ns(sink), &sink->events, settings, &sink->output);
	return error < 0 ? fail(ret_error, error, "%s: %s", folder, strerror(-error)) : 0;
}

static int open_path(struct sink *sink, const struct sink_options *options, const struct output_settings *settings,
	struct sink_error *ret_error) {
	const char *path = options->destination;
	struct stat status;
	int error;
	if (stat(path, &status) == 0 && !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode))
		error = output_pipe_open_path(path, &sink->events, &sink->output);
	else
		error = output_file_open(path, &sink->events, settings, &sink->output);
	if (error == -EBADMSG)
		return fail(
			ret_error, error, "%s: it does not end like a file of documents; nothing is appended to it", path);
	return error < 0 ? fail(ret_error, error, "%s: %s", path, strerror(-error)) : 0;
}

static bool wants_pattern(const struct sink_options *options) {
	return options->rotate_ns > 0 || options->rotate_bytes > 0 || options->keep_files > 0 || options->keep_age_ns > 0 ||
	       options->keep_bytes > 0;
}

/* Called by an output when its receiver has refused a document for good. */
static void reject(void *context, const char *why, const char *document, size_t len) {
	struct sink *sink = context;
	int error = sink->dead_letters != NULL
		? dead_letters_add(sink->dead_letters, wall_ns(sink), sink->name, why, document, len) : 0;
	if (error < 0)
		output_say(&sink->events, "a document that %s has refused (%s) cannot be kept: %s", sink->name, why, strerror(-error));
	else if (atomic_fetch_add(&sink->refusals, 1) == 0)
		output_say(&sink->events, "%s has refused a document: %s%s", sink->name, why,
			sink->dead_letters == NULL ? "; it is lost" : "");
}

static int open_remote(struct sink *sink, const struct sink_options *options, struct sink_error *ret_error) {
	int error = options->open_output(options->output_context, &sink->events, &sink->output);
	if (error == 0)
		return 0;
	const char *text = sink->output != NULL && sink->output->kind->describe != NULL ? sink->output->kind->describe(sink->output) : NULL;
	return fail(ret_error, error, "%s: %s", sink->name, text != NULL ? text : strerror(-error));
}

static int open_output(struct sink *sink, const struct sink_options *options, struct sink_error *ret_error) {
	const struct output_settings settings = {.rotate_ns = options->rotate_ns,
		.rotate_bytes = options->rotate_bytes,
		.keep_files = options->keep_files,
		.keep_ns = options->keep_age_ns,
		.keep_bytes = options->keep_bytes,
		.compressed = options->compress_zstd,
		.owned = options->set_owner,
		.owner = options->owner,
		.group = options->group,
		.calls = options->calls};
	bool standard = options->destination == NULL || strcmp(options->destination, "-") == 0;
	const char *destination = standard ? "standard output" : options->destination;
	const char *slash = strrchr(destination, '/');
	if (options->rotate_ns % SECOND_NS != 0)
		return fail(ret_error, -EINVAL, "files last whole seconds");
	if (!standard && name_pattern_is(slash != NULL ? slash + 1 : destination))
		return open_pattern(sink, options, &settings, ret_error);
	if (wants_pattern(options))
		return fail(ret_error, -EINVAL,
			"%s: to begin new files and to remove old ones, their name must have the time in it, as in "
			"%%Y%%m%%d-%%H%%M.ndjson",
			destination);
	if (!standard)
		return open_path(sink, options, &settings, ret_error);
	int error = output_pipe_open(options->stdout_fd, &sink->events, &settings, &sink->output);
	return error < 0 ? fail(ret_error, error, "%s: %s", destination, strerror(-error)) : 0;
}

static int open_spool(struct sink *sink, const struct sink_options *options, struct sink_error *ret_error) {
	struct spool_found found = {0};
	if (options->spool == NULL)
		return 0;
	int error = spool_open(
		options->spool, options->spool_bytes > 0 ? options->spool_bytes : SINK_SPOOL_BYTES, &sink->spool, &found);
	if (error == -EBUSY)
		return fail(ret_error, error, "%s: another process uses this spool", options->spool);
	if (error < 0)
		return fail(ret_error, error, "%s: %s", options->spool, strerror(-error));
	sink->recovered = found.documents;
	note_spool(sink);
	if (found.documents > 0)
		output_say(&sink->events, "%" PRIu64 " documents of an earlier run are in the spool and are written first",
			found.documents);
	if (found.damaged > 0)
		output_say(&sink->events, "%" PRIu64 " files of the spool have an end that cannot be read", found.damaged);
	return 0;
}

static void close_all(struct sink *sink) {
	if (sink->output != NULL)
		sink->output->kind->destroy(sink->output);
	spool_close(sink->spool);
	zstd_frame_destroy(sink->compressor);
	batch_destroy(sink->frame);
	batch_destroy(sink->batch);
	memory_queue_finish(&sink->queue);
	if (sink->wake_fd >= 0)
		close(sink->wake_fd);
	pthread_cond_destroy(&sink->ended_changed);
	pthread_cond_destroy(&sink->room_changed);
	pthread_mutex_destroy(&sink->lock);
	free(sink->name);
	free(sink);
}

int sink_open(const struct sink_options *options, struct sink **ret_sink, struct sink_error *ret_error) {
	const char *destination = options->destination;
	bool standard = destination == NULL || strcmp(destination, "-") == 0;
	uint64_t queue_bytes = options->queue_bytes > 0 ? options->queue_bytes : SINK_QUEUE_BYTES;
	struct sink *sink = calloc(1, sizeof(*sink));
	pthread_condattr_t attributes;
	int error = 0;

	if (sink == NULL)
		return fail(ret_error, -ENOMEM, "not enough memory");
	pthread_mutex_init(&sink->lock, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&sink->ended_changed, &attributes);
	pthread_cond_init(&sink->room_changed, &attributes);
	pthread_condattr_destroy(&attributes);
	sink->ended = true;
	sink->events.say = options->say;
	sink->events.say_context = options->say_context;
	sink->events.reject = reject;
	sink->events.reject_context = sink;
	sink->remote = options->open_output != NULL;
	sink->waits = options->waits;
	sink->dead_letters = options->dead_letters;
	sink->times_faster = options->times_faster;
	sink->began_ns = system_ns();
	sink->random = (unsigned)(sink->began_ns ^ getpid());
	sink->compressed = options->compress_zstd;
	sink->wall_ns = options->wall_ns != NULL ? options->wall_ns : system_wall_ns;
	sink->wall_context = options->wall_context;
	memory_queue_init(&sink->queue, queue_bytes < SIZE_MAX ? (size_t)queue_bytes : SIZE_MAX);
	sink->name = strdup(options->name != NULL ? options->name : standard ? "standard output" : destination);
	sink->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (sink->wake_fd < 0)
		error = fail(ret_error, -errno, "eventfd: %s", strerror(errno));
	if (error == 0 && sink->compressed)
		sink->compressor = zstd_frame_create();
	if (error == 0 && (sink->name == NULL || (sink->compressed && sink->compressor == NULL)))
		error = fail(ret_error, -ENOMEM, "not enough memory");
	if (error == 0)
		error = sink->remote ? open_remote(sink, options, ret_error) : open_output(sink, options, ret_error);
	if (error == 0)
		error = open_spool(sink, options, ret_error);
	if (error < 0) {
		close_all(sink);
		return error;
	}
	*ret_sink = sink;
	return 0;
}

size_t sink_get_directories(const struct sink *sink, const struct held_directory *ret_directories[SINK_DIRECTORIES_MAX]) {
	size_t count = 0;
	const struct held_directory *directory = sink->output->kind->directory(sink->output);
	if (directory->fd >= 0)
		ret_directories[count++] = directory;
	if (sink->spool != NULL)
		ret_directories[count++] = spool_get_directory(sink->spool);
	return count;
}

int sink_start(struct sink *sink) {
	sigset_t all, before;
	sigfillset(&all);
	/* Inherited by the thread, so that there is no moment in which a signal could be delivered to it. */
	int error = -pthread_sigmask(SIG_SETMASK, &all, &before);
	if (error < 0)
		return error;
	sink->ended = false;
	error = -pthread_create(&sink->thread, NULL, run, sink);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (error < 0) {
		sink->ended = true;
		return error;
	}
	sink->started = true;
	return 0;
}

int sink_finish(struct sink *sink, int64_t deadline_ns) {
	int64_t now_ns = monotonic_ns(sink), until_ns = deadline_ns < 0 ? INT64_MAX : now_ns + deadline_ns;
	pthread_mutex_lock(&sink->lock);
	uint64_t lost_before = sink->lost;
	sink->closed = true;
	pthread_mutex_unlock(&sink->lock);
	if (!atomic_load(&sink->hurried))
		atomic_store(&sink->deadline_ns, until_ns);
	atomic_store(&sink->finish_wanted, true);
	if (!sink->started) {
		give_up_rest(sink);
		return sink->lost > lost_before ? -EIO : 0;
	}
	wake(sink);

	pthread_mutex_lock(&sink->lock);
	/* A second at a time: sink_hurry() may change the deadline. */
	while (!sink->ended && (until_ns = atomic_load(&sink->deadline_ns)) > monotonic_ns(sink) - GRACE_NS) {
		struct timespec until;
		clock_gettime(CLOCK_MONOTONIC, &until);
		until.tv_sec++;
		pthread_cond_timedwait(&sink->ended_changed, &sink->lock, &until);
	}
	bool ended = sink->ended;
	if (!ended) {
		sink->abandoned = true;
		count_lost(sink, sink->queue.documents + sink->held, sink->queue.bytes + sink->held_bytes);
	}
	bool lost = sink->lost > lost_before;
	pthread_mutex_unlock(&sink->lock);
	if (!ended) {
		pthread_detach(sink->thread);
		return -ETIMEDOUT;
	}
	pthread_join(sink->thread, NULL);
	sink->started = false;
	return lost ? -EIO : 0;
}

void sink_get_stats(struct sink *sink, struct sink_stats *ret_stats) {
	struct sink_stats stats = {
		.recovered = sink->recovered,
		.rejected = atomic_load(&sink->rejected),
		.write_errors = atomic_load(&sink->write_errors),
		.spool_errors = atomic_load(&sink->spool_errors),
		.last_error = atomic_load(&sink->last_error),
		.failing = atomic_load(&sink->failing),
		.files_completed = atomic_load(&sink->events.files_completed),
		.files_removed = atomic_load(&sink->events.files_removed),
		.tails_cut = atomic_load(&sink->events.tails_cut),
		.tail_bytes_cut = atomic_load(&sink->events.tail_bytes_cut),
	};
	pthread_mutex_lock(&sink->lock);
	stats.submitted = sink->submitted;
	stats.lost = sink->lost;
	stats.lost_bytes = sink->lost_bytes;
	stats.memory_documents = sink->abandoned ? 0 : sink->queue.documents + sink->held;
	stats.memory_bytes = sink->abandoned ? 0 : sink->queue.bytes + sink->held_bytes;
	stats.written = atomic_load(&sink->written);
	stats.written_bytes = atomic_load(&sink->written_bytes);
	stats.spool_documents = atomic_load(&sink->spool_documents);
	stats.spool_bytes = atomic_load(&sink->spool_bytes);
	pthread_mutex_unlock(&sink->lock);
	*ret_stats = stats;
}

void sink_destroy(struct sink *sink) {
	/* A thread that hangs still uses everything. */
	if (sink == NULL || sink->abandoned)
		return;
	assert(!sink->started);
	close_all(sink);
}
