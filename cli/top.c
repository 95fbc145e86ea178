/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/top.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "report/software.h"

#define NS_PER_SECOND INT64_C(1000000000)

struct top_model {
	pthread_mutex_t lock; /* of all that follows */
	struct top_view view; /* servers and findings not in order yet */
	size_t finding_next;  /* the findings are a ring */
	uint64_t frames_before;
	int64_t statistics_ns; /* of the last statistics */
};

struct top_model *top_model_create(void) {
	struct top_model *model = calloc(1, sizeof(*model));
	if (model == NULL)
		return NULL;
	model->view.dropped_ns = INT64_MIN;
	pthread_mutex_init(&model->lock, NULL);
	return model;
}

void top_model_destroy(struct top_model *model) {
	if (model == NULL)
		return;
	pthread_mutex_destroy(&model->lock);
	free(model);
}

/* ---- history ---- */

static void history_add(struct top_history *history, int64_t now_ns, uint64_t count) {
	int64_t second = now_ns / NS_PER_SECOND;
	if (second - history->second >= TOP_SECONDS)
		memset(history->counts, 0, sizeof(history->counts));
	else
		for (int64_t i = history->second + 1; i <= second; i++)
			history->counts[i % TOP_SECONDS] = 0;
	if (second > history->second)
		history->second = second;
	history->counts[history->second % TOP_SECONDS] += (uint32_t)count;
}

uint32_t top_history_at(const struct top_history *history, int64_t now_ns, unsigned ago) {
	int64_t second = now_ns / NS_PER_SECOND - ago;
	if (second < 0 || second > history->second || history->second - second >= TOP_SECONDS)
		return 0;
	return history->counts[second % TOP_SECONDS];
}

uint64_t top_history_sum(const struct top_history *history, int64_t now_ns, unsigned seconds) {
	uint64_t sum = 0;
	for (unsigned ago = 1; ago <= seconds && ago <= TOP_SECONDS; ago++)
		sum += top_history_at(history, now_ns, ago);
	return sum;
}

/* ---- sessions ---- */

/* Cut between two characters, if it is UTF-8. */
static size_t copy_text(char *to, size_t size, const char *from, size_t len) {
	if (len > size) {
		len = size;
		while (len > 0 && ((unsigned char)from[len] & 0xc0) == 0x80)
			len--;
	}
	if (len > 0)
		memcpy(to, from, len);
	return len;
}

static bool same_endpoint(const struct stream_endpoint *one, const struct stream_endpoint *other) {
	return one->ip_version == other->ip_version && one->port == other->port &&
	       memcmp(one->address, other->address, one->ip_version == 4 ? 4 : 16) == 0;
}

/* The server's row; a new one takes the place of the one that was longest idle. */
static struct top_server *find_server(struct top_view *view, const struct stream_endpoint *endpoint) {
	struct top_server *oldest = NULL;
	for (size_t i = 0; i < view->server_count; i++) {
		struct top_server *server = &view->servers[i];
		if (same_endpoint(&server->endpoint, endpoint))
			return server;
		if (oldest == NULL || server->last_ns < oldest->last_ns)
			oldest = server;
	}
	if (view->server_count < TOP_SERVERS_MAX)
		oldest = &view->servers[view->server_count++];
	*oldest = (struct top_server){.endpoint = *endpoint, .failed_ns = INT64_MIN};
	return oldest;
}

static void add_codes(struct top_server *server, const struct record *record) {
	for (size_t i = 0; i < record->timeline_count; i++) {
		const struct record_timeline_entry *entry = &record->timeline[i];
		if ((entry->kind != RECORD_REPLY && entry->kind != RECORD_GREETING) || entry->reply.code == 0 ||
			entry->reply.code == 221)
			continue;
		if (server->code_count == TOP_CODES_MAX)
			memmove(server->codes, server->codes + 1, sizeof(server->codes) - sizeof(server->codes[0]));
		else
			server->code_count++;
		server->codes[server->code_count - 1] = entry->reply.code;
	}
}

