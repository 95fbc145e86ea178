/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/options_check.h"

#include <errno.h>
#include <net/if.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/options_help.h"
#include "report/sink/destination.h"

/* Together. */

enum source { SOURCE_NONE, SOURCE_LIVE, SOURCE_FILES, SOURCE_SESSIONS, SOURCE_TOPIC };

static bool is_endless(enum source source) {
	return source == SOURCE_LIVE || source == SOURCE_NONE || source == SOURCE_TOPIC;
}

static bool given_by(const struct options_report *report, const char *name, enum options_by by) {
	return options_report_origin(report, name)->by == by;
}

static enum source check_source(struct options *options, struct options_report *report) {
	const struct options_row *interface = options_row_find("interface");
	char name[OPTIONS_NAME_MAX];
	options_report_name(report, interface, name, sizeof(name));
	bool named_here = given_by(report, "interface", OPTIONS_BY_COMMAND_LINE);
	bool sessions = options->session_file_count > 0 || options->session_topic != NULL;
	if (options->file_count > 0 && sessions)
		options_report_problem(report, NULL, "-r and --sessions do not go together");
	else if (options->session_topic != NULL && options->session_file_count > 0)
		options_report_problem(report, NULL, "--sessions: files and a topic do not go together");
	else if (options->file_count > 0 && named_here)
		options_report_problem(report, NULL, "%s and -r do not go together", name);
	else if (sessions && named_here)
		options_report_problem(report, NULL, "%s and --sessions do not go together", name);
	if (options->file_count > 0 || sessions)
		options->interface_count = 0;
	if (sessions && options->filter != NULL)
		options_report_problem(report, NULL, "%s: --sessions takes one file each, and no filter", options->filter);
	if (options->session_topic != NULL)
		return SOURCE_TOPIC;
	if (options->session_file_count > 0)
		return SOURCE_SESSIONS;
	if (options->file_count > 0)
		return SOURCE_FILES;
	if (options->interface_count > 0)
		return SOURCE_LIVE;
	if (!options->check_config) {
		fprintf(stderr, "%s\n", options_help_usage);
		options_report_problem(report, NULL, "no capture file and no interface given");
	}
	return SOURCE_NONE;
}

static void check_interfaces(const struct options *options, struct options_report *report) {
	const struct options_row *row = options_row_find("interface");
	char name[OPTIONS_NAME_MAX];
	options_report_name(report, row, name, sizeof(name));
	for (size_t i = 0; i < options->interface_count; i++) {
		if (strcmp(options->interfaces[i], "any") == 0 && options->interface_count > 1) {
			options_report_problem(report, row, "%s any stands for all interfaces, others do not go with it", name);
			return;
		}
		for (size_t j = 0; j < i; j++)
			if (strcmp(options->interfaces[i], options->interfaces[j]) == 0)
				options_report_problem(report, row, "%s %s: given twice", name, options->interfaces[i]);
	}
}

/* Returns whether the row has something to act upon; reports when it has not and the person should know. */
static bool check_use(const struct options_row *row, enum source source, struct options_report *report) {
	bool said_here = report->origins[row - options_rows].by == OPTIONS_BY_COMMAND_LINE;
	char name[OPTIONS_NAME_MAX];
	options_report_name(report, row, name, sizeof(name));
	if (source == SOURCE_TOPIC && (row->flags & OPTIONS_TOPIC) != 0)
		return true;
	if ((row->flags & OPTIONS_LIVE) != 0 && source != SOURCE_LIVE && source != SOURCE_NONE) {
		if (said_here && strcmp(row->long_name, "interface") != 0)
			options_report_problem(report, row, "%s: only with -i%s", name,
				(row->flags & OPTIONS_TOPIC) != 0 ? " or --sessions kafka://" : "");
		return false;
	}
	if ((row->flags & OPTIONS_PACKETS) != 0 && (source == SOURCE_SESSIONS || source == SOURCE_TOPIC)) {
		if (said_here)
			options_report_problem(report, row, "%s: not with --sessions, which reads no packets", name);
		return false;
	}
	return true;
}

