/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * decode/message.c, and how session.c uses it: the bytes of messages that are told, by DATA and by BDAT, whole and with losses.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "decode/session.h"

enum { TEXT_MAX = 8192, STEPS_MAX = 24 };

struct step {
	enum stream_side side;
	const char *data; /* NULL: a gap */
	size_t len;
};

#define C(text)                                                                                                             \
	{ STREAM_CLIENT, text, sizeof(text) - 1 }
#define S(text)                                                                                                             \
	{ STREAM_SERVER, text, sizeof(text) - 1 }
#define GAP(len)                                                                                                            \
	{ STREAM_CLIENT, NULL, len }

#define HELLO S("220 a ESMTP\r\n"), C("EHLO b\r\n"), S("250-a\r\n250 CHUNKING\r\n")
#define MAIL C("MAIL FROM:<a@example.org>\r\n"), S("250 ok\r\n"), C("RCPT TO:<b@example.org>\r\n"), S("250 ok\r\n")
#define DATA C("DATA\r\n"), S("354 go\r\n")

struct row {
	const char *name;
	struct step steps[STEPS_MAX];
	uint64_t header_max, message_max;
	const char *expected; /* bytes told; | ends a header, ~ is a gap, $ the end of the body with what it is */
};

#define HEADER 65536
#define WHOLE 65536

