/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * report/text.c and report/terminal.c: what reaches the terminal, and how wide it is.
 */
#include <errno.h>
#include <locale.h>
#include <wchar.h>

#include "dialogue.h"
#include "report/text.h"

static size_t checks;

#define CHECK(condition) (checks++, assert_true(condition))

#define GREETING "S: 220 mail.example.org ESMTP Postfix\n"
#define EHLO                                                                                                                \
	"C: EHLO client.example.org\nS: 250-mail.example.org\nS: 250-PIPELINING\nS: 250-SIZE 10240000\nS: 250-ETRN\n"       \
	"S: 250-STARTTLS\nS: 250-AUTH PLAIN LOGIN CRAM-MD5\nS: 250-ENHANCEDSTATUSCODES\nS: 250-8BITMIME\nS: 250 DSN\n"
#define LOGIN                                                                                                               \
	"C: AUTH LOGIN\nS: 334 VXNlcm5hbWU6\nC: c2F0bw==\nS: 334 UGFzc3dvcmQ6\nC: c2VjcmV0MQ==\nwait 2000\n"                \
	"S: 535 5.7.8 Error: authentication failed: UGFzc3dvcmQ6\n"
#define PLAIN "C: AUTH PLAIN AHNhdG8Ac2VjcmV0MQ==\nS: 535 5.7.8 Error: authentication failed\n"
#define MAIL                                                                                                                \
	"C: MAIL FROM:<sato@example.org> SIZE=1234\nS: 250 2.1.0 Ok\n"                                                      \
	"C: RCPT TO:<a.very.long.address.of.somebody@department.of.something.example.net>\nS: 250 2.1.5 Ok\n"               \
	"C: RCPT TO:<nobody@example.net>\n"                                                                                 \
	"S: 550 5.1.1 <nobody@example.net>: Recipient address rejected: User unknown in local recipient table\n"            \
	"C: DATA\nS: 354 End data with <CR><LF>.<CR><LF>\nC: Subject: x\nC: \nC: hello\nC: .\nS: 250 2.0.0 Ok: queued as "  \
	"4F2A\n"
#define BYE "C: QUIT\nS: 221 2.0.0 Bye\n"

static const char *const ordinary[] = {
	GREETING EHLO LOGIN PLAIN MAIL MAIL BYE,
	"port 25\n" GREETING EHLO "C: STARTTLS\nS: 220 2.0.0 Ready to start TLS\ntls\nhow 4\n",
	"port 25\n" GREETING EHLO
	"C: AUTH CRAM-MD5\ngap S 40\nC: c2F0byBiOTEzYTYwMmM3ZWRhN2E0OTViNGU2ZTczMzRkMzg5MA==\ngap S 1448\n" MAIL
	"C: DATA\nS: 354 go\nC: x\ngap C 14480\nC: .\nS: 250 Ok\nhow 1\n",
	"how 5\nsyn 2\n",
	"port 25\nv6\nicmp admin-prohibited\nsyn 1\n",
	"port 25\nhow 6\n",
	"port 25\nS: 220-mail.example.org ESMTP\nS: 220-We do not authorize the use of this system to transport "
	"unsolicited, and bulk e-mail.\n"
	"S: 220 \nC: HELO x\nS: 250 hi\nC: FOO bar\nS: 502 5.5.2 Error: command not recognized\nC: HELP\nS: 214-one\nS: "
	"214-two\n"
	"S: 214 three\nC: BDAT 5 LAST\nS: 503 5.5.1 Error: need RCPT command\nwait 400000\nS: 421 4.4.2 Error: timeout "
	"exceeded\n",
	"midstream\nC: MAIL FROM:<>\nS: 250 Ok\n",
};

/* Everything that a terminal might act upon, in every place where text of the wire is shown. */
static const char evil[] =
	"\\x1b[31m\\x1b]0;"
	"t\\x07\\x9b31m\\xc2\\x9b31m\\x7f\\x08\\x00\\x0b\\xe2\\x80\\xae\\xe2\\x81\\xa6\\xff\\xfe\\xc0\\xaf\\xed\\xa0\\x80"
	"\\xe2\\x80\\xa8\\xef\\xbb\\xbf\\xcc\\x81\\xcc\\x81\\xcc\\x81\\xcc\\x81\\xe6\\x97\\xa5\\xf0\\x9f\\x98\\x80\\x0d";

