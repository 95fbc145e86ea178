/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What comes out of the decoder: SMTP events, in the order in which things happened.
 *
 * An event and all it points to live for the callback only. No event has a field that can hold a password, a SASL response, a
 * token or a digest: they are dropped where they are parsed. EVENT_SECRET says where in the stream such bytes were. Text is raw bytes from the wire; whoever prints it escapes it.
 */
#ifndef SMTPSCOPE_DECODE_EVENT_H
#define SMTPSCOPE_DECODE_EVENT_H

#include "decode/stream.h"

/* Borrowed bytes, not NUL-terminated. data may be NULL when len is 0. */
struct slice {
	const char *data;
	size_t len;
};

enum event_kind {
	EVENT_OPEN,         /* first event of a session */
	EVENT_PROXY,        /* a header of the PROXY protocol, before anything else of the client */
	EVENT_GREETING,     /* the server's first reply (RFC 5321, 3.1) */
	EVENT_COMMAND,
	EVENT_REPLY,        /* any later reply */
	EVENT_CAPABILITIES, /* the extensions of a positive reply to EHLO or LHLO; follows its EVENT_REPLY */
	EVENT_AUTH,         /* one step of an AUTH exchange (RFC 4954) */
	EVENT_AUTH_END,     /* the outcome of an AUTH command */
	EVENT_ORIGIN,       /* XCLIENT or XFORWARD told where a mail really comes from, and the server took it */
	EVENT_TLS,
	EVENT_MESSAGE,      /* bytes of a message, if the sink asks for them */
	EVENT_BODY,         /* a message body has ended */
	EVENT_MAIL_END,     /* what became of a mail transaction */
	EVENT_GAP,
	EVENT_ANOMALY,
	EVENT_SECRET,       /* bytes that no event shows because they are secret, may be, or were not understood */
	EVENT_CLOSE,        /* last event of a session */
};

/* The commands that the decoder gives a meaning to; any other is VERB_OTHER. Some have another name with the same meaning: X-EXPS
 * is VERB_AUTH, X-ANONYMOUSTLS is VERB_STARTTLS. */
enum verb {
	VERB_OTHER,
	VERB_HELO,
	VERB_EHLO,
	VERB_LHLO,
	VERB_AUTH,
	VERB_STARTTLS,
	VERB_MAIL,
	VERB_RCPT,
	VERB_DATA,
	VERB_BDAT,
	VERB_RSET,
	VERB_NOOP,
	VERB_VRFY,
	VERB_EXPN,
	VERB_HELP,
	VERB_QUIT,
	VERB_BURL,
	VERB_ETRN,
	VERB_ATRN,
	VERB_TURN,
	VERB_XCLIENT,
	VERB_XFORWARD,
	VERB_XEXCH50,
	VERB_COUNT
};

/* What a session is seen to speak. */
enum event_protocol {
	EVENT_PROTOCOL_UNKNOWN,
	EVENT_PROTOCOL_SMTP,  /* HELO */
	EVENT_PROTOCOL_ESMTP, /* EHLO */
	EVENT_PROTOCOL_LMTP,  /* LHLO */
	EVENT_PROTOCOL_SMTPS, /* TLS from the first byte */
};

/* The parameters of MAIL and RCPT that the decoder gives a meaning to. */
enum event_parameter_id {
	EVENT_PARAMETER_OTHER,
	EVENT_PARAMETER_SIZE,        /* number: bytes */
	EVENT_PARAMETER_BODY,        /* flags: EVENT_BODY_7BIT, ... */
	EVENT_PARAMETER_AUTH,        /* text: the mailbox; empty for <> */
	EVENT_PARAMETER_RET,         /* flags: EVENT_RET_FULL or _HDRS */
	EVENT_PARAMETER_ENVID,       /* text */
	EVENT_PARAMETER_NOTIFY,      /* flags: EVENT_NOTIFY_..., several */
	EVENT_PARAMETER_ORCPT,       /* type, text: the address */
	EVENT_PARAMETER_SMTPUTF8,
	EVENT_PARAMETER_BY,          /* number: seconds; flags: EVENT_BY_... */
	EVENT_PARAMETER_HOLDFOR,     /* number: seconds */
	EVENT_PARAMETER_HOLDUNTIL,   /* text: RFC 3339 */
	EVENT_PARAMETER_MT_PRIORITY, /* number: -9 to 9 */
	EVENT_PARAMETER_REQUIRETLS,
	EVENT_PARAMETER_RRVS,        /* text: RFC 3339 */
	EVENT_PARAMETER_SUBMITTER,   /* text: the mailbox */
	EVENT_PARAMETER_PRDR,        /* a reply for each recipient is welcome */
	EVENT_PARAMETER_KNOWN,       /* known whose it is, and no more */
};

