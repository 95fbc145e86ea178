/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What commands and replies mean, in plain words. All of it is tables: more words are more rows here, and texts in the
 * catalogue.
 */
#include "report/meaning.h"

#include <string.h>
#include <strings.h>

enum { WORDS_MAX = 1024 };

/* The first row that is found decides, so the more telling words come first. Words are matched against text that was brought
 * to lower case with every run of other characters turned into one space, a space at either end. */
static const struct {
	const char *words;
	enum meaning_reason reason;
} reason_words[] = {
	/* "Unauthenticated email is not accepted due to the domain's DMARC policy" is not about a login. */
	{" spf ", MEANING_REASON_SENDER_POLICY},
	{" dkim ", MEANING_REASON_SENDER_POLICY},
	{" dmarc ", MEANING_REASON_SENDER_POLICY},
	{" starttls ", MEANING_REASON_ENCRYPTION},
	{" must use tls ", MEANING_REASON_ENCRYPTION},
	{" tls required ", MEANING_REASON_ENCRYPTION},
	{" tls is required ", MEANING_REASON_ENCRYPTION},
	{" requires tls ", MEANING_REASON_ENCRYPTION},
	{" encryption required ", MEANING_REASON_ENCRYPTION},
	{" encryption is required ", MEANING_REASON_ENCRYPTION},
	{" encryption needed ", MEANING_REASON_ENCRYPTION},
	{" secure connection ", MEANING_REASON_ENCRYPTION},
	{" greylist", MEANING_REASON_GREYLISTED},
	{" graylist", MEANING_REASON_GREYLISTED},
	{" grey list", MEANING_REASON_GREYLISTED},
	{" gray list", MEANING_REASON_GREYLISTED},
	{" postgrey ", MEANING_REASON_GREYLISTED},
	{" authenticat", MEANING_REASON_LOGIN},
	{" not authenticated ", MEANING_REASON_LOGIN},
	{" smtp auth ", MEANING_REASON_LOGIN},
	{" smtpauth ", MEANING_REASON_LOGIN},
	{" auth first ", MEANING_REASON_LOGIN},
	{" auth required ", MEANING_REASON_LOGIN},
	{" logged in ", MEANING_REASON_LOGIN},
	{" log in ", MEANING_REASON_LOGIN},
	{" login ", MEANING_REASON_LOGIN},
	{" relay", MEANING_REASON_RELAY},
	{" spamhaus ", MEANING_REASON_BLOCKLISTED},
	{" dnsbl ", MEANING_REASON_BLOCKLISTED},
	{" rbl ", MEANING_REASON_BLOCKLISTED},
	{" blocklist", MEANING_REASON_BLOCKLISTED},
	{" block list", MEANING_REASON_BLOCKLISTED},
	{" blacklist", MEANING_REASON_BLOCKLISTED},
	{" black list", MEANING_REASON_BLOCKLISTED},
	{" listed in ", MEANING_REASON_BLOCKLISTED},
	{" spam ", MEANING_REASON_SPAM},
	{" virus ", MEANING_REASON_SPAM},
	{" malware ", MEANING_REASON_SPAM},
	{" quota ", MEANING_REASON_FULL},
	{" mailbox full ", MEANING_REASON_FULL},
	{" mailbox is full ", MEANING_REASON_FULL},
	{" insufficient system storage ", MEANING_REASON_FULL},
	{" too large ", MEANING_REASON_SIZE},
	{" too big ", MEANING_REASON_SIZE},
	{" message size ", MEANING_REASON_SIZE},
	{" size limit ", MEANING_REASON_SIZE},
	{" user unknown ", MEANING_REASON_NO_MAILBOX},
	{" unknown user ", MEANING_REASON_NO_MAILBOX},
	{" no such user ", MEANING_REASON_NO_MAILBOX},
	{" no such recipient ", MEANING_REASON_NO_MAILBOX},
	{" no mailbox ", MEANING_REASON_NO_MAILBOX},
	{" unknown recipient ", MEANING_REASON_NO_MAILBOX},
	{" recipient unknown ", MEANING_REASON_NO_MAILBOX},
	{" does not exist ", MEANING_REASON_NO_MAILBOX},
	{" too many ", MEANING_REASON_RATE},
	{" rate limit", MEANING_REASON_RATE},
	{" throttl", MEANING_REASON_RATE},
	{" timeout ", MEANING_REASON_TIMEOUT},
	{" timed out ", MEANING_REASON_TIMEOUT},
	{" time out ", MEANING_REASON_TIMEOUT},
	{" idle ", MEANING_REASON_TIMEOUT},
};

