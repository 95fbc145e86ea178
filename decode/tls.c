/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "decode/tls.h"

#include <stdlib.h>
#include <string.h>

#include "decode/tls_cursor.h"
#include "decode/tls_handshake.h"

/* ContentType (RFC 8446, 5.1) */
enum {
	CHANGE_CIPHER_SPEC = 20,
	ALERT = 21,
	HANDSHAKE = 22,
	APPLICATION_DATA = 23,
};

enum {
	HEADER_LEN = 5,
	SSL2_HEADER_LEN = 2,
	SSL2_FLAG = 0x80, /* of a record whose length has two bytes */
	ALERT_LEN = 2,    /* in clear; an encrypted one is longer with every cipher suite */
	TLS13 = 0x0304,
	/* Of encrypted records of TLS 1.3: an alert has up to 19 bytes (2, the type, a tag of 16), a Finished at least 45 (4, a hash of
	 * 32, the type, a tag of 8). */
	SEALED_ALERT_MAX = 19,
	SEALED_FINISHED_MIN = 45,
};

/* ---- One side ---- */

bool tls_is_start(const uint8_t *data, size_t len) {
	return len > 0 && data[0] == HANDSHAKE && (len < 2 || data[1] == 3) && (len < 3 || data[2] <= 4);
}

bool tls_is_ssl2_start(const uint8_t *data, size_t len) {
	return len > 0 && (data[0] & SSL2_FLAG) != 0 && (len < 3 || data[2] == TLS_HANDSHAKE_CLIENT_HELLO);
}

static void consume(struct slice *input, size_t len) {
	if (len > 0)
		*input = (struct slice){input->data + len, input->len - len};
}

static void drop_message(struct tls_reader *reader) {
	free(reader->message);
	reader->message = NULL;
	reader->message_capacity = reader->message_len = 0;
}

void tls_lose(struct tls_reader *reader) {
	reader->lost = true;
	reader->begun = true;
	drop_message(reader);
}

void tls_finish(struct tls_reader *reader) {
	drop_message(reader);
}

static void read_header(struct tls_reader *reader, enum stream_side side, struct slice *input) {
	reader->header[reader->header_len++] = (uint8_t)input->data[0];
	consume(input, 1);
	/* RFC 5246, E.2: only a client's first record may have the form of SSL 2. */
	bool ssl2 = (reader->header[0] & SSL2_FLAG) != 0 && side == STREAM_CLIENT && !reader->past_first;
	if (ssl2 && reader->header_len == SSL2_HEADER_LEN) {
		reader->body_left = (size_t)(reader->header[0] & ~SSL2_FLAG) << 8 | reader->header[1];
		reader->ssl2 = reader->past_first = true;
		reader->header_len = 0;
		reader->lost = reader->body_left == 0;
	}
	if (!ssl2 && reader->header_len == 3 &&
		(reader->header[0] < CHANGE_CIPHER_SPEC || reader->header[0] > APPLICATION_DATA || reader->header[1] != 3)) {
		reader->lost = true;
	}
	if (reader->header_len == HEADER_LEN) {
		reader->body_left = (size_t)reader->header[3] << 8 | reader->header[4];
		reader->past_first = true;
		if (reader->body_left == 0)
			reader->header_len = 0;
	}
}

static bool is_hello(const struct tls_reader *reader, enum stream_side side) {
	return reader->ssl2 || reader->message_header[0] == (side == STREAM_CLIENT ? TLS_HANDSHAKE_CLIENT_HELLO : TLS_HANDSHAKE_SERVER_HELLO);
}

static bool reserve(struct tls_reader *reader, size_t len) {
	if (len <= reader->message_capacity)
		return true;
	size_t capacity = reader->message_capacity > 0 ? reader->message_capacity : 512;
	while (capacity < len)
		capacity *= 2;
	char *grown = realloc(reader->message, capacity);
	if (grown == NULL)
		return false;
	reader->message = grown;
	reader->message_capacity = capacity;
	return true;
}

