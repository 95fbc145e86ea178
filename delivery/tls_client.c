/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "delivery/tls_client.h"

#include <arpa/inet.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct tls_client {
	SSL_CTX *context;
	SSL *connection; /* NULL: none */
	char *host;
	bool verify, wants_read;
	bool accepted; /* this connection */
	char error[TLS_CLIENT_ERROR_MAX];
};

static int fail(struct tls_client *client, int error, const char *what) {
	unsigned long code = ERR_peek_last_error();
	const char *reason = code != 0 ? ERR_reason_error_string(code) : NULL;
	long verdict = client->connection != NULL ? SSL_get_verify_result(client->connection) : X509_V_OK;
	if (client->verify && verdict != X509_V_OK)
		reason = X509_verify_cert_error_string(verdict);
	snprintf(client->error, sizeof(client->error), "TLS: %s%s%s", what, reason != NULL ? ": " : "", reason != NULL ? reason : "");
	ERR_clear_error();
	return error;
}

/* A ticket comes only after the other side has verified us. */
static int on_ticket(SSL *connection, SSL_SESSION *session) {
	struct tls_client *client = SSL_get_app_data(connection);
	client->accepted = true;
	return 0; /* it is not kept */
}

static int add_authorities(struct tls_client *client, const char *pem) {
	X509_STORE *store = SSL_CTX_get_cert_store(client->context);
	BIO *source = BIO_new_mem_buf(pem, -1);
	size_t count = 0;
	for (X509 *one; source != NULL && (one = PEM_read_bio_X509(source, NULL, NULL, NULL)) != NULL; X509_free(one))
		count += X509_STORE_add_cert(store, one) == 1;
	BIO_free(source);
	ERR_clear_error(); /* that there are no more */
	return count > 0 ? 0 : fail(client, -EINVAL, "there is no certificate in the file of ca=");
}

/* The certificate and those between it and the authority; the key. */
static int set_identity(struct tls_client *client, const char *certificate, const char *key) {
	BIO *source = BIO_new_mem_buf(certificate, -1), *key_source = BIO_new_mem_buf(key, -1);
	X509 *own = source != NULL ? PEM_read_bio_X509(source, NULL, NULL, NULL) : NULL;
	EVP_PKEY *own_key = key_source != NULL ? PEM_read_bio_PrivateKey(key_source, NULL, NULL, NULL) : NULL;
	int error = 0;
	if (own == NULL || SSL_CTX_use_certificate(client->context, own) != 1)
		error = fail(client, -EINVAL, "the file of cert= cannot be read");
	else if (own_key == NULL || SSL_CTX_use_PrivateKey(client->context, own_key) != 1)
		error = fail(client, -EINVAL, "the file of cert-key= cannot be read");
	else if (SSL_CTX_check_private_key(client->context) != 1)
		error = fail(client, -EINVAL, "cert= and cert-key= do not belong together");
	for (X509 *next; error == 0 && (next = PEM_read_bio_X509(source, NULL, NULL, NULL)) != NULL;)
		if (SSL_CTX_add_extra_chain_cert(client->context, next) != 1)
			X509_free(next);
	ERR_clear_error();
	X509_free(own);
	EVP_PKEY_free(own_key);
	BIO_free(source);
	BIO_free(key_source);
	return error;
}

