/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The run over a topic of session documents: records -> facts -> conclusions of each partition -> outputs -> commits.
 */
#ifndef SMTPSCOPE_CLI_CONSUME_H
#define SMTPSCOPE_CLI_CONSUME_H

#include "cli/options.h"

/* Reads --sessions kafka:// until a signal, or with until=end what there is. Returns the exit status of the program. */
int consume_main(const struct options *options);

#endif
