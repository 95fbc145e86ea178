/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * TLS in the report for people: what stands in the head of a session, and the steps of the handshake.
 */
#ifndef SMTPSCOPE_REPORT_TEXT_TLS_H
#define SMTPSCOPE_REPORT_TEXT_TLS_H

#include "report/text_page.h"

enum { TEXT_TLS_ROWS = 4 };

/* Appends row number `row` of what a record's head tells of TLS; a row may stay empty. */
void text_tls_add_row(const struct text_page *page, struct terminal_text *text, const struct record *record, size_t row);

/* Append what a step is, and what it means. */
void text_tls_add_step(const struct text_page *page, struct terminal_text *text, const struct event_tls *step);
void text_tls_add_meaning(const struct text_page *page, struct terminal_text *text, const struct event_tls *step);

/* Is the step one that ends the attempt to encrypt? */
static inline bool text_tls_is_failure(const struct event_tls *step) {
	return step->step == EVENT_TLS_ALERT && step->alert_level == EVENT_TLS_ALERT_FATAL;
}

#endif
