/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/tls_facts.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "report/record.h"

enum {
	MD5_LEN = 16,
	SHA256_LEN = 32,
	JA4_HASH_LEN = 12,  /* hexadecimal digits that are kept */
	JA4_COUNT_MAX = 99, /* two digits */
	SERIAL_MAX = 64,    /* bytes; RFC 5280, 4.1.2.2 allows 20 */
	KEY_BITS_MAX = 8192, /* no signature of a longer key is checked: it would take too long */
	EXTENSION_SERVER_NAME = 0,
	EXTENSION_ALPN = 16,
};

/* RFC 8701 */
static bool is_grease(uint16_t value) {
	return (value & 0x0f0f) == 0x0a0a && value >> 8 == (value & 0xff);
}

static void put_hex(char *text, const uint8_t *data, size_t len) {
	static const char digits[] = "0123456789abcdef";
	for (size_t i = 0; i < len; i++) {
		text[2 * i] = digits[data[i] >> 4];
		text[2 * i + 1] = digits[data[i] & 15];
	}
	text[2 * len] = '\0';
}

/* ---- Fingerprints ---- */

/* The text that is hashed: numbers with commas between; grows as it must. */
struct draft {
	char *text;
	size_t len, size;
	bool failed;
};

static char *draft_reserve(struct draft *draft, size_t len) {
	if (draft->failed)
		return NULL;
	if (draft->len + len > draft->size) {
		size_t size = 2 * (draft->len + len) + 512;
		char *grown = realloc(draft->text, size);
		if (grown == NULL) {
			draft->failed = true;
			return NULL;
		}
		draft->text = grown;
		draft->size = size;
	}
	return draft->text + draft->len;
}

static void draft_put(struct draft *draft, char c) {
	char *at = draft_reserve(draft, 1);
	if (at == NULL)
		return;
	*at = c;
	draft->len++;
}

static void draft_number(struct draft *draft, const char *format, unsigned number) {
	enum { NUMBER_MAX = 16 };
	char *at = draft_reserve(draft, NUMBER_MAX);
	if (at != NULL)
		draft->len += (size_t)snprintf(at, NUMBER_MAX, format, number);
}

/* The values of a list but for GREASE. */
static void draft_pairs(struct draft *draft, struct slice list, const char *format, char separator) {
	bool first = true;
	for (size_t i = 0; i < event_tls_pair_count(list); i++) {
		uint16_t value = event_tls_pair(list, i);
		if (is_grease(value))
			continue;
		if (!first)
			draft_put(draft, separator);
		first = false;
		draft_number(draft, format, value);
	}
}

static bool draft_digest(struct draft *draft, const char *algorithm, uint8_t *ret_digest, size_t digest_len) {
	size_t len = 0;
	bool ok = !draft->failed && EVP_Q_digest(NULL, algorithm, NULL, draft->text, draft->len, ret_digest, &len) == 1 && len == digest_len;
	free(draft->text);
	return ok;
}

static bool draft_md5(struct draft *draft, char ret_text[TLS_FACTS_JA3_SIZE]) {
	uint8_t digest[MD5_LEN];
	if (!draft_digest(draft, "MD5", digest, MD5_LEN))
		return false;
	put_hex(ret_text, digest, MD5_LEN);
	return true;
}

/* SSLVersion,Cipher,SSLExtension,EllipticCurve,EllipticCurvePointFormat */
bool tls_facts_ja3(const struct event_tls_hello *hello, char ret_ja3[TLS_FACTS_JA3_SIZE]) {
	struct draft draft = {0};
	if (hello->ssl2 || hello->extensions_over_limit)
		return false;
	draft_number(&draft, "%u,", hello->legacy_version);
	draft_pairs(&draft, hello->ciphers, "%u", '-');
	draft_put(&draft, ',');
	draft_pairs(&draft, hello->extensions, "%u", '-');
	draft_put(&draft, ',');
	draft_pairs(&draft, hello->groups, "%u", '-');
	draft_put(&draft, ',');
	for (size_t i = 0; i < hello->point_formats.len; i++)
		draft_number(&draft, i == 0 ? "%u" : "-%u", (uint8_t)hello->point_formats.data[i]);
	return draft_md5(&draft, ret_ja3);
}

/* SSLVersion,Cipher,SSLExtension */
bool tls_facts_ja3s(const struct event_tls_hello *hello, char ret_ja3s[TLS_FACTS_JA3_SIZE]) {
	struct draft draft = {0};
	if (hello->extensions_over_limit)
		return false;
	draft_number(&draft, "%u,", hello->legacy_version);
	draft_number(&draft, "%u,", hello->cipher);
	draft_pairs(&draft, hello->extensions, "%u", '-');
	return draft_md5(&draft, ret_ja3s);
}

