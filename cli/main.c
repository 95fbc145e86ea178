/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/consume.h"
#include "cli/inputs.h"
#include "cli/large_pages.h"
#include "cli/live.h"
#include "cli/options.h"
#include "cli/outputs.h"
#include "cli/prepare.h"
#include "cli/run.h"
#include "cli/sandbox_check.h"
#include "cli/sessions.h"
#include "report/sink/destination.h"
#include "report/sorter.h"

enum { EXIT_INCOMPLETE = 1, EXIT_USAGE = 2 };

#define HURRY_NS INT64_C(10000000000) /* when asked to end: for what waits to be delivered */

/* For the signal handler. */
static struct run *running;
static struct outputs *written;
static volatile sig_atomic_t stopped;

static void on_signal(int number) {
	(void)number;
	stopped = 1;
	if (running != NULL)
		run_stop(running);
	if (written != NULL)
		outputs_hurry(written, HURRY_NS);
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
	if (options->output_count > 1)
		return EXIT_INCOMPLETE; /* each of them is told of when it is closed */
	/* Who closes the pipe has seen enough. */
	if (error != -EPIPE)
		fprintf(stderr, "smtpscope: %s: %s\n", name, strerror(-error));
	return EXIT_INCOMPLETE;
}

static int enter_sandbox(const struct options *options, const struct outputs *outputs, int directory_fd, int evidence_fd) {
	struct sandbox_path paths[OUTPUTS_PATHS_MAX];
	struct sandbox_options wanted = {.paths = paths};
	outputs_allow(outputs, &wanted, paths);
	const int fds[] = {directory_fd, evidence_fd};
	for (size_t i = 0; i < sizeof(fds) / sizeof(fds[0]); i++)
		if (fds[i] >= 0)
			paths[wanted.path_count++] = (struct sandbox_path){fds[i], SANDBOX_ACCESS_WRITE};
	return prepare_sandbox(options, &wanted);
}

static int read_packets(const struct options *options, struct inputs *inputs, struct outputs *outputs, int directory_fd,
	int evidence_fd, struct evidence *evidence) {
	int status = EXIT_SUCCESS;
	size_t channel_count;
	const struct channel *channels = outputs_channels(outputs, &channel_count);
	const struct reporter_options wanted = {.options = options, .channels = channels, .channel_count = channel_count,
		.directory_fd = directory_fd, .evidence = evidence};
	struct run *run = NULL;
	if (run_create(&wanted, NULL, &run) < 0)
		return EXIT_INCOMPLETE;
	running = run;
	if (enter_sandbox(options, outputs, directory_fd, evidence_fd) < 0 ||
		(evidence_fd >= 0 && prepare_check_writable(evidence_fd, options->evidence_directory) < 0) ||
		outputs_start(outputs) < 0 || run_start(run) < 0) {
		running = NULL;
		run_destroy(run);
		return EXIT_INCOMPLETE;
	}
	written = outputs;
	install_signals();
	for (size_t i = 0; i < options->file_count; i++)
		if (run_file(run, inputs_take(inputs, i), options->files[i], inputs_name(inputs, i)) < 0)
			status = EXIT_INCOMPLETE;
	int error = run_end(run, NULL, NULL);
	running = NULL;
	run_destroy(run);
	if (error < 0)
		return fail_to_write(options, error);
	return error > 0 ? EXIT_INCOMPLETE : status;
}

static int read_sessions(const struct options *options, struct inputs *inputs, struct outputs *outputs, int directory_fd) {
	size_t channel_count;
	const struct channel *channels = outputs_channels(outputs, &channel_count);
	if (enter_sandbox(options, outputs, directory_fd, -1) < 0 || outputs_start(outputs) < 0)
		return EXIT_INCOMPLETE;
	written = outputs;
	install_signals();
	int result = sessions_run(options, inputs, channels, channel_count, &stopped, directory_fd);
	if (result < 0)
		return fail_to_write(options, result);
	return result > 0 ? EXIT_INCOMPLETE : EXIT_SUCCESS;
}

static int run_all(const struct options *options, struct outputs *outputs) {
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
		status = of_sessions ? read_sessions(options, inputs, outputs, directory_fd)
				     : read_packets(options, inputs, outputs, directory_fd, evidence_fd, evidence);
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

static bool is_read_and_written(const struct options *options) {
	for (size_t i = 0; i < options->output_count; i++) {
		const struct destination *to = options->outputs[i].destination;
		if (to->kind != DESTINATION_FILE || to->path == NULL)
			continue;
		const char *same = find_same_file(to->path, options->files, options->file_count);
		if (same == NULL)
			same = find_same_file(to->path, options->session_files, options->session_file_count);
		if (same == NULL)
			continue;
		fprintf(stderr, "smtpscope: -w %s: that is the file to be read\n", to->path);
		return true;
	}
	return false;
}

static void say(void *context, const char *text) {
	const struct options *options = context;
	if (!options->quiet)
		fprintf(stderr, "smtpscope: %s\n", text);
}

static int analyse(struct options *options) {
	struct sandbox_user user = {0};
	const struct outputs_options wanted = {
		.options = options, .user = &user, .stdout_fd = STDOUT_FILENO, .say = say, .context = options};
	struct outputs *outputs;
	if (is_read_and_written(options))
		return EXIT_USAGE;
	if (outputs_open(&wanted, &outputs) < 0)
		return EXIT_INCOMPLETE;
	int status = run_all(options, outputs);
	int error = outputs_finish(outputs, -1);
	written = NULL;
	outputs_destroy(outputs);
	return error < 0 && status == EXIT_SUCCESS ? EXIT_INCOMPLETE : status;
}

static int check_sandbox(const struct options *options) {
	struct sandbox_options wanted = {
		.user = options->user, .live = true, .listens = true, .connects = options->session_topic != NULL};
	for (size_t i = 0; i < options->output_count; i++) {
		enum destination_kind kind = options->outputs[i].destination->kind;
		wanted.connects = wanted.connects || (kind != DESTINATION_FILE && kind != DESTINATION_UNIX);
	}
	if (wanted.connects)
		puts("with what outputs over the network need: sockets for TCP and UDP, connections, names");
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
	if (options->session_topic != NULL)
		return consume_main(options);
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
