/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * capture/fragment.c and frame.c: pieces of packets, and what was made of them.
 */
#include "frame_hex.h"

#include "capture/frame.h"

#define MS INT64_C(1000000)
#define SECOND (1000 * MS)

/* ---- Scripts ----
 *
 * A script is a list of pieces of a packet of letters: OFFSET-END, OFFSET-END+ when more follow; bytes are letters that tell their
 * place, in capitals after a !. #N another packet number, ~N so many milliseconds later, x a piece of IPv6, c cuts the capture
 * after OFFSET. After each piece the script's expectation says what came of it: - nothing, or the packet. */

struct row {
	const char *name;
	const char *script;
	const char *expected;
};

struct player {
	struct fragments *fragments;
	struct segment segment;
	int64_t time_ns;
	char said[400];
};

static size_t read_number(const char **at) {
	char *end;
	size_t number = strtoul(*at, &end, 10);
	assert_true(end > *at);
	*at = end;
	return number;
}

static void say(struct player *player, const char *text, size_t len) {
	size_t at = strlen(player->said);
	assert_true(at + len + 2 < sizeof(player->said));
	memcpy(player->said + at, text, len);
	player->said[at + len] = ' ';
	player->said[at + len + 1] = 0;
}

static void play_piece(struct player *player, const char **at, bool other) {
	size_t offset = read_number(at);
	assert_int_equal(*(*at)++, '-');
	size_t end = read_number(at), captured = end;
	bool more = **at == '+';
	*at += more;
	if (**at == 'c') {
		(*at)++;
		captured = read_number(at);
	}
	uint8_t *data = malloc(captured - offset);
	assert_non_null(data);
	for (size_t i = offset; i < captured; i++)
		data[i - offset] = (uint8_t)((other ? 'A' : 'a') + i / 8);
	player->segment.fragment = (struct segment_fragment){.data = data,
		.captured_len = captured - offset,
		.len = end - offset,
		.offset = offset,
		.id = player->segment.ip_id,
		.protocol = 6,
		.more = more};
	struct fragments_packet packet;
	if (!fragments_add(player->fragments, &player->segment, player->time_ns, &packet)) {
		say(player, "-", 1);
	} else {
		char text[200];
		assert_int_equal(packet.protocol, 6);
		assert_true(packet.captured_len <= packet.len && packet.len < 150);
		/* One letter for each unit of eight. */
		size_t len = 0;
		for (size_t i = 0; i < packet.captured_len; i += 8)
			text[len++] = (char)packet.data[i];
		len += (size_t)snprintf(text + len, sizeof(text) - len, "/%zu%s", packet.len, packet.overlapping ? "!" : "");
		say(player, text, len);
	}
	free(data);
}

static void play(struct player *player, const char *script) {
	bool other = false;
	for (const char *at = script; *at;) {
		switch (*at) {
		case ' ':
			at++;
			break;
		case '!':
			other = true;
			at++;
			break;
		case '#':
			at++;
			player->segment.ip_id = (uint16_t)read_number(&at);
			break;
		case 'v':
			at++;
			player->segment.vlan_count = 1;
			player->segment.vlan[0] = (uint16_t)read_number(&at);
			break;
		case '~':
			at++;
			player->time_ns += (int64_t)read_number(&at) * MS;
			break;
		case 'x':
			player->segment.source.ip_version = player->segment.destination.ip_version = 6;
			at++;
			break;
		default:
			play_piece(player, &at, other);
			other = false;
		}
	}
	struct fragments_stats stats;
	fragments_reset(player->fragments);
	assert_int_equal(fragments_memory(player->fragments), 0);
	fragments_get_stats(player->fragments, &stats);
	const struct {
		const char *name;
		uint64_t value;
	} counts[] = {{"again", stats.duplicate_pieces}, {"overlapping", stats.overlapping_packets}, {"bad", stats.bad_pieces},
		{"incomplete", stats.incomplete_packets}, {"of", stats.incomplete_pieces}};
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		char text[50];
		int len = snprintf(text, sizeof(text), "%s=%u", counts[i].name, (unsigned)counts[i].value);
		if (counts[i].value > 0)
			say(player, text, (size_t)len);
	}
}

