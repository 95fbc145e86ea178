/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * TLS in a session document: its member "tls", and the entries of the timeline that tell of the handshake.
 */
#ifndef SMTPSCOPE_REPORT_JSON_TLS_H
#define SMTPSCOPE_REPORT_JSON_TLS_H

#include "report/json_print.h"

/* The value of the member, of json->record: an object, or null. */
void json_put_tls(struct json_print *json);

/* Members that are not the first of their object: what the step of an entry tells. */
void json_put_tls_step(struct json_print *json, const struct event_tls *step);

#endif
