/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * capture/flow.c and capture/reassembly.c: segments in, ordered bytes, gaps and ends of connections out.
 */
#include "capture/flow.h"
#include "capture/reassembly.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum {
	CLIENT_PORT = 40000,
	SERVER_PORT = 25,
	CLIENT_ISN = 1000,
	SERVER_ISN = 9000,
	STREAMS_MAX = 64, /* of a script */
	MS = 1000000,
};

/* ---- The sink: writes down what it gets, as one line, and checks what always holds ---- */

struct recorder;

struct recorded_stream {
	struct recorder *recorder;
	uint64_t number;
	struct stream_open open;
	bool closed;
	uint64_t offset[2];
	uint64_t gap_bytes[2], gaps[2];
};

struct recorder {
	char log[8192];
	size_t log_len;
	bool detailed;  /* the frame and the peer_offset of each chunk, too */
	bool one_sided; /* peer_offset speaks of bytes that the capture never had */
	bool ignore;    /* the sink wants no more after the first chunk */
	struct recorded_stream streams[STREAMS_MAX];
	size_t stream_count;
	struct stream_close last_close;
	uint64_t gaps_total; /* as the table counted them */
};

static void note(struct recorder *recorder, const char *format, ...) {
	va_list arguments;
	va_start(arguments, format);
	size_t left = sizeof(recorder->log) - recorder->log_len;
	int len = vsnprintf(recorder->log + recorder->log_len, left, format, arguments);
	va_end(arguments);
	assert_true(len >= 0 && (size_t)len < left);
	recorder->log_len += (size_t)len;
}

static void note_stream(struct recorder *recorder, const struct recorded_stream *stream, const char *what) {
	note(recorder, recorder->log_len > 0 ? " " : "");
	if (stream->number > 0)
		note(recorder, "%d", (int)stream->number);
	note(recorder, "%s", what);
}

static void *record_open(void *context, const struct stream_open *open) {
	struct recorder *recorder = context;
	assert_true(recorder->stream_count < STREAMS_MAX);
	struct recorded_stream *stream = &recorder->streams[recorder->stream_count++];
	*stream = (struct recorded_stream){.recorder = recorder, .number = open->stream, .open = *open};
	note_stream(recorder, stream, "open");
	if (open->midstream)
		note(recorder, ",midstream");
	if (open->roles_guessed)
		note(recorder, ",guessed");
	for (size_t i = 0; i < open->vlan_count; i++)
		note(recorder, ",vlan%d", open->vlan[i]);
	return stream;
}

/* What holds of every chunk: bytes follow on each other, and nothing is handed on before what it acknowledges. */
static void check_chunk(const struct recorded_stream *stream, const struct stream_chunk *chunk) {
	assert_false(stream->closed);
	assert_true(chunk->len > 0);
	assert_int_equal(chunk->offset, stream->offset[chunk->side]);
	if (!stream->recorder->one_sided)
		assert_true(chunk->peer_offset <= stream->offset[stream_other_side(chunk->side)]);
}

static enum stream_interest record_chunk(void *handle, const struct stream_chunk *chunk) {
	struct recorded_stream *stream = handle;
	struct recorder *recorder = stream->recorder;
	check_chunk(stream, chunk);
	stream->offset[chunk->side] += chunk->len;
	note_stream(recorder, stream, chunk->side == STREAM_CLIENT ? ">" : "<");
	if (chunk->data == NULL || chunk->len > 100)
		note(recorder, "[%s%llu]", chunk->data == NULL ? "" : "bytes ", (unsigned long long)chunk->len);
	else
		note(recorder, "%.*s", (int)chunk->len, (const char *)chunk->data);
	if (recorder->detailed)
		note(recorder, "#%d^%d", (int)chunk->at.frame, (int)chunk->peer_offset);
	if (chunk->data == NULL) {
		stream->gap_bytes[chunk->side] += chunk->len;
		stream->gaps[chunk->side]++;
	}
	return recorder->ignore ? STREAM_IGNORE : STREAM_CONTINUE;
}

static const char *const close_names[STREAM_CLOSE_COUNT] = {
	[STREAM_CLOSE_FIN] = "fin",
	[STREAM_CLOSE_RESET_BY_CLIENT] = "reset-by-client",
	[STREAM_CLOSE_RESET_BY_SERVER] = "reset-by-server",
	[STREAM_CLOSE_IDLE_TIMEOUT] = "idle",
	[STREAM_CLOSE_CAPTURE_ENDED] = "end",
	[STREAM_CLOSE_REFUSED] = "refused",
	[STREAM_CLOSE_UNANSWERED] = "unanswered",
	[STREAM_CLOSE_UNREACHABLE] = "unreachable",
	[STREAM_CLOSE_EVICTED] = "evicted",
};

static void record_close(void *handle, const struct stream_close *close) {
	struct recorded_stream *stream = handle;
	assert_false(stream->closed);
	stream->closed = true;
	assert_true(close->how >= 0 && close->how < STREAM_CLOSE_COUNT);
	assert_true((close->icmp != NULL) == (close->how == STREAM_CLOSE_UNREACHABLE));
	note_stream(stream->recorder, stream, close_names[close->how]);
	if (close->icmp != NULL)
		note(stream->recorder, ",%s", close->icmp);
	for (int side = 0; side < 2 && !stream->recorder->ignore; side++) {
		assert_int_equal(close->side[side].gaps, stream->gaps[side]);
		assert_int_equal(close->side[side].gap_bytes, stream->gap_bytes[side]);
		assert_int_equal(close->side[side].bytes + close->side[side].gap_bytes, stream->offset[side]);
	}
	stream->recorder->last_close = *close;
}

static const struct stream_sink recorder_sink = {.open = record_open, .chunk = record_chunk, .close = record_close};

static struct flow_table *create_table(const struct flow_options *options, const struct stream_sink *sink, void *context) {
	struct flow_options defaults;
	flow_options_init(&defaults);
	struct stream_sink with_context = *sink;
	with_context.context = context;
	struct flow_table *table = flow_table_create(options ? options : &defaults, &with_context);
	assert_non_null(table);
	flow_table_begin_source(table, "test");
	return table;
}

/* ---- Scripts: segments as text ----
 *
 * Segments stand between semicolons. A segment is
 *	> or <        from the client or from the server; a digit before it names another client port
 *	flags         letters of S A F R P, or - for none, or I and a name for an ICMP error about such a segment
 *	number        relative sequence number: 0 is the SYN, 1 the first byte
 *	aNUMBER       relative acknowledgement
 *	'text'        payload; xNUMBER: so many bytes of it
 *	/NUMBER       how much of the payload was captured
 *	@NUMBER       milliseconds since the beginning; without it one more than before
 *	iNUMBER       from here on the sender's initial sequence number, jNUMBER the receiver's
 *	vNUMBER       VLAN, pNUMBER server port
 * Frames are counted from 1.
 */

struct script {
	const char *at;
	uint32_t isn[10][2];
	int64_t time_ms;
	uint64_t frame;
	char filler[65536];
	char icmp[32];
};

static uint64_t read_number(struct script *script) {
	char *end;
	uint64_t number = strtoull(script->at, &end, 10);
	assert_ptr_not_equal(end, script->at);
	script->at = end;
	return number;
}

static void set_endpoint(struct stream_endpoint *endpoint, uint8_t last, uint16_t port) {
	*endpoint = (struct stream_endpoint){.ip_version = 4, .address = {192, 0, 2, last}, .port = port};
}

static void read_flags(struct script *script, struct segment *segment) {
	static const char letters[] = "FSRPA";
	if (*script->at == 'I') {
		size_t len = strcspn(++script->at, " ;");
		assert_true(len > 0 && len < sizeof(script->icmp));
		memcpy(script->icmp, script->at, len);
		script->icmp[len] = '\0';
		script->at += len;
		segment->kind = SEGMENT_ICMP_ERROR;
		segment->icmp = script->icmp;
		return;
	}
	for (const char *letter; *script->at != ' '; script->at++)
		if (*script->at != '-') {
			assert_non_null(letter = strchr(letters, *script->at));
			segment->flags |= (uint8_t)(1 << (letter - letters));
		}
}

/* Returns false at the end of the script. */
static bool read_segment(struct script *script, struct segment *segment) {
	script->at += strspn(script->at, "; ");
	if (*script->at == '\0')
		return false;
	*segment = (struct segment){.kind = SEGMENT_TCP, .payload = (const uint8_t *)script->filler};
	size_t connection = *script->at >= '0' && *script->at <= '9' ? (size_t)(*script->at++ - '0') : 0;
	assert_true(*script->at == '>' || *script->at == '<');
	int side = *script->at++ == '>' ? STREAM_CLIENT : STREAM_SERVER;
	const uint16_t client_port = (uint16_t)(CLIENT_PORT + connection);
	uint16_t server_port = SERVER_PORT;
	uint32_t *isn = script->isn[connection];
	bool cut = false, timed = false, has_ack = false;
	uint64_t seq = 0, ack = 0;
	script->at += strspn(script->at, " ");
	read_flags(script, segment);
	while (script->at += strspn(script->at, " "), *script->at != ';' && *script->at != '\0') {
		char what = *script->at;
		if (what < '0' || what > '9')
			script->at++;
		switch (what) {
		case 'a':
			ack = read_number(script), has_ack = true;
			break;
		case 'x':
			segment->payload_len = read_number(script);
			break;
		case '/':
			segment->payload_captured_len = read_number(script), cut = true;
			break;
		case '@':
			script->time_ms = (int64_t)read_number(script), timed = true;
			break;
		case 'i':
			isn[side] = (uint32_t)read_number(script);
			break;
		case 'j':
			isn[!side] = (uint32_t)read_number(script);
			break;
		case 'v':
			segment->vlan[segment->vlan_count++] = (uint16_t)read_number(script);
			break;
		case 'p':
			server_port = (uint16_t)read_number(script);
			break;
		case '\'':
			segment->payload = (const uint8_t *)script->at;
			segment->payload_len = strcspn(script->at, "'");
			script->at += segment->payload_len + 1;
			break;
		default:
			seq = read_number(script);
		}
	}
	if (!cut)
		segment->payload_captured_len = segment->payload_len;
	assert_true(segment->payload_len <= sizeof(script->filler));
	assert_int_equal(has_ack, (segment->flags & SEGMENT_ACK) != 0);
	segment->seq = isn[side] + (uint32_t)seq;
	segment->ack = has_ack ? isn[!side] + (uint32_t)ack : 0;
	segment->window = 65535;
	set_endpoint(side == STREAM_CLIENT ? &segment->source : &segment->destination, 1, client_port);
	set_endpoint(side == STREAM_CLIENT ? &segment->destination : &segment->source, 2, server_port);
	script->time_ms += !timed;
	segment->at = (struct stream_moment){.time_ns = script->time_ms * MS, .frame = ++script->frame};
	return true;
}

