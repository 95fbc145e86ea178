/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * For tests/sandbox.py: the sandbox without the rest of the program.
 *
 *     sandbox_probe check [live] [listens] [user=NAME]    what --check-sandbox does
 *     sandbox_probe stay ...                              enters, says so, and waits for the end of standard input
 *     sandbox_probe silent ...                            a socket that may be read and not written
 *     sandbox_probe calls ...                             system calls that not every mode allows, outside and inside
 *     sandbox_probe notify ...                            READY=1 to NOTIFY_SOCKET, inside
 *     sandbox_probe anew FOLDER                           a folder to write to, removed and made anew inside
 *     sandbox_probe landlock                              each version of Landlock that this kernel has
 *     sandbox_probe threads ...                           two threads already: must fail
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/landlock.h"
#include "cli/notify.h"
#include "cli/sandbox_check.h"

static int enter(const struct sandbox_options *options) {
	struct sandbox_status status;
	struct sandbox_error error;
	int result = sandbox_enter(options, &status, &error);
	if (result < 0)
		fprintf(stderr, "%s\n", error.text);
	else
		sandbox_print_status(&status, stdout);
	fflush(stdout);
	return result;
}

static int check(const struct sandbox_options *options) {
	struct sandbox_error error;
	int result = sandbox_check(options, stdout, &error);
	if (result < 0)
		fprintf(stderr, "%s\n", error.text);
	return result < 0 ? 2 : result;
}

static int stay(const struct sandbox_options *options) {
	char byte;
	if (enter(options) < 0)
		return 2;
	while (read(STDIN_FILENO, &byte, 1) > 0)
		continue;
	return 0;
}

static void say(const char *what, int result) {
	printf("%s: %s\n", what, result < 0 ? strerrorname_np(errno) : "possible");
}

static void use_sockets(const int *fds) {
	char byte;
	say("send on the silent one", (int)send(fds[0], "x", 1, MSG_NOSIGNAL));
	say("write on the silent one", (int)write(fds[0], "x", 1));
	say("duplicate the silent one", dup(fds[0]));
	say("duplicate it with fcntl", fcntl(fds[0], F_DUPFD_CLOEXEC, 10));
	say("send on the other", (int)send(fds[1], "x", 1, MSG_NOSIGNAL));
	say("duplicate the other", dup(fds[1]));
	say("receive on the silent one", (int)recv(fds[0], &byte, 1, MSG_DONTWAIT));
}

static int silent(struct sandbox_options *options) {
	int fds[2];
	if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, fds) < 0)
		return 2;
	use_sockets(fds);
	options->silent_fds = fds;
	options->silent_count = 1;
	if (enter(options) < 0)
		return 2;
	use_sockets(fds);
	return 0;
}

/* A socket of the loopback interface, and one of TCP that listens. */
struct sockets {
	int packet, tcp;
};

static void make_calls(const struct sockets *sockets) {
	struct sockaddr_ll link = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL), .sll_ifindex = 1};
	struct sockaddr_in address = {.sin_family = AF_INET};
	struct ifreq request = {.ifr_name = "lo"};
	struct rlimit limit;
	socklen_t len = sizeof(int);
	int on = 1;
	char byte;
	say("receive", recv(sockets->packet, &byte, 1, MSG_DONTWAIT) >= 0 || errno != EPERM ? 0 : -1);
	say("bind a packet socket", bind(sockets->packet, (const struct sockaddr *)&link, sizeof(link)));
	say("bind another socket", bind(sockets->tcp, (const struct sockaddr *)&address, sizeof(address)));
	say("index of an interface", ioctl(sockets->packet, SIOCGIFINDEX, &request));
	say("address of an interface", ioctl(sockets->packet, SIOCGIFADDR, &request));
	say("option of a packet socket", setsockopt(sockets->packet, SOL_PACKET, PACKET_AUXDATA, &on, sizeof(on)));
	say("option of a TCP socket", setsockopt(sockets->tcp, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)));
	say("option of any socket", setsockopt(sockets->tcp, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on)));
	say("read an option", getsockopt(sockets->packet, SOL_SOCKET, SO_TYPE, &on, &len));
	say("accept", accept4(sockets->tcp, NULL, NULL, SOCK_NONBLOCK) >= 0 || errno != EPERM ? 0 : -1);
	say("what an interface dropped", open("/sys/class/net/lo/statistics/rx_missed_errors", O_RDONLY | O_CLOEXEC));
	say("empty a file that is read", open("/dev/null", O_RDONLY | O_TRUNC | O_CLOEXEC));
	say("read a limit", getrlimit(RLIMIT_NOFILE, &limit));
	say("set a limit", setrlimit(RLIMIT_NOFILE, &limit));
	say("signals of a descriptor", fcntl(sockets->tcp, F_SETOWN, 1));
	say("name the thread", prctl(PR_SET_NAME, "probe"));
	say("let debuggers attach", prctl(PR_SET_DUMPABLE, 1));
	say("personality", personality(0xffffffff));
}

