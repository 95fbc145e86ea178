/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * RFC 2046, 5.1.1: a part ends at a line that is "--" boundary, with "--" behind it when it was the last. The line end before that
 * line belongs to the boundary. The boundaries of all parts around count too, and end what is inside.
 *
 * One pass over the lines, with a stack in place of recursion: messages are made to be hostile. GMime's own parser builds a tree of
 * objects as large as the message; here it decodes what is encoded.
 */
#include "report/message_parts.h"

#include <gmime/gmime.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "decode/ascii.h"
#include "report/message_field.h"

enum {
	DECODE_STEP = 16 << 10, /* bytes decoded at once */
	BOUNDARY_MAX = 256,     /* RFC 2046 allows 70 */
	WORD_MAX = 128,         /* a media type, a disposition, an encoding */
	FIELD_VALUE_MAX = 16 << 10, /* longer ones are not looked at */
};

/* What is known of an entity from its header. */
struct entity {
	struct slice type_value, disposition_value, encoding; /* as sent */
	struct slice type; /* "text/plain", lower case */
};

enum level_kind { LEVEL_MULTIPART, LEVEL_MESSAGE };

/* Something that has parts in it. */
struct level {
	enum level_kind kind;
	char boundary[BOUNDARY_MAX];
	size_t boundary_len;
	bool digest;   /* its parts are messages, unless they say otherwise (RFC 2046, 5.1.5) */
	bool over;     /* its last boundary was seen */
	size_t parts;  /* so far */
	struct message_part *part; /* LEVEL_MESSAGE: the part that the message is; NULL: not kept */
	size_t start;  /* of its content in data */
};

struct walk {
	struct message_reader *reader;
	struct arena *arena;   /* for what is kept */
	struct arena scratch;  /* for the entity that begins: there may be any number of them */
	struct slice data;
	bool whole;
	struct message_parts *parts;
	struct message_part **tail;
	struct level levels[MESSAGE_PARTS_DEPTH_MAX];
	size_t depth;
	struct message_part *leaf; /* being read; NULL: none, or one that is not kept */
	size_t leaf_start;
	bool in_leaf;
};

/* ---- What the bytes of a part are ---- */

static GMimeContentEncoding find_encoding(struct slice name) {
	static const struct {
		const char *name;
		GMimeContentEncoding encoding;
	} encodings[] = {
		{"BASE64", GMIME_CONTENT_ENCODING_BASE64},
		{"QUOTED-PRINTABLE", GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE},
		{"X-UUENCODE", GMIME_CONTENT_ENCODING_UUENCODE},
		{"UUENCODE", GMIME_CONTENT_ENCODING_UUENCODE},
		{"X-UUE", GMIME_CONTENT_ENCODING_UUENCODE},
	};
	for (size_t i = 0; i < sizeof(encodings) / sizeof(encodings[0]); i++)
		if (slice_is(name, encodings[i].name))
			return encodings[i].encoding;
	return GMIME_CONTENT_ENCODING_BINARY; /* of the others nothing needs decoding, or nobody knows how */
}

static bool is_base64(char c) {
	return ascii_is_alpha(c) || ascii_is_digit(c) || c == '+' || c == '/';
}

/* RFC 2045, 6.8: groups of four, the last one filled up. Decoders differ in what they make of anything else. */
static bool is_proper_base64(struct slice data) {
	size_t digits = 0, fill = 0;
	for (size_t i = 0; i < data.len; i++) {
		char c = data.data[i];
		if (c == '\r' || c == '\n' || c == ' ' || c == '\t')
			continue;
		if (c == '=')
			fill++;
		else if (!is_base64(c) || fill > 0)
			return false;
		else
			digits++;
	}
	return fill <= 2 && (digits + fill) % 4 == 0;
}

static void hash_add(struct message_part *part, EVP_MD_CTX *md5, EVP_MD_CTX *sha256, const void *data, size_t len) {
	part->size += len;
	part->hashed = part->hashed && EVP_DigestUpdate(sha256, data, len) == 1 && (md5 == NULL || EVP_DigestUpdate(md5, data, len) == 1);
}

