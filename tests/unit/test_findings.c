/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * report/findings.c and report/findings/: each finding in a session that has it, and near misses that must not have it.
 */
#include "dialogue.h"
#include "report/words_tables.h"
#include "report/json.h"
#include "tests/unit/certificates.h"

static size_t checks;

#define CHECK(condition) (checks++, assert_true(condition))

#define GREETING "S: 220 mail.example.org ESMTP\n"
#define EHLO "C: EHLO client.example.org\nS: 250-mail.example.org\n"
#define OFFER GREETING EHLO "S: 250-PIPELINING\nS: 250 AUTH PLAIN LOGIN CRAM-MD5\n"
#define NO_OFFER GREETING EHLO "S: 250-PIPELINING\nS: 250 8BITMIME\n"
#define MORE_OFFER \
	GREETING EHLO "S: 250-PIPELINING\nS: 250-DSN\nS: 250-CHUNKING\nS: 250-BINARYMIME\nS: 250 8BITMIME\n"
#define BYE "C: QUIT\nS: 221 2.0.0 Bye\n"

#define LOGIN(reply) "C: AUTH LOGIN\nS: 334 VXNlcm5hbWU6\nC: c2F0bw==\nS: 334 UGFzc3dvcmQ6\nC: c2VjcmV0MQ==\nS: " reply "\n"
#define PLAIN(reply) "C: AUTH PLAIN AHNhdG8Ac2VjcmV0MQ==\nS: " reply "\n"
#define CRAM(reply)                                                                                                         \
	"C: AUTH CRAM-MD5\nS: 334 PDFAZXhhbXBsZS5vcmc+\nC: c2F0byBiOTEzYTYwMmM3ZWRhN2E0OTViNGU2ZTczMzRkMzg5MA==\nS: " reply \
	"\n"
#define BAD "535 5.7.8 Error: authentication failed"
#define GOOD "235 2.7.0 Authentication successful"

#define MAIL "C: MAIL FROM:<sato@example.org>\nS: 250 2.1.0 Ok\n"
#define RCPT "C: RCPT TO:<a@example.net>\nS: 250 2.1.5 Ok\n"
#define DATA "C: DATA\nS: 354 End data with <CR><LF>.<CR><LF>\nC: Subject: x\nC: \nC: hello\nC: .\n"
#define LONG_LINE "C: 0123456789012345678901234567890123456789012345678901234567890123456789\n"
#define LONG_LINES8 LONG_LINE LONG_LINE LONG_LINE LONG_LINE LONG_LINE LONG_LINE LONG_LINE LONG_LINE
#define LONG_LINES LONG_LINES8 LONG_LINES8
#define SENT MAIL RCPT DATA "S: 250 2.0.0 Ok: queued as 4F2A\n"

#define STARTTLS_OFFER "port 25\n" GREETING EHLO "S: 250 STARTTLS\n"
#define PLAIN_OFFER "port 25\n" GREETING EHLO "S: 250 SIZE 1000000\n"
#define FALSE_END "port 25\n" NO_OFFER MAIL RCPT "C: DATA\nS: 354 go\nC: hi\\x0a.\n"
#define BAIT "C: MAIL FROM:<e@example.net>\nC: RCPT TO:<f@example.net>\nC: DATA\nC: bye\nC: .\n"
#define LONG_TEXT                                                                                                           \
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"              \
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"              \
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define AGREED GREETING EHLO "S: 250 STARTTLS\nC: STARTTLS\nS: 220 2.0.0 Ready\n"
#define TLS(certificate, host) "hello 0303 " host "\nserver 0303\ncertificate " certificate "\nsealed\n"

struct row {
	const char *name;
	const char *dialogue;
	const char *findings; /* all of them: severity and id */
	const char *says;     /* in the explanation of the first; NULL: not looked at */
};

