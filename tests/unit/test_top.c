/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * cli/top.c: what the live screen knows, its rates, its order and its bounds. tests/top.py looks at the screen itself.
 */
#include "event_script.h"

#include "cli/top.h"
#include "report/findings.h"

#define SECOND_NS INT64_C(1000000000)
#define START_NS (1000 * SECOND_NS)

static size_t checks;

#define CHECK(condition) (checks++, assert_true(condition))

static struct top_view view; /* too large for a stack */

/* A session with server number `server`, as a script. */
static void add_script(struct top_model *model, unsigned server, const char *text, int64_t now_ns) {
	struct record record;
	record_init(&record);
	struct script script = script_start(&record);
	script.open.server.address[2] = (uint8_t)(server >> 8);
	script.open.server.address[3] = (uint8_t)server;
	script_run(&script, text);
	findings_run(&record, words_all()[0]);
	top_add_session(model, &record, now_ns);
	record_finish(&record);
}

static void test_servers(void **state) {
	(void)state;
	struct top_model *model = top_model_create();
	add_script(model, 1, "greet 220 one.example.org ESMTP Postfix; ehlo 250 SIZE; quit 221; close fin", START_NS);
	add_script(model, 2, "greet 220 two.example.org ESMTP; ehlo 250 SIZE; quit 221; close fin", START_NS + SECOND_NS);
	add_script(model, 2, "greet 554 go away; close fin", START_NS + 2 * SECOND_NS);
	top_get_view(model, &view);
	CHECK(view.sessions_total == 3 && view.server_count == 2);
	const struct top_server *first = &view.servers[0], *second = &view.servers[1];
	CHECK(first->endpoint.address[3] == 2 && first->sessions == 2 && first->failed == 1);
	CHECK(first->failed_ns == START_NS + 2 * SECOND_NS);
	CHECK(second->sessions == 1 && second->failed == 0 && second->failed_ns == INT64_MIN);
	CHECK(second->software != NULL && strcmp(second->software, "Postfix") == 0);
	CHECK(second->banner_len == strlen("one.example.org ESMTP Postfix"));
	/* The end of every session says nothing. */
	CHECK(second->code_count == 2 && second->codes[0] == 220 && second->codes[1] == 250);
	CHECK(first->code_count == 3 && first->codes[2] == 554);
	CHECK(memcmp(first->banner, "go away", 7) == 0); /* the present face */
	top_model_destroy(model);
	top_model_destroy(NULL);
}

static void test_bounds(void **state) {
	(void)state;
	struct top_model *model = top_model_create();
	/* The first server is used again and again; of the others the longest idle make room. */
	for (unsigned i = 0; i < 1000; i++) {
		add_script(model, 1, "greet 554; close fin", START_NS + (int64_t)i * SECOND_NS);
		add_script(model, 1000 + i, "greet 554; close fin", START_NS + (int64_t)i * SECOND_NS);
	}
	top_get_view(model, &view);
	CHECK(view.sessions_total == 2000 && view.server_count == TOP_SERVERS_MAX && view.finding_count == TOP_FINDINGS_MAX);
	CHECK(view.servers[0].endpoint.address[3] == 1 && view.servers[0].sessions == 1000);
	for (size_t i = 1; i < view.server_count; i++) {
		unsigned number = (unsigned)view.servers[i].endpoint.address[2] << 8 | view.servers[i].endpoint.address[3];
		CHECK(number > 2000 - TOP_SERVERS_MAX && number < 2000);
	}
	CHECK(view.servers[0].code_count == TOP_CODES_MAX);
	/* The latest first. */
	CHECK((view.findings[0].server.address[2] << 8 | view.findings[0].server.address[3]) == 1999);
	CHECK(view.findings[1].server.address[3] == 1);
	CHECK((view.findings[2].server.address[2] << 8 | view.findings[2].server.address[3]) == 1998);
	top_model_destroy(model);
}

/* Long texts are cut between two characters. */
static void test_texts(void **state) {
	(void)state;
	struct top_model *model = top_model_create();
	struct diagnosis diagnosis = {.severity = FINDING_LOW};
	char title[3 * TOP_TITLE_MAX + 1] = "";
	for (size_t i = 0; i < TOP_TITLE_MAX; i++)
		memcpy(title + 3 * i, "日", 4);
	diagnosis.title = title;
	top_set_diagnosis(model, title, &diagnosis, true);
	top_get_view(model, &view);
	CHECK(view.diagnosis_count == 1 && view.diagnoses[0].title_len == TOP_TITLE_MAX / 3 * 3);
	CHECK(strlen(view.diagnoses[0].key) == TOP_NAME_MAX - 1);
	top_set_diagnosis(model, title, &diagnosis, false);
	top_get_view(model, &view);
	CHECK(view.diagnosis_count == 0);
	top_model_destroy(model);
}

