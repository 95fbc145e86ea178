/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "decode/tls_cipher.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <stdlib.h>
#include <string.h>

enum {
	KEY_MAX = 32,
	MAC_MAX = 48,
	NONCE_LEN = 12,
	EXPLICIT_NONCE_LEN = 8, /* of GCM and CCM in TLS 1.2 */
	BLOCK_LEN = 16,         /* of AES */
	CONTEXT_LEN = 1024,     /* about what libcrypto takes for each of its contexts, which it does not tell */
};

enum digest { DIGEST_SHA1, DIGEST_SHA256, DIGEST_SHA384, DIGEST_COUNT };
enum mode { MODE_GCM, MODE_CHACHA, MODE_CCM, MODE_CBC };
enum algorithm {
	AES_128_GCM,
	AES_256_GCM,
	CHACHA20_POLY1305,
	AES_128_CCM,
	AES_256_CCM,
	AES_128_CBC,
	AES_256_CBC,
	ALGORITHM_COUNT
};

static const struct {
	const char *name;
	enum mode mode;
	size_t key_len;
} algorithms[] = {
	[AES_128_GCM] = {"AES-128-GCM", MODE_GCM, 16},
	[AES_256_GCM] = {"AES-256-GCM", MODE_GCM, 32},
	[CHACHA20_POLY1305] = {"ChaCha20-Poly1305", MODE_CHACHA, 32},
	[AES_128_CCM] = {"AES-128-CCM", MODE_CCM, 16},
	[AES_256_CCM] = {"AES-256-CCM", MODE_CCM, 32},
	[AES_128_CBC] = {"AES-128-CBC", MODE_CBC, 16},
	[AES_256_CBC] = {"AES-256-CBC", MODE_CBC, 32},
};

static const struct {
	const char *name;
	size_t len;
} digests[] = {[DIGEST_SHA1] = {"SHA1", 20}, [DIGEST_SHA256] = {"SHA256", 32}, [DIGEST_SHA384] = {"SHA384", 48}};

struct tls_suite {
	uint16_t id;
	enum algorithm algorithm;
	enum digest prf; /* of the key derivation */
	union {
		enum digest mac; /* CBC */
		size_t tag_len;  /* the others */
	};
};

/* The numbers are those of IANA's registry "TLS Cipher Suites". How keys were exchanged does not matter here: the key log has what
 * came of it. */
static const struct tls_suite suites_1_3[] = {
	{0x1301, AES_128_GCM, DIGEST_SHA256, {.tag_len = 16}},
	{0x1302, AES_256_GCM, DIGEST_SHA384, {.tag_len = 16}},
	{0x1303, CHACHA20_POLY1305, DIGEST_SHA256, {.tag_len = 16}},
	{0x1304, AES_128_CCM, DIGEST_SHA256, {.tag_len = 16}},
	{0x1305, AES_128_CCM, DIGEST_SHA256, {.tag_len = 8}},
};

#define CBC(id, algorithm, prf, mac_digest) \
	{ \
		id, algorithm, prf, {.mac = mac_digest} \
	}
#define AEAD(id, algorithm, prf, tag) \
	{ \
		id, algorithm, prf, {.tag_len = tag} \
	}

