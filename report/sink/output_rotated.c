/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Files of a pattern: ".NAME.part" while it is written, NAME when it is complete. The part is locked, so that another
 * process that starts with the same pattern does not take it for one that was left behind.
 *
 * With a rotation time, files belong to periods that are counted from 1970 in UTC, and their names have the period's
 * beginning: the names do not depend on when the program was started. With a size only, names have the time of the file's
 * beginning.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "report/sink/held_directory.h"
#include "report/sink/keep.h"
#include "report/sink/name_pattern.h"
#include "report/sink/output.h"
#include "report/sink/tail.h"

enum {
	PART_MAX = NAME_PATTERN_MAX + 8,
	SUFFIXES_TRIED = 100, /* as many processes may write files of the same name */
	HOUSEKEEPING_S = 60,
};

#define SECOND_NS INT64_C(1000000000)

struct output_rotated {
	struct output output;
	struct held_directory directory;
	char *pattern;
	struct output_settings settings;
	struct whole_file file;
	int64_t time_s; /* that the name of the open file has */
	char name[NAME_PATTERN_MAX], part[PART_MAX];
	unsigned number;                  /* that the name has */
	char last_base[NAME_PATTERN_MAX]; /* the name without number of the file that was completed last, and its number */
	unsigned last_number;
	int64_t housekeeping_s; /* when it was last looked what may be removed, and what was left behind */
	int keep_error;         /* said already */
};

static struct output_rotated *rotated_of(struct output *output) {
	return (struct output_rotated *)output;
}

/* The time that the name of a file begun now has. */
static int64_t name_time(const struct output_rotated *rotated, int64_t wall_ns) {
	int64_t every_ns = (int64_t)rotated->settings.rotate_ns;
	if (every_ns > 0)
		wall_ns -= wall_ns % every_ns;
	return wall_ns / SECOND_NS;
}

/* Whether the time of the open file is over. A clock that is set back ends it too. */
static bool is_due(const struct output_rotated *rotated, int64_t wall_ns) {
	char name[NAME_PATTERN_MAX], now[NAME_PATTERN_MAX];
	int64_t time_s = name_time(rotated, wall_ns);
	if (rotated->file.fd < 0 || time_s == rotated->time_s)
		return false;
	if (rotated->settings.rotate_ns > 0)
		return true;
	if (rotated->settings.rotate_bytes > 0)
		return false;
	name_pattern_format(rotated->pattern, rotated->time_s, 0, name);
	name_pattern_format(rotated->pattern, time_s, 0, now);
	return strcmp(name, now) != 0;
}

static void part_name(const char *name, char ret_part[PART_MAX]) {
	snprintf(ret_part, PART_MAX, ".%s.part", name);
}

static void close_part(struct output_rotated *rotated) {
	if (rotated->file.fd >= 0)
		close(rotated->file.fd);
	rotated->file.fd = -1;
	rotated->file.torn = false;
	rotated->file.size = 0;
}

static int open_part(struct output_rotated *rotated, int64_t wall_ns) {
	int64_t time_s = name_time(rotated, wall_ns);
	int error = held_directory_check(&rotated->directory);
	if (error < 0)
		return error;

	int fd = -1;
	for (unsigned suffix = 0; fd < 0 && suffix < SUFFIXES_TRIED; suffix++) {
		name_pattern_format(rotated->pattern, time_s, suffix, rotated->name);
		part_name(rotated->name, rotated->part);
		rotated->number = suffix;
		fd = openat(rotated->directory.fd, rotated->part,
			O_RDWR | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0640);
		if (fd < 0 && errno != EEXIST)
			break;
	}
	if (fd < 0)
		return -errno;
	if (flock(fd, LOCK_EX | LOCK_NB) < 0 ||
		(rotated->settings.owned && fchown(fd, rotated->settings.owner, rotated->settings.group) < 0)) {
		error = -errno;
		unlinkat(rotated->directory.fd, rotated->part, 0);
		close(fd);
		return error;
	}
	rotated->file.fd = fd;
	rotated->file.size = 0;
	rotated->file.torn = false;
	rotated->time_s = time_s;
	return 0;
}

/* Gives a part its name, or the next number of it that is free. Never replaces a file. number: that of name, 0 for none. */
static int rename_part(struct output_rotated *rotated, const char *part, const char *name, unsigned number) {
	char base[NAME_PATTERN_MAX], numbered[NAME_PATTERN_MAX];
	int directory = rotated->directory.fd;
	name_pattern_renumber(name, number, 0, base);
	/* Numbers go on counting where the last file of the name was, also when those before it were removed meanwhile. */
	unsigned first = strcmp(base, rotated->last_base) == 0 ? rotated->last_number + 1 : 0;
	for (unsigned suffix = first; suffix < NAME_PATTERN_SUFFIX; suffix++) {
		name_pattern_renumber(base, 0, suffix, numbered);
		int error = 0;
		if (renameat2(directory, part, directory, numbered, RENAME_NOREPLACE) < 0)
			error = errno;
		if (error == EINVAL) { /* some file systems cannot do it in one step */
			error = linkat(directory, part, directory, numbered, 0) == 0 ? 0 : errno;
			if (error == 0)
				unlinkat(directory, part, 0);
		}
		if (error == 0) {
			memcpy(rotated->last_base, base, sizeof(base));
			rotated->last_number = suffix;
		}
		if (error != EEXIST)
			return -error;
	}
	return -EEXIST;
}

