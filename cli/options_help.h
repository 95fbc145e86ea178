/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SMTPSCOPE_CLI_OPTIONS_HELP_H
#define SMTPSCOPE_CLI_OPTIONS_HELP_H

#include <stdio.h>

/* Writes what --help says, for 80 columns. */
void options_help_print(FILE *out);

/* How the program is called, without an end of line. */
extern const char options_help_usage[];

#endif
