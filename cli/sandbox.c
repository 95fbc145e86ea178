/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <cap-ng.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cli/landlock.h"
#include "cli/sandbox.h"
#include "cli/syscalls.h"

/* LeakSanitizer, at exit, starts a process that traces this one and reads /proc/self/maps. */
#if defined(__SANITIZE_ADDRESS__)
#define UNDER_SANITIZER true
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define UNDER_SANITIZER true
#endif
#endif
#if !defined(UNDER_SANITIZER)
#define UNDER_SANITIZER false
#endif

/* Where libpcap reads what an interface dropped: the first leads by symbolic links into the second. */
static const char *const interface_directories[] = {"/sys/class/net", "/sys/devices"};

/* Where names are looked up by: files that are replaced are found only through their folder, which for the first one need not be /etc. */
static const char *const resolver_files[] = {"/etc/resolv.conf", "/etc/hosts", "/etc/nsswitch.conf", "/etc/host.conf", "/etc/gai.conf",
	"/etc/services", "/etc/protocols", "/run/systemd/resolve", "/run/resolvconf", "/etc/ssl"};

enum { RESOLVER_FILES = sizeof(resolver_files) / sizeof(resolver_files[0]) };

enum { INTERFACE_DIRECTORIES = sizeof(interface_directories) / sizeof(interface_directories[0]) };

enum { USER_TEXT_MAX = 16 << 10 }; /* all that getpwnam_r() has to say about a user */

__attribute__((format(printf, 3, 4))) static int fail(struct sandbox_error *ret_error, int error, const char *format, ...) {
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(ret_error->text, sizeof(ret_error->text), format, arguments);
	va_end(arguments);
	return error;
}

/* Landlock, seccomp and the user's rights are each thread's own: one that runs already would keep its own. Where /proc is
 * missing there is no telling. */
static int check_alone(struct sandbox_error *ret_error) {
	DIR *tasks = opendir("/proc/self/task");
	if (tasks == NULL)
		return 0;
	size_t count = 0;
	for (const struct dirent *entry; (entry = readdir(tasks)) != NULL;)
		count += entry->d_name[0] != '.';
	closedir(tasks);
	if (count > 1)
		return fail(ret_error, -EBUSY, "sandbox: %zu threads run already, there must be one", count);
	return 0;
}

static int check_options(const struct sandbox_options *options, struct sandbox_error *ret_error) {
	if (options->path_count > SANDBOX_PATHS_MAX || options->silent_count > SANDBOX_SILENT_MAX)
		return fail(ret_error, -E2BIG, "sandbox: too many directories or sockets");
	return check_alone(ret_error);
}

/* 1: found; 0: there is no such user; or a negative errno. */
static int look_up(const char *name, struct sandbox_user *ret_user) {
	char text[USER_TEXT_MAX];
	struct passwd user, *found;
	int error = getpwnam_r(name, &user, text, sizeof(text), &found);
	if (error != 0 && error != ENOENT && error != ESRCH)
		return -error;
	if (error != 0 || found == NULL)
		return 0;
	*ret_user = (struct sandbox_user){user.pw_uid, user.pw_gid, true};
	return 1;
}

int sandbox_find_user(const char *name, struct sandbox_user *ret_user, struct sandbox_error *ret_error) {
	static const char *const usual[] = {"smtpscope", "nobody"};
	bool root = geteuid() == 0;
	*ret_user = (struct sandbox_user){geteuid(), getegid(), false};
	if (name == NULL && !root)
		return 0;
	int result = 0;
	if (name != NULL)
		result = look_up(name, ret_user);
	for (size_t i = 0; name == NULL && result == 0 && i < sizeof(usual) / sizeof(usual[0]); i++)
		result = look_up(usual[i], ret_user);
	if (result < 0)
		return fail(ret_error, result, "%s: cannot look up the user: %s", name != NULL ? name : usual[0],
			strerror(-result));
	if (result == 0)
		return fail(ret_error, -ENOENT, "%s: there is no such user", name != NULL ? name : "smtpscope, nobody");
	if (root)
		return 0;
	if (ret_user->uid != geteuid())
		return fail(ret_error, -EPERM, "%s: only root can become another user", name);
	ret_user->change = false;
	return 0;
}

