/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * report/words.c, its catalogues and tables, and report/client_text.c: nothing is missing, and every place is filled.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/client_text.h"
#include "report/words_tables.h"

static size_t checks;

#define CHECK(condition) (checks++, assert_true(condition))

/* For checks on a text: says which. */
#define CHECK_TEXT(condition, words, id)                                                                                    \
	do {                                                                                                                \
		if (!(condition))                                                                                           \
			print_error("%s, %s: \"%s\"\n", (words)->language, words_name(id), words_get(words, id));           \
		CHECK(condition);                                                                                           \
	} while (0)

static bool is_listed(enum words_id id, const enum words_id *list, size_t count) {
	for (size_t i = 0; i < count; i++)
		if (list[i] == id)
			return true;
	return false;
}

#define IS_LISTED(id, list) is_listed(id, list, sizeof(list) / sizeof((list)[0]))

/* ---- the catalogues ---- */

static void test_complete(void **state) {
	(void)state;
	for (const struct words *const *words = words_all(); *words != NULL; words++)
		for (size_t id = 0; id < WORDS_COUNT; id++) {
			if ((*words)->texts[id] == NULL)
				print_error("%s has no %s\n", (*words)->language, words_name((enum words_id)id));
			CHECK((*words)->texts[id] != NULL);
		}
	CHECK(strcmp(words_all()[0]->language, "en") == 0);
}

enum { PLACES_MAX = 12 };

struct places {
	char names[PLACES_MAX][32];
	size_t count;
};

static bool has_place(const struct places *places, const char *name) {
	for (size_t i = 0; i < places->count; i++)
		if (strcmp(places->names[i], name) == 0)
			return true;
	return false;
}

/* Returns false when a place is not well-formed: {name} or {name:one|many}. */
static bool find_places(const char *text, struct places *ret_places) {
	ret_places->count = 0;
	for (const char *at = text; (at = strchr(at, '{')) != NULL; at++) {
		size_t name = strspn(at + 1, "abcdefghijklmnopqrstuvwxyz0123456789"), len = strcspn(at + 1, "{}");
		char *place;

		if (at[1] == '{') {
			at++;
			continue;
		}
		if (name == 0 || name > 31 || at[1 + len] != '}' || (name != len && at[1 + name] != ':'))
			return false;
		if (name != len && (memchr(at + 1, '|', len) == NULL || at[len] == '|' || at[2 + name] == '|'))
			return false;
		place = ret_places->names[ret_places->count];
		snprintf(place, 32, "%.*s", (int)name, at + 1);
		if (!has_place(ret_places, place) && ++ret_places->count == PLACES_MAX)
			return false;
	}
	return true;
}

static void test_places(void **state) {
	const struct words *english = words_all()[0];

	(void)state;
	for (const struct words *const *words = words_all(); *words != NULL; words++)
		for (enum words_id id = 0; id < WORDS_COUNT; id++) {
			struct places here, there;

			CHECK_TEXT(find_places(words_get(english, id), &there), english, id);
			CHECK_TEXT(find_places(words_get(*words, id), &here), *words, id);
			/* Neither a value that nobody gives, nor one that is not told. */
			for (size_t i = 0; i < here.count; i++)
				CHECK_TEXT(has_place(&there, here.names[i]), *words, id);
			for (size_t i = 0; i < there.count; i++)
				CHECK_TEXT(has_place(&here, there.names[i]), *words, id);
		}
}

static void test_characters(void **state) {
	static const enum words_id end_blank[] = {
		WORDS_LIST_COMMA, WORDS_LIST_LAST, WORDS_SENTENCES_JOIN, WORDS_FINDING_CAPTURE_LOSS_OR};

	(void)state;
	for (const struct words *const *words = words_all(); *words != NULL; words++)
		for (enum words_id id = 0; id < WORDS_COUNT; id++) {
			const char *text = words_get(*words, id);
			size_t len = strlen(text);
			bool shown_as_is = true;

			for (size_t at = 0; at < len;) {
				char shown[TERMINAL_SHOWN_MAX];
				size_t columns, used = terminal_character(text + at, len - at, false, shown, &columns);

				shown_as_is &= strlen(shown) == used && memcmp(shown, text + at, used) == 0 && columns > 0;
				at += used;
			}
			CHECK_TEXT(shown_as_is, *words, id);
			/* English is what is left where there is only ASCII: only the ellipsis has an ASCII form. */
			for (const char *at = text; *at != 0 && *words == words_all()[0]; at++)
				CHECK_TEXT((unsigned char)*at < 0x80 || strncmp(at, "…", 3) == 0 ||
						   (at > text && strncmp(at - 1, "…", 3) == 0) ||
						   (at > text + 1 && strncmp(at - 2, "…", 3) == 0),
					*words, id);
			CHECK_TEXT(IS_LISTED(id, end_blank) || (len > 0 && text[len - 1] != ' '), *words, id);
			CHECK_TEXT(id == WORDS_SENTENCES_JOIN || strstr(text, "  ") == NULL, *words, id);
		}
}

