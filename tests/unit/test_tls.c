/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * decode/tls.c: TLS as far as it is in clear.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "decode/tls.h"

/* ---- One side's records ---- */

struct row {
	const char *name, *input;
	size_t input_len;
	const char *expected; /* H with type and length of a message, C change, A with level and description, D with the length */
	bool lost;
};

#define ROW(name, input, expected, lost)                                                                                    \
	{ name, input, sizeof(input) - 1, expected, lost }
#define CLIENT_HELLO "\x16\x03\x01\x00\x05\x01\x00\x00\x01\x00"
#define CHANGE "\x14\x03\x03\x00\x01\x01"
#define ALERT "\x15\x03\x03\x00\x02\x02\x28"
#define DATA "\x17\x03\x03\x00\x03xyz"

static const struct row valid_rows[] = {
	ROW("nothing", "", "", false),
	ROW("ClientHello", CLIENT_HELLO, "H1:1 ", false),
	ROW("all kinds", CLIENT_HELLO CHANGE ALERT DATA, "H1:1 CA2.40 D3 ", false),
	ROW("a message in records of one byte", "\x16\x03\x03\x00\x01\x01\x16\x03\x03\x00\x01\x00\x16\x03\x03\x00\x01\x00\x16\x03\x03\x00\x01\x02"
	    "\x16\x03\x03\x00\x01\x61\x16\x03\x03\x00\x01\x62" DATA, "H1:2 D3 ", false),
	ROW("messages in one record, of which one goes on in the next", "\x16\x03\x03\x00\x0a\x0b\x00\x00\x02\x61\x62\x01\x00\x00\x01"
	    "\x16\x03\x03\x00\x05\x61\x01\x00\x00\x00", "H11:2 H1:1 H1:0 ", false),
	ROW("messages that nobody looks at", "\x16\x03\x03\x00\x0f\x10\x00\x00\x02\x61\x62\x0f\x00\x00\x00\x01\x00\x00\x01\x00", "H1:1 ", false),
	ROW("a message that nobody looks at, in two records", "\x16\x03\x03\x00\x05\x10\x00\x00\x02\x61\x16\x03\x03\x00\x06\x62\x01\x00\x00\x01\x61", "H1:1 ", false),
	ROW("a ServerHello of the client", "\x16\x03\x03\x00\x05\x02\x00\x00\x01\x00" CLIENT_HELLO, "H1:1 ", false),
	ROW("an empty record between", CLIENT_HELLO "\x17\x03\x03\x00\x00" DATA, "H1:1 D3 ", false),
	ROW("an empty record in a message", "\x16\x03\x03\x00\x03\x01\x00\x00" "\x16\x03\x03\x00\x00" "\x16\x03\x03\x00\x02\x01\x61", "H1:1 ", false),
	ROW("unended header", "\x16\x03\x03\x00\x05", "", false),
	ROW("unended record", "\x17\x03\x03\xff\xff\x01" "abc", "D65535 ", false),
	ROW("unended message", "\x16\x03\x03\xff\xff\x01\x00\xff\xff" "abc", "", false),
	ROW("a message as long as it can be said", "\x16\x03\x03\x00\x05\x01\xff\xff\xff\x61" "\x16\x03\x03\x00\x05\x61\x61\x61\x61\x61", "H1:0 ", false),
	ROW("what is in a record is not looked at", "\x17\x03\x03\x00\x06" CHANGE CHANGE, "D6 C", false),
	ROW("encrypted alert", "\x15\x03\x03\x00\x03\x01\x00\x00" DATA, "D3 ", false),
	ROW("half an alert", "\x15\x03\x03\x00\x01\x02" ALERT, "A2.40 ", false),
	ROW("SSL 3", "\x16\x03\x00\x00\x04\x01\x00\x00\x00", "H1:0 ", false),
	ROW("SSL 2", "\x80\x03\x01\x03\x01" DATA, "S1:3 D3 ", false),
};

