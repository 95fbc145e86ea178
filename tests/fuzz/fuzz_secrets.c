/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Fuzzes where secrets come from: the input is a file, of which a pcapng file's Decryption Secrets Blocks, and of any other all, are
 * read as a key log, for which there is little room. It is fed whole, cut in two, and byte by byte: the text and what became of it
 * must be the same, and what was put last must be there.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "capture/secrets_block.h"
#include "decode/keylog.h"

enum {
	ROOM = 4096,           /* bytes: some dozens of secrets */
	BY_BYTES_MAX = 20000,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool condition, const char *what) {
	if (!condition) {
		fprintf(stderr, "%s\n", what);
		abort();
	}
}

struct reading {
	struct secrets_block_reader blocks;
	bool in_blocks;
	struct keylog *keylog;
	uint64_t text_len, text_sum, ends;
};

static void on_text(void *context, const void *text, size_t len) {
	struct reading *reading = context;
	const uint8_t *bytes = text;
	if (len == 0) {
		reading->ends++;
		keylog_end(reading->keylog);
		return;
	}
	for (size_t i = 0; i < len; i++)
		reading->text_sum = reading->text_sum * 31 + bytes[i] + 1;
	reading->text_len += len;
	keylog_feed(reading->keylog, text, len);
}

static void feed(struct reading *reading, const uint8_t *data, size_t len) {
	uint8_t *copy = malloc(len); /* of exactly the size */
	const struct secrets_block_sink sink = {.context = reading, .text = on_text};
	if (len == 0 || copy == NULL) {
		free(copy);
		return;
	}
	memcpy(copy, data, len);
	if (reading->in_blocks)
		secrets_block_feed(&reading->blocks, copy, len, &sink);
	else
		on_text(reading, copy, len);
	free(copy);
}

static void read_all(const uint8_t *data, size_t size, size_t step, struct reading *ret_reading) {
	static const uint8_t magic[] = {0x0a, 0x0d, 0x0d, 0x0a};
	static const uint8_t name[KEYLOG_ID_LEN] = {1}, bytes[KEYLOG_SECRET_MAX] = {2, 3};
	struct reading reading = {.in_blocks = size >= sizeof(magic) && memcmp(data, magic, sizeof(magic)) == 0};
	struct keylog_secret secret;
	reading.keylog = keylog_create(ROOM);
	check(reading.keylog != NULL, "no memory");
	for (size_t at = 0; at < size; at += step)
		feed(&reading, data + at, step < size - at ? step : size - at);
	check(reading.text_len <= size, "more secrets than there are bytes");
	keylog_end(reading.keylog);
	keylog_put(reading.keylog, KEYLOG_TICKET, name, bytes, sizeof(bytes));
	check(keylog_find(reading.keylog, KEYLOG_TICKET, name, &secret) && secret.len == sizeof(bytes) &&
			memcmp(secret.data, bytes, sizeof(bytes)) == 0,
		"what was put last is not there");
	*ret_reading = reading;
}

static void compare(const struct reading *whole, const struct reading *cut) {
	struct keylog_stats expected, got;
	keylog_get_stats(whole->keylog, &expected);
	keylog_get_stats(cut->keylog, &got);
	check(whole->text_len == cut->text_len && whole->text_sum == cut->text_sum && whole->ends == cut->ends, "another text");
	check(expected.read == got.read && expected.not_understood == got.not_understood && expected.secrets == got.secrets && expected.evicted == got.evicted, "other secrets");
	check(expected.secrets * 64 <= ROOM && expected.secrets >= 1, "more secrets than there is room for");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
	struct reading whole, cut;
	const size_t steps[] = {size / 3 + 1, 17, 1};
	read_all(data, size, size + 1, &whole);
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		if (steps[i] < 100 && size > BY_BYTES_MAX)
			continue;
		read_all(data, size, steps[i], &cut);
		compare(&whole, &cut);
		keylog_destroy(cut.keylog);
	}
	keylog_destroy(whole.keylog);
	return 0;
}
