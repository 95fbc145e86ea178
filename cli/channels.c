/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/channels.h"

#include <errno.h>
#include <stdlib.h>

struct writing {
	const struct writer_format *format;
	struct outlet *outlet;
	struct writer *writer;
	int error; /* nothing is written any more */
};

struct channels {
	size_t count;
	struct writing all[];
};

static struct writer *create_writer(const struct options *options, const struct writer_format *format, struct outlet *outlet) {
	struct writer_options writer_options;
	options_for_writer(options, outlet_screen(outlet), &writer_options);
	return format->create(&writer_options, outlet_stream(outlet));
}

int channels_create(const struct options *options, const struct channel *list, size_t count, bool for_entries,
	struct channels **ret_channels) {
	struct channels *channels = calloc(1, sizeof(*channels) + count * sizeof(channels->all[0]));
	*ret_channels = NULL;
	if (channels == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		if (for_entries && list[i].format->entry == NULL)
			continue;
		struct writing *one = &channels->all[channels->count];
		one->format = list[i].format;
		one->outlet = for_entries ? list[i].entry_outlet : list[i].outlet;
		one->writer = create_writer(options, one->format, one->outlet);
		if (one->writer == NULL) {
			channels_destroy(channels);
			return -ENOMEM;
		}
		channels->count++;
	}
	if (channels->count == 0) {
		free(channels);
		return 0;
	}
	*ret_channels = channels;
	return 0;
}

/* What is to be done with each of them. */
typedef int writing_step(struct writing *one, const void *first, const void *second);

static int do_all(struct channels *channels, writing_step *step, const void *first, const void *second) {
	int error = 0;
	bool any = false;
	for (size_t i = 0; i < channels->count; i++) {
		struct writing *one = &channels->all[i];
		if (one->error == 0)
			one->error = step(one, first, second);
		if (one->error == 0)
			any = true;
		else if (error == 0)
			error = one->error;
	}
	return any ? 0 : error;
}

static int commit(struct writing *one, int error) {
	return error == 0 ? outlet_commit(one->outlet) : error;
}

static int session(struct writing *one, const void *record, const void *none) {
	return commit(one, one->format->session(one->writer, record));
}

int channels_session(struct channels *channels, const struct record *record) {
	return do_all(channels, session, record, NULL);
}

static int entry_step(struct writing *one, const void *record, const void *entry) {
	return commit(one, one->format->entry(one->writer, record, entry));
}

int channels_entry(struct channels *channels, const struct record *record, const struct record_timeline_entry *entry) {
	return do_all(channels, entry_step, record, entry);
}

static int diagnoses(struct writing *one, const void *report, const void *none) {
	return one->format->diagnoses != NULL ? commit(one, one->format->diagnoses(one->writer, report)) : 0;
}

int channels_diagnoses(struct channels *channels, const struct diagnosis_report *report) {
	return do_all(channels, diagnoses, report, NULL);
}

static int diagnosis_step(struct writing *one, const void *diagnosis, const void *none) {
	return one->format->diagnosis != NULL ? commit(one, one->format->diagnosis(one->writer, diagnosis)) : 0;
}

int channels_diagnosis(struct channels *channels, const struct diagnosis *diagnosis) {
	return do_all(channels, diagnosis_step, diagnosis, NULL);
}

static int statistics_step(struct writing *one, const void *statistics, const void *none) {
	return one->format->statistics != NULL ? commit(one, one->format->statistics(one->writer, statistics)) : 0;
}

int channels_statistics(struct channels *channels, const struct writer_statistics *statistics) {
	return do_all(channels, statistics_step, statistics, NULL);
}

static int end_step(struct writing *one, const void *statistics, const void *none) {
	return commit(one, one->format->end(one->writer, statistics));
}

int channels_end(struct channels *channels, const struct writer_statistics *statistics) {
	return do_all(channels, end_step, statistics, NULL);
}

static int flush(struct writing *one, const void *none, const void *nothing) {
	return outlet_flush(one->outlet);
}

int channels_flush(struct channels *channels) {
	return do_all(channels, flush, NULL, NULL);
}

int channels_error(const struct channels *channels) {
	for (size_t i = 0; i < channels->count; i++) {
		int error = channels->all[i].error != 0 ? channels->all[i].error : outlet_error(channels->all[i].outlet);
		if (error != 0)
			return error;
	}
	return 0;
}

void channels_destroy(struct channels *channels) {
	if (channels == NULL)
		return;
	for (size_t i = 0; i < channels->count; i++)
		channels->all[i].format->destroy(channels->all[i].writer);
	free(channels);
}
