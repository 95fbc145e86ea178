/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Is this stream SMTP? For ports that say nothing.
 */
#ifndef SMTPSCOPE_DECODE_DETECT_H
#define SMTPSCOPE_DECODE_DETECT_H

#include "decode/hold.h"

enum detect_verdict { DETECT_MORE, DETECT_YES, DETECT_NO };

struct detect_result {
	size_t skip_chunks;       /* chunks before the session: a SOCKS or HTTP CONNECT dialogue, for example */
	size_t skip_bytes;        /* of the first chunk after those */
	bool roles_swapped;       /* what capture took for the client is the server */
	bool starts_with_greeting;
};

/* Judges the chunks held so far. The verdict does not depend on how the bytes were cut into chunks: it looks at turns, the bytes
 * that one side sends before the other speaks. */
enum detect_verdict detect_smtp(const struct hold_queue *held, struct detect_result *ret_result);

#endif
