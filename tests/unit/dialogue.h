/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Sessions for tests, written as the two sides say them. One line is one frame of its own:
 *
 *   S: 220 mail.example.org ESMTP      the server's line, CR LF added; \xNN is a byte
 *   C: EHLO client.example.org         the client's
 *   raw S 220 mail                     without CR LF and without \xNN
 *   gap S 18                           that many bytes of a side are missing from the capture
 *   tls                                the client begins TLS, in a way that nobody understands
 *   hello 0303 mail.example.com        it begins TLS, offering at most that version, with or without a name
 *   server 0303                        the server agrees to that version
 *   certificate HEX                    it shows a certificate
 *   alert C 48                         a side gives up
 *   sealed                             the rest of the handshake of TLS 1.2, and a record of data from each side
 *   wait 2000                          milliseconds pass
 *
 * Before the first of them:
 *
 *   port 25, midstream, v6, rtt 8 2 (milliseconds to server and client, 0: not known), syn 2 (retries), how N (enum stream_close_how), icmp TEXT
 *
 * A session starts in frame 1, its first line is frame 4.
 */
#ifndef SMTPSCOPE_TESTS_DIALOGUE_H
#define SMTPSCOPE_TESTS_DIALOGUE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "decode/session.h"
#include "report/findings.h"
#include "report/record.h"

#define DIALOGUE_START_NS INT64_C(1795588880123456000) /* 2026-11-25T06:41:20.123456Z */
#define DIALOGUE_LINE_NS INT64_C(1000000)

enum { DIALOGUE_LINE_MAX = 8192 };

struct dialogue {
	struct session *session;
	struct record *record;
	struct stream_open open;
	struct stream_close close;
	char icmp[64];
	int64_t time_ns;
	uint64_t frame;
	uint64_t offset[2];
};

static inline void dialogue_start(struct dialogue *dialogue) {
	if (dialogue->session != NULL)
		return;
	dialogue->session =
		session_create(&dialogue->open, (struct event_sink){.context = dialogue->record, .event = record_event});
	assert_non_null(dialogue->session);
}

static inline void dialogue_chunk(struct dialogue *dialogue, enum stream_side side, const char *data, size_t len) {
	struct stream_chunk chunk = {.side = side,
		.data = (const uint8_t *)data,
		.len = len,
		.offset = dialogue->offset[side],
		.peer_offset = dialogue->offset[stream_other_side(side)],
		.at = {dialogue->time_ns, dialogue->frame}};

	dialogue_start(dialogue);
	dialogue->offset[side] += len;
	dialogue->close.side[side].bytes += len;
	session_feed(dialogue->session, &chunk);
	dialogue->time_ns += DIALOGUE_LINE_NS;
	dialogue->frame++;
}

static inline void dialogue_say(struct dialogue *dialogue, enum stream_side side, const char *line, size_t line_len) {
	char data[DIALOGUE_LINE_MAX + 2];
	size_t len = 0;

	for (size_t i = 0; i < line_len; len++) {
		unsigned byte;

		assert_true(len < DIALOGUE_LINE_MAX);
		if (line_len - i >= 4 && line[i] == '\\' && line[i + 1] == 'x' && sscanf(line + i + 2, "%2x", &byte) == 1) {
			data[len] = (char)byte;
			i += 4;
		} else {
			data[len] = line[i++];
		}
	}
	data[len++] = '\r';
	data[len++] = '\n';
	dialogue_chunk(dialogue, side, data, len);
}

static inline void dialogue_gap(struct dialogue *dialogue, enum stream_side side, size_t len) {
	dialogue->close.side[side].gaps++;
	dialogue->close.side[side].gap_bytes += len;
	dialogue_chunk(dialogue, side, NULL, len);
}

/* One handshake message in a record of its own. */
static inline void dialogue_handshake(struct dialogue *dialogue, enum stream_side side, uint8_t type, const char *body, size_t len) {
	char data[DIALOGUE_LINE_MAX] = {22, 3, 1, (char)((len + 4) >> 8), (char)(len + 4), (char)type, 0, (char)(len >> 8), (char)len};
	assert_true(len <= sizeof(data) - 9);
	memcpy(data + 9, body, len);
	dialogue_chunk(dialogue, side, data, 9 + len);
}

