/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * By getaddrinfo_a(), whose thread may be in the middle of it when nobody wants to know any more: what it works on is then left to
 * it, which happens once in a long while and costs a few hundred bytes.
 */
#include "delivery/resolve.h"

#include <dlfcn.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void resolve_prepare(const char *host) {
	struct addrinfo *found = NULL, hints = {.ai_socktype = SOCK_STREAM};
	/* It stays loaded. Without it, pthread_exit() in the thread of getaddrinfo_a() aborts the program. */
	(void)dlopen("libgcc_s.so.1", RTLD_NOW | RTLD_NODELETE);
	if (host != NULL && getaddrinfo(host, NULL, &hints, &found) == 0)
		freeaddrinfo(found);
}

struct resolve {
	struct gaicb request;
	struct addrinfo hints;
	char host[256], port[8];
};

int resolve_start(const char *host, uint16_t port, int type, struct resolve **ret_resolve) {
	struct resolve *resolve = calloc(1, sizeof(*resolve));
	if (resolve == NULL)
		return -ENOMEM;
	snprintf(resolve->host, sizeof(resolve->host), "%s", host);
	snprintf(resolve->port, sizeof(resolve->port), "%u", (unsigned)port);
	resolve->hints = (struct addrinfo){.ai_family = AF_UNSPEC, .ai_socktype = type, .ai_flags = AI_NUMERICSERV};
	resolve->request = (struct gaicb){.ar_name = resolve->host, .ar_service = resolve->port, .ar_request = &resolve->hints};
	struct gaicb *list[] = {&resolve->request};
	struct sigevent none = {.sigev_notify = SIGEV_NONE};
	if (getaddrinfo_a(GAI_NOWAIT, list, 1, &none) != 0) {
		free(resolve);
		return -EAGAIN;
	}
	*ret_resolve = resolve;
	return 0;
}

int resolve_poll(struct resolve *resolve, struct addrinfo **ret_addresses, const char **ret_text) {
	int error = gai_error(&resolve->request);
	if (error == EAI_INPROGRESS)
		return 0;
	struct addrinfo *addresses = resolve->request.ar_result;
	free(resolve);
	if (error == 0 && addresses != NULL) {
		*ret_addresses = addresses;
		return 1;
	}
	*ret_text = error != 0 ? gai_strerror(error) : "no address";
	return -ENXIO;
}

void resolve_cancel(struct resolve *resolve) {
	if (resolve == NULL)
		return;
	if (gai_cancel(&resolve->request) == EAI_NOTCANCELED)
		return; /* the thread has it */
	if (gai_error(&resolve->request) == 0 && resolve->request.ar_result != NULL)
		freeaddrinfo(resolve->request.ar_result);
	free(resolve);
}
