/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/inputs.h"
#include "cli/large_pages.h"
#include "cli/live.h"
#include "cli/options.h"
#include "cli/prepare.h"
#include "cli/run.h"
#include "cli/sandbox_check.h"
#include "cli/sessions.h"
#include "report/sorter.h"

enum { EXIT_INCOMPLETE = 1, EXIT_USAGE = 2 };

enum { OUTPUT_BUFFER = 1 << 18 };

/* For the signal handler. */
static struct run *running;
static volatile sig_atomic_t stopped;

static void on_signal(int number) {
	(void)number;
	stopped = 1;
	if (running != NULL)
		run_stop(running);
}

/* Without SA_RESTART, so that a read from a pipe is interrupted. A second signal ends the program at once. */
static void install_signals(void) {
	struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESETHAND};
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	action = (struct sigaction){.sa_handler = SIG_IGN};
	sigaction(SIGPIPE, &action, NULL); /* a closed pipe is a write error like any other */
}

static int fail_to_write(const struct options *options, int error) {
	const char *name = options->destination != NULL ? options->destination : "standard output";
	/* Who closes the pipe has seen enough. */
	if (error != -EPIPE)
		fprintf(stderr, "smtpscope: %s: %s\n", name, strerror(-error));
	return EXIT_INCOMPLETE;
}

static int enter_sandbox(const struct options *options, int directory_fd, int evidence_fd) {
	struct sandbox_path paths[2];
	struct sandbox_options wanted = {.paths = paths};
	const int fds[] = {directory_fd, evidence_fd};
	for (size_t i = 0; i < sizeof(fds) / sizeof(fds[0]); i++)
		if (fds[i] >= 0)
			paths[wanted.path_count++] = (struct sandbox_path){fds[i], SANDBOX_ACCESS_WRITE};
	return prepare_sandbox(options, &wanted);
}

static int read_packets(const struct options *options, struct inputs *inputs, FILE *out, int directory_fd, int evidence_fd,
	struct evidence *evidence) {
	int status = EXIT_SUCCESS;
	struct outlet *outlet = outlet_to_file(out), *entry_outlet = outlet_to_file(out);
	const struct reporter_options wanted = {
		.options = options, .outlet = outlet, .directory_fd = directory_fd, .evidence = evidence};
	struct run *run = NULL;
	if (outlet == NULL || entry_outlet == NULL)
		fputs("smtpscope: out of memory\n", stderr);
	else
		run_create(&wanted, entry_outlet, &run);
	if (run == NULL) {
		outlet_destroy(outlet);
		outlet_destroy(entry_outlet);
		return EXIT_INCOMPLETE;
	}
	running = run;
	if (enter_sandbox(options, directory_fd, evidence_fd) < 0 ||
		(evidence_fd >= 0 && prepare_check_writable(evidence_fd, options->evidence_directory) < 0) || run_start(run) < 0) {
		running = NULL;
		run_destroy(run);
		outlet_destroy(outlet);
		outlet_destroy(entry_outlet);
		return EXIT_INCOMPLETE;
	}
	install_signals();
	for (size_t i = 0; i < options->file_count; i++)
		if (run_file(run, inputs_take(inputs, i), options->files[i], inputs_name(inputs, i)) < 0)
			status = EXIT_INCOMPLETE;
	int error = run_end(run, NULL, NULL);
	running = NULL;
	run_destroy(run);
	outlet_destroy(outlet);
	outlet_destroy(entry_outlet);
	if (error < 0)
		return fail_to_write(options, error);
	return error > 0 ? EXIT_INCOMPLETE : status;
}

static int read_sessions(const struct options *options, struct inputs *inputs, FILE *out, int directory_fd) {
	if (enter_sandbox(options, directory_fd, -1) < 0)
		return EXIT_INCOMPLETE;
	install_signals();
	int result = sessions_run(options, inputs, out, &stopped, directory_fd);
	if (result < 0)
		return fail_to_write(options, result);
	return result > 0 ? EXIT_INCOMPLETE : EXIT_SUCCESS;
}

static int run_all(const struct options *options, FILE *out) {
	bool of_sessions = options->session_file_count > 0;
	struct inputs *inputs = of_sessions ? inputs_open(options->session_files, options->session_file_count)
					    : inputs_open(options->files, options->file_count);
	if (inputs == NULL) {
		fputs("smtpscope: out of memory\n", stderr);
		return EXIT_INCOMPLETE;
	}
	struct evidence *evidence;
	int status = EXIT_INCOMPLETE, evidence_fd = -1, directory_fd = sorter_open_directory();
	if (prepare_evidence(options, &evidence_fd, &evidence) == 0)
		status = of_sessions ? read_sessions(options, inputs, out, directory_fd)
				     : read_packets(options, inputs, out, directory_fd, evidence_fd, evidence);
	evidence_destroy(evidence);
	if (evidence_fd >= 0)
		close(evidence_fd);
	if (directory_fd >= 0)
		close(directory_fd);
	inputs_close(inputs);
	return status;
}

/* To open the output empties it: it must not be what is read. */
static const char *find_same_file(const char *name, const char *const *files, size_t count) {
	struct stat out, in;
	if (stat(name, &out) < 0)
		return NULL;
	for (size_t i = 0; i < count; i++)
		if (stat(files[i], &in) == 0 && in.st_dev == out.st_dev && in.st_ino == out.st_ino && S_ISREG(in.st_mode))
			return files[i];
	return NULL;
}

static int analyse(const struct options *options) {
	if (options->destination == NULL) {
		setvbuf(stdout, NULL, _IOFBF, OUTPUT_BUFFER);
		return run_all(options, stdout);
	}
	const char *same = find_same_file(options->destination, options->files, options->file_count);
	if (same == NULL)
		same = find_same_file(options->destination, options->session_files, options->session_file_count);
	if (same != NULL) {
		fprintf(stderr, "smtpscope: -w %s: that is the file to be read\n", options->destination);
		return EXIT_USAGE;
	}
	FILE *out = fopen(options->destination, "we");
	if (out == NULL)
		return fail_to_write(options, -errno);
	setvbuf(out, NULL, _IOFBF, OUTPUT_BUFFER);
	int status = run_all(options, out);
	if (fclose(out) != 0 && status == EXIT_SUCCESS)
		status = fail_to_write(options, -errno);
	return status;
}

static int check_sandbox(const struct options *options) {
	const struct sandbox_options wanted = {.user = options->user, .live = true, .listens = true};
	struct sandbox_error error;
	int result = sandbox_check(&wanted, stdout, &error);
	if (result < 0)
		fprintf(stderr, "smtpscope: %s\n", error.text);
	return result == 0 ? EXIT_SUCCESS : EXIT_INCOMPLETE;
}

static int start(struct options *options) {
	if (options->list_interfaces)
		return live_list();
	if (options->check_sandbox)
		return check_sandbox(options);
	if (prepare_users_key(options) < 0)
		return EXIT_INCOMPLETE;
	return options->interface_count > 0 ? live_main(options) : analyse(options);
}

int main(int argc, char **argv) {
	struct options options;
	large_pages_prepare();
	setlocale(LC_CTYPE, "");
	int status = EXIT_SUCCESS;
	switch (options_parse(argc, argv, &options)) {
	case OPTIONS_RUN:
		status = start(&options);
		break;
	case OPTIONS_DONE:
		break;
	case OPTIONS_WRONG:
		status = EXIT_USAGE;
		break;
	}
	options_finish(&options);
	return status;
}
