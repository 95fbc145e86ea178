/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Frames to segments, with a memory: link.h for what stands in one frame, fragment.h for what is spread over several.
 */
#ifndef SMTPSCOPE_CAPTURE_FRAME_H
#define SMTPSCOPE_CAPTURE_FRAME_H

#include "capture/fragment.h"
#include "capture/link.h"
#include "capture/segment.h"
#include "capture/source.h"

struct frame_parser;

struct frame_stats {
	/* Frames by what came of them. A frame with a piece of a packet counts as LINK_IP_FRAGMENT, as LINK_INCOMPLETE_PACKET once the
	 * packet was given up; the one that completes a packet counts as what the packet is. */
	uint64_t results[LINK_RESULT_COUNT];
	struct fragments_stats fragments;
};

/* Returns NULL when there is no memory. */
struct frame_parser *frame_parser_create(void);

/* As link_parse(), and sets `at` too. With LINK_SEGMENT the payload lives until the next call, or as long as the frame, whichever
 * is shorter. */
enum link_result frame_parse(struct frame_parser *parser, const struct source_frame *frame, struct segment *ret_segment);

/* The source has ended: packets of which pieces are missing are counted and forgotten. */
void frame_parser_end_source(struct frame_parser *parser);

void frame_parser_get_stats(const struct frame_parser *parser, struct frame_stats *ret_stats);

/* Accepts NULL. */
void frame_parser_destroy(struct frame_parser *parser);

#endif