static const struct tls_suite suites_1_2[] = {
	/* RSA */
	CBC(0x002f, AES_128_CBC, DIGEST_SHA256, DIGEST_SHA1),
	CBC(0x0035, AES_256_CBC, DIGEST_SHA256, DIGEST_SHA1),
	CBC(0x003c, AES_128_CBC, DIGEST_SHA256, DIGEST_SHA256),
	CBC(0x003d, AES_256_CBC, DIGEST_SHA256, DIGEST_SHA256),
	AEAD(0x009c, AES_128_GCM, DIGEST_SHA256, 16),
	AEAD(0x009d, AES_256_GCM, DIGEST_SHA384, 16),
	AEAD(0xc09c, AES_128_CCM, DIGEST_SHA256, 16),
	AEAD(0xc09d, AES_256_CCM, DIGEST_SHA256, 16),
	AEAD(0xc0a0, AES_128_CCM, DIGEST_SHA256, 8),
	AEAD(0xc0a1, AES_256_CCM, DIGEST_SHA256, 8),
	/* DHE_DSS */
	CBC(0x0032, AES_128_CBC, DIGEST_SHA256, DIGEST_SHA1),
	CBC(0x0038, AES_256_CBC, DIGEST_SHA256, DIGEST_SHA1),
	CBC(0x0040, AES_128_CBC, DIGEST_SHA256, DIGEST_SHA256),
	CBC(0x006a, AES_256_CBC, DIGEST_SHA256, DIGEST_SHA256),
	AEAD(0x00a2, AES_128_GCM, DIGEST_SHA256, 16),
	AEAD(0x00a3, AES_256_GCM, DIGEST_SHA384, 16),
	/* DHE_RSA */
	CBC(0x0033, AES_128_CBC, DIGEST_SHA256, DIGEST_SHA1),
	CBC(0x0039, AES_256_CBC, DIGEST_SHA256, DIGEST_SHA1),
	CBC(0x0067, AES_128_CBC, DIGEST_SHA256, DIGEST_SHA256),
	CBC(0x006b, AES_256_CBC, DIGEST_SHA256, DIGEST_SHA256),
	AEAD(0x009e, AES_128_GCM, DIGEST_SHA256, 16),
	AEAD(0x009f, AES_256_GCM, DIGEST_SHA384, 16),
	AEAD(0xccaa, CHACHA20_POLY1305, DIGEST_SHA256, 16),
	AEAD(0xc09e, AES_128_CCM, DIGEST_SHA256, 16),
	AEAD(0xc09f, AES_256_CCM, DIGEST_SHA256, 16),
	AEAD(0xc0a2, AES_128_CCM, DIGEST_SHA256, 8),
	AEAD(0xc0a3, AES_256_CCM, DIGEST_SHA256, 8),
	/* DH_anon: between mail servers encryption need not mean authentication */
	CBC(0x0034, AES_128_CBC, DIGEST_SHA256, DIGEST_SHA1),
	CBC(0x003a, AES_256_CBC, DIGEST_SHA256, DIGEST_SHA1),
	CBC(0x006c, AES_128_CBC, DIGEST_SHA256, DIGEST_SHA256),
	CBC(0x006d, AES_256_CBC, DIGEST_SHA256, DIGEST_SHA256),
	AEAD(0x00a6, AES_128_GCM, DIGEST_SHA256, 16),
	AEAD(0x00a7, AES_256_GCM, DIGEST_SHA384, 16),
	/* ECDHE_ECDSA */
	CBC(0xc009, AES_128_CBC, DIGEST_SHA256, DIGEST_SHA1),
	CBC(0xc00a, AES_256_CBC, DIGEST_SHA256, DIGEST_SHA1),
	CBC(0xc023, AES_128_CBC, DIGEST_SHA256, DIGEST_SHA256),
	CBC(0xc024, AES_256_CBC, DIGEST_SHA384, DIGEST_SHA384),
	AEAD(0xc02b, AES_128_GCM, DIGEST_SHA256, 16),
	AEAD(0xc02c, AES_256_GCM, DIGEST_SHA384, 16),
	AEAD(0xcca9, CHACHA20_POLY1305, DIGEST_SHA256, 16),
	AEAD(0xc0ac, AES_128_CCM, DIGEST_SHA256, 16),
	AEAD(0xc0ad, AES_256_CCM, DIGEST_SHA256, 16),
	AEAD(0xc0ae, AES_128_CCM, DIGEST_SHA256, 8),
	AEAD(0xc0af, AES_256_CCM, DIGEST_SHA256, 8),
	/* ECDHE_RSA */
	CBC(0xc013, AES_128_CBC, DIGEST_SHA256, DIGEST_SHA1),
	CBC(0xc014, AES_256_CBC, DIGEST_SHA256, DIGEST_SHA1),
	CBC(0xc027, AES_128_CBC, DIGEST_SHA256, DIGEST_SHA256),
	CBC(0xc028, AES_256_CBC, DIGEST_SHA384, DIGEST_SHA384),
	AEAD(0xc02f, AES_128_GCM, DIGEST_SHA256, 16),
	AEAD(0xc030, AES_256_GCM, DIGEST_SHA384, 16),
	AEAD(0xcca8, CHACHA20_POLY1305, DIGEST_SHA256, 16),
	/* ECDH_anon */
	CBC(0xc018, AES_128_CBC, DIGEST_SHA256, DIGEST_SHA1),
	CBC(0xc019, AES_256_CBC, DIGEST_SHA256, DIGEST_SHA1),
};

