/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The report for people: each session as a block of facts, its timeline line by line, and its findings; at the end what all
 * of them say together.
 */
#ifndef SMTPSCOPE_REPORT_TEXT_H
#define SMTPSCOPE_REPORT_TEXT_H

#include "report/writer.h"

/* -o text. In English, non-ASCII characters, its own arrows included, are used only if the locale's character set is UTF-8
 * when the writer is created; so call setlocale(LC_CTYPE, "") before. Nothing from the wire reaches the output unescaped. */
extern const struct writer_format text_format;

#endif