/* What is the same in all languages: names, numbers, commands to type. Anything else was forgotten. */
static void test_translated(void **state) {
	static const enum words_id same[] = {WORDS_DIAGNOSIS_RELAY_BY_ADDRESS_CHECK_1, WORDS_DIAGNOSIS_OPEN_RELAY_CHECK_1,
		WORDS_FINDING_SERVER_BUSY_CHECK_1, WORDS_FINDING_MAIL_REFUSED_CHECK_2, WORDS_REPLY_WITH_DETAILS,
		WORDS_TEXT_LABEL_TLS, WORDS_TEXT_ATTEMPT, WORDS_TEXT_LABEL_FILTER, WORDS_TEXT_READS,
		WORDS_TEXT_READS_NO_CODE, WORDS_TEXT_FACE_AUTH};
	const struct words *english = words_all()[0];

	(void)state;
	for (const struct words *const *words = words_all() + 1; *words != NULL; words++)
		for (enum words_id id = 0; id < WORDS_COUNT; id++)
			CHECK_TEXT((strcmp(words_get(*words, id), words_get(english, id)) == 0) == IS_LISTED(id, same),
				*words, id);
}

/* ---- finding one and filling it ---- */

static void test_find(void **state) {
	static const struct {
		const char *language, *found;
	} rows[] = {{"en", "en"}, {"ja", "ja"}, {"ja_JP.UTF-8", "ja"}, {"ja-JP", "ja"}, {"en_GB@euro", "en"}, {"jav", NULL},
		{"de", NULL}, {"", NULL}, {"C", NULL}};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct words *words = words_find(rows[i].language);

		CHECK((words == NULL) == (rows[i].found == NULL));
		CHECK(words == NULL || strcmp(words->language, rows[i].found) == 0);
	}
}

static void test_locale(void **state) {
	static const struct {
		const char *all, *messages, *lang, *found;
	} rows[] = {
		{NULL, NULL, NULL, "en"},
		{NULL, NULL, "ja_JP.UTF-8", "ja"},
		{NULL, NULL, "ja_JP.utf8", "ja"},
		{NULL, NULL, "ja_JP.eucJP", "en"}, /* what we write is UTF-8 */
		{NULL, NULL, "ja_JP", "en"},
		{"C", NULL, "ja_JP.UTF-8", "en"},
		{"C.UTF-8", NULL, "ja_JP.UTF-8", "en"},
		{"", "ja_JP.UTF-8", "C", "ja"},
		{"ja_JP.UTF-8", "en_US.UTF-8", "C", "ja"},
		{NULL, "de_DE.UTF-8", "ja_JP.UTF-8", "en"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *const names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
		const char *const values[] = {rows[i].all, rows[i].messages, rows[i].lang};

		for (size_t j = 0; j < 3; j++)
			assert_int_equal(values[j] != NULL ? setenv(names[j], values[j], 1) : unsetenv(names[j]), 0);
		CHECK(strcmp(words_of_locale()->language, rows[i].found) == 0);
	}
}

static void test_add(void **state) {
	static const struct {
		const char *text, *filled;
	} rows[] = {
		{"plain", "plain"},
		{"{name}", "N{x}"},
		{"a {name} b {name}", "a N{x} b N{x}"},
		{"{one:mail|mails}, {many:mail|mails}, {none:mail|mails}", "1 mail, 1,234 mails, 0 mails"},
		{"{many}", "1,234"},
		{"{{name}", "{name}"},
		{"{other} {name}", "{other} N{x}"}, /* shown as it stands */
		{"{name", "{name"},
		{"", ""},
	};
	const char *texts[WORDS_COUNT] = {NULL};
	const struct words words = {.language = "xx", .texts = texts};
	struct terminal_text text;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		texts[WORDS_UNKNOWN] = rows[i].text;
		terminal_text_init(&text, false);
		WORDS_ADD(&text, &words, WORDS_UNKNOWN, words_text("name", "N{x}"), words_count("one", 1),
			words_count("many", 1234), words_count("none", 0));
		if (strcmp(text.data, rows[i].filled) != 0)
			print_error("\"%s\" became \"%s\"\n", rows[i].text, text.data);
		CHECK(strcmp(text.data, rows[i].filled) == 0);
	}
	/* What a catalogue lacks is English. */
	texts[WORDS_UNKNOWN] = NULL;
	CHECK(strcmp(words_get(&words, WORDS_UNKNOWN), "unknown") == 0);
	CHECK(strcmp(words_name(WORDS_UNKNOWN), "UNKNOWN") == 0);
}

