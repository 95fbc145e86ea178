/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * --top, the part without a terminal: what the live screen knows. top_screen.h draws it.
 *
 * A model is fed by any threads and copied out by the one that draws. All in it is bounded: what is longest ago goes first.
 * Texts from the wire are kept as they came; who shows them makes them safe.
 *
 * now_ns is a clock that nobody sets back (CLOCK_MONOTONIC), the same for all calls.
 */
#ifndef SMTPSCOPE_CLI_TOP_H
#define SMTPSCOPE_CLI_TOP_H

#include "report/diagnosis.h"
#include "report/record.h"
#include "report/writer.h"

enum {
	TOP_SERVERS_MAX = 64,
	TOP_FINDINGS_MAX = 200,
	TOP_DIAGNOSES_MAX = 32,
	TOP_INTERFACES_MAX = 8,
	TOP_SECONDS = 60, /* of history */
	TOP_CODES_MAX = 4,
	TOP_NAME_MAX = 96,   /* bytes kept of a banner */
	TOP_TITLE_MAX = 256, /* and of a title */
};

/* Counts of the last minute, by the second modulo TOP_SECONDS. */
struct top_history {
	int64_t second; /* the latest */
	uint32_t counts[TOP_SECONDS];
};

struct top_server {
	struct stream_endpoint endpoint;
	uint64_t sessions;
	uint64_t failed;         /* not established, or refused */
	int64_t failed_ns;       /* when one last failed; INT64_MIN: never */
	int64_t last_ns;
	struct top_history history; /* of sessions */
	char banner[TOP_NAME_MAX];  /* the latest */
	size_t banner_len;
	const char *software;    /* a constant; NULL: not known */
	uint16_t codes[TOP_CODES_MAX]; /* the latest replies but for 221, the latest last */
	size_t code_count;
};

struct top_finding {
	int64_t time_ns; /* of the capture: the session's end */
	enum finding_severity severity;
	struct stream_endpoint client, server;
	char title[TOP_TITLE_MAX];
	size_t title_len;
};

struct top_diagnosis {
	char key[TOP_NAME_MAX];
	enum finding_severity severity;
	int64_t first_ns; /* of the capture */
	char title[TOP_TITLE_MAX];
	size_t title_len;
};

struct top_interface {
	char name[TOP_NAME_MAX];
	enum writer_interface_state state;
};

/* What there is to draw. */
struct top_view {
	struct top_history sessions, mails_accepted, mails_refused, logins_accepted, logins_rejected;
	uint64_t sessions_total;
	struct top_server servers[TOP_SERVERS_MAX]; /* those with most sessions first */
	size_t server_count;
	struct top_finding findings[TOP_FINDINGS_MAX]; /* the latest first */
	size_t finding_count;
	struct top_diagnosis diagnoses[TOP_DIAGNOSES_MAX]; /* open ones, worst first */
	size_t diagnosis_count;

	bool has_statistics; /* false: nothing of the following is known */
	struct top_interface interfaces[TOP_INTERFACES_MAX];
	size_t interface_count;
	int64_t uptime_ns;
	uint64_t frames_per_second;
	uint64_t dropped;
	int64_t dropped_ns; /* when that number last rose; INT64_MIN: never */
	uint64_t sessions_open, memory_bytes;
	uint64_t queued, spooled, lost; /* documents */
};

struct top_model;

/* NULL when there is no memory. */
struct top_model *top_model_create(void);
/* Accepts NULL. */
void top_model_destroy(struct top_model *model);

/* A session that has ended, after findings_run(). Nothing of it is kept by reference. */
void top_add_session(struct top_model *model, const struct record *record, int64_t now_ns);

/* The counters as they are now; rates are what they have grown by since the call before. Nothing is kept by reference. */
void top_set_statistics(struct top_model *model, const struct writer_statistics *statistics, int64_t now_ns);

/* A diagnosis has begun, has changed (open) or has ended. key tells one from others of the same id. Nothing is kept by
 * reference. */
void top_set_diagnosis(struct top_model *model, const char *key, const struct diagnosis *diagnosis, bool open);

/* Copies out what there is to draw. */
void top_get_view(struct top_model *model, struct top_view *ret_view);

/* How many there were in the seconds before now_ns that are over, at most TOP_SECONDS. */
uint64_t top_history_sum(const struct top_history *history, int64_t now_ns, unsigned seconds);

/* How many there were in the second that began `ago` seconds before the one of now_ns. */
uint32_t top_history_at(const struct top_history *history, int64_t now_ns, unsigned ago);

#endif
