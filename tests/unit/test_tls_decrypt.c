/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * decode/tls_decrypt.c: the handshake of RFC 8448, section 3, whole, in pieces, with holes, and with keys that come late, are wrong
 * or are not there. Other ciphers and real sessions: tests/decrypt.py.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "decode/tls_decrypt.h"

enum { STEPS_MAX = 16, TEXT_MAX = 4096 };

#define CLIENT_HELLO \
	"16030100c4010000c00303cb34ecb1e78163ba1c38c6dacb196a6dffa21a8d9912ec18a2ef6283024dece70000061301130313020100009100" \
	"00000b0009000006736572766572ff01000100000a00140012001d0017001800190100010101020103010400230000003300260024001d0020" \
	"99381de560e4bd43d23d8e435a7dbafeb3c06e51c13cae4d5413691e529aaf2c002b0003020304000d0020001e040305030603020308040805" \
	"080604010501060102010402050206020202002d00020101001c00024001"
#define SERVER_HELLO \
	"160303005a020000560303a6af06a4121860dc5e6e60249cd34c95930c8ac5cb1434dac155772ed3e2692800130100002e00330024001d0020" \
	"c9828876112095fe66762bdbf7c672e156d6cc253b833df1dd69b1b04e751f0f002b00020304"
#define SERVER_FLIGHT \
	"17030302a2d1ff334a56f5bff6594a07cc87b580233f500f45e489e7f33af35edf7869fcf40aa40aa2b8ea73f848a7ca07612ef9f945cb960b" \
	"4068905123ea78b111b429ba9191cd05d2a389280f526134aadc7fc78c4b729df828b5ecf7b13bd9aefb0e57f271585b8ea9bb355c7c790207" \
	"16cfb9b1183ef3ab20e37d57a6b9d7477609aee6e122a4cf51427325250c7d0e509289444c9b3a648f1d71035d2ed65b0e3cdd0cbae8bf2d0b" \
	"227812cbb360987255cc744110c453baa4fcd610928d809810e4b7ed1a8fd991f06aa6248204797e36a6a73b70a2559c09ead686945ba246ab" \
	"66e5edd8044b4c6de3fcf2a89441ac66272fd8fb330ef8190579b3684596c960bd596eea520a56a8d650f563aad27409960dca63d3e688611e" \
	"a5e22f4415cf9538d51a200c27034272968a264ed6540c84838d89f72c24461aad6d26f59ecaba9acbbb317b66d902f4f292a36ac1b639c637" \
	"ce343117b659622245317b49eeda0c6258f100d7d961ffb138647e92ea330faeea6dfa31c7a84dc3bd7e1b7a6c7178af36879018e3f252107f" \
	"243d243dc7339d5684c8b0378bf30244da8c87c843f5e56eb4c5e8280a2b48052cf93b16499a66db7cca71e4599426f7d461e66f99882bd89f" \
	"c50800becca62d6c74116dbd2972fda1fa80f85df881edbe5a37668936b335583b599186dc5c6918a396fa48a181d6b6fa4f9d62d513afbb99" \
	"2f2b992f67f8afe67f76913fa388cb5630c8ca01e0c65d11c66a1e2ac4c85977b7c7a6999bbf10dc35ae69f5515614636c0b9b68c19ed2e31c" \
	"0b3b66763038ebba42f3b38edc0399f3a9f23faa63978c317fc9fa66a73f60f0504de93b5b845e275592c12335ee340bbc4fddd502784016e4" \
	"b3be7ef04dda49f4b440a30cb5d2af939828fd4ae3794e44f94df5a631ede42c1719bfdabf0253fe5175be898e750edc53370d2b"
#define CLIENT_FINISHED \
	"170303003575ec4dc238cce60b298044a71e219c56cc77b0517fe9b93c7a4bfc44d87f38f80338ac98fc46deb384bd1caeacab6867d726c405" \
	"46"
