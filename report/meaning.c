/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What commands and replies mean, in plain words. All of it is tables: more words are more rows.
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

static const char *const reason_texts[MEANING_REASON_COUNT] = {
	[MEANING_REASON_SENDER_POLICY] = "sender's domain fails SPF/DKIM/DMARC",
	[MEANING_REASON_ENCRYPTION] = "encryption (TLS) wanted first",
	[MEANING_REASON_LOGIN] = "login wanted first",
	[MEANING_REASON_GREYLISTED] = "greylisted, try again later",
	[MEANING_REASON_RELAY] = "relaying denied",
	[MEANING_REASON_BLOCKLISTED] = "client is on a block list",
	[MEANING_REASON_SPAM] = "taken for spam or malware",
	[MEANING_REASON_FULL] = "mailbox or disk full",
	[MEANING_REASON_NO_MAILBOX] = "no such mailbox",
	[MEANING_REASON_RATE] = "too many at a time",
	[MEANING_REASON_TIMEOUT] = "client was silent too long",
	[MEANING_REASON_SIZE] = "message too large",
};

/* RFC 3463 and IANA's registry of enhanced status codes, without the class digit. */
static const struct {
	const char *detail;
	const char *words;
} enhanced_words[] = {
	{"1.0", "address problem"},
	{"1.1", "no such mailbox"},
	{"1.2", "no such domain"},
	{"1.3", "address not valid"},
	{"1.4", "address is ambiguous"},
	{"1.6", "mailbox has moved"},
	{"1.7", "sender address not valid"},
	{"1.8", "sender's domain not found"},
	{"1.10", "domain takes no mail (null MX)"},
	{"2.0", "mailbox problem"},
	{"2.1", "mailbox disabled"},
	{"2.2", "mailbox full"},
	{"2.3", "message too large for the mailbox"},
	{"3.0", "mail system problem"},
	{"3.1", "mail system full"},
	{"3.2", "server takes no mail now"},
	{"3.4", "message too large"},
	{"3.5", "server is not set up right"},
	{"4.0", "network problem"},
	{"4.1", "next server does not answer"},
	{"4.2", "bad connection"},
	{"4.3", "directory or DNS lookup failed"},
	{"4.4", "no route to the next server"},
	{"4.5", "server overloaded"},
	{"4.6", "mail loop"},
	{"4.7", "delivery took too long"},
	{"5.1", "command not allowed now"},
	{"5.2", "syntax error"},
	{"5.3", "too many recipients"},
	{"5.4", "arguments not valid"},
	{"5.6", "AUTH exchange line too long"},
	{"6.0", "message content problem"},
	{"6.1", "content type not supported"},
	{"6.7", "internationalised address not supported"},
	{"7.1", "not allowed"},
	{"7.4", "security feature not supported"},
	{"7.5", "cryptographic failure"},
	{"7.7", "message integrity failure"},
	{"7.8", "wrong user name or password"},
	{"7.9", "login mechanism too weak"},
	{"7.10", "encryption needed"},
	{"7.11", "encryption needed for this login"},
	{"7.12", "password change needed"},
	{"7.13", "account disabled"},
	{"7.14", "trust relationship needed"},
	{"7.20", "no valid DKIM signature"},
	{"7.21", "DKIM signature not acceptable"},
	{"7.22", "DKIM signature not of the author"},
	{"7.23", "SPF check failed"},
	{"7.24", "SPF check failed with an error"},
	{"7.25", "reverse DNS check failed"},
	{"7.26", "SPF/DKIM/DMARC checks failed"},
	{"7.27", "sender's domain takes no mail"},
	{"7.28", "mail flood"},
};

static const struct {
	enum verb verb;
	const char *words;
} command_words[] = {
	{VERB_HELO, "says hello (no extensions)"},
	{VERB_EHLO, "says hello"},
	{VERB_LHLO, "says hello (LMTP)"},
	{VERB_AUTH, "asks to log in"},
	{VERB_STARTTLS, "asks for encryption (TLS)"},
	{VERB_MAIL, "sender"},
	{VERB_RCPT, "recipient"},
	{VERB_DATA, "wants to send the message"},
	{VERB_BDAT, "sends a piece of the message"},
	{VERB_RSET, "starts over"},
	{VERB_NOOP, "does nothing (keep-alive)"},
	{VERB_VRFY, "asks whether an address exists"},
	{VERB_EXPN, "asks who is on a list"},
	{VERB_HELP, "asks for help"},
	{VERB_QUIT, "says goodbye"},
};

static const struct {
	const char *name;
	const char *words;
} other_command_words[] = {
	{"XCLIENT", "proxy tells the real client"},
	{"XFORWARD", "proxy tells where mail came from"},
	{"ETRN", "asks for queued mail"},
	{"ATRN", "asks for queued mail"},
	{"TURN", "asks to swap roles"},
	{"BURL", "sends a message by reference"},
	{"SEND", "obsolete command"},
	{"SOML", "obsolete command"},
	{"SAML", "obsolete command"},
	{"GET", "HTTP, not mail"},
	{"POST", "HTTP, not mail"},
	{"CONNECT", "HTTP, not mail"},
};

