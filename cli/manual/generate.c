/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Writes what the table of options says in the forms that others read:
 *
 *     generate man TEMPLATE VERSION CONFIG-FOLDER    the manual page
 *     generate config                                the default configuration file
 *     generate bash | zsh                            completions for these shells
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/options_table.h"

static const struct options_row *end_of_rows(void) {
	return options_rows + options_row_count;
}

/* The manual page. */

enum { ROFF_WIDTH = 76 };

/* A word. Hyphens of options must not become typographic ones. Returns its columns. */
static int put_roff_word(const char *word, size_t len, bool line_start) {
	bool option = *word == '-';
	int columns = 0;
	if (line_start && (*word == '.' || *word == '\''))
		columns += printf("\\&");
	for (size_t i = 0; i < len; i++) {
		if (word[i] == '\\')
			columns += printf("\\e");
		else
			columns += printf(word[i] == '-' && option ? "\\%c" : "%c", word[i]);
	}
	return columns;
}

/* Words of text. Roff wants a new line for each sentence. */
static void put_prose(const char *text) {
	int column = 0;
	while (*(text += strspn(text, " ")) != '\0') {
		if (*text == '\n') {
			fputs("\n.Pp\n", stdout);
			column = 0;
			text++;
			continue;
		}
		size_t len = strcspn(text, " \n");
		if (column > 0 && column + 1 + (int)len > ROFF_WIDTH) {
			putchar('\n');
			column = 0;
		}
		if (column > 0)
			column += printf(" ");
		column += put_roff_word(text, len, column == 0);
		if (text[len - 1] == '.' && text[len] == ' ') {
			putchar('\n');
			column = 0;
		}
		text += len;
	}
	putchar('\n');
}

static void put_man_row(const struct options_row *row) {
	fputs(".It", stdout);
	if (row->letter != '\0')
		printf(" Fl %c", row->letter);
	if (row->letter != '\0' && row->long_name != NULL)
		fputs(" ,", stdout);
	if (row->long_name != NULL)
		printf(" Fl -%s", row->long_name);
	if (row->argument != NULL)
		printf(" Ar %s", row->argument);
	putchar('\n');
	put_prose(row->text);
	if (row->choices != NULL) {
		puts(".Pp\n.Bl -tag -width criticalxx -compact");
		for (const struct options_choice *choice = row->choices; choice->name != NULL; choice++)
			printf(".It Cm %s\n%s\n", choice->name, choice->meaning);
		puts(".El");
		if (row->standard != NULL)
			puts(".Pp");
	}
	if (row->standard != NULL)
		printf("The default is\n.Cm %s .\n", row->standard);
}

static void put_man_options(void) {
	for (enum options_group group = 0; group < OPTIONS_GROUP_COUNT; group++) {
		printf(".Ss %s\n.Bl -tag -width Ds\n", options_group_titles[group]);
		for (const struct options_row *row = options_rows; row < end_of_rows(); row++)
			if (row->group == group)
				put_man_row(row);
		puts(".El");
	}
}

/* The long options that may not stand in the configuration file. */
static void put_man_command_line_only(void) {
	size_t left = 0;
	for (const struct options_row *row = options_rows; row < end_of_rows(); row++)
		left += row->long_name != NULL && (row->flags & OPTIONS_IN_FILE) == 0;
	for (const struct options_row *row = options_rows; row < end_of_rows(); row++) {
		if (row->long_name == NULL || (row->flags & OPTIONS_IN_FILE) != 0)
			continue;
		left--;
		printf(".Fl -%s%s\n", row->long_name, left == 0 ? " ." : left == 1 ? "\nand" : " ,");
	}
}

/* A line of the template, its @WORD@s replaced. */
static void put_template_line(const char *line, const char *version, const char *config_folder) {
	static const char version_mark[] = "@VERSION@", folder_mark[] = "@CONFIG_FOLDER@";
	if (strcmp(line, "@OPTIONS@\n") == 0) {
		put_man_options();
		return;
	}
	if (strcmp(line, "@COMMAND_LINE_ONLY@\n") == 0) {
		put_man_command_line_only();
		return;
	}
	while (*line != '\0') {
		if (strncmp(line, version_mark, strlen(version_mark)) == 0) {
			fputs(version, stdout);
			line += strlen(version_mark);
		} else if (strncmp(line, folder_mark, strlen(folder_mark)) == 0) {
			fputs(config_folder, stdout);
			line += strlen(folder_mark);
		} else {
			putchar(*line++);
		}
	}
}

