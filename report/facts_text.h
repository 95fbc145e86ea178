/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the two makers of facts have in common, so that packets and documents give the same: how texts are cut and joined,
 * and which of many attempts, mails and recipients are kept.
 */
#ifndef SMTPSCOPE_REPORT_FACTS_TEXT_H
#define SMTPSCOPE_REPORT_FACTS_TEXT_H

#include <string.h>

#include "report/facts.h"

/* Valid UTF-8, cut to max bytes without cutting a character. */
static inline struct slice facts_cut(struct slice text, size_t max) {
	if (text.len <= max)
		return text;
	text.len = max;
	while (text.len > 0 && ((unsigned char)text.data[text.len] & 0xc0) == 0x80)
		text.len--;
	return text;
}

/* The lines of a reply as one text. */
struct facts_joined {
	char data[FACTS_TEXT_MAX];
	size_t len;
};

/* Adds a line: valid UTF-8, cut already. */
static inline void facts_join(struct facts_joined *joined, struct slice line) {
	if (line.len == 0 || FACTS_TEXT_MAX - joined->len < 2)
		return;
	if (joined->len > 0)
		joined->data[joined->len++] = ' ';
	line = facts_cut(line, FACTS_TEXT_MAX - joined->len);
	memcpy(joined->data + joined->len, line.data, line.len);
	joined->len += line.len;
}

/* Which of many are kept: as many as fit, those that matter before all others. */
struct facts_choice {
	size_t mattering_left, others_left;
};

static inline struct facts_choice facts_choose(size_t mattering, size_t total, size_t max) {
	struct facts_choice choice = {.mattering_left = mattering < max ? mattering : max};
	size_t others = total - mattering, room = max - choice.mattering_left;
	choice.others_left = others < room ? others : room;
	return choice;
}

/* Is the next one, in the order they came, among the kept? */
static inline bool facts_take(struct facts_choice *choice, bool matters) {
	size_t *left = matters ? &choice->mattering_left : &choice->others_left;
	if (*left == 0)
		return false;
	--*left;
	return true;
}

static inline bool facts_is_refusal(uint16_t code) {
	return code >= 400;
}

/* A mail matters when it, or some recipient of it, was refused. */
static inline bool facts_mail_matters(enum event_mail_result result, uint16_t code, uint32_t recipients_refused) {
	return result == EVENT_MAIL_REJECTED || facts_is_refusal(code) || recipients_refused > 0;
}

#endif
