/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * report/sink/spool.c: what goes in comes out in order, after a restart too, and whatever happened to the files in between.
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
#include <sys/resource.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "report/sink/held_directory.h"
#include "report/sink/spool.h"

static size_t checks;

#define CHECK(condition) (checks++, assert_true(condition))

enum { BOUND = 1 << 20 };

static char folder[64];

static int set_up(void **state) {
	strcpy(folder, "/tmp/smtpscope-test-XXXXXX");
	return mkdtemp(folder) != NULL ? 0 : -1;
}

/* Calls back with the path of each segment, in no order. Returns how many there are. */
static size_t each_segment(void (*call)(const char *path)) {
	size_t count = 0;
	DIR *stream = opendir(folder);
	assert_non_null(stream);
	for (const struct dirent *entry; (entry = readdir(stream)) != NULL;) {
		char path[400];
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		if (call != NULL)
			call(path);
		count++;
	}
	closedir(stream);
	return count;
}

static void remove_file(const char *path) {
	unlink(path);
}

static int tear_down(void **state) {
	each_segment(remove_file);
	return rmdir(folder);
}

static struct spool *open_spool(uint64_t bytes_max, struct spool_found *ret_found) {
	struct spool *spool = NULL;
	assert_int_equal(spool_open(folder, bytes_max, &spool, ret_found), 0);
	return spool;
}

/* Documents number first to last - 1, each of a length of its own. */
static size_t append(struct spool *spool, unsigned first, unsigned last, int *ret_error) {
	struct batch *batch = batch_create(1 << 20, 4096);
	size_t count;
	for (unsigned i = first; i < last; i++) {
		char text[600];
		int len = sprintf(text, "%u %*s\n", i, (int)(i * 37 % 500), "x");
		assert_true(batch_add(batch, text, (size_t)len));
	}
	*ret_error = spool_append(spool, batch, 0, &count);
	batch_destroy(batch);
	return count;
}

/* Reads and acknowledges all; the documents must be numbered on from next. Returns the number after the last. */
static unsigned drain(struct spool *spool, unsigned next, unsigned stop, uint64_t *lost) {
	while (next < stop) {
		uint64_t gone;
		struct batch *batch = spool_read(spool, &gone);
		*lost += gone;
		if (batch == NULL)
			break;
		size_t count = 0;
		for (; count < batch->count && next < stop; count++, next++)
			CHECK(strtoul(batch->data + batch_start(batch, count), NULL, 10) == next);
		/* In two parts, as a slow output does it. */
		spool_acknowledge(spool, batch, 0, count / 2);
		spool_acknowledge(spool, batch, count / 2, count - count / 2);
		batch_destroy(batch);
	}
	return next;
}

static void test_order(void **state) {
	struct spool_found found;
	uint64_t lost = 0;
	int error;
	struct spool *spool = open_spool(BOUND, &found);
	CHECK(found.documents == 0 && found.damaged == 0);
	CHECK(append(spool, 0, 1000, &error) == 1000 && error == 0);
	CHECK(append(spool, 1000, 1500, &error) == 500 && error == 0);
	CHECK(each_segment(NULL) > 2);
	CHECK(drain(spool, 0, 700, &lost) == 700);
	CHECK(append(spool, 1500, 2500, &error) == 1000 && error == 0);
	CHECK(spool_documents(spool) == 1800);
	CHECK(drain(spool, 700, 5000, &lost) == 2500 && lost == 0);
	CHECK(spool_documents(spool) == 0 && spool_bytes(spool) == 0 && each_segment(NULL) == 0);
	/* And again from nothing. */
	CHECK(append(spool, 0, 10, &error) == 10 && drain(spool, 0, 100, &lost) == 10);
	spool_close(spool);
	CHECK(each_segment(NULL) == 0);
}

