/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/diagnosis_live.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/diagnosis/build.h"
#include "report/diagnosis/copy.h"

#define SECOND_NS INT64_C(1000000000)
#define MINUTE_NS (60 * SECOND_NS)
#define HOUR_NS (60 * MINUTE_NS)
#define DAY_NS (24 * HOUR_NS)

#define MEMORY_NS (7 * DAY_NS)
#define WAIT_NS (30 * SECOND_NS)       /* for sessions that began earlier */
#define COUNTERS_NS (60 * SECOND_NS)   /* between updates when only numbers change */
#define REOPEN_NS (60 * SECOND_NS)     /* what comes and goes is not told each time */
#define STEP_NS (60 * SECOND_NS)       /* packets of several interfaces are not in order; a clock that goes back further was set */
#define UNASKED_NS (10 * SECOND_NS)    /* conclusions without anything new: what is over by now? */

enum {
	WAITING_MAX = 8 << 20,
	TRACKED_MAX = 4096,
	TRACKED_SIZE_MAX = 16 << 20,
	FED_AT_ONCE = 8192,     /* each takes microseconds, and whoever calls has other things to do: */
	FED_PER_ADDED = 2,      /* what is left has its turn with those that come */
	CLOSED_PER_TRACKED = 4, /* closed ones are remembered, so that they are not told again */
	EFFORT = 20,            /* concluding takes one part of so many of the time */
	SUDDEN_MAX = 20,        /* updates at once of one diagnosis; one that changes more often waits as for counters */
	LEFT_OUT_IDS_MAX = 16,
};

/* ---- When a diagnosis is over ---- */

struct ending {
	const char *id;
	bool ends;         /* "ongoing" says whether it has ended */
	int64_t settle_ns; /* and it stays so for this long */
	int64_t quiet_ns;  /* not seen again for so long; 0: as long as it is remembered */
};

static const struct ending endings[] = {
	{"server-changed", true, MINUTE_NS, 0}, /* a pool of servers may show itself by then */
	{"server-alternates", false, 0, 0},
	/* The face goes and comes again at a pool of servers, and is gone when a gateway was repaired. */
	{"auth-fails-on-one-face", true, 5 * MINUTE_NS, HOUR_NS},
	{"client-stopped-authenticating", true, 0, DAY_NS},
	{"relay-by-address", false, 0, DAY_NS},
	{"open-relay", false, 0, DAY_NS},
	{"port-blocked", true, 0, DAY_NS},
	{"service-down", true, 0, DAY_NS},
	{"brute-force", false, 0, 15 * MINUTE_NS},
	{"password-spray", false, 0, 15 * MINUTE_NS},
	{"starttls-stripped", false, 0, DAY_NS},
	{"greylist-not-retried", false, 0, DAY_NS},
};

static const struct ending *ending_of(const char *id) {
	static const struct ending other = {NULL, false, 0, DAY_NS};
	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++)
		if (strcmp(endings[i].id, id) == 0)
			return &endings[i];
	return &other;
}

/* ---- What is known ---- */

/* A diagnosis that was told. */
struct told {
	char shown[DIAGNOSIS_KEY_SIZE]; /* the key of this time that it came up */
	struct diagnosis *content;      /* the latest; NULL: it is closed */
	size_t content_size;
	struct copy_marks marks;        /* as told; when closed, the latest */
	uint64_t updates, times;
	int64_t told_ns;
	int64_t ended_ns;               /* since when it is not ongoing; 0: it is */
	bool vanished;                  /* it was closed because nothing spoke for it any more */
	uint64_t round;                 /* in which it was in the report */
};

/* Sessions that wait, packed; a heap with the earliest first. */
struct waiting {
	int64_t start_ns;
	char *data;
	size_t len;
};

struct diagnosis_live {
	struct diagnosis_live_options options;
	struct diagnoser *diagnoser;
	struct facts facts;
	struct waiting *heap;
	size_t heap_count, heap_capacity, heap_size;
	char *packed; /* what facts_pack() makes before it is known how long it is */
	size_t packed_capacity;
	struct table told;
	size_t open, tracked_size;
	int64_t now_ns, forgotten_ns, concluded_ns; /* of the packets */
	int64_t known_until_ns; /* no session that began earlier is missing */
	int64_t fed_ns;     /* the latest start that the diagnoser knows of */
	int64_t rest_until; /* by the clock: conclude no earlier */
	bool fed;           /* there is something new since the last conclusions */
	bool forgot_closed; /* a closed one had to be forgotten: its name may come again */
	uint64_t round;
	int error;          /* the first one of publish in this call */
	struct diagnosis_live_stats stats;
};

