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
	struct outlet_target *targets;
	size_t target_count; /* 0: file is the destination */
	int error;
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
	return outlet_to_all(&(struct outlet_target){.sink = sink}, 1, screen);
}

struct outlet *outlet_to_all(const struct outlet_target *targets, size_t count, FILE *screen) {
	struct outlet *outlet = calloc(1, sizeof(*outlet));
	if (outlet == NULL)
		return NULL;
	outlet->targets = calloc(count, sizeof(*targets));
	outlet->target_count = count;
	if (outlet->targets != NULL)
		outlet->file = fopencookie(outlet, "w", (cookie_io_functions_t){.write = append});
	if (outlet->file == NULL) {
		free(outlet->targets);
		free(outlet);
		return NULL;
	}
	memcpy(outlet->targets, targets, count * sizeof(*targets));
	outlet->screen = screen != NULL ? screen : outlet->file;
	return outlet;
}

FILE *outlet_stream(const struct outlet *outlet) {
	return outlet->file;
}

FILE *outlet_screen(const struct outlet *outlet) {
	return outlet->screen;
}

static int last_error(void) {
	return errno != 0 ? -errno : -EIO;
}

static void write_lines(struct sink *sink, const char *text, size_t len) {
	for (const char *end; len > 0; len -= (size_t)(end - text), text = end) {
		end = memchr(text, '\n', len);
		end = end != NULL ? end + 1 : text + len;
		sink_write(sink, text, (size_t)(end - text));
	}
}

static void drop_target(struct outlet *outlet, size_t index, int error) {
	if (outlet->error == 0)
		outlet->error = error;
	outlet->targets[index] = outlet->targets[--outlet->target_count];
}

static void hand_over(struct outlet *outlet) {
	for (size_t i = outlet->target_count; i-- > 0;) {
		const struct outlet_target *target = &outlet->targets[i];
		errno = 0;
		if (target->sink != NULL && target->lines)
			write_lines(target->sink, outlet->text, outlet->len);
		else if (target->sink != NULL)
			sink_write(target->sink, outlet->text, outlet->len);
		else if (fwrite(outlet->text, 1, outlet->len, target->file) != outlet->len)
			drop_target(outlet, i, last_error());
	}
}

int outlet_error(const struct outlet *outlet) {
	return outlet->error;
}

int outlet_commit(struct outlet *outlet) {
	if (outlet->targets == NULL)
		return 0;
	if (fflush(outlet->file) != 0)
		return -ENOMEM;
	if (outlet->len > 0)
		hand_over(outlet);
	outlet->len = 0;
	if (outlet->size > BUFFER_KEPT_MAX) {
		free(outlet->text);
		outlet->text = NULL;
		outlet->size = 0;
	}
	return outlet->target_count > 0 ? 0 : outlet->error;
}

int outlet_flush(struct outlet *outlet) {
	errno = 0;
	if (outlet->targets == NULL)
		return fflush(outlet->file) == 0 ? 0 : last_error();
	for (size_t i = outlet->target_count; i-- > 0;) {
		errno = 0;
		if (outlet->targets[i].file != NULL && fflush(outlet->targets[i].file) != 0)
			drop_target(outlet, i, last_error());
	}
	return outlet->target_count > 0 ? 0 : outlet->error;
}

void outlet_destroy(struct outlet *outlet) {
	if (outlet == NULL)
		return;
	if (outlet->targets != NULL)
		fclose(outlet->file);
	free(outlet->targets);
	free(outlet->text);
	free(outlet);
}
