/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The client's side of TLS over a socket that does not block: at least TLS 1.2, the certificate verified for the host's name or
 * address unless the destination says otherwise.
 */
#ifndef SMTPSCOPE_DELIVERY_TLS_CLIENT_H
#define SMTPSCOPE_DELIVERY_TLS_CLIENT_H

#include <stdbool.h>
#include <sys/types.h>

#include "delivery/credentials.h"

struct tls_client;

enum { TLS_CLIENT_ERROR_MAX = 200 };

/* What is the same for all connections. Returns 0, or a negative errno after writing what is wrong into error. */
int tls_client_create(const struct destination *destination, const struct credentials *credentials,
	struct tls_client **ret_client, char error[TLS_CLIENT_ERROR_MAX]);

/* Begins a connection on a connected socket, in place of the one before. Returns 0 or a negative errno. */
int tls_client_begin(struct tls_client *client, int fd);

/* Forgets the connection. */
void tls_client_end(struct tls_client *client);

/* Each returns what it did (1: the handshake is done; bytes), 0: not now, see tls_client_wants_read(), or a negative errno:
 * -ECONNRESET: the other side has ended it. */
int tls_client_handshake(struct tls_client *client);
ssize_t tls_client_write(struct tls_client *client, const char *data, size_t len);
ssize_t tls_client_read(struct tls_client *client, char *data, size_t len);

/* Whether the other side is known to have accepted us. By TLS 1.3 it may refuse our certificate, or the lack of one, when we have sent
 * already. */
bool tls_client_is_accepted(const struct tls_client *client);

bool tls_client_wants_read(const struct tls_client *client);

/* What was wrong last, for a person. */
const char *tls_client_error(const struct tls_client *client);

/* Accepts NULL. */
void tls_client_destroy(struct tls_client *client);

#endif
