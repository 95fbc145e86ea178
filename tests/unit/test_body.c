/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * decode/body.c: where a message ends, and how long it is.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "decode/body.h"

struct row {
	const char *input;
	size_t input_len;
	size_t taken; /* up to the end of the body */
	bool ended;
	uint64_t bytes, lines;
};

#define ENDED(input, behind, bytes, lines)                                                                                  \
	{ input behind, sizeof(input behind) - 1, sizeof(input) - 1, true, bytes, lines }
#define OPEN(input, bytes, lines)                                                                                           \
	{ input, sizeof(input) - 1, sizeof(input) - 1, false, bytes, lines }

static const struct row valid_rows[] = {
	ENDED(".\r\n", "", 0, 0),
	ENDED("\r\n.\r\n", "", 2, 1),
	ENDED("a\r\n.\r\n", "", 3, 1),
	ENDED("a\r\n.\r\n", "QUIT\r\n", 3, 1),
	ENDED("a\r\n.\r\n", ".\r\n", 3, 1),
	ENDED("..\r\n.\r\n", "", 3, 1), /* a stuffed dot */
	ENDED("...a\r\n..\r\n.\r\n", "", 8, 2),
	ENDED(".a\r\n.\r\n", "", 3, 1), /* a dot that ought to have been stuffed */
	ENDED("a.\r\nb\r\n.\r\n", "", 7, 2),
	ENDED("a\r\n\r\n\r\n.\r\n", "", 7, 3),
	OPEN("", 0, 0),
	OPEN("a", 1, 0),
	OPEN("a\r\n", 3, 1),
	OPEN("a\r\n.", 3, 1),
	OPEN("a\r\n.\r", 3, 1),
};

static const struct row invalid_rows[] = {
	OPEN("a\n.\n", 4, 2), /* no end, whatever some servers make of it */
	OPEN("a\n.\r\n", 5, 2),
	OPEN("a\r\n.\n", 4, 2),
	OPEN("a\r.\r", 4, 0),
	OPEN("\n.\r\n", 4, 2),
	OPEN(".\n", 1, 1),
	OPEN(".\n.\r\n", 4, 2),
	ENDED("a\n.\n\r\n.\r\n", "", 6, 3),
	ENDED(".\r\r\n.\r\n", "", 3, 1),
	ENDED(".\ra\r\n.\r\n", "", 4, 1),
	ENDED("\r\r\n.\r\n", "", 3, 1),
	ENDED("a\r\n.\r\r\n.\r\n", "", 6, 2),
	ENDED("a\0b\xff\r\n.\r\n", "", 6, 1),
	ENDED("\n\r\n.\r\n", "", 3, 2),
};

static size_t checks;

static void check_row(const struct row *row, size_t cut, size_t step) {
	struct body body;
	size_t taken = 0;
	body_begin(&body);
	for (size_t at = 0, len; at < row->input_len; at += len) {
		len = at == 0 && cut > 0 ? cut : step;
		if (len > row->input_len - at)
			len = row->input_len - at;
		char *block = malloc(len);
		memcpy(block, row->input + at, len);
		if (body.position != BODY_ENDED)
			taken += body_scan(&body, block, len);
		else
			assert_int_equal(body_scan(&body, block, len), 0);
		free(block);
	}
	if (taken != row->taken || body.bytes != row->bytes || body.lines != row->lines)
		print_error("row %.*s, cut at %zu: %zu taken, %zu bytes, %zu lines\n", (int)row->input_len, row->input, cut,
			taken, (size_t)body.bytes, (size_t)body.lines);
	assert_int_equal(taken, row->taken);
	assert_int_equal(body.position == BODY_ENDED, row->ended);
	assert_int_equal(body.bytes, row->bytes);
	assert_int_equal(body.lines, row->lines);
	assert_int_equal(body.gap_bytes, 0);
	checks++;
}

