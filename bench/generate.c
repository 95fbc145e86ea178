/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Writes large captures of complete SMTP sessions, the same bytes for the same arguments.
 *
 *   generate sessions N [--bytes 2000] [--concurrent 1000] [options] FILE
 *   generate large [--mails 100] [--bytes 10M] [--concurrent 4] [options] FILE
 *   options: --ipv6  --vlan ID  --seed NUMBER
 *
 * A session is a script of packets: session_step() writes the next one and returns when the one after it is due. The
 * sessions that are open at the same time stand in a heap by that time. FILE may be - for standard output.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CLIENT = 0, SERVER = 1 };
enum { FIN = 0x01, SYN = 0x02, PSH = 0x08, ACK = 0x10 };
enum {
	TEXT_MAX = 1024,
	LINE_LEN = 78, /* of the body: 76 characters of base64 and CRLF */
	BLOCK_LEN = LINE_LEN * 1024,
	HEADERS_MAX = 14 + 4 + 40 + 60,
	SEGMENT_MAX = 1448, /* of payload: a 1500-byte packet less IPv4, TCP and its time stamp option */
};

struct options {
	uint64_t sessions;
	uint64_t bytes; /* of a message */
	uint64_t concurrent;
	uint64_t seed;
	long vlan; /* -1: none */
	bool ipv6;
	bool large;
};

/* What a session does next. A state is named after the packet that it writes. */
enum state {
	STATE_SYN,
	STATE_SYN_ACK,
	STATE_HANDSHAKE_ACK,
	STATE_GREETING,
	STATE_GREETING_ACK,
	STATE_EHLO,
	STATE_EHLO_ACK,
	STATE_EHLO_REPLY,
	STATE_MAIL,
	STATE_MAIL_ACK, /* every other session only: the delayed ACK timer ran out before the server was ready */
	STATE_MAIL_REPLY,
	STATE_RCPT,
	STATE_RCPT_REPLY,
	STATE_DATA,
	STATE_DATA_REPLY,
	STATE_BODY,
	STATE_BODY_ACK,
	STATE_BODY_REPLY,
	STATE_QUIT,
	STATE_QUIT_REPLY,
	STATE_SERVER_FIN,
	STATE_SERVER_FIN_ACK,
	STATE_CLIENT_FIN,
	STATE_CLIENT_FIN_ACK,
	STATE_DONE,
};

struct session {
	uint64_t due_us; /* time of the next packet */
	uint64_t number;
	enum state state;
	uint32_t next[2];              /* sequence number of each side's next byte */
	uint32_t echo[2];              /* the other side's last TCP time stamp */
	uint64_t body_left, body_done; /* bytes of the message's text */
	bool body_started, body_over;
	unsigned unacknowledged; /* segments of the body */
	uint16_t ip_id[2];
};

struct generator {
	struct options options;
	FILE *out;
	uint64_t random;
	uint64_t packets, bytes;
	uint64_t sessions_left, session_next;
	size_t segment_max;
	char block[2 * BLOCK_LEN]; /* the body's text, twice, so that a segment may start anywhere in the first half */
};

