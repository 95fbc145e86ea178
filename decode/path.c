/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "decode/path.h"

#include "decode/ascii.h"

/* The length of <...> at the front of the text, the brackets included; 0 when it does not close. A quoted local part may hold
 * brackets and backslashes:  Quoted-string = DQUOTE *QcontentSMTP DQUOTE */
static size_t bracketed_len(struct slice text) {
	bool quoted = false;
	for (size_t i = 1; i < text.len; i++) {
		char c = text.data[i];
		if (quoted && c == '\\')
			i++;
		else if (c == '"')
			quoted = !quoted;
		else if (c == '>' && !quoted)
			return i + 1;
	}
	return 0;
}

/* Path = "<" [ A-d-l ":" ] Mailbox ">" ; the source route is accepted and ignored (RFC 5321, appendix C) */
static struct slice without_source_route(struct slice mailbox) {
	if (mailbox.len == 0 || mailbox.data[0] != '@')
		return mailbox;
	const char *colon = memchr(mailbox.data, ':', mailbox.len);
	return colon != NULL ? slice_skip(mailbox, (size_t)(colon - mailbox.data) + 1) : mailbox;
}

/* Mail-parameters = esmtp-param *(SP esmtp-param)
 * esmtp-param     = esmtp-keyword ["=" esmtp-value] */
static void parse_parameters(struct slice rest, struct path *path) {
	for (;;) {
		struct slice word = slice_next_word(&rest);
		if (word.len == 0)
			return;
		if (path->parameter_count == PATH_PARAMETERS_MAX) {
			path->parameters_over_limit++;
			continue;
		}
		const char *equals = memchr(word.data, '=', word.len);
		struct event_parameter *parameter = &path->parameters[path->parameter_count++];
		*parameter = (struct event_parameter){.keyword = word, .has_value = equals != NULL};
		if (equals == NULL)
			continue;
		parameter->keyword.len = (size_t)(equals - word.data);
		parameter->value = slice_skip(word, parameter->keyword.len + 1);
	}
}

/* mail = "MAIL FROM:" Reverse-path [SP Mail-parameters] CRLF
 * rcpt = "RCPT TO:" ( "<Postmaster@" Domain ">" / "<Postmaster>" / Forward-path ) [SP Rcpt-parameters] CRLF
 * A blank after the colon is not in the grammar but common; so is an address without brackets. */
void path_parse(struct slice argument, const char *keyword, struct path *ret_path) {
	/* Not the room for parameters: most commands have none or few. */
	ret_path->valid = true;
	ret_path->mailbox = (struct slice){NULL, 0};
	ret_path->parameter_count = ret_path->parameters_over_limit = 0;
	struct slice rest = slice_trim(argument);
	if (slice_begins(rest, keyword)) {
		rest = slice_trim(slice_skip(rest, strlen(keyword)));
	} else {
		ret_path->valid = false;
		const char *colon = rest.len > 0 ? memchr(rest.data, ':', rest.len) : NULL;
		if (colon != NULL)
			rest = slice_trim(slice_skip(rest, (size_t)(colon - rest.data) + 1));
	}
	size_t len = rest.len > 0 && rest.data[0] == '<' ? bracketed_len(rest) : 0;
	if (len > 0) {
		ret_path->mailbox = without_source_route((struct slice){rest.data + 1, len - 2});
		rest = slice_skip(rest, len);
		/* Reverse-path = Path / "<>" ; a Forward-path cannot be empty */
		if (ret_path->mailbox.len == 0 && (len > 2 || !slice_is(slice_of(keyword), "FROM:")))
			ret_path->valid = false;
		if (rest.len > 0 && !ascii_is_space(rest.data[0]))
			ret_path->valid = false;
	} else {
		struct slice word = slice_next_word(&rest);
		if (word.len > 0 && word.data[0] == '<')
			word = slice_skip(word, 1);
		ret_path->mailbox = word;
		ret_path->valid = false;
	}
	parse_parameters(rest, ret_path);
}
