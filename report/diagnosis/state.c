/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/diagnosis/state.h"

#include <stdio.h>
#include <string.h>

#include "decode/ascii.h"

void tally_add(struct tally *tally, int64_t time_ns) {
	if (tally->count == 0 || time_ns < tally->first_ns)
		tally->first_ns = time_ns;
	if (tally->count == 0 || time_ns > tally->last_ns)
		tally->last_ns = time_ns;
	tally->count++;
}

#define SPAN_NS (INT64_C(8) * 1000000000) /* all spans: some four minutes, longer than a connection is tried for */

void worked_add(struct worked *worked, int64_t time_ns) {
	if (worked->next > 0) {
		int64_t *first_ns = &worked->spans[(worked->next - 1) % WORKED_SPANS_MAX].first_ns;
		int64_t *last_ns = &worked->spans[(worked->next - 1) % WORKED_SPANS_MAX].last_ns;
		if (time_ns < *first_ns)
			return; /* what failed before it has been told already */
		if (time_ns <= *last_ns)
			return;
		if (time_ns - *first_ns < SPAN_NS) {
			*last_ns = time_ns;
			return;
		}
	}
	worked->spans[worked->next % WORKED_SPANS_MAX].first_ns = time_ns;
	worked->spans[worked->next++ % WORKED_SPANS_MAX].last_ns = time_ns;
}

int64_t worked_between(const struct worked *worked, int64_t from_ns, int64_t until_ns) {
	uint64_t first = worked->next > WORKED_SPANS_MAX ? worked->next - WORKED_SPANS_MAX : 0;
	for (uint64_t i = first; i < worked->next; i++) {
		int64_t first_ns = worked->spans[i % WORKED_SPANS_MAX].first_ns, last_ns = worked->spans[i % WORKED_SPANS_MAX].last_ns;
		if (last_ns <= from_ns)
			continue;
		if (first_ns > until_ns)
			return 0;
		/* From before until after: what was in between is not known. It worked around then, so nobody shall say it was down. */
		return first_ns > from_ns ? first_ns : last_ns < until_ns ? last_ns : until_ns;
	}
	return 0;
}

struct endpoint_key {
	uint8_t address[16];
	uint16_t port;
	uint16_t ip_version;
};

static struct endpoint_key make_key(const struct stream_endpoint *address) {
	struct endpoint_key key = {.port = address->port, .ip_version = address->ip_version};
	memcpy(key.address, address->address, sizeof(key.address));
	return key;
}

struct endpoint_ref endpoint_ref(const struct endpoint *endpoint) {
	return (struct endpoint_ref){endpoint->address, endpoint->generation};
}

struct endpoint *endpoint_of(const struct diagnoser *diagnoser, const struct endpoint_ref *ref) {
	struct endpoint_key key = make_key(&ref->address);
	struct endpoint *endpoint = table_find(&diagnoser->endpoints, &key, sizeof(key));
	return endpoint != NULL && endpoint->generation == ref->generation ? endpoint : NULL;
}

struct endpoint *endpoint_use(struct diagnoser *diagnoser, const struct stream_endpoint *address) {
	struct endpoint_key key = make_key(address);
	struct endpoint *endpoint = table_use(&diagnoser->endpoints, &key, sizeof(key));
	if (endpoint != NULL && endpoint->generation == 0) {
		endpoint->address = *address;
		endpoint->generation = ++diagnoser->generations;
	}
	return endpoint;
}

void name_set(char *name, size_t size, struct slice text) {
	size_t len = text.len < size - 1 ? text.len : size - 1;
	while (len > 0 && len < text.len && ((unsigned char)text.data[len] & 0xc0) == 0x80)
		len--; /* not inside a character */
	if (len > 0)
		memcpy(name, text.data, len);
	name[len] = '\0';
}

bool name_list_add(char (*list)[NAME_SIZE], size_t *count, size_t max, const char *name) {
	for (size_t i = 0; i < *count; i++)
		if (strcmp(list[i], name) == 0)
			return true;
	if (*count == max)
		return false;
	NAME_SET(list[*count], slice_of(name));
	(*count)++;
	return true;
}

static uint16_t source_index(struct diagnoser *diagnoser, struct slice source) {
	/* Sessions come in the order of time, so the source is one of the latest. */
	for (size_t i = diagnoser->source_count; i > 0; i--)
		if (strlen(diagnoser->sources[i - 1]) == source.len && memcmp(diagnoser->sources[i - 1], source.data, source.len) == 0)
			return (uint16_t)(i - 1);
	if (diagnoser->sources_full)
		return (uint16_t)(diagnoser->source_count - 1);
	if (diagnoser->source_count == diagnoser->source_capacity) {
		size_t capacity = diagnoser->source_capacity != 0 ? 2 * diagnoser->source_capacity : 64;
		char **grown = arena_alloc(&diagnoser->names, capacity * sizeof(*grown));
		if (diagnoser->source_count > 0)
			memcpy(grown, diagnoser->sources, diagnoser->source_count * sizeof(*grown));
		diagnoser->sources = grown;
		diagnoser->source_capacity = capacity;
	}
	diagnoser->sources_full = diagnoser->source_count == SOURCES_MAX - 1 || diagnoser->names.taken > SOURCES_SIZE_MAX;
	struct slice name = diagnoser->sources_full ? slice_of("(other sources)") : source;
	char *copy = arena_alloc(&diagnoser->names, name.len + 1);
	if (name.len > 0)
		memcpy(copy, name.data, name.len);
	diagnoser->sources[diagnoser->source_count] = copy;
	return (uint16_t)diagnoser->source_count++;
}