static const struct row invalid_rows[] = {
	ROW("text", "EHLO c\r\n", "", true),
	ROW("text behind a record", CLIENT_HELLO "EHLO c\r\n" CLIENT_HELLO, "H1:1 ", true),
	ROW("another version", "\x16\x02\x00\x00\x05\x01", "", true),
	ROW("another type", "\x18\x03\x03\x00\x05\x01" DATA, "", true),
	ROW("SSL 2 later", CLIENT_HELLO "\x80\x2e\x01\x03\x01\x00\x15", "H1:1 ", true),
	ROW("SSL 2 without anything", "\x80\x00" CLIENT_HELLO, "", true),
};

static size_t checks;

static size_t put_item(char *text, const struct tls_item *item) {
	switch (item->kind) {
	case TLS_ITEM_HANDSHAKE:
		return (size_t)sprintf(text, "%c%u:%zu ", item->ssl2 ? 'S' : 'H', item->type, item->body.len);
	case TLS_ITEM_ALERT:
		return (size_t)sprintf(text, "A%u.%u ", item->level, item->description);
	case TLS_ITEM_APPLICATION_DATA:
		return (size_t)sprintf(text, "D%zu ", item->len);
	default:
		return (size_t)sprintf(text, "C");
	}
}

static void check_row(const struct row *row, size_t cut, size_t step) {
	struct tls_reader reader = {0};
	char text[256] = "";
	for (size_t at = 0, len; at < row->input_len; at += len) {
		len = at == 0 && cut > 0 ? cut : step;
		if (len > row->input_len - at)
			len = row->input_len - at;
		char *block = malloc(len);
		memcpy(block, row->input + at, len);
		struct slice input = {block, len};
		struct tls_item item;
		while (tls_next(&reader, STREAM_CLIENT, &input, (struct stream_moment){(int64_t)at, at}, &item) == 1)
			put_item(text + strlen(text), &item);
		assert_int_equal(input.len, 0);
		free(block);
	}
	if (strcmp(text, row->expected) != 0 || reader.lost != row->lost)
		print_error("%s, cut at %zu: %s\n", row->name, cut, text);
	assert_string_equal(text, row->expected);
	assert_int_equal(reader.lost, row->lost);
	assert_int_equal(tls_is_untouched(&reader), row->input_len == 0);
	tls_finish(&reader);
	checks++;
}

static void check_rows(const struct row *rows, size_t count) {
	checks = 0;
	for (size_t i = 0; i < count; i++) {
		check_row(&rows[i], 0, SIZE_MAX);
		check_row(&rows[i], 0, 1);
		for (size_t cut = 1; cut < rows[i].input_len; cut++)
			check_row(&rows[i], cut, SIZE_MAX);
	}
}

static void test_valid(void **state) {
	check_rows(valid_rows, sizeof(valid_rows) / sizeof(valid_rows[0]));
	assert_int_equal(checks, 348);
}

static void test_invalid(void **state) {
	check_rows(invalid_rows, sizeof(invalid_rows) / sizeof(invalid_rows[0]));
	assert_int_equal(checks, 91);
}

static const struct start_row {
	const char *bytes;
	size_t len;
	bool start, ssl2;
} start_rows[] = {
	{"", 0, false, false},
	{"\x16", 1, true, false},
	{"\x16\x03", 2, true, false},
	{"\x16\x03\x01", 3, true, false},
	{"\x16\x03\x04", 3, true, false},
	{"\x16\x03\x05", 3, false, false},
	{"\x16\x02", 2, false, false},
	{"\x16NOOP", 5, false, false},
	{"\x17\x03\x03", 3, false, false},
	{"\x14", 1, false, false},
	{"E", 1, false, false},
	{"\x80", 1, false, true},
	{"\x80\x2e\x01", 3, false, true},
	{"\x80\x2e\x16", 3, false, false},
};