/* Closed (as kill -9 would) after every few documents. */
static void test_restart(void **state) {
	unsigned next_in = 0, next_out = 0;
	uint64_t lost = 0;
	int error;
	for (unsigned turn = 0; turn < 50; turn++) {
		struct spool_found found;
		struct spool *spool = open_spool(BOUND, &found);
		CHECK(found.documents == next_in - next_out && found.damaged == 0);
		CHECK(append(spool, next_in, next_in + 60, &error) == 60 && error == 0);
		next_in += 60;
		next_out = drain(spool, next_out, next_out + turn, &lost);
		CHECK(spool_sync(spool) == 0);
		spool_close(spool);
	}
	struct spool_found found;
	struct spool *spool = open_spool(BOUND, &found);
	CHECK(drain(spool, next_out, UINT32_MAX, &lost) == next_in && lost == 0);
	spool_close(spool);
}

static void check_size(const char *path) {
	struct stat status;
	CHECK(stat(path, &status) == 0 && status.st_size <= BOUND / 4);
}

static void test_bound(void **state) {
	struct spool_found found;
	uint64_t lost = 0;
	int error = 0;
	unsigned count = 0;
	struct spool *spool = open_spool(BOUND, &found);
	while (error == 0)
		count += (unsigned)append(spool, count, count + 500, &error);
	CHECK(error == -ENOSPC && spool_bytes(spool) < BOUND && spool_bytes(spool) > BOUND * 9 / 10);
	each_segment(check_size);
	CHECK(append(spool, count, count + 500, &error) < 10 || error == -ENOSPC);
	count = (unsigned)spool_documents(spool);
	CHECK(drain(spool, 0, 1000, &lost) == 1000);
	CHECK(append(spool, count, count + 100, &error) == 100 && error == 0);
	CHECK(drain(spool, 1000, UINT32_MAX, &lost) == count + 100 && lost == 0);
	/* A document larger than a segment is one; larger than the bound, it never fits. */
	struct batch *large = batch_create(2 * BOUND, 1);
	size_t taken;
	memset(large->data, 'x', large->capacity);
	large->count = 1;
	large->len = large->ends[0] = BOUND / 2;
	CHECK(spool_append(spool, large, 0, &taken) == 0 && taken == 1);
	struct batch *again = spool_read(spool, &lost);
	CHECK(again != NULL && again->len == BOUND / 2 && memcmp(again->data, large->data, again->len) == 0);
	spool_acknowledge(spool, again, 0, 1);
	batch_destroy(again);
	large->len = large->ends[0] = 2 * BOUND;
	CHECK(spool_append(spool, large, 0, &taken) == -ENOSPC && taken == 0);
	batch_destroy(large);
	spool_close(spool);
}

/* The limit of a file stands for a disk that is full in the middle of a write. */
static void test_disk_full(void **state) {
	struct spool_found found;
	uint64_t lost = 0;
	struct rlimit before, limit;
	int error;
	struct spool *spool = open_spool(BOUND, &found);
	CHECK(append(spool, 0, 10, &error) == 10);
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &before);
	limit = before;
	limit.rlim_cur = 5000;
	setrlimit(RLIMIT_FSIZE, &limit);
	CHECK(append(spool, 10, 110, &error) == 0 && error == -EFBIG);
	setrlimit(RLIMIT_FSIZE, &before);
	/* The documents of which a part was written are not found: they would be delivered twice. */
	spool_close(spool);
	spool = open_spool(BOUND, &found);
	CHECK(found.documents == 10 && found.damaged == 0);
	CHECK(append(spool, 10, 110, &error) == 100 && error == 0);
	spool_close(spool);
	spool = open_spool(BOUND, &found);
	CHECK(found.documents == 110 && found.damaged == 0);
	CHECK(drain(spool, 0, 1000, &lost) == 110 && lost == 0);
	spool_close(spool);
}

static off_t cut_to;

static void cut_file(const char *path) {
	CHECK(truncate(path, cut_to) == 0);
}

static void flip_byte(const char *path) {
	char byte;
	int fd = open(path, O_RDWR);
	assert_int_equal(pread(fd, &byte, 1, cut_to), 1);
	byte ^= 0x10;
	assert_int_equal(pwrite(fd, &byte, 1, cut_to), 1);
	close(fd);
}

static off_t file_size;