/* Each @ stands for evil. */
static const char hostile[] =
	"port 25\nicmp host\x1b[1m\x9bprohibited\nhow 0\n"
	"S: 220-@\nS: 220 @@@@\nC: EHLO @\nS: 250-@\nS: 250-AUTH @ PLAIN\nS: 250-@ @@@@@\nS: 250 STARTTLS\n"
	"C: AUTH @ x\nS: 535 @\nC: AUTH PLAIN ABtbMzFtAHNlY3JldDE=\nS: 535 5.7.8 @\nC: @ @\nS: 500 @\n"
	"C: MAIL FROM:<@%example.org> X=@\nS: 550-5.1.1 @\nS: 550 5.1.1 @@@@\n"
	"C: MAIL FROM:<a%example.org>\nS: 250 Ok\nC: RCPT TO:<@>\nS: 450 greylisted @\nC: VRFY @\nS: 252 @\nS: @\nC: @\n";

static char *hostile_dialogue(void) {
	char *text = malloc(sizeof(hostile) * sizeof(evil)), *at = text;

	assert_non_null(text);
	for (const char *from = hostile; *from != 0; from++)
		at += sprintf(at, "%s", *from == '@' ? evil : (const char[]){*from == '%' ? '@' : *from, 0});
	return text;
}

/* ---- running the writer ---- */

struct output {
	char *text;
	size_t len;
	int result;
};

static struct output render(const char *const *dialogues, size_t count, struct writer_options options) {
	struct output output = {NULL, 0, 0};
	FILE *out = open_memstream(&output.text, &output.len);
	struct writer *writer = text_format.create(&options, out);
	struct dialogue dialogue;
	struct record record;

	assert_non_null(writer);
	record_init(&record);
	for (size_t i = 0; i < count; i++) {
		dialogue_run(&dialogue, &record, dialogues[i]);
		output.result |= text_format.session(writer, &record);
		record_reset(&record);
	}
	output.result |= text_format.end(writer, &(struct writer_statistics){.frames = 10, .connections = 2});
	text_format.destroy(writer);
	record_finish(&record);
	fclose(out);
	return output;
}

static void use_locale(const char *name) {
	assert_non_null(setlocale(LC_CTYPE, name));
}

/* ---- what must hold for any output ---- */

static bool is_hidden(wchar_t c) {
	return c < 0x20 || (c >= 0x7f && c <= 0x9f) || c == 0xad || c == 0x61c || (c >= 0x200b && c <= 0x200f) ||
	       (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) || c == 0xfeff || (c >= 0xfff9 && c <= 0xfffb);
}

/* The locale says what a character is and how wide. Returns the widest line, or -1 when something must not be there. */
static int widest_line(const char *text, size_t len) {
	mbstate_t state = {0};
	int column = 0, widest = 0, marks = 0;

	for (size_t at = 0; at < len;) {
		wchar_t c;
		size_t used = mbrtowc(&c, text + at, len - at, &state);

		if (used == 0 || used == (size_t)-1 || used == (size_t)-2)
			return -1;
		at += used;
		if (c == L'\n') {
			column = 0;
			continue;
		}
		if (is_hidden(c))
			return -1;
		marks = wcwidth(c) == 0 ? marks + 1 : 0;
		if (marks > 2)
			return -1;
		column += wcwidth(c) < 0 ? 1 : wcwidth(c); /* not yet assigned: some box */
		widest = column > widest ? column : widest;
	}
	return widest;
}

static void check_output(const char *name, const struct output *output, int width) {
	int widest = widest_line(output->text, output->len);

	if (widest < 0 || widest > width || output->result != 0 || strstr(output->text, " \n") != NULL)
		fprintf(stderr, "%s: widest line %d of %d\n%s", name, widest, width, output->text);
	CHECK(output->result == 0);
	CHECK(widest > 0 && widest <= width);
	CHECK(output->text[output->len - 1] == '\n');
	CHECK(strstr(output->text, " \n") == NULL); /* no blanks at the end of a line */
	CHECK(strstr(output->text, "secret1") == NULL && strstr(output->text, "c2VjcmV0MQ") == NULL);
}

static void test_width(void **state) {
	static const int widths[] = {60, 72, 80, 81, 120, 200};
	static const char *const locales[] = {"C", "C.UTF-8"};

	(void)state;
	for (size_t l = 0; l < 2; l++) {
		use_locale(locales[l]);
		for (size_t w = 0; w < sizeof(widths) / sizeof(widths[0]); w++) {
			for (size_t i = 0; i < sizeof(ordinary) / sizeof(ordinary[0]); i++) {
				struct output output = render(&ordinary[i], 1, (struct writer_options){.width = widths[w]});

				check_output("ordinary", &output, widths[w]);
				free(output.text);
			}
		}
	}
	/* 0 means 80; what is too narrow is not obeyed. */
	struct output output = render(ordinary, 1, (struct writer_options){.width = 0});
	check_output("width 0", &output, 80);
	free(output.text);
	output = render(ordinary, 1, (struct writer_options){.width = 10});
	check_output("width 10", &output, 60);
	free(output.text);
}

