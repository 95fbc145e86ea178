/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * decode/extension.c: what servers offer, and the values of parameters.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "decode/extension.h"

static struct slice block_of(const char *text, char **ret_block) {
	size_t len = strlen(text);
	*ret_block = malloc(len);
	if (len > 0)
		memcpy(*ret_block, text, len);
	return (struct slice){*ret_block, len};
}

/* ---- Lists ---- */

static const struct list_row {
	const char *lines; /* with | between */
	bool incomplete, known;
	const char *offered; /* of the extensions that are known */
	uint64_t size_max;
	uint32_t mails_max, recipients_max, domains_max;
} list_rows[] = {
	{"PIPELINING|SIZE 10240000|AUTH PLAIN LOGIN|8BITMIME", false, true, "SIZE 8BITMIME PIPELINING AUTH ", 10240000, 0, 0, 0},
	{"pipelining|Size|size 12", false, true, "SIZE PIPELINING ", 12, 0, 0, 0},
	{"SIZE 0", false, true, "SIZE ", 0, 0, 0, 0},
	{"SIZE many", false, true, "SIZE ", 0, 0, 0, 0},
	{"SIZE 99999999999999999999", false, true, "SIZE ", INT64_MAX, 0, 0, 0},
	{"AUTH=LOGIN", false, true, "AUTH ", 0, 0, 0, 0},
	{"X-EXPS=LOGIN|X-ANONYMOUSTLS|XEXCH50", false, true, "X-ANONYMOUSTLS X-EXPS XEXCH50 ", 0, 0, 0, 0},
	{"LIMITS RCPTMAX=20 MAILMAX=5 RCPTDOMAINMAX=1 OTHER=7", false, true, "LIMITS ", 0, 5, 20, 1},
	{"LIMITS RCPTMAX=0x2 MAILMAX RCPTDOMAINMAX=12345678", false, true, "LIMITS ", 0, 0, 0, 0},
	{"SIZED|XSIZE|MT-PRIORITY MIXER", false, true, "MT-PRIORITY ", 0, 0, 0, 0},
	{"DSN", true, false, "DSN ", 0, 0, 0, 0},
	{"DSN|XXXXXXXA", false, false, "DSN ", 0, 0, 0, 0},
	{"DSN|XXXX", false, false, "DSN ", 0, 0, 0, 0},
	{"DSN|********", false, false, "DSN ", 0, 0, 0, 0},
	{"DSN|XXX|XXXAB|XXXY|STAR****", false, true, "DSN ", 0, 0, 0, 0},
	{"", false, true, "", 0, 0, 0, 0},
};

static void test_list(void **state) {
	size_t count = 0;
	for (; count < sizeof(list_rows) / sizeof(list_rows[0]); count++) {
		const struct list_row *row = &list_rows[count];
		struct extension_offer offer;
		struct slice lines[8];
		char *blocks[8], *all = strdup(row->lines), *left = all, *line, text[1024] = "";
		size_t line_count = 0;
		for (; (line = strsep(&left, "|")) != NULL; line_count++)
			lines[line_count] = block_of(line, &blocks[line_count]);
		extension_read_list(lines, line_count, row->incomplete, &offer);
		for (enum extension i = EXTENSION_NONE + 1; i < EXTENSION_COUNT; i++)
			if ((offer.offered & UINT64_C(1) << i) != 0)
				sprintf(text + strlen(text), "%s ", extension_keyword(i));
		if (offer.known != row->known || strcmp(text, row->offered) != 0 || offer.size_max != row->size_max ||
			offer.mails_max != row->mails_max || offer.recipients_max != row->recipients_max ||
			offer.domains_max != row->domains_max)
			fail_msg("%s: %d %s%" PRIu64, row->lines, offer.known, text, offer.size_max);
		while (line_count > 0)
			free(blocks[--line_count]);
		free(all);
	}
	assert_int_equal(count, 16);
}

/* ---- Parameters ---- */