const struct tls_suite *tls_suite_find(uint16_t id, enum tls_version version) {
	const struct tls_suite *suites = version == TLS_VERSION_1_3 ? suites_1_3 : suites_1_2;
	size_t count = version == TLS_VERSION_1_3 ? sizeof(suites_1_3) / sizeof(suites_1_3[0])
						  : sizeof(suites_1_2) / sizeof(suites_1_2[0]);
	for (size_t i = 0; i < count; i++)
		if (suites[i].id == id)
			return &suites[i];
	return NULL;
}

/* ---- What is prepared once ---- */

struct tls_crypto {
	EVP_CIPHER *ciphers[ALGORITHM_COUNT];
	EVP_MD *digests[DIGEST_COUNT];
	EVP_MAC *hmac;
	EVP_KDF *prf, *hkdf;
	uint8_t opened[TLS_RECORD_MAX + EVP_MAX_BLOCK_LENGTH];
};

struct tls_crypto *tls_crypto_create(void) {
	struct tls_crypto *crypto = calloc(1, sizeof(*crypto));
	if (crypto == NULL)
		return NULL;
	for (size_t i = 0; i < ALGORITHM_COUNT; i++)
		crypto->ciphers[i] = EVP_CIPHER_fetch(NULL, algorithms[i].name, NULL);
	for (size_t i = 0; i < DIGEST_COUNT; i++)
		crypto->digests[i] = EVP_MD_fetch(NULL, digests[i].name, NULL);
	crypto->hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
	crypto->prf = EVP_KDF_fetch(NULL, "TLS1-PRF", NULL);
	crypto->hkdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
	/* Without ChaCha20 for example, where only FIPS algorithms are there, nothing of the rest would be worse: a missing one is
	 * noticed when its suite is met. */
	if (crypto->hmac != NULL && crypto->prf != NULL && crypto->hkdf != NULL)
		return crypto;
	tls_crypto_destroy(crypto);
	return NULL;
}

void tls_crypto_destroy(struct tls_crypto *crypto) {
	if (crypto == NULL)
		return;
	for (size_t i = 0; i < ALGORITHM_COUNT; i++)
		EVP_CIPHER_free(crypto->ciphers[i]);
	for (size_t i = 0; i < DIGEST_COUNT; i++)
		EVP_MD_free(crypto->digests[i]);
	EVP_MAC_free(crypto->hmac);
	EVP_KDF_free(crypto->prf);
	EVP_KDF_free(crypto->hkdf);
	OPENSSL_cleanse(crypto->opened, sizeof(crypto->opened));
	free(crypto);
}

bool tls_crypto_hash_ticket(const struct tls_crypto *crypto, const uint8_t *ticket, size_t len, uint8_t ret_hash[KEYLOG_ID_LEN]) {
	unsigned int hash_len = 0;
	return crypto->digests[DIGEST_SHA256] != NULL &&
	       EVP_Digest(ticket, len, ret_hash, &hash_len, crypto->digests[DIGEST_SHA256], NULL) == 1 && hash_len == KEYLOG_ID_LEN;
}

/* ---- Keys ---- */

struct tls_cipher {
	struct tls_crypto *crypto;
	const struct tls_suite *suite;
	enum tls_version version;
	bool encrypt_then_mac;
	EVP_CIPHER_CTX *context; /* keyed */
	EVP_MAC_CTX *mac;        /* CBC: keyed */
	uint8_t iv[NONCE_LEN];   /* TLS 1.2, GCM and CCM: the four bytes that are not in the record */
	struct keylog_secret secret; /* TLS 1.3 */
};

