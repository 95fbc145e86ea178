/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/sink/bulk_answer.h"

#include <errno.h>
#include <json-c/json.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>

static struct json_object *parse(const char *text, size_t len) {
	struct json_tokener *tokener = len <= INT_MAX ? json_tokener_new() : NULL;
	struct json_object *object = tokener != NULL ? json_tokener_parse_ex(tokener, text, (int)len) : NULL;
	if (tokener != NULL)
		json_tokener_free(tokener);
	return object;
}

static const char *text_of(struct json_object *object, const char *name) {
	struct json_object *value;
	return object != NULL && json_object_object_get_ex(object, name, &value) && json_object_is_type(value, json_type_string)
		? json_object_get_string(value) : "";
}

/* The status decides; an item that has none, or one of no known meaning, is tried again rather than given up. */
static enum bulk_result judge(struct json_object *item, char *reason, size_t reason_size) {
	struct json_object_iterator first = json_object_iter_begin(item), end = json_object_iter_end(item);
	struct json_object *result = json_object_iter_equal(&first, &end) ? NULL : json_object_iter_peek_value(&first);
	struct json_object *status = NULL, *error = NULL;
	if (result == NULL || !json_object_is_type(result, json_type_object))
		return BULK_BUSY;
	json_object_object_get_ex(result, "status", &status);
	json_object_object_get_ex(result, "error", &error);
	int code = status != NULL ? json_object_get_int(status) : 0;
	if (error != NULL && json_object_is_type(error, json_type_object))
		snprintf(reason, reason_size, "%d %s: %s", code, text_of(error, "type"), text_of(error, "reason"));
	else
		snprintf(reason, reason_size, "%d", code);
	if ((code >= 200 && code < 300) || code == 409)
		return BULK_STORED;
	bool later = code < 400 || code == 401 || code == 403 || code == 404 || code == 408 || code == 429 || code >= 500;
	return later ? BULK_BUSY : BULK_REJECTED;
}

int bulk_answer_read(const char *text, size_t len,
	void (*item)(void *context, size_t index, enum bulk_result result, const char *reason), void *context) {
	struct json_object *answer = parse(text, len), *items = NULL;
	int count = -EBADMSG;
	if (answer != NULL && json_object_is_type(answer, json_type_object) && json_object_object_get_ex(answer, "items", &items) &&
		json_object_is_type(items, json_type_array)) {
		count = (int)json_object_array_length(items);
		for (int i = 0; i < count; i++) {
			struct json_object *one = json_object_array_get_idx(items, (size_t)i);
			char reason[400] = "";
			enum bulk_result result =
				json_object_is_type(one, json_type_object) ? judge(one, reason, sizeof(reason)) : BULK_BUSY;
			item(context, (size_t)i, result, reason);
		}
	}
	json_object_put(answer);
	return count;
}

int collector_answer_read(const char *text, size_t len) {
	struct json_object *answer = parse(text, len), *code = NULL;
	int result = -1;
	if (answer != NULL && json_object_is_type(answer, json_type_object) && json_object_object_get_ex(answer, "code", &code) &&
		json_object_is_type(code, json_type_int))
		result = json_object_get_int(code);
	json_object_put(answer);
	return result;
}
