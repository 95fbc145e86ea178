/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "decode/extension.h"

#include "decode/ascii.h"

/* ---- Keywords ---- */

/* IANA's registry "SMTP Service Extensions", Postfix's XCLIENT_README, XFORWARD_README and VERP_README, and Microsoft's
 * descriptions of what Exchange offers (KB 812455, "SMTP extensions in Exchange Server"). */
static const char *const keywords[EXTENSION_COUNT] = {
	[EXTENSION_SIZE] = "SIZE",                               /* RFC 1870 */
	[EXTENSION_8BITMIME] = "8BITMIME",                       /* RFC 6152 */
	[EXTENSION_PIPELINING] = "PIPELINING",                   /* RFC 2920 */
	[EXTENSION_CHUNKING] = "CHUNKING",                       /* RFC 3030 */
	[EXTENSION_BINARYMIME] = "BINARYMIME",                   /* RFC 3030 */
	[EXTENSION_DSN] = "DSN",                                 /* RFC 3461 */
	[EXTENSION_ENHANCEDSTATUSCODES] = "ENHANCEDSTATUSCODES", /* RFC 2034 */
	[EXTENSION_STARTTLS] = "STARTTLS",                       /* RFC 3207 */
	[EXTENSION_AUTH] = "AUTH",                               /* RFC 4954 */
	[EXTENSION_SMTPUTF8] = "SMTPUTF8",                       /* RFC 6531 */
	[EXTENSION_DELIVERBY] = "DELIVERBY",                     /* RFC 2852 */
	[EXTENSION_FUTURERELEASE] = "FUTURERELEASE",             /* RFC 4865 */
	[EXTENSION_MT_PRIORITY] = "MT-PRIORITY",                 /* RFC 6710 */
	[EXTENSION_REQUIRETLS] = "REQUIRETLS",                   /* RFC 8689 */
	[EXTENSION_LIMITS] = "LIMITS",                           /* RFC 9422 */
	[EXTENSION_BURL] = "BURL",                               /* RFC 4468 */
	[EXTENSION_ETRN] = "ETRN",                               /* RFC 1985 */
	[EXTENSION_ATRN] = "ATRN",                               /* RFC 2645 */
	[EXTENSION_RRVS] = "RRVS",                               /* RFC 7293 */
	[EXTENSION_CONPERM] = "CONPERM",                         /* RFC 4141 */
	[EXTENSION_CONNEG] = "CONNEG",                           /* RFC 4141 */
	[EXTENSION_SUBMITTER] = "SUBMITTER",                     /* RFC 4405 */
	[EXTENSION_CHECKPOINT] = "CHECKPOINT",                   /* RFC 1845 */
	[EXTENSION_MTRK] = "MTRK",                               /* RFC 3885 */
	[EXTENSION_NO_SOLICITING] = "NO-SOLICITING",             /* RFC 3865 */
	[EXTENSION_PRDR] = "PRDR",                               /* draft-hall-prdr */
	[EXTENSION_XCLIENT] = "XCLIENT",
	[EXTENSION_XFORWARD] = "XFORWARD",
	[EXTENSION_XVERP] = "XVERP",
	[EXTENSION_X_ANONYMOUSTLS] = "X-ANONYMOUSTLS",
	[EXTENSION_X_EXPS] = "X-EXPS",
	[EXTENSION_XEXCH50] = "XEXCH50",
	[EXTENSION_X_LINK2STATE] = "X-LINK2STATE",
	[EXTENSION_XRDST] = "XRDST",
	[EXTENSION_XSHADOW] = "XSHADOW",
	[EXTENSION_XSHADOWREQUEST] = "XSHADOWREQUEST",
	[EXTENSION_XOORG] = "XOORG",
	[EXTENSION_XPROXY] = "XPROXY",
	[EXTENSION_XPROXYFROM] = "XPROXYFROM",
	[EXTENSION_XPROXYTO] = "XPROXYTO",
	[EXTENSION_XSESSIONPARAMS] = "XSESSIONPARAMS",
	[EXTENSION_XATTR] = "XATTR",
	[EXTENSION_XSYSPROBE] = "XSYSPROBE",
};