static void check_rows(const struct row *rows, size_t count) {
	checks = 0;
	for (size_t i = 0; i < count; i++) {
		check_row(&rows[i], 0, SIZE_MAX);
		check_row(&rows[i], 0, 1);
		for (size_t cut = 1; cut < rows[i].input_len; cut++)
			check_row(&rows[i], cut, SIZE_MAX);
	}
}

static void test_valid(void **state) {
	check_rows(valid_rows, sizeof(valid_rows) / sizeof(valid_rows[0]));
	assert_int_equal(checks, 111);
}

static void test_invalid(void **state) {
	check_rows(invalid_rows, sizeof(invalid_rows) / sizeof(invalid_rows[0]));
	assert_int_equal(checks, 98);
}

/* ---- What is counted on the way ---- */

struct count_row {
	const char *input;
	size_t input_len;
	uint64_t bare_cr, bare_lf, nul, longest;
};

#define COUNTS(input, bare_cr, bare_lf, nul, longest)                                                                       \
	{ input, sizeof(input) - 1, bare_cr, bare_lf, nul, longest }
#define TEN "0123456789"
#define SIXTY TEN TEN TEN TEN TEN TEN

static const struct count_row count_rows[] = {
	COUNTS("", 0, 0, 0, 0),
	COUNTS("a\r\n", 0, 0, 0, 3),
	COUNTS("a\n", 0, 1, 0, 2),
	COUNTS("a\rb", 1, 0, 0, 3),
	COUNTS("a\r", 0, 0, 0, 2), /* its LF may still come */
	COUNTS("a\r\r\n", 1, 0, 0, 4),
	COUNTS("\n\n\r\r", 1, 2, 0, 2),
	COUNTS("\n\r\n", 0, 1, 0, 2),
	COUNTS("a\0\0b\r\n\0", 0, 0, 3, 6),
	COUNTS(".a\r\n", 0, 0, 0, 3), /* a stuffed dot is no part of the line */
	COUNTS("\n.a\r\n", 0, 1, 0, 4),
	COUNTS("a\r\n.\r\n", 0, 0, 0, 3),
	COUNTS("a\r\n.\rb\n", 1, 1, 0, 3),
	COUNTS(SIXTY SIXTY "\r\n" SIXTY "\r\n", 0, 0, 0, 122),
	COUNTS(SIXTY "123\r\n" SIXTY "123\n" SIXTY "12\r\n", 0, 1, 0, 65), /* line ends at the edges of blocks */
	COUNTS(SIXTY "123\r" SIXTY SIXTY "\r\0" SIXTY, 2, 0, 1, 246),
	COUNTS(SIXTY "12\0\0" SIXTY "\n.\0\r\n" SIXTY, 0, 1, 3, 125),
	COUNTS(SIXTY "12\r\n.." SIXTY "\r\n." SIXTY "\r\n.\r\n", 0, 0, 0, 64),
};

static void check_counts(const struct count_row *row, size_t step) {
	struct body body;
	body_begin(&body);
	for (size_t at = 0, len; at < row->input_len; at += len) {
		len = step < row->input_len - at ? step : row->input_len - at;
		body_scan(&body, row->input + at, len);
	}
	if (body.bare_cr != row->bare_cr || body.bare_lf != row->bare_lf || body.nul != row->nul || body.longest_line != row->longest)
		print_error("row %zu in steps of %zu: cr %zu lf %zu nul %zu longest %zu\n", (size_t)(row - count_rows), step,
			(size_t)body.bare_cr, (size_t)body.bare_lf, (size_t)body.nul, (size_t)body.longest_line);
	assert_int_equal(body.bare_cr, row->bare_cr);
	assert_int_equal(body.bare_lf, row->bare_lf);
	assert_int_equal(body.nul, row->nul);
	assert_int_equal(body.longest_line, row->longest);
	assert_int_equal(body.offset, row->input_len);
	checks++;
}

static void test_counts(void **state) {
	checks = 0;
	for (size_t i = 0; i < sizeof(count_rows) / sizeof(count_rows[0]); i++)
		for (size_t step = 1; step < 70; step++)
			check_counts(&count_rows[i], step);
	assert_int_equal(checks, 18 * 69);
}

