/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * capture/kernel_filter.c: which frames a live capture is handed by the kernel.
 */
#include "capture/kernel_filter.h"

#include "frame_hex.h"

#include "capture/flow.h"

#include <dirent.h>
#include <stdbool.h>

enum { SNAP_LEN = 262144 };

/* What the program is asked. */
enum { REFUSED = 0, SMTP = 1, ALL_TCP = 2, BOTH = SMTP | ALL_TCP };

struct row {
	const char *name;
	int link_type;
	const char *hex;
	unsigned passes; /* of SMTP and ALL_TCP, the filters that let it through */
};

#define PORTS(source, destination, flags) source " " destination " 01020304 05060708 50" flags " 1000 0000 0000 "
#define SEND PORTS("9c40", "0019", "18")
#define IP4_ETHERNET ETHERNET "0800 "
#define IP6_ETHERNET ETHERNET "86dd "
#define TAG "8100 0007 "
#define OUTER_TAG "88a8 0008 "
#define SMTP_V4 IP4("002d") SEND HELLO
#define SMTP_V6 IP6("0019", "06") SEND HELLO
#define WEB_V4 IP4("002d") PORTS("9c40", "01bb", "18") HELLO
#define WEB_V6 IP6("0019", "06") PORTS("9c40", "01bb", "18") HELLO
#define UDP_V4(destination) IP4_FIELDS("0024", "0000", "11") "c000 " destination " 0010 0000 0000000000000000 "
#define UDP_V6(destination) IP6("0010", "11") "c000 " destination " 0010 0000 0000000000000000 "
#define PROTOCOL_V4(protocol) IP4_FIELDS("0024", "4000", protocol) "00000000 00000000 00000000 00000000 "
#define PROTOCOL_V6(protocol) IP6("0010", protocol) "00000000 00000000 00000000 00000000 "
#define ICMP_V4(type) IP4_FIELDS("0038", "0000", "01") type "01 0000 00000000 " IP4("0028") "9c40 0019 01020304 "
#define ICMP_V6(type) IP6("0030", "3a") type "01 0000 00000000 " IP6("0014", "06") "9c40 0019 01020304 "
#define PPPOE_V4 "8864 1100 0001 002f 0021 "
#define PPPOE_V6 "8864 1100 0001 0043 0057 "

/* Protocols between 8 and 11 bytes into the frame as "any" delivers it. */
#define COOKED(protocol) "0000 0001 0006 020000000001 0000 " protocol " "
#define COOKED_V2(protocol) protocol " 0000 00000002 0001 00 06 020000000001 0000 "

