/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Capture files through libpcap.
 */
#include "capture/file.h"

#include "capture/compressed.h"
#include "capture/link.h"

#include <errno.h>
#include <fcntl.h>
#include <pcap/pcap.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* libpcap reads a frame in two small pieces; the system should be asked more rarely. */
enum { BUFFER_LEN = 256 * 1024 };

struct file {
	struct source source;
	pcap_t *pcap;
	struct compressed *compressed; /* NULL: read without detour; else lives as long as pcap */
	struct secrets_block_sink secrets; /* without a function: nobody wants them */
	struct secrets_block_reader secrets_reader;
	char *buffer;                  /* of the FILE that pcap owns */
	char *name;                    /* for error texts */
	int link_type;
	bool has_filter;
	struct bpf_program filter;
	source_callback *callback;
	void *context;
	struct source_stats stats;
	volatile sig_atomic_t stopped;
};

static void set_error(struct source_error *error, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void set_error(struct source_error *error, const char *format, ...) {
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(error->text, sizeof(error->text), format, arguments);
	va_end(arguments);
}

/* Times in a damaged file may be anything. Those that nanoseconds in 64 bits cannot hold (before 1677, after 2262) become
 * the nearest that they can. */
static int64_t to_time_ns(const struct timeval *time) {
	int64_t ns;
	/* tv_usec is nanoseconds: so the file was opened. */
	if (__builtin_mul_overflow(time->tv_sec, INT64_C(1000000000), &ns) || __builtin_add_overflow(ns, time->tv_usec, &ns))
		return time->tv_sec < 0 ? INT64_MIN : INT64_MAX;
	return ns;
}

static void handle_frame(u_char *user, const struct pcap_pkthdr *header, const u_char *data) {
	struct file *file = (struct file *)(void *)user;
	file->stats.frames++;
	file->stats.bytes += header->caplen;
	/* Not pcap_setfilter(): it would hide frames before they are counted. */
	if (file->has_filter && pcap_offline_filter(&file->filter, header, data) == 0)
		return;
	struct source_frame frame = {
		.link_type = file->link_type,
		.data = data,
		.captured_len = header->caplen,
		.wire_len = header->len,
		.at = {.time_ns = to_time_ns(&header->ts), .frame = file->stats.frames},
	};
	file->callback(file->context, &frame);
}

static int run(struct source *source, source_callback *callback, void *context, struct source_error *ret_error) {
	struct file *file = (struct file *)source;
	file->callback = callback;
	file->context = context;
	int result = pcap_loop(file->pcap, -1, handle_frame, (u_char *)file);
	if (file->stopped)
		return 0;
	/* Compressed data that ends early looks like a short capture to libpcap, or like a whole one if it ends between two
	 * frames. */
	const char *fault = file->compressed ? compressed_fault(file->compressed) : NULL;
	if (!fault && result == 0)
		return 0;
	const char *reason = fault ? fault : pcap_geterr(file->pcap);
	/* libpcap has one link type and one snap length for a whole file. */
	const char *advice = "";
	if (!fault && strstr(reason, "of the first interface"))
		advice = " (split it by interface, e.g. with tshark -Y frame.interface_id==0 -w)";
	set_error(ret_error, "%s: reading stopped at frame %llu: %s%s", file->name,
		(unsigned long long)file->stats.frames + 1, reason, advice);
	return -EIO;
}

static void stop(struct source *source) {
	struct file *file = (struct file *)source;
	file->stopped = 1;
	pcap_breakloop(file->pcap);
}

static void get_stats(struct source *source, struct source_stats *ret_stats) {
	const struct file *file = (const struct file *)source;
	*ret_stats = file->stats;
}

static void destroy(struct file *file) {
	if (file->has_filter)
		pcap_freecode(&file->filter);
	if (file->pcap)
		pcap_close(file->pcap); /* and with it the FILE, so the buffer goes after it */
	free(file->buffer);
	free(file->name);
	free(file);
}

static void close_file(struct source *source) {
	destroy((struct file *)source);
}

static const struct source_ops file_ops = {
	.run = run,
	.stop = stop,
	.stats = get_stats,
	.close = close_file,
};

/* Reads the first bytes of fd. Where that can be done without using them up, *ret_used_up is false. Returns how many bytes
 * there are, or a negative errno. */
static ssize_t peek(int fd, uint8_t *start, size_t start_max, bool *ret_used_up) {
	/* Standard input may be a file that another program has begun to read: start at its position, not at 0. */
	off_t position = lseek(fd, 0, SEEK_CUR);
	if (position >= 0) {
		ssize_t n = pread(fd, start, start_max, position);
		if (n < 0)
			return -errno;
		*ret_used_up = false;
		return n;
	}
	size_t len = 0;
	while (len < start_max) {
		ssize_t n = read(fd, start + len, start_max - len);
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		len += (size_t)n;
	}
	*ret_used_up = true;
	return (ssize_t)len;
}

static void look_for_secrets(void *context, const uint8_t *data, size_t len) {
	struct file *file = context;
	secrets_block_feed(&file->secrets_reader, data, len, &file->secrets);
}

/* A section header of pcapng; in any other file there are no secrets. */
static bool is_pcapng(const uint8_t *start, size_t start_len) {
	static const uint8_t magic[] = {0x0a, 0x0d, 0x0d, 0x0a};
	return start_len >= sizeof(magic) && memcmp(start, magic, sizeof(magic)) == 0;
}

/* Makes a stream of fd and owns fd from then on, whatever comes of it. */
static int open_stream(struct file *file, int fd, FILE **ret_stream, struct source_error *ret_error) {
	uint8_t start[COMPRESSED_MAGIC_LEN];
	bool used_up = false;
	ssize_t start_len = peek(fd, start, sizeof(start), &used_up);
	int result;
	if (start_len < 0) {
		result = (int)start_len;
		set_error(ret_error, "%s: cannot be read: %s", file->name, strerror(-result));
		goto fail;
	}
	if (start_len == 0) {
		result = -ENODATA;
		set_error(ret_error, "%s: is empty: a capture file has at least a header", file->name);
		goto fail;
	}
	enum compressed_format format = compressed_detect(start, (size_t)start_len);
	FILE *stream = NULL;
	bool watch = file->secrets.text != NULL && (format != COMPRESSED_NONE || is_pcapng(start, (size_t)start_len));
	if (format == COMPRESSED_NONE && !used_up && !watch) {
		stream = fdopen(fd, "r");
		result = stream ? 0 : -errno;
	} else {
		if (!used_up)
			start_len = 0;
		result = compressed_open(fd, format, start, (size_t)start_len, &file->stopped, &stream, &file->compressed);
	}
	if (result < 0) {
		set_error(ret_error, "%s: cannot be read: %s", file->name, strerror(-result));
		goto fail;
	}
	if (watch)
		compressed_watch(file->compressed, look_for_secrets, file);
	file->buffer = malloc(BUFFER_LEN);
	if (file->buffer)
		setvbuf(stream, file->buffer, _IOFBF, BUFFER_LEN);
	/* Nobody else has this stream: spare a lock for each of libpcap's small reads. */
	__fsetlocking(stream, FSETLOCKING_BYCALLER);
	*ret_stream = stream;
	return 0;

fail:
	close(fd);
	return result;
}

static int open_pcap(struct file *file, int fd, struct source_error *ret_error) {
	FILE *stream = NULL;
	int result = open_stream(file, fd, &stream, ret_error);
	if (result < 0)
		return result;
	char reason[PCAP_ERRBUF_SIZE] = "";
	file->pcap = pcap_fopen_offline_with_tstamp_precision(stream, PCAP_TSTAMP_PRECISION_NANO, reason);
	if (file->pcap)
		return 0;
	const char *fault = file->compressed ? compressed_fault(file->compressed) : NULL;
	if (fault)
		set_error(ret_error, "%s: cannot be read: %s", file->name, fault);
	else if (strcmp(reason, "unknown file format") == 0)
		set_error(ret_error, "%s: is not a capture file (pcap or pcapng, plain or compressed with gzip or zstd)",
			file->name);
	else
		set_error(ret_error, "%s: is not a capture file that can be read: %s", file->name, reason);
	fclose(stream);
	return -EINVAL;
}

static int check_link_type(const struct file *file, struct source_error *ret_error) {
	if (link_type_is_known(file->link_type))
		return 0;
	const char *name = pcap_datalink_val_to_name(file->link_type);
	set_error(ret_error,
		"%s: link type %s (%d) is not supported: capture on an Ethernet, raw IP, loopback or \"any\" interface",
		file->name, name ? name : "unknown", file->link_type);
	return -EPROTONOSUPPORT;
}

static int compile_filter(struct file *file, const char *filter, struct source_error *ret_error) {
	if (pcap_compile(file->pcap, &file->filter, filter, 1, PCAP_NETMASK_UNKNOWN) < 0) {
		set_error(ret_error, "%s: the filter cannot be used: %s: \"%s\" (see pcap-filter(7))", file->name,
			pcap_geterr(file->pcap), filter);
		return -EINVAL;
	}
	file->has_filter = true;
	return 0;
}

int file_open(int fd, const char *name, const char *filter, struct source **ret_source, struct source_error *ret_error) {
	return file_open_with_secrets(fd, name, filter, NULL, ret_source, ret_error);
}

int file_open_with_secrets(int fd, const char *name, const char *filter, const struct secrets_block_sink *secrets,
	struct source **ret_source, struct source_error *ret_error) {
	struct file *file = calloc(1, sizeof(*file));
	char *shown_name = strdup(name);
	if (!file || !shown_name) {
		free(file);
		free(shown_name);
		close(fd);
		set_error(ret_error, "%s: %s", name, strerror(ENOMEM));
		return -ENOMEM;
	}
	file->source.ops = &file_ops;
	file->name = shown_name;
	if (secrets != NULL)
		file->secrets = *secrets;
	int result = open_pcap(file, fd, ret_error);
	if (result == 0) {
		file->link_type = pcap_datalink(file->pcap);
		result = check_link_type(file, ret_error);
	}
	if (result == 0 && filter)
		result = compile_filter(file, filter, ret_error);
	if (result < 0) {
		destroy(file);
		return result;
	}
	*ret_source = &file->source;
	return 0;
}
