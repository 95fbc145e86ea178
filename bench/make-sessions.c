/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Writes session documents as many sensors would: some thousand clients and users at a few dozen servers, logins accepted
 * and rejected, mail with and without login, refused connections. About 4 KB each, the same for the same arguments, nearly
 * in the order of time.
 *
 *   make-sessions COUNT [SEED]
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
	SERVERS = 40,
	CLIENTS = 5000,
	USERS = 4000,
	BUFFER = 1 << 20,
	JITTER_S = 600, /* sensors do not deliver in step */
};

#define START_S INT64_C(1795564800) /* 2026-11-25 */

static uint64_t random_state;

static uint64_t random_number(uint64_t below) {
	uint64_t z = (random_state += UINT64_C(0x9e3779b97f4a7c15));
	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return (z ^ (z >> 31)) % below;
}

/* Of the session at hand. */
struct values {
	uint64_t id;
	uint64_t stream, frame;
	char second[32]; /* 2026-11-25T06:41:20 */
	unsigned us;
	unsigned client, client_port, server, port, user;
	unsigned queue;
	const char *mechanism;
};

static void put_head(const struct values *v, const char *result_of_auth, unsigned frames) {
	printf("{\"type\":\"session\",\"schema\":1,\"id\":\"%020" PRIx64
	       "\",\"community_id\":\"1:DUz9DzuqCmLy9lVbZouo3YCIJj0=\","
	       "\"start\":\"%s.%06uZ\",\"end\":\"%s.%06uZ\",\"duration_ms\":2.782,\"capture\":{\"source\":\"sensor-%u."
	       "pcap\",\"stream\":%" PRIu64 ",\"first_frame\":%" PRIu64 ",\"last_frame\":%" PRIu64 "},",
		v->id, v->second, v->us, v->second, v->us + 2782, v->server % 4, v->stream, v->frame, v->frame + frames);
	printf("\"client\":{\"ip\":\"10.%u.%u.%u\",\"port\":%u,\"name\":\"pc-%u.example.net\"},\"server\":{\"ip\":\"192.0.2."
	       "%u\",\"port\":%u,"
	       "\"name\":\"mail%u.example.com\",\"banner\":\"mail%u.example.com ESMTP "
	       "Postfix\",\"greeting\":{\"code\":220,\"frame\":%" PRIu64 ",\"ms\":0.230},\"software\":\"Postfix\"},",
		v->client >> 16, v->client >> 8 & 255, v->client & 255, v->client_port, v->client, v->server + 10, v->port,
		v->server, v->server, v->frame + 3);
	printf("\"protocol\":\"esmtp\",\"tcp\":{\"handshake_ms\":0.045,\"syn_retries\":0,\"close\":\"fin\",\"client\":{"
	       "\"bytes\":366,\"packets\":13,"
	       "\"retransmits\":0,\"gap_bytes\":0},\"server\":{\"bytes\":420,\"packets\":14,\"retransmits\":0,\"gap_bytes\":"
	       "0}},\"capabilities\":"
	       "{\"clear\":[\"PIPELINING\",\"SIZE 10240000\",\"VRFY\",\"ETRN\",\"STARTTLS\",\"AUTH PLAIN LOGIN CRAM-MD5\","
	       "\"ENHANCEDSTATUSCODES\",\"8BITMIME\",\"DSN\",\"SMTPUTF8\",\"CHUNKING\"],\"clear_frame\":%" PRIu64
	       "},\"tls\":null,"
	       "\"auth\":{\"offered\":[\"PLAIN\",\"LOGIN\",\"CRAM-MD5\"],\"result\":\"%s\",\"attempts\":[",
		v->frame + 7, result_of_auth);
}

static void put_attempt(const struct values *v, bool accepted) {
	printf("{\"mechanism\":\"%s\",\"username\":\"user%u\",\"result\":\"%s\",\"reply\":{\"code\":%u,\"enhanced\":\"%s\","
	       "\"text\":[\"%s\"],"
	       "\"frame\":%" PRIu64 ",\"ms\":1.698},\"frame\":%" PRIu64 ",\"ms\":1.240,\"encrypted\":false}",
		v->mechanism, v->user, accepted ? "accepted" : "rejected", accepted ? 235 : 535,
		accepted ? "2.7.0" : "5.7.8",
		accepted ? "Authentication successful" : "Error: authentication failed: UGFzc3dvcmQ6", v->frame + 13,
		v->frame + 8);
}

