/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/words_tables.h"

#include <string.h>

/* The ids of one list, and how many they are. */
#define IDS(...) (const enum words_id[]){__VA_ARGS__}, sizeof((const enum words_id[]){__VA_ARGS__}) / sizeof(enum words_id)
#define ONE(name, kind) IDS(WORDS_##name##_##kind##_1)
#define TWO(name, kind) IDS(WORDS_##name##_##kind##_1, WORDS_##name##_##kind##_2)
#define THREE(name, kind) IDS(WORDS_##name##_##kind##_1, WORDS_##name##_##kind##_2, WORDS_##name##_##kind##_3)
#define FOUR(name, kind) \
	IDS(WORDS_##name##_##kind##_1, WORDS_##name##_##kind##_2, WORDS_##name##_##kind##_3, WORDS_##name##_##kind##_4)

#define DIAGNOSIS(id, name, causes, checks) \
	{id, WORDS_DIAGNOSIS_##name##_TITLE, WORDS_DIAGNOSIS_##name##_EXPLANATION, causes(DIAGNOSIS_##name, CAUSE), \
		checks(DIAGNOSIS_##name, CHECK)}

/* An id, its name in words_ids.h, the number of causes and of checks. */
static const struct words_advice diagnoses[] = {
	DIAGNOSIS("server-changed", SERVER_CHANGED, THREE, FOUR),
	DIAGNOSIS("server-alternates", SERVER_ALTERNATES, ONE, ONE),
	DIAGNOSIS("auth-fails-on-one-face", AUTH_FAILS_ON_ONE_FACE, THREE, FOUR),
	DIAGNOSIS("client-stopped-authenticating", CLIENT_STOPPED_AUTHENTICATING, THREE, THREE),
	DIAGNOSIS("relay-by-address", RELAY_BY_ADDRESS, TWO, THREE),
	DIAGNOSIS("open-relay", OPEN_RELAY, THREE, THREE),
	DIAGNOSIS("port-blocked", PORT_BLOCKED, TWO, THREE),
	DIAGNOSIS("service-down", SERVICE_DOWN, THREE, THREE),
	DIAGNOSIS("brute-force", BRUTE_FORCE, TWO, TWO),
	DIAGNOSIS("password-spray", PASSWORD_SPRAY, TWO, TWO),
	DIAGNOSIS("starttls-stripped", STARTTLS_STRIPPED, THREE, THREE),
	DIAGNOSIS("greylist-not-retried", GREYLIST_NOT_RETRIED, TWO, TWO),
	DIAGNOSIS("greylisted-then-delivered", GREYLISTED_THEN_DELIVERED, ONE, ONE),
};

#define FINDING(id, name, causes, checks) \
	{id, WORDS_FINDING_##name##_TITLE, WORDS_COUNT, causes(FINDING_##name, CAUSE), checks(FINDING_##name, CHECK)}

static const struct words_advice findings[] = {
	FINDING("connection-refused", CONNECTION_REFUSED, THREE, THREE),
	FINDING("connection-unanswered", CONNECTION_UNANSWERED, TWO, THREE),
	FINDING("no-greeting", NO_GREETING, THREE, THREE),
	FINDING("banner-refused", BANNER_REFUSED, TWO, TWO),
	FINDING("server-busy", SERVER_BUSY, TWO, TWO),
	FINDING("auth-rejected", AUTH_REJECTED, THREE, THREE),
	FINDING("auth-temporary-failure", AUTH_TEMPORARY_FAILURE, TWO, TWO),
	FINDING("auth-needs-tls", AUTH_NEEDS_TLS, ONE, THREE),
	FINDING("auth-password-transition-needed", AUTH_PASSWORD_TRANSITION_NEEDED, ONE, TWO),
	FINDING("auth-mechanism-too-weak", AUTH_MECHANISM_TOO_WEAK, TWO, TWO),
	FINDING("auth-syntax", AUTH_SYNTAX, TWO, TWO),
	FINDING("auth-mechanism-not-offered", AUTH_MECHANISM_NOT_OFFERED, TWO, TWO),
	FINDING("auth-not-offered-on-submission", AUTH_NOT_OFFERED_ON_SUBMISSION, TWO, TWO),
	FINDING("mail-without-auth", MAIL_WITHOUT_AUTH, TWO, TWO),
	FINDING("auth-required", AUTH_REQUIRED, TWO, TWO),
	FINDING("mail-refused", MAIL_REFUSED, TWO, THREE),
	FINDING("size-over-limit", SIZE_OVER_LIMIT, ONE, TWO),
	FINDING("size-understated", SIZE_UNDERSTATED, TWO, ONE),
	FINDING("recipient-refused", RECIPIENT_REFUSED, THREE, THREE),
	FINDING("greylisted", GREYLISTED, ONE, ONE),
	FINDING("smuggling", SMUGGLING, TWO, TWO),
	FINDING("starttls-injection", STARTTLS_INJECTION, TWO, TWO),
	FINDING("response-injection", RESPONSE_INJECTION, TWO, TWO),
	FINDING("header-injection", HEADER_INJECTION, TWO, ONE),
	FINDING("not-smtp", NOT_SMTP, THREE, TWO),
	FINDING("auth-cleartext", AUTH_CLEARTEXT, TWO, TWO),
	FINDING("starttls-refused", STARTTLS_REFUSED, TWO, TWO),
	FINDING("starttls-in-clear", STARTTLS_IN_CLEAR, TWO, ONE),
	FINDING("tls-handshake-failed", TLS_HANDSHAKE_FAILED, THREE, TWO),
	FINDING("tls-certificate-expired", TLS_CERTIFICATE_EXPIRED, TWO, TWO),
	FINDING("tls-certificate-not-yet-valid", TLS_CERTIFICATE_NOT_YET_VALID, TWO, ONE),
	FINDING("tls-certificate-name-mismatch", TLS_CERTIFICATE_NAME_MISMATCH, TWO, TWO),
	FINDING("tls-certificate-self-signed", TLS_CERTIFICATE_SELF_SIGNED, TWO, ONE),
	FINDING("tls-version-weak", TLS_VERSION_WEAK, TWO, TWO),
	FINDING("starttls-not-used", STARTTLS_NOT_USED, ONE, ONE),
	FINDING("capability-masked", CAPABILITY_MASKED, ONE, TWO),
	FINDING("extension-not-offered", EXTENSION_NOT_OFFERED, TWO, TWO),
	FINDING("parameter-wrong", PARAMETER_WRONG, ONE, ONE),
	FINDING("limit-exceeded", LIMIT_EXCEEDED, ONE, ONE),
	FINDING("hello-not-repeated", HELLO_NOT_REPEATED, ONE, ONE),
	FINDING("early-talker", EARLY_TALKER, ONE, ONE),
	FINDING("pipelining-violation", PIPELINING_VIOLATION, ONE, ONE),
	FINDING("commands-after-quit", COMMANDS_AFTER_QUIT, ONE, ONE),
	FINDING("bare-newline", BARE_NEWLINE, ONE, ONE),
	FINDING("nul-byte", NUL_BYTE, TWO, ONE),
	FINDING("line-too-long", LINE_TOO_LONG, TWO, ONE),
	FINDING("slow-reply", SLOW_REPLY, THREE, TWO),
	FINDING("tarpit", TARPIT, TWO, TWO),
	FINDING("conflicting-retransmission", CONFLICTING_RETRANSMISSION, TWO, TWO),
	FINDING("capture-loss", CAPTURE_LOSS, TWO, ONE),
};

enum {
	DIAGNOSIS_COUNT = sizeof(diagnoses) / sizeof(diagnoses[0]),
	FINDING_COUNT = sizeof(findings) / sizeof(findings[0]),
};

static const struct words_advice *find(const struct words_advice *rows, size_t count, const char *id) {
	for (size_t i = 0; i < count; i++)
		if (strcmp(rows[i].id, id) == 0)
			return &rows[i];
	return NULL;
}

const struct words_advice *words_advice_of_diagnosis(const char *id) {
	return find(diagnoses, DIAGNOSIS_COUNT, id);
}

const struct words_advice *words_advice_of_finding(const char *id) {
	return find(findings, FINDING_COUNT, id);
}

const struct words_advice *words_advice_diagnosis_at(size_t index) {
	return index < DIAGNOSIS_COUNT ? &diagnoses[index] : NULL;
}

const struct words_advice *words_advice_finding_at(size_t index) {
	return index < FINDING_COUNT ? &findings[index] : NULL;
}
