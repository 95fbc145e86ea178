/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What OCSF asks for beside facts: numbers of classes and activities, each with its caption, and what can be searched for.
 */
#include "decode/ascii.h"
#include "report/fields/attack.h"
#include "report/fields/columns.h"
#include "report/names.h"

static const struct class {
	int category, number;
	const char *category_name, *name;
} classes[FIELDS_KINDS] = {
	[FIELDS_SESSION] = {4, 4001, "Network Activity", "Network Activity"},
	[FIELDS_TRANSACTION] = {4, 4009, "Network Activity", "Email Activity"},
	[FIELDS_AUTH] = {3, 3002, "Identity & Access Management", "Authentication"},
	[FIELDS_FINDING] = {2, 2004, "Findings", "Detection Finding"},
	[FIELDS_DIAGNOSIS] = {2, 2004, "Findings", "Detection Finding"},
};

struct activity {
	int number;
	const char *name;
};

static struct activity activity_of_session(const struct record *record) {
	switch (record->close.how) {
	case STREAM_CLOSE_REFUSED:
		return (struct activity){5, "Refuse"};
	case STREAM_CLOSE_UNANSWERED:
	case STREAM_CLOSE_UNREACHABLE:
		return (struct activity){4, "Fail"};
	case STREAM_CLOSE_RESET_BY_CLIENT:
	case STREAM_CLOSE_RESET_BY_SERVER:
		return (struct activity){3, "Reset"};
	case STREAM_CLOSE_FIN:
		return (struct activity){2, "Close"};
	case STREAM_CLOSE_IDLE_TIMEOUT:
	case STREAM_CLOSE_CAPTURE_ENDED:
	case STREAM_CLOSE_EVICTED:
	case STREAM_CLOSE_NONE:
	case STREAM_CLOSE_COUNT:
		break;
	}
	return (struct activity){6, "Traffic"};
}

static struct activity activity_of_mail(const struct fields_subject *subject) {
	switch (fields_direction(subject)) {
	case FIELDS_DIRECTION_INBOUND:
		return (struct activity){2, "Receive"};
	case FIELDS_DIRECTION_OUTBOUND:
		return (struct activity){1, "Send"};
	case FIELDS_DIRECTION_UNKNOWN:
	case FIELDS_DIRECTION_INTERNAL:
	case FIELDS_DIRECTION_EXTERNAL:
		break;
	}
	/* There is no such activity in 1.3. */
	return subject->options->ocsf_1_3 ? (struct activity){0, "Unknown"} : (struct activity){5, "MTA Relay"};
}

static struct activity activity_of(const struct fields_subject *subject) {
	switch (subject->kind) {
	case FIELDS_SESSION:
		return activity_of_session(subject->record);
	case FIELDS_TRANSACTION:
		return activity_of_mail(subject);
	case FIELDS_AUTH:
		return (struct activity){1, "Logon"};
	case FIELDS_DIAGNOSIS:
		if (subject->diagnosis->state == DIAGNOSIS_STATE_UPDATED)
			return (struct activity){2, "Update"};
		if (subject->diagnosis->state == DIAGNOSIS_STATE_CLOSED)
			return (struct activity){3, "Close"};
		break;
	case FIELDS_FINDING:
	case FIELDS_STATISTICS:
	case FIELDS_KINDS:
		break;
	}
	return (struct activity){1, "Create"};
}

GETTER(get_activity_id) {
	return fields_number(value, activity_of(subject).number);
}

GETTER(get_activity) {
	return fields_constant(value, activity_of(subject).name);
}

GETTER(get_category_uid) {
	return fields_number(value, classes[subject->kind].category);
}

GETTER(get_category) {
	return fields_constant(value, classes[subject->kind].category_name);
}

GETTER(get_class_uid) {
	return fields_number(value, classes[subject->kind].number);
}

GETTER(get_class) {
	return fields_constant(value, classes[subject->kind].name);
}

GETTER(get_type_uid) {
	return fields_number(value, classes[subject->kind].number * 100 + activity_of(subject).number);
}

GETTER(get_type) {
	return fields_text(value, fields_join(subject, slice_of(classes[subject->kind].name), ": ", slice_of(activity_of(subject).name)));
}

GETTER(get_severity) {
	static const char *const captions[] = {[FINDING_INFO] = "Informational", [FINDING_LOW] = "Low", [FINDING_MEDIUM] = "Medium",
		[FINDING_HIGH] = "High", [FINDING_CRITICAL] = "Critical"};
	return fields_constant(value, captions[fields_severity(subject)]);
}

