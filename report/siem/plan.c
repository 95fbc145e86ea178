/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/siem/plan.h"

#include <stdlib.h>
#include <string.h>

#include "report/json_session.h"

enum { NAME_MAX_LEN = 128 };

/* ---- Making a plan ---- */

/* How many objects two names have in common at their start. */
static unsigned shared_depth(const char *one, const char *other) {
	unsigned depth = 0;
	for (size_t i = 0; one[i] == other[i] && one[i] != '\0'; i++)
		if (one[i] == '.')
			depth++;
	return depth;
}

static unsigned depth_of(const char *name) {
	unsigned depth = 0;
	for (; *name != '\0'; name++)
		depth += *name == '.';
	return depth;
}

/* What is to be written for the objects and the key: `"a":{"b":[{"c":`. Returns false without memory. */
static bool make_open(struct plan_step *step, bool flat) {
	char text[4 * NAME_MAX_LEN], *at = text;
	const char *name = step->name;
	for (;;) {
		const char *dot = flat ? NULL : strchr(name, '.');
		size_t len = dot != NULL ? (size_t)(dot - name) : strlen(name);
		bool array = dot != NULL && len > 2 && dot[-1] == ']';
		step->open_at[step->depth] = (size_t)(at - text);
		*at++ = '"';
		at = mempcpy(at, name, array ? len - 2 : len);
		at = mempcpy(at, "\":", 2);
		if (dot == NULL)
			break;
		if (array) {
			*at++ = '[';
			step->arrays |= 1u << step->depth;
		}
		*at++ = '{';
		step->depth++;
		name = dot + 1;
	}
	step->open_len = (size_t)(at - text);
	step->open = strndup(text, step->open_len);
	return step->open != NULL;
}

/* The constants of the table are plain text: nothing in them needs an escape. */
static bool make_constant(struct plan_step *step) {
	const struct fields_row *row = step->row;
	char text[2 * NAME_MAX_LEN], *at = text;
	if (row->text == NULL)
		return true;
	bool quoted = row->type == FIELDS_TEXT || row->type == FIELDS_TEXTS, list = row->type == FIELDS_TEXTS;
	if (list)
		*at++ = '[';
	if (quoted)
		*at++ = '"';
	for (const char *from = row->text; *from != '\0'; from++) {
		if (*from == ' ' && list)
			at = mempcpy(at, "\",\"", 3);
		else
			*at++ = *from;
	}
	if (quoted)
		*at++ = '"';
	if (list)
		*at++ = ']';
	step->constant_len = (size_t)(at - text);
	step->constant = strndup(text, step->constant_len);
	return step->constant != NULL;
}

static void step_finish(struct plan_step *step) {
	free(step->name);
	free(step->label);
	free(step->open);
	free(step->constant);
}

/* What stands in a table of names: a name with its marks. */
static bool step_create(struct plan_step *step, const struct fields_row *row, const char *word, size_t len, bool flat) {
	char name[NAME_MAX_LEN + 1];
	*step = (struct plan_step){.row = row};
	if (len > 0 && word[len - 1] == '$') {
		step->as_text = true;
		len--;
	} else if (len > 2 && word[len - 1] == ']') {
		step->as_array = true;
		len -= 2;
	}
	if (len > NAME_MAX_LEN)
		return false;
	memcpy(name, word, len);
	name[len] = '\0';
	char *colon = strchr(name, ':');
	if (colon != NULL) {
		*colon = '\0';
		for (char *at = colon + 1; *at != '\0'; at++)
			*at = *at == '_' ? ' ' : *at;
		step->label = strdup(colon + 1);
	}
	step->name = strdup(name);
	return step->name != NULL && (colon == NULL || step->label != NULL) && make_open(step, flat) && make_constant(step);
}

/* Where it belongs: behind those that are in the same objects. */
static size_t find_place(const struct plan *plan, const char *name, bool flat) {
	unsigned most = 0;
	size_t place = plan->count;
	for (size_t i = 0; i < plan->count && !flat; i++) {
		unsigned shared = shared_depth(plan->steps[i].name, name);
		if (shared > 0 && shared >= most) {
			most = shared;
			place = i + 1;
		}
	}
	return place;
}

