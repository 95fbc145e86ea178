/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The session record: what the decoder's events say about one connection, as plain structs.
 *
 * A record is filled by record_event() (a decode/event.h sink) and is complete after EVENT_CLOSE. Findings are added to it by
 * findings_run(), and writers read it. Everything a record points to lives in its arena and dies with it. Strings are raw bytes
 * from the wire; writers escape them.
 */
#ifndef SMTPSCOPE_REPORT_RECORD_H
#define SMTPSCOPE_REPORT_RECORD_H

#include <stdatomic.h>

#include "decode/event.h"
#include "report/arena.h"
#include "report/client_text.h"
#include "report/message_headers.h"
#include "report/message_parts.h"
#include "report/timing.h"

enum {
	RECORD_TIMELINE_MAX = 4096,   /* entries kept; more are counted in timeline_truncated */
	RECORD_MAILS_MAX = 1024,
	RECORD_RECIPIENTS_MAX = 8192, /* of a session, all mails together */
	RECORD_ATTEMPTS_MAX = 256,
	RECORD_CAPABILITIES_MAX = 128,
	RECORD_EXTENSIONS_MAX = 24,   /* used in a session; there are not many more */
	RECORD_FINDING_FRAMES_MAX = 16,
	RECORD_TLS_ALERTS_MAX = 4,
	RECORD_SECRETS_MAX = 1024,    /* ranges kept; the last one of a side reaches over all that come behind it */
	RECORD_BYTES_MAX = 8 << 20, /* of the arena; beyond it no text and no timeline entry is kept, only counted */
};

struct identity;
struct tls_facts;
struct tls_facts_verdicts;

struct record_reply {
	bool seen;             /* false: all else is meaningless */
	uint16_t code;
	struct slice enhanced; /* empty: none */
	const struct slice *lines;
	size_t line_count;
	struct stream_moment at;
};

enum record_timeline_kind {
	RECORD_CONNECT, /* TCP connection established */
	RECORD_GREETING,
	RECORD_COMMAND,
	RECORD_REPLY,
	RECORD_AUTH,
	RECORD_TLS,
	RECORD_BODY,
	RECORD_GAP,
	RECORD_ANOMALY,
	RECORD_FAILED, /* refused, unanswered or unreachable */
	RECORD_CLOSE,
};

enum record_from { RECORD_FROM_CLIENT, RECORD_FROM_SERVER, RECORD_FROM_NETWORK };

/* One step of the session. The struct of the event is kept as it came, its pointers moved into the arena. */
struct record_timeline_entry {
	enum record_timeline_kind kind;
	enum record_from from;
	struct stream_moment at;
	union {
		int64_t handshake_ns; /* RECORD_CONNECT; -1 unknown */
		struct event_command command; /* parameters are not kept here but in record_mail and record_recipient */
		struct event_reply reply;     /* RECORD_GREETING, RECORD_REPLY */
		struct event_auth auth;
		struct event_tls tls;
		struct event_body body;
		struct event_gap gap;
		struct event_anomaly anomaly;
	};
};

/* What all records of a run share for the messages in them. */
struct record_messages {
	atomic_size_t bytes;  /* of memory that messages take now, in all records */
	size_t bytes_max;     /* what would go beyond is not kept; */
	size_t header_bytes_max; /* but the start of a message is, up to this */
	bool headers, parts;  /* what is to be read of messages */
	struct message_reader *reader; /* of the thread that calls record_read_messages() */
	/* Of the thread that calls record_event(): when much memory is taken, messages are read as soon as they are over, and not at the
	 * end of their sessions. NULL: not so. */
	struct message_reader *early_reader;
};

