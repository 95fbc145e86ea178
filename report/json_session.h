/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The members of a session document.
 */
#ifndef SMTPSCOPE_REPORT_JSON_SESSION_H
#define SMTPSCOPE_REPORT_JSON_SESSION_H

#include "report/json_print.h"

enum { JSON_SESSION_MEMBERS = 18 };

struct json_session_member {
	const char *key;
	void (*print)(struct json_print *json); /* the value, of json->record */
};

/* In the order of the document; behind "type" and "schema". */
extern const struct json_session_member json_session_members[JSON_SESSION_MEMBERS];

#endif
