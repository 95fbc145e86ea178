/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * decode/tls_handshake.c: single handshake messages. The whole ones were recorded: swaks (OpenSSL) and Postfix.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "decode/tls_handshake.h"
#include "tests/unit/unhex.h"

#define RANDOM "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define RETRY "cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c"

/* What is behind the header of ClientHello, version 3.3, no session, two ciphers and compression NULL. */
#define HELLO "0303" RANDOM "00" "0004" "1301c02f" "0100"

enum kind { CLIENT, SSL2, SERVER, CERTIFICATES, CERTIFICATES13 };

static const struct row {
	const char *name;
	enum kind kind;
	const char *hex;
	const char *expected; /* NULL: no such message */
} rows[] = {
	{"no extensions at all", CLIENT, HELLO, "0303 0/2/1/0"},
	{"an empty block of extensions", CLIENT, HELLO "0000", "0303 0/2/1/0"},
	{"a block of extensions that is too short", CLIENT, HELLO "0001", NULL},
	{"bytes behind the extensions", CLIENT, HELLO "0000" "00", NULL},
	{"extensions", CLIENT, HELLO "000c" "00170000" "000b0002" "0100", NULL},
	{"a point format list", CLIENT, HELLO "000a" "00170000" "000b0002" "0100", "0303 0/2/1/10 23:0 11:2"},
	{"an extension that reaches over the end", CLIENT, HELLO "0008" "00170005" "000b0002", NULL},
	{"half an extension header", CLIENT, HELLO "0006" "00170000" "000b", NULL},
	{"GREASE", CLIENT, "0303" RANDOM "00" "0004" "0a0ac02f" "0100" "0008" "1a1a0000" "dada0000", "0303 0/2/1/8 6682:0 56026:0"},
	{"no cipher", CLIENT, "0303" RANDOM "00" "0000" "0100", "0303 0/0/1/0"},
	{"half a cipher", CLIENT, "0303" RANDOM "00" "0001" "13" "0100", NULL},
	{"no compression method", CLIENT, "0303" RANDOM "00" "0002" "1301" "00", NULL},
	{"a session of 33 bytes", CLIENT, "0303" RANDOM "21" RANDOM "ff" "0002" "1301" "0100", NULL},
	{"a session of 32 bytes", CLIENT, "0301" RANDOM "20" RANDOM "0002" "1301" "0100", "0301 32/1/1/0"},
	{"another protocol's version", CLIENT, "0200" RANDOM "00" "0002" "1301" "0100", NULL},
	{"a list of ciphers as long as it can be said", CLIENT, "0303" RANDOM "00" "fffe" "1301" "0100", NULL},
	{"server name and ALPN", CLIENT,
		HELLO "0027" "0000000e" "000c" "00" "0009" "6d61696c2e74657374" "00100011" "000f" "04" "736d7470" "09" "696d61702f74657374",
		"0303 0/2/1/39 0:14 16:17"},
	{"nothing", CLIENT, "", NULL},

	{"SSL 2", SSL2, "01" "0301" "0006" "0000" "0010" "00002f" "010080" "000102030405060708090a0b0c0d0e0f", "0301 ssl2 0/2"},
	{"SSL 2 with half a cipher", SSL2, "01" "0301" "0005" "0000" "0010" "00002f" "0100" "000102030405060708090a0b0c0d0e0f", NULL},
	{"SSL 2, a challenge of 33 bytes", SSL2, "01" "0301" "0003" "0000" "0021" "00002f" RANDOM "20", NULL},
	{"SSL 2, another message", SSL2, "04" "0301" "0003" "0000" "0010" "00002f" "000102030405060708090a0b0c0d0e0f", NULL},
	{"SSL 2 with more behind it", SSL2, "01" "0301" "0003" "0000" "0010" "00002f" "000102030405060708090a0b0c0d0e0f10", NULL},
	{"SSL 2, lengths as large as they can be", SSL2, "01" "0301" "ffff" "ffff" "ffff" "00", NULL},

	{"ServerHello of TLS 1.2", SERVER, "0303" RANDOM "00" "c02f" "00" "0005" "ff010001" "00", "0303 0303 c02f 0"},
	{"ServerHello without extensions", SERVER, "0301" RANDOM "00" "002f" "00", "0301 0301 002f 0"},
	{"TLS 1.3", SERVER, "0303" RANDOM "20" RANDOM "1302" "00" "0006" "002b0002" "0304", "0303 0304 1302 32"},
	{"TLS 1.3 resumed", SERVER, "0303" RANDOM "00" "1302" "00" "000c" "002b0002" "0304" "00290002" "0000", "0303 0304 1302 0 psk"},
	{"HelloRetryRequest", SERVER, "0303" RETRY "00" "1302" "00" "0006" "002b0002" "0304", "0303 0304 1302 0 retry"},
	{"a list of versions where one belongs", SERVER, "0303" RANDOM "00" "1302" "00" "0007" "002b0003" "020304", NULL},
	{"more behind the extensions", SERVER, "0303" RANDOM "00" "1302" "00" "0000" "00", NULL},
	{"a session of 33 bytes", SERVER, "0303" RANDOM "21" RANDOM "ff" "1302" "00", NULL},

	{"no certificate", CERTIFICATES, "000000", "0:"},
	{"two certificates", CERTIFICATES, "000009" "000002" "3000" "000001" "31", "2: 3000 31"},
	{"an empty certificate", CERTIFICATES, "000003" "000000", NULL},
	{"a certificate that reaches over the end", CERTIFICATES, "000005" "000003" "3000", NULL},
	{"a list that reaches over the end", CERTIFICATES, "000006" "000002" "3000", NULL},
	{"more behind the list", CERTIFICATES, "000005" "000002" "3000" "00", NULL},
	{"as long as it can be said", CERTIFICATES, "ffffff" "ffffff" "30", NULL},
	{"certificates of TLS 1.3", CERTIFICATES13, "01" "aa" "000010" "000002" "3000" "0000" "000001" "31" "0003" "000000", "2: 3000 31"},
	{"without the extensions", CERTIFICATES13, "00" "000005" "000002" "3000", NULL},
};

