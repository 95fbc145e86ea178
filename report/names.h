/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The words of session documents for the values of enums: one table for writing and for reading them.
 */
#ifndef SMTPSCOPE_REPORT_NAMES_H
#define SMTPSCOPE_REPORT_NAMES_H

#include "report/record.h"

extern const char *const names_protocol[EVENT_PROTOCOL_SMTPS + 1]; /* enum event_protocol */
extern const char *const names_tls_reason[EVENT_TLS_REASON_COUNT]; /* enum event_tls_reason; NONE has none */
extern const char *const names_attempt[EVENT_AUTH_CANCELLED + 1]; /* enum event_auth_result */
extern const char *const names_auth[RECORD_AUTH_UNUSED + 1]; /* enum record_auth_result */
extern const char *const names_mail[EVENT_MAIL_ABORTED + 1]; /* enum event_mail_result */
extern const char *const names_result[RECORD_RESULT_ENCRYPTED + 1]; /* enum record_result */
extern const char *const names_close[STREAM_CLOSE_COUNT]; /* enum stream_close_how */

extern const char *const names_verb[VERB_COUNT]; /* enum verb; NULL for VERB_OTHER */
extern const char *const names_anomaly[EVENT_ANOMALY_COUNT]; /* enum event_anomaly_id */
extern const char *const names_foreign[EVENT_FOREIGN_COUNT]; /* enum event_foreign */

/* "<LF>.<CR><LF>" */
const char *names_false_end(const struct event_false_end *false_end);

#endif
