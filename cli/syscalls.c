/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What is not on the list fails with EPERM rather than kill the process: a new libc may try a system call that nobody
 * thought of and go on without it, and a sensor that dies of that is worth less than one that goes on with a call refused.
 * Who attacks it gains nothing: the call is not made either way.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <linux/sockios.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <sched.h>
#include <seccomp.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "cli/syscalls.h"

enum mode {
	MODE_ANY = 0,
	MODE_LIVE = 1,
	MODE_LISTENS = 2,
	MODE_CONNECTS = 4,       /* over the network */
	MODE_CONNECTS_LOCAL = 8, /* to sockets with a name in the file system */
	MODE_CONNECTS_ANY = MODE_CONNECTS | MODE_CONNECTS_LOCAL,
	MODE_NETWORK = MODE_LIVE | MODE_LISTENS | MODE_CONNECTS_ANY,
};

/* Whatever their arguments. All of these concern what is already open, our own memory, or time. */
static const struct {
	int number;
	enum mode mode;
} allowed[] = {
	/* files that are open, and what is where */
	{SCMP_SYS(read), MODE_ANY},
	{SCMP_SYS(write), MODE_ANY},
	{SCMP_SYS(pread64), MODE_ANY},
	{SCMP_SYS(pwrite64), MODE_ANY},
	{SCMP_SYS(readv), MODE_ANY},
	{SCMP_SYS(writev), MODE_ANY},
	{SCMP_SYS(lseek), MODE_ANY},
	{SCMP_SYS(close), MODE_ANY},
	{SCMP_SYS(dup), MODE_ANY},
	{SCMP_SYS(dup2), MODE_ANY},
	{SCMP_SYS(dup3), MODE_ANY},
	{SCMP_SYS(pipe2), MODE_ANY},
	{SCMP_SYS(eventfd2), MODE_ANY},
	{SCMP_SYS(fstat), MODE_ANY},
	{SCMP_SYS(newfstatat), MODE_ANY},
	{SCMP_SYS(statx), MODE_ANY},
	{SCMP_SYS(fstatfs), MODE_ANY},
	{SCMP_SYS(getdents64), MODE_ANY},
	{SCMP_SYS(ftruncate), MODE_ANY},
	{SCMP_SYS(fallocate), MODE_ANY},
	{SCMP_SYS(fadvise64), MODE_ANY},
	{SCMP_SYS(fsync), MODE_ANY},
	{SCMP_SYS(fdatasync), MODE_ANY},
	{SCMP_SYS(flock), MODE_ANY},
	{SCMP_SYS(fchown), MODE_ANY}, /* without a capability: to ourselves */
	/* waiting */
	{SCMP_SYS(poll), MODE_ANY},
	{SCMP_SYS(ppoll), MODE_ANY},
	{SCMP_SYS(select), MODE_ANY},
	{SCMP_SYS(pselect6), MODE_ANY},
	{SCMP_SYS(epoll_create1), MODE_ANY},
	{SCMP_SYS(epoll_ctl), MODE_ANY},
	{SCMP_SYS(epoll_wait), MODE_ANY},
	{SCMP_SYS(epoll_pwait), MODE_ANY},
	{SCMP_SYS(timerfd_create), MODE_ANY},
	{SCMP_SYS(timerfd_settime), MODE_ANY},
	{SCMP_SYS(signalfd4), MODE_ANY},
	{SCMP_SYS(nanosleep), MODE_ANY},
	{SCMP_SYS(clock_nanosleep), MODE_ANY},
	{SCMP_SYS(restart_syscall), MODE_ANY},
	{SCMP_SYS(clock_gettime), MODE_ANY},
	{SCMP_SYS(clock_getres), MODE_ANY},
	{SCMP_SYS(gettimeofday), MODE_ANY},
	{SCMP_SYS(time), MODE_ANY},
	/* threads and memory */
	{SCMP_SYS(futex), MODE_ANY},
	{SCMP_SYS(rseq), MODE_ANY},
	{SCMP_SYS(set_robust_list), MODE_ANY},
	{SCMP_SYS(sched_yield), MODE_ANY},
	{SCMP_SYS(sched_getaffinity), MODE_ANY},
	{SCMP_SYS(munmap), MODE_ANY},
	{SCMP_SYS(mremap), MODE_ANY},
	{SCMP_SYS(madvise), MODE_ANY},
	{SCMP_SYS(brk), MODE_ANY},
	{SCMP_SYS(exit), MODE_ANY},
	{SCMP_SYS(exit_group), MODE_ANY},
	/* signals that come */
	{SCMP_SYS(rt_sigaction), MODE_ANY},
	{SCMP_SYS(rt_sigprocmask), MODE_ANY},
	{SCMP_SYS(rt_sigreturn), MODE_ANY},
	{SCMP_SYS(rt_sigtimedwait), MODE_ANY},
	{SCMP_SYS(sigaltstack), MODE_ANY},
	/* what we are, and where */
	{SCMP_SYS(getrandom), MODE_ANY},
	{SCMP_SYS(getpid), MODE_ANY},
	{SCMP_SYS(gettid), MODE_ANY},
	{SCMP_SYS(getuid), MODE_ANY},
	{SCMP_SYS(geteuid), MODE_ANY},
	{SCMP_SYS(getgid), MODE_ANY},
	{SCMP_SYS(getegid), MODE_ANY},
	{SCMP_SYS(getrusage), MODE_ANY},
	{SCMP_SYS(uname), MODE_ANY},
	{SCMP_SYS(sysinfo), MODE_ANY},
	/* sockets that are open */
	{SCMP_SYS(recvfrom), MODE_NETWORK},
	{SCMP_SYS(recvmsg), MODE_NETWORK},
	{SCMP_SYS(sendmsg), MODE_LISTENS | MODE_CONNECTS},
	{SCMP_SYS(getsockopt), MODE_NETWORK},
	{SCMP_SYS(getsockname), MODE_NETWORK},
	{SCMP_SYS(accept), MODE_LISTENS},
	{SCMP_SYS(accept4), MODE_LISTENS},
	{SCMP_SYS(getpeername), MODE_LISTENS | MODE_CONNECTS},
	{SCMP_SYS(shutdown), MODE_LISTENS | MODE_CONNECTS},
	/* sockets of outputs that are reached by the network; what they may be is below */
	{SCMP_SYS(connect), MODE_CONNECTS_ANY},
	{SCMP_SYS(sendmmsg), MODE_CONNECTS}, /* both questions to a name server at once */
};

