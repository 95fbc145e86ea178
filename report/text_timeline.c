/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Columns of a timeline line:  !  time  frame  arrow  words on the wire          meaning
 * A meaning that does not fit beside the words goes below them. Every line keeps to the width, whatever the wire says.
 */
#include "report/text_timeline.h"

#include <inttypes.h>
#include <string.h>
#include <strings.h>

#include "report/meaning.h"
#include "report/text_session.h"
#include "report/text_tls.h"

enum {
	TIME_WIDTH = 8,
	FRAME_WIDTH_MIN = 5, /* as wide as its heading */
	MEANING_GAP = 2,     /* blanks between words and meaning */
	LINE_ROWS_MAX = 4,   /* rows of one command or extension; longer ones are cut */
	REPLY_ROWS_MAX = 10, /* rows of one reply */
};

/* Where the timeline stands; what later lines need to know of earlier ones. */
struct timeline {
	const struct record *record;
	double unit_ns; /* of the time column */
	int frame_width;
	size_t words_column;
	uint32_t auth_command; /* id of the AUTH command that steps belong to */
	struct slice mechanism;
	unsigned auth_responses;  /* seen so far, the initial one included */
	unsigned auth_challenges; /* 334 replies seen so far */
	bool auth_cancelled;
	uint32_t last_chunk; /* id of the BDAT command that ends a message */
};

/* Writes what our side says about the words before the cursor: beside them when there is room, else below. Words of the wire
 * begin at words_column. */
static void put_meaning(struct text_page *page, enum text_style style, const struct terminal_text *meaning,
	size_t words_column, bool beside) {
	size_t wanted = words_column + (page->width - words_column) / 2;
	size_t start = page->column + MEANING_GAP;

	if (meaning->len == 0)
		return;
	if (beside && start + meaning->columns <= page->width) {
		/* In its own column if it fits there, further left if it does not. */
		if (start < wanted)
			start = wanted + meaning->columns <= page->width ? wanted : page->width - meaning->columns;
		text_page_pad_to(page, start);
		text_page_put_text(page, style, meaning);
		return;
	}
	text_page_newline(page);
	text_page_pad_to(page, words_column + 2);
	text_page_paint(page, style);
	text_page_put(page, page->symbols->below, strlen(page->symbols->below), 2);
	text_page_unpaint(page, style);
	text_page_flow(page, style, meaning, words_column + 4, 3);
}

/* The columns before the words: a mark on what went wrong, relative time, frame, direction. */
static void put_prefix(
	struct text_page *page, const struct timeline *timeline, const struct record_timeline_entry *entry, char mark) {
	const struct text_symbols *symbols = page->symbols;
	double time = (double)(entry->at.time_ns - timeline->record->open.first.time_ns) / timeline->unit_ns;
	enum text_style style = entry->from == RECORD_FROM_CLIENT ? TEXT_STYLE_CLIENT : TEXT_STYLE_SERVER;
	struct terminal_text text;

	text_page_text(page, &text);
	terminal_text_format(&text, "%c", mark);
	text_page_put_text(page, mark == '!' ? TEXT_STYLE_BAD : mark == '?' ? TEXT_STYLE_LOST : TEXT_STYLE_PLAIN, &text);
	text_page_text(page, &text);
	terminal_text_format(&text, "%*.3f %*" PRIu64 "  ", TIME_WIDTH, time, timeline->frame_width, entry->at.frame);
	text_page_put_text(page, TEXT_STYLE_DIM, &text);
	if (entry->from == RECORD_FROM_NETWORK)
		style = TEXT_STYLE_DIM;
	text_page_paint(page, style);
	text_page_put_symbol(page, entry->from == RECORD_FROM_CLIENT   ? symbols->to_server
				   : entry->from == RECORD_FROM_SERVER ? symbols->to_client
								       : symbols->network);
	text_page_unpaint(page, style);
	text_page_pad_to(page, timeline->words_column);
}

