/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One file that grows. Renamed by others (logrotate) it is written to under its new name until reopen(). Removed, it is made
 * again with the next batch: to go on writing to a file that nobody can open would be losing in silence.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "report/sink/held_directory.h"
#include "report/sink/output.h"
#include "report/sink/tail.h"

struct output_file {
	struct output output;
	struct held_directory directory;
	char *name; /* NULL: standard output */
	struct output_settings settings;
	struct whole_file file;
	uint64_t opened, written; /* which file it is, counted; and which one was written to last */
};

static struct output_file *file_of(struct output *output) {
	return (struct output_file *)output;
}

static void file_close(struct output_file *file) {
	if (file->file.fd >= 0)
		close(file->file.fd);
	file->file.fd = -1;
	file->file.torn = false;
}

/* Opens the file by its name. On failure the one that is open stays. */
static int file_open_name(struct output_file *file) {
	struct stat status;
	uint64_t size, torn;
	bool exists = fstatat(file->directory.fd, file->name, &status, 0) == 0;
	int error = 0;

	/* O_NONBLOCK is for what is no regular file, and refused below, but must not hold us up. */
	int fd = openat(
		file->directory.fd, file->name, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0640);
	if (fd < 0)
		return -errno;
	if (!exists && file->settings.owned && fchown(fd, file->settings.owner, file->settings.group) < 0)
		error = -errno;
	if (error == 0 && fstat(fd, &status) < 0)
		error = -errno;
	if (error == 0 && !S_ISREG(status.st_mode))
		error = -ENOTSUP;
	if (error == 0)
		error = tail_repair(fd, file->settings.compressed, &size, &torn);
	if (error < 0) {
		close(fd);
		return error;
	}
	if (torn > 0) {
		file->output.events->tails_cut++;
		file->output.events->tail_bytes_cut += torn;
		output_say(file->output.events, "%s ended within a document: its last %llu bytes were cut off", file->name,
			(unsigned long long)torn);
	}
	file_close(file);
	file->file.fd = fd;
	file->file.size = size;
	file->opened++;
	return 0;
}

/* Makes sure that there is a file that others can find, and that we know its size. */
static int file_look(struct output_file *file) {
	struct stat status;
	if (file->name == NULL)
		return 0;
	if (file->file.fd >= 0) {
		if (fstat(file->file.fd, &status) < 0)
			return -errno;
		if (status.st_nlink > 0) {
			/* Others may have emptied or lengthened it; what is torn is cut before. */
			if (!file->file.torn || (uint64_t)status.st_size < file->file.size) {
				file->file.size = (uint64_t)status.st_size;
				file->file.torn = false;
			}
			return 0;
		}
		file_close(file);
		output_say(file->output.events, "%s was removed and is made again", file->name);
	}
	int error = held_directory_check(&file->directory);
	return error < 0 ? error : file_open_name(file);
}

static int file_write(struct output *output, struct batch *batch, int64_t wall_ns) {
	struct output_file *file = file_of(output);
	int error = file_look(file);
	if (error < 0)
		return error;
	if (file->written != file->opened)
		batch_rewind(batch); /* into another file a document goes from its beginning */
	file->written = file->opened;
	error = whole_file_append(&file->file, batch, batch->len - batch->done);
	return error < 0 ? error : 1;
}

static void file_tick(struct output *output, int64_t wall_ns) {
	struct output_file *file = file_of(output);
	if (file->name == NULL)
		return;
	/* Another directory in the place of the one that was: whoever looks there must find the file. */
	if (held_directory_check(&file->directory) == 1 && file_open_name(file) == 0)
		output_say(file->output.events, "the directory of %s is another one: the file is made anew", file->name);
	(void)file_look(file);
}

static int file_reopen(struct output *output, int64_t wall_ns) {
	struct output_file *file = file_of(output);
	if (file->name == NULL)
		return 0;
	int error = held_directory_check(&file->directory);
	return error < 0 ? error : file_open_name(file);
}

static int file_finish(struct output *output, int64_t wall_ns) {
	return 0;
}

static int file_poll_fd(const struct output *output) {
	return -1;
}

static const struct held_directory *file_directory(const struct output *output) {
	return &((const struct output_file *)output)->directory;
}

static void file_destroy(struct output *output) {
	struct output_file *file = file_of(output);
	if (file->name != NULL)
		file_close(file);
	held_directory_close(&file->directory);
	free(file->name);
	free(file);
}

static const struct output_kind file_kind = {
	.write = file_write,
	.tick = file_tick,
	.reopen = file_reopen,
	.finish = file_finish,
	.poll_fd = file_poll_fd,
	.directory = file_directory,
	.destroy = file_destroy,
};

static struct output_file *file_create(struct output_events *events, const struct output_settings *settings) {
	struct output_file *file = calloc(1, sizeof(*file));
	if (file == NULL)
		return NULL;
	*file = (struct output_file){
		.output = {.kind = &file_kind, .events = events},
		.directory = {.fd = -1, .parent_fd = -1},
		.settings = *settings,
		.file = {.fd = -1, .calls = settings->calls != NULL ? settings->calls : &whole_file_system},
	};
	return file;
}

int output_file_adopt(
	int fd, struct output_events *events, const struct output_settings *settings, struct output **ret_output) {
	struct stat status;
	if (fstat(fd, &status) < 0)
		return -errno;
	struct output_file *file = file_create(events, settings);
	if (file == NULL)
		return -ENOMEM;
	/* With ">" we are where the shell left the offset, with ">>" always at the end. */
	int flags = fcntl(fd, F_GETFL);
	off_t offset = lseek(fd, 0, SEEK_CUR);
	file->file.fd = fd;
	file->file.shared = true;
	file->file.size = flags >= 0 && (flags & O_APPEND) == 0 && offset >= 0 ? (uint64_t)offset : (uint64_t)status.st_size;
	*ret_output = &file->output;
	return 0;
}

int output_file_open(
	const char *path, struct output_events *events, const struct output_settings *settings, struct output **ret_output) {
	struct output_file *file = file_create(events, settings);
	char *folder = strdup(path);
	int error = file != NULL && folder != NULL ? 0 : -ENOMEM;
	if (error == 0) {
		char *slash = strrchr(folder, '/');
		file->name = strdup(slash != NULL ? slash + 1 : folder);
		if (slash != NULL)
			slash[slash == folder] = '\0';
		error = file->name == NULL ? -ENOMEM : held_directory_open(&file->directory, slash != NULL ? folder : ".");
	}
	if (error == 0)
		error = file_open_name(file);
	free(folder);
	if (error < 0) {
		if (file != NULL)
			file_destroy(&file->output);
		return error;
	}
	*ret_output = &file->output;
	return 0;
}
