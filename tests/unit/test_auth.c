/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * decode/auth.c: user names out of AUTH exchanges, and nothing else.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "decode/auth.h"

static struct slice block_of(const char *text, size_t len, char **ret_block) {
	*ret_block = malloc(len);
	if (len > 0)
		memcpy(*ret_block, text, len);
	return (struct slice){*ret_block, len};
}

static const struct base64_row {
	const char *text;
	long len; /* -1: no base64 */
	const char *bytes;
} base64_valid_rows[] =
	{
		{"", 0, ""},
		{"Zg==", 1, "f"},
		{"Zm8=", 2, "fo"},
		{"Zm9v", 3, "foo"},
		{"Zm9vYg==", 4, "foob"},
		{"Zm9vYmE=", 5, "fooba"},
		{"Zm9vYmFy", 6, "foobar"},
		{"Zg", 1, "f"},
		{"Zm8", 2, "fo"},
		{"Zm9vYg=", 4, "foob"},
		{"AAAA", 3, "\0\0\0"},
		{"////", 3, "\xff\xff\xff"},
		{"++++", 3, "\xfb\xef\xbe"},
},
  base64_invalid_rows[] = {
	  {"Z", -1, ""},
	  {"Zm9vY", -1, ""},
	  {"Zg===", -1, ""},
	  {"====", -1, ""},
	  {"Zm=v", -1, ""},
	  {"Zm 9v", -1, ""},
	  {"Zm9v\r", -1, ""},
	  {"Zm-_", -1, ""},
	  {"Zm9\xff", -1, ""},
	  {"Username:", -1, ""},
	  {"*", -1, ""},
};

static size_t check_base64(const struct base64_row *rows, size_t count) {
	for (size_t i = 0; i < count; i++) {
		char *text, *bytes = malloc(6);
		struct slice slice = block_of(rows[i].text, strlen(rows[i].text), &text);
		long len = auth_decode_base64(slice, bytes, 6);
		if (len != rows[i].len)
			print_error("%s\n", rows[i].text);
		assert_int_equal(len, rows[i].len);
		if (len > 0)
			assert_memory_equal(bytes, rows[i].bytes, (size_t)len);
		free(text);
		free(bytes);
	}
	return count;
}

static void test_base64(void **state) {
	char bytes[6];
	assert_int_equal(check_base64(base64_valid_rows, sizeof(base64_valid_rows) / sizeof(base64_valid_rows[0])), 13);
	assert_int_equal(
		check_base64(base64_invalid_rows, sizeof(base64_invalid_rows) / sizeof(base64_invalid_rows[0])), 11);
	/* Room for all, and for one less. */
	assert_int_equal(auth_decode_base64((struct slice){"Zm9vYmFy", 8}, bytes, 6), 6);
	assert_int_equal(auth_decode_base64((struct slice){"Zm9vYmFy", 8}, bytes, 5), -1);
}

#define PLAIN "AHRpbQB0YW5zdGFhZnRhbnN0YWFm"            /* NUL tim NUL tanstaaftanstaaf */
#define PLAIN_AS "YWRtaW4AdGltAHRhbnN0YWFmdGFuc3RhYWY=" /* admin NUL tim NUL tanstaaftanstaaf */
#define PASSWORD "dGFuc3RhYWZ0YW5zdGFhZg=="
#define DIGEST "b913a602c7eda7a495b4e6e7334d3890"
#define CRAM "dGltIGI5MTNhNjAyYzdlZGE3YTQ5NWI0ZTZlNzMzNGQzODkw" /* tim and DIGEST */
#define ASK_USER "VXNlcm5hbWU6"
#define ASK_PASSWORD "UGFzc3dvcmQ6"
#define TICKET                                                                                                              \
	"YIICVwYJKoZIhvcSAQICAQBuggJGMIICQqADAgEFoQMCAQ6iBwMFAAAAAACjggFWYYIBUjCCAU6gAwIBBaENGwtFWEFNUExFLkNPTaIjMCGgAwIB" \
	"AqEaMBgbBHNtdHAbEG1haWwuZXhhbXBsZS5jb"