/* ---- Lines of one dot that do not end the message ---- */

struct false_row {
	const char *before, *after; /* around the dot; NUL is written 0 */
	struct event_false_end what;
};

#define LINE_END(name) EVENT_LINE_END_##name
#define FALSE_ROW(before, after, before_is, nul_before, nul_after, after_is)                                                \
	{ before, after, {LINE_END(before_is), LINE_END(after_is), nul_before, nul_after, VERB_OTHER} }

/* All there are, but the one that is the end: three line ends before, three behind, NULs on either side or not. */
static const struct false_row false_rows[] = {
	FALSE_ROW("\r\n", "\n", CRLF, false, false, LF),
	FALSE_ROW("\r\n", "\r", CRLF, false, false, CR),
	FALSE_ROW("\n", "\r\n", LF, false, false, CRLF),
	FALSE_ROW("\n", "\n", LF, false, false, LF),
	FALSE_ROW("\n", "\r", LF, false, false, CR),
	FALSE_ROW("\r", "\r\n", CR, false, false, CRLF),
	FALSE_ROW("\r", "\n", CR, false, false, LF),
	FALSE_ROW("\r", "\r", CR, false, false, CR),
	FALSE_ROW("\r\n0", "\r\n", CRLF, true, false, CRLF),
	FALSE_ROW("\r\n0", "\n", CRLF, true, false, LF),
	FALSE_ROW("\r\n0", "\r", CRLF, true, false, CR),
	FALSE_ROW("\n0", "\r\n", LF, true, false, CRLF),
	FALSE_ROW("\n0", "\n", LF, true, false, LF),
	FALSE_ROW("\n0", "\r", LF, true, false, CR),
	FALSE_ROW("\r0", "\r\n", CR, true, false, CRLF),
	FALSE_ROW("\r0", "\n", CR, true, false, LF),
	FALSE_ROW("\r0", "\r", CR, true, false, CR),
	FALSE_ROW("\r\n", "0\r\n", CRLF, false, true, CRLF),
	FALSE_ROW("\r\n", "0\n", CRLF, false, true, LF),
	FALSE_ROW("\r\n", "0\r", CRLF, false, true, CR),
	FALSE_ROW("\n", "0\r\n", LF, false, true, CRLF),
	FALSE_ROW("\n", "0\n", LF, false, true, LF),
	FALSE_ROW("\n", "0\r", LF, false, true, CR),
	FALSE_ROW("\r", "0\r\n", CR, false, true, CRLF),
	FALSE_ROW("\r", "0\n", CR, false, true, LF),
	FALSE_ROW("\r", "0\r", CR, false, true, CR),
	FALSE_ROW("\r\n00", "00\r\n", CRLF, true, true, CRLF),
	FALSE_ROW("\r\n0", "0\n", CRLF, true, true, LF),
	FALSE_ROW("\r\n0", "0\r", CRLF, true, true, CR),
	FALSE_ROW("\n0", "0\r\n", LF, true, true, CRLF),
	FALSE_ROW("\n0", "0\n", LF, true, true, LF),
	FALSE_ROW("\n0", "0\r", LF, true, true, CR),
	FALSE_ROW("\r0", "0\r\n", CR, true, true, CRLF),
	FALSE_ROW("\r0", "0\n", CR, true, true, LF),
	FALSE_ROW("\r0", "0\r", CR, true, true, CR),
};

