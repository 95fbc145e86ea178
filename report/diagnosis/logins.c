/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Users whose login one face of an endpoint accepts and another rejects.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "decode/ascii.h"
#include "report/diagnosis/build.h"
#include "report/diagnosis/state.h"

static void note_address(struct stream_endpoint *list, size_t *count, const struct stream_endpoint *address) {
	enum { ADDRESSES_MAX = 4 };
	for (size_t i = 0; i < *count; i++)
		if (list[i].ip_version == address->ip_version && memcmp(list[i].address, address->address, sizeof(address->address)) == 0)
			return;
	if (*count < ADDRESSES_MAX)
		list[(*count)++] = *address;
}

static struct login *use_login(struct diagnoser *diagnoser, const struct endpoint *endpoint, struct slice user) {
	/* The name as it is shown may be cut; two long ones must not become one. */
	char key[sizeof(endpoint->generation) + 1024];
	size_t len = user.len < sizeof(key) - sizeof(endpoint->generation) ? user.len : sizeof(key) - sizeof(endpoint->generation);
	memcpy(key, &endpoint->generation, sizeof(endpoint->generation));
	if (len > 0)
		memcpy(key + sizeof(endpoint->generation), user.data, len);
	struct login *login = table_use(&diagnoser->logins, key, sizeof(endpoint->generation) + len);
	if (login != NULL && login->endpoint.generation == 0) {
		login->endpoint = endpoint_ref(endpoint);
		NAME_SET(login->user, user);
	}
	return login;
}

static void note_attempt(struct diagnoser *diagnoser, const struct observation *seen, const struct facts_attempt *attempt) {
	/* Where no user name is known the client stands for it. */
	struct slice user = attempt->has_username ? attempt->username : slice_of(seen->client_text);
	struct login *login = use_login(diagnoser, seen->endpoint, user);
	if (login == NULL)
		return;
	login->by_client = !attempt->has_username;
	struct login_on_face *face = &login->faces[seen->face_index];
	if (attempt->result == EVENT_AUTH_ACCEPTED) {
		tally_add(&face->accepted, attempt->time_ns);
		evidence_add(diagnoser, &face->accepted_evidence, seen->facts, attempt->reply_frame);
		note_address(login->accepted_from, &login->accepted_from_count, &seen->facts->client);
		return;
	}
	tally_add(&face->rejected, attempt->time_ns);
	face->code = attempt->code;
	evidence_add(diagnoser, &face->evidence, seen->facts, attempt->reply_frame);
	note_address(login->rejected_from, &login->rejected_from_count, &seen->facts->client);
	if (seen->facts->pop3 > login->pop3)
		login->pop3 = seen->facts->pop3;
	if (seen->facts->imap > login->imap)
		login->imap = seen->facts->imap;
}

/* Does the reply speak of the credentials? A temporary failure, or a mechanism that is not wanted, says nothing of the account. */
static bool is_verdict(const struct facts_attempt *attempt) {
	if (attempt->result == EVENT_AUTH_ACCEPTED)
		return true;
	if (attempt->result != EVENT_AUTH_REJECTED || attempt->code < 500)
		return false;
	return attempt->code != 500 && attempt->code != 501 && attempt->code != 502 && attempt->code != 503 && attempt->code != 504 &&
		attempt->code != 530 && attempt->code != 534 && attempt->code != 538;
}

static void observe(struct diagnoser *diagnoser, const struct observation *seen) {
	if (seen->face == NULL)
		return;
	for (size_t i = 0; i < seen->facts->attempts_kept; i++)
		if (is_verdict(&seen->facts->attempts[i]))
			note_attempt(diagnoser, seen, &seen->facts->attempts[i]);
}

/* Are the rejections those of the same people? A stranger who tries the names is another story. */
static bool same_people(const struct login *login) {
	for (size_t i = 0; i < login->rejected_from_count; i++)
		for (size_t k = 0; k < login->accepted_from_count; k++)
			if (same_network(&login->rejected_from[i], &login->accepted_from[k]))
				return true;
	return false;
}

