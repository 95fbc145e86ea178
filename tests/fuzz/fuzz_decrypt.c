/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Fuzzes the reading of encrypted sessions. The input says what both sides say and what is lost; here it is encrypted, so that what
 * is behind the cryptography is reached at all. A session plays it whole, with every chunk cut in two, and byte by byte: the events
 * must be the same but for their times, and no text may be told that was not encrypted before, in its order.
 *
 * Two bytes of options. The first: '0' plus 0 for TLS 1.3, 1 for TLS 1.2 with AES-GCM, 2 with AES-CBC, 3 without a handshake; 4 when
 * the key log has not all that it should have; 8 when it comes late. The second: '0' plus enum stream_close_how. Then steps, big
 * letters for the client and small ones for the server:
 *
 *   C line \n     the line, encrypted                      D n bytes     n bytes, encrypted
 *   H n bytes     n bytes of handshake, encrypted          A n bytes     of alerts
 *   T t n bytes   n bytes of content type t                U             changes the keys (TLS 1.3)
 *   R n bytes     n bytes as they are                      K line \n     a line of the key log
 *   G n           n bytes are missing                      L a b         of the next record: what is behind a bytes, b bytes long
 *   W n           n seconds pass
 */
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "decode/session.h"
#include "decode/tls_decrypt.h"

enum {
	STEPS_MAX = 200,
	TEXTS_MAX = 2 * STEPS_MAX,
	RECORD_MAX = 1024,     /* of those made here */
	BY_BYTES_MAX = 1500,
	MEMORY_MAX = 1 << 20,  /* that a session may hold at once */
	TAG_LEN = 16,
	BLOCK_LEN = 16,
	HASH_LEN = 32,
	KEY_LEN = 16,
};

enum suite { TLS_1_3, TLS_1_2_GCM, TLS_1_2_CBC, NO_HANDSHAKE };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool condition, const char *what) {
	if (!condition) {
		fprintf(stderr, "%s\n", what);
		abort();
	}
}

/* ---- A TLS connection that encrypts ---- */

static const uint8_t client_random[32] = {1, 2, 3}, server_random[32] = {4, 5, 6};

static void put_hex(char *text, const uint8_t *bytes, size_t len) {
	for (size_t i = 0; i < len; i++)
		sprintf(text + 2 * i, "%02x", bytes[i]);
}

static void hmac(const uint8_t *key, size_t key_len, const uint8_t *data, size_t len, uint8_t ret_mac[HASH_LEN]) {
	unsigned int mac_len = 0;
	check(HMAC(EVP_sha256(), key, (int)key_len, data, len, ret_mac, &mac_len) != NULL && mac_len == HASH_LEN, "no HMAC");
}

/* HKDF-Expand-Label of TLS 1.3, for no more than one hash. */
static void expand(const uint8_t secret[HASH_LEN], const char *label, uint8_t *ret_bytes, size_t len) {
	uint8_t info[64] = {0, (uint8_t)len, (uint8_t)(6 + strlen(label))}, mac[HASH_LEN];
	size_t info_len = 3;
	info_len += (size_t)sprintf((char *)info + info_len, "tls13 %s", label);
	info[info_len++] = 0;
	info[info_len++] = 1;
	hmac(secret, HASH_LEN, info, info_len, mac);
	memcpy(ret_bytes, mac, len);
}

struct sealer { /* of one direction */
	enum suite suite;
	bool on;
	uint8_t secret[HASH_LEN], key[KEY_LEN], iv[12], mac_key[HASH_LEN];
	uint64_t sequence;
};

static void use_secret(struct sealer *sealer) {
	expand(sealer->secret, "key", sealer->key, KEY_LEN);
	expand(sealer->secret, "iv", sealer->iv, sizeof(sealer->iv));
	sealer->sequence = 0;
	sealer->on = true;
}

static void update(struct sealer *sealer) {
	uint8_t next[HASH_LEN];
	expand(sealer->secret, "traffic upd", next, sizeof(next));
	memcpy(sealer->secret, next, sizeof(next));
	use_secret(sealer);
}