/* Subject of a reply by what it answers, and what 2xx, 4xx and 5xx to it mean. */
struct reply_words {
	const char *ok, *later, *no;
};

static const struct reply_words verb_reply_words[VERB_COUNT] = {
	[VERB_OTHER] = {"done", "refused for now", "refused"},
	[VERB_HELO] = {"greets the client", "hello refused for now", "hello refused"},
	[VERB_EHLO] = {"greets the client", "hello refused for now", "hello refused"},
	[VERB_LHLO] = {"greets the client", "hello refused for now", "hello refused"},
	[VERB_AUTH] = {"login accepted", "login not possible now", "login rejected"},
	[VERB_STARTTLS] = {"go ahead, encrypt", "encryption not available now", "encryption refused"},
	[VERB_MAIL] = {"sender accepted", "sender refused for now", "sender refused"},
	[VERB_RCPT] = {"recipient accepted", "recipient refused for now", "recipient refused"},
	[VERB_DATA] = {"message accepted", "message refused for now", "message refused"},
	[VERB_BDAT] = {"piece accepted", "message refused for now", "message refused"},
	[VERB_RSET] = {"ready for a new mail", "refused for now", "refused"},
	[VERB_NOOP] = {"still here", "refused for now", "refused"},
	[VERB_VRFY] = {"says about the address", "cannot say now", "does not say"},
	[VERB_EXPN] = {"lists the members", "cannot say now", "does not say"},
	[VERB_HELP] = {"helps", "cannot help now", "does not help"},
	[VERB_QUIT] = {"goodbye", "goodbye with an error", "goodbye with an error"},
};
static const struct reply_words greeting_words = {
	"server is ready", "server turns the client away for now", "server turns the client away"};
static const struct reply_words body_words = {"message accepted", "message refused for now", "message refused"};
static const struct reply_words unknown_words = {"yes", "refused for now", "refused"};

/* Whole meanings that the class of the code does not give. verb VERB_COUNT: whatever it answers. */
static const struct {
	uint16_t code;
	enum verb verb;
	const char *words;
} whole_words[] = {
	{421, VERB_COUNT, "server closes the connection"},
	{235, VERB_COUNT, "login accepted"},
	{251, VERB_RCPT, "recipient accepted, will be forwarded"},
	{252, VERB_RCPT, "recipient accepted, not verified"},
	{252, VERB_VRFY, "does not say, but takes mail"},
	{334, VERB_COUNT, "login: asks for the next step"},
	{354, VERB_COUNT, "send the message now"},
	{500, VERB_EHLO, "does not know EHLO (old server)"},
	{502, VERB_EHLO, "does not know EHLO (old server)"},
	{500, VERB_OTHER, "command not known here"},
	{502, VERB_OTHER, "command not known here"},
	{500, VERB_AUTH, "login not offered here"},
	{502, VERB_AUTH, "login not offered here"},
	{503, VERB_AUTH, "login not possible at this point"},
	{504, VERB_AUTH, "login method not supported"},
	{530, VERB_AUTH, "encryption (TLS) wanted before login"},
	{538, VERB_AUTH, "encryption (TLS) wanted for this login"},
	{432, VERB_AUTH, "login: password change needed"},
};

