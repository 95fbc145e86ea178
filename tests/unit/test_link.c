/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * capture/link.c: link types, VLAN tags, nesting.
 */
#include "frame_hex.h"

enum {
	LINK_NULL = 0,
	LINK_ETHERNET = 1,
	LINK_RAW = 12,
	LINK_RAW_OPENBSD = 14,
	LINK_RAW_FILE = 101,
	LINK_LOOP = 108,
	LINK_SLL = 113,
	LINK_IPV4 = 228,
	LINK_IPV6 = 229,
	LINK_SLL2 = 276,
};

#define SLL(protocol) "0000 0001 0006 0200000000010000 " protocol " "
#define SLL2(protocol) protocol " 0000 00000002 0001 00 06 0200000000010000 "
#define TAG(ethertype, id) ethertype " " id " "
#define TAGS4 TAG("8100", "0001") TAG("8100", "0002") TAG("8100", "0003") TAG("8100", "0004")

static const struct frame_row valid_rows[] = {
	{"ethernet ipv4", LINK_ETHERNET, ETHERNET "0800" IP4_HELLO, HELLO_V4, 0},
	{"ethernet ipv6", LINK_ETHERNET, ETHERNET "86dd" IP6_HELLO, HELLO_V6, 0},
	{"ethernet with checksum at the end", LINK_ETHERNET, ETHERNET "0800" IP4_HELLO "deadbeef", HELLO_V4, 0},
	{"802.1Q", LINK_ETHERNET, ETHERNET TAG("8100", "0064") "0800" IP4_HELLO, "vlan 100 " HELLO_V4, 0},
	{"802.1Q with priority bits", LINK_ETHERNET, ETHERNET TAG("8100", "f064") "0800" IP4_HELLO, "vlan 100 " HELLO_V4, 0},
	{"802.1Q priority tag only", LINK_ETHERNET, ETHERNET TAG("8100", "e000") "0800" IP4_HELLO, HELLO_V4, 0},
	{"802.1ad and 802.1Q", LINK_ETHERNET, ETHERNET TAG("88a8", "0fff") TAG("8100", "0001") "86dd" IP6_HELLO,
		"vlan 4095.1 " HELLO_V6, 0},
	{"QinQ before the standard", LINK_ETHERNET, ETHERNET TAG("9100", "0007") TAG("8100", "0008") "0800" IP4_HELLO,
		"vlan 7.8 " HELLO_V4, 0},
	{"five tags, two kept", LINK_ETHERNET, ETHERNET TAGS4 TAG("8100", "0005") "0800" IP4_HELLO, "vlan 1.2 " HELLO_V4, 0},
	{"as many tags as may be", LINK_ETHERNET,
		ETHERNET TAGS4 TAGS4 TAGS4 TAG("8100", "0005") TAG("8100", "0006") "0800" IP4_HELLO, "vlan 1.2 " HELLO_V4,
		0},
	{"raw ipv4", LINK_RAW, IP4_HELLO, HELLO_V4, 0},
	{"raw ipv6", LINK_RAW, IP6_HELLO, HELLO_V6, 0},
	{"raw, value of OpenBSD", LINK_RAW_OPENBSD, IP4_HELLO, HELLO_V4, 0},
	{"raw, value of files", LINK_RAW_FILE, IP6_HELLO, HELLO_V6, 0},
	{"only ipv4", LINK_IPV4, IP4_HELLO, HELLO_V4, 0},
	{"only ipv6", LINK_IPV6, IP6_HELLO, HELLO_V6, 0},
	{"null ipv4, little endian", LINK_NULL, "02000000" IP4_HELLO, HELLO_V4, 0},
	{"null ipv4, big endian", LINK_NULL, "00000002" IP4_HELLO, HELLO_V4, 0},
	{"null ipv6 of Linux", LINK_NULL, "0a000000" IP6_HELLO, HELLO_V6, 0},
	{"null ipv6 of OpenBSD", LINK_NULL, "00000018" IP6_HELLO, HELLO_V6, 0},
	{"null ipv6 of FreeBSD", LINK_NULL, "1c000000" IP6_HELLO, HELLO_V6, 0},
	{"null ipv6 of macOS", LINK_NULL, "1e000000" IP6_HELLO, HELLO_V6, 0},
	{"loop ipv4", LINK_LOOP, "00000002" IP4_HELLO, HELLO_V4, 0},
	{"loop ipv6", LINK_LOOP, "00000018" IP6_HELLO, HELLO_V6, 0},
	{"cooked ipv4", LINK_SLL, SLL("0800") IP4_HELLO, HELLO_V4, 0},
	{"cooked ipv6", LINK_SLL, SLL("86dd") IP6_HELLO, HELLO_V6, 0},
	{"cooked 802.1Q", LINK_SLL, SLL("8100") "0064 0800" IP4_HELLO, "vlan 100 " HELLO_V4, 0},
	{"cooked 2 ipv4", LINK_SLL2, SLL2("0800") IP4_HELLO, HELLO_V4, 0},
	{"cooked 2 ipv6", LINK_SLL2, SLL2("86dd") IP6_HELLO, HELLO_V6, 0},
	{"cooked 2 802.1ad", LINK_SLL2, SLL2("88a8") "0064 8100 0065 86dd" IP6_HELLO, "vlan 100.101 " HELLO_V6, 0},
};

