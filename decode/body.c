/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Three readers of the same grammar. step() takes one byte and knows everything; consume() takes up to 64 at a time, as sets of bits
 * that say where the bytes with a meaning are, and is used wherever no dot begins a line; take_plain_blocks() takes as many as there
 * are of text as it should be. Bodies are most of all bytes there are, and nearly all of them are read by the last.
 */
#include "decode/body.h"

#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "decode/command.h"

enum {
	BLOCK = 64,
	TEXT_LINE_MAX = 1000, /* of a text, with its end (RFC 5321, 4.5.3.1.6) */
	SKIPPED_MAX = 4, /* empty lines, and the rest of CR CR LF, between a false end and what follows it */
};

void body_begin(struct body *body) {
	*body = (struct body){.position = BODY_LINE_START};
}

/* Where in a block certain bytes are: bit i stands for byte i. */
struct marks {
	uint64_t cr, lf, nul, dot, high; /* high: bytes that are no ASCII */
};

static void mark_bytes(const char *data, size_t len, struct marks *ret_marks) {
	struct marks marks = {0};
	for (size_t i = 0; i < len; i++) {
		marks.cr |= (uint64_t)(data[i] == '\r') << i;
		marks.lf |= (uint64_t)(data[i] == '\n') << i;
		marks.nul |= (uint64_t)(data[i] == '\0') << i;
		marks.dot |= (uint64_t)(data[i] == '.') << i;
		marks.high |= (uint64_t)((unsigned char)data[i] >> 7) << i;
	}
	*ret_marks = marks;
}

#ifdef __SSE2__
static uint64_t find_in_block(const __m128i part[4], char byte) {
	__m128i wanted = _mm_set1_epi8(byte);
	uint64_t found = 0;
	for (unsigned i = 0; i < 4; i++)
		found |= (uint64_t)(uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(part[i], wanted)) << (16 * i);
	return found;
}

/* The sign bits of all bytes; of most messages none is set. */
static uint64_t find_high(const __m128i part[4]) {
	uint64_t found = 0;
	if (_mm_movemask_epi8(_mm_or_si128(_mm_or_si128(part[0], part[1]), _mm_or_si128(part[2], part[3]))) == 0)
		return 0;
	for (unsigned i = 0; i < 4; i++)
		found |= (uint64_t)(uint32_t)_mm_movemask_epi8(part[i]) << (16 * i);
	return found;
}

static void mark_block(const char *data, struct marks *ret_marks) {
	__m128i part[4];
	for (size_t i = 0; i < 4; i++)
		part[i] = _mm_loadu_si128((const __m128i *)(const void *)(data + 16 * i));
	*ret_marks = (struct marks){
		.cr = find_in_block(part, '\r'),
		.lf = find_in_block(part, '\n'),
		.nul = find_in_block(part, '\0'),
		.dot = find_in_block(part, '.'),
		.high = find_high(part),
	};
}
#else
static void mark_block(const char *data, struct marks *ret_marks) {
	mark_bytes(data, BLOCK, ret_marks);
}
#endif

static unsigned count_bits(uint64_t bits) {
	unsigned count = 0;
	for (; bits != 0; bits &= bits - 1)
		count++;
	return count;
}

static uint64_t low_bits(size_t count) {
	return count < BLOCK ? (UINT64_C(1) << count) - 1 : UINT64_MAX;
}

static void end_line(struct body *body, uint64_t len) {
	body->lines++;
	if (len > body->longest_line)
		body->longest_line = len;
	body->line_len = 0;
}

/* Counts len bytes, 1 to 64, none of which is a dot at the start of a line. */
static inline void consume(struct body *body, const struct marks *marks, size_t len) {
	uint64_t mask = low_bits(len), cr = marks->cr & mask, lf = marks->lf & mask;
	uint64_t behind_cr = ((cr << 1) | (body->position == BODY_CR)) & mask;
	uint64_t bare_lf = lf & ~behind_cr, bare_cr = behind_cr & ~lf, nul = marks->nul & mask;
	if (body->position == BODY_UNKNOWN)
		bare_lf &= ~UINT64_C(1); /* its CR may be what is missing */
	if ((bare_lf | bare_cr | nul) != 0) {
		body->bare_lf += count_bits(bare_lf);
		body->bare_cr += count_bits(bare_cr);
		body->nul += count_bits(nul);
	}
	body->has_8bit |= (marks->high & mask) != 0;
	size_t line_start = 0;
	for (uint64_t ends = lf; ends != 0; ends &= ends - 1) {
		size_t end = (size_t)__builtin_ctzll(ends) + 1;
		end_line(body, body->line_len + (end - line_start));
		line_start = end;
	}
	body->line_len += len - line_start;
	body->bytes += len;
	body->offset += len;
	uint64_t last = UINT64_C(1) << (len - 1);
	if ((lf & last) != 0)
		body->position = (behind_cr & last) != 0 ? BODY_LINE_START
			: len == 1 && body->position == BODY_UNKNOWN ? BODY_IN_LINE /* it is one or the other */
								     : BODY_LF;
	else if ((cr & last) != 0)
		body->position = BODY_CR;
	else
		body->position = BODY_IN_LINE;
}

