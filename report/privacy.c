/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Text of the wire that may name persons: arguments of commands, parameters, replies. Addresses are found by their form, and those of
 * the envelope also where a server repeats them without their domain; user names where a server repeats them.
 *
 * Records of one session may share text, so nothing is changed in place: only what points to it is.
 */
#include "report/privacy.h"

#include <stdlib.h>
#include <string.h>

#include "decode/ascii.h"
#include "report/identity.h"

enum {
	NEEDLES_MAX = 32, /* names that are looked for in one text */
	USERS_MAX = 8,    /* of them, user names */
};

static const char omitted[] = "(omitted)";

struct privacy {
	struct privacy_options options;
	struct identity_user *hash; /* WRITER_USERS_HASH */
	struct arena arena; /* for single steps and facts */
	char *text;         /* being put together */
	size_t len, capacity;
	bool failed;        /* no memory: nothing of the text may be shown */
};

/* Names that are to be found in a text. */
struct needles {
	struct slice of[NEEDLES_MAX];
	size_t count;
};

struct privacy *privacy_create(const struct privacy_options *options) {
	struct privacy *privacy = calloc(1, sizeof(*privacy));
	if (privacy == NULL)
		return NULL;
	privacy->options = *options;
	if (options->users == WRITER_USERS_HASH && (privacy->hash = identity_user_create(options->user_key)) == NULL) {
		free(privacy);
		return NULL;
	}
	return privacy;
}

void privacy_destroy(struct privacy *privacy) {
	if (privacy == NULL)
		return;
	identity_user_destroy(privacy->hash);
	arena_finish(&privacy->arena);
	free(privacy->text);
	free(privacy);
}

static bool hides_users(const struct privacy *privacy) {
	return privacy->options.users != WRITER_USERS_KEEP;
}

static bool hides_anything(const struct privacy *privacy) {
	return hides_users(privacy) || privacy->options.no_envelope;
}

/* ---- What stands in place of a name ---- */

static bool is_alias(struct slice text) {
	return (text.len == IDENTITY_USER_SIZE - 1 && memcmp(text.data, "hash:", 5) == 0) ||
		(text.len == sizeof(omitted) - 1 && memcmp(text.data, omitted, text.len) == 0);
}

/* Returns a text that lives until the next call. */
static struct slice alias_of(struct privacy *privacy, struct slice name, char text[IDENTITY_USER_SIZE]) {
	if (is_alias(name))
		return name;
	if (privacy->hash == NULL)
		return slice_of(omitted);
	identity_user_hash(privacy->hash, name, text);
	return slice_of(text);
}

static struct slice keep_alias(struct privacy *privacy, struct arena *arena, struct slice name) {
	char text[IDENTITY_USER_SIZE];
	struct slice alias = alias_of(privacy, name, text);
	return (struct slice){arena_copy(arena, alias.data, alias.len), alias.len};
}

/* ---- Putting text together ---- */

static void begin_text(struct privacy *privacy) {
	privacy->len = 0;
	privacy->failed = false;
}

static void put(struct privacy *privacy, struct slice text) {
	if (text.len > privacy->capacity - privacy->len) {
		size_t capacity = 2 * (privacy->len + text.len);
		char *grown = realloc(privacy->text, capacity);
		if (grown == NULL) {
			privacy->failed = true;
			return;
		}
		privacy->text = grown;
		privacy->capacity = capacity;
	}
	if (text.len > 0)
		memcpy(privacy->text + privacy->len, text.data, text.len);
	privacy->len += text.len;
}

static void put_alias(struct privacy *privacy, struct slice name) {
	char text[IDENTITY_USER_SIZE];
	put(privacy, alias_of(privacy, name, text));
}

static struct slice take_text(struct privacy *privacy, struct arena *arena) {
	struct slice text = privacy->failed ? slice_of(omitted) : (struct slice){privacy->text, privacy->len};
	return (struct slice){arena_copy(arena, text.data, text.len), text.len};
}

/* ---- Addresses, by their form ---- */

static bool is_address_char(char c) {
	return (unsigned char)c > ' ' && c != 0x7f && memchr("<>()[],;:\"@", c, 11) == NULL;
}

