/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * report/diagnosis_live.c on the sessions of the captures in pcaps/: watched while they happen, in whatever order they end, they
 * give what they give when all of them are known; and so they do when a month of such days goes by.
 */
#include "facts_check.h"

#include <errno.h>
#include <dirent.h>

#include "report/diagnosis_live.h"
#include "report/sorter.h"
#include "report/words.h"
#include "tests/capture_records.h"

#define SECOND_NS INT64_C(1000000000)
#define HOUR_NS (3600 * SECOND_NS)
#define DAY_NS (24 * HOUR_NS)

enum { SESSIONS_MAX = 4096, KEYS_MAX = 4096 };

static size_t checks;

#define CHECK(condition) (checks++, assert_true(condition))

/* ---- The sessions of a capture, as they ended ---- */

struct capture {
	struct bytes sessions[SESSIONS_MAX];
	size_t count;
};

static void on_record(void *context, struct record *record) {
	static struct facts facts;
	struct capture *capture = context;
	facts_from_record(record, &facts);
	assert_true(capture->count < SESSIONS_MAX);
	capture->sessions[capture->count++] = pack(&facts);
}

static void capture_read(struct capture *capture, const char *name) {
	static struct source_error error;
	char path[300];
	snprintf(path, sizeof(path), "pcaps/%s", name);
	*capture = (struct capture){0};
	struct capture_records records = {.take = on_record, .context = capture};
	struct flow_table *flows = capture_records_table(&records);
	assert_non_null(flows);
	assert_true(capture_records_read(flows, path, &error));
	flow_table_destroy(flows);
}

static void capture_free(struct capture *capture) {
	for (size_t i = 0; i < capture->count; i++)
		free(capture->sessions[i].data);
	capture->count = 0;
}

/* ---- Other days ---- */

static char shifted_id[FACTS_ID_MAX];

/* The session as it would have been so much later. */
static void unpack_later(const struct bytes *packed, int64_t later_ns, struct facts *ret_facts) {
	CHECK(facts_unpack(packed->data, packed->len, ret_facts) == packed->len);
	ret_facts->start_ns += later_ns;
	ret_facts->end_ns += later_ns;
	if (ret_facts->mailbox_last_ns != 0)
		ret_facts->mailbox_last_ns += later_ns;
	for (size_t i = 0; i < ret_facts->attempts_kept; i++)
		ret_facts->attempts[i].time_ns += later_ns;
	for (size_t i = 0; i < ret_facts->mails_kept; i++)
		ret_facts->mails[i].time_ns += later_ns;
	if (later_ns == 0)
		return;
	int len = snprintf(shifted_id, sizeof(shifted_id), "%.12s%08llx", ret_facts->id.data, (unsigned long long)(later_ns / SECOND_NS));
	ret_facts->id = (struct slice){shifted_id, (size_t)len};
}

/* ---- What was told ---- */

struct seen {
	char key[DIAGNOSIS_KEY_SIZE];
	const char *id;
	uint64_t news, updates, closes;
	enum diagnosis_state last;
	bool wrong; /* an impossible order of states */
	int64_t first_ns;
};

struct told {
	struct seen seen[KEYS_MAX];
	size_t count, documents;
};

static int on_diagnosis(void *context, const struct diagnosis *diagnosis) {
	struct told *told = context;
	struct seen *seen = told->seen;
	while (seen < told->seen + told->count && strcmp(seen->key, diagnosis->key) != 0)
		seen++;
	if (seen == told->seen + told->count) {
		assert_true(told->count < KEYS_MAX);
		told->count++;
		*seen = (struct seen){.id = diagnosis->id, .first_ns = diagnosis->first_ns};
		memcpy(seen->key, diagnosis->key, sizeof(seen->key));
		seen->wrong = diagnosis->state != DIAGNOSIS_STATE_NEW || diagnosis->updates != 0;
	} else {
		seen->wrong |= diagnosis->state == DIAGNOSIS_STATE_NEW || seen->last == DIAGNOSIS_STATE_CLOSED;
		seen->wrong |= diagnosis->updates != seen->news + seen->updates;
	}
	seen->news += diagnosis->state == DIAGNOSIS_STATE_NEW;
	seen->updates += diagnosis->state == DIAGNOSIS_STATE_UPDATED;
	seen->closes += diagnosis->state == DIAGNOSIS_STATE_CLOSED;
	seen->last = diagnosis->state;
	told->documents++;
	return 0;
}

static size_t count_told(const struct told *told, const char *id) {
	size_t count = 0;
	for (size_t i = 0; i < told->count; i++)
		count += strcmp(told->seen[i].id, id) == 0;
	return count;
}

