/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The report for people: text_session.c for each session, text_summary.c for the end.
 */
#include "report/text.h"

#include <errno.h>
#include <stdlib.h>

#include "report/text_page.h"
#include "report/text_session.h"
#include "report/text_summary.h"

struct writer {
	struct text_page page;
	struct text_totals totals;
	bool begun; /* something was written */
	struct text_session_memory memory;
};

static void text_destroy(struct writer *writer) {
	if (writer == NULL)
		return;
	text_page_finish(&writer->page);
	free(writer);
}

static struct writer *text_create(const struct writer_options *options, FILE *out) {
	struct writer *writer = calloc(1, sizeof(*writer));

	if (writer == NULL)
		return NULL;
	if (text_page_init(&writer->page, options, out) < 0) {
		text_destroy(writer);
		return NULL;
	}
	return writer;
}

static int text_session(struct writer *writer, const struct record *record) {
	errno = 0;
	if (writer->begun)
		text_page_newline(&writer->page);
	writer->begun = true;
	if (record->close.how != STREAM_CLOSE_NONE)
		text_summary_count(&writer->totals, record);
	text_session_put(&writer->page, record, &writer->memory);
	return text_page_result(&writer->page);
}

static int text_diagnoses(struct writer *writer, const struct diagnosis_report *report) {
	errno = 0;
	text_summary_put_report(&writer->page, report);
	return text_page_result(&writer->page);
}

static int text_statistics(struct writer *writer, const struct writer_statistics *statistics) {
	errno = 0;
	text_summary_put_statistics(&writer->page, statistics);
	fflush_unlocked(writer->page.out);
	return text_page_result(&writer->page);
}

static int text_diagnosis(struct writer *writer, const struct diagnosis *diagnosis) {
	errno = 0;
	text_summary_put_diagnosis(&writer->page, diagnosis);
	return text_page_result(&writer->page);
}

static int text_end(struct writer *writer, const struct writer_statistics *statistics) {
	errno = 0;
	text_summary_put_totals(&writer->page, &writer->totals, statistics);
	fflush_unlocked(writer->page.out);
	return text_page_result(&writer->page);
}

const struct writer_format text_format = {
	.name = "text",
	.summary = "for people: timelines, findings and a diagnosis",
	.create = text_create,
	.session = text_session,
	.diagnoses = text_diagnoses,
	.statistics = text_statistics,
	.diagnosis = text_diagnosis,
	.end = text_end,
	.destroy = text_destroy,
};
