/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * report/diagnosis_live.c with sessions made up: what is told and when, what late sessions must not do, and that a month of
 * strangers takes no more memory than a week.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/diagnosis_live.h"
#include "report/words.h"

#define SECOND_NS INT64_C(1000000000)
#define MINUTE_NS (60 * SECOND_NS)
#define HOUR_NS (60 * MINUTE_NS)
#define DAY_NS (24 * HOUR_NS)
#define BEGIN_NS (INT64_C(1795588880) * SECOND_NS)

static size_t checks;

#define CHECK(condition) (checks++, assert_true(condition))

/* ---- Sessions ---- */

static struct slice text(const char *string) {
	return (struct slice){string, strlen(string)};
}

static char session_ids[1024][24]; /* a session is no more of use when so many others were made */
static uint64_t session_number;

/* One that works, and is over at once. client: the last three bytes of its address. */
static struct facts session(int64_t start_ns, uint32_t client) {
	char *session_id = session_ids[++session_number % 1024];
	snprintf(session_id, sizeof(session_ids[0]), "%020llx", (unsigned long long)session_number);
	return (struct facts){
		.id = text(session_id),
		.source = text("eth0"),
		.client = {.ip_version = 4, .address = {100, (uint8_t)(client >> 16), (uint8_t)(client >> 8), (uint8_t)client}, .port = 40000},
		.server = {.ip_version = 4, .address = {192, 0, 2, 10}, .port = 587},
		.start_ns = start_ns,
		.end_ns = start_ns + SECOND_NS / 10,
		.first_frame = 1,
		.last_frame = 9,
		.close = STREAM_CLOSE_FIN,
		.established = true,
		.protocol = EVENT_PROTOCOL_ESMTP,
		.greeting_code = 220,
		.greeting_frame = 2,
		.banner = text("mail.example.com ESMTP Postfix"),
		.server_name = text("mail.example.com"),
		.capabilities_seen = true,
		.capabilities_complete = true,
		.capabilities = {text("PIPELINING"), text("AUTH PLAIN")},
		.capability_count = 2,
	};
}

static struct facts failed(int64_t start_ns, uint32_t client, enum stream_close_how how) {
	struct facts facts = session(start_ns, client);
	facts.close = how;
	facts.established = false;
	facts.greeting_code = 0;
	facts.banner = facts.server_name = (struct slice){NULL, 0};
	facts.capabilities_seen = facts.capabilities_complete = false;
	facts.capability_count = 0;
	facts.end_ns = start_ns + (how == STREAM_CLOSE_UNANSWERED ? 127 * SECOND_NS : SECOND_NS / 100);
	return facts;
}

static struct facts login(int64_t start_ns, uint32_t client, const char *user, bool accepted) {
	struct facts facts = session(start_ns, client);
	facts.attempts[0] = (struct facts_attempt){
		.mechanism = text("PLAIN"),
		.username = text(user),
		.has_username = true,
		.result = accepted ? EVENT_AUTH_ACCEPTED : EVENT_AUTH_REJECTED,
		.code = accepted ? 235 : 535,
		.time_ns = start_ns + SECOND_NS / 20,
		.frame = 5,
		.reply_frame = 6,
	};
	facts.attempts_kept = facts.attempt_count = 1;
	return facts;
}

/* ---- What is told ---- */

struct document {
	char key[DIAGNOSIS_KEY_SIZE], id[40], title[120];
	enum diagnosis_state state;
	uint64_t updates, sessions;
	int64_t now_ns;
	bool ongoing;
};

static struct told {
	struct document documents[20000];
	size_t count;
	int error;
} told;

static int64_t clock_ns, now_ns, effort_ns;

