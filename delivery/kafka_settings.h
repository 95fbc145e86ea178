/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What librdkafka is told, to write and to read.
 */
#ifndef SMTPSCOPE_DELIVERY_KAFKA_SETTINGS_H
#define SMTPSCOPE_DELIVERY_KAFKA_SETTINGS_H

#include <librdkafka/rdkafka.h>

#include "delivery/delivery.h"

enum { KAFKA_SETTINGS_ERROR_MAX = 256 };

/* Whether a setting, NAME=VALUE, may be given where everybody can read it. */
bool kafka_settings_is_public(const char *setting);

/* Settings for writing or, with to_read, for reading as a member of the destination's group; those of the destination, its credentials and what the user wants are in. Returns 0, or a negative errno after
 * writing what is wrong into error. */
int kafka_settings_create(
	const struct delivery *delivery, bool to_read, rd_kafka_conf_t **ret_conf, char error[KAFKA_SETTINGS_ERROR_MAX]);

#endif
