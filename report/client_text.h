/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the person at the mail client reads, by what happened on the wire. A table; the products' own messages are quoted
 * briefly, in the language of the catalogue where that is known.
 *
 * Where a client has a message of its own for a stage, the stage decides and not the code: 550 and 554 to RCPT both show
 * 0x800CCC79 in Outlook.
 */
#ifndef SMTPSCOPE_REPORT_CLIENT_TEXT_H
#define SMTPSCOPE_REPORT_CLIENT_TEXT_H

#include <stddef.h>
#include <stdint.h>

enum client_text_stage {
	CLIENT_TEXT_REFUSED,      /* RST in answer to the SYN, or an ICMP error */
	CLIENT_TEXT_UNANSWERED,   /* nothing in answer to the SYN */
	CLIENT_TEXT_SILENT,       /* connected, but no greeting or no reply in time */
	CLIENT_TEXT_DROPPED,      /* the server ended the connection in the middle of the session */
	CLIENT_TEXT_GREETING,     /* greeting other than 220 */
	CLIENT_TEXT_NO_STARTTLS,  /* the client insists on TLS, the server does not offer it */
	CLIENT_TEXT_STARTTLS,     /* STARTTLS refused */
	CLIENT_TEXT_NO_MECHANISM, /* no login method that both sides know */
	CLIENT_TEXT_NO_LOGIN,     /* the server offers no login at all */
	CLIENT_TEXT_AUTH,         /* login rejected */
	CLIENT_TEXT_MAIL,         /* MAIL FROM refused */
	CLIENT_TEXT_RCPT,         /* RCPT TO refused */
	CLIENT_TEXT_RELAY,        /* RCPT TO refused: the server does not relay for this client */
	CLIENT_TEXT_DATA,         /* DATA refused */
	CLIENT_TEXT_BODY,         /* the message refused after its end */
	CLIENT_TEXT_BUSY,         /* 421 in the middle of the session */
	CLIENT_TEXT_STAGE_COUNT
};

enum { CLIENT_TEXT_MAX = 5 }; /* texts of one stage and code */

/* What the person at a mail client reads. All strings are constants. */
struct diagnosis_client_text {
	const char *client; /* "Outlook", "Thunderbird", "Apple Mail" */
	const char *code;   /* "0x800CCC78"; NULL: none */
	const char *text;
	const char *confidence; /* "high", "medium", "low" */
};

struct words; /* report/words.h */

/* Fills ret_texts with what the usual clients show, and returns how many there are. code is the reply's, 0 when there is no
 * reply. */
size_t client_text_find(enum client_text_stage stage, uint16_t code, const struct words *words,
	struct diagnosis_client_text ret_texts[CLIENT_TEXT_MAX]);

#endif
