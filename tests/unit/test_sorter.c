/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * report/sorter.c: everything that was added comes out once, in order, however little memory there is.
 */
#include "facts_check.h"

#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include "report/sorter.h"

static size_t checks;

#define CHECK(condition) (checks++, assert_true(condition))

static struct facts one_of(int64_t start_ns, const char *id, const char *source) {
	return (struct facts){
		.id = {id, strlen(id)},
		.source = {source, strlen(source)},
		.client.ip_version = 4,
		.server.ip_version = 4,
		.start_ns = start_ns,
		.end_ns = start_ns + 5,
	};
}

struct seen {
	int64_t last_ns;
	char last_id[FACTS_ID_MAX + 1];
	size_t count, out_of_order, split_ids;
	uint64_t sum;
};

static void see(void *context, const struct facts *facts) {
	struct seen *seen = context;
	char id[FACTS_ID_MAX + 1] = "";
	memcpy(id, facts->id.data, facts->id.len);
	seen->out_of_order += seen->count > 0 && facts->start_ns < seen->last_ns;
	/* The same id at the same time must come together: with this few ids each is seen once in a row. */
	seen->split_ids += seen->count > 0 && facts->start_ns == seen->last_ns && strcmp(id, seen->last_id) < 0 &&
			   strlen(id) == strlen(seen->last_id);
	seen->last_ns = facts->start_ns;
	strcpy(seen->last_id, id);
	seen->count++;
	seen->sum += (uint64_t)facts->start_ns * 31 + strtoul(id, NULL, 16);
}

