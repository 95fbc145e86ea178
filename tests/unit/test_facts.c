/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * report/facts.c and report/facts_document.c: the same facts whichever way they come, and nothing that packed bytes or a
 * document could say does harm.
 */
#include "event_script.h"
#include "facts_check.h"

static size_t checks;

#define CHECK(condition) (checks++, assert_true(condition))

static struct document_reader *reader;

/* splitmix64: the same numbers in each run */
static uint64_t random_state;

static uint64_t random_number(uint64_t below) {
	uint64_t z = (random_state += UINT64_C(0x9e3779b97f4a7c15));
	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return (z ^ (z >> 31)) % below;
}

static struct record *run(struct record *record, const char *text) {
	record_init(record);
	struct script script = script_start(record);
	script_run(&script, text);
	return record;
}

static bool is(struct slice text, const char *expected) {
	bool same = text.len == strlen(expected) && memcmp(text.data, expected, text.len) == 0;
	if (!same)
		print_error("is \"%.*s\", expected \"%s\"\n", (int)text.len, text.data, expected);
	return same;
}

static const char *const scripts[] = {
	"close refused",
	"close unanswered",
	"close unreachable",
	"close fin",
	"greet 554 no; close fin",
	"greet 220; helo 250; mail no 250 a@example.org; rcpt 250 b@example.net; data 354; body 250; end accepted; close "
	"fin",
	"greet 220; ehlo 250 PIPELINING|AUTH PLAIN LOGIN|STARTTLS; auth LOGIN rejected 535; auth CRAM-MD5 accepted 235; "
	"mail yes 250 "
	"a@example.org; rcpt 550 b@example.net; rcpt 250 c@example.net; data 354; body 250; end accepted; quit 221; close "
	"fin",
	"greet 220; ehlo-cut 250 PIPELINING; mail unknown 250; rcpt 0 b@example.net; data 451; end rejected; close "
	"reset-by-client",
	"greet 220; lhlo 250 PIPELINING; mail no 250; rcpt 250 a@b; rcpt 250 c@d; data 354; body 250 1; body 450 2; end "
	"accepted; close "
	"idle-timeout",
	"greet 220; ehlo 250 STARTTLS; starttls 220; tls; close capture-ended",
	"greet 220; ehlo 250 STARTTLS; starttls 220; tls decrypted; tls-ehlo 250 AUTH PLAIN; auth PLAIN accepted 235; close "
	"capture-ended",
	"tls implicit; close fin",
	"midstream; lost-mail; rcpt 250 a@b; data 354; gap client 100; body 250; end accepted; gap server 9; lost; reply "
	"250; busy; close "
	"evicted one-sided",
	"greet 220; ehlo 250; orphan-auth rejected; auth PLAIN no-end 0; auth PLAIN cancelled 501; auth PLAIN unknown 0; "
	"close fin",
	"greet 220; ehlo 250; mail no 250; rcpt 250 a@b; bdat 250; end accepted; mail no 0; end unknown; mail no 250; end "
	"aborted; close "
	"reset-by-server",
};

static void test_ways_agree(void **state) {
	(void)state;
	struct record record;
	for (size_t i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++) {
		CHECK(same_facts(run(&record, scripts[i]), reader));
		record.close.mailbox =
			(struct stream_mailbox){.pop3 = 3, .imap = i % 2, .last_ns = record.close.last.time_ns - 123000};
		CHECK(same_facts(&record, reader));
		record_finish(&record);
	}
}

/* Whatever there is in the record's texts and numbers. */

static struct slice random_text(struct record *record) {
	static const char *const pieces[] = {"a", " ", "mail", "\"", "\\", "\n", "\0", "\xc3\xa9", "\xe3\x81\x82",
		"\xf0\x9f\x93\xa7", "\xff", "\xc3", "\xe3\x81", "\xf0\x9f\x93", "\xed\xa0\x80", "\xc0\x80", "\xe2\x80\xae",
		"\x7f", "/", "Postfix"};
	static const size_t maxima[] = {0, 1, 5, 60, 1030, 3000};
	size_t max = maxima[random_number(sizeof(maxima) / sizeof(maxima[0]))];
	char text[3100];
	size_t len = 0;
	while (len < max) {
		const char *piece = pieces[random_number(sizeof(pieces) / sizeof(pieces[0]))];
		size_t piece_len = *piece == '\0' ? 1 : strlen(piece);
		memcpy(text + len, piece, piece_len);
		len += piece_len;
	}
	return (struct slice){arena_copy(&record->arena, text, len), len};
}

