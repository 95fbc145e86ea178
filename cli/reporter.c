/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/reporter.h"

#include <assert.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "cli/conclusion.h"
#include "report/facts.h"
#include "report/findings.h"
#include "report/privacy.h"
#include "report/tallies.h"
#include "report/tls_facts.h"

/* Of facts for the diagnosis. What is more is sorted in files: memory must not grow with the capture. */
enum { FACTS_MEMORY = 4 << 20 };

enum {
	QUEUE_MAX = 4096, /* what waits for the thread: a tenth of a second at the highest rates, so that it may think that long */
	QUEUE_MEMORY_MAX = 16 << 20,
	SPARE_MAX = 512, /* records kept for the next session; their memory is warm */
	WAKE_COUNT = 64, /* so many are worth waking the thread for; fewer wait for it at most WAKE_MS */
	WAKE_MS = 20,
	TAKE_MAX = 64,   /* so many are taken out of the queue, and done, at a time: the lock is wanted by the reading thread, too, */
	TAKE_MEMORY_MAX = QUEUE_MEMORY_MAX / 16, /* or so many bytes of records */
};

struct queued_record {
	struct record record; /* first, so that the one's address is the other's */
	struct queued_record *next;
};

/* What waits for the thread. */
struct item {
	struct queued_record *record; /* NULL: see snapshot */
	size_t memory;                /* of the record */
	bool unwanted;                /* the record is only to be taken back */
	struct packet_chain *packets; /* of the record's session; NULL: not kept */
	struct reporter_snapshot *snapshot; /* NULL: time has passed */
	int64_t now_ns, oldest_open_ns;
};

struct reporter {
	struct channels *channels;
	struct conclusion *conclusion;
	struct privacy *privacy;
	struct facts facts; /* of the record at hand */
	struct tls_facts_verdicts verdicts;
	const struct options *options;
	struct evidence *evidence;
	struct top_model *top;
	struct tallies tallies;
	struct evidence_file evidence_file; /* of the record at hand */
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
	struct queued_record *taken_spare; /* not of the lock, but of the reading thread: what it took of these */
};

void reporter_fail(struct reporter *reporter, int error) {
	int none = 0;
	if (error < 0)
		atomic_compare_exchange_strong(&reporter->error, &none, error); /* the first is what is told */
}

