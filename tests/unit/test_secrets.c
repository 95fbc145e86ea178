/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * EVENT_SECRET: which bytes of a dialogue are to be hidden. A dialogue is a list of what is said and of how it may be shown.
 */
#include "decode/session.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { STEPS_MAX = 24, STREAM_MAX = 4096 };

struct step {
	char side; /* C or S; in lower case the bytes were not captured */
	const char *text, *shown;
};

struct dialogue {
	const char *name;
	bool midstream, no_hint;
	struct step steps[STEPS_MAX];
};

#define SAME(side, text) {side, text, text}
#define GREETING SAME('S', "220 mx.example.com ESMTP\r\n")
#define EHLO SAME('C', "EHLO pc.example.com\r\n"), SAME('S', "250-mx.example.com\r\n250 AUTH PLAIN LOGIN\r\n")
#define LINES_4 "500-a\r\n500-b\r\n500-c\r\n500-d\r\n"
#define LINES_16 LINES_4 LINES_4 LINES_4 LINES_4

/* A TLS record, as long as its length has no NUL in it. */
#define X_32 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
#define X_256 X_32 X_32 X_32 X_32 X_32 X_32 X_32 X_32
#define RECORD(type, handshake_type) type "\x03\x01\x01\x01" handshake_type X_256

