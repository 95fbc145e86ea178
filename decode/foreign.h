/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What speaks where SMTP should: other protocols, known by how their first message begins.
 */
#ifndef SMTPSCOPE_DECODE_FOREIGN_H
#define SMTPSCOPE_DECODE_FOREIGN_H

#include "decode/event.h"

/* text: what a side said first, a line without its end or the start of one; it does not read as SMTP. EVENT_FOREIGN_UNKNOWN: it tells
 * nothing. */
enum event_foreign foreign_recognise(enum stream_side side, struct slice text);

/* How many bytes at the end of a request line of HTTP or SIP name the version, with the space before it; 0: it is none. */
size_t foreign_version_len(struct slice line);

#endif
