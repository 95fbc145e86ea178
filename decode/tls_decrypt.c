/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "decode/tls_decrypt.h"

#include <stdlib.h>
#include <string.h>

#include "decode/ascii.h"
#include "decode/hold.h"
#include "decode/tls.h"
#include "decode/tls_cipher.h"
#include "decode/tls_handshake.h"
#include "decode/wipe.h"

enum {
	MESSAGE_MAX = 16384,     /* of a handshake message that is looked into; */
	CERTIFICATES_MAX = TLS_MESSAGE_MAX, /* of one with certificates, as of those in clear */
	EARLY_RECORDS_MAX = 64,  /* of 0-RTT, or of a handshake whose keys are not known */
	WAIT_NS_MAX_S = 10,      /* how long a key is waited for, in the time of the packets */
	SEARCH_MAX = 65536,      /* bytes behind a hole among which the next record is looked for */
	SEARCH_SEQUENCES_MAX = 2048, /* records that a hole may have held */
	RECORD_LEN_MIN = TLS_RECORD_HEADER_LEN + 9, /* the shortest protected one: the tag of CCM_8, and a type */
};

/* What is spent on one connection's holes, in bytes that are decrypted in vain. */
#define SEARCH_WORK_MAX (UINT64_C(32) << 20)

#define WAIT_NS_MAX (INT64_C(1000000000) * WAIT_NS_MAX_S)

enum content { CONTENT_CHANGE_CIPHER_SPEC = 20, CONTENT_ALERT = 21, CONTENT_HANDSHAKE = 22, CONTENT_DATA = 23 };

enum message {
	MESSAGE_CLIENT_HELLO = TLS_HANDSHAKE_CLIENT_HELLO,
	MESSAGE_SERVER_HELLO = TLS_HANDSHAKE_SERVER_HELLO,
	MESSAGE_NEW_SESSION_TICKET = 4,
	MESSAGE_ENCRYPTED_EXTENSIONS = 8,
	MESSAGE_CERTIFICATE = TLS_HANDSHAKE_CERTIFICATE,
	MESSAGE_SERVER_HELLO_DONE = 14,
	MESSAGE_CLIENT_KEY_EXCHANGE = 16,
	MESSAGE_FINISHED = TLS_HANDSHAKE_FINISHED,
	MESSAGE_KEY_UPDATE = 24,
};

enum { EXTENSION_SESSION_TICKET = 35 }; /* RFC 5077 */

/* What one direction's next record is protected with. */
enum guard { GUARD_NONE, GUARD_HANDSHAKE, GUARD_DATA };

struct messages { /* handshake messages, whose ends need not be those of records */
	uint8_t header[4];
	size_t header_len;
	size_t left;      /* of the current one */
	uint8_t *body;    /* if it is to be looked into */
	size_t body_len;
	bool lost;        /* where the next one begins is not known */
	struct stream_moment begun; /* its first byte's record */
};

struct direction {
	enum stream_side side;
	enum guard guard;
	struct tls_cipher *cipher; /* NULL: to be derived with the next protected record, or there is none */
	uint64_t sequence;
	bool proven;               /* a record was opened */
	struct messages messages;

	uint64_t offset;           /* behind the last byte taken */
	uint8_t header[TLS_RECORD_HEADER_LEN];
	size_t header_len;
	size_t body_len;           /* of the record that is being read, once its header is there */
	size_t body_have;
	bool body_kept;            /* it lies in `body`, as it did not come at once */
	bool body_damaged;         /* a part of it is missing */
	size_t body_lost;          /* so much */
	bool body_complete;        /* and waits for its key */
	uint8_t *body;
	size_t body_capacity;
	uint64_t peer_offset;      /* of the chunk that completed it */
	struct stream_moment at;

	bool searching;            /* for the next record behind a hole */
	uint8_t *found;            /* what came behind it */
	size_t found_len, found_capacity;
	uint64_t hole_len;         /* bytes of records that were not read */
	uint64_t hole_captured;    /* of these, those that were there */
	unsigned early_records;    /* that could not be read, before the keys were those of the handshake's end */
};

struct decryption {
	struct tls_decryptor *decryptor;
	struct decryptor_sink sink;
	bool blind;
	enum event_tls_reason reason;
	bool has_client_hello;
	bool full_handshake;            /* TLS 1.2: no session was resumed */
	bool client_early_data, server_extensions_seen;
	bool encrypt_then_mac, ticket_issued;
	enum tls_version version;       /* 0 before the ServerHello */
	const struct tls_suite *suite;  /* NULL before the ServerHello */
	struct tls_cipher_randoms randoms;
	uint8_t session_id[KEYLOG_ID_LEN]; /* of the ServerHello */
	uint8_t ticket[KEYLOG_ID_LEN];  /* a hash of that in the ClientHello */
	bool has_session_id, has_ticket;
	uint8_t new_ticket[KEYLOG_ID_LEN];
	struct keylog_secret master;    /* TLS 1.2, once known */
	struct direction side[2];
	uint64_t search_work;
	bool waiting;
	int64_t waiting_since_ns;
	struct held_chunk *current;     /* a part of the oldest one that waits */
	struct hold_queue held;         /* behind it */
};

struct tls_decryptor {
	struct decryptor border;
	struct tls_decryptor_options options;
	struct tls_crypto *crypto;
	struct tls_decryptor_stats stats;
};

/* What came of a record. */
enum outcome {
	OUTCOME_DONE,
	OUTCOME_WAIT, /* its key is not there yet */
	OUTCOME_BLIND,
};

