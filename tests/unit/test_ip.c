/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * capture/ip.c: IPv4, IPv6 and its extension headers, TCP, ICMP errors.
 */
#include "frame_hex.h"

enum { RAW = 101, ETHER = 1 };

#define V4_HEAD "192.0.2.1:40000 > 198.51.100.2:25 seq 01020304 "
#define V6_HEAD "2001:db8::1:40000 > 2001:db8::2:25 seq 01020304 "
#define REST "ack 05060708 flags 18 window 4096 payload "
#define OPTIONS12 "0101080a 00000001 00000002 "

/* Extension headers of 8 bytes (and 24 for AH), followed by `next`. */
#define PAD6 "0104 00000000 "
#define EXT(next) next " 00 " PAD6
#define FRAG(next, offset) next " 00 " offset " 00000001 "
#define AH(next) next " 04 0000 00000001 00000001 000102030405060708090a0b "
#define EXT4(number) EXT(number) EXT(number) EXT(number) EXT(number)

/* ICMP errors come from 203.0.113.9 and quote the start of a segment. */
#define ICMP4(total_len, type_code) "45 00 " total_len " 0001 0000 40 01 0000 cb007109 c0000201 " type_code " 0000 00000000 "
#define IP6_ROUTER "20010db8000000000000000000000009 "
#define IP6_ERROR(payload_len, next) "60000000 " payload_len " " next " 40 " IP6_ROUTER "20010db8000000000000000000000001 "
#define ICMP6(payload_len, type_code) IP6_ERROR(payload_len, "3a") type_code " 0000 00000000 "
#define QUOTED4 IP4("002d") "9c40 0019 01020304 "
#define QUOTED6 IP6("0019", "06") "9c40 0019 01020304 "
#define ERROR4(type_code) ICMP4("0038", type_code) QUOTED4
#define ERROR6(type_code) ICMP6("0038", type_code) QUOTED6

