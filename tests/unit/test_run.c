/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * cli/run.c as a live run has it: frames and ticks come, and with them whatever the system's clock says. Sessions must be whole
 * when it is set.
 */
#include "capture/file.h"
#include "cli/run.h"

#include <fcntl.h>
#include <getopt.h>
#include <json-c/json.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#define SECOND INT64_C(1000000000)
#define HOUR (3600 * SECOND)

enum { FRAMES_MAX = 200 };

struct frames {
	struct source_frame frame[FRAMES_MAX];
	size_t count;
};

/* What happens before frame `at`: the clock is set, or nothing comes for a while. */
struct event_in_time {
	size_t at;
	int64_t set_by_ns, silence_ns;
};

/* A source whose frames come as the script wants. Between them are ticks, as cli/live.c gives them. */
struct scripted_source {
	struct source source;
	struct run *run;
	const struct frames *frames;
	const struct event_in_time *events;
	size_t event_count;
	int64_t monotonic_ns, wall_ns, offset_ns;
};

static void keep_frame(void *context, const struct source_frame *frame) {
	struct frames *frames = context;
	assert_true(frames->count < FRAMES_MAX);
	struct source_frame *kept = &frames->frame[frames->count++];
	*kept = *frame;
	uint8_t *data = malloc(frame->captured_len);
	assert_non_null(data);
	memcpy(data, frame->data, frame->captured_len);
	kept->data = data;
	kept->source = "eth0";
}

static void load(const char *name, struct frames *frames) {
	struct source *source;
	struct source_error error;
	int fd = open(name, O_RDONLY);
	assert_true(fd >= 0);
	assert_int_equal(file_open(fd, name, "", &source, &error), 0);
	assert_int_equal(source_run(source, keep_frame, frames, &error), 0);
	source_close(source);
	assert_true(frames->count > 10);
}

static void unload(struct frames *frames) {
	for (size_t i = 0; i < frames->count; i++)
		free((void *)(uintptr_t)frames->frame[i].data);
}

/* Ticks for so long. */
static void pass(struct scripted_source *script, int64_t for_ns) {
	for (int64_t step_ns; for_ns > 0; for_ns -= step_ns) {
		step_ns = for_ns > 60 * SECOND ? SECOND : SECOND / 20;
		script->monotonic_ns += step_ns;
		script->wall_ns += step_ns;
		run_tick(script->run, script->monotonic_ns, script->wall_ns);
	}
}

static int run_script(struct source *source, source_callback *callback, void *context, struct source_error *ret_error) {
	struct scripted_source *script = (struct scripted_source *)source;
	(void)ret_error;
	int64_t before_ns = script->frames->frame[0].at.time_ns;
	script->wall_ns = before_ns;
	for (size_t i = 0; i <= script->frames->count; i++) {
		for (size_t k = 0; k < script->event_count; k++) {
			if (script->events[k].at != i)
				continue;
			script->offset_ns += script->events[k].set_by_ns + script->events[k].silence_ns;
			script->wall_ns += script->events[k].set_by_ns;
			pass(script, script->events[k].silence_ns);
		}
		if (i == script->frames->count)
			break;
		struct source_frame frame = script->frames->frame[i];
		pass(script, frame.at.time_ns - before_ns);
		before_ns = frame.at.time_ns;
		frame.at.time_ns += script->offset_ns;
		callback(context, &frame);
		run_tick(script->run, script->monotonic_ns, script->wall_ns);
	}
	return 0;
}

static void stop_script(struct source *source) {
	(void)source;
}

static const struct source_ops script_ops = {.run = run_script, .stop = stop_script};

/* The documents of a run, one a line. */
static char *run_live_script(const struct frames *frames, const struct event_in_time *events, size_t event_count) {
	static char program[] = "smtpscope", interface[] = "-ieth0", format[] = "-ojson";
	char *argv[] = {program, interface, format, NULL}, *text = NULL;
	size_t len;
	struct options options;
	struct source_error error;
	optind = 1;
	assert_int_equal(options_parse(3, argv, &options), OPTIONS_RUN);
	FILE *file = open_memstream(&text, &len);
	struct outlet *outlet = outlet_to_file(file);
	struct run *run = NULL;
	run_create(&(struct reporter_options){.options = &options, .outlet = outlet, .live = true}, outlet, &run);
	assert_non_null(run);
	assert_int_equal(run_start(run), 0);
	struct scripted_source script = {
		.source.ops = &script_ops, .run = run, .frames = frames, .events = events, .event_count = event_count, .monotonic_ns = SECOND};
	assert_int_equal(run_live(run, &script.source, &error), 0);
	assert_int_equal(run_end(run, NULL, NULL), 0);
	run_destroy(run);
	outlet_destroy(outlet);
	fclose(file);
	options_finish(&options);
	return text;
}