static enum outcome become_blind(struct decryption *decryption, enum event_tls_reason reason) {
	if (!decryption->blind)
		decryption->reason = reason;
	decryption->blind = true;
	return OUTCOME_BLIND;
}

/* ---- Hellos ---- */

static void on_client_hello(struct decryption *decryption, struct slice body) {
	struct tls_client_hello hello;
	struct slice value;
	if (!tls_handshake_parse_client_hello(body, &hello))
		return;
	memcpy(decryption->randoms.client, hello.random.data, sizeof(decryption->randoms.client));
	decryption->has_client_hello = true;
	decryption->client_early_data = tls_handshake_find_extension(hello.extensions, TLS_HANDSHAKE_EARLY_DATA, &value);
	decryption->has_ticket = tls_handshake_find_extension(hello.extensions, EXTENSION_SESSION_TICKET, &value) && value.len > 0 &&
		tls_crypto_hash_ticket(decryption->decryptor->crypto, (const uint8_t *)value.data, value.len, decryption->ticket);
}

static void expect_guard(struct direction *direction, enum guard guard) {
	direction->guard = guard;
	direction->sequence = 0;
	tls_cipher_destroy(direction->cipher);
	direction->cipher = NULL;
}

static enum outcome on_server_hello(struct decryption *decryption, struct slice body) {
	struct tls_server_hello hello;
	struct slice value;
	if (!tls_handshake_parse_server_hello(body, &hello))
		return become_blind(decryption, EVENT_TLS_REASON_DAMAGED);
	if (!decryption->has_client_hello)
		return become_blind(decryption, EVENT_TLS_REASON_NO_KEY); /* what would name it was not seen */
	if (hello.retry)
		return OUTCOME_DONE; /* the client answers with another hello of the same random */
	if ((hello.version != TLS_VERSION_1_2 && hello.version != TLS_VERSION_1_3) || hello.compression != 0)
		return become_blind(decryption, EVENT_TLS_REASON_UNSUPPORTED);
	decryption->version = (enum tls_version)hello.version;
	decryption->suite = tls_suite_find(hello.cipher, decryption->version);
	if (decryption->suite == NULL)
		return become_blind(decryption, EVENT_TLS_REASON_UNSUPPORTED);
	decryption->encrypt_then_mac = tls_handshake_find_extension(hello.extensions, TLS_HANDSHAKE_ENCRYPT_THEN_MAC, &value);
	decryption->master.len = 0;
	decryption->ticket_issued = decryption->full_handshake = false;
	memcpy(decryption->randoms.server, hello.random.data, sizeof(decryption->randoms.server));
	decryption->has_session_id = hello.session_id.len > 0;
	memset(decryption->session_id, 0, sizeof(decryption->session_id));
	if (decryption->has_session_id)
		memcpy(decryption->session_id, hello.session_id.data, hello.session_id.len);
	if (decryption->version == TLS_VERSION_1_3)
		for (int side = 0; side < 2; side++)
			expect_guard(&decryption->side[side], GUARD_HANDSHAKE);
	return OUTCOME_DONE;
}

/* ---- Handshake messages ---- */

/* TLS 1.3: what comes next of this direction is data. 0-RTT that the server accepted stands before it, and was not read: nobody sends
 * mail that way, so it is not worth the memory to keep it until the server has said whether it accepts it. That it does is seen in its
 * extensions; if these were not read, it may. */
static enum outcome end_handshake(struct decryption *decryption, struct direction *direction) {
	bool early = direction->side == STREAM_CLIENT && direction->early_records > 0 && decryption->client_early_data;
	if (early && !decryption->server_extensions_seen)
		return become_blind(decryption, EVENT_TLS_REASON_EARLY_DATA);
	expect_guard(direction, GUARD_DATA);
	return OUTCOME_DONE;
}

/* How long a message of the type may be to be looked into. */
static size_t message_max(const struct direction *direction, uint8_t type) {
	switch (type) {
	case MESSAGE_CLIENT_HELLO:
	case MESSAGE_SERVER_HELLO:
	case MESSAGE_NEW_SESSION_TICKET:
	case MESSAGE_ENCRYPTED_EXTENSIONS:
		return MESSAGE_MAX;
	case MESSAGE_CERTIFICATE: /* one in clear has been seen without us */
		return direction->guard != GUARD_NONE ? CERTIFICATES_MAX : 0;
	default:
		return 0;
	}
}

static void tell(struct decryption *decryption, const struct direction *direction, const struct event_tls *tls) {
	decryption->sink.tls(decryption->sink.context, direction->side, tls, direction->at);
}

/* In TLS 1.3 (RFC 8446, 4.4.2), or of a renegotiation. */
static void on_certificates(struct decryption *decryption, const struct direction *direction, struct slice body) {
	struct event_tls tls = {.step = EVENT_TLS_CERTIFICATE, .begun = direction->messages.begun};
	struct slice list;
	bool is_1_3 = decryption->version == TLS_VERSION_1_3;
	if (!(is_1_3 ? tls_handshake_parse_certificates13 : tls_handshake_parse_certificates)(body, &list, &tls.certificate_count))
		return;
	(is_1_3 ? tls_handshake_next_certificate13 : tls_handshake_next_certificate)(&list, &tls.certificate);
	tell(decryption, direction, &tls);
}

/* RFC 8446, 6: level and description; nobody cuts or joins them. */
static void on_alert(struct decryption *decryption, const struct direction *direction, const struct tls_opened *opened) {
	if (opened->len == 2)
		tell(decryption, direction, &(struct event_tls){.step = EVENT_TLS_ALERT,
						    .begun = direction->at,
						    .alert_level = opened->data[0],
						    .alert_description = opened->data[1]});
}

