/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The connection: who, how much, what could not be seen of it.
 */
#include "decode/ascii.h"
#include "report/fields/columns.h"
#include "report/names.h"
#include "report/software.h"

GETTER(get_client_ip) {
	value->endpoint = &subject->record->open.client;
	return true;
}

GETTER(get_client_port) {
	return fields_number(value, subject->record->open.client.port);
}

GETTER(get_server_ip) {
	value->endpoint = &subject->record->open.server;
	return true;
}

GETTER(get_server_port) {
	return fields_number(value, subject->record->open.server.port);
}

static bool get_ip6(const struct fields_subject *subject, const struct stream_endpoint *endpoint, struct fields_value *value) {
	return endpoint->ip_version == 6 && fields_text(value, fields_address(subject, endpoint));
}

GETTER(get_client_ip6) {
	return get_ip6(subject, &subject->record->open.client, value);
}

GETTER(get_server_ip6) {
	return get_ip6(subject, &subject->record->open.server, value);
}

GETTER(get_origin_ip) {
	const struct stream_endpoint *origin = record_client(subject->record);
	if (origin == &subject->record->open.client)
		return false;
	value->endpoint = origin;
	return true;
}

GETTER(get_server_name) {
	return fields_is_host_name(subject->record->server_name) && fields_text(value, subject->record->server_name);
}

GETTER(get_client_name) {
	return fields_is_host_name(subject->record->client_name) && fields_text(value, subject->record->client_name);
}

GETTER(get_helo) {
	return fields_text(value, subject->record->client_name);
}

GETTER(get_banner) {
	return fields_text(value, subject->record->banner);
}

GETTER(get_software) {
	return fields_constant(value, software_of_banner(subject->record->banner));
}

GETTER(get_service) {
	static const struct {
		uint16_t port;
		const char *name;
	} services[] = {{25, "smtp"}, {465, "submissions"}, {587, "submission"}};
	for (size_t i = 0; i < sizeof(services) / sizeof(services[0]); i++)
		if (services[i].port == subject->record->open.server.port)
			return fields_constant(value, services[i].name);
	return fields_constant(value, subject->record->protocol == EVENT_PROTOCOL_LMTP ? "lmtp" : "smtp");
}

GETTER(get_ip_type) {
	return fields_constant(value, subject->record->open.client.ip_version == 6 ? "ipv6" : "ipv4");
}

GETTER(get_ip_version) {
	return fields_number(value, subject->record->open.client.ip_version);
}

GETTER(get_community_id) {
	return fields_constant(value, subject->record->community_id);
}

GETTER(get_protocol) {
	return fields_constant(value, names_protocol[subject->record->protocol]);
}

GETTER(get_direction) {
	static const char *const names[] = {
		[FIELDS_DIRECTION_INBOUND] = "inbound",
		[FIELDS_DIRECTION_OUTBOUND] = "outbound",
		[FIELDS_DIRECTION_INTERNAL] = "internal",
		[FIELDS_DIRECTION_EXTERNAL] = "external",
	};
	return fields_constant(value, names[fields_direction(subject)]);
}

GETTER(get_email_direction) {
	enum fields_direction direction = fields_direction(subject);
	if (direction != FIELDS_DIRECTION_INBOUND && direction != FIELDS_DIRECTION_OUTBOUND)
		return false;
	return fields_constant(value, direction == FIELDS_DIRECTION_INBOUND ? "inbound" : "outbound");
}

GETTER(get_cef_direction) {
	enum fields_direction direction = fields_direction(subject);
	value->number = direction == FIELDS_DIRECTION_OUTBOUND;
	return direction == FIELDS_DIRECTION_INBOUND || direction == FIELDS_DIRECTION_OUTBOUND;
}

GETTER(get_vlan) {
	const struct stream_open *open = &subject->record->open;
	return open->vlan_count > 0 && fields_number(value, open->vlan[0]);
}

GETTER(get_inner_vlan) {
	const struct stream_open *open = &subject->record->open;
	return open->vlan_count > 1 && fields_number(value, open->vlan[1]);
}

