/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The bytes of a JSON document: numbers, times and strings of a record, printed to the buffer of a json-c object.
 */
#ifndef SMTPSCOPE_REPORT_JSON_PRINT_H
#define SMTPSCOPE_REPORT_JSON_PRINT_H

#include <json-c/json.h>
#include <json-c/printbuf.h>
#include <string.h>

#include "report/identity.h"
#include "report/record.h"
#include "report/writer.h"

enum {
	JSON_SCHEMA = 1, /* of all documents */
	JSON_SECOND_TEXT_LEN = 20, /* "2026-11-25T06:41:20." */
};

struct json_print {
	enum writer_users users;
	struct identity_user *user_hash; /* NULL unless user names are hashed */
	char user_alias[IDENTITY_USER_SIZE];
	struct json_object *string; /* for strings that need escaping */
	char *scratch;              /* the same, before json-c sees it */
	size_t scratch_size;

	/* Of the document that is being printed: */
	const struct record *record;
	struct printbuf *buffer;
	bool nanoseconds; /* some time in it needs nine digits */
	bool invalid;     /* the object being printed has a string that was not UTF-8 */
	bool failed;      /* no memory: the document is not to be used */

	int64_t second; /* the one that second_text is of */
	char second_text[JSON_SECOND_TEXT_LEN + 1];
};

/* Prepares for a writer, on any memory. Returns false when there is no memory; json_print_finish() is called all the same.
 */
bool json_print_init(struct json_print *json, const struct writer_options *options);
void json_print_finish(struct json_print *json);

/* Prepares for a document. */
void json_print_start(struct json_print *json, const struct record *record);

/* Makes room for len bytes at the end of the buffer. Out of line, for it is seldom needed. */
bool json_grow(struct json_print *json, size_t len);

/* Returns room for len bytes at the end of the buffer, or NULL. json_commit() says how far it was filled. */
static inline char *json_reserve(struct json_print *json, size_t len) {
	struct printbuf *buffer = json->buffer;
	if (len >= (size_t)(buffer->size - buffer->bpos) && !json_grow(json, len))
		return NULL;
	return buffer->buf + buffer->bpos;
}

static inline void json_commit(struct json_print *json, const char *end) {
	json->buffer->bpos = (int)(end - json->buffer->buf);
}

/* Bytes that are JSON already. */
static inline void json_put(struct json_print *json, const char *data, size_t len) {
	char *at = json_reserve(json, len);
	if (at == NULL)
		return;
	memcpy(at, data, len);
	json->buffer->bpos += (int)len;
}

#define JSON_PUT(json, literal) json_put(json, "" literal, sizeof(literal) - 1)
#define JSON_MEMBER(json, key) JSON_PUT(json, ",\"" key "\":")
#define JSON_FIRST_MEMBER(json, key) JSON_PUT(json, "\"" key "\":")

/* These write at at, where there must be room, and return where they end. */
enum { JSON_NUMBER_MAX = 24, JSON_TIME_MAX = 32 };
char *json_digits(char *at, uint64_t value);
/* ns as milliseconds with three decimals; what is finer is cut off. */
char *json_milliseconds(char *at, int64_t ns);
/* RFC 3339, without quotes. */
char *json_rfc3339(struct json_print *json, char *at, int64_t time_ns);

void json_put_text(struct json_print *json, const char *text); /* JSON already */
void json_put_number(struct json_print *json, uint64_t value);
void json_put_milliseconds(struct json_print *json, int64_t ns);
void json_put_since_start(
	struct json_print *json, struct stream_moment at); /* milliseconds since the session's first frame */
void json_put_time(struct json_print *json, int64_t time_ns);
void json_put_bool(struct json_print *json, bool value);

/* Valid JSON, with what steers or deceives a terminal in its strings escaped. */
void json_put_visible(struct json_print *json, const char *text, size_t len);

/* A string of any bytes. What is not UTF-8 is replaced, and sets json->invalid. */
void json_put_string(struct json_print *json, struct slice text);
void json_put_string_or_null(struct json_print *json, struct slice text); /* null when empty */
void json_put_cstring(struct json_print *json, const char *text);
void json_put_strings(struct json_print *json, const struct slice *texts, size_t count); /* an array */

/* Each object says for itself, not for those inside it, that a string in it was not UTF-8. json_open_object() returns what
 * json_close_object() has to restore. */
bool json_open_object(struct json_print *json);
void json_close_object(struct json_print *json, bool outer);

/* Members of an object, without what stands before the first. */
void json_put_reply(struct json_print *json, uint16_t code, struct slice enhanced, const struct slice *lines, size_t line_count);

/* Members that are not the first of their object. */
void json_put_place(struct json_print *json, struct stream_moment at); /* "frame" and "ms" */
void json_put_count_if_any(struct json_print *json, const char *key, uint64_t count);
void json_put_user(struct json_print *json, struct slice name); /* "username", as the options want it */
void json_put_user_as(struct json_print *json, const char *key, struct slice name); /* another member that names a user */

void json_put_content(struct json_print *json, enum event_content content); /* "content", if it is known */

const char *json_body_command_name(enum verb verb);

#endif
