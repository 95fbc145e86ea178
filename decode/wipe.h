/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Overwriting what is secret before its memory is given back.
 */
#ifndef SMTPSCOPE_DECODE_WIPE_H
#define SMTPSCOPE_DECODE_WIPE_H

#include <stddef.h>
#include <string.h>

/* Not memset() itself: before free() a compiler leaves it out. */
static inline void wipe(void *data, size_t len) {
	static void *(*const volatile overwrite)(void *, int, size_t) = memset;
	if (len > 0)
		overwrite(data, 0, len);
}

#endif
