/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A bounded table from bytes to items: when it is full, the item that was used longest ago gives way.
 */
#ifndef SMTPSCOPE_REPORT_DIAGNOSIS_TABLE_H
#define SMTPSCOPE_REPORT_DIAGNOSIS_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct table_item;

struct table {
	size_t item_size; /* of what is kept, without the key */
	size_t count_max;
	void (*finish_item)(void *item);
	struct table_item **buckets;
	size_t bucket_count, count;
	uint64_t seed;
	uint64_t evicted; /* gave way for lack of room */
	struct table_item *oldest, *newest;
};

/* item_size bytes an item, zero-filled when new. finish_item, which may be NULL, is called for each before it goes. False when there
 * is no memory. */
bool table_init(struct table *table, size_t item_size, size_t count_max, void (*finish_item)(void *item));
void table_finish(struct table *table); /* accepts a zero-filled one */

/* The item of the key, made if there is none; NULL only when there is no memory. It stays where it is until it is removed or has
 * to give way. */
void *table_use(struct table *table, const void *key, size_t key_len);

/* The item of the key, or NULL. */
void *table_find(const struct table *table, const void *key, size_t key_len);

void table_remove(struct table *table, const void *key, size_t key_len);

/* Removes an item that table_use(), table_find() or table_next() gave. For a loop, ask for the next one before. */
void table_drop(struct table *table, void *item);

/* The items, the one used longest ago first: start with NULL; NULL at the end. */
void *table_next(const struct table *table, const void *item);

#endif