static void fail(const char *what) {
	fprintf(stderr, "generate: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* splitmix64 */
static uint64_t random_next(struct generator *g) {
	uint64_t x = (g->random += 0x9e3779b97f4a7c15u);
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
	return x ^ (x >> 31);
}

static uint64_t random_between(struct generator *g, uint64_t low, uint64_t high) {
	return low + random_next(g) % (high - low + 1);
}

static uint8_t *put16(uint8_t *at, uint16_t value) {
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
	return at + 2;
}

static uint8_t *put32(uint8_t *at, uint32_t value) {
	return put16(put16(at, (uint16_t)(value >> 16)), (uint16_t)value);
}

static uint8_t *put_bytes(uint8_t *at, const void *data, size_t len) {
	memcpy(at, data, len);
	return at + len;
}

/* The Internet checksum's sum, in the machine's byte order: eight bytes at a time, since a gigabyte goes through here. */
static uint64_t checksum_add(uint64_t sum, const void *data, size_t len) {
	const uint8_t *at = data;
	for (; len >= 4; at += 4, len -= 4) {
		uint32_t word;
		memcpy(&word, at, sizeof word);
		sum += word;
	}
	uint8_t rest[4] = {0};
	uint32_t word;
	memcpy(rest, at, len);
	memcpy(&word, rest, sizeof word);
	return sum + word;
}

static uint16_t checksum_finish(uint64_t sum) {
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return ntohs((uint16_t)~sum);
}

/* Client n of 65,536; then the next source port. A connection's addresses and ports thus come once in 1.8 thousand million
 * sessions. */
static uint32_t client_ipv4(uint64_t session) {
	return 0x0a000000u + 0x10000u + (uint32_t)(session % 65536);
}

static uint16_t client_port(uint64_t session) {
	return (uint16_t)(32768 + session / 65536 % 28000);
}

static uint8_t *put_ipv6_address(uint8_t *at, uint32_t host) {
	static const uint8_t prefix[12] = {0x20, 0x01, 0x0d, 0xb8};
	return put32(put_bytes(at, prefix, sizeof prefix), host);
}

static const uint32_t server_ipv4 = 0xc0000219; /* 192.0.2.25 */

static uint8_t *put_link(const struct generator *g, int side, uint8_t *at) {
	static const uint8_t mac[2][6] = {{0x02, 0, 0, 0, 0, 0x01}, {0x02, 0, 0, 0, 0, 0x02}};
	at = put_bytes(at, mac[!side], 6);
	at = put_bytes(at, mac[side], 6);
	if (g->options.vlan >= 0)
		at = put16(put16(at, 0x8100), (uint16_t)g->options.vlan);
	return put16(at, g->options.ipv6 ? 0x86dd : 0x0800);
}

static uint8_t *put_ip(const struct generator *g, struct session *s, int side, size_t tcp_len, uint8_t *at) {
	uint32_t client = client_ipv4(s->number);
	uint32_t source = side == CLIENT ? client : server_ipv4, target = side == CLIENT ? server_ipv4 : client;
	if (g->options.ipv6) {
		at = put32(at, 0x60000000);
		at = put16(at, (uint16_t)tcp_len);
		at = put16(at, 0x0640); /* TCP, hop limit 64 */
		return put_ipv6_address(put_ipv6_address(at, source), target);
	}
	uint8_t *start = at;
	at = put16(at, 0x4500);
	at = put16(at, (uint16_t)(20 + tcp_len));
	at = put16(at, s->ip_id[side]++);
	at = put16(at, 0x4000); /* do not fragment */
	at = put16(at, 0x4006); /* time to live 64, TCP */
	at = put16(at, 0);
	at = put32(put32(at, source), target);
	put16(start + 10, checksum_finish(checksum_add(0, start, 20)));
	return at;
}

static uint8_t *put_tcp(struct session *s, int side, int flags, uint8_t *at) {
	uint32_t stamp = (uint32_t)(s->due_us / 1000) + (side == SERVER ? 0x5e000000u : 0x11000000u);
	uint8_t *start = at;
	at = put16(at, side == CLIENT ? client_port(s->number) : 25);
	at = put16(at, side == CLIENT ? 25 : client_port(s->number));
	at = put32(at, s->next[side]);
	at = put32(at, flags & ACK ? s->next[!side] : 0);
	at = put16(at, 0);
	at = put16(at, flags & SYN ? 64240 : 502);
	at = put32(at, 0); /* checksum, urgent pointer */
	if (flags & SYN) {
		at = put32(at, 0x020405b4); /* maximum segment size 1460 */
		at = put16(at, 0x0402);     /* selective acknowledgements */
		at = put16(at, 0x080a);     /* time stamps */
		at = put32(put32(at, stamp), s->echo[side]);
		at = put32(at, 0x01030307); /* window scale 7 */
	} else {
		at = put32(at, 0x0101080a);
		at = put32(put32(at, stamp), s->echo[side]);
	}
	s->echo[!side] = stamp;
	put16(start + 12, (uint16_t)(((size_t)(at - start) / 4) << 12 | (unsigned)flags));
	return at;
}

static void write_all(struct generator *g, const void *data, size_t len) {
	if (len && fwrite_unlocked(data, 1, len, g->out) != len)
		fail("cannot write");
	g->bytes += len;
}

/* Writes one packet of the session at its due time. */
static void emit(struct generator *g, struct session *s, int side, int flags, const char *data, size_t len) {
	uint8_t headers[HEADERS_MAX];
	size_t tcp_header_len = flags & SYN ? 40 : 32;
	uint8_t *ip = put_link(g, side, headers);
	uint8_t *tcp = put_ip(g, s, side, tcp_header_len + len, ip);
	uint8_t *end = put_tcp(s, side, flags, tcp);
	const uint8_t *addresses = g->options.ipv6 ? ip + 8 : ip + 12;

	uint64_t sum = htons(6) + (uint64_t)htons((uint16_t)(tcp_header_len + len));
	sum = checksum_add(sum, addresses, (size_t)(tcp - addresses));
	sum = checksum_add(sum, tcp, tcp_header_len);
	put16(tcp + 16, checksum_finish(checksum_add(sum, data ? data : "", len)));

	size_t header_len = (size_t)(end - headers);
	uint32_t record[4] = {(uint32_t)(s->due_us / 1000000), (uint32_t)(s->due_us % 1000000), (uint32_t)(header_len + len),
		(uint32_t)(header_len + len)};
	write_all(g, record, sizeof record);
	write_all(g, headers, header_len);
	write_all(g, data, len);
	g->packets++;
	s->next[side] += (uint32_t)len + (flags & (SYN | FIN) ? 1 : 0);
}

__attribute__((format(printf, 4, 5))) static void say(
	struct generator *g, struct session *s, int side, const char *format, ...) {
	char text[TEXT_MAX];
	va_list arguments;
	va_start(arguments, format);
	int len = vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	emit(g, s, side, PSH | ACK, text, (size_t)len);
}

/* The headers of the message. body_left becomes what is still to be written of it: whole lines, so that the final dot stands
 * alone. */
static size_t put_message_headers(struct generator *g, struct session *s, char *text) {
	unsigned long long n = s->number;
	int len = snprintf(text, TEXT_MAX,
		"From: <user%llu@client.example>\r\nTo: <box%llu@server.example>\r\nSubject: message %llu\r\n"
		"Message-ID: <%llu.%llu@client.example>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain\r\n"
		"Content-Transfer-Encoding: base64\r\n\r\n",
		n % 5000, n % 300, n, n, (unsigned long long)g->options.seed);
	s->body_started = true;
	s->body_left = g->options.bytes > (uint64_t)len ? g->options.bytes - (uint64_t)len : 0;
	s->body_left -= s->body_left % LINE_LEN;
	return (size_t)len;
}

/* The next segment of the message, as full as it can be, and whose turn it is then. The server acknowledges every second
 * segment, and the end of the message at once, while it works on it. */
static void say_body(struct generator *g, struct session *s) {
	char text[SEGMENT_MAX];
	size_t len = s->body_started ? 0 : put_message_headers(g, s, text);
	size_t part = g->segment_max - len;
	if (part > s->body_left)
		part = (size_t)s->body_left;
	memcpy(text + len, g->block + s->body_done % BLOCK_LEN, part);
	len += part;
	s->body_left -= part;
	s->body_done += part;
	s->body_over = s->body_left == 0 && len + 3 <= g->segment_max;
	if (s->body_over) {
		memcpy(text + len, ".\r\n", 3);
		len += 3;
	}
	emit(g, s, CLIENT, s->body_over ? PSH | ACK : ACK, text, len);
	s->unacknowledged++;
	s->state = s->body_over || s->unacknowledged == 2 ? STATE_BODY_ACK : STATE_BODY;
}

static uint64_t short_delay(struct generator *g) {
	return random_between(g, 20, 400);
}

/* Half a round trip or the time that a server thinks. 17 of these make a session last about a second. */
static uint64_t long_delay(struct generator *g) {
	return random_between(g, 20000, 100000);
}

/* Writes the session's next packet and returns the microseconds until the one after it. */
static uint64_t session_step(struct generator *g, struct session *s) {
	unsigned long long n = s->number;
	enum state state = s->state;
	s->state = state + 1;
	switch (state) {
	case STATE_SYN:
		emit(g, s, CLIENT, SYN, NULL, 0);
		return long_delay(g);
	case STATE_SYN_ACK:
		emit(g, s, SERVER, SYN | ACK, NULL, 0);
		return long_delay(g);
	case STATE_HANDSHAKE_ACK:
		emit(g, s, CLIENT, ACK, NULL, 0);
		return long_delay(g);
	case STATE_GREETING:
		say(g, s, SERVER, "220 mx.server.example ESMTP Postfix\r\n");
		return short_delay(g);
	case STATE_GREETING_ACK:
		emit(g, s, CLIENT, ACK, NULL, 0);
		return long_delay(g);
	case STATE_EHLO:
		say(g, s, CLIENT, "EHLO host%llu.client.example\r\n", n % 65536);
		return short_delay(g);
	case STATE_EHLO_ACK:
		emit(g, s, SERVER, ACK, NULL, 0);
		return long_delay(g);
	case STATE_EHLO_REPLY:
		say(g, s, SERVER,
			"250-mx.server.example\r\n250-PIPELINING\r\n250-SIZE 52428800\r\n250-ETRN\r\n"
			"%s%s250-ENHANCEDSTATUSCODES\r\n250-8BITMIME\r\n250 DSN\r\n",
			n % 3 ? "250-AUTH PLAIN LOGIN\r\n" : "", n % 2 ? "" : "250-VRFY\r\n");
		return long_delay(g);
	case STATE_MAIL:
		say(g, s, CLIENT, "MAIL FROM:<user%llu@client.example> SIZE=%llu\r\n", n % 5000,
			(unsigned long long)g->options.bytes);
		if (n % 2)
			s->state = STATE_MAIL_REPLY;
		return n % 2 ? long_delay(g) : 40000;
	case STATE_MAIL_ACK:
		emit(g, s, SERVER, ACK, NULL, 0);
		return long_delay(g);
	case STATE_MAIL_REPLY:
		say(g, s, SERVER, "250 2.1.0 Ok\r\n");
		return long_delay(g);
	case STATE_RCPT:
		say(g, s, CLIENT, "RCPT TO:<box%llu@server.example>\r\n", n % 300);
		return long_delay(g);
	case STATE_RCPT_REPLY:
		say(g, s, SERVER, "250 2.1.5 Ok\r\n");
		return long_delay(g);
	case STATE_DATA:
		say(g, s, CLIENT, "DATA\r\n");
		return long_delay(g);
	case STATE_DATA_REPLY:
		say(g, s, SERVER, "354 End data with <CR><LF>.<CR><LF>\r\n");
		return long_delay(g);
	case STATE_BODY:
		say_body(g, s);
		return s->body_over ? short_delay(g) : 12; /* a full segment at a gigabit a second */
	case STATE_BODY_ACK:
		emit(g, s, SERVER, ACK, NULL, 0);
		s->unacknowledged = 0;
		s->state = s->body_over ? STATE_BODY_REPLY : STATE_BODY;
		return s->body_over ? long_delay(g) : 4;
	case STATE_BODY_REPLY:
		say(g, s, SERVER, "250 2.0.0 Ok: queued as %08llX\r\n", (n * 2654435761u) & 0xffffffff);
		return long_delay(g);
	case STATE_QUIT:
		say(g, s, CLIENT, "QUIT\r\n");
		return long_delay(g);
	case STATE_QUIT_REPLY:
		say(g, s, SERVER, "221 2.0.0 Bye\r\n");
		return short_delay(g);
	case STATE_SERVER_FIN:
		emit(g, s, SERVER, FIN | ACK, NULL, 0);
		return short_delay(g);
	case STATE_SERVER_FIN_ACK:
		emit(g, s, CLIENT, ACK, NULL, 0);
		return short_delay(g);
	case STATE_CLIENT_FIN:
		emit(g, s, CLIENT, FIN | ACK, NULL, 0);
		return short_delay(g);
	case STATE_CLIENT_FIN_ACK:
		emit(g, s, SERVER, ACK, NULL, 0);
		return long_delay(g);
	case STATE_DONE:
		break;
	}
	return 0;
}

/* Makes the slot a fresh session that starts at its due time, or returns false when there are enough. */
static bool session_start(struct generator *g, struct session *s) {
	if (g->sessions_left == 0)
		return false;
	g->sessions_left--;
	uint64_t start = s->due_us;
	memset(s, 0, sizeof *s);
	s->due_us = start;
	s->number = g->session_next++;
	s->next[CLIENT] = (uint32_t)random_next(g);
	s->next[SERVER] = (uint32_t)random_next(g);
	s->ip_id[CLIENT] = (uint16_t)random_next(g);
	s->ip_id[SERVER] = (uint16_t)random_next(g);
	return true;
}

/* A binary heap by due_us. Equal times leave it in the same order for the same input: no pointer is ever compared. */
static void heap_sink(struct session *heap, size_t count, size_t at) {
	for (;;) {
		size_t child = 2 * at + 1;
		if (child >= count)
			return;
		if (child + 1 < count && heap[child + 1].due_us < heap[child].due_us)
			child++;
		if (heap[at].due_us <= heap[child].due_us)
			return;
		struct session held = heap[at];
		heap[at] = heap[child];
		heap[child] = held;
		at = child;
	}
}

static void generate(struct generator *g) {
	static const uint64_t start_us = UINT64_C(1795588800) * 1000000; /* 2026-11-25 08:00 UTC */
	size_t count = 0;
	struct session *heap = calloc(g->options.concurrent, sizeof *heap);
	if (!heap)
		fail("cannot keep so many sessions");
	while (count < g->options.concurrent) {
		heap[count].due_us = start_us + count * 1000000 / g->options.concurrent;
		if (!session_start(g, &heap[count]))
			break;
		count++;
	}
	while (count) {
		heap[0].due_us += session_step(g, &heap[0]);
		if (heap[0].state == STATE_DONE && !session_start(g, &heap[0]))
			heap[0] = heap[--count];
		heap_sink(heap, count, 0);
	}
	free(heap);
}

static void block_fill(struct generator *g) {
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	for (size_t i = 0; i < BLOCK_LEN; i++)
		g->block[i] = i % LINE_LEN == LINE_LEN - 2   ? '\r'
			      : i % LINE_LEN == LINE_LEN - 1 ? '\n'
							     : digits[random_next(g) % 64];
	memcpy(g->block + BLOCK_LEN, g->block, BLOCK_LEN);
}

static void usage(FILE *to) {
	fputs("usage: generate sessions N [--bytes 2000] [--concurrent 1000] [options] FILE\n"
	      "       generate large [--mails 100] [--bytes 10M] [--concurrent 4] [options] FILE\n"
	      "options: --ipv6  --vlan ID  --seed NUMBER     FILE may be -\n",
		to);
}

static void usage_error(const char *what, const char *word) {
	fprintf(stderr, "generate: %s: %s\n", what, word);
	usage(stderr);
	exit(2);
}

static uint64_t parse_number(const char *text) {
	char *end;
	errno = 0;
	unsigned long long value = strtoull(text, &end, 10);
	if (end == text || *text == '-' || errno)
		usage_error("not a number", text);
	const char *units = "kMG", *unit = *end ? strchr(units, *end) : NULL;
	if (*end && (!unit || end[1]))
		usage_error("not a number", text);
	for (const char *u = units; unit && u <= unit; u++)
		value *= 1000;
	return value;
}

/* Returns the name of the file to write. */
static const char *parse_options(int argc, char **argv, struct options *ret_options) {
	static const struct option names[] = {{"mails", required_argument, NULL, 'm'},
		{"bytes", required_argument, NULL, 'b'}, {"concurrent", required_argument, NULL, 'c'},
		{"seed", required_argument, NULL, 's'}, {"vlan", required_argument, NULL, 'v'},
		{"ipv6", no_argument, NULL, '6'}, {"help", no_argument, NULL, 'h'}, {0}};
	struct options o = {.seed = 1, .vlan = -1};
	int letter;
	while ((letter = getopt_long(argc, argv, "h", names, NULL)) != -1) {
		switch (letter) {
		case 'm':
			o.sessions = parse_number(optarg);
			break;
		case 'b':
			o.bytes = parse_number(optarg);
			break;
		case 'c':
			o.concurrent = parse_number(optarg);
			break;
		case 's':
			o.seed = parse_number(optarg);
			break;
		case 'v':
			o.vlan = (long)(parse_number(optarg) & 0xfff);
			break;
		case '6':
			o.ipv6 = true;
			break;
		case 'h':
			usage(stdout);
			exit(0);
		default:
			usage(stderr);
			exit(2);
		}
	}
	const char *kind = optind < argc ? argv[optind++] : "nothing";
	o.large = strcmp(kind, "large") == 0;
	if (!o.large && strcmp(kind, "sessions") != 0)
		usage_error("what to generate is sessions or large, not", kind);
	if (!o.large) {
		if (optind >= argc)
			usage_error("how many sessions?", "N is missing");
		o.sessions = parse_number(argv[optind++]);
	}
	if (optind != argc - 1)
		usage_error("give one file to write", optind < argc ? argv[optind + 1] : "FILE is missing");
	if (!o.sessions)
		o.sessions = o.large ? 100 : 1;
	if (!o.bytes)
		o.bytes = o.large ? 10000000 : 2000;
	if (!o.concurrent)
		o.concurrent = o.large ? 4 : 1000;
	*ret_options = o;
	return argv[optind];
}

int main(int argc, char **argv) {
	static struct generator g;
	const char *name = parse_options(argc, argv, &g.options);
	g.random = g.options.seed;
	g.sessions_left = g.options.sessions;
	g.segment_max = g.options.ipv6 ? SEGMENT_MAX - 20 : SEGMENT_MAX;
	block_fill(&g);
	g.out = strcmp(name, "-") == 0 ? stdout : fopen(name, "wb");
	if (!g.out)
		fail(name);
	setvbuf(g.out, NULL, _IOFBF, 1 << 20);
	const uint32_t header[6] = {0xa1b2c3d4, 2 | 4 << 16, 0, 0, 262144, 1}; /* 1: Ethernet */
	write_all(&g, header, sizeof header);
	generate(&g);
	if (fclose(g.out))
		fail(name);
	fprintf(stderr, "%llu sessions, %llu packets, %llu bytes\n", (unsigned long long)g.options.sessions,
		(unsigned long long)g.packets, (unsigned long long)g.bytes);
	return 0;
}
