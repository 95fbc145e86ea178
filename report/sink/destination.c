/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/sink/destination.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECOND_NS INT64_C(1000000000)

enum { HOST_MAX = 253, URL_MAX = 2048 };

__attribute__((format(printf, 2, 3))) static int wrong(char *complaint, const char *format, ...) {
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(complaint, DESTINATION_COMPLAINT_MAX, format, arguments);
	va_end(arguments);
	return -EINVAL;
}

/* ---- Parameters ---- */

static int hex_digit(char digit) {
	if (digit >= '0' && digit <= '9')
		return digit - '0';
	digit = (char)(digit | 0x20);
	return digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}

/* %XX are bytes. NULL: no memory, or a NUL in it. */
static char *decode(const char *text, size_t len) {
	char *decoded = malloc(len + 1);
	size_t to = 0;
	if (decoded == NULL)
		return NULL;
	for (size_t from = 0; from < len; from++) {
		int high = text[from] == '%' && from + 2 < len ? hex_digit(text[from + 1]) : -1;
		int low = high >= 0 ? hex_digit(text[from + 2]) : -1;
		decoded[to++] = low >= 0 ? (char)(high * 16 + low) : text[from];
		from += low >= 0 ? 2 : 0;
		if (decoded[to - 1] == '\0') {
			free(decoded);
			return NULL;
		}
	}
	decoded[to] = '\0';
	return decoded;
}

static bool parse_yes(const char *value, bool *ret_yes) {
	*ret_yes = strcmp(value, "yes") == 0;
	return *ret_yes || strcmp(value, "no") == 0;
}

static bool parse_number(const char *value, uint64_t max, uint64_t *ret_number) {
	char *end;
	errno = 0;
	unsigned long long number = strtoull(value, &end, 10);
	if (!isdigit((unsigned char)*value) || *end != '\0' || errno != 0 || number > max)
		return false;
	*ret_number = number;
	return true;
}

/* Printable, and nothing that could end a header, a path or a label. */
static bool is_plain(const char *value) {
	for (; *value != '\0'; value++)
		if (*value <= ' ' || *value > '~' || *value == '"' || *value == '\\')
			return false;
	return true;
}

static const char *const facilities[] = {"kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv",
	"ftp", "ntp", "audit", "alert", "clock", "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7"};

static bool set_facility(struct destination *to, const char *value) {
	for (unsigned i = 0; i < sizeof(facilities) / sizeof(facilities[0]); i++)
		if (strcmp(facilities[i], value) == 0) {
			to->facility = i;
			return true;
		}
	return false;
}

static bool set_framing(struct destination *to, const char *value) {
	to->frame_lines = strcmp(value, "lf") == 0;
	return to->frame_lines || strcmp(value, "octet") == 0;
}

static bool set_verify(struct destination *to, const char *value) {
	return parse_yes(value, &to->verify);
}

static bool set_compress(struct destination *to, const char *value) {
	return parse_yes(value, &to->compress);
}

static bool set_max(struct destination *to, const char *value) {
	return parse_number(value, UINT32_MAX, &to->document_max) && to->document_max > 0;
}

static bool set_timeout(struct destination *to, const char *value) {
	uint64_t seconds;
	if (!parse_number(value, 3600, &seconds) || seconds == 0)
		return false;
	to->timeout_ns = (int64_t)seconds * SECOND_NS;
	return true;
}

static bool set_auth(struct destination *to, const char *value) {
	static const char *const names[] = {[DESTINATION_AUTH_BASIC] = "basic", [DESTINATION_AUTH_BEARER] = "bearer",
		[DESTINATION_AUTH_API_KEY] = "apikey", [DESTINATION_AUTH_SPLUNK] = "splunk"};
	for (unsigned i = DESTINATION_AUTH_BASIC; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(names[i], value) == 0) {
			to->auth = (enum destination_auth)i;
			return true;
		}
	return false;
}

static bool set_until(struct destination *to, const char *value) {
	to->until_end = strcmp(value, "end") == 0;
	return to->until_end;
}

static bool set_key_of(struct destination *to, const char *value) {
	to->key_server = strcmp(value, "server") == 0;
	return to->key_server || strcmp(value, "session") == 0;
}

