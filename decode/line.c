/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "decode/line.h"

#include <stdlib.h>
#include <string.h>

static void append(struct line_reader *reader, const char *data, size_t len) {
	if (len > 0)
		reader->carriage_return = data[len - 1] == '\r';
	size_t room = LINE_LENGTH_MAX + 1 - reader->len; /* one more than a line, for a CR whose LF has not come yet */
	size_t take = len < room ? len : room;
	if (reader->len + take > reader->capacity) {
		size_t capacity = reader->capacity != 0 ? reader->capacity : 256;
		while (capacity < reader->len + take)
			capacity *= 2;
		char *grown = realloc(reader->partial, capacity);
		if (grown == NULL) {
			reader->lost += len;
			return;
		}
		reader->partial = grown;
		reader->capacity = capacity;
	}
	if (take > 0)
		memcpy(reader->partial + reader->len, data, take);
	reader->len += take;
	reader->lost += len - take;
}

static struct line make_line(const char *data, size_t len, size_t lost, bool lost_carriage_return, bool ended) {
	bool carriage_return = lost > 0 ? lost_carriage_return : len > 0 && data[len - 1] == '\r';
	if (carriage_return && lost > 0)
		lost--;
	else if (carriage_return)
		len--;
	if (len > LINE_LENGTH_MAX) {
		lost += len - LINE_LENGTH_MAX;
		len = LINE_LENGTH_MAX;
	}
	return (struct line){
		.text = {data, len},
		.bare_newline = ended && !carriage_return,
		.has_nul = len > 0 && memchr(data, '\0', len) != NULL,
		.lost = lost,
	};
}

int line_next(struct line_reader *reader, struct slice *input, struct line *ret_line) {
	const char *newline = input->len > 0 ? memchr(input->data, '\n', input->len) : NULL;
	if (newline == NULL) {
		if (input->len > 0)
			append(reader, input->data, input->len);
		input->data += input->len;
		input->len = 0;
		return 0;
	}
	size_t len = (size_t)(newline - input->data);
	if (reader->len == 0 && reader->lost == 0) {
		/* The usual case: the whole line is in one chunk and needs no copy. */
		*ret_line = make_line(input->data, len, 0, false, true);
	} else {
		append(reader, input->data, len);
		*ret_line = make_line(reader->partial, reader->len, reader->lost, reader->carriage_return, true);
		reader->len = 0;
		reader->lost = 0;
	}
	input->data += len + 1;
	input->len -= len + 1;
	return 1;
}

int line_flush(struct line_reader *reader, struct line *ret_line) {
	if (reader->len == 0)
		return 0;
	*ret_line = make_line(reader->partial, reader->len, reader->lost, reader->carriage_return, false);
	reader->len = 0;
	reader->lost = 0;
	return 1;
}

void line_reset(struct line_reader *reader) {
	reader->len = 0;
	reader->lost = 0;
}

void line_finish(struct line_reader *reader) {
	if (reader->partial != NULL)
		memset(reader->partial, 0, reader->capacity);
	free(reader->partial);
	*reader = (struct line_reader){0};
}
