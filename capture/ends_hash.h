/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Hashes of the two ends of a connection. Seeded at random, so that nobody can choose addresses that meet in one place of a table.
 */
#ifndef SMTPSCOPE_CAPTURE_ENDS_HASH_H
#define SMTPSCOPE_CAPTURE_ENDS_HASH_H

#include "capture/segment.h"

#include <stdint.h>
#include <string.h>

struct ends_hash {
	uint64_t source, destination;
	uint64_t both; /* the same for both directions */
};

static inline uint64_t ends_hash_mix(uint64_t a, uint64_t b) {
	uint64_t product = (a ^ b) * UINT64_C(0x9e3779b97f4a7c15);
	product = (product ^ product >> 32) * UINT64_C(0xd6e8feb86659fd93);
	return product ^ product >> 29;
}

static inline uint64_t ends_hash_of_one(uint64_t seed, const struct stream_endpoint *end) {
	uint64_t words[2];
	memcpy(words, end->address, sizeof(words));
	uint64_t hash = ends_hash_mix(seed ^ words[0], (uint64_t)end->ip_version << 16 | end->port);
	/* IPv4 addresses end with zeros. */
	return words[1] == 0 ? hash : ends_hash_mix(hash, words[1]);
}

static inline struct ends_hash ends_hash_of(const uint64_t seed[2], const struct segment *segment) {
	struct ends_hash hash = {
		.source = ends_hash_of_one(seed[0], &segment->source), .destination = ends_hash_of_one(seed[0], &segment->destination)};
	hash.both = ends_hash_mix(hash.source + hash.destination, seed[1]);
	return hash;
}

#endif