static bool add_step(struct plan *plan, const struct fields_row *row, const char *word, size_t len, bool flat) {
	struct plan_step step;
	struct plan_step *grown = reallocarray(plan->steps, plan->count + 1, sizeof(*grown));
	if (grown == NULL)
		return false;
	plan->steps = grown;
	if (!step_create(&step, row, word, len, flat)) {
		step_finish(&step);
		return false;
	}
	size_t place = find_place(plan, step.name, flat);
	memmove(&grown[place + 1], &grown[place], (plan->count - place) * sizeof(*grown));
	grown[place] = step;
	plan->count++;
	return true;
}

bool plan_create(struct plan *ret_plan, enum fields_format format, enum fields_kind kind, bool flat) {
	*ret_plan = (struct plan){.count = 0};
	for (const struct fields_row *const *group = fields_groups; *group != NULL; group++)
		for (const struct fields_row *row = *group; row->kinds != 0; row++) {
			const char *names = fields_names_in(row, format);
			if (names == NULL || (row->kinds & FIELDS_OF(kind)) == 0)
				continue;
			for (const char *word = names; *word != '\0';) {
				size_t len = strcspn(word, " ");
				if (!add_step(ret_plan, row, word, len, flat)) {
					plan_finish(ret_plan);
					return false;
				}
				word += len + (word[len] == ' ');
			}
		}
	for (size_t i = 1; i < ret_plan->count && !flat; i++) {
		unsigned shared = shared_depth(ret_plan->steps[i - 1].name, ret_plan->steps[i].name);
		unsigned most = depth_of(ret_plan->steps[i - 1].name);
		ret_plan->steps[i].shared = shared < most ? shared : most;
	}
	return true;
}

void plan_finish(struct plan *plan) {
	for (size_t i = 0; i < plan->count; i++)
		step_finish(&plan->steps[i]);
	free(plan->steps);
	*plan = (struct plan){.count = 0};
}

/* ---- Values ---- */

static struct slice cut_text(struct slice text, size_t max) {
	if (text.len <= max)
		return text;
	text.len = max;
	while (text.len > 0 && (text.data[text.len] & 0xc0) == 0x80) /* not inside a character */
		text.len--;
	return text;
}

/* A part of an address would be another address: it is left out. */
static bool is_of_addresses(const struct fields_row *row) {
	return row->cut == FIELDS_CUT_RECIPIENTS || row->cut == FIELDS_CUT_ADDRESSES;
}

static bool cut_texts(const struct fields_row *row, const struct fields_subject *subject, struct fields_value *value, size_t count_max,
	size_t len_max) {
	struct slice *items = arena_alloc_uninitialised(subject->arena, (count_max + 1) * sizeof(*items));
	size_t count = 0;
	for (size_t i = 0; i < value->texts.count && count < count_max; i++)
		if (value->texts.items[i].len <= len_max || !is_of_addresses(row))
			items[count++] = cut_text(value->texts.items[i], len_max);
	bool all_left_out = count == 0 && value->texts.count > 0;
	return fields_texts(value, items, count) || !all_left_out;
}

static bool cut_value(const struct fields_row *row, const struct fields_subject *subject, struct fields_value *value) {
	enum fields_cut cut = subject->cut;
	bool reached = row->cut != FIELDS_CUT_NOTHING && cut >= row->cut;
	if ((reached && row->cut <= FIELDS_CUT_EXTENSIONS) || (cut >= FIELDS_CUT_MOST && !row->core))
		return false;
	size_t text_max = cut >= FIELDS_CUT_MOST ? FIELDS_CORE_CUT : FIELDS_TEXT_CUT;
	if (row->type == FIELDS_TEXT && (reached || cut >= FIELDS_CUT_TEXTS)) {
		if (is_of_addresses(row) && value->text.len > text_max)
			return false;
		value->text = cut_text(value->text, text_max);
	} else if (row->type == FIELDS_TEXTS && cut >= FIELDS_CUT_TEXTS)
		return cut_texts(row, subject, value, FIELDS_ATTACHMENTS_CUT + (row->core ? FIELDS_CUTS : 0), text_max);
	else if (row->type == FIELDS_TEXTS && reached)
		return cut_texts(row, subject, value, FIELDS_LIST_CUT, text_max);
	else if (row->type == FIELDS_NUMBERS && cut >= FIELDS_CUT_TEXTS && value->numbers.count > FIELDS_ATTACHMENTS_CUT)
		value->numbers.count = FIELDS_ATTACHMENTS_CUT;
	return true;
}

