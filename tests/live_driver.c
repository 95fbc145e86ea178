/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Prints what a live source delivers, for live_source.py, a line for each thing:
 *
 *	ready                                           frames wait from now on
 *	frame INTERFACE NUMBER TIME_NS LINK_TYPE HEX
 *	say TEXT
 *	interface NAME STATE FRAMES BYTES DROPPED INTERFACE_DROPS|unknown OUTAGES AWAY_MS LAST_FROM_NS LAST_TO_NS
 *	                                                on SIGUSR1, and at the end
 *	total FRAMES BYTES DROPPED INTERFACE_DROPS      after these
 *	description NAME UP RUNNING LOOPBACK ADDRESS...
 *	error TEXT                                      and exit status 1
 *
 * SIGTERM ends it.
 */
#include "capture/flow.h"
#include "capture/live.h"

#include <errno.h>
#include <getopt.h>
#include <grp.h>
#include <inttypes.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static struct source *source; /* for the signal handlers */
static volatile sig_atomic_t stats_wanted;

static void on_stop(int signal_number) {
	source_stop(source);
}

static void on_stats(int signal_number) {
	stats_wanted = 1;
}

static void on_frame(void *context, const struct source_frame *frame) {
	const bool *quiet = context;
	if (*quiet)
		return;
	printf("frame %s %" PRIu64 " %" PRId64 " %d ", frame->source, frame->at.frame, frame->at.time_ns, frame->link_type);
	for (size_t i = 0; i < frame->captured_len; i++)
		printf("%02x", frame->data[i]);
	putchar('\n');
}

static void print_stats(void) {
	for (size_t i = 0; i < live_count_interfaces(source); i++) {
		struct live_interface_stats stats;
		live_get_interface(source, i, &stats);
		printf("interface %s %s %" PRIu64 " %" PRIu64 " %" PRIu64 " ", stats.name, live_state_name(stats.state),
			stats.frames, stats.bytes, stats.dropped_by_kernel);
		if (stats.dropped_by_interface_known)
			printf("%" PRIu64, stats.dropped_by_interface);
		else
			printf("unknown");
		printf(" %" PRIu64 " %" PRId64 " %" PRId64 " %" PRId64 "\n", stats.outages, stats.away_ns / 1000000,
			stats.last_outage_from_ns, stats.last_outage_to_ns);
	}
	struct source_stats total;
	source_get_stats(source, &total);
	printf("total %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 "\n", total.frames, total.bytes, total.dropped_by_kernel,
		total.dropped_by_interface);
	fflush(stdout);
}

static void on_tick(void *context, int64_t monotonic_ns, int64_t wall_ns) {
	if (stats_wanted) {
		stats_wanted = 0;
		print_stats();
	}
	fflush(stdout);
}

static void on_say(void *context, const char *text) {
	printf("say %s\n", text);
	fflush(stdout);
}

static void on_description(void *context, const struct live_description *description) {
	printf("description %s %d %d %d", description->name, description->up, description->running, description->loopback);
	for (size_t i = 0; i < description->address_count; i++)
		printf(" %s", description->addresses[i]);
	putchar('\n');
}

static void must(int result, const char *what) {
	if (result < 0) {
		printf("error %s: %s\n", what, strerror(errno));
		exit(1);
	}
}

/* Nobody, without any capability. */
static void give_up_privileges(void) {
	must(setgroups(0, NULL), "setgroups");
	must(setresgid(65534, 65534, 65534), "setresgid");
	must(setresuid(65534, 65534, 65534), "setresuid");
	must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "prctl");
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2] = {{0}};
	must((int)syscall(SYS_capset, &header, data), "capset");
}

/* Whoever opens a file or makes a socket from here on is killed. */
static void give_up_opening(void) {
	struct sock_filter instructions[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat, 1, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_socket, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {.len = sizeof(instructions) / sizeof(instructions[0]), .filter = instructions};
	must(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0), "seccomp");
}

static void set_handler(int signal_number, void (*handler)(int)) {
	struct sigaction action = {.sa_handler = handler};
	must(sigaction(signal_number, &action, NULL), "sigaction");
}

static int usage(void) {
	fputs("usage: live_driver [-u] [-U] [-I] [-a] [-p] [-q] [-B KIB] [-s BYTES] [-c COUNT] [-f FILTER] INTERFACE...\n"
	      "       live_driver -D\n"
	      "-u: without privileges, and opening nothing, once it is open; -U: without privileges from the beginning; -I: "
	      "immediate mode; -a: all TCP;\n"
	      "-p: not promiscuous; -q: print no frames\n",
		stderr);
	return 2;
}

int main(int argc, char **argv) {
	struct flow_options flow;
	flow_options_init(&flow);
	struct live_options options = {.promiscuous = true, .kernel_filter.hints = flow.hints};
	struct source_error error;
	bool unprivileged = false, quiet = false;
	for (int option; (option = getopt(argc, argv, "uUIapqDB:s:c:f:")) != -1;) {
		switch (option) {
		case 'u':
			unprivileged = true;
			break;
		case 'U':
			give_up_privileges();
			break;
		case 'I':
			options.immediate = true;
			break;
		case 'a':
			options.kernel_filter.all_tcp = true;
			break;
		case 'p':
			options.promiscuous = false;
			break;
		case 'q':
			quiet = true;
			break;
		case 'B':
			options.buffer_kib = strtoul(optarg, NULL, 10);
			break;
		case 's':
			options.snap_len = strtoul(optarg, NULL, 10);
			break;
		case 'c':
			options.frames_max = strtoull(optarg, NULL, 10);
			break;
		case 'f':
			options.filter = optarg;
			break;
		case 'D':
			return live_list_interfaces(on_description, NULL, &error) < 0;
		default:
			return usage();
		}
	}
	options.interfaces = (const char *const *)argv + optind;
	options.interface_count = (size_t)(argc - optind);
	if (live_open(&options, &source, &error) < 0) {
		printf("error %s\n", error.text);
		return 1;
	}
	if (unprivileged) {
		give_up_privileges();
		give_up_opening();
	}
	live_watch(source, &(struct live_watcher){.tick = on_tick, .say = on_say});
	set_handler(SIGTERM, on_stop);
	set_handler(SIGUSR1, on_stats);
	printf("ready\n");
	fflush(stdout);
	int result = source_run(source, on_frame, &quiet, &error);
	if (result < 0)
		printf("error %s\n", error.text);
	print_stats();
	source_close(source);
	return result < 0;
}
