/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * seccomp: which system calls a process can make, and with which arguments.
 */
#ifndef SMTPSCOPE_CLI_SYSCALLS_H
#define SMTPSCOPE_CLI_SYSCALLS_H

#include "cli/sandbox.h"

/* Whether the kernel has seccomp filters. */
bool syscalls_can_restrict(void);

/* Allows the calling thread, and those that it starts, the system calls on a list, and refuses all others with EPERM.
 * reads_by_name: openat() without a directory descriptor may open for reading (which files, Landlock decides); false: not at
 * all. no_new_privs must be set. Returns 0 or a negative errno. */
int syscalls_restrict(const struct sandbox_options *options, bool reads_by_name);

#endif