static const struct parameter_row {
	enum verb verb;
	const char *parameter;
	enum extension extension;
	enum event_parameter_id id;
	int64_t number;
	unsigned flags;
	const char *type, *text;
} valid_rows[] = {
	{VERB_MAIL, "SIZE=1234", EXTENSION_SIZE, EVENT_PARAMETER_SIZE, 1234, 0, "", ""},
	{VERB_MAIL, "size=0", EXTENSION_SIZE, EVENT_PARAMETER_SIZE, 0, 0, "", ""},
	{VERB_MAIL, "SIZE=99999999999999999999", EXTENSION_SIZE, EVENT_PARAMETER_SIZE, INT64_MAX, 0, "", ""},
	{VERB_MAIL, "BODY=7BIT", EXTENSION_8BITMIME, EVENT_PARAMETER_BODY, 0, EVENT_BODY_7BIT, "", ""},
	{VERB_MAIL, "body=8bitmime", EXTENSION_8BITMIME, EVENT_PARAMETER_BODY, 0, EVENT_BODY_8BITMIME, "", ""},
	{VERB_MAIL, "BODY=BINARYMIME", EXTENSION_BINARYMIME, EVENT_PARAMETER_BODY, 0, EVENT_BODY_BINARYMIME, "", ""},
	{VERB_MAIL, "AUTH=<>", EXTENSION_AUTH, EVENT_PARAMETER_AUTH, 0, 0, "", ""},
	{VERB_MAIL, "AUTH=e+3Dmc2@example.com", EXTENSION_AUTH, EVENT_PARAMETER_AUTH, 0, 0, "", "e=mc2@example.com"}, /* RFC 4954, 5 */
	{VERB_MAIL, "RET=HDRS", EXTENSION_DSN, EVENT_PARAMETER_RET, 0, EVENT_RET_HDRS, "", ""},
	{VERB_MAIL, "RET=full", EXTENSION_DSN, EVENT_PARAMETER_RET, 0, EVENT_RET_FULL, "", ""},
	{VERB_MAIL, "ENVID=QQ314159", EXTENSION_DSN, EVENT_PARAMETER_ENVID, 0, 0, "", "QQ314159"},
	{VERB_MAIL, "ENVID=a+2Bb+20c", EXTENSION_DSN, EVENT_PARAMETER_ENVID, 0, 0, "", "a+b c"},
	{VERB_RCPT, "NOTIFY=NEVER", EXTENSION_DSN, EVENT_PARAMETER_NOTIFY, 0, EVENT_NOTIFY_NEVER, "", ""},
	{VERB_RCPT, "NOTIFY=SUCCESS,delay", EXTENSION_DSN, EVENT_PARAMETER_NOTIFY, 0, EVENT_NOTIFY_SUCCESS | EVENT_NOTIFY_DELAY, "", ""},
	{VERB_RCPT, "NOTIFY=FAILURE", EXTENSION_DSN, EVENT_PARAMETER_NOTIFY, 0, EVENT_NOTIFY_FAILURE, "", ""},
	{VERB_RCPT, "ORCPT=rfc822;Bob+2BTag@example.com", EXTENSION_DSN, EVENT_PARAMETER_ORCPT, 0, 0, "rfc822", "Bob+Tag@example.com"},
	{VERB_RCPT, "ORCPT=utf-8;\xe5\xa4\xaa@example.com", EXTENSION_DSN, EVENT_PARAMETER_ORCPT, 0, 0, "utf-8", "\xe5\xa4\xaa@example.com"},
	{VERB_MAIL, "SMTPUTF8", EXTENSION_SMTPUTF8, EVENT_PARAMETER_SMTPUTF8, 0, 0, "", ""},
	{VERB_MAIL, "REQUIRETLS", EXTENSION_REQUIRETLS, EVENT_PARAMETER_REQUIRETLS, 0, 0, "", ""},
	{VERB_MAIL, "BY=120;R", EXTENSION_DELIVERBY, EVENT_PARAMETER_BY, 120, EVENT_BY_RETURN, "", ""},
	{VERB_MAIL, "BY=-30;NT", EXTENSION_DELIVERBY, EVENT_PARAMETER_BY, -30, EVENT_BY_NOTIFY | EVENT_BY_TRACE, "", ""},
	{VERB_MAIL, "BY=+30;rt", EXTENSION_DELIVERBY, EVENT_PARAMETER_BY, 30, EVENT_BY_RETURN | EVENT_BY_TRACE, "", ""},
	{VERB_MAIL, "HOLDFOR=86400", EXTENSION_FUTURERELEASE, EVENT_PARAMETER_HOLDFOR, 86400, 0, "", ""},
	{VERB_MAIL, "HOLDUNTIL=2026-11-26T08:00:00Z", EXTENSION_FUTURERELEASE, EVENT_PARAMETER_HOLDUNTIL, 0, 0, "", "2026-11-26T08:00:00Z"},
	{VERB_MAIL, "HOLDUNTIL=2026-11-26T08:00:00.5+09:00;C", EXTENSION_FUTURERELEASE, EVENT_PARAMETER_HOLDUNTIL, 0, 0, "",
		"2026-11-26T08:00:00.5+09:00"},
	{VERB_MAIL, "MT-PRIORITY=-9", EXTENSION_MT_PRIORITY, EVENT_PARAMETER_MT_PRIORITY, -9, 0, "", ""},
	{VERB_MAIL, "MT-PRIORITY=4", EXTENSION_MT_PRIORITY, EVENT_PARAMETER_MT_PRIORITY, 4, 0, "", ""},
	{VERB_RCPT, "RRVS=2014-04-03T23:01:00Z;R", EXTENSION_RRVS, EVENT_PARAMETER_RRVS, 0, 0, "", "2014-04-03T23:01:00Z"},
	{VERB_MAIL, "SUBMITTER=alice@example.org", EXTENSION_SUBMITTER, EVENT_PARAMETER_SUBMITTER, 0, 0, "", "alice@example.org"},
	{VERB_MAIL, "XSHADOW=abc", EXTENSION_XSHADOW, EVENT_PARAMETER_KNOWN, 0, 0, "", ""},
	{VERB_RCPT, "CONNEG", EXTENSION_CONNEG, EVENT_PARAMETER_KNOWN, 0, 0, "", ""},
	/* No parameters of this command, or of none that is known. */
	{VERB_RCPT, "SIZE=1", EXTENSION_NONE, EVENT_PARAMETER_OTHER, 0, 0, "", ""},
	{VERB_MAIL, "NOTIFY=never", EXTENSION_NONE, EVENT_PARAMETER_OTHER, 0, 0, "", ""},
	{VERB_MAIL, "FOO=x", EXTENSION_NONE, EVENT_PARAMETER_OTHER, 0, 0, "", ""},
};

