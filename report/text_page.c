/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/text_page.h"

#include <errno.h>
#include <langinfo.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
	WIDTH_USUAL = 80,
	WIDTH_MIN = 60,
	WIDTH_MAX = 200,
};

static const char *const style_codes[TEXT_STYLE_COUNT] = {
	[TEXT_STYLE_PLAIN] = NULL,
	[TEXT_STYLE_TITLE] = "\033[1m",
	[TEXT_STYLE_DIM] = "\033[2m",
	[TEXT_STYLE_CLIENT] = "\033[36m",
	[TEXT_STYLE_SERVER] = "\033[34m",
	[TEXT_STYLE_GOOD] = "\033[32m",
	[TEXT_STYLE_WARN] = "\033[33m",
	[TEXT_STYLE_BAD] = "\033[1;31m",
	[TEXT_STYLE_LOST] = "\033[35m",
};

static const struct text_symbols symbols_utf8 = {"─", "→", "←", "·", "→", " · ", "└ "};
static const struct text_symbols symbols_ascii = {"-", "->", "<-", "--", "->", " | ", "= "};

int text_page_init(struct text_page *page, const struct writer_options *options, FILE *out) {
	*page = (struct text_page){
		.out = out, .colour = options->colour, .words = words_or_english(options->words), .users = options->users};
	/* Who asks for a language that ASCII cannot write wants to read it, whatever the locale says. */
	page->ascii = strcmp(nl_langinfo(CODESET), "UTF-8") != 0 && strcmp(page->words->language, "en") == 0;
	page->symbols = page->ascii ? &symbols_ascii : &symbols_utf8;
	page->width = options->width <= 0          ? WIDTH_USUAL
		      : options->width < WIDTH_MIN ? WIDTH_MIN
		      : options->width > WIDTH_MAX ? WIDTH_MAX
						   : (size_t)options->width;
	if (page->users != WRITER_USERS_HASH)
		return 0;
	page->identity = identity_user_create(options->user_key);
	return page->identity != NULL ? 0 : -ENOMEM;
}

void text_page_finish(struct text_page *page) {
	identity_user_destroy(page->identity);
}

int text_page_result(const struct text_page *page) {
	if (!ferror_unlocked(page->out))
		return 0;
	return errno > 0 ? -errno : -EIO;
}

void text_page_put(struct text_page *page, const char *words, size_t len, size_t columns) {
	static const char blanks[] = "                                                                ";

	while (len > 0 && page->blanks > 0) {
		size_t count = page->blanks < sizeof(blanks) - 1 ? page->blanks : sizeof(blanks) - 1;

		fwrite_unlocked(blanks, 1, count, page->out);
		page->blanks -= count;
	}
	fwrite_unlocked(words, 1, len, page->out);
	page->column += columns;
}

void text_page_put_symbol(struct text_page *page, const char *symbol) {
	text_page_put(page, symbol, strlen(symbol), page->ascii ? strlen(symbol) : 1);
}

void text_page_paint(struct text_page *page, enum text_style style) {
	if (page->colour && style != TEXT_STYLE_PLAIN)
		fputs_unlocked(style_codes[style], page->out);
}

void text_page_unpaint(struct text_page *page, enum text_style style) {
	if (page->colour && style != TEXT_STYLE_PLAIN)
		fputs_unlocked("\033[0m", page->out);
}

void text_page_newline(struct text_page *page) {
	putc_unlocked('\n', page->out);
	page->column = page->blanks = 0;
}

void text_page_pad_to(struct text_page *page, size_t column) {
	if (page->column < column) {
		page->blanks += column - page->column;
		page->column = column;
	}
}

/* Where a row may not end and where it may not begin, next to a wide character: with an opening bracket, and with what
 * closes or belongs to the character before. The usual ones of JIS X 4051. */
static const char *const never_last[] = {"(", "[", "{", "<", "（", "「", "『", "【", "〈", "《", "［", "｛"};
static const char *const never_first[] = {")", "]", "}", ">", ",", ".", ":", ";", "!", "?", "%", "、", "。", "，", "．",
	"・", "：", "；", "！", "？", "）", "」", "』", "】", "〉", "》", "］", "｝", "ー", "々", "…", "ぁ", "ぃ", "ぅ",
	"ぇ", "ぉ", "っ", "ゃ", "ゅ", "ょ", "ァ", "ィ", "ゥ", "ェ", "ォ", "ッ", "ャ", "ュ", "ョ"};

