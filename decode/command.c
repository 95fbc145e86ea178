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

/* Some names mean the same to the decoder; the row that its verb is called by comes first. VERB_OTHER: known, but nothing is done about
 * it. The codes are those that only this command is ever answered with, or 0; replies with another command's own code are not its. */
static const struct command_row {
	const char *name;
	enum verb verb;
	enum argument_form form;
	uint16_t own_code, other_own_code;
	enum extension extension;
} rows[] = {
	{"MAIL", VERB_MAIL, ARGUMENT_FROM, 0, 0, EXTENSION_NONE},
	{"RCPT", VERB_RCPT, ARGUMENT_TO, 251, 0, EXTENSION_NONE},
	{"DATA", VERB_DATA, ARGUMENT_NONE, 354, 0, EXTENSION_NONE},
	{"EHLO", VERB_EHLO, ARGUMENT_WORD, 0, 0, EXTENSION_NONE},
	{"QUIT", VERB_QUIT, ARGUMENT_NONE, 221, 0, EXTENSION_NONE},
	{"RSET", VERB_RSET, ARGUMENT_NONE, 0, 0, EXTENSION_NONE},
	{"AUTH", VERB_AUTH, ARGUMENT_WORD, 235, 334, EXTENSION_AUTH},
	{"BDAT", VERB_BDAT, ARGUMENT_DIGIT, 0, 0, EXTENSION_CHUNKING},
	{"HELO", VERB_HELO, ARGUMENT_WORD, 0, 0, EXTENSION_NONE},
	{"LHLO", VERB_LHLO, ARGUMENT_WORD, 0, 0, EXTENSION_NONE},
	{"NOOP", VERB_NOOP, ARGUMENT_ANY, 0, 0, EXTENSION_NONE},
	{"STARTTLS", VERB_STARTTLS, ARGUMENT_NONE, 220, 0, EXTENSION_STARTTLS},
	{"VRFY", VERB_VRFY, ARGUMENT_WORD, 252, 251, EXTENSION_NONE},
	{"EXPN", VERB_EXPN, ARGUMENT_WORD, 252, 0, EXTENSION_NONE},
	{"HELP", VERB_HELP, ARGUMENT_ANY, 214, 211, EXTENSION_NONE},
	{"BURL", VERB_BURL, ARGUMENT_WORD, 0, 0, EXTENSION_BURL},
	{"ETRN", VERB_ETRN, ARGUMENT_WORD, 253, 251, EXTENSION_ETRN},
	{"ATRN", VERB_ATRN, ARGUMENT_ANY, 0, 0, EXTENSION_ATRN},
	{"TURN", VERB_TURN, ARGUMENT_NONE, 0, 0, EXTENSION_NONE},
	{"XCLIENT", VERB_XCLIENT, ARGUMENT_WORD, 220, 0, EXTENSION_XCLIENT},
	{"XFORWARD", VERB_XFORWARD, ARGUMENT_WORD, 0, 0, EXTENSION_XFORWARD},
	{"XEXCH50", VERB_XEXCH50, ARGUMENT_DIGIT, 354, 0, EXTENSION_XEXCH50},
	{"X-EXPS", VERB_AUTH, ARGUMENT_WORD, 235, 334, EXTENSION_X_EXPS},
	{"X-ANONYMOUSTLS", VERB_STARTTLS, ARGUMENT_NONE, 220, 0, EXTENSION_X_ANONYMOUSTLS},
	{"X-LINK2STATE", VERB_OTHER, ARGUMENT_ANY, 0, 0, EXTENSION_X_LINK2STATE},
	{"XSHADOW", VERB_OTHER, ARGUMENT_ANY, 0, 0, EXTENSION_XSHADOW},
	{"XSHADOWREQUEST", VERB_OTHER, ARGUMENT_ANY, 0, 0, EXTENSION_XSHADOWREQUEST},
	{"XQDISCARD", VERB_OTHER, ARGUMENT_ANY, 0, 0, EXTENSION_XSHADOW},
	{"XPROXY", VERB_OTHER, ARGUMENT_ANY, 0, 0, EXTENSION_XPROXY},
	{"XPROXYFROM", VERB_OTHER, ARGUMENT_ANY, 0, 0, EXTENSION_XPROXYFROM},
	{"XPROXYTO", VERB_OTHER, ARGUMENT_ANY, 0, 0, EXTENSION_XPROXYTO},
	{"XSESSIONPARAMS", VERB_OTHER, ARGUMENT_ANY, 0, 0, EXTENSION_XSESSIONPARAMS},
};

