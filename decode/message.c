/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "decode/message.h"

#include <string.h>

void message_begin(struct message *message, const struct event_sink *sink) {
	*message = (struct message){
		.header_max = sink->header_max,
		.message_max = sink->message_max,
		.wanted = sink->header_max > 0 || sink->message_max > 0,
	};
}

/* How many bytes of data belong to the header, the line that ends it included. */
static size_t header_len(struct message *message, struct slice data) {
	for (size_t at = 0; at < data.len;) {
		const char *newline = memchr(data.data + at, '\n', data.len - at);
		size_t end = newline != NULL ? (size_t)(newline - data.data) : data.len;
		for (; !message->in_line && at < end; at++)
			message->in_line = data.data[at] != '\r';
		if (newline == NULL)
			break;
		at = end + 1;
		if (!message->in_line) {
			message->header_ended = true;
			return at;
		}
		message->in_line = false;
	}
	return data.len;
}

size_t message_next(struct message *message, struct slice data, bool *ret_header_end) {
	bool header = !message->header_ended;
	size_t len = header ? header_len(message, data) : data.len;
	uint64_t max = header && message->header_max > message->message_max ? message->header_max : message->message_max;
	uint64_t left = max > message->told ? max - message->told : 0;
	*ret_header_end = header && message->header_ended && len <= left;
	if (len > left)
		len = (size_t)left;
	message->told += len;
	message->wanted = message->told < max && !(message->header_ended && message->told >= message->message_max);
	return len;
}