static int give_message(struct tls_reader *reader, struct slice body, struct tls_item *ret_item) {
	*ret_item = (struct tls_item){.kind = TLS_ITEM_HANDSHAKE,
		.type = reader->ssl2 ? TLS_HANDSHAKE_CLIENT_HELLO : reader->message_header[0],
		.body = body,
		.ssl2 = reader->ssl2,
		.begun = reader->message_begun};
	reader->message_len = 0;
	reader->ssl2 = false;
	return 1;
}

/* Is the message one of those that are looked at? Of the others only the length matters. */
static bool is_wanted(const struct tls_reader *reader, enum stream_side side) {
	return is_hello(reader, side) || reader->message_header[0] == TLS_HANDSHAKE_CERTIFICATE;
}

/* Handshake: msg_type(1), length(3), then as many bytes. Messages and records end where they like: one may be in several of the
 * other. Takes what the input has of the record. */
static int collect(struct tls_reader *reader, enum stream_side side, struct slice *input, struct stream_moment at,
	struct tls_item *ret_item) {
	size_t available = reader->body_left < input->len ? reader->body_left : input->len;
	if (reader->message_skip > 0) {
		size_t skip = reader->message_skip < available ? reader->message_skip : available;
		reader->message_skip -= skip;
		reader->body_left -= skip;
		consume(input, skip);
		return 0;
	}
	size_t header_len = reader->ssl2 ? 0 : TLS_HANDSHAKE_HEADER_LEN;
	if (reader->message_len == 0) {
		reader->message_begun = at;
		reader->message_need = header_len + (reader->ssl2 ? reader->body_left : 0);
	}
	if (reader->message_len < header_len) {
		reader->message_header[reader->message_len++] = (uint8_t)input->data[0];
		reader->body_left--;
		consume(input, 1);
		if (reader->message_len < header_len)
			return 0;
		size_t len = (size_t)reader->message_header[1] << 16 | (size_t)reader->message_header[2] << 8 | reader->message_header[3];
		bool wanted = is_wanted(reader, side);
		if (!wanted || len > TLS_MESSAGE_MAX) {
			reader->message_skip = len;
			reader->message_len = 0;
			return wanted ? give_message(reader, (struct slice){NULL, 0}, ret_item) : 0;
		}
		reader->message_need = header_len + len;
		return len == 0 ? give_message(reader, (struct slice){NULL, 0}, ret_item) : 0;
	}
	size_t missing = reader->message_need - reader->message_len, have = reader->message_len - header_len;
	size_t take = missing < available ? missing : available;
	struct slice part = {input->data, take};
	reader->body_left -= take;
	consume(input, take);
	if (have == 0 && take == missing) /* all of it is in the input: nothing is copied */
		return give_message(reader, part, ret_item);
	if (!reserve(reader, have + take)) {
		reader->message_skip = missing - take;
		return give_message(reader, (struct slice){NULL, 0}, ret_item);
	}
	memcpy(reader->message + have, part.data, take);
	reader->message_len += take;
	if (take < missing)
		return 0;
	return give_message(reader, (struct slice){reader->message, have + take}, ret_item);
}

static int read_body(struct tls_reader *reader, enum stream_side side, struct slice *input, struct stream_moment at,
	struct tls_item *ret_item) {
	bool first = reader->header_len == HEADER_LEN;
	uint8_t type = reader->header[0];
	size_t record_len = reader->body_left;
	if (first) {
		reader->header_len = 0;
		reader->alert_left = type == ALERT && record_len == ALERT_LEN ? ALERT_LEN : 0;
		reader->finished |= type == HANDSHAKE && reader->sealed;
		if (type == CHANGE_CIPHER_SPEC) {
			*ret_item = (struct tls_item){.kind = TLS_ITEM_CHANGE_CIPHER_SPEC};
			return 1;
		}
		if (type == APPLICATION_DATA) {
			reader->data_records++;
			*ret_item = (struct tls_item){.kind = TLS_ITEM_APPLICATION_DATA, .len = record_len};
			return 1;
		}
	}
	if (reader->ssl2 || (type == HANDSHAKE && !reader->sealed))
		return collect(reader, side, input, at, ret_item);
	if (reader->alert_left > 0) {
		uint8_t byte = (uint8_t)input->data[0];
		consume(input, 1);
		reader->body_left--;
		if (--reader->alert_left > 0) {
			reader->alert_level = byte;
			return 0;
		}
		*ret_item = (struct tls_item){.kind = TLS_ITEM_ALERT, .level = reader->alert_level, .description = byte};
		return 1;
	}
	size_t skip = reader->body_left < input->len ? reader->body_left : input->len;
	if (type == APPLICATION_DATA)
		reader->data_bytes += skip;
	reader->body_left -= skip;
	consume(input, skip);
	return 0;
}