static bool tell_client(struct slice body, bool ssl2, char *text) {
	struct tls_client_hello hello;
	if (!(ssl2 ? tls_handshake_parse_ssl2_hello : tls_handshake_parse_client_hello)(body, &hello))
		return false;
	if (ssl2) {
		sprintf(text, "%04x ssl2 %zu/%zu", hello.legacy_version, hello.session_id.len, hello.ciphers.len / 3);
		return true;
	}
	text += sprintf(text, "%04x %zu/%zu/%zu/%zu", hello.legacy_version, hello.session_id.len, hello.ciphers.len / 2,
		hello.compression.len, hello.extensions.len);
	uint16_t type;
	struct slice value;
	while (tls_handshake_next_extension(&hello.extensions, &type, &value))
		text += sprintf(text, " %u:%zu", type, value.len);
	return true;
}

static bool tell_server(struct slice body, char *text) {
	struct tls_server_hello hello;
	if (!tls_handshake_parse_server_hello(body, &hello))
		return false;
	sprintf(text, "%04x %04x %04x %zu%s%s", hello.legacy_version, hello.version, hello.cipher, hello.session_id.len,
		hello.retry ? " retry" : "", hello.pre_shared_key ? " psk" : "");
	return true;
}

static bool tell_certificates(struct slice body, bool tls13, char *text) {
	struct slice list, der;
	size_t count;
	if (!(tls13 ? tls_handshake_parse_certificates13 : tls_handshake_parse_certificates)(body, &list, &count))
		return false;
	text += sprintf(text, "%zu:", count);
	while ((tls13 ? tls_handshake_next_certificate13 : tls_handshake_next_certificate)(&list, &der)) {
		*text++ = ' ';
		for (size_t i = 0; i < der.len; i++)
			text += sprintf(text, "%02x", (unsigned char)der.data[i]);
	}
	return true;
}

static bool tell(enum kind kind, struct slice body, char *text) {
	text[0] = '\0';
	switch (kind) {
	case CLIENT:
	case SSL2:
		return tell_client(body, kind == SSL2, text);
	case SERVER:
		return tell_server(body, text);
	default:
		return tell_certificates(body, kind == CERTIFICATES13, text);
	}
}

static void test_rows(void **state) {
	size_t checks = 0;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++, checks++) {
		const struct row *row = &rows[i];
		char text[4096];
		size_t len;
		char *body = unhex(row->hex, &len);
		bool ok = tell(row->kind, (struct slice){body, len}, text);
		if (ok != (row->expected != NULL) || (ok && strcmp(text, row->expected) != 0))
			print_error("%s: %s\n", row->name, ok ? text : "nothing");
		assert_int_equal(ok, row->expected != NULL);
		if (ok)
			assert_string_equal(text, row->expected);
		free(body);
	}
	assert_int_equal(checks, 41);
}

/* Recorded: swaks with OpenSSL 3.0. */
static const char recorded_hello[] =
	"03032fdce1e00678e419c1a3cc082179b51cb5a30dc334b47ea88b0f0b1fe4e380232084c184e9b1e937f68b2a3a5d15ee97e7874e5280b3d23f48834bd4"
	"2c7c005256003e130213031301c02cc030009fcca9cca8ccaac02bc02f009ec024c028006bc023c0270067c00ac0140039c009c0130033009d009c003d00"
	"3c0035002f00ff01000099000b000403000102000a00160014001d0017001e0019001801000101010201030104002300000016000000170000000d002a00"
	"28040305030603080708080809080a080b080408050806040105010601030303010302040205020602002b0009080304030303020301002d000201010033"
	"00260024001d0020f36931cc54d15a750a190273f2bc118e9b2b2b8c1a67462207337e4034bf890a";

