/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Facts from a session document.
 *
 * A document may come from anywhere: a member of another type than it should have counts as absent, and only what nothing
 * can be said without (identity, start, both ends) makes the document useless.
 */
#include "report/facts.h"

#include <arpa/inet.h>
#include <errno.h>
#include <json-c/json.h>
#include <stdlib.h>

#include "report/escape.h"
#include "report/facts_text.h"
#include "report/json_print.h"
#include "report/names.h"

#define SECOND_NS INT64_C(1000000000)

/* ---- Members of one type; NULL, 0, false or nothing when absent ---- */

static struct json_object *get(struct json_object *object, const char *key, enum json_type type) {
	struct json_object *value = NULL;
	if (!json_object_object_get_ex(object, key, &value) || !json_object_is_type(value, type))
		return NULL;
	return value;
}

static struct json_object *get_object(struct json_object *object, const char *key) {
	return get(object, key, json_type_object);
}

static uint64_t get_count(struct json_object *object, const char *key) {
	return json_object_get_uint64(get(object, key, json_type_int)); /* what is negative becomes 0 */
}

static uint32_t get_small_count(struct json_object *object, const char *key) {
	uint64_t count = get_count(object, key);
	return count > UINT32_MAX ? UINT32_MAX : (uint32_t)count;
}

static uint16_t get_code(struct json_object *object) {
	uint64_t code = get_count(object, "code");
	return code > UINT16_MAX ? 0 : (uint16_t)code;
}

static bool get_bool(struct json_object *object, const char *key) {
	return json_object_get_boolean(get(object, key, json_type_boolean));
}

static void free_text(struct json_object *object, void *text) {
	(void)object;
	free(text);
}

/* A text that lives as long as the object does. */
static struct slice keep(struct json_object *object, const char *text, size_t len) {
	char *kept = json_object_get_userdata(object);
	if (len == 0)
		return (struct slice){NULL, 0};
	if (kept == NULL) { /* else it is the same text, which somebody may hold already */
		kept = malloc(len);
		if (kept == NULL)
			return (struct slice){NULL, 0};
		memcpy(kept, text, len);
		json_object_set_userdata(object, kept, free_text);
	}
	return (struct slice){kept, len};
}

static struct slice string_of(struct json_object *object) {
	struct slice text = {NULL, 0};
	if (!json_object_is_type(object, json_type_string))
		return text;
	text.len = (size_t)json_object_get_string_len(object);
	if (text.len == 0)
		return text;
	text.data = json_object_get_string(object);
	if (escape_is_plain(text.data, text.len))
		return facts_cut(text, FACTS_TEXT_MAX);
	/* Our documents are valid UTF-8, others need not be. */
	enum { LOOK_AHEAD = 4 }; /* what may decide about a character that begins within the limit */
	char utf8[(FACTS_TEXT_MAX + LOOK_AHEAD) * ESCAPE_UTF8_GROWTH];
	size_t len = text.len < FACTS_TEXT_MAX + LOOK_AHEAD ? text.len : FACTS_TEXT_MAX + LOOK_AHEAD;
	bool invalid;
	struct slice safe = {utf8, escape_utf8(text.data, len, utf8, &invalid)};
	safe = facts_cut(safe, FACTS_TEXT_MAX);
	if (safe.len > len || memcmp(safe.data, text.data, safe.len) != 0)
		return keep(object, safe.data, safe.len);
	return (struct slice){text.data, safe.len};
}

static struct slice get_string(struct json_object *object, const char *key) {
	return string_of(get(object, key, json_type_string));
}

/* A word of ours; what is not in the list is the first of it. */
static unsigned get_word(struct json_object *object, const char *key, const char *const *words, size_t count) {
	struct slice word = get_string(object, key);
	for (size_t i = 0; i < count && word.len > 0; i++)
		if (words[i] != NULL && strlen(words[i]) == word.len && memcmp(words[i], word.data, word.len) == 0)
			return (unsigned)i;
	return 0;
}

#define GET_WORD(object, key, words) get_word(object, key, words, sizeof(words) / sizeof((words)[0]))

static size_t array_len(struct json_object *array) {
	return array != NULL ? json_object_array_length(array) : 0;
}

/* ---- Times ---- */

