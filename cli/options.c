/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/options.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/config.h"
#include "cli/options_check.h"
#include "cli/options_help.h"
#include "cli/options_report.h"
#include "cli/options_table.h"
#include "cli/options_value.h"
#include "report/fields/fields.h"
#include "report/sink/destination.h"

/* What getopt_long() returns for a row that has no letter: this and the row's index. */
enum { ROW_VALUE = 256 };

/* An option as it stands on the command line. */
struct occurrence {
	const struct options_row *row;
	const char *value; /* NULL: it takes none */
	bool as_letter;
};

struct parsing {
	struct options *options;
	struct options_report report;
	struct occurrence *occurrences;
	size_t occurrence_count;
};

static char *join_words(char **words, int count) {
	size_t len = 1;
	for (int i = 0; i < count; i++)
		len += strlen(words[i]) + 1;
	char *joined = count > 0 ? calloc(1, len) : NULL;
	for (int i = 0; i < count && joined != NULL; i++) {
		if (i > 0)
			strcat(joined, " ");
		strcat(joined, words[i]);
	}
	return joined;
}

/* The table in the form that getopt_long() asks for. letters has room for three bytes a row. */
static void make_tables(struct option *long_options, char *letters) {
	*letters++ = ':'; /* a missing argument is told from an unknown option */
	for (size_t i = 0; i < options_row_count; i++) {
		const struct options_row *row = &options_rows[i];
		bool argument = row->argument != NULL;
		if (row->letter != '\0') {
			*letters++ = row->letter;
			if (argument)
				*letters++ = ':';
		}
		if (row->long_name != NULL)
			*long_options++ = (struct option){.name = row->long_name,
				.has_arg = argument ? required_argument
					: (row->flags & OPTIONS_ARGUMENT_OPTIONAL) != 0 ? optional_argument : no_argument,
				.val = row->letter != '\0' ? row->letter : ROW_VALUE + (int)i};
	}
	*letters = '\0';
	*long_options = (struct option){0};
}

static bool add_occurrence(struct parsing *parsing, const struct options_row *row, const char *value, bool as_letter) {
	struct occurrence *grown =
		reallocarray(parsing->occurrences, parsing->occurrence_count + 1, sizeof(*parsing->occurrences));
	if (grown == NULL)
		return false;
	parsing->occurrences = grown;
	grown[parsing->occurrence_count++] = (struct occurrence){row, value, as_letter};
	return true;
}

/* Collects what the command line says, to be applied after the configuration file that it names. */
static enum options_result scan(struct parsing *parsing, int argc, char **argv, const struct option *long_options,
	const char *letters) {
	struct options_report *report = &parsing->report;
	int long_index = -1;
	opterr = 0;
	optind = 0; /* glibc then begins anew: options may be parsed several times */
	/* As in tcpdump, options may also stand behind the filter's words. */
	for (int found; (found = getopt_long(argc, argv, letters, long_options, &long_index)) != -1; long_index = -1) {
		if (found == ':') {
			options_report_problem(report, NULL, "%s needs an argument", argv[optind - 1]);
			return OPTIONS_WRONG;
		}
		if (found == '?') {
			bool argument = strncmp(argv[optind - 1], "--", 2) == 0 && strchr(argv[optind - 1], '=') != NULL && optopt != 0;
			options_report_problem(report, NULL, argument ? "%s: the option takes no argument" : "unknown option %s",
				argv[optind - 1]);
			return OPTIONS_WRONG;
		}
		if (found == 'V') {
			puts("smtpscope " SMTPSCOPE_VERSION);
			return OPTIONS_DONE;
		}
		if (found == 'h') {
			options_help_print(stdout);
			return OPTIONS_DONE;
		}
		const struct options_row *row =
			found >= ROW_VALUE ? &options_rows[found - ROW_VALUE] : options_row_find_letter((char)found);
		if ((row->flags & OPTIONS_ARGUMENT_OPTIONAL) != 0) {
			if (fields_list(stdout, optarg))
				return OPTIONS_DONE;
			options_report_problem(report, NULL, "--list-fields=%s: no such format, or not one with a table of fields", optarg);
			return OPTIONS_WRONG;
		}
		if (!add_occurrence(parsing, row, optarg, long_index < 0)) {
			options_report_problem(report, NULL, "out of memory");
			return OPTIONS_WRONG;
		}
	}
	return OPTIONS_RUN;
}

