/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The second half of a run, in a thread of its own: complete records -> findings -> writer, and the facts of each to the
 * conclusion. So reading and decoding packets does not wait for the rendering of documents; the queue between them is bounded.
 *
 * All functions are for the one thread that fills the records.
 */
#ifndef SMTPSCOPE_CLI_REPORTER_H
#define SMTPSCOPE_CLI_REPORTER_H

#include "capture/evidence.h"
#include "cli/channels.h"
#include "cli/options.h"
#include "cli/outlet.h"
#include "cli/top.h"
#include "report/writer.h"

struct reporter;

struct reporter_options {
	const struct options *options; /* must outlive the reporter, as all that follows */
	struct outlet *outlet;          /* for the format of the options, where there is one output */
	const struct channel *channels; /* instead: formats and their outlets; NULL: there is one output */
	size_t channel_count;
	bool live;        /* sessions keep coming: diagnoses are told while they last */
	int directory_fd; /* not live: for what outgrows memory, as in sorter_create() */
	struct evidence *evidence; /* NULL: packets are not kept */
	struct top_model *top;     /* NULL: nobody watches */
};

/* NULL when there is no memory. */
struct reporter *reporter_create(const struct reporter_options *options);

/* Starts the thread, which alone uses outlet, evidence and the conclusion from now on, until reporter_finish(). Returns 0 or a
 * negative errno. */
int reporter_start(struct reporter *reporter);

/* An empty record to fill, to be given back by one of the calls below. NULL when there is no memory. */
struct record *reporter_take_record(struct reporter *reporter);

/* Hands over a complete record, or one of record_copy_so_far(), and the packets of the session, if they were kept, which it frees.
 * Waits while the queue is full. */
void reporter_submit(struct reporter *reporter, struct record *record, struct packet_chain *packets);

/* The record is of no use after all. What was handed over before, and shares its text, is written first. Accepts NULL. */
void reporter_discard(struct reporter *reporter, struct record *record);

/* Live: it is now now_ns, and the oldest session that goes on began at oldest_open_ns (0: there is none). */
void reporter_tick(struct reporter *reporter, int64_t now_ns, int64_t oldest_open_ns);

/* What a run saw so far, with what it points to, in one piece of memory. */
struct reporter_snapshot {
	struct writer_statistics statistics;
	/* What else is to be done with them by the thread, when its own counters are filled in; may be NULL. */
	void (*use)(void *context, const struct writer_statistics *statistics);
	void *context;
	bool is_due; /* they are to be written as a document, too */
};

/* Live: has the thread fill in its counters, write and use the statistics, and free() the snapshot. */
void reporter_statistics(struct reporter *reporter, struct reporter_snapshot *snapshot);

/* What waits for the thread. */
size_t reporter_queue_len(struct reporter *reporter);

/* The negative errno of the first write that failed, or 0; of several outputs when all have failed. What comes after it is not
 * written. */
int reporter_error(const struct reporter *reporter);

/* Something else could not be written: as if the reporter had failed. */
void reporter_fail(struct reporter *reporter, int error);

/* The negative errno that kept conclusions from being drawn, or 0. After reporter_finish(). */
int reporter_conclusion_error(const struct reporter *reporter);

/* Waits until all sessions are written, writes what they say together, ends the output and the thread. statistics may be
 * NULL: nothing was read, so nothing is written; the thread's own counters are filled in, then fill (may be NULL) is called for what
 * else is to be counted when all but the statistics themselves is written. Returns reporter_error(), or the error of any of several outputs. Call once, before
 * reporter_destroy(). */
int reporter_finish(struct reporter *reporter, struct writer_statistics *statistics,
	void (*fill)(void *context, struct writer_statistics *statistics), void *context);

/* Accepts NULL. */
void reporter_destroy(struct reporter *reporter);

#endif