static int64_t monotonic_ns(void) {
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* Keeps the packets of a session whose worst finding is bad enough. The document then says where. */
static void keep_evidence(struct reporter *reporter, struct record *record, const struct packet_chain *packets) {
	if (record->findings == NULL || record->findings->severity < reporter->options->evidence_severity)
		return;
	const struct evidence_session session = {
		.id = record->id,
		.secrets = record->secrets,
		.secret_count = record->secret_count,
		.secret_from = {record->secret_from[0], record->secret_from[1]},
		.close = &record->close,
	};
	if (evidence_write(reporter->evidence, packets, &session, &reporter->evidence_file) <= 0)
		return;
	record->evidence = (struct record_evidence){
		.file = reporter->evidence_file.name,
		.packets = reporter->evidence_file.packets,
		.dropped_packets = reporter->evidence_file.dropped_packets,
	};
}

static void write_record(struct reporter *reporter, struct record *record, const struct packet_chain *packets) {
	if (reporter_error(reporter) != 0)
		return;
	record_read_messages(record);
	privacy_hide_record(reporter->privacy, record);
	record->verdicts = &reporter->verdicts;
	findings_run(record, reporter->options->words);
	if (packets != NULL)
		keep_evidence(reporter, record, packets);
	reporter_fail(reporter, channels_session(reporter->channels, record));
	if (record->close.how == STREAM_CLOSE_NONE)
		return; /* counted, and judged with others, is what is over */
	tallies_add_record(&reporter->tallies, record);
	if (reporter->top != NULL)
		top_add_session(reporter->top, record, monotonic_ns());
	facts_from_record(record, &reporter->facts);
	conclusion_add(reporter->conclusion, &reporter->facts);
}

/* A diagnosis has begun, has changed or has ended. */
static int publish(void *context, const struct diagnosis *diagnosis) {
	static const enum tallies_change changes[] = {
		[DIAGNOSIS_STATE_NEW] = TALLIES_BEGUN,
		[DIAGNOSIS_STATE_UPDATED] = TALLIES_CHANGED,
		[DIAGNOSIS_STATE_CLOSED] = TALLIES_ENDED,
	};
	struct reporter *reporter = context;
	tallies_add_diagnosis(&reporter->tallies, diagnosis->id, changes[diagnosis->state]);
	if (reporter->top != NULL)
		top_set_diagnosis(reporter->top, diagnosis->key, diagnosis, diagnosis->state != DIAGNOSIS_STATE_CLOSED);
	return channels_diagnosis(reporter->channels, diagnosis);
}

static void write_statistics(struct reporter *reporter, struct reporter_snapshot *snapshot) {
	struct writer_statistics *statistics = &snapshot->statistics;
	statistics->tallies = &reporter->tallies;
	if (snapshot->is_due && reporter_error(reporter) == 0)
		reporter_fail(reporter, channels_statistics(reporter->channels, statistics));
	if (reporter->top != NULL)
		top_set_statistics(reporter->top, statistics, monotonic_ns());
	if (snapshot->use != NULL)
		snapshot->use(snapshot->context, statistics);
	free(snapshot);
}

static void destroy_record(struct queued_record *item) {
	record_finish(&item->record);
	free(item);
}

/* Under the lock. Keeps as many of the records as are worth it, returns the others. */
static struct queued_record *keep_spare(struct reporter *reporter, struct queued_record *done) {
	while (done != NULL && reporter->spare_count < SPARE_MAX) {
		struct queued_record *item = done;
		done = item->next;
		item->next = reporter->spare;
		reporter->spare = item;
		reporter->spare_count++;
	}
	return done;
}

static void destroy_records(struct queued_record *item) {
	while (item != NULL) {
		struct queued_record *next = item->next;
		destroy_record(item);
		item = next;
	}
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
	reporter_fail(reporter, channels_flush(reporter->channels));
	pthread_mutex_lock(&reporter->lock);
}

static void do_item(struct reporter *reporter, const struct item *item) {
	if (item->record != NULL) {
		if (!item->unwanted)
			write_record(reporter, &item->record->record, item->packets);
		packet_chain_free(item->packets);
		record_reset(&item->record->record);
	} else if (item->snapshot != NULL) {
		write_statistics(reporter, item->snapshot);
	} else {
		reporter_fail(reporter, conclusion_advance(reporter->conclusion, item->now_ns, item->oldest_open_ns));
	}
}

/* The next items, not under the lock: their places are theirs until they are given free. Adds up what they take, and chains the
 * records. */
static size_t do_items(struct reporter *reporter, size_t count, size_t *ret_memory, struct queued_record **ret_done) {
	size_t done = 0;
	*ret_memory = 0;
	*ret_done = NULL;
	while (done < count && *ret_memory <= TAKE_MEMORY_MAX) {
		const struct item *item = &reporter->queue[(reporter->first + done++) % QUEUE_MAX];
		do_item(reporter, item);
		*ret_memory += item->memory;
		if (item->record != NULL) {
			item->record->next = *ret_done;
			*ret_done = item->record;
		}
	}
	return done;
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
		size_t count = reporter->count < TAKE_MAX ? reporter->count : TAKE_MAX, memory;
		struct queued_record *done;
		pthread_mutex_unlock(&reporter->lock);
		count = do_items(reporter, count, &memory, &done);
		pthread_mutex_lock(&reporter->lock);
		/* The places are given free only now, so that waiting and being worked upon count alike. */
		reporter->first = (reporter->first + count) % QUEUE_MAX;
		reporter->count -= count;
		reporter->memory -= memory;
		pthread_cond_signal(&reporter->not_full);
		done = keep_spare(reporter, done);
		if (done != NULL) {
			pthread_mutex_unlock(&reporter->lock);
			destroy_records(done);
			pthread_mutex_lock(&reporter->lock);
		}
	}
	pthread_mutex_unlock(&reporter->lock);
	return NULL;
}

