/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Compiled twice: into the program, and with OPTIONS_TABLE_DOCS, which leaves out what only parsing needs, into the generator of
 * the manual page and its like.
 */
#include "cli/options_table.h"

#include <limits.h>
#include <string.h>

#ifdef OPTIONS_TABLE_DOCS
#define FIELD(parser, field) .parse = NULL
#define LIST(parser, field, count_field) .parse = NULL
#else
#include "cli/options.h"
#include "cli/options_value.h"
#define FIELD(parser, field) \
	.parse = parser, .offset = offsetof(struct options, field), .size = sizeof(((struct options *)0)->field)
#define LIST(parser, field, count_field) FIELD(parser, field), .count_offset = offsetof(struct options, count_field)
#endif

enum { SNAPLEN_MIN = 64, SNAPLEN_MAX = 262144 }; /* libpcap takes no more */

/* In nanoseconds: a hundred years are more than anybody waits and less than int64_t holds. */
#define SECOND UINT64_C(1000000000)
#define DURATION_MAX (SECOND * 36500 * 24 * 3600)

#define KIBIBYTE UINT64_C(1024)
#define MEMORY_MAX ((uint64_t)SIZE_MAX / 2)
#define DISK_MAX ((uint64_t)INT64_MAX)

#define SIZE_EXPECTED "a size such as 512K, 64M or 2G"
#define DURATION_EXPECTED "a duration such as 90, 15m, 12h or 30d"
#define NAME_EXPECTED "a name"

static const struct options_choice formats[] = {
	{"text", "for a person to read"},
	{"json", "one JSON document a line, for machines"},
	{"events", "each step of a session as a JSON document, as it happens"},
	{"ecs", "Elastic Common Schema"},
	{"ocsf", "Open Cybersecurity Schema Framework"},
	{"zeek", "smtp.log of Zeek, as JSON"},
	{"zeek-tsv", "smtp.log of Zeek, with tabs"},
	{"eve", "EVE records of Suricata"},
	{"cef", "Common Event Format, of ArcSight and others"},
	{"leef", "Log Event Extended Format, of QRadar"},
	{"splunk", "events for Splunk's HTTP Event Collector"},
	{NULL, NULL},
};

static const struct options_choice ocsf_versions[] = {{"1.8", "names as they are now"}, {"1.3", "names as they were"}, {NULL, NULL}};

static const struct options_choice users[] = {
	{"keep", "as they were sent"},
	{"hash", "a hash in place of each, the same for the same name within one run"},
	{"omit", "none"},
	{NULL, NULL},
};

static const struct options_choice languages[] = {{"en", "English"}, {"ja", "Japanese"}, {NULL, NULL}};

static const struct options_choice compressions[] = {{"none", "as it is"}, {"zstd", "Zstandard"}, {NULL, NULL}};

/* In the order of enum finding_severity. */
static const struct options_choice severities[] = {
	{"info", "all findings"},
	{"low", "no mere remarks"},
	{"medium", "what should be looked at"},
	{"high", "what keeps people from their mail, or endangers it"},
	{"critical", "the worst only"},
	{NULL, NULL},
};

