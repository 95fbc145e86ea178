/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/text_summary.h"

#include <inttypes.h>
#include <string.h>

#include "report/diagnosis.h"
#include "report/findings.h"
#include "report/text_advice.h"

enum {
	CLIENTS_SHOWN_MAX = 40,
	SERVERS_SHOWN_MAX = 40,
	FACES_SHOWN_MAX = 8,
	CLIENT_COLUMN = 1,
	NAME_COLUMN = 3,
	DETAIL_COLUMN = 5,
	COLUMN_GAP = 2,
	COLUMN_GAP_MIN = 1,
	NUMBER_WIDTH_MIN = 4,
	NAMED_MAX = 5, /* users of a client */
};

static struct slice slice_of(const char *text) {
	return (struct slice){text, strlen(text)};
}

void text_summary_count(struct text_totals *totals, const struct record *record) {
	totals->sessions++;
	totals->not_established += record->result == RECORD_RESULT_NOT_ESTABLISHED;
	totals->encrypted += record->result == RECORD_RESULT_ENCRYPTED;
	for (const struct record_mail *mail = record->mails; mail != NULL; mail = mail->next) {
		totals->mails_accepted += mail->result == EVENT_MAIL_ACCEPTED;
		totals->mails_refused += mail->result == EVENT_MAIL_REJECTED;
		totals->mails_aborted += mail->result == EVENT_MAIL_ABORTED;
		totals->mails_unknown += mail->result == EVENT_MAIL_UNKNOWN;
	}
	for (const struct record_attempt *attempt = record->attempts; attempt != NULL; attempt = attempt->next) {
		if (attempt->result == EVENT_AUTH_ACCEPTED)
			totals->logins_accepted++;
		else if (attempt->result == EVENT_AUTH_REJECTED)
			totals->logins_rejected++;
		else
			totals->logins_other++;
	}
	for (const struct finding *finding = record->findings; finding != NULL; finding = finding->next)
		totals->findings[finding->severity]++;
}

/* ---- diagnoses ---- */

/* gateway-down.pcap:120, 124, other.pcap:7 */
static void add_frames(struct terminal_text *text, const struct diagnosis *diagnosis) {
	const char *source = NULL;

	for (size_t i = 0; i < diagnosis->frames_kept; i++) {
		const struct diagnosis_frame *frame = &diagnosis->frames[i];

		terminal_text_add(text, i > 0 ? ", " : "");
		if (source == NULL || strcmp(source, frame->source) != 0) {
			source = frame->source;
			terminal_text_wire(text, slice_of(source), 60);
			terminal_text_add(text, ":");
		}
		terminal_text_format(text, "%" PRIu64, frame->frame);
	}
}

static void put_diagnosis(struct text_page *page, const struct diagnosis *diagnosis) {
	struct terminal_text text, first, last;

	text_advice_put_title(page, diagnosis->severity, diagnosis->title);
	text_page_text(page, &text);
	terminal_text_wire(&text, slice_of(diagnosis->explanation), TERMINAL_TEXT_MAX);
	text_advice_put_paragraph(page, TEXT_STYLE_PLAIN, &text, SIZE_MAX);
	/* What is over needs no advice any more. */
	if (diagnosis->severity > FINDING_INFO && diagnosis->state != DIAGNOSIS_STATE_CLOSED) {
		text_advice_put_list(page, WORDS_TEXT_LABEL_LIKELY, diagnosis->causes, diagnosis->cause_count);
		text_advice_put_list(page, WORDS_TEXT_LABEL_CHECK, diagnosis->checks, diagnosis->check_count);
		text_advice_put_reads(page, diagnosis->reads, diagnosis->read_count);
	}
	text_advice_put_list(page, WORDS_TEXT_LABEL_NOT, diagnosis->considered, diagnosis->considered_count);

	text_page_text(page, &text);
	text_page_text(page, &first);
	text_page_text(page, &last);
	text_page_add_time(page, &first, diagnosis->first_ns, false);
	text_page_add_time(page, &last, diagnosis->last_ns, false);
	TEXT_ADD(page, &text, WORDS_TEXT_SEEN, words_text("first", first.data), words_text("last", last.data),
		words_count("sessions", diagnosis->session_count));
	text_advice_put_item(page, WORDS_TEXT_LABEL_SEEN, &text);
	if (diagnosis->frames_kept > 0) {
		text_page_text(page, &text);
		add_frames(&text, diagnosis);
		text_advice_put_item(page, WORDS_TEXT_LABEL_SEE, &text);
	}
	if (diagnosis->filter != NULL) {
		text_page_text(page, &text);
		terminal_text_wire(&text, slice_of(diagnosis->filter), TERMINAL_TEXT_MAX);
		text_advice_put_item(page, WORDS_TEXT_LABEL_FILTER, &text);
	}
	text_page_text(page, &text);
	terminal_text_add(&text, diagnosis->id);
	for (size_t i = 0; diagnosis->attack != NULL && diagnosis->attack[i] != NULL; i++)
		terminal_text_format(&text, "%s%s", i > 0 ? ", " : "; ATT&CK ", diagnosis->attack[i]);
	text_advice_put_paragraph(page, TEXT_STYLE_DIM, &text, 1);
}

