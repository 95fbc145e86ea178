/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "delivery/syslog_frame.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { HEADER_MAX = 560, SEQUENCE_MAX = 2147483647 };

static unsigned severity(enum document_level level) {
	static const unsigned severities[] = {[DOCUMENT_INFORMATIONAL] = 6, [DOCUMENT_LOW] = 5, [DOCUMENT_MEDIUM] = 4,
		[DOCUMENT_HIGH] = 3, [DOCUMENT_CRITICAL] = 2};
	return severities[level];
}

static int write_header(struct syslog_frame *frame, const struct document_head *head, int64_t wall_ns, char *header) {
	int64_t time_ns = head->has_time ? head->time_ns : wall_ns;
	time_t seconds = (time_t)(time_ns / 1000000000);
	struct tm broken;
	char when[40], kind[DOCUMENT_KIND_SIZE];
	gmtime_r(&seconds, &broken);
	strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%S", &broken);
	for (size_t i = 0; i < sizeof(kind); i++)
		kind[i] = (char)toupper((unsigned char)head->kind[i]);
	frame->sequence = frame->sequence < SEQUENCE_MAX ? frame->sequence + 1 : 1;
	return snprintf(header, HEADER_MAX, "<%u>1 %s.%06" PRId64 "Z %.255s smtpscope %ld %.32s [meta sequenceId=\"%" PRIu32 "\"] ",
		frame->facility * 8 + severity(head->level), when, time_ns % 1000000000 / 1000, frame->host_name, frame->process, kind,
		frame->sequence);
}

size_t syslog_frame_write(
	struct syslog_frame *frame, const char *document, size_t len, int64_t wall_ns, char *ret_text) {
	struct document_head head;
	char header[HEADER_MAX];
	document_head_read(document, len, &head);
	size_t header_len = (size_t)write_header(frame, &head, wall_ns, header), at = 0;
	if (frame->framing == SYSLOG_FRAMING_OCTETS)
		at = (size_t)sprintf(ret_text, "%zu ", header_len + len);
	memcpy(ret_text + at, header, header_len);
	memcpy(ret_text + at + header_len, document, len);
	at += header_len + len;
	if (frame->framing == SYSLOG_FRAMING_LINES)
		ret_text[at++] = '\n';
	return at;
}
