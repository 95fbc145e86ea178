/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Secrets lie in a ring in the order of their arrival, and in chains by a hash of their names. When the ring has its full size, the
 * oldest goes: a connection looks its secrets up soon after they were written.
 */
#include "decode/keylog.h"

#include <stdlib.h>
#include <string.h>

#include "decode/wipe.h"

/* Label, 64 digits, 96 digits, blanks; the longest line that is read has twice the digits for the secret. */
enum { LINE_MAX_LEN = 512 };

enum { ENTRIES_FIRST = 64 };

#define NONE UINT32_MAX

struct entry {
	uint32_t next; /* in its chain */
	uint8_t label;
	uint8_t secret_len;
	uint8_t id[KEYLOG_ID_LEN];
	uint8_t secret[KEYLOG_SECRET_MAX];
};

struct keylog {
	struct entry *entries;
	uint32_t *chains; /* as many as there is room for entries: a power of two */
	uint32_t count, capacity, capacity_max;
	uint32_t oldest;  /* once all the room is used */
	struct keylog_stats stats;
	char line[LINE_MAX_LEN];
	size_t line_len;  /* LINE_MAX_LEN: it is too long, and only its beginning is there */
};

struct keylog *keylog_create(size_t bytes_max) {
	struct keylog *keylog = calloc(1, sizeof(*keylog));
	if (keylog == NULL)
		return NULL;
	size_t each = sizeof(struct entry) + sizeof(uint32_t);
	keylog->capacity_max = ENTRIES_FIRST;
	while (keylog->capacity_max < (UINT32_MAX >> 2) && (size_t)keylog->capacity_max * 2 <= bytes_max / each)
		keylog->capacity_max *= 2;
	return keylog;
}

void keylog_destroy(struct keylog *keylog) {
	if (keylog == NULL)
		return;
	if (keylog->entries != NULL)
		wipe(keylog->entries, keylog->capacity * sizeof(*keylog->entries));
	free(keylog->entries);
	free(keylog->chains);
	wipe(keylog, sizeof(*keylog));
	free(keylog);
}

void keylog_get_stats(const struct keylog *keylog, struct keylog_stats *ret_stats) {
	*ret_stats = keylog->stats;
	ret_stats->secrets = keylog->count;
}

/* Names are random numbers but for session ids, which a server may choose as it likes. */
static uint32_t hash(enum keylog_label label, const uint8_t id[KEYLOG_ID_LEN]) {
	uint64_t sum = UINT64_C(0x9e3779b97f4a7c15) * ((unsigned)label + 1);
	for (size_t i = 0; i < KEYLOG_ID_LEN; i += sizeof(uint64_t)) {
		uint64_t part;
		memcpy(&part, id + i, sizeof(part));
		sum = (sum ^ part) * UINT64_C(0xff51afd7ed558ccd);
		sum ^= sum >> 32;
	}
	return (uint32_t)sum;
}

static uint32_t *chain_of(const struct keylog *keylog, enum keylog_label label, const uint8_t id[KEYLOG_ID_LEN]) {
	return &keylog->chains[hash(label, id) & (keylog->capacity - 1)];
}

static uint32_t find(const struct keylog *keylog, enum keylog_label label, const uint8_t id[KEYLOG_ID_LEN]) {
	if (keylog->count == 0)
		return NONE;
	uint32_t at = *chain_of(keylog, label, id);
	while (at != NONE && (keylog->entries[at].label != label || memcmp(keylog->entries[at].id, id, KEYLOG_ID_LEN) != 0))
		at = keylog->entries[at].next;
	return at;
}

static void link_entry(struct keylog *keylog, uint32_t at) {
	struct entry *entry = &keylog->entries[at];
	uint32_t *chain = chain_of(keylog, entry->label, entry->id);
	entry->next = *chain;
	*chain = at;
}

static void unlink_entry(struct keylog *keylog, uint32_t at) {
	struct entry *entry = &keylog->entries[at];
	uint32_t *link = chain_of(keylog, entry->label, entry->id);
	while (*link != at)
		link = &keylog->entries[*link].next;
	*link = entry->next;
}

