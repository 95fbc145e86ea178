/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The thread that draws --top: so a terminal that is slow, or stopped, holds up nobody.
 */
#ifndef SMTPSCOPE_CLI_TOP_THREAD_H
#define SMTPSCOPE_CLI_TOP_THREAD_H

#include <stdbool.h>

#include "cli/top.h"
#include "report/words.h"

struct top_thread;

/* Before the sandbox: takes the terminal. Returns 0 or a negative errno, as top_screen_open(). */
int top_thread_create(const struct words *words, struct top_thread **ret_top);

/* After it. Returns 0 or a negative errno. */
int top_thread_start(struct top_thread *top);

/* What is drawn. */
struct top_model *top_thread_model(struct top_thread *top);

/* Has the person asked to quit? */
bool top_thread_wants_end(const struct top_thread *top);

/* Keeps a line for standard error until the terminal is given back: the last ones. From any thread. */
void top_thread_say(struct top_thread *top, const char *text);

/* Ends the thread, gives the terminal back, and prints what was said meanwhile. Accepts NULL. */
void top_thread_destroy(struct top_thread *top);

#endif
