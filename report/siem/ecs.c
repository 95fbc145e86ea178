/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Elastic Common Schema 9.4 (https://www.elastic.co/guide/en/ecs/current/), with what it has no field for below "smtp".
 */
#include "report/siem/siem.h"

static struct writer *create(const struct writer_options *options, FILE *out) {
	return siem_create(&(struct siem_format){.column = FIELDS_ECS, .kinds = FIELDS_OF_ALL, .document_max = SIEM_JSON_MAX}, options, out);
}

const struct writer_format siem_ecs_format = {
	.name = "ecs",
	.summary = "Elastic Common Schema 9.4, as JSON",
	.create = create,
	.session = siem_session,
	.diagnoses = siem_diagnoses,
	.statistics = siem_statistics,
	.diagnosis = siem_diagnosis,
	.end = siem_end,
	.destroy = siem_destroy,
};
