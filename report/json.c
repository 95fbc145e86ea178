/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Records as JSON documents, with json-c.
 *
 * A session document is one json-c object that lives as long as the writer. Its members have serializers that print the
 * current record straight into json-c's buffer: a tree of json-c objects for every timeline entry of every session costs
 * four times as much, nearly all of it in malloc(). Strings that need escaping go through one json-c string object that is
 * used again and again; the plain ones, which are nearly all, are copied as they are.
 */
#include "report/json.h"

#include <arpa/inet.h>
#include <errno.h>
#include <json-c/json.h>
#include <json-c/printbuf.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "report/escape.h"
#include "report/identity.h"

#define SECOND_NS INT64_C(1000000000)

enum {
	SCHEMA = 1,
	BUFFER_KEPT_MAX = 1 << 20, /* a larger buffer is not kept for the next document */
	STRING_MAX = 1 << 24,      /* json-c counts in int, and no text in a record comes near this */
	SECOND_TEXT_LEN = 20,      /* "2026-11-25T06:41:20." */
	NUMBER_MAX = 24,           /* characters of any number */
	TIME_MAX = 40,             /* characters of any time, whatever the year */
};

/* A member of the session document. */
struct member {
	struct json_writer *writer;
	void (*print)(struct json_writer *json);
};

enum { MEMBERS_MAX = 24 };

struct json_writer {
	FILE *out;
	enum writer_users users;
	struct identity_user *user_hash; /* NULL unless user names are hashed */
	struct json_object *session;     /* the document */
	struct member members[MEMBERS_MAX];
	struct json_object *string; /* for strings that need escaping */
	char *scratch;              /* the same, before json-c sees it */
	size_t scratch_size;

	/* Of the document that is being printed: */
	const struct record *record;
	struct printbuf *buffer;
	bool nanoseconds; /* some time in it needs nine digits */
	bool invalid;     /* the object being printed has a string that was not UTF-8 */
	bool failed;      /* no memory */

	int64_t second; /* the one that second_text is of */
	char second_text[SECOND_TEXT_LEN + 1];
};

/* -- bytes -- */

/* Returns room for len bytes at the end of the buffer, or NULL. Who writes there adds to bpos. */
static char *reserve(struct json_writer *json, size_t len) {
	struct printbuf *buffer = json->buffer;
	if (len >= (size_t)(buffer->size - buffer->bpos)) {
		/* The way printbuf has to make room: write something, and take it back. */
		if (len > INT32_MAX / 4 || printbuf_memset(buffer, -1, 0, (int)len) != 0) {
			json->failed = true;
			return NULL;
		}
		buffer->bpos -= (int)len;
	}
	return buffer->buf + buffer->bpos;
}

static inline void put(struct json_writer *json, const char *data, size_t len) {
	char *at = reserve(json, len);
	if (at == NULL)
		return;
	memcpy(at, data, len);
	json->buffer->bpos += (int)len;
}

#define PUT(json, literal) put(json, "" literal, sizeof(literal) - 1)

static void put_text(struct json_writer *json, const char *text) {
	put(json, text, strlen(text));
}

/* Writes the decimal digits of value and returns where they end. */
static char *digits(char *at, uint64_t value) {
	char reversed[NUMBER_MAX];
	size_t len = 0;
	do {
		reversed[len++] = (char)('0' + value % 10);
		value /= 10;
	} while (value > 0);
	while (len > 0)
		*at++ = reversed[--len];
	return at;
}

/* Writes value with leading zeros. */
static char *fixed_digits(char *at, uint32_t value, size_t width) {
	for (size_t i = width; i > 0; i--) {
		at[i - 1] = (char)('0' + value % 10);
		value /= 10;
	}
	return at + width;
}

/* Writes ns as milliseconds with three decimals; what is finer is cut off. */
static char *milliseconds(char *at, int64_t ns) {
	uint64_t us = (ns < 0 ? 0 - (uint64_t)ns : (uint64_t)ns) / 1000;
	if (ns < 0 && us > 0)
		*at++ = '-';
	at = digits(at, us / 1000);
	*at++ = '.';
	return fixed_digits(at, (uint32_t)(us % 1000), 3);
}

/* RFC 3339. Nearly all times of a document, and of the next, are of the same second. */
static char *rfc3339(struct json_writer *json, char *at, int64_t time_ns) {
	int64_t second = time_ns / SECOND_NS;
	int64_t rest = time_ns % SECOND_NS;
	if (rest < 0) {
		rest += SECOND_NS;
		second--;
	}
	if (second != json->second || json->second_text[0] == '\0') {
		time_t clock = (time_t)second;
		struct tm tm;
		gmtime_r(&clock, &tm); /* 64 bits of nanoseconds stay within four-digit years */
		strftime(json->second_text, sizeof(json->second_text), "%Y-%m-%dT%H:%M:%S.", &tm);
		json->second = second;
	}
	memcpy(at, json->second_text, SECOND_TEXT_LEN);
	at += SECOND_TEXT_LEN;
	at = json->nanoseconds ? fixed_digits(at, (uint32_t)rest, 9) : fixed_digits(at, (uint32_t)(rest / 1000), 6);
	*at++ = 'Z';
	return at;
}

static void commit(struct json_writer *json, const char *end) {
	json->buffer->bpos = (int)(end - json->buffer->buf);
}

static void put_number(struct json_writer *json, uint64_t value) {
	char *at = reserve(json, NUMBER_MAX);
	if (at != NULL)
		commit(json, digits(at, value));
}

static void put_milliseconds(struct json_writer *json, int64_t ns) {
	char *at = reserve(json, NUMBER_MAX);
	if (at != NULL)
		commit(json, milliseconds(at, ns));
}

/* Milliseconds since the session's first frame. */
static void put_since_start(struct json_writer *json, struct stream_moment at) {
	put_milliseconds(json, at.time_ns - json->record->open.first.time_ns);
}

