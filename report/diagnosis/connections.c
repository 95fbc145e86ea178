/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Connections that came to nothing: a server that is down, or port 25 that something on the way blocks.
 */
#include <stdio.h>
#include <string.h>

#include "decode/ascii.h"
#include "report/diagnosis/build.h"
#include "report/diagnosis/state.h"

/* ---- An endpoint ---- */

static bool is_from(const struct outage *outage, const struct stream_endpoint *client) {
	for (size_t i = 0; i < outage->from_count; i++)
		if (memcmp(outage->from[i].address, client->address, sizeof(client->address)) == 0)
			return true;
	return false;
}

/* A single connection that fails says little, and clients that never get through may be kept out. What was never seen to work may
 * not be a mail server at all. */
static bool is_outage(const struct outage *outage) {
	return outage->failed.count > 1 + outage->worked_inside && outage->known_client && (outage->worked_before || outage->until_ns != 0);
}

static void remove_outage(struct endpoint *endpoint, size_t at) {
	endpoint->down &= at + 1 < endpoint->outage_count;
	endpoint->outage_count--;
	memmove(&endpoint->outages[at], &endpoint->outages[at + 1], (endpoint->outage_count - at) * sizeof(endpoint->outages[0]));
}

/* Makes room: the first one that is over and was none. */
static bool forget_outage(struct endpoint *endpoint) {
	for (size_t i = 0; i + endpoint->down < endpoint->outage_count; i++) {
		if (is_outage(&endpoint->outages[i]))
			continue;
		remove_outage(endpoint, i);
		return true;
	}
	return false;
}

/* The outage that goes on, or a new one; NULL when there are too many: the first ones are told. */
static struct outage *current_outage(struct endpoint *endpoint, int64_t start_ns) {
	if (!endpoint->down) {
		if (endpoint->outage_count == OUTAGES_MAX && !forget_outage(endpoint))
			return NULL;
		endpoint->down = true;
		endpoint->outages[endpoint->outage_count++] =
			(struct outage){.worked_before = endpoint->worked.count > 0, .named_ns = start_ns};
	}
	return &endpoint->outages[endpoint->outage_count - 1];
}

/* A connection that is not answered is given up after minutes. What worked meanwhile is known already, so the failure belongs to an
 * outage that is over, if it did not work around it. NULL: none, and it is too long ago to tell. */
static struct outage *outage_of_late_failure(struct endpoint *endpoint, int64_t start_ns) {
	const struct worked *worked = &endpoint->worked_at;
	int64_t until_ns = worked_between(worked, start_ns, INT64_MAX);
	for (size_t i = 0; i < endpoint->outage_count; i++) {
		struct outage *outage = &endpoint->outages[i];
		int64_t first_ns = outage->failed.first_ns, last_ns = outage->failed.last_ns;
		if ((start_ns >= first_ns && start_ns <= last_ns) ||
			(start_ns < first_ns && worked_between(worked, start_ns, first_ns) == 0 && until_ns != 0) ||
			(start_ns > last_ns && (outage->until_ns == 0 || start_ns < outage->until_ns) &&
				worked_between(worked, last_ns, start_ns) == 0))
			return outage;
	}
	if (until_ns == 0 || (endpoint->outage_count == OUTAGES_MAX && !forget_outage(endpoint)))
		return NULL;
	size_t at = endpoint->outage_count++ - endpoint->down; /* the one that goes on stays the last */
	endpoint->outages[at + endpoint->down] = endpoint->outages[at];
	endpoint->outages[at] = (struct outage){
		.worked_before = endpoint->worked.first_ns < start_ns, .named_ns = start_ns, .until_ns = until_ns};
	return &endpoint->outages[at];
}