static const enum words_id reason_texts[MEANING_REASON_COUNT] = {
	[MEANING_REASON_UNKNOWN] = WORDS_COUNT,
	[MEANING_REASON_SENDER_POLICY] = WORDS_REASON_SENDER_POLICY,
	[MEANING_REASON_ENCRYPTION] = WORDS_REASON_ENCRYPTION,
	[MEANING_REASON_LOGIN] = WORDS_REASON_LOGIN,
	[MEANING_REASON_GREYLISTED] = WORDS_REASON_GREYLISTED,
	[MEANING_REASON_RELAY] = WORDS_REASON_RELAY,
	[MEANING_REASON_BLOCKLISTED] = WORDS_REASON_BLOCKLISTED,
	[MEANING_REASON_SPAM] = WORDS_REASON_SPAM,
	[MEANING_REASON_FULL] = WORDS_REASON_FULL,
	[MEANING_REASON_NO_MAILBOX] = WORDS_REASON_NO_MAILBOX,
	[MEANING_REASON_RATE] = WORDS_REASON_RATE,
	[MEANING_REASON_TIMEOUT] = WORDS_REASON_TIMEOUT,
	[MEANING_REASON_SIZE] = WORDS_REASON_SIZE,
};

/* RFC 3463 and IANA's registry of enhanced status codes, without the class digit. */
static const struct {
	const char *detail;
	enum words_id words;
} enhanced_words[] = {
	{"1.0", WORDS_ENHANCED_1_0},
	{"1.1", WORDS_ENHANCED_1_1},
	{"1.2", WORDS_ENHANCED_1_2},
	{"1.3", WORDS_ENHANCED_1_3},
	{"1.4", WORDS_ENHANCED_1_4},
	{"1.6", WORDS_ENHANCED_1_6},
	{"1.7", WORDS_ENHANCED_1_7},
	{"1.8", WORDS_ENHANCED_1_8},
	{"1.10", WORDS_ENHANCED_1_10},
	{"2.0", WORDS_ENHANCED_2_0},
	{"2.1", WORDS_ENHANCED_2_1},
	{"2.2", WORDS_ENHANCED_2_2},
	{"2.3", WORDS_ENHANCED_2_3},
	{"3.0", WORDS_ENHANCED_3_0},
	{"3.1", WORDS_ENHANCED_3_1},
	{"3.2", WORDS_ENHANCED_3_2},
	{"3.4", WORDS_ENHANCED_3_4},
	{"3.5", WORDS_ENHANCED_3_5},
	{"4.0", WORDS_ENHANCED_4_0},
	{"4.1", WORDS_ENHANCED_4_1},
	{"4.2", WORDS_ENHANCED_4_2},
	{"4.3", WORDS_ENHANCED_4_3},
	{"4.4", WORDS_ENHANCED_4_4},
	{"4.5", WORDS_ENHANCED_4_5},
	{"4.6", WORDS_ENHANCED_4_6},
	{"4.7", WORDS_ENHANCED_4_7},
	{"5.1", WORDS_ENHANCED_5_1},
	{"5.2", WORDS_ENHANCED_5_2},
	{"5.3", WORDS_ENHANCED_5_3},
	{"5.4", WORDS_ENHANCED_5_4},
	{"5.6", WORDS_ENHANCED_5_6},
	{"6.0", WORDS_ENHANCED_6_0},
	{"6.1", WORDS_ENHANCED_6_1},
	{"6.7", WORDS_ENHANCED_6_7},
	{"7.1", WORDS_ENHANCED_7_1},
	{"7.4", WORDS_ENHANCED_7_4},
	{"7.5", WORDS_ENHANCED_7_5},
	{"7.7", WORDS_ENHANCED_7_7},
	{"7.8", WORDS_ENHANCED_7_8},
	{"7.9", WORDS_ENHANCED_7_9},
	{"7.10", WORDS_ENHANCED_7_10},
	{"7.11", WORDS_ENHANCED_7_11},
	{"7.12", WORDS_ENHANCED_7_12},
	{"7.13", WORDS_ENHANCED_7_13},
	{"7.14", WORDS_ENHANCED_7_14},
	{"7.20", WORDS_ENHANCED_7_20},
	{"7.21", WORDS_ENHANCED_7_21},
	{"7.22", WORDS_ENHANCED_7_22},
	{"7.23", WORDS_ENHANCED_7_23},
	{"7.24", WORDS_ENHANCED_7_24},
	{"7.25", WORDS_ENHANCED_7_25},
	{"7.26", WORDS_ENHANCED_7_26},
	{"7.27", WORDS_ENHANCED_7_27},
	{"7.28", WORDS_ENHANCED_7_28},
};