static const char *ja4_version(uint16_t version) {
	switch (version) {
	case 0x0304:
		return "13";
	case 0x0303:
		return "12";
	case 0x0302:
		return "11";
	case 0x0301:
		return "10";
	case 0x0300:
		return "s3";
	case 0x0002:
		return "s2";
	default:
		return "00";
	}
}

static bool is_alphanumeric(uint8_t byte) {
	return (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z');
}

/* The first and the last character of the first protocol; of its hexadecimal form when one of them is neither letter nor digit. */
static void ja4_protocol(struct slice protocols, char ret_text[2]) {
	size_t len = protocols.len > 0 ? (uint8_t)protocols.data[0] : 0;
	ret_text[0] = ret_text[1] = '0';
	if (len == 0 || len >= protocols.len)
		return;
	uint8_t first = (uint8_t)protocols.data[1], last = (uint8_t)protocols.data[len];
	ret_text[0] = (char)first;
	ret_text[1] = (char)last;
	if (is_alphanumeric(first) && is_alphanumeric(last))
		return;
	char hex[3];
	put_hex(hex, &first, 1);
	ret_text[0] = hex[0];
	put_hex(hex, &last, 1);
	ret_text[1] = hex[1];
}

static int compare_values(const void *a, const void *b) {
	return *(const uint16_t *)a - *(const uint16_t *)b;
}

static bool is_counted_apart(uint16_t extension) {
	return extension == EXTENSION_SERVER_NAME || extension == EXTENSION_ALPN;
}

/* The values of a list but for GREASE, in ascending order. Returns NULL when there is no memory; else the caller frees it. */
static uint16_t *sort_values(struct slice list, size_t *ret_count) {
	size_t count = 0;
	uint16_t *values = malloc((event_tls_pair_count(list) + 1) * sizeof(*values));
	if (values == NULL)
		return NULL;
	for (size_t i = 0; i < event_tls_pair_count(list); i++)
		if (!is_grease(event_tls_pair(list, i)))
			values[count++] = event_tls_pair(list, i);
	qsort(values, count, sizeof(*values), compare_values);
	*ret_count = count;
	return values;
}

static bool ja4_hash(struct draft *draft, char ret_text[JA4_HASH_LEN + 1]) {
	uint8_t digest[SHA256_LEN];
	if (draft->len == 0 && !draft->failed) {
		memset(ret_text, '0', JA4_HASH_LEN);
		ret_text[JA4_HASH_LEN] = '\0';
		return true;
	}
	if (!draft_digest(draft, "SHA256", digest, SHA256_LEN))
		return false;
	put_hex(ret_text, digest, JA4_HASH_LEN / 2);
	return true;
}

/* Appends the values; extensions without those that the first part of JA4 tells of. Returns how many there were, those included. */
static unsigned ja4_list(struct draft *draft, struct slice list, bool extensions) {
	size_t count = 0;
	uint16_t *values = sort_values(list, &count);
	if (values == NULL)
		draft->failed = true;
	for (size_t i = 0; i < count; i++) {
		if (extensions && is_counted_apart(values[i]))
			continue;
		draft_number(draft, draft->len > 0 ? ",%04x" : "%04x", values[i]);
	}
	free(values);
	return count < JA4_COUNT_MAX ? (unsigned)count : JA4_COUNT_MAX;
}

bool tls_facts_ja4(const struct event_tls_hello *hello, char ret_ja4[TLS_FACTS_JA4_SIZE]) {
	struct draft ciphers = {0}, extensions = {0};
	char protocol[2], ciphers_hash[JA4_HASH_LEN + 1], extensions_hash[JA4_HASH_LEN + 1];
	if (hello->ssl2 || hello->extensions_over_limit)
		return false;
	unsigned cipher_count = ja4_list(&ciphers, hello->ciphers, false);
	unsigned extension_count = ja4_list(&extensions, hello->extensions, true);
	if (hello->signature_algorithms.len > 0 && extensions.len > 0) {
		draft_put(&extensions, '_');
		draft_pairs(&extensions, hello->signature_algorithms, "%04x", ',');
	}
	ja4_protocol(hello->protocols, protocol);
	bool ok = ja4_hash(&ciphers, ciphers_hash);
	ok &= ja4_hash(&extensions, extensions_hash);
	if (!ok)
		return false;
	snprintf(ret_ja4, TLS_FACTS_JA4_SIZE, "t%s%c%02u%02u%c%c_%s_%s", ja4_version(hello->version), hello->has_server_name ? 'd' : 'i',
		cipher_count, extension_count, protocol[0], protocol[1], ciphers_hash, extensions_hash);
	return true;
}

/* ---- Certificates ---- */

static struct slice keep(struct arena *arena, const void *data, size_t len) {
	return (struct slice){arena_copy(arena, data, len), len};
}

static X509 *parse(struct slice der) {
	const unsigned char *at = (const unsigned char *)der.data;
	X509 *certificate = der.len > 0 && der.len <= INT32_MAX ? d2i_X509(NULL, &at, (long)der.len) : NULL;
	if (certificate != NULL && at == (const unsigned char *)der.data + der.len)
		return certificate;
	X509_free(certificate);
	ERR_clear_error();
	return NULL;
}

/* Letters beyond ASCII stay letters; what separates and controls is escaped. */
static struct slice keep_name(struct arena *arena, const X509_NAME *name) {
	struct slice kept = {NULL, 0};
	BIO *memory = BIO_new(BIO_s_mem());
	char *text;
	if (memory != NULL && X509_NAME_print_ex(memory, name, 0, XN_FLAG_RFC2253 & ~(unsigned long)ASN1_STRFLGS_ESC_MSB) >= 0) {
		long len = BIO_get_mem_data(memory, &text);
		if (len > 0)
			kept = keep(arena, text, (size_t)len);
	}
	BIO_free(memory);
	return kept;
}

static struct slice keep_common_name(struct arena *arena, const X509_NAME *name) {
	struct slice kept = {NULL, 0};
	int last = -1;
	for (int at = -1; (at = X509_NAME_get_index_by_NID(name, NID_commonName, at)) >= 0;)
		last = at;
	if (last < 0)
		return kept;
	unsigned char *text;
	int len = ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, last)));
	if (len < 0)
		return kept;
	kept = keep(arena, text, (size_t)len);
	OPENSSL_free(text);
	return kept;
}

