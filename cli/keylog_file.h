/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The file of --keylog: opened before the sandbox closes, and read again and again while a live run goes on.
 */
#ifndef SMTPSCOPE_CLI_KEYLOG_FILE_H
#define SMTPSCOPE_CLI_KEYLOG_FILE_H

#include <stdbool.h>

#include "decode/keylog.h"

struct keylog_file;

/* grows: what is not there yet may come later, and nobody waits for it in here. Returns 0 or a negative errno. */
int keylog_file_open(const char *name, bool grows, struct keylog *keylog, struct keylog_file **ret_file);

/* Hands on what has been written since. A file that has become shorter is read from its beginning. */
void keylog_file_read(struct keylog_file *file);

/* Accepts NULL. */
void keylog_file_close(struct keylog_file *file);

#endif
