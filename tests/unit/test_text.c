/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * report/text.c and report/terminal.c: what reaches the terminal, and how wide it is.
 */
#include <errno.h>
#include <locale.h>
#include <wchar.h>

#include "dialogue.h"
#include "report/diagnosis.h"
#include "report/words.h"
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

static struct output render_all(
	const char *const *dialogues, size_t count, struct writer_options options, const struct diagnosis_report *report) {
	struct output output = {NULL, 0, 0};
	FILE *out = open_memstream(&output.text, &output.len);
	struct writer *writer = text_format.create(&options, out);
	struct dialogue dialogue;
	struct record record;

	assert_non_null(writer);
	record_init(&record);
	for (size_t i = 0; i < count; i++) {
		dialogue_run(&dialogue, &record, dialogues[i]);
		findings_run(&record, words_or_english(options.words));
		output.result |= text_format.session(writer, &record);
		record_reset(&record);
	}
	if (report != NULL)
		output.result |= text_format.diagnoses(writer, report);
	output.result |= text_format.end(writer, &(struct writer_statistics){.frames = 10, .connections = 2});
	text_format.destroy(writer);
	record_finish(&record);
	fclose(out);
	return output;
}

static struct output render(const char *const *dialogues, size_t count, struct writer_options options) {
	return render_all(dialogues, count, options, NULL);
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
	/* In other languages, where a character may take two columns; the locale does not matter. */
	for (const struct words *const *words = words_all() + 1; *words != NULL; words++)
		for (size_t w = 0; w < sizeof(widths) / sizeof(widths[0]); w++)
			for (size_t i = 0; i < sizeof(ordinary) / sizeof(ordinary[0]); i++) {
				struct writer_options options = {.width = widths[w], .words = *words};

				use_locale("C");
				struct output output = render(&ordinary[i], 1, options);
				use_locale("C.UTF-8");
				check_output((*words)->language, &output, widths[w]);
				free(output.text);
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

static void test_japanese(void **state) {
	static const char *const expected[] = {
		" 日時          2026-11-25 06:41:20.123456 UTC · ",
		" クライアント  client.example.org\n",
		" 認証          LOGIN \"sato\" 拒否 (535 5.7.8); PLAIN \"sato\" 拒否 (535 5.7.8)\n",
		"       秒   No.\n",
		"← 220 mail.example.org ESMTP Postfix  サーバーの準備完了\n",
		"→ ****                          ユーザー \"sato\"\n",
		("!   2.017    20  ← 535 5.7.8 Error: authentication failed: UGFzc3dvcmQ6\n"
		 "                     └ 認証を拒否: ユーザー名またはパスワードの誤り(2.00 秒後)\n"),
		"· 正常に切断\n",
		"\n [高]      認証が拒否されました\n",
		"\n 原因候補  メールソフトの",
		"\n 確認事項  サーバーで試す: doveadm auth test USER",
		"\n 画面表示  Outlook",
		"           Outlook 0x800CCC92 (可能性): ",
		"; ATT&CK T1040\n",
		"接続 1 件。メール: 受付 2。認証: 拒否 2。所見: 高 3、中 1、低 1。\n",
	};
	/* Characters that no row may begin with. */
	static const char *const closing[] = {"、", "。", "」", ")", "ー", "っ", "ょ"};
	struct writer_options options = {.width = 80, .words = words_find("ja")};
	struct output output;

	(void)state;
	use_locale("C.UTF-8");
	output = render(ordinary, 1, options);
	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
		if (strstr(output.text, expected[i]) == NULL)
			fprintf(stderr, "missing: %s\nin:\n%s", expected[i], output.text);
		CHECK(strstr(output.text, expected[i]) != NULL);
	}
	for (const char *line = output.text; line != NULL; line = strchr(line + 1, '\n'))
		for (size_t i = 0; i < sizeof(closing) / sizeof(closing[0]); i++)
			CHECK(strncmp(line + 1 + strspn(line + 1, " "), closing[i], strlen(closing[i])) != 0);
	free(output.text);
}

/* The advice on a kind of finding is given once in a run. */
static void test_advice_once(void **state) {
	const char *const twice[] = {ordinary[3], ordinary[3]};
	struct output output;
	const char *first;

	(void)state;
	use_locale("C.UTF-8");
	output = render(twice, 2, (struct writer_options){.width = 80});
	first = strstr(output.text, "\n Likely    ");
	CHECK(first != NULL && strstr(first + 1, "\n Likely    ") == NULL);
	CHECK(strstr(output.text, "\n User sees Outlook 0x800CCC0E: ") != NULL);
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

/* ---- the end ---- */

static const char *const causes[] = {"The gateway is down", "The account was never created"};
static const char *const checks_to_do[] = {"postconf smtpd_sasl_type smtpd_sasl_path"};
static const char *const considered[] = {"A load balancer: its servers would answer in turn"};
static const char *const mechanisms[] = {"PLAIN", "LOGIN"};

/* What is const in a table of literals is not in the struct, which does not change it either. */
static const char **strings(const char *const *list) {
	union {
		const char *const *from;
		const char **to;
	} cast = {.from = list};

	return cast.to;
}

static struct diagnosis_report make_report(const char *text, const char *client, uint64_t number) {
	static struct diagnosis_frame frames[4];
	static struct diagnosis_client_text reads[1];
	static struct diagnosis diagnosis;
	static struct diagnosis_face faces[2];
	static struct diagnosis_client_row clients[2];
	static struct diagnosis_server_row servers[1];
	static const struct diagnosis *diagnoses[2];
	static const char *texts[1];

	texts[0] = text;
	frames[0] = (struct diagnosis_frame){"a.pcap", 12};
	frames[1] = (struct diagnosis_frame){"a.pcap", 14};
	frames[2] = (struct diagnosis_frame){"b.pcap", 3};
	frames[3] = (struct diagnosis_frame){text, number};
	reads[0] = (struct diagnosis_client_text){"Outlook", "0x800CCC92", text, "low"};
	diagnosis = (struct diagnosis){.id = "auth-fails-on-one-face",
		.severity = FINDING_HIGH,
		.title = text,
		.explanation = text,
		.causes = strings(causes),
		.cause_count = 2,
		.checks = strings(checks_to_do),
		.check_count = 1,
		.considered = strings(considered),
		.considered_count = 1,
		.reads = reads,
		.read_count = 1,
		.first_ns = DIALOGUE_START_NS,
		.last_ns = DIALOGUE_START_NS + 3600 * INT64_C(1000000000),
		.session_count = number,
		.frames = frames,
		.frames_kept = 4,
		.filter = "tcp.port == 587 && ip.addr == 192.0.2.1"};
	diagnoses[0] = diagnoses[1] = &diagnosis;
	faces[0] = (struct diagnosis_face){.banner = "gateway.example.org ESMTP",
		.first_ns = DIALOGUE_START_NS,
		.last_ns = DIALOGUE_START_NS,
		.sessions = 1};
	faces[1] = (struct diagnosis_face){.banner = text,
		.software = "Postfix",
		.auth = strings(mechanisms),
		.auth_count = 2,
		.first_ns = DIALOGUE_START_NS,
		.last_ns = INT64_MAX,
		.sessions = number,
		.logins_accepted = number,
		.logins_rejected = 1};
	clients[0] = (struct diagnosis_client_row){
		.client = "192.0.2.22", .name = text, .users = texts, .users_kept = 1, .user_count = number, .pop3 = 3};
	clients[1] = (struct diagnosis_client_row){.client = client,
		.attempts = number,
		.accepted = number,
		.rejected = number,
		.without_auth = number,
		.mails_accepted = number,
		.mails_refused = number,
		.failed_connections = number};
	servers[0] = (struct diagnosis_server_row){.server = {.ip_version = 4, .address = {192, 0, 2, 1}, .port = 587},
		.sessions = number,
		.failed_connections = number,
		.faces = faces,
		.face_count = 2};
	return (struct diagnosis_report){.diagnoses = diagnoses,
		.diagnosis_count = 2,
		.clients = clients,
		.client_count = 2,
		.clients_total = number,
		.servers = servers,
		.server_count = 1,
		.servers_total = 1,
		.sessions = number,
		.duplicates = 2,
		.assumptions = texts,
		.assumption_count = 1};
}

/* One diagnosis while it lasts: its state stands above it, and what is over has no advice. */
static void test_states(void **state) {
	(void)state;
	static const struct {
		enum diagnosis_state state;
		const char *language, *heading;
		bool advice;
	} rows[] = {
		{DIAGNOSIS_STATE_NEW, "en", "New", true},
		{DIAGNOSIS_STATE_UPDATED, "en", "Changed", true},
		{DIAGNOSIS_STATE_CLOSED, "en", "Over", false},
		{DIAGNOSIS_STATE_NEW, "ja", "新しい診断", true},
	};
	const struct diagnosis_report report = make_report("Logins fail", "192.0.2.23", 7);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *text = NULL;
		size_t len = 0;
		struct diagnosis diagnosis = *report.diagnoses[0];
		FILE *out = open_memstream(&text, &len);
		assert_non_null(out);
		struct writer *writer = text_format.create(&(struct writer_options){.words = words_find(rows[i].language)}, out);
		assert_non_null(writer);
		diagnosis.state = rows[i].state;
		assert_int_equal(text_format.diagnosis(writer, &diagnosis), 0);
		text_format.destroy(writer);
		fclose(out);
		assert_non_null(strstr(text, rows[i].heading));
		assert_non_null(strstr(text, "Logins fail"));
		assert_true((strstr(text, "postconf smtpd_sasl_type") != NULL) == rows[i].advice);
		free(text);
	}
}

/* Too many of a kind: the report says how many there are besides. */
static void test_left_out(void **state) {
	(void)state;
	struct diagnosis_report report = make_report("Logins fail", "192.0.2.23", 7);
	struct diagnosis diagnosis = *report.diagnoses[0];
	const struct diagnosis *list[] = {&diagnosis, &diagnosis};
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	assert_non_null(out);
	struct writer *writer = text_format.create(&(struct writer_options){.words = words_find("en")}, out);
	assert_non_null(writer);
	report.diagnoses = list;
	report.left_out = diagnosis.left_out = 1234;
	assert_int_equal(text_format.diagnoses(writer, &report), 0);
	text_format.destroy(writer);
	fclose(out);
	const char *told = strstr(text, " more of auth-fails-on-one-face");
	assert_non_null(told);
	assert_null(strstr(told + 1, " more of auth-fails-on-one-face")); /* once for each kind */
	free(text);
}

static void test_report(void **state) {
	static const char *const expected[] = {
		"\n── Diagnosis ─────",
		"\n HIGH      Logins fail\n           Logins fail\n Likely    The gateway is down\n           The account "
		"was never "
		"created\n Check     postconf smtpd_sasl_type smtpd_sasl_path\n User sees Outlook 0x800CCC92, perhaps: "
		"Logins "
		"fail\n Not       A load balancer: its servers would answer in turn\n Seen      2026-11-25 06:41:20 to "
		"2026-11-25 07:41:20 UTC, 7 sessions\n Evidence  a.pcap:12, 14, b.pcap:3, Logins fail:7\n Wireshark "
		"tcp.port == "
		"587 && ip.addr == 192.0.2.1\n           auth-fails-on-one-face\n",
		"\n── Clients ───",
		"                   logins    ok  rejected  no login  mails ok  refused  no conn.\n"
		" 192.0.2.22             0     0         0         0         0        0         0\n"
		"   Logins fail, users Logins fail and 6 more, mailbox: 3 POP3, 0 IMAP\n"
		" 192.0.2.23             7     7         7         7         7        7         7\n and 5 more\n",
		"\n── Servers ───",
		" 192.0.2.1:587  7 sessions, 7 never connected\n   unknown: \"gateway.example.org ESMTP\"; no AUTH\n     "
		"2026-11-25 "
		"06:41:20 to 2026-11-25 06:41:20 UTC, 1 session\n   Postfix: \"Logins fail\"; AUTH PLAIN LOGIN\n",
		"logins: 7\n     accepted, 1 rejected\n",
		"\n── Assumed ───",
		"\n Logins fail\n 2 duplicates were left out.\n",
	};
	struct diagnosis_report report = make_report("Logins fail", "192.0.2.23", 7);
	struct output output;

	(void)state;
	use_locale("C.UTF-8");
	output = render_all(ordinary, 1, (struct writer_options){.width = 80}, &report);
	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
		if (strstr(output.text, expected[i]) == NULL)
			fprintf(stderr, "missing: %s\nin:\n%s", expected[i], output.text);
		CHECK(strstr(output.text, expected[i]) != NULL);
	}
	free(output.text);