#define STARTS_WITH_ANY(words, list) starts_with_any(words, list, sizeof(list) / sizeof((list)[0]))

static bool starts_with_any(const char *words, const char *const *list, size_t count) {
	for (size_t i = 0; i < count; i++)
		if (strncmp(words, list[i], strlen(list[i])) == 0)
			return true;
	return false;
}

/* Columns and bytes of the next word, blanks before it not included. A wide character is a word of its own, with what must
 * not be parted from it. */
static size_t measure_word(const struct text_page *page, const char *words, size_t *ret_columns) {
	char shown[TERMINAL_SHOWN_MAX];
	size_t len = 0, last = 0;
	bool wide_before = false;

	for (*ret_columns = 0; words[len] != 0 && words[len] != ' ';) {
		size_t columns = 1, used = 1;

		if (words[len] < ' ' || words[len] > 0x7e)
			used = terminal_character(words + len, strnlen(words + len, 4), page->ascii, shown, &columns);
		if (len > 0 && (columns == 2 || wide_before) && !STARTS_WITH_ANY(words + last, never_last) &&
			!STARTS_WITH_ANY(words + len, never_first))
			break;
		last = len;
		len += used;
		*ret_columns += columns;
		wide_before = columns == 2;
	}
	return len;
}

/* Returns where to break instead of at used so that an escape such as \x1b stays whole; used when it is none or all there
 * is. */
static size_t keep_escape_whole(const char *words, size_t used) {
	static const struct {
		char letter;
		size_t len;
	} escapes[] = {{'x', 4}, {'u', 6}, {'U', 10}};

	for (size_t i = 0; i < sizeof(escapes) / sizeof(escapes[0]); i++)
		for (size_t back = 1; back < escapes[i].len && back < used; back++)
			if (words[used - back] == '\\' && words[used - back + 1] == escapes[i].letter)
				return used - back;
	return used;
}

/* Writes as many whole characters of a longer word as fit into columns_max. Returns their bytes. */
static size_t put_part(struct text_page *page, const char *words, size_t len, size_t columns_max) {
	char shown[TERMINAL_SHOWN_MAX];
	size_t used = 0, columns = 0, columns_used = 0, kept;

	while (used < len) {
		size_t step = terminal_character(words + used, len - used, page->ascii, shown, &columns);

		if (columns_used + columns > columns_max && used > 0)
			break;
		columns_used += columns;
		used += step;
	}
	kept = keep_escape_whole(words, used);
	text_page_put(page, words, kept, columns_used - (used - kept)); /* an escape is ASCII: one column a byte */
	return kept;
}

size_t text_page_flow(
	struct text_page *page, enum text_style style, const struct terminal_text *text, size_t indent, size_t rows_max) {
	const char *ellipsis = page->ascii ? "..." : "…";
	const size_t ellipsis_columns = page->ascii ? 3 : 1;
	const char *at = text->data;
	size_t rows = 1, pending = 0; /* blanks that are written only if a word follows in the same row */
	bool row_empty = true;

	text_page_paint(page, style);
	while (*at != 0) {
		size_t columns, len, right = page->width, left;

		while (*at == ' ') {
			pending++;
			at++;
		}
		if (*at == 0)
			break;
		len = measure_word(page, at, &columns);
		/* The last row keeps room for the ellipsis, unless this word is the last one and fits. */
		if (rows >= rows_max && (at[len] != 0 || page->column + pending + columns > right))
			right -= ellipsis_columns;
		if (page->column + pending + columns <= right) {
			text_page_pad_to(page, page->column + pending);
			text_page_put(page, at, len, columns);
			at += len;
			pending = 0;
			row_empty = false;
			continue;
		}
		left = page->column + pending < right ? right - page->column - pending : 0;
		if (columns > page->width - indent && left >= (page->width - indent) / 2) {
			text_page_pad_to(
				page, page->column + pending); /* a very long word begins here: it is broken anyway */
			at += put_part(page, at, len, left);
		} else if (row_empty && left > 0) {
			at += put_part(page, at, len, left);
		}
		pending = 0;
		if (rows >= rows_max) {
			text_page_put(page, ellipsis, strlen(ellipsis), ellipsis_columns);
			break;
		}
		text_page_unpaint(page, style);
		text_page_newline(page);
		text_page_pad_to(page, indent);
		text_page_paint(page, style);
		row_empty = true;
		rows++;
	}
	text_page_unpaint(page, style);
	return rows;
}

