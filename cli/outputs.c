/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/outputs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "delivery/delivery.h"
#include "report/sink/dead_letters.h"
#include "report/sink/destination.h"
#include "report/sink/held_directory.h"
#include "report/sink/sink.h"

enum { FILE_BUFFER = 1 << 18, WAITING_QUEUE = 8 << 20 };

#define DEAD_LETTERS_MAX (UINT64_C(256) << 20)

/* One destination: a file that is written directly, or a sink. */
struct one {
	const struct options_output *output;
	struct delivery delivery;
	bool delivers; /* delivery is there */
	FILE *file;    /* ours, but for standard output */
	struct sink *sink;
	char *spool;
};

struct outputs {
	struct outputs_options wanted;
	struct one all[OPTIONS_OUTPUTS_MAX];
	size_t count;
	struct channel channels[OPTIONS_OUTPUTS_MAX];
	size_t channel_count;
	struct dead_letters *dead_letters;
};

static int fail(const char *name, int error) {
	fprintf(stderr, "smtpscope: %s: %s\n", name, strerror(-error));
	return error;
}

static const char *name_of(const struct one *one) {
	bool standard = one->output->destination->kind == DESTINATION_FILE && one->output->destination->path == NULL;
	return standard ? "standard output" : one->output->destination->name;
}

static bool is_remote(const struct one *one) {
	return destination_is_network(one->output->destination);
}

/* ---- The spool ---- */

/* The first file has the folder itself, as it had when there was only one. Others have folders in it, with their name, so that they
 * find what is theirs whatever else is written to. */
