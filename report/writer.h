/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Output formats. A writer turns complete records into bytes; where the bytes go is the caller's business.
 */
#ifndef SMTPSCOPE_REPORT_WRITER_H
#define SMTPSCOPE_REPORT_WRITER_H

#include <stdio.h>

#include "report/record.h"

struct diagnosis_report; /* report/diagnosis.h */
struct identity_user;    /* report/identity.h */
struct words;            /* report/words.h */

struct writer_options {
	bool colour; /* text: terminal colours */
	int width;   /* text: columns; 80 when 0 */
	enum writer_users { WRITER_USERS_KEEP, WRITER_USERS_HASH, WRITER_USERS_OMIT } users;
	struct identity_user *user_hash; /* for WRITER_USERS_HASH, shared with who else hashes; NULL: the writer makes its own */
	const struct words *words;       /* the language of what is not data; NULL: English */
};

struct writer;

/* What a run saw in all: the "statistics" document. Filled by cli from capture's counters and its own. */
struct writer_statistics {
	uint64_t frames, bytes, segments;
	uint64_t not_understood;          /* frames without a TCP segment that could be read */
	const struct writer_reason { const char *reason; uint64_t count; } *reasons; /* of not_understood, and others by name */
	size_t reason_count;
	uint64_t connections, sessions, gaps, gap_bytes, evictions;
	bool from_documents; /* --sessions: documents were read, and no packets */
	uint64_t documents;  /* all of them; those that were no session of use are counted in reasons */
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
	int (*end)(struct writer *writer, const struct writer_statistics *statistics); /* after the last session; flushes out */
	void (*destroy)(struct writer *writer); /* accepts NULL; does not close out */
};

/* Returns the format of that name, or NULL. */
const struct writer_format *writer_find(const char *name);
/* Returns all formats, ended by NULL. */
const struct writer_format *const *writer_formats(void);

#endif
