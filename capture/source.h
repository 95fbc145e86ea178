/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Where frames come from. Each kind of source has its own open function (file.h for capture files, live.h for interfaces) that
 * gives out a struct source; from there on all kinds are alike: run, stop, stats, close.
 */
#ifndef SMTPSCOPE_CAPTURE_SOURCE_H
#define SMTPSCOPE_CAPTURE_SOURCE_H

#include "decode/stream.h"

#include <stddef.h>
#include <stdint.h>

/* One captured frame, borrowed for the length of the callback. */
struct source_frame {
	int link_type; /* libpcap's DLT_ value, for link_parse() */
	const uint8_t *data;
	size_t captured_len;
	size_t wire_len; /* as the capture says; corrupt captures may say less than captured_len */
	struct stream_moment at; /* frames of interfaces are counted for each interface, from 1 */
	const char *source;      /* the interface, which lives as long as the source; NULL for files */
};

/* One line for the person reading: which source, what is wrong and, where it helps, what to do. No newline. There is room
 * for the longest path and a message. */
struct source_error {
	char text[5120];
};

struct source_stats {
	uint64_t frames;               /* read; of files whether or not the filter let them pass, of interfaces those that did */
	uint64_t bytes;                /* captured bytes of these frames */
	uint64_t dropped_by_kernel;    /* passed the filter and found no room; always 0 for files */
	uint64_t dropped_by_interface; /* as far as interfaces tell; always 0 for files */
};

typedef void source_callback(void *context, const struct source_frame *frame);

struct source;

/* What a kind of source provides. Contracts as for the functions of the same names below. */
struct source_ops {
	int (*run)(struct source *source, source_callback *callback, void *context, struct source_error *ret_error);
	void (*stop)(struct source *source);
	void (*stats)(struct source *source, struct source_stats *ret_stats);
	void (*close)(struct source *source);
};

/* First member of each kind's own struct. */
struct source {
	const struct source_ops *ops;
};

/* Calls back for each frame the filter lets pass, in capture order. Returns 0 at the end of the source or after
 * source_stop(); a negative errno and *ret_error when reading stopped early: the frames before were delivered, and the text
 * names the first that could not be. */
static inline int source_run(
	struct source *source, source_callback *callback, void *context, struct source_error *ret_error) {
	return source->ops->run(source, callback, context, ret_error);
}

/* Makes source_run() return soon. May be called from the callback and from a signal handler; where the source may block (a
 * pipe), the handler must be installed without SA_RESTART. */
static inline void source_stop(struct source *source) {
	source->ops->stop(source);
}

/* May be called at any time, also from the callback. */
static inline void source_get_stats(struct source *source, struct source_stats *ret_stats) {
	source->ops->stats(source, ret_stats);
}

/* Frees the source; accepts NULL. Not from the callback. */
static inline void source_close(struct source *source) {
	if (source)
		source->ops->close(source);
}

#endif
