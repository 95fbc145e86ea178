/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/sink/document_head.h"

#include <ctype.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DEPTH_MAX = 3, PATH_MAX_LEN = 64 };

/* The fields that count, in any of the formats. Of an array only the first element is looked at, as "[]". */
enum field {
	TYPE, NATIVE_ID, DIAGNOSIS_KEY, UPDATES, PARTIAL, SEVERITY, FINDING_SEVERITY, START, FIRST, TIME, SESSION, CLIENT_SERVER_IP, SERVER_PORT,
	ECS_TIMESTAMP, ECS_ID, ECS_KIND, ECS_DATASET, ECS_SEVERITY, STREAM_TYPE, STREAM_DATASET, STREAM_NAMESPACE, ECS_SESSION, ECS_SERVER_IP,
	ECS_SERVER_PORT, OCSF_UID, OCSF_SESSION, OCSF_CLASS, OCSF_SEVERITY, OCSF_SERVER_IP, OCSF_SERVER_PORT, ZEEK_TIME, ZEEK_UID, EVE_TYPE, EVE_TIME,
	EVE_FLOW, EVE_TX, EVE_SEVERITY, EVE_SERVER_IP, EVE_SERVER_PORT, HEC_EVENT, HEC_SOURCETYPE, HEC_SESSION, FIELD_COUNT
};

static const char *const paths[FIELD_COUNT] = {
	[TYPE] = "type", [NATIVE_ID] = "id", [DIAGNOSIS_KEY] = "diagnosis_id", [UPDATES] = "updates", [PARTIAL] = "partial",
	[SEVERITY] = "severity", [FINDING_SEVERITY] = "findings.[].severity", [START] = "start", [FIRST] = "first", [TIME] = "time",
	[SESSION] = "session", [CLIENT_SERVER_IP] = "server.ip", [SERVER_PORT] = "server.port",
	[ECS_TIMESTAMP] = "@timestamp", [ECS_ID] = "event.id", [ECS_KIND] = "event.kind", [ECS_DATASET] = "event.dataset",
	[ECS_SEVERITY] = "event.severity", [STREAM_TYPE] = "data_stream.type", [STREAM_DATASET] = "data_stream.dataset",
	[STREAM_NAMESPACE] = "data_stream.namespace", [ECS_SESSION] = "smtp.session_id", [ECS_SERVER_IP] = "destination.ip",
	[ECS_SERVER_PORT] = "destination.port", [OCSF_UID] = "metadata.uid", [OCSF_SESSION] = "metadata.correlation_uid",
	[OCSF_CLASS] = "class_uid", [OCSF_SEVERITY] = "severity_id", [OCSF_SERVER_IP] = "dst_endpoint.ip",
	[OCSF_SERVER_PORT] = "dst_endpoint.port", [ZEEK_TIME] = "ts", [ZEEK_UID] = "uid", [EVE_TYPE] = "event_type",
	[EVE_TIME] = "timestamp", [EVE_FLOW] = "flow_id", [EVE_TX] = "tx_id", [EVE_SEVERITY] = "alert.severity",
	[EVE_SERVER_IP] = "dest_ip", [EVE_SERVER_PORT] = "dest_port", [HEC_EVENT] = "event", [HEC_SOURCETYPE] = "sourcetype",
	[HEC_SESSION] = "fields.session_id",
};

/* ---- The text of a document, which we have rendered ourselves ---- */

struct reader {
	const char *at, *end;
	struct document_text found[FIELD_COUNT];
	char path[PATH_MAX_LEN];
	bool enough; /* it was not read to its end, but is one of ours */
};

static void skip_blanks(struct reader *reader) {
	while (reader->at < reader->end && (*reader->at == ' ' || *reader->at == '\t'))
		reader->at++;
}

static bool take(struct reader *reader, char what) {
	skip_blanks(reader);
	if (reader->at >= reader->end || *reader->at != what)
		return false;
	reader->at++;
	return true;
}

/* What is between the quotes. */
static bool read_string(struct reader *reader, struct document_text *ret_text) {
	if (!take(reader, '"'))
		return false;
	const char *start = reader->at;
	for (;;) {
		const char *quote = memchr(reader->at, '"', (size_t)(reader->end - reader->at));
		if (quote == NULL)
			return false;
		reader->at = quote + 1;
		const char *back = quote;
		while (back > start && back[-1] == '\\')
			back--;
		if ((quote - back) % 2 == 0) {
			*ret_text = (struct document_text){start, (size_t)(quote - start)};
			return true;
		}
	}
}

/* A nested value, of which nothing is wanted. */
static bool skip_nested(struct reader *reader) {
	struct document_text text;
	int depth = 0;
	do {
		if (reader->at >= reader->end)
			return false;
		char byte = *reader->at;
		if (byte == '"') {
			if (!read_string(reader, &text))
				return false;
			continue;
		}
		depth += (byte == '{' || byte == '[') - (byte == '}' || byte == ']');
		reader->at++;
	} while (depth > 0);
	return true;
}

