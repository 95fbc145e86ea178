/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/sink/held_directory.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void note_inode(struct held_directory *directory, const struct stat *status) {
	directory->dev = status->st_dev;
	directory->ino = status->st_ino;
}

int held_directory_open(struct held_directory *directory, const char *path) {
	struct held_directory held = {.fd = -1, .parent_fd = -1};
	struct stat status;
	int error = 0;

	char *whole = realpath(path, NULL);
	if (whole == NULL)
		return -errno;
	held.fd = open(whole, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (held.fd < 0 || fstat(held.fd, &status) < 0) {
		error = -errno;
		goto fail;
	}
	note_inode(&held, &status);

	char *slash = strrchr(whole, '/');
	if (slash[1] != '\0') {
		held.name = strdup(slash + 1);
		if (held.name == NULL) {
			error = -ENOMEM;
			goto fail;
		}
		slash[slash == whole] = '\0';
		held.parent_fd = open(whole, O_PATH | O_DIRECTORY | O_CLOEXEC);
	}
	free(whole);
	*directory = held;
	return 0;

fail:
	free(whole);
	held_directory_close(&held);
	return error;
}

int held_directory_look(const struct held_directory *directory) {
	struct stat status;
	if (directory->parent_fd < 0)
		return 0;
	if (fstatat(directory->parent_fd, directory->name, &status, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	return status.st_dev != directory->dev || status.st_ino != directory->ino;
}

int held_directory_check(struct held_directory *directory) {
	struct stat status;
	int changed = held_directory_look(directory);
	if (changed <= 0)
		return changed;
	int fd = openat(directory->parent_fd, directory->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (fstat(fd, &status) < 0) {
		int error = -errno;
		close(fd);
		return error;
	}
	/* The number stays: a sandbox may let nothing be written below another. */
	if (dup3(fd, directory->fd, O_CLOEXEC) < 0) {
		int error = -errno;
		close(fd);
		return error;
	}
	close(fd);
	note_inode(directory, &status);
	return 1;
}

void held_directory_close(struct held_directory *directory) {
	if (directory->fd >= 0)
		close(directory->fd);
	if (directory->parent_fd >= 0)
		close(directory->parent_fd);
	free(directory->name);
	*directory = (struct held_directory){.fd = -1, .parent_fd = -1};
}