/* The key block of TLS 1.2. */
static void expand_master(const uint8_t master[48], uint8_t *ret_block, size_t len) {
	uint8_t seed[13 + 64], a[HASH_LEN + sizeof(seed)], mac[HASH_LEN];
	memcpy(seed, "key expansion", 13);
	memcpy(seed + 13, server_random, 32);
	memcpy(seed + 45, client_random, 32);
	hmac(master, 48, seed, sizeof(seed), a);
	for (size_t at = 0; at < len; at += HASH_LEN) {
		memcpy(a + HASH_LEN, seed, sizeof(seed));
		hmac(master, 48, a, sizeof(a), mac);
		memcpy(ret_block + at, mac, len - at < HASH_LEN ? len - at : HASH_LEN);
		hmac(master, 48, a, HASH_LEN, mac);
		memcpy(a, mac, HASH_LEN);
	}
}

static void seal_gcm(const struct sealer *sealer, const uint8_t nonce[12], const uint8_t *additional, size_t additional_len,
	const uint8_t *text, size_t len, uint8_t *ret_sealed) {
	EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
	int done;
	check(context != NULL && EVP_EncryptInit_ex(context, EVP_aes_128_gcm(), NULL, sealer->key, nonce) == 1 &&
			EVP_EncryptUpdate(context, NULL, &done, additional, (int)additional_len) == 1 &&
			EVP_EncryptUpdate(context, ret_sealed, &done, text, (int)len) == 1 &&
			EVP_EncryptFinal_ex(context, ret_sealed + len, &done) == 1 &&
			EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, TAG_LEN, ret_sealed + len) == 1,
		"no AES-GCM");
	EVP_CIPHER_CTX_free(context);
}

static void put_number(uint8_t *to, uint64_t value, size_t len) {
	for (size_t i = len; i > 0; i--, value >>= 8)
		to[i - 1] = (uint8_t)value;
}

static size_t seal_cbc(const struct sealer *sealer, const uint8_t *additional, const uint8_t *text, size_t len, uint8_t *ret_sealed) {
	uint8_t plain[13 + RECORD_MAX + HASH_LEN + BLOCK_LEN];
	int done;
	memcpy(plain, additional, 13);
	memcpy(plain + 13, text, len);
	hmac(sealer->mac_key, HASH_LEN, plain, 13 + len, plain + 13 + len);
	size_t plain_len = len + HASH_LEN, padding = BLOCK_LEN - plain_len % BLOCK_LEN;
	memset(plain + 13 + plain_len, (int)padding - 1, padding);
	plain_len += padding;
	memset(ret_sealed, (int)sealer->sequence, BLOCK_LEN); /* the IV */
	EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
	check(context != NULL && EVP_EncryptInit_ex(context, EVP_aes_128_cbc(), NULL, sealer->key, ret_sealed) == 1 &&
			EVP_CIPHER_CTX_set_padding(context, 0) == 1 &&
			EVP_EncryptUpdate(context, ret_sealed + BLOCK_LEN, &done, plain + 13, (int)plain_len) == 1,
		"no AES-CBC");
	EVP_CIPHER_CTX_free(context);
	return BLOCK_LEN + plain_len;
}

/* A record with its header; one in clear as long as the direction is. Returns its length. */
static size_t make_record(struct sealer *sealer, uint8_t type, const uint8_t *text, size_t len, uint8_t *ret_record) {
	uint8_t additional[13], nonce[12], inner[RECORD_MAX + 1];
	size_t body_len = len;
	ret_record[0] = type;
	ret_record[1] = ret_record[2] = 3;
	if (!sealer->on) {
		memcpy(ret_record + 5, text, len);
		put_number(ret_record + 3, len, 2);
		return 5 + len;
	}
	put_number(additional, sealer->sequence, 8);
	memcpy(additional + 8, ret_record, 3);
	put_number(additional + 11, len, 2);
	put_number(nonce, 0, 4);
	put_number(nonce + 4, sealer->sequence, 8);
	switch (sealer->suite) {
	case TLS_1_3:
		memcpy(inner, text, len);
		inner[len] = type;
		body_len = len + 1 + TAG_LEN;
		ret_record[0] = 23;
		put_number(ret_record + 3, body_len, 2);
		for (size_t i = 0; i < sizeof(nonce); i++)
			nonce[i] ^= sealer->iv[i];
		seal_gcm(sealer, nonce, ret_record, 5, inner, len + 1, ret_record + 5);
		break;
	case TLS_1_2_GCM:
		memcpy(nonce, sealer->iv, 4);
		memcpy(ret_record + 5, nonce + 4, 8);
		seal_gcm(sealer, nonce, additional, sizeof(additional), text, len, ret_record + 13);
		body_len = 8 + len + TAG_LEN;
		break;
	case TLS_1_2_CBC:
		body_len = seal_cbc(sealer, additional, text, len, ret_record + 5);
		break;
	case NO_HANDSHAKE:
		break;
	}
	put_number(ret_record + 3, body_len, 2);
	sealer->sequence++;
	return 5 + body_len;
}