/* What stands behind them, and what it is taken for. */
static const struct next_row {
	const char *text;
	enum verb verb; /* VERB_OTHER: nothing to hide a mail with */
} next_rows[] = {
	{"MAIL FROM:<a@example.org>\r\n", VERB_MAIL},
	{"mail from:<a@example.org> SIZE=100000000\r\n", VERB_MAIL},
	{"RCPT TO:<a@example.org>\n", VERB_RCPT},
	{"EHLO example.org\r\n", VERB_EHLO},
	{"HELO x\r", VERB_HELO},
	{"LHLO x\r\n", VERB_LHLO},
	{"RSET\r\n", VERB_RSET},
	{"DATA\n", VERB_DATA},
	{"BDAT 5 LAST\r\n", VERB_BDAT},
	{"QUIT\r\n", VERB_QUIT},
	{"\r\n0MAIL FROM:<a@example.org>\r\n", VERB_MAIL}, /* servers read over an empty line */
	{"MAIL is late today\r\n", VERB_OTHER},
	{"Data of the year\r\n", VERB_OTHER},
	{"quit smoking\r\n", VERB_OTHER},
	{"HELP\r\n", VERB_OTHER},
	{"a line\r\nMAIL FROM:<a@example.org>\r\n", VERB_OTHER},
	{"..MAIL FROM:<a@example.org>\r\n", VERB_OTHER},
	{"\r\n\r\n\r\n\r\nMAIL FROM:<a@example.org>\r\n", VERB_OTHER}, /* that is far away */
	{"MAIL FROM", VERB_OTHER},
};

/* Appends the text, with NULs for its zeros. */
static void append(char *text, size_t *len, const char *more) {
	for (; *more != 0; more++)
		text[(*len)++] = (char)(*more == '0' ? 0 : *more);
}

static void check_false_end(const struct false_row *row, const struct next_row *next, const char *filler, size_t cut, size_t step) {
	char text[512];
	size_t len = 0, dot;
	struct body body;
	body_begin(&body);
	append(text, &len, filler);
	append(text, &len, row->before);
	dot = len;
	append(text, &len, ".");
	append(text, &len, row->after);
	for (const char *at = next->text; *at != 0; at++) /* a zero in it is one, but at the start */
		text[len++] = (char)(*at == '0' && at == next->text + 2 ? 0 : *at);
	for (size_t at = 0, part; at < len; at += part) {
		part = at == 0 && cut > 0 ? cut : step;
		if (part > len - at)
			part = len - at;
		char *block = malloc(part);
		memcpy(block, text + at, part);
		assert_int_equal(body_scan(&body, block, part), part);
		free(block);
	}
	bool wanted = next->verb != VERB_OTHER;
	if (body.false_end_count != wanted)
		print_error("%zu, \"%s\", cut at %zu\n", (size_t)(row - false_rows), next->text, cut);
	assert_int_equal(body.false_end_count, wanted);
	checks++;
	if (!wanted)
		return;
	const struct body_false_end *found = &body.false_ends[0];
	assert_int_equal(found->offset, dot);
	assert_int_equal(found->what.before, row->what.before);
	assert_int_equal(found->what.after, row->what.after);
	assert_int_equal(found->what.nul_before, row->what.nul_before);
	assert_int_equal(found->what.nul_after, row->what.nul_after);
	assert_int_equal(found->what.followed_by, next->verb);
}

static void test_false_ends(void **state) {
	/* The second line ends where a block of 64 bytes does. */
	static const char *const fillers[] = {"x", "Subject: y\r\n\r\n", SIXTY "12", SIXTY "\r\n" SIXTY "\n" TEN "z"};
	checks = 0;
	for (size_t i = 0; i < sizeof(false_rows) / sizeof(false_rows[0]); i++)
		for (size_t k = 0; k < sizeof(next_rows) / sizeof(next_rows[0]); k++)
			for (size_t f = 0; f < sizeof(fillers) / sizeof(fillers[0]); f++) {
				check_false_end(&false_rows[i], &next_rows[k], fillers[f], 0, SIZE_MAX);
				check_false_end(&false_rows[i], &next_rows[k], fillers[f], 0, 1);
				for (size_t cut = 1; cut < 150; cut += f == 0 ? 1 : 7)
					check_false_end(&false_rows[i], &next_rows[k], fillers[f], cut, SIZE_MAX);
			}
	assert_int_equal(checks, 35 * 19 * (4 * 2 + 149 + 3 * 22));
}

