/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The live screen with the sessions of captures in it, for tests/top.py: drive_top LANGUAGE CAPTURE...
 *
 * Its clock stands still, so that the screen is the same each time: the sessions ended one after the other in the minute
 * before. When the file that DRIVE_DROPS names appears, packets are dropped and a diagnosis ends.
 */
#include <locale.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/top_screen.h"
#include "report/findings.h"
#include "tests/capture_records.h"

#define START_NS INT64_C(1000000000000)
#define NOW_NS (START_NS + INT64_C(50000000000))

static struct top_model *model;
static const struct words *words;
static size_t sessions;

/* A few at first, more later on. */
static int64_t next_time(void) {
	static const int64_t seconds[] = {3, 12, 20, 21, 28, 34, 35, 35, 41, 42, 44, 45, 45, 46, 46, 47, 47, 48, 48, 49, 49, 49};
	size_t count = sizeof(seconds) / sizeof(seconds[0]);
	return START_NS + seconds[sessions < count ? sessions : count - 1] * INT64_C(1000000000);
}

static void on_record(void *context, struct record *record) {
	(void)context;
	findings_run(record, words);
	top_add_session(model, record, next_time());
	sessions++;
}

static void read_captures(char **names) {
	static struct source_error error;
	struct capture_records records = {.take = on_record};
	struct flow_table *flows = capture_records_table(&records);
	for (; *names != NULL; names++) {
		if (!capture_records_read(flows, *names, &error)) {
			fprintf(stderr, "%s\n", error.text);
			exit(1);
		}
	}
	flow_table_destroy(flows);
}

/* A server that greets with what steers a terminal, turns text around, and is not UTF-8. */
static void add_hostile(void) {
	static const char banner[] = "\033]0;owned\007\033[2J\x9b" "31m\xe2\x80\xae" "evil\r\n\xff\xc3\xa9\xe6\x97\xa5";
	struct record record;
	record_init(&record);
	record.open.client = (struct stream_endpoint){4, {192, 0, 2, 66}, 40000};
	record.open.server = (struct stream_endpoint){6, {0x20, 0x01, 0x0d, 0xb8, [15] = 0x66}, 25};
	record.banner = (struct slice){banner, sizeof(banner) - 1};
	record.greeting.seen = true;
	top_add_session(model, &record, NOW_NS - INT64_C(1500000000));
	record_finish(&record);
}

static void set_statistics(uint64_t dropped) {
	static uint64_t frames = 1000;
	static int64_t time_ns = NOW_NS - INT64_C(25000000000);
	const struct writer_interface interfaces[] = {
		{.name = "eth0", .dropped_by_kernel = dropped},
		{.name = "eth1", .state = WRITER_INTERFACE_GONE},
	};
	const struct writer_statistics statistics = {
		.frames = frames,
		.has_live = true,
		.live = {.uptime_ns = INT64_C(183845000000000), /* 2d 03:04:05 */
			.interfaces = interfaces,
			.interface_count = 2,
			.sessions_open = 7,
			.memory_bytes = 45 << 20},
		.has_output = true,
		.output = {.queue_documents = 3, .documents_lost = dropped},
	};
	top_set_statistics(model, &statistics, time_ns);
	frames += 12340;
	time_ns += INT64_C(10000000000);
}

static void set_diagnoses(bool open) {
	struct diagnosis one = {.id = "brute-force", .severity = FINDING_HIGH,
		.title = "192.0.2.77 tries passwords at 198.51.100.25:587", .first_ns = INT64_C(1795588880123456000)};
	struct diagnosis other = {.id = "server-changed", .severity = FINDING_MEDIUM,
		.title = "198.51.100.25:587 is answered by another server", .first_ns = INT64_C(1795588000123456000)};
	top_set_diagnosis(model, "brute-force 192.0.2.77", &one, open);
	top_set_diagnosis(model, "server-changed 198.51.100.25:587", &other, true);
}

int main(int argc, char **argv) {
	struct top_screen *screen;
	bool quit = false;
	if (argc < 2)
		return 2;
	setlocale(LC_CTYPE, "");
	words = words_find(argv[1]);
	model = top_model_create();
	read_captures(argv + 2);
	if (sessions > 0) {
		add_hostile();
		set_statistics(0);
		set_statistics(0);
		set_diagnoses(true);
	}
	int result = top_screen_open(words, &screen);
	if (result < 0) {
		printf("no screen: %s\n", strerror(-result));
		return 1;
	}
	while (!quit) {
		struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
		top_screen_draw(screen, model, NOW_NS);
		poll(&input, 1, 100);
		if (input.revents & POLLHUP)
			break;
		quit = top_screen_keys(screen);
		if (getenv("DRIVE_DROPS") != NULL && access(getenv("DRIVE_DROPS"), F_OK) == 0) {
			set_statistics(5);
			set_diagnoses(false);
			unsetenv("DRIVE_DROPS");
		}
	}
	top_screen_close(screen);
	top_model_destroy(model);
	puts("ended");
	return 0;
}
