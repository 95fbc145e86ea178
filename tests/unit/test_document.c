/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * report/document.c: what is a session and what is not, whatever the line holds.
 */
#include "event_script.h"
#include "facts_check.h"

static size_t checks;

#define CHECK(condition) (checks++, assert_true(condition))

static struct document_reader *reader;
static struct facts facts;

/* In a block of exactly its size. */
static enum document_result read_text(const char *text, size_t len) {
	char *exact = malloc(len > 0 ? len : 1);
	assert_non_null(exact);
	memcpy(exact, text, len);
	enum document_result result = document_read(reader, exact, len, &facts);
	if (result == DOCUMENT_SESSION) {
		struct bytes packed = pack(&facts); /* reads all of them */
		free(packed.data);
	}
	CHECK(memcmp(exact, text, len) == 0); /* given back as it was */
	free(exact);
	return result;
}

#define ENDS "\"client\":{\"ip\":\"192.0.2.1\",\"port\":1},\"server\":{\"ip\":\"2001:db8::1\",\"port\":25}"
#define START "\"id\":\"0a\",\"start\":\"2026-11-25T06:41:20.123456Z\","
#define HEAD "{\"type\":\"session\",\"schema\":1," START ENDS
#define NOTHING ",\"findings\":[],\"timeline\":[]"

static const struct row {
	const char *text;
	enum document_result result;
} rows[] = {
	{HEAD "}", DOCUMENT_SESSION},
	{HEAD "}\r\n", DOCUMENT_SESSION},
	{HEAD NOTHING "}", DOCUMENT_SESSION},
	{HEAD ",\"findings\":[{\"a\":\"]}\\\"],\"}],\"timeline\":[[{}],\"\\\\\"]}", DOCUMENT_SESSION},
	{HEAD ",\"new\":{\"in\":[1,2]}}", DOCUMENT_SESSION},
	{HEAD ",\"timeline\":[],\"findings\":[]}", DOCUMENT_SESSION},
	{HEAD NOTHING ",\"later\":1}", DOCUMENT_SESSION},
	{"{\"type\":\"session\",\"schema\":1" NOTHING "," START ENDS "}", DOCUMENT_SESSION},
	{"{\"type\":\"session\",\"schema\":1,\"x\":{\"y\":1" NOTHING "}," START ENDS "}", DOCUMENT_SESSION},
	{"{\"type\":\"session\",\"schema\":1," START ENDS ",\"x\":{\"y\":1" NOTHING "}}", DOCUMENT_SESSION},
	{"{\"type\":\"session\",\"schema\":1,\"id\":null,\"start\":\"2026-11-25T06:41:20Z\"," ENDS "}", DOCUMENT_SESSION},
	/* whole but for what is not looked at */
	{HEAD ",\"mails\":3,\"auth\":[],\"tcp\":\"x\",\"blind\":{\"gaps\":-1},\"capabilities\":{\"clear\":[1,{},null]}}",
		DOCUMENT_SESSION},
	{HEAD ",\"mails\":[1,null,{\"recipients\":[[]],\"reply\":{\"code\":1e9}}],\"auth\":{\"attempts\":[{\"ms\":1e308},2]}"
	      "}",
		DOCUMENT_SESSION},

	{"{\"type\":\"statistics\",\"schema\":1}", DOCUMENT_OTHER},
	{"{\"type\":\"diagnosis\",\"schema\":7}", DOCUMENT_OTHER},
	{"{}", DOCUMENT_OTHER},
	{"[]", DOCUMENT_OTHER},
	{"\"session\"", DOCUMENT_OTHER},
	{"{\"type\":1,\"schema\":1," START ENDS "}", DOCUMENT_OTHER},

	{"{\"type\":\"session\",\"schema\":2," START ENDS "}", DOCUMENT_SCHEMA},
	{"{\"type\":\"session\",\"schema\":\"1\"," START ENDS "}", DOCUMENT_SCHEMA},
	{"{\"type\":\"session\"," START ENDS "}", DOCUMENT_SCHEMA},

	{"{\"type\":\"session\",\"schema\":1}", DOCUMENT_INCOMPLETE},
	{"{\"type\":\"session\",\"schema\":1," START "\"client\":{\"ip\":\"192.0.2.1\",\"port\":1}}", DOCUMENT_INCOMPLETE},
	{"{\"type\":\"session\",\"schema\":1," ENDS "}", DOCUMENT_INCOMPLETE},
	{"{\"type\":\"session\",\"schema\":1,\"start\":5," ENDS "}", DOCUMENT_INCOMPLETE},
	{"{\"type\":\"session\",\"schema\":1,\"start\":\"2026-11-25T06:41:20\"," ENDS "}", DOCUMENT_INCOMPLETE},
	{"{\"type\":\"session\",\"schema\":1,\"start\":\"2026-13-25T06:41:20Z\"," ENDS "}", DOCUMENT_INCOMPLETE},
	{"{\"type\":\"session\",\"schema\":1,\"start\":\"9999-12-25T06:41:20Z\"," ENDS "}", DOCUMENT_INCOMPLETE},
	{"{\"type\":\"session\",\"schema\":1," START
	 "\"client\":{\"ip\":\"192.0.2.1.\",\"port\":1},\"server\":{\"ip\":\"::\",\"port\":1}}",
		DOCUMENT_INCOMPLETE},
	{"{\"type\":\"session\",\"schema\":1," START
	 "\"client\":{\"ip\":\"::\",\"port\":65536},\"server\":{\"ip\":\"::\",\"port\":1}}",
		DOCUMENT_INCOMPLETE},
	{"{\"type\":\"session\",\"schema\":1,\"id\":"
	 "\"0123456789012345678901234567890123456789012345678901234567890123456789\","
	 "\"start\":\"2026-11-25T06:41:20Z\"," ENDS "}",
		DOCUMENT_INCOMPLETE},

	{"", DOCUMENT_NOT_JSON},
	{"   ", DOCUMENT_NOT_JSON},
	{"session", DOCUMENT_NOT_JSON},
	{HEAD, DOCUMENT_NOT_JSON},
	{HEAD "}}", DOCUMENT_NOT_JSON},
	{HEAD "} {}", DOCUMENT_NOT_JSON},
	{HEAD NOTHING, DOCUMENT_NOT_JSON},
	{HEAD NOTHING "}}", DOCUMENT_NOT_JSON},
	{HEAD ",\"findings\":[],\"timeline\":[}", DOCUMENT_NOT_JSON},
	{HEAD ",\"findings\":[],\"timeline\":[{\"a\":\"" HEAD "]}", DOCUMENT_NOT_JSON},
	{HEAD ",\"x\":\"" NOTHING "}", DOCUMENT_NOT_JSON},
	{HEAD ",\"x\":[1" NOTHING "}", DOCUMENT_NOT_JSON},
	{"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]", DOCUMENT_NOT_JSON},
};

