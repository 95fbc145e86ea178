/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Sends SYNs that nobody answers, for live_faults.py: each from another address and port, to 192.0.2.10:25.
 *
 *	flood INTERFACE RATE SECONDS
 *
 * As many a second as it is told, or as the machine can. Prints how many were sent and how many nanoseconds that took.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

enum { FRAME_LEN = 54, BATCH = 64, SECONDS_MAX = 60 };

#define SECOND_NS INT64_C(1000000000)

static const uint8_t pattern[FRAME_LEN] = {
	0x02, 0, 0, 0, 0, 0x02, 0x02, 0, 0, 0, 0, 0x01, 0x08, 0x00,                              /* Ethernet */
	0x45, 0, 0, 40, 0, 0, 0x40, 0, 64, 6, 0, 0, 10, 0, 0, 0, 192, 0, 2, 10,                  /* IPv4, from 26 on the source */
	0, 0, 0, 25, 0, 0, 0, 0, 0, 0, 0, 0, 0x50, 0x02, 0x10, 0, 0, 0, 0, 0,                    /* TCP, from 34 on the port */
};

static int64_t now_ns(void) {
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * SECOND_NS + now.tv_nsec;
}

/* Goes through all 64-bit numbers in an order that looks like none. */
static uint64_t next_random(uint64_t *state) {
	uint64_t x = *state += UINT64_C(0x9e3779b97f4a7c15);
	x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
	return x ^ (x >> 31);
}

static void fill(uint8_t frame[FRAME_LEN], uint64_t *random) {
	uint64_t bits = next_random(random);
	uint16_t port = htons((uint16_t)(1024 + bits % 60000));
	memcpy(frame + 27, &bits, 3);               /* 10.0.0.0/8 */
	memcpy(frame + 34, &port, sizeof(port));
	bits >>= 32;
	memcpy(frame + 38, &bits, 4); /* its sequence number */
}

static int fail(const char *what) {
	fprintf(stderr, "flood: %s: %s\n", what, strerror(errno));
	return 1;
}

int main(int argc, char **argv) {
	static uint8_t frames[BATCH][FRAME_LEN];
	struct iovec parts[BATCH];
	struct mmsghdr messages[BATCH] = {0};
	uint64_t random = 1, sent = 0;
	if (argc != 4)
		return 2;
	uint64_t rate = strtoull(argv[2], NULL, 10);
	int64_t seconds = strtoll(argv[3], NULL, 10);
	if (rate == 0 || seconds <= 0 || seconds > SECONDS_MAX)
		return 2;
	int fd = socket(AF_PACKET, SOCK_RAW, 0);
	struct sockaddr_ll address = {
		.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_IP), .sll_ifindex = (int)if_nametoindex(argv[1])};
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		return fail(argv[1]);
	setsockopt(fd, SOL_PACKET, PACKET_QDISC_BYPASS, &(int){1}, sizeof(int)); /* faster; not everywhere */
	for (size_t i = 0; i < BATCH; i++) {
		memcpy(frames[i], pattern, FRAME_LEN);
		parts[i] = (struct iovec){frames[i], FRAME_LEN};
		messages[i].msg_hdr = (struct msghdr){.msg_iov = &parts[i], .msg_iovlen = 1};
	}
	int64_t start_ns = now_ns(), elapsed_ns;
	while ((elapsed_ns = now_ns() - start_ns) < seconds * SECOND_NS) {
		if ((double)sent > (double)elapsed_ns * (double)rate / 1e9) {
			nanosleep(&(struct timespec){.tv_nsec = 500000}, NULL);
			continue;
		}
		for (size_t i = 0; i < BATCH; i++)
			fill(frames[i], &random);
		int done = sendmmsg(fd, messages, BATCH, 0);
		if (done > 0)
			sent += (uint64_t)done;
		else if (errno != ENOBUFS && errno != EINTR && errno != EAGAIN)
			return fail("sendmmsg");
	}
	printf("%" PRIu64 " %" PRId64 "\n", sent, elapsed_ns);
	return 0;
}