static const struct row rows[] = {
	{"two pieces", "0-16+ 16-20", "- abc/20"},
	{"in the wrong order", "16-20 0-16+", "- abc/20"},
	{"three, the middle last", "0-8+ 16-24 8-16+", "- - abc/24"},
	{"tiny ones", "0-8+ 8-16+ 16-24+ 24-32+ 32-33", "- - - - abcde/33"},
	{"two packets at a time", "#1 0-8+ #2 0-8+ #1 8-16 #2 8-12", "- - ab/16 ab/12"},
	{"the same number in two VLANs", "v1 0-8+ v2 8-16 v1 8-16", "- - ab/16 incomplete=1 of=1"},
	{"the last is missing", "0-8+ 8-16+", "- - incomplete=1 of=2"},
	{"the first is missing", "8-16+ 16-20", "- - incomplete=1 of=2"},
	{"timed out", "0-8+ ~31000 8-16", "- - incomplete=2 of=2"},
	{"just in time", "0-8+ ~29000 8-16", "- ab/16"},
	{"a piece twice", "0-8+ 0-8+ 8-16", "- - ab/16 again=1"},
	{"each piece twice, once the packet was complete", "0-8+ 0-8+ 8-16 8-16", "- - ab/16 - again=2"},
	{"all again at once", "0-8+ 8-16 ~1 0-8+ 8-16", "- ab/16 - - again=2"},
	{"the number again, later", "0-8+ 8-16 ~1000 !0-8+ !8-16", "- ab/16 - AB/16"},
	{"the same place, other bytes", "0-8+ !0-8+ 8-16", "- - ab/16! overlapping=1"},
	{"over two", "0-8+ 16-24 !0-24", "- - aBc/24! overlapping=1"},
	{"over a half", "0-16+ !8-24+ 24-32", "- - abCd/32! overlapping=1"},
	{"within", "0-24+ !8-16+ 24-32", "- - abcd/32! overlapping=1"},
	{"a second end before", "0-8+ 16-20 !8-12 8-16+", "- - - abc/20! overlapping=1 bad=1"},
	{"a second end behind", "0-8+ 16-20 !16-28 8-16+", "- - - abc/20! overlapping=1 bad=1"},
	{"one behind the end, first", "24-32+ 0-8+ 8-16", "- - - overlapping=1 bad=1 incomplete=1 of=2"},
	{"ipv6", "x 0-16+ 16-20", "- abc/20"},
	{"ipv6, a piece twice", "x 0-8+ 0-8+ 8-16", "- - ab/16 again=1"},
	{"ipv6, other bytes", "x 0-8+ !0-8+ 8-16", "- - - overlapping=1 incomplete=1 of=1"},
	{"ipv6, over a half", "x 0-16+ !8-24+ 24-32 16-24+", "- - - - overlapping=1 incomplete=1 of=1"},
	{"of odd length", "0-9+ 0-8+ 8-10", "- - ab/10 bad=1"},
	{"beyond what a packet can be", "65528-65544 0-8+ 8-10", "- - ab/10 bad=1"},
	{"the first cut by a snap length", "0-16+c12 16-20", "- ab/20"},
	{"the last cut", "0-8+ 8-24c17", "- abc/24"},
	{"cut, then again", "0-16+c12 0-16+c12 16-20", "- - ab/20 again=1"},
};

