/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Outputs of a sink (report/sink/output.h) that are not files: sockets, syslog, HTTP, Kafka. An output hands documents over and
 * says which of them the receiver has acknowledged; when to try again is the sink's business.
 *
 *   unix:         read by the other side (the kernel says how much is not)
 *   syslog+udp:   sent; nobody acknowledges
 *   syslog+tcp:   acknowledged by the other side's TCP; what its program had not read when it died is lost
 *   http(s):      a 2xx answer; of Elasticsearch, the answer for each document
 *   kafka:        all replicas in sync have it
 *
 * Nothing waits: outputs are driven by write(), and say what to wait for.
 */
#ifndef SMTPSCOPE_DELIVERY_DELIVERY_H
#define SMTPSCOPE_DELIVERY_DELIVERY_H

#include "delivery/credentials.h"
#include "report/sink/output.h"

/* What an output is made of; it outlives the output. */
struct delivery {
	const struct destination *destination;
	struct credentials credentials;
	char host_name[256];           /* ours */
	const char *const *kafka;      /* settings for librdkafka: NAME=VALUE */
	size_t kafka_count;
};

/* For open_output of sink_options; context is a struct delivery. No connection is made yet, and no thread is started. */
int delivery_open_output(void *context, struct output_events *events, struct output **ret_output);

/* One by one. */
int delivery_open_stream(struct delivery *delivery, struct output_events *events, struct output **ret_output);
int delivery_open_http(struct delivery *delivery, struct output_events *events, struct output **ret_output);
int delivery_open_kafka(struct delivery *delivery, struct output_events *events, struct output **ret_output);

/* Prepares, before the sandbox is entered; the destination stays the caller's. Returns 0, or a negative errno after writing what is wrong into error. */
int delivery_init(struct delivery *delivery, const struct destination *destination, char error[CREDENTIALS_ERROR_MAX]);

/* Accepts zeroed. */
void delivery_finish(struct delivery *delivery);

#endif
