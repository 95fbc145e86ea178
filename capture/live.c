/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Interfaces through libpcap, whose descriptors are polled together.
 *
 * An interface that disappears takes its index along, and libpcap has no way to follow it. But what libpcap keeps does not
 * depend on the index: its ring belongs to the socket, the filter too, and its reading functions never compare indices. So
 * when an interface of the same name and kind is there again, the socket is bound to it behind libpcap's back. Binding an
 * AF_PACKET socket needs no privilege, only making one does.
 */
#include "capture/live.h"

#include "capture/link.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <linux/if_packet.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <pcap/pcap.h>
#include <poll.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MS INT64_C(1000000)
#define SECOND INT64_C(1000000000)

/* Half of what is promised: a batch may take a while. */
#define TICK_NS (50 * MS)
/* How often interfaces are asked how they are. One that goes down wakes poll(); one that comes back does not, so those that
 * are away are asked at each tick. */
#define CHECK_NS (1 * SECOND)

enum {
	BATCH_FRAMES = 256, /* of an interface, before the next one's turn */
	SAY_MAX = 512,
	ADDRESSES_MAX = 32, /* of an interface, listed */
};

/* What the kernel's rtnetlink is asked for, and what it answers. */
struct stats_request {
	struct nlmsghdr header;
	struct if_stats_msg message;
};

union stats_answer {
	struct nlmsghdr header;
	uint8_t bytes[4096];
};

struct interface {
	struct live *live;
	char *name;
	pcap_t *pcap;
	int fd; /* pcap's */
	int link_type;
	int index;                    /* 0: "any" */
	unsigned short hardware_type; /* ARPHRD_ */
	bool promiscuous, nanoseconds;

	enum live_state state;
	bool no_link;                         /* LIVE_DOWN, but only its cable */
	bool other_kind;                      /* LIVE_GONE, and said that what has its name now is of another kind */
	int64_t away_since_ns;                /* monotonic; of a state that is not LIVE_UP */
	int64_t outage_from_ns, outage_to_ns; /* the last one, since 1970 */
	uint64_t outages;
	int64_t away_ns; /* of outages that are over */
	char last_error[PCAP_ERRBUF_SIZE];

	uint64_t frames, bytes;
	uint64_t dropped_by_kernel;
	uint64_t dropped_by_interface;
	uint64_t interface_counter; /* of the interface itself, at the last look */
	bool interface_counter_known;
};

struct live {
	struct source source;
	struct interface *interfaces;
	size_t interface_count;
	struct pollfd *polled; /* the interfaces' descriptors, and wake_fd after them */
	int wake_fd;           /* an eventfd: source_stop() */
	int netlink_fd;        /* -1: interfaces do not tell what they drop */
	uint32_t netlink_seq;
	struct live_watcher watcher;
	source_callback *callback;
	void *context;
	uint64_t frames, frames_max;
	int64_t ticked_ns, checked_ns;
	atomic_bool stopped;
};

