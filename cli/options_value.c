/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/options_value.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "cli/options.h"
#include "report/sink/destination.h"

static void *field_of(struct options *options, const struct options_row *row) {
	return (char *)options + row->offset;
}

static size_t *counter_of(struct options *options, const struct options_row *row) {
	return (size_t *)(void *)((char *)options + row->count_offset);
}

__attribute__((format(printf, 2, 3))) static bool complain(char *complaint, const char *format, ...) {
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(complaint, OPTIONS_COMPLAINT_MAX, format, arguments);
	va_end(arguments);
	return false;
}

static bool complain_expected(const struct options_row *row, char *complaint) {
	return complain(complaint, "not %s", row->expected);
}

/* Flags. */

bool options_value_on(struct options *options, const struct options_row *row, const char *value, char *complaint) {
	*(bool *)field_of(options, row) = true;
	return true;
}

bool options_value_off(struct options *options, const struct options_row *row, const char *value, char *complaint) {
	*(bool *)field_of(options, row) = false;
	return true;
}

bool options_value_nothing(struct options *options, const struct options_row *row, const char *value, char *complaint) {
	return true;
}

/* Numbers. */

struct unit {
	char letter; /* of either case; '\0' ends the table, its factor is that of a plain number */
	uint64_t factor;
};

#define KIBIBYTE UINT64_C(1024)
static const struct unit plain_units[] = {{'\0', 1}};
static const struct unit byte_units[] = {{'k', KIBIBYTE}, {'m', KIBIBYTE * KIBIBYTE}, {'g', KIBIBYTE * KIBIBYTE * KIBIBYTE},
	{'t', KIBIBYTE * KIBIBYTE * KIBIBYTE * KIBIBYTE}, {'\0', 1}};
/* As in tcpdump -C. */
static const struct unit megabyte_units[] = {
	{'k', KIBIBYTE}, {'m', KIBIBYTE * KIBIBYTE}, {'g', KIBIBYTE * KIBIBYTE * KIBIBYTE}, {'\0', 1000000}};
#define SECOND UINT64_C(1000000000)
static const struct unit duration_units[] = {
	{'s', SECOND}, {'m', 60 * SECOND}, {'h', 3600 * SECOND}, {'d', 24 * 3600 * SECOND}, {'\0', SECOND}};

enum number { NUMBER_GOOD, NUMBER_BAD, NUMBER_TOO_LARGE };

/* Reads digits and perhaps a unit from the first len bytes, all of them. */
static enum number read_number(const char *text, size_t len, const struct unit *units, uint64_t *ret_number) {
	uint64_t number = 0;
	size_t at = 0;
	bool large = false;
	for (; at < len && text[at] >= '0' && text[at] <= '9'; at++)
		large = large || __builtin_mul_overflow(number, 10, &number) ||
			__builtin_add_overflow(number, (uint64_t)(text[at] - '0'), &number);
	char letter = '\0';
	if (at > 0 && at + 1 == len)
		letter = (char)(text[at++] | 0x20);
	if (at == 0 || at != len)
		return NUMBER_BAD;
	while (units->letter != letter && units->letter != '\0')
		units++;
	if (units->letter != letter)
		return NUMBER_BAD;
	if (large || __builtin_mul_overflow(number, units->factor, &number))
		return NUMBER_TOO_LARGE;
	*ret_number = number;
	return NUMBER_GOOD;
}

/* Writes a limit as a person would: 262144 stays, 67108864 becomes 64M. */
static const char *show_number(uint64_t number, const struct unit *units, char *text, size_t size) {
	const struct unit *best = NULL, *plain = units;
	for (; plain->letter != '\0'; plain++)
		if (number > 0 && number % plain->factor == 0 && (best == NULL || plain->factor > best->factor))
			best = plain;
	if (best == NULL || best->factor <= plain->factor)
		snprintf(text, size, "%llu", (unsigned long long)(number / plain->factor));
	else
		snprintf(text, size, "%llu%c", (unsigned long long)(number / best->factor), best->letter);
	return text;
}

static void store_number(struct options *options, const struct options_row *row, uint64_t number) {
	if (row->size == sizeof(uint32_t)) {
		uint32_t narrow = (uint32_t)number; /* the row's limits see to it that it fits, also when signed */
		memcpy(field_of(options, row), &narrow, sizeof(narrow));
	} else {
		memcpy(field_of(options, row), &number, sizeof(number));
	}
}