static void put_time(struct json_writer *json, int64_t time_ns) {
	char *at = reserve(json, TIME_MAX);
	if (at == NULL)
		return;
	*at++ = '"';
	at = rfc3339(json, at, time_ns);
	*at++ = '"';
	commit(json, at);
}

static void put_bool(struct json_writer *json, bool value) {
	if (value)
		PUT(json, "true");
	else
		PUT(json, "false");
}

/* Valid UTF-8 that json-c has escaped. It leaves alone what steers a terminal that the document is shown on. */
static void put_visible(struct json_writer *json, const char *text, size_t len) {
	static const char hex[] = "0123456789abcdef";
	size_t plain = 0;
	for (size_t i = 0; i < len;) {
		size_t piece;
		uint32_t code = escape_hidden(text + i, len - i, &piece);
		if (code != ESCAPE_VISIBLE) {
			put(json, text + plain, i - plain);
			uint32_t units[2] = {code, 0};
			if (code > 0xffff) {
				units[0] = 0xd800 + ((code - 0x10000) >> 10);
				units[1] = 0xdc00 + ((code - 0x10000) & 0x3ff);
			}
			for (size_t k = 0; k < 2 && (k == 0 || units[k] != 0); k++) {
				const char escape[6] = {'\\', 'u', hex[units[k] >> 12], hex[units[k] >> 8 & 15],
					hex[units[k] >> 4 & 15], hex[units[k] & 15]};
				put(json, escape, sizeof(escape));
			}
			plain = i + piece;
		}
		i += piece;
	}
	put(json, text + plain, len - plain);
}

static void put_escaped(struct json_writer *json, const char *data, size_t len) {
	if (len > STRING_MAX)
		len = STRING_MAX;
	size_t needed = len * ESCAPE_UTF8_GROWTH;
	if (needed > json->scratch_size) {
		char *scratch = realloc(json->scratch, needed);
		if (scratch == NULL) {
			json->failed = true;
			return;
		}
		json->scratch = scratch;
		json->scratch_size = needed;
	}
	bool invalid;
	size_t utf8_len = escape_utf8(data, len, json->scratch, &invalid);
	json->invalid |= invalid;
	const char *text = NULL;
	size_t text_len = 0;
	if (json_object_set_string_len(json->string, json->scratch, (int)utf8_len) == 1)
		text = json_object_to_json_string_length(json->string, JSON_C_TO_STRING_NOSLASHESCAPE, &text_len);
	if (text == NULL)
		json->failed = true;
	else
		put_visible(json, text, text_len);
}

static void put_string(struct json_writer *json, struct slice text) {
	if (!escape_is_plain(text.data, text.len)) {
		put_escaped(json, text.data, text.len);
		return;
	}
	char *at = reserve(json, text.len + 2);
	if (at == NULL)
		return;
	*at++ = '"';
	if (text.len > 0)
		memcpy(at, text.data, text.len);
	at[text.len] = '"';
	json->buffer->bpos += (int)text.len + 2;
}

static void put_string_or_null(struct json_writer *json, struct slice text) {
	if (text.len > 0)
		put_string(json, text);
	else
		PUT(json, "null");
}

static void put_cstring(struct json_writer *json, const char *text) {
	put_string(json, (struct slice){text, strlen(text)});
}

static void put_strings(struct json_writer *json, const struct slice *texts, size_t count) {
	PUT(json, "[");
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			PUT(json, ",");
		put_string(json, texts[i]);
	}
	PUT(json, "]");
}

/* Each object says for itself, not for those inside it, that a string in it was not UTF-8. */
static bool open_object(struct json_writer *json) {
	bool outer = json->invalid;
	json->invalid = false;
	PUT(json, "{");
	return outer;
}

static void close_object(struct json_writer *json, bool outer) {
	if (json->invalid)
		PUT(json, ",\"invalid_utf8\":true");
	PUT(json, "}");
	json->invalid = outer;
}

/* -- parts of a session document -- */

#define MEMBER(json, key) PUT(json, ",\"" key "\":")
#define FIRST_MEMBER(json, key) PUT(json, "\"" key "\":")

static void put_count_if_any(struct json_writer *json, const char *key, uint64_t count) {
	if (count == 0)
		return;
	PUT(json, ",\"");
	put_text(json, key);
	PUT(json, "\":");
	put_number(json, count);
}

static void put_user(struct json_writer *json, struct slice name) {
	if (json->users == WRITER_USERS_OMIT)
		return;
	MEMBER(json, "username");
	if (json->users == WRITER_USERS_HASH) {
		char hash[IDENTITY_USER_SIZE];
		identity_user_hash(json->user_hash, name, hash);
		put_cstring(json, hash);
	} else {
		put_string(json, name);
	}
}

static void put_reply(struct json_writer *json, const struct record_reply *reply) {
	if (!reply->seen) {
		PUT(json, "null");
		return;
	}
	bool outer = open_object(json);
	FIRST_MEMBER(json, "code");
	put_number(json, reply->code);
	if (reply->enhanced.len > 0) {
		MEMBER(json, "enhanced");
		put_string(json, reply->enhanced);
	}
	MEMBER(json, "text");
	put_strings(json, reply->lines, reply->line_count);
	MEMBER(json, "frame");
	put_number(json, reply->at.frame);
	MEMBER(json, "ms");
	put_since_start(json, reply->at);
	close_object(json, outer);
}

static void put_id(struct json_writer *json, const char *id) {
	if (id[0] != '\0')
		put_cstring(json, id);
	else
		PUT(json, "null");
}

static void print_id(struct json_writer *json) {
	put_id(json, json->record->id);
}

static void print_community_id(struct json_writer *json) {
	put_id(json, json->record->community_id);
}

