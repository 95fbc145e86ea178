/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "capture/evidence.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pcap/pcap.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	SNAPLEN = 262144,
	FILE_HEADER_LEN = 24, /* of a pcap file, and of a packet in it */
	PACKET_HEADER_LEN = 16,
	BLOCK = 4096,         /* a small file takes as much, and so the bound is one on the number of files, too */
	FILES_MAX = 1 << 18,  /* remembered, to be removed when they are the oldest */
	PROTOCOL_UDP = 17,
	PROTOCOL_GRE = 47,
	PROTOCOL_TCP = 6,
};

struct kept_file {
	char id[EVIDENCE_ID_LEN];
	uint64_t blocks;
	int64_t time_ns; /* only for the order at the start */
};

struct evidence {
	struct evidence_options options;
	struct kept_file *files; /* a ring, the oldest first */
	size_t first, count, capacity;
	uint64_t blocks;
	/* Read by other threads. */
	_Atomic uint64_t sessions, packets, bytes, left_out, empty, files_removed, errors, disk_bytes;
	_Atomic int last_error;
};

/* ---- Hiding ---- */

static uint16_t get_u16(const uint8_t *at) {
	return (uint16_t)(at[0] << 8 | at[1]);
}

static uint32_t get_u32(const uint8_t *at) {
	return (uint32_t)get_u16(at) << 16 | get_u16(at + 2);
}