	/* One session that says all of itself has no summary. */
	report.sessions = 1;
	report.diagnosis_count = 0;
	output = render_all(ordinary, 1, (struct writer_options){.width = 80}, &report);
	CHECK(strstr(output.text, "Diagnosis") == NULL && strstr(output.text, "Clients") == NULL);
	free(output.text);
	report.sessions = 2;
	output = render_all(ordinary, 1, (struct writer_options){.width = 80}, &report);
	CHECK(strstr(output.text, "Nothing that the sessions say together calls for action.") != NULL);
	free(output.text);
}

/* Whatever the report holds, it keeps to the width and to what a terminal may be shown. */
static void test_report_hostile(void **state) {
	static const int widths[] = {60, 80, 200};
	static const char *const clients[] = {"192.0.2.22", "2001:db8:1111:2222:3333:4444:5555:6666"};
	char text[sizeof(evil) * 8] = "";

	(void)state;
	for (int i = 0; i < 8; i++)
		strcat(text, i % 2 == 0 ? evil : " \033[31m\r日本語日本語\n");
	for (const struct words *const *words = words_all(); *words != NULL; words++)
		for (size_t w = 0; w < sizeof(widths) / sizeof(widths[0]); w++)
			for (size_t i = 0; i < 2; i++) {
				struct diagnosis_report report = make_report(text, clients[i], i == 0 ? 7 : 1234567);
				struct writer_options options = {.width = widths[w], .words = *words};

				use_locale("C.UTF-8");
				struct output output = render_all(ordinary, 1, options, &report);
				check_output("hostile report", &output, widths[w]);
				free(output.text);
			}
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
	assert_int_equal(checks, 4681);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_terminal_text),
		cmocka_unit_test(test_width),
		cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_colour),
		cmocka_unit_test(test_content),
		cmocka_unit_test(test_japanese),
		cmocka_unit_test(test_advice_once),
		cmocka_unit_test(test_users),
		cmocka_unit_test(test_states),
		cmocka_unit_test(test_left_out),
		cmocka_unit_test(test_report),
		cmocka_unit_test(test_report_hostile),
		cmocka_unit_test(test_write_error),
		cmocka_unit_test(test_all_ran),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
