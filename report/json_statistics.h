/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The statistics document.
 */
#ifndef SMTPSCOPE_REPORT_JSON_STATISTICS_H
#define SMTPSCOPE_REPORT_JSON_STATISTICS_H

#include <json-c/json.h>

#include "report/json_print.h"

/* Adds all members but "type" and "schema" to the document. json is used for times. Returns false when there is no memory. The
 * names in statistics (interfaces, reasons) may be of any bytes. */
bool json_statistics_add(
	struct json_print *json, struct json_object *document, const struct writer_statistics *statistics);

#endif
