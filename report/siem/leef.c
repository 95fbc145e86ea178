/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * QRadar's Log Event Extended Format, version 2: a header between bars, then pairs with tabs between them. It has no escapes: what would
 * end a value becomes a blank.
 */
#include "report/siem/siem.h"

#include "decode/ascii.h"

enum { VALUE_MAX = 1023, HEADER_MAX = 255 };

/* Nothing in the header is from the wire. */
static void print_header(struct siem_writer *writer, const struct fields_subject *subject) {
	const char *title, *class = siem_class(subject, &title);
	struct json_print *json = &writer->json;
	JSON_PUT(json, "LEEF:2.0|smtpscope|smtpscope|");
	if (writer->options.version != NULL)
		siem_put_text(writer, slice_of(writer->options.version), SIEM_LEEF, HEADER_MAX);
	JSON_PUT(json, "|");
	siem_put_text(writer, slice_of(class), SIEM_LEEF, HEADER_MAX);
	JSON_PUT(json, "|x09|");
}

static size_t max_of(const struct plan_step *step) {
	(void)step;
	return VALUE_MAX;
}

static void print(struct siem_writer *writer, const struct fields_subject *subject) {
	print_header(writer, subject);
	siem_put_pairs(writer, subject, &(struct siem_pairs){.separator = '\t', .escape = SIEM_LEEF, .max_of = max_of});
}

static struct writer *create(const struct writer_options *options, FILE *out) {
	return siem_create(&(struct siem_format){.column = FIELDS_LEEF, .kinds = FIELDS_OF_RECORD | FIELDS_OF(FIELDS_DIAGNOSIS), .flat = true,
		.document_max = SIEM_LINE_MAX, .print = print}, options, out);
}

const struct writer_format siem_leef_format = {
	.name = "leef",
	.summary = "Log Event Extended Format 2.0, of QRadar",
	.create = create,
	.session = siem_session,
	.diagnoses = siem_diagnoses,
	.diagnosis = siem_diagnosis,
	.end = siem_end,
	.destroy = siem_destroy,
};
