/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the diagnosis needs to know of one session, whether it comes from packets or from a session document.
 *
 * Facts are compact: they can be packed into bytes and unpacked again, so that sessions can be sorted by time outside of memory.
 * Slices hold text made safe (valid UTF-8), as the session document has it, so that both ways give the same facts.
 */
#ifndef SMTPSCOPE_REPORT_FACTS_H
#define SMTPSCOPE_REPORT_FACTS_H

#include "report/record.h"

enum {
	FACTS_CAPABILITIES_MAX = 40,
	FACTS_ATTEMPTS_MAX = 16,   /* AUTH attempts kept, the accepted and the earliest; *_count says how many there were */
	FACTS_MAILS_MAX = 8,       /* mails kept: with trouble first, then the earliest */
	FACTS_RECIPIENTS_MAX = 4,  /* of a mail; the refused first */
	FACTS_TEXT_MAX = 1024,     /* bytes of any text; longer ones are cut, not inside a character */
	FACTS_ID_MAX = 64,         /* a document with a longer id is not ours */
};

struct facts_attempt {
	struct slice mechanism, username;
	bool has_username;
	bool encrypted;
	enum event_auth_result result;
	uint16_t code; /* 0: no reply seen */
	struct slice enhanced, text; /* the lines of a reply are joined by blanks */
	int64_t time_ns;
	uint64_t frame, reply_frame; /* reply_frame 0: none */
};

struct facts_recipient {
	struct slice to;
	uint16_t code; /* 0: no reply seen */
	struct slice enhanced, text;
	uint64_t frame; /* of the reply; without one, of RCPT */
};

struct facts_mail {
	bool seen;         /* the MAIL command itself was captured */
	struct slice from;
	int authenticated; /* EVENT_AUTHENTICATED_... */
	enum event_mail_result result;
	uint16_t code;     /* of the reply that decided: to the body, to DATA, to MAIL; 0: none seen */
	struct slice enhanced, text;
	int64_t time_ns;   /* of MAIL */
	uint64_t frame, decided_frame;
	uint32_t recipient_count, recipients_accepted, recipients_refused;
	struct facts_recipient recipients[FACTS_RECIPIENTS_MAX];
	size_t recipients_kept;
};

struct facts {
	struct slice id, source;
	struct stream_endpoint client, server; /* the client is who came through a proxy, if that says who */
	int64_t start_ns, end_ns;
	uint64_t first_frame, last_frame;
	uint64_t stream;
	enum stream_close_how close;
	struct slice icmp;
	bool established;
	uint64_t syn_retries;
	enum event_protocol protocol;

	uint16_t greeting_code; /* 0: no greeting seen */
	bool banner_unknown;    /* not all of it was seen */
	uint64_t greeting_frame;
	struct slice server_name, banner, software, client_name;
	bool capabilities_seen, capabilities_complete;
	struct slice capabilities[FACTS_CAPABILITIES_MAX]; /* before TLS, or with implicit_tls in it; in the order sent */
	size_t capability_count;
	uint64_t capabilities_frame;
	bool tls;               /* encrypted from some point on */
	bool implicit_tls;      /* from the first byte, so that what was offered was offered encrypted */
	bool midstream, one_sided;
	uint64_t gaps;
	enum record_auth_result auth;
	enum record_result result;

	struct facts_attempt attempts[FACTS_ATTEMPTS_MAX];
	size_t attempts_kept, attempt_count;
	struct facts_mail mails[FACTS_MAILS_MAX];
	size_t mails_kept, mail_count;

	/* Mailbox connections (POP3, IMAP) of the same client that carried data both ways and ended in the ten minutes before the
	 * end of this session. */
	uint32_t pop3, imap;
	int64_t mailbox_last_ns; /* the latest of them; 0: none */
};

/* Fills facts from a complete record; borrows from it and from its arena. */
void facts_from_record(struct record *record, struct facts *ret_facts);

struct json_object;

/* Fills facts from a session document; borrows from it. Returns 0, or -EINVAL when it is no session document of this schema. */
int facts_from_document(struct json_object *document, struct facts *ret_facts);

/* Appends facts as bytes to *buffer (malloc'ed, grown as needed). Returns 0 or -ENOMEM. */
int facts_pack(const struct facts *facts, char **buffer, size_t *len, size_t *capacity);

/* Reads what facts_pack() wrote, at data[0..len). Borrows from data. Returns the bytes used; 0 when they are not whole. */
size_t facts_unpack(const char *data, size_t len, struct facts *ret_facts);

#endif
