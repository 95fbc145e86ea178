/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/conclusion.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "report/diagnosis.h"
#include "report/identity.h"
#include "report/privacy.h"
#include "report/sorter.h"

/* Live, of --max-memory: what is remembered of one costs about a tenth of this. */
enum { ENDPOINT_SHARE = 512 << 10, CLIENT_SHARE = 32 << 10, USER_SHARE = 64 << 10 };

struct conclusion {
	struct sorter *sorter; /* with diagnoser: sessions are put in order first; */
	struct diagnoser *diagnoser;
	struct diagnosis_live *live; /* or they keep coming */
	struct diagnosis_live_stats stats;
	enum writer_users users;
	struct identity_user *user_hash; /* WRITER_USERS_HASH */
	struct privacy *privacy;
	char aliases[FACTS_ATTEMPTS_MAX][IDENTITY_USER_SIZE];
	int error;
};

static struct diagnoser_options diagnoser_options(const struct options *options) {
	return (struct diagnoser_options){
		.words = options->words,
		.local_networks = options->local_networks,
		.local_network_count = options->local_network_count,
		.local_domains = options->local_domains,
		.local_domain_count = options->local_domain_count,
	};
}

static struct conclusion *create(const struct options *options) {
	struct conclusion *conclusion = calloc(1, sizeof(*conclusion));
	if (conclusion == NULL)
		return NULL;
	const struct privacy_options privacy = options_for_privacy(options);
	conclusion->users = options->users;
	conclusion->privacy = privacy_create(&privacy);
	if (conclusion->users == WRITER_USERS_HASH)
		conclusion->user_hash = identity_user_create(privacy.user_key);
	if (conclusion->privacy != NULL && (conclusion->user_hash != NULL || conclusion->users != WRITER_USERS_HASH))
		return conclusion;
	conclusion_destroy(conclusion);
	return NULL;
}

struct conclusion *conclusion_create(const struct options *options, size_t memory_limit, int directory_fd) {
	struct conclusion *conclusion = create(options);
	if (conclusion == NULL)
		return NULL;
	const struct diagnoser_options wanted = diagnoser_options(options);
	conclusion->sorter = sorter_create(memory_limit, directory_fd);
	conclusion->diagnoser = diagnoser_create(&wanted);
	if (conclusion->sorter == NULL || conclusion->diagnoser == NULL) {
		conclusion_destroy(conclusion);
		return NULL;
	}
	return conclusion;
}

static int64_t monotonic_ns(void *context) {
	struct timespec now;
	(void)context;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static struct conclusion *create_live(const struct options *options, bool apart, int64_t (*clock)(void *context),
	int (*publish)(void *context, const struct diagnosis *diagnosis), void *context) {
	struct conclusion *conclusion = create(options);
	if (conclusion == NULL)
		return NULL;
	struct diagnosis_live_options wanted = {
		.diagnoser = diagnoser_options(options),
		.memory_ns = options->diagnosis_memory_ns,
		.clock = clock,
		.publish = publish,
		.context = context,
	};
	wanted.diagnoser.apart = apart;
	/* Full tables take an eighth of the memory, or a little more. */
	wanted.diagnoser.endpoints_max = options->max_memory / ENDPOINT_SHARE;
	wanted.diagnoser.clients_max = options->max_memory / CLIENT_SHARE;
	wanted.diagnoser.users_max = options->max_memory / USER_SHARE;
	conclusion->live = diagnosis_live_create(&wanted);
	if (conclusion->live == NULL) {
		conclusion_destroy(conclusion);
		return NULL;
	}
	return conclusion;
}

struct conclusion *conclusion_create_live(
	const struct options *options, int (*publish)(void *context, const struct diagnosis *diagnosis), void *context) {
	return create_live(options, false, monotonic_ns, publish, context);
}

struct conclusion *conclusion_create_replayed(const struct options *options, bool apart, int64_t (*clock)(void *context),
	int (*publish)(void *context, const struct diagnosis *diagnosis), void *context) {
	return create_live(options, apart, clock, publish, context);
}

void conclusion_set_apart(struct conclusion *conclusion) {
	diagnoser_set_apart(conclusion->diagnoser);
}

int conclusion_advance(struct conclusion *conclusion, int64_t now_ns, int64_t oldest_open_start_ns) {
	return diagnosis_live_advance(conclusion->live, now_ns, oldest_open_start_ns);
}

const struct diagnosis_live_stats *conclusion_stats(struct conclusion *conclusion) {
	if (conclusion->live == NULL)
		return NULL;
	diagnosis_live_get_stats(conclusion->live, &conclusion->stats);
	return &conclusion->stats;
}

/* Has a sensor hashed it already? */
static bool is_hash(struct slice name) {
	static const char prefix[] = "hash:";
	return name.len == IDENTITY_USER_SIZE - 1 && memcmp(name.data, prefix, sizeof(prefix) - 1) == 0;
}

/* What is concluded from packets must be what can be concluded from the documents, which do not have the names either. */
static void hide_users(struct conclusion *conclusion, struct facts *facts) {
	for (size_t i = 0; i < facts->attempts_kept; i++) {
		struct slice *name = &facts->attempts[i].username;
		if (conclusion->users == WRITER_USERS_OMIT) {
			facts->attempts[i].has_username = false;
			*name = (struct slice){NULL, 0};
		}
		if (!facts->attempts[i].has_username || is_hash(*name))
			continue;
		identity_user_hash(conclusion->user_hash, *name, conclusion->aliases[i]);
		*name = (struct slice){conclusion->aliases[i], strlen(conclusion->aliases[i])};
	}
}

void conclusion_add(struct conclusion *conclusion, struct facts *facts) {
	if (conclusion->error < 0)
		return; /* a part of the sessions is no ground for conclusions */
	privacy_hide_facts(conclusion->privacy, facts);
	if (conclusion->users != WRITER_USERS_KEEP)
		hide_users(conclusion, facts);
	/* Live, one session that there was no memory for is no reason to conclude nothing for weeks. */
	if (conclusion->live != NULL)
		diagnosis_live_add(conclusion->live, facts);
	else
		conclusion->error = sorter_add(conclusion->sorter, facts);
}

static void add_sorted(void *diagnoser, const struct facts *facts) {
	diagnoser_add(diagnoser, facts);
}

int conclusion_write(struct conclusion *conclusion, struct channels *channels) {
	if (conclusion->live != NULL)
		return diagnosis_live_finish(conclusion->live);
	if (conclusion->error == 0)
		conclusion->error = sorter_run(conclusion->sorter, add_sorted, conclusion->diagnoser);
	sorter_destroy(conclusion->sorter); /* its memory is of more use elsewhere */
	conclusion->sorter = NULL;
	if (conclusion->error < 0)
		return 0;
	const struct diagnosis_report *report = diagnoser_report(conclusion->diagnoser, DIAGNOSER_ALL);
	if (report == NULL)
		conclusion->error = -ENOMEM;
	return report != NULL ? channels_diagnoses(channels, report) : 0;
}

int conclusion_error(const struct conclusion *conclusion) {
	return conclusion->error;
}

void conclusion_destroy(struct conclusion *conclusion) {
	if (conclusion == NULL)
		return;
	sorter_destroy(conclusion->sorter);
	diagnoser_destroy(conclusion->diagnoser);
	diagnosis_live_destroy(conclusion->live);
	identity_user_destroy(conclusion->user_hash);
	privacy_destroy(conclusion->privacy);
	free(conclusion);
}
