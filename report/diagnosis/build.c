/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/diagnosis/build.h"

#include <assert.h>
#include <inttypes.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "decode/ascii.h"
#include "report/words_tables.h"

const char *build_string(struct diagnoser *diagnoser, const char *text) {
	return arena_copy(&diagnoser->arena, text, strlen(text) + 1);
}

static const char **new_list(struct diagnoser *diagnoser, size_t count) {
	return arena_alloc(&diagnoser->arena, (count + 1) * sizeof(const char *));
}

const char *build_text(struct diagnoser *diagnoser, enum words_id id, const struct words_value *values, size_t value_count) {
	struct terminal_text text;
	terminal_text_init(&text, false);
	words_add(&text, diagnoser->options.words, id, values, value_count);
	return build_string(diagnoser, text.data);
}

/* ---- Which ones there is room for ---- */

enum { IDS_MAX = 16 };

#define RECENT_NS (INT64_C(3600) * 1000000000)

struct rank {
	const char *id;
	uint64_t met;     /* in the first round */
	uint64_t worth[DIAGNOSES_OF_ONE_ID_MAX]; /* of the best ones, as a heap: the least of them first */
	size_t count;
	uint64_t limit;   /* in the second round: better ones are admitted, and this many that are as good */
	size_t at_limit;
};

struct build_ranks {
	struct rank ids[IDS_MAX];
	size_t id_count;
	bool selected; /* it is the second round */
};

struct build_ranks *build_ranks_create(void) {
	return calloc(1, sizeof(struct build_ranks));
}

void build_rank(struct diagnoser *diagnoser) {
	diagnoser->ranks->id_count = 0;
	diagnoser->ranks->selected = false;
}

static struct rank *use_rank(struct build_ranks *ranks, const char *id) {
	for (size_t i = 0; i < ranks->id_count; i++)
		if (strcmp(ranks->ids[i].id, id) == 0)
			return &ranks->ids[i];
	assert(ranks->id_count < IDS_MAX); /* there are as many ids as we have written */
	struct rank *rank = &ranks->ids[ranks->id_count++];
	rank->id = id;
	rank->met = rank->count = rank->limit = rank->at_limit = 0;
	return rank;
}

static void swap(uint64_t *one, uint64_t *other) {
	uint64_t kept = *one;
	*one = *other;
	*other = kept;
}

static void note_worth(struct rank *rank, uint64_t worth) {
	uint64_t *heap = rank->worth;
	rank->met++;
	if (rank->count < DIAGNOSES_OF_ONE_ID_MAX) {
		size_t at = rank->count++;
		heap[at] = worth;
		for (; at > 0 && heap[at] < heap[(at - 1) / 2]; at = (at - 1) / 2)
			swap(&heap[at], &heap[(at - 1) / 2]);
		return;
	}
	if (worth <= heap[0])
		return;
	heap[0] = worth;
	for (size_t at = 0, child; (child = 2 * at + 1) < rank->count; at = child) {
		child += child + 1 < rank->count && heap[child + 1] < heap[child];
		if (heap[at] <= heap[child])
			return;
		swap(&heap[at], &heap[child]);
	}
}

uint64_t build_select(struct diagnoser *diagnoser) {
	struct build_ranks *ranks = diagnoser->ranks;
	uint64_t left_out = 0;
	ranks->selected = true;
	for (size_t i = 0; i < ranks->id_count; i++) {
		struct rank *rank = &ranks->ids[i];
		rank->limit = rank->worth[0];
		rank->at_limit = 0;
		for (size_t k = 0; k < rank->count; k++)
			rank->at_limit += rank->worth[k] == rank->limit;
		left_out += rank->met - rank->count;
	}
	return left_out;
}

bool build_admit(struct diagnoser *diagnoser, const char *id, enum finding_severity severity, int64_t last_ns, uint64_t sessions) {
	static const uint64_t most = UINT64_C(1) << 48;
	struct rank *rank = use_rank(diagnoser->ranks, id);
	bool recent = diagnoser->options.watching && diagnoser->last_ns - last_ns < RECENT_NS;
	uint64_t worth = ((uint64_t)severity * 2 + recent) * most + (sessions < most ? sessions : most - 1);
	if (!diagnoser->ranks->selected) {
		note_worth(rank, worth);
		return false;
	}
	if (worth == rank->limit && rank->at_limit > 0) {
		rank->at_limit--;
		return true;
	}
	return worth > rank->limit;
}

/* ---- What they are known by ---- */

