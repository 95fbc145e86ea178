/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Events folded into one session record.
 *
 * An event lives for its callback only, so all that is kept is copied into the arena, each text once: the timeline entry,
 * the mail and the recipient share it. What a verdict rests on is counted as the events pass, also when the thing itself is
 * over a limit and not kept.
 */
#include "report/record.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "report/identity.h"
#include "report/names.h"

enum {
	MESSAGE_FIRST = 1024, /* bytes of an ordinary header */
	MESSAGE_START_MAX = 8 << 10, /* which most headers are shorter than */
	TIMELINE_FIRST = 24, /* entries of an ordinary session with AUTH and one mail */
	OFFERED_MAX = 64,
	REFUSED_FROM = 400, /* reply codes from here on are refusals (RFC 5321, 4.2.1) */
	BUSY = 421,
	CHALLENGE = 300, /* 334 asks for more, and is no answer to the attempt (RFC 4954, 4); nor is any other 3yz */
};

/* -- copies -- */

static bool has_room(const struct record *record, size_t size) {
	return record->arena.taken < RECORD_BYTES_MAX && size <= RECORD_BYTES_MAX - record->arena.taken;
}

static struct slice keep(struct record *record, struct slice text) {
	if (text.len == 0 || !has_room(record, text.len))
		return (struct slice){NULL, 0};
	return (struct slice){arena_copy(&record->arena, text.data, text.len), text.len};
}

static bool equal(struct slice one, struct slice other) {
	return one.len == other.len && (one.len == 0 || memcmp(one.data, other.data, one.len) == 0);
}

static struct slice keep_name(struct record *record, enum verb verb, struct slice name) {
	if (verb < VERB_COUNT && names_verb[verb] != NULL) {
		struct slice usual = {names_verb[verb], strlen(names_verb[verb])};
		if (equal(name, usual))
			return usual;
	}
	return keep(record, name);
}

/* One copy for the many steps of an exchange that repeat the same text. */
static struct slice keep_unless_same(struct record *record, struct slice text, struct slice kept) {
	return equal(text, kept) ? kept : keep(record, text);
}

static struct slice *keep_lines(struct record *record, const struct slice *lines, size_t count) {
	size_t size = count * sizeof(*lines);
	for (size_t i = 0; i < count; i++)
		size += lines[i].len;
	if (count == 0 || !has_room(record, size))
		return NULL;
	struct slice *kept = arena_alloc_uninitialised(&record->arena, count * sizeof(*kept));
	for (size_t i = 0; i < count; i++)
		kept[i] = keep(record, lines[i]);
	return kept;
}

/* Text that may be a part of another, of which there is a copy. */
static struct slice keep_within(struct record *record, struct slice text, struct slice whole, struct slice kept_whole) {
	if (text.len == 0 || whole.len == 0 || text.data < whole.data || text.data + text.len > whole.data + whole.len)
		return keep(record, text);
	if (kept_whole.len == 0) /* no room */
		return (struct slice){NULL, 0};
	return (struct slice){kept_whole.data + (text.data - whole.data), text.len};
}

static const struct event_parameter *keep_parameters(
	struct record *record, const struct event_command *command, size_t *ret_count) {
	*ret_count = 0;
	if (command->parameter_count == 0 || !has_room(record, command->parameter_count * sizeof(*command->parameters)))
		return NULL;
	struct event_parameter *kept =
		arena_alloc_uninitialised(&record->arena, command->parameter_count * sizeof(*command->parameters));
	for (size_t i = 0; i < command->parameter_count; i++) {
		const struct event_parameter *from = &command->parameters[i];
		kept[i] = *from;
		kept[i].keyword = keep(record, from->keyword);
		kept[i].value = keep(record, from->value);
		kept[i].type = keep_within(record, from->type, from->value, kept[i].value);
		kept[i].text = keep_within(record, from->text, from->value, kept[i].value);
	}
	*ret_count = command->parameter_count;
	return kept;
}

static struct event_reply keep_reply(struct record *record, const struct event_reply *reply) {
	struct event_reply kept = *reply;
	kept.lines = keep_lines(record, reply->lines, reply->line_count);
	if (kept.lines == NULL) {
		kept.line_count = 0;
		kept.lines_over_limit += reply->line_count;
	}
	kept.enhanced = keep(record, reply->enhanced);
	kept.verb_name = keep_name(record, reply->verb, reply->verb_name);
	return kept;
}

static struct record_reply short_reply(const struct event_reply *kept, struct stream_moment at) {
	return (struct record_reply){
		.seen = true,
		.code = kept->code,
		.enhanced = kept->enhanced,
		.lines = kept->lines,
		.line_count = kept->line_count,
		.at = at,
	};
}

/* -- timeline -- */

static enum record_from from_side(enum stream_side side) {
	return side == STREAM_CLIENT ? RECORD_FROM_CLIENT : RECORD_FROM_SERVER;
}

/* The array is moved to twice its room. What it leaves behind stays in the arena until the session ends: at most as much
 * again. */
static void timeline_grow(struct record *record) {
	size_t capacity = record->timeline_capacity == 0 ? TIMELINE_FIRST : record->timeline_capacity * 2;
	struct record_timeline_entry *entries = arena_alloc_uninitialised(&record->arena, capacity * sizeof(*entries));
	if (record->timeline_count > 0)
		memcpy(entries, record->timeline, record->timeline_count * sizeof(*entries));
	record->timeline = entries;
	record->timeline_capacity = capacity;
}

static bool timeline_has_room(struct record *record) {
	/* One place is left for the end of the session, which is never dropped. */
	if (record->timeline_count < RECORD_TIMELINE_MAX - 1 && has_room(record, 0))
		return true;
	record->timeline_truncated++;
	return false;
}

static struct record_timeline_entry *timeline_push(
	struct record *record, enum record_timeline_kind kind, enum record_from from, struct stream_moment at) {
	if (record->timeline_count == record->timeline_capacity)
		timeline_grow(record);
	struct record_timeline_entry *entry = &record->timeline[record->timeline_count++];
	memset(entry, 0, sizeof(*entry));
	entry->kind = kind;
	entry->from = from;
	entry->at = at;
	return entry;
}

/* Returns NULL when the timeline is full; the entry is counted then. */
static struct record_timeline_entry *timeline_add(
	struct record *record, enum record_timeline_kind kind, const struct event *event) {
	if (!timeline_has_room(record))
		return NULL;
	return timeline_push(record, kind, from_side(event->from), event->at);
}

/* -- extensions -- */

static const char pipelining[] = "PIPELINING";

static void add_extension(const char **list, size_t *count, const char *keyword) {
	for (size_t i = 0; i < *count; i++)
		if (list[i] == keyword) /* they are constants, each of which there is once */
			return;
	if (keyword != NULL && *count < RECORD_EXTENSIONS_MAX)
		list[(*count)++] = keyword;
}

static void use_extension(struct record *record, const char *keyword) {
	add_extension(record->extensions_used, &record->extensions_used_count, keyword);
}

static bool same_word(struct slice word, struct slice other) {
	return word.len == other.len && strncasecmp(word.data, other.data, word.len) == 0;
}

/* Does a line of the list name the mechanism: "AUTH X Y" (RFC 4954, 3), "AUTH=X Y" (before it was a standard), "X-EXPS X Y"? */
static bool line_offers(struct slice line, struct slice verb, struct slice mechanism) {
	if (line.len <= verb.len || strncasecmp(line.data, verb.data, verb.len) != 0)
		return false;
	for (size_t i = verb.len; i < line.len;) {
		size_t start = i;
		while (i < line.len && memchr(" \t=", line.data[i], 3) == NULL)
			i++;
		if (start == verb.len && i > start)
			return false; /* another keyword that begins like this one */
		if (same_word((struct slice){line.data + start, i - start}, mechanism))
			return true;
		i++;
	}
	return false;
}