static const struct {
	enum verb verb;
	const char *parameter;
} invalid_rows[] = {
	{VERB_MAIL, "SIZE"},
	{VERB_MAIL, "SIZE="},
	{VERB_MAIL, "SIZE=-1"},
	{VERB_MAIL, "SIZE=1k"},
	{VERB_MAIL, "SIZE=123456789012345678901"},
	{VERB_MAIL, "BODY"},
	{VERB_MAIL, "BODY=8BIT"},
	{VERB_MAIL, "AUTH="},
	{VERB_MAIL, "AUTH=a=b"},
	{VERB_MAIL, "AUTH=a+3db"},
	{VERB_MAIL, "AUTH=a+3"},
	{VERB_MAIL, "RET=ALL"},
	{VERB_MAIL, "ENVID="},
	{VERB_MAIL, "ENVID=\xe5"},
	{VERB_MAIL, "ENVID=12345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901"},
	{VERB_RCPT, "NOTIFY="},
	{VERB_RCPT, "NOTIFY=NEVER,DELAY"},
	{VERB_RCPT, "NOTIFY=SUCCESS,"},
	{VERB_RCPT, "NOTIFY=ALWAYS"},
	{VERB_RCPT, "ORCPT=bob@example.com"},
	{VERB_RCPT, "ORCPT=;bob@example.com"},
	{VERB_RCPT, "ORCPT=rfc822;"},
	{VERB_RCPT, "ORCPT=rfc 822;bob"},
	{VERB_MAIL, "SMTPUTF8=yes"},
	{VERB_MAIL, "REQUIRETLS=yes"},
	{VERB_MAIL, "BY=120"},
	{VERB_MAIL, "BY=120;X"},
	{VERB_MAIL, "BY=0;R"},
	{VERB_MAIL, "BY=-1;R"},
	{VERB_MAIL, "BY=1;RTT"},
	{VERB_MAIL, "BY=1234567890;R"},
	{VERB_MAIL, "HOLDFOR=0"},
	{VERB_MAIL, "HOLDFOR=1234567890"},
	{VERB_MAIL, "HOLDUNTIL=2026-11-26 08:00:00Z"},
	{VERB_MAIL, "HOLDUNTIL=2026-11-26T08:00:00"},
	{VERB_MAIL, "HOLDUNTIL=2026-11-26T08:00:00Z;X"},
	{VERB_MAIL, "MT-PRIORITY=10"},
	{VERB_MAIL, "MT-PRIORITY=-0"},
	{VERB_MAIL, "MT-PRIORITY=+1"},
	{VERB_MAIL, "MT-PRIORITY="},
	{VERB_RCPT, "RRVS=yesterday"},
	{VERB_MAIL, "SUBMITTER="},
	{VERB_MAIL, "CONPERM=x"},
};