GETTER(get_status_id) {
	static const int ids[] = {[FIELDS_OUTCOME_NONE] = 0, [FIELDS_OUTCOME_UNKNOWN] = 0, [FIELDS_OUTCOME_SUCCESS] = 1, [FIELDS_OUTCOME_FAILURE] = 2};
	return fields_number(value, ids[fields_outcome(subject)]);
}

GETTER(get_status) {
	static const char *const captions[] = {[FIELDS_OUTCOME_NONE] = "Unknown", [FIELDS_OUTCOME_UNKNOWN] = "Unknown",
		[FIELDS_OUTCOME_SUCCESS] = "Success", [FIELDS_OUTCOME_FAILURE] = "Failure"};
	return fields_constant(value, captions[fields_outcome(subject)]);
}

/* Of a finding: that it is new. */
static bool is_closed(const struct fields_subject *subject) {
	return subject->diagnosis != NULL && subject->diagnosis->state == DIAGNOSIS_STATE_CLOSED;
}

GETTER(get_finding_status_id) {
	return fields_number(value, is_closed(subject) ? 4 : 1);
}

GETTER(get_finding_status) {
	return fields_constant(value, is_closed(subject) ? "Resolved" : "New");
}

/* 1.3 has no number for it. */
GETTER(get_action_id) {
	return fields_number(value, subject->options->ocsf_1_3 ? 99 : 3);
}

GETTER(get_version) {
	return fields_constant(value, subject->options->ocsf_1_3 ? "1.3.0" : "1.8.0");
}

static const char *const directions[] = {
	[FIELDS_DIRECTION_UNKNOWN] = "Unknown",
	[FIELDS_DIRECTION_INBOUND] = "Inbound",
	[FIELDS_DIRECTION_OUTBOUND] = "Outbound",
	[FIELDS_DIRECTION_INTERNAL] = "Internal",
	[FIELDS_DIRECTION_EXTERNAL] = "Unknown",
};

GETTER(get_direction_id) {
	enum fields_direction direction = fields_direction(subject);
	return fields_number(value, direction == FIELDS_DIRECTION_EXTERNAL ? 0 : (int)direction);
}

GETTER(get_direction) {
	return fields_constant(value, directions[fields_direction(subject)]);
}

/* The numbers are the same, the third word is not. */
GETTER(get_connection_direction) {
	enum fields_direction direction = fields_direction(subject);
	return fields_constant(value, direction == FIELDS_DIRECTION_INTERNAL ? "Lateral" : directions[direction]);
}

GETTER(get_original_time) {
	char text[JSON_TIME_MAX];
	char *end = json_rfc3339(subject->json, text, subject->time_ns);
	size_t len = (size_t)(end - text);
	return fields_text(value, (struct slice){arena_copy(subject->arena, text, len), len});
}

GETTER(get_command) {
	static const char *const verbs[] = {[EVENT_PROTOCOL_SMTP] = "HELO", [EVENT_PROTOCOL_ESMTP] = "EHLO", [EVENT_PROTOCOL_LMTP] = "LHLO"};
	const struct record *record = subject->record;
	if (record->client_name.len == 0 || record->protocol > EVENT_PROTOCOL_LMTP || verbs[record->protocol] == NULL)
		return false;
	return fields_text(value, fields_join(subject, slice_of(verbs[record->protocol]), " ", record->client_name));
}

GETTER(get_user_type_id) {
	bool known = subject->attempt->has_username && subject->json->users != WRITER_USERS_OMIT;
	return fields_number(value, known ? 1 : 0);
}

GETTER(get_user_type) {
	get_user_type_id(subject, value);
	return fields_constant(value, value->number != 0 ? "User" : "Unknown");
}

GETTER(get_title) {
	return fields_constant(value, subject->finding != NULL ? subject->finding->title : subject->diagnosis->title);
}

GETTER(get_explanation) {
	return fields_text(value, fields_explanation(subject));
}

GETTER(get_rule) {
	return fields_constant(value, subject->finding != NULL ? subject->finding->id : subject->diagnosis->id);
}

GETTER(get_uid) {
	return fields_constant(value, subject->diagnosis != NULL ? subject->diagnosis->key : subject->id);
}

GETTER(get_time) {
	return fields_number(value, subject->time_ns);
}