static void put_mails(const struct values *v, bool sent, const char *authenticated) {
	if (!sent) {
		printf("]},\"mails\":[],\"result\":\"refused\",");
		return;
	}
	printf("]},\"mails\":[{\"from\":\"user%u@example.com\",\"frame\":%" PRIu64
	       ",\"ms\":1.737,\"params\":{\"SIZE\":\"2048\"},"
	       "\"authenticated\":%s,\"reply\":{\"code\":250,\"enhanced\":\"2.1.0\",\"text\":[\"Ok\"],\"frame\":%" PRIu64
	       ",\"ms\":1.775},"
	       "\"recipients\":[{\"to\":\"carol%u@example.org\",\"frame\":%" PRIu64
	       ",\"params\":{},\"reply\":{\"code\":250,\"enhanced\":\"2.1.5\","
	       "\"text\":[\"Ok\"],\"frame\":%" PRIu64
	       ",\"ms\":2.089},\"accepted\":true}],\"body\":{\"command\":\"DATA\",\"bytes\":2222,\"lines\":48,"
	       "\"complete\":true,\"reply\":{\"code\":250,\"enhanced\":\"2.0.0\",\"text\":[\"Ok: queued as "
	       "%07X\"],\"frame\":%" PRIu64 ",\"ms\":2.406}},\"result\":\"accepted\"}],\"result\":\"delivered\",",
		v->user, v->frame + 14, authenticated, v->frame + 15, v->queue % 1000, v->frame + 16, v->frame + 17,
		v->queue, v->frame + 21);
}

static void put_finding(const struct values *v, bool without_auth) {
	printf("\"blind\":{\"midstream\":false,\"one_sided\":false,\"gaps\":0},\"findings\":[");
	if (without_auth)
		printf("{\"id\":\"mail-without-auth\",\"severity\":\"high\",\"title\":\"Mail sent without "
		       "login\",\"explanation\":\"The client sent mail "
		       "from <user%u@example.com> without logging in, although the server offers PLAIN, LOGIN and CRAM-MD5, "
		       "and the server accepted "
		       "it.\",\"frames\":[%" PRIu64 "],\"accepted\":true},",
			v->user, v->frame + 14);
	printf("{\"id\":\"starttls-not-used\",\"severity\":\"low\",\"title\":\"Encryption offered but not "
	       "used\",\"explanation\":\"The server offers "
	       "encryption (STARTTLS); the client did not use it and sent 1 login and 1 mail in the "
	       "clear.\",\"frames\":[%" PRIu64 "]}],",
		v->frame + 8);
}

static void put_timeline(const struct values *v, const char *const *steps, size_t count) {
	printf("\"timeline\":[{\"ms\":0.000,\"time\":\"%s.%06uZ\",\"frame\":%" PRIu64
	       ",\"from\":\"client\",\"event\":\"connect\",\"handshake_ms\":0.045}",
		v->second, v->us, v->frame);
	for (size_t i = 0; i < count; i++)
		printf(",{\"ms\":%zu.230,\"time\":\"%s.%06uZ\",\"frame\":%" PRIu64 ",\"from\":\"%s}", i, v->second,
			v->us + (unsigned)i * 100, v->frame + 3 + i, steps[i]);
	printf("]}\n");
}

#define OK_REPLY(verb)                                                                                                      \
	"server\",\"event\":\"reply\",\"code\":250,\"text\":[\"Ok\"],\"answers\":\"" verb                                   \
	"\",\"enhanced\":\"2.1.0\",\"latency_ms\":0.044"

static const char *const steps[] = {
	"server\",\"event\":\"greeting\",\"code\":220,\"text\":[\"mail.example.com ESMTP Postfix\"]",
	"client\",\"event\":\"command\",\"verb\":\"EHLO\",\"argument\":\"client.example.com\"",
	"server\",\"event\":\"reply\",\"code\":250,\"text\":[\"mail.example.com\",\"PIPELINING\",\"SIZE "
	"10240000\",\"VRFY\",\"ETRN\",\"STARTTLS\","
	"\"AUTH PLAIN LOGIN "
	"CRAM-MD5\",\"ENHANCEDSTATUSCODES\",\"8BITMIME\",\"DSN\",\"SMTPUTF8\",\"CHUNKING\"],\"answers\":\"EHLO\",\"latency_"
	"ms\":0.055",
	"client\",\"event\":\"command\",\"verb\":\"AUTH\",\"argument\":\"LOGIN\"",
	"server\",\"event\":\"auth\",\"step\":\"challenge\",\"mechanism\":\"LOGIN\"",
	"client\",\"event\":\"auth\",\"step\":\"response\",\"mechanism\":\"LOGIN\"",
	"server\",\"event\":\"reply\",\"code\":235,\"text\":[\"Authentication "
	"successful\"],\"answers\":\"auth\",\"enhanced\":\"2.7.0\",\"latency_ms\":0.2",
	"client\",\"event\":\"command\",\"verb\":\"MAIL\",\"argument\":\"FROM:<alice@example.com> SIZE=2048\"",
	OK_REPLY("MAIL"),
	"client\",\"event\":\"command\",\"verb\":\"RCPT\",\"argument\":\"TO:<carol@example.org>\"",
	OK_REPLY("RCPT"),
	"client\",\"event\":\"command\",\"verb\":\"DATA\"",
	"server\",\"event\":\"reply\",\"code\":354,\"text\":[\"End data with "
	"<CR><LF>.<CR><LF>\"],\"answers\":\"DATA\",\"latency_ms\":0.033",
	"client\",\"event\":\"body\",\"command\":\"DATA\",\"bytes\":2222,\"lines\":48,\"duration_ms\":0.010",
	OK_REPLY("body"),
	"client\",\"event\":\"command\",\"verb\":\"QUIT\"",
	"server\",\"event\":\"reply\",\"code\":221,\"text\":[\"Bye\"],\"answers\":\"QUIT\",\"enhanced\":\"2.0.0\",\"latency_"
	"ms\":0.032",
	"network\",\"event\":\"close\",\"how\":\"fin\"",
};