/* Of the true end nothing is said, nor of dots that begin a longer line. */
static void test_no_false_ends(void **state) {
	static const char *const texts[] = {"a\r\n.\r\nMAIL FROM:<a@b>\r\n", ".\r\nMAIL FROM:<a@b>\r\n", "a\n..\nMAIL FROM:<a@b>\r\n",
		"a\n. \nMAIL FROM:<a@b>\r\n", "a.\nMAIL FROM:<a@b>\r\n", "a\r\n..\r\nMAIL FROM:<a@b>\r\n", "a .\rMAIL FROM:<a@b>\r\n"};
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct body body;
		body_begin(&body);
		body_scan(&body, texts[i], strlen(texts[i]));
		assert_int_equal(body.false_end_count, 0);
	}
}

/* More than are kept are counted; at a gap none is invented. */
static void test_false_end_limits(void **state) {
	static const char many[] = "\n.\nRSET\n";
	struct body body;
	body_begin(&body);
	for (size_t i = 0; i < 2 * BODY_FALSE_ENDS_MAX; i++)
		body_scan(&body, many, sizeof(many) - 1);
	assert_int_equal(body.false_end_count, 2 * BODY_FALSE_ENDS_MAX);
	static const char whole[] = "a\n.\r\nMAIL FROM:<a@example.org>\r\n";
	for (size_t at = 2; at < 10; at++) {
		body_begin(&body);
		body_scan(&body, whole, at);
		body_gap(&body, 1);
		body_scan(&body, whole + at + 1, sizeof(whole) - at - 2);
		assert_int_equal(body.false_end_count, 0);
		assert_int_equal(body.bare_lf, 1);
	}
	/* A CR that a gap may have taken is not missed. */
	body_begin(&body);
	body_scan(&body, "a", 1);
	body_gap(&body, 10);
	body_scan(&body, "\n.\nRSET\r\n", 9);
	assert_int_equal(body.bare_lf, 1);
	assert_int_equal(body.false_end_count, 0);
}

/* Random bytes of those that have a meaning: one by one they are read by one half of the code, in blocks mostly by the other. */
static void test_random(void **state) {
	static const char alphabet[] = "\r\r\n\n..\0\xff""aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaMAIL FROM:<>";
	char text[700];
	uint32_t seed = 1;
	checks = 0;
	for (size_t round = 0; round < 9000; round++) {
		size_t letters = round % 2 == 0 ? sizeof(alphabet) - 1 : 8, line = round % 97 + 3;
		for (size_t i = 0; i < sizeof(text); i++) {
			seed = seed * 1664525 + 1013904223;
			text[i] = alphabet[(seed >> 16) % letters];
		}
		/* Text in lines, with one such byte in it here and there. */
		for (size_t i = 0; round % 3 != 0 && i < sizeof(text); i++) {
			seed = seed * 1664525 + 1013904223;
			if ((seed >> 16) % 200 > 0 || round % 3 == 2)
				text[i] = (char)(i % line == line - 2 ? '\r' : i % line == line - 1 ? '\n' : i % 61 == 0 ? '.' : 'x');
		}
		struct body single, whole;
		body_begin(&single);
		body_begin(&whole);
		size_t taken = body_scan(&whole, text, sizeof(text)), count = 0;
		while (count < sizeof(text) && body_scan(&single, text + count, 1) == 1)
			count++;
		assert_int_equal(count, taken);
		assert_int_equal(single.position, whole.position);
		assert_int_equal(single.bytes, whole.bytes);
		assert_int_equal(single.lines, whole.lines);
		assert_int_equal(single.offset, whole.offset);
		assert_int_equal(single.bare_cr, whole.bare_cr);
		assert_int_equal(single.bare_lf, whole.bare_lf);
		assert_int_equal(single.nul, whole.nul);
		assert_int_equal(single.longest_line, whole.longest_line);
		assert_int_equal(single.false_end_count, whole.false_end_count);
		assert_int_equal(single.line_len, whole.line_len);
		assert_int_equal(single.has_8bit, whole.has_8bit);
		checks++;
	}
	assert_int_equal(checks, 9000);
}

