/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Documents read back with json-c.
 *
 * A tree of objects for every step of every session costs far more than what is wanted of it, and it is the end of our
 * documents: the members "findings" and "timeline" are cut off before json-c sees the text, when they are proven to be the
 * last ones (find_unwanted_end()).
 */
#include "report/document.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "report/json_print.h"

enum {
	DEPTH_MAX = 32,
	/* Who writes documents could make each byte a value of a hundred; only large texts are worth the count. */
	VALUES_MAX = 1 << 20,
	TEXT_TRUSTED_MAX = 1 << 20,
};

struct document_reader {
	struct json_tokener *tokener;
	struct json_object *document; /* what the facts of the last call borrow from */
};

const char *document_result_name(enum document_result result) {
	static const char *const names[DOCUMENT_RESULT_COUNT] = {
		[DOCUMENT_OTHER] = "document of another type",
		[DOCUMENT_SCHEMA] = "document of another schema",
		[DOCUMENT_INCOMPLETE] = "incomplete document",
		[DOCUMENT_NOT_JSON] = "not JSON",
		[DOCUMENT_TOO_LARGE] = "document too large",
	};
	return names[result];
}

struct document_reader *document_reader_create(void) {
	struct document_reader *reader = calloc(1, sizeof(*reader));
	if (reader == NULL)
		return NULL;
	reader->tokener = json_tokener_new_ex(DEPTH_MAX);
	if (reader->tokener == NULL) {
		free(reader);
		return NULL;
	}
	json_tokener_set_flags(reader->tokener, JSON_TOKENER_STRICT);
	return reader;
}

void document_reader_destroy(struct document_reader *reader) {
	if (reader == NULL)
		return;
	json_object_put(reader->document);
	json_tokener_free(reader->tokener);
	free(reader);
}

/* text is behind the quote that begins a string. Returns what is behind the one that ends it; NULL when there is none. */
static char *skip_string(char *text, char *end) {
	char *quote = text;
	while ((quote = memchr(quote, '"', (size_t)(end - quote))) != NULL) {
		const char *backslash = quote;
		while (backslash > text && backslash[-1] == '\\')
			backslash--;
		quote++;
		if ((quote - backslash) % 2 == 1)
			return quote;
	}
	return NULL;
}

/* text begins with '['. Returns what is behind the bracket that closes it; NULL when there is none. */
static char *skip_array(char *text, char *end) {
	size_t depth = 0;
	for (char *at = text; at != NULL && at < end;) {
		char c = *at++;
		if (c == '"')
			at = skip_string(at, end);
		else if (c == '[' || c == '{')
			depth++;
		else if ((c == ']' || c == '}') && --depth == 0)
			return at;
	}
	return NULL;
}

/* Returns the comma before ,"findings":[...],"timeline":[...]} when that is how the text ends; else NULL.
 *
 * Why this is safe: in JSON a quote inside a string has a backslash before it, so the bytes ,"findings":[ can only be the
 * beginning of a member, and their comma is no part of a string. Of which object it is a member shows when the text before
 * it is parsed with a } behind: that is a whole document only if it is one of the outermost. Nothing that is wanted follows,
 * because the closing bracket found for the second array is followed by the last } only. What is inside the arrays is not
 * looked at, and not used. */
static char *find_unwanted_end(char *text, char *end) {
	static const char findings[] = ",\"findings\":[", timeline[] = ",\"timeline\":[";
	char *cut = memmem(text, (size_t)(end - text), findings, sizeof(findings) - 1);
	if (cut == NULL)
		return NULL;
	char *at = skip_array(cut + sizeof(findings) - 2, end);
	if (at == NULL || (size_t)(end - at) < sizeof(timeline) || memcmp(at, timeline, sizeof(timeline) - 1) != 0)
		return NULL;
	at = skip_array(at + sizeof(timeline) - 2, end);
	return at != NULL && end - at == 1 && *at == '}' ? cut : NULL;
}

static struct json_object *parse(struct document_reader *reader, const char *text, size_t len) {
	if (len > INT32_MAX)
		return NULL;
	json_tokener_reset(reader->tokener);
	struct json_object *object = json_tokener_parse_ex(reader->tokener, text, (int)len);
	if (object != NULL && json_tokener_get_parse_end(reader->tokener) == len)
		return object;
	json_object_put(object);
	return NULL;
}

/* At least as many as there are. */
static size_t count_values(const char *text, size_t len) {
	size_t count = 1;
	for (size_t i = 0; i < len; i++)
		count += text[i] == ',' || text[i] == '[' || text[i] == '{' || text[i] == ':';
	return count;
}

static enum document_result parse_document(struct document_reader *reader, char *text, size_t len) {
	char *cut = find_unwanted_end(text, text + len);
	size_t wanted_len = cut != NULL ? (size_t)(cut - text) + 1 : len;
	if (wanted_len > TEXT_TRUSTED_MAX && count_values(text, wanted_len) > VALUES_MAX)
		return DOCUMENT_TOO_LARGE;
	if (cut != NULL) {
		*cut = '}';
		reader->document = parse(reader, text, wanted_len);
		*cut = ',';
		if (reader->document != NULL)
			return DOCUMENT_SESSION;
		if (len > TEXT_TRUSTED_MAX && count_values(text, len) > VALUES_MAX)
			return DOCUMENT_TOO_LARGE;
	}
	reader->document = parse(reader, text, len);
	return reader->document != NULL ? DOCUMENT_SESSION : DOCUMENT_NOT_JSON;
}

static bool is_blank(char c) {
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

enum document_result document_read(struct document_reader *reader, char *text, size_t len, struct facts *ret_facts) {
	json_object_put(reader->document);
	reader->document = NULL;
	while (len > 0 && is_blank(text[len - 1]))
		len--;
	enum document_result result = parse_document(reader, text, len);
	if (result != DOCUMENT_SESSION)
		return result;
	/* Of a session that goes on; the whole of it comes, or came, as a document with the same id. */
	struct json_object *partial = NULL;
	if (json_object_is_type(reader->document, json_type_object) &&
		json_object_object_get_ex(reader->document, "partial", &partial) && json_object_get_boolean(partial))
		return DOCUMENT_OTHER;
	if (facts_from_document(reader->document, ret_facts) == 0)
		return DOCUMENT_SESSION;
	/* Why not? */
	struct json_object *type = NULL, *schema = NULL;
	if (!json_object_is_type(reader->document, json_type_object))
		return DOCUMENT_OTHER;
	json_object_object_get_ex(reader->document, "type", &type);
	json_object_object_get_ex(reader->document, "schema", &schema);
	if (!json_object_is_type(type, json_type_string) || strcmp(json_object_get_string(type), "session") != 0)
		return DOCUMENT_OTHER;
	return json_object_is_type(schema, json_type_int) && json_object_get_int64(schema) == JSON_SCHEMA
		       ? DOCUMENT_INCOMPLETE
		       : DOCUMENT_SCHEMA;
}