/* What the list in force says of a mechanism. */
static enum record_offered is_offered(const struct record *record, struct slice verb, struct slice mechanism) {
	const struct record_capabilities *offer = record->folding.offer;
	if (offer == NULL || mechanism.len == 0)
		return RECORD_OFFERED_UNKNOWN;
	for (size_t i = 0; i < offer->line_count; i++)
		if (line_offers(offer->lines[i], verb, mechanism))
			return RECORD_OFFERED_YES;
	return offer->incomplete ? RECORD_OFFERED_UNKNOWN : RECORD_OFFERED_NO;
}

/* -- attempts, mails, recipients -- */

static struct record_attempt *find_attempt(struct record *record, uint32_t command) {
	struct record_attempt *last = record->folding.attempt_last;
	if (last != NULL && last->command == command)
		return last;
	for (struct record_attempt *attempt = record->attempts; attempt != NULL; attempt = attempt->next)
		if (attempt->command == command)
			return attempt;
	return NULL;
}

/* Returns NULL when there are too many; it is counted then. */
static struct record_attempt *add_attempt(struct record *record, const struct event *event, uint32_t command) {
	record->attempt_count++;
	record->folding.attempts_undecided++;
	if (record->attempts_kept >= RECORD_ATTEMPTS_MAX)
		return NULL;
	struct record_attempt *attempt = arena_alloc(&record->arena, sizeof(*attempt));
	attempt->command = command;
	attempt->at = event->at;
	*record->attempts_tail = attempt;
	record->attempts_tail = &attempt->next;
	record->attempts_kept++;
	record->folding.attempt_last = attempt;
	return attempt;
}

static void keep_names(struct record *record, struct event_auth_names *names, const struct event_auth_names *from) {
	names->authzid = keep(record, from->authzid);
	names->realm = keep(record, from->realm);
	names->service = keep(record, from->service);
	names->domain = keep(record, from->domain);
	names->workstation = keep(record, from->workstation);
	names->target = keep(record, from->target);
	names->channel_binding = keep(record, from->channel_binding);
	names->error = keep(record, from->error);
	names->error_scope = keep(record, from->error_scope);
}

static void describe_attempt(struct record *record, struct record_attempt *attempt, const struct event_auth *auth) {
	if (auth->mechanism.len > 0)
		attempt->mechanism = keep_unless_same(record, auth->mechanism, attempt->mechanism);
	if (auth->has_username) {
		attempt->username = keep_unless_same(record, auth->username, attempt->username);
		attempt->has_username = true;
	}
	if (auth->names != NULL)
		keep_names(record, &attempt->names, auth->names);
}

static struct record_mail *find_mail(struct record *record, uint32_t number) {
	struct record_mail *last = record->folding.mail_last_found;
	if (number == 0)
		return NULL;
	if (last != NULL && last->number == number)
		return last;
	/* Replies to pipelined commands come in order, so that the next one is usually right behind. */
	struct record_mail *mail = last != NULL && last->number < number ? last->next : record->mails;
	while (mail != NULL && mail->number != number)
		mail = mail->next;
	if (mail != NULL)
		record->folding.mail_last_found = mail;
	return mail;
}

/* Returns NULL when there are too many; it is counted then. */
static struct record_mail *add_mail(struct record *record, const struct event *event, uint32_t number) {
	record->mail_count++;
	if (number > record->folding.mail_number_last)
		record->folding.mail_number_last = number;
	if (record->mails_kept >= RECORD_MAILS_MAX) {
		record->folding.mails_over_undecided++;
		return NULL;
	}
	struct record_mail *mail = arena_alloc(&record->arena, sizeof(*mail));
	mail->number = number;
	mail->reversed = event->reversed;
	mail->at = event->at;
	mail->authenticated = EVENT_AUTHENTICATED_UNKNOWN;
	mail->recipients_tail = &mail->recipients;
	*record->mails_tail = mail;
	record->mails_tail = &mail->next;
	record->mails_kept++;
	return mail;
}

/* A transaction of which the MAIL command fell into a gap shows by what follows it. */
static struct record_mail *find_or_add_mail(struct record *record, const struct event *event, uint32_t number) {
	if (number > record->folding.mail_number_last)
		return add_mail(record, event, number);
	return find_mail(record, number);
}

static struct record_recipient *find_recipient(struct record_mail *mail, uint32_t number) {
	struct record_recipient *last = mail->recipient_last_found;
	if (number == 0)
		return NULL;
	if (last != NULL && last->number == number)
		return last;
	struct record_recipient *recipient = last != NULL && last->number < number ? last->next : mail->recipients;
	while (recipient != NULL && recipient->number != number)
		recipient = recipient->next;
	if (recipient != NULL)
		mail->recipient_last_found = recipient;
	return recipient;
}

/* -- one handler for each kind of event -- */

static void identify(struct record *record) {
	struct record_folding *folding = &record->folding;
	if (folding->identity == NULL)
		folding->identity = identity_create();
	if (folding->identity == NULL)
		return; /* the ids stay empty: unknown */
	identity_session(folding->identity, &record->open, record->id);
	identity_community(folding->identity, &record->open.client, &record->open.server, 0, record->community_id);
}

static void open_event(struct record *record, const struct event *event) {
	record->open = *event->open;
	identify(record);
	/* Whether the connection was established is known at its end. Its entry takes the first place now, so that the
	 * timeline need not move then. */
	if (!record->open.midstream)
		timeline_push(record, RECORD_CONNECT, RECORD_FROM_CLIENT, record->open.first)->handshake_ns = -1;
}

static void proxy_event(struct record *record, const struct event *event) {
	record->proxied = event->proxy.has_addresses;
	record->proxy = event->proxy;
	record->proxy_at = event->at;
}

/* RFC 5321, 4.2: the greeting starts with the server's name. Some servers start with something else, and a word that is no
 * host name must not be taken for one: it has a dot or is an address literal, or the next word says what the server speaks.
 */
static struct slice greeting_name(struct slice text) {
	static const char *const next_words[] = {"ESMTP", "SMTP", "LMTP", "ESMTPS"};
	const char *space = text.len > 0 ? memchr(text.data, ' ', text.len) : NULL;
	size_t len = space != NULL ? (size_t)(space - text.data) : text.len;
	const struct slice none = {NULL, 0};
	bool dot = false;
	bool literal = len > 2 && text.data[0] == '[' && text.data[len - 1] == ']';
	for (size_t i = 0; i < len && !literal; i++) {
		char c = text.data[i];
		if (!isalnum((unsigned char)c) && strchr("-._", c) == NULL)
			return none;
		if (c == '.' && i > 0 && i + 1 < len)
			dot = true;
	}
	if (len > 0 && (dot || literal))
		return (struct slice){text.data, len};
	size_t left = text.len - len;
	for (size_t i = 0; i < sizeof(next_words) / sizeof(next_words[0]) && left > 0; i++) {
		size_t word_len = strlen(next_words[i]);
		if (len > 0 && left > word_len && strncasecmp(space + 1, next_words[i], word_len) == 0 &&
			(left == word_len + 1 || space[word_len + 1] == ' '))
			return (struct slice){text.data, len};
	}
	return none;
}

