/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/sink/keep.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "report/sink/name_pattern.h"

struct kept {
	int64_t changed_ns;
	uint64_t bytes;
	unsigned suffix;
	char name[NAME_PATTERN_MAX];
};

struct list {
	struct kept *items;
	size_t count, capacity;
	uint64_t bytes;
};

static int list_add(struct list *list, const struct kept *kept) {
	if (list->count == list->capacity) {
		size_t capacity = list->capacity > 0 ? 2 * list->capacity : 64;
		struct kept *items = reallocarray(list->items, capacity, sizeof(*items));
		if (items == NULL)
			return -ENOMEM;
		list->items = items;
		list->capacity = capacity;
	}
	list->items[list->count++] = *kept;
	list->bytes += kept->bytes;
	return 0;
}

static int list_fill(struct list *list, DIR *stream, const char *pattern) {
	int error = 0;
	for (const struct dirent *entry; error == 0 && (entry = readdir(stream)) != NULL;) {
		struct kept kept;
		struct stat status;
		if (strlen(entry->d_name) >= sizeof(kept.name) || !name_pattern_match(pattern, entry->d_name, &kept.suffix))
			continue;
		if (fstatat(dirfd(stream), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISREG(status.st_mode))
			continue;
		strcpy(kept.name, entry->d_name);
		kept.changed_ns = status.st_mtim.tv_sec * INT64_C(1000000000) + status.st_mtim.tv_nsec;
		kept.bytes = (uint64_t)status.st_size;
		error = list_add(list, &kept);
	}
	return error;
}

/* Older first. */
static int compare(const void *one, const void *other) {
	const struct kept *a = one, *b = other;
	if (a->changed_ns != b->changed_ns)
		return a->changed_ns < b->changed_ns ? -1 : 1;
	if (a->suffix != b->suffix)
		return a->suffix < b->suffix ? -1 : 1;
	return strcmp(a->name, b->name);
}

int64_t keep_apply(
	int directory_fd, const char *pattern, const struct keep_limits *limits, uint64_t used_bytes, int64_t wall_ns) {
	struct list list = {0};
	int64_t removed = 0;
	int error = 0;

	if (limits->files == 0 && limits->age_ns == 0 && limits->bytes == 0)
		return 0;
	int fd = openat(directory_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *stream = fd >= 0 ? fdopendir(fd) : NULL;
	if (stream == NULL) {
		error = -errno;
		if (fd >= 0)
			close(fd);
		return error;
	}
	error = list_fill(&list, stream, pattern);
	closedir(stream);
	if (error < 0) {
		free(list.items);
		return error;
	}
	if (list.count > 0)
		qsort(list.items, list.count, sizeof(*list.items), compare);

	size_t left = list.count;
	for (size_t i = 0; i < list.count; i++) {
		const struct kept *kept = &list.items[i];
		bool old = limits->age_ns > 0 && wall_ns > kept->changed_ns &&
			   (uint64_t)(wall_ns - kept->changed_ns) > limits->age_ns;
		bool many = limits->files > 0 && left > limits->files;
		bool much = limits->bytes > 0 && list.bytes + used_bytes > limits->bytes;
		if (!old && !many && !much)
			break; /* those that follow are younger */
		if (unlinkat(directory_fd, kept->name, 0) == 0)
			removed++;
		else if (errno != ENOENT) {
			error = -errno;
			continue; /* what cannot be removed still takes its place */
		}
		left--;
		list.bytes -= kept->bytes;
	}
	free(list.items);
	return error < 0 ? error : removed;
}
