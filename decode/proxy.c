/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "decode/proxy.h"

#include <string.h>

#include "decode/address.h"

static const uint8_t signature_v2[12] = "\r\n\r\n\0\r\nQUIT\n";
static const char signature_v1[] = "PROXY ";

enum { V1_SIGNATURE = sizeof(signature_v1) - 1, V2_SIGNATURE = sizeof(signature_v2) };

static size_t smaller(size_t a, size_t b) {
	return a < b ? a : b;
}

/* ---- Version 1: PROXY SP (TCP4 | TCP6) SP address SP address SP port SP port CRLF, or PROXY SP UNKNOWN anything CRLF ---- */

static bool take_word(struct slice *line, struct slice *ret_word) {
	const char *space = line->len > 0 ? memchr(line->data, ' ', line->len) : NULL;
	size_t len = space != NULL ? (size_t)(space - line->data) : line->len;
	*ret_word = (struct slice){line->data, len};
	size_t taken = space != NULL ? len + 1 : len;
	line->data += taken;
	line->len -= taken;
	return len > 0;
}

static bool is_word(struct slice word, const char *text) {
	return word.len == strlen(text) && memcmp(word.data, text, word.len) == 0;
}

static bool read_endpoint(uint8_t version, struct slice address, struct slice port, struct stream_endpoint *endpoint) {
	unsigned number;
	endpoint->ip_version = version;
	if (!address_read_number(port, 5, UINT16_MAX, &number))
		return false;
	endpoint->port = (uint16_t)number;
	return version == 4 ? address_read_ipv4(address, endpoint->address) : address_read_ipv6(address, endpoint->address);
}

/* line: what is between the signature and CRLF. */
static bool parse_v1(struct slice line, struct event_proxy *ret_proxy) {
	struct slice family, source, destination, source_port, destination_port;
	*ret_proxy = (struct event_proxy){.version = 1};
	if (!take_word(&line, &family))
		return false;
	if (is_word(family, "UNKNOWN"))
		return true;
	uint8_t version = is_word(family, "TCP4") ? 4 : is_word(family, "TCP6") ? 6 : 0;
	if (version == 0 || !take_word(&line, &source) || !take_word(&line, &destination) || !take_word(&line, &source_port) ||
		!take_word(&line, &destination_port) || line.len > 0)
		return false;
	ret_proxy->has_addresses = read_endpoint(version, source, source_port, &ret_proxy->client) &&
		read_endpoint(version, destination, destination_port, &ret_proxy->server);
	return ret_proxy->has_addresses;
}

/* ---- Version 2: signature, version and command, family and protocol, length of the rest, addresses, more ---- */

static size_t v2_rest(const uint8_t *header) {
	return (size_t)header[14] << 8 | header[15];
}

static void fill_v2(struct stream_endpoint *endpoint, uint8_t version, const uint8_t *address, const uint8_t *port) {
	endpoint->ip_version = version;
	memcpy(endpoint->address, address, version == 4 ? 4 : 16);
	endpoint->port = (uint16_t)(port[0] << 8 | port[1]);
}

static bool parse_v2(const uint8_t *header, struct event_proxy *ret_proxy) {
	enum { VERSION = 0x20, LOCAL = 0, PROXY = 1, TCP4 = 0x11, TCP6 = 0x21 };
	const uint8_t *at = header + PROXY_V2_FIXED;
	*ret_proxy = (struct event_proxy){.version = 2};
	if ((header[12] & 0xf0) != VERSION || (header[12] & 0x0f) > PROXY)
		return false;
	if ((header[12] & 0x0f) == LOCAL)
		return true; /* the balancer itself, to see whether the server lives */
	uint8_t version = header[13] == TCP4 ? 4 : header[13] == TCP6 ? 6 : 0;
	size_t size = version == 4 ? 4 : 16;
	if (version == 0)
		return true; /* not of an IP connection: nothing that is of use here */
	if (v2_rest(header) < 2 * size + 4)
		return false;
	fill_v2(&ret_proxy->client, version, at, at + 2 * size);
	fill_v2(&ret_proxy->server, version, at + size, at + 2 * size + 2);
	ret_proxy->has_addresses = true;
	return true;
}

/* ---- Both ---- */

/* How long the header is, by what is kept of it. 0: not known yet; SIZE_MAX: it is none. */
static size_t header_len(const struct proxy_reader *reader) {
	const uint8_t *kept = reader->kept;
	size_t len = smaller(reader->len, PROXY_KEPT);
	if (memcmp(kept, signature_v2, smaller(len, V2_SIGNATURE)) == 0)
		return len < PROXY_V2_FIXED ? 0 : PROXY_V2_FIXED + v2_rest(kept);
	if (memcmp(kept, signature_v1, smaller(len, V1_SIGNATURE)) != 0)
		return SIZE_MAX;
	const uint8_t *newline = memchr(kept, '\n', smaller(len, PROXY_V1_MAX));
	if (newline == NULL)
		return len < PROXY_V1_MAX ? 0 : SIZE_MAX;
	return newline > kept && newline[-1] == '\r' ? (size_t)(newline - kept) + 1 : SIZE_MAX;
}

static bool parse(const struct proxy_reader *reader, size_t len, struct event_proxy *ret_proxy) {
	if (reader->kept[0] == signature_v2[0])
		return parse_v2(reader->kept, ret_proxy);
	return parse_v1((struct slice){(const char *)reader->kept + V1_SIGNATURE, len - V1_SIGNATURE - 2}, ret_proxy);
}

enum proxy_result proxy_feed(
	struct proxy_reader *reader, const uint8_t *data, size_t len, size_t *ret_used, struct event_proxy *ret_proxy) {
	size_t before = reader->len;
	size_t kept = smaller(before, PROXY_KEPT), more = smaller(len, PROXY_KEPT - kept);
	memcpy(reader->kept + kept, data, more);
	reader->len += len;
	size_t wanted = header_len(reader);
	/* What is wrong shows when the addresses are there: what comes behind them is skipped unseen. */
	bool bad = wanted == SIZE_MAX ||
		(wanted > 0 && reader->len >= smaller(wanted, PROXY_KEPT) && !parse(reader, wanted, ret_proxy));
	if (bad && before <= PROXY_KEPT) {
		reader->len = before;
		return PROXY_NO;
	}
	if (wanted == 0 || reader->len < wanted)
		return PROXY_MORE;
	*ret_used = wanted - before;
	return PROXY_YES;
}
