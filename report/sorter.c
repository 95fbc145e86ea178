/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * An external merge sort: what fills the memory is sorted and written to a file, a run; at the end all runs are merged,
 * together with what is still in memory. Too many runs are merged into one beforehand, the smaller ones first.
 *
 * An item is a header (struct item) and packed facts, in memory as in the files. Packed facts begin with the id, so that
 * comparing their bytes puts those of the same id together.
 */
#include "report/sorter.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	RUNS_MAX = 64,
	RUN_BUFFER = 64 * 1024,
	BUFFER_FIRST = 64 * 1024,
	ITEM_MAX = 1 << 24, /* far more than facts can take: a file that says more is not what was written */
};

struct item {
	int64_t start_ns;
	uint64_t len; /* of the packed facts that follow */
};

/* A file of sorted items. */
struct run {
	FILE *file;
	uint64_t bytes;
	/* While it is merged: its next item. */
	struct item item;
	char *data;
	size_t capacity;
};

struct sorter {
	int directory_fd; /* borrowed; a negative errno when there is none */
	size_t memory_limit;
	char *buffer; /* items, one behind the other */
	size_t len, capacity;
	size_t *offsets; /* of the items in the buffer */
	size_t count, offsets_capacity;
	struct run runs[RUNS_MAX];
	size_t run_count;
};

static int last_error(void) {
	return errno != 0 ? -errno : -EIO;
}

int sorter_open_directory(void) {
	const char *folder = getenv("TMPDIR");
	if (folder == NULL || folder[0] == '\0')
		folder = "/tmp";
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd >= 0 ? fd : last_error();
}

struct sorter *sorter_create(size_t memory_limit, int directory_fd) {
	struct sorter *sorter = calloc(1, sizeof(*sorter));
	if (sorter == NULL)
		return NULL;
	sorter->memory_limit = memory_limit > 0 ? memory_limit : SORTER_MEMORY;
	sorter->directory_fd = directory_fd;
	return sorter;
}

static void run_finish(struct run *run) {
	if (run->file != NULL)
		fclose(run->file);
	free(run->data);
	*run = (struct run){0};
}

void sorter_destroy(struct sorter *sorter) {
	if (sorter == NULL)
		return;
	for (size_t i = 0; i < sorter->run_count; i++)
		run_finish(&sorter->runs[i]);
	free(sorter->offsets);
	free(sorter->buffer);
	free(sorter);
}

size_t sorter_file_count(const struct sorter *sorter) {
	return sorter->run_count;
}

/* ---- The order ---- */

static int compare(const struct item *one, const char *one_data, const struct item *other, const char *other_data) {
	if (one->start_ns != other->start_ns)
		return one->start_ns < other->start_ns ? -1 : 1;
	size_t len = one->len < other->len ? one->len : other->len;
	int order = memcmp(one_data, other_data, len);
	return order != 0 ? order : (one->len > len) - (other->len > len);
}

static int compare_offsets(const void *one, const void *other, void *buffer) {
	const char *one_at = (const char *)buffer + *(const size_t *)one;
	const char *other_at = (const char *)buffer + *(const size_t *)other;
	struct item one_item, other_item; /* the buffer does not align them */
	memcpy(&one_item, one_at, sizeof(one_item));
	memcpy(&other_item, other_at, sizeof(other_item));
	return compare(&one_item, one_at + sizeof(one_item), &other_item, other_at + sizeof(other_item));
}

static void sort_memory(struct sorter *sorter) {
	if (sorter->count > 1)
		qsort_r(sorter->offsets, sorter->count, sizeof(*sorter->offsets), compare_offsets, sorter->buffer);
}

static void forget_memory(struct sorter *sorter) {
	sorter->len = 0;
	sorter->count = 0;
}

/* ---- Files ---- */

/* Only we can read it, and it is gone with us, whatever happens. */
static int open_unnamed(int directory_fd) {
	if (directory_fd < 0)
		return directory_fd;
	int fd = openat(directory_fd, ".", O_TMPFILE | O_RDWR | O_CLOEXEC | O_EXCL, S_IRUSR | S_IWUSR);
	if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != ENOENT))
		return fd >= 0 ? fd : last_error();
	/* A file system that cannot do it. */
	uint64_t random;
	char name[sizeof("smtpscope-") + 16];
	if (getrandom(&random, sizeof(random), 0) != sizeof(random))
		return last_error();
	snprintf(name, sizeof(name), "smtpscope-%016" PRIx64, random);
	fd = openat(directory_fd, name, O_CREAT | O_EXCL | O_NOFOLLOW | O_RDWR | O_CLOEXEC, S_IRUSR | S_IWUSR);
	if (fd < 0)
		return last_error();
	unlinkat(directory_fd, name, 0);
	return fd;
}