static void finish_told(void *item) {
	free(((struct told *)item)->content);
}

struct diagnosis_live *diagnosis_live_create(const struct diagnosis_live_options *options) {
	struct diagnosis_live *live = calloc(1, sizeof(*live));
	if (live == NULL)
		return NULL;
	live->options = *options;
	live->options.diagnoser.watching = true;
	if (live->options.memory_ns == 0)
		live->options.memory_ns = MEMORY_NS;
	if (live->options.waiting_max == 0)
		live->options.waiting_max = WAITING_MAX;
	if (live->options.tracked_max == 0)
		live->options.tracked_max = TRACKED_MAX;
	live->diagnoser = diagnoser_create(&live->options.diagnoser);
	if (live->diagnoser == NULL ||
		!table_init(&live->told, sizeof(struct told), (1 + CLOSED_PER_TRACKED) * live->options.tracked_max, finish_told)) {
		diagnosis_live_destroy(live);
		return NULL;
	}
	return live;
}

/* ---- Sessions that wait ---- */

/* As the sorter has it: those that begin at the same time are in the order of their bytes. */
static bool comes_before(const struct waiting *one, const struct waiting *other) {
	if (one->start_ns != other->start_ns)
		return one->start_ns < other->start_ns;
	int order = memcmp(one->data, other->data, one->len < other->len ? one->len : other->len);
	return order != 0 ? order < 0 : one->len < other->len;
}

static void swap(struct waiting *one, struct waiting *other) {
	struct waiting kept = *one;
	*one = *other;
	*other = kept;
}

static void push(struct diagnosis_live *live, struct waiting item) {
	struct waiting *heap = live->heap;
	size_t at = live->heap_count++;
	heap[at] = item;
	for (; at > 0 && comes_before(&heap[at], &heap[(at - 1) / 2]); at = (at - 1) / 2)
		swap(&heap[at], &heap[(at - 1) / 2]);
	live->heap_size += item.len;
}

static struct waiting pop(struct diagnosis_live *live) {
	struct waiting *heap = live->heap, first = heap[0];
	heap[0] = heap[--live->heap_count];
	for (size_t at = 0, child; (child = 2 * at + 1) < live->heap_count; at = child) {
		child += child + 1 < live->heap_count && comes_before(&heap[child + 1], &heap[child]);
		if (!comes_before(&heap[child], &heap[at]))
			break;
		swap(&heap[at], &heap[child]);
	}
	live->heap_size -= first.len;
	return first;
}

static void feed_first(struct diagnosis_live *live) {
	struct waiting item = pop(live);
	if (facts_unpack(item.data, item.len, &live->facts) == item.len) {
		live->stats.late += live->facts.start_ns < live->fed_ns;
		if (live->facts.start_ns > live->fed_ns)
			live->fed_ns = live->facts.start_ns;
		diagnoser_add(live->diagnoser, &live->facts);
		live->fed = true;
	}
	free(item.data);
}

/* Those that wait for nothing any more. */
static void feed_known(struct diagnosis_live *live, size_t max) {
	while (max-- > 0 && live->heap_count > 0 && live->heap[0].start_ns < live->known_until_ns)
		feed_first(live);
}

static int reserve(struct diagnosis_live *live) {
	if (live->heap_count < live->heap_capacity)
		return 0;
	size_t capacity = live->heap_capacity != 0 ? 2 * live->heap_capacity : 256;
	struct waiting *grown = realloc(live->heap, capacity * sizeof(*grown));
	if (grown == NULL)
		return -ENOMEM;
	live->heap = grown;
	live->heap_capacity = capacity;
	return 0;
}

int diagnosis_live_add(struct diagnosis_live *live, const struct facts *facts) {
	struct waiting item = {.start_ns = facts->start_ns};
	if (reserve(live) < 0 || facts_pack(facts, &live->packed, &item.len, &live->packed_capacity) < 0 ||
		(item.data = malloc(item.len)) == NULL)
		return -ENOMEM;
	memcpy(item.data, live->packed, item.len);
	push(live, item);
	feed_known(live, FED_PER_ADDED);
	for (; live->heap_size > live->options.waiting_max && live->heap_count > 0; live->stats.crowded++)
		feed_first(live);
	return 0;
}