static bool parse_number(struct options *options, const struct options_row *row, const char *value, const struct unit *units,
	char *complaint) {
	uint64_t number = 0;
	char limit[32];
	switch (read_number(value, strlen(value), units, &number)) {
	case NUMBER_BAD:
		return complain_expected(row, complaint);
	case NUMBER_TOO_LARGE:
		number = UINT64_MAX;
		break;
	case NUMBER_GOOD:
		break;
	}
	if (number < row->min)
		return complain(complaint, "too small, it must be %s at least", show_number(row->min, units, limit, sizeof(limit)));
	if (number > row->max)
		return complain(complaint, "too large, it must be %s at most", show_number(row->max, units, limit, sizeof(limit)));
	store_number(options, row, number);
	return true;
}

bool options_value_count(struct options *options, const struct options_row *row, const char *value, char *complaint) {
	return parse_number(options, row, value, plain_units, complaint);
}

bool options_value_snaplen(struct options *options, const struct options_row *row, const char *value, char *complaint) {
	if (strcmp(value, "0") != 0)
		return parse_number(options, row, value, plain_units, complaint);
	store_number(options, row, row->max);
	return true;
}

bool options_value_bytes(struct options *options, const struct options_row *row, const char *value, char *complaint) {
	return parse_number(options, row, value, byte_units, complaint);
}

bool options_value_megabytes(struct options *options, const struct options_row *row, const char *value, char *complaint) {
	return parse_number(options, row, value, megabyte_units, complaint);
}

bool options_value_duration(struct options *options, const struct options_row *row, const char *value, char *complaint) {
	return parse_number(options, row, value, duration_units, complaint);
}

/* Words. */

bool options_value_choice(struct options *options, const struct options_row *row, const char *value, char *complaint) {
	for (unsigned i = 0; row->choices[i].name != NULL; i++) {
		if (strcmp(row->choices[i].name, value) != 0)
			continue;
		if (row->size == sizeof(bool))
			*(bool *)field_of(options, row) = i > 0;
		else
			store_number(options, row, i);
		return true;
	}
	char names[OPTIONS_COMPLAINT_MAX / 2] = "";
	for (unsigned i = 0; row->choices[i].name != NULL; i++)
		snprintf(names + strlen(names), sizeof(names) - strlen(names), "%s%s",
			i == 0                              ? ""
			: row->choices[i + 1].name == NULL ? " or "
							   : ", ",
			row->choices[i].name);
	return complain(complaint, "%s is meant", names);
}

bool options_value_name(struct options *options, const struct options_row *row, const char *value, char *complaint) {
	if (*value == '\0')
		return complain_expected(row, complaint);
	*(const char **)field_of(options, row) = value;
	return true;
}

static const char *last_component(const char *path) {
	const char *slash = strrchr(path, '/');
	return slash != NULL ? slash + 1 : path;
}

bool options_value_file(struct options *options, const struct options_row *row, const char *value, char *complaint) {
	if (*last_component(value) == '\0')
		return complain_expected(row, complaint);
	*(const char **)field_of(options, row) = value;
	return true;
}

/* What a name may be made of: no slash comes of them, and no blank. */
static const char conversions[] = "%YyCmbBhdeHIMSsjpFTRaAuwUVWGgzZ";

static bool check_path(const struct options_row *row, const char *value, char *complaint) {
	const char *last = last_component(value), *percent = strchr(value, '%');
	if (*last == '\0')
		return complain_expected(row, complaint);
	if (percent != NULL && percent < last)
		return complain(complaint, "only the last component of the name may have %% conversions");
	for (; percent != NULL; percent = strchr(percent + 2, '%')) {
		if (percent[1] == '\0')
			return complain(complaint, "%% at the end; %%%% stands for one %%");
		if (strchr(conversions, percent[1]) == NULL)
			return complain(complaint, "%%%c is no conversion for the name of a file", percent[1]);
	}
	return true;
}

/* FORMAT=, if there is such a format: a file may have a = in its name. */
static const struct writer_format *find_format(const char *value, const char **ret_rest) {
	size_t len = strcspn(value, "=");
	char name[32];
	*ret_rest = value;
	if (value[len] != '=' || len >= sizeof(name))
		return NULL;
	memcpy(name, value, len);
	name[len] = '\0';
	const struct writer_format *format = writer_find(name);
	if (format != NULL)
		*ret_rest = value + len + 1;
	return format;
}

