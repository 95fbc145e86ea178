/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "decode/kerberos.h"

#include <string.h>

#include "decode/ascii.h"

/* Tags of DER (X.690) that are met here. */
enum {
	INTEGER = 0x02,
	GENERAL_STRING = 0x1b,
	SEQUENCE = 0x30,
	APPLICATION_TICKET = 0x61, /* [APPLICATION 1] */
	APPLICATION_AP_REQ = 0x6e, /* [APPLICATION 14] */
	CONTEXT = 0xa0,            /* [0]; the number is added */
};

/* Takes the next element if it has the tag. What it holds may be cut off at the end of the token: the ticket's encrypted part and what
 * follows it are of no interest. */
static bool take(struct slice *rest, unsigned tag, struct slice *ret_content) {
	size_t len, at = 2;
	if (rest->len < at || (uint8_t)rest->data[0] != tag)
		return false;
	len = (uint8_t)rest->data[1];
	if (len >= 0x80) {
		size_t len_len = len - 0x80;
		if (len_len == 0 || len_len > 3 || rest->len - at < len_len)
			return false;
		for (len = 0; len_len > 0; len_len--)
			len = len << 8 | (uint8_t)rest->data[at++];
	}
	if (len > rest->len - at)
		len = rest->len - at;
	*ret_content = (struct slice){rest->data + at, len};
	*rest = slice_skip(*rest, at + len);
	return true;
}

/* A name that is all there and may be shown as text. */
static bool is_text(struct slice name) {
	for (size_t i = 0; i < name.len; i++)
		if ((uint8_t)name.data[i] < ' ' || name.data[i] == 0x7f)
			return false;
	return name.len > 0;
}

static bool take_string(struct slice *rest, struct slice *ret_text) {
	return take(rest, GENERAL_STRING, ret_text) && is_text(*ret_text);
}

/* RFC 4120, 5.2.2:  PrincipalName ::= SEQUENCE { name-type [0] Int32, name-string [1] SEQUENCE OF KerberosString } */
static bool read_principal(struct slice principal, char text[KERBEROS_SERVICE_MAX], struct slice *ret_name) {
	struct slice sequence, part, names, name;
	size_t len = 0;
	if (!take(&principal, SEQUENCE, &sequence) || !take(&sequence, CONTEXT, &part) || !take(&sequence, CONTEXT + 1, &part) ||
		!take(&part, SEQUENCE, &names))
		return false;
	while (names.len > 0) {
		if (!take_string(&names, &name) || name.len + 1 > KERBEROS_SERVICE_MAX - len)
			return false;
		if (len > 0)
			text[len++] = '/';
		memcpy(text + len, name.data, name.len);
		len += name.len;
	}
	*ret_name = (struct slice){text, len};
	return len > 0;
}

/* RFC 4120, 5.3:  Ticket ::= [APPLICATION 1] SEQUENCE { tkt-vno [0] 5, realm [1] Realm, sname [2] PrincipalName, enc-part [3] ... } */
static bool read_ticket(struct slice ticket, char text[KERBEROS_SERVICE_MAX], struct slice *ret_realm, struct slice *ret_service) {
	struct slice sequence, part, realm, service;
	if (!take(&ticket, APPLICATION_TICKET, &part) || !take(&part, SEQUENCE, &sequence) || !take(&sequence, CONTEXT, &part) ||
		!take(&sequence, CONTEXT + 1, &part) || !take_string(&part, &realm) || !take(&sequence, CONTEXT + 2, &part) ||
		!read_principal(part, text, &service))
		return false;
	/* Only what stands before something else is known to be there to its end. */
	if (sequence.len == 0 || (uint8_t)sequence.data[0] != CONTEXT + 3)
		return false;
	*ret_realm = realm;
	*ret_service = service;
	return true;
}

/* RFC 4120, 5.5.1:  AP-REQ ::= [APPLICATION 14] SEQUENCE { pvno [0] 5, msg-type [1] 14, ap-options [2], ticket [3], authenticator [4] } */
static bool read_ap_req(struct slice message, char text[KERBEROS_SERVICE_MAX], struct slice *ret_realm, struct slice *ret_service) {
	struct slice part, sequence;
	if (!take(&message, APPLICATION_AP_REQ, &part) || !take(&part, SEQUENCE, &sequence))
		return false;
	for (unsigned i = 0; i < 3; i++)
		if (!take(&sequence, CONTEXT + i, &part))
			return false;
	return take(&sequence, CONTEXT + 3, &part) && read_ticket(part, text, ret_realm, ret_service);
}

bool kerberos_read_token(struct slice token, char text[KERBEROS_SERVICE_MAX], struct slice *ret_realm, struct slice *ret_service) {
	/* The mechanism's object identifier, 1.2.840.113554.1.2.2, and TOK_ID of KRB_AP_REQ. */
	static const char start[] = {0x06, 0x09, 0x2a, (char)0x86, 0x48, (char)0x86, (char)0xf7, 0x12, 0x01, 0x02, 0x02, 0x01, 0x00};
	for (size_t at = 0; token.len >= sizeof(start) && at <= token.len - sizeof(start); at++)
		if (token.data[at] == start[0] && memcmp(token.data + at, start, sizeof(start)) == 0)
			return read_ap_req(slice_skip(token, at + sizeof(start)), text, ret_realm, ret_service);
	return false;
}
