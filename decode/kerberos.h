/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a Kerberos token shows in clear: whom the ticket in it is for. Who has it stands in the part that is encrypted.
 */
#ifndef SMTPSCOPE_DECODE_KERBEROS_H
#define SMTPSCOPE_DECODE_KERBEROS_H

#include "decode/event.h"

enum { KERBEROS_SERVICE_MAX = 255 };

/* Finds the AP-REQ in a token of GSSAPI (RFC 4121, 4.1), which may be wrapped into SPNEGO, and reads its ticket: the realm, which
 * borrows from the token, and the service's name, its components joined by "/", in text. Returns false when there is none. */
bool kerberos_read_token(struct slice token, char text[KERBEROS_SERVICE_MAX], struct slice *ret_realm, struct slice *ret_service);

#endif
