/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Network interfaces as a packet source: one source for any number of them, through libpcap.
 *
 * Privileges (CAP_NET_RAW) are needed by live_open() alone. source_run() works without any, also when an interface
 * disappears and comes back: the socket that is there is bound to the new interface. It opens nothing; on the descriptors
 * that live_open() has opened it calls poll, read, write, ioctl (SIOCGIFNAME, SIOCGIFINDEX, SIOCGIFFLAGS, SIOCGIFHWADDR),
 * getsockname, bind, getsockopt (SO_ERROR, PACKET_STATISTICS) and setsockopt (PACKET_ADD_MEMBERSHIP), and it calls
 * clock_gettime. source_close() calls munmap, close and setsockopt (PACKET_RX_RING).
 *
 * All functions are for one thread; only source_stop() is for any thread and for signal handlers.
 */
#ifndef SMTPSCOPE_CAPTURE_LIVE_H
#define SMTPSCOPE_CAPTURE_LIVE_H

#include "capture/kernel_filter.h"
#include "capture/source.h"

#include <stdbool.h>

enum {
	LIVE_SNAP_LEN_DEFAULT = 262144,
	LIVE_BUFFER_KIB_DEFAULT = 32768,
	LIVE_TIMEOUT_MS_DEFAULT = 20,
	LIVE_INTERFACES_MAX = 64,
};

struct live_options {
	const char *const *interfaces; /* names; "any" is all there are and will be */
	size_t interface_count;        /* at least 1, at most LIVE_INTERFACES_MAX */
	size_t snap_len;               /* bytes of a frame to keep; 0: the default */
	size_t buffer_kib;             /* of the kernel's ring, for each interface; 0: the default */
	unsigned timeout_ms;           /* how long a frame may wait in the ring for others; 0: the default */
	bool promiscuous;              /* "any" never is */
	/* Hand over each frame at once: dearer, and a slot of the ring is then as large as the largest frame, so that it
	 * holds a few hundred. */
	bool immediate;
	const char *filter; /* pcap-filter(7), taken as it is and instead of the default one; NULL: the default one */
	struct kernel_filter_options kernel_filter; /* the default one */
	uint64_t frames_max;                        /* source_run() ends after so many; 0: never */
};

enum live_state {
	LIVE_UP,
	LIVE_DOWN, /* configured down, or without a link */
	LIVE_GONE, /* there is no interface of the name, or it is of another kind than it was */
	LIVE_STATE_COUNT
};

struct live_interface_stats {
	const char *name; /* lives as long as the source */
	enum live_state state;
	uint64_t frames, bytes; /* delivered */
	uint64_t dropped_by_kernel;
	uint64_t dropped_by_interface; /* missed by the card, or no room in its queue */
	bool dropped_by_interface_known;
	uint64_t outages;                               /* how often it was away, with this time if it is */
	int64_t away_ns;                                /* how long in all */
	int64_t last_outage_from_ns, last_outage_to_ns; /* since 1970; 0: there was none, or it is not over */
};

/* What happens besides frames; each may be NULL. Called from within source_run(). */
struct live_watcher {
	void *context;
	/* At least every 100 ms, with or without frames. The first time is the system's monotonic clock, the second
	 * nanoseconds since 1970. */
	void (*tick)(void *context, int64_t monotonic_ns, int64_t wall_ns);
	/* One line for the person reading, no newline: an interface has gone, or is back. Borrowed. */
	void (*say)(void *context, const char *text);
};

/* Opens all interfaces, or none. The options and what they point to are borrowed for the call. Returns 0 and a source that
 * the caller closes, or a negative errno and a text that says which interface it is and what to do: -EPERM, -ENODEV,
 * -ENETDOWN, -EPROTONOSUPPORT for a link type that link_parse() does not know, -EINVAL for a wrong filter or an interface
 * named twice, -ENOMEM, -EIO. Frames wait in the ring from now on. */
int live_open(const struct live_options *options, struct source **ret_source, struct source_error *ret_error);

/* Before source_run(). `watcher` is copied. */
void live_watch(struct source *source, const struct live_watcher *watcher);

size_t live_count_interfaces(const struct source *source);

/* Of interface number `i`, in the order of the options. */
void live_get_interface(struct source *source, size_t i, struct live_interface_stats *ret_stats);

/* The capture sockets, LIVE_INTERFACES_MAX at most. They stay the source's. Returns how many. */
size_t live_get_descriptors(const struct source *source, int ret_fds[LIVE_INTERFACES_MAX]);

/* A constant word: "up", "down" or "gone". */
const char *live_state_name(enum live_state state);

/* An interface that live_open() may be told; borrowed for the callback. */
struct live_description {
	const char *name;
	const char *description; /* NULL: has none */
	bool up, running, loopback;
	const char *const *addresses; /* IPv4 and IPv6, as text */
	size_t address_count;
};

/* Calls back for each. Returns 0, or a negative errno and a text. */
int live_list_interfaces(void (*callback)(void *context, const struct live_description *description), void *context,
	struct source_error *ret_error);

#endif
