/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Findings: what a person should know about a session, each with its evidence. docs/findings.md lists them.
 *
 * A finding is a row of the table in findings.c and one function in report/findings/.
 */
#ifndef SMTPSCOPE_REPORT_FINDINGS_H
#define SMTPSCOPE_REPORT_FINDINGS_H

#include "report/record.h"
#include "report/words.h"

/* Runs all rules over a complete record and links what they find into record->findings, worst first; of equal severity in
 * the order of the table. Whatever was linked there before is forgotten. What findings say is in the language of words. */
void findings_run(struct record *record, const struct words *words);

/* Returns "info", "low", "medium", "high" or "critical". */
const char *findings_severity_name(enum finding_severity severity);

/* The same in a language. */
const char *findings_severity_words(enum finding_severity severity, const struct words *words);

/* Returns the id of the rule at index, in the order of the table; NULL behind the last. */
const char *findings_id(size_t index);

/* Appends a finding's explanation. Explanations name users as AUTH named them; when alias is not NULL, each is replaced by
 * the words of our own that it returns for the name. */
void findings_add_explanation(struct terminal_text *text, const struct record *record, const struct finding *finding,
	const char *(*alias)(void *context, struct slice username), void *context);

#endif
