/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Every session of every capture in pcaps/: the facts from its packets are those from its document.
 */
#include "facts_check.h"

#include <dirent.h>

#include "tests/capture_records.h"

static struct document_reader *reader;
static const char *capture;
static size_t captures, sessions, differences;

static void on_record(void *context, struct record *record) {
	(void)context;
	sessions++;
	if (!same_facts(record, reader)) {
		print_error("%s: stream %llu\n", capture, (unsigned long long)record->open.stream);
		differences++;
	}
}

static void read_capture(struct flow_table *flows, const char *name) {
	static struct source_error error;
	capture = name;
	captures += capture_records_read(flows, name, &error);
}

static void test_captures(void **state) {
	(void)state;
	struct capture_records records = {.take = on_record};
	struct flow_table *flows = capture_records_table(&records);
	reader = document_reader_create();
	assert_true(flows != NULL && reader != NULL);
	struct dirent **entries;
	int count = scandir("pcaps", &entries, NULL, alphasort);
	assert_true(count > 0);
	for (int i = 0; i < count; i++) {
		char name[300];
		snprintf(name, sizeof(name), "pcaps/%s", entries[i]->d_name);
		if (strstr(name, ".pcap") != NULL)
			read_capture(flows, name);
		free(entries[i]);
	}
	free(entries);
	document_reader_destroy(reader);
	flow_table_destroy(flows);
	print_message("# %zu captures, %zu sessions\n", captures, sessions);
	assert_true(captures > 50 && sessions > captures);
	assert_int_equal(differences, 0);
}

int main(void) {
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_captures)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