static uint64_t next_random(uint64_t *state) {
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

static int directory_fd;

static int prepare(void **state) {
	(void)state;
	directory_fd = sorter_open_directory();
	return directory_fd >= 0 ? 0 : -1;
}

/* Adds count facts in random order, among them many of the same time and id. */
static size_t fill_and_run(size_t memory_limit, size_t count, struct seen *ret_seen) {
	struct sorter *sorter = sorter_create(memory_limit, directory_fd);
	assert_non_null(sorter);
	uint64_t state = 88172645463325252u, sum = 0;
	for (size_t i = 0; i < count; i++) {
		char id[24];
		int64_t start_ns = (int64_t)(next_random(&state) % (count / 3 + 1)) - 100;
		snprintf(id, sizeof(id), "%020x", (unsigned)(next_random(&state) % 4));
		struct facts facts = one_of(start_ns, id, "test.pcap");
		assert_int_equal(sorter_add(sorter, &facts), 0);
		sum += (uint64_t)start_ns * 31 + strtoul(id, NULL, 16);
	}
	size_t files = sorter_file_count(sorter);
	*ret_seen = (struct seen){0};
	CHECK(sorter_run(sorter, see, ret_seen) == 0);
	CHECK(ret_seen->count == count && ret_seen->sum == sum);
	CHECK(ret_seen->out_of_order == 0 && ret_seen->split_ids == 0);
	CHECK(sorter_file_count(sorter) == 0);
	sorter_destroy(sorter);
	return files;
}

static void test_in_memory(void **state) {
	(void)state;
	struct seen seen;
	CHECK(fill_and_run(0, 0, &seen) == 0);
	CHECK(fill_and_run(0, 1, &seen) == 0);
	CHECK(fill_and_run(0, 20000, &seen) == 0);
}

static void test_spilled(void **state) {
	(void)state;
	struct seen seen;
	size_t files = fill_and_run(200000, 20000, &seen);
	CHECK(files > 5 && files < 64);
	/* A limit below a single one: each is a run, and the runs are merged again and again. */
	files = fill_and_run(1, 3000, &seen);
	CHECK(files > 1 && files <= 64);
	for (size_t count = 60; count < 70; count++)
		fill_and_run(1, count, &seen);
}

/* Text of all that comes out. */
static void note(void *context, const struct facts *facts) {
	fprintf(context, "%lld %.*s %.*s\n", (long long)facts->start_ns, (int)facts->id.len, facts->id.data,
		(int)facts->source.len, facts->source.data);
}

static char *sorted_text(const struct facts *facts, const size_t *order, size_t count, size_t memory_limit) {
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	struct sorter *sorter = sorter_create(memory_limit, directory_fd);
	for (size_t i = 0; i < count; i++)
		CHECK(sorter_add(sorter, &facts[order[i]]) == 0);
	CHECK(sorter_run(sorter, note, out) == 0);
	sorter_destroy(sorter);
	fclose(out);
	return text;
}

/* The result does not depend on the order in which they were added, also where time and id are the same. */
static void test_any_order(void **state) {
	(void)state;
	const struct facts facts[] = {one_of(20, "b", "x"), one_of(10, "z", "x"), one_of(20, "a", "x"), one_of(20, "b", "w"),
		one_of(20, "b", "x"), one_of(-5, "m", "x"), one_of(20, "", "x"), one_of(20, "ab", "x")};
	enum { COUNT = sizeof(facts) / sizeof(facts[0]) };
	static const char expected[] = "-5 m x\n10 z x\n20  x\n20 a x\n20 b w\n20 b x\n20 b x\n20 ab x\n";
	uint64_t random = 1;
	size_t order[COUNT];
	for (size_t i = 0; i < COUNT; i++)
		order[i] = i;
	for (size_t round = 0; round < 200; round++) {
		char *text = sorted_text(facts, order, COUNT, round % 2 == 0 ? 0 : 1 + next_random(&random) % 300);
		if (strcmp(text, expected) != 0)
			print_error("%s", text);
		CHECK(strcmp(text, expected) == 0);
		free(text);
		for (size_t i = COUNT - 1; i > 0; i--) {
			size_t k = next_random(&random) % (i + 1), swapped = order[i];
			order[i] = order[k];
			order[k] = swapped;
		}
	}
}

static void test_errors(void **state) {
	(void)state;
	struct facts facts = one_of(1, "a", "x");
	setenv("TMPDIR", "/no/such/folder", 1);
	CHECK(sorter_open_directory() == -ENOENT);
	unsetenv("TMPDIR");
	struct sorter *sorter = sorter_create(1, -ENOENT);
	CHECK(sorter_add(sorter, &facts) == -ENOENT);
	sorter_destroy(sorter);
	sorter = sorter_create(0, -ENOENT);
	CHECK(sorter_add(sorter, &facts) == 0); /* needs no file */
	sorter_destroy(sorter);

	/* A full disk, as far as a test can have one. */
	struct rlimit before, small = {.rlim_cur = 100000};
	getrlimit(RLIMIT_FSIZE, &before);
	small.rlim_max = before.rlim_max;
	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &small);
	sorter = sorter_create(200000, directory_fd);
	int result = 0;
	for (size_t i = 0; i < 20000 && result == 0; i++)
		result = sorter_add(sorter, &facts);
	CHECK(result == -EFBIG);
	sorter_destroy(sorter);
	setrlimit(RLIMIT_FSIZE, &before);
}

static void test_leaves_nothing(void **state) {
	(void)state;
	char folder[] = "/tmp/smtpscope-test-XXXXXX";
	assert_non_null(mkdtemp(folder));
	setenv("TMPDIR", folder, 1);
	int folder_fd = sorter_open_directory();
	struct sorter *sorter = sorter_create(1, folder_fd);
	struct facts facts = one_of(1, "a", "x");
	CHECK(sorter_add(sorter, &facts) == 0 && sorter_add(sorter, &facts) == 0);
	CHECK(sorter_file_count(sorter) == 2);
	CHECK(rmdir(folder) == 0); /* empty: the files have no name */
	sorter_destroy(sorter);    /* without having run */
	sorter_destroy(NULL);
	close(folder_fd);
	unsetenv("TMPDIR");
}

static int finish(void **state) {
	(void)state;
	close(directory_fd);
	print_message("# %zu checks\n", checks);
	return checks > 1000 ? 0 : -1;
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_in_memory),
		cmocka_unit_test(test_spilled),
		cmocka_unit_test(test_any_order),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_leaves_nothing),
	};
	return cmocka_run_group_tests(tests, prepare, finish);
}
