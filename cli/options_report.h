/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What is wrong with options, told to the person who gave them: where it stands, what it is, what to do.
 */
#ifndef SMTPSCOPE_CLI_OPTIONS_REPORT_H
#define SMTPSCOPE_CLI_OPTIONS_REPORT_H

#include "cli/options_table.h"

enum options_by { OPTIONS_BY_NOBODY, OPTIONS_BY_FILE, OPTIONS_BY_COMMAND_LINE };

/* Where an option was given: the last time, if several times. */
struct options_origin {
	enum options_by by;
	int line;          /* in the file */
	bool as_letter;    /* on the command line */
	const char *value; /* NULL: it takes none */
};

struct options_report {
	const char *config_file;         /* NULL: none */
	struct options_origin *origins;  /* by row of the table */
	size_t problems;                 /* told of so far */
};

/* Where the option of this long name, or letter, was given. */
const struct options_origin *options_report_origin(const struct options_report *report, const char *name);

/* Whether it was given with a value that is not the standard one anyhow. */
bool options_report_changed(const struct options_report *report, const struct options_row *row);

/* Writes a line to stderr, as fprintf() would, and counts it. A NULL row stands for the command line as a whole. */
__attribute__((format(printf, 3, 4))) void options_report_problem(
	struct options_report *report, const struct options_row *row, const char *format, ...);

/* The same of a line of the file. */
__attribute__((format(printf, 3, 4))) void options_report_line(
	struct options_report *report, int line, const char *format, ...);

/* The name under which a row was given: "--write", "-w", in the file "write". Uses size bytes of text, returns it. */
const char *options_report_name(const struct options_report *report, const struct options_row *row, char *text, size_t size);

enum { OPTIONS_NAME_MAX = 64 };

#endif