#define SPNEGO_TICKET                                                                                                       \
	"YIICCgYGKwYBBQUCoIIAAAYJKoZIhvcSAQICohBgggJXBgkqhkiG9xIBAgIBAG6CAkYwggJCoAMCAQWhAwIBDqIHAwUAAAAAAKOCAVZhggFSMIIB" \
	"TqADAgEFoQ0bC0VYQU1QTEUuQ09NoiMwIaADAgECoRowGBsEc210cBsQbWFpbC5leGFtcGxlLmNvbaOCAREwggEN"
#define ODD_TICKET                                                                                                          \
	"YIICSAYJKoZIhvcSAQICAQBuggI3MIICM6ADAgEFoQMCAQ6iBwMFAAAAAACjggFHYYIBQzCCAT+gAwIBBaENGwtFWEFNUExFAUNPTaIUMBKgAwIB" \
	"AqELMAkbBHNtdHAbAWijggERMIIBDaADAgES"
#define NTLM_1 "TlRMTVNTUAABAAAAB7IAAAAAAAAAAAAAAAAAAAAAAAA="
#define NTLM_2 "TlRMTVNTUAACAAAADgAOADAAAAABAAAAAAECAwQFBgcAAAAAAAAAAAAAAAAAAAAARQBYAEEATQBQAEwARQA="
#define NTLM_2_OEM "TlRMTVNTUAACAAAABwAHADAAAAACAAAAAAECAwQFBgcAAAAAAAAAAAAAAAAAAAAARVhBTVBMRQ=="
#define NTLM_3 \
	"TlRMTVNTUAADAAAAGAAYAEAAAAAYABgAWAAAAA4ADgBwAAAABgAGAH4AAAAIAAgAhAAAAAAAAACMAAAAAQAAAAECAwQFBgcICQoL" \
	"DA0ODxAREhMUFRYXGGVmZ2hpamtsbW5vcHFyc3R1dnd4eXp7fEUAWABBAE0AUABMAEUAdABpAG0AUABDAC0ANwA="
#define NTLM_3_UTF16 \
	"TlRMTVNTUAADAAAAGAAYAEAAAAAYABgAWAAAAA4ADgBwAAAACAAIAH4AAAAIAAgAhgAAAAAAAACOAAAAAQAAAAECAwQFBgcICQoL" \
	"DA0ODxAREhMUFRYXGGVmZ2hpamtsbW5vcHFyc3R1dnd4eXp7fEUAWABBAE0AUABMAEUAKlnOkDTYHt1QAEMALQA3AA=="
#define NTLM_3_OEM \
	"TlRMTVNTUAADAAAAGAAYAEAAAAAYABgAWAAAAAcABwBwAAAAAwADAHcAAAAEAAQAegAAAAAAAAB+AAAAAgAAAAECAwQFBgcICQoL" \
	"DA0ODxAREhMUFRYXGGVmZ2hpamtsbW5vcHFyc3R1dnd4eXp7fEVYQU1QTEV0aW1QQy03"
#define NTLM_3_SHORT \
	"TlRMTVNTUAADAAAAGAAYADQAAAAYABgATAAAAAcABwBkAAAAAwADAGsAAAAEAAQAbgAAAAECAwQFBgcICQoLDA0ODxAREhMUFRYX" \
	"GGVmZ2hpamtsbW5vcHFyc3R1dnd4eXp7fEVYQU1QTEV0aW1QQy03"
#define NTLM_3_SPNEGO \
	"oYIBADCCTlRMTVNTUAADAAAAGAAYAEAAAAAYABgAWAAAAA4ADgBwAAAABgAGAH4AAAAIAAgAhAAAAAAAAACMAAAAAQAAAAECAwQF" \
	"BgcICQoLDA0ODxAREhMUFRYXGGVmZ2hpamtsbW5vcHFyc3R1dnd4eXp7fEUAWABBAE0AUABMAEUAdABpAG0AUABDAC0ANwA="