enum {
	EVENT_BODY_7BIT = 1, EVENT_BODY_8BITMIME, EVENT_BODY_BINARYMIME,
	EVENT_RET_FULL = 1, EVENT_RET_HDRS,
	EVENT_NOTIFY_NEVER = 1, EVENT_NOTIFY_SUCCESS = 2, EVENT_NOTIFY_FAILURE = 4, EVENT_NOTIFY_DELAY = 8,
	EVENT_BY_RETURN = 1, EVENT_BY_NOTIFY = 2, EVENT_BY_TRACE = 4,
};

struct event_parameter { /* of MAIL or RCPT: KEYWORD[=value] */
	struct slice keyword;
	struct slice value;
	bool has_value;
	bool wrong;                 /* the value is not of the extension's grammar, or the parameter came before; what follows is empty */
	enum event_parameter_id id;
	const char *extension;      /* a constant: the EHLO keyword of the extension it belongs to; NULL: not known */
	unsigned flags;
	int64_t number;
	struct slice type, text;    /* text: decoded (xtext, RFC 3461) */
};

struct event_command {
	uint32_t id;           /* 1, 2, ... in a session; replies refer to it */
	enum verb verb;
	struct slice name;     /* upper-cased; empty when it was withheld because it may be a secret out of step */
	struct slice argument; /* as sent; of AUTH the mechanism only; of an unknown command nothing; of BURL without the token */
	bool argument_withheld;
	const char *extension; /* a constant: the EHLO keyword of the extension it belongs to; NULL: of none */
	bool pipelined;        /* sent before the reply to the command before it was received */
	uint32_t mail;         /* MAIL, RCPT, DATA, BDAT, BURL, AUTH: number of the transaction, from 1; 0 outside of one */
	uint32_t recipient;    /* RCPT: its number in the transaction, from 1 */
	/* MAIL and RCPT: */
	struct slice path;     /* the mailbox without < >, source route removed; empty for <> */
	bool path_valid;       /* false: the argument did not parse, path is the best guess */
	const struct event_parameter *parameters;
	size_t parameter_count;
	/* MAIL: was the client authenticated at this moment? */
	enum { EVENT_AUTHENTICATED_UNKNOWN, EVENT_AUTHENTICATED_NO, EVENT_AUTHENTICATED_YES } authenticated;
};

/* What a reply answers. */
enum event_answers {
	EVENT_ANSWERS_UNKNOWN,  /* a gap hides which command it was */
	EVENT_ANSWERS_NOTHING,  /* nothing was outstanding: the server spoke by itself */
	EVENT_ANSWERS_GREETING,
	EVENT_ANSWERS_COMMAND,
	EVENT_ANSWERS_AUTH,     /* a response inside an AUTH exchange */
	EVENT_ANSWERS_BODY,     /* the end of the message body */
};

#define EVENT_REPLY_PAUSE_NS INT64_C(100000000) /* 100 ms: no network spreads the bytes of a line so far, again and again */