static const struct frame_row invalid_rows[] = {
	{"link type of no row", 147, IP4_HELLO, "unknown link type", 0},
	{"negative link type", -1, IP4_HELLO, "unknown link type", 0},
	{"empty ethernet frame", LINK_ETHERNET, "", "truncated link header", 0},
	{"ethernet, short", LINK_ETHERNET, ETHERNET "08", "truncated link header", 0},
	{"arp", LINK_ETHERNET, ETHERNET "0806 0001 0800 0604", "not IP", 0},
	{"802.3 length", LINK_ETHERNET, ETHERNET "0026 424203", "not IP", 0},
	{"802.1Q, short", LINK_ETHERNET, ETHERNET "8100 0064 08", "truncated link header", 0},
	{"802.1Q, nothing in it", LINK_ETHERNET, ETHERNET "8100 0064 0800", "truncated IP header", 0},
	{"802.1Q with arp", LINK_ETHERNET, ETHERNET "8100 0064 0806 0001", "not IP", 0},
	{"one tag too many", LINK_ETHERNET,
		ETHERNET TAGS4 TAGS4 TAGS4 TAG("8100", "0005") TAG("8100", "0006") TAG("8100", "0007") "0800" IP4_HELLO,
		"too many nested headers", 0},
	{"tags to the end", LINK_ETHERNET, ETHERNET TAGS4 TAGS4 TAGS4 TAGS4 TAGS4 TAGS4, "too many nested headers", 0},
	{"ipv6 in the type for ipv4", LINK_ETHERNET, ETHERNET "0800" IP6_HELLO, "bad IP header", 0},
	{"ipv4 in the type for ipv6", LINK_ETHERNET, ETHERNET "86dd" IP4_HELLO, "bad IP header", 0},
	{"raw, empty", LINK_RAW, "", "truncated IP header", 0},
	{"raw, neither version", LINK_RAW, "5500002d", "not IP", 0},
	{"only ipv4, but ipv6", LINK_IPV4, IP6_HELLO, "bad IP header", 0},
	{"only ipv6, but ipv4", LINK_IPV6, IP4_HELLO, "bad IP header", 0},
	{"null, short", LINK_NULL, "020000", "truncated link header", 0},
	{"null, other family", LINK_NULL, "07000000" IP4_HELLO, "not IP", 0},
	{"null, no family at all", LINK_NULL, "12345678" IP4_HELLO, "not IP", 0},
	{"loop, short", LINK_LOOP, "000002", "truncated link header", 0},
	{"loop, wrong byte order", LINK_LOOP, "02000000" IP4_HELLO, "not IP", 0},
	{"cooked, short", LINK_SLL, "0000 0001 0006 0200000000010000 08", "truncated link header", 0},
	{"cooked, 802.2", LINK_SLL, SLL("0004") IP4_HELLO, "not IP", 0},
	{"cooked 2, short", LINK_SLL2, "0800 0000 00000002 0001 00 06 02000000000100", "truncated link header", 0},
	{"cooked 2, arp", LINK_SLL2, SLL2("0806") "0001", "not IP", 0},
};

static void test_valid(void **state) {
	size_t count = 0;
	for (; count < sizeof(valid_rows) / sizeof(valid_rows[0]); count++)
		frame_check_row(&valid_rows[count]);
	assert_int_equal(count, 30);
}

static void test_invalid(void **state) {
	size_t count = 0;
	for (; count < sizeof(invalid_rows) / sizeof(invalid_rows[0]); count++)
		frame_check_row(&invalid_rows[count]);
	assert_int_equal(count, 26);
}

static void test_cuts(void **state) {
	size_t cut_count = 0;
	for (size_t i = 0; i < sizeof(valid_rows) / sizeof(valid_rows[0]); i++)
		cut_count += frame_check_cuts(&valid_rows[i]);
	assert_int_equal(cut_count, 2010);
}

static void test_known_types(void **state) {
	size_t known_count = 0;
	for (int type = -10; type < 1000; type++) {
		struct segment segment;
		enum link_result result = link_parse(type, (const uint8_t *)"", 0, 0, &segment);
		assert_int_equal(link_type_is_known(type), result != LINK_UNKNOWN_LINK_TYPE);
		known_count += link_type_is_known(type);
	}
	assert_int_equal(known_count, 10);
}

static void test_names(void **state) {
	int count = 0;
	for (; count < LINK_RESULT_COUNT; count++) {
		assert_non_null(link_result_name((enum link_result)count));
		for (int other = 0; other < count; other++)
			assert_string_not_equal(
				link_result_name((enum link_result)count), link_result_name((enum link_result)other));
	}
	assert_int_equal(count, 12);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_valid),
		cmocka_unit_test(test_invalid),
		cmocka_unit_test(test_cuts),
		cmocka_unit_test(test_known_types),
		cmocka_unit_test(test_names),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