int tls_next(struct tls_reader *reader, enum stream_side side, struct slice *input, struct stream_moment at, struct tls_item *ret_item) {
	reader->begun |= input->len > 0;
	while (input->len > 0 && !reader->lost) {
		if (reader->body_left == 0)
			read_header(reader, side, input);
		else if (read_body(reader, side, input, at, ret_item) > 0)
			return 1;
	}
	consume(input, input->len);
	return 0;
}

/* ---- Both sides ---- */

/* The types of the extensions in a row, each two bytes. */
static void list_extensions(struct slice block, struct tls_scratch *scratch) {
	size_t count = 0;
	uint16_t type;
	struct slice value;
	while (tls_handshake_next_extension(&block, &type, &value)) {
		if (count == EVENT_TLS_EXTENSIONS_MAX) {
			scratch->hello.extensions_over_limit = true;
			break;
		}
		scratch->extensions[2 * count] = (char)(type >> 8);
		scratch->extensions[2 * count + 1] = (char)type;
		count++;
	}
	scratch->hello.extensions = (struct slice){scratch->extensions, 2 * count};
}

/* A list of values of two bytes; empty when it is none. */
static struct slice pairs(struct slice list) {
	return list.len % 2 == 0 ? list : (struct slice){NULL, 0};
}

static struct slice extension_pairs(struct slice block, uint16_t type) {
	struct slice value;
	return tls_handshake_find_extension(block, type, &value) ? pairs(tls_handshake_list16(value)) : (struct slice){NULL, 0};
}

static void describe_client(const struct tls_client_hello *hello, struct tls_scratch *scratch) {
	struct event_tls_hello *told = &scratch->hello;
	struct slice block = hello->extensions, value;
	*told = (struct event_tls_hello){.legacy_version = hello->legacy_version, .version = hello->legacy_version, .ssl2 = hello->ssl2};
	if (hello->ssl2)
		return;
	told->ciphers = hello->ciphers;
	list_extensions(block, scratch);
	told->groups = extension_pairs(block, TLS_HANDSHAKE_SUPPORTED_GROUPS);
	told->signature_algorithms = extension_pairs(block, TLS_HANDSHAKE_SIGNATURE_ALGORITHMS);
	if (tls_handshake_find_extension(block, TLS_HANDSHAKE_POINT_FORMATS, &value))
		told->point_formats = tls_handshake_list8(value);
	if (tls_handshake_find_extension(block, TLS_HANDSHAKE_SUPPORTED_VERSIONS, &value))
		told->versions = pairs(tls_handshake_list8(value));
	told->has_server_name = tls_handshake_find_extension(block, TLS_HANDSHAKE_SERVER_NAME, &value);
	if (told->has_server_name)
		told->server_name = tls_handshake_host_name(value);
	if (tls_handshake_find_extension(block, TLS_HANDSHAKE_ALPN, &value))
		told->protocols = tls_handshake_list16(value);
	uint16_t highest = 0;
	for (size_t i = 0; i < event_tls_pair_count(told->versions); i++) {
		uint16_t version = event_tls_pair(told->versions, i);
		if (!tls_handshake_is_grease(version) && version > highest)
			highest = version;
	}
	if (highest != 0)
		told->version = highest;
}