/* Its place in the list, or NULL. What is named twice would have the documents twice. */
static struct options_output *add_output(struct options *options, const struct destination *destination, char *complaint) {
	for (size_t i = 0; i < options->output_count; i++)
		if (strcmp(options->outputs[i].destination->name, destination->name) == 0) {
			complain(complaint, "given twice (name=NAME tells two apart)");
			return NULL;
		}
	if (options->outputs == NULL)
		options->outputs = calloc(OPTIONS_OUTPUTS_MAX, sizeof(*options->outputs));
	if (options->outputs == NULL)
		complain(complaint, "out of memory");
	else if (options->output_count == OPTIONS_OUTPUTS_MAX)
		complain(complaint, "there can be %d of them at most", OPTIONS_OUTPUTS_MAX);
	else
		return &options->outputs[options->output_count];
	return NULL;
}

bool options_value_destination(struct options *options, const struct options_row *row, const char *value, char *complaint) {
	struct destination *destination;
	const struct writer_format *format = find_format(value, &value);
	if (destination_parse(value, &destination, complaint) < 0)
		return false;
	struct options_output *output = NULL;
	if (destination->path == NULL || destination->kind != DESTINATION_FILE || check_path(row, destination->path, complaint))
		output = add_output(options, destination, complaint);
	if (output == NULL) {
		destination_destroy(destination);
		return false;
	}
	*output = (struct options_output){format, destination};
	options->output_count++;
	if (destination->kind == DESTINATION_FILE)
		options->destination = destination->path;
	return true;
}

/* NAME=VALUE. What is secret is not said where everybody sees it. */
bool options_value_kafka(struct options *options, const struct options_row *row, const char *value, char *complaint) {
	const char *equals = strchr(value, '=');
	if (equals == NULL || equals == value || equals[1] == '\0')
		return complain_expected(row, complaint);
	if (strncmp(value, "key=", 4) == 0 && strcmp(equals + 1, "session") != 0 && strcmp(equals + 1, "server") != 0)
		return complain(complaint, "key=session or key=server is meant");
	static const char *const secret[] = {"password", "secret", ".pem", "keystore", "oauthbearer.config"};
	for (size_t i = 0; i < sizeof(secret) / sizeof(secret[0]); i++)
		if (memmem(value, (size_t)(equals - value), secret[i], strlen(secret[i])) != NULL)
			return complain(complaint, "a secret is not said here: secret=FILE of the destination, ca=, cert=, cert-key=");
	return options_value_names(options, row, value, complaint);
}

bool options_value_format(struct options *options, const struct options_row *row, const char *value, char *complaint) {
	const struct writer_format *format = writer_find(value);
	if (format == NULL)
		return complain(complaint, "no such format");
	options->format = format;
	return true;
}

bool options_value_language(struct options *options, const struct options_row *row, const char *value, char *complaint) {
	const struct words *words = words_find(value);
	if (words == NULL) {
		char names[OPTIONS_COMPLAINT_MAX / 2] = "";
		for (const struct words *const *known = words_all(); *known != NULL; known++)
			snprintf(names + strlen(names), sizeof(names) - strlen(names), "%s%s", known == words_all() ? "" : " or ",
				(*known)->language);
		return complain(complaint, "%s is meant", names);
	}
	options->words = words;
	return true;
}

/* Lists. */

/* Makes room for one more of this size. Returns the memory, or NULL with the old one as it was. */
static void *grow(void *list, size_t count, size_t size) {
	if (count == 0)
		return list != NULL ? list : malloc(size); /* a list that was cleared keeps its memory */
	if ((count & (count - 1)) != 0)
		return list;
	return reallocarray(list, count, 2 * size);
}

bool options_value_names(struct options *options, const struct options_row *row, const char *value, char *complaint) {
	const char ***list = field_of(options, row);
	size_t *count = counter_of(options, row);
	if (*value == '\0')
		return complain_expected(row, complaint);
	const char **grown = grow(*list, *count, sizeof(**list));
	if (grown == NULL)
		return complain(complaint, "out of memory");
	*list = grown;
	grown[(*count)++] = value;
	return true;
}

/* A topic that is read as a member of a consumer group. */
static bool set_topic(struct options *options, const char *value, char *complaint) {
	struct destination *topic;
	if (options->session_topic != NULL)
		return complain(complaint, "there can only be one topic");
	if (destination_parse(value, &topic, complaint) < 0)
		return false;
	if (topic->group == NULL) {
		complain(complaint, "a consumer group is missing: ?group=NAME, the same for all that share the work");
		destination_destroy(topic);
		return false;
	}
	options->session_topic = topic;
	return true;
}

