/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/software.h"

#include <stdint.h>
#include <string.h>

/* What a banner says of its maker. The first row that matches wins: names that contain others come first. */
static const struct software {
	const char *in_banner;
	const char *name;
} softwares[] = {
	{"OpenSMTPD", "OpenSMTPD"},
	{"Microsoft ESMTP MAIL Service", "Microsoft Exchange or IIS"},
	{"Microsoft SMTP Server", "Microsoft Exchange or IIS"},
	{"Postfix", "Postfix"},
	{"Exim", "Exim"},
	{"Sendmail", "Sendmail"},
	{"Dovecot", "Dovecot"},
	{"nginx", "nginx"},
	{"Haraka", "Haraka"},
	{"MailEnable", "MailEnable"},
	{"hMailServer", "hMailServer"},
	{"Kerio", "Kerio Connect"},
	{"MDaemon", "MDaemon"},
	{"IceWarp", "IceWarp"},
	{"CommuniGate", "CommuniGate Pro"},
	{"Lotus Domino", "HCL Domino"},
	{"Domino", "HCL Domino"},
	{"GroupWise", "GroupWise"},
	{"Oracle Communications", "Oracle Communications Messaging Server"},
	{"PowerMTA", "PowerMTA"},
	{"ecelerity", "Momentum"},
	{"Halon", "Halon"},
	{"qpsmtpd", "qpsmtpd"},
	{"magic-smtpd", "MagicMail"},
	{"Cisco Email Security", "Cisco Email Security"},
	{"IronPort", "Cisco Email Security"},
	{"Barracuda", "Barracuda"},
	{"FortiMail", "FortiMail"},
	{"Proofpoint", "Proofpoint"},
	{"Mimecast", "Mimecast"},
	{"Symantec", "Symantec Messaging Gateway"},
	{"gsmtp", "Gmail"},
	{"Mailpit", "Mailpit"},
	{"MailHog", "MailHog"},
	{"aiosmtpd", "aiosmtpd"},
	{"Python SMTP", "Python smtpd"},
	{"Apache James", "Apache James"},
	{"JAMES", "Apache James"},
	{"Stalwart", "Stalwart"},
	{"chasquid", "chasquid"},
	{"Cyrus", "Cyrus"},
	{"Zimbra", "Zimbra"},
};

enum { PAIRS = 1024 }; /* a set of pairs of bytes, of which a few share a bit */

static size_t pair_of(const char *at) {
	return ((uint8_t)at[0] * 29u + (uint8_t)at[1]) % PAIRS;
}

const char *software_of_banner(struct slice banner) {
	uint64_t has[PAIRS / 64] = {0}; /* a bit for each pair that is in it: most rows need no search */
	for (size_t i = 0; i + 1 < banner.len; i++)
		has[pair_of(banner.data + i) / 64] |= UINT64_C(1) << pair_of(banner.data + i) % 64;
	for (size_t i = 0; i < sizeof(softwares) / sizeof(softwares[0]); i++) {
		size_t pair = pair_of(softwares[i].in_banner);
		if ((has[pair / 64] >> pair % 64 & 1) != 0 &&
			memmem(banner.data, banner.len, softwares[i].in_banner, strlen(softwares[i].in_banner)) != NULL)
			return softwares[i].name;
	}
	return NULL;
}
