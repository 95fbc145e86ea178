/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/message_headers.h"

#include "decode/ascii.h"
#include "report/message_field.h"

struct known_field {
	const char *name;
	enum message_field field;
};

/* In upper case. */
static const struct known_field known_fields[] = {
	{"FROM", MESSAGE_FROM},
	{"TO", MESSAGE_TO},
	{"CC", MESSAGE_CC},
	{"REPLY-TO", MESSAGE_REPLY_TO},
	{"SUBJECT", MESSAGE_SUBJECT},
	{"MESSAGE-ID", MESSAGE_MESSAGE_ID},
	{"DATE", MESSAGE_DATE},
	{"IN-REPLY-TO", MESSAGE_IN_REPLY_TO},
	{"USER-AGENT", MESSAGE_USER_AGENT},
};

static enum message_field find_field(struct slice name) {
	for (size_t i = 0; i < sizeof(known_fields) / sizeof(known_fields[0]); i++)
		if (slice_is(name, known_fields[i].name))
			return known_fields[i].field;
	return MESSAGE_FIELDS;
}

static void take_field(struct message_reader *reader, struct arena *arena, enum message_field field, struct slice value,
	struct message_headers *headers) {
	if (headers->has[field]) {
		headers->repeated[field] = true;
		return;
	}
	headers->has[field] = true;
	headers->fields[field] = message_text_decode(reader->text, arena, value, &headers->cut);
}

void message_headers_read(
	struct message_reader *reader, struct arena *arena, struct slice data, bool whole, struct message_headers *ret_headers) {
	struct message_field_line line;
	struct slice mailer = {NULL, 0};
	bool has_mailer = false;
	enum message_field_result result;
	*ret_headers = (struct message_headers){.received = 0};
	for (size_t at = 0; (result = message_field_next(data, whole, &at, &line)) == MESSAGE_FIELD_FOUND;) {
		enum message_field field = find_field(line.name);
		if (field < MESSAGE_FIELDS) {
			take_field(reader, arena, field, line.value, ret_headers);
		} else if (slice_is(line.name, "RECEIVED")) {
			ret_headers->received++;
		} else if (slice_is(line.name, "DKIM-SIGNATURE")) {
			ret_headers->dkim = true;
		} else if (slice_begins(line.name, "ARC-")) {
			ret_headers->arc = true;
		} else if (slice_is(line.name, "X-MAILER") && !has_mailer) {
			has_mailer = true;
			mailer = line.value;
		}
	}
	ret_headers->malformed = result == MESSAGE_FIELD_NONE;
	ret_headers->incomplete = result == MESSAGE_FIELD_MORE;
	/* Where the other name may follow unseen, it is not known which of them would count. */
	if (has_mailer && !ret_headers->has[MESSAGE_USER_AGENT] && !ret_headers->incomplete)
		take_field(reader, arena, MESSAGE_USER_AGENT, mailer, ret_headers);
}
