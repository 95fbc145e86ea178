/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * From the facts of single sessions to what they say together: facts -> sorter -> diagnoser -> writer.
 */
#ifndef SMTPSCOPE_CLI_CONCLUSION_H
#define SMTPSCOPE_CLI_CONCLUSION_H

#include "cli/options.h"
#include "report/facts.h"

struct conclusion;

/* memory_limit, directory_fd: of facts kept in memory and in files, as in sorter_create(). options must outlive it. NULL when there is no memory.
 */
struct conclusion *conclusion_create(const struct options *options, size_t memory_limit, int directory_fd);

/* What hashes user names, for the writer to use as well; NULL when they are kept. */
struct identity_user *conclusion_user_hash(const struct conclusion *conclusion);

/* Adds a session. User names in facts are replaced by hashes unless the options say to keep them: a user who is to be
 * omitted must still be told from others. */
void conclusion_add(struct conclusion *conclusion, struct facts *facts);

/* Draws the conclusions and writes them, if the format has a place for them. What is written lives until
 * conclusion_destroy(). Returns 0 or the negative errno of the write that failed. Call once. */
int conclusion_write(struct conclusion *conclusion, const struct writer_format *format, struct writer *writer);

/* The negative errno that kept the conclusions from being drawn, or 0. */
int conclusion_error(const struct conclusion *conclusion);

/* Accepts NULL. */
void conclusion_destroy(struct conclusion *conclusion);

#endif
