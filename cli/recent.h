/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Which names were there lately: whoever delivers at least once delivers some twice, and soon after.
 */
#ifndef SMTPSCOPE_CLI_RECENT_H
#define SMTPSCOPE_CLI_RECENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { RECENT_KEPT = 16384 }; /* at least so many of the latest are known again, and at most twice as many */

struct recent;

/* NULL when there is no memory. */
struct recent *recent_create(void);

/* Returns whether the name was there; it is from now on. */
bool recent_add(struct recent *recent, const char *name, size_t len);

/* Accepts NULL. */
void recent_destroy(struct recent *recent);

#endif
