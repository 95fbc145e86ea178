/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/io_uring.h>
#include <linux/keyctl.h>
#include <linux/perf_event.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/sandbox_check.h"

/* What the tries work on, opened before the sandbox is entered. */
struct scene {
	char path[64];        /* a directory of our own with the following two in it */
	int allowed, outside; /* directories: the sandbox's output directory, and one beside it */
	char outside_path[80];
	int log;  /* a file that only its owner can read, as a key log is, of which more is read inside */
	int peer; /* a datagram socket without an address */
};

/* Each returns 0 when it was possible, or a negative errno. */
typedef int try(struct scene *scene);

static int or_errno(long result) {
	return result < 0 ? -errno : 0;
}

static int try_execve(struct scene *scene) {
	char name[] = "true";
	char *arguments[] = {name, NULL}, *environment[] = {NULL};
	return or_errno(execve("/bin/true", arguments, environment)); /* it ends with 0 when it worked */
}

static int try_execveat(struct scene *scene) {
	char name[] = "true";
	char *arguments[] = {name, NULL}, *environment[] = {NULL};
	return or_errno(syscall(SYS_execveat, AT_FDCWD, "/bin/true", arguments, environment, 0));
}

static int reap(pid_t child) {
	if (child == 0)
		_exit(0);
	int result = or_errno(child);
	if (child > 0)
		waitpid(child, NULL, 0);
	return result;
}

static int try_fork(struct scene *scene) {
	return reap(fork());
}

static int try_clone(struct scene *scene) {
	return reap((pid_t)syscall(SYS_clone, (unsigned long)SIGCHLD, NULL, NULL, NULL, NULL));
}

static int try_socket_inet(struct scene *scene) {
	return or_errno(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
}

static int try_socket_raw(struct scene *scene) {
	return or_errno(socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMP));
}

static int try_socket_packet(struct scene *scene) {
	return or_errno(socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0));
}

static int try_connect(struct scene *scene) {
	/* To nobody, which always works. */
	struct sockaddr none = {.sa_family = AF_UNSPEC};
	return or_errno(connect(scene->peer, &none, sizeof(none)));
}

static int try_ptrace(struct scene *scene) {
	return or_errno(ptrace(PTRACE_TRACEME, 0, NULL, NULL));
}

static int try_process_vm(struct scene *scene) {
	char from = 'x', to = 0;
	struct iovec local = {&to, 1}, remote = {&from, 1};
	return or_errno(process_vm_readv(getpid(), &local, 1, &remote, 1, 0));
}

static int try_kill(struct scene *scene) {
	return or_errno(kill(1, 0));
}

static int try_kill_group(struct scene *scene) {
	return or_errno(kill(0, 0));
}

static int try_tgkill(struct scene *scene) {
	pid_t parent = getppid();
	return or_errno(syscall(SYS_tgkill, parent, parent, 0));
}

static int try_setuid(struct scene *scene) {
	return or_errno(setuid(0));
}

static int try_mount(struct scene *scene) {
	/* On the directory beside; in a mount namespace of its own, which ends with the process. */
	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return -errno;
	return or_errno(mount("tmpfs", scene->outside_path, "tmpfs", 0, NULL));
}

static int try_unshare(struct scene *scene) {
	return or_errno(unshare(CLONE_NEWUSER));
}

static int try_bpf(struct scene *scene) {
	union bpf_attr attributes = {0};
	attributes.map_type = BPF_MAP_TYPE_ARRAY;
	attributes.key_size = attributes.value_size = 4;
	attributes.max_entries = 1;
	return or_errno(syscall(SYS_bpf, BPF_MAP_CREATE, &attributes, sizeof(attributes)));
}

static int try_keyctl(struct scene *scene) {
	return or_errno(syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_PROCESS_KEYRING, 1));
}

static int try_perf(struct scene *scene) {
	struct perf_event_attr attributes = {.type = PERF_TYPE_SOFTWARE, .size = sizeof(attributes), .disabled = 1};
	return or_errno(syscall(SYS_perf_event_open, &attributes, 0, -1, -1, 0));
}