static int choose_spool(struct outputs *outputs, struct one *one) {
	const char *directory = outputs->wanted.options->spool_directory, *name = one->output->destination->name;
	if (!outputs->wanted.live || directory == NULL)
		return 0;
	bool first_file = !is_remote(one);
	for (const struct one *other = outputs->all; other < one; other++)
		first_file = first_file && is_remote(other);
	if (first_file) {
		one->spool = strdup(directory);
		return one->spool != NULL ? 0 : fail(directory, -ENOMEM);
	}
	if (asprintf(&one->spool, "%s/%s", directory, name) < 0) {
		one->spool = NULL;
		return fail(directory, -ENOMEM);
	}
	char *own = one->spool + strlen(directory) + 1;
	if (*own == '.')
		*own = '_';
	for (; *own != '\0'; own++)
		if (strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.,-+", *own) == NULL)
			*own = '_';
	if (mkdir(one->spool, 0750) < 0 && errno != EEXIST)
		return fail(one->spool, -errno);
	const struct sandbox_user *user = outputs->wanted.user;
	if (user->change && chown(one->spool, user->uid, user->gid) < 0)
		return fail(one->spool, -errno);
	return 0;
}

static int open_dead_letters(struct outputs *outputs) {
	const struct options *options = outputs->wanted.options;
	const struct sandbox_user *user = outputs->wanted.user;
	bool any = false, own = user != NULL && user->change;
	char *made = NULL;
	for (size_t i = 0; i < options->output_count; i++)
		any = any || destination_is_network(options->outputs[i].destination);
	const char *name = options->dead_letters_file;
	if (!any || (name == NULL && (!outputs->wanted.live || options->spool_directory == NULL)))
		return 0;
	if (name == NULL) {
		if (asprintf(&made, "%s/dead-letters.ndjson", options->spool_directory) < 0)
			return fail(options->spool_directory, -ENOMEM);
		name = made;
	}
	int error = dead_letters_open(
		name, DEAD_LETTERS_MAX, own ? user->uid : (uid_t)-1, own ? user->gid : (gid_t)-1, &outputs->dead_letters);
	if (error < 0)
		fail(name, error);
	free(made);
	return error;
}

/* ---- One destination ---- */

static int prepare_delivery(struct outputs *outputs, struct one *one) {
	char error[CREDENTIALS_ERROR_MAX];
	int result = delivery_init(&one->delivery, one->output->destination, error);
	if (result < 0) {
		fprintf(stderr, "smtpscope: %s: %s\n", name_of(one), error);
		return result;
	}
	one->delivers = true;
	one->delivery.kafka = outputs->wanted.options->kafka;
	one->delivery.kafka_count = outputs->wanted.options->kafka_count;
	return 0;
}

static int open_sink(struct outputs *outputs, struct one *one) {
	const struct options *options = outputs->wanted.options;
	const struct sandbox_user *user = outputs->wanted.user;
	const struct destination *destination = one->output->destination;
	bool live = outputs->wanted.live, own = user != NULL && user->change;
	bool pattern = destination->path != NULL && strchr(destination->path, '%') != NULL;
	struct sink_error error;
	const struct sink_options wanted = {
		.destination = is_remote(one) ? destination->name : destination->path,
		.stdout_fd = outputs->wanted.stdout_fd,
		.rotate_ns = pattern ? (uint64_t)options->rotate_ns : 0,
		.rotate_bytes = pattern ? options->rotate_bytes : 0,
		.keep_files = pattern ? options->keep_files : 0,
		.keep_age_ns = pattern ? (uint64_t)options->keep_age_ns : 0,
		.keep_bytes = pattern ? options->keep_bytes : 0,
		.compress_zstd = options->compress_zstd && !is_remote(one) && destination->path != NULL,
		.queue_bytes = live ? options->queue_bytes : WAITING_QUEUE,
		.spool = one->spool,
		.spool_bytes = options->spool_bytes,
		.set_owner = own,
		.owner = own ? user->uid : 0,
		.group = own ? user->gid : 0,
		.say = outputs->wanted.say,
		.say_context = outputs->wanted.context,
		.open_output = is_remote(one) ? delivery_open_output : NULL,
		.output_context = &one->delivery,
		.name = is_remote(one) ? destination->name : NULL,
		.dead_letters = outputs->dead_letters,
		.waits = !live || outputs->wanted.waits,
	};
	int result = sink_open(&wanted, &one->sink, &error);
	if (result < 0)
		fprintf(stderr, "smtpscope: %s\n", error.text);
	return result;
}

/* Of files: written as fast as it can be, and from its beginning. */
static int open_file(struct one *one) {
	const char *path = one->output->destination->path;
	one->file = path == NULL ? stdout : fopen(path, "we");
	if (one->file == NULL)
		return fail(path, -errno);
	setvbuf(one->file, NULL, _IOFBF, FILE_BUFFER);
	return 0;
}

static int open_one(struct outputs *outputs, struct one *one) {
	int error = is_remote(one) ? prepare_delivery(outputs, one) : 0;
	if (error == 0 && !outputs->wanted.live && !is_remote(one))
		return open_file(one);
	if (error == 0)
		error = choose_spool(outputs, one);
	return error == 0 ? open_sink(outputs, one) : error;
}

/* ---- Channels ---- */

/* What a writer is to ask about the terminal: only where nothing but the terminal is written to. */
static FILE *screen_of(const struct outputs *outputs, const struct one *one) {
	return one->output->destination->kind == DESTINATION_FILE && one->output->destination->path == NULL && outputs->wanted.stdout_fd >= 0 &&
			!outputs->wanted.options->top
		? stdout : NULL;
}

static int open_channel(struct outputs *outputs, size_t first, bool taken[OPTIONS_OUTPUTS_MAX]) {
	const struct writer_format *format = outputs->all[first].output->format;
	struct outlet_target targets[OPTIONS_OUTPUTS_MAX];
	size_t count = 0;
	/* Text is laid out for where it goes. */
	bool shares = strcmp(format->name, "text") != 0;
	for (size_t i = first; i < (shares ? outputs->count : first + 1); i++) {
		const struct one *one = &outputs->all[i];
		if (taken[i] || one->output->format != format)
			continue;
		taken[i] = true;
		targets[count++] = (struct outlet_target){.file = one->file, .sink = one->sink, .lines = is_remote(one)};
	}
	FILE *screen = count == 1 ? screen_of(outputs, &outputs->all[first]) : NULL;
	struct channel *channel = &outputs->channels[outputs->channel_count++];
	channel->format = format;
	if (outputs->count == 1 && targets[0].file != NULL) { /* nothing in between */
		channel->outlet = outlet_to_file(targets[0].file);
		channel->entry_outlet = outlet_to_file(targets[0].file);
	} else {
		channel->outlet = outlet_to_all(targets, count, screen);
		channel->entry_outlet = outlet_to_all(targets, count, screen);
	}
	return channel->outlet != NULL && channel->entry_outlet != NULL ? 0 : fail("cannot start", -ENOMEM);
}

int outputs_open(const struct outputs_options *wanted, struct outputs **ret_outputs) {
	struct outputs *outputs = calloc(1, sizeof(*outputs));
	bool taken[OPTIONS_OUTPUTS_MAX] = {false};
	if (outputs == NULL)
		return fail("cannot start", -ENOMEM);
	outputs->wanted = *wanted;
	int error = open_dead_letters(outputs);
	for (size_t i = 0; i < wanted->options->output_count && error == 0; i++) {
		struct one *one = &outputs->all[outputs->count++];
		one->output = &wanted->options->outputs[i];
		error = open_one(outputs, one);
	}
	for (size_t i = 0; i < outputs->count && error == 0; i++)
		if (!taken[i])
			error = open_channel(outputs, i, taken);
	if (error < 0) {
		outputs_destroy(outputs);
		return error;
	}
	*ret_outputs = outputs;
	return 0;
}

const struct channel *outputs_channels(const struct outputs *outputs, size_t *ret_count) {
	*ret_count = outputs->channel_count;
	return outputs->channels;
}

void outputs_allow(const struct outputs *outputs, struct sandbox_options *sandbox, struct sandbox_path *paths) {
	for (size_t i = 0; i < outputs->count; i++) {
		const struct one *one = &outputs->all[i];
		const struct held_directory *directories[SINK_DIRECTORIES_MAX];
		size_t count = one->sink != NULL ? sink_get_directories(one->sink, directories) : 0;
		for (size_t j = 0; j < count; j++) {
			paths[sandbox->path_count++] = (struct sandbox_path){directories[j]->fd, SANDBOX_ACCESS_WRITE};
			if (directories[j]->parent_fd >= 0)
				paths[sandbox->path_count++] = (struct sandbox_path){directories[j]->parent_fd, SANDBOX_ACCESS_PARENT};
		}
		sandbox->connects = sandbox->connects || (is_remote(one) && one->output->destination->kind != DESTINATION_UNIX);
		sandbox->connects_local = sandbox->connects_local || one->output->destination->kind == DESTINATION_UNIX;
	}
}

void outputs_get_mark(const struct outputs *outputs, struct outputs_mark *ret_mark) {
	for (size_t i = 0; i < outputs->count; i++) {
		struct sink_stats stats = {0};
		if (outputs->all[i].sink != NULL)
			sink_get_stats(outputs->all[i].sink, &stats);
		ret_mark->submitted[i] = stats.submitted;
	}
}

/* Sinks keep the order, so that counting is enough. */
int outputs_have(const struct outputs *outputs, const struct outputs_mark *mark) {
	int result = 1;
	for (size_t i = 0; i < outputs->count; i++) {
		struct sink_stats stats = {0};
		if (outputs->all[i].sink != NULL)
			sink_get_stats(outputs->all[i].sink, &stats);
		if (stats.lost > 0 || (stats.rejected > 0 && outputs->dead_letters == NULL))
			return -EIO;
		if (stats.written + stats.rejected < mark->submitted[i])
			result = 0;
	}
	return result;
}

int outputs_start(struct outputs *outputs) {
	int error = 0;
	for (size_t i = 0; i < outputs->count && error == 0; i++)
		if (outputs->all[i].sink != NULL)
			error = sink_start(outputs->all[i].sink);
	return error;
}

void outputs_reopen(struct outputs *outputs) {
	for (size_t i = 0; i < outputs->count; i++)
		if (outputs->all[i].sink != NULL)
			sink_reopen(outputs->all[i].sink);
}

void outputs_hurry(struct outputs *outputs, int64_t deadline_ns) {
	for (size_t i = 0; i < outputs->count; i++)
		if (outputs->all[i].sink != NULL)
			sink_hurry(outputs->all[i].sink, deadline_ns);
}

void outputs_get_stats(const struct outputs *outputs, struct writer_output *ret_output, struct writer_sink *ret_sinks) {
	size_t count = 0;
	*ret_output = (struct writer_output){.sinks = ret_sinks};
	for (size_t i = 0; i < outputs->count; i++) {
		struct sink_stats stats;
		if (outputs->all[i].sink == NULL)
			continue;
		sink_get_stats(outputs->all[i].sink, &stats);
		ret_sinks[count++] = (struct writer_sink){
			.name = name_of(&outputs->all[i]),
			.format = outputs->all[i].output->format->name,
			.up = !stats.failing,
			.queue_documents = stats.memory_documents,
			.queue_bytes = stats.memory_bytes,
			.spool_documents = stats.spool_documents,
			.spool_bytes = stats.spool_bytes,
			.documents_written = stats.written,
			.bytes_written = stats.written_bytes,
			.documents_rejected = stats.rejected,
			.documents_lost = stats.lost,
			.write_errors = stats.write_errors,
		};
		ret_output->queue_documents += stats.memory_documents;
		ret_output->queue_bytes += stats.memory_bytes;
		ret_output->spool_documents += stats.spool_documents;
		ret_output->spool_bytes += stats.spool_bytes;
		ret_output->documents_written += stats.written;
		ret_output->bytes_written += stats.written_bytes;
		ret_output->documents_lost += stats.lost;
		ret_output->write_errors += stats.write_errors;
	}
	ret_output->sink_count = count;
}

static int finish_file(struct outputs *outputs, struct one *one) {
	bool failed = ferror(one->file) != 0;
	errno = 0;
	int closed = one->file == stdout ? fflush(stdout) : fclose(one->file);
	int error = closed != 0 ? (errno != 0 ? -errno : -EIO) : failed ? -EIO : 0;
	one->file = NULL;
	/* Of a single one the run has said it; and who closes the pipe has seen enough. */
	if (error != 0 && error != -EPIPE && (outputs->count > 1 || !failed))
		fail(name_of(one), error);
	return error;
}

int outputs_finish(struct outputs *outputs, int64_t deadline_ns) {
	int error = 0;
	if (deadline_ns >= 0)
		outputs_hurry(outputs, deadline_ns); /* all at the same time */
	for (size_t i = 0; i < outputs->count; i++) {
		struct one *one = &outputs->all[i];
		struct sink_stats stats;
		int result = 0;
		if (one->file != NULL) {
			result = finish_file(outputs, one);
		} else if (one->sink != NULL) {
			result = sink_finish(one->sink, deadline_ns);
			sink_get_stats(one->sink, &stats);
			if (stats.lost > 0 || (stats.rejected > 0 && outputs->dead_letters == NULL))
				result = -EIO;
		}
		if (error == 0)
			error = result;
	}
	return error;
}

void outputs_destroy(struct outputs *outputs) {
	if (outputs == NULL)
		return;
	for (size_t i = 0; i < outputs->channel_count; i++) {
		outlet_destroy(outputs->channels[i].outlet);
		outlet_destroy(outputs->channels[i].entry_outlet);
	}
	for (size_t i = 0; i < outputs->count; i++) {
		struct one *one = &outputs->all[i];
		sink_destroy(one->sink);
		if (one->file != NULL && one->file != stdout)
			fclose(one->file);
		if (one->delivers)
			delivery_finish(&one->delivery);
		free(one->spool);
	}
	dead_letters_close(outputs->dead_letters);
	free(outputs);
}