static const struct row rows[] = {
	/* mail-without-auth */
	{"submission, sent without login", OFFER SENT BYE, "high mail-without-auth",
		"The client sent mail from <sato@example.org> without logging in, although the server offers PLAIN, LOGIN "
		"and "
		"CRAM-MD5, and the server accepted it."},
	{"submission, sent without login over a rejected one", OFFER CRAM(BAD) SENT BYE,
		"high auth-rejected, high mail-without-auth",
		"The server rejected 1 login (CRAM-MD5) of user \"sato\" with 535 5.7.8 \"Error: authentication failed\"."},
	{"port 25, sent without login over a rejected one", "port 25\n" OFFER CRAM(BAD) SENT BYE,
		"high auth-rejected, high mail-without-auth", NULL},
	{"port 25 between servers", "port 25\n" OFFER SENT BYE, "info mail-without-auth", "On port 25 this is usual"},
	{"any other port", "port 8025\n" OFFER SENT BYE, "medium mail-without-auth", NULL},
	{"login accepted", OFFER CRAM(GOOD) SENT BYE, "", NULL},
	{"login accepted after a rejected one", OFFER CRAM(BAD) CRAM(GOOD) SENT BYE, "low auth-rejected",
		"In the same session another login was accepted."},
	{"AUTH not offered", "port 25\n" NO_OFFER SENT BYE, "", NULL},
	{"HELO brings no list", GREETING "C: HELO client\nS: 250 mail\n" SENT BYE, "", NULL},
	{"AUTH offered without a mechanism", GREETING EHLO "S: 250-PIPELINING\nS: 250 AUTH \n" SENT BYE, "", NULL},
	{"start not captured",
		"midstream\n"
		"C: MAIL FROM:<sato@example.org>\nS: 250 2.1.0 Ok\n" RCPT DATA "S: 250 2.0.0 Ok\n" BYE,
		"low capture-loss", "Its start was not captured. It cannot be said whether the client logged in."},
	{"a gap may hide the login", OFFER "gap C 60\ngap S 60\n" SENT BYE, "low capture-loss", NULL},
	{"a gap in the body hides nothing",
		OFFER MAIL RCPT "C: DATA\nS: 354 go\nC: hello\ngap C 1448\nC: .\nS: 250 2.0.0 Ok\n" BYE,
		"high mail-without-auth, info capture-loss", NULL},
	{"refused without login",
		OFFER MAIL "C: RCPT TO:<a@example.net>\nS: 554 5.7.1 <a@example.net>: Relay access denied\n" BYE,
		"medium recipient-refused, low mail-without-auth",
		"The server refused <a@example.net> with 554 5.7.1 \"<a@example.net>: Relay access denied\" (relaying "
		"denied)."},
	{"null sender", OFFER "C: MAIL FROM:<>\nS: 250 Ok\n" RCPT DATA "S: 250 Ok\n" BYE, "high mail-without-auth",
		"the null sender <>"},
	{"given up after MAIL", OFFER MAIL "C: RSET\nS: 250 Ok\n" BYE, "low mail-without-auth",
		"what became of it is not known"},

	/* auth-rejected */
	{"five rejected logins", OFFER CRAM(BAD) CRAM(BAD) CRAM(BAD) CRAM(BAD) CRAM(BAD) BYE, "high auth-rejected T1110",
		"The server rejected 5 logins (CRAM-MD5) of user \"sato\", each time with 535"},
	{"four rejected logins", OFFER CRAM(BAD) CRAM(BAD) CRAM(BAD) CRAM(BAD) BYE, "high auth-rejected", NULL},
	{"cancelled login",
		OFFER "C: AUTH CRAM-MD5\nS: 334 PDFAZXhhbXBsZS5vcmc+\nC: *\nS: 501 5.7.0 Authentication aborted\n" BYE, "",
		NULL},
	{"outcome lost", OFFER "C: AUTH CRAM-MD5\nS: 334 PDFAZXhhbXBsZS5vcmc+\nC: c2F0byBiOTEzYTYwMmM3ZQ==\ngap S 40\n" BYE,
		"low capture-loss", NULL},
	{"hostile user name",
		OFFER "C: AUTH CRAM-MD5\nS: 334 PDFAZXhhbXBsZS5vcmc+\nC: "
		      "G1szMW1yZWQgYjkxM2E2MDJjN2VkYTdhNDk1YjRlNmU3MzM0ZDM4OTA=\nS: " BAD "\n" BYE,
		"high auth-rejected", "of user \"\\x1b[31mred\" with"},

	{"535 to a mechanism not offered", OFFER "C: AUTH GSSAPI\nS: 535 5.7.8 Error: authentication failed\n" BYE,
		"high auth-rejected, medium auth-mechanism-not-offered",
		"None was accepted: the server does not offer this way to log in."},

	/* auth-temporary-failure */
	{"server cannot check", OFFER CRAM("454 4.7.0 Temporary authentication failure") BYE,
		"medium auth-temporary-failure", "This says nothing about the password"},
	{"busy at login", OFFER CRAM("421 4.3.2 Shutting down") BYE, "low server-busy", NULL},

	/* auth-required */
	{"530 to MAIL", "port 25\n" OFFER "C: MAIL FROM:<sato@example.org>\nS: 530 5.7.0 Authentication required\n" BYE,
		"medium auth-required, medium mail-refused, info mail-without-auth",
		"The client sent mail from <sato@example.org> without logging in, and the server answered MAIL FROM with "
		"530 5.7.0 "
		"\"Authentication required\". The mail program must be set to log in"},
	{"553 not logged in to RCPT",
		OFFER MAIL
		"C: RCPT TO:<a@example.net>\nS: 553 5.7.1 <sato@example.org>: Sender address rejected: not logged in\n" BYE,
		"medium auth-required, medium recipient-refused, low mail-without-auth", "answered RCPT TO with 553"},
	{"530 wants TLS, not a login",
		"port 25\n" NO_OFFER
		"C: MAIL FROM:<sato@example.org>\nS: 530 5.7.0 Must issue a STARTTLS command first\n" BYE,
		"medium mail-refused", "(encryption (TLS) wanted first)"},
	{"550 about DMARC, not a login",
		"port 25\n" NO_OFFER MAIL RCPT DATA
		"S: 550 5.7.26 Unauthenticated email from example.org is not accepted due to domain's DMARC policy\n" BYE,
		"medium mail-refused", NULL},
	{"550 5.7.1 about spam, not a login",
		"port 25\n" NO_OFFER MAIL RCPT DATA "S: 550 5.7.1 Message looks like spam\n" BYE, "medium mail-refused",
		"it answered the message itself with 550 5.7.1"},
	{"an address with login in it",
		"port 25\n" NO_OFFER MAIL
		"C: RCPT TO:<login@example.net>\nS: 550 5.1.1 <login@example.net>: User unknown\n" BYE,
		"medium recipient-refused", "(no such mailbox)"},
	{"530 although logged in",
		OFFER CRAM(GOOD) "C: MAIL FROM:<sato@example.org>\nS: 530 5.7.0 Authentication required\n" BYE,
		"medium mail-refused", NULL},

	/* auth-needs-tls */
	{"538 to AUTH",
		OFFER "C: AUTH PLAIN\nS: 538 5.7.11 Encryption required for requested authentication mechanism\n" BYE,
		"medium auth-needs-tls", "it takes logins only over an encrypted connection"},
	{"530 to AUTH", OFFER "C: AUTH LOGIN\nS: 530 5.7.0 Must issue a STARTTLS command first\n" BYE,
		"medium auth-needs-tls", NULL},
	{"535 to AUTH", OFFER CRAM("535 5.7.8 Authentication credentials invalid") BYE, "high auth-rejected", NULL},

	/* auth-cleartext */
	{"LOGIN in the clear", OFFER LOGIN(GOOD) SENT BYE, "high auth-cleartext T1040",
		"The client sent the password of user \"sato\" with AUTH LOGIN over an unencrypted connection."},
	{"PLAIN in the clear, rejected", OFFER PLAIN(BAD) BYE, "high auth-rejected, high auth-cleartext T1040", NULL},
	{"PLAIN in the clear, temporary failure", OFFER PLAIN("454 4.7.0 Temporary authentication failure") BYE,
		"high auth-cleartext T1040, medium auth-temporary-failure", NULL},
	{"XOAUTH2 in the clear",
		GREETING EHLO "S: 250 AUTH XOAUTH2\nC: AUTH XOAUTH2 dXNlcj1zYXRvAWF1dGg9QmVhcmVyIGFiY2RlZgEB\n"
			      "S: 235 2.7.0 Accepted\n" BYE,
		"high auth-cleartext T1040", "access token"},
	{"XOAUTH2 rejected, and why",
		GREETING EHLO "S: 250 AUTH XOAUTH2\nC: AUTH XOAUTH2 dXNlcj1zYXRvAWF1dGg9QmVhcmVyIGFiY2RlZgEB\n"
			      "S: 334 eyJzdGF0dXMiOiI0MDAifQ==\nC: \nS: 535 5.7.8 no\n" BYE,
		"high auth-rejected, high auth-cleartext T1040", "or is not the user's. No password was sent. The server gave as the reason: 400."},
	{"LOGIN refused before the password",
		OFFER "C: AUTH LOGIN\nS: 334 VXNlcm5hbWU6\nC: c2F0bw==\nS: 454 4.7.0 Later\n" BYE,
		"medium auth-temporary-failure", NULL},
	{"PLAIN not begun", OFFER "C: AUTH PLAIN\nS: 503 5.5.1 Bad sequence\n" BYE, "medium auth-syntax",
		"and answered 503 5.5.1 \"Bad sequence\": not here, or not at this time."},
	{"CRAM-MD5 sends no password", OFFER CRAM(GOOD) BYE, "", NULL},

	/* auth-mechanism-not-offered */
	{"mechanism not offered", OFFER "C: AUTH NTLM\nS: 504 5.5.4 Unrecognized authentication type\n" BYE,
		"medium auth-mechanism-not-offered",
		"The client tried to log in with NTLM, but the server offers PLAIN, LOGIN and CRAM-MD5; it answered 504 "
		"5.5.4"},
	{"AUTH not offered at all", "port 25\n" NO_OFFER "C: AUTH LOGIN\nS: 502 5.5.1 Command not implemented\n" BYE,
		"medium auth-mechanism-not-offered", "but the server offers no login at all here; it answered 502"},
	{"mechanism in the old form of the list",
		"port 25\n" GREETING EHLO
		"S: 250-AUTH=LOGIN PLAIN\nS: 250 AUTH cram-md5\n" CRAM(GOOD) "C: RSET\nS: 250 Ok\n" BYE,
		"", NULL},
	{"list with a gap",
		"port 25\n" GREETING "C: EHLO client.example.org\nS: 250-mail.example.org\ngap S 30\nS: 250 8BITMIME\n"
		"C: AUTH NTLM\nS: 504 5.5.4 Unrecognized authentication type\n" BYE,
		"info capture-loss", NULL},
	{"no list",
		GREETING "C: HELO client\nS: 250 mail\nC: AUTH NTLM\nS: 504 5.5.4 Unrecognized authentication type\n" BYE,
		"medium auth-syntax", NULL},
	{"mechanism offered before the login, not after it",
		"port 25\n" OFFER CRAM(GOOD) EHLO "S: 250 8BITMIME\nC: AUTH PLAIN\nS: 503 5.5.1 Already authenticated\n" BYE,
		"medium auth-mechanism-not-offered", NULL},
	{"mechanism offered, the list after the login lacks it", "port 25\n" OFFER CRAM(GOOD) EHLO "S: 250 8BITMIME\n" SENT BYE, "", NULL},
	{"X-EXPS offers what AUTH does not",
		GREETING EHLO "S: 250-AUTH CRAM-MD5\nS: 250 X-EXPS NTLM\nC: X-EXPS NTLM\nS: 504 5.5.4 no\n" BYE, "medium auth-syntax", NULL},

	/* auth-password-transition-needed, auth-mechanism-too-weak, auth-syntax; auth-rejected is what they almost are */
	{"432", OFFER CRAM("432 4.7.12 A password transition is needed") BYE, "medium auth-password-transition-needed",
		"to check a login (CRAM-MD5) of user \"sato\" and answered 432 4.7.12"},
	{"422", OFFER CRAM("422 4.7.12 A password transition is needed") BYE, "medium auth-password-transition-needed", NULL},
	{"431", OFFER CRAM("431 4.3.0 no") BYE, "medium auth-temporary-failure", NULL},
	{"534", OFFER CRAM("534 5.7.9 Authentication mechanism is too weak") BYE, "medium auth-mechanism-too-weak",
		"a login (CRAM-MD5) of user \"sato\" by this method and answered 534 5.7.9"},
	{"5.7.9 behind another code", OFFER CRAM("550 5.7.9 Please log in with an application password") BYE, "medium auth-mechanism-too-weak", NULL},
	{"550", OFFER CRAM("550 5.7.1 no") BYE, "high auth-rejected", NULL},
	{"525, the account is disabled", OFFER CRAM("525 5.7.13 Account disabled") BYE, "high auth-rejected", NULL},
	{"501, it is not understood", OFFER CRAM("501 5.5.2 Cannot decode") BYE, "medium auth-syntax", "it did not understand what the client sent"},
	{"501, it is about what was sent", OFFER CRAM("501 5.7.0 Authentication failed") BYE, "high auth-rejected", NULL},
	{"500, the line is too long", OFFER CRAM("500 5.5.6 Authentication exchange line is too long") BYE, "medium auth-syntax", NULL},
	{"502", OFFER CRAM("502 5.5.1 Unrecognized command") BYE, "medium auth-syntax", "it has no login here"},
	{"503 after a login", OFFER CRAM(GOOD) "C: AUTH CRAM-MD5\nS: 503 5.5.1 Already\n" BYE, "low auth-syntax", "the client was logged in already"},
	{"503 in a mail", OFFER MAIL "C: AUTH CRAM-MD5\nS: 503 5.5.1 no\n" BYE, "medium auth-syntax, low mail-without-auth",
		"a login must not come while a mail is being sent"},
	{"cancelled", OFFER "C: AUTH CRAM-MD5\nS: 334 PDFA\nC: *\nS: 501 5.7.0 Authentication aborted\n" BYE, "", NULL},
	{"523", OFFER "C: AUTH CRAM-MD5\nS: 523 5.7.10 Encryption Needed\n" BYE, "medium auth-needs-tls", NULL},

	/* extension-not-offered, parameter-wrong, limit-exceeded */
	{"SIZE and DSN not offered", "port 25\n" NO_OFFER
		"C: MAIL FROM:<sato@example.org> SIZE=5 RET=HDRS\nS: 555 5.5.4 Unsupported option: SIZE=5\n" BYE,
		"medium mail-refused, low extension-not-offered",
		"The server refused the mail from <sato@example.org>"},
	{"BODY not offered, taken all the same", "port 25\n" GREETING EHLO "S: 250 PIPELINING\nC: MAIL FROM:<sato@example.org> BODY=8BITMIME\n"
		"S: 250 Ok\n" BYE, "low extension-not-offered", "The client used 8BITMIME, which the server did not offer."},
	{"BODY offered", "port 25\n" NO_OFFER "C: MAIL FROM:<sato@example.org> BODY=8BITMIME\nS: 250 Ok\n" BYE, "", NULL},
	{"BODY perhaps offered", "port 25\n" GREETING "C: EHLO c\nS: 250-mail\ngap S 30\nS: 250 PIPELINING\n"
		"C: MAIL FROM:<sato@example.org> BODY=8BITMIME\nS: 250 Ok\n" BYE, "low capture-loss", NULL},
	{"BODY of a kind that is none", "port 25\n" NO_OFFER "C: MAIL FROM:<sato@example.org> BODY=9BITMIME\nS: 501 5.5.4 Bad parameter\n" BYE,
		"medium mail-refused, low parameter-wrong", NULL},
	{"BODY twice", "port 25\n" NO_OFFER "C: MAIL FROM:<sato@example.org> BODY=7BIT BODY=7BIT\nS: 250 Ok\n" BYE, "low parameter-wrong",
		"The value of BODY is not one that the extension knows, or it was given twice."},
	{"a parameter that nobody knows", "port 25\n" NO_OFFER "C: MAIL FROM:<sato@example.org> BODIES=7\nS: 250 Ok\n" BYE, "", NULL},
	{"two recipients where one is allowed", "port 25\n" GREETING EHLO "S: 250 LIMITS RCPTMAX=1\n" MAIL RCPT RCPT BYE, "low limit-exceeded",
		"The client went beyond what the server allows: RCPTMAX (LIMITS)."},
	{"two domains where one is allowed", "port 25\n" GREETING EHLO "S: 250 LIMITS RCPTDOMAINMAX=1\n" MAIL RCPT
		"C: RCPT TO:<b@example.org>\nS: 250 Ok\n" BYE, "low limit-exceeded",
		"The client went beyond what the server allows: RCPTDOMAINMAX (LIMITS)."},
	{"one domain in two mails", "port 25\n" GREETING EHLO "S: 250 LIMITS RCPTDOMAINMAX=1\n" MAIL RCPT "C: RCPT TO:<b@Example.NET>\nS: 250 Ok\n"
		"C: RSET\nS: 250 Ok\n" MAIL RCPT "C: RCPT TO:<postmaster>\nS: 250 Ok\n" BYE, "", NULL},
	{"an address in UTF-8, not offered", "port 25\n" NO_OFFER "C: MAIL FROM:<\\xc3\\xbc@example.org>\nS: 250 Ok\n" BYE,
		"low extension-not-offered", "The client used SMTPUTF8, which the server did not offer."},
	{"an address in UTF-8, offered", "port 25\n" GREETING EHLO "S: 250 SMTPUTF8\nC: MAIL FROM:<\\xc3\\xbc@example.org> SMTPUTF8\nS: 250 Ok\n" BYE,
		"", NULL},
	{"an address in no known charset", "port 25\n" NO_OFFER "C: MAIL FROM:<\\xfc@example.org>\nS: 501 no\n" BYE, "medium mail-refused", NULL},
	{"two recipients where two are allowed", "port 25\n" GREETING EHLO "S: 250 LIMITS RCPTMAX=2\n" MAIL RCPT RCPT BYE, "", NULL},

	/* hello-not-repeated */
	{"no EHLO after XCLIENT", "port 25\n" GREETING EHLO "S: 250 XCLIENT ADDR\nC: XCLIENT ADDR=192.0.2.7\nS: 220 mail ESMTP\n" MAIL BYE,
		"low hello-not-repeated", "After XCLIENT the session begins anew, but the client went on without EHLO."},
	{"no EHLO after XCLIENT, refused", "port 25\n" GREETING EHLO "S: 250 XCLIENT ADDR\nC: XCLIENT ADDR=192.0.2.7\nS: 220 mail ESMTP\n"
		"C: MAIL FROM:<sato@example.org>\nS: 503 5.5.1 Error: send HELO/EHLO first\n" BYE, "medium mail-refused, low hello-not-repeated",
		"The server refused the mail from <sato@example.org>"},
	{"EHLO after XCLIENT", "port 25\n" GREETING EHLO "S: 250 XCLIENT ADDR\nC: XCLIENT ADDR=192.0.2.7\nS: 220 mail ESMTP\n"
		"C: NOOP\nS: 250 Ok\n" EHLO "S: 250 SIZE\n" MAIL BYE, "", NULL},
	{"XCLIENT refused", "port 25\n" GREETING EHLO "S: 250 XCLIENT ADDR\nC: XCLIENT ADDR=192.0.2.7\nS: 550 no\n" MAIL BYE, "", NULL},
	{"EHLO perhaps lost after XCLIENT", "port 25\n" GREETING EHLO "S: 250 XCLIENT ADDR\nC: XCLIENT ADDR=192.0.2.7\nS: 220 mail ESMTP\n"
		"gap C 20\ngap S 30\n" MAIL BYE, "low capture-loss", NULL},

	/* size-over-limit, size-understated */
	{"announced over the limit", "port 25\n" GREETING EHLO "S: 250 SIZE 1000\nC: MAIL FROM:<sato@example.org> SIZE=1001\n"
		"S: 552 5.3.4 Message too big\n" BYE, "medium mail-refused, medium size-over-limit", NULL},
	{"announced at the limit", "port 25\n" GREETING EHLO "S: 250 SIZE 1000\nC: MAIL FROM:<sato@example.org> SIZE=1000\nS: 250 Ok\n" BYE, "", NULL},
	{"sent over the limit, and accepted", "port 25\n" GREETING EHLO "S: 250 SIZE 10\n" MAIL RCPT DATA "S: 250 Ok\n" BYE, "low size-over-limit",
		"The client sends, or announces, a mail of 21 bytes; the server's limit is 10 bytes."},
	{"no limit", "port 25\n" GREETING EHLO "S: 250 SIZE 0\nC: MAIL FROM:<sato@example.org> SIZE=1001\nS: 250 Ok\n" BYE, "", NULL},
	{"much larger than announced", "port 25\n" GREETING EHLO "S: 250 SIZE\nC: MAIL FROM:<sato@example.org> SIZE=10\nS: 250 Ok\n" RCPT
		"C: DATA\nS: 354 go\n" LONG_LINES "C: .\nS: 250 Ok\n" BYE, "low size-understated", "The client announced 10 bytes (SIZE) and sent "},
	{"a little larger than announced", "port 25\n" GREETING EHLO "S: 250 SIZE\nC: MAIL FROM:<sato@example.org> SIZE=10\nS: 250 Ok\n" RCPT DATA
		"S: 250 Ok\n" BYE, "", NULL},

	/* auth-not-offered-on-submission */
	{"587 without AUTH", NO_OFFER BYE, "medium auth-not-offered-on-submission", "192.0.2.1:587 is a submission port"},
	{"587 with STARTTLS before AUTH", GREETING EHLO "S: 250 STARTTLS\n" BYE, "", NULL},
	{"25 without AUTH", "port 25\n" NO_OFFER BYE, "", NULL},
	{"587, list with a gap", GREETING "C: EHLO c\nS: 250-mail\ngap S 30\nS: 250 8BITMIME\n" BYE, "low capture-loss",
		NULL},

	/* starttls-refused, starttls-not-used */
	{"STARTTLS refused",
		"port 25\n" GREETING EHLO "S: 250 STARTTLS\nC: STARTTLS\nS: 454 4.7.0 TLS not available\n" SENT BYE,
		"medium starttls-refused", "The client went on and sent mail in the clear."},
	{"STARTTLS used", GREETING EHLO "S: 250 STARTTLS\nC: STARTTLS\nS: 220 2.0.0 Ready\ntls\n", "", NULL},
	{"STARTTLS offered, mail in the clear", "port 25\n" GREETING EHLO "S: 250 STARTTLS\n" SENT BYE,
		"low starttls-not-used", "the client did not use it and sent 1 mail in the clear."},
	{"STARTTLS perhaps tried in a gap", "port 25\n" GREETING EHLO "S: 250 STARTTLS\ngap C 10\ngap S 30\n" SENT BYE,
		"low capture-loss", NULL},
	{"STARTTLS not tried before a gap", "port 25\n" GREETING EHLO "S: 250 STARTTLS\n" SENT "gap C 10\ngap S 30\n" BYE,
		"low starttls-not-used, low capture-loss", NULL},
	{"STARTTLS offered, nothing sent", "port 25\n" GREETING EHLO "S: 250 STARTTLS\n" BYE, "", NULL},

	{"STARTTLS with a parameter", "port 25\n" GREETING EHLO "S: 250 STARTTLS\nC: STARTTLS now\nS: 501 5.5.4 Syntax\n" BYE,
		"medium starttls-refused", "\"Syntax\". It means that the command was not written as it must be"},
	{"STARTTLS not known", "port 25\n" GREETING EHLO "S: 250 STARTTLS\nC: STARTTLS\nS: 502 5.5.1 What?\n" BYE,
		"medium starttls-refused", "It means that the server does not know the command, whatever it offered."},
	{"STARTTLS out of sequence", "port 25\n" GREETING EHLO "S: 250 STARTTLS\nC: STARTTLS\nS: 503 5.5.1 Not now\n" BYE,
		"medium starttls-refused", "It means that the command came at the wrong moment."},
	{"STARTTLS refused for good", "port 25\n" GREETING EHLO "S: 250 STARTTLS\nC: STARTTLS\nS: 554 5.7.3 No\n" BYE,
		"medium starttls-refused", "It means that the server refuses for good."},
	{"STARTTLS answered by the end", "port 25\n" GREETING EHLO "S: 250 STARTTLS\nC: STARTTLS\nS: 421 4.3.2 Closing\n",
		"medium starttls-refused, low server-busy", "the server answered 421 4.3.2 \"Closing\"."},

	/* starttls-in-clear */
	{"plain text after the 220", AGREED "C: NOOP\nS: 250 2.0.0 Ok\n" BYE, "medium starttls-in-clear", "and the client went on in the clear."},
	{"a plain answer to the hello", AGREED "hello 0303\nS: 500 5.5.2 Bad syntax\n", "medium starttls-in-clear, medium tls-handshake-failed",
		"the server answered in the clear."},
	{"TLS after the 220", AGREED "hello 0303\nserver 0303\nsealed\n", "", NULL},
	{"plain text after a refusal", GREETING EHLO "S: 250 STARTTLS\nC: STARTTLS\nS: 454 4.7.0 No\nC: NOOP\nS: 250 2.0.0 Ok\n" BYE,
		"medium starttls-refused", NULL},

	/* tls-handshake-failed */
	{"the client gives up", AGREED "hello 0303\nserver 0303\nalert C 48\n", "medium tls-handshake-failed",
		"the client gave it up with the alert unknown_ca."},
	{"the server gives up", AGREED "hello 0303\nalert S 70\n", "medium tls-handshake-failed",
		"the server gave it up with the alert protocol_version."},
	{"nobody says why", AGREED "hello 0303\nserver 0303\n", "medium tls-handshake-failed", "the connection ended before it was complete."},
	{"nobody saw the end", "how 4\n" AGREED "hello 0303\nserver 0303\n", "", NULL},
	{"it may be in a gap", AGREED "hello 0303\nserver 0303\ngap S 7\n", "low capture-loss", NULL},

	/* tls-certificate-... */
	{"expired", AGREED TLS(CERTIFICATE_LEAF, "old.example.net"), "medium tls-certificate-expired",
		"The server's certificate (CN=old.example.net) was valid until 2025-01-01."},
	{"expired, between servers", "port 25\n" AGREED TLS(CERTIFICATE_LEAF, "old.example.net"), "low tls-certificate-expired", NULL},
	{"not yet valid", AGREED TLS(CERTIFICATE_FUTURE, "new.example.net"), "medium tls-certificate-not-yet-valid",
		"The server's certificate (CN=new.example.net) is valid from 2030-01-01 on."},
	{"another name", AGREED TLS(CERTIFICATE_IMPOSTOR, "mail.example.com"), "medium tls-certificate-name-mismatch",
		"The client asked for mail.example.com; the server's certificate is for O=Example CA,CN=Example Root."},
	{"no name asked for", AGREED TLS(CERTIFICATE_IMPOSTOR, ""), "", NULL},
	{"self-signed", AGREED TLS(CERTIFICATE_SELF, "mail.example.com"), "low tls-certificate-self-signed",
		"CN=mail.example.com) is signed by its own key."},
	{"self-signed, between servers", "port 25\n" AGREED TLS(CERTIFICATE_SELF, "mail.example.com"), "info tls-certificate-self-signed", NULL},
	{"self-signed and another name", AGREED TLS(CERTIFICATE_SELF, "mail.example.net"),
		"medium tls-certificate-name-mismatch, low tls-certificate-self-signed",
		"the server's certificate is for mail.example.com, *.mx.example.com, 192.0.2.10, ...."},
	{"no certificate at all", AGREED TLS("3000", "mail.example.com"), "", NULL},
	{"a part of it missing", AGREED "hello 0303 mail.example.com\nserver 0303\ngap S 60\ncertificate 3000\nsealed\n", "low capture-loss", NULL},

	/* tls-version-weak */
	{"TLS 1.0", AGREED "hello 0301\nserver 0301\nsealed\n", "low tls-version-weak", "The client offers nothing newer."},
	{"TLS 1.1, the server's fault", AGREED "hello 0304\nserver 0302\nsealed\n", "low tls-version-weak",
		"agreed on TLS 1.1, which is no longer considered safe (RFC 8996). The client offered TLS 1.3"},
	{"TLS 1.2", AGREED "hello 0304\nserver 0303\nsealed\n", "", NULL},
	{"TLS 1.0 is not accepted", AGREED "hello 0304\nserver 0301\nalert C 70\n", "medium tls-handshake-failed", NULL},

	/* mail-refused, recipient-refused, greylisted */
	{"MAIL refused for now",
		"port 25\n" NO_OFFER "C: MAIL FROM:<sato@example.org>\nS: 452 4.3.1 Insufficient system storage\n" BYE,
		"low mail-refused", "(mailbox or disk full). This is for now"},
	{"body refused", "port 25\n" NO_OFFER MAIL RCPT DATA "S: 552 5.3.4 Message too large\n" BYE, "medium mail-refused",
		"The server refused the mail from <sato@example.org>: it answered the message itself with 552 5.3.4"},
	{"DATA refused", "port 25\n" NO_OFFER MAIL RCPT "C: DATA\nS: 451 4.3.0 Try later\n" BYE, "low mail-refused",
		"answered DATA with 451"},
	{"mail accepted", "port 25\n" NO_OFFER SENT BYE, "", NULL},
	{"DATA after no valid recipient",
		"port 25\n" NO_OFFER MAIL "C: RCPT TO:<x@example.net>\nS: 550 5.1.1 No such user\n"
		"C: DATA\nS: 554 5.5.1 Error: no valid recipients\n" BYE,
		"medium recipient-refused", NULL},
	{"recipient refused for now",
		"port 25\n" NO_OFFER MAIL "C: RCPT TO:<x@example.net>\nS: 451 4.4.3 Lookup failed\n" BYE,
		"low recipient-refused", "This is for now"},
	{"five recipients refused",
		"port 25\n" NO_OFFER MAIL "C: RCPT TO:<1@example.net>\nS: 550 no\nC: RCPT TO:<2@example.net>\nS: 450 no\nC: "
		"RCPT TO:<3@example.net>\nS: 550 no\n"
		"C: RCPT TO:<4@example.net>\nS: 550 no\nC: RCPT TO:<5@example.net>\nS: 550 no\n" BYE,
		"medium recipient-refused",
		"The server refused 5 recipients: <1@example.net> with 550 \"no\"; <2@example.net> with 450 \"no\"; "
		"<3@example.net> with 550 \"no\"; and 2 more."},
	{"greylisted",
		"port 25\n" NO_OFFER MAIL
		"C: RCPT TO:<x@example.net>\nS: 450 4.2.0 <x@example.net>: Greylisted for 300 seconds\n" BYE,
		"low recipient-refused, info greylisted", NULL},
	{"forwarded recipient", "port 25\n" NO_OFFER MAIL "C: RCPT TO:<x@example.net>\nS: 251 will forward\n" BYE, "", NULL},

	/* connection */
	{"refused", "how 5\nsyn 2\n", "medium connection-refused",
		"192.0.2.1:587 refused the connection with a TCP reset (3 tries in 0.0 seconds). No program listens on port "
		"587 there"},
	{"unanswered", "port 25\nhow 6\nsyn 5\n", "medium connection-unanswered", "many providers block port 25"},
	{"a single SYN, whose answer may not have been captured", "port 25\nhow 6\n", "", NULL},
	{"unreachable", "icmp admin-prohibited\n", "medium connection-unanswered",
		"an ICMP error \"admin-prohibited\" (a router or firewall forbids it)."},
	{"established and cut off", "port 25\nhow 2\n" NO_OFFER, "", NULL},

	/* no-greeting */
	{"no greeting", "port 25\nwait 30000\n", "medium no-greeting",
		"192.0.2.1:25 took the connection and then said nothing for 30 seconds."},
	{"left before the greeting", "port 25\nwait 3000\n", "", NULL},
	{"greeting after a while", "port 25\nwait 30000\nS: 220 mail\n" BYE, "low slow-reply",
		"192.0.2.1:25 took 30.0 seconds to answer the connection with its greeting."},
	{"greeting after a moment", "port 25\nwait 6000\nS: 220 mail\n" BYE, "", NULL},
	{"greeting lost", "port 25\nwait 30000\ngap S 20\n", "low capture-loss", NULL},

	/* greeting, 421 */
	{"greeting refuses", "S: 554 192.0.2.10 is listed in dnsbl.example\n" BYE, "medium banner-refused",
		"192.0.2.1:587 answered the connection with 554 \"192.0.2.10 is listed in dnsbl.example\": it wants no mail "
		"from "
		"192.0.2.10."},
	{"greeting refuses for now", "S: 450 4.3.2 Try later\n" BYE, "low banner-refused", NULL},
	{"greeting is busy", "S: 421 4.7.0 Too many connections\n", "medium server-busy",
		"answered the connection with 421"},
	{"busy later", "port 25\n" NO_OFFER "C: MAIL FROM:<a@example.org>\nS: 421 4.3.2 System shutting down\n",
		"low server-busy, low mail-refused", NULL},
	{"client was silent", "port 25\n" NO_OFFER "wait 300000\nS: 421 4.4.2 mail.example.org Error: timeout exceeded\n",
		"", NULL},

	/* early-talker, capability-masked */
	{"client did not wait", "port 25\nC: EHLO client.example.org\nS: 220 mail\nS: 250 mail\n" BYE, "low early-talker",
		NULL},
	{"masked extensions", "port 25\n" GREETING EHLO "S: 250-PIPELINING\nS: 250-XXXXXXXA\nS: 250 XXXXB\n" BYE,
		"medium capability-masked", "2 extensions in the server's list read \"XXXXXXXA\""},
	{"extensions of its own",
		"port 25\n" GREETING EHLO "S: 250-XCLIENT NAME ADDR\nS: 250-X-EXPS LOGIN\nS: 250 XXX\n" BYE, "", NULL},

	/* smuggling */
	{"a second mail in the first, taken", FALSE_END BAIT "S: 250 ok\nS: 250 ok\nS: 250 ok\nS: 354 go\nS: 250 ok\n" BYE,
		"high smuggling, low bare-newline",
		"In a message stands <LF>.<CR><LF>, which is not the end of it, and behind it the command MAIL: a server that takes it for "
		"the end takes what follows for another mail, sent in anybody's name. 192.0.2.1:25 fell for it: it sent 4 replies more than "
		"the client asked for."},
	{"a second mail in the first, not taken", FALSE_END BAIT "S: 250 ok\n" BYE, "medium smuggling, low bare-newline",
		"192.0.2.1:25 did not fall for it: it answered no more often than it was asked."},
	{"a second mail in the first, refused for good", FALSE_END BAIT "S: 521 bare <LF> received\n",
		"medium mail-refused, medium smuggling, low bare-newline", "did not fall for it"},
	{"a second mail in the first, then nothing", FALSE_END BAIT "S: 250 ok\n", "medium smuggling, low bare-newline",
		"Whether 192.0.2.1:25 fell for it cannot be seen here."},
	{"a second mail in the first, and a gap behind", FALSE_END BAIT "S: 250 ok\ngap S 20\n" BYE,
		"medium smuggling, low bare-newline, info capture-loss", "cannot be seen here"},
	{"a second mail in the first, which the next command overlaps",
		FALSE_END BAIT "C: QUIT\nS: 250 ok\nS: 221 bye\n", "medium smuggling, low bare-newline", "cannot be seen here"},
	{"a second mail in the first, answered before the end", FALSE_END "C: RSET\nS: 250 ok\nC: QUIT\nS: 221 bye\n",
		"high smuggling, low bare-newline", "fell for it: it answered before the message had ended."},
	{"a line of one dot in a letter", FALSE_END "C: Data of the year\nC: .\nS: 250 ok\n" BYE, "low bare-newline", NULL},
	{"mail in mail, as it should be", "port 25\n" NO_OFFER MAIL RCPT "C: DATA\nS: 354 go\nC: hi\nC: ..\nC: MAIL FROM:<e@f>\nC: .\nS: 250 ok\n" BYE,
		"", NULL},

	/* starttls-injection, response-injection */
	{"a command behind STARTTLS", STARTTLS_OFFER "C: STARTTLS\nC: RSET\nS: 220 go\ntls\n", "medium starttls-injection T1557",
		"192.0.2.10 sent RSET in the clear behind STARTTLS"},
	{"a command after the answer to STARTTLS", STARTTLS_OFFER "C: STARTTLS\nS: 220 go\nC: RSET\nS: 250 ok\n",
		"medium starttls-in-clear", NULL},
	{"a command behind a STARTTLS that is refused", STARTTLS_OFFER "C: STARTTLS\nC: RSET\nS: 454 no\nS: 250 ok\n",
		"medium starttls-refused, low pipelining-violation", NULL},
	{"a reply behind the 220", STARTTLS_OFFER "C: STARTTLS\nS: 220 go\nS: 250 ok\ntls\n", "medium response-injection T1557",
		"Behind its answer to STARTTLS, 192.0.2.1:25 sent more text in the clear"},
	{"a reply to the hello", STARTTLS_OFFER "C: STARTTLS\nS: 220 go\ntls\nS: 500 what?\n", "medium starttls-in-clear", NULL},

	/* header-injection */
	{"line ends in an address", "port 25\n" NO_OFFER "C: MAIL FROM:<a%0d%0aRCPT TO:b@example.org>\nS: 553 no\n" BYE,
		"medium mail-refused, medium header-injection", "the first MAIL FROM:<a%0d%0aRCPT TO:b@example.org>"},
	{"a line end in a parameter", "port 25\n" MORE_OFFER "C: MAIL FROM:<a@example.org> ENVID=a+0D+0Ab\nS: 250 ok\n" BYE,
		"medium header-injection", NULL},
	{"a control character in an address", "port 25\n" NO_OFFER "C: MAIL FROM:<a\\x0db@example.org>\nS: 250 ok\n" BYE,
		"medium header-injection, low bare-newline", NULL},
	{"a line end made twice", "port 25\n" NO_OFFER "C: MAIL FROM:<a@example.org>\\x0d\nS: 250 ok\n" BYE, "low bare-newline", NULL},
	{"a route and a plus in addresses", "port 25\n" MORE_OFFER
		"C: MAIL FROM:<a+0A@example.org> ENVID=a+2B\nS: 250 ok\nC: RCPT TO:<b%0a.example@example.net>\nS: 250 ok\n" BYE, "", NULL},

	/* not-smtp */
	{"a web browser", "port 25\nS: 220 mx ESMTP\nC: GET / HTTP/1.1\nS: 500 what?\n", "low not-smtp",
		"192.0.2.10 does not speak SMTP to 192.0.2.1:25 but HTTP."},
	{"a web browser that sends mail", "port 25\nS: 220 mx ESMTP\nC: POST / HTTP/1.1\nS: 500 what?\nC: HELO x\nS: 250 mx\n" MAIL RCPT BYE,
		"medium not-smtp", "Behind it came 4 SMTP commands all the same"},
	{"an IMAP server", "port 25\nS: * OK IMAP4 ready\n", "medium not-smtp", "192.0.2.1:25 does not speak SMTP but IMAP."},
	{"TLS to a server in the clear", "S: 220 mx ESMTP\ntls\nS: 500 what?\n", "medium not-smtp",
		"on port 587 TLS begins with STARTTLS, after the greeting"},
	{"an unknown command", "port 25\nS: 220 mx ESMTP\nC: HELLO\nS: 500 what?\n" BYE, "", NULL},

	/* pipelining-violation, commands-after-quit */
	{"commands at once, not offered", PLAIN_OFFER "C: MAIL FROM:<a@example.org>\nC: RCPT TO:<b@example.net>\nS: 250 ok\nS: 250 ok\n" BYE,
		"low pipelining-violation", "192.0.2.10 sent 1 command before the reply to the one before"},
	{"commands at once, offered", "port 25\n" NO_OFFER "C: MAIL FROM:<a@example.org>\nC: RCPT TO:<b@example.net>\nS: 250 ok\nS: 250 ok\n" BYE,
		"", NULL},
	{"commands at once, before it is known whether they may", "port 25\n" GREETING "C: EHLO c\nC: RSET\nS: 250-mx\nS: 250 PIPELINING\nS: 250 ok\n" BYE,
		"low pipelining-violation", "before the server could say whether it allows that"},
	{"commands at once, known from earlier", "port 25\n" GREETING "C: EHLO c\nC: RSET\nS: 250-mx\nS: 250-PIPELINING\nS: 250 PIPECONNECT\nS: 250 ok\n" BYE,
		"", NULL},
	{"commands at once, with a gap in the list", "port 25\n" GREETING "C: EHLO c\nS: 250-mx\ngap S 12\nS: 250 SIZE\nC: RSET\nC: RSET\nS: 250 ok\nS: 250 ok\n" BYE,
		"low capture-loss", NULL},
	{"a command after QUIT", "port 25\n" NO_OFFER "C: QUIT\nC: RSET\nS: 221 bye\n", "low commands-after-quit",
		"192.0.2.10 sent 1 command after QUIT, the first RSET."},
	{"a command after a QUIT that was refused", "port 25\n" NO_OFFER "C: QUIT\nS: 503 not yet\nC: RSET\nS: 250 ok\n" BYE, "", NULL},

	/* bare-newline, nul-byte, line-too-long */
	{"a bare LF in a command", "port 25\n" NO_OFFER "C: NOOP\\x0aNOOP\nS: 250 ok\nS: 250 ok\n" BYE, "low bare-newline",
		"1 line of the dialogue ends with LF alone instead of CR LF."},
	{"a bare CR in a command and one in a message", "port 25\n" NO_OFFER "C: NOOP a\\x0db\nS: 250 ok\n" MAIL RCPT "C: DATA\nS: 354 go\nC: a\\x0d\nC: .\nS: 250 ok\n" BYE,
		"low bare-newline", "In messages 1 CR stands without LF."},
	{"NULs in a message", "port 25\n" NO_OFFER MAIL RCPT "C: DATA\nS: 354 go\nC: a\\x00\\x00\nC: .\nS: 250 ok\n" BYE, "low nul-byte",
		"Messages hold 2 NUL bytes."},
	{"NULs in a binary message", "port 25\n" MORE_OFFER "C: MAIL FROM:<a@example.org> BODY=BINARYMIME\nS: 250 ok\n" RCPT "C: BDAT 4 LAST\nC: a\\x00\nS: 250 ok\n" BYE,
		"", NULL},
	{"NULs in a message in chunks", "port 25\n" MORE_OFFER MAIL RCPT "C: BDAT 4 LAST\nC: a\\x00\nS: 250 ok\n" BYE, "low nul-byte", NULL},
	{"a NUL in a command", "port 25\n" NO_OFFER "C: NOOP a\\x00\nS: 250 ok\n" BYE, "low nul-byte",
		"1 line of the dialogue holds NUL bytes."},
	{"a long command", "port 25\n" NO_OFFER "C: NOOP " LONG_TEXT LONG_TEXT "\nS: 250 ok\n" BYE, "low line-too-long",
		"1 command or reply is longer than RFC 5321 allows; the longest has 607 bytes."},
	{"a long line in a message", "port 25\n" NO_OFFER MAIL RCPT "C: DATA\nS: 354 go\nC: " LONG_TEXT LONG_TEXT LONG_TEXT LONG_TEXT "\nC: .\nS: 250 ok\n" BYE,
		"info line-too-long", "1 message has lines of more than 1,000 bytes; the longest has 1,202 bytes."},
	{"long, but not too long", "port 25\n" NO_OFFER "C: MAIL FROM:<a@example.org> LONG=" LONG_TEXT LONG_TEXT "\nS: 250 ok\n" RCPT
		"C: DATA\nS: 354 go\nC: " LONG_TEXT LONG_TEXT LONG_TEXT "\nC: .\nS: 250 ok\n" BYE, "", NULL},

	/* slow-reply, tarpit */
	{"a message that takes long", "port 25\n" NO_OFFER MAIL RCPT DATA "wait 25000\nS: 250 ok\n" BYE, "low slow-reply",
		"192.0.2.1:25 took 25.0 seconds to answer the message."},
	{"a message that takes a while", "port 25\n" NO_OFFER MAIL RCPT DATA "wait 15000\nS: 250 ok\n" BYE, "", NULL},
	{"recipients that take long, one very long", "port 25\n" NO_OFFER MAIL "C: RCPT TO:<a@example.net>\nwait 12000\nS: 250 ok\n"
		"C: RCPT TO:<b@example.net>\nwait 310000\nS: 250 ok\n" BYE, "medium slow-reply",
		"192.0.2.1:25 took 310.0 seconds to answer RCPT. 1 more reply was slow, too. A client need not wait so long: RFC 5321 lets it "
		"give up after 5 minutes."},
	{"the client waits, not the server", "port 25\n" NO_OFFER MAIL "wait 60000\n" RCPT BYE, "", NULL},
	{"a slow way to the server", "port 25\nrtt 3000 1\n" NO_OFFER "C: RSET\nwait 7900\nS: 250 ok\n" BYE, "", NULL},
	{"a slow server behind a slow way", "port 25\nrtt 3000 1\n" NO_OFFER "C: RSET\nwait 8000\nS: 250 ok\n" BYE, "low slow-reply",
		"192.0.2.1:25 took 5.0 seconds to answer RSET."},
	{"slow, or a reply was lost before it", "port 25\n" NO_OFFER "C: RSET\nwait 30000\ngap S 8\nS: 250 ok\n" BYE, "low capture-loss", NULL},
	{"the client leaves unanswered", "port 25\nhow 1\n" NO_OFFER MAIL RCPT DATA "wait 60000\n", "medium slow-reply",
		"192.0.2.1:25 did not answer the message in the 60.0 seconds until the session ended."},
	{"the capture ends unanswered", "port 25\nhow 4\n" NO_OFFER MAIL RCPT DATA "wait 60000\n", "", NULL},
	{"every reply is delayed", "port 25\n" GREETING "C: EHLO c\nwait 2000\nS: 250-mx\nS: 250 PIPELINING\n"
		"C: MAIL FROM:<a@example.org>\nwait 2000\nS: 250 ok\nC: RCPT TO:<b@example.net>\nwait 1500\nS: 250 ok\nC: RSET\nwait 1500\nS: 250 ok\n" BYE,
		"low tarpit", "192.0.2.1:25 delayed 4 replies that take no work, by 7.0 seconds in all. So servers treat"},
	{"recipients are looked up", "port 25\n" NO_OFFER MAIL "C: RCPT TO:<a@example.net>\nwait 2000\nS: 250 ok\nC: RCPT TO:<b@example.net>\nwait 2000\nS: 250 ok\n"
		"C: RCPT TO:<c@example.net>\nwait 2000\nS: 250 ok\nC: RCPT TO:<d@example.net>\nwait 2000\nS: 250 ok\n" BYE, "", NULL},
	{"delays grow with the errors", "port 25\n" NO_OFFER MAIL "C: RCPT TO:<a@example.net>\nwait 1000\nS: 550 no\nC: RCPT TO:<b@example.net>\nwait 2000\nS: 550 no\n"
		"C: RCPT TO:<c@example.net>\nwait 4000\nS: 550 no\nC: RCPT TO:<d@example.net>\nwait 8000\nS: 550 no\n" BYE,
		"medium recipient-refused, low tarpit", "The delays grow."},
	{"a reply in drips", "port 25\nraw S 220 \nwait 900\nraw S mx \nwait 900\nraw S ES\nwait 900\nraw S MT\nwait 900\nraw S P \nwait 900\nraw S hi\nwait 900\nS: \n" BYE,
		"low tarpit", "192.0.2.1:25 sent 1 reply in small pieces with pauses between them."},
	{"a reply in a few pieces", "port 25\nraw S 220 \nwait 900\nraw S mx \nwait 900\nraw S ESMTP\nwait 900\nS: \n" BYE, "", NULL},

	{"masked with asterisks", "port 25\nS: 220 ***************2****0*0*00\n" EHLO "S: 250-PIPELINING\nS: 250 **********\n" BYE,
		"medium capability-masked", "1 extension in the server's list read \"**********\""},
	{"a masked greeting", "port 25\nS: 220 ***************2****0*0*00\n" EHLO "S: 250 PIPELINING\n" BYE, "low capability-masked",
		"The server's greeting is overwritten with asterisks"},
	{"a greeting with stars", "port 25\nS: 220 ********* welcome *********\n" EHLO "S: 250 PIPELINING\n" BYE, "", NULL},

	/* conflicting-retransmission: see also pcaps/retransmission-conflict and, which must not have it, pcaps/retransmission */
	{"bytes came twice", "port 25\n" NO_OFFER "conflict C\n" BYE, "medium conflicting-retransmission",
		"1 retransmitted segment carried other bytes"},

	/* capture-loss */
	{"gap in a reply",
		"port 25\n" NO_OFFER "C: MAIL FROM:<a@example.org>\ngap S 20\nC: RCPT TO:<x@example.net>\nS: 250 Ok\n" BYE,
		"info capture-loss", NULL},
	{"a gap while the kernel dropped",
		"port 25\n" NO_OFFER "C: MAIL FROM:<a@example.org>\ngap S 20\nC: RCPT TO:<x@example.net>\nS: 250 Ok\ndropped 7\n" BYE,
		"info capture-loss",
		"While it was open, the capturing machine was too slow and dropped 7 packets, of all connections together."},
	{"the kernel dropped packets of others", "port 25\ndropped 7\n" NO_OFFER BYE, "", NULL},
};

