/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * report/sink/whole_file.c and tail.c: however a write fails, the file ends with a whole document; and one that does not is
 * cut.
 */
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
#include <zstd.h>

#include <cmocka.h>

#include "report/sink/tail.h"
#include "report/sink/whole_file.h"
#include "report/sink/zstd_frame.h"

static size_t checks;

#define CHECK(condition) (checks++, assert_true(condition))
#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* What the next calls do: take at most so many bytes in all, then fail. There is no other way to a test's own system calls.
 */
static struct {
	size_t takes, at_a_time;
	int error;
	unsigned truncates_fail;
} faults;

static ssize_t faulty_write(int fd, const void *data, size_t len) {
	if (faults.takes == 0) {
		errno = faults.error;
		return faults.error == 0 ? 0 : -1;
	}
	if (len > faults.takes)
		len = faults.takes;
	if (len > faults.at_a_time)
		len = faults.at_a_time;
	faults.takes -= len;
	return write(fd, data, len);
}

static int faulty_truncate(int fd, off_t size) {
	if (faults.truncates_fail > 0) {
		faults.truncates_fail--;
		errno = EIO;
		return -1;
	}
	return ftruncate(fd, size);
}

static const struct whole_file_calls faulty = {.write = faulty_write, .truncate = faulty_truncate};

static const char *const documents[] = {"{\"n\":1}\n", "{\"n\":22}\n", "{\"n\":333,\"x\":\"yyyyyyyyyyyyyyyyyy\"}\n", "{}\n"};

static struct batch *make_batch(void) {
	struct batch *batch = batch_create(1000, 10);
	assert_non_null(batch);
	for (size_t i = 0; i < COUNT(documents); i++)
		assert_true(batch_add(batch, documents[i], strlen(documents[i])));
	return batch;
}

static int unnamed(void) {
	int fd = open("/tmp", O_TMPFILE | O_RDWR | O_APPEND, 0600);
	assert_true(fd >= 0);
	return fd;
}

static void check_content(int fd, const char *data, size_t len) {
	char *got = malloc(len + 2);
	ssize_t n = pread(fd, got, len + 1, 0);
	CHECK(n == (ssize_t)len);
	CHECK(memcmp(got, data, len) == 0);
	free(got);
}

/* Fails after every possible number of bytes, in every way, and goes on. */
static void test_every_place(void **state) {
	static const int errors[] = {ENOSPC, EDQUOT, EFBIG, EIO, 0};
	static const size_t steps[] = {1, 5, 1000};
	struct batch *whole = make_batch();
	for (size_t takes = 0; takes < whole->len; takes++) {
		for (size_t way = 0; way < COUNT(errors) * COUNT(steps) * 3; way++) {
			struct batch *batch = make_batch();
			int error = errors[way % COUNT(errors)];
			struct whole_file file = {.fd = unnamed(), .calls = &faulty};
			faults.takes = takes;
			faults.error = error;
			faults.at_a_time = steps[way / COUNT(errors) % COUNT(steps)];
			faults.truncates_fail = (unsigned)(way / COUNT(errors) / COUNT(steps));
			CHECK(whole_file_append(&file, batch, batch->len) == (error != 0 ? -error : -EIO));
			CHECK(batch->done == batch_boundary(batch) && batch->done <= takes && file.size == batch->done);
			if (faults.truncates_fail == 0 && !file.torn)
				check_content(file.fd, whole->data, batch->done);
			/* Another failure, of the cut or of the write; then it works. */
			faults.takes = 0;
			CHECK(whole_file_append(&file, batch, batch->len - batch->done) < 0);
			faults.takes = faults.at_a_time = 10000;
			faults.truncates_fail = 0;
			CHECK(whole_file_append(&file, batch, batch->len - batch->done) == 0);
			CHECK(batch->done_count == batch->count && file.size == whole->len);
			check_content(file.fd, whole->data, whole->len);
			close(file.fd);
			batch_destroy(batch);
		}
	}
	batch_destroy(whole);
}

static ssize_t write_and_another(int fd, const void *data, size_t len) {
	ssize_t n = faulty_write(fd, data, len);
	if (n > 0 && faults.takes == 0)
		assert_int_equal(write(fd, "OTHER\n", 6), 6);
	return n;
}

/* What somebody else has written behind ours is not cut off. */
static void test_shared(void **state) {
	static const struct whole_file_calls calls = {.write = write_and_another, .truncate = faulty_truncate};
	struct batch *batch = make_batch();
	struct whole_file file = {.fd = unnamed(), .calls = &calls};
	char got[1000], wanted[1000];
	faults.takes = faults.at_a_time = 12;
	faults.error = ENOSPC;
	faults.truncates_fail = 0;
	CHECK(whole_file_append(&file, batch, batch->len) == -ENOSPC);
	CHECK(batch->done == 12 && batch->done_count == 1);
	faults.takes = 3;
	CHECK(whole_file_append(&file, batch, batch->len - 12) == -ENOSPC);
	faults.takes = faults.at_a_time = 10000;
	CHECK(whole_file_append(&file, batch, batch->len - batch->done) == 0);
	snprintf(wanted, sizeof(wanted), "%.12sOTHER\n%.3sOTHER\n%.*s", batch->data, batch->data + 12, (int)batch->len - 15,
		batch->data + 15);
	ssize_t n = pread(file.fd, got, sizeof(got), 0);
	CHECK(n == (ssize_t)strlen(wanted) && memcmp(got, wanted, (size_t)n) == 0);
	close(file.fd);
	batch_destroy(batch);
}