static void print_start(struct json_writer *json) {
	put_time(json, json->record->open.first.time_ns);
}

static void print_end(struct json_writer *json) {
	put_time(json, json->record->close.last.time_ns);
}

static void print_duration(struct json_writer *json) {
	put_since_start(json, json->record->close.last);
}

static void print_capture(struct json_writer *json) {
	const struct stream_open *stream = &json->record->open;
	bool outer = open_object(json);
	FIRST_MEMBER(json, "source");
	put_cstring(json, stream->source != NULL ? stream->source : "");
	MEMBER(json, "stream");
	put_number(json, stream->stream);
	MEMBER(json, "first_frame");
	put_number(json, stream->first.frame);
	MEMBER(json, "last_frame");
	put_number(json, json->record->close.last.frame);
	close_object(json, outer);
}

static void put_address(struct json_writer *json, const struct stream_endpoint *endpoint) {
	char *at = reserve(json, INET6_ADDRSTRLEN + 2);
	if (at == NULL)
		return;
	*at++ = '"';
	if (endpoint->ip_version == 6) {
		inet_ntop(AF_INET6, endpoint->address, at, INET6_ADDRSTRLEN);
		at += strlen(at);
	} else {
		for (size_t i = 0; i < 4; i++) {
			if (i > 0)
				*at++ = '.';
			at = digits(at, endpoint->address[i]);
		}
	}
	*at++ = '"';
	commit(json, at);
}

static void put_endpoint(struct json_writer *json, const struct stream_endpoint *endpoint, struct slice name) {
	const struct stream_open *stream = &json->record->open;
	FIRST_MEMBER(json, "ip");
	put_address(json, endpoint);
	MEMBER(json, "port");
	put_number(json, endpoint->port);
	if (name.len > 0) {
		MEMBER(json, "name");
		put_string(json, name);
	}
	if (stream->vlan_count > 0) {
		MEMBER(json, "vlan");
		for (size_t i = 0; i < stream->vlan_count && i < STREAM_VLAN_MAX; i++) {
			put(json, i == 0 ? "[" : ",", 1);
			put_number(json, stream->vlan[i]);
		}
		PUT(json, "]");
	}
}

static void print_client(struct json_writer *json) {
	bool outer = open_object(json);
	put_endpoint(json, &json->record->open.client, json->record->client_name);
	close_object(json, outer);
}

/* What a banner says of its maker. The first row that matches wins: names that contain others come first. */
static const struct software {
	const char *in_banner;
	const char *name;
} softwares[] = {
	{"OpenSMTPD", "OpenSMTPD"},
	{"Microsoft ESMTP MAIL Service", "Microsoft Exchange or IIS"},
	{"Microsoft SMTP Server", "Microsoft Exchange or IIS"},
	{"Postfix", "Postfix"},
	{"Exim", "Exim"},
	{"Sendmail", "Sendmail"},
	{"Dovecot", "Dovecot"},
	{"nginx", "nginx"},
	{"Haraka", "Haraka"},
	{"MailEnable", "MailEnable"},
	{"hMailServer", "hMailServer"},
	{"Kerio", "Kerio Connect"},
	{"MDaemon", "MDaemon"},
	{"IceWarp", "IceWarp"},
	{"CommuniGate", "CommuniGate Pro"},
	{"Lotus Domino", "HCL Domino"},
	{"Domino", "HCL Domino"},
	{"GroupWise", "GroupWise"},
	{"Oracle Communications", "Oracle Communications Messaging Server"},
	{"PowerMTA", "PowerMTA"},
	{"ecelerity", "Momentum"},
	{"Halon", "Halon"},
	{"qpsmtpd", "qpsmtpd"},
	{"magic-smtpd", "MagicMail"},
	{"Cisco Email Security", "Cisco Email Security"},
	{"IronPort", "Cisco Email Security"},
	{"Barracuda", "Barracuda"},
	{"FortiMail", "FortiMail"},
	{"Proofpoint", "Proofpoint"},
	{"Mimecast", "Mimecast"},
	{"Symantec", "Symantec Messaging Gateway"},
	{"gsmtp", "Gmail"},
	{"Mailpit", "Mailpit"},
	{"MailHog", "MailHog"},
	{"aiosmtpd", "aiosmtpd"},
	{"Python SMTP", "Python smtpd"},
	{"Apache James", "Apache James"},
	{"JAMES", "Apache James"},
	{"Stalwart", "Stalwart"},
	{"chasquid", "chasquid"},
	{"Cyrus", "Cyrus"},
	{"Zimbra", "Zimbra"},
};

static const char *guess_software(struct slice banner) {
	for (size_t i = 0; i < sizeof(softwares) / sizeof(softwares[0]) && banner.len > 0; i++)
		if (memmem(banner.data, banner.len, softwares[i].in_banner, strlen(softwares[i].in_banner)) != NULL)
			return softwares[i].name;
	return NULL;
}

static void print_server(struct json_writer *json) {
	const struct record *record = json->record;
	bool outer = open_object(json);
	put_endpoint(json, &record->open.server, record->server_name);
	if (record->greeting.seen) {
		MEMBER(json, "banner");
		put_string(json, record->banner);
	}
	const char *software = guess_software(record->banner);
	if (software != NULL) {
		MEMBER(json, "software");
		put_cstring(json, software);
	}
	close_object(json, outer);
}

static void print_protocol(struct json_writer *json) {
	static const char *const names[] = {
		[EVENT_PROTOCOL_UNKNOWN] = "unknown",
		[EVENT_PROTOCOL_SMTP] = "smtp",
		[EVENT_PROTOCOL_ESMTP] = "esmtp",
		[EVENT_PROTOCOL_LMTP] = "lmtp",
		[EVENT_PROTOCOL_SMTPS] = "smtps",
	};
	put_cstring(json, names[json->record->protocol]);
}