void build_about(struct diagnoser *diagnoser, struct diagnosis *diagnosis, const char *what, const char *more) {
	char text[2 * BANNER_SIZE + 8];
	snprintf(text, sizeof(text), "%s %s", what, more);
	diagnosis->about = build_string(diagnoser, text);
}

void build_about_time(struct diagnoser *diagnoser, struct diagnosis *diagnosis, const char *what, int64_t time_ns) {
	char time[24];
	snprintf(time, sizeof(time), "%" PRId64, time_ns);
	build_about(diagnoser, diagnosis, what, time);
}

/* One client that guesses passwords is one matter, however it goes about it. */
static const char *matter_of(const char *id) {
	return strcmp(id, "password-spray") == 0 ? "brute-force" : id;
}

void build_digest(const char *text, char ret_key[DIAGNOSIS_KEY_SIZE]) {
	unsigned char digest[EVP_MAX_MD_SIZE] = {0};
	unsigned digest_len;
	EVP_Digest(text, strlen(text), digest, &digest_len, EVP_sha256(), NULL);
	for (size_t i = 0; i < (DIAGNOSIS_KEY_SIZE - 1) / 2; i++)
		snprintf(ret_key + 2 * i, 3, "%02x", digest[i]);
}

void build_keys(struct diagnoser *diagnoser) {
	for (size_t i = 0; i < diagnoser->diagnosis_count; i++) {
		struct diagnosis *diagnosis = diagnoser->diagnoses[i];
		char server[NAME_SIZE] = "", text[2 * BANNER_SIZE + 2 * NAME_SIZE];
		if (diagnosis->has_server)
			endpoint_text(&diagnosis->server, server);
		snprintf(text, sizeof(text), "%s %s %s", matter_of(diagnosis->id), server, diagnosis->about != NULL ? diagnosis->about : "");
		build_digest(text, diagnosis->matter);
		snprintf(text, sizeof(text), "%s %" PRId64, diagnosis->matter, diagnosis->first_ns);
		build_digest(text, diagnosis->key);
		const struct rank *rank = use_rank(diagnoser->ranks, diagnosis->id);
		diagnosis->left_out = rank->met - rank->count;
	}
}

struct diagnosis *build_begin(struct diagnoser *diagnoser, const char *id, enum finding_severity severity, struct tally when) {
	struct diagnosis *diagnosis = arena_alloc(&diagnoser->arena, sizeof(*diagnosis));
	if (diagnoser->diagnosis_count == diagnoser->diagnosis_capacity) {
		size_t capacity = diagnoser->diagnosis_capacity != 0 ? 2 * diagnoser->diagnosis_capacity : 16;
		struct diagnosis **grown = arena_alloc(&diagnoser->arena, capacity * sizeof(*grown));
		if (diagnoser->diagnosis_count > 0)
			memcpy(grown, diagnoser->diagnoses, diagnoser->diagnosis_count * sizeof(*grown));
		diagnoser->diagnoses = grown;
		diagnoser->diagnosis_capacity = capacity;
	}
	diagnoser->diagnoses[diagnoser->diagnosis_count++] = diagnosis;
	diagnosis->id = id;
	diagnosis->severity = severity;
	diagnosis->first_ns = when.first_ns;
	diagnosis->last_ns = when.last_ns;
	return diagnosis;
}

void build_words(struct diagnoser *diagnoser, struct diagnosis *diagnosis, enum words_id explanation,
	const struct words_value *values, size_t value_count) {
	const struct words_advice *advice = words_advice_of_diagnosis(diagnosis->id);
	diagnosis->title = build_text(diagnoser, advice->title, values, value_count);
	diagnosis->explanation =
		build_text(diagnoser, explanation == WORDS_COUNT ? advice->explanation : explanation, values, value_count);
	diagnosis->causes = new_list(diagnoser, advice->cause_count);
	for (; diagnosis->cause_count < advice->cause_count; diagnosis->cause_count++)
		diagnosis->causes[diagnosis->cause_count] =
			build_text(diagnoser, advice->causes[diagnosis->cause_count], values, value_count);
	diagnosis->checks = new_list(diagnoser, advice->check_count);
	for (; diagnosis->check_count < advice->check_count; diagnosis->check_count++)
		diagnosis->checks[diagnosis->check_count] =
			build_text(diagnoser, advice->checks[diagnosis->check_count], values, value_count);
}

