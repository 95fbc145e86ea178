/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/timing.h"

int64_t timing_to_server(const struct stream_open *open) {
	return open->server_rtt_ns > 0 ? open->server_rtt_ns : -1;
}

int64_t timing_of_server(int64_t to_server_ns, int64_t latency_ns) {
	if (to_server_ns < 0)
		return latency_ns;
	return latency_ns > to_server_ns ? latency_ns - to_server_ns : 0; /* TCP's delay of one packet is not that of another */
}

static enum timing_phase phase_of_verb(enum verb verb) {
	switch (verb) {
	case VERB_HELO:
	case VERB_EHLO:
	case VERB_LHLO:
		return TIMING_HELLO;
	case VERB_STARTTLS:
		return TIMING_STARTTLS;
	case VERB_AUTH:
		return TIMING_AUTH;
	case VERB_MAIL:
		return TIMING_MAIL;
	case VERB_RCPT:
		return TIMING_RCPT;
	case VERB_DATA:
		return TIMING_DATA;
	case VERB_BDAT:
		return TIMING_BODY;
	default:
		return TIMING_OTHER;
	}
}

enum timing_phase timing_phase_of(const struct event_reply *reply) {
	switch (reply->answers) {
	case EVENT_ANSWERS_GREETING:
		return TIMING_GREETING;
	case EVENT_ANSWERS_AUTH:
		return TIMING_AUTH;
	case EVENT_ANSWERS_BODY:
		return TIMING_BODY;
	case EVENT_ANSWERS_COMMAND:
		return phase_of_verb(reply->verb);
	case EVENT_ANSWERS_UNKNOWN:
	case EVENT_ANSWERS_NOTHING:
		break;
	}
	return TIMING_OTHER;
}

const char *timing_phase_name(enum timing_phase phase) {
	static const char *const names[TIMING_PHASE_COUNT] = {
		[TIMING_GREETING] = "greeting",
		[TIMING_HELLO] = "hello",
		[TIMING_STARTTLS] = "starttls",
		[TIMING_AUTH] = "auth",
		[TIMING_MAIL] = "mail",
		[TIMING_RCPT] = "rcpt",
		[TIMING_DATA] = "data",
		[TIMING_BODY] = "body",
		[TIMING_OTHER] = "other",
	};

	return names[phase];
}

static void add_to(struct timing_sum *sum, int64_t ns) {
	sum->count++;
	sum->total_ns += ns;
	if (ns > sum->max_ns)
		sum->max_ns = ns;
}

static void add_server(struct timing *timing, enum timing_phase phase, int64_t latency_ns) {
	int64_t ns = timing_of_server(timing->to_server_ns, latency_ns);

	add_to(&timing->server, ns);
	add_to(&timing->phases[phase], ns);
}

static void client_went_on(struct timing *timing, int64_t time_ns) {
	if (timing->folding.is_clients_turn && time_ns >= timing->folding.spoke_ns)
		add_to(&timing->think, timing_of_server(timing->to_client_ns, time_ns - timing->folding.spoke_ns));
	timing->folding.is_clients_turn = false;
}

static void add_body(struct timing *timing, const struct event *event) {
	int64_t ns = event->at.time_ns - event->body.start_ns;

	client_went_on(timing, event->body.start_ns);
	if (!event->body.complete || ns <= 0)
		return;
	timing->body_bytes += event->body.bytes;
	timing->body_ns += ns;
}

void timing_add(struct timing *timing, const struct event *event) {
	switch (event->kind) {
	case EVENT_OPEN:
		timing->to_server_ns = timing_to_server(event->open);
		timing->to_client_ns = event->open->client_rtt_ns > 0 ? event->open->client_rtt_ns : -1;
		break;
	case EVENT_GREETING:
	case EVENT_REPLY:
		if (event->reply.latency_ns >= 0)
			add_server(timing, timing_phase_of(&event->reply), event->reply.latency_ns);
		timing->folding.spoke_ns = event->at.time_ns;
		timing->folding.is_clients_turn = true;
		break;
	case EVENT_COMMAND:
		if (event->command.pipelined)
			timing->folding.is_clients_turn = false; /* it did not wait */
		client_went_on(timing, event->at.time_ns);
		break;
	case EVENT_AUTH:
		if (event->from == STREAM_CLIENT)
			client_went_on(timing, event->at.time_ns);
		break;
	case EVENT_BODY:
		add_body(timing, event);
		break;
	case EVENT_TLS:
	case EVENT_GAP:
		timing->folding.is_clients_turn = false;
		break;
	default:
		break;
	}
}

void timing_conclude(struct timing *timing, const struct stream_open *open, const struct stream_close *close,
	const struct stream_moment *greeting) {
	int64_t ready_ns = open->first.time_ns + open->handshake_ns;

	if (greeting != NULL && open->handshake_ns >= 0 && close->syn_retries == 0 && greeting->time_ns >= ready_ns &&
		timing->phases[TIMING_GREETING].count == 0)
		add_server(timing, TIMING_GREETING, greeting->time_ns - ready_ns);
}
