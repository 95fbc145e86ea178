/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * libmicrohttpd speaks HTTP; the loop around it is ours. Its own thread would make its descriptors when it starts, which the sandbox
 * does not allow, and it can only count connections, not choose which of them to give up.
 *
 * A web page that somebody on this machine looks at can make the browser ask us, so the Host header must name a loopback address: a name
 * that was made to point here (DNS rebinding) is refused.
 */
#include "cli/metrics_http.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "report/metrics.h"

enum {
	CONNECTIONS_MAX = 8,        /* beyond them the oldest gives way, so that slow ones keep nobody out */
	CONNECTIONS_ACCEPTED_MAX = 24, /* those that have to go are still counted until they are gone */
	LIFETIME_MS = 10000,        /* of a connection, whatever it does: one request is answered at once */
	CONNECTION_MEMORY = 8192,   /* bytes of a request's head */
	BACKLOG = 16,
};

struct connection {
	struct MHD_Connection *handle; /* NULL: free */
	int fd;
	int64_t since_ms;
	uint64_t number; /* counted up: who came first */
	bool ending;
};

struct metrics_http {
	struct MHD_Daemon *daemon;
	int epoll_fd; /* the daemon's */
	int stop_fd;
	char host[INET6_ADDRSTRLEN + 2]; /* as in a Host header: 127.0.0.1, [::1] */
	uint16_t port;
	pthread_t thread;
	bool started;
	struct connection connections[CONNECTIONS_ACCEPTED_MAX]; /* of the thread */
	uint64_t connection_count; /* that there ever were */
	pthread_mutex_t lock; /* of what follows */
	char *text; /* NULL: none yet */
	size_t len;
};

static int64_t now_ms(void) {
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* ---- the address ---- */

static int parse_port(const char *text, uint16_t *ret_port) {
	char *end;
	if (text[0] < '0' || text[0] > '9')
		return -EINVAL;
	unsigned long port = strtoul(text, &end, 10);
	if (*end != '\0' || port > UINT16_MAX)
		return -EINVAL;
	*ret_port = (uint16_t)port;
	return 0;
}

int metrics_http_parse(const char *address, struct sockaddr_storage *ret_address, socklen_t *ret_len) {
	const char *colon = strrchr(address, ':');
	size_t len = colon != NULL ? (size_t)(colon - address) : 0;
	char host[INET6_ADDRSTRLEN + 2];
	struct sockaddr_in v4 = {.sin_family = AF_INET};
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
	uint16_t port;
	if (len == 0 || len >= sizeof(host) || parse_port(colon + 1, &port) < 0)
		return -EINVAL;
	memcpy(host, address, len);
	host[len] = '\0';
	*ret_address = (struct sockaddr_storage){.ss_family = AF_UNSPEC};
	if (host[0] == '[' && host[len - 1] == ']') {
		host[len - 1] = '\0';
		if (inet_pton(AF_INET6, host + 1, &v6.sin6_addr) != 1)
			return -EINVAL;
		if (!IN6_IS_ADDR_LOOPBACK(&v6.sin6_addr))
			return -EACCES;
		v6.sin6_port = htons(port);
		memcpy(ret_address, &v6, sizeof(v6));
		*ret_len = sizeof(v6);
		return 0;
	}
	if (inet_pton(AF_INET, host, &v4.sin_addr) != 1)
		return -EINVAL;
	if (ntohl(v4.sin_addr.s_addr) >> 24 != IN_LOOPBACKNET)
		return -EACCES;
	v4.sin_port = htons(port);
	memcpy(ret_address, &v4, sizeof(v4));
	*ret_len = sizeof(v4);
	return 0;
}

/* ---- requests ---- */

/* HOST:PORT, and nothing before or after it. */
static bool is_host(const struct metrics_http *http, const char *value, const char *host) {
	size_t len = strlen(host);
	uint16_t port;
	if (strncasecmp(value, host, len) != 0)
		return false;
	if (value[len] == '\0')
		return http->port == 80;
	return value[len] == ':' && parse_port(value + len + 1, &port) == 0 && port == http->port;
}

static bool is_for_us(const struct metrics_http *http, struct MHD_Connection *connection) {
	const char *value = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_HOST);
	return value != NULL && (is_host(http, value, "localhost") || is_host(http, value, "127.0.0.1") ||
					is_host(http, value, "[::1]") || is_host(http, value, http->host));
}

static enum MHD_Result reply(
	struct MHD_Connection *connection, unsigned status, const char *type, const char *text, size_t len) {
	/* Copied, though libmicrohttpd takes it as not constant. */
	union {
		const char *in;
		void *out;
	} body = {.in = text};
	struct MHD_Response *response = MHD_create_response_from_buffer(len, body.out, MHD_RESPMEM_MUST_COPY);
	if (response == NULL)
		return MHD_NO;
	MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
	MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
	MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
	/* One request a connection: nobody holds a place with requests. */
	MHD_add_response_header(response, MHD_HTTP_HEADER_CONNECTION, "close");
	if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
		MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
	enum MHD_Result result = MHD_queue_response(connection, status, response);
	MHD_destroy_response(response);
	return result;
}