/* Where the address begins of which the @ is at text[at], and where it ends. Returns false when it is none. */
static bool find_address(struct slice text, size_t at, size_t from, size_t *ret_start, size_t *ret_end) {
	size_t start = at, end = at + 1;
	if (start > from && text.data[start - 1] == '"') { /* a quoted name */
		start--;
		while (start > from && text.data[start - 1] != '"')
			start--;
		if (start == from)
			return false;
		start--;
	} else {
		while (start > from && is_address_char(text.data[start - 1]))
			start--;
	}
	if (end < text.len && text.data[end] == '[') {
		const char *bracket = memchr(text.data + end, ']', text.len - end);
		end = bracket != NULL ? (size_t)(bracket - text.data) + 1 : text.len;
	} else {
		while (end < text.len && is_address_char(text.data[end]))
			end++;
		while (end > at + 1 && memchr(".!?'", text.data[end - 1], 4) != NULL) /* of the sentence */
			end--;
	}
	*ret_start = start;
	*ret_end = end;
	return start < at && end > at + 1;
}

static struct slice hide_addresses(struct privacy *privacy, struct arena *arena, struct slice text) {
	size_t from = 0, at = 0, start, end;
	const char *sign;
	begin_text(privacy);
	while (at < text.len && (sign = memchr(text.data + at, '@', text.len - at)) != NULL) {
		at = (size_t)(sign - text.data);
		if (!find_address(text, at, from, &start, &end)) {
			at++;
			continue;
		}
		put(privacy, (struct slice){text.data + from, start - from});
		put_alias(privacy, (struct slice){text.data + start, end - start});
		from = at = end;
	}
	if (from == 0)
		return text;
	put(privacy, slice_skip(text, from));
	return take_text(privacy, arena);
}

/* ---- Names that are known ---- */

static void add_needle(struct needles *needles, struct slice name) {
	if (name.len > 0 && needles->count < NEEDLES_MAX && !is_alias(name))
		needles->of[needles->count++] = name;
}

/* An address, and its name at home. */
static void add_address(struct needles *needles, struct slice address) {
	const char *sign = address.len > 0 ? memrchr(address.data, '@', address.len) : NULL;
	add_needle(needles, address);
	if (sign != NULL)
		add_needle(needles, (struct slice){address.data, (size_t)(sign - address.data)});
}

static void add_users(const struct privacy *privacy, const struct record *record, struct needles *needles) {
	size_t count = 0;
	if (!hides_users(privacy))
		return;
	for (const struct record_attempt *attempt = record->attempts; attempt != NULL && count < USERS_MAX; attempt = attempt->next)
		if (attempt->has_username) {
			add_needle(needles, attempt->username);
			count++;
		}
}

static bool is_word(char c) {
	return ascii_is_alpha(c) || ascii_is_digit(c) || (unsigned char)c >= 0x80;
}

static bool is_here(struct slice text, size_t at, struct slice needle) {
	if (needle.len > text.len - at || (at > 0 && is_word(text.data[at - 1]) && is_word(needle.data[0])))
		return false;
	size_t end = at + needle.len;
	if (end < text.len && is_word(text.data[end]) && is_word(needle.data[needle.len - 1]))
		return false;
	for (size_t i = 0; i < needle.len; i++)
		if (ascii_upper(text.data[at + i]) != ascii_upper(needle.data[i]))
			return false;
	return true;
}

/* The longest of those that are at this place. */
static size_t find_needle(struct slice text, size_t at, const struct needles *needles) {
	size_t found = NEEDLES_MAX;
	for (size_t i = 0; i < needles->count; i++)
		if (is_here(text, at, needles->of[i]) && (found == NEEDLES_MAX || needles->of[i].len > needles->of[found].len))
			found = i;
	return found;
}

static struct slice hide_needles(struct privacy *privacy, struct arena *arena, struct slice text, const struct needles *needles) {
	size_t from = 0;
	begin_text(privacy);
	for (size_t at = 0; at < text.len && needles->count > 0;) {
		size_t found = find_needle(text, at, needles);
		if (found == NEEDLES_MAX) {
			at++;
			continue;
		}
		put(privacy, (struct slice){text.data + from, at - from});
		put_alias(privacy, needles->of[found]);
		from = at += needles->of[found].len;
	}
	if (from == 0)
		return text;
	put(privacy, slice_skip(text, from));
	return take_text(privacy, arena);
}

/* What a server says: all addresses, and the names that it has from the client. */
static struct slice hide_said(struct privacy *privacy, struct arena *arena, struct slice text, const struct needles *needles) {
	text = hide_needles(privacy, arena, text, needles);
	return privacy->options.no_envelope ? hide_addresses(privacy, arena, text) : text;
}

static const struct slice *hide_lines(
	struct privacy *privacy, struct arena *arena, const struct slice *lines, size_t count, const struct needles *needles) {
	struct slice *hidden = count > 0 ? arena_alloc(arena, count * sizeof(*hidden)) : NULL;
	for (size_t i = 0; i < count; i++)
		hidden[i] = hide_said(privacy, arena, lines[i], needles);
	return hidden;
}

