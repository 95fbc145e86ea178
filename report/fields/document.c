/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What each document has, whatever it tells of: its time, its id, its kind.
 */
#include "decode/ascii.h"
#include "report/fields/columns.h"
#include "report/names.h"

GETTER(get_time) {
	return fields_number(value, subject->time_ns);
}

GETTER(get_id) {
	return fields_constant(value, subject->id);
}

GETTER(get_session_id) {
	return fields_constant(value, subject->record->id);
}

/* The form that Zeek gives to its connections. */
GETTER(get_zeek_uid) {
	struct slice id = slice_of(subject->record->id);
	if (id.len > 17)
		id.len = 17;
	return id.len > 0 && fields_text(value, fields_join(subject, slice_of("C"), "", id));
}

/* Suricata's are numbers; what reads them keeps 53 bits of a number. */
GETTER(get_flow_id) {
	uint64_t number = 0;
	for (const char *at = subject->record->id; *at != '\0' && at < subject->record->id + 13; at++)
		number = number << 4 | (uint64_t)(*at >= 'a' ? *at - 'a' + 10 : *at - '0');
	return fields_count_if_any(value, number);
}

GETTER(get_sequence) {
	return fields_count_if_any(value, subject->sequence);
}

GETTER(get_kind) {
	return fields_constant(value, fields_kind_names[subject->kind]);
}

GETTER(get_action) {
	static const char *const actions[FIELDS_KINDS] = {
		[FIELDS_SESSION] = "smtp-session",
		[FIELDS_TRANSACTION] = "smtp-transaction",
		[FIELDS_AUTH] = "smtp-auth",
		[FIELDS_STATISTICS] = "sensor-stats",
	};
	if (subject->finding != NULL)
		return fields_constant(value, subject->finding->id);
	return fields_constant(value, subject->diagnosis != NULL ? subject->diagnosis->id : actions[subject->kind]);
}

GETTER(get_outcome) {
	static const char *const outcomes[] = {
		[FIELDS_OUTCOME_NONE] = NULL,
		[FIELDS_OUTCOME_UNKNOWN] = "unknown",
		[FIELDS_OUTCOME_SUCCESS] = "success",
		[FIELDS_OUTCOME_FAILURE] = "failure",
	};
	return fields_constant(value, outcomes[fields_outcome(subject)]);
}

/* The words of Splunk's data models. */
GETTER(get_splunk_action) {
	static const char *const mails[] = {[FIELDS_OUTCOME_SUCCESS] = "delivered", [FIELDS_OUTCOME_FAILURE] = "blocked"};
	static const char *const others[] = {
		[FIELDS_OUTCOME_UNKNOWN] = "unknown", [FIELDS_OUTCOME_SUCCESS] = "success", [FIELDS_OUTCOME_FAILURE] = "failure"};
	enum fields_outcome outcome = fields_outcome(subject);
	if (subject->kind == FIELDS_TRANSACTION && outcome >= FIELDS_OUTCOME_SUCCESS)
		return fields_constant(value, mails[outcome]);
	return outcome != FIELDS_OUTCOME_NONE && fields_constant(value, others[outcome]);
}

static bool get_span(const struct fields_subject *subject, int64_t *ret_start, int64_t *ret_end) {
	struct fields_reply reply;
	const struct record *record = subject->record;
	*ret_start = *ret_end = -1;
	switch (subject->kind) {
	case FIELDS_SESSION:
		*ret_start = record->open.first.time_ns;
		*ret_end = record->close.last.time_ns;
		break;
	case FIELDS_TRANSACTION:
	case FIELDS_AUTH:
		*ret_start = subject->mail != NULL ? subject->mail->at.time_ns : subject->attempt->at.time_ns;
		fields_reply(subject, &reply);
		if (reply.seen)
			*ret_end = reply.at.time_ns;
		break;
	case FIELDS_FINDING:
		for (size_t i = 0; i < record->timeline_count; i++)
			for (size_t j = 0; j < subject->finding->frame_count; j++)
				if (record->timeline[i].at.frame == subject->finding->frames[j]) {
					if (*ret_start < 0)
						*ret_start = record->timeline[i].at.time_ns;
					*ret_end = record->timeline[i].at.time_ns;
				}
		break;
	case FIELDS_DIAGNOSIS:
		*ret_start = subject->diagnosis->first_ns;
		*ret_end = subject->diagnosis->last_ns;
		break;
	case FIELDS_STATISTICS:
	case FIELDS_KINDS:
		break;
	}
	return *ret_start >= 0;
}

