/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The format "json": one JSON document a line (NDJSON). report/schema/ describes the documents.
 */
#ifndef SMTPSCOPE_REPORT_JSON_H
#define SMTPSCOPE_REPORT_JSON_H

#include "report/writer.h"

extern const struct writer_format json_format;

/* Writes text and a line end, as one: other threads may write lines to the same stream. Returns 0 or a negative errno. */
int json_write_line(FILE *out, const char *text, size_t len);

#endif