void text_summary_put_diagnosis(struct text_page *page, const struct diagnosis *diagnosis) {
	static const enum words_id headings[] = {
		[DIAGNOSIS_STATE_NONE] = WORDS_TEXT_HEADING_DIAGNOSES,
		[DIAGNOSIS_STATE_NEW] = WORDS_TEXT_HEADING_DIAGNOSIS_NEW,
		[DIAGNOSIS_STATE_UPDATED] = WORDS_TEXT_HEADING_DIAGNOSIS_UPDATED,
		[DIAGNOSIS_STATE_CLOSED] = WORDS_TEXT_HEADING_DIAGNOSIS_CLOSED,
	};

	text_page_newline(page);
	text_page_heading(page, text_page_words(page, headings[diagnosis->state]));
	put_diagnosis(page, diagnosis);
}

/* A line for each kind of which there are too many. */
static void put_left_out(struct text_page *page, const struct diagnosis_report *report) {
	const char *told[16];
	size_t told_count = 0;

	for (size_t i = 0; i < report->diagnosis_count && report->left_out > 0; i++) {
		const struct diagnosis *diagnosis = report->diagnoses[i];
		struct terminal_text text;
		bool again = diagnosis->left_out == 0;

		for (size_t k = 0; k < told_count; k++)
			again |= strcmp(told[k], diagnosis->id) == 0;
		if (again || told_count == sizeof(told) / sizeof(told[0]))
			continue;
		told[told_count++] = diagnosis->id;
		text_page_newline(page);
		text_page_text(page, &text);
		TEXT_ADD(page, &text, WORDS_TEXT_DIAGNOSES_LEFT_OUT, words_count("count", diagnosis->left_out),
			words_text("id", diagnosis->id));
		text_page_pad_to(page, CLIENT_COLUMN);
		text_page_flow(page, TEXT_STYLE_PLAIN, &text, CLIENT_COLUMN, SIZE_MAX);
		text_page_newline(page);
	}
}

static void put_diagnoses(struct text_page *page, const struct diagnosis_report *report) {
	struct terminal_text text;

	text_page_newline(page);
	text_page_heading(page, text_page_words(page, WORDS_TEXT_HEADING_DIAGNOSES));
	for (size_t i = 0; i < report->diagnosis_count; i++) {
		if (i > 0)
			text_page_newline(page);
		put_diagnosis(page, report->diagnoses[i]);
	}
	put_left_out(page, report);
	if (report->diagnosis_count > 0)
		return;
	text_page_text(page, &text);
	terminal_text_add(&text, text_page_words(page, WORDS_TEXT_NO_DIAGNOSIS));
	text_page_pad_to(page, CLIENT_COLUMN);
	text_page_flow(page, TEXT_STYLE_PLAIN, &text, CLIENT_COLUMN, SIZE_MAX);
	text_page_newline(page);
}

/* ---- the table of clients ---- */

typedef uint64_t client_number(const struct diagnosis_client_row *row);

