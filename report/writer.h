/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Output formats. A writer turns complete records into bytes; where the bytes go is the caller's business.
 */
#ifndef SMTPSCOPE_REPORT_WRITER_H
#define SMTPSCOPE_REPORT_WRITER_H

#include <stdio.h>

#include "report/record.h"

struct diagnosis;        /* report/diagnosis.h */
struct diagnosis_report;
struct diagnosis_network;
struct tallies;          /* report/tallies.h */
struct words;            /* report/words.h */

struct writer_options {
	bool colour; /* text: terminal colours */
	int width;   /* text: columns; 80 when 0 */
	enum writer_users { WRITER_USERS_KEEP, WRITER_USERS_HASH, WRITER_USERS_OMIT } users;
	struct slice user_key; /* for WRITER_USERS_HASH, the same for all who hash; empty: the writer makes its own */
	const struct words *words;       /* the language of what is not data; NULL: English */

	/* Of the formats for other programs. Pointers are borrowed as long as the writer lives. */
	const char *version; /* of this program; NULL: not told */
	const char *sensor;  /* its name; NULL: none */
	bool live;           /* packets come from interfaces */
	bool ocsf_1_3;       /* OCSF as it was in version 1.3 */
	size_t document_max; /* bytes of a document, if that is less than the format allows; 0: as it allows */
	const struct diagnosis_network *local_networks; /* from where a direction is seen; none: it is not told */
	size_t local_network_count;
};

struct writer;

/* What a run saw: the "statistics" document and the metrics. Filled by cli from capture's counters and its own. Counters are since
 * the start; what says "now" goes up and down. A run over files knows nothing of the groups that have a flag of their own. */
struct writer_statistics {
	uint64_t frames, bytes, segments;
	uint64_t not_understood;          /* frames without a TCP segment that could be read */
	const struct writer_reason { const char *reason; uint64_t count; } *reasons; /* of not_understood, and others by name */
	size_t reason_count;
	uint64_t connections, sessions, gaps, gap_bytes, evictions;
	uint64_t failures_not_told; /* connections that never came about, too many in a short time to tell of each */
	bool from_documents; /* --sessions: documents were read, and no packets */
	uint64_t documents;  /* all of them; those that were no session of use are counted in reasons */
	const struct tallies *tallies; /* report/tallies.h: what the sessions were; NULL: nobody counted */
	const struct tallies *diagnosed; /* of which only the diagnoses were counted; NULL: not so */

	bool has_live; /* packets come from interfaces, or with has_topic documents: it goes on until it is ended */
	struct writer_live {
		bool final;           /* the last of the run */
		const char *version;  /* of the program */
		int64_t start_ns;     /* time of the start */
		int64_t time_ns;      /* of this snapshot */
		int64_t uptime_ns;    /* by a clock that nobody sets */
		int64_t interval_ns;  /* since the statistics before */
		const struct writer_interface {
			const char *name;
			enum writer_interface_state { WRITER_INTERFACE_UP, WRITER_INTERFACE_DOWN, WRITER_INTERFACE_GONE } state; /* now */
			uint64_t frames, bytes, dropped_by_kernel, dropped_by_interface;
			uint64_t outages; /* how often it went down or disappeared */
		} *interfaces;
		size_t interface_count;
		uint64_t flows_embryonic, flows_open, flows_closing; /* now; each connection is in one of them */
		uint64_t sessions_open; /* now: sessions whose document is not complete */
		uint64_t ignored_segments; /* with impossible sequence numbers */
		uint64_t memory_bytes;  /* now, resident, of the whole process; 0: not known */
		/* The memory whose amount the network decides, each with its limit: "tcp" (bytes out of order), "evidence" (packets of
		 * open sessions), "output" (documents not written yet), ... */
		const struct writer_pool { const char *name; uint64_t bytes, bytes_max; } *pools;
		size_t pool_count;
	} live;