/* Of TLS 1.3 the version stands in an extension. */
static inline void dialogue_hello(struct dialogue *dialogue, unsigned version, const char *host) {
	char body[512] = {3, (char)(version > 0x0303 ? 3 : version)};
	size_t at = 2 + 32 + 1, host_len = strlen(host), start;
	memcpy(body + at, "\0\2\xc0\x2f\1\0", 6);
	start = at + 6;
	at = start + 2;
	if (host_len > 0) {
		memcpy(body + at, (char[]){0, 0, 0, (char)(host_len + 5), 0, (char)(host_len + 3), 0, 0, (char)host_len}, 9);
		memcpy(body + at + 9, host, host_len);
		at += 9 + host_len;
	}
	if (version > 0x0303) {
		memcpy(body + at, (char[]){0, 43, 0, 3, 2, (char)(version >> 8), (char)version}, 7);
		at += 7;
	}
	body[start + 1] = (char)(at - start - 2);
	dialogue_handshake(dialogue, STREAM_CLIENT, 1, body, at);
}

static inline void dialogue_server_hello(struct dialogue *dialogue, unsigned version) {
	char body[64] = {3, (char)(version > 0x0303 ? 3 : version)};
	size_t at = 2 + 32 + 1;
	memcpy(body + at, "\xc0\x2f\0", 3);
	at += 3;
	if (version > 0x0303) {
		memcpy(body + at, (char[]){0, 6, 0, 43, 0, 2, (char)(version >> 8), (char)version}, 8);
		at += 8;
	}
	dialogue_handshake(dialogue, STREAM_SERVER, 2, body, at);
}

static inline void dialogue_certificate(struct dialogue *dialogue, const char *hex, size_t hex_len) {
	char body[DIALOGUE_LINE_MAX] = {0};
	size_t len = hex_len / 2;
	assert_true(len <= sizeof(body) - 6);
	for (size_t i = 0; i < len; i++) {
		unsigned byte;
		assert_int_equal(sscanf(hex + 2 * i, "%2x", &byte), 1);
		body[6 + i] = (char)byte;
	}
	memcpy(body, (char[]){0, (char)((len + 3) >> 8), (char)(len + 3), 0, (char)(len >> 8), (char)len}, 6);
	dialogue_handshake(dialogue, STREAM_SERVER, 11, body, 6 + len);
}

static inline void dialogue_sealed(struct dialogue *dialogue) {
	static const char rest[] = "\x14\x03\x03\x00\x01\x01\x16\x03\x03\x00\x04okay", data[] = "\x17\x03\x03\x00\x04" "data";
	for (enum stream_side side = STREAM_CLIENT; side <= STREAM_SERVER; side++)
		dialogue_chunk(dialogue, side, rest, sizeof(rest) - 1);
	for (enum stream_side side = STREAM_CLIENT; side <= STREAM_SERVER; side++)
		dialogue_chunk(dialogue, side, data, sizeof(data) - 1);
}