/* A message, as far as its bytes were told. */
struct record_message {
	char *data;           /* malloc'ed; NULL when there is none */
	size_t len, capacity;
	bool borrowed;        /* data belongs to the record that this one is a copy of */
	bool ended;           /* nothing is added any more */
	bool over;            /* and its body has ended, too */
	bool header_ended;    /* the end of the header is in data */
	bool whole;           /* data is all of the message */
	struct stream_moment at; /* of its end, or of the last that was told of it */
	bool read;            /* of record_read_messages(): */
	bool has_headers, has_parts;
	struct message_headers headers;
	struct message_parts parts;
	struct record_message *next; /* of the record */
};

struct record_recipient {
	uint32_t number;       /* in its mail, from 1 */
	struct slice to;
	const struct event_parameter *parameters;
	size_t parameter_count;
	struct stream_moment at;
	struct record_reply reply;
	struct record_reply body_reply; /* LMTP: the reply to the body for this recipient */
	struct record_recipient *next;
};

struct record_mail {
	uint32_t number;       /* from 1 */
	bool reversed;         /* sent by the server to the client, behind TURN or ATRN */
	bool seen;             /* false: the MAIL command itself fell into a gap, so sender and parameters are unknown */
	struct slice from;     /* empty: the null reverse-path <>, if seen */
	uint64_t size_max;     /* that the server offered when it was sent; 0: none, or not known */
	uint64_t size_frame;   /* of that offer */
	const struct event_parameter *parameters;
	size_t parameter_count;
	int authenticated;     /* the event's EVENT_AUTHENTICATED_... */
	struct stream_moment at;
	struct record_reply reply;
	struct record_recipient *recipients, **recipients_tail;
	size_t recipient_count; /* also those over the limit */
	size_t recipients_kept;
	size_t recipients_accepted, recipients_refused; /* by the reply to RCPT, of those kept */
	struct record_recipient *recipient_last_found;  /* replies come in order: where the next search starts */
	bool has_body;
	struct event_body body;
	struct record_message *message; /* NULL: none was asked for, or its start was not seen */
	struct record_reply data_reply; /* to DATA itself: 354, or the refusal */
	struct record_reply body_reply; /* to the end of the body, or to the last BDAT */
	enum event_mail_result result;
	struct record_mail *next;
};

enum record_offered { RECORD_OFFERED_UNKNOWN, RECORD_OFFERED_NO, RECORD_OFFERED_YES };

struct record_attempt {
	struct slice verb;         /* AUTH, or another that means the same */
	enum record_offered offered; /* was the mechanism in the list in force? */
	bool during_mail;          /* inside a mail transaction, where it must not be (RFC 4954, 4) */
	struct event_auth_names names;
	struct slice mechanism;
	struct slice username;
	bool has_username;
	enum event_auth_result result;
	bool encrypted;
	uint32_t command;          /* the AUTH command's id */
	struct stream_moment at;   /* of the AUTH command */
	struct record_reply reply; /* the one that ended the exchange */
	struct record_attempt *next;
};

struct record_capabilities {
	bool seen;       /* the server answered EHLO or LHLO positively */
	bool incomplete; /* some lines fell into a gap */
	struct slice *lines;
	size_t line_count;
	struct stream_moment at; /* of the reply */
	uint64_t size_max;       /* as in struct event_capabilities */
	uint32_t mails_max, recipients_max, domains_max;
};

/* A TLS handshake, as far as it was in clear. */
struct record_tls {
	const struct event_tls_hello *client, *server; /* the first of the client, the last of the server; NULL: unknown */
	bool retried;                                  /* the server asked for another hello of the client */
	/* The certificates of a side, of which the first one is its own. */
	struct record_tls_certificate {
		bool seen;
		struct slice der;   /* empty: it sent none, or there was no room */
		size_t count;
		struct stream_moment at;
	} certificate[2];
	struct record_tls_alert {
		enum stream_side from;
		uint8_t level, description;
		struct stream_moment at;
	} alerts[RECORD_TLS_ALERTS_MAX];
	size_t alert_count; /* also those over the limit */
	struct event_tls_end end;
	const struct tls_facts *facts; /* what report/tls_facts.h makes of it; NULL until findings_run() */
};

