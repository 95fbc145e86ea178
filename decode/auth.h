/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The AUTH exchange (RFC 4954): mechanism and user name out, everything else is dropped here.
 */
#ifndef SMTPSCOPE_DECODE_AUTH_H
#define SMTPSCOPE_DECODE_AUTH_H

#include "decode/event.h"

enum {
	AUTH_MECHANISM_MAX = 20, /* RFC 4422, 3.1 */
	AUTH_USERNAME_MAX = 255, /* RFC 4616 gives no limit; longer ones are not reported */
	AUTH_SECRET_MAX = 512,
	AUTH_SECRETS = 6,
	AUTH_NAMES_MAX = 768,   /* bytes of all names but the user's */
};

/* What a client sent as a secret lately, so that a reply which repeats it can be withheld. Never leaves the decoder. */
struct auth_secrets { /* zero-filled at start */
	char text[AUTH_SECRETS][AUTH_SECRET_MAX];
	size_t len[AUTH_SECRETS];
	size_t next;
};

/* Remembers a client's line, or a word of it, as a secret. Too short ones (under 4 bytes) would match by chance and are left out. */
void auth_remember(struct auth_secrets *secrets, struct slice secret);

/* Does the text repeat a remembered secret? */
bool auth_is_repeated(const struct auth_secrets *secrets, struct slice text);

struct auth_exchange { /* zero-filled at start */
	bool active;
	uint32_t command;
	char mechanism[AUTH_MECHANISM_MAX];
	size_t mechanism_len;
	char username[AUTH_USERNAME_MAX];
	size_t username_len;
	bool has_username;
	unsigned responses;     /* seen so far, the initial one included */
	bool blind;             /* steps are missing: which response holds what is unknown */
	bool password_prompted; /* LOGIN: the last challenge asked for the password */
	bool cancelled;
	struct stream_moment last; /* last step */
	bool has_names;
	struct event_auth_names names; /* they point into names_text, so an exchange must not be copied */
	char names_text[AUTH_NAMES_MAX];
	size_t names_len;
};

/* Starts an exchange with the argument of AUTH:  mechanism [ SP initial-response ]
 * Returns true when the argument held an initial response; it is remembered as a secret. */
bool auth_begin(struct auth_exchange *exchange, struct slice argument, struct auth_secrets *secrets);

/* Does the argument of AUTH begin with what may be a mechanism's name? Else all of it may be a secret. */
bool auth_names_mechanism(struct slice argument);

/* The text of a 334 reply. Returns true when it is a mere prompt that may be shown, false when it is to be withheld. */
bool auth_challenge(struct auth_exchange *exchange, struct slice text, struct auth_secrets *secrets);

/* A client's line after a 334 reply; "*" cancels. It is remembered as a secret unless it is "*". */
void auth_response(struct auth_exchange *exchange, struct slice line, struct auth_secrets *secrets);

struct slice auth_mechanism(const struct auth_exchange *exchange);
struct slice auth_username(const struct auth_exchange *exchange);

/* Decodes base64 (RFC 4648, 4) with or without padding. Returns the length, or -1 when text is no base64 or longer than max. */
long auth_decode_base64(struct slice text, char *ret_bytes, size_t max);

#endif