static struct script *create_script(const char *text) {
	struct script *script = calloc(1, sizeof(*script));
	assert_non_null(script);
	script->at = text;
	memset(script->filler, 'x', sizeof(script->filler));
	for (size_t i = 0; i < sizeof(script->isn) / sizeof(script->isn[0]); i++) {
		script->isn[i][STREAM_CLIENT] = CLIENT_ISN;
		script->isn[i][STREAM_SERVER] = SERVER_ISN;
	}
	return script;
}

static void feed_script(struct flow_table *table, struct script *script) {
	struct segment segment;
	while (read_segment(script, &segment)) {
		/* A block of its own, so that one byte too far is caught. */
		uint8_t *payload = malloc(segment.payload_captured_len + 1);
		assert_non_null(payload);
		memcpy(payload + 1, segment.payload, segment.payload_captured_len);
		segment.payload = payload + 1;
		flow_table_segment(table, &segment);
		free(payload);
	}
}

static void run_script(struct recorder *recorder, const struct flow_options *options, const char *text) {
	struct script *script = create_script(text);
	struct flow_table *table = create_table(options, &recorder_sink, recorder);
	feed_script(table, script);
	flow_table_end_source(table);
	struct flow_stats stats;
	flow_table_get_stats(table, &stats);
	assert_int_equal(stats.open, 0);
	recorder->gaps_total = stats.gaps;
	flow_table_destroy(table);
	free(script);
	for (size_t i = 0; i < recorder->stream_count; i++)
		assert_true(recorder->streams[i].closed);
}

struct row {
	const char *name;
	const char *script;
	const char *expected;
};

#define HANDSHAKE "> S 0; < SA 0 a1; > A 1 a1; "
/* After which the capture lacks nothing that was acknowledged: as many segments as make a hole a loss. */
#define SIXTEEN_ACKS(ack_line)                                                                                              \
	ack_line ack_line ack_line ack_line ack_line ack_line ack_line ack_line ack_line ack_line ack_line ack_line         \
		ack_line ack_line ack_line ack_line

static void check_rows(const struct row *rows, size_t count, bool one_sided, bool detailed) {
	size_t failures = 0;
	for (size_t i = 0; i < count; i++) {
		struct recorder recorder = {.one_sided = one_sided, .detailed = detailed};
		run_script(&recorder, NULL, rows[i].script);
		if (strcmp(recorder.log, rows[i].expected) != 0) {
			print_error("%s:\n     got: %s\nexpected: %s\n", rows[i].name, recorder.log, rows[i].expected);
			failures++;
		}
	}
	assert_int_equal(failures, 0);
}

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static const struct row order_rows[] = {
	{"plain session",
		HANDSHAKE "< A 1 a1 '220'; > A 1 a4 'EHLO'; < A 4 a5 '250'; > A 5 a7 'QUIT'; < A 7 a9 '221'; < FA 10 a9;"
			  "> FA 9 a11; < A 11 a10",
		"open <220 >EHLO <250 >QUIT <221 fin"},
	{"reordered in a side", HANDSHAKE "> A 5 a1 'QUIT'; > A 1 a1 'EHLO'", "open >EHLO >QUIT end"},
	{"three the other way round", HANDSHAKE "> A 9 a1 'c'; > A 5 a1 'bbbb'; > A 1 a1 'aaaa'", "open >aaaa >bbbb >c end"},
	{"reply before its command", HANDSHAKE "< A 1 a5 '250'; > A 1 a1 'EHLO'", "open >EHLO <250 end"},
	{"replies and commands crossed",
		HANDSHAKE "< A 1 a5 '250'; > A 5 a4 'MAIL'; < A 4 a9 '550'; > A 1 a1 'EHLO'; > A 9 a7 'QUIT'",
		"open >EHLO <250 >MAIL <550 >QUIT end"},
	{"acknowledgement before its bytes", HANDSHAKE "> A 1 a4; < A 1 a1 '220'; > A 1 a4 'EHLO'", "open <220 >EHLO end"},
	{"duplicate", HANDSHAKE "> A 1 a1 'EHLO'; > A 1 a1 'EHLO'; > A 5 a1 'x'", "open >EHLO >x end"},
	{"duplicate of what waits", HANDSHAKE "> A 5 a1 'QUIT'; > A 5 a1 'QUIT'; > A 1 a1 'EHLO'", "open >EHLO >QUIT end"},
	{"duplicate of what is held", HANDSHAKE "< A 1 a5 '250'; < A 1 a5 '250'; > A 1 a1 'EHLO'", "open >EHLO <250 end"},
	{"overlap behind", HANDSHAKE "> A 1 a1 'EHLO'; > A 3 a1 'LOxy'", "open >EHLO >xy end"},
	{"overlap in front", HANDSHAKE "> A 3 a1 'LOxy'; > A 1 a1 'EHLO'", "open >EHLO >xy end"},
	{"overlap on both sides", HANDSHAKE "> A 3 a1 'cd'; > A 7 a1 'gh'; > A 1 a1 'abcdefgh'", "open >abcdefgh end"},
	{"one closes the hole between two", HANDSHAKE "> A 1 a1 'ab'; > A 5 a1 'ef'; > A 2 a1 'bcde'; > A 7 a1 'g'",
		"open >ab >cde >f >g end"},
	{"what waits overlaps itself", HANDSHAKE "> A 5 a1 'efgh'; > A 3 a1 'cdef'; > A 7 a1 'ghij'; > A 1 a1 'ab'",
		"open >ab >cdef >gh >ij end"},
	{"both directions at once", HANDSHAKE "> A 1 a1 'abc'; < A 1 a1 'xyz'; < A 4 a4 'uvw'; > A 4 a4 'def'",
		"open >abc <xyz <uvw >def end"},
	{"SYN with data", "> S 0 'EHLO'; < SA 0 a5; > A 5 a1 'QUIT'", "open >EHLO >QUIT end"},
	{"SYN with data that the server did not take", "> S 0 'EHLO'; < SA 0 a1; > A 1 a1 'EHLO'; > A 5 a1 'QUIT'",
		"open >EHLO >QUIT end"},
	{"keep-alives",
		HANDSHAKE
		"> A 1 a1 'EHLO'; < A 1 a5 '250'; > A 4 a4 @100000; < A 4 a5; > A 4 a4 'O' @200000; < A 4 a5; < A 3 a5;"
		"> A 5 a4; > A 5 a4 'QUIT'",
		"open >EHLO <250 >QUIT end"},
	{"keep-alives before any byte", HANDSHAKE "> A 0 a1; < A 1 a1; > A 0 a1 'x'; > A 1 a1 'EHLO'", "open >EHLO end"},
	{"acknowledgement without the flag", HANDSHAKE "> - 1 'EHLO'", "open >EHLO end"},
	{"a SYN-ACK after the data", "> S 0; > A 1 a1 'EHLO'; < SA 0 a1; < A 1 a5 '250'", "open >EHLO <250 end"},
	{"a SYN after the SYN-ACK", "< SA 0 a1; > S 0; > A 1 a1 'EHLO'; < A 1 a5 '250'", "open >EHLO <250 end"},
	{"sequence numbers wrap",
		"> S 0 i4294967290 j4294967294; < SA 0 a1; > A 1 a1; > A 1 a1 'abcd'; > A 9 a1 'ijkl';"
		"< A 1 a13 'xyz'; > A 5 a1 'efgh'; > A 13 a4 'm'",
		"open >abcd >efgh >ijkl <xyz >m end"},
	{"sequence number 0 is the first byte", "> S 0 i4294967295; < SA 0 a1; > A 1 a1 'abcd'; > A 1 a1 'abcd'",
		"open >abcd end"},
	{"two connections", "> S 0; 1> S 0; < SA 0 a1; 1< SA 0 a1; > A 1 a1 'a'; 1> A 1 a1 'b'; < A 1 a2 'c'; 1< A 1 a2 'd'",
		"open >a 1open 1>b <c 1<d end 1end"},
	{"same addresses in other VLANs",
		"> S 0 v1; > S 0 v2; > S 0 v1 v2; > S 0; > A 1 a1 'a' v1; > A 1 a1 'b' v2; > A 1 a1 'c' v1 v2; > A 1 a1 'd'",
		"open,vlan1 >a 1open,vlan2 1>b 2open,vlan1,vlan2 2>c 3open 3>d end 1end 2end 3end"},
	{"a retransmission that acknowledges the reply",
		HANDSHAKE "< A 1 a5 '250'; > A 1 a4 'EHLO'; " SIXTEEN_ACKS("> A 5 a4; ") "> A 5 a4 'QUIT'",
		"open >EHLO <250 >QUIT end"},
	{"times that go backwards",
		"> S 0 @5000000; < SA 0 a1 @1; > A 1 a1 @4000; > A 1 a1 'a'; < A 1 a2 'b' @1000000; > A 2 a2 'c' @2",
		"open >a <b >c end"},
};