static void note_failure(struct diagnoser *diagnoser, const struct observation *seen, enum failure_kind kind) {
	struct endpoint *endpoint = seen->endpoint;
	int64_t start_ns = seen->facts->start_ns;
	endpoint->failed_connections++;
	bool late = endpoint->worked.count > 0 && start_ns < endpoint->worked.last_ns;
	struct outage *outage = late ? outage_of_late_failure(endpoint, start_ns) : current_outage(endpoint, start_ns);
	if (outage == NULL)
		return;
	tally_add(&outage->failed, seen->facts->start_ns);
	outage->kinds[kind]++;
	outage->known_client |= seen->visit->worked;
	evidence_add(diagnoser, &outage->evidence, seen->facts, seen->facts->first_frame);
	if (is_from(outage, &seen->facts->client))
		return;
	if (outage->from_count < LIST_MAX)
		outage->from[outage->from_count++] = seen->facts->client;
	else
		outage->from_others = true;
}

static void note_success(const struct observation *seen) {
	struct endpoint *endpoint = seen->endpoint;
	int64_t start_ns = seen->facts->start_ns;
	tally_add(&endpoint->worked, start_ns);
	worked_add(&endpoint->worked_at, start_ns);
	seen->visit->worked = true;
	/* A session that took long is known of late, and the outage may have begun since. */
	struct outage *current = endpoint->down ? &endpoint->outages[endpoint->outage_count - 1] : NULL;
	if (current != NULL && start_ns >= current->failed.last_ns) {
		current->until_ns = start_ns;
		endpoint->down = false;
	} else if (current != NULL && start_ns <= current->failed.first_ns) {
		current->worked_before = true;
	} else if (current != NULL) {
		current->worked_inside++;
	}
	for (size_t i = 0; i < endpoint->outage_count; i++)
		endpoint->outages[i].known_client |= is_from(&endpoint->outages[i], &seen->facts->client);
}

/* ---- A network's way to port 25 ---- */

static struct network *use_network(struct diagnoser *diagnoser, const struct stream_endpoint *client) {
	struct network_key key = network_key(client);
	struct network *network = table_use(&diagnoser->networks, &key, sizeof(key));
	if (network != NULL)
		network->client = *client;
	return network;
}

static struct blockage *current_blockage(struct network *network) {
	return network->blocked ? &network->blockages[network->blockage_count - 1] : NULL;
}

static void note_works(struct blockage *blockage, uint16_t port) {
	char text[NAME_SIZE];
	snprintf(text, sizeof(text), "%u", port);
	name_list_add(blockage->works, &blockage->works_count, LIST_MAX, text);
}

/* It is the port and not a server when many servers cannot be reached, or when a router says that it is forbidden, while the same
 * people reach other ports. */
static bool is_blocked(const struct blockage *blockage) {
	enum { SERVERS_MIN = 3 };
	return blockage->works_count > 0 && (blockage->server_count >= SERVERS_MIN || blockage->kinds[FAILURE_PROHIBITED] > 0);
}

static void remove_blockage(struct network *network, size_t at) {
	network->blocked &= at + 1 < network->blockage_count;
	network->blockage_count--;
	memmove(&network->blockages[at], &network->blockages[at + 1],
		(network->blockage_count - at) * sizeof(network->blockages[0]));
}

/* Makes room: the first one that is over and was none. */
static bool forget_blockage(struct network *network) {
	for (size_t i = 0; i + network->blocked < network->blockage_count; i++) {
		if (is_blocked(&network->blockages[i]))
			continue;
		remove_blockage(network, i);
		return true;
	}
	return false;
}

static void add_blocked(struct diagnoser *diagnoser, const struct network *network, struct blockage *blockage,
	const struct observation *seen, enum failure_kind kind) {
	/* Known already, and begun after this one: it was being tried all the while. */
	if (network->submission_ns > seen->facts->start_ns && network->submission_ns <= seen->facts->end_ns)
		note_works(blockage, network->submission_port);
	if (blockage->works_perhaps != 0)
		note_works(blockage, blockage->works_perhaps);
	blockage->works_perhaps = 0;
	if (seen->facts->end_ns > blockage->failing_until_ns)
		blockage->failing_until_ns = seen->facts->end_ns;
	tally_add(&blockage->failed, seen->facts->start_ns);
	blockage->kinds[kind]++;
	char server[NAME_SIZE];
	address_print(&seen->facts->server, server);
	name_list_add(blockage->servers, &blockage->server_count, LIST_MAX, server);
	name_list_add(blockage->clients, &blockage->client_count, LIST_MAX, seen->client_text);
	evidence_add(diagnoser, &blockage->evidence, seen->facts, seen->facts->first_frame);
}

