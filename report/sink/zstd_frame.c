/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/sink/zstd_frame.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

struct zstd_frame {
	ZSTD_CCtx *compressor;
};

struct zstd_frame *zstd_frame_create(void) {
	struct zstd_frame *frame = malloc(sizeof(*frame));
	if (frame == NULL)
		return NULL;
	frame->compressor = ZSTD_createCCtx();
	if (frame->compressor == NULL) {
		free(frame);
		return NULL;
	}
	ZSTD_CCtx_setParameter(frame->compressor, ZSTD_c_checksumFlag, 1);
	return frame;
}

void zstd_frame_destroy(struct zstd_frame *frame) {
	if (frame == NULL)
		return;
	ZSTD_freeCCtx(frame->compressor);
	free(frame);
}

int zstd_frame_make(struct zstd_frame *frame, const struct batch *batch, struct batch **ret_frame) {
	size_t start = batch_boundary(batch), len = batch->len - start;
	/* The bound is for what cannot be compressed; what is made is small and lives until it is written. */
	struct batch *made = batch_create(ZSTD_compressBound(len), 1);
	if (made == NULL)
		return -ENOMEM;
	size_t size = ZSTD_compress2(frame->compressor, made->data, made->capacity, batch->data + start, len);
	if (ZSTD_isError(size)) {
		batch_destroy(made);
		return -ENOMEM; /* with a bound that suffices there is nothing else */
	}
	made->len = size;
	made->ends[0] = (uint32_t)size;
	made->count = 1;
	*ret_frame = made;
	return 0;
}