static const struct row rows[] = {
	{"to the port", 1, IP4_ETHERNET SMTP_V4, BOTH},
	{"from the port", 1, IP4_ETHERNET IP4("002d") PORTS("0019", "9c40", "18") HELLO, BOTH},
	{"submission", 1, IP4_ETHERNET IP4("002d") PORTS("9c40", "024b", "10") HELLO, BOTH},
	{"over TLS", 1, IP4_ETHERNET IP4("002d") PORTS("9c40", "01d1", "10") HELLO, BOTH},
	{"IPv6", 1, IP6_ETHERNET SMTP_V6, BOTH},
	{"another port", 1, IP4_ETHERNET WEB_V4, ALL_TCP},
	{"another port, IPv6", 1, IP6_ETHERNET WEB_V6, ALL_TCP},
	{"UDP on the port", 1, IP4_ETHERNET UDP_V4("0019"), REFUSED},
	{"a name is asked for", 1, IP4_ETHERNET UDP_V4("0035"), REFUSED},
	{"a name is asked for, IPv6", 1, IP6_ETHERNET UDP_V6("0035"), REFUSED},
	{"ARP", 1, ETHERNET "0806 0001 0800 0604 0001 020000000001 c0000201 000000000000 c6336402", REFUSED},

	{"POP3 begins", 1, IP4_ETHERNET IP4("0028") PORTS("9c40", "006e", "02"), BOTH},
	{"POP3 is answered", 1, IP4_ETHERNET IP4("0028") PORTS("006e", "9c40", "12"), BOTH},
	{"POP3 says something", 1, IP4_ETHERNET IP4("002d") PORTS("9c40", "006e", "18") HELLO, ALL_TCP},
	{"POP3 ends", 1, IP4_ETHERNET IP4("0028") PORTS("006e", "9c40", "11"), BOTH},
	{"IMAP over TLS is reset", 1, IP4_ETHERNET IP4("0028") PORTS("9c40", "03e1", "04"), BOTH},
	{"IMAP acknowledges", 1, IP4_ETHERNET IP4("0028") PORTS("9c40", "008f", "10"), ALL_TCP},
	{"IMAP begins, IPv6", 1, IP6_ETHERNET IP6("0014", "06") PORTS("9c40", "008f", "02"), BOTH},
	{"IMAP ends, IPv6", 1, IP6_ETHERNET IP6("0014", "06") PORTS("03e1", "9c40", "11"), BOTH},
	{"IMAP says something, IPv6", 1, IP6_ETHERNET IP6("0019", "06") PORTS("9c40", "008f", "18") HELLO, ALL_TCP},
	{"the web begins", 1, IP4_ETHERNET IP4("0028") PORTS("9c40", "01bb", "02"), ALL_TCP},

	{"first fragment", 1, IP4_ETHERNET IP4_FIELDS("002d", "2000", "06") PORTS("9c40", "01bb", "18") HELLO, BOTH},
	{"later fragment", 1, IP4_ETHERNET IP4_FIELDS("0019", "0010", "06") HELLO, BOTH},
	{"last fragment of UDP", 1, IP4_ETHERNET IP4_FIELDS("0019", "0010", "11") HELLO, BOTH},
	{"IPv6 fragment", 1, IP6_ETHERNET IP6("0010", "2c") "06 00 0001 00000001 48454c4c4f000000", BOTH},
	{"hop-by-hop options", 1, IP6_ETHERNET IP6("0021", "00") "06 00 0104 00000000 " SEND HELLO, BOTH},
	{"routing header", 1, IP6_ETHERNET IP6("0021", "2b") "06 00 0104 00000000 " SEND HELLO, BOTH},
	{"destination options", 1, IP6_ETHERNET IP6("0021", "3c") "06 00 0104 00000000 " SEND HELLO, BOTH},

	{"unreachable", 1, IP4_ETHERNET ICMP_V4("03"), BOTH},
	{"time exceeded", 1, IP4_ETHERNET ICMP_V4("0b"), BOTH},
	{"parameter problem", 1, IP4_ETHERNET ICMP_V4("0c"), BOTH},
	{"ping", 1, IP4_ETHERNET ICMP_V4("08"), REFUSED},
	{"unreachable, IPv6", 1, IP6_ETHERNET ICMP_V6("01"), BOTH},
	{"packet too big, IPv6", 1, IP6_ETHERNET ICMP_V6("02"), BOTH},
	{"time exceeded, IPv6", 1, IP6_ETHERNET ICMP_V6("03"), BOTH},
	{"parameter problem, IPv6", 1, IP6_ETHERNET ICMP_V6("04"), BOTH},
	{"ping, IPv6", 1, IP6_ETHERNET ICMP_V6("80"), REFUSED},
	{"neighbour solicitation", 1, IP6_ETHERNET ICMP_V6("87"), REFUSED},

	{"IP in IP", 1, IP4_ETHERNET PROTOCOL_V4("04"), BOTH},
	{"IPv6 in IP", 1, IP4_ETHERNET PROTOCOL_V4("29"), BOTH},
	{"GRE", 1, IP4_ETHERNET PROTOCOL_V4("2f"), BOTH},
	{"ESP", 1, IP4_ETHERNET PROTOCOL_V4("32"), BOTH},
	{"AH", 1, IP4_ETHERNET PROTOCOL_V4("33"), BOTH},
	{"IPIP", 1, IP4_ETHERNET PROTOCOL_V4("5e"), BOTH},
	{"EtherIP", 1, IP4_ETHERNET PROTOCOL_V4("61"), BOTH},
	{"L2TP", 1, IP4_ETHERNET PROTOCOL_V4("73"), BOTH},
	{"MPLS in IP", 1, IP4_ETHERNET PROTOCOL_V4("89"), BOTH},
	{"OSPF", 1, IP4_ETHERNET PROTOCOL_V4("59"), REFUSED},
	{"SCTP", 1, IP4_ETHERNET PROTOCOL_V4("84"), REFUSED},
	{"IP in IPv6", 1, IP6_ETHERNET PROTOCOL_V6("04"), BOTH},
	{"IPv6 in IPv6", 1, IP6_ETHERNET PROTOCOL_V6("29"), BOTH},
	{"GRE over IPv6", 1, IP6_ETHERNET PROTOCOL_V6("2f"), BOTH},
	{"ESP over IPv6", 1, IP6_ETHERNET PROTOCOL_V6("32"), BOTH},
	{"AH over IPv6", 1, IP6_ETHERNET PROTOCOL_V6("33"), BOTH},
	{"EtherIP over IPv6", 1, IP6_ETHERNET PROTOCOL_V6("61"), BOTH},
	{"L2TP over IPv6", 1, IP6_ETHERNET PROTOCOL_V6("73"), BOTH},
	{"OSPF over IPv6", 1, IP6_ETHERNET PROTOCOL_V6("59"), REFUSED},
	{"VXLAN", 1, IP4_ETHERNET UDP_V4("12b5"), BOTH},
	{"VXLAN-GPE", 1, IP4_ETHERNET UDP_V4("12b6"), BOTH},
	{"VXLAN as Linux had it", 1, IP4_ETHERNET UDP_V4("2118"), BOTH},
	{"Geneve", 1, IP4_ETHERNET UDP_V4("17c1"), BOTH},
	{"Teredo", 1, IP4_ETHERNET UDP_V4("0dd8"), BOTH},
	{"GTP", 1, IP4_ETHERNET UDP_V4("0868"), BOTH},
	{"L2TP over UDP", 1, IP4_ETHERNET UDP_V4("06a5"), BOTH},
	{"VXLAN over IPv6", 1, IP6_ETHERNET UDP_V6("12b5"), BOTH},
	{"Geneve over IPv6", 1, IP6_ETHERNET UDP_V6("17c1"), BOTH},

	{"tagged", 1, ETHERNET TAG "0800 " SMTP_V4, BOTH},
	{"tagged IPv6", 1, ETHERNET TAG "86dd " SMTP_V6, BOTH},
	{"tagged web", 1, ETHERNET TAG "0800 " WEB_V4, ALL_TCP},
	{"tagged UDP", 1, ETHERNET TAG "0800 " UDP_V4("0035"), REFUSED},
	{"tagged GRE", 1, ETHERNET TAG "0800 " PROTOCOL_V4("2f"), BOTH},
	{"tagged fragment", 1, ETHERNET TAG "0800 " IP4_FIELDS("0019", "0010", "06") HELLO, BOTH},
	{"tagged ARP", 1, ETHERNET TAG "0806 0001 0800 0604 0001 020000000001 c0000201 000000000000 c6336402", REFUSED},
	{"tagged twice", 1, ETHERNET OUTER_TAG TAG "0800 " SMTP_V4, BOTH},
	{"tagged twice, IPv6", 1, ETHERNET OUTER_TAG TAG "86dd " SMTP_V6, BOTH},
	{"tagged twice, web", 1, ETHERNET OUTER_TAG TAG "0800 " WEB_V4, ALL_TCP},
	{"tagged twice, both 802.1Q", 1, ETHERNET TAG TAG "0800 " SMTP_V4, BOTH},
	{"tagged twice, before the standard", 1, ETHERNET "9100 0008 " TAG "0800 " SMTP_V4, BOTH},
	{"tagged twice, unreachable", 1, ETHERNET OUTER_TAG TAG "0800 " ICMP_V4("03"), BOTH},
	{"label", 1, ETHERNET "8847 00010140 " SMTP_V4, BOTH},
	{"label, IPv6", 1, ETHERNET "8847 00010140 " SMTP_V6, BOTH},
	{"label, web", 1, ETHERNET "8847 00010140 " WEB_V4, ALL_TCP},
	{"two labels", 1, ETHERNET "8847 00010040 00020140 " SMTP_V4, BOTH},
	{"three labels", 1, ETHERNET "8847 00010040 00020040 00030140 " SMTP_V4, BOTH},
	{"two labels, UDP", 1, ETHERNET "8847 00010040 00020140 " UDP_V4("0035"), REFUSED},
	{"tagged label", 1, ETHERNET TAG "8847 00010140 " SMTP_V4, BOTH},
	{"tagged labels", 1, ETHERNET TAG "8847 00010040 00020140 " SMTP_V6, BOTH},
	{"label and Ethernet", 1, ETHERNET "8847 00010140 00000000 " ETHERNET "0800 " SMTP_V4, BOTH},
	{"two labels and Ethernet", 1, ETHERNET "8847 00010040 00020140 00000000 " ETHERNET "0800 " SMTP_V4, BOTH},
	{"PPPoE", 1, ETHERNET PPPOE_V4 SMTP_V4, BOTH},
	{"PPPoE, IPv6", 1, ETHERNET PPPOE_V6 SMTP_V6, BOTH},
	{"PPPoE, web", 1, ETHERNET PPPOE_V4 WEB_V4, ALL_TCP},
	{"PPPoE, echo request of LCP", 1, ETHERNET "8864 1100 0001 000a c021 0901000800000000 00000000", REFUSED},
	{"tagged PPPoE", 1, ETHERNET TAG PPPOE_V4 SMTP_V4, BOTH},
	{"PPPoE, tagged twice", 1, ETHERNET OUTER_TAG TAG PPPOE_V4 SMTP_V4, BOTH},

	{"raw", 12, SMTP_V4, BOTH},
	{"raw, IPv6", 12, SMTP_V6, BOTH},
	{"raw, web", 12, WEB_V4, ALL_TCP},
	{"raw, GRE", 12, PROTOCOL_V4("2f"), BOTH},
	{"raw, UDP", 12, UDP_V4("0035"), REFUSED},
	{"loopback", 0, "02000000 " SMTP_V4, BOTH},
	{"loopback, web", 0, "02000000 " WEB_V4, ALL_TCP},
	{"any", 113, COOKED("0800") SMTP_V4, BOTH},
	{"any, IPv6", 113, COOKED("86dd") SMTP_V6, BOTH},
	{"any, web", 113, COOKED("0800") WEB_V4, ALL_TCP},
	{"any, UDP", 113, COOKED("0800") UDP_V4("0035"), REFUSED},
	{"any, a tag that is left", 113, COOKED("8100") "0007 0800 " SMTP_V4, BOTH},
	{"any, unreachable", 113, COOKED("0800") ICMP_V4("03"), BOTH},
	{"any, ARP", 113, COOKED("0806") "0001 0800 0604 0001 020000000001 c0000201 000000000000 c6336402", REFUSED},
	{"any by its second version", 276, COOKED_V2("0800") SMTP_V4, BOTH},
	{"any by its second version, IPv6", 276, COOKED_V2("86dd") SMTP_V6, BOTH},
	{"any by its second version, web", 276, COOKED_V2("0800") WEB_V4, ALL_TCP},
	{"any by its second version, UDP", 276, COOKED_V2("0800") UDP_V4("0035"), REFUSED},
	{"any by its second version, a tag", 276, COOKED_V2("8100") "0007 0800 " SMTP_V4, BOTH},
	{"any by its second version, VXLAN", 276, COOKED_V2("0800") UDP_V4("12b5"), BOTH},
};

