/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Drives report/sink/ for tests/sink.py: options as NAME=VALUE arguments, then commands on standard input, one a line, each
 * answered by one line on standard output when it is done. What the sink says goes to standard error.
 *
 *   write COUNT SIZE     hands over documents of that size, numbered on
 *   flood THREADS SIZE US   as many threads hand over documents, with a pause of so many microseconds between them; not
 * waited for calm                 ends the flood reopen | stats       the statistics as JSON clock SECONDS        sets the
 * wall clock on by so much watch                statistics every millisecond from now on, without being asked finish
 * MILLISECONDS  ends the sink; statistics
 */
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "delivery/delivery.h"
#include "report/sink/dead_letters.h"
#include "report/sink/sink.h"

enum { THREADS_MAX = 16 };

struct flood {
	struct driver *driver;
	unsigned number, size, pause_us;
	uint64_t next;
	pthread_t thread;
};

struct driver {
	struct sink *sink;
	struct flood floods[THREADS_MAX];
	unsigned flood_count;
	_Atomic bool calm;
	_Atomic int64_t ahead_s;
	uint64_t next;
	char *document;
};

static void say(void *context, const char *text) {
	fprintf(stderr, "%s\n", text);
}

static int64_t wall_ns(void *context) {
	struct driver *driver = context;
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	return (now.tv_sec + atomic_load(&driver->ahead_s)) * INT64_C(1000000000) + now.tv_nsec;
}

/* A line of JSON of about that size. */
static size_t make_document(char *document, unsigned thread, uint64_t number, unsigned size) {
	int len = sprintf(document, "{\"t\":%u,\"n\":%" PRIu64 ",\"pad\":\"", thread, number);
	while (len + 3 < (int)size)
		document[len++] = 'x';
	memcpy(document + len, "\"}\n", 3);
	return (size_t)len + 3;
}

static void print_stats(struct sink *sink, int result) {
	struct sink_stats stats;
	sink_get_stats(sink, &stats);
	printf("{\"result\":%d,\"submitted\":%" PRIu64 ",\"recovered\":%" PRIu64 ",\"written\":%" PRIu64
	       ",\"written_bytes\":%" PRIu64 ",\"lost\":%" PRIu64 ",\"memory\":%" PRIu64 ",\"spool\":%" PRIu64
	       ",\"rejected\":%" PRIu64 ",\"errors\":%" PRIu64 ",\"last_error\":%d"
	       ",\"failing\":%s,\"completed\":%" PRIu64 ",\"removed\":%" PRIu64 ",\"cut\":%" PRIu64 "}\n",
		result, stats.submitted, stats.recovered, stats.written, stats.written_bytes, stats.lost,
		stats.memory_documents, stats.spool_documents, stats.rejected, stats.write_errors, stats.last_error,
		stats.failing ? "true" : "false", stats.files_completed, stats.files_removed, stats.tails_cut);
	fflush(stdout);
}

static void pause_us(unsigned us) {
	const struct timespec pause = {.tv_sec = us / 1000000, .tv_nsec = us % 1000000 * 1000L};
	if (us > 0)
		nanosleep(&pause, NULL);
}

static void *flood(void *argument) {
	struct flood *own = argument;
	char *document = malloc(own->size + 128);
	while (document != NULL && !atomic_load(&own->driver->calm)) {
		sink_write(own->driver->sink, document, make_document(document, own->number, own->next++, own->size));
		pause_us(own->pause_us);
	}
	free(document);
	return NULL;
}

static void *watch(void *argument) {
	for (;;) {
		print_stats(argument, 0);
		pause_us(1000);
	}
	return NULL;
}

static void calm(struct driver *driver) {
	atomic_store(&driver->calm, true);
	for (unsigned i = 0; i < driver->flood_count; i++)
		pthread_join(driver->floods[i].thread, NULL);
	driver->flood_count = 0;
	atomic_store(&driver->calm, false);
}

static void start_flood(struct driver *driver, unsigned threads, unsigned size, unsigned us) {
	for (unsigned i = 0; i < threads && i < THREADS_MAX; i++) {
		struct flood *own = &driver->floods[i];
		own->driver = driver;
		own->number = i + 1;
		own->size = size;
		own->pause_us = us;
		if (pthread_create(&own->thread, NULL, flood, own) != 0)
			exit(3);
		driver->flood_count++;
	}
}

