/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Why a login failed.
 */
#ifndef SMTPSCOPE_REPORT_AUTH_REASON_H
#define SMTPSCOPE_REPORT_AUTH_REASON_H

#include "report/record.h"

enum auth_reason {
	AUTH_REASON_NONE,          /* it did not fail, or that is not known */
	AUTH_REASON_CANCELLED,     /* by the client */
	AUTH_REASON_CREDENTIALS,   /* what was sent was not accepted */
	AUTH_REASON_DISABLED,      /* the account is */
	AUTH_REASON_TEMPORARY,     /* the server could not check */
	AUTH_REASON_BUSY,          /* 421: the server ends the session */
	AUTH_REASON_TRANSITION,    /* the user must log in once with the password itself, for the server to learn it */
	AUTH_REASON_TOO_WEAK,      /* the mechanism, for this user */
	AUTH_REASON_NEEDS_TLS,
	AUTH_REASON_SYNTAX,        /* the server did not understand what was sent */
	AUTH_REASON_NOT_AVAILABLE, /* there is no AUTH here */
	AUTH_REASON_OUT_OF_ORDER,  /* after a login, or inside a mail */
	AUTH_REASON_MECHANISM,     /* the server does not have it */
	AUTH_REASON_COUNT
};

enum auth_reason auth_reason_of(const struct record_attempt *attempt);

/* As the documents have it, e.g. "needs-tls"; NULL for AUTH_REASON_NONE. */
const char *auth_reason_name(enum auth_reason reason);

#endif
