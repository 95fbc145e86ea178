/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Findings about attacks on the protocol, and about clients and servers that do not keep to it.
 */
#include "decode/ascii.h"
#include "report/escape.h"
#include "report/findings/rules.h"
#include "report/names.h"

#include <string.h>

enum { TEXT_LINE_MAX = 1000 }; /* RFC 5321, 4.5.3.1.6: of a message, line end included */

static const char *const in_the_middle[] = {"T1557", NULL};

static const char *piece_server(struct terminal_text *piece, const struct record *record) {
	return rules_piece_endpoint(piece, &record->open.server, true);
}

static const char *piece_client(struct terminal_text *piece, const struct record *record) {
	return rules_piece_endpoint(piece, &record->open.client, false);
}

static bool is_anomaly(const struct record_timeline_entry *entry, enum event_anomaly_id id) {
	return entry->kind == RECORD_ANOMALY && entry->anomaly.id == id;
}

static bool is_reply_to(const struct record_timeline_entry *entry, enum verb verb) {
	return entry->kind == RECORD_REPLY && entry->reply.answers == EVENT_ANSWERS_COMMAND && entry->reply.verb == verb;
}

/* A text that is in a list of constants once. */
static void add_text(const char **list, size_t *count, size_t max, const char *text) {
	for (size_t i = 0; i < *count; i++)
		if (list[i] == text)
			return;
	if (*count < max)
		list[(*count)++] = text;
}

/* ---- smuggling ---- */

/* What came of the false ends: the server that takes one for the end answers the commands behind it, and so answers more often
 * than it was asked. */
struct bait {
	uint64_t count, extra_replies;
	bool waiting;  /* a message with a false end was sent, and nothing says yet that the server did not fall for it */
	bool answered; /* that message */
	bool doubtful; /* what the client sends overlaps with what the server answers: counting does not help */
	bool taken;
};

/* Is this the answer that only the command itself has, or a plain success? An answer that is off by one has another code. */
static bool is_in_step(const struct event_reply *reply) {
	if (reply->verb == VERB_QUIT)
		return reply->code == 221;
	if (reply->verb == VERB_DATA)
		return reply->code == 354;
	return reply->verb == VERB_HELP || reply->verb == VERB_NOOP || reply->code >= 400;
}

static void follow_reply(struct bait *bait, struct rules_draft *draft, const struct record_timeline_entry *entry) {
	const struct event_reply *reply = &entry->reply;
	if (!bait->waiting)
		return;
	if (reply->answers == EVENT_ANSWERS_BODY) {
		bait->answered = true;
		if (reply->code == 421 || reply->code == 521) /* the server leaves: it will not answer anything more */
			bait->waiting = false;
	} else if (reply->answers == EVENT_ANSWERS_NOTHING && reply->code != 421) {
		bait->extra_replies++;
		bait->taken = true;
		rules_add_frame(draft, entry->at.frame);
	} else if (reply->answers == EVENT_ANSWERS_COMMAND && bait->answered && !bait->doubtful && is_in_step(reply)) {
		bait->waiting = false;
	}
}

static void follow(struct bait *bait, struct rules_draft *draft, const struct record_timeline_entry *entry) {
	switch (entry->kind) {
	case RECORD_ANOMALY:
		if (entry->anomaly.id == EVENT_ANOMALY_FALSE_END) {
			bait->count++;
			bait->waiting = true;
			bait->answered = false;
			rules_add_frame(draft, entry->at.frame);
		} else if (entry->anomaly.id == EVENT_ANOMALY_BODY_UNTERMINATED && bait->waiting && !bait->answered) {
			bait->taken = true; /* the answer came before the message had ended */
		}
		break;
	case RECORD_COMMAND:
		bait->doubtful |= bait->waiting && entry->command.pipelined;
		break;
	case RECORD_REPLY:
		follow_reply(bait, draft, entry);
		break;
	default:
		break;
	}
}