#define SERVER_TICKET \
	"17030300de3a6b8f90414a97d6959c3487680de5134a2b240e6cffac116e95d41d6af8f6b580dcf3d11d63c758db289a015940252f55713e06" \
	"1dc13e078891a38efbcf5753ad8ef170ad3c7353d16d9da773b9ca7f2b9fa1b6c0d4a3d03f75e09c30ba1e62972ac46f75f7b981be63439b29" \
	"99ce13064615139891d5e4c5b406f16e3fc181a77ca475840025db2f0a77f81b5ab05b94c01346755f69232c86519d86cbeeac87aac347d143" \
	"f9605d64f650db4d023e70e952ca49fe5137121c74bc2697687e248746d6df353005f3bce18696129c8153556b3b6c6779b37bf15985684f"
#define CLIENT_DATA \
	"1703030043a23f7054b62c94d0affafe8228ba55cbefacea42f914aa66bcab3f2b9819a8a5b46b395bd54a9a20441e2b62974e1f5a6292a297" \
	"7014bd1e3deae63aeebb21694915e4"
#define SERVER_DATA \
	"17030300432e937e11ef4ac740e538ad36005fc4a46932fc3225d05f82aa1b36e30efaf97d90e6dffc602dcb501a59a8fcc49c4bf2e5f0a21c" \
	"0047c2abf332540dd032e167c2955d"
#define CLIENT_ALERT "1703030013c9872760655666b74d7ff1153efd6db6d0b0e3"
#define SERVER_ALERT "1703030013b58fd67166ebf599d24720cfbe7efa7a8864a9"

#define RANDOM " cb34ecb1e78163ba1c38c6dacb196a6dffa21a8d9912ec18a2ef6283024dece7 "
#define HANDSHAKE_KEYS \
	"CLIENT_HANDSHAKE_TRAFFIC_SECRET" RANDOM "b3eddb126e067f35a780b3abf45e2d8f3b1a950738f52e9600746a0e27a55a21\n" \
	"SERVER_HANDSHAKE_TRAFFIC_SECRET" RANDOM "b67b7d690cc16c4e75e54213cb2d37b4e9c912bcded9105d42befd59d391ad38\n"
#define CLIENT_KEY "CLIENT_TRAFFIC_SECRET_0" RANDOM "9e40646ce79a7f9dc05af8889bce6552875afa0b06df0087f792ebb7c17504a5\n"
#define SERVER_KEY "SERVER_TRAFFIC_SECRET_0" RANDOM "a11af9f05531f856ad47116b45a950328204b4f44bfb6b3a4b4f1f3fcb631643\n"
#define ALL_KEYS HANDSHAKE_KEYS CLIENT_KEY SERVER_KEY
#define OTHER_KEY "CLIENT_TRAFFIC_SECRET_0" RANDOM "9e40646ce79a7f9dc05af8889bce6552875afa0b06df0087f792ebb7c17504a6\n"

/* What both sides say: the numbers 0 to 49. */
#define C "C"
#define S "S"
/* The server's certificate, and what ends either side. */
#define X "x"
#define CA "<"
#define SA ">"

enum what { END, CLIENT, SERVER, CLIENT_GAP, SERVER_GAP, KEYS, LATER };

struct step {
	enum what what;
	const char *text; /* hexadecimal; of KEYS lines of a key log */
	size_t from, to;  /* of the bytes: what is left out is a gap; 0, 0: all of it */
};

#define HANDSHAKE {CLIENT, CLIENT_HELLO}, {SERVER, SERVER_HELLO}, {SERVER, SERVER_FLIGHT}, {CLIENT, CLIENT_FINISHED}
#define REST {SERVER, SERVER_TICKET}, {CLIENT, CLIENT_DATA}, {SERVER, SERVER_DATA}, {CLIENT, CLIENT_ALERT}, {SERVER, SERVER_ALERT}