/* On s390 the first two arguments of clone change places. */
#if defined(__s390__)
#define CLONE_FLAGS_ARGUMENT 1
#else
#define CLONE_FLAGS_ARGUMENT 0
#endif

/* All namespaces. With CLONE_THREAD the kernel refuses some of them itself, but not all. */
#define CLONE_NAMESPACES                                                                                                    \
	(CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET)

/* An int in a register: what is in its upper half, nobody says. */
#define INT_MASK 0xffffffffU
#define POINTER_MASK UINT64_MAX

/* (argument & mask) == value */
struct condition {
	unsigned argument;
	uint64_t mask, value;
};

/* Allowed with such arguments only. */
static const struct {
	int number;
	enum mode mode;
	struct condition condition;
} allowed_if[] = {
	/* a thread, not a process */
	{SCMP_SYS(clone), MODE_ANY, {CLONE_FLAGS_ARGUMENT, CLONE_THREAD | CLONE_NAMESPACES, CLONE_THREAD}},
	/* memory that is data */
	{SCMP_SYS(mmap), MODE_ANY, {2, PROT_EXEC, 0}},
	{SCMP_SYS(mprotect), MODE_ANY, {2, PROT_EXEC, 0}},
	/* limits can be asked for, not set */
	{SCMP_SYS(prlimit64), MODE_ANY, {2, POINTER_MASK, 0}},
	{SCMP_SYS(prctl), MODE_ANY, {0, INT_MASK, PR_SET_NAME}},
	{SCMP_SYS(prctl), MODE_ANY, {0, INT_MASK, PR_GET_NAME}},
	/* without F_SETOWN and F_SETSIG, which send signals */
	{SCMP_SYS(fcntl), MODE_ANY, {1, INT_MASK, F_DUPFD}},
	{SCMP_SYS(fcntl), MODE_ANY, {1, INT_MASK, F_DUPFD_CLOEXEC}},
	{SCMP_SYS(fcntl), MODE_ANY, {1, INT_MASK, F_GETFD}},
	{SCMP_SYS(fcntl), MODE_ANY, {1, INT_MASK, F_SETFD}},
	{SCMP_SYS(fcntl), MODE_ANY, {1, INT_MASK, F_GETFL}},
	{SCMP_SYS(fcntl), MODE_ANY, {1, INT_MASK, F_SETFL}},
	{SCMP_SYS(fcntl), MODE_ANY, {1, INT_MASK, F_SETLK}},
	{SCMP_SYS(fcntl), MODE_ANY, {1, INT_MASK, F_OFD_SETLK}},
	/* a terminal's size and modes; without TIOCSTI, which types for the person in front of it */
	{SCMP_SYS(ioctl), MODE_ANY, {1, INT_MASK, TCGETS}},
	{SCMP_SYS(ioctl), MODE_ANY, {1, INT_MASK, TCSETS}},
	{SCMP_SYS(ioctl), MODE_ANY, {1, INT_MASK, TCSETSW}},
	{SCMP_SYS(ioctl), MODE_ANY, {1, INT_MASK, TCSETSF}},
	{SCMP_SYS(ioctl), MODE_ANY, {1, INT_MASK, TCFLSH}},
	{SCMP_SYS(ioctl), MODE_ANY, {1, INT_MASK, TIOCGWINSZ}},
	{SCMP_SYS(ioctl), MODE_ANY, {1, INT_MASK, FIONREAD}},
	{SCMP_SYS(ioctl), MODE_LISTENS | MODE_CONNECTS, {1, INT_MASK, FIONBIO}},
	{SCMP_SYS(ioctl), MODE_CONNECTS_ANY, {1, INT_MASK, SIOCOUTQ}},
	/* streams and datagrams, no raw ones; netlink is how a name's addresses are sorted */
	{SCMP_SYS(socket), MODE_CONNECTS, {0, INT_MASK, AF_NETLINK}},
	{SCMP_SYS(socket), MODE_CONNECTS_LOCAL, {0, INT_MASK, AF_UNIX}},
	{SCMP_SYS(socketpair), MODE_CONNECTS, {0, INT_MASK, AF_UNIX}}, /* how threads of libcurl wake each other */
	{SCMP_SYS(bind), MODE_CONNECTS, {2, INT_MASK, sizeof(struct sockaddr_nl)}},
	{SCMP_SYS(setsockopt), MODE_CONNECTS, {1, INT_MASK, SOL_SOCKET}},
	{SCMP_SYS(setsockopt), MODE_CONNECTS, {1, INT_MASK, IPPROTO_TCP}},
	{SCMP_SYS(setsockopt), MODE_CONNECTS, {1, INT_MASK, IPPROTO_IP}},
	{SCMP_SYS(setsockopt), MODE_CONNECTS, {1, INT_MASK, IPPROTO_IPV6}},
	{SCMP_SYS(sendto), MODE_CONNECTS, {5, INT_MASK, sizeof(struct sockaddr_nl)}},
	/* an interface that comes back under its name has a new index, which the packet socket is bound to anew; other
	 * sockets have addresses of other lengths */
	{SCMP_SYS(ioctl), MODE_LIVE, {1, INT_MASK, SIOCGIFINDEX}},
	{SCMP_SYS(ioctl), MODE_LIVE, {1, INT_MASK, SIOCGIFNAME}},
	{SCMP_SYS(ioctl), MODE_LIVE, {1, INT_MASK, SIOCGIFFLAGS}},
	{SCMP_SYS(ioctl), MODE_LIVE, {1, INT_MASK, SIOCGIFHWADDR}},
	{SCMP_SYS(bind), MODE_LIVE, {2, INT_MASK, sizeof(struct sockaddr_ll)}},
	{SCMP_SYS(setsockopt), MODE_LIVE, {1, INT_MASK, SOL_PACKET}},
	{SCMP_SYS(setsockopt), MODE_LISTENS, {1, INT_MASK, IPPROTO_TCP}},
	/* send(): to whom the socket is connected */
	{SCMP_SYS(sendto), MODE_NETWORK, {4, POINTER_MASK, 0}},
};

