/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Fuzzes frame parsing: the first byte chooses the link type, the second how much of the frame a snap length cut off, the
 * rest is the frame. What is found must lie within the frame, and must be found again in the same frame. Then the rest is taken as
 * several frames, each behind two bytes with its length and the milliseconds since the one before, and parsed with a memory for
 * fragments: what comes out must be as sound, and memory bounded.
 */
#include "capture/frame.h"
#include "capture/link.h"
#include "capture/tunnel.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool condition) {
	if (!condition)
		abort();
}

static void check_endpoint(const struct stream_endpoint *endpoint, uint8_t ip_version) {
	static const uint8_t zero[12];
	check(endpoint->ip_version == ip_version);
	check(ip_version == 6 || (ip_version == 4 && memcmp(endpoint->address + 4, zero, sizeof(zero)) == 0));
}

static void check_segment(const struct segment *segment, const uint8_t *frame, size_t captured_len) {
	check_endpoint(&segment->source, segment->source.ip_version);
	check_endpoint(&segment->destination, segment->source.ip_version);
	check(segment->vlan_count <= STREAM_VLAN_MAX);
	for (size_t i = 0; i < segment->vlan_count; i++)
		check(segment->vlan[i] > 0 && segment->vlan[i] <= 0xfff);
	check(segment->tunnel_count <= SEGMENT_TUNNEL_MAX);
	for (size_t i = 0; i < segment->tunnel_count; i++)
		check(tunnel_name(segment->tunnel[i].kind) != NULL);
	if (segment->kind == SEGMENT_ICMP_ERROR) {
		check(segment->icmp && segment->icmp[0]);
		check(!segment->payload && segment->payload_captured_len == 0 && segment->payload_len == 0);
		return;
	}
	check(segment->kind == SEGMENT_TCP && !segment->icmp);
	if (frame) {
		check(segment->payload >= frame && segment->payload <= frame + captured_len);
		check(segment->payload_captured_len <= (size_t)(frame + captured_len - segment->payload));
	}
	check(segment->payload_captured_len <= segment->payload_len);
}

static void check_fragment(const struct segment *segment, const uint8_t *frame, size_t captured_len) {
	const struct segment_fragment *fragment = &segment->fragment;
	check_endpoint(&segment->source, segment->source.ip_version);
	check_endpoint(&segment->destination, segment->source.ip_version);
	check(fragment->data >= frame && fragment->data <= frame + captured_len);
	check(fragment->captured_len <= (size_t)(frame + captured_len - fragment->data));
	check(fragment->captured_len <= fragment->len);
	check(fragment->offset < 65536 && fragment->offset % 8 == 0);
	check(fragment->more || fragment->offset > 0);
}

static bool same_endpoint(const struct stream_endpoint *a, const struct stream_endpoint *b) {
	return a->ip_version == b->ip_version && a->port == b->port &&
	       memcmp(a->address, b->address, sizeof(a->address)) == 0;
}

/* What a snap length cuts off the end takes bytes away, and changes nothing in what is left. */
static void check_cut(const struct segment *whole, int link_type, const uint8_t *frame, size_t cut_len, size_t wire_len) {
	struct segment segment;
	/* A block of its own, so that one byte too far is noticed. */
	uint8_t *cut = malloc(cut_len);
	if (!cut)
		return;
	memcpy(cut, frame, cut_len);
	if (link_parse(link_type, cut, cut_len, wire_len, &segment) == LINK_SEGMENT) {
		check_segment(&segment, cut, cut_len);
		check(segment.kind == whole->kind && segment.seq == whole->seq && segment.payload_len == whole->payload_len);
		check(same_endpoint(&segment.source, &whole->source) &&
			same_endpoint(&segment.destination, &whole->destination));
		check(segment.payload_captured_len <= whole->payload_captured_len);
	}
	free(cut);
}

/* All sum up the payload, so that a sanitizer sees each byte read. */
static unsigned read_payload(const struct segment *segment) {
	unsigned sum = 0;
	for (size_t i = 0; i < segment->payload_captured_len; i++)
		sum += segment->payload[i];
	return sum;
}

static void parse_frames(int link_type, const uint8_t *data, size_t size) {
	struct frame_parser *parser = frame_parser_create();
	uint64_t count = 0;
	struct stream_moment at = {0, 0};
	while (size >= 2) {
		size_t len = data[0] < size - 2 ? data[0] : size - 2;
		at.time_ns += (int64_t)data[1] * 200 * 1000000;
		at.frame = ++count;
		uint8_t *frame = malloc(len);
		if (!frame || !parser)
			break;
		memcpy(frame, data + 2, len);
		struct source_frame source_frame = {
			.link_type = link_type, .data = frame, .captured_len = len, .wire_len = len, .at = at};
		struct segment segment;
		enum link_result result = frame_parse(parser, &source_frame, &segment);
		check(result >= 0 && result < LINK_RESULT_COUNT && result != LINK_INCOMPLETE_PACKET);
		if (result == LINK_SEGMENT) {
			check_segment(&segment, NULL, 0);
			check(segment.at.frame == count);
			check(read_payload(&segment) <= 255 * 65536);
		}
		free(frame);
		data += 2 + len;
		size -= 2 + len;
	}
	if (!parser)
		return;
	frame_parser_end_source(parser);
	struct frame_stats stats;
	frame_parser_get_stats(parser, &stats);
	uint64_t sum = 0;
	for (int result = 0; result < LINK_RESULT_COUNT; result++)
		sum += stats.results[result];
	check(sum == count);
	frame_parser_destroy(parser);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
	/* The last is of no row. New ones come behind it, so that inputs keep their meaning. */
	static const int link_types[] = {1, 113, 276, 0, 108, 12, 14, 101, 228, 229, 147, 9, 50, 51, 104, 105, 107, 109, 119, 127, 163,
		178, 204, 219};
	if (size < 2)
		return 0;
	int link_type = link_types[data[0] % (sizeof(link_types) / sizeof(link_types[0]))];
	size_t cut_len = data[1];
	const uint8_t *frame = data + 2;
	size_t captured_len = size - 2;

	parse_frames(link_type, frame, captured_len);
	struct segment segment;
	enum link_result result = link_parse(link_type, frame, captured_len, captured_len, &segment);
	check(result >= 0 && result < LINK_RESULT_COUNT);
	check(link_result_name(result) != NULL);
	check(link_type_is_known(link_type) == (result != LINK_UNKNOWN_LINK_TYPE));
	if (result == LINK_IP_FRAGMENT)
		check_fragment(&segment, frame, captured_len);
	if (result != LINK_SEGMENT)
		return 0;
	check_segment(&segment, frame, captured_len);
	if (cut_len <= captured_len)
		check_cut(&segment, link_type, frame, captured_len - cut_len, captured_len);
	return 0;
}
