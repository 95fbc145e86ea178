/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a transport must know of a document that is rendered already: what it is, its id, its session, its time. Read from the
 * text, whichever of our formats it is in, without building anything: a few fields are looked for, the rest is passed over.
 */
#ifndef SMTPSCOPE_REPORT_SINK_DOCUMENT_HEAD_H
#define SMTPSCOPE_REPORT_SINK_DOCUMENT_HEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Into the document. Of strings what is between the quotes, escapes as they are. NULL: it has none. */
struct document_text {
	const char *data;
	size_t len;
};

enum document_level { DOCUMENT_INFORMATIONAL, DOCUMENT_LOW, DOCUMENT_MEDIUM, DOCUMENT_HIGH, DOCUMENT_CRITICAL };

enum { DOCUMENT_ID_SIZE = 65, DOCUMENT_KIND_SIZE = 24, DOCUMENT_KEY_SIZE = 96 };

struct document_head {
	bool is_json;
	char kind[DOCUMENT_KIND_SIZE];    /* session, auth, finding, diagnosis, statistics, ...; lower case; "document" if it does not say */
	char id[DOCUMENT_ID_SIZE];        /* the same for the same document: its own, or made of its bytes */
	char session[DOCUMENT_KEY_SIZE];  /* of which session it is; empty: of none */
	char server[DOCUMENT_KEY_SIZE];   /* its endpoint, IP:PORT; empty: none */
	enum document_level level;        /* the worst that it tells of */
	bool has_time;
	int64_t time_ns;                  /* of what it tells */
	bool has_timestamp;               /* it has the field @timestamp, */
	bool has_envelope;                /* it is Splunk's envelope */
	struct document_text stream_type, stream_dataset, stream_namespace; /* data_stream, as Elastic has it */
};

/* data is one document; a newline at its end is not part of it. */
void document_head_read(const char *data, size_t len, struct document_head *ret_head);

#endif
