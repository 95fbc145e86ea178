/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One expression about IP packets is compiled once for each arrangement of headers before them, and the programs are
 * chained: what the first refuses is shown to the second. It cannot be one expression: in libpcap's language `vlan`, `mpls`
 * and `pppoes` move the offsets of all that stands after them in the text, so there is no way back to "or without a tag".
 */
#include "capture/kernel_filter.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What comes before the IP header. A link type on which one of them means nothing does without it. */
static const char *const arrangements[] = {
	"",
	"vlan",
	"vlan and vlan",
	"mpls",
	"mpls and mpls",
	"mpls and mpls and mpls",
	"vlan and mpls",
	"vlan and mpls and mpls",
	"pppoes",
	"vlan and pppoes",
	"vlan and vlan and pppoes",
};

/* Only where `vlan` does not compile, which is on "any": tagged twice (one tag is beside the packet) and labelled packets,
 * whole. */
static const char cooked_tags[] = "ether proto 0x8100 or ether proto 0x88a8 or ether proto 0x9100 or ether proto 0x8847 or "
				  "ether proto 0x8864";

/* Ethernet in MPLS: after one label or two comes a control word, which begins with 0 where an IP header has its version. */
static const char pseudowires[] = "ether proto 0x8847 and ((ether[16] & 1 = 1 and ether[18] & 0xf0 = 0) or "
				  "(ether[16] & 1 = 0 and ether[20] & 1 = 1 and ether[22] & 0xf0 = 0))";

static const uint16_t mailbox_ports[] = {110, 143, 993, 995};

/* Where another packet may be inside: IP in IP, GRE, ESP, AH, EtherIP, L2TP, MPLS; by IP protocol and by UDP port (VXLAN,
 * VXLAN-GPE, Linux's VXLAN, Geneve, Teredo, GTP-U, L2TP). */
static const char tunnels_v4[] =
	"ip[9] = 4 or ip[9] = 41 or ip[9] = 47 or ip[9] = 50 or ip[9] = 51 or ip[9] = 94 or ip[9] = 97 or "
	"ip[9] = 115 or ip[9] = 137";
static const char tunnels_v6[] = "ip6[6] = 4 or ip6[6] = 41 or ip6[6] = 47 or ip6[6] = 50 or ip6[6] = 51 or ip6[6] = 94 or "
				 "ip6[6] = 97 or ip6[6] = 115 or ip6[6] = 137";
static const char tunnel_ports[] = "udp port 4789 or udp port 4790 or udp port 8472 or udp port 6081 or udp port 3544 or "
				   "udp port 2152 or udp port 1701";

/* Hop-by-hop, routing, fragment and destination options, and mobility: what follows them is found by link_parse(). */
static const char extensions_v6[] = "ip6[6] = 0 or ip6[6] = 43 or ip6[6] = 44 or ip6[6] = 60 or ip6[6] = 135";

static void print_ports(FILE *stream, const struct kernel_filter_options *options) {
	size_t count = 0;
	for (size_t port = 0; port < 65536; port++)
		count += options->hints[port] != 0;
	if (options->all_tcp || count > KERNEL_FILTER_PORTS_MAX) {
		fputs("ip[9] = 6 or ip6[6] = 6", stream);
		return;
	}
	for (size_t port = 0; port < 65536; port++)
		if (options->hints[port] != 0)
			fprintf(stream, "tcp port %zu or ", port);
	fputs("((", stream);
	for (size_t i = 0; i < sizeof(mailbox_ports) / sizeof(mailbox_ports[0]); i++)
		fprintf(stream, "%stcp port %u", i > 0 ? " or " : "", mailbox_ports[i]);
	/* FIN, SYN and RST are the lowest bits of the TCP flags. tcp[] is IPv4's only. */
	fputs(") and ((ip and tcp[13] & 7 != 0) or (ip6 and ip6[53] & 7 != 0)))", stream);
}