enum { STEPS = sizeof(steps) / sizeof(steps[0]) };

static void put_refused(const struct values *v) {
	printf("{\"type\":\"session\",\"schema\":1,\"id\":\"%020" PRIx64
	       "\",\"community_id\":\"1:DUz9DzuqCmLy9lVbZouo3YCIJj0=\","
	       "\"start\":\"%s.%06uZ\",\"end\":\"%s.%06uZ\",\"duration_ms\":0.100,\"capture\":{\"source\":\"sensor-%u."
	       "pcap\",\"stream\":%" PRIu64 ",\"first_frame\":%" PRIu64 ",\"last_frame\":%" PRIu64
	       "},\"client\":{\"ip\":\"10.%u.%u.%u\",\"port\":%u},\"server\":{\"ip\":\"192.0.2.%u\",\"port\":%u},"
	       "\"protocol\":\"unknown\",\"tcp\":{"
	       "\"syn_retries\":0,\"close\":\"refused\",\"client\":{\"bytes\":0,\"packets\":1,\"retransmits\":0,\"gap_"
	       "bytes\":0},\"server\":{\"bytes\":0,"
	       "\"packets\":1,\"retransmits\":0,\"gap_bytes\":0}},\"capabilities\":{\"clear\":null},\"tls\":null,\"auth\":{"
	       "\"offered\":[],\"result\":"
	       "\"unknown\",\"attempts\":[]},\"mails\":[],\"result\":\"not-established\",",
		v->id, v->second, v->us, v->second, v->us + 100, v->server % 4, v->stream, v->frame, v->frame + 1,
		v->client >> 16, v->client >> 8 & 255, v->client & 255, v->client_port, v->server + 10, v->port);
	put_finding(v, false);
	put_timeline(v, steps + STEPS - 1, 1);
}

static void put_session(const struct values *v) {
	uint64_t kind = random_number(100);
	bool rejected = kind >= 80 && kind < 90, without = kind >= 90 && kind < 98;
	if (kind >= 98) {
		put_refused(v);
		return;
	}
	put_head(v, rejected ? "rejected" : without ? "not-attempted" : "accepted", 26);
	if (!without)
		put_attempt(v, !rejected);
	put_mails(v, !rejected, without ? "false" : "true");
	put_finding(v, without);
	put_timeline(v, steps, STEPS);
}

int main(int argc, char **argv) {
	if (argc < 2) {
		fputs("usage: make-sessions COUNT [SEED]\n", stderr);
		return 2;
	}
	static const char *const mechanisms[] = {"PLAIN", "LOGIN", "CRAM-MD5"};
	uint64_t count = strtoull(argv[1], NULL, 10);
	random_state = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
	setvbuf(stdout, NULL, _IOFBF, BUFFER);
	time_t last = 0;
	char second[32] = "";
	for (uint64_t i = 0; i < count && !ferror(stdout); i++) {
		time_t now = (time_t)(START_S + (int64_t)(i / 50) + (int64_t)random_number(JITTER_S));
		if (now != last) {
			struct tm tm;
			strftime(second, sizeof(second), "%Y-%m-%dT%H:%M:%S", gmtime_r(&now, &tm));
			last = now;
		}
		unsigned user = (unsigned)random_number(USERS);
		struct values values = {
			.id = random_number(UINT64_MAX),
			.stream = i,
			.frame = i % 1000000 * 27 + 1,
			.us = (unsigned)random_number(900000),
			.client = (user + (unsigned)random_number(2) * USERS) % CLIENTS,
			.client_port = 1024 + (unsigned)random_number(60000),
			.server = user % SERVERS,
			.port = random_number(10) == 0 ? 25 : 587,
			.user = user,
			.queue = (unsigned)random_number(1 << 28),
			.mechanism = mechanisms[random_number(3)],
		};
		memcpy(values.second, second, sizeof(second));
		put_session(&values);
	}
	return fflush(stdout) != 0;
}