enum record_auth_result {
	RECORD_AUTH_UNKNOWN,
	RECORD_AUTH_ACCEPTED,
	RECORD_AUTH_REJECTED,
	RECORD_AUTH_NOT_ATTEMPTED, /* offered, and mail was sent without it */
	RECORD_AUTH_NOT_OFFERED,
	RECORD_AUTH_UNUSED,        /* offered, neither AUTH nor MAIL */
};

enum record_result {
	RECORD_RESULT_UNKNOWN,
	RECORD_RESULT_DELIVERED, /* at least one mail accepted */
	RECORD_RESULT_REFUSED,
	RECORD_RESULT_NO_MAIL,
	RECORD_RESULT_NOT_ESTABLISHED,
	RECORD_RESULT_ENCRYPTED,
};

enum finding_severity { FINDING_INFO, FINDING_LOW, FINDING_MEDIUM, FINDING_HIGH, FINDING_CRITICAL };

enum finding_field_kind { FINDING_FIELD_NUMBER, FINDING_FIELD_MS, FINDING_FIELD_BOOL, FINDING_FIELD_TEXTS };

/* A value that only this kind of finding has. */
struct finding_field {
	const char *name; /* constant */
	enum finding_field_kind kind;
	int64_t number;   /* of MS nanoseconds; of TEXTS unused */
	const char *const *texts; /* constants */
	size_t text_count;
};

struct finding {
	const char *id;          /* constant, e.g. "mail-without-auth" */
	enum finding_severity severity;
	const char *title;       /* constant, in the language that findings_run() was given; as is all that follows */
	struct slice explanation; /* one or two plain sentences with the values in them, already valid printable UTF-8 */
	const char *const *causes, *const *checks; /* likely causes, the likeliest first; what to look at next. None of FINDING_INFO */
	size_t cause_count, check_count;
	const struct diagnosis_client_text *reads; /* what the person at a mail client reads; only of failures */
	size_t read_count;
	uint64_t frames[RECORD_FINDING_FRAMES_MAX];
	size_t frame_count;
	const char *const *attack; /* MITRE ATT&CK technique ids, NULL-terminated; or NULL */
	/* Own fields: */
	int accepted;            /* -1 absent, else 0 or 1. mail-without-auth: was a mail accepted? smuggling: did the server fall for it? */
	const struct finding_field *fields;
	size_t field_count;
	struct finding *next;    /* worst first once findings_run() is done */
};

struct record {
	struct arena arena;

	char id[21];           /* hexadecimal; stable for the same packets */
	char community_id[32]; /* Community ID v1, seed 0 */

	struct stream_open open; /* source borrowed from the capture */
	struct stream_close close;
	bool established;        /* data flowed or the handshake was seen */
	enum event_protocol protocol;

	bool proxied;                /* a PROXY header told where the connection comes from: */
	struct event_proxy proxy;
	struct stream_moment proxy_at;
	bool origin_seen;            /* so did XCLIENT or XFORWARD: */
	struct event_origin origin;
	struct stream_moment origin_at;
	struct slice client_name;    /* argument of the last HELO/EHLO/LHLO; empty: none, or it may not have been the last */
	struct slice server_name;    /* first word of the greeting; empty: none */
	struct slice banner;         /* text after the greeting's code */
	bool banner_unknown;         /* the greeting is there, but a part of it is missing */
	struct record_reply greeting;
	struct record_capabilities clear, tls_capabilities;
	struct record_capabilities login_capabilities; /* sent after a login was accepted; some servers offer less then */

