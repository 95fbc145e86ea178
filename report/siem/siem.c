/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/siem/siem.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "decode/ascii.h"
#include "report/escape.h"
#include "report/json.h"
#include "report/json_session.h"

enum { BUFFER_KEPT_MAX = 1 << 20 };

void siem_destroy(struct writer *base) {
	struct siem_writer *writer = (struct siem_writer *)base;
	if (writer == NULL)
		return;
	for (size_t i = 0; i < FIELDS_KINDS; i++)
		plan_finish(&writer->plans[i]);
	if (writer->json.buffer != NULL)
		printbuf_free(writer->json.buffer);
	json_print_finish(&writer->json);
	arena_finish(&writer->arena);
	free(writer);
}

struct writer *siem_create(const struct siem_format *format, const struct writer_options *options, FILE *out) {
	struct siem_writer *writer = calloc(1, sizeof(*writer));
	if (writer == NULL)
		return NULL;
	writer->format = *format;
	writer->options = *options;
	writer->out = out;
	if (options->document_max > 0 && options->document_max < writer->format.document_max)
		writer->format.document_max = options->document_max;
	bool ok = json_print_init(&writer->json, options);
	writer->json.buffer = printbuf_new();
	ok = ok && writer->json.buffer != NULL;
	for (size_t i = 0; ok && i < FIELDS_KINDS; i++)
		if ((format->kinds & FIELDS_OF(i)) != 0)
			ok = plan_create(&writer->plans[i], format->column, (enum fields_kind)i, format->flat);
	if (!ok) {
		siem_destroy((struct writer *)writer);
		return NULL;
	}
	return (struct writer *)writer;
}

static int flush_line(struct siem_writer *writer) {
	struct json_print *json = &writer->json;
	int status = json->failed ? -ENOMEM : json_write_line(writer->out, json->buffer->buf, (size_t)json->buffer->bpos);
	if (json->buffer->size > BUFFER_KEPT_MAX) {
		printbuf_free(json->buffer);
		json->buffer = printbuf_new();
		if (json->buffer == NULL)
			return -ENOMEM;
	}
	return status;
}

static void print(struct siem_writer *writer, const struct fields_subject *subject) {
	printbuf_reset(writer->json.buffer);
	writer->json.failed = false;
	if (writer->format.print != NULL)
		writer->format.print(writer, subject);
	else
		plan_print_json(&writer->plans[subject->kind], writer->format.column, &writer->json, subject);
}

static int write_extra(struct siem_writer *writer, void (*extra)(struct siem_writer *)) {
	printbuf_reset(writer->json.buffer);
	writer->json.failed = false;
	extra(writer);
	return flush_line(writer);
}

static int write_document(struct siem_writer *writer, struct fields_subject *subject) {
	if ((writer->format.kinds & FIELDS_OF(subject->kind)) == 0 || subject->time_ns <= 0)
		return 0;
	int status = 0;
	subject->options = &writer->options;
	subject->json = &writer->json;
	subject->arena = &writer->arena;
	subject->sequence = ++writer->sequence;
	if (subject->time_ns > writer->last_ns)
		writer->last_ns = subject->time_ns;
	if (writer->first_ns == 0) {
		writer->first_ns = subject->time_ns;
		if (writer->format.begin != NULL)
			status = write_extra(writer, writer->format.begin);
	}
	do {
		arena_reset(&writer->arena);
		print(writer, subject);
	} while ((size_t)writer->json.buffer->bpos > writer->format.document_max && ++subject->cut < FIELDS_CUTS);
	return status == 0 ? flush_line(writer) : status;
}

/* ---- Sessions ---- */

static int64_t reply_time(const struct fields_subject *subject, int64_t otherwise) {
	struct fields_reply reply;
	fields_reply(subject, &reply);
	return reply.seen ? reply.at.time_ns : otherwise;
}

__attribute__((format(printf, 2, 3))) static void set_id(struct fields_subject *subject, const char *format, ...) {
	va_list arguments;
	va_start(arguments, format);
	int len = vsnprintf(subject->id, sizeof(subject->id), format, arguments);
	va_end(arguments);
	if (len < 0)
		subject->id[0] = '\0';
}