static void greeting_event(struct record *record, const struct event *event) {
	struct event_reply kept = keep_reply(record, &event->reply);
	struct record_timeline_entry *entry = timeline_add(record, RECORD_GREETING, event);
	if (entry != NULL)
		entry->reply = kept;
	if (kept.code == 0 || event->reversed)
		return;
	record->greeting = short_reply(&kept, event->at);
	record->folding.busy |= kept.code == BUSY;
	record->banner_unknown = kept.incomplete || (kept.line_count == 0 && kept.lines_over_limit > 0);
	if (kept.line_count > 0 && !kept.incomplete) {
		record->banner = kept.lines[0];
		record->server_name = greeting_name(record->banner);
	}
}

/* -- what may have been said in a gap -- */

static bool lists(const struct record_capabilities *list, const char *keyword) {
	size_t len = strlen(keyword);
	for (size_t i = 0; i < list->line_count; i++) {
		struct slice line = list->lines[i];
		if (line.len >= len && strncasecmp(line.data, keyword, len) == 0 && (line.len == len || line.data[len] == ' '))
			return true;
	}
	return false;
}

/* XCLIENT and STARTTLS make a session begin anew: the client says another EHLO, with another name perhaps. */
static bool may_begin_anew(const struct record *record) {
	const struct record_capabilities *list = record->tls_capabilities.seen ? &record->tls_capabilities : &record->clear;
	return !list->seen || list->incomplete || lists(list, "XCLIENT") || lists(list, "STARTTLS") || lists(list, "X-ANONYMOUSTLS");
}

/* Bytes of a side are missing, and nothing was heard of the client since bytes of the other one were: it may have been commands with their
 * answers. Of a command alone its answer would tell. */
static void note_lost_exchange(struct record *record, const struct event_gap *gap) {
	static const char shortest_command[] = "EHLO c\n", shortest_reply[] = "250\r\n";
	uint64_t *lost_from = record->folding.lost_from;
	lost_from[gap->side] += gap->bytes;
	if (lost_from[STREAM_CLIENT] < strlen(shortest_command) || lost_from[STREAM_SERVER] < strlen(shortest_reply))
		return;
	record->folding.exchange_lost = true;
	if (may_begin_anew(record))
		record->client_name = (struct slice){NULL, 0};
}

/* What the command was, while it and its copies are at hand. */
static void hello_command(struct record *record, const struct event *event, const struct event_command *kept) {
	(void)event;
	if (!kept->argument_withheld)
		record->client_name = kept->argument;
	if (kept->verb == VERB_HELO)
		record->folding.helo_seen = true;
	else
		record->folding.ehlo_count++;
	record->folding.offer = NULL; /* until its answer is there */
}

static void auth_command(struct record *record, const struct event *event, const struct event_command *kept) {
	struct record_attempt *attempt = add_attempt(record, event, kept->id);
	if (attempt == NULL)
		return;
	attempt->mechanism = kept->argument;
	attempt->verb = kept->name;
	attempt->during_mail = kept->mail != 0;
	attempt->offered = is_offered(record, kept->name, kept->argument);
}

static void mail_command(struct record *record, const struct event *event, const struct event_command *kept) {
	struct record_folding *folding = &record->folding;
	folding->mail_authenticated |= event->command.authenticated == EVENT_AUTHENTICATED_YES;
	folding->mail_not_authenticated |= event->command.authenticated == EVENT_AUTHENTICATED_NO;
	folding->mail_authenticated_unknown |= event->command.authenticated == EVENT_AUTHENTICATED_UNKNOWN && !event->reversed;
	struct record_mail *mail = add_mail(record, event, kept->mail);
	if (mail == NULL)
		return;
	mail->seen = true;
	mail->from = kept->path;
	mail->authenticated = (int)event->command.authenticated;
	if (record->folding.offer != NULL && !event->reversed) {
		mail->size_max = record->folding.offer->size_max;
		mail->size_frame = record->folding.offer->at.frame;
	}
	mail->parameters = keep_parameters(record, &event->command, &mail->parameter_count);
}

static void rcpt_command(struct record *record, const struct event *event, const struct event_command *kept) {
	if (kept->mail == 0)
		return; /* no transaction: it is in the timeline, with the server's answer */
	record->recipient_count++;
	struct record_mail *mail = find_or_add_mail(record, event, kept->mail);
	if (mail == NULL)
		return;
	mail->recipient_count++;
	if (record->recipients_kept >= RECORD_RECIPIENTS_MAX || !has_room(record, sizeof(struct record_recipient)))
		return;
	struct record_recipient *recipient = arena_alloc(&record->arena, sizeof(*recipient));
	recipient->number = kept->recipient;
	recipient->to = kept->path;
	recipient->at = event->at;
	recipient->parameters = keep_parameters(record, &event->command, &recipient->parameter_count);
	*mail->recipients_tail = recipient;
	mail->recipients_tail = &recipient->next;
	mail->recipients_kept++;
	record->recipients_kept++;
}

static void body_command(struct record *record, const struct event *event, const struct event_command *kept) {
	if (kept->mail != 0)
		find_or_add_mail(record, event, kept->mail);
}

static void quit_command(struct record *record, const struct event *event, const struct event_command *kept) {
	(void)event;
	(void)kept;
	record->folding.quit_seen = true;
}

/* Behind TURN and ATRN only mails are kept, beside the timeline: all else that a record says is of the connection's client and server. */
static bool counts_when_reversed(enum verb verb) {
	return verb == VERB_MAIL || verb == VERB_RCPT || verb == VERB_DATA || verb == VERB_BDAT || verb == VERB_BURL;
}

static void command_event(struct record *record, const struct event *event) {
	static void (*const handlers[VERB_COUNT])(struct record *, const struct event *, const struct event_command *) = {
		[VERB_HELO] = hello_command,
		[VERB_EHLO] = hello_command,
		[VERB_LHLO] = hello_command,
		[VERB_AUTH] = auth_command,
		[VERB_MAIL] = mail_command,
		[VERB_RCPT] = rcpt_command,
		[VERB_DATA] = body_command,
		[VERB_BDAT] = body_command,
		[VERB_QUIT] = quit_command,
		[VERB_BURL] = body_command,
	};
	struct event_command kept = event->command;
	record->folding.lost_from[STREAM_CLIENT] = record->folding.lost_from[STREAM_SERVER] = 0;
	kept.name = keep_name(record, kept.verb, kept.name);
	kept.argument = keep(record, kept.argument);
	kept.path = keep(record, kept.path);
	kept.parameters = NULL;
	kept.parameter_count = 0;
	if (kept.extension != NULL && !event->reversed)
		use_extension(record, kept.extension);
	if (kept.pipelined && !event->reversed)
		use_extension(record, pipelining);
	for (size_t i = 0; i < event->command.parameter_count && !event->reversed; i++)
		use_extension(record, event->command.parameters[i].extension);
	struct record_timeline_entry *entry = timeline_add(record, RECORD_COMMAND, event);
	if (entry != NULL)
		entry->command = kept;
	if (kept.verb < VERB_COUNT && handlers[kept.verb] != NULL && (!event->reversed || counts_when_reversed(kept.verb)))
		handlers[kept.verb](record, event, &kept);
}

static void hello_reply(struct record *record, const struct event_reply *reply, struct stream_moment at) {
	(void)at;
	record->folding.hello_refused = reply->code >= REFUSED_FROM;
	if (reply->verb != VERB_HELO && reply->code >= REFUSED_FROM)
		record->folding.ehlo_refused++;
}

static void auth_reply(struct record *record, const struct event_reply *reply, struct stream_moment at) {
	struct record_attempt *attempt = find_attempt(record, reply->command);
	if (attempt != NULL && reply->code / 100 * 100 != CHALLENGE)
		attempt->reply = short_reply(reply, at);
}

