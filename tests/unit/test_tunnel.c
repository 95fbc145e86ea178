/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * capture/tunnel.c: what is inside of tunnels, and what only looks like one.
 */
#include "frame_hex.h"

enum { RAW = 101, ETHER = 1 };

/* The hello of frame_hex.h: 45 bytes as IPv4, 65 as IPv6, 14 more as Ethernet. */
#define ETHER_HELLO ETHERNET "0800" IP4_HELLO
#define ETHER_TAGGED ETHERNET "8100 0064 0800" IP4_HELLO
#define OUTER4(total_len, protocol) "45 00 " total_len " 0007 0000 40 " protocol " 0000 0a000001 0a000002 "
#define OUTER6(payload_len, next) "60000000 " payload_len " " next " 40 20010db8000000010000000000000001 20010db8000000010000000000000002 "
/* The payload's length counts neither in IP nor in UDP here: 0 says that the frame holds it all. */
#define UDP4(source, destination) OUTER4("0000", "11") source " " destination " 0000 0000 "
#define VXLAN(flags, id) flags " 000000 " id " 00 "
#define GTP(flags, len) flags " ff " len " 00000102 "
#define TEREDO_HELLO "60000000 0019 06 40 " IP6_ADDRESSES TCP HELLO

static const struct frame_row valid_rows[] = {
	{"ip in ip", RAW, OUTER4("0041", "04") IP4_HELLO, "ip 0 " HELLO_V4, 0},
	{"6in4", RAW, OUTER4("0055", "29") IP6_HELLO, "ip 0 " HELLO_V6, 0},
	{"4in6", RAW, OUTER6("002d", "04") IP4_HELLO, "ip 0 " HELLO_V4, 0},
	{"6in6", RAW, OUTER6("0041", "29") IP6_HELLO, "ip 0 " HELLO_V6, 0},
	{"ip in ip, vlan of the outside", ETHER, ETHERNET "8100 0064 0800" OUTER4("0041", "04") IP4_HELLO, "vlan 100 ip 0 " HELLO_V4, 0},
	{"three times", RAW, OUTER4("0069", "04") OUTER4("0055", "04") OUTER4("0041", "04") IP4_HELLO, "ip 0 ip 0 ip 0 " HELLO_V4, 0},
	{"gre", RAW, OUTER4("0000", "2f") "0000 0800" IP4_HELLO, "gre 0 " HELLO_V4, 0},
	{"gre, checksum", RAW, OUTER4("0000", "2f") "8000 0800 12340000" IP4_HELLO, "gre 0 " HELLO_V4, 0},
	{"gre, key", RAW, OUTER4("0000", "2f") "2000 0800 0000002a" IP4_HELLO, "gre 42 " HELLO_V4, 0},
	{"gre, sequence", RAW, OUTER4("0000", "2f") "1000 86dd 00000001" IP6_HELLO, "gre 0 " HELLO_V6, 0},
	{"gre, all three", RAW, OUTER4("0000", "2f") "b000 0800 12340000 0000002a 00000001" IP4_HELLO, "gre 42 " HELLO_V4, 0},
	{"gre, routing", RAW, OUTER4("0000", "2f") "4000 0800 00000000 0800 0004 0a000009 0000 0000" IP4_HELLO, "gre 0 " HELLO_V4, 0},
	{"gre in ipv6", RAW, OUTER6("0031", "2f") "0000 0800" IP4_HELLO, "gre 0 " HELLO_V4, 0},
	{"gre, bridged", RAW, OUTER4("0000", "2f") "0000 6558" ETHER_HELLO, "gre 0 " HELLO_V4, 0},
	{"nvgre", RAW, OUTER4("0057", "2f") "2000 6558 00138807" ETHER_HELLO, "nvgre 5000 own " HELLO_V4, 0},
	{"nvgre, vlan of the inside", ETHER, ETHERNET "8100 0007 0800" OUTER4("0000", "2f") "2000 6558 00138807" ETHER_TAGGED,
		"vlan 100 nvgre 5000 own " HELLO_V4, 0},
	{"gre, mpls", RAW, OUTER4("0000", "2f") "0000 8847 000641ff" IP4_HELLO, "gre 0 mpls 100 " HELLO_V4, 0},
	{"gre, ppp", RAW, OUTER4("0000", "2f") "0000 880b ff03 0021" IP4_HELLO, "gre 0 " HELLO_V4, 0},
	{"pptp", RAW, OUTER4("0000", "2f") "3001 880b 0031 0005 00000001 ff03 0021" IP4_HELLO, "pptp 5 " HELLO_V4, 0},
	{"pptp, acknowledged", RAW, OUTER4("0000", "2f") "3081 880b 002e 0005 00000001 00000001 21" IP4_HELLO, "pptp 5 " HELLO_V4, 0},
	{"erspan I", RAW, OUTER4("0000", "2f") "0000 88be" ETHER_HELLO, "erspan 0 " HELLO_V4, 0},
	{"erspan II", RAW, OUTER4("0000", "2f") "1000 88be 00000001 1064 0bff 00000007" ETHER_HELLO, "erspan 1023 " HELLO_V4, 0},
	{"erspan II, tagged", RAW, OUTER4("0000", "2f") "1000 88be 00000001 1064 0bff 00000007" ETHER_TAGGED,
		"vlan 100 erspan 1023 " HELLO_V4, 0},
	{"erspan III", RAW, OUTER4("0000", "2f") "1000 22eb 00000001 2064 0003 00000000 0000 0000" ETHER_HELLO, "erspan 3 " HELLO_V4, 0},
	{"erspan III with a subheader", RAW,
		OUTER4("0000", "2f") "1000 22eb 00000001 2064 0003 00000000 0000 0001 0000000000000000" ETHER_HELLO,
		"erspan 3 " HELLO_V4, 0},
	{"erspan III of ip", RAW, OUTER4("0000", "2f") "1000 22eb 00000001 2064 0003 00000000 0000 0800" IP4_HELLO,
		"erspan 3 " HELLO_V4, 0},
	{"etherip", RAW, OUTER4("0000", "61") "3000" ETHER_HELLO, "etherip 0 " HELLO_V4, 0},
	{"ethernet in ip", RAW, OUTER6("003b", "8f") ETHER_HELLO, HELLO_V4, 0},
	{"mpls in ip", RAW, OUTER4("0000", "89") "000641ff" IP4_HELLO, "mpls 100 " HELLO_V4, 0},
	{"l2tpv3", RAW, OUTER4("0000", "73") "00000009" ETHER_HELLO, "l2tp 9 " HELLO_V4, 0},
	{"l2tpv3, cookie", RAW, OUTER4("0000", "73") "00000009 deadbeef" ETHER_HELLO, "l2tp 9 " HELLO_V4, 0},
	{"l2tpv3, long cookie and sublayer", RAW, OUTER4("0000", "73") "00000009 deadbeefcafebabe 00000000" ETHER_TAGGED,
		"vlan 100 l2tp 9 " HELLO_V4, 0},
	{"mpls", ETHER, ETHERNET "8847 000641ff" IP4_HELLO, "mpls 100 " HELLO_V4, 0},
	{"mpls, two labels, ipv6", ETHER, ETHERNET "8847 000640ff 00002140" IP6_HELLO, "mpls 100 mpls 2 " HELLO_V6, 0},
	{"mpls, five labels, four told", ETHER, ETHERNET "8847 000640ff 000650ff 000660ff 000670ff 000681ff" IP4_HELLO,
		"mpls 100 mpls 101 mpls 102 mpls 103 " HELLO_V4, 0},
	{"mpls pseudowire", ETHER, ETHERNET "8847 000641ff" ETHER_HELLO, "mpls 100 " HELLO_V4, 0},
	{"mpls pseudowire with control word", ETHER, ETHERNET "8847 000641ff 00000001" ETHER_HELLO, "mpls 100 " HELLO_V4, 0},
	{"mpls pseudowire to an address like ipv4", ETHER, ETHERNET "8847 000641ff 450000000002 020000000001 0800" IP4_HELLO,
		"mpls 100 " HELLO_V4, 0},
	{"mpls pseudowire to an address like ipv6", ETHER, ETHERNET "8847 000641ff 620000000002 020000000001 0800" IP4_HELLO,
		"mpls 100 " HELLO_V4, 0},
	{"mpls, ipv4 without a length", ETHER, ETHERNET "8847 000641ff" IP4("0000") TCP HELLO, "mpls 100 " HELLO_V4, 0},
	{"pppoe", ETHER, ETHERNET "8864 11 00 0007 002f 0021" IP4_HELLO, "pppoe 7 " HELLO_V4, 0},
	{"pppoe, ipv6, tagged", ETHER, ETHERNET "8100 0064 8864 11 00 0007 0043 0057" IP6_HELLO, "vlan 100 pppoe 7 " HELLO_V6, 0},
	{"provider backbone bridge", ETHER, ETHERNET "88a8 0064 88e7 00000abc" ETHER_TAGGED, "vlan 100 pbb 2748 own " HELLO_V4, 0},
	{"service header", ETHER, ETHERNET "894f 0fc2 0101 00000105" IP4_HELLO, "nsh 1 " HELLO_V4, 0},
	{"service header with metadata, ethernet", ETHER,
		ETHERNET "894f 0fc6 0103 00000105 00000000 00000000 00000000 00000000" ETHER_HELLO, "nsh 1 " HELLO_V4, 0},
	{"vxlan", RAW, UDP4("c000", "12b5") VXLAN("08", "00002a") ETHER_HELLO, "vxlan 42 own " HELLO_V4, 0},
	{"vxlan, group policy", RAW, UDP4("c000", "12b5") "88 00 0010 00002a 00" ETHER_HELLO, "vxlan 42 own " HELLO_V4, 0},
	{"vxlan of network 0", RAW, UDP4("c000", "12b5") VXLAN("08", "000000") ETHER_HELLO, "vxlan 0 own " HELLO_V4, 0},
	{"vxlan, vlan of the inside", ETHER, ETHERNET "8100 0007 0800" UDP4("c000", "12b5") VXLAN("08", "00002a") ETHER_TAGGED,
		"vlan 100 vxlan 42 own " HELLO_V4, 0},
	{"vxlan of Linux", RAW, UDP4("c000", "2118") VXLAN("08", "00002a") ETHER_HELLO, "vxlan 42 own " HELLO_V4, 0},
	{"vxlan over ipv6", RAW, OUTER6("004b", "11") "c000 12b5 004b 0000" VXLAN("08", "00002a") ETHER_HELLO,
		"vxlan 42 own " HELLO_V4, 0},
	{"vxlan in vxlan", RAW,
		UDP4("c000", "12b5") VXLAN("08", "00002a") ETHERNET "0800" UDP4("c000", "12b5") VXLAN("08", "00002b") ETHER_HELLO,
		"vxlan 42 vxlan 43 own " HELLO_V4, 0},
	{"vxlan-gpe, ipv4", RAW, UDP4("c000", "12b6") "0c 0000 01 00002a 00" IP4_HELLO, "vxlan 42 own " HELLO_V4, 0},
	{"vxlan-gpe, ipv6", RAW, UDP4("c000", "12b6") "0c 0000 02 00002a 00" IP6_HELLO, "vxlan 42 own " HELLO_V6, 0},
	{"vxlan-gpe, ethernet", RAW, UDP4("c000", "12b6") "0c 0000 03 00002a 00" ETHER_HELLO, "vxlan 42 own " HELLO_V4, 0},
	{"vxlan-gpe, service header", RAW, UDP4("c000", "12b6") "0c 0000 04 00002a 00 0fc2 0101 00000105" IP4_HELLO,
		"vxlan 42 nsh 1 own " HELLO_V4, 0},
	{"vxlan-gpe, mpls", RAW, UDP4("c000", "12b6") "0c 0000 05 00002a 00 000641ff" IP4_HELLO, "vxlan 42 mpls 100 own " HELLO_V4, 0},
	{"geneve", RAW, UDP4("c000", "17c1") "00 00 6558 00002a 00" ETHER_HELLO, "geneve 42 own " HELLO_V4, 0},
	{"geneve, options, ipv6", RAW, UDP4("c000", "17c1") "02 40 86dd 00002a 00 0102800100000000" IP6_HELLO,
		"geneve 42 own " HELLO_V6, 0},
	{"gtp", RAW, UDP4("0868", "0868") GTP("30", "002d") IP4_HELLO, "gtp 258 " HELLO_V4, 0},
	{"gtp, from its port", RAW, UDP4("0868", "c000") GTP("30", "0041") IP6_HELLO, "gtp 258 " HELLO_V6, 0},
	{"gtp, sequence", RAW, UDP4("0868", "0868") GTP("32", "0031") "0001 00 00" IP4_HELLO, "gtp 258 " HELLO_V4, 0},
	{"gtp, two extensions", RAW, UDP4("0868", "0868") GTP("34", "003d") "0000 00 85 01 0009 40 02 123456789012 00" IP4_HELLO,
		"gtp 258 " HELLO_V4, 0},
	{"teredo", RAW, UDP4("0dd8", "c000") TEREDO_HELLO, "teredo 0 " HELLO_V6, 0},
	{"teredo, origin", RAW, UDP4("0dd8", "c000") "0000 1234 0a000001" TEREDO_HELLO, "teredo 0 " HELLO_V6, 0},
	{"teredo, authentication", RAW, UDP4("c000", "0dd8") "0001 00 00 0102030405060708 00" TEREDO_HELLO, "teredo 0 " HELLO_V6, 0},
	{"teredo, both", RAW, UDP4("c000", "0dd8") "0001 02 01 aabb cc 0102030405060708 00 0000 1234 0a000001" TEREDO_HELLO,
		"teredo 0 " HELLO_V6, 0},
	{"l2tp", RAW, UDP4("06a5", "06a5") "0002 0001 0007 ff03 0021" IP4_HELLO, "l2tp 7 " HELLO_V4, 0},
	{"l2tp, length, sequence, offset", RAW, UDP4("06a5", "c000") "4a02 003f 0001 0007 0000 0001 0002 0000 0021" IP4_HELLO,
		"l2tp 7 " HELLO_V4, 0},
	{"l2tpv3 over udp", RAW, UDP4("06a5", "06a5") "0003 0000 00000009 deadbeef" ETHER_HELLO, "l2tp 9 " HELLO_V4, 0},
	{"gre in udp", RAW, UDP4("c000", "1292") "0000 0800" IP4_HELLO, "gre 0 " HELLO_V4, 0},
	{"mpls in udp", RAW, UDP4("c000", "19eb") "000640ff 000641ff" IP4_HELLO, "mpls 100 mpls 100 " HELLO_V4, 0},
	{"icmp error in a tunnel", RAW,
		UDP4("c000", "12b5") VXLAN("08", "00002a") ETHERNET
		"0800 45 00 0038 0001 0000 40 01 0000 cb007109 c0000201 030d 0000 00000000 " IP4("002d") "9c40 0019 01020304",
		"vxlan 42 own 192.0.2.1:40000 > 198.51.100.2:25 seq 01020304 icmp admin-prohibited", 0},
};