bool rules_smuggling(const struct record *record, struct rules_draft *draft) {
	enum { SEQUENCES_MAX = 8 };
	const char *sequences[SEQUENCES_MAX];
	const struct event_anomaly *first = NULL;
	struct bait bait = {0};
	struct terminal_text server;
	size_t sequence_count = 0;

	for (size_t i = 0; i < record->timeline_count; i++) {
		const struct record_timeline_entry *entry = &record->timeline[i];

		follow(&bait, draft, entry);
		if (!is_anomaly(entry, EVENT_ANOMALY_FALSE_END))
			continue;
		first = first != NULL ? first : &entry->anomaly;
		add_text(sequences, &sequence_count, SEQUENCES_MAX, names_false_end(&entry->anomaly.false_end));
	}
	if (first == NULL)
		return false;
	if (rules_is_whole(record))
		draft->accepted = bait.taken ? 1 : bait.waiting ? -1 : 0;
	draft->severity = draft->accepted == 1 ? FINDING_HIGH : FINDING_MEDIUM;
	RULES_SAY(draft, WORDS_FINDING_SMUGGLING_EXPLANATION, words_text("sequence", sequences[0]),
		words_text("command", names_verb[first->false_end.followed_by]));
	piece_server(&server, record);
	if (draft->accepted == 1 && bait.extra_replies > 0)
		RULES_SAY(draft, WORDS_FINDING_SMUGGLING_TAKEN, words_text("server", server.data),
			words_count("replies", bait.extra_replies));
	else
		RULES_SAY(draft,
			draft->accepted == 1   ? WORDS_FINDING_SMUGGLING_TAKEN_EARLY
			: draft->accepted == 0 ? WORDS_FINDING_SMUGGLING_NOT_TAKEN
					       : WORDS_FINDING_SMUGGLING_UNKNOWN,
			words_text("server", server.data));
	rules_field_texts(draft, "sequences", sequences, sequence_count);
	rules_field(draft, "count", FINDING_FIELD_NUMBER, (int64_t)bait.count);
	if (draft->accepted >= 0)
		rules_field(draft, "extra_replies", FINDING_FIELD_NUMBER, (int64_t)bait.extra_replies);
	return true;
}

/* ---- STARTTLS ---- */

bool rules_starttls_injection(const struct record *record, struct rules_draft *draft) {
	struct terminal_text client, command;
	const struct record_timeline_entry *found = NULL, *end = record->timeline + record->timeline_count;

	for (const struct record_timeline_entry *entry = record->timeline; entry < end && found == NULL; entry++)
		if (is_anomaly(entry, EVENT_ANOMALY_COMMAND_BEFORE_TLS))
			found = entry;
	if (found == NULL)
		return false;
	rules_add_frame(draft, found->at.frame);
	terminal_text_init(&command, false);
	for (const struct record_timeline_entry *entry = found; entry < end; entry++)
		if (entry->kind == RECORD_COMMAND) {
			terminal_text_wire(&command, entry->command.name, RULES_VALUE_MAX);
			rules_add_frame(draft, entry->at.frame);
			break;
		}
	draft->severity = FINDING_MEDIUM;
	draft->attack = in_the_middle;
	RULES_SAY(draft,
		command.len > 0 ? WORDS_FINDING_STARTTLS_INJECTION_EXPLANATION : WORDS_FINDING_STARTTLS_INJECTION_EXPLANATION_TEXT,
		words_text("client", piece_client(&client, record)), words_text("command", command.data));
	return true;
}

bool rules_response_injection(const struct record *record, struct rules_draft *draft) {
	struct terminal_text server;
	bool found = false;

	for (size_t i = 0; i < record->timeline_count; i++) {
		const struct record_timeline_entry *entry = &record->timeline[i];

		if (!is_anomaly(entry, EVENT_ANOMALY_REPLY_BEFORE_TLS))
			continue;
		found = true;
		rules_add_frame(draft, entry->at.frame);
	}
	if (!found)
		return false;
	draft->severity = FINDING_MEDIUM;
	draft->attack = in_the_middle;
	RULES_SAY(draft, WORDS_FINDING_RESPONSE_INJECTION_EXPLANATION, words_text("server", piece_server(&server, record)));
	return true;
}

/* ---- Order ---- */

/* Does the list of a reply to EHLO offer the extension? */
static bool offers(const struct event_reply *reply, const char *keyword) {
	for (size_t i = 0; i < reply->line_count; i++) {
		struct slice rest = reply->lines[i];

		if (slice_is(slice_next_word(&rest), keyword))
			return true;
	}
	return false;
}

