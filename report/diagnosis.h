/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What many sessions say together. The diagnoser is fed facts in the order of their start and keeps compact state by server
 * endpoint, client and user; at any time it gives a report: diagnoses, worst first, and two tables.
 *
 * While sessions are captured, those that began early may become known late. Order still is of use, but no sound verdict depends
 * on it: see diagnosis_live.h.
 */
#ifndef SMTPSCOPE_REPORT_DIAGNOSIS_H
#define SMTPSCOPE_REPORT_DIAGNOSIS_H

#include "report/client_text.h"
#include "report/facts.h"

enum {
	DIAGNOSIS_LIST_MAX = 32, /* clients, users, sessions, frames named in a diagnosis; counts are of all */
	DIAGNOSIS_KEY_SIZE = 21, /* 20 hexadecimal digits and NUL */
	DIAGNOSES_OF_ONE_ID_MAX = 500, /* in a report: the worst; of equal severity those with the most sessions */
};

struct words; /* report/words.h: the catalogue of the language */

/* An address range. */
struct diagnosis_network {
	uint8_t ip_version;
	uint8_t address[16];
	unsigned prefix;
};

struct diagnoser_options {
	const struct words *words;
	const struct diagnosis_network *local_networks; /* --local-net; none: private addresses and the server's own /24 or /64 */
	size_t local_network_count;
	const char *const *local_domains;               /* --local-domain; none: those of the servers' names */
	size_t local_domain_count;
	size_t endpoints_max, clients_max, users_max;   /* 0: the defaults */
	/* Somebody watches on: what lasts lasts until now and not until the end of the capture, and each face that is new on an
	 * endpoint is told and not only the worst change, which may be a week old. */
	bool watching;
	/* Sessions of other servers are diagnosed elsewhere: that none was seen does not mean that there was none. */
	bool apart;
};

/* What answers on an endpoint: the same software with the same configuration looks the same. */
struct diagnosis_face {
	char id[17];           /* hexadecimal, stable */
	const char *banner;    /* of the latest session; NULL: none seen */
	const char *software;  /* NULL: unknown */
	const char **capabilities;
	size_t capability_count;
	const char **auth;     /* mechanisms offered */
	size_t auth_count;
	int64_t first_ns, last_ns;
	uint64_t sessions;
	uint64_t logins_accepted, logins_rejected;
};

struct diagnosis_frame {
	const char *source;
	uint64_t frame;
};

/* Of a diagnosis that is told while it lasts. */
enum diagnosis_state { DIAGNOSIS_STATE_NONE, DIAGNOSIS_STATE_NEW, DIAGNOSIS_STATE_UPDATED, DIAGNOSIS_STATE_CLOSED };

struct diagnosis {
	const char *id; /* constant, e.g. "auth-fails-on-one-face" */
	char key[DIAGNOSIS_KEY_SIZE];    /* the same for the same incident, in each report and in each run: the matter and its beginning */
	char matter[DIAGNOSIS_KEY_SIZE]; /* the same each time that it happens, and when its beginning comes to light late */
	const char *about; /* what tells the matter from others of its id and server; not for reading */
	enum diagnosis_state state; /* NONE in a report */
	uint64_t updates;  /* how often it was told before, when state is not NONE */
	uint64_t left_out; /* how many more there are of this id, for which there was no place in the report */
	const char *const *attack; /* MITRE ATT&CK technique ids, NULL-terminated; or NULL */
	enum finding_severity severity;
	const char *title, *explanation;
	const char **causes;  /* likely ones first */
	size_t cause_count;
	const char **checks;  /* what to look at next, concrete */
	size_t check_count;
	const char **considered; /* what else was weighed, and why it was not chosen */
	size_t considered_count;
	const struct diagnosis_client_text *reads;
	size_t read_count;
	bool has_server;
	struct stream_endpoint server;
	const char **clients; /* addresses */
	size_t client_count, clients_kept;
	const char **users;
	size_t user_count, users_kept;
	const char **unaffected_users; /* auth-fails-on-one-face: same face, accepted */
	size_t unaffected_user_count, unaffected_users_kept;
	int64_t first_ns, last_ns;
	bool ongoing;                    /* it was not over at the end of what was seen, where it can be seen to end */
	const char **sessions;           /* ids */
	size_t session_count, sessions_kept;
	struct diagnosis_frame *frames;
	size_t frames_kept;
	const char *filter;              /* a Wireshark display filter that shows the evidence */
	const struct diagnosis_face *before, *after; /* server-changed, auth-fails-on-one-face; else NULL */
	bool has_delay;                  /* greylisted-then-delivered: how long the mails were delayed */
	int64_t shortest_ns, longest_ns;
	const char **changes;            /* plain differences between them */
	size_t change_count;
};