bool plan_get(const struct plan_step *step, const struct fields_subject *subject, struct fields_value *ret_value) {
	const struct fields_row *row = step->row;
	if (row->text != NULL) {
		ret_value->text = (struct slice){row->text, strlen(row->text)};
		return subject->cut < FIELDS_CUT_MOST || row->core;
	}
	return row->get(subject, ret_value) && (subject->cut == FIELDS_CUT_NOTHING || cut_value(row, subject, ret_value));
}

int plan_severity(enum fields_format format, enum finding_severity severity) {
	static const int numbers[FIELDS_FORMATS][FINDING_CRITICAL + 1] = {
		[FIELDS_ECS] = {1, 2, 3, 4, 5},
		[FIELDS_OCSF] = {1, 2, 3, 4, 5},
		[FIELDS_OCSF_1_3] = {1, 2, 3, 4, 5},
		[FIELDS_EVE] = {3, 3, 2, 1, 1},
		[FIELDS_CEF] = {1, 3, 5, 8, 10},
		[FIELDS_LEEF] = {1, 3, 5, 8, 10},
	};
	return numbers[format][severity];
}

/* ---- JSON ---- */

static void put_signed(struct json_print *json, int64_t number) {
	if (number < 0)
		JSON_PUT(json, "-");
	json_put_number(json, number < 0 ? 0 - (uint64_t)number : (uint64_t)number);
}

/* Seconds with six decimals. */
static void put_seconds(struct json_print *json, int64_t ns) {
	char fraction[8] = ".";
	uint64_t us = ns < 0 ? 0 : (uint64_t)ns / 1000, rest = us % 1000000;
	json_put_number(json, us / 1000000);
	for (size_t i = 6; i > 0; i--, rest /= 10)
		fraction[i] = (char)('0' + rest % 10);
	json_put(json, fraction, 7);
}

static void put_time(struct json_print *json, enum fields_format format, int64_t ns) {
	switch (format) {
	case FIELDS_ECS:
		json_put_time(json, ns);
		break;
	case FIELDS_EVE: {
		char *at = json_reserve(json, JSON_TIME_MAX + 8);
		if (at == NULL)
			break;
		*at++ = '"';
		at = json_rfc3339(json, at, ns) - 1; /* without the Z */
		at = mempcpy(at, "+0000\"", 6);
		json_commit(json, at);
		break;
	}
	case FIELDS_ZEEK:
	case FIELDS_SPLUNK:
		put_seconds(json, ns);
		break;
	case FIELDS_OCSF:
	case FIELDS_OCSF_1_3:
	case FIELDS_CEF:
	case FIELDS_LEEF:
	case FIELDS_FORMATS:
		put_signed(json, ns / 1000000);
		break;
	}
}

static void put_duration(struct json_print *json, enum fields_format format, int64_t ns) {
	switch (format) {
	case FIELDS_ECS:
		put_signed(json, ns);
		break;
	case FIELDS_ZEEK:
	case FIELDS_EVE:
	case FIELDS_SPLUNK:
		put_seconds(json, ns);
		break;
	case FIELDS_OCSF:
	case FIELDS_OCSF_1_3:
	case FIELDS_CEF:
	case FIELDS_LEEF:
	case FIELDS_FORMATS:
		put_signed(json, ns / 1000000);
		break;
	}
}

/* Suricata writes all digits of IPv6. */
static void put_long_address(struct json_print *json, const struct stream_endpoint *endpoint) {
	static const char digits[] = "0123456789abcdef";
	char *at = json_reserve(json, 48);
	if (at == NULL)
		return;
	*at++ = '"';
	for (size_t i = 0; i < 16; i++) {
		if (i > 0 && i % 2 == 0)
			*at++ = ':';
		*at++ = digits[endpoint->address[i] >> 4];
		*at++ = digits[endpoint->address[i] & 15];
	}
	*at++ = '"';
	json_commit(json, at);
}

