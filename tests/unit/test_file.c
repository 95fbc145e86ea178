/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * capture/file.c and capture/compressed.c: capture files of every kind, whole, cut off and damaged.
 */
#include "capture/file.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>
#include <cmocka.h>

enum { LINK_RAW = 101, LINK_NFLOG = 239 };

/* Bytes of a file under construction. */
struct bytes {
	uint8_t data[4096];
	size_t len;
};

static void add(struct bytes *bytes, const void *data, size_t len) {
	assert_true(len <= sizeof(bytes->data) - bytes->len);
	memcpy(bytes->data + bytes->len, data, len);
	bytes->len += len;
}

static void add_number(struct bytes *bytes, uint64_t value, size_t len, bool big_endian) {
	for (size_t i = 0; i < len; i++) {
		uint8_t byte = (uint8_t)(value >> 8 * (big_endian ? len - 1 - i : i));
		add(bytes, &byte, 1);
	}
}

/* The frames of all files: IPv4, TCP, ports differ. Number i has i bytes of payload, and its time ends in i nanoseconds. */
enum { FRAME_COUNT = 3, TIME_S = 1700000000, TIME_US = 123456 };

static size_t make_frame(size_t number, uint8_t *frame) {
	static const uint8_t header[40] = {0x45, 0, 0, 40, 0, 1, 0, 0, 64, 6, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2, 0x9c, 0x40,
		0, 25, 0, 0, 0, 1, 0, 0, 0, 1, 0x50, 0x18, 0x10, 0, 0, 0, 0, 0};
	memcpy(frame, header, sizeof(header));
	memset(frame + sizeof(header), 'x', number);
	frame[3] = (uint8_t)(sizeof(header) + number);
	frame[23] = number == 2 ? 80 : 25;
	return sizeof(header) + number;
}

static void add_pcap_header(struct bytes *bytes, uint32_t magic, uint32_t link_type, bool big_endian) {
	add_number(bytes, magic, 4, big_endian);
	add_number(bytes, 2, 2, big_endian);
	add_number(bytes, 4, 2, big_endian);
	add_number(bytes, 0, 8, big_endian);
	add_number(bytes, 65535, 4, big_endian);
	add_number(bytes, link_type, 4, big_endian);
}

static void add_pcap_frame(struct bytes *bytes, size_t number, uint32_t s, uint32_t fraction, bool big_endian) {
	uint8_t frame[64];
	size_t len = make_frame(number, frame);
	add_number(bytes, s, 4, big_endian);
	add_number(bytes, fraction, 4, big_endian);
	add_number(bytes, len, 4, big_endian);
	add_number(bytes, len + 100, 4, big_endian);
	add(bytes, frame, len);
}

static void make_pcap(struct bytes *bytes, bool nanoseconds, bool big_endian) {
	bytes->len = 0;
	add_pcap_header(bytes, nanoseconds ? 0xa1b23c4d : 0xa1b2c3d4, LINK_RAW, big_endian);
	for (uint32_t i = 1; i <= FRAME_COUNT; i++)
		add_pcap_frame(bytes, i, TIME_S, nanoseconds ? TIME_US * 1000 + i : TIME_US, big_endian);
}

static void add_pcapng_interface(struct bytes *bytes, uint16_t link_type, uint8_t resolution, bool big_endian) {
	add_number(bytes, 1, 4, big_endian);
	add_number(bytes, 32, 4, big_endian);
	add_number(bytes, link_type, 2, big_endian);
	add_number(bytes, 0, 2, big_endian);
	add_number(bytes, 65535, 4, big_endian);
	add_number(bytes, 9, 2, big_endian); /* if_tsresol */
	add_number(bytes, 1, 2, big_endian);
	add(bytes, &resolution, 1);
	add_number(bytes, 0, 3, big_endian);
	add_number(bytes, 0, 4, big_endian); /* end of options */
	add_number(bytes, 32, 4, big_endian);
}

static void add_pcapng_header(struct bytes *bytes, uint16_t version, bool big_endian) {
	add_number(bytes, 0x0a0d0d0a, 4, big_endian);
	add_number(bytes, 28, 4, big_endian);
	add_number(bytes, 0x1a2b3c4d, 4, big_endian);
	add_number(bytes, version, 2, big_endian);
	add_number(bytes, 0, 2, big_endian);
	add_number(bytes, UINT64_MAX, 8, big_endian);
	add_number(bytes, 28, 4, big_endian);
}