static void add_to_server(struct top_server *server, const struct record *record, int64_t now_ns) {
	server->sessions++;
	server->last_ns = now_ns;
	history_add(&server->history, now_ns, 1);
	if (record->result == RECORD_RESULT_NOT_ESTABLISHED || record->result == RECORD_RESULT_REFUSED) {
		server->failed++;
		server->failed_ns = now_ns;
	}
	if (record->greeting.seen) {
		server->banner_len = copy_text(server->banner, sizeof(server->banner), record->banner.data, record->banner.len);
		server->software = software_of_banner(record->banner);
	}
	add_codes(server, record);
}

static void add_finding(struct top_model *model, const struct record *record, const struct finding *finding) {
	struct top_view *view = &model->view;
	struct top_finding *row = &view->findings[model->finding_next];
	model->finding_next = (model->finding_next + 1) % TOP_FINDINGS_MAX;
	if (view->finding_count < TOP_FINDINGS_MAX)
		view->finding_count++;
	*row = (struct top_finding){
		.time_ns = record->close.last.time_ns,
		.severity = finding->severity,
		.client = record->open.client,
		.server = record->open.server,
	};
	row->title_len = copy_text(row->title, sizeof(row->title), finding->title, strlen(finding->title));
}

/* The worst comes last, and so is the latest. */
static void add_findings(struct top_model *model, const struct record *record, const struct finding *finding) {
	const struct finding *list[TOP_FINDINGS_MAX];
	size_t count = 0;
	for (; finding != NULL && count < TOP_FINDINGS_MAX; finding = finding->next)
		list[count++] = finding;
	while (count > 0)
		add_finding(model, record, list[--count]);
}

void top_add_session(struct top_model *model, const struct record *record, int64_t now_ns) {
	struct top_view *view = &model->view;
	uint64_t mails[EVENT_MAIL_ABORTED + 1] = {0}, logins[EVENT_AUTH_CANCELLED + 1] = {0};
	for (const struct record_mail *mail = record->mails; mail != NULL; mail = mail->next)
		mails[mail->result]++;
	for (const struct record_attempt *attempt = record->attempts; attempt != NULL; attempt = attempt->next)
		logins[attempt->result]++;
	pthread_mutex_lock(&model->lock);
	view->sessions_total++;
	history_add(&view->sessions, now_ns, 1);
	history_add(&view->mails_accepted, now_ns, mails[EVENT_MAIL_ACCEPTED]);
	history_add(&view->mails_refused, now_ns, mails[EVENT_MAIL_REJECTED]);
	history_add(&view->logins_accepted, now_ns, logins[EVENT_AUTH_ACCEPTED]);
	history_add(&view->logins_rejected, now_ns, logins[EVENT_AUTH_REJECTED]);
	add_to_server(find_server(view, &record->open.server), record, now_ns);
	add_findings(model, record, record->findings);
	pthread_mutex_unlock(&model->lock);
}

/* ---- statistics ---- */

static void set_interfaces(struct top_view *view, const struct writer_live *live, int64_t now_ns) {
	uint64_t dropped = 0;
	view->interface_count = 0;
	for (size_t i = 0; i < live->interface_count; i++) {
		const struct writer_interface *interface = &live->interfaces[i];
		dropped += interface->dropped_by_kernel + interface->dropped_by_interface;
		if (view->interface_count == TOP_INTERFACES_MAX)
			continue;
		struct top_interface *row = &view->interfaces[view->interface_count++];
		row->name[copy_text(row->name, sizeof(row->name) - 1, interface->name, strlen(interface->name))] = '\0';
		row->state = interface->state;
	}
	if (dropped > view->dropped)
		view->dropped_ns = now_ns;
	view->dropped = dropped;
}