static void decode_into(struct message_part *part, EVP_MD_CTX *md5, EVP_MD_CTX *sha256, struct slice data, GMimeContentEncoding encoding) {
	GMimeEncoding decoder;
	char out[DECODE_STEP + 64]; /* decoding makes nothing longer, but for what is left of the step before */
	if (encoding == GMIME_CONTENT_ENCODING_BINARY) {
		hash_add(part, md5, sha256, data.data, data.len);
		return;
	}
	g_mime_encoding_init_decode(&decoder, encoding);
	while (data.len > 0) {
		size_t step = data.len < DECODE_STEP ? data.len : DECODE_STEP;
		hash_add(part, md5, sha256, out, g_mime_encoding_step(&decoder, data.data, step, out));
		data = slice_skip(data, step);
	}
	hash_add(part, md5, sha256, out, g_mime_encoding_flush(&decoder, "", 0, out));
}

/* Fills in size and hashes. A part that is not complete is only measured. */
static void measure(struct walk *walk, struct message_part *part, struct slice data) {
	struct message_reader *reader = walk->reader;
	GMimeContentEncoding encoding = find_encoding(part->encoding);
	part->hashed = part->complete && EVP_DigestInit_ex2(reader->sha256_context, reader->sha256, NULL) == 1;
	bool md5 = part->hashed && reader->md5 != NULL && EVP_DigestInit_ex2(reader->md5_context, reader->md5, NULL) == 1;
	decode_into(part, md5 ? reader->md5_context : NULL, reader->sha256_context, data, encoding);
	unsigned len;
	part->hashed = part->hashed && EVP_DigestFinal_ex(reader->sha256_context, part->sha256, &len) == 1;
	part->has_md5 = md5 && part->hashed && EVP_DigestFinal_ex(reader->md5_context, part->md5, &len) == 1;
	part->malformed = part->complete && encoding == GMIME_CONTENT_ENCODING_BASE64 && !is_proper_base64(data);
}

/* ---- Boundaries ---- */

/* Is the line a boundary of that level? */
static bool is_boundary(const struct level *level, struct slice line, bool *ret_last) {
	if (level->kind != LEVEL_MULTIPART || line.len < level->boundary_len + 2 ||
		memcmp(line.data + 2, level->boundary, level->boundary_len) != 0)
		return false;
	struct slice rest = slice_skip(line, level->boundary_len + 2);
	*ret_last = rest.len >= 2 && rest.data[0] == '-' && rest.data[1] == '-';
	if (*ret_last)
		rest = slice_skip(rest, 2);
	for (size_t i = 0; i < rest.len; i++)
		if (!ascii_is_space(rest.data[i]) && rest.data[i] != '\r' && rest.data[i] != '\n')
			return false;
	return true;
}

/* The innermost level whose boundary the line at data[at] is, from 1; 0: none. */
static size_t find_boundary(const struct walk *walk, size_t at, size_t end, bool *ret_last) {
	struct slice line = {walk->data.data + at, end - at};
	/* A line of which the end was not seen may be anything. */
	bool certain = walk->whole || end < walk->data.len || line.data[line.len - 1] == '\n';
	if (line.len < 2 || line.data[0] != '-' || line.data[1] != '-' || !certain)
		return 0;
	for (size_t depth = walk->depth; depth > 0; depth--)
		if (!walk->levels[depth - 1].over && is_boundary(&walk->levels[depth - 1], line, ret_last))
			return depth;
	return 0;
}

static bool is_any_boundary(const struct walk *walk, size_t at) {
	bool last;
	return at + 1 < walk->data.len && walk->data.data[at] == '-' &&
		find_boundary(walk, at, message_field_line_end(walk->data, at), &last) > 0;
}

/* ---- Header of a part ---- */

static bool is_token(struct slice text) {
	for (size_t i = 0; i < text.len; i++)
		if (text.data[i] <= ' ' || text.data[i] > '~' || strchr("()<>@,;:\\\"/[]?=", text.data[i]) != NULL)
			return false;
	return text.len > 0;
}

/* Words that are longer than any sensible one are as good as none. */
static struct slice lower(struct arena *arena, struct slice text) {
	if (text.len > WORD_MAX)
		return (struct slice){NULL, 0};
	char *copy = arena_copy(arena, text.data, text.len);
	for (size_t i = 0; i < text.len; i++)
		if (copy[i] >= 'A' && copy[i] <= 'Z')
			copy[i] = (char)(copy[i] - 'A' + 'a');
	return (struct slice){copy, text.len};
}