static bool keep_address(struct arena *arena, const ASN1_OCTET_STRING *address, struct slice *ret_name) {
	char text[INET6_ADDRSTRLEN];
	int len = ASN1_STRING_length(address), family = len == 4 ? AF_INET : AF_INET6;
	if ((len != 4 && len != 16) || inet_ntop(family, ASN1_STRING_get0_data(address), text, sizeof(text)) == NULL)
		return false;
	*ret_name = keep(arena, text, strlen(text));
	return true;
}

static void read_names(struct arena *arena, const X509 *certificate, struct tls_facts_certificate *facts) {
	GENERAL_NAMES *list = X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
	int count = list != NULL ? sk_GENERAL_NAME_num(list) : 0;
	struct slice names[TLS_FACTS_NAMES_MAX];
	for (int i = 0; i < count; i++) {
		const GENERAL_NAME *name = sk_GENERAL_NAME_value(list, i);
		if (name->type != GEN_DNS && name->type != GEN_IPADD)
			continue;
		if (facts->name_count == TLS_FACTS_NAMES_MAX)
			facts->names_over_limit++;
		else if (name->type == GEN_DNS)
			names[facts->name_count++] =
				keep(arena, ASN1_STRING_get0_data(name->d.dNSName), (size_t)ASN1_STRING_length(name->d.dNSName));
		else
			facts->name_count += keep_address(arena, name->d.iPAddress, &names[facts->name_count]);
	}
	GENERAL_NAMES_free(list);
	if (facts->name_count == 0)
		return;
	struct slice *kept = arena_alloc(arena, facts->name_count * sizeof(*kept));
	memcpy(kept, names, facts->name_count * sizeof(*kept));
	facts->names = kept;
}

static bool read_time(const ASN1_TIME *time, int64_t *ret_s) {
	struct tm tm;
	if (time == NULL || ASN1_TIME_to_tm(time, &tm) != 1)
		return false;
	*ret_s = timegm(&tm);
	return true;
}

static struct slice keep_serial(struct arena *arena, const ASN1_INTEGER *serial) {
	char text[2 * SERIAL_MAX + 2];
	int len = ASN1_STRING_length(serial);
	if (len <= 0 || len > SERIAL_MAX)
		return (struct slice){NULL, 0};
	size_t sign = (ASN1_STRING_type(serial) & V_ASN1_NEG) != 0;
	text[0] = '-';
	put_hex(text + sign, ASN1_STRING_get0_data(serial), (size_t)len);
	return keep(arena, text, strlen(text));
}