static bool set_key(struct tls_cipher *cipher, const uint8_t *key) {
	const EVP_CIPHER *algorithm = cipher->crypto->ciphers[cipher->suite->algorithm];
	EVP_CIPHER_CTX *context = cipher->context;
	if (algorithm == NULL || EVP_DecryptInit_ex2(context, algorithm, NULL, NULL, NULL) != 1)
		return false;
	switch (algorithms[cipher->suite->algorithm].mode) {
	case MODE_CCM: /* the tag's length goes into the computation, so it comes before the key */
		if (EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_IVLEN, NONCE_LEN, NULL) != 1 ||
			EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, (int)cipher->suite->tag_len, NULL) != 1)
			return false;
		break;
	case MODE_CBC:
		EVP_CIPHER_CTX_set_padding(context, 0); /* TLS has a padding of its own */
		break;
	case MODE_GCM:
	case MODE_CHACHA:
		break; /* twelve bytes of nonce are the default */
	}
	return EVP_DecryptInit_ex2(context, NULL, key, NULL, NULL) == 1;
}

static bool set_mac_key(struct tls_cipher *cipher, const uint8_t *key) {
	enum digest digest = cipher->suite->mac;
	char name[16];
	strcpy(name, digests[digest].name);
	const OSSL_PARAM parameters[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name, 0), OSSL_PARAM_construct_end()};
	cipher->mac = EVP_MAC_CTX_new(cipher->crypto->hmac);
	return cipher->mac != NULL && EVP_MAC_init(cipher->mac, key, digests[digest].len, parameters) == 1;
}

static struct tls_cipher *create(struct tls_crypto *crypto, const struct tls_suite *suite, enum tls_version version) {
	struct tls_cipher *cipher = calloc(1, sizeof(*cipher));
	if (cipher == NULL)
		return NULL;
	cipher->crypto = crypto;
	cipher->suite = suite;
	cipher->version = version;
	cipher->context = EVP_CIPHER_CTX_new();
	if (cipher->context != NULL)
		return cipher;
	tls_cipher_destroy(cipher);
	return NULL;
}

/* RFC 5246, 6.3: client MAC key, server MAC key, client key, server key, client IV, server IV. */
static bool expand_keys(struct tls_cipher *cipher, const struct keylog_secret *master, const struct tls_cipher_randoms *randoms,
	bool of_server) {
	const struct tls_suite *suite = cipher->suite;
	bool cbc = algorithms[suite->algorithm].mode == MODE_CBC;
	size_t mac_len = cbc ? digests[suite->mac].len : 0, key_len = algorithms[suite->algorithm].key_len;
	size_t iv_len = cbc ? 0 : algorithms[suite->algorithm].mode == MODE_CHACHA ? NONCE_LEN : NONCE_LEN - EXPLICIT_NONCE_LEN;
	static const char label[] = "key expansion";
	uint8_t block[2 * (MAC_MAX + KEY_MAX + NONCE_LEN)], seed[sizeof(label) - 1 + 64], secret[KEYLOG_SECRET_MAX];
	char digest[16];
	memcpy(seed, label, sizeof(label) - 1);
	memcpy(seed + sizeof(label) - 1, randoms->server, 32);
	memcpy(seed + sizeof(label) - 1 + 32, randoms->client, 32);
	memcpy(secret, master->data, master->len);
	strcpy(digest, digests[suite->prf].name);
	const OSSL_PARAM parameters[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SECRET, secret, master->len),
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SEED, seed, sizeof(seed)),
		OSSL_PARAM_construct_end(),
	};
	EVP_KDF_CTX *kdf = EVP_KDF_CTX_new(cipher->crypto->prf);
	bool done = kdf != NULL && EVP_KDF_derive(kdf, block, 2 * (mac_len + key_len + iv_len), parameters) == 1;
	EVP_KDF_CTX_free(kdf);
	const uint8_t *mac_key = block + of_server * mac_len, *key = block + 2 * mac_len + of_server * key_len;
	if (done)
		memcpy(cipher->iv, block + 2 * (mac_len + key_len) + of_server * iv_len, iv_len);
	done = done && set_key(cipher, key) && (!cbc || set_mac_key(cipher, mac_key));
	OPENSSL_cleanse(block, sizeof(block));
	OPENSSL_cleanse(secret, sizeof(secret));
	return done;
}

