/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The command line and the configuration file.
 */
#ifndef SMTPSCOPE_CLI_OPTIONS_H
#define SMTPSCOPE_CLI_OPTIONS_H

#include <stdio.h>
#include <sys/socket.h>

#include "capture/flow.h"
#include "report/diagnosis.h"
#include "report/privacy.h"
#include "report/words.h"
#include "report/writer.h"

struct config;
struct destination; /* report/sink/destination.h */

enum { OPTIONS_OUTPUTS_MAX = 16 };

/* One -w. */
struct options_output {
	const struct writer_format *format; /* its own, or that of -o, or the usual one for it */
	struct destination *destination;
};

enum { OPTIONS_KEY_MIN = 16, OPTIONS_KEY_MAX = 4096 }; /* bytes of --users-key */

/* There is one source: interfaces, files, session_files or session_topic; none with list_interfaces and check_sandbox. Fields of which nothing is
 * said have their default even where they are of no use for that source. */
struct options {
	/* What is read. */
	const char **files; /* -r, in the order given */
	size_t file_count;
	const char **session_files; /* --sessions */
	size_t session_file_count;
	struct destination *session_topic; /* --sessions kafka://; NULL: none */
	const char **interfaces; /* -i, each once; "any" stands alone */
	size_t interface_count;
	bool list_interfaces; /* -D */
	char *filter;         /* the words after the options, joined; NULL: none */
	uint64_t frames_max;  /* -c; 0: no limit */
	const char *keylog_file; /* NULL: none */

	/* Live capture. */
	int snaplen;    /* -s, bytes; never 0 */
	int buffer_kib; /* -B, of each interface */
	bool promiscuous;
	bool immediate;
	bool all_tcp;

	/* What is made of it. */
	struct flow_options flow;
	enum writer_users users;
	const char *users_key_file; /* --users-key; NULL: none */
	uint8_t users_key[OPTIONS_KEY_MAX]; /* its content, or a key of this run: see prepare_users_key() */
	size_t users_key_len;               /* 0: names are not hashed */
	bool headers, envelope, attachments;
	uint64_t message_max; /* --max-message */
	struct diagnosis_network *local_networks; /* --local-net */
	size_t local_network_count;
	const char **local_domains; /* --local-domain */
	size_t local_domain_count;
	int64_t diagnosis_memory_ns;

	/* Output. */
	const struct writer_format *format; /* -o, or the usual one */
	const char *sensor;  /* NULL: it has no name */
	bool ocsf_1_3;       /* --ocsf-version */
	struct options_output *outputs;     /* -w, at least one, each destination once */
	size_t output_count;
	const char *destination; /* the last -w that is a file; NULL: standard output was later, or there is none */
	const char **kafka;      /* --kafka */
	size_t kafka_count;
	const char *dead_letters_file; /* NULL: in the spool's directory, if there is one */
	const struct words *words; /* of --lang or of the locale */
	int64_t partial_ns; /* 0: documents are written only when a session ends */
	bool top;
	bool quiet, verbose;

	/* Output files. */
	int64_t rotate_ns;     /* -G; 0: not by time */
	uint64_t rotate_bytes; /* -C; 0: not by size */
	uint64_t keep_files;   /* -W; 0: all */
	bool compress_zstd;
	int64_t keep_age_ns; /* --keep; 0: no limit */
	uint64_t keep_bytes; /* --keep; 0: no limit */
	size_t queue_bytes;
	const char *spool_directory; /* NULL: none */
	uint64_t spool_bytes;

	/* Statistics. */
	int64_t stats_interval_ns; /* 0: only at the end */
	const char *metrics_file;  /* NULL: none */
	const char *metrics_address; /* the numeric address alone, "127.0.0.1" or "::1"; NULL: no listener */
	uint16_t metrics_port;
	struct sockaddr_storage metrics_sockaddr; /* both of them; a loopback address */

	/* Evidence. */
	const char *evidence_directory; /* NULL: none */
	enum finding_severity evidence_severity;
	bool evidence_secrets;
	uint64_t evidence_bytes;
	size_t evidence_memory;

	/* Safety. */
	const char *user; /* -Z; NULL: not given */
	bool sandbox;
	bool check_sandbox;
	size_t max_memory;

	const char *config_file; /* NULL: none */
	bool check_config;

	struct config *config;    /* owns the strings that came from the file */
	char *metrics_owned; /* metrics_address */
};

enum options_result {
	OPTIONS_RUN,
	OPTIONS_DONE,  /* --help or --version was printed, or --check-config found no fault */
	OPTIONS_WRONG, /* a line on stderr says what is wrong; several when there is more than one problem in a file */
};

/* Parses the command line and the configuration file that it names, and checks that what they ask for goes together. Strings borrow
 * from argv or belong to options. The caller calls options_finish() whatever the result. */
enum options_result options_parse(int argc, char **argv, struct options *ret_options);

/* The first file that is written to, if there is any; NULL: none. */
const char *options_find_file(const struct options *options);

/* Whether standard output is written to. */
bool options_writes_to_standard_output(const struct options *options);

/* What the writer is to know of them, when it writes to out. */
void options_for_writer(
	const struct options *options, FILE *out, struct writer_options *ret_options);

struct privacy_options options_for_privacy(const struct options *options);

void options_finish(struct options *options);

#endif
