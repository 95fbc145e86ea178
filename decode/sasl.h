/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * SASL messages: names out of them, and what in them is secret. One function a mechanism and side; auth.c has the table.
 *
 * All of them take the decoded bytes, never fail, and leave out what they do not understand.
 */
#ifndef SMTPSCOPE_DECODE_SASL_H
#define SMTPSCOPE_DECODE_SASL_H

#include "decode/auth.h"

typedef void sasl_reader(struct auth_exchange *exchange, struct slice message, struct auth_secrets *secrets);

/* The client's. */
sasl_reader sasl_read_plain, sasl_read_login, sasl_read_cram_md5, sasl_read_digest_md5, sasl_read_scram, sasl_read_ntlm,
	sasl_read_gssapi, sasl_read_external, sasl_read_xoauth2, sasl_read_oauthbearer;

/* A message of which nothing is known: what may be secret in it is remembered. */
sasl_reader sasl_read_unknown;

/* The server's. */
sasl_reader sasl_read_digest_md5_challenge, sasl_read_scram_challenge, sasl_read_ntlm_challenge, sasl_read_oauth_challenge;

/* Does a prompt of LOGIN ask for the password? In words of several languages; the prompt is decoded or not. */
bool sasl_asks_password(struct slice prompt);

#endif
