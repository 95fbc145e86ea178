/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Where the metrics of a run go: --metrics-file, --metrics-listen.
 */
#ifndef SMTPSCOPE_CLI_METRICS_OUTPUT_H
#define SMTPSCOPE_CLI_METRICS_OUTPUT_H

#include <stdbool.h>

#include "cli/metrics_http.h"
#include "cli/options.h"
#include "report/writer.h"

struct metrics_output {
	int directory_fd; /* of the file, for the sandbox; -1: none */
	const char *name; /* of the file in it; NULL: none */
	struct metrics_http *http; /* NULL: none */
};

/* Opens what must be opened before the sandbox. Returns 0, or a negative errno after a line on stderr; metrics_output_close() is to be
 * called in any case. */
int metrics_output_open(struct metrics_output *metrics, const struct options *options);

/* Whether anybody wants them. */
bool metrics_output_is_wanted(const struct metrics_output *metrics);

/* Starts the listener's thread. Returns 0 or a negative errno. */
int metrics_output_start(struct metrics_output *metrics);

/* Whoever asks now gets these. */
void metrics_output_publish(struct metrics_output *metrics, const struct writer_statistics *statistics);

void metrics_output_close(struct metrics_output *metrics);

#endif
