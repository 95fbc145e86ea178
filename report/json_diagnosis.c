/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A diagnosis as a tree of json-c objects. There are few diagnoses, so that plainness counts and speed does not.
 */
#include "report/json_diagnosis.h"

#include "report/address.h"
#include "report/findings.h"

/* Adds members to an object; remembers the first failure. */
struct builder {
	struct json_print *json;
	struct json_object *object;
	bool failed;
};

static struct builder begin(struct json_print *json) {
	struct json_object *object = json_object_new_object();
	return (struct builder){.json = json, .object = object, .failed = object == NULL};
}

static struct json_object *end(struct builder *builder) {
	if (!builder->failed)
		return builder->object;
	json_object_put(builder->object);
	return NULL;
}

/* Takes value over. NULL is no memory. */
static void add(struct builder *builder, const char *key, struct json_object *value) {
	if (!builder->failed && value != NULL && json_object_object_add(builder->object, key, value) == 0)
		return;
	json_object_put(value);
	builder->failed = true;
}

static void add_string(struct builder *builder, const char *key, const char *text) {
	add(builder, key, json_object_new_string(text));
}

static void add_string_if_any(struct builder *builder, const char *key, const char *text) {
	if (text != NULL)
		add_string(builder, key, text);
}

static void add_number(struct builder *builder, const char *key, uint64_t number) {
	add(builder, key, json_object_new_uint64(number));
}

static void add_time(struct builder *builder, const char *key, int64_t time_ns) {
	char text[JSON_TIME_MAX];
	char *text_end = json_rfc3339(builder->json, text, time_ns);
	add(builder, key, json_object_new_string_len(text, (int)(text_end - text)));
}

/* Takes both over. */
static bool append(struct json_object *array, struct json_object *value) {
	if (value != NULL && json_object_array_add(array, value) == 0)
		return true;
	json_object_put(value);
	return false;
}

static void add_strings(struct builder *builder, const char *key, const char *const *texts, size_t count) {
	struct json_object *array = json_object_new_array();
	bool ok = array != NULL;
	for (size_t i = 0; i < count && ok; i++)
		ok = append(array, json_object_new_string(texts[i]));
	if (!ok) {
		json_object_put(array);
		array = NULL;
	}
	add(builder, key, array);
}

static void add_strings_if_any(struct builder *builder, const char *key, const char *const *texts, size_t count) {
	if (count > 0)
		add_strings(builder, key, texts, count);
}

/* A list that may be cut, and how many there are. */
static void add_list_if_any(struct builder *builder, const char *key, const char *count_key, const char *const *texts,
	size_t kept, size_t count) {
	add_strings_if_any(builder, key, texts, kept);
	if (count > 0)
		add_number(builder, count_key, count);
}

static void add_users_if_any(struct builder *builder, const char *key, const char *count_key, const char *const *users,
	size_t kept, size_t count) {
	if (builder->json->users == WRITER_USERS_OMIT)
		kept = 0;
	add_list_if_any(builder, key, count_key, users, kept, count);
}

/* As in session documents. */
static struct json_object *endpoint_create(struct json_print *json, const struct stream_endpoint *endpoint) {
	char address[ADDRESS_TEXT_SIZE];
	struct builder builder = begin(json);
	address_print(endpoint, address);
	add_string(&builder, "ip", address);
	add_number(&builder, "port", endpoint->port);
	return end(&builder);
}

static struct json_object *face_create(struct json_print *json, const struct diagnosis_face *face) {
	struct builder builder = begin(json);
	add_string(&builder, "face", face->id);
	add_string_if_any(&builder, "banner", face->banner);
	add_string_if_any(&builder, "software", face->software);
	add_strings(&builder, "capabilities", face->capabilities, face->capability_count);
	add_strings(&builder, "auth", face->auth, face->auth_count);
	add_time(&builder, "first", face->first_ns);
	add_time(&builder, "last", face->last_ns);
	add_number(&builder, "sessions", face->sessions);
	add_number(&builder, "logins_accepted", face->logins_accepted);
	add_number(&builder, "logins_rejected", face->logins_rejected);
	return end(&builder);
}

static struct json_object *read_create(struct json_print *json, const struct diagnosis_client_text *text) {
	struct builder builder = begin(json);
	add_string(&builder, "client", text->client);
	add_string_if_any(&builder, "code", text->code);
	add_string(&builder, "text", text->text);
	add_string(&builder, "confidence", text->confidence);
	return end(&builder);
}

static void add_reads_if_any(struct builder *builder, const struct diagnosis *diagnosis) {
	if (diagnosis->read_count == 0)
		return;
	struct json_object *array = json_object_new_array();
	for (size_t i = 0; i < diagnosis->read_count && array != NULL; i++)
		builder->failed |= !append(array, read_create(builder->json, &diagnosis->reads[i]));
	add(builder, "client_reads", array);
}

