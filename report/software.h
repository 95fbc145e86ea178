/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Guesses what server software is behind a banner.
 */
#ifndef SMTPSCOPE_REPORT_SOFTWARE_H
#define SMTPSCOPE_REPORT_SOFTWARE_H

#include "decode/event.h"

/* The text after the greeting's code -> the name of a product, a constant; NULL when it does not say. */
const char *software_of_banner(struct slice banner);

#endif