static void test_diagnoses(void **state) {
	(void)state;
	struct top_model *model = top_model_create();
	struct diagnosis diagnosis = {.title = "t"};
	char key[32];
	for (int i = 0; i < TOP_DIAGNOSES_MAX + 10; i++) {
		snprintf(key, sizeof(key), "key %d", i);
		diagnosis.severity = i % 2 == 0 ? FINDING_LOW : FINDING_HIGH;
		diagnosis.first_ns = i;
		top_set_diagnosis(model, key, &diagnosis, true);
		top_set_diagnosis(model, key, &diagnosis, true); /* a change is no second one */
	}
	top_get_view(model, &view);
	CHECK(view.diagnosis_count == TOP_DIAGNOSES_MAX);
	size_t high = 0;
	for (size_t i = 0; i < view.diagnosis_count; i++) {
		high += view.diagnoses[i].severity == FINDING_HIGH;
		CHECK(i == 0 || view.diagnoses[i - 1].severity >= view.diagnoses[i].severity);
	}
	CHECK(high == (TOP_DIAGNOSES_MAX + 10) / 2); /* the mild ones gave way */
	CHECK(strcmp(view.diagnoses[0].key, "key 41") == 0); /* the latest of the worst */
	top_set_diagnosis(model, "key 41", &diagnosis, false);
	top_set_diagnosis(model, "no such key", &diagnosis, false);
	top_get_view(model, &view);
	CHECK(view.diagnosis_count == TOP_DIAGNOSES_MAX - 1 && strcmp(view.diagnoses[0].key, "key 39") == 0);
	top_model_destroy(model);
}

static void test_rates(void **state) {
	(void)state;
	static const struct {
		int64_t now_s;
		unsigned seconds;
		uint64_t sum;
	} rows[] = {
		{1000, 5, 0}, /* the second that is not over does not count */
		{1001, 5, 2}, {1005, 5, 2}, {1006, 5, 0}, {1011, 1, 3}, {1011, 60, 5}, {1060, 59, 3}, {1060, 1000, 5}, {1070, 60, 3},
		{1071, 60, 0}, {5000, 60, 0},
	};
	struct top_model *model = top_model_create();
	static const char text[] = "greet 554; close fin";
	add_script(model, 1, text, START_NS);
	add_script(model, 1, text, START_NS + SECOND_NS / 2);
	for (int i = 0; i < 3; i++)
		add_script(model, 1, text, START_NS + 10 * SECOND_NS);
	top_get_view(model, &view);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint64_t sum = top_history_sum(&view.sessions, rows[i].now_s * SECOND_NS, rows[i].seconds);
		if (sum != rows[i].sum)
			print_error("at %d s, %u seconds: %d\n", (int)rows[i].now_s, rows[i].seconds, (int)sum);
		CHECK(sum == rows[i].sum);
	}
	CHECK(top_history_at(&view.sessions, 1011 * SECOND_NS, 1) == 3 && top_history_at(&view.sessions, 1011 * SECOND_NS, 11) == 2);
	/* A pause longer than the history empties it. */
	add_script(model, 1, text, START_NS + 1000 * SECOND_NS);
	top_get_view(model, &view);
	CHECK(top_history_sum(&view.sessions, 2001 * SECOND_NS, 60) == 1);
	top_model_destroy(model);
}

static void test_statistics(void **state) {
	(void)state;
	struct top_model *model = top_model_create();
	struct writer_interface interfaces[TOP_INTERFACES_MAX + 2] = {{.name = "eth0"}};
	for (size_t i = 1; i < TOP_INTERFACES_MAX + 2; i++)
		interfaces[i].name = "more";
	struct writer_statistics statistics = {.frames = 1000,
		.has_live = true,
		.live = {.interfaces = interfaces, .interface_count = TOP_INTERFACES_MAX + 2}};
	top_get_view(model, &view);
	CHECK(!view.has_statistics && view.dropped_ns == INT64_MIN);
	top_set_statistics(model, &statistics, START_NS);
	top_get_view(model, &view);
	CHECK(view.has_statistics && view.frames_per_second == 0 && view.interface_count == TOP_INTERFACES_MAX);
	statistics.frames = 2000;
	interfaces[TOP_INTERFACES_MAX + 1].dropped_by_kernel = 3; /* counts, though it is not shown */
	interfaces[0].dropped_by_interface = 4;
	top_set_statistics(model, &statistics, START_NS + SECOND_NS / 2);
	top_get_view(model, &view);
	CHECK(view.frames_per_second == 2000 && view.dropped == 7 && view.dropped_ns == START_NS + SECOND_NS / 2);
	top_set_statistics(model, &statistics, START_NS + SECOND_NS);
	top_set_statistics(model, &statistics, START_NS + SECOND_NS); /* no time has passed */
	top_get_view(model, &view);
	CHECK(view.frames_per_second == 0 && view.dropped_ns == START_NS + SECOND_NS / 2);
	top_model_destroy(model);
}

/* Checks that do not run prove nothing. */
static void test_all_ran(void **state) {
	(void)state;
	assert_int_equal(checks, 134);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_servers),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_diagnoses),
		cmocka_unit_test(test_rates),
		cmocka_unit_test(test_statistics),
		cmocka_unit_test(test_all_ran),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
