/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/inputs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { OTHER_FILES = 64 }; /* that the program may need besides */

struct inputs {
	const char *const *names;
	size_t count;
	int fds[]; /* negative errno: could not be opened, or was taken */
};

static bool is_standard_input(const char *name) {
	return strcmp(name, "-") == 0;
}

/* As many as there are: a month of hourly captures is more than most systems let a program open unasked. */
static void allow_files(size_t count) {
	struct rlimit limit;
	if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur >= count + OTHER_FILES)
		return;
	limit.rlim_cur = count + OTHER_FILES < limit.rlim_max ? count + OTHER_FILES : limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

struct inputs *inputs_open(const char *const *names, size_t count) {
	struct inputs *inputs = malloc(sizeof(*inputs) + count * sizeof(inputs->fds[0]));
	if (inputs == NULL)
		return NULL;
	inputs->names = names;
	inputs->count = count;
	allow_files(count);
	for (size_t i = 0; i < count; i++) {
		/* A duplicate, so that closing it does not close the standard input of the program. */
		int fd = is_standard_input(names[i]) ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
						     : open(names[i], O_RDONLY | O_CLOEXEC);
		inputs->fds[i] = fd >= 0 ? fd : -errno;
	}
	return inputs;
}

const char *inputs_name(const struct inputs *inputs, size_t i) {
	return is_standard_input(inputs->names[i]) ? "standard input" : inputs->names[i];
}

int inputs_take(struct inputs *inputs, size_t i) {
	int fd = inputs->fds[i];
	inputs->fds[i] = -EBADF;
	return fd;
}

void inputs_close(struct inputs *inputs) {
	if (inputs == NULL)
		return;
	for (size_t i = 0; i < inputs->count; i++)
		if (inputs->fds[i] >= 0)
			close(inputs->fds[i]);
	free(inputs);
}
