/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * capture/link.c: link types, VLAN tags and what else stands before IP, nesting.
 */
#include "frame_hex.h"

enum {
	LINK_NULL = 0,
	LINK_ETHERNET = 1,
	LINK_PPP = 9,
	LINK_RAW = 12,
	LINK_RAW_OPENBSD = 14,
	LINK_RAW_FILE = 101,
	LINK_PPP_HDLC = 50,
	LINK_PPP_ETHER = 51,
	LINK_C_HDLC = 104,
	LINK_80211 = 105,
	LINK_FRELAY = 107,
	LINK_LOOP = 108,
	LINK_ENC = 109,
	LINK_SLL = 113,
	LINK_PRISM = 119,
	LINK_RADIOTAP = 127,
	LINK_AVS = 163,
	LINK_JUNIPER_ETHER = 178,
	LINK_PPP_WITH_DIR = 204,
	LINK_MPLS = 219,
	LINK_IPV4 = 228,
	LINK_IPV6 = 229,
	LINK_SLL2 = 276,
};

#define SLL(protocol) "0000 0001 0006 0200000000010000 " protocol " "
#define SLL2(protocol) protocol " 0000 00000002 0001 00 06 0200000000010000 "
#define TAG(ethertype, id) ethertype " " id " "
#define TAGS4 TAG("8100", "0001") TAG("8100", "0002") TAG("8100", "0003") TAG("8100", "0004")