static bool read_digits(const char **at, const char *end, int count, int64_t *ret_value) {
	int64_t value = 0;
	for (; count > 0; count--, ++*at) {
		if (*at == end || **at < '0' || **at > '9')
			return false;
		value = value * 10 + (**at - '0');
	}
	*ret_value = value;
	return true;
}

static bool read_char(const char **at, const char *end, char c) {
	if (*at == end || **at != c)
		return false;
	++*at;
	return true;
}

/* Days since 1970-01-01 in the Gregorian calendar. The year is made to begin in March, so that the odd day comes last. */
static int64_t days_since_epoch(int64_t year, int64_t month, int64_t day) {
	enum { DAYS_OF_ERA = 146097, YEARS_OF_ERA = 400, DAYS_TO_1970 = 719468 };
	if (month <= 2)
		year--;
	int64_t era = year / YEARS_OF_ERA, year_of_era = year % YEARS_OF_ERA;
	int64_t day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
	return era * DAYS_OF_ERA + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - DAYS_TO_1970;
}

/* RFC 3339 in UTC, as our documents have it: any number of decimals up to nine. */
static bool read_time(struct slice text, int64_t *ret_ns) {
	enum { DECIMALS_MAX = 9 };
	const char *at = text.data, *end = text.data + text.len;
	int64_t year, month, day, hour, minute, second, fraction = 0, decimals = 0;
	if (text.len == 0 || !read_digits(&at, end, 4, &year) || !read_char(&at, end, '-') ||
		!read_digits(&at, end, 2, &month) || !read_char(&at, end, '-') || !read_digits(&at, end, 2, &day) ||
		!read_char(&at, end, 'T') || !read_digits(&at, end, 2, &hour) || !read_char(&at, end, ':') ||
		!read_digits(&at, end, 2, &minute) || !read_char(&at, end, ':') || !read_digits(&at, end, 2, &second))
		return false;
	if (read_char(&at, end, '.'))
		for (int64_t digit; decimals < DECIMALS_MAX && read_digits(&at, end, 1, &digit); decimals++)
			fraction = fraction * 10 + digit;
	for (; decimals < DECIMALS_MAX; decimals++)
		fraction *= 10;
	if (!read_char(&at, end, 'Z') || at != end)
		return false;
	if (year < 1 || month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 60)
		return false;
	int64_t seconds = days_since_epoch(year, month, day) * 86400 + hour * 3600 + minute * 60 + second;
	int64_t ns;
	return !__builtin_mul_overflow(seconds, SECOND_NS, &ns) && !__builtin_add_overflow(ns, fraction, ret_ns);
}

/* The member "ms", milliseconds since the start with three decimals, as a time. */
static int64_t get_moment(struct json_object *object, int64_t start_ns) {
	struct json_object *ms = NULL;
	if (!json_object_object_get_ex(object, "ms", &ms) ||
		!(json_object_is_type(ms, json_type_double) || json_object_is_type(ms, json_type_int)))
		return start_ns;
	const double longest_us = 9e15; /* 285 years: as many microseconds fit a double without loss */
	double us = json_object_get_double(ms) * 1000;
	int64_t time_ns;
	if (!(us > -longest_us && us < longest_us))
		return start_ns;
	int64_t rounded_us = (int64_t)(us < 0 ? us - 0.5 : us + 0.5);
	if (__builtin_add_overflow(start_ns, rounded_us * 1000, &time_ns))
		return start_ns;
	return time_ns;
}

/* ---- The parts of a document ---- */

static bool read_endpoint(struct json_object *object, struct stream_endpoint *ret_endpoint) {
	struct slice ip = get_string(object, "ip");
	char text[INET6_ADDRSTRLEN];
	uint64_t port = get_count(object, "port");
	if (ip.len == 0 || ip.len >= sizeof(text) || memchr(ip.data, '\0', ip.len) != NULL || port > UINT16_MAX)
		return false;
	memcpy(text, ip.data, ip.len);
	text[ip.len] = '\0';
	ret_endpoint->ip_version = strchr(text, ':') != NULL ? 6 : 4;
	ret_endpoint->port = (uint16_t)port;
	return inet_pton(ret_endpoint->ip_version == 6 ? AF_INET6 : AF_INET, text, ret_endpoint->address) == 1;
}