void text_page_put_text(struct text_page *page, enum text_style style, const struct terminal_text *text) {
	text_page_paint(page, style);
	text_page_put(page, text->data, text->len, text->columns);
	text_page_unpaint(page, style);
}

void text_page_put_words(struct text_page *page, enum text_style style, const char *words) {
	struct terminal_text text;

	text_page_text(page, &text);
	terminal_text_add(&text, words);
	text_page_put_text(page, style, &text);
}

void text_page_rule(struct text_page *page, size_t until) {
	while (page->column < until)
		text_page_put(page, page->symbols->rule, strlen(page->symbols->rule), 1);
}

void text_page_heading(struct text_page *page, const char *title) {
	text_page_paint(page, TEXT_STYLE_DIM);
	text_page_rule(page, title != NULL ? 2 : page->width);
	text_page_unpaint(page, TEXT_STYLE_DIM);
	if (title != NULL) {
		text_page_pad_to(page, 3);
		text_page_put_words(page, TEXT_STYLE_TITLE, title);
		text_page_pad_to(page, page->column + 1);
		text_page_paint(page, TEXT_STYLE_DIM);
		text_page_rule(page, page->width);
		text_page_unpaint(page, TEXT_STYLE_DIM);
	}
	text_page_newline(page);
}

size_t text_page_columns(const struct text_page *page, const char *words) {
	struct terminal_text text;

	text_page_text(page, &text);
	terminal_text_add(&text, words);
	return text.columns;
}

/* ---- values ---- */

const char *text_page_alias(void *context, struct slice username) {
	struct text_page *page = context;

	if (page->users == WRITER_USERS_HASH) {
		identity_user_hash(page->identity, username, page->alias);
		return page->alias;
	}
	return text_page_words(page, WORDS_TEXT_OMITTED);
}

void text_page_add_user(struct text_page *page, struct terminal_text *text, struct slice username) {
	if (page->users != WRITER_USERS_KEEP) {
		terminal_text_add(text, text_page_alias(page, username));
		return;
	}
	terminal_text_add(text, "\"");
	terminal_text_wire(text, username, 40);
	terminal_text_add(text, "\"");
}

void text_page_add_duration(const struct text_page *page, struct terminal_text *text, int64_t ns) {
	double seconds = (double)(ns < 0 ? 0 : ns) / 1e9;
	char value[32];

	if (seconds < 0.1) {
		snprintf(value, sizeof(value), seconds < 0.001 ? "%.2f" : "%.1f", seconds * 1e3);
		TEXT_ADD(page, text, WORDS_TEXT_DURATION_MS, words_text("value", value));
	} else if (seconds < 120) {
		snprintf(value, sizeof(value), seconds < 10 ? "%.2f" : "%.1f", seconds);
		TEXT_ADD(page, text, WORDS_TEXT_DURATION_S, words_text("value", value));
	} else if (seconds < 7200) {
		TEXT_ADD(page, text, WORDS_TEXT_DURATION_MIN, words_count("minutes", (uint64_t)(seconds / 60)),
			words_count("seconds", (uint64_t)seconds % 60));
	} else {
		TEXT_ADD(page, text, WORDS_TEXT_DURATION_H, words_count("hours", (uint64_t)(seconds / 3600)),
			words_count("minutes", (uint64_t)(seconds / 60) % 60));
	}
}

void text_page_add_time(const struct text_page *page, struct terminal_text *text, int64_t time_ns, bool with_fraction) {
	int64_t second = time_ns / 1000000000, rest = time_ns % 1000000000;
	time_t when;
	struct tm tm;
	char date[40];

	if (rest < 0) {
		rest += 1000000000;
		second--;
	}
	when = (time_t)second;
	if (gmtime_r(&when, &tm) == NULL || strftime(date, sizeof(date), "%Y-%m-%d %H:%M:%S", &tm) == 0)
		terminal_text_add(text, text_page_words(page, WORDS_TEXT_TIME_UNKNOWN));
	else if (with_fraction)
		terminal_text_format(text, "%s.%06d UTC", date, (int)(rest / 1000));
	else
		terminal_text_add(text, date);
}