bool rules_pipelining_violation(const struct record *record, struct rules_draft *draft) {
	enum { NOT_HEARD, NOT_OFFERED, OFFERED } state = rules_offers_early_pipelining(record) ? OFFERED : NOT_HEARD;
	struct terminal_text client;
	uint64_t not_offered = 0, not_heard = 0;

	if (!rules_is_whole(record))
		return false;
	for (size_t i = 0; i < record->timeline_count; i++) {
		const struct record_timeline_entry *entry = &record->timeline[i];
		const struct event_reply *reply = &entry->reply;

		/* What was offered under TLS is not known here, unless it was read. Who did not even wait for the greeting has a finding
		 * of his own. */
		if ((entry->kind == RECORD_TLS && record_hides_text(record)) || is_anomaly(entry, EVENT_ANOMALY_EARLY_TALKER))
			return false;
		/* RFC 3207, 4.2: what the server said before TLS does not count any more. */
		if (entry->kind == RECORD_TLS && entry->tls.step == EVENT_TLS_DECRYPTED && state == NOT_OFFERED)
			state = NOT_HEARD;
		if (is_reply_to(entry, VERB_HELO) && reply->code < 400)
			state = NOT_OFFERED;
		if ((is_reply_to(entry, VERB_EHLO) || is_reply_to(entry, VERB_LHLO)) && reply->code < 400)
			state = reply->lines_over_limit > 0 || reply->text_withheld || offers(reply, "PIPELINING") ? OFFERED : NOT_OFFERED;
		if (entry->kind != RECORD_COMMAND || !entry->command.pipelined || state == OFFERED)
			continue;
		not_offered += state == NOT_OFFERED;
		not_heard += state == NOT_HEARD;
		rules_add_frame(draft, entry->at.frame);
	}
	if (not_offered + not_heard == 0)
		return false;
	draft->severity = FINDING_LOW;
	RULES_SAY(draft,
		not_offered > 0 ? WORDS_FINDING_PIPELINING_VIOLATION_EXPLANATION
				: WORDS_FINDING_PIPELINING_VIOLATION_EXPLANATION_EARLY,
		words_text("client", piece_client(&client, record)), words_count("commands", not_offered + not_heard));
	rules_field(draft, "commands", FINDING_FIELD_NUMBER, (int64_t)(not_offered + not_heard));
	return true;
}

bool rules_commands_after_quit(const struct record *record, struct rules_draft *draft) {
	struct terminal_text client, command;
	const struct record_timeline_entry *first = NULL;
	bool quit = false;
	uint64_t count = 0;

	if (!rules_is_whole(record))
		return false;
	for (size_t i = 0; i < record->timeline_count; i++) {
		const struct record_timeline_entry *entry = &record->timeline[i];

		if (is_reply_to(entry, VERB_QUIT) && entry->reply.code >= 400) {
			quit = false; /* it goes on: what came behind was rightly sent, or is not to be judged */
			count = 0;
			first = NULL;
			draft->frame_count = 0;
		}
		if (entry->kind != RECORD_COMMAND)
			continue;
		if (entry->command.verb == VERB_QUIT) {
			quit = true;
		} else if (quit) {
			first = first != NULL ? first : entry;
			rules_add_frame(draft, entry->at.frame);
			count++;
		}
	}
	if (first == NULL)
		return false;
	draft->severity = FINDING_LOW;
	rules_piece_wire(&command, first->command.name, RULES_VALUE_MAX);
	RULES_SAY(draft,
		command.len > 0 ? WORDS_FINDING_COMMANDS_AFTER_QUIT_EXPLANATION : WORDS_FINDING_COMMANDS_AFTER_QUIT_EXPLANATION_TEXT,
		words_text("client", piece_client(&client, record)), words_count("commands", count),
		words_text("command", command.data));
	rules_field(draft, "commands", FINDING_FIELD_NUMBER, (int64_t)count);
	return true;
}

/* ---- Line ends, NULs, lengths ---- */

