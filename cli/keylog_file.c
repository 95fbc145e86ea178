/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/keylog_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "decode/wipe.h"

enum {
	READ_MAX = 64 << 10,
	READS_MAX = 64, /* while packets wait */
};

struct keylog_file {
	int fd;
	bool grows;
	off_t position; /* of a regular file */
	struct keylog *keylog;
	char text[READ_MAX];
};

int keylog_file_open(const char *name, bool grows, struct keylog *keylog, struct keylog_file **ret_file) {
	struct stat status;
	int fd = open(name, O_RDONLY | O_CLOEXEC | (grows ? O_NONBLOCK : 0));
	if (fd < 0)
		return -errno;
	int error = fstat(fd, &status) < 0 ? -errno : S_ISDIR(status.st_mode) ? -EISDIR : 0;
	struct keylog_file *file = error == 0 ? calloc(1, sizeof(*file)) : NULL;
	if (file == NULL) {
		close(fd);
		return error < 0 ? error : -ENOMEM;
	}
	file->fd = fd;
	file->grows = grows;
	file->keylog = keylog;
	*ret_file = file;
	return 0;
}

/* It was emptied, to begin anew. */
static void notice_truncation(struct keylog_file *file) {
	struct stat status;
	if (fstat(file->fd, &status) < 0 || !S_ISREG(status.st_mode) || status.st_size >= file->position)
		return;
	keylog_end(file->keylog);
	file->position = lseek(file->fd, 0, SEEK_SET);
}

void keylog_file_read(struct keylog_file *file) {
	if (file->grows)
		notice_truncation(file);
	for (int reads = 0; !file->grows || reads < READS_MAX; reads++) {
		ssize_t len = read(file->fd, file->text, sizeof(file->text));
		if (len < 0 && errno == EINTR)
			continue;
		if (len <= 0)
			break;
		file->position += len;
		keylog_feed(file->keylog, file->text, (size_t)len);
		wipe(file->text, (size_t)len);
	}
	if (!file->grows)
		keylog_end(file->keylog);
}

void keylog_file_close(struct keylog_file *file) {
	if (file == NULL)
		return;
	close(file->fd);
	free(file);
}