static void note(struct reader *reader, struct document_text value) {
	for (enum field field = 0; field < FIELD_COUNT; field++)
		if (paths[field][0] == reader->path[0] && reader->found[field].data == NULL && strcmp(paths[field], reader->path) == 0)
			reader->found[field] = value;
}

/* Is there a field below the path? */
static bool leads_on(const struct reader *reader, size_t path_len) {
	for (enum field field = 0; field < FIELD_COUNT; field++)
		if (strncmp(paths[field], reader->path, path_len) == 0 && paths[field][path_len] == '.')
			return true;
	return false;
}

static bool read_value(struct reader *reader, size_t path_len, int depth);

/* Appends a name to the path. False: it is longer than any that counts. */
static bool enter(struct reader *reader, size_t path_len, struct document_text name, size_t *ret_len) {
	size_t dot = path_len > 0;
	if (path_len + dot + name.len >= PATH_MAX_LEN)
		return false;
	if (dot)
		reader->path[path_len] = '.';
	memcpy(reader->path + path_len + dot, name.data, name.len);
	*ret_len = path_len + dot + name.len;
	reader->path[*ret_len] = '\0';
	return true;
}

static bool read_member(struct reader *reader, size_t path_len, int depth) {
	struct document_text name;
	size_t len;
	if (!read_string(reader, &name) || !take(reader, ':'))
		return false;
	/* The last of our own documents, and most of it: nothing in it or behind it is looked for. */
	if (path_len == 0 && name.len == 8 && memcmp(name.data, "timeline", 8) == 0 && reader->found[TYPE].data != NULL) {
		reader->enough = true;
		return false;
	}
	if (!enter(reader, path_len, name, &len)) {
		len = 0;
		reader->path[0] = '\0';
		depth = DEPTH_MAX;
	}
	return read_value(reader, len, depth);
}

static bool read_object(struct reader *reader, size_t path_len, int depth) {
	if (!take(reader, '{'))
		return false;
	if (take(reader, '}'))
		return true;
	do
		if (!read_member(reader, path_len, depth))
			return false;
	while (take(reader, ','));
	return take(reader, '}');
}

/* The first element; the others are passed over. */
static bool read_array(struct reader *reader, size_t path_len, int depth) {
	static const struct document_text first = {"[]", 2};
	const char *start = reader->at;
	size_t len;
	reader->at++;
	bool empty = take(reader, ']');
	if (!empty && enter(reader, path_len, first, &len))
		read_value(reader, len, depth);
	reader->at = start;
	return skip_nested(reader);
}

static bool read_value(struct reader *reader, size_t path_len, int depth) {
	struct document_text text;
	skip_blanks(reader);
	if (reader->at >= reader->end)
		return false;
	const char *start = reader->at;
	if (*start == '{' || *start == '[') {
		note(reader, (struct document_text){start, 0});
		if (depth >= DEPTH_MAX || path_len == 0 || !leads_on(reader, path_len))
			return skip_nested(reader);
		return *start == '{' ? read_object(reader, path_len, depth + 1) : read_array(reader, path_len, depth + 1);
	}
	if (*start == '"') {
		if (!read_string(reader, &text))
			return false;
	} else {
		while (reader->at < reader->end && strchr(",}] \t", *reader->at) == NULL)
			reader->at++;
		text = (struct document_text){start, (size_t)(reader->at - start)};
	}
	if (path_len > 0)
		note(reader, text);
	return true;
}

/* ---- What the fields mean ---- */

static const struct document_text *first_of(const struct reader *reader, const enum field *fields, size_t count) {
	for (size_t i = 0; i < count; i++)
		if (reader->found[fields[i]].data != NULL && reader->found[fields[i]].len > 0)
			return &reader->found[fields[i]];
	return NULL;
}

#define FIRST_OF(reader, ...) \
	first_of(reader, (const enum field[]){__VA_ARGS__}, sizeof((const enum field[]){__VA_ARGS__}) / sizeof(enum field))

static bool text_is(struct document_text text, const char *what) {
	return text.data != NULL && text.len == strlen(what) && memcmp(text.data, what, text.len) == 0;
}

/* Only what may stand in a header or a key as it is. */
static void copy(const struct document_text *text, char *to, size_t size) {
	size_t len = 0;
	for (size_t i = 0; text != NULL && i < text->len && len + 1 < size; i++)
		if (text->data[i] > ' ' && text->data[i] <= '~')
			to[len++] = text->data[i];
	to[len] = '\0';
}

