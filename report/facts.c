/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Facts from a record, and facts as bytes.
 *
 * Packed, facts are a version byte, the id, and then all other fields: numbers as variable-length integers (LEB128,
 * signed ones folded as in Protocol Buffers), texts with their length before them, times as the distance from the session's
 * start. An ordinary session takes 300 to 500 bytes.
 */
#include "report/facts.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "report/escape.h"
#include "report/facts_text.h"
#include "report/software.h"

/* ---- From a record ---- */

/* As the session document has it. */
static struct slice safe(struct record *record, struct slice text) {
	enum { LOOK_AHEAD = 4 }; /* what may decide about a character that begins within the limit */
	if (text.len == 0)
		return (struct slice){NULL, 0};
	if (escape_is_plain(text.data, text.len))
		return facts_cut(text, FACTS_TEXT_MAX);
	/* No piece becomes shorter, so that what lies behind the limit here lies behind it in the document too. */
	char utf8[(FACTS_TEXT_MAX + LOOK_AHEAD) * ESCAPE_UTF8_GROWTH];
	size_t len = text.len < FACTS_TEXT_MAX + LOOK_AHEAD ? text.len : FACTS_TEXT_MAX + LOOK_AHEAD;
	bool invalid;
	size_t utf8_len = escape_utf8(text.data, len, utf8, &invalid);
	if (!invalid)
		return facts_cut(text, FACTS_TEXT_MAX);
	struct slice cut = facts_cut((struct slice){utf8, utf8_len}, FACTS_TEXT_MAX);
	return (struct slice){arena_copy(&record->arena, cut.data, cut.len), cut.len};
}

static struct slice safe_string(struct record *record, const char *text) {
	return safe(record, (struct slice){text, text != NULL ? strlen(text) : 0});
}

static struct slice safe_lines(struct record *record, const struct slice *lines, size_t count) {
	if (count == 0)
		return (struct slice){NULL, 0};
	if (count == 1)
		return safe(record, lines[0]);
	struct facts_joined joined = {.len = 0};
	for (size_t i = 0; i < count; i++)
		facts_join(&joined, safe(record, lines[i]));
	return (struct slice){arena_copy(&record->arena, joined.data, joined.len), joined.len};
}

/* The document tells such times in whole microseconds since the start. */
static int64_t time_in_document(const struct record *record, struct stream_moment at) {
	int64_t start_ns = record->open.first.time_ns;
	return start_ns + (at.time_ns - start_ns) / 1000 * 1000;
}

static void take_capabilities(struct record *record, struct facts *facts) {
	const struct record_capabilities *list = facts->implicit_tls ? &record->tls_capabilities : &record->clear;
	if (!list->seen)
		return;
	facts->capabilities_seen = true;
	facts->capabilities_complete = !list->incomplete && !record->tls_capabilities.incomplete;
	facts->capabilities_frame = list->at.frame;
	for (size_t i = 0; i < list->line_count; i++) {
		if (facts->capability_count == FACTS_CAPABILITIES_MAX) {
			facts->capabilities_complete = false;
			break;
		}
		facts->capabilities[facts->capability_count++] = safe(record, list->lines[i]);
	}
}

static void take_attempt(struct record *record, const struct record_attempt *attempt, struct facts_attempt *ret_attempt) {
	const struct record_reply *reply = &attempt->reply;
	*ret_attempt = (struct facts_attempt){
		.mechanism = safe(record, attempt->mechanism),
		.has_username = attempt->has_username,
		.encrypted = attempt->encrypted,
		.result = attempt->result,
		.time_ns = time_in_document(record, attempt->at),
		.frame = attempt->at.frame,
	};
	if (attempt->has_username)
		ret_attempt->username = safe(record, attempt->username);
	if (reply->seen) {
		ret_attempt->code = reply->code;
		ret_attempt->enhanced = safe(record, reply->enhanced);
		ret_attempt->text = safe_lines(record, reply->lines, reply->line_count);
		ret_attempt->reply_frame = reply->at.frame;
	}
}