void build_considered(struct diagnoser *diagnoser, struct diagnosis *diagnosis, enum words_id id, const struct words_value *values,
	size_t value_count) {
	enum { CONSIDERED_MAX = 8 };
	if (diagnosis->considered == NULL)
		diagnosis->considered = new_list(diagnoser, CONSIDERED_MAX);
	if (diagnosis->considered_count < CONSIDERED_MAX)
		diagnosis->considered[diagnosis->considered_count++] = build_text(diagnoser, id, values, value_count);
}

void build_reads(struct diagnoser *diagnoser, struct diagnosis *diagnosis, enum client_text_stage stage, uint16_t code) {
	struct diagnosis_client_text *reads = arena_alloc(&diagnoser->arena, CLIENT_TEXT_MAX * sizeof(*reads));
	diagnosis->read_count = client_text_find(stage, code, diagnoser->options.words, reads);
	diagnosis->reads = reads;
}

void build_evidence(struct diagnoser *diagnoser, struct diagnosis *diagnosis, const struct evidence *evidence) {
	size_t kept = evidence->session_count < EVIDENCE_MAX ? evidence->session_count : EVIDENCE_MAX;
	diagnosis->sessions = new_list(diagnoser, kept);
	for (size_t i = 0; i < kept; i++)
		diagnosis->sessions[i] = build_string(diagnoser, evidence->sessions[i]);
	diagnosis->sessions_kept = kept;
	diagnosis->session_count = evidence->session_count;
	diagnosis->frames = arena_alloc(&diagnoser->arena, (evidence->frame_count + 1) * sizeof(*diagnosis->frames));
	for (size_t i = 0; i < evidence->frame_count; i++) {
		diagnosis->frames[i].source = diagnoser->sources[evidence->frames[i].source];
		diagnosis->frames[i].frame = evidence->frames[i].frame;
	}
	diagnosis->frames_kept = evidence->frame_count;
}

void build_server(struct diagnosis *diagnosis, const struct endpoint *endpoint) {
	diagnosis->has_server = true;
	diagnosis->server = endpoint->address;
}

static const char **copy_names(struct diagnoser *diagnoser, char (*names)[NAME_SIZE], size_t count, size_t *ret_kept) {
	*ret_kept = count < DIAGNOSIS_LIST_MAX ? count : DIAGNOSIS_LIST_MAX;
	const char **list = new_list(diagnoser, *ret_kept);
	for (size_t i = 0; i < *ret_kept; i++)
		list[i] = build_string(diagnoser, names[i]);
	return list;
}

void build_clients(struct diagnoser *diagnoser, struct diagnosis *diagnosis, char (*names)[NAME_SIZE], size_t count) {
	diagnosis->clients = copy_names(diagnoser, names, count, &diagnosis->clients_kept);
	diagnosis->client_count = count;
}

void build_users(struct diagnoser *diagnoser, struct diagnosis *diagnosis, char (*names)[NAME_SIZE], size_t count) {
	diagnosis->users = copy_names(diagnoser, names, count, &diagnosis->users_kept);
	diagnosis->user_count = count;
}

void build_filter(struct diagnoser *diagnoser, struct diagnosis *diagnosis, const struct endpoint *endpoint, uint16_t port) {
	char text[1024] = "tcp";
	size_t len = 3;
	if (port != 0)
		len = (size_t)snprintf(text, sizeof(text), "tcp.port == %u", port);
	if (endpoint != NULL) {
		char address[NAME_SIZE];
		address_print(&endpoint->address, address);
		len += (size_t)snprintf(text + len, sizeof(text) - len, " && %s == %s",
			endpoint->address.ip_version == 6 ? "ipv6.addr" : "ip.addr", address);
	}
	if (diagnosis->clients_kept > 0 && diagnosis->clients_kept == diagnosis->client_count && diagnosis->client_count < LIST_MAX) { /* a full list may not be all */
		bool ipv6 = strchr(diagnosis->clients[0], ':') != NULL;
		len += (size_t)snprintf(text + len, sizeof(text) - len, " && %s in {", ipv6 ? "ipv6.addr" : "ip.addr");
		for (size_t i = 0; i < diagnosis->clients_kept && len < sizeof(text); i++)
			len += (size_t)snprintf(
				text + len, sizeof(text) - len, "%s%s", i > 0 ? ", " : "", diagnosis->clients[i]);
		if (len < sizeof(text))
			snprintf(text + len, sizeof(text) - len, "}");
	}
	diagnosis->filter = build_string(diagnoser, text);
}

