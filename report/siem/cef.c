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

static void print(struct siem_writer *writer, const struct fields_subject *subject) {
	print_header(writer, subject);
	siem_put_pairs(
		writer, subject, &(struct siem_pairs){.separator = ' ', .escape = SIEM_CEF, .max_of = max_of, .labels = true});
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