static const enum words_id command_words[VERB_COUNT] = {
	[VERB_OTHER] = WORDS_COMMAND_UNKNOWN,
	[VERB_HELO] = WORDS_COMMAND_HELO,
	[VERB_EHLO] = WORDS_COMMAND_EHLO,
	[VERB_LHLO] = WORDS_COMMAND_LHLO,
	[VERB_AUTH] = WORDS_COMMAND_AUTH,
	[VERB_STARTTLS] = WORDS_COMMAND_STARTTLS,
	[VERB_MAIL] = WORDS_COMMAND_MAIL,
	[VERB_RCPT] = WORDS_COMMAND_RCPT,
	[VERB_DATA] = WORDS_COMMAND_DATA,
	[VERB_BDAT] = WORDS_COMMAND_BDAT,
	[VERB_RSET] = WORDS_COMMAND_RSET,
	[VERB_NOOP] = WORDS_COMMAND_NOOP,
	[VERB_VRFY] = WORDS_COMMAND_VRFY,
	[VERB_EXPN] = WORDS_COMMAND_EXPN,
	[VERB_HELP] = WORDS_COMMAND_HELP,
	[VERB_QUIT] = WORDS_COMMAND_QUIT,
	[VERB_BURL] = WORDS_COMMAND_BURL,
	[VERB_ETRN] = WORDS_COMMAND_ETRN,
	[VERB_ATRN] = WORDS_COMMAND_ETRN,
	[VERB_TURN] = WORDS_COMMAND_TURN,
	[VERB_XCLIENT] = WORDS_COMMAND_XCLIENT,
	[VERB_XFORWARD] = WORDS_COMMAND_XFORWARD,
	[VERB_XEXCH50] = WORDS_COMMAND_EXCHANGE,
};

static const struct {
	const char *name;
	enum words_id words;
} other_command_words[] = {
	{"X-LINK2STATE", WORDS_COMMAND_EXCHANGE},
	{"XSHADOW", WORDS_COMMAND_EXCHANGE},
	{"XSHADOWREQUEST", WORDS_COMMAND_EXCHANGE},
	{"XQDISCARD", WORDS_COMMAND_EXCHANGE},
	{"XPROXY", WORDS_COMMAND_EXCHANGE},
	{"XPROXYFROM", WORDS_COMMAND_EXCHANGE},
	{"XPROXYTO", WORDS_COMMAND_EXCHANGE},
	{"XSESSIONPARAMS", WORDS_COMMAND_EXCHANGE},
	{"SEND", WORDS_COMMAND_OBSOLETE},
	{"SOML", WORDS_COMMAND_OBSOLETE},
	{"SAML", WORDS_COMMAND_OBSOLETE},
	{"GET", WORDS_COMMAND_HTTP},
	{"POST", WORDS_COMMAND_HTTP},
	{"CONNECT", WORDS_COMMAND_HTTP},
};