/* ---- The script ---- */

struct step {
	char letter; /* a big one */
	enum stream_side side;
	const uint8_t *data;
	size_t len;
	uint8_t type, from, lost;
};

struct script {
	enum suite suite;
	bool lacks_keys, late_keys;
	enum stream_close_how how;
	struct step steps[STEPS_MAX];
	size_t step_count, len;
};

static uint8_t take(const uint8_t **at, const uint8_t *end) {
	return *at < end ? *(*at)++ : 0;
}

static void take_bytes(struct step *step, size_t len, const uint8_t **at, const uint8_t *end) {
	step->data = *at;
	step->len = len < (size_t)(end - *at) ? len : (size_t)(end - *at);
	*at += step->len;
}

static void read_script(const uint8_t *at, size_t size, struct script *script) {
	const uint8_t *end = at + size;
	uint8_t options = take(&at, end);
	*script = (struct script){.suite = (enum suite)(options & 3), .lacks_keys = (options & 4) != 0, .late_keys = (options & 8) != 0,
		.how = (enum stream_close_how)(take(&at, end) % 16 % STREAM_CLOSE_COUNT), .len = size};
	while (at < end && script->step_count < STEPS_MAX) {
		struct step *step = &script->steps[script->step_count++];
		uint8_t letter = take(&at, end);
		step->side = letter >= 'a' && letter <= 'z' ? STREAM_SERVER : STREAM_CLIENT;
		step->letter = (char)(letter & ~0x20);
		const uint8_t *newline;
		switch (step->letter) {
		case 'D':
		case 'H':
		case 'A':
		case 'R':
			step->type = step->letter == 'D' ? 23 : step->letter == 'H' ? 22 : 21;
			take_bytes(step, take(&at, end), &at, end);
			break;
		case 'T':
			step->type = take(&at, end);
			take_bytes(step, take(&at, end), &at, end);
			break;
		case 'U':
			break;
		case 'G':
		case 'W':
			step->len = take(&at, end);
			break;
		case 'L':
			step->from = take(&at, end);
			step->lost = take(&at, end);
			break;
		default:
			newline = at < end ? memchr(at, '\n', (size_t)(end - at)) : NULL;
			take_bytes(step, newline != NULL ? (size_t)(newline - at) + 1 : (size_t)(end - at), &at, end);
			if (step->len > RECORD_MAX)
				step->len = RECORD_MAX;
			if (step->letter != 'K')
				step->letter = 'C';
			step->type = 23;
			break;
		}
	}
}

/* ---- What comes out ---- */

struct trace {
	char *text;
	size_t len, capacity;
	bool opened, closed;
};

static void put(struct trace *trace, const char *data, size_t len) {
	if (trace->len + len > trace->capacity) {
		trace->capacity = 2 * (trace->len + len) + 4096;
		trace->text = realloc(trace->text, trace->capacity);
		check(trace->text != NULL, "no memory for a trace");
	}
	if (len > 0)
		memcpy(trace->text + trace->len, data, len);
	trace->len += len;
}

static void put_named(struct trace *trace, const char *name, uint64_t number) {
	char text[64];
	put(trace, text, (size_t)snprintf(text, sizeof(text), " %s=%llu", name, (unsigned long long)number));
}

static void put_slice(struct trace *trace, struct slice slice) {
	put(trace, " ", 1);
	put(trace, slice.data, slice.len);
}