struct diagnosis_client_row {
	const char *client; /* address */
	const char *name;   /* of its last EHLO; NULL */
	const char **users; /* that it tried to log in as */
	size_t users_kept, user_count;
	uint64_t sessions, attempts, accepted, rejected;
	uint64_t mails, mails_accepted, mails_refused;
	uint64_t without_auth; /* mails sent without login although it was offered */
	uint64_t failed_connections;
	uint32_t pop3, imap;   /* mailbox connections, the most that was seen in ten minutes */
};

struct diagnosis_server_row {
	struct stream_endpoint server;
	uint64_t sessions, failed_connections;
	const struct diagnosis_face *faces;
	size_t face_count;
};

struct diagnosis_report {
	const struct diagnosis *const *diagnoses; /* worst first; of equal severity the causes before their consequences */
	size_t diagnosis_count;
	const struct diagnosis_client_row *clients; /* with trouble first */
	size_t client_count, clients_total;
	const struct diagnosis_server_row *servers;
	size_t server_count, servers_total;
	uint64_t left_out; /* diagnoses for which there was no place */
	uint64_t sessions, duplicates;
	const char **assumptions; /* what was inferred: local networks and domains */
	size_t assumption_count;
};

/* What is remembered. */
enum diagnoser_kind {
	DIAGNOSER_ENDPOINTS,
	DIAGNOSER_LOGINS,
	DIAGNOSER_VISITS,
	DIAGNOSER_CLIENTS,
	DIAGNOSER_NETWORKS,
	DIAGNOSER_GREYLISTED,
	DIAGNOSER_KINDS,
};

struct diagnoser_stats {
	struct diagnoser_kind_stats {
		const char *name; /* constant: "endpoints", "logins", ... */
		size_t count, count_max;
		uint64_t evicted;   /* gave way for lack of room, since the start */
		uint64_t forgotten; /* were not seen for too long */
	} kinds[DIAGNOSER_KINDS];
	uint64_t sessions;
	size_t source_count;
};

struct diagnoser;

/* NULL when there is no memory. options is copied, what it points to must outlive the diagnoser. */
struct diagnoser *diagnoser_create(const struct diagnoser_options *options);

/* The next session, in the order of start_ns, as far as that is known; two with the same id in a row are one. Nothing of facts is
 * kept by reference. */
void diagnoser_add(struct diagnoser *diagnoser, const struct facts *facts);

enum diagnoser_extent {
	DIAGNOSER_ALL,
	DIAGNOSER_DIAGNOSES, /* without the tables and the assumptions: cheaper */
};

/* As the option of that name, from now on. */
void diagnoser_set_apart(struct diagnoser *diagnoser);

/* Draws conclusions; never NULL. The report lives until the next call or diagnoser_destroy(). Nothing of what is remembered
 * changes: call as often as you like, with more sessions in between. */
const struct diagnosis_report *diagnoser_report(struct diagnoser *diagnoser, enum diagnoser_extent extent);

/* It is now at least now_ns: what has not happened by then, such as a second try, has not come. */
void diagnoser_pass_time(struct diagnoser *diagnoser, int64_t now_ns);

/* Forgets what was not seen since before_ns: clients, logins, faces and changes of faces, outages ... */
void diagnoser_forget(struct diagnoser *diagnoser, int64_t before_ns);

void diagnoser_get_stats(struct diagnoser *diagnoser, struct diagnoser_stats *ret_stats);

/* Accepts NULL. */
void diagnoser_destroy(struct diagnoser *diagnoser);

#endif