GETTER(get_start) {
	int64_t end;
	return get_span(subject, &value->number, &end);
}

GETTER(get_end) {
	int64_t start;
	return get_span(subject, &start, &value->number) && value->number >= start;
}

GETTER(get_duration) {
	int64_t start, end;
	if (!get_span(subject, &start, &end) || end < start)
		return false;
	value->number = end - start;
	return true;
}

GETTER(get_reason) {
	struct fields_reply reply;
	const struct record *record = subject->record;
	switch (subject->kind) {
	case FIELDS_SESSION:
		return fields_constant(value, record->folding.quit_seen && record->close.how == STREAM_CLOSE_FIN ? "client QUIT"
			: names_close[record->close.how]);
	case FIELDS_TRANSACTION:
	case FIELDS_AUTH:
		fields_reply(subject, &reply);
		return reply.seen && fields_text(value, fields_reply_line(subject, &reply));
	case FIELDS_FINDING:
	case FIELDS_DIAGNOSIS:
		return fields_text(value, fields_explanation(subject));
	case FIELDS_STATISTICS:
	case FIELDS_KINDS:
		break;
	}
	return false;
}

GETTER(get_message) {
	switch (subject->kind) {
	case FIELDS_SESSION:
		return fields_text(value, fields_format(subject, "SMTP session: %s", names_result[subject->record->result]));
	case FIELDS_TRANSACTION:
		return fields_text(value, fields_format(subject, "SMTP transaction: %s", names_mail[subject->mail->result]));
	case FIELDS_AUTH:
		return fields_text(value, fields_join(subject, fields_join(subject, slice_of("SMTP AUTH"), " ", subject->attempt->mechanism),
			": ", slice_of(names_attempt[subject->attempt->result])));
	case FIELDS_FINDING:
		return fields_constant(value, subject->finding->title);
	case FIELDS_DIAGNOSIS:
		return fields_constant(value, subject->diagnosis->title);
	case FIELDS_STATISTICS:
		return fields_constant(value, "SMTP sensor statistics");
	case FIELDS_KINDS:
		break;
	}
	return false;
}

GETTER(get_reply_code) {
	struct fields_reply reply;
	fields_reply(subject, &reply);
	value->number = reply.code;
	return reply.seen;
}

GETTER(get_enhanced_code) {
	struct fields_reply reply;
	fields_reply(subject, &reply);
	return reply.seen && fields_text(value, reply.enhanced);
}

GETTER(get_reply_text) {
	struct fields_reply reply;
	fields_reply(subject, &reply);
	return reply.seen && fields_text(value, fields_reply_text(subject, &reply));
}

GETTER(get_reply_line) {
	struct fields_reply reply;
	fields_reply(subject, &reply);
	return reply.seen && fields_text(value, fields_reply_line(subject, &reply));
}

GETTER(get_error_code) {
	return get_reply_code(subject, value) && value->number >= 400;
}

GETTER(get_error_text) {
	return get_error_code(subject, value) && get_reply_text(subject, value);
}

GETTER(get_dataset) {
	return fields_text(value, fields_join(subject, slice_of("smtpscope"), ".", slice_of(fields_kind_names[subject->kind])));
}

GETTER(get_sourcetype) {
	return fields_text(value, fields_join(subject, slice_of("smtpscope"), ":", slice_of(fields_kind_names[subject->kind])));
}

GETTER(get_severity) {
	value->number = fields_severity(subject);
	return true;
}

GETTER(get_risk_score) {
	static const int scores[] = {
		[FINDING_INFO] = 1, [FINDING_LOW] = 21, [FINDING_MEDIUM] = 47, [FINDING_HIGH] = 73, [FINDING_CRITICAL] = 99};
	value->number = scores[fields_severity(subject)];
	return true;
}

GETTER(get_sensor) {
	return fields_constant(value, subject->options->sensor);
}

GETTER(get_version) {
	return fields_constant(value, subject->options->version);
}

GETTER(get_interface) {
	return subject->options->live && fields_constant(value, subject->record->open.source);
}

GETTER(get_source) {
	return !subject->options->live && fields_constant(value, subject->record->open.source);
}

GETTER(get_stream) {
	value->number = subject->record->open.stream > INT64_MAX ? 0 : (int64_t)subject->record->open.stream;
	return true;
}

GETTER(get_number) {
	return fields_count_if_any(value, subject->number);
}