static void starttls_reply(struct record *record, const struct event_reply *reply, struct stream_moment at) {
	static const char usual[] = "STARTTLS";
	(void)at;
	record->tls_anonymous = reply->verb_name.len != sizeof(usual) - 1;
	record->folding.starttls_agreed |= reply->code < 300;
	if (reply->code < 300)
		record->folding.offer = NULL; /* RFC 3207, 4.2: what was known of the server is void */
	record->tls_refused = reply->code >= REFUSED_FROM;
}

static void mail_reply(struct record *record, const struct event_reply *reply, struct stream_moment at) {
	record->folding.mail_refused |= reply->code >= REFUSED_FROM;
	struct record_mail *mail = find_mail(record, reply->mail);
	if (mail != NULL)
		mail->reply = short_reply(reply, at);
}

static void rcpt_reply(struct record *record, const struct event_reply *reply, struct stream_moment at) {
	struct record_mail *mail = find_mail(record, reply->mail);
	struct record_recipient *recipient = mail != NULL ? find_recipient(mail, reply->recipient) : NULL;
	if (recipient == NULL)
		return;
	if (reply->code >= REFUSED_FROM)
		mail->recipients_refused++;
	else if (reply->code < 300)
		mail->recipients_accepted++;
	recipient->reply = short_reply(reply, at);
}

static void data_reply(struct record *record, const struct event_reply *reply, struct stream_moment at) {
	record->folding.mail_refused |= reply->code >= REFUSED_FROM && reply->mail != 0;
	struct record_mail *mail = find_mail(record, reply->mail);
	if (mail != NULL)
		mail->data_reply = short_reply(reply, at);
}

static void body_reply(struct record *record, const struct event_reply *reply, struct stream_moment at) {
	record->folding.mail_refused |= reply->code >= REFUSED_FROM && reply->mail != 0;
	struct record_mail *mail = find_mail(record, reply->mail);
	record->folding.unknown_mail_accepted |= reply->mail == 0 && reply->answers == EVENT_ANSWERS_BODY && reply->code / 100 == 2;
	if (mail == NULL)
		return;
	/* Of the chunks of BDAT only the last one's acceptance is the message's (RFC 3030, 2). */
	bool is_last = mail->has_body && mail->body.command == reply->command;
	if (reply->answers == EVENT_ANSWERS_COMMAND && reply->code < REFUSED_FROM && !is_last)
		return;
	mail->body_reply = short_reply(reply, at);
	struct record_recipient *recipient = find_recipient(mail, reply->recipient);
	if (recipient != NULL)
		recipient->body_reply = mail->body_reply;
}

typedef void reply_handler(struct record *, const struct event_reply *, struct stream_moment);

/* What the reply means to the record, by what it answers. */
static reply_handler *find_reply_handler(const struct event_reply *reply) {
	static reply_handler *const of_verb[VERB_COUNT] = {
		[VERB_HELO] = hello_reply,
		[VERB_EHLO] = hello_reply,
		[VERB_LHLO] = hello_reply,
		[VERB_AUTH] = auth_reply,
		[VERB_STARTTLS] = starttls_reply,
		[VERB_MAIL] = mail_reply,
		[VERB_RCPT] = rcpt_reply,
		[VERB_DATA] = data_reply,
		[VERB_BDAT] = body_reply,
		[VERB_BURL] = body_reply,
	};
	switch (reply->answers) {
	case EVENT_ANSWERS_COMMAND:
		return reply->verb < VERB_COUNT ? of_verb[reply->verb] : NULL;
	case EVENT_ANSWERS_AUTH:
		return auth_reply;
	case EVENT_ANSWERS_BODY:
		return body_reply;
	case EVENT_ANSWERS_UNKNOWN:
	case EVENT_ANSWERS_NOTHING:
	case EVENT_ANSWERS_GREETING:
		break;
	}
	return NULL;
}

static void reply_event(struct record *record, const struct event *event) {
	struct event_reply kept = keep_reply(record, &event->reply);
	struct record_timeline_entry *entry = timeline_add(record, RECORD_REPLY, event);
	if (entry != NULL)
		entry->reply = kept;
	record->unknown_reply |= kept.answers == EVENT_ANSWERS_UNKNOWN;
	if (kept.answers != EVENT_ANSWERS_UNKNOWN)
		record->folding.lost_from[STREAM_SERVER] = 0; /* it was in the reply */
	if (kept.answers == EVENT_ANSWERS_UNKNOWN && kept.code == 220 && !event->reversed)
		record->client_name = (struct slice){NULL, 0}; /* to STARTTLS or XCLIENT: see may_begin_anew() */
	record->folding.busy |= kept.code == BUSY && !event->reversed;
	reply_handler *handler = find_reply_handler(&kept);
	if (event->reversed && kept.answers == EVENT_ANSWERS_COMMAND && !counts_when_reversed(kept.verb))
		return;
	if (handler != NULL && kept.code != 0)
		handler(record, &kept, event->at);
}

static bool same_lines(const struct record_capabilities *list, const struct slice *lines, size_t count) {
	if (list->line_count != count)
		return false;
	for (size_t i = 0; i < count; i++)
		if (!equal(list->lines[i], lines[i]))
			return false;
	return true;
}

static void capabilities_event(struct record *record, const struct event *event) {
	const struct event_capabilities *sent = &event->capabilities;
	if (event->reversed)
		return;
	struct record_capabilities *list = sent->tls ? &record->tls_capabilities : &record->clear;
	if (list->seen && record->folding.attempts_accepted + record->folding.attempts_undecided > 0)
		list = &record->login_capabilities; /* what the server is known by is what it offers to all */
	size_t count = sent->line_count < RECORD_CAPABILITIES_MAX ? sent->line_count : RECORD_CAPABILITIES_MAX;
	size_t over = sent->line_count - count;
	if (!sent->certain)
		record->client_name = (struct slice){NULL, 0}; /* of an EHLO that was not seen */
	if (!same_lines(list, sent->lines, count)) {
		list->lines = keep_lines(record, sent->lines, count);
		list->line_count = list->lines != NULL ? count : 0;
		over = sent->line_count - list->line_count;
	}
	list->seen = true;
	list->at = event->at;
	/* Another list than before, and a login between may be what was lost. */
	bool replaced = list->seen && record->gap_count > 0;
	list->incomplete = sent->incomplete || over > 0 || replaced;
	list->size_max = sent->size_max;
	list->mails_max = sent->mails_max;
	list->recipients_max = sent->recipients_max;
	list->domains_max = sent->domains_max;
	record->folding.offer = list;
	record->capabilities_truncated += over;
}

static void auth_event(struct record *record, const struct event *event) {
	if (event->reversed)
		return;
	struct record_attempt *attempt = find_attempt(record, event->auth.command);
	/* An exchange whose AUTH command was not seen. An attempt over the limit is not added twice: it has a command before
	 * it. */
	if (attempt == NULL && record->attempts_kept < RECORD_ATTEMPTS_MAX)
		attempt = add_attempt(record, event, event->auth.command);
	if (attempt != NULL)
		describe_attempt(record, attempt, &event->auth);
	struct record_timeline_entry *entry = timeline_add(record, RECORD_AUTH, event);
	if (entry == NULL)
		return;
	entry->auth = event->auth;
	entry->auth.names = NULL;
	entry->auth.mechanism = attempt != NULL ? attempt->mechanism : keep(record, event->auth.mechanism);
	if (event->auth.has_username && attempt != NULL)
		entry->auth.username = attempt->username;
	else
		entry->auth.username = keep(record, event->auth.username);
}

