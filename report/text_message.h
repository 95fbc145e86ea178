/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a message says of itself, as lines for a person.
 */
#ifndef SMTPSCOPE_REPORT_TEXT_MESSAGE_H
#define SMTPSCOPE_REPORT_TEXT_MESSAGE_H

#include "report/text_page.h"

/* Writes subject, Message-ID and attachments of a mail, as far as they are known, in lines that begin at column. */
void text_message_put(struct text_page *page, const struct record_mail *mail, size_t column);

#endif
