/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How fast decode/body.c scans the message after DATA, beside memchr(), which looks for each line's end and does nothing else, and
 * memcpy(). Prints GB/s on one core and the ratios, and fails below the floor given.
 *
 *     body-scan [SECONDS [GB/S]]     default 0.5 seconds for each number, no floor
 *
 * The message is 8 MB, fed in pieces of a full segment, as packets bring it; that is more than the caches next to the core hold, as
 * it is with packets.
 */
#include "decode/body.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MESSAGE_LEN = 8 << 20, SEGMENT_LEN = 1448 };

/* ---- The messages ---- */

static uint32_t random_next(uint32_t *state) {
	*state = *state * 1664525 + 1013904223;
	return *state >> 8;
}

/* Base64 in lines of 76, as attachments come. */
static void fill_base64(char *text) {
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	uint32_t state = 1;
	for (size_t i = 0; i < MESSAGE_LEN; i++) {
		size_t column = i % 78;
		text[i] = column < 76 ? digits[random_next(&state) % 64] : column == 76 ? '\r' : '\n';
	}
}

/* Lines as people write them, of 0 to 72 characters; one in fifty begins with a dot. */
static void fill_text(char *text) {
	uint32_t state = 2;
	size_t at = 0;
	while (at < MESSAGE_LEN) {
		size_t len = random_next(&state) % 73;
		if (len > 0 && random_next(&state) % 50 == 0) {
			text[at++] = '.';
			len++;
		}
		for (size_t i = 0; i < len && at < MESSAGE_LEN; i++, at++)
			text[at] = random_next(&state) % 6 == 0 ? ' ' : (char)('a' + random_next(&state) % 26);
		for (const char *end = "\r\n"; *end != '\0' && at < MESSAGE_LEN; end++)
			text[at++] = *end;
	}
}

/* UTF-8 as 8BITMIME allows it: every third letter has two bytes. */
static void fill_8bit(char *text) {
	fill_text(text);
	for (size_t i = 0; i + 1 < MESSAGE_LEN; i += 3) {
		if (text[i] >= 'a' && text[i + 1] >= 'a') {
			text[i] = (char)0xc3;
			text[i + 1] = (char)0xa4;
		}
	}
}

/* ---- What is measured ---- */

/* Each returns something that depends on all it read, so that nothing is left out. */

static uint64_t run_scan(const char *text, char *copy) {
	(void)copy;
	struct body body;
	body_begin(&body);
	for (size_t at = 0; at < MESSAGE_LEN; at += SEGMENT_LEN) {
		size_t len = MESSAGE_LEN - at < SEGMENT_LEN ? MESSAGE_LEN - at : SEGMENT_LEN;
		if (body_scan(&body, text + at, len) != len) {
			fputs("body-scan: the message ended early\n", stderr);
			exit(1);
		}
	}
	return body.bytes + body.lines;
}

static uint64_t run_memchr(const char *text, char *copy) {
	(void)copy;
	uint64_t lines = 0;
	const char *end = text + MESSAGE_LEN;
	for (const char *at = text; at < end && (at = memchr(at, '\n', (size_t)(end - at))) != NULL; at++)
		lines++;
	return lines;
}

static uint64_t run_memcpy(const char *text, char *copy) {
	memcpy(copy, text, MESSAGE_LEN);
	return (uint64_t)(unsigned char)copy[MESSAGE_LEN / 2];
}

static double now_s(void) {
	struct timespec now;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now); /* CPU time: other work on the machine counts less */
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static double gigabytes_per_second(
	uint64_t (*run)(const char *text, char *copy), const char *text, char *copy, double seconds) {
	static volatile uint64_t kept;
	kept = run(text, copy); /* warm */
	double start = now_s(), spent;
	uint64_t times = 0;
	do {
		kept += run(text, copy);
		times++;
	} while ((spent = now_s() - start) < seconds);
	return (double)times * MESSAGE_LEN / spent / 1e9;
}

static double parse(const char *text, double otherwise) {
	if (text == NULL)
		return otherwise;
	char *end;
	double value = strtod(text, &end);
	if (end == text || *end != '\0' || value < 0) {
		fputs("usage: body-scan [SECONDS [GB/S]]\n", stderr);
		exit(2);
	}
	return value;
}

int main(int argc, char **argv) {
	static const struct {
		const char *name;
		void (*fill)(char *text);
	} messages[] = {{"base64", fill_base64}, {"text", fill_text}, {"8bit", fill_8bit}};
	double seconds = parse(argc > 1 ? argv[1] : NULL, 0.5), floor = parse(argc > 2 ? argv[2] : NULL, 0);
	char *text = malloc(MESSAGE_LEN), *copy = malloc(MESSAGE_LEN);
	if (text == NULL || copy == NULL) {
		fputs("body-scan: no memory\n", stderr);
		return 1;
	}
	memset(copy, 1, MESSAGE_LEN); /* its pages are there */
	double least = 1e9;
	puts("| message | body_scan | memchr of lines | memcpy | to memchr | to memcpy |\n|---|---|---|---|---|---|");
	for (size_t i = 0; i < sizeof(messages) / sizeof(messages[0]); i++) {
		messages[i].fill(text);
		double scan = gigabytes_per_second(run_scan, text, copy, seconds);
		double lines = gigabytes_per_second(run_memchr, text, copy, seconds);
		double plain = gigabytes_per_second(run_memcpy, text, copy, seconds);
		printf("| %s | %.2f GB/s | %.2f GB/s | %.2f GB/s | %.2f | %.2f |\n", messages[i].name, scan, lines, plain,
			scan / lines, scan / plain);
		least = scan < least ? scan : least;
	}
	free(text);
	free(copy);
	if (least < floor)
		fprintf(stderr, "body-scan: %.2f GB/s is less than %.2f\n", least, floor);
	return least < floor;
}
