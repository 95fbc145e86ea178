/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reads documents back: one line of NDJSON in, the facts of a session out.
 */
#ifndef SMTPSCOPE_REPORT_DOCUMENT_H
#define SMTPSCOPE_REPORT_DOCUMENT_H

#include "report/facts.h"

enum document_result {
	DOCUMENT_SESSION,
	DOCUMENT_OTHER,      /* of another type, or of a session that goes on */
	DOCUMENT_SCHEMA,     /* a session document of another schema */
	DOCUMENT_INCOMPLETE, /* a session document without what every one has, or with nonsense in its place */
	DOCUMENT_NOT_JSON,
	DOCUMENT_TOO_LARGE, /* more values than any session of ours has */
	DOCUMENT_RESULT_COUNT
};

/* What the documents of a result were, in a few words (a constant); NULL for DOCUMENT_SESSION. */
const char *document_result_name(enum document_result result);

/* Reads documents one after the other; memory is used again. */
struct document_reader;

/* NULL when there is no memory. */
struct document_reader *document_reader_create(void);

/* Reads the document at text[0..len). The text may be changed. Fills ret_facts when the result is DOCUMENT_SESSION: they
 * borrow from the reader, until the next call. */
enum document_result document_read(struct document_reader *reader, char *text, size_t len, struct facts *ret_facts);

/* Accepts NULL. */
void document_reader_destroy(struct document_reader *reader);

#endif
