/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A cluster of librdkafka's mock brokers for tests/delivery.py and tests/kafka.py:
 *
 *   kafka_mock BROKERS TOPIC=PARTITIONS ...
 *
 * The first line on standard output is bootstrap.servers. Then commands on standard input, one a line:
 *
 *   down NUMBER | up NUMBER   of a broker, from 1; answered by "ok"
 *   dump TOPIC                a line for each message: partition, offset, key, value, with tabs between them; then "ok"
 *   put TOPIC KEY VALUE       a message; answered by "ok"
 *   fill TOPIC KEY BYTES      one of so many bytes, without a value if that is 0; "ok"
 *   flush TOPIC               waits until all that was put is there; "ok"
 *   committed GROUP TOPIC     of each partition: its number, the committed offset, metadata, with tabs between them; then "ok"
 */
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TOPICS_MAX = 8, PARTITIONS_MAX = 64, LINE_MAX_BYTES = 1 << 20, WAIT_MS = 10000 };

struct topic {
	char name[64];
	int partitions;
};

struct mock {
	rd_kafka_t *owner;
	rd_kafka_mock_cluster_t *cluster;
	const char *servers;
	struct topic topics[TOPICS_MAX];
	int topic_count;
};

static void fail(const char *what) {
	fprintf(stderr, "kafka_mock: %s\n", what);
	exit(3);
}

static void set(rd_kafka_conf_t *conf, const char *name, const char *value) {
	char error[256];
	if (rd_kafka_conf_set(conf, name, value, error, sizeof(error)) != RD_KAFKA_CONF_OK)
		fail(error);
}

static rd_kafka_t *create(const struct mock *mock, rd_kafka_type_t type, const char *group) {
	char error[256];
	rd_kafka_conf_t *conf = rd_kafka_conf_new();
	set(conf, "log_level", "0");
	set(conf, "message.max.bytes", "20000000");
	if (mock->servers != NULL)
		set(conf, "bootstrap.servers", mock->servers);
	if (group != NULL) {
		set(conf, "group.id", group);
		set(conf, "enable.auto.commit", "false");
		set(conf, "enable.partition.eof", "true");
	}
	rd_kafka_t *kafka = rd_kafka_new(type, conf, error, sizeof(error));
	if (kafka == NULL)
		fail(error);
	return kafka;
}

static rd_kafka_topic_partition_list_t *partitions_of(const struct mock *mock, const char *name) {
	rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(PARTITIONS_MAX);
	for (int i = 0; i < mock->topic_count; i++)
		for (int p = 0; strcmp(mock->topics[i].name, name) == 0 && p < mock->topics[i].partitions; p++)
			rd_kafka_topic_partition_list_add(list, name, p)->offset = RD_KAFKA_OFFSET_BEGINNING;
	return list;
}

static void dump(const struct mock *mock, const char *name) {
	rd_kafka_t *kafka = create(mock, RD_KAFKA_CONSUMER, "dump");
	rd_kafka_topic_partition_list_t *list = partitions_of(mock, name);
	bool ended[PARTITIONS_MAX] = {false};
	int left = list->cnt;
	rd_kafka_assign(kafka, list);
	while (left > 0) {
		rd_kafka_message_t *message = rd_kafka_consumer_poll(kafka, WAIT_MS);
		if (message == NULL)
			break;
		if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
			left -= !ended[message->partition];
			ended[message->partition] = true;
		} else if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
			printf("%d\t%lld\t%.*s\t%.*s\n", (int)message->partition, (long long)message->offset, (int)message->key_len,
				(const char *)message->key, (int)message->len, (const char *)message->payload);
		}
		rd_kafka_message_destroy(message);
	}
	rd_kafka_topic_partition_list_destroy(list);
	rd_kafka_consumer_close(kafka);
	rd_kafka_destroy(kafka);
}

