/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * English.
 */
#include "report/words/catalogues.h"

static const char *const texts[WORDS_COUNT] = {
	/* ---- Diagnoses ---- */
	[WORDS_DIAGNOSIS_SERVER_CHANGED_TITLE] = "Another server answers on {server}",
};

const struct words words_en = {.language = "en", .texts = texts};