/* localtime() looks at /etc/localtime each time as long as TZ is not set, and would find that it cannot read it the day it
 * changes: the times would silently be UTC's. */
static void pin_time_zone(void) {
	setenv("TZ", ":/etc/localtime", 0);
	tzset();
}

/* What we could get back by running a program; it takes a capability, so it comes before the user changes. */
static bool clear_bounding_set(void) {
	/* A service that never was root lacks it, and libcap-ng would tell the system's log of that each time. */
	if (capng_get_caps_process() == 0 && !capng_have_capability(CAPNG_EFFECTIVE, CAP_SETPCAP))
		return capng_have_capabilities(CAPNG_SELECT_BOUNDS) == CAPNG_NONE;
	capng_clear(CAPNG_SELECT_BOUNDS);
	if (capng_apply(CAPNG_SELECT_BOUNDS) < 0)
		return false;
	return capng_get_caps_process() == 0 && capng_have_capabilities(CAPNG_SELECT_BOUNDS) == CAPNG_NONE;
}

static int change_user(const struct sandbox_user *identity, struct sandbox_error *ret_error) {
	if (!identity->change)
		return 0;
	if (setgroups(0, NULL) < 0 || setresgid(identity->gid, identity->gid, identity->gid) < 0 ||
		setresuid(identity->uid, identity->uid, identity->uid) < 0)
		return fail(ret_error, -errno, "cannot become user %ju: %s", (uintmax_t)identity->uid, strerror(errno));
	return 0;
}

static int drop_capabilities(const struct sandbox_user *identity, struct sandbox_error *ret_error) {
	capng_clear(CAPNG_SELECT_ALL);
	/* What cannot be had of it fails as a whole: the ambient set goes alone. */
	if (capng_apply(CAPNG_SELECT_AMBIENT) < 0 || capng_apply(CAPNG_SELECT_CAPS) < 0)
		return fail(ret_error, -EPERM, "cannot give up capabilities");
	/* Believed when seen: capabilities have been kept by a call that said it had worked. */
	if (capng_get_caps_process() < 0 || capng_have_capabilities(CAPNG_SELECT_CAPS) != CAPNG_NONE ||
		capng_have_capabilities(CAPNG_SELECT_AMBIENT) != CAPNG_NONE)
		return fail(ret_error, -EPERM, "cannot give up capabilities: some are still there");
	if (identity->change && identity->uid != 0 && setresuid(0, 0, 0) == 0)
		return fail(ret_error, -EPERM, "cannot give up root: it could be had back");
	return 0;
}

static int lock_process(const struct sandbox_options *options, struct sandbox_error *ret_error) {
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return fail(ret_error, -errno, "cannot set no_new_privs: %s", strerror(errno));
	/* Said in both cases: the change of the user has set it, to what the system prefers. */
	unsigned long dumpable = options->debuggable || UNDER_SANITIZER;
	if (prctl(PR_SET_DUMPABLE, dumpable, 0, 0, 0) < 0)
		return fail(ret_error, -errno, "cannot keep debuggers off: %s", strerror(errno));
	return 0;
}

