/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Greylisted mail: that which is never tried again, and that which is accepted when it comes again.
 */
#include <stdio.h>
#include <string.h>

#include "decode/ascii.h"
#include "report/diagnosis/build.h"
#include "report/diagnosis/state.h"

#define RETRY_NS (INT64_C(4) * 3600 * 1000000000) /* RFC 5321, 4.5.4.1: at least 30 minutes between tries; some take hours */
#define TOLD_NS (INT64_C(28) * 3600 * 1000000000)

static bool mentions(struct slice text, const char *word) {
	for (size_t i = 0; i < text.len; i++)
		if (slice_begins(slice_skip(text, i), word))
			return true;
	return false;
}

/* RFC 6647, 5: 450 or 451; 421 where the connection ends with it. */
static bool is_greylisting(uint16_t code, struct slice text) {
	return (code == 421 || code == 450 || code == 451) &&
		(mentions(text, "GREYLIST") || mentions(text, "GRAYLIST") || mentions(text, "GREY LIST") || mentions(text, "POSTGREY"));
}

/* Another address of the same sender may try again, and at another server. */
static size_t make_key(const struct facts_mail *mail, const struct facts_recipient *recipient, char *ret_key, size_t size) {
	int len = snprintf(ret_key, size, "%.*s %.*s", (int)mail->from.len, mail->from.len > 0 ? mail->from.data : "",
		(int)recipient->to.len, recipient->to.len > 0 ? recipient->to.data : "");
	return len < 0 ? 0 : (size_t)len < size ? (size_t)len : size - 1;
}

/* Of a sender and a recipient. */
static uint64_t hash_key(const char *key, size_t len) {
	uint64_t hash = UINT64_C(0xcbf29ce484222325);
	for (size_t i = 0; i < len; i++)
		hash = (hash ^ (unsigned char)key[i]) * UINT64_C(0x100000001b3);
	return hash;
}

/* Accepted at last: at the server that had greylisted it, whichever it is that took it. */
static void note_passed(struct diagnoser *diagnoser, const struct observation *seen, const struct facts_mail *mail,
	const struct greylisted *greylisted, uint64_t frame) {
	struct endpoint *endpoint = endpoint_of(diagnoser, &greylisted->endpoint);
	int64_t delay_ns = mail->time_ns - greylisted->refused.first_ns;
	if (endpoint == NULL || seen->late || delay_ns < 0)
		return;
	struct greylist_passed *passed = &endpoint->passed;
	if (passed->mails.count == 0 || delay_ns < passed->shortest_ns)
		passed->shortest_ns = delay_ns;
	if (passed->mails.count == 0 || delay_ns > passed->longest_ns)
		passed->longest_ns = delay_ns;
	tally_add(&passed->mails, mail->time_ns);
	name_list_add(passed->clients, &passed->client_count, LIST_MAX, seen->client_text);
	evidence_merge(&passed->evidence, &greylisted->evidence);
	evidence_add(diagnoser, &passed->evidence, seen->facts, frame);
}

static void observe(struct diagnoser *diagnoser, const struct observation *seen) {
	char key[512];
	for (size_t i = 0; i < seen->facts->mails_kept; i++) {
		const struct facts_mail *mail = &seen->facts->mails[i];
		for (size_t k = 0; k < mail->recipients_kept; k++) {
			const struct facts_recipient *recipient = &mail->recipients[k];
			if (recipient->to.len == 0) /* who is not known cannot be recognised */
				continue;
			size_t key_len = make_key(mail, recipient, key, sizeof(key));
			if (!is_greylisting(recipient->code, recipient->text) && !is_greylisting(mail->code, mail->text)) {
				const struct greylisted *waiting = table_find(&diagnoser->greylisted, key, key_len);
				if (waiting != NULL && recipient->code > 0 && recipient->code < 300 && mail->result == EVENT_MAIL_ACCEPTED)
					note_passed(diagnoser, seen, mail, waiting, recipient->frame);
				if (recipient->code != 0)
					table_remove(&diagnoser->greylisted, key, key_len);
				continue;
			}
			/* It may have been tried again since, and that is not remembered. */
			if (seen->late)
				continue;
			struct greylisted *greylisted = table_use(&diagnoser->greylisted, key, key_len);
			if (greylisted == NULL)
				continue;
			greylisted->about = hash_key(key, key_len);
			greylisted->endpoint = endpoint_ref(seen->endpoint);
			memcpy(greylisted->client, seen->client_text, sizeof(greylisted->client));
			NAME_SET(greylisted->recipient, recipient->to);
			tally_add(&greylisted->refused, mail->time_ns);
			evidence_add(diagnoser, &greylisted->evidence, seen->facts, recipient->frame);
		}
	}
}

