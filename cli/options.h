/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The command line.
 */
#ifndef SMTPSCOPE_CLI_OPTIONS_H
#define SMTPSCOPE_CLI_OPTIONS_H

#include <stdio.h>

#include "capture/flow.h"
#include "report/writer.h"

struct options {
	const char **files; /* -r, in the order given */
	size_t file_count;
	char *filter;       /* the words after the options, joined; NULL: none */
	const struct writer_format *format;
	const char *destination; /* -w; NULL: standard output */
	struct flow_options flow;
	enum writer_users users;
	bool quiet, verbose;
};

enum options_result {
	OPTIONS_RUN,
	OPTIONS_DONE,  /* --help or --version was printed */
	OPTIONS_WRONG, /* a line on stderr says what is wrong */
};

/* Parses the command line. Strings borrow from argv. The caller calls options_finish() whatever the result. */
enum options_result options_parse(int argc, char **argv, struct options *ret_options);

void options_finish(struct options *options);

#endif