static struct slice join_text(struct json_object *reply) {
	struct json_object *lines = get(reply, "text", json_type_array);
	size_t count = array_len(lines);
	if (count == 0)
		return (struct slice){NULL, 0};
	if (count == 1)
		return string_of(json_object_array_get_idx(lines, 0));
	struct facts_joined joined = {.len = 0};
	for (size_t i = 0; i < count; i++)
		facts_join(&joined, string_of(json_object_array_get_idx(lines, i)));
	return keep(lines, joined.data, joined.len);
}

static void read_tcp(struct json_object *document, struct facts *facts) {
	struct json_object *tcp = get_object(document, "tcp");
	facts->close = STREAM_CLOSE_CAPTURE_ENDED;
	struct slice how = get_string(tcp, "close");
	for (size_t i = 0; i < STREAM_CLOSE_COUNT && how.len > 0; i++)
		if (strlen(names_close[i]) == how.len && memcmp(names_close[i], how.data, how.len) == 0)
			facts->close = (enum stream_close_how)i;
	facts->icmp = get_string(tcp, "icmp");
	facts->syn_retries = get_count(tcp, "syn_retries");
	bool failed = facts->close == STREAM_CLOSE_REFUSED || facts->close == STREAM_CLOSE_UNANSWERED ||
		      facts->close == STREAM_CLOSE_UNREACHABLE;
	bool handshake = tcp != NULL && json_object_object_get_ex(tcp, "handshake_ms", NULL);
	facts->established =
		!failed && (facts->midstream || handshake || get_count(get_object(tcp, "client"), "bytes") > 0 ||
				   get_count(get_object(tcp, "server"), "bytes") > 0);
}

static bool is_word(struct slice text, const char *word) {
	return text.len == strlen(word) && memcmp(text.data, word, text.len) == 0;
}

static void read_client(struct json_object *client, struct facts *facts) {
	struct stream_endpoint origin;
	struct json_object *told = get_object(client, "origin");
	if (read_endpoint(told, &origin) && !is_word(get_string(told, "via"), "xforward"))
		facts->client = origin; /* who came through a proxy is told from others who did */
	facts->client_name = get_string(client, "name");
	struct json_object *mailbox = get_object(client, "mailbox");
	facts->pop3 = get_small_count(mailbox, "pop3");
	facts->imap = get_small_count(mailbox, "imap");
	if ((facts->pop3 > 0 || facts->imap > 0) && !read_time(get_string(mailbox, "last"), &facts->mailbox_last_ns))
		facts->mailbox_last_ns = facts->end_ns;
}

static void read_server(struct json_object *server, struct facts *facts) {
	struct json_object *greeting = get_object(server, "greeting");
	facts->server_name = get_string(server, "name");
	facts->banner = get_string(server, "banner");
	facts->software = get_string(server, "software");
	facts->greeting_code = get_code(greeting);
	facts->banner_unknown = facts->greeting_code > 0 && get(server, "banner", json_type_string) == NULL;
	if (facts->greeting_code > 0)
		facts->greeting_frame = get_count(greeting, "frame");
}

static void read_capabilities(struct json_object *document, struct facts *facts) {
	struct json_object *capabilities = get_object(document, "capabilities");
	struct json_object *list = get(capabilities, "clear", json_type_array);
	facts->implicit_tls = list == NULL && is_word(get_string(get_object(document, "tls"), "via"), "implicit");
	if (facts->implicit_tls)
		list = get(capabilities, "tls", json_type_array);
	if (list == NULL)
		return;
	size_t count = array_len(list);
	facts->capabilities_seen = true;
	facts->capabilities_complete = !get_bool(capabilities, "incomplete") && count <= FACTS_CAPABILITIES_MAX;
	facts->capabilities_frame = get_count(capabilities, facts->implicit_tls ? "tls_frame" : "clear_frame");
	for (size_t i = 0; i < count && i < FACTS_CAPABILITIES_MAX; i++)
		facts->capabilities[facts->capability_count++] = string_of(json_object_array_get_idx(list, i));
}

static void read_blind(struct json_object *blind, struct facts *facts) {
	facts->midstream = get_bool(blind, "midstream");
	facts->one_sided = get_bool(blind, "one_sided");
	facts->gaps = get_count(blind, "gaps");
}

/* ---- Attempts ---- */