/* ---- Telling ---- */

static void publish(struct diagnosis_live *live, struct told *told, const struct diagnosis *content, enum diagnosis_state state) {
	struct diagnosis diagnosis = *content;
	memcpy(diagnosis.key, told->shown, sizeof(diagnosis.key));
	diagnosis.state = state;
	diagnosis.updates = told->updates;
	int error = live->options.publish(live->options.context, &diagnosis);
	if (error < 0 && live->error == 0)
		live->error = error;
	told->updates++;
	told->told_ns = live->now_ns;
	live->stats.published_new += state == DIAGNOSIS_STATE_NEW;
	live->stats.published_updated += state == DIAGNOSIS_STATE_UPDATED;
	live->stats.published_closed += state == DIAGNOSIS_STATE_CLOSED;
}

static void drop_content(struct diagnosis_live *live, struct told *told) {
	live->tracked_size -= told->content_size;
	free(told->content);
	told->content = NULL;
	told->content_size = 0;
}

/* Keeps it for the day when it is over. Without memory the old one stays. */
static void keep_content(struct diagnosis_live *live, struct told *told, const struct diagnosis *diagnosis) {
	size_t size;
	struct diagnosis *copy = copy_create(diagnosis, &size);
	if (copy == NULL)
		return;
	drop_content(live, told);
	told->content = copy;
	told->content_size = size;
	live->tracked_size += size;
}

static void close_told(struct diagnosis_live *live, struct told *told, bool vanished) {
	told->marks = copy_marks_of(told->content);
	told->vanished = vanished;
	publish(live, told, told->content, DIAGNOSIS_STATE_CLOSED);
	drop_content(live, told);
	live->open--;
}

/* When a matter comes up again while its beginning is remembered, it is another incident with a key of its own. */
static void name_told(const struct diagnosis_live *live, struct told *told, const struct diagnosis *diagnosis) {
	memcpy(told->shown, diagnosis->key, sizeof(told->shown));
	if (told->times++ == 0 && !live->forgot_closed)
		return;
	char text[DIAGNOSIS_KEY_SIZE + 48];
	snprintf(text, sizeof(text), "%s %" PRIu64 " %" PRId64, diagnosis->key, told->times, live->now_ns);
	build_digest(text, told->shown);
}

static bool has_room(const struct diagnosis_live *live) {
	return live->open < live->options.tracked_max && live->tracked_size < TRACKED_SIZE_MAX;
}

static void open_told(struct diagnosis_live *live, struct told *told, const struct diagnosis *diagnosis) {
	keep_content(live, told, diagnosis);
	if (told->content == NULL)
		return; /* no memory: it stays closed */
	name_told(live, told, diagnosis);
	told->updates = 0;
	told->ended_ns = 0;
	told->vanished = false;
	told->marks = copy_marks_of(diagnosis);
	live->open++;
	publish(live, told, diagnosis, DIAGNOSIS_STATE_NEW);
}

static bool is_quiet(const struct diagnosis_live *live, const struct diagnosis *diagnosis) {
	int64_t quiet_ns = ending_of(diagnosis->id)->quiet_ns;
	return quiet_ns != 0 && live->now_ns - diagnosis->last_ns >= quiet_ns;
}

static bool is_over(const struct diagnosis_live *live, struct told *told, const struct diagnosis *diagnosis) {
	const struct ending *ending = ending_of(diagnosis->id);
	if (!ending->ends || diagnosis->ongoing)
		told->ended_ns = 0;
	else if (told->ended_ns == 0)
		told->ended_ns = live->now_ns != 0 ? live->now_ns : 1;
	return is_quiet(live, diagnosis) || (told->ended_ns != 0 && live->now_ns - told->ended_ns >= ending->settle_ns);
}

/* One that grows is told at once the first time, and then less and less often. */
static bool is_worth_telling(const struct diagnosis_live *live, const struct told *told, const struct copy_marks *marks) {
	int64_t ago_ns = live->now_ns - told->told_ns, growing_ns = (int64_t)(told->updates - 1) * SECOND_NS;
	if (ago_ns >= COUNTERS_NS)
		return memcmp(marks, &told->marks, sizeof(*marks)) != 0;
	if (marks->verdict != told->marks.verdict && told->updates <= SUDDEN_MAX)
		return true;
	return marks->substance != told->marks.substance && ago_ns >= growing_ns;
}