static int run_create(const struct sorter *sorter, struct run *ret_run) {
	int fd = open_unnamed(sorter->directory_fd);
	if (fd < 0)
		return fd;
	FILE *file = fdopen(fd, "w+");
	if (file == NULL) {
		close(fd);
		return -ENOMEM;
	}
	setvbuf(file, NULL, _IOFBF, RUN_BUFFER);
	*ret_run = (struct run){.file = file};
	return 0;
}

static int run_write(struct run *run, const struct item *item, const char *data) {
	errno = 0;
	if (fwrite_unlocked(item, sizeof(*item), 1, run->file) != 1 ||
		fwrite_unlocked(data, 1, item->len, run->file) != item->len)
		return last_error();
	run->bytes += sizeof(*item) + item->len;
	return 0;
}

/* Written to its end; to be read from its start. */
static int run_rewind(struct run *run) {
	errno = 0;
	return fflush(run->file) == 0 && fseeko(run->file, 0, SEEK_SET) == 0 ? 0 : last_error();
}

/* Reads the next item. Returns 1, 0 at the end, or a negative errno. */
static int run_next(struct run *run) {
	errno = 0;
	if (fread_unlocked(&run->item, sizeof(run->item), 1, run->file) != 1)
		return feof_unlocked(run->file) ? 0 : last_error();
	if (run->item.len > ITEM_MAX)
		return -EIO;
	if (run->item.len > run->capacity) {
		char *data = realloc(run->data, run->item.len);
		if (data == NULL)
			return -ENOMEM;
		run->data = data;
		run->capacity = run->item.len;
	}
	return fread_unlocked(run->data, 1, run->item.len, run->file) == run->item.len ? 1 : last_error();
}

/* ---- Merging ---- */

/* Takes an item; lives for the call. Returns 0 or a negative errno. */
typedef int item_handler(void *context, const struct item *item, const char *data);

/* Runs by their next item, the first of all at the root. */
struct heap {
	struct run *runs[RUNS_MAX];
	size_t count;
};

static bool comes_before(const struct run *one, const struct run *other) {
	return compare(&one->item, one->data, &other->item, other->data) < 0;
}

static void sift_down(struct heap *heap, size_t at) {
	for (;;) {
		size_t first = at;
		for (size_t child = 2 * at + 1; child <= 2 * at + 2 && child < heap->count; child++)
			if (comes_before(heap->runs[child], heap->runs[first]))
				first = child;
		if (first == at)
			return;
		struct run *run = heap->runs[at];
		heap->runs[at] = heap->runs[first];
		heap->runs[first] = run;
		at = first;
	}
}

/* Merges runs[0..count) and gives them back. */
static int merge(struct run *runs, size_t count, item_handler *handle, void *context) {
	struct heap heap = {.count = 0};
	int result = 0;
	for (size_t i = 0; i < count && result >= 0; i++) {
		result = run_rewind(&runs[i]);
		if (result == 0)
			result = run_next(&runs[i]);
		if (result == 1)
			heap.runs[heap.count++] = &runs[i];
	}
	for (size_t i = heap.count; i > 0; i--)
		sift_down(&heap, i - 1);
	while (heap.count > 0 && result >= 0) {
		struct run *run = heap.runs[0];
		result = handle(context, &run->item, run->data);
		if (result == 0)
			result = run_next(run);
		if (result == 0)
			heap.runs[0] = heap.runs[--heap.count];
		sift_down(&heap, 0);
	}
	for (size_t i = 0; i < count; i++)
		run_finish(&runs[i]);
	return result < 0 ? result : 0;
}

static int write_item(void *run, const struct item *item, const char *data) {
	return run_write(run, item, data);
}

static int compare_sizes(const void *one, const void *other) {
	uint64_t a = ((const struct run *)one)->bytes, b = ((const struct run *)other)->bytes;
	return (a > b) - (a < b);
}