static bool states_are_right(const struct told *told) {
	for (size_t i = 0; i < told->count; i++) {
		if (!told->seen[i].wrong && told->seen[i].news == 1 && told->seen[i].closes <= 1)
			continue;
		print_error("%s %s: states out of order\n", told->seen[i].id, told->seen[i].key);
		return false;
	}
	return true;
}

/* ---- A clock that goes on by itself ---- */

static int64_t clock_ns;

static int64_t tick(void *context) {
	(void)context;
	return clock_ns += SECOND_NS / 100;
}

static struct diagnosis_live *watch(struct told *told) {
	const struct diagnosis_live_options options = {
		.diagnoser.words = words_find("en"), .clock = tick, .publish = on_diagnosis, .context = told};
	*told = (struct told){0};
	struct diagnosis_live *live = diagnosis_live_create(&options);
	assert_non_null(live);
	return live;
}

static void advance(struct diagnosis_live *live, int64_t now_ns, int64_t oldest_open_ns) {
	clock_ns += 2 * SECOND_NS;
	CHECK(diagnosis_live_advance(live, now_ns, oldest_open_ns) == 0);
}

/* ---- All at once ---- */

static void add_sorted(void *diagnoser, const struct facts *facts) {
	diagnoser_add(diagnoser, facts);
}

static struct diagnoser *know_all(const struct capture *capture) {
	static struct facts facts;
	struct diagnoser *diagnoser = diagnoser_create(&(struct diagnoser_options){.words = words_find("en")});
	struct sorter *sorter = sorter_create(0, -ENOENT);
	assert_true(diagnoser != NULL && sorter != NULL);
	for (size_t i = 0; i < capture->count; i++) {
		unpack_later(&capture->sessions[i], 0, &facts);
		assert_int_equal(sorter_add(sorter, &facts), 0);
	}
	assert_int_equal(sorter_run(sorter, add_sorted, diagnoser), 0);
	sorter_destroy(sorter);
	return diagnoser;
}

static const struct diagnosis *find(const struct diagnosis_report *report, const char *key) {
	for (size_t i = 0; i < report->diagnosis_count; i++)
		if (strcmp(report->diagnoses[i]->key, key) == 0)
			return report->diagnoses[i];
	return NULL;
}

static void check_same_diagnoses(const char *name, const struct diagnosis_report *one, const struct diagnosis_report *other) {
	for (size_t i = 0; i < one->diagnosis_count; i++) {
		const struct diagnosis *diagnosis = one->diagnoses[i], *same = find(other, diagnosis->key);
		if (same == NULL || same->severity != diagnosis->severity || same->session_count != diagnosis->session_count)
			print_error("%s: %s %s is not the same\n", name, diagnosis->id, diagnosis->title);
		CHECK(same != NULL && same->severity == diagnosis->severity && same->session_count == diagnosis->session_count);
		CHECK(same->first_ns == diagnosis->first_ns && same->last_ns == diagnosis->last_ns && same->ongoing == diagnosis->ongoing);
		CHECK(same->client_count == diagnosis->client_count && same->user_count == diagnosis->user_count);
		CHECK(strcmp(same->title, diagnosis->title) == 0);
	}
	if (one->diagnosis_count != other->diagnosis_count)
		print_error("%s: %zu diagnoses and %zu\n", name, one->diagnosis_count, other->diagnosis_count);
	CHECK(one->diagnosis_count == other->diagnosis_count);
}

/* ---- Tests ---- */

static struct capture capture;
static struct told told;

/* When the sessions are fed at once and nobody looks in between, what is told is the report. */
static void test_same_as_report(void **state) {
	(void)state;
	static struct facts facts;
	struct dirent **entries;
	size_t diagnosed = 0;
	int count = scandir("pcaps", &entries, NULL, alphasort);
	assert_true(count > 0);
	for (int i = 0; i < count; i++) {
		const char *name = entries[i]->d_name;
		if (strstr(name, ".pcap") != NULL) {
			capture_read(&capture, name);
			struct diagnoser *diagnoser = know_all(&capture);
			const struct diagnosis_report *report = diagnoser_report(diagnoser, DIAGNOSER_ALL);
			struct diagnosis_live *live = watch(&told);
			for (size_t k = 0; k < capture.count; k++) {
				unpack_later(&capture.sessions[k], 0, &facts);
				CHECK(diagnosis_live_add(live, &facts) == 0);
			}
			CHECK(diagnosis_live_finish(live) == 0);
			check_same_diagnoses(name, report, diagnosis_live_report(live));
			CHECK(told.count == report->diagnosis_count && states_are_right(&told));
			for (size_t k = 0; k < told.count; k++)
				CHECK(find(report, told.seen[k].key) != NULL);
			diagnosed += report->diagnosis_count > 0;
			diagnosis_live_destroy(live);
			diagnoser_destroy(diagnoser);
			capture_free(&capture);
		}
		free(entries[i]);
	}
	free(entries);
	print_message("# %zu captures with diagnoses\n", diagnosed);
	CHECK(diagnosed >= 5);
}