static void test_hostile(void **state) {
	static const char *const locales[] = {"C", "C.UTF-8"};
	char *text = hostile_dialogue();
	const char *dialogue = text;

	(void)state;
	for (size_t l = 0; l < 2; l++) {
		for (int width = 60; width <= 100; width++) {
			struct output output;

			use_locale(locales[l]);
			output = render(&dialogue, 1, (struct writer_options){.width = width});
			check_output("hostile", &output, width);
			CHECK(strstr(output.text, "\\x1b[31m") != NULL);
			CHECK(strstr(output.text, "\\u202e") != NULL);
			CHECK((strstr(output.text, "日") != NULL) == (l == 1));
			free(output.text);
		}
	}
	free(text);
}

/* Bytes at random, in sessions that are otherwise in order. */
static void test_random(void **state) {
	enum { ROUNDS = 400, NOISE_MAX = 300 };
	uint64_t random = 88172645463325252u;

	(void)state;
	use_locale("C.UTF-8");
	for (int round = 0; round < ROUNDS; round++) {
		char noise[4][NOISE_MAX * 4 + 1], text[10 * NOISE_MAX * 4];
		const char *dialogue = text;
		struct output output;

		for (size_t n = 0; n < 4; n++) {
			size_t len = 0;

			random ^= random << 13, random ^= random >> 7, random ^= random << 17;
			noise[n][0] = 0;
			for (size_t left = random % NOISE_MAX; left > 0; left--) {
				unsigned byte;

				random ^= random << 13, random ^= random >> 7, random ^= random << 17;
				byte = (unsigned)(random >> 32) & 0xff;
				if (random % 3 == 0) /* often enough the start of something longer */
					byte = (unsigned char)"\xe2\x80\xae\xf0\x9f \xe3\x81\x82<>"[byte % 11];
				len += (size_t)sprintf(noise[n] + len, "\\x%02x", byte == '\n' || byte == '\r' ? ' ' : byte);
			}
		}
		snprintf(text, sizeof(text),
			"port 25\nS: 220 %s\nC: EHLO %s\nS: 250-x %s\nS: 250 %s\nC: MAIL FROM:<%s>\nS: 5%02d %s\nC: %s\nS: "
			"%s\n" BYE,
			noise[0], noise[1], noise[2], noise[3], noise[0], round % 100, noise[1], noise[2], noise[3]);
		output = render(&dialogue, 1, (struct writer_options){.width = 60 + round % 40});
		check_output("random", &output, 60 + round % 40);
		free(output.text);
	}
}

/* Colours are only added: taken away again, the text is the same. */
static void test_colour(void **state) {
	static const size_t count = sizeof(ordinary) / sizeof(ordinary[0]);
	struct output plain, coloured;
	size_t len = 0, sequences = 0;
	bool open = false, nested = false, foreign = false;

	(void)state;
	use_locale("C.UTF-8");
	plain = render(ordinary, count, (struct writer_options){.colour = false});
	coloured = render(ordinary, count, (struct writer_options){.colour = true});
	CHECK(memchr(plain.text, 0x1b, plain.len) == NULL);
	for (size_t i = 0; i < coloured.len;) {
		if (coloured.text[i] == 0x1b) {
			size_t end = strcspn(coloured.text + i, "m");

			foreign |= strspn(coloured.text + i + 1, "[0123456789;") != end - 1;
			nested |= open == (strncmp(coloured.text + i, "\033[0m", 4) != 0);
			open = strncmp(coloured.text + i, "\033[0m", 4) != 0;
			i += end + 1;
			sequences++;
		} else {
			nested |= open && coloured.text[i] == '\n';
			coloured.text[len++] = coloured.text[i++];
		}
	}
	CHECK(sequences > 100);
	CHECK(!open && !nested && !foreign);
	CHECK(len == plain.len && memcmp(coloured.text, plain.text, len) == 0);
	free(plain.text);
	free(coloured.text);
}