static void take_attempts(struct record *record, struct facts *facts) {
	size_t accepted = 0;
	for (const struct record_attempt *attempt = record->attempts; attempt != NULL; attempt = attempt->next)
		accepted += attempt->result == EVENT_AUTH_ACCEPTED;
	struct facts_choice choice = facts_choose(accepted, record->attempts_kept, FACTS_ATTEMPTS_MAX);
	for (const struct record_attempt *attempt = record->attempts; attempt != NULL; attempt = attempt->next)
		if (facts_take(&choice, attempt->result == EVENT_AUTH_ACCEPTED))
			take_attempt(record, attempt, &facts->attempts[facts->attempts_kept++]);
	facts->attempt_count = record->attempt_count;
}

/* The reply that decided about the mail as a whole; NULL: none seen. */
static const struct record_reply *deciding_reply(const struct record_mail *mail) {
	enum { GO_AHEAD = 3 }; /* class of 354 */
	if (mail->body_reply.seen)
		return &mail->body_reply;
	if (mail->data_reply.seen && mail->data_reply.code / 100 != GO_AHEAD)
		return &mail->data_reply;
	return mail->reply.seen ? &mail->reply : NULL;
}

static uint32_t count_refused(const struct record_mail *mail) {
	uint32_t refused = 0;
	for (const struct record_recipient *recipient = mail->recipients; recipient != NULL; recipient = recipient->next)
		refused += recipient->reply.seen && facts_is_refusal(recipient->reply.code);
	return refused;
}

static bool mail_matters(const struct record_mail *mail) {
	const struct record_reply *reply = deciding_reply(mail);
	return facts_mail_matters(mail->result, reply != NULL ? reply->code : 0, count_refused(mail));
}

static void take_recipients(struct record *record, const struct record_mail *mail, bool refused, struct facts_choice *choice,
	struct facts_mail *ret_mail) {
	for (const struct record_recipient *from = mail->recipients; from != NULL; from = from->next) {
		const struct record_reply *reply = &from->reply;
		if ((reply->seen && facts_is_refusal(reply->code)) != refused || !facts_take(choice, refused))
			continue;
		struct facts_recipient *recipient = &ret_mail->recipients[ret_mail->recipients_kept++];
		*recipient = (struct facts_recipient){.frame = from->at.frame};
		if (!record->envelope_omitted)
			recipient->to = safe(record, from->to);
		if (reply->seen) {
			recipient->code = reply->code;
			recipient->enhanced = safe(record, reply->enhanced);
			recipient->text = safe_lines(record, reply->lines, reply->line_count);
			recipient->frame = reply->at.frame;
		}
	}
}

static void take_mail(struct record *record, const struct record_mail *mail, struct facts_mail *ret_mail) {
	*ret_mail = (struct facts_mail){
		/* As the document has it: an address that is not shown is one that is not known. The null sender is shown. */
		.seen = mail->seen && (!record->envelope_omitted || mail->from.len == 0),
		.authenticated = mail->authenticated,
		.result = mail->result,
		.time_ns = time_in_document(record, mail->at),
		.frame = mail->at.frame,
		.recipients_refused = count_refused(mail),
	};
	if (ret_mail->seen)
		ret_mail->from = safe(record, mail->from);
	const struct record_reply *reply = deciding_reply(mail);
	if (reply != NULL) {
		ret_mail->code = reply->code;
		ret_mail->enhanced = safe(record, reply->enhanced);
		ret_mail->text = safe_lines(record, reply->lines, reply->line_count);
		ret_mail->decided_frame = reply->at.frame;
	}
	for (const struct record_recipient *recipient = mail->recipients; recipient != NULL; recipient = recipient->next) {
		ret_mail->recipient_count++;
		ret_mail->recipients_accepted += recipient->reply.seen && recipient->reply.code < 300;
	}
	struct facts_choice choice =
		facts_choose(ret_mail->recipients_refused, ret_mail->recipient_count, FACTS_RECIPIENTS_MAX);
	take_recipients(record, mail, true, &choice, ret_mail);
	take_recipients(record, mail, false, &choice, ret_mail);
}

/* Not those that went the other way: conclusions are about who began the connection. */
static void take_mails(struct record *record, struct facts *facts) {
	size_t mattering = 0, reversed = 0;
	for (const struct record_mail *mail = record->mails; mail != NULL; mail = mail->next) {
		mattering += !mail->reversed && mail_matters(mail);
		reversed += mail->reversed;
	}
	struct facts_choice choice = facts_choose(mattering, record->mails_kept - reversed, FACTS_MAILS_MAX);
	for (int round = 0; round < 2; round++)
		for (const struct record_mail *mail = record->mails; mail != NULL; mail = mail->next)
			if (!mail->reversed && mail_matters(mail) == (round == 0) && facts_take(&choice, round == 0))
				take_mail(record, mail, &facts->mails[facts->mails_kept++]);
	facts->mail_count = record->mail_count - reversed;
}

