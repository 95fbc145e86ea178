/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One segment is written at a time, the last of the list, and one is read, the first; they can be the same. A segment of an
 * earlier run is never written to again, but for the offset in its header.
 */
#include "report/sink/spool.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "report/sink/held_directory.h"

enum {
	SEGMENT_LEAST = 64 * 1024,
	SEGMENT_MOST = 8 * 1024 * 1024,
	NAME_SIZE = 48,
};

static const char magic[8] = "smtpspl1";

struct header {
	char magic[8];
	uint64_t delivered; /* offset in the file */
};

struct record_header {
	uint32_t len, crc;
};

struct segment {
	struct segment *next;
	uint64_t number;
	int fd; /* -1: closed */
	uint64_t delivered, size;
	uint64_t documents, bytes; /* from delivered to size */
	bool writable;             /* made by us, and nothing went wrong with it */
};

struct spool {
	struct held_directory directory;
	uint64_t bytes_max, segment_max;
	struct segment *first, *last;
	uint64_t next_number;
	uint64_t size; /* of all segments */
	uint64_t documents, bytes;
	char *scratch;
	size_t scratch_capacity;
};

uint64_t spool_documents(const struct spool *spool) {
	return spool->documents;
}

uint64_t spool_bytes(const struct spool *spool) {
	return spool->bytes;
}

const struct held_directory *spool_get_directory(const struct spool *spool) {
	return &spool->directory;
}

static uint32_t checksum(uint32_t len, const char *data) {
	uLong crc = crc32(0, (const Bytef *)&len, sizeof(len));
	return (uint32_t)crc32(crc, (const Bytef *)data, len);
}

static void segment_name(uint64_t number, char ret_name[NAME_SIZE]) {
	snprintf(ret_name, NAME_SIZE, "smtpscope-%016" PRIx64 ".spool", number);
}

/* Only names that segment_name() makes: whatever else is in the directory is not ours. */
static bool parse_segment_name(const char *name, uint64_t *ret_number) {
	uint64_t number;
	char again[NAME_SIZE];
	if (sscanf(name, "smtpscope-%16" SCNx64 ".spool", &number) != 1)
		return false;
	segment_name(number, again);
	if (strcmp(name, again) != 0)
		return false;
	*ret_number = number;
	return true;
}

static int reserve(struct spool *spool, size_t len) {
	if (len <= spool->scratch_capacity)
		return 0;
	char *scratch = realloc(spool->scratch, len);
	if (scratch == NULL)
		return -ENOMEM;
	spool->scratch = scratch;
	spool->scratch_capacity = len;
	return 0;
}

/* Returns how many bytes there were, less than len at the end of the file, or a negative errno. */
static ssize_t read_at(int fd, char *data, size_t len, uint64_t offset) {
	size_t done = 0;
	while (done < len) {
		ssize_t n = pread(fd, data + done, len - done, (off_t)(offset + done));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		done += (size_t)n;
	}
	return (ssize_t)done;
}

static int write_at(int fd, const char *data, size_t len, uint64_t offset) {
	while (len > 0) {
		ssize_t n = pwrite(fd, data, len, (off_t)offset);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -EIO;
		data += n;
		len -= (size_t)n;
		offset += (uint64_t)n;
	}
	return 0;
}

/* ---- Segments ---- */

static void close_segment(struct segment *segment) {
	if (segment->fd >= 0)
		close(segment->fd);
	segment->fd = -1;
}

