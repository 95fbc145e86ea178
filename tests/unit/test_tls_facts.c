/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * report/tls_facts.c and report/tls_names.c. Fingerprints are compared with published ones: JA3 with those of its README
 * (https://github.com/salesforce/ja3), JA4 with those of https://github.com/FoxIO-LLC/ja4 (technical_details/JA4.md) and
 * https://shigshag.com/tools/ja4.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/record.h"
#include "report/tls_facts.h"
#include "report/tls_names.h"
#include "tests/unit/certificates.h"
#include "tests/unit/unhex.h"

/* Numbers with blanks between, as a list of two bytes each. */
static struct slice pairs(const char *text, int base) {
	char *block = malloc(2 * strlen(text) + 1);
	size_t len = 0;
	while (*text != '\0') {
		char *end;
		unsigned long value = strtoul(text, &end, base);
		block[len++] = (char)(value >> 8);
		block[len++] = (char)value;
		text = end + (*end == ' ');
	}
	char *exact = malloc(len);
	memcpy(exact, block, len);
	free(block);
	return (struct slice){exact, len};
}

static void release(struct event_tls_hello *hello) {
	const struct slice lists[] = {hello->ciphers, hello->extensions, hello->groups, hello->signature_algorithms};
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		free((void *)(uintptr_t)lists[i].data);
}

static const struct ja3_row {
	uint16_t version;
	const char *ciphers, *extensions, *groups, *formats;
	size_t format_count;
	const char *expected;
} ja3_rows[] = {
	{769, "47 53 5 10 49161 49162 49171 49172 50 56 19 4", "0 10 11", "23 24 25", "\0", 1, "ada70206e40642a3e4461f35503241d5"},
	{769, "4 5 10 9 100 98 3 6 19 18 99", "", "", "", 0, "de350869b8c85de67a350c8d186f11e6"},
	/* The same with GREASE: 2570 is 0x0a0a. */
	{769, "2570 47 53 5 10 49161 49162 49171 49172 50 56 19 4", "0 6682 10 11 64250", "2570 23 24 25", "\0", 1,
		"ada70206e40642a3e4461f35503241d5"},
};

static void test_ja3(void **state) {
	size_t checks = 0;
	for (; checks < sizeof(ja3_rows) / sizeof(ja3_rows[0]); checks++) {
		const struct ja3_row *row = &ja3_rows[checks];
		char text[TLS_FACTS_JA3_SIZE];
		struct event_tls_hello hello = {.legacy_version = row->version,
			.version = 0x0304,
			.ciphers = pairs(row->ciphers, 10),
			.extensions = pairs(row->extensions, 10),
			.groups = pairs(row->groups, 10),
			.point_formats = {row->formats, row->format_count}};
		assert_true(tls_facts_ja3(&hello, text));
		assert_string_equal(text, row->expected);
		hello.extensions_over_limit = true;
		assert_false(tls_facts_ja3(&hello, text));
		release(&hello);
	}
	assert_int_equal(checks, 3);
}

/* A server's that is often seen: TLS 1.3, the second suite, key_share and supported_versions. */
static void test_ja3s(void **state) {
	char text[TLS_FACTS_JA3_SIZE];
	struct event_tls_hello hello = {.legacy_version = 0x0303, .version = 0x0304, .cipher = 0x1302, .extensions = pairs("43 51", 10)};
	assert_true(tls_facts_ja3s(&hello, text));
	assert_string_equal(text, "15af977ce25de452b96affa2addb1036");
	release(&hello);
}

#define CHROME_CIPHERS "1301 1302 1303 c02b c02f c02c c030 cca9 cca8 c013 c014 009c 009d 002f 0035"
#define CHROME_EXTENSIONS "001b 0000 0033 0010 4469 0017 002d 000d 0005 0023 0012 002b ff01 000b 000a 0015"
#define CHROME_ALGORITHMS "0403 0804 0401 0503 0805 0501 0806 0601"

static const struct ja4_row {
	const char *name;
	uint16_t version;
	const char *ciphers, *extensions, *algorithms, *protocols;
	size_t protocols_len;
	bool server_name;
	const char *expected;
} ja4_rows[] = {
	{"JA4.md", 0x0304, CHROME_CIPHERS, CHROME_EXTENSIONS, CHROME_ALGORITHMS, "\x02h2", 3, true, "t13d1516h2_8daaf6152771_e5627efa2ab1"},
	{"with GREASE", 0x0304, "dada " CHROME_CIPHERS, "1a1a " CHROME_EXTENSIONS " 0a0a", "caca " CHROME_ALGORITHMS, "\x02h2\x08http/1.1", 12, true,
		"t13d1516h2_8daaf6152771_e5627efa2ab1"},
	{"shigshag.com", 0x0304, "00ff 1301 1302 1303 c02b c02c c02f c030 cca8 cca9", "0000 0005 000a 000b 000d 0010 0017 0023 002b 002d 0033",
		"0503 0403 0807 0806 0805 0804 0601 0501 0401", "\x02h2", 3, true, "t13d1011h2_61a7ad8aa9b6_3fcd1a44f3e3"},
	{"nothing at all", 0x0301, "", "", "", "", 0, false, "t10i000000_000000000000_000000000000"},
	{"only what is counted apart", 0x0303, "", "0000 0010", "0403", "\x02h2", 3, true, "t12d0002h2_000000000000_000000000000"},
	/* From here on the last part is that of "0005". */
	{"no algorithms", 0x0300, "", "0005", "", "", 0, false, "ts3i000100_000000000000_1ed8eb363bcd"},
	{"another version", 0x7f1c, "", "0005", "", "", 0, false, "t00i000100_000000000000_1ed8eb363bcd"},
	{"ALPN of one byte", 0x0303, "", "0005", "", "\x01x", 2, false, "t12i0001xx_000000000000_1ed8eb363bcd"},
	{"ALPN that begins with neither letter nor digit", 0x0303, "", "0005", "", "\x02\xab\x31", 3, false, "t12i0001a1_000000000000_1ed8eb363bcd"},
	{"ALPN that ends with neither", 0x0303, "", "0005", "", "\x03\x30\x31\xcd", 4, false, "t12i00013d_000000000000_1ed8eb363bcd"},
	{"ALPN with something else between", 0x0303, "", "0005", "", "\x04\x30\xab\xcd\x31", 5, false, "t12i000101_000000000000_1ed8eb363bcd"},
	{"ALPN that is cut short", 0x0303, "", "0005", "", "\x04h2", 3, false, "t12i000100_000000000000_1ed8eb363bcd"},
	{"ALPN that is empty", 0x0303, "", "0005", "", "\x00\x02h2", 4, false, "t12i000100_000000000000_1ed8eb363bcd"},
};

static void test_ja4(void **state) {
	size_t checks = 0;
	for (; checks < sizeof(ja4_rows) / sizeof(ja4_rows[0]); checks++) {
		const struct ja4_row *row = &ja4_rows[checks];
		char text[TLS_FACTS_JA4_SIZE] = "";
		struct event_tls_hello hello = {.version = row->version,
			.ciphers = pairs(row->ciphers, 16),
			.extensions = pairs(row->extensions, 16),
			.signature_algorithms = pairs(row->algorithms, 16),
			.has_server_name = row->server_name,
			.protocols = {row->protocols, row->protocols_len}};
		assert_true(tls_facts_ja4(&hello, text));
		if (strcmp(text, row->expected) != 0)
			print_error("%s: %s\n", row->name, text);
		assert_string_equal(text, row->expected);
		release(&hello);
	}
	assert_int_equal(checks, 13);
	char text[TLS_FACTS_JA4_SIZE];
	assert_false(tls_facts_ja4(&(struct event_tls_hello){.ssl2 = true}, text));
	assert_false(tls_facts_ja4(&(struct event_tls_hello){.extensions_over_limit = true}, text));
}

/* More than two digits can say. */
static void test_ja4_many(void **state) {
	char many[300 * 2], text[TLS_FACTS_JA4_SIZE];
	for (size_t i = 0; i < 300; i++) {
		many[2 * i] = 0x13;
		many[2 * i + 1] = (char)i;
	}
	assert_true(tls_facts_ja4(&(struct event_tls_hello){.ciphers = {many, 200}, .extensions = {many, sizeof(many)}}, text));
	assert_memory_equal(text, "t00i999900_", 11);
}

static void assert_slice(struct slice slice, const char *expected) {
	assert_int_equal(slice.len, strlen(expected));
	assert_memory_equal(slice.data, expected, slice.len);
}

static const struct certificate_row {
	const char *hex, *sha256, *subject, *issuer, *common_name, *serial;
	size_t name_count;
	int64_t not_before, not_after;
	enum tls_facts_answer self_signed;
} certificate_rows[] = {
	{certificate_self, certificate_self_sha256, "O=Example Ltd\\, Mail,CN=mail.example.com", "O=Example Ltd\\, Mail,CN=mail.example.com",
		"mail.example.com", "0a01", 4, 1767225600, 1798761600, TLS_FACTS_YES},
	{certificate_ca, certificate_ca_sha256, "O=Example CA,CN=Example Root", "O=Example CA,CN=Example Root", "Example Root", "01", 0,
		1577836800, 253402300799, TLS_FACTS_YES},
	{certificate_leaf, certificate_leaf_sha256, "CN=old.example.net", "O=Example CA,CN=Example Root", "old.example.net", "f1e2d3c4b5a69788", 0,
		1704067200, 1735689600, TLS_FACTS_NO},
	{certificate_impostor, certificate_impostor_sha256, "O=Example CA,CN=Example Root", "O=Example CA,CN=Example Root", "Example Root", "02", 0,
		1704067200, 1893456000, TLS_FACTS_NO},
};

static void test_certificates(void **state) {
	size_t checks = 0;
	for (; checks < sizeof(certificate_rows) / sizeof(certificate_rows[0]); checks++) {
		const struct certificate_row *row = &certificate_rows[checks];
		struct arena arena = {0};
		size_t len;
		char *der = unhex(row->hex, &len);
		const struct tls_facts_certificate *facts = tls_facts_read_certificate(&arena, (struct slice){der, len}, NULL);
		free(der);
		assert_non_null(facts);
		assert_slice(facts->subject, row->subject);
		assert_slice(facts->issuer, row->issuer);
		assert_slice(facts->common_name, row->common_name);
		assert_slice(facts->serial, row->serial);
		assert_string_equal(facts->sha256, row->sha256);
		assert_int_equal(facts->name_count, row->name_count);
		assert_true(facts->has_validity);
		assert_int_equal(facts->not_before_s, row->not_before);
		assert_int_equal(facts->not_after_s, row->not_after);
		assert_int_equal(facts->self_signed, row->self_signed);
		arena_finish(&arena);
	}
	assert_int_equal(checks, 4);
}

static enum tls_facts_answer read_self_signed(const char *hex, struct tls_facts_verdicts *verdicts) {
	struct arena arena = {0};
	size_t len;
	char *der = unhex(hex, &len);
	const struct tls_facts_certificate *facts = tls_facts_read_certificate(&arena, (struct slice){der, len}, verdicts);
	assert_non_null(facts);
	enum tls_facts_answer answer = facts->self_signed;
	free(der);
	arena_finish(&arena);
	return answer;
}

/* What was verified is not verified again, and what was is told of that certificate only. */
static void test_verdicts(void **state) {
	struct tls_facts_verdicts verdicts = {0};
	assert_int_equal(read_self_signed(certificate_self, &verdicts), TLS_FACTS_YES);
	assert_int_equal(read_self_signed(certificate_impostor, &verdicts), TLS_FACTS_NO);
	assert_int_equal(read_self_signed(certificate_leaf, &verdicts), TLS_FACTS_NO);
	assert_int_equal(verdicts.count, 2); /* the names of the last tell */
	verdicts.known[0].self_signed = TLS_FACTS_UNKNOWN;
	assert_int_equal(read_self_signed(certificate_self, &verdicts), TLS_FACTS_UNKNOWN);
	assert_int_equal(read_self_signed(certificate_ca, &verdicts), TLS_FACTS_YES);
	/* The oldest goes. */
	verdicts.count = TLS_FACTS_VERDICTS_MAX;
	verdicts.next = 0;
	verdicts.known[0].sha256[0] = 'x';
	assert_int_equal(read_self_signed(certificate_self, &verdicts), TLS_FACTS_YES);
	assert_int_equal(verdicts.count, TLS_FACTS_VERDICTS_MAX);
	assert_int_equal(verdicts.next, 1);
	assert_int_equal(read_self_signed(certificate_ca, &verdicts), TLS_FACTS_YES);
	assert_int_equal(verdicts.next, 1);
}

static void test_names(void **state) {
	static const char *const expected[] = {"mail.example.com", "*.mx.example.com", "192.0.2.10", "2001:db8::10"};
	struct arena arena = {0};
	size_t len;
	char *der = unhex(certificate_self, &len);
	const struct tls_facts_certificate *facts = tls_facts_read_certificate(&arena, (struct slice){der, len}, NULL);
	for (size_t i = 0; i < 4; i++)
		assert_slice(facts->names[i], expected[i]);
	arena_finish(&arena);
	free(der);
}

/* Any byte may be any other, and any part missing: there is no certificate, or another one. */
static void test_damaged(void **state) {
	size_t len, read = 0;
	char *der = unhex(certificate_self, &len);
	for (size_t at = 0; at < len; at++) {
		for (unsigned flip = 1; flip < 256; flip += flip < 8 ? 1 : 31) {
			struct arena arena = {0};
			der[at] = (char)(der[at] ^ flip);
			read += tls_facts_read_certificate(&arena, (struct slice){der, len}, NULL) != NULL;
			tls_facts_is_for_host((struct slice){der, len}, (struct slice){"mail.example.com", 16});
			der[at] = (char)(der[at] ^ flip);
			arena_finish(&arena);
		}
	}
	assert_true(read > 0);
	for (size_t cut = 0; cut < len; cut++) {
		struct arena arena = {0};
		char *piece = malloc(cut);
		memcpy(piece, der, cut);
		assert_null(tls_facts_read_certificate(&arena, (struct slice){piece, cut}, NULL));
		free(piece);
		arena_finish(&arena);
	}
	free(der);
}

static const struct host_row {
	const char *hex, *host;
	size_t host_len;
	enum tls_facts_answer expected;
} host_rows[] = {
#define HOST(certificate, host, expected) {certificate, host, sizeof(host) - 1, expected}
	HOST(certificate_self, "mail.example.com", TLS_FACTS_YES),
	HOST(certificate_self, "MAIL.example.COM.", TLS_FACTS_YES),
	HOST(certificate_self, "a.mx.example.com", TLS_FACTS_YES),
	HOST(certificate_self, "a.b.mx.example.com", TLS_FACTS_NO),
	HOST(certificate_self, "mx.example.com", TLS_FACTS_NO),
	HOST(certificate_self, "example.com", TLS_FACTS_NO),
	HOST(certificate_self, "mail.example.com\0.example.net", TLS_FACTS_UNKNOWN),
	HOST(certificate_self, "", TLS_FACTS_UNKNOWN),
	HOST(certificate_self, ".", TLS_FACTS_UNKNOWN),
	HOST(certificate_leaf, "old.example.net", TLS_FACTS_YES), /* no names: the subject's counts */
	HOST(certificate_leaf, "new.example.net", TLS_FACTS_NO),
	HOST("3000", "mail.example.com", TLS_FACTS_UNKNOWN),
};

static void test_hosts(void **state) {
	size_t checks = 0;
	for (; checks < sizeof(host_rows) / sizeof(host_rows[0]); checks++) {
		const struct host_row *row = &host_rows[checks];
		size_t len;
		char *der = unhex(row->hex, &len);
		if (tls_facts_is_for_host((struct slice){der, len}, (struct slice){row->host, row->host_len}) != row->expected)
			print_error("%s\n", row->host);
		assert_int_equal(tls_facts_is_for_host((struct slice){der, len}, (struct slice){row->host, row->host_len}), row->expected);
		free(der);
	}
	assert_int_equal(checks, 12);
}

static void test_table_of_names(void **state) {
	char spare[TLS_NAMES_SPARE];
	assert_string_equal(tls_names_cipher(0x0000, spare), "TLS_NULL_WITH_NULL_NULL");
	assert_string_equal(tls_names_cipher(0x1302, spare), "TLS_AES_256_GCM_SHA384");
	assert_string_equal(tls_names_cipher(0xc02f, spare), "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256");
	assert_string_equal(tls_names_cipher(0xd005, spare), "TLS_ECDHE_PSK_WITH_AES_128_CCM_SHA256");
	assert_string_equal(tls_names_cipher(0x0a0a, spare), "0x0a0a");
	assert_string_equal(tls_names_cipher(0xffff, spare), "0xffff");
	assert_string_equal(tls_names_version(0x0300, spare), "SSL 3.0");
	assert_string_equal(tls_names_version(0x0304, spare), "TLS 1.3");
	assert_string_equal(tls_names_version(0x7f1c, spare), "0x7f1c");
	assert_string_equal(tls_names_alert(0, spare), "close_notify");
	assert_string_equal(tls_names_alert(48, spare), "unknown_ca");
	assert_string_equal(tls_names_alert(121, spare), "ech_required");
	assert_string_equal(tls_names_alert(255, spare), "0x00ff");
	/* The tables are searched in halves, so they must be in order: then nothing is found twice, and all that is there is found. */
	size_t found = 0;
	for (unsigned cipher = 0; cipher <= 0xffff; cipher++)
		found += strncmp(tls_names_cipher((uint16_t)cipher, spare), "TLS_", 4) == 0;
	assert_int_equal(found, 354);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ja3),
		cmocka_unit_test(test_ja3s),
		cmocka_unit_test(test_ja4),
		cmocka_unit_test(test_ja4_many),
		cmocka_unit_test(test_certificates),
		cmocka_unit_test(test_verdicts),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_damaged),
		cmocka_unit_test(test_hosts),
		cmocka_unit_test(test_table_of_names),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
