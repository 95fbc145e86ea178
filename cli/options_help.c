/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/options_help.h"

#include <string.h>

#include "cli/options_table.h"
#include "report/writer.h"

enum { WIDTH = 79, TEXT_COLUMN = 24, NAME_MAX_COLUMNS = 64 };

const char options_help_usage[] = "usage: smtpscope -r FILE [-r FILE ...] [options] [BPF FILTER]\n"
				  "       smtpscope -i INTERFACE [-i INTERFACE ...] [options] [BPF FILTER]\n"
				  "       smtpscope --sessions FILE [--sessions FILE ...] [options]";

/* Writes words, with a new line at the indent where one does not fit. Returns the column reached. */
static int print_words(FILE *out, const char *text, int column, int indent) {
	while (*(text += strspn(text, " ")) != '\0') {
		int len = (int)strcspn(text, " ");
		if (column > indent && column + 1 + len > WIDTH) {
			fprintf(out, "\n%*s", indent, "");
			column = indent;
		}
		column += fprintf(out, "%s%.*s", column > indent ? " " : "", len, text);
		text += len;
	}
	return column;
}

static void print_row(FILE *out, const struct options_row *row) {
	char name[NAME_MAX_COLUMNS];
	char letter[] = {row->letter != '\0' ? '-' : ' ', row->letter != '\0' ? row->letter : ' ', '\0'};
	int column = snprintf(name, sizeof(name), "  %s%s%s%s%s%s", letter,
		row->long_name == NULL    ? ""
		: row->letter != '\0' ? ", "
				      : "  ",
		row->long_name != NULL ? "--" : "", row->long_name != NULL ? row->long_name : "",
		row->argument != NULL ? " " : "", row->argument != NULL ? row->argument : "");
	fputs(name, out);
	if (column >= TEXT_COLUMN - 1)
		fprintf(out, "\n%*s", TEXT_COLUMN, "");
	else
		fprintf(out, "%*s", TEXT_COLUMN - column, "");
	column = print_words(out, row->help, TEXT_COLUMN, TEXT_COLUMN);
	/* 0 and its like say that there is nothing, which goes without saying. */
	if (row->standard != NULL && strcmp(row->standard, "0") != 0 && strcmp(row->standard, "none") != 0) {
		int len = (int)(strlen("(default )") + strlen(row->standard));
		if (column + 1 + len > WIDTH)
			fprintf(out, "\n%*s", TEXT_COLUMN, "");
		else
			fputc(' ', out);
		fprintf(out, "(default %s)", row->standard);
	}
	fputc('\n', out);
}

void options_help_print(FILE *out) {
	fprintf(out, "%s\n\nRebuilds every SMTP conversation in a capture and says what happened in it.\n", options_help_usage);
	for (enum options_group group = 0; group < OPTIONS_GROUP_COUNT; group++) {
		fprintf(out, "\n%s:\n", options_group_titles[group]);
		for (const struct options_row *row = options_rows; row < options_rows + options_row_count; row++) {
			if (row->group != group)
				continue;
			print_row(out, row);
			if (row->letter == 'o')
				for (const struct writer_format *const *format = writer_formats(); *format != NULL; format++)
					fprintf(out, "%*s%-6s %s\n", TEXT_COLUMN + 2, "", (*format)->name, (*format)->summary);
		}
	}
	fputs(
		"\n"
		"SIZE is in bytes, or with k, m, g; a time is in seconds, or with s, m, h, d.\n"
		"The BPF filter is as in tcpdump, for example: host 192.0.2.1 and port 587\n"
		"Exit status: 0 done; 1 something could not be read or written, the rest was;\n"
		"2 wrong usage. All of this, and more, is in smtpscope(1).\n",
		out);
}