/* Not there, rather than forbidden: callers then use the older call, whose arguments a filter can see. */
static const int missing[] = {SCMP_SYS(clone3), SCMP_SYS(openat2), SCMP_SYS(faccessat2)};

/* These make, rename and remove by name, relative to the directory of their first argument, and of their third. */
static const int in_directory[] = {SCMP_SYS(mkdirat), SCMP_SYS(unlinkat)};
static const int between_directories[] = {SCMP_SYS(renameat), SCMP_SYS(renameat2), SCMP_SYS(linkat)};

/* What opens for more than reading. O_RDONLY | O_TRUNC truncates; O_TMPFILE contains O_DIRECTORY. */
#define OPEN_TO_WRITE (O_ACCMODE | O_CREAT | O_TRUNC | (O_TMPFILE & ~O_DIRECTORY))

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static bool applies(enum mode mode, const struct sandbox_options *options) {
	return mode == MODE_ANY || ((mode & MODE_LIVE) && options->live) || ((mode & MODE_LISTENS) && options->listens) ||
	       ((mode & MODE_CONNECTS) && options->connects) || ((mode & MODE_CONNECTS_LOCAL) && options->connects_local);
}

static int add_conditions(
	scmp_filter_ctx filter, uint32_t action, int number, const struct condition *conditions, unsigned count) {
	struct scmp_arg_cmp comparisons[2];
	for (unsigned i = 0; i < count; i++)
		comparisons[i] = (struct scmp_arg_cmp){
			.arg = conditions[i].argument,
			.op = SCMP_CMP_MASKED_EQ,
			.datum_a = conditions[i].mask,
			.datum_b = conditions[i].value,
		};
	return seccomp_rule_add_array(filter, action, number, count, comparisons);
}

