/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "cli/notify.h"

enum { MESSAGE_MAX = 512, DECIMAL = 10 };

static bool parse_number(const char *text, uint64_t *ret_number) {
	char *end;
	/* strtoull() would take "-1" for a very long time. */
	if (text == NULL || *text < '0' || *text > '9')
		return false;
	errno = 0;
	unsigned long long number = strtoull(text, &end, DECIMAL);
	if (errno != 0 || *end != '\0')
		return false;
	*ret_number = number;
	return true;
}

/* The watchdog may be meant for another process, which we have inherited the environment from. */
static uint64_t find_watchdog(void) {
	uint64_t interval_us, pid;
	const char *pid_text = getenv("WATCHDOG_PID");
	if (!parse_number(getenv("WATCHDOG_USEC"), &interval_us))
		return 0;
	if (pid_text != NULL && (!parse_number(pid_text, &pid) || pid != (uint64_t)getpid()))
		return 0;
	return interval_us;
}

/* A path, or with @ a name in the abstract namespace. */
static int find_address(const char *name, struct sockaddr_un *ret_address, socklen_t *ret_len) {
	size_t len = strlen(name);
	bool abstract = name[0] == '@';
	if ((name[0] != '/' && !abstract) || len < 2)
		return -EAFNOSUPPORT; /* vsock: a virtual machine's, which we are not */
	/* A path ends with a zero byte, an abstract name with its length. */
	if (len + !abstract > sizeof(ret_address->sun_path))
		return -E2BIG;
	*ret_address = (struct sockaddr_un){.sun_family = AF_UNIX};
	memcpy(ret_address->sun_path, name, len);
	if (abstract)
		ret_address->sun_path[0] = '\0';
	*ret_len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len + !abstract);
	return 0;
}

int notify_open(struct notify *ret_notify) {
	const char *name = getenv("NOTIFY_SOCKET");
	struct sockaddr_un address;
	socklen_t len = 0;
	if (name == NULL || name[0] == '\0') {
		*ret_notify = (struct notify){.fd = -1};
		return 0;
	}
	int result = find_address(name, &address, &len);
	if (result < 0)
		return result;
	/* Non-blocking: a service manager that does not listen must not stop the capture. */
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, (const struct sockaddr *)&address, len) < 0) {
		result = -errno;
		close(fd);
		return result;
	}
	*ret_notify = (struct notify){fd, find_watchdog()};
	return 0;
}

/* With write(), which the sandbox allows in every mode. */
static int send_message(const struct notify *notify, const char *message, size_t len) {
	ssize_t written;
	if (notify->fd < 0)
		return 0;
	do
		written = write(notify->fd, message, len);
	while (written < 0 && errno == EINTR);
	return written < 0 ? -errno : 0;
}

static int send_text(const struct notify *notify, const char *text) {
	return send_message(notify, text, strlen(text));
}

int notify_ready(const struct notify *notify) {
	return send_text(notify, "READY=1");
}

int notify_status(const struct notify *notify, const char *text) {
	char message[MESSAGE_MAX];
	int line_len = (int)strcspn(text, "\n");
	int len = snprintf(message, sizeof(message), "STATUS=%.*s", line_len, text);
	return send_message(notify, message, (size_t)len < sizeof(message) ? (size_t)len : sizeof(message) - 1);
}

int notify_reloading(const struct notify *notify) {
	char message[MESSAGE_MAX];
	struct timespec now;
	if (clock_gettime(CLOCK_MONOTONIC, &now) < 0)
		return -errno;
	/* The time tells this reload from one that was asked for later. */
	uint64_t now_us = (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
	int len = snprintf(message, sizeof(message), "RELOADING=1\nMONOTONIC_USEC=%" PRIu64, now_us);
	return send_message(notify, message, (size_t)len);
}

int notify_stopping(const struct notify *notify) {
	return send_text(notify, "STOPPING=1");
}

int notify_watchdog(const struct notify *notify) {
	return notify->watchdog_interval_us > 0 ? send_text(notify, "WATCHDOG=1") : 0;
}

void notify_close(struct notify *notify) {
	if (notify->fd >= 0)
		close(notify->fd);
	notify->fd = -1;
}