static void add_pcapng_frame(struct bytes *bytes, size_t number, uint64_t time, bool big_endian) {
	uint8_t frame[64] = {0};
	size_t len = make_frame(number, frame);
	size_t padded_len = (len + 3) / 4 * 4;
	add_number(bytes, 6, 4, big_endian);
	add_number(bytes, padded_len + 32, 4, big_endian);
	add_number(bytes, 0, 4, big_endian);
	add_number(bytes, time >> 32, 4, big_endian);
	add_number(bytes, time & UINT32_MAX, 4, big_endian);
	add_number(bytes, len, 4, big_endian);
	add_number(bytes, len + 100, 4, big_endian);
	add(bytes, frame, padded_len);
	add_number(bytes, padded_len + 32, 4, big_endian);
}

static void make_pcapng(struct bytes *bytes, bool nanoseconds, bool big_endian) {
	bytes->len = 0;
	add_pcapng_header(bytes, 1, big_endian);
	add_pcapng_interface(bytes, LINK_RAW, nanoseconds ? 9 : 6, big_endian);
	for (uint64_t i = 1; i <= FRAME_COUNT; i++) {
		uint64_t us = (uint64_t)TIME_S * 1000000 + TIME_US;
		add_pcapng_frame(bytes, i, nanoseconds ? us * 1000 + i : us, big_endian);
	}
}

/* Appends data as one gzip member, or one zstd frame, or as it is. */
enum packing { PACKING_NONE, PACKING_GZIP, PACKING_ZSTD, PACKING_COUNT };