static void note_blocked(struct diagnoser *diagnoser, struct network *network, const struct observation *seen,
	enum failure_kind kind) {
	if (!network->blocked) {
		if (network->blockage_count == OUTAGES_MAX && !forget_blockage(network))
			return;
		network->blocked = true;
		network->blockages[network->blockage_count++] = (struct blockage){.named_ns = seen->facts->start_ns};
	}
	struct blockage *blockage = current_blockage(network);
	add_blocked(diagnoser, network, blockage, seen, kind);
}

/* As outage_of_late_failure(). */
static void note_blocked_late(struct diagnoser *diagnoser, struct network *network, const struct observation *seen,
	enum failure_kind kind) {
	int64_t start_ns = seen->facts->start_ns, until_ns = worked_between(&network->worked_at, start_ns, INT64_MAX);
	for (size_t i = 0; i < network->blockage_count; i++) {
		struct blockage *blockage = &network->blockages[i];
		int64_t from_ns = start_ns < blockage->failed.last_ns ? start_ns : blockage->failed.last_ns;
		int64_t to_ns = start_ns > blockage->failed.first_ns ? start_ns : blockage->failed.first_ns;
		if ((blockage->until_ns == 0 || start_ns < blockage->until_ns) && worked_between(&network->worked_at, from_ns, to_ns) == 0) {
			add_blocked(diagnoser, network, blockage, seen, kind);
			return;
		}
	}
	if (until_ns == 0 || (network->blockage_count == OUTAGES_MAX && !forget_blockage(network)))
		return;
	size_t at = network->blockage_count++ - network->blocked; /* the one that goes on stays the last */
	network->blockages[at + network->blocked] = network->blockages[at];
	network->blockages[at] = (struct blockage){.named_ns = start_ns, .until_ns = until_ns};
	add_blocked(diagnoser, network, &network->blockages[at], seen, kind);
}
static void note_unblocked(struct network *network, int64_t start_ns) {
	struct blockage *blockage = current_blockage(network);
	worked_add(&network->worked_at, start_ns);
	if (blockage == NULL || start_ns <= blockage->failed.first_ns)
		return;
	if (start_ns >= blockage->failed.last_ns) {
		blockage->until_ns = start_ns;
		network->blocked = false;
		return;
	}
	/* It worked in between, as is known only now: what failed before is no ground for anything. */
	*blockage = (struct blockage){.named_ns = blockage->named_ns, .failed = {1, blockage->failed.last_ns, blockage->failed.last_ns}};
}

static void note_submission(struct network *network, int64_t start_ns, uint16_t port) {
	struct blockage *blockage = current_blockage(network);
	if (start_ns > network->submission_ns) {
		network->submission_ns = start_ns;
		network->submission_port = port;
	}
	if (blockage == NULL || start_ns < blockage->failed.first_ns)
		return;
	/* It works while port 25 does not: while a connection to it is being tried, or if another will fail. */
	if (start_ns <= blockage->failing_until_ns)
		note_works(blockage, port);
	else
		blockage->works_perhaps = port;
}