/* Details of a refusal that has no enhanced code and no telling words. */
static const struct {
	uint16_t code;
	const char *words;
} code_words[] = {
	{432, "password change needed"},
	{450, "mailbox busy or blocked for now"},
	{451, "server error"},
	{452, "server is out of space"},
	{454, "temporary failure"},
	{455, "parameters not possible now"},
	{500, "command not known"},
	{501, "syntax error"},
	{502, "command not offered"},
	{503, "wrong order of commands"},
	{504, "parameter not supported"},
	{521, "host takes no mail"},
	{523, "message too large"},
	{525, "account disabled"},
	{530, "login wanted first"},
	{534, "login method too weak"},
	{535, "wrong user name or password"},
	{538, "encryption needed"},
	{550, "mailbox missing or not allowed"},
	{551, "user is not here"},
	{552, "over the storage limit"},
	{553, "address not allowed"},
	{554, "no reason in the code"},
	{555, "parameters not known"},
	{556, "domain takes no mail"},
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

const char *meaning_reason_words(enum meaning_reason reason) {
	return reason_texts[reason];
}

const char *meaning_enhanced_words(struct slice enhanced) {
	struct slice detail = enhanced_detail(enhanced);

	for (size_t i = 0; i < sizeof(enhanced_words) / sizeof(enhanced_words[0]); i++)
		if (slice_is(detail, enhanced_words[i].detail))
			return enhanced_words[i].words;
	return NULL;
}

const char *meaning_command(enum verb verb, struct slice name) {
	if (verb == VERB_OTHER) {
		for (size_t i = 0; i < sizeof(other_command_words) / sizeof(other_command_words[0]); i++)
			if (slice_is(name, other_command_words[i].name))
				return other_command_words[i].words;
		return "no standard SMTP command";
	}
	for (size_t i = 0; i < sizeof(command_words) / sizeof(command_words[0]); i++)
		if (command_words[i].verb == verb)
			return command_words[i].words;
	return "";
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

static const struct reply_words *words_of_reply(const struct event_reply *reply) {
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

static const char *refusal_details(const struct event_reply *reply, enum verb verb) {
	/* At a login "authentication failed" is no wish for one. */
	enum meaning_reason reason = meaning_reply_reason(reply->code, reply->enhanced, reply->lines, reply->line_count);
	const char *words = verb == VERB_AUTH && reason == MEANING_REASON_LOGIN ? NULL : meaning_reason_words(reason);

	if (words == NULL)
		words = meaning_enhanced_words(reply->enhanced);
	for (size_t i = 0; words == NULL && i < sizeof(code_words) / sizeof(code_words[0]); i++)
		if (code_words[i].code == reply->code)
			words = code_words[i].words;
	return words;
}

void meaning_add_reply(struct terminal_text *text, const struct event_reply *reply) {
	const struct reply_words *words = words_of_reply(reply);
	enum verb verb = reply_verb(reply);
	const char *details;

	if (reply->code == 0) {
		terminal_text_add(text, "lost in the capture");
		return;
	}
	for (size_t i = 0; i < sizeof(whole_words) / sizeof(whole_words[0]); i++) {
		if (whole_words[i].code != reply->code || (whole_words[i].verb != verb && whole_words[i].verb != VERB_COUNT))
			continue;
		terminal_text_add(text, whole_words[i].words);
		if (reply->code == 421 && (details = refusal_details(reply, verb)) != NULL)
			terminal_text_format(text, ": %s", details);
		return;
	}
	if (reply->code < 300) {
		terminal_text_add(text, words->ok);
		return;
	}
	if (reply->code < 400) {
		terminal_text_add(text, "waits for more");
		return;
	}
	details = refusal_details(reply, verb);
	terminal_text_add(text, reply->code < 500 ? words->later : words->no);
	if (details != NULL)
		terminal_text_format(text, ": %s", details);
}

const char *meaning_close(enum stream_close_how how) {
	static const char *const words[STREAM_CLOSE_COUNT] = {
		[STREAM_CLOSE_FIN] = "connection closed in order",
		[STREAM_CLOSE_RESET_BY_CLIENT] = "connection cut off by the client (RST)",
		[STREAM_CLOSE_RESET_BY_SERVER] = "connection cut off by the server (RST)",
		[STREAM_CLOSE_IDLE_TIMEOUT] = "no more packets, counted as over",
		[STREAM_CLOSE_CAPTURE_ENDED] = "still open when the capture ended",
		[STREAM_CLOSE_REFUSED] = "connection refused",
		[STREAM_CLOSE_UNANSWERED] = "no answer to the connection attempt",
		[STREAM_CLOSE_UNREACHABLE] = "server unreachable",
		[STREAM_CLOSE_EVICTED] = "given up by smtpscope for lack of memory",
	};

	return how < STREAM_CLOSE_COUNT ? words[how] : "ended";
}

const char *meaning_anomaly(enum event_anomaly_id id) {
	static const char *const words[EVENT_ANOMALY_COUNT] = {
		[EVENT_ANOMALY_LINE_TOO_LONG] = "line too long, only its start was read",
		[EVENT_ANOMALY_BARE_NEWLINE] = "line ends with LF alone, not with CR LF",
		[EVENT_ANOMALY_NUL] = "NUL byte in a line",
		[EVENT_ANOMALY_NOT_A_REPLY] = "line that is no reply",
		[EVENT_ANOMALY_NOT_A_COMMAND] = "line that is no command",
		[EVENT_ANOMALY_REPLY_CODES_DIFFER] = "lines of one reply have different codes",
		[EVENT_ANOMALY_UNSOLICITED_REPLY] = "reply to nothing",
		[EVENT_ANOMALY_TOO_MANY_COMMANDS] = "more unanswered commands than are followed",
		[EVENT_ANOMALY_EARLY_TALKER] = "client spoke before the server's greeting",
		[EVENT_ANOMALY_NOT_SMTP] = "this is not SMTP",
		[EVENT_ANOMALY_PREFACE] = "bytes before the SMTP session (a proxy?)",
		[EVENT_ANOMALY_HELD_TOO_MUCH] = "server's answer did not come in time to judge this",
		[EVENT_ANOMALY_BODY_UNTERMINATED] = "server answered before the message ended",
	};

	return id < EVENT_ANOMALY_COUNT ? words[id] : "something unusual";
}

const char *meaning_icmp(const char *icmp) {
	/* Matched by word, so that the exact spelling of the code's name is the capture's own business. */
	static const struct {
		const char *part;
		const char *words;
	} rows[] = {
		{"prohibit", "a router or firewall forbids it"},
		{"filter", "a router or firewall forbids it"},
		{"port", "nothing listens on that port, or a firewall says so"},
		{"host", "the host cannot be reached"},
		{"route", "there is no route to that network"},
		{"net", "there is no route to that network"},
	};

	for (size_t i = 0; icmp != NULL && i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcasestr(icmp, rows[i].part) != NULL)
			return rows[i].words;
	return NULL;
}
