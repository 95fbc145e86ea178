/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Fuzzes the flow table, and libnids behind it: the first byte chooses limits, each nine bytes after it are a segment.
 * Addresses and ports are few, so that segments meet; numbers are near each other or at the edges; times go forwards,
 * backwards and to the ends of what a time can be.
 *
 * Whatever comes, the chunks and gaps of a side follow on each other from offset 0, every stream that was opened is closed
 * once, and the bytes told in the end are those that were handed over.
 */
#include "capture/flow.h"

#include <stdlib.h>
#include <string.h>

enum { STREAMS_MAX = 64, SEGMENT_LEN = 9, PAYLOAD_MAX = 65535, SECOND = 1000000000 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool condition) {
	if (!condition)
		abort();
}

struct fuzz_stream {
	bool open;
	bool picky; /* wants no more after some bytes */
	uint64_t offset[2], gap_bytes[2], gaps[2];
};

struct fuzz {
	struct fuzz_stream streams[STREAMS_MAX];
	size_t open_count;
};

static void *on_open(void *context, const struct stream_open *open) {
	struct fuzz *fuzz = context;
	check(strcmp(open->source, "fuzz") == 0 && open->handshake_ns >= -1);
	for (size_t i = 0; i < STREAMS_MAX; i++)
		if (!fuzz->streams[i].open) {
			fuzz->streams[i] = (struct fuzz_stream){.open = true, .picky = open->hint == STREAM_HINT_SMTPS};
			fuzz->open_count++;
			return &fuzz->streams[i];
		}
	return NULL;
}

static enum stream_interest on_chunk(void *handle, const struct stream_chunk *chunk) {
	struct fuzz_stream *stream = handle;
	check(stream->open);
	check(chunk->len > 0 && chunk->offset == stream->offset[chunk->side]);
	stream->offset[chunk->side] += chunk->len;
	if (chunk->data == NULL) {
		stream->gaps[chunk->side]++;
		stream->gap_bytes[chunk->side] += chunk->len;
	} else {
		/* Every byte can be read. */
		unsigned char sum = 0;
		for (size_t i = 0; i < chunk->len; i++)
			sum = (unsigned char)(sum ^ chunk->data[i]);
		check(chunk->len <= PAYLOAD_MAX && (sum == 0 || sum == 'x'));
	}
	return stream->picky && stream->offset[0] > 100 ? STREAM_IGNORE : STREAM_CONTINUE;
}

static void on_close(void *handle, const struct stream_close *close) {
	struct fuzz_stream *stream = handle;
	check(stream->open);
	stream->open = false;
	check(close->how >= 0 && close->how < STREAM_CLOSE_COUNT && close->handshake_ns >= -1);
	check((close->icmp != NULL) == (close->how == STREAM_CLOSE_UNREACHABLE));
	for (int side = 0; side < 2; side++) {
		check(stream->picky || close->side[side].bytes + close->side[side].gap_bytes == stream->offset[side]);
		check(stream->picky || close->side[side].gap_bytes == stream->gap_bytes[side]);
		check(stream->picky || close->side[side].gaps == stream->gaps[side]);
	}
}

static uint32_t choose_number(uint8_t choice, uint8_t low, uint32_t last) {
	switch (choice % 16) {
	case 0:
		return low;
	case 1:
		return low * 251U;
	case 2:
		return low * 65521U;
	case 3:
		return UINT32_MAX - low;
	case 4:
		return (UINT32_C(1) << 30) - 128 + low;
	case 5:
		return (UINT32_C(1) << 31) - 128 + low;
	case 6:
		return (uint32_t)low << 24;
	case 7:
		return last + (uint32_t)low * 65536;
	case 8:
		return last - low;
	case 9:
		return last + low * 1400U;
	default:
		return last + low;
	}
}

static size_t choose_len(uint8_t choice) {
	if (choice < 128)
		return choice;
	return choice < 250 ? (choice - 127U) * 300 : PAYLOAD_MAX - (choice - 250U);
}

static int64_t choose_time(uint8_t choice, int64_t last) {
	static const int64_t ends[] = {INT64_MIN, INT64_MIN + 1, -1, 0, 1, INT64_MAX - 1, INT64_MAX};
	if (choice < sizeof(ends) / sizeof(ends[0]))
		return ends[choice];
	int64_t step = choice < 128   ? choice * INT64_C(1000000)
		       : choice < 192 ? (choice - 127) * INT64_C(500000000)
		       : choice < 224 ? (choice - 191) * INT64_C(60) * SECOND
				      : (choice - 255) * INT64_C(10) * SECOND;
	return __builtin_add_overflow(last, step, &step) ? last : step;
}

