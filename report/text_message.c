/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/text_message.h"

#include <inttypes.h>
#include <string.h>
#include <strings.h>

enum {
	ROWS_MAX = 3,     /* of one value */
	VALUE_MAX = 200,  /* columns of it */
	NAMED_MAX = 8,    /* attachments that are told one by one */
};

static void put_line(struct text_page *page, const struct terminal_text *text, size_t column) {
	text_page_pad_to(page, column);
	text_page_flow(page, TEXT_STYLE_PLAIN, text, column, ROWS_MAX);
	text_page_newline(page);
}

/* The names of fields are the same in every language. */
static void put_field(struct text_page *page, const char *name, const struct message_headers *headers, enum message_field field,
	size_t column) {
	struct terminal_text text;
	if (!headers->has[field] || headers->fields[field].len == 0)
		return;
	text_page_text(page, &text);
	terminal_text_format(&text, "%s: ", name);
	terminal_text_wire(&text, headers->fields[field], VALUE_MAX);
	put_line(page, &text, column);
}

/* What a person would call an attachment: not the text of the message itself. */
static bool is_attachment(const struct message_part *part) {
	static const char attachment[] = "attachment";
	bool disposed = part->disposition.len == strlen(attachment) && memcmp(part->disposition.data, attachment, part->disposition.len) == 0;
	bool text = part->type.len > 5 && memcmp(part->type.data, "text/", 5) == 0;
	return part->has_name || disposed || !text;
}

static void put_part(struct text_page *page, const struct message_part *part, size_t column) {
	struct terminal_text text, name, type;
	text_page_text(page, &text);
	text_page_text(page, &name);
	text_page_text(page, &type);
	if (part->has_name)
		terminal_text_wire(&name, part->name, VALUE_MAX);
	else
		terminal_text_add(&name, text_page_words(page, WORDS_TEXT_ATTACHMENT_UNNAMED));
	if (part->type.len > 0)
		terminal_text_wire(&type, part->type, 60);
	else
		terminal_text_add(&type, text_page_words(page, WORDS_UNKNOWN));
	TEXT_ADD(page, &text, part->complete ? WORDS_TEXT_ATTACHMENT : WORDS_TEXT_ATTACHMENT_TRUNCATED,
		words_text("name", name.data), words_text("type", type.data), words_count("bytes", part->size));
	put_line(page, &text, column);
	if (!part->hashed)
		return;
	text_page_text(page, &text);
	for (size_t i = 0; i < sizeof(part->sha256); i++)
		terminal_text_format(&text, "%02x", part->sha256[i]);
	text_page_pad_to(page, column);
	text_page_flow(page, TEXT_STYLE_DIM, &text, column, ROWS_MAX);
	text_page_newline(page);
}

static void put_parts(struct text_page *page, const struct record_message *message, size_t column) {
	struct terminal_text text;
	size_t named = 0, more = message->parts.count - message->parts.kept;
	for (const struct message_part *part = message->parts.first; part != NULL; part = part->next) {
		if (!is_attachment(part))
			continue;
		if (named < NAMED_MAX) {
			put_part(page, part, column);
			named++;
		} else {
			more++;
		}
	}
	text_page_text(page, &text);
	if (more > 0)
		TEXT_ADD(page, &text, WORDS_TEXT_ATTACHMENTS_MORE, words_count("count", more));
	else if (!message->whole)
		terminal_text_add(&text, text_page_words(page, WORDS_TEXT_ATTACHMENTS_UNSEEN));
	if (text.len > 0)
		put_line(page, &text, column);
}

void text_message_put(struct text_page *page, const struct record_mail *mail, size_t column) {
	const struct record_message *message = mail->message;
	if (message == NULL || !message->read)
		return;
	if (message->has_headers) {
		put_field(page, "Subject", &message->headers, MESSAGE_SUBJECT, column);
		put_field(page, "Message-ID", &message->headers, MESSAGE_MESSAGE_ID, column);
	}
	if (message->has_parts)
		put_parts(page, message, column);
}
