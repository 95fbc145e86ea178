/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * SMTP service extensions (RFC 5321, 2.2): which EHLO keyword offers what, and the parameters of MAIL and RCPT that come with it.
 *
 * A new extension is a row in extension.c; a command of it a row in command.c.
 */
#ifndef SMTPSCOPE_DECODE_EXTENSION_H
#define SMTPSCOPE_DECODE_EXTENSION_H

#include "decode/event.h"

enum extension {
	EXTENSION_NONE,
	EXTENSION_SIZE,
	EXTENSION_8BITMIME,
	EXTENSION_PIPELINING,
	EXTENSION_CHUNKING,
	EXTENSION_BINARYMIME,
	EXTENSION_DSN,
	EXTENSION_ENHANCEDSTATUSCODES,
	EXTENSION_STARTTLS,
	EXTENSION_AUTH,
	EXTENSION_SMTPUTF8,
	EXTENSION_DELIVERBY,
	EXTENSION_FUTURERELEASE,
	EXTENSION_MT_PRIORITY,
	EXTENSION_REQUIRETLS,
	EXTENSION_LIMITS,
	EXTENSION_BURL,
	EXTENSION_ETRN,
	EXTENSION_ATRN,
	EXTENSION_RRVS,
	EXTENSION_CONPERM,
	EXTENSION_CONNEG,
	EXTENSION_SUBMITTER,
	EXTENSION_CHECKPOINT,
	EXTENSION_MTRK,
	EXTENSION_NO_SOLICITING,
	EXTENSION_PRDR,
	EXTENSION_XCLIENT,
	EXTENSION_XFORWARD,
	EXTENSION_XVERP,
	EXTENSION_X_ANONYMOUSTLS,
	EXTENSION_X_EXPS,
	EXTENSION_XEXCH50,
	EXTENSION_X_LINK2STATE,
	EXTENSION_XRDST,
	EXTENSION_XSHADOW,
	EXTENSION_XSHADOWREQUEST,
	EXTENSION_XOORG,
	EXTENSION_XPROXY,
	EXTENSION_XPROXYFROM,
	EXTENSION_XPROXYTO,
	EXTENSION_XSESSIONPARAMS,
	EXTENSION_XATTR,
	EXTENSION_XSYSPROBE,
	EXTENSION_COUNT
};

_Static_assert(EXTENSION_COUNT <= 64, "the set of them is a uint64_t");

/* What a server offers; zero-filled: nothing is known. */
struct extension_offer {
	bool known;        /* the whole list is; only then does a missing bit say something */
	uint64_t offered;  /* a bit for each enum extension */
	uint64_t told;     /* those of which it was told that they were used without */
	uint64_t size_max; /* as in struct event_capabilities */
	uint32_t mails_max, recipients_max, domains_max;
};

/* The EHLO keyword, a constant; NULL for EXTENSION_NONE. */
const char *extension_keyword(enum extension extension);

/* The offer that the lines of an EHLO reply make, the one with the domain not among them. A list with a keyword that a middlebox
 * has written over (XXXXXXXA, ****) is not known. */
void extension_read_list(const struct slice *lines, size_t count, bool incomplete, struct extension_offer *ret_offer);

/* Room for the decoded values of the parameters of one command. */
struct extension_text {
	char data[1024];
	size_t len;
};

/* Fills in what the parameter of MAIL or RCPT means; keyword and value are there. Text that had to be decoded is put into text,
 * all else borrows from the value. Returns the extension that it needs, EXTENSION_NONE when that is not known. */
enum extension extension_read_parameter(struct event_parameter *parameter, enum verb verb, struct extension_text *text);

/* The keyword of a parameter, a constant; NULL for one without a meaning. */
const char *extension_parameter_name(enum event_parameter_id id);

/* Decodes xtext (RFC 3461, 4). Returns false when it is none or there is no room. */
bool extension_decode_xtext(struct slice xtext, struct extension_text *text, struct slice *ret_decoded);

#endif