bool options_value_sessions(struct options *options, const struct options_row *row, const char *value, char *complaint) {
	if (strncmp(value, "kafka://", 8) == 0 || strncmp(value, "kafka+tls://", 12) == 0)
		return set_topic(options, value, complaint);
	return options_value_names(options, row, value, complaint);
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
		uint64_t prefix;
		if (read_number(text + len + 1, strlen(text + len + 1), plain_units, &prefix) != NUMBER_GOOD || prefix > bits)
			return false;
		network.prefix = (unsigned)prefix;
	}
	for (unsigned bit = network.prefix; bit < bits; bit++)
		network.address[bit / 8] &= (uint8_t)~(0x80 >> bit % 8);
	*ret_network = network;
	return true;
}

bool options_value_network(struct options *options, const struct options_row *row, const char *value, char *complaint) {
	struct diagnosis_network network;
	if (!parse_network(value, &network))
		return complain_expected(row, complaint);
	struct diagnosis_network *grown = grow(options->local_networks, options->local_network_count, sizeof(network));
	if (grown == NULL)
		return complain(complaint, "out of memory");
	options->local_networks = grown;
	grown[options->local_network_count++] = network;
	return true;
}

/* A name without the dot or @ that some write before it. */
bool options_value_domain(struct options *options, const struct options_row *row, const char *value, char *complaint) {
	value += strspn(value, ".@");
	if (*value == '\0' || strpbrk(value, " \t@/") != NULL)
		return complain_expected(row, complaint);
	return options_value_names(options, row, value, complaint);
}

void options_value_clear(struct options *options, const struct options_row *row) {
	if (row->parse == options_value_destination) {
		for (size_t i = 0; i < options->output_count; i++)
			destination_destroy(options->outputs[i].destination);
		options->destination = NULL;
	}
	*counter_of(options, row) = 0;
}

/* One option each. */

/* AGE, SIZE or both, a comma between them. What ends in a unit of time is an age. */
bool options_value_keep(struct options *options, const struct options_row *row, const char *value, char *complaint) {
	int64_t age = 0;
	uint64_t bytes = 0;
	for (const char *at = value;; at++) {
		size_t len = strcspn(at, ",");
		uint64_t number;
		/* m is a MiB here, as it would be for whoever thinks of a disk; a plain number could be either. */
		const char *unit = len > 0 ? strchr("shdkKmMgGtT", at[len - 1]) : NULL;
		bool is_age = unit != NULL && strchr("shd", *unit) != NULL;
		if (unit == NULL || *unit == '\0' || read_number(at, len, is_age ? duration_units : byte_units, &number) != NUMBER_GOOD ||
			number == 0 || number > INT64_MAX || (is_age ? age != 0 : bytes != 0))
			return complain_expected(row, complaint);
		if (is_age)
			age = (int64_t)number;
		else
			bytes = number;
		at += len;
		if (*at == '\0')
			break;
	}
	options->keep_age_ns = age;
	options->keep_bytes = bytes;
	return true;
}

/* STATE=DURATION[,...] */
bool options_value_timeouts(struct options *options, const struct options_row *row, const char *value, char *complaint) {
	static const char *const names[FLOW_TIMEOUT_COUNT] = {
		[FLOW_TIMEOUT_EMBRYONIC] = "embryonic", [FLOW_TIMEOUT_OPEN] = "open", [FLOW_TIMEOUT_CLOSING] = "closing"};
	int64_t timeouts[FLOW_TIMEOUT_COUNT] = {0};
	struct flow_options standard;
	for (const char *at = value;; at++) {
		size_t state = 0, name_len = strcspn(at, "=,"), len;
		while (state < FLOW_TIMEOUT_COUNT &&
			(strlen(names[state]) != name_len || memcmp(names[state], at, name_len) != 0))
			state++;
		uint64_t timeout;
		if (state == FLOW_TIMEOUT_COUNT || at[name_len] != '=' || timeouts[state] != 0)
			return complain_expected(row, complaint);
		at += name_len + 1;
		len = strcspn(at, ",");
		if (read_number(at, len, duration_units, &timeout) != NUMBER_GOOD)
			return complain_expected(row, complaint);
		if (timeout < row->min || timeout > row->max)
			return complain(complaint, "%s must be between a second and a hundred years", names[state]);
		timeouts[state] = (int64_t)timeout;
		at += len;
		if (*at == '\0')
			break;
	}
	flow_options_init(&standard);
	for (size_t state = 0; state < FLOW_TIMEOUT_COUNT; state++)
		options->flow.timeout_ns[state] = timeouts[state] != 0 ? timeouts[state] : standard.timeout_ns[state];
	return true;
}