#define NTLM_3_BEYOND \
	"TlRMTVNTUAADAAAAGAAYAEAAAAAYABgAWAAAAA4ADgBwAAAABgAGAPD///8IAAgAhAAAAAAAAACMAAAAAQAAAAECAwQFBgcICQoL" \
	"DA0ODxAREhMUFRYXGGVmZ2hpamtsbW5vcHFyc3R1dnd4eXp7fEUAWABBAE0AUABMAEUAdABpAG0AUABDAC0ANwA="
#define DIGEST_CHALLENGE \
	"cmVhbG09ImVsd29vZC5pbm5vc29mdC5jb20iLG5vbmNlPSJPQTZNRzl0RVFHbTJoaCIscW9wPSJhdXRoIixhbGdvcml0aG09bWQ1" \
	"LXNlc3MsY2hhcnNldD11dGYtOA=="
#define DIGEST_RESPONSE \
	"Y2hhcnNldD11dGYtOCx1c2VybmFtZT0iY2hyaXMiLHJlYWxtPSJlbHdvb2QuaW5ub3NvZnQuY29tIixub25jZT0iT0E2TUc5dEVR" \
	"R20yaGgiLG5jPTAwMDAwMDAxLGNub25jZT0iT0E2TUhYaDZWcVRyUmsiLGRpZ2VzdC11cmk9InNtdHAvZWx3b29kLmlubm9zb2Z0" \
	"LmNvbSIscmVzcG9uc2U9ZDM4OGRhZDkwZDRiYmQ3NjBhMTUyMzIxZjIxNDNhZjcscW9wPWF1dGg="
#define SCRAM_FIRST "biwsbj11c2VyLHI9ck9wck5HZndFYmVSV2diTkVrcU8="
#define SCRAM_FIRST_PLUS "cD10bHMtc2VydmVyLWVuZC1wb2ludCxhPWFkPTJDbWluLG49dXM9M0RlcixyPXJPcHJOR2Z3RWJlUldnYk5Fa3FP"
#define SCRAM_SERVER \
	"cj1yT3ByTkdmd0ViZVJXZ2JORWtxTyVodllEcFdVYTJSYVRDQWZ1eEZJbGopaE5sRiRrMCxzPVcyMlphSjBTTlk3c29Fc1VFamI2" \
	"Z1E9PSxpPTQwOTY="
#define SCRAM_FINAL \
	"Yz1iaXdzLHI9ck9wck5HZndFYmVSV2diTkVrcU8laHZZRHBXVWEyUmFUQ0FmdXhGSWxqKWhObEYkazAscD1kSHpiWmFwV0lrNGpV" \
	"aE4rVXRlOXl0YWc5empmTUhnc3FtbWl6N0FuZFZRPQ=="
#define SCRAM_ERROR "ZT1pbnZhbGlkLXByb29m"
#define XOAUTH \
	"dXNlcj10aW1AZXhhbXBsZS5jb20BYXV0aD1CZWFyZXIgdkY5ZGZ0NHFtVGMyTnZiM1JsY2tCaGRIUmhkbWx6ZEdFdVkyOXRDZz09" \
	"AQE="
#define BEARER \
	"bixhPXRpbUBleGFtcGxlLmNvbSwBaG9zdD1zZXJ2ZXIuZXhhbXBsZS5jb20BcG9ydD01ODcBYXV0aD1CZWFyZXIgdkY5ZGZ0NHFt" \
	"VGMyTnZiM1JsY2tCaGRIUmhkbWx6ZEdFdVkyOXRDZz09AQE="
#define OAUTH_ERROR \
	"eyJzdGF0dXMiOiJpbnZhbGlkX3Rva2VuIiwic2NvcGUiOiJleGFtcGxlX3Njb3BlIiwib3BlbmlkLWNvbmZpZ3VyYXRpb24iOiJo" \
	"dHRwczovL2V4YW1wbGUuY29tLy53ZWxsLWtub3duL29wZW5pZC1jb25maWd1cmF0aW9uIn0="
#define OAUTH_ERROR_GOOGLE "eyAic2NoZW1lcyIgOiAiYmVhcmVyIiwgInN0YXR1cyIgOiAiNDAwIiwgInNjb3BlIjpbImEiXSB9"

enum { STEPS_MAX = 8 };

