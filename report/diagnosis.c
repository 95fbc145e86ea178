/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/diagnosis.h"

#include <stdlib.h>
#include <string.h>

#include "decode/ascii.h"
#include "report/diagnosis/build.h"
#include "report/diagnosis/state.h"

enum {
	ENDPOINTS_MAX = 2048, /* an endpoint's memory is the largest */
	CLIENTS_MAX = 32768,
	USERS_MAX = 16384,
	TABLE_ROWS_MAX = 50, /* of the report's tables */
};

#define LATE_NS (INT64_C(60) * 1000000000)

/* The order is that of diagnoses of equal severity: causes before their consequences. */
static const struct topic *const topics[] = {
	&topic_connections, /* first: others want to know what failed */
	&topic_faces,
	&topic_logins,
	&topic_stopped,
	&topic_relay,
	&topic_starttls,
	&topic_attacks,
	&topic_greylist,
};
enum { TOPIC_COUNT = sizeof(topics) / sizeof(topics[0]) };

static void finish_visit(void *item) {
	struct visit *visit = item;
	free(visit->logins);
	free(visit->relayed);
}

static void finish_client(void *item) {
	free(((struct client *)item)->users);
}

struct diagnoser *diagnoser_create(const struct diagnoser_options *options) {
	struct diagnoser *diagnoser = calloc(1, sizeof(*diagnoser));
	if (diagnoser == NULL)
		return NULL;
	diagnoser->options = *options;
	size_t endpoints = options->endpoints_max != 0 ? options->endpoints_max : ENDPOINTS_MAX;
	size_t clients = options->clients_max != 0 ? options->clients_max : CLIENTS_MAX;
	size_t users = options->users_max != 0 ? options->users_max : USERS_MAX;
	if (!table_init(&diagnoser->endpoints, sizeof(struct endpoint), endpoints, NULL) ||
		!table_init(&diagnoser->logins, sizeof(struct login), users, NULL) ||
		!table_init(&diagnoser->visits, sizeof(struct visit), clients, finish_visit) ||
		!table_init(&diagnoser->clients, sizeof(struct client), clients, finish_client) ||
		!table_init(&diagnoser->networks, sizeof(struct network), clients / 8 + 1, NULL) ||
		!table_init(&diagnoser->greylisted, sizeof(struct greylisted), users / 4 + 1, NULL)) {
		diagnoser_destroy(diagnoser);
		return NULL;
	}
	diagnoser->ranks = build_ranks_create();
	if (diagnoser->ranks == NULL) {
		diagnoser_destroy(diagnoser);
		return NULL;
	}
	return diagnoser;
}

void diagnoser_set_apart(struct diagnoser *diagnoser) {
	diagnoser->options.apart = true;
}

static struct table *table_of(struct diagnoser *diagnoser, enum diagnoser_kind kind) {
	struct table *const tables[DIAGNOSER_KINDS] = {
		[DIAGNOSER_ENDPOINTS] = &diagnoser->endpoints,
		[DIAGNOSER_LOGINS] = &diagnoser->logins,
		[DIAGNOSER_VISITS] = &diagnoser->visits,
		[DIAGNOSER_CLIENTS] = &diagnoser->clients,
		[DIAGNOSER_NETWORKS] = &diagnoser->networks,
		[DIAGNOSER_GREYLISTED] = &diagnoser->greylisted,
	};
	return tables[kind];
}

static bool in_network(const struct stream_endpoint *address, const struct diagnosis_network *network) {
	if (address->ip_version != network->ip_version)
		return false;
	for (unsigned bit = 0; bit < network->prefix; bit++)
		if ((address->address[bit / 8] ^ network->address[bit / 8]) & 0x80 >> bit % 8)
			return false;
	return true;
}

/* RFC 1918, RFC 6598, loopback and link-local; RFC 4193 */
static const struct diagnosis_network private_networks[] = {
	{4, {10}, 8},
	{4, {172, 16}, 12},
	{4, {192, 168}, 16},
	{4, {100, 64}, 10},
	{4, {169, 254}, 16},
	{4, {127}, 8},
	{6, {0xfc}, 7},
	{6, {0xfe, 0x80}, 10},
	{6, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, 128},
};