static const struct finding *find(const struct record *record, const char *id) {
	for (const struct finding *finding = record->findings; finding != NULL; finding = finding->next)
		if (strcmp(finding->id, id) == 0)
			return finding;
	return NULL;
}

/* They join English sentences, and no reply in the rows above has one of them. */
static const char *const english_words[] = {
	"The server", "The client", " and it", " without logging", " with 5", " of user "};

static void list_findings(const struct record *record, char *text, size_t size) {
	size_t len = 0;

	text[0] = 0;
	for (const struct finding *finding = record->findings; finding != NULL; finding = finding->next) {
		len += (size_t)snprintf(text + len, size - len, "%s%s %s", len > 0 ? ", " : "",
			findings_severity_name(finding->severity), finding->id);
		for (size_t i = 0; finding->attack != NULL && finding->attack[i] != NULL; i++)
			len += (size_t)snprintf(text + len, size - len, " %s", finding->attack[i]);
	}
}

/* What must hold for any finding. */
static void check_finding(const struct row *row, const struct record *record, const struct finding *finding) {
	const char *text = finding->explanation.data;
	bool printable = true;

	for (size_t i = 0; i < finding->explanation.len; i++)
		printable &= (unsigned char)text[i] >= 0x20 && text[i] != 0x7f;
	if (!printable)
		print_error("%s: control characters in \"%.*s\"\n", row->name, (int)finding->explanation.len, text);
	CHECK(printable);
	CHECK(finding->title != NULL && finding->title[0] != 0);
	CHECK(finding->explanation.len > 20 && finding->explanation.len < 1200);
	CHECK(text[finding->explanation.len - 1] == '.' || text[finding->explanation.len - 1] == ')');
	CHECK(finding->frame_count > 0);
	for (size_t i = 0; i < finding->frame_count; i++) {
		CHECK(finding->frames[i] >= record->open.first.frame && finding->frames[i] <= record->close.last.frame);
		CHECK(i == 0 || finding->frames[i - 1] < finding->frames[i]);
	}
	CHECK(finding->next == NULL || finding->next->severity <= finding->severity);
	CHECK((finding->cause_count > 0) == (finding->severity > FINDING_INFO));
	CHECK((finding->check_count > 0) == (finding->severity > FINDING_INFO));
	for (size_t i = 0; i < finding->cause_count; i++)
		CHECK(finding->causes[i][0] != 0 && strchr(finding->causes[i], '{') == NULL);
	for (size_t i = 0; i < finding->check_count; i++)
		CHECK(finding->checks[i][0] != 0 && strchr(finding->checks[i], '{') == NULL);
	for (size_t i = 0; i < finding->read_count; i++)
		CHECK(finding->reads[i].client != NULL && finding->reads[i].text[0] != 0);
	/* No secret of the dialogues above, in any form. */
	CHECK(memmem(text, finding->explanation.len, "secret1", 7) == NULL);
	CHECK(memmem(text, finding->explanation.len, "c2VjcmV0MQ", 10) == NULL);
}