static void test_start(void **state) {
	size_t count = 0;
	for (; count < sizeof(start_rows) / sizeof(start_rows[0]); count++) {
		const struct start_row *row = &start_rows[count];
		uint8_t *block = malloc(row->len);
		if (row->len > 0)
			memcpy(block, row->bytes, row->len);
		assert_int_equal(tls_is_start(block, row->len), row->start);
		assert_int_equal(tls_is_ssl2_start(block, row->len), row->ssl2);
		free(block);
	}
	assert_int_equal(count, 14);
}

/* ---- Both sides ---- */

#define RANDOM "0123456789abcdef0123456789ABCDEF"
#define RETRY "\xcf\x21\xad\x74\xe5\x9a\x61\x11\xbe\x1d\x8c\x02\x1e\x65\xb8\x91\xc2\xa2\x11\x16\x7a\xbb\x8c\x5e\x07\x9e\x09\xe2\xc8\xa8\x33\x9c"
/* No session, two ciphers of which one is GREASE, no extensions. */
#define HELLO12 "\x16\x03\x01\x00\x2f" "\x01\x00\x00\x2b" "\x03\x03" RANDOM "\x00" "\x00\x04\x0a\x0a\xc0\x2f" "\x01\x00"
/* supported_versions with GREASE, the server's name, ALPN smtp. */
#define HELLO13 "\x16\x03\x01\x00\x53" "\x01\x00\x00\x4f" "\x03\x03" RANDOM "\x01s" "\x00\x02\x13\x01" "\x01\x00" \
	"\x00\x23" "\x00\x2b\x00\x07\x06\x1a\x1a\x03\x04\x03\x03" "\x00\x00\x00\x0b\x00\x09\x00\x00\x06mx.org" "\x00\x10\x00\x05\x00\x03\x02h2"
#define EARLY "\x16\x03\x01\x00\x3c" "\x01\x00\x00\x38" "\x03\x03" RANDOM "\x00" "\x00\x02\x13\x01" "\x01\x00" \
	"\x00\x0d" "\x00\x2b\x00\x05\x04\x03\x04\x03\x03" "\x00\x2a\x00\x00"
#define SERVER12 "\x16\x03\x03\x00\x2a" "\x02\x00\x00\x26" "\x03\x03" RANDOM "\x00" "\xc0\x2f" "\x00"
#define SERVER12_SAME "\x16\x03\x03\x00\x2b" "\x02\x00\x00\x27" "\x03\x03" RANDOM "\x01s" "\xc0\x2f" "\x00"
#define SERVER13_OF(random) "\x16\x03\x03\x00\x32" "\x02\x00\x00\x2e" "\x03\x03" random "\x00" "\x13\x01" "\x00" "\x00\x06" "\x00\x2b\x00\x02\x03\x04"
#define SERVER13 SERVER13_OF(RANDOM)
#define CERTIFICATE "\x16\x03\x03\x00\x10" "\x0b\x00\x00\x0c" "\x00\x00\x09" "\x00\x00\x02\x30\x00" "\x00\x00\x01\x31"
/* Behind the change they are encrypted: a first byte that could be anything. */
#define FINISHED "\x16\x03\x03\x00\x28" "\x0b\x00\x00\x04" RANDOM "1234"
#define SEALED_ALERT "\x17\x03\x03\x00\x13" "0123456789abcdef012"
#define SEALED "\x17\x03\x03\x00\x2d" RANDOM "0123456789abc"