/* Makes one of the smaller half of all runs, so that each byte is written again only a few times. */
static int merge_some(struct sorter *sorter) {
	enum { MERGED = RUNS_MAX / 2 };
	qsort(sorter->runs, sorter->run_count, sizeof(*sorter->runs), compare_sizes);
	struct run merged;
	int result = run_create(sorter, &merged);
	if (result < 0)
		return result;
	result = merge(sorter->runs, MERGED, write_item, &merged);
	if (result < 0) {
		run_finish(&merged);
		return result;
	}
	sorter->runs[0] = merged;
	sorter->run_count -= MERGED - 1;
	memmove(sorter->runs + 1, sorter->runs + MERGED, (sorter->run_count - 1) * sizeof(*sorter->runs));
	return 0;
}

/* Sorts what is in memory and hands it on. */
static int hand_on_memory(struct sorter *sorter, item_handler *handle, void *context) {
	int result = 0;
	sort_memory(sorter);
	for (size_t i = 0; i < sorter->count && result == 0; i++) {
		struct item item;
		const char *at = sorter->buffer + sorter->offsets[i];
		memcpy(&item, at, sizeof(item));
		result = handle(context, &item, at + sizeof(item));
	}
	forget_memory(sorter);
	return result;
}

static int spill(struct sorter *sorter) {
	int result = sorter->run_count == RUNS_MAX ? merge_some(sorter) : 0;
	if (result == 0)
		result = run_create(sorter, &sorter->runs[sorter->run_count]);
	if (result == 0)
		result = hand_on_memory(sorter, write_item, &sorter->runs[sorter->run_count++]);
	return result;
}

/* ---- Adding ---- */

static bool add_offset(struct sorter *sorter) {
	if (sorter->count == sorter->offsets_capacity) {
		size_t capacity = sorter->offsets_capacity > 0 ? sorter->offsets_capacity * 2 : 256;
		size_t *offsets = realloc(sorter->offsets, capacity * sizeof(*offsets));
		if (offsets == NULL)
			return false;
		sorter->offsets = offsets;
		sorter->offsets_capacity = capacity;
	}
	sorter->offsets[sorter->count++] = sorter->len;
	return true;
}

/* What sorting takes: glibc's qsort_r() copies the offsets. */
static size_t memory_used(const struct sorter *sorter) {
	return sorter->len + sorter->count * 2 * sizeof(*sorter->offsets);
}

/* facts_pack() appends; the header is filled in when it is known how long they are. */
static int append(struct sorter *sorter, const struct facts *facts) {
	struct item item = {.start_ns = facts->start_ns};
	if (sorter->capacity - sorter->len < sizeof(item)) {
		size_t capacity = sorter->capacity < BUFFER_FIRST ? BUFFER_FIRST : sorter->capacity * 2;
		char *buffer = realloc(sorter->buffer, capacity);
		if (buffer == NULL)
			return -ENOMEM;
		sorter->buffer = buffer;
		sorter->capacity = capacity;
	}
	size_t end = sorter->len + sizeof(item);
	int result = facts_pack(facts, &sorter->buffer, &end, &sorter->capacity);
	if (result < 0 || !add_offset(sorter))
		return -ENOMEM;
	item.len = end - sorter->len - sizeof(item);
	memcpy(sorter->buffer + sorter->len, &item, sizeof(item));
	sorter->len = end;
	return 0;
}

int sorter_add(struct sorter *sorter, const struct facts *facts) {
	int result = append(sorter, facts);
	if (result == 0 && memory_used(sorter) >= sorter->memory_limit)
		result = spill(sorter);
	return result;
}

/* ---- The end ---- */

struct receiver {
	void (*next)(void *context, const struct facts *facts);
	void *context;
	struct facts facts;
};

static int receive(void *context, const struct item *item, const char *data) {
	struct receiver *receiver = context;
	if (facts_unpack(data, item->len, &receiver->facts) != item->len)
		return -EIO; /* somebody changed the file */
	receiver->next(receiver->context, &receiver->facts);
	return 0;
}

int sorter_run(struct sorter *sorter, void (*next)(void *context, const struct facts *facts), void *context) {
	struct receiver receiver = {.next = next, .context = context};
	if (sorter->run_count == 0)
		return hand_on_memory(sorter, receive, &receiver);
	int result = sorter->count > 0 ? spill(sorter) : 0;
	free(sorter->buffer); /* the memory is wanted by whoever is called back */
	sorter->buffer = NULL;
	sorter->len = sorter->capacity = 0;
	if (result < 0)
		return result;
	size_t count = sorter->run_count;
	sorter->run_count = 0;
	return merge(sorter->runs, count, receive, &receiver);
}