static void test_rows(void **state) {
	(void)state;
	size_t count = 0;
	for (; count < sizeof(rows) / sizeof(rows[0]); count++) {
		struct player player = {.fragments = fragments_create(FRAGMENTS_BYTES_MAX)};
		assert_non_null(player.fragments);
		player.segment.source.ip_version = player.segment.destination.ip_version = 4;
		play(&player, rows[count].script);
		size_t len = strlen(player.said);
		player.said[len - 1] = 0;
		char seen[500], expected[500];
		snprintf(seen, sizeof(seen), "%s: %s", rows[count].name, player.said);
		snprintf(expected, sizeof(expected), "%s: %s", rows[count].name, rows[count].expected);
		assert_string_equal(seen, expected);
		fragments_destroy(player.fragments);
	}
	assert_int_equal(count, 30);
}

/* Whatever comes, memory stays below the limit, and every piece of a packet that gave way is counted. */
static void test_memory(void **state) {
	(void)state;
	enum { PIECES = 20000, LIMIT = 200000 };
	struct fragments *fragments = fragments_create(LIMIT);
	assert_non_null(fragments);
	uint8_t *data = calloc(1, 2000);
	struct segment segment = {.source.ip_version = 4, .destination.ip_version = 4};
	struct fragments_packet packet;
	for (uint32_t i = 0; i < PIECES; i++) {
		segment.fragment = (struct segment_fragment){.data = data,
			.captured_len = 1480,
			.len = 1480,
			.offset = i % 3 * 16000,
			.id = i / 2,
			.protocol = 6,
			.more = true};
		assert_false(fragments_add(fragments, &segment, i, &packet));
		assert_true(fragments_memory(fragments) <= LIMIT);
	}
	assert_true(fragments_memory(fragments) > LIMIT / 2);
	fragments_reset(fragments);
	struct fragments_stats stats;
	fragments_get_stats(fragments, &stats);
	assert_int_equal(stats.incomplete_pieces + stats.bad_pieces, PIECES);
	assert_int_equal(stats.bad_pieces, 0);
	fragments_destroy(fragments);
	free(data);
}

/* ---- Frames ---- */

enum { RAW = 101, ETHER = 1 };

#define FRAG6(next, offset) IP6_ADDRESSES next " 00 " offset " 00000001 "
/* The hello of frame_hex.h in two pieces: 16 bytes, and what is left. */
#define PIECE4_1 IP4_FIELDS("0024", "2000", "06") "9c40 0019 01020304 05060708 5018 1000 "
#define PIECE4_2 IP4_FIELDS("001d", "0002", "06") "0000 0000 " HELLO
#define PIECE6_1 "60000000 0018 2c 40 " FRAG6("06", "0001") "9c40 0019 01020304 05060708 5018 1000 "
#define PIECE6_2 "60000000 0011 2c 40 " FRAG6("06", "0010") "0000 0000 " HELLO
/* One of a VXLAN datagram, whose second half has the inner TCP header. */
#define VXLAN_1 "45 00 0044 0009 2000 40 11 0000 0a000001 0a000002 c000 12b5 004b 0000 08000000 00002a00 " \
	ETHERNET "0800 45 00 002d 0001 4000 40 06 0000 c000 0201 c633 "
#define VXLAN_2 "45 00 002f 0009 0006 40 11 0000 0a000001 0a000002 6402 " TCP HELLO