static enum outcome on_message(struct decryption *decryption, struct direction *direction, uint8_t type) {
	const struct messages *messages = &direction->messages;
	bool client = direction->side == STREAM_CLIENT, is_1_3 = decryption->version == TLS_VERSION_1_3;
	struct slice body = {(const char *)messages->body, messages->body_len}, value;
	switch (type) {
	case MESSAGE_CLIENT_HELLO:
		if (client && messages->body != NULL)
			on_client_hello(decryption, body);
		return OUTCOME_DONE;
	case MESSAGE_SERVER_HELLO:
		if (client || messages->body == NULL || (is_1_3 && direction->guard != GUARD_NONE))
			return OUTCOME_DONE;
		return on_server_hello(decryption, body);
	case MESSAGE_NEW_SESSION_TICKET:
		if (client || is_1_3 || messages->body == NULL || body.len < 4)
			return OUTCOME_DONE; /* in TLS 1.3 a ticket names a key that is another one each time */
		body = tls_handshake_list16(slice_skip(body, 4)); /* RFC 5077, 3.3: behind its lifetime */
		decryption->ticket_issued = body.len > 0 && tls_crypto_hash_ticket(decryption->decryptor->crypto,
								    (const uint8_t *)body.data, body.len, decryption->new_ticket);
		return OUTCOME_DONE;
	case MESSAGE_ENCRYPTED_EXTENSIONS:
		if (client || !is_1_3 || messages->body == NULL)
			return OUTCOME_DONE;
		decryption->server_extensions_seen = true;
		body = tls_handshake_list16(body);
		if (decryption->client_early_data && tls_handshake_find_extension(body, TLS_HANDSHAKE_EARLY_DATA, &value))
			return become_blind(decryption, EVENT_TLS_REASON_EARLY_DATA);
		return OUTCOME_DONE;
	case MESSAGE_CERTIFICATE:
		if (messages->body != NULL)
			on_certificates(decryption, direction, body);
		return OUTCOME_DONE;
	case MESSAGE_SERVER_HELLO_DONE:
	case MESSAGE_CLIENT_KEY_EXCHANGE:
		decryption->full_handshake = true;
		return OUTCOME_DONE;
	case MESSAGE_FINISHED:
		if (is_1_3 && direction->guard == GUARD_HANDSHAKE)
			return end_handshake(decryption, direction);
		return OUTCOME_DONE;
	case MESSAGE_KEY_UPDATE:
		if (!is_1_3 || direction->guard != GUARD_DATA || direction->cipher == NULL)
			return OUTCOME_DONE;
		direction->sequence = 0;
		return tls_cipher_update(direction->cipher) ? OUTCOME_DONE : become_blind(decryption, EVENT_TLS_REASON_DAMAGED);
	default:
		return OUTCOME_DONE;
	}
}

/* RFC 5246, 7.4: type, length in three bytes, body. */
static enum outcome take_messages(struct decryption *decryption, struct direction *direction, const uint8_t *data, size_t len) {
	struct messages *messages = &direction->messages;
	while (len > 0 && !messages->lost) {
		if (messages->header_len < sizeof(messages->header)) {
			if (messages->header_len == 0)
				messages->begun = direction->at;
			messages->header[messages->header_len++] = *data++;
			len--;
			if (messages->header_len < sizeof(messages->header))
				continue;
			messages->left = (size_t)messages->header[1] << 16 | (size_t)messages->header[2] << 8 | messages->header[3];
			messages->body_len = 0;
			size_t max = message_max(direction, messages->header[0]);
			if (max > 0 && messages->left <= max)
				messages->body = malloc(messages->left + 1); /* an empty one, too, is there */
		}
		size_t part = len < messages->left ? len : messages->left;
		if (messages->body != NULL && part > 0) {
			memcpy(messages->body + messages->body_len, data, part);
			messages->body_len += part;
		}
		messages->left -= part;
		data += part;
		len -= part;
		if (messages->left > 0)
			break;
		messages->header_len = 0;
		enum outcome outcome = on_message(decryption, direction, messages->header[0]);
		free(messages->body);
		messages->body = NULL;
		if (outcome != OUTCOME_DONE)
			return outcome;
	}
	return OUTCOME_DONE;
}

/* A part of them was in a hole. Where the next one begins is still known if the hole ends within one. */
static void lose_messages(struct decryption *decryption, struct direction *direction, size_t len) {
	struct messages *messages = &direction->messages;
	free(messages->body);
	messages->body = NULL;
	if (messages->header_len == sizeof(messages->header) && messages->header[0] != MESSAGE_CLIENT_HELLO &&
		messages->header[0] != MESSAGE_SERVER_HELLO && len < messages->left)
		messages->left -= len;
	else
		messages->lost = true;
}

/* ---- Keys ---- */

static bool may_come(struct decryption *decryption, const struct direction *direction) {
	if (!decryption->decryptor->options.grows)
		return false;
	if (!decryption->waiting) {
		decryption->waiting = true;
		decryption->waiting_since_ns = direction->at.time_ns;
	}
	return direction->at.time_ns - decryption->waiting_since_ns < WAIT_NS_MAX;
}

static bool find_master(struct decryption *decryption) {
	const struct keylog *keylog = decryption->decryptor->options.keylog;
	struct keylog_secret *master = &decryption->master;
	if (master->len > 0 || keylog_find(keylog, KEYLOG_MASTER, decryption->randoms.client, master))
		return true;
	return !decryption->full_handshake &&
	       ((decryption->has_session_id && keylog_find(keylog, KEYLOG_SESSION_ID, decryption->session_id, master)) ||
		       (decryption->has_ticket && keylog_find(keylog, KEYLOG_TICKET, decryption->ticket, master)));
}