static void test_fits(void **state) {
	struct batch *batch = make_batch();
	struct whole_file file = {.size = 100};
	CHECK(whole_file_fits(&file, batch, 0) == batch->len);
	CHECK(whole_file_fits(&file, batch, 100 + batch->len) == batch->len);
	CHECK(whole_file_fits(&file, batch, 100 + batch->len - 1) == batch->len - 3);
	CHECK(whole_file_fits(&file, batch, 108) == 8);
	CHECK(whole_file_fits(&file, batch, 107) == 0);
	CHECK(whole_file_fits(&file, batch, 50) == 0);
	batch_advance(batch, 8);
	CHECK(whole_file_fits(&file, batch, 109) == 9);
	batch_destroy(batch);
}

/* ---- tails ---- */

static const struct {
	const char *name, *data;
	size_t len;
	int result;
	size_t left;
} tails[] = {
	{"empty", "", 0, 0, 0},
	{"whole", "{}\n{}\n", 6, 0, 6},
	{"torn", "{}\n{}\n{\"a", 9, 0, 6},
	{"a single brace", "{", 1, 0, 0},
	{"nothing but a torn line", "{\"a\":\"b", 7, 0, 0},
	{"zeros behind", "{}\n\0\0\0\0", 7, 0, 3},
	{"zeros only", "\0\0\0\0", 4, 0, 0},
	{"something else", "GIF89a", 6, -EBADMSG, 6},
};

static void test_lines(void **state) {
	for (size_t i = 0; i < COUNT(tails); i++) {
		int fd = unnamed();
		uint64_t size = 99, cut = 99;
		assert_int_equal(write(fd, tails[i].data, tails[i].len), tails[i].len);
		CHECK(tail_repair(fd, false, &size, &cut) == tails[i].result);
		if (tails[i].result == 0)
			CHECK(size == tails[i].left && cut == tails[i].len - tails[i].left);
		check_content(fd, tails[i].data, tails[i].left);
		close(fd);
	}
}

/* A torn line that is longer than what is read at a time. */
static void test_long_line(void **state) {
	size_t len = 3 * 1024 * 1024;
	char *data = malloc(len);
	uint64_t size, cut;
	int fd = unnamed();
	memset(data, 'x', len);
	data[0] = '{';
	data[1] = '\n';
	assert_int_equal(write(fd, data, len), len);
	CHECK(tail_repair(fd, false, &size, &cut) == 0 && size == 2 && cut == len - 2);
	close(fd);
	free(data);
}

/* Three frames, cut after every byte. */
static void test_frames(void **state) {
	struct zstd_frame *frame = zstd_frame_create();
	struct batch *batch = make_batch(), *made[3];
	size_t ends[4] = {0}, len = 0;
	char data[4096];
	assert_non_null(frame);
	for (size_t i = 0; i < 3; i++) {
		CHECK(zstd_frame_make(frame, batch, &made[i]) == 0);
		memcpy(data + len, made[i]->data, made[i]->len);
		len += made[i]->len;
		ends[i + 1] = len;
		/* Frames are of what is left. */
		char plain[1000];
		size_t n = ZSTD_decompress(plain, sizeof(plain), made[i]->data, made[i]->len);
		CHECK(n == batch->len - batch->done && memcmp(plain, batch->data + batch->done, n) == 0);
		batch_advance(batch, strlen(documents[i]));
		batch_destroy(made[i]);
	}
	for (size_t torn = 0; torn <= len; torn++) {
		size_t wanted = 0, i;
		uint64_t size, cut;
		int fd = unnamed();
		for (i = 0; i < 4; i++)
			if (ends[i] <= torn)
				wanted = ends[i];
		assert_int_equal(write(fd, data, torn), torn);
		CHECK(tail_repair(fd, true, &size, &cut) == 0);
		CHECK(size == wanted && cut == torn - wanted);
		check_content(fd, data, wanted);
		close(fd);
	}
	int fd = unnamed();
	uint64_t size, cut;
	assert_int_equal(write(fd, "{}\n", 3), 3);
	CHECK(tail_repair(fd, true, &size, &cut) == -EBADMSG);
	check_content(fd, "{}\n", 3);
	close(fd);
	batch_destroy(batch);
	zstd_frame_destroy(frame);
}

static int finish(void **state) {
	print_message("# %zu checks\n", checks);
	return checks > 10000 ? 0 : -1;
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_place),
		cmocka_unit_test(test_shared),
		cmocka_unit_test(test_fits),
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_long_line),
		cmocka_unit_test(test_frames),
	};
	return cmocka_run_group_tests(tests, NULL, finish);
}