#define SNAP "aaaa03 000000 "
#define MAC1 "020000000001 "
#define MAC2 "020000000002 "
#define MAC3 "020000000003 "
#define MAC4 "020000000004 "
#define WLAN(control) control " 0000 " MAC1 MAC2 MAC3 "1000 "
#define ZEROS16 "00000000000000000000000000000000 "
#define ZEROS64 ZEROS16 ZEROS16 ZEROS16 ZEROS16

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
	{"cooked 802.2", LINK_SLL, SLL("0004") SNAP "0800" IP4_HELLO, HELLO_V4, 0},
	{"802.3 and SNAP", LINK_ETHERNET, ETHERNET "0035" SNAP "0800" IP4_HELLO, HELLO_V4, 0},
	{"802.3 and SNAP of 802.1H", LINK_ETHERNET, ETHERNET "0049 aaaa03 0000f8 86dd" IP6_HELLO, HELLO_V6, 0},
	{"802.3, IP without SNAP", LINK_ETHERNET, ETHERNET "0030 060603" IP4_HELLO, HELLO_V4, 0},
	{"802.3 with padding", LINK_ETHERNET, ETHERNET "0035" SNAP "0800" IP4_HELLO "0000", HELLO_V4, 0},
	{"802.3 whose length is wrong", LINK_ETHERNET, ETHERNET "05dc" SNAP "0800" IP4_HELLO, HELLO_V4, 0},
	{"E-TAG", LINK_ETHERNET, ETHERNET "893f 0000 0001 0000 0800" IP4_HELLO, HELLO_V4, 0},
	{"VN-Tag", LINK_ETHERNET, ETHERNET "8926 0000 0001 0800" IP4_HELLO, HELLO_V4, 0},
	{"MACsec, only authenticated", LINK_ETHERNET, ETHERNET "88e5 00 00 00000001 0800" IP4_HELLO ZEROS16, HELLO_V4, 0},
	{"MACsec with a channel", LINK_ETHERNET, ETHERNET "88e5 20 00 00000001 0200000000010001 0800" IP4_HELLO ZEROS16, HELLO_V4,
		0},
	{"PPP", LINK_PPP, "0021" IP4_HELLO, HELLO_V4, 0},
	{"PPP with address and control", LINK_PPP, "ff03 0057" IP6_HELLO, HELLO_V6, 0},
	{"PPP, short protocol", LINK_PPP, "ff03 21" IP4_HELLO, HELLO_V4, 0},
	{"PPP, whole multilink packet", LINK_PPP, "ff03 003d c0000001 0021" IP4_HELLO, HELLO_V4, 0},
	{"PPP, MPLS", LINK_PPP, "ff03 0281 000641ff" IP4_HELLO, "mpls 100 " HELLO_V4, 0},
	{"PPP in HDLC", LINK_PPP_HDLC, "ff03 0021" IP4_HELLO, HELLO_V4, 0},
	{"PPP with direction", LINK_PPP_WITH_DIR, "01 ff03 0021" IP4_HELLO, HELLO_V4, 0},
	{"PPPoE without Ethernet", LINK_PPP_ETHER, "11 00 0007 002f 0021" IP4_HELLO, "pppoe 7 " HELLO_V4, 0},
	{"Cisco HDLC", LINK_C_HDLC, "0f00 0800" IP4_HELLO, HELLO_V4, 0},
	{"Cisco HDLC in the type for PPP", LINK_PPP_HDLC, "8f00 86dd" IP6_HELLO, HELLO_V6, 0},
	{"frame relay ipv4", LINK_FRELAY, "1841 03 cc" IP4_HELLO, HELLO_V4, 0},
	{"frame relay ipv6, padded, long address", LINK_FRELAY, "18400041 03 00 8e" IP6_HELLO, HELLO_V6, 0},
	{"frame relay SNAP", LINK_FRELAY, "1841 03 00 80 000000 0800" IP4_HELLO, HELLO_V4, 0},
	{"frame relay bridged", LINK_FRELAY, "1841 03 00 80 0080c2 0007" ETHERNET "0800" IP4_HELLO, HELLO_V4, 0},
	{"frame relay of Cisco", LINK_FRELAY, "1841 0800" IP4_HELLO, HELLO_V4, 0},
	{"802.11 from a station", LINK_80211, WLAN("0801") SNAP "0800" IP4_HELLO, HELLO_V4, 0},
	{"802.11 from an access point", LINK_80211, WLAN("0802") SNAP "86dd" IP6_HELLO, HELLO_V6, 0},
	{"802.11 QoS", LINK_80211, WLAN("8801") "0000" SNAP "0800" IP4_HELLO, HELLO_V4, 0},
	{"802.11 QoS with HT", LINK_80211, WLAN("8881") "0000 00000000" SNAP "0800" IP4_HELLO, HELLO_V4, 0},
	{"802.11 between access points", LINK_80211, WLAN("0803") MAC4 SNAP "0800" IP4_HELLO, HELLO_V4, 0},
	{"802.11 between access points, QoS", LINK_80211, WLAN("8803") MAC4 "0000" SNAP "0800" IP4_HELLO, HELLO_V4, 0},
	{"802.11 A-MSDU of one", LINK_80211, WLAN("8801") "8000" MAC1 MAC2 "0035" SNAP "0800" IP4_HELLO, HELLO_V4, 0},
	{"802.11 with checksum", LINK_80211, WLAN("0801") SNAP "0800" IP4_HELLO "deadbeef", HELLO_V4, 0},
	{"radiotap", LINK_RADIOTAP, "00 00 0800 00000000" WLAN("0801") SNAP "0800" IP4_HELLO, HELLO_V4, 0},
	{"radiotap with time and flags", LINK_RADIOTAP,
		"00 00 1200 03000000 0000000000000000 1000" WLAN("0801") SNAP "0800" IP4_HELLO "deadbeef", HELLO_V4, 0},
	{"radiotap with a padded header", LINK_RADIOTAP,
		"00 00 0900 02000000 20" WLAN("8801") "0000 0000" SNAP "0800" IP4_HELLO, HELLO_V4, 0},
	{"radiotap, more bits, time after them", LINK_RADIOTAP,
		"00 00 1a00 03000080 00000000 00000000 0000000000000000 2000" WLAN("8801") "0000 0000" SNAP "0800" IP4_HELLO, HELLO_V4,
		0},
	{"AVS", LINK_AVS, "80211001 0000000c 00000000" WLAN("0801") SNAP "0800" IP4_HELLO, HELLO_V4, 0},
	{"prism", LINK_PRISM, "00000044 00000090 00000000 00000000" ZEROS64 ZEROS64 WLAN("0801") SNAP "0800" IP4_HELLO, HELLO_V4, 0},
	{"AVS in the type for prism", LINK_PRISM, "80211001 0000000c 00000000" WLAN("0801") SNAP "0800" IP4_HELLO, HELLO_V4, 0},
	{"decrypted by OpenBSD", LINK_ENC, "02000000 00000001 00000000" IP4_HELLO, HELLO_V4, 0},
	{"Juniper Ethernet", LINK_JUNIPER_ETHER, "4d474301" ETHERNET "0800" IP4_HELLO, HELLO_V4, 0},
	{"Juniper Ethernet with extensions", LINK_JUNIPER_ETHER, "4d474380 0006 030304000000" ETHERNET "0800" IP4_HELLO, HELLO_V4, 0},
	{"MPLS without Ethernet", LINK_MPLS, "000641ff" IP4_HELLO, "mpls 100 " HELLO_V4, 0},
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
	{"cooked, family number", LINK_SLL, SLL("0001") IP4_HELLO, "not IP", 0},
	{"ethernet type of tomorrow", LINK_ETHERNET, ETHERNET "99fe" IP4_HELLO, "unknown Ethernet type", 0},
	{"lldp", LINK_ETHERNET, ETHERNET "88cc 0207", "not IP", 0},
	{"802.3, SNAP cut off", LINK_ETHERNET, ETHERNET "0035 aaaa03 00000008", "truncated link header", 50},
	{"802.3, CDP", LINK_ETHERNET, ETHERNET "0026 aaaa03 00000c 2000", "not IP", 0},
	{"802.3, SNAP of two access points", LINK_ETHERNET, ETHERNET "0035 aabb03 000000 0800" IP4_HELLO, "not IP", 0},
	{"802.3, numbered frame", LINK_ETHERNET, ETHERNET "0035 aaaa00 000000 0800" IP4_HELLO, "not IP", 0},
	{"MACsec, encrypted", LINK_ETHERNET, ETHERNET "88e5 0c 00 00000001 0800" IP4_HELLO ZEROS16, "encrypted link layer", 0},
	{"PPP LCP", LINK_PPP, "ff03 c021 0101", "not IP", 0},
	{"PPP encrypted", LINK_PPP, "ff03 00fd 9000", "encrypted link layer", 0},
	{"PPP, something else", LINK_PPP, "ff03 002f 9000", "unknown tunnel payload", 0},
	{"PPP, part of a multilink packet", LINK_PPP, "ff03 003d 80000001 0021" IP4_HELLO, "unknown tunnel payload", 0},
	{"PPP, nothing", LINK_PPP, "", "truncated link header", 0},
	{"PPP in PPP in PPP", LINK_PPP,
		"003d c0000001 003d c0000001 003d c0000001 003d c0000001 003d c0000001 003d c0000001 003d c0000001 003d c0000001"
		"003d c0000001 003d c0000001 003d c0000001 003d c0000001 003d c0000001 003d c0000001 003d c0000001 003d c0000001"
		"0021" IP4_HELLO,
		"too many nested headers", 0},
	{"Cisco keepalive", LINK_C_HDLC, "8f00 8035 00000002", "not IP", 0},
	{"frame relay, management", LINK_FRELAY, "0001 03 08 0075", "not IP", 0},
	{"frame relay without an end of its address", LINK_FRELAY, "10101010 1010 10", "bad link header", 0},
	{"802.11 protected", LINK_80211, WLAN("0841") "0000000000000000" SNAP "0800" IP4_HELLO, "encrypted link layer", 0},
	{"802.11 beacon", LINK_80211, WLAN("8000"), "not IP", 0},
	{"802.11 acknowledgement", LINK_80211, "d400 0000" MAC1, "not IP", 0},
	{"802.11 QoS null", LINK_80211, WLAN("c801") "0000", "not IP", 0},
	{"802.11 of another version", LINK_80211, WLAN("0b01") SNAP "0800" IP4_HELLO, "bad link header", 0},
	{"802.11 fragment", LINK_80211, "0805 0000" MAC1 MAC2 MAC3 "1000" SNAP "0800" IP4_HELLO, "unknown tunnel payload", 0},
	{"802.11 later fragment", LINK_80211, "0801 0000" MAC1 MAC2 MAC3 "1100" IP4_HELLO, "unknown tunnel payload", 0},
	{"802.11 A-MSDU of two", LINK_80211, WLAN("8801") "8000" MAC1 MAC2 "0035" SNAP "0800" IP4_HELLO "000000" MAC1 MAC2 "0035",
		"unknown tunnel payload", 0},
	{"802.11 cut off", LINK_80211, "0801 0000" MAC1, "truncated link header", 100},
	{"radiotap, bad checksum", LINK_RADIOTAP, "00 00 0900 02000000 40" WLAN("0801") SNAP "0800" IP4_HELLO, "bad link header", 0},
	{"radiotap longer than the frame", LINK_RADIOTAP, "00 00 ff00 00000000" WLAN("0801"), "bad link header", 0},
	{"radiotap of another version", LINK_RADIOTAP, "01 00 0800 00000000" WLAN("0801") SNAP "0800" IP4_HELLO, "bad link header", 0},
	{"AVS longer than the frame", LINK_AVS, "80211001 ffffffff 00000000" WLAN("0801"), "bad link header", 0},
	{"Juniper Ethernet without magic", LINK_JUNIPER_ETHER, "4d474401" ETHERNET "0800" IP4_HELLO, "bad link header", 0},
	{"Juniper Ethernet without Ethernet", LINK_JUNIPER_ETHER, "4d474302 0000" IP4_HELLO, "unknown tunnel payload", 0},
	{"cooked 2, short", LINK_SLL2, "0800 0000 00000002 0001 00 06 02000000000100", "truncated link header", 0},
	{"cooked 2, arp", LINK_SLL2, SLL2("0806") "0001", "not IP", 0},
};

