/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A plain main for a fuzz target: feeds it the files of its corpus, one check each, as an ordinary test without libFuzzer.
 *
 *   replay FILE-OR-FOLDER ...
 *
 * Each input stands in a heap block of its exact size, so that a sanitizer sees a read of one byte too many.
 */
#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct replay {
	unsigned count, failures;
};

static void check(struct replay *replay, int passed, const char *path) {
	replay->count++;
	replay->failures += !passed;
	printf("%s %u - %s\n", passed ? "ok" : "not ok", replay->count, path);
	fflush(stdout);
}

/* Returns the bytes in a block of their size, which the caller frees; NULL with errno when the file cannot be read. */
static uint8_t *read_all(const char *path, size_t size) {
	FILE *file = fopen(path, "rb");
	if (!file)
		return NULL;
	uint8_t *data = malloc(size);
	if ((!data && size) || fread(data, 1, size, file) != size) {
		free(data);
		data = NULL;
	}
	fclose(file);
	return data;
}

static void replay_file(struct replay *replay, const char *path, size_t size) {
	errno = 0;
	uint8_t *data = read_all(path, size);
	if (!data && size)
		printf("# %s: %s\n", path, strerror(errno));
	else
		LLVMFuzzerTestOneInput(data, size);
	check(replay, data || !size, path);
	free(data);
}

static void replay_path(struct replay *replay, const char *path);

static void replay_folder(struct replay *replay, const char *path) {
	struct dirent **entries;
	int count = scandir(path, &entries, NULL, alphasort);
	for (int i = 0; i < count; i++) {
		char *inner;
		if (entries[i]->d_name[0] != '.' && asprintf(&inner, "%s/%s", path, entries[i]->d_name) >= 0) {
			replay_path(replay, inner);
			free(inner);
		}
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
}

static void replay_path(struct replay *replay, const char *path) {
	struct stat status;
	if (stat(path, &status) != 0) {
		printf("# %s: %s\n", path, strerror(errno));
		check(replay, 0, path);
	} else if (S_ISDIR(status.st_mode)) {
		replay_folder(replay, path);
	} else {
		replay_file(replay, path, (size_t)status.st_size);
	}
}

int main(int argc, char **argv) {
	struct replay replay = {0};
	for (int i = 1; i < argc; i++)
		replay_path(&replay, argv[i]);
	if (replay.count == 0)
		check(&replay, 0, "the corpus is not empty");
	printf("1..%u\n", replay.count);
	return replay.failures != 0;
}