static int on_diagnosis(void *context, const struct diagnosis *diagnosis) {
	struct told *all = context;
	assert_true(all->count < sizeof(all->documents) / sizeof(all->documents[0]));
	struct document *document = &all->documents[all->count++];
	*document = (struct document){.state = diagnosis->state, .updates = diagnosis->updates,
		.sessions = diagnosis->session_count, .now_ns = now_ns, .ongoing = diagnosis->ongoing};
	snprintf(document->key, sizeof(document->key), "%s", diagnosis->key);
	snprintf(document->id, sizeof(document->id), "%s", diagnosis->id);
	snprintf(document->title, sizeof(document->title), "%s", diagnosis->title);
	return all->error;
}

static size_t count_of(const char *id, enum diagnosis_state state) {
	size_t count = 0;
	for (size_t i = 0; i < told.count; i++)
		count += strcmp(told.documents[i].id, id) == 0 && told.documents[i].state == state;
	return count;
}

static void show(void) {
	static const char *const states[] = {"none", "new", "updated", "closed"};
	for (size_t i = 0; i < told.count && i < 30; i++)
		print_error("%lld s: %s %s, %llu sessions: %s\n", (long long)((told.documents[i].now_ns - BEGIN_NS) / SECOND_NS),
			states[told.documents[i].state], told.documents[i].id, (unsigned long long)told.documents[i].sessions,
			told.documents[i].title);
}

/* ids and states, such as "service-down:new service-down:closed" */
static void check_told(const char *expected) {
	static const char *const states[] = {"none", "new", "updated", "closed"};
	char got[2000] = "";
	for (size_t i = 0; i < told.count; i++)
		snprintf(got + strlen(got), sizeof(got) - strlen(got), "%s%s:%s", i > 0 ? " " : "", told.documents[i].id,
			states[told.documents[i].state]);
	if (strcmp(got, expected) != 0) {
		print_error("told: %s\n", got);
		show();
	}
	CHECK(strcmp(got, expected) == 0);
}

/* ---- The course of time ---- */

static int64_t tick(void *context) {
	(void)context;
	return clock_ns += effort_ns;
}

static struct diagnosis_live *begin(void) {
	const struct diagnosis_live_options options = {
		.diagnoser.words = words_find("en"), .clock = tick, .publish = on_diagnosis, .context = &told};
	memset(&told, 0, sizeof(told));
	effort_ns = SECOND_NS / 1000;
	clock_ns = 5;
	now_ns = BEGIN_NS;
	struct diagnosis_live *live = diagnosis_live_create(&options);
	assert_non_null(live);
	return live;
}

static void pass(struct diagnosis_live *live, int64_t until_ns) {
	clock_ns += until_ns - now_ns;
	now_ns = until_ns;
	CHECK(diagnosis_live_advance(live, now_ns, 0) == 0);
}

/* The session ends, and is told at once. */
static void end(struct diagnosis_live *live, struct facts facts) {
	CHECK(diagnosis_live_add(live, &facts) == 0);
	pass(live, facts.end_ns > now_ns ? facts.end_ns : now_ns);
}

static struct diagnosis_live_stats stats_of(struct diagnosis_live *live) {
	struct diagnosis_live_stats stats;
	diagnosis_live_get_stats(live, &stats);
	return stats;
}

/* ---- What is told and when ---- */

