/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Session id, Community ID and hashed user names.
 */
#include "report/identity.h"

#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/core_names.h>
#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>

enum {
	SHA1_LEN = 20,
	TCP = 6,
	USER_KEY_LEN = 32,
	USER_DIGITS = 16,
};

struct identity {
	EVP_MD *sha1;
	EVP_MD_CTX *context;
};

struct identity_user {
	EVP_MAC_CTX *mac; /* keyed */
};

/* What is hashed: at most two addresses of 16 bytes and some numbers. */
struct input {
	uint8_t data[96];
	size_t len;
};

static void input_bytes(struct input *input, const void *data, size_t len) {
	memcpy(input->data + input->len, data, len);
	input->len += len;
}

/* Network byte order, whatever the machine's, or two sensors would not agree. */
static void input_number(struct input *input, uint64_t value, size_t len) {
	for (size_t i = len; i > 0; i--)
		input->data[input->len++] = (uint8_t)(value >> (8 * (i - 1)));
}

static bool digest(struct identity *identity, const struct input *input, uint8_t ret_digest[SHA1_LEN]) {
	unsigned int len = 0;
	return EVP_DigestInit_ex2(identity->context, identity->sha1, NULL) == 1 &&
	       EVP_DigestUpdate(identity->context, input->data, input->len) == 1 &&
	       EVP_DigestFinal_ex(identity->context, ret_digest, &len) == 1 && len == SHA1_LEN;
}

static void hex(char *text, const uint8_t *data, size_t len) {
	static const char digits[] = "0123456789abcdef";
	for (size_t i = 0; i < len; i++) {
		text[2 * i] = digits[data[i] >> 4];
		text[2 * i + 1] = digits[data[i] & 15];
	}
	text[2 * len] = '\0';
}

struct identity *identity_create(void) {
	struct identity *identity = calloc(1, sizeof(*identity));
	if (identity == NULL)
		return NULL;
	identity->sha1 = EVP_MD_fetch(NULL, "SHA1", NULL);
	identity->context = EVP_MD_CTX_new();
	if (identity->sha1 == NULL || identity->context == NULL) {
		identity_destroy(identity);
		return NULL;
	}
	return identity;
}

void identity_destroy(struct identity *identity) {
	if (identity == NULL)
		return;
	EVP_MD_CTX_free(identity->context);
	EVP_MD_free(identity->sha1);
	free(identity);
}

static size_t address_len(const struct stream_endpoint *endpoint) {
	return endpoint->ip_version == 6 ? 16 : 4;
}

void identity_session(struct identity *identity, const struct stream_open *open, char ret_id[IDENTITY_SESSION_SIZE]) {
	struct input input = {.len = 0};
	input_number(&input, open->client.ip_version, 1);
	input_bytes(&input, open->client.address, address_len(&open->client));
	input_bytes(&input, open->server.address, address_len(&open->server));
	input_number(&input, open->client.port, 2);
	input_number(&input, open->server.port, 2);
	size_t vlan_count = open->vlan_count < STREAM_VLAN_MAX ? open->vlan_count : STREAM_VLAN_MAX;
	input_number(&input, vlan_count, 1);
	for (size_t i = 0; i < vlan_count; i++)
		input_number(&input, open->vlan[i], 2);
	input_number(&input, open->client_isn, 4);
	input_number(&input, open->server_isn, 4);
	input_number(&input, (uint64_t)open->first.time_ns, 8);

	uint8_t sum[SHA1_LEN];
	if (digest(identity, &input, sum))
		hex(ret_id, sum, (IDENTITY_SESSION_SIZE - 1) / 2);
	else
		ret_id[0] = '\0';
}

/* ::ffff:0:0/96: an IPv4 address in IPv6 clothes. Other sensors see the packets as IPv4. */
static bool is_mapped(const struct stream_endpoint *endpoint) {
	static const uint8_t prefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
	return endpoint->ip_version == 6 && memcmp(endpoint->address, prefix, sizeof(prefix)) == 0;
}

void identity_community(struct identity *identity, const struct stream_endpoint *one, const struct stream_endpoint *other,
	uint16_t seed, char ret_id[IDENTITY_COMMUNITY_SIZE]) {
	bool mapped = is_mapped(one) && is_mapped(other);
	size_t skip = mapped ? 12 : 0;
	size_t len = mapped ? 4 : address_len(one);
	const struct stream_endpoint *low = one, *high = other;
	int order = memcmp(one->address + skip, other->address + skip, len);
	if (order > 0 || (order == 0 && one->port > other->port)) {
		low = other;
		high = one;
	}

	struct input input = {.len = 0};
	input_number(&input, seed, 2);
	input_bytes(&input, low->address + skip, len);
	input_bytes(&input, high->address + skip, len);
	input_number(&input, TCP, 1);
	input_number(&input, 0, 1);
	input_number(&input, low->port, 2);
	input_number(&input, high->port, 2);

	uint8_t sum[SHA1_LEN];
	if (!digest(identity, &input, sum)) {
		ret_id[0] = '\0';
		return;
	}
	memcpy(ret_id, "1:", 2);
	EVP_EncodeBlock((unsigned char *)ret_id + 2, sum, SHA1_LEN);
}

struct identity_user *identity_user_create(struct slice key) {
	struct identity_user *user = calloc(1, sizeof(*user));
	EVP_MAC *hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
	if (user != NULL && hmac != NULL)
		user->mac = EVP_MAC_CTX_new(hmac);
	EVP_MAC_free(hmac);

	char sha256[] = "SHA256";
	const OSSL_PARAM parameters[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, sha256, 0), OSSL_PARAM_construct_end()};
	uint8_t random[USER_KEY_LEN];
	bool ok = key.len > 0 || RAND_bytes(random, sizeof(random)) == 1;
	if (key.len == 0)
		key = (struct slice){(const char *)random, sizeof(random)};
	if (user == NULL || user->mac == NULL || !ok ||
		EVP_MAC_init(user->mac, (const unsigned char *)key.data, key.len, parameters) != 1) {
		identity_user_destroy(user);
		return NULL;
	}
	return user;
}

void identity_user_destroy(struct identity_user *user) {
	if (user == NULL)
		return;
	EVP_MAC_CTX_free(user->mac);
	free(user);
}

void identity_user_hash(struct identity_user *user, struct slice name, char ret_text[IDENTITY_USER_SIZE]) {
	static const char prefix[] = "hash:";
	memcpy(ret_text, prefix, sizeof(prefix));
	uint8_t sum[32];
	size_t len = 0;
	/* No key: the one given at the start is used again. */
	if (EVP_MAC_init(user->mac, NULL, 0, NULL) == 1 &&
		EVP_MAC_update(user->mac, (const unsigned char *)name.data, name.len) == 1 &&
		EVP_MAC_final(user->mac, sum, &len, sizeof(sum)) == 1 && len == sizeof(sum))
		hex(ret_text + sizeof(prefix) - 1, sum, USER_DIGITS / 2);
}