static void observe_network(struct diagnoser *diagnoser, const struct observation *seen, bool failed, enum failure_kind kind) {
	uint16_t port = seen->facts->server.port;
	if (port != 25 && !is_submission_port(port))
		return;
	struct network *network = use_network(diagnoser, &seen->facts->client);
	if (network == NULL)
		return;
	network->inside |= seen->inside;
	if (seen->facts->end_ns > network->seen_ns)
		network->seen_ns = seen->facts->end_ns;
	if (port == 25 && failed && worked_between(&network->worked_at, seen->facts->start_ns, INT64_MAX) != 0)
		note_blocked_late(diagnoser, network, seen, kind);
	else if (port == 25 && failed)
		note_blocked(diagnoser, network, seen, kind);
	else if (port == 25)
		note_unblocked(network, seen->facts->start_ns);
	else if (!failed)
		note_submission(network, seen->facts->start_ns, port);
}

static void observe(struct diagnoser *diagnoser, const struct observation *seen) {
	enum failure_kind kind = FAILURE_UNANSWERED;
	bool failed = failure_of(seen->facts, &kind);
	/* TLS from the first byte shows no greeting, but that it answers is enough. */
	bool worked = seen->facts->greeting_code == 220 || (seen->facts->tls && seen->facts->established);
	if (failed)
		note_failure(diagnoser, seen, kind);
	else if (worked)
		note_success(seen);
	if (failed || worked)
		observe_network(diagnoser, seen, failed, kind);
}

/* ---- Conclusions ---- */

/* Strangers who come here and are refused by many hosts are scanning. */
static bool is_ours(const struct network *network, const struct blockage *blockage) {
	return network->inside || blockage->kinds[FAILURE_RESET] == 0;
}

static void conclude_blockage(struct diagnoser *diagnoser, const struct network *network, const struct blockage *blockage) {
	static const char id[] = "port-blocked";
	if (!build_admit(diagnoser, id, FINDING_MEDIUM, blockage->failed.last_ns, blockage->evidence.session_count))
		return;
	struct diagnosis *diagnosis = build_begin(diagnoser, id, FINDING_MEDIUM, blockage->failed);
	char name[NAME_SIZE], works[LIST_MAX][NAME_SIZE], clients[LIST_MAX][NAME_SIZE];
	memcpy(works, blockage->works, sizeof(works));
	memcpy(clients, blockage->clients, sizeof(clients));
	network_text(&network->client, name);
	const struct words_value values[] = {
		{"network", name, 0},
		{"from", build_time(diagnoser, blockage->failed.first_ns), 0},
		{"until", build_until(diagnoser, blockage->until_ns == 0, blockage->until_ns), 0},
		{"kinds", build_kinds(diagnoser, blockage->kinds), 0},
		{"attempts", NULL, blockage->failed.count},
		{"servers", NULL, blockage->server_count},
		{"works", build_list(diagnoser, works, blockage->works_count, blockage->works_count), 0},
	};
	build_words(diagnoser, diagnosis, WORDS_COUNT, BUILD_VALUES(values));
	build_about_time(diagnoser, diagnosis, name, blockage->named_ns);
	build_clients(diagnoser, diagnosis, clients, blockage->client_count);
	build_reads(diagnoser, diagnosis, blockage->kinds[FAILURE_UNANSWERED] > 0 ? CLIENT_TEXT_UNANSWERED : CLIENT_TEXT_REFUSED, 0);
	build_evidence(diagnoser, diagnosis, &blockage->evidence);
	build_filter(diagnoser, diagnosis, NULL, 25);
	diagnosis->ongoing = blockage->until_ns == 0;
}

/* Is every failure of the outage from a network whose way to port 25 was blocked at the time? */
static bool is_explained(const struct diagnoser *diagnoser, const struct endpoint *endpoint, const struct outage *outage) {
	if (endpoint->address.port != 25 || outage->from_others)
		return false;
	for (size_t i = 0; i < outage->from_count; i++) {
		struct network_key key = network_key(&outage->from[i]);
		const struct network *network = table_find(&diagnoser->networks, &key, sizeof(key));
		bool explained = false;
		for (size_t k = 0; network != NULL && k < network->blockage_count; k++) {
			const struct blockage *blockage = &network->blockages[k];
			explained |= is_ours(network, blockage) && is_blocked(blockage) && blockage->failed.first_ns <= outage->failed.last_ns &&
				blockage->failed.last_ns >= outage->failed.first_ns;
		}
		if (!explained)
			return false;
	}
	return true;
}