static void learn_client(struct tls_connection *connection, const struct tls_client_hello *hello) {
	struct slice value;
	connection->client_known = true;
	connection->early_data |= tls_handshake_find_extension(hello->extensions, TLS_HANDSHAKE_EARLY_DATA, &value);
	connection->session_id_len = (uint8_t)hello->session_id.len;
	if (hello->session_id.len > 0)
		memcpy(connection->session_id, hello->session_id.data, hello->session_id.len);
}

static const struct event_tls_hello *read_client_hello(struct tls_connection *connection, const struct tls_item *item,
	struct tls_scratch *scratch) {
	struct tls_client_hello hello;
	if (!(item->ssl2 ? tls_handshake_parse_ssl2_hello : tls_handshake_parse_client_hello)(item->body, &hello))
		return NULL;
	describe_client(&hello, scratch);
	learn_client(connection, &hello);
	return &scratch->hello;
}

/* Up to TLS 1.2 a server that goes on with an earlier session sends the client's session identifier back (RFC 5246, 7.4.1.3; RFC
 * 5077, 3.4); one that does not may all the same go on by a ticket, so that only its certificate tells. */
static int resumed(const struct tls_connection *connection, const struct tls_server_hello *hello) {
	if (hello->version >= TLS13)
		return hello->pre_shared_key ? EVENT_TLS_RESUMED_YES : EVENT_TLS_RESUMED_NO;
	bool same = connection->client_known && hello->session_id.len > 0 && hello->session_id.len == connection->session_id_len &&
		memcmp(hello->session_id.data, connection->session_id, hello->session_id.len) == 0;
	return same ? EVENT_TLS_RESUMED_YES : EVENT_TLS_RESUMED_UNKNOWN;
}

static const struct event_tls_hello *read_server_hello(struct tls_connection *connection, const struct tls_item *item,
	struct tls_scratch *scratch) {
	struct tls_server_hello hello;
	struct slice value;
	if (!tls_handshake_parse_server_hello(item->body, &hello))
		return NULL;
	scratch->hello = (struct event_tls_hello){
		.legacy_version = hello.legacy_version, .version = hello.version, .cipher = hello.cipher, .retry = hello.retry};
	list_extensions(hello.extensions, scratch);
	if (tls_handshake_find_extension(hello.extensions, TLS_HANDSHAKE_ALPN, &value))
		scratch->hello.protocols = tls_handshake_list16(value);
	if (!hello.retry)
		scratch->hello.resumed = resumed(connection, &hello);
	connection->version = hello.version;
	connection->retried |= hello.retry;
	connection->server_known |= !hello.retry;
	return &scratch->hello;
}

/* Of each side two hellos at most are told of; more there are only in a handshake that is none. */
static bool tell_hello(struct tls_connection *connection, enum stream_side side, const struct tls_item *item,
	struct tls_scratch *scratch, struct event_tls *event) {
	bool client = side == STREAM_CLIENT;
	if (connection->told[side] == 2)
		return false;
	connection->told[side]++;
	event->step = client ? EVENT_TLS_CLIENT_HELLO : EVENT_TLS_SERVER_HELLO;
	event->hello = (client ? read_client_hello : read_server_hello)(connection, item, scratch);
	return true;
}

static bool tell_certificate(const struct tls_item *item, struct event_tls *event) {
	struct slice list;
	event->step = EVENT_TLS_CERTIFICATE;
	if (!tls_handshake_parse_certificates(item->body, &list, &event->certificate_count))
		return false;
	tls_handshake_next_certificate(&list, &event->certificate);
	return true;
}

/* From here on the sender's handshake records are encrypted; not in TLS 1.3, where the message means nothing (RFC 8446, D.4). A
 * client that sends it with early data does not yet know whether it will be TLS 1.3. */
