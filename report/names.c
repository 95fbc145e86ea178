/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/names.h"

const char *const names_protocol[] = {
	[EVENT_PROTOCOL_UNKNOWN] = "unknown",
	[EVENT_PROTOCOL_SMTP] = "smtp",
	[EVENT_PROTOCOL_ESMTP] = "esmtp",
	[EVENT_PROTOCOL_LMTP] = "lmtp",
	[EVENT_PROTOCOL_SMTPS] = "smtps",
};

const char *const names_tls_reason[] = {
	[EVENT_TLS_REASON_NO_KEY] = "no-key",
	[EVENT_TLS_REASON_WRONG_KEY] = "wrong-key",
	[EVENT_TLS_REASON_UNSUPPORTED] = "unsupported",
	[EVENT_TLS_REASON_GAP] = "gap",
	[EVENT_TLS_REASON_DAMAGED] = "damaged",
	[EVENT_TLS_REASON_EARLY_DATA] = "early-data",
};

const char *const names_attempt[] = {
	[EVENT_AUTH_UNKNOWN] = "unknown",
	[EVENT_AUTH_ACCEPTED] = "accepted",
	[EVENT_AUTH_REJECTED] = "rejected",
	[EVENT_AUTH_CANCELLED] = "cancelled",
};

const char *const names_auth[] = {
	[RECORD_AUTH_UNKNOWN] = "unknown",
	[RECORD_AUTH_ACCEPTED] = "accepted",
	[RECORD_AUTH_REJECTED] = "rejected",
	[RECORD_AUTH_NOT_ATTEMPTED] = "not-attempted",
	[RECORD_AUTH_NOT_OFFERED] = "not-offered",
	[RECORD_AUTH_UNUSED] = "unused",
};

const char *const names_mail[] = {
	[EVENT_MAIL_UNKNOWN] = "unknown",
	[EVENT_MAIL_ACCEPTED] = "accepted",
	[EVENT_MAIL_REJECTED] = "rejected",
	[EVENT_MAIL_ABORTED] = "aborted",
};

const char *const names_result[] = {
	[RECORD_RESULT_UNKNOWN] = "unknown",
	[RECORD_RESULT_DELIVERED] = "delivered",
	[RECORD_RESULT_REFUSED] = "refused",
	[RECORD_RESULT_NO_MAIL] = "no-mail",
	[RECORD_RESULT_NOT_ESTABLISHED] = "not-established",
	[RECORD_RESULT_ENCRYPTED] = "encrypted",
};

const char *const names_close[] = {
	[STREAM_CLOSE_FIN] = "fin",
	[STREAM_CLOSE_RESET_BY_CLIENT] = "reset-by-client",
	[STREAM_CLOSE_RESET_BY_SERVER] = "reset-by-server",
	[STREAM_CLOSE_IDLE_TIMEOUT] = "idle-timeout",
	[STREAM_CLOSE_CAPTURE_ENDED] = "capture-ended",
	[STREAM_CLOSE_REFUSED] = "refused",
	[STREAM_CLOSE_UNANSWERED] = "unanswered",
	[STREAM_CLOSE_UNREACHABLE] = "unreachable",
	[STREAM_CLOSE_EVICTED] = "evicted",
	[STREAM_CLOSE_NONE] = "open",
};

const char *const names_verb[VERB_COUNT] = {
	[VERB_HELO] = "HELO",
	[VERB_EHLO] = "EHLO",
	[VERB_LHLO] = "LHLO",
	[VERB_AUTH] = "AUTH",
	[VERB_STARTTLS] = "STARTTLS",
	[VERB_MAIL] = "MAIL",
	[VERB_RCPT] = "RCPT",
	[VERB_DATA] = "DATA",
	[VERB_BDAT] = "BDAT",
	[VERB_RSET] = "RSET",
	[VERB_NOOP] = "NOOP",
	[VERB_VRFY] = "VRFY",
	[VERB_EXPN] = "EXPN",
	[VERB_HELP] = "HELP",
	[VERB_QUIT] = "QUIT",
	[VERB_BURL] = "BURL",
	[VERB_ETRN] = "ETRN",
	[VERB_ATRN] = "ATRN",
	[VERB_TURN] = "TURN",
	[VERB_XCLIENT] = "XCLIENT",
	[VERB_XFORWARD] = "XFORWARD",
	[VERB_XEXCH50] = "XEXCH50",
};

