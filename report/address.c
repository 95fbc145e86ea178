/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/address.h"

#include <arpa/inet.h>
#include <string.h>

static char *print_v4(const uint8_t address[4], char *at) {
	for (size_t i = 0; i < 4; i++) {
		unsigned part = address[i];
		if (i > 0)
			*at++ = '.';
		if (part >= 100)
			*at++ = (char)('0' + part / 100);
		if (part >= 10)
			*at++ = (char)('0' + part / 10 % 10);
		*at++ = (char)('0' + part % 10);
	}
	*at = '\0';
	return at;
}

char *address_print(const struct stream_endpoint *address, char ret_text[ADDRESS_TEXT_SIZE]) {
	if (address->ip_version != 6)
		return print_v4(address->address, ret_text);
	inet_ntop(AF_INET6, address->address, ret_text, ADDRESS_TEXT_SIZE); /* it fails only where there is no room */
	return ret_text + strlen(ret_text);
}
