/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * report/tallies.c and report/metrics.c: counting, bounds, and errors of files. tests/metrics.py looks at the metrics themselves.
 */
#include "event_script.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "report/findings.h"
#include "report/metrics.h"
#include "report/tallies.h"
#include "report/text.h"

static size_t checks;

#define CHECK(condition) (checks++, assert_true(condition))

static void add_script(struct tallies *tallies, const char *text) {
	struct record record;
	record_init(&record);
	struct script script = script_start(&record);
	script_run(&script, text);
	findings_run(&record, words_all()[0]);
	tallies_add_record(tallies, &record);
	record_finish(&record);
}

/* Sessions as the decoder tells them, and what they count as. */
static void test_sessions(void **state) {
	(void)state;
	struct tallies tallies = {0};
	add_script(&tallies, "greet 220; ehlo 250 AUTH PLAIN; quit 221; close fin");
	CHECK(tallies.sessions == 1 && tallies.results[RECORD_RESULT_NO_MAIL] == 1 && tallies.closes[STREAM_CLOSE_FIN] == 1);
	add_script(&tallies, "greet 554; close fin");
	CHECK(tallies.sessions == 2 && tallies.results[RECORD_RESULT_REFUSED] == 1 && tallies.closes[STREAM_CLOSE_FIN] == 2);
	CHECK(tallies.finding_count >= 1);
	uint64_t found = 0, by_severity = 0;
	for (size_t i = 0; i < tallies.finding_count; i++)
		for (size_t j = 0; j < TALLIES_SEVERITY_COUNT; j++)
			found += tallies.findings[i].counts[j];
	for (size_t i = 0; i < TALLIES_SEVERITY_COUNT; i++)
		by_severity += tallies_of_severity(&tallies, (enum finding_severity)i);
	CHECK(found > 0 && found == by_severity);
	size_t rows = tallies.finding_count;
	add_script(&tallies, "greet 554; close fin");
	CHECK(tallies.finding_count == rows); /* the same ids */
}

/* All rules have a place, and more ids than places are dropped, not written behind the end. */
static void test_bounds(void **state) {
	(void)state;
	struct tallies tallies = {0};
	size_t rules = 0;
	static char names[TALLIES_FINDINGS_MAX + 8][8];
	while (findings_id(rules) != NULL)
		rules++;
	CHECK(rules > 0 && rules <= TALLIES_FINDINGS_MAX);
	for (size_t i = 0; i < TALLIES_FINDINGS_MAX + 8; i++) {
		snprintf(names[i], sizeof(names[i]), "f%zu", i);
		struct finding finding = {.id = names[i], .severity = FINDING_LOW};
		struct record record = {.findings = &finding};
		tallies_add_record(&tallies, &record);
		tallies_add_diagnosis(&tallies, names[i], TALLIES_BEGUN);
	}
	CHECK(tallies.finding_count == TALLIES_FINDINGS_MAX && tallies.diagnosis_count == TALLIES_DIAGNOSES_MAX);
	CHECK(tallies_of_severity(&tallies, FINDING_LOW) == TALLIES_FINDINGS_MAX);
	CHECK(tallies.sessions == TALLIES_FINDINGS_MAX + 8);
}

static void test_diagnoses(void **state) {
	(void)state;
	static const struct {
		enum tallies_change change;
		uint64_t published, open;
	} rows[] = {{TALLIES_BEGUN, 1, 1}, {TALLIES_CHANGED, 2, 1}, {TALLIES_BEGUN, 3, 2}, {TALLIES_ENDED, 4, 1},
		{TALLIES_ENDED, 5, 0}, {TALLIES_ENDED, 6, 0}};
	struct tallies tallies = {0};
	char same[] = "brute-force"; /* equal, but not the same pointer */
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		tallies_add_diagnosis(&tallies, i % 2 == 0 ? "brute-force" : same, rows[i].change);
		CHECK(tallies.diagnosis_count == 1);
		CHECK(tallies.diagnoses[0].published == rows[i].published && tallies.diagnoses[0].open == rows[i].open);
	}
}

static char *render(const struct writer_statistics *statistics) {
	char *text = NULL;
	size_t len = 0;
	CHECK(metrics_render(statistics, &text, &len) == 0);
	CHECK(text != NULL && strlen(text) == len && len > 0 && text[len - 1] == '\n');
	return text;
}

