/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "delivery/credentials.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FILE_BYTES_MAX = 4 << 20, SECRET_MAX = 8192 };

static const char *const system_files[] = {
	"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem", "/etc/ssl/cert.pem"};

const char *credentials_system_ca(void) {
	for (size_t i = 0; i < sizeof(system_files) / sizeof(system_files[0]); i++)
		if (access(system_files[i], R_OK) == 0)
			return system_files[i];
	return NULL;
}

static int read_file(const char *name, char **ret_text) {
	FILE *file = fopen(name, "re");
	if (file == NULL)
		return -errno;
	char *text = malloc(FILE_BYTES_MAX + 1);
	size_t len = text != NULL ? fread(text, 1, FILE_BYTES_MAX + 1, file) : 0;
	int error = text == NULL ? -ENOMEM : ferror(file) ? -EIO : len > FILE_BYTES_MAX ? -EFBIG : 0;
	fclose(file);
	if (error < 0) {
		free(text);
		return error;
	}
	text[len] = '\0';
	char *fitting = realloc(text, len + 1);
	*ret_text = fitting != NULL ? fitting : text;
	return 0;
}

static int read_if(const char *name, char **ret_text, char *error) {
	int result = name != NULL ? read_file(name, ret_text) : 0;
	if (result < 0)
		snprintf(error, CREDENTIALS_ERROR_MAX, "%s: %s", name, strerror(-result));
	return result;
}

/* A secret ends up in a header: a line end in it would be a header of its own. */
static int check_secret(const struct destination *destination, char *secret, char *error) {
	secret[strcspn(secret, "\r\n")] = '\0';
	const char *from = destination->secret_file != NULL ? destination->secret_file : destination->secret_variable;
	if (*secret != '\0' && strlen(secret) <= SECRET_MAX)
		return 0;
	snprintf(error, CREDENTIALS_ERROR_MAX, "%s: there is no secret in it, or it is too long", from);
	return -EINVAL;
}

int credentials_read(const struct destination *destination, struct credentials *ret_credentials, char error[CREDENTIALS_ERROR_MAX]) {
	struct credentials read = {0};
	const char *ca = destination->ca;
	if (ca == NULL && destination->tls && destination->verify)
		ca = credentials_system_ca();
	int result = read_if(ca, &read.ca, error);
	if (result == 0)
		result = read_if(destination->certificate, &read.certificate, error);
	if (result == 0)
		result = read_if(destination->key, &read.key, error);
	if (result == 0)
		result = read_if(destination->secret_file, &read.secret, error);
	if (result == 0 && destination->secret_variable != NULL) {
		const char *value = getenv(destination->secret_variable);
		read.secret = strdup(value != NULL ? value : "");
		result = read.secret != NULL ? 0 : -ENOMEM;
	}
	if (result == 0 && read.secret != NULL)
		result = check_secret(destination, read.secret, error);
	if (result < 0) {
		credentials_finish(&read);
		return result;
	}
	*ret_credentials = read;
	return 0;
}

static void wipe(char *text) {
	if (text != NULL)
		explicit_bzero(text, strlen(text));
	free(text);
}

void credentials_finish(struct credentials *credentials) {
	free(credentials->ca);
	free(credentials->certificate);
	wipe(credentials->key);
	wipe(credentials->secret);
	*credentials = (struct credentials){0};
}