/* It was proven: sessions that are resumed may have no line of their own in the key log. */
static void remember_master(struct decryption *decryption) {
	struct keylog *keylog = decryption->decryptor->options.keylog;
	const struct keylog_secret *master = &decryption->master;
	if (decryption->has_session_id)
		keylog_put(keylog, KEYLOG_SESSION_ID, decryption->session_id, master->data, master->len);
	if (decryption->ticket_issued)
		keylog_put(keylog, KEYLOG_TICKET, decryption->new_ticket, master->data, master->len);
}

static struct tls_cipher *find_traffic_key(struct decryption *decryption, enum keylog_label label) {
	struct keylog_secret secret;
	if (!keylog_find(decryption->decryptor->options.keylog, label, decryption->randoms.client, &secret))
		return NULL;
	struct tls_cipher *cipher = tls_cipher_create_1_3(decryption->decryptor->crypto, decryption->suite, &secret);
	wipe(&secret, sizeof(secret));
	return cipher;
}

static struct tls_cipher *find_key(struct decryption *decryption, const struct direction *direction, enum guard guard) {
	bool client = direction->side == STREAM_CLIENT;
	if (decryption->version == TLS_VERSION_1_3)
		return find_traffic_key(decryption, guard == GUARD_DATA ? client ? KEYLOG_CLIENT_TRAFFIC : KEYLOG_SERVER_TRAFFIC
						    : client            ? KEYLOG_CLIENT_HANDSHAKE
									: KEYLOG_SERVER_HANDSHAKE);
	if (!find_master(decryption))
		return NULL;
	return tls_cipher_create(decryption->decryptor->crypto, decryption->suite, &decryption->master, &decryption->randoms,
		!client, decryption->encrypt_then_mac);
}

/* ---- Records ---- */

static void give(struct decryption *decryption, const struct direction *direction, const uint8_t *data, size_t len) {
	decryption->sink.piece(decryption->sink.context, &(struct decryptor_piece){.side = direction->side,
								 .data = data,
								 .len = len,
								 .end_offset = direction->offset,
								 .peer_offset = direction->peer_offset,
								 .at = direction->at});
}

/* The rest of what a hole took part of. */
static void give_unread(struct decryption *decryption, const struct direction *direction, uint64_t len) {
	if (len > 0)
		decryption->sink.piece(decryption->sink.context, &(struct decryptor_piece){.side = direction->side,
									 .len = (size_t)len,
									 .captured = true,
									 .end_offset = direction->offset,
									 .peer_offset = direction->peer_offset,
									 .at = direction->at});
}

static enum outcome on_opened(struct decryption *decryption, struct direction *direction, const struct tls_opened *opened) {
	if (!direction->proven) {
		direction->proven = true;
		if (!decryption->side[!direction->side].proven)
			decryption->decryptor->stats.read++;
		if (decryption->version == TLS_VERSION_1_2)
			remember_master(decryption); /* each time: a ticket comes late */
	}
	switch (opened->type) {
	case CONTENT_DATA:
		if (direction->guard == GUARD_HANDSHAKE)
			return become_blind(decryption, EVENT_TLS_REASON_DAMAGED);
		if (opened->len > 0)
			give(decryption, direction, opened->data, opened->len);
		return OUTCOME_DONE;
	case CONTENT_HANDSHAKE:
		return take_messages(decryption, direction, opened->data, opened->len);
	case CONTENT_CHANGE_CIPHER_SPEC: /* of a renegotiation */
		if (decryption->version == TLS_VERSION_1_2)
			expect_guard(direction, GUARD_DATA);
		return OUTCOME_DONE;
	case CONTENT_ALERT:
		on_alert(decryption, direction, opened);
		return OUTCOME_DONE;
	default:
		return OUTCOME_DONE;
	}
}

/* The first records of a TLS 1.3 direction may be of other keys than those of the handshake: 0-RTT that the server did not want, or
 * the handshake itself when only the keys behind it are known. Its end is proven by the first record that they open. */
static bool try_data_key(struct decryption *decryption, struct direction *direction, const uint8_t *body, size_t len,
	struct tls_opened *ret_opened, bool *ret_known) {
	struct tls_cipher *cipher = find_key(decryption, direction, GUARD_DATA);
	*ret_known = cipher != NULL;
	if (cipher == NULL)
		return false;
	if (!tls_cipher_open(cipher, 0, direction->header, body, len, ret_opened)) {
		tls_cipher_destroy(cipher);
		return false;
	}
	if (end_handshake(decryption, direction) != OUTCOME_DONE) {
		tls_cipher_destroy(cipher);
		return false;
	}
	direction->cipher = cipher;
	direction->messages.header_len = 0;
	direction->messages.lost = false;
	return true;
}

static enum outcome open_handshake_record(
	struct decryption *decryption, struct direction *direction, const uint8_t *body, size_t len) {
	struct tls_opened opened;
	if (direction->cipher == NULL)
		direction->cipher = find_key(decryption, direction, GUARD_HANDSHAKE);
	bool has_key = direction->cipher != NULL, has_data_key = false;
	if ((has_key && tls_cipher_open(direction->cipher, direction->sequence, direction->header, body, len, &opened)) ||
		try_data_key(decryption, direction, body, len, &opened, &has_data_key)) {
		direction->sequence++;
		return on_opened(decryption, direction, &opened);
	}
	if (decryption->blind)
		return OUTCOME_BLIND;
	if (!has_key && !has_data_key)
		return may_come(decryption, direction) ? OUTCOME_WAIT : become_blind(decryption, EVENT_TLS_REASON_NO_KEY);
	bool early_data = decryption->client_early_data && direction->side == STREAM_CLIENT;
	if ((has_key && !early_data && !direction->messages.lost) || ++direction->early_records > EARLY_RECORDS_MAX)
		return become_blind(decryption, direction->sequence > 0 ? EVENT_TLS_REASON_DAMAGED : EVENT_TLS_REASON_WRONG_KEY);
	return OUTCOME_DONE;
}

