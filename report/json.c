/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Records as JSON documents, with json-c.
 *
 * A session document is one json-c object that lives as long as the writer. Its members have serializers that print the
 * current record straight into json-c's buffer: a tree of json-c objects for every timeline entry of every session costs
 * many times as much, nearly all of it in malloc().
 */
#include "report/json.h"

#include <errno.h>
#include <stdlib.h>

#include "report/json_diagnosis.h"
#include "report/json_session.h"
#include "report/json_statistics.h"

#define FLAGS (JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE)

enum {
	BUFFER_KEPT_MAX = 1 << 20, /* a larger buffer is not kept for the next document */
};

/* What the serializer of a member of the session document is told. */
struct member {
	struct json_print *json;
	void (*print)(struct json_print *json);
};

struct json_writer {
	FILE *out;
	struct json_print json;
	struct json_object *session; /* the document; NULL: to be made again */
	bool session_partial;        /* it is that of a session that goes on */
	const struct diagnosis_report *report; /* borrowed until the end; NULL: none */
	struct member members[JSON_SESSION_MEMBERS];
};

static int print_member(struct json_object *object, struct printbuf *buffer, int level, int flags) {
	(void)level;
	(void)flags;
	struct member *member = json_object_get_userdata(object);
	member->json->buffer = buffer;
	member->print(member->json);
	return member->json->failed ? -1 : 0;
}

/* Takes value over, whatever comes of it. */
static bool add_member(struct json_object *object, const char *key, struct json_object *value) {
	if (value != NULL && json_object_object_add_ex(
				     object, key, value, JSON_C_OBJECT_ADD_KEY_IS_NEW | JSON_C_OBJECT_ADD_CONSTANT_KEY) == 0)
		return true;
	json_object_put(value);
	return false;
}

static struct json_object *document_create(const char *type) {
	struct json_object *object = json_object_new_object();
	if (object != NULL && add_member(object, "type", json_object_new_string(type)) &&
		add_member(object, "schema", json_object_new_int(JSON_SCHEMA)))
		return object;
	json_object_put(object);
	return NULL;
}

static bool session_create(struct json_writer *writer, bool partial) {
	struct json_object *session = document_create("session");
	bool ok = session != NULL && (!partial || add_member(session, "partial", json_object_new_boolean(true)));
	for (size_t i = 0; ok && i < JSON_SESSION_MEMBERS; i++) {
		/* The value is of no account: its serializer prints the record's. */
		struct json_object *value = json_object_new_int(0);
		writer->members[i] = (struct member){&writer->json, json_session_members[i].print};
		if (value != NULL)
			json_object_set_serializer(value, print_member, &writer->members[i], NULL);
		ok = add_member(session, json_session_members[i].key, value);
	}
	if (!ok) {
		json_object_put(session);
		session = NULL;
	}
	writer->session = session;
	writer->session_partial = partial;
	return ok;
}

static void session_forget(struct json_writer *writer) {
	json_object_put(writer->session);
	writer->session = NULL;
}

int json_write_line(FILE *out, const char *text, size_t len) {
	errno = 0;
	flockfile(out);
	bool ok = fwrite_unlocked(text, 1, len, out) == len && putc_unlocked('\n', out) != EOF;
	funlockfile(out);
	if (ok)
		return 0;
	return errno != 0 ? -errno : -EIO;
}

static int json_session(struct writer *base, const struct record *record) {
	struct json_writer *writer = (struct json_writer *)base;
	bool partial = record->close.how == STREAM_CLOSE_NONE;
	if (writer->session_partial != partial)
		session_forget(writer);
	if (writer->session == NULL && !session_create(writer, partial))
		return -ENOMEM;
	json_print_start(&writer->json, record);
	size_t len = 0;
	const char *text = json_object_to_json_string_length(writer->session, FLAGS, &len);
	if (writer->json.failed)
		text = NULL;
	int status = text != NULL ? json_write_line(writer->out, text, len) : -ENOMEM;
	/* json-c never shrinks a buffer: one huge session must not hold its memory for the rest of a run. */
	if (len > BUFFER_KEPT_MAX || text == NULL)
		session_forget(writer);
	return status;
}