static int open_segment(struct spool *spool, struct segment *segment) {
	char name[NAME_SIZE];
	if (segment->fd >= 0)
		return 0;
	segment_name(segment->number, name);
	segment->fd = openat(spool->directory.fd, name, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	return segment->fd < 0 ? -errno : 0;
}

/* Removes the first segment, with all that is still in it. */
static void drop_first(struct spool *spool) {
	struct segment *segment = spool->first;
	char name[NAME_SIZE];
	segment_name(segment->number, name);
	unlinkat(spool->directory.fd, name, 0);
	close_segment(segment);
	spool->size -= segment->size;
	spool->documents -= segment->documents;
	spool->bytes -= segment->bytes;
	spool->first = segment->next;
	if (spool->first == NULL)
		spool->last = NULL;
	free(segment);
}

static void add_segment(struct spool *spool, struct segment *segment) {
	if (spool->last != NULL)
		spool->last->next = segment;
	else
		spool->first = segment;
	spool->last = segment;
}

static int create_segment(struct spool *spool) {
	struct header header = {.delivered = sizeof(header)};
	char name[NAME_SIZE];
	struct segment *segment = malloc(sizeof(*segment));
	if (segment == NULL)
		return -ENOMEM;

	memcpy(header.magic, magic, sizeof(magic));
	*segment = (struct segment){
		.number = spool->next_number, .delivered = sizeof(header), .size = sizeof(header), .writable = true};
	segment_name(segment->number, name);
	segment->fd = openat(spool->directory.fd, name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (segment->fd < 0) {
		int error = -errno;
		if (error == -EEXIST)
			spool->next_number++; /* next time another */
		free(segment);
		return error;
	}
	int error = write_at(segment->fd, (const char *)&header, sizeof(header), 0);
	if (error < 0) {
		unlinkat(spool->directory.fd, name, 0);
		close(segment->fd);
		free(segment);
		return error;
	}
	spool->next_number++;
	spool->size += sizeof(header);
	add_segment(spool, segment);
	return 0;
}

/* No more is written to the last segment. */
static void retire_last(struct spool *spool, bool sync) {
	if (spool->last == NULL || !spool->last->writable)
		return;
	spool->last->writable = false;
	if (sync && spool->last->fd >= 0)
		fdatasync(spool->last->fd);
	if (spool->last != spool->first)
		close_segment(spool->last);
}

/* Reads the record at the offset into scratch. Returns the document's length; 0: there is no whole record; negative errno.
 */
static ssize_t read_record(struct spool *spool, int fd, uint64_t offset, uint64_t end) {
	struct record_header header;
	if (end - offset < sizeof(header))
		return 0;
	ssize_t n = read_at(fd, (char *)&header, sizeof(header), offset);
	if (n < (ssize_t)sizeof(header))
		return n < 0 ? n : 0;
	if (header.len == 0 || header.len > end - offset - sizeof(header))
		return 0;
	int error = reserve(spool, header.len);
	if (error < 0)
		return error;
	n = read_at(fd, spool->scratch, header.len, offset + sizeof(header));
	if (n < (ssize_t)header.len)
		return n < 0 ? n : 0;
	return checksum(header.len, spool->scratch) == header.crc ? (ssize_t)header.len : 0;
}

/* Counts what an earlier run left in a segment. Returns 1 when all is well, 0 when it ends in something unreadable, or a
 * negative errno. */
static int scan_segment(struct spool *spool, struct segment *segment) {
	struct header header;
	struct stat status;
	int error = open_segment(spool, segment);
	if (error < 0)
		return error;
	if (fstat(segment->fd, &status) < 0)
		return -errno;
	ssize_t n = read_at(segment->fd, (char *)&header, sizeof(header), 0);
	if (n < 0)
		return (int)n;
	segment->size = (uint64_t)status.st_size;
	if (n < (ssize_t)sizeof(header) || memcmp(header.magic, magic, sizeof(magic)) != 0)
		return 0;

	uint64_t offset = header.delivered;
	if (offset < sizeof(header) || offset > segment->size)
		offset = sizeof(header);
	segment->delivered = offset;
	while (offset < segment->size) {
		ssize_t len = read_record(spool, segment->fd, offset, segment->size);
		if (len < 0)
			return (int)len;
		if (len == 0)
			break;
		segment->documents++;
		segment->bytes += (uint64_t)len;
		offset += sizeof(struct record_header) + (uint64_t)len;
	}
	if (offset == segment->size)
		return 1;
	/* The bound counts what it takes on disk; cutting is only to take less. */
	if (ftruncate(segment->fd, (off_t)offset) == 0)
		segment->size = offset;
	return 0;
}

static int compare_numbers(const void *one, const void *other) {
	uint64_t a = *(const uint64_t *)one, b = *(const uint64_t *)other;
	return (a > b) - (a < b);
}

/* Lists the numbers of all segments in order. The caller frees them. */
static int list_segments(int directory, uint64_t **ret_numbers, size_t *ret_count) {
	uint64_t *numbers = NULL, number;
	size_t count = 0, capacity = 0;
	int error = 0;

	int fd = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *stream = fd >= 0 ? fdopendir(fd) : NULL;
	if (stream == NULL) {
		error = -errno;
		if (fd >= 0)
			close(fd);
		return error;
	}
	for (const struct dirent *entry; error == 0 && (entry = readdir(stream)) != NULL;) {
		if (!parse_segment_name(entry->d_name, &number))
			continue;
		if (count == capacity) {
			capacity = capacity > 0 ? 2 * capacity : 64;
			uint64_t *more = reallocarray(numbers, capacity, sizeof(*numbers));
			if (more == NULL) {
				error = -ENOMEM;
				break;
			}
			numbers = more;
		}
		numbers[count++] = number;
	}
	closedir(stream);
	if (error < 0) {
		free(numbers);
		return error;
	}
	if (count > 0)
		qsort(numbers, count, sizeof(*numbers), compare_numbers);
	*ret_numbers = numbers;
	*ret_count = count;
	return 0;
}

static int scan(struct spool *spool, struct spool_found *ret_found) {
	uint64_t *numbers = NULL;
	size_t count = 0;
	struct spool_found found = {0};
	int error = list_segments(spool->directory.fd, &numbers, &count);
	if (error < 0)
		return error;
	for (size_t i = 0; i < count; i++) {
		struct segment *segment = malloc(sizeof(*segment));
		if (segment == NULL) {
			free(numbers);
			return -ENOMEM;
		}
		*segment = (struct segment){.number = numbers[i], .fd = -1};
		spool->next_number = numbers[i] + 1;
		int whole = scan_segment(spool, segment);
		close_segment(segment);
		if (whole < 0) {
			free(segment);
			free(numbers);
			return whole;
		}
		found.damaged += whole == 0;
		add_segment(spool, segment);
		spool->size += segment->size;
		spool->documents += segment->documents;
		spool->bytes += segment->bytes;
	}
	free(numbers);
	found.documents = spool->documents;
	found.bytes = spool->bytes;
	while (spool->first != NULL && spool->first->documents == 0)
		drop_first(spool);
	*ret_found = found;
	return 0;
}

int spool_open(const char *path, uint64_t bytes_max, struct spool **ret_spool, struct spool_found *ret_found) {
	struct spool *spool = calloc(1, sizeof(*spool));
	if (spool == NULL)
		return -ENOMEM;
	spool->bytes_max = bytes_max;
	spool->segment_max = bytes_max / 8;
	if (spool->segment_max < SEGMENT_LEAST)
		spool->segment_max = SEGMENT_LEAST;
	if (spool->segment_max > SEGMENT_MOST)
		spool->segment_max = SEGMENT_MOST;

	int error = held_directory_open(&spool->directory, path);
	if (error < 0) {
		free(spool);
		return error;
	}
	/* Two that deliver from the same spool would deliver everything twice. */
	if (flock(spool->directory.fd, LOCK_EX | LOCK_NB) < 0)
		error = errno == EWOULDBLOCK ? -EBUSY : -errno;
	if (error == 0)
		error = scan(spool, ret_found);
	if (error < 0) {
		spool_close(spool);
		return error;
	}
	*ret_spool = spool;
	return 0;
}

void spool_close(struct spool *spool) {
	if (spool == NULL)
		return;
	while (spool->first != NULL) {
		struct segment *next = spool->first->next;
		close_segment(spool->first);
		free(spool->first);
		spool->first = next;
	}
	held_directory_close(&spool->directory);
	free(spool->scratch);
	free(spool);
}

void spool_check(struct spool *spool) {
	if (held_directory_check(&spool->directory) == 1) {
		/* Nobody else can have locked what did not exist; if someone does now, there is nothing we could do. */
		flock(spool->directory.fd, LOCK_EX | LOCK_NB);
	}
}

int spool_sync(struct spool *spool) {
	int result = 0;
	if (spool->last != NULL && spool->last->writable && spool->last->fd >= 0 && fdatasync(spool->last->fd) < 0)
		result = -errno;
	if (fsync(spool->directory.fd) < 0 && result == 0)
		result = -errno;
	return result;
}

/* ---- Appending ---- */

/* Makes the last segment one that can take len bytes more. */
static int make_room(struct spool *spool, size_t len) {
	struct stat status;
	struct segment *last = spool->last;
	if (last != NULL && last->writable) {
		/* Somebody has removed it: what is written now would be found by nobody after a restart. */
		bool gone = fstat(last->fd, &status) < 0 || status.st_nlink == 0;
		bool full = last->size > sizeof(struct header) && last->size + len > spool->segment_max;
		if (gone || full)
			retire_last(spool, !gone);
	}
	if (spool->last == NULL || !spool->last->writable) {
		if (spool->size + sizeof(struct header) + len > spool->bytes_max)
			return -ENOSPC;
		return create_segment(spool);
	}
	return spool->size + len > spool->bytes_max ? -ENOSPC : 0;
}

/* Appends a run of documents in one write; all or nothing. */
static int append_run(struct spool *spool, const struct batch *batch, size_t first, size_t count, size_t bytes) {
	size_t len = bytes + count * sizeof(struct record_header);
	int error = reserve(spool, len);
	if (error == 0)
		error = make_room(spool, len);
	if (error < 0)
		return error;

	char *at = spool->scratch;
	for (size_t i = first; i < first + count; i++) {
		size_t start = batch_start(batch, i);
		struct record_header header = {.len = (uint32_t)(batch->ends[i] - start)};
		header.crc = checksum(header.len, batch->data + start);
		memcpy(at, &header, sizeof(header));
		memcpy(at + sizeof(header), batch->data + start, header.len);
		at += sizeof(header) + header.len;
	}
	struct segment *segment = spool->last;
	error = write_at(segment->fd, spool->scratch, len, segment->size);
	if (error < 0) {
		/* What is left behind cannot be told from more records by who reads it after a crash: better no more follow.
		 */
		if (ftruncate(segment->fd, (off_t)segment->size) < 0)
			retire_last(spool, false);
		return error;
	}
	segment->size += len;
	segment->documents += count;
	segment->bytes += bytes;
	spool->size += len;
	spool->documents += count;
	spool->bytes += bytes;
	return 0;
}

int spool_append(struct spool *spool, const struct batch *batch, size_t first, size_t *ret_count) {
	size_t taken = 0;
	int error = 0;
	while (first + taken < batch->count) {
		/* As many as a segment may have, at least one. */
		size_t from = first + taken, count = 0, bytes = 0;
		while (from + count < batch->count) {
			size_t more = batch->ends[from + count] - batch_start(batch, from + count);
			size_t len = bytes + more + (count + 1) * sizeof(struct record_header);
			if (count > 0 && len + sizeof(struct header) > spool->segment_max)
				break;
			bytes += more;
			count++;
		}
		error = append_run(spool, batch, from, count, bytes);
		/* Near the bound the single document may have room where all of them have not. */
		while (error == -ENOSPC && count > 1) {
			count /= 2;
			bytes = batch_start(batch, from + count) - batch_start(batch, from);
			error = append_run(spool, batch, from, count, bytes);
		}
		if (error < 0)
			break;
		taken += count;
	}
	*ret_count = taken;
	return error;
}

bool spool_is_full(const struct spool *spool) {
	return spool->size > spool->bytes_max - spool->bytes_max / 4;
}

uint64_t spool_give_up(struct spool *spool, uint64_t *ret_bytes) {
	struct segment *segment = spool->first != NULL ? spool->first->next : NULL;
	char name[NAME_SIZE];
	if (segment == NULL)
		return 0;
	uint64_t documents = segment->documents;
	*ret_bytes = segment->bytes;
	segment_name(segment->number, name);
	unlinkat(spool->directory.fd, name, 0);
	close_segment(segment);
	spool->size -= segment->size;
	spool->documents -= segment->documents;
	spool->bytes -= segment->bytes;
	spool->first->next = segment->next;
	if (spool->last == segment)
		spool->last = spool->first;
	free(segment);
	return documents;
}

/* ---- Reading ---- */

/* Gives up what is left of the first segment. */
static void give_up_first(struct spool *spool, uint64_t *lost) {
	*lost += spool->first->documents;
	drop_first(spool);
}

/* Reads one document after the other while the batch has room. */
static int fill(struct spool *spool, struct segment *segment, struct batch *batch) {
	uint64_t offset = segment->delivered;
	while (batch->count < segment->documents) {
		ssize_t len = read_record(spool, segment->fd, offset, segment->size);
		if (len <= 0)
			return len < 0 ? (int)len : -EBADMSG;
		if (!batch_add(batch, spool->scratch, (size_t)len))
			return 0;
		offset += sizeof(struct record_header) + (uint64_t)len;
	}
	return 0;
}

struct batch *spool_read(struct spool *spool, uint64_t *ret_lost) {
	*ret_lost = 0;
	while (spool->first != NULL) {
		struct segment *segment = spool->first;
		if (segment->documents == 0) {
			drop_first(spool);
			continue;
		}
		ssize_t len = open_segment(spool, segment);
		if (len == 0)
			len = read_record(spool, segment->fd, segment->delivered, segment->size);
		if (len == -ENOMEM || len == -EMFILE || len == -ENFILE)
			return NULL; /* not the segment's fault */
		if (len <= 0) {
			give_up_first(spool, ret_lost);
			continue;
		}
		size_t capacity = (size_t)len > BATCH_BYTES ? (size_t)len : BATCH_BYTES;
		struct batch *batch = batch_create(capacity, BATCH_DOCUMENTS);
		if (batch == NULL)
			return NULL;
		/* An unreadable record is met again, as the first one, when those before it are delivered. */
		fill(spool, segment, batch);
		if (batch->count > 0)
			return batch;
		batch_destroy(batch);
		return NULL;
	}
	return NULL;
}

/* The first documents of the first segment are delivered. */
static void advance_first(struct spool *spool, size_t count, size_t bytes) {
	struct segment *segment = spool->first;
	assert(bytes <= segment->bytes);
	segment->documents -= count;
	segment->bytes -= bytes;
	segment->delivered += bytes + count * sizeof(struct record_header);
	spool->documents -= count;
	spool->bytes -= bytes;
	if (segment->documents == 0) {
		drop_first(spool);
		return;
	}
	/* When this fails they are delivered twice after a restart, which is better than not at all. */
	if (open_segment(spool, segment) == 0)
		(void)write_at(segment->fd, (const char *)&segment->delivered, sizeof(segment->delivered),
			offsetof(struct header, delivered));
}

void spool_acknowledge(struct spool *spool, const struct batch *batch, size_t first, size_t count) {
	while (count > 0 && spool->first != NULL) {
		if (spool->first->documents == 0) { /* it was made, and then nothing could be written to it */
			drop_first(spool);
			continue;
		}
		size_t now = count < spool->first->documents ? count : (size_t)spool->first->documents;
		advance_first(spool, now, batch_start(batch, first + now) - batch_start(batch, first));
		first += now;
		count -= now;
	}
}
