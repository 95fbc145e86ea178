/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the sessions of a run were, counted: results, ends, mails, logins, findings, diagnoses.
 *
 * A plain struct of bounded size without pointers to anything but constants: a copy of it is a snapshot. It has no lock; one thread
 * counts, and hands copies to others.
 */
#ifndef SMTPSCOPE_REPORT_TALLIES_H
#define SMTPSCOPE_REPORT_TALLIES_H

#include "report/record.h"

enum {
	TALLIES_SEVERITY_COUNT = FINDING_CRITICAL + 1,
	TALLIES_FINDINGS_MAX = 96,  /* ids; there are fewer rules than that */
	TALLIES_DIAGNOSES_MAX = 48,
};

/* All zero at the start. */
struct tallies {
	uint64_t sessions;
	uint64_t results[RECORD_RESULT_ENCRYPTED + 1];
	uint64_t closes[STREAM_CLOSE_COUNT];
	uint64_t mails[EVENT_MAIL_ABORTED + 1];
	uint64_t logins[EVENT_AUTH_CANCELLED + 1];
	struct tallies_finding {
		const char *id; /* constant */
		uint64_t counts[TALLIES_SEVERITY_COUNT];
	} findings[TALLIES_FINDINGS_MAX]; /* those that there were, in the order in which they came up */
	size_t finding_count;
	struct tallies_diagnosis {
		const char *id; /* constant */
		uint64_t published; /* documents: each says that one began, changed or ended */
		uint64_t open;      /* now */
	} diagnoses[TALLIES_DIAGNOSES_MAX];
	size_t diagnosis_count;
};

/* Counts a complete record after findings_run(): once each, not when it is written early. */
void tallies_add_record(struct tallies *tallies, const struct record *record);

/* What a published diagnosis says of itself. */
enum tallies_change { TALLIES_BEGUN, TALLIES_CHANGED, TALLIES_ENDED };

/* Counts a diagnosis that was published. id is a constant, as struct diagnosis has it. One that has begun and ended at once is
 * counted with both. */
void tallies_add_diagnosis(struct tallies *tallies, const char *id, enum tallies_change change);

/* Findings of one severity, of any id. */
uint64_t tallies_of_severity(const struct tallies *tallies, enum finding_severity severity);

#endif