static const struct row loss_rows[] = {
	{"acknowledged, bytes behind it: not at once", HANDSHAKE "> A 5 a1 'QUIT'; < A 1 a9; > A 1 a1 'EHLO'",
		"open >EHLO >QUIT end"},
	{"acknowledged, bytes behind it: after sixteen segments",
		HANDSHAKE "> A 5 a1 'QUIT'; < A 1 a9; " SIXTEEN_ACKS("< A 1 a9; ") "< A 1 a9 @100; > A 1 a1 'EHLO'",
		"open >[4] >QUIT end"},
	{"acknowledged, bytes behind it: sixteen segments at once may be mere reordering",
		HANDSHAKE "> A 5 a1 'QUIT'; < A 1 a9; " SIXTEEN_ACKS("< A 1 a9; ") "> A 1 a1 'EHLO'",
		"open >EHLO >QUIT end"},
	{"acknowledged, bytes behind it: after a second",
		HANDSHAKE "> A 5 a1 'QUIT'; < A 1 a9; < A 1 a9 @2000; > A 1 a1 'EHLO'", "open >[4] >QUIT end"},
	{"acknowledged, nothing behind it", HANDSHAKE "> A 1 a1 'EHLO'; < A 1 a9; < A 1 a9 @2000", "open >EHLO >[4] end"},
	{"acknowledged by what is said next", HANDSHAKE "> A 1 a1 'EHLO'; < A 1 a9 '250'; < A 4 a9 @2000; > A 9 a4 'x'",
		"open >EHLO >[4] <250 >x end"},
	{"a reply and the command before it", HANDSHAKE "> A 1 a4 'EHLO'; > A 5 a9 'QUIT'; < A 9 a9 'x'; < A 10 a9 @2000",
		"open <[3] >EHLO <[5] >QUIT <x end"},
	{"not acknowledged, but the capture ends", HANDSHAKE "> A 5 a1 'QUIT'; < A 1 a1 'x' @5000",
		"open <x >[4] >QUIT end"},
	{"not acknowledged, and retransmitted late", HANDSHAKE "> A 5 a1 'QUIT'; < A 1 a1 @5000; > A 1 a1 'EHLO' @9000",
		"open >EHLO >QUIT end"},
	{"half acknowledged", HANDSHAKE "> A 9 a1 'x'; < A 1 a5; < A 1 a5 @2000; > A 5 a1 'QUIT'", "open >[4] >QUIT >x end"},
	{"two holes", HANDSHAKE "> A 3 a1 'b'; > A 6 a1 'd'; < A 1 a7; < A 1 a7 @2000", "open >[2] >b >[2] >d end"},
	{"two holes, bytes in the second", HANDSHAKE "> A 3 a1 'b'; > A 6 a1 'd'; < A 1 a7; > A 4 a1 'cc'; < A 1 a7 @2000",
		"open >[2] >b >cc >d end"},
	{"lost FIN", HANDSHAKE "> A 1 a1 'QUIT'; < A 1 a5 '221'; < FA 4 a5; < A 5 a6; < A 5 a6 @2000",
		"open >QUIT <221 fin"},
	{"lost FIN of a side that said nothing", HANDSHAKE "< A 1 a1 'x'; < A 2 a2; < A 2 a2 @2000; < FA 2 a2; > A 2 a3",
		"open <x fin"},
	{"a byte that looked like a lost FIN",
		HANDSHAKE "> A 1 a1 'a'; < A 1 a3; < A 1 a3 @2000; > A 3 a1 'c'; < A 1 a4; < A 1 a4 @4000;"
			  "< FA 1 a4; > A 4 a2; > A 4 a2 'd'; < A 2 a5; > FA 5 a2; < A 2 a6",
		"open >a >[1] >c >d fin"},
	{"lost SYN", "< SA 0 a1; > A 1 a1 'EHLO'; < A 1 a5 '250'", "open >EHLO <250 end"},
	{"lost SYN-ACK", "> S 0; > A 1 a1 'EHLO'; < A 1 a5 '250'", "open >EHLO <250 end"},
	{"lost SYN-ACK and greeting", "> S 0; > A 1 a1; < A 4 a1 'x'; > A 1 a5; > A 1 a5 @2000; > A 1 a5 'EHLO'",
		"open <[3] <x >EHLO end"},
	{"lost reply to the sending of both", HANDSHAKE "> A 1 a4 'EHLO'; > A 1 a4 @2000; < A 4 a5 '250'",
		"open <[3] >EHLO <250 end"},
	{"an acknowledgement far ahead is not believed",
		HANDSHAKE "> A 1 a1 'a'; < A 1 a200000000; < A 1 a2 @2000; > A 2 a1 'b'", "open >a >b end"},
	{"only the SYN of the server was captured, then silence",
		"> S 0; < SA 0 a1; > A 1 a1 'a'; > A 2 a100 'b'; > A 3 a100 'c' @2000", "open >a <[99] >b >c end"},
};

static const struct row midstream_rows[] = {
	{"starts in the middle", "> A 101 a201 'EHLO'; < A 201 a105 '250'; > A 105 a204 'QUIT'",
		"open,midstream >EHLO <250 >QUIT end"},
	{"starts with an acknowledgement", "> A 101 a201; > A 101 a201 'EHLO'; < A 201 a105 '250'",
		"open,midstream >EHLO <250 end"},
	{"starts with what was held, and bytes before it",
		"> A 97 a201 'abcd'; < A 201 a105 '250'; < A 198 a101 '220'; > A 101 a204 'EHLO'; > A 105 a204 'x'",
		"open,midstream >abcd <220 >EHLO <250 >x end"},
	{"starts with the server", "< A 201 a101 '220'; > A 101 a204 'EHLO'", "open,midstream <220 >EHLO end"},
	{"starts with a retransmission", "> A 101 a201; < A 191 a101 '123456789x'; < A 201 a101 '220'; > A 101 a204 'EHLO'",
		"open,midstream <123456789x <220 >EHLO end"},
	{"starts with a reply to what was not captured", "< A 201 a105 '250'; > A 105 a204 'QUIT'",
		"open,midstream <250 >QUIT end"},
	{"ports that say nothing", "> A 101 a201 'EHLO' p8000; < A 201 a105 '250' p8000",
		"open,midstream,guessed >EHLO <250 end"},
	{"ports that say nothing, server first", "< A 201 a105 '250' p8000; > A 105 a204 'QUIT' p8000",
		"open,midstream,guessed <250 >QUIT end"},
	{"a hole", "> A 101 a201 'EHLO'; > A 109 a201 'QUIT'; < A 201 a113; < A 201 a113 @2000",
		"open,midstream >EHLO >[4] >QUIT end"},
};

static const struct row one_sided_rows[] = {
	{"client", "> S 0; > A 1 a1; > A 1 a1 'EHLO'; > A 5 a1 'QUIT'; > FA 9 a1", "open >EHLO >QUIT fin"},
	{"client, with what it acknowledged",
		"> S 0; > A 1 a1; > A 1 a4 'EHLO'; > A 5 a7 'QUIT' @5000; > A 9 a10 @9000; > FA 9 a10 @20000",
		"open >EHLO >QUIT <[9] fin"},
	{"server, with what it acknowledged", "< SA 0 a1; < A 1 a1 '220'; < A 4 a5 '250'; < FA 7 a9",
		"open <220 <250 >[8] fin"},
	{"client, middle", "> A 101 a204 'EHLO'; > A 105 a207 'QUIT'", "open,midstream >EHLO >QUIT <[3] end"},
	{"server, middle", "< A 201 a105 '250'; < A 204 a109 '221'", "open,midstream <250 <221 >[4] end"},
	{"reordered", "> S 0; > A 5 a7 'QUIT'; > A 1 a4 'EHLO'", "open >EHLO >QUIT <[3] end"},
	{"a hole, and patience", "> S 0; > A 5 a1 'QUIT'; > A 9 a1 'x' @9000; > A 1 a1 'EHLO'", "open >EHLO >QUIT >x end"},
	{"a hole, ten seconds", "> S 0; > A 5 a1 'QUIT'; > A 9 a1 'x' @11000; > A 1 a1 'EHLO'", "open >[4] >QUIT >x end"},
	{"a hole at the end", "> S 0; > A 1 a1 'EHLO'; > A 9 a1 'x'", "open >EHLO >[4] >x end"},
};

