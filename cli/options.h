/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The command line.
 */
#ifndef SMTPSCOPE_CLI_OPTIONS_H
#define SMTPSCOPE_CLI_OPTIONS_H

#include <stdio.h>

#include "capture/flow.h"
#include "report/diagnosis.h"
#include "report/words.h"
#include "report/writer.h"

struct options {
	const char **files; /* -r, in the order given */
	size_t file_count;
	const char **session_files; /* --sessions; none when there are -r */
	size_t session_file_count;
	char *filter;       /* the words after the options, joined; NULL: none */
	const struct writer_format *format;
	const char *destination; /* -w; NULL: standard output */
	struct flow_options flow;
	enum writer_users users;
	struct diagnosis_network *local_networks; /* --local-net */
	size_t local_network_count;
	const char **local_domains; /* --local-domain */
	size_t local_domain_count;
	const struct words *words; /* of --lang or of the locale */
	size_t max_memory; /* bytes */
	bool quiet, verbose;
};

enum options_result {
	OPTIONS_RUN,
	OPTIONS_DONE,  /* --help or --version was printed */
	OPTIONS_WRONG, /* a line on stderr says what is wrong */
};

/* Parses the command line. Strings borrow from argv. The caller calls options_finish() whatever the result. */
enum options_result options_parse(int argc, char **argv, struct options *ret_options);

/* What the writer is to know of them, when it writes to out. */
void options_for_writer(
	const struct options *options, FILE *out, struct identity_user *user_hash, struct writer_options *ret_options);

void options_finish(struct options *options);

#endif