static const char *const close_names[STREAM_CLOSE_COUNT] = {
	[STREAM_CLOSE_FIN] = "fin",
	[STREAM_CLOSE_RESET_BY_CLIENT] = "reset-by-client",
	[STREAM_CLOSE_RESET_BY_SERVER] = "reset-by-server",
	[STREAM_CLOSE_IDLE_TIMEOUT] = "idle-timeout",
	[STREAM_CLOSE_CAPTURE_ENDED] = "capture-ended",
	[STREAM_CLOSE_REFUSED] = "refused",
	[STREAM_CLOSE_UNANSWERED] = "unanswered",
	[STREAM_CLOSE_UNREACHABLE] = "unreachable",
	[STREAM_CLOSE_EVICTED] = "evicted",
};

static void put_counters(struct json_writer *json, const struct stream_counters *counters) {
	FIRST_MEMBER(json, "bytes");
	put_number(json, counters->bytes);
	MEMBER(json, "packets");
	put_number(json, counters->packets);
	MEMBER(json, "retransmits");
	put_number(json, counters->retransmits);
	MEMBER(json, "gap_bytes");
	put_number(json, counters->gap_bytes);
}

static void print_tcp(struct json_writer *json) {
	const struct stream_close *close = &json->record->close;
	bool outer = open_object(json);
	if (close->handshake_ns >= 0) {
		FIRST_MEMBER(json, "handshake_ms");
		put_milliseconds(json, close->handshake_ns);
		PUT(json, ",");
	}
	FIRST_MEMBER(json, "syn_retries");
	put_number(json, close->syn_retries);
	MEMBER(json, "close");
	put_cstring(json, close_names[close->how]);
	if (close->icmp != NULL) {
		MEMBER(json, "icmp");
		put_cstring(json, close->icmp);
	}
	PUT(json, ",\"client\":{");
	put_counters(json, &close->side[STREAM_CLIENT]);
	PUT(json, "},\"server\":{");
	put_counters(json, &close->side[STREAM_SERVER]);
	PUT(json, "}");
	close_object(json, outer);
}

static void put_capability_lines(struct json_writer *json, const struct record_capabilities *list) {
	if (list->seen)
		put_strings(json, list->lines, list->line_count);
	else
		PUT(json, "null");
}

static void print_capabilities(struct json_writer *json) {
	const struct record *record = json->record;
	bool outer = open_object(json);
	FIRST_MEMBER(json, "clear");
	put_capability_lines(json, &record->clear);
	if (record->tls_capabilities.seen) {
		MEMBER(json, "tls");
		put_capability_lines(json, &record->tls_capabilities);
	}
	if (record->clear.incomplete || record->tls_capabilities.incomplete)
		PUT(json, ",\"incomplete\":true");
	close_object(json, outer);
}

static void print_tls(struct json_writer *json) {
	const struct record *record = json->record;
	if (!record->tls_seen) {
		PUT(json, "null");
		return;
	}
	if (record->tls_implicit)
		PUT(json, "{\"via\":\"implicit\",\"frame\":");
	else
		PUT(json, "{\"via\":\"starttls\",\"frame\":");
	put_number(json, record->tls_at.frame);
	PUT(json, ",\"decrypted\":");
	put_bool(json, record->tls_capabilities.seen);
	PUT(json, "}");
}

static void put_attempt(struct json_writer *json, const struct record_attempt *attempt) {
	static const char *const results[] = {
		[EVENT_AUTH_UNKNOWN] = "unknown",
		[EVENT_AUTH_ACCEPTED] = "accepted",
		[EVENT_AUTH_REJECTED] = "rejected",
		[EVENT_AUTH_CANCELLED] = "cancelled",
	};
	bool outer = open_object(json);
	FIRST_MEMBER(json, "mechanism");
	put_string_or_null(json, attempt->mechanism);
	if (attempt->has_username)
		put_user(json, attempt->username);
	MEMBER(json, "result");
	put_cstring(json, results[attempt->result]);
	MEMBER(json, "reply");
	put_reply(json, &attempt->reply);
	MEMBER(json, "frame");
	put_number(json, attempt->at.frame);
	MEMBER(json, "ms");
	put_since_start(json, attempt->at);
	MEMBER(json, "encrypted");
	put_bool(json, attempt->encrypted);
	close_object(json, outer);
}

static void print_auth(struct json_writer *json) {
	static const char *const results[] = {
		[RECORD_AUTH_UNKNOWN] = "unknown",
		[RECORD_AUTH_ACCEPTED] = "accepted",
		[RECORD_AUTH_REJECTED] = "rejected",
		[RECORD_AUTH_NOT_ATTEMPTED] = "not-attempted",
		[RECORD_AUTH_NOT_OFFERED] = "not-offered",
		[RECORD_AUTH_UNUSED] = "unused",
	};
	const struct record *record = json->record;
	bool outer = open_object(json);
	FIRST_MEMBER(json, "offered");
	put_strings(json, record->offered, record->offered_count);
	MEMBER(json, "result");
	put_cstring(json, results[record->auth]);
	MEMBER(json, "attempts");
	PUT(json, "[");
	for (const struct record_attempt *attempt = record->attempts; attempt != NULL; attempt = attempt->next) {
		if (attempt != record->attempts)
			PUT(json, ",");
		put_attempt(json, attempt);
	}
	PUT(json, "]");
	close_object(json, outer);
}

/* Keywords are case-insensitive, and bytes that are no ASCII may all come out as the same character. */
static int fold(char c) {
	unsigned char byte = (unsigned char)c;
	if (byte >= 0x80)
		return 0x80;
	return byte >= 'a' && byte <= 'z' ? byte - 'a' + 'A' : byte;
}

static bool same_keyword(struct slice one, struct slice other) {
	if (one.len != other.len)
		return false;
	for (size_t i = 0; i < one.len; i++)
		if (fold(one.data[i]) != fold(other.data[i]))
			return false;
	return true;
}