void facts_from_record(struct record *record, struct facts *ret_facts) {
	const char *software = software_of_banner(record->banner);
	*ret_facts = (struct facts){
		.id = {record->id, strlen(record->id)},
		.source = safe_string(record, record->open.source),
		.client = *record_client(record),
		.server = record->open.server,
		.start_ns = record->open.first.time_ns,
		.end_ns = record->close.last.time_ns,
		.first_frame = record->open.first.frame,
		.last_frame = record->close.last.frame,
		.stream = record->open.stream,
		.close = record->close.how,
		.icmp = safe_string(record, record->close.icmp),
		.established = record->established,
		.syn_retries = record->close.syn_retries,
		.protocol = record->protocol,
		.server_name = safe(record, record->server_name),
		.banner = safe(record, record->banner),
		.software = {software, software != NULL ? strlen(software) : 0},
		.client_name = safe(record, record->client_name),
		.tls = record->tls_seen,
		.implicit_tls = record->tls_seen && record->tls_implicit && !record->clear.seen,
		.midstream = record->open.midstream,
		.one_sided = record->one_sided,
		.gaps = record->gap_count,
		.auth = record->auth,
		.result = record->result,
		.pop3 = record->close.mailbox.pop3,
		.imap = record->close.mailbox.imap,
	};
	if (ret_facts->pop3 > 0 || ret_facts->imap > 0)
		ret_facts->mailbox_last_ns = record->close.mailbox.last_ns;
	if (record->greeting.seen) {
		ret_facts->banner_unknown = record->banner_unknown;
		ret_facts->greeting_code = record->greeting.code;
		ret_facts->greeting_frame = record->greeting.at.frame;
	}
	take_capabilities(record, ret_facts);
	take_attempts(record, ret_facts);
	take_mails(record, ret_facts);
}

/* ---- Packing ---- */

enum { VERSION = 1 };

enum { VARINT_MAX = 10 };

struct packer {
	char *data;
	size_t len, capacity;
	bool failed;
};

static bool make_room(struct packer *packer, size_t len) {
	if (len <= packer->capacity - packer->len)
		return !packer->failed;
	size_t capacity = packer->capacity < 1024 ? 1024 : packer->capacity;
	while (capacity - packer->len < len && capacity <= SIZE_MAX / 2)
		capacity *= 2;
	char *data = capacity - packer->len >= len ? realloc(packer->data, capacity) : NULL;
	if (data == NULL) {
		packer->failed = true;
		return false;
	}
	packer->data = data;
	packer->capacity = capacity;
	return true;
}

static void put_byte(struct packer *packer, unsigned value) {
	if (make_room(packer, 1))
		packer->data[packer->len++] = (char)value;
}

static void put_number(struct packer *packer, uint64_t value) {
	if (!make_room(packer, VARINT_MAX))
		return;
	for (; value >= 0x80; value >>= 7)
		packer->data[packer->len++] = (char)(value | 0x80);
	packer->data[packer->len++] = (char)value;
}

static void put_bytes(struct packer *packer, const void *data, size_t len) {
	if (len == 0 || !make_room(packer, len))
		return;
	memcpy(packer->data + packer->len, data, len);
	packer->len += len;
}

static void put_text(struct packer *packer, struct slice text) {
	put_number(packer, text.len);
	put_bytes(packer, text.data, text.len);
}

/* Differences wrap around, so that any two times can be told. */
static void put_time(struct packer *packer, int64_t since_ns, int64_t time_ns) {
	uint64_t difference = (uint64_t)time_ns - (uint64_t)since_ns;
	put_number(packer, difference << 1 ^ (0 - (difference >> 63)));
}

/* Up to eight of them. */
static void put_bools(struct packer *packer, const bool *values, size_t count) {
	unsigned byte = 0;
	for (size_t i = 0; i < count; i++)
		byte |= (unsigned)values[i] << i;
	put_byte(packer, byte);
}

#define PUT_BOOLS(packer, ...)                                                                                              \
	put_bools(packer, (const bool[]){__VA_ARGS__}, sizeof((const bool[]){__VA_ARGS__}) / sizeof(bool))

