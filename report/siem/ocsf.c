/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Open Cybersecurity Schema Framework 1.8 or 1.3 (https://schema.ocsf.io/). It has no class for what a sensor says of itself: there are no
 * statistics.
 */
#include "report/siem/siem.h"

static struct writer *create(const struct writer_options *options, FILE *out) {
	return siem_create(&(struct siem_format){.column = options->ocsf_1_3 ? FIELDS_OCSF_1_3 : FIELDS_OCSF,
		.kinds = FIELDS_OF_RECORD | FIELDS_OF(FIELDS_DIAGNOSIS), .document_max = SIEM_JSON_MAX}, options, out);
}

const struct writer_format siem_ocsf_format = {
	.name = "ocsf",
	.summary = "Open Cybersecurity Schema Framework 1.8, JSON",
	.create = create,
	.session = siem_session,
	.diagnoses = siem_diagnoses,
	.diagnosis = siem_diagnosis,
	.end = siem_end,
	.destroy = siem_destroy,
};