static void test_outage(void **state) {
	(void)state;
	struct diagnosis_live *live = begin();
	for (int i = 0; i < 5; i++)
		end(live, session(BEGIN_NS + i * MINUTE_NS, 1));
	CHECK(told.count == 0);
	int64_t down_ns = BEGIN_NS + 10 * MINUTE_NS;
	end(live, failed(down_ns, 1, STREAM_CLOSE_REFUSED));
	CHECK(told.count == 0); /* one says little */
	end(live, failed(down_ns + 5 * SECOND_NS, 1, STREAM_CLOSE_REFUSED));
	check_told("service-down:new");
	CHECK(told.documents[0].ongoing && told.documents[0].now_ns < down_ns + 6 * SECOND_NS);
	/* More than two: it is worse, which is told at once. */
	end(live, failed(down_ns + 10 * SECOND_NS, 1, STREAM_CLOSE_REFUSED));
	check_told("service-down:new service-down:updated");
	/* More of the same: once a minute. */
	for (int i = 3; i <= 60; i++)
		end(live, failed(down_ns + i * 5 * SECOND_NS, 1, STREAM_CLOSE_REFUSED));
	CHECK(count_of("service-down", DIAGNOSIS_STATE_UPDATED) >= 5 && count_of("service-down", DIAGNOSIS_STATE_UPDATED) <= 6);
	size_t before = told.count;
	end(live, session(down_ns + 10 * MINUTE_NS, 1));
	CHECK(told.count == before + 1 && count_of("service-down", DIAGNOSIS_STATE_CLOSED) == 1);
	CHECK(!told.documents[before].ongoing && told.documents[before].sessions == 61);
	CHECK(told.documents[before].updates == before);
	for (size_t i = 0; i < told.count; i++)
		CHECK(strcmp(told.documents[i].key, told.documents[0].key) == 0 && told.documents[i].updates == i);
	for (int i = 1; i < 100; i++)
		end(live, session(down_ns + 10 * MINUTE_NS + i * MINUTE_NS, 1));
	CHECK(told.count == before + 1);
	/* Another outage is another incident. */
	end(live, failed(down_ns + 5 * HOUR_NS, 1, STREAM_CLOSE_REFUSED));
	end(live, failed(down_ns + 5 * HOUR_NS + SECOND_NS, 1, STREAM_CLOSE_REFUSED));
	CHECK(told.count == before + 2 && told.documents[before + 1].state == DIAGNOSIS_STATE_NEW);
	CHECK(strcmp(told.documents[before + 1].key, told.documents[0].key) != 0);
	diagnosis_live_destroy(live);
}

static void test_brute_force(void **state) {
	(void)state;
	struct diagnosis_live *live = begin();
	for (int i = 0; i < 200; i++)
		end(live, login(BEGIN_NS + i * SECOND_NS, 0x710001, "admin", false));
	CHECK(told.documents[0].state == DIAGNOSIS_STATE_NEW && strcmp(told.documents[0].id, "brute-force") == 0);
	CHECK(count_of("brute-force", DIAGNOSIS_STATE_NEW) == 1 && count_of("brute-force", DIAGNOSIS_STATE_CLOSED) == 0);
	CHECK(count_of("brute-force", DIAGNOSIS_STATE_UPDATED) >= 2 && count_of("brute-force", DIAGNOSIS_STATE_UPDATED) <= 5);
	pass(live, BEGIN_NS + 200 * SECOND_NS + 14 * MINUTE_NS);
	CHECK(count_of("brute-force", DIAGNOSIS_STATE_CLOSED) == 0);
	pass(live, BEGIN_NS + 200 * SECOND_NS + 16 * MINUTE_NS);
	CHECK(count_of("brute-force", DIAGNOSIS_STATE_CLOSED) == 1);
	CHECK(told.documents[told.count - 1].sessions == 200);
	size_t before = told.count;
	for (int i = 0; i < 10; i++)
		pass(live, now_ns + HOUR_NS);
	CHECK(told.count == before);
	/* It goes on: the same matter, another incident. */
	end(live, login(now_ns + 2 * SECOND_NS, 0x710001, "admin", false));
	CHECK(told.count == before + 1 && told.documents[before].state == DIAGNOSIS_STATE_NEW);
	CHECK(strcmp(told.documents[before].key, told.documents[0].key) != 0 && told.documents[before].updates == 0);
	/* Somebody gets in: that is told at once. */
	end(live, login(now_ns + 2 * SECOND_NS, 0x710001, "admin", true));
	CHECK(told.count == before + 2 && told.documents[before + 1].state == DIAGNOSIS_STATE_UPDATED);
	pass(live, now_ns + HOUR_NS);
	CHECK(told.count == before + 3 && told.documents[before + 2].state == DIAGNOSIS_STATE_CLOSED);
	diagnosis_live_destroy(live);
}

