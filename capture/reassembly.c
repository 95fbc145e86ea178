/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "capture/reassembly.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <nids.h>
#include <stdlib.h>
#include <string.h>

enum {
	CACHE_LINE = 64,
	HEADERS_LEN = 40,
	PIECE_MAX = 4096,          /* payload of one canonical packet: libnids keeps a buffer of twice the largest for each side */
	HASH_SIZE = REASSEMBLY_STREAMS_MAX * 4 / 3 + 2, /* libnids allows three quarters of it as streams */
	FIRST_SEQ = 1,             /* sequence number of the first byte of either side */
	SERVER_PORT = 25,
	CLIENT_PORT = 1024,
};

static const uint32_t server_address = 0x7f000001; /* the other address of each pair is the stream's number */

/* The canonical packet: an IPv4 and a TCP header without options. The payload follows. */
struct canonical_header {
	struct ip ip;
	struct tcphdr tcp;
};
static_assert(sizeof(struct canonical_header) == HEADERS_LEN, "no padding between the headers");

/* The SYN and the SYN-ACK carry a window scale of 14: one option word, padded. */
static const uint8_t window_scale_option[4] = {3, 3, 14, 0};

struct reassembly {
	reassembly_deliver *deliver;
	pcap_t *descriptor;
	void *context; /* of the stream being fed */
	struct tcp_stream *established; /* the one whose handshake was issued last */
	struct pcap_pkthdr packet_header;
	_Alignas(8) uint8_t packet[HEADERS_LEN + PIECE_MAX];
};

/* libnids calls back without a context. */
static struct reassembly *instance;

/* libnids writes to syslog what it finds odd; all that it could find was checked before. */
static void ignore_warning(int type, int number, struct ip *ip, void *data) {
	(void)type, (void)number, (void)ip, (void)data;
}

static void on_tcp(struct tcp_stream *stream, void **parameter) {
	(void)parameter;
	if (stream->nids_state == NIDS_JUST_EST) {
		stream->client.collect++;
		stream->server.collect++;
		instance->established = stream;
		return;
	}
	if (stream->nids_state != NIDS_DATA)
		return;
	/* libnids names the halves after the receiver. */
	bool from_client = stream->server.count_new > 0;
	const struct half_stream *half = from_client ? &stream->server : &stream->client;
	instance->deliver(instance->context, from_client ? STREAM_CLIENT : STREAM_SERVER,
		(const uint8_t *)half->data + (half->count - half->offset - half->count_new), (size_t)half->count_new);
}

/* nids.h declares its callbacks as void pointers. */
static void *callback_pointer(void) {
	return (void *)(uintptr_t)on_tcp;
}

struct reassembly *reassembly_create(reassembly_deliver *deliver) {
	assert(instance == NULL);
	struct reassembly *reassembly = calloc(1, sizeof(*reassembly));
	if (reassembly == NULL)
		return NULL;
	reassembly->deliver = deliver;
	reassembly->descriptor = pcap_open_dead(DLT_RAW, 65535);
	if (reassembly->descriptor == NULL) {
		free(reassembly);
		return NULL;
	}
	instance = reassembly;
	nids_params.pcap_desc = reassembly->descriptor;
	nids_params.n_tcp_streams = HASH_SIZE;
	nids_params.scan_num_hosts = 0;
	nids_params.syslog = ignore_warning;
	nids_params.pcap_filter = NULL;
	/* Added to the size of each queued segment; when the sum passes 64 KiB libnids drops a whole queue. The flow table keeps
	 * the bound, so the sum is made to sink: no segment is as large as this, and the flow table's limit on their number keeps
	 * the sum above INT_MIN. */
	nids_params.sk_buff_size = -70000;
	static struct nids_chksum_ctl no_checksums = {.netaddr = 0, .mask = 0, .action = NIDS_DONT_CHKSUM};
	nids_register_chksum_ctl(&no_checksums, 1);
	if (!nids_init()) {
		instance = NULL;
		pcap_close(reassembly->descriptor);
		free(reassembly);
		return NULL;
	}
	nids_register_tcp(callback_pointer());
	return reassembly;
}

void reassembly_destroy(struct reassembly *reassembly) {
	if (reassembly == NULL)
		return;
	nids_unregister_tcp(callback_pointer());
	nids_exit();
	nids_params.pcap_desc = NULL;
	pcap_close(reassembly->descriptor);
	instance = NULL;
	free(reassembly);
}