static void put_reply(struct trace *trace, const struct event_reply *reply) {
	put_named(trace, "code", reply->code);
	put_named(trace, "answers", reply->answers);
	put_named(trace, "command", reply->command);
	put_named(trace, "withheld", reply->text_withheld);
	for (size_t i = 0; i < reply->line_count; i++)
		put_slice(trace, reply->lines[i]);
}

static void on_event(void *context, const struct event *event) {
	struct trace *trace = context;
	check(!trace->closed, "an event after the last");
	check(trace->opened == (event->kind != EVENT_OPEN), "the first event is not the opening");
	trace->opened = true;
	/* How secrets and messages are cut follows from chunks. */
	if (event->kind == EVENT_SECRET || event->kind == EVENT_MESSAGE)
		return;
	put_named(trace, "\nkind", event->kind);
	put_named(trace, "from", event->from);
	switch (event->kind) {
	case EVENT_GREETING:
	case EVENT_REPLY:
		put_reply(trace, &event->reply);
		break;
	case EVENT_COMMAND:
		put_named(trace, "verb", event->command.verb);
		put_named(trace, "pipelined", event->command.pipelined);
		put_slice(trace, event->command.argument);
		break;
	case EVENT_CAPABILITIES:
		for (size_t i = 0; i < event->capabilities.line_count; i++)
			put_slice(trace, event->capabilities.lines[i]);
		put_named(trace, "tls", event->capabilities.tls);
		break;
	case EVENT_AUTH:
	case EVENT_AUTH_END:
		put_named(trace, "result", event->auth.result);
		put_named(trace, "encrypted", event->auth.encrypted);
		put_slice(trace, event->auth.username);
		break;
	case EVENT_TLS:
		put_named(trace, "step", event->tls.step);
		put_named(trace, "reason", event->tls.reason);
		put_named(trace, "level", event->tls.alert_level);
		put_named(trace, "alert", event->tls.alert_description);
		put_named(trace, "certificates", event->tls.certificate_count);
		put_slice(trace, event->tls.certificate);
		break;
	case EVENT_BODY:
		put_named(trace, "bytes", event->body.bytes);
		put_named(trace, "gap", event->body.gap_bytes);
		put_named(trace, "complete", event->body.complete);
		break;
	case EVENT_MAIL_END:
		put_named(trace, "result", event->mail_end.result);
		break;
	case EVENT_GAP:
		put_named(trace, "gap", event->gap.bytes);
		break;
	case EVENT_ANOMALY:
		put_named(trace, "anomaly", event->anomaly.id);
		break;
	case EVENT_CLOSE:
		trace->closed = true;
		put_named(trace, "handshake", event->close.tls.handshake);
		break;
	case EVENT_OPEN:
	case EVENT_PROXY:
	case EVENT_ORIGIN:
	case EVENT_SECRET:
	case EVENT_MESSAGE:
		break;
	}
}

/* ---- Between the session and its decryptor ---- */

struct text {
	uint8_t *data;
	size_t len;
};

struct watcher {
	struct decryptor border;         /* what the session is given */
	const struct decryptor *inner;
	struct decryptor_sink sink;      /* the session's */
	struct text texts[2][TEXTS_MAX]; /* that were encrypted as data */
	size_t text_count[2], text_at[2];
	uint64_t end_offset[2];
	bool begun;
};

/* Data is what was encrypted, in its order; some may be left out. */
static void watch_piece(void *context, const struct decryptor_piece *piece) {
	struct watcher *watcher = context;
	size_t *at = &watcher->text_at[piece->side];
	check(piece->len > 0, "an empty piece");
	check(piece->end_offset >= watcher->end_offset[piece->side], "pieces that go backwards");
	watcher->end_offset[piece->side] = piece->end_offset;
	if (piece->data != NULL) {
		const struct text *texts = watcher->texts[piece->side];
		while (*at < watcher->text_count[piece->side] &&
			(texts[*at].len != piece->len || memcmp(texts[*at].data, piece->data, piece->len) != 0))
			(*at)++;
		check(*at < watcher->text_count[piece->side], "text that nobody encrypted");
		(*at)++;
	}
	watcher->sink.piece(watcher->sink.context, piece);
}

static void watch_tls(void *context, enum stream_side side, const struct event_tls *tls, struct stream_moment at) {
	struct watcher *watcher = context;
	check(tls->step == EVENT_TLS_CERTIFICATE || tls->step == EVENT_TLS_ALERT, "a step of another kind");
	watcher->sink.tls(watcher->sink.context, side, tls, at);
}

