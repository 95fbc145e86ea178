/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The list of texts, for words.h. Included several times, each time with another meaning of WORDS().
 *
 * A new text: one line here, and one in each catalogue under report/words/.
 */

/* ---- Diagnoses ---- */
WORDS(DIAGNOSIS_SERVER_CHANGED_TITLE)
