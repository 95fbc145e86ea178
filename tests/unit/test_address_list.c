/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "decode/ascii.h"
#include "report/fields/address_list.h"

static const struct list_row {
	const char *list, *addresses; /* with blanks between them */
} lists[] = {
	{"", ""},
	{"alice@example.org", "alice@example.org"},
	{"Alice <alice@example.org>", "alice@example.org"},
	{"\"Liddell, Alice\" <alice@example.org>, Bob <bob@example.com>", "alice@example.org bob@example.com"},
	{"\"a <x@example.net>\" <alice@example.org>", "alice@example.org"},
	{"\"a \\\" <x@example.net>, \" <alice@example.org>", "alice@example.org"},
	{"alice@example.org (Alice, of Wonderland)", "alice@example.org"},
	{"friends: alice@example.org, Bob <bob@example.com>;, carol@example.net", "alice@example.org bob@example.com carol@example.net"},
	{"undisclosed-recipients:;", ""},
	{"<>", ""},
	{"nobody", ""},
	{"@", ""},
	{"alice@", ""},
	{"two words@example.org", ""},
	{"Alice <alice@example.org", "alice@example.org"},
	{",,;, ,", ""},
	{"(((", ""},
	{"\"never ends, alice@example.org", ""},
};

static void test_lists(void **state) {
	(void)state;
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		char found[256] = "";
		struct slice rest = slice_of(lists[i].list), address;
		while (address_list_next(&rest, &address, NULL)) {
			if (found[0] != '\0')
				strcat(found, " ");
			strncat(found, address.data, address.len);
		}
		if (strcmp(found, lists[i].addresses) != 0)
			fail_msg("%s: %s", lists[i].list, found);
	}
}

/* Cut anywhere: nothing is read behind the end. */
static void test_cut(void **state) {
	(void)state;
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		for (size_t len = 0; len <= strlen(lists[i].list); len++) {
			char *copy = malloc(len > 0 ? len : 1);
			memcpy(copy, lists[i].list, len);
			struct slice rest = {copy, len}, address, mailbox;
			int64_t time_ns;
			while (address_list_next(&rest, &address, &mailbox))
				assert_true(address.len > 0 && mailbox.len >= address.len);
			address_list_date((struct slice){copy, len}, &time_ns);
			free(copy);
		}
}

static const struct date_row {
	const char *date;
	int64_t second; /* -1: it is none */
} dates[] = {
	{"Tue, 1 Sep 2026 08:15:39 +0000", 1788250539},
	{"1 Sep 2026 08:15:39 +0000", 1788250539},
	{"Tue, 01 Sep 2026 10:15:39 +0200", 1788250539},
	{"Tue, 1 Sep 2026 04:45:39 -0330 (NST)", 1788250539},
	{"Tue, 1 Sep 2026 08:15 GMT", 1788250500},
	{"Thu, 1 Jan 1970 00:00:00 +0000", 0},
	{"", -1},
	{"yesterday", -1},
	{"Tue, 1 Sep 2026", -1},
	{"Tue, 1 Sep 2026 25:00:00 +0000", -1},
	{"Tue, 41 Sep 2026 08:15:39 +0000", -1},
	{"Tue, 1 Sop 2026 08:15:39 +0000", -1},
	{"Tue, 1 Sep 2026 08:15:39 EST", -1},
	{"Tue, 1 Sep 2026 08:15:39 +00", -1},
	{"Tue, 1 Sep 99999 08:15:39 +0000", -1},
};

static void test_dates(void **state) {
	(void)state;
	for (size_t i = 0; i < sizeof(dates) / sizeof(dates[0]); i++) {
		int64_t time_ns = -1;
		bool is_date = address_list_date(slice_of(dates[i].date), &time_ns);
		if (is_date != (dates[i].second >= 0) || (is_date && time_ns != dates[i].second * INT64_C(1000000000)))
			fail_msg("%s: %d %lld", dates[i].date, is_date, (long long)time_ns);
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_lists), cmocka_unit_test(test_cut), cmocka_unit_test(test_dates)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
