/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A page of text for a terminal: columns, rows, colours, and the values that stand on it in many places. What the parts of
 * -o text are written with.
 */
#ifndef SMTPSCOPE_REPORT_TEXT_PAGE_H
#define SMTPSCOPE_REPORT_TEXT_PAGE_H

#include <stdio.h>

#include "report/identity.h"
#include "report/words.h"
#include "report/writer.h"

enum text_style {
	TEXT_STYLE_PLAIN,
	TEXT_STYLE_TITLE,
	TEXT_STYLE_DIM,
	TEXT_STYLE_CLIENT,
	TEXT_STYLE_SERVER,
	TEXT_STYLE_GOOD,
	TEXT_STYLE_WARN,
	TEXT_STYLE_BAD,
	TEXT_STYLE_LOST,
	TEXT_STYLE_COUNT
};

/* The few characters that are prettier in UTF-8. */
struct text_symbols {
	const char *rule, *to_server, *to_client, *network, *arrow, *dot, *below;
};

struct text_page {
	FILE *out;
	bool colour, ascii;
	size_t width;
	const struct words *words;
	enum writer_users users;
	struct identity_user *identity; /* only for WRITER_USERS_HASH */
	char alias[IDENTITY_USER_SIZE];
	const struct text_symbols *symbols;
	size_t column; /* of the cursor, from 0 */
	size_t blanks; /* before the cursor that are not written yet: at the end of a line they never are */
};

/* Returns 0 or -ENOMEM. The caller calls text_page_finish() whatever the result. */
int text_page_init(struct text_page *page, const struct writer_options *options, FILE *out);
void text_page_finish(struct text_page *page);

/* 0, or the negative errno of a failed write. Set errno to 0 before writing. */
int text_page_result(const struct text_page *page);

static inline void text_page_text(const struct text_page *page, struct terminal_text *text) {
	terminal_text_init(text, page->ascii);
}

/* A text of the catalogue. */
static inline const char *text_page_words(const struct text_page *page, enum words_id id) {
	return words_get(page->words, id);
}

/* Appends a text of the catalogue with its values. */
#define TEXT_ADD(page, text, id, ...) WORDS_ADD(text, (page)->words, id, __VA_ARGS__)

/* Writes at the cursor, without regard to the width. */
void text_page_put(struct text_page *page, const char *words, size_t len, size_t columns);
void text_page_put_symbol(struct text_page *page, const char *symbol);
void text_page_put_text(struct text_page *page, enum text_style style, const struct terminal_text *text);
void text_page_put_words(struct text_page *page, enum text_style style, const char *words);

void text_page_paint(struct text_page *page, enum text_style style);
void text_page_unpaint(struct text_page *page, enum text_style style);
void text_page_newline(struct text_page *page);
void text_page_pad_to(struct text_page *page, size_t column);

/* Writes a text from the cursor on, broken between words into rows that start at indent; words that are longer than a row
 * are broken anywhere, and wide characters (Japanese) where their rules allow it. What needs more than rows_max rows is cut
 * and ends with an ellipsis. Returns how many rows it took. */
size_t text_page_flow(
	struct text_page *page, enum text_style style, const struct terminal_text *text, size_t indent, size_t rows_max);

/* Writes a rule up to a column. */
void text_page_rule(struct text_page *page, size_t until);

/* Writes a rule over the whole width, with a title in it; title may be NULL. */
void text_page_heading(struct text_page *page, const char *title);

/* The columns that words take. */
size_t text_page_columns(const struct text_page *page, const char *words);

/* ---- values ---- */

/* What stands for a user name that is not to be shown. context is the page. */
const char *text_page_alias(void *context, struct slice username);

/* Appends "sato", or what stands for it. */
void text_page_add_user(struct text_page *page, struct terminal_text *text, struct slice username);

void text_page_add_duration(const struct text_page *page, struct terminal_text *text, int64_t ns);

/* Appends 2026-11-25 06:41:20.123456 UTC; with_fraction false: 2026-11-25 06:41:20. */
void text_page_add_time(const struct text_page *page, struct terminal_text *text, int64_t time_ns, bool with_fraction);

#endif