static struct stream_moment random_moment(const struct record *record) {
	return (struct stream_moment){
		record->open.first.time_ns + (int64_t)random_number(1000000000000) - 1000, random_number(1 << 20)};
}

static void shuffle_reply(struct record *record, struct record_reply *reply) {
	if (!reply->seen)
		return;
	reply->code = (uint16_t)(200 + random_number(400));
	reply->at = random_moment(record);
	reply->enhanced = random_text(record);
	reply->line_count = random_number(4);
	struct slice *lines = arena_alloc(&record->arena, 4 * sizeof(*lines));
	for (size_t i = 0; i < reply->line_count; i++)
		lines[i] = random_text(record);
	reply->lines = lines;
}

static void shuffle(struct record *record) {
	record->open.first.time_ns = (int64_t)random_number(INT64_C(8000000000000000000)) - INT64_C(1000000000000000000);
	record->close.last = random_moment(record);
	record->close.mailbox = (struct stream_mailbox){(uint32_t)random_number(3), (uint32_t)random_number(3), 0};
	record->close.mailbox.last_ns = random_moment(record).time_ns;
	record->client_name = random_text(record);
	record->server_name = random_text(record);
	shuffle_reply(record, &record->greeting);
	record->banner = record->greeting.seen ? random_text(record) : (struct slice){NULL, 0};
	record->clear.at = random_moment(record);
	for (size_t i = 0; i < record->clear.line_count; i++)
		record->clear.lines[i] = random_text(record);
	for (struct record_attempt *attempt = record->attempts; attempt != NULL; attempt = attempt->next) {
		attempt->mechanism = random_text(record);
		attempt->username = random_text(record);
		attempt->result = (enum event_auth_result)random_number(4);
		attempt->at = random_moment(record);
		shuffle_reply(record, &attempt->reply);
	}
	for (struct record_mail *mail = record->mails; mail != NULL; mail = mail->next) {
		mail->from = random_text(record);
		mail->result = (enum event_mail_result)random_number(4);
		mail->at = random_moment(record);
		shuffle_reply(record, &mail->reply);
		shuffle_reply(record, &mail->data_reply);
		shuffle_reply(record, &mail->body_reply);
		for (struct record_recipient *recipient = mail->recipients; recipient != NULL; recipient = recipient->next) {
			recipient->to = random_text(record);
			recipient->at = random_moment(record);
			shuffle_reply(record, &recipient->reply);
		}
	}
}

static void test_ways_agree_on_anything(void **state) {
	(void)state;
	struct record record;
	random_state = 1;
	for (size_t round = 0; round < 40; round++) {
		for (size_t i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++) {
			run(&record, scripts[i]);
			shuffle(&record);
			CHECK(same_facts(&record, reader));
			record_finish(&record);
		}
	}
}