static void apply_limits(struct output_rotated *rotated, int64_t wall_ns) {
	const struct keep_limits limits = {.files = rotated->settings.keep_files,
		.age_ns = rotated->settings.keep_ns,
		.bytes = rotated->settings.keep_bytes};
	uint64_t used = rotated->file.fd >= 0 ? rotated->file.size : 0;
	int64_t removed = keep_apply(rotated->directory.fd, rotated->pattern, &limits, used, wall_ns);
	int error = removed < 0 ? (int)removed : 0;
	if (removed > 0)
		rotated->output.events->files_removed += (uint64_t)removed;
	if (error < 0 && error != rotated->keep_error && error != -ENOENT)
		output_say(rotated->output.events, "old files cannot be removed: %s", strerror(-error));
	rotated->keep_error = error;
}

/* The open file gets its name. When that fails it stays a part, and is tried again with those that were left behind. */
static void complete(struct output_rotated *rotated, int64_t wall_ns) {
	struct stat status;
	if (rotated->file.fd < 0)
		return;
	bool there = fstat(rotated->file.fd, &status) == 0 && status.st_nlink > 0;
	if (there && rotated->file.torn)
		there = rotated->file.calls->truncate(rotated->file.fd, (off_t)rotated->file.size) == 0;
	if (there && rotated->file.size == 0) {
		unlinkat(rotated->directory.fd, rotated->part, 0);
	} else if (there) {
		/* A name says that the file is complete; that must hold after a power loss too. */
		fdatasync(rotated->file.fd);
		int error = rename_part(rotated, rotated->part, rotated->name, rotated->number);
		if (error == 0)
			rotated->output.events->files_completed++;
		else
			output_say(rotated->output.events, "%s cannot get its name: %s", rotated->part, strerror(-error));
	}
	close_part(rotated);
	apply_limits(rotated, wall_ns);
}

