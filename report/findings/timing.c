/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Findings about time: a server that lets its client wait.
 */
#include "report/findings/rules.h"

#define SECOND_NS INT64_C(1000000000)

/* How long a reply may take before somebody notices, and how long a client waits for it at least by RFC 5321, 4.5.3.2. Mail programs
 * wait a minute or so and then say that the server does not answer. */
static const struct {
	int64_t noticed_s, rfc_s;
} limits[TIMING_PHASE_COUNT] = {
	[TIMING_GREETING] = {10, 300},
	[TIMING_HELLO] = {5, 300},
	[TIMING_STARTTLS] = {5, 300},
	[TIMING_AUTH] = {10, 300}, /* servers delay the answer to a wrong password by some seconds */
	[TIMING_MAIL] = {5, 300},
	[TIMING_RCPT] = {10, 300}, /* look-ups of the recipient, at another server perhaps */
	[TIMING_DATA] = {10, 120},
	[TIMING_BODY] = {20, 600}, /* the message is looked through for spam and viruses */
	[TIMING_OTHER] = {5, 300},
};

#define GIVEN_UP_NS (60 * SECOND_NS) /* about as long as mail programs wait */
#define LEFT_NS (20 * SECOND_NS)     /* who leaves without an answer after so long has waited for it */

static const char *piece_seconds(struct terminal_text *piece, int64_t ns) {
	terminal_text_init(piece, false);
	terminal_text_format(piece, "%.1f", (double)ns / 1e9);
	return piece->data;
}

/* What the server answered, or did not. */
static const char *piece_asked(struct terminal_text *piece, const struct rules_draft *draft, enum timing_phase phase, struct slice verb) {
	switch (phase) {
	case TIMING_GREETING:
		return rules_words(draft, WORDS_FINDING_SLOW_REPLY_GREETING);
	case TIMING_BODY:
		return rules_words(draft, WORDS_FINDING_SLOW_REPLY_BODY);
	case TIMING_AUTH:
		return rules_words(draft, WORDS_FINDING_SLOW_REPLY_AUTH);
	default:
		return verb.len > 0 ? rules_piece_wire(piece, verb, 20) : rules_words(draft, WORDS_FINDING_SLOW_REPLY_COMMAND);
	}
}

/* One reply that took long. */
struct slow {
	enum timing_phase phase;
	struct slice verb;
	int64_t ns;
	const struct record_timeline_entry *entry;
};

static bool is_reply(const struct record_timeline_entry *entry) {
	return entry->kind == RECORD_REPLY || entry->kind == RECORD_GREETING;
}

/* Of the greeting only the sums know, as its time is not known when it comes. */
static int64_t server_time(const struct record *record, const struct record_timeline_entry *entry) {
	if (entry->kind == RECORD_GREETING && record->timing.phases[TIMING_GREETING].count > 0)
		return record->timing.phases[TIMING_GREETING].max_ns;
	return entry->reply.latency_ns < 0 ? -1 : timing_of_server(record->timing.to_server_ns, entry->reply.latency_ns);
}

/* What the client had sent last, and left without the answer to. Returns how long it had waited; -1 when it did not. */
static int64_t find_unanswered(const struct record *record, struct slow *ret_slow) {
	enum stream_close_how how = record->close.how;
	const struct record_timeline_entry *asked = NULL;

	if ((how != STREAM_CLOSE_FIN && how != STREAM_CLOSE_RESET_BY_CLIENT) || record_hides_text(record))
		return -1;
	for (size_t i = 0; i < record->timeline_count; i++) {
		const struct record_timeline_entry *entry = &record->timeline[i];

		if (is_reply(entry))
			asked = NULL;
		else if (entry->kind == RECORD_COMMAND && entry->command.verb == VERB_QUIT)
			asked = NULL; /* who says goodbye waits for nothing */
		else if (entry->kind == RECORD_COMMAND || (entry->kind == RECORD_BODY && entry->body.complete) ||
			 (entry->kind == RECORD_AUTH && entry->from == RECORD_FROM_CLIENT))
			asked = entry;
	}
	if (asked == NULL || !record->greeting.seen)
		return -1;
	struct event_reply missing = {.answers = EVENT_ANSWERS_COMMAND, .verb = VERB_AUTH};
	if (asked->kind == RECORD_BODY)
		missing.answers = EVENT_ANSWERS_BODY;
	else if (asked->kind == RECORD_COMMAND)
		missing.verb = asked->command.verb;
	*ret_slow = (struct slow){.phase = timing_phase_of(&missing),
		.verb = asked->kind == RECORD_COMMAND ? asked->command.name : (struct slice){NULL, 0},
		.ns = record->close.last.time_ns - asked->at.time_ns,
		.entry = asked};
	return ret_slow->ns;
}

