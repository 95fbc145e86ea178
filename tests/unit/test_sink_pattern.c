/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * report/sink/name_pattern.c: names are made of times, and only such names are taken for ours. report/sink/keep.c: only
 * those go.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "report/sink/keep.h"
#include "report/sink/name_pattern.h"

static size_t checks;

#define CHECK(condition) (checks++, assert_true(condition))
#define COUNT(array) (sizeof(array) / sizeof(*(array)))

#define TIME INT64_C(1772596805) /* 2026-03-04 04:00:05 UTC */

static const struct {
	const char *pattern;
	unsigned suffix;
	const char *name;
} made[] = {
	{"%Y%m%d-%H%M%S.ndjson", 0, "20260304-040005.ndjson"},
	{"%Y%m%d-%H%M%S.ndjson", 1, "20260304-040005-1.ndjson"},
	{"%F_%T.ndjson.zst", 12, "2026-03-04_04:00:05-12.ndjson.zst"},
	{"mail.%y.%j", 3, "mail.26-3.063"},
	{"%s", 2, "1772596805-2"},
	{"%R.zst", 1, "04:00-1.zst"},
	{"100%%-%Y.txt", 1, "100%-2026-1.txt"},
	{"%Y", 0, "2026"},
};

static const struct {
	const char *pattern, *name;
	bool matches;
	unsigned suffix;
} read_back[] = {
	{"%Y%m%d.ndjson", "20260304.ndjson", true, 0},
	{"%Y%m%d.ndjson", "20260304-1.ndjson", true, 1},
	{"%Y%m%d.ndjson", "20260304-999999.ndjson", true, 999999},
	{"%Y%m%d.ndjson", "20240229.ndjson", true, 0},
	{"%s-%Y.x", "0-1970.x", true, 0},
	{"%s.x", "99999999999.x", true, 0},
	{"%F%%.x", "2026-03-04%.x", true, 0},
	{"%Y-%Y.x", "2026-2026.x", true, 0},

	{"%Y%m%d.ndjson", "20230229.ndjson", false, 0},
	{"%Y%m%d.ndjson", "20260431.ndjson", false, 0},
	{"%Y%m%d.ndjson", "20261301.ndjson", false, 0},
	{"%Y%m%d.ndjson", "20260300.ndjson", false, 0},
	{"%H%M%S.x", "240000.x", false, 0},
	{"%H%M%S.x", "236000.x", false, 0},
	{"%H%M%S.x", "235960.x", false, 0},
	{"%j.x", "000.x", false, 0},
	{"%j.x", "367.x", false, 0},
	{"%Y%j.x", "2023366.x", false, 0},
	{"%Y-%Y.x", "2026-2027.x", false, 0},
	{"%s.x", "007.x", false, 0},
	{"%s.x", ".x", false, 0},
	{"%Y%m%d.ndjson", "2026034.ndjson", false, 0},
	{"%Y%m%d.ndjson", " 2026034.ndjson", false, 0},
	{"%Y%m%d.ndjson", "+0260304.ndjson", false, 0},
	{"%Y%m%d.ndjson", "20260304.ndjson.bak", false, 0},
	{"%Y%m%d.ndjson", "20260304.ndjson.zst", false, 0},
	{"%Y%m%d.ndjson.zst", "20260304.ndjson", false, 0},
	{"%Y%m%d.ndjson", "20260304.ndjso", false, 0},
	{"%Y%m%d.ndjson", "20260304", false, 0},
	{"%Y%m%d.ndjson", "x20260304.ndjson", false, 0},
	{"%Y%m%d.ndjson", "20260304x.ndjson", false, 0},
	{"%Y%m%d.ndjson", "20260304-.ndjson", false, 0},
	{"%Y%m%d.ndjson", "20260304-0.ndjson", false, 0},
	{"%Y%m%d.ndjson", "20260304-01.ndjson", false, 0},
	{"%Y%m%d.ndjson", "20260304-1000000.ndjson", false, 0},
	{"%Y%m%d.ndjson", "20260304-99999999999999999999.ndjson", false, 0},
	{"%Y%m%d.ndjson", "20260304-1x.ndjson", false, 0},
	{"%Y%m%d.ndjson", ".20260304.ndjson.part", false, 0},
	{"%Y%m%d.ndjson", "", false, 0},
};