int tls_client_create(const struct destination *destination, const struct credentials *credentials,
	struct tls_client **ret_client, char error[TLS_CLIENT_ERROR_MAX]) {
	struct tls_client *client = calloc(1, sizeof(*client));
	snprintf(error, TLS_CLIENT_ERROR_MAX, "not enough memory");
	if (client == NULL)
		return -ENOMEM;
	client->verify = destination->verify;
	client->host = strdup(destination->host);
	client->context = SSL_CTX_new(TLS_client_method());
	int result = client->host != NULL && client->context != NULL ? 0 : -ENOMEM;
	if (result == 0) {
		SSL_CTX_set_min_proto_version(client->context, TLS1_2_VERSION);
		SSL_CTX_set_mode(client->context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
		SSL_CTX_set_session_cache_mode(client->context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL_STORE);
		SSL_CTX_sess_set_new_cb(client->context, on_ticket);
		SSL_CTX_set_verify(client->context, client->verify ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, NULL);
		if (client->verify && credentials->ca == NULL)
			result = fail(client, -EINVAL, "this system has no file of trusted certificates: ca=FILE");
		else if (credentials->ca != NULL)
			result = add_authorities(client, credentials->ca);
	}
	if (result == 0 && credentials->certificate != NULL)
		result = set_identity(client, credentials->certificate, credentials->key);
	if (result < 0) {
		snprintf(error, TLS_CLIENT_ERROR_MAX, "%s", client->error[0] != '\0' ? client->error : strerror(-result));
		tls_client_destroy(client);
		return result;
	}
	*ret_client = client;
	return 0;
}

/* The name goes into the hello, an address does not (RFC 6066, 3). */
static bool set_name(struct tls_client *client) {
	struct in6_addr address;
	bool is_address = inet_pton(AF_INET, client->host, &address) == 1 || inet_pton(AF_INET6, client->host, &address) == 1;
	if (is_address)
		return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(client->connection), client->host) == 1;
	return SSL_set_tlsext_host_name(client->connection, client->host) == 1 && SSL_set1_host(client->connection, client->host) == 1;
}

int tls_client_begin(struct tls_client *client, int fd) {
	tls_client_end(client);
	client->connection = SSL_new(client->context);
	if (client->connection == NULL || SSL_set_fd(client->connection, fd) != 1 || !set_name(client))
		return fail(client, -ENOMEM, "no connection can be made");
	SSL_set_app_data(client->connection, client);
	SSL_set_connect_state(client->connection);
	client->accepted = false;
	return 0;
}

void tls_client_end(struct tls_client *client) {
	SSL_free(client->connection);
	client->connection = NULL;
}

/* What a call that returned no success means. */
static int outcome(struct tls_client *client, int returned, const char *what) {
	int saved = errno;
	switch (SSL_get_error(client->connection, returned)) {
	case SSL_ERROR_WANT_READ:
		client->wants_read = true;
		return 0;
	case SSL_ERROR_WANT_WRITE:
		client->wants_read = false;
		return 0;
	case SSL_ERROR_ZERO_RETURN:
		return fail(client, -ECONNRESET, "the other side has ended the connection");
	case SSL_ERROR_SYSCALL:
		if (ERR_peek_error() == 0) {
			snprintf(client->error, sizeof(client->error), "TLS: %s: %s", what,
				saved != 0 && saved != EPIPE ? strerror(saved) : "the other side has ended the connection");
			return -ECONNRESET;
		}
		return fail(client, -ECONNRESET, what);
	default:
		return fail(client, -EPROTO, what);
	}
}

int tls_client_handshake(struct tls_client *client) {
	ERR_clear_error();
	errno = 0;
	int done = SSL_do_handshake(client->connection);
	return done == 1 ? 1 : outcome(client, done, "the handshake failed");
}

ssize_t tls_client_write(struct tls_client *client, const char *data, size_t len) {
	ERR_clear_error();
	errno = 0;
	int done = SSL_write(client->connection, data, len > 1 << 20 ? 1 << 20 : (int)len);
	return done > 0 ? done : outcome(client, done, "writing failed");
}

ssize_t tls_client_read(struct tls_client *client, char *data, size_t len) {
	ERR_clear_error();
	errno = 0;
	int done = SSL_read(client->connection, data, (int)len);
	return done > 0 ? done : outcome(client, done, "the other side refuses");
}

bool tls_client_is_accepted(const struct tls_client *client) {
	return client->accepted || SSL_version(client->connection) < TLS1_3_VERSION;
}

bool tls_client_wants_read(const struct tls_client *client) {
	return client->wants_read;
}

const char *tls_client_error(const struct tls_client *client) {
	return client->error;
}

void tls_client_destroy(struct tls_client *client) {
	if (client == NULL)
		return;
	tls_client_end(client);
	SSL_CTX_free(client->context);
	free(client->host);
	free(client);
}
