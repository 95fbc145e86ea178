/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/sessions.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "capture/compressed.h"
#include "cli/conclusion.h"
#include "cli/lines.h"
#include "report/document.h"

enum { MEMORY_LIMIT = 128 << 20 }; /* of facts; what is more is sorted in files */

struct sessions {
	const struct options *options;
	const volatile sig_atomic_t *stop;
	struct conclusion *conclusion;
	struct document_reader *reader;
	struct channels *channels;
	struct facts facts;
	uint64_t counts[DOCUMENT_RESULT_COUNT]; /* of all files */
	bool any_read, incomplete;
};

static void complain(struct sessions *sessions, const char *name, const char *what) {
	fprintf(stderr, "smtpscope: %s: %s\n", name, what);
	sessions->incomplete = true;
}

/* ---- One file ---- */

struct input {
	const char *name;
	FILE *file;
	struct compressed *compressed;
	uint64_t line, counts[DOCUMENT_RESULT_COUNT];
	uint64_t first[DOCUMENT_RESULT_COUNT]; /* the first line of each result */
};

/* The first bytes tell whether it is compressed. From a pipe they may come one by one. */
static int read_start(int fd, uint8_t *start, size_t *ret_len) {
	size_t len = 0;
	while (len < COMPRESSED_MAGIC_LEN) {
		ssize_t n = read(fd, start + len, COMPRESSED_MAGIC_LEN - len);
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		len += (size_t)n;
	}
	*ret_len = len;
	return 0;
}

/* Takes over fd, whatever comes of it. */
static int open_input(int fd, const char *name, const volatile sig_atomic_t *stop, struct input *ret_input) {
	uint8_t start[COMPRESSED_MAGIC_LEN];
	size_t start_len = 0;
	if (fd < 0)
		return fd;
	int error = read_start(fd, start, &start_len);
	struct input input = {.name = name};
	if (error == 0)
		error = compressed_open(
			fd, compressed_detect(start, start_len), start, start_len, stop, &input.file, &input.compressed);
	if (error < 0) {
		close(fd);
		return error;
	}
	*ret_input = input;
	return 0;
}

static bool is_blank(const char *line, size_t len) {
	for (size_t i = 0; i < len; i++)
		if (line[i] != ' ' && line[i] != '\t' && line[i] != '\r')
			return false;
	return true;
}

static void count(struct input *input, enum document_result result) {
	if (input->counts[result]++ == 0)
		input->first[result] = input->line;
}

static int read_lines(struct sessions *sessions, struct input *input, struct lines *lines) {
	char *line;
	size_t len;
	int result;
	while ((result = lines_next(lines, &line, &len)) > LINES_END) {
		input->line++;
		if (result == LINES_TOO_LONG) {
			count(input, DOCUMENT_TOO_LARGE);
		} else if (!is_blank(line, len)) {
			enum document_result document = document_read(sessions->reader, line, len, &sessions->facts);
			count(input, document);
			if (document == DOCUMENT_SESSION)
				conclusion_add(sessions->conclusion, &sessions->facts);
		}
	}
	return result;
}

/* A line for each kind of document that could not be used. Those of other types are as welcome as none. */
static void report_skipped(struct sessions *sessions, const struct input *input) {
	for (enum document_result result = 0; result < DOCUMENT_RESULT_COUNT; result++) {
		sessions->counts[result] += input->counts[result];
		if (result == DOCUMENT_SESSION || result == DOCUMENT_OTHER || input->counts[result] == 0)
			continue;
		char text[160];
		snprintf(text, sizeof(text), "skipped %" PRIu64 " %s: %s (first: line %" PRIu64 ")", input->counts[result],
			input->counts[result] == 1 ? "line" : "lines", document_result_name(result), input->first[result]);
		complain(sessions, input->name, text);
	}
}

static void read_file(struct sessions *sessions, int fd, const char *name) {
	struct input input = {0};
	int error = open_input(fd, name, sessions->stop, &input);
	if (error < 0) {
		complain(sessions, name, strerror(-error));
		return;
	}
	struct lines *lines = lines_create(input.file, sessions->stop);
	sessions->any_read = true;
	error = lines != NULL ? read_lines(sessions, &input, lines) : -ENOMEM;
	report_skipped(sessions, &input);
	if (error < 0) {
		complain(sessions, name, strerror(-error));
	} else if (compressed_fault(input.compressed) != NULL) {
		complain(sessions, name, compressed_fault(input.compressed));
	}
	lines_destroy(lines);
	fclose(input.file);
}

/* ---- All ---- */

static int write_end(struct sessions *sessions) {
	struct writer_reason reasons[DOCUMENT_RESULT_COUNT];
	struct writer_statistics statistics = {
		.from_documents = true, .sessions = sessions->counts[DOCUMENT_SESSION], .reasons = reasons};
	for (enum document_result result = 0; result < DOCUMENT_RESULT_COUNT; result++) {
		statistics.documents += sessions->counts[result];
		if (result != DOCUMENT_SESSION && sessions->counts[result] > 0)
			reasons[statistics.reason_count++] =
				(struct writer_reason){document_result_name(result), sessions->counts[result]};
	}
	int error = conclusion_write(sessions->conclusion, sessions->channels);
	if (conclusion_error(sessions->conclusion) < 0) {
		fprintf(stderr, "smtpscope: no diagnosis could be made: %s\n",
			strerror(-conclusion_error(sessions->conclusion)));
		sessions->incomplete = true;
	}
	if (error == 0)
		error = channels_end(sessions->channels, &statistics);
	return error == 0 ? channels_error(sessions->channels) : error;
}

static int run(struct sessions *sessions, struct inputs *inputs, const struct channel *channels, size_t channel_count,
	int directory_fd) {
	const struct options *options = sessions->options;
	sessions->conclusion = conclusion_create(options, MEMORY_LIMIT, directory_fd);
	sessions->reader = document_reader_create();
	if (sessions->conclusion != NULL)
		channels_create(options, channels, channel_count, false, &sessions->channels);
	if (sessions->reader == NULL || sessions->channels == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < options->session_file_count && !*sessions->stop; i++)
		read_file(sessions, inputs_take(inputs, i), inputs_name(inputs, i));
	int error = sessions->any_read ? write_end(sessions) : 0;
	return error < 0 ? error : sessions->incomplete;
}

int sessions_run(const struct options *options, struct inputs *inputs, const struct channel *channels, size_t channel_count,
	const volatile sig_atomic_t *stop, int directory_fd) {
	struct sessions *sessions = calloc(1, sizeof(*sessions));
	if (sessions == NULL)
		return -ENOMEM;
	sessions->options = options;
	sessions->stop = stop;
	int result = run(sessions, inputs, channels, channel_count, directory_fd);
	channels_destroy(sessions->channels);
	document_reader_destroy(sessions->reader);
	conclusion_destroy(sessions->conclusion);
	free(sessions);
	return result;
}
