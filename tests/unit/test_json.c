/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * report/json.c: documents read back with json-c's parser have what the session had, whatever bytes it was made of.
 *
 * With SMTPSCOPE_DOCUMENTS set to a file name all documents are appended to that file too, for a check against the schemas.
 */
#include "event_script.h"

#include <errno.h>
#include <json-c/json.h>

#include "report/findings.h"
#include "report/json.h"
#include "report/writer.h"

static size_t checks;

#define CHECK(condition) (checks++, assert_true(condition))

static const char *const long_session =
	"greet 220; ehlo 250 PIPELINING|SIZE 10240000|AUTH PLAIN LOGIN; auth PLAIN rejected 535; auth LOGIN accepted 235; "
	"mail yes 250 a@example.org; rcpt 250 b@example.net; rcpt 550 c@example.net; rcpt 0 d@example.net; data 354; body "
	"250; "
	"end accepted; mail yes 250; rcpt 250 e@example.net; data 554; end rejected; mail yes 0; end unknown; anomaly 1 0; "
	"anomaly 0 9; "
	"gap server 20; reply 250; noop 0; lost; quit 221; close fin";

static void keep_for_schema_check(const char *text) {
	const char *name = getenv("SMTPSCOPE_DOCUMENTS");
	FILE *file = name != NULL ? fopen(name, "a") : NULL;
	if (file == NULL)
		return;
	fputs(text, file);
	fclose(file);
}

/* The document of a record. Sees to it that it is one line of JSON in the strictest sense and plain printable UTF-8. */
static struct json_object *document(const struct record *record, enum writer_users users) {
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	assert_non_null(out);
	const struct writer_options options = {.users = users};
	struct writer *writer = json_format.create(&options, out);
	assert_non_null(writer);
	CHECK(json_format.session(writer, record) == 0);
	/* The document is a template that is used again: the second one must be the same but for the key of hashed users. */
	CHECK(json_format.session(writer, record) == 0);
	json_format.destroy(writer);
	fclose(out);

	CHECK(len > 2 && text[len - 1] == '\n');
	char *second = memchr(text, '\n', len);
	size_t first_len = (size_t)(second - text) + 1;
	CHECK(first_len * 2 == len && memcmp(text, second + 1, first_len) == 0);
	text[first_len] = '\0';
	CHECK(strlen(text) == first_len);
	bool printable = true;
	for (size_t i = 0; i + 1 < first_len; i++)
		printable = printable && (unsigned char)text[i] >= 0x20 && text[i] != 0x7f;
	CHECK(printable);
	keep_for_schema_check(text);

	struct json_tokener *tokener = json_tokener_new();
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	struct json_object *object = json_tokener_parse_ex(tokener, text, (int)first_len - 1);
	if (object == NULL)
		print_error("%s: %s\n", json_tokener_error_desc(json_tokener_get_error(tokener)), text);
	json_tokener_free(tokener);
	free(text);
	assert_non_null(object);
	return object;
}

static struct json_object *run(const char *text, enum writer_users users) {
	struct record record;
	record_init(&record);
	struct script script = script_start(&record);
	script_run(&script, text);
	struct json_object *object = document(&record, users);
	record_finish(&record);
	return object;
}

static const char *value(struct json_object *document_object, const char *pointer) {
	struct json_object *object = NULL;
	if (json_pointer_get(document_object, pointer, &object) != 0)
		return "absent";
	return json_object_is_type(object, json_type_string)
		       ? json_object_get_string(object)
		       : json_object_to_json_string_ext(object, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);
}

struct expectation {
	const char *pointer, *value;
};

static void expect(struct json_object *object, const struct expectation *expectations) {
	for (; expectations->pointer != NULL; expectations++) {
		const char *got = value(object, expectations->pointer);
		if (strcmp(got, expectations->value) != 0)
			print_error("%s is %s, expected %s\n", expectations->pointer, got, expectations->value);
		CHECK(strcmp(got, expectations->value) == 0);
	}
}