static bool is_of_use(void *context) {
	struct watcher *watcher = context;
	return watcher->inner->is_of_use(watcher->inner->context);
}

static struct decryption *begin(void *context, struct decryptor_sink sink) {
	struct watcher *watcher = context;
	check(!watcher->begun, "two decryptions of one session");
	watcher->begun = true;
	watcher->sink = sink;
	return watcher->inner->begin(watcher->inner->context,
		(struct decryptor_sink){.context = watcher, .piece = watch_piece, .tls = watch_tls});
}

/* ---- Playing ---- */

enum how_cut { WHOLE, IN_TWO, BY_BYTES };

struct player {
	struct session *session;
	struct keylog *keylog;
	struct watcher *watcher;
	struct sealer sealers[2];
	enum how_cut how_cut;
	uint64_t offset[2];
	struct stream_moment at;
	uint8_t lose_from[2], lose_len[2];
	struct trace *trace;
};

static void feed_chunk(struct player *player, enum stream_side side, const uint8_t *data, size_t len) {
	if (len == 0)
		return;
	uint8_t *copy = data != NULL ? malloc(len) : NULL; /* of exactly the size, and gone after the call */
	if (copy != NULL)
		memcpy(copy, data, len);
	player->at.frame++;
	session_feed(player->session, &(struct stream_chunk){.side = side,
					      .data = copy,
					      .len = len,
					      .offset = player->offset[side],
					      .peer_offset = player->offset[!side],
					      .at = player->at});
	player->offset[side] += len;
	free(copy);
	check(session_memory(player->session) < MEMORY_MAX, "a session that holds too much");
}

static void feed(struct player *player, enum stream_side side, const uint8_t *data, size_t len) {
	size_t step = player->how_cut == WHOLE ? len : player->how_cut == BY_BYTES ? 1 : 1 + (player->offset[side] * 7 + len * 13) % (len + 1);
	for (size_t at = 0; at < len; at += step) {
		if (player->how_cut == IN_TWO && at > 0)
			step = len - at;
		feed_chunk(player, side, data + at, step < len - at ? step : len - at);
	}
}

static void say(struct player *player, enum stream_side side, uint8_t type, const uint8_t *data, size_t len) {
	static uint8_t record[RECORD_MAX + 256];
	struct watcher *watcher = player->watcher;
	struct sealer *sealer = &player->sealers[side];
	if (sealer->on && type == 23 && len > 0 && watcher->text_count[side] < TEXTS_MAX) {
		struct text *text = &watcher->texts[side][watcher->text_count[side]++];
		*text = (struct text){malloc(len), len};
		check(text->data != NULL, "no memory");
		memcpy(text->data, data, len);
	}
	size_t record_len = make_record(sealer, type, data, len, record);
	size_t from = player->lose_from[side] < record_len ? player->lose_from[side] : record_len;
	size_t lost = player->lose_len[side] < record_len - from ? player->lose_len[side] : record_len - from;
	player->lose_from[side] = player->lose_len[side] = 0;
	feed(player, side, record, from);
	feed_chunk(player, side, NULL, lost);
	feed(player, side, record + from + lost, record_len - from - lost);
}

static void add_key(struct keylog *keylog, const char *label, const uint8_t *secret, size_t len) {
	char line[256] = {0}, hex[128];
	put_hex(hex, client_random, sizeof(client_random));
	size_t at = (size_t)snprintf(line, sizeof(line), "%s %s ", label, hex);
	put_hex(line + at, secret, len);
	keylog_feed(keylog, line, strlen(line));
	keylog_end(keylog);
}

static void write_keys(const struct script *script, struct keylog *keylog) {
	static const char *const labels[2][2] = {{"CLIENT_HANDSHAKE_TRAFFIC_SECRET", "SERVER_HANDSHAKE_TRAFFIC_SECRET"},
		{"CLIENT_TRAFFIC_SECRET_0", "SERVER_TRAFFIC_SECRET_0"}};
	uint8_t secret[48];
	memset(secret, 'm', sizeof(secret));
	if (script->suite != TLS_1_3 && !script->lacks_keys)
		add_key(keylog, "CLIENT_RANDOM", secret, sizeof(secret));
	for (int data = script->lacks_keys; script->suite == TLS_1_3 && data < 2; data++)
		for (int side = 0; side < 2; side++) {
			memset(secret, 'a' + 2 * data + side, HASH_LEN);
			add_key(keylog, labels[data][side], secret, HASH_LEN);
		}
}

