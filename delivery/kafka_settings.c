/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "delivery/kafka_settings.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct setting {
	const char *name, *value;
};

/* To write: in order and without duplicates as long as this process lives, given up never. What sits in librdkafka dies with the
 * process and is still in the spool, so it needs no more than keeps the line busy. */
static const struct setting to_write[] = {
	{"enable.idempotence", "true"}, {"message.timeout.ms", "0"}, {"queue.buffering.max.messages", "10000"},
	{"queue.buffering.max.kbytes", "65536"}, {"linger.ms", "10"}, {"compression.codec", "lz4"}, {"partitioner", "murmur2_random"},
	{"message.max.bytes", "10000000"},
};

/* To read. What waits in memory is of all partitions together, and one record more when a broker has a larger one. */
static const struct setting to_read_[] = {
	{"auto.offset.reset", "earliest"}, {"isolation.level", "read_committed"}, {"partition.assignment.strategy", "cooperative-sticky"},
	{"queued.max.messages.kbytes", "32768"}, {"fetch.max.bytes", "16777216"}, {"allow.auto.create.topics", "false"},
};

/* What was read counts only when it was said so; nobody may say otherwise. */
static const struct setting to_read_always[] = {
	{"enable.auto.commit", "false"}, {"enable.auto.offset.store", "false"}, {"enable.partition.eof", "true"},
};

bool kafka_settings_is_public(const char *setting) {
	size_t len = strcspn(setting, "=");
	static const char *const secret[] = {"password", "secret", "ssl.key.pem", "ssl.keystore", "oauthbearer.config", "jaas"};
	for (size_t i = 0; i < sizeof(secret) / sizeof(secret[0]); i++)
		if (memmem(setting, len, secret[i], strlen(secret[i])) != NULL)
			return false;
	return true;
}

static int set(rd_kafka_conf_t *conf, const char *name, const char *value, char *error) {
	char text[KAFKA_SETTINGS_ERROR_MAX];
	if (value == NULL || rd_kafka_conf_set(conf, name, value, text, sizeof(text)) == RD_KAFKA_CONF_OK)
		return 0;
	/* The text could have the value in it. */
	snprintf(error, KAFKA_SETTINGS_ERROR_MAX, "Kafka has no such setting, or not with such a value: %s", name);
	return -EINVAL;
}

static int set_all(rd_kafka_conf_t *conf, const struct setting *settings, size_t count, char *error) {
	int result = 0;
	for (size_t i = 0; i < count && result == 0; i++)
		result = set(conf, settings[i].name, settings[i].value, error);
	return result;
}

/* USER:PASSWORD */
static int set_login(rd_kafka_conf_t *conf, const struct delivery *delivery, char *error) {
	const char *secret = delivery->credentials.secret, *colon = secret != NULL ? strchr(secret, ':') : NULL;
	char user[256];
	if (secret == NULL)
		return 0;
	if (colon == NULL || (size_t)(colon - secret) >= sizeof(user)) {
		snprintf(error, KAFKA_SETTINGS_ERROR_MAX, "the secret of Kafka is USER:PASSWORD");
		return -EINVAL;
	}
	memcpy(user, secret, (size_t)(colon - secret));
	user[colon - secret] = '\0';
	const struct setting settings[] = {{"security.protocol", delivery->destination->tls ? "SASL_SSL" : "SASL_PLAINTEXT"},
		{"sasl.mechanism", "PLAIN"}, {"sasl.username", user}, {"sasl.password", colon + 1}};
	return set_all(conf, settings, sizeof(settings) / sizeof(settings[0]), error);
}

static int set_connection(rd_kafka_conf_t *conf, const struct delivery *delivery, char *error) {
	const struct destination *to = delivery->destination;
	const struct setting settings[] = {
		{"bootstrap.servers", to->brokers}, {"client.id", "smtpscope"}, {"socket.keepalive.enable", "true"},
		{"security.protocol", to->tls ? "SSL" : "PLAINTEXT"},
		{"ssl.ca.pem", to->tls ? delivery->credentials.ca : NULL},
		{"ssl.certificate.pem", delivery->credentials.certificate}, {"ssl.key.pem", delivery->credentials.key},
		{"enable.ssl.certificate.verification", to->verify ? "true" : "false"},
		{"ssl.endpoint.identification.algorithm", to->verify && to->tls ? "https" : "none"},
	};
	return set_all(conf, settings, sizeof(settings) / sizeof(settings[0]), error);
}

static int set_wanted(rd_kafka_conf_t *conf, const struct delivery *delivery, char *error) {
	int result = 0;
	for (size_t i = 0; i < delivery->kafka_count && result == 0; i++) {
		const char *setting = delivery->kafka[i];
		if (strncmp(setting, "key=", 4) == 0)
			continue; /* it is ours */
		char *name = strdup(setting);
		if (name == NULL)
			return -ENOMEM;
		char *value = strchr(name, '=');
		*value++ = '\0';
		result = set(conf, name, value, error);
		free(name);
	}
	return result;
}

/* Nothing is printed behind anybody's back. */
static void ignore_log(const rd_kafka_t *kafka, int level, const char *facility, const char *text) {
}

int kafka_settings_create(
	const struct delivery *delivery, bool to_read, rd_kafka_conf_t **ret_conf, char error[KAFKA_SETTINGS_ERROR_MAX]) {
	rd_kafka_conf_t *conf = rd_kafka_conf_new();
	snprintf(error, KAFKA_SETTINGS_ERROR_MAX, "not enough memory");
	if (conf == NULL)
		return -ENOMEM;
	rd_kafka_conf_set_log_cb(conf, ignore_log);
	int result = set_connection(conf, delivery, error);
	if (result == 0)
		result = to_read ? set_all(conf, to_read_, sizeof(to_read_) / sizeof(to_read_[0]), error)
				 : set_all(conf, to_write, sizeof(to_write) / sizeof(to_write[0]), error);
	if (result == 0 && to_read)
		result = set(conf, "group.id", delivery->destination->group, error);
	if (result == 0)
		result = set_login(conf, delivery, error);
	if (result == 0)
		result = set_wanted(conf, delivery, error);
	if (result == 0 && to_read)
		result = set_all(conf, to_read_always, sizeof(to_read_always) / sizeof(to_read_always[0]), error);
	if (result < 0) {
		rd_kafka_conf_destroy(conf);
		return result;
	}
	*ret_conf = conf;
	return 0;
}