struct fixture {
	struct flow_options flow;
	struct kernel_filter_options options;
};

static void init_fixture(struct fixture *fixture, bool all_tcp) {
	flow_options_init(&fixture->flow);
	fixture->options = (struct kernel_filter_options){.hints = fixture->flow.hints, .all_tcp = all_tcp};
}

static void compile(int link_type, const struct fixture *fixture, struct bpf_program *program) {
	int result = kernel_filter_compile(link_type, SNAP_LEN, &fixture->options, program);
	if (result < 0)
		fail_msg("link type %d: %s", link_type, strerror(-result));
}

static bool passes(const struct bpf_program *program, const uint8_t *frame, size_t captured_len, size_t wire_len) {
	struct pcap_pkthdr header = {.caplen = (bpf_u_int32)captured_len, .len = (bpf_u_int32)wire_len};
	return pcap_offline_filter(program, &header, frame) != 0;
}

static void test_frames(void **state) {
	size_t checks = 0;
	for (unsigned filter = SMTP; filter <= ALL_TCP; filter++) {
		struct fixture fixture;
		init_fixture(&fixture, filter == ALL_TCP);
		for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
			struct bpf_program program;
			compile(rows[i].link_type, &fixture, &program);
			size_t len;
			uint8_t *frame = frame_from_hex(rows[i].hex, &len);
			bool expected = (rows[i].passes & filter) != 0;
			if (passes(&program, frame, len, len) != expected)
				fail_msg("%s: the filter for %s should %s it", rows[i].name,
					filter == SMTP ? "SMTP" : "all TCP", expected ? "let through" : "refuse");
			checks++;
			free(frame);
			kernel_filter_free(&program);
		}
	}
	assert_int_equal(checks, 2 * sizeof(rows) / sizeof(rows[0]));
}