GETTER(get_first_seen) {
	value->number = subject->diagnosis != NULL ? subject->diagnosis->first_ns : subject->record->open.first.time_ns;
	return true;
}

GETTER(get_last_seen) {
	value->number = subject->diagnosis != NULL ? subject->diagnosis->last_ns : subject->record->close.last.time_ns;
	return true;
}

GETTER(get_server_name) {
	return fields_text(value, fields_address(subject, &subject->diagnosis->server)) && subject->diagnosis->has_server;
}

/* ---- Lists of objects ---- */

struct attack_item {
	const struct attack *attack;
	struct attack_item *next;
};

static const void *next_attack(const void *item) {
	return ((const struct attack_item *)item)->next;
}

static void put_named(struct json_print *json, const char *key, const char *uid, const char *name) {
	JSON_PUT(json, ",\"");
	json_put_text(json, key);
	JSON_PUT(json, "\":{\"uid\":");
	json_put_cstring(json, uid);
	JSON_MEMBER(json, "name");
	json_put_cstring(json, name);
	JSON_PUT(json, "}");
}

static void print_attack(struct json_print *json, const void *item, size_t number) {
	const struct attack *attack = ((const struct attack_item *)item)->attack;
	JSON_PUT(json, "{\"version\":\"" ATTACK_VERSION "\"");
	put_named(json, "tactic", attack->tactic_id, attack->tactic_name);
	put_named(json, "technique", attack->id, attack->name);
	if (attack->sub_id != NULL)
		put_named(json, "sub_technique", attack->sub_id, attack->sub_name);
	JSON_PUT(json, "}");
}

GETTER(get_attacks) {
	const char *const *ids = fields_attack(subject);
	struct attack_item *first = NULL, **tail = &first;
	for (size_t i = 0; ids != NULL && ids[i] != NULL; i++) {
		const struct attack *attack = attack_find(ids[i]);
		if (attack == NULL)
			continue;
		*tail = arena_alloc(subject->arena, sizeof(**tail));
		(*tail)->attack = attack;
		tail = &(*tail)->next;
	}
	value->objects = (struct fields_object){.print = print_attack, .first = first, .next = next_attack};
	return first != NULL;
}

struct observable {
	const char *name, *type;
	int type_id;
	struct slice value;
	const struct observable *next;
};

static const void *next_observable(const void *item) {
	return ((const struct observable *)item)->next;
}

static void print_observable(struct json_print *json, const void *item, size_t number) {
	const struct observable *observable = item;
	JSON_PUT(json, "{\"name\":");
	json_put_cstring(json, observable->name);
	JSON_MEMBER(json, "type");
	json_put_cstring(json, observable->type);
	JSON_MEMBER(json, "type_id");
	json_put_number(json, (uint64_t)observable->type_id);
	JSON_MEMBER(json, "value");
	json_put_string(json, observable->value);
	JSON_PUT(json, "}");
}

struct observables {
	const struct fields_subject *subject;
	struct observable *first, *last;
};

static void add_observable(struct observables *list, const char *name, int type_id, const char *type, struct slice text) {
	if (text.len == 0)
		return;
	if (text.len > FIELDS_TEXT_CUT && list->subject->cut >= FIELDS_CUT_SUBJECT)
		return;
	struct observable *item = arena_alloc(list->subject->arena, sizeof(*item));
	*item = (struct observable){.name = name, .type = type, .type_id = type_id, .value = text};
	if (list->last != NULL)
		list->last->next = item;
	else
		list->first = item;
	list->last = item;
}

static void add_endpoints(struct observables *list, const char *client, const char *server) {
	const struct record *record = list->subject->record;
	add_observable(list, client, 2, "IP Address", fields_address(list->subject, &record->open.client));
	add_observable(list, server, 2, "IP Address", fields_address(list->subject, &record->open.server));
}

/* Only what the class itself has: each name is the path of an attribute of the document. */
static void add_value(struct observables *list, const char *name, int type_id, const char *type) {
	struct fields_value found;
	for (const struct fields_row *const *group = fields_groups; *group != NULL; group++)
		for (const struct fields_row *row = *group; row->kinds != 0; row++) {
			const char *names = fields_names_in(row, list->subject->options->ocsf_1_3 ? FIELDS_OCSF_1_3 : FIELDS_OCSF);
			if ((row->kinds & FIELDS_OF(list->subject->kind)) == 0 || names == NULL || strcmp(names, name) != 0 ||
				row->type != FIELDS_TEXT || row->get == NULL || !row->get(list->subject, &found))
				continue;
			add_observable(list, name, type_id, type, found.text);
			return;
		}
}