struct row {
	const char *name;
	const char *steps[STEPS_MAX];     /* the argument of AUTH; then a challenge behind ">" or a response */
	const char *mechanism, *username; /* NULL: none */
	const char *shown;                /* 'y' or 'n' for each challenge: may it be shown? */
	const char *secrets[3];           /* these must be known as secrets in the end */
	bool cancelled;
	const char *names; /* all others; NULL: none */
};

static const struct row valid_rows[] = {
	{"PLAIN with initial response", {"PLAIN " PLAIN}, "PLAIN", "tim", "", {PLAIN, "tanstaaftanstaaf"}, false},
	{"PLAIN without", {"PLAIN", ">", PLAIN}, "PLAIN", "tim", "n", {PLAIN, "tanstaaftanstaaf"}, false},
	{"PLAIN for another", {"PLAIN " PLAIN_AS}, "PLAIN", "tim", "", {PLAIN_AS, "tanstaaftanstaaf"}, false, "authzid=admin"},
	{"lower case", {"plain " PLAIN}, "PLAIN", "tim", "", {PLAIN}, false},
	{"mixed case", {"Plain " PLAIN}, "PLAIN", "tim", "", {PLAIN}, false},
	{"LOGIN", {"LOGIN", ">" ASK_USER, "dGlt", ">" ASK_PASSWORD, PASSWORD}, "LOGIN", "tim", "yy",
		{PASSWORD, "tanstaaftanstaaf"}, false},
	{"LOGIN with initial response", {"LOGIN dGlt", ">" ASK_PASSWORD, PASSWORD}, "LOGIN", "tim", "y",
		{PASSWORD, "tanstaaftanstaaf"}, false},
	{"LOGIN, NUL behind the prompt", {"LOGIN", ">VXNlciBOYW1lAA==", "dGlt", ">UGFzc3dvcmQA", PASSWORD}, "LOGIN", "tim",
		"yy", {PASSWORD}, false},
	{"LOGIN, password first", {"LOGIN", ">" ASK_PASSWORD, PASSWORD}, "LOGIN", NULL, "y", {PASSWORD, "tanstaaftanstaaf"},
		false},
	{"CRAM-MD5", {"CRAM-MD5", ">PDE4OTYu", CRAM}, "CRAM-MD5", "tim", "n", {CRAM, DIGEST}, false},
	{"CRAM-MD5, a user with blanks",
		{"CRAM-MD5", ">PDE4OTYu", "dGltIHRpbSBiOTEzYTYwMmM3ZWRhN2E0OTViNGU2ZTczMzRkMzg5MA=="}, "CRAM-MD5", "tim tim",
		"n", {DIGEST}, false},
	{"another mechanism", {"X-OTHER dXNlcj10aW0BYXV0aD1CZWFyZXIgdG9rZW4BAQ=="}, "X-OTHER", NULL, "",
		{"dXNlcj10aW0BYXV0aD1CZWFyZXIgdG9rZW4BAQ==", "user=tim\1auth=Bearer token\1\1"}, false},
	{"another mechanism, in steps", {"GSSAPI", ">", "YIIBxAYJ", ">YGgGCSqG", ""}, "GSSAPI", NULL, "nn", {"YIIBxAYJ"},
		false},
	{"cancelled", {"LOGIN", ">" ASK_USER, "*"}, "LOGIN", NULL, "y", {NULL}, true},
	{"empty initial response", {"EXTERNAL ="}, "EXTERNAL", NULL, "", {NULL}, false},
	{"blanks about", {"PLAIN   " PLAIN "  "}, "PLAIN", "tim", "", {PLAIN}, false},
	/* The examples of RFC 2831, 4 and RFC 7677, 3; RFC 7628, 4; NTLM with made-up digests, as [MS-NLMP] lays it out. */
	{"DIGEST-MD5", {"DIGEST-MD5", ">" DIGEST_CHALLENGE, DIGEST_RESPONSE, ">cnNwYXV0aD1lYTQwZjYwMzM1YzQyN2I1NTI3Yjg0ZGJhYmNkZmZmZA==", ""},
		"DIGEST-MD5", "chris", "nn", {DIGEST_RESPONSE, "d388dad90d4bbd760a152321f2143af7"}, false, "realm=elwood.innosoft.com"},
	{"DIGEST-MD5, given up at the challenge", {"DIGEST-MD5", ">" DIGEST_CHALLENGE, "*"}, "DIGEST-MD5", NULL, "n", {NULL}, true,
		"realm=elwood.innosoft.com"},
	{"SCRAM-SHA-256", {"SCRAM-SHA-256 " SCRAM_FIRST, ">" SCRAM_SERVER, SCRAM_FINAL}, "SCRAM-SHA-256", "user", "n",
		{SCRAM_FIRST, SCRAM_FINAL, "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="}, false},
	{"SCRAM-SHA-1-PLUS, for another, the server does not believe it",
		{"scram-sha-1-plus", ">", SCRAM_FIRST_PLUS, ">" SCRAM_SERVER, SCRAM_FINAL, ">" SCRAM_ERROR, ""}, "SCRAM-SHA-1-PLUS", "us=er",
		"nnn", {SCRAM_FINAL}, false, "authzid=ad,min binding=tls-server-end-point error=invalid-proof"},
	{"NTLM", {"NTLM " NTLM_1, ">" NTLM_2, NTLM_3}, "NTLM", "tim", "n", {NTLM_3}, false,
		"domain=EXAMPLE workstation=PC-7 target=EXAMPLE"},
	{"NTLM, names in UTF-16", {"NTLM", ">bnRsbSBzdXBwb3J0ZWQ=", NTLM_1, ">" NTLM_2, NTLM_3_UTF16}, "NTLM",
		"\xe5\xa4\xaa\xe9\x83\x8e\xf0\x9d\x84\x9e", "nn", {NTLM_3_UTF16}, false,
		"domain=EXAMPLE workstation=PC-7 target=EXAMPLE"},
	{"NTLM, names in one byte each", {"NTLM " NTLM_1, ">" NTLM_2_OEM, NTLM_3_OEM}, "NTLM", "tim", "n", {NTLM_3_OEM}, false,
		"domain=EXAMPLE workstation=PC-7 target=EXAMPLE"},
	{"NTLM without flags", {"NTLM " NTLM_1, ">" NTLM_2_OEM, NTLM_3_SHORT}, "NTLM", "tim", "n", {NTLM_3_SHORT}, false,
		"domain=EXAMPLE workstation=PC-7 target=EXAMPLE"},
	{"NTLM inside of GSSAPI", {"GSSAPI", ">", NTLM_1, ">" NTLM_2, NTLM_3_SPNEGO}, "GSSAPI", "tim", "nn", {NTLM_3_SPNEGO}, false,
		"domain=EXAMPLE workstation=PC-7 target=EXAMPLE"},
	{"a ticket of Kerberos, and what is behind its names cut off", {"GSSAPI", ">", TICKET "22jggERMIIBDQ=="}, "GSSAPI", NULL, "n", {TICKET}, false,
		"realm=EXAMPLE.COM service=smtp/mail.example.com"},
	{"a ticket inside of SPNEGO", {"GSS-SPNEGO " SPNEGO_TICKET}, "GSS-SPNEGO", NULL, "", {SPNEGO_TICKET}, false,
		"realm=EXAMPLE.COM service=smtp/mail.example.com"},
	{"a ticket cut off in its names", {"GSSAPI", ">", TICKET "20="}, "GSSAPI", NULL, "n", {TICKET}, false},
	{"a ticket with a control byte", {"GSSAPI", ">", ODD_TICKET}, "GSSAPI", NULL, "n", {ODD_TICKET}, false},
	{"EXTERNAL", {"EXTERNAL dGltQGV4YW1wbGUuY29t"}, "EXTERNAL", "tim@example.com", "", {NULL}, false},
	{"ANONYMOUS", {"ANONYMOUS", ">", "dGltQGV4YW1wbGUuY29t"}, "ANONYMOUS", "tim@example.com", "n", {NULL}, false},
	{"XOAUTH2", {"XOAUTH2 " XOAUTH, ">" OAUTH_ERROR_GOOGLE, ""}, "XOAUTH2", "tim@example.com", "n",
		{XOAUTH, "vF9dft4qmTc2Nvb3RlckBhdHRhdmlzdGEuY29tCg=="}, false, "error=400"},
	{"OAUTHBEARER", {"OAUTHBEARER " BEARER, ">" OAUTH_ERROR, "AQ=="}, "OAUTHBEARER", "tim@example.com", "n",
		{BEARER, "vF9dft4qmTc2Nvb3RlckBhdHRhdmlzdGEuY29tCg=="}, false, "error=invalid_token scope=example_scope"},
	{"LOGIN, prompts in Russian", {"LOGIN", ">0JjQvNGPINC/0L7Qu9GM0LfQvtCy0LDRgtC10LvRjzo=", "dGlt", ">0J/QsNGA0L7Qu9GMOg==", PASSWORD},
		"LOGIN", "tim", "nn", {PASSWORD}, false},
	{"LOGIN, prompts in Japanese", {"LOGIN", ">44Om44O844K244O85ZCN", "dGlt", ">44OR44K544Ov44O844OJOg==", PASSWORD}, "LOGIN", "tim",
		"nn", {PASSWORD}, false},
	{"LOGIN, prompts in many words", {"LOGIN", ">RW50ZXIgeW91ciBsb2dpbjo=", "dGlt", ">S2VubndvcnQ6", PASSWORD}, "LOGIN", "tim", "yy",
		{PASSWORD}, false},
	{"LOGIN, password first, in German", {"LOGIN", ">S2VubndvcnQ6", PASSWORD}, "LOGIN", NULL, "y", {PASSWORD}, false},
	{"LOGIN, password first, in Chinese", {"LOGIN", ">5a+G56CBOg==", PASSWORD}, "LOGIN", NULL, "n", {PASSWORD}, false},
	{"LOGIN, password first, in words without base64", {"LOGIN", ">Password:", PASSWORD}, "LOGIN", NULL, "n", {PASSWORD}, false},
	{"PLAIN, a user name in UTF-8", {"PLAIN AOWkqumDjgB0YW5zdGFhZg=="}, "PLAIN", "\xe5\xa4\xaa\xe9\x83\x8e", "", {"tanstaaf"}, false},
};

