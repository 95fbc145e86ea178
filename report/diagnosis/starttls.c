/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * STARTTLS that is missing where the same server offers it to others, or did before.
 */
#include <string.h>

#include "decode/ascii.h"
#include "report/diagnosis/build.h"
#include "report/diagnosis/state.h"

/* Is there a line with STARTTLS, or with what middleboxes overwrite it with: XXXXXXXA or asterisks? */
static bool has_line(const struct facts *facts, bool (*is_wanted)(struct slice keyword)) {
	for (size_t i = 0; i < facts->capability_count; i++) {
		struct slice rest = facts->capabilities[i];
		if (is_wanted(slice_next_word(&rest)))
			return true;
	}
	return false;
}

static bool is_starttls(struct slice keyword) {
	return slice_is(keyword, "STARTTLS");
}

static bool is_mask(struct slice keyword) {
	return (keyword.len >= 6 && slice_begins(keyword, "XXXX")) || slice_begins(keyword, "****");
}

static struct starttls *use_starttls(struct endpoint *endpoint, const char *banner_key) {
	enum { KEPT = sizeof(endpoint->starttls) / sizeof(endpoint->starttls[0]) };
	for (size_t i = 0; i < endpoint->starttls_count; i++)
		if (strcmp(endpoint->starttls[i].banner_key, banner_key) == 0)
			return &endpoint->starttls[i];
	if (endpoint->starttls_count == KEPT)
		return NULL;
	struct starttls *starttls = &endpoint->starttls[endpoint->starttls_count++];
	NAME_SET(starttls->banner_key, slice_of(banner_key));
	return starttls;
}

static void observe(struct diagnoser *diagnoser, const struct observation *seen) {
	/* Within TLS there is nothing to offer. */
	if (seen->face == NULL || !seen->facts->capabilities_complete || seen->facts->implicit_tls)
		return;
	struct starttls *starttls = use_starttls(seen->endpoint, seen->face->banner_key);
	if (starttls == NULL)
		return;
	if (has_line(seen->facts, is_starttls)) {
		tally_add(&starttls->offered, seen->facts->start_ns);
		name_list_add(starttls->offered_to, &starttls->offered_count, LIST_MAX, seen->client_text);
		return;
	}
	tally_add(&starttls->missing, seen->facts->start_ns);
	starttls->masked |= has_line(seen->facts, is_mask);
	name_list_add(starttls->missing_to, &starttls->missing_count, LIST_MAX, seen->client_text);
	evidence_add(diagnoser, &starttls->evidence, seen->facts, seen->facts->capabilities_frame);
}

/* Lists that are full may not be all: then it cannot be said that no client is in both. */
static bool share_a_client(const struct starttls *starttls) {
	if (starttls->missing_count == LIST_MAX || starttls->offered_count == LIST_MAX)
		return true;
	for (size_t i = 0; i < starttls->missing_count; i++)
		for (size_t k = 0; k < starttls->offered_count; k++)
			if (strcmp(starttls->missing_to[i], starttls->offered_to[k]) == 0)
				return true;
	return false;
}

static const char *const in_the_middle[] = {"T1557", NULL};

static void conclude_stripped(struct diagnoser *diagnoser, const struct endpoint *endpoint, const struct starttls *starttls) {
	bool others = !share_a_client(starttls);
	/* To the same client now with and now without: a pool of servers that are not configured alike. */
	bool mixed = !others && starttls->missing.first_ns < starttls->offered.last_ns;
	static const char id[] = "starttls-stripped";
	enum finding_severity severity = mixed && !starttls->masked ? FINDING_INFO : starttls->masked ? FINDING_HIGH : FINDING_MEDIUM;
	if (!build_admit(diagnoser, id, severity, starttls->missing.last_ns, starttls->evidence.session_count))
		return;
	struct diagnosis *diagnosis = build_begin(diagnoser, id, severity, starttls->missing);
	diagnosis->attack = in_the_middle;
	char server[NAME_SIZE], clients[LIST_MAX][NAME_SIZE], offered_to[LIST_MAX][NAME_SIZE];
	memcpy(clients, starttls->missing_to, sizeof(clients));
	memcpy(offered_to, starttls->offered_to, sizeof(offered_to));
	endpoint_text(&endpoint->address, server);
	const struct words_value phrase[] = {
		{"when", build_time(diagnoser, starttls->offered.last_ns), 0},
		{"clients", build_list(diagnoser, offered_to, starttls->offered_count, starttls->offered_count), 0},
	};
	const struct words_value values[] = {
		{"server", server, 0},
		{"clients", build_list(diagnoser, clients, starttls->missing_count, starttls->missing_count), 0},
		{"before", build_text(diagnoser,
					   others ? WORDS_DIAGNOSIS_STARTTLS_OFFERED_OTHERS : WORDS_DIAGNOSIS_STARTTLS_OFFERED_BEFORE,
					   BUILD_VALUES(phrase)), 0},
	};
	build_words(diagnoser, diagnosis, WORDS_COUNT, BUILD_VALUES(values));
	build_reads(diagnoser, diagnosis, CLIENT_TEXT_NO_STARTTLS, 0);
	build_server(diagnosis, endpoint);
	build_about(diagnoser, diagnosis, "greeting", starttls->banner_key);
	build_clients(diagnoser, diagnosis, clients, starttls->missing_count);
	build_evidence(diagnoser, diagnosis, &starttls->evidence);
	build_filter(diagnoser, diagnosis, endpoint, endpoint->address.port);
}

static void conclude(struct diagnoser *diagnoser) {
	for (const struct endpoint *endpoint = NULL; (endpoint = table_next(&diagnoser->endpoints, endpoint)) != NULL;)
		for (size_t i = 0; i < endpoint->starttls_count; i++) {
			const struct starttls *starttls = &endpoint->starttls[i];
			/* Missing first and offered to all later: somebody turned encryption on. */
			bool turned_on = starttls->missing.last_ns < starttls->offered.first_ns;
			if (starttls->offered.count > 0 && starttls->missing.count > 0 && !turned_on)
				conclude_stripped(diagnoser, endpoint, starttls);
		}
}

const struct topic topic_starttls = {observe, conclude};
