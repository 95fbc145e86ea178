/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * kafka://. All of a batch is handed to librdkafka, which sends it on; what its reports of delivery say settles the documents. The key
 * is the session, so that what is told of one connection stays in its order, or the server's endpoint, so that all sessions of a
 * server come to the same consumer.
 *
 * librdkafka has threads: it is created with the first batch, when the sandbox is closed.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "delivery/kafka_settings.h"
#include "report/sink/document_head.h"
#include "report/sink/held_directory.h"
#include "report/sink/settle.h"

#define SECOND_NS INT64_C(1000000000)

enum { INDEX_BITS = 20, ERROR_TEXT = 300, END_MS = 2000 };

struct output_kafka {
	struct output output;
	struct delivery *delivery;
	bool key_server;
	rd_kafka_conf_t *conf; /* for the next that is created; NULL: there is one */
	rd_kafka_t *kafka;     /* NULL: none yet */
	int event_fd;          /* readable when there is something to poll for */
	struct settle settle;
	bool *flying;          /* of each document: librdkafka has it */
	size_t flying_max;
	uintptr_t generation;  /* of the batch: reports of an earlier one say nothing about it */
	bool down, down_told;  /* no broker can be reached */
	int result;            /* of the reports: a negative errno when something is to be tried again */
	char error[ERROR_TEXT];
};

static struct output_kafka *kafka_of(struct output *output) {
	return (struct output_kafka *)output;
}

/* ---- What librdkafka says, within rd_kafka_poll() ---- */

static bool is_documents_fault(rd_kafka_resp_err_t code) {
	switch (code) {
	case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
	case RD_KAFKA_RESP_ERR_INVALID_MSG_SIZE:
	case RD_KAFKA_RESP_ERR_INVALID_MSG:
	case RD_KAFKA_RESP_ERR_INVALID_RECORD:
		return true;
	default:
		return false;
	}
}

static void refuse(struct output_kafka *kafka, const struct batch *batch, size_t index, const char *why) {
	struct output_events *events = kafka->output.events;
	size_t start = batch_start(batch, index);
	events->reject(events->reject_context, why, batch->data + start, batch->ends[index] - start);
	settle_mark(&kafka->settle, index, SETTLE_REJECTED);
}

static void on_report(rd_kafka_t *handle, const rd_kafka_message_t *message, void *context) {
	struct output_kafka *kafka = context;
	uintptr_t mark = (uintptr_t)message->_private;
	size_t index = mark & ((UINT64_C(1) << INDEX_BITS) - 1);
	if (mark >> INDEX_BITS != kafka->generation || kafka->settle.batch == NULL || !settle_is_open(&kafka->settle, index))
		return;
	if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
		settle_mark(&kafka->settle, index, SETTLE_STORED);
		kafka->down = kafka->down_told = false;
		return;
	}
	if (is_documents_fault(message->err)) {
		refuse(kafka, kafka->settle.batch, index, rd_kafka_err2str(message->err));
		return;
	}
	kafka->flying[index] = false;
	kafka->result = -EIO;
	snprintf(kafka->error, sizeof(kafka->error), "%s", rd_kafka_err2str(message->err));
}

static void on_error(rd_kafka_t *handle, int code, const char *reason, void *context) {
	struct output_kafka *kafka = context;
	if (code != RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN)
		snprintf(kafka->error, sizeof(kafka->error), "%s", reason);
	kafka->down = kafka->down || code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN;
}

/* ---- The producer ---- */

static int make_conf(struct output_kafka *kafka) {
	char error[KAFKA_SETTINGS_ERROR_MAX];
	int result = kafka_settings_create(kafka->delivery, false, &kafka->conf, error);
	if (result < 0) {
		snprintf(kafka->error, sizeof(kafka->error), "%s", error);
		return result;
	}
	rd_kafka_conf_set_opaque(kafka->conf, kafka);
	rd_kafka_conf_set_dr_msg_cb(kafka->conf, on_report);
	rd_kafka_conf_set_error_cb(kafka->conf, on_error);
	return 0;
}

