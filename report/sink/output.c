/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/sink/output.h"

#include <stdarg.h>
#include <stdio.h>

void output_say(struct output_events *events, const char *format, ...) {
	char text[512];
	va_list arguments;
	if (events->say == NULL)
		return;
	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	events->say(events->say_context, text);
}