static enum outcome open_data_record(struct decryption *decryption, struct direction *direction, const uint8_t *body, size_t len) {
	struct tls_opened opened;
	if (direction->cipher == NULL) {
		direction->cipher = find_key(decryption, direction, GUARD_DATA);
		if (direction->cipher == NULL)
			return may_come(decryption, direction) ? OUTCOME_WAIT : become_blind(decryption, EVENT_TLS_REASON_NO_KEY);
	}
	if (!tls_cipher_open(direction->cipher, direction->sequence, direction->header, body, len, &opened))
		return become_blind(decryption, direction->sequence > 0 ? EVENT_TLS_REASON_DAMAGED : EVENT_TLS_REASON_WRONG_KEY);
	direction->sequence++;
	return on_opened(decryption, direction, &opened);
}

static enum outcome on_clear_record(struct decryption *decryption, struct direction *direction, const uint8_t *body, size_t len) {
	switch (direction->header[0]) {
	case CONTENT_HANDSHAKE:
		return take_messages(decryption, direction, body, len);
	case CONTENT_CHANGE_CIPHER_SPEC: /* before the ServerHello it is the one that TLS 1.3 sends for show */
		if (decryption->version == TLS_VERSION_1_2)
			expect_guard(direction, GUARD_DATA);
		return OUTCOME_DONE;
	case CONTENT_DATA: /* 0-RTT before the ServerHello */
		if (direction->side == STREAM_CLIENT && decryption->client_early_data &&
			++direction->early_records <= EARLY_RECORDS_MAX)
			return OUTCOME_DONE;
		return become_blind(decryption, EVENT_TLS_REASON_DAMAGED);
	default:
		return OUTCOME_DONE;
	}
}

static enum outcome on_record(struct decryption *decryption, struct direction *direction, const uint8_t *body, size_t len) {
	if (direction->guard == GUARD_NONE)
		return on_clear_record(decryption, direction, body, len);
	/* RFC 8446, 5: in TLS 1.3 all records that are protected say that they are data. */
	if (decryption->version == TLS_VERSION_1_3 && direction->header[0] != CONTENT_DATA)
		return direction->header[0] == CONTENT_HANDSHAKE ? become_blind(decryption, EVENT_TLS_REASON_DAMAGED) : OUTCOME_DONE;
	return direction->guard == GUARD_HANDSHAKE ? open_handshake_record(decryption, direction, body, len)
						   : open_data_record(decryption, direction, body, len);
}

/* A part of the record is missing, but where the next one begins is known. If that one is not of the keys and the number that it
 * should be, it will not prove genuine. */
static enum outcome on_damaged_record(struct decryption *decryption, struct direction *direction) {
	if (direction->guard == GUARD_NONE) {
		if (direction->header[0] == CONTENT_HANDSHAKE)
			lose_messages(decryption, direction, direction->body_len);
		if (direction->messages.lost && decryption->version == 0)
			return become_blind(decryption, EVENT_TLS_REASON_GAP); /* a hello may be in there */
		return OUTCOME_DONE;
	}
	if (decryption->version == TLS_VERSION_1_3 && direction->header[0] != CONTENT_DATA)
		return OUTCOME_DONE;
	if (direction->guard == GUARD_HANDSHAKE)
		direction->messages.lost = true;
	else
		give_unread(decryption, direction, direction->body_len - direction->body_lost);
	direction->sequence++;
	return OUTCOME_DONE;
}

/* ---- Behind a hole ---- */

static bool is_header(const struct decryption *decryption, const uint8_t *header) {
	size_t len = (size_t)header[3] << 8 | header[4];
	bool type = decryption->version == TLS_VERSION_1_3 ? header[0] == CONTENT_DATA
							   : header[0] >= CONTENT_CHANGE_CIPHER_SPEC && header[0] <= CONTENT_DATA;
	return type && header[1] == 3 && header[2] <= 3 && len <= TLS_RECORD_MAX && len > 0;
}

/* Tries to open what may be a record with the numbers that it may have. */
static bool try_sequences(struct decryption *decryption, struct direction *direction, struct tls_cipher *cipher, const uint8_t *header,
	size_t len, uint64_t first, struct tls_opened *ret_opened, uint64_t *ret_sequence) {
	uint64_t count = direction->hole_len / RECORD_LEN_MIN + 2;
	if (count > SEARCH_SEQUENCES_MAX)
		count = SEARCH_SEQUENCES_MAX;
	for (uint64_t i = 0; i < count && decryption->search_work < SEARCH_WORK_MAX; i++) {
		decryption->search_work += len + TLS_RECORD_HEADER_LEN;
		if (tls_cipher_open(cipher, first + i, header, header + TLS_RECORD_HEADER_LEN, len, ret_opened)) {
			*ret_sequence = first + i;
			return true;
		}
	}
	return false;
}