struct tls_cipher *tls_cipher_create(struct tls_crypto *crypto, const struct tls_suite *suite, const struct keylog_secret *master,
	const struct tls_cipher_randoms *randoms, bool of_server, bool encrypt_then_mac) {
	enum { MASTER_LEN = 48 };
	struct tls_cipher *cipher = master->len == MASTER_LEN ? create(crypto, suite, TLS_VERSION_1_2) : NULL;
	if (cipher == NULL)
		return NULL;
	cipher->encrypt_then_mac = encrypt_then_mac;
	if (expand_keys(cipher, master, randoms, of_server))
		return cipher;
	tls_cipher_destroy(cipher);
	return NULL;
}

/* HKDF-Expand-Label(secret, label, "", len): RFC 8446, 7.1. */
static bool expand_label(const struct tls_cipher *cipher, const char *label, uint8_t *ret_bytes, size_t len) {
	static const char prefix[] = "tls13 ";
	uint8_t info[64], secret[KEYLOG_SECRET_MAX];
	size_t info_len = 0, label_len = strlen(label);
	char digest[16];
	int mode = EVP_KDF_HKDF_MODE_EXPAND_ONLY;
	info[info_len++] = (uint8_t)(len >> 8);
	info[info_len++] = (uint8_t)len;
	info[info_len++] = (uint8_t)(sizeof(prefix) - 1 + label_len);
	memcpy(info + info_len, prefix, sizeof(prefix) - 1);
	info_len += sizeof(prefix) - 1;
	memcpy(info + info_len, label, label_len);
	info_len += label_len;
	info[info_len++] = 0;
	memcpy(secret, cipher->secret.data, cipher->secret.len);
	strcpy(digest, digests[cipher->suite->prf].name);
	const OSSL_PARAM parameters[] = {
		OSSL_PARAM_construct_int(OSSL_KDF_PARAM_MODE, &mode),
		OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, secret, cipher->secret.len),
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, info, info_len),
		OSSL_PARAM_construct_end(),
	};
	EVP_KDF_CTX *kdf = EVP_KDF_CTX_new(cipher->crypto->hkdf);
	bool done = kdf != NULL && EVP_KDF_derive(kdf, ret_bytes, len, parameters) == 1;
	EVP_KDF_CTX_free(kdf);
	OPENSSL_cleanse(secret, sizeof(secret));
	return done;
}

static bool derive(struct tls_cipher *cipher) {
	uint8_t key[KEY_MAX];
	bool done = expand_label(cipher, "key", key, algorithms[cipher->suite->algorithm].key_len) &&
		    expand_label(cipher, "iv", cipher->iv, NONCE_LEN) && set_key(cipher, key);
	OPENSSL_cleanse(key, sizeof(key));
	return done;
}

struct tls_cipher *tls_cipher_create_1_3(
	struct tls_crypto *crypto, const struct tls_suite *suite, const struct keylog_secret *secret) {
	struct tls_cipher *cipher =
		secret->len == digests[suite->prf].len ? create(crypto, suite, TLS_VERSION_1_3) : NULL;
	if (cipher == NULL)
		return NULL;
	cipher->secret = *secret;
	if (derive(cipher))
		return cipher;
	tls_cipher_destroy(cipher);
	return NULL;
}

bool tls_cipher_update(struct tls_cipher *cipher) {
	uint8_t next[KEYLOG_SECRET_MAX];
	bool done = expand_label(cipher, "traffic upd", next, cipher->secret.len);
	if (done)
		memcpy(cipher->secret.data, next, cipher->secret.len);
	OPENSSL_cleanse(next, sizeof(next));
	return done && derive(cipher);
}

size_t tls_cipher_memory(const struct tls_cipher *cipher) {
	return cipher != NULL ? sizeof(*cipher) + CONTEXT_LEN + (cipher->mac != NULL ? CONTEXT_LEN : 0) : 0;
}