GETTER(get_vlans) {
	const struct stream_open *open = &subject->record->open;
	size_t count = open->vlan_count < STREAM_VLAN_MAX ? open->vlan_count : STREAM_VLAN_MAX;
	if (count == 0)
		return false;
	uint64_t *items = arena_alloc(subject->arena, STREAM_VLAN_MAX * sizeof(*items));
	for (size_t i = 0; i < count; i++)
		items[i] = open->vlan[i];
	value->numbers.items = items;
	value->numbers.count = count;
	return true;
}

static bool count(struct fields_value *value, uint64_t number) {
	value->number = number > INT64_MAX ? INT64_MAX : (int64_t)number;
	return true;
}

GETTER(get_client_bytes) {
	return count(value, subject->record->close.side[STREAM_CLIENT].bytes);
}

GETTER(get_client_packets) {
	return count(value, subject->record->close.side[STREAM_CLIENT].packets);
}

GETTER(get_server_bytes) {
	return count(value, subject->record->close.side[STREAM_SERVER].bytes);
}

GETTER(get_server_packets) {
	return count(value, subject->record->close.side[STREAM_SERVER].packets);
}

GETTER(get_bytes) {
	const struct stream_counters *side = subject->record->close.side;
	return count(value, side[STREAM_CLIENT].bytes + side[STREAM_SERVER].bytes);
}

GETTER(get_packets) {
	const struct stream_counters *side = subject->record->close.side;
	return count(value, side[STREAM_CLIENT].packets + side[STREAM_SERVER].packets);
}

GETTER(get_retransmits) {
	const struct stream_counters *side = subject->record->close.side;
	return count(value, side[STREAM_CLIENT].retransmits + side[STREAM_SERVER].retransmits);
}

GETTER(get_handshake) {
	return fields_number(value, subject->record->close.handshake_ns);
}

GETTER(get_syn_retries) {
	return count(value, subject->record->close.syn_retries);
}

GETTER(get_close) {
	return fields_constant(value, names_close[subject->record->close.how]);
}

GETTER(get_icmp) {
	return fields_constant(value, subject->record->close.icmp);
}

GETTER(get_result) {
	return fields_constant(value, names_result[subject->record->result]);
}

/* What was wrong with the last stage that the session reached. */
static const char *stage_of_session(const struct record *record) {
	const struct record_mail *last = NULL;
	if (record->result != RECORD_RESULT_REFUSED && record->result != RECORD_RESULT_NOT_ESTABLISHED)
		return NULL;
	if (record->result == RECORD_RESULT_NOT_ESTABLISHED)
		return "connect";
	for (const struct record_mail *mail = record->mails; mail != NULL; mail = mail->next)
		last = mail;
	if (last != NULL) {
		if (last->body_reply.seen && last->body_reply.code >= 400)
			return "eod";
		if (last->recipients_refused > 0 && last->recipients_accepted == 0)
			return "rcpt";
		if (last->data_reply.seen && last->data_reply.code >= 400)
			return "data";
		if (last->reply.seen && last->reply.code >= 400)
			return "mail";
		return NULL;
	}
	if (record->auth == RECORD_AUTH_REJECTED)
		return "auth";
	if (record->tls != NULL && record->tls->end.handshake == EVENT_TLS_HANDSHAKE_FAILED)
		return "tls";
	if (record->tls_refused)
		return "starttls";
	if (record->folding.hello_refused)
		return "ehlo";
	return record->greeting.seen && record->greeting.code >= 400 ? "banner" : NULL;
}

GETTER(get_stage) {
	const struct record_mail *mail = subject->mail;
	if (subject->kind == FIELDS_AUTH)
		return fields_constant(value, subject->attempt->result == EVENT_AUTH_REJECTED ? "auth" : NULL);
	if (mail == NULL)
		return fields_constant(value, stage_of_session(subject->record));
	if (mail->result != EVENT_MAIL_REJECTED)
		return false;
	if (mail->body_reply.seen && mail->body_reply.code >= 400)
		return fields_constant(value, "eod");
	if (mail->recipients_refused > 0 && mail->recipients_accepted == 0)
		return fields_constant(value, "rcpt");
	if (mail->data_reply.seen && mail->data_reply.code >= 400)
		return fields_constant(value, "data");
	return fields_constant(value, mail->reply.seen && mail->reply.code >= 400 ? "mail" : NULL);
}

GETTER(get_extensions) {
	const struct record *record = subject->record;
	const struct record_capabilities *list = record->tls_capabilities.seen ? &record->tls_capabilities : &record->clear;
	return list->seen && fields_texts(value, list->lines, list->line_count);
}

