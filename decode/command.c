/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "decode/command.h"

#include "decode/ascii.h"

enum argument_form {
	ARGUMENT_ANY,
	ARGUMENT_NONE,
	ARGUMENT_WORD,  /* at least one word */
	ARGUMENT_FROM,  /* FROM: */
	ARGUMENT_TO,    /* TO: */
	ARGUMENT_DIGIT,
};

/* The codes are those that only this command is ever answered with, or 0; replies with another command's own code are not its. */
static const struct verb_row {
	const char *name;
	enum argument_form form;
	uint16_t own_code, other_own_code;
} verbs[VERB_COUNT] = {
	[VERB_OTHER] = {"", ARGUMENT_ANY, 0, 0},
	[VERB_HELO] = {"HELO", ARGUMENT_WORD, 0, 0},
	[VERB_EHLO] = {"EHLO", ARGUMENT_WORD, 0, 0},
	[VERB_LHLO] = {"LHLO", ARGUMENT_WORD, 0, 0},
	[VERB_AUTH] = {"AUTH", ARGUMENT_WORD, 235, 334},
	[VERB_STARTTLS] = {"STARTTLS", ARGUMENT_NONE, 220, 0},
	[VERB_MAIL] = {"MAIL", ARGUMENT_FROM, 0, 0},
	[VERB_RCPT] = {"RCPT", ARGUMENT_TO, 251, 0},
	[VERB_DATA] = {"DATA", ARGUMENT_NONE, 354, 0},
	[VERB_BDAT] = {"BDAT", ARGUMENT_DIGIT, 0, 0},
	[VERB_RSET] = {"RSET", ARGUMENT_NONE, 0, 0},
	[VERB_NOOP] = {"NOOP", ARGUMENT_ANY, 0, 0},
	[VERB_VRFY] = {"VRFY", ARGUMENT_WORD, 252, 251},
	[VERB_EXPN] = {"EXPN", ARGUMENT_WORD, 252, 0},
	[VERB_HELP] = {"HELP", ARGUMENT_ANY, 214, 211},
	[VERB_QUIT] = {"QUIT", ARGUMENT_NONE, 221, 0},
};

static enum verb find_verb(const char *name, size_t len) {
	for (enum verb verb = VERB_OTHER + 1; verb < VERB_COUNT; verb++)
		if (strlen(verbs[verb].name) == len && memcmp(verbs[verb].name, name, len) == 0)
			return verb;
	return VERB_OTHER;
}

void command_parse(struct slice line, struct command *ret_command) {
	*ret_command = (struct command){.verb = VERB_OTHER};
	struct slice rest = line;
	struct slice word = slice_next_word(&rest);
	ret_command->argument = slice_trim(rest);
	/* A few clients leave out the blank of "MAIL FROM:", many write "RCPT TO: <...>"; the name ends at the first byte that
	 * no command's name has. */
	if (word.len == 0 || word.len > COMMAND_NAME_MAX || !ascii_is_alpha(word.data[0]))
		return;
	for (size_t i = 0; i < word.len; i++) {
		char c = ascii_upper(word.data[i]);
		if (!ascii_is_alpha(c) && !ascii_is_digit(c) && c != '-' && c != '_')
			return;
		ret_command->name[i] = c;
	}
	ret_command->name_len = word.len;
	ret_command->verb = find_verb(ret_command->name, word.len);
}

bool command_is_plausible(const struct command *command) {
	struct slice argument = command->argument;
	if (command->verb == VERB_OTHER)
		return false;
	switch (verbs[command->verb].form) {
	case ARGUMENT_ANY:
		return true;
	case ARGUMENT_NONE:
		return argument.len == 0;
	case ARGUMENT_WORD:
		return argument.len > 0;
	case ARGUMENT_FROM:
		return slice_begins(argument, "FROM:") || slice_begins(argument, "FROM :");
	case ARGUMENT_TO:
		return slice_begins(argument, "TO:") || slice_begins(argument, "TO :");
	case ARGUMENT_DIGIT:
		return argument.len > 0 && ascii_is_digit(argument.data[0]);
	}
	return false;
}

bool command_accepts_code(enum verb verb, uint16_t code) {
	if (code >= 400 && code < 500)
		return true;
	/* Codes of 5yz that speak of authentication mechanisms; 530 and 550 may answer anything. */
	if (code >= 500)
		return (code != 534 && code != 535 && code != 538) || verb == VERB_AUTH || verb == VERB_OTHER;
	const struct verb_row *row = &verbs[verb];
	if (code == row->own_code || code == row->other_own_code)
		return true;
	if (verb == VERB_OTHER)
		return code != 334 && code != 354; /* an unknown command may be answered by anything but these */
	for (enum verb other = VERB_OTHER + 1; other < VERB_COUNT; other++)
		if (code == verbs[other].own_code || code == verbs[other].other_own_code)
			return false;
	/* These succeed with their own code only. */
	return verb != VERB_DATA && verb != VERB_AUTH && verb != VERB_STARTTLS && verb != VERB_QUIT;
}

size_t command_line_max(enum verb verb) {
	enum {
		LINE_MAX_BASE = 512,
		/* RFC 1870 SIZE 26, 2852 DELIVERBY 17, 3461 DSN 127, 4865 FUTURERELEASE 34, 4954 AUTH= 500, 6152 8BITMIME 17,
		 * 6531 SMTPUTF8 10, 6710 MT-PRIORITY 15, 8689 REQUIRETLS 11 */
		MAIL_ADDS = 26 + 17 + 127 + 34 + 500 + 17 + 10 + 15 + 11,
		RCPT_ADDS = 500 + 35, /* RFC 3461 DSN; RFC 7293 RRVS */
		AUTH_MAX = 12288,     /* RFC 4954, 4 */
	};
	switch (verb) {
	case VERB_MAIL:
		return LINE_MAX_BASE + MAIL_ADDS;
	case VERB_RCPT:
		return LINE_MAX_BASE + RCPT_ADDS;
	case VERB_AUTH:
		return AUTH_MAX;
	default:
		return LINE_MAX_BASE;
	}
}

bool command_parse_bdat(struct slice argument, uint64_t *ret_size, bool *ret_last) {
	struct slice rest = argument;
	struct slice number = slice_next_word(&rest);
	struct slice last = slice_next_word(&rest);
	uint64_t size = 0;
	if (number.len == 0)
		return false;
	for (size_t i = 0; i < number.len; i++) {
		if (!ascii_is_digit(number.data[i]))
			return false;
		uint64_t digit = (uint64_t)(number.data[i] - '0');
		if (size > (UINT64_MAX - digit) / 10)
			return false;
		size = size * 10 + digit;
	}
	if ((last.len > 0 && !slice_is(last, "LAST")) || slice_trim(rest).len > 0)
		return false;
	*ret_size = size;
	*ret_last = last.len > 0;
	return true;
}
