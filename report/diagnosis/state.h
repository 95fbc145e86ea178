/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the diagnoser remembers: by endpoint, login, visit (a client at an endpoint), client, network and greylisted mail. All
 * of fixed size, in bounded tables.
 */
#ifndef SMTPSCOPE_REPORT_DIAGNOSIS_STATE_H
#define SMTPSCOPE_REPORT_DIAGNOSIS_STATE_H

#include "report/address.h"
#include "report/diagnosis.h"
#include "report/diagnosis/table.h"
#include "report/words.h"

enum {
	FACES_MAX = 8,        /* of an endpoint; more are not told apart */
	RUNS_MAX = 64,        /* changes between them that are remembered */
	EVIDENCE_MAX = 8,     /* sessions and frames of one statement */
	VISIT_USERS_MAX = DIAGNOSIS_LIST_MAX,
	VISIT_SENDERS_MAX = 4,
	OUTAGES_MAX = 4,
	NAME_SIZE = 80,       /* user names, addresses, host names; longer ones are cut */
	BANNER_SIZE = 128,
	ID_SIZE = 24,
	SOURCES_MAX = 65535,
	SOURCES_SIZE_MAX = 8 << 20, /* bytes of their names */
	WORKED_SPANS_MAX = 32,
	LIST_MAX = 8,         /* names of one statement */
};

/* Sessions and frames that show something; the first ones, and a count of the sessions. */
struct evidence {
	char sessions[EVIDENCE_MAX][ID_SIZE];
	uint64_t session_count;
	struct {
		uint16_t source; /* index of diagnoser.sources */
		uint64_t frame;
	} frames[EVIDENCE_MAX];
	size_t frame_count;
};

/* Something that happened a number of times. */
struct tally {
	uint64_t count;
	int64_t first_ns, last_ns;
};

struct face {
	char id[17];
	char banner_key[BANNER_SIZE]; /* the banner without what varies */
	char banner[BANNER_SIZE];
	char software[32];
	char capabilities[512]; /* one a line, as sent last */
	char keywords[256];     /* their keywords, in order */
	char auth[128];         /* mechanisms offered, blank-separated */
	struct tally seen;
	uint64_t logins_accepted, logins_rejected;
	struct evidence evidence;
};

/* Sessions of one face in a row. */
struct face_run {
	size_t face;
	struct tally seen;
	char first_session[ID_SIZE];
	uint16_t source;
	uint64_t frame; /* of the first greeting */
};

/* How connections came to nothing. */
enum failure_kind { FAILURE_UNANSWERED, FAILURE_RESET, FAILURE_UNREACHABLE, FAILURE_PROHIBITED, FAILURE_KINDS };

/* When it worked, of late, in spans of some seconds: the latest is spans[(next - 1) % WORKED_SPANS_MAX]. Connections that come to
 * nothing are known of only minutes after those that worked meanwhile. */
struct worked {
	struct {
		int64_t first_ns, last_ns;
	} spans[WORKED_SPANS_MAX];
	uint64_t next;
};

struct outage {
	struct tally failed;
	int64_t named_ns; /* what it is known by: when its first known failure was */
	uint64_t worked_inside; /* times that it worked between the failures, as came out later */
	uint64_t kinds[FAILURE_KINDS];
	int64_t until_ns; /* when it worked again; 0: not seen to */
	bool worked_before;
	bool known_client; /* one of the clients got through before or after */
	struct stream_endpoint from[LIST_MAX]; /* clients; ports unused */
	size_t from_count;
	bool from_others; /* more clients than that */
	struct evidence evidence;
};

/* STARTTLS in complete lists before TLS, of one banner. */
struct starttls {
	char banner_key[BANNER_SIZE];
	struct tally offered, missing;
	bool masked; /* something like XXXXXXXA stood in its place */
	char offered_to[LIST_MAX][NAME_SIZE], missing_to[LIST_MAX][NAME_SIZE];
	size_t offered_count, missing_count;
	struct evidence evidence; /* of where it is missing */
};

/* Mail that was greylisted and accepted when it came again. */
struct greylist_passed {
	struct tally mails; /* recipients, to be exact; by when they were accepted */
	int64_t shortest_ns, longest_ns; /* from the first refusal to the acceptance */
	char clients[LIST_MAX][NAME_SIZE];
	size_t client_count;
	struct evidence evidence;
};