static int write_attempts(struct siem_writer *writer, const struct record *record) {
	size_t number = 0;
	int status = 0;
	for (const struct record_attempt *attempt = record->attempts; attempt != NULL && status == 0; attempt = attempt->next) {
		struct fields_subject subject = {.kind = FIELDS_AUTH, .record = record, .attempt = attempt, .number = ++number};
		subject.time_ns = reply_time(&subject, attempt->at.time_ns);
		set_id(&subject, "%s-a%zu", record->id, number);
		status = write_document(writer, &subject);
	}
	return status;
}

static int write_mails(struct siem_writer *writer, const struct record *record) {
	size_t number = 0;
	int status = 0;
	for (const struct record_mail *mail = record->mails; mail != NULL && status == 0; mail = mail->next) {
		struct fields_subject subject = {.kind = FIELDS_TRANSACTION, .record = record, .mail = mail, .number = ++number};
		subject.time_ns = reply_time(&subject, mail->at.time_ns);
		set_id(&subject, "%s-t%zu", record->id, number);
		status = write_document(writer, &subject);
	}
	return status;
}

static int write_findings(struct siem_writer *writer, const struct record *record) {
	size_t number = 0;
	int status = 0;
	for (const struct finding *finding = record->findings; finding != NULL && status == 0; finding = finding->next) {
		struct fields_subject subject = {.kind = FIELDS_FINDING, .record = record, .finding = finding, .number = ++number,
			.time_ns = record->close.last.time_ns};
		set_id(&subject, "%s-f%zu", record->id, number);
		status = write_document(writer, &subject);
	}
	return status;
}

int siem_session(struct writer *base, const struct record *record) {
	struct siem_writer *writer = (struct siem_writer *)base;
	/* What is told of a session that goes on would be told again, under the same ids. */
	if (record->close.how == STREAM_CLOSE_NONE)
		return 0;
	writer->json.record = record;
	writer->json.nanoseconds = false;
	int status = write_attempts(writer, record);
	if (status == 0)
		status = write_mails(writer, record);
	if (status == 0)
		status = write_findings(writer, record);
	struct fields_subject subject = {.kind = FIELDS_SESSION, .record = record, .time_ns = record->close.last.time_ns};
	set_id(&subject, "%s-s", record->id);
	/* Zeek has a record for a session only when it has none for a mail. */
	if (status == 0 && (writer->format.column != FIELDS_ZEEK || record->mails == NULL))
		status = write_document(writer, &subject);
	return status;
}

/* ---- All else ---- */

int siem_diagnosis(struct writer *base, const struct diagnosis *diagnosis) {
	struct siem_writer *writer = (struct siem_writer *)base;
	struct fields_subject subject = {.kind = FIELDS_DIAGNOSIS, .diagnosis = diagnosis, .time_ns = diagnosis->last_ns};
	if (diagnosis->state == DIAGNOSIS_STATE_NONE)
		set_id(&subject, "%s-d", diagnosis->key);
	else
		set_id(&subject, "%s-d%" PRIu64, diagnosis->key, diagnosis->updates);
	writer->json.record = NULL;
	writer->json.nanoseconds = false;
	return write_document(writer, &subject);
}

int siem_diagnoses(struct writer *base, const struct diagnosis_report *report) {
	int status = 0;
	for (size_t i = 0; i < report->diagnosis_count && status == 0; i++)
		status = siem_diagnosis(base, report->diagnoses[i]);
	return status;
}

int siem_statistics(struct writer *base, const struct writer_statistics *statistics) {
	struct siem_writer *writer = (struct siem_writer *)base;
	/* Of files, the time is that of the last packet: the same packets give the same documents. */
	struct fields_subject subject = {.kind = FIELDS_STATISTICS, .statistics = statistics,
		.time_ns = statistics->has_live ? statistics->live.time_ns : writer->last_ns};
	set_id(&subject, "%s%s%" PRIx64 "-x", writer->options.sensor != NULL ? writer->options.sensor : "",
		writer->options.sensor != NULL ? "-" : "", (uint64_t)subject.time_ns);
	writer->json.record = NULL;
	writer->json.nanoseconds = false;
	return write_document(writer, &subject);
}

