/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Decompression behind stdio, because libpcap reads from a FILE. The decoders write straight into the buffer of the FILE.
 */
#include "capture/compressed.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

/* Large enough that system calls do not count, small enough for the processor's cache. */
enum { INPUT_MAX = 64 * 1024 };

struct compressed {
	int fd;
	const volatile sig_atomic_t *stop;
	/* Decodes some of `input` and returns how many bytes it put to `out`; 0 may mean that it needs more input, if all is
	 * used. */
	size_t (*decode)(struct compressed *compressed, char *out, size_t out_len);
	const char *cut_off; /* the fault to report when the input ends now; NULL where a file may end */
	const char *fault;
	bool ended; /* nothing more will be decoded */
	void (*watch)(void *context, const uint8_t *data, size_t len); /* NULL: nobody does */
	void *watch_context;
	z_stream gzip;
	bool gzip_complete; /* a whole gzip member was decoded */
	ZSTD_DStream *zstd;
	size_t input_at, input_len;
	uint8_t input[INPUT_MAX];
};

enum compressed_format compressed_detect(const uint8_t *start, size_t start_len) {
	/* Compression method 8 is the only one there is; it tells more from less. */
	if (start_len >= 3 && start[0] == 0x1f && start[1] == 0x8b && start[2] == 8)
		return COMPRESSED_GZIP;
	if (start_len >= 4 && start[0] == 0x28 && start[1] == 0xb5 && start[2] == 0x2f && start[3] == 0xfd)
		return COMPRESSED_ZSTD;
	/* A skippable frame: parallel compressors start with one. */
	if (start_len >= 4 && (start[0] & 0xf0) == 0x50 && start[1] == 0x2a && start[2] == 0x4d && start[3] == 0x18)
		return COMPRESSED_ZSTD;
	return COMPRESSED_NONE;
}

void compressed_watch(
	struct compressed *compressed, void (*watch)(void *context, const uint8_t *data, size_t len), void *context) {
	compressed->watch = watch;
	compressed->watch_context = context;
}

/* Hands out what was put there. */
static ssize_t give_out(struct compressed *compressed, const char *out, ssize_t len) {
	if (compressed->watch != NULL && len > 0)
		compressed->watch(compressed->watch_context, (const uint8_t *)out, (size_t)len);
	return len;
}

const char *compressed_fault(const struct compressed *compressed) {
	return compressed->fault;
}

static size_t decode_gzip(struct compressed *compressed, char *out, size_t out_len) {
	z_stream *gzip = &compressed->gzip;
	gzip->next_out = (Bytef *)out;
	gzip->avail_out = out_len > INT32_MAX ? INT32_MAX : (uInt)out_len;
	uInt out_space = gzip->avail_out;
	gzip->next_in = compressed->input + compressed->input_at;
	gzip->avail_in = (uInt)(compressed->input_len - compressed->input_at);
	int result = inflate(gzip, Z_NO_FLUSH);
	if (result == Z_STREAM_END) {
		compressed->gzip_complete = true;
		inflateReset(gzip);
	} else if (result != Z_OK && result != Z_BUF_ERROR) {
		/* What follows a complete member and is not another one is padding: gzip ignores it as well. */
		if (!(compressed->gzip_complete && gzip->total_out == 0 && gzip->total_in <= 2))
			compressed->fault = "the gzip data is damaged";
		compressed->ended = true;
	}
	compressed->input_at = compressed->input_len - gzip->avail_in;
	compressed->cut_off = gzip->total_in < 2 && compressed->gzip_complete ? NULL : "the gzip data is cut off";
	return out_space - gzip->avail_out;
}

