/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/words.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "report/words/catalogues.h"

static const struct words *const catalogues[] = {&words_en, &words_ja, NULL};

const struct words *const *words_all(void) {
	return catalogues;
}

const struct words *words_find(const char *language) {
	for (size_t i = 0; catalogues[i] != NULL; i++) {
		size_t len = strlen(catalogues[i]->language);
		/* What follows the language is the country and the character set: ja_JP.UTF-8. */
		if (strncmp(language, catalogues[i]->language, len) == 0 && strchr("_.@-", language[len]) != NULL)
			return catalogues[i];
	}
	return NULL;
}

/* ja_JP.UTF-8, ja_JP.utf8@... */
static bool is_utf8(const char *locale) {
	const char *charset = strchr(locale, '.');
	return charset != NULL && (strncasecmp(charset + 1, "UTF-8", 5) == 0 || strncasecmp(charset + 1, "utf8", 4) == 0);
}

const struct words *words_of_locale(void) {
	static const char *const variables[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
	for (size_t i = 0; i < sizeof(variables) / sizeof(variables[0]); i++) {
		const char *value = getenv(variables[i]);
		if (value == NULL || value[0] == '\0')
			continue;
		const struct words *words = is_utf8(value) ? words_find(value) : NULL;
		return words != NULL ? words : &words_en;
	}
	return &words_en;
}

const char *words_get(const struct words *words, enum words_id id) {
	const char *text = words->texts[id];
	return text != NULL ? text : words_en.texts[id];
}

const char *words_name(enum words_id id) {
	static const char *const names[WORDS_COUNT] = {
#define WORDS(name) #name,
#include "report/words_ids.h"
#undef WORDS
	};
	return names[id];
}

static void add_piece(struct terminal_text *text, const char *from, size_t len) {
	char piece[256];
	while (len > 0) {
		size_t part = len < sizeof(piece) - 1 ? len : sizeof(piece) - 1;
		while (part < len && part > 0 && ((unsigned char)from[part] & 0xc0) == 0x80)
			part--; /* not inside a character */
		memcpy(piece, from, part);
		piece[part] = '\0';
		terminal_text_add(text, piece);
		from += part;
		len -= part;
	}
}

static const struct words_value *find_value(const struct words_value *values, size_t count, const char *name, size_t len) {
	for (size_t i = 0; i < count; i++)
		if (strlen(values[i].name) == len && memcmp(values[i].name, name, len) == 0)
			return &values[i];
	return NULL;
}

/* name or name:one|many, without the braces */
static bool add_place(struct terminal_text *text, const char *place, size_t len, const struct words_value *values, size_t count) {
	const char *colon = memchr(place, ':', len);
	size_t name_len = colon != NULL ? (size_t)(colon - place) : len;
	const struct words_value *value = find_value(values, count, place, name_len);
	if (value == NULL)
		return false;
	if (value->text != NULL) {
		terminal_text_add(text, value->text);
		return true;
	}
	terminal_text_count(text, value->count);
	if (colon == NULL)
		return true;
	const char *one = colon + 1, *end = place + len;
	const char *bar = memchr(one, '|', (size_t)(end - one));
	if (bar == NULL)
		return false;
	terminal_text_add(text, " ");
	if (value->count == 1)
		add_piece(text, one, (size_t)(bar - one));
	else
		add_piece(text, bar + 1, (size_t)(end - bar - 1));
	return true;
}

void words_add(struct terminal_text *text, const struct words *words, enum words_id id, const struct words_value *values,
	size_t value_count) {
	const char *at = words_get(words, id);
	if (strchr(at, '{') == NULL) {
		terminal_text_add(text, at);
		return;
	}
	while (*at != '\0') {
		size_t plain = strcspn(at, "{");
		add_piece(text, at, plain);
		at += plain;
		if (*at == '\0')
			return;
		const char *end = strchr(at, '}');
		if (at[1] == '{') {
			terminal_text_add(text, "{");
			at += 2;
		} else if (end == NULL || !add_place(text, at + 1, (size_t)(end - at - 1), values, value_count)) {
			terminal_text_add(text, "{");
			at++;
		} else {
			at = end + 1;
		}
	}
}
