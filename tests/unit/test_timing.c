/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * report/timing.c: where the time of a session went, with the network's part known, half known and not known.
 */
#include "dialogue.h"

#define MS INT64_C(1000000)

/* Each line is a millisecond behind the one before, and the greeting 600 microseconds behind the handshake. */
#define HELLO "S: 220 mail ESMTP\nC: HELO client\nwait 20\nS: 250 mail\n"
#define NOOP "wait 30\nC: NOOP\nwait 20\nS: 250 Ok\n"

static const struct {
	const char *name, *dialogue;
	int64_t to_server_ms, to_client_ms; /* -1: not known */
	uint64_t replies;
	int64_t server_total_ms, hello_max_ms;
	uint64_t thoughts;
	int64_t think_total_ms;
} rows[] = {
	{"nothing of the network is known: its time stays in the others", HELLO NOOP, -1, -1, 3, 42, 21, 2, 32},
	{"both ways", "rtt 8 2\n" HELLO NOOP, 8, 2, 3, 26, 13, 2, 29},
	{"only the way to the server", "rtt 8 0\n" HELLO NOOP, 8, -1, 3, 26, 13, 2, 32},
	{"only the way to the client", "rtt 0 2\n" HELLO NOOP, -1, 2, 3, 42, 21, 2, 29},
	{"a reply that is faster than the handshake was", "rtt 25 2\n" HELLO NOOP, 25, 2, 3, 0, 0, 2, 29},
};

static void test_rows(void **state) {
	size_t count = sizeof(rows) / sizeof(rows[0]), checked = 0;
	(void)state;
	for (size_t i = 0; i < count; i++, checked++) {
		struct dialogue dialogue;
		struct record record;
		record_init(&record);
		dialogue_run(&dialogue, &record, rows[i].dialogue);
		const struct timing *timing = &record.timing;
		int64_t to_server_ns = rows[i].to_server_ms < 0 ? -1 : rows[i].to_server_ms * MS;
		int64_t to_client_ns = rows[i].to_client_ms < 0 ? -1 : rows[i].to_client_ms * MS;
		/* The greeting's time is counted below a millisecond. */
		if (timing->to_server_ns != to_server_ns || timing->to_client_ns != to_client_ns || timing->server.count != rows[i].replies ||
			timing->server.total_ns / MS != rows[i].server_total_ms || timing->phases[TIMING_HELLO].max_ns / MS != rows[i].hello_max_ms ||
			timing->think.count != rows[i].thoughts || timing->think.total_ns / MS != rows[i].think_total_ms)
			fail_msg("%s: %lld %lld, server %llu %lld %lld, client %llu %lld", rows[i].name, (long long)timing->to_server_ns,
				(long long)timing->to_client_ns, (unsigned long long)timing->server.count, (long long)timing->server.total_ns,
				(long long)timing->phases[TIMING_HELLO].max_ns, (unsigned long long)timing->think.count, (long long)timing->think.total_ns);
		record_finish(&record);
	}
	assert_int_equal(checked, count);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