static bool is_in_any(const struct stream_endpoint *address, const struct diagnosis_network *networks, size_t count) {
	for (size_t i = 0; i < count; i++)
		if (in_network(address, &networks[i]))
			return true;
	return false;
}

/* In a local network, as given; else in a private one, or in the same as the other end of the connection. */
static bool is_inside(const struct diagnoser *diagnoser, const struct stream_endpoint *address, const struct stream_endpoint *other) {
	const struct diagnoser_options *options = &diagnoser->options;
	if (options->local_network_count > 0)
		return is_in_any(address, options->local_networks, options->local_network_count);
	return is_in_any(address, private_networks, sizeof(private_networks) / sizeof(private_networks[0])) ||
		same_network(address, other);
}

static void note_client(struct client *client, const struct facts *facts) {
	enum failure_kind kind;
	client->address = facts->client;
	client->sessions++;
	client->failed_connections += failure_of(facts, &kind);
	if (facts->client_name.len > 0)
		NAME_SET(client->name, facts->client_name);
	client->attempts += facts->attempt_count;
	for (size_t i = 0; i < facts->attempts_kept; i++) {
		const struct facts_attempt *attempt = &facts->attempts[i];
		client->accepted += attempt->result == EVENT_AUTH_ACCEPTED;
		client->rejected += attempt->result == EVENT_AUTH_REJECTED;
		char user[NAME_SIZE];
		NAME_SET(user, attempt->username);
		if (attempt->has_username && client->users == NULL)
			client->users = calloc(LIST_MAX, sizeof(*client->users));
		if (attempt->has_username && client->users != NULL)
			name_list_add(client->users, &client->user_count, LIST_MAX, user);
	}
	client->mails += facts->mail_count;
	for (size_t i = 0; i < facts->mails_kept; i++) {
		const struct facts_mail *mail = &facts->mails[i];
		client->mails_accepted += mail->result == EVENT_MAIL_ACCEPTED;
		client->mails_refused += mail->result == EVENT_MAIL_REJECTED;
		client->without_auth += mail->authenticated == EVENT_AUTHENTICATED_NO && offers_auth(facts);
	}
	if (facts->pop3 > client->pop3)
		client->pop3 = facts->pop3;
	if (facts->imap > client->imap)
		client->imap = facts->imap;
}

/* "mail.example.com ESMTP" -> "example.com"; nothing for a bare host name, an address or a top-level domain. */
static void note_domain(struct endpoint *endpoint, struct slice server_name) {
	const char *dot = server_name.len > 0 ? memchr(server_name.data, '.', server_name.len) : NULL;
	if (dot == NULL || server_name.data[0] == '[')
		return;
	struct slice domain = slice_skip(server_name, (size_t)(dot - server_name.data) + 1);
	bool has_dot = domain.len > 0 && memchr(domain.data, '.', domain.len) != NULL;
	if (!has_dot)
		domain = server_name; /* example.com itself */
	NAME_SET(endpoint->domain, domain);
	for (char *c = endpoint->domain; *c != '\0'; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c - 'A' + 'a');
}

/* The key of a client, and of a client at an endpoint. */
struct visit_key {
	uint8_t client[16], server[16];
	uint16_t client_version, server_version, server_port, zero;
};

static void make_newer(int64_t *seen_ns, int64_t time_ns) {
	if (time_ns > *seen_ns)
		*seen_ns = time_ns;
}