static void test_content(void **state) {
	static const char *const expected[] = {
		"── 192.0.2.10:49712 → 192.0.2.1:587 ─",
		" tcp.stream eq 3 ──\n",
		" when     2026-11-25 06:41:20.123456 UTC · ",
		" capture  office.pcap, frames 1-",
		" client   client.example.org\n",
		" server   mail.example.org ESMTP Postfix\n",
		" login    LOGIN as \"sato\" rejected (535 5.7.8); PLAIN as \"sato\" rejected",
		" mail     accepted without login: <sato@example.org> to\n",
		"    0.000     1  → connected in 0.40 ms\n",
		"    0.001     4  ← 220 mail.example.org ESMTP Postfix  server is ready\n",
		"offers 8 extensions\n                       PIPELINING · SIZE 10240000 · ETRN · STARTTLS\n",
		"→ AUTH LOGIN                    asks to log in with LOGIN\n",
		"→ ****                          user \"sato\"\n",
		"→ ****                          password\n",
		("!   2.017    20  ← 535 5.7.8 Error: authentication failed: UGFzc3dvcmQ6\n"
		 "                     └ login rejected: wrong user name or password, after 2.00 s\n"),
		"→ AUTH PLAIN ****               asks to log in as \"sato\"\n",
		"→ MAIL FROM:<sato@example.org> SIZE=1234  sender, not logged in\n",
		"                     └ recipient refused: no such mailbox\n",
		"→ (message: 21 bytes, 3 lines)  sends the message\n",
		"· connection closed in order\n",
		"\n HIGH      Mail accepted without login after a rejected login\n",
		"           mail-without-auth: frames ",
		"; ATT&CK T1040\n",
		"1 session. Mail: 2 accepted. Logins: 2 rejected. Findings: 3 high, 1 medium, 1\nlow.\n",
	};
	struct output output;

	(void)state;
	use_locale("C.UTF-8");
	output = render(ordinary, 1, (struct writer_options){.width = 80});
	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
		if (strstr(output.text, expected[i]) == NULL)
			fprintf(stderr, "missing: %s\nin:\n%s", expected[i], output.text);
		CHECK(strstr(output.text, expected[i]) != NULL);
	}
	free(output.text);

	output = render(ordinary, 0, (struct writer_options){.width = 80});
	CHECK(strcmp(output.text, "No SMTP session was found in 10 frames with 2 TCP connections.\n") == 0);
	free(output.text);
}

static void test_users(void **state) {
	struct output output;

	(void)state;
	use_locale("C.UTF-8");
	output = render(ordinary, 1, (struct writer_options){.users = WRITER_USERS_OMIT});
	CHECK(strstr(output.text, "\"sato\"") == NULL);
	CHECK(strstr(output.text, "user (omitted)") != NULL);
	CHECK(strstr(output.text, "login as (omitted)") != NULL);
	free(output.text);
	output = render(ordinary, 1, (struct writer_options){.users = WRITER_USERS_HASH});
	CHECK(strstr(output.text, "\"sato\"") == NULL);
	CHECK(strstr(output.text, "user hash:") != NULL);
	CHECK(strstr(output.text, "login as hash:") != NULL);
	free(output.text);
}

static void test_write_error(void **state) {
	FILE *full = fopen("/dev/full", "w");
	struct writer *writer;
	struct dialogue dialogue;
	struct record record;

	(void)state;
	assert_non_null(full);
	writer = text_format.create(&(struct writer_options){.width = 80}, full);
	record_init(&record);
	dialogue_run(&dialogue, &record, ordinary[0]);
	text_format.session(writer, &record); /* may still be in the buffer */
	CHECK(text_format.end(writer, NULL) == -ENOSPC);
	text_format.destroy(writer);
	text_format.destroy(NULL);
	record_finish(&record);
	fclose(full);
}