static const struct dialogue dialogues[] = {
	{"nothing to hide", .steps = {GREETING, EHLO, SAME('C', "MAIL FROM:<a@example.com>\r\n"), SAME('S', "250 ok\r\n"),
		SAME('C', "RCPT TO:<b@example.com>\r\n"), SAME('S', "250 ok\r\n"), SAME('C', "DATA\r\n"), SAME('S', "354 go\r\n"),
		SAME('C', "Subject: AUTH PLAIN AGEAYmNkZWY=\r\n\r\ntext\r\n.\r\n"), SAME('S', "250 ok\r\n"), SAME('C', "QUIT\r\n"),
		SAME('S', "221 bye\r\n")}},
	{"initial response", .steps = {GREETING, EHLO, {'C', "AUTH PLAIN AGEAYmNkZWY=\r\n", "AUTH PLAIN ************\r\n"},
		SAME('S', "235 ok\r\n"), SAME('C', "NOOP\r\n")}},
	{"blanks around it", .steps = {GREETING, EHLO, {'C', "auth  plain  AGEAYmNkZWY= \r\n", "auth  plain  *************\r\n"},
		SAME('S', "235 ok\r\n")}},
	{"empty initial response", .steps = {GREETING, EHLO, SAME('C', "AUTH EXTERNAL =\r\n"), SAME('S', "235 ok\r\n")}},
	{"no mechanism", .steps = {GREETING, EHLO, {'C', "AUTH AGEAYmNkZWY=\r\n", "AUTH ************\r\n"}, SAME('S', "504 no\r\n")}},
	{"two words that may be", .steps = {GREETING, EHLO, {'C', "AUTH PLAIN AGE AYmNk\r\n", "AUTH PLAIN *********\r\n"},
		SAME('S', "501 no\r\n")}},
	{"login", .steps = {GREETING, EHLO, SAME('C', "AUTH LOGIN\r\n"), SAME('S', "334 VXNlcm5hbWU6\r\n"),
		{'C', "YWxpY2U=\r\n", "********\r\n"}, SAME('S', "334 UGFzc3dvcmQ6\r\n"), {'C', "c2VjcmV0\n", "********\n"},
		SAME('S', "535 5.7.8 no\r\n"), SAME('C', "QUIT\r\n")}},
	{"cancelled", .steps = {GREETING, EHLO, SAME('C', "AUTH LOGIN\r\n"), SAME('S', "334 VXNlcm5hbWU6\r\n"), SAME('C', "*\r\n"),
		SAME('S', "501 no\r\n")}},
	{"challenges", .steps = {GREETING, EHLO, SAME('C', "AUTH CRAM-MD5\r\n"), {'S', "334 PDEuMkB4Pg==\r\n", "334 ************\r\n"},
		{'C', "YSBiYg==\r\n", "********\r\n"}, SAME('S', "235 2.7.0 ok\r\n")}},
	{"challenge with a user's name", .steps = {GREETING, EHLO, SAME('C', "AUTH LOGIN\r\n"),
		{'S', "334 cGFzc3dvcmQgZm9yIGFsaWNlLCB3aG8gaXMga25vd24gaGVyZQ==\r\n",
			"334 ****************************************************\r\n"}}},
	{"reply that repeats it", .steps = {GREETING, EHLO, {'C', "AUTH PLAIN AGEAYmNkZWY=\r\n", "AUTH PLAIN ************\r\n"},
		{'S', "535-5.7.8 You said\r\n535-AGEAYmNkZWY=\r\n535 5.7.8 and that was wrong\r\n",
			"535-5.7.8*********\r\n535-************\r\n535 5.7.8*******************\r\n"}}},
	{"long reply that repeats it", .steps = {GREETING, EHLO, {'C', "AUTH PLAIN AGEAYmNkZWY=\r\n", "AUTH PLAIN ************\r\n"},
		{'S', LINES_16 LINES_16 LINES_16 LINES_16 LINES_16 LINES_16 LINES_16 LINES_16 "500-AGEAYmNkZWY=\r\n500 x\r\n", NULL}}},
	{"no reply that repeats it", .steps = {GREETING, EHLO, {'C', "AUTH PLAIN AGEAYmNkZWY=\r\n", "AUTH PLAIN ************\r\n"},
		{'S', "AGEAYmNkZWY=: what?\r\n", "*******************\r\n"}, SAME('S', "535 no\r\n")}},
	{"response out of step", .steps = {GREETING, EHLO, SAME('C', "AUTH LOGIN\r\n"), SAME('S', "504 no\r\n"),
		{'C', "YWxpY2U=\r\n", "********\r\n"}, SAME('S', "500 what\r\n"), {'C', "c2VjcmV0\r\n", "********\r\n"},
		SAME('S', "500 what\r\n"), SAME('C', "QUIT\r\n")}},
	{"unknown command", .steps = {GREETING, EHLO, {'C', "XSECRET word AGE\r\n", "XSECRET ********\r\n"}, SAME('S', "500 what\r\n"),
		{'C', "?? what\r\n", "*******\r\n"}, SAME('S', "500 what\r\n")}},
	{"token in BURL", .steps = {GREETING, EHLO, {'C', "BURL imap://tim@h/d;uid=7;urlauth=submit+tim:internal:91354 LAST\r\n",
		"BURL imap://tim@h/d;uid=7;urlauth=************************* LAST\r\n"}, SAME('S', "250 ok\r\n")}},
	{"password in BURL", .steps = {GREETING, EHLO, {'C', "BURL imap://tim:p:w@h/d;urlauth=x y\r\n",
		"BURL imap://tim:***@***************\r\n"}, SAME('S', "501 no\r\n")}},
	{"nothing in BURL", .steps = {GREETING, EHLO, SAME('C', "BURL imap://tim@h/d;uid=7 LAST\r\n"), SAME('S', "250 ok\r\n")}},
	{"not SMTP", .steps = {GREETING, {'C', "POST /secret HTTP/1.1\r\n", "POST ******* HTTP/1.1\r\n"}, SAME('S', "500 what\r\n")}},
	{"not SMTP, later", .steps = {GREETING, EHLO, {'C', "POST /secret HTTP/1.1\r\n", "POST ****************\r\n"},
		SAME('S', "500 what\r\n")}},
	{"unended line", .steps = {GREETING, EHLO, {'C', "AUTH PLAIN AGEAY", "****************"}}},
	{"unended reply", .steps = {GREETING, EHLO, {'C', "AUTH PLAIN AGEAYmNkZWY=\r\n", "AUTH PLAIN ************\r\n"},
		{'S', "535 AGEA", "535 ****"}}},
	{"unended reply without AUTH", .steps = {GREETING, EHLO, SAME('C', "NOOP\r\n"), SAME('S', "250 o")}},
	{"nobody answers AUTH", .steps = {GREETING, EHLO, SAME('C', "AUTH LOGIN\r\n"),
		{'C', "YWxpY2U=\r\nc2VjcmV0\r\n", "********\r\n**********"}}},
	{"gap in the command", .steps = {GREETING, EHLO, {'c', "AUTH PLAIN AGE", "**************"}, {'C', "AYmNkZWY=\r\n", "*********\r\n"},
		SAME('S', "235 ok\r\n"), SAME('C', "QUIT\r\n")}},
	{"gap instead of a challenge", .steps = {GREETING, EHLO, SAME('C', "AUTH LOGIN\r\n"),
		{'s', "334 VXNlcm5hbWU6\r\n", "******************"}, {'C', "YWxpY2U=\r\n", "********\r\n"},
		SAME('S', "334 UGFzc3dvcmQ6\r\n"), {'C', "c2VjcmV0\r\n", "********\r\n"}, SAME('S', "235 ok\r\n"), SAME('C', "QUIT\r\n")}},
	{"joined at the password", .midstream = true, .steps = {{'C', "c2VjcmV0\r\n", "********\r\n"}, SAME('S', "235 ok\r\n"),
		SAME('C', "MAIL FROM:<a@example.com>\r\n"), SAME('S', "250 ok\r\n")}},
	{"joined at something", .midstream = true, .steps = {{'C', "some\r\nAUTH PLAIN AGE=\r\nthing", "****\r\n**********************"}}},
	{"gap in a message", .steps = {GREETING, EHLO, SAME('C', "MAIL FROM:<a@example.com>\r\n"), SAME('S', "250 ok\r\n"),
		SAME('C', "RCPT TO:<b@example.com>\r\n"), SAME('S', "250 ok\r\n"), SAME('C', "DATA\r\n"), SAME('S', "354 go\r\n"),
		SAME('C', "Subject: x\r\n"), {'c', "more\r\n", "******"}, {'C', "AUTH PLAIN AGE=\r\n.\r\n", "***************\r\n.\r\n"},
		SAME('S', "250 ok\r\n"), SAME('C', "QUIT\r\n")}},
	{"preface", .no_hint = true, .steps = {{'C', "AUTH PLAIN AGE=\r\n", "*****************"}, {'S', "235 ok\r\n", "********"},
		SAME('C', "EHLO pc.example.com\r\n"), SAME('S', "250-mx.example.com\r\n250 AUTH PLAIN\r\n"),
		SAME('C', "MAIL FROM:<a@example.com>\r\n"), SAME('S', "250 ok\r\n")}},
	{"STARTTLS", .steps = {GREETING, EHLO, SAME('C', "STARTTLS\r\n"), SAME('S', "220 go\r\n"),
		SAME('C', RECORD("\x16", "\x01")), SAME('S', RECORD("\x16", "\x02")), SAME('C', RECORD("\x17", "z")),
		SAME('C', "encrypted")}},
	{"no TLS after all", .steps = {GREETING, EHLO, SAME('C', "STARTTLS\r\n"), SAME('S', "220 go\r\n"),
		SAME('C', RECORD("\x16", "\x01")), {'C', "AUTH PLAIN AGE=\r\n", NULL}}},
};

