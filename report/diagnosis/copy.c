/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/diagnosis/copy.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "decode/ascii.h"

/* ---- Copies ---- */

/* The block is filled in the same way as it is measured. */
struct packer {
	char *block; /* NULL: only measure */
	size_t used;
};

static void *put(struct packer *packer, const void *data, size_t size) {
	size_t at = (packer->used + _Alignof(max_align_t) - 1) & ~(_Alignof(max_align_t) - 1);
	packer->used = at + size;
	if (packer->block == NULL)
		return NULL;
	if (size > 0)
		memcpy(packer->block + at, data, size);
	return packer->block + at;
}

static const char *put_text(struct packer *packer, const char *text) {
	if (text == NULL)
		return NULL;
	size_t at = packer->used, size = strlen(text) + 1;
	packer->used += size;
	return packer->block != NULL ? memcpy(packer->block + at, text, size) : NULL;
}

static const char **put_texts(struct packer *packer, const char **texts, size_t count) {
	const char **list = put(packer, texts, count * sizeof(*texts));
	for (size_t i = 0; i < count; i++) {
		const char *text = put_text(packer, texts[i]);
		if (list != NULL)
			list[i] = text;
	}
	return list;
}

static const struct diagnosis_face *put_face(struct packer *packer, const struct diagnosis_face *face) {
	if (face == NULL)
		return NULL;
	struct diagnosis_face copy = *face, *place = put(packer, face, sizeof(*face));
	copy.banner = put_text(packer, face->banner);
	copy.software = put_text(packer, face->software);
	copy.capabilities = put_texts(packer, face->capabilities, face->capability_count);
	copy.auth = put_texts(packer, face->auth, face->auth_count);
	if (place != NULL)
		*place = copy;
	return place;
}

static struct diagnosis *put_diagnosis(struct packer *packer, const struct diagnosis *from) {
	struct diagnosis copy = *from, *place = put(packer, from, sizeof(*from));
	copy.title = put_text(packer, from->title);
	copy.explanation = put_text(packer, from->explanation);
	copy.about = put_text(packer, from->about);
	copy.filter = put_text(packer, from->filter);
	copy.causes = put_texts(packer, from->causes, from->cause_count);
	copy.checks = put_texts(packer, from->checks, from->check_count);
	copy.considered = put_texts(packer, from->considered, from->considered_count);
	copy.clients = put_texts(packer, from->clients, from->clients_kept);
	copy.users = put_texts(packer, from->users, from->users_kept);
	copy.unaffected_users = put_texts(packer, from->unaffected_users, from->unaffected_users_kept);
	copy.sessions = put_texts(packer, from->sessions, from->sessions_kept);
	copy.changes = put_texts(packer, from->changes, from->change_count);
	copy.reads = put(packer, from->reads, from->read_count * sizeof(*from->reads)); /* of constants */
	copy.frames = put(packer, from->frames, from->frames_kept * sizeof(*from->frames));
	copy.before = put_face(packer, from->before);
	copy.after = put_face(packer, from->after);
	if (place != NULL)
		*place = copy;
	return place;
}

struct diagnosis *copy_create(const struct diagnosis *diagnosis, size_t *ret_size) {
	struct packer packer = {NULL, 0};
	put_diagnosis(&packer, diagnosis);
	*ret_size = packer.used;
	packer = (struct packer){malloc(packer.used), 0};
	return packer.block != NULL ? put_diagnosis(&packer, diagnosis) : NULL;
}

/* ---- Marks ---- */

static const uint64_t start_mark = UINT64_C(0xcbf29ce484222325);

static uint64_t mark_bytes(uint64_t mark, const void *data, size_t len) {
	const unsigned char *bytes = data;
	for (size_t i = 0; i < len; i++)
		mark = (mark ^ bytes[i]) * UINT64_C(0x100000001b3);
	return (mark ^ 0xff) * UINT64_C(0x100000001b3);
}

static uint64_t mark_number(uint64_t mark, uint64_t number) {
	return mark_bytes(mark, &number, sizeof(number));
}

static uint64_t mark_text(uint64_t mark, const char *text) {
	return text != NULL ? mark_bytes(mark, text, strlen(text)) : mark_number(mark, 0);
}

static uint64_t mark_texts(uint64_t mark, const char **texts, size_t count) {
	mark = mark_number(mark, count);
	for (size_t i = 0; i < count; i++)
		mark = mark_text(mark, texts[i]);
	return mark;
}

/* Counts and times in a text go on and on. */
static uint64_t mark_words(uint64_t mark, const char *text) {
	for (; *text != '\0'; text++)
		if (!ascii_is_digit(*text))
			mark = (mark ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
	return (mark ^ 0xff) * UINT64_C(0x100000001b3);
}

struct copy_marks copy_marks_of(const struct diagnosis *diagnosis) {
	struct copy_marks marks;
	uint64_t mark = mark_text(start_mark, diagnosis->id);
	mark = mark_number(mark, diagnosis->severity);
	mark = mark_number(mark, diagnosis->ongoing);
	mark = mark_text(mark, diagnosis->before != NULL ? diagnosis->before->id : NULL);
	marks.verdict = mark_text(mark, diagnosis->after != NULL ? diagnosis->after->id : NULL);
	mark = mark_words(start_mark, diagnosis->title);
	mark = mark_words(mark, diagnosis->explanation);
	mark = mark_texts(mark, diagnosis->clients, diagnosis->clients_kept);
	mark = mark_texts(mark, diagnosis->users, diagnosis->users_kept);
	mark = mark_texts(mark, diagnosis->unaffected_users, diagnosis->unaffected_users_kept);
	mark = mark_texts(mark, diagnosis->considered, diagnosis->considered_count);
	marks.substance = mark_number(mark, diagnosis->change_count);
	mark = mark_number(start_mark, diagnosis->session_count);
	mark = mark_number(mark, (uint64_t)diagnosis->first_ns);
	mark = mark_number(mark, (uint64_t)diagnosis->last_ns);
	mark = mark_number(mark, diagnosis->client_count);
	mark = mark_number(mark, diagnosis->user_count);
	mark = mark_text(mark, diagnosis->explanation);
	marks.counters = mark_number(mark, diagnosis->unaffected_user_count);
	return marks;
}