static void issue(struct reassembly *reassembly, const struct reassembly_stream *stream, enum stream_side side, uint8_t flags,
	uint32_t seq, uint32_t ack, size_t payload_len, int64_t time_ns) {
	size_t options_len = flags & TH_SYN ? sizeof(window_scale_option) : 0;
	size_t len = HEADERS_LEN + options_len + payload_len;
	uint32_t client_address = htonl(stream->number), server = htonl(server_address);
	bool from_client = side == STREAM_CLIENT;
	struct canonical_header header = {
		.ip = {.ip_v = 4, .ip_hl = 5, .ip_len = htons((uint16_t)len), .ip_ttl = 64, .ip_p = IPPROTO_TCP},
		.tcp = {.th_seq = htonl(seq),
			.th_ack = htonl(ack),
			.th_off = (uint8_t)((20 + options_len) / 4) & 0xf,
			.th_flags = flags,
			.th_win = 65535},
	};
	header.ip.ip_src.s_addr = from_client ? client_address : server;
	header.ip.ip_dst.s_addr = from_client ? server : client_address;
	header.tcp.th_sport = htons(from_client ? CLIENT_PORT : SERVER_PORT);
	header.tcp.th_dport = htons(from_client ? SERVER_PORT : CLIENT_PORT);
	memcpy(reassembly->packet, &header, HEADERS_LEN);
	if (options_len > 0)
		memcpy(reassembly->packet + HEADERS_LEN, window_scale_option, options_len);
	reassembly->packet_header.ts.tv_sec = (time_t)(time_ns / 1000000000);
	reassembly->packet_header.caplen = reassembly->packet_header.len = (uint32_t)len;
	nids_pcap_handler(NULL, &reassembly->packet_header, reassembly->packet);
}

int reassembly_attach(
	struct reassembly *reassembly, struct reassembly_stream *stream, uint32_t number, const uint64_t offset[2]) {
	*stream = (struct reassembly_stream){.number = number, .start = {offset[0], offset[1]}};
	reassembly->established = NULL;
	issue(reassembly, stream, STREAM_CLIENT, TH_SYN, FIRST_SEQ - 1, 0, 0, 0);
	issue(reassembly, stream, STREAM_SERVER, TH_SYN | TH_ACK, FIRST_SEQ - 1, FIRST_SEQ, 0, 0);
	issue(reassembly, stream, STREAM_CLIENT, TH_ACK, FIRST_SEQ, FIRST_SEQ, 0, 0);
	stream->known = reassembly->established;
	stream->attached = stream->known != NULL;
	return stream->attached ? 0 : -ENOMEM;
}

void reassembly_feed(struct reassembly *reassembly, const struct reassembly_stream *stream, void *context, enum stream_side side,
	uint64_t offset, const uint8_t *data, size_t len, int64_t time_ns) {
	assert(stream->attached);
	reassembly->context = context;
	while (len > 0) {
		size_t piece = len < PIECE_MAX ? len : PIECE_MAX;
		memmove(reassembly->packet + HEADERS_LEN, data, piece); /* memcpy() of a known most becomes "rep movs", slow for a line */
		data += piece;
		uint32_t seq = (uint32_t)(FIRST_SEQ + (offset - stream->start[side]));
		issue(reassembly, stream, side, TH_ACK, seq, FIRST_SEQ, piece, time_ns);
		offset += piece;
		len -= piece;
	}
	reassembly->context = NULL;
}

void reassembly_prefetch(const struct reassembly_stream *stream) {
	if (!stream->attached)
		return;
	for (size_t i = 0; i < sizeof(struct tcp_stream); i += CACHE_LINE)
		__builtin_prefetch((const char *)stream->known + i, 1);
}

void reassembly_skip(struct reassembly *reassembly, const struct reassembly_stream *stream, void *context, enum stream_side side,
	uint64_t offset, uint64_t len, int64_t time_ns) {
	static const uint8_t filler;
	struct tcp_stream *found = stream->known;
	assert(stream->attached && len > 0);
	/* libnids expects first_data_seq + count next, and takes nothing from beyond the window behind ack_seq, the receiver's. */
	struct half_stream *sender = side == STREAM_CLIENT ? &found->client : &found->server;
	struct half_stream *receiver = side == STREAM_CLIENT ? &found->server : &found->client;
	sender->first_data_seq += (u_int)(len - 1);
	receiver->ack_seq = (u_int)(FIRST_SEQ + (offset + len - 1 - stream->start[side]));
	reassembly_feed(reassembly, stream, context, side, offset + len - 1, &filler, 1, time_ns);
}

void reassembly_detach(struct reassembly *reassembly, struct reassembly_stream *stream) {
	if (!stream->attached)
		return;
	(void)reassembly;
	/* Only this frees it: it gets neither FIN nor RST, and there is room for all that may be attached. */
	nids_free_tcp_stream(stream->known);
	stream->attached = false;
}
