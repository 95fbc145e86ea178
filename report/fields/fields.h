/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The facts that the formats for other programs (ecs, ocsf, zeek, eve, cef, leef, splunk) tell, one row each: what it is called
 * here, what it means, how it is taken from a record, and what each format calls it. The writers of report/siem/ and
 * `--list-fields` are made of these rows.
 */
#ifndef SMTPSCOPE_REPORT_FIELDS_FIELDS_H
#define SMTPSCOPE_REPORT_FIELDS_FIELDS_H

#include <stdio.h>

#include "report/diagnosis.h"
#include "report/json_print.h"
#include "report/record.h"
#include "report/writer.h"

/* Kinds of documents. One session makes one of the first, and one of the next three for each mail, login and finding. */
enum fields_kind {
	FIELDS_SESSION,
	FIELDS_TRANSACTION,
	FIELDS_AUTH,
	FIELDS_FINDING,
	FIELDS_DIAGNOSIS,
	FIELDS_STATISTICS,
	FIELDS_KINDS
};

/* Formats, by column. */
enum fields_format {
	FIELDS_ECS,
	FIELDS_OCSF,
	FIELDS_OCSF_1_3, /* NULL: as FIELDS_OCSF; "": not in it */
	FIELDS_ZEEK,
	FIELDS_EVE,
	FIELDS_CEF,
	FIELDS_LEEF,
	FIELDS_SPLUNK,
	FIELDS_FORMATS
};

/* What a value is, from which follows how each format writes it. */
enum fields_type {
	FIELDS_TEXT,
	FIELDS_NUMBER,
	FIELDS_BOOL,
	FIELDS_TIME,     /* nanoseconds since 1970 */
	FIELDS_DURATION, /* nanoseconds */
	FIELDS_SCORE,    /* a number with a fraction of zero */
	FIELDS_IP,
	FIELDS_SEVERITY, /* enum finding_severity */
	FIELDS_TEXTS,
	FIELDS_NUMBERS,
	FIELDS_OBJECTS,  /* JSON that the row prints itself; formats that are no JSON leave it out */
	FIELDS_TYPES
};

struct fields_object {
	void (*print)(struct json_print *json, const void *item, size_t number); /* one item of the list */
	const void *first;
	const void *(*next)(const void *item);
	size_t max; /* of items printed; 0: all */
};

struct fields_value {
	union {
		struct slice text;
		int64_t number; /* of NUMBER, BOOL, TIME, DURATION, SCORE, SEVERITY */
		const struct stream_endpoint *endpoint; /* IP */
		struct { const struct slice *items; size_t count; } texts;
		struct { const uint64_t *items; size_t count; } numbers;
		struct fields_object objects;
	};
};

/* How much is left out of a document that is longer than it may be. Each level has what is left out by those before it. */
enum fields_cut {
	FIELDS_CUT_NOTHING,
	FIELDS_CUT_EVIDENCE,
	FIELDS_CUT_EXTENSIONS,
	FIELDS_CUT_RECIPIENTS,  /* beyond FIELDS_LIST_CUT */
	FIELDS_CUT_ADDRESSES,   /* lists as the former; an address, or a user, that is long is left out and never cut */
	FIELDS_CUT_ATTACHMENTS, /* beyond FIELDS_ATTACHMENTS_CUT */
	FIELDS_CUT_SUBJECT,     /* beyond FIELDS_TEXT_CUT bytes, as the next ones */
	FIELDS_CUT_REPLY,
	FIELDS_CUT_TEXTS,       /* all other texts, and lists beyond FIELDS_ATTACHMENTS_CUT */
	FIELDS_CUT_MOST,        /* what does not identify the document */
	FIELDS_CUTS
};

enum { FIELDS_LIST_CUT = 20, FIELDS_ATTACHMENTS_CUT = 5, FIELDS_TEXT_CUT = 256, FIELDS_CORE_CUT = 64 };

