/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * ArcSight's Common Event Format, version 0: a header between bars, then pairs of key and value.
 */
#include "report/siem/siem.h"

#include <string.h>

#include "decode/ascii.h"

enum { VALUE_MAX = 1023, ACTION_MAX = 63, CUSTOM_MAX = 4000, TITLE_MAX = 512, CLASS_MAX = 1023, VERSION_MAX = 31 };

static size_t max_of(const struct plan_step *step) {
	if (strcmp(step->name, "act") == 0 || strcmp(step->name, "outcome") == 0)
		return ACTION_MAX;
	return step->label != NULL ? CUSTOM_MAX : VALUE_MAX;
}

static void print_header(struct siem_writer *writer, const struct fields_subject *subject) {
	const char *title, *class = siem_class(subject, &title);
	struct json_print *json = &writer->json;
	JSON_PUT(json, "CEF:0|smtpscope|smtpscope|");
	if (writer->options.version != NULL)
		siem_put_text(writer, slice_of(writer->options.version), SIEM_CEF_HEADER, VERSION_MAX);
	JSON_PUT(json, "|");
	siem_put_text(writer, slice_of(class), SIEM_CEF_HEADER, CLASS_MAX);
	JSON_PUT(json, "|");
	siem_put_text(writer, slice_of(title), SIEM_CEF_HEADER, TITLE_MAX);
	JSON_PUT(json, "|");
	json_put_number(json, (uint64_t)plan_severity(FIELDS_CEF, fields_severity(subject)));
	JSON_PUT(json, "|");
}

/* Readers take a blank at the end of a value for one between pairs. */
static void trim(struct json_print *json, int start) {
	while (json->buffer->bpos > start && json->buffer->buf[json->buffer->bpos - 1] == ' ')
		json->buffer->bpos--;
}

static void print(struct siem_writer *writer, const struct fields_subject *subject) {
	const struct plan *plan = &writer->plans[subject->kind];
	struct json_print *json = &writer->json;
	struct fields_value value;
	bool any = false;
	print_header(writer, subject);
	for (size_t i = 0; i < plan->count; i++) {
		const struct plan_step *step = &plan->steps[i];
		if (!plan_get(step, subject, &value))
			continue;
		int before = json->buffer->bpos;
		if (any)
			JSON_PUT(json, " ");
		json_put_text(json, step->name);
		JSON_PUT(json, "=");
		int start = json->buffer->bpos;
		siem_put_value(writer, step, &value, SIEM_CEF, max_of(step));
		trim(json, start);
		if (json->buffer->bpos == start) { /* a value that is empty is an error to some readers */
			json->buffer->bpos = before;
			continue;
		}
		any = true;
		if (step->label != NULL) {
			JSON_PUT(json, " ");
			json_put_text(json, step->name);
			JSON_PUT(json, "Label=");
			json_put_text(json, step->label);
		}
	}
}

static struct writer *create(const struct writer_options *options, FILE *out) {
	return siem_create(&(struct siem_format){.column = FIELDS_CEF, .kinds = FIELDS_OF_RECORD | FIELDS_OF(FIELDS_DIAGNOSIS), .flat = true,
		.document_max = SIEM_LINE_MAX, .print = print}, options, out);
}

const struct writer_format siem_cef_format = {
	.name = "cef",
	.summary = "Common Event Format, of ArcSight",
	.create = create,
	.session = siem_session,
	.diagnoses = siem_diagnoses,
	.diagnosis = siem_diagnosis,
	.end = siem_end,
	.destroy = siem_destroy,
};
