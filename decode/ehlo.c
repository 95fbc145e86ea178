/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "decode/ehlo.h"

#include "decode/ascii.h"

bool ehlo_has_domain(const struct reply *reply) {
	struct slice rest = reply->line_count > 0 ? reply->lines[0] : (struct slice){NULL, 0};
	struct slice word = slice_next_word(&rest);
	return word.len > 0 && (word.data[0] == '[' || memchr(word.data, '.', word.len) != NULL);
}

void ehlo_extensions(const struct reply *reply, bool first_lines_lost, const struct slice **ret_lines, size_t *ret_count) {
	size_t skip = first_lines_lost || reply->line_count == 0 ? 0 : 1;
	*ret_lines = reply->lines + skip;
	*ret_count = reply->line_count - skip;
}

bool ehlo_is_likely(const struct reply *reply) {
	static const char *const known[] = {
		"PIPELINING", "SIZE", "8BITMIME", "STARTTLS", "AUTH", "ENHANCEDSTATUSCODES", "DSN", "CHUNKING", "SMTPUTF8", "VRFY", "ETRN"};
	if (reply->code != 250)
		return false;
	for (size_t i = 1; i < reply->line_count; i++) {
		struct slice rest = reply->lines[i];
		struct slice word = slice_next_word(&rest);
		for (size_t k = 0; k < sizeof(known) / sizeof(known[0]); k++)
			if (slice_is(word, known[k]))
				return true;
	}
	return false;
}
