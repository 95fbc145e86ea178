/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Where documents go while packets keep coming: nobody who hands one over ever waits, and none is lost without being
 * counted.
 *
 * A document is a complete run of bytes (a line of NDJSON, a block of text with its newline) handed over whole. It goes into
 * a bounded queue in memory; a thread writes from there to the destination. When that fails or is slow, the thread moves
 * what waits to a bounded spool on disk, if there is one. When both are full, the *newest* document is dropped and counted:
 * what was accepted is never given up for something that came later, so the gap in the output is in one place, and who hands
 * the document over could be told. Documents are written in the order in which they were accepted.
 *
 * What a destination can be
 *   NULL or "-"   a given descriptor, normally standard output
 *   FILE          appended to; made with mode 0640. A FIFO or a device is written as a pipe.
 *   DIR/PATTERN   when the last part has a "%": see name_pattern.h. Times are UTC. A file is ".NAME.part" until it is
 * complete.
 *
 * What is no file comes with an output of its own (open_output). Such a sink goes after the receiver: what is delivered is what
 * the receiver has acknowledged. With a spool everything goes through it, so that nothing that waited for 50 ms is lost with the
 * process; when memory or spool are full the *oldest* documents are given up, since a receiver that was away wants to know how
 * things stand. Waiting after a failure grows to half a minute, with chance in it, so that many sensors do not come at once.
 *
 * What holds
 *   - A regular file never ends within a document for longer than a write takes; a short write is cut off again. A pipe goes
 * on at the exact byte.
 *   - After kill -9, the next sink_open() cuts off what was torn. Lost is what was in memory: with a destination that works,
 * the documents of the last 50 ms (compressed: of the last 5 s). With one that has failed for a second and a spool, not
 * more: what waited longer is in the spool. What is in the spool is delivered by the next run, and can then be there twice.
 *   - A power loss can lose what the kernel had not written yet (typically 30 s). Complete files of a pattern and full
 * segments of the spool are synced, plain files are not.
 *   - A file that is renamed is written to until sink_reopen(); one that is removed, or whose directory was removed and made
 *     again, is noticed with the next write or after a second and made again.
 *   - Nothing here waits for a disk or a reader but the sink's thread. One that hangs in the kernel (a dead network disk)
 * also keeps documents from the spool: they wait in memory, and are counted as lost when that is full.
 *
 * The sandbox. Everything is opened by sink_open(), but files in directories that it holds; directories are found again
 * through their parent. After it the thread needs: openat, close, read, write, pread64, pwrite64, lseek, ftruncate, fstat,
 * newfstatat, renameat2, linkat, unlinkat, getdents64, flock, fcntl (F_GETFL), fchown when owner is given, fdatasync, fsync,
 * poll, ppoll, ioctl (FIONREAD), clock_gettime, clock_nanosleep, futex, memory (mmap, munmap, mremap, madvise, brk), and for
 * its start clone3 or clone, mprotect, rseq, set_robust_list, rt_sigprocmask, exit. Landlock: see sink_get_directories().
 */
#ifndef SMTPSCOPE_REPORT_SINK_SINK_H
#define SMTPSCOPE_REPORT_SINK_SINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum {
	SINK_DIRECTORIES_MAX = 2,
	SINK_DOCUMENT_MAX = 64 << 20, /* bytes; a longer one is lost */
};

#define SINK_QUEUE_BYTES (UINT64_C(64) << 20)
#define SINK_SPOOL_BYTES (UINT64_C(1) << 30)

struct held_directory;   /* report/sink/held_directory.h */
struct dead_letters;     /* report/sink/dead_letters.h */
struct output;           /* report/sink/output.h */
struct output_events;
struct whole_file_calls; /* report/sink/whole_file.h */