/* Sessions with more of everything than facts keep. */
static void test_what_is_kept(void **state) {
	(void)state;
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	fputs("greet 220; ehlo 250 A", out);
	for (int i = 0; i < 50; i++)
		fprintf(out, "|X%d", i);
	for (int i = 0; i < 40; i++)
		fprintf(out, "; auth PLAIN %s", i == 37 ? "accepted 235" : "rejected 535");
	for (int i = 0; i < 20; i++) {
		fprintf(out, "; mail yes 250 from%d@example.org", i);
		for (int k = 0; k < 10; k++)
			fprintf(out, "; rcpt %d to%d@example.net", i == 15 && k >= 7 ? 550 : 250, k);
		fprintf(out, "; data 354; body %s", i == 18 ? "554; end rejected" : "250; end accepted");
	}
	fputs("; close fin", out);
	fclose(out);
	static struct facts facts;
	struct record record;
	CHECK(same_facts(run(&record, text), reader));
	facts_from_record(&record, &facts);
	CHECK(facts.capability_count == FACTS_CAPABILITIES_MAX && facts.capabilities_seen && !facts.capabilities_complete);
	CHECK(facts.attempts_kept == FACTS_ATTEMPTS_MAX && facts.attempt_count == 40);
	CHECK(facts.attempts[14].result == EVENT_AUTH_REJECTED && facts.attempts[15].result == EVENT_AUTH_ACCEPTED);
	CHECK(facts.attempts[14].time_ns < facts.attempts[15].time_ns);
	CHECK(facts.mails_kept == FACTS_MAILS_MAX && facts.mail_count == 20);
	CHECK(is(facts.mails[0].from, "from15@example.org") && is(facts.mails[1].from, "from18@example.org"));
	CHECK(is(facts.mails[2].from, "from0@example.org") && is(facts.mails[7].from, "from5@example.org"));
	const struct facts_mail *mail = &facts.mails[0];
	CHECK(mail->recipient_count == 10 && mail->recipients_refused == 3 && mail->recipients_accepted == 7);
	CHECK(mail->recipients_kept == FACTS_RECIPIENTS_MAX && is(mail->recipients[0].to, "to7@example.net"));
	CHECK(mail->recipients[2].code == 550 && is(mail->recipients[3].to, "to0@example.net"));
	record_finish(&record);
	free(text);
}

/* Each code, from the reply that decided. */
static void test_deciding_reply(void **state) {
	(void)state;
	static const struct {
		const char *script;
		uint16_t code;
	} rows[] = {
		{"mail no 250; rcpt 250 a@b; data 354; body 250; end accepted; close fin", 250},
		{"mail no 250; rcpt 250 a@b; data 354; body 552; end rejected; close fin", 552},
		{"mail no 250; rcpt 250 a@b; data 451; end rejected; close fin", 451},
		{"mail no 530; end rejected; close fin", 530},
		{"mail no 250; rcpt 550 a@b; end aborted; close fin", 250},
		{"mail no 250; rcpt 250 a@b; data 354; close fin", 250},
		{"mail no 250; rcpt 250 a@b; bdat 503; end rejected; close fin", 503},
		{"mail no 0; close fin", 0},
	};
	static struct facts facts;
	struct record record;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		CHECK(same_facts(run(&record, rows[i].script), reader));
		facts_from_record(&record, &facts);
		if (facts.mails[0].code != rows[i].code)
			print_error("%s: %u\n", rows[i].script, facts.mails[0].code);
		CHECK(facts.mails_kept == 1 && facts.mails[0].code == rows[i].code);
		record_finish(&record);
	}
}

static void test_texts(void **state) {
	(void)state;
	static struct facts facts;
	struct record record;
	run(&record, "greet 220; auth PLAIN rejected 535; close fin");
	struct slice lines[] = {{"first", 5}, {"", 0}, {"sec\xffond", 7}, {"third", 5}};
	record.attempts->reply.lines = lines;
	record.attempts->reply.line_count = 4;
	facts_from_record(&record, &facts);
	CHECK(is(facts.attempts[0].text, "first sec\xef\xbf\xbdond third"));
	char longer[2000];
	memset(longer, 'x', sizeof(longer));
	memcpy(longer + FACTS_TEXT_MAX - 2, "\xe3\x81\x82", 3); /* would be cut in the middle */
	record.banner = (struct slice){longer, sizeof(longer)};
	facts_from_record(&record, &facts);
	CHECK(facts.banner.len == FACTS_TEXT_MAX - 2);
	CHECK(same_facts(&record, reader));
	lines[2] = record.banner;
	facts_from_record(&record, &facts);
	CHECK(facts.attempts[0].text.len <= FACTS_TEXT_MAX && facts.attempts[0].text.len > FACTS_TEXT_MAX - 10);
	CHECK(same_facts(&record, reader));
	record_finish(&record);
}

