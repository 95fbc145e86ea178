/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A document as a syslog message, RFC 5424:
 *
 *   SYSLOG-MSG = "<" PRIVAL ">1" SP TIMESTAMP SP HOSTNAME SP APP-NAME SP PROCID SP MSGID SP STRUCTURED-DATA SP MSG
 *
 * without the BOM before MSG, which would hide a { or CEF: from who looks for one. Over TCP and TLS framed as RFC 6587 and RFC 5425
 * say: MSG-LEN SP SYSLOG-MSG, or SYSLOG-MSG LF.
 */
#ifndef SMTPSCOPE_DELIVERY_SYSLOG_FRAME_H
#define SMTPSCOPE_DELIVERY_SYSLOG_FRAME_H

#include "report/sink/document_head.h"

enum syslog_framing {
	SYSLOG_FRAMING_NONE, /* a datagram */
	SYSLOG_FRAMING_OCTETS,
	SYSLOG_FRAMING_LINES,
};

enum { SYSLOG_FRAME_OVERHEAD = 600 }; /* what a message is longer than its document, at most */

struct syslog_frame {
	unsigned facility;
	const char *host_name;
	long process;
	uint32_t sequence; /* of the last message; counts from 1 and begins anew after 2147483647 */
	enum syslog_framing framing;
};

/* Writes the message of a document, len bytes without a line end, to ret_text, which has room for len + SYSLOG_FRAME_OVERHEAD bytes.
 * Returns its length. wall_ns is for a document without a time. */
size_t syslog_frame_write(
	struct syslog_frame *frame, const char *document, size_t len, int64_t wall_ns, char *ret_text);

#endif
