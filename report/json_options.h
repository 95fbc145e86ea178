/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the parameters of MAIL and RCPT mean.
 */
#ifndef SMTPSCOPE_REPORT_JSON_OPTIONS_H
#define SMTPSCOPE_REPORT_JSON_OPTIONS_H

#include "report/json_print.h"

/* Puts the member "options" if any of the parameters has a meaning; it is not the first of its object. */
void json_put_options(struct json_print *json, const struct event_parameter *parameters, size_t count);

#endif