/* What a port alone does not prove stays a datagram like any other. */
static const struct frame_row invalid_rows[] = {
	{"udp of other ports", RAW, UDP4("c000", "0035") VXLAN("08", "00002a") ETHER_HELLO, "not TCP", 0},
	{"from the port of vxlan", RAW, UDP4("12b5", "c000") VXLAN("08", "00002a") ETHER_HELLO, "not TCP", 0},
	{"vxlan without its flag", RAW, UDP4("c000", "12b5") VXLAN("00", "00002a") ETHER_HELLO, "not TCP", 0},
	{"vxlan with others", RAW, UDP4("c000", "12b5") VXLAN("4a", "00002a") ETHER_HELLO, "not TCP", 0},
	{"vxlan, reserved byte", RAW, UDP4("c000", "12b5") "08 000000 00002a 01" ETHER_HELLO, "not TCP", 0},
	{"vxlan, arp", RAW, UDP4("c000", "12b5") VXLAN("08", "00002a") ETHERNET "0806 0001", "not IP", 0},
	{"vxlan, udp", RAW, UDP4("c000", "12b5") VXLAN("08", "00002a") ETHERNET "0800" UDP4("c000", "0035") "00", "not TCP", 0},
	{"vxlan, cut off", RAW, UDP4("c000", "12b5") "08 000000 0000", "truncated link header", 100},
	{"vxlan-gpe, reserved", RAW, UDP4("c000", "12b6") "0c 0100 01 00002a 00" IP4_HELLO, "not TCP", 0},
	{"vxlan-gpe, control", RAW, UDP4("c000", "12b6") "0d 0000 01 00002a 00" IP4_HELLO, "not IP", 0},
	{"vxlan-gpe, something else", RAW, UDP4("c000", "12b6") "0c 0000 80 00002a 00" IP4_HELLO, "unknown tunnel payload", 0},
	{"geneve of another version", RAW, UDP4("c000", "17c1") "40 00 6558 00002a 00" ETHER_HELLO, "not TCP", 0},
	{"geneve, options beyond the end", RAW, UDP4("c000", "17c1") "3f 00 6558 00002a 00" ETHER_HELLO, "not TCP", 0},
	{"geneve, control", RAW, UDP4("c000", "17c1") "00 80 6558 00002a 00" ETHER_HELLO, "not IP", 0},
	{"geneve, unknown", RAW, UDP4("c000", "17c1") "00 00 99fe 00002a 00" ETHER_HELLO, "unknown Ethernet type", 0},
	{"gtp, echo", RAW, UDP4("0868", "0868") "32 01 0004 00000000 00000000", "not IP", 0},
	{"gtp, length beyond the end", RAW, UDP4("0868", "0868") GTP("30", "002e") IP4_HELLO, "not TCP", 0},
	{"gtp of version 2", RAW, UDP4("0868", "0868") GTP("48", "002d") IP4_HELLO, "not TCP", 0},
	{"gtp, extension of length 0", RAW, UDP4("0868", "0868") GTP("34", "0035") "0000 00 85 00000000" IP4_HELLO, "bad link header",
		0},
	{"gtp, ethernet", RAW, UDP4("0868", "0868") GTP("30", "003b") ETHER_HELLO, "unknown tunnel payload", 0},
	{"teredo, other length", RAW, UDP4("0dd8", "c000") TEREDO_HELLO "00", "not TCP", 0},
	{"teredo, ipv4", RAW, UDP4("0dd8", "c000") IP4_HELLO, "not TCP", 0},
	{"teredo, short", RAW, UDP4("0dd8", "c000") "6000", "not TCP", 0},
	{"l2tp control", RAW, UDP4("06a5", "06a5") "c802 0014 0001 0000 0000 0000 8008000000000006", "not IP", 0},
	{"l2tp of another version", RAW, UDP4("06a5", "06a5") "0001 0001 0007 0021" IP4_HELLO, "not TCP", 0},
	{"l2tp of another length", RAW, UDP4("06a5", "06a5") "4002 0001 0001 0007 0021" IP4_HELLO, "not TCP", 0},
	{"l2tpv3, who knows what", RAW, OUTER4("0000", "73") "00000009 0102030405060708090a0b0c", "unknown tunnel payload", 0},
	{"l2tpv3 control", RAW, OUTER4("0000", "73") "00000000 c803 0008 0000 0000 0000 0000", "not IP", 0},
	{"gre of version 2", RAW, OUTER4("0000", "2f") "0002 0800" IP4_HELLO, "bad link header", 0},
	{"gre keepalive", RAW, OUTER4("0000", "2f") "0000 0000", "not IP", 0},
	{"gre, unknown", RAW, OUTER4("0000", "2f") "0000 99fe" IP4_HELLO, "unknown Ethernet type", 0},
	{"gre, cut off", RAW, OUTER4("0000", "2f") "b000 0800 1234", "truncated link header", 80},
	{"gre, routing without end", RAW, OUTER4("0000", "2f") "4000 0800 00000000 0800 0004 0a000009", "truncated link header", 0},
	{"pptp, only an acknowledgement", RAW, OUTER4("0000", "2f") "2081 880b 0000 0005 00000001", "not IP", 0},
	{"pptp, encrypted", RAW, OUTER4("0000", "2f") "3001 880b 0006 0005 00000001 ff03 00fd 9000", "encrypted link layer", 0},
	{"erspan II of another version", RAW, OUTER4("0000", "2f") "1000 88be 00000001 2064 0bff 00000007" ETHER_HELLO,
		"bad link header", 0},
	{"erspan III, 802.11", RAW, OUTER4("0000", "2f") "1000 22eb 00000001 2064 0003 00000000 0000 0400" ETHER_HELLO,
		"unknown tunnel payload", 0},
	{"etherip of another version", RAW, OUTER4("0000", "61") "4000" ETHER_HELLO, "bad link header", 0},
	{"mpls without bottom", ETHER, ETHERNET "8847 000640ff", "truncated link header", 0},
	{"mpls, too many labels", ETHER,
		ETHERNET "8847 000640ff 000640ff 000640ff 000640ff 000640ff 000640ff 000640ff 000640ff 000640ff 000640ff 000640ff"
		"000640ff 000640ff 000640ff 000640ff 000641ff" IP4_HELLO, "too many nested headers", 0},
	{"mpls, associated channel", ETHER, ETHERNET "8847 000641ff 10000021" IP4_HELLO, "not IP", 0},
	{"mpls, who knows what", ETHER, ETHERNET "8847 000641ff f0e1d2c3b4a5968778695a4b3c2d1e0f", "unknown tunnel payload", 0},
	{"pppoe discovery", ETHER, ETHERNET "8863 11 09 0000 0004 01010000", "not IP", 0},
	{"pppoe of another version", ETHER, ETHERNET "8864 21 00 0007 002f 0021" IP4_HELLO, "bad link header", 0},
	{"pppoe, lcp", ETHER, ETHERNET "8864 11 00 0007 0004 c021 0900", "not IP", 0},
	{"service header, length 1", ETHER, ETHERNET "894f 0fc1 0101 00000105" IP4_HELLO, "bad link header", 0},
	{"esp over udp", RAW, UDP4("1194", "1194") "12345678 00000001 aabbccdd", "encrypted by IPsec", 0},
	{"ike over udp", RAW, UDP4("1194", "1194") "00000000 12345678", "not TCP", 0},
	{"udp of a tunnel, cut off", RAW, OUTER4("0000", "11") "c000 12b5", "truncated link header", 200},
	{"udp of no tunnel, cut off", RAW, OUTER4("0000", "11") "c000 0035", "not TCP", 200},
	{"ip in ip without end", RAW,
		OUTER4("0000", "04") OUTER4("0000", "04") OUTER4("0000", "04") OUTER4("0000", "04") OUTER4("0000", "04")
		OUTER4("0000", "04") OUTER4("0000", "04") OUTER4("0000", "04") OUTER4("0000", "04") OUTER4("0000", "04")
		OUTER4("0000", "04") OUTER4("0000", "04") OUTER4("0000", "04") OUTER4("0000", "04") OUTER4("0000", "04")
		OUTER4("0000", "04") IP4_HELLO, "too many nested headers", 0},
};

