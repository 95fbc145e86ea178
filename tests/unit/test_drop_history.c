/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli/drop_history.h"

/* Looks every 100 (at 100, 200, ...): 5 were dropped before 200, 3 before 300, 10 before 700. */
static void look_around(struct drop_history *history) {
	static const uint64_t totals[] = {0, 5, 8, 8, 8, 8, 18, 18};
	for (size_t i = 0; i < sizeof(totals) / sizeof(totals[0]); i++)
		drop_history_note(history, 100 * (int64_t)(i + 1), totals[i]);
}

static void test_rows(void **state) {
	(void)state;
	static const struct row {
		int64_t from_ns, to_ns;
		uint64_t count;
	} rows[] = {
		{10, 50, 0},
		{10, 99, 0},
		{10, 100, 5}, /* until 100 nothing was dropped, but in the same moment */
		{120, 130, 5},
		{120, 220, 8},
		{210, 220, 3},
		{10, 800, 18},
		{301, 599, 0},
		{301, 600, 10},
		{650, 660, 10},
		{701, 900, 0},
		{900, INT64_MAX, 0},
		{0, INT64_MAX, 18},
	};
	struct drop_history history = {0};
	look_around(&history);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(drop_history_count(&history, rows[i].from_ns, rows[i].to_ns), rows[i].count);
}

static void test_nothing(void **state) {
	(void)state;
	struct drop_history history = {0};
	assert_int_equal(drop_history_count(&history, 0, INT64_MAX), 0);
	drop_history_note(&history, 100, 0);
	assert_int_equal(drop_history_count(&history, 0, INT64_MAX), 0);
}

/* Whatever was dropped before the first look may have been dropped at any time. */
static void test_first_look(void **state) {
	(void)state;
	struct drop_history history = {0};
	drop_history_note(&history, 1000, 7);
	assert_int_equal(drop_history_count(&history, 10, 20), 7);
	assert_int_equal(drop_history_count(&history, 1001, 2000), 0);
}

/* Weeks of drops fit, never too few are counted, and what is recent is not much too many. */
static void test_bound(void **state) {
	(void)state;
	enum { LOOKS = 100000 };
	struct drop_history history = {0};
	for (int64_t i = 1; i <= LOOKS; i++) {
		drop_history_note(&history, 100 * i, (uint64_t)i);
		assert_true(history.count <= DROP_HISTORY_MAX);
	}
	assert_int_equal(drop_history_count(&history, 0, INT64_MAX), LOOKS);
	assert_int_equal(drop_history_count(&history, 100 * LOOKS + 1, INT64_MAX), 0);
	for (int64_t len = 1; len < LOOKS; len *= 3) {
		uint64_t count = drop_history_count(&history, 100 * (LOOKS - len) + 50, 100 * LOOKS);
		assert_in_range(count, len, len + 2 + len / 8);
	}
}

/* The clock is set back by an hour: sessions of the time before are over or will be, those that begin now are right. */
static void test_clock_set_back(void **state) {
	(void)state;
	const int64_t hour_ns = INT64_C(3600000000000), day_ns = 24 * hour_ns;
	struct drop_history history = {0};
	drop_history_note(&history, day_ns, 0);
	drop_history_note(&history, day_ns + 100, 5);
	drop_history_note(&history, day_ns - hour_ns, 6);
	drop_history_note(&history, day_ns - hour_ns + 100, 6);
	assert_int_equal(drop_history_count(&history, day_ns - hour_ns + 10, day_ns - hour_ns + 50), 0);
	drop_history_note(&history, day_ns - hour_ns + 200, 9);
	assert_int_equal(drop_history_count(&history, day_ns - hour_ns + 150, INT64_MAX), 3);
	assert_int_equal(drop_history_count(&history, day_ns - hour_ns, INT64_MAX), 4);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_first_look),
		cmocka_unit_test(test_bound),
		cmocka_unit_test(test_clock_set_back),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
