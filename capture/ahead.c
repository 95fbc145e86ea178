/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "capture/ahead.h"

#include <stdlib.h>
#include <string.h>

enum {
	SLOTS = 4,       /* one for each step of flow_table_expect(), and the one that is worked upon */
	FRAME_MAX = 2048, /* bytes of a frame that may wait; of a larger one, what it needs is the least of what it costs */
};

struct slot {
	struct source_frame frame;
	struct segment segment;
	struct flow_expected expected;
	uint8_t bytes[FRAME_MAX];
};

struct ahead {
	struct frame_parser *parser;
	struct flow_table *flows;
	ahead_callback *callback;
	void *context;
	size_t first, count;
	struct slot slots[SLOTS]; /* a ring */
};

struct ahead *ahead_create(struct frame_parser *parser, struct flow_table *flows, ahead_callback *callback, void *context) {
	struct ahead *ahead = calloc(1, sizeof(*ahead));
	if (ahead == NULL)
		return NULL;
	ahead->parser = parser;
	ahead->flows = flows;
	ahead->callback = callback;
	ahead->context = context;
	return ahead;
}

static struct slot *slot_at(struct ahead *ahead, size_t place) {
	return &ahead->slots[(ahead->first + place) % SLOTS];
}

static void do_first(struct ahead *ahead) {
	struct slot *slot = slot_at(ahead, 0);
	ahead->first = (ahead->first + 1) % SLOTS;
	ahead->count--;
	ahead->callback(ahead->context, &slot->frame, &slot->expected);
}

void ahead_flush(struct ahead *ahead) {
	while (ahead->count > 0)
		do_first(ahead);
}

/* Its bytes are copied, because the source's do not live longer. A packet that was put together of fragments is not in them. */
static bool may_wait(const struct source_frame *frame, const struct segment *segment) {
	return frame->captured_len <= FRAME_MAX &&
		(segment->kind != SEGMENT_TCP ||
			(segment->payload >= frame->data && segment->payload <= frame->data + frame->captured_len));
}

void ahead_add(struct ahead *ahead, const struct source_frame *frame) {
	if (ahead->count == SLOTS)
		do_first(ahead);
	struct slot *slot = slot_at(ahead, ahead->count);
	if (frame_parse(ahead->parser, frame, &slot->segment) != LINK_SEGMENT)
		return;
	slot->frame = *frame;
	flow_table_expect(ahead->flows, &slot->segment, &slot->expected);
	ahead->count++;
	if (!may_wait(frame, &slot->segment)) {
		ahead_flush(ahead);
		return;
	}
	memcpy(slot->bytes, frame->data, frame->captured_len);
	slot->frame.data = slot->bytes;
	if (slot->segment.payload != NULL)
		slot->segment.payload = slot->bytes + (slot->segment.payload - frame->data);
	if (ahead->count >= 2)
		flow_table_expect_flow(ahead->flows, &slot_at(ahead, ahead->count - 2)->expected);
	if (ahead->count >= 3)
		flow_table_expect_stream(ahead->flows, &slot_at(ahead, ahead->count - 3)->expected);
}

void ahead_destroy(struct ahead *ahead) {
	free(ahead);
}