/* What the message is, in pieces of any size: all bytes but stuffed dots and the end. */
static void test_take(void **state) {
	static const struct {
		const char *input, *message;
	} rows[] = {
		{"a\r\n.\r\n", "a\r\n"},
		{".\r\n", ""},
		{"..a\r\n.b\r\n.\r\n", ".a\r\nb\r\n"},
		{"a\r\n.\r\r\n.\rb\r\n.\r\n", "a\r\n\r\r\n\rb\r\n"},
		{"a\n.\r\n.\n\r..\r.\r\n.\r\n", "a\n.\r\n\n\r..\r.\r\n"},
		{SIXTY "\r\n.." SIXTY SIXTY "\r\n." SIXTY "12\r\n.\r\n", SIXTY "\r\n." SIXTY SIXTY "\r\n" SIXTY "12\r\n"},
	};
	checks = 0;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		for (size_t step = 1; step <= strlen(rows[i].input); step++) {
			char message[512];
			size_t message_len = 0, len = strlen(rows[i].input);
			struct body body;
			body_begin(&body);
			for (size_t at = 0; at < len;) {
				struct slice part;
				at += body_take(&body, rows[i].input + at, step < len - at ? step : len - at, &part);
				if (part.len > 0)
					memcpy(message + message_len, part.data, part.len);
				message_len += part.len;
			}
			assert_int_equal(body.position, BODY_ENDED);
			assert_int_equal(message_len, strlen(rows[i].message));
			assert_memory_equal(message, rows[i].message, message_len);
			assert_int_equal(body.bytes, message_len);
			checks++;
		}
	assert_int_equal(checks, 307);
}

/* In chunks of known length nothing ends the message, and all is counted. */
static void test_chunk(void **state) {
	static const char text[] = "a\r\n.\r\nMAIL\n" SIXTY "\r\0" SIXTY "\r\n";
	for (size_t step = 1; step < sizeof(text); step++) {
		struct body body;
		body_begin(&body);
		for (size_t at = 0; at < sizeof(text) - 1; at += step)
			body_pass(&body, text + at, step < sizeof(text) - 1 - at ? step : sizeof(text) - 1 - at);
		assert_int_equal(body.bytes, sizeof(text) - 1);
		assert_int_equal(body.lines, 4);
		assert_int_equal(body.bare_lf, 1);
		assert_int_equal(body.bare_cr, 1);
		assert_int_equal(body.nul, 1);
		assert_int_equal(body.longest_line, 124);
		assert_int_equal(body.false_end_count, 0);
	}
}

/* A gap at each place of a message: the end behind it is found, a dot right behind it is not taken for one. */
static void test_gap(void **state) {
	static const char before[] = "ab\r\n.\r", behind[] = ".\r\nc\r\n.\r\n";
	size_t count = 0;
	for (size_t len = 0; len < sizeof(before); len++, count++) {
		struct body body;
		body_begin(&body);
		assert_int_equal(body_scan(&body, before, len), len);
		uint64_t bytes = body.bytes;
		body_gap(&body, 1000);
		assert_int_equal(body_scan(&body, behind, sizeof(behind) - 1), sizeof(behind) - 1);
		assert_int_equal(body.position, BODY_ENDED);
		assert_int_equal(body.bytes, bytes + 6);
		assert_int_equal(body.gap_bytes, 1000);
	}
	assert_int_equal(count, 7);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_valid),
		cmocka_unit_test(test_invalid),
		cmocka_unit_test(test_gap),
		cmocka_unit_test(test_counts),
		cmocka_unit_test(test_false_ends),
		cmocka_unit_test(test_no_false_ends),
		cmocka_unit_test(test_false_end_limits),
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_take),
		cmocka_unit_test(test_chunk),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
