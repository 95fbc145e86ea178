/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * --metrics-listen: the latest metrics over HTTP, on a loopback address.
 *
 * Three steps, because of the sandbox between them: metrics_http_create() makes all descriptors, metrics_http_start() starts the
 * thread that serves, metrics_http_set() gives it what to say. The thread then makes no descriptor but those of accepted connections.
 */
#ifndef SMTPSCOPE_CLI_METRICS_HTTP_H
#define SMTPSCOPE_CLI_METRICS_HTTP_H

#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

enum { METRICS_HTTP_ERROR_SIZE = 256 };

struct metrics_http;

/* Reads "127.0.0.1:9724" or "[::1]:9724". Port 0 is any that is free. Returns 0, -EINVAL when it is no such thing, -EACCES when the
 * address is not a loopback one: the metrics are nobody else's business. */
int metrics_http_parse(const char *address, struct sockaddr_storage *ret_address, socklen_t *ret_len);

/* Before the sandbox: opens the listening socket and what belongs to it. Returns 0, or a negative errno and one line for the person
 * reading, without newline. */
int metrics_http_create(const char *address, struct metrics_http **ret_http, char ret_error[METRICS_HTTP_ERROR_SIZE]);

/* The port that it listens on. */
uint16_t metrics_http_port(const struct metrics_http *http);

/* After the sandbox: starts the thread, in which all signals are blocked. Call once. Returns 0 or a negative errno. */
int metrics_http_start(struct metrics_http *http);

/* What /metrics says from now on; a copy is made. From any thread, at any time. When there is no memory the old text stays.
 * Accepts NULL for http: nothing is listened on. */
void metrics_http_set(struct metrics_http *http, const char *text, size_t len);

/* Ends the thread and closes everything. Accepts NULL. */
void metrics_http_destroy(struct metrics_http *http);

#endif
