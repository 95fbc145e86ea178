/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * cli/options.c, its table and the configuration file: what is understood, and what is refused in which words.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cli/config.h"
#include "cli/options.h"
#include "cli/options_table.h"

enum { WORDS_MAX = 64, MESSAGES_MAX = 1 << 16 };

#define SECONDS(n) (INT64_C(1000000000) * (n))
#define KIB(n) (UINT64_C(1024) * (n))
#define MIB(n) (KIB(1024) * (n))
#define GIB(n) (MIB(1024) * (n))

/* One call of options_parse(). Strings of the options borrow from words. */
struct call {
	char words[4096];
	char *argv[WORDS_MAX + 1];
	int argc;
	int file; /* of the configuration, in memory; -1: none */
	struct options options;
	enum options_result result;
	char messages[MESSAGES_MAX]; /* on standard error */
};

/* Standard output and error go to files in memory for the call, and what came on the latter is kept. */
static void parse_quietly(struct call *call) {
	int messages = memfd_create("messages", MFD_CLOEXEC), null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	assert_true(messages >= 0 && null >= 0);
	fflush(stdout);
	fflush(stderr);
	int out = dup(STDOUT_FILENO), err = dup(STDERR_FILENO);
	dup2(null, STDOUT_FILENO);
	dup2(messages, STDERR_FILENO);
	call->result = options_parse(call->argc, call->argv, &call->options);
	fflush(stdout);
	fflush(stderr);
	dup2(out, STDOUT_FILENO);
	dup2(err, STDERR_FILENO);
	close(out);
	close(err);
	close(null);
	ssize_t len = pread(messages, call->messages, sizeof(call->messages) - 1, 0);
	assert_true(len >= 0);
	call->messages[len] = '\0';
	close(messages);
}

/* Words are separated by blanks; @ stands for the name of the file, an empty word is written ''. */
static void call_begin(struct call *call, const char *words, const void *config, size_t config_len) {
	memset(call, 0, sizeof(*call));
	call->file = -1;
	char name[64] = "";
	if (config != NULL) {
		call->file = memfd_create("configuration", MFD_CLOEXEC);
		assert_true(call->file >= 0);
		assert_int_equal(write(call->file, config, config_len), config_len);
		snprintf(name, sizeof(name), "/proc/self/fd/%d", call->file);
	}
	char *end = call->words;
	call->argv[call->argc++] = end;
	end = stpcpy(end, "smtpscope") + 1;
	for (const char *at = words; *(at += strspn(at, " ")) != '\0';) {
		size_t len = strcspn(at, " ");
		assert_true(call->argc < WORDS_MAX && end + len + sizeof(name) < call->words + sizeof(call->words));
		call->argv[call->argc++] = end;
		if (len == 1 && *at == '@')
			end = stpcpy(end, name) + 1;
		else if (len == 2 && memcmp(at, "''", 2) == 0)
			*end++ = '\0';
		else
			end = (char *)mempcpy(end, at, len) + 1;
		at += len;
	}
	parse_quietly(call);
}

static void call_end(struct call *call) {
	options_finish(&call->options);
	if (call->file >= 0)
		close(call->file);
}

/* What options must be after a row's command line. */
#define GOOD(name, condition)                                                                                               \
	static bool name(const struct options *o) {                                                                         \
		return condition;                                                                                           \
	}

static bool is(const char *got, const char *expected) {
	return got == NULL || expected == NULL ? got == expected : strcmp(got, expected) == 0;
}

static bool list_is(const char *const *list, size_t count, const char *first, const char *second) {
	size_t expected = second != NULL ? 2 : first != NULL;
	return count == expected && (count < 1 || is(list[0], first)) && (count < 2 || is(list[1], second));
}

static bool listens(const struct options *o, const char *address, uint16_t port) {
	const struct sockaddr_in *four = (const void *)&o->metrics_sockaddr;
	const struct sockaddr_in6 *six = (const void *)&o->metrics_sockaddr;
	char text[INET6_ADDRSTRLEN] = "";
	bool is_six = o->metrics_sockaddr.ss_family == AF_INET6;
	inet_ntop(o->metrics_sockaddr.ss_family, is_six ? (const void *)&six->sin6_addr : &four->sin_addr, text, sizeof(text));
	return is(o->metrics_address, address) && is(text, address) && o->metrics_port == port &&
		ntohs(is_six ? six->sin6_port : four->sin_port) == port;
}

GOOD(standard_input, o->interface_count == 0 && o->frames_max == 0 && !o->list_interfaces && o->filter == NULL)
GOOD(standard_capture, o->snaplen == 262144 && o->buffer_kib == 32768 && o->promiscuous && !o->immediate && !o->all_tcp)
GOOD(standard_smtp, o->flow.timeout_ns[FLOW_TIMEOUT_OPEN] == SECONDS(3600) && o->flow.timeout_ns[FLOW_TIMEOUT_EMBRYONIC] == SECONDS(130) &&
	o->flow.timeout_ns[FLOW_TIMEOUT_CLOSING] == SECONDS(3) / 2 &&
	o->users == WRITER_USERS_KEEP && o->diagnosis_memory_ns == SECONDS(7 * 24 * 3600) && !o->flow.ports_only &&
	o->local_network_count == 0 && o->local_domain_count == 0)