static int create(struct output_kafka *kafka) {
	static const uint64_t one = 1;
	int result = kafka->conf == NULL ? make_conf(kafka) : 0;
	if (result < 0)
		return result;
	kafka->kafka = rd_kafka_new(RD_KAFKA_PRODUCER, kafka->conf, kafka->error, sizeof(kafka->error));
	if (kafka->kafka == NULL)
		return -EIO;
	kafka->conf = NULL; /* it has it */
	rd_kafka_queue_t *queue = rd_kafka_queue_get_main(kafka->kafka);
	rd_kafka_queue_io_event_enable(queue, kafka->event_fd, &one, sizeof(one));
	rd_kafka_queue_destroy(queue);
	return 0;
}

static void forget_producer(struct output_kafka *kafka) {
	if (kafka->kafka == NULL)
		return;
	settle_end(&kafka->settle); /* what is reported now is of no use */
	rd_kafka_purge(kafka->kafka, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT | RD_KAFKA_PURGE_F_NON_BLOCKING);
	rd_kafka_destroy(kafka->kafka);
	kafka->kafka = NULL;
}

static int begin(struct output_kafka *kafka, const struct batch *batch) {
	if (kafka->settle.batch == batch)
		return 0;
	if (kafka->flying_max < batch->count) {
		bool *flying = realloc(kafka->flying, batch->count * sizeof(*flying));
		if (flying == NULL)
			return -ENOMEM;
		kafka->flying = flying;
		kafka->flying_max = batch->count;
	}
	memset(kafka->flying, false, batch->count * sizeof(*kafka->flying));
	kafka->generation++;
	return settle_begin(&kafka->settle, batch);
}

static rd_kafka_resp_err_t produce(struct output_kafka *kafka, const struct batch *batch, size_t index) {
	struct document_head head;
	size_t start = batch_start(batch, index), len = batch->ends[index] - start;
	const char *document = batch->data + start;
	if (len > 0 && document[len - 1] == '\n')
		len--;
	document_head_read(document, len, &head);
	const char *key = kafka->key_server && head.server[0] != '\0' ? head.server : head.session[0] != '\0' ? head.session : head.id;
	void *mark = (void *)(kafka->generation << INDEX_BITS | index);
	return rd_kafka_producev(kafka->kafka, RD_KAFKA_V_TOPIC(kafka->delivery->destination->topic),
		RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_VALUE((void *)(uintptr_t)document, len), RD_KAFKA_V_KEY(key, strlen(key)),
		RD_KAFKA_V_HEADER("event.id", head.id, strlen(head.id)), RD_KAFKA_V_HEADER("kind", head.kind, strlen(head.kind)),
		RD_KAFKA_V_OPAQUE(mark), RD_KAFKA_V_END);
}

/* Hands over what librdkafka has not, and takes. Returns 0 or a negative errno. */
static int produce_all(struct output_kafka *kafka, const struct batch *batch) {
	uint64_t max = kafka->delivery->destination->document_max;
	for (size_t i = batch->done_count; i < batch->count; i++) {
		if (kafka->flying[i] || !settle_is_open(&kafka->settle, i))
			continue;
		if (max > 0 && batch->ends[i] - batch_start(batch, i) > max) {
			refuse(kafka, batch, i, "it is longer than max");
			continue;
		}
		rd_kafka_resp_err_t code = produce(kafka, batch, i);
		if (code == RD_KAFKA_RESP_ERR__QUEUE_FULL)
			return 0;
		if (is_documents_fault(code)) {
			refuse(kafka, batch, i, rd_kafka_err2str(code));
			continue;
		}
		if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
			snprintf(kafka->error, sizeof(kafka->error), "%s", rd_kafka_err2str(code));
			return -EIO;
		}
		kafka->flying[i] = true;
	}
	return 0;
}