struct endpoint {
	struct stream_endpoint address;
	uint64_t generation; /* another one when it was forgotten and came again; 0: new */
	struct face faces[FACES_MAX];
	size_t face_count;
	uint64_t faces_over;
	uint64_t last_shown; /* a hash of what the last session showed, and the face it was; 0: none */
	size_t last_face;
	bool saw_several;    /* one client saw more than one of them */
	struct face_run runs[RUNS_MAX];
	size_t run_count;
	uint64_t runs_over;
	int64_t runs_over_ns; /* the latest of them */
	struct starttls starttls[2];
	size_t starttls_count;
	struct greylist_passed passed;
	struct tally worked; /* greeted with 220 */
	struct worked worked_at;
	int64_t seen_ns;     /* the end of the latest session */
	struct outage outages[OUTAGES_MAX];
	size_t outage_count;
	bool down;           /* the last outage goes on */
	char domain[NAME_SIZE]; /* of the name in its banner */
	uint64_t sessions, failed_connections;
	struct login *logins; /* a list, made each time that conclusions are drawn; of no use in between */
};

/* An endpoint that may have been forgotten since. */
struct endpoint_ref {
	struct stream_endpoint address;
	uint64_t generation;
};

/* A user name at an endpoint, by face. */
struct login_on_face {
	struct tally accepted, rejected;
	uint16_t code;
	struct evidence evidence; /* of the rejections */
	struct evidence accepted_evidence;
};

struct login {
	struct login *next_of_endpoint;
	struct endpoint_ref endpoint;
	char user[NAME_SIZE];
	bool by_client;      /* no user name is known, the client's address stands for it */
	struct login_on_face faces[FACES_MAX];
	struct stream_endpoint accepted_from[4], rejected_from[4]; /* clients; ports unused */
	size_t accepted_from_count, rejected_from_count;
	uint32_t pop3, imap; /* the most mailbox connections around a rejection */
};

struct visit_user {
	char user[NAME_SIZE];
	bool accepted;
	uint32_t rejected; /* before it was ever accepted from there */
	int64_t rejecting_ns; /* the start of the first session with one of these */
	int64_t last_ns;      /* the latest attempt */
};

/* What a client that tried to log in did; most clients of a mail server of the world never do. */
struct visit_logins {
	struct tally attempts;
	uint64_t accepted, rejected;
	bool rejected_last;      /* the last attempt with a verdict */
	int64_t verdict_ns;      /* the start of its session */
	struct visit_user users[VISIT_USERS_MAX];
	size_t user_count;
	uint64_t rejected_over;  /* of users for whom there was no place */
	int64_t rejected_over_ns; /* the latest of them */
	char last_user[NAME_SIZE];
	char hello[2][NAME_SIZE];   /* names it greeted with when it tried to log in */
	size_t hello_count;
	char senders[VISIT_SENDERS_MAX][NAME_SIZE]; /* of mails sent with login */
	char sender_users[VISIT_SENDERS_MAX][NAME_SIZE]; /* and as whom */
	size_t sender_count;
	struct {
		struct tally mails;
		uint64_t accepted, refused;
		bool after_rejection;
		char user[NAME_SIZE]; /* whom the mails are tied to; empty: not known */
		struct evidence evidence;
	} stopped;               /* mails without login that used to be with one */
	struct evidence failures;
};

/* Mails to recipients elsewhere, accepted without login. */
struct visit_relayed {
	struct tally mails;
	char recipient[NAME_SIZE];
	bool inside;
	struct evidence evidence;
};

/* One client at one endpoint. */
struct visit {
	struct stream_endpoint client;
	struct endpoint_ref endpoint;
	bool inside;             /* the client is in a local network */
	bool worked;             /* a connection came about */
	int64_t seen_ns;         /* the end of the latest session */
	unsigned faces;          /* that it saw, a bit each */
	struct visit_logins *logins;   /* NULL: none */
	struct visit_relayed *relayed; /* NULL: none */
};

struct client {
	struct stream_endpoint address;
	char name[NAME_SIZE];
	char (*users)[NAME_SIZE]; /* LIST_MAX; NULL: none */
	size_t user_count;
	uint64_t sessions, attempts, accepted, rejected, mails, mails_accepted, mails_refused, without_auth, failed_connections;
	uint32_t pop3, imap;
	int64_t seen_ns; /* the end of the latest session */
};

/* Clients' network, /24 or /64: what became of its connections to port 25. */
struct blockage {
	struct tally failed;
	int64_t named_ns; /* as that of an outage */
	uint64_t kinds[FAILURE_KINDS];
	char servers[LIST_MAX][NAME_SIZE];
	size_t server_count;
	char clients[LIST_MAX][NAME_SIZE];
	size_t client_count;
	char works[LIST_MAX][NAME_SIZE]; /* ports to which connections worked meanwhile */
	size_t works_count;
	uint16_t works_perhaps; /* one that worked since the last failure: meanwhile only if another failure follows */
	int64_t failing_until_ns; /* the end of the latest failed connection */
	int64_t until_ns; /* when one to port 25 worked again; 0: not seen to */
	struct evidence evidence;
};

struct network {
	struct stream_endpoint client; /* one of it */
	bool inside;                   /* it is a local one */
	struct blockage blockages[OUTAGES_MAX];
	size_t blockage_count;
	bool blocked; /* the last one goes on */
	struct worked worked_at; /* connections to port 25 */
	int64_t submission_ns;   /* the latest start of one to a submission port that worked, and the port */
	uint16_t submission_port;
	int64_t seen_ns; /* the end of the latest session */
};