static void test_fields(void **state) {
	(void)state;
	static const struct expectation expectations[] = {
		{"/type", "session"},
		{"/schema", "1"},
		{"/start", "2026-11-25T06:41:20.123456Z"},
		{"/end", "2026-11-25T06:41:20.165456Z"},
		{"/duration_ms", "42.000"},
		{"/capture", "{\"source\":\"test.pcap\",\"stream\":7,\"first_frame\":1,\"last_frame\":43}"},
		{"/client", "{\"ip\":\"192.0.2.17\",\"port\":51234,\"name\":\"client.example.net\"}"},
		{"/server", "{\"ip\":\"198.51.100.25\",\"port\":587,\"name\":\"mail.example.org\",\"banner\":\"mail.example."
			    "org ESMTP "
			    "Postfix\",\"greeting\":{\"code\":220,\"frame\":2,\"ms\":1.000},\"software\":\"Postfix\"}"},
		{"/protocol", "esmtp"},
		{"/tcp/handshake_ms", "1.200"},
		{"/tcp/close", "fin"},
		{"/tcp/server/gap_bytes", "20"},
		{"/capabilities",
			"{\"clear\":[\"PIPELINING\",\"SIZE 10240000\",\"AUTH PLAIN LOGIN\"],\"clear_frame\":5}"},
		{"/tls", "null"},
		{"/auth/offered", "[\"PLAIN\",\"LOGIN\"]"},
		{"/auth/result", "accepted"},
		{"/auth/attempts/0",
			"{\"mechanism\":\"PLAIN\",\"username\":\"alice\",\"result\":\"rejected\",\"reply\":{\"code\":535,"
			"\"text\":[\"text\"],\"frame\":8,\"ms\":7.000},\"frame\":6,\"ms\":5.000,\"encrypted\":false,\"offered\":true,"
			"\"reason\":\"credentials-rejected\",\"duration_ms\":2.000}"},
		{"/extensions/used", "[]"},
		{"/auth/attempts/1/result", "accepted"},
		{"/auth/attempts/2", "absent"},
		{"/mails/0/from", "a@example.org"},
		{"/mails/0/params", "{\"SIZE\":\"1234\",\"SMTPUTF8\":true}"},
		{"/mails/0/authenticated", "true"},
		{"/mails/0/recipients/0/accepted", "true"},
		{"/mails/0/recipients/1/accepted", "false"},
		{"/mails/0/recipients/1/reply/code", "550"},
		{"/mails/0/recipients/2/accepted", "null"},
		{"/mails/0/recipients/2/reply", "null"},
		{"/mails/0/body/bytes", "1234"},
		{"/mails/0/body/reply/code", "250"},
		{"/mails/0/data_reply", "absent"},
		{"/mails/0/result", "accepted"},
		{"/mails/1/from", ""},
		{"/mails/1/data_reply/code", "554"},
		{"/mails/1/body", "absent"},
		{"/mails/2/reply", "null"},
		{"/mails/2/result", "unknown"},
		{"/result", "delivered"},
		{"/blind", "{\"midstream\":false,\"one_sided\":false,\"gaps\":1}"},
		{"/findings", "[]"},
		{"/timeline/0", "{\"ms\":0.000,\"time\":\"2026-11-25T06:41:20.123456Z\",\"frame\":1,\"from\":\"client\","
				"\"event\":\"connect\",\"handshake_ms\":1.200}"},
		{"/timeline/1", "{\"ms\":1.000,\"time\":\"2026-11-25T06:41:20.124456Z\",\"frame\":2,\"from\":\"server\","
				"\"event\":\"greeting\",\"code\":220,\"text\":[\"mail.example.org ESMTP "
				"Postfix\"],\"latency_ms\":1.000}"},
		{"/timeline/2/event", "command"},
		{"/timeline/2/verb", "EHLO"},
		{"/timeline/2/argument", "client.example.net"},
		{"/timeline/3/event", "reply"},
		{"/timeline/3/answers", "EHLO"},
		{"/timeline/4/argument", "PLAIN"},
		{"/timeline/5/step", "response"},
		{"/timeline/5/username", "alice"},
		{"/timeline/6/answers", "auth"},
		{"/timeline/19/event", "body"},
		{"/timeline/19/duration_ms", "1.000"},
		{"/timeline/20/answers", "body"},
		{"/timeline/28/id", "bare-newline"},
		{"/timeline/28/amount", "absent"},
		{"/timeline/29/id", "line-too-long"},
		{"/timeline/29/amount", "9"},
		{"/timeline/30/event", "gap"},
		{"/timeline/30/side", "server"},
		{"/timeline/30/from", "network"},
		{"/timeline/31/answers", "null"},
		{"/timeline/32/verb", "NOOP"},
		{"/timeline/33/verb", "QUIT"}, /* the reply that a gap swallowed has no entry */
		{"/timeline/35/event", "close"},
		{"/timeline/35/how", "fin"},
		{"/timeline/36", "absent"},
		{NULL, NULL},
	};
	struct json_object *object = run(long_session, WRITER_USERS_KEEP);
	expect(object, expectations);
	CHECK(strlen(value(object, "/id")) == 20);
	CHECK(strncmp(value(object, "/community_id"), "1:", 2) == 0);
	json_object_put(object);
}