/* The clock is set back while something goes on: that is told of as before, and not only when the clock is where it was. */
static void test_clock_set_back(void **state) {
	(void)state;
	struct diagnosis_live *live = begin();
	for (int i = 0; i < 200; i++)
		end(live, login(BEGIN_NS + i * SECOND_NS, 0x710001, "admin", false));
	CHECK(count_of("brute-force", DIAGNOSIS_STATE_NEW) == 1);
	size_t before = told.count;
	now_ns = BEGIN_NS - HOUR_NS;
	for (int i = 0; i < 200; i++) {
		struct facts facts = login(now_ns + SECOND_NS, 0x710001, "admin", false);
		clock_ns += SECOND_NS;
		now_ns += SECOND_NS;
		CHECK(diagnosis_live_add(live, &facts) == 0);
		CHECK(diagnosis_live_advance(live, now_ns, 0) == 0);
	}
	size_t updates = told.count - before;
	CHECK(updates >= 2 && updates <= 5 && told.documents[told.count - 1].state == DIAGNOSIS_STATE_UPDATED);
	CHECK(told.documents[told.count - 1].sessions > 350 && strcmp(told.documents[told.count - 1].key, told.documents[0].key) == 0);
	diagnosis_live_destroy(live);
}

/* One guesser, first with many names and then with one: one incident, whatever it is called. */
static void test_spray_to_brute_force(void **state) {
	(void)state;
	struct diagnosis_live *live = begin();
	static const char *const users[] = {"a", "b", "c", "d", "e", "f", "g"};
	for (int i = 0; i < 7; i++)
		end(live, login(BEGIN_NS + i * SECOND_NS, 0x710001, users[i], false));
	CHECK(count_of("password-spray", DIAGNOSIS_STATE_NEW) == 1);
	for (int i = 0; i < 60; i++)
		end(live, login(BEGIN_NS + MINUTE_NS + i * SECOND_NS, 0x710001, "a", false));
	CHECK(count_of("brute-force", DIAGNOSIS_STATE_NEW) == 0 && count_of("brute-force", DIAGNOSIS_STATE_UPDATED) >= 1);
	for (size_t i = 0; i < told.count; i++)
		CHECK(strcmp(told.documents[i].key, told.documents[0].key) == 0);
	diagnosis_live_destroy(live);
}

static struct facts other_face(struct facts facts) {
	facts.banner = text("gateway.example.com ESMTP ready");
	facts.server_name = text("gateway.example.com");
	facts.capabilities[0] = text("SIZE");
	return facts;
}

static void test_server_changed(void **state) {
	(void)state;
	struct diagnosis_live *live = begin();
	for (int i = 0; i < 20; i++)
		end(live, session(BEGIN_NS + i * MINUTE_NS, 1));
	for (int i = 20; i < 25; i++)
		end(live, other_face(session(BEGIN_NS + i * MINUTE_NS, 1)));
	CHECK(count_of("server-changed", DIAGNOSIS_STATE_NEW) == 1 && count_of("server-changed", DIAGNOSIS_STATE_CLOSED) == 0);
	/* It stays. After a week that is the way it is, after three nobody remembers. */
	for (int i = 1; i < 24 * 20; i++) {
		end(live, other_face(session(BEGIN_NS + i * HOUR_NS, 1)));
		CHECK((count_of("server-changed", DIAGNOSIS_STATE_CLOSED) == 0) == (i < 24 * 7 || now_ns < BEGIN_NS + 20 * MINUTE_NS + 7 * DAY_NS) ||
			i == 24 * 7 || i == 24 * 7 + 1);
	}
	CHECK(count_of("server-changed", DIAGNOSIS_STATE_CLOSED) == 1 && count_of("server-changed", DIAGNOSIS_STATE_NEW) == 1);
	const struct diagnosis_report *report = diagnosis_live_report(live);
	CHECK(report->diagnosis_count == 0 && report->server_count == 1 && report->servers[0].face_count == 1);
	diagnosis_live_destroy(live);
}

