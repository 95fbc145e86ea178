/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/lines.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { BUFFER_FIRST = 1 << 20 };

struct lines {
	FILE *file;
	const volatile sig_atomic_t *stop;
	char *buffer;
	size_t capacity;
	size_t start, end; /* what was read and not yet handed out */
	bool ended;
	int error;
};

struct lines *lines_create(FILE *file, const volatile sig_atomic_t *stop) {
	struct lines *lines = calloc(1, sizeof(*lines));
	if (lines == NULL)
		return NULL;
	lines->file = file;
	lines->stop = stop;
	lines->buffer = malloc(BUFFER_FIRST);
	lines->capacity = BUFFER_FIRST;
	if (lines->buffer == NULL) {
		free(lines);
		return NULL;
	}
	return lines;
}

void lines_destroy(struct lines *lines) {
	if (lines == NULL)
		return;
	free(lines->buffer);
	free(lines);
}

/* Reads as much as there is room for. Returns false when nothing more came. */
static bool fill(struct lines *lines) {
	if (lines->ended || *lines->stop)
		return false;
	errno = 0;
	size_t room = lines->capacity - lines->end;
	size_t len = fread_unlocked(lines->buffer + lines->end, 1, room, lines->file);
	lines->end += len;
	if (len < room) {
		lines->ended = true;
		if (ferror_unlocked(lines->file))
			lines->error = errno != 0 ? -errno : -EIO;
	}
	return len > 0;
}

/* Makes room behind the line that has begun. Returns false when it is as long as may be, or there is no memory. */
static bool make_room(struct lines *lines) {
	size_t len = lines->end - lines->start;
	if (lines->start > 0) {
		memmove(lines->buffer, lines->buffer + lines->start, len);
		lines->start = 0;
		lines->end = len;
	}
	if (len < lines->capacity)
		return true;
	if (lines->capacity > LINES_LENGTH_MAX)
		return false;
	size_t capacity = lines->capacity * 2 > LINES_LENGTH_MAX ? LINES_LENGTH_MAX + 1 : lines->capacity * 2;
	char *buffer = realloc(lines->buffer, capacity);
	if (buffer == NULL)
		return false;
	lines->buffer = buffer;
	lines->capacity = capacity;
	return true;
}

/* Goes on behind the next end of a line. */
static int skip_line(struct lines *lines) {
	char *newline;
	do {
		lines->start = lines->end = 0;
		if (!fill(lines))
			return LINES_TOO_LONG;
		newline = memchr(lines->buffer, '\n', lines->end);
	} while (newline == NULL);
	lines->start = (size_t)(newline - lines->buffer) + 1;
	return LINES_TOO_LONG;
}

int lines_next(struct lines *lines, char **ret_line, size_t *ret_len) {
	size_t searched = 0; /* of the line that begins at start */
	for (;;) {
		char *line = lines->buffer + lines->start;
		size_t len = lines->end - lines->start;
		char *newline = memchr(line + searched, '\n', len - searched);
		if (newline != NULL) {
			*ret_line = line;
			*ret_len = (size_t)(newline - line);
			lines->start += *ret_len + 1;
			return LINES_LINE;
		}
		searched = len;
		if (!make_room(lines))
			return skip_line(lines);
		if (fill(lines))
			continue;
		*ret_line = lines->buffer + lines->start;
		*ret_len = len;
		lines->start = lines->end;
		if (*lines->stop)
			return LINES_END; /* what is left is the beginning of a line */
		if (len > 0)
			return LINES_LINE;
		return lines->error < 0 ? lines->error : LINES_END;
	}
}