static const struct row life_rows[] = {
	{"refused", "> S 0; < RA 0 a1", "open refused"},
	{"refused thrice", "> S 0; < RA 0 a1; > S 0 @500; < RA 0 a1; > S 0 @1000; < RA 0 a1", "open refused"},
	{"refused, later not",
		"> S 0; < RA 0 a1; > S 0 @500; < SA 0 a1; > A 1 a1; < A 1 a1 '220' @4000; > A 1 a4 'EHLO' @9000",
		"open <220 >EHLO end"},
	{"refused, much later not", "> S 0; < RA 0 a1; > S 0 @9000; < SA 0 a1; > A 1 a1; < A 1 a1 '220'",
		"open refused open <220 end"},
	{"no answer", "> S 0; > S 0 @1000; > S 0 @3000; > S 0 @7000", "open unanswered"},
	{"no answer, one SYN", "> S 0; 1> S 0 @3000", "open unanswered 1open 1end"},
	{"no time for an answer", "> S 0", "open end"},
	{"no answer to data in the SYN", "> S 0 'EHLO'; > S 0 'EHLO' @1000; > S 0 @3000", "open >EHLO unanswered"},
	{"ICMP error", "> S 0; > Iport-unreachable 0", "open unreachable,port-unreachable"},
	{"ICMP error, retries, error", "> S 0; > Ihost-unreachable 0; > S 0 @1000; > S 0 @3000; > Ihost-unreachable 0",
		"open unreachable,host-unreachable"},
	{"ICMP error, but then an answer",
		"> S 0; > Ihost-unreachable 0; > S 0 @1000; > S 0 @3000; > S 0 @7000; < SA 0 a1; > A 1 a1; < A 1 a1 '220'; "
		"> A 1 a4 'x'",
		"open <220 >x end"},
	{"ICMP error that is about something else", "> S 0; > Ipacket-too-big 0; > S 0 @1000; > S 0 @3000",
		"open unanswered"},
	{"ICMP error, fragmentation", "> S 0; > Ifragmentation-needed 0; > S 0 @1000", "open unanswered"},
	{"ICMP error in the connection", HANDSHAKE "> Ihost-unreachable 1; > A 1 a1 'EHLO'; < A 1 a5 '250'",
		"open >EHLO <250 end"},
	{"ICMP error about no connection", "> Ihost-unreachable 0; 1> S 0; 1< RA 0 a1", "open refused"},
	{"reset by the client", HANDSHAKE "> A 1 a1 'EHLO'; > R 5", "open >EHLO reset-by-client"},
	{"reset by the server", HANDSHAKE "> A 1 a1 'EHLO'; < RA 1 a5", "open >EHLO reset-by-server"},
	{"reset after the SYN-ACK", "> S 0; < SA 0 a1; > R 1", "open reset-by-client"},
	{"reset while bytes are under way", HANDSHAKE "> A 1 a1 'EHLO'; < R 1; > A 5 a1 'QUIT'",
		"open >EHLO >QUIT reset-by-server"},
	{"reset before the bytes", HANDSHAKE "> R 5; > A 1 a1 'EHLO'", "open >EHLO reset-by-client"},
	{"reset with text", HANDSHAKE "> A 1 a1 'EHLO'; < R 1 'go away'", "open >EHLO reset-by-server"},
	{"reset far off is not believed", HANDSHAKE "> A 1 a1 'EHLO'; < R 900000000; > A 5 a1 'QUIT' @9000",
		"open >EHLO >QUIT end"},
	{"bytes long after a reset", HANDSHAKE "> A 1 a1 'EHLO'; < R 1; > A 5 a1 'QUIT' @9000; < A 1 a9 '221'",
		"open >EHLO reset-by-server open,midstream >QUIT <221 end"},
	{"old segments long after a reset", HANDSHAKE "> A 1 a1 'EHLO'; < R 1; > A 1 a1 'EHLO' @9000; < A 1 a5; > FA 5 a1",
		"open >EHLO reset-by-server"},
	{"half-open",
		"> S 0; < A 5000 a77; > R 77; > S 0 @1000; < SA 0 a1; > A 1 a1; < A 1 a1 '220' @9000; > A 1 a4 'EHLO' "
		"@20000",
		"open <220 >EHLO end"},
	{"closed at once by both", HANDSHAKE "> FA 1 a1; < FA 1 a1; > A 2 a2; < A 2 a2", "open fin"},
	{"closed by one", HANDSHAKE "> A 1 a1 'x'; > FA 2 a1", "open >x fin"},
	{"acknowledgement of a lost FIN with bytes", HANDSHAKE "> A 1 a1 'QUIT'; < A 1 a6 '221'; < A 4 a6 @2000; < FA 4 a6",
		"open >QUIT <221 fin"},
	{"acknowledgement with bytes before the FIN", HANDSHAKE "< A 1 a6 '221'; > FA 1 a1 'QUIT'; < A 4 a6 'x'; > A 6 a5",
		"open >QUIT <221 <x fin"},
	{"half closed", HANDSHAKE "> FA 1 a1 'QUIT'; < A 1 a6; < A 1 a6 '221' @5000; < FA 4 a6; > A 6 a5",
		"open >QUIT <221 fin"},
	{"FIN before the bytes", HANDSHAKE "> FA 5 a1 'QUIT'; > A 1 a1 'EHLO'; < FA 1 a10; > A 10 a2",
		"open >EHLO >QUIT fin"},
	{"acknowledgement before the FIN", HANDSHAKE "< FA 1 a2; > FA 1 a1; > A 2 a2", "open fin"},
	{"reset after both FINs", HANDSHAKE "> FA 1 a1; < FA 1 a2; > R 2", "open fin"},
	{"stragglers after the end", HANDSHAKE "> FA 1 a1; < FA 1 a2; > A 2 a2; < FA 1 a2; > R 2; > A 2 a2 @100000",
		"open fin"},
	{"bytes after FIN", HANDSHAKE "> FA 1 a1 'QUIT'; > A 5 a1 'MAIL'", "open >QUIT >MAIL end"},
	{"FIN in the past", HANDSHAKE "> A 1 a1 'QUIT'; > FA 3 a1; > A 5 a1 'MAIL'; < A 1 a9; < FA 1 a9; > A 9 a2",
		"open >QUIT >MAIL fin"},
	{"port used again, SYN not captured",
		HANDSHAKE
		"> A 1 a1 'a'; > FA 2 a1; < FA 1 a3; > A 3 a2; < SA 0 a1 i7000000 j5000000; > A 1 a1; > A 1 a1 'b'",
		"open >a fin open >b end"},
	{"port used again, beginning not captured",
		HANDSHAKE "> A 1 a1 'a'; > FA 2 a1; < FA 1 a3; > A 3 a2; > A 1 a1 'b' i3000000000 j7000000; < A 1 a2 'c'",
		"open >a fin open,midstream >b <c end"},
	{"port used again",
		HANDSHAKE "> A 1 a1 'a'; > FA 2 a1; < FA 1 a3; > A 3 a2; > S 0 i5000000; < SA 0 a1 i7000000; > A 1 a1 'b'",
		"open >a fin 1open 1>b 1end"},
	{"port used again while open", HANDSHAKE "> A 1 a1 'a'; > S 0 i5000000; < SA 0 a1 i7000000; > A 1 a1 'b'",
		"open >a end 1open 1>b 1end"},
	{"port used again, number near", HANDSHAKE "> A 1 a1 'a'; > R 2; > S 1 i1000; < SA 1 a2; > A 2 a2 'b'",
		"open >a reset-by-client 1open 1>b 1end"},
	{"SYN again is a retry", "> S 0; > S 0; < SA 0 a1; < SA 0 a1; > A 1 a1 'a'; > S 0; > A 2 a1 'b'", "open >a >b end"},
	{"silence of less", HANDSHAKE "> A 1 a1 'a'; 1> S 0 @3000000; > A 2 a1 'b'", "open >a >b end 1open 1end"},
	{"one wrong time", HANDSHAKE "> A 1 a1 'a'; 1> S 0 @900000000; > A 2 a1 'b' @5; 1< RA 0 a1; > A 3 a1 'c'",
		"open >a >b >c end 1open 1refused"},
	{"other port, nothing said", "> S 0 p8000; < SA 0 a1 p8000; > A 1 a1 p8000; > FA 1 a1 p8000; < FA 1 a2 p8000", ""},
	{"other port, something said", "> S 0 p8000; < SA 0 a1 p8000; > A 1 a1 p8000; < A 1 a1 '220' p8000",
		"open <220 end"},
	{"other port, refused", "> S 0 p8000; < RA 0 a1 p8000; 1> S 0; 1< RA 0 a1", "1open 1refused"},
};

/* With frames and peer offsets. */
static const struct row detail_rows[] = {
	{"each by its segment", HANDSHAKE "< A 1 a1 '220'; > A 1 a4 'EHLO'", "open <220#4^0 >EHLO#5^3 end"},
	{"what waited is complete with the one before it", HANDSHAKE "< A 1 a1 '220'; > A 5 a4 'QUIT'; > A 1 a1 'EHLO'",
		"open <220#4^0 >EHLO#6^0 >QUIT#6^3 end"},
	{"behind a hole each has its own frame",
		HANDSHAKE "< A 1 a1 '220'; > A 5 a4 'QUIT'; > A 9 a4 'NOOP'; < A 4 a13; < A 4 a13 @3000",
		"open <220#4^0 >[4]#5^3 >QUIT#5^3 >NOOP#6^3 end"},
	{"what was held keeps its own", HANDSHAKE "< A 1 a5 '250'; > A 1 a1 'EHLO'; < A 4 a5 'x'",
		"open >EHLO#5^0 <250#4^4 <x#6^4 end"},
	{"behind what a snap length cut", HANDSHAKE "> A 5 a1 'QUIT' /2; > A 9 a1 'NOOP'; < A 1 a13; < A 1 a13 @3000",
		"open >[4]#4^0 >QU#4^0 >[2]#4^0 >NOOP#5^0 end"},
};

static const struct row cut_rows[] = {
	{"in order", HANDSHAKE "> A 1 a1 'EHLO' /2; > A 5 a1 'QUIT'; > A 9 a1 'x'", "open >EH >[2] >QUIT >x end"},
	{"nothing captured", HANDSHAKE "> A 1 a1 'EHLO' /0; < A 1 a5 '250' /0; > A 5 a4 'QUIT' /0",
		"open >[4] <[3] >[4] end"},
	{"out of order", HANDSHAKE "> A 5 a1 'QUIT' /2; > A 9 a1 'x'; > A 1 a1 'EHLO' /1", "open >E >[3] >QU >[2] >x end"},
	{"held", HANDSHAKE "< A 1 a5 '250' /1; > A 1 a1 'EHLO' /3", "open >EHL >[1] <2 <[2] end"},
	{"then whole, but in time", HANDSHAKE "> A 5 a1 'QUIT' /1; > A 5 a1 'QUIT'; > A 1 a1 'EHLO'",
		"open >EHLO >Q >UIT end"},
	{"overlapped by what was captured", HANDSHAKE "> A 5 a1 'QUITQUIT' /1; > A 9 a1 'QUIT'; > A 1 a1 'EHLO'",
		"open >EHLO >Q >[3] >QUIT end"},
	{"duplicate", HANDSHAKE "> A 1 a1 'EHLO' /2; > A 1 a1 'EHLO' /2; > A 1 a1 'EHLO'; > A 5 a1 'x'",
		"open >EH >[2] >x end"},
	{"all of a one-sided capture", "> S 0; > A 1 a1 'EHLO' /1; > A 5 a1 'QUIT' /1", "open >E >[3] >Q >[3] end"},
};

static void test_order(void **state) {
	check_rows(order_rows, COUNT(order_rows), false, false);
	assert_int_equal(COUNT(order_rows), 28);
}

static void test_loss(void **state) {
	check_rows(loss_rows, COUNT(loss_rows), false, false);
	assert_int_equal(COUNT(loss_rows), 21);
}

static void test_midstream(void **state) {
	check_rows(midstream_rows, COUNT(midstream_rows), false, false);
	assert_int_equal(COUNT(midstream_rows), 9);
}

static void test_one_sided(void **state) {
	check_rows(one_sided_rows, COUNT(one_sided_rows), true, false);
	assert_int_equal(COUNT(one_sided_rows), 9);
}

static void test_life(void **state) {
	check_rows(life_rows, COUNT(life_rows), false, false);
	assert_int_equal(COUNT(life_rows), 47);
}