static void change_cipher_spec(struct tls_connection *connection, enum stream_side side) {
	bool tls13 = connection->retried || connection->version >= TLS13 ||
		(side == STREAM_CLIENT && connection->version == 0 && connection->early_data);
	if (!tls13)
		connection->side[side].sealed = true;
}

static bool tell_data(struct tls_connection *connection, enum stream_side side, const struct tls_item *item, struct event_tls *event) {
	bool client = side == STREAM_CLIENT;
	if (connection->version >= TLS13) {
		/* Whether data comes early, the client's hello says. */
		if (client && connection->client_known && !connection->early_data && item->len >= SEALED_FINISHED_MIN)
			connection->client_done = true;
		/* Nothing but an alert is that short, of which the server's could say that the client was not accepted. */
		if (!client && connection->client_done && item->len > SEALED_ALERT_MAX)
			connection->complete = true;
	} else if (connection->side[STREAM_CLIENT].finished && connection->side[STREAM_SERVER].finished) {
		connection->complete = true;
	}
	event->step = EVENT_TLS_ENCRYPTED;
	bool first = !connection->encrypted_told;
	connection->encrypted_told = true;
	return first;
}

bool tls_tell(struct tls_connection *connection, enum stream_side side, const struct tls_item *item, struct tls_scratch *scratch,
	struct event_tls *ret_event) {
	*ret_event = (struct event_tls){.begun = item->begun};
	switch (item->kind) {
	case TLS_ITEM_HANDSHAKE:
		if (item->type == TLS_HANDSHAKE_CERTIFICATE)
			return tell_certificate(item, ret_event);
		return tell_hello(connection, side, item, scratch, ret_event);
	case TLS_ITEM_CHANGE_CIPHER_SPEC:
		change_cipher_spec(connection, side);
		return false;
	case TLS_ITEM_ALERT:
		ret_event->step = EVENT_TLS_ALERT;
		ret_event->alert_level = item->level;
		ret_event->alert_description = item->description;
		connection->failed |= item->level == EVENT_TLS_ALERT_FATAL && !connection->complete;
		return true;
	case TLS_ITEM_APPLICATION_DATA:
		return tell_data(connection, side, item, ret_event);
	}
	return false;
}

bool tls_tell_broken(struct tls_connection *connection, enum stream_side side, struct event_tls *ret_event) {
	const struct tls_reader *reader = &connection->side[side];
	if (connection->told[side] > 0 || reader->message_len == 0 || !is_hello(reader, side))
		return false;
	connection->told[side] = 2;
	*ret_event = (struct event_tls){
		.step = side == STREAM_CLIENT ? EVENT_TLS_CLIENT_HELLO : EVENT_TLS_SERVER_HELLO, .begun = reader->message_begun};
	return true;
}

/* Did the connection end before both sides can have sent what completes the handshake? Only who saw all of it can tell. */
static bool cannot_be_complete(const struct tls_connection *connection) {
	const struct tls_reader *client = &connection->side[STREAM_CLIENT], *server = &connection->side[STREAM_SERVER];
	if (!connection->client_known || client->lost || server->lost || connection->complete)
		return false;
	if (!connection->server_known)
		return connection->told[STREAM_SERVER] == 0 || connection->retried;
	if (connection->version >= TLS13)
		return !connection->early_data && client->data_bytes < SEALED_FINISHED_MIN;
	return !client->sealed || !server->sealed;
}

struct event_tls_end tls_end(const struct tls_connection *connection, bool both_captured, bool ended) {
	struct event_tls_end end = {0};
	for (int side = 0; side < 2; side++) {
		const struct tls_reader *reader = &connection->side[side];
		end.data[side].known = !reader->lost;
		end.data[side].records = reader->data_records;
		end.data[side].bytes = reader->data_bytes;
	}
	if (connection->complete)
		end.handshake = EVENT_TLS_HANDSHAKE_COMPLETE;
	else if (connection->failed || (both_captured && ended && cannot_be_complete(connection)))
		end.handshake = EVENT_TLS_HANDSHAKE_FAILED;
	return end;
}
