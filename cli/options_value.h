/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * From the text of an option to the field of struct options: the functions that rows of the table name. See options_value in
 * options_table.h for what they have in common.
 */
#ifndef SMTPSCOPE_CLI_OPTIONS_VALUE_H
#define SMTPSCOPE_CLI_OPTIONS_VALUE_H

#include "cli/options_table.h"

/* Flags: a bool. */
options_value options_value_on, options_value_off, options_value_nothing;

/* Numbers within the row's limits, into a signed or unsigned integer of 4 or 8 bytes. */
options_value options_value_count;     /* as it stands */
options_value options_value_snaplen;   /* 0 is the largest */
options_value options_value_bytes;     /* with k, m, g, t */
options_value options_value_megabytes; /* the same; in millions of bytes without */
options_value options_value_duration;  /* with s, m, h, d; seconds without; the field has nanoseconds */

/* Words: one of the row's choices, its index, into an enum or a bool; a name, which may not be empty, borrowed; a file, which
 * is no directory. */
options_value options_value_choice, options_value_name, options_value_file;

/* Lists: appended. */
options_value options_value_names, options_value_network, options_value_domain;

/* One option each. */
options_value options_value_destination, options_value_format, options_value_kafka, options_value_keep, options_value_language, options_value_listen,
	options_value_ports, options_value_sessions, options_value_timeouts;

/* Makes a list empty. */
void options_value_clear(struct options *options, const struct options_row *row);

#endif