static const struct dialogue {
	const char *name;
	struct piece {
		enum stream_side side;
		const char *data;
		size_t len;
	} pieces[8];
	const char *expected;
	int handshake;
} dialogues[] = {
#define COMPLETE EVENT_TLS_HANDSHAKE_COMPLETE
#define FAILED EVENT_TLS_HANDSHAKE_FAILED
#define UNKNOWN EVENT_TLS_HANDSHAKE_UNKNOWN
#define C(data) {STREAM_CLIENT, data, sizeof(data) - 1}
#define S(data) {STREAM_SERVER, data, sizeof(data) - 1}
#define GAP(side) {side, NULL, 1}
	{"TLS 1.2", {C(HELLO12), S(SERVER12 CERTIFICATE), C(CHANGE FINISHED), S(CHANGE FINISHED), C(DATA), S(DATA)},
		"C 0303 2 ciphers|S 0303 c02f|S 2 certificates, 2 bytes|encrypted|", COMPLETE},
	{"TLS 1.2, ended at the certificate", {C(HELLO12), S(SERVER12 CERTIFICATE), C("\x15\x03\x03\x00\x02\x02\x30")},
		"C 0303 2 ciphers|S 0303 c02f|S 2 certificates, 2 bytes|C alert 2 48|", FAILED},
	{"TLS 1.2, ended without a word", {C(HELLO12), S(SERVER12 CERTIFICATE), C(CHANGE FINISHED)},
		"C 0303 2 ciphers|S 0303 c02f|S 2 certificates, 2 bytes|", FAILED},
	{"TLS 1.2, ended before data", {C(HELLO12), S(SERVER12 CERTIFICATE), C(CHANGE FINISHED), S(CHANGE FINISHED)},
		"C 0303 2 ciphers|S 0303 c02f|S 2 certificates, 2 bytes|", UNKNOWN},
	{"TLS 1.2 resumed", {C(HELLO13), S(SERVER12_SAME CHANGE FINISHED), C(CHANGE FINISHED), C(DATA)},
		"C 0304 1 ciphers mx.org h2|S 0303 c02f resumed|encrypted|", COMPLETE},
	{"TLS 1.3", {C(HELLO13), S(SERVER13 CHANGE SEALED), C(CHANGE SEALED), S(SEALED)},
		"C 0304 1 ciphers mx.org h2|S 0304 1301 not resumed|encrypted|", COMPLETE},
	{"TLS 1.3, the client does not accept the server", {C(HELLO13), S(SERVER13 CHANGE SEALED), C(CHANGE SEALED_ALERT)},
		"C 0304 1 ciphers mx.org h2|S 0304 1301 not resumed|encrypted|", FAILED},
	{"TLS 1.3, the server does not accept the client", {C(HELLO13), S(SERVER13 CHANGE SEALED), C(CHANGE SEALED), S(SEALED_ALERT)},
		"C 0304 1 ciphers mx.org h2|S 0304 1301 not resumed|encrypted|", UNKNOWN},
	{"HelloRetryRequest", {C(HELLO13), S(SERVER13_OF(RETRY) CHANGE), C(CHANGE HELLO13), S(SERVER13 SEALED), C(SEALED), S(SEALED)},
		"C 0304 1 ciphers mx.org h2|S 0304 1301 retry|C 0304 1 ciphers mx.org h2|S 0304 1301 not resumed|encrypted|", COMPLETE},
	{"HelloRetryRequest and no more", {C(HELLO13), S(SERVER13_OF(RETRY) CHANGE)},
		"C 0304 1 ciphers mx.org h2|S 0304 1301 retry|", FAILED},
	{"early data", {C(EARLY CHANGE SEALED), S(SERVER13 CHANGE SEALED)}, "C 0304 1 ciphers|encrypted|S 0304 1301 not resumed|", UNKNOWN},
	{"hellos again and again", {C(HELLO12 HELLO12 HELLO12), S(SERVER12 SERVER12 SERVER12)},
		"C 0303 2 ciphers|C 0303 2 ciphers|S 0303 c02f|S 0303 c02f|", FAILED},
	{"the server refuses", {C(HELLO12), S(ALERT)}, "C 0303 2 ciphers|S alert 2 40|", FAILED},
	{"a warning", {C(HELLO12), S("\x15\x03\x03\x00\x02\x01\x70" SERVER12)}, "C 0303 2 ciphers|S alert 1 112|S 0303 c02f|", FAILED},
	{"no answer", {C(HELLO12)}, "C 0303 2 ciphers|", FAILED},
	{"a hello that is none", {C(CLIENT_HELLO)}, "C ?|", UNKNOWN},
	{"half a hello", {C("\x16\x03\x01\x00\x2f\x01\x00\x00\x2b\x03\x03"), S(ALERT)}, "C ?|S alert 2 40|", FAILED},
	{"half a hello, then a gap", {C("\x16\x03\x01\x00\x2f\x01"), GAP(STREAM_CLIENT), S(SERVER12)}, "C ?|S 0303 c02f|", UNKNOWN},
	{"a gap behind the server's hello", {C(HELLO12), S(SERVER12), GAP(STREAM_SERVER), S(CERTIFICATE), C(CHANGE FINISHED DATA)},
		"C 0303 2 ciphers|S 0303 c02f|encrypted|", UNKNOWN},
	{"SSL 2", {C("\x80\x1c\x01\x03\x01\x00\x03\x00\x00\x00\x10\x00\x00\x2f" "0123456789abcdef"), S(SERVER12)}, "C 0301 ssl2|S 0303 c02f|", FAILED},
};