static inline void dialogue_set(struct dialogue *dialogue, const char *line, size_t len) {
	unsigned number = 0, other = 0;
	char word[16] = "", side = 0, host[128] = "";

	assert_true(sscanf(line, "%15s", word) == 1);
	if (strcmp(word, "conflict") == 0 && sscanf(line, "conflict %c", &side) == 1)
		dialogue->close.side[side == 'S'].conflict_frame = ++dialogue->close.side[side == 'S'].conflicts;
	else if (strcmp(word, "raw") == 0 && sscanf(line, "raw %c", &side) == 1)
		dialogue_chunk(dialogue, side == 'S' ? STREAM_SERVER : STREAM_CLIENT, line + 6, len - 6);
	else if (strcmp(word, "gap") == 0 && sscanf(line, "gap %c %u", &side, &number) == 2)
		dialogue_gap(dialogue, side == 'S' ? STREAM_SERVER : STREAM_CLIENT, number);
	else if (strcmp(word, "wait") == 0 && sscanf(line, "wait %u", &number) == 1)
		dialogue->time_ns += (int64_t)number * 1000000;
	else if (strcmp(word, "tls") == 0)
		dialogue_chunk(dialogue, STREAM_CLIENT, "\x16\x03\x01\x00\x05\x01\x00\x00\x01\x00", 10);
	else if (strcmp(word, "hello") == 0 && len < sizeof(host) && sscanf(line, "hello %x%*[ ]%127[^\n]", &number, host) >= 1)
		dialogue_hello(dialogue, number, host);
	else if (strcmp(word, "server") == 0 && sscanf(line, "server %x", &number) == 1)
		dialogue_server_hello(dialogue, number);
	else if (strcmp(word, "certificate") == 0)
		dialogue_certificate(dialogue, line + 12, len - 12);
	else if (strcmp(word, "alert") == 0 && sscanf(line, "alert %c %u", &side, &number) == 2)
		dialogue_chunk(dialogue, side == 'S' ? STREAM_SERVER : STREAM_CLIENT, (char[]){21, 3, 3, 0, 2, 2, (char)number}, 7);
	else if (strcmp(word, "sealed") == 0)
		dialogue_sealed(dialogue);
	else if (strcmp(word, "port") == 0 && sscanf(line, "port %u", &number) == 1)
		dialogue->open.server.port = (uint16_t)number;
	else if (strcmp(word, "midstream") == 0)
		dialogue->open.midstream = true;
	else if (strcmp(word, "v6") == 0)
		dialogue->open.client.ip_version = dialogue->open.server.ip_version = 6;
	else if (strcmp(word, "rtt") == 0 && sscanf(line, "rtt %u %u", &number, &other) == 2) {
		dialogue->open.server_rtt_ns = (int64_t)number * 1000000;
		dialogue->open.client_rtt_ns = (int64_t)other * 1000000;
	} else if (strcmp(word, "syn") == 0 && sscanf(line, "syn %u", &number) == 1)
		dialogue->close.syn_retries = number;
	else if (strcmp(word, "how") == 0 && sscanf(line, "how %u", &number) == 1)
		dialogue->close.how = (enum stream_close_how)number;
	else if (strcmp(word, "dropped") == 0 && sscanf(line, "dropped %u", &number) == 1)
		dialogue->record->dropped_by_kernel = number;
	else if (strcmp(word, "icmp") == 0 && len - 5 < sizeof(dialogue->icmp)) {
		memcpy(dialogue->icmp, line + 5, len - 5);
		dialogue->close.icmp = dialogue->icmp;
		dialogue->close.how = STREAM_CLOSE_UNREACHABLE;
	} else
		fail_msg("no such line in a dialogue: %s", line);
}

/* Fills the record, which is initialised or reset, and runs the findings. What the record borrows lives in dialogue. */
static inline void dialogue_run(struct dialogue *dialogue, struct record *record, const char *text) {
	*dialogue = (struct dialogue){
		.record = record,
		.open = {.client = {4, {192, 0, 2, 10}, 49712},
			.server = {4, {192, 0, 2, 1}, 587},
			.source = "office.pcap",
			.stream = 3,
			.first = {DIALOGUE_START_NS, 1},
			.handshake_ns = 400000,
			.hint = STREAM_HINT_SMTP},
		.close = {.how = STREAM_CLOSE_FIN, .handshake_ns = 400000},
		.time_ns = DIALOGUE_START_NS + DIALOGUE_LINE_NS,
		.frame = 4,
	};
	while (*text != 0) {
		size_t len = strcspn(text, "\n");

		if (strncmp(text, "S: ", 3) == 0 || strncmp(text, "C: ", 3) == 0)
			dialogue_say(dialogue, text[0] == 'S' ? STREAM_SERVER : STREAM_CLIENT, text + 3, len - 3);
		else
			dialogue_set(dialogue, text, len);
		text += len + (text[len] == '\n');
	}
	dialogue_start(dialogue);
	dialogue->close.last = (struct stream_moment){dialogue->time_ns, dialogue->frame};
	assert_true(session_finish(dialogue->session, &dialogue->close));
	session_destroy(dialogue->session);
	findings_run(record, words_or_english(NULL));
}

#endif
