/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The second half of a run, in a thread of its own: complete records -> findings -> writer, and the facts of each to the
 * conclusion. So reading and decoding packets does not wait for the rendering of documents; the queue between them is bounded.
 *
 * All functions are for the one thread that fills the records.
 */
#ifndef SMTPSCOPE_CLI_REPORTER_H
#define SMTPSCOPE_CLI_REPORTER_H

#include "cli/conclusion.h"
#include "cli/output.h"
#include "report/writer.h"

struct reporter;

/* Starts the thread, which alone writes to output and uses conclusion from now on, until reporter_finish(). Both stay the
 * caller's. NULL when there is no memory or no thread. */
struct reporter *reporter_create(const struct options *options, struct output *output, struct conclusion *conclusion);

/* An empty record to fill, to be given back by one of the calls below. NULL when there is no memory. */
struct record *reporter_take_record(struct reporter *reporter);

/* Hands over a complete record. Waits while the queue is full. */
void reporter_submit(struct reporter *reporter, struct record *record);

/* The record is of no use after all. What was handed over before, and shares its text, is written first. Accepts NULL. */
void reporter_discard(struct reporter *reporter, struct record *record);

/* Has work done by the thread, after all that was handed over before it. Waits while the queue is full. */
typedef void reporter_work(void *context);
void reporter_call(struct reporter *reporter, reporter_work *work, void *context);

/* What waits for the thread. */
size_t reporter_queue_len(struct reporter *reporter);

/* The negative errno of the first write that failed, or 0. What comes after it is not written. */
int reporter_error(const struct reporter *reporter);

/* Something else could not be written: as if the reporter had failed. */
void reporter_fail(struct reporter *reporter, int error);

/* For reporter_work functions only, which may write. */
struct writer *reporter_writer(struct reporter *reporter);

/* Waits until all sessions are written, writes what they say together, ends the output and the thread. statistics may be
 * NULL: nothing was read, so nothing is written. Returns reporter_error(). Call once, before reporter_destroy(). */
int reporter_finish(struct reporter *reporter, const struct writer_statistics *statistics);

/* Accepts NULL. */
void reporter_destroy(struct reporter *reporter);

#endif