GETTER(get_extensions_used) {
	struct fields_list list = {.subject = subject};
	for (size_t i = 0; i < subject->record->extensions_used_count; i++)
		fields_list_add(&list, slice_of(subject->record->extensions_used[i]));
	return fields_of_list(value, &list);
}

GETTER(get_anomalies) {
	const struct record *record = subject->record;
	struct fields_list list = {.subject = subject};
	for (size_t i = 0; i < record->timeline_count; i++)
		if (record->timeline[i].kind == RECORD_ANOMALY)
			fields_list_add_new(&list, slice_of(names_anomaly[record->timeline[i].anomaly.id]));
	return fields_of_list(value, &list);
}

GETTER(get_gaps) {
	return count(value, subject->record->gap_count);
}

GETTER(get_gap_bytes) {
	const struct stream_counters *side = subject->record->close.side;
	return fields_count_if_any(value, side[STREAM_CLIENT].gap_bytes + side[STREAM_SERVER].gap_bytes);
}

GETTER(get_midstream) {
	value->number = subject->record->open.midstream;
	return true;
}

GETTER(get_one_sided) {
	value->number = subject->record->one_sided;
	return true;
}

GETTER(get_roles_guessed) {
	value->number = 1;
	return subject->record->open.roles_guessed;
}

GETTER(get_truncated) {
	const struct record *record = subject->record;
	value->number = record->timeline_truncated > 0 || record->mail_count > record->mails_kept ||
		record->recipient_count > record->recipients_kept || record->attempt_count > record->attempts_kept;
	return true;
}

GETTER(get_dropped) {
	return fields_count_if_any(value, subject->record->dropped_by_kernel);
}

GETTER(get_server_time_max) {
	value->number = subject->record->timing.server.max_ns;
	return subject->record->timing.server.count > 0;
}

GETTER(get_server_time) {
	value->number = subject->record->timing.server.total_ns;
	return subject->record->timing.server.count > 0;
}

GETTER(get_think_time) {
	value->number = subject->record->timing.think.total_ns;
	return subject->record->timing.think.count > 0;
}

GETTER(get_evidence_file) {
	return fields_constant(value, subject->record->evidence.file);
}

/* ---- All that a search for one thing should find ---- */

GETTER(get_related_ips) {
	struct fields_list list = {.subject = subject};
	fields_list_add_new(&list, fields_address(subject, &subject->record->open.client));
	fields_list_add_new(&list, fields_address(subject, &subject->record->open.server));
	fields_list_add_new(&list, fields_address(subject, record_client(subject->record)));
	return fields_of_list(value, &list);
}

GETTER(get_related_hosts) {
	const struct record_tls *tls = subject->record->tls;
	struct fields_list list = {.subject = subject};
	fields_list_add_new(&list, subject->record->client_name);
	fields_list_add_new(&list, subject->record->server_name);
	if (tls != NULL && tls->client != NULL && tls->client->has_server_name)
		fields_list_add_new(&list, tls->client->server_name);
	return fields_of_list(value, &list);
}

static void add_mail_users(struct fields_list *list, const struct record_mail *mail) {
	fields_list_add_new(list, fields_of_envelope(list->subject, mail->from));
	for (const struct record_recipient *to = mail->recipients; to != NULL && list->count < FIELDS_LIST_CUT; to = to->next)
		fields_list_add_new(list, fields_of_envelope(list->subject, to->to));
}

GETTER(get_related_users) {
	const struct record *record = subject->record;
	struct fields_list list = {.subject = subject};
	if (subject->kind != FIELDS_TRANSACTION)
		for (const struct record_attempt *attempt = record->attempts; attempt != NULL && list.count < FIELDS_LIST_CUT;
			attempt = attempt->next)
			if (attempt->has_username && (subject->attempt == NULL || subject->attempt == attempt))
				fields_list_add_new(&list, fields_user(subject, attempt->username));
	if (subject->mail != NULL)
		add_mail_users(&list, subject->mail);
	else if (subject->attempt == NULL)
		for (const struct record_mail *mail = record->mails; mail != NULL && list.count < FIELDS_LIST_CUT; mail = mail->next)
			add_mail_users(&list, mail);
	return fields_of_list(value, &list);
}