static void put_list(char *text, struct slice list) {
	for (size_t i = 0; i < list.len; i++)
		sprintf(text + strlen(text), "%c", list.data[i] >= ' ' ? list.data[i] : ' ');
}

static void put_event(char *text, enum stream_side side, const struct event_tls *event) {
	static const char *const resumed[] = {"", " not resumed", " resumed"};
	text += strlen(text);
	if (event->step == EVENT_TLS_ENCRYPTED) {
		strcpy(text, "encrypted|");
		return;
	}
	text += sprintf(text, "%c ", side == STREAM_CLIENT ? 'C' : 'S');
	if (event->step == EVENT_TLS_CERTIFICATE) {
		sprintf(text, "%zu certificates, %zu bytes|", event->certificate_count, event->certificate.len);
	} else if (event->step == EVENT_TLS_ALERT) {
		sprintf(text, "alert %u %u|", event->alert_level, event->alert_description);
	} else if (event->hello == NULL) {
		strcpy(text, "?|");
	} else if (side == STREAM_CLIENT) {
		text += sprintf(text, "%04x", event->hello->version);
		text += event->hello->ssl2 ? sprintf(text, " ssl2") : sprintf(text, " %zu ciphers", event_tls_pair_count(event->hello->ciphers));
		if (event->hello->server_name.len > 0)
			strcpy(text, " ");
		put_list(text, event->hello->server_name);
		put_list(text, event->hello->protocols);
		strcat(text, "|");
	} else {
		sprintf(text, "%04x %04x%s%s|", event->hello->version, event->hello->cipher, event->hello->retry ? " retry" : "",
			resumed[event->hello->resumed]);
	}
}

static void feed_piece(struct tls_connection *connection, const struct piece *piece, size_t step, char *text) {
	struct event_tls event;
	for (size_t at = 0, len; at < piece->len; at += len) {
		len = step < piece->len - at ? step : piece->len - at;
		char *block = malloc(len);
		memcpy(block, piece->data + at, len);
		struct slice input = {block, len};
		struct tls_item item;
		struct tls_scratch scratch;
		while (tls_next(&connection->side[piece->side], piece->side, &input, (struct stream_moment){1, 1}, &item) == 1) {
			if (!tls_tell(connection, piece->side, &item, &scratch, &event))
				continue;
			struct event_tls broken;
			if (piece->side == STREAM_SERVER && tls_tell_broken(connection, STREAM_CLIENT, &broken))
				put_event(text, STREAM_CLIENT, &broken);
			put_event(text, piece->side, &event);
		}
		free(block);
	}
}

