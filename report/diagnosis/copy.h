/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A diagnosis that outlives its report, and what has changed since.
 */
#ifndef SMTPSCOPE_REPORT_DIAGNOSIS_COPY_H
#define SMTPSCOPE_REPORT_DIAGNOSIS_COPY_H

#include "report/diagnosis.h"

/* A copy in one block, that free() gives back; names of sources still are the diagnoser's. NULL when there is no memory. */
struct diagnosis *copy_create(const struct diagnosis *diagnosis, size_t *ret_size);

/* What a diagnosis says, as numbers that are equal when it says the same. */
struct copy_marks {
	uint64_t verdict;   /* what it is, how bad it is, whether it goes on, and between which faces */
	uint64_t substance; /* what it says: the texts but for the numbers in them, clients, users */
	uint64_t counters;  /* numbers and times */
};

struct copy_marks copy_marks_of(const struct diagnosis *diagnosis);

#endif
