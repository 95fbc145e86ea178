/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Putting a diagnosis together. All strings go into the diagnoser's arena.
 */
#ifndef SMTPSCOPE_REPORT_DIAGNOSIS_BUILD_H
#define SMTPSCOPE_REPORT_DIAGNOSIS_BUILD_H

#include "report/diagnosis/state.h"

/* Conclusions are drawn in two rounds, so that it takes no memory when a scan gives a hundred thousand of them: in the first round
 * nothing is admitted, only ranked, and in the second the first DIAGNOSES_OF_ONE_ID_MAX of each id are. */
struct build_ranks *build_ranks_create(void); /* NULL: no memory; free() is enough */
void build_rank(struct diagnoser *diagnoser);
uint64_t build_select(struct diagnoser *diagnoser); /* returns how many are left out */

/* Is there room for a diagnosis of this kind? Ask before it is put together; if not, leave it. last_ns: when it was seen last,
 * for who watches on wants what is going on more than what was last week. */
bool build_admit(struct diagnoser *diagnoser, const char *id, enum finding_severity severity, int64_t last_ns, uint64_t sessions);

/* What the diagnosis is about besides its id and its server: with these it can be found again in the next report. */
void build_about(struct diagnoser *diagnoser, struct diagnosis *diagnosis, const char *what, const char *more);
void build_about_time(struct diagnoser *diagnoser, struct diagnosis *diagnosis, const char *what, int64_t time_ns);
/* 20 hexadecimal digits that stand for a text. */
void build_digest(const char *text, char ret_key[DIAGNOSIS_KEY_SIZE]);
/* After all: fills matter, key and left_out. */
void build_keys(struct diagnoser *diagnoser);

/* A new diagnosis of the report, that was admitted; never NULL. */
struct diagnosis *build_begin(struct diagnoser *diagnoser, const char *id, enum finding_severity severity, struct tally when);

/* Fills title, explanation, causes and checks with the words that belong to its id. explanation: WORDS_COUNT for the usual one. */
void build_words(struct diagnoser *diagnoser, struct diagnosis *diagnosis, enum words_id explanation,
	const struct words_value *values, size_t value_count);

void build_considered(struct diagnoser *diagnoser, struct diagnosis *diagnosis, enum words_id id, const struct words_value *values,
	size_t value_count);
void build_reads(struct diagnoser *diagnoser, struct diagnosis *diagnosis, enum client_text_stage stage, uint16_t code);
void build_evidence(struct diagnoser *diagnoser, struct diagnosis *diagnosis, const struct evidence *evidence);
void build_server(struct diagnosis *diagnosis, const struct endpoint *endpoint);
void build_clients(struct diagnoser *diagnoser, struct diagnosis *diagnosis, char (*names)[NAME_SIZE], size_t count);
void build_users(struct diagnoser *diagnoser, struct diagnosis *diagnosis, char (*names)[NAME_SIZE], size_t count);

/* A Wireshark display filter for the server (NULL: any), the port (0: any) and the clients named in the diagnosis. */
void build_filter(struct diagnoser *diagnoser, struct diagnosis *diagnosis, const struct endpoint *endpoint, uint16_t port);

/* The face as the report shows it. */
const struct diagnosis_face *build_face(struct diagnoser *diagnoser, const struct face *face);

/* Copies into the arena. */
const char *build_string(struct diagnoser *diagnoser, const char *text);

/* A text of the catalogue with its values, in the arena. */
const char *build_text(struct diagnoser *diagnoser, enum words_id id, const struct words_value *values, size_t value_count);

/* "a, b and c", "a, b and 5 more": total is how many there are. */
const char *build_list(struct diagnoser *diagnoser, char (*names)[NAME_SIZE], size_t count, uint64_t total);

/* "no answer and refused with RST" */
const char *build_kinds(struct diagnoser *diagnoser, const uint64_t kinds[FAILURE_KINDS]);

/* What answers, in a few words. */
const char *build_face_name(struct diagnoser *diagnoser, const struct face *face);

/* "2026-11-25 06:41:20 UTC"; for what still goes on: "the end of the capture", or "now" while it is watched */
const char *build_until(struct diagnoser *diagnoser, bool still, int64_t time_ns);

/* "2026-11-25 06:41:20 UTC" */
const char *build_time(struct diagnoser *diagnoser, int64_t time_ns);

#define BUILD_VALUES(values) values, sizeof(values) / sizeof((values)[0])

#endif
