/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Sends a capture over an interface, again and again, at a rate, and counts what it has sent.
 *
 *   send [options] INTERFACE CAPTURE
 *
 * Each round through the capture has clients of its own: an IPv4 address in 10.0.0.0/8 is a client's, and of it the second
 * octet grows with the round (--cycle: so many values, from --first-octet more on), then the client's ports do. Checksums that were right stay right. So each
 * round has as many connections as the capture, and whoever counts what comes out knows how many there should be.
 *
 * It ends after --seconds, or with SIGTERM: in the middle of a round, or with --whole at the end of one. What is left of that round
 * is then sent at 1000 packets a second at least. On standard output comes one line of JSON.
 *
 * Frames go out in batches of sendmmsg(2), around the queueing discipline, so that the sender is the limit as late as possible.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum {
	BATCH_MAX = 64,
	ETHERNET_LEN = 14,
	IP_CHECKSUM_AT = 10,
	TCP_CHECKSUM_AT = 16,
	OCTETS_MAX = 200, /* values that the second octet of a client has at most */
	PORT_FIRST = 16384, PORT_COUNT = 65536 - PORT_FIRST, PORT_STEP = 101,
	RATE_TO_END = 1000,
	RECORD_HEADER_LEN = 16, FILE_HEADER_LEN = 24,
};

#define SECOND INT64_C(1000000000)

struct frame {
	uint8_t *data;
	uint32_t len;
	uint8_t *ip, *tcp;        /* NULL: it stays as it is */
	uint8_t *address, *port;  /* the client's */
	uint16_t address_start, port_start; /* its first half, and the port, as they are in the file */
};

struct sender {
	const char *interface, *capture;
	double rate; /* packets a second; 0: as fast as it goes */
	double seconds; /* 0: until SIGTERM */
	uint64_t cycle, round, octet;
	bool whole;

	int fd;
	uint8_t *file;
	struct frame *frames;
	size_t frame_count;
	uint64_t packets, bytes, rounds, refused;
};

static volatile sig_atomic_t stopped;

static void on_stop(int number) {
	(void)number;
	stopped = 1;
}

static void fail(const char *what, const char *why) {
	fprintf(stderr, "send: %s: %s\n", what, why);
	exit(1);
}

static int64_t now_ns(void) {
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * SECOND + now.tv_nsec;
}

static uint16_t get16(const uint8_t *at) {
	return (uint16_t)(at[0] << 8 | at[1]);
}

