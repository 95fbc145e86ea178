/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * unix:, syslog+udp:, syslog+tcp: and syslog+tls:. Nobody answers to syslog, so what is acknowledged is what the other side's TCP has
 * taken, or what was read from the socket: SIOCOUTQ says how much is not. Until then a batch counts as not delivered, and goes again
 * as a whole when the connection breaks.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "delivery/delivery.h"
#include "delivery/resolve.h"
#include "delivery/syslog_frame.h"
#include "delivery/tls_client.h"
#include "report/sink/held_directory.h"

#define MILLISECOND_NS INT64_C(1000000)
#define SECOND_NS INT64_C(1000000000)

#define CONNECT_NS (10 * SECOND_NS)    /* for each address */
#define ACCEPT_NS SECOND_NS            /* so long a refusal of our certificate may take to come */
#define LOOK_FIRST_NS (MILLISECOND_NS / 2) /* for an acknowledgement: there is no event for it */
#define LOOK_LAST_NS (40 * MILLISECOND_NS)

enum { DATAGRAM_MAX = 65000, ERROR_TEXT = 256 };

enum state { STATE_CLOSED, STATE_RESOLVING, STATE_CONNECTING, STATE_HANDSHAKE, STATE_OPEN };

struct output_stream {
	struct output output;
	struct delivery *delivery;
	enum state state;
	struct resolve *resolve;
	struct addrinfo *addresses, *address; /* all of the name, and the one that is tried */
	struct tls_client *tls;               /* NULL: none */
	int fd;                               /* -1: none */
	int64_t until_ns;                     /* connecting, or waiting for an acknowledgement */
	bool ended;                           /* the other side will not say anything more */
	struct syslog_frame frame;
	/* What is on its way: the documents of the batch up to number flight_end, as they go over the wire. */
	const struct batch *flight;
	size_t flight_end, wire_len, wire_sent, wire_capacity;
	char *wire;
	int64_t sent_ns; /* when the latest of it went */
	int64_t look_ns; /* how long until the next look */
	char error[ERROR_TEXT];
};

static struct output_stream *stream_of(struct output *output) {
	return (struct output_stream *)output;
}

static int64_t now_ns(void) {
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * SECOND_NS + now.tv_nsec;
}

static bool is_datagram(const struct output_stream *stream) {
	return stream->delivery->destination->kind == DESTINATION_SYSLOG_UDP;
}

static bool is_syslog(const struct output_stream *stream) {
	return stream->delivery->destination->kind != DESTINATION_UNIX;
}

/* ---- The connection ---- */

static void close_connection(struct output_stream *stream) {
	if (stream->tls != NULL)
		tls_client_end(stream->tls);
	if (stream->fd >= 0)
		close(stream->fd);
	stream->fd = -1;
	stream->ended = false;
	resolve_cancel(stream->resolve);
	stream->resolve = NULL;
	if (stream->addresses != NULL)
		freeaddrinfo(stream->addresses);
	stream->addresses = stream->address = NULL;
	stream->state = STATE_CLOSED;
	stream->flight = NULL;
}

/* A reader that is gone is nothing that ends a sink, as it is for standard output. */
static int fail(struct output_stream *stream, int error, const char *text) {
	if (error == -EPIPE)
		error = -ECONNRESET;
	snprintf(stream->error, sizeof(stream->error), "%s", text != NULL ? text : strerror(-error));
	close_connection(stream);
	return error;
}