static void test_valid(void **state) {
	(void)state;
	size_t count = 0;
	for (; count < sizeof(valid_rows) / sizeof(valid_rows[0]); count++)
		frame_check_row(&valid_rows[count]);
	assert_int_equal(count, 73);
}

static void test_invalid(void **state) {
	(void)state;
	size_t count = 0;
	for (; count < sizeof(invalid_rows) / sizeof(invalid_rows[0]); count++)
		frame_check_row(&invalid_rows[count]);
	assert_int_equal(count, 51);
}

static void test_cuts(void **state) {
	(void)state;
	size_t cut_count = 0;
	for (size_t i = 0; i < sizeof(valid_rows) / sizeof(valid_rows[0]); i++)
		cut_count += frame_check_cuts(&valid_rows[i]);
	assert_int_equal(cut_count, 6506);
}

static struct segment parse(const char *hex) {
	size_t len;
	uint8_t *frame = frame_from_hex(hex, &len);
	struct segment segment;
	assert_int_equal(link_parse(RAW, frame, len, len, &segment), LINK_SEGMENT);
	free(frame);
	return segment;
}

/* The same network has the same number in each direction and each encapsulation of its own; another one has another. */
static void test_networks(void **state) {
	(void)state;
	struct segment a = parse(UDP4("c000", "12b5") VXLAN("08", "00002a") ETHER_HELLO);
	struct segment b = parse(UDP4("c001", "12b5") VXLAN("08", "00002a") ETHER_HELLO);
	struct segment c = parse(UDP4("c000", "12b5") VXLAN("08", "00002b") ETHER_HELLO);
	struct segment d = parse(UDP4("c000", "12b5") VXLAN("08", "00002a") ETHERNET "0800" UDP4("c000", "12b5")
		VXLAN("08", "00002a") ETHER_HELLO);
	assert_int_equal(a.tunnel_id, b.tunnel_id);
	assert_int_not_equal(a.tunnel_id, c.tunnel_id);
	assert_int_not_equal(a.tunnel_id, d.tunnel_id);
	/* NVGRE's last byte tells connections of one network apart. */
	struct segment e = parse(OUTER4("0057", "2f") "2000 6558 00138807" ETHER_HELLO);
	struct segment f = parse(OUTER4("0057", "2f") "2000 6558 00138809" ETHER_HELLO);
	assert_int_equal(e.tunnel_id, f.tunnel_id);
	assert_int_not_equal(a.tunnel_id, e.tunnel_id);
}

static void test_names(void **state) {
	(void)state;
	assert_null(tunnel_name(SEGMENT_TUNNEL_NONE));
	int count = 1;
	for (; count < SEGMENT_TUNNEL_COUNT; count++)
		assert_non_null(tunnel_name((enum segment_tunnel_kind)count));
	assert_int_equal(count, 16);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_valid),
		cmocka_unit_test(test_invalid),
		cmocka_unit_test(test_cuts),
		cmocka_unit_test(test_networks),
		cmocka_unit_test(test_names),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
