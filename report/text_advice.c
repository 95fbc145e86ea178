/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/text_advice.h"

#include <string.h>

#include "report/findings.h"

enum {
	LABEL_COLUMN = 1,
	BODY_COLUMN = 11,
	ITEM_INDENT = 2, /* of an item's further rows */
	ITEM_ROWS_MAX = 8,
	TITLE_ROWS_MAX = 3,
};

static enum text_style severity_style(enum finding_severity severity) {
	switch (severity) {
	case FINDING_CRITICAL:
	case FINDING_HIGH:
		return TEXT_STYLE_BAD;
	case FINDING_MEDIUM:
		return TEXT_STYLE_WARN;
	case FINDING_LOW:
		return TEXT_STYLE_CLIENT;
	default:
		return TEXT_STYLE_DIM;
	}
}

void text_advice_put_title(struct text_page *page, enum finding_severity severity, const char *title) {
	struct terminal_text text;

	text_page_text(page, &text);
	TEXT_ADD(page, &text, WORDS_TEXT_SEVERITY, words_text("severity", findings_severity_words(severity, page->words)));
	for (size_t i = 0; i < text.len && severity >= FINDING_MEDIUM; i++)
		if (text.data[i] >= 'a' && text.data[i] <= 'z')
			text.data[i] = (char)(text.data[i] - 'a' + 'A');
	text_page_pad_to(page, LABEL_COLUMN);
	text_page_put_text(page, severity_style(severity), &text);
	text_page_pad_to(page, BODY_COLUMN);
	text_page_text(page, &text);
	terminal_text_wire(&text, (struct slice){title, strlen(title)}, TERMINAL_TEXT_MAX);
	text_page_flow(page, TEXT_STYLE_TITLE, &text, BODY_COLUMN, TITLE_ROWS_MAX);
	text_page_newline(page);
}

void text_advice_put_paragraph(
	struct text_page *page, enum text_style style, const struct terminal_text *text, size_t rows_max) {
	text_page_pad_to(page, BODY_COLUMN);
	text_page_flow(page, style, text, BODY_COLUMN, rows_max);
	text_page_newline(page);
}

static void put_label(struct text_page *page, enum words_id label) {
	text_page_pad_to(page, LABEL_COLUMN);
	text_page_put_words(page, TEXT_STYLE_DIM, text_page_words(page, label));
}

static void put_item(struct text_page *page, const struct terminal_text *text) {
	text_page_pad_to(page, BODY_COLUMN);
	text_page_flow(page, TEXT_STYLE_PLAIN, text, BODY_COLUMN + ITEM_INDENT, ITEM_ROWS_MAX);
	text_page_newline(page);
}

void text_advice_put_item(struct text_page *page, enum words_id label, const struct terminal_text *text) {
	put_label(page, label);
	put_item(page, text);
}

void text_advice_put_list(struct text_page *page, enum words_id label, const char *const *items, size_t count) {
	if (count > 0)
		put_label(page, label);
	for (size_t i = 0; i < count; i++) {
		struct terminal_text text;

		text_page_text(page, &text);
		terminal_text_wire(&text, (struct slice){items[i], strlen(items[i])}, TERMINAL_TEXT_MAX);
		put_item(page, &text);
	}
}

void text_advice_put_reads(struct text_page *page, const struct diagnosis_client_text *reads, size_t count) {
	if (count > 0)
		put_label(page, WORDS_TEXT_LABEL_READS);
	for (size_t i = 0; i < count; i++) {
		const struct diagnosis_client_text *read = &reads[i];
		bool unsure = strcmp(read->confidence, "low") == 0;
		struct terminal_text text;

		text_page_text(page, &text);
		if (read->code != NULL)
			TEXT_ADD(page, &text, unsure ? WORDS_TEXT_READS_PERHAPS : WORDS_TEXT_READS,
				words_text("client", read->client), words_text("code", read->code),
				words_text("text", read->text));
		else
			TEXT_ADD(page, &text, unsure ? WORDS_TEXT_READS_NO_CODE_PERHAPS : WORDS_TEXT_READS_NO_CODE,
				words_text("client", read->client), words_text("text", read->text));
		put_item(page, &text);
	}
}