static void test_other_sessions(void **state) {
	(void)state;
	static const struct {
		const char *script;
		struct expectation expectations[8];
	} rows[] = {
		{"close refused", {{"/result", "not-established"}, {"/timeline/0/event", "refused"},
					  {"/timeline/0/from", "server"}, {"/timeline/1", "absent"},
					  {"/capabilities/clear", "null"}, {"/tcp/handshake_ms", "absent"}}},
		{"close unanswered", {{"/timeline/0/event", "unanswered"}, {"/timeline/0/from", "network"},
					     {"/tcp/close", "unanswered"}}},
		{"close unreachable", {{"/timeline/0/event", "unreachable"}, {"/timeline/0/icmp", "admin-prohibited"},
					      {"/tcp/icmp", "admin-prohibited"}}},
		{"greet 220; ehlo 250 AUTH PLAIN; starttls 220; tls; close reset-by-server",
			{{"/tls/via", "starttls"}, {"/tls/frame", "8"}, {"/tls/decrypted", "false"},
				{"/blind/encrypted_from_frame", "8"}, {"/auth/result", "unknown"}, {"/result", "encrypted"},
				{"/timeline/6/step", "client-hello"}}},
		{"tls implicit; close fin",
			{{"/tls/via", "implicit"}, {"/protocol", "smtps"}, {"/timeline/3/step", "encrypted"}}},
		{"greet 220; ehlo 250 A; starttls 220; tls decrypted; tls-ehlo 250 B|C; close fin",
			{{"/capabilities/clear", "[\"A\"]"}, {"/capabilities/tls", "[\"B\",\"C\"]"},
				{"/tls/decrypted", "true"}, {"/blind/encrypted_from_frame", "absent"}}},
		{"midstream; lost-mail; rcpt 250 b@example.net; close evicted one-sided",
			{{"/blind/midstream", "true"}, {"/blind/one_sided", "true"}, {"/mails/0/from", "null"},
				{"/mails/0/authenticated", "null"}, {"/tcp/close", "evicted"},
				{"/timeline/0/event", "command"}}},
		{"greet 220; lhlo 250 SIZE; mail no 250; rcpt 250; rcpt 250; data 354; body 250 1; body 550 2; end "
		 "accepted; close fin",
			{{"/mails/0/recipients/0/body_reply/code", "250"}, {"/mails/0/recipients/1/body_reply/code", "550"},
				{"/mails/0/recipients/1/accepted", "true"}, {"/mails/0/authenticated", "false"}}},
		{"greet 220; ehlo-cut 250 SIZE; busy; close capture-ended",
			{{"/capabilities/incomplete", "true"}, {"/timeline/4/answers", "null"}, {"/timeline/4/code", "421"},
				{"/timeline/4/latency_ms", "absent"}}},
		{"orphan-auth accepted; close fin",
			{{"/auth/attempts/0/mechanism", "null"}, {"/auth/attempts/0/reply", "null"},
				{"/auth/attempts/0/username", "absent"}}},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct json_object *object = run(rows[i].script, WRITER_USERS_KEEP);
		expect(object, rows[i].expectations);
		json_object_put(object);
	}
}