static void conclude_one(struct diagnoser *diagnoser, const struct greylisted *greylisted, const struct endpoint *endpoint) {
	static const char id[] = "greylist-not-retried";
	if (!build_admit(diagnoser, id, FINDING_LOW, greylisted->refused.last_ns, greylisted->evidence.session_count))
		return;
	struct diagnosis *diagnosis = build_begin(diagnoser, id, FINDING_LOW, greylisted->refused);
	char server[NAME_SIZE], client[1][NAME_SIZE], recipient[1][NAME_SIZE], about[24];
	endpoint_text(&endpoint->address, server);
	memcpy(client[0], greylisted->client, sizeof(client[0]));
	memcpy(recipient[0], greylisted->recipient, sizeof(recipient[0]));
	const struct words_value values[] = {
		{"server", server, 0},
		{"client", client[0], 0},
		{"recipient", build_list(diagnoser, recipient, 1, 1), 0},
	};
	build_words(diagnoser, diagnosis, WORDS_COUNT, BUILD_VALUES(values));
	build_reads(diagnoser, diagnosis, CLIENT_TEXT_RCPT, 451);
	build_server(diagnosis, endpoint);
	snprintf(about, sizeof(about), "%016llx", (unsigned long long)greylisted->about);
	build_about(diagnoser, diagnosis, client[0], about);
	build_clients(diagnoser, diagnosis, client, 1);
	build_evidence(diagnoser, diagnosis, &greylisted->evidence);
	build_filter(diagnoser, diagnosis, endpoint, endpoint->address.port);
}

static const char *build_delay(struct diagnoser *diagnoser, int64_t ns) {
	uint64_t seconds = (uint64_t)(ns / 1000000000);
	char number[24];
	snprintf(number, sizeof(number), "%llu", (unsigned long long)seconds);
	const struct words_value values[] = {{"value", number, 0}, {"hours", NULL, seconds / 3600},
		{"minutes", NULL, seconds < 7200 ? seconds / 60 : seconds / 60 % 60}, {"seconds", NULL, seconds % 60}};
	return build_text(diagnoser,
		seconds < 120    ? WORDS_TEXT_DURATION_S
		: seconds < 7200 ? WORDS_TEXT_DURATION_MIN
				 : WORDS_TEXT_DURATION_H,
		BUILD_VALUES(values));
}

static void conclude_passed(struct diagnoser *diagnoser, const struct endpoint *endpoint) {
	static const char id[] = "greylisted-then-delivered";
	const struct greylist_passed *passed = &endpoint->passed;
	if (!build_admit(diagnoser, id, FINDING_INFO, passed->mails.last_ns, passed->evidence.session_count))
		return;
	struct diagnosis *diagnosis = build_begin(diagnoser, id, FINDING_INFO, passed->mails);
	char server[NAME_SIZE], clients[LIST_MAX][NAME_SIZE];
	endpoint_text(&endpoint->address, server);
	memcpy(clients, passed->clients, sizeof(clients));
	const struct words_value values[] = {
		{"server", server, 0},
		{"mails", NULL, passed->mails.count},
		{"shortest", build_delay(diagnoser, passed->shortest_ns), 0},
		{"longest", build_delay(diagnoser, passed->longest_ns), 0},
	};
	build_words(diagnoser, diagnosis,
		passed->mails.count > 1 ? WORDS_DIAGNOSIS_GREYLISTED_THEN_DELIVERED_EXPLANATION_MANY : WORDS_COUNT, BUILD_VALUES(values));
	diagnosis->has_delay = true;
	diagnosis->shortest_ns = passed->shortest_ns;
	diagnosis->longest_ns = passed->longest_ns;
	build_server(diagnosis, endpoint);
	build_about(diagnoser, diagnosis, "greylist", "");
	build_clients(diagnoser, diagnosis, clients, passed->client_count);
	build_evidence(diagnoser, diagnosis, &passed->evidence);
	build_filter(diagnoser, diagnosis, endpoint, endpoint->address.port);
}

static void conclude(struct diagnoser *diagnoser) {
	for (const struct endpoint *endpoint = NULL; (endpoint = table_next(&diagnoser->endpoints, endpoint)) != NULL;)
		if (endpoint->passed.mails.count > 0)
			conclude_passed(diagnoser, endpoint);
	if (diagnoser->options.apart)
		return; /* it may have been tried again at a server that others know of */
	enum { TOLD_MAX = 20 }; /* a client without a queue has many such mails */
	size_t told = 0;
	for (const struct greylisted *item = NULL; (item = table_next(&diagnoser->greylisted, item)) != NULL && told < TOLD_MAX;) {
		const struct endpoint *endpoint = endpoint_of(diagnoser, &item->endpoint);
		int64_t ago_ns = diagnoser->last_ns - item->refused.last_ns;
		if (endpoint == NULL || item->refused.count > 1 || ago_ns < RETRY_NS)
			continue;
		if (diagnoser->options.watching && ago_ns > TOLD_NS)
			continue; /* it has been told, and would take the place of others */
		conclude_one(diagnoser, item, endpoint);
		told++;
	}
}

const struct topic topic_greylist = {observe, conclude};
