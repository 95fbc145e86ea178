/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/output.h"

#include <errno.h>
#include <stdlib.h>

struct output {
	FILE *file;        /* the writer's: the destination itself, or a stream into memory */
	FILE *screen;
};

struct output *output_to_file(FILE *file) {
	struct output *output = calloc(1, sizeof(*output));
	if (output == NULL)
		return NULL;
	output->file = output->screen = file;
	return output;
}

FILE *output_stream(const struct output *output) {
	return output->file;
}

FILE *output_screen(const struct output *output) {
	return output->screen;
}

int output_commit(struct output *output) {
	(void)output;
	return 0;
}

int output_flush(struct output *output) {
	errno = 0;
	return fflush(output->file) == 0 ? 0 : errno != 0 ? -errno : -EIO;
}

void output_destroy(struct output *output) {
	free(output);
}