static const struct frame_row valid_rows[] = {
	{"ipv4", RAW, IP4_HELLO, HELLO_V4, 0},
	{"ipv4 without payload", RAW, IP4("0028") TCP, V4_HEAD REST "/0", 0},
	{"ethernet padding is no payload", ETHER, ETHERNET "0800" IP4("0028") TCP "000000000000", V4_HEAD REST "/0", 0},
	{"ethernet padding behind payload", ETHER, ETHERNET "0800" IP4("0029") TCP "48 0000000000", V4_HEAD REST "H/1", 0},
	{"cut by a snap length", RAW, IP4("05dc") TCP HELLO, V4_HEAD REST "HELLO/1460", 1455},
	{"cut by a tool that lies about it", RAW, IP4("05dc") TCP HELLO, V4_HEAD REST "HELLO/1460", 0},
	{"cut behind the tcp header", RAW, IP4("05dc") TCP, V4_HEAD REST "/1460", 1460},
	{"ipv4 length 0", RAW, IP4("0000") TCP HELLO, V4_HEAD REST "HELLO/5", 0},
	{"ipv4 length 0, cut", RAW, IP4("0000") TCP HELLO, V4_HEAD REST "HELLO/70005", 70000},
	{"ipv4 options", RAW, "46 00 0031 0001 0000 40 06 0000 " IP4_ADDRESSES "94040000" TCP HELLO, HELLO_V4, 0},
	{"ipv4 all 40 bytes of options", RAW,
		"4f 00 0055 0001 0000 40 06 0000 " IP4_ADDRESSES OPTIONS12 OPTIONS12 OPTIONS12 "00000000" TCP HELLO,
		HELLO_V4, 0},
	{"ipv4 reserved flag", RAW, IP4_FIELDS("002d", "8000", "06") TCP HELLO, HELLO_V4, 0},
	{"ipv4 and AH", RAW, IP4_FIELDS("0045", "0000", "33") AH("06") TCP HELLO, HELLO_V4, 0},
	{"tcp options", RAW, IP4("0039") TCP_FIELDS("8018") OPTIONS12 HELLO, HELLO_V4, 0},
	{"tcp options cut off", RAW, IP4("0039") TCP_FIELDS("8018") "0101080a", V4_HEAD REST "/5", 13},
	{"all 40 bytes of tcp options", RAW, IP4("0055") TCP_FIELDS("f018") OPTIONS12 OPTIONS12 OPTIONS12 "00000000" HELLO,
		HELLO_V4, 0},
	{"every flag", RAW, IP4("0028") TCP_FIELDS("5fff"), V4_HEAD "ack 05060708 flags ff window 4096 payload /0", 0},
	{"no flag", RAW, IP4("0028") TCP_FIELDS("5000"), V4_HEAD "ack 05060708 flags 00 window 4096 payload /0", 0},
	{"ipv6", RAW, IP6_HELLO, HELLO_V6, 0},
	{"ipv6 with padding", RAW, IP6("0015", "06") TCP "48 0000", V6_HEAD REST "H/1", 0},
	{"ipv6 cut by a snap length", RAW, IP6("05a0", "06") TCP HELLO, V6_HEAD REST "HELLO/1420", 1415},
	{"ipv6 length 0", RAW, IP6("0000", "06") TCP HELLO, V6_HEAD REST "HELLO/5", 0},
	{"ipv6 jumbogram", RAW, IP6("0000", "00") "06 00 c204 00011175 " TCP HELLO, V6_HEAD REST "HELLO/70005", 70000},
	{"hop-by-hop options", RAW, IP6("0021", "00") EXT("06") TCP HELLO, HELLO_V6, 0},
	{"routing header", RAW, IP6("0021", "2b") EXT("06") TCP HELLO, HELLO_V6, 0},
	{"destination options", RAW, IP6("0021", "3c") EXT("06") TCP HELLO, HELLO_V6, 0},
	{"destination options of 24 bytes", RAW, IP6("0031", "3c") "06 02 0114 00000000 " OPTIONS12 "00000000" TCP HELLO,
		HELLO_V6, 0},
	{"atomic fragment", RAW, IP6("0021", "2c") FRAG("06", "0000") TCP HELLO, HELLO_V6, 0},
	{"atomic fragment with reserved bits", RAW, IP6("0021", "2c") FRAG("06", "0006") TCP HELLO, HELLO_V6, 0},
	{"ipv6 AH", RAW, IP6("0031", "33") AH("06") TCP HELLO, HELLO_V6, 0},
	{"every extension header", RAW,
		IP6("0069", "00") EXT("2b") EXT("3c") EXT("87") EXT("8b") EXT("8c") EXT("2c") FRAG("33", "0000") AH("06")
			TCP HELLO,
		HELLO_V6, 0},
	{"mobility, hip, shim6", RAW, IP6("0031", "87") EXT("8b") EXT("8c") EXT("06") TCP HELLO, HELLO_V6, 0},
	{"as many extension headers as may be", RAW,
		IP6("0091", "00") EXT4("00") EXT4("00") EXT4("00") EXT("3c") EXT("3c") EXT("06") TCP HELLO, HELLO_V6, 0},
	{"net unreachable", RAW, ERROR4("0300"), V4_HEAD "icmp net-unreachable", 0},
	{"host unreachable", RAW, ERROR4("0301"), V4_HEAD "icmp host-unreachable", 0},
	{"protocol unreachable", RAW, ERROR4("0302"), V4_HEAD "icmp protocol-unreachable", 0},
	{"port unreachable", RAW, ERROR4("0303"), V4_HEAD "icmp port-unreachable", 0},
	{"fragmentation needed", RAW, ERROR4("0304"), V4_HEAD "icmp fragmentation-needed", 0},
	{"source route failed", RAW, ERROR4("0305"), V4_HEAD "icmp source-route-failed", 0},
	{"net unknown", RAW, ERROR4("0306"), V4_HEAD "icmp net-unknown", 0},
	{"host unknown", RAW, ERROR4("0307"), V4_HEAD "icmp host-unknown", 0},
	{"host isolated", RAW, ERROR4("0308"), V4_HEAD "icmp host-isolated", 0},
	{"net unreachable for tos", RAW, ERROR4("030b"), V4_HEAD "icmp net-unreachable-for-tos", 0},
	{"host unreachable for tos", RAW, ERROR4("030c"), V4_HEAD "icmp host-unreachable-for-tos", 0},
	{"host precedence violation", RAW, ERROR4("030e"), V4_HEAD "icmp host-precedence-violation", 0},
	{"precedence cutoff", RAW, ERROR4("030f"), V4_HEAD "icmp precedence-cutoff", 0},
	{"net prohibited", RAW, ERROR4("0309"), V4_HEAD "icmp net-prohibited", 0},
	{"host prohibited", RAW, ERROR4("030a"), V4_HEAD "icmp host-prohibited", 0},
	{"administratively prohibited", RAW, ERROR4("030d"), V4_HEAD "icmp admin-prohibited", 0},
	{"unreachable with a code of tomorrow", RAW, ERROR4("0363"), V4_HEAD "icmp unreachable", 0},
	{"ttl exceeded", RAW, ERROR4("0b00"), V4_HEAD "icmp ttl-exceeded", 0},
	{"time exceeded with a code of tomorrow", RAW, ERROR4("0b63"), V4_HEAD "icmp time-exceeded", 0},
	{"icmp error with a vlan tag", ETHER, ETHERNET "8100 0064 0800" ERROR4("030d"),
		"vlan 100 " V4_HEAD "icmp admin-prohibited", 0},
	{"icmp error quoting a whole packet", RAW, ICMP4("0049", "030d") IP4_HELLO, V4_HEAD "icmp admin-prohibited", 0},
	{"icmp error quoting with options", RAW,
		ICMP4("003c", "030d") "46 00 0031 0001 0000 40 06 0000 " IP4_ADDRESSES "94040000 9c40 0019 01020304",
		V4_HEAD "icmp admin-prohibited", 0},
	{"icmp error quoting a length in host order", RAW, ICMP4("0038", "030d") IP4("2d00") "9c40 0019 01020304",
		V4_HEAD "icmp admin-prohibited", 0},
	{"icmp error quoting a first fragment", RAW,
		ICMP4("0038", "0b01") IP4_FIELDS("002d", "2000", "06") "9c40 0019 01020304",
		V4_HEAD "icmp reassembly-timeout", 0},
	{"no route", RAW, ERROR6("0100"), V6_HEAD "icmp no-route", 0},
	{"ipv6 administratively prohibited", RAW, ERROR6("0101"), V6_HEAD "icmp admin-prohibited", 0},
	{"beyond scope", RAW, ERROR6("0102"), V6_HEAD "icmp beyond-scope", 0},
	{"address unreachable", RAW, ERROR6("0103"), V6_HEAD "icmp address-unreachable", 0},
	{"ipv6 port unreachable", RAW, ERROR6("0104"), V6_HEAD "icmp port-unreachable", 0},
	{"policy failed", RAW, ERROR6("0105"), V6_HEAD "icmp policy-failed", 0},
	{"reject route", RAW, ERROR6("0106"), V6_HEAD "icmp reject-route", 0},
	{"source routing error", RAW, ERROR6("0107"), V6_HEAD "icmp source-routing-error", 0},
	{"headers too long", RAW, ERROR6("0108"), V6_HEAD "icmp headers-too-long", 0},
	{"reassembly timeout", RAW, ERROR6("0301"), V6_HEAD "icmp reassembly-timeout", 0},
	{"packet too big", RAW, ERROR6("0200"), V6_HEAD "icmp packet-too-big", 0},
	{"packet too big, code to be ignored", RAW, ERROR6("0263"), V6_HEAD "icmp packet-too-big", 0},
	{"hop limit exceeded", RAW, ERROR6("0300"), V6_HEAD "icmp ttl-exceeded", 0},
	{"ipv6 error behind and about extension headers", RAW,
		IP6_ERROR("0048", "00") EXT("3a") "0101 0000 00000000 " IP6("0021", "3c") EXT("06") "9c40 0019 01020304",
		V6_HEAD "icmp admin-prohibited", 0},
};

