/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Names for things that other tools, other sensors and other runs can agree upon: sessions, connections, and user names that
 * must not be shown.
 */
#ifndef SMTPSCOPE_REPORT_IDENTITY_H
#define SMTPSCOPE_REPORT_IDENTITY_H

#include "decode/event.h"

enum {
	IDENTITY_SESSION_SIZE = 21,   /* 20 hexadecimal digits and NUL */
	IDENTITY_COMMUNITY_SIZE = 32, /* "1:", 28 characters of base64 and NUL fit */
	IDENTITY_USER_SIZE = 22,      /* "hash:", 16 hexadecimal digits and NUL */
};

/* Holds a digest ready for use: asking the cryptographic library for one by name costs more than the digest itself. */
struct identity;

/* Returns NULL when there is no memory or no SHA-1. The caller destroys it. */
struct identity *identity_create(void);
/* Accepts NULL. */
void identity_destroy(struct identity *identity);

/* Writes a name of the session that depends on its packets only: addresses, ports, VLANs, initial sequence numbers and the
 * time of the first frame; not on the file, the frame numbers or the process that saw it. Empty when the digest failed. */
void identity_session(struct identity *identity, const struct stream_open *open, char ret_id[IDENTITY_SESSION_SIZE]);

/* Writes the Community ID v1 of the connection (https://github.com/corelight/community-id-spec), the same for both
 * directions. Empty when the digest failed. */
void identity_community(struct identity *identity, const struct stream_endpoint *one, const struct stream_endpoint *other,
	uint16_t seed, char ret_id[IDENTITY_COMMUNITY_SIZE]);

/* Hashes user names with a key: equal names can be told from different ones wherever the key is the same, and nobody who does not have
 * it can try names against the output. For one thread at a time. */
struct identity_user;

/* An empty key: one made at random. The key is not needed afterwards. Returns NULL when there is no memory or no random key. The caller
 * destroys it. */
struct identity_user *identity_user_create(struct slice key);
/* Accepts NULL. */
void identity_user_destroy(struct identity_user *user);

/* Writes "hash:" and 16 hexadecimal digits; only "hash:" when the digest failed. */
void identity_user_hash(struct identity_user *user, struct slice name, char ret_text[IDENTITY_USER_SIZE]);

#endif