static void test_rows(void **state) {
	struct dialogue dialogue;
	struct record record;
	size_t failures = 0;

	(void)state;
	record_init(&record);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *row = &rows[i];
		const struct finding *first;
		char found[1024];
		bool said = row->says == NULL;

		dialogue_run(&dialogue, &record, row->dialogue);
		list_findings(&record, found, sizeof(found));
		for (first = record.findings; first != NULL && !said; first = first->next)
			said = memmem(first->explanation.data, first->explanation.len, row->says, strlen(row->says)) != NULL;
		checks += 2;
		if (strcmp(found, row->findings) != 0 || !said) {
			failures++;
			print_error("%s\n  expected: %s\n  got:      %s\n", row->name, row->findings, found);
			for (const struct finding *finding = record.findings; finding != NULL; finding = finding->next)
				print_error("  %.*s\n", (int)finding->explanation.len, finding->explanation.data);
		}
		for (const struct finding *finding = record.findings; finding != NULL; finding = finding->next)
			check_finding(row, &record, finding);
		record_reset(&record);
	}
	record_finish(&record);
	assert_int_equal(failures, 0);
}

/* In every other language the same findings, of which all is said and in that language: no place is left open, no part of a
 * sentence is English. */
static void test_languages(void **state) {
	struct dialogue dialogue;
	struct record record;

	(void)state;
	record_init(&record);
	for (const struct words *const *words = words_all() + 1; *words != NULL; words++)
		for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
			char found[1024], english[1024];

			dialogue_run(&dialogue, &record, rows[i].dialogue);
			list_findings(&record, english, sizeof(english));
			findings_run(&record, *words);
			list_findings(&record, found, sizeof(found));
			CHECK(strcmp(found, english) == 0);
			for (const struct finding *finding = record.findings; finding != NULL; finding = finding->next) {
				const char *text = finding->explanation.data;
				size_t len = finding->explanation.len;
				const char *stop = words_find("ja") == *words ? "。" : ".";
				bool whole = len > 20 && memchr(text, '{', len) == NULL && memchr(text, '}', len) == NULL &&
					     memcmp(text + len - strlen(stop), stop, strlen(stop)) == 0;

				for (size_t j = 0; j < sizeof(english_words) / sizeof(english_words[0]); j++)
					whole &= memmem(text, len, english_words[j], strlen(english_words[j])) == NULL;
				if (!whole)
					print_error("%s: \"%.*s\"\n", rows[i].name, (int)len, text);
				CHECK(whole);
				CHECK((finding->cause_count > 0) == (finding->severity > FINDING_INFO));
				for (size_t j = 0; j < finding->cause_count; j++)
					CHECK(strchr(finding->causes[j], '{') == NULL);
				for (size_t j = 0; j < finding->check_count; j++)
					CHECK(strchr(finding->checks[j], '{') == NULL);
			}
			record_reset(&record);
		}
	record_finish(&record);
}

