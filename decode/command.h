/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The client's lines to commands (RFC 5321, 4.1).
 */
#ifndef SMTPSCOPE_DECODE_COMMAND_H
#define SMTPSCOPE_DECODE_COMMAND_H

#include "decode/extension.h"

enum { COMMAND_NAME_MAX = 16 }; /* longer words are no command anybody defined, and may be a secret */

struct command {
	enum verb verb;
	bool known;                  /* by its name, though the verb may be VERB_OTHER */
	enum extension extension;    /* that it belongs to */
	char name[COMMAND_NAME_MAX]; /* upper-cased, not NUL-terminated */
	size_t name_len;             /* 0: the line has no word that could be a command */
	struct slice argument;       /* what follows the name, trimmed at both ends */
};

/* Splits a line into name and argument. Never fails: a line without a command's name gives VERB_OTHER and an empty name. */
void command_parse(struct slice line, struct command *ret_command);

/* Does the line read as one of the known commands, argument and all? For places where it may as well be text or a secret. */
bool command_is_plausible(const struct command *command);

/* Can this reply code be the final answer to the command? For telling, after a loss, what a reply answers; true when in doubt. */
bool command_accepts_code(enum verb verb, uint16_t code);

/* How long the line of a command may be, its line end included: RFC 5321, 4.5.3.1.4, and what extensions add to it. */
size_t command_line_max(enum verb verb);

/* BDAT (RFC 3030): chunk-size [ SP "LAST" ]. Returns false when the argument is not of that form or the size exceeds 64 bits. */
bool command_parse_bdat(struct slice argument, uint64_t *ret_size, bool *ret_last);

/* XEXCH50 of Exchange (Microsoft KB 812455): the size of the binary data that follows the server's 354, and more. Returns false when
 * it has no size, or one over the 1 GiB that is allowed. */
bool command_parse_xexch50(struct slice argument, uint64_t *ret_size);

/* BURL (RFC 4468): what of the argument may be shown, which is all before a token or password in the URL; and whether it is the last
 * part of the message. */
void command_parse_burl(struct slice argument, struct slice *ret_shown, bool *ret_last);

#endif
