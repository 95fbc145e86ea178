/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "cli/notify.h"

/* The service manager's side. */
struct manager {
	int fd;
	char name[108]; /* as NOTIFY_SOCKET has it */
};

static void open_manager(struct manager *manager, const char *prefix) {
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	snprintf(manager->name, sizeof(manager->name), "%ssmtpscope-notify-%d", prefix, (int)getpid());
	memcpy(address.sun_path, manager->name, strlen(manager->name));
	size_t len = offsetof(struct sockaddr_un, sun_path) + strlen(manager->name);
	if (address.sun_path[0] == '@')
		address.sun_path[0] = '\0';
	else
		len++;
	manager->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	assert_true(manager->fd >= 0);
	assert_int_equal(bind(manager->fd, (const struct sockaddr *)&address, (socklen_t)len), 0);
	setenv("NOTIFY_SOCKET", manager->name, 1);
}

static void close_manager(struct manager *manager) {
	close(manager->fd);
	if (manager->name[0] == '/')
		unlink(manager->name);
	unsetenv("NOTIFY_SOCKET");
	unsetenv("WATCHDOG_USEC");
	unsetenv("WATCHDOG_PID");
}

static const char *receive(const struct manager *manager, char text[1024]) {
	ssize_t len = recv(manager->fd, text, 1023, MSG_DONTWAIT);
	text[len > 0 ? len : 0] = '\0';
	return text;
}

static void talk(const char *prefix) {
	struct manager manager;
	struct notify notify;
	char text[1024];
	open_manager(&manager, prefix);
	setenv("WATCHDOG_USEC", "30000000", 1);
	assert_int_equal(notify_open(&notify), 0);
	assert_int_equal(notify.watchdog_interval_us, 30000000);
	assert_int_equal(notify_ready(&notify), 0);
	assert_string_equal(receive(&manager, text), "READY=1");
	assert_int_equal(notify_status(&notify, "3 sessions\nREADY=1"), 0);
	assert_string_equal(receive(&manager, text), "STATUS=3 sessions");
	assert_int_equal(notify_watchdog(&notify), 0);
	assert_string_equal(receive(&manager, text), "WATCHDOG=1");
	assert_int_equal(notify_stopping(&notify), 0);
	assert_string_equal(receive(&manager, text), "STOPPING=1");
	assert_string_equal(receive(&manager, text), "");
	notify_close(&notify);
	close_manager(&manager);
}

static void test_path(void **state) {
	(void)state;
	talk("/tmp/");
}

static void test_abstract(void **state) {
	(void)state;
	talk("@");
}

static void test_reloading(void **state) {
	(void)state;
	struct manager manager;
	struct notify notify;
	struct timespec before, after;
	char text[1024];
	uint64_t at_us;
	int end = 0;
	open_manager(&manager, "@");
	assert_int_equal(notify_open(&notify), 0);
	clock_gettime(CLOCK_MONOTONIC, &before);
	assert_int_equal(notify_reloading(&notify), 0);
	clock_gettime(CLOCK_MONOTONIC, &after);
	receive(&manager, text);
	assert_int_equal(sscanf(text, "RELOADING=1\nMONOTONIC_USEC=%" SCNu64 "%n", &at_us, &end), 1);
	assert_int_equal(end, strlen(text));
	assert_in_range(at_us, (uint64_t)before.tv_sec * 1000000 + (uint64_t)before.tv_nsec / 1000,
		(uint64_t)after.tv_sec * 1000000 + (uint64_t)after.tv_nsec / 1000);
	notify_close(&notify);
	close_manager(&manager);
}

static void test_long_status(void **state) {
	(void)state;
	struct manager manager;
	struct notify notify;
	char text[1024], status[800];
	memset(status, 'x', sizeof(status) - 1);
	status[sizeof(status) - 1] = '\0';
	open_manager(&manager, "@");
	assert_int_equal(notify_open(&notify), 0);
	assert_int_equal(notify_status(&notify, status), 0);
	assert_int_equal(strlen(receive(&manager, text)), 511);
	notify_close(&notify);
	close_manager(&manager);
}

