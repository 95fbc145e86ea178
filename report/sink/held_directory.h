/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A directory that is held open, and found again through its parent when somebody removed it and made it anew: after the
 * sandbox is closed there is no other way to it.
 */
#ifndef SMTPSCOPE_REPORT_SINK_HELD_DIRECTORY_H
#define SMTPSCOPE_REPORT_SINK_HELD_DIRECTORY_H

#include <sys/types.h>

struct held_directory {
	int fd;        /* for openat() and reading */
	int parent_fd; /* -1: it is the root, or its parent may not be entered */
	char *name;    /* in its parent */
	dev_t dev;
	ino_t ino;
};

/* Follows symbolic links in path, now and not later. Returns 0 or a negative errno. */
int held_directory_open(struct held_directory *directory, const char *path);

/* Looks whether the directory is still the one at its path. Returns 0 when it is, 1 when there was another, which is open
 * now, or a negative errno: -ENOENT when there is none (the old one stays open). */
int held_directory_check(struct held_directory *directory);

/* The same, but opens nothing. */
int held_directory_look(const struct held_directory *directory);

/* Accepts zeroed memory only when fd and parent_fd were set to -1. */
void held_directory_close(struct held_directory *directory);

#endif