static void committed(const struct mock *mock, const char *group, const char *name) {
	rd_kafka_t *kafka = create(mock, RD_KAFKA_CONSUMER, group);
	rd_kafka_topic_partition_list_t *list = partitions_of(mock, name);
	if (rd_kafka_committed(kafka, list, WAIT_MS) == RD_KAFKA_RESP_ERR_NO_ERROR)
		for (int i = 0; i < list->cnt; i++)
			printf("%d\t%lld\t%.*s\n", (int)list->elems[i].partition, (long long)list->elems[i].offset,
				(int)list->elems[i].metadata_size, (const char *)list->elems[i].metadata);
	rd_kafka_topic_partition_list_destroy(list);
	rd_kafka_destroy(kafka);
}

static void put(rd_kafka_t *producer, const char *name, const char *key, const char *value, size_t len) {
	while (rd_kafka_producev(producer, RD_KAFKA_V_TOPIC(name), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
		       RD_KAFKA_V_KEY(key, strlen(key)), RD_KAFKA_V_VALUE((void *)(uintptr_t)value, len),
		       RD_KAFKA_V_END) == RD_KAFKA_RESP_ERR__QUEUE_FULL)
		rd_kafka_poll(producer, 10);
}

static void fill(rd_kafka_t *producer, const char *name, const char *key, size_t len) {
	char *value = len > 0 ? malloc(len) : NULL;
	if (value != NULL)
		memset(value, 'x', len);
	put(producer, name, key, value, value != NULL ? len : 0);
	free(value);
}

static void serve(struct mock *mock) {
	char *line = malloc(LINE_MAX_BYTES);
	rd_kafka_t *producer = create(mock, RD_KAFKA_PRODUCER, NULL);
	while (line != NULL && fgets(line, LINE_MAX_BYTES, stdin) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		char *command = strtok(line, " "), *first = strtok(NULL, " "), *second = strtok(NULL, " "), *rest = strtok(NULL, "");
		if (command == NULL || first == NULL)
			fail("no such command");
		else if (strcmp(command, "down") == 0)
			rd_kafka_mock_broker_set_down(mock->cluster, atoi(first));
		else if (strcmp(command, "up") == 0)
			rd_kafka_mock_broker_set_up(mock->cluster, atoi(first));
		else if (strcmp(command, "dump") == 0)
			dump(mock, first);
		else if (strcmp(command, "committed") == 0)
			committed(mock, first, second);
		else if (strcmp(command, "put") == 0)
			put(producer, first, second, rest, strlen(rest));
		else if (strcmp(command, "fill") == 0)
			fill(producer, first, second, (size_t)atoll(rest));
		else if (strcmp(command, "flush") == 0)
			rd_kafka_flush(producer, WAIT_MS);
		puts("ok");
		fflush(stdout);
	}
	rd_kafka_destroy(producer);
	free(line);
}

int main(int argc, char **argv) {
	struct mock mock = {0};
	if (argc < 3)
		fail("how many brokers, and which topics?");
	mock.owner = create(&mock, RD_KAFKA_PRODUCER, NULL);
	mock.cluster = rd_kafka_mock_cluster_new(mock.owner, atoi(argv[1]));
	if (mock.cluster == NULL)
		fail("no cluster");
	for (int i = 2; i < argc && mock.topic_count < TOPICS_MAX; i++) {
		struct topic *topic = &mock.topics[mock.topic_count++];
		if (sscanf(argv[i], "%63[^=]=%d", topic->name, &topic->partitions) != 2 || topic->partitions > PARTITIONS_MAX)
			fail("TOPIC=PARTITIONS");
		rd_kafka_mock_topic_create(mock.cluster, topic->name, topic->partitions, 1);
		/* By chance, one of the brokers could have none. */
		for (int p = 0; p < topic->partitions; p++)
			rd_kafka_mock_partition_set_leader(mock.cluster, topic->name, p, p % atoi(argv[1]) + 1);
	}
	mock.servers = rd_kafka_mock_cluster_bootstraps(mock.cluster);
	puts(mock.servers);
	fflush(stdout);
	serve(&mock);
	rd_kafka_mock_cluster_destroy(mock.cluster);
	rd_kafka_destroy(mock.owner);
	return 0;
}