static void test_users(void **state) {
	(void)state;
	struct json_object *object = run(long_session, WRITER_USERS_OMIT);
	CHECK(strcmp(value(object, "/auth/attempts/0/username"), "absent") == 0);
	CHECK(strcmp(value(object, "/timeline/5/username"), "absent") == 0);
	CHECK(strstr(json_object_to_json_string(object), "alice") == NULL);
	json_object_put(object);
	object = run(long_session, WRITER_USERS_HASH);
	char *hash = strdup(value(object, "/auth/attempts/0/username"));
	CHECK(strncmp(hash, "hash:", 5) == 0 && strlen(hash) == 21);
	CHECK(strcmp(value(object, "/timeline/5/username"), hash) == 0);
	CHECK(strcmp(value(object, "/auth/attempts/1/username"), hash) == 0);
	CHECK(strstr(json_object_to_json_string(object), "alice") == NULL);
	CHECK(strcmp(value(object, "/mails/0/from"), "a@example.org") == 0);
	free(hash);
	json_object_put(object);
}

/* Findings name users too. */
static void test_users_in_findings(void **state) {
	(void)state;
	struct record record;
	record_init(&record);
	struct script script = script_start(&record);
	script_run(&script, "greet 220; ehlo 250 AUTH PLAIN|SIZE 1; auth PLAIN rejected 535; quit 221; close fin");
	findings_run(&record, words_or_english(NULL));
	CHECK(record.findings != NULL);
	static const struct {
		enum writer_users users;
		bool named;
	} rows[] = {{WRITER_USERS_KEEP, true}, {WRITER_USERS_HASH, false}, {WRITER_USERS_OMIT, false}};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct json_object *object = document(&record, rows[i].users);
		const char *findings = value(object, "/findings");
		CHECK((strstr(findings, "alice") != NULL) == rows[i].named);
		if (rows[i].users == WRITER_USERS_HASH) {
			char *hash = strdup(value(object, "/auth/attempts/0/username"));
			CHECK(strncmp(hash, "hash:", 5) == 0 && strstr(value(object, "/findings"), hash) != NULL);
			free(hash);
		}
		json_object_put(object);
	}
	record_finish(&record);
}

/* The same text wherever the network can put one. */
static struct json_object *hostile_document(struct slice text) {
	struct record record;
	record_init(&record);
	struct script script = script_start(&record);
	const struct event_parameter parameters[] = {{text, text, true}, {text, text, false}, {{"X", 1}, text, true}};
	struct event_reply reply = {.code = 550, .enhanced = text, .lines = &text, .line_count = 1, .latency_ns = -1};
	struct event_auth auth = {.command = 2, .mechanism = text, .username = text, .has_username = true};
	const enum verb verbs[] = {VERB_EHLO, VERB_AUTH, VERB_MAIL, VERB_RCPT, VERB_OTHER};
	script_run(&script, "");
	script_open(&script);
	script_event(&script, (struct event){.kind = EVENT_GREETING, .from = STREAM_SERVER, .reply = reply});
	for (uint32_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		bool in_mail = verbs[i] == VERB_MAIL || verbs[i] == VERB_RCPT;
		script_event(&script, (struct event){.kind = EVENT_COMMAND,
					      .from = STREAM_CLIENT,
					      .command = {.id = i + 1,
						      .verb = verbs[i],
						      .name = text,
						      .argument = text,
						      .path = text,
						      .mail = in_mail,
						      .recipient = verbs[i] == VERB_RCPT,
						      .parameters = parameters,
						      .parameter_count = 3}});
		reply.answers = EVENT_ANSWERS_COMMAND;
		reply.verb = verbs[i];
		reply.verb_name = text;
		reply.command = i + 1;
		reply.mail = in_mail;
		reply.recipient = verbs[i] == VERB_RCPT;
		script_event(&script, (struct event){.kind = EVENT_REPLY, .from = STREAM_SERVER, .reply = reply});
	}
	script_event(&script, (struct event){.kind = EVENT_CAPABILITIES,
				      .from = STREAM_SERVER,
				      .capabilities = {.lines = &text, .line_count = 1, .certain = true}});
	script_event(&script, (struct event){.kind = EVENT_AUTH, .from = STREAM_CLIENT, .auth = auth});
	script_event(&script, (struct event){.kind = EVENT_AUTH_END, .auth = auth});
	script_run(&script, "close fin");
	char source[] = "caf\xe9\x1b[31m.pcap";
	record.open.source = source;
	struct json_object *object = document(&record, WRITER_USERS_KEEP);
	record_finish(&record);
	return object;
}