const char *extension_keyword(enum extension extension) {
	return keywords[extension];
}

static enum extension find_extension(struct slice keyword) {
	for (enum extension i = EXTENSION_NONE + 1; i < EXTENSION_COUNT; i++)
		if (keyword.len > 0 && ascii_upper(keyword.data[0]) == keywords[i][0] && slice_is(keyword, keywords[i]))
			return i;
	return EXTENSION_NONE;
}

/* 1*max DIGIT. What is more than fits is as much as fits. */
static bool read_digits(struct slice text, size_t digits_max, uint64_t *ret_number) {
	uint64_t number = 0;
	if (text.len == 0 || text.len > digits_max)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		if (!ascii_is_digit(text.data[i]))
			return false;
		uint64_t digit = (uint64_t)(text.data[i] - '0');
		number = number > (INT64_MAX - digit) / 10 ? INT64_MAX : number * 10 + digit;
	}
	*ret_number = number;
	return true;
}

/* RFC 9422, 3:  limits = "LIMITS" *(SP name "=" value) ; each of the three has 1*6DIGIT, not starting with 0 */
static void read_limits(struct slice rest, struct extension_offer *offer) {
	for (struct slice word; (word = slice_next_word(&rest)).len > 0;) {
		const char *equals = memchr(word.data, '=', word.len);
		uint64_t value;
		if (equals == NULL || !read_digits(slice_skip(word, (size_t)(equals - word.data) + 1), 6, &value))
			continue;
		word.len = (size_t)(equals - word.data);
		if (slice_is(word, "MAILMAX"))
			offer->mails_max = (uint32_t)value;
		else if (slice_is(word, "RCPTMAX"))
			offer->recipients_max = (uint32_t)value;
		else if (slice_is(word, "RCPTDOMAINMAX"))
			offer->domains_max = (uint32_t)value;
	}
}

/* What some firewalls put in place of a keyword: XXXXXXXA, XXXX, **** */
static bool is_masked(struct slice keyword) {
	size_t len = keyword.len;
	if (len >= 4 && keyword.data[0] == '*')
		return true;
	for (size_t i = 0; i < len; i++)
		if (keyword.data[i] != 'X' && !(i + 1 == len && i >= 4 && ascii_is_alpha(keyword.data[i])))
			return false;
	return len >= 4;
}

/* The keyword ends at a blank; before it was a standard AUTH had "=" there. */
static struct slice keyword_of(struct slice *rest) {
	struct slice word = slice_next_word(rest);
	const char *equals = word.len > 0 ? memchr(word.data, '=', word.len) : NULL;
	return equals != NULL ? (struct slice){word.data, (size_t)(equals - word.data)} : word;
}

void extension_read_list(const struct slice *lines, size_t count, bool incomplete, struct extension_offer *ret_offer) {
	*ret_offer = (struct extension_offer){.known = !incomplete};
	for (size_t i = 0; i < count; i++) {
		struct slice rest = lines[i];
		struct slice keyword = keyword_of(&rest);
		enum extension extension = find_extension(keyword);
		ret_offer->offered |= UINT64_C(1) << extension;
		if (extension == EXTENSION_SIZE)
			/* 0: no limit that the server knows of (RFC 1870, 3) */
			read_digits(slice_next_word(&rest), 20, &ret_offer->size_max);
		else if (extension == EXTENSION_LIMITS)
			read_limits(rest, ret_offer);
		else if (extension == EXTENSION_NONE && is_masked(keyword))
			ret_offer->known = false;
	}
}

/* ---- The grammars of values: each fills the parameter and returns whether the value is right ---- */

