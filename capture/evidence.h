/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Keeps the packets of a session as a capture file of its own: DIR/ID.pcap, with nanoseconds, ID being the session's.
 *
 * Bytes that may be secret are replaced by '*' in every packet that carries them, unless they are to be kept. What else would tell
 * of them goes too: the TCP checksum is computed anew (0 where not all of the payload was captured), checksums of tunnels around it
 * become 0, and what stands behind the payload in such a frame (padding, a frame check sequence) is zeroed.
 *
 * No name comes from the network, and no file is opened but by name in one directory. All files together have a bound; the oldest
 * ones that evidence itself made go first.
 *
 * One thread at a time; evidence_get_stats() may be called by any. System calls after evidence_create(): openat, fcntl, newfstatat
 * (or fstat), write, close, renameat2, renameat, unlinkat, and those of malloc().
 */
#ifndef SMTPSCOPE_CAPTURE_EVIDENCE_H
#define SMTPSCOPE_CAPTURE_EVIDENCE_H

#include "capture/packet_store.h"

enum { EVIDENCE_ID_LEN = 20, EVIDENCE_NAME_LEN = EVIDENCE_ID_LEN + 5 };

struct evidence_options {
	int directory;      /* opened with O_DIRECTORY; stays the caller's and must stay open */
	uint64_t size_max;  /* of all files on disk */
	bool keep_secrets;  /* packets are kept as they were captured */
	int snaplen;        /* of the source; 0: the usual 262144 */
};

struct evidence_stats {
	uint64_t sessions, packets, bytes; /* written; bytes as captured */
	uint64_t left_out;      /* packets of them that could not be: their payload could not be hidden, or another link type */
	uint64_t empty;         /* sessions of which no packet was left */
	uint64_t files_removed; /* to stay in the bound */
	uint64_t errors;        /* sessions whose file could not be written */
	int last_error;         /* its negative errno */
	uint64_t disk_bytes;    /* now, in blocks of 4096 */
};

/* What a session's record says of its packets. All is borrowed. */
struct evidence_session {
	const char *id;                     /* 20 hexadecimal digits */
	const struct stream_range *secrets;
	size_t secret_count;
	uint64_t secret_from[2];            /* by side: from this offset on all is secret; UINT64_MAX: nothing is */
	const struct stream_close *close;   /* for first_seq and the lengths of the streams */
};

struct evidence_file {
	char name[EVIDENCE_NAME_LEN + 1];
	uint64_t packets, dropped_packets; /* in the file; of the session but not in the file */
};

struct evidence;

/* Reads the directory: files of before count, and the oldest ones go if they are too many. Returns 0, or a negative errno. */
int evidence_create(const struct evidence_options *options, struct evidence **ret_evidence);

/* Writes the file. Returns 1 and says what is in it; 0 when there is no packet to keep; a negative errno, which is counted, when it
 * could not be written: -ENOSPC also when the session alone is larger than the bound. The chain stays the caller's. */
int evidence_write(struct evidence *evidence, const struct packet_chain *chain, const struct evidence_session *session,
	struct evidence_file *ret_file);

/* Hides in one packet what the session's ranges cover; evidence_write() does this unless secrets are to be kept. Returns false when
 * it cannot: the frame must not be shown. */
bool evidence_hide(uint8_t *frame, const struct packet *packet, const struct evidence_session *session);

void evidence_get_stats(const struct evidence *evidence, struct evidence_stats *ret_stats);

/* Accepts NULL. */
void evidence_destroy(struct evidence *evidence);

#endif
