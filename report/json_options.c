/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/json_options.h"

static void put_number(struct json_print *json, int64_t number) {
	if (number < 0)
		JSON_PUT(json, "-");
	json_put_number(json, number < 0 ? (uint64_t)-number : (uint64_t)number);
}

static void put_true(struct json_print *json, const struct event_parameter *parameter) {
	(void)parameter;
	JSON_PUT(json, "true");
}

static void put_seconds(struct json_print *json, const struct event_parameter *parameter) {
	put_number(json, parameter->number);
}

static void put_text(struct json_print *json, const struct event_parameter *parameter) {
	json_put_string(json, parameter->text);
}

static void put_body_kind(struct json_print *json, const struct event_parameter *parameter) {
	json_put_text(json, parameter->flags == EVENT_BODY_7BIT ? "\"7BIT\""
			    : parameter->flags == EVENT_BODY_8BITMIME ? "\"8BITMIME\""
								      : "\"BINARYMIME\"");
}

static void put_ret(struct json_print *json, const struct event_parameter *parameter) {
	json_put_text(json, parameter->flags == EVENT_RET_FULL ? "\"FULL\"" : "\"HDRS\"");
}

static void put_notify(struct json_print *json, const struct event_parameter *parameter) {
	static const struct {
		unsigned flag;
		const char *name;
	} names[] = {
		{EVENT_NOTIFY_NEVER, "NEVER"},
		{EVENT_NOTIFY_SUCCESS, "SUCCESS"},
		{EVENT_NOTIFY_FAILURE, "FAILURE"},
		{EVENT_NOTIFY_DELAY, "DELAY"},
	};
	const char *separator = "[";
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if ((parameter->flags & names[i].flag) == 0)
			continue;
		json_put_text(json, separator);
		json_put_cstring(json, names[i].name);
		separator = ",";
	}
	JSON_PUT(json, "]");
}

static void put_orcpt(struct json_print *json, const struct event_parameter *parameter) {
	JSON_PUT(json, "{\"type\":");
	json_put_string(json, parameter->type);
	JSON_MEMBER(json, "address");
	json_put_string(json, parameter->text);
	JSON_PUT(json, "}");
}

static void put_by(struct json_print *json, const struct event_parameter *parameter) {
	JSON_PUT(json, "{\"seconds\":");
	put_number(json, parameter->number);
	JSON_MEMBER(json, "mode");
	json_put_text(json, (parameter->flags & EVENT_BY_RETURN) != 0 ? "\"return\"" : "\"notify\"");
	JSON_MEMBER(json, "trace");
	json_put_bool(json, (parameter->flags & EVENT_BY_TRACE) != 0);
	JSON_PUT(json, "}");
}

static const struct {
	const char *key;
	void (*put)(struct json_print *json, const struct event_parameter *parameter);
} rows[] = {
	[EVENT_PARAMETER_OTHER] = {NULL, NULL},
	[EVENT_PARAMETER_SIZE] = {"size", put_seconds},
	[EVENT_PARAMETER_BODY] = {"body", put_body_kind},
	[EVENT_PARAMETER_AUTH] = {"auth", put_text},
	[EVENT_PARAMETER_RET] = {"ret", put_ret},
	[EVENT_PARAMETER_ENVID] = {"envid", put_text},
	[EVENT_PARAMETER_NOTIFY] = {"notify", put_notify},
	[EVENT_PARAMETER_ORCPT] = {"orcpt", put_orcpt},
	[EVENT_PARAMETER_SMTPUTF8] = {"smtputf8", put_true},
	[EVENT_PARAMETER_BY] = {"deliver_by", put_by},
	[EVENT_PARAMETER_HOLDFOR] = {"hold_seconds", put_seconds},
	[EVENT_PARAMETER_HOLDUNTIL] = {"hold_until", put_text},
	[EVENT_PARAMETER_MT_PRIORITY] = {"priority", put_seconds},
	[EVENT_PARAMETER_REQUIRETLS] = {"requiretls", put_true},
	[EVENT_PARAMETER_RRVS] = {"valid_since", put_text},
	[EVENT_PARAMETER_SUBMITTER] = {"submitter", put_text},
	[EVENT_PARAMETER_PRDR] = {"prdr", put_true},
	[EVENT_PARAMETER_KNOWN] = {NULL, NULL},
};

void json_put_options(struct json_print *json, const struct event_parameter *parameters, size_t count) {
	bool outer = false, open = false;
	for (size_t i = 0; i < count; i++) {
		const struct event_parameter *parameter = &parameters[i];
		if (parameter->wrong || rows[parameter->id].key == NULL)
			continue;
		if (!open) {
			JSON_MEMBER(json, "options");
			outer = json_open_object(json);
		} else {
			JSON_PUT(json, ",");
		}
		open = true;
		JSON_PUT(json, "\"");
		json_put_text(json, rows[parameter->id].key);
		JSON_PUT(json, "\":");
		rows[parameter->id].put(json, parameter);
	}
	if (open)
		json_close_object(json, outer);
}
