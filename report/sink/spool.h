/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Documents that wait on disk, oldest first, across runs. For one thread.
 *
 * The directory holds segments, smtpscope-NNNNNNNNNNNNNNNN.spool (hexadecimal, counting up). A segment is a header (8 bytes
 * magic, the offset up to which it was delivered as 64 bits) and records (length as 32 bits, CRC-32 of the length and the
 * document as 32 bits, the document), in the byte order of the machine. A torn end is recognised by length and checksum. A
 * segment is removed when all of it is delivered.
 *
 * What kill -9 may lose: nothing that spool_append() took; what was delivered last may be delivered again. What a power loss
 * may lose: what was not yet on disk; segments are synced when they are full and at spool_sync().
 */
#ifndef SMTPSCOPE_REPORT_SINK_SPOOL_H
#define SMTPSCOPE_REPORT_SINK_SPOOL_H

#include "report/sink/batch.h"

struct held_directory; /* report/sink/held_directory.h */
struct spool;

/* What was found of an earlier run. */
struct spool_found {
	uint64_t documents, bytes;
	uint64_t damaged; /* segments of which something at the end could not be read */
};

/* Opens the directory and reads what is in it. All segments together take at most bytes_max. Returns 0 or a negative errno;
 * -EBUSY: another process uses it. */
int spool_open(const char *path, uint64_t bytes_max, struct spool **ret_spool, struct spool_found *ret_found);

/* Accepts NULL. Does not sync. */
void spool_close(struct spool *spool);

/* Appends the documents of the batch from number first on, as many as the bound allows. Returns 0, or a negative errno when
 * not all could be taken (-ENOSPC: the bound, or the disk is full); ret_count: how many were. */
int spool_append(struct spool *spool, const struct batch *batch, size_t first, size_t *ret_count);

/* Reads the oldest documents into a new batch, which the caller destroys. They stay in the spool until they are
 * acknowledged. NULL: there is none, or no memory. ret_lost: documents that could not be read any more and are given up. */
struct batch *spool_read(struct spool *spool, uint64_t *ret_lost);

/* The oldest count documents are delivered. They are those from number first on of a batch that spool_read() gave, or that
 * spool_append() put into an empty spool. */
void spool_acknowledge(struct spool *spool, const struct batch *batch, size_t first, size_t count);

/* Makes room: gives up the oldest segment but the first, which may be in somebody's hand. Returns how many documents were in it, 0
 * when there is none, and their bytes. */
uint64_t spool_give_up(struct spool *spool, uint64_t *ret_bytes);

/* Whether it is the bound that keeps more from being appended, rather than the disk. */
bool spool_is_full(const struct spool *spool);

/* Has the kernel write everything to the disk. Returns 0 or a negative errno. */
int spool_sync(struct spool *spool);

/* Looks whether the directory was removed and made again. */
void spool_check(struct spool *spool);

uint64_t spool_documents(const struct spool *spool);
uint64_t spool_bytes(const struct spool *spool); /* of these documents */

/* The spool's own. */
const struct held_directory *spool_get_directory(const struct spool *spool);

#endif
