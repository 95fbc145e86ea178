/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Events for Splunk's HTTP Event Collector, with the names of its Common Information Model.
 */
#include "report/siem/siem.h"

static struct writer *create(const struct writer_options *options, FILE *out) {
	return siem_create(&(struct siem_format){.column = FIELDS_SPLUNK, .kinds = FIELDS_OF_ALL, .document_max = SIEM_JSON_MAX}, options, out);
}

const struct writer_format siem_splunk_format = {
	.name = "splunk",
	.summary = "events for Splunk's HTTP Event Collector",
	.create = create,
	.session = siem_session,
	.diagnoses = siem_diagnoses,
	.statistics = siem_statistics,
	.diagnosis = siem_diagnosis,
	.end = siem_end,
	.destroy = siem_destroy,
};
