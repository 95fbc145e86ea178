/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The files to be read, all opened at the start: once it reads what others wrote, the program may open none.
 */
#ifndef SMTPSCOPE_CLI_INPUTS_H
#define SMTPSCOPE_CLI_INPUTS_H

#include <stddef.h>

struct inputs;

/* Opens them; "-" is standard input. What cannot be opened is an error of inputs_take(). The names must outlive it. NULL when
 * there is no memory. */
struct inputs *inputs_open(const char *const *names, size_t count);

/* What messages call the i-th. */
const char *inputs_name(const struct inputs *inputs, size_t i);

/* The descriptor of the i-th, which is the caller's from now on, or a negative errno. */
int inputs_take(struct inputs *inputs, size_t i);

/* Closes what was not taken. Accepts NULL. */
void inputs_close(struct inputs *inputs);

#endif