static void test_detail(void **state) {
	check_rows(detail_rows, COUNT(detail_rows), false, true);
	assert_int_equal(COUNT(detail_rows), 5);
}

static void test_cut(void **state) {
	check_rows(cut_rows, COUNT(cut_rows), false, false);
	assert_int_equal(COUNT(cut_rows), 8);
}

/* ---- Limits and large things: segments made one by one ---- */

/* Counts what it gets, of any number of streams; the stream's number is the handle. */
struct counter {
	uint64_t bytes, gap_bytes, chunks, opened, closed;
	uint64_t how[STREAM_CLOSE_COUNT];
	uint64_t sum; /* of the bytes, each times its offset: catches any that is wrong, lost or misplaced */
	uint64_t offset[2][65536];
};

static void *count_open(void *context, const struct stream_open *open) {
	struct counter *counter = context;
	size_t index = counter->opened++ % 65536;
	counter->offset[0][index] = counter->offset[1][index] = 0;
	return &counter->offset[0][index];
}

static struct counter *counter; /* the handle is one of its offsets */

static uint64_t weigh(const uint8_t *data, size_t len, uint64_t offset) {
	uint64_t sum = 0;
	for (size_t i = 0; i < len; i++)
		sum += (data[i] + 1) * (offset + i + 1);
	return sum;
}

static enum stream_interest count_chunk(void *handle, const struct stream_chunk *chunk) {
	uint64_t *offset = (uint64_t *)handle + (chunk->side == STREAM_SERVER ? 65536 : 0);
	assert_int_equal(chunk->offset, *offset);
	*offset += chunk->len;
	counter->chunks++;
	if (chunk->data == NULL) {
		counter->gap_bytes += chunk->len;
	} else {
		counter->bytes += chunk->len;
		if (chunk->len <= 2000)
			counter->sum += weigh(chunk->data, chunk->len, chunk->offset);
	}
	return STREAM_CONTINUE;
}

static void count_close(void *handle, const struct stream_close *close) {
	counter->closed++;
	counter->how[close->how]++;
}

static struct flow_table *create_counted_table(const struct flow_options *options) {
	const struct stream_sink sink = {.open = count_open, .chunk = count_chunk, .close = count_close};
	counter = calloc(1, sizeof(*counter));
	assert_non_null(counter);
	return create_table(options, &sink, counter);
}

static void destroy_counted_table(struct flow_table *table) {
	flow_table_destroy(table);
	assert_int_equal(counter->opened, counter->closed);
	free(counter);
	counter = NULL;
}

/* One segment of connection `number`, with numbers that start at 0 for the first byte of either side. */
static void send_segment(struct flow_table *table, uint32_t number, enum stream_side side, uint8_t flags, uint32_t seq,
	uint32_t ack, const void *payload, size_t len) {
	static struct stream_moment at;
	struct segment segment = {.kind = SEGMENT_TCP,
		.flags = flags,
		.seq = seq,
		.ack = ack,
		.payload = payload,
		.payload_captured_len = len,
		.payload_len = len};
	struct stream_endpoint client = {
		.ip_version = 4, .address = {10, (uint8_t)(number >> 12), (uint8_t)(number >> 4 & 0xff), 1}};
	client.port = (uint16_t)(CLIENT_PORT + number % 16);
	segment.source = segment.destination = client;
	set_endpoint(side == STREAM_CLIENT ? &segment.destination : &segment.source, 2, SERVER_PORT);
	at.frame++;
	at.time_ns += MS;
	segment.at = at;
	flow_table_segment(table, &segment);
}

static void send_handshake(struct flow_table *table, uint32_t number) {
	send_segment(table, number, STREAM_CLIENT, SEGMENT_SYN, UINT32_MAX, 0, "", 0);
	send_segment(table, number, STREAM_SERVER, SEGMENT_SYN | SEGMENT_ACK, UINT32_MAX, 0, "", 0);
	send_segment(table, number, STREAM_CLIENT, SEGMENT_ACK, 0, 0, "", 0);
}

static void fill(uint8_t *data, size_t len) {
	uint32_t state = 1;
	for (size_t i = 0; i < len; i++) {
		state = state * 1664525 + 1013904223;
		data[i] = (uint8_t)(state >> 24);
	}
}

enum { MSS = 1460, QUEUE_LEN = 4 << 20 };

/* A hole at the beginning, all the rest before it is filled: arrives whole. Some of it may come backwards. */
static void test_out_of_order_whole(void **state) {
	uint8_t *data = malloc(MSS + QUEUE_LEN);
	assert_non_null(data);
	fill(data, MSS + QUEUE_LEN);
	for (int backwards = 0; backwards < 2; backwards++) {
		struct flow_table *table = create_counted_table(NULL);
		send_handshake(table, 0);
		size_t count = (QUEUE_LEN + MSS - 1) / MSS;
		for (size_t i = 0; i < count; i++) {
			size_t offset = (backwards && i < 500 ? 499 - i : i) * MSS;
			size_t len = QUEUE_LEN - offset < MSS ? QUEUE_LEN - offset : MSS;
			send_segment(
				table, 0, STREAM_CLIENT, SEGMENT_ACK, (uint32_t)(MSS + offset), 0, data + MSS + offset, len);
		}
		assert_int_equal(counter->chunks, 0);
		send_segment(table, 0, STREAM_CLIENT, SEGMENT_ACK, 0, 0, data, MSS);
		assert_int_equal(counter->bytes, MSS + QUEUE_LEN);
		assert_int_equal(counter->gap_bytes, 0);
		assert_int_equal(counter->sum, weigh(data, MSS + QUEUE_LEN, 0));
		destroy_counted_table(table);
	}
	free(data);
}

/* More than that is not waited for. Each byte is either delivered or in the gap. */
static void test_out_of_order_limit(void **state) {
	uint8_t *data = malloc(MSS);
	assert_non_null(data);
	fill(data, MSS);
	struct flow_table *table = create_counted_table(NULL);
	send_handshake(table, 0);
	size_t count = 3 * QUEUE_LEN / MSS;
	for (size_t i = 1; i <= count; i++) {
		send_segment(table, 0, STREAM_CLIENT, SEGMENT_ACK, (uint32_t)(i * MSS), 0, data, MSS);
		assert_true(i * MSS - counter->bytes <= QUEUE_LEN + MSS);
	}
	assert_int_equal(counter->gap_bytes, MSS);
	assert_int_equal(counter->bytes, count * MSS);
	destroy_counted_table(table);
	free(data);
}

/* All connections together: the oldest holes give way, not the connection that comes next. */
static void test_total_limit(void **state) {
	enum { FLOWS = 64, KEPT = 4 };
	uint8_t data[MSS];
	fill(data, sizeof(data));
	struct flow_options options;
	flow_options_init(&options);
	options.total_queued_bytes_max = KEPT * (QUEUE_LEN / 4);
	struct flow_table *table = create_counted_table(&options);
	size_t count = QUEUE_LEN / 5 / MSS;
	for (uint32_t number = 0; number < FLOWS; number++) {
		send_handshake(table, number);
		for (size_t i = 1; i <= count; i++)
			send_segment(table, number, STREAM_CLIENT, SEGMENT_ACK, (uint32_t)(i * MSS), 0, data, MSS);
	}
	assert_true(counter->bytes >= (FLOWS - KEPT - 1) * count * MSS);
	assert_true(counter->bytes <= (FLOWS - KEPT + 1) * count * MSS);
	uint64_t gap_bytes = counter->gap_bytes;
	for (uint32_t number = FLOWS - KEPT + 1; number < FLOWS; number++)
		send_segment(table, number, STREAM_CLIENT, SEGMENT_ACK, 0, 0, data, MSS);
	assert_int_equal(counter->gap_bytes, gap_bytes);
	destroy_counted_table(table);
}

/* More connections with data out of order than libnids holds at once: those that rest are parked, and go on where they were. Every other
 * one has an acknowledgement that came before its bytes, which is no loss. */
static void test_many_flows(void **state) {
	enum { FLOWS = REASSEMBLY_STREAMS_MAX + 1000, ROUNDS = 3 };
	struct flow_table *table = create_counted_table(NULL);
	uint64_t sum = 0;
	for (uint32_t number = 0; number < FLOWS; number++)
		send_handshake(table, number);
	for (uint32_t round = 0; round < ROUNDS; round++) {
		for (uint32_t number = 0; number < FLOWS; number++) {
			send_segment(table, number, STREAM_CLIENT, SEGMENT_ACK, 8 * round + 4, 5 * round, "and\n", 4);
			send_segment(table, number, STREAM_CLIENT, SEGMENT_ACK, 8 * round, 5 * round, "comm", 4);
			if (number % 2)
				send_segment(table, number, STREAM_CLIENT, SEGMENT_ACK, 8 * round + 8, 5 * round + 5, "", 0);
		}
		for (uint32_t number = 0; number < FLOWS; number++)
			send_segment(table, number, STREAM_SERVER, SEGMENT_ACK, 5 * round, 8 * round + 8, "reply", 5);
		sum += FLOWS *
		       (weigh((const uint8_t *)"command\n", 8, 8 * round) + weigh((const uint8_t *)"reply", 5, 5 * round));
	}
	assert_int_equal(counter->opened, FLOWS);
	assert_int_equal(counter->bytes, (uint64_t)FLOWS * ROUNDS * 13);
	assert_int_equal(counter->gap_bytes, 0);
	assert_int_equal(counter->sum, sum);
	destroy_counted_table(table);
}

/* What one side sends, its first segments out of order, or while a hole of the other waits: past all that libnids can count. */
static void send_much(bool hole, uint64_t total_len) {
	enum { LEN = 32768 };
	uint8_t *data = calloc(1, LEN);
	assert_non_null(data);
	struct flow_table *table = create_counted_table(NULL);
	send_handshake(table, 0);
	if (hole)
		send_segment(table, 0, STREAM_SERVER, SEGMENT_ACK, 5, 0, "250 x", 5);
	send_segment(table, 0, STREAM_CLIENT, SEGMENT_ACK, LEN, 0, data, LEN);
	send_segment(table, 0, STREAM_CLIENT, SEGMENT_ACK, 0, 0, data, LEN);
	for (uint64_t offset = 2 * LEN; offset < total_len; offset += LEN)
		send_segment(table, 0, STREAM_CLIENT, SEGMENT_ACK, (uint32_t)offset, 0, data, LEN);
	assert_int_equal(counter->bytes, total_len + (hole ? 5 : 0));
	assert_int_equal(counter->gap_bytes, hole ? 5 : 0);
	destroy_counted_table(table);
	free(data);
}