static const struct row invalid_rows[] = {
	{"NTLM whose user is said to lie outside of it", {"NTLM " NTLM_1, ">" NTLM_2, NTLM_3_BEYOND}, "NTLM", NULL, "n", {NTLM_3_BEYOND}, false,
		"domain=EXAMPLE workstation=PC-7 target=EXAMPLE"},
	{"NTLM that ends early", {"NTLM " NTLM_1, ">TlRMTVNTUAACAAAADgAOADAAAAABAA==", "TlRMTVNTUAADAAAAGAAYAEAAAAAYABgAWAAAAA=="}, "NTLM",
		NULL, "n", {NULL}, false},
	{"SCRAM without a header", {"SCRAM-SHA-1 bj11c2VyLHI9ck9wck5HZndF"}, "SCRAM-SHA-1", NULL, "", {NULL}, false},
	{"DIGEST-MD5, a string without an end", {"DIGEST-MD5", ">cmVhbG09ImVsd29v", "dXNlcm5hbWU9ImNocmlz"}, "DIGEST-MD5", "chris", "n", {NULL},
		false, "realm=elwoo"},
	{"OAUTHBEARER, an error that is no object", {"OAUTHBEARER " BEARER, ">InN0YXR1cyI6", "AQ=="}, "OAUTHBEARER", "tim@example.com", "n",
		{BEARER}, false},
	{"no mechanism", {""}, NULL, NULL, "", {NULL}, false},
	{"the response for a mechanism", {PLAIN}, NULL, NULL, "", {PLAIN}, false},
	{"the password for a mechanism", {PASSWORD}, NULL, NULL, "", {PASSWORD}, false},
	{"a name too long", {"ABCDEFGHIJKLMNOPQRSTU"}, NULL, NULL, "", {"ABCDEFGHIJKLMNOPQRSTU"}, false},
	{"PLAIN without NUL", {"PLAIN dGltdGFuc3RhYWY="}, "PLAIN", NULL, "", {"dGltdGFuc3RhYWY="}, false},
	{"PLAIN with one NUL", {"PLAIN dGltAHRhbnN0YWFm"}, "PLAIN", NULL, "", {"dGltAHRhbnN0YWFm"}, false},
	{"PLAIN without a user", {"PLAIN AAB0YW5zdGFhZg=="}, "PLAIN", NULL, "", {"tanstaaf"}, false},
	{"PLAIN that is no base64", {"PLAIN tim:tanstaaf"}, "PLAIN", NULL, "", {"tim:tanstaaf"}, false},
	{"LOGIN, an empty user", {"LOGIN", ">" ASK_USER, "", ">" ASK_PASSWORD, PASSWORD}, "LOGIN", NULL, "yy", {PASSWORD},
		false},
	{"LOGIN, a user that is no base64", {"LOGIN", ">" ASK_USER, "tim!", ">" ASK_PASSWORD, PASSWORD}, "LOGIN", NULL, "yy",
		{"tim!", PASSWORD}, false},
	{"LOGIN, prompts in words", {"LOGIN", ">Username:", "dGlt", ">Password:", PASSWORD}, "LOGIN", "tim", "nn",
		{PASSWORD}, false},
	{"LOGIN, a prompt with control bytes", {"LOGIN", ">G1szMW0="}, "LOGIN", NULL, "n", {NULL}, false},
	{"LOGIN, a prompt that is a story", {"LOGIN", ">QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFB"}, "LOGIN", NULL,
		"n", {NULL}, false},
	{"CRAM-MD5, a digest too short", {"CRAM-MD5", ">PDE4OTYu", "dGltIGI5MTM="}, "CRAM-MD5", NULL, "n", {"dGltIGI5MTM="},
		false},
	{"CRAM-MD5, no digits", {"CRAM-MD5", ">PDE4OTYu", "dGltIHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHg="}, "CRAM-MD5",
		NULL, "n", {"dGltIHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHg="}, false},
};