static enum options_result scan_command_line(struct parsing *parsing, int argc, char **argv) {
	struct option *long_options = calloc(options_row_count + 1, sizeof(*long_options));
	char *letters = calloc(options_row_count + 1, 3);
	enum options_result result = OPTIONS_WRONG;
	if (long_options != NULL && letters != NULL) {
		make_tables(long_options, letters);
		result = scan(parsing, argc, argv, long_options, letters);
	} else {
		options_report_problem(&parsing->report, NULL, "out of memory");
	}
	free(long_options);
	free(letters);
	return result;
}

static void set_standards(struct options *options) {
	char complaint[OPTIONS_COMPLAINT_MAX];
	*options = (struct options){.promiscuous = true, .headers = true, .envelope = true, .sandbox = true};
	flow_options_init(&options->flow);
	options->words = words_of_locale();
	for (const struct options_row *row = options_rows; row < options_rows + options_row_count; row++)
		if (row->standard != NULL && !row->parse(options, row, row->standard, complaint))
			abort(); /* a row of the table is wrong */
}

/* Applies one option, and remembers where it was given. */
static void apply(
	struct parsing *parsing, const struct options_row *row, const char *value, const struct options_origin *origin) {
	char complaint[OPTIONS_COMPLAINT_MAX], name[OPTIONS_NAME_MAX];
	parsing->report.origins[row - options_rows] = *origin;
	if (row->parse(parsing->options, row, value, complaint))
		return;
	options_report_name(&parsing->report, row, name, sizeof(name));
	options_report_problem(&parsing->report, row, "%s%s%s: %s", name, origin->by == OPTIONS_BY_FILE ? " = " : " ", value,
		complaint);
}

static void apply_entry(struct parsing *parsing, const struct config_entry *entry) {
	struct options_origin origin = {.by = OPTIONS_BY_FILE, .line = entry->line, .value = entry->value};
	if (entry->row->argument != NULL) {
		apply(parsing, entry->row, entry->value, &origin);
		return;
	}
	origin.value = NULL;
	if (strcmp(entry->value, "yes") == 0)
		apply(parsing, entry->row, NULL, &origin);
	else if (strcmp(entry->value, "no") != 0)
		options_report_line(&parsing->report, entry->line, "%s = %s: yes or no is meant", entry->row->long_name, entry->value);
}

static void on_config_complaint(void *context, int line, const char *complaint) {
	struct parsing *parsing = context;
	options_report_line(&parsing->report, line, "%s", complaint);
}

static void apply_file(struct parsing *parsing, const char *name) {
	FILE *file = fopen(name, "re");
	int error = file != NULL ? 0 : -errno;
	if (file != NULL) {
		error = config_read(file, on_config_complaint, parsing, &parsing->options->config);
		fclose(file);
	}
	if (error < 0) {
		options_report_problem(&parsing->report, NULL, "--config %s: %s", name, strerror(-error));
		return;
	}
	for (size_t i = 0; i < parsing->options->config->count; i++)
		apply_entry(parsing, &parsing->options->config->entries[i]);
}

static void apply_command_line(struct parsing *parsing) {
	for (size_t i = 0; i < parsing->occurrence_count; i++) {
		const struct occurrence *occurrence = &parsing->occurrences[i];
		const struct options_row *row = occurrence->row;
		/* Lists of the command line take the place of those of the file. */
		if ((row->flags & OPTIONS_REPEATABLE) != 0 &&
			parsing->report.origins[row - options_rows].by == OPTIONS_BY_FILE)
			options_value_clear(parsing->options, row);
		apply(parsing, row, occurrence->value, &(struct options_origin){.by = OPTIONS_BY_COMMAND_LINE,
			.as_letter = occurrence->as_letter, .value = occurrence->value});
		if (parsing->report.problems > 0 && !parsing->options->check_config)
			return;
	}
}

/* The configuration file must be known before anything else is applied. */
static void find_config(struct parsing *parsing) {
	const struct options_row *config = options_row_find("config"), *check = options_row_find("check-config");
	for (size_t i = 0; i < parsing->occurrence_count; i++) {
		const struct occurrence *occurrence = &parsing->occurrences[i];
		if (occurrence->row == check)
			parsing->options->check_config = true;
		if (occurrence->row != config)
			continue;
		if (parsing->report.config_file != NULL)
			options_report_problem(&parsing->report, NULL, "--config %s: there can only be one", occurrence->value);
		parsing->report.config_file = occurrence->value;
	}
}

