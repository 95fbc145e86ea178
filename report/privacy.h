/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Names and addresses of persons that are not to be shown, taken out before anything is said: of a record before its findings are
 * looked for, of a step before it is told, of facts before conclusions are drawn. So nobody behind can show them by mistake.
 *
 * User names in the places where AUTH has them are left to the writers, who say the same in their place.
 */
#ifndef SMTPSCOPE_REPORT_PRIVACY_H
#define SMTPSCOPE_REPORT_PRIVACY_H

#include "report/facts.h"
#include "report/writer.h"

struct privacy_options {
	enum writer_users users;
	struct slice user_key; /* see identity_user_create() */
	bool no_envelope;      /* hide the addresses of MAIL and RCPT; with WRITER_USERS_HASH a hash stands in their place */
};

struct privacy;

/* Returns NULL when there is no memory. The caller destroys it. What `options` points to must outlive it. For one thread at a time. */
struct privacy *privacy_create(const struct privacy_options *options);
/* Accepts NULL. */
void privacy_destroy(struct privacy *privacy);

/* Of a complete record, or one of record_copy_so_far(): after record_read_messages(). New text is in its arena. */
void privacy_hide_record(struct privacy *privacy, struct record *record);

/* Of a single step. `record` is what there is of its session, with all names. What the entry then points to lives until the next call. */
void privacy_hide_entry(struct privacy *privacy, const struct record *record, struct record_timeline_entry *entry);

/* Of facts, wherever they come from. What they then point to lives until the next call. */
void privacy_hide_facts(struct privacy *privacy, struct facts *facts);

#endif
