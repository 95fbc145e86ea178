/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * For the tests of facts: packed bytes of a record, and of the document that the writer makes of it.
 */
#ifndef SMTPSCOPE_TESTS_FACTS_CHECK_H
#define SMTPSCOPE_TESTS_FACTS_CHECK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/document.h"
#include "report/json.h"

struct bytes {
	char *data;
	size_t len, capacity;
};

/* In a block of exactly their size, so that the address sanitizer sees who reads beyond. */
static inline struct bytes pack(const struct facts *facts) {
	struct bytes packed = {NULL, 0, 0};
	assert_int_equal(facts_pack(facts, &packed.data, &packed.len, &packed.capacity), 0);
	char *exact = malloc(packed.len);
	assert_non_null(exact);
	memcpy(exact, packed.data, packed.len);
	free(packed.data);
	packed.data = exact;
	return packed;
}

static inline struct bytes document_of(const struct record *record) {
	struct bytes text = {NULL, 0, 0};
	FILE *out = open_memstream(&text.data, &text.len);
	assert_non_null(out);
	struct writer *writer = json_format.create(&(struct writer_options){.users = WRITER_USERS_KEEP}, out);
	assert_non_null(writer);
	assert_int_equal(json_format.session(writer, record), 0);
	json_format.destroy(writer);
	fclose(out);
	return text;
}

/* Are the facts of the record those of its document, and do they survive being packed? */
static inline bool same_facts(struct record *record, struct document_reader *reader) {
	static struct facts from_record, from_document, unpacked;
	struct bytes text = document_of(record);
	facts_from_record(record, &from_record);
	enum document_result result = document_read(reader, text.data, text.len, &from_document);
	if (result != DOCUMENT_SESSION) {
		print_error("%s: %.*s\n", document_result_name(result), (int)text.len, text.data);
		free(text.data);
		return false;
	}
	struct bytes one = pack(&from_record), other = pack(&from_document);
	bool same = one.len == other.len && memcmp(one.data, other.data, one.len) == 0;
	if (!same) {
		size_t at = 0;
		while (at < one.len && at < other.len && one.data[at] == other.data[at])
			at++;
		print_error("packed facts differ at byte %zu of %zu and %zu: %.*s\n", at, one.len, other.len, (int)text.len,
			text.data);
	}
	bool whole = facts_unpack(one.data, one.len, &unpacked) == one.len;
	struct bytes again = pack(&unpacked);
	same = same && whole && again.len == one.len && memcmp(again.data, one.data, one.len) == 0;
	free(text.data);
	free(one.data);
	free(other.data);
	free(again.data);
	return same;
}

#endif