static void auth_end_event(struct record *record, const struct event *event) {
	struct record_folding *folding = &record->folding;
	if (event->reversed)
		return;
	struct record_attempt *attempt = find_attempt(record, event->auth.command);
	if (attempt == NULL && record->attempts_kept < RECORD_ATTEMPTS_MAX)
		attempt = add_attempt(record, event, event->auth.command);
	if (attempt != NULL) {
		describe_attempt(record, attempt, &event->auth);
		attempt->result = event->auth.result;
		attempt->encrypted = event->auth.encrypted;
	}
	if (event->auth.result == EVENT_AUTH_UNKNOWN)
		return;
	if (folding->attempts_undecided > 0)
		folding->attempts_undecided--;
	folding->attempts_accepted += event->auth.result == EVENT_AUTH_ACCEPTED;
	folding->attempts_cancelled += event->auth.result == EVENT_AUTH_CANCELLED;
	if (event->auth.result == EVENT_AUTH_CANCELLED)
		return;
	folding->attempt_last_rejected = event->auth.result == EVENT_AUTH_REJECTED;
	folding->replies_lost_since_attempt = false;
}

/* All of it or nothing: a list that was cut short would be another one. */
static const struct event_tls_hello *keep_hello(struct record *record, const struct event_tls_hello *hello) {
	if (hello == NULL)
		return NULL;
	struct event_tls_hello copy = *hello;
	struct slice *const parts[] = {&copy.ciphers, &copy.extensions, &copy.groups, &copy.signature_algorithms, &copy.versions,
		&copy.point_formats, &copy.server_name, &copy.protocols};
	enum { PART_COUNT = sizeof(parts) / sizeof(parts[0]) };
	size_t size = sizeof(copy);
	for (size_t i = 0; i < PART_COUNT; i++)
		size += parts[i]->len;
	if (!has_room(record, size))
		return NULL;
	for (size_t i = 0; i < PART_COUNT; i++)
		parts[i]->data = arena_copy(&record->arena, parts[i]->data, parts[i]->len);
	struct event_tls_hello *kept = arena_alloc_uninitialised(&record->arena, sizeof(*kept));
	*kept = copy;
	return kept;
}

static void note_hello(struct record_tls *tls, enum stream_side side, const struct event_tls_hello *hello) {
	if (hello == NULL)
		return;
	tls->retried |= hello->retry;
	if (side == STREAM_SERVER)
		tls->server = hello;
	else if (tls->client == NULL && !tls->retried)
		tls->client = hello;
}

static void note_alert(struct record_tls *tls, const struct event *event) {
	if (tls->alert_count < RECORD_TLS_ALERTS_MAX)
		tls->alerts[tls->alert_count] = (struct record_tls_alert){
			.from = event->from, .level = event->tls.alert_level, .description = event->tls.alert_description, .at = event->at};
	tls->alert_count++;
}

static void tls_event(struct record *record, const struct event *event) {
	struct event_tls kept = event->tls;
	if (!record->tls_seen) {
		record->tls_seen = true;
		record->tls_at = event->tls.begun.frame != 0 ? event->tls.begun : event->at;
		record->tls = arena_alloc(&record->arena, sizeof(*record->tls));
	}
	record->tls_implicit |= event->tls.implicit;
	record->tls_encrypted |= event->tls.step == EVENT_TLS_ENCRYPTED || event->tls.step == EVENT_TLS_DECRYPTED;
	kept.hello = keep_hello(record, event->tls.hello);
	kept.certificate = keep(record, event->tls.certificate);
	note_hello(record->tls, event->from, kept.hello);
	if (event->tls.step == EVENT_TLS_ALERT)
		note_alert(record->tls, event);
	if (event->tls.step == EVENT_TLS_CERTIFICATE && !record->tls->certificate[event->from].seen)
		record->tls->certificate[event->from] = (struct record_tls_certificate){
			.seen = true, .der = kept.certificate, .count = event->tls.certificate_count, .at = event->at};
	if (event->tls.step == EVENT_TLS_DECRYPTED) {
		record->tls_decrypted = true;
		record->folding.mail_before_tls |= record->folding.mail_not_authenticated;
		record->folding.mail_not_authenticated = false;
	}
	if (event->tls.step == EVENT_TLS_ENCRYPTED) {
		record->tls_unread = true;
		record->tls_unread_at = event->at;
		record->tls_reason = event->tls.reason;
	}
	struct record_timeline_entry *entry = timeline_add(record, RECORD_TLS, event);
	if (entry != NULL)
		entry->tls = kept;
}

static void read_message(struct record *record, struct record_message *message, struct message_reader *reader);

/* Messages of sessions that go on for long would take all memory that there is for messages; so would messages of many sessions. A part
 * of it is enough for those that wait for the end, and what they say must leave room for the rest of the session. */
static bool is_pressed(const struct record *record) {
	enum { WAITING_SHARE = 4, SAID_SHARE = 2 };
	struct record_messages *messages = record->messages;
	return messages->early_reader != NULL && record->arena.taken < RECORD_BYTES_MAX / SAID_SHARE &&
		atomic_load_explicit(&messages->bytes, memory_order_relaxed) > messages->bytes_max / WAITING_SHARE;
}

static void message_end(struct record *record, struct record_message *message, const struct event_body *body, struct stream_moment at) {
	message->at = at;
	if (message->over)
		return;
	message->over = true;
	if (!message->ended)
		message->whole = body->complete && body->bytes == message->len;
	message->ended = true;
	if (is_pressed(record))
		read_message(record, message, record->messages->early_reader);
}

static void body_event(struct record *record, const struct event *event) {
	struct record_mail *mail = find_or_add_mail(record, event, event->body.mail);
	if (mail != NULL) {
		mail->has_body = true;
		mail->body = event->body;
		if (mail->message != NULL)
			message_end(record, mail->message, &mail->body, event->at);
	}
	struct record_timeline_entry *entry = timeline_add(record, RECORD_BODY, event);
	if (entry != NULL)
		entry->body = event->body;
}

/* -- messages -- */

/* Room for len more bytes. Returns false when there is no memory for them, of all records together. */
static bool message_grow(struct record *record, struct record_message *message, size_t len) {
	struct record_messages *messages = record->messages;
	bool start = message->len + len <= MESSAGE_START_MAX;
	size_t capacity = message->capacity, most = start ? messages->header_bytes_max : messages->bytes_max;
	if (len <= capacity - message->len)
		return true;
	capacity = capacity < MESSAGE_FIRST / 2 ? MESSAGE_FIRST : 2 * capacity;
	if (capacity - message->len < len)
		capacity = message->len + len;
	size_t added = capacity - message->capacity;
	size_t before = atomic_fetch_add_explicit(&messages->bytes, added, memory_order_relaxed);
	char *data = before <= most && added <= most - before ? realloc(message->data, capacity) : NULL;
	if (data == NULL) {
		atomic_fetch_sub_explicit(&messages->bytes, added, memory_order_relaxed);
		return false;
	}
	message->data = data;
	message->capacity = capacity;
	record->message_bytes += added;
	return true;
}

static void message_free_data(struct record *record, struct record_message *message) {
	if (!message->borrowed && message->data != NULL) {
		free(message->data);
		record->message_bytes -= message->capacity;
		atomic_fetch_sub_explicit(&record->messages->bytes, message->capacity, memory_order_relaxed);
	}
	message->data = NULL;
	message->len = message->capacity = 0;
}

static void message_free_all(struct record *record) {
	for (struct record_message *message = record->message_list; message != NULL; message = message->next)
		message_free_data(record, message);
}