static void test_terminal_text(void **state) {
	static const struct {
		const char *name, *data;
		size_t len;
		const char *utf8;
		size_t utf8_columns;
		const char *ascii;
	} rows[] = {
		{"plain", "a b\\\"", 5, "a b\\\"", 5, "a b\\\""},
		{"escape", "\x1b[0m", 4, "\\x1b[0m", 7, "\\x1b[0m"},
		{"nul", "a\0b", 3, "a\\x00b", 6, "a\\x00b"},
		{"tab and newline", "\t\r\n", 3, "\\x09\\x0d\\x0a", 12, "\\x09\\x0d\\x0a"},
		{"del", "\x7f", 1, "\\x7f", 4, "\\x7f"},
		{"lone C1", "\x9b", 1, "\\x9b", 4, "\\x9b"},
		{"encoded C1", "\xc2\x9b", 2, "\\u009b", 6, "\\u009b"},
		{"latin", "\xc3\xa9", 2, "\xc3\xa9", 1, "\\u00e9"},
		{"wide", "\xe6\x97\xa5", 3, "\xe6\x97\xa5", 2, "\\u65e5"},
		{"emoji", "\xf0\x9f\x98\x80", 4, "\xf0\x9f\x98\x80", 2, "\\U0001f600"},
		{"combining", "e\xcc\x81", 3, "e\xcc\x81", 1, "e\\u0301"},
		{"combining with nothing before", "\xcc\x81", 2, "\\u0301", 6, "\\u0301"},
		{"right to left override", "\xe2\x80\xae", 3, "\\u202e", 6, "\\u202e"},
		{"zero width space", "\xe2\x80\x8b", 3, "\\u200b", 6, "\\u200b"},
		{"tag", "\xf3\xa0\x81\x81", 4, "\\U000e0041", 10, "\\U000e0041"},
		{"overlong", "\xc0\xaf", 2, "\\xc0\\xaf", 8, "\\xc0\\xaf"},
		{"surrogate", "\xed\xa0\x80", 3, "\\xed\\xa0\\x80", 12, "\\xed\\xa0\\x80"},
		{"too large", "\xf4\x90\x80\x80", 4, "\\xf4\\x90\\x80\\x80", 16, "\\xf4\\x90\\x80\\x80"},
		{"cut short", "a\xe6\x97", 3, "a\\xe6\\x97", 9, "a\\xe6\\x97"},
		{"nothing", "", 0, "", 0, ""},
	};
	struct terminal_text text;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		/* In a block of its own size, so that reading beyond it is seen. */
		char *data = malloc(rows[i].len > 0 ? rows[i].len : 1);

		assert_non_null(data);
		memcpy(data, rows[i].data, rows[i].len);
		terminal_text_init(&text, false);
		terminal_text_wire(&text, (struct slice){data, rows[i].len}, 100);
		if (strcmp(text.data, rows[i].utf8) != 0)
			print_error("%s: %s\n", rows[i].name, text.data);
		CHECK(strcmp(text.data, rows[i].utf8) == 0);
		CHECK(text.columns == rows[i].utf8_columns);
		/* Made safe twice is made safe once. */
		struct terminal_text again;
		terminal_text_init(&again, false);
		terminal_text_wire(&again, (struct slice){text.data, text.len}, 100);
		CHECK(strcmp(again.data, text.data) == 0);
		terminal_text_init(&text, true);
		terminal_text_wire(&text, (struct slice){data, rows[i].len}, 100);
		CHECK(strcmp(text.data, rows[i].ascii) == 0);
		CHECK(text.columns == strlen(text.data));
		free(data);
	}

	/* Cut to the width, ellipsis included; what just fits is not cut. */
	terminal_text_init(&text, false);
	terminal_text_wire(&text, (struct slice){"abcdefghij", 10}, 10);
	CHECK(strcmp(text.data, "abcdefghij") == 0);
	terminal_text_init(&text, false);
	terminal_text_wire(&text, (struct slice){"abcdefghij", 10}, 9);
	CHECK(strcmp(text.data, "abcdefgh…") == 0 && text.columns == 9);
	terminal_text_init(&text, true);
	terminal_text_wire(&text, (struct slice){"abcdefghij", 10}, 9);
	CHECK(strcmp(text.data, "abcdef...") == 0 && text.columns == 9);
	terminal_text_init(&text, false);
	terminal_text_wire(&text, (struct slice){"ab\x1b\x1b", 4}, 9); /* an escape is not torn */
	CHECK(strcmp(text.data, "ab\\x1b…") == 0);

	/* Full: cut once, with an ellipsis, and never beyond the array. */
	terminal_text_init(&text, false);
	for (int i = 0; i < 2 * TERMINAL_TEXT_MAX; i++)
		terminal_text_wire(&text, (struct slice){"\xe6\x97\xa5", 3}, 2);
	CHECK(text.full && text.len < TERMINAL_TEXT_MAX && text.data[text.len] == 0);
	CHECK(strcmp(text.data + text.len - 6, "日…") == 0);

	terminal_text_init(&text, false);
	terminal_text_count(&text, 0);
	terminal_text_add(&text, " ");
	terminal_text_count(&text, 999);
	terminal_text_add(&text, " ");
	terminal_text_count(&text, 1234567);
	CHECK(strcmp(text.data, "0 999 1,234,567") == 0);
}

/* Checks that do not run prove nothing. */
static void test_all_ran(void **state) {
	(void)state;
	assert_int_equal(checks, 3289);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_terminal_text),
		cmocka_unit_test(test_width),
		cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_colour),
		cmocka_unit_test(test_content),
		cmocka_unit_test(test_users),
		cmocka_unit_test(test_write_error),
		cmocka_unit_test(test_all_ran),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
