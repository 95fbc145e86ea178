/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/drop_history.h"

#include <string.h>

/* Makes one of two neighbours: those that are the shortest for their age. So all are about as exact as they are old. */
static void merge_two(struct drop_history *history) {
	struct drop_period *periods = history->periods;
	size_t best = 0;
	double best_cost = 0;
	for (size_t i = 0; i + 1 < history->count; i++) {
		double span_ns = (double)(periods[i + 1].to_ns - periods[i].from_ns);
		double cost = span_ns / (double)(history->looked_ns - periods[i].from_ns + 1);
		if (i == 0 || cost < best_cost) {
			best = i;
			best_cost = cost;
		}
	}
	periods[best].to_ns = periods[best + 1].to_ns;
	periods[best].total = periods[best + 1].total;
	history->count--;
	memmove(&periods[best + 1], &periods[best + 2], (history->count - best - 1) * sizeof(*periods));
}

void drop_history_note(struct drop_history *history, int64_t time_ns, uint64_t total) {
	if (time_ns < history->looked_ns) {
		/* Old times say nothing in the new ones. What was dropped since the last look is of now. */
		history->count = 0;
		history->total_before = history->total;
		history->looked_ns = time_ns;
	}
	if (total > history->total) {
		if (history->count == DROP_HISTORY_MAX)
			merge_two(history);
		history->periods[history->count++] =
			(struct drop_period){.from_ns = history->looked_ns, .to_ns = time_ns, .total = total};
		history->total = total;
	}
	history->looked_ns = time_ns;
}

uint64_t drop_history_count(const struct drop_history *history, int64_t from_ns, int64_t to_ns) {
	size_t end = history->count;
	while (end > 0 && history->periods[end - 1].from_ns > to_ns)
		end--;
	size_t begin = end;
	while (begin > 0 && history->periods[begin - 1].to_ns >= from_ns)
		begin--;
	if (begin == end)
		return 0;
	return history->periods[end - 1].total - (begin > 0 ? history->periods[begin - 1].total : history->total_before);
}