static void test_results(void **state) {
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		enum document_result result = read_text(rows[i].text, strlen(rows[i].text));
		if (result != rows[i].result)
			print_error("%s: %d, expected %d\n", rows[i].text, (int)result, (int)rows[i].result);
		CHECK(result == rows[i].result);
		CHECK((document_result_name(result) == NULL) == (result == DOCUMENT_SESSION));
	}
}

static void test_times(void **state) {
	(void)state;
	static const struct {
		const char *text;
		int64_t ns;
	} times[] = {
		{"1970-01-01T00:00:00.000000Z", 0},
		{"1970-01-01T00:00:00Z", 0},
		{"1969-12-31T23:59:59.999999999Z", -1},
		{"2026-11-25T06:41:20.123456Z", INT64_C(1795588880123456000)},
		{"2026-11-25T06:41:20.123456789Z", INT64_C(1795588880123456789)},
		{"2024-02-29T12:00:00.5Z", INT64_C(1709208000500000000)},
		{"2000-03-01T00:00:00.000000Z", INT64_C(951868800000000000)},
		{"2262-04-11T23:47:16.854775807Z", INT64_MAX},
		{"1677-09-21T00:12:44.000000Z", INT64_C(-9223372036000000000)},
	};
	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		char text[500];
		snprintf(text, sizeof(text), "{\"type\":\"session\",\"schema\":1,\"start\":\"%s\"," ENDS "}", times[i].text);
		CHECK(read_text(text, strlen(text)) == DOCUMENT_SESSION);
		if (facts.start_ns != times[i].ns)
			print_error("%s: %lld\n", times[i].text, (long long)facts.start_ns);
		CHECK(facts.start_ns == times[i].ns);
	}
}

/* A text that a hostile writer puts into a document is no way out of it. */
static void test_safe_texts(void **state) {
	(void)state;
	static const char text[] =
		"{\"type\":\"session\",\"schema\":1," START "\"client\":{\"ip\":\"192.0.2.1\",\"port\":1,\"name\":"
		"\"a\xff\xc3\"},\"server\":{\"ip\":\"::1\",\"port\":25,\"name\":\"\\ud800\\u0000\",\"banner\":\"\\u3042\"}}";
	CHECK(read_text(text, sizeof(text) - 1) == DOCUMENT_SESSION);
	char copy[sizeof(text)];
	memcpy(copy, text, sizeof(text));
	CHECK(document_read(reader, copy, sizeof(text) - 1, &facts) == DOCUMENT_SESSION);
	CHECK(facts.client_name.len == 7 && memcmp(facts.client_name.data, "a\xef\xbf\xbd\xef\xbf\xbd", 7) == 0);
	CHECK(facts.server_name.len == 4 && memcmp(facts.server_name.data, "\xef\xbf\xbd\0", 4) == 0);
	CHECK(facts.banner.len == 3 && memcmp(facts.banner.data, "\xe3\x81\x82", 3) == 0);
}