/* Counted from 0, as Suricata does. */
GETTER(get_tx_id) {
	return subject->number > 0 && fields_number(value, (int64_t)subject->number - 1);
}

GETTER(get_truncated) {
	static const char *const names[FIELDS_CUTS] = {
		[FIELDS_CUT_EVIDENCE] = "evidence",
		[FIELDS_CUT_EXTENSIONS] = "extensions",
		[FIELDS_CUT_RECIPIENTS] = "rcpt_to",
		[FIELDS_CUT_ADDRESSES] = "addresses",
		[FIELDS_CUT_ATTACHMENTS] = "attachments",
		[FIELDS_CUT_SUBJECT] = "subject",
		[FIELDS_CUT_REPLY] = "reply",
		[FIELDS_CUT_TEXTS] = "texts",
		[FIELDS_CUT_MOST] = "details",
	};
	struct fields_list list = {.subject = subject};
	for (enum fields_cut cut = FIELDS_CUT_NOTHING + 1; cut <= subject->cut; cut++)
		fields_list_add(&list, slice_of(names[cut]));
	return fields_of_list(value, &list);
}

const struct fields_row fields_document[] = {
	{.name = "time", .type = FIELDS_TIME, .kinds = ALL, .get = get_time, .core = true,
		.meaning = "When it happened, by the packets: the end of the session, the reply that decided",
		NAMES(ECS = "@timestamp", OCSF = "time", EVE = "timestamp", CEF = "rt", LEEF = "devTime", SPLUNK = "time")},
	{.type = FIELDS_TEXT, .kinds = ALL, .text = "9.4.0", .core = true, .meaning = "The version of ECS", NAMES(ECS = "ecs.version")},
	{.name = "id", .type = FIELDS_TEXT, .kinds = ALL, .get = get_id, .core = true,
		.meaning = "The same for the same packets, so that what arrives twice can be told: id of the session, then -s, -t1, -a1, -f1",
		NAMES(ECS = "event.id", OCSF = "metadata.uid", CEF = "externalId", LEEF = "eventId", SPLUNK = "event.id")},
	{.type = FIELDS_TEXT, .kinds = S | T | A, .text = "event", .core = true, .meaning = "What kind of event", NAMES(ECS = "event.kind")},
	{.type = FIELDS_TEXT, .kinds = ALERT, .text = "alert", .core = true, .meaning = "What kind of event", NAMES(ECS = "event.kind")},
	{.type = FIELDS_TEXT, .kinds = X, .text = "metric", .core = true, .meaning = "What kind of event", NAMES(ECS = "event.kind")},
	{.type = FIELDS_TEXTS, .kinds = S, .text = "network email", .core = true, .meaning = "Its categories", NAMES(ECS = "event.category")},
	{.type = FIELDS_TEXTS, .kinds = T, .text = "email network", .core = true, .meaning = "Its categories", NAMES(ECS = "event.category")},
	{.type = FIELDS_TEXTS, .kinds = A, .text = "authentication network", .core = true, .meaning = "Its categories",
		NAMES(ECS = "event.category")},
	{.type = FIELDS_TEXTS, .kinds = ALERT, .text = "intrusion_detection email network", .core = true, .meaning = "Its categories",
		NAMES(ECS = "event.category")},
	{.type = FIELDS_TEXTS, .kinds = S, .text = "connection protocol end info", .core = true, .meaning = "What happened",
		NAMES(ECS = "event.type")},
	{.type = FIELDS_TEXTS, .kinds = T | ALERT, .text = "info protocol", .core = true, .meaning = "What happened", NAMES(ECS = "event.type")},
	{.type = FIELDS_TEXTS, .kinds = A, .text = "start protocol", .core = true, .meaning = "What happened", NAMES(ECS = "event.type")},
	{.type = FIELDS_TEXTS, .kinds = X, .text = "info", .core = true, .meaning = "What happened", NAMES(ECS = "event.type")},
	{.name = "type", .type = FIELDS_TEXT, .kinds = ALL, .get = get_action, .core = true,
		.meaning = "What the document tells of: smtp-session, smtp-transaction, smtp-auth, or the id of the finding or diagnosis",
		NAMES(ECS = "event.action", CEF = "act", LEEF = "action")},
	{.name = "type", .type = FIELDS_TEXT, .kinds = S | T | A | X, .get = get_action, .core = true,
		.meaning = "What the document tells of", NAMES(SPLUNK = "event.type")},
	{.type = FIELDS_TEXT, .kinds = ALERT, .text = "alert", .core = true, .meaning = "What CIM calls it", NAMES(SPLUNK = "event.type")},
	{.type = FIELDS_TEXT, .kinds = T, .text = "smtp", .core = true, .meaning = "What kind of record", NAMES(EVE = "event_type")},
	{.type = FIELDS_TEXT, .kinds = F, .text = "alert", .core = true, .meaning = "What kind of record", NAMES(EVE = "event_type")},
	{.type = FIELDS_TEXT, .kinds = F, .text = "smtp", .core = true, .meaning = "The protocol", NAMES(EVE = "app_proto")},
	{.type = FIELDS_TEXT, .kinds = S, .text = "network", .core = true, .meaning = "The category", NAMES(CEF = "cat", LEEF = "cat")},
	{.type = FIELDS_TEXT, .kinds = T, .text = "email", .core = true, .meaning = "The category", NAMES(CEF = "cat", LEEF = "cat")},
	{.type = FIELDS_TEXT, .kinds = A, .text = "authentication", .core = true, .meaning = "The category", NAMES(CEF = "cat", LEEF = "cat")},
	{.type = FIELDS_TEXT, .kinds = ALERT, .text = "alert", .core = true, .meaning = "The category", NAMES(CEF = "cat", LEEF = "cat")},
	{.name = "outcome", .type = FIELDS_TEXT, .kinds = RECORD, .get = get_outcome, .core = true,
		.meaning = "success, failure, or unknown when the packets do not show it",
		NAMES(ECS = "event.outcome", CEF = "outcome", LEEF = "outcome")},
	{.name = "outcome", .type = FIELDS_TEXT, .kinds = S | T | A, .get = get_splunk_action, .core = true,
		.meaning = "The same in the words of CIM", NAMES(SPLUNK = "event.action")},
	{.type = FIELDS_TEXT, .kinds = FIELDS_OF_ALL & ~X, .get = get_dataset, .core = true, .meaning = "The data set",
		NAMES(ECS = "event.dataset data_stream.dataset", OCSF = "metadata.log_name")},
	{.type = FIELDS_TEXT, .kinds = X, .text = "smtpscope.stats", .core = true, .meaning = "The data set",
		NAMES(ECS = "event.dataset data_stream.dataset")},
	{.type = FIELDS_TEXT, .kinds = ALL, .text = "smtpscope", .core = true, .meaning = "The program",
		NAMES(ECS = "event.module event.provider observer.product", OCSF = "metadata.log_provider metadata.product.name",
			SPLUNK = "source")},
	{.type = FIELDS_TEXT, .kinds = ALL, .get = get_sourcetype, .core = true, .meaning = "The kind of document, for Splunk's settings",
		NAMES(SPLUNK = "sourcetype")},
	{.type = FIELDS_TEXT, .kinds = ALL, .text = "smtpscope", .core = true, .meaning = "The program",
		NAMES(SPLUNK = "event.vendor_product", OCSF = "metadata.product.vendor_name", ECS = "observer.vendor")},
	{.type = FIELDS_TEXT, .kinds = ALL & ~X, .text = "logs", .core = true, .meaning = "The type of the data stream",
		NAMES(ECS = "data_stream.type")},
	{.type = FIELDS_TEXT, .kinds = X, .text = "metrics", .core = true, .meaning = "The type of the data stream",
		NAMES(ECS = "data_stream.type")},
	{.type = FIELDS_TEXT, .kinds = ALL, .text = "default", .core = true, .meaning = "The namespace of the data stream",
		NAMES(ECS = "data_stream.namespace")},
	{.name = "sequence", .type = FIELDS_NUMBER, .kinds = ALL, .get = get_sequence, .core = true,
		.meaning = "Number of the document in this output, from 1: where one is missing, something was lost",
		NAMES(ECS = "event.sequence", OCSF = "metadata.sequence")},
	{.name = "start", .type = FIELDS_TIME, .kinds = RECORD | D, .get = get_start,
		.meaning = "When it began: the session, the command; of a finding, its first evidence",
		NAMES(ECS = "event.start", ZEEK = "ts", CEF = "start")},
	{.type = FIELDS_TIME, .kinds = S | T | A, .get = get_start, .meaning = "When it began", NAMES(OCSF = "start_time")},
	{.name = "end", .type = FIELDS_TIME, .kinds = RECORD | D, .get = get_end, .meaning = "When it ended",
		NAMES(ECS = "event.end", CEF = "end")},
	{.type = FIELDS_TIME, .kinds = S | T | A, .get = get_end, .meaning = "When it ended", NAMES(OCSF = "end_time")},
	{.name = "duration_ms", .type = FIELDS_DURATION, .kinds = RECORD | D, .get = get_duration, .meaning = "How long it took",
		NAMES(ECS = "event.duration", CEF = "cn2:durationMs", LEEF = "durationMs")},
	{.type = FIELDS_DURATION, .kinds = S | T | A, .get = get_duration, .meaning = "How long it took",
		NAMES(OCSF = "duration", SPLUNK = "event.duration")},
	{.name = "message", .type = FIELDS_TEXT, .kinds = ALL, .get = get_message, .cut = FIELDS_CUT_TEXTS,
		.meaning = "What it is, in a few words; of findings and diagnoses their title",
		NAMES(ECS = "message", OCSF = "message")},
	{.name = "explanation", .type = FIELDS_TEXT, .kinds = RECORD | D, .get = get_reason, .cut = FIELDS_CUT_REPLY,
		.meaning = "Why: how the session ended, the reply that decided, or the explanation of the finding",
		NAMES(ECS = "event.reason", CEF = "reason", LEEF = "reason", SPLUNK = "event.reason")},
	{.name = "severity", .type = FIELDS_SEVERITY, .kinds = ALERT, .get = get_severity, .core = true,
		.meaning = "How severe, in the format's own scale", NAMES(ECS = "event.severity", SPLUNK = "event.severity", EVE = NULL)},
	{.name = "severity", .type = FIELDS_SEVERITY, .kinds = ALL, .get = get_severity, .core = true,
		.meaning = "How severe, in the format's own scale; what is no finding is informational", NAMES(OCSF = "severity_id", LEEF = "sev")},
	{.name = "risk_score", .type = FIELDS_SCORE, .kinds = ALERT, .get = get_risk_score,
		.meaning = "The severity from 0 to 100", NAMES(ECS = "event.risk_score")},
	{.name = "risk_score", .type = FIELDS_NUMBER, .kinds = ALERT, .get = get_risk_score,
		.meaning = "The severity from 0 to 100", NAMES(OCSF = "risk_score")},
	{.name = "sensor", .type = FIELDS_TEXT, .kinds = ALL, .get = get_sensor, .core = true, .meaning = "The name that --sensor gives",
		NAMES(ECS = "observer.name observer.hostname", OCSF = "metadata.loggers[].name", CEF = "dvchost", LEEF = "identHostName",
			SPLUNK = "host", EVE = "host")},
	{.name = "version", .type = FIELDS_TEXT, .kinds = ALL, .get = get_version, .meaning = "The version of the program",
		NAMES(ECS = "observer.version", OCSF = "metadata.product.version")},
	{.type = FIELDS_TEXT, .kinds = ALL, .text = "sensor", .meaning = "What kind of observer", NAMES(ECS = "observer.type")},
	{.name = "capture.source", .type = FIELDS_TEXT, .kinds = RECORD, .get = get_interface,
		.meaning = "The interface that the packets came from", NAMES(ECS = "observer.ingress.interface.name", EVE = "in_iface",
			CEF = "deviceInboundInterface", LEEF = "interface", SPLUNK = "event.interface", OCSF = "unmapped.smtp.interface")},
	{.name = "capture.source", .type = FIELDS_TEXT, .kinds = RECORD, .get = get_source,
		.meaning = "The file that the packets came from", NAMES(ECS = "smtp.capture.file", EVE = "pcap_filename",
			SPLUNK = "event.capture_file", OCSF = "unmapped.smtp.capture_file")},
	{.name = "capture.stream", .type = FIELDS_NUMBER, .kinds = RECORD, .get = get_stream,
		.meaning = "Number of the connection in the capture, as Wireshark counts (tcp.stream)",
		NAMES(ECS = "smtp.capture.stream", SPLUNK = "event.tcp_stream", OCSF = "unmapped.smtp.tcp_stream")},
	{.name = "session_id", .type = FIELDS_TEXT, .kinds = RECORD, .get = get_session_id, .core = true,
		.meaning = "The id of the session, the same in all documents that are made of it",
		NAMES(ECS = "smtp.session_id", OCSF = "metadata.correlation_uid", CEF = "cs4:sessionId", LEEF = "sessionId",
			SPLUNK = "event.session_id fields.session_id")},
	{.name = "session_id", .type = FIELDS_TEXT, .kinds = S, .get = get_session_id, .core = true,
		.meaning = "The id of the session as that of the connection", NAMES(OCSF = "connection_info.uid")},
	{.name = "session_id", .type = FIELDS_TEXT, .kinds = A, .get = get_session_id, .core = true,
		.meaning = "The id of the session in which the login was", NAMES(OCSF = "session.uid")},
	{.name = "session_id", .type = FIELDS_TEXT, .kinds = F, .get = get_session_id, .core = true,
		.meaning = "The id of the session as that of the connection", NAMES(OCSF = "evidences[].connection_info.uid")},
	{.name = "uid", .type = FIELDS_TEXT, .kinds = S | T, .get = get_zeek_uid, .core = true,
		.meaning = "The id of the session in Zeek's form", NAMES(ZEEK = "uid")},
	{.name = "flow_id", .type = FIELDS_NUMBER, .kinds = RECORD, .get = get_flow_id, .core = true,
		.meaning = "The id of the session as a number", NAMES(EVE = "flow_id")},
	{.name = "number", .type = FIELDS_NUMBER, .kinds = T, .get = get_number,
		.meaning = "Which mail of the session, from 1", NAMES(ECS = "smtp.transaction", ZEEK = "trans_depth", SPLUNK = "event.transaction",
			OCSF = "unmapped.smtp.transaction", LEEF = "transaction")},
	{.name = "tx_id", .type = FIELDS_NUMBER, .kinds = T, .get = get_tx_id, .meaning = "Which mail of the session, from 0",
		NAMES(EVE = "tx_id")},
	{.name = "reply.code", .type = FIELDS_NUMBER, .kinds = RECORD, .get = get_reply_code,
		.meaning = "Code of the reply that decided; of a session, of its last reply",
		NAMES(ECS = "smtp.last_reply.code", CEF = "cn1:smtpReplyCode", LEEF = "smtpReplyCode", SPLUNK = "event.status_code")},
	{.name = "reply.code", .type = FIELDS_NUMBER, .kinds = T | A, .get = get_reply_code, .meaning = "The same as a text",
		NAMES(ECS = "event.code$", OCSF = "status_code$")},
	{.name = "reply.enhanced", .type = FIELDS_TEXT, .kinds = RECORD, .get = get_enhanced_code, .cut = FIELDS_CUT_REPLY,
		.meaning = "Its enhanced status code (RFC 3463)", NAMES(ECS = "smtp.last_reply.enhanced_code", SPLUNK = "event.enhanced_code")},
	{.name = "reply.text", .type = FIELDS_TEXT, .kinds = RECORD, .get = get_reply_text, .cut = FIELDS_CUT_REPLY,
		.meaning = "Its words, lines joined by blanks", NAMES(ECS = "smtp.last_reply.text", SPLUNK = "event.reply_text")},
	{.name = "reply", .type = FIELDS_TEXT, .kinds = S | T, .get = get_reply_line, .cut = FIELDS_CUT_REPLY,
		.meaning = "All of the reply", NAMES(ZEEK = "last_reply")},
	{.name = "reply", .type = FIELDS_TEXT, .kinds = T | A, .get = get_reply_line, .cut = FIELDS_CUT_REPLY,
		.meaning = "All of the reply", NAMES(OCSF = "status_detail")},
	{.name = "error.code", .type = FIELDS_NUMBER, .kinds = T | A, .get = get_error_code,
		.meaning = "Code of the reply when it is a refusal", NAMES(ECS = "error.code$", SPLUNK = "event.reason_id")},
	{.name = "error.text", .type = FIELDS_TEXT, .kinds = T | A, .get = get_error_text, .cut = FIELDS_CUT_REPLY,
		.meaning = "Words of the reply when it is a refusal", NAMES(ECS = "error.message")},
	{.name = "truncated_fields", .type = FIELDS_TEXTS, .kinds = ALL, .get = get_truncated, .core = true,
		.meaning = "What was cut or left out because the document would have been too long",
		NAMES(ECS = "smtp.capture.truncated_fields", OCSF = "unmapped.smtp.truncated_fields", LEEF = "truncatedFields",
			SPLUNK = "event.truncated_fields")},
	{.name = "kind", .type = FIELDS_TEXT, .kinds = ALL, .get = get_kind, .core = true, .meaning = "The kind of document",
		NAMES(SPLUNK = "event.kind")},
	{.kinds = 0},
};