/* Writes one step: words in their style, and the meaning beside or below. */
static void put_step(struct text_page *page, const struct timeline *timeline, enum text_style style,
	const struct terminal_text *words, enum text_style meaning_style, const struct terminal_text *meaning) {
	size_t rows = text_page_flow(page, style, words, timeline->words_column + 2, LINE_ROWS_MAX);

	put_meaning(page, meaning_style, meaning, timeline->words_column, rows == 1);
	text_page_newline(page);
}

static bool mechanism_is(const struct timeline *timeline, const char *name) {
	return timeline->mechanism.len == strlen(name) && memcmp(timeline->mechanism.data, name, strlen(name)) == 0;
}

/* The words for what a client's response in an AUTH exchange is; the response itself never leaves the decoder. */
static void add_response(
	struct text_page *page, struct terminal_text *text, const struct timeline *timeline, const struct event_auth *auth) {
	bool login = mechanism_is(timeline, "LOGIN"), password = login || mechanism_is(timeline, "PLAIN");
	struct terminal_text user;

	if (!auth->has_username || (login && timeline->auth_responses > 1)) {
		terminal_text_add(
			text, text_page_words(page, login && timeline->auth_responses <= 1 ? WORDS_TEXT_RESPONSE_USER_NAME
						    : password                             ? WORDS_TEXT_RESPONSE_PASSWORD
											   : WORDS_TEXT_RESPONSE));
		return;
	}
	text_page_text(page, &user);
	text_page_add_user(page, &user, auth->username);
	TEXT_ADD(page, text,
		login      ? WORDS_TEXT_RESPONSE_USER
		: password ? WORDS_TEXT_RESPONSE_USER_AND_PASSWORD
			   : WORDS_TEXT_RESPONSE_USER_AND,
		words_text("user", user.data));
}

/* Returns the response that came with the AUTH command itself, if the next entry is that. */
static const struct event_auth *initial_response(const struct record *record, size_t index) {
	const struct record_timeline_entry *entry = &record->timeline[index], *next = entry + 1;

	if (index + 1 >= record->timeline_count || next->kind != RECORD_AUTH || next->auth.step != EVENT_AUTH_RESPONSE ||
		next->at.frame != entry->at.frame || next->auth.command != entry->command.id ||
		!entry->command.argument_withheld)
		return NULL;
	return &next->auth;
}

/* RFC 3030, 2: BDAT size [ SP LAST ] */
static bool is_last_chunk(struct slice argument) {
	return argument.len > 5 && strncasecmp(argument.data + argument.len - 5, " LAST", 5) == 0;
}

static void add_command_meaning(struct text_page *page, struct terminal_text *meaning, const struct record *record,
	const struct event_command *command, const struct event_auth *initial) {
	struct terminal_text value;

	text_page_text(page, &value);
	if (command->verb == VERB_AUTH && initial != NULL && initial->has_username) {
		text_page_add_user(page, &value, initial->username);
		TEXT_ADD(page, meaning, WORDS_TEXT_AUTH_AS, words_text("user", value.data));
	} else if (command->verb == VERB_AUTH && command->argument.len > 0) {
		terminal_text_wire(&value, command->argument, 20);
		TEXT_ADD(page, meaning, WORDS_TEXT_AUTH_WITH, words_text("mechanism", value.data));
	} else if (command->verb == VERB_MAIL && command->authenticated == EVENT_AUTHENTICATED_YES) {
		terminal_text_add(meaning, text_page_words(page, WORDS_TEXT_SENDER_LOGGED_IN));
	} else if (command->verb == VERB_MAIL && command->authenticated == EVENT_AUTHENTICATED_NO &&
		   record->offered_count > 0) {
		terminal_text_add(meaning, text_page_words(page, WORDS_TEXT_SENDER_NOT_LOGGED_IN));
	} else if (command->verb == VERB_RCPT && command->recipient > 1) {
		TEXT_ADD(page, meaning, WORDS_TEXT_RECIPIENT_NUMBER, words_count("number", command->recipient));
	} else if (command->name.len > 0) {
		terminal_text_add(meaning, meaning_command(command->verb, command->name, page->words));
	}
}