GETTER(get_observables) {
	struct observables list = {.subject = subject};
	if (subject->cut >= FIELDS_CUT_MOST)
		return false;
	switch (subject->kind) {
	case FIELDS_TRANSACTION:
		add_endpoints(&list, "src_endpoint.ip", "dst_endpoint.ip");
		add_value(&list, subject->options->ocsf_1_3 ? "email.smtp_from" : "from", 5, "Email Address");
		break;
	case FIELDS_SESSION:
		add_endpoints(&list, "src_endpoint.ip", "dst_endpoint.ip");
		break;
	case FIELDS_AUTH:
		if (subject->attempt->has_username)
			add_observable(&list, "user.name", 4, "User Name", fields_user(subject, subject->attempt->username));
		add_endpoints(&list, "src_endpoint.ip", "dst_endpoint.ip");
		break;
	case FIELDS_FINDING:
		add_endpoints(&list, "evidences[0].src_endpoint.ip", "evidences[0].dst_endpoint.ip");
		break;
	case FIELDS_DIAGNOSIS:
		if (subject->diagnosis->has_server)
			add_observable(&list, "evidences[0].dst_endpoint.ip", 2, "IP Address", fields_address(subject, &subject->diagnosis->server));
		break;
	case FIELDS_STATISTICS:
	case FIELDS_KINDS:
		break;
	}
	value->objects = (struct fields_object){.print = print_observable, .first = list.first, .next = next_observable};
	return list.first != NULL;
}

#define EVENTS (RECORD | D)

#define ROW(column, row_type, row_kinds, getter, words) \
	{.type = row_type, .kinds = row_kinds, .get = getter, .core = true, .meaning = words, NAMES(OCSF = column)}
#define CONSTANT(column, row_type, row_kinds, constant, words) \
	{.type = row_type, .kinds = row_kinds, .text = constant, .core = true, .meaning = words, NAMES(OCSF = column)}

