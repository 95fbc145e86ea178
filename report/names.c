/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/names.h"

const char *const names_protocol[] = {
	[EVENT_PROTOCOL_UNKNOWN] = "unknown",
	[EVENT_PROTOCOL_SMTP] = "smtp",
	[EVENT_PROTOCOL_ESMTP] = "esmtp",
	[EVENT_PROTOCOL_LMTP] = "lmtp",
	[EVENT_PROTOCOL_SMTPS] = "smtps",
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