/* Subject of a reply by what it answers, and what 2xx, 4xx and 5xx to it mean. */
struct reply_words {
	enum words_id ok, later, no;
};

static const struct reply_words verb_reply_words[VERB_COUNT] = {
	[VERB_OTHER] = {WORDS_REPLY_DONE_OK, WORDS_REPLY_DONE_LATER, WORDS_REPLY_DONE_NO},
	[VERB_HELO] = {WORDS_REPLY_HELLO_OK, WORDS_REPLY_HELLO_LATER, WORDS_REPLY_HELLO_NO},
	[VERB_EHLO] = {WORDS_REPLY_HELLO_OK, WORDS_REPLY_HELLO_LATER, WORDS_REPLY_HELLO_NO},
	[VERB_LHLO] = {WORDS_REPLY_HELLO_OK, WORDS_REPLY_HELLO_LATER, WORDS_REPLY_HELLO_NO},
	[VERB_AUTH] = {WORDS_REPLY_AUTH_OK, WORDS_REPLY_AUTH_LATER, WORDS_REPLY_AUTH_NO},
	[VERB_STARTTLS] = {WORDS_REPLY_STARTTLS_OK, WORDS_REPLY_STARTTLS_LATER, WORDS_REPLY_STARTTLS_NO},
	[VERB_MAIL] = {WORDS_REPLY_MAIL_OK, WORDS_REPLY_MAIL_LATER, WORDS_REPLY_MAIL_NO},
	[VERB_RCPT] = {WORDS_REPLY_RCPT_OK, WORDS_REPLY_RCPT_LATER, WORDS_REPLY_RCPT_NO},
	[VERB_DATA] = {WORDS_REPLY_MESSAGE_OK, WORDS_REPLY_MESSAGE_LATER, WORDS_REPLY_MESSAGE_NO},
	[VERB_BDAT] = {WORDS_REPLY_CHUNK_OK, WORDS_REPLY_MESSAGE_LATER, WORDS_REPLY_MESSAGE_NO},
	[VERB_RSET] = {WORDS_REPLY_RSET_OK, WORDS_REPLY_DONE_LATER, WORDS_REPLY_DONE_NO},
	[VERB_NOOP] = {WORDS_REPLY_NOOP_OK, WORDS_REPLY_DONE_LATER, WORDS_REPLY_DONE_NO},
	[VERB_VRFY] = {WORDS_REPLY_VRFY_OK, WORDS_REPLY_CANNOT_SAY_LATER, WORDS_REPLY_CANNOT_SAY_NO},
	[VERB_EXPN] = {WORDS_REPLY_EXPN_OK, WORDS_REPLY_CANNOT_SAY_LATER, WORDS_REPLY_CANNOT_SAY_NO},
	[VERB_HELP] = {WORDS_REPLY_HELP_OK, WORDS_REPLY_HELP_LATER, WORDS_REPLY_HELP_NO},
	[VERB_QUIT] = {WORDS_REPLY_GOODBYE_OK, WORDS_REPLY_GOODBYE_LATER, WORDS_REPLY_GOODBYE_LATER},
	[VERB_BURL] = {WORDS_REPLY_CHUNK_OK, WORDS_REPLY_MESSAGE_LATER, WORDS_REPLY_MESSAGE_NO},
	[VERB_ETRN] = {WORDS_REPLY_DONE_OK, WORDS_REPLY_DONE_LATER, WORDS_REPLY_DONE_NO},
	[VERB_ATRN] = {WORDS_REPLY_DONE_OK, WORDS_REPLY_DONE_LATER, WORDS_REPLY_DONE_NO},
	[VERB_TURN] = {WORDS_REPLY_DONE_OK, WORDS_REPLY_DONE_LATER, WORDS_REPLY_DONE_NO},
	[VERB_XCLIENT] = {WORDS_REPLY_DONE_OK, WORDS_REPLY_DONE_LATER, WORDS_REPLY_DONE_NO},
	[VERB_XFORWARD] = {WORDS_REPLY_DONE_OK, WORDS_REPLY_DONE_LATER, WORDS_REPLY_DONE_NO},
	[VERB_XEXCH50] = {WORDS_REPLY_DONE_OK, WORDS_REPLY_DONE_LATER, WORDS_REPLY_DONE_NO},
};
static const struct reply_words greeting_words = {
	WORDS_REPLY_GREETING_OK, WORDS_REPLY_GREETING_LATER, WORDS_REPLY_GREETING_NO};