int siem_end(struct writer *base, const struct writer_statistics *statistics) {
	struct siem_writer *writer = (struct siem_writer *)base;
	int status = siem_statistics(base, statistics);
	if (status == 0 && writer->first_ns != 0 && writer->format.finish != NULL)
		status = write_extra(writer, writer->format.finish);
	errno = 0;
	if (fflush(writer->out) != 0 && status == 0)
		status = errno != 0 ? -errno : -EIO;
	return status;
}

/* ---- Text ---- */

static void put_hex(struct json_print *json, unsigned char byte) {
	static const char digits[] = "0123456789abcdef";
	const char text[4] = {'\\', 'x', digits[byte >> 4], digits[byte & 15]};
	json_put(json, text, sizeof(text));
}

/* One character: what is to be written in its place. Returns NULL when it may stand as it is. */
static const char *replacement(char c, enum siem_escape escape) {
	switch (escape) {
	case SIEM_CEF_HEADER:
		return c == '\\' ? "\\\\" : c == '|' ? "\\|" : c == '\r' || c == '\n' || c == '\t' ? " " : NULL;
	case SIEM_CEF:
		return c == '\\' ? "\\\\" : c == '=' ? "\\=" : c == '\r' ? "\\r" : c == '\n' ? "\\n" : c == '\t' ? " " : NULL;
	case SIEM_LEEF:
		return c == '\t' || c == '\r' || c == '\n' ? " " : NULL;
	case SIEM_ZEEK:
	case SIEM_ZEEK_SET:
		return c == '\\' ? "\\\\" : c == ',' && escape == SIEM_ZEEK_SET ? "\\x2c" : NULL;
	}
	return NULL;
}

static struct slice make_utf8(struct siem_writer *writer, struct slice text) {
	bool invalid;
	char *valid = arena_alloc_uninitialised(&writer->arena, ESCAPE_UTF8_GROWTH * text.len);
	size_t len = escape_utf8(text.data, text.len, valid, &invalid);
	return (struct slice){valid, len};
}

void siem_put_text(struct siem_writer *writer, struct slice text, enum siem_escape escape, size_t max) {
	struct json_print *json = &writer->json;
	bool zeek = escape == SIEM_ZEEK || escape == SIEM_ZEEK_SET;
	size_t start = (size_t)json->buffer->bpos;
	if (text.len > max)
		text.len = max;
	if (text.len == 0)
		return;
	text = make_utf8(writer, text);
	for (size_t i = 0, piece; i < text.len; i += piece) {
		uint32_t code = escape_hidden(text.data + i, text.len - i, &piece);
		const char *other = replacement(text.data[i], escape);
		size_t before = (size_t)json->buffer->bpos;
		if (other != NULL)
			json_put_text(json, other);
		else if (code == ESCAPE_VISIBLE)
			json_put(json, text.data + i, piece);
		else if (zeek)
			for (size_t k = 0; k < piece; k++)
				put_hex(json, (unsigned char)text.data[i + k]);
		else
			json_put_text(json, "\xef\xbf\xbd");
		if ((size_t)json->buffer->bpos - start > max) { /* not a part of what stands for one character */
			json->buffer->bpos = (int)before;
			return;
		}
	}
}

static void put_texts(struct siem_writer *writer, const struct slice *items, size_t count, enum siem_escape escape, size_t max) {
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			JSON_PUT(&writer->json, ",");
		siem_put_text(writer, items[i], escape, max);
	}
}

