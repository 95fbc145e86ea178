/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Diagnoses: what many sessions say together.
 */
#include <arpa/inet.h>

#include "decode/ascii.h"
#include "report/fields/columns.h"

GETTER(get_key) {
	return fields_constant(value, subject->diagnosis->key);
}

GETTER(get_state) {
	static const char *const names[] = {
		[DIAGNOSIS_STATE_NONE] = NULL,
		[DIAGNOSIS_STATE_NEW] = "new",
		[DIAGNOSIS_STATE_UPDATED] = "updated",
		[DIAGNOSIS_STATE_CLOSED] = "closed",
	};
	return fields_constant(value, names[subject->diagnosis->state]);
}

GETTER(get_ongoing) {
	value->number = subject->diagnosis->ongoing;
	return true;
}

GETTER(get_server_ip) {
	value->endpoint = &subject->diagnosis->server;
	return subject->diagnosis->has_server;
}

GETTER(get_server_port) {
	return subject->diagnosis->has_server && fields_number(value, subject->diagnosis->server.port);
}

static bool get_list(const struct fields_subject *subject, const char *const *items, size_t kept, struct fields_value *value) {
	struct fields_list list = {.subject = subject};
	for (size_t i = 0; i < kept; i++)
		fields_list_add(&list, slice_of(items[i]));
	return fields_of_list(value, &list);
}

GETTER(get_clients) {
	return get_list(subject, subject->diagnosis->clients, subject->diagnosis->clients_kept, value);
}

GETTER(get_client_count) {
	return fields_count_if_any(value, subject->diagnosis->client_count);
}

/* Users of a report are as the options want them; with --users omit there are none. */
GETTER(get_users) {
	return subject->json->users != WRITER_USERS_OMIT &&
		get_list(subject, subject->diagnosis->users, subject->diagnosis->users_kept, value);
}

GETTER(get_user_count) {
	return fields_count_if_any(value, subject->diagnosis->user_count);
}

GETTER(get_unaffected) {
	return subject->json->users != WRITER_USERS_OMIT &&
		get_list(subject, subject->diagnosis->unaffected_users, subject->diagnosis->unaffected_users_kept, value);
}

GETTER(get_sessions) {
	return get_list(subject, subject->diagnosis->sessions, subject->diagnosis->sessions_kept, value);
}

GETTER(get_session_count) {
	return fields_count_if_any(value, subject->diagnosis->session_count);
}

GETTER(get_changes) {
	return get_list(subject, subject->diagnosis->changes, subject->diagnosis->change_count, value);
}

GETTER(get_considered) {
	return get_list(subject, subject->diagnosis->considered, subject->diagnosis->considered_count, value);
}

GETTER(get_filter) {
	return fields_constant(value, subject->diagnosis->filter);
}

static bool is_address(const char *text) {
	unsigned char address[16];
	return inet_pton(AF_INET, text, address) == 1 || inet_pton(AF_INET6, text, address) == 1;
}

GETTER(get_related_ips) {
	const struct diagnosis *diagnosis = subject->diagnosis;
	struct fields_list list = {.subject = subject};
	if (diagnosis->has_server)
		fields_list_add(&list, fields_address(subject, &diagnosis->server));
	for (size_t i = 0; i < diagnosis->clients_kept; i++)
		if (is_address(diagnosis->clients[i]))
			fields_list_add_new(&list, slice_of(diagnosis->clients[i]));
	return fields_of_list(value, &list);
}

/* Of one client alone. */
GETTER(get_client) {
	const struct diagnosis *diagnosis = subject->diagnosis;
	return diagnosis->client_count == 1 && diagnosis->clients_kept == 1 && is_address(diagnosis->clients[0]) &&
		fields_constant(value, diagnosis->clients[0]);
}

