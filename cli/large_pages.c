/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/large_pages.h"

#include <malloc.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
	LARGE_PAGE = 2 << 20, /* of x86-64 and, with pages of 4 KiB, of AArch64; elsewhere the kernel takes what fits */
	STEP = 8 * LARGE_PAGE,
	LARGEST_ON_HEAP = 1 << 20, /* what is larger is mapped by itself */
};

void large_pages_prepare(void) {
	mallopt(M_TOP_PAD, STEP);
	mallopt(M_MMAP_THRESHOLD, LARGEST_ON_HEAP);
}

void large_pages_follow(struct large_pages *pages) {
	char *end = sbrk(0);
	if (end == pages->advised_to)
		return;
	if (end > pages->advised_to) {
		char *from = pages->advised_to != NULL ? pages->advised_to : end - STEP;
		from -= (uintptr_t)from % LARGE_PAGE;
		madvise(from, (size_t)(end - from), MADV_HUGEPAGE); /* if not, not */
	}
	pages->advised_to = end; /* what was given back and comes again is to be asked for again */
}