/* Faces that come and go by design are no news, also after months. */
static void test_alternating_for_months(void **state) {
	(void)state;
	struct diagnosis_live *live = begin();
	for (int i = 0; i < 60 * 24; i++) {
		struct facts facts = session(BEGIN_NS + i * HOUR_NS, 1 + (uint32_t)i % 5);
		end(live, i % 3 == 0 ? other_face(facts) : facts);
	}
	CHECK(count_of("server-alternates", DIAGNOSIS_STATE_NEW) == 1);
	CHECK(count_of("server-alternates", DIAGNOSIS_STATE_CLOSED) == 0);
	size_t after_a_day = 0; /* before, it is not known yet */
	for (size_t i = 0; i < told.count; i++)
		after_a_day += strcmp(told.documents[i].id, "server-changed") == 0 && told.documents[i].now_ns > BEGIN_NS + DAY_NS;
	CHECK(after_a_day == 0);
	diagnosis_live_destroy(live);
}

/* ---- Late sessions ---- */

/* Nobody answers one client's packets, and it works for all others: known of only two minutes later. */
static void test_late_unanswered(void **state) {
	(void)state;
	struct diagnosis_live *live = begin();
	struct facts lost[20];
	size_t lost_count = 0, told_of = 0;
	for (int i = 0; i < 600; i++) {
		int64_t at_ns = BEGIN_NS + i * 2 * SECOND_NS;
		end(live, session(at_ns, (uint32_t)i % 7));
		if (i % 30 == 10)
			lost[lost_count++] = failed(at_ns + SECOND_NS, 3, STREAM_CLOSE_UNANSWERED);
		while (told_of < lost_count && lost[told_of].end_ns <= now_ns)
			end(live, lost[told_of++]);
	}
	CHECK(told_of > 10);
	check_told("");
	CHECK(stats_of(live).late >= told_of);
	diagnosis_live_destroy(live);
}

/* But when it was down for a minute, that comes out. */
static void test_late_outage(void **state) {
	(void)state;
	struct diagnosis_live *live = begin();
	struct facts lost[20];
	for (int i = 0; i < 30; i++)
		end(live, session(BEGIN_NS + i * 2 * SECOND_NS, (uint32_t)i % 7));
	for (int i = 0; i < 20; i++)
		lost[i] = failed(BEGIN_NS + MINUTE_NS + i * 2 * SECOND_NS, (uint32_t)i % 7, STREAM_CLOSE_UNANSWERED);
	int64_t works_ns = BEGIN_NS + 2 * MINUTE_NS;
	size_t next = 0;
	for (int i = 0; i < 100; i++) {
		end(live, session(works_ns + i * 2 * SECOND_NS, (uint32_t)i % 7));
		while (next < 20 && lost[next].end_ns <= now_ns)
			end(live, lost[next++]);
	}
	CHECK(next == 20);
	CHECK(count_of("service-down", DIAGNOSIS_STATE_NEW) == 1 && count_of("service-down", DIAGNOSIS_STATE_CLOSED) == 1);
	const struct diagnosis_report *report = diagnosis_live_report(live);
	CHECK(report->diagnosis_count == 1 && !report->diagnoses[0]->ongoing && report->diagnoses[0]->session_count == 20);
	CHECK(report->diagnoses[0]->first_ns == BEGIN_NS + MINUTE_NS);
	diagnosis_live_destroy(live);
}

/* A connection that was open while the server was replaced shows the old one, and is known of when the new one is. */
static void test_late_face(void **state) {
	(void)state;
	struct diagnosis_live *live = begin();
	for (int i = 0; i < 20; i++)
		end(live, session(BEGIN_NS + i * SECOND_NS, 1));
	struct facts longer = session(BEGIN_NS + 15 * SECOND_NS + 1, 2);
	longer.end_ns = BEGIN_NS + 10 * MINUTE_NS;
	for (int i = 0; i < 20; i++)
		end(live, other_face(session(BEGIN_NS + (60 + i) * SECOND_NS, 1)));
	CHECK(count_of("server-changed", DIAGNOSIS_STATE_NEW) == 1);
	end(live, longer);
	pass(live, now_ns + SECOND_NS);
	for (size_t i = 1; i < told.count; i++)
		CHECK(told.documents[i].state == DIAGNOSIS_STATE_UPDATED);
	const struct diagnosis_report *report = diagnosis_live_report(live);
	CHECK(report->diagnosis_count == 1 && report->diagnoses[0]->ongoing);
	diagnosis_live_destroy(live);
}

