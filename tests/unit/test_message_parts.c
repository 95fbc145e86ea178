/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * report/message_parts.c: which parts a message has, and that no hash is told of what was not seen whole.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/message_parts.h"

enum { TEXT_MAX = 1 << 16 };

#define N "\r\n"

/* What the decoded bytes are, in the order of the parts; each is hashed here in another way and compared. */
enum { CONTENTS_MAX = 8 };

struct row {
	const char *name, *data;
	const char *expected; /* a line for each part: place, type, name in bars, size, and what else is to be said */
	const char *contents[CONTENTS_MAX];
};

#define MIXED "MIME-Version: 1.0" N "Content-Type: multipart/mixed; boundary=\"b\"" N N

static const struct row rows[] = {
	{"no MIME", "Subject: x" N N "hello" N, "1 text/plain 7\n", {"hello" N}},
	{"no header", N "hello" N, "1 text/plain 7\n", {"hello" N}},
	{"nothing", "", "1 text/plain 0\n", {""}},
	{"no body", "Subject: x" N, "1 text/plain 0\n", {""}},
	{"base64", "Content-Type: TEXT/Plain; charset=utf-8" N "Content-Transfer-Encoding: Base64" N N "aGVs" N "bG8=" N, "1 text/plain base64 5\n",
		{"hello"}},
	{"quoted-printable", "Content-Transfer-Encoding: quoted-printable" N N "a=3Db=" N "c" N, "1 text/plain quoted-printable 6\n", {"a=bc" N}},
	{"two parts", MIXED "preamble" N "--b" N N "one" N "--b" N "Content-Type: image/png; name=x.png" N N "two" N N "--b--" N "epilogue" N,
		"1 text/plain 3\n2 image/png |x.png| 5\n", {"one", "two" N}},
	{"attachment", MIXED "--b" N "Content-Disposition: attachment;" N " filename*=utf-8''%C3%BC.txt" N N "x" N "--b--",
		"1 text/plain |\xc3\xbc.txt| attachment 1\n", {"x"}},
	{"empty parts", MIXED "--b" N N "--b" N N N "--b--" N, "1 text/plain 0\n2 text/plain 0\n", {"", ""}},
	{"a part without an empty line", MIXED "--b" N "Content-Type: text/html" N "--b" N N "x" N "--b--" N, "1 text/html 0\n2 text/plain 1\n",
		{"", "x"}},
	{"nested",
		MIXED "--b" N "Content-Type: multipart/alternative; boundary=bb" N N "--bb" N N "one" N "--bb" N "Content-Type: text/html" N N "two" N
		      "--bb--" N N "--b" N "Content-Type: application/pdf" N N "three" N "--b--" N,
		"1.1 text/plain 3\n1.2 text/html 3\n2 application/pdf 5\n", {"one", "two", "three"}},
	{"nested, never closed",
		MIXED "--b" N "Content-Type: multipart/alternative; boundary=bb" N N "--bb" N N "one" N "--b" N N "two" N "--b--" N,
		"1.1 text/plain 3\n2 text/plain 3\n", {"one", "two"}},
	{"inside again after its end", MIXED "--b" N N "one" N "--b--" N "--b" N N "two" N, "1 text/plain 3\n", {"one"}},
	{"a message",
		MIXED "--b" N "Content-Type: message/rfc822" N N "Subject: in" N N "inner" N "--b" N "Content-Type: message/rfc822" N N
		      "Content-Type: multipart/mixed; boundary=c" N N "--c" N N "x" N "--c" N N "y" N "--c--" N "--b--" N,
		"1 message/rfc822 20\n1.1 text/plain 5\n2 message/rfc822 70\n2.1 text/plain 1\n2.2 text/plain 1\n",
		{"Subject: in" N N "inner", "inner", "Content-Type: multipart/mixed; boundary=c" N N "--c" N N "x" N "--c" N N "y" N "--c--", "x", "y"}},
	{"a message alone", "Content-Type: message/rfc822" N N "A: b" N N "c", "1 message/rfc822 9\n1.1 text/plain 1\n", {"A: b" N N "c", "c"}},
	{"a digest", "Content-Type: multipart/digest; boundary=b" N N "--b" N N "A: b" N N "c" N "--b--", "1 message/rfc822 9\n1.1 text/plain 1\n",
		{"A: b" N N "c", "c"}},
	{"an encoded message is none", "Content-Type: message/rfc822" N "Content-Transfer-Encoding: base64" N N "QTogYg==" N,
		"1 message/rfc822 base64 4\n", {"A: b"}},
	{"lines of LF", "Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--b\n\ntwo\n--b--\n", "1 text/plain 3\n2 text/plain 3\n",
		{"one", "two"}},
	{"white space behind boundaries", MIXED "--b \t" N N "one" N "--b--  " N, "1 text/plain 3\n", {"one"}},
	{"not boundaries", MIXED "--b" N N "--bb" N "-- b" N " --b" N "--b-" N "--b--x" N "--B" N "--b--" N,
		"1 text/plain 35\n", {"--bb" N "-- b" N " --b" N "--b-" N "--b--x" N "--B"}},
	{"no end", MIXED "--b" N N "one", "1 text/plain 3\n", {"one"}},
	{"no boundary", "Content-Type: multipart/mixed" N N "--b" N N "one", "1 multipart/mixed 10\n", {"--b" N N "one"}},
	{"no part", MIXED "nothing" N, "", {NULL}},
	{"no media type", "Content-Type: nonsense" N N "x", "1 ? 1\n", {"x"}},
	{"no base64", "Content-Transfer-Encoding: base64" N N "aGVs*bG8=" N, "1 text/plain base64 5 malformed\n", {"hello"}},
	{"base64 cut short", "Content-Transfer-Encoding: base64" N N "aGVsbG" N, "1 text/plain base64 3 malformed\n", {"hel"}},
	{"an unknown encoding", "Content-Transfer-Encoding: x-nobody" N N "aGVs" N, "1 text/plain x-nobody 6\n", {"aGVs" N}},
	{"the first of two types", "Content-Type: text/html" N "Content-Type: text/plain" N N "x", "1 text/html 1\n", {"x"}},
};