/* Returns how many entries it took. */
static size_t put_command(struct text_page *page, struct timeline *timeline, size_t index) {
	const struct record_timeline_entry *entry = &timeline->record->timeline[index];
	const struct event_command *command = &entry->command;
	const struct event_auth *initial = NULL;
	struct terminal_text words, meaning;
	enum text_style style = TEXT_STYLE_DIM;

	text_page_text(page, &words);
	text_page_text(page, &meaning);
	if (command->name.len == 0)
		terminal_text_add(&words, text_page_words(page, WORDS_TEXT_LINE_WITHHELD));
	terminal_text_wire(&words, command->name, 40);
	if (command->argument.len > 0) {
		terminal_text_add(&words, " ");
		terminal_text_wire(&words, command->argument, 1000);
	}
	if (command->argument_withheld && command->name.len > 0)
		terminal_text_add(&words, " ****");

	if (command->verb == VERB_AUTH) {
		timeline->auth_command = command->id;
		timeline->mechanism = command->argument;
		timeline->auth_responses = command->argument_withheld;
		timeline->auth_challenges = 0;
		timeline->auth_cancelled = false;
		initial = initial_response(timeline->record, index);
	} else if (command->verb == VERB_BDAT && is_last_chunk(command->argument)) {
		timeline->last_chunk = command->id;
	}
	if (command->verb == VERB_MAIL && command->authenticated == EVENT_AUTHENTICATED_NO &&
		text_session_expects_login(timeline->record))
		style = TEXT_STYLE_WARN;
	add_command_meaning(page, &meaning, timeline->record, command, initial);
	put_prefix(page, timeline, entry, ' ');
	put_step(page, timeline, TEXT_STYLE_PLAIN, &words, style, &meaning);
	return initial != NULL ? 2 : 1;
}

static enum text_style reply_style(uint16_t code) {
	return code >= 500 ? TEXT_STYLE_BAD : code >= 400 ? TEXT_STYLE_WARN : TEXT_STYLE_PLAIN;
}

static bool begins_with(const struct record_capabilities *list, struct slice line) {
	return list->line_count > 0 && line.len > 0 && list->lines[0].len == line.len &&
	       memcmp(list->lines[0].data, line.data, line.len) == 0;
}

static bool is_capability_list(const struct record *record, const struct event_reply *reply) {
	if (reply->code / 100 != 2 || reply->line_count < 2)
		return false;
	if (reply->answers == EVENT_ANSWERS_COMMAND)
		return reply->verb == VERB_EHLO || reply->verb == VERB_LHLO;
	/* The decoder may have known it for one although the command was not captured. */
	return reply->answers == EVENT_ANSWERS_UNKNOWN &&
	       (begins_with(&record->clear, reply->lines[1]) || begins_with(&record->tls_capabilities, reply->lines[1]));
}

/* The extensions of an EHLO reply in one paragraph. A name is never torn from its parameters if a row can hold both. */
static void put_capabilities(struct text_page *page, const struct event_reply *reply, size_t indent) {
	const char *dot = page->symbols->dot;
	const size_t dot_columns = 3;

	text_page_newline(page);
	text_page_pad_to(page, indent);
	for (size_t i = 1; i < reply->line_count; i++) {
		struct terminal_text text;

		text_page_text(page, &text);
		terminal_text_wire(&text, reply->lines[i], 300);
		if (i > 1 && page->column + dot_columns + text.columns > page->width) {
			text_page_newline(page);
			text_page_pad_to(page, indent);
		} else if (i > 1) {
			text_page_pad_to(page, page->column + 1);
			text_page_paint(page, TEXT_STYLE_DIM);
			text_page_put(page, dot + 1, strlen(dot) - 2, 1);
			text_page_unpaint(page, TEXT_STYLE_DIM);
			text_page_pad_to(page, page->column + 1);
		}
		text_page_flow(page, TEXT_STYLE_PLAIN, &text, indent + 2, LINE_ROWS_MAX);
	}
}

/* A line that brings its own status code, because the lines of the reply differ in it. */
static bool starts_with_status(struct slice line) {
	return line.len > 4 && line.data[0] >= '2' && line.data[0] <= '5' && line.data[1] == '.' && line.data[2] >= '0' &&
	       line.data[2] <= '9';
}

