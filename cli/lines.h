/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The lines of a stream, of any length up to a limit.
 */
#ifndef SMTPSCOPE_CLI_LINES_H
#define SMTPSCOPE_CLI_LINES_H

#include <signal.h>
#include <stddef.h>
#include <stdio.h>

enum { LINES_LENGTH_MAX = 64 << 20 };

struct lines;

enum lines_result {
	LINES_END,
	LINES_LINE,
	LINES_TOO_LONG, /* one was skipped */
};

/* Reads from file, which stays the caller's. Once *stop is other than 0 nothing more is read, and the whole lines that were
 * read are the last. NULL when there is no memory. */
struct lines *lines_create(FILE *file, const volatile sig_atomic_t *stop);

/* The next line, without the character that ends it; the last one may lack it. It may be changed, and lives until the next
 * call. Returns an enum lines_result or a negative errno: what was read before it is not lost. */
int lines_next(struct lines *lines, char **ret_line, size_t *ret_len);

/* Accepts NULL. */
void lines_destroy(struct lines *lines);

#endif
