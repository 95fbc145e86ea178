/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One session in -o text: a block of facts, the timeline, and the findings.
 */
#ifndef SMTPSCOPE_REPORT_TEXT_SESSION_H
#define SMTPSCOPE_REPORT_TEXT_SESSION_H

#include "report/record.h"
#include "report/text_page.h"

/* Does the absence of a login mean anything here? Not between mail servers: they deliver to port 25 without one. */
bool text_session_expects_login(const struct record *record);

enum { TEXT_SESSION_ADVISED_MAX = 64 };

/* What earlier sessions of the run said already. Zero-filled at start. */
struct text_session_memory {
	const char *advised[TEXT_SESSION_ADVISED_MAX]; /* ids of findings */
	size_t advised_count;
};

void text_session_put(struct text_page *page, const struct record *record, struct text_session_memory *memory);

#endif