static int command(struct driver *driver, const char *line) {
	unsigned one, two, three;
	pthread_t watcher;
	if (sscanf(line, "write %u %u", &one, &two) == 2) {
		char *document = malloc(two + 128);
		for (unsigned i = 0; i < one; i++)
			sink_write(driver->sink, document, make_document(document, 0, driver->next++, two));
		free(document);
	} else if (sscanf(line, "flood %u %u %u", &one, &two, &three) == 3) {
		start_flood(driver, one, two, three);
	} else if (strcmp(line, "calm\n") == 0) {
		calm(driver);
	} else if (strcmp(line, "reopen\n") == 0) {
		sink_reopen(driver->sink);
	} else if (sscanf(line, "clock %u", &one) == 1) {
		atomic_fetch_add(&driver->ahead_s, one);
	} else if (strcmp(line, "watch\n") == 0) {
		return pthread_create(&watcher, NULL, watch, driver->sink) != 0;
	} else if (sscanf(line, "finish %u", &one) == 1) {
		calm(driver);
		print_stats(driver->sink, sink_finish(driver->sink, one * INT64_C(1000000)));
		return 1;
	} else if (strcmp(line, "stats\n") != 0) {
		fprintf(stderr, "driver: %s", line);
		exit(2);
	}
	print_stats(driver->sink, 0);
	return 0;
}

int main(int argc, char **argv) {
	static struct driver driver;
	struct sink_options options = {.say = say, .wall_ns = wall_ns, .wall_context = &driver};
	static struct delivery delivery;
	struct destination *destination = NULL;
	const char *kafka[16];
	size_t kafka_count = 0;
	struct sink_error error;
	char line[128];

	for (int i = 1; i < argc; i++) {
		char *value = strchr(argv[i], '=');
		if (value == NULL)
			return 2;
		*value++ = '\0';
		const struct {
			const char *name;
			uint64_t *number;
			uint64_t unit;
		} numbers[] = {{"queue", &options.queue_bytes, 1}, {"spool-bytes", &options.spool_bytes, 1},
			{"rotate", &options.rotate_ns, 1000000000}, {"size", &options.rotate_bytes, 1},
			{"keep", &options.keep_files, 1}, {"age", &options.keep_age_ns, 1000000000},
			{"keep-bytes", &options.keep_bytes, 1}};
		if (strcmp(argv[i], "to") == 0)
			options.destination = value;
		else if (strcmp(argv[i], "spool") == 0)
			options.spool = value;
		else if (strcmp(argv[i], "fd") == 0)
			options.stdout_fd = atoi(value);
		else if (strcmp(argv[i], "zstd") == 0)
			options.compress_zstd = true;
		else if (strcmp(argv[i], "faster") == 0)
			options.times_faster = (unsigned)atoi(value);
		else if (strcmp(argv[i], "first") == 0)
			driver.next = strtoull(value, NULL, 10);
		else if (strcmp(argv[i], "waits") == 0)
			options.waits = true;
		else if (strcmp(argv[i], "dead") == 0 &&
			 dead_letters_open(value, 1 << 20, (uid_t)-1, (gid_t)-1, &options.dead_letters) < 0)
			return 1;
		else if (strcmp(argv[i], "kafka") == 0 && kafka_count < 16)
			kafka[kafka_count++] = value;
		else
			for (size_t j = 0; j < sizeof(numbers) / sizeof(*numbers); j++)
				if (strcmp(argv[i], numbers[j].name) == 0)
					*numbers[j].number = strtoull(value, NULL, 10) * numbers[j].unit;
	}
	if (options.destination != NULL) {
		char text[DESTINATION_COMPLAINT_MAX] = "out of memory";
		if (destination_parse(options.destination, &destination, text) < 0 ||
			(destination_is_network(destination) && delivery_init(&delivery, destination, text) < 0)) {
			fprintf(stderr, "%s\n", text);
			return 1;
		}
		if (destination_is_network(destination)) {
			delivery.kafka = kafka;
			delivery.kafka_count = kafka_count;
			options.open_output = delivery_open_output;
			options.output_context = &delivery;
			options.name = destination->name;
		}
	}
	signal(SIGPIPE, SIG_IGN);
	if (sink_open(&options, &driver.sink, &error) < 0) {
		fprintf(stderr, "%s\n", error.text);
		delivery_finish(&delivery);
		destination_destroy(destination);
		return 1;
	}
	if (sink_start(driver.sink) < 0)
		return 3;
	print_stats(driver.sink, 0);
	int done = 0;
	while (!done && fgets(line, sizeof(line), stdin) != NULL)
		done = command(&driver, line);
	if (!done)
		sink_finish(driver.sink, 0);
	sink_destroy(driver.sink);
	dead_letters_close(options.dead_letters);
	delivery_finish(&delivery);
	destination_destroy(destination);
	return 0;
}
