/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What is done before packets or documents are read, whether live or from files. Each function says on stderr what went wrong.
 */
#ifndef SMTPSCOPE_CLI_PREPARE_H
#define SMTPSCOPE_CLI_PREPARE_H

#include "capture/evidence.h"
#include "cli/options.h"
#include "cli/sandbox.h"

/* Says it, with the words for a negative errno. Returns error. */
int prepare_fail(const char *what, int error);

/* Returns the descriptor of a directory, which the caller closes, or a negative errno. */
int prepare_directory(const char *name);

/* Opens the directory of --evidence. Without one, *ret_directory is -1 and *ret_evidence NULL. Returns 0 or a negative errno. The
 * caller closes both. */
int prepare_evidence(const struct options *options, int *ret_directory, struct evidence **ret_evidence);

/* After the sandbox: may files be made in the directory? Who runs now need not be who opened it. name is what to call it. Returns 0
 * or a negative errno. */
int prepare_check_writable(int directory, const char *name);

/* Reads the key of --users-key into options, or makes one for this run, when names are to be hashed. Returns 0 or a negative errno. */
int prepare_users_key(struct options *options);

/* Enters the sandbox, unless --no-sandbox; the user of `wanted` is filled in. Returns 0 or a negative errno, and the program must
 * end. */
int prepare_sandbox(const struct options *options, struct sandbox_options *wanted);

#endif