static enum event_auth_result read_attempt_result(struct json_object *attempt) {
	return (enum event_auth_result)GET_WORD(attempt, "result", names_attempt);
}

static void read_attempt(struct json_object *from, int64_t start_ns, struct facts_attempt *attempt) {
	struct json_object *reply = get_object(from, "reply");
	struct json_object *username = get(from, "username", json_type_string);
	*attempt = (struct facts_attempt){
		.mechanism = get_string(from, "mechanism"),
		.username = string_of(username),
		.has_username = username != NULL,
		.encrypted = get_bool(from, "encrypted"),
		.result = read_attempt_result(from),
		.code = get_code(reply),
		.enhanced = get_string(reply, "enhanced"),
		.text = join_text(reply),
		.time_ns = get_moment(from, start_ns),
		.frame = get_count(from, "frame"),
		.reply_frame = get_count(reply, "frame"),
	};
}

static void read_attempts(struct json_object *auth, struct json_object *blind, struct facts *facts) {
	struct json_object *attempts = get(auth, "attempts", json_type_array);
	size_t count = array_len(attempts), accepted = 0;
	for (size_t i = 0; i < count; i++)
		accepted += read_attempt_result(json_object_array_get_idx(attempts, i)) == EVENT_AUTH_ACCEPTED;
	struct facts_choice choice = facts_choose(accepted, count, FACTS_ATTEMPTS_MAX);
	for (size_t i = 0; i < count && facts->attempts_kept < FACTS_ATTEMPTS_MAX; i++) {
		struct json_object *attempt = json_object_array_get_idx(attempts, i);
		if (facts_take(&choice, read_attempt_result(attempt) == EVENT_AUTH_ACCEPTED))
			read_attempt(attempt, facts->start_ns, &facts->attempts[facts->attempts_kept++]);
	}
	facts->attempt_count = count + get_small_count(blind, "truncated_attempts");
}

/* ---- Mails ---- */

static enum event_mail_result read_mail_result(struct json_object *mail) {
	return (enum event_mail_result)GET_WORD(mail, "result", names_mail);
}

/* The reply that decided about the mail as a whole; NULL: none. */
static struct json_object *deciding_reply(struct json_object *mail) {
	struct json_object *reply = get_object(mail, "body_reply");
	if (reply == NULL)
		reply = get_object(get_object(mail, "body"), "reply");
	if (reply == NULL)
		reply = get_object(mail, "data_reply");
	return reply != NULL ? reply : get_object(mail, "reply");
}

static bool is_refused(struct json_object *recipient) {
	return facts_is_refusal(get_code(get_object(recipient, "reply")));
}

static uint32_t count_refused(struct json_object *recipients) {
	uint32_t refused = 0;
	for (size_t i = 0; i < array_len(recipients); i++)
		refused += is_refused(json_object_array_get_idx(recipients, i));
	return refused;
}

static bool mail_matters(struct json_object *mail) {
	return facts_mail_matters(read_mail_result(mail), get_code(deciding_reply(mail)),
		count_refused(get(mail, "recipients", json_type_array)));
}

static void read_recipients(
	struct json_object *recipients, bool refused, struct facts_choice *choice, struct facts_mail *mail) {
	for (size_t i = 0; i < array_len(recipients); i++) {
		struct json_object *from = json_object_array_get_idx(recipients, i);
		if (is_refused(from) != refused || !facts_take(choice, refused))
			continue;
		struct json_object *reply = get_object(from, "reply");
		mail->recipients[mail->recipients_kept++] = (struct facts_recipient){
			.to = get_string(from, "to"),
			.code = get_code(reply),
			.enhanced = get_string(reply, "enhanced"),
			.text = join_text(reply),
			.frame = get_count(reply != NULL ? reply : from, "frame"),
		};
	}
}

