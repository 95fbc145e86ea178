/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Documents of type "event": an entry of a timeline with what tells its session, or a finding once the session is over.
 * Diagnoses and statistics are as in the format "json".
 */
#include "report/json_events.h"

#include <errno.h>
#include <stdlib.h>

#include "report/json.h"
#include "report/json_message.h"
#include "report/json_session.h"
#include "report/json_timeline.h"

struct events_writer {
	struct json_print json;
	struct printbuf *buffer;
	FILE *out;
	struct writer *documents; /* of json_format: for all that is no event */
};

static void events_destroy(struct writer *base) {
	struct events_writer *writer = (struct events_writer *)base;
	if (writer == NULL)
		return;
	json_format.destroy(writer->documents);
	json_print_finish(&writer->json);
	if (writer->buffer != NULL)
		printbuf_free(writer->buffer);
	free(writer);
}

static struct writer *events_create(const struct writer_options *options, FILE *out) {
	struct events_writer *writer = calloc(1, sizeof(*writer));
	if (writer == NULL)
		return NULL;
	writer->out = out;
	bool ok = json_print_init(&writer->json, options);
	writer->buffer = printbuf_new();
	writer->documents = json_format.create(options, out);
	if (!ok || writer->buffer == NULL || writer->documents == NULL) {
		events_destroy((struct writer *)writer);
		return NULL;
	}
	return (struct writer *)writer;
}

static void put_endpoint(struct json_print *json, const struct stream_endpoint *endpoint) {
	JSON_PUT(json, "{\"ip\":");
	json_put_address(json, endpoint);
	JSON_MEMBER(json, "port");
	json_put_number(json, endpoint->port);
	JSON_PUT(json, "}");
}

/* Begins the document. Returns what json_close_object() needs. */
static bool begin(struct events_writer *writer, const struct record *record) {
	struct json_print *json = &writer->json;
	printbuf_reset(writer->buffer);
	json_print_start(json, record);
	json->buffer = writer->buffer;
	bool outer = json_open_object(json);
	JSON_PUT(json, "\"type\":\"event\",\"schema\":");
	json_put_number(json, JSON_SCHEMA);
	JSON_MEMBER(json, "session");
	json_put_cstring(json, record->id);
	JSON_MEMBER(json, "source");
	json_put_cstring(json, record->open.source != NULL ? record->open.source : "");
	JSON_MEMBER(json, "client");
	put_endpoint(json, &record->open.client);
	JSON_MEMBER(json, "server");
	put_endpoint(json, &record->open.server);
	JSON_PUT(json, ",");
	return outer;
}

static int finish(struct events_writer *writer, bool outer) {
	struct json_print *json = &writer->json;
	json_close_object(json, outer);
	if (json->failed)
		return -ENOMEM;
	return json_write_line(writer->out, writer->buffer->buf, (size_t)writer->buffer->bpos);
}

static int events_entry(struct writer *base, const struct record *record, const struct record_timeline_entry *entry) {
	struct events_writer *writer = (struct events_writer *)base;
	bool outer = begin(writer, record);
	json_put_entry_members(&writer->json, entry);
	return finish(writer, outer);
}

/* What is not told by an entry of the timeline. Returns what json_close_object() needs; more members may follow. */
static bool begin_late(struct events_writer *writer, const struct record *record, const char *from, const char *event,
	struct stream_moment at) {
	struct json_print *json = &writer->json;
	bool outer = begin(writer, record);
	JSON_FIRST_MEMBER(json, "ms");
	json_put_since_start(json, at);
	JSON_MEMBER(json, "time");
	json_put_time(json, at.time_ns);
	JSON_MEMBER(json, "frame");
	json_put_number(json, at.frame);
	JSON_MEMBER(json, "from");
	json_put_cstring(json, from);
	JSON_MEMBER(json, "event");
	json_put_cstring(json, event);
	return outer;
}

static int put_message(struct events_writer *writer, const struct record *record, const struct record_mail *mail) {
	const struct record_message *message = mail->message;
	if (message == NULL || !message->read)
		return 0;
	bool outer = begin_late(writer, record, "client", "message", message->at);
	JSON_MEMBER(&writer->json, "mail");
	json_put_number(&writer->json, mail->number);
	json_put_message(&writer->json, mail);
	return finish(writer, outer);
}

/* The steps were told when they happened. What is left takes a session that is over: messages are read then, and findings are of the
 * session as a whole. */
static int events_session(struct writer *base, const struct record *record) {
	struct events_writer *writer = (struct events_writer *)base;
	struct json_print *json = &writer->json;
	int status = 0;
	if (record->close.how == STREAM_CLOSE_NONE)
		return 0;
	for (const struct record_mail *mail = record->mails; mail != NULL && status == 0; mail = mail->next)
		status = put_message(writer, record, mail);
	for (const struct finding *finding = record->findings; finding != NULL && status == 0; finding = finding->next) {
		bool outer = begin_late(writer, record, "network", "finding", record->close.last);
		JSON_MEMBER(json, "finding");
		json_put_finding(json, finding);
		status = finish(writer, outer);
	}
	return status;
}

static int events_diagnoses(struct writer *base, const struct diagnosis_report *report) {
	return json_format.diagnoses(((struct events_writer *)base)->documents, report);
}

static int events_statistics(struct writer *base, const struct writer_statistics *statistics) {
	return json_format.statistics(((struct events_writer *)base)->documents, statistics);
}

static int events_diagnosis(struct writer *base, const struct diagnosis *diagnosis) {
	return json_format.diagnosis(((struct events_writer *)base)->documents, diagnosis);
}

static int events_end(struct writer *base, const struct writer_statistics *statistics) {
	return json_format.end(((struct events_writer *)base)->documents, statistics);
}

const struct writer_format json_events_format = {
	.name = "events",
	.summary = "each step as a JSON line, when it happens",
	.create = events_create,
	.entry = events_entry,
	.session = events_session,
	.diagnoses = events_diagnoses,
	.statistics = events_statistics,
	.diagnosis = events_diagnosis,
	.end = events_end,
	.destroy = events_destroy,
};