struct hidden {
	char bytes[2][STREAM_MAX];
	size_t len[2];
};

static void on_event(void *context, const struct event *event) {
	struct hidden *hidden = context;
	const struct stream_range *range = &event->secret;
	if (event->kind != EVENT_SECRET)
		return;
	assert_true(range->len > 0);
	for (uint64_t at = range->offset; at < STREAM_MAX && (range->len == STREAM_TO_END || at < range->offset + range->len); at++)
		hidden->bytes[range->side][at] = '*';
}

/* What is shown of a dialogue, step by step, when it comes in pieces of so many bytes. */
static void play(const struct dialogue *dialogue, size_t piece, char ret_shown[STEPS_MAX][STREAM_MAX]) {
	static struct hidden hidden;
	memset(&hidden, 0, sizeof(hidden));
	struct stream_open open = {.client = {4, {192, 0, 2, 2}, 40000},
		.server = {4, {192, 0, 2, 1}, 25},
		.hint = dialogue->no_hint ? STREAM_HINT_NONE : STREAM_HINT_SMTP,
		.midstream = dialogue->midstream || dialogue->no_hint,
		.handshake_ns = -1};
	struct session *session = session_create(&open, (struct event_sink){.context = &hidden, .event = on_event});
	uint64_t frame = 0;
	for (const struct step *step = dialogue->steps; step->side != 0; step++) {
		enum stream_side side = step->side == 'C' || step->side == 'c' ? STREAM_CLIENT : STREAM_SERVER;
		bool gap = step->side >= 'a';
		size_t len = strlen(step->text), peer_len = hidden.len[stream_other_side(side)];
		for (size_t at = 0, part; at < len; at += part) {
			part = gap || len - at < piece ? len - at : piece;
			/* In a block of its own size, so that a byte too far is found. */
			uint8_t *data = malloc(part);
			memcpy(data, step->text + at, part);
			frame++;
			session_feed(session, &(struct stream_chunk){.side = side,
				.data = gap ? NULL : data,
				.len = part,
				.offset = hidden.len[side] + at,
				.peer_offset = peer_len,
				.at = {.time_ns = (int64_t)frame * 1000000, .frame = frame}});
			free(data);
		}
		hidden.len[side] += len;
	}
	session_finish(session, &(struct stream_close){.how = STREAM_CLOSE_FIN, .handshake_ns = -1});
	session_destroy(session);
	size_t offset[2] = {0, 0};
	for (size_t i = 0; dialogue->steps[i].side != 0; i++) {
		const struct step *step = &dialogue->steps[i];
		enum stream_side side = step->side == 'C' || step->side == 'c' ? STREAM_CLIENT : STREAM_SERVER;
		size_t len = strlen(step->text);
		for (size_t at = 0; at < len; at++)
			ret_shown[i][at] = hidden.bytes[side][offset[side] + at] != 0 ? '*' : step->text[at];
		ret_shown[i][len] = '\0';
		offset[side] += len;
	}
	/* Nothing is known of what may come behind, but when it is encrypted. */
	bool encrypted = strcmp(dialogue->name, "STARTTLS") == 0;
	assert_int_equal(hidden.bytes[STREAM_CLIENT][offset[STREAM_CLIENT]] != 0, !encrypted);
	assert_int_equal(hidden.bytes[STREAM_SERVER][offset[STREAM_SERVER]] != 0, !encrypted);
}

static void test_dialogues(void **state) {
	(void)state;
	static char shown[STEPS_MAX][STREAM_MAX];
	static const size_t pieces[] = {STREAM_MAX, 1, 2, 3, 7};
	size_t failures = 0;
	for (size_t d = 0; d < sizeof(dialogues) / sizeof(dialogues[0]); d++) {
		for (size_t p = 0; p < sizeof(pieces) / sizeof(pieces[0]); p++) {
			play(&dialogues[d], pieces[p], shown);
			for (size_t i = 0; dialogues[d].steps[i].side != 0; i++) {
				const struct step *step = &dialogues[d].steps[i];
				bool right = step->shown != NULL ? strcmp(shown[i], step->shown) == 0 : strstr(shown[i], "AGE") == NULL;
				if (right)
					continue;
				failures++;
				print_message("%s, in pieces of %zu: shown is \"%s\"\n", dialogues[d].name, pieces[p], shown[i]);
			}
		}
	}
	assert_int_equal(failures, 0);
}

int main(void) {
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_dialogues)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
