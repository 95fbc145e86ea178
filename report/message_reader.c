/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/message_reader.h"

#include <stdlib.h>

struct message_reader *message_reader_create(void) {
	struct message_reader *reader = calloc(1, sizeof(*reader));
	if (reader == NULL)
		return NULL;
	reader->text = message_text_create();
	reader->md5 = EVP_MD_fetch(NULL, "MD5", NULL); /* NULL where it is not allowed: such hashes are not told then */
	reader->sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
	reader->md5_context = EVP_MD_CTX_new();
	reader->sha256_context = EVP_MD_CTX_new();
	if (reader->text == NULL || reader->sha256 == NULL || reader->md5_context == NULL || reader->sha256_context == NULL) {
		message_reader_destroy(reader);
		return NULL;
	}
	return reader;
}

void message_reader_destroy(struct message_reader *reader) {
	if (reader == NULL)
		return;
	message_text_destroy(reader->text);
	EVP_MD_free(reader->md5);
	EVP_MD_free(reader->sha256);
	EVP_MD_CTX_free(reader->md5_context);
	EVP_MD_CTX_free(reader->sha256_context);
	free(reader);
}
