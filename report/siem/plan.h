/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How a kind of document looks in a format: the rows of report/fields/ that are in it, in the order in which they are written, with all
 * text that does not depend on values made beforehand.
 */
#ifndef SMTPSCOPE_REPORT_SIEM_PLAN_H
#define SMTPSCOPE_REPORT_SIEM_PLAN_H

#include "report/fields/fields.h"

enum { PLAN_DEPTH_MAX = 8 };

struct plan_step {
	const struct fields_row *row;
	char *name;          /* without its marks; of CEF without its label */
	char *label;         /* of CEF; NULL: none */
	bool as_text, as_array;
	/* JSON: what opens the objects around it, and its key. From open[open_at[n]] on, when n of them are open. */
	char *open;
	size_t open_at[PLAN_DEPTH_MAX + 1], open_len;
	unsigned depth, shared; /* objects around it, and how many of them are around the step before, too */
	unsigned arrays;        /* bits: which of them are in an array of their own */
	char *constant;         /* the value as JSON, when it is a constant */
	size_t constant_len;
};

struct plan {
	struct plan_step *steps;
	size_t count;
};

/* Fills in the plan of a format for a kind of document. flat: dots in names stand for themselves. Returns false without memory. */
bool plan_create(struct plan *ret_plan, enum fields_format format, enum fields_kind kind, bool flat);
void plan_finish(struct plan *plan);

/* Prints a document as JSON to the buffer of `json`: all that there is of its fields, in one object. */
void plan_print_json(const struct plan *plan, enum fields_format format, struct json_print *json, const struct fields_subject *subject);

/* Gets the value of a step, cut as the subject says. Returns false when there is none. */
bool plan_get(const struct plan_step *step, const struct fields_subject *subject, struct fields_value *ret_value);

/* The number that a format has for a severity; 0 where it has a word. */
int plan_severity(enum fields_format format, enum finding_severity severity);

#endif
