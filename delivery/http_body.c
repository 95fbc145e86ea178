/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "delivery/http_body.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <zlib.h>

#include "report/sink/document_head.h"

enum { OVERHEAD = 1024, NAME_MAX_LEN = 255 };

static int reserve(struct http_body *body, size_t more) {
	size_t needed = body->len + more;
	if (needed <= body->capacity)
		return 0;
	char *data = realloc(body->data, needed + needed / 2);
	if (data == NULL)
		return -ENOMEM;
	body->data = data;
	body->capacity = needed + needed / 2;
	return 0;
}

static void put(struct http_body *body, const char *data, size_t len) {
	memcpy(body->data + body->len, data, len);
	body->len += len;
}

__attribute__((format(printf, 2, 3))) static void put_format(struct http_body *body, const char *format, ...) {
	va_list arguments;
	va_start(arguments, format);
	int len = vsnprintf(body->data + body->len, OVERHEAD, format, arguments);
	va_end(arguments);
	body->len += len < OVERHEAD ? (size_t)len : OVERHEAD - 1;
}

static bool is_name(struct document_text text) {
	for (size_t i = 0; i < text.len; i++)
		if (strchr("abcdefghijklmnopqrstuvwxyz0123456789._-", text.data[i]) == NULL || text.data[i] == '\0')
			return false;
	return text.data != NULL && text.len > 0 && text.len <= NAME_MAX_LEN / 4;
}

/* TYPE-DATASET-NAMESPACE, as the document says or as its kind would have it. */
static void put_index(struct http_body *body, const struct document_head *head) {
	const struct destination *to = body->destination;
	const char *space = to->space != NULL ? to->space : "default";
	if (to->index != NULL)
		put_format(body, "%.*s", NAME_MAX_LEN, to->index);
	else if (is_name(head->stream_type) && is_name(head->stream_dataset) && to->space == NULL && is_name(head->stream_namespace))
		put_format(body, "%.*s-%.*s-%.*s", (int)head->stream_type.len, head->stream_type.data, (int)head->stream_dataset.len,
			head->stream_dataset.data, (int)head->stream_namespace.len, head->stream_namespace.data);
	else if (is_name(head->stream_type) && is_name(head->stream_dataset))
		put_format(body, "%.*s-%.*s-%.64s", (int)head->stream_type.len, head->stream_type.data, (int)head->stream_dataset.len,
			head->stream_dataset.data, space);
	else
		put_format(body, "%s-smtpscope.%s-%.64s", strcmp(head->kind, "statistics") == 0 ? "metrics" : "logs", head->kind, space);
}

static void put_time(struct http_body *body, int64_t time_ns) {
	time_t seconds = (time_t)(time_ns / 1000000000);
	struct tm broken;
	char text[40];
	gmtime_r(&seconds, &broken);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &broken);
	put_format(body, "%s.%06" PRId64 "Z", text, time_ns % 1000000000 / 1000);
}

static void put_elastic(struct http_body *body, const struct document_head *head, const char *document, size_t len, int64_t wall_ns) {
	put_format(body, "{\"create\":{\"_index\":\"");
	put_index(body, head);
	put_format(body, "\",\"_id\":\"%s\"}}\n", head->id);
	if (head->is_json && !head->has_timestamp) {
		put_format(body, "{\"@timestamp\":\"");
		put_time(body, head->has_time ? head->time_ns : wall_ns);
		put(body, "\"", 1);
		if (len > 2) /* not {} */
			put(body, ",", 1);
		document++, len--;
	}
	put(body, document, len);
	put(body, "\n", 1);
}

static void put_splunk(struct http_body *body, const struct document_head *head, const char *document, size_t len) {
	if (head->has_envelope) {
		put(body, document, len);
	} else {
		put(body, "{", 1);
		if (head->has_time)
			put_format(body, "\"time\":%" PRId64 ".%06" PRId64 ",", head->time_ns / 1000000000, head->time_ns % 1000000000 / 1000);
		if (body->destination->index != NULL)
			put_format(body, "\"index\":\"%.*s\",", NAME_MAX_LEN, body->destination->index);
		put_format(body, "\"host\":\"%s\",\"source\":\"smtpscope\",\"sourcetype\":\"smtpscope:%s\",\"event\":", body->host_name, head->kind);
		put(body, document, len);
		put(body, "}", 1);
	}
	put(body, "\n", 1);
}

int http_body_add(struct http_body *body, const char *document, size_t len, int64_t wall_ns) {
	struct document_head head;
	int error = reserve(body, len + 4 * OVERHEAD);
	if (error < 0)
		return error;
	if (body->destination->kind != DESTINATION_HTTP)
		document_head_read(document, len, &head);
	switch (body->destination->kind) {
	case DESTINATION_ELASTIC:
		put_elastic(body, &head, document, len, wall_ns);
		break;
	case DESTINATION_SPLUNK:
		put_splunk(body, &head, document, len);
		break;
	default:
		put(body, document, len);
		put(body, "\n", 1);
		break;
	}
	return 0;
}

int http_body_compress(struct http_body *body) {
	z_stream stream = {0};
	if (deflateInit2(&stream, 3, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK)
		return -ENOMEM;
	size_t bound = deflateBound(&stream, body->len);
	char *data = malloc(bound);
	stream.next_in = (Bytef *)body->data;
	stream.avail_in = (uInt)body->len;
	stream.next_out = (Bytef *)data;
	stream.avail_out = (uInt)bound;
	bool done = data != NULL && deflate(&stream, Z_FINISH) == Z_STREAM_END;
	if (done) {
		free(body->data);
		body->data = data;
		body->len = stream.total_out;
		body->capacity = bound;
	} else {
		free(data);
	}
	deflateEnd(&stream);
	return done ? 0 : -ENOMEM;
}

void http_body_clear(struct http_body *body) {
	body->len = 0;
}

void http_body_finish(struct http_body *body) {
	free(body->data);
	body->data = NULL;
	body->len = body->capacity = 0;
}