	bool has_decryption; /* there were secrets of TLS connections, or some may come */
	struct writer_decryption {
		uint64_t connections; /* with TLS from its beginning on, while there were secrets */
		uint64_t decrypted;   /* of these, that one of them fitted */
		uint64_t secrets_read; /* so many lines of key logs had one */
		uint64_t lines_not_understood;
		uint64_t secrets;     /* now */
		uint64_t secrets_evicted; /* the oldest, for lack of room */
	} decryption;

	bool has_output; /* documents are handed to a delivery of their own, which can lag and lose */
	struct writer_output {
		uint64_t queue_documents, queue_bytes; /* now, in memory */
		uint64_t spool_documents, spool_bytes; /* now, on disk */
		uint64_t documents_written, bytes_written, documents_lost, write_errors;
		/* The same, one by one; all together are the sums of them. */
		const struct writer_sink {
			const char *name;   /* as it was given, without parameters */
			const char *format;
			bool up;            /* the last attempt to write did not fail */
			uint64_t queue_documents, queue_bytes, spool_documents, spool_bytes;
			uint64_t documents_written, bytes_written, documents_lost, write_errors;
			uint64_t documents_rejected; /* refused by the receiver for good */
		} *sinks;
		size_t sink_count;
	} output;

	bool has_topic; /* documents are read from a log, as a member of a group; of live there is the time, memory and pools */
	struct writer_topic {
		const char *name, *group;
		bool up;                 /* the last that was heard of the brokers is good */
		uint64_t records, bytes; /* read */
		uint64_t skipped;        /* of these, of no use; reasons say why */
		uint64_t duplicates;     /* sessions that were there a short while before */
		uint64_t read_again;     /* records read to know what had been known before */
		uint64_t rebalances, commits, commit_errors, errors;
		uint64_t not_committed;  /* now: read, and their diagnoses not yet known to have arrived */
		const struct writer_partition {
			int32_t partition;
			int64_t lag; /* now, records that were not read yet; -1: it is not known */
		} *partitions; /* that are ours */
		size_t partition_count;
	} topic;

	bool has_evidence; /* packets are kept as evidence */
	struct writer_evidence {
		uint64_t files_written, files_removed;
		uint64_t packets_dropped; /* not kept for lack of memory or of disk */
		uint64_t disk_bytes;      /* now */
	} evidence;
};

/* One output format. Formats are rows of a table in writer.c, chosen by name. */
struct writer_format {
	const char *name;    /* as in -o NAME */
	const char *summary; /* one line for --help */
	struct writer *(*create)(const struct writer_options *options, FILE *out); /* NULL: no memory */
	/* Each of the following returns 0 or a negative errno when out could not be written. */
	/* A session that is over, or, with a record of record_copy_so_far(), what there is of it so far. */
	int (*session)(struct writer *writer, const struct record *record);
	/* One step of a session, when it happens. record is what there is of the session so far, entry is no part of it.
	 * It is called by another thread than the others, on a writer of its own that writes to the same stream. NULL: the
	 * format shows sessions as a whole only. */
	int (*entry)(struct writer *writer, const struct record *record, const struct record_timeline_entry *entry);
	/* What all sessions say together, after the last of them; the report lives until destroy(). Users in it are already as the
	 * options want them. NULL: the format has no place for it. */
	int (*diagnoses)(struct writer *writer, const struct diagnosis_report *report);
	/* Live: where the run stands. NULL: the format has no place for it. */
	int (*statistics)(struct writer *writer, const struct writer_statistics *statistics);
	/* One diagnosis while it lasts, with its state; it lives for the call. NULL: as above. */
	int (*diagnosis)(struct writer *writer, const struct diagnosis *diagnosis);
	int (*end)(struct writer *writer, const struct writer_statistics *statistics); /* after the last session; flushes out */
	void (*destroy)(struct writer *writer); /* accepts NULL; does not close out */
};

/* Returns the format of that name, or NULL. */
const struct writer_format *writer_find(const char *name);
/* Returns all formats, ended by NULL. */
const struct writer_format *const *writer_formats(void);

#endif