static int put_man(const char *template, const char *version, const char *config_folder) {
	FILE *file = fopen(template, "r");
	if (file == NULL) {
		fprintf(stderr, "generate: %s: %s\n", template, strerror(errno));
		return EXIT_FAILURE;
	}
	char line[1024];
	while (fgets(line, sizeof(line), file) != NULL)
		put_template_line(line, version, config_folder);
	bool failed = ferror(file);
	fclose(file);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* The configuration file. */

enum { COMMENT_WIDTH = 78 };

static void put_comment(const char *text, const char *indent) {
	int column = 0;
	while (*(text += strspn(text, " ")) != '\0') {
		if (*text == '\n') {
			column = 0;
			text++;
			putchar('\n');
			continue;
		}
		int len = (int)strcspn(text, " \n");
		if (column > 0 && column + 1 + len > COMMENT_WIDTH) {
			putchar('\n');
			column = 0;
		}
		column += column == 0 ? printf("# %s%.*s", indent, len, text) : printf(" %.*s", len, text);
		text += len;
	}
	putchar('\n');
}

static void put_config_row(const struct options_row *row) {
	putchar('\n');
	put_comment(row->text, "");
	for (const struct options_choice *choice = row->choices; choice != NULL && choice->name != NULL; choice++)
		printf("#   %-8s  %s\n", choice->name, choice->meaning);
	if (row->argument == NULL)
		puts("# Default: no");
	else if (row->standard != NULL)
		printf("# Default: %s\n", row->standard);
	printf("#%s = %s\n", row->long_name,
		row->argument == NULL     ? "no"
		: row->standard != NULL ? row->standard
					: row->example);
}

static int put_config(void) {
	fputs(
		"# Configuration of smtpscope, see smtpscope(1), read when --config names it:\n"
		"#\n"
		"#     smtpscope --config FILE\n"
		"#     smtpscope --config FILE --check-config     says what is wrong in it\n"
		"#\n"
		"# Each line is \"option = value\"; the options are the long ones of the command\n"
		"# line, flags are yes or no. Comments begin with a # at the start of a line.\n"
		"# What the command line says wins. All options are here, commented out, with\n"
		"# their default or an example. A size is in bytes, or with k, M, G (1024-fold);\n"
		"# a time is in seconds, or with s, m, h, d.\n",
		stdout);
	for (enum options_group group = 0; group < OPTIONS_GROUP_COUNT; group++) {
		bool titled = false;
		for (const struct options_row *row = options_rows; row < end_of_rows(); row++) {
			if (row->group != group || (row->flags & OPTIONS_IN_FILE) == 0)
				continue;
			if (!titled)
				printf("\n\n### %s ###\n", options_group_titles[group]);
			titled = true;
			put_config_row(row);
		}
	}
	return EXIT_SUCCESS;
}

/* bash. */

static void put_bash_pattern(const struct options_row *row) {
	if (row->letter != '\0')
		printf("-%c", row->letter);
	if (row->letter != '\0' && row->long_name != NULL)
		putchar('|');
	if (row->long_name != NULL)
		printf("--%s", row->long_name);
}

static void put_bash_case(const struct options_row *row) {
	static const char *const sources[] = {
		[OPTIONS_COMPLETE_NOTHING] = NULL,
		[OPTIONS_COMPLETE_FILE] = "-f",
		[OPTIONS_COMPLETE_DIRECTORY] = "-d",
		[OPTIONS_COMPLETE_INTERFACE] = "-W \"any $(ls /sys/class/net 2>/dev/null)\"",
		[OPTIONS_COMPLETE_USER] = "-u",
	};
	bool path = row->complete == OPTIONS_COMPLETE_FILE || row->complete == OPTIONS_COMPLETE_DIRECTORY;
	fputs("\t", stdout);
	put_bash_pattern(row);
	puts(")");
	if (path)
		puts("\t\tcompopt -o filenames 2>/dev/null");
	if (row->choices != NULL) {
		fputs("\t\tmapfile -t COMPREPLY < <(compgen -W '", stdout);
		for (const struct options_choice *choice = row->choices; choice->name != NULL; choice++)
			printf("%s%s", choice == row->choices ? "" : " ", choice->name);
		puts("' -- \"$word\")");
	} else if (sources[row->complete] != NULL) {
		printf("\t\tmapfile -t COMPREPLY < <(compgen %s -- \"$word\")\n", sources[row->complete]);
	}
	puts("\t\treturn\n\t\t;;");
}

static int put_bash(void) {
	puts("# Completion of smtpscope for bash.\n"
	     "_smtpscope() {\n"
	     "\tlocal word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}\n"
	     "\t# --option=value comes as three words.\n"
	     "\tif [[ $word == '=' ]]; then\n"
	     "\t\tword=''\n"
	     "\telif [[ $before == '=' ]] && ((COMP_CWORD > 1)); then\n"
	     "\t\tbefore=${COMP_WORDS[COMP_CWORD - 2]}\n"
	     "\tfi\n"
	     "\tCOMPREPLY=()\n"
	     "\tcase $before in");
	for (const struct options_row *row = options_rows; row < end_of_rows(); row++)
		if (row->argument != NULL)
			put_bash_case(row);
	puts("\tesac\n"
	     "\tif [[ $word == -* ]]; then\n"
	     "\t\tlocal options=(");
	for (const struct options_row *row = options_rows; row < end_of_rows(); row++) {
		fputs("\t\t\t", stdout);
		if (row->letter != '\0')
			printf("-%c%s", row->letter, row->long_name != NULL ? " " : "");
		if (row->long_name != NULL)
			printf("--%s", row->long_name);
		putchar('\n');
	}
	puts("\t\t)\n"
	     "\t\tmapfile -t COMPREPLY < <(compgen -W \"${options[*]}\" -- \"$word\")\n"
	     "\tfi\n"
	     "}\n"
	     "complete -F _smtpscope smtpscope");
	return EXIT_SUCCESS;
}

/* zsh. */

/* Within single quotes and the brackets of an explanation. */
static void put_zsh_text(const char *text) {
	size_t len = strlen(text);
	if (len > 0 && text[len - 1] == ':')
		len--; /* a list follows it elsewhere */
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '\'')
			fputs("'\\''", stdout);
		else if (strchr("[]:\\", text[i]) != NULL)
			printf("\\%c", text[i]);
		else
			putchar(text[i]);
	}
}