static void test_long_connection(void **state) {
	send_much(false, UINT64_C(640) << 20);
}

static void test_long_connection_with_hole(void **state) {
	send_much(true, UINT64_C(1280) << 20);
}

/* A few forged segments must neither cost much nor hide what is said. */
static void test_forged_far_ahead(void **state) {
	struct flow_table *table = create_counted_table(NULL);
	send_handshake(table, 0);
	send_segment(table, 0, STREAM_SERVER, SEGMENT_ACK, 10, 0, "waits", 5);
	for (uint32_t i = 0; i < 500; i++) {
		uint32_t forged = i * 4 + (UINT32_C(1) << 30) - 3000 + i;
		send_segment(table, 0, STREAM_CLIENT, SEGMENT_ACK, forged, 0, "zzzz", 4);
		send_segment(table, 0, STREAM_CLIENT, SEGMENT_ACK, i * 4, 0, "abcd", 4);
	}
	assert_int_equal(counter->bytes, 2000);
	assert_int_equal(counter->gap_bytes, 0);
	destroy_counted_table(table);
}

/* Holes of any size cost one packet: this would take minutes otherwise. */
static void test_large_holes(void **state) {
	struct flow_table *table = create_counted_table(NULL);
	send_handshake(table, 0);
	uint32_t seq = 0;
	for (int i = 0; i < 1000; i++) {
		send_segment(table, 0, STREAM_SERVER, SEGMENT_ACK, 10, seq, "waits", 5);
		seq += 60 << 20;
		for (int j = 0; j < 60; j++)
			send_segment(table, 0, STREAM_SERVER, SEGMENT_ACK, 10, seq, "", 0);
		send_segment(table, 0, STREAM_CLIENT, SEGMENT_ACK, seq, 0, "abcd", 4);
		seq += 4;
	}
	flow_table_end_source(table);
	assert_int_equal(counter->bytes, 4005);
	assert_int_equal(counter->gap_bytes, 10 + 1000 * (UINT64_C(60) << 20));
	destroy_counted_table(table);
}

static void test_eviction(void **state) {
	struct flow_options options;
	flow_options_init(&options);
	options.flows_max = 100;
	struct flow_table *table = create_counted_table(&options);
	struct flow_stats stats;
	for (uint32_t number = 0; number < 50; number++) {
		send_handshake(table, number);
		send_segment(table, number, STREAM_CLIENT, SEGMENT_ACK, 0, 0, "x", 1);
	}
	/* What never was an open connection gives way first. */
	for (uint32_t number = 50; number < 5000; number++)
		send_segment(table, number, STREAM_CLIENT, SEGMENT_SYN, UINT32_MAX, 0, "", 0);
	flow_table_get_stats(table, &stats);
	assert_int_equal(stats.open, 100);
	assert_int_equal(stats.evicted, 4900);
	assert_int_equal(counter->how[STREAM_CLOSE_EVICTED], 4900);
	for (uint32_t number = 0; number < 50; number++)
		send_segment(table, number, STREAM_SERVER, SEGMENT_ACK, 0, 1, "y", 1);
	assert_int_equal(counter->bytes, 100);
	/* Then the longest idle. */
	for (uint32_t number = 5000; number < 5075; number++) {
		send_handshake(table, number);
		send_segment(table, number, STREAM_CLIENT, SEGMENT_ACK, 0, 0, "x", 1);
	}
	for (uint32_t number = 0; number < 50; number++)
		send_segment(table, number, STREAM_CLIENT, SEGMENT_ACK, 1, 1, "z", 1);
	flow_table_get_stats(table, &stats);
	assert_int_equal(stats.open, 100);
	assert_int_equal(stats.connections, 5075 + 25 + 25);
	destroy_counted_table(table);
}

static void send_whole(struct flow_table *table, uint32_t number) {
	send_handshake(table, number);
	send_segment(table, number, STREAM_SERVER, SEGMENT_ACK, 0, 0, "hello", 5);
	send_segment(table, number, STREAM_CLIENT, SEGMENT_ACK | SEGMENT_FIN, 0, 5, "bye", 3);
	send_segment(table, number, STREAM_SERVER, SEGMENT_ACK | SEGMENT_FIN, 5, 4, "", 0);
	send_segment(table, number, STREAM_CLIENT, SEGMENT_ACK, 4, 6, "", 0);
}

/* What comes late of a connection that ended many connections ago, but not long ago, is not the middle of another. */
static void test_late(void **state) {
	enum { CONNECTIONS = 5000 }; /* 30 seconds of them */
	static const struct {
		const char *name;
		uint32_t flags, seq, ack;
		enum stream_side side;
		const char *data;
		bool is_new;
	} rows[] = {
		{"an acknowledgement", SEGMENT_ACK, 4, 6, STREAM_CLIENT, "", false},
		{"a FIN again", SEGMENT_ACK | SEGMENT_FIN, 5, 4, STREAM_SERVER, "", false},
		{"a reset", SEGMENT_RST, 4, 0, STREAM_CLIENT, "", false},
		{"bytes again", SEGMENT_ACK, 0, 0, STREAM_SERVER, "hello", false},
		{"the end of them again", SEGMENT_ACK, 2, 0, STREAM_SERVER, "llo", false},
		{"more bytes", SEGMENT_ACK, 2, 0, STREAM_SERVER, "llo!", true},
		{"bytes of the other side", SEGMENT_ACK, 3, 5, STREAM_CLIENT, "QUIT", true},
		{"a SYN", SEGMENT_SYN, 77, 0, STREAM_CLIENT, "", true},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct flow_table *table = create_counted_table(NULL);
		struct flow_stats stats;
		for (uint32_t number = 0; number < CONNECTIONS; number++)
			send_whole(table, number);
		send_segment(table, 0, rows[i].side, (uint8_t)rows[i].flags, rows[i].seq, rows[i].ack, rows[i].data, strlen(rows[i].data));
		flow_table_get_stats(table, &stats);
		if (stats.connections != (size_t)CONNECTIONS + rows[i].is_new)
			fail_msg("%s: %llu connections", rows[i].name, (unsigned long long)stats.connections);
		/* Two minutes later there is no telling. */
		for (uint32_t number = CONNECTIONS; number < 5 * CONNECTIONS; number++)
			send_whole(table, number);
		send_segment(table, 1, rows[i].side, (uint8_t)rows[i].flags, rows[i].seq, rows[i].ack, rows[i].data, strlen(rows[i].data));
		flow_table_get_stats(table, &stats);
		assert_int_equal(stats.connections, 5 * CONNECTIONS + rows[i].is_new + 1);
		destroy_counted_table(table);
	}
}

/* By the clock of the capture, which other connections move on. */
static void test_idle(void **state) {
	struct recorder recorder = {0};
	struct flow_table *table = create_table(NULL, &recorder_sink, &recorder);
	struct segment segment = {.kind = SEGMENT_TCP,
		.flags = SEGMENT_ACK,
		.payload = (const uint8_t *)"a",
		.payload_captured_len = 1,
		.payload_len = 1};
	set_endpoint(&segment.source, 1, CLIENT_PORT);
	set_endpoint(&segment.destination, 2, SERVER_PORT);
	flow_table_segment(table, &segment);
	for (int i = 1; i <= 73; i++) {
		segment.source.port = CLIENT_PORT + 1;
		segment.seq = (uint32_t)i;
		segment.at.time_ns = i * INT64_C(50000) * MS;
		segment.at.frame++;
		flow_table_segment(table, &segment);
		assert_int_equal(recorder.streams[0].closed, i >= 72);
	}
	assert_int_equal(recorder.last_close.how, STREAM_CLOSE_IDLE_TIMEOUT);
	flow_table_destroy(table);
}

/* How long after its last segment a connection is over when nothing else comes, in steps of 100 ms. */
static void test_end_of_silence(void **state) {
	static const struct {
		const char *name, *script;
		int64_t min_ms, max_ms;
	} rows[] = {
		{"bytes before both FINs are missing", HANDSHAKE "> A 5 a1 'QUIT'; > FA 9 a1; < FA 1 a10; > A 10 a2", 1500, 1700},
		{"the last bytes are missing", HANDSHAKE "> FA 9 a1; < FA 1 a10; > A 10 a2", 1500, 1700},
		{"one side, which has ended", "> S 0; > A 1 a1 'QUIT'; > FA 5 a4", 1500, 1700},
		{"one side, which has not", "> S 0; > A 1 a1 'QUIT'", 3600000, 4060000},
		{"half closed", HANDSHAKE "> FA 1 a1 'QUIT'; < A 1 a6", 3600000, 4060000},
		{"refused", "> S 0; < RA 0 a1", 1500, 1700},
		{"idle since some time after its beginning", HANDSHAKE "> A 1 a1 'a'; > A 2 a1 'b' @400000", 3600000, 4060000},
		{"no answer to several SYNs", "> S 0; > S 0 @1000; > S 0 @3000; > S 0 @7000", 130000, 146400},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct recorder recorder = {0};
		struct flow_table *table = create_table(NULL, &recorder_sink, &recorder);
		struct script *script = create_script(rows[i].script);
		feed_script(table, script);
		assert_false(recorder.stream_count > 0 && recorder.streams[0].closed);
		/* Of these the sink will hear when stragglers had their time. */
		bool is_over = rows[i].min_ms == 1500;
		assert_int_equal(flow_table_oldest_failed(table) != 0, is_over && recorder.stream_count == 0);
		int64_t waited_ms = 0;
		while (waited_ms <= rows[i].max_ms && (recorder.stream_count == 0 || !recorder.streams[0].closed)) {
			waited_ms += 100;
			flow_table_tick(table, (script->time_ms + waited_ms) * MS);
		}
		if (waited_ms < rows[i].min_ms || waited_ms > rows[i].max_ms)
			fail_msg("%s: over after %lld ms", rows[i].name, (long long)waited_ms);
		assert_int_equal(flow_table_oldest_failed(table), 0);
		flow_table_destroy(table);
		free(script);
	}
}

