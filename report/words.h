/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The words that a person reads, in the person's language: one catalogue file a language, report/words/en.c and its like.
 *
 * A text may have places for values: {name} is replaced by the value of that name, {name:mail|mails} by the count of that name
 * and the word for one or for many. A brace is written {{.
 */
#ifndef SMTPSCOPE_REPORT_WORDS_H
#define SMTPSCOPE_REPORT_WORDS_H

#include "report/terminal.h"

/* The texts, by what they are for. words_ids.h lists them: WORDS(ID). */
enum words_id {
#define WORDS(id) WORDS_##id,
#include "report/words_ids.h"
#undef WORDS
	WORDS_COUNT
};

/* A catalogue. */
struct words {
	const char *language; /* "en", "ja" */
	const char *const *texts; /* by enum words_id */
};

/* A value for a place in a text. */
struct words_value {
	const char *name;
	const char *text; /* already safe to show; NULL: a count */
	uint64_t count;
};

static inline struct words_value words_text(const char *name, const char *text) {
	return (struct words_value){.name = name, .text = text};
}

static inline struct words_value words_count(const char *name, uint64_t count) {
	return (struct words_value){.name = name, .count = count};
}

/* Finds the catalogue of a language: "ja", "ja_JP.UTF-8". NULL when there is none. */
const struct words *words_find(const char *language);

/* The catalogue for the user's locale (LC_ALL, LC_MESSAGES, LANG); English when there is none for it, or when the locale is not
 * one of UTF-8. */
const struct words *words_of_locale(void);

/* All catalogues, ended by NULL; English is the first. */
const struct words *const *words_all(void);

/* NULL: English. */
static inline const struct words *words_or_english(const struct words *words) {
	return words != NULL ? words : words_all()[0];
}

/* The text, never NULL: what a catalogue lacks is English. */
const char *words_get(const struct words *words, enum words_id id);

/* The name of a text, as in words_ids.h. */
const char *words_name(enum words_id id);

/* Appends a text with its values filled in. A place without a value of its name is an error in a catalogue, shown as it stands;
 * the tests look for these. */
void words_add(struct terminal_text *text, const struct words *words, enum words_id id, const struct words_value *values,
	size_t value_count);

/* The same with the values themselves: WORDS_ADD(text, words, id, words_text("user", user), words_count("mails", 3)) */
#define WORDS_ADD(text, words, id, ...) \
	words_add(text, words, id, (const struct words_value[]){__VA_ARGS__}, \
		sizeof((const struct words_value[]){__VA_ARGS__}) / sizeof(struct words_value))

#endif
