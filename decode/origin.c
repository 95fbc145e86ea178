/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "decode/origin.h"

#include <string.h>

#include "decode/address.h"
#include "decode/ascii.h"
#include "decode/extension.h"

static void keep(struct origin *origin, struct slice value, struct slice *ret_kept) {
	*ret_kept = (struct slice){NULL, 0};
	if (value.len == 0 || value.len > ORIGIN_TEXT_MAX - origin->text_len)
		return;
	char *copy = origin->text + origin->text_len;
	memcpy(copy, value.data, value.len);
	origin->text_len += value.len;
	*ret_kept = (struct slice){copy, value.len};
}

static void read_name(struct origin *origin, struct slice value) {
	keep(origin, value, &origin->told.name);
}

static void read_helo(struct origin *origin, struct slice value) {
	keep(origin, value, &origin->told.helo);
}

static void read_protocol(struct origin *origin, struct slice value) {
	keep(origin, value, &origin->told.protocol);
}

static void read_login(struct origin *origin, struct slice value) {
	keep(origin, value, &origin->told.login);
	origin->told.has_login = origin->told.login.len > 0;
}

/* "IPV6:" before an address of that version */
static void read_address(struct origin *origin, struct slice value) {
	struct stream_endpoint client = {.port = origin->told.client.port};
	bool v6 = slice_begins(value, "IPV6:");
	client.ip_version = v6 ? 6 : 4;
	origin->told.has_address = v6 ? address_read_ipv6(slice_skip(value, 5), client.address)
								  : address_read_ipv4(value, client.address);
	if (origin->told.has_address)
		origin->told.client = client;
}

static void read_port(struct origin *origin, struct slice value) {
	unsigned port = 0;
	origin->told.client.port = address_read_number(value, 5, UINT16_MAX, &port) ? (uint16_t)port : 0;
}

static const struct {
	const char *name;
	void (*read)(struct origin *origin, struct slice value);
} attributes[] = {
	{"NAME", read_name},
	{"ADDR", read_address},
	{"PORT", read_port},
	{"HELO", read_helo},
	{"PROTO", read_protocol},
	{"LOGIN", read_login},
};

void origin_read(struct origin *origin, struct slice argument) {
	for (struct slice word; (word = slice_next_word(&argument)).len > 0;) {
		const char *equals = memchr(word.data, '=', word.len);
		if (equals == NULL)
			continue;
		struct slice name = {word.data, (size_t)(equals - word.data)}, value = slice_skip(word, name.len + 1), decoded;
		struct extension_text text = {.len = 0};
		bool known = !slice_is(value, "[UNAVAILABLE]") && !slice_is(value, "[TEMPUNAVAIL]") &&
			extension_decode_xtext(value, &text, &decoded);
		for (size_t i = 0; i < sizeof(attributes) / sizeof(attributes[0]); i++)
			if (slice_is(name, attributes[i].name))
				attributes[i].read(origin, known ? decoded : (struct slice){NULL, 0});
	}
}

struct slice origin_shown(struct slice argument) {
	for (size_t i = 0; i < argument.len; i++)
		if ((i == 0 || ascii_is_space(argument.data[i - 1])) && slice_begins(slice_skip(argument, i), "LOGIN="))
			return slice_trim((struct slice){argument.data, i});
	return argument;
}