struct event_reply {
	uint16_t code;             /* 200-599; 0 when a gap swallowed it */
	struct slice enhanced;     /* RFC 3463 status code of the last line, e.g. "5.7.1"; empty when none */
	const struct slice *lines; /* text of each line after code and separator, the enhanced code included only if lines differ */
	size_t line_count;
	size_t lines_over_limit;   /* lines that were counted but not kept */
	bool text_withheld;        /* a challenge, or text that repeated a secret */
	bool incomplete;           /* a part of it fell into a gap, or its end never came */
	enum event_answers answers;
	enum verb verb;            /* ANSWERS_COMMAND: the command's */
	struct slice verb_name;    /* ANSWERS_COMMAND: the command's name, upper-cased */
	uint32_t command;          /* the command's id; of ANSWERS_AUTH the AUTH command's, of ANSWERS_BODY the DATA command's; else 0 */
	uint32_t mail, recipient;  /* as in the command; of ANSWERS_BODY in LMTP the recipient that it speaks of */
	int64_t latency_ns;        /* from the last byte of what it answers to its own last byte; -1 unknown */
	unsigned pauses;           /* how often it stopped for EVENT_REPLY_PAUSE_NS or more between its first byte and its last */
};

struct event_capabilities {
	const struct slice *lines; /* one a keyword, with its parameters, in the order sent */
	size_t line_count;
	bool tls;                  /* sent under TLS */
	bool incomplete;           /* some lines fell into a gap */
	bool certain;              /* of a reply to a command that was seen; else it only reads like one */
	/* What they limit; 0: nothing. */
	uint64_t size_max;         /* SIZE (RFC 1870): bytes of a message */
	uint32_t mails_max, recipients_max, domains_max; /* LIMITS (RFC 9422): MAILMAX, RCPTMAX, RCPTDOMAINMAX */
};

/* What an exchange tells beside the user name; slices are empty when it does not. None of it is secret. */
struct event_auth_names {
	struct slice authzid;      /* whom the user wants to act for */
	struct slice realm;        /* DIGEST-MD5; Kerberos, of the ticket */
	struct slice service;      /* Kerberos: whom the ticket is for, "smtp/mail.example.com" */
	struct slice domain, workstation; /* NTLM, of the client */
	struct slice target;       /* NTLM: what the server calls itself */
	struct slice channel_binding; /* SCRAM-...-PLUS: its type */
	struct slice error, error_scope; /* the server's words: OAuth's status and scope, SCRAM's server-error */
};

enum event_auth_step { EVENT_AUTH_CHALLENGE, EVENT_AUTH_RESPONSE, EVENT_AUTH_CANCEL };
enum event_auth_result { EVENT_AUTH_UNKNOWN, EVENT_AUTH_ACCEPTED, EVENT_AUTH_REJECTED, EVENT_AUTH_CANCELLED };

struct event_auth { /* EVENT_AUTH and EVENT_AUTH_END */
	enum event_auth_step step;     /* EVENT_AUTH */
	enum event_auth_result result; /* EVENT_AUTH_END */
	uint32_t command;              /* id of the AUTH command */
	struct slice mechanism;        /* upper-cased */
	struct slice username;         /* empty when unknown */
	bool has_username;
	bool encrypted;                /* EVENT_AUTH_END: exchanged under TLS */
	const struct event_auth_names *names; /* EVENT_AUTH_END; NULL when there are none */
};

struct event_origin {
	enum verb verb;      /* VERB_XCLIENT or VERB_XFORWARD */
	uint32_t command;    /* the id of the one that told last */
	bool has_address;
	struct stream_endpoint client; /* port 0: not told */
	struct slice name, helo, protocol; /* empty: not told */
	struct slice login;  /* the user name of a login elsewhere */
	bool has_login;
};

enum event_tls_step {
	EVENT_TLS_CLIENT_HELLO,
	EVENT_TLS_SERVER_HELLO,
	EVENT_TLS_ENCRYPTED,
	EVENT_TLS_CERTIFICATE, /* the message with a side's certificates; TLS 1.3 encrypts it */
	EVENT_TLS_ALERT,       /* in clear, or decrypted, as the one before */
	EVENT_TLS_DECRYPTED,   /* what comes from here on is read with a key, until EVENT_TLS_ENCRYPTED if that comes behind it */
};