static enum tls_facts_answer verify_by_own_key(X509 *certificate) {
	const EVP_PKEY *key = X509_get0_pubkey(certificate);
	if (key == NULL || EVP_PKEY_get_bits(key) > KEY_BITS_MAX)
		return TLS_FACTS_UNKNOWN;
	int verdict = X509_self_signed(certificate, 1);
	return verdict < 0 ? TLS_FACTS_UNKNOWN : verdict > 0 ? TLS_FACTS_YES : TLS_FACTS_NO;
}

/* Does its own key verify it? To carry one name twice is not enough. */
static enum tls_facts_answer is_self_signed(X509 *certificate, const char *sha256, struct tls_facts_verdicts *verdicts) {
	if (X509_NAME_cmp(X509_get_subject_name(certificate), X509_get_issuer_name(certificate)) != 0)
		return TLS_FACTS_NO;
	if (verdicts == NULL || sha256[0] == '\0')
		return verify_by_own_key(certificate);
	for (size_t i = 0; i < verdicts->count; i++)
		if (strcmp(verdicts->known[i].sha256, sha256) == 0)
			return verdicts->known[i].self_signed;
	struct tls_facts_verdict *verdict = &verdicts->known[verdicts->next];
	memcpy(verdict->sha256, sha256, sizeof(verdict->sha256));
	verdict->self_signed = verify_by_own_key(certificate);
	verdicts->next = (verdicts->next + 1) % TLS_FACTS_VERDICTS_MAX;
	if (verdicts->count < TLS_FACTS_VERDICTS_MAX)
		verdicts->count++;
	return verdict->self_signed;
}

const struct tls_facts_certificate *tls_facts_read_certificate(struct arena *arena, struct slice der, struct tls_facts_verdicts *verdicts) {
	X509 *certificate = parse(der);
	uint8_t digest[SHA256_LEN];
	size_t len = 0;
	if (certificate == NULL)
		return NULL;
	struct tls_facts_certificate *facts = arena_alloc(arena, sizeof(*facts));
	facts->subject = keep_name(arena, X509_get_subject_name(certificate));
	facts->issuer = keep_name(arena, X509_get_issuer_name(certificate));
	facts->common_name = keep_common_name(arena, X509_get_subject_name(certificate));
	read_names(arena, certificate, facts);
	facts->serial = keep_serial(arena, X509_get0_serialNumber(certificate));
	facts->has_validity = read_time(X509_get0_notBefore(certificate), &facts->not_before_s) &&
		read_time(X509_get0_notAfter(certificate), &facts->not_after_s);
	if (EVP_Q_digest(NULL, "SHA256", NULL, der.data, der.len, digest, &len) == 1 && len == SHA256_LEN)
		put_hex(facts->sha256, digest, SHA256_LEN);
	facts->self_signed = is_self_signed(certificate, facts->sha256, verdicts);
	X509_free(certificate);
	ERR_clear_error();
	return facts;
}

enum tls_facts_answer tls_facts_is_for_host(struct slice der, struct slice host) {
	X509 *certificate = parse(der);
	enum tls_facts_answer answer = TLS_FACTS_UNKNOWN;
	if (host.len > 0 && host.data[host.len - 1] == '.')
		host.len--;
	if (certificate != NULL && host.len > 0) {
		int match = X509_check_host(certificate, host.data, host.len, 0, NULL);
		answer = match > 0 ? TLS_FACTS_YES : match == 0 ? TLS_FACTS_NO : TLS_FACTS_UNKNOWN;
	}
	X509_free(certificate);
	ERR_clear_error();
	return answer;
}

/* ---- Of a record ---- */

void tls_facts_add(struct record *record) {
	struct record_tls *tls = record->tls;
	if (tls == NULL)
		return;
	struct tls_facts *facts = arena_alloc(&record->arena, sizeof(*facts));
	if (tls->client != NULL) {
		tls_facts_ja3(tls->client, facts->ja3);
		tls_facts_ja4(tls->client, facts->ja4);
	}
	if (tls->server != NULL && !tls->server->retry)
		tls_facts_ja3s(tls->server, facts->ja3s);
	for (int side = 0; side < 2; side++)
		if (tls->certificate[side].der.len > 0)
			facts->certificate[side] = tls_facts_read_certificate(&record->arena, tls->certificate[side].der, record->verdicts);
	if (tls->client != NULL && facts->certificate[STREAM_SERVER] != NULL)
		facts->is_for_server_name = tls_facts_is_for_host(tls->certificate[STREAM_SERVER].der, tls->client->server_name);
	tls->facts = facts;
}