static enum MHD_Result reply_plain(struct MHD_Connection *connection, unsigned status, const char *text) {
	return reply(connection, status, "text/plain; charset=utf-8", text, strlen(text));
}

static enum MHD_Result reply_metrics(struct metrics_http *http, struct MHD_Connection *connection) {
	pthread_mutex_lock(&http->lock);
	enum MHD_Result result = http->text != NULL
					 ? reply(connection, MHD_HTTP_OK, METRICS_CONTENT_TYPE, http->text, http->len)
					 : reply_plain(connection, MHD_HTTP_SERVICE_UNAVAILABLE, "no statistics yet\n");
	pthread_mutex_unlock(&http->lock);
	return result;
}

/* Answers when the head is there: a body is not waited for. */
static enum MHD_Result on_request(void *context, struct MHD_Connection *connection, const char *url, const char *method,
	const char *version, const char *body, size_t *body_len, void **request) {
	struct metrics_http *http = context;
	(void)version;
	(void)body;
	(void)body_len;
	(void)request;
	if (!is_for_us(http, connection))
		return reply_plain(connection, MHD_HTTP_FORBIDDEN, "ask by a loopback address\n");
	if (strcmp(method, MHD_HTTP_METHOD_GET) != 0 && strcmp(method, MHD_HTTP_METHOD_HEAD) != 0)
		return reply_plain(connection, MHD_HTTP_METHOD_NOT_ALLOWED, "GET or HEAD\n");
	if (strcmp(url, "/metrics") == 0)
		return reply_metrics(http, connection);
	if (strcmp(url, "/") == 0)
		return reply_plain(connection, MHD_HTTP_OK, "smtpscope: see /metrics\n");
	return reply_plain(connection, MHD_HTTP_NOT_FOUND, "not here: see /metrics\n");
}

/* ---- connections ---- */

/* libmicrohttpd has no call to give a connection up, but it sees the end of the stream and cleans up after it. */
static void end_connection(struct connection *connection) {
	shutdown(connection->fd, SHUT_RDWR);
	connection->ending = true;
}

static void make_room(struct metrics_http *http) {
	struct connection *oldest = NULL;
	size_t count = 0;
	for (size_t i = 0; i < CONNECTIONS_ACCEPTED_MAX; i++) {
		struct connection *connection = &http->connections[i];
		if (connection->handle == NULL || connection->ending)
			continue;
		count++;
		if (oldest == NULL || connection->number < oldest->number)
			oldest = connection;
	}
	if (count >= CONNECTIONS_MAX)
		end_connection(oldest);
}

static struct connection *find_connection(struct metrics_http *http, struct MHD_Connection *handle) {
	for (size_t i = 0; i < CONNECTIONS_ACCEPTED_MAX; i++)
		if (http->connections[i].handle == handle)
			return &http->connections[i];
	return NULL;
}

static void on_connection(void *context, struct MHD_Connection *handle, void **socket_context,
	enum MHD_ConnectionNotificationCode code) {
	struct metrics_http *http = context;
	(void)socket_context;
	if (code == MHD_CONNECTION_NOTIFY_CLOSED) {
		struct connection *connection = find_connection(http, handle);
		if (connection != NULL)
			connection->handle = NULL;
		return;
	}
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(handle, MHD_CONNECTION_INFO_CONNECTION_FD);
	make_room(http);
	struct connection *connection = find_connection(http, NULL);
	if (connection == NULL) { /* libmicrohttpd was told to accept no more than that */
		shutdown(info->connect_fd, SHUT_RDWR);
		return;
	}
	*connection = (struct connection){.handle = handle, .fd = info->connect_fd, .since_ms = now_ms(), .number = http->connection_count++};
}

static void end_old_connections(struct metrics_http *http) {
	int64_t now = now_ms();
	for (size_t i = 0; i < CONNECTIONS_ACCEPTED_MAX; i++) {
		struct connection *connection = &http->connections[i];
		if (connection->handle != NULL && !connection->ending && now - connection->since_ms >= LIFETIME_MS)
			end_connection(connection);
	}
}

/* How long to wait for something to happen; -1: until it does. */
static int wait_ms(const struct metrics_http *http) {
	MHD_UNSIGNED_LONG_LONG timeout;
	int wait = -1;
	for (size_t i = 0; i < CONNECTIONS_ACCEPTED_MAX; i++)
		if (http->connections[i].handle != NULL)
			wait = 1000; /* to look at its age */
	if (MHD_get_timeout(http->daemon, &timeout) == MHD_YES && (wait < 0 || timeout < (MHD_UNSIGNED_LONG_LONG)wait))
		wait = timeout < 1000 ? (int)timeout : 1000;
	return wait;
}

static void *serve(void *context) {
	struct metrics_http *http = context;
	struct pollfd fds[] = {{.fd = http->epoll_fd, .events = POLLIN}, {.fd = http->stop_fd, .events = POLLIN}};
	while (fds[1].revents == 0) {
		if (poll(fds, 2, wait_ms(http)) < 0 && errno != EINTR)
			break;
		MHD_run(http->daemon);
		end_old_connections(http);
	}
	return NULL;
}

