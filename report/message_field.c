/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/message_field.h"

#include <string.h>

size_t message_field_line_end(struct slice data, size_t at) {
	const char *newline = at < data.len ? memchr(data.data + at, '\n', data.len - at) : NULL;
	return newline != NULL ? (size_t)(newline - data.data) + 1 : data.len;
}

static bool is_white(char c) {
	return c == ' ' || c == '\t';
}

/* RFC 5322, 3.6.8, and 4.5 for white space before the colon. Returns false when the line is none of a field. */
static bool split(struct slice line, struct message_field_line *ret_field) {
	const char *colon = memchr(line.data, ':', line.len);
	size_t len = colon != NULL ? (size_t)(colon - line.data) : 0;
	while (len > 0 && is_white(line.data[len - 1]))
		len--;
	for (size_t i = 0; i < len; i++)
		if (line.data[i] <= ' ' || line.data[i] > '~')
			return false;
	if (len == 0)
		return false;
	size_t skip = (size_t)(colon - line.data) + 1;
	*ret_field = (struct message_field_line){{line.data, len}, {line.data + skip, line.len - skip}};
	return true;
}

/* A line that a mailbox in a file has before a message, and some programs send along. */
static bool is_mailbox_line(struct slice line) {
	return line.len > 6 && (memcmp(line.data, "From ", 5) == 0 || memcmp(line.data, ">From ", 6) == 0);
}

enum message_field_result message_field_next(struct slice data, bool whole, size_t *at, struct message_field_line *ret_field) {
	if (*at == 0) {
		size_t first = message_field_line_end(data, 0);
		if (is_mailbox_line((struct slice){data.data, first}))
			*at = first;
	}
	size_t start = *at, end = message_field_line_end(data, start);
	if (start == end)
		return whole ? MESSAGE_FIELD_END : MESSAGE_FIELD_MORE;
	if (data.data[start] == '\n' || (data.data[start] == '\r' && start + 1 < end && data.data[start + 1] == '\n')) {
		*at = end;
		return MESSAGE_FIELD_END;
	}
	bool line_ended = data.data[end - 1] == '\n';
	if (!line_ended && !whole)
		return MESSAGE_FIELD_MORE;
	while (end < data.len && is_white(data.data[end]))
		end = message_field_line_end(data, end);
	if (end == data.len && !whole)
		return MESSAGE_FIELD_MORE; /* the next line may belong to it */
	if (!split((struct slice){data.data + start, end - start}, ret_field))
		return MESSAGE_FIELD_NONE;
	*at = end;
	return MESSAGE_FIELD_FOUND;
}