static enum extension read_parameter(const char *text, enum verb verb, char **ret_block, struct extension_text *decoded,
	struct event_parameter *ret_parameter) {
	struct slice whole = block_of(text, ret_block);
	const char *equals = strchr(text, '=');
	size_t len = equals != NULL ? (size_t)(equals - text) : whole.len;
	*ret_parameter = (struct event_parameter){.keyword = {whole.data, len}, .has_value = equals != NULL};
	if (equals != NULL)
		ret_parameter->value = (struct slice){whole.data + len + 1, whole.len - len - 1};
	decoded->len = 0;
	return extension_read_parameter(ret_parameter, verb, decoded);
}

static bool is_text(struct slice slice, const char *text) {
	return slice.len == strlen(text) && (slice.len == 0 || memcmp(slice.data, text, slice.len) == 0);
}

static void test_valid(void **state) {
	size_t count = 0;
	for (; count < sizeof(valid_rows) / sizeof(valid_rows[0]); count++) {
		const struct parameter_row *row = &valid_rows[count];
		struct event_parameter parameter;
		struct extension_text text;
		char *block;
		if (read_parameter(row->parameter, row->verb, &block, &text, &parameter) != row->extension || parameter.wrong ||
			parameter.id != row->id || parameter.number != row->number || parameter.flags != row->flags ||
			!is_text(parameter.type, row->type) || !is_text(parameter.text, row->text))
			fail_msg("%s", row->parameter);
		assert_true(parameter.extension == extension_keyword(row->extension));
		free(block);
	}
	assert_int_equal(count, 34);
}

static void test_invalid(void **state) {
	size_t count = 0;
	for (; count < sizeof(invalid_rows) / sizeof(invalid_rows[0]); count++) {
		struct event_parameter parameter;
		struct extension_text text;
		char *block;
		/* The extension was used all the same. */
		if (read_parameter(invalid_rows[count].parameter, invalid_rows[count].verb, &block, &text, &parameter) == EXTENSION_NONE ||
			!parameter.wrong || parameter.number != 0 || parameter.flags != 0 || parameter.text.len != 0)
			fail_msg("%s", invalid_rows[count].parameter);
		free(block);
	}
	assert_int_equal(count, 43);
}

/* Without room for the decoded text it is not there, and the value is called wrong rather than shown in part. */
static void test_room(void **state) {
	struct extension_text text = {.len = sizeof(text.data) - 2};
	struct slice decoded;
	assert_true(extension_decode_xtext((struct slice){"a+2B", 4}, &text, &decoded));
	assert_true(is_text(decoded, "a+"));
	assert_false(extension_decode_xtext((struct slice){"+2B", 3}, &text, &decoded));
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_list),
		cmocka_unit_test(test_valid),
		cmocka_unit_test(test_invalid),
		cmocka_unit_test(test_room),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
