/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Batches as zstd frames: each a frame of its own with a checksum, so that a file can be cut after any of them.
 */
#ifndef SMTPSCOPE_REPORT_SINK_ZSTD_FRAME_H
#define SMTPSCOPE_REPORT_SINK_ZSTD_FRAME_H

#include "report/sink/batch.h"

struct zstd_frame; /* what the compressor keeps between frames */

/* NULL: no memory. */
struct zstd_frame *zstd_frame_create(void);

/* Accepts NULL. */
void zstd_frame_destroy(struct zstd_frame *frame);

/* Compresses the documents from done_count on into a new batch with one document, the frame. The caller destroys it. Returns
 * 0 or a negative errno. */
int zstd_frame_make(struct zstd_frame *frame, const struct batch *batch, struct batch **ret_frame);

#endif