GOOD(standard_output, o->destination == NULL && o->partial_ns == 0 && !o->top && !o->quiet && !o->verbose &&
	o->words != NULL && o->format != NULL)
GOOD(standard_files, o->rotate_ns == 0 && o->rotate_bytes == 0 && o->keep_files == 0 && !o->compress_zstd &&
	o->keep_age_ns == 0 && o->keep_bytes == 0 && o->queue_bytes == MIB(64) && o->spool_directory == NULL &&
	o->spool_bytes == GIB(1))
GOOD(standard_statistics_live, o->stats_interval_ns == SECONDS(60) && o->metrics_file == NULL && o->metrics_address == NULL)
GOOD(standard_statistics, o->stats_interval_ns == 0)
GOOD(standard_evidence, o->evidence_directory == NULL && o->evidence_severity == FINDING_HIGH && !o->evidence_secrets &&
	o->evidence_bytes == GIB(1) && o->evidence_memory == MIB(64))
GOOD(standard_safety, o->user == NULL && o->sandbox && !o->check_sandbox && o->max_memory == MIB(256))
GOOD(files_ab, list_is(o->files, o->file_count, "a", "b"))
GOOD(sessions_ab, list_is(o->session_files, o->session_file_count, "a", "b"))
GOOD(interfaces_ab, list_is(o->interfaces, o->interface_count, "a", "b"))
GOOD(interface_any, list_is(o->interfaces, o->interface_count, "any", NULL))
GOOD(no_interface, o->interface_count == 0)
GOOD(lists_interfaces, o->list_interfaces)
GOOD(checks_sandbox, o->check_sandbox)
GOOD(frames_17, o->frames_max == 17)
GOOD(filter_words, is(o->filter, "tcp port 25"))
GOOD(snaplen_64, o->snaplen == 64)
GOOD(buffer_2, o->buffer_kib == 2)
GOOD(not_promiscuous, !o->promiscuous)
GOOD(immediate, o->immediate)
GOOD(all_tcp, o->all_tcp)
GOOD(ports_some, o->flow.hints[1465] == STREAM_HINT_SMTPS && o->flow.hints[26] == STREAM_HINT_SMTP &&
	o->flow.hints[24] == STREAM_HINT_LMTP && o->flow.hints[465] == STREAM_HINT_SMTPS && o->flow.hints[25] == STREAM_HINT_NONE)
GOOD(ports_only, o->flow.ports_only)
GOOD(users_omit, o->users == WRITER_USERS_OMIT)
GOOD(networks, o->local_network_count == 3 && o->local_networks[0].prefix == 24 && o->local_networks[0].address[2] == 2 &&
	o->local_networks[0].address[3] == 0 && o->local_networks[1].ip_version == 6 && o->local_networks[1].prefix == 128 &&
	o->local_networks[2].prefix == 0)
GOOD(domains, list_is(o->local_domains, o->local_domain_count, "example.org", "example.net"))
GOOD(timeouts, o->flow.timeout_ns[FLOW_TIMEOUT_OPEN] == SECONDS(7200) &&
	o->flow.timeout_ns[FLOW_TIMEOUT_EMBRYONIC] == SECONDS(100) && o->flow.timeout_ns[FLOW_TIMEOUT_CLOSING] == SECONDS(9))
GOOD(timeout_open, o->flow.timeout_ns[FLOW_TIMEOUT_OPEN] == SECONDS(120) &&
	o->flow.timeout_ns[FLOW_TIMEOUT_EMBRYONIC] == SECONDS(130) &&
	o->flow.timeout_ns[FLOW_TIMEOUT_CLOSING] == SECONDS(3) / 2)
GOOD(diagnosis_two_days, o->diagnosis_memory_ns == SECONDS(2 * 24 * 3600))
GOOD(format_text, is(o->format->name, "text"))
GOOD(format_json, is(o->format->name, "json"))
GOOD(destination_f, is(o->destination, "f"))
GOOD(destination_pattern, is(o->destination, "d/%Y%m%d-%H%M%%.ndjson"))
GOOD(destination_none, o->destination == NULL)
GOOD(language_ja, is(o->words->language, "ja"))
GOOD(partial_90, o->partial_ns == SECONDS(90))
GOOD(top, o->top)
GOOD(quiet_verbose, o->quiet && o->verbose)
GOOD(rotate_none, o->rotate_ns == 0 && o->rotate_bytes == 0 && o->keep_files == 0 && o->keep_age_ns == 0 && o->keep_bytes == 0 &&
	!o->compress_zstd)