/* What the person at the mail client reads goes with how it failed; what did not fail has nothing of it. */
static void test_client_reads(void **state) {
	static const struct {
		const char *dialogue, *finding;
		const char *code; /* of the first text with one; NULL: no texts at all */
	} reads[] = {
		{"how 5\nsyn 2\n", "connection-refused", "0x800CCC0E"},
		{"how 6\nsyn 1\n", "connection-unanswered", "0x800CCC0E"},
		{"port 25\nwait 30000\n", "no-greeting", "0x800CCC19"},
		{"S: 554 5.7.1 no\n", "banner-refused", "0x800CCC6F"},
		{OFFER CRAM(BAD) BYE, "auth-rejected", "0x800CCC92"},
		{OFFER CRAM(BAD) CRAM(GOOD) BYE, "auth-rejected", NULL}, /* the next login worked */
		{OFFER "C: MAIL FROM:<sato@example.org>\nS: 530 5.7.0 Authentication required\n" BYE, "auth-required",
			"0x800CCC78"},
		{OFFER MAIL "C: RCPT TO:<a@example.net>\nS: 554 5.7.1 <a@example.net>: Relay access denied\n" BYE,
			"recipient-refused", "0x800CCC79"},
		{OFFER MAIL RCPT DATA "S: 552 5.3.4 Message size exceeds fixed limit\n" BYE, "mail-refused", "0x800CCC6D"},
		{OFFER SENT BYE, "mail-without-auth", NULL},
		{OFFER LOGIN(GOOD) SENT BYE, "auth-cleartext", NULL},
	};
	struct dialogue dialogue;
	struct record record;

	(void)state;
	record_init(&record);
	for (size_t i = 0; i < sizeof(reads) / sizeof(reads[0]); i++) {
		const struct finding *finding;
		const char *code = NULL;

		dialogue_run(&dialogue, &record, reads[i].dialogue);
		finding = find(&record, reads[i].finding);
		CHECK(finding != NULL);
		for (size_t j = 0; j < finding->read_count && code == NULL; j++)
			code = finding->reads[j].code;
		CHECK((finding->read_count > 0) == (reads[i].code != NULL));
		CHECK(reads[i].code == NULL || (code != NULL && strcmp(code, reads[i].code) == 0));
		record_reset(&record);
	}
	record_finish(&record);
}