struct sink_options {
	const char *destination; /* borrowed for sink_open() */
	int stdout_fd;           /* for a destination of NULL or "-"; stays the caller's */
	/* Only with a pattern: */
	uint64_t rotate_ns;    /* a new file every so often, counted from 1970 in UTC; whole seconds. 0: no */
	uint64_t rotate_bytes; /* a new file at that size on disk; 0: no. With neither, when the name changes. */
	uint64_t keep_files;   /* complete files that are kept; 0: all */
	uint64_t keep_age_ns;  /* since the last change of a complete file; 0: for ever */
	uint64_t keep_bytes;   /* of complete files and the one that is written; 0: any */
	bool compress_zstd;    /* frames of up to 256 KiB or 5 s; ".zst" is added to a pattern that lacks it */
	uint64_t queue_bytes;  /* memory for documents, at least about 10 KiB; 0: SINK_QUEUE_BYTES */
	const char *spool;     /* its directory; NULL: none */
	uint64_t spool_bytes;  /* 0: SINK_SPOOL_BYTES */
	bool set_owner;        /* files that are made belong to owner and group: who started as root goes on as them */
	uid_t owner;
	gid_t group;
	/* Says a line to a person, without newline: losses once a minute, when writing fails and works again, what was
	 * repaired. Called from sink_open(), from the sink's thread and from sink_finish(), never from two at once. NULL:
	 * nothing is said. */
	void (*say)(void *context, const char *text);
	void *say_context;
	/* Opens what destination names, instead of a file; its output is the sink's from then on. NULL: destination is a file. */
	int (*open_output)(void *context, struct output_events *events, struct output **ret_output);
	void *output_context;
	const char *name;                  /* of it, for a person; NULL: destination */
	struct dead_letters *dead_letters; /* for what receivers refuse; NULL: it is only counted */
	bool waits;                        /* sink_write() waits for room rather than lose, until sink_hurry() */
	/* For tests; 0: time goes as it goes. */
	unsigned times_faster;
	/* For tests; NULL: the system's. */
	int64_t (*wall_ns)(void *context); /* time since 1970, for names and rotation */
	void *wall_context;
	const struct whole_file_calls *calls;
};

/* Why sink_open() failed. */
struct sink_error {
	int error;      /* negative errno */
	char text[256]; /* for a person: what, and why */
};

struct sink_stats {
	/* submitted + recovered == written + rejected + lost + memory_documents + spool_documents after sink_finish() */
	uint64_t submitted;              /* documents handed to sink_write() */
	uint64_t recovered;              /* found in the spool at the start */
	uint64_t written, written_bytes; /* handed to the kernel whole; bytes before compression */
	uint64_t rejected; /* refused by the receiver for good */
	uint64_t lost, lost_bytes;
	uint64_t memory_documents, memory_bytes; /* wait in memory now */
	uint64_t spool_documents, spool_bytes;   /* wait in the spool now */
	uint64_t write_errors, spool_errors;
	int last_error;                          /* negative errno of the last write that failed; 0: none did */
	bool failing;                            /* the last write failed */
	uint64_t files_completed, files_removed; /* of a pattern */
	uint64_t tails_cut, tail_bytes_cut;      /* of files that ended within a document */
};

struct sink;

/* Opens all that must be opened before the sandbox, repairs and completes what an earlier run left, removes what is too old.
 * Starts no thread. Returns 0 or a negative errno, with ret_error saying why. */
int sink_open(const struct sink_options *options, struct sink **ret_sink, struct sink_error *ret_error);

/* The directories below which files are opened, made and removed later, for the sandbox (Landlock: read_file, write_file, read_dir,
 * make_reg, remove_file, truncate). They are the sink's. Each is found again through its parent when it was removed and made anew,
 * and then has the number of the old descriptor. Returns how many. */
size_t sink_get_directories(const struct sink *sink, const struct held_directory *ret_directories[SINK_DIRECTORIES_MAX]);

/* Starts the thread, which has all signals blocked. Returns 0 or a negative errno. */
int sink_start(struct sink *sink);

/* Hands a document over; data is copied. From any number of threads, also before sink_start(). Never waits for a disk or a
 * reader. False: it is lost, and counted. An empty document is nothing, and true. */
bool sink_write(struct sink *sink, const char *data, size_t len);

/* Opens the file by its name anew; of a pattern, completes the file. What fails is tried again at once. May be called in a
 * signal handler. */
void sink_reopen(struct sink *sink);

/* From now on nothing waits for longer than so: neither sink_write() nor sink_finish(). May be called in a signal handler. */
void sink_hurry(struct sink *sink, int64_t deadline_ns);

/* Ends the thread: what waits is written until deadline_ns from now have passed (< 0: however long it takes, or until
 * sink_hurry()); what is then left in memory goes to the
 * spool, or is lost. Files of a pattern are completed. Returns 0; -EIO when documents were lost at the end; -ETIMEDOUT when
 * the thread hangs in the kernel: it is left alone, and all that it has is counted as lost. sink_write() after that loses.
 */
int sink_finish(struct sink *sink, int64_t deadline_ns);

/* At any time, from any thread. */
void sink_get_stats(struct sink *sink, struct sink_stats *ret_stats);

/* After sink_finish() when the thread was started. Accepts NULL. */
void sink_destroy(struct sink *sink);

#endif
