/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli/rewind.h"

static void test_empty(void **state) {
	(void)state;
	struct rewind rewind;
	rewind_init(&rewind, 1000);
	assert_int_equal(rewind_find(&rewind), -1);
	rewind_note(&rewind, 7, 5);
	assert_int_equal(rewind_find(&rewind), 7);
}

/* Of each log: all records of the window are behind the offset, and little more. */
static void test_rows(void **state) {
	(void)state;
	static const struct row {
		int64_t window_ns, step_ns, late_ns; /* every tenth record is so late */
		int count;
	} rows[] = {
		{1000, 1, 0, 100}, {1000, 1, 0, 100000}, {100000, 1, 0, 100000}, {100000, 7, 50000, 50000}, {100000, 90000, 0, 50},
		{100000, 3, 300000, 100000}, {INT64_C(604800000000000), INT64_C(1000000000), INT64_C(60000000000), 1000000}, {1, 1, 0, 5000},
		{1000, 0, 0, 5000},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *row = &rows[i];
		struct rewind rewind;
		int64_t time_ns = 1000000, first_needed = -1;
		rewind_init(&rewind, row->window_ns);
		for (int offset = 0; offset < row->count; offset++)
			rewind_note(&rewind, offset, (time_ns += row->step_ns) - (offset % 10 == 9 ? row->late_ns : 0));
		int64_t latest_ns = row->late_ns > 0 && (row->count - 1) % 10 == 9 ? time_ns - row->step_ns : time_ns;
		for (int offset = row->count - 1; offset >= 0; offset--) {
			int64_t at_ns = 1000000 + (offset + 1) * row->step_ns - (offset % 10 == 9 ? row->late_ns : 0);
			if (latest_ns - at_ns <= row->window_ns)
				first_needed = offset;
		}
		int64_t found = rewind_find(&rewind);
		assert_true(found >= 0 && found <= first_needed);
		/* A part more, or the record in which the part began. */
		int64_t spare = row->step_ns > 0 ? (row->window_ns / REWIND_PARTS + 1) / row->step_ns + 2 : row->count;
		assert_true(first_needed - found <= spare);
	}
}

/* A log whose clock jumps. */
static void test_jump(void **state) {
	(void)state;
	struct rewind rewind;
	rewind_init(&rewind, 1000);
	for (int64_t offset = 0; offset < 10; offset++)
		rewind_note(&rewind, offset, 100);
	rewind_note(&rewind, 10, INT64_C(4000000000000000000));
	assert_int_equal(rewind_find(&rewind), 10);
	rewind_note(&rewind, 11, 101);
	assert_int_equal(rewind_find(&rewind), 10);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_jump),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
