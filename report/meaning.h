/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What commands and replies mean, in plain words.
 */
#ifndef SMTPSCOPE_REPORT_MEANING_H
#define SMTPSCOPE_REPORT_MEANING_H

#include "decode/event.h"
#include "report/words.h"

/* Why a server refuses, as far as the enhanced code and the wording tell. */
enum meaning_reason {
	MEANING_REASON_UNKNOWN,
	MEANING_REASON_SENDER_POLICY, /* SPF, DKIM, DMARC: about the sender's domain, not about a login */
	MEANING_REASON_ENCRYPTION,    /* TLS first */
	MEANING_REASON_LOGIN,         /* AUTH first */
	MEANING_REASON_GREYLISTED,
	MEANING_REASON_RELAY, /* the server does not pass mail on for this client */
	MEANING_REASON_BLOCKLISTED,
	MEANING_REASON_SPAM,
	MEANING_REASON_FULL, /* mailbox or disk */
	MEANING_REASON_NO_MAILBOX,
	MEANING_REASON_RATE,
	MEANING_REASON_TIMEOUT, /* the client said nothing for too long */
	MEANING_REASON_SIZE,
	MEANING_REASON_COUNT
};

/* Reads the reason out of a refusal. Addresses and links in the text do not count. */
enum meaning_reason meaning_reply_reason(uint16_t code, struct slice enhanced, const struct slice *lines, size_t line_count);

/* Returns a few words, e.g. "relaying denied"; NULL for MEANING_REASON_UNKNOWN. */
const char *meaning_reason_words(enum meaning_reason reason, const struct words *words);

/* Returns a few words for the details of an enhanced status code, e.g. "no such mailbox" for 5.1.1; NULL when there are
 * none. */
const char *meaning_enhanced_words(struct slice enhanced, const struct words *words);

/* Returns what a command does, e.g. "sender"; of an unknown one that it is unknown. */
const char *meaning_command(enum verb verb, struct slice name, const struct words *words);

/* Appends what a reply says, e.g. "recipient refused: no such mailbox". Every code has at least the meaning of its class. */
void meaning_add_reply(struct terminal_text *text, const struct event_reply *reply, const struct words *words);

/* Returns "connection refused" and the like for a way a connection ended. */
const char *meaning_close(enum stream_close_how how, const struct words *words);

/* Returns a sentence for an anomaly. */
const char *meaning_anomaly(enum event_anomaly_id id, const struct words *words);

/* Returns a sentence for the text of stream_close.icmp, or NULL. */
const char *meaning_icmp(const char *icmp, const struct words *words);

#endif