/* How much of the handshake was on each side of the place of capture. */
static void test_handshake_parts(void **state) {
	static const struct {
		const char *name, *script;
		int64_t handshake_ms, server_ms, client_ms; /* 0: not known */
	} rows[] = {
		{"whole", "> S 0; < SA 0 a1 @10; > A 1 a1 @30; > A 1 a1 'EHLO'", 29, 9, 20}, /* the SYN comes after one millisecond */
		{"which SYN is answered is not known", "> S 0; > S 0 @1000; < SA 0 a1 @1010; > A 1 a1 @1030; > A 1 a1 'EHLO'", 30, 0, 0},
		{"a SYN that comes again when it was answered", "> S 0; < SA 0 a1 @10; > S 0 @1000; < SA 0 a1 @1010; > A 1 a1 @1030; > A 1 a1 'a'",
			30, 9, 0},
		{"nor which SYN-ACK", "> S 0; < SA 0 a1 @10; < SA 0 a1 @1010; > A 1 a1 @1030; > A 1 a1 'EHLO'", 1029, 9, 0},
		{"no SYN-ACK", "> S 0; > A 1 a1 @30; > A 1 a1 'EHLO'", -1, 0, 0},
		{"no SYN", "< SA 0 a1 @10; > A 1 a1 @30; > A 1 a1 'EHLO'", -1, 0, 0},
		{"neither", "> A 1 a1 'EHLO'", -1, 0, 0},
		{"no ACK of its own", "> S 0; < SA 0 a1 @10; > A 1 a1 'EHLO' @500", 499, 9, 0},
		{"an ACK of more", "> S 0; < SA 0 a1 @10; > A 1 a5 @500; > A 1 a5 'EHLO'", 499, 9, 0},
		{"the SYN-ACK answers another SYN", "> S 0; < SA 0 a77 @10; > A 1 a1 @30; > A 1 a1 'EHLO'", 29, 0, 0},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct recorder recorder = {0};
		run_script(&recorder, NULL, rows[i].script);
		assert_int_equal(recorder.stream_count, 1);
		const struct stream_open *open = &recorder.streams[0].open;
		int64_t handshake_ns = rows[i].handshake_ms < 0 ? -1 : rows[i].handshake_ms * MS;
		if (open->handshake_ns != handshake_ns || open->server_rtt_ns != rows[i].server_ms * MS ||
			open->client_rtt_ns != rows[i].client_ms * MS)
			fail_msg("%s: %lld %lld %lld", rows[i].name, (long long)open->handshake_ns, (long long)open->server_rtt_ns,
				(long long)open->client_rtt_ns);
	}
}

static void test_counters(void **state) {
	struct recorder recorder = {0};
	run_script(&recorder, NULL,
		"> S 0; > S 0 @1000; < SA 0 a1 @1010; > A 1 a1 @1030; > A 1 a1 'EHLO'; > A 1 a1 'EHLO'; > A 2 a1 'HLO'; > A "
		"9 a1 'x';"
		"> A 9 a1 'x'; < A 1 a10 '250'; < A 4 a10 @3000; < FA 4 a10; > FA 10 a5; > FA 10 a5; < A 5 a11");
	assert_string_equal(recorder.log, "open >EHLO >[4] >x <250 fin");
	const struct stream_close *close = &recorder.last_close;
	const struct stream_counters *client = &close->side[STREAM_CLIENT], *server = &close->side[STREAM_SERVER];
	assert_int_equal(close->syn_retries, 1);
	assert_int_equal(close->handshake_ns, 30 * MS);
	assert_int_equal(close->last.frame, 16 - 1);
	assert_int_equal(client->packets, 10);
	assert_int_equal(client->bytes, 5);
	assert_int_equal(client->retransmits, 5);
	assert_int_equal(client->gaps, 1);
	assert_int_equal(client->gap_bytes, 4);
	assert_int_equal(server->packets, 5);
	assert_int_equal(server->bytes, 3);
	assert_int_equal(server->retransmits, 0);
	assert_int_equal(server->gaps, 0);
}

/* After the sink has lost interest bytes are only counted. */
static void test_ignored(void **state) {
	struct recorder recorder = {.ignore = true};
	run_script(&recorder, NULL,
		HANDSHAKE
		"> A 1 a1 'EHLO'; < A 1 a5 '250'; > A 5 a4 'QUIT'; > A 20 a4 'x'; < FA 4 a5; > FA 21 a5; < A 5 a22");
	assert_string_equal(recorder.log, "open >EHLO fin");
	assert_int_equal(recorder.last_close.side[STREAM_CLIENT].bytes, 20);
	assert_int_equal(recorder.last_close.side[STREAM_SERVER].bytes, 3);
}

/* What is further ahead than may wait is no reason to give up what is between: it must be acknowledged, or wait in turn. */
static void test_far_ahead(void **state) {
	static const struct row rows[] = {
		{"acknowledged", HANDSHAKE "> A 2001 a1 'far'; > A 1 a1 'near'; < A 1 a2004; < A 1 a2004 @2000",
			"open >near >[1996] >far end"},
		{"not acknowledged", HANDSHAKE "> A 2001 a1 'far'; > A 1 a1 'near'; < A 1 a5 'x' @2000; > A 5 a2 'y'",
			"open >near <x >y >[1995] >far end"},
		{"one-sided", "> S 0; > A 2001 a1 'far'; > A 1 a1 'near'; > A 2004 a1 'x' @5000; > A 2005 a1 'y' @16000",
			"open >near >[1996] >far >x >y end"},
		{"one-sided, with what it acknowledged",
			"> S 0; > A 2001 a9 'far'; > A 1 a9 'near'; > A 2004 a9 'x' @5000; > A 2005 a9 'y' @16000",
			"open >near >[1996] >far >x >y end"},
		{"forged in front of each line",
			HANDSHAKE "> A 900001 a1 'z'; > A 1 a1 'a'; > A 8001 a1 'z'; > A 2 a1 'b'; < A 1 a3 'x'",
			"open >a >b <x >[7998] >z >[891999] >z end"},
	};
	struct flow_options options;
	flow_options_init(&options);
	options.queued_bytes_max = 1000;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct recorder recorder = {.one_sided = true};
		run_script(&recorder, &options, rows[i].script);
		assert_string_equal(recorder.log, rows[i].expected);
	}
}

static void test_ports_only(void **state) {
	struct flow_options options;
	flow_options_init(&options);
	options.ports_only = true;
	struct recorder recorder = {0};
	run_script(&recorder, &options, "> A 1 a1 '220' p8000; < A 1 a4 'x' p8000; 1> A 1 a1 'EHLO'; 2> A 1 a1 'x' p465");
	assert_string_equal(recorder.log, "1open,midstream 1>EHLO 2open,midstream 2>x 1end 2end");
	assert_int_equal(recorder.streams[0].open.hint, STREAM_HINT_SMTP);
	assert_int_equal(recorder.streams[1].open.hint, STREAM_HINT_SMTPS);
}

/* Of mailbox connections a live capture has the beginning and the end only. */
static void test_mailboxes(void **state) {
	static const struct {
		const char *name, *script;
		unsigned imap;
	} rows[] = {
		{"whole", "> A 1 a1 'x' p143; < A 1 a2 'y' p143; > FA 2 a2 p143; < FA 2 a3 p143; ", 1},
		{"ends, both behind data", "> FA 301 a5001 p143; < FA 5001 a302 p143; ", 1},
		{"ends, the server's first", "< FA 5001 a301 p143; > FA 301 a5002 p143; ", 1},
		{"one end, which acknowledges the other side's data", "> FA 301 a5001 p143; < R 5001 p143; ", 1},
		{"ends without data", "> FA 1 a1 p143; < FA 1 a2 p143; ", 0},
		{"ends, the server said something", "> FA 1 a5001 p143; < FA 5001 a2 p143; ", 0},
		{"ends, the client said something", "> FA 301 a1 p143; < FA 1 a302 p143; ", 0},
		{"an end that acknowledges a lost one", "> FA 301 a2 p143; ", 0},
		{"no end", "", 0},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		char script[400];
		snprintf(script, sizeof(script), "> S 0 p143; < SA 0 a1 p143; %s1> S 0; 1< SA 0 a1; 1> A 1 a1 'QUIT' @5000",
			rows[i].script);
		struct flow_options options;
		flow_options_init(&options);
		struct recorder recorder = {0};
		run_script(&recorder, &options, script);
		if (recorder.last_close.mailbox.imap != rows[i].imap)
			fail_msg("%s: %u mailbox connections", rows[i].name, recorder.last_close.mailbox.imap);
		assert_int_equal(recorder.gaps_total, 0);
		assert_int_equal(recorder.last_close.mailbox.pop3, 0);
	}
}

static void test_sources(void **state) {
	struct recorder recorder = {0};
	struct flow_table *table = create_table(NULL, &recorder_sink, &recorder);
	send_segment(table, 0, STREAM_CLIENT, SEGMENT_ACK, 0, 0, "a", 1);
	send_segment(table, 1, STREAM_CLIENT, SEGMENT_ACK, 0, 0, "b", 1);
	flow_table_begin_source(table, "next");
	send_segment(table, 0, STREAM_CLIENT, SEGMENT_ACK, 1, 0, "c", 1);
	flow_table_destroy(table);
	assert_string_equal(recorder.log, "open,midstream >a 1open,midstream 1>b end 1end open,midstream >c end");
	assert_string_equal(recorder.streams[1].open.source, "test");
	assert_string_equal(recorder.streams[2].open.source, "next");
}