	bool tls_seen, tls_implicit, tls_refused, tls_anonymous; /* the last: X-ANONYMOUSTLS, not STARTTLS */
	bool tls_encrypted;          /* encrypted bytes were seen, and not only the beginning of a handshake */
	struct stream_moment tls_at; /* first TLS record */
	struct record_tls *tls;      /* NULL without TLS */
	bool tls_decrypted;          /* what is encrypted was read, from the first on */
	bool tls_unread;             /* what is encrypted was not read, or not to its end: */
	struct stream_moment tls_unread_at;
	enum event_tls_reason tls_reason;

	struct slice *offered;  /* mechanisms of the last capability list, upper-cased, each once, in the order offered */
	size_t offered_count;

	/* Keywords of extensions, constants, each once: those that the client used, and of these the ones that were not offered. */
	const char *extensions_used[RECORD_EXTENSIONS_MAX], *extensions_not_offered[RECORD_EXTENSIONS_MAX];
	size_t extensions_used_count, extensions_not_offered_count;

	/* Counts are of all that was seen, also of what is over the limit; *_kept says how many are in the list. */
	struct record_attempt *attempts, **attempts_tail;
	size_t attempt_count, attempts_kept;
	struct record_mail *mails, **mails_tail;
	size_t mail_count, mails_kept;
	size_t recipient_count, recipients_kept;
	enum record_auth_result auth;
	enum record_result result;
	struct timing timing;

	/* blind */
	bool one_sided;
	uint64_t gap_count;
	bool unknown_reply; /* a gap hid which command a reply answers */
	uint64_t dropped_by_kernel; /* packets of any connection, while this one was open; set by the caller before it is written */

	struct finding *findings;

	bool envelope_omitted; /* the addresses in it stand for others that are not to be shown; see privacy.h */

	/* Set by the caller before the first event. NULL: messages are told of by nobody. */
	struct record_messages *messages;
	/* Set by the caller before findings_run(); see report/tls_facts.h. NULL: each certificate is verified anew. */
	struct tls_facts_verdicts *verdicts;
	struct record_message *message_list; /* of all mails */
	size_t message_bytes;                /* their capacity, as it is counted in messages->bytes */

	struct record_timeline_entry *timeline;
	size_t timeline_count, timeline_capacity;
	size_t timeline_reversed; /* those from here on came behind TURN or ATRN; SIZE_MAX: none did */
	uint64_t timeline_truncated;
	uint64_t capabilities_truncated; /* lines over the limit, of all lists together */

	/* Bytes that must not be shown when the packets themselves are kept, by side as capture calls it. secret_from: all from this
	 * offset on are such; UINT64_MAX: there is no such offset. */
	struct stream_range *secrets;
	size_t secret_count, secret_capacity;
	uint64_t secret_from[2];

	/* Where its packets were kept; set by the caller before the record is written. Constant or borrowed. */
	struct record_evidence {
		const char *file; /* NULL: nowhere */
		uint64_t packets, dropped_packets;
	} evidence;

	/* What only the folding itself needs. */
	struct record_folding {
		struct identity *identity; /* kept over record_reset() */
		struct record_attempt *attempt_last;
		struct record_capabilities *offer; /* the list in force; NULL: not known */
		struct record_mail *mail_last_found;
		uint32_t mail_number_last;   /* highest transaction number met */
		size_t attempts_accepted, attempts_cancelled, attempts_undecided;
		bool attempt_last_rejected;  /* the last attempt with a verdict */
		bool replies_lost_since_attempt; /* that one */
		size_t mails_accepted;
		size_t mails_over_undecided; /* over the limit, outcome not known */
		bool mail_authenticated, mail_not_authenticated, mail_authenticated_unknown; /* at some MAIL */
		bool starttls_agreed; /* by a 220 */
		bool mail_before_tls; /* not authenticated, and what was decrypted later began anew */
		bool helo_seen, quit_seen;
		size_t ehlo_count, ehlo_refused;
		bool hello_refused;          /* by the last reply to HELO, EHLO or LHLO */
		uint64_t lost_from[2];       /* bytes of that side, since the last command */
		bool exchange_lost;          /* of both at once: there may have been commands with their answers */
		bool unknown_mail_accepted;  /* one of which MAIL was not seen */
		bool busy;                   /* a 421 was seen */
		bool mail_refused;           /* a reply to MAIL, DATA, BDAT or a body was negative, or MAIL_END said rejected */
	} folding;
};