const struct options_row options_rows[] = {
	/* Input. */
	{
		.letter = 'r', .argument = "FILE", .group = OPTIONS_GROUP_INPUT, .flags = OPTIONS_REPEATABLE,
		.help = "read packets from FILE: pcap or pcapng, also compressed with gzip or zstd; - is standard input",
		.text = "Read packets from a capture file, pcap or pcapng, also compressed with gzip or zstd. A single - is standard "
			"input. May be given several times; each file stands alone.",
		.complete = OPTIONS_COMPLETE_FILE, .expected = NAME_EXPECTED,
		LIST(options_value_names, files, file_count),
	},
	{
		.long_name = "sessions", .argument = "FILE", .group = OPTIONS_GROUP_INPUT, .flags = OPTIONS_REPEATABLE,
		.help = "diagnose session documents (what -o json writes) instead of packets; from Kafka with "
			"kafka://BROKERS/TOPIC?group=NAME",
		.text = "Read session documents, as -o json writes them, instead of packets, and say what they say together. The "
			"documents may come from several sensors and in any order. May be given several times.\n"
			"With kafka://BROKERS/TOPIC?group=NAME (or kafka+tls://) they are read from a topic, on and on until a signal "
			"ends it, and diagnoses are told when they begin, change and end. All that name the same group share the "
			"partitions of the topic; sensors have to write it with --kafka key=server, so that the sessions of one server are "
			"in one partition. What was read counts only when its diagnoses have arrived where -w says. &until=end reads what "
			"there is and ends. Other parameters are those of -w kafka://; docs/scaling.md has more.",
		.complete = OPTIONS_COMPLETE_FILE, .expected = NAME_EXPECTED,
		LIST(options_value_sessions, session_files, session_file_count),
	},
	{
		.long_name = "interface", .letter = 'i', .argument = "NAME", .group = OPTIONS_GROUP_INPUT,
		.flags = OPTIONS_IN_FILE | OPTIONS_REPEATABLE | OPTIONS_LIVE,
		.help = "capture on this interface; any stands for all of them",
		.text = "Capture packets on this interface until a signal ends it. May be given several times. At the start it must "
			"be up; when it goes away later it is waited for. The word any stands for all interfaces, none of which is "
			"put into promiscuous mode; of VLANs nothing is seen there, and two tags hide what is behind them. In a "
			"configuration file, it is left out of account when the command line says -r or --sessions.",
		.example = "eth0", .complete = OPTIONS_COMPLETE_INTERFACE, .expected = NAME_EXPECTED,
		LIST(options_value_names, interfaces, interface_count),
	},
	{
		.long_name = "list-interfaces", .letter = 'D', .group = OPTIONS_GROUP_INPUT,
		.help = "list the interfaces that can be captured on",
		.text = "List the interfaces that can be captured on, and end.",
		FIELD(options_value_on, list_interfaces),
	},
	{
		.letter = 'c', .argument = "COUNT", .group = OPTIONS_GROUP_INPUT, .flags = OPTIONS_PACKETS,
		.help = "stop after so many frames",
		.text = "Stop after so many frames, as if the capture ended there.",
		.expected = "a number of frames", .min = 1, .max = INT64_MAX,
		FIELD(options_value_count, frames_max),
	},

	{
		.long_name = "keylog", .argument = "FILE", .group = OPTIONS_GROUP_INPUT,
		.flags = OPTIONS_IN_FILE | OPTIONS_PACKETS,
		.help = "read encrypted sessions with the TLS secrets that FILE has, as SSLKEYLOGFILE writes them",
		.text = "Read encrypted sessions with the secrets in this file, in the format that TLS libraries write when the "
			"environment variable SSLKEYLOGFILE or an option of the server says so. TLS 1.2 and 1.3 are read. With -i the "
			"file may grow while connections go on, and may be emptied, but not be replaced by another. It is opened before "
			"privileges are given up, and should be readable by root only: who has it can read all that is encrypted. What "
			"no secret fits stays encrypted. Secrets in pcapng files (Decryption Secrets Blocks) are used without this option.",
		.example = "/run/smtpscope/keys", .complete = OPTIONS_COMPLETE_FILE, .expected = NAME_EXPECTED,
		FIELD(options_value_name, keylog_file),
	},

	/* Live capture. */
	{
		.long_name = "snaplen", .letter = 's', .argument = "BYTES", .group = OPTIONS_GROUP_CAPTURE,
		.flags = OPTIONS_IN_FILE | OPTIONS_LIVE,
		.help = "capture no more than this of each frame",
		.text = "Capture no more than so many bytes of each frame. What is cut off is missing in the sessions and told of as "
			"a gap. 0 stands for the default.",
		.standard = "262144", .expected = "0 or a number of bytes", .min = SNAPLEN_MIN, .max = SNAPLEN_MAX,
		FIELD(options_value_snaplen, snaplen),
	},
	{
		.long_name = "buffer-size", .letter = 'B', .argument = "KIB", .group = OPTIONS_GROUP_CAPTURE,
		.flags = OPTIONS_IN_FILE | OPTIONS_LIVE,
		.help = "the kernel's buffer for each interface, in KiB",
		.text = "The size of the kernel's buffer for each interface, in units of 1024 bytes. A larger one bridges longer "
			"bursts and pauses before the kernel drops packets.",
		.standard = "32768", .expected = "a number of KiB", .min = 1, .max = INT_MAX / 1024,
		FIELD(options_value_count, buffer_kib),
	},
	{
		.long_name = "no-promiscuous-mode", .letter = 'p', .group = OPTIONS_GROUP_CAPTURE,
		.flags = OPTIONS_IN_FILE | OPTIONS_LIVE,
		.help = "do not put the interfaces into promiscuous mode",
		.text = "Do not put the interfaces into promiscuous mode: only frames that are meant for this machine are seen, "
			"unless something else has put them into it.",
		FIELD(options_value_off, promiscuous),
	},
	{
		.long_name = "immediate-mode", .group = OPTIONS_GROUP_CAPTURE, .flags = OPTIONS_IN_FILE | OPTIONS_LIVE,
		.help = "take each packet as soon as it arrives",
		.text = "Take each packet as soon as it arrives instead of some at a time. Things are told a little earlier, at the "
			"price of more work.",
		FIELD(options_value_on, immediate),
	},
	{
		.long_name = "all-tcp", .group = OPTIONS_GROUP_CAPTURE, .flags = OPTIONS_IN_FILE | OPTIONS_LIVE,
		.help = "let the kernel pass all TCP, to find SMTP on any port",
		.text = "Let the kernel pass all TCP packets, so that SMTP is found on any port by its content. Otherwise it passes "
			"those of the ports of --ports, how POP3 and IMAP connections begin and end, fragments, ICMP errors and "
			"tunnels. A filter on the command line takes the place of all this.",
		FIELD(options_value_on, all_tcp),
	},

	/* SMTP. */
	{
		.long_name = "ports", .argument = "LIST", .group = OPTIONS_GROUP_SMTP, .flags = OPTIONS_IN_FILE,
		.help = "SMTP server ports (default 25,587,2525, 465 with TLS, 24 LMTP); PORT/smtps and PORT/lmtp name the other two "
			"kinds",
		.text = "The ports of SMTP servers. A port may be followed by /smtp, /smtps (TLS from the first byte) or /lmtp. The "
			"default is 25, 587 and 2525, 465 with TLS, and 24 for LMTP.",
		.example = "25,587,2525,465/smtps,24/lmtp", .expected = "a list of ports such as 25,587,1465/smtps",
		FIELD(options_value_ports, flow),
	},
	{
		.long_name = "ports-only", .group = OPTIONS_GROUP_SMTP, .flags = OPTIONS_IN_FILE,
		.help = "do not look for SMTP on other ports",
		.text = "Look at connections to the ports of --ports only. Otherwise SMTP is found on all other ports by its content.",
		FIELD(options_value_on, flow.ports_only),
	},
	{
		.long_name = "users", .argument = "WHAT", .group = OPTIONS_GROUP_SMTP, .flags = OPTIONS_IN_FILE,
		.help = "user names of AUTH: keep, hash or omit",
		.text = "What is done with user names of AUTH, also in the AUTH= parameter of MAIL and where a server repeats them. Mail "
			"addresses are not changed: see --no-envelope. The packets that --evidence keeps are not changed either.",
		.standard = "keep", .choices = users,
		FIELD(options_value_choice, users),
	},
	{
		.long_name = "users-key", .argument = "FILE", .group = OPTIONS_GROUP_SMTP, .flags = OPTIONS_IN_FILE,
		.help = "hash with the secret in FILE, so that several runs and sensors agree",
		.text = "The secret that --users hash uses: the content of this file, without a line end at its end, 16 to 4096 bytes. Where "
			"it is the same, the same name has the same hash, in other runs and on other sensors. Without it each run has a "
			"random one. It is read before privileges are given up, and should be readable by root only.",
		.example = "/etc/smtpscope/users.key", .complete = OPTIONS_COMPLETE_FILE, .expected = NAME_EXPECTED,
		FIELD(options_value_name, users_key_file),
	},
	{
		.long_name = "no-envelope", .group = OPTIONS_GROUP_SMTP, .flags = OPTIONS_IN_FILE,
		.help = "show no mail addresses; with --users hash a hash in place of each",
		.text = "Show no addresses of senders and recipients: not those of MAIL and RCPT and their parameters, nor where a server "
			"repeats them, nor in the headers of messages. With --users hash a hash stands in place of each. What rests on "
			"addresses is then not diagnosed. The packets that --evidence keeps are not changed.",
		FIELD(options_value_off, envelope),
	},
	{
		.long_name = "no-headers", .group = OPTIONS_GROUP_SMTP, .flags = OPTIONS_IN_FILE | OPTIONS_PACKETS,
		.help = "do not look at the header of messages",
		.text = "Do not look at the header of messages. Otherwise From, To, Cc, Reply-To, Subject, Message-ID, Date, In-Reply-To "
			"and User-Agent of each mail are told, and whether it is signed.",
		FIELD(options_value_off, headers),
	},
	{
		.long_name = "attachments", .group = OPTIONS_GROUP_SMTP, .flags = OPTIONS_IN_FILE | OPTIONS_PACKETS,
		.help = "tell name, type, size, MD5 and SHA-256 of each part of a message",
		.text = "Tell of each part of a message, attachments among them: the name of the file, the media type, and size, MD5 and "
			"SHA-256 of what it is when decoded. Messages are then kept in memory until their session ends.",
		FIELD(options_value_on, attachments),
	},
	{
		.long_name = "max-message", .argument = "SIZE", .group = OPTIONS_GROUP_SMTP, .flags = OPTIONS_IN_FILE | OPTIONS_PACKETS,
		.help = "look at no more than this of each message",
		.text = "How much of each message --attachments looks at. Of a part that goes beyond no hash is told, and of the "
			"message that it was truncated. All messages together take no more than a quarter of --max-memory; what "
			"there is no room for is truncated too.",
		.standard = "16M", .needs = "attachments", .expected = SIZE_EXPECTED, .min = KIBIBYTE, .max = MEMORY_MAX,
		FIELD(options_value_bytes, message_max),
	},
	{
		.long_name = "local-net", .argument = "NETWORK", .group = OPTIONS_GROUP_SMTP,
		.flags = OPTIONS_IN_FILE | OPTIONS_REPEATABLE,
		.help = "whose clients may relay, as 192.0.2.0/24; several times (default: private addresses and the server's own "
			"network)",
		.text = "A network whose clients may relay, an address and the length of the prefix. May be given several times. "
			"Without it, private addresses and the network of the server itself count as local.",
		.example = "192.0.2.0/24", .expected = "a network such as 192.0.2.0/24",
		LIST(options_value_network, local_networks, local_network_count),
	},
	{
		.long_name = "local-domain", .argument = "NAME", .group = OPTIONS_GROUP_SMTP,
		.flags = OPTIONS_IN_FILE | OPTIONS_REPEATABLE,
		.help = "whose mail the servers are responsible for; several times (default: the domains of the servers' names)",
		.text = "A domain whose mail the servers are responsible for. May be given several times. Without it, the domains of "
			"the servers' own names count as local.",
		.example = "example.org", .expected = "a name such as example.org",
		LIST(options_value_domain, local_domains, local_domain_count),
	},
	{
		.long_name = "idle-timeout", .argument = "LIST", .group = OPTIONS_GROUP_SMTP,
		.flags = OPTIONS_IN_FILE | OPTIONS_PACKETS,
		.help = "how long a connection may be silent, by state",
		.text = "How long a connection may be silent before it is taken for ended, by its state: embryonic (the handshake is "
			"not complete), open, closing (both sides have ended, or one has reset it: for stragglers). A comma stands "
			"between them. A state that is not named keeps its default: 130 seconds, an hour, 1.5 seconds.",
		.example = "embryonic=130,open=1h,closing=2", .expected = "a list such as embryonic=130,open=1h,closing=2",
		.min = SECOND, .max = DURATION_MAX,
		FIELD(options_value_timeouts, flow),
	},
	{
		.long_name = "diagnosis-memory", .argument = "DURATION", .group = OPTIONS_GROUP_SMTP, .flags = OPTIONS_IN_FILE,
		.help = "for how long what was seen counts for the diagnoses",
		.text = "For how long the diagnosis remembers a server, a client or a login that is seen no more.",
		.standard = "7d", .expected = DURATION_EXPECTED, .min = SECOND, .max = DURATION_MAX,
		FIELD(options_value_duration, diagnosis_memory_ns),
	},

	/* Output. */
	{
		.long_name = "output", .letter = 'o', .argument = "FORMAT", .group = OPTIONS_GROUP_OUTPUT, .flags = OPTIONS_IN_FILE,
		.help = "what to write (default: text on a terminal, json elsewhere):",
		.text = "What to write. The default is text on a terminal and json elsewhere.",
		.example = "json", .choices = formats,
		FIELD(options_value_format, format),
	},
	{
		.long_name = "sensor", .argument = "NAME", .group = OPTIONS_GROUP_OUTPUT, .flags = OPTIONS_IN_FILE,
		.help = "what documents for other programs call this sensor",
		.text = "What documents of the formats ecs, ocsf, eve, cef, leef and splunk call this sensor. Without it they do not name it.",
		.example = "sensor1", .expected = NAME_EXPECTED,
		FIELD(options_value_name, sensor),
	},
	{
		.long_name = "ocsf-version", .argument = "VERSION", .group = OPTIONS_GROUP_OUTPUT, .flags = OPTIONS_IN_FILE,
		.help = "version of OCSF that -o ocsf writes",
		.text = "The version of OCSF that the format ocsf writes. Some names are others since 1.4, and what reads them may know "
			"only the old ones.",
		.standard = "1.8", .choices = ocsf_versions,
		FIELD(options_value_choice, ocsf_1_3),
	},
	{
		.long_name = "list-fields", .group = OPTIONS_GROUP_OUTPUT, .flags = OPTIONS_ARGUMENT_OPTIONAL,
		.help = "list what documents for other programs tell, and the names in each format; with =FORMAT of that one",
		.text = "List the fields that the formats for other programs have, with type, meaning and their name in each format, and "
			"end. With --list-fields=FORMAT, those of one format: ecs, ocsf, ocsf-1.3, zeek, eve, cef, leef or splunk.",
	},
	{
		.long_name = "write", .letter = 'w', .argument = "DEST", .group = OPTIONS_GROUP_OUTPUT,
		.flags = OPTIONS_IN_FILE | OPTIONS_REPEATABLE,
		.help = "write to DEST instead of standard output: a file (with -i its name may have a date, as in "
			"DIR/%Y%m%d-%H%M.ndjson), unix:PATH, syslog+tls://HOST, https://HOST/PATH, es+https://, hec+https:// or "
			"kafka://BROKERS/TOPIC; several times, each with FORMAT= before it if it is to have one of its own",
		.text = "Write to this file instead of standard output, which a single - stands for. May be given several times; each "
			"destination is written to independently of the others, in the format of -o or in one of its own, as in "
			"json=https://collector.example.com/in.\n"
			"Destinations that are not files: unix:PATH (a stream socket); syslog+udp://HOST, syslog+tcp://HOST and "
			"syslog+tls://HOST; http://HOST/PATH and https://HOST/PATH (lines, posted); es+https://HOST (Elasticsearch, "
			"OpenSearch); hec+https://HOST (Splunk); kafka://HOST,HOST/TOPIC. Each may be followed by parameters, as in "
			"?ca=/etc/ssl/mine.pem&timeout=10; docs/sinks.md has all of them. Secrets are read from files or from the "
			"environment: secret=FILE, secret-env=NAME.\n"
			"With -i the last component of the name may have conversions of strftime(3), for files that are named by their "
			"time in UTC: %Y %y %m %d %j %H %M %S %s %F %T %R, and %% for one %. Such a file has a dot before and .part "
			"behind its name until it is complete.",
		.example = "/var/log/smtpscope/%Y%m%d-%H%M.ndjson", .complete = OPTIONS_COMPLETE_FILE, .expected = "a file",
		LIST(options_value_destination, outputs, output_count),
	},
	{
		.long_name = "kafka", .argument = "SETTING", .group = OPTIONS_GROUP_OUTPUT, .flags = OPTIONS_IN_FILE | OPTIONS_REPEATABLE,
		.help = "a setting for Kafka, NAME=VALUE: key=server, or one of librdkafka",
		.text = "A setting for all destinations in Kafka, and for --sessions kafka://. key=server keeps what is told of one server's endpoint in order, "
			"rather than what is told of one session (key=session); whatever else is a setting of librdkafka, such as "
			"compression.codec=zstd. Passwords are none of them: see secret= in docs/sinks.md.",
		.example = "compression.codec=zstd", .expected = "a setting such as key=server",
		LIST(options_value_kafka, kafka, kafka_count),
	},
	{
		.long_name = "dead-letters", .argument = "FILE", .group = OPTIONS_GROUP_OUTPUT, .flags = OPTIONS_IN_FILE,
		.help = "keep what a receiver refuses for good in FILE (default: in the spool)",
		.text = "Append the documents that a receiver refuses for good to this file, with the reason. Without this option and "
			"without --spool they are counted, and lost. With --spool the default is dead-letters.ndjson in its "
			"directory.",
		.example = "/var/lib/smtpscope/dead-letters.ndjson", .complete = OPTIONS_COMPLETE_FILE, .expected = "a file",
		FIELD(options_value_file, dead_letters_file),
	},
	{
		.long_name = "lang", .argument = "LANG", .group = OPTIONS_GROUP_OUTPUT, .flags = OPTIONS_IN_FILE,
		.help = "language of the texts: en or ja (default: of the locale)",
		.text = "The language of the texts. The default is that of the locale.",
		.example = "en", .choices = languages,
		FIELD(options_value_language, words),
	},
	{
		.long_name = "partial", .argument = "SECONDS", .group = OPTIONS_GROUP_OUTPUT, .flags = OPTIONS_IN_FILE | OPTIONS_LIVE,
		.help = "write sessions that last so long before they end, and again",
		.text = "Write a session that has lasted for so long although it has not ended, and again after each such time. These "
			"documents have the id of the final one and say that they are partial. 0 turns it off.",
		.standard = "0", .expected = DURATION_EXPECTED, .max = DURATION_MAX,
		FIELD(options_value_duration, partial_ns),
	},
	{
		.long_name = "top", .group = OPTIONS_GROUP_OUTPUT, .flags = OPTIONS_IN_FILE | OPTIONS_LIVE,
		.help = "show a live screen of sessions, servers and findings",
		.text = "Show a screen on the terminal that tells of sessions a second, servers, findings and drops; the key h says "
			"what other keys do. Documents are written only when there is a file for them, see --write.",
		FIELD(options_value_on, top),
	},
	{
		.long_name = "quiet", .letter = 'q', .group = OPTIONS_GROUP_OUTPUT, .flags = OPTIONS_IN_FILE,
		.help = "no warnings on standard error",
		.text = "Write no warnings to standard error. Errors are still told.",
		FIELD(options_value_on, quiet),
	},
	{
		.long_name = "verbose", .letter = 'v', .group = OPTIONS_GROUP_OUTPUT, .flags = OPTIONS_IN_FILE,
		.help = "a summary of the packets on standard error",
		.text = "Write to standard error what the sandbox is made of on this machine, and at the end a summary of the packets.",
		FIELD(options_value_on, verbose),
	},

	/* Output files. */
	{
		.long_name = "rotate-seconds", .letter = 'G', .argument = "SECONDS", .group = OPTIONS_GROUP_FILES,
		.flags = OPTIONS_IN_FILE | OPTIONS_LIVE | OPTIONS_TOPIC,
		.help = "begin a new file after so long",
		.text = "Begin a new file at each multiple of this time, counted in UTC: with 1h on the hour. Without this option and the "
			"next one, a new one begins when the name would be another.",
		.example = "1h", .needs = "write", .expected = DURATION_EXPECTED, .min = SECOND, .max = DURATION_MAX,
		FIELD(options_value_duration, rotate_ns),
	},
	{
		.long_name = "rotate-size", .letter = 'C', .argument = "SIZE", .group = OPTIONS_GROUP_FILES,
		.flags = OPTIONS_IN_FILE | OPTIONS_LIVE | OPTIONS_TOPIC,
		.help = "begin a new file after so much; a plain number is in millions of bytes, k, m and g are 1024-fold",
		.text = "Begin a new file when so much has been written to one. As in tcpdump, a plain number is in millions of bytes; "
			"k, m and g stand for KiB, MiB and GiB.",
		.example = "100m", .needs = "write", .expected = "a size such as 100 (millions of bytes), 64m or 2g",
		.min = 1, .max = DISK_MAX,
		FIELD(options_value_megabytes, rotate_bytes),
	},
	{
		.long_name = "keep-files", .letter = 'W', .argument = "COUNT", .group = OPTIONS_GROUP_FILES,
		.flags = OPTIONS_IN_FILE | OPTIONS_LIVE | OPTIONS_TOPIC,
		.help = "keep so many files and delete older ones",
		.text = "Keep so many of the files that were written and delete the oldest ones beyond. 0 keeps all.",
		.standard = "0", .needs = "write", .expected = "a number of files", .max = 1000000,
		FIELD(options_value_count, keep_files),
	},
	{
		.long_name = "keep", .argument = "LIMITS", .group = OPTIONS_GROUP_FILES, .flags = OPTIONS_IN_FILE | OPTIONS_LIVE | OPTIONS_TOPIC,
		.help = "delete files by age and size, as 30d,10G",
		.text = "Delete files that are older than a duration, and the oldest ones while all together are larger than a size. "
			"Either may be left out: 30d, 10G, or 30d,10G. What has an s, h or d behind it is an age, what has a k, M, G or T "
			"a size.",
		.example = "30d,10G", .needs = "write", .expected = "limits such as 30d, 10G or 30d,10G",
		FIELD(options_value_keep, keep_age_ns),
	},
	{
		.long_name = "compress", .argument = "HOW", .group = OPTIONS_GROUP_FILES, .flags = OPTIONS_IN_FILE | OPTIONS_LIVE | OPTIONS_TOPIC,
		.help = "compress the files: zstd",
		.text = "How files are compressed.",
		.standard = "none", .choices = compressions, .needs = "write",
		FIELD(options_value_choice, compress_zstd),
	},
	{
		.long_name = "queue", .argument = "SIZE", .group = OPTIONS_GROUP_FILES, .flags = OPTIONS_IN_FILE | OPTIONS_LIVE | OPTIONS_TOPIC,
		.help = "memory for documents that cannot be written now",
		.text = "How much memory documents may take that cannot be written at the moment: the disk is full, or a reader is "
			"slow. Capture goes on meanwhile.",
		.standard = "64M", .expected = SIZE_EXPECTED, .min = KIBIBYTE, .max = MEMORY_MAX,
		FIELD(options_value_bytes, queue_bytes),
	},
	{
		.long_name = "spool", .argument = "DIR", .group = OPTIONS_GROUP_FILES, .flags = OPTIONS_IN_FILE | OPTIONS_LIVE,
		.help = "a directory for documents that the queue has no room for",
		.text = "A directory for documents that cannot be written and that the queue has no room for. It should be on another "
			"disk than the output. Without it, what the queue has no room for is lost and counted.",
		.example = "/var/spool/smtpscope", .complete = OPTIONS_COMPLETE_DIRECTORY, .expected = "a directory",
		FIELD(options_value_name, spool_directory),
	},
	{
		.long_name = "spool-size", .argument = "SIZE", .group = OPTIONS_GROUP_FILES, .flags = OPTIONS_IN_FILE | OPTIONS_LIVE,
		.help = "how large the spool may become",
		.text = "How large the spool may become. What does not fit is lost and counted.",
		.standard = "1G", .needs = "spool", .expected = SIZE_EXPECTED, .min = KIBIBYTE, .max = DISK_MAX,
		FIELD(options_value_bytes, spool_bytes),
	},

	/* Statistics. */
	{
		.long_name = "stats-interval", .argument = "SECONDS", .group = OPTIONS_GROUP_STATISTICS,
		.flags = OPTIONS_IN_FILE | OPTIONS_LIVE | OPTIONS_TOPIC,
		.help = "write statistics so often; 0: only at the end",
		.text = "How often a document with statistics is written. With 0, and when files are read, there is only the one at "
			"the end.",
		.standard = "60", .expected = DURATION_EXPECTED, .max = DURATION_MAX,
		FIELD(options_value_duration, stats_interval_ns),
	},
	{
		.long_name = "metrics-file", .argument = "FILE", .group = OPTIONS_GROUP_STATISTICS,
		.flags = OPTIONS_IN_FILE | OPTIONS_LIVE | OPTIONS_TOPIC,
		.help = "keep the numbers in this file, for Prometheus",
		.text = "Keep the present numbers in this file, in the text format of Prometheus, for the textfile collector of "
			"node_exporter. The file is replaced whole every five seconds, by the user that the program has become: it "
			"must be able to write to the directory.",
		.example = "/var/lib/smtpscope/smtpscope.prom", .complete = OPTIONS_COMPLETE_FILE, .expected = "a file",
		FIELD(options_value_file, metrics_file),
	},
	{
		.long_name = "metrics-listen", .argument = "ADDRESS:PORT", .group = OPTIONS_GROUP_STATISTICS,
		.flags = OPTIONS_IN_FILE | OPTIONS_LIVE | OPTIONS_TOPIC,
		.help = "serve the numbers by HTTP, on the loopback only",
		.text = "Serve the same numbers by HTTP. The address must be one of the loopback, in digits: 127.0.0.1:PORT or "
			"[::1]:PORT.",
		.example = "127.0.0.1:9560", .expected = "a loopback address such as 127.0.0.1:9560 or [::1]:9560",
		FIELD(options_value_listen, metrics_sockaddr),
	},

	/* Evidence. */
	{
		.long_name = "evidence", .argument = "DIR", .group = OPTIONS_GROUP_EVIDENCE,
		.flags = OPTIONS_IN_FILE | OPTIONS_PACKETS,
		.help = "keep the packets of sessions with findings in files in DIR",
		.text = "Keep the packets of each session that has a finding, as a capture file in this directory, named by the id of "
			"the session. Passwords and other secrets of AUTH are masked in it, with as many asterisks as there were bytes. "
			"What is encrypted stays as it was captured, also when --keylog lets it be read, and no key is kept with it: who has the "
			"key log can read it. The user that the program becomes must be able to write to the directory.",
		.example = "/var/lib/smtpscope/evidence", .complete = OPTIONS_COMPLETE_DIRECTORY, .expected = "a directory",
		FIELD(options_value_name, evidence_directory),
	},
	{
		.long_name = "evidence-severity", .argument = "LEVEL", .group = OPTIONS_GROUP_EVIDENCE,
		.flags = OPTIONS_IN_FILE | OPTIONS_PACKETS,
		.help = "from which severity of a finding on: info, low, medium, high or critical",
		.text = "How severe a finding must be for the packets of its session to be kept.",
		.standard = "high", .choices = severities, .needs = "evidence",
		FIELD(options_value_choice, evidence_severity),
	},
	{
		.long_name = "evidence-secrets", .group = OPTIONS_GROUP_EVIDENCE, .flags = OPTIONS_IN_FILE | OPTIONS_PACKETS,
		.help = "do not mask what AUTH sent",
		.text = "Do not mask passwords and other secrets of AUTH in the files of --evidence. Whoever can read the files can "
			"then log in as these users.",
		.needs = "evidence",
		FIELD(options_value_on, evidence_secrets),
	},
	{
		.long_name = "evidence-size", .argument = "SIZE", .group = OPTIONS_GROUP_EVIDENCE,
		.flags = OPTIONS_IN_FILE | OPTIONS_PACKETS,
		.help = "how large all its files may become together",
		.text = "How large the files of --evidence may become together. The oldest ones are deleted beyond.",
		.standard = "1G", .needs = "evidence", .expected = SIZE_EXPECTED, .min = KIBIBYTE, .max = DISK_MAX,
		FIELD(options_value_bytes, evidence_bytes),
	},
	{
		.long_name = "evidence-memory", .argument = "SIZE", .group = OPTIONS_GROUP_EVIDENCE,
		.flags = OPTIONS_IN_FILE | OPTIONS_PACKETS,
		.help = "memory for packets of sessions that are still open",
		.text = "How much memory the packets of sessions may take that are still open. When there are more, some are not kept, "
			"and that is counted.",
		.standard = "64M", .needs = "evidence", .expected = SIZE_EXPECTED, .min = KIBIBYTE, .max = MEMORY_MAX,
		FIELD(options_value_bytes, evidence_memory),
	},

	/* Safety. */
	{
		.long_name = "relinquish-privileges", .letter = 'Z', .argument = "USER", .group = OPTIONS_GROUP_SAFETY,
		.flags = OPTIONS_IN_FILE,
		.help = "become this user once all is open (default, for root: smtpscope, or else nobody)",
		.text = "Become this user once everything is open, when started by root. The default is smtpscope, or nobody where "
			"there is no such user.",
		.example = "smtpscope", .complete = OPTIONS_COMPLETE_USER, .expected = "the name of a user",
		FIELD(options_value_name, user),
	},
	{
		.long_name = "no-sandbox", .group = OPTIONS_GROUP_SAFETY, .flags = OPTIONS_IN_FILE,
		.help = "keep all system calls and files within reach",
		.text = "Do without the sandbox of seccomp and Landlock. This is for finding faults: what reads hostile packets "
			"should not be able to do more than it must.",
		FIELD(options_value_off, sandbox),
	},
	{
		.long_name = "check-sandbox", .group = OPTIONS_GROUP_SAFETY,
		.help = "try what the sandbox forbids, say what was possible",
		.text = "Enter the sandbox, try what it must forbid, say what came of it, and end.",
		FIELD(options_value_on, check_sandbox),
	},
	{
		.long_name = "max-memory", .argument = "SIZE", .group = OPTIONS_GROUP_SAFETY,
		.flags = OPTIONS_IN_FILE | OPTIONS_PACKETS | OPTIONS_TOPIC,
		.help = "memory for connections, sessions and diagnoses",
		.text = "How much memory may be taken by what the network decides. Half of it is for connections and the sessions on "
			"them: when that is used up, the least interesting ones are given up and counted. The rest is for the "
			"diagnosis and for what waits within the program. -B, --queue and --evidence-memory come on top.",
		.standard = "256M", .expected = SIZE_EXPECTED, .min = 1024 * KIBIBYTE, .max = MEMORY_MAX,
		FIELD(options_value_bytes, max_memory),
	},

	/* General. */
	{
		.long_name = "config", .argument = "FILE", .group = OPTIONS_GROUP_GENERAL,
		.help = "read options from FILE; the command line wins",
		.text = "Read options from a configuration file. What the command line says wins. Without this option no file is read.",
		.complete = OPTIONS_COMPLETE_FILE, .expected = NAME_EXPECTED,
		FIELD(options_value_name, config_file),
	},
	{
		.long_name = "check-config", .group = OPTIONS_GROUP_GENERAL,
		.help = "say what is wrong with the file and the command line",
		.text = "Check the configuration file and the command line, and that the directories, interfaces and users exist that "
			"they name, say what is wrong, and end. The exit status is 0 when nothing is, and 2 otherwise.",
		FIELD(options_value_on, check_config),
	},
	{
		.letter = 'n', .group = OPTIONS_GROUP_GENERAL,
		.help = "nothing: names are never looked up",
		.text = "Accepted for the habits of those who use tcpdump. Names are never looked up.",
		FIELD(options_value_nothing, config),
	},
	{
		.long_name = "version", .letter = 'V', .group = OPTIONS_GROUP_GENERAL,
		.help = "print the version",
		.text = "Print the version, and end.",
	},
	{
		.long_name = "help", .letter = 'h', .group = OPTIONS_GROUP_GENERAL,
		.help = "print this text",
		.text = "Print a summary of the options, and end.",
	},
};