static enum words_id challenge_words(const struct timeline *timeline) {
	if (mechanism_is(timeline, "LOGIN") && timeline->auth_challenges + timeline->auth_responses < 3)
		return timeline->auth_responses > 0 ? WORDS_TEXT_ASKS_PASSWORD : WORDS_TEXT_ASKS_USER_NAME;
	return mechanism_is(timeline, "PLAIN") ? WORDS_TEXT_ASKS_BOTH : WORDS_TEXT_CHALLENGE;
}

static bool is_challenge(const struct event_reply *reply) {
	return reply->code == 334 || (reply->code / 100 == 3 && (reply->answers == EVENT_ANSWERS_AUTH ||
		(reply->answers == EVENT_ANSWERS_COMMAND && reply->verb == VERB_AUTH)));
}

static void add_reply_meaning(
	struct text_page *page, struct terminal_text *meaning, struct timeline *timeline, const struct event_reply *reply) {
	struct terminal_text duration;

	if (is_challenge(reply)) {
		terminal_text_add(meaning, text_page_words(page, challenge_words(timeline)));
		timeline->auth_challenges++;
	} else if (reply->answers == EVENT_ANSWERS_AUTH && timeline->auth_cancelled && reply->code >= 500) {
		/* RFC 4954, 4: 501 is what the client asked for */
		terminal_text_add(meaning, text_page_words(page, WORDS_TEXT_LOGIN_CANCELLED));
	} else if (is_capability_list(timeline->record, reply)) {
		TEXT_ADD(page, meaning, WORDS_TEXT_OFFERS,
			words_count("count", reply->line_count - 1 + reply->lines_over_limit));
	} else {
		struct event_reply told = *reply;

		if (reply->answers == EVENT_ANSWERS_COMMAND && (reply->verb == VERB_BDAT || reply->verb == VERB_BURL) &&
			reply->command == timeline->last_chunk)
			told.answers = EVENT_ANSWERS_BODY;
		meaning_add_reply(meaning, &told, page->words);
		if (reply->recipient > 1 && reply->code < 400)
			terminal_text_format(meaning, " (%u)", (unsigned)reply->recipient);
	}
	if (reply->answers == EVENT_ANSWERS_NOTHING && reply->code != 421)
		terminal_text_add(meaning, text_page_words(page, WORDS_TEXT_UNASKED));
	else if (reply->answers == EVENT_ANSWERS_UNKNOWN && reply->code / 100 != 3 && reply->code != 0)
		terminal_text_add(meaning, text_page_words(page, WORDS_TEXT_COMMAND_NOT_CAPTURED));
	if (reply->latency_ns >= 1000000000) {
		text_page_text(page, &duration);
		text_page_add_duration(page, &duration, reply->latency_ns);
		TEXT_ADD(page, meaning, WORDS_TEXT_AFTER, words_text("duration", duration.data));
	}
}

/* Appends "(3 more lines)" for what was not kept. */
static void add_more_lines(const struct text_page *page, struct terminal_text *words, uint64_t over) {
	if (over == 0)
		return;
	if (words->len > 0 && words->data[words->len - 1] != ' ')
		terminal_text_add(words, " ");
	TEXT_ADD(page, words, WORDS_TEXT_MORE_LINES, words_count("count", over));
}

/* Writes the text of a reply after its code, which is in words. Lines keep their rows if each fits into one; otherwise all
 * flow together as one paragraph. Returns whether all of it is in the row of the code. */
static bool put_reply_lines(
	struct text_page *page, const struct event_reply *reply, size_t indent, struct terminal_text *words) {
	enum text_style style = reply_style(reply->code);
	size_t shown = reply->line_count < REPLY_ROWS_MAX ? reply->line_count : REPLY_ROWS_MAX;
	size_t rows = 0;
	bool rows_kept = true;

	if (reply->text_withheld)
		terminal_text_add(words, "****");
	for (size_t i = 0; i < reply->line_count && rows_kept; i++)
		rows_kept = reply->lines[i].len <= page->width - indent - (i == 0 ? words->columns : 0);
	if (!rows_kept || reply->line_count == 0) {
		for (size_t i = 0; i < reply->line_count && !words->full; i++) {
			terminal_text_add(words, i > 0 ? " " : "");
			terminal_text_wire(words, reply->lines[i], TERMINAL_TEXT_MAX);
		}
		add_more_lines(page, words, reply->lines_over_limit);
		return text_page_flow(page, style, words, indent, REPLY_ROWS_MAX) == 1;
	}
	for (size_t i = 0; i < shown; i++) {
		if (i > 0) {
			text_page_newline(page);
			text_page_pad_to(page, indent);
			terminal_text_init(words, page->ascii);
		}
		terminal_text_wire(words, reply->lines[i], TERMINAL_TEXT_MAX);
		if (i + 1 == shown)
			add_more_lines(page, words, reply->line_count - shown + reply->lines_over_limit);
		rows += text_page_flow(page, style, words, indent, 2);
	}
	return rows == 1;
}