/* What a session says apart from times, as text: result, how it was closed, gaps, the events of its timeline. */
static void describe(const char *line, char *ret_text, size_t text_max) {
	struct json_object *document = json_tokener_parse(line), *tcp, *timeline;
	assert_non_null(document);
	ret_text[0] = '\0';
	if (strcmp(json_object_get_string(json_object_object_get(document, "type")), "session") == 0) {
		tcp = json_object_object_get(document, "tcp");
		timeline = json_object_object_get(document, "timeline");
		size_t len = (size_t)snprintf(ret_text, text_max, "%s %s %s;", json_object_get_string(json_object_object_get(document, "result")),
			json_object_get_string(json_object_object_get(tcp, "close")),
			json_object_get_string(json_object_object_get(json_object_object_get(document, "auth"), "result")));
		for (size_t i = 0; i < json_object_array_length(timeline) && len < text_max; i++)
			len += (size_t)snprintf(ret_text + len, text_max - len, " %s",
				json_object_get_string(json_object_object_get(json_object_array_get_idx(timeline, i), "event")));
		assert_true(len < text_max);
	}
	json_object_put(document);
}

static void check_sessions(char *text, const char *const *expected, size_t expected_count, const char *name) {
	size_t count = 0;
	for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n")) {
		char got[4096];
		describe(line, got, sizeof(got));
		if (got[0] == '\0')
			continue;
		if (count >= expected_count || strcmp(got, expected[count]) != 0)
			fail_msg("%s: %s", name, got);
		count++;
	}
	if (count != expected_count)
		fail_msg("%s: %zu sessions", name, count);
	free(text);
}

#define WHOLE                                                                                                               \
	"delivered fin accepted; connect greeting command reply command auth reply command reply command reply command reply body " \
	"reply command reply close"

static void test_clock(void **state) {
	(void)state;
	static const struct {
		const char *name;
		struct event_in_time events[3];
	} rows[] = {
		{"nothing", {{0}}},
		{"set back by an hour", {{.at = 9, .set_by_ns = -HOUR}}},
		{"set back by half a second", {{.at = 9, .set_by_ns = -SECOND / 2}}},
		{"set forward by an hour", {{.at = 9, .set_by_ns = HOUR}}},
		{"set forward by a year", {{.at = 9, .set_by_ns = 365 * 24 * HOUR}}},
		{"set back and again", {{.at = 5, .set_by_ns = -HOUR}, {.at = 9, .set_by_ns = -24 * HOUR}, {.at = 12, .set_by_ns = -10 * SECOND}}},
		{"forward and back", {{.at = 5, .set_by_ns = HOUR}, {.at = 9, .set_by_ns = -HOUR}, {.at = 12, .set_by_ns = 2 * HOUR}}},
		{"set back, then half an hour of silence", {{.at = 9, .set_by_ns = -HOUR}, {.at = 9, .silence_ns = HOUR / 2}}},
	};
	static const char *const expected[] = {WHOLE};
	struct frames frames = {.count = 0};
	load("pcaps/auth-plain-accepted.pcap", &frames);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		check_sessions(run_live_script(&frames, rows[i].events, 3), expected, 1, rows[i].name);
	unload(&frames);
}

/* A connection of which nothing is heard any more ends by the ticks alone; what comes after all is the middle of another. */
static void test_silence(void **state) {
	(void)state;
	struct frames frames = {.count = 0};
	load("pcaps/auth-plain-accepted.pcap", &frames);
	size_t all = frames.count;
	static const struct {
		const char *name;
		struct event_in_time events[2];
		const char *close;
	} rows[] = {
		{"59 minutes", {{.at = 9, .silence_ns = HOUR - 60 * SECOND}}, " capture-ended "},
		{"61 minutes", {{.at = 9, .silence_ns = HOUR + 60 * SECOND}}, " idle-timeout "},
		{"61 minutes, and the clock was set back", {{.at = 9, .set_by_ns = -24 * HOUR}, {.at = 9, .silence_ns = HOUR + 90 * SECOND}},
			" idle-timeout "},
	};
	frames.count = 9;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char got[4096], *text = run_live_script(&frames, rows[i].events, 2);
		describe(strtok(text, "\n"), got, sizeof(got));
		if (strstr(got, rows[i].close) == NULL)
			fail_msg("%s: %s", rows[i].name, got);
		free(text);
	}
	frames.count = all;
	unload(&frames);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_clock),
		cmocka_unit_test(test_silence),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