/* YYYY-MM-DDTHH:MM:SS[.FRACTION](Z|+HHMM|+HH:MM) */
static bool parse_rfc3339(struct document_text text, int64_t *ret_ns) {
	int year, month, day, hour, minute, second, used = 0;
	char copied[48];
	if (text.len >= sizeof(copied))
		return false;
	memcpy(copied, text.data, text.len);
	copied[text.len] = '\0';
	if (sscanf(copied, "%4d-%2d-%2dT%2d:%2d:%2d%n", &year, &month, &day, &hour, &minute, &second, &used) != 6)
		return false;
	int64_t fraction = 0, unit = 100000000;
	const char *at = copied + used;
	if (*at == '.')
		for (at++; isdigit((unsigned char)*at); at++, unit /= 10)
			fraction += (*at - '0') * unit;
	/* Days since 1970 of the Gregorian calendar, counted from March so that the leap day is the last. */
	int64_t y = month <= 2 ? year - 1 : year, m = month <= 2 ? month + 9 : month - 3;
	int64_t days = 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 - 719468;
	int64_t offset = 0;
	int off_hour, off_minute;
	if ((*at == '+' || *at == '-') && (sscanf(at + 1, "%2d:%2d", &off_hour, &off_minute) == 2 || sscanf(at + 1, "%2d%2d", &off_hour, &off_minute) == 2))
		offset = (*at == '-' ? -1 : 1) * (off_hour * 3600 + off_minute * 60);
	*ret_ns = (((days * 24 + hour) * 60 + minute) * 60 + second - offset) * 1000000000 + fraction;
	return true;
}

/* Seconds, or milliseconds as OCSF has them: by their size. */
static bool parse_epoch(struct document_text text, int64_t *ret_ns) {
	char copied[32];
	if (text.len == 0 || text.len >= sizeof(copied) || !isdigit((unsigned char)text.data[0]))
		return false;
	memcpy(copied, text.data, text.len);
	copied[text.len] = '\0';
	char *end;
	int64_t whole = strtoll(copied, &end, 10), fraction = 0, unit = 100000000;
	if (*end == '.')
		for (end++; isdigit((unsigned char)*end); end++, unit /= 10)
			fraction += (*end - '0') * unit;
	if (*end != '\0' || whole > INT64_C(9000000000000))
		return false;
	*ret_ns = whole > INT64_C(90000000000) ? whole * 1000000 : whole * 1000000000 + fraction;
	return true;
}

static void find_time(const struct reader *reader, struct document_head *head) {
	const enum field fields[] = {ECS_TIMESTAMP, EVE_TIME, ZEEK_TIME, START, TIME, FIRST};
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]) && !head->has_time; i++) {
		struct document_text text = reader->found[fields[i]];
		if (text.data != NULL)
			head->has_time = parse_rfc3339(text, &head->time_ns) || parse_epoch(text, &head->time_ns);
	}
}

static void find_level(const struct reader *reader, struct document_head *head) {
	static const struct { const char *word; enum document_level level; } words[] = {
		{"critical", DOCUMENT_CRITICAL}, {"high", DOCUMENT_HIGH}, {"medium", DOCUMENT_MEDIUM}, {"low", DOCUMENT_LOW},
		{"6", DOCUMENT_CRITICAL}, {"5", DOCUMENT_CRITICAL}, {"4", DOCUMENT_HIGH}, {"3", DOCUMENT_MEDIUM}, {"2", DOCUMENT_LOW}};
	const struct document_text *text = FIRST_OF(reader, ECS_SEVERITY, OCSF_SEVERITY, FINDING_SEVERITY, SEVERITY);
	for (size_t i = 0; text != NULL && i < sizeof(words) / sizeof(words[0]); i++)
		if (text_is(*text, words[i].word))
			head->level = words[i].level;
	/* Suricata counts from 1, the worst. */
	const struct document_text *eve = FIRST_OF(reader, EVE_SEVERITY);
	if (eve != NULL)
		head->level = text_is(*eve, "1") ? DOCUMENT_HIGH : text_is(*eve, "2") ? DOCUMENT_MEDIUM : DOCUMENT_LOW;
}

static void find_kind(const struct reader *reader, struct document_head *head) {
	const struct document_text *text = FIRST_OF(reader, TYPE, ECS_DATASET, EVE_TYPE, HEC_SOURCETYPE);
	struct document_text kind = text != NULL ? *text : (struct document_text){"document", 8};
	/* smtpscope.session, smtpscope:session */
	for (size_t i = kind.len; i-- > 0;)
		if (kind.data[i] == '.' || kind.data[i] == ':') {
			kind.data += i + 1;
			kind.len -= i + 1;
			break;
		}
	size_t len = 0;
	for (size_t i = 0; i < kind.len && len + 1 < sizeof(head->kind); i++)
		if (isalnum((unsigned char)kind.data[i]) || kind.data[i] == '_' || kind.data[i] == '-')
			head->kind[len++] = (char)tolower((unsigned char)kind.data[i]);
	head->kind[len] = '\0';
}

