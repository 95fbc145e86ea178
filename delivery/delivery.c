/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "delivery/delivery.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "delivery/resolve.h"

int delivery_open_output(void *context, struct output_events *events, struct output **ret_output) {
	struct delivery *delivery = context;
	switch (delivery->destination->kind) {
	case DESTINATION_UNIX:
	case DESTINATION_SYSLOG_UDP:
	case DESTINATION_SYSLOG_TCP:
	case DESTINATION_SYSLOG_TLS:
		return delivery_open_stream(delivery, events, ret_output);
	case DESTINATION_HTTP:
	case DESTINATION_ELASTIC:
	case DESTINATION_SPLUNK:
		return delivery_open_http(delivery, events, ret_output);
	case DESTINATION_KAFKA:
		return delivery_open_kafka(delivery, events, ret_output);
	case DESTINATION_FILE:
		break;
	}
	return -EINVAL;
}

int delivery_init(struct delivery *delivery, const struct destination *destination, char error[CREDENTIALS_ERROR_MAX]) {
	*delivery = (struct delivery){.destination = destination};
	if (gethostname(delivery->host_name, sizeof(delivery->host_name) - 1) < 0 || delivery->host_name[0] == '\0')
		strcpy(delivery->host_name, "-");
	char *broker = destination->brokers != NULL ? strndup(destination->brokers, strcspn(destination->brokers, ",:")) : NULL;
	resolve_prepare(broker != NULL ? broker : destination->host);
	free(broker);
	return credentials_read(destination, &delivery->credentials, error);
}

void delivery_finish(struct delivery *delivery) {
	credentials_finish(&delivery->credentials);
}