static const struct row rows[] = {
	{"nobody asks", {HELLO, MAIL, DATA, C("A: b\r\n\r\nbody\r\n.\r\n"), S("250 ok\r\n")}, 0, 0, "$7bit"},
	{"header", {HELLO, MAIL, DATA, C("A: b\r\nC: d\r\n\r\nbody\r\n.\r\n"), S("250 ok\r\n")}, HEADER, 0, "A: b\r\nC: d\r\n\r\n|$7bit"},
	{"header of LF", {HELLO, MAIL, DATA, C("A: b\n\nbody\r\n.\r\n"), S("250 ok\r\n")}, HEADER, 0, "A: b\n\n|$binary"},
	{"no header", {HELLO, MAIL, DATA, C("\r\nbody\r\n.\r\n"), S("250 ok\r\n")}, HEADER, 0, "\r\n|$7bit"},
	{"header alone", {HELLO, MAIL, DATA, C("A: b\r\n.\r\n"), S("250 ok\r\n")}, HEADER, 0, "A: b\r\n$7bit"},
	{"a line of CR", {HELLO, MAIL, DATA, C("A: b\r\n\r\r\nC: d\r\n\r\n.\r\n"), S("250 ok\r\n")}, HEADER, 0, "A: b\r\n\r\r\n|$binary"},
	{"a limit in the header", {HELLO, MAIL, DATA, C("A: b\r\nC: d\r\n\r\nbody\r\n.\r\n"), S("250 ok\r\n")}, 9, 0, "A: b\r\nC: $7bit"},
	{"a limit at its end", {HELLO, MAIL, DATA, C("A: b\r\n\r\nbody\r\n.\r\n"), S("250 ok\r\n")}, 8, 0, "A: b\r\n\r\n|$7bit"},
	{"a limit one byte before", {HELLO, MAIL, DATA, C("A: b\r\n\r\nbody\r\n.\r\n"), S("250 ok\r\n")}, 7, 0, "A: b\r\n\r$7bit"},
	{"whole", {HELLO, MAIL, DATA, C("A: b\r\n\r\nbody\r\n.\r\n"), S("250 ok\r\n")}, HEADER, WHOLE, "A: b\r\n\r\n|body\r\n$7bit"},
	{"whole, without header", {HELLO, MAIL, DATA, C("A: b\r\n\r\nbody\r\n.\r\n"), S("250 ok\r\n")}, 0, WHOLE, "A: b\r\n\r\n|body\r\n$7bit"},
	{"whole, less than the header", {HELLO, MAIL, DATA, C("A: b\r\n\r\nbody\r\n.\r\n"), S("250 ok\r\n")}, HEADER, 4, "A: b\r\n\r\n|$7bit"},
	{"whole, with a limit", {HELLO, MAIL, DATA, C("A: b\r\n\r\nbody\r\n.\r\n"), S("250 ok\r\n")}, HEADER, 10, "A: b\r\n\r\n|bo$7bit"},
	{"dots", {HELLO, MAIL, DATA, C("A: b\r\n..c\r\n..\r\n\r\n..\r\n.x\r\n...\r\n.\r\n"), S("250 ok\r\n")}, HEADER, WHOLE,
		"A: b\r\n.c\r\n.\r\n\r\n|.\r\nx\r\n..\r\n$7bit"},
	{"a dot and CR", {HELLO, MAIL, DATA, C("A: b\r\n.\rc\r\n\r\n.\r\n"), S("250 ok\r\n")}, HEADER, WHOLE, "A: b\r\n\rc\r\n\r\n|$binary"},
	{"ends that are none", {HELLO, MAIL, DATA, C("A: b\r\n\r\na\n.\nb\r\n.\nc\r\n.\r\n"), S("250 ok\r\n")}, HEADER, WHOLE,
		"A: b\r\n\r\n|a\n.\nb\r\n\nc\r\n$binary"},
	{"8bit", {HELLO, MAIL, DATA, C("A: b\r\n\r\nGr\xc3\xbc\xc3\x9f" "e\r\n.\r\n"), S("250 ok\r\n")}, HEADER, 0, "A: b\r\n\r\n|$8bit"},
	{"NUL", {HELLO, MAIL, DATA, C("A: b\r\n\r\na\0b\r\n.\r\n"), S("250 ok\r\n")}, HEADER, 0, "A: b\r\n\r\n|$binary"},
	{"two mails", {HELLO, MAIL, DATA, C("A: b\r\n\r\n.\r\n"), S("250 ok\r\n"), MAIL, DATA, C("C: d\r\n\r\n.\r\n"), S("250 ok\r\n")}, HEADER, 0,
		"A: b\r\n\r\n|$7bitC: d\r\n\r\n|$7bit"},
	{"pipelined body", {HELLO, MAIL, C("DATA\r\nA: b\r\n\r\nc\r\n.\r\n"), S("354 go\r\n250 ok\r\n")}, HEADER, WHOLE, "A: b\r\n\r\n|c\r\n$7bit"},
	{"refused", {HELLO, MAIL, C("DATA\r\n"), S("554 no\r\n"), C("QUIT\r\n"), S("221 bye\r\n")}, HEADER, WHOLE, ""},

	{"BDAT", {HELLO, MAIL, C("BDAT 8 LAST\r\nA: b\r\n\r\n"), S("250 ok\r\n")}, HEADER, WHOLE, "A: b\r\n\r\n|$7bit"},
	{"BDAT in pieces", {HELLO, MAIL, C("BDAT 3\r\nA: "), S("250 ok\r\n"), C("BDAT 4\r\nb\r\n\r"), S("250 ok\r\n"), C("BDAT 4 LAST\r\n\n.\r\n"),
			S("250 ok\r\n")}, HEADER, WHOLE, "A: b\r\n\r\n|.\r\n$7bit"},
	{"BDAT, header only", {HELLO, MAIL, C("BDAT 9\r\nA: b\r\n\r\nc"), S("250 ok\r\n"), C("BDAT 2\r\nde"), S("250 ok\r\n"),
			C("BDAT 0 LAST\r\n"), S("250 ok\r\n")}, HEADER, 0, "A: b\r\n\r\n|$7bit"},
	{"BDAT with CR at an end", {HELLO, MAIL, C("BDAT 7 LAST\r\nA: b\r\n\r"), S("250 ok\r\n")}, HEADER, WHOLE, "A: b\r\n\r$binary"},

	{"a gap in the header", {HELLO, MAIL, DATA, C("A: b\r\nC"), GAP(5), C("\r\n\r\nbody\r\n.\r\n"), S("250 ok\r\n")}, HEADER, WHOLE, "A: b\r\nC~$?"},
	{"a gap at the start", {HELLO, MAIL, DATA, GAP(5), C("\r\n\r\nbody\r\n.\r\n"), S("250 ok\r\n")}, HEADER, WHOLE, "~$?"},
	{"a gap in the body", {HELLO, MAIL, DATA, C("A: b\r\n\r\nbo"), GAP(2), C("dy\r\n.\r\n"), S("250 ok\r\n")}, HEADER, WHOLE, "A: b\r\n\r\n|bo~$?"},
	{"a gap nobody asks for", {HELLO, MAIL, DATA, C("A: b\r\n\r\nbo"), GAP(2), C("dy\r\n.\r\n"), S("250 ok\r\n")}, HEADER, 0, "A: b\r\n\r\n|$?"},
	{"a gap in a chunk", {HELLO, MAIL, C("BDAT 12 LAST\r\nA: b"), GAP(4), C("body"), S("250 ok\r\n")}, HEADER, WHOLE, "A: b~$?"},
	{"a gap between chunks", {HELLO, MAIL, C("BDAT 8\r\nA: b\r\n\r\n"), S("250 ok\r\n"), GAP(12), S("250 ok\r\n"), C("BDAT 4 LAST\r\nbody"),
			S("250 ok\r\n")}, HEADER, WHOLE, "A: b\r\n\r\n|~$?"},
	{"DATA in a gap", {HELLO, MAIL, GAP(6), S("354 go\r\n"), C("A: b\r\n\r\nbody\r\n.\r\n"), S("250 ok\r\n")}, HEADER, WHOLE, "$7bit"},
	{"cut off", {HELLO, MAIL, DATA, C("A: b\r\n\r\nbo")}, HEADER, WHOLE, "A: b\r\n\r\n|bo$?"},
};