/* ---- Packed bytes ---- */

static void test_packed_back_to_back(void **state) {
	(void)state;
	static struct facts facts, unpacked;
	struct record record;
	struct bytes all = {NULL, 0, 0};
	size_t ends[sizeof(scripts) / sizeof(scripts[0])];
	for (size_t i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++) {
		run(&record, scripts[i]);
		facts_from_record(&record, &facts);
		CHECK(facts_pack(&facts, &all.data, &all.len, &all.capacity) == 0);
		ends[i] = all.len;
		record_finish(&record);
	}
	size_t at = 0;
	for (size_t i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++) {
		at += facts_unpack(all.data + at, all.len - at, &unpacked);
		CHECK(at == ends[i]);
	}
	free(all.data);
}

static void test_packed_extremes(void **state) {
	(void)state;
	static struct facts facts, unpacked;
	static const int64_t times[] = {0, 1, -1, INT64_MAX, INT64_MIN, 1795588880123456789};
	for (size_t i = 0; i < 36; i++) {
		facts = (struct facts){
			.client.ip_version = 4, .server.ip_version = 6, .start_ns = times[i % 6], .end_ns = times[i / 6]};
		facts.first_frame = facts.stream = facts.gaps = UINT64_MAX;
		facts.pop3 = UINT32_MAX;
		facts.client.port = UINT16_MAX;
		struct bytes packed = pack(&facts);
		CHECK(facts_unpack(packed.data, packed.len, &unpacked) == packed.len);
		CHECK(memcmp(&facts, &unpacked, sizeof(facts)) == 0);
		free(packed.data);
	}
}

static void test_cut_bytes(void **state) {
	(void)state;
	static struct facts facts, unpacked;
	struct record record;
	run(&record, scripts[6]);
	facts_from_record(&record, &facts);
	struct bytes packed = pack(&facts);
	CHECK(packed.len < 600);
	for (size_t len = 0; len < packed.len; len++) {
		char *cut = malloc(len > 0 ? len : 1);
		assert_non_null(cut);
		memcpy(cut, packed.data, len);
		CHECK(facts_unpack(cut, len, &unpacked) == 0);
		free(cut);
	}
	free(packed.data);
	record_finish(&record);
}

/* What can be unpacked can be packed again: no field has a value that it cannot have. */
static void test_corrupt_bytes(void **state) {
	(void)state;
	static struct facts facts, unpacked;
	struct record record;
	random_state = 2;
	size_t taken = 0, refused = 0;
	for (size_t round = 0; round < 30000; round++) {
		run(&record, scripts[round % (sizeof(scripts) / sizeof(scripts[0]))]);
		facts_from_record(&record, &facts);
		struct bytes packed = pack(&facts);
		for (size_t changes = 1 + random_number(3); changes > 0; changes--)
			packed.data[random_number(packed.len)] = (char)random_number(256);
		if (facts_unpack(packed.data, packed.len, &unpacked) > 0) {
			struct bytes again = pack(&unpacked);
			CHECK(facts_unpack(again.data, again.len, &facts) == again.len);
			free(again.data);
			taken++;
		} else {
			refused++;
		}
		free(packed.data);
		record_finish(&record);
	}
	CHECK(taken > 1000 && refused > 1000);
}

static int create_reader(void **state) {
	(void)state;
	reader = document_reader_create();
	return reader != NULL ? 0 : -1;
}

static int destroy_reader(void **state) {
	(void)state;
	document_reader_destroy(reader);
	print_message("# %zu checks\n", checks);
	return checks > 10000 ? 0 : -1;
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ways_agree),
		cmocka_unit_test(test_ways_agree_on_anything),
		cmocka_unit_test(test_what_is_kept),
		cmocka_unit_test(test_deciding_reply),
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_packed_back_to_back),
		cmocka_unit_test(test_packed_extremes),
		cmocka_unit_test(test_cut_bytes),
		cmocka_unit_test(test_corrupt_bytes),
	};
	return cmocka_run_group_tests(tests, create_reader, destroy_reader);
}