static const struct frame_row invalid_rows[] = {
	{"ipv4 header length below 20", RAW, "44 00 002d 0001 0000 40 06 0000 " IP4_ADDRESSES TCP HELLO, "bad IP header", 0},
	{"ipv4 header length beyond the total", RAW, "46 00 0017 0001 0000 40 06 0000 " IP4_ADDRESSES "00000000",
		"bad IP header", 0},
	{"ipv4 total below the header", RAW, IP4("0013") TCP HELLO, "bad IP header", 0},
	{"ipv4 length 0 and a long header", RAW, "4f 00 0000 0001 0000 40 06 0000 " IP4_ADDRESSES TCP, "bad IP header", 0},
	{"ipv4 options cut off", RAW, "4f 00 0055 0001 0000 40 06 0000 " IP4_ADDRESSES OPTIONS12, "truncated IP header", 53},
	{"ipv4 header cut off", RAW, "45 00 002d 0001 0000 40 06 0000 c0000201 c63364", "truncated IP header", 100},
	{"ipv4 more fragments", RAW, IP4_FIELDS("002d", "2000", "06") TCP HELLO, "IP fragment", 0},
	{"ipv4 last fragment", RAW, IP4_FIELDS("002d", "0001", "06") TCP HELLO, "IP fragment", 0},
	{"ipv4 fragment of AH", RAW, IP4_FIELDS("002d", "2000", "33") TCP HELLO, "IP fragment", 0},
	{"ipv4 fragment of udp, which may be a tunnel", RAW, IP4_FIELDS("002d", "2000", "11") TCP HELLO, "IP fragment", 0},
	{"ipv4 fragment of sctp", RAW, IP4_FIELDS("002d", "2000", "84") TCP HELLO, "not TCP", 0},
	{"ipv4 fragment of esp", RAW, IP4_FIELDS("002d", "2000", "32") TCP HELLO, "encrypted by IPsec", 0},
	{"ipv4 esp", RAW, IP4_FIELDS("002d", "0000", "32") TCP HELLO, "encrypted by IPsec", 0},
	{"udp", RAW, IP4_FIELDS("002d", "0000", "11") TCP HELLO, "not TCP", 0},
	{"icmpv6 in ipv4", RAW, IP4_FIELDS("0024", "0000", "3a") "0100 0000 00000000 00000000 00000000", "not TCP", 0},
	{"icmp in ipv6", RAW, IP6("0010", "01") "0300 0000 00000000 00000000 00000000", "not TCP", 0},
	{"no room for tcp", RAW, IP4("0027") TCP HELLO, "bad TCP header", 0},
	{"no bytes for tcp", RAW, IP4("0014") TCP HELLO, "bad TCP header", 0},
	{"tcp cut off", RAW, IP4("002d") "9c40 0019 01020304 05060708 5018 1000 0000 00", "truncated TCP header", 6},
	{"tcp offset below 5", RAW, IP4("002d") TCP_FIELDS("4018") HELLO, "bad TCP header", 0},
	{"tcp offset 0", RAW, IP4("002d") TCP_FIELDS("0018") HELLO, "bad TCP header", 0},
	{"tcp offset beyond the packet", RAW, IP4("002d") TCP_FIELDS("7018") HELLO, "bad TCP header", 0},
	{"tcp offset beyond the packet, into padding", RAW, IP4("0028") TCP_FIELDS("6018") HELLO, "bad TCP header", 0},
	{"tcp offset beyond the packet, cut", RAW, IP4("002d") TCP_FIELDS("7018"), "bad TCP header", 5},
	{"ipv6 header cut off", RAW, "60000000 0019 06 40 20010db8", "truncated IP header", 100},
	{"ipv6 version", ETHER, ETHERNET "86dd 70000000 0019 06 40 " IP6_ADDRESSES TCP HELLO, "bad IP header", 0},
	{"ipv6 no room for tcp", RAW, IP6("0013", "06") TCP HELLO, "bad TCP header", 0},
	{"ipv6 no next header", RAW, IP6("0019", "3b") TCP HELLO, "not TCP", 0},
	{"ipv6 esp", RAW, IP6("0019", "32") TCP HELLO, "encrypted by IPsec", 0},
	{"ipv6 extension without room", RAW, IP6("0007", "00") EXT("06"), "bad IP header", 0},
	{"ipv6 extension cut off", RAW, IP6("0021", "00") "06 00 0104 0000", "truncated IP header", 27},
	{"ipv6 extension longer than the packet", RAW, IP6("0021", "00") "06 04 0104 00000000" TCP HELLO, "bad IP header",
		0},
	{"ipv6 long extension cut off", RAW, IP6("0100", "00") "06 04 0104 00000000" TCP, "truncated IP header", 228},
	{"ipv6 AH longer than the packet", RAW, IP6("0021", "33") "06 08 0104 00000000" TCP HELLO, "bad IP header", 0},
	{"ipv6 first fragment", RAW, IP6("0021", "2c") FRAG("06", "0001") TCP HELLO, "IP fragment", 0},
	{"ipv6 last fragment", RAW, IP6("0021", "2c") FRAG("06", "0008") TCP HELLO, "IP fragment", 0},
	{"ipv6 fragment of sctp", RAW, IP6("0021", "2c") FRAG("84", "0001") TCP HELLO, "not TCP", 0},
	{"ipv6 fragment of options", RAW, IP6("0021", "2c") FRAG("3c", "0001") EXT("06") TCP, "IP fragment", 0},
	{"one extension header too many", RAW,
		IP6("0099", "00") EXT4("00") EXT4("00") EXT4("00") EXT("00") EXT("00") EXT("00") EXT("06") TCP HELLO,
		"too many nested headers", 0},
	{"echo", RAW, ERROR4("0800"), "not TCP", 0},
	{"redirect", RAW, ERROR4("0501"), "not TCP", 0},
	{"ipv6 echo", RAW, ERROR6("8000"), "not TCP", 0},
	{"neighbour solicitation", RAW, ERROR6("8700"), "not TCP", 0},
	{"icmp header cut off", RAW, "45 00 0038 0001 0000 40 01 0000 cb007109 c0000201 030d 0000 000000", "bad ICMP error",
		29},
	{"icmp error about udp", RAW, ICMP4("0038", "0303") IP4_FIELDS("002d", "0000", "11") "9c40 0019 01020304", "not TCP",
		0},
	{"icmp error about a later fragment", RAW,
		ICMP4("0038", "0301") IP4_FIELDS("002d", "0010", "06") "9c40 0019 01020304", "bad ICMP error", 0},
	{"icmp error quoting nothing", RAW, ICMP4("001c", "0301"), "bad ICMP error", 0},
	{"icmp error quoting too few bytes", RAW, ICMP4("0037", "0301") IP4("002d") "9c40 0019 010203", "bad ICMP error", 0},
	{"icmp error quoting padding", RAW, ICMP4("0037", "0301") QUOTED4, "bad ICMP error", 0},
	{"icmp error quoting the wrong version", RAW, ICMP4("0058", "0301") QUOTED6, "bad ICMP error", 0},
	{"icmp error quoting a bad header length", RAW,
		ICMP4("0038", "0301") "44 00 002d 0001 0000 40 06 0000 " IP4_ADDRESSES "9c40 0019 01020304",
		"bad ICMP error", 0},
	{"icmp error quoting options cut off", RAW,
		ICMP4("0038", "0301") "4f 00 002d 0001 0000 40 06 0000 " IP4_ADDRESSES "9c40 0019 01020304",
		"bad ICMP error", 0},
	{"ipv6 error quoting the wrong version", RAW,
		ICMP6("0038", "0101") QUOTED4 "00000000 00000000 00000000 00000000 00000000", "bad ICMP error", 0},
	{"ipv6 error quoting a cut off header", RAW, ICMP6("002f", "0101") "60000000 0019 06 40 " IP6_ADDRESSES,
		"bad ICMP error", 0},
	{"ipv6 error quoting a cut off extension", RAW, ICMP6("0034", "0101") IP6("0021", "3c") "06000104", "bad ICMP error",
		0},
	{"ipv6 error about a later fragment", RAW,
		ICMP6("0040", "0101") IP6("0021", "2c") FRAG("06", "0008") "9c40 0019 01020304", "bad ICMP error", 0},
	{"ipv6 error quoting endless extensions", RAW,
		ICMP6("00b0", "0101") IP6("0091", "00") EXT4("00") EXT4("00") EXT4("00") EXT4("00"),
		"too many nested headers", 0},
};

