/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/metrics_output.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/prepare.h"
#include "report/metrics.h"

static int open_http(struct metrics_output *metrics, const struct options *options) {
	char error[METRICS_HTTP_ERROR_SIZE], address[INET6_ADDRSTRLEN + 16];
	snprintf(address, sizeof(address), strchr(options->metrics_address, ':') != NULL ? "[%s]:%u" : "%s:%u",
		options->metrics_address, (unsigned)options->metrics_port);
	int result = metrics_http_create(address, &metrics->http, error);
	if (result < 0)
		fprintf(stderr, "smtpscope: %s\n", error);
	return result;
}

static int open_file(struct metrics_output *metrics, const struct options *options) {
	const char *slash = strrchr(options->metrics_file, '/');
	char *directory = slash == NULL ? strdup(".") : strndup(options->metrics_file, (size_t)(slash - options->metrics_file) + 1);
	if (directory == NULL)
		return prepare_fail(options->metrics_file, -ENOMEM);
	metrics->name = slash == NULL ? options->metrics_file : slash + 1;
	metrics->directory_fd = prepare_directory(directory);
	int result = metrics->directory_fd < 0 ? prepare_fail(directory, metrics->directory_fd) : 0;
	free(directory);
	return result;
}

int metrics_output_open(struct metrics_output *metrics, const struct options *options) {
	*metrics = (struct metrics_output){.directory_fd = -1};
	int result = options->metrics_address != NULL ? open_http(metrics, options) : 0;
	return result == 0 && options->metrics_file != NULL ? open_file(metrics, options) : result;
}

bool metrics_output_is_wanted(const struct metrics_output *metrics) {
	return metrics->http != NULL || metrics->name != NULL;
}

int metrics_output_start(struct metrics_output *metrics) {
	return metrics->http != NULL ? metrics_http_start(metrics->http) : 0;
}

void metrics_output_publish(struct metrics_output *metrics, const struct writer_statistics *statistics) {
	char *text;
	size_t len;
	if (metrics_render(statistics, &text, &len) < 0)
		return;
	metrics_http_set(metrics->http, text, len);
	if (metrics->name != NULL)
		metrics_file_write(metrics->directory_fd, metrics->name, text, len);
	free(text);
}

void metrics_output_close(struct metrics_output *metrics) {
	metrics_http_destroy(metrics->http);
	if (metrics->directory_fd >= 0)
		close(metrics->directory_fd);
	*metrics = (struct metrics_output){.directory_fd = -1};
}