GOOD(rotate_hour, o->rotate_ns == SECONDS(3600))
GOOD(rotate_millions, o->rotate_bytes == 5000000)
GOOD(rotate_kib, o->rotate_bytes == KIB(5))
GOOD(keep_files_3, o->keep_files == 3)
GOOD(keep_both, o->keep_age_ns == SECONDS(30 * 24 * 3600) && o->keep_bytes == GIB(10))
GOOD(keep_age, o->keep_age_ns == SECONDS(12 * 3600) && o->keep_bytes == 0)
GOOD(keep_size, o->keep_age_ns == 0 && o->keep_bytes == MIB(500))
GOOD(compressed, o->compress_zstd)
GOOD(not_compressed, !o->compress_zstd)
GOOD(queue_1k, o->queue_bytes == 1024)
GOOD(spool, is(o->spool_directory, "d") && o->spool_bytes == GIB(2048))
GOOD(interval_5, o->stats_interval_ns == SECONDS(5))
GOOD(metrics_file, is(o->metrics_file, "m.prom"))
GOOD(listens_four, listens(o, "127.0.0.1", 9560))
GOOD(listens_six, listens(o, "::1", 65535))
GOOD(evidence, is(o->evidence_directory, "d") && o->evidence_severity == FINDING_CRITICAL && o->evidence_secrets &&
	o->evidence_bytes == MIB(5) && o->evidence_memory == MIB(6))
GOOD(evidence_info, o->evidence_severity == FINDING_INFO)
GOOD(user, is(o->user, "nobody"))
GOOD(no_sandbox, !o->sandbox)
GOOD(sandbox, o->sandbox)
GOOD(memory_1g, o->max_memory == GIB(1))

static const struct good_row {
	const char *words;
	bool (*good)(const struct options *options);
} good_lines[] = {
	{"-r a", standard_input}, {"-r a", standard_capture}, {"-r a", standard_smtp}, {"-r a", standard_output},
	{"-r a", standard_files}, {"-r a", standard_statistics}, {"-r a", standard_evidence}, {"-r a", standard_safety},
	{"-i a", standard_statistics_live}, {"--sessions a", standard_statistics},
	{"-r a -r b", files_ab}, {"--sessions a --sessions=b", sessions_ab},
	{"-i a -i b", interfaces_ab}, {"--interface a -ib", interfaces_ab}, {"-i any", interface_any},
	{"-D", lists_interfaces}, {"--list-interfaces", lists_interfaces}, {"--check-sandbox", checks_sandbox},
	{"-c 17 -r a", frames_17}, {"-c17 -i a", frames_17},
	{"-r a tcp port 25", filter_words}, {"tcp -r a port -q 25", filter_words}, {"-i a -- tcp port 25", filter_words},
	{"-i a -s 64", snaplen_64}, {"-i a --snaplen 64", snaplen_64}, {"-i a -s 0", standard_capture},
	{"-i a -s 262144", standard_capture}, {"-i a -B 2", buffer_2}, {"-i a --buffer-size=2", buffer_2},
	{"-i a -p", not_promiscuous}, {"-i a --no-promiscuous-mode", not_promiscuous}, {"-i a --immediate-mode", immediate},
	{"-i a --all-tcp", all_tcp}, {"-n -r a", standard_input}, {"-qnpi a", not_promiscuous},
	{"-r a --ports 1465/smtps,26,24,465", ports_some}, {"-r a --ports-only", ports_only}, {"-r a --users omit", users_omit},
	{"-r a --local-net 192.0.2.77/24 --local-net 2001:db8::1 --local-net 0.0.0.0/0", networks},
	{"-r a --local-domain @example.org --local-domain .example.net", domains},
	{"-i a --idle-timeout open=2h,embryonic=100,closing=9s", timeouts}, {"-r a --idle-timeout open=2m", timeout_open},
	{"-r a --idle-timeout closing=9 --idle-timeout open=2m", timeout_open},
	{"-r a --diagnosis-memory 2d", diagnosis_two_days}, {"-r a --diagnosis-memory 48h", diagnosis_two_days},
	{"-r a -o text", format_text}, {"-r a --output json", format_json}, {"-r a -w f", format_json}, {"-r a -o json -o text", format_text},
	{"-r a -w f", destination_f}, {"-i a --write f", destination_f}, {"-r a -w f -w -", destination_none},
	{"-i a -w d/%Y%m%d-%H%M%%.ndjson", destination_pattern},
	{"-r a --lang ja", language_ja}, {"-i a --partial 90", partial_90}, {"-i a --partial 90s", partial_90}, {"-i a --top", top},
	{"-i a --top -w f -o json", top}, {"-r a -qv", quiet_verbose}, {"-r a --quiet --verbose", quiet_verbose},
	{"-i a -w %H -G 3600", rotate_hour}, {"-i a -w %H --rotate-seconds 1h", rotate_hour}, {"-i a -w d/f-%H -C 5", rotate_millions},
	{"-i a -w %H --rotate-size 5k", rotate_kib}, {"-i a -w %H -C 5K", rotate_kib}, {"-i a -w %H -C 1 -W 3", keep_files_3},
	{"-i a -w f-%H --keep-files 3", keep_files_3}, {"-i a -w %H -G 9 --keep 30d,10G", keep_both},
	{"-i a -w %H -G 9 --keep 10g,30d", keep_both}, {"-i a -w %d --keep 12h", keep_age}, {"-i a -w %d --keep 500m", keep_size},
	{"-i a -w f --compress zstd", compressed}, {"-i a --compress none", not_compressed}, {"-i a --queue 1024", queue_1k},
	{"-i a --queue 1k", queue_1k}, {"-i a --spool d --spool-size 2T", spool}, {"-i a --stats-interval 5", interval_5},
	{"-i a --stats-interval 0", standard_statistics}, {"-i a --metrics-file m.prom", metrics_file},
	{"-i a --metrics-listen 127.0.0.1:9560", listens_four}, {"-i a --metrics-listen [::1]:65535", listens_six},
	{"-i a --metrics-listen [::1]:1 --metrics-listen 127.0.0.1:9560", listens_four},
	{"-r a --evidence d --evidence-severity critical --evidence-secrets --evidence-size 5M --evidence-memory 6M", evidence},
	{"-i a --evidence d --evidence-severity info", evidence_info}, {"-r a -Z nobody", user},
	{"--sessions a --relinquish-privileges nobody", user}, {"-r a --no-sandbox", no_sandbox}, {"-i a --max-memory 1g", memory_1g},
};