static int enter_landlock(
	const struct sandbox_options *options, struct sandbox_status *status, struct sandbox_error *ret_error) {
	int abi = landlock_find_abi();
	if (abi == 0) {
		status->landlock = SANDBOX_LAYER_UNAVAILABLE;
		return options->required ? fail(ret_error, -ENOSYS, "sandbox: this kernel has no Landlock") : 0;
	}
	struct sandbox_path paths[SANDBOX_PATHS_MAX + INTERFACE_DIRECTORIES + RESOLVER_FILES];
	size_t count = options->path_count, own = count;
	if (count > 0)
		memcpy(paths, options->paths, count * sizeof(paths[0]));
	for (size_t i = 0; options->live && i < INTERFACE_DIRECTORIES; i++) {
		int fd = open(interface_directories[i], O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (fd >= 0) /* else there is nothing to be read there either */
			paths[count++] = (struct sandbox_path){fd, SANDBOX_ACCESS_READ};
	}
	for (size_t i = 0; options->connects && i < RESOLVER_FILES; i++) {
		struct stat kind;
		int fd = open(resolver_files[i], O_PATH | O_CLOEXEC);
		if (fd >= 0 && fstat(fd, &kind) == 0)
			paths[count++] = (struct sandbox_path){fd, S_ISDIR(kind.st_mode) ? SANDBOX_ACCESS_READ : SANDBOX_ACCESS_READ_FILE};
	}
	int result = options->connects ? landlock_enter_connecting(abi, paths, count) : landlock_enter(abi, paths, count);
	while (count > own)
		close(paths[--count].directory_fd);
	if (result < 0)
		return fail(ret_error, result, "sandbox: Landlock: %s", strerror(-result));
	status->landlock_abi = abi;
	return 0;
}

static int enter_seccomp(
	const struct sandbox_options *options, struct sandbox_status *status, struct sandbox_error *ret_error) {
	if (!syscalls_can_restrict()) {
		status->seccomp = SANDBOX_LAYER_UNAVAILABLE;
		return options->required ? fail(ret_error, -ENOSYS, "sandbox: this kernel has no seccomp filters") : 0;
	}
	int result = syscalls_restrict(options, status->landlock == SANDBOX_LAYER_ACTIVE || options->connects);
	return result < 0 ? fail(ret_error, result, "sandbox: seccomp: %s", strerror(-result)) : 0;
}

static int restrict_kernel(
	const struct sandbox_options *options, struct sandbox_status *status, struct sandbox_error *ret_error) {
	if (UNDER_SANITIZER) {
		status->landlock = status->seccomp = SANDBOX_LAYER_LEFT_OUT;
		return 0;
	}
	int result = enter_landlock(options, status, ret_error);
	return result < 0 ? result : enter_seccomp(options, status, ret_error);
}

int sandbox_enter(
	const struct sandbox_options *options, struct sandbox_status *ret_status, struct sandbox_error *ret_error) {
	struct sandbox_user identity = {0};
	int result = check_options(options, ret_error);
	if (result == 0)
		result = sandbox_find_user(options->user, &identity, ret_error);
	if (result < 0)
		return result;
	pin_time_zone();
	struct sandbox_status status = {.bounding_cleared = clear_bounding_set()};
	result = change_user(&identity, ret_error);
	if (result == 0)
		result = drop_capabilities(&identity, ret_error);
	if (result == 0)
		result = lock_process(options, ret_error);
	if (result == 0)
		result = restrict_kernel(options, &status, ret_error);
	if (result < 0)
		return result;
	status.uid = identity.uid;
	status.gid = identity.gid;
	status.user_changed = identity.change;
	*ret_status = status;
	return 0;
}

static const char *layer_text(enum sandbox_layer layer) {
	switch (layer) {
	case SANDBOX_LAYER_ACTIVE:
		return "active";
	case SANDBOX_LAYER_UNAVAILABLE:
		return "not in this kernel";
	case SANDBOX_LAYER_LEFT_OUT:
		return "left out in a build with sanitizers";
	}
	return "";
}

void sandbox_print_status(const struct sandbox_status *status, FILE *out) {
	fprintf(out, "sandbox: user %ju%s, group %ju, no capabilities%s; Landlock %s", (uintmax_t)status->uid,
		status->user_changed ? "" : " as before", (uintmax_t)status->gid,
		status->bounding_cleared ? "" : " (bounding set as before)", layer_text(status->landlock));
	if (status->landlock == SANDBOX_LAYER_ACTIVE)
		fprintf(out, " (version %d)", status->landlock_abi);
	fprintf(out, "; seccomp %s\n", layer_text(status->seccomp));
}