static void test_recorded(void **state) {
	size_t len;
	char *body = unhex(recorded_hello, &len);
	struct tls_client_hello hello;
	struct slice value;
	assert_true(tls_handshake_parse_client_hello((struct slice){body, len}, &hello));
	assert_int_equal(hello.ciphers.len, 62);
	assert_int_equal(hello.session_id.len, 32);
	assert_false(tls_handshake_find_extension(hello.extensions, TLS_HANDSHAKE_SERVER_NAME, &value));
	assert_true(tls_handshake_find_extension(hello.extensions, TLS_HANDSHAKE_SUPPORTED_GROUPS, &value));
	assert_int_equal(tls_handshake_list16(value).len, 20);
	assert_true(tls_handshake_find_extension(hello.extensions, TLS_HANDSHAKE_POINT_FORMATS, &value));
	assert_int_equal(tls_handshake_list8(value).len, 3);
	assert_true(tls_handshake_find_extension(hello.extensions, TLS_HANDSHAKE_SUPPORTED_VERSIONS, &value));
	assert_int_equal(tls_handshake_list8(value).len, 8);
	assert_int_equal(tls_handshake_list16(value).len, 0); /* no such list */
	/* No shorter piece of it is a hello, but the one that ends before the extensions. */
	for (size_t cut = 0, hellos = 0; cut <= len; cut++) {
		char *piece = malloc(cut);
		memcpy(piece, body, cut);
		hellos += tls_handshake_parse_client_hello((struct slice){piece, cut}, &hello);
		assert_int_equal(hellos, (cut >= 2 + 32 + 33 + 64 + 2) + (cut == len));
		free(piece);
	}
	/* Any byte may be any other: what it says may be wrong, but nothing is read beyond the end. */
	char text[65536];
	for (size_t at = 0; at < len; at++)
		for (unsigned flip = 1; flip < 256; flip++) {
			body[at] = (char)(body[at] ^ flip);
			tell(CLIENT, (struct slice){body, len}, text);
			body[at] = (char)(body[at] ^ flip);
		}
	free(body);
}

static const struct name_row {
	const char *hex, *name;
} name_rows[] = {
	{"000c" "00" "0009" "6d61696c2e74657374", "mail.test"},
	{"000c" "01" "0009" "6d61696c2e74657374", ""}, /* not a host name */
	{"0010" "01" "0001" "78" "00" "0009" "6d61696c2e74657374", "mail.test"},
	{"000c" "00" "000a" "6d61696c2e74657374", ""},
	{"000d" "00" "0009" "6d61696c2e74657374", ""},
	{"0000", ""},
	{"", ""}, /* as a server sends it */
};

static void test_host_name(void **state) {
	size_t count = 0;
	for (; count < sizeof(name_rows) / sizeof(name_rows[0]); count++) {
		size_t len;
		char *value = unhex(name_rows[count].hex, &len);
		struct slice name = tls_handshake_host_name((struct slice){value, len});
		assert_int_equal(name.len, strlen(name_rows[count].name));
		assert_true(name.len == 0 || memcmp(name.data, name_rows[count].name, name.len) == 0);
		free(value);
	}
	assert_int_equal(count, 7);
}

static void test_protocols(void **state) {
	size_t len;
	char *value = unhex("000e" "04736d7470" "08687474702f312e31", &len);
	struct slice list = tls_handshake_list16((struct slice){value, len}), name;
	assert_true(tls_handshake_next_protocol(&list, &name));
	assert_memory_equal(name.data, "smtp", name.len);
	assert_true(tls_handshake_next_protocol(&list, &name));
	assert_memory_equal(name.data, "http/1.1", name.len);
	assert_false(tls_handshake_next_protocol(&list, &name));
	free(value);
}

static void test_grease(void **state) {
	size_t count = 0;
	for (unsigned value = 0; value <= 0xffff; value++)
		count += tls_handshake_is_grease((uint16_t)value);
	assert_int_equal(count, 16);
	assert_true(tls_handshake_is_grease(0x0a0a) && tls_handshake_is_grease(0xfafa));
	assert_false(tls_handshake_is_grease(0x0a1a) || tls_handshake_is_grease(0x1301));
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_recorded),
		cmocka_unit_test(test_host_name),
		cmocka_unit_test(test_protocols),
		cmocka_unit_test(test_grease),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
