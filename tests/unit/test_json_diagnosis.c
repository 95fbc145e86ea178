/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * report/json_diagnosis.c: every field of a diagnosis comes out, whatever bytes the network put into it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/diagnosis.h"
#include "report/json.h"

static size_t checks;

#define CHECK(condition) (checks++, assert_true(condition))

static const struct diagnosis smallest = {.id = "service-down",
	.key = "0123456789abcdef0123",
	.severity = FINDING_HIGH,
	.title = "T",
	.explanation = "E",
	.first_ns = INT64_C(1795588880123456000)};

static const char *two[] = {"one", "two"};
static const char *clients[] = {"192.0.2.1", "2001:db8::1"};
static const char *users[] = {"sato", "a\"\\\n\x1b[31m\xe2\x80\xae\x7f"};
static const char *others[] = {"suzuki"};
static struct diagnosis_frame frames[] = {{"a.pcap", 7}, {"b.pcap", 1}};
static const struct diagnosis_client_text reads[] = {
	{"Outlook", "0x800CCC92", "text", "high"}, {"Thunderbird", NULL, "more", "low"}};
static const struct diagnosis_face before = {.id = "0123456789abcdef",
	.banner = "gateway",
	.software = "nginx",
	.capabilities = two,
	.capability_count = 2,
	.auth = others,
	.auth_count = 1,
	.last_ns = 1,
	.sessions = 3,
	.logins_accepted = 4,
	.logins_rejected = 5};
static const struct diagnosis_face after = {.id = "fedcba9876543210"};
static const struct diagnosis largest = {
	.id = "auth-fails-on-one-face",
	.key = "ffffffffffffffffffff",
	.state = DIAGNOSIS_STATE_UPDATED,
	.updates = 4,
	.left_out = 99,
	.severity = FINDING_CRITICAL,
	.title = "T",
	.explanation = "\xe3\x81\x82\xe2\x80\xae",
	.causes = two,
	.cause_count = 2,
	.checks = two,
	.check_count = 1,
	.considered = two,
	.considered_count = 2,
	.reads = reads,
	.read_count = 2,
	.has_server = true,
	.server = {6, {0x20, 0x01, 0x0d, 0xb8, [15] = 1}, 587},
	.clients = clients,
	.client_count = 40,
	.clients_kept = 2,
	.users = users,
	.user_count = 2,
	.users_kept = 2,
	.unaffected_users = others,
	.unaffected_user_count = 9,
	.unaffected_users_kept = 1,
	.last_ns = INT64_C(1795588880123456789),
	.ongoing = true,
	.sessions = two,
	.session_count = 3,
	.sessions_kept = 2,
	.frames = frames,
	.frames_kept = 2,
	.filter = "tcp.stream eq 1",
	.before = &before,
	.after = &after,
	.changes = two,
	.change_count = 2,
};

/* The lines of the report and of the end. */
static char *write_all(const struct diagnosis_report *report, enum writer_users how) {
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	assert_non_null(out);
	struct writer *writer = json_format.create(&(struct writer_options){.users = how}, out);
	assert_non_null(writer);
	const struct writer_statistics statistics = {.from_documents = true, .documents = 12, .sessions = 10};
	CHECK(json_format.diagnoses(writer, report) == 0);
	CHECK(json_format.end(writer, &statistics) == 0);
	json_format.destroy(writer);
	fclose(out);
	for (size_t i = 0; i < len; i++)
		CHECK(text[i] == '\n' || (text[i] >= 0x20 && text[i] < 0x7f) || (unsigned char)text[i] >= 0x80);
	return text;
}