static void make_id(const char *data, size_t len, struct document_head *head) {
	unsigned char hash[EVP_MAX_MD_SIZE];
	unsigned size = 0;
	if (EVP_Digest(data, len, hash, &size, EVP_sha256(), NULL) != 1)
		return;
	for (unsigned i = 0; i < 16; i++)
		sprintf(head->id + 2 * (size_t)i, "%02x", hash[i]);
}

static void find_id(const struct reader *reader, const char *data, size_t len, struct document_head *head) {
	bool native = reader->found[TYPE].data != NULL && reader->found[ECS_ID].data == NULL;
	bool whole_session = native && text_is(reader->found[TYPE], "session") && !text_is(reader->found[PARTIAL], "true");
	const struct document_text *id = FIRST_OF(reader, ECS_ID, OCSF_UID);
	if (id == NULL && whole_session)
		id = FIRST_OF(reader, NATIVE_ID);
	copy(id, head->id, sizeof(head->id));
	if (head->id[0] == '\0')
		make_id(data, len, head);
}

static void find_session(const struct reader *reader, struct document_head *head) {
	const struct document_text *text = FIRST_OF(reader, ECS_SESSION, OCSF_SESSION, HEC_SESSION, EVE_FLOW, ZEEK_UID);
	if (text == NULL && text_is(reader->found[TYPE], "session"))
		text = FIRST_OF(reader, NATIVE_ID);
	if (text == NULL && text_is(reader->found[TYPE], "event"))
		text = FIRST_OF(reader, SESSION);
	if (text == NULL && text_is(reader->found[TYPE], "diagnosis"))
		text = FIRST_OF(reader, DIAGNOSIS_KEY);
	copy(text, head->session, sizeof(head->session));
}

static void find_server(const struct reader *reader, struct document_head *head) {
	const struct document_text *ip = FIRST_OF(reader, CLIENT_SERVER_IP, ECS_SERVER_IP, OCSF_SERVER_IP, EVE_SERVER_IP);
	const struct document_text *port = FIRST_OF(reader, SERVER_PORT, ECS_SERVER_PORT, OCSF_SERVER_PORT, EVE_SERVER_PORT);
	char ip_text[64], port_text[8];
	if (ip == NULL || port == NULL)
		return;
	copy(ip, ip_text, sizeof(ip_text));
	copy(port, port_text, sizeof(port_text));
	snprintf(head->server, sizeof(head->server), strchr(ip_text, ':') != NULL ? "[%s]:%s" : "%s:%s", ip_text, port_text);
}

/* CEF:0|...|severity|key=value; LEEF: the attribute sev. */
static void read_leaf(const char *data, size_t len, struct document_head *head) {
	const char *at = data, *end = data + len;
	long severity = -1;
	if (len > 4 && memcmp(data, "CEF:", 4) == 0) {
		for (int bars = 0; at < end && bars < 6; at++)
			bars += *at == '|' && at[-1] != '\\';
		severity = at < end ? strtol(at, NULL, 10) : -1;
	} else if (len > 5 && memcmp(data, "LEEF:", 5) == 0) {
		const char *sev = memmem(data, len, "\tsev=", 5);
		severity = sev != NULL ? strtol(sev + 5, NULL, 10) : -1;
	}
	head->level = severity >= 9 ? DOCUMENT_CRITICAL : severity >= 7 ? DOCUMENT_HIGH : severity >= 4 ? DOCUMENT_MEDIUM
		: severity >= 2 ? DOCUMENT_LOW : DOCUMENT_INFORMATIONAL;
}

void document_head_read(const char *data, size_t len, struct document_head *ret_head) {
	struct reader reader = {.at = data, .end = data + len};
	*ret_head = (struct document_head){.kind = "document"};
	if (len > 0 && data[len - 1] == '\n')
		reader.end = data + --len;
	ret_head->is_json = len > 0 && data[0] == '{' && (read_object(&reader, 0, 0) || reader.enough);
	if (!ret_head->is_json) {
		read_leaf(data, len, ret_head);
		make_id(data, len, ret_head);
		return;
	}
	find_kind(&reader, ret_head);
	find_id(&reader, data, len, ret_head);
	find_session(&reader, ret_head);
	find_server(&reader, ret_head);
	find_level(&reader, ret_head);
	find_time(&reader, ret_head);
	ret_head->has_timestamp = reader.found[ECS_TIMESTAMP].data != NULL;
	ret_head->has_envelope = reader.found[HEC_EVENT].data != NULL && reader.found[HEC_SOURCETYPE].data != NULL;
	ret_head->stream_type = reader.found[STREAM_TYPE];
	ret_head->stream_dataset = reader.found[STREAM_DATASET];
	ret_head->stream_namespace = reader.found[STREAM_NAMESPACE];
}