/* Who told where the connection comes from: XCLIENT, which the server acts upon, or a proxy; or else XFORWARD, which is for its log. */
static inline bool record_origin_is_proxy(const struct record *record) {
	return record->proxied && !(record->origin_seen && record->origin.verb == VERB_XCLIENT && record->origin.has_address);
}

/* The endpoint that stands for the client where sessions are compared. */
static inline const struct stream_endpoint *record_client(const struct record *record) {
	if (record_origin_is_proxy(record))
		return &record->proxy.client;
	if (record->origin_seen && record->origin.verb == VERB_XCLIENT && record->origin.has_address)
		return &record->origin.client;
	return &record->open.client;
}

/* Prepares a record for one session. A record may be used again after record_reset(), which keeps its memory: who has many
 * sessions keeps a few records. Both ends of the life of a record: record_init() on any memory, record_finish() on an
 * initialised record. */
void record_init(struct record *record);
void record_reset(struct record *record);
void record_finish(struct record *record);

/* Fills `record`, which must be empty, with what `from` says of a session that goes on: as if it had ended now, but with no end
 * in the timeline. so_far is what EVENT_CLOSE would say. Text is shared: `from` may take further events meanwhile, but must not
 * be reset before `record` is. */
void record_copy_so_far(struct record *record, const struct record *from, const struct event_close *so_far);

/* Were commands or replies encrypted, and not read? The server's part of a TLS 1.3 handshake alone is none. */
static inline bool record_is_encrypted(const struct record *record) {
	const struct record_tls *tls = record->tls;
	if (record->tls_decrypted)
		return record->tls_unread;
	if (!record->tls_encrypted || tls == NULL)
		return false;
	bool handshake_only = tls->server != NULL && tls->server->version >= 0x0304 && tls->end.data[STREAM_CLIENT].records == 0;
	return tls->end.handshake == EVENT_TLS_HANDSHAKE_COMPLETE || !handshake_only;
}

/* May they have been? Not when TLS was begun and did not come about. */
static inline bool record_may_be_encrypted(const struct record *record) {
	if (record->tls_decrypted)
		return record->tls_unread;
	bool failed = record->tls != NULL && record->tls->end.handshake == EVENT_TLS_HANDSHAKE_FAILED;
	return record->tls_seen && (record_is_encrypted(record) || !failed);
}

/* The timeline entry that the event makes, if it makes one. Returns whether it does. The entry borrows from the event, as long as
 * that lives. Of EVENT_OPEN and EVENT_CLOSE there is none here: what they mean depends on each other. */
bool record_entry_of_event(const struct event *event, struct record_timeline_entry *ret_entry);

/* Was TLS seen that nobody read to its end? Even one that failed. */
static inline bool record_hides_text(const struct record *record) {
	return record->tls_seen && (!record->tls_decrypted || record->tls_unread);
}

/* From where on what is encrypted was not read; only then. */
static inline uint64_t record_hidden_from_frame(const struct record *record) {
	return record->tls_decrypted ? record->tls_unread_at.frame : record->tls_at.frame;
}

/* The bytes of memory that it has taken, the struct included. */
static inline size_t record_memory(const struct record *record) {
	return sizeof(*record) + record->arena.held + record->message_bytes;
}

/* Reads the messages of a complete record, or of one of record_copy_so_far(): fills in what is `read` of them, and gives the memory of
 * their bytes back. */
void record_read_messages(struct record *record);

/* An event_sink function; context is the record. After EVENT_CLOSE the record is complete but for its findings. */
void record_event(void *record, const struct event *event);

#endif