static void conclude_outage(struct diagnoser *diagnoser, const struct endpoint *endpoint, const struct outage *outage) {
	enum finding_severity severity =
		outage->until_ns == 0 && outage->failed.count > 2 ? FINDING_HIGH : FINDING_MEDIUM;
	static const char id[] = "service-down";
	if (!build_admit(diagnoser, id, severity, outage->failed.last_ns, outage->evidence.session_count))
		return;
	struct diagnosis *diagnosis = build_begin(diagnoser, id, severity, outage->failed);
	char server[NAME_SIZE], clients[LIST_MAX][NAME_SIZE];
	endpoint_text(&endpoint->address, server);
	for (size_t i = 0; i < outage->from_count; i++)
		address_print(&outage->from[i], clients[i]);
	const struct words_value values[] = {
		{"server", server, 0},
		{"from", build_time(diagnoser, outage->failed.first_ns), 0},
		{"until", build_until(diagnoser, outage->until_ns == 0, outage->until_ns), 0},
		{"attempts", NULL, outage->failed.count},
		{"how", build_kinds(diagnoser, outage->kinds), 0},
	};
	build_words(diagnoser, diagnosis, WORDS_COUNT, BUILD_VALUES(values));
	build_server(diagnosis, endpoint);
	build_about_time(diagnoser, diagnosis, "since", outage->named_ns);
	build_clients(diagnoser, diagnosis, clients, outage->from_count);
	build_reads(diagnoser, diagnosis, outage->kinds[FAILURE_UNANSWERED] > 0 ? CLIENT_TEXT_UNANSWERED : CLIENT_TEXT_REFUSED, 0);
	build_evidence(diagnoser, diagnosis, &outage->evidence);
	build_filter(diagnoser, diagnosis, endpoint, endpoint->address.port);
	diagnosis->ongoing = outage->until_ns == 0;
}

static void conclude(struct diagnoser *diagnoser) {
	for (const struct network *network = NULL; (network = table_next(&diagnoser->networks, network)) != NULL;)
		for (size_t i = 0; i < network->blockage_count; i++)
			if (is_ours(network, &network->blockages[i]) && is_blocked(&network->blockages[i]))
				conclude_blockage(diagnoser, network, &network->blockages[i]);
	for (const struct endpoint *endpoint = NULL; (endpoint = table_next(&diagnoser->endpoints, endpoint)) != NULL;)
		for (size_t i = 0; i < endpoint->outage_count; i++) {
			const struct outage *outage = &endpoint->outages[i];
			if (is_outage(outage) && !is_explained(diagnoser, endpoint, outage))
				conclude_outage(diagnoser, endpoint, outage);
		}
}

/* ---- Ageing ---- */

/* The latest of what failed, or of its end. One that nobody tries any more is forgotten, too. */
static bool is_old(const struct tally *failed, int64_t until_ns, int64_t before_ns) {
	return failed->last_ns < before_ns && until_ns < before_ns;
}

void connections_forget(struct diagnoser *diagnoser, int64_t before_ns) {
	for (struct endpoint *endpoint = NULL; (endpoint = table_next(&diagnoser->endpoints, endpoint)) != NULL;)
		for (size_t i = endpoint->outage_count; i-- > 0;)
			if (is_old(&endpoint->outages[i].failed, endpoint->outages[i].until_ns, before_ns))
				remove_outage(endpoint, i);
	for (struct network *network = NULL; (network = table_next(&diagnoser->networks, network)) != NULL;)
		for (size_t i = network->blockage_count; i-- > 0;)
			if (is_old(&network->blockages[i].failed, network->blockages[i].until_ns, before_ns))
				remove_blockage(network, i);
}

const struct topic topic_connections = {observe, conclude};