/* Each rule of the table is found by some row, and missed by some. */
static void test_all_rules(void **state) {
	size_t rule_count = 0;

	(void)state;
	for (const char *id; (id = findings_id(rule_count)) != NULL; rule_count++) {
		size_t hits = 0;

		for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
			const char *at = strstr(rows[i].findings, id);

			hits += at != NULL && (at[strlen(id)] == 0 || at[strlen(id)] == ',' || at[strlen(id)] == ' ');
		}
		if (hits == 0)
			print_error("no row has %s\n", id);
		CHECK(hits > 0);
	}
	CHECK(rule_count == 50);
}

static void test_evidence(void **state) {
	static const struct {
		const char *name, *dialogue, *id;
		uint64_t frames[6];
		int accepted;
	} cases[] = {
		/* greeting 4, EHLO 5, its three lines 6-8, AUTH 9, challenge 10, response 11, 535 12, MAIL 13, 250 14, RCPT
		 * 15, 250 16, DATA 17, 354 18, four lines of the message 19-22, 250 23 */
		{"accepted", OFFER CRAM(BAD) SENT BYE, "mail-without-auth", {12, 13, 23}, 1},
		{"rejected login", OFFER CRAM(BAD) SENT BYE, "auth-rejected", {9, 12}, -1},
		{"refused", OFFER "C: MAIL FROM:<a@example.org>\nS: 530 5.7.0 Authentication required\n" BYE,
			"mail-without-auth", {9, 10}, 0},
		{"unknown", OFFER MAIL "how 4\n", "mail-without-auth", {9}, -1},
		{"refused connection", "how 5\n", "connection-refused", {1, 4}, -1},
	};
	struct dialogue dialogue;
	struct record record;

	(void)state;
	record_init(&record);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct finding *finding;
		size_t count = 0;

		dialogue_run(&dialogue, &record, cases[i].dialogue);
		finding = find(&record, cases[i].id);
		CHECK(finding != NULL);
		while (count < 6 && cases[i].frames[count] != 0)
			count++;
		if (finding->frame_count != count || memcmp(finding->frames, cases[i].frames, count * sizeof(uint64_t)) != 0)
			for (size_t f = 0; f < finding->frame_count; f++)
				print_error("%s: frame %" PRIu64 "\n", cases[i].name, finding->frames[f]);
		CHECK(finding->frame_count == count);
		CHECK(memcmp(finding->frames, cases[i].frames, count * sizeof(uint64_t)) == 0);
		CHECK(finding->accepted == cases[i].accepted);
		record_reset(&record);
	}
	record_finish(&record);
}

