/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/reporter.h"

#include <assert.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "report/facts.h"
#include "report/findings.h"
#include "report/tallies.h"

enum {
	QUEUE_MAX = 1024, /* what waits for the thread */
	QUEUE_MEMORY_MAX = 32 << 20,
	SPARE_MAX = 256, /* records kept for the next session; their memory is warm */
	WAKE_COUNT = 64, /* so many are worth waking the thread for; fewer wait for it at most WAKE_MS */
	WAKE_MS = 20,
};

struct queued_record {
	struct record record; /* first, so that the one's address is the other's */
	struct queued_record *next;
};

/* What waits for the thread. */
struct item {
	struct queued_record *record; /* NULL: work is to be done */
	size_t memory;                /* of the record */
	bool unwanted;                /* the record is only to be taken back */
	reporter_work *work;
	void *context;
};

struct reporter {
	const struct writer_format *format;
	struct output *output;
	struct writer *writer;
	struct conclusion *conclusion;
	struct facts facts; /* of the record at hand */
	struct tallies tallies; /* of the thread, until it has ended */
	const struct words *words;
	pthread_t thread;
	bool started, joined;
	atomic_int error;
	pthread_mutex_t lock; /* of all that follows */
	pthread_cond_t not_empty, not_full;
	struct item queue[QUEUE_MAX]; /* a ring */
	size_t first, count;
	size_t memory; /* of the records in the queue */
	bool finishing;
	struct queued_record *spare;
	size_t spare_count;
};

void reporter_fail(struct reporter *reporter, int error) {
	int none = 0;
	if (error < 0)
		atomic_compare_exchange_strong(&reporter->error, &none, error); /* the first is what is told */
}

static void write_record(struct reporter *reporter, struct record *record) {
	if (reporter_error(reporter) != 0)
		return;
	findings_run(record, reporter->words);
	int error = reporter->format->session(reporter->writer, record);
	if (error == 0)
		error = output_commit(reporter->output);
	reporter_fail(reporter, error);
	if (record->close.how == STREAM_CLOSE_NONE)
		return; /* counted, and judged with others, is what is over */
	tallies_add_record(&reporter->tallies, record);
	facts_from_record(record, &reporter->facts);
	conclusion_add(reporter->conclusion, &reporter->facts);
}

static void destroy_record(struct queued_record *item) {
	record_finish(&item->record);
	free(item);
}

/* Under the lock. Returns the record when there are enough spare ones. */
static struct queued_record *keep_spare(struct reporter *reporter, struct queued_record *item) {
	if (reporter->spare_count >= SPARE_MAX)
		return item;
	item->next = reporter->spare;
	reporter->spare = item;
	reporter->spare_count++;
	return NULL;
}

/* Under the lock. Waits for enough to do: to be woken for every record would cost the reading thread more than the record does. */
static void wait_for_items(struct reporter *reporter) {
	while (reporter->count == 0 && !reporter->finishing) {
		struct timespec until;
		clock_gettime(CLOCK_MONOTONIC, &until);
		until.tv_nsec += WAKE_MS * 1000000L;
		if (until.tv_nsec >= 1000000000L) {
			until.tv_sec++;
			until.tv_nsec -= 1000000000L;
		}
		pthread_cond_timedwait(&reporter->not_empty, &reporter->lock, &until);
	}
}

/* Nothing waits: who reads the output need not wait either. */
static void flush(struct reporter *reporter) {
	pthread_mutex_unlock(&reporter->lock);
	reporter_fail(reporter, output_flush(reporter->output));
	pthread_mutex_lock(&reporter->lock);
}

static void do_item(struct reporter *reporter, const struct item *item) {
	if (item->record == NULL) {
		item->work(item->context);
		return;
	}
	if (!item->unwanted)
		write_record(reporter, &item->record->record);
	record_reset(&item->record->record);
}

static void *run(void *context) {
	struct reporter *reporter = context;
	pthread_mutex_lock(&reporter->lock);
	for (;;) {
		if (reporter->count == 0 && !reporter->finishing)
			flush(reporter);
		wait_for_items(reporter);
		if (reporter->count == 0)
			break;
		struct item item = reporter->queue[reporter->first];
		pthread_mutex_unlock(&reporter->lock);
		do_item(reporter, &item);
		pthread_mutex_lock(&reporter->lock);
		/* The place is given free only now, so that waiting and being worked upon count alike. */
		reporter->first = (reporter->first + 1) % QUEUE_MAX;
		reporter->memory -= item.memory;
		if (reporter->count-- == QUEUE_MAX / 2 + 1 || item.memory > QUEUE_MEMORY_MAX / QUEUE_MAX)
			pthread_cond_signal(&reporter->not_full);
		if (item.record != NULL && (item.record = keep_spare(reporter, item.record)) != NULL)
			destroy_record(item.record);
	}
	pthread_mutex_unlock(&reporter->lock);
	return NULL;
}

