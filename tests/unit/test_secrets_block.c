/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * capture/secrets_block.c: Decryption Secrets Blocks among the others, in both byte orders, cut anywhere.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "capture/secrets_block.h"

#define LITTLE_SECTION "\x0a\x0d\x0d\x0a" "\x1c\0\0\0" "\x4d\x3c\x2b\x1a" "\1\0\0\0" "\xff\xff\xff\xff\xff\xff\xff\xff" "\x1c\0\0\0"
#define BIG_SECTION "\x0a\x0d\x0d\x0a" "\0\0\0\x1c" "\x1a\x2b\x3c\x4d" "\0\1\0\0" "\xff\xff\xff\xff\xff\xff\xff\xff" "\0\0\0\x1c"
#define LITTLE_OTHER "\6\0\0\0" "\x14\0\0\0" "\x0a\0\0\0" "KSLT" "\x14\0\0\0"
#define LITTLE_SECRETS "\x0a\0\0\0" "\x1c\0\0\0" "KSLT" "\5\0\0\0" "hello\0\0\0" "\x1c\0\0\0"
#define BIG_SECRETS "\0\0\0\x0a" "\0\0\0\x1c" "TLSK" "\0\0\0\5" "again\0\0\0" "\0\0\0\x1c"
#define WIREGUARD "\x0a\0\0\0" "\x1c\0\0\0" "LKGW" "\5\0\0\0" "other\0\0\0" "\x1c\0\0\0"
#define EMPTY "\x0a\0\0\0" "\x14\0\0\0" "KSLT" "\0\0\0\0" "\x14\0\0\0"
/* Says that it has more than fits in the block. */
#define TOO_LONG "\x0a\0\0\0" "\x18\0\0\0" "KSLT" "\xff\xff\xff\xff" "all?" "\x18\0\0\0"
#define TOO_SHORT "\x0a\0\0\0" "\x08\0\0\0" "KSLT" "\5\0\0\0" "never"

#define ROW(name, input, expected) {name, input, sizeof(input) - 1, expected}

static size_t checks;

static const struct row {
	const char *name, *input;
	size_t len;
	const char *expected; /* what was handed on, and | for each end */
} rows[] = {
	ROW("none", LITTLE_SECTION LITTLE_OTHER, ""),
	ROW("one", LITTLE_SECTION LITTLE_OTHER LITTLE_SECRETS LITTLE_OTHER, "hello|"),
	ROW("several", LITTLE_SECTION LITTLE_SECRETS LITTLE_OTHER LITTLE_SECRETS, "hello|hello|"),
	ROW("big-endian", BIG_SECTION BIG_SECRETS, "again|"),
	ROW("sections in either order", LITTLE_SECTION LITTLE_SECRETS BIG_SECTION BIG_SECRETS LITTLE_SECTION LITTLE_SECRETS,
		"hello|again|hello|"),
	ROW("another kind of secret", LITTLE_SECTION WIREGUARD LITTLE_SECRETS, "hello|"),
	ROW("an empty one", LITTLE_SECTION EMPTY LITTLE_SECRETS, "hello|"),
	ROW("one that says too much", LITTLE_SECTION TOO_LONG, "all?\x18|"),
	ROW("a block that is too short", LITTLE_SECTION TOO_SHORT LITTLE_SECRETS, ""),
	ROW("no section", LITTLE_SECRETS LITTLE_SECRETS, ""),
	ROW("not pcapng", "\xd4\xc3\xb2\xa1\2\0\4\0" LITTLE_SECTION LITTLE_SECRETS, ""),
};

struct output {
	char text[256];
	size_t len;
};

static void on_text(void *context, const void *text, size_t len) {
	struct output *output = context;
	if (len == 0)
		output->text[output->len++] = '|';
	for (size_t i = 0; i < len; i++)
		if (((const char *)text)[i] != '\0')
			output->text[output->len++] = ((const char *)text)[i];
}

static void check(const struct row *row, size_t cut, size_t piece) {
	struct secrets_block_reader reader = {.head_len = 0};
	struct output output = {.len = 0};
	const struct secrets_block_sink sink = {.context = &output, .text = on_text};
	for (size_t at = 0; at < row->len;) {
		size_t len = piece > 0 ? piece : at < cut ? cut : row->len - at;
		if (len > row->len - at)
			len = row->len - at;
		uint8_t *copy = malloc(len);
		memcpy(copy, row->input + at, len);
		secrets_block_feed(&reader, copy, len, &sink);
		free(copy);
		at += len;
	}
	output.text[output.len] = '\0';
	if (strcmp(output.text, row->expected) != 0)
		fail_msg("%s, cut at %zu: got \"%s\"", row->name, cut, output.text);
	checks++;
}

static void test_rows(void **state) {
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		check(&rows[i], 0, 1);
		for (size_t cut = 0; cut < rows[i].len; cut++)
			check(&rows[i], cut, 0);
	}
	assert_true(checks > 500);
}

int main(void) {
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_rows)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