static int try_io_uring(struct scene *scene) {
	struct io_uring_params parameters = {0};
	return or_errno(syscall(SYS_io_uring_setup, 1, &parameters));
}

static int try_userfaultfd(struct scene *scene) {
	return or_errno(syscall(SYS_userfaultfd, O_CLOEXEC));
}

static int try_memfd(struct scene *scene) {
	return or_errno(memfd_create("try", MFD_CLOEXEC));
}

static int try_mprotect_exec(struct scene *scene) {
	void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return page == MAP_FAILED ? -errno : or_errno(mprotect(page, 4096, PROT_READ | PROT_EXEC));
}

static int try_mmap_exec(struct scene *scene) {
	void *page = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return page == MAP_FAILED ? -errno : 0;
}

static int try_inject(struct scene *scene) {
	/* TIOCSTI types for whoever reads from the terminal. Without a character, so that the try outside types nothing:
	 * whatever is said but EPERM and EIO, the kernel would have done it had there been one, or a terminal. */
	int result = or_errno(ioctl(STDIN_FILENO, TIOCSTI, NULL));
	return result == -EPERM || result == -EIO ? result : 0;
}

static int try_shadow(struct scene *scene) {
	return or_errno(open("/etc/shadow", O_RDONLY | O_CLOEXEC));
}

static int try_passwd(struct scene *scene) {
	return or_errno(
		open("/etc/passwd", O_RDONLY | O_CLOEXEC)); /* what everybody may read: only Landlock is in the way */
}