/* When the command line overrides what an option of the file goes with, the latter is meant to be out of use. */
static bool overridden(const struct options_row *row, const char *by, const struct options_report *report) {
	return report->origins[row - options_rows].by == OPTIONS_BY_FILE && given_by(report, by, OPTIONS_BY_COMMAND_LINE);
}

static void check_need(const struct options *options, const struct options_row *row, struct options_report *report) {
	const struct options_row *needed = options_row_find(row->needs);
	bool there = !given_by(report, row->needs, OPTIONS_BY_NOBODY);
	bool to_file = strcmp(row->needs, "write") == 0;
	if (to_file && options_find_file(options) == NULL)
		there = false;
	if (there || overridden(row, row->needs, report))
		return;
	char name[OPTIONS_NAME_MAX];
	options_report_problem(report, row, "%s: only with --%s%s", options_report_name(report, row, name, sizeof(name)),
		needed->long_name, to_file ? " and a file" : "");
}

/* Without the time in its name there is one file for ever, and nothing to begin anew or to delete. What the configuration file says
 * of it is out of use when the command line names such a file. */
static bool any_pattern(const struct options *options) {
	for (size_t i = 0; i < options->output_count; i++) {
		const struct destination *to = options->outputs[i].destination;
		if (to->kind == DESTINATION_FILE && to->path != NULL && strchr(to->path, '%') != NULL)
			return true; /* only the last component may have one */
	}
	return false;
}

static void check_rotation(struct options *options, struct options_report *report) {
	static const char *const names[] = {"rotate-seconds", "rotate-size", "keep-files", "keep"};
	const char *destination = options_find_file(options);
	if (any_pattern(options))
		return;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]) && destination != NULL; i++) {
		const struct options_row *row = options_row_find(names[i]);
		char name[OPTIONS_NAME_MAX];
		if (options_report_changed(report, row) && !overridden(row, "write", report))
			options_report_problem(report, row, "%s: only with the time in the name of the file, as in --write "
							    "DIR/%%Y%%m%%d-%%H%%M.ndjson",
				options_report_name(report, row, name, sizeof(name)));
	}
	options->rotate_ns = options->keep_age_ns = 0;
	options->rotate_bytes = options->keep_files = options->keep_bytes = 0;
	if (destination == NULL)
		options->compress_zstd = false;
}

static void check_destination(const struct options *options, enum source source, struct options_report *report) {
	const struct options_row *row = options_row_find("write");
	char name[OPTIONS_NAME_MAX];
	options_report_name(report, row, name, sizeof(name));
	for (size_t i = 0; i < options->output_count && !is_endless(source); i++) {
		const struct destination *to = options->outputs[i].destination;
		if (to->kind == DESTINATION_FILE && to->path != NULL && strchr(to->path, '%') != NULL)
			options_report_problem(report, row, "%s %s: %% conversions only with -i", name, to->path);
	}
	for (size_t i = 0; i < options->output_count && source == SOURCE_TOPIC; i++) {
		const struct destination *to = options->outputs[i].destination;
		if (to->kind == DESTINATION_KAFKA && strcmp(to->topic, options->session_topic->topic) == 0 &&
			strcmp(to->brokers, options->session_topic->brokers) == 0)
			options_report_problem(report, row, "%s %s: that is the topic to be read", name, to->name);
	}
	if (!options->top || !options_writes_to_standard_output(options) || (source != SOURCE_LIVE && source != SOURCE_NONE))
		return;
	if (given_by(report, "write", OPTIONS_BY_COMMAND_LINE))
		options_report_problem(report, row, "%s -: --top needs standard output for itself", name);
	else if (given_by(report, "output", OPTIONS_BY_COMMAND_LINE))
		options_report_problem(report, options_row_find("output"), "--top: a format only with --write and a file");
}

void options_check_together(struct options *options, struct options_report *report) {
	enum source source = check_source(options, report);
	check_interfaces(options, report);
	for (const struct options_row *row = options_rows; row < options_rows + options_row_count; row++)
		if (options_report_changed(report, row) && check_use(row, source, report) && row->needs != NULL)
			check_need(options, row, report);
	bool live = source == SOURCE_LIVE || source == SOURCE_NONE;
	if (is_endless(source))
		check_rotation(options, report);
	check_destination(options, source, report);
	if (live && options->all_tcp && options->flow.ports_only)
		options_report_problem(report, options_row_find("all-tcp"), "--all-tcp and --ports-only contradict each other");
	if (!is_endless(source) || (source == SOURCE_TOPIC && options->session_topic->until_end))
		options->stats_interval_ns = 0;
}