static void test_too_large(void **state) {
	(void)state;
	enum { LEN = 4 << 20 };
	static const char timeline[] = HEAD ",\"findings\":[],\"timeline\":[";
	char *text = malloc(LEN);
	assert_non_null(text);
	memset(text, '[', LEN);
	CHECK(document_read(reader, text, LEN, &facts) == DOCUMENT_TOO_LARGE);
	for (size_t i = 0; i < LEN; i++)
		text[i] = "[],"[i % 3];
	CHECK(document_read(reader, text, LEN, &facts) == DOCUMENT_TOO_LARGE);
	/* The same in a timeline is no harm. */
	memcpy(text, timeline, sizeof(timeline) - 1);
	memset(text + sizeof(timeline) - 1, ' ', 3);
	memcpy(text + LEN - 5, " ]} ", 4);
	text[LEN - 1] = '\n';
	for (size_t i = sizeof(timeline) - 1; i < LEN - 5; i++)
		text[i] = "[],"[(i - (sizeof(timeline) - 1)) % 3];
	CHECK(document_read(reader, text, LEN, &facts) == DOCUMENT_SESSION);
	/* A long text is not many values. */
	memset(text, 'x', LEN);
	memcpy(text, HEAD ",\"x\":\"", sizeof(HEAD ",\"x\":\"") - 1);
	memcpy(text + LEN - 2, "\"}", 2);
	CHECK(document_read(reader, text, LEN, &facts) == DOCUMENT_SESSION);
	free(text);
}

/* Real documents, damaged at random: no crash, and never more than what was written. */
static void test_damaged(void **state) {
	(void)state;
	static const char *const scripts[] = {
		("greet 220; ehlo 250 PIPELINING|AUTH PLAIN LOGIN|STARTTLS; auth LOGIN rejected 535; auth CRAM-MD5 accepted "
		 "235; mail yes "
		 "250 a@example.org; rcpt 550 b@example.net; rcpt 250 c@example.net; data 354; body 250; end accepted; quit "
		 "221; close fin"),
		"close unreachable",
		("midstream; lost-mail; rcpt 250 a@b; data 354; gap client 100; body 250; end accepted; gap server 9; close "
		 "evicted one-sided"),
	};
	static const char *const words[] = {"null", "[]", "{}", "-1", "1e400", "\"\"", "true", "[[", "}", "\"", ",", "\\",
		"18446744073709551616", ",\"findings\":[", ",\"timeline\":[", "]}"};
	uint64_t random = 88172645463325252u;
	size_t counts[DOCUMENT_RESULT_COUNT] = {0};
	for (size_t round = 0; round < 20000; round++) {
		struct record record;
		record_init(&record);
		struct script script = script_start(&record);
		script_run(&script, scripts[round % 3]);
		struct bytes text = document_of(&record);
		record_finish(&record);
		random ^= random << 13, random ^= random >> 7, random ^= random << 17;
		size_t at = random % text.len;
		const char *word = words[(random >> 20) % (sizeof(words) / sizeof(words[0]))];
		size_t len = strlen(word) < text.len - at ? strlen(word) : text.len - at;
		/* At a place where a value begins it is more often JSON still. */
		const char *colon = (random >> 40) % 3 != 0 ? memchr(text.data + at, ':', text.len - at - len) : NULL;
		if (colon != NULL) {
			/* Takes the value's place. */
			size_t value = (size_t)(colon - text.data) + 1, end = value;
			while (end < text.len && strchr(",}]", text.data[end]) == NULL)
				end++;
			char *changed = NULL;
			assert_true(asprintf(&changed, "%.*s%s%s", (int)value, text.data, word, text.data + end) > 0);
			free(text.data);
			text.data = changed;
			text.len = strlen(changed);
		} else {
			memcpy(text.data + at, word, len);
		}
		counts[read_text(text.data, text.len)]++;
		free(text.data);
	}
	for (size_t i = 0; i < DOCUMENT_RESULT_COUNT; i++)
		print_message("# %zu %s\n", counts[i],
			i == DOCUMENT_SESSION ? "sessions" : document_result_name((enum document_result)i));
	CHECK(counts[DOCUMENT_SESSION] > 1000 && counts[DOCUMENT_NOT_JSON] > 1000 && counts[DOCUMENT_INCOMPLETE] > 10);
}

static int create_reader(void **state) {
	(void)state;
	reader = document_reader_create();
	return reader != NULL ? 0 : -1;
}

static int destroy_reader(void **state) {
	(void)state;
	document_reader_destroy(reader);
	document_reader_destroy(NULL);
	print_message("# %zu checks\n", checks);
	return checks > 20000 ? 0 : -1;
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_results),
		cmocka_unit_test(test_times),
		cmocka_unit_test(test_safe_texts),
		cmocka_unit_test(test_too_large),
		cmocka_unit_test(test_damaged),
	};
	return cmocka_run_group_tests(tests, create_reader, destroy_reader);
}