char *kernel_filter_describe(const struct kernel_filter_options *options) {
	char *text = NULL;
	size_t len;
	FILE *stream = open_memstream(&text, &len);
	if (stream == NULL)
		return NULL;
	print_ports(stream, options);
	/* Fragments: the first, too. ICMP: unreachable, time exceeded, parameter problem, and IPv6's packet too big. */
	fprintf(stream,
		" or ip[6:2] & 0x3fff != 0 or icmp[0] = 3 or icmp[0] = 11 or icmp[0] = 12 or "
		"(ip6[6] = 58 and ip6[40] > 0 and ip6[40] < 5) or %s or %s or %s or %s",
		extensions_v6, tunnels_v4, tunnels_v6, tunnel_ports);
	bool failed = ferror(stream) != 0;
	if (fclose(stream) != 0 || failed) {
		free(text);
		return NULL;
	}
	return text;
}

/* What `first` refuses is shown to `second`: its refusals become jumps behind its end. */
static int append_program(struct bpf_program *first, const struct bpf_program *second) {
	size_t len = (size_t)first->bf_len + second->bf_len;
	struct bpf_insn *instructions = realloc(first->bf_insns, len * sizeof(*instructions));
	if (instructions == NULL)
		return -ENOMEM;
	for (u_int i = 0; i < first->bf_len; i++)
		if (instructions[i].code == (BPF_RET | BPF_K) && instructions[i].k == 0)
			instructions[i] = (struct bpf_insn)BPF_STMT(BPF_JMP | BPF_JA, first->bf_len - 1 - i);
	memcpy(instructions + first->bf_len, second->bf_insns, second->bf_len * sizeof(*instructions));
	first->bf_insns = instructions;
	first->bf_len = (u_int)len;
	return 0;
}

/* Adds `expression` to the program. -EINVAL when it has no meaning for the link type, or can match nothing there. */
static int add_expression(pcap_t *pcap, const char *expression, struct bpf_program *program) {
	struct bpf_program compiled = {0};
	if (pcap_compile(pcap, &compiled, expression, 1, PCAP_NETMASK_UNKNOWN) < 0)
		return -EINVAL;
	int result = append_program(program, &compiled);
	pcap_freecode(&compiled);
	return result;
}

static int add_arrangement(pcap_t *pcap, const char *headers, const char *inner, struct bpf_program *program) {
	char *expression;
	if (asprintf(&expression, "%s%s(%s)", headers, headers[0] != '\0' ? " and " : "", inner) < 0)
		return -ENOMEM;
	int result = add_expression(pcap, expression, program);
	free(expression);
	return result;
}

static int add_all(pcap_t *pcap, const char *inner, struct bpf_program *program) {
	bool has_tags = false;
	for (size_t i = 0; i < sizeof(arrangements) / sizeof(arrangements[0]); i++) {
		int result = add_arrangement(pcap, arrangements[i], inner, program);
		if (result == -ENOMEM || (result < 0 && i == 0))
			return result;
		has_tags = has_tags || (result == 0 && strcmp(arrangements[i], "vlan") == 0);
	}
	int result = 0;
	if (has_tags)
		result = add_expression(pcap, pseudowires, program);
	else if (pcap_datalink(pcap) == DLT_LINUX_SLL || pcap_datalink(pcap) == DLT_LINUX_SLL2)
		result = add_expression(pcap, cooked_tags, program);
	if (result < 0)
		return result;
	return program->bf_len > KERNEL_FILTER_INSTRUCTIONS_MAX ? -E2BIG : 0;
}

/* Not compiled with the open interface: the kernel keeps the outer VLAN tag beside the packet (mostly: not of all that the
 * machine sends), and for a handle that is open libpcap's `vlan` looks at both places, at the price of four times the
 * instructions. It is enough to look into the packet, as one with a tag beside it is otherwise as one without. */
int kernel_filter_compile(
	int link_type, size_t snap_len, const struct kernel_filter_options *options, struct bpf_program *ret_program) {
	char *inner = kernel_filter_describe(options);
	pcap_t *pcap = pcap_open_dead(link_type, (int)snap_len);
	struct bpf_program program = {0};
	int result = inner == NULL || pcap == NULL ? -ENOMEM : add_all(pcap, inner, &program);
	free(inner);
	if (pcap != NULL)
		pcap_close(pcap);
	if (result < 0) {
		kernel_filter_free(&program);
		return result;
	}
	*ret_program = program;
	return 0;
}

void kernel_filter_free(struct bpf_program *program) {
	free(program->bf_insns);
	*program = (struct bpf_program){0};
}
