/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * For tests that write bytes as hexadecimal digits.
 */
#ifndef SMTPSCOPE_TESTS_UNHEX_H
#define SMTPSCOPE_TESTS_UNHEX_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A copy in a block of just this size, so that a byte too far is found. The caller frees it. */
static inline char *unhex(const char *hex, size_t *ret_len) {
	size_t len = strlen(hex) / 2;
	char *block = malloc(len);
	for (size_t i = 0; i < len; i++) {
		unsigned value;
		assert_int_equal(sscanf(hex + 2 * i, "%2x", &value), 1);
		block[i] = (char)value;
	}
	*ret_len = len;
	return block;
}

#endif
