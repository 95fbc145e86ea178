/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Doubly linked lists whose nodes are members of what they link.
 */
#ifndef SMTPSCOPE_CAPTURE_LIST_H
#define SMTPSCOPE_CAPTURE_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct list_node {
	struct list_node *prev, *next;
};

struct list {
	struct list_node head; /* a ring: next is the first, prev the last */
};

#define list_entry(pointer, type, member) ((type *)(void *)((char *)(pointer)-offsetof(type, member)))
/* Of a list that is not empty. */
#define list_first(list, type, member) list_entry((list)->head.next, type, member)
#define list_last(list, type, member) list_entry((list)->head.prev, type, member)

static inline void list_init(struct list *list) {
	list->head.prev = list->head.next = &list->head;
}

static inline bool list_is_empty(const struct list *list) {
	return list->head.next == &list->head;
}

static inline void list_insert_after(struct list_node *before, struct list_node *node) {
	node->prev = before;
	node->next = before->next;
	before->next->prev = node;
	before->next = node;
}

static inline void list_append(struct list *list, struct list_node *node) {
	list_insert_after(list->head.prev, node);
}

static inline void list_remove(struct list_node *node) {
	node->prev->next = node->next;
	node->next->prev = node->prev;
}

#endif
