/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Text that is safe to show to a person: bytes from the wire become printable UTF-8 or ASCII of a known column width.
 *
 * What must not reach a terminal is shown as an escape: control characters, bytes that are not UTF-8, and the characters
 * that are invisible or turn the direction of text around ("\x1b", "\u202e"). The rules do not depend on the locale, so that
 * the same bytes give the same words everywhere.
 */
#ifndef SMTPSCOPE_REPORT_TERMINAL_H
#define SMTPSCOPE_REPORT_TERMINAL_H

#include "decode/event.h"

enum {
	TERMINAL_SHOWN_MAX = 16, /* bytes of one character as it is shown, terminator included */
	TERMINAL_TEXT_MAX = 4096,
};

/* Reads the first character of len > 0 bytes. Returns how many bytes it took; ret_shown is how to show it, NUL-terminated,
 * and ret_columns its width: 0 for a combining mark, 2 for a wide character. With ascii all that is not ASCII becomes an
 * escape. */
size_t terminal_character(const char *data, size_t len, bool ascii, char ret_shown[TERMINAL_SHOWN_MAX], size_t *ret_columns);

/* A text being put together. Its length is bounded: what does not fit any more is cut, and an ellipsis says so. */
struct terminal_text {
	char data[TERMINAL_TEXT_MAX]; /* NUL-terminated */
	size_t len;
	size_t columns;
	bool ascii;
	bool full;
};

void terminal_text_init(struct terminal_text *text, bool ascii);

/* Appends words of our own, which are taken as they are. */
void terminal_text_add(struct terminal_text *text, const char *words);

/* Appends numbers and words of our own; never hand it bytes from the wire. */
__attribute__((format(printf, 2, 3))) void terminal_text_format(struct terminal_text *text, const char *format, ...);

/* Appends bytes from the wire, made safe, in at most columns_max columns; a longer value is cut and ends with an ellipsis.
 */
void terminal_text_wire(struct terminal_text *text, struct slice value, size_t columns_max);

/* Appends a count in groups of three digits: 1,234,567. */
void terminal_text_count(struct terminal_text *text, uint64_t count);

/* Appends "1 mail" or "7 mails". */
void terminal_text_number(struct terminal_text *text, uint64_t number, const char *one, const char *many);

/* Appends "192.0.2.1:25" or "[2001:db8::1]:25"; the address alone when with_port is false. */
void terminal_text_endpoint(struct terminal_text *text, const struct stream_endpoint *endpoint, bool with_port);

#endif
