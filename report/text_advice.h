/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How a finding or a diagnosis is laid out in -o text:
 *
 *   HIGH      Title
 *             Explanation
 *   Likely    a cause
 *             another cause
 *   Check     what to look at
 *   User sees Outlook 0x800CCC79: ...
 */
#ifndef SMTPSCOPE_REPORT_TEXT_ADVICE_H
#define SMTPSCOPE_REPORT_TEXT_ADVICE_H

#include "report/client_text.h"
#include "report/record.h"
#include "report/text_page.h"

void text_advice_put_title(struct text_page *page, enum finding_severity severity, const char *title);

/* A paragraph below the title. */
void text_advice_put_paragraph(
	struct text_page *page, enum text_style style, const struct terminal_text *text, size_t rows_max);

/* Nothing when count is 0. */
void text_advice_put_list(struct text_page *page, enum words_id label, const char *const *items, size_t count);

void text_advice_put_item(struct text_page *page, enum words_id label, const struct terminal_text *text);

void text_advice_put_reads(struct text_page *page, const struct diagnosis_client_text *reads, size_t count);

#endif