static size_t split(struct diagnoser *diagnoser, const char *text, char separator, const char ***ret_list) {
	size_t count = text[0] != '\0';
	for (const char *c = text; *c != '\0'; c++)
		count += *c == separator;
	const char **list = new_list(diagnoser, count);
	for (size_t i = 0; i < count; i++) {
		const char *end = strchr(text, separator);
		size_t len = end != NULL ? (size_t)(end - text) : strlen(text);
		char *copy = arena_alloc(&diagnoser->arena, len + 1);
		memcpy(copy, text, len);
		list[i] = copy;
		text += len + 1;
	}
	*ret_list = list;
	return count;
}

static void fill_face(struct diagnoser *diagnoser, const struct face *face, struct diagnosis_face *view) {
	memcpy(view->id, face->id, sizeof(view->id));
	view->banner = face->banner[0] != '\0' ? build_string(diagnoser, face->banner) : NULL;
	view->software = face->software[0] != '\0' ? build_string(diagnoser, face->software) : NULL;
	view->capability_count = split(diagnoser, face->capabilities, '\n', &view->capabilities);
	view->auth_count = split(diagnoser, face->auth, ' ', &view->auth);
	view->first_ns = face->seen.first_ns;
	view->last_ns = face->seen.last_ns;
	view->sessions = face->seen.count;
	view->logins_accepted = face->logins_accepted;
	view->logins_rejected = face->logins_rejected;
}

const struct diagnosis_face *build_face(struct diagnoser *diagnoser, const struct face *face) {
	struct diagnosis_face *view = arena_alloc(&diagnoser->arena, sizeof(*view));
	fill_face(diagnoser, face, view);
	return view;
}

const char *build_list(struct diagnoser *diagnoser, char (*names)[NAME_SIZE], size_t count, uint64_t total) {
	enum { NAMED_MAX = 6 };
	const struct words *words = diagnoser->options.words;
	struct terminal_text text;
	terminal_text_init(&text, false);
	size_t named = count < NAMED_MAX ? count : NAMED_MAX;
	for (size_t i = 0; i < named; i++) {
		if (i > 0)
			terminal_text_add(&text, words_get(words, i + 1 == total ? WORDS_LIST_LAST : WORDS_LIST_COMMA));
		terminal_text_wire(&text, slice_of(names[i]), NAME_SIZE);
	}
	if (total > named)
		words_add(&text, words, WORDS_LIST_MORE, &(struct words_value){"count", NULL, total - named}, 1);
	return build_string(diagnoser, text.data);
}

const char *build_kinds(struct diagnoser *diagnoser, const uint64_t kinds[FAILURE_KINDS]) {
	static const enum words_id texts[FAILURE_KINDS] = {
		[FAILURE_UNANSWERED] = WORDS_DIAGNOSIS_KIND_UNANSWERED,
		[FAILURE_RESET] = WORDS_DIAGNOSIS_KIND_RESET,
		[FAILURE_UNREACHABLE] = WORDS_DIAGNOSIS_KIND_UNREACHABLE,
		[FAILURE_PROHIBITED] = WORDS_DIAGNOSIS_KIND_PROHIBITED,
	};
	char names[FAILURE_KINDS][NAME_SIZE];
	size_t count = 0;
	for (size_t kind = 0; kind < FAILURE_KINDS; kind++)
		if (kinds[kind] > 0)
			NAME_SET(names[count++], slice_of(words_get(diagnoser->options.words, texts[kind])));
	return build_list(diagnoser, names, count, count);
}

const char *build_face_name(struct diagnoser *diagnoser, const struct face *face) {
	struct terminal_text banner;
	terminal_text_init(&banner, false);
	terminal_text_wire(&banner, slice_of(face->banner), 60);
	const struct words_value values[] = {{"software", face->software, 0}, {"banner", banner.data, 0}};
	return build_text(diagnoser,
		face->software[0] != '\0' ? WORDS_DIAGNOSIS_FACE_SOFTWARE
			: face->banner[0] != '\0' ? WORDS_DIAGNOSIS_FACE_BANNER
									  : WORDS_DIAGNOSIS_FACE_UNNAMED,
		BUILD_VALUES(values));
}

const char *build_time(struct diagnoser *diagnoser, int64_t time_ns) {
	time_t clock = (time_t)(time_ns / 1000000000);
	struct tm tm;
	char text[40];
	gmtime_r(&clock, &tm);
	strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S UTC", &tm);
	return build_string(diagnoser, text);
}

const char *build_until(struct diagnoser *diagnoser, bool still, int64_t time_ns) {
	if (!still)
		return build_time(diagnoser, time_ns);
	return words_get(diagnoser->options.words, diagnoser->options.watching ? WORDS_DIAGNOSIS_STILL_NOW : WORDS_DIAGNOSIS_STILL);
}