static void test_valid(void **state) {
	size_t count = 0;
	for (; count < sizeof(valid_rows) / sizeof(valid_rows[0]); count++)
		frame_check_row(&valid_rows[count]);
	assert_int_equal(count, 71);
}

static void test_invalid(void **state) {
	size_t count = 0;
	for (; count < sizeof(invalid_rows) / sizeof(invalid_rows[0]); count++)
		frame_check_row(&invalid_rows[count]);
	assert_int_equal(count, 57);
}

static void test_cuts(void **state) {
	size_t cut_count = 0;
	for (size_t i = 0; i < sizeof(valid_rows) / sizeof(valid_rows[0]); i++)
		cut_count += frame_check_cuts(&valid_rows[i]);
	assert_int_equal(cut_count, 4975);
}

/* A damaged capture may say that a frame was shorter than what was captured of it. */
static void test_wire_len_too_small(void **state) {
	size_t len, count = 0;
	uint8_t *frame = frame_from_hex(IP4("0000") TCP HELLO, &len);
	for (; count < len; count++) {
		struct segment segment;
		assert_int_equal(link_parse(RAW, frame, len, count, &segment), LINK_SEGMENT);
		assert_int_equal(segment.payload_len, 5);
		assert_int_equal(segment.payload_captured_len, 5);
	}
	free(frame);
	assert_int_equal(count, 45);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_valid),
		cmocka_unit_test(test_invalid),
		cmocka_unit_test(test_cuts),
		cmocka_unit_test(test_wire_len_too_small),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
