/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The least that any reader of a capture does: libpcap's own loop over the file, counting. smtpscope is measured against it.
 */
#include <pcap/pcap.h>
#include <stdint.h>
#include <stdio.h>

struct counters {
	uint64_t packets, bytes;
};

static void count(u_char *context, const struct pcap_pkthdr *header, const u_char *data) {
	struct counters *counters = (struct counters *)(void *)context;
	counters->packets++;
	counters->bytes += header->caplen;
}

int main(int argc, char **argv) {
	if (argc != 2) {
		fputs("usage: bare-loop FILE\n", stderr);
		return 2;
	}
	char error[PCAP_ERRBUF_SIZE];
	pcap_t *capture = pcap_open_offline(argv[1], error);
	if (!capture) {
		fprintf(stderr, "bare-loop: %s: %s\n", argv[1], error);
		return 1;
	}
	struct counters counters = {0};
	int status = pcap_loop(capture, -1, count, (u_char *)&counters);
	if (status < 0)
		fprintf(stderr, "bare-loop: %s: %s\n", argv[1], pcap_geterr(capture));
	pcap_close(capture);
	printf("%llu packets, %llu bytes\n", (unsigned long long)counters.packets, (unsigned long long)counters.bytes);
	return status < 0;
}