/* The kernel takes the program in the worst case, and as many ports as there may be are told apart. */
static void test_size(void **state) {
	static const int link_types[] = {1, 12, 113, 276, 0, 108, 228, 229};
	for (size_t i = 0; i < sizeof(link_types) / sizeof(link_types[0]); i++) {
		struct fixture fixture;
		init_fixture(&fixture, false);
		for (size_t port = 0, count = 0; port < FLOW_PORTS; port++)
			fixture.flow.hints[port] = port % 2 == 1 && count++ < KERNEL_FILTER_PORTS_MAX ? STREAM_HINT_SMTP : 0;
		struct bpf_program program;
		compile(link_types[i], &fixture, &program);
		assert_in_range(program.bf_len, 1, KERNEL_FILTER_INSTRUCTIONS_MAX);
		kernel_filter_free(&program);
	}
}

/* With too many ports the filter must not refuse any of them. */
static void test_many_ports(void **state) {
	struct fixture fixture;
	init_fixture(&fixture, false);
	for (size_t port = 1; port < FLOW_PORTS; port++)
		fixture.flow.hints[port] = STREAM_HINT_SMTP;
	struct bpf_program program;
	compile(1, &fixture, &program);
	size_t len;
	uint8_t *frame = frame_from_hex(IP4_ETHERNET WEB_V4, &len);
	assert_true(passes(&program, frame, len, len));
	free(frame);
	kernel_filter_free(&program);
}