static const char *const hostile_places[] = {"/client/name", "/server/banner", "/capabilities/clear/0",
	"/auth/attempts/0/mechanism", "/auth/attempts/0/username", "/auth/attempts/0/reply/text/0",
	"/auth/attempts/0/reply/enhanced", "/mails/0/from", "/mails/0/params/X", "/mails/0/reply/text/0",
	"/mails/0/recipients/0/to", "/mails/0/recipients/0/params/X", "/mails/0/recipients/0/reply/text/0",
	"/timeline/1/text/0", "/timeline/2/argument", "/timeline/3/text/0", "/timeline/3/enhanced", "/timeline/10/verb",
	"/timeline/11/answers", "/timeline/12/mechanism", "/timeline/12/username"};

static const char *const hostile_flags[] = {"/client/invalid_utf8", "/server/invalid_utf8", "/capabilities/invalid_utf8",
	"/auth/attempts/0/invalid_utf8", "/auth/attempts/0/reply/invalid_utf8", "/mails/0/invalid_utf8",
	"/mails/0/reply/invalid_utf8", "/mails/0/recipients/0/invalid_utf8", "/mails/0/recipients/0/reply/invalid_utf8",
	"/timeline/1/invalid_utf8", "/timeline/2/invalid_utf8", "/timeline/3/invalid_utf8", "/timeline/12/invalid_utf8"};

enum { HOSTILE_PLACES = sizeof(hostile_places) / sizeof(hostile_places[0]) };
enum { HOSTILE_FLAGS = sizeof(hostile_flags) / sizeof(hostile_flags[0]) };

static void check_hostile(struct slice text, struct slice expected, bool invalid) {
	struct json_object *object = hostile_document(text);
	for (size_t i = 0; i < HOSTILE_PLACES; i++) {
		struct json_object *place = NULL;
		CHECK(json_pointer_get(object, hostile_places[i], &place) == 0);
		size_t len = (size_t)json_object_get_string_len(place);
		bool same = len == expected.len && memcmp(json_object_get_string(place), expected.data, len) == 0;
		if (!same)
			print_error("%s is %s\n", hostile_places[i], json_object_to_json_string(place));
		CHECK(same);
	}
	for (size_t i = 0; i < HOSTILE_FLAGS; i++)
		CHECK(strcmp(value(object, hostile_flags[i]), invalid ? "true" : "absent") == 0);
	/* A flag is of one object, not of those around it or after it. */
	CHECK(strcmp(value(object, "/capture/invalid_utf8"), "true") == 0);
	CHECK(strcmp(value(object, "/tcp/invalid_utf8"), "absent") == 0);
	CHECK(strcmp(value(object, "/invalid_utf8"), "absent") == 0);
	CHECK(strcmp(value(object, "/timeline/13/invalid_utf8"), "absent") == 0);
	json_object_put(object);
}