const struct fields_row fields_connection[] = {
	{.name = "client.ip", .type = FIELDS_IP, .kinds = RECORD, .get = get_client_ip, .core = true,
		.meaning = "Address of the client: of the side that opened the connection",
		NAMES(ECS = "source.address source.ip client.address client.ip", ZEEK = "id.orig_h", EVE = "src_ip", CEF = "src", LEEF = "src",
			SPLUNK = "event.src")},
	{.name = "client.ip", .type = FIELDS_IP, .kinds = S | T | A, .get = get_client_ip, .core = true,
		.meaning = "Address of the client", NAMES(OCSF = "src_endpoint.ip")},
	{.name = "client.ip", .type = FIELDS_IP, .kinds = F, .get = get_client_ip, .core = true,
		.meaning = "Address of the client", NAMES(OCSF = "evidences[].src_endpoint.ip")},
	{.name = "client.port", .type = FIELDS_NUMBER, .kinds = RECORD, .get = get_client_port, .core = true, .meaning = "Its port",
		NAMES(ECS = "source.port client.port", ZEEK = "id.orig_p", EVE = "src_port", CEF = "spt", LEEF = "srcPort", SPLUNK = "event.src_port")},
	{.name = "client.port", .type = FIELDS_NUMBER, .kinds = S | T | A, .get = get_client_port, .core = true, .meaning = "Its port",
		NAMES(OCSF = "src_endpoint.port")},
	{.name = "client.port", .type = FIELDS_NUMBER, .kinds = F, .get = get_client_port, .core = true, .meaning = "Its port",
		NAMES(OCSF = "evidences[].src_endpoint.port")},
	{.name = "client.ip", .type = FIELDS_TEXT, .kinds = RECORD, .get = get_client_ip6, .meaning = "The client's address when it is of IPv6",
		NAMES(CEF = "c6a2:Source_IPv6_Address")},
	{.name = "server.ip", .type = FIELDS_IP, .kinds = RECORD, .get = get_server_ip, .core = true, .meaning = "Address of the server",
		NAMES(ECS = "destination.address destination.ip server.address server.ip", ZEEK = "id.resp_h", EVE = "dest_ip", CEF = "dst",
			LEEF = "dst", SPLUNK = "event.dest")},
	{.name = "server.ip", .type = FIELDS_IP, .kinds = S | T | A, .get = get_server_ip, .core = true, .meaning = "Address of the server",
		NAMES(OCSF = "dst_endpoint.ip")},
	{.name = "server.ip", .type = FIELDS_IP, .kinds = F, .get = get_server_ip, .core = true, .meaning = "Address of the server",
		NAMES(OCSF = "evidences[].dst_endpoint.ip resources[].ip", OCSF_1_3 = "evidences[].dst_endpoint.ip")},
	{.name = "server.port", .type = FIELDS_NUMBER, .kinds = RECORD, .get = get_server_port, .core = true, .meaning = "Its port",
		NAMES(ECS = "destination.port server.port", ZEEK = "id.resp_p", EVE = "dest_port", CEF = "dpt", LEEF = "dstPort",
			SPLUNK = "event.dest_port")},
	{.name = "server.port", .type = FIELDS_NUMBER, .kinds = S | T | A, .get = get_server_port, .core = true, .meaning = "Its port",
		NAMES(OCSF = "dst_endpoint.port")},
	{.name = "server.port", .type = FIELDS_NUMBER, .kinds = F, .get = get_server_port, .core = true, .meaning = "Its port",
		NAMES(OCSF = "evidences[].dst_endpoint.port")},
	{.name = "server.ip", .type = FIELDS_TEXT, .kinds = RECORD, .get = get_server_ip6, .meaning = "The server's address when it is of IPv6",
		NAMES(CEF = "c6a3:Destination_IPv6_Address")},
	{.name = "client.origin.ip", .type = FIELDS_IP, .kinds = RECORD, .get = get_origin_ip,
		.meaning = "Where the connection really comes from, says a proxy (PROXY) or a gateway (XCLIENT)",
		NAMES(ECS = "network.forwarded_ip", SPLUNK = "event.src_origin", OCSF = "unmapped.smtp.origin_ip", LEEF = "originIp")},
	{.name = "server.name", .type = FIELDS_TEXT, .kinds = RECORD, .get = get_server_name,
		.meaning = "Name of the server in its greeting, if it is the name of a host",
		NAMES(ECS = "destination.domain server.domain", CEF = "dhost", LEEF = "serverName", SPLUNK = "event.dest_name")},
	{.name = "server.name", .type = FIELDS_TEXT, .kinds = S | T | A, .get = get_server_name, .meaning = "Name of the server",
		NAMES(OCSF = "dst_endpoint.hostname")},
	{.name = "server.name", .type = FIELDS_TEXT, .kinds = F, .get = get_server_name, .meaning = "Name of the server",
		NAMES(OCSF = "evidences[].dst_endpoint.hostname resources[].name")},
	{.name = "client.name", .type = FIELDS_TEXT, .kinds = RECORD, .get = get_client_name,
		.meaning = "What the client calls itself, if it is the name of a host", NAMES(CEF = "shost", SPLUNK = "event.src_name")},
	{.name = "client.name", .type = FIELDS_TEXT, .kinds = S | T | A, .get = get_client_name, .meaning = "What the client calls itself",
		NAMES(OCSF = "src_endpoint.hostname")},
	{.name = "client.helo", .type = FIELDS_TEXT, .kinds = RECORD, .get = get_helo, .cut = FIELDS_CUT_TEXTS,
		.meaning = "Argument of the last HELO, EHLO or LHLO",
		NAMES(ECS = "smtp.helo", ZEEK = "helo", CEF = "cs2:helo", LEEF = "helo", SPLUNK = "event.helo", OCSF = "unmapped.smtp.helo")},
	{.name = "client.helo", .type = FIELDS_TEXT, .kinds = T, .get = get_helo, .cut = FIELDS_CUT_TEXTS,
		.meaning = "Argument of the last HELO, EHLO or LHLO", NAMES(EVE = "smtp.helo", OCSF_1_3 = "smtp_hello")},
	{.name = "server.banner", .type = FIELDS_TEXT, .kinds = RECORD, .get = get_banner, .cut = FIELDS_CUT_TEXTS,
		.meaning = "Text of the greeting behind its code", NAMES(ECS = "smtp.banner", SPLUNK = "event.banner", LEEF = "banner")},
	{.name = "server.banner", .type = FIELDS_TEXT, .kinds = T, .get = get_banner, .cut = FIELDS_CUT_TEXTS,
		.meaning = "Text of the greeting behind its code", NAMES(OCSF = "banner")},
	{.name = "server.software", .type = FIELDS_TEXT, .kinds = RECORD, .get = get_software,
		.meaning = "Software of the server, guessed from its greeting",
		NAMES(ECS = "smtp.software", SPLUNK = "event.server_software", OCSF = "unmapped.smtp.server_software")},
	{.name = "service", .type = FIELDS_TEXT, .kinds = S | T | A, .get = get_service, .meaning = "Name of the service at the server's port",
		NAMES(OCSF = "dst_endpoint.svc_name")},
	{.name = "service", .type = FIELDS_TEXT, .kinds = A, .get = get_service, .meaning = "Name of the service at the server's port",
		NAMES(OCSF = "service.name")},
	{.type = FIELDS_TEXT, .kinds = RECORD, .text = "tcp", .meaning = "The transport", NAMES(ECS = "network.transport", SPLUNK = "event.transport")},
	{.type = FIELDS_TEXT, .kinds = RECORD, .text = "TCP", .meaning = "The transport", NAMES(EVE = "proto", CEF = "proto", LEEF = "proto")},
	{.type = FIELDS_TEXT, .kinds = RECORD, .text = "6", .meaning = "The transport's number", NAMES(ECS = "network.iana_number")},
	{.type = FIELDS_TEXT, .kinds = RECORD, .text = "smtp", .meaning = "The protocol", NAMES(ECS = "network.protocol", SPLUNK = "event.protocol event.app")},
	{.type = FIELDS_TEXT, .kinds = RECORD, .text = "SMTP", .meaning = "The protocol", NAMES(CEF = "app")},
	{.type = FIELDS_TEXT, .kinds = T, .text = "SMTP", .meaning = "The protocol", NAMES(OCSF = "protocol_name", OCSF_1_3 = "")},
	{.name = "ip_version", .type = FIELDS_TEXT, .kinds = RECORD, .get = get_ip_type, .meaning = "ipv4 or ipv6", NAMES(ECS = "network.type")},
	{.name = "ip_version", .type = FIELDS_NUMBER, .kinds = RECORD, .get = get_ip_version, .meaning = "4 or 6", NAMES(EVE = "ip_v")},
	{.name = "ip_version", .type = FIELDS_NUMBER, .kinds = S, .get = get_ip_version, .meaning = "4 or 6",
		NAMES(OCSF = "connection_info.protocol_ver_id")},
	{.name = "ip_version", .type = FIELDS_NUMBER, .kinds = F, .get = get_ip_version, .meaning = "4 or 6",
		NAMES(OCSF = "evidences[].connection_info.protocol_ver_id")},
	{.name = "protocol", .type = FIELDS_TEXT, .kinds = RECORD, .get = get_protocol, .meaning = "smtp, esmtp, lmtp, smtps or unknown",
		NAMES(ECS = "smtp.protocol", SPLUNK = "event.smtp_protocol", OCSF = "unmapped.smtp.protocol", LEEF = "protocol")},
	{.name = "community_id", .type = FIELDS_TEXT, .kinds = RECORD, .get = get_community_id, .core = true,
		.meaning = "Community ID v1 of the connection",
		NAMES(ECS = "network.community_id", EVE = "community_id", CEF = "cs3:communityId", LEEF = "communityId", SPLUNK = "event.community_id")},
	{.name = "community_id", .type = FIELDS_TEXT, .kinds = S, .get = get_community_id, .core = true,
		.meaning = "Community ID v1 of the connection", NAMES(OCSF = "connection_info.community_uid")},
	{.name = "community_id", .type = FIELDS_TEXT, .kinds = T | A, .get = get_community_id, .core = true,
		.meaning = "Community ID v1 of the connection", NAMES(OCSF = "unmapped.smtp.community_id")},
	{.name = "community_id", .type = FIELDS_TEXT, .kinds = F, .get = get_community_id, .core = true,
		.meaning = "Community ID v1 of the connection", NAMES(OCSF = "evidences[].connection_info.community_uid")},
	{.name = "direction", .type = FIELDS_TEXT, .kinds = RECORD, .get = get_direction,
		.meaning = "inbound, outbound, internal or external, seen from the networks of --local-net; absent without that option",
		NAMES(ECS = "network.direction", SPLUNK = "event.direction", LEEF = "direction")},
	{.name = "direction", .type = FIELDS_TEXT, .kinds = S | T | F, .get = get_email_direction, .meaning = "inbound or outbound",
		NAMES(ECS = "email.direction")},
	{.name = "direction", .type = FIELDS_NUMBER, .kinds = RECORD, .get = get_cef_direction, .meaning = "0: inbound, 1: outbound",
		NAMES(CEF = "deviceDirection")},
	{.name = "client.vlan", .type = FIELDS_NUMBER, .kinds = RECORD, .get = get_vlan, .meaning = "VLAN, the outer one",
		NAMES(ECS = "network.vlan.id$", SPLUNK = "event.vlan", OCSF = "unmapped.smtp.vlan")},
	{.name = "client.vlan", .type = FIELDS_NUMBER, .kinds = RECORD, .get = get_inner_vlan, .meaning = "VLAN, the inner one",
		NAMES(ECS = "network.inner.vlan.id$")},
	{.name = "client.vlan", .type = FIELDS_NUMBERS, .kinds = RECORD, .get = get_vlans, .meaning = "VLANs, outermost first", NAMES(EVE = "vlan")},
	{.name = "tcp.client.bytes", .type = FIELDS_NUMBER, .kinds = S, .get = get_client_bytes,
		.meaning = "Bytes of the client in the stream, each counted once",
		NAMES(ECS = "source.bytes client.bytes", OCSF = "traffic.bytes_out", CEF = "in", LEEF = "srcBytes", SPLUNK = "event.bytes_in")},
	{.name = "tcp.client.packets", .type = FIELDS_NUMBER, .kinds = S, .get = get_client_packets, .meaning = "Packets of the client",
		NAMES(ECS = "source.packets client.packets", OCSF = "traffic.packets_out", LEEF = "srcPackets", SPLUNK = "event.packets_in")},
	{.name = "tcp.server.bytes", .type = FIELDS_NUMBER, .kinds = S, .get = get_server_bytes, .meaning = "Bytes of the server in the stream",
		NAMES(ECS = "destination.bytes server.bytes", OCSF = "traffic.bytes_in", CEF = "out", LEEF = "dstBytes", SPLUNK = "event.bytes_out")},
	{.name = "tcp.server.packets", .type = FIELDS_NUMBER, .kinds = S, .get = get_server_packets, .meaning = "Packets of the server",
		NAMES(ECS = "destination.packets server.packets", OCSF = "traffic.packets_in", LEEF = "dstPackets", SPLUNK = "event.packets_out")},
	{.name = "tcp.bytes", .type = FIELDS_NUMBER, .kinds = S, .get = get_bytes, .meaning = "Bytes of both",
		NAMES(ECS = "network.bytes", OCSF = "traffic.bytes", SPLUNK = "event.bytes")},
	{.name = "tcp.packets", .type = FIELDS_NUMBER, .kinds = S, .get = get_packets, .meaning = "Packets of both",
		NAMES(ECS = "network.packets", OCSF = "traffic.packets", LEEF = "totalPackets", SPLUNK = "event.packets")},
	{.name = "tcp.retransmits", .type = FIELDS_NUMBER, .kinds = S, .get = get_retransmits, .meaning = "Packets that brought nothing new",
		NAMES(ECS = "smtp.tcp.retransmits", SPLUNK = "event.retransmits", OCSF = "unmapped.smtp.retransmits")},
	{.name = "tcp.handshake_ms", .type = FIELDS_DURATION, .kinds = S, .get = get_handshake, .meaning = "How long the TCP handshake took",
		NAMES(ECS = "smtp.tcp.handshake", SPLUNK = "event.handshake_duration", OCSF = "unmapped.smtp.handshake")},
	{.name = "tcp.syn_retries", .type = FIELDS_NUMBER, .kinds = S, .get = get_syn_retries, .meaning = "How often the SYN was sent again",
		NAMES(ECS = "smtp.tcp.syn_retries", SPLUNK = "event.syn_retries")},
	{.name = "tcp.close", .type = FIELDS_TEXT, .kinds = S, .get = get_close,
		.meaning = "How the connection ended: fin, reset-by-client, reset-by-server, refused, unanswered ...",
		NAMES(ECS = "smtp.tcp.close", SPLUNK = "event.tcp_close", OCSF = "unmapped.smtp.close", LEEF = "tcpClose")},
	{.name = "tcp.icmp", .type = FIELDS_TEXT, .kinds = S, .get = get_icmp, .meaning = "The ICMP error that answered the SYN",
		NAMES(ECS = "smtp.tcp.icmp", SPLUNK = "event.icmp", OCSF = "unmapped.smtp.icmp")},
	{.name = "result", .type = FIELDS_TEXT, .kinds = S, .get = get_result,
		.meaning = "What came of the session: delivered, refused, no-mail, not-established, encrypted or unknown",
		NAMES(ECS = "smtp.result", SPLUNK = "event.result", OCSF = "unmapped.smtp.result", LEEF = "result")},
	{.name = "failure.stage", .type = FIELDS_TEXT, .kinds = S | T | A, .get = get_stage,
		.meaning = "Where it failed: connect, banner, ehlo, starttls, tls, auth, mail, rcpt, data or eod",
		NAMES(ECS = "smtp.failure.stage", SPLUNK = "event.failure_stage", OCSF = "unmapped.smtp.failure_stage", LEEF = "failureStage")},
	{.name = "capabilities", .type = FIELDS_TEXTS, .kinds = S, .get = get_extensions, .cut = FIELDS_CUT_EXTENSIONS,
		.meaning = "What the server offered to EHLO, under TLS if that was seen",
		NAMES(ECS = "smtp.extensions", SPLUNK = "event.extensions", OCSF = "unmapped.smtp.extensions")},
	{.name = "extensions.used", .type = FIELDS_TEXTS, .kinds = S, .get = get_extensions_used, .cut = FIELDS_CUT_EXTENSIONS,
		.meaning = "Extensions that the client used", NAMES(ECS = "smtp.extensions_used", SPLUNK = "event.extensions_used")},
	{.name = "anomalies", .type = FIELDS_TEXTS, .kinds = S, .get = get_anomalies,
		.meaning = "What was not as it should be, as in the timeline of the native document",
		NAMES(ECS = "smtp.anomalies", SPLUNK = "event.anomalies", OCSF = "unmapped.smtp.anomalies")},
	{.name = "blind.gaps", .type = FIELDS_NUMBER, .kinds = S, .get = get_gaps, .meaning = "Holes: bytes that the capture lacks",
		NAMES(ECS = "smtp.capture.gaps", SPLUNK = "event.gaps", OCSF = "unmapped.smtp.gaps")},
	{.name = "blind.gap_bytes", .type = FIELDS_NUMBER, .kinds = S, .get = get_gap_bytes, .meaning = "How many bytes",
		NAMES(ECS = "smtp.capture.gap_bytes", SPLUNK = "event.gap_bytes", OCSF = "unmapped.smtp.gap_bytes traffic.bytes_missed",
			OCSF_1_3 = "unmapped.smtp.gap_bytes")},
	{.name = "blind.midstream", .type = FIELDS_BOOL, .kinds = S, .get = get_midstream, .meaning = "The start of the connection was not captured",
		NAMES(ECS = "smtp.capture.midstream", SPLUNK = "event.midstream", OCSF = "unmapped.smtp.midstream")},
	{.name = "blind.one_sided", .type = FIELDS_BOOL, .kinds = S, .get = get_one_sided, .meaning = "One side was not captured at all",
		NAMES(ECS = "smtp.capture.one_sided", SPLUNK = "event.one_sided")},
	{.name = "blind.roles_guessed", .type = FIELDS_BOOL, .kinds = RECORD, .get = get_roles_guessed,
		.meaning = "Client and server may be the other way round",
		NAMES(ECS = "smtp.capture.roles_guessed", SPLUNK = "event.roles_guessed", OCSF = "unmapped.smtp.roles_guessed")},
	{.name = "blind.truncated", .type = FIELDS_BOOL, .kinds = S, .get = get_truncated, .meaning = "There was more than is kept of one session",
		NAMES(ECS = "smtp.capture.truncated", SPLUNK = "event.truncated")},
	{.name = "blind.dropped_by_kernel", .type = FIELDS_NUMBER, .kinds = S, .get = get_dropped,
		.meaning = "Packets of any connection that the kernel dropped meanwhile",
		NAMES(ECS = "smtp.capture.dropped_by_kernel", SPLUNK = "event.dropped_by_kernel")},
	{.name = "timing.server_ms.max", .type = FIELDS_DURATION, .kinds = S, .get = get_server_time_max, .meaning = "The server's slowest reply",
		NAMES(ECS = "smtp.timing.server_max", SPLUNK = "event.response_time_max", OCSF = "unmapped.smtp.server_time_max")},
	{.name = "timing.server_ms.total", .type = FIELDS_DURATION, .kinds = S, .get = get_server_time, .meaning = "All that the server took",
		NAMES(ECS = "smtp.timing.server_total", SPLUNK = "event.response_time")},
	{.name = "timing.think_ms.total", .type = FIELDS_DURATION, .kinds = S, .get = get_think_time, .meaning = "All that the client took",
		NAMES(ECS = "smtp.timing.client_total")},
	{.name = "evidence.file", .type = FIELDS_TEXT, .kinds = S | F, .get = get_evidence_file,
		.meaning = "The file that the packets of the session are kept in",
		NAMES(ECS = "smtp.capture.evidence_file", SPLUNK = "event.evidence_file", OCSF = "unmapped.smtp.evidence_file")},
	{.name = "related.ip", .type = FIELDS_TEXTS, .kinds = RECORD, .get = get_related_ips, .meaning = "All addresses", NAMES(ECS = "related.ip")},
	{.name = "related.hosts", .type = FIELDS_TEXTS, .kinds = RECORD, .get = get_related_hosts, .meaning = "All names of hosts",
		NAMES(ECS = "related.hosts")},
	{.name = "related.user", .type = FIELDS_TEXTS, .kinds = RECORD, .get = get_related_users, .cut = FIELDS_CUT_ADDRESSES,
		.meaning = "Logins and addresses of the envelope, the first of them", NAMES(ECS = "related.user")},
	{.kinds = 0},
};