void top_set_statistics(struct top_model *model, const struct writer_statistics *statistics, int64_t now_ns) {
	struct top_view *view = &model->view;
	pthread_mutex_lock(&model->lock);
	int64_t interval_ns = now_ns - model->statistics_ns;
	if (view->has_statistics && interval_ns > 0 && statistics->frames >= model->frames_before)
		view->frames_per_second = (uint64_t)((double)(statistics->frames - model->frames_before) * 1e9 /
						     (double)interval_ns + 0.5);
	view->has_statistics = true;
	model->statistics_ns = now_ns;
	model->frames_before = statistics->frames;
	if (statistics->has_live) {
		set_interfaces(view, &statistics->live, now_ns);
		view->uptime_ns = statistics->live.uptime_ns;
		view->sessions_open = statistics->live.sessions_open;
		view->memory_bytes = statistics->live.memory_bytes;
	}
	if (statistics->has_output) {
		view->queued = statistics->output.queue_documents;
		view->spooled = statistics->output.spool_documents;
		view->lost = statistics->output.documents_lost;
	}
	pthread_mutex_unlock(&model->lock);
}

/* ---- diagnoses ---- */

static size_t find_diagnosis(const struct top_view *view, const char *key) {
	size_t i = 0;
	while (i < view->diagnosis_count && strncmp(view->diagnoses[i].key, key, TOP_NAME_MAX - 1) != 0)
		i++;
	return i;
}

/* Where a new one goes when there is no room: to the place of the mildest, if it is milder. */
static size_t mildest_diagnosis(const struct top_view *view) {
	size_t mildest = 0;
	for (size_t i = 1; i < view->diagnosis_count; i++)
		if (view->diagnoses[i].severity <= view->diagnoses[mildest].severity)
			mildest = i;
	return mildest;
}

static void put_diagnosis(struct top_view *view, const char *key, const struct diagnosis *diagnosis) {
	size_t at = find_diagnosis(view, key);
	if (at == TOP_DIAGNOSES_MAX) {
		at = mildest_diagnosis(view);
		if (view->diagnoses[at].severity >= diagnosis->severity)
			return;
	} else if (at == view->diagnosis_count) {
		view->diagnosis_count++;
	}
	struct top_diagnosis *row = &view->diagnoses[at];
	*row = (struct top_diagnosis){.severity = diagnosis->severity, .first_ns = diagnosis->first_ns};
	strncpy(row->key, key, sizeof(row->key) - 1);
	row->title_len = copy_text(row->title, sizeof(row->title), diagnosis->title, strlen(diagnosis->title));
}

void top_set_diagnosis(struct top_model *model, const char *key, const struct diagnosis *diagnosis, bool open) {
	struct top_view *view = &model->view;
	pthread_mutex_lock(&model->lock);
	size_t at = find_diagnosis(view, key);
	if (open)
		put_diagnosis(view, key, diagnosis);
	else if (at < view->diagnosis_count)
		view->diagnoses[at] = view->diagnoses[--view->diagnosis_count];
	pthread_mutex_unlock(&model->lock);
}

/* ---- the view ---- */

static int compare_servers(const void *a, const void *b) {
	const struct top_server *one = a, *other = b;
	if (one->sessions != other->sessions)
		return one->sessions > other->sessions ? -1 : 1;
	int address = memcmp(one->endpoint.address, other->endpoint.address, sizeof(one->endpoint.address));
	return address != 0 ? address : one->endpoint.port - other->endpoint.port;
}

static int compare_diagnoses(const void *a, const void *b) {
	const struct top_diagnosis *one = a, *other = b;
	if (one->severity != other->severity)
		return one->severity > other->severity ? -1 : 1;
	return one->first_ns != other->first_ns ? (one->first_ns > other->first_ns ? -1 : 1) : strcmp(one->key, other->key);
}

/* The ring, the latest first. */
static void unroll_findings(const struct top_model *model, struct top_view *ret_view) {
	for (size_t i = 0; i < model->view.finding_count; i++)
		ret_view->findings[i] =
			model->view.findings[(model->finding_next + TOP_FINDINGS_MAX - 1 - i) % TOP_FINDINGS_MAX];
}

void top_get_view(struct top_model *model, struct top_view *ret_view) {
	pthread_mutex_lock(&model->lock);
	*ret_view = model->view;
	unroll_findings(model, ret_view);
	pthread_mutex_unlock(&model->lock);
	qsort(ret_view->servers, ret_view->server_count, sizeof(ret_view->servers[0]), compare_servers);
	qsort(ret_view->diagnoses, ret_view->diagnosis_count, sizeof(ret_view->diagnoses[0]), compare_diagnoses);
}