void diagnoser_add(struct diagnoser *diagnoser, const struct facts *facts) {
	char id[ID_SIZE];
	NAME_SET(id, facts->id);
	if (diagnoser->sessions > 0 && strcmp(id, diagnoser->last_id) == 0 && id[0] != '\0') {
		diagnoser->duplicates++;
		return;
	}
	memcpy(diagnoser->last_id, id, sizeof(id));
	if (diagnoser->sessions++ == 0 || facts->start_ns < diagnoser->first_ns)
		diagnoser->first_ns = facts->start_ns;
	if (facts->end_ns > diagnoser->last_ns)
		diagnoser->last_ns = facts->end_ns;
	if (diagnoser->sessions == 1 || facts->start_ns > diagnoser->newest_start_ns)
		diagnoser->newest_start_ns = facts->start_ns;

	struct visit_key key = {.client_version = facts->client.ip_version};
	memcpy(key.client, facts->client.address, sizeof(key.client));
	struct observation seen = {
		.facts = facts,
		.endpoint = endpoint_use(diagnoser, &facts->server),
		.client = table_use(&diagnoser->clients, &key, sizeof(key)),
		.inside = is_inside(diagnoser, &facts->client, &facts->server),
		.server_inside = is_inside(diagnoser, &facts->server, &facts->client),
		.late = diagnoser->newest_start_ns - facts->start_ns > LATE_NS,
	};
	memcpy(key.server, facts->server.address, sizeof(key.server));
	key.server_version = facts->server.ip_version;
	key.server_port = facts->server.port;
	seen.visit = table_use(&diagnoser->visits, &key, sizeof(key));
	if (seen.endpoint == NULL || seen.client == NULL || seen.visit == NULL)
		return;
	make_newer(&seen.endpoint->seen_ns, facts->end_ns);
	make_newer(&seen.client->seen_ns, facts->end_ns);
	make_newer(&seen.visit->seen_ns, facts->end_ns);
	seen.endpoint->sessions++;
	note_domain(seen.endpoint, facts->server_name);
	note_client(seen.client, facts);
	seen.visit->client = facts->client;
	seen.visit->endpoint = endpoint_ref(seen.endpoint);
	seen.visit->inside = seen.inside;
	address_print(&facts->client, seen.client_text);
	faces_observe(diagnoser, &seen);
	for (size_t i = 0; i < TOPIC_COUNT; i++)
		if (topics[i]->observe != NULL)
			topics[i]->observe(diagnoser, &seen);
}

/* ---- The report ---- */

/* Stable: those of equal severity stay in the order of the topics. */
static void sort_diagnoses(struct diagnoser *diagnoser) {
	struct diagnosis **sorted = arena_alloc(&diagnoser->arena, (diagnoser->diagnosis_count + 1) * sizeof(*sorted));
	size_t count = 0;
	for (int severity = FINDING_CRITICAL; severity >= FINDING_INFO; severity--)
		for (size_t i = 0; i < diagnoser->diagnosis_count; i++)
			if (diagnoser->diagnoses[i]->severity == (enum finding_severity)severity)
				sorted[count++] = diagnoser->diagnoses[i];
	diagnoser->diagnoses = sorted;
}

static uint64_t trouble(const struct client *client) {
	return client->rejected + client->without_auth + client->mails_refused + client->failed_connections;
}

static int compare_clients(const void *a, const void *b) {
	const struct client *const *one = a, *const *other = b;
	uint64_t one_trouble = trouble(*one), other_trouble = trouble(*other);
	if (one_trouble != other_trouble)
		return one_trouble > other_trouble ? -1 : 1;
	if ((*one)->sessions != (*other)->sessions)
		return (*one)->sessions > (*other)->sessions ? -1 : 1;
	if ((*one)->address.ip_version != (*other)->address.ip_version)
		return (*one)->address.ip_version < (*other)->address.ip_version ? -1 : 1;
	return memcmp((*one)->address.address, (*other)->address.address, sizeof((*one)->address.address));
}

static int compare_servers(const void *a, const void *b) {
	const struct endpoint *const *one = a, *const *other = b;
	if ((*one)->sessions != (*other)->sessions)
		return (*one)->sessions > (*other)->sessions ? -1 : 1;
	int order = memcmp((*one)->address.address, (*other)->address.address, sizeof((*one)->address.address));
	return order != 0 ? order : (int)(*one)->address.port - (int)(*other)->address.port;
}