static const struct reply_words body_words = {WORDS_REPLY_MESSAGE_OK, WORDS_REPLY_MESSAGE_LATER, WORDS_REPLY_MESSAGE_NO};
static const struct reply_words unknown_words = {WORDS_REPLY_UNKNOWN_OK, WORDS_REPLY_DONE_LATER, WORDS_REPLY_DONE_NO};

/* Whole meanings that the class of the code does not give. verb VERB_COUNT: whatever it answers. */
static const struct {
	uint16_t code;
	enum verb verb;
	enum words_id words;
} whole_words[] = {
	{421, VERB_COUNT, WORDS_REPLY_421},
	{235, VERB_COUNT, WORDS_REPLY_AUTH_OK},
	{251, VERB_RCPT, WORDS_REPLY_251},
	{252, VERB_RCPT, WORDS_REPLY_252},
	{252, VERB_VRFY, WORDS_REPLY_252_VRFY},
	{334, VERB_COUNT, WORDS_REPLY_334},
	{354, VERB_COUNT, WORDS_REPLY_354},
	{500, VERB_EHLO, WORDS_REPLY_500_EHLO},
	{502, VERB_EHLO, WORDS_REPLY_500_EHLO},
	{500, VERB_OTHER, WORDS_REPLY_500},
	{502, VERB_OTHER, WORDS_REPLY_500},
	{500, VERB_AUTH, WORDS_REPLY_500_AUTH},
	{502, VERB_AUTH, WORDS_REPLY_500_AUTH},
	{503, VERB_AUTH, WORDS_REPLY_503_AUTH},
	{504, VERB_AUTH, WORDS_REPLY_504_AUTH},
	{530, VERB_AUTH, WORDS_REPLY_530_AUTH},
	{538, VERB_AUTH, WORDS_REPLY_538_AUTH},
	{432, VERB_AUTH, WORDS_REPLY_432_AUTH},
};

/* Details of a refusal that has no enhanced code and no telling words. */
static const struct {
	uint16_t code;
	enum words_id words;
} code_words[] = {
	{432, WORDS_CODE_432},
	{450, WORDS_CODE_450},
	{451, WORDS_CODE_451},
	{452, WORDS_CODE_452},
	{454, WORDS_CODE_454},
	{455, WORDS_CODE_455},
	{500, WORDS_CODE_500},
	{501, WORDS_CODE_501},
	{502, WORDS_CODE_502},
	{503, WORDS_CODE_503},
	{504, WORDS_CODE_504},
	{521, WORDS_CODE_521},
	{523, WORDS_CODE_523},
	{525, WORDS_CODE_525},
	{530, WORDS_CODE_530},
	{534, WORDS_CODE_534},
	{535, WORDS_CODE_535},
	{538, WORDS_CODE_538},
	{550, WORDS_CODE_550},
	{551, WORDS_CODE_551},
	{552, WORDS_CODE_552},
	{553, WORDS_CODE_553},
	{554, WORDS_CODE_554},
	{555, WORDS_CODE_555},
	{556, WORDS_CODE_556},
};