/* Times and numbers as JSON has them are of digits, signs and points, and need no escape. */
void siem_put_value(struct siem_writer *writer, const struct plan_step *step, const struct fields_value *value, enum siem_escape escape,
	size_t max) {
	struct json_print *json = &writer->json;
	const struct fields_row *row = step->row;
	char number[48];
	switch (row->type) {
	case FIELDS_TEXT:
		siem_put_text(writer, value->text, escape, max);
		return;
	case FIELDS_TEXTS:
		put_texts(writer, value->texts.items, value->texts.count, escape, max);
		return;
	case FIELDS_IP: {
		struct fields_subject subject = {.arena = &writer->arena};
		siem_put_text(writer, fields_address(&subject, value->endpoint), escape, max);
		return;
	}
	case FIELDS_BOOL:
		json_put_text(json, value->number != 0 ? "true" : "false");
		return;
	case FIELDS_SEVERITY:
		json_put_number(json, (uint64_t)plan_severity(writer->format.column, (enum finding_severity)value->number));
		return;
	case FIELDS_TIME:
	case FIELDS_DURATION:
		if (writer->format.column == FIELDS_ZEEK)
			snprintf(number, sizeof(number), "%" PRId64 ".%06" PRId64, value->number / 1000000000, value->number / 1000 % 1000000);
		else
			snprintf(number, sizeof(number), "%" PRId64, value->number / 1000000);
		json_put_text(json, number);
		return;
	case FIELDS_NUMBER:
	case FIELDS_SCORE:
		if (row->text != NULL) {
			json_put_text(json, row->text);
			return;
		}
		snprintf(number, sizeof(number), "%" PRId64, value->number);
		json_put_text(json, number);
		return;
	case FIELDS_NUMBERS:
	case FIELDS_OBJECTS:
	case FIELDS_TYPES:
		return;
	}
}

void siem_put_pairs(struct siem_writer *writer, const struct fields_subject *subject, const struct siem_pairs *pairs) {
	const struct plan *plan = &writer->plans[subject->kind];
	struct json_print *json = &writer->json;
	struct fields_value value;
	bool any = false;
	for (size_t i = 0; i < plan->count; i++) {
		const struct plan_step *step = &plan->steps[i];
		if (!plan_get(step, subject, &value))
			continue;
		int before = json->buffer->bpos;
		if (any)
			json_put(json, &pairs->separator, 1);
		json_put_text(json, step->name);
		JSON_PUT(json, "=");
		int start = json->buffer->bpos;
		siem_put_value(writer, step, &value, pairs->escape, pairs->max_of(step));
		while (pairs->separator == ' ' && json->buffer->bpos > start && json->buffer->buf[json->buffer->bpos - 1] == ' ')
			json->buffer->bpos--;
		if (json->buffer->bpos == start) {
			json->buffer->bpos = before;
			continue;
		}
		any = true;
		if (pairs->labels && step->label != NULL) {
			json_put(json, &pairs->separator, 1);
			json_put_text(json, step->name);
			JSON_PUT(json, "Label=");
			json_put_text(json, step->label);
		}
	}
}

/* ---- Classes ---- */

const char *siem_class(const struct fields_subject *subject, const char **ret_title) {
	static const struct {
		const char *id, *title;
	} mails[] = {
		[EVENT_MAIL_UNKNOWN] = {"SMTP-TXN-UNKNOWN", "SMTP transaction of unknown outcome"},
		[EVENT_MAIL_ACCEPTED] = {"SMTP-TXN-OK", "SMTP transaction accepted"},
		[EVENT_MAIL_REJECTED] = {"SMTP-TXN-REJECT", "SMTP transaction rejected"},
		[EVENT_MAIL_ABORTED] = {"SMTP-TXN-ABORT", "SMTP transaction aborted"},
	}, attempts[] = {
		[EVENT_AUTH_UNKNOWN] = {"SMTP-AUTH-UNKNOWN", "SMTP authentication of unknown outcome"},
		[EVENT_AUTH_ACCEPTED] = {"SMTP-AUTH-OK", "SMTP authentication succeeded"},
		[EVENT_AUTH_REJECTED] = {"SMTP-AUTH-FAIL", "SMTP authentication failed"},
		[EVENT_AUTH_CANCELLED] = {"SMTP-AUTH-CANCEL", "SMTP authentication cancelled"},
	};
	switch (subject->kind) {
	case FIELDS_TRANSACTION:
		*ret_title = mails[subject->mail->result].title;
		return mails[subject->mail->result].id;
	case FIELDS_AUTH:
		*ret_title = attempts[subject->attempt->result].title;
		return attempts[subject->attempt->result].id;
	case FIELDS_FINDING:
		*ret_title = subject->finding->title;
		return subject->finding->id;
	case FIELDS_DIAGNOSIS:
		*ret_title = subject->diagnosis->id; /* its title names users and servers: that is no name for a class */
		return subject->diagnosis->id;
	case FIELDS_SESSION:
	case FIELDS_STATISTICS:
	case FIELDS_KINDS:
		break;
	}
	*ret_title = "SMTP session";
	return "SMTP-SESSION";
}
