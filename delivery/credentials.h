/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a receiver asks for, and what it is asked for: certificates, keys and secrets, as the files and variables have them that a
 * destination names. They are read once, by whoever the program still is before it gives its privileges up.
 */
#ifndef SMTPSCOPE_DELIVERY_CREDENTIALS_H
#define SMTPSCOPE_DELIVERY_CREDENTIALS_H

#include <stddef.h>

#include "report/sink/destination.h"

enum { CREDENTIALS_ERROR_MAX = 256 };

struct credentials {
	char *ca, *certificate, *key; /* PEM; NULL: none */
	char *secret;                 /* without a line end behind it */
};

/* Returns 0, or a negative errno after writing what is wrong into error. */
int credentials_read(const struct destination *destination, struct credentials *ret_credentials, char error[CREDENTIALS_ERROR_MAX]);

/* Overwrites and frees. Accepts zeroed. */
void credentials_finish(struct credentials *credentials);

/* Where this system keeps the certificates that everybody trusts, as one file. NULL: it is not known. */
const char *credentials_system_ca(void);

#endif
