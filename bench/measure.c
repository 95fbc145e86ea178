/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Runs a command and writes what it cost, in one line: wall and CPU seconds, peak resident memory in KiB, exit status.
 *
 *   measure RESULT-FILE COMMAND [ARGUMENT ...]
 *
 * The kernel lets a process inherit the peak memory of the one that it was forked from. A script's interpreter is larger
 * than what is to be measured; this program is not.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double seconds(struct timeval t) {
	return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

static double now(void) {
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

int main(int argc, char **argv) {
	if (argc < 3) {
		fputs("usage: measure RESULT-FILE COMMAND [ARGUMENT ...]\n", stderr);
		return 2;
	}
	double start = now();
	pid_t child = fork();
	if (child == 0) {
		execvp(argv[2], argv + 2);
		fprintf(stderr, "measure: %s: %s\n", argv[2], strerror(errno));
		_exit(127);
	}
	int status;
	struct rusage usage;
	if (child < 0 || wait4(child, &status, 0, &usage) != child) {
		fprintf(stderr, "measure: %s: %s\n", argv[2], strerror(errno));
		return 1;
	}
	double wall = now() - start;
	FILE *result = fopen(argv[1], "w");
	if (!result) {
		fprintf(stderr, "measure: %s: %s\n", argv[1], strerror(errno));
		return 1;
	}
	fprintf(result, "%.6f %.6f %ld %d\n", wall, seconds(usage.ru_utime) + seconds(usage.ru_stime), usage.ru_maxrss,
		WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
	return fclose(result) ? 1 : 0;
}