static size_t address_len(unsigned ip_version) {
	return ip_version == 6 ? 16 : 4;
}

static void put_endpoint(struct packer *packer, const struct stream_endpoint *endpoint) {
	put_byte(packer, endpoint->ip_version);
	put_bytes(packer, endpoint->address, address_len(endpoint->ip_version));
	put_number(packer, endpoint->port);
}

static void put_attempt(struct packer *packer, const struct facts *facts, const struct facts_attempt *attempt) {
	PUT_BOOLS(packer, attempt->has_username, attempt->encrypted);
	put_text(packer, attempt->mechanism);
	put_text(packer, attempt->username);
	put_byte(packer, attempt->result);
	put_number(packer, attempt->code);
	put_text(packer, attempt->enhanced);
	put_text(packer, attempt->text);
	put_time(packer, facts->start_ns, attempt->time_ns);
	put_number(packer, attempt->frame);
	put_number(packer, attempt->reply_frame);
}

static void put_recipient(struct packer *packer, const struct facts_recipient *recipient) {
	put_text(packer, recipient->to);
	put_number(packer, recipient->code);
	put_text(packer, recipient->enhanced);
	put_text(packer, recipient->text);
	put_number(packer, recipient->frame);
}

static void put_mail(struct packer *packer, const struct facts *facts, const struct facts_mail *mail) {
	PUT_BOOLS(packer, mail->seen);
	put_text(packer, mail->from);
	put_byte(packer, (unsigned)mail->authenticated);
	put_byte(packer, mail->result);
	put_number(packer, mail->code);
	put_text(packer, mail->enhanced);
	put_text(packer, mail->text);
	put_time(packer, facts->start_ns, mail->time_ns);
	put_number(packer, mail->frame);
	put_number(packer, mail->decided_frame);
	put_number(packer, mail->recipient_count);
	put_number(packer, mail->recipients_accepted);
	put_number(packer, mail->recipients_refused);
	put_byte(packer, (unsigned)mail->recipients_kept);
	for (size_t i = 0; i < mail->recipients_kept; i++)
		put_recipient(packer, &mail->recipients[i]);
}

int facts_pack(const struct facts *facts, char **buffer, size_t *len, size_t *capacity) {
	struct packer packer = {.data = *buffer, .len = *len, .capacity = *capacity};
	put_byte(&packer, VERSION);
	put_text(&packer, facts->id); /* first: sorting by the bytes is sorting by the id */
	PUT_BOOLS(&packer, facts->established, facts->capabilities_seen, facts->capabilities_complete, facts->tls,
		facts->midstream, facts->one_sided, facts->implicit_tls);
	put_text(&packer, facts->source);
	put_endpoint(&packer, &facts->client);
	put_endpoint(&packer, &facts->server);
	put_time(&packer, 0, facts->start_ns);
	put_time(&packer, facts->start_ns, facts->end_ns);
	put_number(&packer, facts->first_frame);
	put_number(&packer, facts->last_frame);
	put_number(&packer, facts->stream);
	put_byte(&packer, facts->close);
	put_text(&packer, facts->icmp);
	put_number(&packer, facts->syn_retries);
	put_byte(&packer, facts->protocol);
	put_number(&packer, facts->greeting_code);
	put_number(&packer, facts->greeting_frame);
	put_byte(&packer, facts->banner_unknown);
	put_text(&packer, facts->server_name);
	put_text(&packer, facts->banner);
	put_text(&packer, facts->software);
	put_text(&packer, facts->client_name);
	put_byte(&packer, (unsigned)facts->capability_count);
	for (size_t i = 0; i < facts->capability_count; i++)
		put_text(&packer, facts->capabilities[i]);
	put_number(&packer, facts->capabilities_frame);
	put_number(&packer, facts->gaps);
	put_byte(&packer, facts->auth);
	put_byte(&packer, facts->result);
	put_number(&packer, facts->attempt_count);
	put_byte(&packer, (unsigned)facts->attempts_kept);
	for (size_t i = 0; i < facts->attempts_kept; i++)
		put_attempt(&packer, facts, &facts->attempts[i]);
	put_number(&packer, facts->mail_count);
	put_byte(&packer, (unsigned)facts->mails_kept);
	for (size_t i = 0; i < facts->mails_kept; i++)
		put_mail(&packer, facts, &facts->mails[i]);
	put_number(&packer, facts->pop3);
	put_number(&packer, facts->imap);
	put_time(&packer, 0, facts->mailbox_last_ns);
	*buffer = packer.data;
	*capacity = packer.capacity;
	if (packer.failed)
		return -ENOMEM;
	*len = packer.len;
	return 0;
}