#define KIND(kind) (1U << (kind))
#define SYSLOG (KIND(DESTINATION_SYSLOG_UDP) | KIND(DESTINATION_SYSLOG_TCP) | KIND(DESTINATION_SYSLOG_TLS))
#define HTTP (KIND(DESTINATION_HTTP) | KIND(DESTINATION_ELASTIC) | KIND(DESTINATION_SPLUNK))
#define KAFKA KIND(DESTINATION_KAFKA)
#define ALL (SYSLOG | HTTP | KAFKA)
#define TEXT(field) .text = offsetof(struct destination, field)

/* The parameters; either text or set. */
static const struct parameter {
	const char *name;
	unsigned kinds;
	const char *expected;
	size_t text;
	bool (*set)(struct destination *to, const char *value);
} parameters[] = {
	{"name", ALL, "a name", TEXT(name)},
	{"ca", ALL, "a file", TEXT(ca)},
	{"cert", ALL, "a file", TEXT(certificate)},
	{"cert-key", ALL, "a file", TEXT(key)},
	{"verify", ALL, "yes or no", .set = set_verify},
	{"max", ALL, "a number of bytes", .set = set_max},
	{"timeout", ALL, "a number of seconds up to 3600", .set = set_timeout},
	{"framing", KIND(DESTINATION_SYSLOG_TCP), "octet or lf", .set = set_framing},
	{"facility", SYSLOG, "the name of a syslog facility", .set = set_facility},
	{"auth", HTTP, "basic, bearer, apikey or splunk", .set = set_auth},
	{"secret", HTTP | KAFKA, "a file", TEXT(secret_file)},
	{"secret-env", HTTP | KAFKA, "a variable of the environment", TEXT(secret_variable)},
	{"gzip", HTTP, "yes or no", .set = set_compress},
	{"index", KIND(DESTINATION_ELASTIC) | KIND(DESTINATION_SPLUNK), "a name", TEXT(index)},
	{"namespace", KIND(DESTINATION_ELASTIC), "a name", TEXT(space)},
	{"group", KAFKA, "a name", TEXT(group)},
	{"until", KAFKA, "end", .set = set_until},
	{"key", KAFKA, "session or server", .set = set_key_of},
};

static int set_parameter(struct destination *to, const char *name, size_t name_len, const char *value, char *complaint) {
	const struct parameter *row = parameters, *end = parameters + sizeof(parameters) / sizeof(parameters[0]);
	while (row < end && (strlen(row->name) != name_len || memcmp(row->name, name, name_len) != 0))
		row++;
	if (row == end || (row->kinds & KIND(to->kind)) == 0)
		return wrong(complaint, "%.*s is no parameter of such a destination", (int)name_len, name);
	if (*value == '\0' || !is_plain(value) || (row->set != NULL && !row->set(to, value)))
		return wrong(complaint, "%s=%s: %s is meant", row->name, value, row->expected);
	if (row->set != NULL)
		return 0;
	char **field = (char **)(void *)((char *)to + row->text), *copy = strdup(value);
	if (copy == NULL)
		return -ENOMEM;
	free(*field);
	*field = copy;
	return 0;
}

static int set_parameters(struct destination *to, const char *query, char *complaint) {
	while (*query != '\0') {
		size_t len = strcspn(query, "&"), name_len = strcspn(query, "=&");
		if (name_len == len)
			return wrong(complaint, "%.*s: a parameter is NAME=VALUE", (int)len, query);
		char *value = decode(query + name_len + 1, len - name_len - 1);
		if (value == NULL)
			return wrong(complaint, "%.*s: not a value", (int)len, query);
		int error = set_parameter(to, query, name_len, value, complaint);
		free(value);
		if (error < 0)
			return error;
		query += len + (query[len] == '&');
	}
	return 0;
}

/* ---- What stands before them ---- */

static const struct scheme {
	const char *name;
	enum destination_kind kind;
	bool tls;
	uint16_t port;
} schemes[] = {
	{"syslog+udp", DESTINATION_SYSLOG_UDP, false, 514},
	{"syslog+tcp", DESTINATION_SYSLOG_TCP, false, 514},
	{"syslog+tls", DESTINATION_SYSLOG_TLS, true, 6514},
	{"kafka", DESTINATION_KAFKA, false, 9092},
	{"kafka+tls", DESTINATION_KAFKA, true, 9093},
	{"http", DESTINATION_HTTP, false, 80},
	{"https", DESTINATION_HTTP, true, 443},
	{"es+http", DESTINATION_ELASTIC, false, 9200},
	{"es+https", DESTINATION_ELASTIC, true, 9200},
	{"hec+http", DESTINATION_SPLUNK, false, 8088},
	{"hec+https", DESTINATION_SPLUNK, true, 8088},
};

