/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The table of output formats: a new one is a file and a row here.
 */
#include "report/writer.h"

#include <string.h>

#include "report/json.h"
#if __has_include("report/text.h")
#include "report/text.h"
#define HAVE_TEXT 1
#endif

static const struct writer_format *const formats[] = {
#ifdef HAVE_TEXT
	&text_format,
#endif
	&json_format,
	NULL,
};

const struct writer_format *const *writer_formats(void) {
	return formats;
}

const struct writer_format *writer_find(const char *name) {
	for (size_t i = 0; formats[i] != NULL; i++)
		if (strcmp(formats[i]->name, name) == 0)
			return formats[i];
	return NULL;
}