static uint64_t client_attempts(const struct diagnosis_client_row *row) {
	return row->attempts;
}
static uint64_t client_accepted(const struct diagnosis_client_row *row) {
	return row->accepted;
}
static uint64_t client_rejected(const struct diagnosis_client_row *row) {
	return row->rejected;
}
static uint64_t client_without_auth(const struct diagnosis_client_row *row) {
	return row->without_auth;
}
static uint64_t client_mails_accepted(const struct diagnosis_client_row *row) {
	return row->mails_accepted;
}
static uint64_t client_mails_refused(const struct diagnosis_client_row *row) {
	return row->mails_refused;
}
static uint64_t client_failed(const struct diagnosis_client_row *row) {
	return row->failed_connections;
}

static const struct {
	enum words_id heading;
	client_number *number;
	enum text_style style; /* of a number that is not 0 */
} client_columns[] = {
	{WORDS_TEXT_COLUMN_LOGINS, client_attempts, TEXT_STYLE_PLAIN},
	{WORDS_TEXT_COLUMN_LOGINS_OK, client_accepted, TEXT_STYLE_GOOD},
	{WORDS_TEXT_COLUMN_REJECTED, client_rejected, TEXT_STYLE_BAD},
	{WORDS_TEXT_COLUMN_WITHOUT, client_without_auth, TEXT_STYLE_WARN},
	{WORDS_TEXT_COLUMN_MAILS_OK, client_mails_accepted, TEXT_STYLE_GOOD},
	{WORDS_TEXT_COLUMN_REFUSED, client_mails_refused, TEXT_STYLE_BAD},
	{WORDS_TEXT_COLUMN_FAILED, client_failed, TEXT_STYLE_WARN},
};

enum { CLIENT_COLUMNS = sizeof(client_columns) / sizeof(client_columns[0]) };

/* Where each column of numbers ends; all together end at the right edge. Returns false when they do not fit. */
static bool place_client_columns(const struct text_page *page, const struct diagnosis_report *report, size_t shown,
	size_t gap, size_t ret_ends[CLIENT_COLUMNS]) {
	size_t end = page->width;

	for (size_t i = CLIENT_COLUMNS; i-- > 0;) {
		size_t width = text_page_columns(page, text_page_words(page, client_columns[i].heading));

		if (width < NUMBER_WIDTH_MIN)
			width = NUMBER_WIDTH_MIN;
		for (size_t j = 0; j < shown; j++) {
			struct terminal_text number;

			text_page_text(page, &number);
			terminal_text_count(&number, client_columns[i].number(&report->clients[j]));
			width = number.columns > width ? number.columns : width;
		}
		if (end < width + gap)
			return false;
		ret_ends[i] = end;
		end -= width + gap;
	}
	return true;
}

static void put_right(struct text_page *page, enum text_style style, const struct terminal_text *text, size_t end) {
	text_page_pad_to(page, end - text->columns);
	text_page_put_text(page, style, text);
}

static void add_users(const struct text_page *page, struct terminal_text *text, const struct diagnosis_client_row *row) {
	struct terminal_text list;
	size_t named = row->users_kept < NAMED_MAX ? row->users_kept : NAMED_MAX;

	text_page_text(page, &list);
	for (size_t i = 0; i < named; i++) {
		terminal_text_add(&list, i > 0 ? text_page_words(page, WORDS_LIST_COMMA) : "");
		terminal_text_wire(&list, slice_of(row->users[i]), 40);
	}
	if (row->user_count > named)
		TEXT_ADD(page, &list, WORDS_LIST_MORE, words_count("count", row->user_count - named));
	TEXT_ADD(page, text, row->user_count == 1 ? WORDS_TEXT_CLIENT_USER : WORDS_TEXT_CLIENT_USERS,
		words_text("users", list.data));
}