/* A session that began before the outage, and ends in the middle of it, does not end it. */
static void test_late_success(void **state) {
	(void)state;
	struct diagnosis_live *live = begin();
	end(live, session(BEGIN_NS, 1));
	struct facts longer = session(BEGIN_NS + SECOND_NS, 2);
	longer.end_ns = BEGIN_NS + 5 * MINUTE_NS;
	for (int i = 0; i < 10; i++)
		end(live, failed(BEGIN_NS + MINUTE_NS + i * SECOND_NS, 1, STREAM_CLOSE_REFUSED));
	end(live, longer);
	pass(live, now_ns + 2 * SECOND_NS);
	CHECK(count_of("service-down", DIAGNOSIS_STATE_NEW) == 1 && count_of("service-down", DIAGNOSIS_STATE_CLOSED) == 0);
	end(live, session(now_ns + 2 * SECOND_NS, 2));
	CHECK(count_of("service-down", DIAGNOSIS_STATE_CLOSED) == 1);
	diagnosis_live_destroy(live);
}

/* A user who logged in, in a session that took long, and mistypes meanwhile, has not broken in. */
static void test_late_login(void **state) {
	(void)state;
	struct diagnosis_live *live = begin();
	struct facts longer = login(BEGIN_NS, 0x710001, "sato", true);
	longer.end_ns = BEGIN_NS + HOUR_NS;
	for (int i = 1; i < 30; i++)
		end(live, login(BEGIN_NS + i * MINUTE_NS, 0x710001, "sato", false));
	CHECK(count_of("brute-force", DIAGNOSIS_STATE_NEW) == 1); /* nobody can know better yet */
	end(live, longer);
	pass(live, now_ns + 2 * SECOND_NS);
	CHECK(diagnosis_live_report(live)->diagnosis_count == 0);
	CHECK(count_of("brute-force", DIAGNOSIS_STATE_CLOSED) == 1);
	diagnosis_live_destroy(live);
}

/* ---- Bounds ---- */

/* Twenty thousand clients guess passwords: the worst are told, and how many others there are. */
static void test_flood(void **state) {
	(void)state;
	enum { CLIENTS = 20000 };
	struct diagnosis_live *live = begin();
	for (uint32_t client = 0; client < CLIENTS; client++) {
		struct facts facts = login(BEGIN_NS + client * (SECOND_NS / 100), 0x710000 + client, "admin", false);
		for (size_t i = 1; i < FACTS_ATTEMPTS_MAX; i++)
			facts.attempts[i] = facts.attempts[0];
		facts.attempts_kept = facts.attempt_count = FACTS_ATTEMPTS_MAX;
		CHECK(diagnosis_live_add(live, &facts) == 0);
		if (client % 1000 == 0)
			pass(live, facts.end_ns);
	}
	pass(live, now_ns + 10 * SECOND_NS);
	const struct diagnosis_live_stats stats = stats_of(live);
	const struct diagnosis_report *report = diagnosis_live_report(live);
	CHECK(report->diagnosis_count == DIAGNOSES_OF_ONE_ID_MAX && report->left_out == CLIENTS - DIAGNOSES_OF_ONE_ID_MAX);
	CHECK(report->diagnoses[0]->left_out == report->left_out && stats.left_out == report->left_out);
	CHECK(stats.published_new <= 3 * DIAGNOSES_OF_ONE_ID_MAX && stats.open <= 3 * DIAGNOSES_OF_ONE_ID_MAX);
	CHECK(stats.tracked_size < (size_t)32 << 20);
	print_message("# %zu documents, %zu bytes of diagnoses told\n", told.count, stats.tracked_size);
	diagnosis_live_destroy(live);
}