/* Why encrypted bytes were not read although there were keys. */
enum event_tls_reason {
	EVENT_TLS_REASON_NONE,        /* nobody tried */
	EVENT_TLS_REASON_NO_KEY,
	EVENT_TLS_REASON_WRONG_KEY,   /* the first record did not prove it */
	EVENT_TLS_REASON_UNSUPPORTED, /* the version, the cipher suite, or compression */
	EVENT_TLS_REASON_GAP,         /* bytes are missing; where the next record begins, or which it is, is not known */
	EVENT_TLS_REASON_DAMAGED,     /* a record that is none, or did not prove genuine */
	EVENT_TLS_REASON_EARLY_DATA,  /* 0-RTT, which is not read */
	EVENT_TLS_REASON_COUNT
};

/* The facts of a hello. Lists are as on the wire, two bytes a value: see event_tls_pair(). */
struct event_tls_hello {
	uint16_t legacy_version;    /* as the hello itself says; TLS 1.3 says 1.2 there */
	uint16_t version;           /* the highest that the client offers, the one that the server chose; GREASE left out */
	struct slice ciphers;       /* of the client, in its order */
	uint16_t cipher;            /* of the server */
	struct slice extensions;    /* their types, in the order sent */
	bool extensions_over_limit; /* some types are left out: there were more than EVENT_TLS_EXTENSIONS_MAX */
	struct slice groups, signature_algorithms, versions; /* of the client; empty when it sent none */
	struct slice point_formats; /* of the client; one byte a value */
	bool has_server_name;       /* the extension is there */
	struct slice server_name;   /* of the client; empty: it names no host */
	struct slice protocols;     /* ALPN (RFC 7301): names, each behind a byte with its length; of the server the one it chose */
	bool ssl2;                  /* the client's, in the form of SSL 2 */
	bool retry;                 /* the server's: HelloRetryRequest; another hello of each side follows */
	/* The server's: does it go on with an earlier session, so that no certificate is sent? */
	enum { EVENT_TLS_RESUMED_UNKNOWN, EVENT_TLS_RESUMED_NO, EVENT_TLS_RESUMED_YES } resumed;
};

enum {
	EVENT_TLS_EXTENSIONS_MAX = 256,
	EVENT_TLS_ALERT_WARNING = 1, /* AlertLevel (RFC 5246, 7.2) */
	EVENT_TLS_ALERT_FATAL = 2,
};

struct event_tls {
	enum event_tls_step step;
	bool implicit; /* TLS from the first byte; else after STARTTLS */
	struct stream_moment begun;          /* the first byte of the message, the event being at its last */
	const struct event_tls_hello *hello; /* CLIENT_HELLO, SERVER_HELLO; NULL: a part of it is missing, or it is malformed */
	/* CERTIFICATE: the first one, which is the side's own, as DER; empty when the message has none or is not known. */
	struct slice certificate;
	size_t certificate_count;            /* in the message */
	uint8_t alert_level, alert_description;
	enum event_tls_reason reason;        /* ENCRYPTED */
};

static inline size_t event_tls_pair_count(struct slice list) {
	return list.len / 2;
}

static inline uint16_t event_tls_pair(struct slice list, size_t index) {
	return (uint16_t)((uint8_t)list.data[2 * index] << 8 | (uint8_t)list.data[2 * index + 1]);
}

/* What TLS came to. */
struct event_tls_end {
	/* FAILED: it was not completed, and cannot have been. */
	enum { EVENT_TLS_HANDSHAKE_UNKNOWN, EVENT_TLS_HANDSHAKE_COMPLETE, EVENT_TLS_HANDSHAKE_FAILED } handshake;
	/* Records of application data and the bytes in them, by side, of what was captured. In TLS 1.3 the end of the handshake is
	 * among them. known: no record's boundary was lost. */
	struct event_tls_data {
		uint64_t records, bytes;
		bool known;
	} data[2];
};