static void note_size(const char *path) {
	struct stat status;
	stat(path, &status);
	file_size = status.st_size;
}

/* One segment, cut or changed at every byte: what comes before is delivered, what comes after is not made up. */
static void test_damage(void **state) {
	uint64_t lost = 0;
	file_size = 1;
	for (cut_to = 0; cut_to < file_size; cut_to++) {
		for (int way = 0; way < 2; way++) {
			struct spool_found found;
			int error;
			struct spool *spool = open_spool(BOUND, &found);
			CHECK(append(spool, 0, 8, &error) == 8);
			spool_close(spool);
			each_segment(note_size);
			each_segment(way == 0 ? cut_file : flip_byte);
			spool = open_spool(BOUND, &found);
			CHECK(found.documents <= 8);
			/* The offset in the header is no secret and has no checksum; wrong, it is as if all were to come. */
			CHECK(found.damaged == 1 || found.documents == 8 || (way == 0 && found.damaged == 0));
			CHECK(append(spool, (unsigned)found.documents, 20, &error) == 20 - found.documents);
			CHECK(drain(spool, 0, 100, &lost) == 20 && lost == 0);
			spool_close(spool);
			CHECK(each_segment(NULL) == 0);
		}
	}
	CHECK(cut_to > 500);
}

/* Damaged while it is open: counted, and what follows is delivered. */
static void test_damage_while_open(void **state) {
	struct spool_found found;
	uint64_t lost = 0;
	int error;
	struct spool *spool = open_spool(BOUND, &found);
	CHECK(append(spool, 0, 10, &error) == 10);
	cut_to = 20;
	each_segment(flip_byte);
	struct batch *batch = spool_read(spool, &lost);
	CHECK(batch == NULL && lost == 10 && spool_documents(spool) == 0);
	CHECK(append(spool, 0, 10, &error) == 10 && drain(spool, 0, 100, &lost) == 10);
	spool_close(spool);
}

static void test_directory(void **state) {
	struct spool_found found;
	struct spool *spool = open_spool(BOUND, &found), *other = NULL;
	char path[100];
	uint64_t lost = 0;
	int error;
	CHECK(spool_open(folder, BOUND, &other, &found) == -EBUSY && other == NULL);
	CHECK(spool_open("/nonexistent/x", BOUND, &other, &found) == -ENOENT);
	CHECK(spool_get_directory(spool)->fd >= 0);
	/* What is not ours is left alone. */
	static const char *const strange[] = {"smtpscope-1.spool", "smtpscope-000000000000000G.spool", "other",
		"smtpscope-0000000000000001.spool.bak", "smtpscope-000000000000000A.spool"};
	spool_close(spool);
	for (size_t i = 0; i < sizeof(strange) / sizeof(*strange); i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, strange[i]);
		close(open(path, O_CREAT | O_WRONLY, 0600));
	}
	spool = open_spool(BOUND, &found);
	CHECK(found.documents == 0 && found.damaged == 0 && each_segment(NULL) == 5);
	each_segment(remove_file);
	/* Removed and made again. */
	CHECK(append(spool, 0, 10, &error) == 10);
	each_segment(remove_file);
	CHECK(rmdir(folder) == 0);
	CHECK(append(spool, 10, 20, &error) == 0 && error == -ENOENT);
	CHECK(mkdir(folder, 0700) == 0);
	spool_check(spool);
	CHECK(append(spool, 10, 20, &error) == 10 && error == 0);
	/* What was in the file that is gone is still readable as long as it is open. */
	CHECK(drain(spool, 0, 100, &lost) == 20 && lost == 0);
	spool_close(spool);
	spool_close(NULL);
}

static int finish(void **state) {
	print_message("# %zu checks\n", checks);
	return checks > 10000 ? 0 : -1;
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void) {
	const struct CMUnitTest tests[] = {
		TEST(test_order),
		TEST(test_restart),
		TEST(test_bound),
		TEST(test_disk_full),
		TEST(test_damage),
		TEST(test_damage_while_open),
		TEST(test_directory),
	};
	return cmocka_run_group_tests(tests, NULL, finish);
}