static void add_packed(struct bytes *bytes, enum packing packing, const uint8_t *data, size_t len) {
	uint8_t *to = bytes->data + bytes->len;
	size_t room = sizeof(bytes->data) - bytes->len;
	if (packing == PACKING_NONE) {
		add(bytes, data, len);
	} else if (packing == PACKING_GZIP) {
		z_stream gzip = {
			.next_in = (Bytef *)(uintptr_t)data, .avail_in = (uInt)len, .next_out = to, .avail_out = (uInt)room};
		assert_int_equal(deflateInit2(&gzip, 9, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
		assert_int_equal(deflate(&gzip, Z_FINISH), Z_STREAM_END);
		bytes->len += gzip.total_out;
		deflateEnd(&gzip);
	} else {
		/* With a checksum, so that damage is noticed wherever it is. */
		ZSTD_CCtx *zstd = ZSTD_createCCtx();
		assert_false(ZSTD_isError(ZSTD_CCtx_setParameter(zstd, ZSTD_c_checksumFlag, 1)));
		size_t packed_len = ZSTD_compress2(zstd, to, room, data, len);
		ZSTD_freeCCtx(zstd);
		assert_false(ZSTD_isError(packed_len));
		bytes->len += packed_len;
	}
}

/* The file all tests write to; its name says nothing of the content. */
static char path[] = "/tmp/smtpscope-test-file-XXXXXX";

static int create_file(void **state) {
	int fd = mkstemp(path);
	if (fd < 0)
		return -1;
	return close(fd);
}

static int remove_file(void **state) {
	return unlink(path);
}

static void write_file(const uint8_t *data, size_t len) {
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(data, 1, len, file), len);
	assert_int_equal(fclose(file), 0);
}

/* What a source gave, and how it ended. */
struct outcome {
	int opened, ran;
	struct source_error error;
	struct source_stats stats;
	size_t count;
	uint64_t frames[8];
	int64_t times_ns[8];
	size_t captured_lens[8];
	struct source *source;
	size_t stop_at; /* after so many frames; 0: never */
};

static void handle_frame(void *context, const struct source_frame *frame) {
	struct outcome *outcome = context;
	uint8_t expected[64];
	assert_true(outcome->count < 8);
	assert_int_equal(frame->link_type == LINK_RAW || frame->link_type == 12, 1);
	assert_int_equal(frame->captured_len, make_frame(frame->at.frame, expected));
	assert_memory_equal(frame->data, expected, frame->captured_len);
	assert_int_equal(frame->wire_len, frame->captured_len + 100);
	outcome->frames[outcome->count] = frame->at.frame;
	outcome->times_ns[outcome->count] = frame->at.time_ns;
	outcome->captured_lens[outcome->count] = frame->captured_len;
	outcome->count++;
	if (outcome->count == outcome->stop_at)
		source_stop(outcome->source);
}

static void read_source(const char *name, const char *filter, struct outcome *outcome) {
	struct source *untouched = (struct source *)outcome;
	outcome->source = untouched;
	int fd = strcmp(name, "-") == 0 ? dup(STDIN_FILENO) : open(name, O_RDONLY | O_CLOEXEC);
	outcome->opened = file_open(fd, name, filter, &outcome->source, &outcome->error);
	if (outcome->opened < 0) {
		assert_ptr_equal(outcome->source, untouched);
		return;
	}
	outcome->ran = source_run(outcome->source, handle_frame, outcome, &outcome->error);
	source_get_stats(outcome->source, &outcome->stats);
	source_close(outcome->source);
}

static void read_bytes(const uint8_t *data, size_t len, struct outcome *outcome) {
	memset(outcome, 0, sizeof(*outcome));
	write_file(data, len);
	read_source(path, NULL, outcome);
}

/* The error text says first which file it is about; what follows must be as given. */
static void check_error(const struct outcome *outcome, const char *expected) {
	size_t path_len = strlen(path);
	assert_int_equal(strncmp(outcome->error.text, path, path_len), 0);
	assert_int_equal(outcome->error.text[path_len], ':');
	assert_string_equal(outcome->error.text + path_len + 2, expected);
}

static void check_all_frames(const struct outcome *outcome, bool nanoseconds) {
	assert_int_equal(outcome->opened, 0);
	assert_int_equal(outcome->ran, 0);
	assert_string_equal(outcome->error.text, "");
	assert_int_equal(outcome->count, FRAME_COUNT);
	assert_int_equal(outcome->stats.frames, FRAME_COUNT);
	assert_int_equal(outcome->stats.bytes, 3 * 40 + 1 + 2 + 3);
	for (size_t i = 0; i < FRAME_COUNT; i++) {
		assert_int_equal(outcome->frames[i], i + 1);
		int64_t time_ns = ((int64_t)TIME_S * 1000000 + TIME_US) * 1000 + (nanoseconds ? (int64_t)i + 1 : 0);
		assert_true(outcome->times_ns[i] == time_ns);
	}
}

enum way { WAY_NAME, WAY_STDIN_FILE, WAY_STDIN_PIPE, WAY_COUNT };

/* Makes `fd` standard input, reads that, and puts the old one back. */
static void read_stdin(int fd, struct outcome *outcome) {
	int saved = dup(STDIN_FILENO);
	assert_true(fd >= 0);
	assert_int_equal(dup2(fd, STDIN_FILENO), STDIN_FILENO);
	close(fd);
	read_source("-", NULL, outcome);
	/* Closing the source leaves it open. */
	assert_true(fcntl(STDIN_FILENO, F_GETFD) >= 0);
	if (saved >= 0) {
		dup2(saved, STDIN_FILENO);
		close(saved);
	}
}

static void read_way(enum way way, const struct bytes *file, struct outcome *outcome) {
	memset(outcome, 0, sizeof(*outcome));
	if (way == WAY_STDIN_PIPE) {
		int ends[2];
		assert_int_equal(pipe(ends), 0);
		assert_int_equal(write(ends[1], file->data, file->len), file->len);
		close(ends[1]);
		read_stdin(ends[0], outcome);
	} else if (way == WAY_STDIN_FILE) {
		/* Something was read from it already. */
		write_file((const uint8_t *)"before", 6);
		int fd = open(path, O_RDWR | O_APPEND);
		assert_int_equal(write(fd, file->data, file->len), file->len);
		assert_int_equal(lseek(fd, 6, SEEK_SET), 6);
		read_stdin(fd, outcome);
	} else {
		write_file(file->data, file->len);
		read_source(path, NULL, outcome);
	}
}

static void test_formats(void **state) {
	size_t count = 0;
	for (int format = 0; format < 8; format++) {
		struct bytes capture;
		bool nanoseconds = format & 1, big_endian = format & 2;
		if (format & 4)
			make_pcapng(&capture, nanoseconds, big_endian);
		else
			make_pcap(&capture, nanoseconds, big_endian);
		for (enum packing packing = PACKING_NONE; packing < PACKING_COUNT; packing++) {
			struct bytes file = {.len = 0};
			add_packed(&file, packing, capture.data, capture.len);
			for (enum way way = WAY_NAME; way < WAY_COUNT; way++, count++) {
				struct outcome outcome;
				read_way(way, &file, &outcome);
				check_all_frames(&outcome, nanoseconds);
			}
		}
	}
	assert_int_equal(count, 8 * 3 * 3);
}

/* One capture in two compressed pieces, cut at every byte, in either format and with both mixed in the ways that exist. */
static void test_concatenated(void **state) {
	struct bytes capture;
	struct outcome outcome;
	size_t count = 0;
	make_pcap(&capture, false, false);
	for (enum packing packing = PACKING_GZIP; packing < PACKING_COUNT; packing++) {
		for (size_t cut = 0; cut <= capture.len; cut++, count++) {
			struct bytes file = {.len = 0};
			add_packed(&file, packing, capture.data, cut);
			add_packed(&file, packing, capture.data + cut, capture.len - cut);
			read_bytes(file.data, file.len, &outcome);
			check_all_frames(&outcome, false);
		}
	}
	assert_int_equal(capture.len, 198);
	assert_int_equal(count, 2 * 199);
}

static void test_padding(void **state) {
	static const uint8_t skippable[] = {0x53, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 'a', 'b', 'c'};
	struct bytes capture, file = {.len = 0};
	struct outcome outcome;
	make_pcap(&capture, false, false);

	/* zstd: a frame to be skipped before and after. */
	add(&file, skippable, sizeof(skippable));
	add_packed(&file, PACKING_ZSTD, capture.data, capture.len);
	add(&file, skippable, sizeof(skippable));
	read_bytes(file.data, file.len, &outcome);
	check_all_frames(&outcome, false);

	/* gzip: tapes pad with zeros; and one lone byte. */
	file.len = 0;
	add_packed(&file, PACKING_GZIP, capture.data, capture.len);
	size_t len = file.len;
	memset(file.data + len, 0, 512);
	file.len += 512;
	read_bytes(file.data, file.len, &outcome);
	check_all_frames(&outcome, false);
	read_bytes(file.data, len + 1, &outcome);
	check_all_frames(&outcome, false);
}

static void test_cannot_open(void **state) {
	struct bytes capture, bytes;
	struct outcome outcome;

	memset(&outcome, 0, sizeof(outcome));
	read_source("/", NULL, &outcome);
	assert_int_equal(outcome.opened, -EISDIR);
	assert_string_equal(outcome.error.text, "/: cannot be read: Is a directory");

	read_bytes((const uint8_t *)"", 0, &outcome);
	assert_int_equal(outcome.opened, -ENODATA);
	check_error(&outcome, "is empty: a capture file has at least a header");

	const char *not_capture = "is not a capture file (pcap or pcapng, plain or compressed with gzip or zstd)";
	const char *text = "220 mx.example.org ESMTP\r\n250 this is not a capture\r\n";
	read_bytes((const uint8_t *)text, strlen(text), &outcome);
	assert_int_equal(outcome.opened, -EINVAL);
	check_error(&outcome, not_capture);

	for (enum packing packing = PACKING_GZIP; packing < PACKING_COUNT; packing++) {
		bytes.len = 0;
		add_packed(&bytes, packing, (const uint8_t *)text, strlen(text));
		read_bytes(bytes.data, bytes.len, &outcome);
		assert_int_equal(outcome.opened, -EINVAL);
		check_error(&outcome, not_capture);
	}

	read_bytes((const uint8_t *)"\x1f\x8b\x08\xff garbage", 12, &outcome);
	check_error(&outcome, "cannot be read: the gzip data is damaged");
	read_bytes((const uint8_t *)"\x28\xb5\x2f\xfd\xff garbage garbage", 21, &outcome);
	check_error(&outcome, "cannot be read: the zstd data is damaged");

	bytes.len = 0;
	add_pcapng_header(&bytes, 7, false);
	read_bytes(bytes.data, bytes.len, &outcome);
	check_error(&outcome, "is not a capture file that can be read: unsupported pcapng savefile version 7.0");

	bytes.len = 0;
	add_pcap_header(&bytes, 0xa1b2c3d4, LINK_NFLOG, false);
	read_bytes(bytes.data, bytes.len, &outcome);
	assert_int_equal(outcome.opened, -EPROTONOSUPPORT);
	check_error(&outcome,
		"link type NFLOG (239) is not supported: capture on an Ethernet, raw IP, loopback or \"any\" interface");

	make_pcap(&capture, false, false);
	write_file(capture.data, capture.len);
	memset(&outcome, 0, sizeof(outcome));
	read_source(path, "prot 25", &outcome);
	assert_int_equal(outcome.opened, -EINVAL);
	check_error(&outcome,
		"the filter cannot be used: can't parse filter expression: syntax error: \"prot 25\" (see pcap-filter(7))");
}

/* A file cut off at every length gives the frames that are whole, and says at which frame it stopped. */
static void test_cut_off(void **state) {
	struct bytes capture;
	struct outcome outcome;
	size_t count = 0, clean_count = 0;
	make_pcap(&capture, false, false);
	for (size_t len = 1; len < capture.len; len++, count++) {
		size_t whole = len < 24 + 57 ? 0 : len < 24 + 57 + 58 ? 1 : 2;
		bool between = len == 24 || len == 24 + 57 || len == 24 + 57 + 58;
		read_bytes(capture.data, len, &outcome);
		assert_int_equal(outcome.opened < 0, len < 24);
		if (len < 24)
			continue;
		assert_int_equal(outcome.count, whole);
		assert_int_equal(outcome.ran, between ? 0 : -EIO);
		clean_count += between;
		char begin[80];
		snprintf(begin, sizeof(begin), ": reading stopped at frame %zu: truncated dump file; tried to read ",
			whole + 1);
		if (!between)
			assert_non_null(strstr(outcome.error.text, begin));
	}
	assert_int_equal(count, 197);
	assert_int_equal(clean_count, 3);

	read_bytes(capture.data, 24 + 57 + 10, &outcome);
	check_error(&outcome, "reading stopped at frame 2: truncated dump file; tried to read 16 header bytes, only got 10");
	read_bytes(capture.data, 24 + 57 + 20, &outcome);
	check_error(
		&outcome, "reading stopped at frame 2: truncated dump file; tried to read 42 captured bytes, only got 4");
	read_bytes(capture.data, 3, &outcome);
	check_error(&outcome, "is not a capture file that can be read: truncated dump file; tried to read 4 file header "
			      "bytes, only got 3");
}

/* The same of compressed files. They never end without an error, not even where the capture in them ends between two frames.
 */
static void test_compressed_cut_off(void **state) {
	struct bytes capture;
	size_t count[PACKING_COUNT] = {0}, len[PACKING_COUNT] = {0}, frames_seen[PACKING_COUNT] = {0};
	make_pcap(&capture, false, false);
	for (enum packing packing = PACKING_GZIP; packing < PACKING_COUNT; packing++) {
		struct bytes file = {.len = 0};
		struct outcome outcome;
		/* The start as one piece, so that there is something to be read whatever the end has lost. */
		add_packed(&file, packing, capture.data, 24 + 57);
		size_t first_len = file.len;
		add_packed(&file, packing, capture.data + 24 + 57, capture.len - 24 - 57);
		len[packing] = file.len - first_len;
		for (size_t cut_len = first_len + 2; cut_len < file.len; cut_len++) {
			read_bytes(file.data, cut_len, &outcome);
			assert_int_equal(outcome.opened, 0);
			assert_int_equal(outcome.ran, -EIO);
			assert_true(outcome.count >= 1);
			frames_seen[packing] += outcome.count;
			char expected[100];
			snprintf(expected, sizeof(expected), "reading stopped at frame %zu: the %s data is cut off",
				outcome.count + 1, packing == PACKING_GZIP ? "gzip" : "zstd");
			check_error(&outcome, expected);
			count[packing]++;
		}
		/* And damage to the checksum at the end: all is read, and then said to be unsafe. */
		file.data[packing == PACKING_GZIP ? file.len - 6 : file.len - 1] ^= 0x40;
		read_bytes(file.data, file.len, &outcome);
		assert_int_equal(outcome.ran, -EIO);
		assert_true(outcome.count >= 1);
		assert_non_null(strstr(outcome.error.text, "data is damaged"));
	}
	for (enum packing packing = PACKING_GZIP; packing < PACKING_COUNT; packing++) {
		assert_int_equal(count[packing], len[packing] - 2);
		assert_true(count[packing] > 20);
		assert_true(frames_seen[packing] >= count[packing]);
	}
	/* Without its trailer a gzip file has all its frames. */
	assert_true(frames_seen[PACKING_GZIP] > count[PACKING_GZIP]);
}

static void test_mixed_link_types(void **state) {
	struct bytes bytes = {.len = 0};
	struct outcome outcome;
	add_pcapng_header(&bytes, 1, false);
	add_pcapng_interface(&bytes, LINK_RAW, 6, false);
	add_pcapng_frame(&bytes, 1, 0, false);
	add_pcapng_interface(&bytes, 1, 6, false);
	add_pcapng_frame(&bytes, 2, 0, false);
	read_bytes(bytes.data, bytes.len, &outcome);
	assert_int_equal(outcome.ran, -EIO);
	assert_int_equal(outcome.count, 1);
	assert_non_null(
		strstr(outcome.error.text, ": reading stopped at frame 2: an interface has a type 1 different from"));
	assert_non_null(strstr(outcome.error.text, "(split it by interface"));
}

static void test_filter_keeps_frame_numbers(void **state) {
	struct bytes capture;
	struct outcome outcome = {0};
	make_pcap(&capture, false, false);
	write_file(capture.data, capture.len);
	read_source(path, "tcp port 25", &outcome);
	assert_int_equal(outcome.ran, 0);
	assert_int_equal(outcome.count, 2);
	assert_int_equal(outcome.frames[0], 1);
	assert_int_equal(outcome.frames[1], 3);
	assert_int_equal(outcome.stats.frames, 3);
	assert_int_equal(outcome.stats.dropped_by_kernel + outcome.stats.dropped_by_interface, 0);
}

static void test_stop_from_callback(void **state) {
	struct bytes capture;
	make_pcap(&capture, false, false);
	write_file(capture.data, capture.len);
	for (size_t i = 1; i <= FRAME_COUNT; i++) {
		struct outcome outcome = {.stop_at = i};
		read_source(path, NULL, &outcome);
		assert_int_equal(outcome.ran, 0);
		assert_int_equal(outcome.count, i);
	}
}

/* Times as written to a pcap file, as to a pcapng file of second resolution, and the nanoseconds they become. */
static void test_times(void **state) {
	static const struct {
		uint32_t s, us;
		int64_t time_ns;
	} pcap_rows[] = {
		{0, 0, 0},
		{0, 999999, 999999000},
		{0, 1000000, 1000000000},
		{1, 0x7fffffff, 1000000000 + INT64_C(2147483647000)},
		{0x7fffffff, 0x7fffffff, INT64_C(2147483647000000000) + INT64_C(2147483647000)},
	};
	static const struct {
		uint64_t s;
		int64_t time_ns;
	} pcapng_rows[] = {
		{0, 0},
		{UINT32_MAX, INT64_C(4294967295000000000)},
		{9000000000, INT64_C(9000000000000000000)},
		{9223372035, INT64_C(9223372035000000000)},
		{9223372037, INT64_MAX},
		{INT64_MAX, INT64_MAX},
		{UINT64_MAX, -1000000000}, /* libpcap makes it a signed number */
		{(uint64_t)INT64_MIN, INT64_MIN},
	};
	struct outcome outcome;
	struct bytes bytes;
	size_t count = 0;
	for (size_t i = 0; i < sizeof(pcap_rows) / sizeof(pcap_rows[0]); i++, count++) {
		bytes.len = 0;
		add_pcap_header(&bytes, 0xa1b2c3d4, LINK_RAW, false);
		add_pcap_frame(&bytes, 1, pcap_rows[i].s, pcap_rows[i].us, false);
		read_bytes(bytes.data, bytes.len, &outcome);
		assert_int_equal(outcome.count, 1);
		assert_int_equal(outcome.times_ns[0], pcap_rows[i].time_ns);
	}
	for (size_t i = 0; i < sizeof(pcapng_rows) / sizeof(pcapng_rows[0]); i++, count++) {
		bytes.len = 0;
		add_pcapng_header(&bytes, 1, false);
		add_pcapng_interface(&bytes, LINK_RAW, 0, false);
		add_pcapng_frame(&bytes, 1, pcapng_rows[i].s, false);
		read_bytes(bytes.data, bytes.len, &outcome);
		assert_int_equal(outcome.count, 1);
		assert_int_equal(outcome.times_ns[0], pcapng_rows[i].time_ns);
	}
	assert_int_equal(count, 13);
}

static struct source *volatile interrupted_source;

static void stop_on_alarm(int number) {
	if (interrupted_source)
		source_stop(interrupted_source);
}

static void ignore_frame(void *context, const struct source_frame *frame) {
	size_t *count = context;
	(*count)++;
}

/* Standard input as a pipe that nobody writes to: a signal handler ends the wait. The alarm repeats, for the first may come
 * too early. */
static void test_stop_from_signal(void **state) {
	struct bytes capture;
	struct source_error error = {.text = ""};
	struct source *source = NULL;
	size_t count = 0;
	int ends[2], saved = dup(STDIN_FILENO);
	make_pcap(&capture, false, false);
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], capture.data, capture.len), capture.len);
	assert_int_equal(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
	assert_int_equal(file_open(dup(STDIN_FILENO), "standard input", NULL, &source, &error), 0);
	interrupted_source = source;

	struct sigaction action = {.sa_handler = stop_on_alarm}, old_action;
	struct itimerval every_10_ms = {{0, 10000}, {0, 10000}}, never = {0};
	sigaction(SIGALRM, &action, &old_action);
	setitimer(ITIMER_REAL, &every_10_ms, NULL);
	int ran = source_run(source, ignore_frame, &count, &error);
	setitimer(ITIMER_REAL, &never, NULL);
	sigaction(SIGALRM, &old_action, NULL);
	interrupted_source = NULL;
	source_close(source);
	dup2(saved, STDIN_FILENO);
	close(saved);
	close(ends[0]);
	close(ends[1]);
	assert_int_equal(ran, 0);
	assert_string_equal(error.text, "");
	assert_int_equal(count, FRAME_COUNT);
}

