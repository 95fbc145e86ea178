/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Clients that logged in, or tried to, and now send without: what people do when the login fails.
 *
 * Behind one address there may be others who never log in, a printer or another person. So a mail without login counts only when
 * something ties it to the logins: its sender had sent with login from there, or is named like the user, or the client greeted
 * with the same name.
 */
#include <stdlib.h>
#include <string.h>

#include "decode/ascii.h"
#include "report/diagnosis/build.h"
#include "report/diagnosis/state.h"

static bool equal_names(const char *list, const char *name) {
	return name[0] != '\0' && strcmp(list, name) == 0;
}

static bool is_in(char (*list)[NAME_SIZE], size_t count, const char *name) {
	for (size_t i = 0; i < count; i++)
		if (equal_names(list[i], name))
			return true;
	return false;
}

/* "bob" and "bob@example.com" name the same person, "bob" and "bobby@example.com" do not. */
static bool names_user(const char *sender, const char *user) {
	size_t len = strlen(user);
	return len > 0 && strncmp(sender, user, len) == 0 && (sender[len] == '@' || sender[len] == '\0');
}

/* A name that many programs greet with tells nothing. */
static bool is_telling_hello(const char *hello) {
	return hello[0] != '[' && strncmp(hello, "localhost", 9) != 0 && strchr(hello, '.') != NULL;
}

static bool is_tied(struct visit *visit, const char *sender, const char *hello) {
	if (is_in(visit->logins->senders, visit->logins->sender_count, sender) || (is_telling_hello(hello) && is_in(visit->logins->hello, visit->logins->hello_count, hello)))
		return true;
	for (size_t i = 0; i < visit->logins->user_count; i++)
		if (names_user(sender, visit->logins->users[i].user))
			return true;
	return false;
}

/* Who is it that sends now: the one who sent with login in this name, or whose name it is, or the only one there is. */
static void name_user(struct visit_logins *logins, const char *sender) {
	const char *user = logins->user_count == 1 ? logins->users[0].user : NULL;
	for (size_t i = 0; i < logins->user_count; i++)
		if (names_user(sender, logins->users[i].user))
			user = logins->users[i].user;
	for (size_t i = 0; i < logins->sender_count; i++)
		if (equal_names(logins->senders[i], sender))
			user = logins->sender_users[i];
	if (user != NULL)
		memcpy(logins->stopped.user, user, sizeof(logins->stopped.user));
}

static void note_mail(struct diagnoser *diagnoser, const struct observation *seen, const struct facts_mail *mail) {
	struct visit *visit = seen->visit;
	char sender[NAME_SIZE], hello[NAME_SIZE];
	if (visit->logins == NULL)
		return;
	NAME_SET(sender, mail->from);
	NAME_SET(hello, seen->facts->client_name);
	if (mail->authenticated == EVENT_AUTHENTICATED_YES) {
		size_t place = visit->logins->sender_count;
		if (sender[0] != '\0' && name_list_add(visit->logins->senders, &visit->logins->sender_count, VISIT_SENDERS_MAX, sender) &&
			visit->logins->sender_count > place)
			memcpy(visit->logins->sender_users[place], visit->logins->last_user, sizeof(visit->logins->sender_users[place]));
		return;
	}
	if (mail->authenticated != EVENT_AUTHENTICATED_NO || !offers_auth(seen->facts) || 		mail->time_ns < visit->logins->attempts.first_ns || !is_tied(visit, sender, hello))
		return;
	tally_add(&visit->logins->stopped.mails, mail->time_ns);
	visit->logins->stopped.accepted += mail->result == EVENT_MAIL_ACCEPTED;
	visit->logins->stopped.refused += mail->result == EVENT_MAIL_REJECTED;
	visit->logins->stopped.after_rejection |= visit->logins->rejected_last && visit->logins->verdict_ns <= seen->facts->start_ns;
	name_user(visit->logins, sender);
	evidence_add(diagnoser, &visit->logins->stopped.evidence, seen->facts, mail->frame);
	evidence_add(diagnoser, &visit->logins->stopped.evidence, seen->facts, mail->decided_frame);
}

static void note_verdict(struct visit_user *user, bool accepted, bool rejected, int64_t start_ns, int64_t time_ns) {
	/* A session that began before the rejected ones, and is known of only now: the user had logged in from there before. */
	if (accepted && user->rejected > 0 && start_ns < user->rejecting_ns)
		user->rejected = 0;
	user->accepted |= accepted;
	if (time_ns > user->last_ns)
		user->last_ns = time_ns;
	if (!rejected || user->accepted)
		return;
	if (user->rejected++ == 0 || start_ns < user->rejecting_ns)
		user->rejecting_ns = start_ns;
}