/* Returns how many entries it took. */
static size_t put_reply(struct text_page *page, struct timeline *timeline, size_t index) {
	const struct record_timeline_entry *entry = &timeline->record->timeline[index], *next = entry + 1;
	const struct event_reply *reply = &entry->reply;
	struct terminal_text words, meaning;
	size_t indent = timeline->words_column + 4, taken = 1;
	bool one_row;

	text_page_text(page, &words);
	text_page_text(page, &meaning);
	add_reply_meaning(page, &meaning, timeline, reply);
	put_prefix(page, timeline, entry,
		reply->code >= 400 || reply->answers == EVENT_ANSWERS_NOTHING ? '!'
		: reply->code == 0                                            ? '?'
									      : ' ');
	if (reply->code == 0) {
		terminal_text_add(&words, text_page_words(page, WORDS_TEXT_REPLY));
	} else {
		terminal_text_format(&words, "%u ", reply->code);
		if (reply->enhanced.len > 0 && !(reply->line_count > 0 && starts_with_status(reply->lines[0]))) {
			terminal_text_wire(&words, reply->enhanced, 12);
			terminal_text_add(&words, " ");
		}
		if (reply->incomplete) {
			terminal_text_add(&words, text_page_words(page, WORDS_TEXT_START_LOST));
			terminal_text_add(&words, " ");
		}
	}
	if (is_capability_list(timeline->record, reply)) {
		terminal_text_wire(&words, reply->lines[0], 200);
		one_row = text_page_flow(page, TEXT_STYLE_PLAIN, &words, indent, LINE_ROWS_MAX) == 1;
	} else {
		one_row = put_reply_lines(page, reply, indent, &words);
	}
	put_meaning(page, reply->code >= 400 ? reply_style(reply->code) : TEXT_STYLE_DIM, &meaning, timeline->words_column,
		one_row);
	if (is_capability_list(timeline->record, reply))
		put_capabilities(page, reply, indent);
	text_page_newline(page);
	/* The challenge in the reply may also be a step of its own. */
	if (is_challenge(reply) && index + 1 < timeline->record->timeline_count && next->kind == RECORD_AUTH &&
		next->auth.step == EVENT_AUTH_CHALLENGE)
		taken++;
	return taken;
}

static void put_auth(struct text_page *page, struct timeline *timeline, const struct record_timeline_entry *entry) {
	const struct event_auth *auth = &entry->auth;
	struct terminal_text words, meaning;

	text_page_text(page, &words);
	text_page_text(page, &meaning);
	if (timeline->auth_command != auth->command) { /* its command fell into a gap */
		timeline->auth_command = auth->command;
		timeline->mechanism = auth->mechanism;
		timeline->auth_responses = timeline->auth_challenges = 0;
	}
	switch (auth->step) {
	case EVENT_AUTH_CHALLENGE:
		terminal_text_add(&words, "334 ****");
		terminal_text_add(&meaning, text_page_words(page, WORDS_TEXT_CHALLENGE));
		timeline->auth_challenges++;
		break;
	case EVENT_AUTH_RESPONSE:
		timeline->auth_responses++;
		terminal_text_add(&words, "****");
		add_response(page, &meaning, timeline, auth);
		break;
	case EVENT_AUTH_CANCEL:
		terminal_text_add(&words, "*");
		terminal_text_add(&meaning, text_page_words(page, WORDS_TEXT_GIVES_UP));
		timeline->auth_cancelled = true;
		break;
	}
	put_prefix(page, timeline, entry, ' ');
	put_step(page, timeline, TEXT_STYLE_PLAIN, &words, TEXT_STYLE_DIM, &meaning);
}