static int connect_unix(struct output_stream *stream) {
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	const char *path = stream->delivery->destination->path;
	if (strlen(path) >= sizeof(address.sun_path))
		return fail(stream, -ENAMETOOLONG, NULL);
	strcpy(address.sun_path, path);
	stream->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (stream->fd < 0 || connect(stream->fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
		return fail(stream, -errno, NULL);
	stream->state = STATE_OPEN;
	return 1;
}

/* Tries one address after the other. Returns 1: connected; 0: under way; or a negative errno. */
static int connect_next(struct output_stream *stream, int error) {
	for (; stream->address != NULL; stream->address = stream->address->ai_next) {
		const struct addrinfo *address = stream->address;
		const int on = 1;
		if (stream->fd >= 0)
			close(stream->fd);
		stream->fd = socket(address->ai_family, address->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, address->ai_protocol);
		if (stream->fd < 0) {
			error = -errno;
			continue;
		}
		/* A receiver whose machine is gone is noticed sooner than in hours; that it is not set is no failure. */
		(void)setsockopt(stream->fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
		stream->until_ns = now_ns() + CONNECT_NS;
		if (connect(stream->fd, address->ai_addr, address->ai_addrlen) == 0) {
			stream->state = stream->tls != NULL ? STATE_HANDSHAKE : STATE_OPEN;
			return 1;
		}
		if (errno == EINPROGRESS) {
			stream->state = STATE_CONNECTING;
			return 0;
		}
		error = -errno;
	}
	return fail(stream, error, NULL);
}

static int check_connecting(struct output_stream *stream) {
	struct pollfd poll_fd = {.fd = stream->fd, .events = POLLOUT};
	int error = 0;
	socklen_t len = sizeof(error);
	int ready = poll(&poll_fd, 1, 0);
	if (ready == 0 && now_ns() < stream->until_ns)
		return 0;
	if (ready == 0)
		error = ETIMEDOUT;
	else if (getsockopt(stream->fd, SOL_SOCKET, SO_ERROR, &error, &len) < 0)
		error = errno;
	if (error != 0) {
		stream->address = stream->address->ai_next;
		return connect_next(stream, -error);
	}
	stream->state = stream->tls != NULL ? STATE_HANDSHAKE : STATE_OPEN;
	return 1;
}

static int begin(struct output_stream *stream) {
	const struct destination *to = stream->delivery->destination;
	if (!is_syslog(stream))
		return connect_unix(stream);
	int error = resolve_start(to->host, to->port, is_datagram(stream) ? SOCK_DGRAM : SOCK_STREAM, &stream->resolve);
	if (error < 0)
		return fail(stream, error, NULL);
	stream->state = STATE_RESOLVING;
	return 0;
}

static int check_resolving(struct output_stream *stream) {
	const char *text = NULL;
	int result = resolve_poll(stream->resolve, &stream->addresses, &text);
	if (result == 0)
		return 0;
	stream->resolve = NULL;
	if (result < 0)
		return fail(stream, result, text);
	stream->address = stream->addresses;
	return connect_next(stream, -ENXIO);
}

static int check_handshake(struct output_stream *stream) {
	if (stream->until_ns != 0) {
		int error = tls_client_begin(stream->tls, stream->fd);
		if (error < 0)
			return fail(stream, error, tls_client_error(stream->tls));
		stream->until_ns = 0;
		stream->look_ns = now_ns() + CONNECT_NS; /* until then it must be done */
	}
	int done = tls_client_handshake(stream->tls);
	if (done == 0 && now_ns() > stream->look_ns)
		return fail(stream, -ETIMEDOUT, NULL);
	if (done < 0)
		return fail(stream, done, tls_client_error(stream->tls));
	if (done > 0)
		stream->state = STATE_OPEN;
	return done;
}

/* Returns 1 when documents can be sent, 0: not yet, or a negative errno. */
static int progress(struct output_stream *stream) {
	int result = 1;
	while (stream->state != STATE_OPEN && result == 1) {
		switch (stream->state) {
		case STATE_CLOSED:
			result = begin(stream);
			if (result == 0 && stream->state == STATE_RESOLVING)
				result = check_resolving(stream);
			break;
		case STATE_RESOLVING:
			result = check_resolving(stream);
			break;
		case STATE_CONNECTING:
			result = check_connecting(stream);
			break;
		case STATE_HANDSHAKE:
			result = check_handshake(stream);
			break;
		case STATE_OPEN:
			break;
		}
	}
	return result;
}

/* ---- What is on its way ---- */

static int reserve(struct output_stream *stream, size_t more) {
	size_t needed = stream->wire_len + more;
	if (needed <= stream->wire_capacity)
		return 0;
	char *wire = realloc(stream->wire, needed + needed / 2);
	if (wire == NULL)
		return -ENOMEM;
	stream->wire = wire;
	stream->wire_capacity = needed + needed / 2;
	return 0;
}

/* Without the line end. */
static size_t document_len(const struct batch *batch, size_t index) {
	size_t start = batch_start(batch, index), len = batch->ends[index] - start;
	return len > 0 && batch->data[start + len - 1] == '\n' ? len - 1 : len;
}

static int put_on_wire(struct output_stream *stream, const struct batch *batch, size_t index, int64_t wall_ns) {
	const char *document = batch->data + batch_start(batch, index);
	size_t len = document_len(batch, index);
	int error = reserve(stream, len + SYSLOG_FRAME_OVERHEAD);
	if (error < 0)
		return error;
	char *to = stream->wire + stream->wire_len;
	if (is_syslog(stream)) {
		stream->wire_len += syslog_frame_write(&stream->frame, document, len, wall_ns, to);
	} else {
		memcpy(to, document, len);
		to[len] = '\n';
		stream->wire_len += len + 1;
	}
	return 0;
}

/* A document that is longer than may be is refused here: its receiver would cut it into something that is none. */
static bool is_too_long(const struct output_stream *stream, size_t len) {
	uint64_t max = stream->delivery->destination->document_max;
	if (is_datagram(stream) && (max == 0 || max > DATAGRAM_MAX))
		max = DATAGRAM_MAX;
	return max > 0 && len > max;
}

static void refuse(struct output_stream *stream, struct batch *batch, const char *why) {
	struct output_events *events = stream->output.events;
	size_t start = batch_start(batch, batch->done_count), len = batch->ends[batch->done_count] - start;
	events->reject(events->reject_context, why, batch->data + start, len);
	events->rejected++;
	batch_advance(batch, len);
}

/* Puts documents on the wire up to one that is too long. Returns 0 or a negative errno. */
static int load(struct output_stream *stream, struct batch *batch, int64_t wall_ns) {
	while (batch->done_count < batch->count && is_too_long(stream, document_len(batch, batch->done_count)))
		refuse(stream, batch, "it is longer than max");
	stream->flight = batch;
	stream->flight_end = batch->done_count;
	stream->wire_len = stream->wire_sent = 0;
	stream->look_ns = LOOK_FIRST_NS;
	stream->until_ns = now_ns() + stream->delivery->destination->timeout_ns;
	while (stream->flight_end < batch->count && !is_too_long(stream, document_len(batch, stream->flight_end))) {
		int error = put_on_wire(stream, batch, stream->flight_end, wall_ns);
		if (error < 0)
			return error;
		stream->flight_end++;
	}
	return 0;
}

/* Whatever comes is of no interest, but for the end. Returns 0, or a negative errno when the connection is broken. */
static int listen_in(struct output_stream *stream) {
	char ignored[4096];
	for (;;) {
		ssize_t n;
		if (stream->tls != NULL) {
			n = tls_client_read(stream->tls, ignored, sizeof(ignored));
			if (n < 0)
				return (int)n;
			if (n == 0)
				return 0;
			continue;
		}
		n = recv(stream->fd, ignored, sizeof(ignored), MSG_DONTWAIT);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EAGAIN ? 0 : -errno;
		if (n == 0) {
			stream->ended = true;
			return 0;
		}
	}
}

static const char *stream_error(const struct output_stream *stream) {
	return stream->tls != NULL ? tls_client_error(stream->tls) : NULL;
}

/* Sends what it takes. Returns 1: all is sent, 0: not now, or a negative errno. */
static int send_wire(struct output_stream *stream) {
	while (stream->wire_sent < stream->wire_len) {
		const char *data = stream->wire + stream->wire_sent;
		size_t len = stream->wire_len - stream->wire_sent;
		ssize_t n = stream->tls != NULL ? tls_client_write(stream->tls, data, len) : send(stream->fd, data, len, MSG_NOSIGNAL);
		if (stream->tls == NULL && n < 0)
			n = errno == EINTR ? 0 : -errno;
		if (n == -EAGAIN || (n == 0 && stream->tls != NULL))
			return 0;
		if (n < 0)
			return (int)n;
		stream->wire_sent += (size_t)n;
		stream->sent_ns = now_ns();
		stream->until_ns = stream->sent_ns + stream->delivery->destination->timeout_ns;
	}
	return 1;
}

/* Returns 1: the other side has it; 0: not yet; or a negative errno. */
static int check_acknowledged(struct output_stream *stream) {
	int waiting = 0;
	if (ioctl(stream->fd, SIOCOUTQ, &waiting) < 0)
		waiting = 0; /* nothing better can be known */
	/* After the look, so that a reset that took the bytes with it is seen. */
	int error = listen_in(stream);
	if (error < 0)
		return error;
	bool refusable = stream->tls != NULL && !tls_client_is_accepted(stream->tls) && now_ns() < stream->sent_ns + ACCEPT_NS;
	if (waiting == 0 && !refusable)
		return 1;
	if (stream->look_ns < LOOK_LAST_NS)
		stream->look_ns *= 2;
	return now_ns() < stream->until_ns ? 0 : -ETIMEDOUT;
}

static int write_stream(struct output_stream *stream, struct batch *batch, int64_t wall_ns) {
	while (batch->done_count < batch->count) {
		if (stream->flight != batch) {
			/* Who has ended it does not read what comes next. */
			if (stream->ended)
				close_connection(stream);
			int ready = progress(stream);
			if (ready <= 0)
				return ready;
			int error = load(stream, batch, wall_ns);
			if (error < 0)
				return fail(stream, error, NULL);
		}
		int result = send_wire(stream);
		if (result == 0 && now_ns() >= stream->until_ns)
			result = -ETIMEDOUT;
		if (result > 0)
			result = check_acknowledged(stream);
		if (result < 0)
			return fail(stream, result, stream_error(stream));
		if (result == 0)
			return 0;
		batch_advance(batch, batch_start(batch, stream->flight_end) - batch->done);
		stream->flight = NULL;
	}
	return 1;
}

/* One document a datagram. That nobody listens is told with the next one. */
static int write_datagrams(struct output_stream *stream, struct batch *batch, int64_t wall_ns) {
	int ready = progress(stream);
	if (ready <= 0)
		return ready;
	while (batch->done_count < batch->count) {
		size_t len = document_len(batch, batch->done_count);
		if (is_too_long(stream, len)) {
			refuse(stream, batch, "it is longer than a datagram may be");
			continue;
		}
		stream->wire_len = 0;
		int error = put_on_wire(stream, batch, batch->done_count, wall_ns);
		if (error < 0)
			return fail(stream, error, NULL);
		ssize_t n = send(stream->fd, stream->wire, stream->wire_len, MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return 0;
		if (n < 0 && errno == EMSGSIZE) {
			refuse(stream, batch, "it is longer than a datagram may be");
			continue;
		}
		if (n < 0)
			return fail(stream, -errno, NULL);
		batch_advance(batch, batch->ends[batch->done_count] - batch->done);
	}
	return 1;
}

static int stream_write(struct output *output, struct batch *batch, int64_t wall_ns) {
	struct output_stream *stream = stream_of(output);
	return is_datagram(stream) ? write_datagrams(stream, batch, wall_ns) : write_stream(stream, batch, wall_ns);
}

/* A connection that ended while there was nothing to send is not used again. */
static void stream_tick(struct output *output, int64_t wall_ns) {
	struct output_stream *stream = stream_of(output);
	if (stream->state == STATE_OPEN && stream->flight == NULL && !is_datagram(stream) &&
		(listen_in(stream) < 0 || stream->ended))
		close_connection(stream);
}

static int stream_reopen(struct output *output, int64_t wall_ns) {
	struct output_stream *stream = stream_of(output);
	if (stream->flight == NULL)
		close_connection(stream);
	return 0;
}

static int stream_finish(struct output *output, int64_t wall_ns) {
	close_connection(stream_of(output));
	return 0;
}

static int stream_poll_fd(const struct output *output) {
	return ((const struct output_stream *)output)->fd;
}

static short stream_poll_events(const struct output *output) {
	const struct output_stream *stream = (const struct output_stream *)output;
	if (stream->state == STATE_HANDSHAKE || (stream->tls != NULL && stream->wire_sent < stream->wire_len))
		return tls_client_wants_read(stream->tls) ? POLLIN : POLLOUT;
	/* All is sent: a broken connection wakes in any case, an acknowledgement does not. */
	return stream->flight != NULL && stream->wire_sent == stream->wire_len ? 0 : POLLOUT;
}

static int64_t stream_poll_ns(const struct output *output) {
	const struct output_stream *stream = (const struct output_stream *)output;
	if (stream->state == STATE_RESOLVING)
		return 20 * MILLISECOND_NS;
	return stream->flight != NULL && stream->wire_sent == stream->wire_len ? stream->look_ns : SECOND_NS;
}

static const char *stream_describe(const struct output *output) {
	const struct output_stream *stream = (const struct output_stream *)output;
	return stream->error[0] != '\0' ? stream->error : NULL;
}

static const struct held_directory *stream_directory(const struct output *output) {
	static const struct held_directory none = {.fd = -1, .parent_fd = -1};
	return &none;
}

static void stream_destroy(struct output *output) {
	struct output_stream *stream = stream_of(output);
	close_connection(stream);
	tls_client_destroy(stream->tls);
	free(stream->wire);
	free(stream);
}

static const struct output_kind stream_kind = {
	.write = stream_write,
	.tick = stream_tick,
	.reopen = stream_reopen,
	.finish = stream_finish,
	.poll_fd = stream_poll_fd,
	.poll_events = stream_poll_events,
	.poll_ns = stream_poll_ns,
	.describe = stream_describe,
	.directory = stream_directory,
	.destroy = stream_destroy,
};

int delivery_open_stream(struct delivery *delivery, struct output_events *events, struct output **ret_output) {
	const struct destination *to = delivery->destination;
	struct output_stream *stream = calloc(1, sizeof(*stream));
	if (stream == NULL)
		return -ENOMEM;
	*stream = (struct output_stream){
		.output = {.kind = &stream_kind, .events = events},
		.delivery = delivery,
		.fd = -1,
		.frame = {.facility = to->facility, .host_name = delivery->host_name, .process = getpid(),
			.framing = to->kind == DESTINATION_SYSLOG_UDP ? SYSLOG_FRAMING_NONE
				: to->frame_lines             ? SYSLOG_FRAMING_LINES
							      : SYSLOG_FRAMING_OCTETS},
	};
	*ret_output = &stream->output; /* it says what was wrong, also when it is of no use */
	return to->tls ? tls_client_create(to, &delivery->credentials, &stream->tls, stream->error) : 0;
}