struct reporter *reporter_create(const struct options *options, struct output *output, struct conclusion *conclusion) {
	struct reporter *reporter = calloc(1, sizeof(*reporter));
	if (reporter == NULL)
		return NULL;
	struct writer_options writer_options;
	options_for_writer(options, output_screen(output), conclusion_user_hash(conclusion), &writer_options);
	reporter->output = output;
	reporter->format = options->format;
	reporter->writer = options->format->create(&writer_options, output_stream(output));
	reporter->conclusion = conclusion;
	reporter->words = options->words;
	pthread_mutex_init(&reporter->lock, NULL);
	pthread_condattr_t monotonic;
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&reporter->not_empty, &monotonic);
	pthread_condattr_destroy(&monotonic);
	pthread_cond_init(&reporter->not_full, NULL);
	/* Signals are for the reading thread, whose system calls they are to interrupt. */
	sigset_t all, before;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	reporter->started = reporter->writer != NULL && pthread_create(&reporter->thread, NULL, run, reporter) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (!reporter->started) {
		reporter_destroy(reporter);
		return NULL;
	}
	return reporter;
}

struct record *reporter_take_record(struct reporter *reporter) {
	pthread_mutex_lock(&reporter->lock);
	struct queued_record *item = reporter->spare;
	if (item != NULL) {
		reporter->spare = item->next;
		reporter->spare_count--;
	}
	pthread_mutex_unlock(&reporter->lock);
	if (item == NULL) {
		item = malloc(sizeof(*item));
		if (item == NULL)
			return NULL;
		record_init(&item->record);
	}
	return &item->record;
}

static void put(struct reporter *reporter, const struct item *item) {
	pthread_mutex_lock(&reporter->lock);
	assert(!reporter->finishing);
	while (reporter->count == QUEUE_MAX || (reporter->memory > QUEUE_MEMORY_MAX && reporter->count > 0))
		pthread_cond_wait(&reporter->not_full, &reporter->lock);
	reporter->memory += item->memory;
	reporter->queue[(reporter->first + reporter->count) % QUEUE_MAX] = *item;
	if (++reporter->count == WAKE_COUNT)
		pthread_cond_signal(&reporter->not_empty);
	pthread_mutex_unlock(&reporter->lock);
}

void reporter_submit(struct reporter *reporter, struct record *record) {
	put(reporter, &(struct item){.record = (struct queued_record *)record, .memory = record_memory(record)});
}

void reporter_discard(struct reporter *reporter, struct record *record) {
	if (record != NULL)
		put(reporter, &(struct item){.record = (struct queued_record *)record, .unwanted = true});
}

void reporter_call(struct reporter *reporter, reporter_work *work, void *context) {
	put(reporter, &(struct item){.work = work, .context = context});
}

size_t reporter_queue_len(struct reporter *reporter) {
	pthread_mutex_lock(&reporter->lock);
	size_t count = reporter->count;
	pthread_mutex_unlock(&reporter->lock);
	return count;
}

struct writer *reporter_writer(struct reporter *reporter) {
	return reporter->writer;
}

int reporter_error(const struct reporter *reporter) {
	return atomic_load_explicit(&reporter->error, memory_order_relaxed);
}

static void join(struct reporter *reporter) {
	if (!reporter->started || reporter->joined)
		return;
	pthread_mutex_lock(&reporter->lock);
	reporter->finishing = true;
	pthread_cond_signal(&reporter->not_empty);
	pthread_mutex_unlock(&reporter->lock);
	pthread_join(reporter->thread, NULL);
	reporter->joined = true;
}

int reporter_finish(struct reporter *reporter, const struct writer_statistics *statistics) {
	join(reporter);
	if (statistics != NULL && reporter_error(reporter) == 0)
		reporter_fail(reporter, conclusion_write(reporter->conclusion, reporter->format, reporter->writer));
	if (statistics != NULL && reporter_error(reporter) == 0) {
		struct writer_statistics all = *statistics;
		all.tallies = &reporter->tallies;
		reporter_fail(reporter, reporter->format->end(reporter->writer, &all));
	}
	if (reporter_error(reporter) == 0)
		reporter_fail(reporter, output_commit(reporter->output));
	return reporter_error(reporter);
}

void reporter_destroy(struct reporter *reporter) {
	if (reporter == NULL)
		return;
	join(reporter);
	reporter->format->destroy(reporter->writer);
	while (reporter->spare != NULL) {
		struct queued_record *item = reporter->spare;
		reporter->spare = item->next;
		destroy_record(item);
	}
	pthread_cond_destroy(&reporter->not_empty);
	pthread_cond_destroy(&reporter->not_full);
	pthread_mutex_destroy(&reporter->lock);
	free(reporter);
}