void tls_cipher_destroy(struct tls_cipher *cipher) {
	if (cipher == NULL)
		return;
	EVP_CIPHER_CTX_free(cipher->context);
	EVP_MAC_CTX_free(cipher->mac);
	OPENSSL_cleanse(cipher, sizeof(*cipher));
	free(cipher);
}

/* ---- Records ---- */

static void put_number(uint8_t *to, uint64_t value, size_t len) {
	for (size_t i = len; i > 0; i--) {
		to[i - 1] = (uint8_t)value;
		value >>= 8;
	}
}

/* The decryption of AEAD ciphers; ret_len bytes are in crypto->opened when the tag is right. */
static bool open_sealed(struct tls_cipher *cipher, const uint8_t nonce[NONCE_LEN], const uint8_t *additional, size_t additional_len,
	const uint8_t *sealed, size_t sealed_len) {
	EVP_CIPHER_CTX *context = cipher->context;
	size_t tag_len = cipher->suite->tag_len, len = sealed_len - tag_len;
	bool ccm = algorithms[cipher->suite->algorithm].mode == MODE_CCM;
	uint8_t tag[BLOCK_LEN], *to = cipher->crypto->opened;
	int done = 0, rest = 0;
	memcpy(tag, sealed + len, tag_len);
	if (ccm && EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, (int)tag_len, tag) != 1)
		return false;
	if (EVP_DecryptInit_ex2(context, NULL, NULL, nonce, NULL) != 1 ||
		(ccm && EVP_DecryptUpdate(context, NULL, &done, NULL, (int)len) != 1) ||
		EVP_DecryptUpdate(context, NULL, &done, additional, (int)additional_len) != 1)
		return false;
	if (ccm) /* checks the tag already */
		return EVP_DecryptUpdate(context, to, &done, sealed, (int)len) == 1;
	return (len == 0 || EVP_DecryptUpdate(context, to, &done, sealed, (int)len) == 1) &&
	       EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, (int)tag_len, tag) == 1 &&
	       EVP_DecryptFinal_ex(context, to + (len > 0 ? done : 0), &rest) == 1;
}

static void make_nonce(const struct tls_cipher *cipher, uint64_t sequence, uint8_t nonce[NONCE_LEN]) {
	put_number(nonce, 0, NONCE_LEN - sizeof(sequence));
	put_number(nonce + NONCE_LEN - sizeof(sequence), sequence, sizeof(sequence));
	for (size_t i = 0; i < NONCE_LEN; i++)
		nonce[i] ^= cipher->iv[i];
}

/* RFC 8446, 5.2: the true type stands behind the content, and zeros as padding behind that. */
static bool open_1_3(struct tls_cipher *cipher, uint64_t sequence, const uint8_t *header, const uint8_t *body, size_t len,
	struct tls_opened *ret_opened) {
	uint8_t nonce[NONCE_LEN];
	if (len < cipher->suite->tag_len + 1)
		return false;
	make_nonce(cipher, sequence, nonce);
	if (!open_sealed(cipher, nonce, header, TLS_RECORD_HEADER_LEN, body, len))
		return false;
	size_t opened_len = len - cipher->suite->tag_len;
	while (opened_len > 0 && cipher->crypto->opened[opened_len - 1] == 0)
		opened_len--;
	if (opened_len == 0)
		return false;
	ret_opened->type = cipher->crypto->opened[opened_len - 1];
	ret_opened->len = opened_len - 1;
	return true;
}

/* What is authenticated besides: sequence number, type, version, length (RFC 5246, 6.2.3.1 and 6.2.3.3). */
enum { ADDITIONAL_LEN = 13 };

static void make_additional(uint64_t sequence, const uint8_t *header, size_t len, uint8_t additional[ADDITIONAL_LEN]) {
	put_number(additional, sequence, sizeof(sequence));
	memcpy(additional + sizeof(sequence), header, 3);
	put_number(additional + sizeof(sequence) + 3, len, 2);
}