struct told {
	char text[TEXT_MAX];
	size_t len;
	uint64_t offset;
};

static void put(struct told *told, const char *data, size_t len) {
	assert_true(len <= sizeof(told->text) - told->len);
	memcpy(told->text + told->len, data, len);
	told->len += len;
}

static void on_event(void *context, const struct event *event) {
	static const char *const contents[] = {"$?", "$7bit", "$8bit", "$binary"};
	struct told *told = context;
	if (event->kind == EVENT_BODY)
		put(told, contents[event->body.content], strlen(contents[event->body.content]));
	if (event->kind != EVENT_MESSAGE)
		return;
	assert_true(event->message.mail > 0);
	if (event->message.offset == 0)
		told->offset = 0;
	assert_int_equal(event->message.offset, told->offset);
	if (event->message.data.data == NULL) {
		put(told, "~", 1);
		return;
	}
	assert_true(event->message.data.len > 0);
	put(told, event->message.data.data, event->message.data.len);
	told->offset += event->message.data.len;
	if (event->message.header_end)
		put(told, "|", 1);
}

static size_t checks;

/* Each chunk is cut in two at cut, or into bytes when it is 0. */
static void check(const struct row *row, size_t cut, bool bytes) {
	const struct stream_open open = {.hint = STREAM_HINT_SMTP, .handshake_ns = 1, .serial = 1};
	struct told told = {.len = 0};
	const struct event_sink sink = {&told, on_event, row->header_max, row->message_max};
	struct session *session = session_create(&open, sink);
	uint64_t sent[2] = {0, 0}, seen[2] = {0, 0};
	for (const struct step *step = row->steps; step < row->steps + STEPS_MAX && step->len > 0; step++) {
		for (size_t at = 0, len; at < step->len; at += len) {
			len = step->data == NULL ? step->len : bytes ? 1 : at == 0 && cut > 0 && cut < step->len ? cut : step->len - at;
			uint8_t *block = step->data != NULL ? malloc(len) : NULL;
			if (block != NULL)
				memcpy(block, step->data + at, len);
			const struct stream_chunk chunk = {.side = step->side,
				.data = block,
				.len = len,
				.offset = sent[step->side],
				.peer_offset = sent[!step->side],
				.at = {.frame = 1 + seen[0]++}};
			session_feed(session, &chunk);
			sent[step->side] += len;
			free(block);
		}
	}
	const struct stream_close close = {.how = STREAM_CLOSE_FIN};
	assert_true(session_finish(session, &close));
	session_destroy(session);
	const char *end = strchr(row->expected, '\0');
	size_t expected_len = (size_t)(end - row->expected);
	if (told.len != expected_len || memcmp(told.text, row->expected, expected_len) != 0)
		fail_msg("%s, cut %zu: told \"%.*s\"\nexpected \"%s\"", row->name, cut, (int)told.len, told.text, row->expected);
	checks++;
}

static void test_rows(void **state) {
	(void)state;
	size_t count = sizeof(rows) / sizeof(rows[0]);
	checks = 0;
	for (size_t i = 0; i < count; i++) {
		check(&rows[i], 0, false);
		check(&rows[i], 0, true);
		for (size_t cut = 1; cut < 48; cut++)
			check(&rows[i], cut, false);
	}
	assert_int_equal(checks, count * 49);
}

/* A line of 998 bytes and its end is the longest that a text may have. */
static void test_long_lines(void **state) {
	(void)state;
	static char body[3000];
	for (size_t len = 997; len <= 1000; len++) {
		int head = snprintf(body, sizeof(body), "A: b\r\n\r\n");
		memset(body + head, 'x', len);
		snprintf(body + head + len, sizeof(body) - (size_t)head - len, "\r\n.\r\n");
		const struct row row = {"long line", {HELLO, MAIL, DATA, {STREAM_CLIENT, body, strlen(body)}, S("250 ok\r\n")}, 0, 0,
			len <= 998 ? "$7bit" : "$binary"};
		check(&row, 0, false);
		check(&row, 0, true);
		check(&row, 500, false);
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_long_lines),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
