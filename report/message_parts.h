/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The parts that a message consists of (RFC 2045, 2046), with their names, sizes and hashes.
 */
#ifndef SMTPSCOPE_REPORT_MESSAGE_PARTS_H
#define SMTPSCOPE_REPORT_MESSAGE_PARTS_H

#include "report/message_reader.h"

enum {
	MESSAGE_PARTS_MAX = 256, /* of a message; more are counted */
	MESSAGE_PARTS_DEPTH_MAX = 8, /* of parts in parts; what is deeper is not looked into */
	MESSAGE_PARTS_PATH_MAX = 11 * (MESSAGE_PARTS_DEPTH_MAX + 1),
	MESSAGE_PARTS_MD5_LEN = 16,
	MESSAGE_PARTS_SHA256_LEN = 32,
};

/* A part that holds no other parts, or a message in the message. */
struct message_part {
	char path[MESSAGE_PARTS_PATH_MAX]; /* "1", "2.1": its place, as IMAP counts (RFC 3501, 6.4.5) */
	struct slice name;        /* of the file; has_name */
	struct slice type;        /* "text/plain", in lower case; empty: what is there is no media type */
	struct slice disposition; /* "attachment"; empty: none */
	struct slice encoding;    /* Content-Transfer-Encoding in lower case; empty: none */
	bool has_name;
	bool complete;            /* it was seen to its end; otherwise no hash can be told */
	bool malformed;           /* its bytes are not what the encoding says */
	bool hashed, has_md5; /* is there SHA-256; is there MD5, which some systems do not allow */
	uint64_t size;            /* decoded; of what was seen */
	uint8_t md5[MESSAGE_PARTS_MD5_LEN], sha256[MESSAGE_PARTS_SHA256_LEN]; /* of the decoded bytes */
	struct message_part *next;
};

struct message_parts {
	struct message_part *first;
	size_t count; /* also those over the limit */
	size_t kept;
};

/* Reads the parts of the message at the start of which data is. whole: data is all of it. What is found is in the arena. */
void message_parts_read(
	struct message_reader *reader, struct arena *arena, struct slice data, bool whole, struct message_parts *ret_parts);

#endif
