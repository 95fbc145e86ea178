/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/outlet.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#include "report/sink/sink.h"

enum { BUFFER_KEPT_MAX = 1 << 20 }; /* a larger one is not kept for the next document */

struct outlet {
	FILE *file;        /* the writer's: the destination itself, or a stream into memory */
	FILE *screen;
	struct sink *sink; /* NULL: file is the destination */
	char *text;        /* of the document that is being written */
	size_t len, size;
};

struct outlet *outlet_to_file(FILE *file) {
	struct outlet *outlet = calloc(1, sizeof(*outlet));
	if (outlet == NULL)
		return NULL;
	outlet->file = outlet->screen = file;
	return outlet;
}

/* Not open_memstream(): it would keep the memory of the largest document for ever. */
static ssize_t append(void *cookie, const char *data, size_t len) {
	struct outlet *outlet = cookie;
	if (outlet->size - outlet->len < len) {
		size_t size = 2 * (outlet->len + len);
		char *text = realloc(outlet->text, size);
		if (text == NULL) {
			errno = ENOMEM;
			return 0;
		}
		outlet->text = text;
		outlet->size = size;
	}
	memcpy(outlet->text + outlet->len, data, len);
	outlet->len += len;
	return (ssize_t)len;
}

struct outlet *outlet_to_sink(struct sink *sink, FILE *screen) {
	struct outlet *outlet = calloc(1, sizeof(*outlet));
	if (outlet == NULL)
		return NULL;
	outlet->sink = sink;
	outlet->file = fopencookie(outlet, "w", (cookie_io_functions_t){.write = append});
	if (outlet->file == NULL) {
		free(outlet);
		return NULL;
	}
	outlet->screen = screen != NULL ? screen : outlet->file;
	return outlet;
}

FILE *outlet_stream(const struct outlet *outlet) {
	return outlet->file;
}

FILE *outlet_screen(const struct outlet *outlet) {
	return outlet->screen;
}

int outlet_commit(struct outlet *outlet) {
	if (outlet->sink == NULL)
		return 0;
	if (fflush(outlet->file) != 0)
		return -ENOMEM;
	if (outlet->len > 0)
		sink_write(outlet->sink, outlet->text, outlet->len);
	outlet->len = 0;
	if (outlet->size > BUFFER_KEPT_MAX) {
		free(outlet->text);
		outlet->text = NULL;
		outlet->size = 0;
	}
	return 0;
}

int outlet_flush(struct outlet *outlet) {
	if (outlet->sink != NULL)
		return 0;
	errno = 0;
	return fflush(outlet->file) == 0 ? 0 : errno != 0 ? -errno : -EIO;
}

void outlet_destroy(struct outlet *outlet) {
	if (outlet == NULL)
		return;
	if (outlet->sink != NULL)
		fclose(outlet->file);
	free(outlet->text);
	free(outlet);
}