static int hex_value(char c) {
	return ascii_is_digit(c) ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* xtext = *( xchar / hexchar ) ; hexchar = "+" 2(%x30-39 / %x41-46) ; xchar: "!" to "~" but "+" and "=" */
bool extension_decode_xtext(struct slice xtext, struct extension_text *text, struct slice *ret_decoded) {
	size_t start = text->len, at = start;
	bool encoded = false;
	for (size_t i = 0; i < xtext.len; i++) {
		unsigned char c = (unsigned char)xtext.data[i];
		if (c == '+') {
			int high = i + 1 < xtext.len ? hex_value(xtext.data[i + 1]) : -1;
			int low = i + 2 < xtext.len ? hex_value(xtext.data[i + 2]) : -1;
			if (high < 0 || low < 0)
				return false;
			c = (unsigned char)(high << 4 | low);
			encoded = true;
			i += 2;
		} else if (c < '!' || c > '~' || c == '=') {
			return false;
		}
		if (at == sizeof(text->data))
			return false;
		text->data[at++] = (char)c;
	}
	if (encoded)
		text->len = at;
	*ret_decoded = encoded ? (struct slice){text->data + start, at - start} : xtext;
	return true;
}

typedef bool value_grammar(struct event_parameter *parameter, struct extension_text *text);

static bool read_nothing(struct event_parameter *parameter, struct extension_text *text) {
	(void)text;
	return !parameter->has_value;
}

static bool read_anything(struct event_parameter *parameter, struct extension_text *text) {
	(void)parameter;
	(void)text;
	return true;
}

/* RFC 1870, 5:  size-value = 1*20DIGIT */
static bool read_size(struct event_parameter *parameter, struct extension_text *text) {
	uint64_t number = 0;
	(void)text;
	bool right = read_digits(parameter->value, 20, &number);
	parameter->number = (int64_t)number;
	return right;
}

/* RFC 6152, 2 and RFC 3030, 3:  "7BIT" / "8BITMIME" / "BINARYMIME" */
static bool read_body(struct event_parameter *parameter, struct extension_text *text) {
	(void)text;
	parameter->flags = slice_is(parameter->value, "7BIT") ? EVENT_BODY_7BIT
		: slice_is(parameter->value, "8BITMIME")          ? EVENT_BODY_8BITMIME
		: slice_is(parameter->value, "BINARYMIME")        ? EVENT_BODY_BINARYMIME
														  : 0;
	return parameter->flags != 0;
}

/* A mailbox in xtext, of at most 500 characters. */
static bool read_mailbox(struct event_parameter *parameter, struct extension_text *text) {
	return parameter->value.len > 0 && parameter->value.len <= 500 &&
		extension_decode_xtext(parameter->value, text, &parameter->text);
}

/* RFC 4954, 5: a mailbox or "<>", in xtext. "<" and ">" are xchars. */
static bool read_auth(struct event_parameter *parameter, struct extension_text *text) {
	if (!read_mailbox(parameter, text))
		return false;
	if (slice_is(parameter->text, "<>"))
		parameter->text.len = 0;
	return true;
}

/* RFC 3461, 4.3:  "FULL" / "HDRS" */
static bool read_ret(struct event_parameter *parameter, struct extension_text *text) {
	(void)text;
	parameter->flags = slice_is(parameter->value, "FULL") ? EVENT_RET_FULL
		: slice_is(parameter->value, "HDRS")              ? EVENT_RET_HDRS
														  : 0;
	return parameter->flags != 0;
}

/* RFC 3461, 4.4: xtext of at most 100 characters */
static bool read_envid(struct event_parameter *parameter, struct extension_text *text) {
	return parameter->value.len > 0 && parameter->value.len <= 100 &&
		extension_decode_xtext(parameter->value, text, &parameter->text);
}

/* RFC 3461, 4.1:  "NEVER" / 1#( "SUCCESS" / "FAILURE" / "DELAY" ) */
static bool read_notify(struct event_parameter *parameter, struct extension_text *text) {
	struct slice rest = parameter->value;
	unsigned flags = 0;
	(void)text;
	for (bool more = true; more;) {
		const char *comma = rest.len > 0 ? memchr(rest.data, ',', rest.len) : NULL;
		struct slice word = {rest.data, comma != NULL ? (size_t)(comma - rest.data) : rest.len};
		unsigned flag = slice_is(word, "NEVER") ? EVENT_NOTIFY_NEVER
			: slice_is(word, "SUCCESS")         ? EVENT_NOTIFY_SUCCESS
			: slice_is(word, "FAILURE")         ? EVENT_NOTIFY_FAILURE
			: slice_is(word, "DELAY")           ? EVENT_NOTIFY_DELAY
												: 0;
		if (flag == 0)
			return false;
		flags |= flag;
		more = comma != NULL;
		rest = slice_skip(rest, word.len + 1);
	}
	parameter->flags = flags;
	return (flags & EVENT_NOTIFY_NEVER) == 0 || flags == EVENT_NOTIFY_NEVER;
}

/* RFC 3461, 4.2:  addr-type ";" xtext ; of at most 500 characters. RFC 6533, 3: with the type utf-8 the address may be UTF-8. */
static bool read_orcpt(struct event_parameter *parameter, struct extension_text *text) {
	struct slice value = parameter->value;
	const char *semicolon = value.len > 0 ? memchr(value.data, ';', value.len) : NULL;
	if (semicolon == NULL || semicolon == value.data || value.len > 500)
		return false;
	struct slice type = {value.data, (size_t)(semicolon - value.data)};
	struct slice address = slice_skip(value, type.len + 1);
	for (size_t i = 0; i < type.len; i++)
		if (!ascii_is_alpha(type.data[i]) && !ascii_is_digit(type.data[i]) && type.data[i] != '-')
			return false;
	if (slice_is(type, "UTF-8"))
		parameter->text = address;
	else if (!extension_decode_xtext(address, text, &parameter->text))
		return false;
	parameter->type = type;
	return address.len > 0;
}

/* RFC 2852, 4:  by-value = by-time ";" by-mode [by-trace] ; by-time = ["-" / "+"] 1*9DIGIT ; by-mode = "N" / "R" ; by-trace = "T"
 * A message that is to be returned needs a time that is not over: "R" takes no zero and no negative number. */
static bool read_by(struct event_parameter *parameter, struct extension_text *text) {
	struct slice value = parameter->value;
	const char *semicolon = value.len > 0 ? memchr(value.data, ';', value.len) : NULL;
	uint64_t seconds;
	(void)text;
	if (semicolon == NULL)
		return false;
	struct slice time = {value.data, (size_t)(semicolon - value.data)};
	struct slice mode = slice_skip(value, time.len + 1);
	bool negative = time.len > 0 && time.data[0] == '-';
	if (time.len > 0 && (negative || time.data[0] == '+'))
		time = slice_skip(time, 1);
	if (!read_digits(time, 9, &seconds))
		return false;
	parameter->number = negative ? -(int64_t)seconds : (int64_t)seconds;
	parameter->flags = slice_begins(mode, "R") ? EVENT_BY_RETURN : slice_begins(mode, "N") ? EVENT_BY_NOTIFY : 0;
	if (mode.len == 2 && ascii_upper(mode.data[1]) == 'T')
		parameter->flags |= EVENT_BY_TRACE;
	else if (mode.len != 1)
		return false;
	return (parameter->flags & (EVENT_BY_NOTIFY | EVENT_BY_RETURN)) != 0 &&
		((parameter->flags & EVENT_BY_NOTIFY) != 0 || parameter->number > 0);
}

/* RFC 4865, 4.1:  future-release-integer = 1*9DIGIT, not 0 */
static bool read_holdfor(struct event_parameter *parameter, struct extension_text *text) {
	uint64_t seconds = 0;
	(void)text;
	bool right = read_digits(parameter->value, 9, &seconds);
	parameter->number = (int64_t)seconds;
	return right && seconds > 0;
}

/* RFC 3339, 5.6, as far as its form goes:  4DIGIT-2DIGIT-2DIGIT "T" 2DIGIT:2DIGIT:2DIGIT ["." 1*DIGIT] ("Z" / ("+"/"-") 2DIGIT:2DIGIT) */
static size_t date_time_len(struct slice text) {
	static const char form[] = "0000-00-00T00:00:00", offset[] = "+00:00";
	size_t at = 0;
	for (; form[at] != '\0'; at++)
		if (at == text.len || (form[at] == '0' ? !ascii_is_digit(text.data[at]) : ascii_upper(text.data[at]) != form[at]))
			return 0;
	if (at + 1 < text.len && text.data[at] == '.' && ascii_is_digit(text.data[at + 1]))
		for (at++; at < text.len && ascii_is_digit(text.data[at]);)
			at++;
	if (at < text.len && ascii_upper(text.data[at]) == 'Z')
		return at + 1;
	for (size_t i = 0; offset[i] != '\0'; i++, at++)
		if (at == text.len || (i == 0 ? text.data[at] != '+' && text.data[at] != '-'
								: offset[i] == '0' ? !ascii_is_digit(text.data[at])
												   : text.data[at] != offset[i]))
			return 0;
	return at;
}

/* RFC 4865, 4.1, RFC 7293, 3.1:  date-time, perhaps followed by ";" ( "C" / "R" ) */
static bool read_date_time(struct event_parameter *parameter, struct extension_text *text) {
	size_t len = date_time_len(parameter->value);
	struct slice rest = slice_skip(parameter->value, len);
	(void)text;
	parameter->text = (struct slice){parameter->value.data, len};
	return len > 0 && (rest.len == 0 || slice_is(rest, ";C") || slice_is(rest, ";R"));
}

/* RFC 6710, 4:  priority-value = (["-"] NZDIGIT) / "0" */
static bool read_priority(struct event_parameter *parameter, struct extension_text *text) {
	struct slice value = parameter->value;
	bool negative = value.len == 2 && value.data[0] == '-';
	uint64_t number;
	(void)text;
	if (!read_digits(slice_skip(value, negative), 1, &number) || (negative && number == 0))
		return false;
	parameter->number = negative ? -(int64_t)number : (int64_t)number;
	return true;
}

/* ---- Parameters ---- */

static const struct parameter_row {
	const char *keyword;
	enum verb verb;
	enum extension extension;
	enum event_parameter_id id;
	value_grammar *read;
} parameters[] = {
	{"SIZE", VERB_MAIL, EXTENSION_SIZE, EVENT_PARAMETER_SIZE, read_size},
	{"BODY", VERB_MAIL, EXTENSION_8BITMIME, EVENT_PARAMETER_BODY, read_body},
	{"NOTIFY", VERB_RCPT, EXTENSION_DSN, EVENT_PARAMETER_NOTIFY, read_notify},
	{"ORCPT", VERB_RCPT, EXTENSION_DSN, EVENT_PARAMETER_ORCPT, read_orcpt},
	{"RET", VERB_MAIL, EXTENSION_DSN, EVENT_PARAMETER_RET, read_ret},
	{"ENVID", VERB_MAIL, EXTENSION_DSN, EVENT_PARAMETER_ENVID, read_envid},
	{"AUTH", VERB_MAIL, EXTENSION_AUTH, EVENT_PARAMETER_AUTH, read_auth},
	{"SMTPUTF8", VERB_MAIL, EXTENSION_SMTPUTF8, EVENT_PARAMETER_SMTPUTF8, read_nothing},
	{"REQUIRETLS", VERB_MAIL, EXTENSION_REQUIRETLS, EVENT_PARAMETER_REQUIRETLS, read_nothing},
	{"BY", VERB_MAIL, EXTENSION_DELIVERBY, EVENT_PARAMETER_BY, read_by},
	{"HOLDFOR", VERB_MAIL, EXTENSION_FUTURERELEASE, EVENT_PARAMETER_HOLDFOR, read_holdfor},
	{"HOLDUNTIL", VERB_MAIL, EXTENSION_FUTURERELEASE, EVENT_PARAMETER_HOLDUNTIL, read_date_time},
	{"MT-PRIORITY", VERB_MAIL, EXTENSION_MT_PRIORITY, EVENT_PARAMETER_MT_PRIORITY, read_priority},
	{"RRVS", VERB_RCPT, EXTENSION_RRVS, EVENT_PARAMETER_RRVS, read_date_time},
	{"SUBMITTER", VERB_MAIL, EXTENSION_SUBMITTER, EVENT_PARAMETER_SUBMITTER, read_mailbox},
	{"CONPERM", VERB_MAIL, EXTENSION_CONPERM, EVENT_PARAMETER_KNOWN, read_nothing},
	{"CONNEG", VERB_RCPT, EXTENSION_CONNEG, EVENT_PARAMETER_KNOWN, read_nothing},
	{"TRANSID", VERB_MAIL, EXTENSION_CHECKPOINT, EVENT_PARAMETER_KNOWN, read_anything},
	{"MTRK", VERB_MAIL, EXTENSION_MTRK, EVENT_PARAMETER_KNOWN, read_anything},
	{"SOLICIT", VERB_MAIL, EXTENSION_NO_SOLICITING, EVENT_PARAMETER_KNOWN, read_anything},
	{"PRDR", VERB_MAIL, EXTENSION_PRDR, EVENT_PARAMETER_PRDR, read_nothing},
	{"XVERP", VERB_MAIL, EXTENSION_XVERP, EVENT_PARAMETER_KNOWN, read_anything},
	{"XRDST", VERB_MAIL, EXTENSION_XRDST, EVENT_PARAMETER_KNOWN, read_anything},
	{"XRDST", VERB_RCPT, EXTENSION_XRDST, EVENT_PARAMETER_KNOWN, read_anything},
	{"XSHADOW", VERB_MAIL, EXTENSION_XSHADOW, EVENT_PARAMETER_KNOWN, read_anything},
	{"XOORG", VERB_MAIL, EXTENSION_XOORG, EVENT_PARAMETER_KNOWN, read_anything},
	{"XATTRDIRECT", VERB_MAIL, EXTENSION_XATTR, EVENT_PARAMETER_KNOWN, read_anything},
	{"XATTRORGID", VERB_MAIL, EXTENSION_XATTR, EVENT_PARAMETER_KNOWN, read_anything},
	{"XSYSPROBEID", VERB_MAIL, EXTENSION_XSYSPROBE, EVENT_PARAMETER_KNOWN, read_anything},
};

enum extension extension_read_parameter(struct event_parameter *parameter, enum verb verb, struct extension_text *text) {
	for (size_t i = 0; i < sizeof(parameters) / sizeof(parameters[0]); i++) {
		const struct parameter_row *row = &parameters[i];
		if (row->verb != verb || !slice_is(parameter->keyword, row->keyword))
			continue;
		enum extension extension = row->extension;
		parameter->id = row->id;
		if (!row->read(parameter, text)) {
			parameter->wrong = true;
			parameter->flags = 0;
			parameter->number = 0;
			parameter->type = parameter->text = (struct slice){NULL, 0};
		}
		if (parameter->id == EVENT_PARAMETER_BODY && parameter->flags == EVENT_BODY_BINARYMIME)
			extension = EXTENSION_BINARYMIME;
		parameter->extension = keywords[extension];
		return extension;
	}
	return EXTENSION_NONE;
}

const char *extension_parameter_name(enum event_parameter_id id) {
	for (size_t i = 0; i < sizeof(parameters) / sizeof(parameters[0]); i++)
		if (parameters[i].id == id && id != EVENT_PARAMETER_KNOWN)
			return parameters[i].keyword;
	return NULL;
}
