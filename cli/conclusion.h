/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * From the facts of single sessions to what they say together: facts -> sorter -> diagnoser -> writer.
 */
#ifndef SMTPSCOPE_CLI_CONCLUSION_H
#define SMTPSCOPE_CLI_CONCLUSION_H

#include "cli/channels.h"
#include "cli/options.h"
#include "report/diagnosis_live.h"
#include "report/facts.h"

struct conclusion;

/* Of sessions that all are known before conclusions are drawn. memory_limit, directory_fd: of facts kept in memory and in files, as
 * in sorter_create(). options must outlive it. NULL when there is no memory. */
struct conclusion *conclusion_create(const struct options *options, size_t memory_limit, int directory_fd);

/* Of sessions that keep coming: diagnoses are told through publish, within conclusion_advance() and conclusion_write(), when they
 * begin, change and end. options must outlive it. NULL when there is no memory. */
struct conclusion *conclusion_create_live(const struct options *options,
	int (*publish)(void *context, const struct diagnosis *diagnosis), void *context);

/* The same of sessions that are read from a log: clock is the time in the log, so that reading the same again tells the same again.
 * apart: as in struct diagnoser_options. */
struct conclusion *conclusion_create_replayed(const struct options *options, bool apart, int64_t (*clock)(void *context),
	int (*publish)(void *context, const struct diagnosis *diagnosis), void *context);

/* Not live: as apart in struct diagnoser_options. */
void conclusion_set_apart(struct conclusion *conclusion);

/* Adds a session. User names in facts are replaced by hashes unless the options say to keep them: a user who is to be
 * omitted must still be told from others. */
void conclusion_add(struct conclusion *conclusion, struct facts *facts);

/* Live: time goes on, as in diagnosis_live_advance(). Returns 0 or the first error of publish. */
int conclusion_advance(struct conclusion *conclusion, int64_t now_ns, int64_t oldest_open_start_ns);

/* Live: what is bounded, counted. NULL when it is not live. */
const struct diagnosis_live_stats *conclusion_stats(struct conclusion *conclusion);

/* Draws the conclusions and writes them, where the format has a place for them. What is written lives until
 * conclusion_destroy(). Live, only what has changed since is told, through publish. Returns 0 or the negative errno of the write
 * that failed. Call once. */
int conclusion_write(struct conclusion *conclusion, struct channels *channels);

/* The negative errno that kept the conclusions from being drawn, or 0. */
int conclusion_error(const struct conclusion *conclusion);

/* Accepts NULL. */
void conclusion_destroy(struct conclusion *conclusion);

#endif