static void compare_open(struct diagnosis_live *live, struct told *told, const struct diagnosis *diagnosis) {
	struct copy_marks marks = copy_marks_of(diagnosis);
	if (memcmp(&marks, &told->marks, sizeof(marks)) != 0)
		keep_content(live, told, diagnosis);
	if (is_over(live, told, diagnosis)) {
		close_told(live, told, false);
	} else if (is_worth_telling(live, told, &marks)) {
		publish(live, told, diagnosis, DIAGNOSIS_STATE_UPDATED);
		told->marks = marks;
	}
}

/* Something new of a matter that was over. */
static bool is_back(const struct diagnosis_live *live, const struct told *told, const struct diagnosis *diagnosis) {
	struct copy_marks marks = copy_marks_of(diagnosis);
	return live->now_ns - told->told_ns >= REOPEN_NS && !is_quiet(live, diagnosis) &&
		(diagnosis->ongoing || !ending_of(diagnosis->id)->ends) &&
		(told->vanished || memcmp(&marks, &told->marks, sizeof(marks)) != 0);
}

/* A place in the table without pushing out one that is open. */
static bool make_place(struct diagnosis_live *live) {
	for (struct told *told = table_next(&live->told, NULL); told != NULL && live->told.count >= live->told.count_max;) {
		struct told *next = table_next(&live->told, told);
		if (told->content == NULL) {
			table_drop(&live->told, told);
			live->forgot_closed = true;
		}
		told = next;
	}
	return live->told.count < live->told.count_max;
}

static void compare(struct diagnosis_live *live, const struct diagnosis *diagnosis) {
	struct told *told = table_find(&live->told, diagnosis->matter, DIAGNOSIS_KEY_SIZE - 1);
	if (told != NULL && told->round == live->round)
		return;
	if ((told == NULL || told->content == NULL) && !has_room(live)) {
		live->stats.withheld += told == NULL || is_back(live, told, diagnosis);
		if (told != NULL)
			told->round = live->round;
		return;
	}
	bool is_new = told == NULL;
	if (is_new && !make_place(live))
		return;
	told = table_use(&live->told, diagnosis->matter, DIAGNOSIS_KEY_SIZE - 1);
	if (told == NULL)
		return;
	told->round = live->round;
	if (is_new || (told->content == NULL && is_back(live, told, diagnosis)))
		open_told(live, told, diagnosis);
	if (told->content != NULL)
		compare_open(live, told, diagnosis);
}

/* What is no more in the report is over, unless there was no place for it. */
static void compare_missing(struct diagnosis_live *live, const struct diagnosis_report *report) {
	const char *left_out[LEFT_OUT_IDS_MAX];
	size_t left_out_count = 0;
	for (size_t i = 0; i < report->diagnosis_count && report->left_out > 0 && left_out_count < LEFT_OUT_IDS_MAX; i++) {
		bool known = report->diagnoses[i]->left_out == 0;
		for (size_t k = 0; k < left_out_count; k++)
			known |= strcmp(left_out[k], report->diagnoses[i]->id) == 0;
		if (!known)
			left_out[left_out_count++] = report->diagnoses[i]->id;
	}
	for (struct told *told = table_next(&live->told, NULL), *next; told != NULL; told = next) {
		next = table_next(&live->told, told);
		if (told->round == live->round)
			continue;
		if (told->content == NULL) {
			if (live->now_ns - told->told_ns >= live->options.memory_ns)
				table_drop(&live->told, told);
			continue;
		}
		bool no_place = false;
		for (size_t k = 0; k < left_out_count; k++)
			no_place |= strcmp(left_out[k], told->content->id) == 0;
		if (!no_place || is_quiet(live, told->content))
			close_told(live, told, !no_place);
	}
}

static void conclude(struct diagnosis_live *live) {
	int64_t began = live->options.clock(live->options.context);
	const struct diagnosis_report *report = diagnoser_report(live->diagnoser, DIAGNOSER_DIAGNOSES);
	live->round++;
	live->stats.withheld = 0;
	live->stats.left_out = report->left_out;
	for (size_t i = 0; i < report->diagnosis_count; i++)
		compare(live, report->diagnoses[i]);
	compare_missing(live, report);
	live->fed = false;
	live->concluded_ns = live->now_ns;
	live->stats.concluded++;
	int64_t ended = live->options.clock(live->options.context);
	live->stats.concluding_ns = ended - began;
	int64_t rest_ns = (EFFORT - 1) * (ended - began);
	live->rest_until = ended + (rest_ns > SECOND_NS ? rest_ns : SECOND_NS);
}