const size_t options_row_count = sizeof(options_rows) / sizeof(options_rows[0]);

const char *const options_group_titles[OPTIONS_GROUP_COUNT] = {
	[OPTIONS_GROUP_INPUT] = "Input",
	[OPTIONS_GROUP_CAPTURE] = "Live capture",
	[OPTIONS_GROUP_SMTP] = "SMTP",
	[OPTIONS_GROUP_OUTPUT] = "Output",
	[OPTIONS_GROUP_FILES] = "Output files, with -i or from Kafka",
	[OPTIONS_GROUP_STATISTICS] = "Statistics, with -i or from Kafka",
	[OPTIONS_GROUP_EVIDENCE] = "Evidence",
	[OPTIONS_GROUP_SAFETY] = "Safety",
	[OPTIONS_GROUP_GENERAL] = "General",
};

const struct options_row *options_row_find(const char *long_name) {
	for (size_t i = 0; i < options_row_count; i++)
		if (options_rows[i].long_name != NULL && strcmp(options_rows[i].long_name, long_name) == 0)
			return &options_rows[i];
	return NULL;
}

const struct options_row *options_row_find_letter(char letter) {
	for (size_t i = 0; i < options_row_count; i++)
		if (options_rows[i].letter == letter && letter != '\0')
			return &options_rows[i];
	return NULL;
}