static void add_name(char *text, const char *key, struct slice name) {
	if (name.len > 0)
		sprintf(text + strlen(text), "%s%s=%.*s", text[0] != 0 ? " " : "", key, (int)name.len, name.data);
}

static void check_names(const struct row *row, const struct auth_exchange *exchange) {
	char text[1024] = "";
	const struct event_auth_names *names = &exchange->names;
	add_name(text, "authzid", names->authzid);
	add_name(text, "realm", names->realm);
	add_name(text, "service", names->service);
	add_name(text, "domain", names->domain);
	add_name(text, "workstation", names->workstation);
	add_name(text, "target", names->target);
	add_name(text, "binding", names->channel_binding);
	add_name(text, "error", names->error);
	add_name(text, "scope", names->error_scope);
	if (strcmp(text, row->names != NULL ? row->names : "") != 0)
		fail_msg("%s: names: %s", row->name, text);
}

static void check_row(const struct row *row) {
	struct auth_exchange exchange = {0};
	struct auth_secrets secrets = {0};
	char *block;
	size_t challenges = 0;
	const char *argument = row->steps[0];
	auth_begin(&exchange, block_of(argument, strlen(argument), &block), &secrets);
	free(block);
	assert_true(exchange.active);
	for (size_t i = 1; i < STEPS_MAX && row->steps[i] != NULL; i++) {
		const char *step = row->steps[i];
		if (step[0] == '>') {
			bool shown = auth_challenge(&exchange, block_of(step + 1, strlen(step + 1), &block), &secrets);
			if (row->shown[challenges] != (shown ? 'y' : 'n'))
				fail_msg("%s: challenge %zu", row->name, challenges + 1);
			challenges++;
		} else {
			auth_response(&exchange, block_of(step, strlen(step), &block), &secrets);
		}
		free(block);
	}
	assert_int_equal(challenges, strlen(row->shown));
	struct slice mechanism = auth_mechanism(&exchange), username = auth_username(&exchange);
	const char *expected = row->mechanism != NULL ? row->mechanism : "";
	if (mechanism.len != strlen(expected) || exchange.has_username != (row->username != NULL))
		fail_msg("%s: mechanism or user", row->name);
	assert_memory_equal(mechanism.data, expected, mechanism.len);
	if (row->username != NULL) {
		assert_int_equal(username.len, strlen(row->username));
		assert_memory_equal(username.data, row->username, username.len);
	}
	assert_int_equal(exchange.cancelled, row->cancelled);
	check_names(row, &exchange);
	for (size_t i = 0; i < 3 && row->secrets[i] != NULL; i++) {
		char text[512] = "what is <";
		strcat(text, row->secrets[i]);
		strcat(text, ">?");
		bool repeated = auth_is_repeated(&secrets, block_of(text, strlen(text), &block));
		free(block);
		if (!repeated)
			fail_msg("%s: not known as a secret: %s", row->name, row->secrets[i]);
	}
}

