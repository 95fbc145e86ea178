/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/diagnosis/table.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

/* The item's bytes follow, then the key's. */
struct table_item {
	struct table_item *next_in_bucket, *older, *newer;
	uint64_t hash;
	size_t key_len;
	size_t padding; /* the item is aligned for anything */
};

static void *payload(struct table_item *item) {
	return item + 1;
}

static const void *key_of(const struct table *table, const struct table_item *item) {
	return (const char *)(item + 1) + table->item_size;
}

static uint64_t hash_key(const struct table *table, const void *key, size_t len) {
	const unsigned char *bytes = key;
	uint64_t hash = table->seed;
	for (; len > 0;) {
		uint64_t word = 0;
		size_t part = len < sizeof(word) ? len : sizeof(word);
		memcpy(&word, bytes, part);
		hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
		hash ^= hash >> 32;
		bytes += part;
		len -= part;
	}
	return hash;
}

bool table_init(struct table *table, size_t item_size, size_t count_max, void (*finish_item)(void *item)) {
	*table = (struct table){
		.item_size = (item_size + 15) & ~(size_t)15, .count_max = count_max, .finish_item = finish_item, .bucket_count = 256};
	table->buckets = calloc(table->bucket_count, sizeof(struct table_item *));
	/* Names come from the wire: nobody shall choose ones that meet in a bucket. */
	if (getrandom(&table->seed, sizeof(table->seed), 0) < 0)
		table->seed = UINT64_C(0xcbf29ce484222325);
	return table->buckets != NULL;
}

static void free_item(const struct table *table, struct table_item *item) {
	if (table->finish_item != NULL)
		table->finish_item(payload(item));
	free(item);
}

void table_finish(struct table *table) {
	for (struct table_item *item = table->oldest, *next; item != NULL; item = next) {
		next = item->newer;
		free_item(table, item);
	}
	free(table->buckets);
	*table = (struct table){0};
}

static struct table_item *find(const struct table *table, const void *key, size_t key_len, uint64_t hash) {
	struct table_item *item = table->buckets[hash & (table->bucket_count - 1)];
	while (item != NULL && (item->hash != hash || item->key_len != key_len || memcmp(key_of(table, item), key, key_len) != 0))
		item = item->next_in_bucket;
	return item;
}

static void unlink_age(struct table *table, struct table_item *item) {
	*(item->older != NULL ? &item->older->newer : &table->oldest) = item->newer;
	*(item->newer != NULL ? &item->newer->older : &table->newest) = item->older;
}

static void make_newest(struct table *table, struct table_item *item) {
	item->older = table->newest;
	item->newer = NULL;
	*(table->newest != NULL ? &table->newest->newer : &table->oldest) = item;
	table->newest = item;
}

static void take_out(struct table *table, struct table_item *item) {
	struct table_item **at = &table->buckets[item->hash & (table->bucket_count - 1)];
	while (*at != item)
		at = &(*at)->next_in_bucket;
	*at = item->next_in_bucket;
	unlink_age(table, item);
	table->count--;
}

static void remove_item(struct table *table, struct table_item *item) {
	take_out(table, item);
	free_item(table, item);
}

/* An empty item. In a table that is full the oldest one goes, and its memory serves again. */
static struct table_item *make_item(struct table *table, size_t key_len) {
	size_t size = sizeof(struct table_item) + table->item_size + key_len;
	struct table_item *oldest = table->oldest;
	if (table->count < table->count_max)
		return calloc(1, size);
	table->evicted++;
	if (oldest->key_len != key_len) {
		remove_item(table, oldest);
		return calloc(1, size);
	}
	take_out(table, oldest);
	if (table->finish_item != NULL)
		table->finish_item(payload(oldest));
	return memset(oldest, 0, size);
}

static void grow(struct table *table) {
	size_t count = 2 * table->bucket_count;
	struct table_item **buckets = calloc(count, sizeof(struct table_item *));
	if (buckets == NULL)
		return; /* longer chains, nothing worse */
	for (struct table_item *item = table->oldest; item != NULL; item = item->newer) {
		item->next_in_bucket = buckets[item->hash & (count - 1)];
		buckets[item->hash & (count - 1)] = item;
	}
	free(table->buckets);
	table->buckets = buckets;
	table->bucket_count = count;
}

void *table_use(struct table *table, const void *key, size_t key_len) {
	uint64_t hash = hash_key(table, key, key_len);
	struct table_item *item = find(table, key, key_len, hash);
	if (item != NULL) {
		unlink_age(table, item);
		make_newest(table, item);
		return payload(item);
	}
	item = make_item(table, key_len);
	if (item == NULL)
		return NULL;
	item->hash = hash;
	item->key_len = key_len;
	memcpy((char *)(item + 1) + table->item_size, key, key_len);
	if (table->count >= table->bucket_count)
		grow(table);
	struct table_item **bucket = &table->buckets[hash & (table->bucket_count - 1)];
	item->next_in_bucket = *bucket;
	*bucket = item;
	make_newest(table, item);
	table->count++;
	return payload(item);
}

void *table_find(const struct table *table, const void *key, size_t key_len) {
	struct table_item *item = find(table, key, key_len, hash_key(table, key, key_len));
	return item != NULL ? payload(item) : NULL;
}

void table_remove(struct table *table, const void *key, size_t key_len) {
	struct table_item *item = find(table, key, key_len, hash_key(table, key, key_len));
	if (item != NULL)
		remove_item(table, item);
}

void table_drop(struct table *table, void *item) {
	remove_item(table, (struct table_item *)item - 1);
}

void *table_next(const struct table *table, const void *item) {
	struct table_item *next =
		item == NULL ? table->oldest : ((const struct table_item *)item - 1)->newer;
	return next != NULL ? payload(next) : NULL;
}
