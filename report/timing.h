/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Where the time of a session went: the network, the server, the client.
 *
 * All is measured where the packets were captured. A reply's latency is the time between what it answers and its own end passing
 * there; it holds one way from there to the server and back, which the handshake tells (SYN to SYN-ACK), and what the server took.
 * In the same way the client's time holds the way from there to the client and back (SYN-ACK to ACK). A packet that is lost behind
 * the place of capture and sent again counts as time of the side behind it.
 */
#ifndef SMTPSCOPE_REPORT_TIMING_H
#define SMTPSCOPE_REPORT_TIMING_H

#include "decode/event.h"

/* Kinds of replies, by what they answer. */
enum timing_phase {
	TIMING_GREETING,
	TIMING_HELLO, /* HELO, EHLO, LHLO */
	TIMING_STARTTLS,
	TIMING_AUTH,  /* the command and each response */
	TIMING_MAIL,
	TIMING_RCPT,
	TIMING_DATA,  /* the command */
	TIMING_BODY,  /* the end of the message; BDAT */
	TIMING_OTHER,
	TIMING_PHASE_COUNT
};

struct timing_sum {
	uint64_t count;
	int64_t max_ns, total_ns;
};

struct timing { /* zero-filled at start */
	int64_t to_server_ns, to_client_ns; /* and back; -1: not known, and then the sums hold it too */
	struct timing_sum server, phases[TIMING_PHASE_COUNT];
	struct timing_sum think;            /* from a reply to what the client sent next */
	uint64_t body_bytes;                /* of whole messages that took more than a moment */
	int64_t body_ns;
	struct timing_folding {
		int64_t spoke_ns;           /* the server's last reply */
		bool is_clients_turn;       /* and the client has not gone on */
	} folding;
};

/* Takes the next event, EVENT_OPEN first. */
void timing_add(struct timing *timing, const struct event *event);

/* When the session is over, or so far. The greeting's time can only be told now: it begins with the handshake's end, which a
 * repeated SYN moves. greeting: its moment, or NULL. */
void timing_conclude(struct timing *timing, const struct stream_open *open, const struct stream_close *close,
	const struct stream_moment *greeting);

/* What is left of a latency when the network's part is taken away. */
int64_t timing_of_server(int64_t to_server_ns, int64_t latency_ns);

/* How long from here to the server and back; -1 when not known. */
int64_t timing_to_server(const struct stream_open *open);

enum timing_phase timing_phase_of(const struct event_reply *reply);

/* "rcpt" */
const char *timing_phase_name(enum timing_phase phase);

#endif