static void test_valid(void **state) {
	size_t count = 0;
	for (; count < sizeof(valid_rows) / sizeof(valid_rows[0]); count++)
		check_row(&valid_rows[count]);
	assert_int_equal(count, 40);
}

static void test_invalid(void **state) {
	size_t count = 0;
	for (; count < sizeof(invalid_rows) / sizeof(invalid_rows[0]); count++)
		check_row(&invalid_rows[count]);
	assert_int_equal(count, 20);
}

/* When steps are missing, what comes first may be the password. */
static void test_blind(void **state) {
	struct auth_exchange exchange = {0};
	struct auth_secrets secrets = {0};
	auth_begin(&exchange, (struct slice){"LOGIN", 5}, &secrets);
	exchange.blind = true;
	auth_response(&exchange, (struct slice){PASSWORD, strlen(PASSWORD)}, &secrets);
	assert_false(exchange.has_username);
	assert_true(auth_is_repeated(&secrets, (struct slice){"tanstaaftanstaaf", 16}));
	auth_begin(&exchange, (struct slice){NULL, 0}, &secrets);
	exchange.blind = true;
	auth_response(&exchange, (struct slice){PLAIN_AS, strlen(PLAIN_AS)}, &secrets);
	assert_false(exchange.has_username);
	assert_true(auth_is_repeated(&secrets, (struct slice){"no tanstaaftanstaaf", 19}));
}

