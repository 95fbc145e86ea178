/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Diagnosis documents.
 */
#ifndef SMTPSCOPE_REPORT_JSON_DIAGNOSIS_H
#define SMTPSCOPE_REPORT_JSON_DIAGNOSIS_H

#include "report/diagnosis.h"
#include "report/json_print.h"

/* A new document, which the caller gives back with json_object_put(); NULL when there is no memory. It has strings that must
 * be printed by json_put_visible(). json says how times and users are to be written. */
struct json_object *json_diagnosis_create(struct json_print *json, const struct diagnosis *diagnosis);

#endif