enum { ROW_COUNT = sizeof(rows) / sizeof(rows[0]) };

static const struct command_row *find_name(const char *name, size_t len) {
	for (size_t i = 0; i < ROW_COUNT; i++)
		if (rows[i].name[0] == name[0] && strlen(rows[i].name) == len && memcmp(rows[i].name, name, len) == 0)
			return &rows[i];
	return NULL;
}

/* The row that the verb is called by; NULL for VERB_OTHER. */
static const struct command_row *find_verb(enum verb verb) {
	for (size_t i = 0; i < ROW_COUNT && verb != VERB_OTHER; i++)
		if (rows[i].verb == verb)
			return &rows[i];
	return NULL;
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
	const struct command_row *row = find_name(ret_command->name, word.len);
	ret_command->known = row != NULL;
	if (row == NULL)
		return;
	ret_command->verb = row->verb;
	ret_command->extension = row->extension;
}

bool command_is_plausible(const struct command *command) {
	struct slice argument = command->argument;
	const struct command_row *row = find_verb(command->verb);
	if (row == NULL)
		return false;
	switch (row->form) {
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
	const struct command_row *row = find_verb(verb);
	if (row == NULL)
		return code != 334 && code != 354; /* an unknown command may be answered by anything but these */
	if (code == row->own_code || code == row->other_own_code)
		return true;
	for (size_t i = 0; i < ROW_COUNT; i++)
		if (code == rows[i].own_code || code == rows[i].other_own_code)
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

/* 1*DIGIT, as long as it fits 64 bits. */
static bool parse_number(struct slice number, uint64_t *ret_number) {
	uint64_t value = 0;
	if (number.len == 0)
		return false;
	for (size_t i = 0; i < number.len; i++) {
		if (!ascii_is_digit(number.data[i]))
			return false;
		uint64_t digit = (uint64_t)(number.data[i] - '0');
		if (value > (UINT64_MAX - digit) / 10)
			return false;
		value = value * 10 + digit;
	}
	*ret_number = value;
	return true;
}

bool command_parse_bdat(struct slice argument, uint64_t *ret_size, bool *ret_last) {
	struct slice rest = argument;
	struct slice number = slice_next_word(&rest);
	struct slice last = slice_next_word(&rest);
	uint64_t size;
	if (!parse_number(number, &size))
		return false;
	if ((last.len > 0 && !slice_is(last, "LAST")) || slice_trim(rest).len > 0)
		return false;
	*ret_size = size;
	*ret_last = last.len > 0;
	return true;
}

bool command_parse_xexch50(struct slice argument, uint64_t *ret_size) {
	struct slice rest = argument;
	uint64_t size;
	enum { CHUNK_MAX = 1 << 30 };
	if (!parse_number(slice_next_word(&rest), &size) || size > CHUNK_MAX)
		return false;
	*ret_size = size;
	return true;
}

/* RFC 4468, 3.2:  burl-cmd = "BURL" SP absolute-URI [SP end-marker] CRLF ; end-marker = "LAST"
 * RFC 5092, 7:    iurlauth = ";URLAUTH=" access ":" mechanism ":" token */
void command_parse_burl(struct slice argument, struct slice *ret_shown, bool *ret_last) {
	static const char urlauth[] = ";URLAUTH=";
	struct slice rest = argument, url = slice_next_word(&rest);
	*ret_last = slice_is(slice_trim(rest), "LAST");
	*ret_shown = argument;
	/* What stands between "//" and "@" may have a password behind a colon. */
	bool authority = false;
	for (size_t i = 0, colon = 0; i < url.len; i++) {
		if (i > 1 && url.data[i] == '/' && url.data[i - 1] == '/' && !authority) {
			authority = true;
			colon = 0;
		} else if (authority && url.data[i] == ':' && colon == 0) {
			colon = i;
		} else if (authority && url.data[i] == '@' && colon > 0) {
			*ret_shown = (struct slice){url.data, colon};
			return;
		}
		if (slice_begins(slice_skip(url, i), urlauth)) {
			*ret_shown = (struct slice){url.data, i};
			return;
		}
	}
}