static const struct {
	const char *pattern;
	int result;
	char letter;
} checked[] = {
	{"%Y%m%d-%H%M.ndjson", 0, 0},
	{"%a", -EINVAL, 'a'},
	{"%", -EINVAL, '\0'},
	{"x%-d", -EINVAL, '-'},
	{".%Y", -EINVAL, '.'},
	{"a/%Y", -EINVAL, '/'},
	{"", -EINVAL, '/'},
};

static void test_made(void **state) {
	for (size_t i = 0; i < COUNT(made); i++) {
		char name[NAME_PATTERN_MAX], letter = 0;
		unsigned suffix;
		CHECK(name_pattern_check(made[i].pattern, &letter) == 0);
		name_pattern_format(made[i].pattern, TIME, made[i].suffix, name);
		checks++;
		assert_string_equal(name, made[i].name);
		CHECK(name_pattern_match(made[i].pattern, name, &suffix) && suffix == made[i].suffix);
		/* A number can be changed, and taken away. */
		char again[NAME_PATTERN_MAX], plain[NAME_PATTERN_MAX];
		name_pattern_renumber(name, suffix, 77, again);
		CHECK(name_pattern_match(made[i].pattern, again, &suffix) && suffix == 77);
		name_pattern_renumber(again, 77, 0, plain);
		name_pattern_format(made[i].pattern, TIME, 0, name);
		checks++;
		assert_string_equal(plain, name);
	}
}

static void test_read_back(void **state) {
	for (size_t i = 0; i < COUNT(read_back); i++) {
		unsigned suffix = 4711;
		/* Exact-size blocks, so that one byte too far is seen. */
		char *name = strdup(read_back[i].name), *pattern = strdup(read_back[i].pattern);
		bool matches = name_pattern_match(pattern, name, &suffix);
		if (matches != read_back[i].matches)
			print_error("%s %s\n", read_back[i].pattern, read_back[i].name);
		CHECK(matches == read_back[i].matches);
		CHECK(suffix == (matches ? read_back[i].suffix : 4711));
		free(name);
		free(pattern);
	}
}

/* No other name of the same length, with one character changed, is taken for one; digits may be another time. */
static void test_one_character(void **state) {
	for (size_t i = 0; i < COUNT(made); i++) {
		char name[NAME_PATTERN_MAX], again[NAME_PATTERN_MAX];
		unsigned suffix;
		snprintf(name, sizeof(name), "%s", made[i].name);
		for (size_t at = 0; name[at] != '\0'; at++) {
			char kept = name[at];
			for (int c = 1; c < 256; c++) {
				name[at] = (char)c;
				if (c == kept || !name_pattern_match(made[i].pattern, name, &suffix))
					continue;
				/* Seconds since 1970 have any number of digits, so that the hyphen can become one more. */
				CHECK(c >= '0' && c <= '9' &&
					((kept >= '0' && kept <= '9') || strcmp(made[i].pattern, "%s") == 0));
				name_pattern_renumber(name, suffix, suffix, again);
				CHECK(strcmp(name, again) == 0);
			}
			name[at] = kept;
		}
	}
}

static void test_check(void **state) {
	char letter, too_long[NAME_PATTERN_MAX + 1];
	for (size_t i = 0; i < COUNT(checked); i++) {
		letter = 0;
		CHECK(name_pattern_check(checked[i].pattern, &letter) == checked[i].result);
		CHECK(letter == checked[i].letter);
	}
	memset(too_long, 'x', sizeof(too_long) - 1);
	too_long[sizeof(too_long) - 1] = '\0';
	CHECK(name_pattern_check(too_long, &letter) == -ENAMETOOLONG);
	CHECK(name_pattern_is("a%Y") && !name_pattern_is("a"));
}