/* The items of a table in the order of compare. */
static void **sorted_items(struct diagnoser *diagnoser, const struct table *table, int (*compare)(const void *, const void *)) {
	void **items = arena_alloc(&diagnoser->arena, (table->count + 1) * sizeof(void *));
	size_t count = 0;
	for (void *item = NULL; (item = table_next(table, item)) != NULL;)
		items[count++] = item;
	qsort(items, count, sizeof(void *), compare);
	return items;
}

static void tell_clients(struct diagnoser *diagnoser) {
	struct diagnosis_report *report = &diagnoser->report;
	struct client **items = (struct client **)sorted_items(diagnoser, &diagnoser->clients, compare_clients);
	report->clients_total = diagnoser->clients.count;
	report->client_count = report->clients_total < TABLE_ROWS_MAX ? report->clients_total : TABLE_ROWS_MAX;
	struct diagnosis_client_row *rows = arena_alloc(&diagnoser->arena, (report->client_count + 1) * sizeof(*rows));
	for (size_t i = 0; i < report->client_count; i++) {
		struct client *client = items[i];
		char address[NAME_SIZE];
		address_print(&client->address, address);
		const char **users = arena_alloc(&diagnoser->arena, (client->user_count + 1) * sizeof(const char *));
		for (size_t k = 0; k < client->user_count; k++)
			users[k] = build_string(diagnoser, client->users[k]);
		rows[i] = (struct diagnosis_client_row){
			.client = build_string(diagnoser, address),
			.name = client->name[0] != '\0' ? build_string(diagnoser, client->name) : NULL,
			.users = users,
			.users_kept = client->user_count,
			.user_count = client->user_count,
			.sessions = client->sessions,
			.attempts = client->attempts,
			.accepted = client->accepted,
			.rejected = client->rejected,
			.mails = client->mails,
			.mails_accepted = client->mails_accepted,
			.mails_refused = client->mails_refused,
			.without_auth = client->without_auth,
			.failed_connections = client->failed_connections,
			.pop3 = client->pop3,
			.imap = client->imap,
		};
	}
	report->clients = rows;
}

static void tell_servers(struct diagnoser *diagnoser) {
	struct diagnosis_report *report = &diagnoser->report;
	struct endpoint **items = (struct endpoint **)sorted_items(diagnoser, &diagnoser->endpoints, compare_servers);
	report->servers_total = diagnoser->endpoints.count;
	report->server_count = report->servers_total < TABLE_ROWS_MAX ? report->servers_total : TABLE_ROWS_MAX;
	struct diagnosis_server_row *rows = arena_alloc(&diagnoser->arena, (report->server_count + 1) * sizeof(*rows));
	for (size_t i = 0; i < report->server_count; i++) {
		const struct endpoint *endpoint = items[i];
		struct diagnosis_face *faces = arena_alloc(&diagnoser->arena, (endpoint->face_count + 1) * sizeof(*faces));
		for (size_t k = 0; k < endpoint->face_count; k++)
			faces[k] = *build_face(diagnoser, &endpoint->faces[k]);
		rows[i] = (struct diagnosis_server_row){
			.server = endpoint->address,
			.sessions = endpoint->sessions,
			.failed_connections = endpoint->failed_connections,
			.faces = faces,
			.face_count = endpoint->face_count,
		};
	}
	report->servers = rows;
}

