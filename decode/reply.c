/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "decode/reply.h"

#include <stdlib.h>
#include <string.h>

#include "decode/ascii.h"

/* Reply-line = *( Reply-code "-" [ textstring ] CRLF ) Reply-code [ SP textstring ] CRLF
 * Reply-code = %x32-35 %x30-35 %x30-39
 * The second digit is not checked: servers use codes outside of the grammar, and a code that is skipped shifts all that follow. */
static uint16_t parse_code(struct slice line) {
	if (line.len < 3 || line.data[0] < '2' || line.data[0] > '5' || !ascii_is_digit(line.data[1]) ||
		!ascii_is_digit(line.data[2]))
		return 0;
	if (line.len > 3 && line.data[3] != ' ' && line.data[3] != '-' && line.data[3] != '\t')
		return 0;
	return (uint16_t)((line.data[0] - '0') * 100 + (line.data[1] - '0') * 10 + (line.data[2] - '0'));
}

bool reply_is_line(struct slice line) {
	return parse_code(line) != 0;
}

static struct slice *lines_of(struct reply_reader *reader) {
	return reader->more_lines != NULL ? reader->more_lines : reader->lines;
}

static void add_line(struct reply_reader *reader, struct slice text) {
	if (reader->line_count == REPLY_LINES_USUAL && reader->more_lines == NULL) {
		reader->more_lines = malloc(REPLY_LINES_MAX * sizeof(struct slice));
		if (reader->more_lines != NULL)
			memcpy(reader->more_lines, reader->lines, sizeof(reader->lines));
	}
	size_t max = reader->more_lines != NULL ? REPLY_LINES_MAX : REPLY_LINES_USUAL;
	if (reader->line_count == max) {
		reader->lines_over_limit++;
		return;
	}
	lines_of(reader)[reader->line_count++] = text;
}

/* Makes room for len more bytes of text; the lines kept so far move along. */
static bool reserve_text(struct reply_reader *reader, size_t len) {
	if (len > REPLY_TEXT_MAX - reader->text_len)
		return false;
	if (len <= reader->text_capacity - reader->text_len)
		return true;
	size_t capacity = reader->text_capacity != 0 ? reader->text_capacity : 512;
	while (capacity < reader->text_len + len)
		capacity *= 2;
	char *text = malloc(capacity);
	if (text == NULL)
		return false;
	if (reader->text_len > 0)
		memcpy(text, reader->text, reader->text_len);
	struct slice *lines = lines_of(reader);
	for (size_t i = 0; i < reader->line_count; i++)
		lines[i].data = text + (lines[i].data - reader->text);
	free(reader->text);
	reader->text = text;
	reader->text_capacity = capacity;
	return true;
}

/* Lines of a multi-line reply outlive the chunk that brought them, so they are copied. */
static void add_copy(struct reply_reader *reader, struct slice text) {
	if (!reserve_text(reader, text.len + 1)) { /* one more, so that an empty line has an address too */
		reader->lines_over_limit++;
		return;
	}
	char *copy = reader->text + reader->text_len;
	if (text.len > 0)
		memcpy(copy, text.data, text.len);
	reader->text_len += text.len + 1;
	add_line(reader, (struct slice){copy, text.len});
}

static void hand_out(struct reply_reader *reader, struct reply *ret_reply) {
	*ret_reply = (struct reply){
		.code = reader->code,
		.lines = lines_of(reader),
		.line_count = reader->line_count,
		.lines_over_limit = reader->lines_over_limit,
		.codes_differ = reader->codes_differ,
	};
	reader->open = false;
	reader->code = 0;
	reader->codes_differ = false;
	reader->line_count = 0;
	reader->lines_over_limit = 0;
	reader->text_len = 0;
}

int reply_feed(struct reply_reader *reader, struct slice line, struct reply *ret_reply) {
	uint16_t code = parse_code(line);
	if (code == 0) {
		if (reader->open)
			add_copy(reader, line);
		return -1;
	}
	if (reader->open && code != reader->code)
		reader->codes_differ = true;
	reader->code = code;
	bool last = line.len == 3 || line.data[3] != '-';
	struct slice text = slice_skip(line, 4);
	if (last && !reader->open)
		add_line(reader, text);
	else
		add_copy(reader, text);
	reader->open = !last;
	if (!last)
		return 0;
	hand_out(reader, ret_reply);
	return 1;
}

int reply_flush(struct reply_reader *reader, struct reply *ret_reply) {
	if (!reader->open)
		return 0;
	hand_out(reader, ret_reply);
	return 1;
}

bool reply_split_enhanced(struct slice *text, struct slice *ret_enhanced) {
	const char *s = text->data;
	size_t len = text->len, at = 2;
	if (len < 5 || (s[0] != '2' && s[0] != '4' && s[0] != '5') || s[1] != '.')
		return false;
	for (int part = 0; part < 2; part++) {
		size_t digits = 0;
		while (at < len && ascii_is_digit(s[at])) {
			at++;
			digits++;
		}
		if (digits < 1 || digits > 3)
			return false;
		if (part == 0 && (at == len || s[at++] != '.'))
			return false;
	}
	if (at < len && !ascii_is_space(s[at]))
		return false;
	*ret_enhanced = (struct slice){s, at};
	*text = slice_trim(slice_skip(*text, at));
	return true;
}

void reply_finish(struct reply_reader *reader) {
	free(reader->more_lines);
	free(reader->text);
	*reader = (struct reply_reader){0};
}