static void use_1_3(struct player *player, enum stream_side side, bool data) {
	struct sealer *sealer = &player->sealers[side];
	memset(sealer->secret, 'a' + 2 * data + (int)side, HASH_LEN);
	use_secret(sealer);
}

static void use_1_2(struct player *player, enum stream_side side) {
	struct sealer *sealer = &player->sealers[side];
	uint8_t master[48], block[2 * (HASH_LEN + KEY_LEN + 4)];
	bool cbc = sealer->suite == TLS_1_2_CBC;
	size_t mac_len = cbc ? HASH_LEN : 0;
	memset(master, 'm', sizeof(master));
	expand_master(master, block, 2 * (mac_len + KEY_LEN + 4));
	memcpy(sealer->mac_key, block + side * mac_len, mac_len);
	memcpy(sealer->key, block + 2 * mac_len + side * KEY_LEN, KEY_LEN);
	memcpy(sealer->iv, block + 2 * (mac_len + KEY_LEN) + side * 4, 4);
	sealer->sequence = 0;
	sealer->on = true;
}

/* A hello: version, random, no session, the cipher suite, no compression; in TLS 1.3 supported_versions. */
static void say_hello(struct player *player, enum stream_side side, enum suite suite) {
	static const uint16_t suites[] = {[TLS_1_3] = 0x1301, [TLS_1_2_GCM] = 0xc02f, [TLS_1_2_CBC] = 0x003c, [NO_HANDSHAKE] = 0};
	static const uint8_t versions[2][7] = {{0, 43, 0, 3, 2, 3, 4}, {0, 43, 0, 2, 3, 4, 0}};
	uint8_t hello[96] = {(uint8_t)(1 + side), 0, 0, 0, 3, 3};
	size_t len = 6, version_len = side == STREAM_CLIENT ? 7 : 6;
	memcpy(hello + len, side == STREAM_CLIENT ? client_random : server_random, 32);
	len += 33; /* and an empty session id */
	if (side == STREAM_CLIENT)
		put_number(hello + len, 2, 2), len += 2;
	put_number(hello + len, suites[suite], 2);
	len += 2;
	if (side == STREAM_CLIENT)
		hello[len++] = 1;
	hello[len++] = 0;
	if (suite == TLS_1_3) {
		put_number(hello + len, version_len, 2);
		memcpy(hello + len + 2, versions[side], version_len);
		len += 2 + version_len;
	}
	put_number(hello + 1, len - 4, 3);
	say(player, side, 22, hello, len);
}

static void shake_hands(struct player *player, enum suite suite) {
	static const uint8_t finished[] = {20, 0, 0, 4, 1, 2, 3, 4}, extensions[] = {8, 0, 0, 2, 0, 0}, done[] = {14, 0, 0, 0}, change[] = {1};
	if (suite == NO_HANDSHAKE)
		return;
	say_hello(player, STREAM_CLIENT, suite);
	say_hello(player, STREAM_SERVER, suite);
	if (suite == TLS_1_3) {
		use_1_3(player, STREAM_CLIENT, false);
		use_1_3(player, STREAM_SERVER, false);
		say(player, STREAM_SERVER, 22, extensions, sizeof(extensions));
	} else {
		say(player, STREAM_SERVER, 22, done, sizeof(done));
	}
	for (int turn = 0; turn < 2; turn++) {
		enum stream_side side = suite == TLS_1_3 ? (enum stream_side)!turn : (enum stream_side)turn;
		if (suite != TLS_1_3) {
			say(player, side, 20, change, sizeof(change));
			use_1_2(player, side);
		}
		say(player, side, 22, finished, sizeof(finished));
		if (suite == TLS_1_3)
			use_1_3(player, side, true);
	}
}

