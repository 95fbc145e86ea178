/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * capture/evidence.c: what is hidden in a packet, and the files in the directory.
 */
#include "capture/evidence.h"
#include "capture/link.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pcap/pcap.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

enum { FRAME_MAX = 512, FIRST_SEQ = 1000 };

struct frame {
	uint8_t bytes[FRAME_MAX];
	size_t len;
	size_t ip, tcp, payload; /* places */
};

static void put(struct frame *frame, const void *bytes, size_t len) {
	assert_true(frame->len + len <= FRAME_MAX);
	memcpy(frame->bytes + frame->len, bytes, len);
	frame->len += len;
}

static void put_u16_at(struct frame *frame, size_t at, size_t value) {
	frame->bytes[at] = (uint8_t)(value >> 8);
	frame->bytes[at + 1] = (uint8_t)value;
}

static uint32_t sum_of(const uint8_t *bytes, size_t len) {
	uint32_t sum = 0;
	for (size_t i = 0; i < len; i++)
		sum += i % 2 == 0 ? (uint32_t)bytes[i] << 8 : bytes[i];
	return sum;
}

static uint16_t fold(uint32_t sum) {
	while (sum > 0xffff)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum;
}

/* All ones when the checksum is right. */
static uint16_t tcp_sum(const struct frame *frame, bool v6, size_t payload_len) {
	size_t len = frame->payload - frame->tcp + payload_len;
	return fold(sum_of(frame->bytes + frame->ip + (v6 ? 8 : 12), v6 ? 32 : 8) + 6 + (uint32_t)len +
		sum_of(frame->bytes + frame->tcp, len));
}

static const uint8_t ethernet[] = {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0};
static const uint8_t ipv4[] = {0x45, 0, 0, 0, 0, 0, 0, 0, 64, 6, 0, 0, 192, 0, 2, 2, 192, 0, 2, 1};
static const uint8_t ipv6[] = {0x60, 0, 0, 0, 0, 0, 6, 64, 0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0x20, 1, 0xd, 0xb8,
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};

enum form { PLAIN, VLAN, V6, VXLAN, VXLAN_V6, GRE };

/* A segment of the client with 12 bytes of options. */
static void make_frame(struct frame *frame, enum form form, uint32_t seq, uint8_t flags, const char *payload) {
	bool v6 = form == V6;
	size_t outer = 0, tunnel = 0;
	*frame = (struct frame){0};
	put(frame, ethernet, sizeof(ethernet));
	if (form == VLAN) {
		put_u16_at(frame, 12, 0x8100);
		put(frame, "\0\7\x08\0", 4);
	}
	if (form == VXLAN_V6)
		put_u16_at(frame, 12, 0x86dd);
	if (form >= VXLAN) {
		outer = frame->len;
		put(frame, form == VXLAN_V6 ? ipv6 : ipv4, form == VXLAN_V6 ? sizeof(ipv6) : sizeof(ipv4));
		frame->bytes[outer + (form == VXLAN_V6 ? 6 : 9)] = form == GRE ? 47 : 17;
		tunnel = frame->len;
		put(frame, form == GRE ? "\x80\0\x08\0\x12\x34\0\0" : "\xd0\0\x12\xb5\0\0\xab\xcd\x08\0\0\0\0\0\x2a\0", form == GRE ? 8 : 16);
		if (form != GRE)
			put(frame, ethernet, sizeof(ethernet));
	}
	if (v6)
		put_u16_at(frame, frame->len - 2, 0x86dd);
	frame->ip = frame->len;
	put(frame, v6 ? ipv6 : ipv4, v6 ? sizeof(ipv6) : sizeof(ipv4));
	frame->tcp = frame->len;
	uint8_t tcp[32] = {0x9c, 0x40, 0, 25, (uint8_t)(seq >> 24), (uint8_t)(seq >> 16), (uint8_t)(seq >> 8), (uint8_t)seq, 0, 0, 0, 1, 0x80,
		flags, 1, 0, 0, 0, 0, 0, 1, 1, 8, 10};
	put(frame, tcp, sizeof(tcp));
	frame->payload = frame->len;
	put(frame, payload, strlen(payload));
	put_u16_at(frame, frame->ip + (v6 ? 4 : 2), frame->len - frame->ip - (v6 ? 40 : 0));
	if (outer > 0)
		put_u16_at(frame, outer + (form == VXLAN_V6 ? 4 : 2), frame->len - outer - (form == VXLAN_V6 ? 40 : 0));
	if (outer > 0 && form != GRE)
		put_u16_at(frame, tunnel + 4, frame->len - tunnel);
	put_u16_at(frame, frame->tcp + 16, (uint16_t)~tcp_sum(frame, v6, strlen(payload)));
	assert_int_equal(tcp_sum(frame, v6, strlen(payload)), 0xffff);
}

