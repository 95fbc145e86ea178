/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Which texts of the catalogue belong to a finding or a diagnosis: title, explanation, causes and checks.
 */
#ifndef SMTPSCOPE_REPORT_WORDS_TABLES_H
#define SMTPSCOPE_REPORT_WORDS_TABLES_H

#include "report/words.h"

/* causes and checks may have the same places as the explanation. */
struct words_advice {
	const char *id;                   /* "server-changed" */
	enum words_id title, explanation; /* explanation of a finding: WORDS_COUNT, the rules put it together */
	const enum words_id *causes;      /* likely causes, the likeliest first */
	size_t cause_count;
	const enum words_id *checks; /* what to look at next */
	size_t check_count;
};

/* NULL when there is no diagnosis or finding of this id. */
const struct words_advice *words_advice_of_diagnosis(const char *id);
const struct words_advice *words_advice_of_finding(const char *id);

/* The rows of the tables, for tests; NULL behind the last. */
const struct words_advice *words_advice_diagnosis_at(size_t index);
const struct words_advice *words_advice_finding_at(size_t index);

#endif