static int kafka_write(struct output *output, struct batch *batch, int64_t wall_ns) {
	struct output_kafka *kafka = kafka_of(output);
	uint64_t ignored;
	if (kafka->kafka == NULL) {
		int error = create(kafka);
		if (error < 0)
			return error;
	}
	int result = begin(kafka, batch);
	if (result == 0)
		result = produce_all(kafka, batch);
	kafka->result = 0;
	if (read(kafka->event_fd, &ignored, sizeof(ignored)) < 0 && errno != EAGAIN)
		return -errno;
	while (rd_kafka_poll(kafka->kafka, 0) > 0)
		;
	if (settle_advance(&kafka->settle, batch, output->events))
		return 1;
	char text[ERROR_TEXT];
	if (rd_kafka_fatal_error(kafka->kafka, text, sizeof(text)) != RD_KAFKA_RESP_ERR_NO_ERROR) {
		memcpy(kafka->error, text, sizeof(text));
		forget_producer(kafka);
		return -EIO;
	}
	if (result == 0)
		result = kafka->result;
	/* It is said once, and then waited for: librdkafka tries again by itself. */
	if (result == 0 && kafka->down && !kafka->down_told) {
		kafka->down_told = true;
		result = -EHOSTUNREACH;
	}
	return result;
}

static void kafka_tick(struct output *output, int64_t wall_ns) {
	struct output_kafka *kafka = kafka_of(output);
	if (kafka->kafka != NULL)
		rd_kafka_poll(kafka->kafka, 0);
}

static int kafka_reopen(struct output *output, int64_t wall_ns) {
	return 0;
}

static int kafka_finish(struct output *output, int64_t wall_ns) {
	forget_producer(kafka_of(output));
	return 0;
}

static int kafka_poll_fd(const struct output *output) {
	return ((const struct output_kafka *)output)->event_fd;
}

static short kafka_poll_events(const struct output *output) {
	return POLLIN;
}

static int64_t kafka_poll_ns(const struct output *output) {
	return SECOND_NS / 10;
}

static const char *kafka_describe(const struct output *output) {
	const struct output_kafka *kafka = (const struct output_kafka *)output;
	return kafka->error[0] != '\0' ? kafka->error : NULL;
}

static const struct held_directory *kafka_directory(const struct output *output) {
	static const struct held_directory none = {.fd = -1, .parent_fd = -1};
	return &none;
}

static void kafka_destroy(struct output *output) {
	struct output_kafka *kafka = kafka_of(output);
	forget_producer(kafka);
	if (kafka->conf != NULL)
		rd_kafka_conf_destroy(kafka->conf);
	if (kafka->event_fd >= 0)
		close(kafka->event_fd);
	settle_finish(&kafka->settle);
	free(kafka->flying);
	free(kafka);
}

static const struct output_kind kafka_kind = {
	.write = kafka_write,
	.tick = kafka_tick,
	.reopen = kafka_reopen,
	.finish = kafka_finish,
	.poll_fd = kafka_poll_fd,
	.poll_events = kafka_poll_events,
	.poll_ns = kafka_poll_ns,
	.describe = kafka_describe,
	.directory = kafka_directory,
	.destroy = kafka_destroy,
};

int delivery_open_kafka(struct delivery *delivery, struct output_events *events, struct output **ret_output) {
	struct output_kafka *kafka = calloc(1, sizeof(*kafka));
	if (kafka == NULL)
		return -ENOMEM;
	*kafka = (struct output_kafka){
		.output = {.kind = &kafka_kind, .events = events},
		.delivery = delivery,
		.key_server = delivery->destination->key_server,
		.event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK),
	};
	for (size_t i = 0; i < delivery->kafka_count; i++)
		if (strncmp(delivery->kafka[i], "key=", 4) == 0)
			kafka->key_server = strcmp(delivery->kafka[i], "key=server") == 0;
	*ret_output = &kafka->output;
	if (kafka->event_fd < 0)
		return -errno;
	return make_conf(kafka);
}
