/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What has become of each document of a batch, where a receiver answers for each of them and in any order. A batch is advanced
 * only over documents that are settled and have nothing unsettled before them.
 */
#ifndef SMTPSCOPE_REPORT_SINK_SETTLE_H
#define SMTPSCOPE_REPORT_SINK_SETTLE_H

#include "report/sink/output.h"

enum settle_mark { SETTLE_OPEN, SETTLE_STORED, SETTLE_REJECTED };

struct settle {
	const struct batch *batch; /* NULL: none */
	uint8_t *marks;            /* enum settle_mark, of each document */
	size_t capacity;
};

/* Takes a batch on, if it is not the one already. Returns 0 or a negative errno. */
int settle_begin(struct settle *settle, const struct batch *batch);

/* Forgets the batch. */
void settle_end(struct settle *settle);

void settle_mark(struct settle *settle, size_t index, enum settle_mark mark);
bool settle_is_open(const struct settle *settle, size_t index);

/* Advances the batch, and counts what was rejected. True: all of it is settled, and forgotten. */
bool settle_advance(struct settle *settle, struct batch *batch, struct output_events *events);

/* Accepts zeroed. */
void settle_finish(struct settle *settle);

#endif
