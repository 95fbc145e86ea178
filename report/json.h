/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The format "json": one JSON document a line (NDJSON). report/schema/ describes the documents.
 */
#ifndef SMTPSCOPE_REPORT_JSON_H
#define SMTPSCOPE_REPORT_JSON_H

#include "report/writer.h"

extern const struct writer_format json_format;

#endif
