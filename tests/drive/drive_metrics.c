/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Statistics in which everything has a value, for tests/metrics.py.
 *
 *   drive_metrics json|text        writes them to standard output, as a document or as metrics
 *   drive_metrics file FOLDER      writes metrics again and again to FOLDER/smtpscope.prom, until standard input ends
 *   drive_metrics serve ADDRESS    serves them, tells the port, and ends when standard input does
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/metrics_http.h"
#include "report/json.h"
#include "report/metrics.h"
#include "report/tallies.h"

static struct tallies tallies;

static const struct writer_reason reasons[] = {{"arp", 12}, {"ipv4-fragment", UINT64_MAX}};
static const struct writer_interface interfaces[] = {
	{"eth0", WRITER_INTERFACE_UP, 70, 7000, 5, 6, 0},
	{"odd \"name\"\\\n\xff\xe6\x97\xa5", WRITER_INTERFACE_GONE, 30, 3000, 1, 2, 3},
	{"eth0", WRITER_INTERFACE_DOWN, 1, 1, 1, 1, 1}, /* twice: a scrape with both would be refused */
};
static struct writer_sink sinks[] = {
	{"file", "json", true, 31, 32, 33, 34, 35, 36, 37, 38, 39},
	{"es+https://es.example.com", "ecs", false, 0, 0, 41, 42, 43, 44, 45, 46, 47},
};
static const struct writer_pool pools[] = {{"tcp", 1024, 65536}, {"output", 0, 64 << 20}};

static struct writer_statistics make_statistics(void) {
	return (struct writer_statistics){
		.frames = 100,
		.bytes = 10000,
		.segments = 90,
		.not_understood = 10,
		.reasons = reasons,
		.reason_count = 2,
		.connections = 20,
		.sessions = 3,
		.gaps = 2,
		.gap_bytes = 3000,
		.evictions = 1,
		.failures_not_told = 4,
		.tallies = &tallies,
		.has_live = true,
		.live = {.version = "1.2.3",
			.start_ns = INT64_C(1795588880123456000),
			.time_ns = INT64_C(1795588940123456000),
			.uptime_ns = INT64_C(60000000000),
			.interval_ns = INT64_C(10000000000),
			.interfaces = interfaces,
			.interface_count = 3,
			.flows_embryonic = 4,
			.flows_open = 5,
			.flows_closing = 6,
			.sessions_open = 2,
			.ignored_segments = 8,
			.memory_bytes = 45 << 20,
			.pools = pools,
			.pool_count = 2},
		.has_output = true,
		.output = {1, 2, 3, 4, 5, 6, 7, 8, .sinks = sinks, .sink_count = 2},
		.has_decryption = true,
		.decryption = {21, 22, 23, 24, 25, 26},
		.has_evidence = true,
		.evidence = {11, 12, 13, 14},
	};
}

static void count_something(void) {
	struct finding other = {.id = "greylisted", .severity = FINDING_LOW};
	struct finding finding = {.id = "auth-rejected", .severity = FINDING_HIGH, .next = &other};
	struct record_mail mail = {.result = EVENT_MAIL_ACCEPTED};
	struct record_attempt attempt = {.result = EVENT_AUTH_REJECTED};
	struct record record = {.result = RECORD_RESULT_REFUSED, .attempts = &attempt, .findings = &finding};
	tallies_add_record(&tallies, &record);
	tallies_add_record(&tallies, &record);
	record = (struct record){.result = RECORD_RESULT_DELIVERED, .close.how = STREAM_CLOSE_RESET_BY_CLIENT, .mails = &mail};
	tallies_add_record(&tallies, &record);
	tallies_add_diagnosis(&tallies, "brute-force", TALLIES_BEGUN);
	tallies_add_diagnosis(&tallies, "brute-force", TALLIES_CHANGED);
	tallies_add_diagnosis(&tallies, "server-changed", TALLIES_BEGUN);
	tallies_add_diagnosis(&tallies, "server-changed", TALLIES_ENDED);
}

static bool input_has_ended(int wait_ms) {
	struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
	return poll(&input, 1, wait_ms) > 0;
}

static int write_json(const struct writer_statistics *statistics) {
	struct writer *writer = json_format.create(&(struct writer_options){.width = 0}, stdout);
	struct writer_statistics last = *statistics;
	int result = json_format.statistics(writer, statistics);
	last.live.final = true;
	result |= json_format.end(writer, &last);
	json_format.destroy(writer);
	return result;
}

/* Longer and shorter in turn, so that a torn file shows. */
static int write_files(struct writer_statistics *statistics, const char *folder) {
	int directory = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC), result = directory < 0 ? -errno : 0;
	for (size_t turn = 0; result == 0 && !input_has_ended(0); turn++) {
		char *text;
		size_t len;
		statistics->has_output = turn % 2 == 0;
		result = metrics_render(statistics, &text, &len);
		if (result == 0)
			result = metrics_file_write(directory, "smtpscope.prom", text, len);
		free(text);
		if (turn == 0) {
			puts("written");
			fflush(stdout);
		}
	}
	printf("%d\n", result);
	return 0;
}

static int serve(const char *address, const char *text, size_t len) {
	char error[METRICS_HTTP_ERROR_SIZE];
	struct metrics_http *http;
	int result = metrics_http_create(address, &http, error);
	if (result < 0) {
		fprintf(stderr, "%s\n", error);
		return 1;
	}
	metrics_http_start(http);
	printf("%u\n", metrics_http_port(http));
	fflush(stdout);
	/* The first line of standard input asks for the metrics to be set. */
	char line[16];
	if (fgets(line, sizeof(line), stdin) != NULL) {
		metrics_http_set(http, "old\n", 4);
		metrics_http_set(http, text, len);
		puts("set");
		fflush(stdout);
		while (fgets(line, sizeof(line), stdin) != NULL)
			;
	}
	metrics_http_destroy(http);
	puts("ended");
	return 0;
}

int main(int argc, char **argv) {
	const char *what = argc > 1 ? argv[1] : "";
	char *text;
	size_t len;
	count_something();
	struct writer_statistics statistics = make_statistics();
	if (strcmp(what, "json") == 0)
		return write_json(&statistics) == 0 ? 0 : 1;
	if (strcmp(what, "file") == 0 && argc == 3)
		return write_files(&statistics, argv[2]);
	if (metrics_render(&statistics, &text, &len) < 0)
		return 1;
	int status = 2;
	if (strcmp(what, "text") == 0)
		status = fwrite(text, 1, len, stdout) == len ? 0 : 1;
	else if (strcmp(what, "serve") == 0 && argc == 3)
		status = serve(argv[2], text, len);
	free(text);
	return status;
}
