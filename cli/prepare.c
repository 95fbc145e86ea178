/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/prepare.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "report/identity.h"

int prepare_fail(const char *what, int error) {
	fprintf(stderr, "smtpscope: %s: %s\n", what, strerror(-error));
	return error;
}

int prepare_directory(const char *name) {
	int fd = open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd >= 0 ? fd : -errno;
}

int prepare_evidence(const struct options *options, int *ret_directory, struct evidence **ret_evidence) {
	*ret_directory = -1;
	*ret_evidence = NULL;
	if (options->evidence_directory == NULL)
		return 0;
	int directory = prepare_directory(options->evidence_directory);
	if (directory < 0)
		return prepare_fail(options->evidence_directory, directory);
	const struct evidence_options wanted = {
		.directory = directory,
		.size_max = options->evidence_bytes,
		.keep_secrets = options->evidence_secrets,
		.snaplen = options->snaplen,
	};
	int result = evidence_create(&wanted, ret_evidence);
	if (result < 0) {
		close(directory);
		return prepare_fail(options->evidence_directory, result);
	}
	*ret_directory = directory;
	return 0;
}

int prepare_check_writable(int directory, const char *name) {
	static const char probe[] = ".smtpscope-probe";
	int fd = openat(directory, probe, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, S_IRUSR | S_IWUSR);
	if (fd < 0) {
		int error = -errno;
		fprintf(stderr, "smtpscope: %s: the user that smtpscope runs as can make no files there: %s\n", name, strerror(-error));
		return error;
	}
	close(fd);
	unlinkat(directory, probe, 0);
	return 0;
}

/* A line end at the end of the file is an editor's, and no part of the key. */
static int read_key(const char *name, uint8_t *key, size_t size, size_t *ret_len) {
	FILE *file = fopen(name, "re");
	if (file == NULL)
		return -errno;
	size_t len = fread(key, 1, size, file);
	bool more = fgetc(file) != EOF;
	int error = ferror(file) ? -EIO : 0;
	fclose(file);
	if (len > 0 && !more && key[len - 1] == '\n')
		len--;
	*ret_len = len;
	return error == 0 && more ? -EFBIG : error;
}

int prepare_users_key(struct options *options) {
	const char *name = options->users_key_file;
	if (options->users != WRITER_USERS_HASH)
		return 0;
	if (name == NULL) {
		options->users_key_len = 32;
		return getrandom(options->users_key, options->users_key_len, 0) == (ssize_t)options->users_key_len
			? 0
			: prepare_fail("no random numbers", -EIO);
	}
	int error = read_key(name, options->users_key, sizeof(options->users_key), &options->users_key_len);
	if (error < 0)
		return prepare_fail(name, error);
	if (options->users_key_len >= OPTIONS_KEY_MIN)
		return 0;
	fprintf(stderr, "smtpscope: %s: a key has at least %d bytes\n", name, OPTIONS_KEY_MIN);
	return -EINVAL;
}

int prepare_sandbox(const struct options *options, struct sandbox_options *wanted) {
	struct sandbox_status status;
	struct sandbox_error error;
	if (!options->sandbox)
		return 0;
	wanted->user = options->user;
	/* OpenSSL reads its configuration when it is used first. */
	identity_destroy(identity_create());
	int result = sandbox_enter(wanted, &status, &error);
	if (result < 0)
		fprintf(stderr, "smtpscope: %s\n", error.text);
	else if (options->verbose)
		sandbox_print_status(&status, stderr);
	return result;
}
