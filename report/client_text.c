/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Sources: the numbers and names of Microsoft's imnxport.h, Microsoft's articles on single numbers, and the conditions and
 * messages of Thunderbird's SMTP client. How sure a number is, is in each row.
 */
#include "report/client_text.h"

#include "report/words.h"

#define OUTLOOK "Outlook"
#define THUNDERBIRD "Thunderbird"
#define APPLE "Apple Mail"

/* A row is for the codes from first to last; 0 and 999: any, also none. */
#define ANY 0, 999

static const struct row {
	enum client_text_stage stage;
	uint16_t first, last;
	const char *client, *number;
	enum words_id text;
	const char *confidence;
} rows[] = {
	{CLIENT_TEXT_REFUSED, ANY, OUTLOOK, "0x800CCC0E", WORDS_CLIENT_OUTLOOK_CONNECT, "high"},
	{CLIENT_TEXT_REFUSED, ANY, OUTLOOK, "0x80042109", WORDS_CLIENT_OUTLOOK_CONNECT_LATER, "medium"},
	{CLIENT_TEXT_REFUSED, ANY, THUNDERBIRD, NULL, WORDS_CLIENT_THUNDERBIRD_REFUSED, "high"},
	{CLIENT_TEXT_REFUSED, ANY, APPLE, NULL, WORDS_CLIENT_APPLE_CONNECT, "medium"},

	{CLIENT_TEXT_UNANSWERED, ANY, OUTLOOK, "0x800CCC0E", WORDS_CLIENT_OUTLOOK_CONNECT, "medium"},
	{CLIENT_TEXT_UNANSWERED, ANY, OUTLOOK, "0x800CCC19", WORDS_CLIENT_OUTLOOK_TIMEOUT, "low"},
	{CLIENT_TEXT_UNANSWERED, ANY, THUNDERBIRD, NULL, WORDS_CLIENT_THUNDERBIRD_TIMEOUT, "high"},
	{CLIENT_TEXT_UNANSWERED, ANY, APPLE, NULL, WORDS_CLIENT_APPLE_CONNECT, "medium"},

	{CLIENT_TEXT_SILENT, ANY, OUTLOOK, "0x800CCC19", WORDS_CLIENT_OUTLOOK_TIMEOUT, "high"},
	{CLIENT_TEXT_SILENT, ANY, THUNDERBIRD, NULL, WORDS_CLIENT_THUNDERBIRD_TIMEOUT, "high"},

	{CLIENT_TEXT_DROPPED, ANY, OUTLOOK, "0x800CCC0F", WORDS_CLIENT_OUTLOOK_DROPPED, "high"},
	{CLIENT_TEXT_DROPPED, ANY, THUNDERBIRD, NULL, WORDS_CLIENT_THUNDERBIRD_DROPPED, "high"},

	{CLIENT_TEXT_GREETING, 421, 421, OUTLOOK, "0x800CCC67", WORDS_CLIENT_OUTLOOK_REPLY, "medium"},
	{CLIENT_TEXT_GREETING, 554, 554, OUTLOOK, "0x800CCC6F", WORDS_CLIENT_OUTLOOK_REPLY, "medium"},
	{CLIENT_TEXT_GREETING, ANY, THUNDERBIRD, NULL, WORDS_CLIENT_THUNDERBIRD_SERVER_ERROR, "high"},

	{CLIENT_TEXT_NO_STARTTLS, ANY, OUTLOOK, "0x800CCC7D", WORDS_CLIENT_OUTLOOK_NO_STARTTLS, "high"},
	{CLIENT_TEXT_NO_STARTTLS, ANY, THUNDERBIRD, NULL, WORDS_CLIENT_THUNDERBIRD_NO_STARTTLS, "high"},

	{CLIENT_TEXT_STARTTLS, ANY, OUTLOOK, "0x800CCC7F", WORDS_CLIENT_OUTLOOK_STARTTLS, "medium"},
	{CLIENT_TEXT_STARTTLS, ANY, THUNDERBIRD, NULL, WORDS_CLIENT_THUNDERBIRD_SERVER_ERROR, "high"},

	{CLIENT_TEXT_NO_MECHANISM, ANY, OUTLOOK, "0x800CCC80", WORDS_CLIENT_OUTLOOK_NO_MECHANISM, "high"},
	{CLIENT_TEXT_NO_MECHANISM, ANY, THUNDERBIRD, NULL, WORDS_CLIENT_THUNDERBIRD_NO_MECHANISM, "high"},

	/* Thunderbird then sends without a login, and shows what comes of that. */
	{CLIENT_TEXT_NO_LOGIN, ANY, OUTLOOK, "0x800CCC80", WORDS_CLIENT_OUTLOOK_NO_MECHANISM, "high"},

	{CLIENT_TEXT_AUTH, ANY, OUTLOOK, NULL, WORDS_CLIENT_OUTLOOK_AUTH, "low"},
	{CLIENT_TEXT_AUTH, 535, 535, OUTLOOK, "0x800CCC92", WORDS_CLIENT_OUTLOOK_AUTH_92, "low"},
	{CLIENT_TEXT_AUTH, ANY, THUNDERBIRD, NULL, WORDS_CLIENT_THUNDERBIRD_AUTH, "high"},
	{CLIENT_TEXT_AUTH, ANY, APPLE, NULL, WORDS_CLIENT_APPLE_AUTH, "medium"},

	{CLIENT_TEXT_MAIL, ANY, OUTLOOK, "0x800CCC78", WORDS_CLIENT_OUTLOOK_MAIL, "high"},
	{CLIENT_TEXT_MAIL, 552, 552, THUNDERBIRD, NULL, WORDS_CLIENT_THUNDERBIRD_SIZE, "high"},
	{CLIENT_TEXT_MAIL, 0, 551, THUNDERBIRD, NULL, WORDS_CLIENT_THUNDERBIRD_MAIL, "high"},
	{CLIENT_TEXT_MAIL, 553, 999, THUNDERBIRD, NULL, WORDS_CLIENT_THUNDERBIRD_MAIL, "high"},

	{CLIENT_TEXT_RCPT, ANY, OUTLOOK, "0x800CCC79", WORDS_CLIENT_OUTLOOK_RCPT, "high"},
	{CLIENT_TEXT_RCPT, ANY, THUNDERBIRD, NULL, WORDS_CLIENT_THUNDERBIRD_RCPT, "high"},
	{CLIENT_TEXT_RCPT, ANY, APPLE, NULL, WORDS_CLIENT_APPLE_RCPT, "medium"},
	{CLIENT_TEXT_RELAY, ANY, OUTLOOK, "0x800CCC79", WORDS_CLIENT_OUTLOOK_RCPT, "high"},
	{CLIENT_TEXT_RELAY, ANY, THUNDERBIRD, NULL, WORDS_CLIENT_THUNDERBIRD_RCPT, "high"},
	{CLIENT_TEXT_RELAY, ANY, APPLE, NULL, WORDS_CLIENT_APPLE_RELAY, "high"},

	{CLIENT_TEXT_DATA, ANY, THUNDERBIRD, NULL, WORDS_CLIENT_THUNDERBIRD_SERVER_ERROR, "medium"},

	{CLIENT_TEXT_BODY, ANY, THUNDERBIRD, NULL, WORDS_CLIENT_THUNDERBIRD_BODY, "medium"},
	{CLIENT_TEXT_BODY, ANY, APPLE, NULL, WORDS_CLIENT_APPLE_BODY, "medium"},

	{CLIENT_TEXT_BUSY, ANY, OUTLOOK, "0x800CCC67", WORDS_CLIENT_OUTLOOK_REPLY, "medium"},
	{CLIENT_TEXT_BUSY, ANY, OUTLOOK, "0x800CCC0F", WORDS_CLIENT_OUTLOOK_DROPPED, "low"},
};