static bool open_aead(struct tls_cipher *cipher, uint64_t sequence, const uint8_t *header, const uint8_t *body, size_t len,
	struct tls_opened *ret_opened) {
	uint8_t nonce[NONCE_LEN], additional[ADDITIONAL_LEN];
	size_t explicit_len = algorithms[cipher->suite->algorithm].mode == MODE_CHACHA ? 0 : EXPLICIT_NONCE_LEN;
	if (len < explicit_len + cipher->suite->tag_len)
		return false;
	if (explicit_len > 0) {
		memcpy(nonce, cipher->iv, NONCE_LEN - explicit_len);
		memcpy(nonce + NONCE_LEN - explicit_len, body, explicit_len);
	} else {
		make_nonce(cipher, sequence, nonce);
	}
	size_t opened_len = len - explicit_len - cipher->suite->tag_len;
	make_additional(sequence, header, opened_len, additional);
	if (!open_sealed(cipher, nonce, additional, sizeof(additional), body + explicit_len, len - explicit_len))
		return false;
	ret_opened->len = opened_len;
	return true;
}

/* Over the additional data and two pieces. */
static bool is_mac(struct tls_cipher *cipher, const uint8_t additional[ADDITIONAL_LEN], const uint8_t *data, size_t len,
	const uint8_t *mac) {
	uint8_t computed[EVP_MAX_MD_SIZE];
	size_t computed_len = 0;
	return EVP_MAC_init(cipher->mac, NULL, 0, NULL) == 1 && EVP_MAC_update(cipher->mac, additional, ADDITIONAL_LEN) == 1 &&
	       EVP_MAC_update(cipher->mac, data, len) == 1 &&
	       EVP_MAC_final(cipher->mac, computed, &computed_len, sizeof(computed)) == 1 &&
	       computed_len == digests[cipher->suite->mac].len && CRYPTO_memcmp(computed, mac, computed_len) == 0;
}

/* RFC 5246, 6.2.3.2: IV, then encrypted: content, MAC, padding, its length. RFC 7366: the MAC stands behind all that and is over
 * what is encrypted. */
static bool open_cbc(struct tls_cipher *cipher, uint64_t sequence, const uint8_t *header, const uint8_t *body, size_t len,
	struct tls_opened *ret_opened) {
	uint8_t additional[ADDITIONAL_LEN], *to = cipher->crypto->opened;
	size_t mac_len = digests[cipher->suite->mac].len;
	int done = 0;
	if (cipher->encrypt_then_mac) {
		if (len < mac_len)
			return false;
		len -= mac_len;
		make_additional(sequence, header, len, additional);
		if (!is_mac(cipher, additional, body, len, body + len))
			return false;
	}
	if (len < 2 * BLOCK_LEN || len % BLOCK_LEN != 0)
		return false;
	if (EVP_DecryptInit_ex2(cipher->context, NULL, NULL, body, NULL) != 1 ||
		EVP_DecryptUpdate(cipher->context, to, &done, body + BLOCK_LEN, (int)(len - BLOCK_LEN)) != 1)
		return false;
	size_t left = (size_t)done, padding_len = left > 0 ? to[left - 1] + (size_t)1 : 0;
	if (left == 0 || padding_len > left)
		return false;
	for (size_t i = 1; i <= padding_len; i++)
		if (to[left - i] != padding_len - 1)
			return false;
	left -= padding_len;
	if (!cipher->encrypt_then_mac) {
		if (left < mac_len)
			return false;
		left -= mac_len;
		make_additional(sequence, header, left, additional);
		if (!is_mac(cipher, additional, to, left, to + left))
			return false;
	}
	ret_opened->len = left;
	return true;
}

bool tls_cipher_open(struct tls_cipher *cipher, uint64_t sequence, const uint8_t header[TLS_RECORD_HEADER_LEN], const uint8_t *body,
	size_t len, struct tls_opened *ret_opened) {
	struct tls_opened opened = {.data = cipher->crypto->opened, .type = header[0]};
	if (len > TLS_RECORD_MAX)
		return false;
	bool genuine = cipher->version == TLS_VERSION_1_3 ? open_1_3(cipher, sequence, header, body, len, &opened)
		       : algorithms[cipher->suite->algorithm].mode == MODE_CBC
			       ? open_cbc(cipher, sequence, header, body, len, &opened)
			       : open_aead(cipher, sequence, header, body, len, &opened);
	if (genuine)
		*ret_opened = opened;
	return genuine;
}
