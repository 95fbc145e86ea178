/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/sink/settle.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

int settle_begin(struct settle *settle, const struct batch *batch) {
	if (settle->batch == batch)
		return 0;
	if (settle->capacity < batch->count) {
		uint8_t *marks = realloc(settle->marks, batch->count);
		if (marks == NULL)
			return -ENOMEM;
		settle->marks = marks;
		settle->capacity = batch->count;
	}
	memset(settle->marks, SETTLE_OPEN, batch->count);
	settle->batch = batch;
	return 0;
}

void settle_end(struct settle *settle) {
	settle->batch = NULL;
}

void settle_mark(struct settle *settle, size_t index, enum settle_mark mark) {
	assert(settle->batch != NULL && index < settle->batch->count);
	settle->marks[index] = (uint8_t)mark;
}

bool settle_is_open(const struct settle *settle, size_t index) {
	return settle->marks[index] == SETTLE_OPEN;
}

bool settle_advance(struct settle *settle, struct batch *batch, struct output_events *events) {
	while (batch->done_count < batch->count && settle->marks[batch->done_count] != SETTLE_OPEN) {
		size_t index = batch->done_count;
		if (settle->marks[index] == SETTLE_REJECTED)
			events->rejected++;
		batch_advance(batch, batch->ends[index] - batch->done);
	}
	if (batch->done_count < batch->count)
		return false;
	settle_end(settle);
	return true;
}

void settle_finish(struct settle *settle) {
	free(settle->marks);
	*settle = (struct settle){0};
}
