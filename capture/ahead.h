/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A few frames wait between the source and the flow table, in order. With thousands of connections little of what a segment needs is in
 * the processor's cache; while it waits, that is fetched, and the segments before it are worked upon meanwhile.
 */
#ifndef SMTPSCOPE_CAPTURE_AHEAD_H
#define SMTPSCOPE_CAPTURE_AHEAD_H

#include "capture/flow.h"
#include "capture/frame.h"

struct ahead;

/* Gets each segment with its frame, to hand it to flow_table_expected_segment(). Borrowed for the callback; frame->source lives as long
 * as it does in the source. */
typedef void ahead_callback(void *context, const struct source_frame *frame, const struct flow_expected *expected);

/* Borrows parser and flows, which must live longer. Returns NULL when there is no memory. */
struct ahead *ahead_create(struct frame_parser *parser, struct flow_table *flows, ahead_callback *callback, void *context);

/* Takes a frame, and calls back for the segments for which it is time now: ahead_flush() does for all. The frame need not live longer
 * than the call. What has no segment is only counted, by the parser. */
void ahead_add(struct ahead *ahead, const struct source_frame *frame);

/* To be called when no frame may follow soon: at the end of a source, and at each tick. */
void ahead_flush(struct ahead *ahead);

/* Forgets what has not been flushed. Accepts NULL. */
void ahead_destroy(struct ahead *ahead);

#endif
