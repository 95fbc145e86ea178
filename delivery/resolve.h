/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Looks a host up without waiting for it.
 */
#ifndef SMTPSCOPE_DELIVERY_RESOLVE_H
#define SMTPSCOPE_DELIVERY_RESOLVE_H

#include <netdb.h>
#include <stdint.h>

/* Has everything loaded that looking names up takes, which a sandbox may not let happen later: the modules of nsswitch.conf, by looking
 * the host up once, and what glibc needs to end a thread. host may be NULL. */
void resolve_prepare(const char *host);

struct resolve; /* one that is under way */

/* type: SOCK_STREAM or SOCK_DGRAM. Returns 0 or a negative errno. */
int resolve_start(const char *host, uint16_t port, int type, struct resolve **ret_resolve);

/* Returns 1 and *ret_addresses, for freeaddrinfo(); 0: not yet; or -ENXIO with *ret_text: the name has no address. After 1 or an error
 * it is over. */
int resolve_poll(struct resolve *resolve, struct addrinfo **ret_addresses, const char **ret_text);

/* Accepts NULL. */
void resolve_cancel(struct resolve *resolve);

#endif
