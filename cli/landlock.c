/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <linux/landlock.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "cli/landlock.h"

/* glibc has no functions for these. */
static int create_ruleset(const void *attributes, size_t size, uint32_t flags) {
	return (int)syscall(SYS_landlock_create_ruleset, attributes, size, flags);
}

/* What the headers of Debian 12 (Linux 6.1, version 2) do not have yet. The kernel takes each size that a version of it had.
 */
struct ruleset_attributes {
	uint64_t files;
	uint64_t network; /* since version 4 */
	uint64_t scoped;  /* since version 6 */
};

#define ACCESS_TRUNCATE (1ULL << 14)
#define ACCESS_IOCTL_DEVICE (1ULL << 15)
#define NETWORK_BIND_TCP (1ULL << 0)
#define NETWORK_CONNECT_TCP (1ULL << 1)
#define SCOPE_ABSTRACT_UNIX_SOCKET (1ULL << 0)
#define SCOPE_SIGNAL (1ULL << 1)

/* Version 1 knew the first 13 rights on files, LANDLOCK_ACCESS_FS_EXECUTE to _MAKE_SYM. */
#define ACCESS_FIRST_VERSION ((1ULL << 13) - 1)

#define READING (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define WRITING                                                                                                             \
	(READING | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_DIR |              \
		LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REFER |                 \
		ACCESS_TRUNCATE)

/* Each right by the version that brought it: the kernel refuses rights that it does not know. */
static const struct {
	int abi;
	struct ruleset_attributes adds;
} versions[] = {
	{1, {.files = ACCESS_FIRST_VERSION}},
	{2, {.files = LANDLOCK_ACCESS_FS_REFER}},
	{3, {.files = ACCESS_TRUNCATE}},
	{4, {.network = NETWORK_BIND_TCP | NETWORK_CONNECT_TCP}},
	{5, {.files = ACCESS_IOCTL_DEVICE}},
	{6, {.scoped = SCOPE_ABSTRACT_UNIX_SOCKET | SCOPE_SIGNAL}},
};

int landlock_find_abi(void) {
	int abi = create_ruleset(NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	return abi > 0 ? abi : 0;
}

static uint64_t allowed(enum sandbox_access access) {
	switch (access) {
	case SANDBOX_ACCESS_READ:
		return READING;
	case SANDBOX_ACCESS_READ_FILE:
		return LANDLOCK_ACCESS_FS_READ_FILE;
	case SANDBOX_ACCESS_WRITE:
	case SANDBOX_ACCESS_PARENT:
		break;
	}
	return WRITING;
}

static int add_paths(int ruleset, uint64_t handled, const struct sandbox_path *paths, size_t path_count) {
	for (size_t i = 0; i < path_count; i++) {
		struct landlock_path_beneath_attr beneath = {
			.allowed_access = handled & allowed(paths[i].access),
			.parent_fd = paths[i].directory_fd,
		};
		if (syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &beneath, 0) < 0)
			return -errno;
	}
	return 0;
}

static int enter(int abi, const struct sandbox_path *paths, size_t path_count, bool connects) {
	struct ruleset_attributes all = {0};
	for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++) {
		if (versions[i].abi > abi)
			break;
		all.files |= versions[i].adds.files;
		all.network |= versions[i].adds.network;
		all.scoped |= versions[i].adds.scoped;
	}
	if (connects)
		all.network &= ~NETWORK_CONNECT_TCP;
	size_t size = sizeof(all);
	if (abi < 4)
		size = sizeof(all.files);
	else if (abi < 6)
		size = sizeof(all.files) + sizeof(all.network);
	int ruleset = create_ruleset(&all, size, 0);
	if (ruleset < 0)
		return -errno;
	int result = add_paths(ruleset, all.files, paths, path_count);
	if (result == 0 && syscall(SYS_landlock_restrict_self, ruleset, 0) < 0)
		result = -errno;
	close(ruleset);
	return result;
}

int landlock_enter(int abi, const struct sandbox_path *paths, size_t path_count) {
	return enter(abi, paths, path_count, false);
}

int landlock_enter_connecting(int abi, const struct sandbox_path *paths, size_t path_count) {
	return enter(abi, paths, path_count, true);
}