/* No key twice in an object: of a parameter that is given again the first counts. The command in the timeline has them all.
 */
static void put_parameters(struct json_writer *json, const struct event_parameter *parameters, size_t count) {
	size_t printed = 0;
	PUT(json, "{");
	for (size_t i = 0; i < count; i++) {
		size_t before = 0;
		while (before < i && !same_keyword(parameters[before].keyword, parameters[i].keyword))
			before++;
		if (before < i)
			continue;
		if (printed++ > 0)
			PUT(json, ",");
		put_string(json, parameters[i].keyword);
		PUT(json, ":");
		if (parameters[i].has_value)
			put_string(json, parameters[i].value);
		else
			PUT(json, "true");
	}
	PUT(json, "}");
}

static void put_recipient(struct json_writer *json, const struct record_recipient *recipient) {
	const struct record_reply *reply = &recipient->reply;
	bool outer = open_object(json);
	FIRST_MEMBER(json, "to");
	put_string(json, recipient->to);
	MEMBER(json, "params");
	put_parameters(json, recipient->parameters, recipient->parameter_count);
	MEMBER(json, "reply");
	put_reply(json, reply);
	MEMBER(json, "accepted");
	if (!reply->seen || (reply->code >= 300 && reply->code < 400))
		PUT(json, "null");
	else
		put_bool(json, reply->code < 300);
	if (recipient->body_reply.seen) {
		MEMBER(json, "body_reply");
		put_reply(json, &recipient->body_reply);
	}
	close_object(json, outer);
}

static const char *body_command(enum verb verb) {
	return verb == VERB_BDAT ? "BDAT" : "DATA";
}

static void put_body(struct json_writer *json, const struct record_mail *mail) {
	PUT(json, "{\"command\":");
	put_cstring(json, body_command(mail->body.verb));
	MEMBER(json, "bytes");
	put_number(json, mail->body.bytes);
	MEMBER(json, "lines");
	put_number(json, mail->body.lines);
	put_count_if_any(json, "gap_bytes", mail->body.gap_bytes);
	MEMBER(json, "complete");
	put_bool(json, mail->body.complete);
	MEMBER(json, "reply");
	put_reply(json, &mail->body_reply);
	PUT(json, "}");
}

static void put_mail(struct json_writer *json, const struct record_mail *mail) {
	static const char *const results[] = {
		[EVENT_MAIL_UNKNOWN] = "unknown",
		[EVENT_MAIL_ACCEPTED] = "accepted",
		[EVENT_MAIL_REJECTED] = "rejected",
		[EVENT_MAIL_ABORTED] = "aborted",
	};
	static const char *const authenticated[] = {
		[EVENT_AUTHENTICATED_UNKNOWN] = "null",
		[EVENT_AUTHENTICATED_NO] = "false",
		[EVENT_AUTHENTICATED_YES] = "true",
	};
	bool outer = open_object(json);
	FIRST_MEMBER(json, "from");
	if (mail->seen)
		put_string(json, mail->from);
	else
		PUT(json, "null");
	MEMBER(json, "params");
	put_parameters(json, mail->parameters, mail->parameter_count);
	MEMBER(json, "authenticated");
	put_text(json, authenticated[mail->authenticated]);
	MEMBER(json, "reply");
	put_reply(json, &mail->reply);
	MEMBER(json, "recipients");
	PUT(json, "[");
	for (const struct record_recipient *recipient = mail->recipients; recipient != NULL; recipient = recipient->next) {
		if (recipient != mail->recipients)
			PUT(json, ",");
		put_recipient(json, recipient);
	}
	PUT(json, "]");
	if (mail->data_reply.seen && mail->data_reply.code != 354) {
		MEMBER(json, "data_reply");
		put_reply(json, &mail->data_reply);
	}
	if (mail->has_body) {
		MEMBER(json, "body");
		put_body(json, mail);
	}
	MEMBER(json, "result");
	put_cstring(json, results[mail->result]);
	close_object(json, outer);
}

static void print_mails(struct json_writer *json) {
	PUT(json, "[");
	for (const struct record_mail *mail = json->record->mails; mail != NULL; mail = mail->next) {
		if (mail != json->record->mails)
			PUT(json, ",");
		put_mail(json, mail);
	}
	PUT(json, "]");
}

static void print_result(struct json_writer *json) {
	static const char *const names[] = {
		[RECORD_RESULT_UNKNOWN] = "unknown",
		[RECORD_RESULT_DELIVERED] = "delivered",
		[RECORD_RESULT_REFUSED] = "refused",
		[RECORD_RESULT_NO_MAIL] = "no-mail",
		[RECORD_RESULT_NOT_ESTABLISHED] = "not-established",
		[RECORD_RESULT_ENCRYPTED] = "encrypted",
	};
	put_cstring(json, names[json->record->result]);
}

static void print_blind(struct json_writer *json) {
	const struct record *record = json->record;
	PUT(json, "{\"midstream\":");
	put_bool(json, record->open.midstream);
	MEMBER(json, "one_sided");
	put_bool(json, record->one_sided);
	MEMBER(json, "gaps");
	put_number(json, record->gap_count);
	if (record->tls_seen && !record->tls_capabilities.seen) {
		MEMBER(json, "encrypted_from_frame");
		put_number(json, record->tls_at.frame);
	}
	if (record->open.roles_guessed)
		PUT(json, ",\"roles_guessed\":true");
	put_count_if_any(json, "truncated_timeline", record->timeline_truncated);
	put_count_if_any(json, "truncated_mails", record->mail_count - record->mails_kept);
	put_count_if_any(json, "truncated_recipients", record->recipient_count - record->recipients_kept);
	put_count_if_any(json, "truncated_attempts", record->attempt_count - record->attempts_kept);
	put_count_if_any(json, "truncated_capabilities", record->capabilities_truncated);
	PUT(json, "}");
}