static void tell_assumptions(struct diagnoser *diagnoser) {
	const struct diagnoser_options *options = &diagnoser->options;
	char networks[LIST_MAX][NAME_SIZE], domains[LIST_MAX][NAME_SIZE];
	size_t network_count = 0, domain_count = 0;
	for (size_t i = 0; i < options->local_network_count && network_count < LIST_MAX; i++) {
		struct stream_endpoint address = {.ip_version = options->local_networks[i].ip_version};
		memcpy(address.address, options->local_networks[i].address, sizeof(address.address));
		char text[NAME_SIZE];
		address_print(&address, text);
		struct terminal_text network;
		terminal_text_init(&network, true);
		terminal_text_format(&network, "%s/%u", text, options->local_networks[i].prefix);
		NAME_SET(networks[network_count++], slice_of(network.data));
	}
	for (size_t i = 0; i < options->local_domain_count; i++) {
		char name[NAME_SIZE];
		NAME_SET(name, slice_of(options->local_domains[i]));
		name_list_add(domains, &domain_count, LIST_MAX, name);
	}
	if (options->local_domain_count == 0)
		for (const struct endpoint *item = NULL; (item = table_next(&diagnoser->endpoints, item)) != NULL;)
			if (item->domain[0] != '\0')
				name_list_add(domains, &domain_count, LIST_MAX, item->domain);
	const struct words_value values[] = {
		{"networks", options->local_network_count == 0 ? words_get(options->words, WORDS_DIAGNOSIS_LOCAL_NETWORKS_DEFAULT)
												  : build_list(diagnoser, networks, network_count, network_count), 0},
		{"domains", build_list(diagnoser, domains, domain_count, domain_count), 0},
	};
	const char **texts = arena_alloc(&diagnoser->arena, 2 * sizeof(const char *));
	texts[0] = build_text(diagnoser,
		options->local_network_count > 0 ? WORDS_DIAGNOSIS_GIVEN_LOCAL_NETWORKS : WORDS_DIAGNOSIS_ASSUMED_LOCAL_NETWORKS,
		BUILD_VALUES(values));
	texts[1] = build_text(diagnoser,
		options->local_domain_count > 0 ? WORDS_DIAGNOSIS_GIVEN_LOCAL_DOMAINS
			: domain_count > 0      ? WORDS_DIAGNOSIS_ASSUMED_LOCAL_DOMAINS
									: WORDS_DIAGNOSIS_ASSUMED_NO_LOCAL_DOMAINS,
		BUILD_VALUES(values));
	diagnoser->report.assumptions = texts;
	diagnoser->report.assumption_count = 2;
}

/* Each endpoint's logins as a list of its own, in the order of the table. */
static void list_logins(struct diagnoser *diagnoser) {
	struct login *last = NULL, *reversed = NULL;
	for (struct endpoint *endpoint = NULL; (endpoint = table_next(&diagnoser->endpoints, endpoint)) != NULL;)
		endpoint->logins = NULL; /* those of the report before; they may be gone */
	for (struct login *login = NULL; (login = table_next(&diagnoser->logins, login)) != NULL;) {
		login->next_of_endpoint = reversed;
		reversed = login;
	}
	while ((last = reversed) != NULL) {
		struct endpoint *endpoint = endpoint_of(diagnoser, &last->endpoint);
		reversed = last->next_of_endpoint;
		last->next_of_endpoint = NULL;
		if (endpoint == NULL)
			continue;
		last->next_of_endpoint = endpoint->logins;
		endpoint->logins = last;
	}
}

static void conclude(struct diagnoser *diagnoser) {
	for (size_t i = 0; i < TOPIC_COUNT; i++)
		topics[i]->conclude(diagnoser);
}

const struct diagnosis_report *diagnoser_report(struct diagnoser *diagnoser, enum diagnoser_extent extent) {
	arena_reset(&diagnoser->arena);
	diagnoser->report = (struct diagnosis_report){0};
	diagnoser->diagnoses = NULL;
	diagnoser->diagnosis_count = diagnoser->diagnosis_capacity = 0;
	list_logins(diagnoser);
	build_rank(diagnoser); /* the first round finds out what there is, the second one builds what there is room for */
	conclude(diagnoser);
	diagnoser->report.left_out = build_select(diagnoser);
	conclude(diagnoser);
	build_keys(diagnoser);
	sort_diagnoses(diagnoser);
	if (extent == DIAGNOSER_ALL) {
		tell_clients(diagnoser);
		tell_servers(diagnoser);
		tell_assumptions(diagnoser);
	}
	diagnoser->report.diagnoses = (const struct diagnosis *const *)diagnoser->diagnoses;
	diagnoser->report.diagnosis_count = diagnoser->diagnosis_count;
	diagnoser->report.sessions = diagnoser->sessions;
	diagnoser->report.duplicates = diagnoser->duplicates;
	return &diagnoser->report;
}