/* May the message hold any bytes? Then lines mean nothing in it (RFC 3030, 3). Of a mail whose MAIL was not seen nobody knows. */
static bool is_text(const struct record *record, const struct event_body *body) {
	if (body->verb != VERB_BDAT)
		return true;
	for (const struct record_mail *mail = record->mails; mail != NULL; mail = mail->next) {
		if (mail->number != body->mail)
			continue;
		if (!mail->seen)
			return false;
		for (size_t i = 0; i < mail->parameter_count; i++)
			if (slice_is(mail->parameters[i].keyword, "BODY") && slice_is(mail->parameters[i].value, "BINARYMIME"))
				return false;
		return true;
	}
	return false;
}

/* Before another sentence. */
static void join(struct rules_draft *draft) {
	if (draft->explanation.len > 0)
		rules_say(draft, WORDS_SENTENCES_JOIN);
}

bool rules_bare_newline(const struct record *record, struct rules_draft *draft) {
	uint64_t commands = 0, replies = 0, returns = 0, body_lf = 0, body_cr = 0;

	for (size_t i = 0; i < record->timeline_count; i++) {
		const struct record_timeline_entry *entry = &record->timeline[i];
		bool odd = false;

		if (is_anomaly(entry, EVENT_ANOMALY_BARE_NEWLINE)) {
			commands += entry->from == RECORD_FROM_CLIENT;
			replies += entry->from == RECORD_FROM_SERVER;
			odd = true;
		} else if (is_anomaly(entry, EVENT_ANOMALY_BARE_RETURN)) {
			returns += entry->anomaly.amount;
			odd = true;
		} else if (entry->kind == RECORD_BODY && is_text(record, &entry->body)) {
			body_lf += entry->body.bare_lf;
			body_cr += entry->body.bare_cr;
			odd = entry->body.bare_lf + entry->body.bare_cr > 0;
		}
		if (odd)
			rules_add_frame(draft, entry->at.frame);
	}
	if (commands + replies + returns + body_lf + body_cr == 0)
		return false;
	draft->severity = FINDING_LOW;
	if (commands + replies > 0)
		RULES_SAY(draft, WORDS_FINDING_BARE_NEWLINE_LINES, words_count("lines", commands + replies));
	if (returns > 0) {
		join(draft);
		RULES_SAY(draft, WORDS_FINDING_BARE_NEWLINE_RETURNS, words_count("returns", returns));
	}
	if (body_lf > 0) {
		join(draft);
		RULES_SAY(draft, WORDS_FINDING_BARE_NEWLINE_BODY_LF, words_count("lf", body_lf));
	}
	if (body_cr > 0) {
		join(draft);
		RULES_SAY(draft, WORDS_FINDING_BARE_NEWLINE_BODY_CR, words_count("cr", body_cr));
	}
	rules_say(draft, WORDS_FINDING_BARE_NEWLINE_END);
	rules_field(draft, "commands", FINDING_FIELD_NUMBER, (int64_t)commands);
	rules_field(draft, "replies", FINDING_FIELD_NUMBER, (int64_t)replies);
	rules_field(draft, "line_cr", FINDING_FIELD_NUMBER, (int64_t)returns);
	rules_field(draft, "body_lf", FINDING_FIELD_NUMBER, (int64_t)body_lf);
	rules_field(draft, "body_cr", FINDING_FIELD_NUMBER, (int64_t)body_cr);
	return true;
}

bool rules_nul_byte(const struct record *record, struct rules_draft *draft) {
	uint64_t lines = 0, bytes = 0;

	for (size_t i = 0; i < record->timeline_count; i++) {
		const struct record_timeline_entry *entry = &record->timeline[i];
		uint64_t before = lines + bytes;

		lines += is_anomaly(entry, EVENT_ANOMALY_NUL);
		if (entry->kind == RECORD_BODY && is_text(record, &entry->body))
			bytes += entry->body.nul;
		if (lines + bytes > before)
			rules_add_frame(draft, entry->at.frame);
	}
	if (lines + bytes == 0)
		return false;
	draft->severity = FINDING_LOW;
	RULES_SAY(draft,
		lines == 0   ? WORDS_FINDING_NUL_BYTE_EXPLANATION_BODIES
		: bytes == 0 ? WORDS_FINDING_NUL_BYTE_EXPLANATION_LINES
			     : WORDS_FINDING_NUL_BYTE_EXPLANATION,
		words_count("lines", lines), words_count("bytes", bytes));
	rules_field(draft, "lines", FINDING_FIELD_NUMBER, (int64_t)lines);
	rules_field(draft, "body_bytes", FINDING_FIELD_NUMBER, (int64_t)bytes);
	return true;
}

