/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "decode/foreign.h"

#include "decode/ascii.h"

enum { LOOKED_AT_MAX = 64 }; /* bytes that say whether it is text */

/* One row a beginning that no other protocol has. Any case, as in SMTP. */
static const struct row {
	enum event_foreign speaks;
	enum stream_side side;
	const char *begins;
} rows[] = {
	{EVENT_FOREIGN_SSH, STREAM_CLIENT, "SSH-"},            /* RFC 4253, 4.2 */
	{EVENT_FOREIGN_SSH, STREAM_SERVER, "SSH-"},
	{EVENT_FOREIGN_HTTP, STREAM_SERVER, "HTTP/"},          /* RFC 9112, 4 */
	{EVENT_FOREIGN_POP3, STREAM_SERVER, "+OK"},            /* RFC 1939, 4 */
	{EVENT_FOREIGN_POP3, STREAM_SERVER, "-ERR"},
	{EVENT_FOREIGN_IMAP, STREAM_SERVER, "* OK"},           /* RFC 9051, 7.1 */
	{EVENT_FOREIGN_IMAP, STREAM_SERVER, "* PREAUTH"},
	{EVENT_FOREIGN_IMAP, STREAM_SERVER, "* BYE"},
};

/* A request line ends with the protocol's version: RFC 9112, 3; RFC 3261, 7.1; RFC 9113, 3.4 ("PRI * HTTP/2.0"). */
static bool ends_with_version(struct slice line, const char *protocol) {
	size_t len = strlen(protocol);
	for (size_t i = 1; i + len + 3 <= line.len; i++) {
		struct slice rest = slice_skip(line, i);
		if (line.data[i - 1] == ' ' && slice_begins(rest, protocol) && rest.len == len + 3 && ascii_is_digit(rest.data[len]) &&
			rest.data[len + 1] == '.' && ascii_is_digit(rest.data[len + 2]))
			return true;
	}
	return false;
}

/* SOCKS5 (RFC 1928, 3): version, count of methods, so many methods. SOCKS4: version, CONNECT or BIND, port, address, name, NUL. */
static bool is_socks(struct slice text) {
	const unsigned char *byte = (const unsigned char *)text.data;
	if (text.len >= 3 && byte[0] == 5 && byte[1] > 0 && byte[1] <= 8)
		return text.len >= 2u + byte[1];
	return text.len >= 9 && byte[0] == 4 && (byte[1] == 1 || byte[1] == 2) && (byte[2] != 0 || byte[3] != 0);
}

/* TPKT (RFC 1006, 6) around an X.224 connection request, as remote desktop clients send. */
static bool is_rdp(struct slice text) {
	const unsigned char *byte = (const unsigned char *)text.data;
	return text.len >= 6 && byte[0] == 3 && byte[1] == 0 && byte[2] == 0 && byte[3] >= 7 && (byte[5] & 0xf0) == 0xe0;
}

/* A key pressed by mistake does not make text binary. */
static bool is_binary(struct slice text) {
	size_t len = text.len < LOOKED_AT_MAX ? text.len : LOOKED_AT_MAX, odd = 0;
	for (size_t i = 0; i < len; i++) {
		unsigned char byte = (unsigned char)text.data[i];
		odd += (byte < ' ' && byte != '\t' && byte != '\r') || byte >= 0x7f;
	}
	return odd > 0 && 3 * odd >= len;
}

size_t foreign_version_len(struct slice line) {
	static const char *const protocols[] = {"HTTP/", "SIP/"};
	for (size_t i = 0; i < sizeof(protocols) / sizeof(protocols[0]); i++)
		if (ends_with_version(line, protocols[i]))
			return strlen(" ") + strlen(protocols[i]) + strlen("1.1");
	return 0;
}

enum event_foreign foreign_recognise(enum stream_side side, struct slice text) {
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].side == side && slice_begins(text, rows[i].begins))
			return rows[i].speaks;
	if (side == STREAM_CLIENT && ends_with_version(text, "HTTP/"))
		return EVENT_FOREIGN_HTTP;
	if (side == STREAM_CLIENT && ends_with_version(text, "SIP/"))
		return EVENT_FOREIGN_SIP;
	if (side == STREAM_CLIENT && is_socks(text))
		return EVENT_FOREIGN_SOCKS;
	if (side == STREAM_CLIENT && is_rdp(text))
		return EVENT_FOREIGN_RDP;
	return is_binary(text) ? EVENT_FOREIGN_BINARY : EVENT_FOREIGN_UNKNOWN;
}