static void note_attempt(const struct observation *seen, const struct facts_attempt *attempt) {
	struct visit *visit = seen->visit;
	if (visit->logins == NULL)
		visit->logins = calloc(1, sizeof(*visit->logins));
	if (visit->logins == NULL)
		return;
	tally_add(&visit->logins->attempts, attempt->time_ns);
	bool accepted = attempt->result == EVENT_AUTH_ACCEPTED, rejected = attempt->result == EVENT_AUTH_REJECTED;
	bool first = visit->logins->accepted + visit->logins->rejected == 0;
	if ((accepted || rejected) && (first || seen->facts->start_ns >= visit->logins->verdict_ns)) {
		visit->logins->rejected_last = rejected;
		visit->logins->verdict_ns = seen->facts->start_ns;
	}
	visit->logins->accepted += accepted;
	visit->logins->rejected += rejected;
	if (attempt->has_username)
		NAME_SET(visit->logins->last_user, attempt->username);
	char hello[NAME_SIZE];
	NAME_SET(hello, seen->facts->client_name);
	if (hello[0] != '\0')
		name_list_add(visit->logins->hello, &visit->logins->hello_count, 2, hello);
	if (!attempt->has_username)
		return;
	for (size_t i = 0; i < visit->logins->user_count; i++) {
		if (strcmp(visit->logins->users[i].user, visit->logins->last_user) == 0) {
			note_verdict(&visit->logins->users[i], accepted, rejected, seen->facts->start_ns, attempt->time_ns);
			return;
		}
	}
	if (visit->logins->user_count == VISIT_USERS_MAX) {
		visit->logins->rejected_over += rejected;
		visit->logins->rejected_over_ns = attempt->time_ns;
		return;
	}
	struct visit_user *user = &visit->logins->users[visit->logins->user_count++];
	memcpy(user->user, visit->logins->last_user, sizeof(user->user));
	note_verdict(user, accepted, rejected, seen->facts->start_ns, attempt->time_ns);
}

static void observe(struct diagnoser *diagnoser, const struct observation *seen) {
	const struct facts *facts = seen->facts;
	/* In the order of time: a session that was refused and then sends shows both. */
	for (size_t i = 0; i < facts->attempts_kept; i++)
		note_attempt(seen, &facts->attempts[i]);
	for (size_t i = 0; i < facts->mails_kept; i++)
		note_mail(diagnoser, seen, &facts->mails[i]);
}

static void conclude_visit(struct diagnoser *diagnoser, const struct visit *visit, const struct endpoint *endpoint) {
	enum finding_severity severity = visit->logins->stopped.accepted == 0 ? FINDING_LOW
		: visit->logins->stopped.after_rejection                          ? FINDING_HIGH
																  : FINDING_MEDIUM;
	static const char id[] = "client-stopped-authenticating";
	if (!build_admit(diagnoser, id, severity, visit->logins->stopped.mails.last_ns, visit->logins->stopped.evidence.session_count))
		return;
	struct diagnosis *diagnosis = build_begin(diagnoser, id, severity, visit->logins->stopped.mails);
	char server[NAME_SIZE], client[1][NAME_SIZE], user[1][NAME_SIZE];
	endpoint_text(&endpoint->address, server);
	address_print(&visit->client, client[0]);
	memcpy(user[0], visit->logins->stopped.user, sizeof(user[0]));
	uint64_t accepted = visit->logins->stopped.accepted, refused = visit->logins->stopped.refused, count = visit->logins->stopped.mails.count;
	enum words_id outcome = accepted == count ? WORDS_DIAGNOSIS_OUTCOME_ACCEPTED
		: refused == count                    ? WORDS_DIAGNOSIS_OUTCOME_REFUSED
		: accepted > 0 && refused > 0         ? WORDS_DIAGNOSIS_OUTCOME_MIXED
											  : WORDS_DIAGNOSIS_OUTCOME_UNKNOWN;
	const struct words *words = diagnoser->options.words;
	const struct words_value values[] = {
		{"server", server, 0},
		{"client", client[0], 0},
		{"user", user[0][0] != '\0' ? build_list(diagnoser, user, 1, 1) : words_get(words, WORDS_UNKNOWN), 0},
		{"when", build_time(diagnoser, visit->logins->stopped.mails.first_ns), 0},
		{"until", build_time(diagnoser, visit->logins->stopped.mails.last_ns), 0},
		{"mails", NULL, count},
		{"outcome", words_get(words, outcome), 0},
	};
	build_words(diagnoser, diagnosis, WORDS_COUNT, BUILD_VALUES(values));
	build_server(diagnosis, endpoint);
	build_about(diagnoser, diagnosis, "client", client[0]);
	build_clients(diagnoser, diagnosis, client, 1);
	if (user[0][0] != '\0')
		build_users(diagnoser, diagnosis, user, 1);
	build_evidence(diagnoser, diagnosis, &visit->logins->stopped.evidence);
	build_filter(diagnoser, diagnosis, endpoint, endpoint->address.port);
	diagnosis->ongoing = visit->logins->stopped.mails.last_ns > visit->logins->attempts.last_ns;
}

static void conclude(struct diagnoser *diagnoser) {
	for (const struct visit *visit = NULL; (visit = table_next(&diagnoser->visits, visit)) != NULL;) {
		const struct endpoint *endpoint = endpoint_of(diagnoser, &visit->endpoint);
		if (endpoint == NULL || visit->logins == NULL || visit->logins->stopped.mails.count == 0)
			continue;
		/* With and without login in turn, and no login rejected: two programs, and none has stopped. */
		if (visit->logins->stopped.after_rejection ||
			visit->logins->stopped.mails.first_ns > visit->logins->attempts.last_ns)
			conclude_visit(diagnoser, visit, endpoint);
	}
}

const struct topic topic_stopped = {observe, conclude};