/* ---- Time ---- */

static void forget(struct diagnosis_live *live) {
	int64_t every_ns = live->options.memory_ns / 168; /* an hour of a week */
	if (live->forgotten_ns != 0 && live->now_ns - live->forgotten_ns < (every_ns > SECOND_NS ? every_ns : SECOND_NS))
		return;
	live->forgotten_ns = live->now_ns;
	diagnoser_forget(live->diagnoser, live->now_ns - live->options.memory_ns);
	live->fed = true;
}

static int take_error(struct diagnosis_live *live) {
	int error = live->error;
	live->error = 0;
	return error;
}

/* The clock was set back. What was told keeps its age, or all would wait until the clock is where it was. */
static void set_back(struct diagnosis_live *live, int64_t by_ns) {
	for (struct told *told = NULL; (told = table_next(&live->told, told)) != NULL;) {
		told->told_ns -= by_ns;
		if (told->ended_ns != 0)
			told->ended_ns -= by_ns;
	}
	live->forgotten_ns -= live->forgotten_ns != 0 ? by_ns : 0;
	live->concluded_ns -= by_ns;
	live->fed_ns -= by_ns;
	live->now_ns -= by_ns;
}

int diagnosis_live_advance(struct diagnosis_live *live, int64_t now_ns, int64_t oldest_open_start_ns) {
	if (live->now_ns - now_ns > STEP_NS)
		set_back(live, live->now_ns - now_ns);
	if (now_ns > live->now_ns)
		live->now_ns = now_ns;
	live->known_until_ns = oldest_open_start_ns != 0 ? oldest_open_start_ns : INT64_MAX;
	if (live->known_until_ns < live->now_ns - WAIT_NS)
		live->known_until_ns = live->now_ns - WAIT_NS;
	feed_known(live, FED_AT_ONCE);
	if (live->known_until_ns > live->now_ns)
		live->known_until_ns = live->now_ns; /* others may begin from here on, and end in any order */
	diagnoser_pass_time(live->diagnoser, live->now_ns);
	forget(live);
	bool due = live->fed || (live->now_ns - live->concluded_ns >= UNASKED_NS);
	if (due && live->options.clock(live->options.context) >= live->rest_until)
		conclude(live);
	return take_error(live);
}

/* What was held back because it was told a moment ago. */
static void tell_rest(struct diagnosis_live *live) {
	for (struct told *told = NULL; (told = table_next(&live->told, told)) != NULL;) {
		if (told->content == NULL)
			continue;
		struct copy_marks marks = copy_marks_of(told->content);
		if (memcmp(&marks, &told->marks, sizeof(marks)) == 0)
			continue;
		publish(live, told, told->content, DIAGNOSIS_STATE_UPDATED);
		told->marks = marks;
	}
}

int diagnosis_live_finish(struct diagnosis_live *live) {
	while (live->heap_count > 0)
		feed_first(live);
	diagnoser_pass_time(live->diagnoser, live->now_ns);
	conclude(live);
	tell_rest(live);
	return take_error(live);
}

const struct diagnosis_report *diagnosis_live_report(struct diagnosis_live *live) {
	return diagnoser_report(live->diagnoser, DIAGNOSER_ALL);
}

void diagnosis_live_get_stats(struct diagnosis_live *live, struct diagnosis_live_stats *ret_stats) {
	*ret_stats = live->stats;
	ret_stats->open = live->open;
	ret_stats->tracked_size = live->tracked_size;
	ret_stats->waiting = live->heap_count;
	ret_stats->waiting_size = live->heap_size;
	diagnoser_get_stats(live->diagnoser, &ret_stats->diagnoser);
}

void diagnosis_live_destroy(struct diagnosis_live *live) {
	if (live == NULL)
		return;
	while (live->heap_count > 0)
		free(pop(live).data);
	free(live->heap);
	free(live->packed);
	table_finish(&live->told);
	diagnoser_destroy(live->diagnoser);
	free(live);
}
