/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "capture/mailbox.h"

#include <stdlib.h>
#include <string.h>

enum {
	SLOTS = 4096, /* clients remembered; one that falls on another's slot takes its place */
	ENDS_KEPT = 16,
};

#define WINDOW_NS (INT64_C(600) * 1000000000)

struct ends { /* a ring of times */
	int64_t ns[ENDS_KEPT];
	size_t next;
};

struct client {
	uint8_t address[16];
	bool used;
	struct ends pop3, imap;
};

struct mailboxes {
	struct client *slots[SLOTS];
};

enum mailbox_kind mailbox_kind_of_port(uint16_t port) {
	switch (port) {
	case 110:
	case 995:
		return MAILBOX_POP3;
	case 143:
	case 993:
		return MAILBOX_IMAP;
	default:
		return MAILBOX_NONE;
	}
}

struct mailboxes *mailboxes_create(void) {
	return calloc(1, sizeof(struct mailboxes));
}

void mailboxes_destroy(struct mailboxes *mailboxes) {
	if (mailboxes == NULL)
		return;
	for (size_t i = 0; i < SLOTS; i++)
		free(mailboxes->slots[i]);
	free(mailboxes);
}

static size_t slot_of(const uint8_t address[16]) {
	uint32_t hash = 2166136261u;
	for (size_t i = 0; i < 16; i++)
		hash = (hash ^ address[i]) * 16777619u;
	return (hash ^ hash >> 15) % SLOTS;
}

void mailboxes_note(struct mailboxes *mailboxes, const uint8_t client[16], enum mailbox_kind kind, int64_t end_ns) {
	struct client **slot = &mailboxes->slots[slot_of(client)];
	if (*slot == NULL)
		*slot = calloc(1, sizeof(**slot));
	if (*slot == NULL)
		return;
	if (!(*slot)->used || memcmp((*slot)->address, client, sizeof((*slot)->address)) != 0) {
		**slot = (struct client){.used = true};
		memcpy((*slot)->address, client, sizeof((*slot)->address));
	}
	struct ends *ends = kind == MAILBOX_POP3 ? &(*slot)->pop3 : &(*slot)->imap;
	ends->ns[ends->next++ % ENDS_KEPT] = end_ns;
}

static uint32_t count_recent(const struct ends *ends, int64_t before_ns, int64_t *last_ns) {
	uint32_t count = 0;
	size_t kept = ends->next < ENDS_KEPT ? ends->next : ENDS_KEPT;
	for (size_t i = 0; i < kept; i++) {
		if (ends->ns[i] > before_ns || before_ns - ends->ns[i] > WINDOW_NS)
			continue;
		count++;
		if (ends->ns[i] > *last_ns)
			*last_ns = ends->ns[i];
	}
	return count;
}

void mailboxes_count(
	const struct mailboxes *mailboxes, const uint8_t client[16], int64_t before_ns, struct stream_mailbox *ret_counts) {
	*ret_counts = (struct stream_mailbox){0};
	const struct client *found = mailboxes->slots[slot_of(client)];
	if (found == NULL || memcmp(found->address, client, sizeof(found->address)) != 0)
		return;
	ret_counts->pop3 = count_recent(&found->pop3, before_ns, &ret_counts->last_ns);
	ret_counts->imap = count_recent(&found->imap, before_ns, &ret_counts->last_ns);
}