static void put_client_details(struct text_page *page, const struct diagnosis_client_row *row) {
	struct terminal_text text;

	text_page_text(page, &text);
	if (row->name != NULL)
		terminal_text_wire(&text, slice_of(row->name), 60);
	if (row->users_kept > 0) {
		terminal_text_add(&text, text.len > 0 ? text_page_words(page, WORDS_LIST_COMMA) : "");
		add_users(page, &text, row);
	}
	if (row->pop3 + row->imap > 0) {
		terminal_text_add(&text, text.len > 0 ? text_page_words(page, WORDS_LIST_COMMA) : "");
		TEXT_ADD(page, &text, WORDS_TEXT_CLIENT_MAILBOX, words_count("pop3", row->pop3),
			words_count("imap", row->imap));
	}
	if (text.len == 0)
		return;
	text_page_pad_to(page, NAME_COLUMN);
	text_page_flow(page, TEXT_STYLE_DIM, &text, NAME_COLUMN, 3);
	text_page_newline(page);
}

/* logins 12, ok 10, ...: on a page too narrow for the table. */
static void put_client_numbers(struct text_page *page, const struct diagnosis_client_row *row) {
	struct terminal_text text;

	text_page_text(page, &text);
	for (size_t i = 0; i < CLIENT_COLUMNS; i++) {
		terminal_text_add(&text, i > 0 ? text_page_words(page, WORDS_LIST_COMMA) : "");
		terminal_text_add(&text, text_page_words(page, client_columns[i].heading));
		terminal_text_add(&text, " ");
		terminal_text_count(&text, client_columns[i].number(row));
	}
	text_page_newline(page);
	text_page_pad_to(page, NAME_COLUMN);
	text_page_flow(page, TEXT_STYLE_PLAIN, &text, NAME_COLUMN, SIZE_MAX);
}

/* ends: NULL: the table does not fit. */
static void put_client(struct text_page *page, const struct diagnosis_client_row *row, const size_t *ends) {
	struct terminal_text text;

	text_page_text(page, &text);
	terminal_text_wire(&text, slice_of(row->client), 50);
	text_page_pad_to(page, CLIENT_COLUMN);
	text_page_put_text(page, TEXT_STYLE_CLIENT, &text);
	if (ends == NULL)
		put_client_numbers(page, row);
	for (size_t i = 0; i < CLIENT_COLUMNS && ends != NULL; i++) {
		uint64_t number = client_columns[i].number(row);

		text_page_text(page, &text);
		terminal_text_count(&text, number);
		if (i == 0 && page->column + 1 + text.columns > ends[0]) /* a long IPv6 address */
			text_page_newline(page);
		put_right(page, number > 0 ? client_columns[i].style : TEXT_STYLE_DIM, &text, ends[i]);
	}
	text_page_newline(page);
	put_client_details(page, row);
}

static void put_client_headings(struct text_page *page, const size_t ends[CLIENT_COLUMNS]) {
	for (size_t i = 0; i < CLIENT_COLUMNS; i++) {
		struct terminal_text text;

		text_page_text(page, &text);
		terminal_text_add(&text, text_page_words(page, client_columns[i].heading));
		put_right(page, TEXT_STYLE_DIM, &text, ends[i]);
	}
	text_page_newline(page);
}

static void put_more(struct text_page *page, uint64_t total, size_t shown) {
	struct terminal_text text;

	if (total <= shown)
		return;
	text_page_text(page, &text);
	TEXT_ADD(page, &text, WORDS_TEXT_ROWS_MORE, words_count("count", total - shown));
	text_page_pad_to(page, CLIENT_COLUMN);
	text_page_put_text(page, TEXT_STYLE_DIM, &text);
	text_page_newline(page);
}

static void put_clients(struct text_page *page, const struct diagnosis_report *report) {
	size_t shown = report->client_count < CLIENTS_SHOWN_MAX ? report->client_count : CLIENTS_SHOWN_MAX;
	size_t ends[CLIENT_COLUMNS];
	bool fits;

	if (shown == 0)
		return;
	text_page_newline(page);
	text_page_heading(page, text_page_words(page, WORDS_TEXT_HEADING_CLIENTS));
	fits = place_client_columns(page, report, shown, COLUMN_GAP, ends) ||
	       place_client_columns(page, report, shown, COLUMN_GAP_MIN, ends);
	if (fits)
		put_client_headings(page, ends);
	for (size_t i = 0; i < shown; i++)
		put_client(page, &report->clients[i], fits ? ends : NULL);
	put_more(page, report->clients_total, shown);
}

/* ---- the table of servers ---- */

