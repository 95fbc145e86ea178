/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What reading messages takes, opened once.
 */
#ifndef SMTPSCOPE_REPORT_MESSAGE_READER_H
#define SMTPSCOPE_REPORT_MESSAGE_READER_H

#include <openssl/evp.h>

#include "report/message_text.h"

struct message_reader {
	struct message_text *text;
	EVP_MD *md5, *sha256; /* md5: NULL where it is not allowed */
	EVP_MD_CTX *md5_context, *sha256_context;
};

/* Opens all that reading messages needs: nothing is opened later. Returns NULL when there is no memory. The caller destroys it. For one
 * thread at a time. */
struct message_reader *message_reader_create(void);
/* Accepts NULL. */
void message_reader_destroy(struct message_reader *reader);

#endif