static void message_event(struct record *record, const struct event *event) {
	const struct event_message *told = &event->message;
	struct record_mail *mail = record->messages != NULL ? find_mail(record, told->mail) : NULL;
	if (mail == NULL)
		return;
	if (told->offset == 0 && (mail->message == NULL || mail->message->ended || mail->message->len > 0)) {
		if (!has_room(record, sizeof(*mail->message)))
			return;
		mail->message = arena_alloc(&record->arena, sizeof(*mail->message));
		mail->message->next = record->message_list;
		record->message_list = mail->message;
	}
	struct record_message *message = mail->message;
	if (message == NULL || message->ended)
		return;
	message->at = event->at;
	/* Where bytes are missing, or there is no room for more, it ends. */
	if (told->data.data == NULL || told->offset != message->len || !message_grow(record, message, told->data.len)) {
		message->ended = true;
		return;
	}
	memcpy(message->data + message->len, told->data.data, told->data.len);
	message->len += told->data.len;
	message->header_ended |= told->header_end;
}

static void read_message(struct record *record, struct record_message *message, struct message_reader *reader) {
	const struct record_messages *messages = record->messages;
	struct slice data = {message->data, message->len};
	/* Of a header without a byte there is nothing to say, unless that is the whole of it. */
	message->has_headers = messages->headers && (message->len > 0 || message->whole);
	if (message->has_headers)
		message_headers_read(reader, &record->arena, data, message->whole || message->header_ended, &message->headers);
	if (messages->parts)
		message_parts_read(reader, &record->arena, data, message->whole, &message->parts);
	message->has_parts = messages->parts;
	message->read = true;
	message_free_data(record, message);
}

void record_read_messages(struct record *record) {
	for (struct record_mail *mail = record->mails; mail != NULL && record->messages != NULL; mail = mail->next) {
		/* What is found is bounded for one message; there may be many. */
		if (mail->message != NULL && !mail->message->read && has_room(record, 0))
			read_message(record, mail->message, record->messages->reader);
	}
}

static void mail_end_event(struct record *record, const struct event *event) {
	struct record_folding *folding = &record->folding;
	enum event_mail_result result = event->mail_end.result;
	struct record_mail *mail = find_or_add_mail(record, event, event->mail_end.mail);
	if (mail != NULL)
		mail->result = result;
	else if (result != EVENT_MAIL_UNKNOWN && folding->mails_over_undecided > 0)
		folding->mails_over_undecided--;
	folding->mails_accepted += result == EVENT_MAIL_ACCEPTED;
	folding->mail_refused |= result == EVENT_MAIL_REJECTED;
}

static void origin_event(struct record *record, const struct event *event) {
	const struct event_origin *told = &event->origin;
	record->origin_seen = true;
	record->origin_at = event->at;
	record->origin = *told;
	record->origin.name = keep(record, told->name);
	record->origin.helo = keep(record, told->helo);
	record->origin.protocol = keep(record, told->protocol);
	record->origin.login = keep(record, told->login);
	if (told->verb != VERB_XCLIENT)
		return;
	/* The session begins anew. */
	record->folding.offer = NULL;
	record->client_name = (struct slice){NULL, 0};
	record->clear = (struct record_capabilities){.seen = false};
}

static void gap_event(struct record *record, const struct event *event) {
	record->gap_count++;
	note_lost_exchange(record, &event->gap);
	if (event->gap.side == STREAM_CLIENT)
		record->folding.offer = NULL; /* an EHLO may be in there */
	record->folding.replies_lost_since_attempt |= event->gap.side == STREAM_SERVER;
	struct record_timeline_entry *entry = timeline_add(record, RECORD_GAP, event);
	if (entry == NULL)
		return;
	entry->from = RECORD_FROM_NETWORK; /* neither side did it: the capture lacks it */
	entry->gap = event->gap;
}

static void anomaly_event(struct record *record, const struct event *event) {
	struct record_timeline_entry *entry = timeline_add(record, RECORD_ANOMALY, event);
	if (entry != NULL)
		entry->anomaly = event->anomaly;
	if (event->anomaly.id == EVENT_ANOMALY_EXTENSION_NOT_OFFERED && !event->reversed)
		add_extension(record->extensions_not_offered, &record->extensions_not_offered_count, event->anomaly.name);
	else if (event->anomaly.id == EVENT_ANOMALY_ROLES_REVERSED && record->timeline_reversed == SIZE_MAX)
		record->timeline_reversed = record->timeline_count;
	else if (event->anomaly.id == EVENT_ANOMALY_REVERSED_UNREAD)
		record->unknown_reply = true; /* mails may have gone the other way */
}

static void secret_event(struct record *record, const struct event *event) {
	struct stream_range range = event->secret;
	uint64_t *from = &record->secret_from[range.side];
	if (range.offset >= *from)
		return;
	if (range.len == STREAM_TO_END) {
		*from = range.offset;
		return;
	}
	struct stream_range *last = record->secret_count > 0 ? &record->secrets[record->secret_count - 1] : NULL;
	if (last != NULL && last->side == range.side && last->offset + last->len == range.offset) {
		last->len += range.len;
		return;
	}
	if (record->secret_count == RECORD_SECRETS_MAX || !has_room(record, 2 * record->secret_capacity * sizeof(*last))) {
		*from = range.offset; /* rather too much than too little */
		return;
	}
	if (record->secret_count == record->secret_capacity) {
		size_t capacity = record->secret_capacity != 0 ? 2 * record->secret_capacity : 4;
		struct stream_range *secrets = arena_alloc_uninitialised(&record->arena, capacity * sizeof(*secrets));
		if (record->secret_count > 0)
			memcpy(secrets, record->secrets, record->secret_count * sizeof(*secrets));
		record->secrets = secrets;
		record->secret_capacity = capacity;
	}
	record->secrets[record->secret_count++] = range;
}

/* -- the verdicts, once all has been seen -- */

static bool is_failure(enum stream_close_how how) {
	return how == STREAM_CLOSE_REFUSED || how == STREAM_CLOSE_UNANSWERED || how == STREAM_CLOSE_UNREACHABLE;
}

/* Without the handshake it is not known where the server's bytes begin, and without its greeting it may have been heard before. */
static bool may_lack_start(const struct record *record) {
	return record->open.midstream || (record->close.handshake_ns < 0 && !record->greeting.seen);
}

/* May there have been commands that no event tells of? */
static bool may_lack_commands(const struct record *record) {
	enum stream_close_how how = record->close.how;
	bool cut = (how == STREAM_CLOSE_CAPTURE_ENDED || how == STREAM_CLOSE_EVICTED || how == STREAM_CLOSE_NONE) && !record->folding.quit_seen;
	return may_lack_start(record) || record->gap_count > 0 || record->one_sided || record->unknown_reply ||
	       record->close.reset_ahead || record_may_be_encrypted(record) || cut;
}

/* May there have been an accepted mail that no event tells of? It takes a reply of the server that was not seen: bytes of
 * the client alone that are missing cannot hide one. */
static bool may_lack_acceptance(const struct record *record) {
	return may_lack_start(record) || record->one_sided || record->unknown_reply || record_may_be_encrypted(record) ||
	       record->close.reset_ahead || record->close.side[STREAM_SERVER].gap_bytes > 0;
}