/* Postfix: "mail.example.org ESMTP Postfix"; AUTH PLAIN LOGIN */
static void put_face(struct text_page *page, const struct diagnosis_face *face) {
	struct terminal_text text, list, first, last;

	text_page_text(page, &text);
	text_page_text(page, &list);
	if (face->software != NULL)
		terminal_text_wire(&text, slice_of(face->software), 40);
	else
		terminal_text_add(&text, text_page_words(page, WORDS_UNKNOWN));
	if (face->banner != NULL) {
		terminal_text_add(&text, ": \"");
		terminal_text_wire(&text, slice_of(face->banner), 100);
		terminal_text_add(&text, "\"");
	}
	for (size_t i = 0; i < face->auth_count; i++) {
		terminal_text_add(&list, i > 0 ? " " : "");
		terminal_text_wire(&list, slice_of(face->auth[i]), 20);
	}
	terminal_text_add(&text, "; ");
	TEXT_ADD(page, &text, face->auth_count > 0 ? WORDS_TEXT_FACE_AUTH : WORDS_TEXT_FACE_NO_AUTH,
		words_text("list", list.data));
	text_page_pad_to(page, NAME_COLUMN);
	text_page_flow(page, TEXT_STYLE_PLAIN, &text, DETAIL_COLUMN, 4);
	text_page_newline(page);

	text_page_text(page, &text);
	text_page_text(page, &first);
	text_page_text(page, &last);
	text_page_add_time(page, &first, face->first_ns, false);
	text_page_add_time(page, &last, face->last_ns, false);
	TEXT_ADD(page, &text, WORDS_TEXT_FACE_SEEN, words_text("first", first.data), words_text("last", last.data),
		words_count("sessions", face->sessions));
	if (face->logins_accepted + face->logins_rejected > 0)
		TEXT_ADD(page, &text, WORDS_TEXT_FACE_LOGINS, words_count("accepted", face->logins_accepted),
			words_count("rejected", face->logins_rejected));
	text_page_pad_to(page, DETAIL_COLUMN);
	text_page_flow(page, TEXT_STYLE_DIM, &text, DETAIL_COLUMN, 3);
	text_page_newline(page);
}

static void put_server(struct text_page *page, const struct diagnosis_server_row *row) {
	struct terminal_text text;
	size_t shown = row->face_count < FACES_SHOWN_MAX ? row->face_count : FACES_SHOWN_MAX;

	text_page_text(page, &text);
	terminal_text_endpoint(&text, &row->server, true);
	text_page_pad_to(page, CLIENT_COLUMN);
	text_page_put_text(page, TEXT_STYLE_SERVER, &text);
	text_page_pad_to(page, page->column + COLUMN_GAP);
	text_page_text(page, &text);
	TEXT_ADD(page, &text, WORDS_TEXT_SERVER_SESSIONS, words_count("sessions", row->sessions));
	if (row->failed_connections > 0)
		TEXT_ADD(page, &text, WORDS_TEXT_SERVER_FAILED, words_count("failed", row->failed_connections));
	text_page_flow(page, TEXT_STYLE_DIM, &text, DETAIL_COLUMN, 2);
	text_page_newline(page);
	for (size_t i = 0; i < shown; i++)
		put_face(page, &row->faces[i]);
	put_more(page, row->face_count, shown);
}

static void put_servers(struct text_page *page, const struct diagnosis_report *report) {
	size_t shown = report->server_count < SERVERS_SHOWN_MAX ? report->server_count : SERVERS_SHOWN_MAX;

	if (shown == 0)
		return;
	text_page_newline(page);
	text_page_heading(page, text_page_words(page, WORDS_TEXT_HEADING_SERVERS));
	for (size_t i = 0; i < shown; i++)
		put_server(page, &report->servers[i]);
	put_more(page, report->servers_total, shown);
}

/* ---- all of it ---- */