static const struct {
	const char *name;
	const char *frames[5];
	const char *expected; /* of the last frame; the others are fragments */
} frames[] = {
	{"ipv4", {PIECE4_1, PIECE4_2}, HELLO_V4},
	{"ipv4, the other way round", {PIECE4_2, PIECE4_1}, HELLO_V4},
	{"ipv4, one of them twice", {PIECE4_2, PIECE4_2, PIECE4_1}, HELLO_V4},
	{"ipv6", {PIECE6_1, PIECE6_2}, HELLO_V6},
	{"ipv6, the other way round", {PIECE6_2, PIECE6_1}, HELLO_V6},
	{"a tunnel in pieces", {VXLAN_1, VXLAN_2}, "vxlan 42 own " HELLO_V4},
	{"a tunnel in pieces, the other way round", {VXLAN_2, VXLAN_1}, "vxlan 42 own " HELLO_V4},
	{"pieces in a tunnel",
		{"45 00 0038 0001 0000 40 04 0000 0a000001 0a000002 " PIECE4_1, "45 00 0031 0002 0000 40 04 0000 0a000001 0a000002 " PIECE4_2},
		"ip 0 " HELLO_V4},
	{"pieces in pieces in a tunnel",
		{"45 00 002c 0001 2000 40 04 0000 0a000001 0a000002 45 00 0024 0001 2000 40 06 0000 " IP4_ADDRESSES "9c40 0019 ",
			"45 00 0020 0001 0003 40 04 0000 0a000001 0a000002 01020304 05060708 5018 1000 ",
			"45 00 002c 0002 2000 40 04 0000 0a000001 0a000002 45 00 001d 0001 0002 40 06 0000 " IP4_ADDRESSES "0000 0000 ",
			"45 00 0019 0002 0003 40 04 0000 0a000001 0a000002 " HELLO},
		"ip 0 " HELLO_V4},
	{"of udp that is no tunnel", {IP4_FIELDS("0024", "2000", "11") "c000 0035 0019 0000 0102030405060708", PIECE4_1, PIECE4_2},
		HELLO_V4},
};

static void test_frames(void **state) {
	(void)state;
	size_t count = 0;
	for (; count < sizeof(frames) / sizeof(frames[0]); count++) {
		struct frame_parser *parser = frame_parser_create();
		assert_non_null(parser);
		size_t i = 0;
		for (; i < 5 && frames[count].frames[i]; i++) {
			size_t len;
			uint8_t *data = frame_from_hex(frames[count].frames[i], &len);
			struct segment segment;
			struct source_frame frame = {.link_type = RAW, .data = data, .captured_len = len, .wire_len = len, .at = {5, i + 1}};
			enum link_result result = frame_parse(parser, &frame, &segment);
			char found[400], seen[500], expected[500];
			frame_describe(result, &segment, found, sizeof(found));
			bool last = i == 4 || !frames[count].frames[i + 1];
			snprintf(seen, sizeof(seen), "%s, frame %zu: %s", frames[count].name, i + 1, found);
			snprintf(expected, sizeof(expected), "%s, frame %zu: %s", frames[count].name, i + 1,
				last ? frames[count].expected : "IP fragment");
			assert_string_equal(seen, expected);
			if (last)
				assert_int_equal(segment.at.frame, i + 1);
			free(data);
		}
		frame_parser_end_source(parser);
		struct frame_stats stats;
		frame_parser_get_stats(parser, &stats);
		assert_int_equal(stats.results[LINK_SEGMENT], 1);
		assert_int_equal(stats.results[LINK_IP_FRAGMENT], i - 1);
		assert_int_equal(stats.results[LINK_INCOMPLETE_PACKET], 0);
		frame_parser_destroy(parser);
	}
	assert_int_equal(count, 10);
}

static void test_incomplete_frames(void **state) {
	(void)state;
	struct frame_parser *parser = frame_parser_create();
	size_t len;
	uint8_t *data = frame_from_hex(PIECE4_2, &len);
	struct segment segment;
	struct source_frame frame = {.link_type = RAW, .data = data, .captured_len = len, .wire_len = len};
	assert_int_equal(frame_parse(parser, &frame, &segment), LINK_IP_FRAGMENT);
	struct frame_stats stats;
	frame_parser_get_stats(parser, &stats);
	assert_int_equal(stats.results[LINK_IP_FRAGMENT], 1);
	assert_int_equal(stats.results[LINK_INCOMPLETE_PACKET], 0);
	frame_parser_end_source(parser);
	frame_parser_get_stats(parser, &stats);
	assert_int_equal(stats.results[LINK_IP_FRAGMENT], 0);
	assert_int_equal(stats.results[LINK_INCOMPLETE_PACKET], 1);
	frame_parser_destroy(parser);
	free(data);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_memory),
		cmocka_unit_test(test_frames),
		cmocka_unit_test(test_incomplete_frames),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
