/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Bytes from the wire made fit for a document: valid UTF-8, and nothing in it that a terminal or a browser acts upon.
 */
#ifndef SMTPSCOPE_REPORT_ESCAPE_H
#define SMTPSCOPE_REPORT_ESCAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How many times longer escape_utf8() can make a text. */
enum { ESCAPE_UTF8_GROWTH = 3 };

/* Are all bytes printable ASCII other than " and \, so that they may stand in a JSON string as they are? */
bool escape_is_plain(const char *data, size_t len);

/* Writes data as valid UTF-8 to ret_text, which has room for ESCAPE_UTF8_GROWTH * len bytes, and returns the length. Each
 * piece that is not UTF-8 becomes one U+FFFD, pieces cut as the Unicode standard recommends (3.9, "maximal subparts");
 * *ret_invalid says whether there was one. */
size_t escape_utf8(const char *data, size_t len, char *ret_text, bool *ret_invalid);

/* Looks at the first character of valid UTF-8 text (len > 0). Returns its code point when it must not be shown as it is,
 * because it steers a terminal or hides or reorders text: control characters (C0, DEL, C1), line and paragraph separators,
 * direction marks, overrides and isolates, invisible characters. Otherwise returns ESCAPE_VISIBLE. *ret_len is its length in
 * bytes. */
#define ESCAPE_VISIBLE UINT32_MAX
uint32_t escape_hidden(const char *text, size_t len, size_t *ret_len);

#endif