static void test_valid(void **state) {
	size_t count = 0;
	for (; count < sizeof(valid_rows) / sizeof(valid_rows[0]); count++)
		frame_check_row(&valid_rows[count]);
	assert_int_equal(count, 74);
}

static void test_invalid(void **state) {
	size_t count = 0;
	for (; count < sizeof(invalid_rows) / sizeof(invalid_rows[0]); count++)
		frame_check_row(&invalid_rows[count]);
	assert_int_equal(count, 58);
}

static void test_cuts(void **state) {
	size_t cut_count = 0;
	for (size_t i = 0; i < sizeof(valid_rows) / sizeof(valid_rows[0]); i++)
		cut_count += frame_check_cuts(&valid_rows[i]);
	assert_int_equal(cut_count, 5271);
}

static void test_known_types(void **state) {
	size_t known_count = 0;
	for (int type = -10; type < 1000; type++) {
		struct segment segment;
		enum link_result result = link_parse(type, (const uint8_t *)"", 0, 0, &segment);
		assert_int_equal(link_type_is_known(type), result != LINK_UNKNOWN_LINK_TYPE);
		known_count += link_type_is_known(type);
	}
	assert_int_equal(known_count, 23);
}

static void test_names(void **state) {
	int count = 0;
	for (; count < LINK_RESULT_COUNT; count++) {
		assert_non_null(link_result_name((enum link_result)count));
		for (int other = 0; other < count; other++)
			assert_string_not_equal(
				link_result_name((enum link_result)count), link_result_name((enum link_result)other));
	}
	assert_int_equal(count, LINK_RESULT_COUNT);
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
