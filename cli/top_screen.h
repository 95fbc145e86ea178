/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * --top on the terminal, with ncurses. There is one terminal, so there is one screen; all functions are for the one thread that owns
 * it. It fits any size and either coding: UTF-8 where the locale has it, else ASCII.
 */
#ifndef SMTPSCOPE_CLI_TOP_SCREEN_H
#define SMTPSCOPE_CLI_TOP_SCREEN_H

#include "cli/top.h"
#include "report/words.h"

enum { TOP_SCREEN_DRAW_MS = 500 }; /* how often to draw when no key was pressed */

struct top_screen;

/* Before the sandbox, for terminfo is read from files, and after setlocale(): takes the terminal on standard input and output over.
 * Colours are used where the terminal has them and NO_COLOR is not set. Returns 0; -ENOTTY when there is no terminal; -ENOTSUP when
 * nothing is known of its kind (TERM); -ENOMEM. */
int top_screen_open(const struct words *words, struct top_screen **ret_screen);

/* Draws the model as it is now, or as it was when the person pressed "p". Follows the size of the terminal. */
void top_screen_draw(struct top_screen *screen, struct top_model *model, int64_t now_ns);

/* Acts on the keys that were pressed; never waits. Returns true when one of them asks to quit. What changed is seen after the
 * next top_screen_draw(). */
bool top_screen_keys(struct top_screen *screen);

/* Gives the terminal back as it was; before anything else is written to it, and whatever ends the program. Accepts NULL. */
void top_screen_close(struct top_screen *screen);

#endif
