/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Shorthands for the files that hold rows.
 */
#ifndef SMTPSCOPE_REPORT_FIELDS_COLUMNS_H
#define SMTPSCOPE_REPORT_FIELDS_COLUMNS_H

#include "report/fields/fields.h"

#define ECS [FIELDS_ECS]
#define OCSF [FIELDS_OCSF]
#define OCSF_1_3 [FIELDS_OCSF_1_3]
#define ZEEK [FIELDS_ZEEK]
#define EVE [FIELDS_EVE]
#define CEF [FIELDS_CEF]
#define LEEF [FIELDS_LEEF]
#define SPLUNK [FIELDS_SPLUNK]

#define S FIELDS_OF(FIELDS_SESSION)
#define T FIELDS_OF(FIELDS_TRANSACTION)
#define A FIELDS_OF(FIELDS_AUTH)
#define F FIELDS_OF(FIELDS_FINDING)
#define D FIELDS_OF(FIELDS_DIAGNOSIS)
#define X FIELDS_OF(FIELDS_STATISTICS)
#define RECORD FIELDS_OF_RECORD
#define ALERT FIELDS_OF_ALERT
#define ALL FIELDS_OF_ALL

#define GETTER(name) static bool name(const struct fields_subject *subject, struct fields_value *value)

#define NAMES(...) .names = {__VA_ARGS__}

#endif
