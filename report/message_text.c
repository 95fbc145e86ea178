/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * RFC 2047: encoded-word = "=?" charset ["*" language] "?" encoding "?" encoded-text "?="
 * RFC 2231: parameter = attribute ["*" section] ["*"] "=" value, where an extended value is charset "'" [language] "'" text with %XX,
 * and the charset stands in the first section only.
 *
 * Encoded words are not left to g_mime_utils_header_decode_text(): of words that follow one another, GMime 3.2.13 loses all behind the
 * first that is filled up with "=", guesses a charset that it does not know, and remembers the name of each for good.
 */
#include "report/message_text.h"

#include <errno.h>
#include <gmime/gmime.h>
#include <iconv.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "decode/ascii.h"

/* Names of charsets in the IANA registry, and some that are seen in mails although they are not there. */
static const char *const charsets[] = {
	"us-ascii", "ascii", "utf-8", "utf8", "unicode-1-1-utf-7", "utf-7", "utf-16", "utf-16be", "utf-16le",
	"iso-8859-1", "iso8859-1", "iso_8859-1", "latin1", "iso-8859-2", "iso8859-2", "latin2", "iso-8859-3", "iso-8859-4", "iso-8859-5",
	"iso-8859-6", "iso-8859-7", "iso-8859-8", "iso-8859-8-i", "iso-8859-9", "iso8859-9", "iso-8859-10", "iso-8859-11", "iso-8859-13",
	"iso-8859-14", "iso-8859-15", "iso8859-15", "iso-8859-16",
	"windows-1250", "windows-1251", "windows-1252", "windows-1253", "windows-1254", "windows-1255", "windows-1256", "windows-1257",
	"windows-1258", "windows-874", "cp1250", "cp1251", "cp1252", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "cp1258", "cp874",
	"ibm437", "ibm850", "ibm852", "ibm866", "cp437", "cp850", "cp852", "cp866", "macintosh", "tis-620",
	"koi8-r", "koi8-u",
	"shift_jis", "shift-jis", "sjis", "cp932", "euc-jp", "iso-2022-jp",
	"gb2312", "gbk", "cp936", "gb18030", "big5", "big5-hkscs", "euc-tw",
	"euc-kr", "ks_c_5601-1987", "cp949", "iso-2022-kr",
};

enum {
	CHARSETS = sizeof(charsets) / sizeof(charsets[0]),
	CHARSET_NAME_MAX = 24, /* of the table, and NUL */
	SECTIONS_MAX = 32, /* of a parameter */
};

struct message_text {
	iconv_t converters[CHARSETS]; /* to UTF-8; kept open, so that the files they came from stay loaded; (iconv_t)-1: there is none */
	char *scratch;
	size_t scratch_size;
};

struct message_text *message_text_create(void) {
	struct message_text *text = calloc(1, sizeof(*text));
	if (text == NULL)
		return NULL;
	g_mime_init();
	for (size_t i = 0; i < CHARSETS; i++)
		text->converters[i] = iconv_open("UTF-8", charsets[i]);
	return text;
}

void message_text_destroy(struct message_text *text) {
	if (text == NULL)
		return;
	for (size_t i = 0; i < CHARSETS; i++)
		if (text->converters[i] != (iconv_t)-1)
			iconv_close(text->converters[i]);
	free(text->scratch);
	free(text);
}

/* Room for at least size bytes. NULL: no memory. */
static char *reserve(struct message_text *text, size_t size) {
	if (size > text->scratch_size) {
		char *scratch = realloc(text->scratch, size);
		if (scratch == NULL)
			return NULL;
		text->scratch = scratch;
		text->scratch_size = size;
	}
	return text->scratch;
}

/* Returns CHARSETS when it is none of ours. */
static size_t find_charset(const struct message_text *text, struct slice name) {
	for (size_t i = 0; i < CHARSETS; i++)
		if (strlen(charsets[i]) == name.len && strncasecmp(charsets[i], name.data, name.len) == 0 &&
			text->converters[i] != (iconv_t)-1)
			return i;
	return CHARSETS;
}

