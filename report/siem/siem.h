/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the writers for other programs have in common: they turn a session into documents, one a mail, a login and a finding and one for
 * the session itself, number them, and keep each within the size that collectors take.
 *
 * Each document is one line, written with one call.
 */
#ifndef SMTPSCOPE_REPORT_SIEM_SIEM_H
#define SMTPSCOPE_REPORT_SIEM_SIEM_H

#include "report/siem/plan.h"

enum {
	SIEM_JSON_MAX = 9900,  /* bytes of a document: Splunk cuts lines at 10,000 */
	SIEM_LINE_MAX = 7600,  /* with the header of a syslog message: receivers take 8,192 */
};

struct siem_writer;

struct siem_format {
	enum fields_format column;
	unsigned kinds;      /* of documents that there are: FIELDS_OF() */
	bool flat;           /* dots in names stand for themselves */
	size_t document_max; /* bytes */
	/* Prints a document to writer->json.buffer. NULL: as JSON. */
	void (*print)(struct siem_writer *writer, const struct fields_subject *subject);
	/* Before the first document and after the last one, if there was one; NULL: nothing. Each prints to the buffer. */
	void (*begin)(struct siem_writer *writer);
	void (*finish)(struct siem_writer *writer);
};

struct siem_writer {
	struct siem_format format;
	struct writer_options options;
	FILE *out;
	struct json_print json;
	struct arena arena; /* of the document at hand */
	struct plan plans[FIELDS_KINDS];
	uint64_t sequence;
	int64_t first_ns, last_ns; /* times of documents: the first, the latest; 0: none */
};

/* What a writer_format consists of; create is the format's own, and calls siem_create(). */
struct writer *siem_create(const struct siem_format *format, const struct writer_options *options, FILE *out);
int siem_session(struct writer *writer, const struct record *record);
int siem_diagnoses(struct writer *writer, const struct diagnosis_report *report);
int siem_diagnosis(struct writer *writer, const struct diagnosis *diagnosis);
int siem_statistics(struct writer *writer, const struct writer_statistics *statistics);
int siem_end(struct writer *writer, const struct writer_statistics *statistics);
void siem_destroy(struct writer *writer);

/* ---- For formats that are no JSON ---- */

/* What must not be in a text, beside what no format can show (control characters, what is invisible or turns text around). */
enum siem_escape {
	SIEM_CEF_HEADER, /* \ and | with a backslash, line ends as blanks */
	SIEM_CEF,        /* \ and = with a backslash, line ends as \r and \n */
	SIEM_LEEF,       /* tabs and line ends as blanks: there is no escape */
	SIEM_ZEEK,       /* as \x09; \ as \\ */
	SIEM_ZEEK_SET,   /* and commas */
};

/* Appends to the buffer a text of at most max bytes, made valid UTF-8 and escaped; it is not cut inside a character. */
void siem_put_text(struct siem_writer *writer, struct slice text, enum siem_escape escape, size_t max);

/* Appends a value as text: numbers and times as JSON has them, true and false, lists with commas. */
void siem_put_value(struct siem_writer *writer, const struct plan_step *step, const struct fields_value *value, enum siem_escape escape,
	size_t max);

/* How names and values stand in a line. */
struct siem_pairs {
	char separator; /* between pairs; blanks at the end of a value would be taken for it, and go, when it is one */
	enum siem_escape escape;
	size_t (*max_of)(const struct plan_step *step); /* bytes of a value */
	bool labels; /* behind a field that has no name of its own follows one that says what it is */
};

/* Appends NAME=VALUE for each field that there is, but for those that are empty: to some readers they are an error. */
void siem_put_pairs(struct siem_writer *writer, const struct fields_subject *subject, const struct siem_pairs *pairs);

/* The stable name of what a document tells of, and its title: SMTP-AUTH-FAIL, "SMTP authentication failed"; of findings their id and title,
 * of diagnoses their id. Neither has a value from the wire. */
const char *siem_class(const struct fields_subject *subject, const char **ret_title);

extern const struct writer_format siem_ecs_format;
extern const struct writer_format siem_ocsf_format;
extern const struct writer_format siem_zeek_format;
extern const struct writer_format siem_zeek_tsv_format;
extern const struct writer_format siem_eve_format;
extern const struct writer_format siem_cef_format;
extern const struct writer_format siem_leef_format;
extern const struct writer_format siem_splunk_format;

#endif