/* What is not known is not there, rather than 0. */
static void test_groups(void **state) {
	(void)state;
	static const char *const live[] = {"build_info", "interface_", "flows", "sessions_open", "pool_", "diagnoses_"};
	static const char *const output[] = {"output_queue", "documents_lost"};
	struct tallies tallies = {0};
	struct writer_statistics statistics = {.frames = 3, .sessions = 2};
	char *text = render(&statistics);
	CHECK(strstr(text, "\nsmtpscope_captured_frames_total 3\n") != NULL);
	CHECK(strstr(text, "\nsmtpscope_sessions_total 2\n") != NULL);
	for (size_t i = 0; i < sizeof(live) / sizeof(live[0]); i++)
		CHECK(strstr(text, live[i]) == NULL);
	for (size_t i = 0; i < sizeof(output) / sizeof(output[0]); i++)
		CHECK(strstr(text, output[i]) == NULL);
	CHECK(strstr(text, "evidence") == NULL && strstr(text, "findings") == NULL && strstr(text, "not_understood") == NULL &&
		strstr(text, "tls_") == NULL);
	free(text);
	statistics.tallies = &tallies;
	statistics.has_output = true;
	text = render(&statistics);
	CHECK(strstr(text, "\nsmtpscope_sessions_total 2\n") == NULL);
	CHECK(strstr(text, "\nsmtpscope_sessions_total{result=\"delivered\"} 0\n") != NULL);
	CHECK(strstr(text, "\nsmtpscope_documents_lost_total 0\n") != NULL);
	free(text);
}

static void test_files(void **state) {
	(void)state;
	char folder[] = "/tmp/test_metrics.XXXXXX", content[16] = "", long_name[400];
	assert_non_null(mkdtemp(folder));
	int directory = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(directory >= 0);
	CHECK(metrics_file_write(directory, "a.prom", "first\n", 6) == 0);
	CHECK(metrics_file_write(directory, "a.prom", "2nd\n", 4) == 0);
	int fd = openat(directory, "a.prom", O_RDONLY | O_CLOEXEC);
	CHECK(read(fd, content, sizeof(content)) == 4 && memcmp(content, "2nd\n", 4) == 0);
	close(fd);
	/* The target is a directory, so that the rename fails: nothing is left behind. */
	assert_int_equal(mkdirat(directory, "b.prom", 0700), 0);
	CHECK(metrics_file_write(directory, "b.prom", "x\n", 2) == -EISDIR);
	CHECK(faccessat(directory, ".b.prom.tmp", F_OK, 0) < 0 && errno == ENOENT);
	/* What somebody else has put there is not followed. */
	assert_int_equal(symlinkat("a.prom", directory, ".c.prom.tmp"), 0);
	CHECK(metrics_file_write(directory, "c.prom", "x\n", 2) == -ELOOP);
	memset(long_name, 'n', sizeof(long_name));
	long_name[sizeof(long_name) - 1] = '\0';
	CHECK(metrics_file_write(directory, long_name, "x\n", 2) == -ENAMETOOLONG);
	CHECK(metrics_file_write(-1, "a.prom", "x\n", 2) == -EBADF);
	unlinkat(directory, "a.prom", 0);
	unlinkat(directory, ".c.prom.tmp", 0);
	unlinkat(directory, "b.prom", AT_REMOVEDIR);
	close(directory);
	CHECK(rmdir(folder) == 0);
}

/* -o text says in a line how the run stands, and at the end what was dropped and lost. */
static void test_text(void **state) {
	(void)state;
	const struct writer_interface interfaces[] = {{.name = "eth0", .dropped_by_kernel = 3}, {.name = "eth1", .dropped_by_interface = 1}};
	struct writer_statistics statistics = {.frames = 1234,
		.sessions = 1,
		.has_live = true,
		.live = {.time_ns = SCRIPT_START_NS, .interfaces = interfaces, .interface_count = 2, .sessions_open = 5},
		.has_output = true,
		.output = {.documents_lost = 1}};
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	struct writer *writer = text_format.create(&(struct writer_options){.width = 200}, out);
	CHECK(text_format.statistics(writer, &statistics) == 0);
	CHECK(text_format.end(writer, &statistics) == 0);
	text_format.destroy(writer);
	fclose(out);
	CHECK(strstr(text, "\n2026-11-25 06:41:20: 1,234 packets, 4 dropped; 1 session, 5 open\n") != NULL);
	CHECK(strstr(text, "The kernel or an interface dropped 4 packets.") != NULL);
	CHECK(strstr(text, "1 document was lost") != NULL);
	free(text);
}

/* Checks that do not run prove nothing. */
static void test_all_ran(void **state) {
	(void)state;
	assert_int_equal(checks, 53);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sessions),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_diagnoses),
		cmocka_unit_test(test_groups),
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_all_ran),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
