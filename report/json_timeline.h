/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The timeline of a session document.
 */
#ifndef SMTPSCOPE_REPORT_JSON_TIMELINE_H
#define SMTPSCOPE_REPORT_JSON_TIMELINE_H

#include "report/json_print.h"

/* The array of entries of json->record. */
void json_put_timeline(struct json_print *json);

/* What stands in the object of one entry. The first of its members has no comma before it. */
void json_put_entry_members(struct json_print *json, const struct record_timeline_entry *entry);

#endif