/* Whoever reads the numbers may read all of them, so they do not leave the machine. */
static bool parse_listen(const char *value, struct sockaddr_storage *ret_address, char *ret_text, uint16_t *ret_port) {
	bool brackets = *value == '[';
	const char *start = value + brackets, *end = strrchr(value, ':');
	uint64_t port;
	if (end == NULL || read_number(end + 1, strlen(end + 1), plain_units, &port) != NUMBER_GOOD || port == 0 || port > UINT16_MAX)
		return false;
	if (brackets && (end <= start || *--end != ']'))
		return false;
	size_t len = end >= start ? (size_t)(end - start) : 0;
	char text[INET6_ADDRSTRLEN];
	if (len >= sizeof(text))
		return false;
	memcpy(text, start, len);
	text[len] = '\0';
	struct sockaddr_storage storage = {0};
	if (brackets) {
		struct sockaddr_in6 address = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port)};
		if (inet_pton(AF_INET6, text, &address.sin6_addr) != 1 || !IN6_IS_ADDR_LOOPBACK(&address.sin6_addr))
			return false;
		memcpy(&storage, &address, sizeof(address));
	} else {
		struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
		if (inet_pton(AF_INET, text, &address.sin_addr) != 1 || ntohl(address.sin_addr.s_addr) >> 24 != 127)
			return false;
		memcpy(&storage, &address, sizeof(address));
	}
	*ret_address = storage;
	memcpy(ret_text, text, sizeof(text));
	*ret_port = (uint16_t)port;
	return true;
}

bool options_value_listen(struct options *options, const struct options_row *row, const char *value, char *complaint) {
	char text[INET6_ADDRSTRLEN];
	if (!parse_listen(value, &options->metrics_sockaddr, text, &options->metrics_port))
		return complain_expected(row, complaint);
	char *address = strdup(text);
	if (address == NULL)
		return complain(complaint, "out of memory");
	free(options->metrics_owned);
	options->metrics_address = options->metrics_owned = address;
	return true;
}

static const struct port_kind {
	const char *name;
	enum stream_hint hint;
} port_kinds[] = {{"smtp", STREAM_HINT_SMTP}, {"smtps", STREAM_HINT_SMTPS}, {"lmtp", STREAM_HINT_LMTP}};

/* The kind of a port that the list names without one. */
static enum stream_hint usual_hint(const struct flow_options *defaults, uint64_t port) {
	return defaults->hints[port] != STREAM_HINT_NONE ? (enum stream_hint)defaults->hints[port] : STREAM_HINT_SMTP;
}

/* PORT[/KIND][,...] */
static bool parse_ports(const char *list, uint8_t *hints) {
	struct flow_options defaults;
	flow_options_init(&defaults);
	for (const char *at = list;; at++) {
		size_t len = strcspn(at, "/,"), kinds = sizeof(port_kinds) / sizeof(port_kinds[0]);
		uint64_t port;
		if (read_number(at, len, plain_units, &port) != NUMBER_GOOD || port == 0 || port >= FLOW_PORTS)
			return false;
		enum stream_hint hint = usual_hint(&defaults, port);
		at += len;
		if (*at == '/') {
			size_t kind = 0;
			len = strcspn(++at, ",");
			while (kind < kinds && (strlen(port_kinds[kind].name) != len || memcmp(port_kinds[kind].name, at, len) != 0))
				kind++;
			if (kind == kinds)
				return false;
			hint = port_kinds[kind].hint;
			at += len;
		}
		hints[port] = (uint8_t)hint;
		if (*at == '\0')
			return true;
	}
}

bool options_value_ports(struct options *options, const struct options_row *row, const char *value, char *complaint) {
	uint8_t hints[FLOW_PORTS] = {STREAM_HINT_NONE};
	if (!parse_ports(value, hints))
		return complain_expected(row, complaint);
	memcpy(options->flow.hints, hints, sizeof(hints));
	return true;
}