static const struct row {
	const char *name;
	bool grows;
	struct step steps[STEPS_MAX];
	const char *expected; /* C and S for their text, as above; c and s for a gap, then the reason in digits when it became blind */
} rows[] = {
	{"as it is", false, {{KEYS, ALL_KEYS}, HANDSHAKE, REST}, X C S CA SA},
	{"no keys", false, {HANDSHAKE, REST}, "1"},
	{"without the handshake's keys", false, {{KEYS, CLIENT_KEY SERVER_KEY}, HANDSHAKE, REST}, C S CA SA},
	{"the handshake's keys alone", false, {{KEYS, HANDSHAKE_KEYS}, HANDSHAKE, REST}, X "1"},
	{"the server's keys alone", false, {{KEYS, HANDSHAKE_KEYS SERVER_KEY}, HANDSHAKE, REST}, X "1"},
	{"a wrong key", false, {{KEYS, HANDSHAKE_KEYS OTHER_KEY SERVER_KEY}, HANDSHAKE, REST}, X "2"},
	{"keys that come in time", true, {{CLIENT, CLIENT_HELLO}, {SERVER, SERVER_HELLO}, {KEYS, ALL_KEYS}, {SERVER, SERVER_FLIGHT},
		{CLIENT, CLIENT_FINISHED}, REST}, X C S CA SA},
	{"keys that come late", true, {HANDSHAKE, {KEYS, HANDSHAKE_KEYS}, {SERVER, SERVER_TICKET}, {CLIENT, CLIENT_DATA},
		{SERVER, SERVER_DATA}, {KEYS, CLIENT_KEY SERVER_KEY}, {CLIENT, CLIENT_ALERT}, {SERVER, SERVER_ALERT}}, X C S CA SA},
	{"keys that come after all", true, {HANDSHAKE, REST, {KEYS, ALL_KEYS}}, X C S CA SA},
	{"keys that never come", true, {HANDSHAKE, REST}, "1"},
	{"keys that come too late", true, {HANDSHAKE, {LATER, ""}, {SERVER, SERVER_TICKET}, {KEYS, ALL_KEYS}, {CLIENT, CLIENT_DATA}}, "1"},
	{"without the client's hello", false, {{KEYS, ALL_KEYS}, {SERVER, SERVER_HELLO}, {SERVER, SERVER_FLIGHT},
		{CLIENT, CLIENT_FINISHED}, REST}, "1"},
	{"a hole in the client's hello", false, {{KEYS, ALL_KEYS}, {CLIENT, CLIENT_HELLO, 0, 100}, {SERVER, SERVER_HELLO}, REST}, "4"},
	{"a hole in the server's hello", false, {{KEYS, ALL_KEYS}, {CLIENT, CLIENT_HELLO}, {SERVER, SERVER_HELLO, 50, 95}, REST}, "4"},
	{"a hole in the handshake", false, {{KEYS, ALL_KEYS}, {CLIENT, CLIENT_HELLO}, {SERVER, SERVER_HELLO},
		{SERVER, SERVER_FLIGHT, 0, 300}, {CLIENT, CLIENT_FINISHED}, REST}, "s" C S CA SA},
	{"a hole at its beginning", false, {{KEYS, ALL_KEYS}, {CLIENT, CLIENT_HELLO}, {SERVER, SERVER_HELLO},
		{SERVER, SERVER_FLIGHT, 100, 679}, {CLIENT, CLIENT_FINISHED}, REST}, "s" C S CA SA},
	{"no Finished", false, {{KEYS, ALL_KEYS}, {CLIENT, CLIENT_HELLO}, {SERVER, SERVER_HELLO}, {SERVER, SERVER_FLIGHT},
		{CLIENT_GAP, CLIENT_FINISHED}, REST}, X "c" C S CA SA},
	{"no ticket", false, {{KEYS, ALL_KEYS}, HANDSHAKE, {SERVER_GAP, SERVER_TICKET}, {CLIENT, CLIENT_DATA}, {SERVER, SERVER_DATA},
		{CLIENT, CLIENT_ALERT}}, X "s" C S CA},
	{"half a ticket", false, {{KEYS, ALL_KEYS}, HANDSHAKE, {SERVER, SERVER_TICKET, 0, 100}, {CLIENT, CLIENT_DATA},
		{SERVER, SERVER_DATA}}, X "s" C S},
	{"the other half", false, {{KEYS, SERVER_KEY CLIENT_KEY}, HANDSHAKE, {SERVER, SERVER_TICKET, 100, 227}, {CLIENT, CLIENT_DATA},
		{SERVER, SERVER_DATA}}, "s" C S},
	{"no data", false, {{KEYS, ALL_KEYS}, HANDSHAKE, {SERVER, SERVER_TICKET}, {CLIENT_GAP, CLIENT_DATA}, {SERVER, SERVER_DATA},
		{CLIENT, CLIENT_ALERT}, {SERVER, SERVER_ALERT}}, X "c" S CA SA},
	{"a damaged record", false, {{KEYS, ALL_KEYS}, HANDSHAKE, {SERVER, SERVER_TICKET}, {CLIENT, CLIENT_DATA},
		{SERVER, SERVER_ALERT}}, X C "5"},
	{"clear text", false, {{KEYS, ALL_KEYS}, {CLIENT, CLIENT_HELLO}, {SERVER, "323230206d61696c0d0a"}}, "5"},
};

