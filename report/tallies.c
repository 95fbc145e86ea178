/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/tallies.h"

#include <string.h>

/* The ids are constants of few tables, so nearly every comparison ends with the pointers. */
static bool is_id(const char *one, const char *other) {
	return one == other || strcmp(one, other) == 0;
}

static struct tallies_finding *find_finding(struct tallies *tallies, const char *id) {
	for (size_t i = 0; i < tallies->finding_count; i++)
		if (is_id(tallies->findings[i].id, id))
			return &tallies->findings[i];
	if (tallies->finding_count == TALLIES_FINDINGS_MAX)
		return NULL;
	tallies->findings[tallies->finding_count].id = id;
	return &tallies->findings[tallies->finding_count++];
}

void tallies_add_record(struct tallies *tallies, const struct record *record) {
	tallies->sessions++;
	tallies->results[record->result]++;
	tallies->closes[record->close.how]++;
	for (const struct record_mail *mail = record->mails; mail != NULL; mail = mail->next)
		tallies->mails[mail->result]++;
	for (const struct record_attempt *attempt = record->attempts; attempt != NULL; attempt = attempt->next)
		tallies->logins[attempt->result]++;
	for (const struct finding *finding = record->findings; finding != NULL; finding = finding->next) {
		struct tallies_finding *row = find_finding(tallies, finding->id);
		if (row != NULL)
			row->counts[finding->severity]++;
	}
}

void tallies_add_diagnosis(struct tallies *tallies, const char *id, enum tallies_change change) {
	size_t i = 0;
	while (i < tallies->diagnosis_count && !is_id(tallies->diagnoses[i].id, id))
		i++;
	if (i == TALLIES_DIAGNOSES_MAX)
		return;
	struct tallies_diagnosis *row = &tallies->diagnoses[i];
	if (i == tallies->diagnosis_count) {
		row->id = id;
		tallies->diagnosis_count++;
	}
	row->published++;
	if (change == TALLIES_BEGUN)
		row->open++;
	else if (change == TALLIES_ENDED && row->open > 0)
		row->open--;
}

uint64_t tallies_of_severity(const struct tallies *tallies, enum finding_severity severity) {
	uint64_t count = 0;
	for (size_t i = 0; i < tallies->finding_count; i++)
		count += tallies->findings[i].counts[severity];
	return count;
}
