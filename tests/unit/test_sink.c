/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * report/sink/sink.c and memory_queue.c: nobody waits, the order is kept, and submitted is written, waiting or lost.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "report/sink/held_directory.h"
#include "report/sink/memory_queue.h"
#include "report/sink/sink.h"
#include "report/sink/whole_file.h"

static size_t checks;

#define CHECK(condition) (checks++, assert_true(condition))
#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define SECOND_NS INT64_C(1000000000)

/* ---- the queue ---- */

/* Adds documents of all lengths and takes batches, some of which are put back, until all of them went through. */
static void test_queue(void **state) {
	static const size_t sizes[] = {1, 10000, 100000, 5000000};
	for (size_t i = 0; i < COUNT(sizes); i++) {
		struct memory_queue queue;
		uint32_t in = 0, out = 0, refused = 0;
		memory_queue_init(&queue, sizes[i]);
		while (out < 20000) {
			char document[3000] = {0};
			bool filled;
			memcpy(document, &in, sizeof(in));
			while (memory_queue_add(&queue, document, 4 + in * 31 % 2900, in, &filled)) {
				in++;
				memcpy(document, &in, sizeof(in));
			}
			refused++;
			CHECK(queue.used <= queue.bytes_max && queue.documents == in - out);
			struct batch *batch = memory_queue_take(&queue);
			CHECK(batch != NULL);
			/* Two documents are delivered, then it comes back. */
			if (batch->count > 2) {
				batch_advance(batch, batch->ends[1]);
				memory_queue_put_back(&queue, batch);
				CHECK(queue.documents == in - out - 2);
				batch = memory_queue_take(&queue);
			}
			for (size_t j = 0; j < batch->count; j++, out++)
				CHECK(memcmp(batch->data + batch_start(batch, j), &out, sizeof(out)) == 0);
			memory_queue_release(&queue, batch);
		}
		CHECK(refused > 0);
		memory_queue_finish(&queue);
	}
}

static void test_queue_large(void **state) {
	struct memory_queue queue;
	char *document = calloc(1, 300000);
	bool filled;
	memory_queue_init(&queue, 400000);
	CHECK(!memory_queue_has_full(&queue) && memory_queue_take(&queue) == NULL);
	CHECK(memory_queue_add(&queue, document, 10, 0, &filled) && !filled && !memory_queue_has_full(&queue));
	CHECK(memory_queue_add(&queue, document, 300000, 0, &filled) && filled && memory_queue_has_full(&queue));
	CHECK(!memory_queue_add(&queue, document, 300000, 0, &filled));
	CHECK(memory_queue_add(&queue, document, 10, 0, &filled));
	CHECK(queue.documents == 3 && queue.bytes == 300020);
	memory_queue_finish(&queue);
	free(document);
}

/* ---- the sink ---- */

static char folder[64];

static int set_up(void **state) {
	strcpy(folder, "/tmp/smtpscope-test-XXXXXX");
	return mkdtemp(folder) != NULL ? 0 : -1;
}

static int tear_down(void **state) {
	char command[100];
	snprintf(command, sizeof(command), "rm -r %s", folder);
	return system(command);
}

