/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "cli/recent.h"

static bool add(struct recent *recent, int number) {
	char name[32];
	snprintf(name, sizeof(name), "session-%d", number);
	return recent_add(recent, name, strlen(name));
}

static void test_kept(void **state) {
	(void)state;
	struct recent *recent = recent_create();
	assert_non_null(recent);
	for (int i = 0; i < 5 * RECENT_KEPT; i++) {
		assert_false(add(recent, i));
		assert_true(add(recent, i));
		/* So many later it is still known; twice as many later it is not any more. */
		if (i >= RECENT_KEPT - 1 && i % 1000 == 0)
			assert_true(add(recent, i - RECENT_KEPT + 2));
	}
	recent_destroy(recent);
}

static void test_forgotten(void **state) {
	(void)state;
	struct recent *recent = recent_create();
	assert_non_null(recent);
	assert_false(add(recent, -1));
	for (int i = 0; i < 2 * RECENT_KEPT; i++)
		assert_false(add(recent, i));
	assert_false(add(recent, -1));
	recent_destroy(recent);
}

static void test_names(void **state) {
	(void)state;
	static const char *const names[] = {"", "a", "ab", "abcdefgh", "abcdefghi", "abcdefg", "b", "abcdefgh\0"};
	struct recent *recent = recent_create();
	assert_non_null(recent);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		assert_int_equal(recent_add(recent, names[i], i == 7 ? 9 : strlen(names[i])), false);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		assert_int_equal(recent_add(recent, names[i], i == 7 ? 9 : strlen(names[i])), true);
	recent_destroy(recent);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kept),
		cmocka_unit_test(test_forgotten),
		cmocka_unit_test(test_names),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
