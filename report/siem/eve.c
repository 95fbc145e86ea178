/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Suricata's EVE: a record "smtp" for each mail and a record "alert" for each finding
 * (https://docs.suricata.io/en/latest/output/eve/eve-json-format.html). It has no place for more.
 */
#include "report/siem/siem.h"

static struct writer *create(const struct writer_options *options, FILE *out) {
	return siem_create(&(struct siem_format){.column = FIELDS_EVE, .kinds = FIELDS_OF(FIELDS_TRANSACTION) | FIELDS_OF(FIELDS_FINDING),
		.document_max = SIEM_JSON_MAX}, options, out);
}

const struct writer_format siem_eve_format = {
	.name = "eve",
	.summary = "Suricata's EVE: records smtp and alert",
	.create = create,
	.session = siem_session,
	.end = siem_end,
	.destroy = siem_destroy,
};