static void put16(uint8_t *at, uint16_t value) {
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

/* ---- The capture ---- */

static uint8_t *read_file(const char *name, size_t *ret_len) {
	FILE *file = fopen(name, "rb");
	if (file == NULL || fseek(file, 0, SEEK_END) != 0)
		fail(name, strerror(errno));
	long len = ftell(file);
	rewind(file);
	uint8_t *data = malloc(len > 0 ? (size_t)len : 1);
	if (data == NULL || fread(data, 1, (size_t)len, file) != (size_t)len)
		fail(name, "cannot be read");
	fclose(file);
	*ret_len = (size_t)len;
	return data;
}

/* Finds the client in IPv4 and TCP on plain Ethernet. All else is sent as it is. */
static void find_client(struct frame *frame) {
	uint8_t *ip = frame->data + ETHERNET_LEN;
	if (frame->len < ETHERNET_LEN + 40 || get16(frame->data + 12) != ETHERTYPE_IP || ip[0] >> 4 != 4 || ip[9] != 6)
		return;
	uint8_t *tcp = ip + (size_t)(ip[0] & 15) * 4;
	bool from_client = ip[12] == 10;
	if (tcp + 20 > frame->data + frame->len || (!from_client && ip[16] != 10))
		return;
	frame->ip = ip;
	frame->tcp = tcp;
	frame->address = ip + (from_client ? 12 : 16);
	frame->port = tcp + (from_client ? 0 : 2);
	frame->address_start = get16(frame->address);
	frame->port_start = get16(frame->port);
}

/* A pcap file of this machine's byte order, of Ethernet. */
static void load(struct sender *sender) {
	size_t len, count = 0;
	sender->file = read_file(sender->capture, &len);
	uint32_t header[6], record[4];
	if (len < FILE_HEADER_LEN)
		fail(sender->capture, "is no capture");
	memcpy(header, sender->file, sizeof(header));
	if ((header[0] != 0xa1b2c3d4 && header[0] != 0xa1b23c4d) || header[5] != 1)
		fail(sender->capture, "is not a pcap file of Ethernet in this machine's byte order");
	for (int pass = 0; pass < 2; pass++) {
		count = 0;
		for (size_t at = FILE_HEADER_LEN; len - at >= RECORD_HEADER_LEN; at += RECORD_HEADER_LEN + record[2]) {
			memcpy(record, sender->file + at, sizeof(record));
			if (record[2] > len - at - RECORD_HEADER_LEN)
				break;
			if (pass == 1) {
				sender->frames[count] = (struct frame){.data = sender->file + at + RECORD_HEADER_LEN, .len = record[2]};
				find_client(&sender->frames[count]);
			}
			count++;
		}
		if (pass == 0 && (sender->frames = calloc(count + 1, sizeof(*sender->frames))) == NULL)
			fail(sender->capture, "no memory");
	}
	if (count == 0)
		fail(sender->capture, "has no frames");
	sender->frame_count = count;
}

/* ---- Readdressing ---- */

/* RFC 1624, equation 3. */
static void update_checksum(uint8_t *checksum, uint16_t before, uint16_t after) {
	uint32_t sum = (uint16_t)~get16(checksum) + (uint32_t)(uint16_t)~before + after;
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	put16(checksum, (uint16_t)~sum);
}

static void readdress(const struct sender *sender, const struct frame *frame) {
	uint64_t cycle = sender->cycle, round = sender->round;
	if (frame->ip == NULL)
		return;
	uint16_t address = (uint16_t)(frame->address_start + sender->octet + round % cycle);
	uint16_t port = (uint16_t)(PORT_FIRST + ((uint64_t)frame->port_start + round / cycle * PORT_STEP) % PORT_COUNT);
	uint16_t address_before = get16(frame->address), port_before = get16(frame->port);
	put16(frame->address, address);
	put16(frame->port, port);
	update_checksum(frame->ip + IP_CHECKSUM_AT, address_before, address);
	update_checksum(frame->tcp + TCP_CHECKSUM_AT, address_before, address);
	update_checksum(frame->tcp + TCP_CHECKSUM_AT, port_before, port);
}

/* ---- Sending ---- */

static void open_socket(struct sender *sender) {
	int one = 1, size = 4 << 20;
	sender->fd = socket(AF_PACKET, SOCK_RAW, 0);
	struct sockaddr_ll address = {.sll_family = AF_PACKET, .sll_ifindex = (int)if_nametoindex(sender->interface)};
	if (sender->fd < 0 || address.sll_ifindex == 0 || bind(sender->fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		fail(sender->interface, strerror(errno));
	setsockopt(sender->fd, SOL_PACKET, PACKET_QDISC_BYPASS, &one, sizeof(one));
	setsockopt(sender->fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size));
}

/* Sends them all: what the interface has no room for now it has later. */
static void send_batch(struct sender *sender, struct mmsghdr *messages, size_t count) {
	for (size_t done = 0; done < count;) {
		int sent = sendmmsg(sender->fd, messages + done, (unsigned)(count - done), 0);
		if (sent > 0) {
			done += (size_t)sent;
		} else if (errno == ENOBUFS || errno == EAGAIN) {
			sender->refused++;
			nanosleep(&(struct timespec){.tv_nsec = 50000}, NULL);
		} else if (errno != EINTR) {
			fail(sender->interface, strerror(errno));
		}
	}
}

static void sleep_until(int64_t time_ns) {
	struct timespec until = {.tv_sec = time_ns / SECOND, .tv_nsec = time_ns % SECOND};
	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
}

/* How many packets are due, at least one. A sender that was kept from running does not make up for more than a tenth of a
 * second: a burst of that is what a switch's queue would hold, and more would be another rate. */
static size_t wait_for_packets(double rate, int64_t *due_ns) {
	if (rate <= 0)
		return BATCH_MAX;
	double each_ns = (double)SECOND / rate;
	int64_t now = now_ns();
	if (now - *due_ns > SECOND / 10)
		*due_ns = now - SECOND / 10;
	if (*due_ns > now) {
		/* No more than a thousand wake-ups a second. */
		sleep_until(*due_ns > now + SECOND / 1000 ? *due_ns : now + SECOND / 1000);
		now = now_ns();
	}
	double due = (double)(now - *due_ns) / each_ns;
	size_t count = due < 1 ? 1 : due > BATCH_MAX ? BATCH_MAX : (size_t)due;
	return count;
}

static void run(struct sender *sender) {
	struct mmsghdr messages[BATCH_MAX];
	struct iovec parts[BATCH_MAX];
	memset(messages, 0, sizeof(messages));
	int64_t start_ns = now_ns(), end_ns = sender->seconds > 0 ? start_ns + (int64_t)(sender->seconds * SECOND) : INT64_MAX;
	int64_t due_ns = start_ns;
	size_t at = 0;
	for (;;) {
		bool ending = stopped || now_ns() >= end_ns;
		if (ending && (!sender->whole || at == 0))
			break;
		double rate = ending && sender->rate > 0 && sender->rate < RATE_TO_END ? RATE_TO_END : sender->rate;
		size_t count = wait_for_packets(rate, &due_ns);
		if (count > sender->frame_count - at)
			count = sender->frame_count - at;
		for (size_t i = 0; i < count; i++) {
			const struct frame *frame = &sender->frames[at + i];
			readdress(sender, frame);
			parts[i] = (struct iovec){frame->data, frame->len};
			messages[i].msg_hdr.msg_iov = &parts[i];
			messages[i].msg_hdr.msg_iovlen = 1;
			sender->bytes += frame->len;
		}
		send_batch(sender, messages, count);
		sender->packets += count;
		if (rate > 0)
			due_ns += (int64_t)((double)count * (double)SECOND / rate);
		at += count;
		if (at == sender->frame_count) {
			at = 0;
			sender->round++;
			sender->rounds++;
		}
	}
	printf("{\"packets\":%" PRIu64 ",\"bytes\":%" PRIu64 ",\"rounds\":%" PRIu64 ",\"seconds\":%.6f,\"refused\":%" PRIu64 "}\n",
		sender->packets, sender->bytes, sender->rounds, (double)(now_ns() - start_ns) / SECOND, sender->refused);
}

static void usage(void) {
	fputs("usage: send [--rate PACKETS-A-SECOND] [--seconds N] [--whole] [--cycle N] [--first-round N] [--first-octet N]\n"
	      "            INTERFACE CAPTURE\n",
		stderr);
	exit(2);
}

int main(int argc, char **argv) {
	static const struct option names[] = {{"rate", required_argument, NULL, 'r'}, {"seconds", required_argument, NULL, 's'},
		{"whole", no_argument, NULL, 'w'}, {"cycle", required_argument, NULL, 'c'},
		{"first-round", required_argument, NULL, 'f'}, {"first-octet", required_argument, NULL, 'o'}, {0}};
	struct sender sender = {.cycle = OCTETS_MAX};
	int letter;
	while ((letter = getopt_long(argc, argv, "", names, NULL)) != -1) {
		if (letter == 'r')
			sender.rate = strtod(optarg, NULL);
		else if (letter == 's')
			sender.seconds = strtod(optarg, NULL);
		else if (letter == 'w')
			sender.whole = true;
		else if (letter == 'c')
			sender.cycle = strtoull(optarg, NULL, 10);
		else if (letter == 'f')
			sender.round = strtoull(optarg, NULL, 10);
		else if (letter == 'o')
			sender.octet = strtoull(optarg, NULL, 10);
		else
			usage();
	}
	if (optind != argc - 2 || sender.cycle == 0 || sender.cycle + sender.octet > OCTETS_MAX)
		usage();
	sender.interface = argv[optind];
	sender.capture = argv[optind + 1];
	signal(SIGTERM, on_stop);
	signal(SIGINT, on_stop);
	prctl(PR_SET_TIMERSLACK, 50000UL);
	load(&sender);
	open_socket(&sender);
	run(&sender);
	close(sender.fd);
	free(sender.frames);
	free(sender.file);
	return 0;
}