static struct packet packet_of(const struct frame *frame, bool v6, uint32_t seq, uint8_t flags) {
	struct packet packet = {.link_type = 1,
		.captured_len = frame->len,
		.wire_len = frame->len,
		.flags = flags,
		.payload_at = frame->payload,
		.payload_captured_len = frame->len - frame->payload,
		.payload_len = frame->len - frame->payload,
		.payload_seq = seq,
		.source = {.ip_version = v6 ? 6 : 4, .port = 40000},
		.destination = {.ip_version = v6 ? 6 : 4, .port = 25}};
	memcpy(packet.source.address, v6 ? ipv6 + 8 : ipv4 + 12, v6 ? 16 : 4);
	memcpy(packet.destination.address, v6 ? ipv6 + 24 : ipv4 + 16, v6 ? 16 : 4);
	return packet;
}

/* ---- Hiding ---- */

static const struct hiding {
	const char *name;
	uint32_t first_seq, seq; /* of the stream; of the packet */
	uint8_t flags;
	struct stream_range ranges[3];
	uint64_t from; /* 0: none */
	const char *shown; /* of "0123456789" */
} hidings[] = {
	{"nothing", 1000, 1000, SEGMENT_ACK, {{0}}, 0, "0123456789"},
	{"a range", 1000, 1000, SEGMENT_ACK, {{0, 2, 3}}, 0, "01***56789"},
	{"of the other side", 1000, 1000, SEGMENT_ACK, {{1, 2, 3}}, 0, "0123456789"},
	{"several", 1000, 1000, SEGMENT_ACK, {{0, 8, 9}, {0, 0, 1}, {0, 3, 2}}, 0, "*12**567**"},
	{"a later packet", 1000, 1005, SEGMENT_ACK, {{0, 2, 5}}, 0, "**23456789"},
	{"begins within", 1000, 1005, SEGMENT_ACK, {{0, 13, 100}}, 0, "01234567**"},
	{"all around", 1000, 1005, SEGMENT_ACK, {{0, 2, 50}}, 0, "**********"},
	{"right before", 1000, 1005, SEGMENT_ACK, {{0, 2, 3}}, 0, "0123456789"},
	{"right behind", 1000, 1005, SEGMENT_ACK, {{0, 15, 3}}, 0, "0123456789"},
	{"numbers wrap within the packet", UINT32_MAX - 1, UINT32_MAX - 1, SEGMENT_ACK, {{0, 1, 3}}, 0, "0***456789"},
	{"numbers wrap before it", UINT32_MAX - 1, 3, SEGMENT_ACK, {{0, 6, 2}}, 0, "0**3456789"},
	{"behind 4 GiB", 1000, 1000, SEGMENT_ACK, {{0, (UINT64_C(1) << 32) + 1, 2}}, 0, "0**3456789"},
	{"to the end", 1000, 1000, SEGMENT_ACK, {{0}}, 4, "0123******"},
	{"far behind the end", 1000, 900000000, SEGMENT_ACK, {{0}}, 4, "**********"},
	{"before the start", 1000, 995, SEGMENT_ACK, {{0}}, 0, "*****56789"},
	{"before the start, to the end", 1000, 995, SEGMENT_ACK, {{0}}, 2, "*****56***"},
	{"a reset's text", 1000, 1000, SEGMENT_RST, {{0}}, 0, "**********"},
	{"stream unknown", 0, 1000, SEGMENT_ACK, {{0}}, 0, "**********"},
};

