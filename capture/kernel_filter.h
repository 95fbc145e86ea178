/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The default filter of a live capture: what the kernel hands over at all.
 *
 * It lets through what SMTP may be in, and leaves looking inside to link_parse():
 *   - TCP on the SMTP ports (or all TCP), IP fragments, and the ICMP errors that say why a connection failed;
 *   - of POP3 and IMAP connections their beginning and end: whether receiving works needs no more;
 *   - these behind VLAN tags, MPLS labels and PPPoE headers;
 *   - IP tunnels of any content, and IPv6 with extension headers.
 */
#ifndef SMTPSCOPE_CAPTURE_KERNEL_FILTER_H
#define SMTPSCOPE_CAPTURE_KERNEL_FILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <pcap/pcap.h>

enum {
	/* More instructions the kernel does not take (BPF_MAXINSNS). */
	KERNEL_FILTER_INSTRUCTIONS_MAX = 4096,
	/* More ports than this are no longer told apart: all TCP is let through. */
	KERNEL_FILTER_PORTS_MAX = 16,
};

struct kernel_filter_options {
	const uint8_t *hints; /* flow_options.hints: 65536 entries, those not 0 are SMTP ports; borrowed */
	bool all_tcp;         /* for sessions on any port */
};

/* Compiles the filter for pcap_setfilter() on an open interface of this link type (libpcap's DLT_ value). The program is the
 * caller's, who frees it with kernel_filter_free(). -ENOMEM; -E2BIG if it would be more than the kernel takes; -EINVAL for a
 * link type that libpcap has no filters for. */
int kernel_filter_compile(
	int link_type, size_t snap_len, const struct kernel_filter_options *options, struct bpf_program *ret_program);

void kernel_filter_free(struct bpf_program *program);

/* The innermost expression of the filter, which is asked of the packet itself and again behind each kind of tag, in the
 * language of pcap-filter(7). The caller frees it; NULL when there is no memory. */
char *kernel_filter_describe(const struct kernel_filter_options *options);

#endif
