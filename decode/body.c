/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "decode/body.h"

#include <string.h>

enum { TEXT_LINE_MAX = 1000 }; /* of a text, with its end (RFC 5321, 4.5.3.1.6) */

void body_begin(struct body *body) {
	*body = (struct body){.position = BODY_LINE_START};
}

/* The inner loop: whole lines at the speed of memchr. Returns the bytes taken; stops after a CRLF, where a dot has a meaning. */
static size_t scan_line(struct body *body, const char *data, size_t len) {
	const char *newline = memchr(data, '\n', len);
	if (newline == NULL) {
		body->position = data[len - 1] == '\r' ? BODY_CR : BODY_IN_LINE;
		body->bytes += len;
		return len;
	}
	size_t taken = (size_t)(newline - data) + 1;
	bool carriage_return = taken > 1 ? newline[-1] == '\r' : body->position == BODY_CR;
	body->lines++;
	body->bytes += taken;
	body->has_long_line |= body->bytes - body->line_start > TEXT_LINE_MAX;
	body->has_bare_break |= !carriage_return;
	body->line_start = body->bytes;
	body->position = carriage_return ? BODY_LINE_START : BODY_IN_LINE;
	return taken;
}

size_t body_scan(struct body *body, const char *data, size_t len) {
	size_t at = 0;
	while (at < len) {
		switch (body->position) {
		case BODY_LINE_START:
			if (data[at] == '.') {
				body->position = BODY_DOT;
				at++;
				break;
			}
			at += scan_line(body, data + at, len - at);
			break;
		case BODY_IN_LINE:
		case BODY_CR:
			at += scan_line(body, data + at, len - at);
			break;
		case BODY_DOT: /* the dot was not counted: it is either stuffed or final */
			if (data[at] == '\r') {
				body->position = BODY_DOT_CR;
				at++;
			} else {
				body->position = BODY_IN_LINE;
			}
			break;
		case BODY_DOT_CR:
			if (data[at] == '\n') {
				body->position = BODY_ENDED;
				return at + 1;
			}
			body->bytes++; /* the CR belongs to the message after all */
			body->position = BODY_CR;
			break;
		case BODY_ENDED:
			return at;
		}
	}
	return at;
}

/* Sees to it that body_scan() takes no more than a line, or a byte where a dot may not be of the message. */
size_t body_take(struct body *body, const char *data, size_t len, struct slice *ret_message) {
	static const char carriage_return = '\r';
	size_t at = 0;
	*ret_message = (struct slice){NULL, 0};
	if (body->position == BODY_DOT_CR && data[0] != '\n') { /* the CR that was held back */
		body->bytes++;
		body->position = BODY_CR;
		*ret_message = (struct slice){&carriage_return, 1};
		return 0;
	}
	if (body->position == BODY_DOT && data[0] != '\r')
		body->position = BODY_IN_LINE;
	if (body->position == BODY_DOT || body->position == BODY_DOT_CR || (body->position == BODY_LINE_START && data[0] == '.'))
		return body_scan(body, data, 1);
	while (at < len && body->position != BODY_ENDED && !(body->position == BODY_LINE_START && data[at] == '.'))
		at += scan_line(body, data + at, len - at);
	*ret_message = (struct slice){data, at};
	return at;
}

void body_pass(struct body *body, const char *data, size_t len) {
	for (size_t at = 0; at < len;)
		at += scan_line(body, data + at, len - at);
}

static bool has_high_bit(const char *data, size_t len) {
	uint64_t all = 0, word;
	size_t at = 0;
	for (; len - at >= sizeof(word); at += sizeof(word)) {
		memcpy(&word, data + at, sizeof(word));
		all |= word;
	}
	for (; at < len; at++)
		all |= (uint8_t)data[at];
	return (all & UINT64_C(0x8080808080808080)) != 0;
}

/* Is there a CR without a LF behind it? */
static bool has_bare_cr(const char *data, size_t len, bool *after_cr) {
	const char *end = data + len;
	bool bare = *after_cr && data[0] != '\n';
	*after_cr = data[len - 1] == '\r';
	for (const char *at = data; !bare && (at = memchr(at, '\r', (size_t)(end - at))) != NULL; at++)
		bare = at + 1 < end && at[1] != '\n';
	return bare;
}

void body_note(struct body *body, const char *data, size_t len) {
	if (len == 0)
		return;
	if (!body->has_nul)
		body->has_nul = memchr(data, '\0', len) != NULL;
	if (!body->has_8bit)
		body->has_8bit = has_high_bit(data, len);
	if (!body->has_bare_break)
		body->has_bare_break = has_bare_cr(data, len, &body->after_cr);
}

enum event_content body_content(const struct body *body) {
	bool long_line = body->has_long_line || body->bytes - body->line_start > TEXT_LINE_MAX;
	if (body->has_nul || body->has_bare_break || body->after_cr || long_line)
		return EVENT_CONTENT_BINARY;
	return body->has_8bit ? EVENT_CONTENT_8BIT : EVENT_CONTENT_7BIT;
}

void body_gap(struct body *body, uint64_t len) {
	body->gap_bytes += len;
	body->position = BODY_IN_LINE; /* perhaps a line starts here; taking a dot for the end would be the worse mistake */
}
