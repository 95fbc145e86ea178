/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/auth_reason.h"

#include <string.h>

#include "report/meaning.h"

/* RFC 4954, 6, and IANA's registry of enhanced status codes (RFC 5248), which says which codes go with which. */
static const struct {
	uint16_t code;
	enum auth_reason reason;
} code_reasons[] = {
	{421, AUTH_REASON_BUSY},
	{422, AUTH_REASON_TRANSITION},
	{432, AUTH_REASON_TRANSITION},
	{500, AUTH_REASON_SYNTAX},
	{501, AUTH_REASON_SYNTAX},
	{502, AUTH_REASON_NOT_AVAILABLE},
	{503, AUTH_REASON_OUT_OF_ORDER},
	{504, AUTH_REASON_MECHANISM},
	{523, AUTH_REASON_NEEDS_TLS},
	{524, AUTH_REASON_NEEDS_TLS},
	{525, AUTH_REASON_DISABLED},
	{530, AUTH_REASON_NEEDS_TLS},
	{534, AUTH_REASON_TOO_WEAK},
	{535, AUTH_REASON_CREDENTIALS},
	{538, AUTH_REASON_NEEDS_TLS},
};

/* The details, without the class. They say more than a code like 550 or 554. */
static const struct {
	const char *detail;
	enum auth_reason reason;
} detail_reasons[] = {
	{"5.1", AUTH_REASON_OUT_OF_ORDER},
	{"5.2", AUTH_REASON_SYNTAX},
	{"5.4", AUTH_REASON_MECHANISM},
	{"5.6", AUTH_REASON_SYNTAX},
	{"7.8", AUTH_REASON_CREDENTIALS},
	{"7.9", AUTH_REASON_TOO_WEAK},
	{"7.10", AUTH_REASON_NEEDS_TLS},
	{"7.11", AUTH_REASON_NEEDS_TLS},
	{"7.12", AUTH_REASON_TRANSITION},
	{"7.13", AUTH_REASON_DISABLED},
};

static enum auth_reason reason_of_detail(struct slice enhanced) {
	for (size_t i = 0; enhanced.len > 2 && i < sizeof(detail_reasons) / sizeof(detail_reasons[0]); i++)
		if (enhanced.len - 2 == strlen(detail_reasons[i].detail) &&
			memcmp(enhanced.data + 2, detail_reasons[i].detail, enhanced.len - 2) == 0)
			return detail_reasons[i].reason;
	return AUTH_REASON_NONE;
}

static enum auth_reason reason_of_code(uint16_t code) {
	for (size_t i = 0; i < sizeof(code_reasons) / sizeof(code_reasons[0]); i++)
		if (code_reasons[i].code == code)
			return code_reasons[i].reason;
	return code >= 500 ? AUTH_REASON_CREDENTIALS : AUTH_REASON_TEMPORARY;
}

/* 501 to a response: some servers say so to a wrong password, in words or with a code of security (X.7.Y). */
static bool speaks_of_credentials(const struct record_reply *reply, enum meaning_reason words) {
	bool security = reply->enhanced.len >= 3 && reply->enhanced.data[2] == '7';
	return reply->code == 501 && (security || (reply->enhanced.len == 0 && words == MEANING_REASON_LOGIN));
}

enum auth_reason auth_reason_of(const struct record_attempt *attempt) {
	const struct record_reply *reply = &attempt->reply;
	if (attempt->result == EVENT_AUTH_CANCELLED)
		return AUTH_REASON_CANCELLED;
	if (attempt->result == EVENT_AUTH_ACCEPTED || !reply->seen || reply->code < 400)
		return AUTH_REASON_NONE;
	enum meaning_reason words = meaning_reply_reason(reply->code, reply->enhanced, reply->lines, reply->line_count);
	if (words == MEANING_REASON_ENCRYPTION && !attempt->encrypted && reply->code != 421)
		return AUTH_REASON_NEEDS_TLS;
	if (speaks_of_credentials(reply, words))
		return AUTH_REASON_CREDENTIALS;
	enum auth_reason detail = reason_of_detail(reply->enhanced);
	/* Servers put 5.5.1 and its like behind all of 500 to 504; those codes are the more exact then. */
	bool exact_code = reply->code >= 500 && reply->code <= 504;
	if (detail != AUTH_REASON_NONE && !exact_code && (reply->code >= 500 || detail == AUTH_REASON_TRANSITION))
		return detail;
	/* 530 under TLS asks for something else than TLS. */
	if (reply->code == 530 && attempt->encrypted)
		return AUTH_REASON_CREDENTIALS;
	return reason_of_code(reply->code);
}

const char *auth_reason_name(enum auth_reason reason) {
	static const char *const names[AUTH_REASON_COUNT] = {
		[AUTH_REASON_CANCELLED] = "cancelled",
		[AUTH_REASON_CREDENTIALS] = "credentials-rejected",
		[AUTH_REASON_DISABLED] = "account-disabled",
		[AUTH_REASON_TEMPORARY] = "temporary-failure",
		[AUTH_REASON_BUSY] = "server-busy",
		[AUTH_REASON_TRANSITION] = "password-transition-needed",
		[AUTH_REASON_TOO_WEAK] = "mechanism-too-weak",
		[AUTH_REASON_NEEDS_TLS] = "needs-tls",
		[AUTH_REASON_SYNTAX] = "syntax",
		[AUTH_REASON_NOT_AVAILABLE] = "not-available",
		[AUTH_REASON_OUT_OF_ORDER] = "out-of-order",
		[AUTH_REASON_MECHANISM] = "mechanism-unknown",
	};
	return names[reason];
}
