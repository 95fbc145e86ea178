/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/config.h"

#include <ctype.h>
#include <errno.h>
#include <ini.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* libinih reads the names and values. It gets its lines from next_line(), which sees to it that each is what a person takes it for:
 * the library cuts a line that is too long for it into several, takes an indented one for more of the value before, and says only
 * that a line was bad, not which ones. */
struct reading {
	FILE *file;
	int line;
	int bytes_left;
	bool unread; /* the line has content, and the library has not made a name and value of it yet */
	int error;
	struct config *config;
	config_complaint *complain;
	void *context;
};

/* Far more than anybody writes; but --config may name a device. */
enum { LINES_MAX = 10000, BYTES_MAX = 1 << 20 };

__attribute__((format(printf, 2, 3))) static void say(const struct reading *reading, const char *format, ...) {
	char complaint[OPTIONS_COMPLAINT_MAX];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(complaint, sizeof(complaint), format, arguments);
	va_end(arguments);
	reading->complain(reading->context, reading->line, complaint);
}

/* Reads one line, without what is over size. Returns its length without the end of line, which may be more than size; -1 at
 * the end of the file. */
static int read_line(struct reading *reading, char *line, int size, bool *ret_binary) {
	int len = 0, byte = EOF;
	*ret_binary = false;
	while (reading->bytes_left-- > 0 && (byte = getc(reading->file)) != EOF && byte != '\n') {
		if (len < size)
			line[len] = (char)byte;
		len += len <= size;
		*ret_binary = *ret_binary || (iscntrl(byte) && byte != '\t' && byte != '\r');
	}
	return byte == EOF && len == 0 ? -1 : len;
}

static void check_last(struct reading *reading) {
	if (reading->unread)
		say(reading, "not a line such as option = value");
	reading->unread = false;
}

/* An ini_reader. Returns NULL at the end. A line that is refused becomes an empty one, so that the library counts on. */
static char *next_line(char *line, int size, void *context) {
	struct reading *reading = context;
	check_last(reading);
	bool binary;
	int room = size - 2; /* for what ends a line and a string */
	int len = read_line(reading, line, room, &binary);
	if (len < 0)
		return NULL;
	reading->line++;
	if (reading->line > LINES_MAX || reading->bytes_left < 0) {
		say(reading, "too large for a configuration file");
		return NULL;
	}
	int start = 0, end = len < room ? len : room;
	if (reading->line == 1 && end >= 3 && memcmp(line, "\xef\xbb\xbf", 3) == 0)
		start = 3; /* the mark that some editors begin a file with */
	while (start < end && (line[start] == ' ' || line[start] == '\t'))
		start++;
	bool comment = start < end && (line[start] == '#' || line[start] == ';');
	if (comment || start == end) {
		end = start;
	} else if (binary) {
		say(reading, "control characters, which have no place in this file");
		end = start;
	} else if (len > room) {
		say(reading, "longer than %d bytes", room);
		end = start;
	} else if (line[start] == '[') {
		say(reading, "there are no sections in this file");
		end = start;
	}
	memmove(line, line + start, (size_t)(end - start));
	line[end - start] = '\n';
	line[end - start + 1] = '\0';
	reading->unread = strspn(line, " \t\r\n") < (size_t)(end - start);
	return line;
}

static int find_line_of(const struct config *config, const struct options_row *row) {
	for (size_t i = 0; i < config->count; i++)
		if (config->entries[i].row == row)
			return config->entries[i].line;
	return 0;
}

static void add_entry(struct reading *reading, const struct options_row *row, const char *value) {
	struct config *config = reading->config;
	struct config_entry *entries = reallocarray(config->entries, config->count + 1, sizeof(*entries));
	if (entries != NULL)
		config->entries = entries;
	char *copy = strdup(value);
	if (entries == NULL || copy == NULL) {
		free(copy);
		reading->error = -ENOMEM;
		return;
	}
	entries[config->count++] = (struct config_entry){.row = row, .value = copy, .line = reading->line};
}

/* An ini_handler. What it returns is of no consequence here. */
static int on_pair(void *context, const char *section, const char *name, const char *value) {
	struct reading *reading = context;
	if (!reading->unread)
		return 1;
	reading->unread = false;
	const struct options_row *row = options_row_find(name);
	int before = row != NULL ? find_line_of(reading->config, row) : 0;
	if (*name == '\0')
		say(reading, "not a line such as option = value");
	else if (row == NULL)
		say(reading, "%s: no such option", name);
	else if ((row->flags & OPTIONS_IN_FILE) == 0)
		say(reading, "%s: for the command line only", name);
	else if (before != 0 && (row->flags & OPTIONS_REPEATABLE) == 0)
		say(reading, "%s: given before, in line %d", name, before);
	else
		add_entry(reading, row, value);
	return 1;
}

int config_read(FILE *file, config_complaint *complain, void *context, struct config **ret_config) {
	struct reading reading = {.file = file, .bytes_left = BYTES_MAX, .complain = complain, .context = context};
	reading.config = calloc(1, sizeof(*reading.config));
	if (reading.config == NULL)
		return -ENOMEM;
	errno = 0;
	ini_parse_stream(next_line, &reading, on_pair, &reading);
	check_last(&reading);
	if (reading.error == 0 && ferror(file))
		reading.error = errno != 0 ? -errno : -EIO;
	if (reading.error < 0) {
		config_destroy(reading.config);
		return reading.error;
	}
	*ret_config = reading.config;
	return 0;
}

void config_destroy(struct config *config) {
	if (config == NULL)
		return;
	for (size_t i = 0; i < config->count; i++)
		free(config->entries[i].value);
	free(config->entries);
	free(config);
}