static void test_ranges(void **state) {
	(void)state;
	for (size_t i = 0; i < sizeof(hidings) / sizeof(hidings[0]); i++) {
		const struct hiding *row = &hidings[i];
		struct stream_close close = {.has_first_seq = {row->first_seq != 0, true}, .first_seq = {row->first_seq, row->first_seq}};
		struct evidence_session session = {
			.secrets = row->ranges, .secret_from = {row->from != 0 ? row->from : UINT64_MAX, 0}, .close = &close};
		while (session.secret_count < 3 && row->ranges[session.secret_count].len > 0)
			session.secret_count++;
		for (enum form form = PLAIN; form <= GRE; form++) {
			struct frame frame, before;
			make_frame(&frame, form, row->seq, row->flags, "0123456789");
			before = frame;
			struct packet packet = packet_of(&frame, form == V6, row->seq, row->flags);
			assert_true(evidence_hide(frame.bytes, &packet, &session));
			frame.bytes[frame.len] = '\0';
			if (strcmp((char *)frame.bytes + frame.payload, row->shown) != 0)
				fail_msg("%s: shown is %s", row->name, frame.bytes + frame.payload);
			assert_int_equal(tcp_sum(&frame, form == V6, 10), 0xffff);
			bool changed = strcmp(row->shown, "0123456789") != 0;
			if (!changed)
				assert_memory_equal(frame.bytes, before.bytes, frame.len);
			/* What is before the payload stays, but for the checksums. */
			size_t checksum = form == VXLAN ? 40 : form == VXLAN_V6 ? 60 : form == GRE ? 38 : 0;
			if (changed && checksum > 0) {
				assert_int_equal(frame.bytes[checksum] | frame.bytes[checksum + 1], 0);
				assert_int_not_equal(before.bytes[checksum], 0);
				memcpy(frame.bytes + checksum, before.bytes + checksum, 2);
			}
			memcpy(frame.bytes + frame.tcp + 16, before.bytes + before.tcp + 16, 2);
			assert_memory_equal(frame.bytes, before.bytes, frame.payload);
		}
	}
}

static void test_odd_frames(void **state) {
	(void)state;
	struct stream_close close = {.has_first_seq = {true, true}, .first_seq = {FIRST_SEQ, 1}};
	struct stream_range range = {.offset = 2, .len = 3};
	struct evidence_session session = {
		.secrets = &range, .secret_count = 1, .secret_from = {UINT64_MAX, UINT64_MAX}, .close = &close};
	struct frame frame;
	make_frame(&frame, PLAIN, FIRST_SEQ, SEGMENT_ACK, "0123456789xyz");
	struct packet packet = packet_of(&frame, false, FIRST_SEQ, SEGMENT_ACK);
	/* A checksum of the frame behind the payload would tell of it. */
	packet.payload_captured_len = packet.payload_len = 10;
	struct frame trailer = frame;
	assert_true(evidence_hide(trailer.bytes, &packet, &session));
	assert_memory_equal(trailer.bytes + trailer.payload, "01***56789\0\0\0", 13);
	/* Not all was captured: there is no checksum that is right. */
	packet.payload_len = 11;
	struct frame cut = frame;
	assert_true(evidence_hide(cut.bytes, &packet, &session));
	assert_int_equal(cut.bytes[cut.tcp + 16] | cut.bytes[cut.tcp + 17], 0);
	/* A packet that cannot be hidden is not shown. */
	struct packet odd = packet;
	odd.payload_seq++;
	assert_false(evidence_hide(frame.bytes, &odd, &session));
	odd = packet;
	odd.payload_elsewhere = true;
	assert_false(evidence_hide(frame.bytes, &odd, &session));
	odd.payload_captured_len = 0;
	assert_true(evidence_hide(frame.bytes, &odd, &session));
	/* In a SYN the first byte of the stream is one further on. */
	make_frame(&frame, PLAIN, FIRST_SEQ - 1, SEGMENT_SYN, "0123456789");
	packet = packet_of(&frame, false, FIRST_SEQ, SEGMENT_SYN);
	assert_true(evidence_hide(frame.bytes, &packet, &session));
	assert_memory_equal(frame.bytes + frame.payload, "01***56789", 10);
}

/* ---- Files ---- */

struct folder {
	char path[64];
	int descriptor;
	struct packet_store *store;
	uint64_t serial;
};

static int make_folder(void **state) {
	struct folder *folder = calloc(1, sizeof(*folder));
	struct packet_store_options options;
	snprintf(folder->path, sizeof(folder->path), "/tmp/test_evidence.XXXXXX");
	assert_non_null(mkdtemp(folder->path));
	folder->descriptor = open(folder->path, O_RDONLY | O_DIRECTORY);
	packet_store_options_init(&options);
	folder->store = packet_store_create(&options);
	*state = folder;
	return 0;
}