/* ---- Ageing ---- */

void diagnoser_pass_time(struct diagnoser *diagnoser, int64_t now_ns) {
	if (now_ns > diagnoser->last_ns)
		diagnoser->last_ns = now_ns;
}

/* Drops what is_old() says of a table. */
static void forget_items(struct diagnoser *diagnoser, enum diagnoser_kind kind, bool (*is_old)(const void *item, int64_t before_ns),
	int64_t before_ns) {
	struct table *table = table_of(diagnoser, kind);
	for (void *item = table_next(table, NULL), *next; item != NULL; item = next) {
		next = table_next(table, item);
		if (!is_old(item, before_ns))
			continue;
		table_drop(table, item);
		diagnoser->forgotten[kind]++;
	}
}

static bool is_old_endpoint(const void *item, int64_t before_ns) {
	return ((const struct endpoint *)item)->seen_ns < before_ns;
}

static bool is_old_client(const void *item, int64_t before_ns) {
	return ((const struct client *)item)->seen_ns < before_ns;
}

static bool is_old_network(const void *item, int64_t before_ns) {
	return ((const struct network *)item)->seen_ns < before_ns;
}

static bool is_old_greylisted(const void *item, int64_t before_ns) {
	return ((const struct greylisted *)item)->refused.last_ns < before_ns;
}

static void forget_tally(struct tally *tally, int64_t before_ns) {
	if (tally->last_ns < before_ns)
		*tally = (struct tally){0};
}

/* A visit as such, and what its logins and mails were. */
static bool is_old_visit(const void *item, int64_t before_ns) {
	return ((const struct visit *)item)->seen_ns < before_ns;
}

/* A wrong password each week is no attack after a year. */
static void forget_in_logins_of_visit(struct visit_logins *logins, int64_t before_ns) {
	size_t kept = 0;
	bool any_rejected = false;
	for (size_t i = 0; i < logins->user_count; i++) {
		if (logins->users[i].last_ns < before_ns)
			continue;
		any_rejected |= logins->users[i].rejected > 0;
		if (kept != i)
			logins->users[kept] = logins->users[i];
		kept++;
	}
	memset(&logins->users[kept], 0, (logins->user_count - kept) * sizeof(logins->users[0]));
	logins->user_count = kept;
	if (logins->rejected_over_ns < before_ns)
		logins->rejected_over = 0;
	if (!any_rejected && logins->rejected_over == 0)
		logins->failures = (struct evidence){0};
	if (logins->stopped.mails.last_ns < before_ns)
		memset(&logins->stopped, 0, sizeof(logins->stopped));
}

static void forget_in_visits(struct diagnoser *diagnoser, int64_t before_ns) {
	for (struct visit *visit = NULL; (visit = table_next(&diagnoser->visits, visit)) != NULL;) {
		struct visit_logins *logins = visit->logins;
		if (logins != NULL && logins->attempts.last_ns < before_ns && logins->stopped.mails.last_ns < before_ns) {
			free(logins);
			visit->logins = NULL;
		} else if (logins != NULL) {
			forget_in_logins_of_visit(logins, before_ns);
		}
		if (visit->relayed != NULL && visit->relayed->mails.last_ns < before_ns) {
			free(visit->relayed);
			visit->relayed = NULL;
		}
	}
}

static bool is_old_login(const void *item, int64_t before_ns) {
	const struct login *login = item;
	for (size_t i = 0; i < FACES_MAX; i++)
		if (login->faces[i].accepted.last_ns >= before_ns || login->faces[i].rejected.last_ns >= before_ns)
			return false;
	return true;
}

static void forget_in_logins(struct diagnoser *diagnoser, int64_t before_ns) {
	for (struct login *login = NULL; (login = table_next(&diagnoser->logins, login)) != NULL;)
		for (size_t i = 0; i < FACES_MAX; i++) {
			struct login_on_face *face = &login->faces[i];
			forget_tally(&face->accepted, before_ns);
			forget_tally(&face->rejected, before_ns);
			if (face->accepted.count == 0)
				face->accepted_evidence = (struct evidence){0};
			if (face->rejected.count == 0)
				face->evidence = (struct evidence){0};
		}
}

