/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Fuzz target: report/message_headers.c and message_parts.c, with what decodes for them.
 *
 * The input is a message; its first two bytes say how much of it was seen. Checked besides crashes: what is said of a part of the message
 * is what is said of all of it, or nothing.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/message_headers.h"
#include "report/message_parts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool ok, const char *what) {
	if (!ok) {
		fprintf(stderr, "%s\n", what);
		abort();
	}
}

static bool equal(struct slice one, struct slice other) {
	return one.len == other.len && (one.len == 0 || memcmp(one.data, other.data, one.len) == 0);
}

static void check_headers(const struct message_headers *seen, const struct message_headers *whole) {
	for (size_t i = 0; i < MESSAGE_FIELDS; i++) {
		check(!seen->has[i] || (whole->has[i] && equal(seen->fields[i], whole->fields[i])), "a field that is not there");
		check(!seen->repeated[i] || whole->repeated[i], "a field that is not repeated");
		check(seen->fields[i].len <= MESSAGE_TEXT_MAX, "a value that is too long");
	}
	check(seen->received <= whole->received && seen->dkim <= whole->dkim && seen->arc <= whole->arc, "more than there is");
	check(seen->incomplete || seen->received == whole->received, "complete, and is not");
}

static void check_parts(const struct message_parts *seen, const struct message_parts *whole) {
	const struct message_part *other = whole->first;
	check(seen->kept <= MESSAGE_PARTS_MAX && seen->kept <= seen->count, "too many parts");
	for (const struct message_part *part = seen->first; part != NULL; part = part->next, other = other->next) {
		check(other != NULL, "a part that is not there");
		check(strcmp(part->path, other->path) == 0 && equal(part->type, other->type), "a part of another kind");
		check(part->has_name == other->has_name && equal(part->name, other->name), "a part with another name");
		check(part->complete || !part->hashed, "a hash of what was not seen");
		if (!part->complete)
			continue;
		check(part->size == other->size && memcmp(part->sha256, other->sha256, sizeof(part->sha256)) == 0, "another hash");
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
	static struct message_reader *reader;
	struct arena arena = {0};
	struct message_headers headers, headers_seen;
	struct message_parts parts, parts_seen;
	if (reader == NULL)
		reader = message_reader_create();
	check(reader != NULL, "no memory");
	if (size < 2)
		return 0;
	size_t len = size - 2, seen_len = len * (size_t)(data[0] << 8 | data[1]) / 65536;
	/* In blocks of exactly their size. */
	char *message = malloc(len + (len == 0)), *seen = malloc(seen_len + (seen_len == 0));
	check(message != NULL && seen != NULL, "no memory");
	memcpy(message, data + 2, len);
	memcpy(seen, data + 2, seen_len);
	message_headers_read(reader, &arena, (struct slice){message, len}, true, &headers);
	message_parts_read(reader, &arena, (struct slice){message, len}, true, &parts);
	check(!headers.incomplete, "a whole header that is incomplete");
	for (const struct message_part *part = parts.first; part != NULL; part = part->next)
		check(part->complete && part->hashed, "a whole part without a hash");
	message_headers_read(reader, &arena, (struct slice){seen, seen_len}, false, &headers_seen);
	message_parts_read(reader, &arena, (struct slice){seen, seen_len}, false, &parts_seen);
	check_headers(&headers_seen, &headers);
	check_parts(&parts_seen, &parts);
	arena_finish(&arena);
	free(message);
	free(seen);
	return 0;
}