static bool say_unanswered(const struct record *record, struct rules_draft *draft, const struct slow *slow) {
	struct terminal_text server, seconds, asked;
	const char *kinds[] = {timing_phase_name(slow->phase)};

	draft->severity = FINDING_MEDIUM;
	draft->title = WORDS_FINDING_SLOW_REPLY_TITLE_NONE;
	RULES_SAY(draft, WORDS_FINDING_SLOW_REPLY_EXPLANATION_NONE,
		words_text("server", rules_piece_endpoint(&server, &record->open.server, true)),
		words_text("asked", piece_asked(&asked, draft, slow->phase, slow->verb)),
		words_text("seconds", piece_seconds(&seconds, slow->ns)));
	rules_fails(draft, CLIENT_TEXT_SILENT, 0);
	rules_add_frame(draft, slow->entry->at.frame);
	rules_add_frame(draft, record->close.last.frame);
	rules_field_texts(draft, "kinds", kinds, 1);
	rules_field(draft, "answered", FINDING_FIELD_BOOL, false);
	rules_field(draft, "server_ms", FINDING_FIELD_MS, slow->ns);
	return true;
}

bool rules_slow_reply(const struct record *record, struct rules_draft *draft) {
	struct terminal_text server, seconds, asked;
	const char *kinds[TIMING_PHASE_COUNT];
	struct slow worst = {.ns = -1};
	bool seen[TIMING_PHASE_COUNT] = {false};
	size_t kind_count = 0;
	uint64_t count = 0;

	if (!rules_is_whole(record))
		return false;
	if (find_unanswered(record, &worst) >= LEFT_NS)
		return say_unanswered(record, draft, &worst);
	worst.ns = -1;
	for (size_t i = 0; i < record->timeline_count; i++) {
		const struct record_timeline_entry *entry = &record->timeline[i];
		enum timing_phase phase;
		int64_t ns;

		if (!is_reply(entry))
			continue;
		ns = server_time(record, entry);
		phase = entry->kind == RECORD_GREETING ? TIMING_GREETING : timing_phase_of(&entry->reply);
		if (ns < limits[phase].noticed_s * SECOND_NS)
			continue;
		count++;
		if (!seen[phase])
			kinds[kind_count++] = timing_phase_name(phase);
		seen[phase] = true;
		rules_add_frame(draft, entry->at.frame);
		if (ns > worst.ns)
			worst = (struct slow){.phase = phase, .verb = entry->reply.verb_name, .ns = ns, .entry = entry};
	}
	if (count == 0)
		return false;
	draft->severity = worst.ns >= GIVEN_UP_NS ? FINDING_MEDIUM : FINDING_LOW;
	RULES_SAY(draft, WORDS_FINDING_SLOW_REPLY_EXPLANATION,
		words_text("server", rules_piece_endpoint(&server, &record->open.server, true)),
		words_text("asked", piece_asked(&asked, draft, worst.phase, worst.verb)),
		words_text("seconds", piece_seconds(&seconds, worst.ns)));
	if (count > 1)
		RULES_SAY(draft, WORDS_FINDING_SLOW_REPLY_MORE, words_count("count", count - 1));
	if (worst.ns >= limits[worst.phase].rfc_s * SECOND_NS)
		RULES_SAY(draft, WORDS_FINDING_SLOW_REPLY_RFC, words_count("minutes", (uint64_t)limits[worst.phase].rfc_s / 60));
	rules_field_texts(draft, "kinds", kinds, kind_count);
	rules_field(draft, "answered", FINDING_FIELD_BOOL, true);
	rules_field(draft, "replies", FINDING_FIELD_NUMBER, (int64_t)count);
	rules_field(draft, "server_ms", FINDING_FIELD_MS, worst.ns);
	rules_field(draft, "threshold_ms", FINDING_FIELD_MS, limits[worst.phase].noticed_s * SECOND_NS);
	return true;
}

