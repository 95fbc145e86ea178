/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a message says of itself, in a document.
 */
#ifndef SMTPSCOPE_REPORT_JSON_MESSAGE_H
#define SMTPSCOPE_REPORT_JSON_MESSAGE_H

#include "report/json_print.h"

/* The members "headers" and "attachments" of a mail, as far as there is something to tell. They are not the first of their object. */
void json_put_message(struct json_print *json, const struct record_mail *mail);

#endif