/* Of many with the same severity, those with the most sessions are told. */
static void test_worst_first(void **state) {
	(void)state;
	struct diagnoser *diagnoser = diagnoser_create(&(struct diagnoser_options){.words = words_find("en")});
	for (uint32_t client = 0; client < 1000; client++) {
		uint32_t sessions = client % 2 ? 12 : 11;
		for (uint32_t i = 0; i < sessions; i++) {
			struct facts facts = login(BEGIN_NS + (client * 20 + i) * SECOND_NS, 0x710000 + client, "admin", false);
			diagnoser_add(diagnoser, &facts);
		}
	}
	const struct diagnosis_report *report = diagnoser_report(diagnoser, DIAGNOSER_ALL);
	CHECK(report->diagnosis_count == 500 && report->left_out == 500);
	for (size_t i = 0; i < report->diagnosis_count; i++)
		CHECK(report->diagnoses[i]->session_count == 12);
	diagnoser_destroy(diagnoser);
}

/* A month with two hundred new clients a day, one of which guesses passwords. */
static void test_month_of_strangers(void **state) {
	(void)state;
	enum { CLIENTS = 200 };
	struct diagnosis_live *live = begin();
	size_t at_a_week = 0, most = 0, told_most = 0;
	for (uint32_t day = 0; day < 30; day++) {
		for (uint32_t i = 0; i < CLIENTS; i++) {
			struct facts facts = login(BEGIN_NS + day * DAY_NS + i * 400 * SECOND_NS, day * CLIENTS + i, "user", i % 50 != 0);
			CHECK(diagnosis_live_add(live, &facts) == 0);
			if (i % (CLIENTS / 4) == 0)
				pass(live, facts.end_ns);
		}
		for (int i = 0; i < 15; i++) {
			struct facts facts = login(BEGIN_NS + day * DAY_NS + (CLIENTS * 400 + i) * SECOND_NS, 0x800000 + day, "root", false);
			CHECK(diagnosis_live_add(live, &facts) == 0);
		}
		pass(live, BEGIN_NS + day * DAY_NS + (CLIENTS * 400 + 20) * SECOND_NS);
		struct diagnosis_live_stats stats = stats_of(live);
		size_t count = 0;
		for (size_t i = 0; i < DIAGNOSER_KINDS; i++)
			count += stats.diagnoser.kinds[i].count;
		most = count > most ? count : most;
		told_most = stats.tracked_size > told_most ? stats.tracked_size : told_most;
		if (day == 7)
			at_a_week = most;
	}
	const struct diagnosis_live_stats stats = stats_of(live);
	print_message("# %zu entries after a week, %zu at most\n", at_a_week, most);
	CHECK(at_a_week > 7 * CLIENTS && most <= at_a_week + CLIENTS);
	CHECK(stats.diagnoser.kinds[DIAGNOSER_CLIENTS].forgotten > 20 * CLIENTS);
	CHECK(stats.diagnoser.kinds[DIAGNOSER_CLIENTS].evicted == 0);
	CHECK(stats.diagnoser.source_count == 1);
	CHECK(count_of("brute-force", DIAGNOSIS_STATE_NEW) == 30 && told_most < 1 << 20);
	for (size_t i = 0; i < told.count; i++)
		CHECK(strcmp(told.documents[i].id, "brute-force") == 0);
	pass(live, now_ns + DAY_NS);
	CHECK(count_of("brute-force", DIAGNOSIS_STATE_CLOSED) == 30 && stats_of(live).open == 0 && stats_of(live).tracked_size == 0);
	diagnosis_live_destroy(live);
}