void evidence_add(struct diagnoser *diagnoser, struct evidence *evidence, const struct facts *facts, uint64_t frame) {
	char id[ID_SIZE];
	NAME_SET(id, facts->id);
	size_t kept = evidence->session_count < EVIDENCE_MAX ? evidence->session_count : EVIDENCE_MAX;
	/* Sessions come one after the other, so the same one is the last. */
	if (kept == 0 || strcmp(evidence->sessions[kept - 1], id) != 0) {
		if (kept < EVIDENCE_MAX)
			memcpy(evidence->sessions[kept], id, sizeof(id));
		evidence->session_count++;
	}
	if (frame == 0 || evidence->frame_count == EVIDENCE_MAX)
		return;
	uint16_t source = source_index(diagnoser, facts->source);
	for (size_t i = 0; i < evidence->frame_count; i++)
		if (evidence->frames[i].frame == frame && evidence->frames[i].source == source)
			return;
	evidence->frames[evidence->frame_count].source = source;
	evidence->frames[evidence->frame_count++].frame = frame;
}

void evidence_merge(struct evidence *into, const struct evidence *from) {
	size_t have = into->session_count < EVIDENCE_MAX ? into->session_count : EVIDENCE_MAX;
	size_t add = from->session_count < EVIDENCE_MAX ? from->session_count : EVIDENCE_MAX;
	uint64_t count = into->session_count + from->session_count;
	for (size_t i = 0; i < add; i++) {
		size_t k = 0;
		while (k < have && strcmp(into->sessions[k], from->sessions[i]) != 0)
			k++;
		if (k < have)
			count--;
		else if (have < EVIDENCE_MAX)
			memcpy(into->sessions[have++], from->sessions[i], ID_SIZE);
	}
	into->session_count = count > have ? count : have;
	for (size_t i = 0; i < from->frame_count && into->frame_count < EVIDENCE_MAX; i++)
		into->frames[into->frame_count++] = from->frames[i];
}

void endpoint_text(const struct stream_endpoint *address, char ret_text[NAME_SIZE]) {
	char ip[ADDRESS_TEXT_SIZE];
	address_print(address, ip);
	snprintf(ret_text, NAME_SIZE, address->ip_version == 6 ? "[%s]:%u" : "%s:%u", ip, address->port);
}

static size_t network_len(const struct stream_endpoint *address) {
	return address->ip_version == 6 ? 8 : 3; /* bytes: /64, /24 */
}

void network_text(const struct stream_endpoint *address, char ret_text[NAME_SIZE]) {
	struct stream_endpoint network = *address;
	char ip[ADDRESS_TEXT_SIZE];
	memset(network.address + network_len(address), 0, sizeof(network.address) - network_len(address));
	address_print(&network, ip);
	snprintf(ret_text, NAME_SIZE, "%s/%u", ip, (unsigned)(8 * network_len(address)));
}

struct network_key network_key(const struct stream_endpoint *address) {
	struct network_key key = {.ip_version = address->ip_version};
	memcpy(key.prefix, address->address, network_len(address));
	return key;
}

bool same_network(const struct stream_endpoint *a, const struct stream_endpoint *b) {
	return a->ip_version == b->ip_version && memcmp(a->address, b->address, network_len(a)) == 0;
}

void domain_of(struct slice address, char ret_domain[NAME_SIZE]) {
	size_t at = address.len;
	while (at > 0 && address.data[at - 1] != '@')
		at--;
	name_set(ret_domain, NAME_SIZE, at > 0 ? slice_skip(address, at) : (struct slice){NULL, 0});
	for (char *c = ret_domain; *c != '\0'; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c - 'A' + 'a');
}

bool is_submission_port(uint16_t port) {
	return port == 587 || port == 465 || port == 2525;
}

/* Does the ICMP error say that somebody forbids it, and not only that there is no way or nobody at home? */
static bool is_prohibition(struct slice icmp) {
	for (size_t i = 0; i < icmp.len; i++)
		if (slice_begins(slice_skip(icmp, i), "PROHIBITED") || slice_begins(slice_skip(icmp, i), "POLICY"))
			return true;
	return slice_is(icmp, "REJECT-ROUTE");
}

bool failure_of(const struct facts *facts, enum failure_kind *ret_kind) {
	switch (facts->close) {
	case STREAM_CLOSE_UNANSWERED:
		*ret_kind = FAILURE_UNANSWERED;
		return true;
	case STREAM_CLOSE_REFUSED:
		*ret_kind = FAILURE_RESET;
		return true;
	case STREAM_CLOSE_UNREACHABLE:
		*ret_kind = is_prohibition(facts->icmp) ? FAILURE_PROHIBITED : FAILURE_UNREACHABLE;
		return true;
	default:
		return false;
	}
}

bool offers_auth(const struct facts *facts) {
	for (size_t i = 0; i < facts->capability_count; i++) {
		struct slice line = facts->capabilities[i];
		if (line.len > 5 && (slice_begins(line, "AUTH ") || slice_begins(line, "AUTH=")))
			return true;
	}
	return false;
}