static void hide_reply(struct privacy *privacy, struct arena *arena, struct record_reply *reply, const struct needles *needles) {
	if (reply->seen)
		reply->lines = hide_lines(privacy, arena, reply->lines, reply->line_count, needles);
}

/* ---- Parameters and arguments ---- */

/* RFC 3461, 4: "+" and two hexadecimal digits stand for a character. */
static size_t decode_xtext(struct slice text, char *to, size_t size) {
	static const char digits[] = "0123456789ABCDEF";
	size_t len = 0;
	for (size_t i = 0; i < text.len && len < size; i++) {
		const char *high = i + 2 < text.len ? strchr(digits, ascii_upper(text.data[i + 1])) : NULL;
		const char *low = high != NULL ? strchr(digits, ascii_upper(text.data[i + 2])) : NULL;
		bool hex = text.data[i] == '+' && high != NULL && low != NULL && *high != '\0' && *low != '\0';
		to[len++] = hex ? (char)((high - digits) << 4 | (low - digits)) : text.data[i];
		i += hex ? 2 : 0;
	}
	return len;
}

/* Is there a person in the value of a parameter of that name? */
static bool is_personal(const struct privacy *privacy, struct slice keyword) {
	/* Of MAIL; of XCLIENT; of MAIL, long ago. */
	if (slice_is(keyword, "AUTH") || slice_is(keyword, "LOGIN") || slice_is(keyword, "SUBMITTER"))
		return hides_anything(privacy);
	return privacy->options.no_envelope && (slice_is(keyword, "ORCPT") || slice_is(keyword, "ENVID"));
}

/* The name in the value, without the type of address in front of it (ORCPT), goes. */
static void put_hidden_value(struct privacy *privacy, struct slice value) {
	char decoded[512];
	const char *semicolon = value.len > 0 ? memchr(value.data, ';', value.len) : NULL;
	size_t kept = semicolon != NULL ? (size_t)(semicolon - value.data) + 1 : 0;
	struct slice name = slice_skip(value, kept);
	put(privacy, (struct slice){value.data, kept});
	if (name.len == 0 || is_alias(name) || (name.len == 2 && memcmp(name.data, "<>", 2) == 0))
		put(privacy, name);
	else
		put_alias(privacy, (struct slice){decoded, decode_xtext(name, decoded, sizeof(decoded))});
}

static const struct event_parameter *hide_parameters(
	struct privacy *privacy, struct arena *arena, const struct event_parameter *parameters, size_t count) {
	struct event_parameter *hidden = count > 0 ? arena_alloc(arena, count * sizeof(*hidden)) : NULL;
	for (size_t i = 0; i < count; i++) {
		hidden[i] = parameters[i];
		if (!hidden[i].has_value)
			continue;
		if (is_personal(privacy, hidden[i].keyword)) {
			begin_text(privacy);
			put_hidden_value(privacy, hidden[i].value);
			hidden[i].value = take_text(privacy, arena);
			if (hidden[i].text.len > 0)
				hidden[i].text = keep_alias(privacy, arena, hidden[i].text);
		} else if (privacy->options.no_envelope) {
			hidden[i].value = hide_addresses(privacy, arena, hidden[i].value);
		}
	}
	return hidden;
}

/* Parameters as they stand in the argument of a command. */
static struct slice hide_personal_words(struct privacy *privacy, struct arena *arena, struct slice text) {
	bool any = false;
	begin_text(privacy);
	for (size_t at = 0; at < text.len;) {
		size_t end = at;
		while (end < text.len && !ascii_is_space(text.data[end]))
			end++;
		struct slice word = {text.data + at, end - at};
		const char *sign = word.len > 0 ? memchr(word.data, '=', word.len) : NULL;
		size_t keyword = sign != NULL ? (size_t)(sign - word.data) : 0;
		if (sign != NULL && is_personal(privacy, (struct slice){word.data, keyword})) {
			put(privacy, (struct slice){word.data, keyword + 1});
			put_hidden_value(privacy, slice_skip(word, keyword + 1));
			any = true;
		} else {
			put(privacy, word);
		}
		for (at = end; at < text.len && ascii_is_space(text.data[at]); at++)
			put(privacy, (struct slice){text.data + at, 1});
	}
	return any ? take_text(privacy, arena) : text;
}