/* Not realloc(), which would leave secrets behind in freed memory. */
static bool grow(struct keylog *keylog) {
	uint32_t capacity = keylog->capacity == 0 ? ENTRIES_FIRST : 2 * keylog->capacity;
	struct entry *entries = malloc(capacity * sizeof(*entries));
	uint32_t *chains = malloc(capacity * sizeof(*chains));
	if (entries == NULL || chains == NULL) {
		free(entries);
		free(chains);
		return false;
	}
	if (keylog->entries != NULL) {
		memcpy(entries, keylog->entries, keylog->count * sizeof(*entries));
		wipe(keylog->entries, keylog->count * sizeof(*entries));
	}
	free(keylog->entries);
	free(keylog->chains);
	keylog->entries = entries;
	keylog->chains = chains;
	keylog->capacity = capacity;
	for (uint32_t i = 0; i < capacity; i++)
		chains[i] = NONE;
	for (uint32_t i = 0; i < keylog->count; i++)
		link_entry(keylog, i);
	return true;
}

/* NONE: no memory. */
static uint32_t take_entry(struct keylog *keylog) {
	if (keylog->count < keylog->capacity || (keylog->capacity < keylog->capacity_max && grow(keylog)))
		return keylog->count++;
	if (keylog->count == 0)
		return NONE;
	uint32_t at = keylog->oldest;
	keylog->oldest = (at + 1) % keylog->count;
	keylog->stats.evicted++;
	unlink_entry(keylog, at);
	return at;
}

void keylog_put(
	struct keylog *keylog, enum keylog_label label, const uint8_t id[KEYLOG_ID_LEN], const uint8_t *secret, size_t len) {
	if (len > KEYLOG_SECRET_MAX)
		return;
	uint32_t at = find(keylog, label, id);
	bool known = at != NONE;
	if (!known)
		at = take_entry(keylog);
	if (at == NONE)
		return;
	struct entry *entry = &keylog->entries[at];
	entry->label = (uint8_t)label;
	entry->secret_len = (uint8_t)len;
	memcpy(entry->id, id, KEYLOG_ID_LEN);
	memcpy(entry->secret, secret, len);
	if (!known)
		link_entry(keylog, at);
}

bool keylog_find(const struct keylog *keylog, enum keylog_label label, const uint8_t id[KEYLOG_ID_LEN],
	struct keylog_secret *ret_secret) {
	uint32_t at = find(keylog, label, id);
	if (at == NONE)
		return false;
	ret_secret->len = keylog->entries[at].secret_len;
	memcpy(ret_secret->data, keylog->entries[at].secret, ret_secret->len);
	return true;
}

/* ---- The text ---- */

struct word {
	const char *text;
	size_t len;
};

static struct word next_word(const char **at, const char *end) {
	while (*at < end && **at == ' ')
		(*at)++;
	struct word word = {*at, 0};
	while (*at < end && **at != ' ')
		(*at)++;
	word.len = (size_t)(*at - word.text);
	return word;
}