/* Completes a part that nobody writes to. Returns 0, also when there is nothing to do, or a negative errno. */
static int complete_left(struct output_rotated *rotated, const char *part) {
	char name[NAME_PATTERN_MAX];
	uint64_t size, torn;
	unsigned suffix;
	size_t len = strlen(part);
	if (len < 7 || len - 6 >= sizeof(name) || part[0] != '.' || strcmp(part + len - 5, ".part") != 0)
		return 0;
	memcpy(name, part + 1, len - 6);
	name[len - 6] = '\0';
	if (!name_pattern_match(rotated->pattern, name, &suffix))
		return 0;

	int fd = openat(rotated->directory.fd, part, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return errno == ENOENT || errno == ELOOP ? 0 : -errno;
	int error = 0;
	struct stat status;
	if (fstat(fd, &status) < 0 || !S_ISREG(status.st_mode) || flock(fd, LOCK_EX | LOCK_NB) < 0) {
		close(fd);
		return 0;
	}
	error = tail_repair(fd, rotated->settings.compressed, &size, &torn);
	if (error == 0 && torn > 0) {
		rotated->output.events->tails_cut++;
		rotated->output.events->tail_bytes_cut += torn;
		output_say(rotated->output.events, "%s ended within a document: its last %llu bytes were cut off", part,
			(unsigned long long)torn);
	}
	if (error == 0 && size == 0) {
		unlinkat(rotated->directory.fd, part, 0);
	} else if (error == 0) {
		error = rename_part(rotated, part, name, suffix);
		if (error == 0)
			rotated->output.events->files_completed++;
	}
	close(fd);
	return error;
}

static int complete_all_left(struct output_rotated *rotated) {
	int result = 0, fd = openat(rotated->directory.fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *stream = fd >= 0 ? fdopendir(fd) : NULL;
	if (stream == NULL) {
		result = -errno;
		if (fd >= 0)
			close(fd);
		return result;
	}
	for (const struct dirent *entry; (entry = readdir(stream)) != NULL;) {
		int error = complete_left(rotated, entry->d_name);
		if (error < 0) {
			output_say(rotated->output.events, "%s was left behind and cannot be completed: %s", entry->d_name,
				strerror(-error));
			result = error;
		}
	}
	closedir(stream);
	return result;
}

/* The part was removed under us, or its directory was. */
static int look(struct output_rotated *rotated) {
	struct stat status;
	if (rotated->file.fd < 0)
		return 0;
	if (fstat(rotated->file.fd, &status) < 0)
		return -errno;
	if (status.st_nlink == 0) {
		output_say(rotated->output.events, "%s was removed; another file is begun", rotated->part);
		close_part(rotated);
	}
	return 0;
}

static int rotated_write(struct output *output, struct batch *batch, int64_t wall_ns) {
	struct output_rotated *rotated = rotated_of(output);
	int error = look(rotated);
	if (error < 0)
		return error;
	if (is_due(rotated, wall_ns))
		complete(rotated, wall_ns);
	while (batch->done < batch->len) {
		if (rotated->file.fd < 0) {
			batch_rewind(batch);
			error = open_part(rotated, wall_ns);
			if (error < 0)
				return error;
		}
		size_t len = whole_file_fits(&rotated->file, batch, rotated->settings.rotate_bytes);
		if (len == 0 && rotated->file.size > 0) {
			complete(rotated, wall_ns);
			continue;
		}
		if (len == 0) /* a document that is longer than a file may be has one of its own */
			len = batch->ends[batch->done_count] - batch->done;
		error = whole_file_append(&rotated->file, batch, len);
		if (error == -EFBIG && rotated->file.size > 0) {
			complete(rotated, wall_ns); /* the system's limit for a file is no other than ours */
			continue;
		}
		if (error < 0)
			return error;
		if (rotated->settings.rotate_bytes > 0 && rotated->file.size >= rotated->settings.rotate_bytes)
			complete(rotated, wall_ns);
	}
	return 1;
}

static void rotated_tick(struct output *output, int64_t wall_ns) {
	struct output_rotated *rotated = rotated_of(output);
	/* Another directory in its place: what is complete stays in the old one, if that is still anywhere. */
	if (held_directory_look(&rotated->directory) == 1) {
		complete(rotated, wall_ns);
		if (held_directory_check(&rotated->directory) == 1)
			output_say(rotated->output.events, "the directory is another one: going on in it");
	}
	(void)look(rotated);
	if (is_due(rotated, wall_ns))
		complete(rotated, wall_ns);
	if (wall_ns / SECOND_NS >= rotated->housekeeping_s + HOUSEKEEPING_S ||
		wall_ns / SECOND_NS < rotated->housekeeping_s) {
		rotated->housekeeping_s = wall_ns / SECOND_NS;
		complete_all_left(rotated);
		apply_limits(rotated, wall_ns);
	}
}

static int rotated_reopen(struct output *output, int64_t wall_ns) {
	struct output_rotated *rotated = rotated_of(output);
	complete(rotated, wall_ns);
	int error = held_directory_check(&rotated->directory);
	return error < 0 ? error : 0;
}

static int rotated_finish(struct output *output, int64_t wall_ns) {
	complete(rotated_of(output), wall_ns);
	return 0;
}

static int rotated_poll_fd(const struct output *output) {
	return -1;
}

static const struct held_directory *rotated_directory(const struct output *output) {
	return &((const struct output_rotated *)output)->directory;
}

static void rotated_destroy(struct output *output) {
	struct output_rotated *rotated = rotated_of(output);
	close_part(rotated);
	held_directory_close(&rotated->directory);
	free(rotated->pattern);
	free(rotated);
}

static const struct output_kind rotated_kind = {
	.write = rotated_write,
	.tick = rotated_tick,
	.reopen = rotated_reopen,
	.finish = rotated_finish,
	.poll_fd = rotated_poll_fd,
	.directory = rotated_directory,
	.destroy = rotated_destroy,
};

int output_rotated_open(const char *directory, const char *pattern, int64_t wall_ns, struct output_events *events,
	const struct output_settings *settings, struct output **ret_output) {
	struct output_rotated *rotated = calloc(1, sizeof(*rotated));
	if (rotated == NULL)
		return -ENOMEM;
	*rotated = (struct output_rotated){
		.output = {.kind = &rotated_kind, .events = events},
		.directory = {.fd = -1, .parent_fd = -1},
		.settings = *settings,
		.file = {.fd = -1, .calls = settings->calls != NULL ? settings->calls : &whole_file_system},
		.housekeeping_s = wall_ns / SECOND_NS,
	};
	rotated->pattern = strdup(pattern);
	int error = rotated->pattern == NULL ? -ENOMEM : held_directory_open(&rotated->directory, directory);
	if (error < 0) {
		rotated_destroy(&rotated->output);
		return error;
	}
	/* What cannot be completed is said, and does not keep new files from being written. */
	complete_all_left(rotated);
	apply_limits(rotated, wall_ns);
	*ret_output = &rotated->output;
	return 0;
}