/* ---- Lines of one dot ---- */

/* Is the text a command that a second mail begins with? Words that a letter may well begin with are not enough. */
static enum verb find_command(const char *text, size_t len) {
	struct command command;
	command_parse((struct slice){text, len}, &command);
	switch (command.verb) {
	case VERB_HELO:
	case VERB_EHLO:
	case VERB_LHLO:
	case VERB_MAIL:
	case VERB_RCPT:
	case VERB_DATA:
	case VERB_BDAT:
	case VERB_RSET:
	case VERB_QUIT:
		return command_is_plausible(&command) ? command.verb : VERB_OTHER;
	default:
		return VERB_OTHER;
	}
}

static void judge_next(struct body *body) {
	enum verb verb = find_command(body->next, body->next_len);
	body->collecting = false;
	if (verb == VERB_OTHER)
		return;
	body->candidate.what.followed_by = verb;
	if (body->false_end_count < BODY_FALSE_ENDS_MAX)
		body->false_ends[body->false_end_count] = body->candidate;
	body->false_end_count++;
}

static void collect_next(struct body *body, char c) {
	if (c != '\r' && c != '\n' && c != '\0')
		body->next[body->next_len++] = c;
	else if (body->next_len == 0 && body->next_skipped < SKIPPED_MAX) {
		body->next_skipped++;
		return;
	} else {
		judge_next(body);
		return;
	}
	if (body->next_len == BODY_NEXT_MAX)
		judge_next(body);
}

/* A line of one dot is over, and it is not the end. */
static void begin_next(struct body *body, enum event_line_end after) {
	body->dot.after = after;
	body->candidate = (struct body_false_end){.offset = body->dot_offset, .what = body->dot};
	body->collecting = true;
	body->next_len = body->next_skipped = 0;
}

static bool is_true_line_start(const struct body *body) {
	return body->dot.before == EVENT_LINE_END_CRLF && !body->dot.nul_before;
}

/* Is the line of a dot, as far as it was read, the one that ends a message? */
static bool may_be_end(const struct body *body) {
	return is_true_line_start(body) && !body->dot.nul_after;
}

/* ---- Byte by byte ---- */

static void count_byte(struct body *body, char c) {
	struct marks marks;
	mark_bytes(&c, 1, &marks);
	consume(body, &marks, 1);
}

/* At the start of a line, as some servers see it. */
static void at_line_start(struct body *body, enum event_line_end before, bool nul, char c) {
	if (c == '.') {
		body->dot = (struct event_false_end){.before = before, .nul_before = nul};
		body->dot_offset = body->offset;
		if (is_true_line_start(body))
			body->offset++; /* the dot is either stuffed or final: no byte of the message */
		else
			count_byte(body, c);
		body->position = BODY_DOT;
	} else if (c == '\0') {
		count_byte(body, c);
		body->dot = (struct event_false_end){.before = before};
		body->position = BODY_LINE_END_NUL;
	} else {
		count_byte(body, c);
	}
}

static void at_dot(struct body *body, char c) {
	if (c == '\0') {
		count_byte(body, c);
		body->dot.nul_after = true;
		body->position = BODY_DOT;
	} else if (c == '\r') {
		if (may_be_end(body))
			body->offset++; /* counted as soon as it is clear that it is no end */
		else
			count_byte(body, c);
		body->position = BODY_DOT_CR;
	} else {
		count_byte(body, c);
		if (c == '\n')
			begin_next(body, EVENT_LINE_END_LF);
	}
}

/* CR behind a dot that might have been the end, and no LF behind it: the CR belongs to the message after all. */
static void release_cr(struct body *body) {
	body->offset--;
	body->position = BODY_IN_LINE;
	count_byte(body, '\r');
	begin_next(body, EVENT_LINE_END_CR);
}

static void step(struct body *body, char c);