static void set_error(struct source_error *error, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void set_error(struct source_error *error, const char *format, ...) {
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(error->text, sizeof(error->text), format, arguments);
	va_end(arguments);
}

static int64_t read_clock_ns(clockid_t clock) {
	struct timespec time;
	clock_gettime(clock, &time);
	return time.tv_sec * SECOND + time.tv_nsec;
}

static bool is_any(const struct interface *interface) {
	return interface->index == 0;
}

static void set_name(struct ifreq *request, const char *name) {
	memset(request, 0, sizeof(*request));
	snprintf(request->ifr_name, sizeof(request->ifr_name), "%s", name);
}

/* ---- What is said of interfaces ---- */

static void say(const struct interface *interface, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void say(const struct interface *interface, const char *format, ...) {
	const struct live_watcher *watcher = &interface->live->watcher;
	if (watcher->say == NULL)
		return;
	char text[SAY_MAX];
	int len = snprintf(text, sizeof(text), "%s: ", interface->name);
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(text + len, sizeof(text) - (size_t)len, format, arguments);
	va_end(arguments);
	watcher->say(watcher->context, text);
}

/* RFC 3339, UTC, milliseconds. Not with strftime(), which looks for the time zone's file. */
static void format_time(int64_t wall_ns, char *text, size_t text_max) {
	time_t seconds = (time_t)(wall_ns / SECOND);
	struct tm parts = {0};
	gmtime_r(&seconds, &parts);
	snprintf(text, text_max, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", parts.tm_year + 1900, parts.tm_mon + 1,
		parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec, (int)(wall_ns % SECOND / MS));
}

static void say_back(const struct interface *interface, int64_t now_ns) {
	char from[96], to[96];
	format_time(interface->outage_from_ns, from, sizeof(from));
	format_time(interface->outage_to_ns, to, sizeof(to));
	int64_t away_ms = (now_ns - interface->away_since_ns) / MS;
	say(interface, "the interface is back; nothing was captured from %s to %s (%" PRId64 ".%03d s)", from, to,
		away_ms / 1000, (int)(away_ms % 1000));
}

static void set_state(struct interface *interface, enum live_state state, bool no_link, int64_t now_ns) {
	if (state == interface->state && no_link == interface->no_link)
		return;
	if (interface->state == LIVE_UP) {
		interface->outages++;
		interface->away_since_ns = now_ns;
		interface->outage_from_ns = read_clock_ns(CLOCK_REALTIME);
		interface->outage_to_ns = 0;
	}
	if (state == LIVE_UP) {
		interface->away_ns += now_ns - interface->away_since_ns;
		interface->outage_to_ns = read_clock_ns(CLOCK_REALTIME);
		say_back(interface, now_ns);
	} else if (state == LIVE_GONE) {
		say(interface, "the interface has disappeared; waiting for it");
	} else {
		say(interface, "the interface %s; waiting for it", no_link ? "has no link" : "is down");
	}
	interface->state = state;
	interface->no_link = no_link;
}

/* ---- What interfaces drop ---- */

/* Reads the answer to the last question; false when there is none. Answers to older ones, if any, are passed over. */
static bool read_answer(const struct live *live, union stats_answer *answer, size_t *ret_len) {
	for (;;) {
		ssize_t len = read(live->netlink_fd, answer, sizeof(*answer));
		if (len < (ssize_t)sizeof(answer->header))
			return false;
		*ret_len = (size_t)len;
		if (answer->header.nlmsg_seq == live->netlink_seq)
			return true;
	}
}

/* Asks the kernel for the counters of the interface. rtnetlink, because libpcap's way is a file in /sys, which a sandbox
 * does not let open, and which may be another network namespace's. The answer is there when write() returns. */
static bool read_interface_counter(struct live *live, int index, uint64_t *ret_counter) {
	if (live->netlink_fd < 0 || index <= 0)
		return false;
	struct stats_request request = {
		.header = {.nlmsg_len = sizeof(request),
			.nlmsg_type = RTM_GETSTATS,
			.nlmsg_flags = NLM_F_REQUEST,
			.nlmsg_seq = ++live->netlink_seq},
		.message = {.family = AF_UNSPEC,
			.ifindex = (uint32_t)index,
			.filter_mask = IFLA_STATS_FILTER_BIT(IFLA_STATS_LINK_64)},
	};
	if (write(live->netlink_fd, &request, sizeof(request)) != (ssize_t)sizeof(request))
		return false;
	const size_t before = NLMSG_LENGTH(sizeof(struct if_stats_msg));
	union stats_answer answer;
	struct rtattr attribute;
	size_t len = 0;
	if (!read_answer(live, &answer, &len) || answer.header.nlmsg_type != RTM_NEWSTATS ||
		len < before + sizeof(attribute))
		return false;
	memcpy(&attribute, answer.bytes + before, sizeof(attribute));
	if (attribute.rta_type != IFLA_STATS_LINK_64 || attribute.rta_len < sizeof(attribute) ||
		attribute.rta_len > len - before)
		return false;
	struct rtnl_link_stats64 stats = {0}; /* an older kernel has less, a newer one more */
	size_t stats_len = attribute.rta_len - sizeof(attribute);
	memcpy(&stats, answer.bytes + before + sizeof(attribute), stats_len < sizeof(stats) ? stats_len : sizeof(stats));
	*ret_counter = stats.rx_missed_errors + stats.rx_fifo_errors;
	return true;
}

/* Begins to count what the interface drops from here. */
static void begin_interface_counter(struct interface *interface) {
	interface->interface_counter_known =
		read_interface_counter(interface->live, interface->index, &interface->interface_counter);
}

/* The kernel's counters of a socket have 32 bits and begin anew when they are read. So they are read here, more often than
 * they may overflow, and pcap_stats(), which would take them away, is never called. */
static void update_counters(struct interface *interface) {
	struct tpacket_stats stats = {0};
	socklen_t len = sizeof(stats);
	if (getsockopt(interface->fd, SOL_PACKET, PACKET_STATISTICS, &stats, &len) == 0)
		interface->dropped_by_kernel += stats.tp_drops;
	uint64_t counter;
	if (interface->state == LIVE_GONE || !interface->interface_counter_known ||
		!read_interface_counter(interface->live, interface->index, &counter))
		return;
	if (counter >= interface->interface_counter)
		interface->dropped_by_interface += counter - interface->interface_counter;
	interface->interface_counter = counter;
}

/* ---- Interfaces that go and come ---- */

/* The interface that the socket is bound to, or -1 when that does not exist any more. */
static int bound_index(const struct interface *interface) {
	struct sockaddr_ll address;
	socklen_t len = sizeof(address);
	if (getsockname(interface->fd, (struct sockaddr *)&address, &len) < 0)
		return -1;
	return address.sll_ifindex;
}

static bool add_promiscuous(const struct interface *interface) {
	struct packet_mreq request = {.mr_ifindex = interface->index, .mr_type = PACKET_MR_PROMISC};
	return setsockopt(interface->fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &request, sizeof(request)) == 0;
}

static void clear_socket_error(const struct interface *interface) {
	int error;
	socklen_t len = sizeof(error);
	getsockopt(interface->fd, SOL_SOCKET, SO_ERROR, &error, &len);
}

/* Binds the socket to the interface that has the name now. False when there is none, or one of another kind: its frames
 * would be read wrongly. */
static bool follow_name(struct interface *interface) {
	struct ifreq request;
	set_name(&request, interface->name);
	if (ioctl(interface->fd, SIOCGIFINDEX, &request) < 0) {
		interface->other_kind = false;
		return false;
	}
	int index = request.ifr_ifindex;
	set_name(&request, interface->name);
	if (ioctl(interface->fd, SIOCGIFHWADDR, &request) < 0)
		return false;
	if (request.ifr_hwaddr.sa_family != interface->hardware_type) {
		if (!interface->other_kind)
			say(interface,
				"the interface of this name is of another kind now (%d, was %d); restart to capture on it",
				request.ifr_hwaddr.sa_family, interface->hardware_type);
		interface->other_kind = true;
		return false;
	}
	struct sockaddr_ll address = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL), .sll_ifindex = index};
	if (bind(interface->fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		return false;
	clear_socket_error(interface); /* an interface that is down says so once more */
	interface->index = index;
	if (interface->promiscuous && !add_promiscuous(interface))
		say(interface, "promiscuous mode cannot be set again: %s", strerror(errno));
	begin_interface_counter(interface);
	return true;
}

/* The state of the interface that the socket is bound to, which may have got another name. */
static enum live_state ask_state(const struct interface *interface, bool *ret_no_link) {
	struct ifreq request = {.ifr_ifindex = interface->index};
	*ret_no_link = false;
	if (ioctl(interface->fd, SIOCGIFNAME, &request) < 0 || ioctl(interface->fd, SIOCGIFFLAGS, &request) < 0)
		return LIVE_GONE;
	if (!(request.ifr_flags & IFF_UP))
		return LIVE_DOWN;
	*ret_no_link = !(request.ifr_flags & IFF_RUNNING);
	return *ret_no_link ? LIVE_DOWN : LIVE_UP;
}

/* `failed`: the socket has reported an error, so that the interface was away even if it is there again. */
static void check_interface(struct interface *interface, bool failed, int64_t now_ns) {
	if (is_any(interface))
		return;
	bool no_link = false;
	enum live_state state = LIVE_GONE;
	if (bound_index(interface) > 0) {
		state = ask_state(interface, &no_link);
	} else {
		set_state(interface, LIVE_GONE, false, now_ns); /* also when it is there again at once */
		if (follow_name(interface))
			state = ask_state(interface, &no_link);
	}
	if (failed && state == LIVE_UP && interface->state == LIVE_UP)
		set_state(interface, LIVE_DOWN, false, now_ns);
	set_state(interface, state, no_link, now_ns);
}

/* ---- Running ---- */

static void handle_frame(u_char *user, const struct pcap_pkthdr *header, const u_char *data) {
	struct interface *interface = (struct interface *)(void *)user;
	struct live *live = interface->live;
	if (live->frames_max > 0 && live->frames >= live->frames_max)
		return;
	interface->frames++;
	interface->bytes += header->caplen;
	live->frames++;
	struct source_frame frame = {
		.link_type = interface->link_type,
		.data = data,
		.captured_len = header->caplen,
		.wire_len = header->len,
		.at = {.time_ns = header->ts.tv_sec * SECOND + header->ts.tv_usec * (interface->nanoseconds ? 1 : 1000),
			.frame = interface->frames},
		.source = interface->name,
	};
	live->callback(live->context, &frame);
	if (live->frames_max > 0 && live->frames >= live->frames_max)
		atomic_store(&live->stopped, true);
	if (atomic_load_explicit(&live->stopped, memory_order_relaxed))
		pcap_breakloop(interface->pcap);
}

static void tick(struct live *live, bool at_once) {
	int64_t now_ns = read_clock_ns(CLOCK_MONOTONIC);
	if (!at_once && now_ns - live->ticked_ns < TICK_NS)
		return;
	live->ticked_ns = now_ns;
	bool check_all = now_ns - live->checked_ns >= CHECK_NS;
	if (check_all)
		live->checked_ns = now_ns;
	for (size_t i = 0; i < live->interface_count; i++) {
		struct interface *interface = &live->interfaces[i];
		if (check_all || interface->state != LIVE_UP)
			check_interface(interface, false, now_ns);
		if (check_all)
			update_counters(interface);
	}
	if (live->watcher.tick != NULL)
		live->watcher.tick(live->watcher.context, now_ns, read_clock_ns(CLOCK_REALTIME));
}

/* An error of libpcap is no end: what stands in the ring is read all the same, and if the interface has gone it may come
 * back. */
static void read_batch(struct interface *interface) {
	int result = pcap_dispatch(interface->pcap, BATCH_FRAMES, handle_frame, (u_char *)interface);
	if (result != PCAP_ERROR)
		return;
	check_interface(interface, false, read_clock_ns(CLOCK_MONOTONIC));
	const char *error = pcap_geterr(interface->pcap);
	if (interface->state == LIVE_UP && strcmp(error, interface->last_error) != 0) {
		snprintf(interface->last_error, sizeof(interface->last_error), "%s", error);
		say(interface, "%s; going on", error);
	}
}

static int64_t wait_ms(const struct live *live) {
	int64_t left_ns = live->ticked_ns + TICK_NS - read_clock_ns(CLOCK_MONOTONIC);
	if (left_ns <= 0)
		return 0;
	return left_ns > TICK_NS ? TICK_NS / MS : (left_ns + MS - 1) / MS;
}

static int run(struct source *source, source_callback *callback, void *context, struct source_error *ret_error) {
	struct live *live = (struct live *)source;
	live->callback = callback;
	live->context = context;
	tick(live, true);
	while (!atomic_load(&live->stopped)) {
		if (poll(live->polled, live->interface_count + 1, (int)wait_ms(live)) < 0 && errno != EINTR) {
			int result = -errno;
			set_error(ret_error, "the interfaces cannot be waited for: %s", strerror(-result));
			return result;
		}
		for (size_t i = 0; i < live->interface_count && !atomic_load(&live->stopped); i++) {
			struct interface *interface = &live->interfaces[i];
			/* Left alone, the error would wake poll() again and again, as libpcap looks for it only when its
			 * ring is empty. */
			if (live->polled[i].revents & ~POLLIN) {
				clear_socket_error(interface);
				check_interface(interface, true, read_clock_ns(CLOCK_MONOTONIC));
			}
			if (live->polled[i].revents & POLLIN)
				read_batch(interface);
			live->polled[i].revents = 0;
			tick(live, false);
		}
		tick(live, false);
	}
	return 0;
}

static void stop(struct source *source) {
	struct live *live = (struct live *)source;
	int saved = errno;
	atomic_store(&live->stopped, true);
	uint64_t one = 1;
	ssize_t written = write(live->wake_fd, &one, sizeof(one));
	(void)written; /* it fails only when run() is awake anyway */
	errno = saved;
}

static void get_stats(struct source *source, struct source_stats *ret_stats) {
	struct live *live = (struct live *)source;
	*ret_stats = (struct source_stats){0};
	for (size_t i = 0; i < live->interface_count; i++) {
		struct interface *interface = &live->interfaces[i];
		update_counters(interface);
		ret_stats->frames += interface->frames;
		ret_stats->bytes += interface->bytes;
		ret_stats->dropped_by_kernel += interface->dropped_by_kernel;
		ret_stats->dropped_by_interface += interface->dropped_by_interface;
	}
}

void live_watch(struct source *source, const struct live_watcher *watcher) {
	struct live *live = (struct live *)source;
	live->watcher = *watcher;
}

size_t live_get_descriptors(const struct source *source, int ret_fds[LIVE_INTERFACES_MAX]) {
	const struct live *live = (const struct live *)source;
	for (size_t i = 0; i < live->interface_count; i++)
		ret_fds[i] = live->interfaces[i].fd;
	return live->interface_count;
}

size_t live_count_interfaces(const struct source *source) {
	const struct live *live = (const struct live *)source;
	return live->interface_count;
}

void live_get_interface(struct source *source, size_t i, struct live_interface_stats *ret_stats) {
	struct live *live = (struct live *)source;
	struct interface *interface = &live->interfaces[i];
	update_counters(interface);
	*ret_stats = (struct live_interface_stats){
		.name = interface->name,
		.state = interface->state,
		.frames = interface->frames,
		.bytes = interface->bytes,
		.dropped_by_kernel = interface->dropped_by_kernel,
		.dropped_by_interface = interface->dropped_by_interface,
		.dropped_by_interface_known = interface->interface_counter_known,
		.outages = interface->outages,
		.away_ns = interface->away_ns,
		.last_outage_from_ns = interface->outage_from_ns,
		.last_outage_to_ns = interface->outage_to_ns,
	};
	if (interface->state != LIVE_UP)
		ret_stats->away_ns += read_clock_ns(CLOCK_MONOTONIC) - interface->away_since_ns;
}

const char *live_state_name(enum live_state state) {
	static const char *const names[LIVE_STATE_COUNT] = {
		[LIVE_UP] = "up",
		[LIVE_DOWN] = "down",
		[LIVE_GONE] = "gone",
	};
	return names[state];
}

/* ---- Opening and closing ---- */

static void destroy(struct live *live) {
	for (size_t i = 0; i < live->interface_count; i++) {
		if (live->interfaces[i].pcap != NULL)
			pcap_close(live->interfaces[i].pcap);
		free(live->interfaces[i].name);
	}
	if (live->wake_fd >= 0)
		close(live->wake_fd);
	if (live->netlink_fd >= 0)
		close(live->netlink_fd);
	free(live->interfaces);
	free(live->polled);
	free(live);
}

static void close_live(struct source *source) {
	destroy((struct live *)source);
}

static const struct source_ops live_ops = {
	.run = run,
	.stop = stop,
	.stats = get_stats,
	.close = close_live,
};

/* What pcap_activate() did not like. */
static int explain_failure(const struct interface *interface, int status, struct source_error *ret_error) {
	const char *name = interface->name, *detail = pcap_geterr(interface->pcap);
	switch (status) {
	case PCAP_ERROR_PERM_DENIED:
	case PCAP_ERROR_PROMISC_PERM_DENIED:
		set_error(ret_error,
			"%s: no permission to capture: run it as root, or give the program the capability once with "
			"setcap cap_net_raw+ep",
			name);
		return -EPERM;
	case PCAP_ERROR_NO_SUCH_DEVICE:
		set_error(ret_error, "%s: there is no such interface: -D lists those there are", name);
		return -ENODEV;
	case PCAP_ERROR_IFACE_NOT_UP:
		set_error(ret_error, "%s: the interface is down: bring it up with ip link set dev %s up", name, name);
		return -ENETDOWN;
	default:
		set_error(ret_error, "%s: cannot capture: %s%s%s", name, pcap_statustostr(status),
			detail[0] != '\0' ? ": " : "", detail);
		return -EIO;
	}
}

static int check_link_type(const struct interface *interface, struct source_error *ret_error) {
	if (link_type_is_known(interface->link_type))
		return 0;
	const char *name = pcap_datalink_val_to_name(interface->link_type);
	set_error(ret_error,
		"%s: link type %s (%d) is not supported: capture on an Ethernet, raw IP, loopback or \"any\" interface",
		interface->name, name ? name : "unknown", interface->link_type);
	return -EPROTONOSUPPORT;
}

static int set_user_filter(const struct interface *interface, const char *filter, struct source_error *ret_error) {
	struct bpf_program program;
	if (pcap_compile(interface->pcap, &program, filter, 1, PCAP_NETMASK_UNKNOWN) < 0) {
		set_error(ret_error, "%s: the filter cannot be used: %s: \"%s\" (see pcap-filter(7))", interface->name,
			pcap_geterr(interface->pcap), filter);
		return -EINVAL;
	}
	int result = pcap_setfilter(interface->pcap, &program) < 0 ? -EIO : 0;
	if (result < 0)
		set_error(ret_error, "%s: the filter cannot be set: %s", interface->name, pcap_geterr(interface->pcap));
	pcap_freecode(&program);
	return result;
}

static int set_default_filter(
	const struct interface *interface, const struct kernel_filter_options *options, struct source_error *ret_error) {
	struct bpf_program program;
	int result = kernel_filter_compile(interface->link_type, LIVE_SNAP_LEN_DEFAULT, options, &program);
	if (result < 0) {
		set_error(ret_error, "%s: the default filter cannot be made: %s", interface->name, strerror(-result));
		return result;
	}
	if (pcap_setfilter(interface->pcap, &program) < 0) {
		set_error(ret_error, "%s: the default filter cannot be set: %s", interface->name,
			pcap_geterr(interface->pcap));
		result = -EIO;
	}
	kernel_filter_free(&program);
	return result;
}

static int activate(struct interface *interface, const struct live_options *options, struct source_error *ret_error) {
	char reason[PCAP_ERRBUF_SIZE] = "";
	pcap_t *pcap = interface->pcap = pcap_create(interface->name, reason);
	if (pcap == NULL) {
		set_error(ret_error, "%s: cannot capture: %s", interface->name, reason);
		return -EIO;
	}
	size_t snap_len = options->snap_len > 0 ? options->snap_len : LIVE_SNAP_LEN_DEFAULT;
	size_t buffer_kib = options->buffer_kib > 0 ? options->buffer_kib : LIVE_BUFFER_KIB_DEFAULT;
	unsigned timeout_ms = options->timeout_ms > 0 ? options->timeout_ms : LIVE_TIMEOUT_MS_DEFAULT;
	pcap_set_snaplen(pcap, snap_len < LIVE_SNAP_LEN_DEFAULT ? (int)snap_len : LIVE_SNAP_LEN_DEFAULT);
	pcap_set_buffer_size(pcap, buffer_kib < INT32_MAX / 1024 ? (int)(buffer_kib * 1024) : INT32_MAX / 1024 * 1024);
	pcap_set_timeout(pcap, (int)timeout_ms);
	pcap_set_promisc(pcap, interface->promiscuous);
	pcap_set_immediate_mode(pcap, options->immediate);
	pcap_set_tstamp_precision(pcap, PCAP_TSTAMP_PRECISION_NANO); /* where it is not offered, microseconds stay */
	int status = pcap_activate(pcap);
	if (status < 0)
		return explain_failure(interface, status, ret_error);
	if (pcap_setnonblock(pcap, 1, reason) < 0) {
		set_error(ret_error, "%s: cannot capture: %s", interface->name, reason);
		return -EIO;
	}
	return 0;
}

/* Learns by what the interface will be known again. */
static int identify(struct interface *interface, struct source_error *ret_error) {
	struct ifreq request;
	set_name(&request, interface->name);
	if (ioctl(interface->fd, SIOCGIFHWADDR, &request) < 0) {
		int result = -errno;
		set_error(ret_error, "%s: cannot capture: %s", interface->name, strerror(-result));
		return result;
	}
	interface->index = bound_index(interface);
	interface->hardware_type = request.ifr_hwaddr.sa_family;
	begin_interface_counter(interface);
	return 0;
}

static int open_interface(struct interface *interface, const struct live_options *options, struct source_error *ret_error) {
	bool any = strcmp(interface->name, "any") == 0;
	interface->promiscuous = options->promiscuous && !any;
	int result = activate(interface, options, ret_error);
	if (result < 0)
		return result;
	/* Its second version has the interface of each frame. */
	if (any && link_type_is_known(DLT_LINUX_SLL2))
		pcap_set_datalink(interface->pcap, DLT_LINUX_SLL2);
	interface->link_type = pcap_datalink(interface->pcap);
	interface->nanoseconds = pcap_get_tstamp_precision(interface->pcap) == PCAP_TSTAMP_PRECISION_NANO;
	interface->fd = pcap_get_selectable_fd(interface->pcap);
	result = check_link_type(interface, ret_error);
	if (result == 0 && !any)
		result = identify(interface, ret_error);
	if (result < 0)
		return result;
	if (options->filter != NULL)
		return set_user_filter(interface, options->filter, ret_error);
	return set_default_filter(interface, &options->kernel_filter, ret_error);
}

static int open_netlink(void) {
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
	struct sockaddr_nl address = {.nl_family = AF_NETLINK};
	if (fd >= 0 && bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
		close(fd);
		return -1;
	}
	return fd;
}

static int create(const struct live_options *options, struct live **ret_live) {
	struct live *live = calloc(1, sizeof(*live));
	if (live == NULL)
		return -ENOMEM;
	live->source.ops = &live_ops;
	live->frames_max = options->frames_max;
	live->netlink_fd = open_netlink();
	live->interfaces = calloc(options->interface_count, sizeof(*live->interfaces));
	live->polled = calloc(options->interface_count + 1, sizeof(*live->polled));
	live->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	int result = live->wake_fd < 0 ? -errno : 0;
	if (live->interfaces == NULL || live->polled == NULL)
		result = -ENOMEM;
	if (result < 0) {
		destroy(live);
		return result;
	}
	*ret_live = live;
	return 0;
}

static int check_names(const struct live_options *options, struct source_error *ret_error) {
	if (options->interface_count == 0 || options->interface_count > LIVE_INTERFACES_MAX) {
		set_error(ret_error, "%zu interfaces: it must be 1 to %d", options->interface_count, LIVE_INTERFACES_MAX);
		return -EINVAL;
	}
	for (size_t i = 0; i < options->interface_count; i++)
		for (size_t j = 0; j < i; j++)
			if (strcmp(options->interfaces[i], options->interfaces[j]) == 0) {
				set_error(ret_error,
					"%s: the interface is named twice: each of its frames would count twice",
					options->interfaces[i]);
				return -EINVAL;
			}
	return 0;
}

int live_open(const struct live_options *options, struct source **ret_source, struct source_error *ret_error) {
	int result = check_names(options, ret_error);
	if (result < 0)
		return result;
	tzset(); /* or gmtime_r() would read the time zone's file when it is first called, in a sandbox perhaps */
	struct live *live = NULL;
	result = create(options, &live);
	if (result < 0) {
		set_error(ret_error, "cannot capture: %s", strerror(-result));
		return result;
	}
	for (size_t i = 0; i < options->interface_count && result == 0; i++) {
		struct interface *interface = &live->interfaces[live->interface_count];
		interface->live = live;
		interface->name = strdup(options->interfaces[i]);
		if (interface->name == NULL) {
			set_error(ret_error, "%s: %s", options->interfaces[i], strerror(ENOMEM));
			result = -ENOMEM;
			break;
		}
		live->interface_count++;
		result = open_interface(interface, options, ret_error);
		live->polled[i] = (struct pollfd){.fd = interface->fd, .events = POLLIN};
	}
	if (result < 0) {
		destroy(live);
		return result;
	}
	live->polled[live->interface_count] = (struct pollfd){.fd = live->wake_fd, .events = POLLIN};
	*ret_source = &live->source;
	return 0;
}

/* ---- Listing ---- */

static size_t list_addresses(const pcap_if_t *device, char texts[][INET6_ADDRSTRLEN], const char *addresses[]) {
	size_t count = 0;
	for (const pcap_addr_t *entry = device->addresses; entry != NULL && count < ADDRESSES_MAX; entry = entry->next) {
		const struct sockaddr *address = entry->addr;
		const void *bytes;
		if (address == NULL)
			continue;
		if (address->sa_family == AF_INET)
			bytes = &((const struct sockaddr_in *)(const void *)address)->sin_addr;
		else if (address->sa_family == AF_INET6)
			bytes = &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr;
		else
			continue;
		if (inet_ntop(address->sa_family, bytes, texts[count], INET6_ADDRSTRLEN) == NULL)
			continue;
		addresses[count] = texts[count];
		count++;
	}
	return count;
}

int live_list_interfaces(void (*callback)(void *context, const struct live_description *description), void *context,
	struct source_error *ret_error) {
	char reason[PCAP_ERRBUF_SIZE] = "";
	pcap_if_t *devices;
	if (pcap_findalldevs(&devices, reason) < 0) {
		set_error(ret_error, "the interfaces cannot be listed: %s", reason);
		return -EIO;
	}
	for (const pcap_if_t *device = devices; device != NULL; device = device->next) {
		/* libpcap also lists USB, Bluetooth, D-Bus and netfilter, where no mail passes. */
		if (strcmp(device->name, "any") != 0 && if_nametoindex(device->name) == 0)
			continue;
		char texts[ADDRESSES_MAX][INET6_ADDRSTRLEN];
		const char *addresses[ADDRESSES_MAX];
		struct live_description description = {
			.name = device->name,
			.description = device->description,
			.up = (device->flags & PCAP_IF_UP) != 0,
			.running = (device->flags & PCAP_IF_RUNNING) != 0,
			.loopback = (device->flags & PCAP_IF_LOOPBACK) != 0,
			.address_count = list_addresses(device, texts, addresses),
			.addresses = addresses,
		};
		callback(context, &description);
	}
	pcap_freealldevs(devices);
	return 0;
}