static const struct bad_row {
	const char *words;
	const char *says; /* on standard error */
} bad_lines[] = {
	{"", "no capture file and no interface given"}, {"tcp", "no capture file and no interface given"},
	{"-x", "unknown option -x"}, {"--no-such", "unknown option --no-such"}, {"-r", "-r needs an argument"},
	{"-r a --ports", "--ports needs an argument"}, {"-r a --top=yes", "--top=yes: the option takes no argument"}, {"-r ''", "-r : not a name"},
	{"-r a --sessions b", "-r and --sessions do not go together"}, {"-r a -i b", "-i and -r do not go together"},
	{"--interface a --sessions b", "--interface and --sessions do not go together"},
	{"--sessions a tcp port", "tcp port: --sessions takes one file each, and no filter"},
	{"-i a -i a", "-i a: given twice"}, {"-i any -i a", "-i any stands for all interfaces"}, {"-i ''", "-i : not a name"},
	{"-r a -c 0", "-c 0: too small"}, {"-r a -c x", "-c x: not a number of frames"}, {"-r a -c -1", "-c -1: not a number"},
	{"-r a -c 1k", "-c 1k: not a number"}, {"-r a -c 99999999999999999999", "too large"}, {"--sessions a -c 1", "-c: not with --sessions"},
	{"-i a -s 63", "-s 63: too small, it must be 64 at least"}, {"-i a -s 262145", "too large, it must be 262144 at most"},
	{"-i a --snaplen x", "--snaplen x: not 0 or a number"}, {"-i a -B 0", "-B 0: too small"}, {"-i a -B 2097152", "too large"},
	{"-r a -s 100", "-s: only with -i"}, {"-r a -p", "-p: only with -i"}, {"-r a --all-tcp", "--all-tcp: only with -i"},
	{"-i a --all-tcp --ports-only", "contradict"},
	{"-r a --ports 25,", "--ports 25,: not a list of ports"}, {"-r a --ports 0", "not a list"}, {"-r a --ports 65536", "not a list"},
	{"-r a --ports 25/pop", "not a list"}, {"-r a --ports ''", "not a list"}, {"-r a --ports 25k", "not a list"},
	{"-r a --users none", "--users none: keep, hash or omit is meant"}, {"-r a --local-net 192.0.2.0/33", "not a network"},
	{"-r a --local-net 192.0.2.0/", "not a network"}, {"-r a --local-net example", "not a network"},
	{"-r a --local-domain a/b", "not a name"}, {"-r a --local-domain @", "not a name"}, {"-r a --lang xx", "en or ja is meant"},
	{"-r a --idle-timeout 5", "not a list such as"}, {"-r a --idle-timeout open=", "not a list"}, {"-r a --idle-timeout open=1,open=2", "not a list"},
	{"-r a --idle-timeout open=0", "open must be between"}, {"-r a --idle-timeout opening=1", "not a list"}, {"-r a --idle-timeout open=1,", "not a list"},
	{"--sessions a --idle-timeout open=1", "not with --sessions"}, {"-r a --diagnosis-memory 0", "too small, it must be 1 at least"},
	{"-r a --diagnosis-memory 36501d", "too large, it must be 36500d at most"}, {"-r a --diagnosis-memory 7w", "not a duration"},
	{"-r a -o xml", "-o xml: no such format"}, {"-i a -w d/", "-w d/: not a file"}, {"-i a -w ''", "not a file"},
	{"-i a -w %Y/f", "only the last component"}, {"-i a -w %%/f", "only the last component"}, {"-i a -w f%", "% at the end"}, {"-i a -w f%D", "%D is no conversion"},
	{"-i a -w f%Y%q", "%q is no conversion"}, {"-r a -w f%Y", "% conversions only with -i"}, {"-r a --partial 5", "--partial: only with -i"},
	{"-r a --top", "--top: only with -i"}, {"-i a --top -w -", "needs standard output for itself"}, {"-i a --top -o json", "only with --write"},
	{"-i a -G 60", "-G: only with --write and a file"}, {"-i a -w - -G 60", "-G: only with --write"}, {"-r a -w f -G 60", "-G: only with -i"},
	{"-i a -w f -G 0", "too small"}, {"-i a -C 5", "-C: only with --write"}, {"-i a -w f -C 0", "-C 0: too small"}, {"-i a -w f -C 1t", "not a size"},
	{"-i a -w f -W 3", "-W: only with the time in the name"}, {"-i a -w f --keep 3d", "--keep: only with the time"},
	{"-i a -w f -G 9", "-G: only with the time in the name"}, {"-i a -w f -C 9", "-C: only with the time in the name"}, {"-i a -w f%Y --keep 3", "not limits"},
	{"-i a -w f%Y --keep 3d,4d", "not limits"}, {"-i a -w f%Y --keep ''", "not limits"}, {"-i a -w f%Y --keep 3d,", "not limits"}, {"-i a -w f%Y --keep 0d", "not limits"},
	{"-i a --compress zstd", "--compress: only with --write"}, {"-i a -w f --compress gzip", "none or zstd is meant"},
	{"-i a --queue 1", "too small, it must be 1k at least"}, {"-i a --queue 99999999999g", "too large"}, {"-i a --queue 1.5G", "not a size"},
	{"-r a --queue 1M", "only with -i"}, {"-i a --spool-size 2G", "--spool-size: only with --spool"}, {"-i a --spool ''", "not a directory"},
	{"-r a --stats-interval 5", "only with -i"}, {"-i a --stats-interval -5", "not a duration"}, {"-i a --metrics-file d/", "not a file"},
	{"-i a --metrics-listen 192.0.2.1:80", "not a loopback address"}, {"-i a --metrics-listen localhost:80", "not a loopback"}, {"-i a --metrics-listen 10.0.0.1:80", "not a loopback"},
	{"-i a --metrics-listen 127.0.0.1", "not a loopback"}, {"-i a --metrics-listen 127.0.0.1:0", "not a loopback"},
	{"-i a --metrics-listen 127.0.0.1:65536", "not a loopback"}, {"-i a --metrics-listen ::1:80", "not a loopback"},
	{"-i a --metrics-listen [::2]:80", "not a loopback"}, {"-i a --metrics-listen [::ffff:127.0.0.1]:80", "not a loopback"},
	{"-i a --metrics-listen [127.0.0.1]:80", "not a loopback"}, {"-i a --metrics-listen [:80", "not a loopback"},
	{"-i a --metrics-listen :80", "not a loopback"}, {"-i a --metrics-listen [::1]", "not a loopback"},
	{"-i a --metrics-listen [::1]80", "not a loopback"}, {"-i a --metrics-listen []:80", "not a loopback"},
	{"-r a --evidence-severity low", "--evidence-severity: only with --evidence"}, {"-r a --evidence-secrets", "only with --evidence"},
	{"-r a --evidence d --evidence-severity worst", "info, low, medium, high or critical is meant"},
	{"--sessions a --evidence d", "not with --sessions"}, {"-r a -Z ''", "not the name of a user"}, {"-r a --max-memory 1k", "it must be 1m at least"},
	{"--config /no/such/file -r a", "--config /no/such/file: No such file"}, {"--config / -r a", "--config /: Is a directory"},
	{"--config a --config b -r a", "there can only be one"},
};

