/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/conclusion.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "report/diagnosis.h"
#include "report/identity.h"
#include "report/sorter.h"

struct conclusion {
	struct sorter *sorter;
	struct diagnoser *diagnoser;
	enum writer_users users;
	struct identity_user *user_hash; /* WRITER_USERS_HASH */
	char aliases[FACTS_ATTEMPTS_MAX][IDENTITY_USER_SIZE];
	int error;
};

struct conclusion *conclusion_create(const struct options *options, size_t memory_limit, int directory_fd) {
	struct conclusion *conclusion = calloc(1, sizeof(*conclusion));
	if (conclusion == NULL)
		return NULL;
	const struct diagnoser_options diagnoser_options = {
		.words = options->words,
		.local_networks = options->local_networks,
		.local_network_count = options->local_network_count,
		.local_domains = options->local_domains,
		.local_domain_count = options->local_domain_count,
	};
	bool hashed = options->users == WRITER_USERS_HASH;
	conclusion->users = options->users;
	conclusion->sorter = sorter_create(memory_limit, directory_fd);
	conclusion->diagnoser = diagnoser_create(&diagnoser_options);
	if (hashed)
		conclusion->user_hash = identity_user_create();
	if (conclusion->sorter == NULL || conclusion->diagnoser == NULL || (hashed && conclusion->user_hash == NULL)) {
		conclusion_destroy(conclusion);
		return NULL;
	}
	return conclusion;
}

struct identity_user *conclusion_user_hash(const struct conclusion *conclusion) {
	return conclusion->user_hash;
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
	if (conclusion->users != WRITER_USERS_KEEP)
		hide_users(conclusion, facts);
	conclusion->error = sorter_add(conclusion->sorter, facts);
}

static void add_sorted(void *diagnoser, const struct facts *facts) {
	diagnoser_add(diagnoser, facts);
}

int conclusion_write(struct conclusion *conclusion, const struct writer_format *format, struct writer *writer) {
	if (conclusion->error == 0)
		conclusion->error = sorter_run(conclusion->sorter, add_sorted, conclusion->diagnoser);
	sorter_destroy(conclusion->sorter); /* its memory is of more use elsewhere */
	conclusion->sorter = NULL;
	if (conclusion->error < 0)
		return 0;
	const struct diagnosis_report *report = diagnoser_report(conclusion->diagnoser, DIAGNOSER_ALL);
	if (report == NULL)
		conclusion->error = -ENOMEM;
	return report != NULL && format->diagnoses != NULL ? format->diagnoses(writer, report) : 0;
}

int conclusion_error(const struct conclusion *conclusion) {
	return conclusion->error;
}

void conclusion_destroy(struct conclusion *conclusion) {
	if (conclusion == NULL)
		return;
	sorter_destroy(conclusion->sorter);
	diagnoser_destroy(conclusion->diagnoser);
	identity_user_destroy(conclusion->user_hash);
	free(conclusion);
}