static void put_body(struct text_page *page, struct timeline *timeline, const struct record_timeline_entry *entry) {
	const struct event_body *body = &entry->body;
	int64_t duration = entry->at.time_ns - body->start_ns;
	struct terminal_text words, meaning, duration_text;

	text_page_text(page, &words);
	text_page_text(page, &meaning);
	TEXT_ADD(page, &words, WORDS_TEXT_BODY, words_count("bytes", body->bytes), words_count("lines", body->lines));
	bool elsewhere = body->verb == VERB_BURL;

	if (elsewhere)
		timeline->last_chunk = body->command;
	if (elsewhere)
		terminal_text_add(&meaning, text_page_words(page, WORDS_TEXT_BODY_ELSEWHERE));
	else if (body->gap_bytes > 0)
		TEXT_ADD(page, &meaning, WORDS_TEXT_BODY_LOST, words_count("bytes", body->gap_bytes));
	else
		terminal_text_add(
			&meaning, text_page_words(page, body->complete ? WORDS_TEXT_BODY_SENT
							: timeline->record->gap_count > 0 || timeline->record->one_sided
								? WORDS_TEXT_BODY_NOT_CAPTURED
								: WORDS_TEXT_BODY_CUT));
	if (body->start_ns > 0 && duration >= 1000000000) {
		text_page_text(page, &duration_text);
		text_page_add_duration(page, &duration_text, duration);
		TEXT_ADD(page, &meaning, WORDS_TEXT_BODY_IN, words_text("duration", duration_text.data));
	}
	put_prefix(page, timeline, entry, body->gap_bytes > 0 || (!body->complete && !elsewhere) ? '?' : ' ');
	put_step(page, timeline, TEXT_STYLE_PLAIN, &words, TEXT_STYLE_DIM, &meaning);
}

/* What happened, when it is neither command nor reply. */
static void add_other(const struct text_page *page, struct terminal_text *words, const struct record *record,
	const struct record_timeline_entry *entry) {
	struct terminal_text duration;

	switch (entry->kind) {
	case RECORD_CONNECT:
		if (entry->handshake_ns < 0) {
			terminal_text_add(words, text_page_words(page, WORDS_TEXT_CONNECTED));
			break;
		}
		text_page_text(page, &duration);
		text_page_add_duration(page, &duration, entry->handshake_ns);
		TEXT_ADD(page, words, WORDS_TEXT_CONNECTED_IN, words_text("duration", duration.data));
		break;
	case RECORD_TLS:
		text_tls_add_step(page, words, &entry->tls);
		break;
	case RECORD_GAP:
		TEXT_ADD(page, words, entry->gap.side == STREAM_CLIENT ? WORDS_TEXT_GAP_CLIENT : WORDS_TEXT_GAP_SERVER,
			words_count("bytes", entry->gap.bytes));
		break;
	case RECORD_ANOMALY:
		terminal_text_add(words, "(");
		terminal_text_add(words, meaning_anomaly(entry->anomaly.id, page->words));
		if (entry->anomaly.name != NULL) {
			terminal_text_add(words, ": ");
			terminal_text_add(words, entry->anomaly.name);
		}
		if (entry->anomaly.amount > 0) {
			terminal_text_add(words, ": ");
			terminal_text_count(words, entry->anomaly.amount);
		}
		terminal_text_add(words, ")");
		break;
	default:
		terminal_text_add(words, meaning_close(record->close.how, page->words));
		if (entry->kind == RECORD_FAILED && record->close.icmp != NULL) {
			terminal_text_add(words, ": ICMP ");
			terminal_text_wire(words, (struct slice){record->close.icmp, strlen(record->close.icmp)}, 60);
		}
		break;
	}
}

