/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Zeek's smtp.log, as JSON and as text with tabs: a record for each mail, and one for a session that never came to a mail
 * (https://docs.zeek.org/en/master/scripts/base/protocols/smtp/main.zeek.html).
 */
#include "report/siem/siem.h"

#include <string.h>
#include <time.h>

#include "decode/ascii.h"

/* The columns in their order, with their types. */
static const struct column {
	const char *name, *type;
} columns[] = {
	{"ts", "time"},
	{"uid", "string"},
	{"id.orig_h", "addr"},
	{"id.orig_p", "port"},
	{"id.resp_h", "addr"},
	{"id.resp_p", "port"},
	{"trans_depth", "count"},
	{"helo", "string"},
	{"mailfrom", "string"},
	{"rcptto", "set[string]"},
	{"date", "string"},
	{"from", "string"},
	{"to", "set[string]"},
	{"cc", "set[string]"},
	{"reply_to", "string"},
	{"msg_id", "string"},
	{"in_reply_to", "string"},
	{"subject", "string"},
	{"x_originating_ip", "addr"},
	{"first_received", "string"},
	{"second_received", "string"},
	{"last_reply", "string"},
	{"path", "vector[addr]"},
	{"user_agent", "string"},
	{"tls", "bool"},
	{"fuids", "vector[string]"},
};

enum { COLUMNS = sizeof(columns) / sizeof(columns[0]), VALUE_MAX = 4096 };

static const struct plan_step *find_step(const struct plan *plan, const char *name) {
	for (size_t i = 0; i < plan->count; i++)
		if (strcmp(plan->steps[i].name, name) == 0)
			return &plan->steps[i];
	return NULL;
}

/* A text that is what stands for something else is told from it by an escape. */
static void put_string(struct siem_writer *writer, struct slice text, enum siem_escape escape) {
	struct json_print *json = &writer->json;
	bool unset = text.len == 1 && text.data[0] == '-', empty = text.len == 7 && memcmp(text.data, "(empty)", 7) == 0;
	if (text.len == 0) {
		json_put_text(json, "(empty)");
		return;
	}
	if (unset || empty) {
		json_put_text(json, unset ? "\\x2d" : "\\x28");
		text = slice_skip(text, 1);
	}
	siem_put_text(writer, text, escape, VALUE_MAX);
}

static void put_field(struct siem_writer *writer, const struct plan_step *step, const struct fields_value *value) {
	if (step->row->type == FIELDS_TEXT)
		put_string(writer, value->text, SIEM_ZEEK);
	else if (step->row->type == FIELDS_TEXTS)
		for (size_t i = 0; i < value->texts.count; i++) {
			if (i > 0)
				JSON_PUT(&writer->json, ",");
			put_string(writer, value->texts.items[i], SIEM_ZEEK_SET);
		}
	else if (step->row->type == FIELDS_BOOL)
		json_put_text(&writer->json, value->number != 0 ? "T" : "F");
	else
		siem_put_value(writer, step, value, SIEM_ZEEK, VALUE_MAX);
}

static void print_line(struct siem_writer *writer, const struct fields_subject *subject) {
	struct json_print *json = &writer->json;
	for (size_t i = 0; i < COLUMNS; i++) {
		const struct plan_step *step = find_step(&writer->plans[subject->kind], columns[i].name);
		struct fields_value value;
		if (i > 0)
			JSON_PUT(json, "\t");
		if (step != NULL && plan_get(step, subject, &value))
			put_field(writer, step, &value);
		else
			json_put_text(json, strcmp(columns[i].name, "fuids") == 0 ? "(empty)" : "-");
	}
}

static void put_moment(struct json_print *json, const char *name, int64_t time_ns) {
	char text[32];
	time_t second = (time_t)(time_ns / 1000000000);
	struct tm tm;
	gmtime_r(&second, &tm);
	strftime(text, sizeof(text), "%Y-%m-%d-%H-%M-%S", &tm);
	JSON_PUT(json, "#");
	json_put_text(json, name);
	JSON_PUT(json, "\t");
	json_put_text(json, text);
}

/* Times are those of the packets, so that the same packets give the same file. */
static void print_begin(struct siem_writer *writer) {
	struct json_print *json = &writer->json;
	JSON_PUT(json, "#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\tsmtp\n");
	put_moment(json, "open", writer->first_ns);
	JSON_PUT(json, "\n#fields");
	for (size_t i = 0; i < COLUMNS; i++) {
		JSON_PUT(json, "\t");
		json_put_text(json, columns[i].name);
	}
	JSON_PUT(json, "\n#types");
	for (size_t i = 0; i < COLUMNS; i++) {
		JSON_PUT(json, "\t");
		json_put_text(json, columns[i].type);
	}
}

static void print_finish(struct siem_writer *writer) {
	put_moment(&writer->json, "close", writer->last_ns);
}

#define KINDS (FIELDS_OF(FIELDS_SESSION) | FIELDS_OF(FIELDS_TRANSACTION))

/* There are no files: the list of their ids is there, and empty. */
static void print_json(struct siem_writer *writer, const struct fields_subject *subject) {
	struct json_print *json = &writer->json;
	plan_print_json(&writer->plans[subject->kind], FIELDS_ZEEK, json, subject);
	if (json->failed)
		return;
	json->buffer->bpos--;
	JSON_PUT(json, ",\"fuids\":[]}");
}

static struct writer *create_json(const struct writer_options *options, FILE *out) {
	return siem_create(&(struct siem_format){.column = FIELDS_ZEEK, .kinds = KINDS, .flat = true, .document_max = SIEM_JSON_MAX,
		.print = print_json}, options, out);
}

static struct writer *create_tsv(const struct writer_options *options, FILE *out) {
	return siem_create(&(struct siem_format){.column = FIELDS_ZEEK, .kinds = KINDS, .flat = true, .document_max = SIEM_JSON_MAX,
		.print = print_line, .begin = print_begin, .finish = print_finish}, options, out);
}

const struct writer_format siem_zeek_format = {
	.name = "zeek",
	.summary = "Zeek's smtp.log, as JSON",
	.create = create_json,
	.session = siem_session,
	.end = siem_end,
	.destroy = siem_destroy,
};

const struct writer_format siem_zeek_tsv_format = {
	.name = "zeek-tsv",
	.summary = "Zeek's smtp.log, with tabs between columns",
	.create = create_tsv,
	.session = siem_session,
	.end = siem_end,
	.destroy = siem_destroy,
};
