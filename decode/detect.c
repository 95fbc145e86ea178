/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "decode/detect.h"

#include "decode/ascii.h"
#include "decode/command.h"
#include "decode/reply.h"

enum {
	PREFIX_MAX = 512, /* how much of a turn is looked at */
	TURNS_MAX = 16,
};

struct turn {
	char text[PREFIX_MAX];
	size_t len;
	size_t first_chunk;
	enum stream_side side;
	bool whole; /* its end, or more of it than is looked at, is there */
};

/* Gathers the turn that starts at held. Returns the first chunk behind it. */
static const struct held_chunk *gather(const struct held_chunk *held, size_t index, struct turn *ret_turn) {
	ret_turn->len = 0;
	ret_turn->first_chunk = index;
	ret_turn->side = held->chunk.side;
	for (; held != NULL && held->chunk.side == ret_turn->side; held = held->next) {
		size_t room = PREFIX_MAX - ret_turn->len;
		size_t take = held->chunk.len < room ? held->chunk.len : room;
		if (held->chunk.data == NULL)
			break;
		memcpy(ret_turn->text + ret_turn->len, held->chunk.data, take);
		ret_turn->len += take;
	}
	ret_turn->whole = ret_turn->len == PREFIX_MAX || held != NULL;
	return held;
}

/* The line at the start of text. Returns false when its end is not there yet. */
static bool first_line(struct slice text, struct slice *ret_line) {
	const char *newline = text.len > 0 ? memchr(text.data, '\n', text.len) : NULL;
	size_t len = newline != NULL ? (size_t)(newline - text.data) : text.len;
	*ret_line = (struct slice){text.data, len > 0 && text.data[len - 1] == '\r' ? len - 1 : len};
	return newline != NULL;
}

static bool mentions_mail_protocol(struct slice line) {
	for (size_t i = 0; i < line.len; i++)
		if (slice_begins(slice_skip(line, i), "SMTP") || slice_begins(slice_skip(line, i), "LMTP"))
			return true;
	return false;
}

/* Is this a greeting that names the protocol, in any of its lines? */
static bool is_mail_greeting(struct slice text) {
	const char *code = text.data;
	for (;;) {
		struct slice line;
		bool ended = first_line(text, &line);
		if (!reply_is_line(line) || memcmp(line.data, code, 3) != 0)
			return false;
		if (mentions_mail_protocol(line))
			return true;
		if (!ended || line.len == 3 || line.data[3] != '-')
			return false;
		text = slice_skip(text, (size_t)((const char *)memchr(text.data, '\n', text.len) - text.data) + 1);
	}
}

/* A greeting that names the protocol, at the start of the turn, of a line, or behind binary bytes such as a SOCKS reply. */
static bool find_greeting(const struct turn *turn, size_t *ret_at) {
	for (size_t at = 0; at + 4 <= turn->len; at++) {
		struct slice text = {turn->text + at, turn->len - at};
		unsigned char before = at > 0 ? (unsigned char)turn->text[at - 1] : '\n';
		if (before >= ' ' && before < 0x7f)
			continue;
		if ((slice_begins(text, "220") || slice_begins(text, "554") || slice_begins(text, "421")) && is_mail_greeting(text)) {
			*ret_at = at;
			return true;
		}
	}
	return false;
}

/* A command that no other protocol has: FTP and NNTP share HELP, QUIT and the 220 greeting, but not these. */
static bool is_telling_command(struct slice line) {
	struct command command;
	command_parse(line, &command);
	switch (command.verb) {
	case VERB_HELO:
	case VERB_EHLO:
	case VERB_LHLO:
	case VERB_MAIL:
	case VERB_RCPT:
		return command_is_plausible(&command);
	default:
		return false;
	}
}

/* Where each chunk begins in the turn is not kept, so find the chunk that holds byte at of the turn. */
static void place(const struct hold_queue *held, size_t chunk, size_t at, struct detect_result *result) {
	const struct held_chunk *item = held->first;
	for (size_t i = 0; i < chunk; i++)
		item = item->next;
	while (item != NULL && at >= item->chunk.len) {
		at -= item->chunk.len;
		item = item->next;
		chunk++;
	}
	result->skip_chunks = chunk;
	result->skip_bytes = at;
}

enum detect_verdict detect_smtp(const struct hold_queue *held, struct detect_result *ret_result) {
	const struct held_chunk *item = held->first;
	size_t index = 0, turns = 0, bytes = 0;
	/* A 220 or a refusal without the protocol's name is FTP's greeting too; the client's first command decides. */
	bool have_possible_greeting = false;
	size_t possible_greeting = 0;
	struct turn turn;
	while (item != NULL) {
		if (turns >= TURNS_MAX)
			return DETECT_NO;
		if (item->chunk.data == NULL) { /* a gap ends a turn and begins the next */
			item = item->next;
			index++;
			have_possible_greeting = false;
			continue;
		}
		const struct held_chunk *next = gather(item, index, &turn);
		struct slice line, text = {turn.text, turn.len};
		bool ended = first_line(text, &line);
		size_t at;
		if (ended && is_telling_command(line)) {
			*ret_result = (struct detect_result){
				.roles_swapped = turn.side == STREAM_SERVER, .starts_with_greeting = have_possible_greeting};
			place(held, have_possible_greeting ? possible_greeting : turn.first_chunk, 0, ret_result);
			return DETECT_YES;
		}
		if ((ended || turn.whole) && find_greeting(&turn, &at)) {
			*ret_result = (struct detect_result){.roles_swapped = turn.side == STREAM_CLIENT, .starts_with_greeting = true};
			place(held, turn.first_chunk, at, ret_result);
			return DETECT_YES;
		}
		have_possible_greeting = reply_is_line(line) && (slice_begins(line, "220") || line.data[0] >= '4');
		possible_greeting = turn.first_chunk;
		turns += turn.whole; /* what more bytes may still change does not count */
		for (; item != next; item = item->next) {
			bytes += turn.whole ? item->chunk.len : 0;
			index++;
		}
	}
	return bytes > HOLD_BYTES_MAX / 4 ? DETECT_NO : DETECT_MORE;
}