static int remove_folder(void **state) {
	struct folder *folder = *state;
	DIR *directory = fdopendir(folder->descriptor);
	for (const struct dirent *entry; (entry = readdir(directory)) != NULL;)
		unlinkat(dirfd(directory), entry->d_name, 0);
	closedir(directory);
	rmdir(folder->path);
	packet_store_destroy(folder->store);
	free(folder);
	return 0;
}

static struct packet_chain *make_chain(struct folder *folder, size_t count) {
	struct frame frame;
	make_frame(&frame, PLAIN, FIRST_SEQ, SEGMENT_ACK, "0123456789");
	struct source_frame source = {.link_type = 1, .data = frame.bytes, .captured_len = frame.len, .wire_len = frame.len};
	struct segment segment;
	assert_int_equal(link_parse(1, frame.bytes, frame.len, frame.len, &segment), LINK_SEGMENT);
	folder->serial++;
	for (size_t i = 0; i < count; i++) {
		source.at.time_ns = INT64_C(1795588880123456789) + (int64_t)i;
		assert_true(packet_store_add(folder->store, folder->serial, i == 0, STREAM_CLIENT, &source, &segment));
	}
	return packet_store_take(folder->store, folder->serial);
}

static struct evidence *make_evidence(const struct folder *folder, uint64_t size_max, bool keep_secrets) {
	struct evidence_options options = {.directory = folder->descriptor, .size_max = size_max, .keep_secrets = keep_secrets};
	struct evidence *evidence;
	assert_int_equal(evidence_create(&options, &evidence), 0);
	return evidence;
}

static int write_one(struct folder *folder, struct evidence *evidence, const char *id, size_t packets, struct evidence_file *file) {
	struct stream_close close = {.has_first_seq = {true, true}, .first_seq = {FIRST_SEQ, 1}};
	struct stream_range range = {.offset = 2, .len = 3};
	struct evidence_session session = {
		.id = id, .secrets = &range, .secret_count = 1, .secret_from = {UINT64_MAX, UINT64_MAX}, .close = &close};
	struct packet_chain *chain = make_chain(folder, packets);
	int result = evidence_write(evidence, chain, &session, file);
	packet_chain_free(chain);
	return result;
}