static size_t checks;

static void put_parts(const struct message_parts *parts, char *text) {
	size_t len = 0;
	text[0] = '\0';
	for (const struct message_part *part = parts->first; part != NULL; part = part->next) {
		len += (size_t)snprintf(text + len, TEXT_MAX - len, "%s %.*s", part->path, part->type.len > 0 ? (int)part->type.len : 1,
			part->type.len > 0 ? part->type.data : "?");
		if (part->has_name)
			len += (size_t)snprintf(text + len, TEXT_MAX - len, " |%.*s|", (int)part->name.len, part->name.data);
		if (part->disposition.len > 0)
			len += (size_t)snprintf(text + len, TEXT_MAX - len, " %.*s", (int)part->disposition.len, part->disposition.data);
		if (part->encoding.len > 0)
			len += (size_t)snprintf(text + len, TEXT_MAX - len, " %.*s", (int)part->encoding.len, part->encoding.data);
		len += (size_t)snprintf(text + len, TEXT_MAX - len, " %d%s%s\n", (int)part->size, part->malformed ? " malformed" : "",
			part->complete ? "" : " truncated");
	}
}

static void check_hashes(const struct row *row, const struct message_parts *parts) {
	size_t i = 0;
	for (const struct message_part *part = parts->first; part != NULL; part = part->next, i++) {
		uint8_t md5[EVP_MAX_MD_SIZE], sha256[EVP_MAX_MD_SIZE];
		unsigned len;
		assert_non_null(row->contents[i]);
		assert_int_equal(EVP_Digest(row->contents[i], strlen(row->contents[i]), md5, &len, EVP_md5(), NULL), 1);
		assert_int_equal(EVP_Digest(row->contents[i], strlen(row->contents[i]), sha256, &len, EVP_sha256(), NULL), 1);
		assert_true(part->hashed && part->has_md5);
		if (memcmp(part->md5, md5, sizeof(part->md5)) != 0 || memcmp(part->sha256, sha256, sizeof(part->sha256)) != 0)
			fail_msg("%s: part %s has another hash", row->name, part->path);
		checks++;
	}
}

