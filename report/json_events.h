/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The format "events": each step of a session is a JSON document of its own, written when it happens; for people who watch and
 * for pipelines that stream.
 */
#ifndef SMTPSCOPE_REPORT_JSON_EVENTS_H
#define SMTPSCOPE_REPORT_JSON_EVENTS_H

#include "report/writer.h"

extern const struct writer_format json_events_format;

#endif
