/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The table of output formats: a new one is a file and a row here.
 */
#include "report/writer.h"

#include <string.h>

#include "report/json.h"
#include "report/json_events.h"
#include "report/siem/siem.h"
#include "report/text.h"

static const struct writer_format *const formats[] = {
	&text_format,
	&json_format,
	&json_events_format,
	&siem_ecs_format,
	&siem_ocsf_format,
	&siem_zeek_format,
	&siem_zeek_tsv_format,
	&siem_eve_format,
	&siem_cef_format,
	&siem_leef_format,
	&siem_splunk_format,
	NULL,
};

const struct writer_format *const *writer_formats(void) {
	return formats;
}

const struct writer_format *writer_find(const char *name) {
	for (size_t i = 0; formats[i] != NULL; i++)
		if (strcmp(formats[i]->name, name) == 0)
			return formats[i];
	return NULL;
}