struct reporter *reporter_create(const struct reporter_options *wanted) {
	const struct options *options = wanted->options;
	struct reporter *reporter = calloc(1, sizeof(*reporter));
	if (reporter == NULL)
		return NULL;
	reporter->options = options;
	reporter->evidence = wanted->evidence;
	reporter->top = wanted->top;
	reporter->conclusion = wanted->live ? conclusion_create_live(options, publish, reporter)
					    : conclusion_create(options, FACTS_MEMORY, wanted->directory_fd);
	const struct privacy_options privacy = options_for_privacy(options);
	reporter->privacy = privacy_create(&privacy);
	const struct channel one = {.format = options->format, .outlet = wanted->outlet};
	if (reporter->conclusion != NULL && reporter->privacy != NULL)
		channels_create(options, wanted->channels != NULL ? wanted->channels : &one,
			wanted->channels != NULL ? wanted->channel_count : 1, false, &reporter->channels);
	pthread_mutex_init(&reporter->lock, NULL);
	pthread_condattr_t monotonic;
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&reporter->not_empty, &monotonic);
	pthread_condattr_destroy(&monotonic);
	pthread_cond_init(&reporter->not_full, NULL);
	if (reporter->channels == NULL) {
		reporter_destroy(reporter);
		return NULL;
	}
	return reporter;
}

int reporter_start(struct reporter *reporter) {
	/* Signals are for the reading thread, whose system calls they are to interrupt. */
	sigset_t all, before;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int error = pthread_create(&reporter->thread, NULL, run, reporter);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	reporter->started = error == 0;
	return -error;
}

struct record *reporter_take_record(struct reporter *reporter) {
	if (reporter->taken_spare == NULL) {
		pthread_mutex_lock(&reporter->lock);
		reporter->taken_spare = reporter->spare;
		reporter->spare = NULL;
		reporter->spare_count = 0;
		pthread_mutex_unlock(&reporter->lock);
	}
	struct queued_record *item = reporter->taken_spare;
	if (item != NULL) {
		reporter->taken_spare = item->next;
	} else {
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

void reporter_submit(struct reporter *reporter, struct record *record, struct packet_chain *packets) {
	put(reporter, &(struct item){.record = (struct queued_record *)record, .packets = packets, .memory = record_memory(record)});
}

void reporter_discard(struct reporter *reporter, struct record *record) {
	if (record != NULL)
		put(reporter, &(struct item){.record = (struct queued_record *)record, .unwanted = true});
}

void reporter_tick(struct reporter *reporter, int64_t now_ns, int64_t oldest_open_ns) {
	put(reporter, &(struct item){.now_ns = now_ns, .oldest_open_ns = oldest_open_ns});
}

void reporter_statistics(struct reporter *reporter, struct reporter_snapshot *snapshot) {
	put(reporter, &(struct item){.snapshot = snapshot});
}

size_t reporter_queue_len(struct reporter *reporter) {
	pthread_mutex_lock(&reporter->lock);
	size_t count = reporter->count;
	pthread_mutex_unlock(&reporter->lock);
	return count;
}

int reporter_conclusion_error(const struct reporter *reporter) {
	return conclusion_error(reporter->conclusion);
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

int reporter_finish(struct reporter *reporter, struct writer_statistics *statistics,
	void (*fill)(void *context, struct writer_statistics *statistics), void *context) {
	join(reporter);
	if (statistics != NULL)
		statistics->tallies = &reporter->tallies;
	if (statistics != NULL && reporter_error(reporter) == 0)
		reporter_fail(reporter, conclusion_write(reporter->conclusion, reporter->channels));
	if (statistics != NULL && fill != NULL)
		fill(context, statistics);
	if (statistics != NULL && reporter_error(reporter) == 0)
		reporter_fail(reporter, channels_end(reporter->channels, statistics));
	if (reporter_error(reporter) == 0)
		reporter_fail(reporter, channels_flush(reporter->channels));
	if (reporter_error(reporter) == 0)
		reporter_fail(reporter, channels_error(reporter->channels));
	return reporter_error(reporter);
}

void reporter_destroy(struct reporter *reporter) {
	if (reporter == NULL)
		return;
	join(reporter);
	channels_destroy(reporter->channels);
	conclusion_destroy(reporter->conclusion);
	privacy_destroy(reporter->privacy);
	destroy_records(reporter->spare);
	destroy_records(reporter->taken_spare);
	pthread_cond_destroy(&reporter->not_empty);
	pthread_cond_destroy(&reporter->not_full);
	pthread_mutex_destroy(&reporter->lock);
	free(reporter);
}
