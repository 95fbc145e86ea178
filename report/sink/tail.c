/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/sink/tail.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

enum { PIECE = 256 * 1024 };

/* Reads exactly len bytes. */
static int read_whole(int fd, char *data, size_t len, uint64_t offset) {
	while (len > 0) {
		ssize_t n = pread(fd, data, len, (off_t)offset);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -EIO;
		data += n;
		len -= (size_t)n;
		offset += (uint64_t)n;
	}
	return 0;
}

/* Where the last line ends. */
static int find_line_end(int fd, uint64_t size, uint64_t *ret_end) {
	char *piece = malloc(PIECE), first = 0;
	int error = piece != NULL ? 0 : -ENOMEM;
	uint64_t at = size;

	while (error == 0 && at > 0 && size - at < TAIL_MAX) {
		size_t len = at < PIECE ? (size_t)at : PIECE;
		error = read_whole(fd, piece, len, at - len);
		if (error < 0)
			break;
		const char *newline = memrchr(piece, '\n', len);
		if (newline != NULL) {
			*ret_end = at - len + (uint64_t)(newline - piece) + 1;
			free(piece);
			return 0;
		}
		at -= len;
		first = piece[0];
	}
	free(piece);
	if (error < 0)
		return error;
	/* All of it is one torn line. When it is one of JSON it may go; anything else that has no line at all, somebody may
	 * have named by mistake. What a power loss leaves of a new file are zeros. */
	if (at > 0 || (size > 0 && first != '{' && first != '\0'))
		return -EBADMSG;
	*ret_end = 0;
	return 0;
}

/* Where the last whole frame ends. Frames say how long they are only by their blocks, so that all of them are walked along.
 */
static int find_frame_end(int fd, uint64_t size, uint64_t *ret_end) {
	size_t capacity = PIECE;
	char *data = malloc(capacity);
	uint64_t end = 0;
	int error = data != NULL ? 0 : -ENOMEM;

	while (error == 0 && end < size) {
		size_t len = size - end < capacity ? (size_t)(size - end) : capacity, used = 0;
		error = read_whole(fd, data, len, end);
		while (error == 0 && used < len) {
			size_t frame = ZSTD_findFrameCompressedSize(data + used, len - used);
			if (ZSTD_isError(frame))
				break;
			used += frame;
		}
		if (error < 0 || (used == 0 && end + len == size))
			break;
		end += used;
		if (used > 0)
			continue;
		/* Not even one frame: it is longer, or nothing of ours. */
		if (capacity >= TAIL_MAX) {
			error = -EBADMSG;
			break;
		}
		char *more = realloc(data, 2 * capacity);
		if (more == NULL) {
			error = -ENOMEM;
			break;
		}
		data = more;
		capacity *= 2;
	}
	/* A file without a single frame is ours only if it begins like one, or is what a power loss leaves. */
	if (error == 0 && end == 0 && size > 0) {
		static const char magic[] = "\x28\xb5\x2f\xfd";
		size_t len = size < 4 ? (size_t)size : 4;
		if (memcmp(data, magic, len) != 0 && memcmp(data, "\0\0\0", len) != 0)
			error = -EBADMSG;
	}
	free(data);
	if (error == 0)
		*ret_end = end;
	return error;
}

int tail_repair(int fd, bool compressed, uint64_t *ret_size, uint64_t *ret_cut) {
	struct stat status;
	uint64_t end = 0;
	if (fstat(fd, &status) < 0)
		return -errno;
	uint64_t size = (uint64_t)status.st_size;
	int error = compressed ? find_frame_end(fd, size, &end) : find_line_end(fd, size, &end);
	if (error < 0)
		return error;
	if (end < size && ftruncate(fd, (off_t)end) < 0)
		return -errno;
	*ret_size = end;
	*ret_cut = size - end;
	return 0;
}