bool rules_line_too_long(const struct record *record, struct rules_draft *draft) {
	uint64_t lines = 0, messages = 0, longest_line = 0, longest_text = 0;

	for (size_t i = 0; i < record->timeline_count; i++) {
		const struct record_timeline_entry *entry = &record->timeline[i];
		uint64_t length = 0;

		if (is_anomaly(entry, EVENT_ANOMALY_LONG_LINE) || is_anomaly(entry, EVENT_ANOMALY_LINE_TOO_LONG)) {
			bool cut = entry->anomaly.id == EVENT_ANOMALY_LINE_TOO_LONG;

			length = entry->anomaly.amount + (cut ? 12288 : 0); /* of a cut line so much was kept */
			longest_line = length > longest_line ? length : longest_line;
			lines++;
		} else if (entry->kind == RECORD_BODY && entry->body.longest_line > TEXT_LINE_MAX &&
			   is_text(record, &entry->body)) {
			length = entry->body.longest_line;
			longest_text = length > longest_text ? length : longest_text;
			messages++;
		}
		if (length > 0)
			rules_add_frame(draft, entry->at.frame);
	}
	if (lines + messages == 0)
		return false;
	/* Messages with long lines are many, and most servers take them or break the lines. */
	draft->severity = lines > 0 ? FINDING_LOW : FINDING_INFO;
	if (lines > 0)
		RULES_SAY(draft, WORDS_FINDING_LINE_TOO_LONG_LINES, words_count("lines", lines),
			words_count("bytes", longest_line));
	if (lines > 0 && messages > 0)
		rules_say(draft, WORDS_SENTENCES_JOIN);
	if (messages > 0)
		RULES_SAY(draft, WORDS_FINDING_LINE_TOO_LONG_MESSAGES, words_count("messages", messages),
			words_count("bytes", longest_text));
	rules_field(draft, "lines", FINDING_FIELD_NUMBER, (int64_t)lines);
	rules_field(draft, "messages", FINDING_FIELD_NUMBER, (int64_t)messages);
	rules_field(draft, "longest", FINDING_FIELD_NUMBER,
		(int64_t)(longest_line > longest_text ? longest_line : longest_text));
	return true;
}

/* ---- Injection through an address or parameter ---- */

static bool has(struct slice text, const char *what) {
	size_t len = strlen(what);

	return text.data != NULL && text.len >= len && memmem(text.data, text.len, what, len) != NULL;
}

static bool has_control(struct slice text) {
	for (size_t i = 0; i < text.len; i++) {
		unsigned char byte = (unsigned char)text.data[i];

		if ((byte < ' ' && byte != '\t') || byte == 0x7f)
			return true;
	}
	return false;
}

static int hex_digit(char c) {
	return ascii_is_digit(c) ? c - '0' : ascii_upper(c) >= 'A' && ascii_upper(c) <= 'F' ? ascii_upper(c) - 'A' + 10 : -1;
}

/* Is the byte at text, in two digits, CR or LF? */
static bool is_line_end(struct slice text) {
	return text.len >= 2 && hex_digit(text.data[0]) == 0 && (hex_digit(text.data[1]) == 13 || hex_digit(text.data[1]) == 10);
}

/* user%0a.example@relay.example names a domain that begins with 0a, in the old way to route mail. */
static bool is_route(struct slice behind_percent) {
	bool dot = false;

	for (size_t i = 0; i < behind_percent.len; i++) {
		char c = behind_percent.data[i];

		if (c == '@' || c == '>' || c == '%')
			return dot;
		if (!ascii_is_alpha(c) && !ascii_is_digit(c) && c != '-' && c != '.')
			return false;
		dot |= c == '.';
	}
	return false;
}

/* %0d and %0a, as web forms encode line ends. */
static bool has_percent_encoded(struct slice text) {
	for (size_t i = 0; i < text.len; i++)
		if (text.data[i] == '%' && is_line_end(slice_skip(text, i + 1)) && !is_route(slice_skip(text, i + 1)))
			return true;
	return false;
}

