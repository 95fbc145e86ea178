/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One client, many failed logins: on few accounts, or on many.
 *
 * Failures of users who had logged in from the same address before do not count: that is a mail program that goes on trying
 * while the server cannot check the login.
 */
#include "decode/ascii.h"
#include "report/diagnosis/build.h"
#include "report/diagnosis/state.h"

enum {
	BRUTE_FORCE_MIN = 10, /* failures */
	SPRAY_USERS_MIN = 6,
	SPRAY_EACH_MAX = 4,   /* failures a user, on average */
};

static const char *const guessing[] = {"T1110.001", NULL}, *const guessed[] = {"T1110.001", "T1078", NULL};
static const char *const spraying[] = {"T1110.003", NULL}, *const sprayed[] = {"T1110.003", "T1078", NULL};

static void conclude_visit(struct diagnoser *diagnoser, const struct visit *visit, const struct endpoint *endpoint) {
	char users[VISIT_USERS_MAX][NAME_SIZE], client[1][NAME_SIZE], server[NAME_SIZE];
	size_t user_count = 0;
	uint64_t failures = 0;
	const char *broken_in = NULL; /* the user as whom a login succeeded in the end */
	for (size_t i = 0; i < visit->logins->user_count; i++) {
		const struct visit_user *user = &visit->logins->users[i];
		if (user->rejected == 0 || (user->accepted && user->rejected < BRUTE_FORCE_MIN))
			continue;
		failures += user->rejected;
		if (user->accepted)
			broken_in = user->user;
		NAME_SET(users[user_count], slice_of(user->user));
		user_count++;
	}
	bool spray = user_count >= SPRAY_USERS_MIN && failures <= user_count * SPRAY_EACH_MAX;
	/* Of users beyond those that are remembered it is not known whether they ever logged in. */
	bool more = visit->logins->rejected_over > 0 && visit->logins->accepted == 0;
	if (more)
		failures += visit->logins->rejected_over;
	if (!spray && failures < BRUTE_FORCE_MIN)
		return;
	const char *id = spray ? "password-spray" : "brute-force";
	enum finding_severity severity = broken_in != NULL ? FINDING_CRITICAL
		: visit->inside && user_count == 1             ? FINDING_LOW
													   : FINDING_HIGH;
	if (!build_admit(diagnoser, id, severity, visit->logins->attempts.last_ns, visit->logins->failures.session_count))
		return;
	struct diagnosis *diagnosis = build_begin(diagnoser, id, severity, visit->logins->attempts);
	const char *many = build_text(diagnoser, WORDS_DIAGNOSIS_MORE_USERS, &(struct words_value){"count", NULL, user_count}, 1);
	diagnosis->attack = spray ? broken_in != NULL ? sprayed : spraying : broken_in != NULL ? guessed : guessing;
	endpoint_text(&endpoint->address, server);
	address_print(&visit->client, client[0]);
	struct terminal_text success;
	terminal_text_init(&success, false);
	if (broken_in != NULL) {
		struct terminal_text user;
		terminal_text_init(&user, false);
		terminal_text_wire(&user, slice_of(broken_in), NAME_SIZE);
		words_add(&success, diagnoser->options.words, WORDS_DIAGNOSIS_LOGIN_SUCCEEDED,
			&(struct words_value){"user", user.data, 0}, 1);
	}
	const struct words_value values[] = {
		{"success", success.data, 0},
		{"server", server, 0},
		{"client", client[0], 0},
		{"attempts", NULL, failures},
		{"users", more ? many : NULL, user_count},
	};
	build_words(diagnoser, diagnosis, WORDS_COUNT, BUILD_VALUES(values));
	build_server(diagnosis, endpoint);
	build_about(diagnoser, diagnosis, "client", client[0]);
	build_clients(diagnoser, diagnosis, client, 1);
	build_users(diagnoser, diagnosis, users, user_count);
	diagnosis->user_count = user_count;
	build_evidence(diagnoser, diagnosis, &visit->logins->failures);
	build_filter(diagnoser, diagnosis, endpoint, endpoint->address.port);
}

static void observe(struct diagnoser *diagnoser, const struct observation *seen) {
	for (size_t i = 0; i < seen->facts->attempts_kept; i++)
		if (seen->facts->attempts[i].result == EVENT_AUTH_REJECTED && seen->visit->logins != NULL)
			evidence_add(diagnoser, &seen->visit->logins->failures, seen->facts, seen->facts->attempts[i].reply_frame);
}

static void conclude(struct diagnoser *diagnoser) {
	for (const struct visit *visit = NULL; (visit = table_next(&diagnoser->visits, visit)) != NULL;) {
		const struct endpoint *endpoint = endpoint_of(diagnoser, &visit->endpoint);
		if (endpoint != NULL && visit->logins != NULL && visit->logins->rejected > 0)
			conclude_visit(diagnoser, visit, endpoint);
	}
}

const struct topic topic_attacks = {observe, conclude};