/* ---- life ---- */

static int listen_on(const struct sockaddr_storage *address, socklen_t len, int *ret_fd) {
	const int on = 1;
	int fd = socket(address->ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0 ||
		bind(fd, (const struct sockaddr *)address, len) < 0 || listen(fd, BACKLOG) < 0) {
		int error = -errno;
		close(fd);
		return error;
	}
	*ret_fd = fd;
	return 0;
}

/* The address as it is bound, for Host headers. */
static void note_address(struct metrics_http *http, int fd) {
	struct sockaddr_storage address;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	socklen_t len = sizeof(address);
	char text[INET6_ADDRSTRLEN] = "";
	if (getsockname(fd, (struct sockaddr *)&address, &len) < 0)
		return;
	if (address.ss_family == AF_INET6) {
		memcpy(&v6, &address, sizeof(v6));
		inet_ntop(AF_INET6, &v6.sin6_addr, text, sizeof(text));
		snprintf(http->host, sizeof(http->host), "[%s]", text);
		http->port = ntohs(v6.sin6_port);
		return;
	}
	memcpy(&v4, &address, sizeof(v4));
	inet_ntop(AF_INET, &v4.sin_addr, text, sizeof(text));
	snprintf(http->host, sizeof(http->host), "%s", text);
	http->port = ntohs(v4.sin_port);
}

/* Takes listen_fd over. */
static int start_daemon(struct metrics_http *http, int listen_fd) {
	http->daemon = MHD_start_daemon(MHD_USE_EPOLL, 0, NULL, NULL, on_request, http,
		MHD_OPTION_LISTEN_SOCKET, listen_fd,
		MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS_ACCEPTED_MAX,
		MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)(LIFETIME_MS / 1000),
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY,
		MHD_OPTION_NOTIFY_CONNECTION, on_connection, http,
		MHD_OPTION_END);
	if (http->daemon == NULL) {
		close(listen_fd);
		return errno > 0 ? -errno : -ENOMEM;
	}
	const union MHD_DaemonInfo *info = MHD_get_daemon_info(http->daemon, MHD_DAEMON_INFO_EPOLL_FD);
	if (info == NULL)
		return -ENOTSUP;
	http->epoll_fd = info->epoll_fd;
	return 0;
}

int metrics_http_create(const char *address, struct metrics_http **ret_http, char ret_error[METRICS_HTTP_ERROR_SIZE]) {
	struct sockaddr_storage parsed;
	socklen_t len;
	int listen_fd = -1, result = metrics_http_parse(address, &parsed, &len);
	if (result < 0) {
		snprintf(ret_error, METRICS_HTTP_ERROR_SIZE,
			result == -EACCES ? "metrics are served on loopback addresses only, not on %.100s"
					  : "%.100s is no address for metrics; one is 127.0.0.1:9724",
			address);
		return result;
	}
	struct metrics_http *http = calloc(1, sizeof(*http));
	if (http == NULL) {
		snprintf(ret_error, METRICS_HTTP_ERROR_SIZE, "no memory to serve metrics");
		return -ENOMEM;
	}
	pthread_mutex_init(&http->lock, NULL);
	tzset(); /* a Date header makes the C library read the time zone: now, for there are no files in the sandbox */
	http->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	result = http->stop_fd < 0 ? -errno : listen_on(&parsed, len, &listen_fd);
	if (result == 0) {
		note_address(http, listen_fd);
		result = start_daemon(http, listen_fd);
	}
	if (result < 0) {
		snprintf(ret_error, METRICS_HTTP_ERROR_SIZE, "cannot serve metrics on %.100s: %s", address, strerror(-result));
		metrics_http_destroy(http);
		return result;
	}
	*ret_http = http;
	return 0;
}

uint16_t metrics_http_port(const struct metrics_http *http) {
	return http->port;
}

int metrics_http_start(struct metrics_http *http) {
	sigset_t all, before;
	assert(!http->started);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int error = pthread_create(&http->thread, NULL, serve, http);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	http->started = error == 0;
	return -error;
}

void metrics_http_set(struct metrics_http *http, const char *text, size_t len) {
	if (http == NULL)
		return;
	char *copy = malloc(len > 0 ? len : 1);
	if (copy == NULL)
		return;
	memcpy(copy, text, len);
	pthread_mutex_lock(&http->lock);
	char *old = http->text;
	http->text = copy;
	http->len = len;
	pthread_mutex_unlock(&http->lock);
	free(old);
}

void metrics_http_destroy(struct metrics_http *http) {
	if (http == NULL)
		return;
	if (http->started) {
		const uint64_t one = 1;
		while (write(http->stop_fd, &one, sizeof(one)) < 0 && errno == EINTR)
			;
		pthread_join(http->thread, NULL);
	}
	if (http->daemon != NULL)
		MHD_stop_daemon(http->daemon);
	if (http->stop_fd >= 0)
		close(http->stop_fd);
	pthread_mutex_destroy(&http->lock);
	free(http->text);
	free(http);
}
