/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Tells the service manager how we are, by the protocol of sd_notify(3).
 *
 * Not with libsystemd: its sd_notify() makes a socket for each message, which the sandbox forbids. Here the socket is made
 * once, before.
 */
#ifndef SMTPSCOPE_CLI_NOTIFY_H
#define SMTPSCOPE_CLI_NOTIFY_H

#include <stdint.h>

struct notify {
	int fd;                        /* -1: nobody wants to know, and each function below does nothing */
	uint64_t watchdog_interval_us; /* 0: no watchdog; else notify_watchdog() must be called more often than this */
};

/* Looks at NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID. Returns 0 and *ret_notify, also when there is no service manager;
 * a negative errno when its socket cannot be used. Call notify_close() in the end. */
int notify_open(struct notify *ret_notify);

/* Each returns 0, or a negative errno when the message could not be sent. None of them waits. */

int notify_ready(const struct notify *notify);

/* One line for people; a line break ends it. */
int notify_status(const struct notify *notify, const char *text);

/* The configuration is read anew. When done: notify_ready(). */
int notify_reloading(const struct notify *notify);

int notify_stopping(const struct notify *notify);

int notify_watchdog(const struct notify *notify);

void notify_close(struct notify *notify);

#endif
