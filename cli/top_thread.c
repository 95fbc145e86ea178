/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/top_thread.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/top_screen.h"

enum { LINES_KEPT = 20, LINE_SIZE = 512 };

struct top_thread {
	struct top_screen *screen;
	struct top_model *model;
	pthread_t thread;
	bool started;
	atomic_bool wants_end, ending;
	pthread_mutex_t lock; /* of the lines */
	char lines[LINES_KEPT][LINE_SIZE];
	size_t line_count; /* all that were said */
};

int top_thread_create(const struct words *words, struct top_thread **ret_top) {
	struct top_thread *top = calloc(1, sizeof(*top));
	if (top == NULL)
		return -ENOMEM;
	pthread_mutex_init(&top->lock, NULL);
	top->model = top_model_create();
	int result = top->model != NULL ? top_screen_open(words, &top->screen) : -ENOMEM;
	if (result < 0) {
		top_thread_destroy(top);
		return result;
	}
	*ret_top = top;
	return 0;
}

static int64_t monotonic_ns(void) {
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void *run(void *context) {
	struct top_thread *top = context;
	while (!atomic_load(&top->ending)) {
		struct pollfd keyboard = {.fd = STDIN_FILENO, .events = POLLIN};
		top_screen_draw(top->screen, top->model, monotonic_ns());
		poll(&keyboard, 1, TOP_SCREEN_DRAW_MS);
		if ((keyboard.revents & (POLLHUP | POLLERR | POLLNVAL)) != 0)
			break; /* the terminal is gone, and with it who would watch */
		if (top_screen_keys(top->screen))
			atomic_store(&top->wants_end, true);
	}
	atomic_store(&top->wants_end, true);
	return NULL;
}

int top_thread_start(struct top_thread *top) {
	sigset_t all, before;
	sigfillset(&all);
	sigdelset(&all, SIGWINCH); /* the size of the terminal is this thread's business */
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int error = pthread_create(&top->thread, NULL, run, top);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	top->started = error == 0;
	return -error;
}

struct top_model *top_thread_model(struct top_thread *top) {
	return top->model;
}

bool top_thread_wants_end(const struct top_thread *top) {
	return atomic_load(&top->wants_end);
}

void top_thread_say(struct top_thread *top, const char *text) {
	pthread_mutex_lock(&top->lock);
	snprintf(top->lines[top->line_count++ % LINES_KEPT], LINE_SIZE, "%s", text);
	pthread_mutex_unlock(&top->lock);
}

void top_thread_destroy(struct top_thread *top) {
	if (top == NULL)
		return;
	atomic_store(&top->ending, true);
	if (top->started)
		pthread_join(top->thread, NULL);
	top_screen_close(top->screen);
	top_model_destroy(top->model);
	size_t first = top->line_count > LINES_KEPT ? top->line_count - LINES_KEPT : 0;
	for (size_t i = first; i < top->line_count; i++)
		fprintf(stderr, "smtpscope: %s\n", top->lines[i % LINES_KEPT]);
	pthread_mutex_destroy(&top->lock);
	free(top);
}