/* The mechanisms of an AUTH line, "AUTH X Y" (RFC 4954, 3) or "AUTH=X Y" (before it was a standard). */
static void offer_mechanisms(struct record *record, struct slice line) {
	enum { KEYWORD_LEN = 4 };
	if (line.len <= KEYWORD_LEN || strncasecmp(line.data, "AUTH", KEYWORD_LEN) != 0 ||
		memchr(" \t=", line.data[KEYWORD_LEN], 3) == NULL)
		return;
	if (record->offered == NULL)
		record->offered = arena_alloc(&record->arena, OFFERED_MAX * sizeof(*record->offered));
	for (size_t i = KEYWORD_LEN; i < line.len;) {
		if (memchr(" \t=", line.data[i], 3) != NULL) {
			i++;
			continue;
		}
		size_t start = i;
		while (i < line.len && line.data[i] != ' ' && line.data[i] != '\t')
			i++;
		char *name = arena_copy(&record->arena, line.data + start, i - start);
		for (size_t k = 0; k < i - start; k++)
			name[k] = (char)toupper((unsigned char)name[k]);
		struct slice mechanism = {name, i - start};
		bool known = record->offered_count == OFFERED_MAX;
		for (size_t k = 0; k < record->offered_count && !known; k++)
			known = equal(record->offered[k], mechanism);
		if (!known)
			record->offered[record->offered_count++] = mechanism;
	}
}

static const struct record_capabilities *last_capabilities(const struct record *record) {
	return record->tls_capabilities.seen ? &record->tls_capabilities : &record->clear;
}

static void collect_offered(struct record *record) {
	const struct record_capabilities *list = last_capabilities(record);
	for (size_t i = 0; i < list->line_count; i++)
		offer_mechanisms(record, list->lines[i]);
}

static enum record_auth_result judge_auth(const struct record *record) {
	const struct record_folding *folding = &record->folding;
	const struct record_capabilities *list = last_capabilities(record);
	if (folding->attempts_accepted > 0 || folding->mail_authenticated)
		return RECORD_AUTH_ACCEPTED;
	if (folding->attempts_undecided > 0)
		return RECORD_AUTH_UNKNOWN;
	if (folding->attempt_last_rejected) {
		/* Another attempt may have been accepted unseen. */
		bool hidden = record_may_be_encrypted(record) || folding->mail_authenticated_unknown ||
			      folding->replies_lost_since_attempt || record->one_sided;
		return hidden ? RECORD_AUTH_UNKNOWN : RECORD_AUTH_REJECTED;
	}
	if (folding->mail_authenticated_unknown)
		return RECORD_AUTH_UNKNOWN;
	/* A mail that was accepted without a login says enough; one that was refused may have been sent again, with a login. Where TLS was
	 * agreed on, it may have begun in a gap. */
	bool encrypted = record_may_be_encrypted(record) || (folding->starttls_agreed && !record->tls_seen && record->gap_count > 0);
	if (encrypted && (folding->mails_accepted == 0 || !folding->mail_not_authenticated))
		return RECORD_AUTH_UNKNOWN;
	if (record->offered_count > 0 &&
		(folding->mail_not_authenticated || (folding->mail_before_tls && !may_lack_commands(record))))
		return RECORD_AUTH_NOT_ATTEMPTED;
	if (list->seen && !list->incomplete && record->offered_count == 0 && !record->one_sided && !folding->exchange_lost)
		return RECORD_AUTH_NOT_OFFERED;
	if (!list->seen && folding->helo_seen && folding->ehlo_count == folding->ehlo_refused && !may_lack_commands(record))
		return RECORD_AUTH_NOT_OFFERED; /* HELO brings no list of extensions */
	/* Attempts that were all cancelled are no verdict, and yet AUTH was not unused. */
	if (record->offered_count > 0 && record->mail_count == 0 && record->attempt_count == 0 && !may_lack_commands(record))
		return RECORD_AUTH_UNUSED;
	return RECORD_AUTH_UNKNOWN;
}

/* Was the mail refused as a whole, or every recipient that an answer is known of? */
static bool is_refused(const struct record_mail *mail) {
	if (mail->result == EVENT_MAIL_REJECTED || mail->reply.code >= REFUSED_FROM || mail->data_reply.code >= REFUSED_FROM)
		return true;
	if (mail->result == EVENT_MAIL_ABORTED)
		return mail->recipients_refused > 0 && mail->recipients_accepted == 0;
	return mail->recipients_refused > 0 && mail->recipients_refused == mail->recipient_count;
}

static enum record_result judge_result(const struct record *record) {
	const struct record_folding *folding = &record->folding;
	if (folding->mails_accepted > 0 || folding->unknown_mail_accepted)
		return RECORD_RESULT_DELIVERED;
	if (is_failure(record->close.how))
		return RECORD_RESULT_NOT_ESTABLISHED;
	if (record_is_encrypted(record))
		return RECORD_RESULT_ENCRYPTED;

	bool refused = folding->busy || folding->mail_refused;
	bool undecided = folding->mails_over_undecided > 0;
	for (const struct record_mail *mail = record->mails; mail != NULL; mail = mail->next) {
		if (is_refused(mail))
			refused = true;
		else if (mail->result == EVENT_MAIL_UNKNOWN)
			undecided = true;
	}
	if (record->mail_count == 0) {
		refused |= folding->hello_refused || record->tls_refused || folding->attempt_last_rejected;
		/* After such a greeting no mail can have been accepted, whatever else was not seen. */
		if (record->greeting.code >= REFUSED_FROM)
			return RECORD_RESULT_REFUSED;
	}
	if (refused && !undecided && !may_lack_acceptance(record))
		return RECORD_RESULT_REFUSED;
	if (record->mail_count == 0 && !may_lack_commands(record))
		return RECORD_RESULT_NO_MAIL;
	return RECORD_RESULT_UNKNOWN;
}

/* The first entry was made before it was known whether there would be a connection. */
static void settle_connect_entry(struct record *record) {
	if (record->open.midstream)
		return;
	if (record->established) {
		record->timeline[0].handshake_ns = record->close.handshake_ns;
	} else {
		record->timeline++;
		record->timeline_count--;
		record->timeline_capacity--;
		record->timeline_reversed -= record->timeline_reversed != SIZE_MAX;
	}
}

static void push_end(struct record *record, struct stream_moment at) {
	static const enum record_from from[STREAM_CLOSE_COUNT] = {
		/* A FIN comes from both sides, and the other ends from neither. */
		[STREAM_CLOSE_FIN] = RECORD_FROM_NETWORK,
		[STREAM_CLOSE_RESET_BY_CLIENT] = RECORD_FROM_CLIENT,
		[STREAM_CLOSE_RESET_BY_SERVER] = RECORD_FROM_SERVER,
		[STREAM_CLOSE_IDLE_TIMEOUT] = RECORD_FROM_NETWORK,
		[STREAM_CLOSE_CAPTURE_ENDED] = RECORD_FROM_NETWORK,
		[STREAM_CLOSE_REFUSED] = RECORD_FROM_SERVER,
		[STREAM_CLOSE_UNANSWERED] = RECORD_FROM_NETWORK,
		[STREAM_CLOSE_UNREACHABLE] = RECORD_FROM_NETWORK,
		[STREAM_CLOSE_EVICTED] = RECORD_FROM_NETWORK,
	};
	enum record_timeline_kind kind = is_failure(record->close.how) ? RECORD_FAILED : RECORD_CLOSE;
	timeline_push(record, kind, from[record->close.how], at);
}

/* All that can only be said of the whole, or of the whole so far. */
static void conclude(struct record *record, const struct event_close *close) {
	record->close = *close->stream;
	if (close->stream->icmp != NULL)
		record->close.icmp = arena_copy(&record->arena, close->stream->icmp, strlen(close->stream->icmp) + 1);
	if (record->close.handshake_ns < 0)
		record->close.handshake_ns = record->open.handshake_ns;
	record->protocol = close->protocol;
	record->one_sided = close->one_sided;
	if (record->tls != NULL)
		record->tls->end = close->tls;
	/* The time of the handshake is not known where the clock was set back in it. */
	record->established = !is_failure(record->close.how) && (record->open.midstream || record->close.handshake_ns >= 0 ||
									record->close.how == STREAM_CLOSE_FIN ||
									record->close.side[STREAM_CLIENT].bytes > 0 ||
									record->close.side[STREAM_SERVER].bytes > 0);
	settle_connect_entry(record);
	collect_offered(record);
	record->auth = judge_auth(record);
	record->result = judge_result(record);
	timing_conclude(&record->timing, &record->open, &record->close, record->greeting.seen ? &record->greeting.at : NULL);
}