/* What stands between < and >, whether it looks like an address or not. */
static struct slice hide_brackets(struct privacy *privacy, struct arena *arena, struct slice text) {
	size_t from = 0;
	const char *open;
	begin_text(privacy);
	while (from < text.len && (open = memchr(text.data + from, '<', text.len - from)) != NULL) {
		size_t start = (size_t)(open - text.data) + 1;
		const char *close = start < text.len ? memchr(text.data + start, '>', text.len - start) : NULL;
		size_t end = close != NULL ? (size_t)(close - text.data) : text.len;
		put(privacy, (struct slice){text.data + from, start - from});
		if (end > start)
			put_alias(privacy, (struct slice){text.data + start, end - start});
		from = end;
	}
	if (from == 0)
		return text;
	put(privacy, slice_skip(text, from));
	return take_text(privacy, arena);
}

static void hide_command(struct privacy *privacy, struct arena *arena, struct event_command *command) {
	static const struct slice nothing = {NULL, 0};
	struct slice argument = command->argument;
	if (command->verb == VERB_AUTH || argument.len == 0)
		return;
	argument = hide_personal_words(privacy, arena, argument);
	if (command->verb == VERB_BURL && hides_anything(privacy)) /* imap://user@host/... */
		argument = hide_addresses(privacy, arena, argument);
	if (privacy->options.no_envelope && (command->verb == VERB_VRFY || command->verb == VERB_EXPN)) {
		argument = keep_alias(privacy, arena, argument);
	} else if (privacy->options.no_envelope) {
		struct needles path = {.count = 0};
		add_needle(&path, command->path); /* as it is in the document, and for a path without brackets */
		argument = hide_needles(privacy, arena, argument, &path);
		argument = hide_brackets(privacy, arena, argument);
		argument = hide_addresses(privacy, arena, argument);
	}
	command->argument = argument;
	command->path = privacy->options.no_envelope ? nothing : command->path;
}

/* ---- Replies, and what they may repeat ---- */

static const struct record_mail *find_mail(const struct record *record, uint32_t number) {
	const struct record_mail *mail = number != 0 ? record->mails : NULL;
	while (mail != NULL && mail->number != number)
		mail = mail->next;
	return mail;
}

/* Of a reply that speaks of one recipient that one, of others the sender and the first recipients. */
static void add_mail(const struct privacy *privacy, const struct record_mail *mail, uint32_t recipient, struct needles *needles) {
	if (mail == NULL || !privacy->options.no_envelope)
		return;
	for (const struct record_recipient *to = mail->recipients; to != NULL && needles->count < NEEDLES_MAX; to = to->next)
		if (recipient == 0 || to->number == recipient)
			add_address(needles, to->to);
	add_address(needles, mail->from);
}

static void hide_reply_event(struct privacy *privacy, struct arena *arena, const struct record *record, struct event_reply *reply) {
	struct needles needles = {.count = 0};
	bool of_names = reply->answers == EVENT_ANSWERS_COMMAND && (reply->verb == VERB_VRFY || reply->verb == VERB_EXPN);
	if (of_names && privacy->options.no_envelope && reply->line_count > 0) {
		struct slice *line = arena_alloc(arena, sizeof(*line));
		*line = slice_of(omitted);
		reply->lines = line;
		reply->line_count = 1;
		return;
	}
	add_users(privacy, record, &needles);
	add_mail(privacy, find_mail(record, reply->mail), reply->recipient, &needles);
	reply->lines = hide_lines(privacy, arena, reply->lines, reply->line_count, &needles);
}

static void hide_entry(struct privacy *privacy, struct arena *arena, const struct record *record, struct record_timeline_entry *entry) {
	if (entry->kind == RECORD_COMMAND)
		hide_command(privacy, arena, &entry->command);
	else if (entry->kind == RECORD_REPLY || entry->kind == RECORD_GREETING)
		hide_reply_event(privacy, arena, record, &entry->reply);
}

void privacy_hide_entry(struct privacy *privacy, const struct record *record, struct record_timeline_entry *entry) {
	if (!hides_anything(privacy))
		return;
	arena_reset(&privacy->arena);
	hide_entry(privacy, &privacy->arena, record, entry);
}

/* ---- Records ---- */

/* The header of a message names the same persons. */
static void hide_message(struct privacy *privacy, struct arena *arena, const struct record_mail *mail) {
	struct record_message *message = mail->message;
	struct needles needles = {.count = 0};
	if (message == NULL || !message->read || !privacy->options.no_envelope)
		return;
	add_needle(&needles, mail->from);
	for (const struct record_recipient *to = mail->recipients; to != NULL; to = to->next)
		add_needle(&needles, to->to);
	for (enum message_field field = 0; field < MESSAGE_FIELDS; field++) {
		struct slice *value = &message->headers.fields[field];
		/* These look like addresses. */
		bool is_id = field == MESSAGE_MESSAGE_ID || field == MESSAGE_IN_REPLY_TO;
		if (message->headers.has[field])
			*value = is_id ? hide_needles(privacy, arena, *value, &needles) : hide_addresses(privacy, arena, *value);
	}
	for (struct message_part *part = message->parts.first; part != NULL; part = part->next)
		part->name = hide_needles(privacy, arena, part->name, &needles);
}

