/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Gives up whatever reading hostile packets does not need: user, capabilities, files, system calls.
 *
 * Order at start: open everything (captures, interfaces, output directory, listening and notification sockets, terminal),
 * sandbox_enter(), only then start threads. What holds from then on, until the process ends:
 *
 *  - no socket (but see connects), no other program, no other process; threads may be started, but not end by pthread_exit() or
 *    pthread_cancel(): these load a library, and code cannot be mapped any more
 *  - files are opened with openat() below the directories handed over, and nowhere else: for writing only relative to the
 *    descriptor of one of them, by its number
 *  - what libraries read when first used (OpenSSL's configuration, /dev/urandom, the terminal's description, locales) must
 *    have been read
 *  - the time zone is the one at the start
 */
#ifndef SMTPSCOPE_CLI_SANDBOX_H
#define SMTPSCOPE_CLI_SANDBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/types.h>

enum sandbox_access {
	SANDBOX_ACCESS_READ,
	SANDBOX_ACCESS_READ_FILE, /* it is a file, and no directory */
	SANDBOX_ACCESS_WRITE, /* read, write, make, link, rename and remove files and directories */
	/* Of a directory to write to that may be removed and made anew: what is made anew below may be written to. Relative
	 * to this one itself openat() only reads: the new directory must get the descriptor's number of the old one, with
	 * dup3(). */
	SANDBOX_ACCESS_PARENT,
};

/* A directory that stays in reach, with all below it. The descriptor stays the caller's and must stay open. */
struct sandbox_path {
	int directory_fd;
	enum sandbox_access access;
};

enum { SANDBOX_PATHS_MAX = 96, SANDBOX_SILENT_MAX = 64 };

struct sandbox_options {
	const char *user; /* NULL: when started as root "smtpscope", or "nobody" if there is none; otherwise who we are */
	const struct sandbox_path *paths;
	size_t path_count; /* up to SANDBOX_PATHS_MAX */
	/* Sockets that nothing may be sent on: a packet socket could otherwise send any frame. At most SANDBOX_SILENT_MAX.
	 * Writing is refused by the number of the descriptor, so these must stay open until the process ends: whatever took
	 * the number of a closed one could not be written either. */
	const int *silent_fds;
	size_t silent_count;
	bool live;       /* reads from interfaces */
	bool listens;    /* accepts connections on a listening socket opened before */
	/* Makes connections over the network, and looks names up for them. What that reads in /etc stays in reach, and sockets for TCP
	 * and UDP can be made; still no raw ones, no other program and no other process. */
	bool connects;
	bool connects_local; /* makes connections to sockets with a name in the file system */
	bool debuggable; /* debuggers may attach, and a crash may leave a core file */
	bool required;   /* without Landlock or seccomp in the kernel: fail rather than go on with less */
};

enum sandbox_layer {
	SANDBOX_LAYER_ACTIVE,
	SANDBOX_LAYER_UNAVAILABLE, /* the kernel does not offer it */
	SANDBOX_LAYER_LEFT_OUT,    /* built with a sanitizer, which needs at exit what the layer forbids */
};

struct sandbox_status {
	uid_t uid;
	gid_t gid;
	bool user_changed;
	bool bounding_cleared; /* false: not allowed to without CAP_SETPCAP; no_new_privs makes up for it */
	enum sandbox_layer landlock, seccomp;
	int landlock_abi; /* 0 unless active */
};

/* One line for the person reading: what could not be done, and why. No newline. */
struct sandbox_error {
	char text[256];
};

/* Who the program goes on as. */
struct sandbox_user {
	uid_t uid;
	gid_t gid;
	bool change; /* and it is not who we are */
};

/* Finds out, as sandbox_enter() will: `name` is its option `user`. Returns 0, or a negative errno and *ret_error. */
int sandbox_find_user(const char *name, struct sandbox_user *ret_user, struct sandbox_error *ret_error);

/* Enters. The process must have one thread. Returns 0 and *ret_status; on failure a negative errno and *ret_error, and the
 * process is somewhere between before and after: it must end. */
int sandbox_enter(const struct sandbox_options *options, struct sandbox_status *ret_status, struct sandbox_error *ret_error);

/* One line on out: what holds, and what could not be had. */
void sandbox_print_status(const struct sandbox_status *status, FILE *out);

#endif
