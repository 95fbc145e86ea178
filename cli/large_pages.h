/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The heap in large pages, where the kernel gives them when asked (transparent huge pages, "madvise"). What thousands of connections
 * need lies all over the heap, and each look at one of them would else wait for the page tables, too: a tenth of the time. Not with
 * glibc's own switch for it, which only the environment can turn, and not that of a program with file capabilities.
 */
#ifndef SMTPSCOPE_CLI_LARGE_PAGES_H
#define SMTPSCOPE_CLI_LARGE_PAGES_H

struct large_pages { /* zero-filled at start */
	char *advised_to;
};

/* Lets the heap of the main thread grow in steps that are worth it. To be called before much is allocated. */
void large_pages_prepare(void);

/* Asks for what the heap has grown by; to be called often. Costs nothing while it has not grown. */
void large_pages_follow(struct large_pages *pages);

#endif