static size_t checks;

#define CHECK(condition) (checks++, assert_true(condition))

static int digit(char c) {
	return c <= '9' ? c - '0' : c - 'a' + 10;
}

static size_t from_hex(const char *text, uint8_t *bytes) {
	size_t len = strlen(text) / 2;
	for (size_t i = 0; i < len; i++)
		bytes[i] = (uint8_t)(digit(text[2 * i]) << 4 | digit(text[2 * i + 1]));
	return len;
}

struct output {
	char text[TEXT_MAX];
	size_t len;
	uint64_t next[2]; /* of the numbers that a side says */
	uint64_t end_offset[2];
};

static void on_piece(void *context, const struct decryptor_piece *piece) {
	struct output *output = context;
	assert_true(piece->end_offset >= output->end_offset[piece->side]);
	output->end_offset[piece->side] = piece->end_offset;
	if (piece->captured) {
		assert_true(piece->data == NULL && piece->len > 0);
		return;
	}
	if (piece->data == NULL) {
		output->text[output->len++] = piece->side == STREAM_CLIENT ? 'c' : 's';
		return;
	}
	assert_int_equal(piece->len, 50);
	for (size_t i = 0; i < piece->len; i++)
		assert_int_equal(piece->data[i], i);
	output->text[output->len++] = piece->side == STREAM_CLIENT ? 'C' : 'S';
}

static void on_tls(void *context, enum stream_side side, const struct event_tls *tls, struct stream_moment at) {
	struct output *output = context;
	assert_true(tls->begun.frame > 0 && tls->begun.frame <= at.frame);
	if (tls->step == EVENT_TLS_CERTIFICATE) {
		assert_int_equal(tls->certificate_count, 1);
		assert_int_equal(tls->certificate.len, 432);
		assert_memory_equal(tls->certificate.data, "\x30\x82\x01\xac", 4);
		output->text[output->len++] = side == STREAM_SERVER ? *X : '?';
		return;
	}
	assert_int_equal(tls->step, EVENT_TLS_ALERT);
	assert_true(tls->alert_level == 1 && tls->alert_description == 0);
	output->text[output->len++] = side == STREAM_CLIENT ? *CA : *SA;
}

enum how_cut { WHOLE, BYTES, IN_TWO };

struct player {
	const struct decryptor *decryptor;
	struct decryption *decryption;
	enum decryptor_state state;
	uint64_t offset[2];
	struct stream_moment at;
};

static void feed(struct player *player, enum stream_side side, const uint8_t *data, size_t len) {
	if (len == 0)
		return;
	uint8_t *copy = data != NULL ? malloc(len) : NULL; /* of exactly the size */
	if (copy != NULL)
		memcpy(copy, data, len);
	player->at.frame++;
	player->at.time_ns += 1000;
	player->state = player->decryptor->feed(player->decryption, &(struct stream_chunk){.side = side,
								   .data = copy,
								   .len = len,
								   .offset = player->offset[side],
								   .peer_offset = player->offset[!side],
								   .at = player->at});
	player->offset[side] += len;
	free(copy);
}

static void say(struct player *player, enum stream_side side, const uint8_t *data, size_t len, enum how_cut how_cut, size_t cut) {
	if (how_cut == BYTES) {
		for (size_t i = 0; i < len; i++)
			feed(player, side, data + i, 1);
		return;
	}
	size_t first = how_cut == IN_TWO && cut < len ? cut : len;
	feed(player, side, data, first);
	feed(player, side, data + first, len - first);
}