static char lower(char c) {
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool is_word(char c) {
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/* Appends the words of one line, each followed by a space. Tokens with @, :// or in < > are left out: they are made by
 * others than the server, and an address such as login@example.com says nothing about logging in. */
static size_t add_words(char *words, size_t len, struct slice line) {
	for (size_t at = 0; at < line.len;) {
		size_t start = at;
		bool skip = false;

		while (at < line.len && line.data[at] == ' ')
			start = ++at;
		if (at < line.len && line.data[at] == '<') {
			const char *end = memchr(line.data + at, '>', line.len - at);

			if (end != NULL) {
				at = (size_t)(end - line.data) + 1;
				continue;
			}
		}
		while (at < line.len && line.data[at] != ' ' && !(line.data[at] == '<' && at > start)) {
			skip |= line.data[at] == '@' ||
				(line.data[at] == ':' && line.len - at > 2 && line.data[at + 1] == '/');
			at++;
		}
		if (skip)
			continue;
		for (size_t i = start; i < at && len + 2 < WORDS_MAX; i++) {
			char c = lower(line.data[i]);

			if (is_word(c))
				words[len++] = c;
			else if (words[len - 1] != ' ')
				words[len++] = ' ';
		}
		if (words[len - 1] != ' ' && len + 2 < WORDS_MAX)
			words[len++] = ' ';
	}
	return len;
}

/* "5.7.26" or "x.7.26" without the class: "7.26"; empty when it is no enhanced code. */
static struct slice enhanced_detail(struct slice enhanced) {
	if (enhanced.len < 5 || enhanced.data[1] != '.')
		return (struct slice){NULL, 0};
	return (struct slice){enhanced.data + 2, enhanced.len - 2};
}

static bool slice_is(struct slice slice, const char *text) {
	return slice.len == strlen(text) && (slice.len == 0 || memcmp(slice.data, text, slice.len) == 0);
}

static bool starts_with(struct slice slice, const char *text) {
	return slice.len >= strlen(text) && memcmp(slice.data, text, strlen(text)) == 0;
}

enum meaning_reason meaning_reply_reason(
	uint16_t code, struct slice enhanced, const struct slice *lines, size_t line_count) {
	struct slice detail = enhanced_detail(enhanced);
	char words[WORDS_MAX] = " ";
	size_t len = 1;

	if (code < 400)
		return MEANING_REASON_UNKNOWN;
	/* RFC 7372: 7.20 to 7.29 are about DKIM, SPF and DMARC; Microsoft uses 7.5xx for the same. */
	if ((starts_with(detail, "7.2") && detail.len == 4) || (starts_with(detail, "7.5") && detail.len == 5))
		return MEANING_REASON_SENDER_POLICY;
	for (size_t i = 0; i < line_count; i++)
		len = add_words(words, len, lines[i]);
	words[len] = 0;
	for (size_t i = 0; i < sizeof(reason_words) / sizeof(reason_words[0]); i++)
		if (strstr(words, reason_words[i].words) != NULL)
			return reason_words[i].reason;
	return MEANING_REASON_UNKNOWN;
}

const char *meaning_reason_words(enum meaning_reason reason, const struct words *words) {
	return reason_texts[reason] != WORDS_COUNT ? words_get(words, reason_texts[reason]) : NULL;
}

const char *meaning_enhanced_words(struct slice enhanced, const struct words *words) {
	struct slice detail = enhanced_detail(enhanced);

	for (size_t i = 0; i < sizeof(enhanced_words) / sizeof(enhanced_words[0]); i++)
		if (slice_is(detail, enhanced_words[i].detail))
			return words_get(words, enhanced_words[i].words);
	return NULL;
}

const char *meaning_command(enum verb verb, struct slice name, const struct words *words) {
	if (verb == VERB_OTHER)
		for (size_t i = 0; i < sizeof(other_command_words) / sizeof(other_command_words[0]); i++)
			if (slice_is(name, other_command_words[i].name))
				return words_get(words, other_command_words[i].words);
	return words_get(words, command_words[verb]);
}

static enum verb reply_verb(const struct event_reply *reply) {
	switch (reply->answers) {
	case EVENT_ANSWERS_COMMAND:
		return reply->verb;
	case EVENT_ANSWERS_AUTH:
		return VERB_AUTH;
	case EVENT_ANSWERS_BODY:
		return VERB_DATA;
	default:
		return VERB_COUNT;
	}
}

static const struct reply_words *subject_of_reply(const struct event_reply *reply) {
	switch (reply->answers) {
	case EVENT_ANSWERS_GREETING:
		return &greeting_words;
	case EVENT_ANSWERS_COMMAND:
		return &verb_reply_words[reply->verb < VERB_COUNT ? reply->verb : VERB_OTHER];
	case EVENT_ANSWERS_AUTH:
		return &verb_reply_words[VERB_AUTH];
	case EVENT_ANSWERS_BODY:
		return &body_words;
	default:
		return &unknown_words;
	}
}

static const char *refusal_details(const struct event_reply *reply, enum verb verb, const struct words *words) {
	/* At a login "authentication failed" is no wish for one. */
	enum meaning_reason reason = meaning_reply_reason(reply->code, reply->enhanced, reply->lines, reply->line_count);
	const char *details =
		verb == VERB_AUTH && reason == MEANING_REASON_LOGIN ? NULL : meaning_reason_words(reason, words);

	if (details == NULL)
		details = meaning_enhanced_words(reply->enhanced, words);
	for (size_t i = 0; details == NULL && i < sizeof(code_words) / sizeof(code_words[0]); i++)
		if (code_words[i].code == reply->code)
			details = words_get(words, code_words[i].words);
	return details;
}

static void add_with_details(
	struct terminal_text *text, const struct words *words, enum words_id reply, const char *details) {
	if (details == NULL)
		terminal_text_add(text, words_get(words, reply));
	else
		words_add(text, words, WORDS_REPLY_WITH_DETAILS,
			(const struct words_value[]){{"reply", words_get(words, reply), 0}, {"details", details, 0}}, 2);
}

void meaning_add_reply(struct terminal_text *text, const struct event_reply *reply, const struct words *words) {
	const struct reply_words *subject = subject_of_reply(reply);
	enum verb verb = reply_verb(reply);

	if (reply->code == 0) {
		terminal_text_add(text, words_get(words, WORDS_REPLY_LOST));
		return;
	}
	for (size_t i = 0; i < sizeof(whole_words) / sizeof(whole_words[0]); i++) {
		if (whole_words[i].code != reply->code || (whole_words[i].verb != verb && whole_words[i].verb != VERB_COUNT))
			continue;
		add_with_details(
			text, words, whole_words[i].words, reply->code == 421 ? refusal_details(reply, verb, words) : NULL);
		return;
	}
	if (reply->code < 300)
		terminal_text_add(text, words_get(words, subject->ok));
	else if (reply->code < 400)
		terminal_text_add(text, words_get(words, WORDS_REPLY_MORE));
	else
		add_with_details(
			text, words, reply->code < 500 ? subject->later : subject->no, refusal_details(reply, verb, words));
}

const char *meaning_close(enum stream_close_how how, const struct words *words) {
	static const enum words_id ids[STREAM_CLOSE_COUNT] = {
		[STREAM_CLOSE_FIN] = WORDS_CLOSE_FIN,
		[STREAM_CLOSE_RESET_BY_CLIENT] = WORDS_CLOSE_RESET_BY_CLIENT,
		[STREAM_CLOSE_RESET_BY_SERVER] = WORDS_CLOSE_RESET_BY_SERVER,
		[STREAM_CLOSE_IDLE_TIMEOUT] = WORDS_CLOSE_IDLE_TIMEOUT,
		[STREAM_CLOSE_CAPTURE_ENDED] = WORDS_CLOSE_CAPTURE_ENDED,
		[STREAM_CLOSE_REFUSED] = WORDS_CLOSE_REFUSED,
		[STREAM_CLOSE_UNANSWERED] = WORDS_CLOSE_UNANSWERED,
		[STREAM_CLOSE_UNREACHABLE] = WORDS_CLOSE_UNREACHABLE,
		[STREAM_CLOSE_EVICTED] = WORDS_CLOSE_EVICTED,
		[STREAM_CLOSE_NONE] = WORDS_CLOSE_NONE,
	};

	return words_get(words, how < STREAM_CLOSE_COUNT ? ids[how] : WORDS_CLOSE_OTHER);
}

const char *meaning_anomaly(enum event_anomaly_id id, const struct words *words) {
	static const enum words_id ids[EVENT_ANOMALY_COUNT] = {
		[EVENT_ANOMALY_LINE_TOO_LONG] = WORDS_ANOMALY_LINE_TOO_LONG,
		[EVENT_ANOMALY_BARE_NEWLINE] = WORDS_ANOMALY_BARE_NEWLINE,
		[EVENT_ANOMALY_NUL] = WORDS_ANOMALY_NUL,
		[EVENT_ANOMALY_NOT_A_REPLY] = WORDS_ANOMALY_NOT_A_REPLY,
		[EVENT_ANOMALY_NOT_A_COMMAND] = WORDS_ANOMALY_NOT_A_COMMAND,
		[EVENT_ANOMALY_REPLY_CODES_DIFFER] = WORDS_ANOMALY_REPLY_CODES_DIFFER,
		[EVENT_ANOMALY_UNSOLICITED_REPLY] = WORDS_ANOMALY_UNSOLICITED_REPLY,
		[EVENT_ANOMALY_TOO_MANY_COMMANDS] = WORDS_ANOMALY_TOO_MANY_COMMANDS,
		[EVENT_ANOMALY_EARLY_TALKER] = WORDS_ANOMALY_EARLY_TALKER,
		[EVENT_ANOMALY_NOT_SMTP] = WORDS_ANOMALY_NOT_SMTP,
		[EVENT_ANOMALY_PREFACE] = WORDS_ANOMALY_PREFACE,
		[EVENT_ANOMALY_HELD_TOO_MUCH] = WORDS_ANOMALY_HELD_TOO_MUCH,
		[EVENT_ANOMALY_BODY_UNTERMINATED] = WORDS_ANOMALY_BODY_UNTERMINATED,
		[EVENT_ANOMALY_BARE_RETURN] = WORDS_ANOMALY_BARE_RETURN,
		[EVENT_ANOMALY_LONG_LINE] = WORDS_ANOMALY_LONG_LINE,
		[EVENT_ANOMALY_FALSE_END] = WORDS_ANOMALY_FALSE_END,
		[EVENT_ANOMALY_COMMAND_BEFORE_TLS] = WORDS_ANOMALY_COMMAND_BEFORE_TLS,
		[EVENT_ANOMALY_REPLY_BEFORE_TLS] = WORDS_ANOMALY_REPLY_BEFORE_TLS,
		[EVENT_ANOMALY_EXTENSION_NOT_OFFERED] = WORDS_ANOMALY_EXTENSION_NOT_OFFERED,
		[EVENT_ANOMALY_PARAMETER_WRONG] = WORDS_ANOMALY_PARAMETER_WRONG,
		[EVENT_ANOMALY_LIMIT_EXCEEDED] = WORDS_ANOMALY_LIMIT_EXCEEDED,
		[EVENT_ANOMALY_HELLO_NOT_REPEATED] = WORDS_ANOMALY_HELLO_NOT_REPEATED,
		[EVENT_ANOMALY_ROLES_REVERSED] = WORDS_ANOMALY_ROLES_REVERSED,
		[EVENT_ANOMALY_REVERSED_UNREAD] = WORDS_ANOMALY_REVERSED_UNREAD,
	};

	return words_get(words, id < EVENT_ANOMALY_COUNT ? ids[id] : WORDS_ANOMALY_OTHER);
}

const char *meaning_icmp(const char *icmp, const struct words *words) {
	/* Matched by word, so that the exact spelling of the code's name is the capture's own business. */
	static const struct {
		const char *part;
		enum words_id words;
	} rows[] = {
		{"prohibit", WORDS_ICMP_PROHIBITED},
		{"filter", WORDS_ICMP_PROHIBITED},
		{"port", WORDS_ICMP_PORT},
		{"host", WORDS_ICMP_HOST},
		{"route", WORDS_ICMP_NET},
		{"net", WORDS_ICMP_NET},
	};

	for (size_t i = 0; icmp != NULL && i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcasestr(icmp, rows[i].part) != NULL)
			return words_get(words, rows[i].words);
	return NULL;
}