static void read_mail(struct json_object *from, int64_t start_ns, struct facts_mail *mail) {
	struct json_object *recipients = get(from, "recipients", json_type_array);
	struct json_object *authenticated = get(from, "authenticated", json_type_boolean);
	struct json_object *sender = get(from, "from", json_type_string);
	struct json_object *reply = deciding_reply(from);
	size_t count = array_len(recipients);
	*mail = (struct facts_mail){
		.seen = sender != NULL,
		.from = string_of(sender),
		.authenticated = EVENT_AUTHENTICATED_UNKNOWN,
		.result = read_mail_result(from),
		.code = get_code(reply),
		.enhanced = get_string(reply, "enhanced"),
		.text = join_text(reply),
		.time_ns = get_moment(from, start_ns),
		.frame = get_count(from, "frame"),
		.decided_frame = get_count(reply, "frame"),
		.recipient_count = count > UINT32_MAX ? UINT32_MAX : (uint32_t)count,
		.recipients_refused = count_refused(recipients),
	};
	if (authenticated != NULL)
		mail->authenticated =
			json_object_get_boolean(authenticated) ? EVENT_AUTHENTICATED_YES : EVENT_AUTHENTICATED_NO;
	for (size_t i = 0; i < count; i++) {
		uint16_t code = get_code(get_object(json_object_array_get_idx(recipients, i), "reply"));
		mail->recipients_accepted += code > 0 && code < 300;
	}
	struct facts_choice choice = facts_choose(mail->recipients_refused, mail->recipient_count, FACTS_RECIPIENTS_MAX);
	read_recipients(recipients, true, &choice, mail);
	read_recipients(recipients, false, &choice, mail);
}

static void read_mails(struct json_object *document, struct json_object *blind, struct facts *facts) {
	struct json_object *mails = get(document, "mails", json_type_array);
	size_t count = array_len(mails), mattering = 0, reversed = 0;
	for (size_t i = 0; i < count; i++) {
		struct json_object *mail = json_object_array_get_idx(mails, i);
		mattering += !get_bool(mail, "reversed") && mail_matters(mail);
		reversed += get_bool(mail, "reversed");
	}
	struct facts_choice choice = facts_choose(mattering, count - reversed, FACTS_MAILS_MAX);
	for (int round = 0; round < 2; round++) {
		for (size_t i = 0; i < count; i++) {
			struct json_object *mail = json_object_array_get_idx(mails, i);
			if (!get_bool(mail, "reversed") && mail_matters(mail) == (round == 0) && facts_take(&choice, round == 0))
				read_mail(mail, facts->start_ns, &facts->mails[facts->mails_kept++]);
		}
	}
	facts->mail_count = count - reversed + get_small_count(blind, "truncated_mails");
}

/* ---- The document ---- */

static bool is_session(struct json_object *document) {
	static const char type[] = "session";
	struct slice word = get_string(document, "type");
	return word.len == sizeof(type) - 1 && memcmp(word.data, type, word.len) == 0 &&
	       get_count(document, "schema") == JSON_SCHEMA;
}

int facts_from_document(struct json_object *document, struct facts *ret_facts) {
	if (!json_object_is_type(document, json_type_object) || !is_session(document))
		return -EINVAL;
	struct json_object *capture = get_object(document, "capture");
	struct json_object *client = get_object(document, "client");
	struct json_object *server = get_object(document, "server");
	struct json_object *auth = get_object(document, "auth");
	struct json_object *blind = get_object(document, "blind");
	*ret_facts = (struct facts){
		.id = get_string(document, "id"), /* null when the sensor could make none */
		.source = get_string(capture, "source"),
		.first_frame = get_count(capture, "first_frame"),
		.last_frame = get_count(capture, "last_frame"),
		.stream = get_count(capture, "stream"),
		.protocol = (enum event_protocol)GET_WORD(document, "protocol", names_protocol),
		.tls = get_object(document, "tls") != NULL,
		.auth = (enum record_auth_result)GET_WORD(auth, "result", names_auth),
		.result = (enum record_result)GET_WORD(document, "result", names_result),
	};
	if (ret_facts->id.len > FACTS_ID_MAX || !read_time(get_string(document, "start"), &ret_facts->start_ns) ||
		!read_endpoint(client, &ret_facts->client) || !read_endpoint(server, &ret_facts->server))
		return -EINVAL;
	if (!read_time(get_string(document, "end"), &ret_facts->end_ns))
		ret_facts->end_ns = ret_facts->start_ns;
	read_blind(blind, ret_facts);
	read_tcp(document, ret_facts);
	read_client(client, ret_facts);
	read_server(server, ret_facts);
	read_capabilities(document, ret_facts);
	read_attempts(auth, blind, ret_facts);
	read_mails(document, blind, ret_facts);
	return 0;
}