/* The message itself, dot-stuffing removed. Told of messages of which the start was seen, in order, until the limit of the sink is
 * reached or bytes are missing: all that belongs to one comes before its EVENT_BODY. */
struct event_message {
	uint32_t mail;
	uint64_t offset;   /* of data in the message, from 0: a message begins */
	struct slice data; /* data.data NULL: here bytes are missing, and nothing behind them is told */
	bool header_end;   /* data ends with the empty line that ends the header */
};

/* What the bytes of a message are (RFC 2045, 2.7 to 2.9). */
enum event_content {
	EVENT_CONTENT_UNKNOWN,
	EVENT_CONTENT_7BIT,
	EVENT_CONTENT_8BIT,
	EVENT_CONTENT_BINARY, /* with NUL, CR or LF alone, or lines of more than 998 bytes */
};

struct event_body {
	uint32_t command;  /* id of the DATA or last BDAT command */
	uint32_t mail;
	enum verb verb;    /* VERB_DATA, VERB_BDAT or, when the server fetches (the rest of) it elsewhere, VERB_BURL */
	uint64_t bytes;    /* of the message, dot-stuffing and final dot removed; bytes lost in gaps not included */
	uint64_t lines;    /* line ends seen */
	uint64_t gap_bytes;
	bool complete;     /* its end was seen and no gap was inside */
	enum event_content content; /* unknown unless complete */
	int64_t start_ns;  /* time of its first byte */
	/* Of what was captured: */
	uint64_t bare_cr, bare_lf, nul; /* CRs without LF, LFs without CR, NULs */
	uint64_t longest_line;          /* bytes, its end included */
};

enum event_mail_result { EVENT_MAIL_UNKNOWN, EVENT_MAIL_ACCEPTED, EVENT_MAIL_REJECTED, EVENT_MAIL_ABORTED };

struct event_mail_end {
	uint32_t mail;
	enum event_mail_result result;
};

struct event_proxy {
	unsigned version;   /* 1 or 2 */
	bool has_addresses; /* false: the proxy speaks for itself, or does not tell */
	struct stream_endpoint client, server; /* of the connection to the proxy */
};

struct event_gap {
	enum stream_side side; /* whose bytes are missing */
	uint64_t bytes;
};

enum event_line_end { EVENT_LINE_END_CRLF, EVENT_LINE_END_LF, EVENT_LINE_END_CR };

/* In a message: a line of one dot that does not end it, because one of the line ends around it is none, with a command behind it. A
 * server that takes it for the end takes the command for one. */
struct event_false_end {
	enum event_line_end before, after;
	bool nul_before, nul_after; /* NULs between dot and line end */
	enum verb followed_by;
};

/* What is spoken where SMTP should be. */
enum event_foreign {
	EVENT_FOREIGN_UNKNOWN,
	EVENT_FOREIGN_HTTP,
	EVENT_FOREIGN_SSH,
	EVENT_FOREIGN_SOCKS,
	EVENT_FOREIGN_POP3,
	EVENT_FOREIGN_IMAP,
	EVENT_FOREIGN_SIP,
	EVENT_FOREIGN_RDP,
	EVENT_FOREIGN_BINARY, /* no text at all */
	EVENT_FOREIGN_COUNT
};

