/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Whether options go together, and whether what they name exists.
 */
#ifndef SMTPSCOPE_CLI_OPTIONS_CHECK_H
#define SMTPSCOPE_CLI_OPTIONS_CHECK_H

#include "cli/options.h"
#include "cli/options_report.h"

/* Reports what does not go together, and what would be ignored in silence. Not so of a file: one that is for live capture also
 * serves to read files, then what it says of interfaces and the like is left out; and what goes with an option that the command
 * line overrides is left out, too. */
void options_check_together(struct options *options, struct options_report *report);

/* Reports directories, files, interfaces and users that do not exist. */
void options_check_surroundings(const struct options *options, struct options_report *report);

#endif