static void put_u16(uint8_t *at, uint16_t value) {
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static bool hide_bytes(uint8_t *payload, size_t from, size_t to) {
	if (from >= to)
		return false;
	memset(payload + from, '*', to - from);
	return true;
}

/* Hides what the payload, at start in the stream, has of a range. Both count as sequence numbers do, in 32 bits: in a stream that is
 * longer too much may be hidden, but never too little. */
static bool hide_range(uint8_t *payload, size_t len, uint32_t start, uint32_t range, uint64_t range_len) {
	uint32_t ahead = start - range, behind = range - start;
	bool any = false;
	if (ahead < range_len) {
		uint64_t left = range_len - ahead;
		any = hide_bytes(payload, 0, left < len ? (size_t)left : len);
	}
	if (behind < len) {
		uint64_t end = behind + range_len;
		any |= hide_bytes(payload, behind, end < len ? (size_t)end : len);
	}
	return any;
}

#define HALF (UINT64_C(1) << 31)

static bool hide_payload(uint8_t *payload, const struct packet *packet, const struct evidence_session *session) {
	const struct stream_close *close = session->close;
	enum stream_side side = packet->side;
	size_t len = packet->payload_captured_len;
	/* A reset's text is no part of the stream; so nobody has read it. */
	if (!close->has_first_seq[side] || packet->flags & SEGMENT_RST)
		return hide_bytes(payload, 0, len);
	uint32_t start = packet->payload_seq - close->first_seq[side];
	bool any = false;
	for (size_t i = 0; i < session->secret_count; i++) {
		const struct stream_range *range = &session->secrets[i];
		if (range->side == side)
			any |= hide_range(payload, len, start, (uint32_t)range->offset, range->len);
	}
	/* Sequence numbers before the first byte of a stream were not read by anybody either. */
	uint64_t stream_len = close->side[0].bytes + close->side[0].gap_bytes;
	if (close->side[1].bytes + close->side[1].gap_bytes > stream_len)
		stream_len = close->side[1].bytes + close->side[1].gap_bytes;
	uint64_t from = session->secret_from[side];
	if (from != UINT64_MAX)
		any |= hide_range(payload, len, start, (uint32_t)from, from < HALF ? 2 * HALF - from : HALF);
	else if (stream_len < HALF)
		any |= hide_range(payload, len, start, (uint32_t)HALF, HALF);
	return any;
}

/* The TCP header ends where the payload begins, and is known by its ports and its sequence number. NULL: there is none. */
static uint8_t *find_tcp(uint8_t *frame, const struct packet *packet) {
	enum { MIN_LEN = 20, MAX_LEN = 60 };
	uint32_t seq = packet->payload_seq - (packet->flags & SEGMENT_SYN ? 1 : 0);
	for (size_t len = MIN_LEN; len <= MAX_LEN && len <= packet->payload_at; len += 4) {
		uint8_t *tcp = frame + packet->payload_at - len;
		if ((size_t)(tcp[12] >> 4) * 4 == len && get_u16(tcp) == packet->source.port &&
			get_u16(tcp + 2) == packet->destination.port && get_u32(tcp + 4) == seq)
			return tcp;
	}
	return NULL;
}

static uint32_t add_words(uint32_t sum, const uint8_t *data, size_t len) {
	for (; len > 1; data += 2, len -= 2) {
		sum += get_u16(data);
		sum = (sum & 0xffff) + (sum >> 16);
	}
	return len > 0 ? sum + (uint32_t)data[0] * 256 : sum;
}

/* RFC 9293, 3.1, and RFC 8200, 8.1: over addresses, length, protocol, header and payload. */
static void renew_checksum(uint8_t *frame, uint8_t *tcp, const struct packet *packet) {
	put_u16(tcp + 16, 0);
	if (packet->payload_captured_len < packet->payload_len)
		return;
	size_t len = (size_t)(frame + packet->payload_at - tcp) + packet->payload_len;
	size_t address_len = packet->source.ip_version == 4 ? 4 : 16;
	uint32_t sum = PROTOCOL_TCP + (uint32_t)(len & 0xffff) + (uint32_t)(len >> 16);
	sum = add_words(sum, packet->source.address, address_len);
	sum = add_words(sum, packet->destination.address, address_len);
	sum = add_words(sum, tcp, len);
	while (sum > 0xffff)
		sum = (sum & 0xffff) + (sum >> 16);
	put_u16(tcp + 16, (uint16_t)~sum);
}

static void clear_checksum_of(uint8_t protocol, uint8_t *header, const uint8_t *end) {
	if (protocol == PROTOCOL_UDP && end - header >= 8)
		put_u16(header + 6, 0);
	/* RFC 2784: of the C bit, the first, depends whether there is one. */
	if (protocol == PROTOCOL_GRE && end - header >= 8 && header[0] & 0x80)
		put_u16(header + 4, 0);
}

/* Around the TCP header may be tunnels, each an IP header with UDP or GRE behind it. They are looked for by what they look like, at
 * any place: which tunnels there are is for the link parsers to know. */
static void clear_tunnel_checksums(uint8_t *frame, const uint8_t *tcp) {
	for (uint8_t *ip = frame; tcp - ip >= 28; ip++) {
		size_t header_len = (size_t)(ip[0] & 0x0f) * 4;
		bool is_v4 = ip[0] >> 4 == 4 && header_len >= 20 && (size_t)(tcp - ip) >= header_len + 8;
		bool is_v6 = ip[0] >> 4 == 6 && tcp - ip >= 48;
		if (is_v4 && (ip[9] == PROTOCOL_GRE || (ip[9] == PROTOCOL_UDP && get_u16(ip + 2) == header_len + get_u16(ip + header_len + 4))))
			clear_checksum_of(ip[9], ip + header_len, tcp);
		if (is_v6 && (ip[6] == PROTOCOL_GRE || (ip[6] == PROTOCOL_UDP && get_u16(ip + 4) == get_u16(ip + 44))))
			clear_checksum_of(ip[6], ip + 40, tcp);
	}
}

bool evidence_hide(uint8_t *frame, const struct packet *packet, const struct evidence_session *session) {
	/* Of ICMP errors only those are kept that quote a SYN. */
	if (packet->kind != SEGMENT_TCP || packet->payload_captured_len == 0)
		return true;
	if (packet->payload_elsewhere)
		return false;
	if (!hide_payload(frame + packet->payload_at, packet, session))
		return true;
	uint8_t *tcp = find_tcp(frame, packet);
	if (tcp == NULL)
		return false;
	size_t end = packet->payload_at + packet->payload_captured_len;
	memset(frame + end, 0, packet->captured_len - end);
	renew_checksum(frame, tcp, packet);
	clear_tunnel_checksums(frame, tcp);
	return true;
}

/* ---- Files ---- */

static bool is_hexadecimal(const char *text, size_t len) {
	for (size_t i = 0; i < len; i++)
		if (!((text[i] >= '0' && text[i] <= '9') || (text[i] >= 'a' && text[i] <= 'f')))
			return false;
	return true;
}

static bool is_file_name(const char *name) {
	return strlen(name) == EVIDENCE_NAME_LEN && is_hexadecimal(name, EVIDENCE_ID_LEN) &&
		strcmp(name + EVIDENCE_ID_LEN, ".pcap") == 0;
}

static bool is_part_name(const char *name) {
	return strlen(name) == EVIDENCE_NAME_LEN + 6 && name[0] == '.' && is_hexadecimal(name + 1, EVIDENCE_ID_LEN) &&
		strcmp(name + 1 + EVIDENCE_ID_LEN, ".pcap.part") == 0;
}

static uint64_t blocks_of(uint64_t size) {
	return size / BLOCK + (size % BLOCK > 0);
}

static struct kept_file *file_at(struct evidence *evidence, size_t i) {
	return &evidence->files[(evidence->first + i) % evidence->capacity];
}

static bool remember_file(struct evidence *evidence, const struct kept_file *file) {
	if (evidence->count == evidence->capacity) {
		size_t capacity = evidence->capacity != 0 ? 2 * evidence->capacity : 64;
		struct kept_file *files = malloc(capacity * sizeof(*files));
		if (files == NULL)
			return false;
		for (size_t i = 0; i < evidence->count; i++)
			files[i] = *file_at(evidence, i);
		free(evidence->files);
		evidence->files = files;
		evidence->first = 0;
		evidence->capacity = capacity;
	}
	evidence->count++;
	*file_at(evidence, evidence->count - 1) = *file;
	evidence->blocks += file->blocks;
	return true;
}

static void remove_oldest(struct evidence *evidence) {
	const struct kept_file *file = file_at(evidence, 0);
	char name[EVIDENCE_NAME_LEN + 1];
	snprintf(name, sizeof(name), "%.*s.pcap", EVIDENCE_ID_LEN, file->id);
	/* One that cannot be removed is not tried again: it counts no more, and the others must not go in its place. */
	if (unlinkat(evidence->options.directory, name, 0) == 0)
		evidence->files_removed++;
	evidence->blocks -= file->blocks;
	evidence->first = (evidence->first + 1) % evidence->capacity;
	evidence->count--;
}

static void make_room(struct evidence *evidence, uint64_t blocks) {
	uint64_t max = evidence->options.size_max / BLOCK;
	while (evidence->count > 0 && (evidence->blocks + blocks > max || evidence->count >= FILES_MAX))
		remove_oldest(evidence);
}

/* A file of that name is about to be replaced. */
static void forget_file(struct evidence *evidence, const char *id) {
	size_t i = 0;
	while (i < evidence->count && memcmp(file_at(evidence, i)->id, id, EVIDENCE_ID_LEN) != 0)
		i++;
	if (i == evidence->count)
		return;
	evidence->blocks -= file_at(evidence, i)->blocks;
	for (; i + 1 < evidence->count; i++)
		*file_at(evidence, i) = *file_at(evidence, i + 1);
	evidence->count--;
}

static int compare_times(const void *a, const void *b) {
	int64_t one = ((const struct kept_file *)a)->time_ns, other = ((const struct kept_file *)b)->time_ns;
	return (one > other) - (one < other);
}

static int read_directory(struct evidence *evidence) {
	int descriptor = openat(evidence->options.directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (descriptor < 0)
		return -errno;
	DIR *directory = fdopendir(descriptor);
	if (directory == NULL) {
		int error = -errno;
		close(descriptor);
		return error;
	}
	int result = 0;
	for (const struct dirent *entry; result == 0 && (entry = readdir(directory)) != NULL;) {
		struct stat status;
		if (is_part_name(entry->d_name))
			unlinkat(evidence->options.directory, entry->d_name, 0); /* a run before this one did not get to its end */
		if (!is_file_name(entry->d_name) ||
			fstatat(evidence->options.directory, entry->d_name, &status, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISREG(status.st_mode))
			continue;
		struct kept_file file = {
			.blocks = blocks_of((uint64_t)status.st_size),
			.time_ns = (int64_t)status.st_mtim.tv_sec * 1000000000 + status.st_mtim.tv_nsec,
		};
		memcpy(file.id, entry->d_name, sizeof(file.id));
		if (!remember_file(evidence, &file))
			result = -ENOMEM;
	}
	closedir(directory);
	if (evidence->count > 0)
		qsort(evidence->files, evidence->count, sizeof(*evidence->files), compare_times);
	return result;
}

int evidence_create(const struct evidence_options *options, struct evidence **ret_evidence) {
	struct evidence *evidence = calloc(1, sizeof(*evidence));
	if (evidence == NULL)
		return -ENOMEM;
	evidence->options = *options;
	if (evidence->options.snaplen <= 0)
		evidence->options.snaplen = SNAPLEN;
	int result = read_directory(evidence);
	if (result < 0) {
		evidence_destroy(evidence);
		return result;
	}
	make_room(evidence, 0);
	evidence->disk_bytes = evidence->blocks * BLOCK;
	*ret_evidence = evidence;
	return 0;
}

void evidence_destroy(struct evidence *evidence) {
	if (evidence == NULL)
		return;
	free(evidence->files);
	free(evidence);
}

/* ---- Writing ---- */

static int open_part(const struct evidence *evidence, const char *name) {
	int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
	int descriptor = openat(evidence->options.directory, name, flags, 0640);
	if (descriptor < 0 && errno == EEXIST && unlinkat(evidence->options.directory, name, 0) == 0)
		descriptor = openat(evidence->options.directory, name, flags, 0640);
	return descriptor < 0 ? -errno : descriptor;
}

/* -ENODATA when there is no packet that may be written. */
static int write_packets(struct evidence *evidence, pcap_dumper_t *dumper, int link_type, const struct packet_chain *chain,
	const struct evidence_session *session, uint8_t *frame, struct evidence_file *file, uint64_t *ret_bytes) {
	struct packet_cursor cursor = {0};
	struct packet packet;
	uint64_t bytes = 0, left_out = 0;
	while (packet_chain_next(chain, &cursor, &packet, frame)) {
		if (packet.link_type != link_type || (!evidence->options.keep_secrets && !evidence_hide(frame, &packet, session))) {
			left_out++;
			continue;
		}
		int64_t seconds = packet.time_ns / 1000000000, nanoseconds = packet.time_ns % 1000000000;
		if (nanoseconds < 0) {
			seconds--;
			nanoseconds += 1000000000;
		}
		struct pcap_pkthdr header = {
			.ts = {.tv_sec = (time_t)seconds, .tv_usec = (suseconds_t)nanoseconds},
			.caplen = (bpf_u_int32)packet.captured_len,
			.len = packet.wire_len > UINT32_MAX ? UINT32_MAX : (bpf_u_int32)packet.wire_len,
		};
		errno = 0;
		pcap_dump((u_char *)dumper, &header, frame);
		if (ferror(pcap_dump_file(dumper)))
			return errno != 0 ? -errno : -EIO;
		file->packets++;
		bytes += packet.captured_len;
	}
	file->dropped_packets = packet_chain_dropped(chain) + left_out;
	evidence->left_out += left_out;
	*ret_bytes = bytes;
	errno = 0;
	if (pcap_dump_flush(dumper) < 0 || ferror(pcap_dump_file(dumper)))
		return errno != 0 ? -errno : -EIO;
	return file->packets > 0 ? 0 : -ENODATA;
}

static int write_part(struct evidence *evidence, const char *part, const struct packet_chain *chain,
	const struct evidence_session *session, struct evidence_file *file, uint64_t *ret_bytes) {
	struct packet_cursor cursor = {0};
	struct packet first;
	size_t longest = packet_chain_longest(chain);
	uint8_t *frame = malloc(longest > 0 ? longest : 1);
	if (frame == NULL || !packet_chain_next(chain, &cursor, &first, frame)) {
		free(frame);
		return -ENOMEM;
	}
	int result = -ENOMEM;
	pcap_t *pcap = pcap_open_dead_with_tstamp_precision(first.link_type, evidence->options.snaplen, PCAP_TSTAMP_PRECISION_NANO);
	int descriptor = pcap != NULL ? open_part(evidence, part) : -ENOMEM;
	FILE *out = descriptor >= 0 ? fdopen(descriptor, "w") : NULL;
	/* Closes out when it fails. */
	pcap_dumper_t *dumper = out != NULL ? pcap_dump_fopen(pcap, out) : NULL;
	if (dumper != NULL) {
		result = write_packets(evidence, dumper, first.link_type, chain, session, frame, file, ret_bytes);
		pcap_dump_close(dumper);
	} else if (descriptor < 0) {
		result = descriptor;
	} else {
		result = -EIO;
		if (out == NULL)
			close(descriptor);
	}
	if (pcap != NULL)
		pcap_close(pcap);
	free(frame);
	return result;
}

/* The same packets have the same identifier, so the file may be there from an earlier run. */
static int finish_part(struct evidence *evidence, const char *part, const struct evidence_file *file, const char *id) {
	int directory = evidence->options.directory;
	if (renameat2(directory, part, directory, file->name, RENAME_NOREPLACE) == 0)
		return 0;
	/* -EINVAL, -ENOSYS: not every file system can tell. */
	if (errno != EEXIST && errno != EINVAL && errno != ENOSYS)
		return -errno;
	forget_file(evidence, id);
	return renameat(directory, part, directory, file->name) == 0 ? 0 : -errno;
}

static int fail(struct evidence *evidence, int error) {
	evidence->errors++;
	evidence->last_error = error;
	return error;
}

int evidence_write(struct evidence *evidence, const struct packet_chain *chain, const struct evidence_session *session,
	struct evidence_file *ret_file) {
	struct evidence_file file = {0};
	char part[EVIDENCE_NAME_LEN + 7];
	uint64_t bytes = 0, count = packet_chain_count(chain);
	if (strnlen(session->id, EVIDENCE_ID_LEN + 1) != EVIDENCE_ID_LEN || !is_hexadecimal(session->id, EVIDENCE_ID_LEN))
		return fail(evidence, -EINVAL);
	if (count == 0) {
		evidence->empty++;
		return 0;
	}
	uint64_t blocks = blocks_of(FILE_HEADER_LEN + count * PACKET_HEADER_LEN + packet_chain_bytes(chain));
	if (blocks > evidence->options.size_max / BLOCK)
		return fail(evidence, -ENOSPC);
	snprintf(file.name, sizeof(file.name), "%s.pcap", session->id);
	snprintf(part, sizeof(part), ".%s.part", file.name);
	make_room(evidence, blocks);
	int result = write_part(evidence, part, chain, session, &file, &bytes);
	if (result == 0)
		result = finish_part(evidence, part, &file, session->id);
	if (result < 0) {
		unlinkat(evidence->options.directory, part, 0);
		evidence->disk_bytes = evidence->blocks * BLOCK;
		if (result != -ENODATA)
			return fail(evidence, result);
		evidence->empty++;
		return 0;
	}
	struct kept_file kept = {.blocks = blocks_of(FILE_HEADER_LEN + file.packets * PACKET_HEADER_LEN + bytes)};
	memcpy(kept.id, session->id, sizeof(kept.id));
	if (!remember_file(evidence, &kept)) {
		/* What cannot be remembered cannot be removed when its time comes. */
		unlinkat(evidence->options.directory, file.name, 0);
		return fail(evidence, -ENOMEM);
	}
	evidence->disk_bytes = evidence->blocks * BLOCK;
	evidence->sessions++;
	evidence->packets += file.packets;
	evidence->bytes += bytes;
	*ret_file = file;
	return 1;
}

void evidence_get_stats(const struct evidence *evidence, struct evidence_stats *ret_stats) {
	*ret_stats = (struct evidence_stats){
		.sessions = evidence->sessions,
		.packets = evidence->packets,
		.bytes = evidence->bytes,
		.left_out = evidence->left_out,
		.empty = evidence->empty,
		.files_removed = evidence->files_removed,
		.errors = evidence->errors,
		.last_error = evidence->last_error,
		.disk_bytes = evidence->disk_bytes,
	};
}