/* What a document is about: the parts of a record that it tells of, and what rows need to make values. */
struct fields_subject {
	enum fields_kind kind;
	const struct record *record; /* NULL for diagnoses and statistics */
	const struct record_mail *mail;
	const struct record_attempt *attempt;
	const struct finding *finding;
	const struct diagnosis *diagnosis;
	const struct writer_statistics *statistics;
	size_t number;       /* of the mail, attempt or finding, from 1 */
	uint64_t sequence;   /* of the document, from 1 */
	int64_t time_ns;
	enum fields_cut cut;

	const struct writer_options *options;
	struct json_print *json;  /* how user names are shown */
	struct arena *arena;      /* for values that must be made; lives as long as the document */
	char id[64];              /* the same for the same packets */
};

typedef bool fields_get(const struct fields_subject *subject, struct fields_value *ret_value);

struct fields_row {
	const char *name;    /* what it is called here: as in the native document, where that has it; NULL: only one format has such a thing */
	enum fields_type type;
	unsigned kinds;      /* of FIELDS_OF() */
	const char *meaning; /* a sentence without its full stop */
	const char *text;    /* a constant value; NULL: get makes it */
	fields_get *get;     /* returns false when there is no value: it is then left out */
	enum fields_cut cut; /* from this level on it is cut or left out; FIELDS_CUT_NOTHING: by its type */
	bool core;           /* never left out */
	/* Names, several with blanks between them. Dots are for objects in objects; a "[]" behind an object's name: in an array of one.
	 * Behind a name, "[]" puts the value into an array, "$" makes a text of it. Of CEF "cs1:authMechanism" is a custom field with its
	 * label. */
	const char *names[FIELDS_FORMATS];
};

#define FIELDS_OF(kind) (1u << (kind))

enum {
	FIELDS_OF_RECORD = 1 << FIELDS_SESSION | 1 << FIELDS_TRANSACTION | 1 << FIELDS_AUTH | 1 << FIELDS_FINDING,
	FIELDS_OF_ALERT = 1 << FIELDS_FINDING | 1 << FIELDS_DIAGNOSIS,
	FIELDS_OF_ALL = (1 << FIELDS_KINDS) - 1,
};

/* The rows, in groups. A group ends with a row without type and names (kinds is 0). */
extern const struct fields_row fields_document[]; /* what each document has: time, id, kind */
extern const struct fields_row fields_connection[];
extern const struct fields_row fields_mail[];
extern const struct fields_row fields_auth[];
extern const struct fields_row fields_tls[];
extern const struct fields_row fields_finding[];
extern const struct fields_row fields_diagnosis[];
extern const struct fields_row fields_statistics[];
extern const struct fields_row fields_ocsf[]; /* what OCSF asks for beside facts */

/* The groups in the order of documents, ended by NULL. */
extern const struct fields_row *const fields_groups[];

extern const char *const fields_kind_names[FIELDS_KINDS];     /* "session" */
extern const char *const fields_format_names[FIELDS_FORMATS]; /* "ecs" */
extern const char *const fields_type_names[FIELDS_TYPES];     /* "text" */

/* What a row is called in a format; NULL when it is not in it. */
const char *fields_names_in(const struct fields_row *row, enum fields_format format);

/* Prints the rows as a table for people and programs, tabs between its columns: of one format, or, with NULL, all rows and their names
 * in all formats. Returns false when there is no such format. */
bool fields_list(FILE *out, const char *format);

/* ---- For rows ---- */

/* Each fills in a value and returns whether there is one: whether the text is not empty, the number not negative ... */
static inline bool fields_text(struct fields_value *value, struct slice text) {
	value->text = text;
	return text.len > 0;
}

static inline bool fields_constant(struct fields_value *value, const char *text) {
	if (text == NULL || *text == '\0')
		return false;
	value->text = (struct slice){text, strlen(text)};
	return true;
}

