/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Text in the header of a message: encoded words (RFC 2047), parameters and their continuations (RFC 2231).
 *
 * What cannot be decoded for certain (a charset that is not known) is left as it was sent, never guessed.
 */
#ifndef SMTPSCOPE_REPORT_MESSAGE_TEXT_H
#define SMTPSCOPE_REPORT_MESSAGE_TEXT_H

#include "decode/event.h"
#include "report/arena.h"

enum {
	MESSAGE_TEXT_MAX = 4096, /* bytes of a value, decoded; what is more is cut */
};

/* Holds what converts charsets. */
struct message_text;

/* Loads all that is needed to convert charsets: nothing is opened later. Returns NULL when there is no memory. The caller destroys
 * it. For one thread at a time. */
struct message_text *message_text_create(void);
/* Accepts NULL. */
void message_text_destroy(struct message_text *text);

/* Decodes the value of a header field, folded as it was sent, without white space around it. The result is in the arena, and UTF-8
 * unless the value had bytes that are not. *ret_cut is set to true when it was cut, else untouched. */
struct slice message_text_decode(struct message_text *text, struct arena *arena, struct slice value, bool *ret_cut);

/* What stands before the parameters of a value: a media type, or a disposition. Borrows from it. */
struct slice message_text_head(struct slice value);

/* Finds a parameter, in whatever pieces it was sent. Returns false when there is none, or when it cannot be decoded. The result is in
 * the arena. */
bool message_text_parameter(struct message_text *text, struct arena *arena, struct slice value, const char *name, struct slice *ret_text);

#endif
