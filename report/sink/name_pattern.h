/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Names of files made of a time, and found again by a strict reading of the name: what is removed for being old must be
 * ours.
 *
 * A pattern is a file name with conversions as in strftime(): %Y %y %m %d %j %H %M %S %s %F %T %R and %%, always in UTC and
 * always with all their digits. A name is the pattern with the time put in; before its extension it may have a number to
 * tell it from another of the same time ("-1", "-2", ...). The extension begins at the last dot, not counting ".zst".
 */
#ifndef SMTPSCOPE_REPORT_SINK_NAME_PATTERN_H
#define SMTPSCOPE_REPORT_SINK_NAME_PATTERN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	NAME_PATTERN_MAX = 200,        /* bytes of a pattern, and of a name made from it, terminator included */
	NAME_PATTERN_SUFFIX = 1000000, /* numbers are below that */
};

/* Whether the text has anything to convert. */
bool name_pattern_is(const char *pattern);

/* Checks a pattern. Returns 0, -EINVAL for a conversion that is not known (ret_conversion, its letter) or for a "/" or a dot
 * at the front, or -ENAMETOOLONG. */
int name_pattern_check(const char *pattern, char *ret_conversion);

/* Makes the name of a time in seconds since 1970; suffix 0: none. Of a pattern that name_pattern_check() accepted. */
void name_pattern_format(const char *pattern, int64_t time_s, unsigned suffix, char ret_name[NAME_PATTERN_MAX]);

/* Makes of a name that has the number old_suffix (0: none) the one with the number suffix. */
void name_pattern_renumber(const char *name, unsigned old_suffix, unsigned suffix, char ret_name[NAME_PATTERN_MAX]);

/* Whether the name is one of the pattern. ret_suffix: its number, 0 for none. */
bool name_pattern_match(const char *pattern, const char *name, unsigned *ret_suffix);

#endif
