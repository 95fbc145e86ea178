/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The catalogues there are; words.c has the table.
 */
#ifndef SMTPSCOPE_REPORT_WORDS_CATALOGUES_H
#define SMTPSCOPE_REPORT_WORDS_CATALOGUES_H

#include "report/words.h"

extern const struct words words_en, words_ja;

#endif