/* Conclusions change nothing: drawn after each session, they end where they end without. */
static void test_conclude_often(void **state) {
	(void)state;
	static struct facts facts;
	static const char *const names[] = {"gateway-down.pcap", "gateway-down-ipv6.pcap", "healthy-day.pcap"};
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		capture_read(&capture, names[i]);
		struct diagnoser *once = know_all(&capture), *often = diagnoser_create(&(struct diagnoser_options){.words = words_find("en")});
		for (size_t k = 0; k < capture.count; k++) {
			unpack_later(&capture.sessions[k], 0, &facts);
			diagnoser_add(often, &facts);
			diagnoser_report(often, k % 2 ? DIAGNOSER_ALL : DIAGNOSER_DIAGNOSES);
		}
		struct diagnoser *unsorted = diagnoser_create(&(struct diagnoser_options){.words = words_find("en")});
		for (size_t k = 0; k < capture.count; k++) {
			unpack_later(&capture.sessions[k], 0, &facts);
			diagnoser_add(unsorted, &facts);
		}
		check_same_diagnoses(names[i], diagnoser_report(unsorted, DIAGNOSER_ALL), diagnoser_report(often, DIAGNOSER_ALL));
		/* And in the order in which they ended, there is no verdict that the right order has not. */
		const struct diagnosis_report *right = diagnoser_report(once, DIAGNOSER_ALL), *ended = diagnoser_report(often, DIAGNOSER_ALL);
		for (size_t k = 0; k < ended->diagnosis_count; k++) {
			bool known = false;
			for (size_t j = 0; j < right->diagnosis_count; j++)
				known |= strcmp(right->diagnoses[j]->id, ended->diagnoses[k]->id) == 0;
			if (!known)
				print_error("%s: %s only in another order: %s\n", names[i], ended->diagnoses[k]->id, ended->diagnoses[k]->explanation);
			CHECK(known);
		}
		diagnoser_destroy(once);
		diagnoser_destroy(often);
		diagnoser_destroy(unsorted);
		capture_free(&capture);
	}
}

static uint64_t random_state = 88172645463325252u;

static uint64_t next_random(void) {
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state;
}

/* Sessions that end in any order, but are not open for longer than others wait for them. */
static void test_any_order(void **state) {
	(void)state;
	static struct facts facts;
	enum { ROUNDS = 20, SWAPS = 400 };
	static const char *const names[] = {"gateway-down.pcap", "gateway-down-ipv6.pcap"};
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		capture_read(&capture, names[i]);
		struct diagnoser *diagnoser = know_all(&capture);
		static int64_t starts[SESSIONS_MAX];
		for (size_t round = 0; round < ROUNDS; round++) {
			for (size_t k = 0; k < SWAPS; k++) {
				size_t one = next_random() % capture.count, other = next_random() % capture.count;
				struct bytes kept = capture.sessions[one];
				capture.sessions[one] = capture.sessions[other];
				capture.sessions[other] = kept;
			}
			for (size_t k = 0; k < capture.count; k++) {
				unpack_later(&capture.sessions[k], 0, &facts);
				starts[k] = facts.start_ns;
			}
			struct diagnosis_live *live = watch(&told);
			int64_t now_ns = 1; /* the packets' time stands still: what is to come later begins earlier, and is open */
			for (size_t k = 0; k < capture.count; k++) {
				unpack_later(&capture.sessions[k], 0, &facts);
				CHECK(diagnosis_live_add(live, &facts) == 0);
				int64_t oldest_ns = 0;
				for (size_t j = k + 1; j < capture.count; j++)
					if (oldest_ns == 0 || starts[j] < oldest_ns)
						oldest_ns = starts[j];
				advance(live, now_ns, oldest_ns);
			}
			CHECK(diagnosis_live_finish(live) == 0);
			check_same_diagnoses(names[i], diagnoser_report(diagnoser, DIAGNOSER_ALL), diagnosis_live_report(live));
			CHECK(states_are_right(&told));
			struct diagnosis_live_stats stats;
			diagnosis_live_get_stats(live, &stats);
			CHECK(stats.late == 0 && stats.crowded == 0 && stats.waiting == 0);
			diagnosis_live_destroy(live);
		}
		diagnoser_destroy(diagnoser);
		capture_free(&capture);
	}
}