static enum outcome take_found(struct decryption *decryption, struct direction *direction, const uint8_t *header, size_t len,
	bool *ret_proven) {
	struct tls_opened opened;
	uint64_t sequence;
	*ret_proven = false;
	if (direction->guard == GUARD_HANDSHAKE) {
		struct tls_cipher *cipher = find_key(decryption, direction, GUARD_DATA);
		if (cipher == NULL)
			return become_blind(decryption, EVENT_TLS_REASON_GAP);
		if (!try_sequences(decryption, direction, cipher, header, len, 0, &opened, &sequence) ||
			end_handshake(decryption, direction) != OUTCOME_DONE) {
			tls_cipher_destroy(cipher);
			return decryption->blind ? OUTCOME_BLIND : OUTCOME_DONE;
		}
		direction->cipher = cipher;
	} else if (direction->cipher == NULL || !try_sequences(decryption, direction, direction->cipher, header, len,
							direction->sequence, &opened, &sequence)) {
		return OUTCOME_DONE;
	}
	*ret_proven = true;
	direction->sequence = sequence + 1;
	direction->messages.header_len = 0;
	direction->messages.lost = false;
	direction->searching = false;
	direction->hole_len = 0;
	give_unread(decryption, direction, direction->hole_captured);
	return on_opened(decryption, direction, &opened);
}

/* Looks among the bytes behind the hole for a record that proves genuine. Returns how many of them are used up. */
static enum outcome search(struct decryption *decryption, struct direction *direction, size_t *ret_used) {
	size_t at = 0;
	enum outcome outcome = OUTCOME_DONE;
	while (outcome == OUTCOME_DONE && direction->searching && direction->found_len - at >= TLS_RECORD_HEADER_LEN) {
		const uint8_t *header = direction->found + at;
		if (is_header(decryption, header)) {
			size_t len = (size_t)header[3] << 8 | header[4];
			bool proven;
			if (direction->found_len - at - TLS_RECORD_HEADER_LEN < len)
				break; /* more must come before this can be told */
			uint64_t end = direction->offset;
			direction->offset -= direction->found_len - at - TLS_RECORD_HEADER_LEN - len;
			outcome = take_found(decryption, direction, header, len, &proven);
			direction->offset = end;
			if (proven) {
				at += TLS_RECORD_HEADER_LEN + len;
				break;
			}
		}
		at++;
		direction->hole_len++;
		direction->hole_captured++;
	}
	*ret_used = at;
	if (decryption->search_work >= SEARCH_WORK_MAX && direction->searching)
		return become_blind(decryption, EVENT_TLS_REASON_GAP);
	return outcome;
}

static bool reserve(uint8_t **bytes, size_t *capacity, size_t used, size_t wanted) {
	if (wanted <= *capacity)
		return true;
	size_t grown_capacity = *capacity != 0 ? *capacity : 512;
	while (grown_capacity < wanted)
		grown_capacity *= 2;
	uint8_t *grown = malloc(grown_capacity);
	if (grown == NULL)
		return false;
	if (used > 0)
		memcpy(grown, *bytes, used);
	free(*bytes);
	*bytes = grown;
	*capacity = grown_capacity;
	return true;
}

static enum outcome take_records(struct decryption *decryption, struct direction *direction, const uint8_t *data, size_t len, size_t *ret_used);

static enum outcome take_behind_hole(struct decryption *decryption, struct direction *direction, const uint8_t *data, size_t len) {
	size_t used;
	if (direction->found_len + len > SEARCH_MAX + TLS_RECORD_MAX ||
		!reserve(&direction->found, &direction->found_capacity, direction->found_len, direction->found_len + len))
		return become_blind(decryption, EVENT_TLS_REASON_GAP);
	memcpy(direction->found + direction->found_len, data, len);
	direction->found_len += len;
	direction->offset += len;
	enum outcome outcome = search(decryption, direction, &used);
	if (outcome != OUTCOME_DONE)
		return outcome;
	if (direction->searching) {
		memmove(direction->found, direction->found + used, direction->found_len - used);
		direction->found_len -= used;
		return OUTCOME_DONE;
	}
	/* What is left are records as ever. */
	uint8_t *found = direction->found;
	size_t found_len = direction->found_len, taken;
	direction->found = NULL;
	direction->found_len = direction->found_capacity = 0;
	direction->offset -= found_len - used;
	outcome = take_records(decryption, direction, found + used, found_len - used, &taken);
	free(found);
	/* Its key is known, or it would not have been found. */
	return outcome == OUTCOME_WAIT ? become_blind(decryption, EVENT_TLS_REASON_GAP) : outcome;
}

/* ---- Bytes to records ---- */

/* Keeps a part of the record's body until the rest is there. */
static enum outcome keep_body(struct decryption *decryption, struct direction *direction, const uint8_t *data, size_t len) {
	if (direction->body_damaged) {
		direction->body_have += len;
		return OUTCOME_DONE;
	}
	if (!reserve(&direction->body, &direction->body_capacity, direction->body_have, direction->body_have + len))
		return become_blind(decryption, EVENT_TLS_REASON_DAMAGED);
	if (len > 0)
		memcpy(direction->body + direction->body_have, data, len);
	direction->body_have += len;
	direction->body_kept = true;
	return OUTCOME_DONE;
}

static enum outcome end_record(struct decryption *decryption, struct direction *direction, const uint8_t *body) {
	enum outcome outcome = direction->body_damaged ? on_damaged_record(decryption, direction)
						       : on_record(decryption, direction, body, direction->body_len);
	if (outcome == OUTCOME_WAIT && !direction->body_kept) {
		direction->body_have = 0;
		if (keep_body(decryption, direction, body, direction->body_len) != OUTCOME_DONE)
			return OUTCOME_BLIND;
	}
	direction->body_complete = outcome == OUTCOME_WAIT;
	if (outcome == OUTCOME_DONE) {
		direction->header_len = direction->body_have = direction->body_lost = 0;
		direction->body_kept = direction->body_damaged = false;
	}
	return outcome;
}