static int digit(char c) {
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Returns the number of bytes; 0: not hexadecimal, or too long. */
static size_t read_hex(struct word word, uint8_t *bytes, size_t max) {
	if (word.len % 2 != 0 || word.len / 2 > max)
		return 0;
	for (size_t i = 0; i < word.len / 2; i++) {
		int high = digit(word.text[2 * i]), low = digit(word.text[2 * i + 1]);
		if (high < 0 || low < 0)
			return 0;
		bytes[i] = (uint8_t)(high << 4 | low);
	}
	return word.len / 2;
}

static bool is_word(struct word word, const char *text) {
	return word.len == strlen(text) && memcmp(word.text, text, word.len) == 0;
}

/* "RSA", the beginning of what the client had encrypted, and the secret that was in it: of the key exchange, which OpenSSL writes
 * beside the master secret. */
static bool is_premaster(struct word id, struct word secret) {
	uint8_t name[8], bytes[KEYLOG_SECRET_MAX];
	bool is = read_hex(id, name, sizeof(name)) == sizeof(name) && read_hex(secret, bytes, sizeof(bytes)) == sizeof(bytes);
	wipe(bytes, sizeof(bytes));
	return is;
}

/* "RSA Session-ID:digits Master-Key:digits", of some servers. */
static bool take_session(struct keylog *keylog, struct word id, struct word secret) {
	static const char id_prefix[] = "Session-ID:", secret_prefix[] = "Master-Key:";
	enum { ID_PREFIX_LEN = sizeof(id_prefix) - 1, SECRET_PREFIX_LEN = sizeof(secret_prefix) - 1 };
	uint8_t name[KEYLOG_ID_LEN] = {0}, bytes[KEYLOG_SECRET_MAX];
	if (id.len <= ID_PREFIX_LEN || memcmp(id.text, id_prefix, ID_PREFIX_LEN) != 0 || secret.len <= SECRET_PREFIX_LEN ||
		memcmp(secret.text, secret_prefix, SECRET_PREFIX_LEN) != 0)
		return false;
	size_t id_len = read_hex((struct word){id.text + ID_PREFIX_LEN, id.len - ID_PREFIX_LEN}, name, sizeof(name));
	size_t len = read_hex((struct word){secret.text + SECRET_PREFIX_LEN, secret.len - SECRET_PREFIX_LEN}, bytes, sizeof(bytes));
	if (id_len > 0 && len > 0)
		keylog_put(keylog, KEYLOG_SESSION_ID, name, bytes, len);
	wipe(bytes, sizeof(bytes));
	return id_len > 0 && len > 0;
}

/* Of secrets that protect nothing that is read here (RFC 9850, and what came before its final names), or that follow from others:
 * OpenSSL writes the secrets behind each KeyUpdate. */
static bool is_of_no_use(struct word label) {
	static const char *const labels[] = {"EXPORTER_SECRET", "EARLY_EXPORTER_SECRET", "EARLY_EXPORTER_MASTER_SECRET", "ECH_SECRET", "ECH_CONFIG",
		"CLIENT_TRAFFIC_SECRET_N", "SERVER_TRAFFIC_SECRET_N"};
	for (size_t i = 0; i < sizeof(labels) / sizeof(labels[0]); i++)
		if (is_word(label, labels[i]))
			return true;
	return false;
}

/* Returns whether it was understood. */
static bool take_secret(struct keylog *keylog, const char *line, size_t len) {
	static const char *const labels[] = {
		[KEYLOG_MASTER] = "CLIENT_RANDOM",
		[KEYLOG_CLIENT_EARLY] = "CLIENT_EARLY_TRAFFIC_SECRET",
		[KEYLOG_CLIENT_HANDSHAKE] = "CLIENT_HANDSHAKE_TRAFFIC_SECRET",
		[KEYLOG_SERVER_HANDSHAKE] = "SERVER_HANDSHAKE_TRAFFIC_SECRET",
		[KEYLOG_CLIENT_TRAFFIC] = "CLIENT_TRAFFIC_SECRET_0",
		[KEYLOG_SERVER_TRAFFIC] = "SERVER_TRAFFIC_SECRET_0",
	};
	const char *at = line, *end = line + len;
	struct word label = next_word(&at, end), id = next_word(&at, end), secret = next_word(&at, end);
	if (is_word(label, "RSA"))
		return take_session(keylog, id, secret);
	for (size_t i = 0; i < sizeof(labels) / sizeof(labels[0]); i++) {
		uint8_t name[KEYLOG_ID_LEN], bytes[KEYLOG_SECRET_MAX];
		if (!is_word(label, labels[i]))
			continue;
		size_t name_len = read_hex(id, name, sizeof(name));
		size_t bytes_len = read_hex(secret, bytes, sizeof(bytes));
		bool right = name_len == sizeof(name) && bytes_len > 0;
		if (right)
			keylog_put(keylog, (enum keylog_label)i, name, bytes, bytes_len);
		wipe(bytes, sizeof(bytes));
		return right;
	}
	return false;
}

/* whole: it is there to its end. */
static void take_line(struct keylog *keylog, const char *line, size_t len, bool whole) {
	if (len > 0 && line[len - 1] == '\r')
		len--;
	const char *at = line;
	struct word label = next_word(&at, line + len);
	struct word id = next_word(&at, line + len), secret = next_word(&at, line + len);
	if (label.len == 0 || label.text[0] == '#' || is_of_no_use(label) || (is_word(label, "RSA") && is_premaster(id, secret)))
		return;
	if (whole && take_secret(keylog, line, len))
		keylog->stats.read++;
	else
		keylog->stats.not_understood++;
}

void keylog_feed(struct keylog *keylog, const void *text, size_t len) {
	const char *at = text;
	while (len > 0) {
		const char *newline = memchr(at, '\n', len);
		size_t part = newline != NULL ? (size_t)(newline - at) : len;
		if (keylog->line_len == 0 && newline != NULL && part < LINE_MAX_LEN) {
			take_line(keylog, at, part, true);
		} else {
			size_t room = LINE_MAX_LEN - keylog->line_len, kept = part < room ? part : room;
			memcpy(keylog->line + keylog->line_len, at, kept);
			keylog->line_len += kept;
		}
		if (newline != NULL && keylog->line_len > 0)
			keylog_end(keylog);
		part += newline != NULL;
		at += part;
		len -= part;
	}
}

void keylog_end(struct keylog *keylog) {
	take_line(keylog, keylog->line, keylog->line_len, keylog->line_len < LINE_MAX_LEN);
	wipe(keylog->line, sizeof(keylog->line));
	keylog->line_len = 0;
}