/* ---- the tables ---- */

static void mark_used(bool *used, const enum words_id *ids, size_t count) {
	CHECK(count > 0);
	for (size_t i = 0; i < count; i++) {
		CHECK(!used[ids[i]]);
		used[ids[i]] = true;
	}
}

/* Every cause and every check is in one row of the tables, so that none is forgotten when one is added. */
static void test_tables(void **state) {
	bool used[WORDS_COUNT] = {false};
	size_t count = 0;

	(void)state;
	for (const struct words_advice *row; (row = words_advice_diagnosis_at(count)) != NULL; count++) {
		CHECK(words_advice_of_diagnosis(row->id) == row);
		CHECK(row->explanation < WORDS_COUNT);
		mark_used(used, row->causes, row->cause_count);
		mark_used(used, row->checks, row->check_count);
	}
	CHECK(count == 13);
	for (count = 0; words_advice_finding_at(count) != NULL; count++) {
		const struct words_advice *row = words_advice_finding_at(count);

		CHECK(words_advice_of_finding(row->id) == row);
		mark_used(used, row->causes, row->cause_count);
		mark_used(used, row->checks, row->check_count);
	}
	CHECK(count == 50);
	CHECK(words_advice_of_diagnosis("mail-refused") == NULL && words_advice_of_finding("server-changed") == NULL);
	for (enum words_id id = 0; id < WORDS_COUNT; id++) {
		const char *name = words_name(id);

		if (strstr(name, "_CAUSE_") == NULL && strstr(name, "_CHECK_") == NULL)
			continue;
		if (!used[id])
			print_error("%s is in no table\n", name);
		CHECK(used[id]);
	}
}

/* The places that the texts of a diagnosis may have: those that report/words_ids.h promises. */
static const struct {
	const char *id, *places;
} diagnosis_places[] = {
	{"server-changed", "server before after when until changes"},
	{"server-alternates", "server count"},
	{"auth-fails-on-one-face", "server users unaffected before after when until code mailbox"},
	{"client-stopped-authenticating", "client user server when until mails outcome"},
	{"relay-by-address", "client server mails"},
	{"open-relay", "client server recipient"},
	{"port-blocked", "network from until kinds attempts servers works"},
	{"service-down", "server from until attempts how"},
	{"brute-force", "client server attempts users success"},
	{"password-spray", "client server attempts users success"},
	{"starttls-stripped", "server clients before"},
	{"greylist-not-retried", "client server recipient"},
	{"greylisted-then-delivered", "server mails shortest longest"},
};

static void check_places(const struct words *words, enum words_id id, const char *allowed) {
	struct places places;

	CHECK_TEXT(find_places(words_get(words, id), &places), words, id);
	for (size_t i = 0; i < places.count; i++) {
		char name[40], list[128];

		snprintf(name, sizeof(name), " %s ", places.names[i]);
		snprintf(list, sizeof(list), " %s ", allowed);
		CHECK_TEXT(strstr(list, name) != NULL, words, id);
	}
}

static void test_table_places(void **state) {
	(void)state;
	for (const struct words *const *words = words_all(); *words != NULL; words++) {
		for (size_t i = 0; i < sizeof(diagnosis_places) / sizeof(diagnosis_places[0]); i++) {
			const struct words_advice *row = words_advice_of_diagnosis(diagnosis_places[i].id);

			assert_non_null(row);
			check_places(*words, row->title, diagnosis_places[i].places);
			check_places(*words, row->explanation, diagnosis_places[i].places);
			for (size_t j = 0; j < row->cause_count; j++)
				check_places(*words, row->causes[j], diagnosis_places[i].places);
			for (size_t j = 0; j < row->check_count; j++)
				check_places(*words, row->checks[j], diagnosis_places[i].places);
		}
		check_places(
			*words, WORDS_DIAGNOSIS_AUTH_FAILS_ON_ONE_FACE_EXPLANATION_NO_OTHERS, diagnosis_places[2].places);
		for (size_t i = 0; words_advice_finding_at(i) != NULL; i++) {
			const struct words_advice *row = words_advice_finding_at(i);

			check_places(*words, row->title, "");
			for (size_t j = 0; j < row->cause_count; j++)
				check_places(*words, row->causes[j], "server address client port");
			for (size_t j = 0; j < row->check_count; j++)
				check_places(*words, row->checks[j], "server address client port");
		}
	}
}

/* ---- what clients show ---- */