enum event_anomaly_id {
	EVENT_ANOMALY_LINE_TOO_LONG,      /* a line over the limit; its start was kept */
	EVENT_ANOMALY_BARE_NEWLINE,       /* a command or reply ended by LF without CR */
	EVENT_ANOMALY_NUL,                /* NUL in a command or reply */
	EVENT_ANOMALY_NOT_A_REPLY,        /* the server sent a line that is no reply */
	EVENT_ANOMALY_NOT_A_COMMAND,      /* the client sent a line that is no command */
	EVENT_ANOMALY_REPLY_CODES_DIFFER, /* the lines of a multi-line reply have different codes */
	EVENT_ANOMALY_UNSOLICITED_REPLY,  /* nothing was outstanding */
	EVENT_ANOMALY_TOO_MANY_COMMANDS,  /* more outstanding commands than are kept */
	EVENT_ANOMALY_EARLY_TALKER,       /* the client spoke before the greeting */
	EVENT_ANOMALY_NOT_SMTP,           /* an SMTP port that carries something else; speaks says what */
	EVENT_ANOMALY_PREFACE,            /* bytes before the SMTP session, of a proxy for example; amount says how many */
	EVENT_ANOMALY_HELD_TOO_MUCH,      /* the server's answer did not come within the bytes that are held back for it */
	EVENT_ANOMALY_BODY_UNTERMINATED,  /* the server answered the body although its end was not seen */
	EVENT_ANOMALY_BARE_RETURN,        /* CRs inside a command or reply; amount says how many */
	EVENT_ANOMALY_LONG_LINE,          /* a command or reply longer than RFC 5321 allows; amount is its length, line end included */
	EVENT_ANOMALY_FALSE_END,          /* in a message: false_end; amount is the place of the dot in it, from 0 */
	EVENT_ANOMALY_COMMAND_BEFORE_TLS, /* text behind STARTTLS, sent before the client could know the answer */
	EVENT_ANOMALY_REPLY_BEFORE_TLS,   /* text behind the 220 to STARTTLS, sent before the client had sent anything more */
	EVENT_ANOMALY_EXTENSION_NOT_OFFERED, /* used although it is not in the server's list, which is known whole; name: the extension */
	EVENT_ANOMALY_PARAMETER_WRONG,    /* a parameter of MAIL or RCPT whose value is not of its grammar, or that came twice; name: it */
	EVENT_ANOMALY_LIMIT_EXCEEDED,     /* more than the server allows by LIMITS (RFC 9422); name: the limit, amount: its value */
	EVENT_ANOMALY_HELLO_NOT_REPEATED, /* a command that needs EHLO, which did not come again after what makes a session begin anew; name: that */
	EVENT_ANOMALY_ROLES_REVERSED,     /* TURN or ATRN was accepted: from here on the roles of the sides are reversed */
	EVENT_ANOMALY_REVERSED_UNREAD,    /* and what follows is not read: it is encrypted, or not all before it was understood */
	EVENT_ANOMALY_COUNT
};

struct event_anomaly {
	enum event_anomaly_id id;
	uint64_t amount; /* bytes or items concerned; 0 when that says nothing */
	struct event_false_end false_end; /* FALSE_END */
	enum event_foreign speaks;        /* NOT_SMTP */
	const char *name; /* a constant; NULL: none */
};

struct event_close {
	const struct stream_close *stream;
	enum event_protocol protocol;
	bool one_sided; /* one side sent bytes that were not captured at all */
	struct event_tls_end tls; /* all zero without TLS */
};

struct event {
	enum event_kind kind;
	enum stream_side from; /* who did it; meaningless for OPEN, CLOSE and MAIL_END */
	bool reversed;         /* behind TURN or ATRN: it is the connection's server that sends commands, and mail, and the client that replies */
	struct stream_moment at;
	union {
		const struct stream_open *open;
		struct event_proxy proxy;
		struct event_command command;
		struct event_reply reply; /* GREETING and REPLY */
		struct event_capabilities capabilities;
		struct event_auth auth;
		struct event_origin origin;
		struct event_tls tls;
		struct event_message message;
		struct event_body body;
		struct event_mail_end mail_end;
		struct event_gap gap;
		struct event_anomaly anomaly;
		/* Whoever keeps the packets themselves must hide these bytes. Ranges may overlap and come in any order; text before and
		 * after them in a line (a code, a command's name), and line ends, are left out. Message bodies are no secret here. */
		struct stream_range secret;
		struct event_close close;
	};
};

struct event_sink {
	void *context;
	void (*event)(void *context, const struct event *event);
	/* Of each message EVENT_MESSAGE tells the header, up to header_max bytes, and all of it, up to message_max. 0: nothing. */
	uint64_t header_max, message_max;
};

#endif
