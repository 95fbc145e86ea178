/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Statistics for Prometheus: the text exposition format, version 0.0.4.
 * https://prometheus.io/docs/instrumenting/exposition_formats/
 */
#ifndef SMTPSCOPE_REPORT_METRICS_H
#define SMTPSCOPE_REPORT_METRICS_H

#include "report/writer.h"

#define METRICS_CONTENT_TYPE "text/plain; version=0.0.4; charset=utf-8"

/* Renders statistics. Returns 0, the text (NUL-terminated, the caller frees it) and its length; or -ENOMEM. Groups that
 * statistics does not have are absent. */
int metrics_render(const struct writer_statistics *statistics, char **ret_text, size_t *ret_len);

/* Makes text the content of the file of that name in the directory, for the textfile collector of the node exporter: whoever
 * reads it sees all of the old or all of the new one. ".NAME.tmp" is what it is written to first. There is no fsync(): after
 * a crash the next interval writes it anew. Returns 0 or a negative errno; then the old file is as it was. */
int metrics_file_write(int directory_fd, const char *name, const char *text, size_t len);

#endif