static enum outcome begin_record(struct decryption *decryption, struct direction *direction) {
	const uint8_t *header = direction->header;
	direction->body_len = (size_t)header[3] << 8 | header[4];
	direction->body_have = 0;
	if (header[0] < CONTENT_CHANGE_CIPHER_SPEC || header[0] > CONTENT_DATA || header[1] != 3 || direction->body_len > TLS_RECORD_MAX)
		return become_blind(decryption, EVENT_TLS_REASON_DAMAGED);
	return OUTCOME_DONE;
}

/* *ret_used: how many of the bytes were taken when a record has to wait for its key; it is kept. */
static enum outcome take_records(struct decryption *decryption, struct direction *direction, const uint8_t *data, size_t len, size_t *ret_used) {
	size_t at = 0;
	enum outcome outcome = OUTCOME_DONE;
	while (outcome == OUTCOME_DONE && at < len) {
		if (direction->header_len < TLS_RECORD_HEADER_LEN) {
			direction->header[direction->header_len++] = data[at++];
			direction->offset++;
			if (direction->header_len == TLS_RECORD_HEADER_LEN)
				outcome = begin_record(decryption, direction);
			if (outcome != OUTCOME_DONE || direction->header_len < TLS_RECORD_HEADER_LEN || direction->body_len > 0)
				continue;
		}
		size_t part = direction->body_len - direction->body_have;
		bool whole = part <= len - at;
		if (!whole)
			part = len - at;
		const uint8_t *body = data + at;
		if (direction->body_kept || direction->body_damaged || !whole) {
			outcome = keep_body(decryption, direction, body, part);
			body = direction->body;
		}
		at += part;
		direction->offset += part;
		if (outcome == OUTCOME_DONE && whole)
			outcome = end_record(decryption, direction, body);
	}
	*ret_used = at;
	return outcome;
}

static enum outcome take_gap(struct decryption *decryption, struct direction *direction, uint64_t len) {
	direction->offset += len;
	if (direction->guard == GUARD_NONE && decryption->version == 0)
		return become_blind(decryption, EVENT_TLS_REASON_GAP); /* a hello may be in there */
	if (direction->guard != GUARD_NONE && decryption->side[STREAM_CLIENT].guard != GUARD_NONE)
		give(decryption, direction, NULL, len);
	if (direction->searching) {
		/* What was found and not understood is a part of the hole. */
		direction->hole_len += direction->found_len + len;
		direction->hole_captured += direction->found_len;
		direction->found_len = 0;
		return OUTCOME_DONE;
	}
	bool in_body = direction->header_len == TLS_RECORD_HEADER_LEN;
	if (in_body && len < direction->body_len - direction->body_have) {
		direction->body_damaged = true;
		direction->body_have += len;
		direction->body_lost += len;
		return OUTCOME_DONE;
	}
	if (in_body && len == direction->body_len - direction->body_have) {
		direction->body_damaged = true;
		direction->body_lost += len;
		return end_record(decryption, direction, NULL);
	}
	if (direction->guard == GUARD_DATA && direction->cipher == NULL)
		direction->cipher = find_key(decryption, direction, GUARD_DATA);
	/* In clear, a change of the cipher may be in there. */
	if (direction->guard == GUARD_NONE || (direction->guard == GUARD_DATA && direction->cipher == NULL))
		return become_blind(decryption, EVENT_TLS_REASON_GAP);
	direction->hole_captured = direction->header_len + (in_body ? direction->body_have - direction->body_lost : 0);
	direction->hole_len = len + direction->hole_captured + direction->body_lost;
	direction->body_lost = 0;
	direction->header_len = direction->body_have = 0;
	direction->body_kept = direction->body_damaged = false;
	direction->messages.lost = true;
	direction->searching = true;
	return OUTCOME_DONE;
}

/* Returns how many bytes of the chunk were taken, fewer than all when a record waits for its key. */
static enum outcome take_chunk(struct decryption *decryption, const struct stream_chunk *chunk, size_t *ret_used) {
	struct direction *direction = &decryption->side[chunk->side];
	direction->peer_offset = chunk->peer_offset;
	direction->at = chunk->at;
	*ret_used = chunk->len;
	if (direction->offset == 0)
		direction->offset = chunk->offset;
	if (chunk->data == NULL)
		return take_gap(decryption, direction, chunk->len);
	if (direction->searching)
		return take_behind_hole(decryption, direction, chunk->data, chunk->len);
	return take_records(decryption, direction, chunk->data, chunk->len, ret_used);
}

/* ---- Waiting ---- */

static void drop_held(struct decryption *decryption) {
	free(decryption->current);
	decryption->current = NULL;
	hold_finish(&decryption->held);
}

/* A record that is complete but had no key. */
static enum outcome retry_records(struct decryption *decryption) {
	for (int side = 0; side < 2; side++) {
		struct direction *direction = &decryption->side[side];
		if (!direction->body_complete)
			continue;
		enum outcome outcome = end_record(decryption, direction, direction->body);
		if (outcome != OUTCOME_DONE)
			return outcome;
	}
	return OUTCOME_DONE;
}