/* Configuration files, and with what command line they are read. */
static const struct good_file {
	const char *content, *words;
	bool (*good)(const struct options *options);
} good_files[] = {
	{"", "-r a", standard_safety}, {"\n  \n# comment = no\n; another\n   # and one\n", "-r a", standard_safety},
	{"interface = a\ninterface=b\n", "", interfaces_ab}, {"  interface =   a  \r\n\tinterface\t=\tb", "", interfaces_ab},
	{"\xef\xbb\xbfusers = omit\n", "-r a", users_omit}, {"users: omit\n", "-r a", users_omit}, {"users = omit ; why not\n", "-r a", users_omit},
	/* The command line wins. */
	{"users = hash\n", "-r a --users omit", users_omit}, {"interface = c\ninterface = d\n", "-i a -i b", interfaces_ab},
	{"local-domain = example.com\n", "-r a --local-domain example.org --local-domain example.net", domains},
	{"local-net = 198.51.100.0/24\n", "-r a --local-net 192.0.2.77/24 --local-net 2001:db8::1 --local-net 0.0.0.0/0", networks},
	{"idle-timeout = closing=9\n", "-r a --idle-timeout open=2m", timeout_open}, {"write = g\n", "-r a -w f", destination_f},
	{"write = g\n", "-r a -w -", destination_none}, {"metrics-listen = [::1]:1\n", "-i a --metrics-listen 127.0.0.1:9560", listens_four},
	/* Flags. */
	{"ports-only = yes\n", "-r a", ports_only}, {"ports-only = no\n", "-r a", standard_smtp}, {"no-sandbox = yes\n", "-r a", no_sandbox},
	{"no-sandbox = no\n", "-r a", sandbox}, {"no-promiscuous-mode = yes\n", "-i a", not_promiscuous}, {"evidence-secrets = no\n", "-r a", standard_evidence},
	{"quiet = yes\nverbose = yes\n", "-r a", quiet_verbose},
	/* What is for live capture does no harm elsewhere; nor what goes with something overridden. */
	{"interface = eth0\n", "-r a", no_interface}, {"interface = eth0\npartial = 5\ntop = yes\n", "--sessions a", no_interface},
	{"interface = eth0\nstats-interval = 5\n", "-r a", standard_statistics}, {"interface = eth0\nevidence = d\n", "--sessions a", no_interface},
	{"interface = a\nwrite = f%d\nrotate-seconds = 60\nkeep = 3d\ncompress = zstd\n", "-w -", destination_none},
	{"interface = a\nwrite = f%d\nkeep = 12h\nrotate-size = 5\n", "-w f", rotate_none},
	{"interface = a\nwrite = f%d\nkeep = 12h\ncompress = zstd\n", "-w -", rotate_none}, {"write = f%d\ncompress = zstd\n", "-r a -w f", destination_f},
	{"keep-files = 0\nspool-size = 1G\nevidence-severity = high\ncompress = none\n", "-i a", standard_files},
	/* Strings of the file outlive it. */
	{"metrics-listen = 127.0.0.1:9560\nmetrics-file = m.prom\n", "-i a", metrics_file},
	{"evidence = d\nevidence-severity = critical\nevidence-secrets = yes\nevidence-size = 5M\nevidence-memory = 6M\n", "-i a", evidence},
	{"write = d/%Y%m%d-%H%M%%.ndjson\n", "-i a", destination_pattern},
};