static void play(const struct dialogue *dialogue, size_t step) {
	struct tls_connection connection = {0};
	struct event_tls event;
	char text[1024] = "";
	for (size_t i = 0; i < 8 && dialogue->pieces[i].len > 0; i++) {
		const struct piece *piece = &dialogue->pieces[i];
		if (piece->data != NULL) {
			feed_piece(&connection, piece, step, text);
			continue;
		}
		if (tls_tell_broken(&connection, piece->side, &event))
			put_event(text, piece->side, &event);
		tls_lose(&connection.side[piece->side]);
	}
	struct event_tls_end end = tls_end(&connection, true, true);
	if (strcmp(text, dialogue->expected) != 0 || (int)end.handshake != dialogue->handshake)
		print_error("%s, in steps of %zu: %s %d\n", dialogue->name, step, text, end.handshake);
	assert_string_equal(text, dialogue->expected);
	assert_int_equal(end.handshake, dialogue->handshake);
	/* Who did not see all of it, or its end, cannot say that there was no more. */
	bool fatal = connection.failed;
	assert_true(tls_end(&connection, false, true).handshake != EVENT_TLS_HANDSHAKE_FAILED || fatal);
	assert_true(tls_end(&connection, true, false).handshake != EVENT_TLS_HANDSHAKE_FAILED || fatal);
	tls_finish(&connection.side[STREAM_CLIENT]);
	tls_finish(&connection.side[STREAM_SERVER]);
	checks++;
}

static void test_dialogues(void **state) {
	checks = 0;
	for (size_t i = 0; i < sizeof(dialogues) / sizeof(dialogues[0]); i++)
		for (size_t step = 1; step < 200; step++)
			play(&dialogues[i], step);
	assert_int_equal(checks, 20 * 199);
}

/* Records and bytes of data, by side. */
static void test_counts(void **state) {
	struct tls_connection connection = {0};
	char text[1024] = "";
	feed_piece(&connection, &(struct piece)C(HELLO13 CHANGE SEALED DATA "\x17\x03\x03\x00\x09xy"), SIZE_MAX, text);
	feed_piece(&connection, &(struct piece)S(SERVER13 CHANGE SEALED), 1, text);
	struct event_tls_end end = tls_end(&connection, true, false);
	assert_int_equal(end.data[STREAM_CLIENT].records, 3);
	assert_int_equal(end.data[STREAM_CLIENT].bytes, 45 + 3 + 2);
	assert_int_equal(end.data[STREAM_SERVER].records, 1);
	assert_int_equal(end.data[STREAM_SERVER].bytes, 45);
	assert_true(end.data[STREAM_CLIENT].known && end.data[STREAM_SERVER].known);
	tls_lose(&connection.side[STREAM_SERVER]);
	end = tls_end(&connection, true, false);
	assert_true(end.data[STREAM_CLIENT].known && !end.data[STREAM_SERVER].known);
}

/* A message of the largest length is kept, of one more is not; either way nothing else is held. */
static void test_long_message(void **state) {
	for (size_t len = TLS_MESSAGE_MAX - 1; len <= TLS_MESSAGE_MAX + 1; len++) {
		struct tls_reader reader = {0};
		struct tls_item item;
		size_t items = 0, left = len + 4;
		for (bool first = true; left > 0; first = false) {
			uint8_t record[5 + 4096] = {0x16, 3, 1};
			size_t part = left < 4096 ? left : 4096;
			record[3] = (uint8_t)(part >> 8);
			record[4] = (uint8_t)part;
			if (first)
				memcpy(record + 5, (uint8_t[]){1, (uint8_t)(len >> 16), (uint8_t)(len >> 8), (uint8_t)len}, 4);
			struct slice input = {(const char *)record, 5 + part};
			while (tls_next(&reader, STREAM_CLIENT, &input, (struct stream_moment){1, 1}, &item) == 1) {
				assert_int_equal(item.body.len, len <= TLS_MESSAGE_MAX ? len : 0);
				items++;
			}
			left -= part;
		}
		assert_int_equal(items, 1);
		assert_true(reader.message_capacity <= 2 * TLS_MESSAGE_MAX);
		assert_int_equal(reader.message_capacity > 0, len <= TLS_MESSAGE_MAX);
		tls_finish(&reader);
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_valid),
		cmocka_unit_test(test_invalid),
		cmocka_unit_test(test_start),
		cmocka_unit_test(test_dialogues),
		cmocka_unit_test(test_counts),
		cmocka_unit_test(test_long_message),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