static const char *in_folder(const char *name) {
	static char path[100];
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static struct sink *open_sink(const struct sink_options *options) {
	struct sink *sink = NULL;
	struct sink_error error = {0};
	if (sink_open(options, &sink, &error) < 0)
		print_error("%s\n", error.text);
	assert_non_null(sink);
	return sink;
}

static void write_numbers(struct sink *sink, unsigned first, unsigned last, unsigned *accepted) {
	for (unsigned i = first; i < last; i++) {
		char text[100];
		int len = sprintf(text, "%u %040u\n", i, i);
		*accepted += sink_write(sink, text, (size_t)len);
	}
}

static void check_balance(struct sink *sink, struct sink_stats *ret_stats) {
	sink_get_stats(sink, ret_stats);
	CHECK(ret_stats->submitted + ret_stats->recovered ==
		ret_stats->written + ret_stats->lost + ret_stats->memory_documents + ret_stats->spool_documents);
}

/* Reads numbers, one a line, that must go up; returns how many. */
static unsigned read_numbers(const char *path) {
	FILE *file = fopen(path, "r");
	char line[200];
	unsigned count = 0, last = 0;
	if (file == NULL)
		return 0;
	while (fgets(line, sizeof(line), file) != NULL) {
		unsigned one = 0, two = 0;
		CHECK(strchr(line, '\n') != NULL && sscanf(line, "%u %u", &one, &two) == 2 && one == two);
		CHECK(count == 0 || one > last);
		last = one;
		count++;
	}
	fclose(file);
	return count;
}

/* A write that fails most of the time, in all ways, with and without a spool, in memory of all sizes. */
static _Atomic unsigned faulty_calls;

static ssize_t faulty_write(int fd, const void *data, size_t len) {
	static const int errors[] = {ENOSPC, EIO, EDQUOT};
	unsigned call = atomic_fetch_add(&faulty_calls, 1);
	if (call % 3 == 1) {
		errno = errors[call / 3 % 3];
		return -1;
	}
	return write(fd, data, call % 3 == 0 ? len / 2 + 1 : len);
}

static const struct whole_file_calls faulty = {.write = faulty_write, .truncate = ftruncate};

static const struct {
	const char *name, *destination;
	bool spool;
	uint64_t queue_bytes, spool_bytes;
	unsigned documents;
	bool none_lost;
} rows[] = {
	{"plenty of memory", "out", false, 0, 0, 20000, true},
	{"little memory", "out", false, 20000, 0, 20000, false},
	{"little memory and a spool", "out", true, 20000, 0, 20000, false},
	{"little memory and a little spool", "out", true, 20000, 100000, 20000, false},
	{"files of a pattern", "%Y.x", true, 100000, 100000, 20000, false},
};

static void test_faults(void **state) {
	for (size_t i = 0; i < COUNT(rows); i++) {
		char destination[100], spool[100];
		struct sink_stats stats;
		unsigned accepted = 0;
		snprintf(destination, sizeof(destination), "%s/%zu-%s", folder, i, rows[i].destination);
		snprintf(spool, sizeof(spool), "%s/spool-%zu", folder, i);
		mkdir(spool, 0700);
		const struct sink_options options = {.destination = destination,
			.queue_bytes = rows[i].queue_bytes,
			.spool = rows[i].spool ? spool : NULL,
			.spool_bytes = rows[i].spool_bytes,
			.calls = &faulty};
		struct sink *sink = open_sink(&options);
		atomic_store(&faulty_calls, 0);
		write_numbers(sink, 0, 10, &accepted);
		CHECK(accepted == 10 && sink_start(sink) == 0);
		for (unsigned n = 10; n < rows[i].documents; n += 1999) {
			const struct timespec pause = {.tv_nsec = 30000000};
			write_numbers(sink, n, n + 1999, &accepted);
			nanosleep(&pause, NULL);
			sink_reopen(sink);
		}
		sink_finish(sink, 20 * SECOND_NS);
		check_balance(sink, &stats);
		CHECK(stats.memory_documents == 0 && stats.written > 0 && stats.write_errors > 0);
		CHECK(stats.written + stats.spool_documents == accepted);
		CHECK(stats.submitted - stats.lost == accepted);
		if (rows[i].none_lost)
			CHECK(stats.lost == 0);
		CHECK(!sink_write(sink, "late\n", 5));
		sink_destroy(sink);

		/* What is left in the spool comes with the next run. */
		const struct sink_options next = {.destination = destination, .spool = options.spool};
		sink = open_sink(&next);
		sink_get_stats(sink, &stats);
		CHECK(sink_start(sink) == 0 && sink_finish(sink, 20 * SECOND_NS) == 0);
		sink_destroy(sink);
		char *name = strchr(destination, '%');
		unsigned found = 0;
		if (name == NULL) {
			found = read_numbers(destination);
		} else {
			for (unsigned suffix = 0; suffix < 100; suffix++) {
				char path[200], year[8];
				time_t now = time(NULL);
				strftime(year, sizeof(year), "%Y", gmtime(&now));
				snprintf(path, sizeof(path), suffix > 0 ? "%.*s%s-%u.x" : "%.*s%s.x",
					(int)(name - destination), destination, year, suffix);
				found += read_numbers(path);
			}
		}
		if (found != accepted)
			print_error("%s: %u accepted, %u found\n", rows[i].name, accepted, found);
		CHECK(found == accepted);
	}
}

static const struct {
	const char *name, *destination;
	uint64_t rotate_ns, rotate_bytes, keep_files;
	const char *spool;
	int error;
} refused[] = {
	{"a folder", "", 0, 0, 0, NULL, -EISDIR},
	{"in no folder", "none/out", 0, 0, 0, NULL, -ENOENT},
	{"a pattern in no folder", "none/%Y", 0, 0, 0, NULL, -ENOENT},
	{"a conversion that nobody knows", "%Y-%c", 0, 0, 0, NULL, -EINVAL},
	{"a pattern with a dot at the front", ".%Y", 0, 0, 0, NULL, -EINVAL},
	{"a file that should rotate", "out", SECOND_NS, 0, 0, NULL, -EINVAL},
	{"a file of a size", "out", 0, 1, 0, NULL, -EINVAL},
	{"a file that should be kept", "out", 0, 0, 1, NULL, -EINVAL},
	{"standard output of a size", NULL, 0, 1, 0, NULL, -EINVAL},
	{"half a second", "%Y", SECOND_NS / 2, 0, 0, NULL, -EINVAL},
	{"no spool", "out", 0, 0, 0, "none", -ENOENT},
};

static void test_refused(void **state) {
	for (size_t i = 0; i < COUNT(refused); i++) {
		char destination[100], spool[100];
		struct sink *sink = NULL;
		struct sink_error error = {0};
		const char *name = refused[i].destination;
		snprintf(destination, sizeof(destination), "%s/%s", folder, name != NULL ? name : "");
		snprintf(spool, sizeof(spool), "%s/%s", folder, refused[i].spool != NULL ? refused[i].spool : "");
		if (name != NULL && name[0] == '\0')
			destination[strlen(destination) - 1] = '\0'; /* the folder itself */
		const struct sink_options options = {.destination = name != NULL ? destination : NULL,
			.rotate_ns = refused[i].rotate_ns,
			.rotate_bytes = refused[i].rotate_bytes,
			.keep_files = refused[i].keep_files,
			.spool = refused[i].spool != NULL ? spool : NULL};
		int result = sink_open(&options, &sink, &error);
		if (result != refused[i].error)
			print_error("%s: %d\n", refused[i].name, result);
		CHECK(result == refused[i].error && error.error == result && strlen(error.text) > 10 && sink == NULL);
	}
}

/* ---- a write that hangs ---- */

static int gate[2];

static ssize_t hanging_write(int fd, const void *data, size_t len) {
	char byte;
	ssize_t n = read(gate[0], &byte, 1); /* nobody ever writes */
	(void)n;
	return write(fd, data, len);
}

static void test_hanging(void **state) {
	static const struct whole_file_calls calls = {.write = hanging_write, .truncate = ftruncate};
	struct sink_stats stats;
	struct timespec before, after;
	unsigned accepted = 0;
	assert_int_equal(pipe(gate), 0);
	const struct sink_options options = {.destination = in_folder("out"), .queue_bytes = 20000, .calls = &calls};
	struct sink *sink = open_sink(&options);
	CHECK(sink_start(sink) == 0);
	clock_gettime(CLOCK_MONOTONIC, &before);
	write_numbers(sink, 0, 100000, &accepted);
	clock_gettime(CLOCK_MONOTONIC, &after);
	/* It would hang for ever if it waited; a minute is far more than anything takes. */
	CHECK(after.tv_sec - before.tv_sec < 60);
	CHECK(accepted > 0 && accepted < 1000);
	CHECK(sink_finish(sink, 0) == -ETIMEDOUT);
	check_balance(sink, &stats);
	CHECK(stats.lost == 100000 && stats.written == 0);
	sink_destroy(sink); /* frees nothing that the thread uses */
}

/* ---- threads and signals ---- */

static struct sink *shared;
static _Atomic unsigned shared_accepted;

static void *write_many(void *argument) {
	unsigned accepted = 0;
	char text[32];
	for (unsigned i = 0; i < 5000; i++) {
		int len = sprintf(text, "%p %u\n", argument, i);
		accepted += sink_write(shared, text, (size_t)len);
	}
	atomic_fetch_add(&shared_accepted, accepted);
	return NULL;
}

static void reopen_in_handler(int number) {
	sink_reopen(shared);
}

static void test_threads(void **state) {
	pthread_t threads[4];
	struct sink_stats stats;
	const struct sink_options options = {.destination = in_folder("out")};
	shared = open_sink(&options);
	CHECK(sink_start(shared) == 0);
	signal(SIGHUP, reopen_in_handler);
	for (size_t i = 0; i < COUNT(threads); i++)
		assert_int_equal(pthread_create(&threads[i], NULL, write_many, folder + i), 0);
	for (unsigned i = 0; i < 50; i++)
		raise(SIGHUP);
	for (size_t i = 0; i < COUNT(threads); i++)
		pthread_join(threads[i], NULL);
	CHECK(sink_finish(shared, 20 * SECOND_NS) == 0);
	signal(SIGHUP, SIG_DFL);
	check_balance(shared, &stats);
	CHECK(stats.written == 20000 && shared_accepted == 20000 && stats.written_bytes > 200000);
	sink_destroy(shared);
}

static void test_directories(void **state) {
	const struct held_directory *directories[SINK_DIRECTORIES_MAX];
	const struct sink_options file = {.destination = in_folder("out"), .spool = folder};
	struct sink *sink = open_sink(&file);
	CHECK(sink_get_directories(sink, directories) == 2 && fcntl(directories[0]->fd, F_GETFD) >= 0 &&
		fcntl(directories[1]->parent_fd, F_GETFD) >= 0);
	CHECK(sink_write(sink, "", 0));
	unsigned accepted = 0;
	write_numbers(sink, 0, 5, &accepted);
	/* Never started: what it has goes to the spool. */
	struct sink_stats stats;
	CHECK(sink_finish(sink, 0) == 0);
	check_balance(sink, &stats);
	CHECK(stats.spool_documents == 5);
	sink_destroy(sink);
	sink_destroy(NULL);
	int null = open("/dev/null", O_WRONLY);
	const struct sink_options standard = {.stdout_fd = null};
	sink = open_sink(&standard);
	CHECK(sink_get_directories(sink, directories) == 0);
	write_numbers(sink, 0, 5, &accepted);
	CHECK(sink_finish(sink, 0) == -EIO);
	check_balance(sink, &stats);
	CHECK(stats.lost == 5);
	sink_destroy(sink);
	close(null);
}

static int finish(void **state) {
	print_message("# %zu checks\n", checks);
	return checks > 10000 ? 0 : -1;
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_queue),
		cmocka_unit_test(test_queue_large),
		TEST(test_faults),
		TEST(test_refused),
		TEST(test_threads),
		TEST(test_directories),
		TEST(test_hanging),
	};
	return cmocka_run_group_tests(tests, NULL, finish);
}
