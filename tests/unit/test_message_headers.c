/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * report/message_headers.c and message_field.c: which fields a header has, and what is not known of one that was not seen whole.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/message_headers.h"

enum { TEXT_MAX = 4096 };

static const char *const names[MESSAGE_FIELDS] = {"from", "to", "cc", "reply-to", "subject", "id", "date", "irt", "agent"};

/* name=value, one blank between; name+ when it is repeated; what else there is to say in words. */
static void put_headers(const struct message_headers *headers, char *text) {
	size_t len = 0;
	for (size_t i = 0; i < MESSAGE_FIELDS; i++)
		if (headers->has[i])
			len += (size_t)snprintf(text + len, TEXT_MAX - len, "%s%s=%.*s ", names[i], headers->repeated[i] ? "+" : "",
				(int)headers->fields[i].len, headers->fields[i].len > 0 ? headers->fields[i].data : "");
	snprintf(text + len, TEXT_MAX - len, "received=%d%s%s%s%s%s", (int)headers->received, headers->dkim ? " dkim" : "",
		headers->arc ? " arc" : "", headers->incomplete ? " incomplete" : "", headers->malformed ? " malformed" : "",
		headers->cut ? " cut" : "");
}

struct row {
	const char *data;
	bool whole;
	const char *expected;
};

static const struct row rows[] = {
	{"From: a@example.org\r\nTo: b@example.org,\r\n c@example.org\r\nSubject: x\r\n\r\nSubject: body\r\n", true,
		"from=a@example.org to=b@example.org, c@example.org subject=x received=0"},
	{"FROM : a\r\nrEpLy-tO:b\r\nCc:\r\nIn-Reply-To:\t<i>\r\n\r\n", true, "from=a cc= reply-to=b irt=<i> received=0"},
	{"Received: x\r\nReceived: y\r\n z\r\nDKIM-Signature: v=1\r\nARC-Seal: i=1\r\n\r\n", true, "received=2 dkim arc"},
	{"Subject: one\r\nSubject: two\r\n\r\n", true, "subject+=one received=0"},
	{"X-Mailer: m\r\n\r\n", true, "agent=m received=0"},
	{"X-Mailer: m\r\nUser-Agent: u\r\n\r\n", true, "agent=u received=0"},
	{"Date: d\nMessage-ID: <m>\n\nbody", true, "id=<m> date=d received=0"},
	{"Subject: no empty line", true, "subject=no empty line received=0"},
	{"Subject: no empty line\r\n", true, "subject=no empty line received=0"},
	{"", true, "received=0"},
	{"\r\nSubject: body\r\n", true, "received=0"},
	{"From someone Mon Jan  1 00:00:00 2024\r\nSubject: x\r\n\r\n", true, "subject=x received=0"},
	{">From someone\nSubject: x\n\n", true, "subject=x received=0"},
	/* not fields */
	{"hello\r\nSubject: x\r\n\r\n", true, "received=0 malformed"},
	{"Subject: x\r\nhello\r\nDate: d\r\n\r\n", true, "subject=x received=0 malformed"},
	{"From someone\r\nhello\r\n", true, "received=0 malformed"},
	{": x\r\n\r\n", true, "received=0 malformed"},
	{"a b: x\r\n\r\n", true, "received=0 malformed"},
	{"\r\r\nSubject: x\r\n", true, "received=0 malformed"},
	{" Subject: x\r\n\r\n", true, "received=0 malformed"},
	/* not seen whole: the last field may go on */
	{"", false, "received=0 incomplete"},
	{"From: a\r\nSubject: x", false, "from=a received=0 incomplete"},
	{"From: a\r\nSubject: x\r\n", false, "from=a received=0 incomplete"},
	{"From: a\r\nSubject: x\r\n y\r\nT", false, "from=a subject=x y received=0 incomplete"},
	{"X-Mailer: m\r\nDate: d\r\nT", false, "date=d received=0 incomplete"}, /* User-Agent may follow */
};

static void test_rows(void **state) {
	(void)state;
	size_t checks = 0;
	struct message_reader *reader = message_reader_create();
	struct arena arena = {0};
	assert_non_null(reader);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		size_t len = strlen(rows[i].data);
		char *data = malloc(len + (len == 0)), text[TEXT_MAX];
		struct message_headers headers;
		memcpy(data, rows[i].data, len);
		message_headers_read(reader, &arena, (struct slice){data, len}, rows[i].whole, &headers);
		put_headers(&headers, text);
		if (strcmp(text, rows[i].expected) != 0)
			fail_msg("%s: %s\nexpected %s", rows[i].data, text, rows[i].expected);
		free(data);
		checks++;
	}
	assert_int_equal(checks, sizeof(rows) / sizeof(rows[0]));
	arena_finish(&arena);
	message_reader_destroy(reader);
}

/* However much of a header was seen, nothing is said that the whole header contradicts. */
static void test_prefixes(void **state) {
	(void)state;
	static const char whole[] = "Received: one\r\nFrom: =?utf-8?Q?=C3=BC?=\r\n <a@example.org>\r\nX-Mailer: m\r\nSubject: one\r\n two\r\n"
				    "DKIM-Signature: v=1\r\nSubject: three\r\nUser-Agent: u\r\n\r\n";
	struct message_reader *reader = message_reader_create();
	struct arena arena = {0};
	struct message_headers all;
	message_headers_read(reader, &arena, (struct slice){whole, sizeof(whole) - 1}, true, &all);
	assert_true(all.has[MESSAGE_SUBJECT] && all.has[MESSAGE_USER_AGENT] && !all.incomplete);
	for (size_t len = 0; len < sizeof(whole) - 1; len++) {
		struct message_headers part;
		char *data = malloc(len + (len == 0));
		memcpy(data, whole, len);
		message_headers_read(reader, &arena, (struct slice){data, len}, false, &part);
		assert_true(part.incomplete);
		assert_false(part.malformed);
		for (size_t i = 0; i < MESSAGE_FIELDS; i++) {
			if (!part.has[i])
				continue;
			assert_true(all.has[i]);
			assert_int_equal(part.fields[i].len, all.fields[i].len);
			assert_memory_equal(part.fields[i].data, all.fields[i].data, part.fields[i].len);
		}
		free(data);
	}
	arena_finish(&arena);
	message_reader_destroy(reader);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_prefixes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
