/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "decode/address.h"

#include <string.h>

/* A decimal number of at most `digits` digits, without a leading zero. */
bool address_read_number(struct slice text, size_t digits, unsigned max, unsigned *ret_number) {
	unsigned number = 0;
	if (text.len == 0 || text.len > digits || (text.len > 1 && text.data[0] == '0'))
		return false;
	for (size_t i = 0; i < text.len; i++) {
		if (text.data[i] < '0' || text.data[i] > '9')
			return false;
		number = 10 * number + (unsigned)(text.data[i] - '0');
	}
	*ret_number = number;
	return number <= max;
}

bool address_read_ipv4(struct slice text, uint8_t address[4]) {
	for (size_t i = 0; i < 4; i++) {
		const char *dot = text.len > 0 ? memchr(text.data, '.', text.len) : NULL;
		size_t len = dot != NULL ? (size_t)(dot - text.data) : text.len;
		unsigned number;
		if ((dot == NULL) != (i == 3) || !address_read_number((struct slice){text.data, len}, 3, 255, &number))
			return false;
		address[i] = (uint8_t)number;
		text.data += len + (dot != NULL);
		text.len -= len + (dot != NULL);
	}
	return true;
}

static int hex_value(char c) {
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* RFC 4291, 2.2: groups of 16 bits, one run of zeros as "::", the last two perhaps as IPv4. */
bool address_read_ipv6(struct slice text, uint8_t address[16]) {
	uint8_t groups[16] = {0};
	size_t count = 0, gap = SIZE_MAX, i = 0;
	if (text.len >= 2 && text.data[0] == ':' && text.data[1] == ':') {
		gap = 0;
		i = 2;
	}
	while (i < text.len) {
		size_t start = i;
		unsigned value = 0;
		int digit;
		while (i < text.len && i - start < 4 && (digit = hex_value(text.data[i])) >= 0) {
			value = value << 4 | (unsigned)digit;
			i++;
		}
		if (i < text.len && text.data[i] == '.' && count <= 12) {
			if (!address_read_ipv4((struct slice){text.data + start, text.len - start}, &groups[count]))
				return false;
			count += 4;
			i = text.len;
			break;
		}
		if (i == start || count > 14)
			return false;
		groups[count++] = (uint8_t)(value >> 8);
		groups[count++] = (uint8_t)value;
		if (i == text.len)
			break;
		if (text.data[i++] != ':' || i == text.len)
			return false;
		if (text.data[i] == ':') {
			if (gap != SIZE_MAX)
				return false;
			gap = count;
			i++;
		}
	}
	if (gap == SIZE_MAX ? count != 16 : count > 14)
		return false;
	size_t behind = gap == SIZE_MAX ? 0 : count - gap;
	memset(address, 0, 16);
	memcpy(address, groups, count - behind);
	memcpy(address + 16 - behind, groups + count - behind, behind);
	return true;
}
