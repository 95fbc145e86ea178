/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * XCLIENT and XFORWARD (Postfix, XCLIENT_README and XFORWARD_README): a gateway tells where the mail really comes from.
 */
#ifndef SMTPSCOPE_DECODE_ORIGIN_H
#define SMTPSCOPE_DECODE_ORIGIN_H

#include "decode/event.h"

enum { ORIGIN_TEXT_MAX = 1024 };

/* What was told so far; several commands add up. The slices of told point into text, so it must not be copied. */
struct origin { /* zero-filled at start */
	struct event_origin told;
	char text[ORIGIN_TEXT_MAX];
	size_t text_len;
};

/* Adds the attributes of one command. Values that are not known to the gateway ([UNAVAILABLE]), not of the grammar, or too long, are
 * taken for not told.
 *   xclient-command = XCLIENT 1*( SP attribute-name "=" attribute-value ) ; attribute-value = xtext */
void origin_read(struct origin *origin, struct slice argument);

/* What of the argument may be shown: all before the attribute with the user's name. */
struct slice origin_shown(struct slice argument);

#endif