/* RFC 2045, 5.1. Empty when it is none. */
static struct slice media_type(struct arena *arena, struct slice head) {
	const char *slash = head.len > 0 ? memchr(head.data, '/', head.len) : NULL;
	size_t len = slash != NULL ? (size_t)(slash - head.data) : 0;
	if (slash == NULL || !is_token((struct slice){head.data, len}) || !is_token(slice_skip(head, len + 1)))
		return (struct slice){NULL, 0};
	return lower(arena, head);
}

/* Reads the header at *at and moves behind it. Returns false when its end is not there. */
static bool read_entity(struct walk *walk, size_t *at, bool digest, struct entity *ret_entity) {
	struct message_field_line line;
	enum message_field_result result = MESSAGE_FIELD_END;
	bool has_type = false;
	struct slice rest = slice_skip(walk->data, *at);
	size_t offset = 0;
	*ret_entity = (struct entity){.type = {NULL, 0}};
	while (!is_any_boundary(walk, *at + offset) &&
		(result = message_field_next(rest, walk->whole, &offset, &line)) == MESSAGE_FIELD_FOUND) {
		if (line.value.len > FIELD_VALUE_MAX)
			continue;
		if (slice_is(line.name, "CONTENT-TYPE") && !has_type) {
			has_type = true;
			ret_entity->type_value = line.value;
		} else if (slice_is(line.name, "CONTENT-DISPOSITION") && ret_entity->disposition_value.len == 0) {
			ret_entity->disposition_value = line.value;
		} else if (slice_is(line.name, "CONTENT-TRANSFER-ENCODING") && ret_entity->encoding.len == 0) {
			ret_entity->encoding = message_text_head(line.value);
		}
	}
	*at += offset;
	if (has_type)
		ret_entity->type = media_type(&walk->scratch, message_text_head(ret_entity->type_value));
	else
		ret_entity->type = slice_of(digest ? "message/rfc822" : "text/plain"); /* RFC 2045, 5.2 */
	return result != MESSAGE_FIELD_MORE;
}

static bool is_message(const struct entity *entity) {
	return (slice_is(entity->type, "MESSAGE/RFC822") || slice_is(entity->type, "MESSAGE/GLOBAL")) && find_encoding(entity->encoding) == GMIME_CONTENT_ENCODING_BINARY;
}

/* ---- The walk ---- */

/* Where the part that begins now is: the numbers of the multiparts around it. A message in a message has no number of its own. */
static void put_path(const struct walk *walk, char *path) {
	/* What is no multipart is the only part. */
	bool single = walk->depth == 0 || walk->levels[0].kind == LEVEL_MESSAGE;
	size_t len = single ? (size_t)snprintf(path, MESSAGE_PARTS_PATH_MAX, "1") : 0;
	for (size_t i = 0; i < walk->depth; i++) {
		const struct level *level = &walk->levels[i];
		/* The only part of a message is its number 1. */
		bool only = level->kind == LEVEL_MESSAGE && i + 1 < walk->depth && walk->levels[i + 1].kind == LEVEL_MULTIPART;
		if (!only && len < MESSAGE_PARTS_PATH_MAX)
			len += (size_t)snprintf(path + len, MESSAGE_PARTS_PATH_MAX - len, len == 0 ? "%zu" : ".%zu",
				level->kind == LEVEL_MESSAGE ? (size_t)1 : level->parts);
	}
}

static struct message_part *add_part(struct walk *walk, const struct entity *entity) {
	walk->parts->count++;
	if (walk->parts->kept == MESSAGE_PARTS_MAX)
		return NULL;
	struct message_part *part = arena_alloc(walk->arena, sizeof(*part));
	struct message_text *text = walk->reader->text;
	put_path(walk, part->path);
	part->type = lower(walk->arena, entity->type);
	part->encoding = lower(walk->arena, entity->encoding);
	part->disposition = lower(walk->arena, message_text_head(entity->disposition_value));
	part->has_name = message_text_parameter(text, walk->arena, entity->disposition_value, "filename", &part->name) ||
		message_text_parameter(text, walk->arena, entity->type_value, "name", &part->name);
	*walk->tail = part;
	walk->tail = &part->next;
	walk->parts->kept++;
	return part;
}