/* Surroundings. */

static void check_directory(
	const char *path, size_t len, const struct options_row *row, const char *value, struct options_report *report) {
	struct stat status;
	char name[OPTIONS_NAME_MAX];
	char *directory = len > 0 ? strndup(path, len) : strdup(*value == '/' ? "/" : ".");
	if (directory == NULL)
		return;
	options_report_name(report, row, name, sizeof(name));
	if (stat(directory, &status) < 0)
		options_report_problem(report, row, "%s %s: %s: %s", name, value, directory, strerror(errno));
	else if (!S_ISDIR(status.st_mode))
		options_report_problem(report, row, "%s %s: %s is not a directory", name, value, directory);
	free(directory);
}

/* The directory that the file is in, and that the file is none. */
static void check_file(const char *path, const char *long_name, struct options_report *report) {
	const struct options_row *row = options_row_find(long_name);
	const char *slash = strrchr(path, '/');
	struct stat status;
	char name[OPTIONS_NAME_MAX];
	check_directory(path, slash != NULL ? (size_t)(slash - path) : 0, row, path, report);
	if (stat(path, &status) == 0 && S_ISDIR(status.st_mode))
		options_report_problem(report, row, "%s %s: this is a directory",
			options_report_name(report, row, name, sizeof(name)), path);
}

static void check_inputs(
	const char *const *files, size_t count, const struct options_row *row, struct options_report *report) {
	char name[OPTIONS_NAME_MAX];
	options_report_name(report, row, name, sizeof(name));
	for (size_t i = 0; i < count; i++)
		if (strcmp(files[i], "-") != 0 && access(files[i], R_OK) < 0)
			options_report_problem(report, row, "%s %s: %s", name, files[i], strerror(errno));
}

/* What libpcap can capture on that is no network interface: packets that netfilter logs. */
static bool is_netfilter_log(const char *interface) {
	return strcmp(interface, "nflog") == 0 || strncmp(interface, "nflog:", strlen("nflog:")) == 0;
}

void options_check_surroundings(const struct options *options, struct options_report *report) {
	char name[OPTIONS_NAME_MAX];
	check_inputs(options->files, options->file_count, options_row_find_letter('r'), report);
	check_inputs(options->session_files, options->session_file_count, options_row_find("sessions"), report);
	const struct options_row *row = options_row_find("interface");
	options_report_name(report, row, name, sizeof(name));
	for (size_t i = 0; i < options->interface_count; i++)
		if (strcmp(options->interfaces[i], "any") != 0 && !is_netfilter_log(options->interfaces[i]) &&
			if_nametoindex(options->interfaces[i]) == 0)
			options_report_problem(report, row, "%s %s: no such interface now", name, options->interfaces[i]);
	for (size_t i = 0; i < options->output_count; i++)
		if (options->outputs[i].destination->kind == DESTINATION_FILE && options->outputs[i].destination->path != NULL)
			check_file(options->outputs[i].destination->path, "write", report);
	if (options->dead_letters_file != NULL)
		check_file(options->dead_letters_file, "dead-letters", report);
	if (options->metrics_file != NULL)
		check_file(options->metrics_file, "metrics-file", report);
	if (options->spool_directory != NULL)
		check_directory(options->spool_directory, strlen(options->spool_directory), options_row_find("spool"),
			options->spool_directory, report);
	if (options->evidence_directory != NULL)
		check_directory(options->evidence_directory, strlen(options->evidence_directory), options_row_find("evidence"),
			options->evidence_directory, report);
	if (options->user != NULL && getpwnam(options->user) == NULL) {
		row = options_row_find("relinquish-privileges");
		options_report_problem(report, row, "%s %s: no such user",
			options_report_name(report, row, name, sizeof(name)), options->user);
	}
}