struct greylisted {
	char client[NAME_SIZE], recipient[NAME_SIZE];
	uint64_t about; /* tells it from others of the same client and recipient */
	struct endpoint_ref endpoint;
	struct tally refused;
	struct evidence evidence;
};

struct diagnoser {
	struct diagnoser_options options;
	struct arena arena; /* of the report */
	struct arena names; /* of the sources */
	struct table endpoints, logins, visits, clients, networks, greylisted;
	char **sources;      /* file or interface names met; the last one is for all others when there are too many */
	size_t source_count, source_capacity;
	char last_id[ID_SIZE];
	uint64_t sessions, duplicates, generations;
	bool sources_full;
	int64_t first_ns, last_ns;
	int64_t newest_start_ns;
	uint64_t forgotten[DIAGNOSER_KINDS];
	struct diagnosis_report report;
	struct diagnosis **diagnoses;
	size_t diagnosis_count, diagnosis_capacity;
	struct build_ranks *ranks; /* which diagnoses there is room for; see build.h */
};

/* What a topic sees of one session. */
struct observation {
	const struct facts *facts;
	struct endpoint *endpoint;
	struct face *face; /* NULL: not known */
	size_t face_index;
	struct client *client;
	struct visit *visit;
	char client_text[NAME_SIZE];
	bool inside, server_inside; /* the client, the server is in a local network */
	bool late;                  /* sessions that started long after it are known already */
};

/* A topic: what it notes of each session (NULL: nothing of its own), and the diagnoses it draws from the notes. One file each. */
struct topic {
	void (*observe)(struct diagnoser *diagnoser, const struct observation *seen);
	/* Changes nothing of what is remembered: it is called any number of times, and twice for each report, see build_admit(). */
	void (*conclude)(struct diagnoser *diagnoser);
};

extern const struct topic topic_faces, topic_logins, topic_stopped, topic_relay, topic_connections, topic_attacks,
	topic_starttls, topic_greylist;

/* Ageing: what was not seen since before_ns goes. Faces move, so that what is known by face moves with them. */
void faces_forget(struct diagnoser *diagnoser, int64_t before_ns);
void connections_forget(struct diagnoser *diagnoser, int64_t before_ns);

/* Finds or adds the face that the session saw, before the topics look at it. */
void faces_observe(struct diagnoser *diagnoser, struct observation *seen);

/* ---- Small things that topics share: state.c ---- */

void tally_add(struct tally *tally, int64_t time_ns);

/* Something worked at this time. */
void worked_add(struct worked *worked, int64_t time_ns);
/* When did it work after from_ns, and not after until_ns? The first time that is known, or thereabouts; 0: not known to. */
int64_t worked_between(const struct worked *worked, int64_t from_ns, int64_t until_ns);

struct endpoint_ref endpoint_ref(const struct endpoint *endpoint);
/* NULL when it was forgotten. */
struct endpoint *endpoint_of(const struct diagnoser *diagnoser, const struct endpoint_ref *ref);
/* The endpoint at an address, made if there is none; NULL only when there is no memory. */
struct endpoint *endpoint_use(struct diagnoser *diagnoser, const struct stream_endpoint *address);

/* Copies text, cut to what fits. */
void name_set(char *name, size_t size, struct slice text);
#define NAME_SET(name, text) name_set(name, sizeof(name), text)

/* Adds the name to a list of fixed size unless it is there. Returns whether it is in the list now. */
bool name_list_add(char (*list)[NAME_SIZE], size_t *count, size_t max, const char *name);

void evidence_add(struct diagnoser *diagnoser, struct evidence *evidence, const struct facts *facts, uint64_t frame);
void evidence_merge(struct evidence *into, const struct evidence *from);

/* "192.0.2.1:587" or "[2001:db8::1]:587" */
void endpoint_text(const struct stream_endpoint *address, char ret_text[NAME_SIZE]);
/* "192.0.2.0/24" or "2001:db8::/64" */
void network_text(const struct stream_endpoint *address, char ret_text[NAME_SIZE]);
/* The /24 or /64 of an address, as a key. */
struct network_key {
	uint8_t prefix[8], ip_version;
};
struct network_key network_key(const struct stream_endpoint *address);
bool same_network(const struct stream_endpoint *a, const struct stream_endpoint *b);

/* The domain behind the @, in lower case; empty when there is none. */
void domain_of(struct slice address, char ret_domain[NAME_SIZE]);

bool is_submission_port(uint16_t port);

/* Was the connection's failure one of these? */
bool failure_of(const struct facts *facts, enum failure_kind *ret_kind);

/* Is AUTH in the capability list that was seen? */
bool offers_auth(const struct facts *facts);

#endif