/* xtext (RFC 3461, 4): +0D and +0A, in the parameters that are written in it. In an address + is any character. */
static bool has_xtext_encoded(struct slice text) {
	static const char *const parameters[] = {"ORCPT=", "ENVID=", "AUTH="};
	struct slice rest = text, word;

	while ((word = slice_next_word(&rest)).len > 0) {
		bool encoded = false;

		for (size_t i = 0; i < sizeof(parameters) / sizeof(parameters[0]); i++)
			encoded |= slice_begins(word, parameters[i]);
		for (size_t i = 0; encoded && i < word.len; i++)
			if (word.data[i] == '+' && is_line_end(slice_skip(word, i + 1)))
				return true;
	}
	return false;
}

/* Characters that become CR and LF when a program cuts off all but their lowest byte: U+560D and U+560A. */
static bool has_truncated(struct slice text) {
	return has(text, "\xe5\x98\x8d") && has(text, "\xe5\x98\x8a");
}

static const char *find_injection(struct slice argument) {
	while (argument.len > 0 && argument.data[argument.len - 1] == '\r') /* CR CR LF: a line end that was made twice */
		argument.len--;
	/* Nearly all have nothing that any of these could be made of. */
	if (argument.len == 0 || (escape_is_plain(argument.data, argument.len) && memchr(argument.data, '%', argument.len) == NULL &&
								 memchr(argument.data, '+', argument.len) == NULL))
		return NULL;
	if (has_control(argument))
		return "control";
	if (has_percent_encoded(argument))
		return "percent-encoded";
	if (has_xtext_encoded(argument))
		return "xtext";
	if (has_truncated(argument))
		return "truncated-unicode";
	return has(argument, "\\r\\n") ? "escaped" : NULL;
}

/* Commands whose argument goes further: into an envelope, a header line, a look-up. */
static bool has_address(enum verb verb) {
	return verb == VERB_MAIL || verb == VERB_RCPT || verb == VERB_HELO || verb == VERB_EHLO || verb == VERB_LHLO ||
	       verb == VERB_VRFY || verb == VERB_EXPN;
}

bool rules_header_injection(const struct record *record, struct rules_draft *draft) {
	enum { FORMS_MAX = 5 };
	const char *forms[FORMS_MAX];
	const struct event_command *first = NULL;
	struct terminal_text client, argument;
	size_t form_count = 0;
	uint64_t count = 0;

	for (size_t i = 0; i < record->timeline_count; i++) {
		const struct record_timeline_entry *entry = &record->timeline[i];
		const char *form;

		if (entry->kind != RECORD_COMMAND || !has_address(entry->command.verb) || entry->command.argument.len == 0)
			continue;
		form = find_injection(entry->command.argument);
		if (form == NULL)
			continue;
		add_text(forms, &form_count, FORMS_MAX, form);
		first = first != NULL ? first : &entry->command;
		rules_add_frame(draft, entry->at.frame);
		count++;
	}
	if (first == NULL)
		return false;
	draft->severity = FINDING_MEDIUM;
	RULES_SAY(draft, WORDS_FINDING_HEADER_INJECTION_EXPLANATION, words_text("client", piece_client(&client, record)),
		words_count("commands", count), words_text("command", names_verb[first->verb] != NULL ? names_verb[first->verb] : ""),
		words_text("argument", rules_piece_wire(&argument, first->argument, RULES_VALUE_MAX)));
	rules_field_texts(draft, "forms", forms, form_count);
	rules_field(draft, "commands", FINDING_FIELD_NUMBER, (int64_t)count);
	return true;
}

/* ---- Other protocols ---- */

static const char *foreign_words(const struct rules_draft *draft, enum event_foreign speaks) {
	static const char *const names[EVENT_FOREIGN_COUNT] = {
		[EVENT_FOREIGN_HTTP] = "HTTP",
		[EVENT_FOREIGN_SSH] = "SSH",
		[EVENT_FOREIGN_SOCKS] = "SOCKS",
		[EVENT_FOREIGN_POP3] = "POP3",
		[EVENT_FOREIGN_IMAP] = "IMAP",
		[EVENT_FOREIGN_SIP] = "SIP",
		[EVENT_FOREIGN_RDP] = "RDP",
	};

	if (names[speaks] != NULL)
		return names[speaks];
	return rules_words(draft, speaks == EVENT_FOREIGN_BINARY ? WORDS_FINDING_NOT_SMTP_BINARY : WORDS_FINDING_NOT_SMTP_UNKNOWN);
}