/* What waits is bounded in bytes, and in time. */
static void test_waiting(void **state) {
	(void)state;
	struct diagnosis_live *live = begin();
	for (uint32_t i = 0; i < 100000; i++) {
		struct facts facts = session(BEGIN_NS + (i * 7919 % 10000), i % 3);
		CHECK(diagnosis_live_add(live, &facts) == 0);
	}
	CHECK(stats_of(live).crowded > 1000 && stats_of(live).waiting_size <= 8 << 20);
	CHECK(diagnosis_live_advance(live, now_ns, BEGIN_NS) == 0);
	CHECK(stats_of(live).waiting > 1000); /* an open session began before them */
	CHECK(diagnosis_live_advance(live, now_ns + 29 * SECOND_NS, BEGIN_NS) == 0);
	CHECK(stats_of(live).waiting > 1000);
	/* Not all at once, or whoever calls would wait for it: some now, some with each that comes, never one that may be too early. */
	size_t before = stats_of(live).waiting;
	CHECK(diagnosis_live_advance(live, now_ns + 31 * SECOND_NS, BEGIN_NS) == 0);
	size_t left = stats_of(live).waiting;
	CHECK(left > 0 && left < before && before - left <= 10000);
	struct facts later = session(now_ns + 40 * SECOND_NS, 1);
	CHECK(diagnosis_live_add(live, &later) == 0);
	CHECK(stats_of(live).waiting == left - 1);
	for (size_t i = 0; i < left; i++) {
		later.start_ns++;
		CHECK(diagnosis_live_add(live, &later) == 0);
	}
	CHECK(stats_of(live).waiting == left + 1);
	for (size_t i = 0; i <= left / 8000; i++)
		CHECK(diagnosis_live_advance(live, now_ns + 80 * SECOND_NS, 0) == 0);
	CHECK(stats_of(live).waiting == 0);
	diagnosis_live_destroy(live);
}

/* When concluding is slow, it is done rarely. */
static void test_effort(void **state) {
	(void)state;
	struct diagnosis_live *live = begin();
	effort_ns = SECOND_NS; /* each look at the clock */
	for (int i = 0; i < 1000; i++) {
		struct facts facts = session(BEGIN_NS + i * SECOND_NS, 1);
		CHECK(diagnosis_live_add(live, &facts) == 0);
		CHECK(diagnosis_live_advance(live, facts.end_ns, 0) == 0);
		clock_ns += SECOND_NS;
	}
	/* Each round takes a second of the clock; no more than a twentieth of it in all. */
	CHECK(stats_of(live).concluded > 10 && stats_of(live).concluded * 20 <= (uint64_t)(clock_ns / SECOND_NS) + 20);
	diagnosis_live_destroy(live);
}

static void test_error(void **state) {
	(void)state;
	struct diagnosis_live *live = begin();
	for (int i = 0; i < 12; i++) {
		struct facts facts = login(BEGIN_NS + i * SECOND_NS, 0x710001, "admin", false);
		CHECK(diagnosis_live_add(live, &facts) == 0);
	}
	told.error = -ENOSPC;
	CHECK(diagnosis_live_advance(live, BEGIN_NS + MINUTE_NS, 0) == -ENOSPC);
	CHECK(diagnosis_live_advance(live, BEGIN_NS + MINUTE_NS, 0) == 0);
	diagnosis_live_destroy(live);
	diagnosis_live_destroy(NULL);
}

static void test_all_ran(void **state) {
	(void)state;
	print_message("# %zu checks\n", checks);
	assert_true(checks > 50000);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_outage),
		cmocka_unit_test(test_brute_force),
		cmocka_unit_test(test_clock_set_back),
		cmocka_unit_test(test_spray_to_brute_force),
		cmocka_unit_test(test_server_changed),
		cmocka_unit_test(test_alternating_for_months),
		cmocka_unit_test(test_late_unanswered),
		cmocka_unit_test(test_late_outage),
		cmocka_unit_test(test_late_face),
		cmocka_unit_test(test_late_success),
		cmocka_unit_test(test_late_login),
		cmocka_unit_test(test_flood),
		cmocka_unit_test(test_worst_first),
		cmocka_unit_test(test_month_of_strangers),
		cmocka_unit_test(test_waiting),
		cmocka_unit_test(test_effort),
		cmocka_unit_test(test_error),
		cmocka_unit_test(test_all_ran),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