/* More evidence than there is room for, and running twice. */
static void test_limits(void **state) {
	enum { RECIPIENTS = 500 };
	struct dialogue dialogue;
	struct record record;
	const struct finding *finding;
	char *text, *at;

	(void)state;
	text = at = malloc(RECIPIENTS * 700 + 1000);
	assert_non_null(text);
	at += sprintf(at, "port 25\n" NO_OFFER MAIL);
	for (int i = 0; i < RECIPIENTS; i++)
		at += sprintf(at, "C: RCPT TO:<%0*d@example.net>\nS: 550 5.1.1 %0*d\n", 200, i, 300, i);
	record_init(&record);
	dialogue_run(&dialogue, &record, text);
	findings_run(&record, words_or_english(NULL));
	finding = find(&record, "recipient-refused");
	CHECK(finding != NULL && finding->next == NULL);
	CHECK(finding->frame_count == RECORD_FINDING_FRAMES_MAX);
	CHECK(finding->frames[0] == 12);
	CHECK(finding->explanation.len < 1200);
	CHECK(memmem(finding->explanation.data, finding->explanation.len, "; and 497 more.", 15) != NULL);
	record_finish(&record);
	free(text);
}

static const char *call_it_x(void *context, struct slice username) {
	size_t *calls = context;

	(void)username;
	++*calls;
	return "X";
}