static void put_zsh_row(const struct options_row *row) {
	static const char *const actions[] = {
		[OPTIONS_COMPLETE_NOTHING] = " ",
		[OPTIONS_COMPLETE_FILE] = "_files",
		[OPTIONS_COMPLETE_DIRECTORY] = "_files -/",
		[OPTIONS_COMPLETE_INTERFACE] = "_net_interfaces",
		[OPTIONS_COMPLETE_USER] = "_users",
	};
	bool both = row->letter != '\0' && row->long_name != NULL;
	const char *letter_mark = row->argument != NULL ? "+" : "", *long_mark = row->argument != NULL ? "=" : "";
	fputs("\t", stdout);
	if ((row->flags & OPTIONS_REPEATABLE) != 0)
		fputs("'*'", stdout);
	else if (both)
		printf("'(-%c --%s)'", row->letter, row->long_name);
	if (both)
		printf("{-%c%s,--%s%s}", row->letter, letter_mark, row->long_name, long_mark);
	else if (row->letter != '\0')
		printf("-%c%s", row->letter, letter_mark);
	else
		printf("--%s%s", row->long_name, long_mark);
	fputs("'[", stdout);
	put_zsh_text(row->help);
	putchar(']');
	if (row->argument != NULL) {
		putchar(':');
		put_zsh_text(row->argument);
		putchar(':');
		if (row->choices != NULL) {
			putchar('(');
			for (const struct options_choice *choice = row->choices; choice->name != NULL; choice++)
				printf("%s%s", choice == row->choices ? "" : " ", choice->name);
			putchar(')');
		} else {
			fputs(actions[row->complete], stdout);
		}
	}
	puts("' \\");
}

static int put_zsh(void) {
	puts("#compdef smtpscope\n"
	     "# Completion of smtpscope for zsh.\n"
	     "_arguments -s -S \\");
	for (const struct options_row *row = options_rows; row < end_of_rows(); row++)
		put_zsh_row(row);
	puts("\t'*:BPF filter: '");
	return EXIT_SUCCESS;
}

int main(int argc, char **argv) {
	const char *what = argc > 1 ? argv[1] : "";
	int status = EXIT_FAILURE;
	if (argc == 5 && strcmp(what, "man") == 0)
		status = put_man(argv[2], argv[3], argv[4]);
	else if (argc == 2 && strcmp(what, "config") == 0)
		status = put_config();
	else if (argc == 2 && strcmp(what, "bash") == 0)
		status = put_bash();
	else if (argc == 2 && strcmp(what, "zsh") == 0)
		status = put_zsh();
	else
		fputs("usage: generate man TEMPLATE VERSION CONFIG-FOLDER | config | bash | zsh\n", stderr);
	if (fflush(stdout) != 0)
		status = EXIT_FAILURE;
	return status;
}
