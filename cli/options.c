/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/options.h"

#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	OPTION_LANG = 256,
	OPTION_LOCAL_DOMAIN,
	OPTION_LOCAL_NET,
	OPTION_PORTS,
	OPTION_PORTS_ONLY,
	OPTION_SESSIONS,
	OPTION_USERS,
};

static const struct option long_options[] = {
	{"help", no_argument, NULL, 'h'},
	{"lang", required_argument, NULL, OPTION_LANG},
	{"local-domain", required_argument, NULL, OPTION_LOCAL_DOMAIN},
	{"local-net", required_argument, NULL, OPTION_LOCAL_NET},
	{"ports", required_argument, NULL, OPTION_PORTS},
	{"ports-only", no_argument, NULL, OPTION_PORTS_ONLY},
	{"sessions", required_argument, NULL, OPTION_SESSIONS},
	{"users", required_argument, NULL, OPTION_USERS},
	{"version", no_argument, NULL, 'V'},
	{NULL, 0, NULL, 0},
};

static const char usage_lines[] = "usage: smtpscope -r FILE [-r FILE ...] [options] [BPF FILTER]\n"
				  "       smtpscope --sessions FILE [--sessions FILE ...] [options]";

static void print_help(FILE *out) {
	fprintf(out,
		"%s\n"
		"\n"
		"Rebuilds every SMTP conversation in a capture and says what happened in it.\n"
		"\n"
		"  -r FILE        read packets from FILE: pcap or pcapng, also compressed with\n"
		"                 gzip or zstd; - is standard input. May be given several times.\n"
		"  --sessions FILE\n"
		"                 diagnose session documents (what -o json writes) instead of\n"
		"                 packets; the rest as for -r\n"
		"  -o FORMAT      what to write (default: text on a terminal, json elsewhere):\n",
		usage_lines);
	for (const struct writer_format *const *format = writer_formats(); *format != NULL; format++)
		fprintf(out, "                   %-6s %s\n", (*format)->name, (*format)->summary);
	fputs(
		"  -w FILE        write to FILE instead of standard output\n"
		"  --ports LIST   SMTP server ports (default 25,587,2525, 465 with TLS, 24 LMTP);\n"
		"                 PORT/smtps and PORT/lmtp name the other two kinds\n"
		"  --ports-only   do not look for SMTP on other ports\n"
		"  --users WHAT   user names of AUTH: keep (default), hash or omit\n"
		"  --local-net NETWORK\n"
		"                 whose clients may relay, as 192.0.2.0/24; several times\n"
		"                 (default: private addresses and the server's own network)\n"
		"  --local-domain NAME\n"
		"                 whose mail the servers are responsible for; several times\n"
		"                 (default: the domains of the servers' names)\n"
		"  --lang LANG    language of the texts: en or ja (default: of the locale)\n"
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

/* ADDRESS[/PREFIX] */
static bool parse_network(const char *text, struct diagnosis_network *ret_network) {
	struct diagnosis_network network = {.ip_version = strchr(text, ':') != NULL ? 6 : 4};
	unsigned bits = network.ip_version == 6 ? 128 : 32;
	char address[INET6_ADDRSTRLEN];
	size_t len = strcspn(text, "/");
	if (len >= sizeof(address))
		return false;
	memcpy(address, text, len);
	address[len] = '\0';
	if (inet_pton(network.ip_version == 6 ? AF_INET6 : AF_INET, address, network.address) != 1)
		return false;
	network.prefix = bits;
	if (text[len] == '/') {
		char *end;
		errno = 0;
		unsigned long prefix = strtoul(text + len + 1, &end, 10);
		if (text[len + 1] < '0' || text[len + 1] > '9' || *end != '\0' || errno != 0 || prefix > bits)
			return false;
		network.prefix = (unsigned)prefix;
	}
	for (unsigned bit = network.prefix; bit < bits; bit++)
		network.address[bit / 8] &= (uint8_t)~(0x80 >> bit % 8);
	*ret_network = network;
	return true;
}

/* A name without the dot or @ that some write before it. */
static const char *parse_domain(const char *text) {
	text += strspn(text, ".@");
	return *text != '\0' && strpbrk(text, " \t@/") == NULL ? text : NULL;
}

static const char *names_of_languages(char *text, size_t size) {
	text[0] = '\0';
	for (const struct words *const *words = words_all(); *words != NULL; words++)
		snprintf(text + strlen(text), size - strlen(text), "%s%s", words == words_all() ? "" : " or ",
			(*words)->language);
	return text;
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
	options->session_files = calloc((size_t)argc, sizeof(*options->session_files));
	options->local_networks = calloc((size_t)argc, sizeof(*options->local_networks));
	options->local_domains = calloc((size_t)argc, sizeof(*options->local_domains));
	options->words = words_of_locale();
	options->max_memory = 256 << 20;
	if (options->files == NULL || options->session_files == NULL || options->local_networks == NULL ||
		options->local_domains == NULL)
		return wrong("out of memory");
	const char *format = NULL;
	char languages[64];
	opterr = 0;
	/* As in tcpdump, options may also stand behind the filter's words. */
	for (int letter; (letter = getopt_long(argc, argv, ":hVqvr:o:w:", long_options, NULL)) != -1;) {
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
		case OPTION_SESSIONS:
			options->session_files[options->session_file_count++] = optarg;
			break;
		case OPTION_LOCAL_NET:
			if (!parse_network(optarg, &options->local_networks[options->local_network_count++]))
				return wrong("--local-net %s: not a network such as 192.0.2.0/24", optarg);
			break;
		case OPTION_LOCAL_DOMAIN:
			options->local_domains[options->local_domain_count] = parse_domain(optarg);
			if (options->local_domains[options->local_domain_count++] == NULL)
				return wrong("--local-domain %s: not a name such as example.org", optarg);
			break;
		case OPTION_LANG:
			options->words = words_find(optarg);
			if (options->words == NULL)
				return wrong("--lang %s: %s is meant", optarg,
					names_of_languages(languages, sizeof(languages)));
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
	if (options->file_count > 0 && options->session_file_count > 0)
		return wrong("-r and --sessions do not go together");
	if (options->session_file_count > 0 && optind < argc)
		return wrong("%s: --sessions takes one file each, and no filter", argv[optind]);
	if (options->file_count == 0 && options->session_file_count == 0) {
		fprintf(stderr, "%s\n", usage_lines);
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

void options_for_writer(
	const struct options *options, FILE *out, struct identity_user *user_hash, struct writer_options *ret_options) {
	const char *no_color = getenv("NO_COLOR");
	*ret_options = (struct writer_options){
		.colour = isatty(fileno(out)) && (no_color == NULL || no_color[0] == '\0'),
		.users = options->users,
		.user_hash = user_hash,
		.words = options->words,
	};
}

void options_finish(struct options *options) {
	free(options->files);
	free(options->session_files);
	free(options->local_networks);
	free(options->local_domains);
	free(options->filter);
}