static void at_dot_cr(struct body *body, char c) {
	if (may_be_end(body) && c == '\n') {
		body->offset++;
		body->position = BODY_ENDED;
	} else if (may_be_end(body)) {
		release_cr(body);
		step(body, c);
	} else if (c == '\n') {
		body->position = BODY_CR;
		count_byte(body, c);
		begin_next(body, EVENT_LINE_END_CRLF);
	} else {
		body->position = BODY_CR;
		begin_next(body, EVENT_LINE_END_CR);
		step(body, c);
	}
}

static void step(struct body *body, char c) {
	if (body->collecting)
		collect_next(body, c);
	switch (body->position) {
	case BODY_LINE_START:
		at_line_start(body, EVENT_LINE_END_CRLF, false, c);
		break;
	case BODY_CR:
		at_line_start(body, EVENT_LINE_END_CR, false, c);
		break;
	case BODY_LF:
		at_line_start(body, EVENT_LINE_END_LF, false, c);
		break;
	case BODY_LINE_END_NUL:
		at_line_start(body, body->dot.before, true, c);
		break;
	case BODY_DOT:
		at_dot(body, c);
		break;
	case BODY_DOT_CR:
		at_dot_cr(body, c);
		break;
	case BODY_IN_LINE:
	case BODY_UNKNOWN:
		count_byte(body, c);
		break;
	case BODY_ENDED:
		break;
	}
}

/* ---- Blocks ---- */

static bool is_plain(const struct body *body) {
	return !body->collecting && body->position <= BODY_LF;
}

/* Counts as much of a block as has no dot at a line start. Returns the bytes taken; 0 when step() must look at *ret_bytes of them. */
static size_t take_block(struct body *body, const char *data, size_t available, size_t *ret_bytes) {
	struct marks marks;
	if (available < BLOCK) {
		char padded[BLOCK];
		memset(padded, ' ', sizeof(padded));
		memcpy(padded, data, available);
		mark_block(padded, &marks);
	} else {
		mark_block(data, &marks);
	}
	uint64_t ends = marks.cr | marks.lf | marks.nul;
	uint64_t line_dots = marks.dot & ((ends << 1) | (body->position != BODY_IN_LINE));
	size_t len = line_dots != 0 ? (size_t)__builtin_ctzll(line_dots) : available < BLOCK ? available : BLOCK;
	if (len == 0) {
		*ret_bytes = 1;
		return 0;
	}
	if ((marks.nul >> (len - 1) & 1) != 0) { /* whether a line ended before the NULs is known to step() */
		*ret_bytes = len;
		return 0;
	}
	consume(body, &marks, len);
	return len;
}

/* Is the next byte none of the message: a dot that is stuffed or final, or what is behind a final one? */
static bool is_outside(const struct body *body, char next) {
	switch (body->position) {
	case BODY_LINE_START:
		return next == '.';
	case BODY_DOT:
		return next == '\r' && may_be_end(body);
	case BODY_DOT_CR:
		return may_be_end(body);
	case BODY_ENDED:
		return true;
	default:
		return false;
	}
}

#ifdef __SSE2__
/* The inner loop: blocks of text as nearly all are, in which each CR has its LF, there is no NUL, and no line begins with a dot. Bare
 * LFs are counted. Returns the bytes taken, up to where it is no longer so. What changes with each block is kept in registers. */