static void put_assumptions(struct text_page *page, const struct diagnosis_report *report) {
	struct terminal_text text;

	if (report->assumption_count + report->duplicates == 0)
		return;
	text_page_newline(page);
	text_page_heading(page, text_page_words(page, WORDS_TEXT_HEADING_ASSUMPTIONS));
	for (size_t i = 0; i < report->assumption_count; i++) {
		text_page_text(page, &text);
		terminal_text_wire(&text, slice_of(report->assumptions[i]), TERMINAL_TEXT_MAX);
		text_page_pad_to(page, CLIENT_COLUMN);
		text_page_flow(page, TEXT_STYLE_PLAIN, &text, NAME_COLUMN, 4);
		text_page_newline(page);
	}
	if (report->duplicates == 0)
		return;
	text_page_text(page, &text);
	TEXT_ADD(page, &text, WORDS_TEXT_DUPLICATES, words_count("count", report->duplicates));
	text_page_pad_to(page, CLIENT_COLUMN);
	text_page_flow(page, TEXT_STYLE_PLAIN, &text, NAME_COLUMN, 2);
	text_page_newline(page);
}

void text_summary_put_report(struct text_page *page, const struct diagnosis_report *report) {
	/* One session alone has said all of itself. */
	if (report->sessions < 2 && report->diagnosis_count == 0)
		return;
	put_diagnoses(page, report);
	if (report->sessions > 1) {
		put_clients(page, report);
		put_servers(page, report);
	}
	put_assumptions(page, report);
}

/* ---- totals ---- */

/* Appends "3 refused" to a list, for a count that is not 0. */
static void add_if_any(const struct text_page *page, struct terminal_text *list, uint64_t count, enum words_id words) {
	if (count == 0)
		return;
	terminal_text_add(list, list->len > 0 ? text_page_words(page, WORDS_LIST_COMMA) : "");
	TEXT_ADD(page, list, words, words_count("count", count));
}

static void begin_sentence(const struct text_page *page, struct terminal_text *text) {
	terminal_text_add(text, text->len > 0 ? text_page_words(page, WORDS_SENTENCES_JOIN) : "");
}

/* Appends a sentence with a list; what stands for an empty one is none. */
static void add_list(const struct text_page *page, struct terminal_text *text, enum words_id sentence,
	const struct terminal_text *list, enum words_id none) {
	begin_sentence(page, text);
	TEXT_ADD(page, text, sentence, words_text("list", list->len > 0 ? list->data : text_page_words(page, none)));
}

static void add_sessions(const struct text_page *page, struct terminal_text *text, const struct text_totals *totals) {
	struct terminal_text list, details;

	text_page_text(page, &list);
	text_page_text(page, &details);
	add_if_any(page, &list, totals->not_established, WORDS_TEXT_TOTAL_NOT_ESTABLISHED);
	add_if_any(page, &list, totals->encrypted, WORDS_TEXT_TOTAL_ENCRYPTED);
	if (list.len > 0) {
		terminal_text_add(&details, " (");
		terminal_text_add(&details, list.data);
		terminal_text_add(&details, ")");
	}
	TEXT_ADD(page, text, WORDS_TEXT_TOTAL_SESSIONS, words_count("sessions", totals->sessions),
		words_text("details", details.data));
}

static void add_totals(const struct text_page *page, struct terminal_text *text, const struct text_totals *totals) {
	struct terminal_text list;

	add_sessions(page, text, totals);
	text_page_text(page, &list);
	add_if_any(page, &list, totals->mails_accepted, WORDS_TEXT_TOTAL_ACCEPTED);
	add_if_any(page, &list, totals->mails_refused, WORDS_TEXT_TOTAL_REFUSED);
	add_if_any(page, &list, totals->mails_aborted, WORDS_TEXT_TOTAL_ABORTED);
	add_if_any(page, &list, totals->mails_unknown, WORDS_TEXT_TOTAL_UNKNOWN);
	add_list(page, text, WORDS_TEXT_TOTAL_MAIL, &list, WORDS_TEXT_TOTAL_NONE_SEEN);
	text_page_text(page, &list);
	add_if_any(page, &list, totals->logins_accepted, WORDS_TEXT_TOTAL_LOGINS_ACCEPTED);
	add_if_any(page, &list, totals->logins_rejected, WORDS_TEXT_TOTAL_REJECTED);
	add_if_any(page, &list, totals->logins_other, WORDS_TEXT_TOTAL_OTHER);
	add_list(page, text, WORDS_TEXT_TOTAL_LOGINS, &list, WORDS_TEXT_TOTAL_NONE_SEEN);
	text_page_text(page, &list);
	for (size_t i = FINDING_CRITICAL + 1; i-- > 0;) {
		if (totals->findings[i] == 0)
			continue;
		terminal_text_add(&list, list.len > 0 ? text_page_words(page, WORDS_LIST_COMMA) : "");
		TEXT_ADD(page, &list, WORDS_TEXT_TOTAL_SEVERITY, words_count("count", totals->findings[i]),
			words_text("severity", findings_severity_words((enum finding_severity)i, page->words)));
	}
	add_list(page, text, WORDS_TEXT_TOTAL_FINDINGS, &list, WORDS_TEXT_TOTAL_NONE);
}