static bool has(const struct folder *folder, const char *name) {
	return faccessat(folder->descriptor, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static size_t count_files(const struct folder *folder) {
	DIR *directory = opendir(folder->path);
	size_t count = 0;
	for (const struct dirent *entry; (entry = readdir(directory)) != NULL;)
		count += entry->d_name[0] != '.' || entry->d_name[1] == '0';
	closedir(directory);
	return count;
}

static void expect_payload(const struct folder *folder, const char *name, const char *payload, size_t count) {
	char path[128], text[PCAP_ERRBUF_SIZE];
	snprintf(path, sizeof(path), "%s/%s", folder->path, name);
	pcap_t *pcap = pcap_open_offline_with_tstamp_precision(path, PCAP_TSTAMP_PRECISION_NANO, text);
	assert_non_null(pcap);
	assert_int_equal(pcap_datalink(pcap), 1);
	assert_int_equal(pcap_snapshot(pcap), 262144);
	struct pcap_pkthdr *header;
	const u_char *data;
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(pcap_next_ex(pcap, &header, &data), 1);
		assert_int_equal(header->ts.tv_sec, 1795588880);
		assert_int_equal(header->ts.tv_usec, 123456789 + i);
		assert_memory_equal(data + header->caplen - 10, payload, 10);
	}
	assert_int_equal(pcap_next_ex(pcap, &header, &data), PCAP_ERROR_BREAK);
	pcap_close(pcap);
}

static const char *make_id(char *id, unsigned number) {
	snprintf(id, EVIDENCE_ID_LEN + 1, "%020x", number);
	return id;
}

static void test_write(void **state) {
	struct folder *folder = *state;
	struct evidence_file file;
	struct evidence_stats stats;
	struct stat status;
	struct evidence *evidence = make_evidence(folder, 1 << 20, false);
	assert_int_equal(write_one(folder, evidence, "00112233445566778899", 3, &file), 1);
	assert_string_equal(file.name, "00112233445566778899.pcap");
	assert_int_equal(file.packets, 3);
	assert_int_equal(file.dropped_packets, 0);
	expect_payload(folder, file.name, "01***56789", 3);
	assert_int_equal(fstatat(folder->descriptor, file.name, &status, 0), 0);
	assert_int_equal(status.st_mode & 0137, 0); /* at most 0640 */
	/* Once more: the same name. */
	assert_int_equal(write_one(folder, evidence, "00112233445566778899", 2, &file), 1);
	expect_payload(folder, file.name, "01***56789", 2);
	evidence_get_stats(evidence, &stats);
	assert_int_equal(stats.disk_bytes, 4096);
	assert_int_equal(stats.sessions, 2);
	assert_int_equal(stats.packets, 5);
	static const char *const bad_ids[] = {"", "0011223344556677889", "001122334455667788990", "0011223344556677889A", "../../../../../../etc/x"};
	for (size_t i = 0; i < sizeof(bad_ids) / sizeof(bad_ids[0]); i++)
		assert_int_equal(write_one(folder, evidence, bad_ids[i], 1, &file), -EINVAL);
	evidence_destroy(evidence);
	evidence = make_evidence(folder, 1 << 20, true);
	assert_int_equal(write_one(folder, evidence, "00112233445566778800", 1, &file), 1);
	expect_payload(folder, file.name, "0123456789", 1);
	evidence_destroy(evidence);
	assert_int_equal(count_files(folder), 2);
}

/* The oldest go first, those of a run before included; what evidence did not make stays. */
static void test_disk_bound(void **state) {
	struct folder *folder = *state;
	static const char *const others[] = {"notes.txt", "0011223344556677889.pcap", "0011223344556677889A.pcap", "00112233445566778899.pcapng"};
	char id[EVIDENCE_ID_LEN + 1];
	struct evidence_file file;
	struct evidence_stats stats;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		close(openat(folder->descriptor, others[i], O_WRONLY | O_CREAT, 0600));
	struct evidence *evidence = make_evidence(folder, 10 * 4096, false);
	for (unsigned i = 1; i <= 8; i++) {
		assert_int_equal(write_one(folder, evidence, make_id(id, i), 1, &file), 1);
		/* The order of the next run is that of the times, which may be too coarse here. */
		struct timespec times[2] = {{.tv_sec = 1000 + (i == 3 ? 0 : i)}, {.tv_sec = 1000 + (i == 3 ? 0 : i)}};
		assert_int_equal(utimensat(folder->descriptor, file.name, times, 0), 0);
	}
	evidence_destroy(evidence);
	/* One of two blocks, which counts as such; a directory and a link of such a name do not. */
	assert_int_equal(symlinkat("notes.txt", folder->descriptor, "aaaaaaaaaaaaaaaaaaaa.pcap"), 0);
	close(openat(folder->descriptor, ".00000000000000000099.pcap.part", O_WRONLY | O_CREAT, 0600));
	evidence = make_evidence(folder, 6 * 4096, false);
	evidence_get_stats(evidence, &stats);
	assert_int_equal(stats.disk_bytes, 6 * 4096);
	assert_int_equal(stats.files_removed, 2);
	assert_false(has(folder, "00000000000000000003.pcap"));
	assert_false(has(folder, "00000000000000000001.pcap"));
	assert_true(has(folder, "00000000000000000002.pcap"));
	assert_false(has(folder, ".00000000000000000099.pcap.part"));
	assert_int_equal(write_one(folder, evidence, make_id(id, 9), 100, &file), 1); /* three blocks */
	assert_false(has(folder, "00000000000000000005.pcap"));
	assert_true(has(folder, "00000000000000000006.pcap"));
	assert_true(has(folder, "00000000000000000009.pcap"));
	assert_int_equal(write_one(folder, evidence, make_id(id, 10), 300, &file), -ENOSPC); /* alone too large: the others stay */
	assert_true(has(folder, "00000000000000000006.pcap"));
	for (unsigned i = 11; i < 500; i++)
		assert_int_equal(write_one(folder, evidence, make_id(id, i), 1, &file), 1);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		assert_true(has(folder, others[i]));
	assert_true(has(folder, "aaaaaaaaaaaaaaaaaaaa.pcap"));
	assert_int_equal(count_files(folder), 6 + 4 + 1);
	evidence_get_stats(evidence, &stats);
	assert_int_equal(stats.disk_bytes, 6 * 4096);
	assert_int_equal(stats.errors, 1);
	assert_int_equal(stats.last_error, -ENOSPC);
	evidence_destroy(evidence);
}

static void test_odd_directory(void **state) {
	struct folder *folder = *state;
	struct evidence_file file = {.packets = 99};
	struct evidence_stats stats;
	struct evidence_options options = {.directory = -1, .size_max = 1 << 20};
	struct evidence *evidence;
	assert_int_equal(evidence_create(&options, &evidence), -EBADF);
	evidence = make_evidence(folder, 1 << 20, false);
	/* A link in the place of the part, or of the file, is not followed. */
	assert_int_equal(symlinkat("victim", folder->descriptor, ".00112233445566778899.pcap.part"), 0);
	assert_int_equal(symlinkat("victim", folder->descriptor, "00112233445566778899.pcap"), 0);
	assert_int_equal(write_one(folder, evidence, "00112233445566778899", 1, &file), 1);
	assert_false(has(folder, "victim"));
	expect_payload(folder, "00112233445566778899.pcap", "01***56789", 1);
	/* A directory in its place: an error, and nothing is left behind. */
	assert_int_equal(mkdirat(folder->descriptor, "00112233445566778800.pcap", 0700), 0);
	file = (struct evidence_file){.packets = 99};
	assert_true(write_one(folder, evidence, "00112233445566778800", 1, &file) < 0);
	assert_int_equal(file.packets, 99);
	assert_false(has(folder, ".00112233445566778800.pcap.part"));
	evidence_get_stats(evidence, &stats);
	assert_int_equal(stats.errors, 1);
	assert_int_equal(stats.disk_bytes, 4096);
	assert_int_equal(unlinkat(folder->descriptor, "00112233445566778800.pcap", AT_REMOVEDIR), 0);
	evidence_destroy(evidence);
	evidence_destroy(NULL);
}

/* A full disk, for which a limit on the size of files stands: said, and nothing is left. */
static void test_full_disk(void **state) {
	struct folder *folder = *state;
	struct evidence_file file;
	struct evidence_stats stats;
	struct rlimit before, limit;
	struct evidence *evidence = make_evidence(folder, 1 << 20, false);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
	limit = before;
	limit.rlim_cur = 5000;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	assert_int_equal(write_one(folder, evidence, "00112233445566778800", 1000, &file), -EFBIG);
	assert_int_equal(write_one(folder, evidence, "00112233445566778899", 3, &file), 1);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	signal(SIGXFSZ, handler);
	assert_int_equal(count_files(folder), 1);
	evidence_get_stats(evidence, &stats);
	assert_int_equal(stats.errors, 1);
	assert_int_equal(stats.last_error, -EFBIG);
	evidence_destroy(evidence);
}

static void test_nothing_left(void **state) {
	struct folder *folder = *state;
	struct evidence_file file;
	struct evidence_stats stats;
	struct evidence *evidence = make_evidence(folder, 1 << 20, false);
	struct stream_close close = {0};
	struct evidence_session session = {.id = "00112233445566778899", .close = &close};
	static const uint8_t frame[64];
	static const uint8_t other[10];
	struct source_frame source = {.link_type = 1, .data = frame, .captured_len = sizeof(frame), .wire_len = sizeof(frame)};
	struct segment segment = {.payload = other, .payload_captured_len = sizeof(other), .payload_len = sizeof(other)};
	assert_true(packet_store_add(folder->store, 1, true, STREAM_CLIENT, &source, &segment));
	struct packet_chain *chain = packet_store_take(folder->store, 1);
	assert_int_equal(evidence_write(evidence, chain, &session, &file), 0); /* its payload is elsewhere */
	packet_chain_free(chain);
	assert_int_equal(count_files(folder), 0);
	evidence_get_stats(evidence, &stats);
	assert_int_equal(stats.empty, 1);
	assert_int_equal(stats.left_out, 1);
	assert_int_equal(stats.errors, 0);
	evidence_destroy(evidence);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ranges),
		cmocka_unit_test(test_odd_frames),
		cmocka_unit_test_setup_teardown(test_write, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(test_disk_bound, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(test_odd_directory, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(test_full_disk, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(test_nothing_left, make_folder, remove_folder),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
