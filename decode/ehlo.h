/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The reply to EHLO and LHLO (RFC 5321, 4.1.1.1): the server's domain, then one line an extension.
 */
#ifndef SMTPSCOPE_DECODE_EHLO_H
#define SMTPSCOPE_DECODE_EHLO_H

#include "decode/reply.h"

/* The lines that name extensions. When the first lines of the reply are lost, all that are left do.
 *   ehlo-ok-rsp = ( "250" SP Domain [ SP ehlo-greet ] CRLF ) /
 *                 ( "250-" Domain [ SP ehlo-greet ] CRLF *( "250-" ehlo-line CRLF ) "250" SP ehlo-line CRLF ) */
void ehlo_extensions(const struct reply *reply, bool first_lines_lost, const struct slice **ret_lines, size_t *ret_count);

/* Does the reply begin with what can only be a domain? No keyword has a dot:  ehlo-keyword = (ALPHA / DIGIT) *(ALPHA / DIGIT / "-") */
bool ehlo_has_domain(const struct reply *reply);

/* Does a reply read like one to EHLO? For replies of which a gap hides what they answer: a well-known extension after the first
 * line of several. */
bool ehlo_is_likely(const struct reply *reply);

#endif