static void test_secrets(void **state) {
	struct auth_secrets secrets = {0};
	assert_false(auth_is_repeated(&secrets, (struct slice){"anything", 8}));
	assert_false(auth_is_repeated(&secrets, (struct slice){NULL, 0}));
	auth_remember(&secrets, (struct slice){"abc", 3}); /* too short to mean anything */
	assert_false(auth_is_repeated(&secrets, (struct slice){"abc", 3}));
	auth_remember(&secrets, (struct slice){"abcd", 4});
	assert_true(auth_is_repeated(&secrets, (struct slice){"abcd", 4}));
	assert_true(auth_is_repeated(&secrets, (struct slice){"aabcdd", 6}));
	assert_true(auth_is_repeated(&secrets, (struct slice){"ababcabcd", 9}));
	assert_false(auth_is_repeated(&secrets, (struct slice){"abc", 3}));
	assert_false(auth_is_repeated(&secrets, (struct slice){"abcxd", 5}));
	/* A long one is known by its start. */
	char token[3 * AUTH_SECRET_MAX], quote[64] = "no: ";
	for (size_t i = 0; i < sizeof(token); i++)
		token[i] = (char)('!' + i % 90);
	auth_remember(&secrets, (struct slice){token, sizeof(token)});
	memcpy(quote + 4, token, 20);
	assert_true(auth_is_repeated(&secrets, (struct slice){quote, 24}));
	assert_true(auth_is_repeated(&secrets, (struct slice){token, sizeof(token)}));
	/* Only the latest are kept. */
	for (int i = 0; i < AUTH_SECRETS; i++)
		auth_remember(&secrets, (struct slice){"zzzz", 4});
	assert_false(auth_is_repeated(&secrets, (struct slice){"abcd", 4}));
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_base64),
		cmocka_unit_test(test_valid),
		cmocka_unit_test(test_invalid),
		cmocka_unit_test(test_blind),
		cmocka_unit_test(test_secrets),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