/* Outlook's numbers for single codes, of use where no stage has a number of its own. */
static const struct {
	uint16_t code;
	const char *number;
} outlook_numbers[] = {
	{421, "0x800CCC67"},
	{450, "0x800CCC68"},
	{451, "0x800CCC6A"},
	{452, "0x800CCC6C"},
	{500, "0x800CCC62"},
	{501, "0x800CCC63"},
	{502, "0x800CCC64"},
	{503, "0x800CCC65"},
	{504, "0x800CCC66"},
	{550, "0x800CCC69"},
	{551, "0x800CCC6B"},
	{552, "0x800CCC6D"},
	{553, "0x800CCC6E"},
	{554, "0x800CCC6F"},
};

size_t client_text_find(enum client_text_stage stage, uint16_t code, const struct words *words,
	struct diagnosis_client_text ret_texts[CLIENT_TEXT_MAX]) {
	size_t count = 0;
	bool by_code = stage == CLIENT_TEXT_DATA || stage == CLIENT_TEXT_BODY;

	for (size_t i = 0; by_code && i < sizeof(outlook_numbers) / sizeof(outlook_numbers[0]); i++)
		if (outlook_numbers[i].code == code)
			ret_texts[count++] = (struct diagnosis_client_text){
				OUTLOOK, outlook_numbers[i].number, words_get(words, WORDS_CLIENT_OUTLOOK_REPLY), "medium"};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]) && count < CLIENT_TEXT_MAX; i++) {
		const struct row *row = &rows[i];

		if (row->stage == stage && code >= row->first && code <= row->last)
			ret_texts[count++] = (struct diagnosis_client_text){
				row->client, row->number, words_get(words, row->text), row->confidence};
	}
	return count;
}
