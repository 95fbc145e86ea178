/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "decode/body.h"

#include <string.h>

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

void body_gap(struct body *body, uint64_t len) {
	body->gap_bytes += len;
	body->position = BODY_IN_LINE; /* perhaps a line starts here; taking a dot for the end would be the worse mistake */
}