/* A signal that has another purpose must not end it: the rest of the file comes after it. */
static void test_signal_without_stop(void **state) {
	struct bytes capture;
	struct outcome outcome = {0};
	int ends[2];
	make_pcap(&capture, false, false);
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], capture.data, 60), 60);
	struct sigaction action = {.sa_handler = stop_on_alarm}, old_action;
	sigaction(SIGUSR1, &action, &old_action);
	pid_t parent = getpid(), child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		for (int i = 0; i < 10; i++) {
			usleep(5000);
			kill(parent, SIGUSR1);
		}
		ssize_t n = write(ends[1], capture.data + 60, capture.len - 60);
		_exit(n == (ssize_t)(capture.len - 60) ? 0 : 1);
	}
	close(ends[1]);
	read_stdin(ends[0], &outcome);
	int status;
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	sigaction(SIGUSR1, &old_action, NULL);
	assert_int_equal(status, 0);
	check_all_frames(&outcome, false);
}

static void test_close_nothing(void **state) {
	source_close(NULL);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_formats),
		cmocka_unit_test(test_concatenated),
		cmocka_unit_test(test_padding),
		cmocka_unit_test(test_cannot_open),
		cmocka_unit_test(test_cut_off),
		cmocka_unit_test(test_compressed_cut_off),
		cmocka_unit_test(test_mixed_link_types),
		cmocka_unit_test(test_filter_keeps_frame_numbers),
		cmocka_unit_test(test_stop_from_callback),
		cmocka_unit_test(test_times),
		cmocka_unit_test(test_stop_from_signal),
		cmocka_unit_test(test_signal_without_stop),
		cmocka_unit_test(test_close_nothing),
	};
	return cmocka_run_group_tests(tests, create_file, remove_file);
}
