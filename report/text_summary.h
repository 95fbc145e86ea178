/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The end of -o text: what the sessions say together, and how many of everything there was.
 */
#ifndef SMTPSCOPE_REPORT_TEXT_SUMMARY_H
#define SMTPSCOPE_REPORT_TEXT_SUMMARY_H

#include "report/record.h"
#include "report/text_page.h"

struct diagnosis; /* report/diagnosis.h */
struct diagnosis_report;

struct text_totals { /* zero-filled at start */
	uint64_t sessions, not_established, encrypted;
	uint64_t mails_accepted, mails_refused, mails_aborted, mails_unknown;
	uint64_t logins_accepted, logins_rejected, logins_other;
	uint64_t findings[FINDING_CRITICAL + 1];
};

void text_summary_count(struct text_totals *totals, const struct record *record);

/* One diagnosis, that is new, changed or over. */
void text_summary_put_diagnosis(struct text_page *page, const struct diagnosis *diagnosis);

/* Diagnoses, worst first; the tables of clients and servers when there was more than one session; what was assumed. */
void text_summary_put_report(struct text_page *page, const struct diagnosis_report *report);

/* The last lines. statistics may be NULL. */
void text_summary_put_totals(
	struct text_page *page, const struct text_totals *totals, const struct writer_statistics *statistics);

/* Live, in between: one line of how the run stands. */
void text_summary_put_statistics(struct text_page *page, const struct writer_statistics *statistics);

#endif
