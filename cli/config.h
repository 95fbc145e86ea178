/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The configuration file: lines of "long-option = value", "#" before comments, no sections. Flags are yes or no. This reads the
 * lines and finds their rows in the table of options; what the values mean is options.c's business.
 */
#ifndef SMTPSCOPE_CLI_CONFIG_H
#define SMTPSCOPE_CLI_CONFIG_H

#include <stdio.h>

#include "cli/options_table.h"

struct config_entry {
	const struct options_row *row;
	char *value; /* without the blanks around it */
	int line;          /* from 1 */
};

struct config {
	struct config_entry *entries; /* those that were good, in the order of the file */
	size_t count;
};

/* Is told of each fault: an unknown option, one that may not stand in a file or stands there twice, a line that is nothing. */
typedef void config_complaint(void *context, int line, const char *complaint);

/* Reads all of a file. Returns 0, or a negative errno when it could not be read (-ENOMEM, -EIO, ...). Faults of its content are no
 * errors: they are told of and left out. config_destroy() frees the result, strings included. */
int config_read(FILE *file, config_complaint *complain, void *context, struct config **ret_config);

/* Accepts NULL. */
void config_destroy(struct config *config);

#endif