static const struct bad_file {
	const char *content, *words;
	const char *says; /* behind the name of the file */
} bad_files[] = {
	{"no-such = 1\n", "-r a", ":1: no-such: no such option"}, {"\n# c\nuser = x\n", "-r a", ":3: user: no such option"},
	{"config = x\n", "-r a", ":1: config: for the command line only"}, {"sessions = x\n", "-r a", ":1: sessions: for the command line only"},
	{"help = yes\n", "-r a", ":1: help: for the command line only"}, {"check-config = yes\n", "-r a", ":1: check-config: for the command"},
	{"users = omit\n\nusers = omit\n", "-r a", ":3: users: given before, in line 1"}, {"users\n", "-r a", ":1: not a line such as option = value"},
	{"users = omit\n  more\n", "-r a", ":2: not a line"}, {"= 5\n", "-r a", ":1: not a line"}, {"users = \n", "-r a", ":1: users = : keep, hash or omit is meant"},
	{"users = none\n", "-r a", ":1: users = none: keep, hash or omit is meant"}, {"users = none\n", "-r a --users omit", ":1: users = none:"},
	{"[smtpscope]\nusers = omit\n", "-r a", ":1: there are no sections"}, {"users = omit\n[x\n", "-r a", ":2: there are no sections"},
	{"top = 1\n", "-i a", ":1: top = 1: yes or no is meant"}, {"top\n", "-i a", ":1: not a line"}, {"write = %Y/f\n", "-i a", ":1: write = %Y/f: only the last component"},
	{"users = om\001it\n", "-r a", ":1: control characters"}, {"write = f%d\n", "-r a", ":1: write f%d: % conversions only with -i"},
	{"interface = a\ncompress = zstd\n", "", ":2: compress: only with --write"}, {"interface = a\nkeep-files = 5\nwrite = f\n", "", ":2: keep-files: only with the time"},
	{"interface = a\ninterface = a\n", "", ": interface a: given twice"}, {"all-tcp = yes\nports-only = yes\n", "-i a", "contradict"},
	{"spool-size = 2G\n", "-i a", ":1: spool-size: only with --spool"}, {"snaplen = 1\n", "-i a", ":1: snaplen = 1: too small"},
	{"n = yes\n", "-r a", ":1: n: no such option"}, {"i = a\n", "-r a", ":1: i: no such option"},
};

static void test_good_lines(void **state) {
	size_t count = sizeof(good_lines) / sizeof(good_lines[0]);
	for (size_t i = 0; i < count; i++) {
		struct call call;
		call_begin(&call, good_lines[i].words, NULL, 0);
		if (call.result != OPTIONS_RUN || !good_lines[i].good(&call.options) || call.messages[0] != '\0')
			fail_msg("row %zu: %s: result %d\n%s", i, good_lines[i].words, call.result, call.messages);
		call_end(&call);
	}
	assert_true(count >= 80);
}

static size_t count_lines(const char *text) {
	size_t lines = 0;
	for (; *text != '\0'; text++)
		lines += *text == '\n';
	return lines;
}

static void test_bad_lines(void **state) {
	size_t count = sizeof(bad_lines) / sizeof(bad_lines[0]);
	for (size_t i = 0; i < count; i++) {
		struct call call;
		call_begin(&call, bad_lines[i].words, NULL, 0);
		bool usage = strncmp(call.messages, "usage: ", strlen("usage: ")) == 0;
		if (call.result != OPTIONS_WRONG || strstr(call.messages, bad_lines[i].says) == NULL ||
			count_lines(call.messages) != (usage ? 4 : 1) || strstr(call.messages, " (try --help)\n") == NULL)
			fail_msg("row %zu: %s: result %d, should say %s\n%s", i, bad_lines[i].words, call.result, bad_lines[i].says,
				call.messages);
		call_end(&call);
	}
	assert_true(count >= 100);
}

static void begin_with_file(struct call *call, const char *words, const char *content, size_t len) {
	char all[512];
	snprintf(all, sizeof(all), "--config @ %s", words);
	call_begin(call, all, content, len);
}