static size_t take_plain_blocks(struct body *body, const char *data, size_t len) {
	const __m128i cr_byte = _mm_set1_epi8('\r'), lf_byte = _mm_set1_epi8('\n'), zero = _mm_setzero_si128();
	uint64_t line_len = body->line_len, longest = body->longest_line, lines = 0, bare_lf = 0;
	uint64_t after_cr = body->position == BODY_CR;
	bool line_start = body->position != BODY_IN_LINE;
	__m128i high = zero;
	size_t at = 0, cut = BLOCK;
	for (; len - at >= BLOCK && cut == BLOCK; at += cut) {
		__m128i part[4];
		for (size_t i = 0; i < 4; i++)
			part[i] = _mm_loadu_si128((const __m128i *)(const void *)(data + at + 16 * i));
		uint64_t cr = 0, lf = 0;
		for (unsigned i = 0; i < 4; i++) {
			cr |= (uint64_t)(uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(part[i], cr_byte)) << (16 * i);
			lf |= (uint64_t)(uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(part[i], lf_byte)) << (16 * i);
		}
		__m128i least = _mm_min_epu8(_mm_min_epu8(part[0], part[1]), _mm_min_epu8(part[2], part[3]));
		uint64_t behind_cr = (cr << 1) | after_cr;
		bool odd = (behind_cr & ~lf) != 0 || _mm_movemask_epi8(_mm_cmpeq_epi8(least, zero)) != 0;
		if (odd || (line_start && data[at] == '.'))
			break;
		size_t start = 0;
		for (uint64_t ends = lf; ends != 0; ends &= ends - 1) {
			size_t end = (size_t)__builtin_ctzll(ends) + 1;
			line_len += end - start;
			longest = line_len > longest ? line_len : longest;
			line_len = 0;
			start = end;
			lines++;
			if (end < BLOCK && data[at + end] == '.') {
				cut = end;
				break;
			}
		}
		line_len += cut - start;
		uint64_t bare = lf & ~behind_cr & low_bits(cut);
		if (bare != 0)
			bare_lf += count_bits(bare);
		if (cut == BLOCK)
			high = _mm_or_si128(high, _mm_or_si128(_mm_or_si128(part[0], part[1]), _mm_or_si128(part[2], part[3])));
		else
			body->has_8bit |= (find_high(part) & low_bits(cut)) != 0;
		after_cr = cut == BLOCK ? cr >> (BLOCK - 1) : 0;
		line_start = ((cr | lf) >> (cut - 1) & 1) != 0;
	}
	if (at == 0)
		return 0;
	if (data[at - 1] == '\n')
		body->position = (at > 1 ? data[at - 2] == '\r' : body->position == BODY_CR) ? BODY_LINE_START : BODY_LF;
	else
		body->position = data[at - 1] == '\r' ? BODY_CR : BODY_IN_LINE;
	body->has_8bit |= _mm_movemask_epi8(high) != 0;
	body->line_len = line_len;
	body->longest_line = longest;
	body->lines += lines;
	body->bare_lf += bare_lf;
	body->bytes += at;
	body->offset += at;
	return at;
}
#else
static size_t take_plain_blocks(struct body *body, const char *data, size_t len) {
	return 0;
}
#endif

/* Reads up to the end; with stop_outside no further than to a byte that is none of the message. */
static size_t read_text(struct body *body, const char *data, size_t len, bool stop_outside) {
	size_t at = 0, single = 0;
	while (at < len && body->position != BODY_ENDED && !(stop_outside && is_outside(body, data[at]))) {
		if (single == 0 && is_plain(body)) {
			size_t taken = take_plain_blocks(body, data + at, len - at);
			if (taken == 0)
				taken = take_block(body, data + at, len - at, &single);
			at += taken;
			if (taken > 0)
				continue;
		}
		single -= single > 0;
		step(body, data[at++]);
	}
	if (body->line_len > body->longest_line)
		body->longest_line = body->line_len;
	return at;
}

size_t body_scan(struct body *body, const char *data, size_t len) {
	return read_text(body, data, len, false);
}

size_t body_take(struct body *body, const char *data, size_t len, struct slice *ret_message) {
	static const char carriage_return = '\r';
	if (body->position == BODY_DOT_CR && may_be_end(body) && data[0] != '\n') {
		release_cr(body);
		*ret_message = (struct slice){&carriage_return, 1};
		return 0;
	}
	*ret_message = (struct slice){NULL, 0};
	if (is_outside(body, data[0]))
		return read_text(body, data, 1, false);
	*ret_message = (struct slice){data, read_text(body, data, len, true)};
	return ret_message->len;
}

void body_pass(struct body *body, const char *data, size_t len) {
	struct marks marks;
	for (; len >= BLOCK; data += BLOCK, len -= BLOCK) {
		mark_block(data, &marks);
		consume(body, &marks, BLOCK);
	}
	if (len > 0) {
		mark_bytes(data, len, &marks);
		consume(body, &marks, len);
	}
	if (body->line_len > body->longest_line)
		body->longest_line = body->line_len;
}

enum event_content body_content(const struct body *body) {
	bool bare = body->bare_cr + body->bare_lf > 0 || body->position == BODY_CR;
	if (bare || body->nul > 0 || body->longest_line > TEXT_LINE_MAX)
		return EVENT_CONTENT_BINARY;
	return body->has_8bit ? EVENT_CONTENT_8BIT : EVENT_CONTENT_7BIT;
}

void body_gap(struct body *body, uint64_t len) {
	body->gap_bytes += len;
	body->offset += len;
	body->line_len = 0;
	body->collecting = false;
	body->position = BODY_UNKNOWN; /* perhaps a line starts here; taking a dot for the end would be the worse mistake */
}