const char *const names_anomaly[EVENT_ANOMALY_COUNT] = {
	[EVENT_ANOMALY_LINE_TOO_LONG] = "line-too-long",
	[EVENT_ANOMALY_BARE_NEWLINE] = "bare-newline",
	[EVENT_ANOMALY_NUL] = "nul",
	[EVENT_ANOMALY_NOT_A_REPLY] = "not-a-reply",
	[EVENT_ANOMALY_NOT_A_COMMAND] = "not-a-command",
	[EVENT_ANOMALY_REPLY_CODES_DIFFER] = "reply-codes-differ",
	[EVENT_ANOMALY_UNSOLICITED_REPLY] = "unsolicited-reply",
	[EVENT_ANOMALY_TOO_MANY_COMMANDS] = "too-many-commands",
	[EVENT_ANOMALY_EARLY_TALKER] = "early-talker",
	[EVENT_ANOMALY_NOT_SMTP] = "not-smtp",
	[EVENT_ANOMALY_PREFACE] = "preface",
	[EVENT_ANOMALY_HELD_TOO_MUCH] = "held-too-much",
	[EVENT_ANOMALY_BODY_UNTERMINATED] = "body-unterminated",
	[EVENT_ANOMALY_BARE_RETURN] = "bare-return",
	[EVENT_ANOMALY_LONG_LINE] = "long-line",
	[EVENT_ANOMALY_FALSE_END] = "false-end-of-data",
	[EVENT_ANOMALY_COMMAND_BEFORE_TLS] = "command-before-tls",
	[EVENT_ANOMALY_REPLY_BEFORE_TLS] = "reply-before-tls",
	[EVENT_ANOMALY_EXTENSION_NOT_OFFERED] = "extension-not-offered",
	[EVENT_ANOMALY_PARAMETER_WRONG] = "parameter-wrong",
	[EVENT_ANOMALY_LIMIT_EXCEEDED] = "limit-exceeded",
	[EVENT_ANOMALY_HELLO_NOT_REPEATED] = "hello-not-repeated",
	[EVENT_ANOMALY_ROLES_REVERSED] = "roles-reversed",
	[EVENT_ANOMALY_REVERSED_UNREAD] = "reversed-unread",
};

const char *const names_foreign[EVENT_FOREIGN_COUNT] = {
	[EVENT_FOREIGN_UNKNOWN] = "unknown",
	[EVENT_FOREIGN_HTTP] = "http",
	[EVENT_FOREIGN_SSH] = "ssh",
	[EVENT_FOREIGN_SOCKS] = "socks",
	[EVENT_FOREIGN_POP3] = "pop3",
	[EVENT_FOREIGN_IMAP] = "imap",
	[EVENT_FOREIGN_SIP] = "sip",
	[EVENT_FOREIGN_RDP] = "rdp",
	[EVENT_FOREIGN_BINARY] = "binary",
};

const char *names_false_end(const struct event_false_end *false_end) {
#define BEHIND(before)                                                                                                      \
	{                                                                                                                   \
		[EVENT_LINE_END_CRLF] = before "<CR><LF>", [EVENT_LINE_END_LF] = before "<LF>",                             \
		[EVENT_LINE_END_CR] = before "<CR>",                                                                        \
	}
#define AROUND(before) {{BEHIND(before "."), BEHIND(before ".<NUL>")}, {BEHIND(before "<NUL>."), BEHIND(before "<NUL>.<NUL>")}}
	static const char *const names[][2][2][3] = {
		[EVENT_LINE_END_CRLF] = AROUND("<CR><LF>"),
		[EVENT_LINE_END_LF] = AROUND("<LF>"),
		[EVENT_LINE_END_CR] = AROUND("<CR>"),
	};
#undef AROUND
#undef BEHIND
	return names[false_end->before][false_end->nul_before][false_end->nul_after][false_end->after];
}
