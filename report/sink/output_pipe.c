/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A pipe, FIFO, socket or device. It takes bytes in any amount, and goes on at the exact byte.
 *
 * Standard output may be shared with others, who would be surprised by O_NONBLOCK: it is a property of the open file and not
 * of our descriptor. There, poll() says when a write of up to PIPE_BUF bytes will not wait, and no write is longer than
 * that. What we open ourselves is O_NONBLOCK.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "report/sink/held_directory.h"
#include "report/sink/output.h"

struct output_pipe {
	struct output output;
	struct held_directory directory; /* of a path */
	char *name;                      /* in it; NULL: the descriptor was given */
	int fd;
	dev_t dev;
	ino_t ino;
};

static struct output_pipe *pipe_of(struct output *output) {
	return (struct output_pipe *)output;
}

static void pipe_close(struct output_pipe *pipe) {
	if (pipe->fd >= 0)
		close(pipe->fd);
	pipe->fd = -1;
}

/* Without a reader a FIFO cannot be opened: -ENXIO. */
static int pipe_open_name(struct output_pipe *pipe) {
	struct stat status;
	int fd = openat(pipe->directory.fd, pipe->name, O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return -errno;
	if (fstat(fd, &status) < 0) {
		int error = -errno;
		close(fd);
		return error;
	}
	pipe_close(pipe);
	pipe->fd = fd;
	pipe->dev = status.st_dev;
	pipe->ino = status.st_ino;
	return 0;
}

/* The reader went away in the middle of a document. When it had read all that there was, the next reader needs the document
 * from its beginning. What was not read is still there for the next reader, as we keep the FIFO open, and goes on. */
static void reader_gone(struct output_pipe *pipe, struct batch *batch) {
	int unread = 0;
	if (pipe->name != NULL && ioctl(pipe->fd, FIONREAD, &unread) == 0 && unread == 0)
		batch_rewind(batch);
}

static int pipe_write(struct output *output, struct batch *batch, int64_t wall_ns) {
	struct output_pipe *pipe = pipe_of(output);
	bool ours = pipe->name != NULL;
	if (pipe->fd < 0) {
		int error = pipe_open_name(pipe);
		if (error < 0)
			return error;
	}
	while (batch->done < batch->len) {
		size_t len = batch->len - batch->done;
		if (!ours) {
			struct pollfd poll_fd = {.fd = pipe->fd, .events = POLLOUT};
			int ready = poll(&poll_fd, 1, 0);
			if (ready < 0 && errno != EINTR)
				return -errno;
			if (ready <= 0)
				return 0;
			if (len > PIPE_BUF)
				len = PIPE_BUF;
		}
		ssize_t n = write(pipe->fd, batch->data + batch->done, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return 0;
		if (n < 0) {
			int error = -errno;
			if (error == -EPIPE)
				reader_gone(pipe, batch);
			return error;
		}
		batch_advance(batch, (size_t)n);
	}
	return 1;
}

static int pipe_reopen(struct output *output, int64_t wall_ns) {
	struct output_pipe *pipe = pipe_of(output);
	if (pipe->name == NULL)
		return 0;
	held_directory_check(&pipe->directory);
	return pipe_open_name(pipe);
}

/* Somebody put another FIFO in its place. */
static void pipe_tick(struct output *output, int64_t wall_ns) {
	struct output_pipe *pipe = pipe_of(output);
	struct stat status;
	if (pipe->name == NULL)
		return;
	held_directory_check(&pipe->directory);
	if (pipe->fd >= 0 && fstatat(pipe->directory.fd, pipe->name, &status, 0) == 0 &&
		(status.st_dev != pipe->dev || status.st_ino != pipe->ino))
		(void)pipe_open_name(pipe);
}

static int pipe_finish(struct output *output, int64_t wall_ns) {
	return 0;
}

static int pipe_poll_fd(const struct output *output) {
	return ((const struct output_pipe *)output)->fd;
}

static const struct held_directory *pipe_directory(const struct output *output) {
	return &((const struct output_pipe *)output)->directory;
}

static void pipe_destroy(struct output *output) {
	struct output_pipe *pipe = pipe_of(output);
	if (pipe->name != NULL)
		pipe_close(pipe);
	held_directory_close(&pipe->directory);
	free(pipe->name);
	free(pipe);
}

static const struct output_kind pipe_kind = {
	.write = pipe_write,
	.tick = pipe_tick,
	.reopen = pipe_reopen,
	.finish = pipe_finish,
	.poll_fd = pipe_poll_fd,
	.directory = pipe_directory,
	.destroy = pipe_destroy,
};

static struct output_pipe *pipe_create(struct output_events *events) {
	struct output_pipe *pipe = calloc(1, sizeof(*pipe));
	if (pipe == NULL)
		return NULL;
	*pipe = (struct output_pipe){
		.output = {.kind = &pipe_kind, .events = events}, .directory = {.fd = -1, .parent_fd = -1}, .fd = -1};
	return pipe;
}

int output_pipe_open(
	int fd, struct output_events *events, const struct output_settings *settings, struct output **ret_output) {
	struct stat status;
	if (fstat(fd, &status) < 0)
		return -errno;
	if (S_ISREG(status.st_mode))
		return output_file_adopt(fd, events, settings, ret_output);
	struct output_pipe *pipe = pipe_create(events);
	if (pipe == NULL)
		return -ENOMEM;
	pipe->fd = fd;
	*ret_output = &pipe->output;
	return 0;
}

int output_pipe_open_path(const char *path, struct output_events *events, struct output **ret_output) {
	struct output_pipe *pipe = pipe_create(events);
	char *folder = strdup(path);
	int error = pipe != NULL && folder != NULL ? 0 : -ENOMEM;
	if (error == 0) {
		char *slash = strrchr(folder, '/');
		pipe->name = strdup(slash != NULL ? slash + 1 : folder);
		if (slash != NULL)
			slash[slash == folder] = '\0';
		error = pipe->name == NULL ? -ENOMEM : held_directory_open(&pipe->directory, slash != NULL ? folder : ".");
	}
	if (error == 0) {
		error = pipe_open_name(pipe);
		if (error == -ENXIO) /* its reader may come later */
			error = 0;
	}
	free(folder);
	if (error < 0) {
		if (pipe != NULL)
			pipe_destroy(&pipe->output);
		return error;
	}
	*ret_output = &pipe->output;
	return 0;
}