/* The client began TLS without a word, where the server spoke in the clear: the mail program is set to the other kind of
 * encryption. */
static bool is_tls_to_clear_server(const struct record *record) {
	if (!record->tls_seen || !record->greeting.seen || record->open.hint == STREAM_HINT_SMTPS || !rules_is_whole(record))
		return false;
	for (size_t i = 0; i < record->timeline_count; i++) {
		const struct record_timeline_entry *entry = &record->timeline[i];

		if (entry->kind == RECORD_TLS)
			return entry->tls.step == EVENT_TLS_CLIENT_HELLO;
		if (entry->kind == RECORD_COMMAND)
			return false;
	}
	return false;
}

static bool speaks_tls(const struct record *record, struct rules_draft *draft) {
	static const char *const tls[] = {"tls"}, *const from[] = {"client"};
	struct terminal_text server, port;

	draft->severity = FINDING_MEDIUM;
	terminal_text_init(&port, false);
	terminal_text_format(&port, "%u", record->open.server.port);
	RULES_SAY(draft, WORDS_FINDING_NOT_SMTP_EXPLANATION_TLS, words_text("server", piece_server(&server, record)),
		words_text("port", port.data));
	rules_add_frame(draft, record->tls_at.frame);
	rules_add_frame(draft, record->greeting.at.frame);
	rules_field_texts(draft, "speaks", tls, 1);
	rules_field_texts(draft, "from", from, 1);
	return true;
}

bool rules_not_smtp(const struct record *record, struct rules_draft *draft) {
	static const char *const sides[] = {[RECORD_FROM_CLIENT] = "client", [RECORD_FROM_SERVER] = "server"};
	enum { SPOKEN_MAX = 4 };
	const char *spoken[SPOKEN_MAX], *from[2];
	size_t spoken_count = 0, from_count = 0;
	const struct record_timeline_entry *told = NULL;
	struct terminal_text client, server;
	uint64_t commands = 0;

	if (is_tls_to_clear_server(record))
		return speaks_tls(record, draft);
	for (size_t i = 0; i < record->timeline_count; i++) {
		const struct record_timeline_entry *entry = &record->timeline[i];

		if (told != NULL && entry->kind == RECORD_COMMAND && entry->command.verb != VERB_OTHER)
			commands++;
		if (!is_anomaly(entry, EVENT_ANOMALY_NOT_SMTP))
			continue;
		if (told == NULL || told->anomaly.speaks == EVENT_FOREIGN_UNKNOWN)
			told = entry;
		add_text(spoken, &spoken_count, SPOKEN_MAX, names_foreign[entry->anomaly.speaks]);
		add_text(from, &from_count, 2, sides[entry->from]);
		rules_add_frame(draft, entry->at.frame);
	}
	if (told == NULL)
		return false;
	/* A server that is none, and commands hidden in something else (a web page that posts to port 25), matter more than somebody who
	 * knocks at every port. */
	draft->severity = told->from == RECORD_FROM_SERVER || commands > 0 ? FINDING_MEDIUM : FINDING_LOW;
	RULES_SAY(draft,
		told->from == RECORD_FROM_SERVER ? WORDS_FINDING_NOT_SMTP_EXPLANATION_SERVER : WORDS_FINDING_NOT_SMTP_EXPLANATION,
		words_text("client", piece_client(&client, record)), words_text("server", piece_server(&server, record)),
		words_text("protocol", foreign_words(draft, told->anomaly.speaks)));
	if (commands > 0)
		RULES_SAY(draft, WORDS_FINDING_NOT_SMTP_COMMANDS, words_count("commands", commands));
	rules_field_texts(draft, "speaks", spoken, spoken_count);
	rules_field_texts(draft, "from", from, from_count);
	if (commands > 0)
		rules_field(draft, "commands", FINDING_FIELD_NUMBER, (int64_t)commands);
	return true;
}