/* ---- Unpacking: a cursor that remembers its first failure ---- */

struct cursor {
	const char *at, *end;
	bool failed;
};

static uint64_t get_number(struct cursor *cursor, uint64_t max) {
	uint64_t value = 0;
	for (unsigned shift = 0; cursor->at < cursor->end && shift < 64; shift += 7) {
		uint64_t byte = (unsigned char)*cursor->at++;
		if (shift == 63 && byte > 1)
			break;
		value |= (byte & 0x7f) << shift;
		if (byte < 0x80) {
			if (value > max)
				break;
			return value;
		}
	}
	cursor->failed = true;
	return 0;
}

/* A number below count. */
static unsigned get_byte(struct cursor *cursor, unsigned count) {
	if (cursor->at == cursor->end || (unsigned char)*cursor->at >= count) {
		cursor->failed = true;
		return 0;
	}
	return (unsigned char)*cursor->at++;
}

static const char *get_bytes(struct cursor *cursor, size_t len) {
	if (len > (size_t)(cursor->end - cursor->at)) {
		cursor->failed = true;
		return NULL;
	}
	const char *data = cursor->at;
	cursor->at += len;
	return data;
}

static struct slice get_text(struct cursor *cursor) {
	size_t len = get_number(cursor, FACTS_TEXT_MAX);
	const char *data = len > 0 ? get_bytes(cursor, len) : NULL;
	return (struct slice){data, data != NULL ? len : 0};
}

static int64_t get_time(struct cursor *cursor, int64_t since_ns) {
	uint64_t folded = get_number(cursor, UINT64_MAX);
	uint64_t difference = folded >> 1 ^ (0 - (folded & 1));
	return (int64_t)((uint64_t)since_ns + difference);
}

static uint16_t get_code(struct cursor *cursor) {
	return (uint16_t)get_number(cursor, UINT16_MAX);
}

static void get_endpoint(struct cursor *cursor, struct stream_endpoint *ret_endpoint) {
	unsigned version = get_byte(cursor, 7);
	cursor->failed |= version != 4 && version != 6;
	ret_endpoint->ip_version = (uint8_t)version;
	const char *address = get_bytes(cursor, address_len(version));
	if (address != NULL)
		memcpy(ret_endpoint->address, address, address_len(version));
	ret_endpoint->port = get_code(cursor);
}

static void get_attempt(struct cursor *cursor, const struct facts *facts, struct facts_attempt *attempt) {
	unsigned bools = get_byte(cursor, 1 << 2);
	attempt->has_username = bools & 1;
	attempt->encrypted = bools >> 1 & 1;
	attempt->mechanism = get_text(cursor);
	attempt->username = get_text(cursor);
	attempt->result = (enum event_auth_result)get_byte(cursor, EVENT_AUTH_CANCELLED + 1);
	attempt->code = get_code(cursor);
	attempt->enhanced = get_text(cursor);
	attempt->text = get_text(cursor);
	attempt->time_ns = get_time(cursor, facts->start_ns);
	attempt->frame = get_number(cursor, UINT64_MAX);
	attempt->reply_frame = get_number(cursor, UINT64_MAX);
}

static void get_recipient(struct cursor *cursor, struct facts_recipient *recipient) {
	recipient->to = get_text(cursor);
	recipient->code = get_code(cursor);
	recipient->enhanced = get_text(cursor);
	recipient->text = get_text(cursor);
	recipient->frame = get_number(cursor, UINT64_MAX);
}

