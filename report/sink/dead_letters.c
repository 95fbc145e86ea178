/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/sink/dead_letters.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "report/escape.h"

enum { REASON_MAX = 512 };

struct dead_letters {
	int fd;
	uint64_t bytes_max;
	pthread_mutex_t lock;
};

int dead_letters_open(
	const char *path, uint64_t bytes_max, uid_t owner, gid_t group, struct dead_letters **ret_letters) {
	struct stat status;
	bool exists = stat(path, &status) == 0;
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0640);
	if (fd < 0)
		return -errno;
	int error = fstat(fd, &status) < 0 ? -errno : !S_ISREG(status.st_mode) ? -ENOTSUP : 0;
	if (error == 0 && !exists && owner != (uid_t)-1 && fchown(fd, owner, group) < 0)
		error = -errno;
	struct dead_letters *letters = error == 0 ? malloc(sizeof(*letters)) : NULL;
	if (letters == NULL) {
		close(fd);
		return error < 0 ? error : -ENOMEM;
	}
	letters->fd = fd;
	letters->bytes_max = bytes_max;
	pthread_mutex_init(&letters->lock, NULL);
	*ret_letters = letters;
	return 0;
}

/* As a JSON string, without the quotes. */
static void put_string(FILE *out, const char *text, size_t len) {
	char *utf8 = malloc(len * ESCAPE_UTF8_GROWTH + 1);
	bool invalid;
	if (utf8 == NULL)
		return;
	size_t utf8_len = escape_utf8(text, len, utf8, &invalid);
	for (size_t i = 0; i < utf8_len; i++) {
		unsigned char byte = (unsigned char)utf8[i];
		if (byte == '"' || byte == '\\')
			fprintf(out, "\\%c", byte);
		else if (byte < 0x20)
			fprintf(out, "\\u%04x", byte);
		else
			putc(byte, out);
	}
	free(utf8);
}

static char *make_line(
	int64_t wall_ns, const char *sink, const char *reason, const char *document, size_t len, size_t *ret_len) {
	char *line = NULL, time_text[32];
	time_t seconds = (time_t)(wall_ns / 1000000000);
	struct tm broken;
	FILE *out = open_memstream(&line, ret_len);
	if (out == NULL)
		return NULL;
	gmtime_r(&seconds, &broken);
	strftime(time_text, sizeof(time_text), "%Y-%m-%dT%H:%M:%S", &broken);
	fprintf(out, "{\"time\":\"%s.%06" PRId64 "Z\",\"sink\":\"", time_text, wall_ns % 1000000000 / 1000);
	put_string(out, sink, strlen(sink));
	fputs("\",\"reason\":\"", out);
	put_string(out, reason, strnlen(reason, REASON_MAX));
	fputs("\",\"document\":\"", out);
	put_string(out, document, len > 0 && document[len - 1] == '\n' ? len - 1 : len);
	fputs("\"}\n", out);
	if (fclose(out) == 0)
		return line;
	free(line);
	return NULL;
}

int dead_letters_add(struct dead_letters *letters, int64_t wall_ns, const char *sink, const char *reason, const char *document,
	size_t len) {
	struct stat status;
	size_t line_len = 0;
	char *line = make_line(wall_ns, sink, reason, document, len, &line_len);
	if (line == NULL)
		return -ENOMEM;
	int error = 0;
	pthread_mutex_lock(&letters->lock);
	if (fstat(letters->fd, &status) < 0)
		error = -errno;
	else if ((uint64_t)status.st_size + line_len > letters->bytes_max)
		error = -EFBIG;
	else {
		ssize_t n = write(letters->fd, line, line_len);
		error = n == (ssize_t)line_len ? 0 : n < 0 ? -errno : -ENOSPC;
		if (n >= 0 && n < (ssize_t)line_len && ftruncate(letters->fd, status.st_size) < 0)
			error = -errno;
	}
	pthread_mutex_unlock(&letters->lock);
	free(line);
	return error;
}

void dead_letters_close(struct dead_letters *letters) {
	if (letters == NULL)
		return;
	close(letters->fd);
	pthread_mutex_destroy(&letters->lock);
	free(letters);
}
