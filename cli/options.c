/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/options.h"

#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	OPTION_PORTS = 256,
	OPTION_PORTS_ONLY,
	OPTION_USERS,
};

static const struct option long_options[] = {
	{"help", no_argument, NULL, 'h'},
	{"ports", required_argument, NULL, OPTION_PORTS},
	{"ports-only", no_argument, NULL, OPTION_PORTS_ONLY},
	{"users", required_argument, NULL, OPTION_USERS},
	{"version", no_argument, NULL, 'V'},
	{NULL, 0, NULL, 0},
};

static const char usage_line[] = "usage: smtpscope -r FILE [-r FILE ...] [options] [BPF FILTER]";

static void print_help(FILE *out) {
	fprintf(out,
		"%s\n"
		"\n"
		"Rebuilds every SMTP conversation in a capture and says what happened in it.\n"
		"\n"
		"  -r FILE        read packets from FILE: pcap or pcapng, also compressed with\n"
		"                 gzip or zstd; - is standard input. May be given several times.\n"
		"  -o FORMAT      what to write (default: text on a terminal, json elsewhere):\n",
		usage_line);
	for (const struct writer_format *const *format = writer_formats(); *format != NULL; format++)
		fprintf(out, "                   %-6s %s\n", (*format)->name, (*format)->summary);
	fputs(
		"  -w FILE        write to FILE instead of standard output\n"
		"  --ports LIST   SMTP server ports (default 25,587,2525, 465 with TLS, 24 LMTP);\n"
		"                 PORT/smtps and PORT/lmtp name the other two kinds\n"
		"  --ports-only   do not look for SMTP on other ports\n"
		"  --users WHAT   user names of AUTH: keep (default), hash or omit\n"
		"  -q             no warnings on standard error\n"
		"  -v             a summary of the packets on standard error\n"
		"  -V, --version  print the version\n"
		"  -h, --help     print this text\n"
		"\n"
		"The BPF filter is as in tcpdump, for example: host 192.0.2.1 and port 587\n"
		"Exit status: 0 done; 1 something could not be read or written, the rest was;\n"
		"2 wrong usage.\n",
		out);
}

__attribute__((format(printf, 1, 2))) static enum options_result wrong(const char *format, ...) {
	va_list arguments;
	va_start(arguments, format);
	fputs("smtpscope: ", stderr);
	vfprintf(stderr, format, arguments);
	fputs(" (try --help)\n", stderr);
	va_end(arguments);
	return OPTIONS_WRONG;
}

static const struct port_kind {
	const char *name;
	enum stream_hint hint;
} port_kinds[] = {{"smtp", STREAM_HINT_SMTP}, {"smtps", STREAM_HINT_SMTPS}, {"lmtp", STREAM_HINT_LMTP}};

/* The kind of a port that the list names without one. */
static enum stream_hint usual_hint(const struct flow_options *defaults, unsigned long port) {
	return defaults->hints[port] != STREAM_HINT_NONE ? (enum stream_hint)defaults->hints[port] : STREAM_HINT_SMTP;
}

/* PORT[/KIND][,...] */
static bool parse_ports(const char *list, struct flow_options *flow) {
	struct flow_options defaults;
	flow_options_init(&defaults);
	memset(flow->hints, STREAM_HINT_NONE, sizeof(flow->hints));
	for (const char *at = list;; at++) {
		char *end;
		errno = 0;
		unsigned long port = strtoul(at, &end, 10);
		if (end == at || *at < '0' || *at > '9' || errno != 0 || port == 0 || port >= FLOW_PORTS)
			return false;
		enum stream_hint hint = usual_hint(&defaults, port);
		at = end;
		if (*at == '/') {
			size_t len = strcspn(++at, ","), kind = 0;
			size_t kinds = sizeof(port_kinds) / sizeof(port_kinds[0]);
			while (kind < kinds && (strlen(port_kinds[kind].name) != len || memcmp(port_kinds[kind].name, at, len) != 0))
				kind++;
			if (kind == kinds)
				return false;
			hint = port_kinds[kind].hint;
			at += len;
		}
		flow->hints[port] = (uint8_t)hint;
		if (*at == '\0')
			return true;
		if (*at != ',')
			return false;
	}
}

static bool parse_users(const char *word, enum writer_users *ret_users) {
	static const char *const names[] = {
		[WRITER_USERS_KEEP] = "keep", [WRITER_USERS_HASH] = "hash", [WRITER_USERS_OMIT] = "omit"};
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(word, names[i]) == 0) {
			*ret_users = (enum writer_users)i;
			return true;
		}
	}
	return false;
}

static char *join_words(char **words, int count) {
	size_t len = 1;
	for (int i = 0; i < count; i++)
		len += strlen(words[i]) + 1;
	char *joined = count > 0 ? calloc(1, len) : NULL;
	for (int i = 0; i < count && joined != NULL; i++) {
		if (i > 0)
			strcat(joined, " ");
		strcat(joined, words[i]);
	}
	return joined;
}

enum options_result options_parse(int argc, char **argv, struct options *ret_options) {
	struct options *options = ret_options;
	*options = (struct options){0};
	flow_options_init(&options->flow);
	options->files = calloc((size_t)argc, sizeof(*options->files));
	if (options->files == NULL)
		return wrong("out of memory");
	const char *format = NULL;
	opterr = 0;
	/* + : the filter's words are not searched for options. */
	for (int letter; (letter = getopt_long(argc, argv, "+:hVqvr:o:w:", long_options, NULL)) != -1;) {
		switch (letter) {
		case 'r':
			options->files[options->file_count++] = optarg;
			break;
		case 'o':
			format = optarg;
			break;
		case 'w':
			options->destination = strcmp(optarg, "-") == 0 ? NULL : optarg;
			break;
		case OPTION_PORTS:
			if (!parse_ports(optarg, &options->flow))
				return wrong("--ports %s: not a list of ports such as 25,587,1465/smtps", optarg);
			break;
		case OPTION_PORTS_ONLY:
			options->flow.ports_only = true;
			break;
		case OPTION_USERS:
			if (!parse_users(optarg, &options->users))
				return wrong("--users %s: keep, hash or omit is meant", optarg);
			break;
		case 'q':
			options->quiet = true;
			break;
		case 'v':
			options->verbose = true;
			break;
		case 'V':
			puts("smtpscope " SMTPSCOPE_VERSION);
			return OPTIONS_DONE;
		case 'h':
			print_help(stdout);
			return OPTIONS_DONE;
		case ':':
			return wrong("%s needs an argument", argv[optind - 1]);
		default:
			return wrong("unknown option %s", argv[optind - 1]);
		}
	}
	if (options->file_count == 0) {
		fprintf(stderr, "%s\n", usage_line);
		return wrong("no capture file given");
	}
	if (format == NULL)
		format = options->destination == NULL && isatty(STDOUT_FILENO) ? "text" : "json";
	options->format = writer_find(format);
	if (options->format == NULL)
		return wrong("-o %s: no such format", format);
	options->filter = join_words(argv + optind, argc - optind);
	return OPTIONS_RUN;
}

void options_finish(struct options *options) {
	free(options->files);
	free(options->filter);
}
