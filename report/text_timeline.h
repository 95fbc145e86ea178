/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The timeline of a session in -o text: who said what, when, and what that means.
 */
#ifndef SMTPSCOPE_REPORT_TEXT_TIMELINE_H
#define SMTPSCOPE_REPORT_TEXT_TIMELINE_H

#include "report/record.h"
#include "report/text_page.h"

void text_timeline_put(struct text_page *page, const struct record *record);

#endif