static int try_outside(struct scene *scene) {
	return or_errno(openat(scene->outside, "file", O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
}

/* The descriptor may be written to: the name leads elsewhere. */
static int try_outside_parent(struct scene *scene) {
	return or_errno(openat(scene->allowed, "../outside/file-2", O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
}

static int try_unnamed_by_name(struct scene *scene) {
	int fd = openat(AT_FDCWD, scene->path, O_RDWR | O_TMPFILE | O_CLOEXEC, 0600);
	return or_errno(fd);
}

static int try_read_on(struct scene *scene) {
	struct stat status;
	char byte = 0;
	if (fstat(scene->log, &status) < 0 || lseek(scene->log, 0, SEEK_SET) < 0 || read(scene->log, &byte, 1) < 0)
		return -errno;
	return byte == 'x' && status.st_size == 1 ? 0 : -EIO;
}

static int try_write(struct scene *scene) {
	int fd = openat(scene->allowed, "file.part", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, "x", 1) != 1 || fsync(fd) < 0 || close(fd) < 0)
		return -errno;
	if (renameat(scene->allowed, "file.part", scene->allowed, "file") < 0)
		return -errno;
	fd = openat(scene->allowed, "file", O_RDONLY | O_CLOEXEC);
	return fd < 0 ? -errno : or_errno(unlinkat(scene->allowed, "file", 0));
}

static int try_make_directory(struct scene *scene) {
	if (mkdirat(scene->allowed, "folder", 0700) < 0)
		return -errno;
	return or_errno(unlinkat(scene->allowed, "folder", AT_REMOVEDIR));
}

static int try_link(struct scene *scene) {
	int fd = openat(scene->allowed, "one", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0 || fchown(fd, getuid(), getgid()) < 0)
		return -errno;
	int result = or_errno(linkat(scene->allowed, "one", scene->allowed, "two", 0));
	unlinkat(scene->allowed, "one", 0);
	unlinkat(scene->allowed, "two", 0);
	return result;
}

static int try_unnamed_file(struct scene *scene) {
	return or_errno(openat(scene->allowed, ".", O_TMPFILE | O_RDWR | O_EXCL | O_CLOEXEC, 0600));
}

static void *set_flag(void *flag) {
	*(int *)flag = 1;
	return NULL;
}

static int try_thread(struct scene *scene) {
	pthread_t thread;
	int flag = 0;
	int error = pthread_create(&thread, NULL, set_flag, &flag);
	if (error == 0)
		error = pthread_join(thread, NULL);
	return error != 0 ? -error : flag - 1;
}

static int try_raise(struct scene *scene) {
	signal(SIGUSR2, SIG_IGN);
	return raise(SIGUSR2) == 0 ? 0 : -EPERM;
}

static int try_memory(struct scene *scene) {
	volatile char *memory = malloc(64 << 20);
	if (memory == NULL)
		return -ENOMEM;
	memory[32 << 20] = 1;
	free((void *)(uintptr_t)memory);
	return 0;
}

static const struct {
	const char *name;
	try *try;
	bool allowed; /* what it must be inside */
	bool connecting; /* it must be so when connections are made */
} tries[] = {
	{"run a program (execve)", try_execve, false},
	{"run a program (execveat)", try_execveat, false},
	{"start a process (fork)", try_fork, false},
	{"start a process (clone)", try_clone, false},
	{"internet socket", try_socket_inet, false, true},
	{"raw internet socket", try_socket_raw, false},
	{"packet socket", try_socket_packet, false},
	{"connect a socket", try_connect, false, true},
	{"be traced (ptrace)", try_ptrace, false},
	{"read a process's memory", try_process_vm, false},
	{"signal process 1", try_kill, false},
	{"signal the process group", try_kill_group, false},
	{"signal the parent (tgkill)", try_tgkill, false},
	{"become root (setuid)", try_setuid, false},
	{"mount", try_mount, false},
	{"user namespace (unshare)", try_unshare, false},
	{"bpf", try_bpf, false},
	{"keyctl", try_keyctl, false},
	{"perf_event_open", try_perf, false},
	{"io_uring", try_io_uring, false},
	{"userfaultfd", try_userfaultfd, false},
	{"memfd_create", try_memfd, false},
	{"memory becomes code (mprotect)", try_mprotect_exec, false},
	{"memory as code (mmap)", try_mmap_exec, false},
	{"type into the terminal", try_inject, false},
	{"read /etc/shadow", try_shadow, false},
	{"read /etc/passwd", try_passwd, false},
	{"write beside the output folder", try_outside, false},
	{"write there by way of \"..\"", try_outside_parent, false},
	{"unnamed file by name", try_unnamed_by_name, false},
	{"read on in an open file", try_read_on, true},
	{"write in the output folder", try_write, true},
	{"make a folder there", try_make_directory, true},
	{"link a file there", try_link, true},
	{"unnamed file there", try_unnamed_file, true},
	{"start a thread", try_thread, true},
	{"signal itself", try_raise, true},
	{"memory", try_memory, true},
};

enum { TRY_COUNT = sizeof(tries) / sizeof(tries[0]), NOT_ENTERED = 254, TRY_SECONDS_MAX = 20 };

/* Errnos are below 134 on Linux; they pass as exit statuses. */
static int as_exit_status(int result) {
	return result < 0 && -result < NOT_ENTERED ? -result : 0;
}

static bool enter(const struct sandbox_options *options, const struct scene *scene, struct sandbox_status *ret_status,
	struct sandbox_error *ret_error) {
	struct sandbox_path path = {scene->allowed, SANDBOX_ACCESS_WRITE};
	struct sandbox_options inside = *options;
	inside.paths = &path;
	inside.path_count = 1;
	inside.silent_count = 0;
	return sandbox_enter(&inside, ret_status, ret_error) == 0;
}

/* The exit status of a child, or -1 when it ended otherwise. */
static int wait_for(pid_t child) {
	int status;
	pid_t ended;
	do
		ended = waitpid(child, &status, 0);
	while (ended < 0 && errno == EINTR);
	return ended == child && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* One try in a process of its own, since some cannot be undone. 0: possible; an errno: refused; -1: it did not come to it.
 */
static int run_try(size_t index, const struct sandbox_options *options, struct scene *scene) {
	pid_t child = fork();
	if (child == 0) {
		struct sandbox_status status;
		struct sandbox_error error;
		alarm(TRY_SECONDS_MAX);
		if (options != NULL && !enter(options, scene, &status, &error))
			_exit(NOT_ENTERED);
		_exit(as_exit_status(tries[index].try(scene)));
	}
	int result = child < 0 ? -1 : wait_for(child);
	/* What the try outside of the sandbox has left behind. */
	unlinkat(scene->outside, "file", 0);
	unlinkat(scene->outside, "file-2", 0);
	return result == NOT_ENTERED ? -1 : result;
}

static const char *outcome(int result) {
	if (result < 0)
		return "not known";
	return result == 0 ? "possible" : "refused";
}

static bool run_tries(const struct sandbox_options *options, struct scene *scene, FILE *out) {
	bool good = true;
	fprintf(out, "\n%-32s %-10s %s\n", "", "outside", "in the sandbox");
	for (size_t i = 0; i < TRY_COUNT; i++) {
		int outside = run_try(i, NULL, scene), inside = run_try(i, options, scene);
		bool allowed = tries[i].allowed || (tries[i].connecting && options->connects);
		bool as_it_should_be = allowed ? inside == 0 : inside > 0;
		fprintf(out, "%-32s %-10s %s", tries[i].name, outcome(outside), outcome(inside));
		if (inside > 0)
			fprintf(out, " (%s)", strerrorname_np(inside));
		fputs(as_it_should_be ? "\n" : "  WRONG\n", out);
		good = good && as_it_should_be;
	}
	return good;
}

/* Lines of /proc/self/status that tell; each must be as given where it is given. */
static const struct {
	const char *key, *value;
	bool only_root; /* must be so only when started as root */
} facts[] = {
	{"Uid", NULL, false},
	{"Gid", NULL, false},
	{"Groups", "", true},
	{"CapInh", "0000000000000000", false},
	{"CapPrm", "0000000000000000", false},
	{"CapEff", "0000000000000000", false},
	{"CapBnd", "0000000000000000", true},
	{"CapAmb", "0000000000000000", false},
	{"NoNewPrivs", "1", false},
	{"Seccomp", "2", false},
};

/* A line's value without blanks around it; it ends where the line does. NULL: there is no such line. */
static const char *find_value(const char *text, const char *key, int *ret_len) {
	size_t key_len = strlen(key);
	for (const char *line = text; line != NULL && *line != '\0'; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, key, key_len) != 0 || line[key_len] != ':')
			continue;
		const char *value = line + key_len + 1;
		value += strspn(value, " \t");
		size_t len = strcspn(value, "\n");
		while (len > 0 && value[len - 1] == ' ')
			len--;
		*ret_len = (int)len;
		return value;
	}
	return NULL;
}

static bool print_facts(const char *text, bool was_root, FILE *out) {
	bool good = true;
	for (size_t i = 0; i < sizeof(facts) / sizeof(facts[0]); i++) {
		int len = 0;
		const char *value = find_value(text, facts[i].key, &len);
		bool wrong = value == NULL;
		if (value != NULL && facts[i].value != NULL && (was_root || !facts[i].only_root))
			wrong = (size_t)len != strlen(facts[i].value) || strncmp(value, facts[i].value, (size_t)len) != 0;
		fprintf(out, "%-12s %.*s%s\n", facts[i].key, len, value != NULL ? value : "", wrong ? "  WRONG" : "");
		good = good && !wrong;
	}
	return good;
}

/* In a process of its own that enters and says what it is then. */
static int show_state(const struct sandbox_options *options, struct scene *scene, FILE *out) {
	struct sandbox_status status;
	struct sandbox_error error;
	bool was_root = geteuid() == 0;
	char text[8192];
	/* Opened by whom it tells about; once inside it could not be. */
	int fd = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
	if (!enter(options, scene, &status, &error)) {
		fprintf(out, "%s\n", error.text);
		return NOT_ENTERED;
	}
	sandbox_print_status(&status, out);
	ssize_t len = fd < 0 ? -1 : pread(fd, text, sizeof(text) - 1, 0);
	text[len > 0 ? len : 0] = '\0';
	bool good = print_facts(text, was_root, out) && status.landlock == SANDBOX_LAYER_ACTIVE &&
		    status.seccomp == SANDBOX_LAYER_ACTIVE;
	return fflush(out) == 0 && good ? 0 : 1;
}

static int run_show_state(const struct sandbox_options *options, struct scene *scene, FILE *out) {
	fflush(out);
	pid_t child = fork();
	if (child == 0)
		_exit(show_state(options, scene, out));
	return child < 0 ? -1 : wait_for(child);
}

static int open_folder(const struct scene *scene, const char *name) {
	char path[sizeof(scene->path) + 16];
	snprintf(path, sizeof(path), "%s/%s", scene->path, name);
	/* For whoever we become: the tries are to fail for the sandbox's sake, not for want of rights. */
	if (mkdir(path, 0700) < 0 || chmod(path, 0777) < 0)
		return -errno;
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static int open_log(const struct scene *scene) {
	char path[sizeof(scene->path) + 16];
	snprintf(path, sizeof(path), "%s/log", scene->path);
	int fd = open(path, O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	int to = fd >= 0 ? open(path, O_WRONLY | O_CLOEXEC) : -1;
	int result = to >= 0 && write(to, "x", 1) == 1 ? fd : -errno;
	if (to >= 0)
		close(to);
	return result;
}

static int set_scene(struct scene *scene) {
	const char *folder = getenv("TMPDIR");
	if (folder == NULL || strlen(folder) > 32)
		folder = "/tmp";
	snprintf(scene->path, sizeof(scene->path), "%s/smtpscope-XXXXXX", folder);
	if (mkdtemp(scene->path) == NULL) {
		scene->path[0] = '\0';
		return -errno;
	}
	if (chmod(scene->path, 0711) < 0)
		return -errno;
	snprintf(scene->outside_path, sizeof(scene->outside_path), "%s/outside", scene->path);
	scene->allowed = open_folder(scene, "output");
	scene->outside = open_folder(scene, "outside");
	scene->log = open_log(scene);
	scene->peer = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	const int results[] = {scene->allowed, scene->outside, scene->log};
	for (size_t i = 0; i < sizeof(results) / sizeof(results[0]); i++)
		if (results[i] < 0)
			return results[i];
	return scene->peer < 0 ? -errno : 0;
}

static void clear_scene(struct scene *scene) {
	const int fds[] = {scene->allowed, scene->outside, scene->log, scene->peer};
	for (size_t i = 0; i < sizeof(fds) / sizeof(fds[0]); i++)
		if (fds[i] >= 0)
			close(fds[i]);
	if (scene->path[0] == '\0')
		return;
	char path[sizeof(scene->path) + 16];
	rmdir(scene->outside_path);
	snprintf(path, sizeof(path), "%s/output", scene->path);
	rmdir(path);
	snprintf(path, sizeof(path), "%s/log", scene->path);
	unlink(path);
	rmdir(scene->path);
}

int sandbox_check(const struct sandbox_options *options, FILE *out, struct sandbox_error *ret_error) {
	struct scene scene = {.allowed = -1, .outside = -1, .log = -1, .peer = -1};
	int result = set_scene(&scene);
	if (result < 0) {
		snprintf(ret_error->text, sizeof(ret_error->text), "%s: cannot make a folder for the check: %s",
			scene.path[0] != '\0' ? scene.path : "/tmp", strerror(-result));
	} else {
		int state = run_show_state(options, &scene, out);
		bool good = state == 0;
		if (state == 0 || state == 1)
			good = run_tries(options, &scene, out) && good;
		fputs(good ? "\nAll is as it should be.\n" : "\nNOT all is as it should be.\n", out);
		result = good ? 0 : 1;
	}
	clear_scene(&scene);
	return result;
}
