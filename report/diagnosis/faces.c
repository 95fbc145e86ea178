/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What answers on an endpoint, and when that changed.
 *
 * A face is the greeting without what varies in it, the extensions in their order, and the login methods. Two servers of the same
 * software and configuration have one face; a gateway in front of a server has another than the server.
 */
#include <stdio.h>
#include <string.h>

#include "decode/ascii.h"
#include "report/diagnosis/build.h"
#include "report/diagnosis/state.h"

enum { ALTERNATIONS_MIN = 6 }; /* so many changes to and fro are no incident but a way of working */

static uint64_t hash_text(const char *text, uint64_t hash) {
	for (; *text != '\0'; text++)
		hash = (hash ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
	return (hash ^ 0xff) * UINT64_C(0x100000001b3);
}

static bool has_digit(struct slice word) {
	for (size_t i = 0; i < word.len; i++)
		if (ascii_is_digit(word.data[i]))
			return true;
	return false;
}

/* Dates in a greeting: names of days and months, with a comma or without. */
static bool is_date_word(struct slice word) {
	static const char *const words[] = {"MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN", "JAN", "FEB", "MAR", "APR", "MAY", "JUN",
		"JUL", "AUG", "SEP", "OCT", "NOV", "DEC", "GMT", "UTC", "AM", "PM"};
	while (word.len > 0 && !ascii_is_alpha(word.data[word.len - 1]))
		word.len--;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (slice_is(word, words[i]))
			return true;
	return false;
}

/* The greeting without what differs from session to session or version to version: words with digits (versions, ids, dates) go; in
 * the first word, the host's name, digits become #, so that mx1 and mx2 of one pool are alike. */
static void make_banner_key(struct slice banner, char ret_key[BANNER_SIZE]) {
	size_t len = 0;
	bool first = true;
	for (;;) {
		struct slice word = slice_next_word(&banner);
		if (word.len == 0)
			break;
		bool dropped = !first && (has_digit(word) || is_date_word(word));
		for (size_t i = 0; i < word.len && !dropped && len < BANNER_SIZE - 2; i++)
			ret_key[len++] = ascii_is_digit(word.data[i]) ? '#' : word.data[i];
		if (!dropped)
			ret_key[len++] = ' ';
		if (len >= BANNER_SIZE - 1)
			break;
		first = false;
	}
	ret_key[len < BANNER_SIZE ? len : BANNER_SIZE - 1] = '\0';
}

static void append_word(char *list, size_t size, struct slice word, char separator) {
	size_t len = strlen(list);
	if (len + word.len + 2 > size)
		return;
	if (len > 0)
		list[len++] = separator;
	memcpy(list + len, word.data, word.len);
	list[len + word.len] = '\0';
}

static void append_upper(char *list, size_t size, struct slice word) {
	size_t before = strlen(list);
	append_word(list, size, word, ' ');
	for (char *c = list + before; *c != '\0'; c++)
		*c = ascii_upper(*c);
}

static bool has_word(const char *list, struct slice word) {
	struct slice rest = slice_of(list);
	for (struct slice other; (other = slice_next_word(&rest)).len > 0;)
		if (other.len == word.len && memcmp(other.data, word.data, word.len) == 0)
			return true;
	return false;
}

/* Fills what a face is known by. */
static void read_face(const struct facts *facts, struct face *ret_face) {
	*ret_face = (struct face){0};
	make_banner_key(facts->banner, ret_face->banner_key);
	NAME_SET(ret_face->banner, facts->banner);
	NAME_SET(ret_face->software, facts->software);
	for (size_t i = 0; i < facts->capability_count; i++) {
		struct slice rest = facts->capabilities[i];
		append_word(ret_face->capabilities, sizeof(ret_face->capabilities), rest, '\n');
		bool auth = slice_begins(rest, "AUTH ") || slice_begins(rest, "AUTH=");
		struct slice keyword = slice_next_word(&rest);
		/* Middleboxes take STARTTLS out or overwrite it; the server behind is the same. See starttls.c. */
		if (slice_is(keyword, "STARTTLS") || (keyword.len >= 6 && slice_begins(keyword, "XXXX")))
			continue;
		if (!auth) {
			append_upper(ret_face->keywords, sizeof(ret_face->keywords), keyword);
			continue;
		}
		if (keyword.len > 5) /* the old form, AUTH=LOGIN */
			append_upper(ret_face->auth, sizeof(ret_face->auth), slice_skip(keyword, 5));
		for (struct slice mechanism; (mechanism = slice_next_word(&rest)).len > 0;) {
			char upper[32] = "";
			append_upper(upper, sizeof(upper), mechanism);
			if (!has_word(ret_face->auth, slice_of(upper)))
				append_word(ret_face->auth, sizeof(ret_face->auth), slice_of(upper), ' ');
		}
	}
	uint64_t hash = hash_text(ret_face->banner_key, UINT64_C(0xcbf29ce484222325));
	hash = hash_text(ret_face->software, hash);
	hash = hash_text(ret_face->keywords, hash);
	hash = hash_text(ret_face->auth, hash);
	snprintf(ret_face->id, sizeof(ret_face->id), "%016llx", (unsigned long long)hash);
}

/* A session that did not get to EHLO shows its greeting only: it belongs to the one face with that greeting, if there is one. */
static struct face *find_by_banner(struct endpoint *endpoint, const struct facts *facts) {
	char key[BANNER_SIZE];
	struct face *found = NULL;
	make_banner_key(facts->banner, key);
	for (size_t i = 0; i < endpoint->face_count; i++) {
		if (strcmp(endpoint->faces[i].banner_key, key) != 0)
			continue;
		if (found != NULL)
			return NULL;
		found = &endpoint->faces[i];
	}
	return found;
}

static struct face *find_or_add(struct endpoint *endpoint, const struct face *wanted) {
	for (size_t i = 0; i < endpoint->face_count; i++)
		if (strcmp(endpoint->faces[i].id, wanted->id) == 0)
			return &endpoint->faces[i];
	if (endpoint->face_count == FACES_MAX) {
		endpoint->faces_over++;
		return NULL;
	}
	endpoint->faces[endpoint->face_count] = *wanted;
	return &endpoint->faces[endpoint->face_count++];
}

static uint64_t hash_bytes(struct slice text, uint64_t hash) {
	for (size_t i = 0; i < text.len; i++)
		hash = (hash ^ (unsigned char)text.data[i]) * UINT64_C(0x100000001b3);
	return (hash ^ 0xff) * UINT64_C(0x100000001b3);
}

/* The face of a complete list. Most sessions show what the one before showed. */
static struct face *find_by_list(struct endpoint *endpoint, const struct facts *facts) {
	uint64_t shown = hash_bytes(facts->banner, UINT64_C(0xcbf29ce484222325));
	for (size_t i = 0; i < facts->capability_count; i++)
		shown = hash_bytes(facts->capabilities[i], shown);
	shown |= 1;
	if (shown == endpoint->last_shown)
		return &endpoint->faces[endpoint->last_face];
	struct face wanted;
	read_face(facts, &wanted);
	struct face *face = find_or_add(endpoint, &wanted);
	if (face != NULL) {
		NAME_SET(face->banner, facts->banner);
		endpoint->last_shown = shown;
		endpoint->last_face = (size_t)(face - endpoint->faces);
	}
	return face;
}

/* Makes place for count runs at this one; false when there is none. */
static bool insert_runs(struct endpoint *endpoint, size_t at, size_t count, const struct facts *facts) {
	if (endpoint->run_count + count > RUNS_MAX) {
		endpoint->runs_over++;
		if (facts->start_ns > endpoint->runs_over_ns)
			endpoint->runs_over_ns = facts->start_ns;
		return false;
	}
	memmove(&endpoint->runs[at + count], &endpoint->runs[at], (endpoint->run_count - at) * sizeof(endpoint->runs[0]));
	endpoint->run_count += count;
	return true;
}

static void begin_run(struct endpoint *endpoint, size_t at, size_t face, const struct facts *facts) {
	struct face_run *run = &endpoint->runs[at];
	*run = (struct face_run){.face = face, .frame = facts->greeting_frame};
	NAME_SET(run->first_session, facts->id);
	tally_add(&run->seen, facts->start_ns);
}

/* A session that took long is known of when later ones are already. It belongs where it began: put behind the latest run, it
 * would tell of a change that never was. */
static void note_late_run(struct endpoint *endpoint, size_t face, const struct facts *facts) {
	int64_t start_ns = facts->start_ns;
	size_t next = 0; /* the first run that began after it */
	while (next < endpoint->run_count && endpoint->runs[next].seen.first_ns <= start_ns)
		next++;
	struct face_run *before = next > 0 ? &endpoint->runs[next - 1] : NULL;
	struct face_run *after = next < endpoint->run_count ? &endpoint->runs[next] : NULL;
	bool inside = before != NULL && start_ns < before->seen.last_ns;
	if (before != NULL && before->face == face) {
		tally_add(&before->seen, start_ns);
	} else if (!inside && after != NULL && after->face == face) {
		tally_add(&after->seen, start_ns);
	} else if (!inside) {
		if (insert_runs(endpoint, next, 1, facts))
			begin_run(endpoint, next, face, facts);
	} else if (insert_runs(endpoint, next, 2, facts)) {
		/* In the middle of another's: that one is two runs. How many sessions each has is not known. */
		struct face_run *rest = &endpoint->runs[next + 1];
		*rest = *before;
		rest->seen.first_ns = rest->seen.last_ns;
		rest->seen.count -= rest->seen.count / 2;
		before->seen.count -= rest->seen.count;
		before->seen.count += before->seen.count == 0;
		before->seen.last_ns = before->seen.first_ns;
		begin_run(endpoint, next, face, facts);
	}
}

static void note_run(struct endpoint *endpoint, size_t face, const struct facts *facts) {
	struct face_run *last = endpoint->run_count > 0 ? &endpoint->runs[endpoint->run_count - 1] : NULL;
	if (last != NULL && last->face != face && facts->start_ns < last->seen.last_ns)
		note_late_run(endpoint, face, facts);
	else if (last != NULL && last->face == face && facts->start_ns < last->seen.first_ns)
		note_late_run(endpoint, face, facts);
	else if (last != NULL && last->face == face)
		tally_add(&last->seen, facts->start_ns);
	else if (insert_runs(endpoint, endpoint->run_count, 1, facts))
		begin_run(endpoint, endpoint->run_count - 1, face, facts);
}

void faces_observe(struct diagnoser *diagnoser, struct observation *seen) {
	const struct facts *facts = seen->facts;
	struct endpoint *endpoint = seen->endpoint;
	if (facts->greeting_code != 220 || facts->banner_unknown) /* without all of it nobody knows whether it is another server */
		return;
	seen->face = facts->capabilities_seen && facts->capabilities_complete ? find_by_list(endpoint, facts)
																		  : find_by_banner(endpoint, facts);
	if (seen->face == NULL)
		return;
	seen->face_index = (size_t)(seen->face - endpoint->faces);
	tally_add(&seen->face->seen, facts->start_ns);
	seen->visit->faces |= 1u << seen->face_index;
	endpoint->saw_several |= (seen->visit->faces & (seen->visit->faces - 1)) != 0;
	evidence_add(diagnoser, &seen->face->evidence, facts, facts->greeting_frame);
	if (facts->capabilities_frame != 0)
		evidence_add(diagnoser, &seen->face->evidence, facts, facts->capabilities_frame);
	note_run(endpoint, seen->face_index, facts);
	for (size_t i = 0; i < facts->attempts_kept; i++) {
		seen->face->logins_accepted += facts->attempts[i].result == EVENT_AUTH_ACCEPTED;
		seen->face->logins_rejected += facts->attempts[i].result == EVENT_AUTH_REJECTED;
	}
}

/* How many runs of the face there are. */
static size_t count_runs(const struct endpoint *endpoint, size_t face) {
	size_t count = 0;
	for (size_t i = 0; i < endpoint->run_count; i++)
		count += endpoint->runs[i].face == face;
	return count;
}

/* Faces that come and go in turn, as those of a load balancer do. */
static bool is_alternating(const struct endpoint *endpoint, size_t face) {
	return endpoint->run_count + endpoint->runs_over > ALTERNATIONS_MIN && count_runs(endpoint, face) > 1;
}

/* ---- Conclusions ---- */

/* The words of list that the other one has not. */
static size_t missing_words(const char *list, const char *other, char (*ret_names)[NAME_SIZE], size_t max) {
	struct slice rest = slice_of(list);
	size_t count = 0;
	for (struct slice word; (word = slice_next_word(&rest)).len > 0;)
		if (!has_word(other, word) && count < max)
			NAME_SET(ret_names[count++], word);
	return count;
}

static void tell_missing(struct diagnoser *diagnoser, struct diagnosis *diagnosis, const char *list, const char *other,
	enum words_id id) {
	char names[LIST_MAX][NAME_SIZE];
	size_t count = missing_words(list, other, names, LIST_MAX);
	if (count == 0)
		return;
	const struct words_value values[] = {{"list", build_list(diagnoser, names, count, count), 0}};
	diagnosis->changes[diagnosis->change_count++] = build_text(diagnoser, id, BUILD_VALUES(values));
}

static void tell_changes(struct diagnoser *diagnoser, struct diagnosis *diagnosis, const struct face *before,
	const struct face *after) {
	enum { CHANGES_MAX = 8 };
	diagnosis->changes = arena_alloc(&diagnoser->arena, CHANGES_MAX * sizeof(const char *));
	struct terminal_text old, new;
	terminal_text_init(&old, false);
	terminal_text_init(&new, false);
	terminal_text_wire(&old, slice_of(before->banner), 60);
	terminal_text_wire(&new, slice_of(after->banner), 60);
	const struct words_value banners[] = {{"before", old.data, 0}, {"after", new.data, 0}};
	const struct words_value software[] = {{"before", before->software, 0}, {"after", after->software, 0}};
	if (before->software[0] != '\0' && after->software[0] != '\0' && strcmp(before->software, after->software) != 0)
		diagnosis->changes[diagnosis->change_count++] =
			build_text(diagnoser, WORDS_DIAGNOSIS_CHANGE_SOFTWARE, BUILD_VALUES(software));
	if (strcmp(before->banner, after->banner) != 0)
		diagnosis->changes[diagnosis->change_count++] =
			build_text(diagnoser, WORDS_DIAGNOSIS_CHANGE_BANNER, BUILD_VALUES(banners));
	tell_missing(diagnoser, diagnosis, before->keywords, after->keywords, WORDS_DIAGNOSIS_CHANGE_EXTENSIONS_GONE);
	tell_missing(diagnoser, diagnosis, after->keywords, before->keywords, WORDS_DIAGNOSIS_CHANGE_EXTENSIONS_NEW);
	tell_missing(diagnoser, diagnosis, before->auth, after->auth, WORDS_DIAGNOSIS_CHANGE_AUTH_GONE);
	tell_missing(diagnoser, diagnosis, after->auth, before->auth, WORDS_DIAGNOSIS_CHANGE_AUTH_NEW);
	if (diagnosis->change_count == 0)
		diagnosis->changes[diagnosis->change_count++] = build_text(diagnoser, WORDS_DIAGNOSIS_CHANGE_ORDER, NULL, 0);
}

static void conclude_alternating(struct diagnoser *diagnoser, const struct endpoint *endpoint) {
	struct tally when = {.first_ns = endpoint->runs[0].seen.first_ns, .last_ns = endpoint->runs[0].seen.last_ns};
	const struct face *shown[2] = {NULL, NULL};
	struct evidence evidence = {0};
	uint64_t count = endpoint->faces_over > 0;
	size_t shown_count = 0;
	for (size_t i = 0; i < endpoint->face_count; i++) {
		const struct face *face = &endpoint->faces[i];
		if (!is_alternating(endpoint, i))
			continue;
		if (shown_count < 2)
			shown[shown_count++] = face;
		count++;
		evidence_merge(&evidence, &face->evidence);
		if (face->seen.last_ns > when.last_ns)
			when.last_ns = face->seen.last_ns;
	}
	if (shown[1] == NULL)
		return;
	static const char id[] = "server-alternates";
	if (!build_admit(diagnoser, id, FINDING_INFO, when.last_ns, evidence.session_count))
		return;
	struct diagnosis *diagnosis = build_begin(diagnoser, id, FINDING_INFO, when);
	char server[NAME_SIZE];
	endpoint_text(&endpoint->address, server);
	const struct words_value values[] = {{"server", server, 0}, {"count", NULL, count}};
	build_words(diagnoser, diagnosis,
		endpoint->saw_several ? WORDS_COUNT : WORDS_DIAGNOSIS_SERVER_ALTERNATES_EXPLANATION_BY_CLIENT, BUILD_VALUES(values));
	build_server(diagnosis, endpoint);
	build_evidence(diagnoser, diagnosis, &evidence);
	build_filter(diagnoser, diagnosis, endpoint, endpoint->address.port);
	diagnosis->before = build_face(diagnoser, shown[0]);
	diagnosis->after = build_face(diagnoser, shown[1]);
	tell_changes(diagnoser, diagnosis, shown[0], shown[1]);
}

/* Nothing but a part of the extensions differs, on a server that greets in the same way: configured anew, or upgraded. */
static bool is_reconfigured(const struct face *before, const struct face *after) {
	return strcmp(before->software, after->software) == 0 && strcmp(before->banner_key, after->banner_key) == 0;
}

/* How bad is the change from one run to the next? Trouble, when one face rejects logins that the other accepts. Else worth a look
 * when it is another server, and a note when the same one was upgraded. */
static enum finding_severity severity_of_change(const struct endpoint *endpoint, size_t change) {
	const struct face_run *before = &endpoint->runs[change - 1], *after = &endpoint->runs[change];
	for (const struct login *login = endpoint->logins; login != NULL; login = login->next_of_endpoint) {
		const struct login_on_face *old = &login->faces[before->face], *new = &login->faces[after->face];
		if ((new->rejected.count > 1 && new->accepted.count == 0 && old->accepted.count > 0) ||
			(old->rejected.count > 1 && old->accepted.count == 0 && new->accepted.count > 0))
			return FINDING_MEDIUM;
	}
	return is_reconfigured(&endpoint->faces[before->face], &endpoint->faces[after->face]) ? FINDING_INFO : FINDING_LOW;
}

static void conclude_change(struct diagnoser *diagnoser, const struct endpoint *endpoint, size_t change,
	enum finding_severity severity) {
	static const char id[] = "server-changed";
	const struct face_run *run = &endpoint->runs[change];
	const struct face *before = &endpoint->faces[endpoint->runs[change - 1].face], *after = &endpoint->faces[run->face];
	bool reconfigured = is_reconfigured(before, after);
	struct tally when = {.first_ns = run->seen.first_ns, .last_ns = run->seen.last_ns};
	if (!build_admit(diagnoser, id, severity, when.last_ns, before->seen.count + after->seen.count))
		return;
	struct diagnosis *diagnosis = build_begin(diagnoser, id, severity, when);
	char server[NAME_SIZE];
	endpoint_text(&endpoint->address, server);
	tell_changes(diagnoser, diagnosis, before, after);
	struct terminal_text changes;
	terminal_text_init(&changes, false);
	for (size_t i = 0; i < diagnosis->change_count; i++) {
		if (i > 0)
			terminal_text_add(&changes, "; ");
		terminal_text_add(&changes, diagnosis->changes[i]);
	}
	diagnosis->ongoing = endpoint->runs[endpoint->run_count - 1].face == run->face;
	const struct words_value values[] = {
		{"server", server, 0},
		{"before", build_face_name(diagnoser, before), 0},
		{"after", build_face_name(diagnoser, after), 0},
		{"when", build_time(diagnoser, run->seen.first_ns), 0},
		{"until", build_until(diagnoser, diagnosis->ongoing, run->seen.last_ns), 0},
		{"changes", changes.data, 0},
	};
	build_words(diagnoser, diagnosis, WORDS_COUNT, BUILD_VALUES(values));
	if (reconfigured) {
		diagnosis->title = build_text(diagnoser, WORDS_DIAGNOSIS_SERVER_CHANGED_TITLE_UPGRADED, BUILD_VALUES(values));
		diagnosis->explanation = build_text(diagnoser, WORDS_DIAGNOSIS_SERVER_CHANGED_EXPLANATION_UPGRADED, BUILD_VALUES(values));
	} else {
		if (endpoint->run_count <= 3 && run->seen.count > 2)
			build_considered(diagnoser, diagnosis, WORDS_DIAGNOSIS_CONSIDERED_LOAD_BALANCER, NULL, 0);
		build_considered(diagnoser, diagnosis, WORDS_DIAGNOSIS_CONSIDERED_UPGRADE, NULL, 0);
		if (endpoint->saw_several)
			build_considered(diagnoser, diagnosis, WORDS_DIAGNOSIS_CONSIDERED_VARYING_BANNER, NULL, 0);
	}
	build_server(diagnosis, endpoint);
	build_about(diagnoser, diagnosis, before->id, after->id);
	struct evidence evidence = before->evidence;
	evidence.frame_count = evidence.frame_count < 2 ? evidence.frame_count : 2;
	evidence.session_count = evidence.session_count < 2 ? evidence.session_count : 2;
	evidence_merge(&evidence, &after->evidence);
	build_evidence(diagnoser, diagnosis, &evidence);
	diagnosis->session_count = before->seen.count + after->seen.count;
	build_filter(diagnoser, diagnosis, endpoint, endpoint->address.port);
	diagnosis->before = build_face(diagnoser, before);
	diagnosis->after = build_face(diagnoser, after);
}

static bool is_change(const struct endpoint *endpoint, size_t run) {
	return !is_alternating(endpoint, endpoint->runs[run - 1].face) || !is_alternating(endpoint, endpoint->runs[run].face);
}

/* The first run of a face that was not seen before. */
static bool is_new_face(const struct endpoint *endpoint, size_t run) {
	for (size_t i = 0; i < run; i++)
		if (endpoint->runs[i].face == endpoint->runs[run].face)
			return false;
	return true;
}

static void conclude_changed(struct diagnoser *diagnoser, const struct endpoint *endpoint) {
	/* The worst change, the first of these. */
	enum finding_severity severity = FINDING_INFO;
	size_t change = 0;
	for (size_t i = 1; i < endpoint->run_count; i++) {
		if (!is_change(endpoint, i))
			continue;
		enum finding_severity this_one = severity_of_change(endpoint, i);
		if (change == 0 || this_one > severity) {
			severity = this_one;
			change = i;
		}
	}
	/* Who watches on must not miss the next one because of what was last week. */
	bool any_new = false;
	for (size_t i = 1; i < endpoint->run_count && diagnoser->options.watching; i++) {
		if (!is_change(endpoint, i) || !is_new_face(endpoint, i))
			continue;
		conclude_change(diagnoser, endpoint, i, severity_of_change(endpoint, i));
		any_new = true;
	}
	if (change != 0 && !any_new)
		conclude_change(diagnoser, endpoint, change, severity);
}

static void conclude(struct diagnoser *diagnoser) {
	for (const struct endpoint *endpoint = NULL; (endpoint = table_next(&diagnoser->endpoints, endpoint)) != NULL;) {
		if (endpoint->run_count < 2)
			continue;
		conclude_alternating(diagnoser, endpoint);
		conclude_changed(diagnoser, endpoint);
	}
}

/* ---- Ageing ---- */

/* Runs of faces that are gone go, and those that ended before; neighbours of the same face become one. */
static void forget_runs(struct endpoint *endpoint, const size_t moved_to[FACES_MAX], int64_t before_ns) {
	/* Where there were too many to be remembered, the first ones stand for all: faces that come and go in turn. */
	bool all_old = endpoint->runs_over == 0 || endpoint->runs_over_ns < before_ns;
	size_t kept = 0;
	for (size_t i = 0; i < endpoint->run_count; i++) {
		struct face_run run = endpoint->runs[i];
		if (moved_to[run.face] == FACES_MAX || (all_old && run.seen.last_ns < before_ns))
			continue;
		run.face = moved_to[run.face];
		if (kept == 0 || endpoint->runs[kept - 1].face != run.face) {
			endpoint->runs[kept++] = run;
			continue;
		}
		endpoint->runs[kept - 1].seen.last_ns = run.seen.last_ns;
		endpoint->runs[kept - 1].seen.count += run.seen.count;
	}
	endpoint->run_count = kept;
	if (all_old)
		endpoint->runs_over = 0;
}

/* Where each face goes to; FACES_MAX: nowhere. Returns whether any is gone. */
static bool forget_endpoint(struct endpoint *endpoint, int64_t before_ns, size_t ret_moved_to[FACES_MAX]) {
	size_t kept = 0;
	for (size_t i = 0; i < FACES_MAX; i++)
		ret_moved_to[i] = FACES_MAX;
	for (size_t i = 0; i < endpoint->face_count; i++) {
		if (endpoint->faces[i].seen.last_ns < before_ns)
			continue;
		ret_moved_to[i] = kept;
		if (kept != i)
			endpoint->faces[kept] = endpoint->faces[i];
		kept++;
	}
	bool any_gone = kept < endpoint->face_count;
	endpoint->face_count = kept;
	forget_runs(endpoint, ret_moved_to, before_ns);
	if (any_gone) {
		endpoint->faces_over = 0;
		endpoint->last_shown = 0;
		endpoint->saw_several = false;
	}
	return any_gone;
}

/* Of the endpoints that lost a face, the logins and visits are told by faces that have other places now. */
static void move_faces(struct diagnoser *diagnoser, const struct endpoint *endpoint, const size_t moved_to[FACES_MAX]) {
	for (struct login *login = NULL; (login = table_next(&diagnoser->logins, login)) != NULL;) {
		if (login->endpoint.generation != endpoint->generation)
			continue;
		for (size_t i = 0, kept = 0; i < FACES_MAX; i++) {
			struct login_on_face face = login->faces[i];
			login->faces[i] = (struct login_on_face){0};
			if (moved_to[i] != FACES_MAX)
				login->faces[kept++] = face;
		}
	}
	for (struct visit *visit = NULL; (visit = table_next(&diagnoser->visits, visit)) != NULL;) {
		if (visit->endpoint.generation != endpoint->generation)
			continue;
		unsigned faces = visit->faces;
		visit->faces = 0;
		for (size_t i = 0; i < FACES_MAX; i++)
			if ((faces & 1u << i) != 0 && moved_to[i] != FACES_MAX)
				visit->faces |= 1u << moved_to[i];
	}
}

static void look_for_several(struct diagnoser *diagnoser) {
	for (const struct visit *visit = NULL; (visit = table_next(&diagnoser->visits, visit)) != NULL;) {
		struct endpoint *endpoint = (visit->faces & (visit->faces - 1)) != 0 ? endpoint_of(diagnoser, &visit->endpoint) : NULL;
		if (endpoint != NULL)
			endpoint->saw_several = true;
	}
}

void faces_forget(struct diagnoser *diagnoser, int64_t before_ns) {
	size_t moved_to[FACES_MAX];
	for (struct endpoint *endpoint = NULL; (endpoint = table_next(&diagnoser->endpoints, endpoint)) != NULL;)
		if (forget_endpoint(endpoint, before_ns, moved_to))
			move_faces(diagnoser, endpoint, moved_to);
	look_for_several(diagnoser);
}

const struct topic topic_faces = {NULL, conclude};
