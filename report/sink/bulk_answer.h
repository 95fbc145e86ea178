/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What Elasticsearch and OpenSearch answer to _bulk: for each document, in the order of the request, what has become of it.
 *
 *   {"errors":true,"items":[{"create":{"status":201}},{"create":{"status":400,"error":{"type":"...","reason":"..."}}}]}
 */
#ifndef SMTPSCOPE_REPORT_SINK_BULK_ANSWER_H
#define SMTPSCOPE_REPORT_SINK_BULK_ANSWER_H

#include <stddef.h>

enum bulk_result {
	BULK_STORED,   /* or there already: 409 */
	BULK_REJECTED, /* it would be the next time, too */
	BULK_BUSY,     /* try it again */
};

/* Calls item for each document. Returns how many there were, or -EBADMSG when it is no such answer. reason lives for the call. */
int bulk_answer_read(const char *text, size_t len,
	void (*item)(void *context, size_t index, enum bulk_result result, const char *reason), void *context);

/* What Splunk's collector answers: {"text":"...","code":N}. Returns the code, or -1. */
int collector_answer_read(const char *text, size_t len);

#endif