static bool is_host(const char *text, size_t len) {
	bool brackets = len > 2 && text[0] == '[' && text[len - 1] == ']';
	const char *allowed = brackets ? "0123456789abcdefABCDEF:.%" : "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-._";
	if (brackets)
		text++, len -= 2;
	if (len == 0 || len > HOST_MAX || text[0] == '-')
		return false;
	for (size_t i = 0; i < len; i++)
		if (strchr(allowed, text[i]) == NULL)
			return false;
	return true;
}

/* HOST[:PORT], the host perhaps in brackets. Returns 0 or a negative errno. */
static int parse_host(const char *text, size_t len, uint16_t usual, char **ret_host, uint16_t *ret_port, char *complaint) {
	size_t host_len = len;
	uint64_t port = usual;
	const char *bracket = memchr(text, ']', len), *from = bracket != NULL ? bracket : text;
	const char *colon = memchr(from, ':', len - (size_t)(from - text));
	if (memchr(text, '@', len) != NULL)
		return wrong(complaint, "who logs in, and with what, is never said here: secret=FILE or secret-env=NAME");
	if (colon != NULL) {
		char number[8] = "";
		host_len = (size_t)(colon - text);
		snprintf(number, sizeof(number), "%.*s", (int)(len - host_len - 1), colon + 1);
		if (len - host_len - 1 > 5 || !parse_number(number, UINT16_MAX, &port) || port == 0)
			return wrong(complaint, "%.*s: not a port", (int)(len - host_len - 1), colon + 1);
	}
	if (!is_host(text, host_len))
		return wrong(complaint, "%.*s: not a host", (int)host_len, text);
	bool brackets = text[0] == '[';
	*ret_host = strndup(text + brackets, host_len - 2 * brackets);
	*ret_port = (uint16_t)port;
	return *ret_host != NULL ? 0 : -ENOMEM;
}

/* HOST[:PORT],... with all ports written out. */
static int parse_brokers(struct destination *to, const char *text, size_t len, uint16_t usual, char *complaint) {
	to->brokers = calloc(1, 2 * len + 8 * len + 8); /* no broker is shorter than "a" and its comma */
	if (to->brokers == NULL)
		return -ENOMEM;
	for (size_t at = 0; at <= len;) {
		const char *comma = memchr(text + at, ',', len - at);
		size_t one = comma != NULL ? (size_t)(comma - text) - at : len - at;
		char *host;
		uint16_t port;
		int error = parse_host(text + at, one, usual, &host, &port, complaint);
		if (error < 0)
			return error;
		bool six = strchr(host, ':') != NULL;
		sprintf(to->brokers + strlen(to->brokers), "%s%s%s%s:%u", at > 0 ? "," : "", six ? "[" : "", host, six ? "]" : "", (unsigned)port);
		free(host);
		at += one + 1;
	}
	return 0;
}

static bool is_topic(const char *text, size_t len) {
	if (len == 0 || len > 249)
		return false;
	for (size_t i = 0; i < len; i++)
		if (!isalnum((unsigned char)text[i]) && strchr("._-", text[i]) == NULL)
			return false;
	return true;
}

static int parse_kafka(struct destination *to, const struct scheme *scheme, const char *text, size_t len, char *complaint) {
	const char *slash = memchr(text, '/', len);
	size_t hosts = slash != NULL ? (size_t)(slash - text) : len;
	if (slash == NULL || !is_topic(slash + 1, len - hosts - 1))
		return wrong(complaint, "a topic is meant, as in kafka://HOST/TOPIC");
	to->topic = strndup(slash + 1, len - hosts - 1);
	return to->topic != NULL ? parse_brokers(to, text, hosts, scheme->port, complaint) : -ENOMEM;
}