/* A day of the capture, so much later, as it is seen while it happens: each session when it ends. */
static void pass_day(struct diagnosis_live *live, const struct capture *day, int64_t later_ns) {
	static struct facts facts;
	for (size_t i = 0; i < day->count; i++) {
		unpack_later(&day->sessions[i], later_ns, &facts);
		CHECK(diagnosis_live_add(live, &facts) == 0);
		int64_t oldest_ns = 0, end_ns = facts.end_ns;
		for (size_t k = i + 1; k < day->count; k++) {
			unpack_later(&day->sessions[k], later_ns, &facts);
			if (facts.start_ns < end_ns && (oldest_ns == 0 || facts.start_ns < oldest_ns))
				oldest_ns = facts.start_ns;
		}
		advance(live, end_ns, oldest_ns);
	}
}

static size_t entries_of(struct diagnosis_live *live) {
	struct diagnosis_live_stats stats;
	size_t count = 0;
	diagnosis_live_get_stats(live, &stats);
	for (size_t i = 0; i < DIAGNOSER_KINDS; i++)
		count += stats.diagnoser.kinds[i].count;
	return count;
}

static void test_healthy_month(void **state) {
	(void)state;
	capture_read(&capture, "healthy-day.pcap");
	struct diagnosis_live *live = watch(&told);
	size_t after_a_week = 0;
	for (int64_t day = 0; day < 30; day++) {
		pass_day(live, &capture, day * DAY_NS);
		if (day == 8)
			after_a_week = entries_of(live);
	}
	CHECK(diagnosis_live_finish(live) == 0);
	for (size_t i = 0; i < told.count; i++)
		print_error("a healthy month: %s\n", told.seen[i].id);
	CHECK(told.count == 0 && told.documents == 0);
	CHECK(entries_of(live) == after_a_week);
	diagnosis_live_destroy(live);
	capture_free(&capture);
}

/* Every fifth day the gateway breaks down, and the days between are healthy. */
static void test_month_of_incidents(void **state) {
	(void)state;
	static struct capture healthy;
	static struct facts facts;
	capture_read(&healthy, "healthy-day.pcap");
	capture_read(&capture, "gateway-down.pcap");
	struct diagnoser *diagnoser = know_all(&capture);
	size_t each = diagnoser_report(diagnoser, DIAGNOSER_ALL)->diagnosis_count;
	diagnoser_destroy(diagnoser);
	unpack_later(&healthy.sessions[0], 0, &facts);
	int64_t healthy_ns = facts.start_ns;
	unpack_later(&capture.sessions[0], 0, &facts);
	int64_t first_ns = facts.start_ns;
	struct diagnosis_live *live = watch(&told);
	size_t incidents = 0, entries_max = 0, after_a_week = 0;
	for (int64_t day = 0; day < 30; day++) {
		bool incident = day % 10 == 0;
		pass_day(live, incident ? &capture : &healthy, day * DAY_NS + (incident ? 0 : first_ns - healthy_ns));
		incidents += incident;
		size_t entries = entries_of(live);
		entries_max = entries > entries_max ? entries : entries_max;
		if (day == 9)
			after_a_week = entries_max;
	}
	CHECK(incidents == 3);
	/* A week without any trouble: everything is over, and forgotten. */
	for (int64_t day = 30; day < 40; day++)
		pass_day(live, &healthy, day * DAY_NS + first_ns - healthy_ns);
	CHECK(diagnosis_live_finish(live) == 0);
	CHECK(states_are_right(&told));
	static const char *const ids[] = {"auth-fails-on-one-face", "service-down", "server-changed", "port-blocked",
		"client-stopped-authenticating", "relay-by-address"};
	CHECK(each == sizeof(ids) / sizeof(ids[0]));
	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		if (count_told(&told, ids[i]) != incidents)
			print_error("%s: told %zu times\n", ids[i], count_told(&told, ids[i]));
		CHECK(count_told(&told, ids[i]) == incidents);
	}
	for (size_t i = 0; i < told.count; i++) {
		if (told.seen[i].closes != 1)
			print_error("%s: closed %u times\n", told.seen[i].id, (unsigned)told.seen[i].closes);
		CHECK(told.seen[i].closes == 1);
	}
	const struct diagnosis_report *report = diagnosis_live_report(live);
	for (size_t i = 0; i < report->diagnosis_count; i++)
		print_error("at the end: %s\n", report->diagnoses[i]->explanation);
	CHECK(report->diagnosis_count == 0);
	CHECK(entries_max <= after_a_week + after_a_week / 4);
	print_message("# %zu diagnoses in %zu documents, at most %zu entries\n", told.count, told.documents, entries_max);
	diagnosis_live_destroy(live);
	capture_free(&capture);
	capture_free(&healthy);
}

static void test_all_ran(void **state) {
	(void)state;
	print_message("# %zu checks\n", checks);
	assert_true(checks > 1000);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_same_as_report),
		cmocka_unit_test(test_conclude_often),
		cmocka_unit_test(test_any_order),
		cmocka_unit_test(test_healthy_month),
		cmocka_unit_test(test_month_of_incidents),
		cmocka_unit_test(test_all_ran),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