static void play_step(struct player *player, const struct step *step) {
	static const uint8_t key_update[] = {24, 0, 0, 1, 0};
	switch (step->letter) {
	case 'C':
	case 'D':
	case 'H':
	case 'A':
	case 'T':
		say(player, step->side, step->type, step->data, step->len);
		break;
	case 'R':
		feed(player, step->side, step->data, step->len);
		break;
	case 'U':
		say(player, step->side, 22, key_update, sizeof(key_update));
		if (player->sealers[step->side].on && player->sealers[step->side].suite == TLS_1_3)
			update(&player->sealers[step->side]);
		break;
	case 'G':
		feed_chunk(player, step->side, NULL, step->len);
		break;
	case 'L':
		player->lose_from[step->side] = step->from;
		player->lose_len[step->side] = step->lost;
		break;
	case 'W':
		player->at.time_ns += (int64_t)step->len * 1000000000;
		break;
	default:
		keylog_feed(player->keylog, step->data, step->len);
		keylog_end(player->keylog);
		break;
	}
}

static void play(const struct script *script, enum how_cut how_cut, struct trace *trace) {
	struct watcher *watcher = calloc(1, sizeof(*watcher));
	struct keylog *keylog = keylog_create(1 << 16);
	struct tls_decryptor *decryptor = tls_decryptor_create(&(struct tls_decryptor_options){.keylog = keylog, .grows = script->late_keys});
	check(watcher != NULL && keylog != NULL && decryptor != NULL, "no memory");
	watcher->inner = tls_decryptor_border(decryptor);
	watcher->border = *watcher->inner;
	watcher->border.context = watcher;
	watcher->border.is_of_use = is_of_use;
	watcher->border.begin = begin;
	struct stream_open open = {
		.client = {4, {192, 0, 2, 10}, 49712},
		.server = {4, {192, 0, 2, 1}, 465},
		.source = "fuzz",
		.first = {1, 1},
		.handshake_ns = 1000,
		.hint = STREAM_HINT_SMTPS,
	};
	struct player player = {.keylog = keylog, .watcher = watcher, .how_cut = how_cut, .at = {1, 1}, .trace = trace};
	for (int side = 0; side < 2; side++)
		player.sealers[side].suite = script->suite;
	player.session = session_create(&open, (struct event_sink){.context = trace, .event = on_event});
	check(player.session != NULL, "no memory for a session");
	session_set_decryptor(player.session, &watcher->border);
	if (!script->late_keys)
		write_keys(script, keylog);
	shake_hands(&player, script->suite);
	for (size_t i = 0; i < script->step_count; i++) {
		play_step(&player, &script->steps[i]);
		if (script->late_keys && i == script->step_count / 2)
			write_keys(script, keylog);
	}
	struct stream_close close = {.how = script->how, .last = player.at, .handshake_ns = -1};
	bool reported = session_finish(player.session, &close);
	check(reported == trace->closed, "a session that is half reported");
	session_destroy(player.session);
	tls_decryptor_destroy(decryptor);
	keylog_destroy(keylog);
	for (int side = 0; side < 2; side++)
		for (size_t i = 0; i < watcher->text_count[side]; i++)
			free(watcher->texts[side][i].data);
	free(watcher);
}

static void play_again(const struct script *script, enum how_cut how_cut, const struct trace *whole) {
	struct trace trace = {0};
	play(script, how_cut, &trace);
	if (trace.len != whole->len || (whole->len > 0 && memcmp(trace.text, whole->text, whole->len) != 0)) {
		fprintf(stderr, "--- whole%.*s\n--- %s%.*s\n", (int)whole->len, whole->text, how_cut == IN_TWO ? "in two" : "byte by byte",
			(int)trace.len, trace.text);
		check(false, "other chunks, other events");
	}
	free(trace.text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
	struct script *script = malloc(sizeof(*script));
	struct trace whole = {0};
	check(script != NULL, "no memory");
	read_script(data, size, script);
	play(script, WHOLE, &whole);
	/* How much can wait for a key depends on how it is cut. */
	if (!script->late_keys)
		play_again(script, IN_TWO, &whole);
	if (!script->late_keys && script->len <= BY_BYTES_MAX)
		play_again(script, BY_BYTES, &whole);
	free(whole.text);
	free(script);
	return 0;
}