static struct condition is_descriptor(unsigned argument, int fd) {
	return (struct condition){argument, INT_MASK, (uint32_t)fd};
}

static int add_lists(scmp_filter_ctx filter, const struct sandbox_options *options) {
	int result = 0;
	for (size_t i = 0; i < COUNT(allowed) && result == 0; i++)
		if (applies(allowed[i].mode, options))
			result = seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed[i].number, 0);
	for (size_t i = 0; i < COUNT(allowed_if) && result == 0; i++)
		if (applies(allowed_if[i].mode, options))
			result = add_conditions(filter, SCMP_ACT_ALLOW, allowed_if[i].number, &allowed_if[i].condition, 1);
	for (size_t i = 0; i < COUNT(missing) && result == 0; i++)
		result = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), missing[i], 0);
	return result;
}

/* SOCK_STREAM and SOCK_DGRAM of both versions of IP, whatever flags stand beside them. */
static int add_internet_sockets(scmp_filter_ctx filter) {
	static const uint64_t families[] = {AF_INET, AF_INET6}, types[] = {SOCK_STREAM, SOCK_DGRAM};
	int result = 0;
	for (size_t i = 0; i < COUNT(families) && result == 0; i++)
		for (size_t j = 0; j < COUNT(types) && result == 0; j++) {
			const struct condition both[2] = {{0, INT_MASK, families[i]}, {1, INT_MASK & ~(SOCK_NONBLOCK | SOCK_CLOEXEC), types[j]}};
			result = add_conditions(filter, SCMP_ACT_ALLOW, SCMP_SYS(socket), both, 2);
		}
	return result;
}

/* To this process only: raise(), abort() and pthread_kill(). */
static int add_own_signals(scmp_filter_ctx filter) {
	struct condition own = {0, INT_MASK, (uint32_t)getpid()};
	return add_conditions(filter, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), &own, 1);
}

static int add_writable(scmp_filter_ctx filter, int fd) {
	struct condition in = is_descriptor(0, fd);
	int result = add_conditions(filter, SCMP_ACT_ALLOW, SCMP_SYS(openat), &in, 1);
	for (size_t i = 0; i < COUNT(in_directory) && result == 0; i++)
		result = add_conditions(filter, SCMP_ACT_ALLOW, in_directory[i], &in, 1);
	/* From one directory to itself: nothing here moves files to another, and all pairs of many would be more rules than a filter
	 * holds. */
	struct condition both[2] = {in, is_descriptor(2, fd)};
	for (size_t i = 0; i < COUNT(between_directories) && result == 0; i++)
		result = add_conditions(filter, SCMP_ACT_ALLOW, between_directories[i], both, 2);
	return result;
}