static struct slice range(const struct walk *walk, size_t start, size_t end) {
	return end > start ? (struct slice){walk->data.data + start, end - start} : (struct slice){NULL, 0};
}

/* Ends what is being read inside of the levels from depth on. complete: nothing of it can follow. */
static void end_inside(struct walk *walk, size_t depth, size_t end, bool complete) {
	if (walk->in_leaf && walk->leaf != NULL) {
		walk->leaf->complete = complete;
		measure(walk, walk->leaf, range(walk, walk->leaf_start, end));
	}
	walk->in_leaf = false;
	while (walk->depth > depth) {
		struct level *level = &walk->levels[--walk->depth];
		if (level->part == NULL)
			continue;
		level->part->complete = complete;
		measure(walk, level->part, range(walk, level->start, end));
	}
}

/* Something that begins at *at, header first. Goes on into messages until there is a leaf or a multipart. */
static void begin_entity(struct walk *walk, size_t *at) {
	for (;;) {
		struct level *outer = walk->depth > 0 ? &walk->levels[walk->depth - 1] : NULL;
		struct entity entity;
		struct slice boundary;
		arena_reset(&walk->scratch);
		bool whole_header = read_entity(walk, at, outer != NULL && outer->digest, &entity);
		if (!whole_header) {
			/* What it is, is not known. */
			walk->parts->count++;
			*at = walk->data.len;
			return;
		}
		bool room = walk->depth < MESSAGE_PARTS_DEPTH_MAX;
		struct level *level = &walk->levels[walk->depth];
		if (room && slice_begins(entity.type, "MULTIPART/") &&
			message_text_parameter(walk->reader->text, &walk->scratch, entity.type_value, "boundary", &boundary) && boundary.len > 0 &&
			boundary.len <= BOUNDARY_MAX) {
			*level = (struct level){
				.kind = LEVEL_MULTIPART, .boundary_len = boundary.len, .digest = slice_is(entity.type, "MULTIPART/DIGEST")};
			memcpy(level->boundary, boundary.data, boundary.len);
			walk->depth++;
			return;
		}
		struct message_part *part = add_part(walk, &entity);
		if (!room || !is_message(&entity)) {
			walk->leaf = part;
			walk->leaf_start = *at;
			walk->in_leaf = true;
			return;
		}
		*level = (struct level){.kind = LEVEL_MESSAGE, .part = part, .start = *at};
		walk->depth++;
	}
}

/* Where a part ends whose boundary begins at at. */
static size_t before_line_end(const struct walk *walk, size_t at) {
	if (at > 0 && walk->data.data[at - 1] == '\n')
		at--;
	if (at > 0 && walk->data.data[at - 1] == '\r')
		at--;
	return at;
}

static void read_lines(struct walk *walk, size_t at) {
	const struct slice data = walk->data;
	while (at < data.len) {
		size_t end = message_field_line_end(data, at);
		bool last = false;
		size_t depth = data.data[at] == '-' ? find_boundary(walk, at, end, &last) : 0;
		if (depth == 0) {
			at = end;
			continue;
		}
		end_inside(walk, depth, before_line_end(walk, at), true);
		at = end;
		if (last) {
			walk->levels[depth - 1].over = true;
		} else {
			walk->levels[depth - 1].parts++;
			begin_entity(walk, &at);
		}
	}
}

void message_parts_read(
	struct message_reader *reader, struct arena *arena, struct slice data, bool whole, struct message_parts *ret_parts) {
	struct walk *walk = calloc(1, sizeof(*walk));
	*ret_parts = (struct message_parts){.first = NULL};
	if (walk == NULL)
		return;
	*walk = (struct walk){.reader = reader, .arena = arena, .data = data, .whole = whole, .parts = ret_parts, .tail = &ret_parts->first};
	size_t at = 0;
	begin_entity(walk, &at);
	read_lines(walk, at);
	end_inside(walk, 0, data.len, whole);
	arena_finish(&walk->scratch);
	free(walk);
}