static void play(const struct row *row, enum how_cut how_cut, size_t cut, char *ret_text) {
	struct keylog *keylog = keylog_create(1 << 20);
	struct tls_decryptor *decryptor =
		tls_decryptor_create(&(struct tls_decryptor_options){.keylog = keylog, .grows = row->grows});
	struct output output = {.len = 0};
	uint8_t bytes[1024];
	assert_non_null(decryptor);
	struct player player = {.decryptor = tls_decryptor_border(decryptor)};
	player.decryption =
		player.decryptor->begin(player.decryptor->context, (struct decryptor_sink){.context = &output, .piece = on_piece, .tls = on_tls});
	assert_non_null(player.decryption);
	for (const struct step *step = row->steps; step->what != END; step++) {
		enum stream_side side = step->what == SERVER || step->what == SERVER_GAP ? STREAM_SERVER : STREAM_CLIENT;
		if (step->what == KEYS) {
			keylog_feed(keylog, step->text, strlen(step->text));
			continue;
		}
		if (step->what == LATER) {
			player.at.time_ns += INT64_C(3600000000000);
			continue;
		}
		size_t len = from_hex(step->text, bytes), to = step->to == 0 ? len : step->to;
		if (step->what == CLIENT_GAP || step->what == SERVER_GAP) {
			feed(&player, side, NULL, len);
			continue;
		}
		feed(&player, side, NULL, step->from);
		say(&player, side, bytes + step->from, to - step->from, how_cut, cut);
		feed(&player, side, NULL, len - to);
	}
	player.state = player.decryptor->finish(player.decryption);
	if (player.state == DECRYPTOR_BLIND)
		output.text[output.len++] = (char)('0' + player.decryptor->reason(player.decryption));
	assert_true(player.decryptor->memory(player.decryption) < 300000);
	output.text[output.len] = '\0';
	memcpy(ret_text, output.text, output.len + 1);
	player.decryptor->end(player.decryption);
	tls_decryptor_destroy(decryptor);
	keylog_destroy(keylog);
}

static void check(const struct row *row, enum how_cut how_cut, size_t cut) {
	char text[TEXT_MAX];
	play(row, how_cut, cut, text);
	if (strcmp(text, row->expected) != 0)
		fail_msg("%s (%d, cut at %zu): got \"%s\", expected \"%s\"", row->name, (int)how_cut, cut, text, row->expected);
	checks++;
}

static void test_rows(void **state) {
	(void)state;
	size_t count = sizeof(rows) / sizeof(rows[0]);
	for (size_t i = 0; i < count; i++) {
		check(&rows[i], WHOLE, 0);
		/* Byte by byte many chunks wait for a key, and there is room for so many only. */
		if (!rows[i].grows)
			check(&rows[i], BYTES, 0);
		for (size_t cut = 1; cut < 700; cut += cut < 8 ? 1 : 13)
			check(&rows[i], IN_TWO, cut);
	}
	CHECK(count > 20 && checks > 1000);
}

/* A session that uses a decryptor which has no key, and never will, is not held up by it. */
static void test_use(void **state) {
	(void)state;
	struct keylog *keylog = keylog_create(1 << 20);
	struct tls_decryptor_options options = {.keylog = keylog};
	struct tls_decryptor *decryptor = tls_decryptor_create(&options);
	const struct decryptor *border = tls_decryptor_border(decryptor);
	CHECK(!border->is_of_use(border->context));
	keylog_feed(keylog, CLIENT_KEY, strlen(CLIENT_KEY));
	CHECK(border->is_of_use(border->context));
	tls_decryptor_destroy(decryptor);
	options.grows = true;
	keylog_destroy(keylog);
	options.keylog = keylog = keylog_create(1 << 20);
	decryptor = tls_decryptor_create(&options);
	border = tls_decryptor_border(decryptor);
	CHECK(border->is_of_use(border->context));
	tls_decryptor_destroy(decryptor);
	keylog_destroy(keylog);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_use),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