/* Buffers, which only a connection out of order has, first, and nothing is lost with them; then connections, and among many those that have just begun stay. */
static void test_evict(void **state) {
	struct recorder recorder = {0};
	struct flow_table *table = create_table(NULL, &recorder_sink, &recorder);
	struct flow_stats before, disordered, after;
	send_segment(table, 0, STREAM_CLIENT, SEGMENT_ACK, 0, 0, "a", 1);
	flow_table_get_stats(table, &before);
	send_segment(table, 0, STREAM_CLIENT, SEGMENT_ACK, 2, 0, "c", 1);
	send_segment(table, 0, STREAM_CLIENT, SEGMENT_ACK, 1, 0, "b", 1);
	flow_table_get_stats(table, &disordered);
	assert_true(disordered.memory > before.memory + 4096);
	assert_true(flow_table_evict(table));
	flow_table_get_stats(table, &after);
	assert_int_equal(after.memory, before.memory);
	assert_int_equal(after.evicted, 0);
	send_segment(table, 0, STREAM_CLIENT, SEGMENT_ACK, 3, 0, "d", 1);
	assert_string_equal(recorder.log, "open,midstream >a >b >c >d");
	for (uint16_t i = 1; i < 40; i++)
		send_segment(table, i, STREAM_CLIENT, SEGMENT_ACK, 0, 0, "x", 1);
	send_segment(table, 40, STREAM_CLIENT, SEGMENT_SYN, 0, 0, "", 0);
	do {
		assert_true(flow_table_evict(table));
		flow_table_get_stats(table, &after);
	} while (after.evicted == 0);
	assert_int_equal(after.embryonic, 1);
	assert_int_equal(after.open, 40);
	for (uint16_t i = 41; i < 45; i++)
		send_segment(table, i, STREAM_CLIENT, SEGMENT_SYN, 0, 0, "", 0);
	assert_true(flow_table_evict(table));
	flow_table_get_stats(table, &after);
	assert_int_equal(after.embryonic, 4);
	flow_table_destroy(table);
}

/* ---- Properties: a conversation, disturbed at random, comes out as it was ---- */

enum { TURNS = 40, TEXT_MAX = 20000, WINDOW = 4, SEGMENTS_MAX = 4000 };

struct talk {
	uint32_t random;
	uint8_t text[2][TEXT_MAX];
	size_t len[2];
	size_t turn_end[2][TURNS / 2]; /* offsets at which the side stops and waits for the other */
	struct talk_segment {
		enum stream_side side;
		uint8_t flags;
		size_t offset, len, ack;
		size_t place; /* order of delivery */
		bool lost;
	} segments[SEGMENTS_MAX];
	size_t segment_count;
	/* what came out */
	size_t out[2];
	uint64_t gap_bytes[2], lost_bytes[2];
	bool may_lose;
};

static uint32_t random_below(struct talk *talk, uint32_t limit) {
	talk->random = talk->random * 1664525 + 1013904223;
	return (uint32_t)((uint64_t)(talk->random >> 8) * limit >> 24);
}

static struct talk_segment *add_segment(struct talk *talk, enum stream_side side, size_t offset, size_t len, size_t ack) {
	assert_true(talk->segment_count < SEGMENTS_MAX);
	struct talk_segment *segment = &talk->segments[talk->segment_count++];
	*segment = (struct talk_segment){.side = side, .flags = SEGMENT_ACK, .offset = offset, .len = len, .ack = ack};
	return segment;
}

/* The sides speak in turns, each turn in answer to the whole of the one before. */
static void make_talk(struct talk *talk, uint32_t seed, bool may_lose) {
	*talk = (struct talk){.random = seed, .may_lose = may_lose};
	fill(talk->text[0], TEXT_MAX);
	fill(talk->text[1], TEXT_MAX);
	for (size_t turn = 0; turn < TURNS; turn++) {
		enum stream_side side = turn % 2 ? STREAM_CLIENT : STREAM_SERVER;
		size_t len = 1 + random_below(talk, 500), ack = talk->len[stream_other_side(side)];
		for (size_t end = talk->len[side] + len; talk->len[side] < end;) {
			size_t piece = 1 + random_below(talk, 200);
			if (piece > end - talk->len[side])
				piece = end - talk->len[side];
			/* A single lost byte cannot be told from a lost FIN until the side goes on. */
			bool lost = may_lose && piece > 1 && random_below(talk, 8) == 0;
			add_segment(talk, side, talk->len[side], piece, ack)->lost = lost;
			talk->lost_bytes[side] += lost ? piece : 0;
			if (!lost && random_below(talk, 4) == 0)
				add_segment(talk, side, talk->len[side], piece, ack);
			/* Again, in other pieces. What was lost stays lost. */
			if (!may_lose && random_below(talk, 4) == 0) {
				size_t back = random_below(talk, (uint32_t)(piece + talk->len[side] - (end - len)) + 1);
				add_segment(talk, side, talk->len[side] + piece - back, back, ack);
			}
			talk->len[side] += piece;
			if (random_below(talk, 4) == 0)
				add_segment(talk, stream_other_side(side), ack, 0, talk->len[side]);
		}
		talk->turn_end[side][turn / 2] = talk->len[side];
	}
	for (int i = 0; i < 8; i++) {
		add_segment(talk, STREAM_CLIENT, talk->len[0], 0, talk->len[1]);
		add_segment(talk, STREAM_SERVER, talk->len[1], 0, talk->len[0]);
	}
	for (size_t i = 0; i < talk->segment_count; i++)
		talk->segments[i].place = i + random_below(talk, WINDOW + 1);
}

static int compare_places(const void *a, const void *b) {
	const struct talk_segment *first = a, *second = b;
	if (first->place != second->place)
		return first->place < second->place ? -1 : 1;
	return first->offset > second->offset ? -1 : first->offset < second->offset; /* the later first */
}

static void *talk_open(void *context, const struct stream_open *open) {
	assert_int_equal(open->stream, 0);
	return context;
}

static enum stream_interest talk_chunk(void *handle, const struct stream_chunk *chunk) {
	struct talk *talk = handle;
	size_t *out = &talk->out[chunk->side], *peer_out = &talk->out[!chunk->side];
	assert_int_equal(chunk->offset, *out);
	assert_true(chunk->len <= talk->len[chunk->side] - *out);
	assert_true(chunk->peer_offset <= *peer_out);
	if (chunk->data == NULL) {
		talk->gap_bytes[chunk->side] += chunk->len;
	} else {
		assert_memory_equal(chunk->data, talk->text[chunk->side] + *out, chunk->len);
		/* The turns keep their order: all of the other side's before it is there, and none after it. */
		size_t turn = 0;
		while (talk->turn_end[chunk->side][turn] <= *out)
			turn++;
		assert_true(chunk->len <= talk->turn_end[chunk->side][turn] - *out || talk->may_lose);
		size_t heard = chunk->side == STREAM_CLIENT ? talk->turn_end[STREAM_SERVER][turn]
			       : turn > 0                   ? talk->turn_end[STREAM_CLIENT][turn - 1]
							    : 0;
		assert_int_equal(*peer_out, heard);
		assert_int_equal(chunk->peer_offset, heard);
	}
	*out += chunk->len;
	return STREAM_CONTINUE;
}

static void talk_close(void *handle, const struct stream_close *close) {
	assert_int_equal(close->how, STREAM_CLOSE_CAPTURE_ENDED);
}

static void run_talk(struct talk *talk, uint32_t isn) {
	static const struct stream_sink sink = {.open = talk_open, .chunk = talk_chunk, .close = talk_close};
	struct flow_table *table = create_table(NULL, &sink, talk);
	qsort(talk->segments, talk->segment_count, sizeof(talk->segments[0]), compare_places);
	send_segment(table, 0, STREAM_CLIENT, SEGMENT_SYN, isn - 1, 0, "", 0);
	send_segment(table, 0, STREAM_SERVER, SEGMENT_SYN | SEGMENT_ACK, 2 * isn - 1, isn, "", 0);
	for (size_t i = 0; i < talk->segment_count; i++) {
		const struct talk_segment *segment = &talk->segments[i];
		if (segment->lost)
			continue;
		bool from_client = segment->side == STREAM_CLIENT;
		send_segment(table, 0, segment->side, segment->flags,
			isn * (from_client ? 1 : 2) + (uint32_t)segment->offset,
			isn * (from_client ? 2 : 1) + (uint32_t)segment->ack, talk->text[segment->side] + segment->offset,
			segment->len);
	}
	flow_table_destroy(table);
	for (int side = 0; side < 2; side++) {
		assert_int_equal(talk->out[side], talk->len[side]);
		assert_int_equal(talk->gap_bytes[side], talk->lost_bytes[side]);
	}
}

static void run_talks(bool may_lose, uint32_t seed_count) {
	struct talk *talk = malloc(sizeof(*talk));
	assert_non_null(talk);
	for (uint32_t seed = 1; seed <= seed_count; seed++) {
		make_talk(talk, seed, may_lose);
		run_talk(talk, seed % 3 ? seed * 2654435761U : UINT32_MAX - 1000);
	}
	free(talk);
}

static void test_disturbed(void **state) {
	run_talks(false, 300);
}

static void test_disturbed_and_lost(void **state) {
	run_talks(true, 300);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_loss),
		cmocka_unit_test(test_midstream),
		cmocka_unit_test(test_one_sided),
		cmocka_unit_test(test_life),
		cmocka_unit_test(test_detail),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_out_of_order_whole),
		cmocka_unit_test(test_out_of_order_limit),
		cmocka_unit_test(test_total_limit),
		cmocka_unit_test(test_many_flows),
		cmocka_unit_test(test_long_connection),
		cmocka_unit_test(test_long_connection_with_hole),
		cmocka_unit_test(test_forged_far_ahead),
		cmocka_unit_test(test_large_holes),
		cmocka_unit_test(test_eviction),
		cmocka_unit_test(test_late),
		cmocka_unit_test(test_idle),
		cmocka_unit_test(test_end_of_silence),
		cmocka_unit_test(test_handshake_parts),
		cmocka_unit_test(test_counters),
		cmocka_unit_test(test_ignored),
		cmocka_unit_test(test_far_ahead),
		cmocka_unit_test(test_ports_only),
		cmocka_unit_test(test_mailboxes),
		cmocka_unit_test(test_sources),
		cmocka_unit_test(test_evict),
		cmocka_unit_test(test_disturbed),
		cmocka_unit_test(test_disturbed_and_lost),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