static bool is_affected(const struct login *login, size_t good, size_t bad) {
	return good != bad && login->faces[good].accepted.count > 0 && login->faces[bad].rejected.count > 0 &&
		login->faces[bad].accepted.count == 0 && same_people(login);
}

struct affected {
	char users[LIST_MAX][NAME_SIZE], unaffected[LIST_MAX][NAME_SIZE], clients[LIST_MAX][NAME_SIZE];
	size_t user_count, unaffected_count, client_count;
	uint64_t users_total, unaffected_total;
	uint64_t named; /* of the affected: by user name, not by address */
	uint32_t pop3, imap;
	uint16_t code;
	struct tally rejected;
	uint64_t rejected_sessions; /* sessions with a rejection */
	struct evidence evidence;
};

static int compare_names(const void *a, const void *b) {
	return strcmp(a, b);
}

static void gather(const struct endpoint *endpoint, size_t good, size_t bad, struct affected *all) {
	for (const struct login *login = endpoint->logins; login != NULL; login = login->next_of_endpoint) {
		const struct login_on_face *on_bad = &login->faces[bad];
		if (on_bad->accepted.count > 0) {
			all->unaffected_total++;
			name_list_add(all->unaffected, &all->unaffected_count, LIST_MAX, login->user);
			continue;
		}
		if (!is_affected(login, good, bad))
			continue;
		all->users_total++;
		all->named += !login->by_client;
		name_list_add(all->users, &all->user_count, LIST_MAX, login->user);
		for (size_t i = 0; i < login->rejected_from_count; i++) {
			char address[NAME_SIZE];
			address_print(&login->rejected_from[i], address);
			name_list_add(all->clients, &all->client_count, LIST_MAX, address);
		}
		all->code = on_bad->code;
		tally_add(&all->rejected, on_bad->rejected.first_ns);
		tally_add(&all->rejected, on_bad->rejected.last_ns);
		if (login->pop3 > all->pop3)
			all->pop3 = login->pop3;
		if (login->imap > all->imap)
			all->imap = login->imap;
		all->rejected_sessions += on_bad->evidence.session_count;
		evidence_merge(&all->evidence, &on_bad->evidence);
		struct evidence accepted = login->faces[good].accepted_evidence;
		accepted.frame_count = accepted.frame_count < 1 ? accepted.frame_count : 1;
		accepted.session_count = accepted.session_count < 1 ? accepted.session_count : 1;
		evidence_merge(&all->evidence, &accepted);
	}
	qsort(all->users, all->user_count, NAME_SIZE, compare_names);
	qsort(all->unaffected, all->unaffected_count, NAME_SIZE, compare_names);
	qsort(all->clients, all->client_count, NAME_SIZE, compare_names);
}

static const char *mailbox_text(struct diagnoser *diagnoser, const struct affected *all) {
	const struct words_value values[] = {{"pop3", NULL, all->pop3}, {"imap", NULL, all->imap}};
	if (all->pop3 == 0 && all->imap == 0)
		return "";
	return build_text(diagnoser,
		all->imap == 0   ? WORDS_DIAGNOSIS_MAILBOX_WORKS_POP3
			: all->pop3 == 0 ? WORDS_DIAGNOSIS_MAILBOX_WORKS_IMAP
							 : WORDS_DIAGNOSIS_MAILBOX_WORKS,
		BUILD_VALUES(values));
}