const struct fields_row fields_diagnosis[] = {
	{.name = "diagnosis_id", .type = FIELDS_TEXT, .kinds = D, .get = get_key, .core = true,
		.meaning = "The same for the same incident", NAMES(ECS = "smtp.diagnosis.id", SPLUNK = "event.diagnosis_id",
			OCSF = "metadata.correlation_uid", CEF = "cs4:diagnosisId", LEEF = "diagnosisId")},
	{.name = "state", .type = FIELDS_TEXT, .kinds = D, .get = get_state, .core = true,
		.meaning = "new, updated or closed, when it is told while it lasts",
		NAMES(ECS = "smtp.diagnosis.state", SPLUNK = "event.state", CEF = "cs1:diagnosisState", LEEF = "state")},
	{.name = "ongoing", .type = FIELDS_BOOL, .kinds = D, .get = get_ongoing, .meaning = "It was not over at the end of what was seen",
		NAMES(ECS = "smtp.diagnosis.ongoing", SPLUNK = "event.ongoing", OCSF = "unmapped.smtp.ongoing", LEEF = "ongoing")},
	{.name = "server.ip", .type = FIELDS_IP, .kinds = D, .get = get_server_ip, .core = true, .meaning = "Address of the server",
		NAMES(ECS = "destination.address destination.ip server.address server.ip", CEF = "dst", LEEF = "dst", SPLUNK = "event.dest",
			OCSF = "evidences[].dst_endpoint.ip resources[].ip", OCSF_1_3 = "evidences[].dst_endpoint.ip")},
	{.name = "server.port", .type = FIELDS_NUMBER, .kinds = D, .get = get_server_port, .core = true, .meaning = "Its port",
		NAMES(ECS = "destination.port server.port", CEF = "dpt", LEEF = "dstPort", SPLUNK = "event.dest_port",
			OCSF = "evidences[].dst_endpoint.port")},
	{.name = "clients", .type = FIELDS_TEXT, .kinds = D, .get = get_client, .meaning = "Address of the client, if there is one only",
		NAMES(ECS = "source.address source.ip client.address client.ip", CEF = "src", LEEF = "src", SPLUNK = "event.src",
			OCSF = "evidences[].src_endpoint.ip")},
	{.name = "clients", .type = FIELDS_TEXTS, .kinds = D, .get = get_clients, .cut = FIELDS_CUT_ADDRESSES, .meaning = "Addresses of clients",
		NAMES(ECS = "smtp.diagnosis.clients", SPLUNK = "event.clients", OCSF = "unmapped.smtp.clients")},
	{.name = "client_count", .type = FIELDS_NUMBER, .kinds = D, .get = get_client_count, .meaning = "How many clients there were",
		NAMES(ECS = "smtp.diagnosis.client_count", SPLUNK = "event.client_count", OCSF = "unmapped.smtp.client_count",
			CEF = "cn1:clientCount", LEEF = "clientCount")},
	{.name = "users", .type = FIELDS_TEXTS, .kinds = D, .get = get_users, .cut = FIELDS_CUT_ADDRESSES, .meaning = "Users that it is about",
		NAMES(ECS = "smtp.diagnosis.users related.user", SPLUNK = "event.user", OCSF = "unmapped.smtp.users")},
	{.name = "user_count", .type = FIELDS_NUMBER, .kinds = D, .get = get_user_count, .meaning = "How many users there were",
		NAMES(ECS = "smtp.diagnosis.user_count", SPLUNK = "event.user_count", OCSF = "unmapped.smtp.user_count",
			CEF = "cn3:userCount", LEEF = "userCount")},
	{.name = "unaffected_users", .type = FIELDS_TEXTS, .kinds = D, .get = get_unaffected, .cut = FIELDS_CUT_ADDRESSES,
		.meaning = "Users for whom it works", NAMES(ECS = "smtp.diagnosis.unaffected_users", SPLUNK = "event.unaffected_users",
			OCSF = "unmapped.smtp.unaffected_users")},
	{.name = "sessions", .type = FIELDS_TEXTS, .kinds = D, .get = get_sessions, .cut = FIELDS_CUT_EVIDENCE,
		.meaning = "Ids of sessions that show it", NAMES(ECS = "smtp.diagnosis.sessions", SPLUNK = "event.sessions",
			OCSF = "unmapped.smtp.sessions")},
	{.name = "session_count", .type = FIELDS_NUMBER, .kinds = D, .get = get_session_count, .meaning = "How many sessions there were",
		NAMES(ECS = "smtp.diagnosis.session_count", SPLUNK = "event.session_count", OCSF = "count unmapped.smtp.session_count", CEF = "cnt",
			LEEF = "sessionCount")},
	{.name = "changes", .type = FIELDS_TEXTS, .kinds = D, .get = get_changes, .meaning = "What changed at the server",
		NAMES(ECS = "smtp.diagnosis.changes", SPLUNK = "event.changes", OCSF = "unmapped.smtp.changes")},
	{.name = "considered", .type = FIELDS_TEXTS, .kinds = D, .get = get_considered, .meaning = "What else was weighed, and why it was not chosen",
		NAMES(ECS = "smtp.diagnosis.considered", OCSF = "unmapped.smtp.considered")},
	{.name = "filter", .type = FIELDS_TEXT, .kinds = D, .get = get_filter, .cut = FIELDS_CUT_EVIDENCE,
		.meaning = "A display filter for Wireshark that shows the evidence", NAMES(ECS = "smtp.diagnosis.filter", SPLUNK = "event.filter",
			OCSF = "unmapped.smtp.filter")},
	{.name = "related.ip", .type = FIELDS_TEXTS, .kinds = D, .get = get_related_ips, .meaning = "All addresses", NAMES(ECS = "related.ip")},
	{.type = FIELDS_TEXT, .kinds = D, .text = "smtp", .meaning = "The protocol", NAMES(ECS = "network.protocol", SPLUNK = "event.app")},
	{.type = FIELDS_TEXT, .kinds = D, .text = "tcp", .meaning = "The transport", NAMES(ECS = "network.transport")},
	{.kinds = 0},
};