static void test_rows(void **state) {
	(void)state;
	static char text[TEXT_MAX];
	struct message_reader *reader = message_reader_create();
	struct arena arena = {0};
	checks = 0;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct message_parts parts;
		size_t len = strlen(rows[i].data);
		char *data = malloc(len + (len == 0));
		memcpy(data, rows[i].data, len);
		message_parts_read(reader, &arena, (struct slice){data, len}, true, &parts);
		put_parts(&parts, text);
		if (strcmp(text, rows[i].expected) != 0)
			fail_msg("%s: %s\nexpected %s", rows[i].name, text, rows[i].expected);
		check_hashes(&rows[i], &parts);
		assert_int_equal(parts.count, parts.kept);
		free(data);
	}
	assert_int_equal(checks, 40);
	arena_finish(&arena);
	message_reader_destroy(reader);
}

/* However much of a message was seen: a hash that is told is the one of the whole, and so are name and type. */
static void test_prefixes(void **state) {
	(void)state;
	struct message_reader *reader = message_reader_create();
	struct arena arena = {0};
	size_t hashes = 0;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct message_parts all;
		size_t whole_len = strlen(rows[i].data);
		message_parts_read(reader, &arena, (struct slice){rows[i].data, whole_len}, true, &all);
		for (size_t len = 0; len < whole_len; len++) {
			struct message_parts seen;
			char *data = malloc(len + (len == 0));
			memcpy(data, rows[i].data, len);
			message_parts_read(reader, &arena, (struct slice){data, len}, false, &seen);
			const struct message_part *whole = all.first;
			for (const struct message_part *part = seen.first; part != NULL; part = part->next, whole = whole->next) {
				assert_non_null(whole);
				assert_string_equal(part->path, whole->path);
				assert_int_equal(part->type.len, whole->type.len);
				assert_int_equal(part->has_name, whole->has_name);
				assert_int_equal(part->hashed, part->complete);
				if (!part->hashed)
					continue;
				assert_int_equal(part->size, whole->size);
				assert_memory_equal(part->sha256, whole->sha256, sizeof(part->sha256));
				assert_memory_equal(part->md5, whole->md5, sizeof(part->md5));
				hashes++;
			}
			free(data);
		}
		arena_reset(&arena);
	}
	assert_true(hashes > 100);
	arena_finish(&arena);
	message_reader_destroy(reader);
}

/* What a sender can make arbitrarily much of. */
static void test_limits(void **state) {
	(void)state;
	static char data[1 << 20];
	struct message_reader *reader = message_reader_create();
	struct arena arena = {0};
	struct message_parts parts;
	size_t len = (size_t)snprintf(data, sizeof(data), MIXED);
	for (size_t i = 0; i < 10000; i++)
		len += (size_t)snprintf(data + len, sizeof(data) - len, "--b" N N "x" N);
	message_parts_read(reader, &arena, (struct slice){data, len}, true, &parts);
	assert_int_equal(parts.count, 10000);
	assert_int_equal(parts.kept, MESSAGE_PARTS_MAX);
	/* Multiparts in a row: none of them may take memory for good. */
	arena_finish(&arena);
	len = (size_t)snprintf(data, sizeof(data), MIXED);
	for (size_t i = 0; i < 5000; i++)
		len += (size_t)snprintf(data + len, sizeof(data) - len, "--b" N "Content-Type: multipart/mixed; boundary=a%zu" N N, i);
	message_parts_read(reader, &arena, (struct slice){data, len}, true, &parts);
	assert_int_equal(parts.count, 0);
	assert_true(arena.held < 64 << 10);
	/* One in the other, and messages too: what is too deep is not looked into. */
	arena_finish(&arena);
	len = 0;
	for (size_t i = 0; i < 5000; i++)
		len += (size_t)snprintf(data + len, sizeof(data) - len, "Content-Type: multipart/mixed; boundary=a%zu" N N "--a%zu" N, i, i);
	message_parts_read(reader, &arena, (struct slice){data, len}, true, &parts);
	assert_int_equal(parts.kept, 1);
	assert_string_equal(parts.first->path, "1.1.1.1.1.1.1.1");
	len = 0;
	for (size_t i = 0; i < 5000; i++)
		len += (size_t)snprintf(data + len, sizeof(data) - len, "Content-Type: message/rfc822" N N);
	message_parts_read(reader, &arena, (struct slice){data, len}, true, &parts);
	assert_int_equal(parts.kept, MESSAGE_PARTS_DEPTH_MAX + 1);
	arena_finish(&arena);
	message_reader_destroy(reader);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_prefixes),
		cmocka_unit_test(test_limits),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
