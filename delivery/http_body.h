/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What is posted: some documents of a batch, as the receiver wants them.
 *
 *   lines          the documents, a line each
 *   Elasticsearch  {"create":{"_index":...,"_id":...}} and the document; the index is that of its data stream. A data stream takes
 *                  nothing without @timestamp: a document that lacks it gets it, the time of what it tells.
 *   Splunk         documents in the collector's envelope, unless they have it already
 */
#ifndef SMTPSCOPE_DELIVERY_HTTP_BODY_H
#define SMTPSCOPE_DELIVERY_HTTP_BODY_H

#include <stdint.h>

#include "report/sink/destination.h"

struct http_body {
	const struct destination *destination;
	const char *host_name;
	char *data;
	size_t len, capacity;
};

/* Adds a document, len bytes without a line end. wall_ns is for one without a time. Returns 0 or a negative errno. */
int http_body_add(struct http_body *body, const char *document, size_t len, int64_t wall_ns);

/* gzip, in place. Returns 0 or a negative errno. */
int http_body_compress(struct http_body *body);

void http_body_clear(struct http_body *body);

/* Accepts zeroed. */
void http_body_finish(struct http_body *body);

#endif