static inline bool fields_number(struct fields_value *value, int64_t number) {
	value->number = number;
	return number >= 0;
}

static inline bool fields_count_if_any(struct fields_value *value, uint64_t count) {
	value->number = count > INT64_MAX ? INT64_MAX : (int64_t)count;
	return count > 0;
}

static inline bool fields_texts(struct fields_value *value, const struct slice *items, size_t count) {
	value->texts.items = items;
	value->texts.count = count;
	return count > 0;
}

/* A list that grows in the arena of a subject. */
struct fields_list {
	const struct fields_subject *subject;
	struct slice *items;
	size_t count, capacity;
};

void fields_list_add(struct fields_list *list, struct slice text); /* empty ones are left out */
void fields_list_add_new(struct fields_list *list, struct slice text); /* so are those that are in it */

static inline bool fields_of_list(struct fields_value *value, const struct fields_list *list) {
	return fields_texts(value, list->items, list->count);
}

/* A text in the arena. */
__attribute__((format(printf, 2, 3))) struct slice fields_format(const struct fields_subject *subject, const char *format, ...);
struct slice fields_join(const struct fields_subject *subject, struct slice one, const char *between, struct slice other);

/* A user name as the options want it; empty: not at all. */
struct slice fields_user(const struct fields_subject *subject, struct slice name);
struct slice fields_address(const struct fields_subject *subject, const struct stream_endpoint *endpoint);

/* An address of the envelope, in document `subject`; empty when it is not to be shown. */
static inline struct slice fields_of_envelope(const struct fields_subject *subject, struct slice address) {
	return subject->record->envelope_omitted ? (struct slice){NULL, 0} : address;
}

/* Could it be the name of a host, with a domain? */
bool fields_is_host_name(struct slice name);

/* The reply that decides what came of the subject; of a session its last reply, of a finding the last reply among its frames. NULL: none
 * seen. */
struct fields_reply {
	bool seen;
	uint16_t code;
	struct slice enhanced;
	const struct slice *lines;
	size_t line_count;
	struct stream_moment at;
};

void fields_reply(const struct fields_subject *subject, struct fields_reply *ret_reply);
/* Its words, lines joined by blanks. */
struct slice fields_reply_text(const struct fields_subject *subject, const struct fields_reply *reply);
/* All of it: "250 2.1.0 Ok". */
struct slice fields_reply_line(const struct fields_subject *subject, const struct fields_reply *reply);

/* Did it succeed, as far as that was seen? */
enum fields_outcome { FIELDS_OUTCOME_NONE, FIELDS_OUTCOME_UNKNOWN, FIELDS_OUTCOME_SUCCESS, FIELDS_OUTCOME_FAILURE };
enum fields_outcome fields_outcome(const struct fields_subject *subject);

/* The direction across the border of the networks that are known as local; UNKNOWN when none are. */
enum fields_direction {
	FIELDS_DIRECTION_UNKNOWN,
	FIELDS_DIRECTION_INBOUND,
	FIELDS_DIRECTION_OUTBOUND,
	FIELDS_DIRECTION_INTERNAL,
	FIELDS_DIRECTION_EXTERNAL,
};
enum fields_direction fields_direction(const struct fields_subject *subject);

/* The mail that the subject tells of; of a session the only one; NULL. */
const struct record_mail *fields_mail_of(const struct fields_subject *subject);
const struct message_headers *fields_headers(const struct fields_subject *subject);
bool fields_header_text(const struct fields_subject *subject, enum message_field field, struct fields_value *value);
/* Bare addresses of a header. */
bool fields_header_addresses(const struct fields_subject *subject, enum message_field field, struct fields_value *value);

enum finding_severity fields_severity(const struct fields_subject *subject);
const char *const *fields_attack(const struct fields_subject *subject); /* NULL: none */
struct slice fields_explanation(const struct fields_subject *subject);

#endif
