/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The formats that a run writes, each once and with its own outlet: what is written goes to all of them. One that cannot be written any
 * more is left out; the others go on.
 */
#ifndef SMTPSCOPE_CLI_CHANNELS_H
#define SMTPSCOPE_CLI_CHANNELS_H

#include "cli/options.h"
#include "cli/outlet.h"
#include "report/writer.h"

struct channel {
	const struct writer_format *format;
	struct outlet *outlet;       /* for complete documents */
	struct outlet *entry_outlet; /* for single steps, told by another thread */
};

struct channels;

/* for_entries: only what shows single steps, to write these. Returns 0 and *ret_channels, NULL when no format is left; or -ENOMEM. The
 * list is copied, what it points to is borrowed. */
int channels_create(const struct options *options, const struct channel *list, size_t count, bool for_entries,
	struct channels **ret_channels);


/* As the functions of writer_format, followed by outlet_commit(). Each returns 0, or a negative errno when all of them have failed, and
 * does nothing from then on. */
int channels_session(struct channels *channels, const struct record *record);
int channels_entry(struct channels *channels, const struct record *record, const struct record_timeline_entry *entry);
int channels_diagnoses(struct channels *channels, const struct diagnosis_report *report);
int channels_diagnosis(struct channels *channels, const struct diagnosis *diagnosis);
int channels_statistics(struct channels *channels, const struct writer_statistics *statistics);
int channels_end(struct channels *channels, const struct writer_statistics *statistics);
int channels_flush(struct channels *channels);

/* The negative errno of the first that failed, or 0. */
int channels_error(const struct channels *channels);

/* Accepts NULL. */
void channels_destroy(struct channels *channels);

#endif
