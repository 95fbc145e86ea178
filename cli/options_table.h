/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The options, one row each. The command line, the configuration file, --help, the manual page, the default configuration file and
 * the shell completions are all made of these rows: a new option is a row here and a field in options.h.
 */
#ifndef SMTPSCOPE_CLI_OPTIONS_TABLE_H
#define SMTPSCOPE_CLI_OPTIONS_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct options;
struct options_row;

enum { OPTIONS_COMPLAINT_MAX = 256 };

/* Puts a value (NULL: the option takes none) into the field of a row. Returns false after writing into complaint, which has
 * OPTIONS_COMPLAINT_MAX bytes, what is wrong with it. The value must live as long as options. */
typedef bool options_value(struct options *options, const struct options_row *row, const char *value, char *complaint);

enum options_group {
	OPTIONS_GROUP_INPUT,
	OPTIONS_GROUP_CAPTURE,
	OPTIONS_GROUP_SMTP,
	OPTIONS_GROUP_OUTPUT,
	OPTIONS_GROUP_FILES,
	OPTIONS_GROUP_STATISTICS,
	OPTIONS_GROUP_EVIDENCE,
	OPTIONS_GROUP_SAFETY,
	OPTIONS_GROUP_GENERAL,
	OPTIONS_GROUP_COUNT
};

enum options_flag {
	OPTIONS_IN_FILE = 1 << 0,    /* may stand in a configuration file, under its long name */
	OPTIONS_REPEATABLE = 1 << 1, /* each one adds; of others the last counts */
	OPTIONS_LIVE = 1 << 2,       /* of no use without an interface */
	OPTIONS_PACKETS = 1 << 3,    /* of no use without packets, that is with --sessions */
	OPTIONS_ARGUMENT_OPTIONAL = 1 << 4, /* it takes an argument behind "=" only; options_parse() itself knows it */
	OPTIONS_TOPIC = 1 << 5,      /* of use with --sessions kafka:// all the same */
};

/* What a shell offers for the argument, where choices do not say it. */
enum options_complete {
	OPTIONS_COMPLETE_NOTHING,
	OPTIONS_COMPLETE_FILE,
	OPTIONS_COMPLETE_DIRECTORY,
	OPTIONS_COMPLETE_INTERFACE,
	OPTIONS_COMPLETE_USER,
};

/* A word that an option may have as its value. */
struct options_choice {
	const char *name;
	const char *meaning;
};

struct options_row {
	const char *long_name; /* NULL: it has a letter only */
	char letter;           /* '\0': it has a long name only */
	const char *argument;  /* what --help calls it; NULL: it takes none */
	enum options_group group;
	unsigned flags;        /* of enum options_flag */
	const char *help;      /* a phrase for --help */
	const char *text;      /* sentences for the manual page and the configuration file; paragraphs end with "\n" */
	const char *standard;  /* the value when it is not given; NULL: none, or one that text tells of */
	const char *example;   /* for the configuration file, where there is no standard */
	const struct options_choice *choices; /* ended by a NULL name; NULL: any value */
	enum options_complete complete;
	const char *needs;     /* the long name of the option without which it is of no use */
	const char *expected;  /* what the value should have been: "a size such as 64M" */
	uint64_t min, max;     /* of a number, in the unit of the field */
	options_value *parse;  /* NULL: options_parse() itself knows what to do */
	size_t offset, size;   /* of the field in struct options */
	size_t count_offset;   /* of its counter, for lists */
};

/* All rows in the order in which they are shown, by group. */
extern const struct options_row options_rows[];
extern const size_t options_row_count;

/* Titles of the groups. */
extern const char *const options_group_titles[OPTIONS_GROUP_COUNT];

/* Finds a row; NULL when there is none. */
const struct options_row *options_row_find(const char *long_name);
const struct options_row *options_row_find_letter(char letter);

#endif
