/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/sink/whole_file.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

const struct whole_file_calls whole_file_system = {.write = write, .truncate = ftruncate};

size_t whole_file_fits(const struct whole_file *file, const struct batch *batch, uint64_t size_max) {
	size_t left = batch->len - batch->done;
	if (size_max == 0 || file->size + left <= size_max)
		return left;
	size_t fits = 0;
	for (size_t i = batch->done_count; i < batch->count; i++) {
		if (file->size + (batch->ends[i] - batch->done) > size_max)
			break;
		fits = batch->ends[i] - batch->done;
	}
	return fits;
}

static int cut(struct whole_file *file) {
	if (file->calls->truncate(file->fd, (off_t)file->size) < 0)
		return -errno;
	if (file->shared)
		(void)lseek(file->fd, (off_t)file->size, SEEK_SET);
	file->torn = false;
	return 0;
}

int whole_file_append(struct whole_file *file, struct batch *batch, size_t len) {
	struct stat status;
	size_t end = batch->done + len, start;
	int error = 0;

	if (file->torn && (error = cut(file)) < 0)
		return error;
	start = batch->done;
	while (batch->done < end) {
		ssize_t n = file->calls->write(file->fd, batch->data + batch->done, end - batch->done);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			error = n < 0 ? -errno : -EIO;
			break;
		}
		batch_advance(batch, (size_t)n);
	}
	uint64_t written = file->size + (batch->done - start);
	size_t boundary = batch_boundary(batch);
	if (batch->done == boundary || boundary < start) {
		/* Whole; or it is the rest of a document of which we did not cut off the beginning, and still not all of it.
		 */
		file->size = written;
		return error;
	}
	/* A part of a document is left. What others have written behind it is not ours to cut off. */
	file->size += boundary - start;
	if (fstat(file->fd, &status) == 0 && (uint64_t)status.st_size != written) {
		file->size = (uint64_t)status.st_size;
		return error;
	}
	batch_rewind(batch);
	file->torn = true;
	(void)cut(file); /* failing, it is tried again before the next write */
	return error;
}