/* What was not said of an output is said by -o, or usual. */
static bool choose_formats(struct options *options, struct options_report *report) {
	const struct options_row *write = options_row_find("write");
	char complaint[OPTIONS_COMPLAINT_MAX];
	if (options->output_count == 0 && !options_value_destination(options, write, "-", complaint)) {
		options_report_problem(report, NULL, "%s", complaint);
		return false;
	}
	for (size_t i = 0; i < options->output_count; i++) {
		struct options_output *output = &options->outputs[i];
		bool screen = output->destination->kind == DESTINATION_FILE && output->destination->path == NULL && isatty(STDOUT_FILENO);
		if (output->format == NULL)
			output->format = options->format != NULL ? options->format : writer_find(screen ? "text" : "json");
		if (destination_is_network(output->destination) && strcmp(output->format->name, "text") == 0) {
			options_report_problem(report, write, "-w %s: text is for a person to read; say another format before it, as in json=",
				output->destination->name);
			return false;
		}
	}
	if (options->format == NULL)
		options->format = options->outputs[0].format;
	return true;
}

static enum options_result parse_values(struct parsing *parsing, int argc, char **argv) {
	struct options *options = parsing->options;
	struct options_report *report = &parsing->report;
	find_config(parsing);
	if (report->problems > 0)
		return OPTIONS_WRONG;
	if (report->config_file != NULL)
		apply_file(parsing, report->config_file);
	if (report->problems == 0 || options->check_config)
		apply_command_line(parsing);
	if (report->problems > 0 && !options->check_config)
		return OPTIONS_WRONG;
	options->filter = join_words(argv + optind, argc - optind);
	if (optind < argc && options->filter == NULL) {
		options_report_problem(report, NULL, "out of memory");
		return OPTIONS_WRONG;
	}
	if (!options->list_interfaces && !options->check_sandbox)
		options_check_together(options, report);
	if (options->check_config)
		options_check_surroundings(options, report);
	if (report->problems > 0)
		return OPTIONS_WRONG;
	if (!choose_formats(options, report))
		return OPTIONS_WRONG;
	if (!options->check_config)
		return OPTIONS_RUN;
	printf("%s: ok\n", options->config_file != NULL ? options->config_file : "command line");
	return OPTIONS_DONE;
}

enum options_result options_parse(int argc, char **argv, struct options *ret_options) {
	struct parsing parsing = {.options = ret_options};
	enum options_result result = OPTIONS_WRONG;
	set_standards(ret_options);
	parsing.report.origins = calloc(options_row_count, sizeof(*parsing.report.origins));
	if (parsing.report.origins != NULL)
		result = scan_command_line(&parsing, argc, argv);
	else
		fputs("smtpscope: out of memory\n", stderr);
	if (result == OPTIONS_RUN)
		result = parse_values(&parsing, argc, argv);
	free(parsing.occurrences);
	free(parsing.report.origins);
	return result;
}

const char *options_find_file(const struct options *options) {
	for (size_t i = 0; i < options->output_count; i++)
		if (options->outputs[i].destination->kind == DESTINATION_FILE && options->outputs[i].destination->path != NULL)
			return options->outputs[i].destination->path;
	return NULL;
}

bool options_writes_to_standard_output(const struct options *options) {
	for (size_t i = 0; i < options->output_count; i++)
		if (options->outputs[i].destination->kind == DESTINATION_FILE && options->outputs[i].destination->path == NULL)
			return true;
	return options->output_count == 0;
}

void options_for_writer(
	const struct options *options, FILE *out, struct writer_options *ret_options) {
	const char *no_color = getenv("NO_COLOR");
	*ret_options = (struct writer_options){
		.colour = isatty(fileno(out)) && (no_color == NULL || no_color[0] == '\0'),
		.users = options->users,
		.user_key = {(const char *)options->users_key, options->users_key_len},
		.words = options->words,
		.version = SMTPSCOPE_VERSION,
		.sensor = options->sensor,
		.live = options->interface_count > 0,
		.ocsf_1_3 = options->ocsf_1_3,
		.local_networks = options->local_networks,
		.local_network_count = options->local_network_count,
	};
}

struct privacy_options options_for_privacy(const struct options *options) {
	return (struct privacy_options){
		.users = options->users,
		.user_key = {(const char *)options->users_key, options->users_key_len},
		.no_envelope = !options->envelope,
	};
}

void options_finish(struct options *options) {
	free(options->files);
	free(options->session_files);
	destination_destroy(options->session_topic);
	free(options->interfaces);
	free(options->local_networks);
	free(options->local_domains);
	for (size_t i = 0; i < options->output_count; i++)
		destination_destroy(options->outputs[i].destination);
	free(options->outputs);
	free(options->kafka);
	free(options->filter);
	free(options->metrics_owned);
	config_destroy(options->config);
}