static void put_finding(struct json_writer *json, const struct finding *finding) {
	static const char *const severities[] = {
		[FINDING_INFO] = "info",
		[FINDING_LOW] = "low",
		[FINDING_MEDIUM] = "medium",
		[FINDING_HIGH] = "high",
		[FINDING_CRITICAL] = "critical",
	};
	bool outer = open_object(json);
	FIRST_MEMBER(json, "id");
	put_cstring(json, finding->id);
	MEMBER(json, "severity");
	put_cstring(json, severities[finding->severity]);
	MEMBER(json, "title");
	put_cstring(json, finding->title);
	MEMBER(json, "explanation");
	put_string(json, finding->explanation);
	MEMBER(json, "frames");
	PUT(json, "[");
	for (size_t i = 0; i < finding->frame_count; i++) {
		if (i > 0)
			PUT(json, ",");
		put_number(json, finding->frames[i]);
	}
	PUT(json, "]");
	if (finding->attack != NULL) {
		MEMBER(json, "attack");
		PUT(json, "[");
		for (size_t i = 0; finding->attack[i] != NULL; i++) {
			if (i > 0)
				PUT(json, ",");
			put_cstring(json, finding->attack[i]);
		}
		PUT(json, "]");
	}
	if (finding->accepted >= 0) {
		MEMBER(json, "accepted");
		put_bool(json, finding->accepted != 0);
	}
	close_object(json, outer);
}

static void print_findings(struct json_writer *json) {
	PUT(json, "[");
	for (const struct finding *finding = json->record->findings; finding != NULL; finding = finding->next) {
		if (finding != json->record->findings)
			PUT(json, ",");
		put_finding(json, finding);
	}
	PUT(json, "]");
}

/* -- the timeline: what each kind of entry has of its own -- */

static void put_connect(struct json_writer *json, const struct record_timeline_entry *entry) {
	PUT(json, "connect\"");
	if (entry->handshake_ns >= 0) {
		MEMBER(json, "handshake_ms");
		put_milliseconds(json, entry->handshake_ns);
	}
}

static void put_answers(struct json_writer *json, const struct event_reply *reply) {
	switch (reply->answers) {
	case EVENT_ANSWERS_GREETING:
		PUT(json, "\"greeting\"");
		return;
	case EVENT_ANSWERS_BODY:
		PUT(json, "\"body\"");
		return;
	case EVENT_ANSWERS_AUTH:
		PUT(json, "\"auth\"");
		return;
	case EVENT_ANSWERS_COMMAND:
		put_string_or_null(json, reply->verb_name);
		return;
	case EVENT_ANSWERS_UNKNOWN:
	case EVENT_ANSWERS_NOTHING:
		break;
	}
	PUT(json, "null");
}

static void put_reply_text(struct json_writer *json, const struct event_reply *reply) {
	MEMBER(json, "code");
	put_number(json, reply->code);
	if (reply->enhanced.len > 0) {
		MEMBER(json, "enhanced");
		put_string(json, reply->enhanced);
	}
	MEMBER(json, "text");
	put_strings(json, reply->lines, reply->line_count);
}

static void put_reply_rest(struct json_writer *json, const struct event_reply *reply) {
	if (reply->latency_ns >= 0) {
		MEMBER(json, "latency_ms");
		put_milliseconds(json, reply->latency_ns);
	}
	if (reply->text_withheld)
		PUT(json, ",\"text_withheld\":true");
	if (reply->incomplete)
		PUT(json, ",\"incomplete\":true");
	put_count_if_any(json, "lines_over_limit", reply->lines_over_limit);
}

static void put_greeting_entry(struct json_writer *json, const struct record_timeline_entry *entry) {
	PUT(json, "greeting\"");
	put_reply_text(json, &entry->reply);
	put_reply_rest(json, &entry->reply);
}

static void put_reply_entry(struct json_writer *json, const struct record_timeline_entry *entry) {
	PUT(json, "reply\"");
	put_reply_text(json, &entry->reply);
	MEMBER(json, "answers");
	put_answers(json, &entry->reply);
	put_reply_rest(json, &entry->reply);
}

static void put_command_entry(struct json_writer *json, const struct record_timeline_entry *entry) {
	const struct event_command *command = &entry->command;
	PUT(json, "command\",\"verb\":");
	put_string_or_null(json, command->name);
	if (command->argument.len > 0) {
		MEMBER(json, "argument");
		put_string(json, command->argument);
	}
	if (command->name.len == 0)
		PUT(json, ",\"withheld\":true");
	else if (command->argument_withheld)
		PUT(json, ",\"argument_withheld\":true");
	if (command->pipelined)
		PUT(json, ",\"pipelined\":true");
}

static void put_auth_entry(struct json_writer *json, const struct record_timeline_entry *entry) {
	static const char *const steps[] = {
		[EVENT_AUTH_CHALLENGE] = "challenge",
		[EVENT_AUTH_RESPONSE] = "response",
		[EVENT_AUTH_CANCEL] = "cancel",
	};
	PUT(json, "auth\",\"step\":");
	put_cstring(json, steps[entry->auth.step]);
	MEMBER(json, "mechanism");
	put_string_or_null(json, entry->auth.mechanism);
	if (entry->auth.has_username)
		put_user(json, entry->auth.username);
}

static void put_tls_entry(struct json_writer *json, const struct record_timeline_entry *entry) {
	static const char *const steps[] = {
		[EVENT_TLS_CLIENT_HELLO] = "client-hello",
		[EVENT_TLS_SERVER_HELLO] = "server-hello",
		[EVENT_TLS_ENCRYPTED] = "encrypted",
	};
	PUT(json, "tls\",\"step\":");
	put_cstring(json, steps[entry->tls.step]);
}