static enum outcome go_on(struct decryption *decryption) {
	enum outcome outcome = retry_records(decryption);
	while (outcome == OUTCOME_DONE) {
		if (decryption->current == NULL)
			decryption->current = hold_pop(&decryption->held);
		if (decryption->current == NULL)
			break;
		struct stream_chunk *chunk = &decryption->current->chunk;
		size_t used;
		outcome = take_chunk(decryption, chunk, &used);
		if (outcome == OUTCOME_WAIT && used < chunk->len) {
			chunk->data += used;
			chunk->len -= used;
			chunk->offset += used;
			return outcome;
		}
		free(decryption->current);
		decryption->current = NULL;
	}
	if (outcome == OUTCOME_DONE)
		decryption->waiting = false;
	return outcome;
}

/* Behind what waits already. */
static enum outcome wait_with(struct decryption *decryption, const struct stream_chunk *chunk) {
	if (chunk->len > 0 && !hold_push(&decryption->held, chunk))
		return become_blind(decryption, EVENT_TLS_REASON_NO_KEY);
	if (chunk->at.time_ns - decryption->waiting_since_ns >= WAIT_NS_MAX)
		return become_blind(decryption, EVENT_TLS_REASON_NO_KEY);
	return OUTCOME_WAIT;
}

static enum decryptor_state state_of(struct decryption *decryption, enum outcome outcome) {
	if (outcome != OUTCOME_BLIND)
		return outcome == OUTCOME_WAIT ? DECRYPTOR_WAITING : DECRYPTOR_READING;
	drop_held(decryption);
	return DECRYPTOR_BLIND;
}

static enum decryptor_state feed(struct decryption *decryption, const struct stream_chunk *chunk) {
	if (decryption->blind)
		return DECRYPTOR_BLIND;
	if (decryption->waiting) {
		enum outcome outcome = wait_with(decryption, chunk);
		return state_of(decryption, outcome == OUTCOME_WAIT ? go_on(decryption) : outcome);
	}
	size_t used;
	enum outcome outcome = take_chunk(decryption, chunk, &used);
	if (outcome == OUTCOME_WAIT) {
		struct stream_chunk rest = *chunk;
		rest.data += used;
		rest.len -= used;
		rest.offset += used;
		outcome = wait_with(decryption, &rest);
	}
	return state_of(decryption, outcome);
}

static enum decryptor_state finish(struct decryption *decryption) {
	const struct tls_decryptor_options *options = &decryption->decryptor->options;
	if (decryption->blind || !decryption->waiting)
		return decryption->blind ? DECRYPTOR_BLIND : DECRYPTOR_READING;
	if (options->refresh != NULL)
		options->refresh(options->refresh_context);
	enum outcome outcome = go_on(decryption);
	return state_of(decryption, outcome == OUTCOME_WAIT ? become_blind(decryption, EVENT_TLS_REASON_NO_KEY) : outcome);
}

/* ---- Beginning and end ---- */

static struct decryption *begin(void *context, struct decryptor_sink sink) {
	struct tls_decryptor *decryptor = context;
	struct decryption *decryption = calloc(1, sizeof(*decryption));
	if (decryption == NULL)
		return NULL;
	decryption->decryptor = decryptor;
	decryption->sink = sink;
	decryption->side[STREAM_SERVER].side = STREAM_SERVER;
	decryptor->stats.connections++;
	return decryption;
}

static void end(struct decryption *decryption) {
	if (decryption == NULL)
		return;
	drop_held(decryption);
	for (int side = 0; side < 2; side++) {
		struct direction *direction = &decryption->side[side];
		tls_cipher_destroy(direction->cipher);
		free(direction->messages.body);
		free(direction->body);
		free(direction->found);
	}
	wipe(decryption, sizeof(*decryption));
	free(decryption);
}

static size_t memory(const struct decryption *decryption) {
	size_t sum = sizeof(*decryption) + decryption->held.bytes;
	for (int side = 0; side < 2; side++) {
		const struct direction *direction = &decryption->side[side];
		sum += direction->body_capacity + direction->found_capacity + tls_cipher_memory(direction->cipher) +
			(direction->messages.body != NULL ? direction->messages.body_len + direction->messages.left : 0);
	}
	return sum + (decryption->current != NULL ? sizeof(*decryption->current) + decryption->current->chunk.len : 0);
}

static enum event_tls_reason reason(const struct decryption *decryption) {
	return decryption->reason;
}

static bool is_of_use(void *context) {
	const struct tls_decryptor *decryptor = context;
	struct keylog_stats stats;
	keylog_get_stats(decryptor->options.keylog, &stats);
	return decryptor->options.grows || stats.secrets > 0;
}

struct tls_decryptor *tls_decryptor_create(const struct tls_decryptor_options *options) {
	struct tls_decryptor *decryptor = calloc(1, sizeof(*decryptor));
	if (decryptor == NULL)
		return NULL;
	decryptor->options = *options;
	decryptor->crypto = tls_crypto_create();
	if (decryptor->crypto == NULL) {
		free(decryptor);
		return NULL;
	}
	decryptor->border = (struct decryptor){
		.context = decryptor,
		.is_of_use = is_of_use,
		.begin = begin,
		.feed = feed,
		.finish = finish,
		.reason = reason,
		.memory = memory,
		.end = end,
	};
	return decryptor;
}

const struct decryptor *tls_decryptor_border(const struct tls_decryptor *decryptor) {
	return &decryptor->border;
}

void tls_decryptor_get_stats(const struct tls_decryptor *decryptor, struct tls_decryptor_stats *ret_stats) {
	*ret_stats = decryptor->stats;
}

void tls_decryptor_destroy(struct tls_decryptor *decryptor) {
	if (decryptor == NULL)
		return;
	tls_crypto_destroy(decryptor->crypto);
	free(decryptor);
}