/* A filter sees the number of the directory, not the name: an absolute name, or one with "..", leads anywhere. There
 * Landlock and the rights of the user hold. */
static int add_directories(scmp_filter_ctx filter, const struct sandbox_options *options, bool reads_by_name) {
	struct condition reading[2] = {is_descriptor(0, AT_FDCWD), {2, OPEN_TO_WRITE, 0}};
	int result = 0;
	if (reads_by_name)
		result = add_conditions(filter, SCMP_ACT_ALLOW, SCMP_SYS(openat), reading, 2);
	for (size_t i = 0; i < options->path_count && result == 0; i++) {
		reading[0] = is_descriptor(0, options->paths[i].directory_fd);
		if (options->paths[i].access == SANDBOX_ACCESS_WRITE)
			result = add_writable(filter, options->paths[i].directory_fd);
		else
			result = add_conditions(filter, SCMP_ACT_ALLOW, SCMP_SYS(openat), reading, 2);
	}
	return result;
}

static int load(scmp_filter_ctx filter) {
	/* no_new_privs is set already: a failure to set it must not pass for one of the filter's. */
	int result = seccomp_attr_set(filter, SCMP_FLTATR_CTL_NNP, 0);
	/* 32-bit calls on a 64-bit machine, which nothing in here makes. */
	if (result == 0)
		result = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
	if (result == 0)
		result = seccomp_attr_set(filter, SCMP_FLTATR_API_SYSRAWRC, 1);
	return result == 0 ? seccomp_load(filter) : result;
}

static int load_allowed(const struct sandbox_options *options, bool reads_by_name) {
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	if (filter == NULL)
		return -ENOMEM;
	int result = add_lists(filter, options);
	if (result == 0)
		result = add_own_signals(filter);
	if (result == 0 && options->connects)
		result = add_internet_sockets(filter);
	if (result == 0)
		result = add_directories(filter, options, reads_by_name);
	if (result == 0)
		result = load(filter);
	seccomp_release(filter);
	return result;
}

/* What writes to a descriptor, or makes another number for it. */
static const int sending[] = {SCMP_SYS(write), SCMP_SYS(writev), SCMP_SYS(pwrite64), SCMP_SYS(sendto), SCMP_SYS(sendmsg),
	SCMP_SYS(dup), SCMP_SYS(dup2), SCMP_SYS(dup3)};
static const int duplicating[] = {F_DUPFD, F_DUPFD_CLOEXEC};

/* A filter of its own: of several filters the strictest answer counts, while within one filter a call that is allowed
 * whatever its arguments cannot be refused for some. */
static int load_silent(const struct sandbox_options *options) {
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	if (filter == NULL)
		return -ENOMEM;
	int result = 0;
	for (size_t i = 0; i < options->silent_count && result == 0; i++) {
		struct condition conditions[2] = {is_descriptor(0, options->silent_fds[i])};
		for (size_t j = 0; j < COUNT(sending) && result == 0; j++)
			result = add_conditions(filter, SCMP_ACT_ERRNO(EPERM), sending[j], conditions, 1);
		for (size_t j = 0; j < COUNT(duplicating) && result == 0; j++) {
			conditions[1] = (struct condition){1, INT_MASK, (uint64_t)duplicating[j]};
			result = add_conditions(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(fcntl), conditions, 2);
		}
	}
	if (result == 0)
		result = load(filter);
	seccomp_release(filter);
	return result;
}

bool syscalls_can_restrict(void) {
	uint32_t action = SECCOMP_RET_ERRNO;
	return syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0;
}

int syscalls_restrict(const struct sandbox_options *options, bool reads_by_name) {
	/* The one that allows everything else first: the other would not allow to load a second. */
	int result = options->silent_count > 0 ? load_silent(options) : 0;
	return result < 0 ? result : load_allowed(options, reads_by_name);
}