static void put_body_entry(struct json_writer *json, const struct record_timeline_entry *entry) {
	const struct event_body *body = &entry->body;
	PUT(json, "body\",\"command\":");
	put_cstring(json, body_command(body->verb));
	MEMBER(json, "bytes");
	put_number(json, body->bytes);
	MEMBER(json, "lines");
	put_number(json, body->lines);
	MEMBER(json, "duration_ms");
	put_milliseconds(json, entry->at.time_ns - body->start_ns);
	put_count_if_any(json, "gap_bytes", body->gap_bytes);
	if (!body->complete)
		PUT(json, ",\"complete\":false");
}

static void put_gap_entry(struct json_writer *json, const struct record_timeline_entry *entry) {
	if (entry->gap.side == STREAM_CLIENT)
		PUT(json, "gap\",\"side\":\"client\",\"bytes\":");
	else
		PUT(json, "gap\",\"side\":\"server\",\"bytes\":");
	put_number(json, entry->gap.bytes);
}

static void put_anomaly_entry(struct json_writer *json, const struct record_timeline_entry *entry) {
	static const char *const ids[EVENT_ANOMALY_COUNT] = {
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
	};
	PUT(json, "anomaly\",\"id\":");
	put_cstring(json, ids[entry->anomaly.id]);
	put_count_if_any(json, "amount", entry->anomaly.amount);
}

static void put_failed_entry(struct json_writer *json, const struct record_timeline_entry *entry) {
	const struct stream_close *close = &json->record->close;
	(void)entry;
	put_text(json, close_names[close->how]);
	PUT(json, "\"");
	if (close->icmp != NULL) {
		MEMBER(json, "icmp");
		put_cstring(json, close->icmp);
	}
}

static void put_close_entry(struct json_writer *json, const struct record_timeline_entry *entry) {
	(void)entry;
	PUT(json, "close\",\"how\":");
	put_cstring(json, close_names[json->record->close.how]);
}

static void put_entry(struct json_writer *json, const struct record_timeline_entry *entry) {
	static const struct from {
		char text[32];
		size_t len;
	} froms[] = {
#define FROM(name) {",\"from\":\"" name "\",\"event\":\"", sizeof(",\"from\":\"" name "\",\"event\":\"") - 1}
		[RECORD_FROM_CLIENT] = FROM("client"),
		[RECORD_FROM_SERVER] = FROM("server"),
		[RECORD_FROM_NETWORK] = FROM("network"),
#undef FROM
	};
	/* Each starts with the name of the event and the quote that ends it. */
	static void (*const own_fields[])(struct json_writer *, const struct record_timeline_entry *) = {
		[RECORD_CONNECT] = put_connect,
		[RECORD_GREETING] = put_greeting_entry,
		[RECORD_COMMAND] = put_command_entry,
		[RECORD_REPLY] = put_reply_entry,
		[RECORD_AUTH] = put_auth_entry,
		[RECORD_TLS] = put_tls_entry,
		[RECORD_BODY] = put_body_entry,
		[RECORD_GAP] = put_gap_entry,
		[RECORD_ANOMALY] = put_anomaly_entry,
		[RECORD_FAILED] = put_failed_entry,
		[RECORD_CLOSE] = put_close_entry,
	};
	bool outer = open_object(json);
	char *at = reserve(json, 2 * NUMBER_MAX + TIME_MAX + 64);
	if (at == NULL)
		return;
	at = mempcpy(at, "\"ms\":", 5);
	at = milliseconds(at, entry->at.time_ns - json->record->open.first.time_ns);
	at = mempcpy(at, ",\"time\":\"", 9);
	at = rfc3339(json, at, entry->at.time_ns);
	at = mempcpy(at, "\",\"frame\":", 10);
	at = digits(at, entry->at.frame);
	memcpy(at, froms[entry->from].text, sizeof(froms[entry->from].text));
	commit(json, at + froms[entry->from].len);
	own_fields[entry->kind](json, entry);
	close_object(json, outer);
}

/* A reply of which a gap swallowed even the code is no reply that was seen. The gap itself has an entry. */
static bool is_lost_reply(const struct record_timeline_entry *entry) {
	return (entry->kind == RECORD_REPLY || entry->kind == RECORD_GREETING) && entry->reply.code == 0;
}

static void print_timeline(struct json_writer *json) {
	const struct record *record = json->record;
	size_t printed = 0;
	PUT(json, "[");
	for (size_t i = 0; i < record->timeline_count; i++) {
		if (is_lost_reply(&record->timeline[i]))
			continue;
		if (printed++ > 0)
			PUT(json, ",");
		put_entry(json, &record->timeline[i]);
	}
	PUT(json, "]");
}

/* -- the session document as a json-c object -- */

static int print_member(struct json_object *object, struct printbuf *buffer, int level, int flags) {
	(void)level;
	(void)flags;
	struct member *member = json_object_get_userdata(object);
	member->writer->buffer = buffer;
	member->print(member->writer);
	return member->writer->failed ? -1 : 0;
}

/* The members in the order of the document. */
static const struct row {
	const char *key;
	void (*print)(struct json_writer *json);
} rows[] = {
	{"id", print_id},
	{"community_id", print_community_id},
	{"start", print_start},
	{"end", print_end},
	{"duration_ms", print_duration},
	{"capture", print_capture},
	{"client", print_client},
	{"server", print_server},
	{"protocol", print_protocol},
	{"tcp", print_tcp},
	{"capabilities", print_capabilities},
	{"tls", print_tls},
	{"auth", print_auth},
	{"mails", print_mails},
	{"result", print_result},
	{"blind", print_blind},
	{"findings", print_findings},
	{"timeline", print_timeline},
};

