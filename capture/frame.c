/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "capture/frame.h"

#include "capture/cursor.h"
#include "capture/ip.h"

#include <stdlib.h>

struct frame_parser {
	uint64_t results[LINK_RESULT_COUNT];
	struct fragments *fragments;
};

/* A packet that was put together may hold a tunnel in which a packet is in pieces again. The nesting limit ends that. */
static enum link_result take_fragment(struct frame_parser *parser, int64_t time_ns, struct segment *segment) {
	enum link_result result = LINK_IP_FRAGMENT;
	struct fragments_packet packet;
	while (result == LINK_IP_FRAGMENT && fragments_add(parser->fragments, segment, time_ns, &packet)) {
		struct cursor cursor = {
			.at = packet.data,
			.left = packet.captured_len,
			.wire_left = packet.len,
			.depth = segment->fragment.depth,
		};
		segment->overlapping_fragments = segment->overlapping_fragments || packet.overlapping;
		segment->fragment.data = NULL;
		result = ip_parse_payload(packet.protocol, &cursor, segment);
	}
	return result;
}

enum link_result frame_parse(struct frame_parser *parser, const struct source_frame *frame, struct segment *ret_segment) {
	enum link_result result = link_parse(frame->link_type, frame->data, frame->captured_len, frame->wire_len, ret_segment);
	if (result == LINK_IP_FRAGMENT)
		result = take_fragment(parser, frame->at.time_ns, ret_segment);
	ret_segment->at = frame->at;
	parser->results[result]++;
	return result;
}

struct frame_parser *frame_parser_create(void) {
	struct frame_parser *parser = calloc(1, sizeof(*parser));
	if (parser == NULL)
		return NULL;
	parser->fragments = fragments_create(FRAGMENTS_BYTES_MAX);
	if (parser->fragments == NULL) {
		free(parser);
		return NULL;
	}
	return parser;
}

void frame_parser_end_source(struct frame_parser *parser) {
	fragments_reset(parser->fragments);
}

void frame_parser_get_stats(const struct frame_parser *parser, struct frame_stats *ret_stats) {
	struct frame_stats stats = {.results = {0}};
	for (enum link_result result = 0; result < LINK_RESULT_COUNT; result++)
		stats.results[result] = parser->results[result];
	fragments_get_stats(parser->fragments, &stats.fragments);
	/* Each piece of these was the last thing found in some frame. */
	stats.results[LINK_IP_FRAGMENT] -= stats.fragments.incomplete_pieces;
	stats.results[LINK_INCOMPLETE_PACKET] = stats.fragments.incomplete_pieces;
	*ret_stats = stats;
}

void frame_parser_destroy(struct frame_parser *parser) {
	if (parser == NULL)
		return;
	fragments_destroy(parser->fragments);
	free(parser);
}