static void test_all_fields(void **state) {
	(void)state;
	const struct diagnosis *const list[] = {&largest, &smallest};
	const struct diagnosis_report report = {
		.diagnoses = list, .diagnosis_count = 2, .duplicates = 3, .assumptions = two, .assumption_count = 2};
	static const char expected[] =
		"{\"type\":\"diagnosis\",\"schema\":1,\"id\":\"auth-fails-on-one-face\",\"diagnosis_id\":\"ffffffffffffffffffff\",\"state\":\"updated\",\"updates\":4,\"severity\":\"critical\",\"title\":"
		"\"T\","
		"\"explanation\":\"\xe3\x81\x82\\u202e\",\"causes\":[\"one\",\"two\"],\"checks\":[\"one\"],\"considered\":["
		"\"one\",\"two\"],"
		"\"client_reads\":[{\"client\":\"Outlook\",\"code\":\"0x800CCC92\",\"text\":\"text\",\"confidence\":"
		"\"high\"},"
		"{\"client\":\"Thunderbird\",\"text\":\"more\",\"confidence\":\"low\"}],\"server\":{\"ip\":\"2001:db8::1\","
		"\"port\":587},"
		"\"clients\":[\"192.0.2.1\",\"2001:db8::1\"],\"client_count\":40,"
		"\"users\":[\"sato\",\"a\\\"\\\\\\n\\u001b[31m\\u202e\\u007f\"],\"user_count\":2,"
		"\"unaffected_users\":[\"suzuki\"],\"unaffected_user_count\":9,"
		"\"before\":{\"face\":\"0123456789abcdef\",\"banner\":\"gateway\",\"software\":\"nginx\",\"capabilities\":["
		"\"one\",\"two\"],"
		"\"auth\":[\"suzuki\"],\"first\":\"1970-01-01T00:00:00.000000000Z\",\"last\":\"1970-01-01T00:00:00."
		"000000001Z\",\"sessions\":3,"
		"\"logins_accepted\":4,\"logins_rejected\":5},"
		"\"after\":{\"face\":\"fedcba9876543210\",\"capabilities\":[],\"auth\":[],\"first\":\"1970-01-01T00:00:00."
		"000000000Z\","
		"\"last\":\"1970-01-01T00:00:00.000000000Z\",\"sessions\":0,\"logins_accepted\":0,\"logins_rejected\":0},"
		"\"changes\":[\"one\",\"two\"],\"first\":\"1970-01-01T00:00:00.000000000Z\",\"last\":\"2026-11-25T06:41:20."
		"123456789Z\","
		"\"ongoing\":true,\"sessions\":[\"one\",\"two\"],\"session_count\":3,"
		"\"frames\":[{\"source\":\"a.pcap\",\"frame\":7},{\"source\":\"b.pcap\",\"frame\":1}],\"filter\":\"tcp."
		"stream eq 1\",\"left_out\":99}\n"
		"{\"type\":\"diagnosis\",\"schema\":1,\"id\":\"service-down\",\"diagnosis_id\":\"0123456789abcdef0123\",\"severity\":\"high\",\"title\":\"T\","
		"\"explanation\":\"E\","
		"\"first\":\"2026-11-25T06:41:20.123456Z\",\"last\":\"1970-01-01T00:00:00.000000Z\",\"ongoing\":false,"
		"\"sessions\":[],"
		"\"session_count\":0,\"frames\":[]}\n"
		"{\"type\":\"statistics\",\"schema\":1,\"frames\":0,\"bytes\":0,\"segments\":0,\"not_understood\":0,"
		"\"connections\":0,"
		"\"sessions\":10,\"gaps\":0,\"gap_bytes\":0,\"evictions\":0,\"documents\":12,\"reasons\":{},\"duplicates\":"
		"3,"
		"\"assumptions\":[\"one\",\"two\"]}\n";
	char *text = write_all(&report, WRITER_USERS_KEEP);
	if (strcmp(text, expected) != 0)
		print_error("%s", text);
	CHECK(strcmp(text, expected) == 0);
	free(text);
}

static void test_users_omitted(void **state) {
	(void)state;
	const struct diagnosis *const list[] = {&largest};
	const struct diagnosis_report report = {.diagnoses = list, .diagnosis_count = 1};
	char *text = write_all(&report, WRITER_USERS_OMIT);
	CHECK(strstr(text, "sato") == NULL && strstr(text, "\"unaffected_users\"") == NULL);
	CHECK(strstr(text, "\"user_count\":2,\"unaffected_user_count\":9,") != NULL);
	free(text);
}

static void test_nothing(void **state) {
	(void)state;
	char *text = write_all(&(struct diagnosis_report){0}, WRITER_USERS_KEEP);
	CHECK(strncmp(text, "{\"type\":\"statistics\"", 20) == 0 && strstr(text, "duplicates") == NULL);
	free(text);
}

static void test_cannot_be_written(void **state) {
	(void)state;
	const struct diagnosis *const list[] = {&largest};
	const struct diagnosis_report report = {.diagnoses = list, .diagnosis_count = 1};
	FILE *full = fopen("/dev/full", "w");
	assert_non_null(full);
	setvbuf(full, NULL, _IONBF, 0);
	struct writer *writer = json_format.create(&(struct writer_options){0}, full);
	CHECK(json_format.diagnoses(writer, &report) < 0);
	json_format.destroy(writer);
	fclose(full);
}

static int finish(void **state) {
	(void)state;
	return checks > 1000 ? 0 : -1;
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_fields),
		cmocka_unit_test(test_users_omitted),
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_cannot_be_written),
	};
	return cmocka_run_group_tests(tests, NULL, finish);
}