static int write_diagnosis(struct json_writer *writer, const struct diagnosis *diagnosis) {
	struct json_object *document = json_diagnosis_create(&writer->json, diagnosis);
	size_t len = 0;
	const char *text = NULL;
	if (document != NULL)
		text = json_object_to_json_string_length(document, FLAGS, &len);
	writer->json.buffer = printbuf_new();
	writer->json.failed = text == NULL || writer->json.buffer == NULL;
	if (!writer->json.failed)
		json_put_visible(&writer->json, text, len);
	int status = -ENOMEM;
	if (!writer->json.failed)
		status = json_write_line(writer->out, writer->json.buffer->buf, (size_t)writer->json.buffer->bpos);
	printbuf_free(writer->json.buffer);
	json_object_put(document);
	return status;
}

static int json_diagnosis(struct writer *base, const struct diagnosis *diagnosis) {
	return write_diagnosis((struct json_writer *)base, diagnosis);
}

static int json_diagnoses(struct writer *base, const struct diagnosis_report *report) {
	struct json_writer *writer = (struct json_writer *)base;
	int status = 0;
	for (size_t i = 0; i < report->diagnosis_count && status == 0; i++)
		status = write_diagnosis(writer, report->diagnoses[i]);
	writer->report = report;
	return status;
}

static bool append_strings(struct json_object *array, const char *const *texts, size_t count) {
	for (size_t i = 0; i < count && array != NULL; i++) {
		struct json_object *text = json_object_new_string(texts[i]);
		if (text == NULL || json_object_array_add(array, text) != 0) {
			json_object_put(text);
			return false;
		}
	}
	return array != NULL;
}

/* What the diagnosis has to say of itself. */
static bool add_report(struct json_object *document, const struct diagnosis_report *report) {
	if (report == NULL)
		return true;
	if (report->duplicates > 0 && !add_member(document, "duplicates", json_object_new_uint64(report->duplicates)))
		return false;
	if (report->assumption_count == 0)
		return true;
	struct json_object *array = json_object_new_array();
	bool ok = append_strings(array, report->assumptions, report->assumption_count);
	return add_member(document, "assumptions", array) && ok;
}

static int write_statistics(struct json_writer *writer, const struct writer_statistics *statistics) {
	struct json_object *document = document_create("statistics");
	bool ok = document != NULL && json_statistics_add(&writer->json, document, statistics) &&
		  add_report(document, writer->report);
	size_t len = 0;
	const char *text = NULL;
	if (ok)
		text = json_object_to_json_string_length(document, FLAGS, &len);
	int status = text != NULL ? json_write_line(writer->out, text, len) : -ENOMEM;
	json_object_put(document);
	return status;
}

static int json_statistics(struct writer *base, const struct writer_statistics *statistics) {
	return write_statistics((struct json_writer *)base, statistics);
}

static int json_end(struct writer *base, const struct writer_statistics *statistics) {
	struct json_writer *writer = (struct json_writer *)base;
	int status = write_statistics(writer, statistics);
	errno = 0;
	if (fflush(writer->out) != 0 && status == 0)
		status = errno != 0 ? -errno : -EIO;
	return status;
}

static void json_destroy(struct writer *base) {
	struct json_writer *writer = (struct json_writer *)base;
	if (writer == NULL)
		return;
	json_object_put(writer->session);
	json_print_finish(&writer->json);
	free(writer);
}

static struct writer *json_create(const struct writer_options *options, FILE *out) {
	struct json_writer *writer = calloc(1, sizeof(*writer));
	if (writer == NULL)
		return NULL;
	writer->out = out;
	if (!json_print_init(&writer->json, options) || !session_create(writer, false)) {
		json_destroy((struct writer *)writer);
		return NULL;
	}
	return (struct writer *)writer;
}

const struct writer_format json_format = {
	.name = "json",
	.summary = "one JSON document a line (NDJSON)",
	.create = json_create,
	.session = json_session,
	.diagnoses = json_diagnoses,
	.statistics = json_statistics,
	.diagnosis = json_diagnosis,
	.end = json_end,
	.destroy = json_destroy,
};
