/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * --check-sandbox: does it hold here, on this kernel, for this user?
 */
#ifndef SMTPSCOPE_CLI_SANDBOX_CHECK_H
#define SMTPSCOPE_CLI_SANDBOX_CHECK_H

#include "cli/sandbox.h"

/* Tries, in processes of its own, what must be refused and what must work, outside of the sandbox and inside, and lists on
 * out what happened. Of the options it takes user, live and listens. The process must have one thread; it does not enter the
 * sandbox itself. Returns 0 when all is as it should be inside, 1 when not, or a negative errno and *ret_error when it could
 * not be tried. */
int sandbox_check(const struct sandbox_options *options, FILE *out, struct sandbox_error *ret_error);

#endif
