/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Landlock: which files, and which peers on this machine, a process can reach at all.
 */
#ifndef SMTPSCOPE_CLI_LANDLOCK_H
#define SMTPSCOPE_CLI_LANDLOCK_H

#include "cli/sandbox.h"

/* The version of the kernel's Landlock, from 1; 0: it has none, or does not let us use it. */
int landlock_find_abi(void);

/* Forbids the calling thread, and those that it starts, all that this version of Landlock knows to forbid, but for the given
 * directories. no_new_privs must be set. Returns 0 or a negative errno. */
int landlock_enter(int abi, const struct sandbox_path *paths, size_t path_count);

/* The same, but connections over TCP can be made. */
int landlock_enter_connecting(int abi, const struct sandbox_path *paths, size_t path_count);

#endif