static void set_endpoint(struct stream_endpoint *endpoint, uint8_t host, uint16_t port) {
	*endpoint = (struct stream_endpoint){.ip_version = host < 2 ? 4 : 6, .address = {192, 0, 2, host}, .port = port};
}

/* One table for all inputs, as there is one libnids; new when other limits are wanted. */
static struct flow_table *get_table(uint8_t limits, struct fuzz *fuzz) {
	static struct flow_table *table;
	static uint8_t current;
	limits &= 3;
	if (table != NULL && limits == current)
		return table;
	flow_table_destroy(table);
	struct flow_options options;
	flow_options_init(&options);
	if (limits & 1) {
		options.flows_max = 2;
		options.ports_only = true;
	}
	if (limits & 2) {
		options.queued_bytes_max = 3000;
		options.total_queued_bytes_max = 6000;
	}
	const struct stream_sink sink = {.context = fuzz, .open = on_open, .chunk = on_chunk, .close = on_close};
	current = limits;
	return table = flow_table_create(&options, &sink);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
	static struct fuzz fuzz;
	static uint8_t *payload;
	if (size < 1)
		return 0;
	struct flow_table *table = get_table(data[0], &fuzz);
	if (payload == NULL && (payload = malloc(PAYLOAD_MAX)) != NULL)
		memset(payload, 'x', PAYLOAD_MAX);
	if (table == NULL || payload == NULL)
		return 0;
	static const uint16_t server_ports[] = {25, 25, 465, 8000};
	flow_table_begin_source(table, "fuzz");
	uint32_t last_number[2] = {0, 0};
	int64_t time_ns = SECOND;
	uint64_t frame = 0;
	for (data++, size--; size >= SEGMENT_LEN; data += SEGMENT_LEN, size -= SEGMENT_LEN) {
		/* who, flags, how seq, seq, how ack, ack, length, cut, time */
		bool from_server = data[0] & 1;
		uint8_t host = data[0] >> 1 & 1;
		struct segment segment = {.kind = SEGMENT_TCP, .flags = data[1] & 0x1f, .at = {.frame = ++frame}};
		uint16_t server_port = server_ports[data[0] >> 2 & 3], client_port = (uint16_t)(40000 + (data[0] >> 4 & 1));
		set_endpoint(from_server ? &segment.destination : &segment.source, host, client_port);
		set_endpoint(from_server ? &segment.source : &segment.destination, 2 + host, server_port);
		segment.source.ip_version = segment.destination.ip_version = 4;
		segment.vlan_count = data[0] >> 5 & 1;
		segment.vlan[0] = 7;
		segment.seq = choose_number(data[2], data[3], last_number[from_server]);
		time_ns = choose_time(data[8], time_ns);
		segment.at.time_ns = time_ns;
		if (data[0] >> 6 == 3 && data[1] & 0x80) {
			segment.kind = SEGMENT_ICMP_ERROR;
			segment.flags = 0;
			segment.icmp = data[1] & 0x40 ? "port-unreachable" : "packet-too-big";
		} else {
			segment.ack =
				segment.flags & SEGMENT_ACK ? choose_number(data[4], data[5], last_number[!from_server]) : 0;
			segment.payload_len = choose_len(data[6]);
			size_t cut_len = data[7] < 224 ? 0 : data[7] == 255 ? segment.payload_len : data[7] - 223U;
			segment.payload_captured_len = cut_len < segment.payload_len ? segment.payload_len - cut_len : 0;
			/* At the end of its block, so that one byte too far is noticed. */
			segment.payload = payload + PAYLOAD_MAX - segment.payload_captured_len;
			segment.window = 65535;
			last_number[from_server] = segment.seq + (uint32_t)segment.payload_len +
						   !!(segment.flags & (SEGMENT_SYN | SEGMENT_FIN));
		}
		flow_table_segment(table, &segment);
	}
	flow_table_end_source(table);
	struct flow_stats stats;
	flow_table_get_stats(table, &stats);
	check(stats.open == 0);
	for (size_t i = 0; i < STREAMS_MAX; i++)
		check(!fuzz.streams[i].open);
	return 0;
}