static void test_good_files(void **state) {
	size_t count = sizeof(good_files) / sizeof(good_files[0]);
	for (size_t i = 0; i < count; i++) {
		struct call call;
		begin_with_file(&call, good_files[i].words, good_files[i].content, strlen(good_files[i].content));
		if (call.result != OPTIONS_RUN || !good_files[i].good(&call.options) || call.messages[0] != '\0')
			fail_msg("row %zu: %s%s: result %d\n%s", i, good_files[i].content, good_files[i].words, call.result,
				call.messages);
		assert_non_null(call.options.config_file);
		call_end(&call);
	}
	assert_true(count >= 30);
}

static void test_bad_files(void **state) {
	size_t count = sizeof(bad_files) / sizeof(bad_files[0]);
	for (size_t i = 0; i < count; i++) {
		struct call call;
		begin_with_file(&call, bad_files[i].words, bad_files[i].content, strlen(bad_files[i].content));
		if (call.result != OPTIONS_WRONG || strstr(call.messages, bad_files[i].says) == NULL ||
			strstr(call.messages, "/proc/self/fd/") == NULL || count_lines(call.messages) != 1)
			fail_msg("row %zu: %s%s: result %d, should say %s\n%s", i, bad_files[i].content, bad_files[i].words,
				call.result, bad_files[i].says, call.messages);
		call_end(&call);
	}
	assert_true(count >= 25);
}

/* All faults of a file are told of, each with its line. */
static void test_all_faults(void **state) {
	static const char content[] = "users = none\nbroken\nno-such = 1\nqueue = 5\n[x]\nusers = keep\n";
	struct call call;
	begin_with_file(&call, "-i a", content, strlen(content));
	assert_int_equal(call.result, OPTIONS_WRONG);
	for (int line = 1; line <= 6; line++) {
		char mark[16];
		snprintf(mark, sizeof(mark), ":%d: ", line);
		if (strstr(call.messages, mark) == NULL)
			fail_msg("line %d is not told of:\n%s", line, call.messages);
	}
	assert_int_equal(count_lines(call.messages), 6);
	call_end(&call);
}

/* The longest line that is read, and one byte more; the numbers of lines behind it are right. */
static void test_long_lines(void **state) {
	enum { LINE_MAX_LEN = 198 };
	for (int len = LINE_MAX_LEN - 2; len <= 3 * LINE_MAX_LEN; len++) {
		char content[1024];
		int at = sprintf(content, "write = ");
		memset(content + at, 'f', (size_t)(len - at));
		sprintf(content + len, "\nno-such = 1\n");
		struct call call;
		begin_with_file(&call, "-i a", content, strlen(content));
		assert_int_equal(call.result, OPTIONS_WRONG);
		assert_non_null(strstr(call.messages, ":2: no-such: no such option"));
		assert_int_equal(strstr(call.messages, ":1: longer than 198 bytes") != NULL, len > LINE_MAX_LEN);
		assert_int_equal(count_lines(call.messages), len > LINE_MAX_LEN ? 2 : 1);
		call_end(&call);
	}
}

static void test_check_config(void **state) {
	static const struct {
		const char *words, *content;
		const char *says; /* NULL: all is well */
	} rows[] = {
		{"--check-config --config @", "interface = lo\nwrite = /tmp/f\n", NULL}, {"--check-config --config @", "", NULL},
		{"--check-config", NULL, NULL}, {"--check-config -i any --spool /tmp", NULL, NULL}, {"--check-config -i nflog:5", NULL, NULL},
		{"--check-config -Z root", NULL, NULL}, {"--check-config -r /dev/null -r -", NULL, NULL}, {"--check-config -w f", NULL, NULL},
		{"--check-config -i no-such-if0", NULL, "-i no-such-if0: no such interface now"},
		{"--check-config --config @", "\ninterface = no-such-if0\n", ":2: interface no-such-if0: no such interface now"},
		{"--check-config --config @", "write = /no/such/f\n", ":1: write /no/such/f: /no/such: No such file"},
		{"--check-config --config @", "metrics-file = /dev/null/f\n", ":1: metrics-file /dev/null/f: /dev/null is not a directory"},
		{"--check-config -w /tmp", NULL, "-w /tmp: this is a directory"}, {"--check-config --spool /no/such", NULL, "--spool /no/such: /no/such: No"},
		{"--check-config --evidence /dev/null", NULL, "/dev/null is not a directory"}, {"--check-config -Z no-such-user", NULL, "no such user"},
		{"--check-config -r /no/such", NULL, "-r /no/such: No such file"}, {"--check-config -r a -s 5", NULL, "-s 5: too small"},
		{"--check-config --config /no/such", NULL, "--config /no/such: No such file"},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct call call;
		call_begin(&call, rows[i].words, rows[i].content, rows[i].content != NULL ? strlen(rows[i].content) : 0);
		bool good = rows[i].says == NULL ? call.result == OPTIONS_DONE && call.messages[0] == '\0'
						 : call.result == OPTIONS_WRONG && strstr(call.messages, rows[i].says) != NULL;
		if (!good)
			fail_msg("row %zu: %s: result %d\n%s", i, rows[i].words, call.result, call.messages);
		call_end(&call);
	}
	/* All problems at once. */
	struct call call;
	call_begin(&call, "--check-config --users x -Z no-such-user --config @ --queue 0", "top = 5\nno-such = 1\n", 20);
	assert_int_equal(call.result, OPTIONS_WRONG);
	assert_int_equal(count_lines(call.messages), 5);
	call_end(&call);
}