static int parse_network(struct destination *to, const struct scheme *scheme, const char *text, char *complaint) {
	const char *rest = strstr(text, "://") + 3;
	size_t len = strcspn(rest, "?#"), host_len = strcspn(rest, "/?#");
	if (len > URL_MAX || rest[len] == '#')
		return wrong(complaint, rest[len] == '#' ? "a # has no meaning there" : "too long");
	to->kind = scheme->kind;
	to->tls = scheme->tls;
	to->verify = true;
	to->facility = 20; /* local4: mail.* would go where the mail server's own lines go */
	to->timeout_ns = 30 * SECOND_NS;
	to->name = strndup(text, (size_t)(rest - text) + len);
	if (to->name == NULL)
		return -ENOMEM;
	if (!is_plain(to->name))
		return wrong(complaint, "blanks and quotes are not part of such a name");
	int error = scheme->kind == DESTINATION_KAFKA ? parse_kafka(to, scheme, rest, len, complaint)
						      : parse_host(rest, host_len, scheme->port, &to->host, &to->port, complaint);
	if (error < 0)
		return error;
	bool http = (KIND(scheme->kind) & HTTP) != 0;
	if (!http && scheme->kind != DESTINATION_KAFKA && len > host_len + 1)
		return wrong(complaint, "%.*s: there is no path in such a name", (int)(len - host_len), rest + host_len);
	if (http) {
		size_t path_len = len - host_len;
		while (path_len > 0 && rest[host_len + path_len - 1] == '/')
			path_len--;
		bool six = strchr(to->host, ':') != NULL;
		if (asprintf(&to->url, "%s://%s%s%s:%u%.*s", scheme->tls ? "https" : "http", six ? "[" : "", to->host, six ? "]" : "",
			    (unsigned)to->port, (int)path_len, rest + host_len) < 0) {
			to->url = NULL;
			return -ENOMEM;
		}
	}
	return set_parameters(to, rest + len + (rest[len] == '?'), complaint);
}

/* SCHEME:// as RFC 3986 spells it. */
static size_t scheme_len(const char *text) {
	size_t len = 0;
	while (isalnum((unsigned char)text[len]) || (len > 0 && strchr("+-.", text[len]) != NULL && text[len] != '\0'))
		len++;
	return len > 0 && strncmp(text + len, "://", 3) == 0 ? len : 0;
}

static int parse(struct destination *to, const char *text, char *complaint) {
	size_t len = scheme_len(text);
	if (len > 0) {
		for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++)
			if (strlen(schemes[i].name) == len && memcmp(schemes[i].name, text, len) == 0)
				return parse_network(to, &schemes[i], text, complaint);
		return wrong(complaint, "%.*s: no such kind of destination", (int)len, text);
	}
	bool is_socket = strncmp(text, "unix:", 5) == 0, is_file = strncmp(text, "file:", 5) == 0;
	const char *path = text + (is_socket || is_file ? 5 : 0);
	if (*path == '\0')
		return wrong(complaint, "not a file");
	to->kind = is_socket ? DESTINATION_UNIX : DESTINATION_FILE;
	to->timeout_ns = 30 * SECOND_NS;
	to->name = strdup(text);
	if (is_file || is_socket || strcmp(text, "-") != 0)
		to->path = strdup(path);
	return to->name != NULL && (to->path != NULL || strcmp(text, "-") == 0) ? 0 : -ENOMEM;
}

int destination_parse(const char *text, struct destination **ret_destination, char complaint[DESTINATION_COMPLAINT_MAX]) {
	struct destination *destination = calloc(1, sizeof(*destination));
	snprintf(complaint, DESTINATION_COMPLAINT_MAX, "out of memory");
	int error = destination != NULL ? parse(destination, text, complaint) : -ENOMEM;
	if (error == 0 && destination->secret_file != NULL && destination->secret_variable != NULL)
		error = wrong(complaint, "secret= and secret-env= do not go together");
	if (error == 0 && (destination->certificate != NULL) != (destination->key != NULL))
		error = wrong(complaint, "cert= and cert-key= go together");
	if (error < 0) {
		destination_destroy(destination);
		return error;
	}
	*ret_destination = destination;
	return 0;
}

void destination_destroy(struct destination *destination) {
	if (destination == NULL)
		return;
	char *const texts[] = {destination->name, destination->path, destination->host, destination->url, destination->brokers,
		destination->topic, destination->ca, destination->certificate, destination->key, destination->secret_file,
		destination->secret_variable, destination->index, destination->space, destination->group};
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		free(texts[i]);
	free(destination);
}

bool destination_is_network(const struct destination *destination) {
	return destination->kind != DESTINATION_FILE;
}