static uint64_t dropped_packets(const struct writer_statistics *statistics) {
	uint64_t dropped = 0;

	for (size_t i = 0; statistics->has_live && i < statistics->live.interface_count; i++)
		dropped += statistics->live.interfaces[i].dropped_by_kernel + statistics->live.interfaces[i].dropped_by_interface;
	return dropped;
}

static void add_statistics(
	const struct text_page *page, struct terminal_text *text, const struct writer_statistics *statistics) {
	if (statistics->gap_bytes > 0) {
		begin_sentence(page, text);
		TEXT_ADD(page, text, WORDS_TEXT_LOST, words_count("bytes", statistics->gap_bytes),
			words_count("places", statistics->gaps));
	}
	if (statistics->evictions > 0) {
		begin_sentence(page, text);
		TEXT_ADD(page, text, WORDS_TEXT_EVICTED, words_count("count", statistics->evictions));
	}
	if (dropped_packets(statistics) > 0) {
		begin_sentence(page, text);
		TEXT_ADD(page, text, WORDS_TEXT_DROPPED, words_count("count", dropped_packets(statistics)));
	}
	if (statistics->has_output && statistics->output.documents_lost > 0) {
		begin_sentence(page, text);
		TEXT_ADD(page, text, WORDS_TEXT_DOCUMENTS_LOST, words_count("count", statistics->output.documents_lost));
	}
}

void text_summary_put_totals(
	struct text_page *page, const struct text_totals *totals, const struct writer_statistics *statistics) {
	struct terminal_text text;

	text_page_text(page, &text);
	if (totals->sessions > 0) {
		text_page_newline(page);
		text_page_heading(page, NULL);
		add_totals(page, &text, totals);
	} else if (statistics != NULL && statistics->from_documents) {
		if (statistics->sessions == 0)
			terminal_text_add(&text, text_page_words(page, WORDS_TEXT_NO_SESSION_ALONE));
	} else if (statistics != NULL) {
		TEXT_ADD(page, &text, WORDS_TEXT_NO_SESSION, words_count("frames", statistics->frames),
			words_count("connections", statistics->connections));
	} else {
		terminal_text_add(&text, text_page_words(page, WORDS_TEXT_NO_SESSION_ALONE));
	}
	if (statistics != NULL)
		add_statistics(page, &text, statistics);
	if (text.len == 0)
		return;
	text_page_flow(page, TEXT_STYLE_PLAIN, &text, 0, SIZE_MAX);
	text_page_newline(page);
}

void text_summary_put_statistics(struct text_page *page, const struct writer_statistics *statistics) {
	struct terminal_text text, time;

	if (!statistics->has_live)
		return;
	text_page_text(page, &text);
	text_page_text(page, &time);
	text_page_add_time(page, &time, statistics->live.time_ns, false);
	TEXT_ADD(page, &text, WORDS_TEXT_STATISTICS, words_text("time", time.data), words_count("frames", statistics->frames),
		words_count("dropped", dropped_packets(statistics)), words_count("sessions", statistics->sessions),
		words_count("open", statistics->live.sessions_open));
	text_page_newline(page);
	text_page_flow(page, dropped_packets(statistics) > 0 ? TEXT_STYLE_WARN : TEXT_STYLE_DIM, &text, 0, SIZE_MAX);
	text_page_newline(page);
}