/* Takes value over, whatever comes of it. */
static bool add_member(struct json_object *object, const char *key, struct json_object *value) {
	if (value != NULL && json_object_object_add_ex(
				     object, key, value, JSON_C_OBJECT_ADD_KEY_IS_NEW | JSON_C_OBJECT_ADD_CONSTANT_KEY) == 0)
		return true;
	json_object_put(value);
	return false;
}

static struct json_object *document_create(const char *type) {
	struct json_object *object = json_object_new_object();
	if (object != NULL && add_member(object, "type", json_object_new_string(type)) &&
		add_member(object, "schema", json_object_new_int(SCHEMA)))
		return object;
	json_object_put(object);
	return NULL;
}

static bool session_create(struct json_writer *json) {
	_Static_assert(sizeof(rows) / sizeof(rows[0]) <= MEMBERS_MAX, "a row without a member");
	struct json_object *session = document_create("session");
	bool ok = session != NULL;
	for (size_t i = 0; ok && i < sizeof(rows) / sizeof(rows[0]); i++) {
		/* The value is of no account: its serializer prints the record's. */
		struct json_object *value = json_object_new_int(0);
		json->members[i] = (struct member){json, rows[i].print};
		if (value != NULL)
			json_object_set_serializer(value, print_member, &json->members[i], NULL);
		ok = add_member(session, rows[i].key, value);
	}
	if (!ok) {
		json_object_put(session);
		session = NULL;
	}
	json->session = session;
	return ok;
}

static bool needs_nanoseconds(const struct record *record) {
	if (record->open.first.time_ns % 1000 != 0 || record->close.last.time_ns % 1000 != 0)
		return true;
	for (size_t i = 0; i < record->timeline_count; i++)
		if (record->timeline[i].at.time_ns % 1000 != 0)
			return true;
	return false;
}

static int write_line(FILE *out, const char *text, size_t len) {
	errno = 0;
	if (fwrite_unlocked(text, 1, len, out) == len && putc_unlocked('\n', out) != EOF)
		return 0;
	return errno != 0 ? -errno : -EIO;
}

static int json_session(struct writer *writer, const struct record *record) {
	struct json_writer *json = (struct json_writer *)writer;
	if (json->session == NULL && !session_create(json))
		return -ENOMEM;
	json->record = record;
	json->nanoseconds = needs_nanoseconds(record);
	json->invalid = false;
	json->failed = false;
	size_t len = 0;
	const char *text = json_object_to_json_string_length(
		json->session, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE, &len);
	int status = text != NULL && !json->failed ? write_line(json->out, text, len) : -ENOMEM;
	/* json-c never shrinks a buffer: one huge session must not hold its memory for the rest of a run. */
	if (len > BUFFER_KEPT_MAX || status != 0) {
		json_object_put(json->session);
		json->session = NULL;
	}
	if (json->scratch_size > BUFFER_KEPT_MAX) {
		free(json->scratch);
		json->scratch = NULL;
		json->scratch_size = 0;
	}
	return status;
}

static struct json_object *reasons_create(const struct writer_statistics *statistics) {
	struct json_object *reasons = json_object_new_object();
	for (size_t i = 0; reasons != NULL && i < statistics->reason_count; i++) {
		struct json_object *count = json_object_new_uint64(statistics->reasons[i].count);
		if (count == NULL || json_object_object_add(reasons, statistics->reasons[i].reason, count) != 0) {
			json_object_put(count);
			json_object_put(reasons);
			return NULL;
		}
	}
	return reasons;
}

static int json_end(struct writer *writer, const struct writer_statistics *statistics) {
	struct json_writer *json = (struct json_writer *)writer;
	const struct {
		const char *key;
		uint64_t value;
	} counts[] = {
		{"frames", statistics->frames},
		{"bytes", statistics->bytes},
		{"segments", statistics->segments},
		{"not_understood", statistics->not_understood},
		{"connections", statistics->connections},
		{"sessions", statistics->sessions},
		{"gaps", statistics->gaps},
		{"gap_bytes", statistics->gap_bytes},
		{"evictions", statistics->evictions},
	};
	struct json_object *document = document_create("statistics");
	bool ok = document != NULL;
	for (size_t i = 0; ok && i < sizeof(counts) / sizeof(counts[0]); i++)
		ok = add_member(document, counts[i].key, json_object_new_uint64(counts[i].value));
	ok = ok && add_member(document, "reasons", reasons_create(statistics));
	size_t len = 0;
	const char *text = NULL;
	if (ok)
		text = json_object_to_json_string_length(
			document, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE, &len);
	int status = text != NULL ? write_line(json->out, text, len) : -ENOMEM;
	json_object_put(document);
	errno = 0;
	if (fflush(json->out) != 0 && status == 0)
		status = errno != 0 ? -errno : -EIO;
	return status;
}

static void json_destroy(struct writer *writer) {
	struct json_writer *json = (struct json_writer *)writer;
	if (json == NULL)
		return;
	json_object_put(json->session);
	json_object_put(json->string);
	identity_user_destroy(json->user_hash);
	free(json->scratch);
	free(json);
}

static struct writer *json_create(const struct writer_options *options, FILE *out) {
	struct json_writer *json = calloc(1, sizeof(*json));
	if (json == NULL)
		return NULL;
	json->out = out;
	json->users = options->users;
	json->string = json_object_new_string("");
	if (json->users == WRITER_USERS_HASH)
		json->user_hash = identity_user_create();
	if (json->string == NULL || !session_create(json) || (json->users == WRITER_USERS_HASH && json->user_hash == NULL)) {
		json_destroy((struct writer *)json);
		return NULL;
	}
	return (struct writer *)json;
}

const struct writer_format json_format = {
	.name = "json",
	.summary = "one JSON document a line (NDJSON)",
	.create = json_create,
	.session = json_session,
	.end = json_end,
	.destroy = json_destroy,
};