static void test_no_ports(void **state) {
	struct fixture fixture;
	init_fixture(&fixture, false);
	memset(fixture.flow.hints, 0, sizeof(fixture.flow.hints));
	struct bpf_program program;
	compile(1, &fixture, &program);
	size_t len;
	uint8_t *frame = frame_from_hex(IP4_ETHERNET SMTP_V4, &len);
	assert_false(passes(&program, frame, len, len));
	free(frame);
	kernel_filter_free(&program);
}

/* Every segment of a capture that belongs to SMTP by its ports passes. Returns how many were checked. */
static size_t check_capture(const char *path, const struct fixture *fixture) {
	char reason[PCAP_ERRBUF_SIZE];
	pcap_t *pcap = pcap_open_offline(path, reason);
	if (pcap == NULL)
		return 0;
	int link_type = pcap_datalink(pcap);
	struct bpf_program program;
	compile(link_type, fixture, &program);
	struct pcap_pkthdr *header;
	const u_char *data;
	size_t checks = 0, frames = 0;
	while (pcap_next_ex(pcap, &header, &data) == 1) {
		frames++;
		struct segment segment;
		if (link_parse(link_type, data, header->caplen, header->len, &segment) != LINK_SEGMENT)
			continue;
		if (!fixture->options.all_tcp && fixture->flow.hints[segment.source.port] == 0 &&
			fixture->flow.hints[segment.destination.port] == 0)
			continue;
		if (!passes(&program, data, header->caplen, header->len))
			fail_msg("%s: frame %zu is refused", path, frames);
		checks++;
	}
	kernel_filter_free(&program);
	pcap_close(pcap);
	return checks;
}

static void test_captures(void **state) {
	for (int all_tcp = 0; all_tcp < 2; all_tcp++) {
		struct fixture fixture;
		init_fixture(&fixture, all_tcp);
		DIR *directory = opendir("pcaps");
		assert_non_null(directory);
		size_t files = 0, segments = 0;
		for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
			if (strstr(entry->d_name, ".pcap") == NULL)
				continue;
			char path[300];
			snprintf(path, sizeof(path), "pcaps/%s", entry->d_name);
			size_t checks = check_capture(path, &fixture);
			files += checks > 0;
			segments += checks;
		}
		closedir(directory);
		assert_in_range(files, 50, 10000);
		assert_in_range(segments, 1000, SIZE_MAX);
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_frames),
		cmocka_unit_test(test_size),
		cmocka_unit_test(test_many_ports),
		cmocka_unit_test(test_no_ports),
		cmocka_unit_test(test_captures),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