static void hide_mail(struct privacy *privacy, struct record *record, struct record_mail *mail) {
	struct arena *arena = &record->arena;
	struct needles all = {.count = 0};
	add_users(privacy, record, &all);
	add_mail(privacy, mail, 0, &all);
	hide_message(privacy, arena, mail);
	hide_reply(privacy, arena, &mail->reply, &all);
	hide_reply(privacy, arena, &mail->data_reply, &all);
	hide_reply(privacy, arena, &mail->body_reply, &all);
	mail->parameters = hide_parameters(privacy, arena, mail->parameters, mail->parameter_count);
	for (struct record_recipient *to = mail->recipients; to != NULL; to = to->next) {
		struct needles one = {.count = 0};
		add_users(privacy, record, &one);
		add_mail(privacy, mail, to->number, &one);
		hide_reply(privacy, arena, &to->reply, &one);
		hide_reply(privacy, arena, &to->body_reply, &one);
		to->parameters = hide_parameters(privacy, arena, to->parameters, to->parameter_count);
	}
	if (!privacy->options.no_envelope)
		return;
	/* Only now: until here they were looked for. */
	if (mail->from.len > 0)
		mail->from = keep_alias(privacy, arena, mail->from);
	for (struct record_recipient *to = mail->recipients; to != NULL; to = to->next)
		if (to->to.len > 0)
			to->to = keep_alias(privacy, arena, to->to);
}

void privacy_hide_record(struct privacy *privacy, struct record *record) {
	struct needles users = {.count = 0};
	if (!hides_anything(privacy))
		return;
	add_users(privacy, record, &users);
	for (size_t i = 0; i < record->timeline_count; i++)
		hide_entry(privacy, &record->arena, record, &record->timeline[i]);
	for (struct record_attempt *attempt = record->attempts; attempt != NULL; attempt = attempt->next)
		hide_reply(privacy, &record->arena, &attempt->reply, &users);
	for (struct record_mail *mail = record->mails; mail != NULL; mail = mail->next)
		hide_mail(privacy, record, mail);
	hide_reply(privacy, &record->arena, &record->greeting, &users);
	record->banner = hide_said(privacy, &record->arena, record->banner, &users);
	record->envelope_omitted = privacy->options.no_envelope && privacy->hash == NULL;
}

/* ---- Facts ---- */

static void hide_fact_mail(struct privacy *privacy, struct facts_mail *mail, struct needles *needles) {
	struct arena *arena = &privacy->arena;
	static const struct slice nothing = {NULL, 0};
	bool omit = privacy->hash == NULL;
	for (size_t i = 0; i < mail->recipients_kept; i++)
		add_address(needles, mail->recipients[i].to);
	add_address(needles, mail->from);
	mail->text = hide_said(privacy, arena, mail->text, needles);
	for (size_t i = 0; i < mail->recipients_kept; i++) {
		struct facts_recipient *to = &mail->recipients[i];
		to->text = hide_said(privacy, arena, to->text, needles);
		if (to->to.len > 0)
			to->to = omit ? nothing : keep_alias(privacy, arena, to->to);
	}
	/* The null sender is nobody's name. */
	if (mail->from.len == 0)
		return;
	mail->seen = mail->seen && !omit;
	mail->from = omit ? nothing : keep_alias(privacy, arena, mail->from);
}

void privacy_hide_facts(struct privacy *privacy, struct facts *facts) {
	struct needles users = {.count = 0};
	if (!hides_anything(privacy))
		return;
	arena_reset(&privacy->arena);
	for (size_t i = 0; hides_users(privacy) && i < facts->attempts_kept && users.count < USERS_MAX; i++)
		if (facts->attempts[i].has_username)
			add_needle(&users, facts->attempts[i].username);
	for (size_t i = 0; i < facts->attempts_kept; i++)
		facts->attempts[i].text = hide_said(privacy, &privacy->arena, facts->attempts[i].text, &users);
	for (size_t i = 0; i < facts->mails_kept; i++) {
		struct needles needles = users;
		if (privacy->options.no_envelope)
			hide_fact_mail(privacy, &facts->mails[i], &needles);
		else
			facts->mails[i].text = hide_said(privacy, &privacy->arena, facts->mails[i].text, &users);
	}
	facts->banner = hide_said(privacy, &privacy->arena, facts->banner, &users);
}