static size_t decode_zstd(struct compressed *compressed, char *out, size_t out_len) {
	ZSTD_inBuffer in = {compressed->input, compressed->input_len, compressed->input_at};
	ZSTD_outBuffer to = {out, out_len, 0};
	/* Once a frame is complete, a call without input would only say that the next one has not begun. */
	if (in.pos == in.size && !compressed->cut_off)
		return 0;
	size_t result = ZSTD_decompressStream(compressed->zstd, &to, &in);
	compressed->input_at = in.pos;
	compressed->cut_off = result != 0 ? "the zstd data is cut off" : NULL;
	if (ZSTD_isError(result)) {
		compressed->fault = "the zstd data is damaged";
		if (ZSTD_getErrorCode(result) == ZSTD_error_frameParameter_windowTooLarge)
			compressed->fault = "the zstd data needs too much memory (was it compressed with --long?)";
		compressed->ended = true;
	}
	return to.pos;
}

static ssize_t read_input(struct compressed *compressed, void *to, size_t len) {
	ssize_t n;
	do
		n = read(compressed->fd, to, len);
	while (n < 0 && errno == EINTR && !*compressed->stop);
	return n;
}

static ssize_t read_decoded(void *cookie, char *out, size_t out_len) {
	struct compressed *compressed = cookie;
	while (!compressed->ended) {
		size_t decoded_len = compressed->decode(compressed, out, out_len);
		if (decoded_len > 0)
			return give_out(compressed, out, (ssize_t)decoded_len);
		if (compressed->ended || compressed->input_at < compressed->input_len)
			continue;
		ssize_t n = read_input(compressed, compressed->input, sizeof(compressed->input));
		if (n < 0)
			return -1;
		compressed->input_at = 0;
		compressed->input_len = (size_t)n;
		if (n == 0) {
			compressed->fault = compressed->cut_off;
			compressed->ended = true;
		}
	}
	return 0;
}

static ssize_t read_plain(void *cookie, char *out, size_t out_len) {
	struct compressed *compressed = cookie;
	size_t left = compressed->input_len - compressed->input_at;
	if (left == 0)
		return give_out(compressed, out, read_input(compressed, out, out_len));
	if (left > out_len)
		left = out_len;
	memcpy(out, compressed->input + compressed->input_at, left);
	compressed->input_at += left;
	return give_out(compressed, out, (ssize_t)left);
}

static int finish(void *cookie) {
	struct compressed *compressed = cookie;
	int result = close(compressed->fd);
	if (compressed->decode == decode_gzip)
		inflateEnd(&compressed->gzip);
	ZSTD_freeDStream(compressed->zstd);
	free(compressed);
	return result;
}

int compressed_open(int fd, enum compressed_format format, const uint8_t *start, size_t start_len,
	const volatile sig_atomic_t *stop, FILE **ret_file, struct compressed **ret_compressed) {
	/* The input buffer need not be cleared. */
	struct compressed *compressed = malloc(sizeof(*compressed));
	if (!compressed)
		return -ENOMEM;
	memset(compressed, 0, offsetof(struct compressed, input));
	compressed->fd = fd;
	compressed->stop = stop;
	memcpy(compressed->input, start, start_len);
	compressed->input_len = start_len;

	if (format == COMPRESSED_GZIP) {
		/* 16: a gzip header must be there. */
		if (inflateInit2(&compressed->gzip, 16 + MAX_WBITS) != Z_OK)
			goto fail;
		compressed->decode = decode_gzip;
	} else if (format == COMPRESSED_ZSTD) {
		compressed->zstd = ZSTD_createDStream();
		if (!compressed->zstd)
			goto fail;
		compressed->cut_off = "the zstd data is cut off";
		compressed->decode = decode_zstd;
	}
	cookie_io_functions_t functions = {
		.read = format == COMPRESSED_NONE ? read_plain : read_decoded,
		.close = finish,
	};
	FILE *file = fopencookie(compressed, "r", functions);
	if (!file)
		goto fail;
	*ret_file = file;
	*ret_compressed = compressed;
	return 0;

fail:
	if (compressed->decode == decode_gzip)
		inflateEnd(&compressed->gzip);
	ZSTD_freeDStream(compressed->zstd);
	free(compressed);
	return -ENOMEM;
}
