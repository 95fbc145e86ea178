/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Japanese.
 */
#include "report/words/catalogues.h"

static const char *const texts[WORDS_COUNT] = {
	/* ---- Diagnoses ---- */
	[WORDS_DIAGNOSIS_SERVER_CHANGED_TITLE] = "{server} で別のサーバーが応答しています",
};

const struct words words_ja = {.language = "ja", .texts = texts};