static void put_severity(struct json_print *json, enum fields_format format, int64_t severity) {
	static const char *const words[] = {"informational", "low", "medium", "high", "critical"};
	if (format == FIELDS_SPLUNK)
		json_put_cstring(json, words[severity]);
	else
		json_put_number(json, (uint64_t)plan_severity(format, (enum finding_severity)severity));
}

static void put_objects(struct json_print *json, const struct fields_object *objects) {
	size_t number = 0;
	JSON_PUT(json, "[");
	for (const void *item = objects->first; item != NULL && (objects->max == 0 || number < objects->max);
		item = objects->next(item), number++) {
		if (number > 0)
			JSON_PUT(json, ",");
		objects->print(json, item, number);
	}
	JSON_PUT(json, "]");
}

static void put_value(const struct plan_step *step, enum fields_format format, struct json_print *json, const struct fields_value *value) {
	switch (step->row->type) {
	case FIELDS_TEXT:
		json_put_string(json, value->text);
		break;
	case FIELDS_NUMBER:
		put_signed(json, value->number);
		break;
	case FIELDS_SCORE:
		put_signed(json, value->number);
		JSON_PUT(json, ".0");
		break;
	case FIELDS_BOOL:
		json_put_bool(json, value->number != 0);
		break;
	case FIELDS_TIME:
		put_time(json, format, value->number);
		break;
	case FIELDS_DURATION:
		put_duration(json, format, value->number);
		break;
	case FIELDS_IP:
		if (format == FIELDS_EVE && value->endpoint->ip_version == 6)
			put_long_address(json, value->endpoint);
		else
			json_put_address(json, value->endpoint);
		break;
	case FIELDS_SEVERITY:
		put_severity(json, format, value->number);
		break;
	case FIELDS_TEXTS:
		json_put_strings(json, value->texts.items, value->texts.count);
		break;
	case FIELDS_NUMBERS:
		JSON_PUT(json, "[");
		for (size_t i = 0; i < value->numbers.count; i++) {
			if (i > 0)
				JSON_PUT(json, ",");
			json_put_number(json, value->numbers.items[i]);
		}
		JSON_PUT(json, "]");
		break;
	case FIELDS_OBJECTS:
		put_objects(json, &value->objects);
		break;
	case FIELDS_TYPES:
		break;
	}
}

static void put_marked_value(
	const struct plan_step *step, enum fields_format format, struct json_print *json, const struct fields_value *value) {
	if (step->as_array)
		JSON_PUT(json, "[");
	if (step->as_text)
		JSON_PUT(json, "\"");
	put_value(step, format, json, value);
	if (step->as_text)
		JSON_PUT(json, "\"");
	if (step->as_array)
		JSON_PUT(json, "]");
}

/* Closes the objects of a step but `left` of them. */
static void close_objects(struct json_print *json, const struct plan_step *step, unsigned left) {
	for (unsigned level = step->depth; level-- > left;) {
		JSON_PUT(json, "}");
		if ((step->arrays & 1u << level) != 0)
			JSON_PUT(json, "]");
	}
}

void plan_print_json(const struct plan *plan, enum fields_format format, struct json_print *json, const struct fields_subject *subject) {
	const struct plan_step *last = NULL; /* whose objects are open */
	unsigned open = 0;                   /* of them, those that this step is in, too */
	struct fields_value value;
	JSON_PUT(json, "{");
	for (size_t i = 0; i < plan->count; i++) {
		const struct plan_step *step = &plan->steps[i];
		if (step->shared < open)
			open = step->shared;
		if (step->constant == NULL ? !plan_get(step, subject, &value) : subject->cut >= FIELDS_CUT_MOST && !step->row->core)
			continue;
		if (last != NULL) {
			close_objects(json, last, open);
			JSON_PUT(json, ",");
		}
		json_put(json, step->open + step->open_at[open], step->open_len - step->open_at[open]);
		if (step->constant != NULL)
			json_put(json, step->constant, step->constant_len);
		else
			put_marked_value(step, format, json, &value);
		last = step;
		open = step->depth;
	}
	if (last != NULL)
		close_objects(json, last, 0);
	JSON_PUT(json, "}");
}