/* Whatever a file holds, it is read to its end. */
static void test_random_files(void **state) {
	static const char *const pieces[] = {"users", "interface", "write", "ports", "idle-timeout", "keep", "metrics-listen", " = ", "=", ":", "\n",
		"\r\n", "#", ";", "[", "]", "yes", "no", "25", ",", "%Y", "/", "-", " ", "\t", "", "\xff", "open=5", "local-net", "[::1]:5", "top",
		"\xef\xbb\xbf", "9999999999", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"};
	unsigned random = 1;
	size_t wrong = 0, runs = 3000;
	for (size_t i = 0; i < runs; i++) {
		char content[1024];
		size_t len = 0, size = (random = random * 1103515245 + 12345) >> 16 & 0x3ff;
		while (len < size) {
			random = random * 1103515245 + 12345;
			unsigned value = random >> 16;
			if (i % 2 == 0) {
				content[len++] = (char)value;
				continue;
			}
			const char *piece = pieces[value % (sizeof(pieces) / sizeof(pieces[0]))];
			size_t piece_len = strlen(piece) > 0 ? strlen(piece) : 1; /* a NUL is a piece, too */
			if (piece_len > size - len)
				break;
			memcpy(content + len, piece, piece_len);
			len += piece_len;
		}
		struct call call;
		begin_with_file(&call, "-i a", content, len);
		assert_true(call.result == OPTIONS_RUN || call.result == OPTIONS_WRONG);
		assert_int_equal(call.result == OPTIONS_WRONG, call.messages[0] != '\0');
		wrong += call.result == OPTIONS_WRONG;
		call_end(&call);
	}
	assert_true(wrong > runs / 2 && wrong < runs); /* some were good: empty ones at least */
}

static void ignore_complaint(void *context, int line, const char *complaint) {
	assert_true(line > 0 && *complaint != '\0');
	++*(size_t *)context;
}

/* Files that are no such files are not read for ever. */
static void test_endless_files(void **state) {
	enum { LINES = 20000 };
	char *lines = malloc(LINES * 2);
	assert_non_null(lines);
	for (size_t i = 0; i < LINES; i++)
		memcpy(lines + 2 * i, "x\n", 2);
	FILE *files[] = {fmemopen(lines, LINES * 2, "r"), fopen("/dev/zero", "re")};
	static const size_t expected[] = {10001, 1};
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		struct config *config = NULL;
		size_t complaints = 0;
		assert_non_null(files[i]);
		assert_int_equal(config_read(files[i], ignore_complaint, &complaints, &config), 0);
		assert_int_equal(complaints, expected[i]);
		assert_int_equal(config->count, 0);
		config_destroy(config);
		fclose(files[i]);
	}
	free(lines);
}

static bool has_choice(const struct options_row *row, const char *name) {
	for (const struct options_choice *choice = row->choices; choice->name != NULL; choice++)
		if (strcmp(choice->name, name) == 0)
			return true;
	return false;
}

/* Every row is complete, and what it says of other things is true. */
static void test_table(void **state) {
	for (size_t i = 0; i < options_row_count; i++) {
		const struct options_row *row = &options_rows[i];
		const char *name = row->long_name != NULL ? row->long_name : (const char[]){row->letter, '\0'};
		bool in_file = (row->flags & OPTIONS_IN_FILE) != 0;
		if (row->help == NULL || row->text == NULL || row->text[strlen(row->text) - 1] != '.')
			fail_msg("%s: the help or text is missing, or no sentence", name);
		if (in_file && (row->long_name == NULL || (row->argument != NULL && row->standard == NULL && row->example == NULL)))
			fail_msg("%s: nothing for the configuration file", name);
		if ((row->argument != NULL && row->expected == NULL && row->choices == NULL) ||
			(row->needs != NULL && options_row_find(row->needs) == NULL))
			fail_msg("%s: a column is missing or wrong", name);
		for (size_t j = 0; j < i; j++)
			if ((row->letter != '\0' && options_rows[j].letter == row->letter) ||
				(row->long_name != NULL && is(options_rows[j].long_name, row->long_name)))
				fail_msg("%s: there twice", name);
	}
	for (const struct writer_format *const *format = writer_formats(); *format != NULL; format++)
		if (!has_choice(options_row_find("output"), (*format)->name))
			fail_msg("the format %s is not in the row of --output", (*format)->name);
	for (const struct words *const *words = words_all(); *words != NULL; words++)
		if (!has_choice(options_row_find("lang"), (*words)->language))
			fail_msg("the language %s is not in the row of --lang", (*words)->language);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_good_lines),
		cmocka_unit_test(test_bad_lines),
		cmocka_unit_test(test_good_files),
		cmocka_unit_test(test_bad_files),
		cmocka_unit_test(test_all_faults),
		cmocka_unit_test(test_long_lines),
		cmocka_unit_test(test_check_config),
		cmocka_unit_test(test_random_files),
		cmocka_unit_test(test_endless_files),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
