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
	return outage->failed.count > 1 && outage->known_client && (outage->worked_before || outage->until_ns != 0);
}

/* Makes room: the first one that is over and was none. */
static bool forget_outage(struct endpoint *endpoint) {
	for (size_t i = 0; i < endpoint->outage_count; i++) {
		if (is_outage(&endpoint->outages[i]))
			continue;
		endpoint->outage_count--;
		memmove(&endpoint->outages[i], &endpoint->outages[i + 1], (endpoint->outage_count - i) * sizeof(endpoint->outages[0]));
		return true;
	}
	return false;
}

static void note_failure(struct diagnoser *diagnoser, const struct observation *seen, enum failure_kind kind) {
	struct endpoint *endpoint = seen->endpoint;
	endpoint->failed_connections++;
	if (!endpoint->down) {
		if (endpoint->outage_count == OUTAGES_MAX && !forget_outage(endpoint))
			return; /* the first ones are told */
		endpoint->down = true;
		endpoint->outages[endpoint->outage_count++] = (struct outage){.worked_before = endpoint->worked.count > 0};
	}
	struct outage *outage = &endpoint->outages[endpoint->outage_count - 1];
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
	tally_add(&endpoint->worked, seen->facts->start_ns);
	seen->visit->worked = true;
	if (endpoint->down)
		endpoint->outages[endpoint->outage_count - 1].until_ns = seen->facts->start_ns;
	endpoint->down = false;
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

/* Makes room: the first one that was none. */
static bool forget_blockage(struct network *network) {
	for (size_t i = 0; i < network->blockage_count; i++) {
		if (is_blocked(&network->blockages[i]))
			continue;
		network->blockage_count--;
		memmove(&network->blockages[i], &network->blockages[i + 1],
			(network->blockage_count - i) * sizeof(network->blockages[0]));
		return true;
	}
	return false;
}

static void note_blocked(struct diagnoser *diagnoser, struct network *network, const struct observation *seen,
	enum failure_kind kind) {
	if (!network->blocked) {
		if (network->blockage_count == OUTAGES_MAX && !forget_blockage(network))
			return;
		network->blocked = true;
		network->blockages[network->blockage_count++] = (struct blockage){0};
	}
	struct blockage *blockage = current_blockage(network);
	if (blockage->works_perhaps != 0)
		note_works(blockage, blockage->works_perhaps);
	blockage->works_perhaps = 0;
	if (seen->facts->end_ns > blockage->failing_until_ns)
		blockage->failing_until_ns = seen->facts->end_ns;
	tally_add(&blockage->failed, seen->facts->start_ns);
	blockage->kinds[kind]++;
	char server[NAME_SIZE];
	address_text(&seen->facts->server, server);
	name_list_add(blockage->servers, &blockage->server_count, LIST_MAX, server);
	name_list_add(blockage->clients, &blockage->client_count, LIST_MAX, seen->client_text);
	evidence_add(diagnoser, &blockage->evidence, seen->facts, seen->facts->first_frame);
}

static void observe_network(struct diagnoser *diagnoser, const struct observation *seen, bool failed, enum failure_kind kind) {
	uint16_t port = seen->facts->server.port;
	if (port != 25 && !is_submission_port(port))
		return;
	struct network *network = use_network(diagnoser, &seen->facts->client);
	if (network == NULL)
		return;
	network->inside |= seen->inside;
	if (port == 25 && failed) {
		note_blocked(diagnoser, network, seen, kind);
	} else if (port == 25) {
		if (network->blocked)
			current_blockage(network)->until_ns = seen->facts->start_ns;
		network->blocked = false;
	} else if (!failed && network->blocked) {
		/* It works while port 25 does not: while a connection to it is being tried, or if another will fail. */
		struct blockage *blockage = current_blockage(network);
		if (seen->facts->start_ns <= blockage->failing_until_ns)
			note_works(blockage, port);
		else
			blockage->works_perhaps = port;
	}
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

static void conclude_blockage(struct diagnoser *diagnoser, const struct network *network, struct blockage *blockage) {
	struct diagnosis *diagnosis = build_begin(diagnoser, "port-blocked", FINDING_MEDIUM, blockage->failed);
	char name[NAME_SIZE];
	network_text(&network->client, name);
	const struct words_value values[] = {
		{"network", name, 0},
		{"from", build_time(diagnoser, blockage->failed.first_ns), 0},
		{"until", blockage->until_ns != 0 ? build_time(diagnoser, blockage->until_ns)
										  : words_get(diagnoser->options.words, WORDS_DIAGNOSIS_STILL), 0},
		{"kinds", build_kinds(diagnoser, blockage->kinds), 0},
		{"attempts", NULL, blockage->failed.count},
		{"servers", NULL, blockage->server_count},
		{"works", build_list(diagnoser, blockage->works, blockage->works_count, blockage->works_count), 0},
	};
	build_words(diagnoser, diagnosis, WORDS_COUNT, BUILD_VALUES(values));
	build_clients(diagnoser, diagnosis, blockage->clients, blockage->client_count);
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
	struct diagnosis *diagnosis = build_begin(diagnoser, "service-down", severity, outage->failed);
	char server[NAME_SIZE], clients[LIST_MAX][NAME_SIZE];
	endpoint_text(&endpoint->address, server);
	for (size_t i = 0; i < outage->from_count; i++)
		address_text(&outage->from[i], clients[i]);
	const struct words_value values[] = {
		{"server", server, 0},
		{"from", build_time(diagnoser, outage->failed.first_ns), 0},
		{"until", outage->until_ns != 0 ? build_time(diagnoser, outage->until_ns)
										: words_get(diagnoser->options.words, WORDS_DIAGNOSIS_STILL), 0},
		{"attempts", NULL, outage->failed.count},
		{"how", build_kinds(diagnoser, outage->kinds), 0},
	};
	build_words(diagnoser, diagnosis, WORDS_COUNT, BUILD_VALUES(values));
	build_server(diagnosis, endpoint);
	build_clients(diagnoser, diagnosis, clients, outage->from_count);
	build_reads(diagnoser, diagnosis, outage->kinds[FAILURE_UNANSWERED] > 0 ? CLIENT_TEXT_UNANSWERED : CLIENT_TEXT_REFUSED, 0);
	build_evidence(diagnoser, diagnosis, &outage->evidence);
	build_filter(diagnoser, diagnosis, endpoint, endpoint->address.port);
	diagnosis->ongoing = outage->until_ns == 0;
}

static void conclude(struct diagnoser *diagnoser) {
	for (struct network *network = NULL; (network = table_next(&diagnoser->networks, network)) != NULL;)
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

const struct topic topic_connections = {observe, conclude};