static void forget_passed(struct diagnoser *diagnoser, int64_t before_ns) {
	for (struct endpoint *endpoint = NULL; (endpoint = table_next(&diagnoser->endpoints, endpoint)) != NULL;)
		if (endpoint->passed.mails.last_ns < before_ns)
			endpoint->passed = (struct greylist_passed){0};
}

static void forget_starttls(struct diagnoser *diagnoser, int64_t before_ns) {
	for (struct endpoint *endpoint = NULL; (endpoint = table_next(&diagnoser->endpoints, endpoint)) != NULL;)
		for (size_t i = endpoint->starttls_count; i-- > 0;) {
			struct starttls *starttls = &endpoint->starttls[i];
			forget_tally(&starttls->offered, before_ns);
			forget_tally(&starttls->missing, before_ns);
			if (starttls->offered.count == 0)
				starttls->offered_count = 0;
			if (starttls->missing.count == 0) {
				starttls->missing_count = 0;
				starttls->masked = false;
				starttls->evidence = (struct evidence){0};
			}
			if (starttls->offered.count + starttls->missing.count > 0)
				continue;
			endpoint->starttls_count--;
			memmove(starttls, starttls + 1, (endpoint->starttls_count - i) * sizeof(*starttls));
		}
}

void diagnoser_forget(struct diagnoser *diagnoser, int64_t before_ns) {
	static bool (*const is_old[DIAGNOSER_KINDS])(const void *item, int64_t before_ns) = {
		[DIAGNOSER_ENDPOINTS] = is_old_endpoint,
		[DIAGNOSER_LOGINS] = is_old_login,
		[DIAGNOSER_VISITS] = is_old_visit,
		[DIAGNOSER_CLIENTS] = is_old_client,
		[DIAGNOSER_NETWORKS] = is_old_network,
		[DIAGNOSER_GREYLISTED] = is_old_greylisted,
	};
	for (enum diagnoser_kind kind = 0; kind < DIAGNOSER_KINDS; kind++)
		forget_items(diagnoser, kind, is_old[kind], before_ns);
	forget_in_visits(diagnoser, before_ns);
	forget_in_logins(diagnoser, before_ns);
	forget_passed(diagnoser, before_ns);
	forget_starttls(diagnoser, before_ns);
	connections_forget(diagnoser, before_ns);
	faces_forget(diagnoser, before_ns);
}

void diagnoser_get_stats(struct diagnoser *diagnoser, struct diagnoser_stats *ret_stats) {
	static const char *const names[DIAGNOSER_KINDS] = {
		[DIAGNOSER_ENDPOINTS] = "endpoints",
		[DIAGNOSER_LOGINS] = "logins",
		[DIAGNOSER_VISITS] = "visits",
		[DIAGNOSER_CLIENTS] = "clients",
		[DIAGNOSER_NETWORKS] = "networks",
		[DIAGNOSER_GREYLISTED] = "greylisted",
	};
	*ret_stats = (struct diagnoser_stats){.sessions = diagnoser->sessions, .source_count = diagnoser->source_count};
	for (enum diagnoser_kind kind = 0; kind < DIAGNOSER_KINDS; kind++) {
		const struct table *table = table_of(diagnoser, kind);
		ret_stats->kinds[kind] = (struct diagnoser_kind_stats){
			names[kind], table->count, table->count_max, table->evicted, diagnoser->forgotten[kind]};
	}
}

void diagnoser_destroy(struct diagnoser *diagnoser) {
	if (diagnoser == NULL)
		return;
	table_finish(&diagnoser->endpoints);
	table_finish(&diagnoser->logins);
	table_finish(&diagnoser->visits);
	table_finish(&diagnoser->clients);
	table_finish(&diagnoser->networks);
	table_finish(&diagnoser->greylisted);
	arena_finish(&diagnoser->arena);
	arena_finish(&diagnoser->names);
	free(diagnoser->ranks);
	free(diagnoser);
}