static void get_mail(struct cursor *cursor, const struct facts *facts, struct facts_mail *mail) {
	mail->seen = get_byte(cursor, 2);
	mail->from = get_text(cursor);
	mail->authenticated = (int)get_byte(cursor, EVENT_AUTHENTICATED_YES + 1);
	mail->result = (enum event_mail_result)get_byte(cursor, EVENT_MAIL_ABORTED + 1);
	mail->code = get_code(cursor);
	mail->enhanced = get_text(cursor);
	mail->text = get_text(cursor);
	mail->time_ns = get_time(cursor, facts->start_ns);
	mail->frame = get_number(cursor, UINT64_MAX);
	mail->decided_frame = get_number(cursor, UINT64_MAX);
	mail->recipient_count = (uint32_t)get_number(cursor, UINT32_MAX);
	mail->recipients_accepted = (uint32_t)get_number(cursor, UINT32_MAX);
	mail->recipients_refused = (uint32_t)get_number(cursor, UINT32_MAX);
	mail->recipients_kept = get_byte(cursor, FACTS_RECIPIENTS_MAX + 1);
	for (size_t i = 0; i < mail->recipients_kept && !cursor->failed; i++)
		get_recipient(cursor, &mail->recipients[i]);
}

static void get_facts(struct cursor *cursor, struct facts *facts) {
	facts->id = get_text(cursor);
	unsigned bools = get_byte(cursor, 1 << 7);
	facts->established = bools & 1;
	facts->capabilities_seen = bools >> 1 & 1;
	facts->capabilities_complete = bools >> 2 & 1;
	facts->tls = bools >> 3 & 1;
	facts->midstream = bools >> 4 & 1;
	facts->one_sided = bools >> 5 & 1;
	facts->implicit_tls = bools >> 6 & 1;
	facts->source = get_text(cursor);
	get_endpoint(cursor, &facts->client);
	get_endpoint(cursor, &facts->server);
	facts->start_ns = get_time(cursor, 0);
	facts->end_ns = get_time(cursor, facts->start_ns);
	facts->first_frame = get_number(cursor, UINT64_MAX);
	facts->last_frame = get_number(cursor, UINT64_MAX);
	facts->stream = get_number(cursor, UINT64_MAX);
	facts->close = (enum stream_close_how)get_byte(cursor, STREAM_CLOSE_COUNT);
	facts->icmp = get_text(cursor);
	facts->syn_retries = get_number(cursor, UINT64_MAX);
	facts->protocol = (enum event_protocol)get_byte(cursor, EVENT_PROTOCOL_SMTPS + 1);
	facts->greeting_code = get_code(cursor);
	facts->greeting_frame = get_number(cursor, UINT64_MAX);
	facts->banner_unknown = get_byte(cursor, 2);
	facts->server_name = get_text(cursor);
	facts->banner = get_text(cursor);
	facts->software = get_text(cursor);
	facts->client_name = get_text(cursor);
	facts->capability_count = get_byte(cursor, FACTS_CAPABILITIES_MAX + 1);
	for (size_t i = 0; i < facts->capability_count && !cursor->failed; i++)
		facts->capabilities[i] = get_text(cursor);
	facts->capabilities_frame = get_number(cursor, UINT64_MAX);
	facts->gaps = get_number(cursor, UINT64_MAX);
	facts->auth = (enum record_auth_result)get_byte(cursor, RECORD_AUTH_UNUSED + 1);
	facts->result = (enum record_result)get_byte(cursor, RECORD_RESULT_ENCRYPTED + 1);
	facts->attempt_count = get_number(cursor, SIZE_MAX);
	facts->attempts_kept = get_byte(cursor, FACTS_ATTEMPTS_MAX + 1);
	for (size_t i = 0; i < facts->attempts_kept && !cursor->failed; i++)
		get_attempt(cursor, facts, &facts->attempts[i]);
	facts->mail_count = get_number(cursor, SIZE_MAX);
	facts->mails_kept = get_byte(cursor, FACTS_MAILS_MAX + 1);
	for (size_t i = 0; i < facts->mails_kept && !cursor->failed; i++)
		get_mail(cursor, facts, &facts->mails[i]);
	facts->pop3 = (uint32_t)get_number(cursor, UINT32_MAX);
	facts->imap = (uint32_t)get_number(cursor, UINT32_MAX);
	facts->mailbox_last_ns = get_time(cursor, 0);
}

size_t facts_unpack(const char *data, size_t len, struct facts *ret_facts) {
	struct cursor cursor = {.at = data, .end = data + len};
	if (len == 0 || *cursor.at++ != VERSION)
		return 0;
	memset(ret_facts, 0, sizeof(*ret_facts));
	get_facts(&cursor, ret_facts);
	return cursor.failed ? 0 : (size_t)(cursor.at - data);
}