const struct fields_row fields_ocsf[] = {
	ROW("activity_id", FIELDS_NUMBER, EVENTS, get_activity_id, "What happened, by number"),
	ROW("activity_name", FIELDS_TEXT, EVENTS, get_activity, "What happened"),
	ROW("category_uid", FIELDS_NUMBER, EVENTS, get_category_uid, "Category of the class"),
	ROW("category_name", FIELDS_TEXT, EVENTS, get_category, "Its caption"),
	ROW("class_uid", FIELDS_NUMBER, EVENTS, get_class_uid, "Class"),
	ROW("class_name", FIELDS_TEXT, EVENTS, get_class, "Its caption"),
	ROW("type_uid", FIELDS_NUMBER, EVENTS, get_type_uid, "Class and activity"),
	ROW("type_name", FIELDS_TEXT, EVENTS, get_type, "Their captions"),
	ROW("severity", FIELDS_TEXT, EVENTS, get_severity, "How severe"),
	ROW("status_id", FIELDS_NUMBER, S | T | A, get_status_id, "Outcome, by number"),
	ROW("status", FIELDS_TEXT, S | T | A, get_status, "Outcome"),
	ROW("status_id", FIELDS_NUMBER, ALERT, get_finding_status_id, "Whether it is over, by number"),
	ROW("status", FIELDS_TEXT, ALERT, get_finding_status, "Whether it is over"),
	CONSTANT("timezone_offset", FIELDS_NUMBER, EVENTS, "0", "Times are UTC"),
	ROW("metadata.version", FIELDS_TEXT, EVENTS, get_version, "The version of OCSF"),
	CONSTANT("metadata.product.uid", FIELDS_TEXT, EVENTS, "smtpscope", "The program"),
	ROW("metadata.original_time", FIELDS_TEXT, EVENTS, get_original_time, "The time of the document, with microseconds"),
	ROW("direction_id", FIELDS_NUMBER, T, get_direction_id, "Direction, by number (--local-net)"),
	ROW("direction", FIELDS_TEXT, T, get_direction, "Direction"),
	{.type = FIELDS_TEXT, .kinds = T, .get = get_command, .cut = FIELDS_CUT_TEXTS, .meaning = "How the client said hello",
		NAMES(OCSF = "command", OCSF_1_3 = "")},
	CONSTANT("app_name", FIELDS_TEXT, S, "smtp", "The application"),
	ROW("connection_info.direction_id", FIELDS_NUMBER, S, get_direction_id, "Direction, by number (--local-net)"),
	ROW("connection_info.direction", FIELDS_TEXT, S, get_connection_direction, "Direction"),
	CONSTANT("connection_info.protocol_name", FIELDS_TEXT, S, "tcp", "The transport"),
	CONSTANT("connection_info.protocol_num", FIELDS_NUMBER, S, "6", "Its number"),
	CONSTANT("is_remote", FIELDS_BOOL, A, "true", "A login over the network"),
	ROW("user.type_id", FIELDS_NUMBER, A, get_user_type_id, "Whether the user is known, by number"),
	ROW("user.type", FIELDS_TEXT, A, get_user_type, "Whether the user is known"),
	{.type = FIELDS_BOOL, .kinds = ALERT, .text = "true", .core = true, .meaning = "It is meant for somebody to look at",
		NAMES(OCSF = "is_alert", OCSF_1_3 = "")},
	CONSTANT("confidence_id", FIELDS_NUMBER, ALERT, "3", "How sure it is, by number"),
	CONSTANT("confidence", FIELDS_TEXT, ALERT, "High", "How sure it is"),
	CONSTANT("metadata.profiles", FIELDS_TEXTS, ALERT, "security_control", "Profiles of OCSF that are used"),
	ROW("action_id", FIELDS_NUMBER, ALERT, get_action_id, "It was watched, not stopped"),
	CONSTANT("action", FIELDS_TEXT, ALERT, "Observed", "It was watched, not stopped"),
	CONSTANT("disposition_id", FIELDS_NUMBER, ALERT, "15", "It was detected"),
	CONSTANT("disposition", FIELDS_TEXT, ALERT, "Detected", "It was detected"),
	ROW("finding_info.uid", FIELDS_TEXT, ALERT, get_uid, "Id of the finding; of a diagnosis, the same while it lasts"),
	ROW("finding_info.title", FIELDS_TEXT, ALERT, get_title, "Its title"),
	{.type = FIELDS_TEXT, .kinds = ALERT, .get = get_explanation, .cut = FIELDS_CUT_REPLY, .meaning = "What happened, in a sentence or two",
		NAMES(OCSF = "finding_info.desc")},
	ROW("finding_info.types[]", FIELDS_TEXT, ALERT, get_rule, "Id of the finding's rule"),
	ROW("finding_info.created_time", FIELDS_TIME, ALERT, get_time, "When it was found, by the packets"),
	ROW("finding_info.first_seen_time", FIELDS_TIME, ALERT, get_first_seen, "When it began"),
	ROW("finding_info.last_seen_time", FIELDS_TIME, ALERT, get_last_seen, "When it was last seen"),
	CONSTANT("finding_info.data_sources", FIELDS_TEXTS, ALERT, "smtpscope.session", "What it was found in"),
	ROW("finding_info.analytic.name", FIELDS_TEXT, ALERT, get_title, "Its title"),
	ROW("finding_info.analytic.uid", FIELDS_TEXT, ALERT, get_rule, "Id of the finding's rule"),
	CONSTANT("finding_info.analytic.type_id", FIELDS_NUMBER, ALERT, "1", "A rule"),
	CONSTANT("finding_info.analytic.type", FIELDS_TEXT, ALERT, "Rule", "A rule"),
	{.type = FIELDS_OBJECTS, .kinds = ALERT, .get = get_attacks, .meaning = "Techniques of MITRE ATT&CK", NAMES(OCSF = "finding_info.attacks")},
	ROW("evidences[].connection_info.direction_id", FIELDS_NUMBER, F, get_direction_id, "Direction, by number (--local-net)"),
	ROW("evidences[].connection_info.direction", FIELDS_TEXT, F, get_connection_direction, "Direction"),
	CONSTANT("evidences[].connection_info.protocol_name", FIELDS_TEXT, F, "tcp", "The transport"),
	CONSTANT("evidences[].connection_info.protocol_num", FIELDS_NUMBER, F, "6", "Its number"),
	ROW("resources[].name", FIELDS_TEXT, D, get_server_name, "Address of the server"),
	CONSTANT("resources[].type", FIELDS_TEXT, F, "SMTP server", "What it is about"),
	{.type = FIELDS_OBJECTS, .kinds = EVENTS, .get = get_observables, .meaning = "What can be searched for", NAMES(OCSF = "observables")},
	{.kinds = 0},
};
