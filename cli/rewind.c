/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/rewind.h"

void rewind_init(struct rewind *rewind, int64_t window_ns) {
	*rewind = (struct rewind){.window_ns = window_ns};
}

static const struct rewind_entry *entry_at(const struct rewind *rewind, size_t index) {
	return &rewind->entries[(rewind->first + index) % REWIND_ENTRIES];
}

/* Each one but the last took at least a part of the window, so that those within it are no more than there is room for. */
static void begin_entry(struct rewind *rewind, int64_t offset, int64_t time_ns) {
	if (rewind->count == REWIND_ENTRIES) {
		rewind->first = (rewind->first + 1) % REWIND_ENTRIES;
		rewind->count--;
	}
	rewind->entries[(rewind->first + rewind->count++) % REWIND_ENTRIES] = (struct rewind_entry){offset, time_ns, time_ns};
}

void rewind_note(struct rewind *rewind, int64_t offset, int64_t time_ns) {
	struct rewind_entry *last = rewind->count > 0 ? &rewind->entries[(rewind->first + rewind->count - 1) % REWIND_ENTRIES] : NULL;
	if (last != NULL && time_ns < last->latest_ns)
		time_ns = last->latest_ns;
	if (last == NULL || time_ns - last->began_ns >= rewind->window_ns / REWIND_PARTS + 1) {
		begin_entry(rewind, offset, time_ns);
		return;
	}
	last->latest_ns = time_ns;
}

int64_t rewind_find(const struct rewind *rewind) {
	if (rewind->count == 0)
		return -1;
	int64_t latest_ns = entry_at(rewind, rewind->count - 1)->latest_ns;
	size_t index = 0;
	while (latest_ns - entry_at(rewind, index)->latest_ns > rewind->window_ns)
		index++;
	return entry_at(rewind, index)->first_offset;
}
