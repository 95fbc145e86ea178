/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/options_report.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct options_origin *origin_of(const struct options_report *report, const struct options_row *row) {
	return &report->origins[row - options_rows];
}

const struct options_origin *options_report_origin(const struct options_report *report, const char *name) {
	const struct options_row *row = name[1] == '\0' ? options_row_find_letter(name[0]) : options_row_find(name);
	assert(row != NULL);
	return origin_of(report, row);
}

bool options_report_changed(const struct options_report *report, const struct options_row *row) {
	const struct options_origin *origin = origin_of(report, row);
	return origin->by != OPTIONS_BY_NOBODY &&
		(origin->value == NULL || row->standard == NULL || strcmp(origin->value, row->standard) != 0);
}

const char *options_report_name(const struct options_report *report, const struct options_row *row, char *text, size_t size) {
	const struct options_origin *origin = origin_of(report, row);
	if (origin->by == OPTIONS_BY_FILE)
		snprintf(text, size, "%s", row->long_name);
	else if (row->letter != '\0' && (origin->as_letter || row->long_name == NULL))
		snprintf(text, size, "-%c", row->letter);
	else
		snprintf(text, size, "--%s", row->long_name);
	return text;
}

__attribute__((format(printf, 3, 0))) static void print_problem(
	struct options_report *report, int line, const char *format, va_list arguments) {
	fputs("smtpscope: ", stderr);
	if (line > 0)
		fprintf(stderr, "%s:%d: ", report->config_file, line);
	vfprintf(stderr, format, arguments);
	fputs(line > 0 ? "\n" : " (try --help)\n", stderr);
	report->problems++;
}

void options_report_problem(struct options_report *report, const struct options_row *row, const char *format, ...) {
	va_list arguments;
	va_start(arguments, format);
	print_problem(report, row != NULL ? origin_of(report, row)->line : 0, format, arguments);
	va_end(arguments);
}

void options_report_line(struct options_report *report, int line, const char *format, ...) {
	va_list arguments;
	va_start(arguments, format);
	print_problem(report, line, format, arguments);
	va_end(arguments);
}
