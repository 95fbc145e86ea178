/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Where documents go, as -w names it. Nothing is opened or looked up here.
 *
 *   FILE, file:FILE, -          a file, a FIFO, a pattern of names; standard output
 *   unix:PATH                   a stream socket
 *   syslog+udp://HOST[:514]     RFC 5424; syslog+tcp://HOST[:514], syslog+tls://HOST[:6514]
 *   kafka://HOST[:9092][,HOST...]/TOPIC                 kafka+tls://HOST[:9093][,HOST...]/TOPIC
 *   http(s)://HOST[:PORT][/PATH]        lines of documents, posted; es+http(s)://, hec+http(s)://
 *
 * All with :// may have parameters, as ?NAME=VALUE&NAME=VALUE; in values %XX stands for a byte.
 */
#ifndef SMTPSCOPE_REPORT_SINK_DESTINATION_H
#define SMTPSCOPE_REPORT_SINK_DESTINATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { DESTINATION_COMPLAINT_MAX = 256 };

enum destination_kind {
	DESTINATION_FILE, /* path NULL: standard output */
	DESTINATION_UNIX,
	DESTINATION_SYSLOG_UDP,
	DESTINATION_SYSLOG_TCP,
	DESTINATION_SYSLOG_TLS,
	DESTINATION_KAFKA,
	DESTINATION_HTTP, /* lines, posted */
	DESTINATION_ELASTIC,
	DESTINATION_SPLUNK,
};

enum destination_auth { DESTINATION_AUTH_USUAL, DESTINATION_AUTH_BASIC, DESTINATION_AUTH_BEARER, DESTINATION_AUTH_API_KEY, DESTINATION_AUTH_SPLUNK };

struct destination {
	enum destination_kind kind;
	char *name;    /* for a person, in statistics and for folders: what was given, without parameters; or name= */
	char *path;    /* of a file or a socket */
	char *host;    /* without brackets */
	uint16_t port;
	char *url;     /* of HTTP: http or https, host, port and path, without a slash at the end */
	char *brokers; /* of Kafka: HOST:PORT,... */
	char *topic;
	bool tls;
	/* Parameters. */
	bool verify;         /* the server's certificate */
	char *ca;            /* a file with certificates; NULL: the system's */
	char *certificate, *key; /* files: ours */
	bool frame_lines;    /* syslog over TCP: a line each, instead of octet counting */
	unsigned facility;   /* syslog */
	uint64_t document_max; /* bytes; a longer one is rejected. 0: any */
	int64_t timeout_ns;  /* for an answer */
	enum destination_auth auth;
	char *secret_file, *secret_variable; /* a file, or a variable of the environment, that has the secret */
	bool compress;       /* gzip, HTTP */
	char *index, *space; /* Elasticsearch; index also Splunk */
	char *group;         /* Kafka, to read: the consumer group */
	bool until_end;      /* Kafka, to read: no further than to what is there */
	bool key_server;     /* Kafka: documents of one server endpoint stay in order, instead of those of one session */
};

/* Returns 0 and *ret_destination, or -EINVAL after writing what is wrong into complaint, or -ENOMEM. */
int destination_parse(const char *text, struct destination **ret_destination, char complaint[DESTINATION_COMPLAINT_MAX]);

/* Accepts NULL. */
void destination_destroy(struct destination *destination);

/* Whether it is reached by a socket. */
bool destination_is_network(const struct destination *destination);

#endif