/* ---- tarpit ---- */

enum {
	DELAYED_MIN = 4,  /* replies; three may have met a busy moment */
	DELAYED_KINDS_MIN = 3,
	DRIPS_MIN = 5,    /* pauses inside one reply */
};

#define DELAY_NS SECOND_NS

/* The replies that take no work, or nearly none: not logins, which are delayed when they fail, and not messages. */
struct delays {
	uint64_t replies, delayed;
	bool kinds[TIMING_PHASE_COUNT];
	int64_t first_ns, last_ns, total_ns;
	bool rising;
};

static bool is_light(enum timing_phase phase) {
	return phase != TIMING_GREETING && phase != TIMING_AUTH && phase != TIMING_BODY;
}

static void note_delay(struct delays *delays, enum timing_phase phase, int64_t ns) {
	delays->replies++;
	if (ns < DELAY_NS)
		return;
	delays->rising = delays->delayed == 0 || (delays->rising && ns >= delays->last_ns);
	if (delays->delayed++ == 0)
		delays->first_ns = ns;
	delays->last_ns = ns;
	delays->total_ns += ns;
	delays->kinds[phase] = true;
}

/* Every kind of command waits, nearly every time. One kind alone may be waiting for a look-up. */
static bool is_systematic(const struct delays *delays) {
	size_t kinds = 0;

	for (size_t i = 0; i < TIMING_PHASE_COUNT; i++)
		kinds += delays->kinds[i];
	return delays->delayed >= DELAYED_MIN && kinds >= DELAYED_KINDS_MIN && delays->delayed * 4 >= delays->replies * 3;
}

static bool is_growing(const struct delays *delays) {
	return delays->delayed >= DELAYED_MIN && delays->rising && delays->last_ns >= 2 * delays->first_ns;
}

bool rules_tarpit(const struct record *record, struct rules_draft *draft) {
	enum { WAYS_MAX = 3 };
	const char *ways[WAYS_MAX];
	struct terminal_text server, seconds;
	struct delays delays = {0};
	size_t way_count = 0;
	uint64_t dripped = 0;
	bool systematic, growing;

	if (!rules_is_whole(record))
		return false;
	for (size_t i = 0; i < record->timeline_count; i++) {
		const struct record_timeline_entry *entry = &record->timeline[i];
		enum timing_phase phase = timing_phase_of(&entry->reply);

		if (!is_reply(entry))
			continue;
		if (entry->reply.pauses >= DRIPS_MIN && entry->reply.pauses >= entry->reply.line_count) {
			dripped++;
			rules_add_frame(draft, entry->at.frame);
		}
		if (entry->reply.latency_ns < 0 || !is_light(phase))
			continue;
		note_delay(&delays, phase, server_time(record, entry));
		if (server_time(record, entry) >= DELAY_NS)
			rules_add_frame(draft, entry->at.frame);
	}
	systematic = is_systematic(&delays);
	growing = is_growing(&delays);
	if (!systematic && !growing && dripped == 0)
		return false;
	draft->severity = FINDING_LOW;
	rules_piece_endpoint(&server, &record->open.server, true);
	if (dripped > 0) {
		ways[way_count++] = "drip";
		RULES_SAY(draft, WORDS_FINDING_TARPIT_DRIP, words_text("server", server.data), words_count("replies", dripped));
	}
	if (systematic || growing) {
		if (dripped > 0)
			rules_say(draft, WORDS_SENTENCES_JOIN);
		RULES_SAY(draft, WORDS_FINDING_TARPIT_DELAYS, words_text("server", server.data),
			words_count("replies", delays.delayed), words_text("seconds", piece_seconds(&seconds, delays.total_ns)));
	}
	if (systematic)
		ways[way_count++] = "delays";
	if (growing) {
		ways[way_count++] = "growing";
		rules_say(draft, WORDS_FINDING_TARPIT_GROWING);
	}
	rules_say(draft, WORDS_FINDING_TARPIT_END);
	rules_field_texts(draft, "ways", ways, way_count);
	rules_field(draft, "replies", FINDING_FIELD_NUMBER, (int64_t)(delays.delayed > dripped ? delays.delayed : dripped));
	rules_field(draft, "server_ms", FINDING_FIELD_MS, delays.total_ns);
	return true;
}