static void conclude_pair(struct diagnoser *diagnoser, const struct endpoint *endpoint, size_t good, size_t bad) {
	struct affected all = {0};
	gather(endpoint, good, bad, &all);
	/* One rejection of one user is a typing error for all we know. */
	if (all.users_total == 0 || (all.users_total == 1 && all.rejected_sessions < 2))
		return;
	const struct face *before = &endpoint->faces[good], *after = &endpoint->faces[bad];
	static const char id[] = "auth-fails-on-one-face";
	if (!build_admit(diagnoser, id, FINDING_HIGH, all.rejected.last_ns, all.evidence.session_count))
		return;
	struct diagnosis *diagnosis = build_begin(diagnoser, id, FINDING_HIGH, all.rejected);
	char server[NAME_SIZE], code[16];
	endpoint_text(&endpoint->address, server);
	snprintf(code, sizeof(code), "%u", all.code);
	bool ongoing = endpoint->run_count > 0 && endpoint->runs[endpoint->run_count - 1].face == bad;
	const struct words_value values[] = {
		{"server", server, 0},
		{"users", build_list(diagnoser, all.users, all.user_count, all.users_total), 0},
		{"unaffected", build_list(diagnoser, all.unaffected, all.unaffected_count, all.unaffected_total), 0},
		{"before", build_face_name(diagnoser, before), 0},
		{"after", build_face_name(diagnoser, after), 0},
		{"when", build_time(diagnoser, after->seen.first_ns), 0},
		{"until", build_until(diagnoser, ongoing, after->seen.last_ns), 0},
		{"code", code, 0},
		{"mailbox", mailbox_text(diagnoser, &all), 0},
	};
	build_words(diagnoser, diagnosis,
		all.unaffected_total > 0 ? WORDS_COUNT : WORDS_DIAGNOSIS_AUTH_FAILS_ON_ONE_FACE_EXPLANATION_NO_OTHERS,
		BUILD_VALUES(values));
	build_considered(diagnoser, diagnosis, WORDS_DIAGNOSIS_CONSIDERED_WRONG_PASSWORD, BUILD_VALUES(values));
	build_considered(diagnoser, diagnosis, WORDS_DIAGNOSIS_CONSIDERED_BRUTE_FORCE, BUILD_VALUES(values));
	build_reads(diagnoser, diagnosis, CLIENT_TEXT_AUTH, all.code);
	build_server(diagnosis, endpoint);
	build_about(diagnoser, diagnosis, "face", after->id);
	if (all.named > 0) {
		build_users(diagnoser, diagnosis, all.users, all.user_count);
		diagnosis->user_count = all.users_total;
	}
	build_clients(diagnoser, diagnosis, all.clients, all.client_count);
	diagnosis->unaffected_users = arena_alloc(&diagnoser->arena, (all.unaffected_count + 1) * sizeof(const char *));
	for (size_t i = 0; i < all.unaffected_count && all.named > 0; i++)
		diagnosis->unaffected_users[i] = build_string(diagnoser, all.unaffected[i]);
	diagnosis->unaffected_users_kept = all.named > 0 ? all.unaffected_count : 0;
	diagnosis->unaffected_user_count = all.named > 0 ? all.unaffected_total : 0;
	build_evidence(diagnoser, diagnosis, &all.evidence);
	build_filter(diagnoser, diagnosis, endpoint, endpoint->address.port);
	diagnosis->before = build_face(diagnoser, before);
	diagnosis->after = build_face(diagnoser, after);
	diagnosis->ongoing = ongoing;
}

/* For each face that rejects, the face that accepts most of the users it rejects. */
static void conclude(struct diagnoser *diagnoser) {
	for (const struct endpoint *endpoint = NULL; (endpoint = table_next(&diagnoser->endpoints, endpoint)) != NULL;) {
		size_t affected[FACES_MAX][FACES_MAX] = {{0}};
		if (endpoint->face_count < 2)
			continue;
		for (const struct login *login = endpoint->logins; login != NULL; login = login->next_of_endpoint)
			for (size_t bad = 0; bad < endpoint->face_count; bad++)
				for (size_t good = 0; good < endpoint->face_count; good++)
					affected[bad][good] += is_affected(login, good, bad);
		for (size_t bad = 0; bad < endpoint->face_count; bad++) {
			size_t best = 0;
			for (size_t good = 1; good < endpoint->face_count; good++)
				if (affected[bad][good] > affected[bad][best])
					best = good;
			if (affected[bad][best] > 0)
				conclude_pair(diagnoser, endpoint, best, bad);
		}
	}
}

const struct topic topic_logins = {observe, conclude};