static bool is_space(char c) {
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static struct slice trim(struct slice value) {
	while (value.len > 0 && is_space(value.data[0]))
		value = slice_skip(value, 1);
	while (value.len > 0 && is_space(value.data[value.len - 1]))
		value.len--;
	return value;
}

static int hex_digit(char c) {
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* RFC 5322, 2.2.3: a line end before white space is no part of the value. Returns the length. */
static size_t unfold(struct slice value, char *to) {
	size_t len = 0;
	for (size_t i = 0; i < value.len; i++) {
		size_t end = value.data[i] == '\r' && i + 1 < value.len && value.data[i + 1] == '\n' ? i + 1 : i;
		if (value.data[end] == '\n' && (end + 1 == value.len || value.data[end + 1] == ' ' || value.data[end + 1] == '\t')) {
			i = end;
			continue;
		}
		to[len++] = value.data[i];
	}
	return len;
}

/* Of text that was cut at len: what is left without the part of a character at its end. */
static size_t whole_characters(const char *data, size_t len, bool cut) {
	size_t start = len;
	while (cut && start > 0 && len - start < 4 && ((unsigned char)data[start - 1] & 0xc0) == 0x80)
		start--;
	if (!cut || start == 0)
		return len;
	unsigned char first = (unsigned char)data[start - 1];
	size_t needed = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 1;
	return len - (start - 1) < needed ? start - 1 : len;
}

/* The arena gets no more than MESSAGE_TEXT_MAX bytes, and no part of a character at the end. */
static struct slice keep(struct arena *arena, const char *data, size_t len, bool *ret_cut) {
	if (len > MESSAGE_TEXT_MAX) {
		len = whole_characters(data, MESSAGE_TEXT_MAX, true);
		*ret_cut = true;
	}
	return (struct slice){arena_copy(arena, data, len), len};
}

/* ---- Encoded words ---- */

struct word {
	size_t charset;
	bool base64;
	struct slice text; /* encoded */
	size_t len; /* of all of it, in the value */
};

/* Is there an encoded word at the start of text, in a charset that we know? White space in it is against the rules, but seen. */
static bool find_word(const struct message_text *text, struct slice value, struct word *ret_word) {
	if (value.len < 2 || memcmp(value.data, "=?", 2) != 0)
		return false;
	const char *start = value.data + 2, *end = value.data + value.len;
	const char *question = memchr(start, '?', (size_t)(end - start));
	if (question == NULL || end - question < 3 || question[2] != '?' || strchr("bBqQ", question[1]) == NULL)
		return false;
	const char *content = question + 3, *last = content < end ? memchr(content, '?', (size_t)(end - content)) : NULL;
	if (last == NULL || last + 1 == end || last[1] != '=')
		return false;
	const char *star = memchr(start, '*', (size_t)(question - start));
	*ret_word = (struct word){
		.charset = find_charset(text, (struct slice){start, (size_t)((star != NULL ? star : question) - start)}),
		.base64 = (question[1] | 0x20) == 'b',
		.text = {content, (size_t)(last - content)},
		.len = (size_t)(last + 2 - value.data),
	};
	return ret_word->charset < CHARSETS;
}

/* RFC 2047, 4.2. Returns the length; to has room for all of the text. */
static size_t decode_q(struct slice text, char *to) {
	size_t len = 0;
	for (size_t i = 0; i < text.len; i++) {
		char c = text.data[i];
		if (c == '=' && i + 2 < text.len && hex_digit(text.data[i + 1]) >= 0 && hex_digit(text.data[i + 2]) >= 0) {
			c = (char)(hex_digit(text.data[i + 1]) << 4 | hex_digit(text.data[i + 2]));
			i += 2;
		} else if (c == '_') {
			c = ' ';
		}
		to[len++] = c;
	}
	return len;
}

/* Each word stands for itself: where one is filled up with "=", the next begins anew. */
static size_t decode_b(struct slice text, char *to) {
	GMimeEncoding decoder;
	g_mime_encoding_init_decode(&decoder, GMIME_CONTENT_ENCODING_BASE64);
	return text.len > 0 ? g_mime_encoding_step(&decoder, text.data, text.len, to) : 0;
}

/* What is decoded, up to the limit. */
struct output {
	char data[MESSAGE_TEXT_MAX];
	size_t len;
	bool cut;
};

/* No more is written once something was cut. */
static void put(struct output *output, const char *data, size_t len) {
	size_t room = sizeof(output->data) - output->len;
	output->cut |= len > room;
	if (len > room)
		len = room;
	if (len > 0)
		memcpy(output->data + output->len, data, len);
	output->len += len;
}

/* What is not of the charset becomes U+FFFD. */
static void put_converted(struct output *output, iconv_t converter, struct slice raw) {
	char *from = (char *)(uintptr_t)raw.data; /* iconv() has no const, but does not write there */
	size_t left = raw.len;
	iconv(converter, NULL, NULL, NULL, NULL);
	while (left > 0 && !output->cut) {
		char *to = output->data + output->len;
		size_t room = sizeof(output->data) - output->len;
		size_t result = iconv(converter, &from, &left, &to, &room);
		output->len = (size_t)(to - output->data);
		if (result != (size_t)-1)
			break;
		if (errno == E2BIG) {
			output->cut = true;
			return;
		}
		put(output, "\xef\xbf\xbd", 3);
		from++;
		left--;
	}
}

/* Bytes of a character may be divided between words of one charset, although they must not: such words are converted together. Returns
 * how much of the value was taken. raw has room for all of it. */
static size_t decode_run(const struct message_text *text, struct slice value, struct word word, char *raw, struct output *output) {
	size_t taken = 0, len = 0;
	struct word next = word;
	for (size_t skip = 0; next.charset == word.charset;) {
		len += next.base64 ? decode_b(next.text, raw + len) : decode_q(next.text, raw + len);
		taken += skip + next.len;
		for (skip = 0; taken + skip < value.len && is_space(value.data[taken + skip]); skip++)
			;
		if (!find_word(text, slice_skip(value, taken + skip), &next))
			break;
	}
	put_converted(output, text->converters[word.charset], (struct slice){raw, len});
	return taken;
}

/* value is unfolded. White space between words vanishes (RFC 2047, 6.2). */
static struct slice decode(const struct message_text *text, struct arena *arena, struct slice value, bool *ret_cut) {
	if (value.len < 2 || memmem(value.data, value.len, "=?", 2) == NULL)
		return keep(arena, value.data, value.len, ret_cut);
	char *raw = malloc(value.len + 4);
	if (raw == NULL)
		return keep(arena, value.data, value.len, ret_cut);
	struct output output;
	output.len = 0;
	output.cut = false;
	while (value.len > 0 && !output.cut) {
		struct word word;
		if (find_word(text, value, &word)) {
			value = slice_skip(value, decode_run(text, value, word, raw, &output));
			size_t blank = 0;
			while (blank < value.len && is_space(value.data[blank]))
				blank++;
			if (find_word(text, slice_skip(value, blank), &word))
				value = slice_skip(value, blank);
			continue;
		}
		const char *next = memmem(value.data + 1, value.len - 1, "=?", 2);
		size_t len = next != NULL ? (size_t)(next - value.data) : value.len;
		put(&output, value.data, len);
		value = slice_skip(value, len);
	}
	free(raw);
	*ret_cut |= output.cut;
	return keep(arena, output.data, whole_characters(output.data, output.len, output.cut), ret_cut);
}

struct slice message_text_decode(struct message_text *text, struct arena *arena, struct slice value, bool *ret_cut) {
	value = trim(value);
	if (value.len == 0 || memchr(value.data, '\n', value.len) == NULL)
		return decode(text, arena, value, ret_cut);
	char *unfolded = reserve(text, value.len);
	if (unfolded == NULL)
		return (struct slice){NULL, 0};
	return decode(text, arena, (struct slice){unfolded, unfold(value, unfolded)}, ret_cut);
}

struct slice message_text_head(struct slice value) {
	const char *semicolon = value.len > 0 ? memchr(value.data, ';', value.len) : NULL;
	if (semicolon != NULL)
		value.len = (size_t)(semicolon - value.data);
	return trim(value);
}

/* ---- Parameters ---- */

/* As it was sent, quotes included. */
struct parameter {
	struct slice attribute, value;
};

/* Reads the parameter at the start of *rest, behind a semicolon, and what separates it from the next. */
static bool next_parameter(struct slice *rest, struct parameter *ret_parameter) {
	size_t at = 0;
	while (at < rest->len && (is_space(rest->data[at]) || rest->data[at] == ';'))
		at++;
	size_t start = at;
	while (at < rest->len && rest->data[at] != '=' && rest->data[at] != ';')
		at++;
	ret_parameter->attribute = trim((struct slice){rest->data + start, at - start});
	at += at < rest->len && rest->data[at] == '=';
	size_t value = at;
	for (bool quoted = false; at < rest->len && (quoted || rest->data[at] != ';'); at++) {
		if (rest->data[at] == '"')
			quoted = !quoted;
		else if (rest->data[at] == '\\' && quoted && at + 1 < rest->len)
			at++;
	}
	ret_parameter->value = trim((struct slice){rest->data + value, at - value});
	bool any = at > start;
	*rest = slice_skip(*rest, at);
	return any;
}

/* Takes quotes away. Of a value without, what stands before white space counts. Returns the length; to has room for the value. */
static size_t unquote(struct slice value, char *to) {
	size_t len = 0;
	if (value.len == 0 || value.data[0] != '"') {
		while (len < value.len && !is_space(value.data[len])) {
			to[len] = value.data[len];
			len++;
		}
		return len;
	}
	for (size_t i = 1; i < value.len && value.data[i] != '"'; i++) {
		if (value.data[i] == '\\' && i + 1 < value.len)
			i++;
		to[len++] = value.data[i];
	}
	return len;
}

/* What of a parameter is where. */
struct sections {
	struct section {
		struct slice value;
		bool extended;
	} of[SECTIONS_MAX];
	struct section plain;
	bool has_plain, has_extended; /* extended: in of[0] alone */
	size_t count; /* numbered, without a hole */
};

/* The number of a section: digits alone, no leading zero. Returns SECTIONS_MAX when it is none. */
static size_t section_number(struct slice digits) {
	size_t number = 0;
	if (digits.len == 0 || digits.len > 2 || (digits.len > 1 && digits.data[0] == '0'))
		return SECTIONS_MAX;
	for (size_t i = 0; i < digits.len; i++) {
		if (digits.data[i] < '0' || digits.data[i] > '9')
			return SECTIONS_MAX;
		number = number * 10 + (size_t)(digits.data[i] - '0');
	}
	return number < SECTIONS_MAX ? number : SECTIONS_MAX;
}

static void note_section(struct sections *sections, struct slice suffix, struct slice value) {
	if (suffix.len == 0) {
		if (!sections->has_plain)
			sections->plain = (struct section){value, false};
		sections->has_plain = true;
		return;
	}
	suffix = slice_skip(suffix, 1);
	if (suffix.len == 0) { /* name*= */
		if (!sections->has_extended)
			sections->of[0] = (struct section){value, true};
		sections->has_extended = true;
		return;
	}
	bool extended = suffix.data[suffix.len - 1] == '*';
	suffix.len -= extended;
	size_t number = section_number(suffix);
	/* In this order they are sent by everybody; a hole ends what can be put together. */
	if (number != sections->count || sections->has_extended)
		return;
	sections->of[number] = (struct section){value, extended};
	sections->count++;
}

static void find_sections(struct slice value, const char *name, struct sections *sections) {
	size_t name_len = strlen(name);
	const char *semicolon = value.len > 0 ? memchr(value.data, ';', value.len) : NULL;
	struct parameter parameter;
	if (semicolon == NULL)
		return;
	struct slice rest = slice_skip(value, (size_t)(semicolon - value.data));
	while (next_parameter(&rest, &parameter)) {
		struct slice attribute = parameter.attribute;
		if (attribute.len >= name_len && strncasecmp(attribute.data, name, name_len) == 0 &&
			(attribute.len == name_len || attribute.data[name_len] == '*'))
			note_section(sections, slice_skip(attribute, name_len), parameter.value);
	}
}

static size_t decode_percent(char *data, size_t len) {
	size_t to = 0;
	for (size_t i = 0; i < len; i++) {
		if (data[i] == '%' && i + 2 < len && hex_digit(data[i + 1]) >= 0 && hex_digit(data[i + 2]) >= 0) {
			data[to++] = (char)(hex_digit(data[i + 1]) << 4 | hex_digit(data[i + 2]));
			i += 2;
		} else {
			data[to++] = data[i];
		}
	}
	return to;
}

/* Returns false when the bytes are not of the charset. */
static bool convert(const struct message_text *text, struct arena *arena, size_t charset, struct slice raw, struct slice *ret_text) {
	iconv_t converter = text->converters[charset];
	char in[MESSAGE_TEXT_MAX], out[MESSAGE_TEXT_MAX];
	char *from = in, *to = out;
	size_t left = raw.len < sizeof(in) ? raw.len : sizeof(in), room = sizeof(out);
	if (left > 0)
		memcpy(in, raw.data, left);
	iconv(converter, NULL, NULL, NULL, NULL);
	if (iconv(converter, &from, &left, &to, &room) == (size_t)-1 || iconv(converter, NULL, NULL, &to, &room) == (size_t)-1)
		return false;
	*ret_text = (struct slice){arena_copy(arena, out, sizeof(out) - room), sizeof(out) - room};
	return true;
}

/* to has room for all values together. */
static bool decode_sections(
	struct message_text *text, struct arena *arena, const struct sections *sections, char *to, struct slice *ret_text) {
	size_t len = 0, charset = CHARSETS, count = sections->has_extended ? 1 : sections->count;
	bool any_extended = false, cut = false;
	for (size_t i = 0; i < count; i++) {
		char *piece = to + len;
		size_t piece_len = unquote(sections->of[i].value, piece);
		if (i == 0 && sections->of[i].extended) {
			const char *quote = piece_len > 0 ? memchr(piece, '\'', piece_len) : NULL;
			const char *second = quote != NULL ? memchr(quote + 1, '\'', piece_len - (size_t)(quote + 1 - piece)) : NULL;
			if (second == NULL)
				return false;
			charset = quote > piece ? find_charset(text, (struct slice){piece, (size_t)(quote - piece)})
						: find_charset(text, slice_of("us-ascii"));
			piece_len -= (size_t)(second + 1 - piece);
			memmove(piece, second + 1, piece_len);
		}
		any_extended |= sections->of[i].extended;
		len += sections->of[i].extended ? decode_percent(piece, piece_len) : piece_len;
	}
	if (any_extended)
		return charset < CHARSETS && convert(text, arena, charset, (struct slice){to, len}, ret_text);
	*ret_text = keep(arena, to, len, &cut);
	return true;
}

static bool find_parameter(
	struct message_text *text, struct arena *arena, struct slice value, const char *name, char *to, struct slice *ret_text) {
	struct sections sections = {.count = 0};
	bool cut = false;
	find_sections(value, name, &sections);
	if ((sections.has_extended || sections.count > 0) && decode_sections(text, arena, &sections, to, ret_text))
		return true;
	if (!sections.has_plain)
		return false;
	/* Encoded words are not allowed here (RFC 2047, 5), but common. */
	*ret_text = decode(text, arena, (struct slice){to, unquote(sections.plain.value, to)}, &cut);
	return true;
}

bool message_text_parameter(
	struct message_text *text, struct arena *arena, struct slice value, const char *name, struct slice *ret_text) {
	char *room = reserve(text, 2 * value.len + 1);
	return room != NULL && find_parameter(text, arena, (struct slice){room, unfold(value, room)}, name, room + value.len, ret_text);
}
