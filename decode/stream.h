/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What goes into the decoder: the ordered bytes of one TCP connection.
 *
 * capture/ fills these structs, decode/ reads them, and neither includes anything of the other. All pointers are borrowed for
 * the length of the call that hands them over; whoever keeps something copies it.
 */
#ifndef SMTPSCOPE_DECODE_STREAM_H
#define SMTPSCOPE_DECODE_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The client is the side that sent the SYN; without a SYN, the side that talks to the server's port. */
enum stream_side {
	STREAM_CLIENT = 0,
	STREAM_SERVER = 1,
};

static inline enum stream_side stream_other_side(enum stream_side side) {
	return side == STREAM_CLIENT ? STREAM_SERVER : STREAM_CLIENT;
}

/* A point in the capture: time in nanoseconds since the Unix epoch and Wireshark's frame.number (1-based in its file). */
struct stream_moment {
	int64_t time_ns;
	uint64_t frame;
};

struct stream_endpoint {
	uint8_t ip_version;  /* 4 or 6 */
	uint8_t address[16]; /* network byte order; IPv4 uses the first four bytes */
	uint16_t port;
};

enum { STREAM_VLAN_MAX = 2 };

/* What the server port is known for; it decides what the decoder may assume before the first byte. */
enum stream_hint {
	STREAM_HINT_NONE,  /* any other port: a session only if the content shows SMTP */
	STREAM_HINT_SMTP,
	STREAM_HINT_SMTPS, /* TLS from the first byte */
	STREAM_HINT_LMTP,
};

struct stream_open {
	const void *connection;         /* capture's own name for it, until it is closed */
	uint64_t serial;                /* capture's number of the connection, unique in the process, from 1; 0: it has none */
	struct stream_endpoint client, server;
	uint16_t vlan[STREAM_VLAN_MAX]; /* VLAN identifiers, outermost first */
	size_t vlan_count;
	const char *source;             /* file or interface name; lives as long as the capture */
	uint64_t stream;                /* Wireshark's tcp.stream */
	uint32_t client_isn, server_isn; /* initial sequence numbers, 0 when the SYN was not captured */
	struct stream_moment first;     /* first frame of the connection */
	int64_t handshake_ns;           /* SYN to the ACK of the SYN-ACK; -1 when not seen whole */
	/* Its two parts, each 0 when not known: from the SYN to the SYN-ACK, which is from here to the server and back; and from the
	 * SYN-ACK to its ACK, from here to the client and back. */
	int64_t server_rtt_ns, client_rtt_ns;
	bool midstream;                 /* the start of the connection was not captured */
	bool roles_guessed;             /* client and server may be the other way round */
	enum stream_hint hint;
};

/* Bytes of one side in stream order, or a hole of which it is proven that the capture lacks them. */
struct stream_chunk {
	enum stream_side side;
	const uint8_t *data;  /* NULL: a gap of len bytes */
	size_t len;
	uint64_t offset;      /* of the first byte in this side's stream, counted from 0 */
	uint64_t peer_offset; /* how many bytes of the other side the sender had received when it sent this: TCP's acknowledgement.
	                         It tells a command sent in answer to a reply from one sent before it. */
	struct stream_moment at; /* the frame that made the bytes complete */
};

/* A part of one side's stream. */
struct stream_range {
	enum stream_side side; /* as capture calls it */
	uint64_t offset;
	uint64_t len;          /* STREAM_TO_END: all that comes behind offset */
};

#define STREAM_TO_END UINT64_MAX

/* What the decoder wants next. */
enum stream_interest {
	STREAM_CONTINUE,
	STREAM_IGNORE, /* not SMTP, or encrypted from here on: further segments need only be counted */
};

enum stream_close_how {
	STREAM_CLOSE_FIN,
	STREAM_CLOSE_RESET_BY_CLIENT,
	STREAM_CLOSE_RESET_BY_SERVER,
	STREAM_CLOSE_IDLE_TIMEOUT,
	STREAM_CLOSE_CAPTURE_ENDED,
	STREAM_CLOSE_REFUSED,     /* RST in answer to the SYN */
	STREAM_CLOSE_UNANSWERED,  /* SYN only */
	STREAM_CLOSE_UNREACHABLE, /* ICMP error in answer to the SYN */
	STREAM_CLOSE_EVICTED,     /* given up for lack of memory */
	STREAM_CLOSE_NONE,        /* not at all: it goes on */
	STREAM_CLOSE_COUNT
};

struct stream_counters {
	uint64_t bytes;       /* payload bytes of the stream, each counted once */
	uint64_t packets;     /* TCP segments, empty ones included */
	uint64_t retransmits; /* segments that brought nothing new although they had payload, SYN or FIN */
	uint64_t gap_bytes;   /* bytes proven to be missing from the capture */
	uint64_t gaps;
	uint64_t conflicts;   /* of the retransmits, those whose bytes were others than the first time; the first are in the stream */
	uint64_t conflict_frame; /* the first of them; 0: none */
};

struct stream_close {
	enum stream_close_how how;
	const char *icmp;          /* e.g. "admin-prohibited"; NULL unless how is STREAM_CLOSE_UNREACHABLE */
	bool reset_ahead;          /* the reset stands behind bytes of its side that were not captured, or it is forged */
	struct stream_moment last; /* last frame of the connection */
	int64_t handshake_ns;      /* as in stream_open, and known by now if ever */
	uint64_t syn_retries;
	struct stream_counters side[2]; /* by enum stream_side */
	/* How offsets become sequence numbers again, by side as capture calls it: that of the byte at offset 0. */
	bool has_first_seq[2];
	uint32_t first_seq[2];
	/* Mailbox connections of the same client that carried data both ways and ended in the ten minutes before the end of this
	 * one: that receiving works. */
	struct stream_mailbox {
		uint32_t pop3, imap;
		int64_t last_ns; /* the end of the latest of them; 0: none */
	} mailbox;
};

/* Where capture/ puts its streams. A stream on an SMTP port is opened even when no byte ever flows, so that a refused connection
 * is a result; others are opened with their first byte. */
struct stream_sink {
	void *context;
	/* Returns the caller's handle for the stream, given to the calls below; NULL when the stream is of no interest. */
	void *(*open)(void *context, const struct stream_open *open);
	enum stream_interest (*chunk)(void *stream, const struct stream_chunk *chunk);
	/* Last call for the handle. */
	void (*close)(void *stream, const struct stream_close *close);
};

#endif
