/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One SMTP session: chunks of both sides in, events out.
 *
 * A session never fails: any bytes give events. It is bounded in memory whatever it is fed.
 */
#ifndef SMTPSCOPE_DECODE_SESSION_H
#define SMTPSCOPE_DECODE_SESSION_H

#include "decode/decryptor.h"
#include "decode/event.h"

struct session;

/* Returns a new session that reports to sink, or NULL when there is no memory. Events may come from this call on.
 * The caller destroys it; open is not kept beyond the call except for open->source. */
struct session *session_create(const struct stream_open *open, struct event_sink sink);

/* Lets it read what is encrypted. The decryptor outlives the session. To be called before the first chunk. */
void session_set_decryptor(struct session *session, const struct decryptor *decryptor);

/* Feeds the next chunk. After STREAM_IGNORE further chunks are accepted and ignored. */
enum stream_interest session_feed(struct session *session, const struct stream_chunk *chunk);

/* What EVENT_CLOSE would say now, without saying it: `close` is what the connection has come to so far. *ret_event refers to
 * *ret_close. */
void session_peek(const struct session *session, const struct stream_close *close, struct stream_close *ret_close,
	struct event_close *ret_event);

/* The connection has ended: settles what is open and reports EVENT_CLOSE. Returns false, and reports nothing at all, when the
 * stream turned out not to be SMTP (only streams without a hint can). Call once, before session_destroy(). */
bool session_finish(struct session *session, const struct stream_close *close);

/* The bytes of memory that it has taken, the struct included. */
size_t session_memory(const struct session *session);

/* Accepts NULL. */
void session_destroy(struct session *session);

#endif