static void check_user_alias(const struct words *words) {
	struct dialogue dialogue;
	struct record record;
	struct terminal_text text;
	size_t calls = 0;

	record_init(&record);
	dialogue_run(&dialogue, &record, OFFER CRAM(BAD) SENT BYE);
	findings_run(&record, words);
	for (const struct finding *finding = record.findings; finding != NULL; finding = finding->next) {
		terminal_text_init(&text, false);
		findings_add_explanation(&text, &record, finding, NULL, NULL);
		CHECK(text.len == finding->explanation.len && memcmp(text.data, finding->explanation.data, text.len) == 0);
		CHECK(strstr(text.data, "\"sato\"") != NULL);
		terminal_text_init(&text, false);
		findings_add_explanation(&text, &record, finding, call_it_x, &calls);
		CHECK(strstr(text.data, "\"sato\"") == NULL);
		CHECK(strstr(text.data, " X ") != NULL);
	}
	CHECK(calls > 0);
	record_finish(&record);
}

static void test_user_alias(void **state) {
	(void)state;
	for (const struct words *const *words = words_all(); *words != NULL; words++)
		check_user_alias(*words);
}

/* The same in the session document. */
static void test_user_alias_json(void **state) {
	(void)state;
	for (const struct words *const *words = words_all(); *words != NULL; words++) {
		struct writer_options options = {.users = WRITER_USERS_OMIT, .words = *words};
		struct dialogue dialogue;
		struct record record;
		char *text = NULL;
		size_t len = 0;
		FILE *out = open_memstream(&text, &len);
		struct writer *writer = json_format.create(&options, out);

		assert_non_null(writer);
		record_init(&record);
		dialogue_run(&dialogue, &record, OFFER CRAM(BAD) SENT BYE);
		findings_run(&record, *words);
		assert_int_equal(json_format.session(writer, &record), 0);
		json_format.destroy(writer);
		fclose(out);
		CHECK(strstr(text, "\\\"sato\\\"") == NULL);
		CHECK(strstr(text, "(omitted) ") != NULL);
		CHECK(strstr(text, "\"client_reads\":[{\"client\":\"Outlook\"") != NULL);
		CHECK(strstr(text, "\"causes\":[\"") != NULL && strstr(text, "\"checks\":[\"") != NULL);
		free(text);
		record_finish(&record);
	}
}

static const char *diagnosis_id(size_t index) {
	const struct words_advice *advice = words_advice_diagnosis_at(index);

	return advice != NULL ? advice->id : NULL;
}

/* The page for people has a row for each rule and each diagnosis, and none for what there is not. Read in the directory of the
 * sources. */
static void test_page(void **state) {
	FILE *page = fopen("docs/findings.md", "r");
	char line[2048], id[64];
	const char *(*id_at)(size_t index) = findings_id;
	size_t rows_seen = 0;

	(void)state;
	assert_non_null(page);
	while (fgets(line, sizeof(line), page) != NULL) {
		if (strcmp(line, "# Diagnoses\n") == 0) {
			CHECK(id_at(rows_seen) == NULL);
			id_at = diagnosis_id;
			rows_seen = 0;
		}
		if (id_at == diagnosis_id && id_at(rows_seen) == NULL)
			break; /* tables of other things follow */
		if (sscanf(line, "| `%63[a-z0-9-]` |", id) != 1)
			continue;
		if (id_at(rows_seen) == NULL || strcmp(id_at(rows_seen), id) != 0)
			print_error("row %zu of docs/findings.md is %s\n", rows_seen, id);
		CHECK(id_at(rows_seen) != NULL && strcmp(id_at(rows_seen), id) == 0);
		rows_seen++;
	}
	CHECK(id_at == diagnosis_id && id_at(rows_seen) == NULL);
	fclose(page);
}

/* Checks that do not run prove nothing. */
static void test_all_ran(void **state) {
	(void)state;
	assert_int_equal(checks, 5578);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_languages),
		cmocka_unit_test(test_client_reads),
		cmocka_unit_test(test_all_rules),
		cmocka_unit_test(test_evidence),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_user_alias),
		cmocka_unit_test(test_user_alias_json),
		cmocka_unit_test(test_page),
		cmocka_unit_test(test_all_ran),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