static struct json_object *frame_create(struct json_print *json, const struct diagnosis_frame *frame) {
	struct builder builder = begin(json);
	add_string(&builder, "source", frame->source);
	add_number(&builder, "frame", frame->frame);
	return end(&builder);
}

static void add_frames(struct builder *builder, const struct diagnosis *diagnosis) {
	struct json_object *array = json_object_new_array();
	for (size_t i = 0; i < diagnosis->frames_kept && array != NULL; i++)
		builder->failed |= !append(array, frame_create(builder->json, &diagnosis->frames[i]));
	add(builder, "frames", array);
}

static const char *state_name(enum diagnosis_state state) {
	static const char *const names[] = {
		[DIAGNOSIS_STATE_NONE] = "none",
		[DIAGNOSIS_STATE_NEW] = "new",
		[DIAGNOSIS_STATE_UPDATED] = "updated",
		[DIAGNOSIS_STATE_CLOSED] = "closed",
	};
	return names[state];
}

static bool is_finer_than_us(const struct diagnosis_face *face) {
	return face != NULL && (face->first_ns % 1000 != 0 || face->last_ns % 1000 != 0);
}

static struct json_object *delay_create(struct json_print *json, const struct diagnosis *diagnosis) {
	struct builder builder = begin(json);
	add_number(&builder, "min", (uint64_t)(diagnosis->shortest_ns / 1000000));
	add_number(&builder, "max", (uint64_t)(diagnosis->longest_ns / 1000000));
	return end(&builder);
}

struct json_object *json_diagnosis_create(struct json_print *json, const struct diagnosis *diagnosis) {
	struct builder builder = begin(json);
	json->nanoseconds = diagnosis->first_ns % 1000 != 0 || diagnosis->last_ns % 1000 != 0 ||
			    is_finer_than_us(diagnosis->before) || is_finer_than_us(diagnosis->after);
	add_string(&builder, "type", "diagnosis");
	add_number(&builder, "schema", JSON_SCHEMA);
	add_string(&builder, "id", diagnosis->id);
	add_string(&builder, "diagnosis_id", diagnosis->key);
	if (diagnosis->state != DIAGNOSIS_STATE_NONE) {
		add_string(&builder, "state", state_name(diagnosis->state));
		add_number(&builder, "updates", diagnosis->updates);
	}
	add_string(&builder, "severity", findings_severity_name(diagnosis->severity));
	add_string(&builder, "title", diagnosis->title);
	add_string(&builder, "explanation", diagnosis->explanation);
	add_strings_if_any(&builder, "causes", diagnosis->causes, diagnosis->cause_count);
	add_strings_if_any(&builder, "checks", diagnosis->checks, diagnosis->check_count);
	add_strings_if_any(&builder, "considered", diagnosis->considered, diagnosis->considered_count);
	add_reads_if_any(&builder, diagnosis);
	size_t attack_count = 0;
	while (diagnosis->attack != NULL && diagnosis->attack[attack_count] != NULL)
		attack_count++;
	add_strings_if_any(&builder, "attack", diagnosis->attack, attack_count);
	if (diagnosis->has_server)
		add(&builder, "server", endpoint_create(json, &diagnosis->server));
	add_list_if_any(
		&builder, "clients", "client_count", diagnosis->clients, diagnosis->clients_kept, diagnosis->client_count);
	add_users_if_any(&builder, "users", "user_count", diagnosis->users, diagnosis->users_kept, diagnosis->user_count);
	add_users_if_any(&builder, "unaffected_users", "unaffected_user_count", diagnosis->unaffected_users,
		diagnosis->unaffected_users_kept, diagnosis->unaffected_user_count);
	if (diagnosis->before != NULL)
		add(&builder, "before", face_create(json, diagnosis->before));
	if (diagnosis->after != NULL)
		add(&builder, "after", face_create(json, diagnosis->after));
	add_strings_if_any(&builder, "changes", diagnosis->changes, diagnosis->change_count);
	if (diagnosis->has_delay)
		add(&builder, "delay_ms", delay_create(json, diagnosis));
	add_time(&builder, "first", diagnosis->first_ns);
	add_time(&builder, "last", diagnosis->last_ns);
	add(&builder, "ongoing", json_object_new_boolean(diagnosis->ongoing));
	add_strings(&builder, "sessions", diagnosis->sessions, diagnosis->sessions_kept);
	add_number(&builder, "session_count", diagnosis->session_count);
	add_frames(&builder, diagnosis);
	add_string_if_any(&builder, "filter", diagnosis->filter);
	if (diagnosis->left_out > 0)
		add_number(&builder, "left_out", diagnosis->left_out);
	return end(&builder);
}
