/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The members of a session document.
 */
#ifndef SMTPSCOPE_REPORT_JSON_SESSION_H
#define SMTPSCOPE_REPORT_JSON_SESSION_H

#include "report/json_print.h"

enum { JSON_SESSION_MEMBERS = 20 };

struct json_session_member {
	const char *key;
	void (*print)(struct json_print *json); /* the value, of json->record */
};

/* In the order of the document; behind "type" and "schema". */
extern const struct json_session_member json_session_members[JSON_SESSION_MEMBERS];

/* The values that other documents have, too: */

/* "192.0.2.1" or "2001:db8::1", with the quotes. */
void json_put_address(struct json_print *json, const struct stream_endpoint *endpoint);

/* The object of one finding of json->record. */
void json_put_finding(struct json_print *json, const struct finding *finding);

#endif