static void close_event(struct record *record, const struct event *event) {
	conclude(record, &event->close);
	push_end(record, event->at);
}

/* -- a copy of a session that goes on -- */

static void copy_attempts(struct record *record, const struct record_attempt *attempts) {
	record->attempts_tail = &record->attempts;
	for (; attempts != NULL; attempts = attempts->next) {
		struct record_attempt *copy = arena_alloc_uninitialised(&record->arena, sizeof(*copy));
		*copy = *attempts;
		*record->attempts_tail = copy;
		record->attempts_tail = &copy->next;
	}
	*record->attempts_tail = NULL;
}

static void copy_recipients(struct record *record, struct record_mail *mail, const struct record_recipient *recipients) {
	mail->recipients_tail = &mail->recipients;
	for (; recipients != NULL; recipients = recipients->next) {
		struct record_recipient *copy = arena_alloc_uninitialised(&record->arena, sizeof(*copy));
		*copy = *recipients;
		*mail->recipients_tail = copy;
		mail->recipients_tail = &copy->next;
	}
	*mail->recipients_tail = NULL;
}

/* What a copy says may be hidden in it. */
static void copy_parts(struct record *record, struct message_parts *parts) {
	for (struct message_part **at = &parts->first; *at != NULL; at = &(*at)->next) {
		struct message_part *copy = arena_alloc_uninitialised(&record->arena, sizeof(*copy));
		*copy = **at;
		*at = copy;
	}
}

/* One that is still being added to cannot be read by another thread; nor can one that may yet be read by this one. */
static struct record_message *copy_message(struct record *record, const struct record_message *message) {
	if (message == NULL || !message->over)
		return NULL;
	struct record_message *copy = arena_alloc(&record->arena, sizeof(*copy));
	*copy = *message;
	copy_parts(record, &copy->parts);
	copy->borrowed = true;
	copy->next = record->message_list;
	record->message_list = copy;
	return copy;
}

static void copy_mails(struct record *record, const struct record_mail *mails) {
	record->mails_tail = &record->mails;
	for (; mails != NULL; mails = mails->next) {
		struct record_mail *copy = arena_alloc_uninitialised(&record->arena, sizeof(*copy));
		*copy = *mails;
		copy_recipients(record, copy, mails->recipients);
		copy->message = copy_message(record, mails->message);
		*record->mails_tail = copy;
		record->mails_tail = &copy->next;
	}
	*record->mails_tail = NULL;
}

void record_copy_so_far(struct record *record, const struct record *from, const struct event_close *so_far) {
	struct arena arena = record->arena;
	struct identity *identity = record->folding.identity;
	*record = *from;
	record->arena = arena;
	record->folding.identity = identity;
	record->folding.attempt_last = NULL;
	record->folding.mail_last_found = NULL;
	record->message_list = NULL;
	record->message_bytes = 0;
	record->folding.offer = NULL;
	record->timeline_capacity = record->timeline_count;
	record->timeline =
		arena_alloc_uninitialised(&record->arena, record->timeline_count * sizeof(*record->timeline));
	if (record->timeline_count > 0)
		memcpy(record->timeline, from->timeline, record->timeline_count * sizeof(*record->timeline));
	if (from->tls != NULL) {
		record->tls = arena_alloc_uninitialised(&record->arena, sizeof(*record->tls));
		*record->tls = *from->tls;
	}
	copy_attempts(record, from->attempts);
	copy_mails(record, from->mails);
	conclude(record, so_far);
}

bool record_entry_of_event(const struct event *event, struct record_timeline_entry *ret_entry) {
	*ret_entry = (struct record_timeline_entry){.from = from_side(event->from), .at = event->at};
	switch (event->kind) {
	case EVENT_GREETING:
	case EVENT_REPLY:
		ret_entry->kind = event->kind == EVENT_GREETING ? RECORD_GREETING : RECORD_REPLY;
		ret_entry->reply = event->reply;
		return event->reply.code != 0; /* or a gap swallowed it */
	case EVENT_COMMAND:
		ret_entry->kind = RECORD_COMMAND;
		ret_entry->command = event->command;
		return true;
	case EVENT_AUTH:
		ret_entry->kind = RECORD_AUTH;
		ret_entry->auth = event->auth;
		return true;
	case EVENT_TLS:
		ret_entry->kind = RECORD_TLS;
		ret_entry->tls = event->tls;
		return true;
	case EVENT_BODY:
		ret_entry->kind = RECORD_BODY;
		ret_entry->body = event->body;
		return true;
	case EVENT_GAP:
		ret_entry->kind = RECORD_GAP;
		ret_entry->from = RECORD_FROM_NETWORK;
		ret_entry->gap = event->gap;
		return true;
	case EVENT_ANOMALY:
		ret_entry->kind = RECORD_ANOMALY;
		ret_entry->anomaly = event->anomaly;
		return true;
	case EVENT_OPEN:
	case EVENT_PROXY:
	case EVENT_CAPABILITIES:
	case EVENT_AUTH_END:
	case EVENT_ORIGIN:
	case EVENT_MAIL_END:
	case EVENT_MESSAGE:
	case EVENT_SECRET:
	case EVENT_CLOSE:
		break;
	}
	return false;
}

void record_event(void *context, const struct event *event) {
	static void (*const handlers[])(struct record *, const struct event *) = {
		[EVENT_OPEN] = open_event,
		[EVENT_PROXY] = proxy_event,
		[EVENT_GREETING] = greeting_event,
		[EVENT_COMMAND] = command_event,
		[EVENT_REPLY] = reply_event,
		[EVENT_CAPABILITIES] = capabilities_event,
		[EVENT_AUTH] = auth_event,
		[EVENT_AUTH_END] = auth_end_event,
		[EVENT_ORIGIN] = origin_event,
		[EVENT_TLS] = tls_event,
		[EVENT_MESSAGE] = message_event,
		[EVENT_BODY] = body_event,
		[EVENT_MAIL_END] = mail_end_event,
		[EVENT_GAP] = gap_event,
		[EVENT_ANOMALY] = anomaly_event,
		[EVENT_SECRET] = secret_event,
		[EVENT_CLOSE] = close_event,
	};
	handlers[event->kind](context, event);
	if (!event->reversed || event->kind == EVENT_CLOSE)
		timing_add(&((struct record *)context)->timing, event);
}

static void set_empty(struct record *record) {
	record->attempts_tail = &record->attempts;
	record->mails_tail = &record->mails;
	record->secret_from[STREAM_CLIENT] = record->secret_from[STREAM_SERVER] = UINT64_MAX;
	record->timeline_reversed = SIZE_MAX;
}

void record_init(struct record *record) {
	memset(record, 0, sizeof(*record));
	set_empty(record);
}

void record_reset(struct record *record) {
	struct arena arena = record->arena;
	struct identity *identity = record->folding.identity;
	message_free_all(record);
	arena_reset(&arena);
	memset(record, 0, sizeof(*record));
	record->arena = arena;
	record->folding.identity = identity;
	set_empty(record);
}

void record_finish(struct record *record) {
	message_free_all(record);
	arena_finish(&record->arena);
	identity_destroy(record->folding.identity);
	record->folding.identity = NULL;
}