static void test_watchdog(void **state) {
	(void)state;
	char own[16], other[16];
	snprintf(own, sizeof(own), "%d", (int)getpid());
	snprintf(other, sizeof(other), "%d", (int)getppid());
	const struct {
		const char *name, *interval, *pid;
		uint64_t expected_us;
	} rows[] = {
		{"none", NULL, NULL, 0},
		{"for whoever reads it", "5000000", NULL, 5000000},
		{"for us", "5000000", own, 5000000},
		{"for another", "5000000", other, 0},
		{"for nobody", "5000000", "x", 0},
		{"not a number", "5s", NULL, 0},
		{"negative", "-1", NULL, 0},
		{"empty", "", NULL, 0},
		{"too large", "99999999999999999999", NULL, 0},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct manager manager;
		struct notify notify;
		char text[1024];
		open_manager(&manager, "@");
		if (rows[i].interval != NULL)
			setenv("WATCHDOG_USEC", rows[i].interval, 1);
		if (rows[i].pid != NULL)
			setenv("WATCHDOG_PID", rows[i].pid, 1);
		assert_int_equal(notify_open(&notify), 0);
		if (notify.watchdog_interval_us != rows[i].expected_us)
			fail_msg("%s: %" PRIu64, rows[i].name, notify.watchdog_interval_us);
		assert_int_equal(notify_watchdog(&notify), 0);
		assert_string_equal(receive(&manager, text), rows[i].expected_us > 0 ? "WATCHDOG=1" : "");
		notify_close(&notify);
		close_manager(&manager);
	}
}

static void test_nobody_asks(void **state) {
	(void)state;
	struct notify notify;
	unsetenv("NOTIFY_SOCKET");
	setenv("WATCHDOG_USEC", "5000000", 1);
	assert_int_equal(notify_open(&notify), 0);
	unsetenv("WATCHDOG_USEC");
	assert_int_equal(notify.fd, -1);
	assert_int_equal(notify.watchdog_interval_us, 0);
	assert_int_equal(notify_ready(&notify), 0);
	assert_int_equal(notify_status(&notify, "x"), 0);
	assert_int_equal(notify_reloading(&notify), 0);
	assert_int_equal(notify_watchdog(&notify), 0);
	assert_int_equal(notify_stopping(&notify), 0);
	notify_close(&notify);
}

static void test_wrong_names(void **state) {
	(void)state;
	char longest[200];
	memset(longest, 'x', sizeof(longest) - 1);
	longest[0] = '@';
	longest[sizeof(longest) - 1] = '\0';
	const struct {
		const char *name;
		int expected;
	} rows[] = {
		{"relative", -EAFNOSUPPORT},
		{"vsock:2:1234", -EAFNOSUPPORT},
		{"@", -EAFNOSUPPORT},
		{longest, -E2BIG},
		{"/nonexistent/notify", -ENOENT},
	};
	struct notify notify = {.fd = 77};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		setenv("NOTIFY_SOCKET", rows[i].name, 1);
		assert_int_equal(notify_open(&notify), rows[i].expected);
	}
	assert_int_equal(notify.fd, 77);
	unsetenv("NOTIFY_SOCKET");
}

/* A manager that does not read must not make us wait. */
static void test_full(void **state) {
	(void)state;
	struct manager manager;
	struct notify notify;
	int result = 0;
	open_manager(&manager, "@");
	assert_int_equal(notify_open(&notify), 0);
	for (int i = 0; i < 100000 && result == 0; i++)
		result = notify_ready(&notify);
	assert_int_equal(result, -EAGAIN);
	notify_close(&notify);
	close_manager(&manager);
}

static void test_manager_gone(void **state) {
	(void)state;
	struct manager manager;
	struct notify notify;
	open_manager(&manager, "@");
	assert_int_equal(notify_open(&notify), 0);
	close_manager(&manager);
	assert_int_equal(notify_ready(&notify), -ECONNREFUSED);
	notify_close(&notify);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_path),
		cmocka_unit_test(test_abstract),
		cmocka_unit_test(test_reloading),
		cmocka_unit_test(test_long_status),
		cmocka_unit_test(test_watchdog),
		cmocka_unit_test(test_nobody_asks),
		cmocka_unit_test(test_wrong_names),
		cmocka_unit_test(test_full),
		cmocka_unit_test(test_manager_gone),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