static void put_other(struct text_page *page, struct timeline *timeline, const struct record_timeline_entry *entry) {
	static const struct {
		enum text_style style;
		char mark;
	} looks[] = {
		[RECORD_TLS] = {TEXT_STYLE_PLAIN, ' '},
		[RECORD_GAP] = {TEXT_STYLE_LOST, '?'},
		[RECORD_ANOMALY] = {TEXT_STYLE_WARN, '!'},
		[RECORD_FAILED] = {TEXT_STYLE_BAD, '!'},
		[RECORD_CONNECT] = {TEXT_STYLE_DIM, ' '},
		[RECORD_CLOSE] = {TEXT_STYLE_DIM, ' '},
	};
	const struct record *record = timeline->record;
	struct terminal_text words, meaning;

	text_page_text(page, &words);
	text_page_text(page, &meaning);
	add_other(page, &words, record, entry);
	if (entry->kind == RECORD_TLS)
		text_tls_add_meaning(page, &meaning, &entry->tls);
	else if (entry->kind == RECORD_FAILED && record->close.syn_retries > 0)
		TEXT_ADD(page, &meaning, WORDS_TEXT_TRIES, words_count("tries", record->close.syn_retries + 1));
	bool failure = entry->kind == RECORD_TLS && text_tls_is_failure(&entry->tls);
	put_prefix(page, timeline, entry, failure ? '!' : looks[entry->kind].mark);
	put_step(page, timeline, failure ? TEXT_STYLE_BAD : looks[entry->kind].style, &words, TEXT_STYLE_DIM, &meaning);
}

/* Writes a heading that ends at a column. */
static void put_right(struct text_page *page, const char *words, size_t column) {
	text_page_pad_to(page, column - text_page_columns(page, words));
	text_page_put_words(page, TEXT_STYLE_DIM, words);
}

void text_timeline_put(struct text_page *page, const struct record *record) {
	/* Within a second milliseconds tell more. */
	bool short_session = record->close.last.time_ns - record->open.first.time_ns < 1000000000;
	struct timeline timeline = {.record = record, .unit_ns = short_session ? 1e6 : 1e9, .frame_width = FRAME_WIDTH_MIN};
	struct terminal_text text;

	for (uint64_t frame = record->close.last.frame; frame >= 100000; frame /= 10)
		timeline.frame_width++;
	timeline.words_column = 1 + TIME_WIDTH + 1 + (size_t)timeline.frame_width + 2 + (page->ascii ? 2 : 1) + 1;
	text_page_newline(page);
	put_right(page, text_page_words(page, short_session ? WORDS_TEXT_COLUMN_MS : WORDS_TEXT_COLUMN_SECONDS),
		1 + TIME_WIDTH);
	put_right(page, text_page_words(page, WORDS_TEXT_COLUMN_FRAME), 1 + TIME_WIDTH + 1 + (size_t)timeline.frame_width);
	text_page_newline(page);
	for (size_t i = 0; i < record->timeline_count;) {
		const struct record_timeline_entry *entry = &record->timeline[i];

		switch (entry->kind) {
		case RECORD_COMMAND:
			i += put_command(page, &timeline, i);
			break;
		case RECORD_GREETING:
		case RECORD_REPLY:
			i += put_reply(page, &timeline, i);
			break;
		case RECORD_AUTH:
			put_auth(page, &timeline, entry);
			i++;
			break;
		case RECORD_ANOMALY:
			/* The reply itself says that it is one to nothing. */
			if (entry->anomaly.id != EVENT_ANOMALY_UNSOLICITED_REPLY || i + 1 == record->timeline_count ||
				entry[1].kind != RECORD_REPLY || entry[1].reply.answers != EVENT_ANSWERS_NOTHING)
				put_other(page, &timeline, entry);
			i++;
			break;
		case RECORD_BODY:
			put_body(page, &timeline, entry);
			i++;
			break;
		default:
			put_other(page, &timeline, entry);
			i++;
			break;
		}
	}
	if (record->timeline_truncated > 0) {
		text_page_pad_to(page, timeline.words_column);
		text_page_text(page, &text);
		TEXT_ADD(page, &text, WORDS_TEXT_MORE_STEPS, words_count("count", record->timeline_truncated));
		text_page_put_text(page, TEXT_STYLE_LOST, &text);
		text_page_newline(page);
	}
}