static void test_hostile(void **state) {
	(void)state;
#define TEXT(literal)                                                                                                       \
	{ literal, sizeof(literal) - 1 }
#define BAD "\xef\xbf\xbd"
	static const struct {
		struct slice text, expected;
		bool invalid;
	} rows[] = {
		{TEXT("\""), TEXT("\""), false},
		{TEXT("\\"), TEXT("\\"), false},
		{TEXT("\",\"type\":\"diagnosis"), TEXT("\",\"type\":\"diagnosis"), false},
		{TEXT("\\\"}\r\n{\"a\":1}\n"), TEXT("\\\"}\r\n{\"a\":1}\n"), false},
		{TEXT("a\0b\0"), TEXT("a\0b\0"), false},
		{TEXT("\0"), TEXT("\0"), false},
		{TEXT("\x01\x02\x1b[2J\x7f"), TEXT("\x01\x02\x1b[2J\x7f"), false},
		{TEXT("\xc2\x9b"
		      "31m"),
			TEXT("\xc2\x9b"
			     "31m"),
			false},
		{TEXT("\xe2\x80\xa8\xe2\x80\xa9\xe2\x80\xae"), TEXT("\xe2\x80\xa8\xe2\x80\xa9\xe2\x80\xae"), false},
		{TEXT("\xf3\xa0\x80\xa1x"), TEXT("\xf3\xa0\x80\xa1x"), false},
		{TEXT("Gr\xc3\xbc\xc3\x9f"
		      "e \xf0\x9f\x93\xa7 / </script>"),
			TEXT("Gr\xc3\xbc\xc3\x9f"
			     "e \xf0\x9f\x93\xa7 / </script>"),
			false},
		{TEXT("\xff"), TEXT(BAD), true},
		{TEXT("a\xffz\xc3"), TEXT("a" BAD "z" BAD), true},
		{TEXT("\xc0\x80\xed\xa0\x80"), TEXT(BAD BAD BAD BAD BAD), true},
		{TEXT("\xf0\x9f\""), TEXT(BAD "\""), true},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		check_hostile(rows[i].text, rows[i].expected, rows[i].invalid);

	enum { LONG = 100000 };
	char *text = malloc(LONG);
	assert_non_null(text);
	memset(text, 'x', LONG);
	check_hostile((struct slice){text, LONG}, (struct slice){text, LONG}, false);
	memset(text, '"', LONG);
	check_hostile((struct slice){text, LONG}, (struct slice){text, LONG}, false);
	free(text);
}

/* One writer, documents long and short in turn: nothing of one is left in the next. */
static void test_reuse(void **state) {
	(void)state;
	enum { BIG = 6000 };
	struct record small, big;
	record_init(&small);
	record_init(&big);
	struct script script = script_start(&small);
	script_run(&script, "greet 220; close fin");
	script = script_start(&big);
	script_run(&script, "greet 220; mail no 250");
	for (size_t i = 0; i < BIG; i++)
		script_run(&script, "rcpt 250 somebody.with.a.name@example.net");
	script_run(&script, "quit 221; close fin");

	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	const struct writer_options options = {.users = WRITER_USERS_KEEP};
	struct writer *writer = json_format.create(&options, out);
	assert_non_null(writer);
	const struct record *const order[] = {&small, &big, &small, &big, &small};
	size_t ends[6] = {0};
	for (size_t i = 0; i < 5; i++) {
		CHECK(json_format.session(writer, order[i]) == 0);
		fflush(out);
		ends[i + 1] = len;
	}
	CHECK(ends[2] - ends[1] > 1 << 20);
	CHECK(ends[1] == ends[3] - ends[2] && memcmp(text, text + ends[2], ends[1]) == 0);
	CHECK(ends[1] == ends[5] - ends[4] && memcmp(text, text + ends[4], ends[1]) == 0);
	CHECK(ends[2] - ends[1] == ends[4] - ends[3] && memcmp(text + ends[1], text + ends[3], ends[2] - ends[1]) == 0);
	text[ends[2]] = '\0';
	keep_for_schema_check(text);
	json_format.destroy(writer);
	fclose(out);
	free(text);
	record_finish(&small);
	record_finish(&big);
}

static void test_times(void **state) {
	(void)state;
	static const struct {
		int64_t start_ns, entry_ns;
		const char *start, *entry, *ms;
	} rows[] = {
		{INT64_C(1795588880123456000), INT64_C(1795588881000000000), "2026-11-25T06:41:20.123456Z",
			"2026-11-25T06:41:21.000000Z", "876.544"},
		{INT64_C(1795588880123456000), INT64_C(1795588881000000001), "2026-11-25T06:41:20.123456000Z",
			"2026-11-25T06:41:21.000000001Z", "876.544"},
		{0, 999, "1970-01-01T00:00:00.000000000Z", "1970-01-01T00:00:00.000000999Z", "0.000"},
		{0, -1000000, "1970-01-01T00:00:00.000000Z", "1969-12-31T23:59:59.999000Z", "-1.000"},
		{INT64_C(951782399000000000), INT64_C(951782400000000000), "2000-02-28T23:59:59.000000Z",
			"2000-02-29T00:00:00.000000Z", "1000.000"},
		{INT64_C(4294967295999999000), INT64_C(4294967296000000000), "2106-02-07T06:28:15.999999Z",
			"2106-02-07T06:28:16.000000Z", "0.001"},
		{0, INT64_MAX, "1970-01-01T00:00:00.000000000Z", "2262-04-11T23:47:16.854775807Z", "9223372036854.775"},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct record record;
		record_init(&record);
		struct script script = script_start(&record);
		script.time_ns = rows[i].start_ns;
		script_open(&script);
		script.time_ns = rows[i].entry_ns - SCRIPT_STEP_NS;
		script_run(&script, "anomaly 1 0");
		script.time_ns = rows[i].start_ns - SCRIPT_STEP_NS;
		script_run(&script, "greet 220; close fin");
		record.close.last.time_ns = rows[i].start_ns;
		record.timeline[record.timeline_count - 1].at.time_ns = rows[i].start_ns;
		struct json_object *object = document(&record, WRITER_USERS_KEEP);
		const struct expectation expectations[] = {{"/start", rows[i].start}, {"/timeline/1/time", rows[i].entry},
			{"/timeline/1/ms", rows[i].ms}, {NULL, NULL}};
		expect(object, expectations);
		json_object_put(object);
		record_finish(&record);
	}
}

static void test_endpoints(void **state) {
	(void)state;
	struct record record;
	record_init(&record);
	struct script script = script_start(&record);
	script.open.client = (struct stream_endpoint){6, {0x20, 0x01, 0x0d, 0xb8, [15] = 0x10}, 65535};
	script.open.server = (struct stream_endpoint){6, {0}, 0};
	script.open.vlan_count = 2;
	script.open.vlan[0] = 100;
	script.open.vlan[1] = 4094;
	script.open.roles_guessed = true;
	script.record->dropped_by_kernel = 12;
	script_run(&script, "close fin");
	struct json_object *object = document(&record, WRITER_USERS_KEEP);
	static const struct expectation expectations[] = {
		{"/client", "{\"ip\":\"2001:db8::10\",\"port\":65535,\"vlan\":[100,4094]}"},
		{"/server", "{\"ip\":\"::\",\"port\":0,\"vlan\":[100,4094]}"},
		{"/blind/roles_guessed", "true"},
		{"/blind/dropped_by_kernel", "12"},
		{NULL, NULL},
	};
	expect(object, expectations);
	json_object_put(object);
	record_finish(&record);
}

static void test_withheld(void **state) {
	(void)state;
	struct record record;
	record_init(&record);
	struct script script = script_start(&record);
	script_open(&script);
	const struct slice line = {"text", 4};
	script_event(&script,
		(struct event){
			.kind = EVENT_COMMAND, .from = STREAM_CLIENT, .command = {.id = 1, .argument_withheld = true}});
	script_event(&script, (struct event){.kind = EVENT_REPLY,
				      .from = STREAM_SERVER,
				      .reply = {.code = 500,
					      .lines = &line,
					      .line_count = 1,
					      .lines_over_limit = 3,
					      .incomplete = true,
					      .answers = EVENT_ANSWERS_COMMAND,
					      .command = 1,
					      .latency_ns = 0}});
	script_event(
		&script, (struct event){.kind = EVENT_COMMAND,
				 .from = STREAM_CLIENT,
				 .command = {.id = 2, .name = {"XYZ", 3}, .argument_withheld = true, .pipelined = true}});
	script_event(&script,
		(struct event){.kind = EVENT_REPLY,
			.from = STREAM_SERVER,
			.reply = {.code = 334, .text_withheld = true, .answers = EVENT_ANSWERS_AUTH, .latency_ns = 1}});
	script_run(&script, "close fin");
	struct json_object *object = document(&record, WRITER_USERS_KEEP);
	static const struct expectation expectations[] = {
		{"/timeline/1/verb", "null"},
		{"/timeline/1/withheld", "true"},
		{"/timeline/2/answers", "null"},
		{"/timeline/2/incomplete", "true"},
		{"/timeline/2/lines_over_limit", "3"},
		{"/timeline/2/latency_ms", "0.000"},
		{"/timeline/3/verb", "XYZ"},
		{"/timeline/3/argument", "absent"},
		{"/timeline/3/argument_withheld", "true"},
		{"/timeline/3/pipelined", "true"},
		{"/timeline/4/text", "[]"},
		{"/timeline/4/text_withheld", "true"},
		{NULL, NULL},
	};
	expect(object, expectations);
	json_object_put(object);
	record_finish(&record);
}

static void test_findings(void **state) {
	(void)state;
	static const char *const attack[] = {"T1110.001", "T1110", NULL};
	struct finding last = {.id = "capture-loss",
		.severity = FINDING_INFO,
		.title = "Loss",
		.explanation = {"Some.", 5},
		.accepted = -1};
	struct finding first = {.id = "mail-without-auth",
		.severity = FINDING_HIGH,
		.title = "Mail without AUTH",
		.explanation = {"It said \"no\".", 13},
		.frames = {3, 5},
		.frame_count = 2,
		.attack = attack,
		.accepted = 1,
		.next = &last};
	struct record record;
	record_init(&record);
	struct script script = script_start(&record);
	script_run(&script, "close fin");
	record.findings = &first;
	struct json_object *object = document(&record, WRITER_USERS_KEEP);
	static const struct expectation expectations[] = {
		{"/findings/0", "{\"id\":\"mail-without-auth\",\"severity\":\"high\",\"title\":\"Mail without AUTH\","
				"\"explanation\":\"It said "
				"\\\"no\\\".\",\"frames\":[3,5],\"attack\":[\"T1110.001\",\"T1110\"],\"accepted\":true}"},
		{"/findings/1", "{\"id\":\"capture-loss\",\"severity\":\"info\",\"title\":\"Loss\",\"explanation\":\"Some."
				"\",\"frames\":[]}"},
		{NULL, NULL},
	};
	expect(object, expectations);
	json_object_put(object);
	record_finish(&record);
}

static void test_statistics(void **state) {
	(void)state;
	static const struct writer_reason reasons[] = {{"arp", 12}, {"ipv4-fragment", UINT64_MAX}};
	const struct writer_statistics statistics = {.frames = 1,
		.bytes = 2,
		.segments = 3,
		.not_understood = 4,
		.reasons = reasons,
		.reason_count = 2,
		.connections = 5,
		.sessions = 6,
		.gaps = 7,
		.gap_bytes = 8,
		.evictions = 9,
		.failures_not_told = 10};
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	struct writer *writer = json_format.create(&(struct writer_options){.width = 0}, out);
	assert_non_null(writer);
	CHECK(json_format.end(writer, &statistics) == 0);
	json_format.destroy(writer);
	fclose(out);
	CHECK(strcmp(text,
		      "{\"type\":\"statistics\",\"schema\":1,\"frames\":1,\"bytes\":2,\"segments\":3,\"not_understood\":4,"
		      "\"connections\":5,\"sessions\":6,\"gaps\":7,\"gap_bytes\":8,\"evictions\":9,\"failures_not_told\":10,"
		      "\"reasons\":{\"arp\":12,\"ipv4-fragment\":18446744073709551615}}\n") == 0);
	keep_for_schema_check(text);
	free(text);
}

/* A full disk is told, not swallowed. */
static void test_write_error(void **state) {
	(void)state;
	struct record record;
	record_init(&record);
	struct script script = script_start(&record);
	script_run(&script, long_session);
	FILE *out = fopen("/dev/full", "w");
	if (out == NULL)
		skip();
	struct writer *writer = json_format.create(&(struct writer_options){.width = 0}, out);
	assert_non_null(writer);
	int status = 0;
	for (size_t i = 0; i < 100 && status == 0; i++)
		status = json_format.session(writer, &record);
	CHECK(status == -ENOSPC);
	const struct writer_statistics statistics = {.frames = 1};
	CHECK(json_format.end(writer, &statistics) == -ENOSPC);
	json_format.destroy(writer);
	json_format.destroy(NULL);
	fclose(out);
	record_finish(&record);
}

static void test_formats(void **state) {
	(void)state;
	CHECK(writer_find("json") == &json_format);
	CHECK(writer_find("nonesuch") == NULL);
	size_t count = 0;
	for (const struct writer_format *const *format = writer_formats(); *format != NULL; format++, count++)
		assert_ptr_equal(writer_find((*format)->name), *format);
	CHECK(count > 0);
}

/* Checks that do not run prove nothing. */
static void test_all_ran(void **state) {
	(void)state;
	assert_int_equal(checks, 1441);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_other_sessions),
		cmocka_unit_test(test_users),
		cmocka_unit_test(test_users_in_findings),
		cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_reuse),
		cmocka_unit_test(test_times),
		cmocka_unit_test(test_endpoints),
		cmocka_unit_test(test_withheld),
		cmocka_unit_test(test_findings),
		cmocka_unit_test(test_statistics),
		cmocka_unit_test(test_write_error),
		cmocka_unit_test(test_formats),
		cmocka_unit_test(test_all_ran),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
