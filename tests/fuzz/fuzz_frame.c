/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Fuzzes frame parsing: the first byte chooses the link type, the second how much of the frame a snap length cut off, the
 * rest is the frame. What is found must lie within the frame, and must be found again in the same frame.
 */
#include "capture/link.h"

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
	if (segment->kind == SEGMENT_ICMP_ERROR) {
		check(segment->icmp && segment->icmp[0]);
		check(!segment->payload && segment->payload_captured_len == 0 && segment->payload_len == 0);
		return;
	}
	check(segment->kind == SEGMENT_TCP && !segment->icmp);
	check(segment->payload >= frame && segment->payload <= frame + captured_len);
	check(segment->payload_captured_len <= (size_t)(frame + captured_len - segment->payload));
	check(segment->payload_captured_len <= segment->payload_len);
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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
	/* The last is of no row. */
	static const int link_types[] = {1, 113, 276, 0, 108, 12, 14, 101, 228, 229, 147};
	if (size < 2)
		return 0;
	int link_type = link_types[data[0] % (sizeof(link_types) / sizeof(link_types[0]))];
	size_t cut_len = data[1];
	const uint8_t *frame = data + 2;
	size_t captured_len = size - 2;

	struct segment segment;
	enum link_result result = link_parse(link_type, frame, captured_len, captured_len, &segment);
	check(result >= 0 && result < LINK_RESULT_COUNT);
	check(link_result_name(result) != NULL);
	check(link_type_is_known(link_type) == (result != LINK_UNKNOWN_LINK_TYPE));
	if (result != LINK_SEGMENT)
		return 0;
	check_segment(&segment, frame, captured_len);
	if (cut_len <= captured_len)
		check_cut(&segment, link_type, frame, captured_len - cut_len, captured_len);
	return 0;
}