static int calls(const struct sandbox_options *options) {
	struct sockets sockets = {
		.packet = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0),
		.tcp = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0),
	};
	int other = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (sockets.packet < 0 || sockets.tcp < 0 || listen(sockets.tcp, 1) < 0)
		return 2;
	make_calls(&(struct sockets){sockets.packet, other});
	return enter(options) < 0 ? 2 : (make_calls(&sockets), 0);
}

static int notify(const struct sandbox_options *options) {
	struct notify notify;
	if (notify_open(&notify) < 0 || enter(options) < 0)
		return 2;
	say("notify", notify_ready(&notify));
	return 0;
}

static void write_file(const char *what, int folder) {
	int fd = openat(folder, "file", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	say(what, fd < 0 || write(fd, "x", 1) != 1 ? -1 : 0);
}

/* Who removes the folder, and makes it anew when told so, is the test. */
static int anew(struct sandbox_options *options, const char *folder) {
	char parent_name[512], byte;
	snprintf(parent_name, sizeof(parent_name), "%s/..", folder);
	int first = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int parent = open(parent_name, O_PATH | O_DIRECTORY | O_CLOEXEC);
	const struct sandbox_path paths[] = {{first, SANDBOX_ACCESS_WRITE}, {parent, SANDBOX_ACCESS_PARENT}};
	options->paths = paths;
	options->path_count = 2;
	if (first < 0 || parent < 0 || enter(options) < 0)
		return 2;
	write_file("write before", first);
	write_file("write in the parent", parent);
	fflush(stdout);
	if (read(STDIN_FILENO, &byte, 1) != 1)
		return 2;
	write_file("write when removed", first);
	int second = openat(parent, strrchr(folder, '/') + 1, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	write_file("write by another number", second);
	say("take the number", dup3(second, first, O_CLOEXEC));
	write_file("write after", first);
	return 0;
}

/* An older kernel takes nothing that it does not know, and a newer one takes all that an older one did. */
static void try_version(int abi) {
	int folder = open("/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct sandbox_path path = {folder, SANDBOX_ACCESS_WRITE};
	if (folder < 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || landlock_enter(abi, &path, 1) < 0)
		_exit(2);
	printf("version %d\n", abi);
	say("read in the folder", open("/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	say("write in the folder", open("/tmp", O_RDWR | O_TMPFILE | O_CLOEXEC, 0600));
	say("read elsewhere", open("/etc/passwd", O_RDONLY | O_CLOEXEC));
	say("list elsewhere", open("/etc", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	struct sockaddr_in address = {.sin_family = AF_INET};
	say("bind a TCP port",
		bind(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), (const struct sockaddr *)&address, sizeof(address)));
	say("signal the parent", kill(getppid(), 0));
	fflush(stdout);
	_exit(0);
}

static int landlock(void) {
	int newest = landlock_find_abi();
	for (int abi = 1; abi <= newest; abi++) {
		int status = 0;
		pid_t child = fork();
		if (child == 0)
			try_version(abi);
		if (child < 0 || waitpid(child, &status, 0) != child || status != 0)
			return 2;
	}
	printf("newest %d\n", newest);
	return 0;
}

static void *wait_for_ever(void *nothing) {
	pause();
	return NULL;
}

static int threads(const struct sandbox_options *options) {
	pthread_t thread;
	if (pthread_create(&thread, NULL, wait_for_ever, NULL) != 0)
		return 2;
	_exit(enter(options) == -EBUSY ? 0 : 1);
}

int main(int argc, char **argv) {
	struct sandbox_options options = {0};
	for (int i = 2; i < argc; i++) {
		options.live = options.live || strcmp(argv[i], "live") == 0;
		options.listens = options.listens || strcmp(argv[i], "listens") == 0;
		if (strncmp(argv[i], "user=", 5) == 0)
			options.user = argv[i] + 5;
	}
	const char *what = argc > 1 ? argv[1] : "";
	if (strcmp(what, "check") == 0)
		return check(&options);
	if (strcmp(what, "stay") == 0)
		return stay(&options);
	if (strcmp(what, "silent") == 0)
		return silent(&options);
	if (strcmp(what, "calls") == 0)
		return calls(&options);
	if (strcmp(what, "notify") == 0)
		return notify(&options);
	if (strcmp(what, "anew") == 0 && argc == 3)
		return anew(&options, argv[2]);
	if (strcmp(what, "landlock") == 0)
		return landlock();
	if (strcmp(what, "threads") == 0)
		return threads(&options);
	return 2;
}