/* ---- keep ---- */

#define SECOND_NS INT64_C(1000000000)

static const struct file {
	const char *name;
	int64_t age_s;
	size_t bytes;
} files[] = {
	{"20260301.x", 400, 100},
	{"20260302.x", 300, 100},
	{"20260303.x", 200, 100},
	{"20260303-2.x", 200, 100}, /* the same moment: numbers count, not letters */
	{"20260303-10.x", 200, 100},
	{"20260304.x", 100, 100},
	{"20260301.y", 900, 100}, /* none of ours, all older */
	{"20260231.x", 900, 100},
	{".20260301.x.part", 900, 100},
	{"other", 900, 100},
};

enum { OURS = 6 };

static const struct {
	const char *name;
	struct keep_limits limits;
	uint64_t used;
	int64_t removed; /* the first of the list */
} kept[] = {
	{"no limit", {0, 0, 0}, 0, 0},
	{"enough room", {6, 1000 * SECOND_NS, 600}, 0, 0},
	{"too many", {4, 0, 0}, 0, 2},
	{"too many of the same moment", {2, 0, 0}, 0, 4},
	{"all but one", {1, 0, 0}, 0, 5},
	{"too old", {0, 250 * SECOND_NS, 0}, 0, 2},
	{"all too old", {0, 1 * SECOND_NS, 0}, 0, 6},
	{"too much", {0, 0, 599}, 0, 1},
	{"too much with what is written", {0, 0, 600}, 250, 3},
	{"what is written alone is too much", {0, 0, 600}, 1000, 6},
	{"two limits", {5, 250 * SECOND_NS, 0}, 0, 2},
};

static void test_keep(void **state) {
	const int64_t now_s = TIME;
	for (size_t i = 0; i < COUNT(kept); i++) {
		char folder[] = "/tmp/smtpscope-test-XXXXXX";
		assert_non_null(mkdtemp(folder));
		int directory = open(folder, O_RDONLY | O_DIRECTORY);
		for (size_t j = 0; j < COUNT(files); j++) {
			const struct timespec times[2] = {
				{.tv_sec = now_s - files[j].age_s}, {.tv_sec = now_s - files[j].age_s}};
			int fd = openat(directory, files[j].name, O_WRONLY | O_CREAT, 0600);
			assert_int_equal(ftruncate(fd, (off_t)files[j].bytes), 0);
			assert_int_equal(futimens(fd, times), 0);
			close(fd);
		}
		mkdirat(directory, "20200101.x", 0700); /* a folder is not a file */
		int64_t removed = keep_apply(directory, "%Y%m%d.x", &kept[i].limits, kept[i].used, now_s * SECOND_NS);
		if (removed != kept[i].removed)
			print_error("%s: %d\n", kept[i].name, (int)removed);
		CHECK(removed == kept[i].removed);
		for (size_t j = 0; j < COUNT(files); j++) {
			bool gone = faccessat(directory, files[j].name, F_OK, 0) < 0;
			CHECK(gone == (j < OURS && (int64_t)j < kept[i].removed));
			unlinkat(directory, files[j].name, 0);
		}
		CHECK(unlinkat(directory, "20200101.x", AT_REMOVEDIR) == 0);
		close(directory);
		CHECK(rmdir(folder) == 0);
	}
}

static int finish(void **state) {
	print_message("# %zu checks\n", checks);
	return checks > 400 ? 0 : -1;
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_made),
		cmocka_unit_test(test_read_back),
		cmocka_unit_test(test_one_character),
		cmocka_unit_test(test_check),
		cmocka_unit_test(test_keep),
	};
	return cmocka_run_group_tests(tests, NULL, finish);
}