static bool has_text(const struct diagnosis_client_text *texts, size_t count, const char *client, const char *code) {
	for (size_t i = 0; i < count; i++)
		if (strcmp(texts[i].client, client) == 0 &&
			(code == NULL ? texts[i].code == NULL : texts[i].code != NULL && strcmp(texts[i].code, code) == 0))
			return true;
	return false;
}

static void test_client_texts(void **state) {
	static const struct {
		enum client_text_stage stage;
		uint16_t code;
		const char *outlook; /* NULL: must have none of its numbers */
	} rows[] = {
		{CLIENT_TEXT_REFUSED, 0, "0x800CCC0E"},
		{CLIENT_TEXT_UNANSWERED, 0, "0x800CCC0E"},
		{CLIENT_TEXT_SILENT, 0, "0x800CCC19"},
		{CLIENT_TEXT_DROPPED, 0, "0x800CCC0F"},
		{CLIENT_TEXT_GREETING, 421, "0x800CCC67"},
		{CLIENT_TEXT_GREETING, 554, "0x800CCC6F"},
		{CLIENT_TEXT_GREETING, 521, NULL},
		{CLIENT_TEXT_NO_STARTTLS, 0, "0x800CCC7D"},
		{CLIENT_TEXT_STARTTLS, 454, "0x800CCC7F"},
		{CLIENT_TEXT_NO_MECHANISM, 0, "0x800CCC80"},
		{CLIENT_TEXT_NO_LOGIN, 0, "0x800CCC80"},
		{CLIENT_TEXT_AUTH, 535, "0x800CCC92"},
		{CLIENT_TEXT_AUTH, 534, NULL},
		{CLIENT_TEXT_AUTH, 454, NULL},
		{CLIENT_TEXT_MAIL, 530, "0x800CCC78"},
		{CLIENT_TEXT_MAIL, 552, "0x800CCC78"},
		/* The stage decides, not the code. */
		{CLIENT_TEXT_RCPT, 550, "0x800CCC79"},
		{CLIENT_TEXT_RCPT, 554, "0x800CCC79"},
		{CLIENT_TEXT_RCPT, 450, "0x800CCC79"},
		{CLIENT_TEXT_RELAY, 554, "0x800CCC79"},
		{CLIENT_TEXT_DATA, 451, "0x800CCC6A"},
		{CLIENT_TEXT_BODY, 550, "0x800CCC69"},
		{CLIENT_TEXT_BODY, 552, "0x800CCC6D"},
		{CLIENT_TEXT_BODY, 557, NULL},
		{CLIENT_TEXT_BUSY, 421, "0x800CCC67"},
	};
	bool stages[CLIENT_TEXT_STAGE_COUNT] = {false};

	(void)state;
	for (const struct words *const *words = words_all(); *words != NULL; words++)
		for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
			struct diagnosis_client_text texts[CLIENT_TEXT_MAX];
			size_t count = client_text_find(rows[i].stage, rows[i].code, *words, texts);
			bool any_number = false;

			stages[rows[i].stage] = true;
			CHECK(count > 0 && count <= CLIENT_TEXT_MAX);
			for (size_t j = 0; j < count; j++) {
				const char *sure = texts[j].confidence;

				any_number |= texts[j].code != NULL;
				CHECK(texts[j].text[0] != 0);
				CHECK(strcmp(sure, "high") == 0 || strcmp(sure, "medium") == 0 || strcmp(sure, "low") == 0);
				CHECK(texts[j].code == NULL ||
					(strlen(texts[j].code) == 10 && strncmp(texts[j].code, "0x80", 4) == 0));
				/* POP3's number was reported for sending, but nobody should rely on it. */
				if (texts[j].code != NULL && strcmp(texts[j].code, "0x800CCC92") == 0)
					CHECK(rows[i].stage == CLIENT_TEXT_AUTH && strcmp(sure, "low") == 0);
			}
			if (rows[i].outlook != NULL)
				CHECK(has_text(texts, count, "Outlook", rows[i].outlook));
			else
				CHECK(!any_number);
		}
	for (size_t i = 0; i < CLIENT_TEXT_STAGE_COUNT; i++)
		CHECK(stages[i]);
}

/* Checks that do not run prove nothing. */
static void test_all_ran(void **state) {
	(void)state;
	assert_true(checks > 8 * (size_t)WORDS_COUNT);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_complete),
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_characters),
		cmocka_unit_test(test_translated),
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_locale),
		cmocka_unit_test(test_add),
		cmocka_unit_test(test_tables),
		cmocka_unit_test(test_table_places),
		cmocka_unit_test(test_client_texts),
		cmocka_unit_test(test_all_ran),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
